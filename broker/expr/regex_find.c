// SPDX-License-Identifier: Apache-2.0
// Where a pattern is found. As in regex_match.c all ways are followed side by side; each remembers where it began. Ways that began earlier come first, so
// that of two that meet the earlier one goes on: the piece found is the first, and of those that begin there the longest.
#include "expr/regex_ways.h"

struct finder {
	const struct regex *re;
	const uint8_t *start, *pos, *end;
	struct ways now, next;
	const uint8_t **begun, **begun_next; // by step: where its way began
	uint32_t *stack;
	const uint8_t *found, *found_end; // NULL: nothing yet
};

// Enters a step and all that it leads to without a character.
static void
follow(struct finder *f, uint32_t step, const uint8_t *begun)
{
	uint32_t depth = 0;

	f->stack[depth++] = step;
	while (depth > 0) {
		uint32_t at = f->stack[--depth];
		const struct regex_step *s = &f->re->steps[at];

		if (!ways_enter(&f->now, at)) {
			continue;
		}
		f->begun[at] = begun;
		switch (s->op) {
		case OP_MATCH:
			if (f->pos > begun && (f->found == NULL || begun <= f->found)) { // a piece has a character
				f->found = begun;
				f->found_end = f->pos;
			}
			break;
		case OP_SPLIT:
			f->stack[depth++] = s->other;
			f->stack[depth++] = s->next;
			break;
		case OP_ASSERT:
			if (regex_holds(s->assertion, f->start, f->pos, f->end)) {
				f->stack[depth++] = s->next;
			}
			break;
		default:
			break;
		}
	}
}

// Takes the character at the place on every way that can still be the one.
static void
advance(struct finder *f)
{
	uint32_t len, c = regex_decode(f->pos, &len);

	f->next.count = 0;
	for (uint32_t i = 0; i < f->now.count; i++) {
		uint32_t at = f->now.dense[i];
		const struct regex_step *s = &f->re->steps[at];

		if (regex_takes(s, c) && (f->found == NULL || f->begun[at] <= f->found) &&
		    ways_enter(&f->next, s->next)) {
			f->begun_next[s->next] = f->begun[at];
		}
	}
	f->pos += len;
}

static bool
finder_init(struct finder *f, const struct regex *re, struct view text, size_t from, struct arena *scratch)
{
	static const uint8_t nothing[1];
	const uint8_t **begun = arena_alloc(scratch, (size_t)re->count * 2 * sizeof(*begun));

	if (begun == NULL) {
		return false;
	}
	*f = (struct finder){
	    .re = re, .start = text.len == 0 ? nothing : text.data, .begun = begun, .begun_next = begun + re->count};
	f->pos = f->start + from;
	f->end = f->start + text.len;
	return ways_init(&f->now, &f->next, &f->stack, re, scratch);
}

enum en_err
regex_find(
    const struct regex *re, struct view text, size_t from, struct arena *scratch, uint64_t *cost, struct view *ret)
{
	struct finder f;

	*ret = VIEW_EMPTY;
	if (!finder_init(&f, re, text, from, scratch)) {
		return EN_ENOMEM;
	}
	for (;;) {
		f.now.count = 0;
		for (uint32_t i = 0; i < f.next.count; i++) {
			follow(&f, f.next.dense[i], f.begun_next[f.next.dense[i]]);
		}
		if (f.found == NULL && (!re->is_anchored || f.pos == f.start)) {
			follow(&f, re->start, f.pos);
		}
		uint64_t spent = f.now.count / 4 + 1;

		if (*cost < spent) {
			*cost = 0;
			return EN_ELIMIT;
		}
		*cost -= spent;
		if (f.pos == f.end || (f.now.count == 0 && (f.found != NULL || re->is_anchored))) {
			break;
		}
		advance(&f);
	}
	if (f.found != NULL) {
		*ret = view_of(f.found, (size_t)(f.found_end - f.found));
	}
	return EN_OK;
}

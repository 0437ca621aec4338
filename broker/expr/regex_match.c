// SPDX-License-Identifier: Apache-2.0
// All ways through the program are followed side by side, one character at a time (Thompson). A step is entered at most once for each character, so
// the time is at most the length of the text times that of the program, and the budget pays for every way that is open.
#include "expr/regex_ways.h"

struct matcher {
	const struct regex *re;
	const uint8_t *start, *pos, *end;
	struct ways now, next;
	uint32_t *stack;
	bool matched;
};

// Enters a step and all that it leads to without a character.
static void
follow(struct matcher *m, uint32_t step)
{
	uint32_t depth = 0;

	m->stack[depth++] = step;
	while (depth > 0) {
		uint32_t at = m->stack[--depth];
		const struct regex_step *s = &m->re->steps[at];

		if (!ways_enter(&m->now, at)) {
			continue;
		}
		switch (s->op) {
		case OP_MATCH:
			m->matched = true;
			return;
		case OP_SPLIT:
			m->stack[depth++] = s->other;
			m->stack[depth++] = s->next;
			break;
		case OP_ASSERT:
			if (regex_holds(s->assertion, m->start, m->pos, m->end)) {
				m->stack[depth++] = s->next;
			}
			break;
		default:
			break;
		}
	}
}

// Takes the character at the place on every way; next gets the steps behind those that it fits.
static void
advance(struct matcher *m)
{
	uint32_t len, c = regex_decode(m->pos, &len);

	m->next.count = 0;
	for (uint32_t i = 0; i < m->now.count; i++) {
		const struct regex_step *s = &m->re->steps[m->now.dense[i]];

		if (regex_takes(s, c)) {
			(void)ways_enter(&m->next, s->next);
		}
	}
	m->pos += len;
}

// Where no way is open, what cannot begin a match is passed over.
static void
skip(struct matcher *m)
{
	if (m->next.count == 0 && m->re->has_first) {
		while (m->pos < m->end && !m->re->first[*m->pos]) {
			m->pos++;
		}
	}
}

static bool
matcher_init(struct matcher *m, const struct regex *re, struct view text, struct arena *scratch)
{
	static const uint8_t nothing[1];

	*m = (struct matcher){.re = re, .start = text.len == 0 ? nothing : text.data};
	m->pos = m->start;
	m->end = m->start + text.len;
	return ways_init(&m->now, &m->next, &m->stack, re, scratch);
}

enum en_err
regex_match(const struct regex *re, struct view text, struct arena *scratch, uint64_t *cost, bool *ret)
{
	struct matcher m;

	if (!matcher_init(&m, re, text, scratch)) {
		return EN_ENOMEM;
	}
	for (;;) {
		bool begins = !re->is_anchored || m.pos == m.start;
		const uint8_t *before = m.pos;

		if (!re->is_anchored) {
			skip(&m);
		}
		m.now.count = 0;
		for (uint32_t i = 0; i < m.next.count && !m.matched; i++) {
			follow(&m, m.next.dense[i]);
		}
		if (begins && !m.matched) {
			follow(&m, re->start);
		}
		uint64_t spent = (m.now.count + 3) / 4 + (uint64_t)(m.pos - before) / 16;

		if (*cost < spent) {
			*cost = 0;
			return EN_ELIMIT;
		}
		*cost -= spent;
		if (m.matched || m.pos == m.end || m.now.count == 0) {
			*ret = m.matched;
			return EN_OK;
		}
		advance(&m);
	}
}

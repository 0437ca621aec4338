// SPDX-License-Identifier: Apache-2.0
// A lowered plan over one indexed payload: a small machine that goes through operations one after the other, with a stack of the messages that are open
// and one of the loops over items. A writer that returns NULL has done nothing: then the line is done as a whole.
#include "map/fast_run.h"

// Items of an `each`, from the last one to the first.
struct loop {
	const struct fast_op *op;
	const struct index_node *next; // NULL: there is none left
	bool is_open; // there is an item that is being written
};

// ---- sources ------------------------------------------------------------------------------------------------------

static const struct index_node nothing[FAST_NOTHING_CELLS];

static inline void
enter(struct fast_run *s, const struct fast_frame *frame, uint32_t message)
{
	const struct index *ix = s->r->ix;

	s->sources[frame->item] = index_row(ix, message);
	for (const struct fast_source *source = frame->first; source != NULL; source = source->next) {
		const struct index_node *cell = cell_of(s, source->field);

		s->sources[source->self] = cell->stamp == s->stamp ? index_row(ix, cell->message) : nothing;
	}
}

// ---- values -------------------------------------------------------------------------------------------------------

static inline uint8_t *
write_text(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct index_node *n = cell_of(s, op->field);

	uint32_t length = n->length;

	if (EN_UNLIKELY(n->stamp != s->stamp || length == 0 || !has_room(s, pos, length))) {
		return NULL;
	}
	return fast_tagged(put_text(s, pos, n->offset, length), op, length);
}

static inline uint8_t *
write_number(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	const struct index_node *n = cell_of(s, op->field);

	if (EN_UNLIKELY(n->stamp != s->stamp || n->bits == 0 || !has_room(s, pos, 0))) {
		return NULL;
	}
	return fast_tagged(pos, op, n->bits);
}

static inline uint8_t *
write_fixed(const struct fast_run *s, const struct fast_op *op, size_t bytes, uint8_t *pos)
{
	const struct index_node *n = cell_of(s, op->field);
	uint64_t bits = htole64(n->bits);

	if (EN_UNLIKELY(n->stamp != s->stamp || bits == 0 || !has_room(s, pos, 0))) {
		return NULL;
	}
	memcpy(pos - bytes, &bits, bytes);
	return fast_tag(pos - bytes, op);
}

static inline uint8_t *
write_constant(const struct fast_run *s, const struct fast_op *op, uint8_t *pos)
{
	return EN_LIKELY(has_room(s, pos, op->constant->len)) ? fast_block(pos, *op->constant) : NULL;
}

static bool
term_holds(const struct fast_run *s, const struct fast_term *t)
{
	const struct index_node *n = cell_of(s, t->field);

	if (n->stamp != s->stamp) {
		return false;
	}
	if (t->words == NULL) {
		for (uint32_t i = 0; i < t->count; i++) {
			if (n->bits == t->bits[i]) {
				return true;
			}
		}
		return false;
	}
	struct view text = text_of(s, n);
	uint64_t word = word_of(text);

	for (uint32_t i = 0; i < t->count; i++) {
		if (word_equal(&t->words[i], word, text)) {
			return true;
		}
	}
	return false;
}

// The operation of the first arm that matches.
static const struct fast_op *
choose(const struct fast_run *s, const struct fast_choose *c)
{
	for (uint32_t i = 0; i < c->arm_count; i++) {
		const struct fast_arm *arm = &c->arms[i];
		uint32_t held = 0;

		while (held < arm->term_count && term_holds(s, &arm->terms[held])) {
			held++;
		}
		if (held == arm->term_count) {
			return arm->then;
		}
	}
	return c->otherwise;
}

// Whether an operation that wrote nothing has nothing to say: what it reads is absent, or the same as absent.
static inline bool
is_skipped(const struct fast_run *s, const struct fast_op *op)
{
	if (op->skip == 0) {
		return false;
	}
	const struct index_node *n = cell_of(s, op->field);

	return n->stamp != s->stamp || ((op->skip & FAST_SKIP_EMPTY) != 0 && n->length == 0) ||
	    ((op->skip & FAST_SKIP_ZERO) != 0 && n->bits == 0);
}

// The line as a whole; NULL after a fault or without memory.
static EN_NOINLINE uint8_t *
run_whole(struct fast_run *s, const struct fast_op *op, struct open *at, uint8_t *pos)
{
	struct runner *r = s->r;

	r->out.pos = pos;
	if (!run_line(r, op->op, at)) {
		return NULL;
	}
	s->floor = r->out.start + FAST_MARGIN;
	return r->out.pos;
}

// ---- messages -----------------------------------------------------------------------------------------------------

static EN_NOINLINE uint8_t *
more_room(struct fast_run *s, uint8_t *pos)
{
	struct runner *r = s->r;

	r->out.pos = pos;
	if (!out_grow(&r->out, FAST_MARGIN)) {
		(void)run_out_of_memory(r);
		return NULL;
	}
	s->floor = r->out.start + FAST_MARGIN;
	return r->out.pos;
}

static inline struct open *
open_message(const struct fast_run *s, struct open *inner, const uint8_t *pos)
{
	inner->len = (size_t)(s->r->out.end - pos);
	inner->missing = NULL;
	inner->told = 0;
	return inner;
}

// Closes the message: its header, or nothing at all when what is in it does not tell enough. NULL when it lacks something, or without memory.
static inline uint8_t *
close_message(struct fast_run *s, const struct fast_op *op, struct open *inner, uint8_t *pos)
{
	struct runner *r = s->r;
	struct open *outer = inner - 1;

	if (EN_UNLIKELY(inner->told < op->told)) {
		outer->missing = op->op->is_required && op->code == FAST_CLOSE ? op->op : outer->missing;
		return r->out.end - inner->len;
	}
	if (EN_UNLIKELY(inner->missing != NULL)) {
		(void)run_fault_missing(r, inner->missing);
		return NULL;
	}
	outer->told |= inner->told;
	if (EN_UNLIKELY(!has_room(s, pos, 0))) {
		pos = more_room(s, pos);
	}
	return EN_UNLIKELY(pos == NULL) ? NULL : fast_tagged(pos, op, (size_t)(r->out.end - pos) - inner->len);
}

// Opens a level for all items together, on which each will have one of its own.
static inline struct open *
begin_each(const struct fast_run *s, const struct fast_op *op, struct loop *loop, struct open *at)
{
	const struct index_node *cell = cell_of(s, op->field);

	loop->op = op;
	loop->next = cell->stamp == s->stamp ? &s->r->ix->elements[cell->last] : NULL;
	loop->is_open = false;
	at++;
	at->missing = NULL;
	at->told = 0;
	return at;
}

static inline struct open *
end_each(const struct loop *loop, struct open *at)
{
	struct open *outer = at - 1;

	outer->missing = at->told == 0 && loop->op->op->is_required ? loop->op->op : outer->missing;
	outer->told |= at->told;
	return outer;
}

// Returns the first operation of the item's body.
static inline const struct fast_op *
take_item(struct fast_run *s, struct loop *loop)
{
	const struct fast_each *each = loop->op->each;
	const struct index_node *n = loop->next;

	s->r->frames[each->frame] = (struct frame){.message = n->message, .item = n};
	enter(s, &each->items, n->message);
	loop->next = index_previous(s->r->ix, n);
	loop->is_open = true;
	return each->body;
}

// Ends the item at hand, and begins the next one or ends the loop. *ret is the operation before the one that follows. NULL like close_message.
static inline uint8_t *
next_item(struct fast_run *s, struct loop **loop, struct open **at, uint8_t *pos, const struct fast_op **ret)
{
	if ((*loop)->is_open) {
		pos = close_message(s, (*loop)->op, (*at)--, pos);
		if (EN_UNLIKELY(pos == NULL)) {
			return NULL;
		}
	}
	if ((*loop)->next != NULL) {
		*at = open_message(s, *at + 1, pos);
		*ret = take_item(s, *loop) - 1;
	} else {
		*at = end_each(*loop, *at);
		*ret = (*loop)->op;
		--*loop;
	}
	return pos;
}

// ---- operations ---------------------------------------------------------------------------------------------------

// *ret_missing: what the message that the operations fill lacks. NULL after a fault or without memory.
static uint8_t *
run_ops(struct fast_run *s, const struct fast_op *op, uint8_t *pos, const struct op **ret_missing)
{
	struct open levels[FAST_LEVELS_MAX], *at = levels;
	struct loop loops[LIMIT_MAP_FRAMES + 1], *loop = loops;
	uint8_t *after = NULL;

	at->missing = NULL;
	at->told = 0;
	for (;; op++) {
		switch ((enum fast_code)op->code) {
		case FAST_TEXT:
			after = write_text(s, op, pos);
			break;
		case FAST_NUMBER:
			after = write_number(s, op, pos);
			break;
		case FAST_I64:
			after = write_fixed(s, op, 8, pos);
			break;
		case FAST_I32:
			after = write_fixed(s, op, 4, pos);
			break;
		case FAST_CONSTANT:
			after = write_constant(s, op, pos);
			break;
		case FAST_CALL:
			after = op->writer(s, op, pos);
			break;
		case FAST_WHOLE:
			after = NULL;
			break;
		case FAST_CHOOSE:
			op = choose(s, op->choose) - 1;
			continue;
		case FAST_GO:
			op = op->next - 1;
			continue;
		case FAST_OPEN:
			at = open_message(s, at + 1, pos);
			continue;
		case FAST_CLOSE:
			pos = close_message(s, op, at--, pos);
			if (EN_UNLIKELY(pos == NULL)) {
				return NULL;
			}
			continue;
		case FAST_EACH:
			at = begin_each(s, op, ++loop, at);
			op = op->each->next - 1;
			continue;
		case FAST_NEXT:
			pos = next_item(s, &loop, &at, pos, &op);
			if (EN_UNLIKELY(pos == NULL)) {
				return NULL;
			}
			continue;
		case FAST_END:
			*ret_missing = at->missing;
			return pos;
		default:
			EN_UNREACHABLE();
		}
		if (EN_LIKELY(after != NULL)) {
			at->told |= op->told;
		} else {
			after = is_skipped(s, op) ? pos : run_whole(s, op, at, pos);
			if (EN_UNLIKELY(after == NULL)) {
				return NULL;
			}
		}
		pos = after;
	}
}

bool
run_fast(struct runner *r, const struct op **ret_missing)
{
	const struct fast *fast = &r->plan->fast;
	struct fast_run s; // sources are found before they are read
	uint8_t *pos;

	// Most outputs are about as long as their input.
	if (!out_room(&r->out, r->ix->payload.len + r->ix->payload.len / 4 + 2 * FAST_MARGIN)) {
		return run_out_of_memory(r);
	}
	s.r = r;
	s.payload = r->ix->payload.data;
	s.floor = r->out.start + FAST_MARGIN;
	s.stamp = r->ix->stamp;
	enter(&s, &fast->root, 0);
	if (fast->has_split) {
		enter(&s, &fast->split, r->frames[1].message);
	}
	pos = run_ops(&s, fast->body, r->out.pos, ret_missing);
	if (pos == NULL) {
		return false;
	}
	r->out.pos = pos;
	return true;
}

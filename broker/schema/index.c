// SPDX-License-Identifier: Apache-2.0
// The pass is the hottest loop of the broker. What most payloads are made of is taken here: tags of one or two bytes that an entry of the type knows,
// and then a text, a number or a message that is in order. Everything else, and everything that is wrong, is taken again from its tag on by
// index_slow.c, which finds out what it is; so there is no fault to be told here. The place in the payload is handed from function to function
// and stays in a register.
#include "schema/index.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/block.h"
#include "schema/index_read.h"

void
index_init(struct index *ix)
{
	*ix = (struct index){.node_max = LIMIT_PAYLOAD_FIELDS, .depth_max = LIMIT_PAYLOAD_DEPTH};
}

void
index_fini(struct index *ix)
{
	free(ix->cells);
	free(ix->elements);
	free(ix->messages);
	index_init(ix);
}

// ---- room ---------------------------------------------------------------------------------------------------------

static bool
grow(void **array, uint32_t *cap, size_t need, size_t size)
{
	size_t wanted = *cap == 0 ? 64 : (size_t)*cap * 2;
	void *grown;

	wanted = wanted < need ? need : wanted;
	grown = wanted > UINT32_MAX - 1 ? NULL : realloc(*array, wanted * size);
	if (grown == NULL) {
		return false;
	}
	*array = grown;
	*cap = (uint32_t)wanted;
	return true;
}

// New cells carry nobody's stamp. Rows move. There are some also when nobody needs one: the row of a type without fields has a place too.
static bool
more_cells(struct pass *p, size_t need)
{
	struct index *ix = p->ix;
	uint32_t before = ix->cell_cap;

	if (!grow((void **)&ix->cells, &ix->cell_cap, need, sizeof(*ix->cells))) {
		return false;
	}
	memset(ix->cells + before, 0, (ix->cell_cap - before) * sizeof(*ix->cells));
	for (struct level *level = p->levels; level <= p->level && level->type != NULL; level++) {
		level->cells = index_row(ix, level->message);
	}
	return true;
}

bool
index_more_elements(struct pass *p, const uint8_t *at)
{
	struct index *ix = p->ix;

	return grow((void **)&ix->elements, &ix->element_cap, 0, sizeof(*ix->elements)) ||
	    fail(p, at, EN_ENOMEM) != NULL;
}

// The room that is not there yet.
static bool
more_messages(struct pass *p, size_t cells, const uint8_t *at)
{
	struct index *ix = p->ix;

	if (cells > LIMIT_PAYLOAD_CELLS) {
		return fail(p, at, EN_ELIMIT) != NULL;
	}
	if ((cells >= ix->cell_cap && !more_cells(p, cells)) ||
	    (ix->message_count == ix->message_cap &&
		!grow((void **)&ix->messages, &ix->message_cap, 0, sizeof(*ix->messages)))) {
		return fail(p, at, EN_ENOMEM) != NULL;
	}
	return true;
}

static inline bool
new_message(struct pass *p, const struct schema_type *t, const uint8_t *at, uint32_t *ret)
{
	struct index *ix = p->ix;
	size_t cells = (size_t)ix->cell_count + t->field_count;

	if (EN_UNLIKELY(ix->message_count == ix->message_cap || cells >= ix->cell_cap) &&
	    !more_messages(p, cells, at)) {
		return false;
	}
	ix->messages[ix->message_count] = (struct index_message){
	    .type = t, .cells = ix->cell_count, .unknown = INDEX_NONE, .unknown_last = INDEX_NONE};
	ix->cell_count = (uint32_t)cells;
	*ret = ix->message_count++;
	return true;
}

bool
index_new_message(struct pass *p, const struct schema_type *t, const uint8_t *at, uint32_t *ret)
{
	return new_message(p, t, at, ret);
}

// ---- the usual ----------------------------------------------------------------------------------------------------
// Each of these gets the place behind the tag, of which there is at least one byte, and returns the one behind the
// value, or NULL: that it is not the usual, or that it is wrong, and nothing was done.

static inline const uint8_t *
usual_length(const uint8_t *pos, const uint8_t *end, uint32_t *ret)
{
	uint32_t length = *pos++;

	if (EN_UNLIKELY(length >= 0x80)) {
		if (pos == end || *pos >= 0x80) {
			return NULL;
		}
		length = (length & 0x7f) | (uint32_t)*pos++ << 7;
	}
	*ret = length;
	return EN_LIKELY((uintptr_t)pos + length <= (uintptr_t)end) ? pos : NULL;
}

// Only the first texts of a payload may have less than a block in front of their ends.
static inline bool
is_utf8(const struct pass *p, const uint8_t *at, uint32_t length)
{
	const uint8_t *end = at + length;

	if (EN_LIKELY(end >= p->block_end)) {
		if (EN_LIKELY(block_is_ascii_before(end, length))) {
			return true;
		}
	}
	return utf8_check(at, length, p->start);
}

static inline const uint8_t *
usual_bytes(struct pass *p, struct index_node *cell, bool is_text, const uint8_t *pos, const uint8_t *end)
{
	uint32_t length;
	const uint8_t *at = usual_length(pos, end, &length);

	if (EN_UNLIKELY(at == NULL) || (is_text && EN_UNLIKELY(!is_utf8(p, at, length)))) {
		return NULL;
	}
	set_place(p, cell, at, length);
	cell->link = p->link;
	return at + length;
}

static EN_NOINLINE const uint8_t *
usual_texts(struct pass *p, struct index_node *cell, const uint8_t *pos, const uint8_t *end)
{
	uint32_t length;
	const uint8_t *at = usual_length(pos, end, &length);

	if (EN_UNLIKELY(at == NULL || p->ix->element_count == p->ix->element_cap || !is_utf8(p, at, length))) {
		return NULL;
	}
	set_place(p, append_element(p, cell), at, length);
	return at + length;
}

#define VARINT_BYTES 10 // at most

// Of two bytes or more.
static EN_NOINLINE const uint8_t *
usual_long_varint(
    struct pass *p, struct index_node *cell, enum schema_kind kind, const uint8_t *pos, const uint8_t *end)
{
	const uint8_t *last = end - pos > VARINT_BYTES ? pos + VARINT_BYTES : end;
	uint64_t bits = *pos++ & 0x7f;

	for (unsigned int shift = 7; pos < last; shift += 7) {
		uint64_t byte = *pos++;

		bits |= (byte & 0x7f) << shift;
		if (byte < 0x80) {
			cell->bits = trim_varint(kind, bits);
			cell->link = p->link;
			return pos;
		}
	}
	return NULL;
}

static inline const uint8_t *
usual_varint(struct pass *p, struct index_node *cell, enum schema_kind kind, const uint8_t *pos, const uint8_t *end)
{
	if (EN_UNLIKELY(*pos >= 0x80)) {
		return usual_long_varint(p, cell, kind, pos, end);
	}
	cell->bits = *pos;
	cell->link = p->link;
	return pos + 1;
}

static inline const uint8_t *
usual_fixed(struct pass *p, struct index_node *cell, bool is_wide, const uint8_t *pos, const uint8_t *end)
{
	size_t bytes = is_wide ? 8 : 4;

	if (EN_UNLIKELY((size_t)(end - pos) < bytes)) {
		return NULL;
	}
	cell->bits = is_wide ? fixed64_bits(pos) : fixed32_bits(pos);
	cell->link = p->link;
	return pos + bytes;
}

// The entry of a tag of one or two bytes, of which there are two. *ret_at is behind it, where there is at least one more. NULL when it is none.
static inline const struct schema_entry *
usual_entry(const struct schema_type *t, const struct schema_entry *entries, const uint8_t *pos, const uint8_t *end,
    const uint8_t **ret_at)
{
	uint32_t tag = *pos++;

	if (EN_UNLIKELY(tag >= 0x80)) {
		tag = (tag & 0x7f) | (uint32_t)*pos++ << 7;
		if (tag >> 3 >= t->entry_count || pos == end) {
			return NULL;
		}
	}
	*ret_at = pos;
	return EN_LIKELY(entries[tag >> 3].tag == tag) ? &entries[tag >> 3] : NULL;
}

// A field that has no others in it.
static inline const uint8_t *
usual_leaf(
    struct pass *p, const struct schema_entry *e, struct index_node *cell, const uint8_t *pos, const uint8_t *end)
{
	if (EN_LIKELY(e->take == TAKE_TEXT)) {
		return usual_bytes(p, cell, true, pos, end);
	}
	switch ((enum schema_take)e->take) {
	case TAKE_VARINT:
		return usual_varint(p, cell, (enum schema_kind)e->kind, pos, end);
	case TAKE_BOOL:
		return EN_LIKELY(*pos < 2) ? usual_varint(p, cell, KIND_BOOL, pos, end) : NULL;
	case TAKE_TEXTS:
		return usual_texts(p, cell, pos, end);
	case TAKE_BYTES:
		return usual_bytes(p, cell, false, pos, end);
	case TAKE_I64:
		return usual_fixed(p, cell, true, pos, end);
	case TAKE_I32:
		return usual_fixed(p, cell, false, pos, end);
	default:
		return NULL;
	}
}

static inline void
set_level(struct pass *p, struct level *level, const struct schema_type *t, uint32_t message, uint32_t row,
    const uint8_t *end)
{
	level->field = NULL;
	level->type = t;
	level->cells = &p->ix->cells[row];
	level->end = end;
	level->message = message;
	p->level = level;
}

// Goes into a message, which becomes the level at hand. NULL: nothing was done, or p->err. Rows may have moved.
static EN_NOINLINE const uint8_t *
enter_message(struct pass *p, const uint8_t *pos)
{
	struct index *ix = p->ix;
	struct level *level = p->level;
	const struct schema_type *t = level->type;
	const uint8_t *end = level->end;
	const struct schema_entry *e = end - pos >= 2 ? usual_entry(t, t->entries, pos, end, &pos) : NULL;
	uint32_t length, message;

	if (EN_UNLIKELY(e == NULL || e->take < TAKE_MESSAGE || p->left == 0 || level == p->deepest)) {
		return NULL;
	}
	struct index_node *cell = &level->cells[e->slot];
	bool is_repeated = e->take == TAKE_MESSAGES;

	pos = usual_length(pos, end, &length);
	if (EN_UNLIKELY(pos == NULL || (is_repeated && ix->element_count == ix->element_cap))) {
		return NULL;
	}
	const struct schema_field *f = &t->fields[e->slot];
	uint32_t row = ix->cell_count;

	level->field = f;
	if (!is_repeated && cell->stamp == ix->stamp) {
		message = cell->message; // merged into what came before
		row = ix->messages[message].cells;
	} else {
		if (EN_UNLIKELY(!new_message(p, f->message, pos, &message))) {
			return NULL;
		}
		cell = &level->cells[e->slot];
		if (is_repeated) {
			append_element(p, cell)->message = message;
		} else {
			cell->message = message;
			cell->link = p->link;
		}
	}
	p->left--;
	set_level(p, level + 1, f->message, message, row, pos + length);
	return pos;
}

// ---- the whole ----------------------------------------------------------------------------------------------------

// A field has two bytes at least: up to here there are not more than there may be.
static EN_NOINLINE const uint8_t *
far_last(const struct pass *p, const uint8_t *pos, const uint8_t *end)
{
	return (size_t)(end - pos) / 2 <= p->left ? end - 1 : pos + (size_t)2 * p->left;
}

// Leaves of the level at hand, as many as follow each other. Returns the place of what is none, or is not the usual, or of the end.
static inline const uint8_t *
take_leaves(struct pass *p, const uint8_t *pos)
{
	const struct level *level = p->level;
	const struct schema_type *t = level->type;
	const struct schema_entry *entries = t->entries;
	struct index_node *cells = level->cells;
	const uint8_t *end = level->end;
	const uint8_t *last = EN_LIKELY(end <= p->bound) ? end - 1 : far_last(p, pos, end);

	while (EN_LIKELY(pos < last)) {
		const uint8_t *at;
		const struct schema_entry *e = usual_entry(t, entries, pos, end, &at);
		const uint8_t *after = EN_LIKELY(e != NULL) ? usual_leaf(p, e, &cells[e->slot], at, end) : NULL;

		if (EN_UNLIKELY(after == NULL)) {
			break;
		}
		pos = after;
		p->left--;
	}
	return pos;
}

// Levels below this one are kept on p's stack, not on the machine's; only what is taken slowly comes here again.
const uint8_t *
index_take_message(struct pass *p, uint32_t message, const uint8_t *pos, const uint8_t *end, uint32_t group)
{
	const struct level *outermost = p->level;
	bool ended = false;

	set_level(p, p->level, p->ix->messages[message].type, message, p->ix->messages[message].cells, end);
	for (;;) {
		pos = take_leaves(p, pos);
		if (pos == p->level->end) {
			if (p->level == outermost) {
				return group == 0 ? pos : fail(p, pos, EN_ETRUNCATED);
			}
			p->level--;
			continue;
		}
		const uint8_t *after = enter_message(p, pos);

		if (after == NULL && p->err == EN_OK) {
			after = index_take_field(p, pos, p->level == outermost ? group : 0, &ended);
		}
		if (EN_UNLIKELY(after == NULL || ended)) {
			return after;
		}
		pos = after;
	}
}

static void
tell(const struct pass *p, struct index_fault *fault)
{
	size_t at = 0;

	fault->err = p->err;
	fault->offset = (uint32_t)(p->fault - p->start);
	fault->path[0] = '\0';
	for (const struct level *level = p->levels;
	     level <= p->level && level->field != NULL && at < sizeof(fault->path) - 1; level++) {
		at += (size_t)snprintf(
		    fault->path + at, sizeof(fault->path) - at, "%s%s", at == 0 ? "" : ".", level->field->name);
	}
}

// The stamp of a new build; after the last one all cells begin anew.
static void
next_stamp(struct pass *p)
{
	struct index *ix = p->ix;

	if (EN_UNLIKELY(++ix->stamp == 0)) {
		ix->stamp = 1;
		memset(ix->cells, 0, ix->cell_cap * sizeof(*ix->cells));
	}
	p->link = (struct index_node){.next = INDEX_NONE, .stamp = ix->stamp}.link;
}

static enum en_err
check_required(const struct index *ix, struct index_fault *reterr_fault)
{
	struct index_fault fault = {.err = EN_EFORMAT};

	if (index_is_whole(ix, fault.path, sizeof(fault.path))) {
		return EN_OK;
	}
	if (reterr_fault != NULL) {
		*reterr_fault = fault;
	}
	return EN_EFORMAT;
}

enum en_err
index_build(struct index *ix, const struct schema_type *t, struct view payload, struct index_fault *reterr_fault)
{
	static const uint8_t nothing[1];
	struct pass p;
	uint32_t root;

	// The levels are not cleared: they are read as far as they were written.
	p.ix = ix;
	p.left = ix->node_max;
	p.err = EN_OK;
	p.start = payload.len == 0 ? nothing : payload.data;
	p.block_end = payload.len < BLOCK_BYTES ? p.start + payload.len + 1 : p.start + BLOCK_BYTES;
	p.bound = payload.len / 2 <= ix->node_max ? p.start + payload.len : p.start + (size_t)2 * ix->node_max;
	p.fault = p.start;
	p.level = p.levels;
	p.level->field = NULL;
	p.level->type = NULL;
	ix->payload = payload;
	ix->cell_count = ix->element_count = ix->message_count = 0;
	ix->depth_max = ix->depth_max < LIMIT_CODEC_DEPTH ? ix->depth_max : LIMIT_CODEC_DEPTH;
	p.deepest = p.levels + ix->depth_max;
	next_stamp(&p);
	if (payload.len > UINT32_MAX / 2) {
		p.err = EN_ELIMIT;
	} else if (new_message(&p, t, p.start, &root)) {
		(void)index_take_message(&p, root, p.start, p.start + payload.len, 0);
	}
	ix->node_count = ix->node_max - p.left;
	if (p.err != EN_OK && reterr_fault != NULL) {
		tell(&p, reterr_fault);
	}
	return p.err == EN_OK && EN_UNLIKELY(t->may_lack) && !ix->is_partial ? check_required(ix, reterr_fault) : p.err;
}

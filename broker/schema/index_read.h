// SPDX-License-Identifier: Apache-2.0
// One pass over a payload, in two parts: index.c takes what is usual and knows no faults, index_slow.c takes whatever there is and tells them.
#ifndef EN_SCHEMA_INDEX_READ_H
#define EN_SCHEMA_INDEX_READ_H

#include <endian.h>

#include "base/limits.h"
#include "schema/index.h"

// A message that is being read. The fields of all levels name the place of a fault.
struct level {
	const struct schema_field *field;	// at hand; NULL: it is the message's own fault
	const struct schema_type *type;
	struct index_node *cells;		// its row
	const uint8_t *end;
	uint32_t message;
};

struct pass {
	struct index *ix;
	uint64_t link;		// of a cell that counts
	uint32_t left;		// occurrences that there may still be
	struct level *level, *deepest;	// at hand, and the last one that there may be
	const uint8_t *start, *block_end;	// of the payload, and of its first BLOCK_BYTES
	const uint8_t *bound;	// up to here there cannot be more occurrences than there may be: each has two bytes, or was counted by itself
	const uint8_t *fault;
	enum en_err err;	// EN_OK until there is a fault
	struct level levels[LIMIT_CODEC_DEPTH + 1];
};

static inline const uint8_t *
fail(struct pass *p, const uint8_t *at, enum en_err err)
{
	p->fault = at;
	p->err = err;
	return NULL;
}

// ---- index.c -----------------------------------------------------------------------------------------------------------------
// An empty row, of message *ret. False after fail().
bool index_new_message(struct pass *p, const struct schema_type *t, const uint8_t *at, uint32_t *ret);
// Room for more elements. False after fail().
bool index_more_elements(struct pass *p, const uint8_t *at);
// The fields of a message, which becomes the level at hand, up to the end, or to behind the end tag of the group (0: none). NULL after fail().
const uint8_t *index_take_message(
    struct pass *p, uint32_t message, const uint8_t *pos, const uint8_t *end, uint32_t group);

// ---- index_slow.c ------------------------------------------------------------------------------------------------------------
// One field of the level at hand, whatever it is, from its tag on; *ret_ended when it is the end tag of the group. NULL after fail().
const uint8_t *index_take_field(struct pass *p, const uint8_t *pos, uint32_t group, bool *ret_ended);

// ---- index_required.c --------------------------------------------------------------------------------------------------------
// Whether all that is required is there, in every message of the payload that counts; path gets the name of the first field that is missing.
bool index_is_whole(const struct index *ix, char *path, size_t room);

// ---- both --------------------------------------------------------------------------------------------------------------------
// A new element at the end of the field's chain; there must be room for it.
static inline struct index_node *
append_element(struct pass *p, struct index_node *cell)
{
	struct index *ix = p->ix;
	uint32_t number = ix->element_count++;
	struct index_node *element = &ix->elements[number];

	element->next = INDEX_NONE;
	if (cell->stamp != ix->stamp) {
		cell->first = number;
		cell->link = p->link;
		element->previous = INDEX_NONE;
	} else {
		ix->elements[cell->last].next = number;
		element->previous = cell->last;
	}
	cell->last = number;
	return element;
}

static inline void
set_place(const struct pass *p, struct index_node *node, const uint8_t *at, uint32_t length)
{
	node->offset = (uint32_t)(at - p->start);
	node->length = length;
}

// A varint may be longer than its kind: what is above the kind's bits does not count.
static inline uint64_t
trim_varint(enum schema_kind kind, uint64_t bits)
{
	switch (kind) {
	case KIND_BOOL:
		return bits != 0;
	case KIND_INT32:
	case KIND_ENUM:
		return (uint64_t)(int64_t)(int32_t)bits;
	case KIND_UINT32:
	case KIND_SINT32:
		return (uint32_t)bits;
	default:
		return bits;
	}
}

// Little-endian, whatever the machine is.
static inline uint64_t
fixed64_bits(const uint8_t *pos)
{
	uint64_t bits;

	memcpy(&bits, pos, sizeof(bits));
	return le64toh(bits);
}

static inline uint64_t
fixed32_bits(const uint8_t *pos)
{
	uint32_t bits;

	memcpy(&bits, pos, sizeof(bits));
	return le32toh(bits);
}

#endif

// SPDX-License-Identifier: Apache-2.0
// What lower.c (operations, frames and sources) and lower_value.c (single values) share.
#ifndef EN_MAP_LOWER_H
#define EN_MAP_LOWER_H

#include "map/plan.h"

struct lowering {
	struct plan *plan;
	struct fast_frame *frames[LIMIT_MAP_FRAMES + 1];	// that are open; NULL: their items are no messages
	uint8_t source_count;
	uint32_t level, deepest;	// of messages inside each other
	bool no_memory;
	bool refused;		// the plan as a whole
};

// From the plan's arena, zeroed; NULL without memory, which is then noted.
void *lower_alloc(struct lowering *l, size_t count, size_t size);
// Of a copy of a struct, everything that is understood is taken out, and nothing may be left: what somebody adds to the struct later then makes a line
// general, not wrong.
#define LOWER_TAKE(rest, field) memset(&(rest)->field, 0, sizeof((rest)->field))
#define LOWER_IS_NOTHING(rest) bytes_are_zero((rest), sizeof(*(rest)))
// A copy of the value without what every value has: its verb, its place, its names and its target.
struct value lower_rest(const struct value *v);
// The place of a singular or repeated field; false when it cannot be had.
bool lower_field(struct lowering *l, const struct path *p, struct fast_field *ret);
// The tag of a field; false when it is too long.
bool lower_tag(struct fast_op *f, const struct schema_field *field, enum wire_type wire);

// False when the condition has something that terms cannot say (lower_when.c).
bool lower_condition(struct lowering *l, const struct condition *c, struct fast_arm *arm);
// One more text as a word.
void lower_word(struct word_text *words, uint32_t *count, struct view text);

// Makes f the operation of a value, which is all or a part of op's line. It is that of the line as a whole already, and stays so when the value is
// not lowered. next: the operation that comes after it.
void lower_value(struct lowering *l, const struct op *op, const struct value *v, const struct fast_op *next, struct fast_op *f);

#endif

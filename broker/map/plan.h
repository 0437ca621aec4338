// SPDX-License-Identifier: Apache-2.0
// A plan: the lines of a mapping that a set of grants lets through, as flat lists of operations in the order of writing backwards. What is not
// granted is not in it, so it cannot be read by accident.
//
//   OPEN .. CLOSE   a sub-message: what is between goes inside
//   VALUE           one line
//   COPY            one line whose field goes from the source to the target as it is: what most lines do
//   EACH            one line whose items have a list of operations of their own
#ifndef EN_MAP_PLAN_H
#define EN_MAP_PLAN_H

#include "map/fast.h"

enum op_code { OP_OPEN, OP_CLOSE, OP_VALUE, OP_COPY, OP_EACH };

struct ops {
	const struct op *items;
	uint32_t count;
};

struct op {
	enum op_code code;
	bool is_required;
	bool is_element;		// OPEN, CLOSE: an item that is left out when only constants were set in it
	const struct schema_field *field;
	const struct line *line;	// VALUE, COPY, EACH
	const struct group *group;	// OPEN, CLOSE
	struct ops body;		// EACH
};

// How much of a message may be copied. Fields by slot; cycles of types are cycles of shapes.
struct shape {
	const struct schema_type *type;
	enum label inherited;
	struct shape *next;			// of the plan's shapes
	struct shape_field {
		bool is_allowed;
		const struct shape *inner;	// of messages
	} *fields;
	bool is_whole;				// nothing below is withheld
	bool is_empty;				// nothing below is allowed
};

struct plan {
	struct arena arena;
	const struct mapping *mapping;
	struct ops ops;
	struct fast fast;			// the same, lowered
	const struct shape **copies;		// by copy_index
	struct shape *shapes;
	uint32_t frames_read;			// a bit per frame that a line reads from: of the items of one_event_per, bit 1
	struct plan_hidden *hidden;
	size_t hidden_count;
};

// Of those that the plan has; NULL.
const struct shape *shape_find(const struct plan *p, const struct schema_type *t, enum label inherited);
// Of the message at the end of a path, which the plan may not have yet; NULL without memory.
const struct shape *shape_of_path(struct plan *p, const struct grants *grants, const struct path *path);

#endif

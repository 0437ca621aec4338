// SPDX-License-Identifier: Apache-2.0
// From a path to the nodes of an indexed payload. Nothing is compared here: a path holds the fields themselves.
#ifndef EN_MAP_ACCESS_H
#define EN_MAP_ACCESS_H

#include "map/program.h"

// proto3 fields without presence cannot tell zero from absent, whatever the wire shows.
static inline bool
node_is_absent(const struct schema_field *f, const struct index_node *n)
{
	return !f->has_presence && !f->repeated && !schema_is_message(f) && index_is_zero(f, n);
}

// The message that holds the leaf; false when one on the way is absent. Not for step_count 0.
static inline bool
path_message(const struct path *p, const struct index *ix, const struct frame *frames, uint32_t *ret_message)
{
	uint32_t message = frames[p->frame].message;

	for (uint32_t i = 0; i + 1 < p->step_count; i++) {
		const struct index_node *n = index_last(ix, message, p->steps[i]);

		if (n == NULL) {
			return false;
		}
		message = n->message;
	}
	*ret_message = message;
	return true;
}

// The node of a path that is not repeated; NULL when it is absent.
static inline const struct index_node *
path_node(const struct path *p, const struct index *ix, const struct frame *frames)
{
	uint32_t message;

	if (p->step_count == 0) {
		return frames[p->frame].item;
	}
	if (!path_message(p, ix, frames, &message)) {
		return NULL;
	}
	const struct index_node *n = index_last(ix, message, p->leaf);

	return n == NULL || node_is_absent(p->leaf, n) ? NULL : n;
}

// The first node of a path that may be repeated.
static inline const struct index_node *
path_first(const struct path *p, const struct index *ix, const struct frame *frames)
{
	uint32_t message;

	if (!path_is_repeated(p)) {
		return path_node(p, ix, frames);
	}
	return path_message(p, ix, frames, &message) ? index_first(ix, message, p->leaf) : NULL;
}

static inline const struct index_node *
path_next(const struct path *p, const struct index *ix, const struct index_node *n)
{
	return path_is_repeated(p) ? index_next(ix, n) : NULL;
}

#endif

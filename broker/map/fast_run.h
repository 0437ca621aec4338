// SPDX-License-Identifier: Apache-2.0
// A lowered plan while it runs, and what its writers share: where fields, texts and room are. For run_fast.c and fast_value.c.
#ifndef EN_MAP_FAST_RUN_H
#define EN_MAP_FAST_RUN_H

#include "map/fast_write.h"
#include "map/run_int.h"

struct fast_run {
	struct runner *r;
	const uint8_t *payload;
	const uint8_t *floor;	// FAST_MARGIN behind the beginning of the output's room
	uint32_t stamp;		// of fields that are there
	const struct index_node *sources[FAST_SOURCES_MAX];
};

// Whether len bytes, and the margin, can still be written.
static inline bool
has_room(const struct fast_run *s, const uint8_t *pos, size_t len)
{
	return (uintptr_t)pos - len >= (uintptr_t)s->floor;
}

static inline const struct index_node *
cell_of(const struct fast_run *s, struct fast_field f)
{
	return (const void *)((const uint8_t *)s->sources[f.source] + f.at);
}

static inline struct view
text_of(const struct fast_run *s, const struct index_node *n)
{
	return (struct view){s->payload + n->offset, n->length};
}

// A text of the payload, without header. Only the payload's first ones have less than a block in front of them.
static inline uint8_t *
put_text(const struct fast_run *s, uint8_t *pos, uint32_t offset, uint32_t length)
{
	const uint8_t *text = s->payload + offset;

	if (EN_LIKELY(offset >= BLOCK_BYTES)) {
		block_copy_before(pos, text + length, length);
	} else {
		memcpy(pos - length, text, length);
	}
	return pos - length;
}

#endif

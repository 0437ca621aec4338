// SPDX-License-Identifier: Apache-2.0
// Protobuf written backwards, from the end of a buffer to its start: a message's length is known when its header is due. The buffer lives in an arena
// and doubles when it is full. After running out of memory every call is a no-op; look at failed once at the end.
#ifndef EN_MAP_OUT_H
#define EN_MAP_OUT_H

#include "schema/schema.h"

struct out {
	struct arena *arena;
	uint8_t *start, *pos, *end;	// written: pos..end
	bool failed;
};

static inline size_t
out_len(const struct out *o)
{
	return (size_t)(o->end - o->pos);
}

// Makes room; false when there is none.
bool out_grow(struct out *o, size_t need);

static inline bool
out_room(struct out *o, size_t need)
{
	return EN_LIKELY((size_t)(o->pos - o->start) >= need && o->pos != NULL) || out_grow(o, need);
}

// Takes back what was written since out_len was len.
static inline void
out_rewind(struct out *o, size_t len)
{
	o->pos = o->end == NULL ? NULL : o->end - len;
}

void out_bytes(struct out *o, struct view v);
void out_long_varint(struct out *o, uint64_t v);
void out_fixed(struct out *o, uint64_t v, size_t bytes);	// 4 or 8, little-endian

static inline void
out_varint(struct out *o, uint64_t v)
{
	if (EN_LIKELY(v < 0x80 && o->pos > o->start)) {
		*--o->pos = (uint8_t)v;
	} else {
		out_long_varint(o, v);
	}
}

static inline void
out_tag(struct out *o, uint32_t number, enum wire_type wire)
{
	out_varint(o, (uint64_t)number << 3 | wire);
}

// The header of a message field whose content was written since out_len was len.
void out_message(struct out *o, const struct schema_field *f, size_t len);
// A scalar's wire bits, without its tag.
void out_scalar(struct out *o, enum schema_kind kind, uint64_t bits);

#endif

// SPDX-License-Identifier: Apache-2.0
// Protobuf written backwards where there is room for sure: at least FAST_MARGIN bytes in front of pos, of which all may be touched. Each returns the new
// place.
#ifndef EN_MAP_FAST_WRITE_H
#define EN_MAP_FAST_WRITE_H

#include <endian.h>

#include "base/block.h"
#include "map/fast.h"

#define FAST_MARGIN 64U	// more than a header, a number and the bytes in front of a block together

// The last bytes of four, the last one in front of pos.
static inline void
fast_store(uint8_t *pos, uint32_t bytes)
{
	bytes = htole32(bytes);
	memcpy(pos - sizeof(bytes), &bytes, sizeof(bytes));
}

static inline uint8_t *
fast_tag(uint8_t *pos, const struct fast_op *op)
{
	fast_store(pos, op->head << 8);
	return pos - op->tag_bytes;
}

static inline uint8_t *
fast_long_varint(uint8_t *pos, uint64_t v)
{
	size_t len = (size_t)(70 - __builtin_clzll(v)) / 7; // v is not 0

	pos -= len;
	for (size_t i = 0; i + 1 < len; i++, v >>= 7) {
		pos[i] = (uint8_t)(v | 0x80);
	}
	pos[len - 1] = (uint8_t)v;
	return pos;
}

// A varint and the tag in front of it: the length of what is behind, or a number.
static inline uint8_t *
fast_tagged(uint8_t *pos, const struct fast_op *op, uint64_t v)
{
	if (EN_LIKELY(v < 0x80)) {
		fast_store(pos, op->head | (uint32_t)v << 24);
		return pos - op->tag_bytes - 1;
	}
	return fast_tag(fast_long_varint(pos, v), op);
}

static inline uint8_t *
fast_block(uint8_t *pos, struct fast_text text)
{
	block_copy_before(pos, text.end, text.len);
	return pos - text.len;
}

#endif

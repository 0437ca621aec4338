// SPDX-License-Identifier: Apache-2.0
// One pass over a payload, and how its smallest parts are read: varints, fixed values, lengths, tags. Every reader takes the place where it begins and
// returns the one behind what it read, or NULL after fail(). For index.c alone.
#ifndef EN_SCHEMA_INDEX_READ_H
#define EN_SCHEMA_INDEX_READ_H

#include "base/limits.h"
#include "schema/index.h"

// The stack of fields names the place of a fault; it is as deep as the codec may go.
struct pass {
	struct index *ix;
	uint32_t node_room; // nodes that there may be before more are needed, or the limit is reached
	uint32_t depth;
	const uint8_t *start, *fault;
	enum en_err err;
	const struct schema_field *stack[LIMIT_CODEC_DEPTH + 1];
};

static inline const uint8_t *
fail(struct pass *p, const uint8_t *at, enum en_err err)
{
	p->fault = at;
	p->err = err;
	return NULL;
}

// Out of the way of the short one.
__attribute__((noinline, unused)) static const uint8_t *
read_long_varint(struct pass *p, const uint8_t *pos, const uint8_t *end, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 70; shift += 7) {
		if (pos == end) {
			return fail(p, pos, EN_ETRUNCATED);
		}
		value |= shift < 64 ? (uint64_t)(*pos & 0x7f) << shift : 0;
		if (*pos++ < 0x80) {
			*ret = value;
			return pos;
		}
	}
	return fail(p, pos, EN_EFORMAT);
}

static inline const uint8_t *
read_varint(struct pass *p, const uint8_t *pos, const uint8_t *end, uint64_t *ret)
{
	if (EN_LIKELY(pos < end && *pos < 0x80)) {
		*ret = *pos;
		return pos + 1;
	}
	return read_long_varint(p, pos, end, ret);
}

static inline const uint8_t *
read_fixed(struct pass *p, const uint8_t *pos, const uint8_t *end, unsigned int bytes, uint64_t *ret)
{
	if ((size_t)(end - pos) < bytes) {
		return fail(p, pos, EN_ETRUNCATED);
	}
	*ret = 0;
	for (unsigned int i = 0; i < bytes; i++) {
		*ret |= (uint64_t)pos[i] << (8 * i);
	}
	return pos + bytes;
}

// Behind a length that fits into what is left.
static inline const uint8_t *
read_length(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t *ret)
{
	uint64_t length;

	pos = read_varint(p, pos, end, &length);
	if (EN_UNLIKELY(pos == NULL || length > (uint64_t)(end - pos))) {
		return pos == NULL ? NULL : fail(p, pos, EN_ETRUNCATED);
	}
	*ret = (uint32_t)length;
	return pos;
}

static inline const uint8_t *
read_scalar(struct pass *p, const uint8_t *pos, const uint8_t *end, enum wire_type wire, uint64_t *ret)
{
	return wire == WIRE_VARINT ? read_varint(p, pos, end, ret)
				   : read_fixed(p, pos, end, wire == WIRE_I64 ? 8 : 4, ret);
}

// A tag that may stand in a payload; its number is not 0.
static inline const uint8_t *
read_tag(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t *ret)
{
	uint64_t tag;

	pos = read_varint(p, pos, end, &tag);
	if (EN_UNLIKELY(pos == NULL || tag < 8 || tag > UINT32_MAX)) {
		return pos == NULL ? NULL : fail(p, pos, EN_EFORMAT);
	}
	*ret = (uint32_t)tag;
	return pos;
}

#endif

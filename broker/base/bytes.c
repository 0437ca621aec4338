// SPDX-License-Identifier: Apache-2.0
// Views, and what of the bounded reader is not inline.
#include "base/bytes.h"

#include <stdlib.h>

int
view_compare(struct view a, struct view b)
{
	size_t shared = a.len < b.len ? a.len : b.len;
	int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);

	if (order != 0) {
		return order < 0 ? -1 : 1;
	}
	return a.len < b.len ? -1 : a.len > b.len;
}

char *
view_dup(struct view v)
{
	char *copy = v.len == SIZE_MAX ? NULL : malloc(v.len + 1);

	if (copy != NULL) {
		if (v.len > 0) {
			memcpy(copy, v.data, v.len);
		}
		copy[v.len] = '\0';
	}
	return copy;
}

size_t
utf8_write(uint32_t character, uint8_t *dst)
{
	static const uint8_t heads[] = {0, 0xc0, 0xe0, 0xf0};

	if (character < 0x80) {
		dst[0] = (uint8_t)character;
		return 1;
	}
	size_t more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;

	for (size_t i = more; i > 0; i--) {
		dst[i] = (uint8_t)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	dst[0] = (uint8_t)(heads[more] | character);
	return more + 1;
}

struct rd
rd_init(struct view in)
{
	// An empty view may have no address; pointer arithmetic on NULL is undefined, so it gets one.
	static const uint8_t nothing[1];
	const uint8_t *data = in.data == NULL ? nothing : in.data;

	return (struct rd){.pos = data, .end = data + (in.data == NULL ? 0 : in.len), .err = EN_OK};
}

static uint64_t
take_big_endian(struct rd *r, size_t len)
{
	const uint8_t *p = rd_take(r, len);
	uint64_t value = 0;

	for (size_t i = 0; p != NULL && i < len; i++) {
		value = value << 8 | p[i];
	}
	return value;
}

uint16_t
rd_u16(struct rd *r)
{
	return (uint16_t)take_big_endian(r, 2);
}

uint32_t
rd_u32(struct rd *r)
{
	return (uint32_t)take_big_endian(r, 4);
}

uint64_t
rd_u64(struct rd *r)
{
	return take_big_endian(r, 8);
}

uint64_t
rd_varint_long(struct rd *r)
{
	const uint8_t *start = r->pos;
	uint64_t value = 0;

	if (r->err != EN_OK) {
		return 0;
	}
	// As in protobuf, bits past the 64th are dropped; an eleventh byte is not.
	for (unsigned shift = 0; shift < 70; shift += 7) {
		if (r->pos == r->end) {
			r->pos = start;
			r->err = EN_ETRUNCATED;
			return 0;
		}
		uint8_t byte = *r->pos++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			return value;
		}
	}
	r->pos = start;
	r->err = EN_EFORMAT;
	return 0;
}

void
rd_skip(struct rd *r, uint32_t wire_type, struct view *ret)
{
	switch (wire_type) {
	case 0:
		(void)rd_varint(r);
		break;
	case 1:
		(void)rd_view(r, 8);
		break;
	case 2:
		*ret = rd_text(r);
		break;
	case 5:
		(void)rd_view(r, 4);
		break;
	default:
		r->err = r->err == EN_OK ? EN_EFORMAT : r->err;
	}
}

void
rd_copy(struct rd *r, void *dst, size_t len)
{
	const uint8_t *p = rd_take(r, len);

	// dst is always defined afterwards, so a caller may check the error once at the end.
	if (len > 0) {
		if (p != NULL) {
			memcpy(dst, p, len);
		} else {
			memset(dst, 0, len);
		}
	}
}

size_t
rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->pos);
}

enum en_err
rd_end(const struct rd *r)
{
	if (r->err != EN_OK) {
		return r->err;
	}
	return r->pos == r->end ? EN_OK : EN_ETRAILING;
}

// SPDX-License-Identifier: Apache-2.0
// Bytes that belong to somebody else (struct view), a bounded reader with a sticky error (struct rd), and a growing
// buffer with a sticky error (struct buf). Foreign bytes are read through struct rd only.
//
// Integers are big-endian in both directions (they sort as keys); varints are those of protobuf.
#ifndef EN_BASE_BYTES_H
#define EN_BASE_BYTES_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"

// Borrowed bytes. data may be NULL only when len is 0. Not NUL-terminated.
struct view {
	const uint8_t *data;
	size_t len;
};

#define VIEW_EMPTY ((struct view){NULL, 0})

// Whether all of them are 0.
static inline bool
bytes_are_zero(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	while (len > 0 && p[len - 1] == 0) {
		len--;
	}
	return len == 0;
}
static inline struct view
view_of(const void *data, size_t len)
{
	return (struct view){(const uint8_t *)data, len};
}

static inline struct view
view_text(const char *text)
{
	return (struct view){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

static inline bool
view_equal(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool
view_is(struct view a, const char *text)
{
	return view_equal(a, view_text(text));
}

// Orders like memcmp, the shorter first.
int view_compare(struct view a, struct view b);
// Whether the bytes are well-formed UTF-8: no surrogates, no overlong forms. A NUL is a character like any other.
bool view_is_utf8(struct view v);
// The same of len bytes at p. From floor on memory may be read (floor is at most p): a short text is then looked at with what lies before it.
bool utf8_check(const uint8_t *p, size_t len, const uint8_t *floor);
// A character of Unicode, written where there is room for UTF8_BYTES. Returns how many bytes it has.
#define UTF8_BYTES 4
size_t utf8_write(uint32_t character, uint8_t *dst);
// A NUL-terminated copy from malloc, which the caller frees; NULL without memory. Bytes after a NUL are kept.
char *view_dup(struct view v);

// A reader. After the first failure every read returns 0 or an empty view and changes nothing.
struct rd {
	const uint8_t *pos, *end;
	enum en_err err;
};

struct rd rd_init(struct view in);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);
uint64_t rd_u64(struct rd *r);
uint64_t rd_varint_long(struct rd *r);	// the slow path of rd_varint

// The next len bytes, or NULL with the error set. The reader's whole safety is in here: every read but that of a varint asks it for its bytes, it
// compares with what is left before any pointer moves, and once it has refused it refuses for ever.
static inline const uint8_t *
rd_take(struct rd *r, size_t len)
{
	const uint8_t *p = r->pos;

	if (EN_UNLIKELY(r->err != EN_OK || (size_t)(r->end - p) < len)) {
		r->err = r->err != EN_OK ? r->err : EN_ETRUNCATED;
		return NULL;
	}
	r->pos = p + len;
	return p;
}

static inline uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *p = rd_take(r, 1);

	return p == NULL ? 0 : *p;
}

// EN_EFORMAT past ten bytes.
static inline uint64_t
rd_varint(struct rd *r)
{
	if (EN_LIKELY(r->err == EN_OK && r->pos != r->end && *r->pos < 0x80)) {
		return *r->pos++;
	}
	return rd_varint_long(r);
}

// Borrows from the input.
static inline struct view
rd_view(struct rd *r, size_t len)
{
	const uint8_t *p = rd_take(r, len);

	return p == NULL ? VIEW_EMPTY : view_of(p, len);
}

// A varint length, then that many bytes; borrows.
static inline struct view
rd_text(struct rd *r)
{
	const uint8_t *start = r->pos;
	uint64_t len = rd_varint(r);

	if (EN_UNLIKELY(r->err == EN_OK && len > (size_t)(r->end - r->pos))) {
		r->pos = start;
		r->err = EN_ETRUNCATED;
	}
	return rd_view(r, (size_t)len);
}

// Passes over a value of protobuf that has this wire type; of one with a length *ret gets the content. EN_EFORMAT: it is a group, or none.
void rd_skip(struct rd *r, uint32_t wire_type, struct view *ret);
void rd_copy(struct rd *r, void *dst, size_t len);
size_t rd_left(const struct rd *r);
// The first failure, or EN_ETRAILING when bytes are left.
EN_MUST_CHECK enum en_err rd_end(const struct rd *r);

// A buffer from malloc. After the first failure every put is a no-op; check err once at the end.
struct buf {
	uint8_t *data;
	size_t len, cap;
	enum en_err err;
};

#define BUF_EMPTY ((struct buf){NULL, 0, 0, EN_OK})

void buf_fini(struct buf *b);		// frees, leaves BUF_EMPTY; accepts zeroed and finished ones
void buf_clear(struct buf *b);		// len = 0, err = EN_OK, keeps the memory
bool buf_grow(struct buf *b, size_t more);	// the slow path of buf_reserve

// Room for more bytes behind len. False when err is set.
static inline bool
buf_reserve(struct buf *b, size_t more)
{
	return EN_LIKELY(b->cap - b->len >= more && b->cap != 0 && b->err == EN_OK) || buf_grow(b, more);
}

static inline void
buf_put(struct buf *b, const void *data, size_t len)
{
	if (len > 0 && buf_reserve(b, len)) {
		memcpy(b->data + b->len, data, len);
		b->len += len;
	}
}

static inline void
buf_put_view(struct buf *b, struct view v)
{
	buf_put(b, v.data, v.len);
}

static inline void
buf_put_u8(struct buf *b, uint8_t v)
{
	if (buf_reserve(b, 1)) {
		b->data[b->len++] = v;
	}
}

// Where there is room for VARINT_BYTES; returns what is behind it.
#define VARINT_BYTES 10
static inline uint8_t *
varint_write(uint64_t v, uint8_t *dst)
{
	for (; v >= 0x80; v >>= 7) {
		*dst++ = (uint8_t)(v | 0x80);
	}
	*dst++ = (uint8_t)v;
	return dst;
}

static inline void
buf_put_varint(struct buf *b, uint64_t v)
{
	if (buf_reserve(b, VARINT_BYTES)) {
		b->len = (size_t)(varint_write(v, b->data + b->len) - b->data);
	}
}

// What rd_text reads.
static inline void
buf_put_text(struct buf *b, struct view v)
{
	if (buf_reserve(b, v.len <= SIZE_MAX - VARINT_BYTES ? VARINT_BYTES + v.len : SIZE_MAX)) {
		uint8_t *at = varint_write(v.len, b->data + b->len);

		if (v.len > 0) {
			memcpy(at, v.data, v.len);
		}
		b->len = (size_t)(at - b->data) + v.len;
	}
}

static inline void
buf_put_u16(struct buf *b, uint16_t v)
{
	uint16_t big = htobe16(v);

	buf_put(b, &big, sizeof(big));
}

static inline void
buf_put_u32(struct buf *b, uint32_t v)
{
	uint32_t big = htobe32(v);

	buf_put(b, &big, sizeof(big));
}

static inline void
buf_put_u64(struct buf *b, uint64_t v)
{
	uint64_t big = htobe64(v);

	buf_put(b, &big, sizeof(big));
}

void buf_put_str(struct buf *b, const char *text);	// the characters alone, no length, no NUL
void buf_put_utf8(struct buf *b, uint32_t character);
void buf_printf(struct buf *b, const char *fmt, ...) EN_PRINTF(2, 3);
static inline struct view
buf_view(const struct buf *b)
{
	return (struct view){b->data, b->len};
}
// Makes data NUL-terminated (the NUL is not counted in len) and returns it; "" on failure. Borrowed.
const char *buf_cstr(struct buf *b);
// Appends the whole file. EN_ENOTFOUND, EN_EDENIED, EN_EIO, EN_ELIMIT past max bytes (nothing appended then).
EN_MUST_CHECK enum en_err buf_read_file(struct buf *b, const char *path, size_t max);

// The value of a hexadecimal digit, -1 of what is none.
int hex_value(uint8_t digit);
// Lower-case hexadecimal. hex_put appends 2 * len characters; hex_write writes them where there is room for them; hex_get
// returns false unless text is exactly 2 * len hex digits.
void hex_put(struct buf *b, struct view v);
void hex_write(struct view v, uint8_t *dst);
bool hex_get(struct view text, void *dst, size_t len);

#endif

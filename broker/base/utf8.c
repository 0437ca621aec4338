// SPDX-License-Identifier: Apache-2.0
// Whether bytes are well-formed UTF-8. Nearly everything is ASCII, and what is not comes letter by letter: whole blocks are looked at for their next
// letter of more than one byte, and only that one is looked at by itself.
#include "base/block.h"
#include "base/bytes.h"

// The length of the well-formed sequence at p, which has left bytes and does not begin with ASCII; 0 when it is
// malformed. The ranges of the second byte are those of table 3-7 of the Unicode standard: they rule out overlong
// forms, surrogates and what lies past U+10FFFF.
static size_t
long_sequence(const uint8_t *p, size_t left)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t len;

	if (p[0] < 0xc2 || p[0] > 0xf4) {
		return 0;
	}
	if (p[0] < 0xe0) {
		len = 2;
	} else if (p[0] < 0xf0) {
		len = 3;
		low = p[0] == 0xe0 ? 0xa0 : low;
		high = p[0] == 0xed ? 0x9f : high;
	} else {
		len = 4;
		low = p[0] == 0xf0 ? 0x90 : low;
		high = p[0] == 0xf4 ? 0x8f : high;
	}
	if (left < len || p[1] < low || p[1] > high) {
		return 0;
	}
	for (size_t i = 2; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	return len;
}

// The letters of most languages that are written here take two bytes.
static inline size_t
utf8_sequence(const uint8_t *p, size_t left)
{
	if (EN_LIKELY(left >= 2 && (uint8_t)(p[0] - 0xc2) <= 0xdf - 0xc2 && (p[1] & 0xc0) == 0x80)) {
		return 2;
	}
	return long_sequence(p, left);
}

// Without a whole block in reach.
static bool
check_short(const uint8_t *p, const uint8_t *end)
{
	while (p < end) {
		size_t sequence = *p < 0x80 ? 1 : utf8_sequence(p, (size_t)(end - p));

		if (sequence == 0) {
			return false;
		}
		p += sequence;
	}
	return true;
}

bool
utf8_check(const uint8_t *p, size_t len, const uint8_t *floor)
{
	const uint8_t *end = p + len;

	if ((size_t)(end - floor) < BLOCK_BYTES) {
		return check_short(p, end);
	}
	if (len <= BLOCK_BYTES && block_is_two_byte_utf8_before(end, len)) {
		return true;
	}
	while (p < end) {
		size_t left = (size_t)(end - p);
		uint32_t bits = left >= BLOCK_BYTES ? block_high_bits(p) : block_high_bits_before(end, left);

		if (bits == 0) {
			p += left < BLOCK_BYTES ? left : BLOCK_BYTES;
			continue;
		}
		p += __builtin_ctz(bits);
		size_t sequence = utf8_sequence(p, (size_t)(end - p));

		if (sequence == 0) {
			return false;
		}
		p += sequence;
	}
	return true;
}

bool
view_is_utf8(struct view v)
{
	return v.len == 0 || utf8_check(v.data, v.len, v.data);
}

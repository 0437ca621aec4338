// SPDX-License-Identifier: Apache-2.0
// Sixteen bytes at once: which of them have their high bit set, and copying towards lower addresses. SSE2 where the compiler has it, words of
// eight bytes everywhere else; a test holds both to the same answers.
//
// Both look at whole blocks, and so at bytes in front of the ones that are asked for: the caller says from where on memory may be read or written.
#ifndef EN_BASE_BLOCK_H
#define EN_BASE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK_BYTES 16U

// Bit i: p[i] is not ASCII.
static inline uint32_t
block_high_bits_portable(const uint8_t *p)
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < BLOCK_BYTES; i++) {
		bits |= (uint32_t)(p[i] >> 7) << i;
	}
	return bits;
}

static inline uint32_t
block_high_bits(const uint8_t *p)
{
#ifdef __SSE2__
	return (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)p));
#else
	return block_high_bits_portable(p);
#endif
}

// Of the len bytes before end: 0 when all of them are ASCII. BLOCK_BYTES before end may be read, however few len is; where they are fewer, bit 0 is the
// first.
static inline uint32_t
block_high_bits_before(const uint8_t *end, size_t len)
{
	uint32_t bits = block_high_bits(end - BLOCK_BYTES);

	if (EN_LIKELY(len <= BLOCK_BYTES)) {
		return bits >> (BLOCK_BYTES - len);
	}
	for (const uint8_t *p = end - len; p < end - BLOCK_BYTES; p += BLOCK_BYTES) {
		bits |= block_high_bits(p);
	}
	return bits;
}

// Whether the len bytes before end are ASCII; the same bytes may be read.
static inline bool
block_is_ascii_before(const uint8_t *end, size_t len)
{
	static const uint16_t last_bits[BLOCK_BYTES + 1] = {0, 0x8000, 0xc000, 0xe000, 0xf000, 0xf800, 0xfc00, 0xfe00, 0xff00, 0xff80, 0xffc0, 0xffe0,
	    0xfff0, 0xfff8, 0xfffc, 0xfffe, 0xffff};

	if (EN_LIKELY(len <= BLOCK_BYTES)) {
		return (block_high_bits(end - BLOCK_BYTES) & last_bits[len]) == 0;
	}
	return block_high_bits_before(end, len) == 0;
}

// Which bytes begin a letter of two bytes in UTF-8, and which go on with a letter, in the order of block_high_bits.
struct block_letters {
	uint32_t first, next;
};

static inline struct block_letters
block_letters_portable(const uint8_t *p)
{
	struct block_letters letters = {0, 0};

	for (unsigned int i = 0; i < BLOCK_BYTES; i++) {
		letters.first |= (uint32_t)(p[i] >= 0xc2 && p[i] <= 0xdf) << i;
		letters.next |= (uint32_t)(p[i] >= 0x80 && p[i] <= 0xbf) << i;
	}
	return letters;
}

static inline struct block_letters
block_letters(const uint8_t *p)
{
#ifdef __SSE2__
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p); // compared as signed numbers
	__m128i first = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)0xc1)), _mm_cmplt_epi8(bytes, _mm_set1_epi8((char)0xe0)));
	__m128i next = _mm_cmplt_epi8(bytes, _mm_set1_epi8((char)0xc0));

	return (struct block_letters){(uint32_t)_mm_movemask_epi8(first), (uint32_t)_mm_movemask_epi8(next)};
#else
	return block_letters_portable(p);
#endif
}

// Whether the len bytes before end, at most BLOCK_BYTES, are well-formed UTF-8 with letters of one and two bytes only; the same bytes may be read.
static inline bool
block_is_two_byte_utf8_before(const uint8_t *end, size_t len)
{
	struct block_letters letters = block_letters(end - BLOCK_BYTES);
	uint32_t first = letters.first >> (BLOCK_BYTES - len), next = letters.next >> (BLOCK_BYTES - len);

	return first << 1 == next && block_high_bits_before(end, len) == (first | next);
}

// Copies the len bytes before from to before to, in whole blocks from the end, one at least: up to BLOCK_BYTES bytes in front of both are touched too.
static inline void
block_copy_before(uint8_t *to, const uint8_t *from, size_t len)
{
	memcpy(to - BLOCK_BYTES, from - BLOCK_BYTES, BLOCK_BYTES);
	for (const uint8_t *first = from - len; EN_UNLIKELY(from - first > (ptrdiff_t)BLOCK_BYTES);) {
		to -= BLOCK_BYTES;
		from -= BLOCK_BYTES;
		memcpy(to - BLOCK_BYTES, from - BLOCK_BYTES, BLOCK_BYTES);
	}
}

#endif

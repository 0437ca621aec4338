// SPDX-License-Identifier: Apache-2.0
// Short texts as words: the codes that agencies use have a few letters, and two words are compared faster than two texts. With its length, a word says
// all of a text of eight bytes or less, and the beginning of a longer one. Pure.
#ifndef EN_MAP_WORD_H
#define EN_MAP_WORD_H

#include "base/bytes.h"

#define WORD_BYTES 8U

static inline uint64_t
word_load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static inline uint64_t
word_load_half(const uint8_t *p)
{
	uint32_t half;

	memcpy(&half, p, sizeof(half));
	return half;
}

// Of a text of any length. Which byte stands where is nobody's business.
static inline uint64_t
word_of(struct view text)
{
	const uint8_t *p = text.data;
	size_t len = text.len;

	if (len >= WORD_BYTES) {
		return word_load(p);
	}
	if (len >= 4) {
		return word_load_half(p) | word_load_half(p + len - 4) << 32;
	}
	return len == 0 ? 0 : (uint64_t)p[0] | (uint64_t)p[len / 2] << 8 | (uint64_t)p[len - 1] << 16;
}

// A text with its word.
struct word_text {
	uint64_t word;
	struct view text;
};

static inline bool
word_equal(const struct word_text *a, uint64_t word, struct view text)
{
	return a->word == word && a->text.len == text.len &&
	    (text.len <= WORD_BYTES || memcmp(a->text.data, text.data, text.len) == 0);
}

#endif

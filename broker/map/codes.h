// SPDX-License-Identifier: Apache-2.0
// The codes of one column of a table, to be looked up: open addressing, half empty, filled once. Codes are exact text: nothing is folded, trimmed or
// guessed, so 07 and 7 are two codes and "M " is none. They come from configuration, not from peers, so the hash has no key.
#ifndef EN_MAP_CODES_H
#define EN_MAP_CODES_H

#include "conf/conf.h"
#include "map/word.h"

struct code_slot {
	struct word_text code;
	const struct conf_table_row *row;	// NULL: free
};
struct codes {
	struct code_slot *slots;
	size_t mask;	// slots less one; their number is a power of two
};

// Room for as many codes. EN_ENOMEM. Zeroed memory is finished too.
EN_MUST_CHECK enum en_err codes_init(struct codes *c, size_t count);
void codes_fini(struct codes *c);
// The row that has the code already, or NULL: then it is row's. code is borrowed.
const struct conf_table_row *codes_put(struct codes *c, struct view code, const struct conf_table_row *row);

static inline uint64_t
codes_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static inline size_t
codes_hash(uint64_t word, struct view code)
{
	uint64_t hash = codes_mix(code.len, word);

	if (code.len > WORD_BYTES) {
		for (size_t i = WORD_BYTES; i + WORD_BYTES < code.len; i += WORD_BYTES) {
			hash = codes_mix(hash, word_load(code.data + i));
		}
		hash = codes_mix(hash, word_load(code.data + code.len - WORD_BYTES));
	}
	return (size_t)hash;
}

// NULL when there is no such code.
const struct conf_table_row *codes_get(const struct codes *c, struct view code);

// The same of a code that is one word.
static inline const struct conf_table_row *
codes_get_word(const struct codes *c, uint64_t word, size_t len)
{
	if (EN_UNLIKELY(c->slots == NULL)) {
		return NULL;
	}
	for (size_t at = (size_t)codes_mix(len, word);; at++) {
		const struct code_slot *slot = &c->slots[at & c->mask];

		if (slot->row == NULL || (slot->code.word == word && slot->code.text.len == len)) {
			return slot->row;
		}
	}
}

#endif

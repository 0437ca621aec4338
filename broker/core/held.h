// SPDX-License-Identifier: Apache-2.0
// Inputs that are held, in order of their records, found by position, by (source, id), and by case: a held input holds
// the later ones of its source and case (ENL-025). One that supersedes another, or that was taken up and is held again
// for another reason, keeps the place of the first in its case.
#ifndef EN_CORE_HELD_H
#define EN_CORE_HELD_H

#include "base/strmap.h"
#include "core/owed.h"

struct held {
	uint64_t sequence;
	uint64_t order;		// place in its case: the sequence of the first input under this (source, id)
	uint64_t case_hash, case_key;
	char *agency, *source, *id, *field, *place, *type;
	uint8_t event_id[16];
	uint8_t reason;
	bool is_saved;		// a checkpoint has its row
	bool is_stuck;		// its record cannot be read: only an operator tries again
	bool is_due;		// not folded: what it waited for may be there now
	bool has_wanted;	// not folded: held because nobody settled this number yet
	uint8_t wanted[16];	// state_reference_key of it
	int64_t since_ms;
	struct held *next;	// of its case
};

struct held_table {
	struct held **items;	// by sequence
	size_t count, cap;
	struct strmap by_id;	// event_id -> struct held
	struct strmap by_case;	// case_key -> the first of the case
	struct numbers gone;	// sequences whose rows have to go with the next checkpoint
};

void held_init(struct held_table *t, uint64_t seed);
void held_fini(struct held_table *t);
// Zeroed; its texts are freed with it. NULL without memory.
struct held *held_new(void);
void held_free(struct held **hp);
// Takes *hp. Its sequence may be anywhere.
EN_MUST_CHECK enum en_err held_add(struct held_table *t, struct held **hp);
// Frees it.
EN_MUST_CHECK enum en_err held_remove(struct held_table *t, struct held *h);
struct held *held_at(const struct held_table *t, uint64_t sequence);		// NULL
struct held *held_by_id(const struct held_table *t, const uint8_t event_id[16]);	// NULL
struct held *held_first_of_case(const struct held_table *t, uint64_t case_key);	// NULL
// Of a source and the hash of a case.
uint64_t held_case_key(struct view source, uint64_t case_hash);

#endif

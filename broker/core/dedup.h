// SPDX-License-Identifier: Apache-2.0
// Which events a source has sent: the last LIMIT_DEDUP_PER_SOURCE and up to as many before them, by a keyed 128-bit hash
// of (source, id), with a hash of the content and the sequence of the record. Two generations: when the young one is
// full, the old one goes and the young one grows old; so nothing is ever removed from a table, and a checkpoint writes
// only what was added since the last one.
#ifndef EN_CORE_DEDUP_H
#define EN_CORE_DEDUP_H

#include "base/bytes.h"

#define DEDUP_CHUNK 512	// entries in one row of a checkpoint

struct dedup_entry {
	uint8_t id[16];
	uint64_t content, sequence;
};

struct dedup_slot {
	uint32_t place;		// of the entry, from 1; 0: free
	uint32_t tag;		// bytes of its id that did not choose the slot
};

struct dedup_generation {
	struct dedup_entry *entries;	// in order of arrival
	struct dedup_slot *slots;
	uint32_t count, cap, slot_cap;
	uint32_t number;		// of the generation, rising
};

struct dedup {
	struct dedup_generation young, old;
	uint32_t limit;
	uint32_t saved, saved_old;	// entries of young and old that the last checkpoint has
	uint32_t dropped_from, dropped_to;	// generations whose rows have to go, the latter not included
};

void dedup_init(struct dedup *d, uint32_t limit);
void dedup_fini(struct dedup *d);
// That it will be asked for soon: the slots, which lie anywhere, come near meanwhile.
void dedup_expect(const struct dedup *d, const uint8_t id[16]);
// NULL when it is not known.
const struct dedup_entry *dedup_find(const struct dedup *d, const uint8_t id[16]);
// Adds, or replaces content and sequence of what is there.
EN_MUST_CHECK enum en_err dedup_put(struct dedup *d, const struct dedup_entry *entry);
// A generation's entries as a checkpoint row gave them.
EN_MUST_CHECK enum en_err dedup_load(struct dedup *d, uint32_t generation, const struct dedup_entry *entry);

#endif

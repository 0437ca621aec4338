// SPDX-License-Identifier: Apache-2.0
// Records in memory, by sequence: the newest ones for subscriptions that are attached and keep up, and what was read ahead for
// one that is behind. One ring of bytes: a record is one copy and never a malloc; the oldest go when room is needed.
#ifndef EN_CORE_HOT_H
#define EN_CORE_HOT_H

#include "journal/record.h"

struct hot_record {
	uint64_t sequence;
	int64_t wall_ms;
	size_t at;		// in the ring
	size_t len;
	uint8_t kind;		// 0: damaged
	struct view body;	// of hot_find: borrowed until the next hot_put
};

struct hot {
	struct hot_record *items;	// a ring as well: first, count, cap (a power of two)
	size_t first, count, cap;
	uint8_t *bytes;
	size_t size, size_max;		// of the ring; it grows up to size_max
	size_t end;			// where the newest body ends
};

void hot_init(struct hot *h, size_t size_max);
void hot_fini(struct hot *h);
void hot_clear(struct hot *h);
// Sequences rise; a lower one empties it first. A record that is larger than the whole ring makes it larger.
EN_MUST_CHECK enum en_err hot_put(struct hot *h, const struct record *record);
bool hot_find(const struct hot *h, uint64_t sequence, struct hot_record *ret);

#endif

// SPDX-License-Identifier: Apache-2.0
// A bump allocator for what lives as long as one translation, one file or one turn: allocated piece by piece, freed
// at once. One thread. Memory is not zeroed by arena_alloc; it is by arena_zalloc. Under AddressSanitizer freed
// parts are poisoned.
//
// arena_reset keeps the largest block, so a loop that resets does not call malloc again once it is warm.
#ifndef EN_BASE_ARENA_H
#define EN_BASE_ARENA_H

#include "base/bytes.h"

struct arena_block;

struct arena {
	uint8_t *pos, *end;		// of the current block
	struct arena_block *blocks;	// newest first
	size_t used;			// bytes in all blocks
	size_t max;			// hard cap in bytes; 0 is none
	bool at_max;			// a piece was refused by the cap, not by the system
};

// Allocates nothing yet. max: the hard cap in bytes, 0 for none.
void arena_init(struct arena *a, size_t max);
void arena_fini(struct arena *a);
void arena_reset(struct arena *a);

// Gives back what was allocated since the mark was taken, so that a loop's rounds share the same memory, which stays in
// the cache. What needed a new block meanwhile waits for arena_reset: the block serves the next rounds.
struct arena_mark {
	struct arena_block *block;
	uint8_t *pos;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_back(struct arena *a, struct arena_mark mark);

// The slow path of arena_alloc.
void *arena_grow(struct arena *a, size_t len);

// Aligned to 8. NULL when memory or the cap is exhausted: an ordinary error (EN_ENOMEM) for the caller.
static inline void *
arena_alloc(struct arena *a, size_t len)
{
	size_t need = (len + 7U) & ~(size_t)7U;

	if (EN_LIKELY(need >= len && (size_t)(a->end - a->pos) >= need && a->pos != NULL)) {
		void *p = a->pos;

		a->pos += need;
		return p;
	}
	return arena_grow(a, len);
}

void *arena_zalloc(struct arena *a, size_t len);
// Room for one more behind count items of that size: the items themselves while *cap has room, otherwise a copy with twice
// the room. NULL without memory; items and *cap are as they were then.
void *arena_larger(struct arena *a, void *items, size_t count, size_t *cap, size_t size);
// A NUL-terminated copy.
char *arena_text(struct arena *a, struct view v);
// A copy; data NULL with len > 0 when memory ran out.
struct view arena_copy(struct arena *a, struct view v);
char *arena_printf(struct arena *a, const char *fmt, ...) EN_PRINTF(2, 3);

#endif

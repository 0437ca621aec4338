// SPDX-License-Identifier: Apache-2.0
// What the files of the spool share: spool.c appends, reads and forgets; spool_load.c finds at open what is there.
#ifndef ENLACE_SDK_SPOOL_INT_H
#define ENLACE_SDK_SPOOL_INT_H

#include "base/limits.h"
#include "sdk/spool.h"

#define SEGMENT_BYTES MIB(4)
#define ENTRY_HEAD 12 // length and checksum
#define SPOOL_LOCK "lock"

struct segment {
	uint64_t first; // its name: the number of its first entry
	uint64_t bytes;
	uint64_t waiting; // unanswered entries
	int fd;
};

struct slot {
	uint64_t number;
	uint32_t segment, offset, length; // segment: its index now
	bool is_done;
};

struct spool {
	char folder[4000];
	int lock_fd, folder_fd;
	struct segment *segments; // oldest first; the last one is written
	size_t segment_count, segment_cap;
	struct slot *slots; // from head on, in order of number
	size_t head, count, cap;
	uint64_t next_number, limit_bytes, total_bytes, waiting, torn;
	struct buf read, write;
};

// ---- spool.c
void spool_segment_path(const struct spool *s, uint64_t first, char path[4096]);
EN_MUST_CHECK enum en_err spool_add_segment(struct spool *s, uint64_t first, bool is_new);
// Room for one more, so that adding it cannot fail.
EN_MUST_CHECK enum en_err spool_reserve_slot(struct spool *s);
void spool_add_slot(struct spool *s, struct slot slot);
uint64_t spool_check(struct view body); // what an entry's checksum must be
// Views are borrowed from the body. False when it is no entry.
bool spool_entry_decode(struct view body, struct spool_entry *ret);

// ---- spool_load.c. All segments of the folder: their entries, and what of them is damaged.
EN_MUST_CHECK enum en_err spool_load(struct spool *s);

#endif

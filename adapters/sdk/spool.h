// SPDX-License-Identifier: Apache-2.0
// The spool: events on the agency's own disk until the broker has answered for them. Offline for a day or cut off in the middle of a word,
// nothing that enlace_submit accepted is lost, and nothing is sent for ever.
//
// Entries are numbered for ever and kept in segment files of a few MiB, each entry with its length and a checksum; a torn last entry is cut off at
// open, and one that was damaged is set aside in a file of the folder, told with its place, and passed over. An answered entry is forgotten; a segment goes when all of its entries are. After a crash answered entries of a segment that still stands
// may be sent again: the broker knows them by (source, id) and says duplicate.
//
//   entry: u32 length of what follows, u64 checksum over the rest, u64 number, then texts (bytes.h): id, source, type, case, origin; u32 line,
//   u64 time ms, payload
//
// One thread. Appended entries are durable after spool_sync.
#ifndef ENLACE_SDK_SPOOL_H
#define ENLACE_SDK_SPOOL_H

#include "base/arena.h"
#include "base/strmap.h"

struct spool;

struct spool_entry {
	uint64_t number;
	struct view id, source, type, case_id, origin, payload;
	uint32_t line;
	int64_t time_ms;
};

// EN_EDENIED, EN_EIO, EN_EFULL when damage cannot be set aside; EN_EBUSY when another process has the folder. Creates the folder (0700).
EN_MUST_CHECK enum en_err spool_open(const char *folder, uint64_t limit_bytes, struct spool **ret);
void spool_close(struct spool **sp);
// Sets entry->number. EN_EFULL at the limit or on a full disk: nothing was kept.
EN_MUST_CHECK enum en_err spool_append(struct spool *s, struct spool_entry *entry);
EN_MUST_CHECK enum en_err spool_sync(struct spool *s);
// The first unanswered entry with a number >= from; EN_ENOTFOUND when there is none, EN_ECORRUPT when it was
// damaged since open: the next open sets it aside. Views are borrowed until the next call on s.
EN_MUST_CHECK enum en_err spool_read(struct spool *s, uint64_t from, struct spool_entry *ret);
// The broker has answered for it. Unknown numbers change nothing.
void spool_done(struct spool *s, uint64_t number);
uint64_t spool_count(const struct spool *s);	// unanswered entries
uint64_t spool_bytes(const struct spool *s);	// on disk
// Bytes that were cut off at open because the last write was torn.
uint64_t spool_torn_bytes(const struct spool *s);

// What can be seen of a spool from outside, also while an adapter has it.
struct spool_look {
	uint64_t bytes;		// of its segments
	size_t damaged;		// files of what was set aside
	bool is_in_use;
};

struct spool_look spool_look(const char *folder);

#endif

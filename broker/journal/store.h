// SPDX-License-Identifier: Apache-2.0
// The seam between the journal and what keeps its bytes. store_lmdb is the embedded default, store_mem the reference;
// both pass one suite (tests/unit/journal/test_store.c). Nothing above journal/ assumes LMDB; a position is opaque to
// everybody but the store and the core's own sequence.
//
// Blocks: a turn's records are packed into one value under the sequence of its first record (values over half a page
// cost LMDB a third of its speed: measured). Rows: small keyed values in tables: checkpoints of the folds, cursors,
// parked, dead letters, indexes.
//
// Threads: append by one thread; reads by any, each a short read transaction that copies out.
#ifndef EN_JOURNAL_STORE_H
#define EN_JOURNAL_STORE_H

#include "base/bytes.h"

// Tables of rows. Numbers are part of the format; only appended.
enum store_table {
	STORE_META = 1,
	STORE_CHECKPOINT,
	STORE_DEDUP,
	STORE_CURSOR,
	STORE_PARKED,
	STORE_DEAD,
	STORE_HELD,
	STORE_REFERRAL,
	STORE_REFERENCE,
	STORE_CONSENT,
	STORE_COUNTER,
	STORE_TABLE_COUNT
};

struct store_row {
	uint8_t table;		// enum store_table
	struct view key;	// at most LIMIT_ROW_KEY_BYTES
	struct view value;	// data NULL and len 0 with is_delete: removed
	bool is_delete;
};

// One transaction: all of it durable, or nothing.
struct store_batch {
	uint64_t first_sequence;	// of the block; 0 when there is no block
	struct view block;
	const struct store_row *rows;
	size_t row_count;
};

struct store_space {
	uint64_t used_bytes;		// by live data
	uint64_t quota_bytes;
	// What may still be admitted: the rest of the quota, and no more than what is free on the disk, allocated
	// ahead or free inside the file, less the reserve. Appends may go beyond it, into the reserve: settles do.
	uint64_t free_bytes;
	uint64_t disk_free_bytes;
};

struct store;

struct store_ops {
	const char *name;
	// Returns after the data is durable. EN_EFULL: nothing happened, space is short (quota and reserve, or disk).
	// EN_EIO: the store is suspect: nobody knows what is on the disk, so every later append says EN_EIO too and
	// the process must stop (design section 4); a failed sync is never repeated.
	enum en_err (*append)(struct store *s, const struct store_batch *batch);
	// Calls take for blocks in order, beginning with the one that from lies in (the greatest first sequence <=
	// from; without one the oldest), until max_bytes were handed out, take returns false, or the end. The view
	// lives for the call only; take must not call the store.
	enum en_err (*read)(struct store *s, uint64_t from, size_t max_bytes,
	    bool (*take)(void *context, uint64_t first_sequence, struct view block), void *context);
	// Appends the value to ret (which is not cleared). EN_ENOTFOUND.
	enum en_err (*get)(struct store *s, enum store_table table, struct view key, struct buf *ret);
	// In key order. take returns false to stop.
	enum en_err (*scan)(struct store *s, enum store_table table,
	    bool (*take)(void *context, struct view key, struct view value), void *context);
	// The first sequence of the newest block, 0 when empty.
	enum en_err (*last_block)(struct store *s, uint64_t *ret_first_sequence);
	enum en_err (*space)(struct store *s, struct store_space *ret);
	// Removes whole blocks whose records are all before keep_from; the newest block stays. By the thread that
	// appends. The design's seam has it (section 6: the reserve is for settles and trims) for retention, which is
	// not there yet: until then the broker keeps all, up to the quota, and only the suite of the seam trims.
	enum en_err (*trim)(struct store *s, uint64_t keep_from);
	void (*close)(struct store *s);
};

struct store {
	const struct store_ops *ops;
};

struct store_lmdb_options {
	const char *folder;		// created 0700 when absent
	uint64_t quota_bytes, reserve_bytes;
};
// On failure reterr_what says in words what to look at. EN_EDENIED, EN_EBUSY (another process has it), EN_ECORRUPT
// (truncated: the file is smaller than its last page), EN_EVERSION (written by a newer enlace), EN_EIO.
EN_MUST_CHECK enum en_err store_lmdb_open(
    const struct store_lmdb_options *options, struct store **ret, char reterr_what[256]);
// Keeps everything in memory; the quota is its only limit.
EN_MUST_CHECK enum en_err store_mem_open(uint64_t quota_bytes, struct store **ret);

#endif

// SPDX-License-Identifier: Apache-2.0
// What the files of the embedded store share: store_lmdb.c (reading), store_lmdb_write.c (append, trim),
// store_lmdb_space.c (what room there is), store_lmdb_open.c (everything before the first of them), lmdb_txn.c (a
// write transaction whose first failure stays).
#ifndef EN_JOURNAL_STORE_LMDB_INT_H
#define EN_JOURNAL_STORE_LMDB_INT_H

#include <lmdb.h>
#include <stdatomic.h>

#include "journal/store.h"

struct store_lmdb {
	struct store store;
	MDB_env *env;
	MDB_dbi blocks, rows;
	char *folder, *data_path;
	int lock_fd, data_fd;
	uint64_t quota, reserve;
	unsigned int page_bytes;
	atomic_uint_least64_t allocated;	// of the file, in bytes from its start; written by the appending thread
	bool is_suspect;			// appending thread; a sync failed: nothing is written any more (R5)
};

extern const struct store_ops store_lmdb_ops;

// ---- keys: blocks under their first sequence, big-endian; rows under a byte of table and their key

#define STORE_LMDB_KEY_BYTES 512
void store_lmdb_sequence_key(uint8_t bytes[8], uint64_t sequence, MDB_val *ret);
uint64_t store_lmdb_key_sequence(const MDB_val *key);
void store_lmdb_row_key(uint8_t bytes[STORE_LMDB_KEY_BYTES], uint8_t table, struct view key, MDB_val *ret);

// ---- lmdb_txn.c

// What LMDB's code means here.
enum en_err store_lmdb_error(int code);

// A write transaction. After the first failure every call is a no-op; lmdb_txn_end commits, or aborts and tells the
// first failure.
struct lmdb_txn {
	struct store_lmdb *store;
	MDB_txn *txn;
	int code;
};
void lmdb_txn_begin(struct lmdb_txn *t, struct store_lmdb *l);
void lmdb_txn_put_block(struct lmdb_txn *t, uint64_t first_sequence, struct view block);
void lmdb_txn_put_row(struct lmdb_txn *t, const struct store_row *row);
EN_MUST_CHECK enum en_err lmdb_txn_end(struct lmdb_txn *t);

// ---- store_lmdb_space.c

struct lmdb_room {
	uint64_t file_bytes;	// up to the last page that is or was in use
	uint64_t inside_bytes;	// of it: free pages
	uint64_t live_bytes;	// of it: the others
};
struct lmdb_room store_lmdb_room(struct store_lmdb *l);
// Whether that many bytes may be written: EN_EFULL by the quota or the disk. Allocates the file ahead.
EN_MUST_CHECK enum en_err store_lmdb_make_room(struct store_lmdb *l, uint64_t need);
enum en_err store_lmdb_space(struct store *s, struct store_space *ret);

// ---- store_lmdb_write.c

enum en_err store_lmdb_append(struct store *s, const struct store_batch *batch);
enum en_err store_lmdb_trim(struct store *s, uint64_t keep_from);

#endif

// SPDX-License-Identifier: Apache-2.0
// One write transaction. LMDB itself goes on after a failed sync as if nothing had happened, and Linux takes the
// pages that could not be written for clean: after any failure whose extent is not known the store is suspect, and
// refuses everything until the process has started anew.
#include "journal/store_lmdb_int.h"

#include <assert.h>
#include <errno.h>
#include <sys/statvfs.h>

#include "base/limits.h"

enum en_err
store_lmdb_error(int code)
{
	switch (code) {
	case MDB_SUCCESS:
		return EN_OK;
	case MDB_NOTFOUND:
		return EN_ENOTFOUND;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return EN_EFULL;
	case ENOMEM:
		return EN_ENOMEM;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INVALID:
		return EN_ECORRUPT;
	case MDB_VERSION_MISMATCH:
		return EN_EVERSION;
	case EACCES:
	case EPERM:
	case EROFS:
		return EN_EDENIED;
	default:
		return EN_EIO;
	}
}

void
store_lmdb_sequence_key(uint8_t bytes[8], uint64_t sequence, MDB_val *ret)
{
	for (int i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)(sequence >> (56 - 8 * i));
	}
	*ret = (MDB_val){.mv_size = 8, .mv_data = bytes};
}

uint64_t
store_lmdb_key_sequence(const MDB_val *key)
{
	struct rd r = rd_init(view_of(key->mv_data, key->mv_size));

	return rd_u64(&r);
}

void
store_lmdb_row_key(uint8_t bytes[STORE_LMDB_KEY_BYTES], uint8_t table, struct view key, MDB_val *ret)
{
	assert(key.len <= LIMIT_ROW_KEY_BYTES);
	bytes[0] = table;
	if (key.len > 0) {
		memcpy(bytes + 1, key.data, key.len);
	}
	*ret = (MDB_val){.mv_size = key.len + 1, .mv_data = bytes};
}

void
lmdb_txn_begin(struct lmdb_txn *t, struct store_lmdb *l)
{
	*t = (struct lmdb_txn){.store = l};
	t->code = l->is_suspect ? EIO : mdb_txn_begin(l->env, NULL, 0, &t->txn);
}

void
lmdb_txn_put_block(struct lmdb_txn *t, uint64_t first_sequence, struct view block)
{
	uint8_t bytes[8];
	MDB_val key, value = {.mv_size = block.len, .mv_data = (void *)(uintptr_t)block.data};

	if (t->code == MDB_SUCCESS) {
		store_lmdb_sequence_key(bytes, first_sequence, &key);
		t->code = mdb_put(t->txn, t->store->blocks, &key, &value, MDB_APPEND);
	}
}

void
lmdb_txn_put_row(struct lmdb_txn *t, const struct store_row *row)
{
	uint8_t bytes[STORE_LMDB_KEY_BYTES];
	MDB_val key, value = {.mv_size = row->value.len, .mv_data = (void *)(uintptr_t)row->value.data};

	if (t->code != MDB_SUCCESS) {
		return;
	}
	store_lmdb_row_key(bytes, row->table, row->key, &key);
	if (!row->is_delete) {
		t->code = mdb_put(t->txn, t->store->rows, &key, &value, 0);
		return;
	}
	t->code = mdb_del(t->txn, t->store->rows, &key, NULL);
	t->code = t->code == MDB_NOTFOUND ? MDB_SUCCESS : t->code;
}

// A short vectored write is told as EIO, also when the disk is just full (security R6).
static bool
is_disk_full(const struct store_lmdb *l)
{
	struct statvfs disk;

	return fstatvfs(l->data_fd, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize < MIB(1);
}

// The meta page could not be written, nor its old content written back: what is on the disk is not known.
static bool
is_meta_lost(const struct store_lmdb *l)
{
	MDB_txn *txn;
	int code = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn);

	if (code == MDB_SUCCESS) {
		mdb_txn_abort(txn);
	}
	return code == MDB_PANIC;
}

enum en_err
lmdb_txn_end(struct lmdb_txn *t)
{
	enum en_err err;

	if (t->code != MDB_SUCCESS) {
		if (t->txn != NULL) {
			mdb_txn_abort(t->txn);
		}
		return store_lmdb_error(t->code);
	}
	t->code = mdb_txn_commit(t->txn);
	err = store_lmdb_error(t->code);
	if (t->code == EIO && is_disk_full(t->store)) {
		err = EN_EFULL;
	}
	// No room, no memory: LMDB took back the transaction before it wrote its meta page. Anything else: nobody
	// knows.
	if (err != EN_OK && ((err != EN_EFULL && err != EN_ENOMEM) || is_meta_lost(t->store))) {
		t->store->is_suspect = true;
		err = EN_EIO;
	}
	return err;
}

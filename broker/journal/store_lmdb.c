// SPDX-License-Identifier: Apache-2.0
// The embedded store. LMDB in its default mode: MDB_NOTLS and no other flag, no duplicate keys, short read
// transactions, keys in arrival order (security R3, R7-R11). Two databases: blocks under their first sequence, and
// rows under table and key.
//
// The map is fixed and large, so it is never grown; what may be stored is decided by a quota of our own
// (store_lmdb_space.c).
#include <stdlib.h>
#include <unistd.h>

#include "journal/store_lmdb_int.h"

// On the block that the sequence lies in: the newest one that begins at it or before; without one the oldest.
static int
seek(MDB_cursor *cursor, uint64_t sequence, MDB_val *key, MDB_val *value)
{
	uint8_t bytes[8];
	int code;

	store_lmdb_sequence_key(bytes, sequence, key);
	code = mdb_cursor_get(cursor, key, value, MDB_SET_RANGE);
	if (code == MDB_NOTFOUND) {
		return mdb_cursor_get(cursor, key, value, MDB_LAST);
	}
	if (code != MDB_SUCCESS || store_lmdb_key_sequence(key) == sequence) {
		return code;
	}
	code = mdb_cursor_get(cursor, key, value, MDB_PREV);
	return code == MDB_NOTFOUND ? mdb_cursor_get(cursor, key, value, MDB_FIRST) : code;
}

static enum en_err
lmdb_read(struct store *s, uint64_t from, size_t max_bytes,
    bool (*take)(void *context, uint64_t first_sequence, struct view block), void *context)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	MDB_val key, value;
	MDB_cursor *cursor = NULL;
	MDB_txn *txn;
	size_t given = 0;
	int code = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn);

	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	code = mdb_cursor_open(txn, l->blocks, &cursor);
	if (code == MDB_SUCCESS) {
		code = seek(cursor, from, &key, &value);
	}
	while (code == MDB_SUCCESS && given < max_bytes) {
		given += value.mv_size;
		if (!take(context, store_lmdb_key_sequence(&key), view_of(value.mv_data, value.mv_size))) {
			break;
		}
		code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return code == MDB_NOTFOUND ? EN_OK : store_lmdb_error(code);
}

static enum en_err
lmdb_get(struct store *s, enum store_table table, struct view wanted, struct buf *ret)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	uint8_t bytes[STORE_LMDB_KEY_BYTES];
	MDB_val key, value;
	MDB_txn *txn;
	int code = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn);

	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	store_lmdb_row_key(bytes, (uint8_t)table, wanted, &key);
	code = mdb_get(txn, l->rows, &key, &value);
	if (code == MDB_SUCCESS) {
		buf_put(ret, value.mv_data, value.mv_size);
	}
	mdb_txn_abort(txn);
	return code == MDB_SUCCESS ? ret->err : store_lmdb_error(code);
}

static enum en_err
lmdb_scan(struct store *s, enum store_table table, bool (*take)(void *context, struct view key, struct view value),
    void *context)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	uint8_t first = (uint8_t)table;
	MDB_val key = {.mv_size = 1, .mv_data = &first}, value;
	MDB_cursor *cursor = NULL;
	MDB_txn *txn;
	int code = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn);

	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	code = mdb_cursor_open(txn, l->rows, &cursor);
	if (code == MDB_SUCCESS) {
		code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
	}
	while (code == MDB_SUCCESS && *(const uint8_t *)key.mv_data == (uint8_t)table) {
		if (!take(context, view_of((const uint8_t *)key.mv_data + 1, key.mv_size - 1),
			view_of(value.mv_data, value.mv_size))) {
			break;
		}
		code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return code == MDB_NOTFOUND ? EN_OK : store_lmdb_error(code);
}

static enum en_err
lmdb_last_block(struct store *s, uint64_t *ret)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	MDB_val key, value;
	MDB_cursor *cursor = NULL;
	MDB_txn *txn;
	int code = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn);

	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	code = mdb_cursor_open(txn, l->blocks, &cursor);
	if (code == MDB_SUCCESS) {
		code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
		*ret = code == MDB_SUCCESS ? store_lmdb_key_sequence(&key) : 0;
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return code == MDB_NOTFOUND ? EN_OK : store_lmdb_error(code);
}

static void
lmdb_close(struct store *s)
{
	struct store_lmdb *l = (struct store_lmdb *)s;

	if (l->env != NULL) {
		mdb_env_close(l->env);
	}
	if (l->data_fd >= 0) {
		close(l->data_fd);
	}
	if (l->lock_fd >= 0) {
		close(l->lock_fd);
	}
	free(l->folder);
	free(l->data_path);
	free(l);
}

const struct store_ops store_lmdb_ops = {
    .name = "lmdb",
    .append = store_lmdb_append,
    .read = lmdb_read,
    .get = lmdb_get,
    .scan = lmdb_scan,
    .last_block = lmdb_last_block,
    .space = store_lmdb_space,
    .trim = store_lmdb_trim,
    .close = lmdb_close,
};

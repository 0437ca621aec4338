// SPDX-License-Identifier: Apache-2.0
// The embedded store. LMDB in its default mode: MDB_NOTLS and no other flag, no duplicate keys, short read transactions, keys in arrival order (security R3,
// R7-R11). Two databases: blocks under their first sequence, and rows under table and key.
//
// The map is fixed and large, so it is never grown; what may be stored is decided by a quota of our own. The data file is allocated ahead in steps, so that a
// full disk shows before a commit and not inside one.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"
#include "journal/store_lmdb_int.h"

#define PAGE_OVERHEAD 4 // a page written is also a page of the free list and of the tree above it

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

static void
sequence_key(uint8_t bytes[8], uint64_t sequence)
{
	for (int i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)(sequence >> (56 - 8 * i));
	}
}

static uint64_t
key_sequence(const MDB_val *key)
{
	struct rd r = rd_init(view_of(key->mv_data, key->mv_size));

	return rd_u64(&r);
}

static uint64_t
used_bytes(const struct store_lmdb *l)
{
	MDB_envinfo info;

	mdb_env_info(l->env, &info);
	return ((uint64_t)info.me_last_pgno + 1) * l->page_bytes;
}

// What free pages inside the file could still take, in bytes.
static uint64_t
reusable_bytes(struct store_lmdb *l)
{
	MDB_txn *txn;
	MDB_stat stat;
	uint64_t live = 0;

	if (mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn) != MDB_SUCCESS) {
		return 0;
	}
	if (mdb_stat(txn, l->blocks, &stat) == MDB_SUCCESS) {
		live += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
	}
	if (mdb_stat(txn, l->rows, &stat) == MDB_SUCCESS) {
		live += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
	}
	mdb_txn_abort(txn);
	live = (live + 16) * l->page_bytes;
	return used_bytes(l) > live ? used_bytes(l) - live : 0;
}

// Allocates up to need, in steps. A disk without room is told here.
static enum en_err
allocate_ahead(struct store_lmdb *l, uint64_t need)
{
	uint64_t wanted = (need / LIMIT_JOURNAL_STEP_BYTES + 1) * LIMIT_JOURNAL_STEP_BYTES;

	if (need <= l->allocated) {
		return EN_OK;
	}
	// The size stays: LMDB's own idea of its file is the last page that it wrote.
	if (fallocate(l->data_fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)wanted) != 0) {
		struct statvfs disk;

		if (errno != EOPNOTSUPP && errno != ENOSYS) {
			return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? EN_EFULL : EN_EIO;
		}
		if (fstatvfs(l->data_fd, &disk) == 0 &&
		    (uint64_t)disk.f_bavail * disk.f_frsize < wanted - l->allocated) {
			return EN_EFULL;
		}
	}
	l->allocated = wanted;
	return EN_OK;
}

static int
put_row(struct store_lmdb *l, MDB_txn *txn, const struct store_row *row)
{
	uint8_t bytes[512];
	MDB_val key = {.mv_size = row->key.len + 1, .mv_data = bytes};
	MDB_val value = {.mv_size = row->value.len, .mv_data = (void *)(uintptr_t)row->value.data};
	int code;

	assert(row->key.len <= 480);
	bytes[0] = row->table;
	memcpy(bytes + 1, row->key.data, row->key.len);
	if (!row->is_delete) {
		return mdb_put(txn, l->rows, &key, &value, 0);
	}
	code = mdb_del(txn, l->rows, &key, NULL);
	return code == MDB_NOTFOUND ? MDB_SUCCESS : code;
}

static int
put_all(struct store_lmdb *l, MDB_txn *txn, const struct store_batch *batch)
{
	uint8_t bytes[8];
	MDB_val key = {.mv_size = sizeof(bytes), .mv_data = bytes};
	MDB_val value = {.mv_size = batch->block.len, .mv_data = (void *)(uintptr_t)batch->block.data};
	int code = MDB_SUCCESS;

	if (batch->first_sequence != 0) {
		sequence_key(bytes, batch->first_sequence);
		code = mdb_put(txn, l->blocks, &key, &value, MDB_APPEND);
	}
	for (size_t i = 0; i < batch->row_count && code == MDB_SUCCESS; i++) {
		code = put_row(l, txn, &batch->rows[i]);
	}
	return code;
}

static uint64_t
batch_bytes(const struct store_lmdb *l, const struct store_batch *batch)
{
	uint64_t pages = batch->block.len / l->page_bytes + 2 * PAGE_OVERHEAD;

	for (size_t i = 0; i < batch->row_count; i++) {
		pages += batch->rows[i].is_delete
		    ? 0
		    : 1 + (batch->rows[i].key.len + batch->rows[i].value.len) / l->page_bytes;
	}
	return pages * l->page_bytes;
}

static enum en_err
lmdb_append(struct store *s, const struct store_batch *batch)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	uint64_t after = used_bytes(l) + batch_bytes(l, batch);
	MDB_txn *txn;
	int code;
	enum en_err err;

	if (after > l->quota + l->reserve && reusable_bytes(l) < batch_bytes(l, batch)) {
		return EN_EFULL;
	}
	err = allocate_ahead(l, after);
	if (err != EN_OK) {
		return err;
	}
	code = mdb_txn_begin(l->env, NULL, 0, &txn);
	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	code = put_all(l, txn, batch);
	if (code != MDB_SUCCESS) {
		mdb_txn_abort(txn);
		return store_lmdb_error(code);
	}
	return store_lmdb_error(mdb_txn_commit(txn));
}

static enum en_err
lmdb_read(struct store *s, uint64_t from, size_t max_bytes,
    bool (*take)(void *context, uint64_t first_sequence, struct view block), void *context)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	uint8_t bytes[8];
	MDB_val key = {.mv_size = sizeof(bytes), .mv_data = bytes}, value;
	MDB_cursor *cursor = NULL;
	MDB_txn *txn;
	size_t given = 0;
	int code = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn);

	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	sequence_key(bytes, from);
	code = mdb_cursor_open(txn, l->blocks, &cursor);
	if (code == MDB_SUCCESS) {
		code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
		if (code == MDB_NOTFOUND) {
			code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
		} else if (code == MDB_SUCCESS && key_sequence(&key) > from) {
			MDB_val before_key, before_value;

			// The block that from lies in, when there is one.
			if (mdb_cursor_get(cursor, &before_key, &before_value, MDB_PREV) == MDB_SUCCESS) {
				key = before_key;
				value = before_value;
			} else {
				code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
			}
		}
	}
	while (code == MDB_SUCCESS && given < max_bytes) {
		given += value.mv_size;
		if (!take(context, key_sequence(&key), view_of(value.mv_data, value.mv_size))) {
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
	uint8_t bytes[512];
	MDB_val key = {.mv_size = wanted.len + 1, .mv_data = bytes}, value;
	MDB_txn *txn;
	int code = mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn);

	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	bytes[0] = (uint8_t)table;
	memcpy(bytes + 1, wanted.data, wanted.len);
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
		*ret = code == MDB_SUCCESS ? key_sequence(&key) : 0;
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return code == MDB_NOTFOUND ? EN_OK : store_lmdb_error(code);
}

static enum en_err
lmdb_space(struct store *s, struct store_space *ret)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	uint64_t used = used_bytes(l), inside = reusable_bytes(l), live = used - inside, ahead;
	struct statvfs disk;

	ret->used_bytes = live;
	ret->quota_bytes = l->quota;
	ret->free_bytes = l->quota > live ? l->quota - live : 0;
	ret->disk_free_bytes = fstatvfs(l->data_fd, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : 0;
	// Free on the disk, allocated ahead, or free inside the file, less the reserve for settles.
	ahead = ret->disk_free_bytes + (l->allocated > used ? l->allocated - used : 0) + inside;
	ahead = ahead > l->reserve ? ahead - l->reserve : 0;
	ret->free_bytes = ret->free_bytes < ahead ? ret->free_bytes : ahead;
	return EN_OK;
}

static enum en_err
lmdb_trim(struct store *s, uint64_t keep_from)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	MDB_val key, value, next_key, next_value;
	MDB_cursor *cursor = NULL;
	MDB_txn *txn;
	int code = mdb_txn_begin(l->env, NULL, 0, &txn);

	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	code = mdb_cursor_open(txn, l->blocks, &cursor);
	while (code == MDB_SUCCESS) {
		code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
		if (code == MDB_SUCCESS) {
			code = mdb_cursor_get(cursor, &next_key, &next_value, MDB_NEXT);
		}
		if (code != MDB_SUCCESS || key_sequence(&next_key) > keep_from) {
			break; // a block ends where the next one begins
		}
		code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
		code = code == MDB_SUCCESS ? mdb_cursor_del(cursor, 0) : code;
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
		mdb_txn_abort(txn);
		return store_lmdb_error(code);
	}
	return store_lmdb_error(mdb_txn_commit(txn));
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
	free(l);
}

const struct store_ops store_lmdb_ops = {
    .name = "lmdb",
    .append = lmdb_append,
    .read = lmdb_read,
    .get = lmdb_get,
    .scan = lmdb_scan,
    .last_block = lmdb_last_block,
    .space = lmdb_space,
    .trim = lmdb_trim,
    .close = lmdb_close,
};

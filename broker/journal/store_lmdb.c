// SPDX-License-Identifier: Apache-2.0
// The embedded store. LMDB in its default mode: MDB_NOTLS and no other flag, no duplicate keys, short read transactions, keys in arrival order (security R3,
// R7-R11). Two databases: blocks under their first sequence, and rows under table and key.
//
// The map is fixed and large, so it is never grown; what may be stored is decided by a quota of our own. The data file is allocated ahead in steps, so that a
// full disk shows before a commit and not inside one.
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"
#include "journal/store.h"

#define FORMAT_KEY "format"
#define FORMAT_VERSION 1
#define PAGE_OVERHEAD 4 // a page written is also a page of the free list and of the tree above it

struct store_lmdb {
	struct store store;
	MDB_env *env;
	MDB_dbi blocks, rows;
	char data_path[4096];
	int lock_fd, data_fd;
	uint64_t quota, reserve, allocated;
	unsigned int page_bytes;
};

static enum en_err
from_mdb(int code)
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
		return from_mdb(code);
	}
	code = put_all(l, txn, batch);
	if (code != MDB_SUCCESS) {
		mdb_txn_abort(txn);
		return from_mdb(code);
	}
	return from_mdb(mdb_txn_commit(txn));
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
		return from_mdb(code);
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
	return code == MDB_NOTFOUND ? EN_OK : from_mdb(code);
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
		return from_mdb(code);
	}
	bytes[0] = (uint8_t)table;
	memcpy(bytes + 1, wanted.data, wanted.len);
	code = mdb_get(txn, l->rows, &key, &value);
	if (code == MDB_SUCCESS) {
		buf_put(ret, value.mv_data, value.mv_size);
	}
	mdb_txn_abort(txn);
	return code == MDB_SUCCESS ? ret->err : from_mdb(code);
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
		return from_mdb(code);
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
	return code == MDB_NOTFOUND ? EN_OK : from_mdb(code);
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
		return from_mdb(code);
	}
	code = mdb_cursor_open(txn, l->blocks, &cursor);
	if (code == MDB_SUCCESS) {
		code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
		*ret = code == MDB_SUCCESS ? key_sequence(&key) : 0;
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return code == MDB_NOTFOUND ? EN_OK : from_mdb(code);
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
		return from_mdb(code);
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
		return from_mdb(code);
	}
	return from_mdb(mdb_txn_commit(txn));
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

static const struct store_ops lmdb_ops = {
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

static enum en_err
lock_folder(struct store_lmdb *l, const char *folder, char what[256])
{
	char path[4096];
	int parent;

	if (strlen(folder) > sizeof(path) - 32) {
		snprintf(what, 256, "the folder's name is too long");
		return EN_ELIMIT;
	}
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		snprintf(what, 256, "cannot create the folder %.200s", folder);
		return errno == EACCES || errno == EROFS ? EN_EDENIED : EN_EIO;
	}
	snprintf(path, sizeof(path), "%s/owner.lock", folder);
	l->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->lock_fd < 0) {
		snprintf(what, 256, "cannot write into the folder %.200s", folder);
		return errno == EACCES || errno == EROFS ? EN_EDENIED : EN_EIO;
	}
	if (flock(l->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		snprintf(what, 256, "another process has the journal in %.200s", folder);
		return EN_EBUSY;
	}
	parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent >= 0) {
		(void)fsync(parent);
		close(parent);
	}
	return EN_OK;
}

// LMDB maps the file and dies of SIGBUS when it is shorter than its last page says: compare before mapping. The two meta pages stand at the start.
static enum en_err
check_size(const char *path, char what[256])
{
	uint8_t metas[2 * 4096];
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint64_t last = 0;

	if (fd < 0) {
		return errno == ENOENT ? EN_OK : EN_EDENIED;
	}
	if (fstat(fd, &info) != 0 ||
	    (info.st_size > 0 && pread(fd, metas, sizeof(metas), 0) != (ssize_t)sizeof(metas))) {
		close(fd);
		snprintf(what, 256, "data.mdb is truncated");
		return info.st_size == 0 ? EN_OK : EN_ECORRUPT;
	}
	close(fd);
	for (int i = 0; i < 2 && info.st_size > 0; i++) {
		uint64_t page;

		// mm_last_pg: behind the page header (16), magic and version (8), address, map size (16), two databases (96).
		memcpy(&page, metas + i * 4096 + 16 + 8 + 16 + 96, sizeof(page));
		last = page > last ? page : last;
	}
	if (info.st_size > 0 && (uint64_t)info.st_size < (last + 1) * 4096) {
		snprintf(
		    what, 256, "data.mdb is shorter than its last page says: it was truncated; restore the backup");
		return EN_ECORRUPT;
	}
	return EN_OK;
}

static enum en_err
open_databases(struct store_lmdb *l, char what[256])
{
	uint8_t key_bytes[1 + sizeof(FORMAT_KEY) - 1] = {STORE_META}, version[1] = {FORMAT_VERSION};
	MDB_val key = {.mv_size = sizeof(key_bytes), .mv_data = key_bytes}, value = {.mv_size = 1, .mv_data = version};
	MDB_txn *txn;
	int code = mdb_txn_begin(l->env, NULL, 0, &txn);

	memcpy(key_bytes + 1, FORMAT_KEY, sizeof(FORMAT_KEY) - 1);
	if (code != MDB_SUCCESS) {
		return from_mdb(code);
	}
	code = mdb_dbi_open(txn, "blocks", MDB_CREATE, &l->blocks);
	code = code == MDB_SUCCESS ? mdb_dbi_open(txn, "rows", MDB_CREATE, &l->rows) : code;
	if (code == MDB_SUCCESS) {
		MDB_val there;

		code = mdb_get(txn, l->rows, &key, &there);
		if (code == MDB_NOTFOUND) {
			code = mdb_put(txn, l->rows, &key, &value, 0);
		} else if (code == MDB_SUCCESS &&
		    (there.mv_size != 1 || *(const uint8_t *)there.mv_data > FORMAT_VERSION)) {
			mdb_txn_abort(txn);
			snprintf(what, 256, "the journal was written by a newer enlace");
			return EN_EVERSION;
		}
	}
	if (code != MDB_SUCCESS) {
		mdb_txn_abort(txn);
		return from_mdb(code);
	}
	return from_mdb(mdb_txn_commit(txn));
}

static enum en_err
open_environment(struct store_lmdb *l, const char *folder, char what[256])
{
	MDB_stat stat;
	int code = mdb_env_create(&l->env), dead;

	snprintf(what, 256, "%.200s", folder);
	code = code == MDB_SUCCESS ? mdb_env_set_mapsize(l->env, LIMIT_JOURNAL_MAP_BYTES) : code;
	code = code == MDB_SUCCESS ? mdb_env_set_maxdbs(l->env, 4) : code;
	code = code == MDB_SUCCESS ? mdb_env_open(l->env, folder, MDB_NOTLS, 0600) : code;
	if (code != MDB_SUCCESS) {
		return from_mdb(code);
	}
	(void)mdb_reader_check(l->env, &dead);
	mdb_env_stat(l->env, &stat);
	l->page_bytes = stat.ms_psize;
	l->data_fd = open(l->data_path, O_RDWR | O_CLOEXEC);
	return l->data_fd < 0 ? EN_EIO : open_databases(l, what);
}

enum en_err
store_lmdb_open(const struct store_lmdb_options *options, struct store **ret, char reterr_what[256])
{
	struct store_lmdb *l = calloc(1, sizeof(*l));
	enum en_err err;

	if (l == NULL) {
		return EN_ENOMEM;
	}
	l->store.ops = &lmdb_ops;
	l->lock_fd = l->data_fd = -1;
	l->quota = options->quota_bytes;
	l->reserve = options->reserve_bytes;
	err = lock_folder(l, options->folder, reterr_what);
	if (err == EN_OK) {
		snprintf(l->data_path, sizeof(l->data_path), "%.4000s/data.mdb", options->folder);
		err = check_size(l->data_path, reterr_what);
	}
	if (err == EN_OK) {
		err = open_environment(l, options->folder, reterr_what);
	}
	if (err != EN_OK) {
		lmdb_close(&l->store);
		return err;
	}
	*ret = &l->store;
	return EN_OK;
}

// SPDX-License-Identifier: Apache-2.0
// Opening the embedded store: one owner, a file that is as long as its last page says, names that outlive a power
// cut, a format that this enlace knows.
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "journal/store_lmdb_int.h"

#define FORMAT_KEY "format"
#define FORMAT_VERSION 1
#define WHAT_BYTES 256

// LMDB's meta page as far as it is read here, in the byte order of the machine: behind a page header of 16 bytes.
#define META_MAGIC_AT 16 // u32, then u32 version, u64 address, u64 map size
#define META_PAGE_SIZE_AT 40 // u32, first field of the first of two databases of 48 bytes
#define META_LAST_PAGE_AT 136 // u64
#define META_BYTES 152
#define META_MAGIC 0xBEEFC0DEU

static enum en_err
file_error(void)
{
	switch (errno) {
	case EACCES:
	case EPERM:
	case EROFS:
	case ENOENT: // a path that leads nowhere is the settings' fault, as a folder of somebody else is
	case ENOTDIR:
		return EN_EDENIED;
	case ENOSPC:
	case EDQUOT:
		return EN_EFULL;
	default:
		return EN_EIO;
	}
}

static enum en_err
lock_folder(struct store_lmdb *l, char what[WHAT_BYTES])
{
	char *path = NULL;

	if (mkdir(l->folder, 0700) != 0 && errno != EEXIST) {
		snprintf(what, WHAT_BYTES, "cannot create the folder %.200s", l->folder);
		return file_error();
	}
	if (asprintf(&path, "%s/owner.lock", l->folder) < 0) {
		return EN_ENOMEM;
	}
	l->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(path);
	if (l->lock_fd < 0) {
		snprintf(what, WHAT_BYTES, "cannot write into the folder %.200s", l->folder);
		return file_error();
	}
	if (flock(l->lock_fd, LOCK_EX | LOCK_NB) != 0) {
		snprintf(what, WHAT_BYTES, "another process has the journal in %.200s", l->folder);
		return errno == EWOULDBLOCK ? EN_EBUSY : file_error();
	}
	return EN_OK;
}

// One of the two meta pages. False: it is not there or not LMDB's.
static bool
read_meta(int fd, off_t at, uint32_t *ret_page_bytes, uint64_t *ret_last_page)
{
	uint8_t bytes[META_BYTES];
	uint32_t magic;

	if (pread(fd, bytes, sizeof(bytes), at) != (ssize_t)sizeof(bytes)) {
		return false;
	}
	memcpy(&magic, bytes + META_MAGIC_AT, sizeof(magic));
	memcpy(ret_page_bytes, bytes + META_PAGE_SIZE_AT, sizeof(*ret_page_bytes));
	memcpy(ret_last_page, bytes + META_LAST_PAGE_AT, sizeof(*ret_last_page));
	return magic == META_MAGIC && *ret_page_bytes >= 512 && *ret_page_bytes <= 65536;
}

// LMDB maps the file and dies of SIGBUS when it is shorter than its last page says: compare before it is mapped.
static enum en_err
compare_size(int fd, char what[WHAT_BYTES])
{
	uint64_t last[2] = {0, 0};
	uint32_t page_bytes;
	struct stat info;

	if (fstat(fd, &info) != 0) {
		return EN_EIO;
	}
	if (info.st_size == 0) {
		return EN_OK; // created, and then the power went
	}
	if (!read_meta(fd, 0, &page_bytes, &last[0]) || !read_meta(fd, (off_t)page_bytes, &page_bytes, &last[1])) {
		snprintf(what, WHAT_BYTES, "data.mdb does not begin as it should: it is truncated or foreign");
		return EN_ECORRUPT;
	}
	last[0] = last[0] > last[1] ? last[0] : last[1];
	if (last[0] >= LIMIT_JOURNAL_MAP_BYTES / page_bytes || (uint64_t)info.st_size < (last[0] + 1) * page_bytes) {
		snprintf(what, WHAT_BYTES,
		    "data.mdb is shorter than its last page says: it was truncated; restore the backup");
		return EN_ECORRUPT;
	}
	return EN_OK;
}

static enum en_err
check_size(const struct store_lmdb *l, char what[WHAT_BYTES])
{
	int fd = open(l->data_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	enum en_err err;

	if (fd < 0) {
		snprintf(what, WHAT_BYTES, "cannot read %.200s", l->data_path);
		return errno == ENOENT ? EN_OK : file_error();
	}
	err = compare_size(fd, what);
	close(fd);
	return err;
}

static enum en_err
check_format(MDB_txn *txn, const struct store_lmdb *l, char what[WHAT_BYTES], int *ret_code)
{
	uint8_t bytes[STORE_LMDB_KEY_BYTES], version[1] = {FORMAT_VERSION};
	MDB_val key, there, value = {.mv_size = 1, .mv_data = version};

	store_lmdb_row_key(bytes, STORE_META, view_text(FORMAT_KEY), &key);
	*ret_code = mdb_get(txn, l->rows, &key, &there);
	if (*ret_code == MDB_NOTFOUND) {
		*ret_code = mdb_put(txn, l->rows, &key, &value, 0);
	} else if (*ret_code == MDB_SUCCESS &&
	    (there.mv_size != 1 || *(const uint8_t *)there.mv_data > FORMAT_VERSION)) {
		snprintf(what, WHAT_BYTES, "the journal was written by a newer enlace");
		return EN_EVERSION;
	}
	return store_lmdb_error(*ret_code);
}

static enum en_err
open_databases(struct store_lmdb *l, char what[WHAT_BYTES])
{
	MDB_txn *txn;
	int code = mdb_txn_begin(l->env, NULL, 0, &txn);
	enum en_err err;

	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	code = mdb_dbi_open(txn, "blocks", MDB_CREATE, &l->blocks);
	code = code == MDB_SUCCESS ? mdb_dbi_open(txn, "rows", MDB_CREATE, &l->rows) : code;
	err = code == MDB_SUCCESS ? check_format(txn, l, what, &code) : store_lmdb_error(code);
	if (err != EN_OK) {
		mdb_txn_abort(txn);
		return err;
	}
	return store_lmdb_error(mdb_txn_commit(txn));
}

static enum en_err
sync_folder(const char *path, char what[WHAT_BYTES])
{
	enum en_err err = file_sync_folder(path);

	if (err != EN_OK) {
		snprintf(what, WHAT_BYTES, "cannot sync the folder %.200s", path);
	}
	return err;
}

// The names of new files, and of a new folder in its parent, are durable only with the folder that holds them
// (security R15).
static enum en_err
sync_names(const struct store_lmdb *l, char what[WHAT_BYTES])
{
	char *copy = strdup(l->folder);
	enum en_err err = copy == NULL ? EN_ENOMEM : sync_folder(l->folder, what);

	if (err == EN_OK) {
		const char *parent = dirname(copy);

		// A parent that may be entered but not read holds no new name of ours.
		err = access(parent, R_OK) == 0 ? sync_folder(parent, what) : EN_OK;
	}
	free(copy);
	return err;
}

static enum en_err
open_environment(struct store_lmdb *l, char what[WHAT_BYTES])
{
	MDB_stat stat;
	int code = mdb_env_create(&l->env), dead;

	snprintf(what, WHAT_BYTES, "%.200s", l->folder);
	code = code == MDB_SUCCESS ? mdb_env_set_mapsize(l->env, LIMIT_JOURNAL_MAP_BYTES) : code;
	code = code == MDB_SUCCESS ? mdb_env_set_maxdbs(l->env, 4) : code;
	code = code == MDB_SUCCESS ? mdb_env_open(l->env, l->folder, MDB_NOTLS, 0600) : code;
	// Readers that died with an earlier process hold pages back; nobody else may be here now.
	code = code == MDB_SUCCESS ? mdb_reader_check(l->env, &dead) : code;
	code = code == MDB_SUCCESS ? mdb_env_stat(l->env, &stat) : code;
	if (code != MDB_SUCCESS) {
		return store_lmdb_error(code);
	}
	l->page_bytes = stat.ms_psize;
	l->data_fd = open(l->data_path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return l->data_fd < 0 ? file_error() : open_databases(l, what);
}

// What an earlier process allocated ahead is still there. A disk that is full now is no reason not to open.
static enum en_err
take_stock(struct store_lmdb *l)
{
	struct stat info;
	enum en_err err;

	if (fstat(l->data_fd, &info) != 0) {
		return EN_EIO;
	}
	atomic_store(&l->allocated,
	    (uint64_t)info.st_blocks * 512 < (uint64_t)info.st_size ? (uint64_t)info.st_blocks * 512
								    : (uint64_t)info.st_size);
	err = store_lmdb_make_room(l, 0);
	return err == EN_EFULL ? EN_OK : err;
}

enum en_err
store_lmdb_open(const struct store_lmdb_options *options, struct store **ret, char reterr_what[WHAT_BYTES])
{
	struct store_lmdb *l = calloc(1, sizeof(*l));
	enum en_err err = EN_ENOMEM;

	reterr_what[0] = '\0';
	if (l == NULL) {
		return EN_ENOMEM;
	}
	l->store.ops = &store_lmdb_ops;
	l->lock_fd = l->data_fd = -1;
	l->quota = options->quota_bytes;
	l->reserve = options->reserve_bytes;
	l->folder = strdup(options->folder);
	if (l->folder == NULL || asprintf(&l->data_path, "%s/data.mdb", options->folder) < 0) {
		l->data_path = NULL;
		goto out;
	}
	err = lock_folder(l, reterr_what);
	if (err == EN_OK) {
		err = check_size(l, reterr_what);
	}
	if (err == EN_OK) {
		err = open_environment(l, reterr_what);
	}
	if (err == EN_OK) {
		err = sync_names(l, reterr_what);
	}
	if (err == EN_OK) {
		err = take_stock(l);
	}
out:
	if (err != EN_OK) {
		store_lmdb_ops.close(&l->store);
		return err;
	}
	*ret = &l->store;
	return EN_OK;
}

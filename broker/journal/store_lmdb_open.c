// SPDX-License-Identifier: Apache-2.0
// Opening the embedded store: one owner, a file that is as long as its last page says, a format that this enlace knows.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "journal/store_lmdb_int.h"

#define FORMAT_KEY "format"
#define FORMAT_VERSION 1

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
		return store_lmdb_error(code);
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
		return store_lmdb_error(code);
	}
	return store_lmdb_error(mdb_txn_commit(txn));
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
		return store_lmdb_error(code);
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
	l->store.ops = &store_lmdb_ops;
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
		store_lmdb_ops.close(&l->store);
		return err;
	}
	*ret = &l->store;
	return EN_OK;
}

// SPDX-License-Identifier: Apache-2.0
// What room there is. The quota counts live bytes: free pages inside the file are room. The file itself is allocated
// ahead in steps, with the reserve on top, so that a full disk is met here, between two commits, and never inside
// one.
//
// The file is made as long as what is allocated. LMDB itself writes no page that a transaction took and gave back, so
// that a file of its own may end before its last page: whole, and not to be told from one that was cut off.
#include "journal/store_lmdb_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/limits.h"

static uint64_t
pages_of(MDB_txn *txn, MDB_dbi dbi)
{
	MDB_stat stat;

	return mdb_stat(txn, dbi, &stat) == MDB_SUCCESS
	    ? stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages
	    : 0;
}

struct lmdb_room
store_lmdb_room(struct store_lmdb *l)
{
	struct lmdb_room room = {0};
	MDB_envinfo info;
	MDB_txn *txn;

	mdb_env_info(l->env, &info);
	room.file_bytes = ((uint64_t)info.me_last_pgno + 1) * l->page_bytes;
	room.live_bytes = room.file_bytes;
	if (mdb_txn_begin(l->env, NULL, MDB_RDONLY, &txn) == MDB_SUCCESS) {
		// The two meta pages, LMDB's own two trees (0: free pages, 1: names of the others), ours.
		uint64_t pages =
		    2 + pages_of(txn, 0) + pages_of(txn, 1) + pages_of(txn, l->blocks) + pages_of(txn, l->rows);

		mdb_txn_abort(txn);
		if (pages * l->page_bytes < room.file_bytes) {
			room.live_bytes = pages * l->page_bytes;
		}
	}
	room.inside_bytes = room.file_bytes - room.live_bytes;
	return room;
}

static uint64_t
disk_free(const struct store_lmdb *l)
{
	struct statvfs disk;

	return fstatvfs(l->data_fd, &disk) == 0 ? (uint64_t)disk.f_bavail * disk.f_frsize : 0;
}

static enum en_err
allocate(struct store_lmdb *l, uint64_t upto)
{
	uint64_t allocated = atomic_load(&l->allocated);

	if (upto <= allocated) {
		return EN_OK;
	}
	if (fallocate(l->data_fd, 0, 0, (off_t)upto) != 0) {
		if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
			return EN_EFULL;
		}
		if (errno != EOPNOTSUPP && errno != ENOSYS) {
			return EN_EIO;
		}
		// A file system that cannot promise room is asked how much it has.
		if (disk_free(l) < upto - allocated || ftruncate(l->data_fd, (off_t)upto) != 0) {
			return EN_EFULL;
		}
	}
	atomic_store(&l->allocated, upto);
	return EN_OK;
}

enum en_err
store_lmdb_make_room(struct store_lmdb *l, uint64_t need)
{
	struct lmdb_room room = store_lmdb_room(l);
	uint64_t steps = (room.file_bytes + need + l->reserve) / LIMIT_JOURNAL_STEP_BYTES + 1;
	enum en_err err;

	if (room.live_bytes + need > l->quota + l->reserve) {
		return EN_EFULL;
	}
	err = allocate(l, steps * LIMIT_JOURNAL_STEP_BYTES);
	if (err == EN_EFULL) {
		err = allocate(l, room.file_bytes + need); // into the reserve
	}
	// Blocks need pages side by side, so not all that is free inside can be used: half of it is counted on.
	return err == EN_EFULL && need > 0 && room.inside_bytes / 2 >= need ? EN_OK : err;
}

enum en_err
store_lmdb_space(struct store *s, struct store_space *ret)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	struct lmdb_room room = store_lmdb_room(l);
	uint64_t allocated = atomic_load(&l->allocated), physical;

	ret->used_bytes = room.live_bytes;
	ret->quota_bytes = l->quota;
	ret->disk_free_bytes = disk_free(l);
	ret->free_bytes = l->quota > room.live_bytes ? l->quota - room.live_bytes : 0;
	physical = ret->disk_free_bytes + room.inside_bytes / 2 +
	    (allocated > room.file_bytes ? allocated - room.file_bytes : 0);
	physical = physical > l->reserve ? physical - l->reserve : 0;
	ret->free_bytes = ret->free_bytes < physical ? ret->free_bytes : physical;
	return EN_OK;
}

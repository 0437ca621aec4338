// SPDX-License-Identifier: Apache-2.0
// What store_lmdb.c (the operations) and store_lmdb_open.c (everything before the first of them) share.
#ifndef EN_JOURNAL_STORE_LMDB_INT_H
#define EN_JOURNAL_STORE_LMDB_INT_H

#include <lmdb.h>

#include "journal/store.h"

struct store_lmdb {
	struct store store;
	MDB_env *env;
	MDB_dbi blocks, rows;
	char data_path[4096];
	int lock_fd, data_fd;
	uint64_t quota, reserve, allocated;
	unsigned int page_bytes;
};

extern const struct store_ops store_lmdb_ops;
// What LMDB's code means here.
enum en_err store_lmdb_error(int code);

#endif

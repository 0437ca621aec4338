// SPDX-License-Identifier: Apache-2.0
// Append and trim: one transaction each time, after the question whether there is room for it.
#include "journal/store_lmdb_int.h"

#include "base/limits.h"

#define TREE_PAGES 16 // copied on the way from a root to a leaf, of the trees and of the list of free pages

static uint64_t
bytes_of(const struct store_lmdb *l, const struct store_batch *batch)
{
	uint64_t pages = TREE_PAGES + batch->block.len / l->page_bytes + 1;

	// At worst every row lies on a leaf of its own, which is copied.
	for (size_t i = 0; i < batch->row_count; i++) {
		pages += 1 + (batch->rows[i].key.len + batch->rows[i].value.len) / l->page_bytes;
	}
	return pages * l->page_bytes;
}

enum en_err
store_lmdb_append(struct store *s, const struct store_batch *batch)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	struct lmdb_txn t;
	enum en_err err = store_lmdb_make_room(l, bytes_of(l, batch));

	if (err != EN_OK) {
		return err;
	}
	lmdb_txn_begin(&t, l);
	if (batch->first_sequence != 0) {
		lmdb_txn_put_block(&t, batch->first_sequence, batch->block);
	}
	for (size_t i = 0; i < batch->row_count; i++) {
		lmdb_txn_put_row(&t, &batch->rows[i]);
	}
	return lmdb_txn_end(&t);
}

// Removes some blocks; *ret_more says whether there may be others. A block ends where the next one begins, so the
// last one stays.
static void
trim_some(struct lmdb_txn *t, uint64_t keep_from, bool *ret_more)
{
	MDB_val key, value, next_key, next_value;
	MDB_cursor *cursor = NULL;

	*ret_more = false;
	if (t->code == MDB_SUCCESS) {
		t->code = mdb_cursor_open(t->txn, t->store->blocks, &cursor);
	}
	for (size_t i = 0; t->code == MDB_SUCCESS; i++) {
		t->code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
		if (t->code == MDB_SUCCESS) {
			t->code = mdb_cursor_get(cursor, &next_key, &next_value, MDB_NEXT);
		}
		if (t->code != MDB_SUCCESS || store_lmdb_key_sequence(&next_key) > keep_from) {
			break;
		}
		if (i == LIMIT_TRIM_BLOCKS) {
			*ret_more = true;
			break;
		}
		t->code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
		t->code = t->code == MDB_SUCCESS ? mdb_cursor_del(cursor, 0) : t->code;
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	t->code = t->code == MDB_NOTFOUND ? MDB_SUCCESS : t->code;
}

// In short transactions. No question for room: a trim needs a few pages, which the reserve holds, and gives many.
enum en_err
store_lmdb_trim(struct store *s, uint64_t keep_from)
{
	struct store_lmdb *l = (struct store_lmdb *)s;
	struct lmdb_txn t;
	bool more = true;
	enum en_err err = EN_OK;

	while (more && err == EN_OK) {
		lmdb_txn_begin(&t, l);
		trim_some(&t, keep_from, &more);
		err = lmdb_txn_end(&t);
	}
	return err;
}

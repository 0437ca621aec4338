// SPDX-License-Identifier: Apache-2.0
// The reference store: sorted arrays in memory, naive on purpose. Every answer of the LMDB store must be the same as
// this one's.
#include <pthread.h>
#include <stdlib.h>

#include "journal/store.h"

struct entry {
	uint8_t *key, *value;
	size_t key_len, value_len;
};

struct sorted {
	struct entry *items;
	size_t count, cap;
};

struct store_mem {
	struct store store;
	pthread_mutex_t lock;
	struct sorted tables[STORE_TABLE_COUNT]; // 0: the blocks, under their first sequence
	uint64_t quota, used;
};

static void
put_sequence(uint8_t key[8], uint64_t sequence)
{
	for (int i = 0; i < 8; i++) {
		key[i] = (uint8_t)(sequence >> (56 - 8 * i));
	}
}

static uint64_t
get_sequence(const uint8_t *key)
{
	struct rd r = rd_init(view_of(key, 8));

	return rd_u64(&r);
}

// The first entry that is not below the key.
static size_t
find(const struct sorted *t, struct view key)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (view_compare(view_of(t->items[middle].key, t->items[middle].key_len), key) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static bool
is_at(const struct sorted *t, size_t at, struct view key)
{
	return at < t->count && view_equal(view_of(t->items[at].key, t->items[at].key_len), key);
}

static void
drop(struct store_mem *m, struct sorted *t, size_t at)
{
	m->used -= t->items[at].key_len + t->items[at].value_len;
	free(t->items[at].key);
	free(t->items[at].value);
	memmove(t->items + at, t->items + at + 1, (--t->count - at) * sizeof(*t->items));
}

static enum en_err
put(struct store_mem *m, struct sorted *t, struct view key, struct view value)
{
	size_t at = find(t, key);
	struct entry e = {
	    .key = malloc(key.len + 1), .value = malloc(value.len + 1), .key_len = key.len, .value_len = value.len};

	if (e.key == NULL || e.value == NULL) {
		free(e.key);
		free(e.value);
		return EN_ENOMEM;
	}
	if (key.len > 0) {
		memcpy(e.key, key.data, key.len);
	}
	if (value.len > 0) {
		memcpy(e.value, value.data, value.len);
	}
	if (is_at(t, at, key)) {
		drop(m, t, at);
	}
	if (t->count == t->cap) {
		size_t cap = t->cap == 0 ? 16 : t->cap * 2;
		struct entry *grown = realloc(t->items, cap * sizeof(*grown));

		if (grown == NULL) {
			free(e.key);
			free(e.value);
			return EN_ENOMEM;
		}
		t->items = grown;
		t->cap = cap;
	}
	memmove(t->items + at + 1, t->items + at, (t->count++ - at) * sizeof(*t->items));
	t->items[at] = e;
	m->used += key.len + value.len;
	return EN_OK;
}

static enum en_err
mem_append(struct store *s, const struct store_batch *batch)
{
	struct store_mem *m = (struct store_mem *)s;
	size_t need = batch->block.len;
	enum en_err err = EN_OK;
	uint8_t key[8];

	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < batch->row_count; i++) {
		need += batch->rows[i].is_delete ? 0 : batch->rows[i].key.len + batch->rows[i].value.len;
	}
	if (m->used + need > m->quota) {
		err = EN_EFULL; // before anything changed
	}
	if (err == EN_OK && batch->first_sequence != 0) {
		put_sequence(key, batch->first_sequence);
		err = put(m, &m->tables[0], view_of(key, 8), batch->block);
	}
	for (size_t i = 0; i < batch->row_count && err == EN_OK; i++) {
		struct sorted *t = &m->tables[batch->rows[i].table];
		size_t at = find(t, batch->rows[i].key);

		if (!batch->rows[i].is_delete) {
			err = put(m, t, batch->rows[i].key, batch->rows[i].value);
		} else if (is_at(t, at, batch->rows[i].key)) {
			drop(m, t, at);
		}
	}
	pthread_mutex_unlock(&m->lock);
	return err;
}

static enum en_err
mem_read(struct store *s, uint64_t from, size_t max_bytes,
    bool (*take)(void *context, uint64_t first_sequence, struct view block), void *context)
{
	struct store_mem *m = (struct store_mem *)s;
	uint8_t key[8];
	size_t at, given = 0;

	pthread_mutex_lock(&m->lock);
	put_sequence(key, from);
	at = find(&m->tables[0], view_of(key, 8));
	if (at > 0 && !is_at(&m->tables[0], at, view_of(key, 8))) {
		at--; // the block that from lies in
	}
	for (; at < m->tables[0].count && given < max_bytes; at++) {
		const struct entry *e = &m->tables[0].items[at];

		given += e->value_len;
		if (!take(context, get_sequence(e->key), view_of(e->value, e->value_len))) {
			break;
		}
	}
	pthread_mutex_unlock(&m->lock);
	return EN_OK;
}

static enum en_err
mem_get(struct store *s, enum store_table table, struct view key, struct buf *ret)
{
	struct store_mem *m = (struct store_mem *)s;
	size_t at;
	enum en_err err = EN_ENOTFOUND;

	pthread_mutex_lock(&m->lock);
	at = find(&m->tables[table], key);
	if (is_at(&m->tables[table], at, key)) {
		buf_put(ret, m->tables[table].items[at].value, m->tables[table].items[at].value_len);
		err = ret->err;
	}
	pthread_mutex_unlock(&m->lock);
	return err;
}

static enum en_err
mem_scan(struct store *s, enum store_table table, bool (*take)(void *context, struct view key, struct view value),
    void *context)
{
	struct store_mem *m = (struct store_mem *)s;

	pthread_mutex_lock(&m->lock);
	for (size_t i = 0; i < m->tables[table].count; i++) {
		const struct entry *e = &m->tables[table].items[i];

		if (!take(context, view_of(e->key, e->key_len), view_of(e->value, e->value_len))) {
			break;
		}
	}
	pthread_mutex_unlock(&m->lock);
	return EN_OK;
}

static enum en_err
mem_last_block(struct store *s, uint64_t *ret)
{
	struct store_mem *m = (struct store_mem *)s;

	pthread_mutex_lock(&m->lock);
	*ret = m->tables[0].count == 0 ? 0 : get_sequence(m->tables[0].items[m->tables[0].count - 1].key);
	pthread_mutex_unlock(&m->lock);
	return EN_OK;
}

static enum en_err
mem_space(struct store *s, struct store_space *ret)
{
	struct store_mem *m = (struct store_mem *)s;

	pthread_mutex_lock(&m->lock);
	*ret = (struct store_space){.used_bytes = m->used,
	    .quota_bytes = m->quota,
	    .free_bytes = m->quota - m->used,
	    .disk_free_bytes = m->quota - m->used};
	pthread_mutex_unlock(&m->lock);
	return EN_OK;
}

static enum en_err
mem_trim(struct store *s, uint64_t keep_from)
{
	struct store_mem *m = (struct store_mem *)s;
	struct sorted *t = &m->tables[0];

	pthread_mutex_lock(&m->lock);
	// A block ends where the next one begins.
	while (t->count > 1 && get_sequence(t->items[1].key) <= keep_from) {
		drop(m, t, 0);
	}
	pthread_mutex_unlock(&m->lock);
	return EN_OK;
}

static void
mem_close(struct store *s)
{
	struct store_mem *m = (struct store_mem *)s;

	for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
		while (m->tables[i].count > 0) {
			drop(m, &m->tables[i], m->tables[i].count - 1);
		}
		free(m->tables[i].items);
	}
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static const struct store_ops mem_ops = {
    .name = "mem",
    .append = mem_append,
    .read = mem_read,
    .get = mem_get,
    .scan = mem_scan,
    .last_block = mem_last_block,
    .space = mem_space,
    .trim = mem_trim,
    .close = mem_close,
};

enum en_err
store_mem_open(uint64_t quota_bytes, struct store **ret)
{
	struct store_mem *m = calloc(1, sizeof(*m));

	if (m == NULL) {
		return EN_ENOMEM;
	}
	m->store.ops = &mem_ops;
	m->quota = quota_bytes;
	pthread_mutex_init(&m->lock, NULL);
	*ret = &m->store;
	return EN_OK;
}

// SPDX-License-Identifier: Apache-2.0
#include "support/store_fault.h"

#include <pthread.h>
#include <stdlib.h>

struct store_fault {
	struct store store;
	struct store *inner;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_holding, is_held, fails;
	size_t appends, good;
	enum en_err err;
	uint64_t flipped, lost, renamed, as;
	size_t offset;
	uint8_t bits;
};

static enum en_err
fault_append(struct store *s, const struct store_batch *batch)
{
	struct store_fault *f = (struct store_fault *)s;
	enum en_err err = EN_OK;

	pthread_mutex_lock(&f->lock);
	while (f->is_holding) {
		f->is_held = true;
		pthread_cond_broadcast(&f->changed);
		pthread_cond_wait(&f->changed, &f->lock);
	}
	f->is_held = false;
	f->appends++;
	if (f->fails && f->good == 0) {
		err = f->err;
	} else if (f->fails) {
		f->good--;
	}
	pthread_mutex_unlock(&f->lock);
	return err == EN_OK ? f->inner->ops->append(f->inner, batch) : err;
}

struct reading {
	struct store_fault *f;
	bool (*take)(void *context, uint64_t first_sequence, struct view block);
	void *context;
};

static bool
fault_take(void *context, uint64_t first, struct view block)
{
	struct reading *r = context;
	struct store_fault *f = r->f;
	uint8_t *copy;
	bool goes_on;

	if (first == f->lost) {
		return true;
	}
	copy = malloc(block.len); // of the exact size, so that a sanitizer sees what reads past it
	memcpy(copy, block.data, block.len);
	if (first == f->flipped && f->offset < block.len) {
		copy[f->offset] ^= f->bits;
	}
	goes_on = r->take(r->context, first == f->renamed && first != 0 ? f->as : first, view_of(copy, block.len));
	free(copy);
	return goes_on;
}

static enum en_err
fault_read(struct store *s, uint64_t from, size_t max_bytes,
    bool (*take)(void *context, uint64_t first_sequence, struct view block), void *context)
{
	struct store_fault *f = (struct store_fault *)s;
	struct reading r = {.f = f, .take = take, .context = context};

	return f->inner->ops->read(f->inner, from, max_bytes, fault_take, &r);
}

static enum en_err
fault_get(struct store *s, enum store_table table, struct view key, struct buf *ret)
{
	struct store *inner = ((struct store_fault *)s)->inner;

	return inner->ops->get(inner, table, key, ret);
}

static enum en_err
fault_scan(struct store *s, enum store_table table, bool (*take)(void *context, struct view key, struct view value),
    void *context)
{
	struct store *inner = ((struct store_fault *)s)->inner;

	return inner->ops->scan(inner, table, take, context);
}

static enum en_err
fault_last_block(struct store *s, uint64_t *ret)
{
	struct store *inner = ((struct store_fault *)s)->inner;

	return inner->ops->last_block(inner, ret);
}

static enum en_err
fault_space(struct store *s, struct store_space *ret)
{
	struct store *inner = ((struct store_fault *)s)->inner;

	return inner->ops->space(inner, ret);
}

static enum en_err
fault_trim(struct store *s, uint64_t keep_from)
{
	struct store *inner = ((struct store_fault *)s)->inner;

	return inner->ops->trim(inner, keep_from);
}

static void
fault_close(struct store *s)
{
	struct store_fault *f = (struct store_fault *)s;

	f->inner->ops->close(f->inner);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static const struct store_ops fault_ops = {
    .name = "fault",
    .append = fault_append,
    .read = fault_read,
    .get = fault_get,
    .scan = fault_scan,
    .last_block = fault_last_block,
    .space = fault_space,
    .trim = fault_trim,
    .close = fault_close,
};

struct store_fault *
store_fault_new(uint64_t quota_bytes)
{
	struct store_fault *f = calloc(1, sizeof(*f));

	if (f == NULL || store_mem_open(quota_bytes, &f->inner) != EN_OK) {
		abort();
	}
	f->store.ops = &fault_ops;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	return f;
}

struct store *
store_fault_store(struct store_fault *f)
{
	return &f->store;
}

void
store_fault_hold(struct store_fault *f)
{
	pthread_mutex_lock(&f->lock);
	f->is_holding = true;
	pthread_mutex_unlock(&f->lock);
}

void
store_fault_let_go(struct store_fault *f)
{
	pthread_mutex_lock(&f->lock);
	f->is_holding = false;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

void
store_fault_await_held(struct store_fault *f)
{
	pthread_mutex_lock(&f->lock);
	while (!f->is_held) {
		pthread_cond_wait(&f->changed, &f->lock);
	}
	pthread_mutex_unlock(&f->lock);
}

void
store_fault_fail(struct store_fault *f, size_t good, enum en_err err)
{
	pthread_mutex_lock(&f->lock);
	f->fails = true;
	f->good = good;
	f->err = err;
	pthread_mutex_unlock(&f->lock);
}

size_t
store_fault_appends(struct store_fault *f)
{
	size_t appends;

	pthread_mutex_lock(&f->lock);
	appends = f->appends;
	pthread_mutex_unlock(&f->lock);
	return appends;
}

void
store_fault_flip(struct store_fault *f, uint64_t first_sequence, size_t offset, uint8_t bits)
{
	f->flipped = first_sequence;
	f->offset = offset;
	f->bits = bits;
}

void
store_fault_lose(struct store_fault *f, uint64_t first_sequence)
{
	f->lost = first_sequence;
}

void
store_fault_rename(struct store_fault *f, uint64_t first_sequence, uint64_t as)
{
	f->renamed = first_sequence;
	f->as = as;
}

struct wanted_block {
	uint64_t first;
	struct buf *ret;
};

static bool
keep_block(void *context, uint64_t first, struct view block)
{
	struct wanted_block *w = context;

	if (first == w->first) {
		buf_put_view(w->ret, block);
	}
	return first < w->first;
}

void
store_fault_block(struct store_fault *f, uint64_t first_sequence, struct buf *ret)
{
	struct wanted_block w = {.first = first_sequence, .ret = ret};

	if (f->inner->ops->read(f->inner, first_sequence, SIZE_MAX, keep_block, &w) != EN_OK) {
		abort();
	}
}

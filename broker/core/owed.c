// SPDX-License-Identifier: Apache-2.0
#include "core/owed.h"

#include <stdlib.h>

#define COMPACT_FROM 1024 // ended entries, before it is worth a walk

enum en_err
numbers_push(struct numbers *n, uint64_t number)
{
	if (n->count == n->cap) {
		size_t cap = n->cap == 0 ? 8 : n->cap * 2;
		uint64_t *grown = realloc(n->items, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		n->items = grown;
		n->cap = cap;
	}
	n->items[n->count++] = number;
	return EN_OK;
}

enum en_err
numbers_add(struct numbers *n, uint64_t number)
{
	// What changes is mostly what changed last.
	for (size_t i = n->count; i > 0; i--) {
		if (n->items[i - 1] == number) {
			return EN_OK;
		}
	}
	return numbers_push(n, number);
}

void
numbers_fini(struct numbers *n)
{
	free(n->items);
	*n = (struct numbers){.count = 0};
}

void
owed_fini(struct owed_lane *l)
{
	free(l->items);
	numbers_fini(&l->dirty);
	*l = (struct owed_lane){.count = 0};
}

static enum en_err
make_room(struct owed_lane *l)
{
	struct owed *grown;
	size_t cap = l->cap == 0 ? 64 : l->cap * 2;

	if (l->head + l->count < l->cap) {
		return EN_OK;
	}
	if (l->head > l->cap / 2) {
		memmove(l->items, l->items + l->head, l->count * sizeof(*l->items));
		l->head = 0;
		return EN_OK;
	}
	grown = realloc(l->items, cap * sizeof(*grown));
	if (grown == NULL) {
		return EN_ENOMEM;
	}
	l->items = grown;
	l->cap = cap;
	return EN_OK;
}

// The first entry whose number is not below, counted from head.
static size_t
lower_bound(const struct owed_lane *l, uint64_t number)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->items[l->head + middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

enum en_err
owed_add(struct owed_lane *l, const struct owed *o)
{
	enum en_err err = make_room(l);
	struct owed *at;
	size_t place;

	if (err == EN_OK) {
		err = owed_touch(l, o);
	}
	if (err != EN_OK) {
		return err;
	}
	place =
	    l->count > 0 && l->items[l->head + l->count - 1].number < o->number ? l->count : lower_bound(l, o->number);
	at = &l->items[l->head + place];
	memmove(at + 1, at, (l->count - place) * sizeof(*at));
	*at = *o;
	l->count++;
	l->waiting_from = place < l->waiting_from ? place : l->waiting_from;
	return EN_OK;
}

struct owed *
owed_find(const struct owed_lane *l, uint64_t number)
{
	size_t place = lower_bound(l, number);
	struct owed *o = place < l->count ? &l->items[l->head + place] : NULL;

	return o != NULL && o->number == number && o->state != OWED_ENDED ? o : NULL;
}

enum en_err
owed_touch(struct owed_lane *l, const struct owed *o)
{
	return numbers_add(&l->dirty, owed_chunk(o->number));
}

static void
compact(struct owed_lane *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (l->items[l->head + i].state != OWED_ENDED) {
			l->items[kept++] = l->items[l->head + i];
		}
	}
	l->head = l->ended = l->waiting_from = 0;
	l->count = kept;
}

enum en_err
owed_end(struct owed_lane *l, struct owed *o)
{
	enum en_err err = owed_touch(l, o);

	o->state = OWED_ENDED;
	l->ended++;
	while (l->count > 0 && l->items[l->head].state == OWED_ENDED) {
		l->head++;
		l->count--;
		l->ended--;
		l->waiting_from -= l->waiting_from > 0;
	}
	if (l->ended >= COMPACT_FROM && l->ended > l->count / 2) {
		compact(l);
	}
	return err;
}

void
owed_wait(struct owed_lane *l, struct owed *o)
{
	size_t at = (size_t)(o - (l->items + l->head));

	o->state = OWED_WAITING;
	l->waiting_from = at < l->waiting_from ? at : l->waiting_from;
}

size_t
owed_pending(const struct owed_lane *l)
{
	size_t pending = 0;

	for (size_t i = 0; i < l->count; i++) {
		pending += l->items[l->head + i].state != OWED_ENDED;
	}
	return pending;
}

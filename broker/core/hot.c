// SPDX-License-Identifier: Apache-2.0
#include "core/hot.h"

#include <stdlib.h>

#define SIZE_FIRST ((size_t)64 << 10)

void
hot_init(struct hot *h, size_t size_max)
{
	*h = (struct hot){.size_max = size_max};
}

void
hot_clear(struct hot *h)
{
	h->first = h->count = h->end = 0;
}

void
hot_fini(struct hot *h)
{
	free(h->items);
	free(h->bytes);
	*h = (struct hot){.count = 0};
}

static struct hot_record *
at(const struct hot *h, size_t i)
{
	return &h->items[(h->first + i) & (h->cap - 1)];
}

static void
drop_first(struct hot *h)
{
	h->first = (h->first + 1) & (h->cap - 1);
	h->count--;
}

static enum en_err
grow_items(struct hot *h)
{
	size_t cap = h->cap == 0 ? 256 : h->cap * 2;
	struct hot_record *items = malloc(cap * sizeof(*items));

	if (items == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < h->count; i++) {
		items[i] = *at(h, i);
	}
	free(h->items);
	h->items = items;
	h->cap = cap;
	h->first = 0;
	return EN_OK;
}

// A larger ring, with what is there laid out from its beginning.
static enum en_err
grow_bytes(struct hot *h, size_t size)
{
	uint8_t *bytes = malloc(size);
	size_t end = 0;

	if (bytes == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < h->count; i++) {
		struct hot_record *r = at(h, i);

		memcpy(bytes + end, h->bytes + r->at, r->len);
		r->at = end;
		end += r->len;
	}
	free(h->bytes);
	h->bytes = bytes;
	h->size = size;
	h->end = end;
	return EN_OK;
}

// Bodies lie one behind the other, and go on at the beginning when the end is reached; a body is never cut. *ret is where
// len bytes fit, behind the newest and before the oldest.
static bool
find_room(const struct hot *h, size_t len, size_t *ret)
{
	size_t oldest = h->count == 0 ? 0 : at(h, 0)->at;

	if (h->count == 0) {
		*ret = 0;
		return len <= h->size;
	}
	if (h->end > oldest) {
		*ret = h->size - h->end >= len ? h->end : 0;
		return *ret != 0 || len <= oldest;
	}
	*ret = h->end;
	return oldest - h->end >= len && len > 0;
}

enum en_err
hot_put(struct hot *h, const struct record *record)
{
	size_t len = record->body.len, place = 0;
	enum en_err err = EN_OK;

	if (h->count > 0 && at(h, h->count - 1)->sequence >= record->sequence) {
		hot_clear(h);
	}
	if (h->count == h->cap) {
		err = grow_items(h);
	}
	while (err == EN_OK && !find_room(h, len + 1, &place)) {
		size_t size = h->size == 0 ? SIZE_FIRST : h->size * 2;

		if (h->size < h->size_max && h->size < SIZE_MAX / 2) {
			err = grow_bytes(h, size < h->size_max ? size : h->size_max);
		} else if (h->count > 0) {
			drop_first(h);
		} else {
			err = grow_bytes(h, len + 1);
		}
	}
	if (err != EN_OK) {
		return err;
	}
	if (len > 0) {
		memcpy(h->bytes + place, record->body.data, len);
	}
	h->end = place + len + 1; // a byte more, so that full and empty are never the same
	h->count++;
	*at(h, h->count - 1) = (struct hot_record){.sequence = record->sequence,
	    .wall_ms = record->wall_ms,
	    .at = place,
	    .len = len,
	    .kind = record->is_damaged ? 0 : record->kind};
	return EN_OK;
}

bool
hot_find(const struct hot *h, uint64_t sequence, struct hot_record *ret)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (at(h, middle)->sequence < sequence) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == h->count || at(h, low)->sequence != sequence) {
		return false;
	}
	*ret = *at(h, low);
	ret->body = view_of(h->bytes + ret->at, ret->len);
	return true;
}

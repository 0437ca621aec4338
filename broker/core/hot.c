// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "core/engine.h"

void
hot_init(struct hot *h, size_t bytes_max)
{
	*h = (struct hot){.bytes_max = bytes_max};
}

static void
drop_first(struct hot *h)
{
	h->bytes -= h->items[h->head].len;
	free(h->items[h->head].body);
	h->head++;
	h->count--;
}

void
hot_clear(struct hot *h)
{
	while (h->count > 0) {
		drop_first(h);
	}
	h->head = 0;
}

void
hot_fini(struct hot *h)
{
	hot_clear(h);
	free(h->items);
	*h = (struct hot){.count = 0};
}

enum en_err
hot_put(struct hot *h, const struct record *record)
{
	struct hot_record r = {.sequence = record->sequence,
	    .wall_ms = record->wall_ms,
	    .kind = record->is_damaged ? 0 : record->kind,
	    .len = record->body.len};

	if (h->count > 0 && h->items[h->head + h->count - 1].sequence >= record->sequence) {
		hot_clear(h);
	}
	while (h->count > 0 && h->bytes + r.len > h->bytes_max) {
		drop_first(h);
	}
	if (h->head + h->count == h->cap) {
		if (h->head > h->cap / 2) {
			memmove(h->items, h->items + h->head, h->count * sizeof(*h->items));
			h->head = 0;
		} else {
			size_t cap = h->cap == 0 ? 256 : h->cap * 2;
			struct hot_record *grown = realloc(h->items, cap * sizeof(*grown));

			if (grown == NULL) {
				return EN_ENOMEM;
			}
			h->items = grown;
			h->cap = cap;
		}
	}
	r.body = malloc(r.len + 1);
	if (r.body == NULL) {
		return EN_ENOMEM;
	}
	memcpy(r.body, record->body.data == NULL ? (const uint8_t *)"" : record->body.data, r.len);
	h->items[h->head + h->count++] = r;
	h->bytes += r.len;
	return EN_OK;
}

const struct hot_record *
hot_find(const struct hot *h, uint64_t sequence)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (h->items[h->head + middle].sequence < sequence) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < h->count && h->items[h->head + low].sequence == sequence ? &h->items[h->head + low] : NULL;
}

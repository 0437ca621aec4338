// SPDX-License-Identifier: Apache-2.0
#include "core/held.h"

#include <stdlib.h>

void
held_init(struct held_table *t, uint64_t seed)
{
	*t = (struct held_table){.count = 0};
	strmap_init(&t->by_id, seed);
	strmap_init(&t->by_case, seed + 1);
}

struct held *
held_new(void)
{
	return calloc(1, sizeof(struct held));
}

void
held_free(struct held **hp)
{
	struct held *h = *hp;

	*hp = NULL;
	if (h == NULL) {
		return;
	}
	free(h->agency);
	free(h->source);
	free(h->id);
	free(h->field);
	free(h->place);
	free(h->type);
	free(h);
}

void
held_fini(struct held_table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		held_free(&t->items[i]);
	}
	free(t->items);
	strmap_fini(&t->by_id);
	strmap_fini(&t->by_case);
	numbers_fini(&t->gone);
	*t = (struct held_table){.count = 0};
}

static struct view
key_of(const uint64_t *case_key)
{
	return view_of(case_key, sizeof(*case_key));
}

// Where a sequence stands, or would.
static size_t
lower_bound(const struct held_table *t, uint64_t sequence)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->items[middle]->sequence < sequence) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static enum en_err
link_case(struct held_table *t, struct held *h)
{
	struct held *first = strmap_get(&t->by_case, key_of(&h->case_key));

	if (first == NULL || h->order < first->order) {
		h->next = first;
		return strmap_put(&t->by_case, key_of(&h->case_key), h, NULL);
	}
	while (first->next != NULL && first->next->order < h->order) {
		first = first->next;
	}
	h->next = first->next;
	first->next = h;
	return EN_OK;
}

// The case's key is there already, so a put does not allocate.
static enum en_err
unlink_case(struct held_table *t, struct held *h)
{
	struct held *at = strmap_get(&t->by_case, key_of(&h->case_key));

	if (at != h) {
		while (at != NULL && at->next != h) {
			at = at->next;
		}
		if (at != NULL) {
			at->next = h->next;
		}
		return EN_OK;
	}
	if (h->next != NULL) {
		return strmap_put(&t->by_case, key_of(&h->case_key), h->next, NULL);
	}
	(void)strmap_remove(&t->by_case, key_of(&h->case_key));
	return EN_OK;
}

enum en_err
held_add(struct held_table *t, struct held **hp)
{
	struct held *h = *hp;
	size_t place = lower_bound(t, h->sequence);
	enum en_err err;

	if (t->count == t->cap) {
		size_t cap = t->cap == 0 ? 32 : t->cap * 2;
		struct held **grown = realloc(t->items, cap * sizeof(struct held *));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		t->items = grown;
		t->cap = cap;
	}
	err = strmap_put(&t->by_id, view_of(h->event_id, sizeof(h->event_id)), h, NULL);
	if (err == EN_OK) {
		err = link_case(t, h);
	}
	if (err != EN_OK) {
		return err;
	}
	memmove(&t->items[place + 1], &t->items[place], (t->count - place) * sizeof(struct held *));
	t->items[place] = h;
	t->count++;
	*hp = NULL;
	return EN_OK;
}

enum en_err
held_remove(struct held_table *t, struct held *h)
{
	size_t place = lower_bound(t, h->sequence);
	enum en_err err = h->is_saved ? numbers_push(&t->gone, h->sequence) : EN_OK;

	if (err == EN_OK) {
		err = unlink_case(t, h);
	}
	// A newer one may stand under the same id.
	if (strmap_get(&t->by_id, view_of(h->event_id, sizeof(h->event_id))) == h) {
		(void)strmap_remove(&t->by_id, view_of(h->event_id, sizeof(h->event_id)));
	}
	t->count--;
	memmove(&t->items[place], &t->items[place + 1], (t->count - place) * sizeof(struct held *));
	held_free(&h);
	return err;
}

struct held *
held_at(const struct held_table *t, uint64_t sequence)
{
	size_t place = lower_bound(t, sequence);

	return place < t->count && t->items[place]->sequence == sequence ? t->items[place] : NULL;
}

struct held *
held_by_id(const struct held_table *t, const uint8_t event_id[16])
{
	return strmap_get(&t->by_id, view_of(event_id, 16));
}

struct held *
held_first_of_case(const struct held_table *t, uint64_t case_key)
{
	return t->count == 0 ? NULL : strmap_get(&t->by_case, key_of(&case_key));
}

uint64_t
held_case_key(struct view source, uint64_t case_hash)
{
	return hash_bytes(case_hash, source);
}

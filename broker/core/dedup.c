// SPDX-License-Identifier: Apache-2.0
#include "core/dedup.h"

#include <stdlib.h>

void
dedup_init(struct dedup *d, uint32_t limit)
{
	*d = (struct dedup){.limit = limit};
	d->young.number = d->dropped_from = d->dropped_to = 1;
}

static void
generation_fini(struct dedup_generation *g)
{
	free(g->entries);
	free(g->slots);
	*g = (struct dedup_generation){.count = 0};
}

void
dedup_fini(struct dedup *d)
{
	generation_fini(&d->young);
	generation_fini(&d->old);
}

// The id is a keyed hash already: its first bytes spread well, and the ones behind them tell two ids in a slot's
// neighbourhood apart without a look at the entries, which lie far from here.
static uint32_t
slot_of(const struct dedup_generation *g, const uint8_t id[16])
{
	uint32_t first;

	memcpy(&first, id, sizeof(first));
	return first & (g->slot_cap - 1);
}

static uint32_t
tag_of(const uint8_t id[16])
{
	uint32_t tag;

	memcpy(&tag, id + 4, sizeof(tag));
	return tag;
}

static struct dedup_entry *
find_in(const struct dedup_generation *g, const uint8_t id[16])
{
	uint32_t tag = tag_of(id);

	if (g->slot_cap == 0) {
		return NULL;
	}
	for (uint32_t i = slot_of(g, id); g->slots[i].place != 0; i = (i + 1) & (g->slot_cap - 1)) {
		struct dedup_entry *e = &g->entries[g->slots[i].place - 1];

		if (g->slots[i].tag == tag && memcmp(e->id, id, 16) == 0) {
			return e;
		}
	}
	return NULL;
}

void
dedup_expect(const struct dedup *d, const uint8_t id[16])
{
	if (d->young.slot_cap != 0) {
		__builtin_prefetch(&d->young.slots[slot_of(&d->young, id)]);
	}
	if (d->old.slot_cap != 0) {
		__builtin_prefetch(&d->old.slots[slot_of(&d->old, id)]);
	}
}

const struct dedup_entry *
dedup_find(const struct dedup *d, const uint8_t id[16])
{
	const struct dedup_entry *e = find_in(&d->young, id);

	return e != NULL ? e : find_in(&d->old, id);
}

static void
link_entry(struct dedup_generation *g, uint32_t index)
{
	uint32_t i = slot_of(g, g->entries[index].id);

	while (g->slots[i].place != 0) {
		i = (i + 1) & (g->slot_cap - 1);
	}
	g->slots[i] = (struct dedup_slot){.place = index + 1, .tag = tag_of(g->entries[index].id)};
}

static enum en_err
grow(struct dedup_generation *g)
{
	uint32_t cap = g->cap == 0 ? 1024 : g->cap * 2, slot_cap = cap * 2;
	struct dedup_entry *entries = realloc(g->entries, cap * sizeof(*entries));
	struct dedup_slot *slots;

	if (entries == NULL) {
		return EN_ENOMEM;
	}
	g->entries = entries;
	slots = calloc(slot_cap, sizeof(*slots));
	if (slots == NULL) {
		return EN_ENOMEM;
	}
	free(g->slots);
	g->slots = slots;
	g->slot_cap = slot_cap;
	g->cap = cap;
	for (uint32_t i = 0; i < g->count; i++) {
		link_entry(g, i);
	}
	return EN_OK;
}

static enum en_err
add(struct dedup_generation *g, const struct dedup_entry *entry)
{
	enum en_err err = g->count == g->cap ? grow(g) : EN_OK;

	if (err == EN_OK) {
		g->entries[g->count] = *entry;
		link_entry(g, g->count++);
	}
	return err;
}

static void
grow_old(struct dedup *d)
{
	uint32_t next = d->young.number + 1;

	d->dropped_to = d->old.number != 0 ? d->old.number + 1 : d->dropped_to;
	generation_fini(&d->old);
	d->old = d->young;
	d->young = (struct dedup_generation){.number = next};
	d->saved_old = d->saved;
	d->saved = 0;
}

enum en_err
dedup_put(struct dedup *d, const struct dedup_entry *entry)
{
	struct dedup_entry *there = find_in(&d->young, entry->id);

	if (there != NULL) {
		uint32_t index = (uint32_t)(there - d->young.entries);

		*there = *entry;
		d->saved = index < d->saved ? index / DEDUP_CHUNK * DEDUP_CHUNK : d->saved;
		return EN_OK;
	}
	if (d->young.count == d->limit) {
		grow_old(d);
	}
	return add(&d->young, entry);
}

enum en_err
dedup_load(struct dedup *d, uint32_t generation, const struct dedup_entry *entry)
{
	struct dedup_generation *g = generation == d->old.number ? &d->old : &d->young;
	enum en_err err;

	if (d->young.count == 0 && d->old.count == 0) {
		d->young.number = d->dropped_from = d->dropped_to = generation;
	} else if (generation > d->young.number) {
		generation_fini(&d->old);
		d->old = d->young;
		d->young = (struct dedup_generation){.number = generation};
	} else if (generation != d->young.number && generation != d->old.number) {
		return EN_ECORRUPT; // rows come in order of generations, and there are two
	}
	err = add(g, entry);
	d->saved = d->young.count;
	d->saved_old = d->old.count;
	return err;
}

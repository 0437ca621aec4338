// SPDX-License-Identifier: Apache-2.0
// Lists and maps. Both grow at their end: a value that ends where its array ends takes the next place of it, any other is copied first.
//
// A map's table of keys is made when it has more than a few. The keys may be a stranger's, so its hash is seeded with the place of the map in memory,
// which a stranger does not know; what the language says does not depend on it, for entries stay in the order of their coming.
#include "expr/value.h"

#include <math.h>

#define FEW 8

// ---- lists ----------------------------------------------------------------------------------------------------------

bool
cel_list_new(struct arena *a, uint32_t room, struct cel_value *ret)
{
	struct cel_list *list = arena_alloc(a, sizeof(*list));
	struct cel_value *items = arena_alloc(a, room * sizeof(*items));

	if (list == NULL || items == NULL) {
		return false;
	}
	*list = (struct cel_list){.items = items, .cap = room};
	*ret = (struct cel_value){.kind = CEL_LIST, .list = list};
	return true;
}

bool
cel_list_append(struct arena *a, struct cel_value *list, struct cel_value item)
{
	struct cel_list *l = list->list;

	if (list->n != l->used || l->used == l->cap) {
		struct cel_value grown;
		uint32_t room = list->n < 4 ? 8 : list->n * 2;

		if (list->n > UINT32_MAX / 4 || !cel_list_new(a, room, &grown)) {
			return false;
		}
		memcpy(grown.list->items, l->items, list->n * sizeof(*l->items));
		l = grown.list;
		l->used = list->n;
		list->list = l;
	}
	l->items[l->used++] = item;
	list->n = l->used;
	return true;
}

// ---- maps -----------------------------------------------------------------------------------------------------------

// Two keys are one when they are equal as values, whatever their types.
static bool
keys_equal(struct cel_value a, struct cel_value b)
{
	if (a.kind == CEL_STRING || b.kind == CEL_STRING) {
		return a.kind == b.kind && view_equal(cel_text(a), cel_text(b));
	}
	if (a.kind == CEL_BOOL || b.kind == CEL_BOOL) {
		return a.kind == b.kind && a.boolean == b.boolean;
	}
	// int and uint, in any order: the same bits, and not a negative int beside a large uint
	return a.integer == b.integer && (a.kind == b.kind || a.integer >= 0);
}

static uint64_t
hash_key(const struct cel_map *m, struct cel_value key)
{
	uint64_t seed = (uint64_t)(uintptr_t)m;

	if (key.kind == CEL_STRING) {
		return hash_bytes(seed, cel_text(key));
	}
	return hash_bytes(seed ^ (key.kind == CEL_BOOL), view_of(&key.unsigned_integer, sizeof(key.unsigned_integer)));
}

static void
put_slot(struct cel_map *m, uint32_t entry)
{
	uint32_t mask = m->slot_count - 1, at = (uint32_t)hash_key(m, m->entries[entry].key) & mask;

	while (m->slots[at] != 0) {
		at = (at + 1) & mask;
	}
	m->slots[at] = entry + 1;
}

// Slots for the capacity, at most half full.
static bool
make_slots(struct arena *a, struct cel_map *m)
{
	uint32_t count = 32;

	while (count < m->cap * 2) {
		count *= 2;
	}
	m->slots = arena_zalloc(a, count * sizeof(*m->slots));
	if (m->slots == NULL) {
		return false;
	}
	m->slot_count = count;
	for (uint32_t i = 0; i < m->used; i++) {
		put_slot(m, i);
	}
	return true;
}

bool
cel_map_new(struct arena *a, uint32_t room, struct cel_value *ret)
{
	struct cel_map *map = arena_alloc(a, sizeof(*map));
	struct cel_entry_value *entries = arena_alloc(a, room * sizeof(*entries));

	if (map == NULL || entries == NULL) {
		return false;
	}
	*map = (struct cel_map){.entries = entries, .cap = room};
	*ret = (struct cel_value){.kind = CEL_MAP, .map = map};
	return true;
}

static bool
grow_map(struct arena *a, struct cel_value *map)
{
	struct cel_value grown;
	struct cel_map *m = map->map;

	if (map->n > UINT32_MAX / 8 || !cel_map_new(a, map->n < 4 ? 8 : map->n * 2, &grown)) {
		return false;
	}
	memcpy(grown.map->entries, m->entries, map->n * sizeof(*m->entries));
	grown.map->used = map->n;
	grown.n = map->n;
	*map = grown;
	return true;
}

bool
cel_map_append(struct arena *a, struct cel_value *map, struct cel_value key, struct cel_value value)
{
	if ((map->n != map->map->used || map->map->used == map->map->cap) && !grow_map(a, map)) {
		return false;
	}
	struct cel_map *m = map->map;

	if (m->slots == NULL && m->used >= FEW && !make_slots(a, m)) {
		return false;
	}
	m->entries[m->used++] = (struct cel_entry_value){key, value};
	if (m->slots != NULL) {
		put_slot(m, m->used - 1);
	}
	map->n = m->used;
	return true;
}

// A double that is a whole number is a key like the integer of its value.
static bool
key_of_double(double d, struct cel_value *ret)
{
	if (isnan(d) || d != trunc(d) || d < -0x1p63 || d >= 0x1p64) {
		return false;
	}
	*ret = d < 0x1p63 ? cel_int((int64_t)d) : cel_uint((uint64_t)d);
	return true;
}

const struct cel_value *
cel_map_get(struct cel_value map, struct cel_value key)
{
	struct cel_map *m = map.map;

	if ((key.kind == CEL_DOUBLE && !key_of_double(key.number, &key)) || !cel_is_key(key)) {
		return NULL;
	}
	if (m->slots == NULL) {
		for (uint32_t i = 0; i < map.n; i++) {
			if (keys_equal(m->entries[i].key, key)) {
				return &m->entries[i].value;
			}
		}
		return NULL;
	}
	uint32_t mask = m->slot_count - 1, at = (uint32_t)hash_key(m, key) & mask;

	for (; m->slots[at] != 0; at = (at + 1) & mask) {
		if (keys_equal(m->entries[m->slots[at] - 1].key, key)) {
			return m->slots[at] <= map.n ? &m->entries[m->slots[at] - 1].value : NULL;
		}
	}
	return NULL;
}

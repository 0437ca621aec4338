// SPDX-License-Identifier: Apache-2.0
// Open addressing with linear probing over a power of two. A removed slot stays as a grave, so that a walk may remove
// the key it stands on; graves go away when the table is rebuilt, which happens when slots in use and graves fill
// three quarters.
//
// The hash is SipHash-1-3, written from its description: a peer who does not know the seed cannot find keys that
// collide.
#include "base/strmap.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_CAP 16U

struct strmap_slot {
	enum { SLOT_FREE, SLOT_GRAVE, SLOT_LIVE } state;
	uint64_t hash;
	uint8_t *key;
	size_t key_len;
	void *value;
};

static inline uint64_t
rotate(uint64_t x, unsigned by)
{
	return x << by | x >> (64 - by);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static uint64_t
sip_hash(uint64_t first, uint64_t second, struct view v)
{
	uint64_t s[4] = {
	    first ^ UINT64_C(0x736f6d6570736575),
	    second ^ UINT64_C(0x646f72616e646f6d),
	    first ^ UINT64_C(0x6c7967656e657261),
	    second ^ UINT64_C(0x7465646279746573),
	};
	const uint8_t *p = v.data;
	uint64_t word;

	for (size_t left = v.len; left >= 8; left -= 8, p += 8) {
		memcpy(&word, p, 8);
		word = le64toh(word);
		s[3] ^= word;
		sip_round(s);
		s[0] ^= word;
	}
	word = (uint64_t)v.len << 56;
	for (size_t i = 0; i < v.len % 8; i++) {
		word |= (uint64_t)p[i] << (8 * i);
	}
	s[3] ^= word;
	sip_round(s);
	s[0] ^= word;
	s[2] ^= 0xff;
	for (int i = 0; i < 3; i++) {
		sip_round(s);
	}
	return s[0] ^ s[1] ^ s[2] ^ s[3];
}

uint64_t
hash_bytes(uint64_t seed, struct view v)
{
	// The second half of the key is the seed turned and mixed: 64 bits of secret are what a table needs.
	return sip_hash(seed, rotate(seed, 29) ^ UINT64_C(0x9e3779b97f4a7c15), v);
}

uint64_t
hash_keyed(const uint8_t key[16], struct view v)
{
	uint64_t halves[2];

	memcpy(halves, key, sizeof(halves));
	return sip_hash(le64toh(halves[0]), le64toh(halves[1]), v);
}

void
strmap_init(struct strmap *m, uint64_t seed)
{
	*m = (struct strmap){.seed = seed};
}

void
strmap_fini(struct strmap *m)
{
	for (size_t i = 0; i < m->cap; i++) {
		free(m->slots[i].key);
	}
	free(m->slots);
	strmap_init(m, m->seed);
}

static bool
holds(const struct strmap_slot *slot, struct view key)
{
	return slot->state == SLOT_LIVE && view_equal(view_of(slot->key, slot->key_len), key);
}

// The live slot of the key, or NULL. There is always a free slot, so the walk ends.
static struct strmap_slot *
find(const struct strmap *m, struct view key, uint64_t hash)
{
	if (m->cap == 0) {
		return NULL;
	}
	for (size_t i = (size_t)hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
		struct strmap_slot *slot = &m->slots[i];

		if (slot->state == SLOT_FREE) {
			return NULL;
		}
		if (slot->hash == hash && holds(slot, key)) {
			return slot;
		}
	}
}

void *
strmap_get(const struct strmap *m, struct view key)
{
	struct strmap_slot *slot = find(m, key, hash_bytes(m->seed, key));

	return slot == NULL ? NULL : slot->value;
}

void *
strmap_get_again(struct strmap *m, struct view key)
{
	struct strmap_slot *slot = m->recent < m->cap ? &m->slots[m->recent] : NULL;

	if (slot == NULL || !holds(slot, key)) {
		slot = find(m, key, hash_bytes(m->seed, key));
		m->recent = slot == NULL ? m->recent : (size_t)(slot - m->slots);
	}
	return slot == NULL ? NULL : slot->value;
}

static struct strmap_slot *
free_slot(struct strmap_slot *slots, size_t cap, uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (slots[i].state == SLOT_LIVE) {
		i = (i + 1) & (cap - 1);
	}
	return &slots[i];
}

// Rebuilds the table without graves, with room for as many keys again as are live.
static enum en_err
rebuild(struct strmap *m)
{
	size_t cap = FIRST_CAP;

	while (cap / 2 <= m->count) {
		if (cap > SIZE_MAX / 2 / sizeof(*m->slots)) {
			return EN_ENOMEM;
		}
		cap *= 2;
	}
	struct strmap_slot *slots = calloc(cap, sizeof(*slots));

	if (slots == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < m->cap; i++) {
		if (m->slots[i].state == SLOT_LIVE) {
			*free_slot(slots, cap, m->slots[i].hash) = m->slots[i];
		}
	}
	free(m->slots);
	m->slots = slots;
	m->cap = cap;
	m->filled = m->count;
	return EN_OK;
}

enum en_err
strmap_put(struct strmap *m, struct view key, void *value, void **ret_old)
{
	uint64_t hash = hash_bytes(m->seed, key);
	struct strmap_slot *slot = find(m, key, hash);

	assert(value != NULL);
	if (slot != NULL) {
		if (ret_old != NULL) {
			*ret_old = slot->value;
		}
		slot->value = value;
		return EN_OK;
	}
	if (m->filled >= m->cap / 4 * 3) {
		enum en_err err = rebuild(m);

		if (err != EN_OK) {
			return err;
		}
	}
	uint8_t *copy = (uint8_t *)view_dup(key);

	if (copy == NULL) {
		return EN_ENOMEM;
	}
	slot = free_slot(m->slots, m->cap, hash);
	m->filled += slot->state == SLOT_FREE;
	m->count++;
	*slot = (struct strmap_slot){.state = SLOT_LIVE, .hash = hash, .key = copy, .key_len = key.len, .value = value};
	if (ret_old != NULL) {
		*ret_old = NULL;
	}
	return EN_OK;
}

void *
strmap_remove(struct strmap *m, struct view key)
{
	struct strmap_slot *slot = find(m, key, hash_bytes(m->seed, key));

	if (slot == NULL) {
		return NULL;
	}
	void *value = slot->value;

	free(slot->key);
	*slot = (struct strmap_slot){.state = SLOT_GRAVE};
	m->count--;
	return value;
}

bool
strmap_next(const struct strmap *m, size_t *at, struct view *ret_key, void **ret_value)
{
	while (*at < m->cap) {
		const struct strmap_slot *slot = &m->slots[(*at)++];

		if (slot->state == SLOT_LIVE) {
			*ret_key = view_of(slot->key, slot->key_len);
			*ret_value = slot->value;
			return true;
		}
	}
	return false;
}

// SPDX-License-Identifier: Apache-2.0
#include "core/state.h"

#include <stdlib.h>

void
state_init(struct state *s, const uint8_t hash_key[16], uint32_t dedup_limit)
{
	uint64_t seed;

	*s = (struct state){.dedup_limit = dedup_limit};
	memcpy(s->hash_key, hash_key, sizeof(s->hash_key));
	memcpy(&seed, hash_key, sizeof(seed));
	for (struct strmap *m = &s->agencies; m <= &s->consents; m++) {
		strmap_init(m, seed++);
	}
	held_init(&s->held, seed);
}

static void
free_values(struct strmap *m)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(m, &at, &key, &value)) {
		free(value);
	}
	strmap_fini(m);
}

void
state_fini(struct state *s)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(&s->subscriptions, &at, &key, &value)) {
		subscription_free(value);
	}
	strmap_fini(&s->subscriptions);
	for (at = 0; strmap_next(&s->dedups, &at, &key, &value);) {
		dedup_fini(value);
	}
	free_values(&s->dedups);
	for (at = 0; strmap_next(&s->consents, &at, &key, &value);) {
		buf_fini(&((struct consent *)value)->bytes);
	}
	free_values(&s->consents);
	for (at = 0; strmap_next(&s->referrals, &at, &key, &value);) {
		struct referral *r = value;

		referral_free(&r);
	}
	strmap_fini(&s->referrals);
	free_values(&s->references);
	free_values(&s->agencies);
	free_values(&s->clients);
	held_fini(&s->held);
	free(s->changed_referrals.items);
	free(s->changed_references.items);
	free(s->changed_consents.items);
	*s = (struct state){.sequence = 0};
}

enum en_err
changed_add(struct changed *c, bool *is_dirty, void *item)
{
	if (*is_dirty) {
		return EN_OK;
	}
	if (c->count == c->cap) {
		size_t cap = c->cap == 0 ? 64 : c->cap * 2;
		void **grown = realloc(c->items, cap * sizeof(void *));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		c->items = grown;
		c->cap = cap;
	}
	c->items[c->count++] = item;
	*is_dirty = true;
	return EN_OK;
}

static void *
find_or_add(struct strmap *m, struct view key, size_t size)
{
	void *value = strmap_get_again(m, key);

	if (value != NULL) {
		return value;
	}
	value = calloc(1, size);
	if (value != NULL && strmap_put(m, key, value, NULL) != EN_OK) {
		free(value);
		value = NULL;
	}
	return value;
}

struct agency_counts *
state_agency(struct state *s, struct view name)
{
	struct agency_counts *a = find_or_add(&s->agencies, name, sizeof(*a));

	if (a != NULL && a->name[0] == '\0' && name.len < sizeof(a->name)) {
		memcpy(a->name, name.data, name.len);
	}
	return a;
}

struct subscription_state *
state_subscription(struct state *s, struct view name)
{
	struct subscription_state *sub = find_or_add(&s->subscriptions, name, sizeof(*sub));

	if (sub != NULL && sub->name == NULL) {
		sub->name = view_dup(name);
	}
	return sub == NULL || sub->name == NULL ? NULL : sub;
}

struct dedup *
state_dedup(struct state *s, struct view source)
{
	struct dedup *d = strmap_get_again(&s->dedups, source);

	if (d == NULL) {
		d = find_or_add(&s->dedups, source, sizeof(*d));
		if (d != NULL) {
			dedup_init(d, s->dedup_limit);
		}
	}
	return d;
}

static struct view
client_key(char bytes[LIMIT_CLIENT_NAME_BYTES * 2 + 8], struct view agency, struct view client)
{
	size_t a = agency.len < 64 ? agency.len : 64,
	       c = client.len < LIMIT_CLIENT_NAME_BYTES ? client.len : LIMIT_CLIENT_NAME_BYTES;

	memcpy(bytes, agency.data, a);
	bytes[a] = '/';
	memcpy(bytes + a + 1, client.data, c);
	return view_of(bytes, a + 1 + c);
}

uint64_t
state_client_sequence(const struct state *s, const char *agency, const char *client)
{
	char bytes[LIMIT_CLIENT_NAME_BYTES * 2 + 8];
	const struct client *there = strmap_get(&s->clients, client_key(bytes, view_text(agency), view_text(client)));

	return there == NULL ? 0 : there->sequence;
}

enum en_err
state_set_client(struct state *s, struct view agency, struct view client, uint64_t sequence)
{
	char bytes[LIMIT_CLIENT_NAME_BYTES * 2 + 8];
	struct client *there;

	if (client.len == 0) {
		return EN_OK; // not of a client: taken up again by the broker
	}
	there = find_or_add(&s->clients, client_key(bytes, agency, client), sizeof(*there));
	if (there == NULL) {
		return EN_ENOMEM;
	}
	there->sequence = sequence > there->sequence ? sequence : there->sequence;
	there->is_dirty = true;
	return EN_OK;
}

struct referral *
state_referral(const struct state *s, struct view referral_id)
{
	return strmap_get(&s->referrals, referral_id);
}

void
state_reference_key(const struct state *s, struct view agency, struct view reference, uint8_t ret[16])
{
	struct view parts[] = {agency, reference};

	crypto_hash_parts(ret, 16, view_of(s->hash_key, sizeof(s->hash_key)), parts, 2);
}

const char *
state_referral_by(const struct state *s, struct view agency, struct view reference)
{
	const struct reference *there;
	uint8_t key[16];

	state_reference_key(s, agency, reference, key);
	there = strmap_get(&s->references, view_of(key, sizeof(key)));
	return there == NULL ? NULL : there->referral_id;
}

enum en_err
state_put_reference(struct state *s, const uint8_t key[16], struct view referral_id, bool is_dirty)
{
	struct reference *old = strmap_get(&s->references, view_of(key, 16)), *r;
	enum en_err err;

	if (old != NULL && view_is(referral_id, old->referral_id)) {
		return EN_OK;
	}
	r = calloc(1, sizeof(*r) + referral_id.len + 1);
	if (r == NULL) {
		return EN_ENOMEM;
	}
	memcpy(r->key, key, sizeof(r->key));
	memcpy(r->referral_id, referral_id.data, referral_id.len);
	err = strmap_put(&s->references, view_of(key, 16), r, NULL);
	if (err != EN_OK) {
		free(r);
		return err;
	}
	for (size_t i = 0; old != NULL && old->is_dirty && i < s->changed_references.count; i++) {
		if (s->changed_references.items[i] == old) {
			s->changed_references.items[i] = r;
			r->is_dirty = true;
		}
	}
	free(old);
	return is_dirty ? changed_add(&s->changed_references, &r->is_dirty, r) : EN_OK;
}

struct view
state_consent(const struct state *s, uint64_t case_hash)
{
	const struct consent *consent =
	    s->consents.count == 0 ? NULL : strmap_get(&s->consents, view_of(&case_hash, sizeof(case_hash)));

	return consent == NULL ? VIEW_EMPTY : buf_view(&consent->bytes);
}

enum en_err
state_put_consent(struct state *s, uint64_t case_hash, struct view bytes, bool is_dirty)
{
	struct consent *consent = find_or_add(&s->consents, view_of(&case_hash, sizeof(case_hash)), sizeof(*consent));

	if (consent == NULL) {
		return EN_ENOMEM;
	}
	consent->case_hash = case_hash;
	buf_clear(&consent->bytes);
	buf_put_view(&consent->bytes, bytes);
	if (consent->bytes.err != EN_OK) {
		return consent->bytes.err;
	}
	return is_dirty ? changed_add(&s->changed_consents, &consent->is_dirty, consent) : EN_OK;
}

uint64_t
state_case_hash(const struct state *s, struct view agency, struct view partition_key)
{
	uint8_t bytes[2 + 64 + LIMIT_ID_BYTES], digest[16];
	size_t a = agency.len < 64 ? agency.len : 64,
	       p = partition_key.len < LIMIT_ID_BYTES ? partition_key.len : LIMIT_ID_BYTES;
	uint64_t hash;

	bytes[0] = (uint8_t)a;
	memcpy(bytes + 1, agency.data, a);
	memcpy(bytes + 1 + a, partition_key.data, p);
	crypto_short_hash(digest, s->hash_key, view_of(bytes, 1 + a + p));
	memcpy(&hash, digest, sizeof(hash));
	return hash;
}

void
state_event_id(const struct state *s, struct view source, struct view id, uint8_t ret[16])
{
	uint8_t bytes[2 + 2 * LIMIT_ID_BYTES];
	size_t a = source.len < LIMIT_ID_BYTES ? source.len : LIMIT_ID_BYTES,
	       b = id.len < LIMIT_ID_BYTES ? id.len : LIMIT_ID_BYTES;

	bytes[0] = (uint8_t)a;
	memcpy(bytes + 1, source.data, a);
	memcpy(bytes + 1 + a, id.data, b);
	crypto_short_hash(ret, s->hash_key, view_of(bytes, 1 + a + b));
}

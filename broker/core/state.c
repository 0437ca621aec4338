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

static void
free_subscription(struct subscription_state *sub)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		free(sub->lanes[i].items);
	}
	free(sub->parked);
	free(sub->dead);
	free(sub->name);
	free(sub);
}

void
state_fini(struct state *s)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(&s->subscriptions, &at, &key, &value)) {
		free_subscription(value);
	}
	strmap_fini(&s->subscriptions);
	for (at = 0; strmap_next(&s->dedups, &at, &key, &value);) {
		dedup_fini(value);
	}
	free_values(&s->dedups);
	for (at = 0; strmap_next(&s->consents, &at, &key, &value);) {
		buf_fini(value);
	}
	free_values(&s->consents);
	free_values(&s->agencies);
	free_values(&s->clients);
	free_values(&s->referrals);
	free_values(&s->references);
	for (size_t i = 0; i < s->held_count; i++) {
		struct held *h = &s->held[i];

		free(h->agency);
		free(h->source);
		free(h->id);
		free(h->field);
		free(h->place);
		free(h->type);
	}
	free(s->held);
	*s = (struct state){.sequence = 0};
}

static void *
find_or_add(struct strmap *m, struct view key, size_t size)
{
	void *value = strmap_get(m, key);

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
	return find_or_add(&s->agencies, name, sizeof(struct agency_counts));
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
	struct dedup *d = strmap_get(&s->dedups, source);

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
	const uint64_t *sequence = strmap_get(&s->clients, client_key(bytes, view_text(agency), view_text(client)));

	return sequence == NULL ? 0 : *sequence;
}

enum en_err
state_set_client(struct state *s, struct view agency, struct view client, uint64_t sequence)
{
	char bytes[LIMIT_CLIENT_NAME_BYTES * 2 + 8];
	uint64_t *there;

	if (client.len == 0) {
		return EN_OK; // not of a client: released by an operator
	}
	there = find_or_add(&s->clients, client_key(bytes, agency, client), sizeof(*there));
	if (there == NULL) {
		return EN_ENOMEM;
	}
	*there = sequence > *there ? sequence : *there;
	return EN_OK;
}

struct held *
state_held_at(const struct state *s, uint64_t sequence)
{
	size_t low = 0, high = s->held_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->held[middle].sequence < sequence) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < s->held_count && s->held[low].sequence == sequence ? &s->held[low] : NULL;
}

struct held *
state_held_by_id(const struct state *s, const uint8_t event_id[16])
{
	for (size_t i = 0; i < s->held_count; i++) {
		if (memcmp(s->held[i].event_id, event_id, 16) == 0) {
			return &s->held[i];
		}
	}
	return NULL;
}

bool
state_case_is_held(const struct state *s, struct view agency, uint64_t case_hash)
{
	for (size_t i = 0; i < s->held_count; i++) {
		if (s->held[i].case_hash == case_hash && view_is(agency, s->held[i].agency)) {
			return true;
		}
	}
	return false;
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
	uint8_t key[16];

	state_reference_key(s, agency, reference, key);
	return strmap_get(&s->references, view_of(key, sizeof(key)));
}

struct view
state_consent(const struct state *s, uint64_t case_hash)
{
	const struct buf *consent = strmap_get(&s->consents, view_of(&case_hash, sizeof(case_hash)));

	return consent == NULL ? VIEW_EMPTY : buf_view(consent);
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

// SPDX-License-Identifier: Apache-2.0
// A checkpoint's rows back into the state: field by field what checkpoint.c writes. Tables come in the order of their
// numbers and rows in the order of their keys, but for dedup nothing relies on it.
#include <stdio.h>
#include <stdlib.h>

#include "core/state.h"

static enum en_err
load_agency(struct state *s, struct view name, struct view value)
{
	struct agency_counts *a = state_agency(s, name);
	struct rd r = rd_init(value);
	uint64_t reasons;

	if (a == NULL) {
		return EN_ENOMEM;
	}
	a->received = rd_varint(&r);
	a->recorded = rd_varint(&r);
	a->held = rd_varint(&r);
	a->refused = rd_varint(&r);
	a->last_position = rd_varint(&r);
	a->last_recorded_ms = (int64_t)rd_varint(&r);
	reasons = rd_varint(&r);
	for (uint64_t i = 0; i < reasons && r.err == EN_OK; i++) {
		uint64_t n = rd_varint(&r);

		if (i < REASON_COUNT) {
			a->refused_by[i] = n;
		}
	}
	return rd_end(&r);
}

static enum en_err
load_subscription(struct state *s, struct view name, struct view value)
{
	struct subscription_state *sub = state_subscription(s, name);
	struct rd r = rd_init(value);
	enum en_err err = EN_OK;
	uint64_t count;

	if (sub == NULL) {
		return EN_ENOMEM;
	}
	sub->matched = rd_varint(&r);
	count = rd_varint(&r);
	for (uint64_t i = 0; i < count && r.err == EN_OK; i++) {
		uint64_t n = rd_varint(&r);

		if (i < OUTCOME_COUNT) {
			sub->ended[i] = n;
		}
	}
	count = rd_varint(&r);
	for (uint64_t i = 0; i < count && r.err == EN_OK && err == EN_OK; i++) {
		struct parked p = {.number = rd_varint(&r)};

		p.not_before_ms = (int64_t)rd_varint(&r);
		p.lane = rd_u8(&r);
		err = subscription_park(sub, &p);
	}
	return err == EN_OK ? rd_end(&r) : err;
}

static enum en_err
load_counter(struct state *s, struct view key, struct view value)
{
	struct view name = view_of(key.data + (key.len > 0), key.len - (key.len > 0));

	if (key.len < 2) {
		return EN_ECORRUPT;
	}
	switch (key.data[0]) {
	case 'a':
		return load_agency(s, name, value);
	case 's':
		return load_subscription(s, name, value);
	default:
		return EN_ECORRUPT;
	}
}

static enum en_err
load_chunk(struct state *s, struct view key, struct view value)
{
	struct rd k = rd_init(key), v = rd_init(value);
	struct view name = rd_text(&k);
	uint8_t lane = rd_u8(&k);
	uint64_t chunk = rd_u64(&k), number = chunk << OWED_CHUNK_SHIFT;
	struct subscription_state *sub;
	enum en_err err = EN_OK;

	if (rd_end(&k) != EN_OK || lane >= LANE_COUNT) {
		return EN_ECORRUPT;
	}
	sub = state_subscription(s, name);
	if (sub == NULL) {
		return EN_ENOMEM;
	}
	while (rd_left(&v) > 0 && v.err == EN_OK && err == EN_OK) {
		struct owed o = {.number = number += rd_varint(&v)};

		o.case_hash = rd_u64(&v);
		o.recorded_ms = (int64_t)rd_varint(&v);
		o.is_parked = rd_u8(&v) != 0;
		o.attempt = rd_u8(&v);
		o.state = o.is_parked ? OWED_PAUSED : OWED_WAITING;
		err = v.err != EN_OK              ? v.err
		    : owed_chunk(number) != chunk ? EN_ECORRUPT
						  : owed_add(&sub->lanes[lane], &o);
	}
	sub->lanes[lane].dirty.count = 0; // it stands in its row
	return err == EN_OK ? rd_end(&v) : err;
}

static enum en_err
load_dead(struct state *s, struct view key, struct view value)
{
	struct rd k = rd_init(key), v = rd_init(value);
	struct view name = rd_text(&k), code;
	struct dead d = {.number = rd_u64(&k), .is_saved = true};
	struct subscription_state *sub;

	d.case_hash = rd_u64(&v);
	d.recorded_ms = (int64_t)rd_varint(&v);
	d.since_ms = (int64_t)rd_varint(&v);
	d.reason = rd_u8(&v);
	d.lane = rd_u8(&v);
	d.type = rd_u8(&v);
	d.attempt = rd_u8(&v);
	code = rd_text(&v);
	snprintf(d.code, sizeof(d.code), "%.*s", (int)code.len, (const char *)code.data);
	if (rd_end(&k) != EN_OK || rd_end(&v) != EN_OK) {
		return EN_ECORRUPT;
	}
	sub = state_subscription(s, name);
	return sub == NULL ? EN_ENOMEM : subscription_bury(sub, &d);
}

static enum en_err
load_held(struct state *s, struct view key, struct view value)
{
	struct rd k = rd_init(key), v = rd_init(value);
	struct held *h = held_new();
	enum en_err err;

	if (h == NULL) {
		return EN_ENOMEM;
	}
	h->sequence = rd_u64(&k);
	h->order = rd_varint(&v);
	h->case_hash = rd_u64(&v);
	rd_copy(&v, h->event_id, sizeof(h->event_id));
	h->reason = rd_u8(&v);
	h->since_ms = (int64_t)rd_varint(&v);
	h->is_saved = true;
	h->is_due = (enum reason)h->reason == REASON_REFERRAL_UNKNOWN;
	h->agency = view_dup(rd_text(&v));
	h->source = view_dup(rd_text(&v));
	h->id = view_dup(rd_text(&v));
	h->field = view_dup(rd_text(&v));
	h->place = view_dup(rd_text(&v));
	h->type = view_dup(rd_text(&v));
	err = rd_end(&k) == EN_OK ? rd_end(&v) : EN_ECORRUPT;
	if (err == EN_OK &&
	    (h->agency == NULL || h->source == NULL || h->id == NULL || h->field == NULL || h->place == NULL ||
		h->type == NULL)) {
		err = EN_ENOMEM;
	}
	if (err == EN_OK) {
		h->case_key = held_case_key(view_text(h->source), h->case_hash);
		err = held_add(&s->held, &h);
	}
	held_free(&h);
	return err;
}

// Version 1 did not say what they took.
static enum en_err
load_parties(struct state *s, struct rd *v, struct referral *r)
{
	uint64_t parties = rd_varint(v);
	enum en_err err = EN_OK;

	for (uint64_t i = 0; i < parties && v->err == EN_OK && err == EN_OK; i++) {
		const struct agency_counts *party = state_agency(s, rd_text(v));

		err = party == NULL ? EN_ENOMEM : referral_add_party(r, party);
	}
	for (uint16_t i = 0; i < r->party_count && rd_left(v) > 0; i++) {
		r->parties[i].taken = rd_varint(v);
	}
	return err == EN_OK ? rd_end(v) : err;
}

static enum en_err
load_referral(struct state *s, struct view key, struct view value)
{
	struct rd v = rd_init(value);
	struct view agency = rd_text(&v), source_case = rd_text(&v), source_service = rd_text(&v);
	const struct agency_counts *from = v.err == EN_OK ? state_agency(s, agency) : NULL;
	struct referral *r = from == NULL ? NULL : referral_new(key, from, source_case, source_service);
	enum en_err err = v.err != EN_OK ? v.err : r == NULL ? EN_ENOMEM : EN_OK;

	if (err == EN_OK) {
		r->sequence = rd_varint(&v);
		r->revision = (uint32_t)rd_varint(&v);
		r->state = rd_u8(&v);
		err = load_parties(s, &v, r);
	}
	if (err == EN_OK) {
		err = strmap_put(&s->referrals, key, r, NULL);
	}
	if (err != EN_OK) {
		referral_free(&r);
		return err;
	}
	s->referrals_in[r->state < REFERRAL_STATE_COUNT ? r->state : REFERRAL_UNKNOWN]++;
	return EN_OK;
}

static enum en_err
load_dedup(struct state *s, struct view key, struct view value)
{
	struct rd k = rd_init(key), v = rd_init(value);
	struct view source = rd_text(&k);
	uint32_t generation = rd_u32(&k);
	struct dedup *d;
	enum en_err err = EN_OK;

	(void)rd_u32(&k);
	d = rd_end(&k) == EN_OK ? state_dedup(s, source) : NULL;
	while (d != NULL && rd_left(&v) > 0 && err == EN_OK) {
		struct dedup_entry e;

		rd_copy(&v, e.id, sizeof(e.id));
		e.content = rd_u64(&v);
		e.sequence = rd_u64(&v);
		err = v.err != EN_OK ? v.err : dedup_load(d, generation, &e);
	}
	return d == NULL ? EN_ECORRUPT : err;
}

static enum en_err
load_client(struct state *s, struct view key, struct view value)
{
	struct client *c = calloc(1, sizeof(*c));
	struct rd r = rd_init(value);

	if (c == NULL || strmap_put(&s->clients, key, c, NULL) != EN_OK) {
		free(c);
		return EN_ENOMEM;
	}
	c->sequence = rd_varint(&r);
	return rd_end(&r);
}

static enum en_err
load_consent(struct state *s, struct view key, struct view value)
{
	uint64_t case_hash;

	if (key.len != sizeof(case_hash)) {
		return EN_ECORRUPT;
	}
	memcpy(&case_hash, key.data, sizeof(case_hash));
	return state_put_consent(s, case_hash, value, false);
}

// With the newest version of the bodies that it stands for: nobody replays these, and what is owed of them is read when it is
// delivered. Version 1 did not say it.
static enum en_err
load_head(struct state *s, struct view value)
{
	struct rd r = rd_init(value);

	s->sequence = rd_varint(&r);
	s->illegal_moves = rd_varint(&r);
	if (rd_left(&r) > 0 && rd_varint(&r) > BODY_VERSION) {
		return EN_EVERSION;
	}
	return rd_end(&r);
}

enum en_err
checkpoint_load(struct state *s, uint8_t table, struct view key, struct view value)
{
	switch ((enum store_table)table) {
	case STORE_CHECKPOINT:
		return load_head(s, value);
	case STORE_COUNTER:
		return load_counter(s, key, value);
	case STORE_CURSOR:
		return load_client(s, key, value);
	case STORE_PARKED:
		return load_chunk(s, key, value);
	case STORE_DEAD:
		return load_dead(s, key, value);
	case STORE_REFERRAL:
		return load_referral(s, key, value);
	case STORE_REFERENCE:
		return key.len == 16 ? state_put_reference(s, key.data, value, false) : EN_ECORRUPT;
	case STORE_CONSENT:
		return load_consent(s, key, value);
	case STORE_HELD:
		return load_held(s, key, value);
	case STORE_DEDUP:
		return load_dedup(s, key, value);
	default:
		return EN_OK; // STORE_META is the store's own
	}
}

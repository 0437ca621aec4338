// SPDX-License-Identifier: Apache-2.0
// A checkpoint's rows back into the state: field by field what checkpoint.c writes.
#include <stdio.h>
#include <stdlib.h>

#include "core/state.h"

static enum en_err
get_counts(struct view v, struct agency_counts *a)
{
	struct rd r = rd_init(v);
	uint64_t reasons;

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
get_lane(struct rd *r, struct owed_lane *lane)
{
	uint64_t count = rd_varint(r), number = 0;
	enum en_err err = EN_OK;

	for (uint64_t i = 0; i < count && r->err == EN_OK && err == EN_OK; i++) {
		struct owed o = {.number = number += rd_varint(r)};

		o.case_hash = rd_u64(r);
		o.recorded_ms = (int64_t)rd_varint(r);
		o.state = rd_u8(r);
		o.attempt = rd_u8(r);
		err = o.state > OWED_DONE ? EN_ECORRUPT : owed_push(lane, &o);
	}
	return err == EN_OK ? r->err : err;
}

static enum en_err
get_subscription(struct view v, struct subscription_state *sub)
{
	struct rd r = rd_init(v);
	enum en_err err = EN_OK;
	uint64_t count;

	sub->matched = rd_varint(&r);
	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		sub->ended[i] = rd_varint(&r);
	}
	for (size_t l = 0; l < LANE_COUNT && err == EN_OK; l++) {
		err = get_lane(&r, &sub->lanes[l]);
	}
	count = rd_varint(&r);
	sub->parked = count > v.len ? NULL : calloc(count + 1, sizeof(*sub->parked));
	if (err != EN_OK || sub->parked == NULL) {
		return err != EN_OK ? err : EN_ENOMEM;
	}
	sub->parked_cap = sub->parked_count = count;
	for (uint64_t i = 0; i < count; i++) {
		sub->parked[i].number = rd_varint(&r);
		sub->parked[i].not_before_ms = (int64_t)rd_varint(&r);
		sub->parked[i].lane = rd_u8(&r);
	}
	count = rd_varint(&r);
	sub->dead = count > v.len ? NULL : calloc(count + 1, sizeof(*sub->dead));
	if (sub->dead == NULL) {
		return EN_ENOMEM;
	}
	sub->dead_cap = sub->dead_count = count;
	for (uint64_t i = 0; i < count; i++) {
		struct dead *d = &sub->dead[i];
		struct view code;

		d->number = rd_varint(&r);
		d->case_hash = rd_u64(&r);
		d->since_ms = (int64_t)rd_varint(&r);
		d->reason = rd_u8(&r);
		d->lane = rd_u8(&r);
		code = rd_text(&r);
		snprintf(d->code, sizeof(d->code), "%.*s", (int)code.len, (const char *)code.data);
	}
	return rd_end(&r);
}

static enum en_err
load_held(struct state *s, struct view value)
{
	struct rd r = rd_init(value);

	while (rd_left(&r) > 0 && r.err == EN_OK) {
		struct held h = {.sequence = rd_varint(&r)}, *grown;

		h.case_hash = rd_u64(&r);
		rd_copy(&r, h.event_id, sizeof(h.event_id));
		h.reason = rd_u8(&r);
		h.since_ms = (int64_t)rd_varint(&r);
		h.agency = view_dup(rd_text(&r));
		h.source = view_dup(rd_text(&r));
		h.id = view_dup(rd_text(&r));
		h.field = view_dup(rd_text(&r));
		h.place = view_dup(rd_text(&r));
		h.type = view_dup(rd_text(&r));
		grown = realloc(s->held, (s->held_count + 1) * sizeof(*grown));
		if (grown == NULL || h.type == NULL) {
			return EN_ENOMEM;
		}
		s->held = grown;
		s->held_cap = s->held_count + 1;
		s->held[s->held_count++] = h;
	}
	return rd_end(&r);
}

static enum en_err
load_referral(struct state *s, struct view key, struct view value)
{
	struct referral *n = calloc(1, sizeof(*n));
	struct rd r = rd_init(value);
	struct view text;

	if (n == NULL) {
		return EN_ENOMEM;
	}
	text = rd_text(&r);
	snprintf(n->agency, sizeof(n->agency), "%.*s", (int)text.len, (const char *)text.data);
	text = rd_text(&r);
	snprintf(n->source_case, sizeof(n->source_case), "%.*s", (int)text.len, (const char *)text.data);
	text = rd_text(&r);
	snprintf(n->source_service, sizeof(n->source_service), "%.*s", (int)text.len, (const char *)text.data);
	n->sequence = rd_varint(&r);
	n->revision = (uint32_t)rd_varint(&r);
	n->state = rd_u8(&r);
	if (rd_end(&r) != EN_OK || strmap_put(&s->referrals, key, n, NULL) != EN_OK) {
		free(n);
		return EN_ECORRUPT;
	}
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
load_text(struct strmap *m, struct view key, struct view value)
{
	char *text = view_dup(value);

	if (text == NULL || strmap_put(m, key, text, NULL) != EN_OK) {
		free(text);
		return EN_ENOMEM;
	}
	return EN_OK;
}

static enum en_err
load_consent(struct state *s, struct view key, struct view value)
{
	struct buf *consent = calloc(1, sizeof(*consent));

	if (consent == NULL || strmap_put(&s->consents, key, consent, NULL) != EN_OK) {
		free(consent);
		return EN_ENOMEM;
	}
	buf_put_view(consent, value);
	return consent->err;
}

static enum en_err
load_client(struct state *s, struct view key, struct view value)
{
	uint64_t *sequence = calloc(1, sizeof(*sequence));
	struct rd r = rd_init(value);

	if (sequence == NULL || strmap_put(&s->clients, key, sequence, NULL) != EN_OK) {
		free(sequence);
		return EN_ENOMEM;
	}
	*sequence = rd_varint(&r);
	return rd_end(&r);
}

enum en_err
checkpoint_load(struct state *s, uint8_t table, struct view key, struct view value)
{
	struct subscription_state *sub;
	struct agency_counts *counts;
	struct rd r = rd_init(value);

	switch ((enum store_table)table) {
	case STORE_CHECKPOINT:
		s->sequence = rd_varint(&r);
		s->illegal_moves = rd_varint(&r);
		return rd_end(&r);
	case STORE_COUNTER:
		counts = state_agency(s, key);
		return counts == NULL ? EN_ENOMEM : get_counts(value, counts);
	case STORE_CURSOR:
		return load_client(s, key, value);
	case STORE_PARKED:
		sub = state_subscription(s, key);
		return sub == NULL ? EN_ENOMEM : get_subscription(value, sub);
	case STORE_REFERRAL:
		return load_referral(s, key, value);
	case STORE_REFERENCE:
		return load_text(&s->references, key, value);
	case STORE_CONSENT:
		return load_consent(s, key, value);
	case STORE_HELD:
		return load_held(s, value);
	case STORE_DEDUP:
		return load_dedup(s, key, value);
	default:
		return EN_OK; // STORE_META is the store's own
	}
}

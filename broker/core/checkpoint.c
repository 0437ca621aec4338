// SPDX-License-Identifier: Apache-2.0
// The state as rows and back. A checkpoint holds for one sequence and shares the transaction of that turn's records. Rows that can be many (referrals, ids of
// events) are written when they changed; the rest is small and written whole.
#include <stdio.h>
#include <stdlib.h>

#include "core/state.h"

struct save {
	struct state *state;
	checkpoint_put put;
	void *context;
	bool everything; // for the digest: also what did not change, and nothing is marked as saved
	struct buf key, value;
	enum en_err err;
};

static void
row(struct save *s, enum store_table table, struct view key, bool is_delete)
{
	struct store_row r = {.table = (uint8_t)table,
	    .key = key,
	    .value = is_delete ? VIEW_EMPTY : buf_view(&s->value),
	    .is_delete = is_delete};

	if (s->err == EN_OK) {
		s->err = s->value.err != EN_OK ? s->value.err : s->put(s->context, &r);
	}
}

static void
put_counts(struct buf *b, const struct agency_counts *a)
{
	const uint64_t numbers[] = {
	    a->received, a->recorded, a->held, a->refused, a->last_position, (uint64_t)a->last_recorded_ms};

	for (size_t i = 0; i < EN_COUNT_OF(numbers); i++) {
		buf_put_varint(b, numbers[i]);
	}
	buf_put_varint(b, REASON_COUNT);
	for (size_t i = 0; i < REASON_COUNT; i++) {
		buf_put_varint(b, a->refused_by[i]);
	}
}

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

static void
put_subscription(struct buf *b, const struct subscription_state *sub)
{
	buf_put_varint(b, sub->matched);
	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		buf_put_varint(b, sub->ended[i]);
	}
	for (size_t l = 0; l < LANE_COUNT; l++) {
		uint64_t before = 0;

		buf_put_varint(b, sub->lanes[l].count);
		for (size_t i = 0; i < sub->lanes[l].count; i++) {
			const struct owed *o = &sub->lanes[l].items[sub->lanes[l].head + i];

			buf_put_varint(b, o->number - before);
			before = o->number;
			buf_put_u64(b, o->case_hash);
			buf_put_varint(b, (uint64_t)o->recorded_ms);
			buf_put_u8(b, o->state == OWED_IN_FLIGHT ? OWED_WAITING : o->state);
			buf_put_u8(b, o->attempt);
		}
	}
	buf_put_varint(b, sub->parked_count);
	for (size_t i = 0; i < sub->parked_count; i++) {
		buf_put_varint(b, sub->parked[i].number);
		buf_put_varint(b, (uint64_t)sub->parked[i].not_before_ms);
		buf_put_u8(b, sub->parked[i].lane);
	}
	buf_put_varint(b, sub->dead_count);
	for (size_t i = 0; i < sub->dead_count; i++) {
		const struct dead *d = &sub->dead[i];

		buf_put_varint(b, d->number);
		buf_put_u64(b, d->case_hash);
		buf_put_varint(b, (uint64_t)d->since_ms);
		buf_put_u8(b, d->reason);
		buf_put_u8(b, d->lane);
		buf_put_text(b, view_text(d->code));
	}
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

static void
save_maps(struct save *s)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(&s->state->agencies, &at, &key, &value)) {
		buf_clear(&s->value);
		put_counts(&s->value, value);
		row(s, STORE_COUNTER, key, false);
	}
	for (at = 0; strmap_next(&s->state->clients, &at, &key, &value);) {
		buf_clear(&s->value);
		buf_put_varint(&s->value, *(const uint64_t *)value);
		row(s, STORE_CURSOR, key, false);
	}
	for (at = 0; strmap_next(&s->state->subscriptions, &at, &key, &value);) {
		struct subscription_state *sub = value;

		if (sub->is_dirty || s->everything) {
			buf_clear(&s->value);
			put_subscription(&s->value, sub);
			row(s, STORE_PARKED, key, false);
			sub->is_dirty = sub->is_dirty && s->everything;
		}
	}
	for (at = 0; strmap_next(&s->state->references, &at, &key, &value);) {
		buf_clear(&s->value);
		buf_put_str(&s->value, value);
		row(s, STORE_REFERENCE, key, false);
	}
	for (at = 0; strmap_next(&s->state->consents, &at, &key, &value);) {
		buf_clear(&s->value);
		buf_put_view(&s->value, buf_view(value));
		row(s, STORE_CONSENT, key, false);
	}
}

static void
save_referrals(struct save *s)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(&s->state->referrals, &at, &key, &value)) {
		struct referral *r = value;

		if (r->is_dirty || s->everything) {
			buf_clear(&s->value);
			buf_put_text(&s->value, view_text(r->agency));
			buf_put_text(&s->value, view_text(r->source_case));
			buf_put_text(&s->value, view_text(r->source_service));
			buf_put_varint(&s->value, r->sequence);
			buf_put_varint(&s->value, r->revision);
			buf_put_u8(&s->value, r->state);
			row(s, STORE_REFERRAL, key, false);
			r->is_dirty = r->is_dirty && s->everything;
		}
	}
}

static void
save_held(struct save *s)
{
	buf_clear(&s->value);
	for (size_t i = 0; i < s->state->held_count; i++) {
		const struct held *h = &s->state->held[i];

		buf_put_varint(&s->value, h->sequence);
		buf_put_u64(&s->value, h->case_hash);
		buf_put(&s->value, h->event_id, sizeof(h->event_id));
		buf_put_u8(&s->value, h->reason);
		buf_put_varint(&s->value, (uint64_t)h->since_ms);
		buf_put_text(&s->value, view_text(h->agency));
		buf_put_text(&s->value, view_text(h->source));
		buf_put_text(&s->value, view_text(h->id));
		buf_put_text(&s->value, view_text(h->field));
		buf_put_text(&s->value, view_text(h->place));
		buf_put_text(&s->value, view_text(h->type));
	}
	row(s, STORE_HELD, view_text("held"), false);
}

static struct view
dedup_key(struct save *s, struct view source, uint32_t generation, uint32_t chunk)
{
	buf_clear(&s->key);
	buf_put_text(&s->key, source);
	buf_put_u32(&s->key, generation);
	buf_put_u32(&s->key, chunk);
	return buf_view(&s->key);
}

static void
save_generation(struct save *s, struct view source, const struct dedup_generation *g, uint32_t from)
{
	for (uint32_t first = from / DEDUP_CHUNK * DEDUP_CHUNK; first < g->count; first += DEDUP_CHUNK) {
		buf_clear(&s->value);
		for (uint32_t i = first; i < g->count && i < first + DEDUP_CHUNK; i++) {
			buf_put(&s->value, g->entries[i].id, sizeof(g->entries[i].id));
			buf_put_u64(&s->value, g->entries[i].content);
			buf_put_u64(&s->value, g->entries[i].sequence);
		}
		row(s, STORE_DEDUP, dedup_key(s, source, g->number, first / DEDUP_CHUNK), false);
	}
}

static void
save_dedups(struct save *s)
{
	size_t at = 0;
	struct view source;
	void *value;

	while (strmap_next(&s->state->dedups, &at, &source, &value)) {
		struct dedup *d = value;

		if (s->everything) {
			save_generation(s, source, &d->old, 0);
			save_generation(s, source, &d->young, 0);
			continue;
		}
		if (d->saved == 0 && d->old.count > 0) {
			save_generation(s, source, &d->old, 0); // it grew old since the last checkpoint
		}
		for (uint32_t chunk = 0; d->dropped != 0 && chunk <= d->limit / DEDUP_CHUNK; chunk++) {
			row(s, STORE_DEDUP, dedup_key(s, source, d->dropped, chunk), true);
		}
		d->dropped = 0;
		save_generation(s, source, &d->young, d->saved);
		d->saved = d->young.count;
	}
}

static enum en_err
save(struct state *state, checkpoint_put put, void *context, bool everything)
{
	struct save s = {.state = state,
	    .put = put,
	    .context = context,
	    .everything = everything,
	    .key = BUF_EMPTY,
	    .value = BUF_EMPTY};

	save_maps(&s);
	save_referrals(&s);
	save_held(&s);
	save_dedups(&s);
	buf_clear(&s.value);
	buf_put_varint(&s.value, state->sequence);
	buf_put_varint(&s.value, state->illegal_moves);
	row(&s, STORE_CHECKPOINT, view_text("sequence"), false);
	buf_fini(&s.key);
	buf_fini(&s.value);
	return s.err;
}

enum en_err
checkpoint_save(struct state *s, checkpoint_put put, void *context)
{
	return save(s, put, context, false);
}

// ---- loading -------------------------------------------------------------------------------------------------------------------------

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

// ---- digest --------------------------------------------------------------------------------------------------------------------------

// The rows' hashes are added up, so that the order of a table's walk does not count.
static enum en_err
add_row(void *context, const struct store_row *row)
{
	uint64_t *sum = context, part[4];
	uint8_t table = row->table;
	struct view parts[] = {view_of(&table, 1), row->key, row->value};

	crypto_hash_parts(part, sizeof(part), VIEW_EMPTY, parts, 3);
	for (size_t i = 0; i < 4; i++) {
		sum[i] += part[i];
	}
	return EN_OK;
}

void
state_digest(const struct state *s, uint8_t ret[32])
{
	uint64_t sum[4] = {0};

	// everything: nothing is marked, so the state stays as it is.
	(void)!save((struct state *)(uintptr_t)s, add_row, sum, true);
	memcpy(ret, sum, 32);
}

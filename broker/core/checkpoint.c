// SPDX-License-Identifier: Apache-2.0
// The state as rows (checkpoint_load.c reads them back). A checkpoint holds for one sequence and shares the transaction of that turn's records. Rows that can be many (referrals, ids of
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

// What is in flight, and what has woken from a wait, is so without a record: a checkpoint writes what the records alone say.
static uint8_t
settled_state(struct subscription_state *sub, const struct owed *o)
{
	if (o->state == OWED_DONE) {
		return OWED_DONE;
	}
	return parked_find(sub, o->number) != NULL ? OWED_PARKED : OWED_WAITING;
}

static void
put_subscription(struct buf *b, struct subscription_state *sub)
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
			buf_put_u8(b, settled_state(sub, o));
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

static void
save_maps(struct save *s)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(&s->state->agencies, &at, &key, &value)) {
		if (((const struct agency_counts *)value)->received >
		    0) { // a HELLO makes an empty one, without a record
			buf_clear(&s->value);
			put_counts(&s->value, value);
			row(s, STORE_COUNTER, key, false);
		}
	}
	for (at = 0; strmap_next(&s->state->clients, &at, &key, &value);) {
		buf_clear(&s->value);
		buf_put_varint(&s->value, *(const uint64_t *)value);
		row(s, STORE_CURSOR, key, false);
	}
	for (at = 0; strmap_next(&s->state->subscriptions, &at, &key, &value);) {
		struct subscription_state *sub = value;

		if (sub->matched > 0 && (sub->is_dirty || s->everything)) {
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

// SPDX-License-Identifier: Apache-2.0
// The state as rows (checkpoint_load.c reads them back). A checkpoint holds for one sequence and shares the transaction
// of that turn's records. What can be many is written when it changed: referrals, references, consents, ids of events,
// held inputs, dead letters, chunks of what is owed. The rest is small and written whole.
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
row(struct save *s, enum store_table table, struct view key)
{
	struct store_row r = {.table = (uint8_t)table, .key = key, .value = buf_view(&s->value)};

	if (s->err == EN_OK) {
		s->err = s->value.err != EN_OK ? s->value.err : s->put(s->context, &r);
	}
}

static void
drop(struct save *s, enum store_table table, struct view key)
{
	struct store_row r = {.table = (uint8_t)table, .key = key, .is_delete = true};

	if (s->err == EN_OK) {
		s->err = s->put(s->context, &r);
	}
}

static struct view
key_of_number(struct save *s, const char *prefix, uint64_t number)
{
	buf_clear(&s->key);
	if (prefix != NULL) {
		buf_put_text(&s->key, view_text(prefix));
	}
	buf_put_u64(&s->key, number);
	s->err = s->err == EN_OK ? s->key.err : s->err;
	return buf_view(&s->key);
}

static struct view
key_of_name(struct save *s, char kind, struct view name)
{
	buf_clear(&s->key);
	buf_put_u8(&s->key, (uint8_t)kind);
	buf_put_view(&s->key, name);
	s->err = s->err == EN_OK ? s->key.err : s->err;
	return buf_view(&s->key);
}

// ---- agencies and clients ------------------------------------------------------------------------------------------

static void
save_agency(struct save *s, struct view name, const struct agency_counts *a)
{
	const uint64_t numbers[] = {
	    a->received, a->recorded, a->held, a->refused, a->last_position, (uint64_t)a->last_recorded_ms};

	buf_clear(&s->value);
	for (size_t i = 0; i < EN_COUNT_OF(numbers); i++) {
		buf_put_varint(&s->value, numbers[i]);
	}
	buf_put_varint(&s->value, REASON_COUNT);
	for (size_t i = 0; i < REASON_COUNT; i++) {
		buf_put_varint(&s->value, a->refused_by[i]);
	}
	row(s, STORE_COUNTER, key_of_name(s, 'a', name));
}

static void
save_agencies(struct save *s)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(&s->state->agencies, &at, &key, &value)) {
		// A HELLO makes an empty one, without a record.
		if (((const struct agency_counts *)value)->received > 0) {
			save_agency(s, key, value);
		}
	}
	for (at = 0; strmap_next(&s->state->clients, &at, &key, &value);) {
		struct client *c = value;

		if (c->is_dirty || s->everything) {
			buf_clear(&s->value);
			buf_put_varint(&s->value, c->sequence);
			row(s, STORE_CURSOR, key);
			c->is_dirty = c->is_dirty && s->everything;
		}
	}
}

// ---- subscriptions -------------------------------------------------------------------------------------------------

static void
save_counts(struct save *s, const struct subscription_state *sub)
{
	buf_clear(&s->value);
	buf_put_varint(&s->value, sub->matched);
	buf_put_varint(&s->value, OUTCOME_COUNT);
	for (size_t i = 0; i < OUTCOME_COUNT; i++) {
		buf_put_varint(&s->value, sub->ended[i]);
	}
	buf_put_varint(&s->value, sub->parked_count);
	for (size_t i = 0; i < sub->parked_count; i++) {
		buf_put_varint(&s->value, sub->parked[i].number);
		buf_put_varint(&s->value, (uint64_t)sub->parked[i].not_before_ms);
		buf_put_u8(&s->value, sub->parked[i].lane);
	}
	row(s, STORE_COUNTER, key_of_name(s, 's', view_text(sub->name)));
}

// One chunk's entries, from the first one on; *at moves behind them. What ended is not written; a chunk of nothing has
// no row.
static void
save_chunk(struct save *s, const struct subscription_state *sub, size_t lane, uint64_t chunk, size_t *at)
{
	const struct owed_lane *l = &sub->lanes[lane];
	uint64_t before = chunk << OWED_CHUNK_SHIFT;
	bool any = false;
	struct view key;

	buf_clear(&s->value);
	for (; *at < l->count && owed_chunk(l->items[l->head + *at].number) == chunk; ++*at) {
		const struct owed *o = &l->items[l->head + *at];

		if (o->state != OWED_ENDED) {
			buf_put_varint(&s->value, o->number - before);
			buf_put_u64(&s->value, o->case_hash);
			buf_put_varint(&s->value, (uint64_t)o->recorded_ms);
			buf_put_u8(&s->value, o->is_parked);
			buf_put_u8(&s->value, o->attempt);
			before = o->number;
			any = true;
		}
	}
	buf_clear(&s->key);
	buf_put_text(&s->key, view_text(sub->name));
	buf_put_u8(&s->key, (uint8_t)lane);
	buf_put_u64(&s->key, chunk);
	key = buf_view(&s->key);
	s->err = s->err == EN_OK ? s->key.err : s->err;
	if (any) {
		row(s, STORE_PARKED, key);
	} else if (!s->everything) {
		drop(s, STORE_PARKED, key);
	}
}

static size_t
first_of_chunk(const struct owed_lane *l, uint64_t chunk)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (owed_chunk(l->items[l->head + middle].number) < chunk) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static void
save_lane(struct save *s, struct subscription_state *sub, size_t lane)
{
	struct owed_lane *l = &sub->lanes[lane];
	size_t at = 0;

	if (s->everything) {
		while (at < l->count) {
			save_chunk(s, sub, lane, owed_chunk(l->items[l->head + at].number), &at);
		}
		return;
	}
	for (size_t i = 0; i < l->dirty.count; i++) {
		at = first_of_chunk(l, l->dirty.items[i]);
		save_chunk(s, sub, lane, l->dirty.items[i], &at);
	}
	l->dirty.count = 0;
}

static void
save_dead(struct save *s, struct subscription_state *sub)
{
	for (size_t i = 0; i < sub->dead_gone.count && !s->everything; i++) {
		drop(s, STORE_DEAD, key_of_number(s, sub->name, sub->dead_gone.items[i]));
	}
	for (size_t i = 0; i < sub->dead_count; i++) {
		struct dead *d = &sub->dead[i];

		if (d->is_saved && !s->everything) {
			continue;
		}
		buf_clear(&s->value);
		buf_put_u64(&s->value, d->case_hash);
		buf_put_varint(&s->value, (uint64_t)d->recorded_ms);
		buf_put_varint(&s->value, (uint64_t)d->since_ms);
		buf_put_u8(&s->value, d->reason);
		buf_put_u8(&s->value, d->lane);
		buf_put_u8(&s->value, d->type);
		buf_put_u8(&s->value, d->attempt);
		buf_put_text(&s->value, view_text(d->code));
		row(s, STORE_DEAD, key_of_number(s, sub->name, d->number));
		d->is_saved = d->is_saved || !s->everything;
	}
	sub->dead_gone.count = s->everything ? sub->dead_gone.count : 0;
}

static void
save_subscriptions(struct save *s)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(&s->state->subscriptions, &at, &key, &value)) {
		struct subscription_state *sub = value;

		if (sub->matched == 0 || (!sub->is_dirty && !s->everything)) {
			continue; // a HELLO makes an empty one
		}
		save_counts(s, sub);
		for (size_t lane = 0; lane < LANE_COUNT; lane++) {
			save_lane(s, sub, lane);
		}
		save_dead(s, sub);
		sub->is_dirty = sub->is_dirty && s->everything;
	}
}

// ---- referrals, references, consents ---------------------------------------------------------------------------------

static void
save_referral(struct save *s, const struct referral *r)
{
	buf_clear(&s->value);
	buf_put_text(&s->value, view_text(r->from->name));
	buf_put_text(&s->value, view_text(r->source_case));
	buf_put_text(&s->value, view_text(r->source_service));
	buf_put_varint(&s->value, r->sequence);
	buf_put_varint(&s->value, r->revision);
	buf_put_u8(&s->value, r->state);
	buf_put_varint(&s->value, r->party_count);
	for (uint16_t i = 0; i < r->party_count; i++) {
		buf_put_text(&s->value, view_text(r->parties[i].agency->name));
	}
	for (uint16_t i = 0; i < r->party_count; i++) {
		buf_put_varint(&s->value, r->parties[i].taken);
	}
	row(s, STORE_REFERRAL, view_text(r->id));
}

static void
save_reference(struct save *s, const struct reference *r)
{
	buf_clear(&s->value);
	buf_put_str(&s->value, r->referral_id);
	row(s, STORE_REFERENCE, view_of(r->key, sizeof(r->key)));
}

static void
save_consent(struct save *s, const struct consent *c)
{
	buf_clear(&s->value);
	buf_put_view(&s->value, buf_view(&c->bytes));
	row(s, STORE_CONSENT, view_of(&c->case_hash, sizeof(c->case_hash)));
}

static void
save_all(struct save *s)
{
	size_t at = 0;
	struct view key;
	void *value;

	while (strmap_next(&s->state->referrals, &at, &key, &value)) {
		save_referral(s, value);
	}
	for (at = 0; strmap_next(&s->state->references, &at, &key, &value);) {
		save_reference(s, value);
	}
	for (at = 0; strmap_next(&s->state->consents, &at, &key, &value);) {
		save_consent(s, value);
	}
}

static void
save_changed(struct save *s)
{
	struct state *state = s->state;

	for (size_t i = 0; i < state->changed_referrals.count; i++) {
		struct referral *r = state->changed_referrals.items[i];

		save_referral(s, r);
		r->is_dirty = false;
	}
	for (size_t i = 0; i < state->changed_references.count; i++) {
		struct reference *r = state->changed_references.items[i];

		save_reference(s, r);
		r->is_dirty = false;
	}
	for (size_t i = 0; i < state->changed_consents.count; i++) {
		struct consent *c = state->changed_consents.items[i];

		save_consent(s, c);
		c->is_dirty = false;
	}
	state->changed_referrals.count = state->changed_references.count = state->changed_consents.count = 0;
}

// ---- held inputs and known ids ---------------------------------------------------------------------------------------

static void
save_held(struct save *s)
{
	struct held_table *t = &s->state->held;

	for (size_t i = 0; i < t->gone.count && !s->everything; i++) {
		drop(s, STORE_HELD, key_of_number(s, NULL, t->gone.items[i]));
	}
	for (size_t i = 0; i < t->count; i++) {
		struct held *h = t->items[i];

		if (h->is_saved && !s->everything) {
			continue;
		}
		buf_clear(&s->value);
		buf_put_varint(&s->value, h->order);
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
		row(s, STORE_HELD, key_of_number(s, NULL, h->sequence));
		h->is_saved = h->is_saved || !s->everything;
	}
	t->gone.count = s->everything ? t->gone.count : 0;
}

static struct view
dedup_key(struct save *s, struct view source, uint32_t generation, uint32_t chunk)
{
	buf_clear(&s->key);
	buf_put_text(&s->key, source);
	buf_put_u32(&s->key, generation);
	buf_put_u32(&s->key, chunk);
	s->err = s->err == EN_OK ? s->key.err : s->err;
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
		row(s, STORE_DEDUP, dedup_key(s, source, g->number, first / DEDUP_CHUNK));
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
		for (uint32_t g = d->dropped_from; g < d->dropped_to; g++) {
			for (uint32_t chunk = 0; chunk <= d->limit / DEDUP_CHUNK; chunk++) {
				drop(s, STORE_DEDUP, dedup_key(s, source, g, chunk));
			}
		}
		d->dropped_from = d->dropped_to;
		save_generation(s, source, &d->old, d->saved_old);
		save_generation(s, source, &d->young, d->saved);
		d->saved_old = d->old.count;
		d->saved = d->young.count;
	}
}

// ---- the whole -----------------------------------------------------------------------------------------------------

static enum en_err
save(struct state *state, checkpoint_put put, void *context, bool everything)
{
	struct save s = {.state = state,
	    .put = put,
	    .context = context,
	    .everything = everything,
	    .key = BUF_EMPTY,
	    .value = BUF_EMPTY};

	save_agencies(&s);
	save_subscriptions(&s);
	if (everything) {
		save_all(&s);
	} else {
		save_changed(&s);
	}
	save_held(&s);
	save_dedups(&s);
	buf_clear(&s.value);
	buf_put_varint(&s.value, state->sequence);
	buf_put_varint(&s.value, state->illegal_moves);
	buf_put_varint(&s.value, BODY_VERSION);
	row(&s, STORE_CHECKPOINT, view_text("sequence"));
	buf_fini(&s.key);
	buf_fini(&s.value);
	return s.err;
}

enum en_err
checkpoint_save(struct state *s, checkpoint_put put, void *context)
{
	return save(s, put, context, false);
}

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

// SPDX-License-Identifier: Apache-2.0
#include "core/core.h"

#include <stdlib.h>

#include "core/engine.h"

static void
take_limits(struct core *c, const struct core_limits *l)
{
	c->limits = *l;
	c->limits.frame_bytes = l->frame_bytes != 0 ? l->frame_bytes : LIMIT_FRAME_BYTES;
	c->limits.event_bytes = l->event_bytes != 0 ? l->event_bytes : LIMIT_EVENT_BYTES;
	c->limits.hot_bytes = l->hot_bytes != 0 ? l->hot_bytes : LIMIT_HOT_BYTES;
	c->limits.publish_window = l->publish_window != 0 ? l->publish_window : LIMIT_PUBLISH_WINDOW_EVENTS;
	c->limits.window_events = l->window_events != 0 ? l->window_events : LIMIT_WINDOW_EVENTS;
	c->limits.window_bytes = l->window_bytes != 0 ? l->window_bytes : LIMIT_WINDOW_BYTES;
	c->limits.sessions = l->sessions != 0 ? l->sessions : LIMIT_SESSIONS;
	c->limits.sessions_per_agency =
	    l->sessions_per_agency != 0 ? l->sessions_per_agency : LIMIT_SESSIONS_PER_AGENCY;
	c->limits.parked = l->parked != 0 ? l->parked : LIMIT_PARKED;
	c->limits.held = l->held != 0 ? l->held : LIMIT_HELD;
	c->limits.dedup_per_source = l->dedup_per_source != 0 ? l->dedup_per_source : LIMIT_DEDUP_PER_SOURCE;
	c->limits.checkpoint_records = l->checkpoint_records != 0 ? l->checkpoint_records : LIMIT_CHECKPOINT_RECORDS;
	c->limits.heartbeat_ms = l->heartbeat_ms != 0 ? l->heartbeat_ms : DEFAULT_HEARTBEAT_MS;
}

enum en_err
core_new(const struct core_options *options, struct core **ret)
{
	struct core *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		return EN_ENOMEM;
	}
	c->options = *options;
	take_limits(c, &options->limits);
	c->rules = rules_ref(options->rules);
	state_init(&c->state, options->hash_key, c->limits.dedup_per_source);
	c->next_epoch = options->epoch_seed >> 16 | 1; // room for the sessions of one process
	c->next_read = 1;
	c->space = UINT64_MAX;
	c->waiting_tail = &c->waiting;
	hot_init(&c->hot, c->limits.hot_bytes);
	hot_init(&c->cold, MIB(8));
	arena_init(&c->scratch, 0);
	arena_init(&c->fold_arena, 0);
	index_init(&c->index);
	index_init(&c->inner);
	map_run_init(&c->inbound);
	map_run_init(&c->outbound);
	*ret = c;
	return EN_OK;
}

void
core_free(struct core **cp)
{
	struct core *c = *cp;

	*cp = NULL;
	if (c == NULL) {
		return;
	}
	while (c->sessions != NULL) {
		session_end(c, c->sessions);
	}
	while (c->waiting != NULL) {
		struct waiting *next = c->waiting->next;

		free(c->waiting);
		c->waiting = next;
	}
	state_fini(&c->state);
	hot_fini(&c->hot);
	hot_fini(&c->cold);
	arena_fini(&c->scratch);
	arena_fini(&c->fold_arena);
	index_fini(&c->index);
	index_fini(&c->inner);
	map_run_fini(&c->inbound);
	map_run_fini(&c->outbound);
	buf_fini(&c->body);
	buf_fini(&c->frame);
	buf_fini(&c->payload);
	rules_unref(&c->rules);
	free(c);
}

enum en_err
core_load_row(struct core *c, uint8_t table, struct view key, struct view value)
{
	enum en_err err = checkpoint_load(&c->state, table, key, value);

	c->checkpointed = c->state.sequence;
	return err;
}

uint64_t
core_checkpoint_sequence(const struct core *c)
{
	return c->checkpointed;
}

enum en_err
core_replay(struct core *c, const struct record *record)
{
	arena_reset(&c->fold_arena);
	return fold_apply(&c->state, record, &c->fold_arena);
}

// A subscription's deliveries that were in flight wait again; retries keep their times.
enum en_err
core_start(struct core *c, struct moment now)
{
	c->now = now;
	c->durable = c->state.sequence;
	c->has_started = true;
	return EN_OK;
}

static enum en_err
put_row(void *context, const struct store_row *row)
{
	struct core_effects *e = context;
	struct core_effect *effect;

	if (e->count == e->cap) {
		size_t cap = e->cap == 0 ? 64 : e->cap * 2;
		struct core_effect *grown = realloc(e->items, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		e->items = grown;
		e->cap = cap;
	}
	effect = &e->items[e->count++];
	*effect = (struct core_effect){.kind = EFFECT_ROW, .row = *row};
	effect->row.key = arena_copy(&e->arena, row->key);
	effect->row.value = arena_copy(&e->arena, row->value);
	return effect->row.key.data == NULL || (effect->row.value.data == NULL && row->value.len > 0) ? EN_ENOMEM
												      : EN_OK;
}

// A checkpoint writes everything that is owed, so one is due after as many records again: its cost per record stays the same however far a
// subscriber is behind.
static bool
is_due(const struct core *c)
{
	uint64_t since = c->state.sequence - c->checkpointed, owed = 0;
	size_t at = 0;
	struct view name;
	void *value;

	if (since == 0 || c->checkpoint_soon || since < c->limits.checkpoint_records) {
		return since != 0 && c->checkpoint_soon;
	}
	while (strmap_next(&c->state.subscriptions, &at, &name, &value)) {
		for (size_t l = 0; l < LANE_COUNT; l++) {
			owed += ((const struct subscription_state *)value)->lanes[l].count;
		}
	}
	return since >= owed;
}

static enum en_err
maybe_checkpoint(struct core *c)
{
	if (!is_due(c)) {
		return EN_OK;
	}
	c->checkpoint_soon = false;
	c->checkpointed = c->state.sequence;
	return checkpoint_save(&c->state, put_row, c->effects);
}

static enum en_err
on_frame(struct core *c, const struct core_input *in)
{
	struct session *s = session_of(c, in->peer);
	struct frame f;
	enum reason reason = REASON_NONE;
	char field[128];
	enum en_err err = frame_decode(in->bytes, &c->scratch, &f, &reason, field);

	if (err != EN_OK) {
		uint8_t form = in->bytes.len > 1 ? in->bytes.data[1] : 0;

		err = err == EN_ENOMEM ? err
				       : core_error(c, in->peer, s != NULL ? s->form : form, reason, field, false,
					     in->bytes.len > 3 ? in->bytes.data[3] : 0);
		if (reason == REASON_PREAMBLE || reason == REASON_MALFORMED) {
			if (s != NULL) {
				session_end(c, s);
			}
			err = err == EN_OK ? core_forget(c, in->peer) : err;
		}
		return err;
	}
	if (f.kind == FRAME_HELLO) {
		return session_hello(c, in, &f);
	}
	if (s == NULL) {
		return core_error(c, in->peer, f.form, REASON_NO_SESSION, "", true, f.kind);
	}
	if (f.form != s->form) {
		return core_error(c, in->peer, f.form, REASON_FORM, "", false, f.kind);
	}
	s->last_heard_ms = c->now.monotonic_ms;
	switch (f.kind) {
	case FRAME_PUBLISH:
		return admit_publish(c, s, f.u.publish);
	case FRAME_SETTLE:
		return settle(c, s, f.u.settle);
	case FRAME_CREDIT:
		return settle_credit(c, s, f.u.credit);
	case FRAME_STATUS:
		return session_status(c, s);
	case FRAME_SCHEMA:
		return session_schema(c, s, f.u.schema);
	case FRAME_PONG:
	case FRAME_ERROR:
		return EN_OK;
	case FRAME_BYE:
		session_end(c, s);
		return core_forget(c, in->peer);
	default:
		return core_error(c, in->peer, s->form, REASON_UNKNOWN_KIND, "", false, f.kind);
	}
}

static enum en_err
on_records(struct core *c, const struct core_input *in)
{
	for (size_t i = 0; i < READS_MAX; i++) {
		struct pending_read *read = &c->reads[i];

		if (!read->is_used || read->id != in->id) {
			continue;
		}
		read->is_used = false;
		if (read->subscription == NULL) {
			return request_records(c, read, in->records, in->record_count);
		}
		read->subscription->read_id = 0;
		hot_clear(&c->cold);
		for (size_t r = 0; r < in->record_count; r++) {
			enum en_err err = hot_put(&c->cold, &in->records[r]);

			if (err != EN_OK) {
				return err;
			}
		}
		return EN_OK;
	}
	return EN_OK;
}

static enum en_err
on_keys(struct core *c, const struct core_input *in)
{
	c->keys = in->keys;
	c->key_count = in->key_count;
	for (struct session *s = c->sessions, *next; s != NULL; s = next) {
		bool found = false;

		next = s->next;
		for (size_t i = 0; i < in->key_count; i++) {
			found = found || strcmp(in->keys[i].agency, s->agency) == 0;
		}
		if (!found) {
			enum en_err err = session_goaway(c, s, REASON_KEY_REVOKED, LIMIT_RECONNECT_LAST_MS);

			if (err != EN_OK) {
				return err;
			}
		}
	}
	return EN_OK;
}

static enum en_err
on_drain(struct core *c)
{
	c->is_draining = true;
	while (c->sessions != NULL) {
		enum en_err err = session_goaway(c, c->sessions, REASON_DRAINING, 2000);

		if (err != EN_OK) {
			return err;
		}
	}
	return EN_OK;
}

static enum en_err
dispatch(struct core *c, const struct core_input *in)
{
	struct session *s;

	switch (in->kind) {
	case INPUT_FRAME:
		return on_frame(c, in);
	case INPUT_REQUEST:
		return request_handle(c, in);
	case INPUT_TICK:
		return session_tick(c);
	case INPUT_DURABLE:
		c->durable = in->sequence;
		return core_flush_waiting(c);
	case INPUT_RECORDS:
		return on_records(c, in);
	case INPUT_RULES: {
		struct rules *old = c->rules;

		c->rules = rules_ref(in->rules);
		rules_unref(&old);
		return session_rebind(c);
	}
	case INPUT_KEYS:
		return on_keys(c, in);
	case INPUT_SPACE:
		c->space = in->space_bytes;
		return EN_OK;
	case INPUT_UNREACHED:
	case INPUT_SEND_BUSY:
		s = session_of(c, in->peer);
		if (s != NULL) {
			session_end(c, s);
		}
		return EN_OK;
	case INPUT_DRAIN:
		return on_drain(c);
	}
	return EN_OK;
}

enum en_err
core_step(struct core *c, const struct core_input *in, struct moment now, struct core_effects *effects)
{
	enum en_err err;

	c->now = now;
	c->effects = effects;
	c->steps++;
	arena_reset(&c->scratch);
	err = dispatch(c, in);
	if (err == EN_OK && in->kind == INPUT_TICK) {
		err = settle_timers(c);
	}
	if (err == EN_OK &&
	    (in->kind == INPUT_DURABLE || in->kind == INPUT_RECORDS || in->kind == INPUT_TICK ||
		in->kind == INPUT_FRAME)) {
		err = deliver_all(c);
	}
	if (err == EN_OK) {
		err = core_flush_waiting(c); // also what needed no record of its own
	}
	return err == EN_OK ? maybe_checkpoint(c) : err;
}

uint64_t
core_next_timer(const struct core *c)
{
	return c->now.monotonic_ms + 100; // the daemon ticks at least so often; nothing here needs it finer
}

void
core_checkpoint_soon(struct core *c)
{
	c->checkpoint_soon = true;
}

void
core_digest(const struct core *c, uint8_t ret[32])
{
	state_digest(&c->state, ret);
}

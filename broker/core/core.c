// SPDX-License-Identifier: Apache-2.0
#include "core/core.h"

#include <stdlib.h>

#include "core/engine.h"

#define TICK_MS 50 // retries, heartbeats and alarms are no more exact than this

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
	uint64_t seed;

	if (c == NULL) {
		return EN_ENOMEM;
	}
	c->options = *options;
	take_limits(c, &options->limits);
	c->rules = rules_ref(options->rules);
	state_init(&c->state, options->hash_key, c->limits.dedup_per_source);
	crypto_hash(c->output_key, sizeof(c->output_key), view_of(options->id_key, sizeof(options->id_key)),
	    view_text("enlace outputs"));
	memcpy(&seed, options->hash_key, sizeof(seed));
	strmap_init(&c->by_peer, seed);
	c->next_epoch = options->epoch_seed >> 16 | 1; // room for the sessions of one process
	c->next_read = 1;
	c->space = UINT64_MAX;
	c->waiting_tail = &c->waiting;
	c->is_taking_up = true;
	hot_init(&c->hot, c->limits.hot_bytes);
	arena_init(&c->scratch, 0);
	arena_init(&c->fold_arena, 0);
	index_init(&c->index);
	index_init(&c->inner);
	map_run_init(&c->inbound);
	map_run_init(&c->outbound);
	lookup_fields(c);
	if (deliver_init(c) != EN_OK) {
		core_free(&c);
		return EN_ENOMEM;
	}
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
	strmap_fini(&c->by_peer);
	state_fini(&c->state);
	hot_fini(&c->hot);
	arena_fini(&c->scratch);
	arena_fini(&c->fold_arena);
	index_fini(&c->index);
	index_fini(&c->inner);
	map_run_fini(&c->inbound);
	map_run_fini(&c->outbound);
	deliver_fini(c);
	buf_fini(&c->body);
	buf_fini(&c->frame);
	buf_fini(&c->payload);
	rules_unref(&c->rules);
	free(c);
}

// ---- start ---------------------------------------------------------------------------------------------------------

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

enum en_err
core_start(struct core *c, struct moment now)
{
	c->now = now;
	c->durable = c->state.sequence;
	return EN_OK;
}

// ---- checkpoints ---------------------------------------------------------------------------------------------------

static enum en_err
put_row(void *context, const struct store_row *row)
{
	struct core_effects *e = context;
	struct core_effect *effect = core_effect_add(e, EFFECT_ROW);

	if (effect == NULL) {
		return EN_ENOMEM;
	}
	effect->row = *row;
	effect->row.key = arena_copy(&e->arena, row->key);
	effect->row.value = arena_copy(&e->arena, row->value);
	return effect->row.key.data == NULL || (effect->row.value.data == NULL && row->value.len > 0) ? EN_ENOMEM
												      : EN_OK;
}

static enum en_err
maybe_checkpoint(struct core *c)
{
	uint64_t since = c->state.sequence - c->checkpointed;

	if (since == 0 || (since < c->limits.checkpoint_records && !c->checkpoint_soon)) {
		return EN_OK;
	}
	c->checkpoint_soon = false;
	c->checkpointed = c->state.sequence;
	return checkpoint_save(&c->state, put_row, c->effects);
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

// ---- inputs --------------------------------------------------------------------------------------------------------

const struct core_key *
core_key_of(const struct core *c, uint32_t subject)
{
	const struct core_key *key = subject < c->key_count ? &c->keys[subject] : NULL;

	return key != NULL && (key->valid_to_ms == 0 || key->valid_to_ms > c->now.wall_ms) ? key : NULL;
}

// What cannot be read is answered in the session's form. A body that is not the message of its kind, or no frame at all,
// ends the session; a kind that is not known here does not.
static enum en_err
on_unreadable(struct core *c, const struct core_input *in, enum reason reason, const char *field)
{
	struct session *s = session_of(c, in->peer);
	uint8_t form = s != NULL ? s->form : in->bytes.len > 1 ? in->bytes.data[1] : 0;
	uint8_t kind = in->bytes.len > 3 && reason != REASON_PREAMBLE ? in->bytes.data[3] : 0;

	if (s != NULL && reason != REASON_UNKNOWN_KIND) {
		session_end(c, s);
	}
	return core_error(c, in->peer, form, reason, field, kind);
}

static enum en_err
on_frame_of(struct core *c, struct session *s, const struct frame *f)
{
	s->last_heard_ms = c->now.monotonic_ms;
	switch (f->kind) {
	case FRAME_PUBLISH:
		return admit_publish(c, s, f->u.publish);
	case FRAME_SETTLE:
		return settle(c, s, f->u.settle);
	case FRAME_CREDIT:
		return settle_credit(c, s, f->u.credit);
	case FRAME_STATUS:
	case FRAME_SCHEMA:
		if (!session_may_ask(c, s)) {
			return core_error(c, s->peer, s->form, REASON_BUSY, "", f->kind);
		}
		return f->kind == FRAME_STATUS ? session_status(c, s) : session_schema(c, s, f->u.schema);
	case FRAME_PONG:
		return EN_OK;
	case FRAME_ERROR:
		return CORE_LOG(c, LOG_WARN, "session.peer_error", LOG_TEXT("agency", s->agency),
		    LOG_TEXT("client", s->client),
		    LOG_TEXT(
			"code", reason_from_code(f->u.error->code) == REASON_COUNT ? "unknown" : f->u.error->code));
	case FRAME_BYE: {
		uint64_t peer = s->peer;

		session_end(c, s);
		return core_forget(c, peer);
	}
	default:
		return core_error(c, s->peer, s->form, REASON_UNKNOWN_KIND, "", f->kind);
	}
}

static enum en_err
on_frame(struct core *c, const struct core_input *in)
{
	enum reason reason = REASON_NONE;
	struct session *s;
	struct frame f;
	char field[128];
	enum en_err err = frame_decode(in->bytes, &c->scratch, &f, &reason, field);

	if (err != EN_OK) {
		return err == EN_ENOMEM ? err : on_unreadable(c, in, reason, field);
	}
	if (f.kind == FRAME_HELLO) {
		return session_hello(c, in, &f);
	}
	s = session_of(c, in->peer);
	// Who it is says the key of this very frame (ENL-047), never the session alone.
	if (s == NULL || s->subject != in->subject) {
		return core_error(c, in->peer, f.form, REASON_NO_SESSION, "", f.kind);
	}
	if (core_key_of(c, in->subject) == NULL) {
		return session_goaway(c, s, REASON_KEY_REVOKED, LIMIT_RECONNECT_LAST_MS);
	}
	if (f.form != s->form) {
		return core_error(c, in->peer, s->form, REASON_FORM, "", f.kind);
	}
	return on_frame_of(c, s, &f);
}

// For a reader that is behind: what it asked for, or the knowledge that it is not there.
static enum en_err
on_reader_records(struct core *c, const struct pending_read *read, const struct core_input *in)
{
	struct attachment *a = read->subscription->reader;

	if (a == NULL || a->read_id != read->id) {
		return EN_OK; // another session reads it by now
	}
	a->read_id = 0;
	a->state->is_ready = true;
	a->missing = read->from;
	hot_clear(&a->cold);
	for (size_t i = 0; i < in->record_count; i++) {
		enum en_err err = hot_put(&a->cold, &in->records[i]);

		if (in->records[i].sequence == read->from) {
			a->missing = 0;
		}
		if (err != EN_OK) {
			return err;
		}
	}
	(void)c;
	return EN_OK;
}

static enum en_err
on_records(struct core *c, const struct core_input *in)
{
	for (size_t i = 0; i < LIMIT_CORE_READS; i++) {
		struct pending_read read = c->reads[i];

		if (read.id == 0 || read.id != in->id) {
			continue;
		}
		c->reads[i].id = 0;
		if (read.subscription != NULL) {
			return on_reader_records(c, &read, in);
		}
		if (read.verb == CTL_MSG_RELEASE) {
			return release_records(c, &read, in->records, in->record_count, in->next);
		}
		return request_shown(c, &read, in->records, in->record_count);
	}
	return EN_OK;
}

static enum en_err
on_rules(struct core *c, const struct core_input *in)
{
	struct rules *old = c->rules;
	enum en_err err;

	c->rules = rules_ref(in->rules);
	lookup_fields(c);
	err = session_rebind(c);
	rules_unref(&old);
	return err;
}

// The daemon ticks with every turn; a look every TICK_MS is enough.
static enum en_err
on_tick(struct core *c)
{
	enum en_err err;

	if (c->now.monotonic_ms < c->tick_at_ms) {
		return EN_OK;
	}
	c->tick_at_ms = c->now.monotonic_ms + TICK_MS;
	settle_timers(c);
	err = session_tick(c);
	return err == EN_OK ? alarm_tick(c) : err;
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
		return on_tick(c);
	case INPUT_DURABLE:
		c->durable = in->sequence;
		return EN_OK;
	case INPUT_RECORDS:
		return on_records(c, in);
	case INPUT_RULES:
		return on_rules(c, in);
	case INPUT_KEYS:
		c->keys = in->keys;
		c->key_count = in->key_count;
		return session_rekey(c);
	case INPUT_SPACE:
		c->space = in->space_bytes;
		return EN_OK;
	case INPUT_JOURNAL:
		c->journal = *in->journal;
		return EN_OK;
	case INPUT_UNREACHED:
		s = session_of(c, in->peer);
		if (s != NULL) {
			session_end(c, s);
		}
		return EN_OK;
	case INPUT_DRAIN:
		c->is_draining = true;
		return session_drain(c);
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
	fault_forget(c);
	err = dispatch(c, in);
	if (err == EN_OK && c->is_taking_up) {
		err = release_followers(c);
	}
	// What was promised leaves before what is delivered: a WELCOME opens its session.
	if (err == EN_OK) {
		err = core_flush_waiting(c);
	}
	if (err == EN_OK) {
		err = deliver_all(c);
	}
	// Behind the deliveries: a record that is made now may take the place of one that they were reading.
	if (err == EN_OK) {
		err = fault_tell_all(c);
	}
	return err == EN_OK ? maybe_checkpoint(c) : err;
}

uint64_t
core_next_timer(const struct core *c)
{
	return c->tick_at_ms > c->now.monotonic_ms ? c->tick_at_ms : c->now.monotonic_ms + TICK_MS;
}

// SPDX-License-Identifier: Apache-2.0
// Sessions: a key and a client name, an epoch, what it is attached to. The last HELLO of an agency's client name wins; a subscription has one reader.
#include <stdio.h>
#include <stdlib.h>

#include "core/engine.h"

struct session *
session_of(struct core *c, uint64_t peer)
{
	struct session *s = c->sessions;

	while (s != NULL && s->peer != peer) {
		s = s->next;
	}
	return s;
}

const struct core_key *
core_key_of(const struct core *c, uint32_t subject)
{
	const struct core_key *key = subject < c->key_count ? &c->keys[subject] : NULL;

	return key != NULL && (key->valid_to_ms == 0 || key->valid_to_ms > c->now.wall_ms) ? key : NULL;
}

static void
detach(struct core *c, struct attachment *a)
{
	while (a->flying_count > 0) {
		settle_unfly(c, a, a->flying_count - 1, true);
	}
	a->state->session = NULL;
	free(a->flying);
	a->flying = NULL;
}

void
session_end(struct core *c, struct session *s)
{
	struct session **at = &c->sessions;

	for (size_t i = 0; i < s->attachment_count; i++) {
		detach(c, &s->attachments[i]);
	}
	while (*at != s) {
		at = &(*at)->next;
	}
	*at = s->next;
	c->session_count--;
	free(s);
}

enum en_err
session_goaway(struct core *c, struct session *s, enum reason reason, uint32_t again_ms)
{
	Enlace__V1__Goaway goaway = ENLACE__V1__GOAWAY__INIT;
	uint64_t peer = s->peer;
	enum en_err err;

	goaway.code = (char *)(uintptr_t)reason_code(reason);
	goaway.text = (char *)(uintptr_t)reason_text(reason, EN_LANG_EN);
	goaway.reconnect_after_ms = again_ms;
	err = core_send(c, peer, s->form, FRAME_GOAWAY, &goaway.base);
	if (err == EN_OK) {
		err = CORE_LOG(c, LOG_INFO, "session.goaway", LOG_TEXT("agency", s->agency),
		    LOG_TEXT("client", s->client), LOG_TEXT("code", reason_code(reason)));
	}
	session_end(c, s);
	return err == EN_OK ? core_forget(c, peer) : err;
}

static bool
is_client_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= LIMIT_CLIENT_NAME_BYTES &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

static enum en_err
count_takeover(struct core *c, const struct session *s)
{
	if (c->now.monotonic_ms - c->takeovers_since_ms > 60000) {
		c->takeovers_since_ms = c->now.monotonic_ms;
		c->takeovers = 0;
	}
	if (++c->takeovers < LIMIT_TAKEOVERS_PER_MINUTE) {
		return EN_OK;
	}
	return CORE_LOG(c, LOG_ERROR, "alarm.takeovers", LOG_TEXT("agency", s->agency), LOG_TEXT("client", s->client),
	    LOG_TEXT("remedy", "two processes use one client name, or a key is in foreign hands"));
}

// Whoever is in the way goes: the same client, or the reader of a subscription that is asked for.
static enum en_err
take_over(struct core *c, const char *agency, const Enlace__V1__Hello *hello)
{
	for (struct session *s = c->sessions, *next; s != NULL; s = next) {
		bool goes = strcmp(s->agency, agency) == 0 && strcmp(s->client, hello->client) == 0;
		enum en_err err;

		next = s->next;
		for (size_t i = 0; i < hello->n_subscriptions && strcmp(s->agency, agency) == 0; i++) {
			goes = goes || session_attachment(s, hello->subscriptions[i]->subscription) != NULL;
		}
		if (!goes) {
			continue;
		}
		err = count_takeover(c, s);
		if (err == EN_OK) {
			err = session_goaway(c, s, REASON_REPLACED, LIMIT_RECONNECT_LAST_MS);
		}
		if (err != EN_OK) {
			return err;
		}
	}
	return EN_OK;
}

struct attachment *
session_attachment(struct session *s, const char *subscription)
{
	for (size_t i = 0; i < s->attachment_count; i++) {
		if (strcmp(s->attachments[i].state->name, subscription) == 0) {
			return &s->attachments[i];
		}
	}
	return NULL;
}

static enum en_err
attach(struct core *c, struct session *s, const struct rules_subscription *rules, const Enlace__V1__Attach *wanted)
{
	struct subscription_state *state = state_subscription(&c->state, view_text(rules->name));
	struct attachment *a = &s->attachments[s->attachment_count];
	uint32_t events = wanted->window_events == 0 ? DEFAULT_WINDOW_EVENTS : wanted->window_events;
	uint64_t bytes = wanted->window_bytes == 0 ? DEFAULT_WINDOW_BYTES : wanted->window_bytes;

	if (state == NULL) {
		return EN_ENOMEM;
	}
	*a = (struct attachment){.state = state, .rules = rules};
	a->flying = calloc(c->limits.window_events + 1, sizeof(*a->flying));
	if (a->flying == NULL) {
		return EN_ENOMEM;
	}
	state->session = s;
	state->window_events = events < c->limits.window_events ? events : c->limits.window_events;
	state->window_bytes = bytes < c->limits.window_bytes ? bytes : c->limits.window_bytes;
	state->in_flight = 0;
	state->bytes_in_flight = 0;
	state->read_id = 0;
	for (size_t l = 0; l < LANE_COUNT; l++) {
		state->lanes[l].waiting_from = 0;
	}
	s->attachment_count++;
	return EN_OK;
}

static enum en_err
attach_all(struct core *c, struct session *s, const struct rules_agency *agency, const Enlace__V1__Hello *hello,
    enum reason *ret_refused, const char **ret_name)
{
	for (size_t i = 0; i < hello->n_subscriptions; i++) {
		const char *name = hello->subscriptions[i]->subscription;
		const struct rules_subscription *rules = rules_subscription_by_name(c->rules, name);
		enum en_err err;

		*ret_name = name;
		if (rules == NULL || rules->agency != agency ||
		    rules_may(c->rules, agency, VERB_SUBSCRIBE, name, NULL) != EN_OK ||
		    session_attachment(s, name) != NULL) {
			*ret_refused = REASON_UNKNOWN_SUBSCRIPTION;
			return EN_OK;
		}
		err = attach(c, s, rules, hello->subscriptions[i]);
		if (err != EN_OK) {
			return err;
		}
	}
	return EN_OK;
}

static enum en_err
describe(struct core *c, const struct attachment *a, Enlace__V1__Attached *out)
{
	static const char *const kinds[CANONICAL_COUNT] = {"Referral", "ReferralStatus", "Alert", "ConsentUpdate"};
	size_t count = 0;
	const char *const *hidden = rules_hidden_fields(c->rules, a->rules, &count);

	enlace__v1__attached__init(out);
	out->subscription = a->state->name;
	out->window_events = a->state->window_events;
	out->window_bytes = a->state->window_bytes;
	out->type = (char *)(uintptr_t)a->rules->as->name;
	out->hidden_fields = (char **)(uintptr_t)hidden;
	out->n_hidden_fields = count;
	out->receives = arena_alloc(&c->scratch, CANONICAL_COUNT * sizeof(*out->receives));
	for (size_t i = 0; i < CANONICAL_COUNT && out->receives != NULL; i++) {
		if ((a->rules->receives & 1u << i) != 0) {
			out->receives[out->n_receives++] = (char *)(uintptr_t)kinds[i];
		}
	}
	return out->receives == NULL ? EN_ENOMEM : EN_OK;
}

static enum en_err
welcome(struct core *c, struct session *s)
{
	Enlace__V1__Welcome w = ENLACE__V1__WELCOME__INIT;
	Enlace__V1__Attached *attached = arena_alloc(&c->scratch, (s->attachment_count + 1) * sizeof(*attached));
	Enlace__V1__Attached **list = arena_alloc(&c->scratch, (s->attachment_count + 1) * sizeof(*list));
	struct buf digest = BUF_EMPTY;
	enum en_err err = attached == NULL || list == NULL ? EN_ENOMEM : EN_OK;

	for (size_t i = 0; i < s->attachment_count && err == EN_OK; i++) {
		list[i] = &attached[i];
		err = describe(c, &s->attachments[i], &attached[i]);
	}
	if (err == EN_OK) {
		hex_put(&digest, view_of(rules_digest(c->rules), 32));
		w.epoch = s->epoch;
		w.agency = s->agency;
		w.max_frame_bytes = (uint32_t)c->limits.frame_bytes;
		w.max_event_bytes = (uint32_t)c->limits.event_bytes;
		w.publish_window = c->limits.publish_window;
		w.heartbeat_ms = c->limits.heartbeat_ms;
		w.last_sequence = s->next_sequence - 1;
		w.rules_digest = (char *)(uintptr_t)buf_cstr(&digest);
		w.n_subscriptions = s->attachment_count;
		w.subscriptions = list;
		w.broker_time_ms = c->now.wall_ms;
		err = core_send(c, s->peer, s->form, FRAME_WELCOME, &w.base);
	}
	buf_fini(&digest);
	return err;
}

static struct session *
new_session(struct core *c, const struct core_input *in, const struct frame *f, const char *agency)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		return NULL;
	}
	s->peer = in->peer;
	s->subject = in->subject;
	s->epoch = c->next_epoch++;
	s->form = f->form;
	s->last_heard_ms = c->now.monotonic_ms;
	s->frame_bytes = f->u.hello->max_frame_bytes > 4096 && f->u.hello->max_frame_bytes < c->limits.frame_bytes
	    ? f->u.hello->max_frame_bytes
	    : c->limits.frame_bytes;
	snprintf(s->agency, sizeof(s->agency), "%s", agency);
	snprintf(s->client, sizeof(s->client), "%s", f->u.hello->client);
	s->next_sequence = state_client_sequence(&c->state, s->agency, s->client) + 1;
	s->next = c->sessions;
	c->sessions = s;
	c->session_count++;
	return s;
}

static size_t
sessions_of_agency(const struct core *c, const char *agency)
{
	size_t count = 0;

	for (const struct session *s = c->sessions; s != NULL; s = s->next) {
		count += strcmp(s->agency, agency) == 0;
	}
	return count;
}

enum en_err
session_hello(struct core *c, const struct core_input *in, const struct frame *f)
{
	const struct core_key *key = core_key_of(c, in->subject);
	const struct rules_agency *agency = key == NULL ? NULL : rules_agency_by_name(c->rules, key->agency);
	const Enlace__V1__Hello *hello = f->u.hello;
	enum reason refused = REASON_NONE;
	const char *about = "";
	struct session *s = session_of(c, in->peer);
	enum en_err err;

	if (s != NULL) {
		session_end(c, s); // a second HELLO of one peer starts over
	}
	if (agency == NULL) {
		return core_error(c, in->peer, f->form, REASON_KEY_REVOKED, "", false, f->kind);
	}
	if (c->is_draining) {
		return core_error(c, in->peer, f->form, REASON_DRAINING, "", true, f->kind);
	}
	if (!is_client_name(hello->client) || hello->n_subscriptions > LIMIT_SUBSCRIPTIONS_PER_HELLO) {
		return core_error(c, in->peer, f->form, REASON_MALFORMED,
		    is_client_name(hello->client) ? "subscriptions" : "client", false, f->kind);
	}
	err = take_over(c, key->agency, hello);
	if (err != EN_OK) {
		return err;
	}
	if (c->session_count >= c->limits.sessions ||
	    sessions_of_agency(c, key->agency) >= c->limits.sessions_per_agency) {
		return core_error(c, in->peer, f->form, REASON_BUSY, "", true, f->kind);
	}
	s = new_session(c, in, f, key->agency);
	if (s == NULL) {
		return EN_ENOMEM;
	}
	err = attach_all(c, s, agency, hello, &refused, &about);
	if (err == EN_OK && refused != REASON_NONE) {
		session_end(c, s);
		return core_error(c, in->peer, f->form, refused, about, false, f->kind);
	}
	if (err == EN_OK) {
		err =
		    CORE_LOG(c, LOG_INFO, "session.open", LOG_TEXT("agency", s->agency), LOG_TEXT("client", s->client),
			LOG_NUM("epoch", s->epoch), LOG_NUM("subscriptions", s->attachment_count));
	}
	return err == EN_OK ? welcome(c, s) : err;
}

// New rules: attachments point into the set that is gone.
enum en_err
session_rebind(struct core *c)
{
	for (struct session *s = c->sessions, *next; s != NULL; s = next) {
		bool whole = rules_agency_by_name(c->rules, s->agency) != NULL;

		next = s->next;
		for (size_t i = 0; i < s->attachment_count; i++) {
			s->attachments[i].rules = rules_subscription_by_name(c->rules, s->attachments[i].state->name);
			whole = whole && s->attachments[i].rules != NULL &&
			    strcmp(s->attachments[i].rules->agency->name, s->agency) == 0;
		}
		if (!whole) {
			enum en_err err = session_goaway(c, s, REASON_UNKNOWN_SUBSCRIPTION, 1000);

			if (err != EN_OK) {
				return err;
			}
		}
	}
	return EN_OK;
}

static enum en_err
ping(struct core *c, struct session *s)
{
	Enlace__V1__Ping p = ENLACE__V1__PING__INIT;

	s->pinged_ms = c->now.monotonic_ms;
	p.token = c->now.monotonic_ms;
	p.broker_time_ms = c->now.wall_ms;
	return core_send(c, s->peer, s->form, FRAME_PING, &p.base);
}

enum en_err
session_tick(struct core *c)
{
	for (struct session *s = c->sessions, *next; s != NULL; s = next) {
		uint64_t quiet = c->now.monotonic_ms - s->last_heard_ms;
		enum en_err err = EN_OK;

		next = s->next;
		if (core_key_of(c, s->subject) == NULL && c->key_count > 0) {
			err = session_goaway(c, s, REASON_KEY_REVOKED, LIMIT_RECONNECT_LAST_MS);
		} else if (quiet > (uint64_t)c->limits.heartbeat_ms * LIMIT_SILENT_HEARTBEATS) {
			err = session_goaway(c, s, REASON_SILENT, LIMIT_RECONNECT_FIRST_MS);
		} else if (quiet >= c->limits.heartbeat_ms &&
		    c->now.monotonic_ms - s->pinged_ms >= c->limits.heartbeat_ms) {
			err = ping(c, s);
		}
		if (err != EN_OK) {
			return err;
		}
	}
	return EN_OK;
}

// ---- what an agency may ask about itself ---------------------------------------------------------------------------------------------

static enum en_err
status_held(struct core *c, const struct session *s, Enlace__V1__Status *out)
{
	size_t max = 100;
	Enlace__V1__HeldInput *held = arena_alloc(&c->scratch, max * sizeof(*held));
	Enlace__V1__HeldInput **list = arena_alloc(&c->scratch, max * sizeof(*list));

	if (held == NULL || list == NULL) {
		return EN_ENOMEM;
	}
	out->held = list;
	for (size_t i = 0; i < c->state.held_count; i++) {
		const struct held *h = &c->state.held[i];

		if (strcmp(h->agency, s->agency) != 0) {
			continue;
		}
		out->held_total++;
		if (out->n_held < max) {
			Enlace__V1__HeldInput *o = &held[out->n_held];

			enlace__v1__held_input__init(o);
			o->source = h->source;
			o->id = h->id;
			o->position = h->sequence;
			o->code = (char *)(uintptr_t)reason_code((enum reason)h->reason);
			o->field = h->field;
			o->since_ms = h->since_ms;
			list[out->n_held++] = o;
		}
	}
	return EN_OK;
}

static enum en_err
status_subscriptions(struct core *c, const struct session *s, Enlace__V1__Status *out)
{
	uint32_t count = rules_subscription_count(c->rules);
	Enlace__V1__SubscriptionStatus *all = arena_alloc(&c->scratch, (count + 1) * sizeof(*all));
	Enlace__V1__SubscriptionStatus **list = arena_alloc(&c->scratch, (count + 1) * sizeof(*list));

	if (all == NULL || list == NULL) {
		return EN_ENOMEM;
	}
	out->subscriptions = list;
	for (uint32_t i = 0; i < count; i++) {
		const struct rules_subscription *rules = rules_subscription_at(c->rules, i);
		struct subscription_state *state = strcmp(rules->agency->name, s->agency) == 0
		    ? state_subscription(&c->state, view_text(rules->name))
		    : NULL;
		Enlace__V1__SubscriptionStatus *o = &all[out->n_subscriptions];

		if (state == NULL) {
			continue;
		}
		enlace__v1__subscription_status__init(o);
		o->subscription = state->name;
		o->waiting = subscription_pending(state);
		o->oldest_ms = subscription_oldest_ms(state);
		o->dead_letters = state->dead_count;
		o->attached = state->session != NULL;
		list[out->n_subscriptions++] = o;
	}
	return EN_OK;
}

enum en_err
session_status(struct core *c, struct session *s)
{
	Enlace__V1__Status out = ENLACE__V1__STATUS__INIT;
	const struct agency_counts *counts = state_agency(&c->state, view_text(s->agency));
	const struct core_key *key = core_key_of(c, s->subject);
	enum en_err err = status_held(c, s, &out);

	if (err == EN_OK) {
		err = status_subscriptions(c, s, &out);
	}
	if (counts != NULL) {
		out.last_recorded_position = counts->last_position;
		out.last_recorded_ms = counts->last_recorded_ms;
	}
	out.key_expires_ms = key == NULL ? 0 : key->valid_to_ms;
	return err == EN_OK ? core_send(c, s->peer, s->form, FRAME_STATUS, &out.base) : err;
}

enum en_err
session_schema(struct core *c, struct session *s, const Enlace__V1__Schema *asked)
{
	const struct rules_agency *agency = rules_agency_by_name(c->rules, s->agency);
	const struct schema_type *type = schema_type_by_name(rules_schema(c->rules), asked->type);
	Enlace__V1__Schema out = ENLACE__V1__SCHEMA__INIT;
	struct buf hex = BUF_EMPTY;
	uint8_t digest[32];
	struct view set;
	enum en_err err;

	if (type == NULL || agency == NULL || rules_may(c->rules, agency, VERB_SCHEMA, asked->type, NULL) != EN_OK) {
		return core_error(c, s->peer, s->form, type == NULL ? REASON_SCHEMA_UNKNOWN : REASON_NOT_PERMITTED,
		    "type", false, FRAME_SCHEMA);
	}
	set = schema_descriptor_set(rules_schema(c->rules), type, digest);
	hex_put(&hex, view_of(digest, sizeof(digest)));
	out.type = asked->type;
	out.digest = (char *)(uintptr_t)buf_cstr(&hex);
	out.descriptor_set.data = (uint8_t *)(uintptr_t)set.data;
	out.descriptor_set.len = set.len;
	err = core_send(c, s->peer, s->form, FRAME_SCHEMA, &out.base);
	buf_fini(&hex);
	return err == EN_ELIMIT ? core_error(c, s->peer, s->form, REASON_OVERSIZE, "type", false, FRAME_SCHEMA) : err;
}

// SPDX-License-Identifier: Apache-2.0
// HELLO: who it is says the key; what it asks for is looked at whole before anything changes, so that a wrong HELLO
// takes nobody's place. The last HELLO of an agency's client name wins; a subscription has one reader.
#include <stdio.h>
#include <stdlib.h>

#include "core/engine.h"

struct greeting {
	const struct core_input *in;
	const Enlace__V1__Hello *hello;
	const struct core_key *key;
	const struct rules_agency *agency;
	const struct rules_subscription *wanted[SESSION_ATTACH_MAX];
	uint8_t form;
	uint64_t takeovers_since_ms; // inherited by the new session
	uint32_t takeovers;
	char field[64];
};

// ---- checks --------------------------------------------------------------------------------------------------------

static bool
is_client_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= LIMIT_CLIENT_NAME_BYTES &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == len;
}

// One that does not exist and one of another agency are not told apart; nor is one that is named twice.
static bool
find_subscription(const struct core *c, struct greeting *g, size_t i)
{
	const char *name = g->hello->subscriptions[i]->subscription;
	const struct rules_subscription *rules = rules_subscription_by_name(c->rules, name);

	if (rules == NULL || rules->agency != g->agency ||
	    rules_may(c->rules, g->agency, VERB_SUBSCRIBE, name, NULL) != EN_OK) {
		return false;
	}
	for (size_t before = 0; before < i; before++) {
		if (g->wanted[before] == rules) {
			return false;
		}
	}
	g->wanted[i] = rules;
	return true;
}

static enum reason
check(const struct core *c, struct greeting *g)
{
	const Enlace__V1__Hello *hello = g->hello;

	if (g->agency == NULL) {
		return REASON_NOT_PERMITTED;
	}
	if (c->is_draining) {
		return REASON_DRAINING;
	}
	snprintf(g->field, sizeof(g->field), "client");
	if (!is_client_name(hello->client)) {
		return REASON_MALFORMED;
	}
	snprintf(g->field, sizeof(g->field), "max_frame_bytes");
	if (hello->max_frame_bytes != 0 && hello->max_frame_bytes < LIMIT_FRAME_BYTES_LEAST) {
		return REASON_MALFORMED;
	}
	snprintf(g->field, sizeof(g->field), "subscriptions");
	if (hello->n_subscriptions > LIMIT_SUBSCRIPTIONS_PER_HELLO) {
		return REASON_OVERSIZE;
	}
	for (size_t i = 0; i < hello->n_subscriptions; i++) {
		snprintf(g->field, sizeof(g->field), "subscriptions[%zu].subscription", i);
		if (!find_subscription(c, g, i)) {
			return REASON_UNKNOWN_SUBSCRIPTION;
		}
	}
	g->field[0] = '\0';
	return REASON_NONE;
}

// ---- takeover ------------------------------------------------------------------------------------------------------

static bool
is_in_the_way(struct session *s, const struct greeting *g)
{
	bool goes = strcmp(s->client, g->hello->client) == 0;

	if (strcmp(s->agency, g->key->agency) != 0) {
		return false;
	}
	for (size_t i = 0; i < g->hello->n_subscriptions && !goes; i++) {
		goes = session_attachment(s, g->wanted[i]->name) != NULL;
	}
	return goes;
}

// Sessions that will be left of the agency, and of all.
static bool
has_room(const struct core *c, const struct greeting *g)
{
	size_t all = 0, of_agency = 0;

	for (struct session *s = c->sessions; s != NULL; s = s->next) {
		if (!is_in_the_way(s, g)) {
			all++;
			of_agency += strcmp(s->agency, g->key->agency) == 0;
		}
	}
	return all < c->limits.sessions && of_agency < c->limits.sessions_per_agency;
}

static enum en_err
count_takeover(struct core *c, struct greeting *g, const struct session *s)
{
	if (s->takeovers > 0 && c->now.monotonic_ms - s->takeovers_since_ms < 60000) {
		g->takeovers = s->takeovers > g->takeovers ? s->takeovers : g->takeovers;
		g->takeovers_since_ms = s->takeovers_since_ms;
	}
	if (g->takeovers == 0) {
		g->takeovers_since_ms = c->now.monotonic_ms;
	}
	if (++g->takeovers != LIMIT_TAKEOVERS_PER_MINUTE) {
		return EN_OK;
	}
	return CORE_LOG(c, LOG_ERROR, "alarm.takeovers", LOG_TEXT("agency", s->agency), LOG_TEXT("client", s->client),
	    LOG_TEXT("remedy", "two processes use one client name, or a key is in foreign hands"));
}

static enum en_err
take_over(struct core *c, struct greeting *g)
{
	for (struct session *s = c->sessions, *next; s != NULL; s = next) {
		enum en_err err;

		next = s->next;
		if (!is_in_the_way(s, g)) {
			continue;
		}
		err = count_takeover(c, g, s);
		if (err == EN_OK) {
			err = session_goaway(c, s, REASON_REPLACED, LIMIT_RECONNECT_LAST_MS);
		}
		if (err != EN_OK) {
			return err;
		}
	}
	return EN_OK;
}

// ---- the new session -----------------------------------------------------------------------------------------------

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
	*a = (struct attachment){.session = s, .state = state, .rules = rules, .extended_to_ms = UINT64_MAX};
	a->window_events = events < c->limits.window_events ? events : c->limits.window_events;
	a->window_bytes = bytes < c->limits.window_bytes ? bytes : c->limits.window_bytes;
	// As large as one answer (LIMIT_READER_BYTES and the rest of its last record): none of it may go before it was looked at.
	hot_init(&a->cold, SIZE_MAX);
	state->reader = a;
	state->is_ready = true;
	for (size_t l = 0; l < LANE_COUNT; l++) {
		state->lanes[l].waiting_from = 0;
	}
	s->attachment_count++;
	return EN_OK;
}

static enum en_err
begin(struct core *c, const struct greeting *g, struct session **ret)
{
	const Enlace__V1__Hello *hello = g->hello;
	struct session *s = calloc(1, sizeof(*s));
	enum en_err err = EN_OK;

	if (s == NULL || strmap_put(&c->by_peer, view_of(&g->in->peer, sizeof(g->in->peer)), s, NULL) != EN_OK) {
		free(s);
		return EN_ENOMEM;
	}
	s->peer = g->in->peer;
	s->subject = g->in->subject;
	s->epoch = c->next_epoch++;
	s->form = g->form;
	s->last_heard_ms = s->pinged_ms = c->now.monotonic_ms;
	s->takeovers = g->takeovers;
	s->takeovers_since_ms = g->takeovers_since_ms;
	s->frame_bytes = hello->max_frame_bytes != 0 && hello->max_frame_bytes < c->limits.frame_bytes
	    ? hello->max_frame_bytes
	    : c->limits.frame_bytes;
	snprintf(s->agency, sizeof(s->agency), "%s", g->key->agency);
	snprintf(s->client, sizeof(s->client), "%s", hello->client);
	snprintf(s->key, sizeof(s->key), "%s", g->key->public_key == NULL ? "" : g->key->public_key);
	s->next_sequence = state_client_sequence(&c->state, s->agency, s->client) + 1;
	s->next = c->sessions;
	c->sessions = s;
	c->session_count++;
	for (size_t i = 0; i < hello->n_subscriptions && err == EN_OK; i++) {
		err = attach(c, s, g->wanted[i], hello->subscriptions[i]);
	}
	*ret = s;
	return err;
}

static enum en_err
describe(struct core *c, const struct attachment *a, Enlace__V1__Attached *out)
{
	static const char *const kinds[CANONICAL_COUNT] = {"Referral", "ReferralStatus", "Alert", "ConsentUpdate"};
	size_t count = 0;
	const char *const *hidden = rules_hidden_fields(c->rules, a->rules, &count);

	enlace__v1__attached__init(out);
	out->subscription = a->state->name;
	out->window_events = a->window_events;
	out->window_bytes = a->window_bytes;
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

// WELCOME says what is durable: it waits for everything that this client had recorded before (ENL-017, ENL-019).
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
		err = core_promise(c, s, FRAME_WELCOME, &w.base, 0, THEN_OPEN);
	}
	buf_fini(&digest);
	if (err == EN_ELIMIT) { // so many subscriptions do not fit into so small a frame
		struct session gone = *s;

		session_end(c, s);
		return core_error(c, gone.peer, gone.form, REASON_OVERSIZE, "max_frame_bytes", FRAME_HELLO);
	}
	return err;
}

enum en_err
session_hello(struct core *c, const struct core_input *in, const struct frame *f)
{
	struct greeting g = {
	    .in = in, .hello = f->u.hello, .form = f->form, .key = core_key_of(c, in->subject), .field = ""};
	struct session *s = session_of(c, in->peer);
	enum reason refused;
	enum en_err err;

	if (s != NULL) {
		session_end(c, s); // a HELLO inside a session ends it
	}
	g.agency = g.key == NULL ? NULL : rules_agency_by_name(c->rules, g.key->agency);
	refused = check(c, &g);
	if (refused == REASON_NONE && !has_room(c, &g)) {
		refused = REASON_BUSY;
	}
	if (refused != REASON_NONE) {
		return core_error(c, in->peer, f->form, refused, g.field, f->kind);
	}
	err = take_over(c, &g);
	if (err == EN_OK) {
		err = begin(c, &g, &s);
	}
	if (err == EN_OK) {
		err =
		    CORE_LOG(c, LOG_INFO, "session.open", LOG_TEXT("agency", s->agency), LOG_TEXT("client", s->client),
			LOG_NUM("epoch", s->epoch), LOG_NUM("subscriptions", s->attachment_count));
	}
	return err == EN_OK ? welcome(c, s) : err;
}

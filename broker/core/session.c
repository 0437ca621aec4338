// SPDX-License-Identifier: Apache-2.0
// Sessions: found by peer, ended in every way there is, kept alive by heartbeats, bound anew to new rules and keys.
// hello.c begins them, ask.c answers what they ask about themselves.
#include <stdlib.h>

#include "core/engine.h"

struct session *
session_of(const struct core *c, uint64_t peer)
{
	return strmap_get(&c->by_peer, view_of(&peer, sizeof(peer)));
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

// ---- ends ----------------------------------------------------------------------------------------------------------

static void
detach(struct core *c, struct attachment *a)
{
	settle_return_all(a);
	a->state->reader = NULL;
	a->state->alone_since_ms = c->now.monotonic_ms;
	free(a->flying);
	hot_fini(&a->cold);
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
	if (session_of(c, s->peer) == s) {
		(void)strmap_remove(&c->by_peer, view_of(&s->peer, sizeof(s->peer)));
	}
	free(s);
}

static void
fill_goaway(Enlace__V1__Goaway *goaway, enum reason reason, uint32_t again_ms)
{
	enlace__v1__goaway__init(goaway);
	goaway->code = (char *)(uintptr_t)reason_code(reason);
	goaway->text = (char *)(uintptr_t)reason_text(reason, EN_LANG_EN);
	goaway->reconnect_after_ms = again_ms;
}

static enum en_err
log_goaway(struct core *c, const struct session *s, enum reason reason)
{
	return CORE_LOG(c, LOG_INFO, "session.goaway", LOG_TEXT("agency", s->agency), LOG_TEXT("client", s->client),
	    LOG_TEXT("code", reason_code(reason)));
}

enum en_err
session_goaway(struct core *c, struct session *s, enum reason reason, uint32_t again_ms)
{
	Enlace__V1__Goaway goaway;
	uint64_t peer = s->peer;
	enum en_err err;

	fill_goaway(&goaway, reason, again_ms);
	err = core_send(c, peer, s->form, FRAME_GOAWAY, &goaway.base);
	if (err == EN_OK) {
		err = log_goaway(c, s, reason);
	}
	session_end(c, s);
	return err == EN_OK ? core_forget(c, peer) : err;
}

// What is under way is answered first: GOAWAY stands in line behind it.
enum en_err
session_drain(struct core *c)
{
	Enlace__V1__Goaway goaway;
	enum en_err err = EN_OK;

	fill_goaway(&goaway, REASON_DRAINING, 2000);
	for (struct session *s = c->sessions; s != NULL && err == EN_OK; s = s->next) {
		if (!s->is_leaving) {
			s->is_leaving = true;
			err = core_promise(c, s, FRAME_GOAWAY, &goaway.base, 0, THEN_END);
		}
		if (err == EN_OK) {
			err = log_goaway(c, s, REASON_DRAINING);
		}
	}
	return err;
}

// ---- changes under way ---------------------------------------------------------------------------------------------

// New rules: attachments point into the set that is gone.
enum en_err
session_rebind(struct core *c)
{
	for (struct session *s = c->sessions, *next; s != NULL; s = next) {
		bool whole = rules_agency_by_name(c->rules, s->agency) != NULL;

		next = s->next;
		for (size_t i = 0; i < s->attachment_count; i++) {
			struct attachment *a = &s->attachments[i];

			a->rules = rules_subscription_by_name(c->rules, a->state->name);
			a->state->blocks_stale = true; // on_dead_letter may say another thing
			a->state->is_ready = true;
			whole = whole && a->rules != NULL && strcmp(a->rules->agency->name, s->agency) == 0;
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

// New keys: a session lives on under its own key alone, wherever that stands in the new table. Another key of the same
// agency does not keep it.
static bool
find_key(const struct core *c, struct session *s)
{
	for (size_t i = 0; i < c->key_count; i++) {
		const struct core_key *key = &c->keys[i];

		if (strcmp(key->agency, s->agency) == 0 &&
		    strcmp(key->public_key == NULL ? "" : key->public_key, s->key) == 0) {
			s->subject = (uint32_t)i;
			return true;
		}
	}
	return false;
}

enum en_err
session_rekey(struct core *c)
{
	for (struct session *s = c->sessions, *next; s != NULL; s = next) {
		next = s->next;
		if (!find_key(c, s)) {
			enum en_err err = session_goaway(c, s, REASON_KEY_REVOKED, LIMIT_RECONNECT_LAST_MS);

			if (err != EN_OK) {
				return err;
			}
		}
	}
	return EN_OK;
}

// ---- heartbeats ----------------------------------------------------------------------------------------------------

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
		if (core_key_of(c, s->subject) == NULL) {
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

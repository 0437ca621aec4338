// SPDX-License-Identifier: Apache-2.0
#include "sdk/session_int.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "base/log.h"

#define GREETING_MS 5000
#define FRAMES_PER_TURN 64

enum en_err
session_new(const struct session_options *options, struct session **ret)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		return EN_ENOMEM;
	}
	s->sent = calloc(LIMIT_PUBLISH_WINDOW_EVENTS, sizeof(*s->sent));
	if (s->sent == NULL) {
		free(s);
		return EN_ENOMEM;
	}
	s->options = *options;
	arena_init(&s->arena, 2 * LIMIT_FRAME_BYTES + MIB(14));
	*ret = s;
	return EN_OK;
}

enum en_err
session_send(struct session *s, enum frame_kind kind, const ProtobufCMessage *message)
{
	enum en_err err;

	buf_clear(&s->out);
	err = frame_encode(FRAME_FORM_PROTOBUF, kind, message, &s->out);
	return err == EN_OK ? net_client_send(s->client, buf_view(&s->out)) : err;
}

void
session_free(struct session **sp)
{
	struct session *s = *sp;

	*sp = NULL;
	if (s == NULL) {
		return;
	}
	if (s->client != NULL && s->state == SESSION_UP) {
		Enlace__V1__Bye bye = ENLACE__V1__BYE__INIT;

		if (session_send(s, FRAME_BYE, &bye.base) == EN_OK) {
			net_client_flush(s->client, 1000);
		}
	}
	net_client_close(&s->client);
	arena_fini(&s->arena);
	buf_fini(&s->out);
	free(s->sent);
	free(s);
}

// Full jitter (security R30), never before what the broker asked for.
void
session_over(struct session *s, const char *code, uint64_t at_least_ms, struct moment now)
{
	uint64_t random, wait;

	s->backoff_ms = s->backoff_ms == 0 ? LIMIT_RECONNECT_FIRST_MS : s->backoff_ms * 2;
	if (s->backoff_ms > LIMIT_RECONNECT_LAST_MS) {
		s->backoff_ms = LIMIT_RECONNECT_LAST_MS;
	}
	crypto_random(&random, sizeof(random));
	wait = at_least_ms + LIMIT_RECONNECT_FIRST_MS / 2 + random % s->backoff_ms;
	net_client_close(&s->client);
	s->state = SESSION_WAITING;
	s->deadline_ms = now.monotonic_ms + wait;
	s->epoch = 0;
	s->sent_count = 0;
	if (s->options.owner.ended != NULL) {
		s->options.owner.ended(s->options.owner.context, code, wait);
	}
}

static enum en_err
greet(struct session *s, struct moment now)
{
	Enlace__V1__Hello hello = ENLACE__V1__HELLO__INIT;
	Enlace__V1__Attach *attach;
	Enlace__V1__Attach **pointers;
	enum en_err err;

	arena_reset(&s->arena);
	attach = arena_alloc(&s->arena, (s->options.attach_count + 1) * sizeof(*attach));
	pointers = arena_alloc(&s->arena, (s->options.attach_count + 1) * sizeof(*pointers));
	if (attach == NULL || pointers == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < s->options.attach_count; i++) {
		enlace__v1__attach__init(&attach[i]);
		attach[i].subscription = (char *)(uintptr_t)s->options.attach[i].subscription;
		attach[i].window_events = s->options.attach[i].window_events;
		pointers[i] = &attach[i];
	}
	hello.client = (char *)(uintptr_t)s->options.client;
	hello.software = (char *)(uintptr_t)s->options.software;
	hello.n_subscriptions = s->options.attach_count;
	hello.subscriptions = pointers;
	hello.max_frame_bytes = (uint32_t)s->options.net.frame_bytes;
	err = net_client_open(&s->options.net, &s->client);
	if (err != EN_OK) {
		return err;
	}
	s->state = SESSION_GREETING;
	s->deadline_ms = now.monotonic_ms + GREETING_MS;
	return session_send(s, FRAME_HELLO, &hello.base);
}

static void
on_welcome(struct session *s, const Enlace__V1__Welcome *w, struct moment now)
{
	s->state = SESSION_UP;
	s->backoff_ms = 0;
	s->pause_until_ms = 0;
	s->epoch = w->epoch;
	s->window = w->publish_window < LIMIT_PUBLISH_WINDOW_EVENTS ? w->publish_window : LIMIT_PUBLISH_WINDOW_EVENTS;
	s->frame_bytes = w->max_frame_bytes < LIMIT_FRAME_BYTES ? w->max_frame_bytes : LIMIT_FRAME_BYTES;
	s->silence_ms = (uint64_t)w->heartbeat_ms * (LIMIT_SILENT_HEARTBEATS + 1);
	s->next_sequence = w->last_sequence + 1;
	s->next_number = 0;
	s->sent_head = s->sent_count = 0;
	s->sent_first_sequence = s->next_sequence;
	s->skew_ms = w->broker_time_ms - now.wall_ms;
	if (s->options.owner.welcomed != NULL) {
		s->options.owner.welcomed(s->options.owner.context, w);
	}
}

static void
on_deliver(struct session *s, const Enlace__V1__Deliver *d)
{
	if (d->epoch != s->epoch || s->options.owner.delivered == NULL) {
		return;
	}
	for (size_t i = 0; i < d->n_deliveries; i++) {
		s->options.owner.delivered(s->options.owner.context, d->subscription, d->epoch, d->deliveries[i]);
	}
}

static const char *
on_ping(struct session *s, const Enlace__V1__Ping *ping, struct moment now)
{
	Enlace__V1__Pong pong = ENLACE__V1__PONG__INIT;

	pong.token = ping->token;
	s->skew_ms = ping->broker_time_ms - now.wall_ms;
	return session_send(s, FRAME_PONG, &pong.base) == EN_OK ? NULL : "unreachable";
}

// Returns why the session must end, or NULL. *ret_again_ms: what the broker asked for.
static const char *
on_frame(struct session *s, const struct frame *f, struct moment now, uint64_t *ret_again_ms)
{
	if (f->form != FRAME_FORM_PROTOBUF) {
		return "protocol";
	}
	if (f->kind == FRAME_WELCOME && s->state == SESSION_GREETING) {
		on_welcome(s, f->u.welcome, now);
		return NULL;
	}
	if (f->kind == FRAME_ERROR) {
		*ret_again_ms = f->u.error->retry ? f->u.error->retry_after_ms : LIMIT_RECONNECT_LAST_MS;
		log_event(LOG_WARN, "session.error", LOG_TEXT("code", f->u.error->code),
		    LOG_TEXT("field", f->u.error->field));
		if (reason_from_code(f->u.error->code) == REASON_UNKNOWN_KIND) {
			return NULL; // the only one after which a session goes on as if nothing had been said
		}
		return reason_code(reason_from_code(f->u.error->code) == REASON_COUNT
			? REASON_MALFORMED
			: reason_from_code(f->u.error->code));
	}
	if (f->kind == FRAME_GOAWAY) {
		*ret_again_ms = f->u.goaway->reconnect_after_ms;
		return reason_code(reason_from_code(f->u.goaway->code) == REASON_COUNT
			? REASON_DRAINING
			: reason_from_code(f->u.goaway->code));
	}
	if (s->state != SESSION_UP) {
		return "protocol";
	}
	switch (f->kind) {
	case FRAME_PUBLISHED:
		return session_on_published(s, f->u.published, now);
	case FRAME_DELIVER:
		on_deliver(s, f->u.deliver);
		return NULL;
	case FRAME_STATUS:
		if (s->options.owner.told_status != NULL) {
			s->options.owner.told_status(s->options.owner.context, f->u.status);
		}
		return NULL;
	case FRAME_PING:
		return on_ping(s, f->u.ping, now);
	default:
		return NULL; // what SETTLED does not confirm comes again; SCHEMA's answer is nobody's here; later kinds are ignored
	}
}

static enum en_err
receive_all(struct session *s, struct moment now)
{
	for (int i = 0; i < FRAMES_PER_TURN && s->client != NULL; i++) {
		struct view bytes;
		struct frame frame;
		enum reason reason;
		char field[128];
		const char *over;
		uint64_t again_ms = 0;

		if (net_client_receive(s->client, 0, &bytes) != EN_OK) {
			break;
		}
		arena_reset(&s->arena);
		reason = REASON_NONE;
		if (frame_decode(bytes, &s->arena, &frame, &reason, field) == EN_OK) {
			over = on_frame(s, &frame, now, &again_ms);
		} else {
			over = reason == REASON_UNKNOWN_KIND ? NULL : "protocol"; // of a later version: ignored
		}
		if (over != NULL) {
			session_over(s, over, again_ms, now);
			break;
		}
		if (s->state == SESSION_UP) {
			s->deadline_ms = now.monotonic_ms + s->silence_ms;
		}
	}
	return EN_OK;
}

enum en_err
session_turn(struct session *s, struct moment now, uint64_t *ret_wake_ms)
{
	enum en_err err;

	if (s->state == SESSION_WAITING && now.monotonic_ms >= s->deadline_ms) {
		err = greet(s, now);
		if (err == EN_ENOMEM) {
			return err;
		}
		if (err != EN_OK) {
			session_over(s, en_err_code(err), 0, now);
		}
	}
	err = receive_all(s, now);
	if (err == EN_OK && s->state != SESSION_WAITING && now.monotonic_ms >= s->deadline_ms) {
		session_over(s, s->state == SESSION_UP ? "silent" : "no_answer", 0, now);
	}
	if (err == EN_OK) {
		err = session_publish(s, now);
	}
	*ret_wake_ms = s->deadline_ms;
	if (s->state == SESSION_UP && s->pause_until_ms > now.monotonic_ms && s->pause_until_ms < *ret_wake_ms) {
		*ret_wake_ms = s->pause_until_ms;
	}
	return err;
}

int
session_fd(const struct session *s)
{
	return s->client == NULL ? -1 : net_client_fd(s->client);
}

enum session_state
session_state(const struct session *s)
{
	return s->state;
}

int64_t
session_clock_skew_ms(const struct session *s)
{
	return s->skew_ms;
}

enum en_err
session_settle(struct session *s, const char *subscription, uint64_t epoch, const Enlace__V1__Settlement *settlement)
{
	Enlace__V1__Settlement *one = (Enlace__V1__Settlement *)(uintptr_t)settlement;
	Enlace__V1__Settle settle = ENLACE__V1__SETTLE__INIT;

	if (s->state != SESSION_UP || epoch != s->epoch) {
		return EN_EUNREACHED;
	}
	settle.subscription = (char *)(uintptr_t)subscription;
	settle.epoch = epoch;
	settle.n_settlements = 1;
	settle.settlements = &one;
	return session_send(s, FRAME_SETTLE, &settle.base);
}

enum en_err
session_ask_status(struct session *s)
{
	Enlace__V1__Status ask = ENLACE__V1__STATUS__INIT;

	return s->state == SESSION_UP ? session_send(s, FRAME_STATUS, &ask.base) : EN_EUNREACHED;
}

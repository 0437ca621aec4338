// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include "base/limits.h"

#define WELCOME_MS 8000

enum en_err
agency_session_send(struct agency_session *s, enum frame_kind kind, const ProtobufCMessage *message)
{
	enum en_err err;

	buf_clear(&s->out);
	err = frame_encode(FRAME_FORM_JSON, kind, message, &s->out);
	return err == EN_OK ? net_client_send(s->client, buf_view(&s->out)) : err;
}

enum en_err
agency_session_receive(struct agency_session *s, uint32_t timeout_ms, struct frame *ret)
{
	for (;;) {
		Enlace__V1__Pong pong = ENLACE__V1__PONG__INIT;
		struct view bytes;
		enum reason reason;
		char field[128];
		enum en_err err = net_client_receive(s->client, timeout_ms, &bytes);

		if (err != EN_OK) {
			return err;
		}
		arena_reset(&s->arena);
		err = frame_decode(bytes, &s->arena, ret, &reason, field);
		if (err != EN_OK) {
			return err;
		}
		if (ret->kind == FRAME_ERROR || ret->kind == FRAME_GOAWAY) {
			const char *code = ret->kind == FRAME_ERROR ? ret->u.error->code : ret->u.goaway->code;
			const char *text = ret->kind == FRAME_ERROR ? ret->u.error->text : ret->u.goaway->text;

			fprintf(stderr, "enlace: %s %s: %s\n",
			    s->lang == EN_LANG_ES ? "el broker dice" : "the broker says", code, text);
			return EN_EPROTOCOL;
		}
		if (ret->kind != FRAME_PING) {
			return EN_OK;
		}
		pong.token = ret->u.ping->token;
		err = agency_session_send(s, FRAME_PONG, &pong.base);
		if (err != EN_OK) {
			return err;
		}
	}
}

static enum en_err
greet(struct agency_session *s, const char *client, const char *subscription, uint32_t window)
{
	Enlace__V1__Hello hello = ENLACE__V1__HELLO__INIT;
	Enlace__V1__Attach attach = ENLACE__V1__ATTACH__INIT, *list = &attach;
	struct frame frame;
	enum en_err err;

	hello.client = (char *)(uintptr_t)client;
	hello.software = (char *)(uintptr_t) "enlace";
	attach.subscription = (char *)(uintptr_t)subscription;
	attach.window_events = window;
	hello.n_subscriptions = subscription == NULL ? 0 : 1;
	hello.subscriptions = &list;
	err = agency_session_send(s, FRAME_HELLO, &hello.base);
	if (err == EN_OK) {
		err = agency_session_receive(s, WELCOME_MS, &frame);
	}
	if (err == EN_OK && frame.kind != FRAME_WELCOME) {
		err = EN_EPROTOCOL;
	}
	if (err == EN_OK) {
		s->epoch = frame.u.welcome->epoch;
		s->next_sequence = frame.u.welcome->last_sequence + 1;
	}
	return err;
}

int
agency_session_open(
    struct cmd_call *call, const char *client, const char *subscription, uint32_t window, struct agency_session *s)
{
	struct connection k;
	struct net_client_options options = {.frame_bytes = LIMIT_FRAME_BYTES};
	enum en_err err;
	int code = connection_find(call, false, &k);

	*s = (struct agency_session){.out = BUF_EMPTY, .lang = call->lang};
	arena_init(&s->arena, 0);
	if (code != 0) {
		connection_wipe(&k);
		return code;
	}
	options.endpoint = k.endpoint;
	options.server_key = k.server.public_key;
	options.public_key = k.own.public_key;
	options.secret_key = k.own.secret_key;
	err = net_init();
	if (err == EN_OK) {
		err = net_client_open(&options, &s->client);
	}
	if (err == EN_OK) {
		err = greet(s, client, subscription, window);
	}
	connection_wipe(&k);
	if (err == EN_EAGAIN) {
		return cmd_fail(call, EN_EUNREACHED, "%s",
		    cmd_say(call, "no answer; is enlaced running, and is this key enrolled?",
			"sin respuesta; revise que enlaced esté activo y que la llave esté dada de alta"));
	}
	return err == EN_OK ? 0 : cmd_fail(call, err, "%s", cmd_say(call, "the session", "la sesión"));
}

void
agency_session_close(struct agency_session *s)
{
	Enlace__V1__Bye bye = ENLACE__V1__BYE__INIT;

	if (s->client != NULL && s->epoch != 0 && agency_session_send(s, FRAME_BYE, &bye.base) == EN_OK) {
		net_client_flush(s->client, 1000);
	}
	net_client_close(&s->client);
	arena_fini(&s->arena);
	buf_fini(&s->out);
	net_fini();
}

// SPDX-License-Identifier: Apache-2.0
// A broker that says what the test says: the real sockets of net/, a session of the SDK on the other side, and a clock
// that the test moves. Include after cmocka.h.
#ifndef EN_TESTS_SDK_BROKER_H
#define EN_TESTS_SDK_BROKER_H

#include "net/cert.h"
#include "sdk/session.h"
#include "support/support.h"

#define BROKER_TURNS 500 // of ten real milliseconds: for what must come

struct broker {
	struct cert own, client;
	struct net_key key;
	struct net_server *server;
	struct arena arena; // of everything that was heard
	uint64_t peer; // of the newest frame
	struct moment now; // of the session
	struct session *session;
};

static inline void
broker_open(struct broker *b)
{
	struct net_server_options options = {
	    .agencies_endpoint = "tcp://127.0.0.1:*", .frame_bytes = 1 << 20, .heartbeat_ms = 60000};
	char what[128];

	*b = (struct broker){.now = {.monotonic_ms = 1000, .wall_ms = INT64_C(1795000000000)}};
	arena_init(&b->arena, 0);
	assert_ok(net_init());
	assert_ok(cert_generate(&b->own));
	assert_ok(cert_generate(&b->client));
	memcpy(b->key.public_key, b->client.public_key, sizeof(b->key.public_key));
	options.public_key = b->own.public_key;
	options.secret_key = b->own.secret_key;
	assert_ok(net_server_open(&options, &b->key, 1, &b->server, what));
}

static inline void
broker_close(struct broker *b)
{
	session_free(&b->session);
	net_server_close(&b->server);
	arena_fini(&b->arena);
}

// What a session needs to find it.
static inline struct net_client_options
broker_address(struct broker *b)
{
	return (struct net_client_options){.endpoint = net_server_endpoint(b->server, NET_AGENCIES),
	    .server_key = b->own.public_key,
	    .public_key = b->client.public_key,
	    .secret_key = b->client.secret_key,
	    .frame_bytes = 1 << 20};
}

static inline void
broker_turn(struct broker *b)
{
	uint64_t wake;

	assert_ok(session_turn(b->session, b->now, &wake));
}

// The next frame of the session, which has its turns meanwhile; NULL when none comes in that many turns.
static inline const struct frame *
broker_hear_for(struct broker *b, int turns)
{
	struct net_frame heard;
	size_t count = 0;
	uint32_t ready;

	for (int i = 0; i < turns && count == 0; i++) {
		broker_turn(b);
		assert_ok(net_server_wait(b->server, 10, &heard, 1, &count, &ready));
	}
	if (count == 0) {
		return NULL;
	}
	struct frame *f = arena_zalloc(&b->arena, sizeof(*f));
	enum reason reason;
	char field[128];

	b->peer = heard.peer;
	assert_ok(frame_decode(arena_copy(&b->arena, heard.bytes), &b->arena, f, &reason, field));
	return f;
}

static inline const struct frame *
broker_hear(struct broker *b, enum frame_kind kind)
{
	const struct frame *f = broker_hear_for(b, BROKER_TURNS);

	assert_non_null(f);
	assert_int_equal(f->kind, kind);
	return f;
}

static inline void
broker_say(struct broker *b, enum frame_kind kind, const ProtobufCMessage *message)
{
	struct buf bytes = BUF_EMPTY;

	assert_ok(frame_encode(FRAME_FORM_PROTOBUF, kind, message, &bytes));
	(void)!net_server_send(b->server, b->peer, buf_view(&bytes)); // it may be gone already
	buf_fini(&bytes);
}

// Lets the session hear what was said: until it is in that state.
static inline void
broker_wait(struct broker *b, enum session_state state)
{
	struct net_frame heard;
	size_t count;
	uint32_t ready;

	for (int i = 0; i < BROKER_TURNS && session_state(b->session) != state; i++) {
		broker_turn(b);
		assert_ok(net_server_wait(b->server, 10, &heard, 1, &count, &ready));
	}
	assert_int_equal(session_state(b->session), state);
}

// HELLO, answered with WELCOME under that epoch. A HELLO of a socket that is closed by now may come first.
static inline void
broker_welcome(struct broker *b, uint64_t epoch)
{
	Enlace__V1__Welcome welcome = ENLACE__V1__WELCOME__INIT;

	welcome.epoch = epoch;
	welcome.publish_window = 16;
	welcome.max_frame_bytes = 1 << 20;
	welcome.heartbeat_ms = 5000;
	for (int i = 0; i < BROKER_TURNS && session_state(b->session) != SESSION_UP; i++) {
		const struct frame *f = broker_hear_for(b, 1);

		if (f != NULL && f->kind == FRAME_HELLO) {
			broker_say(b, FRAME_WELCOME, &welcome.base);
		}
	}
	assert_int_equal(session_state(b->session), SESSION_UP);
}

static inline void
broker_goaway(struct broker *b, uint32_t again_ms)
{
	Enlace__V1__Goaway goaway = ENLACE__V1__GOAWAY__INIT;

	goaway.code = (char *)(uintptr_t) "draining";
	goaway.reconnect_after_ms = again_ms;
	broker_say(b, FRAME_GOAWAY, &goaway.base);
	broker_wait(b, SESSION_WAITING);
}

#endif

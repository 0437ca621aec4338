// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "bench/bench.h"

void
bench_send(struct bench_client *c, enum frame_kind kind, const ProtobufCMessage *message)
{
	buf_clear(&c->out);
	if (frame_encode(FRAME_FORM_PROTOBUF, kind, message, &c->out) != EN_OK ||
	    net_client_send(c->net, buf_view(&c->out)) != EN_OK) {
		bench_fail("send", frame_kind_name((uint8_t)kind));
	}
}

bool
bench_receive(struct bench_client *c, uint32_t timeout_ms, struct frame *ret)
{
	for (;;) {
		struct view bytes;
		enum reason reason;
		char field[128];

		if (net_client_receive(c->net, timeout_ms, &bytes) != EN_OK) {
			return false;
		}
		arena_reset(&c->arena);
		if (frame_decode(bytes, &c->arena, ret, &reason, field) != EN_OK) {
			bench_fail("receive", reason_code(reason));
		}
		if (ret->kind == FRAME_ERROR) {
			bench_fail("the broker says", ret->u.error->code);
		}
		if (ret->kind != FRAME_PING) {
			return true;
		}
		Enlace__V1__Pong pong = ENLACE__V1__PONG__INIT;

		pong.token = ret->u.ping->token;
		bench_send(c, FRAME_PONG, &pong.base);
	}
}

void
bench_client_open(struct bench_client *c, const struct bench_broker *b, const struct cert *key, const char *name,
    const char *subscription)
{
	struct net_client_options options = {.endpoint = b->endpoint,
	    .server_key = b->broker.public_key,
	    .public_key = key->public_key,
	    .secret_key = key->secret_key,
	    .frame_bytes = LIMIT_FRAME_BYTES};
	Enlace__V1__Hello hello = ENLACE__V1__HELLO__INIT;
	Enlace__V1__Attach attach = ENLACE__V1__ATTACH__INIT, *list = &attach;
	struct frame frame;

	*c = (struct bench_client){.out = BUF_EMPTY};
	arena_init(&c->arena, 0);
	if (net_client_open(&options, &c->net) != EN_OK) {
		bench_fail("connect", b->endpoint);
	}
	hello.client = (char *)(uintptr_t)name;
	attach.subscription = (char *)(uintptr_t)subscription;
	attach.window_events = 1024;
	attach.window_bytes = MIB(8);
	hello.n_subscriptions = subscription == NULL ? 0 : 1;
	hello.subscriptions = &list;
	bench_send(c, FRAME_HELLO, &hello.base);
	if (!bench_receive(c, 5000, &frame) || frame.kind != FRAME_WELCOME) {
		bench_fail("no welcome", name);
	}
	c->epoch = frame.u.welcome->epoch;
	c->sequence = frame.u.welcome->last_sequence + 1;
}

void
bench_client_close(struct bench_client *c)
{
	net_client_close(&c->net);
	arena_fini(&c->arena);
	buf_fini(&c->out);
}

static void
put_text(struct buf *b, uint8_t tag, const char *text)
{
	buf_put_u8(b, tag);
	buf_put_text(b, view_text(text));
}

// An enlace.v1.Alert in wire form, its description padded so that the whole has payload_len bytes.
static void
alert(struct buf *b, const char *id, size_t payload_len)
{
	char padding[1024];
	size_t pad;

	memset(padding, 'x', sizeof(padding));
	buf_clear(b);
	put_text(b, 1 << 3 | 2, id); // identifier
	put_text(b, 2 << 3 | 2, "bench-in"); // sender
	buf_put(b, "\x20\x01\x28\x01\x30\x02\x48\x05", 8); // ACTUAL, ALERT, RESTRICTED, ROUTE_SECURITY
	buf_put(b, "\x88\x01\x03", 3); // legal_basis PUBLIC_INTEREST
	pad = payload_len - b->len - 6; // texts { description }, with two-byte lengths
	buf_put_u8(b, 13 << 3 | 2);
	buf_put_varint(b, pad + 3);
	buf_put_u8(b, 3 << 3 | 2);
	buf_put_text(b, view_of(padding, pad));
}

void
bench_publish_frame(struct bench_client *c, size_t count, size_t payload_len, uint64_t run, struct buf *out)
{
	Enlace__V1__Publish publish = ENLACE__V1__PUBLISH__INIT;
	Enlace__V1__Event **events;
	struct buf payload = BUF_EMPTY;

	arena_reset(&c->arena);
	events = arena_alloc(&c->arena, count * sizeof(*events));
	for (size_t i = 0; i < count; i++) {
		struct event_parts parts = {.source = "urn:enlace:bench-in", .type = "enlace.v1.Alert"};
		char id[40], alert_id[40];

		// The payload's identifier has a fixed width; the case is one of 64.
		snprintf(id, sizeof(id), "%08" PRIx64 "%012" PRIx64, run, c->sequence + i);
		snprintf(alert_id, sizeof(alert_id), "%020" PRIu64, c->sequence + i);
		alert(&payload, alert_id, payload_len);
		parts.id = arena_text(&c->arena, view_text(id));
		parts.partitionkey = arena_printf(&c->arena, "case-%02u", (unsigned int)((c->sequence + i) % 64));
		parts.payload = arena_copy(&c->arena, buf_view(&payload));
		events[i] = arena_alloc(&c->arena, sizeof(**events));
		enlace__v1__event__init(events[i]);
		events[i]->sequence = c->sequence + i;
		if (event_build(&parts, &c->arena, &events[i]->event) != EN_OK) {
			bench_fail("event", id);
		}
	}
	publish.n_events = count;
	publish.events = events;
	buf_clear(out);
	if (frame_encode(FRAME_FORM_PROTOBUF, FRAME_PUBLISH, &publish.base, out) != EN_OK) {
		bench_fail("encode", "PUBLISH");
	}
	c->sequence += count;
	buf_fini(&payload);
}

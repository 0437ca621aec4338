// SPDX-License-Identifier: Apache-2.0
// A broker made of net/ and wire/ alone: it answers what each test says, so that what a command sends and what it makes of the answer are
// both seen. Include after cmocka.h.
#ifndef EN_TESTS_UNIT_CLI_BROKER_H
#define EN_TESTS_UNIT_CLI_BROKER_H

#include "unit/cli/program.h"

#include <sys/stat.h>

#include "base/limits.h"
#include "net/cert.h"
#include "net/net.h"
#include "wire/frame.h"

struct broker {
	const char *language; // of who runs the program; NULL: C
	char *folder, *broker_file, *key_file, *secret_file, *stranger_file, *operators;
	struct net_server *server;
	struct program p;
	struct arena arena;
	struct buf seen; // JSON of requests, or a word for each frame
	const char *reply; // to REQUEST
	Enlace__V1__Answer *answer; // to PUBLISH
	const char *const *records; // to be delivered, NULL-terminated
	const char *refusal; // code of an ERROR instead of WELCOME
	uint64_t settled[8];
	size_t settled_count;
};

static inline char *
new_key(struct broker *b, const char *name)
{
	struct cert cert;
	char *file = test_path(b->folder, name);

	assert_ok(cert_generate(&cert));
	assert_ok(cert_save(file, &cert));
	return file;
}

static inline char *
with_secret(const char *file)
{
	struct buf name = BUF_EMPTY;

	buf_printf(&name, "%s_secret", file);
	(void)buf_cstr(&name);
	return (char *)name.data;
}

static inline int
set_up(void **state)
{
	struct broker *b = calloc(1, sizeof(*b));
	struct cert broker, client;
	char what[128] = "", *broker_secret, *stranger;

	b->p.in_fd = -1;
	arena_init(&b->arena, 0);
	assert_ok(net_init());
	b->folder = test_folder();
	b->broker_file = new_key(b, "broker.cert");
	b->key_file = new_key(b, "client.cert");
	stranger = new_key(b, "stranger.cert");
	b->secret_file = with_secret(b->key_file);
	b->stranger_file = with_secret(stranger);
	broker_secret = with_secret(b->broker_file);
	assert_ok(cert_load_secret(broker_secret, &broker));
	assert_ok(cert_load_public(b->key_file, &client));

	struct buf endpoint = BUF_EMPTY;
	struct net_key key = {.subject = 0};

	buf_printf(&endpoint, "ipc://%s/ops", b->folder);
	b->operators = strdup(buf_cstr(&endpoint));
	memcpy(key.public_key, client.public_key, sizeof(key.public_key));
	const struct net_server_options options = {.agencies_endpoint = "tcp://127.0.0.1:*",
	    .operators_endpoint = b->operators,
	    .public_key = broker.public_key,
	    .secret_key = broker.secret_key,
	    .frame_bytes = LIMIT_FRAME_BYTES,
	    .heartbeat_ms = 5000};

	if (net_server_open(&options, &key, 1, &b->server, what) != EN_OK) {
		fail_msg("the test's broker does not open: %s", what);
	}
	buf_fini(&endpoint);
	free(broker_secret);
	free(stranger);
	*state = b;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct broker *b = *state;

	net_server_close(&b->server);
	net_fini();
	program_fini(&b->p);
	buf_fini(&b->seen);
	arena_fini(&b->arena);
	test_folder_remove(b->folder);
	free(b->broker_file);
	free(b->key_file);
	free(b->secret_file);
	free(b->stranger_file);
	free(b->operators);
	free(b);
	return 0;
}

// ---- what the broker does ---------------------------------------------------------------------------------------------------------------

static inline void
send_message(struct broker *b, uint64_t peer, enum frame_kind kind, const ProtobufCMessage *message)
{
	struct buf out = BUF_EMPTY;

	assert_ok(frame_encode(FRAME_FORM_JSON, kind, message, &out));
	assert_ok(net_server_send(b->server, peer, buf_view(&out)));
	buf_fini(&out);
}

static inline void
send_deliveries(struct broker *b, uint64_t peer)
{
	Enlace__V1__Deliver deliver = ENLACE__V1__DELIVER__INIT;
	Enlace__V1__Delivery deliveries[8], *list[8];

	deliver.subscription = (char *)(uintptr_t) "unicef-cases";
	deliver.epoch = 77;
	deliver.deliveries = list;
	for (size_t i = 0; b->records[i] != NULL; i++) {
		const struct event_parts parts = {.id = "e",
		    .source = "urn:enlace:inm",
		    .type = "unicef.v1.Case",
		    .partitionkey = "c",
		    .payload = view_text(b->records[i]),
		    .payload_is_json = true};

		enlace__v1__delivery__init(&deliveries[i]);
		deliveries[i].number = 41 + i;
		deliveries[i].revision = 1;
		deliveries[i].attempt = 1;
		assert_ok(event_build(&parts, &b->arena, &deliveries[i].event));
		list[i] = &deliveries[i];
		deliver.n_deliveries = i + 1;
	}
	send_message(b, peer, FRAME_DELIVER, &deliver.base);
}

static inline void
greet(struct broker *b, uint64_t peer, const struct frame *frame)
{
	Enlace__V1__Welcome welcome = ENLACE__V1__WELCOME__INIT;
	Enlace__V1__Error error = ENLACE__V1__ERROR__INIT;
	Enlace__V1__Ping ping = ENLACE__V1__PING__INIT;

	buf_printf(&b->seen, "HELLO %s %zu\n", frame->u.hello->client, frame->u.hello->n_subscriptions);
	if (b->refusal != NULL) {
		error.code = (char *)(uintptr_t)b->refusal;
		send_message(b, peer, FRAME_ERROR, &error.base);
		return;
	}
	ping.token = 5;
	send_message(b, peer, FRAME_PING, &ping.base); // life is asked for at any time, also now
	welcome.epoch = 77;
	welcome.last_sequence = 9;
	send_message(b, peer, FRAME_WELCOME, &welcome.base);
	if (b->records != NULL) {
		send_deliveries(b, peer);
	}
}

static inline void
take_publish(struct broker *b, uint64_t peer, const Enlace__V1__Publish *publish)
{
	Enlace__V1__Published published = ENLACE__V1__PUBLISHED__INIT;
	const Enlace__V1__Event *event = publish->events[0];

	buf_printf(&b->seen, "PUBLISH %llu %s %s %s %s%s %s\n", (unsigned long long)event->sequence, event->event->id,
	    event->event->source, event->event->type, event_attribute(event->event, "partitionkey"),
	    event->supersedes ? " supersedes" : "", event->event->text_data);
	published.n_answers = 1;
	published.answers = &b->answer;
	send_message(b, peer, FRAME_PUBLISHED, &published.base);
}

static inline void
take_frame(struct broker *b, const struct net_frame *in)
{
	struct buf out = BUF_EMPTY;
	struct frame frame;
	enum reason reason;
	char field[128];

	arena_reset(&b->arena);
	assert_ok(frame_decode(in->bytes, &b->arena, &frame, &reason, field));
	switch (frame.kind) {
	case FRAME_REQUEST:
		assert_int_equal(in->endpoint, NET_OPERATORS);
		buf_put_view(&b->seen, frame.body);
		assert_ok(frame_encode_text(FRAME_REPLY, view_text(b->reply), &out));
		assert_ok(net_server_send(b->server, in->peer, buf_view(&out)));
		buf_fini(&out);
		break;
	case FRAME_HELLO:
		greet(b, in->peer, &frame);
		break;
	case FRAME_PUBLISH:
		take_publish(b, in->peer, frame.u.publish);
		break;
	case FRAME_SETTLE:
		assert_int_equal(frame.u.settle->epoch, 77);
		b->settled[b->settled_count++] = frame.u.settle->settlements[0]->first;
		break;
	default:
		buf_printf(&b->seen, "%s\n", frame_kind_name(frame.kind));
		break;
	}
}

static inline void
serve(struct broker *b, uint32_t timeout_ms)
{
	struct net_frame frames[8];
	size_t count = 0;
	uint32_t ready = 0;

	assert_ok(net_server_wait(b->server, timeout_ms, frames, EN_COUNT_OF(frames), &count, &ready));
	for (size_t i = 0; i < count; i++) {
		take_frame(b, &frames[i]);
	}
}

static inline void
run_against_to(struct broker *b, const char *out_file, const char *const *arguments)
{
	program_fini(&b->p);
	buf_clear(&b->seen);
	program_start_to(&b->p, b->language == NULL ? "C" : b->language, out_file, arguments);
	program_close_input(&b->p);
	while (!program_poll(&b->p, 0)) {
		serve(b, 10);
	}
	for (int i = 0; i < 20; i++) {
		serve(b, 10); // what it sent last, as BYE
	}
}

static inline void
run_against(struct broker *b, const char *const *arguments)
{
	run_against_to(b, NULL, arguments);
}

#define run_operator(b, ...)                                                                                           \
	run_against(b,                                                                                                 \
	    (const char *const[]){__VA_ARGS__, "--broker", (b)->operators, "--server-key", (b)->broker_file, "--key",  \
		(b)->secret_file, NULL})
#define run_agency(b, ...)                                                                                             \
	run_against(b,                                                                                                 \
	    (const char *const[]){__VA_ARGS__, "--broker", net_server_endpoint((b)->server, NET_AGENCIES),             \
		"--server-key", (b)->broker_file, "--key", (b)->secret_file, NULL})

#define BROKER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif

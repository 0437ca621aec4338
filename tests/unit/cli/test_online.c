// SPDX-License-Identifier: Apache-2.0
// The commands that talk to a broker, against one made of net/ and wire/ alone: it answers what each test says, so that what the command sends and what it makes of
// the answer are both seen.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/program.h"

#include <sys/stat.h>

#include "base/limits.h"
#include "net/cert.h"
#include "net/net.h"
#include "wire/frame.h"

struct broker {
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

static char *
new_key(struct broker *b, const char *name)
{
	struct cert cert;
	char *file = test_path(b->folder, name);

	assert_ok(cert_generate(&cert));
	assert_ok(cert_save(file, &cert));
	return file;
}

static char *
with_secret(const char *file)
{
	struct buf name = BUF_EMPTY;

	buf_printf(&name, "%s_secret", file);
	(void)buf_cstr(&name);
	return (char *)name.data;
}

static int
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

static int
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

static void
send_message(struct broker *b, uint64_t peer, enum frame_kind kind, const ProtobufCMessage *message)
{
	struct buf out = BUF_EMPTY;

	assert_ok(frame_encode(FRAME_FORM_JSON, kind, message, &out));
	assert_ok(net_server_send(b->server, peer, buf_view(&out)));
	buf_fini(&out);
}

static void
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

static void
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

static void
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

static void
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

static void
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

static void
run_against_to(struct broker *b, const char *out_file, const char *const *arguments)
{
	program_fini(&b->p);
	buf_clear(&b->seen);
	program_start_to(&b->p, "C", out_file, arguments);
	program_close_input(&b->p);
	while (!program_poll(&b->p, 0)) {
		serve(b, 10);
	}
	for (int i = 0; i < 20; i++) {
		serve(b, 10); // what it sent last, as BYE
	}
}

static void
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

// ---- operators -----------------------------------------------------------------------------------------------------------------------------

static void
a_verb_is_sent_with_its_arguments(void **state)
{
	struct broker *b = *state;

	b->reply = "{\"ok\":true,\"id\":\"1\",\"rows\":[]}";
	run_operator(b, "msg", "ls", "--state", "held", "--limit", "5");
	assert_ended(&b->p, 0);
	assert_string_equal(
	    buf_cstr(&b->seen), "{\"verb\":\"msg.ls\",\"id\":\"1\",\"args\":{\"state\":\"held\",\"limit\":\"5\"}}");
	run_operator(b, "msg", "release", "12", "--reason", "row added");
	assert_string_equal(buf_cstr(&b->seen),
	    "{\"verb\":\"msg.release\",\"id\":\"1\",\"args\":{\"reason\":\"row added\",\"position\":\"12\"}}");
	run_operator(b, "msg", "release", "--code", "table_miss", "--reason", "row added");
	assert_string_equal(buf_cstr(&b->seen),
	    "{\"verb\":\"msg.release\",\"id\":\"1\",\"args\":{\"code\":\"table_miss\",\"reason\":\"row added\"}}");
}

static void
rows_become_a_table_and_moments_ages(void **state)
{
	struct broker *b = *state;
	char reply[512];

	snprintf(reply, sizeof(reply),
	    "{\"ok\":true,\"id\":\"1\",\"digest\":\"ab\",\"rows\":[{\"name\":\"unicef-cases\",\"pending\":3,\"oldest_ms\":%lld,\"attached\":true},"
	    "{\"name\":\"x\",\"pending\":0,\"oldest_ms\":0,\"attached\":false},{\"name\":\"y\",\"pending\":1,\"oldest_ms\":300000,\"attached\":null}]}",
	    (long long)clock_now().wall_ms - INT64_C(3) * 3600000);
	b->reply = reply;
	run_operator(b, "sub", "ls");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out),
	    "digest             ab\n\nrows\nname          pending  oldest  attached\nunicef-cases  3        3 h     yes\n"
	    "x             0        -       no\ny             1        5 min   -\n");
}

static void
one_thing_is_told_line_by_line_with_the_clock(void **state)
{
	struct broker *b = *state;

	b->reply =
	    "{\"ok\":true,\"id\":\"1\",\"message\":{\"id\":\"e-1\",\"recorded_ms\":1795470305123,\"missed\":[\"unicef\",\"comar\"]}}";
	run_operator(b, "msg", "show", "7");
	assert_ended(&b->p, 0);
	assert_said(&b->p.out, "message\n  id                 e-1\n  recorded           2026-11-23 21:45:05 (");
	assert_said(&b->p.out, "  missed             unicef, comar\n");
}

static void
rows_within_a_row_come_below_under_its_name(void **state)
{
	struct broker *b = *state;

	b->reply =
	    "{\"ok\":true,\"id\":\"1\",\"outputs\":[{\"number\":\"65\",\"missed\":[],\"deliveries\":[{\"to\":\"unicef\",\"hidden\":[\"a\",\"b\"]}]},"
	    "{\"number\":\"66\",\"missed\":[],\"deliveries\":[]}]}";
	run_operator(b, "msg", "show", "7");
	assert_ended(&b->p, 0);
	assert_string_equal(
	    buf_cstr(&b->p.out), "\noutputs\nnumber\n65\n66\n\n65: deliveries\nto      hidden\nunicef  a, b\n");
}

// Peers choose ids; a terminal must not obey them.
static void
control_characters_do_not_reach_the_terminal(void **state)
{
	struct broker *b = *state;

	b->reply =
	    "{\"ok\":true,\"id\":\"1\",\"note\":\"a\\u001b[2Jb\\u009bc\",\"rows\":[{\"id\":\"x\\u001b]0;t\\u0007y\",\"n\":1}]}";
	run_operator(b, "msg", "ls");
	assert_ended(&b->p, 0);
	assert_said(&b->p.out, "a?[2Jb??c");
	assert_said(&b->p.out, "x?]0;t?y");
	assert_not_said(&b->p.out, "\033");
}

static void
json_is_handed_on_as_it_came(void **state)
{
	struct broker *b = *state;

	b->reply = "{\"ok\":true,\"id\":\"1\",\"rows\":[]}";
	run_operator(b, "status", "--format", "json");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out), "{\"ok\":true,\"id\":\"1\",\"rows\":[]}\n");
}

static void
a_refusal_is_told_and_ends_with_its_code(void **state)
{
	struct broker *b = *state;

	b->reply = "{\"ok\":false,\"id\":\"1\",\"code\":\"not_permitted\",\"text\":\"ask somebody\"}";
	run_operator(b, "reload");
	assert_ended(&b->p, 77);
	assert_said(&b->p.err, "not_permitted: ask somebody");
	b->reply = "{\"ok\":false,\"id\":\"1\",\"code\":\"not_found\",\"text\":\"no such message\"}";
	run_operator(b, "msg", "show", "9");
	assert_ended(&b->p, 1);
	b->reply = "{\"ok\":fal";
	run_operator(b, "status");
	assert_ended(&b->p, 76);
}

// ---- agencies --------------------------------------------------------------------------------------------------------------------------------

static void
an_event_is_published_and_the_answer_told(void **state)
{
	struct broker *b = *state;
	Enlace__V1__Answer answer = ENLACE__V1__ANSWER__INIT;
	char *record = test_write_text(b->folder, "acta.json", "{\"FOLIO_ACTA\":\"F-1\"}");

	answer.sequence = 10;
	answer.verdict = ENLACE__V1__VERDICT__RECORDED;
	answer.position = 4;
	answer.outputs = 2;
	b->answer = &answer;
	run_agency(b, "publish", record, "--type", "inm.v1.Acta", "--source", "urn:enlace:inm", "--id", "a-1", "--case",
	    "C-1");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out), "recorded at 4, 2 outputs\n");
	assert_string_equal(buf_cstr(&b->seen),
	    "HELLO enlace-publish 0\nPONG\nPUBLISH 10 a-1 urn:enlace:inm inm.v1.Acta C-1 {\"FOLIO_ACTA\":\"F-1\"}\nBYE\n");

	answer.verdict = ENLACE__V1__VERDICT__HELD;
	answer.code = (char *)(uintptr_t) "table_miss";
	answer.field = (char *)(uintptr_t) "SEXO";
	run_agency(b, "publish", record, "--type", "inm.v1.Acta", "--source", "urn:enlace:inm", "--id", "a-1", "--case",
	    "C-1", "--supersedes", "--format", "json");
	assert_ended(&b->p, 1);
	assert_string_equal(buf_cstr(&b->p.out),
	    "{\"verdict\":\"held\",\"position\":4,\"outputs\":2,\"code\":\"table_miss\",\"field\":\"SEXO\"}\n");
	assert_said(&b->seen, "C-1 supersedes {");

	answer.verdict = ENLACE__V1__VERDICT__BUSY;
	run_agency(b, "publish", record, "--type", "inm.v1.Acta", "--source", "urn:enlace:inm", "--id", "a-1", "--case",
	    "C-1");
	assert_ended(&b->p, 75);
	free(record);
}

static void
a_subscription_is_read_one_line_a_delivery(void **state)
{
	static const char *const records[] = {"{\"age\":13}", "{\"age\":14}", "{\"age\":15}", NULL};
	struct broker *b = *state;

	b->records = records;
	run_agency(b, "sub", "tail", "unicef-cases", "--limit", "2");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out),
	    "{\"number\":\"41\",\"revision\":1,\"attempt\":1,\"replay\":false,\"id\":\"e\",\"type\":\"unicef.v1.Case\",\"data\":{\"age\":13}}\n"
	    "{\"number\":\"42\",\"revision\":1,\"attempt\":1,\"replay\":false,\"id\":\"e\",\"type\":\"unicef.v1.Case\",\"data\":{\"age\":14}}\n");
	assert_int_equal(b->settled_count, 0); // reading is not taking
}

static void
only_when_asked_is_what_was_printed_settled(void **state)
{
	static const char *const records[] = {"{\"age\":13}", "{\"age\":14}", NULL};
	struct broker *b = *state;

	b->records = records;
	run_agency(b, "sub", "tail", "unicef-cases", "--settle", "--wait", "200");
	assert_ended(&b->p, 0);
	assert_int_equal(b->settled_count, 2);
	assert_int_equal(b->settled[0], 41);
	assert_int_equal(b->settled[1], 42);
	run_agency(b, "sub", "tail", "unicef-cases", "--limit", "two");
	assert_ended(&b->p, 2);
}

// What nobody has read must come again.
static void
what_could_not_be_printed_is_not_settled(void **state)
{
	static const char *const records[] = {"{\"age\":13}", "{\"age\":14}", NULL};
	struct broker *b = *state;

	b->records = records;
	run_against_to(b, "/dev/full",
	    (const char *const[]){"sub", "tail", "unicef-cases", "--settle", "--wait", "200", "--broker",
		net_server_endpoint(b->server, NET_AGENCIES), "--server-key", b->broker_file, "--key", b->secret_file,
		NULL});
	assert_ended(&b->p, 74);
	assert_int_equal(b->settled_count, 0);
}

static void
an_error_of_the_broker_ends_the_session(void **state)
{
	struct broker *b = *state;

	b->refusal = "draining";
	run_agency(b, "sub", "tail", "unicef-cases");
	assert_ended(&b->p, 76);
	assert_said(&b->p.err, "draining");
}

// A refused key is silence: that is all that CURVE says.
static void
a_key_that_is_not_enrolled_hears_nothing(void **state)
{
	struct broker *b = *state;

	run_against(b,
	    (const char *const[]){"sub", "tail", "unicef-cases", "--broker",
		net_server_endpoint(b->server, NET_AGENCIES), "--server-key", b->broker_file, "--key", b->stranger_file,
		NULL});
	assert_ended(&b->p, 69);
	assert_string_equal(buf_cstr(&b->seen), "");
}

static void
a_key_that_others_can_read_is_refused(void **state)
{
	struct broker *b = *state;

	assert_int_equal(chmod(b->secret_file, 0644), 0);
	run_operator(b, "status");
	assert_ended(&b->p, 77);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_verb_is_sent_with_its_arguments),
	    TEST(rows_become_a_table_and_moments_ages),
	    TEST(one_thing_is_told_line_by_line_with_the_clock),
	    TEST(rows_within_a_row_come_below_under_its_name),
	    TEST(control_characters_do_not_reach_the_terminal),
	    TEST(json_is_handed_on_as_it_came),
	    TEST(a_refusal_is_told_and_ends_with_its_code),
	    TEST(an_event_is_published_and_the_answer_told),
	    TEST(a_subscription_is_read_one_line_a_delivery),
	    TEST(only_when_asked_is_what_was_printed_settled),
	    TEST(what_could_not_be_printed_is_not_settled),
	    TEST(an_error_of_the_broker_ends_the_session),
	    TEST(a_key_that_is_not_enrolled_hears_nothing),
	    TEST(a_key_that_others_can_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

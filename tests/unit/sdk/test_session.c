// SPDX-License-Identifier: Apache-2.0
// The client's rule (PROTOCOL.md 6): whatever is odd, close the socket, wait, say HELLO on a new one.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "unit/sdk/broker.h"

#define SLACK_MS (LIMIT_RECONNECT_FIRST_MS / 2) // that the SDK waits beyond what the protocol asks for

struct fixture {
	struct broker broker;
	uint64_t waits[64];
	size_t count;
	char *folder;
	struct spool *spool;
	uint64_t refused; // number of the entry
};

static void
ended(void *context, const char *code, uint64_t again_in_ms)
{
	struct fixture *f = context;

	assert_true(code[0] != '\0');
	f->waits[f->count++] = again_in_ms;
}

static int
set_up(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	struct session_options options = {.client = "c", .software = "t", .owner = {.context = f, .ended = ended}};

	*f = (struct fixture){.folder = test_folder()};
	broker_open(&f->broker);
	options.net = broker_address(&f->broker);
	assert_ok(session_new(&options, &f->broker.session));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	broker_close(&f->broker);
	spool_close(&f->spool);
	test_folder_remove(f->folder);
	return 0;
}

// HELLO that nobody answers, given up after five seconds.
static void
fail_once(struct fixture *f)
{
	struct broker *b = &f->broker;
	size_t before = f->count;

	broker_turn(b);
	assert_int_equal(session_state(b->session), SESSION_GREETING);
	b->now.monotonic_ms += 5000;
	broker_turn(b);
	assert_int_equal(f->count, before + 1);
}

static void
every_failure_makes_the_wait_longer_up_to_half_a_minute_and_chance_shortens_it(void **state)
{
	struct fixture *f = *state;
	uint64_t most = LIMIT_RECONNECT_FIRST_MS, longest = 0;
	bool differs = false;

	for (size_t i = 0; i < 40; i++) {
		fail_once(f);
		assert_true(f->waits[i] <= SLACK_MS + most);
		longest = f->waits[i] > longest ? f->waits[i] : longest;
		differs = differs || (i > 20 && f->waits[i] != f->waits[20]);
		most = most * 2 > LIMIT_RECONNECT_LAST_MS ? LIMIT_RECONNECT_LAST_MS : most * 2;
		f->broker.now.monotonic_ms += f->waits[i];
	}
	assert_true(differs);
	assert_true(longest > LIMIT_RECONNECT_LAST_MS / 3); // the chance of less is (1/3)^32
}

static void
nothing_is_said_before_the_wait_is_over_and_then_on_a_new_socket(void **state)
{
	struct fixture *f = *state;
	struct broker *b = &f->broker;
	uint64_t first;

	(void)broker_hear(b, FRAME_HELLO);
	first = b->peer;
	b->now.monotonic_ms += 5000;
	broker_turn(b);
	assert_int_equal(session_fd(b->session), -1);
	b->now.monotonic_ms += f->waits[0] - 1;
	assert_null(broker_hear_for(b, 3));
	assert_int_equal(session_fd(b->session), -1);
	b->now.monotonic_ms += 1;
	(void)broker_hear(b, FRAME_HELLO);
	assert_int_not_equal(b->peer, first);
}

static void
what_the_broker_asked_for_is_waited_too(void **state)
{
	struct fixture *f = *state;

	broker_welcome(&f->broker, 7);
	broker_goaway(&f->broker, 20000);
	assert_int_equal(f->count, 1);
	assert_true(f->waits[0] >= 20000);
	assert_true(f->waits[0] <= 20000 + SLACK_MS + LIMIT_RECONNECT_FIRST_MS);
}

static void
after_a_welcome_the_wait_begins_small_again(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 12; i++) {
		fail_once(f);
		f->broker.now.monotonic_ms += f->waits[i];
	}
	broker_welcome(&f->broker, 7);
	broker_goaway(&f->broker, 0);
	assert_true(f->waits[12] <= SLACK_MS + LIMIT_RECONNECT_FIRST_MS);
}

static void
an_error_that_no_retry_can_mend_makes_the_wait_long(void **state)
{
	struct fixture *f = *state;
	Enlace__V1__Error error = ENLACE__V1__ERROR__INIT;

	(void)broker_hear(&f->broker, FRAME_HELLO);
	error.code = (char *)(uintptr_t) "unknown_subscription";
	broker_say(&f->broker, FRAME_ERROR, &error.base);
	broker_wait(&f->broker, SESSION_WAITING);
	assert_true(f->waits[0] >= LIMIT_RECONNECT_LAST_MS);
}

static void
four_silent_heartbeats_end_the_session(void **state)
{
	struct fixture *f = *state;

	broker_welcome(&f->broker, 7); // heartbeats of five seconds
	f->broker.now.monotonic_ms += 19999;
	broker_turn(&f->broker);
	assert_int_equal(session_state(f->broker.session), SESSION_UP);
	f->broker.now.monotonic_ms += 1;
	broker_turn(&f->broker);
	assert_int_equal(session_state(f->broker.session), SESSION_WAITING);
}

static void
what_a_later_version_says_is_ignored(void **state)
{
	struct fixture *f = *state;
	Enlace__V1__Error error = ENLACE__V1__ERROR__INIT;
	Enlace__V1__Ping ping = ENLACE__V1__PING__INIT;

	broker_welcome(&f->broker, 7);
	assert_ok(net_server_send(f->broker.server, f->broker.peer, view_text("EN1\x1e later")));
	error.code = (char *)(uintptr_t) "unknown_kind";
	broker_say(&f->broker, FRAME_ERROR, &error.base);
	ping.token = 77;
	broker_say(&f->broker, FRAME_PING, &ping.base);
	assert_int_equal(broker_hear(&f->broker, FRAME_PONG)->u.pong->token, 77);
	assert_int_equal(f->count, 0);
}

// ---- what is published

static void
answered(void *context, uint64_t number, const Enlace__V1__Answer *answer)
{
	struct fixture *f = context;

	assert_int_equal(answer->verdict, ENLACE__V1__VERDICT__REFUSED);
	assert_string_equal(answer->code, "oversize");
	f->refused = number;
}

static void
spool_of_sizes(struct fixture *f, const size_t *sizes, size_t count)
{
	uint8_t *payload = calloc(1, KIB(256));
	char *folder = test_path(f->folder, "spool");

	assert_non_null(payload);
	assert_ok(spool_open(folder, MIB(4), &f->spool));
	for (size_t i = 0; i < count; i++) {
		struct spool_entry e = {.id = view_text("e"),
		    .source = view_text("urn:enlace:test"),
		    .type = view_text("note.v1.Note"),
		    .case_id = view_text("c"),
		    .payload = view_of(payload, sizes[i])};

		assert_ok(spool_append(f->spool, &e));
	}
	free(folder);
	free(payload);
}

// A broker whose frames are as small as they may be.
static void
welcome_with_small_frames(struct fixture *f)
{
	struct session_options options = {.client = "c",
	    .software = "t",
	    .spool = f->spool,
	    .owner = {.context = f, .ended = ended, .answered = answered}};
	Enlace__V1__Welcome welcome = ENLACE__V1__WELCOME__INIT;

	options.net = broker_address(&f->broker);
	session_free(&f->broker.session);
	assert_ok(session_new(&options, &f->broker.session));
	welcome.epoch = 7;
	welcome.publish_window = 16;
	welcome.max_frame_bytes = LIMIT_FRAME_BYTES_LEAST;
	welcome.heartbeat_ms = 5000;
	(void)broker_hear(&f->broker, FRAME_HELLO);
	broker_say(&f->broker, FRAME_WELCOME, &welcome.base);
}

static void
a_frame_is_never_larger_than_the_broker_takes(void **state)
{
	struct fixture *f = *state;
	static const size_t sizes[] = {KIB(30), KIB(60), KIB(20)};
	size_t heard = 0;

	spool_of_sizes(f, sizes, EN_COUNT_OF(sizes));
	welcome_with_small_frames(f);
	while (heard < EN_COUNT_OF(sizes)) {
		const struct frame *frame = broker_hear(&f->broker, FRAME_PUBLISH);
		size_t bytes = 0;

		for (size_t i = 0; i < frame->u.publish->n_events; i++) {
			bytes += sizes[heard++];
		}
		assert_true(bytes < LIMIT_FRAME_BYTES_LEAST);
	}
	assert_int_equal(f->refused, 0);
}

static void
an_event_that_no_frame_can_carry_is_refused_and_the_others_go_on(void **state)
{
	struct fixture *f = *state;
	static const size_t sizes[] = {100, KIB(64), 100};

	spool_of_sizes(f, sizes, EN_COUNT_OF(sizes));
	welcome_with_small_frames(f);
	assert_int_equal(broker_hear(&f->broker, FRAME_PUBLISH)->u.publish->n_events, 2);
	assert_int_equal(f->refused, 2);
	assert_int_equal(spool_count(f->spool), 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(every_failure_makes_the_wait_longer_up_to_half_a_minute_and_chance_shortens_it),
	    T(nothing_is_said_before_the_wait_is_over_and_then_on_a_new_socket),
	    T(what_the_broker_asked_for_is_waited_too),
	    T(after_a_welcome_the_wait_begins_small_again),
	    T(an_error_that_no_retry_can_mend_makes_the_wait_long),
	    T(four_silent_heartbeats_end_the_session),
	    T(what_a_later_version_says_is_ignored),
	    T(a_frame_is_never_larger_than_the_broker_takes),
	    T(an_event_that_no_frame_can_carry_is_refused_and_the_others_go_on),
	};

	return cmocka_run_group_tests_name("sdk/session", tests, NULL, NULL);
}

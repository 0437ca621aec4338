// SPDX-License-Identifier: Apache-2.0
// The client's rule (PROTOCOL.md 6): whatever is odd, close the socket, wait, say HELLO on a new one.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "unit/sdk/broker.h"

#define SLACK_MS (LIMIT_RECONNECT_FIRST_MS / 2) // that the SDK waits beyond what the protocol asks for

struct fixture {
	struct broker broker;
	uint64_t waits[64];
	size_t count;
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

	*f = (struct fixture){.count = 0};
	broker_open(&f->broker);
	options.net = broker_address(&f->broker);
	assert_ok(session_new(&options, &f->broker.session));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	broker_close(&((struct fixture *)*state)->broker);
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
	};

	return cmocka_run_group_tests_name("sdk/session", tests, NULL, NULL);
}

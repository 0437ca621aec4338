// SPDX-License-Identifier: Apache-2.0
// The recipient's word on deliveries (PROTOCOL.md 9), played on the engine's stage.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "unit/core/child.h"

// A retry has a low number, and may be on its way while the client settles its neighbours: it did not see it yet.
static void
a_range_takes_nothing_that_its_client_has_not_seen(void **state)
{
	struct engine *e = *state;
	uint64_t first, retried, last;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	say(e, "B", "c2");
	say(e, "C", "c3");
	first = engine_number(e, 2, 0), retried = engine_number(e, 2, 1), last = engine_number(e, 2, 2);
	engine_settle(e, 2, "child", "child-alerts", retried, LATER);
	pass_time(e, 6000);
	assert_string_equal(engine_delivered(e, 2), "A B C B#2");

	engine_settle(e, 2, "child", "child-alerts", first,
	    arena_printf(&e->arena, "\"last\":\"%llu\"," TAKEN, (unsigned long long)last));
	engine_sync(e);

	assert_true(child(e, "taken") == 2.0);
	engine_settle(e, 2, "child", "child-alerts", retried, TAKEN);
	engine_sync(e);
	assert_true(child(e, "taken") == 3.0);
}

static void
settled_waits_for_the_disk(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	assert_null(engine_newest(e, 2, FRAME_SETTLED));
	engine_sync(e);
	assert_int_equal(engine_newest(e, 2, FRAME_SETTLED)->frame.u.settled->n_ranges, 1);
	assert_true(child(e, "taken") == 1.0);
	engine_assert_folds(e);
}

static void
stale_numbers_change_nothing(void **state)
{
	struct engine *e = *state;
	uint64_t number;
	size_t records;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	number = engine_number(e, 2, 0);
	records = e->record_count;
	engine_settle(e, 2, "child", "child-alerts", number + 1, TAKEN); // never sent
	engine_sync(e);
	assert_int_equal(engine_newest(e, 2, FRAME_SETTLED)->frame.u.settled->stale, 1);
	engine_send(e, 2, "child", FRAME_SETTLE,
	    arena_printf(&e->arena,
		"{\"subscription\":\"child-alerts\",\"epoch\":\"1\",\"settlements\":[{\"first\":\"%llu\"," TAKEN "}]}",
		(unsigned long long)number)); // of another session
	engine_sync(e);
	assert_int_equal(engine_newest(e, 2, FRAME_SETTLED)->frame.u.settled->stale, 1);
	assert_int_equal(e->record_count, records);
	engine_settle(e, 2, "child", "child-alerts", number, TAKEN);
	engine_sync(e);
	engine_settle(e, 2, "child", "child-alerts", number, TAKEN); // twice
	engine_sync(e);
	assert_int_equal(engine_newest(e, 2, FRAME_SETTLED)->frame.u.settled->stale, 1);
	assert_true(child(e, "taken") == 1.0);
}

static void
after_later_the_rest_of_the_case_comes_again(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	say(e, "A", "same");
	say(e, "B", "same");
	say(e, "C", "other");
	engine_hello(e, 2, "child", "r", CHILD_ALERTS); // all three in one batch
	assert_string_equal(engine_delivered(e, 2), "A B C");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 1), TAKEN); // behind A: void
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 2), TAKEN);
	engine_sync(e);
	assert_true(child(e, "taken") == 1.0);
	engine_forget_frames(e);
	pass_time(e, 6000);
	assert_non_null(strstr(engine_delivered(e, 2), "A#2"));
	engine_assert_identities(e);
}

// Of a referral: a dead letter of an alert keeps nobody waiting (design 6).
static void
an_unusable_referral_is_a_dead_letter_that_holds_its_case(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	(void)engine_say(e, 1, "clinic.v1.Intake", "e1", "same", engine_intake(e, "f1", "CHILD"));
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), UNUSABLE);
	engine_sync(e);
	(void)engine_say(e, 1, "clinic.v1.Intake", "e2", "same", engine_intake(e, "f2", "CHILD"));
	(void)engine_say(e, 1, "clinic.v1.Intake", "e3", "other", engine_intake(e, "f3", "CHILD"));
	assert_string_equal(engine_delivered(e, 2), "f1 f3");
	assert_true(engine_logged(e, "delivery.dead"));
	engine_restart(e);
	assert_true(
	    engine_metric(e, "enlace_delivery_events_total{subscription=\"child-cases\",outcome=\"dead\"}") == 1.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

// What a recipient says stands in lists and logs: a name in it would stand there too.
static void
a_code_that_is_no_word_is_not_told(void **state)
{
	static const struct {
		const char *code, *told;
	} rows[] = {
	    {"form.version_2-old", "\"form.version_2-old\""},
	    {"Ana Lopez", "\"unreadable\""},
	    {"A\u00f1a", "\"unreadable\""},
	    {"a\\nb", "\"unreadable\""},
	    {"0123456789012345678901234567890123456789012345678901234567890123", "0123\""},
	    {"01234567890123456789012345678901234567890123456789012345678901234", "\"unreadable\""},
	};
	struct engine *e = *state;

	assert_int_equal(strlen(rows[4].code), LIMIT_SETTLE_CODE_BYTES);
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		const char *position = arena_printf(&e->arena, "%zu", e->record_count + 1);

		engine_forget_frames(e);
		say(e, arena_printf(&e->arena, "A%zu", i), arena_printf(&e->arena, "c%zu", i));
		engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0),
		    arena_printf(&e->arena, "\"outcome\":\"UNUSABLE\",\"code\":\"%s\"", rows[i].code));
		engine_sync(e);
		const char *shown = engine_request(e, CTL_MSG_SHOW, (const char *const[]){"position", position, NULL});

		assert_non_null(strstr(shown, rows[i].told));
		assert_null(strstr(buf_cstr(&e->log), "Ana"));
		assert_null(strstr(shown, "Lopez"));
	}
	assert_true(child(e, "dead") == (double)EN_COUNT_OF(rows));
	engine_assert_folds(e);
}

static void
retries_end_in_a_dead_letter(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	for (int i = 0; i < 200 && child(e, "dead") == 0.0; i++) {
		if (engine_count(e, 2, FRAME_DELIVER) > 0) {
			engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
			engine_sync(e);
			engine_forget_frames(e);
		}
		pass_time(e, 60000);
		if (engine_newest(e, 2, FRAME_GOAWAY) != NULL || engine_newest(e, 2, FRAME_DELIVER) == NULL) {
			engine_hello(e, 2, "child", "r", CHILD_ALERTS); // it was silent meanwhile
		}
	}
	assert_true(child(e, "dead") == 1.0); // give_up: 1 h
	engine_assert_identities(e);
}

// Nobody was there for longer than give_up: that is no failed attempt.
// It was a day ahead, and somebody set it right.
static void
a_clock_that_is_set_back_delays_no_retry(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_sync(e);
	e->now.wall_ms -= INT64_C(24) * 3600000;
	stay(e, 4000);
	assert_string_equal(engine_delivered(e, 2), "A");
	stay(e, 2000);
	assert_string_equal(engine_delivered(e, 2), "A A#2");
}

static void
a_retry_keeps_its_time_over_a_restart(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_sync(e);
	engine_restart(e);
	engine_forget_frames(e);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	stay(e, 4000);
	assert_string_equal(engine_delivered(e, 2), "");
	stay(e, 2000);
	assert_string_equal(engine_delivered(e, 2), "A#2");
}

static void
what_waited_for_its_reader_gets_every_retry_of_the_list(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	say(e, "A", "c1");
	e->now.wall_ms += INT64_C(2) * 3600000; // give_up: 1 h, after: 5 s, 1 min
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	for (int i = 0; i < 2; i++) {
		engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, (size_t)i), LATER);
		engine_sync(e);
		assert_true(child(e, "dead") == 0.0);
		stay(e, 61000);
	}
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 2), LATER);
	engine_sync(e);
	assert_true(child(e, "dead") == 1.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
a_recipients_own_number_finds_the_referral(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", "[{\"subscription\":\"clinic-status\"}]");
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	assert_string_equal(engine_delivered(e, 2), "f1");
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN ",\"recipientReference\":\"own-77\"");
	engine_sync(e);
	engine_restart(e);
	engine_hello(e, 1, "clinic", "c", "[{\"subscription\":\"clinic-status\"}]");
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	engine_forget_frames(e);
	assert_string_equal(
	    engine_say(e, 2, "clinic.v1.Reply", "r1", "own-77", "{\"record\":\"own-77\",\"answer\":\"yes\"}"),
	    "RECORDED");
	assert_string_equal(engine_delivered(e, 1), "ACCEPTED");
	assert_true(engine_metric(e, "enlace_referrals{state=\"ACCEPTED\"}") == 1.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

// 261 is no state, though its last eight bits are ACCEPTED.
static void
a_state_that_nobody_knows_moves_nothing(void **state)
{
	struct engine *e = *state;
	const char *id;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	id = strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "\"referralId\":\"");
	assert_non_null(id);
	(void)engine_say(e, 2, "enlace.v1.ReferralStatus", "s1", "c1",
	    arena_printf(&e->arena, "{\"referralId\":\"%.32s\",\"state\":261}", id + strlen("\"referralId\":\"")));
	assert_true(engine_metric(e, "enlace_referrals{state=\"ACCEPTED\"}") == 0.0);
	assert_true(engine_metric(e, "enlace_referrals{state=\"SUBMITTED\"}") == 1.0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_range_takes_nothing_that_its_client_has_not_seen),
	    T(settled_waits_for_the_disk),
	    T(stale_numbers_change_nothing),
	    T(after_later_the_rest_of_the_case_comes_again),
	    T(an_unusable_referral_is_a_dead_letter_that_holds_its_case),
	    T(a_code_that_is_no_word_is_not_told),
	    T(retries_end_in_a_dead_letter),
	    T(a_clock_that_is_set_back_delays_no_retry),
	    T(a_retry_keeps_its_time_over_a_restart),
	    T(what_waited_for_its_reader_gets_every_retry_of_the_list),
	    T(a_recipients_own_number_finds_the_referral),
	    T(a_state_that_nobody_knows_moves_nothing),
	};

	return cmocka_run_group_tests_name("core/settle", tests, NULL, NULL);
}

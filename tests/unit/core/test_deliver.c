// SPDX-License-Identifier: Apache-2.0
// Deliveries and their ends (PROTOCOL.md 9 and 10), played on the engine's stage. Peer 1 is the clinic, 2 the child
// agency, 3 the watch.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "unit/core/child.h"

static void
nothing_is_delivered_before_it_is_durable(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"urn:enlace:clinic\","
		"\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"data\":%s}}]}",
		engine_alert(e, "A")));
	assert_string_equal(engine_delivered(e, 2), "");
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A");
}

static void
every_subscription_gets_its_own(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_hello(e, 3, "watch", "w", "[{\"subscription\":\"watch-alerts\"}]"); // comes later, gets it all the same
	assert_string_equal(engine_delivered(e, 2), "A");
	assert_string_equal(engine_delivered(e, 3), "A");
	engine_assert_identities(e);
}

static void
no_more_is_in_flight_than_the_window(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\",\"windowEvents\":2}]");
	say(e, "A", "c1");
	say(e, "B", "c2");
	say(e, "C", "c3");
	assert_string_equal(engine_delivered(e, 2), "A B");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B C");
	say(e, "D", "c4");
	assert_string_equal(engine_delivered(e, 2), "A B C");
	engine_send(e, 2, "child", FRAME_CREDIT, "{\"subscription\":\"child-alerts\",\"windowEvents\":3}");
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B C D");
}

static void
no_more_bytes_are_in_flight_than_the_window(void **state)
{
	struct engine *e = *state;
	size_t payload;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\",\"windowBytes\":\"1\"}]");
	say(e, "A", "c1");
	say(e, "B", "c2");
	assert_string_equal(engine_delivered(e, 2), "A"); // larger than the window, and alone
	payload = strlen(engine_newest(e, 2, FRAME_DELIVER)->frame.u.deliver->deliveries[0]->event->text_data);
	engine_send(e, 2, "child", FRAME_CREDIT,
	    arena_printf(&e->arena, "{\"subscription\":\"child-alerts\",\"windowBytes\":\"%zu\"}", 3 * payload - 1));
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B");
	say(e, "C", "c3");
	assert_string_equal(engine_delivered(e, 2), "A B"); // a third one begins within the window and ends beyond it
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B C");
}

static void
a_case_keeps_its_order_while_one_comes_later(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "same");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_sync(e);
	say(e, "B", "same");
	say(e, "C", "other");
	assert_string_equal(engine_delivered(e, 2), "A C");
	engine_forget_frames(e);
	pass_time(e, 6000); // the first wait is 5 s
	assert_string_equal(engine_delivered(e, 2), "A#2");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A#2 B");
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
what_was_not_settled_comes_again_with_a_higher_attempt(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(engine_delivered(e, 2), "A A#2");
	engine_step(e, (struct core_input){.kind = INPUT_UNREACHED, .peer = 2});
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(engine_delivered(e, 2), "A A#2 A#3");
	assert_true(child(e, "taken") == 0.0);
	engine_assert_identities(e);
}

static void
a_later_revision_leaves_out_what_only_the_first_one_sets(void **state)
{
	struct engine *e = *state;

	engine_reload(e, "mappings/referral-to-reply.yaml",
	    "mapping: referral-to-reply\nfrom: enlace.v1.Referral\nto: clinic.v1.Reply\nowner: child\n"
	    "set:\n  record: source_case_id\n  answer: {is: first, only_on: create}\n"
	    "unused: {referral_id: n, referral_number: n, source_service_id: n, kind: n, legal_basis_instrument: n, legal_basis: n, from: n, "
	    "to: n, person: n, service: n, service_other_text: n, reason_text: n, priority: n, due_at: n, appointment_at: n, consent: n, "
	    "recorded_at: n, found_at_office: n}\n");
	engine_reload(e, "subscriptions/child-cases.yaml",
	    "subscription: child-cases\nagency: child\npurpose: protection\nreceives: [Referral]\nas: clinic.v1.Reply\n"
	    "retry: {after: [5 s], give_up: 1 h, then: dead_letter}\non_dead_letter: continue\n");
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	assert_non_null(strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "\"answer\":\"first\""));
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	engine_forget_frames(e);
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e2", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	assert_non_null(strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "\"record\":\"f1\""));
	assert_null(strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "\"answer\""));
}

static void
an_expired_event_is_never_delivered(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"urn:enlace:clinic\","
		"\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"expirytime\":\"2026-11-19T12:00:00Z\",\"data\":%s}}]}",
		engine_alert(e, "A")));
	engine_sync(e);
	assert_true(engine_metric(e, "enlace_subscription_pending_events{subscription=\"child-alerts\"}") +
		engine_metric(e, "enlace_ingest_events_total{agency=\"clinic\",outcome=\"refused\"}") ==
	    1.0);
	e->now.wall_ms += INT64_C(86400000) * 30;
	engine_tick(e, 1000);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(engine_delivered(e, 2), "");
	engine_assert_identities(e);
}

static void
ids_of_deliveries_are_plain(void **state)
{
	struct engine *e = *state;
	const char *id;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(
	    engine_say(e, 1, "enlace.v1.Alert", "../../odd id", "c1", engine_alert(e, "A")), "RECORDED");
	id = engine_newest(e, 2, FRAME_DELIVER)->frame.u.deliver->deliveries[0]->event->id;
	assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."), strlen(id));
	assert_true(id[0] != '.' && strlen(id) >= 16);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(nothing_is_delivered_before_it_is_durable),
	    T(every_subscription_gets_its_own),
	    T(no_more_is_in_flight_than_the_window),
	    T(no_more_bytes_are_in_flight_than_the_window),
	    T(a_case_keeps_its_order_while_one_comes_later),
	    T(what_was_not_settled_comes_again_with_a_higher_attempt),
	    T(a_later_revision_leaves_out_what_only_the_first_one_sets),
	    T(an_expired_event_is_never_delivered),
	    T(ids_of_deliveries_are_plain),
	};

	return cmocka_run_group_tests_name("core/deliver", tests, NULL, NULL);
}

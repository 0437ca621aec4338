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
lapse(struct engine *e, const char *last_day)
{
	engine_reload(e, "agreements/protection.yaml",
	    arena_printf(&e->arena,
		"agreement: protection\nfrom: [clinic, child]\nto: [child, watch, hostel]\npurposes: [protection]\n"
		"legal_bases: [CONSENT, LEGAL_OBLIGATION, PUBLIC_INTEREST]\nmay_see: {demographic: full, location: full}\n"
		"valid: {first_day: 2026-01-01, last_day: %s}\n",
		last_day));
}

// Nothing goes, and nothing is lost: the file is renewed tomorrow.
static void
what_an_agreement_that_lapsed_holds_back_goes_when_it_is_renewed(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	say(e, "A", "c1");
	lapse(e, "2026-01-31");
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "");
	assert_true(child(e, "dead") == 1.0);
	assert_true(engine_logged(e, "delivery.dead"));
	assert_non_null(strstr(buf_cstr(&e->log), "code=agreement_lapsed"));

	lapse(e, "2026-12-31");
	assert_string_equal(engine_delivered(e, 2), "");
	(void)engine_request(
	    e, CTL_MSG_RELEASE, (const char *const[]){"code", "agreement_lapsed", "reason", "renewed", NULL});
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A");
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static double
withheld(struct engine *e)
{
	return engine_metric(e, "enlace_delivery_events_total{subscription=\"child-cases\",outcome=\"withheld\"}");
}

// A referral on the basis of consent, which waits; then the person's newer word, as JSON.
static void
refer_and_change_consent(struct engine *e, const char *consent)
{
	engine_hello(e, 1, "clinic", "c", NULL);
	assert_string_equal(engine_say(e, 1, "enlace.v1.Referral", "r", "c1",
				"{\"referralId\":\"R\",\"service\":\"CHILD_PROTECTION\",\"legalBasis\":\"CONSENT\","
				"\"priority\":\"NORMAL\",\"person\":{\"ageYears\":13},"
				"\"consent\":{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\"}}"),
	    "RECORDED");
	assert_string_equal(engine_say(e, 1, "enlace.v1.ConsentUpdate", "u", "c1",
				arena_printf(&e->arena, "{\"caseId\":\"c1\",\"consent\":%s}", consent)),
	    "RECORDED");
}

static void
what_the_person_took_back_is_withheld_and_told(void **state)
{
	static const char *const words[] = {("{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\","
					     "\"revokedAt\":{\"ms\":\"1795000000000\"}}"),
	    "{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"NO\"}", "{}", "null"};

	for (size_t i = 0; i < EN_COUNT_OF(words); i++) {
		struct engine *e = *state;

		refer_and_change_consent(e, words[i]);
		if (i % 2 == 1) {
			engine_restart(e);
		}
		engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
		engine_sync(e);
		assert_string_equal(engine_delivered(e, 2), "");
		assert_true(withheld(e) == 1.0);
		assert_true(engine_logged(e, "delivery.withheld"));
		engine_assert_identities(e);
		engine_assert_folds(e);
		assert_int_equal(engine_teardown(state), 0);
		assert_int_equal(engine_setup(state), 0);
	}
}

static void
what_the_person_withholds_later_is_left_out(void **state)
{
	struct engine *e = *state;

	refer_and_change_consent(
	    e, "{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\",\"withheld\":[\"person.age_years\"]}");
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	engine_sync(e);
	assert_non_null(engine_newest(e, 2, FRAME_DELIVER));
	assert_null(strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "ageYears"));
	assert_true(withheld(e) == 0.0);
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
	    T(what_an_agreement_that_lapsed_holds_back_goes_when_it_is_renewed),
	    T(what_the_person_took_back_is_withheld_and_told),
	    T(what_the_person_withholds_later_is_left_out),
	    T(an_expired_event_is_never_delivered),
	    T(ids_of_deliveries_are_plain),
	};

	return cmocka_run_group_tests_name("core/deliver", tests, NULL, NULL);
}

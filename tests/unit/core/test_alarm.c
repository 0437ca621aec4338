// SPDX-License-Identifier: Apache-2.0
// What somebody must hear of: that nobody receives, that something waits, that nobody reads, that a subscription stands still; and that alerts have room of
// their own. Peer 1 is the clinic, 2 the child agency.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "unit/core/child.h"

#define INTAKE "clinic.v1.Intake"
#define MINUTE_MS UINT64_C(60000)
#define CHILD_CASES "[{\"subscription\":\"child-cases\"}]"

// ---- nobody receives -----------------------------------------------------------------------------------------------

static void
route_children(struct engine *e, const char *service, const char *if_nobody)
{
	engine_reload(e, "routes/children.yaml",
	    arena_printf(&e->arena,
		"route: children\ntypes: [Referral]\nwhen: {service: %s}\npurpose: protection\nreads: []\n"
		"send_to:\n- {agency: child}\nif_nobody_receives: %s\n",
		service, if_nobody));
}

static void
what_nobody_is_to_receive_is_held_raises_an_alarm_and_tells_its_sender(void **state)
{
	struct engine *e = *state;

	engine_reload(e, "codes/wishes.csv", "from,to,label\nCHILD,CHILD_PROTECTION,child\nNEW,LEGAL,new\n");
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_CASES);
	assert_string_equal(engine_say(e, 1, INTAKE, "e1", "c1", engine_intake(e, "f1", "NEW")), "HELD no_recipient");
	assert_true(engine_logged(e, "alarm.no_recipient"));
	assert_non_null(
	    strstr(engine_request(e, CTL_MSG_LS, (const char *const[]){"state", "held", NULL}), "\"no_recipient\""));
	assert_string_equal(engine_delivered(e, 2), "");
	engine_assert_identities(e);

	route_children(e, "LEGAL", "hold"); // the route that was missing, and an operator's word
	(void)engine_request(
	    e, CTL_MSG_RELEASE, (const char *const[]){"code", "no_recipient", "reason", "a route for it", NULL});
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "f1");
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
a_route_may_say_that_an_alarm_is_enough_or_that_all_is_well(void **state)
{
	struct engine *e = *state;
	const char *const whom = "{\"folio\":\"%s\",\"wishes\":[{\"code\":\"BED\",\"whom\":\"shelter\"}]}";

	for (size_t i = 0; i < 2; i++) {
		engine_reload(e, "routes/shelter.yaml",
		    arena_printf(&e->arena,
			"route: shelter\ntypes: [Referral]\nwhen: {service: SAFE_SHELTER}\npurpose: protection\nreads: []\n"
			"send_to:\n- {addressee: true, among: [shelters]}\nif_nobody_receives: %s\n",
			i == 0 ? "fine" : "alarm"));
		engine_hello(e, 1, "clinic", "c", NULL);
		assert_string_equal(engine_say(e, 1, INTAKE, i == 0 ? "e1" : "e2", "c1",
					arena_printf(&e->arena, whom, i == 0 ? "f1" : "f2")),
		    "RECORDED");
		assert_int_equal(engine_logged(e, "alarm.no_recipient"), i == 1);
	}
	engine_assert_identities(e);
}

// ---- something waits, nobody reads ---------------------------------------------------------------------------------

static void
what_waits_too_long_is_told_once_and_when_it_is_over(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_CASES);
	assert_string_equal(engine_say(e, 1, INTAKE, "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	stay(e, 15 * MINUTE_MS);
	assert_false(engine_logged(e, "alarm.oldest_waits"));
	stay(e, 2000);
	assert_true(engine_logged(e, "alarm.oldest_waits"));
	assert_false(engine_logged(e, "alarm.nobody_attached")); // somebody reads, and settles nothing
	buf_clear(&e->log);
	stay(e, 5000);
	assert_false(engine_logged(e, "alarm.oldest_waits"));
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	stay(e, 2000);
	assert_true(engine_logged(e, "alarm.oldest_waits.over"));
}

static void
that_nobody_reads_is_told_once_and_when_it_is_over(void **state)
{
	struct engine *e = *state;

	pass_time(e, 10 * MINUTE_MS);
	assert_false(engine_logged(e, "alarm.nobody_attached"));
	pass_time(e, 3000);
	assert_true(engine_logged(e, "alarm.nobody_attached"));
	buf_clear(&e->log);
	pass_time(e, 5000);
	assert_false(engine_logged(e, "alarm.nobody_attached"));
	engine_hello(e, 2, "child", "r", CHILD_CASES);
	pass_time(e, 2000);
	assert_true(engine_logged(e, "alarm.nobody_attached.over"));
}

// ---- the journal ---------------------------------------------------------------------------------------------------

static bool
status_says(struct engine *e, const char *wanted)
{
	return strstr(engine_request(e, CTL_STATUS, NULL), wanted) != NULL;
}

static void
damaged_records_are_told_when_more_are_found_and_where_they_are(void **state)
{
	struct engine *e = *state;
	struct core_journal journal = {.verified = 4096, .at_start = 20000};

	engine_step(e, (struct core_input){.kind = INPUT_JOURNAL, .journal = &journal});
	engine_tick(e, 2000);
	assert_false(engine_logged(e, "alarm.journal_damaged"));
	assert_true(status_says(e,
	    "\"journal\":{\"damaged\":0,\"positions\":[],\"verified\":4096,\"of\":20000,\"all_verified_ms\":0},\"sessions\""));

	journal.damage = (struct damage){.count = 2, .records = 4, .ranges = {{7, 7}, {12, 14}}};
	engine_step(e, (struct core_input){.kind = INPUT_JOURNAL, .journal = &journal});
	engine_tick(e, 2000);
	assert_true(engine_logged(e, "alarm.journal_damaged"));
	buf_clear(&e->log);
	engine_tick(e, 2000);
	assert_false(engine_logged(e, "alarm.journal_damaged"));
	assert_true(status_says(e,
	    "{\"ok\":true,\"id\":\"r\",\"journal\":{\"damaged\":4,\"positions\":[\"7\",\"12-14\"],\"remedy\":\"look at the disk"));

	journal =
	    (struct core_journal){.damage = {.count = 2, .records = 5, .ranges = {{7, 7}, {11, 14}}, .is_more = true},
		.verified = 20000,
		.at_start = 20000,
		.all_verified_ms = e->now.wall_ms};
	engine_step(e, (struct core_input){.kind = INPUT_JOURNAL, .journal = &journal});
	engine_tick(e, 2000);
	assert_true(engine_logged(e, "alarm.journal_damaged"));
	assert_true(status_says(e, "[\"7\",\"11-14\",\"...\"]"));
	assert_true(status_says(e,
	    arena_printf(&e->arena, "\"verified\":20000,\"of\":20000,\"all_verified_ms\":%lld}",
		(long long)journal.all_verified_ms)));
}

// ---- a subscription at its limits ----------------------------------------------------------------------------------

static void
at_the_cap_of_retries_nothing_new_goes_out_and_it_says_why(void **state)
{
	struct engine *e = *state;

	e->limits.parked = 2;
	engine_restart(e);
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_sync(e);
	say(e, "B", "c2"); // one below the cap
	assert_string_equal(engine_delivered(e, 2), "A B");
	assert_false(engine_logged(e, "alarm.subscription_stopped"));
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 1), LATER);
	engine_sync(e);
	say(e, "C", "c3"); // at the cap
	assert_string_equal(engine_delivered(e, 2), "A B");
	assert_true(engine_logged(e, "alarm.subscription_stopped"));
	engine_assert_identities(e);

	stay(e, 6000); // the retries go on, and with the first that is taken there is room again
	assert_string_equal(engine_delivered(e, 2), "A B A#2 B#2");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B A#2 B#2 C");
	engine_assert_identities(e);
	engine_assert_folds(e);
}

// ---- lanes ---------------------------------------------------------------------------------------------------------

// The child agency reads referrals and alerts under one subscription.
static void
read_both(struct engine *e)
{
	engine_reload(e, "mappings/referral-to-reply.yaml",
	    "mapping: referral-to-reply\nfrom: enlace.v1.Referral\nto: clinic.v1.Reply\nowner: child\nset: {record: source_case_id}\n"
	    "unused: {referral_id: n, referral_number: n, source_service_id: n, kind: n, legal_basis_instrument: n, legal_basis: n, from: n, "
	    "to: n, person: n, service: n, service_other_text: n, reason_text: n, priority: n, due_at: n, appointment_at: n, consent: n, "
	    "recorded_at: n, found_at_office: n}\n");
	engine_reload(e, "mappings/alert-to-reply.yaml",
	    "mapping: alert-to-reply\nfrom: enlace.v1.Alert\nto: clinic.v1.Reply\nowner: child\nset: {record: identifier}\n"
	    "unused: {sender: n, sent: n, status: n, message_type: n, scope: n, restriction: n, references: n, event_code: n, urgency: n, "
	    "severity: n, certainty: n, texts: n, expires: n, area: n, person: n, legal_basis: n, referral_id: n}\n");
	engine_reload(e, "subscriptions/child-cases.yaml",
	    "subscription: child-cases\nagency: child\npurpose: protection\nreceives: [Referral, Alert]\nas: clinic.v1.Reply\n"
	    "retry: {after: [5 s], give_up: 1 h, then: dead_letter}\non_dead_letter: continue\n");
}

static void
an_eighth_of_the_credit_is_kept_for_alerts(void **state)
{
	struct engine *e = *state;

	read_both(e);
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\",\"windowEvents\":8}]");
	for (size_t i = 1; i <= 9; i++) {
		char *name = arena_printf(&e->arena, "r%zu", i);

		assert_string_equal(engine_say(e, 1, INTAKE, name, name, engine_intake(e, name, "CHILD")), "RECORDED");
	}
	assert_string_equal(engine_delivered(e, 2), "r1 r2 r3 r4 r5 r6 r7");
	say(e, "A", "c1"); // behind nine referrals, and before two of them
	say(e, "B", "c2");
	assert_string_equal(engine_delivered(e, 2), "r1 r2 r3 r4 r5 r6 r7 A");
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "r1 r2 r3 r4 r5 r6 r7 A B");
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 1), TAKEN);
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 2), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "r1 r2 r3 r4 r5 r6 r7 A B r8");
	engine_assert_identities(e);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_nobody_is_to_receive_is_held_raises_an_alarm_and_tells_its_sender),
	    T(a_route_may_say_that_an_alarm_is_enough_or_that_all_is_well),
	    T(what_waits_too_long_is_told_once_and_when_it_is_over),
	    T(that_nobody_reads_is_told_once_and_when_it_is_over),
	    T(damaged_records_are_told_when_more_are_found_and_where_they_are),
	    T(at_the_cap_of_retries_nothing_new_goes_out_and_it_says_why),
	    T(an_eighth_of_the_credit_is_kept_for_alerts),
	};

	return cmocka_run_group_tests_name("core/alarm", tests, NULL, NULL);
}

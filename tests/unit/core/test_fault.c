// SPDX-License-Identifier: Apache-2.0
// FAULT: an addressed recipient who gets nothing is told to the sender, with a code (design 2.2).
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/core/fault.h"

// ---- as it comes -------------------------------------------------------------------------------------------------------

static void
who_is_addressed_and_has_no_subscription_is_told_at_once(void **state)
{
	struct engine *e = *state;

	attach_all(e);
	assert_string_equal(engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", BED("shelter")), "RECORDED");
	assert_string_equal(engine_delivered(e, 2), "f1");
	assert_string_equal(told(e), "shelter no_subscription");
	assert_true(referrals(e, "SUBMITTED") == 1.0); // the child agency is owed it
	assert_sound(e);
}

// What became of a delivery waits for a commit that others need (journal.h); events do not, nor does the word about an end.
static void
only_outcomes_may_wait_for_the_disk(void **state)
{
	struct engine *e = *state;

	attach_all(e);
	refer(e);
	assert_int_equal(e->urgent, 1);
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN);
	assert_int_equal(e->record_count, 2);
	assert_int_equal(e->urgent, 1);
	engine_settle(e, 3, "hostel", "hostel-cases", engine_number(e, 3, 0), UNUSABLE);
	assert_int_equal(e->record_count, 4);
	assert_int_equal(e->urgent, 2);
}

// ---- a dead letter -----------------------------------------------------------------------------------------------------

static void
what_the_addressee_cannot_use_is_told_once(void **state)
{
	struct engine *e = *state;

	attach_all(e);
	refer(e);
	hostel_cannot_use_it(e);
	assert_string_equal(told(e), "hostel rejected_by_recipient");
	engine_restart(e);
	attach_all(e);
	engine_tick(e, 1000);
	engine_sync(e);
	assert_string_equal(told(e), "hostel rejected_by_recipient"); // not settled: the same delivery again
	assert_true(engine_metric(e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}") == 1.0);
	assert_true(referrals(e, "FAULT") == 0.0); // an operator may send the dead letter on its way again
	assert_sound(e);
}

static void
a_dead_letter_of_whom_only_the_route_names_is_not_the_senders(void **state)
{
	struct engine *e = *state;

	attach_all(e);
	refer(e);
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), UNUSABLE);
	engine_sync(e);
	assert_string_equal(told(e), "");
	assert_sound(e);
}

static void
a_dead_letter_that_dies_again_is_told_again(void **state)
{
	struct engine *e = *state;

	attach_all(e);
	refer(e);
	hostel_cannot_use_it(e);
	assert_string_equal(told(e), "hostel rejected_by_recipient");
	assert_non_null(strstr(release(e, "rejected_by_recipient"), "\"released\":1"));
	assert_string_equal(engine_delivered(e, 3), "f1#2");
	hostel_cannot_use_it(e);
	assert_string_equal(told(e), "hostel rejected_by_recipient");
	assert_sound(e);
}

// A release that comes to the same end without an attempt is no news.
static void
an_agreement_that_lapsed_is_told_once(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	refer(e);
	engine_reload(e, "agreements/protection.yaml",
	    "agreement: protection\nfrom: [clinic, child]\nto: [child, watch, hostel]\npurposes: [protection]\n"
	    "legal_bases: [CONSENT, LEGAL_OBLIGATION, PUBLIC_INTEREST]\nmay_see: {demographic: full, location: full}\n"
	    "valid: {first_day: 2026-01-01, last_day: 2026-01-31}\n");
	attach_all(e);
	assert_string_equal(told(e), "hostel agreement_lapsed");
	(void)release(e, "agreement_lapsed");
	assert_string_equal(told(e), "");
	assert_true(engine_metric(e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}") == 1.0);
	assert_sound(e);
}

// A second end without an attempt between them, for another reason: the last one is the one that counts.
static void
a_released_dead_letter_that_is_withheld_is_told_with_the_new_reason(void **state)
{
	struct engine *e = *state;

	attach_all(e);
	refer_on_consent(e, "r");
	hostel_cannot_use_it(e);
	assert_string_equal(told(e), "hostel rejected_by_recipient");
	take_consent_back(e);
	(void)release(e, "rejected_by_recipient");
	assert_string_equal(engine_delivered(e, 3), "");
	assert_string_equal(told(e), "hostel consent");
	assert_sound(e);
}

// Words one after the other may lie at one place of memory, be equally long and yet have their fields elsewhere.
static void
words_that_are_alike_from_afar_are_read_each_by_itself(void **state)
{
	static const char *const whom[] = {"hostel", "child"}, *const ids[] = {"R", "RR"};
	struct engine *e = *state;

	engine_reload(e, "agencies/child.yaml",
	    "agency: child\nkind: un\ngroups: [shelters]\n"
	    "publishes: [clinic.v1.Reply, enlace.v1.ReferralStatus, enlace.v1.Referral]\n");
	attach_all(e);
	for (size_t i = 0; i < EN_COUNT_OF(whom); i++) {
		assert_string_equal(
		    engine_say(e, 1, "enlace.v1.Referral", ids[i], "f1",
			arena_printf(&e->arena,
			    "{\"referralId\":\"%s\",\"sourceCaseId\":\"f1\",\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"%s\"},"
			    "\"legalBasis\":\"LEGAL_OBLIGATION\",\"priority\":\"NORMAL\",\"person\":{\"ageYears\":13}}",
			    ids[i], whom[i])),
		    "RECORDED");
	}
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN);
	engine_settle(e, 3, "hostel", "hostel-cases", engine_number(e, 3, 0), UNUSABLE);
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 1), UNUSABLE);
	engine_sync(e);
	assert_string_equal(told(e), "hostel rejected_by_recipient, child rejected_by_recipient");
	assert_sound(e);
}

// ---- withheld, expired ---------------------------------------------------------------------------------------------------

static void
what_the_person_took_back_is_told(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	refer_on_consent(e, "r");
	take_consent_back(e);
	assert_true(referrals(e, "SUBMITTED") == 1.0);
	engine_hello(e, 3, "hostel", "h", HOSTEL_CASES);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 3), "");
	assert_string_equal(told(e), "hostel consent");
	assert_true(referrals(e, "SUBMITTED") == 1.0); // the child agency has not looked yet
	engine_hello(e, 2, "child", "r", CHILD_CASES);
	engine_sync(e);
	assert_string_equal(told(e), "");
	assert_true(referrals(e, "FAULT") == 1.0); // nobody is owed it any more
	assert_sound(e);
}

// The sender mends what was wrong and sends it again: it is on its way again.
static void
a_new_revision_of_a_lost_referral_begins_anew(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	refer_on_consent(e, "r1");
	take_consent_back(e);
	attach_all(e);
	assert_true(referrals(e, "FAULT") == 1.0);
	assert_string_equal(
	    engine_say(e, 1, "enlace.v1.ConsentUpdate", "v", "f1",
		"{\"caseId\":\"f1\",\"consent\":{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\"}}"),
	    "RECORDED");
	refer_on_consent(e, "r2");
	assert_true(referrals(e, "FAULT") == 0.0);
	assert_true(referrals(e, "SUBMITTED") == 1.0);
	engine_forget_frames(e);
	engine_tick(e, 1000);
	assert_sound(e);
	assert_string_equal(
	    engine_say(e, 2, "enlace.v1.ReferralStatus", "s", "f1", "{\"referralId\":\"R\",\"state\":\"ACCEPTED\"}"),
	    "RECORDED");
	assert_true(referrals(e, "ACCEPTED") == 1.0);
	assert_true(engine_metric(e, "enlace_illegal_moves_total") == 0.0);
	assert_sound(e);
}

static void
what_expired_is_told_and_is_no_delivery_of_whom_took_it(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	engine_hello(e, 2, "child", "r", CHILD_CASES);
	publish_expiring(e, 1, 1);
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	e->now.wall_ms += 30 * DAY_MS;
	attach_all(e);
	engine_tick(e, 1000);
	engine_sync(e);
	assert_string_equal(told(e), "hostel expired");
	assert_true(referrals(e, "DELIVERED") == 1.0);
	assert_sound(e);
}

// The end and the word about it are in the journal together: a process that does not live to send the word sends it after its start, once.
static void
a_fault_that_was_not_sent_is_sent_after_the_start(void **state)
{
	struct engine *e = *state;

	attach_all(e);
	refer(e);
	engine_settle(e, 3, "hostel", "hostel-cases", engine_number(e, 3, 0), UNUSABLE);
	assert_string_equal(told(e), "");
	engine_crash(e);
	attach_all(e);
	assert_string_equal(told(e), "hostel rejected_by_recipient");
	assert_true(engine_metric(e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}") == 1.0);
	assert_sound(e);
}

// ---- nobody to tell, or nobody who can ----------------------------------------------------------------------------------

static void
a_sender_that_wants_no_word_is_told_nothing_and_all_is_counted(void **state)
{
	struct engine *e = *state;

	attach_all(e);
	assert_string_equal(
	    engine_say(e, 2, "enlace.v1.Referral", "r", "f1",
		"{\"referralId\":\"R\",\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"hostel\"},"
		"\"legalBasis\":\"LEGAL_OBLIGATION\",\"priority\":\"NORMAL\",\"person\":{\"ageYears\":13}}"),
	    "RECORDED");
	hostel_cannot_use_it(e);
	assert_string_equal(told(e), "");
	assert_true(
	    engine_metric(e, "enlace_ingest_events_total{agency=\"urn:enlace:broker\",outcome=\"recorded\"}") == 1.0);
	assert_sound(e);
}

// An error in a route's condition holds the word too; mended, it goes through.
static void
a_fault_that_a_route_holds_is_released(void **state)
{
	static const char *const when[] = {"{cel: \"1 / (data.reason_code.size() - 21) == 0\"}", "{state: FAULT}"};
	struct engine *e = *state;

	for (size_t i = 0; i < EN_COUNT_OF(when); i++) {
		engine_reload(e, "routes/feedback.yaml",
		    arena_printf(&e->arena,
			"route: feedback\ntypes: [ReferralStatus]\nwhen: %s\npurpose: feedback\nreads: []\nsend_to:\n"
			"- {addressee: true}\nif_nobody_receives: fine\n",
			when[i]));
		if (i == 0) {
			attach_all(e);
			refer(e);
			engine_settle(e, 3, "hostel", "hostel-cases", engine_number(e, 3, 0), UNUSABLE);
			engine_sync(e);
			assert_string_equal(told(e), "");
			assert_true(engine_metric(e, "enlace_held_events") == 1.0);
		} else {
			attach_all(e);
			assert_non_null(strstr(release(e, "condition_error"), "\"released\":1"));
			assert_string_equal(told(e), "hostel rejected_by_recipient");
			assert_true(engine_metric(e, "enlace_held_events") == 0.0);
		}
		assert_sound(e);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(who_is_addressed_and_has_no_subscription_is_told_at_once),
	    T(only_outcomes_may_wait_for_the_disk),
	    T(what_the_addressee_cannot_use_is_told_once),
	    T(a_dead_letter_of_whom_only_the_route_names_is_not_the_senders),
	    T(a_dead_letter_that_dies_again_is_told_again),
	    T(words_that_are_alike_from_afar_are_read_each_by_itself),
	    T(an_agreement_that_lapsed_is_told_once),
	    T(a_released_dead_letter_that_is_withheld_is_told_with_the_new_reason),
	    T(what_the_person_took_back_is_told),
	    T(a_new_revision_of_a_lost_referral_begins_anew),
	    T(what_expired_is_told_and_is_no_delivery_of_whom_took_it),
	    T(a_fault_that_was_not_sent_is_sent_after_the_start),
	    T(a_sender_that_wants_no_word_is_told_nothing_and_all_is_counted),
	    T(a_fault_that_a_route_holds_is_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

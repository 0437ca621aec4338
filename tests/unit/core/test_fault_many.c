// SPDX-License-Identifier: Apache-2.0
// FAULT where there are many: ends in a step, and subscriptions of one addressee.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/limits.h"
#include "unit/core/fault.h"

// ---- ends in a step -----------------------------------------------------------------------------------------------------

// However many end at once: so many are told in a step, and the rest in the steps that follow.
static void
a_step_tells_a_limited_number_and_the_next_ones_tell_the_rest(void **state)
{
	static const int counts[] = {LIMIT_FAULTS_PER_STEP, LIMIT_FAULTS_PER_STEP + 1};

	for (size_t i = 0; i < EN_COUNT_OF(counts); i++) {
		struct engine *e = *state;
		double told_at_once;

		engine_hello(e, 1, "clinic", "c", NULL);
		for (int number = 1; number <= counts[i]; number++) {
			publish_expiring(e, number, number);
		}
		e->now.wall_ms += 30 * DAY_MS;
		engine_send(e, 3, "hostel", FRAME_HELLO, "{\"client\":\"h\",\"subscriptions\":" HOSTEL_CASES "}");
		told_at_once = engine_metric(e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}");
		assert_true(told_at_once == LIMIT_FAULTS_PER_STEP);
		engine_sync(e);
		engine_sync(e);
		assert_true(
		    engine_metric(e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}") == counts[i]);
		assert_sound(e);
		assert_int_equal(engine_teardown(state), 0);
		assert_int_equal(engine_setup(state), 0);
	}
}

// Those of the recipient's own word count as well.
static void
what_a_step_tells_is_counted_before_it_is_on_record(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 3, "hostel", "h", "[{\"subscription\":\"hostel-cases\",\"windowEvents\":1}]");
	assert_string_equal(engine_say(e, 1, "clinic.v1.Intake", "e0", "c0", BED("hostel")), "RECORDED");
	for (int number = 1; number <= LIMIT_FAULTS_PER_STEP + 1; number++) {
		publish_expiring(e, number + 1, number + 1);
	}
	e->now.wall_ms += 30 * DAY_MS;
	engine_settle(e, 3, "hostel", "hostel-cases", engine_number(e, 3, 0), UNUSABLE);
	assert_true(
	    engine_metric(e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}") == LIMIT_FAULTS_PER_STEP);
	engine_sync(e);
	engine_sync(e);
	assert_true(engine_metric(e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}") ==
	    LIMIT_FAULTS_PER_STEP + 2);
	assert_sound(e);
}

// ---- an addressee with two subscriptions -----------------------------------------------------------------------------------

#define HOSTEL_BOTH "[{\"subscription\":\"hostel-cases\"},{\"subscription\":\"hostel-desk\"}]"

static void
add_desk(struct engine *e)
{
	engine_reload(e, "subscriptions/hostel-desk.yaml",
	    "subscription: hostel-desk\nagency: hostel\npurpose: protection\nreceives: [Referral]\n"
	    "as: enlace.v1.Referral\nretry: {after: [5 s], give_up: 1 h, then: dead_letter}\non_dead_letter: continue\n");
	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	engine_hello(e, 3, "hostel", "h", HOSTEL_BOTH);
	refer(e);
}

static void
settle_of(struct engine *e, const char *subscription, uint64_t number, const char *outcome)
{
	engine_settle(e, 3, "hostel", subscription, number, outcome);
	engine_sync(e);
}

static void
what_the_addressee_gets_by_another_subscription_is_no_fault(void **state)
{
	struct engine *e = *state;
	uint64_t number;

	add_desk(e);
	number = engine_number(e, 3, 0);
	settle_of(e, "hostel-cases", number, UNUSABLE);
	settle_of(e, "hostel-desk", number, TAKEN);
	assert_string_equal(told(e), "");
	assert_sound(e);
	engine_restart(e);
	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	engine_hello(e, 3, "hostel", "h", HOSTEL_BOTH);
	(void)release(e, "rejected_by_recipient");
	settle_of(e, "hostel-cases", number, UNUSABLE);
	assert_string_equal(told(e), ""); // the desk has it
	assert_sound(e);
}

static void
what_the_addressee_gets_by_none_of_its_subscriptions_is_told_once(void **state)
{
	struct engine *e = *state;
	uint64_t number;

	add_desk(e);
	number = engine_number(e, 3, 0);
	settle_of(e, "hostel-desk", number, UNUSABLE);
	assert_true(engine_metric(e, "enlace_ingest_received_total{agency=\"urn:enlace:broker\"}") == 0.0);
	settle_of(e, "hostel-cases", number, UNUSABLE);
	assert_string_equal(told(e), "hostel rejected_by_recipient");
	assert_sound(e);
}

// ---- revisions ------------------------------------------------------------------------------------------------------------

// Two revisions of one referral wait for the hostel, of which the first one expires.
static void
refer_twice(struct engine *e)
{
	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	publish_expiring(e, 1, 1);
	e->next_sequence[1] = 2;
	assert_string_equal(engine_say(e, 1, "clinic.v1.Intake", "e9", "c", BED("hostel")), "RECORDED");
}

static void
a_revision_that_ends_before_a_newer_one_is_no_fault(void **state)
{
	struct engine *e = *state;

	refer_twice(e);
	e->now.wall_ms += 30 * DAY_MS;
	attach_all(e);
	assert_string_equal(engine_delivered(e, 3), "f1");
	assert_true(
	    engine_metric(e, "enlace_delivery_events_total{subscription=\"hostel-cases\",outcome=\"expired\"}") == 1.0);
	settle_of(e, "hostel-cases", engine_number(e, 3, 0), UNUSABLE);
	assert_string_equal(told(e), "hostel rejected_by_recipient"); // once, and of the newer one
	assert_sound(e);
}

// It may hold the newer one for good: somebody has to decide.
static void
a_dead_letter_before_a_newer_revision_is_told(void **state)
{
	struct engine *e = *state;

	refer_twice(e);
	attach_all(e);
	settle_of(e, "hostel-cases", engine_number(e, 3, 0), UNUSABLE);
	assert_string_equal(told(e), "hostel rejected_by_recipient");
	assert_sound(e);
}

// ---- a sender that is gone ------------------------------------------------------------------------------------------------

#define VALID "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n"
#define FEEDBACK(to)                                                                                                   \
	"agreement: feedback\nfrom: [child, watch]\nto: [" to                                                          \
	"]\npurposes: [feedback]\nmay_see: {operational: full}\n" VALID

static void
a_sender_that_left_the_rules_is_told_nothing_and_all_is_counted(void **state)
{
	struct engine *e = *state;
	char path[512];

	attach_all(e);
	refer(e);
	engine_settle(e, 3, "hostel", "hostel-cases", engine_number(e, 3, 0), LATER);
	engine_sync(e);
	engine_reload(e, "agreements/protection.yaml",
	    "agreement: protection\nfrom: [child]\nto: [child, watch, hostel]\npurposes: [protection]\n"
	    "legal_bases: [LEGAL_OBLIGATION]\nmay_see: {demographic: full, location: full}\n" VALID);
	engine_reload(e, "agreements/feedback.yaml", FEEDBACK("child, clinic"));
	engine_reload(e, "subscriptions/clinic-status.yaml",
	    "subscription: clinic-status\nagency: child\npurpose: feedback\nreceives: [ReferralStatus]\n"
	    "as: enlace.v1.ReferralStatus\nretry: {after: [5 s], give_up: 1 h, then: dead_letter}\n");
	snprintf(path, sizeof(path), "%s/agencies/clinic.yaml", e->folder);
	assert_int_equal(remove(path), 0);
	engine_reload(e, "agreements/feedback.yaml", FEEDBACK("child"));
	pass_time(e, 10000);
	assert_true(
	    engine_metric(e, "enlace_delivery_events_total{subscription=\"hostel-cases\",outcome=\"dead\"}") == 1.0);
	assert_true(
	    engine_metric(e, "enlace_ingest_events_total{agency=\"urn:enlace:broker\",outcome=\"recorded\"}") == 1.0);
	assert_true(engine_metric(e, "enlace_subscription_matched_total{subscription=\"clinic-status\"}") == 0.0);
	assert_sound(e);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_step_tells_a_limited_number_and_the_next_ones_tell_the_rest),
	    T(what_a_step_tells_is_counted_before_it_is_on_record),
	    T(what_the_addressee_gets_by_another_subscription_is_no_fault),
	    T(what_the_addressee_gets_by_none_of_its_subscriptions_is_told_once),
	    T(a_revision_that_ends_before_a_newer_one_is_no_fault),
	    T(a_dead_letter_before_a_newer_revision_is_told),
	    T(a_sender_that_left_the_rules_is_told_nothing_and_all_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What two mappings may lose, as a test of the rule set: a new loss fails it, and so does one that is no more.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/trial/stage.h"

static const char back[] = "mapping: back\nfrom: enlace.v1.ConsentUpdate\nto: enlace.v1.ReferralStatus\nset:\n"
			   "  source_case_id: {from: case_id, clean: [lower]}\n"
			   "  referral_id: referral_id\n"
			   "  state: {is: SUBMITTED}\n"
			   "unused: {consent: a}\n";

#define TRIP "tests: t\nround_trips:\n- name: there and back\n  there: small\n  back: back\n  loses:\n"
#define NOT_SENT                                                                                                        \
	"    to_agency: not_sent\n    previous_state: not_sent\n    at.ms: not_sent\n    at.offset_minutes: not_sent\n" \
	"    actor_agency: not_sent\n    reason_code: not_sent\n    reason_text: not_sent\n"                            \
	"    recipient_reference: not_sent\n    appointment_at.ms: not_sent\n    appointment_at.offset_minutes: not_sent\n"

static int
set_up_back(void **state)
{
	stage_setup(state);
	struct stage *s = *state;

	bus_write(s->bus, "mappings/back.yaml", back);
	assert_ok(bus_load(s->bus));
	return 0;
}

static void
what_is_known_to_be_lost_passes(void **state)
{
	expect_run((struct stage *)*state,
	    TRIP NOT_SENT "    sourceServiceId: [not_sent]\n    state: decides\n    source_case_id: changed\n", "");
}

static void
a_new_loss_and_one_that_is_no_more_are_told_with_both_lines(void **state)
{
	struct stage *s = *state;
	struct trial_result result;

	expect_run(s, TRIP NOT_SENT "    source_service_id: not_sent\n    state: decides\n    referral_id: keyed\n",
	    "3 sourceCaseId: -, changed by 5\n19 referral_id: keyed, - by 0\n");
	assert_ok(trial_run(s->trial, 0, &result));
	assert_int_equal(result.kind, TRIAL_ROUND_TRIP);
	assert_int_equal(result.where.line, 3);
	assert_int_equal(result.differences[0].kind, DIFFERS_LOSS);
	assert_int_equal(result.differences[0].read_by.line, 5);
}

static void
names_that_are_not_there_are_told_when_it_is_bound(void **state)
{
	struct stage *s = *state;

	expect_bound(s, "tests: t\nround_trips:\n- {name: n, there: smal, back: back}\n",
	    "tests/t.yaml:3:20 E1001 mapping smal | small\n");
	expect_bound(s, "tests: t\nround_trips:\n- {name: n, there: small, back: small}\n",
	    "tests/t.yaml:3:33 E1007 enlace.v1.ConsentUpdate and enlace.v1.ReferralStatus | -\n");
	expect_bound(s, TRIP "    stat: decides\n    state: decide\n",
	    "tests/t.yaml:7:5 E0302 enlace.v1.ReferralStatus: stat | state\n"
	    "tests/t.yaml:8:12 E0106 decide is no code of a loss; `enlace map --round-trip` tells them | decides\n");
	expect_bound(s, TRIP "    state: \"A > b > C\"\n", "");
}

int
main(void)
{
#define TRIP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_back, stage_teardown)
	const struct CMUnitTest tests[] = {
	    TRIP_TEST(what_is_known_to_be_lost_passes),
	    TRIP_TEST(a_new_loss_and_one_that_is_no_more_are_told_with_both_lines),
	    TRIP_TEST(names_that_are_not_there_are_told_when_it_is_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// `enlace map THERE --round-trip BACK`: what is lost, told of every record and of one.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/place.h"

// There: case_id and referral_id are carried, the reason is cleaned, the service is not sent. Back: the referral lands in another field.
static const char there[] =
    "mapping: there\nfrom: enlace.v1.ReferralStatus\nto: enlace.v1.ConsentUpdate\nset:\n"
    "  case_id: source_case_id\n"
    "  referral_id: referral_id\n"
    "  consent.captured_by: {from: reason_text, clean: [upper]}\n"
    "unused: {to_agency: a, previous_state: a, at: a, actor_agency: a, reason_code: a, recipient_reference: a, state: a,"
    " appointment_at: a, source_service_id: by phone}\n";
static const char back[] = "mapping: back\nfrom: enlace.v1.ConsentUpdate\nto: enlace.v1.ReferralStatus\nset:\n"
			   "  source_case_id: case_id\n"
			   "  recipient_reference: referral_id\n"
			   "  referral_id: case_id\n"
			   "  state: {is: SUBMITTED}\n"
			   "  reason_text: consent.captured_by\n"
			   "unused: {consent: a}\n";

#define RECORD                                                                                                                         \
	"{\"sourceCaseId\":\"c-1\",\"referralId\":\"r-1\",\"state\":\"ACCEPTED\",\"reasonText\":\"secret words\",\"sourceServiceId\":" \
	"\"s-1\"}"
#define TRIP "map", "there", "--round-trip", "back", "--sender", "inm", "-c", at->settings

static int
set_up_mappings(void **state)
{
	set_up(state);
	put(*state, "mappings/there.yaml", there);
	put(*state, "mappings/back.yaml", back);
	return 0;
}

static void
every_field_is_lost_changed_or_kept_with_both_lines(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, TRIP, "-v");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "lost      sourceServiceId\n          not_sent: is not sent: by phone\n");
	assert_said(&at->p.out,
	    "changed   reasonText\n          changed: is changed by steps that do not turn back: clean > consent.captured_by  there ");
	assert_said(&at->p.out, "there.yaml:7:24  back ");
	assert_said(&at->p.out, "back.yaml:9:16\n");
	assert_said(&at->p.out,
	    "changed   referralId\n          elsewhere: comes back in another field: recipientReference > referral_id");
	assert_said(&at->p.out, "kept      sourceCaseId > case_id  there ");
	assert_said(&at->p.out, "there, back by back: 1 kept, 2 changed, 11 lost\n");
	run_enlace_es(&at->p, TRIP);
	assert_said(&at->p.out, "perdido   sourceServiceId\n          not_sent: no se envía: by phone\n");
	assert_said(&at->p.out, "there, de vuelta por back: 1 intactos, 2 cambiados, 11 perdidos\n");
}

static void
programs_get_the_same_in_a_form_that_stays(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, TRIP, "--format", "json");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out,
	    "{\"there\":\"there\",\"back\":\"back\",\"of_record\":false,\"lost\":11,\"changed\":2,\"kept\":1,\"fields\":[{");
	assert_said(&at->p.out,
	    "{\"field\":\"sourceServiceId\",\"state\":\"lost\",\"through\":null,\"there\":null,\"back\":null,\"losses\":[{\"code\":"
	    "\"not_sent\",\"text\":\"is not sent\",\"detail\":\"by phone\",\"through\":null,\"there\":null,\"back\":null}]}");
	assert_said(
	    &at->p.out, "{\"field\":\"sourceCaseId\",\"state\":\"kept\",\"through\":\"case_id\",\"there\":{\"file\":");
}

static void
a_record_says_what_becomes_of_it_and_no_value_unless_asked(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p, view_text(RECORD), TRIP, "--in", "-", "-v");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "changed   reasonText\n");
	assert_said(&at->p.out, "changed   referralId\n");
	assert_said(&at->p.out, "lost      sourceServiceId\n");
	assert_said(&at->p.out, "1 kept, 3 changed, 1 lost\n");
	assert_not_said(&at->p.out, "secret");
	assert_not_said(&at->p.out, "c-1");
	run_enlace_on(&at->p, view_text(RECORD), TRIP, "--in", "-", "-v", "--values");
	assert_said(&at->p.out, "changed   reasonText = secret words > SECRET WORDS\n");
	assert_said(&at->p.out, "changed   referralId = r-1 > c-1\n");
	run_enlace_on(&at->p, view_text(RECORD), TRIP, "--in", "-", "--values", "--format", "json");
	assert_said(&at->p.out, "\"of_record\":true");
	assert_said(&at->p.out, "\"value\":\"secret words\",\"came_back\":\"SECRET WORDS\"");
}

static void
a_record_that_comes_back_whole_is_no_loss(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p,
	    view_text("{\"sourceCaseId\":\"r\",\"referralId\":\"r\",\"state\":\"SUBMITTED\",\"reasonText\":\"UPPER\"}"),
	    TRIP, "--in", "-");
	assert_ended(&at->p, 0);
	assert_string_equal(buf_cstr(&at->p.out), "there, back by back: 4 kept, 0 changed, 0 lost\n");
}

// from.agency and to.agency have one last name: each comes back in its own field.
static const char parties[] =
    "mapping: parties\nfrom: enlace.v1.Referral\nto: enlace.v1.Referral\nset:\n"
    "  referral_id: referral_id\n  service: {is: LEGAL}\n  priority: {is: NORMAL}\n"
    "  from.agency: from.agency\n  to.agency: to.agency\n"
    "unused: {referral_number: a, source_case_id: a, source_service_id: a, kind: a, legal_basis_instrument: a, legal_basis: a,"
    " from.office: a, from.worker: a, from.phone: a, from.email: a, to.office: a, to.worker: a, to.phone: a, to.email: a,"
    " person: a, service: a, service_other_text: a, reason_text: a, priority: a, due_at: a, appointment_at: a, consent: a,"
    " recorded_at: a, found_at_office: a}\n";

static void
a_field_comes_home_and_not_to_its_namesake(void **state)
{
	struct place *at = *state;

	put(at, "mappings/parties.yaml", parties);
	run_enlace_on(&at->p,
	    view_text("{\"referralId\":\"r\",\"from\":{\"agency\":\"inm\"},\"to\":{\"agency\":\"comar\"}}"), "map",
	    "parties", "--round-trip", "parties", "--sender", "inm", "-c", at->settings, "--in", "-");
	assert_string_equal(buf_cstr(&at->p.err), "");
	assert_string_equal(buf_cstr(&at->p.out), "parties, back by parties: 3 kept, 0 changed, 0 lost\n");
	assert_ended(&at->p, 0);
}

static void
a_program_gets_a_value_as_it_is(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p,
	    view_text("{\"sourceCaseId\":\"c\",\"referralId\":\"r\",\"state\":\"ACCEPTED\",\"reasonText\":\"a\\nb\"}"),
	    TRIP, "--in", "-", "--values", "--format", "json");
	assert_said(&at->p.out, "\"value\":\"a\\nb\"");
	run_enlace_on(&at->p,
	    view_text("{\"sourceCaseId\":\"c\",\"referralId\":\"r\",\"state\":\"ACCEPTED\",\"reasonText\":\"a\\nb\"}"),
	    TRIP, "--in", "-", "--values");
	assert_said(&at->p.out, "reasonText = a?b > A?B\n");
}

static void
mappings_that_do_not_follow_each_other_are_refused(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "map", "there", "--round-trip", "there", "-c", at->settings);
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "the way back begins elsewhere");
	run_enlace(&at->p, "map", "there", "--round-trip", "bakc", "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "did you mean back");
	run_enlace_on(&at->p, view_text("{\"sourceCaseId\":"), TRIP, "--in", "-");
	assert_ended(&at->p, 65);
	assert_int_equal(at->p.out.len, 0);
}

int
main(void)
{
#define TRIP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_mappings, tear_down)
	const struct CMUnitTest tests[] = {
	    TRIP_TEST(every_field_is_lost_changed_or_kept_with_both_lines),
	    TRIP_TEST(programs_get_the_same_in_a_form_that_stays),
	    TRIP_TEST(a_record_says_what_becomes_of_it_and_no_value_unless_asked),
	    TRIP_TEST(a_record_that_comes_back_whole_is_no_loss),
	    TRIP_TEST(a_field_comes_home_and_not_to_its_namesake),
	    TRIP_TEST(a_program_gets_a_value_as_it_is),
	    TRIP_TEST(mappings_that_do_not_follow_each_other_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// `enlace map`: one mapping on one record.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/place.h"

static const char mapping[] =
    "mapping: small\nfrom: enlace.v1.ReferralStatus\nto: enlace.v1.ConsentUpdate\nset:\n"
    "  case_id: {from: source_case_id, clean: [trim]}\n"
    "  referral_id:\n    choose:\n    - {when: {state: [ACCEPTED, DECLINED]}, from: referral_id}\n    otherwise: hold\n"
    "  consent.captured_by: reason_text\n"
    "unused: {to_agency: a, previous_state: a, at: a, actor_agency: a, reason_code: a, recipient_reference: a,"
    " appointment_at: a, source_service_id: a}\n";

#define RECORD                                                                                                         \
	"{\"sourceCaseId\":\" c-1 \",\"referralId\":\"r-1\",\"state\":\"ACCEPTED\",\"reasonText\":\"secret words\"}"
#define MAP "map", "small", "--sender", "inm", "-c", at->settings

static int
set_up_mapping(void **state)
{
	set_up(state);
	put(*state, "mappings/small.yaml", mapping);
	put(*state, "agreements/a.yaml",
	    "agreement: a\nfrom: [inm]\nto: [inm]\npurposes: [p]\nmay_see: {operational: full}\n"
	    "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n");
	return 0;
}

static void
a_record_comes_out_in_any_form(void **state)
{
	struct place *at = *state;
	struct buf binary = BUF_EMPTY;

	run_enlace_on(&at->p, view_text(RECORD), MAP);
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "\"caseId\": \"c-1\"");
	run_enlace_on(&at->p, view_text(RECORD), MAP, "--to", "text");
	assert_ended(&at->p, 0);
	assert_string_equal(buf_cstr(&at->p.out),
	    "case_id: \"c-1\"\nreferral_id: \"r-1\"\nconsent {\n  captured_by: \"secret words\"\n}\n");
	run_enlace_on(&at->p, view_text("source_case_id: 'c-1' referral_id: 'r-1' state: ACCEPTED"), MAP, "--from",
	    "text", "--to", "binary");
	assert_ended(&at->p, 0);
	buf_put_view(&binary, buf_view(&at->p.out));
	assert_view_is("\x0a\x03"
		       "c-1\x12\x03r-1",
	    buf_view(&binary));
	run_enlace_on(&at->p, view_text(RECORD), "convert", "--type", "enlace.v1.ReferralStatus", "-c", at->settings);
	assert_ended(&at->p, 0);
	buf_clear(&binary);
	buf_put_view(&binary, buf_view(&at->p.out)); // the record itself in binary
	run_enlace_on(&at->p, buf_view(&binary), MAP, "--from", "bin", "--to", "text");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "captured_by: \"secret words\"");
	binary.len--;
	run_enlace_on(&at->p, buf_view(&binary), MAP, "--from", "bin");
	assert_ended(&at->p, 65); // cut
	buf_fini(&binary);
}

static void
a_file_says_its_form_by_its_name(void **state)
{
	struct place *at = *state;
	char *file = path(at, "record.txtpb"), *missing = path(at, "none.json");

	put(at, "record.txtpb", "source_case_id: 'c-1' referral_id: 'r-1' state: ACCEPTED");
	run_enlace(&at->p, MAP, "--in", file);
	assert_ended(&at->p, 0);
	run_enlace(&at->p, MAP, "--in", missing);
	assert_ended(&at->p, 1);
	run_enlace(&at->p, MAP, "--from", "xml");
	assert_ended(&at->p, 2);
	free(file);
	free(missing);
}

static void
a_fault_has_its_place_and_code_and_never_a_value(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p,
	    view_text(
		"{\"sourceCaseId\":\"c\",\"referralId\":\"r\",\"state\":\"FAILED\",\"reasonText\":\"secret words\"}"),
	    MAP);
	assert_ended(&at->p, 65);
	assert_said(&at->p.err, "mappings/small.yaml:7:5: choose_none at state");
	assert_not_said(&at->p.err, "secret");
	assert_int_equal(at->p.out.len, 0);
	run_enlace_on(&at->p, view_text("{\"sourceCaseId\":\"secret\",\"stat\":\"x\"}"), MAP);
	assert_ended(&at->p, 65); // the state is missing; what is not known is named
	assert_said(&at->p.err, "stat\n");
	assert_not_said(&at->p.err, "secret");
	run_enlace_on(&at->p, view_text("{\"state\":"), MAP);
	assert_ended(&at->p, 65);
	run_enlace_on(&at->p, view_text("{\"state\":\"DONE\"}"), MAP);
	assert_ended(&at->p, 65);
	assert_not_said(&at->p.err, "DONE");
}

static void
what_is_wrong_with_a_record_is_told_by_its_place_in_the_readers_language(void **state)
{
	struct place *at = *state;
	char *file = path(at, "record.json");

	put(at, "record.json", "{\"referralId\": \"r-1\",\n \"at\": \"secret\"}");
	run_enlace(&at->p, MAP, "--in", file);
	assert_ended(&at->p, 65);
	assert_said(&at->p.err, "record.json:2:8: at: the data has the wrong form: an object\n");
	assert_not_said(&at->p.err, "secret");
	run_enlace_es(&at->p, MAP, "--in", file);
	assert_said(&at->p.err, "record.json:2:8: at: los datos tienen una forma incorrecta: un objeto\n");
	free(file);
}

static void
grants_cut_the_output_and_say_what_they_withhold(void **state)
{
	struct place *at = *state;

	run_enlace_on(&at->p, view_text(RECORD), MAP, "--recipient", "inm/a");
	assert_ended(&at->p, 0);
	assert_not_said(&at->p.out, "secret");
	assert_said(&at->p.err, "withheld: consent.capturedBy (narrative)");
	run_enlace_on(&at->p, view_text(RECORD), MAP, "--grants", "narrative=full");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "secret words");
	run_enlace_on(&at->p, view_text(RECORD), MAP, "--grants", "narrativ=full");
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "enlace: no label narrativ; did you mean narrative\n");
	run_enlace_on(&at->p, view_text(RECORD), MAP, "--grants", "narrative=ful");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "enlace map: --grants: narrative=ful: LABEL=full, coarse or pseudonym\n");
	run_enlace_on(&at->p, view_text(RECORD), MAP, "--recipient", "inm");
	assert_ended(&at->p, 2);
	run_enlace_on(&at->p, view_text(RECORD), MAP, "--recipient", "inm/b");
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "enlace: no agreement with this agency is called b\n");
	run_enlace_on(&at->p, view_text(RECORD), MAP, "--recipient", "imn/a");
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "enlace: no agency imn; did you mean inm\n");
	run_enlace_on(&at->p, view_text(RECORD), MAP, "--recipient", "inm/a", "--grants", "narrative=full");
	assert_ended(&at->p, 2);
}

static void
what_is_missing_is_asked_for(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "map", "-c", at->settings);
	assert_ended(&at->p, 2);
	run_enlace(&at->p, "map", "smal", "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "enlace: no mapping smal; did you mean small\n");
	run_enlace(&at->p, "map", "small", "-c", at->settings);
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "--sender is needed");
	run_enlace(&at->p, "map", "small", "--sender", "imn", "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "enlace: no agency imn; did you mean inm\n");
	run_enlace(&at->p, MAP, "--recorded", "noon");
	assert_ended(&at->p, 2);
	put(at, "routes/r.yaml", "route: r\n");
	run_enlace(&at->p, MAP);
	assert_ended(&at->p, 78);
	assert_said(&at->p.err, "error[E0105]");
	assert_not_said(&at->p.err, "warning["); // those are for lint
}

int
main(void)
{
#define MAP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_mapping, tear_down)
	const struct CMUnitTest tests[] = {
	    MAP_TEST(a_record_comes_out_in_any_form),
	    MAP_TEST(a_file_says_its_form_by_its_name),
	    MAP_TEST(a_fault_has_its_place_and_code_and_never_a_value),
	    MAP_TEST(what_is_wrong_with_a_record_is_told_by_its_place_in_the_readers_language),
	    MAP_TEST(grants_cut_the_output_and_say_what_they_withhold),
	    MAP_TEST(what_is_missing_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

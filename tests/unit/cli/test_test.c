// SPDX-License-Identifier: Apache-2.0
// `enlace test`, as a person and as a program run it.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/place.h"

#define CASE "tests: t\ntype: enlace.v1.ReferralStatus\nsender: inm\nclock: \"2026-11-23T15:45:00Z\"\ncases:\n"

static void
tests_that_pass_are_counted(void **state)
{
	struct place *at = *state;

	put(at, "tests/t.yaml",
	    CASE "- {name: one, input: {referral_id: r, state: ACCEPTED}, expect: {contains: {state: ACCEPTED}}}\n"
		 "- {name: two, input: {referral_id: r, state: FAILED}, expect: {recipients: []}}\n");
	run_enlace(&at->p, "test", "-c", at->settings);
	assert_ended(&at->p, 0);
	assert_string_equal(buf_cstr(&at->p.out), "ok    t  2 tests\n2 passed, 0 failed\n");
	run_enlace(&at->p, "test", at->folder, "--filter", "two", "-v");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "t.yaml:7:3: two\n");
	assert_said(&at->p.out, "1 passed, 0 failed\n");
}

static void
a_failure_says_what_differs_and_where(void **state)
{
	struct place *at = *state;

	put(at, "tests/t.yaml",
	    CASE "- name: one\n  input: {referral_id: r, state: ACCEPTED}\n  expect: {contains: {state: FAILED}}\n");
	run_enlace(&at->p, "test", "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "t.yaml:8:23: state: FAILED expected, ACCEPTED came out");
	assert_said(&at->p.out, "0 passed, 1 failed\n");
	run_enlace_es(&at->p, "test", "-c", at->settings);
	assert_said(&at->p.out, "state: se esperaba FAILED, salió ACCEPTED");
	run_enlace(&at->p, "test", "-c", at->settings, "--format", "json");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "\"kind\":\"value\",\"path\":\"state\"");
	assert_said(&at->p.out, "\"expected\":\"FAILED\",\"actual\":\"ACCEPTED\"");
	assert_said(&at->p.out, "\"passed\":0,\"failed\":1}");
}

// Where a mapping made it, its line is told beside the test's, and the row of its table.
static void
a_failure_has_the_line_of_the_test_and_of_the_mapping(void **state)
{
	struct place *at = *state;
	char *file = path(at, "t.yaml");

	put(at, "t.yaml",
	    "tests: t\nmapping: inm-acta-to-alert\nsender: inm\nclock: \"2026-11-23T15:45:00Z\"\ncases:\n- name: a\n"
	    "  input: {FOLIO_ACTA: \"1\", NNA: S, ACOMPANAMIENTO: SOLO, SEXO: MUJER}\n"
	    "  expect: {contains: {person.sex: MALE}}\n");
	run_enlace(&at->p, "test", "config", file);
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "t.yaml:8:23: person.sex: MALE expected, FEMALE came out\n");
	assert_said(&at->p.out, "by config/mappings/inm-acta-to-alert.yaml:");
	assert_said(&at->p.out, ", table inm-sexo config/codes/inm-sexo.csv:2:1\n");
	free(file);
}

static void
coverage_names_what_no_test_reaches(void **state)
{
	struct place *at = *state;

	put(at, "routes/r.yaml", "route: r\ntypes: [Alert]\npurpose: p\nsend_to: [{agency: inm}]\n");
	put(at, "subscriptions/s.yaml",
	    "subscription: s\nagency: inm\npurpose: p\nreceives: [Alert]\nas: enlace.v1.Alert\n"
	    "retry: {after: [1 s], give_up: 1 h, then: dead_letter}\n");
	put(at, "agreements/a.yaml",
	    "agreement: a\nfrom: [inm]\nto: [inm]\npurposes: [p]\nmay_see: {operational: full}\n"
	    "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n");
	put(at, "tests/t.yaml",
	    CASE "- {name: one, input: {referral_id: r, state: ACCEPTED}, expect: {recipients: []}}\n");
	run_enlace(&at->p, "test", "-c", at->settings, "--coverage");
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "  route              0 / 1       0.0 %");
	assert_said(&at->p.out, "routes/r.yaml:1:8: route r\n");
	run_enlace(&at->p, "test", "-c", at->settings, "--coverage", "--format", "json");
	assert_said(&at->p.out, "\"route\":{\"reached\":0,\"all\":1}");
}

static void
bad_tests_bad_rules_and_no_tests_differ(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "test", "-c", at->settings);
	assert_ended(&at->p, 1); // there are none
	put(at, "tests/t.yaml", CASE "- {name: one, input: {stat: ACCEPTED}, sender: imn, expect: nothing}\n");
	run_enlace(&at->p, "test", "-c", at->settings);
	assert_ended(&at->p, 65);
	assert_said(&at->p.err, "error[E1001]");
	assert_said(&at->p.err, "error[E1003]");
	assert_int_equal(at->p.out.len, 0);
	run_enlace(&at->p, "test", "-c", at->settings, "--format", "json");
	assert_ended(&at->p, 65);
	assert_said(&at->p.out, "\"errors\":2");
	run_enlace(&at->p, "test", "/nonexistent", "-c", at->settings);
	assert_ended(&at->p, 1);
	put(at, "routes/r.yaml", "route: r\n");
	run_enlace(&at->p, "test", "-c", at->settings);
	assert_ended(&at->p, 78);
	run_enlace(&at->p, "test", "--filte", "x");
	assert_ended(&at->p, 2);
}

// An acta becomes referrals and an alert: a path that none of them has would be absent for ever.
static void
a_path_that_no_output_has_is_told_also_where_outputs_are_of_several_types(void **state)
{
	struct place *at = *state;
	char *file = path(at, "t.yaml");

	put(at, "t.yaml",
	    "tests: t\ntype: inm.v1.Acta\nsender: inm\nclock: \"2026-11-23T15:45:00Z\"\ncases:\n"
	    "- name: a\n  input: {FOLIO_ACTA: \"1\", NNA: S, ACOMPANAMIENTO: SOLO, SERVICIOS: PROTECCION}\n"
	    "  expect: [{absent: [texts, priority]}, {absent: [person.sexx]}]\n");
	run_enlace(&at->p, "test", "config", file);
	assert_ended(&at->p, 65);
	assert_said(&at->p.err, "t.yaml:8:51: error[E1004]");
	assert_said(&at->p.err, ": 1 error\n");
	free(file);
}

static void
lint_looks_at_the_tests_too(void **state)
{
	struct place *at = *state;

	put(at, "tests/t.yaml", "tests: t\ncaes: []\n");
	run_enlace(&at->p, "lint", "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "tests/t.yaml:2:1: error[E0103]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLACE_TEST(tests_that_pass_are_counted),
	    PLACE_TEST(a_failure_says_what_differs_and_where),
	    PLACE_TEST(a_failure_has_the_line_of_the_test_and_of_the_mapping),
	    PLACE_TEST(coverage_names_what_no_test_reaches),
	    PLACE_TEST(bad_tests_bad_rules_and_no_tests_differ),
	    PLACE_TEST(a_path_that_no_output_has_is_told_also_where_outputs_are_of_several_types),
	    PLACE_TEST(lint_looks_at_the_tests_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

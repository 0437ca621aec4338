// SPDX-License-Identifier: Apache-2.0
// `enlace lint --format sarif`: what the standard asks of a document (OASIS SARIF 2.1.0, 3.13 to 3.30, 3.49), and what those who
// show it read.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>

#include "unit/cli/place.h"

static json_t *
member(json_t *of, const char *name)
{
	json_t *found = json_object_get(of, name);

	if (found == NULL) {
		fail_msg("there is no %s", name);
	}
	return found;
}

#define text_of(of, name) json_string_value(member(of, name))

static json_t *
document(struct program *p)
{
	json_error_t error;
	json_t *all = json_loadb((const char *)p->out.data, p->out.len, JSON_REJECT_DUPLICATES, &error);

	if (all == NULL) {
		fail_msg("%s: %s", error.text, buf_cstr(&p->out));
	}
	assert_string_equal(text_of(all, "version"), "2.1.0");
	assert_non_null(strstr(text_of(all, "$schema"), "sarif-schema-2.1.0.json"));
	assert_int_equal(json_array_size(member(all, "runs")), 1);
	return all;
}

static json_t *
run_of(json_t *all)
{
	return json_array_get(member(all, "runs"), 0);
}

static json_t *
rules_of(json_t *all)
{
	return member(member(member(run_of(all), "tool"), "driver"), "rules");
}

static void
every_result_names_its_rule_its_line_and_its_column(void **state)
{
	struct place *at = *state;

	put(at, "routes/r.yaml", "route: r\ntypes: [Alert]\npurpose: p\nsend_to: [{agency: inm, agncy: inm}]\n");
	run_enlace(&at->p, "lint", "-c", at->settings, "--format", "sarif");
	assert_ended(&at->p, 1);
	json_t *all = document(&at->p), *results = member(run_of(all), "results");

	assert_string_equal(text_of(run_of(all), "columnKind"), "unicodeCodePoints");
	assert_true(json_array_size(results) > 0);
	for (size_t i = 0; i < json_array_size(results); i++) {
		json_t *result = json_array_get(results, i);
		json_t *rule = json_array_get(rules_of(all), (size_t)json_integer_value(member(result, "ruleIndex")));

		assert_string_equal(text_of(result, "ruleId"), text_of(rule, "id"));
		assert_true(strlen(text_of(member(rule, "shortDescription"), "text")) > 0);
		assert_non_null(strstr(text_of(member(rule, "help"), "text"), "enlace explain-code"));
		assert_string_equal(text_of(result, "level"), text_of(member(rule, "defaultConfiguration"), "level"));
	}
	json_t *first = json_array_get(results, 0);
	json_t *place = member(json_array_get(member(first, "locations"), 0), "physicalLocation");
	json_t *region = member(place, "region");

	assert_string_equal(text_of(first, "ruleId"), "E0103");
	assert_non_null(strstr(text_of(member(first, "message"), "text"), "agncy"));
	assert_int_equal(json_integer_value(member(region, "startLine")), 4);
	assert_int_equal(json_integer_value(member(region, "startColumn")), 25);
	assert_string_equal(text_of(member(region, "snippet"), "text"), "send_to: [{agency: inm, agncy: inm}]");
	assert_non_null(strstr(text_of(member(place, "artifactLocation"), "uri"), "/routes/r.yaml"));
	json_decref(all);
}

static void
a_path_is_a_uri_and_words_are_in_the_readers_language(void **state)
{
	struct place *at = *state;

	put(at, "routes/año 100%.yaml", "route: r\n");
	run_enlace_es(&at->p, "lint", "-c", at->settings, "--format", "sarif");
	assert_ended(&at->p, 1);
	json_t *all = document(&at->p), *first = json_array_get(member(run_of(all), "results"), 0);
	const char *uri = text_of(
	    member(member(json_array_get(member(first, "locations"), 0), "physicalLocation"), "artifactLocation"),
	    "uri");

	assert_non_null(strstr(uri, "/routes/a%C3%B1o%20100%25.yaml"));
	assert_int_equal(strncmp(uri, "file:///", 8), 0);
	assert_string_equal(text_of(run_of(all), "language"), "es");
	assert_string_equal(
	    text_of(member(json_array_get(rules_of(all), 0), "shortDescription"), "text"), "falta una clave");
	json_decref(all);
}

static void
what_has_no_line_has_no_region_and_nothing_wrong_is_an_empty_run(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "lint", "-c", at->settings, "--format", "sarif");
	assert_ended(&at->p, 0);
	json_t *all = document(&at->p);

	assert_int_equal(json_array_size(member(run_of(all), "results")), 0);
	assert_int_equal(json_array_size(rules_of(all)), 0);
	json_decref(all);

	put(at, "routes/r.yaml", "");
	run_enlace(&at->p, "lint", "-c", at->settings, "--format", "sarif");
	assert_ended(&at->p, 1);
	all = document(&at->p);
	json_t *result = json_array_get(member(run_of(all), "results"), 0);

	assert_null(
	    json_object_get(member(json_array_get(member(result, "locations"), 0), "physicalLocation"), "region"));
	json_decref(all);
}

static void
only_lint_speaks_it(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "test", "-c", at->settings, "--format", "sarif");
	assert_ended(&at->p, 2);
	run_enlace(&at->p, "lint", "-c", at->settings, "--format", "xml");
	assert_ended(&at->p, 2);
	assert_said(&at->p.err, "is text, json or sarif");
	run_enlace(&at->p, "lint", "--help");
	assert_said(&at->p.out, "--format VALUE         text, json or sarif\n");
	assert_not_said(&at->p.out, "text or json\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLACE_TEST(every_result_names_its_rule_its_line_and_its_column),
	    PLACE_TEST(a_path_is_a_uri_and_words_are_in_the_readers_language),
	    PLACE_TEST(what_has_no_line_has_no_region_and_nothing_wrong_is_an_empty_run),
	    PLACE_TEST(only_lint_speaks_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

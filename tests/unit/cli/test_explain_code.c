// SPDX-License-Identifier: Apache-2.0
// `enlace explain-code`, as a person runs it. That the examples of its pages are true is shown by tests/e2e/test_findings.py.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/finding.h"
#include "base/reason.h"
#include "unit/cli/program.h"

static void
a_page_says_what_why_and_how_in_both_languages(void **state)
{
	struct program *p = *state;

	run_enlace(p, "explain-code", "E0316");
	assert_ended(p, 0);
	assert_said(&p->out, "E0316: `otherwise` is missing\n\nA choice says");
	assert_said(&p->out, "\nWrong, mappings/visita.yaml:\n\n    mapping: visita\n");
	assert_said(&p->out, "\nRight, mappings/visita.yaml:\n\n    mapping: visita\n");
	assert_said(&p->out, "        otherwise: {is: NORMAL}\n");
	assert_not_said(&p->out, "tácito");
	assert_not_said(&p->out, "```");

	run_enlace_es(p, "explain-code", "E0316");
	assert_ended(p, 0);
	assert_said(&p->out, "E0316: falta `otherwise`\n\nUn `choose` dice");
	assert_said(&p->out, "\nIncorrecto, mappings/visita.yaml:\n");
	assert_not_said(&p->out, "A choice says");
}

static void
every_finding_has_a_page_in_both_languages(void **state)
{
	struct program *p = *state;

	for (int i = 0; i < FINDING_COUNT; i++) {
		const char *code = finding_code_text((enum finding_code)i);

		run_enlace(p, "explain-code", code);
		size_t english = p->out.len, head = strlen(finding_text((enum finding_code)i, EN_LANG_EN));

		assert_ended(p, 0);
		if (english < head + 60) {
			fail_msg("%s has no English page", code);
		}
		run_enlace_es(p, "explain-code", code);
		head = strlen(finding_text((enum finding_code)i, EN_LANG_ES));
		if (p->out.len < head + 60) {
			fail_msg("%s has no Spanish page", code);
		}
	}
}

static void
every_reason_is_told_too(void **state)
{
	struct program *p = *state;

	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		run_enlace(p, "explain-code", reason_code((enum reason)i));
		assert_ended(p, 0);
		assert_said(&p->out, reason_text((enum reason)i, EN_LANG_EN));
	}
}

static void
without_a_code_all_are_listed_one_a_line(void **state)
{
	struct program *p = *state;
	size_t lines = 0;

	run_enlace(p, "explain-code");
	assert_ended(p, 0);
	for (const char *c = buf_cstr(&p->out); *c != '\0'; c++) {
		lines += *c == '\n';
	}
	assert_int_equal(lines, FINDING_COUNT + REASON_COUNT - 1);
	assert_said(&p->out, "E0316                  `otherwise` is missing\n");
}

static void
an_unknown_code_is_usage_and_the_nearest_is_named(void **state)
{
	struct program *p = *state;

	run_enlace(p, "explain-code", "E0399");
	assert_ended(p, 2);
	assert_int_equal(p->out.len, 0);
	assert_said(&p->err, "there is no code E0399; did you mean E03");
	run_enlace_es(p, "explain-code", "table_mis");
	assert_ended(p, 2);
	assert_said(&p->err, "no existe el código table_mis; quiso decir table_miss");
}

static void
for_programs_it_is_json_with_the_examples_as_they_are(void **state)
{
	struct program *p = *state;

	run_enlace(p, "explain-code", "E0106", "--format", "json");
	assert_ended(p, 0);
	assert_said(&p->out, "{\"code\":\"E0106\",\"severity\":\"error\",\"text\":\"the value has the wrong form\",");
	assert_said(
	    &p->out, "{\"is\":\"wrong\",\"file\":\"agencies/casa.yaml\",\"text\":\"agency: casa\\nkind: ngo\\n\"}");
	run_enlace(p, "explain-code", "--format", "json");
	assert_ended(p, 0);
	assert_said(&p->out, "{\"codes\":[{\"code\":\"E0101\",");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_page_says_what_why_and_how_in_both_languages, program_set_up, program_tear_down),
	    cmocka_unit_test_setup_teardown(
		every_finding_has_a_page_in_both_languages, program_set_up, program_tear_down),
	    cmocka_unit_test_setup_teardown(every_reason_is_told_too, program_set_up, program_tear_down),
	    cmocka_unit_test_setup_teardown(
		without_a_code_all_are_listed_one_a_line, program_set_up, program_tear_down),
	    cmocka_unit_test_setup_teardown(
		an_unknown_code_is_usage_and_the_nearest_is_named, program_set_up, program_tear_down),
	    cmocka_unit_test_setup_teardown(
		for_programs_it_is_json_with_the_examples_as_they_are, program_set_up, program_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

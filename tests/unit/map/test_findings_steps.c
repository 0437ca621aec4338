// SPDX-License-Identifier: Apache-2.0
// What the compiler says of steps that cannot do what they are asked to.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

static void
patterns_and_paths_are_read_when_the_rules_are(void **state)
{
	struct probe *p = *state;

	expect_refused(p, "  texto: {from: clase, pattern: \"{a}{b}\", part: a}\n",
	    "E0326 5:33 {a}{b}: nothing stands between two parts\n");
	expect_refused(
	    p, "  texto: {from: clase, pattern: \"{a}#{b}\", part: c}\n", "E0326 5:50 c: not a part of the pattern\n");
	expect_refused(p, "  texto: {fill: \"sin partes\"}\n", "E0326 5:17 sin partes: no part in braces\n");
	expect_refused(p, "  texto: {fill: \"{folio} {no_hay}\"}\n",
	    "E0302 5:17 no_hay is not a field of difficulty.v1.Registro\n");
	expect_refused(p, "  texto: {from: clase, json: \"a..b\"}\n",
	    "E0326 5:30 a..b: write keys with dots between them, [1] for an item, [*] for all\n");
	expect_refused(p, "  texto: {from: clase, json: \"a[*]\"}\n",
	    "E0322 5:30 a[*] names several, and texto is not repeated\n");
}

static void
a_regular_expression_is_read_when_the_rules_are(void **state)
{
	struct probe *p = *state;
	struct buf set = BUF_EMPTY;

	registro(p, "  texto: {from: clase, matches: \"[A-Z]{4}[0-9]{6}\"}\n");
	assert_err(EN_ECONFIG,
	    compile(p,
		mapping_text(p, "difficulty.v1.Registro", "difficulty.v1.Ficha", "",
		    "  texto: {from: clase, matches: \"[A\"}\n")));
	assert_non_null(strstr(found(p), "E0326 5:33 [A: "));
	// The wrapping takes eight bytes of the limit.
	for (size_t len = LIMIT_REGEX_BYTES - 8; len <= LIMIT_REGEX_BYTES - 7; len++) {
		findings_fini(&p->findings);
		findings_init(&p->findings);
		buf_clear(&set);
		buf_put_str(&set, "  texto: {from: clase, matches: \"");
		for (size_t i = 0; i < len; i++) {
			buf_put_u8(&set, 'a');
		}
		buf_put_str(&set, "\"}\n");
		enum en_err err =
		    compile(p, mapping_text(p, "difficulty.v1.Registro", "difficulty.v1.Ficha", "", buf_cstr(&set)));

		assert_int_equal(EN_ECONFIG, err); // for unread fields, or also for the length
		assert_int_equal(len == LIMIT_REGEX_BYTES - 7, strstr(found(p), "E0326") != NULL);
	}
	buf_fini(&set);
}

static void
numbers_are_shown_by_an_example(void **state)
{
	struct probe *p = *state;

	expect_refused(p, "  decimal: {from: peso, number: \"1234\"}\n",
	    "E0326 5:33 1234: an example shows what begins the decimals: \"1.234,5\"\n");
	expect_refused(
	    p, "  decimal: {from: peso, number: \"1234,5\", decimals: 19}\n", "E0326 5:53 19: a number from 0 to 18\n");
	expect_refused(p, "  decimal: {from: peso, between: [5, 1]}\n",
	    "E0326 5:35 5: between: [0, 120], the smaller one first\n");
	expect_refused(p, "  decimal: {from: peso, between: [5]}\n",
	    "E0326 5:35 between: between has two: the least and the largest\n");
	expect_refused(
	    p, "  texto: {from: peso, more_than: {number: tres, is: muchos}}\n", "E0326 5:43 tres: a number\n");
}

static void
days_that_are_believed_are_days(void **state)
{
	struct probe *p = *state;

	expect_refused(
	    p, "  fecha: {from: nacimiento, date: dd/mm/aaaa, between: [1900, recorded]}\n", "E0326 5:57 1900\n");
	expect_refused(p, "  entero: {from: nacimiento, age_at: {now: recorded}}\n", "E0105 5:11 date\n");
	expect_refused(p, "  texto: {from: nacimiento, date: dd/mm/aa}\n",
	    "E0318 5:35 dd/mm/aa: two digits do not say which hundred years\n");
	expect_refused(p, "  texto: {from: nacimiento, date: dd/mm/aa, years_from: 30}\n",
	    "E0318 5:35 dd/mm/aa: two digits do not say which hundred years\n");
}

static void
bands_of_age_are_coarse(void **state)
{
	struct probe *p = *state;

	expect_refused(p, "  texto: {from: edad, coarsen: age_band}\n", "E0105 5:32 bands\n");
	expect_refused(p, "  texto: {from: edad, coarsen: age_band, bands: [5, 9]}\n",
	    "E0326 5:53 9: bands ascend, and each has five years at least\n");
	registro(p, "  texto: {from: edad, coarsen: age_band, bands: [5, 10]}\n");
}

static void
lists_and_single_values_are_told_apart(void **state)
{
	struct probe *p = *state;

	expect_refused(p, "  texto: {from: idiomas, split: \" \"}\n",
	    "E0322 5:33 idiomas is not one text, or texto is not a list\n");
	expect_refused(p, "  texto: {list_of: [nivel1, nivel2]}\n", "E0324 5:10 texto\n");
	expect_refused(p, "  texto: {flags: {ind_01: A}, true_if: [S]}\n", "E0324 5:10 texto\n");
	expect_refused(p, "  texto: {from: nota, list: [dedupe]}\n", "E0324 5:30 texto\n");
	expect_refused(
	    p, "  texto: {from: nota, contains: x}\n", "E0305 5:10 contains does not go with texto, which is text\n");
}

static void
wide_tables_and_code_tables_are_two_things(void **state)
{
	struct probe *p = *state;

	table(p, "table: w\ncolumns: [a, b]\n", "a,b\n1,2\n");
	table(p, "table: t\n", "from,to\n1,2\n");
	expect_refused(p, "  texto: {from: nota, table: w}\n", "E0308 5:30 w has columns of its own\n");
	expect_refused(
	    p, "  texto: {lookup: t, match: {a: nota}, take: b}\n", "E0308 5:19 t has no columns of its own\n");
	expect_refused(p, "  texto: {lookup: v, match: {a: nota}, take: b}\n", "E0308 5:19 v\n");
	expect_refused(p, "  texto: {lookup: w, match: {a: nota}, take: c}\n", "E0327 5:46 c is not a column of w\n");
	expect_refused(
	    p, "  texto: {lookup: w, match: {a: nota}, take: b, ancestor: x}\n", "E0327 5:59 w is no hierarchy\n");
	expect_refused(p, "  texto: {from: telefono, phone: w}\n", "E0327 5:34 country is not a column of w\n");
}

static void
a_step_needs_text_and_a_target_that_can_take_it(void **state)
{
	struct probe *p = *state;

	expect_refused(p, "  sexo: {from: sexo, prefix: x}\n",
	    "E0305 5:9 prefix and suffix make text, and sexo is one of a list of values\n");
	expect_refused(
	    p, "  si: {from: nota, strip_prefix: [x]}\n", "E0305 5:7 the source is text and si is true or false\n");
	assert_err(EN_ECONFIG,
	    compile(p,
		mapping_text(
		    p, "difficulty.v1.Ficha", "difficulty.v1.Ficha", "", "  texto: {from: decimal, pad_left: 2}\n")));
	assert_non_null(
	    strstr(found(p), "E0305 5:10 text steps do not go with decimal, which is a number with decimals"));
}

static void
what_is_said_of_a_line_is_not_said_inside_it(void **state)
{
	struct probe *p = *state;

	expect_refused(p, "  texto: {from: nota, if_empty: {from: clase, required: true}}\n",
	    "E0305 5:33 required and only_on are said of a whole line\n");
	expect_refused(p, "  texto: {from: nota, if_empty: {is: x, only_on: create}}\n",
	    "E0305 5:33 required and only_on are said of a whole line\n");
}

static void
an_item_that_is_picked_is_read(void **state)
{
	// Otherwise whether there is one would be told, and no label would stand for it.
	struct probe *p = *state;

	assert_err(EN_ECONFIG,
	    compile(p,
		mapping_text(p, "difficulty.v1.Caso", "difficulty.v1.Ficha", "",
		    "  texto: {from: case_id, item_of: transitions, called: t}\n")));
	assert_non_null(strstr(found(p), "E0328 5:35 nothing of t is read"));
	assert_err(EN_ECONFIG,
	    compile(p,
		mapping_text(p, "difficulty.v1.Caso", "difficulty.v1.Ficha", "",
		    "  renglones: {each: transitions, called: t, all_called: them, set: {clave: t.status}}\n")));
	assert_non_null(strstr(found(p), "E0105 5:14 group_by"));
}

static const char *
referral_findings(struct probe *p, const char *set)
{
	findings_fini(&p->findings);
	findings_init(&p->findings);
	assert_err(EN_ECONFIG, compile(p, mapping_text(p, "difficulty.v1.Registro", "enlace.v1.Referral", "", set)));
	return found(p);
}

// What an arm says because of nothing that the record says is a constant, whatever else it says (domain R7).
static void
an_arm_that_no_source_field_decides_is_a_constant(void **state)
{
	static const struct {
		const char *test;
		bool is_constant;
	} arms[] = {{"true", true}, {"now > timestamp('2026-01-01T00:00:00Z')", true}, {"event.sender == 'inm'", true},
	    {"nna == 'S' || true", true}, {"nna == 'S'", false}};
	struct probe *p = *state;

	for (size_t i = 0; i < EN_COUNT_OF(arms); i++) {
		const char *text = referral_findings(p,
		    arena_printf(&p->arena,
			"  priority:\n    choose:\n      - {when: {cel: \"%s\"}, is: EMERGENCY, because: \"art. 112\"}\n    otherwise: hold\n",
			arms[i].test));

		if ((strstr(text, "priority: no source field decides it") != NULL) != arms[i].is_constant) {
			fail_msg("%s: %s", arms[i].test, text);
		}
	}
}

static void
what_is_looked_up_by_constants_is_a_constant(void **state)
{
	struct probe *p = *state;

	table(p, "table: base\n", "from,to\n1,CONSENT\n");
	table(p, "table: bases\ncolumns: [clave, numero]\n", "clave,numero\nC,1\n");
	assert_non_null(
	    strstr(referral_findings(
		       p, "  legal_basis: {lookup: bases, match: {clave: {is: C}}, take: numero, table: base}\n"),
		"E0317 5:16 legal_basis: no source field decides it"));
	assert_null(strstr(
	    referral_findings(p, "  legal_basis: {lookup: bases, match: {clave: clase}, take: numero, table: base}\n"),
	    "E0317"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(patterns_and_paths_are_read_when_the_rules_are),
	    probe_test(a_regular_expression_is_read_when_the_rules_are),
	    probe_test(numbers_are_shown_by_an_example),
	    probe_test(days_that_are_believed_are_days),
	    probe_test(bands_of_age_are_coarse),
	    probe_test(lists_and_single_values_are_told_apart),
	    probe_test(wide_tables_and_code_tables_are_two_things),
	    probe_test(a_step_needs_text_and_a_target_that_can_take_it),
	    probe_test(what_is_said_of_a_line_is_not_said_inside_it),
	    probe_test(an_item_that_is_picked_is_read),
	    probe_test(an_arm_that_no_source_field_decides_is_a_constant),
	    probe_test(what_is_looked_up_by_constants_is_a_constant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Visibility matrices against the rules.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/trial/stage.h"

#define MATRIX "tests: t\nmatrices:\n- {name: m, file: m.csv, message: Referral, from: inm}\n"
#define DEMOGRAPHIC                                                                                                       \
	"person.sex,%s,F,F,-\nperson.birth_date,F,F,F,-\nperson.birth_date_estimated,F,F,F,-\nperson.age_years,F,F,F,-\n" \
	"person.age_as_of,F,F,F,-\nperson.age_source,F,F,F,-\nperson.is_minor,F,F,F,-\nperson.nationalities,F,F,F,-\n"    \
	"person.country_of_origin,F,F,F,-\nperson.languages,F,F,F,-\nperson.accompaniment,C,C,C,-\n"                      \
	"person.identifiers,-,-,-,F\nperson.given_names,-,-,-,F\nperson.surname_1,-,-,-,F\nperson.surname_2,-,-,-,F\n"    \
	"person.name_full_raw,-,-,-,F\nperson.also_known_as,-,-,-,F\n"

static void
put_matrix(struct stage *s, const char *head, const char *sex)
{
	char text[2048];
	int len = snprintf(text, sizeof(text), "%s\n", head);

	snprintf(text + len, sizeof(text) - (size_t)len, DEMOGRAPHIC, sex);
	bus_write(s->bus, "tests/m.csv", text);
}

static void
a_matrix_that_says_what_the_rules_show_passes(void **state)
{
	struct stage *s = *state;

	put_matrix(s, "field,unicef,unhcr,comar,albergue", "F");
	expect_run(s, MATRIX, "");
}

static void
a_cell_that_is_otherwise_names_the_line_and_the_agreement(void **state)
{
	struct stage *s = *state;
	struct trial_result result;

	put_matrix(s, "field,unicef,unhcr,comar,albergue", "-");
	expect_bound(s, MATRIX, "");
	assert_ok(trial_run(s->trial, 0, &result));
	assert_int_equal(result.kind, TRIAL_MATRIX);
	const struct trial_difference *d = &result.differences[0];

	assert_int_equal(d->kind, DIFFERS_SIGHT);
	assert_string_equal(d->path, "person.sex");
	assert_string_equal(d->actual, "F");
	assert_string_equal(d->agreement, "protection");
	assert_int_equal(d->expected_at.line, 2);
	assert_true(d->made_by.line > 0);
}

static void
what_the_signature_would_not_cover_is_told(void **state)
{
	struct stage *s = *state;

	bus_write(s->bus, "tests/m.csv", "field,unicef\nperson,C\n");
	expect_bound(s, MATRIX, "");
	char *said = stage_run(s);

	assert_string_equal(said,
	    "3 albergue person.identifiers.type: -, F by 5\n3 comar person.sex: -, F by 5\n3 unhcr person.sex: -, F by 5\n");
	free(said);
	bus_write(s->bus, "tests/m.csv",
	    "field,unicef,comar/protection,unhcr/shelter,albergue\nperson.identifiers,-,-,-,F\n");
	expect_bound(s, MATRIX, "");
	said = stage_run(s);
	assert_non_null(strstr(said, "3 person.sex unicef: -, F by 5\n"));
	assert_non_null(strstr(said, "3 person.sex comar/protection: -, F by 5\n"));
	assert_null(strstr(said, "unhcr/shelter"));
	assert_non_null(strstr(said, "3 unhcr/protection person.sex: -, F by 5\n"));
	free(said);
	// A matrix for one purpose alone says nothing of the others.
	expect_bound(
	    s, "tests: t\nmatrices:\n- {name: m, file: m.csv, message: Referral, from: inm, purpose: shelter}\n", "");
	said = stage_run(s);
	assert_null(strstr(said, "unhcr/protection"));
	free(said);
}

static void
what_is_no_cell_and_no_name_is_found(void **state)
{
	struct stage *s = *state;

	bus_write(s->bus, "tests/m.csv", "field,unicf,unhcr/protecton\nperson.sexo,F,f\n");
	expect_bound(s,
	    "tests: t\nmatrices:\n- {name: m, file: m.csv, message: Referral, from: imn, purpose: x}\n- {name: n, file: m.csv, message: Referal}\n",
	    "tests/m.csv:1:7 E1001 agency unicf | unicef\n"
	    "tests/m.csv:1:13 E1001 purpose protecton | protection\n"
	    "tests/m.csv:2:1 E1004 enlace.v1.Referral: person.sexo | sex\n"
	    "tests/m.csv:2:15 E1005 person.sexo | -\n"
	    "tests/t.yaml:3:51 E1001 agency imn | inm\n"
	    "tests/t.yaml:3:65 E1001 purpose x | -\n"
	    "tests/t.yaml:4:35 E1001 message Referal | Referral\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STAGE_TEST(a_matrix_that_says_what_the_rules_show_passes),
	    STAGE_TEST(a_cell_that_is_otherwise_names_the_line_and_the_agreement),
	    STAGE_TEST(what_the_signature_would_not_cover_is_told),
	    STAGE_TEST(what_is_no_cell_and_no_name_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Coarsening declassifies by name: where an agreement grants a label `coarse`, a line that shows less than was said goes through, and
// what it shows does not change with what it leaves out.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

#define COARSE_LINES                                                                                                             \
	"  nacimiento: {from: persona.nacimiento, coarsen: year, if_unknown: absent}\n"                                          \
	"  nivel: {from: persona.nacimiento, age_at: {now: recorded}, coarsen: age_band, bands: [12, 18], if_unknown: absent}\n" \
	"  nota: {from: persona.domicilio.adm2, coarsen: adm1, if_unknown: absent}\n"                                            \
	"  sexo: {from: persona.domicilio.adm2, clean: [trim], if_unknown: absent}\n"

static struct grants
coarse_grants(void)
{
	struct grants g = grants_none();

	g.level[LABEL_DEMOGRAPHIC] = GRANT_COARSE;
	g.level[LABEL_LOCATION] = GRANT_COARSE;
	return g;
}

static const char *
view_of_person(struct probe *p, int year, int month, int day, const char *adm2)
{
	assert_ok(run_json(p,
	    arena_printf(&p->arena,
		"{\"persona\": {\"nacimiento\": {\"year\": %d, \"month\": %d, \"day\": %d}, \"domicilio\": {\"adm2\": \"%s\"}}}",
		year, month, day, adm2)));
	return arena_text(&p->arena, view_text(output_json(p, 0)));
}

static void
a_coarse_grant_lets_the_year_the_band_and_the_state_through(void **state)
{
	struct probe *p = *state;

	caso_to_vista(p, COARSE_LINES);
	plan_with(p, coarse_grants());
	assert_string_equal(
	    view_of_person(p, 2011, 3, 5, "07089"), "{\"nacimiento\":\"2011\",\"nivel\":\"12-17\",\"nota\":\"07\"}");
	plan_with(p, grants_none());
	assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{}");
	plan_with(p, grants_of(LABEL_LOCATION, GRANT_FULL));
	assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{\"sexo\":\"07089\",\"nota\":\"07\"}");
	plan_with(p, grants_of(LABEL_LOCATION, GRANT_PSEUDONYM));
	assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{}");
}

static void
what_is_left_out_changes_nothing(void **state)
{
	struct probe *p = *state;
	const char *first;

	caso_to_vista(p, COARSE_LINES);
	plan_with(p, coarse_grants());
	first = view_of_person(p, 2011, 1, 1, "07001");
	for (int month = 1; month <= 12; month++) {
		for (int day = 1; day <= 28; day += 3) {
			assert_string_equal(
			    view_of_person(p, 2011, month, day, arena_printf(&p->arena, "07%03d", month * day)), first);
		}
	}
}

static void
a_step_that_singles_out_one_value_is_not_coarse(void **state)
{
	// Each of these could let the exact value through, so the line needs the whole of the label.
	static const char *const steps[] = {"empty_if: [\"07089\"]", "aliases: {\"01\": [\"07089\"]}",
	    "strip_prefix: [\"07\"]", "first_characters: 5", "between: [7089, 7089]", "if_unknown: keep",
	    "matches: \"07089\""};
	struct probe *p = *state;

	for (size_t i = 0; i < EN_COUNT_OF(steps); i++) {
		caso_to_vista(p,
		    arena_printf(&p->arena, "  nota: {from: persona.domicilio.adm2, coarsen: adm1, %s}\n", steps[i]));
		plan_with(p, coarse_grants());
		assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{}");
	}
}

static void
a_step_of_another_label_is_not_coarse(void **state)
{
	// Two digits of a document's number are two digits too many.
	struct probe *p = *state;

	caso_to_vista(p, "  nota: {from: persona.nombre, coarsen: adm1}\n");
	plan_with(p, grants_of(LABEL_IDENTITY, GRANT_COARSE));
	assert_ok(run_json(p, "{\"persona\": {\"nombre\": \"12345\"}}"));
	assert_string_equal(output_json(p, 0), "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_coarse_grant_lets_the_year_the_band_and_the_state_through),
	    probe_test(what_is_left_out_changes_nothing),
	    probe_test(a_step_that_singles_out_one_value_is_not_coarse),
	    probe_test(a_step_of_another_label_is_not_coarse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Coarsening declassifies by name: where an agreement grants a label `coarse`, a line that shows less than was said goes through, and
// what it shows does not change with what it leaves out.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

#define YEAR_LINE "  nacimiento: {from: persona.nacimiento, coarsen: year, if_unknown: absent}\n"
#define BAND_LINE                                                                                                      \
	"  nivel: {from: persona.nacimiento, age_at: {now: recorded}, coarsen: age_band, bands: [12, 18], if_unknown: absent}\n"
#define STATE_LINES                                                                                                    \
	"  nota: {from: persona.domicilio.adm2, coarsen: adm1, if_unknown: absent}\n"                                  \
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

	caso_to_vista(p, BAND_LINE STATE_LINES);
	plan_with(p, coarse_grants());
	assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{\"nivel\":\"12-17\",\"nota\":\"07\"}");
	caso_to_vista(p, YEAR_LINE STATE_LINES);
	plan_with(p, coarse_grants());
	assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{\"nacimiento\":\"2011\",\"nota\":\"07\"}");
	plan_with(p, grants_none());
	assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{}");
	plan_with(p, grants_of(LABEL_LOCATION, GRANT_FULL));
	assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{\"sexo\":\"07089\",\"nota\":\"07\"}");
	plan_with(p, grants_of(LABEL_LOCATION, GRANT_PSEUDONYM));
	assert_string_equal(view_of_person(p, 2011, 3, 5, "07089"), "{}");
}

// Two digits are shown whole, so they pass only where the schema says itself that they are no more than a state (adm1): under this label a house has a
// number too.
static void
a_state_is_one_of_the_thirty_two_and_is_taken_from_a_municipality(void **state)
{
	static const struct {
		const char *code, *shown;
	} rows[] = {{"01001", "{\"nivel\":\"01\",\"nota\":\"01\"}"}, {"32058", "{\"nivel\":\"32\",\"nota\":\"32\"}"},
	    {"01", "{\"nivel\":\"01\"}"}, {"32", "{\"nivel\":\"32\"}"}, {"00", "{}"}, {"33", "{}"}, {"00001", "{}"},
	    {"33001", "{}"}, {"7", "{}"}, {"070", "{}"}, {"0708", "{}"}, {"070890", "{}"}, {"070x9", "{}"},
	    {"a1", "{}"}};
	struct probe *p = *state;

	caso_to_vista(p,
	    "  nota: {from: persona.domicilio.adm2, coarsen: adm1, if_unknown: absent}\n"
	    "  nivel: {from: persona.domicilio.adm1, coarsen: adm1, if_unknown: absent}\n");
	plan_with(p, coarse_grants());
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		assert_becomes(p,
		    arena_printf(&p->arena, "{\"persona\": {\"domicilio\": {\"adm1\": \"%s\", \"adm2\": \"%s\"}}}",
			rows[i].code, rows[i].code),
		    rows[i].shown);
	}
}

static void
what_is_left_out_changes_nothing(void **state)
{
	static const char *const lines[] = {YEAR_LINE STATE_LINES, BAND_LINE STATE_LINES};
	struct probe *p = *state;

	for (size_t i = 0; i < EN_COUNT_OF(lines); i++) {
		caso_to_vista(p, lines[i]);
		plan_with(p, coarse_grants());
		const char *first = view_of_person(p, 2011, 1, 1, "07001");

		for (int month = 1; month <= 12; month++) {
			for (int day = 1; day <= 28; day += 3) {
				assert_string_equal(
				    view_of_person(p, 2011, month, day, arena_printf(&p->arena, "07%03d", month * day)),
				    first);
			}
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

// Under a coarse grant the year is all that may be read of a date, whatever the other steps are: what cannot be read leaves the year, not the day.
static void
a_line_that_reads_the_year_alone_never_holds_the_day(void **state)
{
	static const char *const steps[] = {"matches: \"x\", if_unknown: keep", "last_characters: 2, if_unknown: keep",
	    "strip_prefix: [\"2\"], if_unknown: keep", "aliases: {x: [\"2011-03-05\"]}, if_unknown: keep"};
	struct probe *p = *state;

	for (size_t i = 0; i < EN_COUNT_OF(steps); i++) {
		caso_to_vista(
		    p, arena_printf(&p->arena, "  nota: {from: persona.nacimiento, coarsen: year, %s}\n", steps[i]));
		plan_with(p, coarse_grants());
		const char *first = view_of_person(p, 2011, 3, 5, "");

		assert_null(strstr(first, "-03"));
		assert_string_equal(view_of_person(p, 2011, 8, 24, ""), first);
	}
}

// Each of these makes of a coarse step one that tells the value itself.
static void
a_step_beside_coarsen_that_may_sharpen_it_needs_the_whole_of_the_label(void **state)
{
	static const char *const lines[] = {
	    "{from: edad, number: \"1,5\", times: {is: \"5\"}, decimals: 0, coarsen: age_band, bands: [5, 10, 15, 20, 25]}",
	    "{from: edad, pad_left: 5, coarsen: age_band, bands: [12]}", "{from: clave, date: aaaa, coarsen: year}",
	    "{from: nacimiento, name_part: given_names, name_order: given_first, date: aa, years_from: 2000, coarsen: year}",
	    "{from: nacimiento, date: aa/mm/1990, years_from: 2000, coarsen: year}"};
	struct probe *p = *state;

	for (size_t i = 0; i < EN_COUNT_OF(lines); i++) {
		size_t count = 0;

		compile_ok(p,
		    mapping_text(p, "probe.v1.Credencial", "probe.v1.Vista", "",
			arena_printf(&p->arena, "  nota: %s\n", lines[i])));
		plan_with(p, coarse_grants());
		(void)plan_hidden_fields(p->plan, &count);
		assert_int_equal(count, 1);
	}
}

// Bands that begin at other years cut one age into pieces as small as a year.
static void
one_field_is_coarsened_in_one_way(void **state)
{
	struct probe *p = *state;
	size_t count = 0;

	compile_ok(p,
	    mapping_text(p, "probe.v1.Credencial", "probe.v1.Vista", "",
		"  nota: {from: edad, coarsen: age_band, bands: [12, 18]}\n"
		"  nivel: {from: edad, coarsen: age_band, bands: [13, 18]}\n"
		"  nombre: {from: edad, coarsen: age_band, bands: [12, 18]}\n"));
	plan_with(p, coarse_grants());
	const struct plan_hidden *hidden = plan_hidden_fields(p->plan, &count);

	assert_int_equal(count, 1);
	assert_string_equal(hidden[0].target, "nivel");
	plan_with(p, grants_of(LABEL_DEMOGRAPHIC, GRANT_FULL));
	(void)plan_hidden_fields(p->plan, &count);
	assert_int_equal(count, 0);
}

// Who has the year of a birth and on which side of a birthday it lies has half of the year.
static void
a_year_and_a_band_are_two_ways(void **state)
{
	struct probe *p = *state;
	size_t count = 0;

	caso_to_vista(p, YEAR_LINE BAND_LINE);
	plan_with(p, coarse_grants());
	const struct plan_hidden *hidden = plan_hidden_fields(p->plan, &count);

	assert_int_equal(count, 1);
	assert_string_equal(hidden[0].target, "nivel");
	assert_string_equal(view_of_person(p, 2014, 11, 18, ""), view_of_person(p, 2014, 11, 19, ""));
	plan_with(p, grants_of(LABEL_DEMOGRAPHIC, GRANT_FULL));
	assert_string_equal(view_of_person(p, 2014, 11, 18, ""), "{\"nacimiento\":\"2014\",\"nivel\":\"12-17\"}");
	assert_string_equal(view_of_person(p, 2014, 11, 19, ""), "{\"nacimiento\":\"2014\",\"nivel\":\"0-11\"}");
}

static void
the_days_at_which_ages_are_counted_are_one_way_too(void **state)
{
	struct probe *p = *state;
	size_t count = 0;

	caso_to_vista(p,
	    "  nota: {from: persona.nacimiento, age_at: {is: \"2026-01-01\"}, coarsen: age_band, bands: [12], if_unknown: absent}\n"
	    "  nivel: {from: persona.nacimiento, age_at: {is: \"2026-02-01\"}, coarsen: age_band, bands: [12], if_unknown: absent}\n");
	plan_with(p, coarse_grants());
	(void)plan_hidden_fields(p->plan, &count);
	assert_int_equal(count, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_coarse_grant_lets_the_year_the_band_and_the_state_through),
	    probe_test(a_state_is_one_of_the_thirty_two_and_is_taken_from_a_municipality),
	    probe_test(what_is_left_out_changes_nothing),
	    probe_test(a_step_that_singles_out_one_value_is_not_coarse),
	    probe_test(a_step_of_another_label_is_not_coarse),
	    probe_test(a_line_that_reads_the_year_alone_never_holds_the_day),
	    probe_test(a_step_beside_coarsen_that_may_sharpen_it_needs_the_whole_of_the_label),
	    probe_test(one_field_is_coarsened_in_one_way),
	    probe_test(a_year_and_a_band_are_two_ways),
	    probe_test(the_days_at_which_ages_are_counted_are_one_way_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

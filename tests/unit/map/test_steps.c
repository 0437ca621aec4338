// SPDX-License-Identifier: Apache-2.0
// The steps of a line, in their fixed order: empty_if, clean, convert, if_empty.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

static const char *const sexes[] = {"M", "MAYOR", "H", "MENOR", "0", "", NULL};

static void
a_code_goes_through_its_table_and_an_unlisted_one_stops_the_event(void **state)
{
	struct probe *p = *state;

	add_table(p, "sexo", "one_way", sexes);
	acta_to_ficha(p, "  grado: {from: sexo, table: sexo}\n");
	assert_becomes(p, "{\"sexo\": \"M\"}", "{\"grado\":\"MAYOR\"}");
	assert_becomes(p, "{\"sexo\": \"\"}", "{}");
	assert_fault(p, "{\"sexo\": \"m\"}", REASON_TABLE_MISS, "grado", "sexo");
	assert_string_equal(p->fault.table, "sexo");
	assert_int_equal(p->fault.where.line, 5);
	assert_fault(p, "{\"sexo\": \"M \"}", REASON_TABLE_MISS, "grado", "sexo");
}

static void
a_row_without_a_result_says_that_the_code_means_nothing(void **state)
{
	struct probe *p = *state;

	add_table(p, "sexo", "one_way", sexes);
	acta_to_ficha(p, "  grado: {from: sexo, table: sexo, if_empty: {is: MENOR}}\n");
	assert_becomes(p, "{\"sexo\": \"0\"}", "{\"grado\":\"MENOR\"}");
}

static void
codes_are_exact_text_with_their_zeros(void **state)
{
	struct probe *p = *state;
	static const char *const states[] = {"07", "Chiapas", "7", "Coahuila", NULL};

	add_table(p, "estado", "one_way", states);
	acta_to_ficha(p, "  texto: {from: folio, table: estado}\n");
	assert_becomes(p, "{\"folio\": \"07\"}", "{\"texto\":\"Chiapas\"}");
	assert_becomes(p, "{\"folio\": \"7\"}", "{\"texto\":\"Coahuila\"}");
}

static void
enums_bools_and_numbers_have_codes_too(void **state)
{
	struct probe *p = *state;
	static const char *const levels[] = {"ALTO", "MAYOR", "MEDIO", "MENOR", "BAJO", "MENOR", NULL};
	static const char *const answers[] = {"true", "si", "false", "no", NULL};
	static const char *const counts[] = {"1", "true", "0", "false", "-2", "false", NULL};

	add_table(p, "nivel", "one_way", levels);
	add_table(p, "respuesta", "one_way", answers);
	add_table(p, "cuenta", "one_way", counts);
	acta_to_ficha(p,
	    "  grado: {from: nivel, table: nivel}\n  texto: {from: activo, table: respuesta}\n  verdad: {from: cuenta, table: cuenta}\n"
	    "  grados: {from: niveles, table: nivel}\n");
	assert_becomes(p,
	    "{\"nivel\": \"BAJO\", \"activo\": false, \"cuenta\": -2, \"niveles\": [\"ALTO\", \"MEDIO\"]}",
	    "{\"texto\":\"no\",\"grado\":\"MENOR\",\"verdad\":false,\"grados\":[\"MAYOR\",\"MENOR\"]}");
	assert_fault(p, "{\"cuenta\": 2}", REASON_TABLE_MISS, "verdad", "cuenta");
	assert_fault(p, "{\"nivel\": 77}", REASON_TABLE_MISS, "grado", "nivel");
}

static void
a_table_of_both_ways_is_turned_where_only_that_fits(void **state)
{
	struct probe *p = *state;
	static const char *const levels[] = {"MAYOR", "ALTO", "MENOR", "BAJO", "MENOR ", "MEDIO", NULL};

	add_table(p, "nivel", "both_ways", levels);
	acta_to_ficha(p, "  texto: {from: nivel, table: nivel}\n");
	assert_becomes(p, "{\"nivel\": \"BAJO\"}", "{\"texto\":\"MENOR\"}");
	acta_to_ficha(p, "  nivel: {from: sexo, table: nivel}\n");
	assert_becomes(p, "{\"sexo\": \"MENOR\"}", "{\"nivel\":\"BAJO\"}");
}

static void
empty_if_looks_at_what_was_written_before_it_is_cleaned(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto: {from: nombres, empty_if: [SIN DATO, \"\"], clean: [trim, lower], if_empty: {from: folio}}\n  entero: {from: cuenta, empty_if: [-99]}\n");
	assert_becomes(p, "{\"folio\": \"A\", \"nombres\": \"SIN DATO\", \"cuenta\": -99}", "{\"texto\":\"A\"}");
	assert_becomes(p, "{\"folio\": \"A\", \"nombres\": \"SIN DATO \", \"cuenta\": 4}",
	    "{\"texto\":\"sin dato\",\"entero\":4}");
	assert_becomes(p, "{\"folio\": \"A\", \"nombres\": \"  \"}", "{\"texto\":\"A\"}");
	assert_becomes(p, "{\"folio\": \"A\"}", "{\"texto\":\"A\"}");
}

static void
true_and_false_are_what_the_line_says_they_are(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  verdad: {from: nna, true_if: [S], false_if: [N], if_empty: {is: true}}\n");
	assert_becomes(p, "{\"nna\": \"S\"}", "{\"verdad\":true}");
	assert_becomes(p, "{\"nna\": \"N\"}", "{\"verdad\":false}");
	assert_becomes(p, "{}", "{\"verdad\":true}");
	assert_fault(p, "{\"nna\": \"s\"}", REASON_NOT_BOOLEAN, "verdad", "nna");
}

static void
dates_become_partial_dates_moments_or_days(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  fecha: {from: nacimiento, empty_if: [01/01/1900], dates: [dd/mm/aaaa, mm/aaaa, aaaa]}\n"
	    "  momento: {from: nota, date: \"dd/mm/aaaa HH:mi [-06:00]\"}\n  texto: {from: nombres, dates: [dd/mm/aaaa, mm/aaaa]}\n");
	assert_becomes(p, "{\"nacimiento\": \"05/03/2011\", \"nota\": \"23/11/2026 14:05\", \"nombres\": \"03/2011\"}",
	    "{\"texto\":\"2011-03\",\"fecha\":{\"year\":2011,\"month\":3,\"day\":5},\"momento\":{\"ms\":\"1795464300000\",\"offset_minutes\":-360}}");
	assert_becomes(p, "{\"nacimiento\": \"2011\"}", "{\"fecha\":{\"year\":2011}}");
	assert_becomes(p, "{\"nacimiento\": \"01/01/1900\"}", "{}");
	assert_fault(p, "{\"nacimiento\": \"31/02/2011\"}", REASON_DATE_INVALID, "fecha", "nacimiento");
}

static void
dates_are_written_as_far_as_they_are_known(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto: {from: fecha, dates: [aaaa-mm-dd, aaaa]}\n  texto_opcional: {from: momento, date: \"dd/mm/aaaa HH:mi [-06:00]\"}\n");
	assert_becomes(p,
	    "{\"fecha\": {\"year\": 2011, \"month\": 3, \"day\": 5}, \"momento\": {\"ms\": \"1795464300000\"}}",
	    "{\"texto\":\"2011-03-05\",\"texto_opcional\":\"23/11/2026 14:05\"}");
	assert_becomes(p, "{\"fecha\": {\"year\": 2011, \"month\": 3}}", "{\"texto\":\"2011\"}");
	acta_to_ficha(p, "  texto: {from: momento, date: \"dd/mm/aaaa HH:mi [America/Tijuana]\"}\n");
	assert_becomes(p, "{\"momento\": {\"ms\": \"1795464300000\"}}", "{\"texto\":\"23/11/2026 12:05\"}");
	assert_becomes(p, "{\"momento\": {\"ms\": \"1784134800000\"}}", "{\"texto\":\"15/07/2026 10:00\"}");
	acta_to_ficha(p, "  texto: {from: fecha, date: aaaa-mm-dd}\n");
	assert_fault(p, "{\"fecha\": {\"year\": 2011}}", REASON_DATE_INVALID, "texto", "fecha");
}

// What a message calls a day is one only where the calendar has it: no year of five digits, no thirtieth of February.
static void
a_day_in_a_message_that_does_not_exist_is_none(void **state)
{
	static const char *const dates[] = {"{\"year\": 22011, \"month\": 3, \"day\": 5}",
	    "{\"year\": 2011, \"month\": 103, \"day\": 5}", "{\"year\": 2011, \"month\": 2, \"day\": 30}",
	    "{\"year\": -2011}", "{\"year\": 2011, \"month\": -3, \"day\": -5}"};
	static const char *const lines[] = {"dates: [aaaa-mm-dd, aaaa-mm, aaaa]", "age_at: {now: recorded}"};
	struct probe *p = *state;

	for (size_t l = 0; l < EN_COUNT_OF(lines); l++) {
		acta_to_ficha(p, arena_printf(&p->arena, "  texto: {from: fecha, %s}\n", lines[l]));
		for (size_t i = 0; i < EN_COUNT_OF(dates); i++) {
			assert_fault(p, arena_printf(&p->arena, "{\"fecha\": %s}", dates[i]), REASON_DATE_INVALID,
			    "texto", "fecha");
		}
		assert_ok(run_json(p, "{\"fecha\": {\"year\": 2012, \"month\": 2, \"day\": 29}}"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_code_goes_through_its_table_and_an_unlisted_one_stops_the_event),
	    probe_test(a_row_without_a_result_says_that_the_code_means_nothing),
	    probe_test(codes_are_exact_text_with_their_zeros),
	    probe_test(enums_bools_and_numbers_have_codes_too),
	    probe_test(a_table_of_both_ways_is_turned_where_only_that_fits),
	    probe_test(empty_if_looks_at_what_was_written_before_it_is_cleaned),
	    probe_test(true_and_false_are_what_the_line_says_they_are),
	    probe_test(dates_become_partial_dates_moments_or_days),
	    probe_test(dates_are_written_as_far_as_they_are_known),
	    probe_test(a_day_in_a_message_that_does_not_exist_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/date.h"

#include <stdlib.h>

#include "support/support.h"

static int
setup(void **state)
{
	struct arena *a = malloc(sizeof(*a));

	arena_init(a, 0);
	*state = a;
	return 0;
}

static int
teardown(void **state)
{
	arena_fini(*state);
	free(*state);
	return 0;
}

static struct date_format
format(void **state, const char *text)
{
	struct date_format f;
	const char *problem, *hint;

	assert_ok(date_format_parse(text, *state, &f, &problem, &hint));
	return f;
}

static void
assert_no_format(void **state, const char *text, const char *wanted_hint)
{
	struct date_format f;
	const char *problem = NULL, *hint = NULL;

	assert_err(EN_EFORMAT, date_format_parse(text, *state, &f, &problem, &hint));
	assert_non_null(problem);
	assert_non_null(strstr(hint, wanted_hint));
}

// Year, month and day as one number; 0 when the text does not follow.
static int
read_day(void **state, const char *form, const char *text)
{
	struct date_format f = format(state, form);
	struct date_value v;
	size_t len = strlen(text);
	uint8_t *exact = malloc(len == 0 ? 1 : len);

	memcpy(exact, text, len);
	bool good = date_read(&f, view_of(exact, len), &v);

	free(exact);
	return good ? (v.parts[DATE_YEAR] * 100 + v.parts[DATE_MONTH]) * 100 + v.parts[DATE_DAY] : 0;
}

static void
a_date_is_read_part_by_part(void **state)
{
	assert_int_equal(read_day(state, "dd/mm/aaaa", "05/03/2011"), 20110305);
	assert_int_equal(read_day(state, "yyyy-mm-dd", "2011-03-05"), 20110305);
	assert_int_equal(read_day(state, "aaaammdd", "20110305"), 20110305);
	assert_int_equal(read_day(state, "mm/aaaa", "03/2011"), 20110300);
	assert_int_equal(read_day(state, "aaaa", "2011"), 20110000);
}

static void
a_date_that_does_not_exist_is_none(void **state)
{
	assert_int_equal(read_day(state, "dd/mm/aaaa", "29/02/2024"), 20240229);
	assert_int_equal(read_day(state, "dd/mm/aaaa", "29/02/2023"), 0);
	assert_int_equal(read_day(state, "dd/mm/aaaa", "31/04/2023"), 0);
	assert_int_equal(read_day(state, "dd/mm/aaaa", "00/01/2023"), 0);
	assert_int_equal(read_day(state, "dd/mm/aaaa", "01/13/2023"), 0);
	assert_int_equal(read_day(state, "dd/mm/aaaa", "01/01/0000"), 0);
}

static void
nothing_is_guessed(void **state)
{
	static const char *const texts[] = {"5/3/2011", "05/03/11", "05-03-2011", " 05/03/2011", "05/03/2011 ",
	    "05/03/20111", "22012-01-01", "0x/03/2011", "", "05/03/", "+5/03/2011", "-5/03/2011"};

	for (size_t i = 0; i < EN_COUNT_OF(texts); i++) {
		assert_int_equal(read_day(state, "dd/mm/aaaa", texts[i]), 0);
	}
}

static void
a_text_cut_anywhere_is_no_date(void **state)
{
	const char *whole = "05/03/2011 23:59:58-06:00";
	struct date_format f = format(state, "dd/mm/aaaa HH:mi:sszzz");
	struct date_value v;

	assert_true(date_read(&f, view_text(whole), &v));
	for (size_t len = 0; len < strlen(whole); len++) {
		assert_false(date_read(&f, view_of(whole, len), &v));
	}
}

static void
mm_is_the_month_and_never_minutes(void **state)
{
	assert_no_format(state, "dd/mm/aaaa HH:mm", "minutes are mi");
	assert_no_format(state, "aaaa HH", "HH:mi");
	assert_no_format(state, "aaaa mi", "HH:mi");
}

static void
letters_that_say_nothing_are_refused(void **state)
{
	static const char *const wrong[] = {"dd/mm/aaa", "dd/mm/yyy", "dd/MM/yyyy", "d/m/a", "ddd/mm/aaaa",
	    "mmmmm/aaaa", "dmaaaa", "d/maaaa", "m1/aaaa", "d de mmmm de aaaa", "d 'de mmmm aaaa", "m/mm/aaaa", "aaaaa",
	    "dd/mm", "", "dd aaaa", "dd/dd/aaaa", "de dd"};

	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		assert_no_format(state, wrong[i], "");
	}
	assert_no_format(state, "dd/mm/aaaa HH:mi [local]", "[UTC]");
	assert_no_format(state, "dd/mm/aaaa HH:mi [-25:00]", "[UTC]");
	assert_no_format(state, "dd/mm/aaaa HH:mi zzz [UTC]", "");
}

static void
a_format_as_long_as_the_limit_is_read_and_one_longer_is_not(void **state)
{
	char text[DATE_TEXT_BYTES / 2 + 1];

	memset(text, '-', sizeof(text));
	memcpy(text, "aaaa", 4);
	text[DATE_TEXT_BYTES / 2 - 1] = '\0';
	struct date_format f = format(state, text);
	char out[DATE_TEXT_BYTES];

	assert_int_equal(date_write(&f, &(struct date_value){.parts[DATE_YEAR] = 2011}, out), DATE_TEXT_BYTES / 2 - 1);
	text[DATE_TEXT_BYTES / 2 - 1] = '-';
	text[DATE_TEXT_BYTES / 2] = '\0';
	assert_no_format(state, text, "");
}

static void
formats_that_can_read_the_same_text_overlap(void **state)
{
	struct date_format day_first = format(state, "dd/mm/aaaa"), month_first = format(state, "mm/dd/aaaa");
	struct date_format dashes = format(state, "dd-mm-aaaa"), year = format(state, "aaaa");

	assert_true(date_formats_overlap(&day_first, &month_first));
	assert_false(date_formats_overlap(&day_first, &dashes));
	assert_false(date_formats_overlap(&day_first, &year));
}

static void
formats_overlap_where_one_text_follows_both(void **state)
{
	static const struct {
		const char *one, *other;
		bool overlap;
	} cases[] = {
	    {"d/m/aaaa", "dd/mm/aaaa", true},
	    {"d/m/aaaa", "m/d/aaaa", true},
	    {"d/m/aaaa", "d-m-aaaa", false},
	    {"d/mm/aaaa", "aaaa/mm/dd", false},
	    {"d/aaaa/m", "dd/mm/aaaa", false},
	    {"d mmm aaaa", "dd mmmm aaaa", true}, // mar, and may in English, are both
	    {"d mmm aaaa", "d m aaaa", false},
	    {"aaaa-01-01", "aaaa-mm-dd", true}, // what always stands there stands there in the other too
	    {"aaaa-01-01", "aaaa-02-01", false},
	    {"aaaa-mm-ddTHH:mi:ssZ", "aaaa-mm-dd", false},
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		struct date_format one = format(state, cases[i].one), other = format(state, cases[i].other);

		if (date_formats_overlap(&one, &other) != cases[i].overlap ||
		    date_formats_overlap(&other, &one) != cases[i].overlap) {
			fail_msg("%s and %s", cases[i].one, cases[i].other);
		}
	}
}

static void
days_and_months_may_have_one_digit(void **state)
{
	assert_int_equal(read_day(state, "d/m/aaaa", "5/3/2011"), 20110305);
	assert_int_equal(read_day(state, "d/m/aaaa", "05/03/2011"), 20110305);
	assert_int_equal(read_day(state, "d/m/aaaa", "31/12/2011"), 20111231);
	assert_int_equal(read_day(state, "aaaa-m-d", "2011-3-5"), 20110305);
	assert_int_equal(read_day(state, "d/m/aaaa", "005/3/2011"), 0);
	assert_int_equal(read_day(state, "d/m/aaaa", "/3/2011"), 0);
	assert_int_equal(read_day(state, "d/m/aaaa", "0/3/2011"), 0);
	assert_int_equal(read_day(state, "d/m/aaaa", "30/2/2011"), 0);
	assert_int_equal(read_day(state, "dd/mm/aaaa", "5/3/2011"), 0);
}

static void
months_have_names_in_two_languages(void **state)
{
	assert_int_equal(read_day(state, "d 'de' mmmm 'de' aaaa", "5 de marzo de 2011"), 20110305);
	assert_int_equal(read_day(state, "d 'de' mmmm 'de' aaaa", "15 de SEPTIEMBRE de 2011"), 20110915);
	assert_int_equal(read_day(state, "dd-mmm-aaaa", "05-ENE-2011"), 20110105);
	assert_int_equal(read_day(state, "dd-mmm-aaaa", "05-Jan-2011"), 20110105);
	assert_int_equal(read_day(state, "mmmm d, yyyy", "May 5, 2011"), 20110505);
	assert_int_equal(read_day(state, "d mmmm aaaa", "5 mayo 2011"), 20110505); // not May and an o
	assert_int_equal(read_day(state, "dd-mmm-aaaa", "05-marzo-2011"), 0);
	assert_int_equal(read_day(state, "dd-mmm-aaaa", "05-xyz-2011"), 0);
	assert_int_equal(read_day(state, "mmmmaaaa", "marzo2011"), 20110300);
	assert_int_equal(read_day(state, "dd-mmm-aaaa", "05-ma"), 0);
}

static void
loose_parts_and_names_are_written_as_people_write_them(void **state)
{
	static const struct {
		const char *form, *text;
	} cases[] = {
	    {"d/m/aaaa", "5/3/2011"},
	    {"d 'de' mmmm 'de' aaaa", "5 de marzo de 2011"},
	    {"d mmm yyyy", "5 Mar 2011"},
	    {"mmmm d, yyyy", "March 5, 2011"},
	};
	const struct date_value day = {.parts = {[DATE_YEAR] = 2011, [DATE_MONTH] = 3, [DATE_DAY] = 5}};
	char out[DATE_TEXT_BYTES];

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		struct date_format f = format(state, cases[i].form);

		assert_view_is(cases[i].text, view_of(out, date_write(&f, &day, out)));
	}
	// The longest name in the longest format that there is.
	struct date_format f = format(state, "mmmm'------------------------------------------------'aaaa zzz");

	assert_true(
	    date_write(&f, &(struct date_value){.parts = {[DATE_YEAR] = 2011, [DATE_MONTH] = 9, [DATE_ZONE] = -360}},
		out) < sizeof(out));
}

static int64_t
read_moment(void **state, const char *form, const char *text)
{
	struct date_format f = format(state, form);
	struct date_value v;

	assert_true(date_read(&f, view_text(text), &v));
	return date_to_wall(&v);
}

static void
a_moment_is_told_in_its_zone(void **state)
{
	int64_t wanted = 0;

	assert_int_equal(wall_parse("2026-11-23T20:05:00Z", &wanted), 0);
	assert_int_equal(read_moment(state, "dd/mm/aaaa HH:mi [-06:00]", "23/11/2026 14:05"), wanted);
	assert_int_equal(read_moment(state, "aaaa-mm-ddTHH:mi:ssZ", "2026-11-23T20:05:00Z"), wanted);
	assert_int_equal(read_moment(state, "aaaa-mm-ddTHH:mi:sszzz", "2026-11-23T14:05:00-06:00"), wanted);
	assert_int_equal(read_moment(state, "aaaa-mm-ddTHH:mi:sszzz", "2026-11-23T20:05:00Z"), wanted);
	assert_int_equal(read_moment(state, "aaaa-mm-dd HH:mi [UTC]", "2026-11-23 20:05"), wanted);
}

static void
what_is_written_reads_back(void **state)
{
	struct date_format f = format(state, "dd/mm/aaaa HH:mi:ss zzz");

	for (int64_t wall = INT64_C(-2208988800000); wall < INT64_C(4102444800000); wall += INT64_C(77777777000)) {
		for (int32_t offset = -720; offset <= 840; offset += 195) {
			struct date_value out = date_from_wall(wall, offset), in;
			char text[DATE_TEXT_BYTES];
			size_t len = date_write(&f, &out, text);

			assert_true(len > 0);
			assert_true(date_read(&f, view_of(text, len), &in));
			assert_int_equal(date_to_wall(&in), wall);
		}
	}
}

static void
a_part_that_is_not_known_cannot_be_written(void **state)
{
	struct date_value year_only = {.parts[DATE_YEAR] = 2013};
	struct date_format full = format(state, "aaaa-mm-dd"), year = format(state, "aaaa");
	char text[DATE_TEXT_BYTES];

	assert_int_equal(date_write(&full, &year_only, text), 0);
	assert_int_equal(date_write(&year, &year_only, text), 4);
	assert_memory_equal(text, "2013", 4);
	year_only.parts[DATE_YEAR] = 10000;
	assert_int_equal(date_write(&year, &year_only, text), 0);
}

static void
a_moment_outside_the_calendar_cannot_be_written(void **state)
{
	struct date_format f = format(state, "aaaa-mm-dd HH:mi Z");
	char text[DATE_TEXT_BYTES];
	static const int64_t odd[] = {INT64_MIN, INT64_MAX, INT64_MIN + 1};

	for (size_t i = 0; i < EN_COUNT_OF(odd); i++) {
		struct date_value v = date_from_wall(odd[i], 0);

		assert_int_equal(date_write(&f, &v, text), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_date_is_read_part_by_part, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_date_that_does_not_exist_is_none, setup, teardown),
	    cmocka_unit_test_setup_teardown(nothing_is_guessed, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_text_cut_anywhere_is_no_date, setup, teardown),
	    cmocka_unit_test_setup_teardown(mm_is_the_month_and_never_minutes, setup, teardown),
	    cmocka_unit_test_setup_teardown(letters_that_say_nothing_are_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_format_as_long_as_the_limit_is_read_and_one_longer_is_not, setup, teardown),
	    cmocka_unit_test_setup_teardown(formats_that_can_read_the_same_text_overlap, setup, teardown),
	    cmocka_unit_test_setup_teardown(formats_overlap_where_one_text_follows_both, setup, teardown),
	    cmocka_unit_test_setup_teardown(days_and_months_may_have_one_digit, setup, teardown),
	    cmocka_unit_test_setup_teardown(months_have_names_in_two_languages, setup, teardown),
	    cmocka_unit_test_setup_teardown(loose_parts_and_names_are_written_as_people_write_them, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_moment_is_told_in_its_zone, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_written_reads_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_part_that_is_not_known_cannot_be_written, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_moment_outside_the_calendar_cannot_be_written, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

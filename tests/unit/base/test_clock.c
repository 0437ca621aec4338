// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"

#include "base/attr.h"
#include "support/support.h"

#define DAY_MS INT64_C(86400000)

static void
every_day_of_the_calendar_follows_the_day_before(void **state)
{
	struct civil_date d = {.year = 1, .month = 1, .day = 1};
	int64_t days = civil_to_days(d);

	(void)state;
	assert_int_equal(days, -719162);
	while (d.year < 10000) {
		struct civil_date back = civil_from_days(days);

		if (civil_to_days(d) != days || back.year != d.year || back.month != d.month || back.day != d.day) {
			fail_msg("%d-%d-%d", d.year, d.month, d.day);
		}
		days++;
		if (++d.day > civil_days_in_month(d.year, d.month)) {
			d.day = 1;
			if (++d.month > 12) {
				d.month = 1;
				d.year++;
			}
		}
	}
	assert_int_equal(days, 2932897);
}

static void
february_has_29_days_in_leap_years(void **state)
{
	(void)state;
	assert_int_equal(civil_days_in_month(2024, 2), 29);
	assert_int_equal(civil_days_in_month(2026, 2), 28);
	assert_int_equal(civil_days_in_month(1900, 2), 28);
	assert_int_equal(civil_days_in_month(2000, 2), 29);
	assert_int_equal(civil_days_in_month(2026, 0), 0);
	assert_int_equal(civil_days_in_month(2026, 13), 0);
}

static void
a_second_lies_in_a_day_of_the_week_before_1970_too(void **state)
{
	static const struct {
		int64_t second, day;
		int32_t in_day;
		int weekday;
	} cases[] = {{0, 0, 0, 4}, {-1, -1, 86399, 3}, {-86400, -1, 0, 3}, {86399, 0, 86399, 4}, {3 * 86400, 3, 0, 0},
	    {-5 * 86400, -5, 0, 6}, {CIVIL_FIRST_SECOND, -719162, 0, 1}, {CIVIL_LAST_SECOND, 2932896, 86399, 5}};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		int32_t in_day;

		assert_int_equal(civil_day_of(cases[i].second, &in_day), cases[i].day);
		assert_int_equal(in_day, cases[i].in_day);
		assert_int_equal(civil_weekday(cases[i].day), cases[i].weekday);
	}
}

static void
wall_times_are_written_and_read_back(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {-1, "1969-12-31T23:59:59.999Z"},
	    {INT64_C(1795468805123), "2026-11-23T21:20:05.123Z"},
	    {INT64_C(-719162) * DAY_MS, "0001-01-01T00:00:00.000Z"},
	    {INT64_C(2932897) * DAY_MS - 1, "9999-12-31T23:59:59.999Z"},
	};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		char text[25];
		int64_t ms;

		wall_format(cases[i].ms, text);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(wall_parse(cases[i].text, &ms), 0);
		assert_true(ms == cases[i].ms);
	}
}

static void
times_without_words_are_told_as_the_nearest_with(void **state)
{
	char text[25];

	(void)state;
	wall_format(INT64_MIN, text);
	assert_string_equal(text, "0001-01-01T00:00:00.000Z");
	wall_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static void
offsets_fractions_and_small_letters_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
	    {"1970-01-01T00:00:00Z", 0},
	    {"1970-01-01t00:00:00z", 0},
	    {"1969-12-31T18:00:00-06:00", 0},
	    {"1970-01-01T05:30:00+05:30", 0},
	    {"1970-01-01T00:00:00.1Z", 100},
	    {"1970-01-01T00:00:00.0019999999Z", 1},
	    {"1970-01-01T00:00:60Z", 60000},
	};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		int64_t ms = -77;

		assert_int_equal(wall_parse(cases[i].text, &ms), 0);
		assert_true(ms == cases[i].ms);
	}
}

static void
what_is_not_rfc_3339_is_refused_and_writes_nothing(void **state)
{
	static const char *const cases[] = {"", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z",
	    "0000-01-01T00:00:00Z", "1970-00-01T00:00:00Z", "1970-13-01T00:00:00Z", "1970-01-00T00:00:00Z",
	    "1970-02-29T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z",
	    "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00+01:60",
	    "1970-01-01T00:00:00+0100", "1970-01-01T00:00:00Zx", "70-01-01T00:00:00Z", " 1970-01-01T00:00:00Z"};
	int64_t ms = -77;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		assert_int_equal(wall_parse(cases[i], &ms), -1);
		assert_int_equal(ms, -77);
	}
}

static void
the_monotonic_clock_does_not_go_back(void **state)
{
	uint64_t before = clock_monotonic_ns();
	struct moment now = clock_now();

	(void)state;
	assert_true(clock_monotonic_ns() >= before);
	assert_true(now.monotonic_ms >= before / 1000000);
	assert_true(now.wall_ms > INT64_C(1600000000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_day_of_the_calendar_follows_the_day_before),
	    cmocka_unit_test(february_has_29_days_in_leap_years),
	    cmocka_unit_test(a_second_lies_in_a_day_of_the_week_before_1970_too),
	    cmocka_unit_test(wall_times_are_written_and_read_back),
	    cmocka_unit_test(times_without_words_are_told_as_the_nearest_with),
	    cmocka_unit_test(offsets_fractions_and_small_letters_are_read),
	    cmocka_unit_test(what_is_not_rfc_3339_is_refused_and_writes_nothing),
	    cmocka_unit_test(the_monotonic_clock_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/quantity.h"

#include "base/attr.h"
#include "support/support.h"

static void
durations_are_read_in_english_and_spanish(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} cases[] = {
	    {"50 ms", 50},
	    {"30 s", 30000},
	    {"30s", 30000},
	    {"45 seg", 45000},
	    {"5 min", 300000},
	    {"4 h", 14400000},
	    {"2 horas", 7200000},
	    {"1 hour", 3600000},
	    {"1 d", 86400000},
	    {"3 days", 259200000},
	    {"1 dia", 86400000},
	    {"3 dias", 259200000},
	    {"3 d\xc3\xad"
	     "as",
		259200000},
	    {"0 s", 0},
	    {"36525 days", UINT64_C(36525) * 86400000},
	};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		uint64_t ms = 1;

		assert_true(quantity_duration(cases[i].text, &ms));
		assert_true(ms == cases[i].ms);
	}
}

static void
what_is_no_duration_is_refused_and_writes_nothing(void **state)
{
	static const char *const cases[] = {"", "5", "min", "-5 min", "5 mins", "5 minutes ago", "1.5 h", "5 m",
	    "1,000 s", " 5 s", "5 s ", "0x5 s", "36526 days", "18446744073709551615 days", "99999999999999999999 s",
	    "1 month", "5\ts"};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		uint64_t ms = 77;

		assert_false(quantity_duration(cases[i], &ms));
		assert_int_equal(ms, 77);
	}
}

static void
sizes_are_binary_and_say_so(void **state)
{
	static const char *const wrong[] = {"", "MiB", "1 MB", "1 mib", "1.5 MiB", "-1", "1 KiB/s", "16777216 TiB"};
	uint64_t bytes;

	(void)state;
	assert_true(quantity_size("512 MiB", &bytes));
	assert_int_equal(bytes, 512 << 20);
	assert_true(quantity_size("64KiB", &bytes));
	assert_int_equal(bytes, 65536);
	assert_true(quantity_size("4096", &bytes));
	assert_int_equal(bytes, 4096);
	assert_true(quantity_size("1 B", &bytes));
	assert_int_equal(bytes, 1);
	assert_true(quantity_size("16777215 TiB", &bytes));
	assert_true(bytes == UINT64_C(16777215) << 40);
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		bytes = 77;
		assert_false(quantity_size(wrong[i], &bytes));
		assert_int_equal(bytes, 77);
	}
}

static void
numbers_are_digits_up_to_64_bits(void **state)
{
	uint64_t value = 77;

	(void)state;
	assert_true(quantity_number("18446744073709551615", &value));
	assert_true(value == UINT64_MAX);
	value = 77;
	assert_false(quantity_number("18446744073709551616", &value));
	assert_false(quantity_number("", &value));
	assert_false(quantity_number("1 ", &value));
	assert_false(quantity_number("+1", &value));
	assert_int_equal(value, 77);
	assert_true(quantity_number("007", &value));
	assert_int_equal(value, 7);
}

static void
days_are_days_of_the_calendar(void **state)
{
	static const char *const wrong[] = {"", "2026", "2026-13-01", "2026-00-01", "2026-02-29", "2026-01-00",
	    "2026-1-01", "26-01-01", "0000-01-01", "2026/01/01", "2026-01-01 ", "2026-01-0a", "01/01/2026",
	    "+026-01-01"};
	int64_t days = 77;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		assert_false(quantity_day(wrong[i], &days));
		assert_int_equal(days, 77);
	}
	assert_true(quantity_day("1970-01-02", &days));
	assert_int_equal(days, 1);
	assert_true(quantity_day("2024-02-29", &days));
	assert_int_equal(days, 19782);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations_are_read_in_english_and_spanish),
	    cmocka_unit_test(what_is_no_duration_is_refused_and_writes_nothing),
	    cmocka_unit_test(sizes_are_binary_and_say_so),
	    cmocka_unit_test(numbers_are_digits_up_to_64_bits),
	    cmocka_unit_test(days_are_days_of_the_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

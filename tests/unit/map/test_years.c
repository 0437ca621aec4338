// SPDX-License-Identifier: Apache-2.0
// Ages and days of birth.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/years.h"
#include "support/support.h"

static void
expect_age(const char *from, const char *to, int wanted)
{
	struct date_value a, b;
	int32_t years = -1;

	assert_true(day_read(view_text(from), &a));
	assert_true(day_read(view_text(to), &b));
	assert_int_equal(wanted >= 0, years_between(&a, &b, &years));
	if (wanted >= 0) {
		assert_int_equal(wanted, years);
	}
}

static void
a_year_is_full_on_the_birthday(void **state)
{
	(void)state;
	expect_age("2008-11-18", "2026-11-17", 17);
	expect_age("2008-11-18", "2026-11-18", 18);
	expect_age("2008-02-29", "2026-02-28", 17);
	expect_age("2008-02-29", "2026-03-01", 18);
	expect_age("2026-11-18", "2026-11-18T10:00:00.000Z", 0);
}

static void
what_is_not_certain_is_not_told(void **state)
{
	(void)state;
	expect_age("2008", "2026-11-18", -1);
	expect_age("2008-11", "2026-11-18", -1);
	expect_age("2008-11", "2026-12-01", 18);
	expect_age("2008-12", "2026-11-30", 17);
	expect_age("2008", "2026-12-31", 18);
	expect_age("2008-11-18", "2026", -1);
	expect_age("2027-01-01", "2026-11-18", -1);
	expect_age("1896-11-18", "2026-11-18", YEARS_MOST);
	expect_age("1895-11-18", "2026-11-18", -1);
}

static void
what_is_no_day_is_refused(void **state)
{
	static const char *const wrong[] = {"", "201", "2011-", "2011-13", "2011-00", "2011-3-05", "2011-04-31",
	    "2011-03-05 ", "0000", "20110305", "2011-03-05x"};
	struct date_value d;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		assert_false(day_read(view_text(wrong[i]), &d));
	}
}

static void
bands_begin_where_they_are_told_to(void **state)
{
	static const uint32_t bands[] = {12, 18, 61};
	static const struct {
		uint32_t age;
		const char *wanted;
	} cases[] = {{0, "0-11"}, {11, "0-11"}, {12, "12-17"}, {17, "12-17"}, {18, "18-60"}, {61, "61+"}, {130, "61+"}};
	char dst[BAND_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		assert_view_is(cases[i].wanted, view_of(dst, band_write(bands, 3, cases[i].age, dst)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_year_is_full_on_the_birthday),
	    cmocka_unit_test(what_is_not_certain_is_not_told),
	    cmocka_unit_test(what_is_no_day_is_refused),
	    cmocka_unit_test(bands_begin_where_they_are_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Decimal numbers: as written in each place, exact.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/decimal.h"
#include "support/support.h"

static void
expect(const char *example, const char *text, const char *wanted)
{
	struct view point, thousands;
	struct decimal d;
	char dst[DECIMAL_TEXT_BYTES];

	assert_null(decimal_example(view_text(example), &point, &thousands));
	if (wanted == NULL) {
		assert_false(decimal_read(view_text(text), point, thousands, &d));
		return;
	}
	assert_true(decimal_read(view_text(text), point, thousands, &d));
	assert_view_is(wanted, view_of(dst, decimal_write(d, dst)));
}

static void
numbers_are_read_as_the_example_writes_them(void **state)
{
	(void)state;
	expect("1.234,5", "1.234,50", "1234.50");
	expect("1.234,5", "1234,5", "1234.5");
	expect("1.234,5", "-0,5", "-0.5");
	expect("1,234.5", "1,234,567.5", "1234567.5");
	expect("1234,5", "1234,5", "1234.5");
	expect("1 234,5", "1 234,5", "1234.5");
	expect("1.234", "12.345", "12345");
	expect("1.234,5", "1.234.567", "1234567");
	expect("1234,5", "007", "7");
}

static void
what_the_example_does_not_write_is_no_number(void **state)
{
	static const char *const wrong[] = {"", "-", ",5", "5,", "1.23,5", "1.2345", "1,234.5", "12.34.567", "1e3",
	    "+5", " 5", "5 ", "1.234,5,6", "NaN"};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		expect("1.234,5", wrong[i], NULL);
	}
	expect("1234,5", "1.234", NULL);
}

static void
an_example_shows_what_begins_the_decimals(void **state)
{
	static const char *const wrong[] = {"", "1234", "1x5", "1,5.5,5", "1.23,456.7"};
	struct view a, b;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		assert_non_null(decimal_example(view_text(wrong[i]), &a, &b));
	}
}

static struct decimal
number(const char *text)
{
	struct decimal d;

	assert_true(decimal_read(view_text(text), view_text("."), VIEW_EMPTY, &d));
	return d;
}

static void
assert_number(const char *wanted, struct decimal d)
{
	char dst[DECIMAL_TEXT_BYTES];

	assert_view_is(wanted, view_of(dst, decimal_write(d, dst)));
}

static void
products_are_exact_while_there_is_room_and_rounded_once_after(void **state)
{
	struct decimal d;

	(void)state;
	assert_true(decimal_times(number("1234.5"), number("0.45359237"), &d));
	assert_number("559.959780765", d);
	assert_true(decimal_times(number("0.333333333333333333"), number("3"), &d));
	assert_number("0.999999999999999999", d);
	assert_true(decimal_times(number("0.5"), number("0.000000000000000001"), &d));
	assert_number("0.000000000000000001", d);
	assert_false(decimal_times(number("999999999999999999"), number("2"), &d));
}

static void
rounding_goes_away_from_zero_at_the_half(void **state)
{
	struct decimal d;

	(void)state;
	assert_true(decimal_round(number("2.345"), 2, &d));
	assert_number("2.35", d);
	assert_true(decimal_round(number("-2.345"), 2, &d));
	assert_number("-2.35", d);
	assert_true(decimal_round(number("2.3"), 0, &d));
	assert_number("2", d);
	assert_true(decimal_round(number("2"), 3, &d));
	assert_number("2.000", d);
	assert_false(decimal_round(number("2"), 19, &d));
	assert_false(decimal_round(number("999999999999999999"), 1, &d));
}

static void
comparing_looks_at_the_value_and_not_at_its_digits(void **state)
{
	(void)state;
	assert_int_equal(0, decimal_compare(number("1.50"), number("1.5")));
	assert_int_equal(-1, decimal_compare(number("-2"), number("0.1")));
	assert_int_equal(1, decimal_compare(number("10"), number("9.999999999999999")));
}

static void
as_many_digits_as_the_limit_and_not_one_more(void **state)
{
	(void)state;
	expect("1234,5", "123456789012345678", "123456789012345678");
	expect("1234,5", "1234567890123456789", NULL);
	expect("1234,5", "0,123456789012345678", "0.123456789012345678");
	expect("1234,5", "0,1234567890123456789", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_are_read_as_the_example_writes_them),
	    cmocka_unit_test(what_the_example_does_not_write_is_no_number),
	    cmocka_unit_test(an_example_shows_what_begins_the_decimals),
	    cmocka_unit_test(products_are_exact_while_there_is_room_and_rounded_once_after),
	    cmocka_unit_test(rounding_goes_away_from_zero_at_the_half),
	    cmocka_unit_test(comparing_looks_at_the_value_and_not_at_its_digits),
	    cmocka_unit_test(as_many_digits_as_the_limit_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

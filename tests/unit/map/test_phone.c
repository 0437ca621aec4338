// SPDX-License-Identifier: Apache-2.0
// Telephone numbers by the table of their countries.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/phone.h"
#include "support/support.h"

static const struct phone_country countries[] = {
    {{(const uint8_t *)"MEX", 3}, {(const uint8_t *)"52", 2}, {(const uint8_t *)"044|045|01", 10},
	{(const uint8_t *)"10", 2}, {(const uint8_t *)"1", 1}},
    {{(const uint8_t *)"HND", 3}, {(const uint8_t *)"504", 3}, {NULL, 0}, {(const uint8_t *)"8", 1}, {NULL, 0}},
    {{(const uint8_t *)"USA", 3}, {(const uint8_t *)"1", 1}, {(const uint8_t *)"1", 1}, {(const uint8_t *)"10", 2},
	{NULL, 0}},
    {{(const uint8_t *)"XXX", 3}, {(const uint8_t *)"999", 3}, {NULL, 0}, {(const uint8_t *)"12|13", 5}, {NULL, 0}},
};
static const struct phone_plan plan = {countries, EN_COUNT_OF(countries)};

static void
expect(const char *text, const char *country, const char *wanted)
{
	char dst[PHONE_TEXT_BYTES];
	size_t len = phone_e164(&plan, view_text(text), view_text(country), dst);

	assert_view_is(wanted, view_of(dst, len));
}

static void
what_is_dialled_inside_a_country_goes(void **state)
{
	(void)state;
	expect("9621234567", "MEX", "+529621234567");
	expect("01 (962) 123.45.67", "MEX", "+529621234567");
	expect("045-962-123-4567", "MEX", "+529621234567");
	expect("52 962 123 4567", "MEX", "+529621234567");
	expect("521 962 123 4567", "MEX", "+529621234567");
	expect("99887766", "HND", "+50499887766");
	expect("504 9988 7766", "HND", "+50499887766");
	expect("1 (213) 555-0147", "USA", "+12135550147");
}

static void
a_number_that_says_its_country_needs_nobody_else_to(void **state)
{
	(void)state;
	expect("+52 1 962 123 4567", "", "+529621234567");
	expect("0052 962 123 4567", "HND", "+529621234567");
	expect("+50499887766", "MEX", "+50499887766");
	expect("+34 600 000 001", "MEX", "");
	expect("9621234567", "", "");
}

static void
what_is_no_number_is_none(void **state)
{
	static const char *const wrong[] = {"", "962123456", "96212345678", "Child /Caretaker Telephone1", "0000000000",
	    "962 123 4567 ext 3", "+", "++529621234567", "962+1234567", "1234567890123456789012345"};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		expect(wrong[i], "MEX", "");
	}
}

static void
as_many_digits_as_a_number_can_have_and_not_one_more(void **state)
{
	(void)state;
	expect("+999123456789012", "", "+999123456789012");
	expect("+9991234567890123", "", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_dialled_inside_a_country_goes),
	    cmocka_unit_test(a_number_that_says_its_country_needs_nobody_else_to),
	    cmocka_unit_test(what_is_no_number_is_none),
	    cmocka_unit_test(as_many_digits_as_a_number_can_have_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

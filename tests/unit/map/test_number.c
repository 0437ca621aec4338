// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/number.h"

#include "support/support.h"

static bool
parses(enum schema_kind kind, const char *text, uint64_t *ret)
{
	return number_parse(kind, view_text(text), ret);
}

static void
assert_round(enum schema_kind kind, const char *text)
{
	uint64_t bits = 0;
	char out[NUMBER_TEXT_BYTES];

	assert_true(parses(kind, text, &bits));
	assert_view_is(text, view_of(out, number_format(kind, bits, out)));
}

static void
a_number_at_the_end_of_its_range_is_read_and_one_past_it_is_not(void **state)
{
	static const struct {
		enum schema_kind kind;
		const char *min, *below, *max, *above;
	} rows[] = {
	    {KIND_INT32, "-2147483648", "-2147483649", "2147483647", "2147483648"},
	    {KIND_SINT32, "-2147483648", "-2147483649", "2147483647", "2147483648"},
	    {KIND_SFIXED32, "-2147483648", "-2147483649", "2147483647", "2147483648"},
	    {KIND_UINT32, "0", "-1", "4294967295", "4294967296"},
	    {KIND_FIXED32, "0", "-1", "4294967295", "4294967296"},
	    {KIND_INT64, "-9223372036854775808", "-9223372036854775809", "9223372036854775807", "9223372036854775808"},
	    {KIND_SINT64, "-9223372036854775808", "-9223372036854775809", "9223372036854775807", "9223372036854775808"},
	    {KIND_SFIXED64, "-9223372036854775808", "-9223372036854775809", "9223372036854775807",
		"9223372036854775808"},
	    {KIND_UINT64, "0", "-1", "18446744073709551615", "18446744073709551616"},
	    {KIND_FIXED64, "0", "-1", "18446744073709551615", "18446744073709551616"},
	};
	uint64_t bits;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		assert_round(rows[i].kind, rows[i].min);
		assert_round(rows[i].kind, rows[i].max);
		assert_false(parses(rows[i].kind, rows[i].below, &bits));
		assert_false(parses(rows[i].kind, rows[i].above, &bits));
	}
}

static void
what_is_not_wholly_a_number_is_none(void **state)
{
	static const char *const texts[] = {
	    "", "-", "+1", " 1", "1 ", "1.0", "1,5", "0x10", "1e3", "uno", "12a", "--1"};
	uint64_t bits;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(texts); i++) {
		assert_false(parses(KIND_INT32, texts[i], &bits));
	}
	assert_true(parses(KIND_INT32, "007", &bits));
	assert_int_equal(bits, 7);
}

static void
decimals_are_read_strictly(void **state)
{
	static const char *const wrong[] = {
	    "", ".5", "5.", "1e", "1e+", "nan", "inf", "0x1p3", "1,5", "1e999", " 1", "--1"};
	uint64_t bits, wanted;
	double d = -14.9056;

	(void)state;
	assert_true(parses(KIND_DOUBLE, "-14.9056", &bits));
	memcpy(&wanted, &d, sizeof(wanted));
	assert_int_equal(bits, wanted);
	assert_true(parses(KIND_DOUBLE, "1.5E-3", &bits));
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		assert_false(parses(KIND_DOUBLE, wrong[i], &bits));
	}
	assert_true(parses(KIND_FLOAT, "3e38", &bits));
	assert_false(parses(KIND_FLOAT, "4e38", &bits));
}

static void
only_a_wider_kind_takes_a_number(void **state)
{
	(void)state;
	assert_true(kind_widens(KIND_INT32, KIND_INT64));
	assert_true(kind_widens(KIND_INT32, KIND_SINT32));
	assert_true(kind_widens(KIND_UINT32, KIND_INT64));
	assert_true(kind_widens(KIND_INT32, KIND_DOUBLE));
	assert_true(kind_widens(KIND_FLOAT, KIND_DOUBLE));
	assert_false(kind_widens(KIND_INT64, KIND_INT32));
	assert_false(kind_widens(KIND_UINT32, KIND_INT32));
	assert_false(kind_widens(KIND_INT32, KIND_UINT64));
	assert_false(kind_widens(KIND_INT64, KIND_DOUBLE));
	assert_false(kind_widens(KIND_INT32, KIND_FLOAT));
	assert_false(kind_widens(KIND_DOUBLE, KIND_FLOAT));
	assert_false(kind_widens(KIND_BOOL, KIND_INT32));
	assert_false(kind_widens(KIND_ENUM, KIND_INT32));
}

static void
a_negative_number_keeps_its_value_in_every_kind(void **state)
{
	static const enum schema_kind kinds[] = {
	    KIND_INT32, KIND_SINT32, KIND_SFIXED32, KIND_INT64, KIND_SINT64, KIND_SFIXED64};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(kinds); i++) {
		for (size_t j = 0; j < EN_COUNT_OF(kinds); j++) {
			uint64_t bits;

			assert_true(parses(kinds[i], "-7", &bits));
			assert_true((int64_t)number_decode(kinds[j], number_convert(kinds[i], kinds[j], bits)) == -7);
		}
	}
}

// A varint of ten bytes for an int32 is cut to its width, as protobuf asks.
static void
bits_beyond_the_width_are_cut(void **state)
{
	(void)state;
	assert_int_equal(number_decode(KIND_UINT32, UINT64_C(0x500000001)), 1);
	assert_true((int64_t)number_decode(KIND_INT32, UINT64_C(0x5ffffffff)) == -1);
	assert_int_equal(number_decode(KIND_BOOL, 2), 1);
	assert_true((int64_t)number_decode(KIND_ENUM, UINT64_MAX) == -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_number_at_the_end_of_its_range_is_read_and_one_past_it_is_not),
	    cmocka_unit_test(what_is_not_wholly_a_number_is_none),
	    cmocka_unit_test(decimals_are_read_strictly),
	    cmocka_unit_test(only_a_wider_kind_takes_a_number),
	    cmocka_unit_test(a_negative_number_keeps_its_value_in_every_kind),
	    cmocka_unit_test(bits_beyond_the_width_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

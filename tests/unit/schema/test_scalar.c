// SPDX-License-Identifier: Apache-2.0
// One scalar between its text and its bits: strict in, few digits that read back the same out.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/scalar.h"
#include "unit/schema/kit.h"

static void
expect_text(const struct schema_field *f, uint64_t bits, const char *wanted)
{
	struct buf out = BUF_EMPTY;
	uint64_t again = ~bits;

	scalar_to_text(f, bits, &out);
	assert_string_equal(buf_cstr(&out), wanted);
	assert_true(scalar_from_text(f, buf_view(&out), &again));
	assert_true(again == bits);
	buf_fini(&out);
}

static uint64_t
of_double(double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

static uint64_t
of_float(float number)
{
	uint32_t bits;

	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

static void
numbers_come_back_the_same(void **state)
{
	const struct schema_type *t = kit_type(*state, "probe.v1.Whole");

	expect_text(kit_field(t, "i32"), (uint64_t)INT64_C(-2147483648), "-2147483648");
	expect_text(kit_field(t, "i64"), UINT64_C(1) << 63, "-9223372036854775808");
	expect_text(kit_field(t, "u32"), UINT32_MAX, "4294967295");
	expect_text(kit_field(t, "u64"), UINT64_MAX, "18446744073709551615");
	expect_text(kit_field(t, "s32"), UINT32_MAX, "-2147483648");
	expect_text(kit_field(t, "s64"), UINT64_MAX, "-9223372036854775808");
	expect_text(kit_field(t, "f32"), UINT32_MAX, "4294967295");
	expect_text(kit_field(t, "sf32"), UINT32_MAX, "-1");
	expect_text(kit_field(t, "sf64"), UINT64_MAX, "-1");
	expect_text(kit_field(t, "yes"), 1, "true");
	expect_text(kit_field(t, "color"), 2, "GREEN");
	expect_text(kit_field(t, "color"), (uint64_t)INT64_C(-7), "-7");
}

static void
fractions_come_back_the_same_in_few_digits(void **state)
{
	const struct schema_type *t = kit_type(*state, "probe.v1.Whole");
	const struct schema_field *db = kit_field(t, "db"), *fl = kit_field(t, "fl");

	expect_text(db, of_double(0.1), "0.1");
	expect_text(db, of_double(-0.0), "-0");
	expect_text(db, of_double(1e21), "1e+21");
	expect_text(db, of_double(5e-324), "4.94065645841247e-324");
	expect_text(db, of_double(0.1 + 0.2), "0.30000000000000004");
	expect_text(fl, of_float(0.1F), "0.1");
	expect_text(fl, of_float(16777216.0F), "16777216");
	expect_text(fl, of_float(3.4028235e38F), "3.4028235e+38");
}

static void
every_power_of_two_comes_back_the_same(void **state)
{
	const struct schema_type *t = kit_type(*state, "probe.v1.Whole");
	const struct schema_field *db = kit_field(t, "db"), *u64 = kit_field(t, "u64");

	for (unsigned int exponent = 1; exponent < 2047; exponent++) {
		struct buf out = BUF_EMPTY;
		uint64_t bits = (uint64_t)exponent << 52, again = 0;

		scalar_to_text(db, bits, &out);
		assert_true(scalar_from_text(db, buf_view(&out), &again));
		assert_true(again == bits);
		buf_fini(&out);
	}
	for (unsigned int shift = 0; shift < 64; shift++) {
		struct buf out = BUF_EMPTY;
		uint64_t again = 0;

		scalar_to_text(u64, UINT64_C(1) << shift, &out);
		assert_true(scalar_from_text(u64, buf_view(&out), &again));
		assert_true(again == UINT64_C(1) << shift);
		buf_fini(&out);
	}
}

static void
texts_that_are_no_number_of_the_kind_are_refused(void **state)
{
	static const struct {
		const char *field, *text;
	} cases[] = {
	    {"i32", ""},
	    {"i32", " 1"},
	    {"i32", "1 "},
	    {"i32", "\n1"},
	    {"i32", "+1"},
	    {"i32", "0x10"},
	    {"i32", "1.5"},
	    {"i32", "2147483648"},
	    {"i32", "--1"},
	    {"i32", "-"},
	    {"i32", "."},
	    {"i32", "e5"},
	    {"i32", "1e"},
	    {"i32", "1e99"},
	    {"i32", "inf"},
	    {"i32", "uno"},
	    {"u32", "-1"},
	    {"u32", "-0.5"},
	    {"u32", "4294967296"},
	    {"s32", "2147483648"},
	    {"sf32", "-2147483649"},
	    {"u64", "18446744073709551616"},
	    {"i64", "-9223372036854775809"},
	    {"fl", "1e39"},
	    {"fl", "Inf"},
	    {"fl", "nan"},
	    {"fl", "-nan"},
	    {"fl", "INFINITY"},
	    {"db", "1e309"},
	    {"db", "0x1p3"},
	    {"db", " 1"},
	    {"db", "1,5"},
	    {"yes", "True"},
	    {"yes", "1"},
	    {"yes", ""},
	    {"color", "green"},
	    {"color", " GREEN"},
	    {"color", "2147483648"},
	};
	const struct schema_type *t = kit_type(*state, "probe.v1.Whole");

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		uint64_t bits;

		if (scalar_from_text(kit_field(t, cases[i].field), view_text(cases[i].text), &bits)) {
			fail_msg("%s took \"%s\"", cases[i].field, cases[i].text);
		}
	}
}

static void
whole_numbers_may_wear_the_clothes_of_fractions(void **state)
{
	const struct schema_type *t = kit_type(*state, "probe.v1.Whole");
	uint64_t bits;

	assert_true(scalar_from_text(kit_field(t, "i32"), view_text("1.0"), &bits));
	assert_int_equal(bits, 1);
	assert_true(scalar_from_text(kit_field(t, "i32"), view_text("-1.2e1"), &bits));
	assert_int_equal((int64_t)bits, -12);
	assert_true(scalar_from_text(kit_field(t, "u64"), view_text("1e15"), &bits));
	assert_int_equal(bits, 1000000000000000);
	assert_true(scalar_from_text(kit_field(t, "i32"), view_text("007"), &bits)); // of a cell
	assert_int_equal(bits, 7);
}

static void
a_text_of_a_number_has_a_length(void **state)
{
	const struct schema_field *f = kit_field(kit_type(*state, "probe.v1.Whole"), "db");
	char text[LIMIT_NUMBER_BYTES + 2];
	uint64_t bits;

	memset(text, '0', sizeof(text));
	text[1] = '.';
	assert_true(scalar_from_text(f, view_of(text, LIMIT_NUMBER_BYTES), &bits));
	assert_false(scalar_from_text(f, view_of(text, LIMIT_NUMBER_BYTES + 1), &bits));
	assert_false(scalar_from_text(f, view_of("1\0", 2), &bits));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(numbers_come_back_the_same),
	    cmocka_unit_test(fractions_come_back_the_same_in_few_digits),
	    cmocka_unit_test(every_power_of_two_comes_back_the_same),
	    cmocka_unit_test(texts_that_are_no_number_of_the_kind_are_refused),
	    cmocka_unit_test(whole_numbers_may_wear_the_clothes_of_fractions),
	    cmocka_unit_test(a_text_of_a_number_has_a_length),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}

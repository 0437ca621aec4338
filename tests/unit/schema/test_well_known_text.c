// SPDX-License-Identifier: Apache-2.0
// Moments, durations and masks as text, at the ends of what they may be and one past.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/well_known.h"
#include "unit/schema/kit.h"

static void
expect_timestamp(const char *text, int64_t wanted_seconds, int32_t wanted_nanos, const char *wanted_again)
{
	struct buf out = BUF_EMPTY;
	int64_t seconds;
	int32_t nanos;

	assert_true(timestamp_from_text(view_text(text), &seconds, &nanos));
	assert_true(seconds == wanted_seconds);
	assert_int_equal(nanos, wanted_nanos);
	assert_true(timestamp_to_text(seconds, nanos, &out));
	assert_string_equal(buf_cstr(&out), wanted_again);
	buf_fini(&out);
}

static void
moments_come_back_in_utc(void **state)
{
	(void)state;
	expect_timestamp("0001-01-01T00:00:00Z", INT64_C(-62135596800), 0, "0001-01-01T00:00:00Z");
	expect_timestamp(
	    "9999-12-31T23:59:59.999999999Z", INT64_C(253402300799), 999999999, "9999-12-31T23:59:59.999999999Z");
	expect_timestamp("1969-12-31T23:59:59.5Z", -1, 500000000, "1969-12-31T23:59:59.500Z");
	expect_timestamp("2000-02-29T12:00:00+05:30", 951805800, 0, "2000-02-29T06:30:00Z");
	expect_timestamp("2026-01-31T20:00:00.000001-06:00", 1769911200, 1000, "2026-02-01T02:00:00.000001Z");
	expect_timestamp("2024-12-31T23:59:59.123Z", 1735689599, 123000000, "2024-12-31T23:59:59.123Z");
}

static void
days_of_eight_hundred_years_come_back(void **state)
{
	(void)state;
	for (int64_t day = -62135596800 / 86400; day < -62135596800 / 86400 + 2 * 146097; day += 7) {
		struct buf out = BUF_EMPTY;
		int64_t seconds;
		int32_t nanos;

		assert_true(timestamp_to_text(day * 86400 + 86399, 0, &out));
		assert_true(timestamp_from_text(buf_view(&out), &seconds, &nanos));
		assert_true(seconds == day * 86400 + 86399);
		buf_fini(&out);
	}
}

static void
moments_that_do_not_exist_are_refused(void **state)
{
	static const char *const texts[] = {"", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00Z",
	    "2026-1-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
	    "2026-01-00T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-01-01T24:00:00Z",
	    "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z",
	    "2026-01-01T00:00:00z", "2026-01-01t00:00:00Z", "2026-01-01 00:00:00Z", "0000-12-31T23:59:59Z",
	    "10000-01-01T00:00:00Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Z ",
	    "+026-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"};
	struct buf out = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(texts); i++) {
		int64_t seconds;
		int32_t nanos;

		if (timestamp_from_text(view_text(texts[i]), &seconds, &nanos)) {
			fail_msg("\"%s\" was taken", texts[i]);
		}
	}
	assert_false(timestamp_to_text(INT64_C(-62135596801), 0, &out));
	assert_false(timestamp_to_text(INT64_C(253402300800), 0, &out));
	assert_false(timestamp_to_text(0, -1, &out));
	assert_false(timestamp_to_text(0, 1000000000, &out));
	assert_int_equal(out.len, 0);
	buf_fini(&out);
}

static void
expect_duration(const char *text, int64_t wanted_seconds, int32_t wanted_nanos, const char *wanted_again)
{
	struct buf out = BUF_EMPTY;
	int64_t seconds;
	int32_t nanos;

	assert_true(duration_from_text(view_text(text), &seconds, &nanos));
	assert_true(seconds == wanted_seconds);
	assert_int_equal(nanos, wanted_nanos);
	assert_true(duration_to_text(seconds, nanos, &out));
	assert_string_equal(buf_cstr(&out), wanted_again);
	buf_fini(&out);
}

static void
durations_come_back(void **state)
{
	(void)state;
	expect_duration("0s", 0, 0, "0s");
	expect_duration("-0s", 0, 0, "0s");
	expect_duration("-0.5s", 0, -500000000, "-0.500s");
	expect_duration("1.000000001s", 1, 1, "1.000000001s");
	expect_duration("315576000000.999999999s", INT64_C(315576000000), 999999999, "315576000000.999999999s");
	expect_duration("-315576000000s", INT64_C(-315576000000), 0, "-315576000000s");
	expect_duration("007s", 7, 0, "7s");
}

static void
what_is_no_duration_is_refused(void **state)
{
	static const char *const texts[] = {"", "s", "1", "-s", ".5s", "1.s", "+1s", " 1s", "1 s", "1.0000000000s",
	    "315576000001s", "99999999999999999999999s", "1m", "1ss", "0x1s", "1e3s"};
	struct buf out = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(texts); i++) {
		int64_t seconds;
		int32_t nanos;

		if (duration_from_text(view_text(texts[i]), &seconds, &nanos)) {
			fail_msg("\"%s\" was taken", texts[i]);
		}
	}
	assert_false(duration_to_text(INT64_C(315576000001), 0, &out));
	assert_false(duration_to_text(INT64_C(-315576000001), 0, &out));
	assert_false(duration_to_text(1, -1, &out));
	assert_false(duration_to_text(-1, 1, &out));
	assert_false(duration_to_text(0, 1000000000, &out));
	assert_int_equal(out.len, 0);
	buf_fini(&out);
}

static void
mask_paths_come_back_or_are_refused(void **state)
{
	static const char *const bad_snakes[] = {"fooBar", "foo__bar", "foo_1", "foo_", "_Bar"};
	struct buf snake = BUF_EMPTY, camel = BUF_EMPTY;

	(void)state;
	assert_true(mask_path_from_text(view_text("fooBar.bazQux1"), &snake));
	assert_string_equal(buf_cstr(&snake), "foo_bar.baz_qux1");
	assert_true(mask_path_to_text(buf_view(&snake), &camel));
	assert_string_equal(buf_cstr(&camel), "fooBar.bazQux1");
	assert_false(mask_path_from_text(view_text("foo_bar"), &snake));
	for (size_t i = 0; i < EN_COUNT_OF(bad_snakes); i++) {
		assert_false(mask_path_to_text(view_text(bad_snakes[i]), &camel));
	}
	buf_fini(&snake);
	buf_fini(&camel);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(moments_come_back_in_utc),
	    cmocka_unit_test(days_of_eight_hundred_years_come_back),
	    cmocka_unit_test(moments_that_do_not_exist_are_refused),
	    cmocka_unit_test(durations_come_back),
	    cmocka_unit_test(what_is_no_duration_is_refused),
	    cmocka_unit_test(mask_paths_come_back_or_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

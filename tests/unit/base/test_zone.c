// SPDX-License-Identifier: Apache-2.0
// Zones are read from files that the tests write themselves, so that they do not depend on the machine's tzdata.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "support/support.h"

struct transition {
	int64_t at;
	uint8_t type;
};

// Types: 0 is -7:00, 1 is -6:00, 2 is -5:00, in seconds.
static const int32_t offsets[] = {-7 * 3600, -6 * 3600, -5 * 3600};

static void
put_block(struct buf *b, const struct transition *transitions, size_t count, bool is_wide)
{
	buf_put_str(b, "TZif2");
	buf_put(b, (const uint8_t[15]){0}, 15);
	buf_put_u32(b, 0);
	buf_put_u32(b, 0);
	buf_put_u32(b, 0);
	buf_put_u32(b, (uint32_t)count);
	buf_put_u32(b, EN_COUNT_OF(offsets));
	buf_put_u32(b, 4);
	for (size_t i = 0; i < count; i++) {
		if (is_wide) {
			buf_put_u64(b, (uint64_t)transitions[i].at);
		} else {
			buf_put_u32(b, (uint32_t)transitions[i].at);
		}
	}
	for (size_t i = 0; i < count; i++) {
		buf_put_u8(b, transitions[i].type);
	}
	for (size_t i = 0; i < EN_COUNT_OF(offsets); i++) {
		buf_put_u32(b, (uint32_t)offsets[i]);
		buf_put_u16(b, 0);
	}
	buf_put(b, "MST", 4);
}

static struct buf
tzif(const struct transition *transitions, size_t count, const char *rule)
{
	struct buf b = BUF_EMPTY;

	put_block(&b, NULL, 0, false);
	put_block(&b, transitions, count, true);
	buf_put_u8(&b, '\n');
	buf_put_str(&b, rule);
	buf_put_u8(&b, '\n');
	assert_ok(b.err);
	return b;
}

static struct zone *
zone_of(const struct transition *transitions, size_t count, const char *rule)
{
	struct buf b = tzif(transitions, count, rule);
	struct zone *z = NULL;

	assert_ok(zone_parse(buf_view(&b), &z));
	buf_fini(&b);
	return z;
}

static int64_t
instant(const char *text)
{
	int64_t ms = 0;

	assert_int_equal(wall_parse(text, &ms), 0);
	return ms;
}

static int64_t
day(const char *text)
{
	struct buf b = BUF_EMPTY;

	buf_printf(&b, "%sT00:00:00Z", text);
	int64_t days = instant(buf_cstr(&b)) / 86400000;

	buf_fini(&b);
	return days;
}

#define assert_begins(zone, day_text, instant_text)                                                                    \
	assert_int_equal(zone_day_begins_ms(zone, day(day_text)), instant(instant_text))

static void
utc_is_known_without_any_file(void **state)
{
	struct zone *z = NULL;

	(void)state;
	assert_ok(zone_load("/nonexistent", "UTC", &z));
	assert_begins(z, "2026-01-01", "2026-01-01T00:00:00Z");
	zone_free(&z);
}

static void
a_day_begins_at_midnight_of_the_zone(void **state)
{
	struct zone *z = zone_of(NULL, 0, "CST6");

	(void)state;
	assert_begins(z, "2026-01-01", "2026-01-01T06:00:00Z");
	assert_begins(z, "2027-01-01", "2027-01-01T06:00:00Z");
	zone_free(&z);
}

static void
the_table_holds_between_its_transitions_and_the_rule_after_them(void **state)
{
	(void)state;
	const struct transition table[] = {
	    {instant("2020-04-05T08:00:00Z") / 1000, 2}, {instant("2020-11-01T07:00:00Z") / 1000, 1}};
	struct zone *z = zone_of(table, 2, "CST6CDT,M3.2.0,M11.1.0");

	assert_begins(z, "2020-04-05", "2020-04-05T07:00:00Z"); // the type of before the first transition: -7
	assert_begins(z, "2020-04-06", "2020-04-06T05:00:00Z");
	assert_begins(z, "2020-11-01", "2020-11-01T05:00:00Z");
	assert_begins(z, "2020-11-02", "2020-11-02T06:00:00Z");
	assert_begins(z, "2026-03-08", "2026-03-08T06:00:00Z"); // the clock goes forward at 2:00
	assert_begins(z, "2026-03-09", "2026-03-09T05:00:00Z");
	assert_begins(z, "2026-11-01", "2026-11-01T05:00:00Z"); // and back
	assert_begins(z, "2026-11-02", "2026-11-02T06:00:00Z");
	zone_free(&z);
}

static void
the_clocks_of_a_place_skip_an_hour_and_show_one_twice(void **state)
{
	struct zone *z = zone_of(NULL, 0, "CST6CDT,M3.2.0,M11.1.0");
	static const struct {
		const char *local;
		int32_t offset; // 0: no such hour
	} cases[] = {
	    {"2026-03-08T01:59:59Z", -6 * 3600},
	    {"2026-03-08T02:00:00Z", 0},
	    {"2026-03-08T02:59:59Z", 0},
	    {"2026-03-08T03:00:00Z", -5 * 3600},
	    {"2026-11-01T00:59:59Z", -5 * 3600},
	    {"2026-11-01T01:00:00Z", -5 * 3600}, // the first of the two
	    {"2026-11-01T01:59:59Z", -5 * 3600},
	    {"2026-11-01T02:00:00Z", -6 * 3600},
	};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		int32_t offset = 0;

		assert_int_equal(
		    zone_offset_by_clock(z, instant(cases[i].local) / 1000, &offset), cases[i].offset != 0);
		assert_int_equal(offset, cases[i].offset);
	}
	zone_free(&z);
}

static void
a_summer_that_spans_the_new_year_is_one(void **state)
{
	struct zone *z = zone_of(NULL, 0, "<-04>4<-03>,M9.1.6/24,M4.1.6/24");

	(void)state;
	assert_begins(z, "2026-01-01", "2026-01-01T03:00:00Z");
	assert_begins(z, "2026-06-01", "2026-06-01T04:00:00Z");
	assert_begins(
	    z, "2026-09-06", "2026-09-06T04:00:00Z"); // the clock jumps from midnight to 1:00: the day begins then
	assert_begins(z, "2026-09-07", "2026-09-07T03:00:00Z");
	zone_free(&z);
}

static void
a_version_1_file_is_read_from_its_only_block(void **state)
{
	struct buf b = BUF_EMPTY;
	struct zone *z = NULL;

	(void)state;
	const struct transition one = {1000, 1};

	put_block(&b, &one, 1, false);
	b.data[4] = '\0';
	assert_ok(zone_parse(buf_view(&b), &z));
	assert_int_equal(zone_offset(z, 999), -7 * 3600);
	assert_int_equal(zone_offset(z, 1000), -6 * 3600);
	zone_free(&z);
	buf_fini(&b);
}

static void
a_file_cut_anywhere_is_refused(void **state)
{
	const struct transition table[] = {{100, 1}, {200, 2}};
	struct buf b = tzif(table, 2, "CST6CDT,M3.2.0,M11.1.0");
	struct zone *z = NULL;

	(void)state;
	for (size_t len = 0; len < b.len; len++) {
		uint8_t *copy = malloc(len + 1); // of its own, so that a read past the end is seen by the sanitizer

		memcpy(copy, b.data, len);
		assert_err(EN_EFORMAT, zone_parse(view_of(copy, len), &z));
		free(copy);
	}
	assert_null(z);
	buf_fini(&b);
}

static void
every_byte_at_its_extremes_is_survived(void **state)
{
	const struct transition table[] = {{100, 1}, {200, 2}};
	struct buf b = tzif(table, 2, "CST6CDT,M3.2.0,M11.1.0");

	(void)state;
	for (size_t i = 0; i < b.len; i++) {
		uint8_t before = b.data[i];
		static const uint8_t values[] = {0x00, 0x7f, 0x80, 0xff};

		for (size_t v = 0; v < EN_COUNT_OF(values); v++) {
			struct zone *z = NULL;

			b.data[i] = values[v];
			if (zone_parse(buf_view(&b), &z) == EN_OK) {
				(void)zone_day_begins_ms(z, 20000); // any answer, no fault
			}
			zone_free(&z);
		}
		b.data[i] = before;
	}
	buf_fini(&b);
}

static void
a_rule_that_is_not_understood_is_refused(void **state)
{
	static const char *const rules[] = {"CST", "CST168", "CST6CDT,J60,J300", "CST6CDT,M13.1.0,M11.1.0",
	    "CST6CDT,M3.6.0,M11.1.0", "CST6CDT,M3.2.7,M11.1.0", "CST6CDT,M3.2.0", "CST6CDT,M3.2.0,M11.1.0x", "6",
	    "CST6:60"};
	struct zone *z = NULL;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(rules); i++) {
		struct buf b = tzif(NULL, 0, rules[i]);

		assert_err(EN_EFORMAT, zone_parse(buf_view(&b), &z));
		buf_fini(&b);
	}
}

static void
a_name_never_leads_out_of_the_folder(void **state)
{
	char *folder = test_folder();
	struct buf b = tzif(NULL, 0, "CST6");
	struct zone *z = NULL;

	(void)state;
	free(test_write(folder, "inside/Mexico_City", buf_view(&b)));
	free(test_write(folder, "outside", buf_view(&b)));
	char *inside = test_path(folder, "inside");

	assert_ok(zone_load(inside, "Mexico_City", &z));
	zone_free(&z);
	assert_err(EN_ENOTFOUND, zone_load(inside, "../outside", &z));
	assert_err(EN_ENOTFOUND, zone_load(inside, "/etc/localtime", &z));
	assert_err(EN_ENOTFOUND, zone_load(inside, "", &z));
	assert_err(EN_ENOTFOUND, zone_load(inside, "Mexico_Town", &z));
	free(inside);
	buf_fini(&b);
	test_folder_remove(folder);
}

static void
a_file_past_the_limit_is_not_read(void **state)
{
	char *folder = test_folder();
	struct buf b = tzif(NULL, 0, "CST6");
	struct zone *z = NULL;

	(void)state;
	while (b.len <= LIMIT_ZONE_BYTES) {
		buf_put_u8(&b, ' ');
	}
	free(test_write(folder, "At", view_of(b.data, LIMIT_ZONE_BYTES)));
	free(test_write(folder, "Past", view_of(b.data, LIMIT_ZONE_BYTES + 1)));
	assert_ok(zone_load(folder, "At", &z)); // what follows the rule is none of ours
	zone_free(&z);
	assert_err(EN_ELIMIT, zone_load(folder, "Past", &z));
	buf_fini(&b);
	test_folder_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(utc_is_known_without_any_file),
	    cmocka_unit_test(a_day_begins_at_midnight_of_the_zone),
	    cmocka_unit_test(the_table_holds_between_its_transitions_and_the_rule_after_them),
	    cmocka_unit_test(the_clocks_of_a_place_skip_an_hour_and_show_one_twice),
	    cmocka_unit_test(a_summer_that_spans_the_new_year_is_one),
	    cmocka_unit_test(a_version_1_file_is_read_from_its_only_block),
	    cmocka_unit_test(a_file_cut_anywhere_is_refused),
	    cmocka_unit_test(every_byte_at_its_extremes_is_survived),
	    cmocka_unit_test(a_rule_that_is_not_understood_is_refused),
	    cmocka_unit_test(a_name_never_leads_out_of_the_folder),
	    cmocka_unit_test(a_file_past_the_limit_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

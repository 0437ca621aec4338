// SPDX-License-Identifier: Apache-2.0
// Which records were found damaged: each once, in ranges, within bounds.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "journal/journal_int.h"
#include "support/support.h"

// "7 12-40 of 30", and "..." for what had no room.
static const char *
text_of(const struct damage *d, char text[512])
{
	size_t len = 0;

	for (size_t i = 0; i < d->count; i++) {
		unsigned long long first = d->ranges[i].first, last = d->ranges[i].last;

		len += (size_t)(first == last ? snprintf(text + len, 512 - len, "%llu ", first)
					      : snprintf(text + len, 512 - len, "%llu-%llu ", first, last));
	}
	snprintf(text + len, 512 - len, "%sof %llu", d->is_more ? "... " : "", (unsigned long long)d->records);
	return text;
}

static void
neighbours_are_one_range_and_each_counts_once(void **state)
{
	static const uint64_t found[] = {7, 9, 7, 3, 8, 2, 9, 10, 1};
	static const char *const wanted[] = {"7 of 1", "7 9 of 2", "7 9 of 2", "3 7 9 of 3", "3 7-9 of 4",
	    "2-3 7-9 of 5", "2-3 7-9 of 5", "2-3 7-10 of 6", "1-3 7-10 of 7"};
	struct damage d = {0};
	char text[512];

	(void)state;
	assert_string_equal(text_of(&d, text), "of 0");
	for (size_t i = 0; i < EN_COUNT_OF(found); i++) {
		damage_add(&d, found[i]);
		assert_string_equal(text_of(&d, text), wanted[i]);
	}
}

static void
what_has_no_room_is_not_counted_and_said(void **state)
{
	struct damage d = {0};

	(void)state;
	for (uint64_t i = 1; i <= LIMIT_DAMAGE_RANGES; i++) {
		damage_add(&d, 10 * i);
	}
	assert_int_equal(d.records, LIMIT_DAMAGE_RANGES);
	assert_false(d.is_more);
	damage_add(&d, 10); // known
	damage_add(&d, 11); // a neighbour needs no room
	assert_false(d.is_more);
	damage_add(&d, 15);
	assert_true(d.is_more);
	assert_int_equal(d.count, LIMIT_DAMAGE_RANGES);
	assert_int_equal(d.records, LIMIT_DAMAGE_RANGES + 1);
}

// In any order, and however often.
static void
random_ones_are_what_a_table_of_them_says(void **state)
{
	unsigned int seed = 20261201;

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 200; round++) {
		bool is_found[2 * LIMIT_DAMAGE_RANGES + 2] = {false};
		struct damage d = {0};
		uint64_t records = 0;
		size_t at = 1;

		for (size_t i = 0; i < EN_COUNT_OF(is_found); i++) {
			size_t sequence = 1 + (size_t)rand_r(&seed) % (EN_COUNT_OF(is_found) - 2);

			records += !is_found[sequence];
			is_found[sequence] = true;
			damage_add(&d, sequence);
		}
		assert_int_equal(d.records, records);
		for (size_t i = 0; i < d.count; i++) {
			for (; at < d.ranges[i].first; at++) {
				assert_false(is_found[at]);
			}
			for (; at <= d.ranges[i].last; at++) {
				assert_true(is_found[at]);
			}
			assert_false(is_found[at]);
		}
		for (; at < EN_COUNT_OF(is_found); at++) {
			assert_false(is_found[at]);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(neighbours_are_one_range_and_each_counts_once),
	    cmocka_unit_test(what_has_no_room_is_not_counted_and_said),
	    cmocka_unit_test(random_ones_are_what_a_table_of_them_says),
	};

	return cmocka_run_group_tests_name("journal/damage", tests, NULL, NULL);
}

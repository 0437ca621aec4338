// SPDX-License-Identifier: Apache-2.0
// Which events a source has sent, apart from the engine.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/dedup.h"
#include "support/support.h"

#define LIMIT 1000

static struct dedup dedup;

static int
set_up(void **state)
{
	dedup_init(&dedup, LIMIT);
	*state = &dedup;
	return 0;
}

static int
tear_down(void **state)
{
	dedup_fini(*state);
	return 0;
}

static struct dedup_entry
entry(uint64_t number, uint64_t content)
{
	struct dedup_entry e = {.content = content, .sequence = number};
	uint64_t mixed = number * UINT64_C(0x9e3779b97f4a7c15);

	memcpy(e.id, &mixed, sizeof(mixed));
	memcpy(e.id + 8, &number, sizeof(number));
	return e;
}

static void
put(struct dedup *d, uint64_t number, uint64_t content)
{
	struct dedup_entry e = entry(number, content);

	assert_ok(dedup_put(d, &e));
}

static const struct dedup_entry *
find(const struct dedup *d, uint64_t number)
{
	struct dedup_entry e = entry(number, 0);

	return dedup_find(d, e.id);
}

static void
the_last_thousand_are_known_at_any_time(void **state)
{
	struct dedup *d = *state;

	for (uint64_t i = 1; i <= 10 * LIMIT; i++) {
		put(d, i, i);
		if (i >= LIMIT && i % 97 == 0) {
			for (uint64_t back = 0; back < LIMIT; back++) {
				assert_non_null(find(d, i - back));
			}
		}
	}
	assert_null(find(d, 10 * LIMIT - 2 * LIMIT)); // one past two generations
	assert_true(d->young.count <= LIMIT && d->old.count <= LIMIT);
}

static void
other_content_takes_the_place_of_what_was_known(void **state)
{
	struct dedup *d = *state;

	put(d, 1, 10);
	put(d, 1, 11);
	assert_int_equal(find(d, 1)->content, 11);
	assert_int_equal(d->young.count, 1);
	for (uint64_t i = 2; i <= LIMIT + 1; i++) {
		put(d, i, i);
	}
	put(d, 1, 12); // it was of the old generation by now
	assert_int_equal(find(d, 1)->content, 12);
}

// One slot and one tag for all of them.
static void
ids_that_begin_alike_are_told_apart(void **state)
{
	struct dedup *d = *state;

	for (uint8_t last = 0; last < 100; last++) {
		struct dedup_entry e = {.sequence = last, .id = {[15] = last}};

		dedup_expect(d, e.id);
		assert_null(dedup_find(d, e.id));
		assert_ok(dedup_put(d, &e));
	}
	for (uint8_t last = 0; last < 100; last++) {
		struct dedup_entry e = {.id = {[15] = last}};

		assert_int_equal(dedup_find(d, e.id)->sequence, last);
	}
}

// As checkpoint rows give it: generation after generation.
static void
what_is_loaded_is_what_was_known(void **state)
{
	struct dedup *d = *state, again;

	for (uint64_t i = 1; i <= LIMIT + 200; i++) {
		put(d, i, i * 3);
	}
	dedup_init(&again, LIMIT);
	for (uint32_t i = 0; i < d->old.count; i++) {
		assert_ok(dedup_load(&again, d->old.number, &d->old.entries[i]));
	}
	for (uint32_t i = 0; i < d->young.count; i++) {
		assert_ok(dedup_load(&again, d->young.number, &d->young.entries[i]));
	}
	for (uint64_t i = 1; i <= LIMIT + 200; i++) {
		assert_int_equal(find(&again, i)->content, i * 3);
	}
	assert_int_equal(again.saved, d->young.count); // nothing of it has to be written again
	put(&again, 5000, 1);
	assert_int_equal(again.young.count, d->young.count + 1);
	dedup_fini(&again);
}

static void
rows_of_a_third_generation_are_no_checkpoint(void **state)
{
	struct dedup *d = *state;
	struct dedup_entry e = entry(1, 1);

	assert_ok(dedup_load(d, 4, &e));
	assert_ok(dedup_load(d, 5, &e));
	assert_err(EN_ECORRUPT, dedup_load(d, 3, &e));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(the_last_thousand_are_known_at_any_time),
	    T(other_content_takes_the_place_of_what_was_known),
	    T(ids_that_begin_alike_are_told_apart),
	    T(what_is_loaded_is_what_was_known),
	    T(rows_of_a_third_generation_are_no_checkpoint),
	};

	return cmocka_run_group_tests_name("core/dedup", tests, NULL, NULL);
}

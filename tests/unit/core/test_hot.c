// SPDX-License-Identifier: Apache-2.0
// Records in memory, apart from the engine.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "core/hot.h"
#include "support/support.h"

#define RING ((size_t)64 << 10)

static struct hot hot;

static int
set_up(void **state)
{
	hot_init(&hot, RING);
	*state = &hot;
	return 0;
}

static int
tear_down(void **state)
{
	hot_fini(*state);
	return 0;
}

// A body of that length that says which it is.
static void
put(struct hot *h, uint64_t sequence, size_t len)
{
	uint8_t *body = malloc(len + 1);
	struct record r = {.sequence = sequence, .kind = 1, .wall_ms = 7, .body = view_of(body, len)};

	memset(body, (int)(sequence % 251), len);
	assert_ok(hot_put(h, &r));
	free(body);
}

static bool
is_there(const struct hot *h, uint64_t sequence, size_t len)
{
	struct hot_record r;

	if (!hot_find(h, sequence, &r)) {
		return false;
	}
	assert_int_equal(r.len, len);
	assert_int_equal(r.wall_ms, 7);
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(r.body.data[i], sequence % 251);
	}
	return true;
}

static void
the_oldest_go_when_room_is_needed(void **state)
{
	struct hot *h = *state;

	for (uint64_t i = 1; i <= 1000; i++) {
		put(h, i, 1000);
		assert_true(is_there(h, i, 1000));
	}
	assert_false(is_there(h, 1, 1000));
	assert_true(is_there(h, 1000 - 60, 1000)); // 64 KiB hold more than sixty
	assert_true(h->size <= RING);
}

static void
a_record_that_is_larger_than_the_ring_is_kept_alone(void **state)
{
	struct hot *h = *state;

	put(h, 1, 100);
	put(h, 2, 2 * RING);
	assert_true(is_there(h, 2, 2 * RING));
	assert_false(is_there(h, 1, 100));
	put(h, 3, 0);
	assert_true(is_there(h, 3, 0));
}

static void
a_lower_sequence_begins_anew(void **state)
{
	struct hot *h = *state;

	put(h, 5, 10);
	put(h, 6, 10);
	put(h, 2, 10);
	assert_false(is_there(h, 5, 10));
	assert_true(is_there(h, 2, 10));
}

static void
a_damaged_record_is_known_as_one(void **state)
{
	struct hot *h = *state;
	struct record r = {.sequence = 1, .kind = 1, .is_damaged = true};
	struct hot_record found;

	assert_ok(hot_put(h, &r));
	assert_true(hot_find(h, 1, &found));
	assert_int_equal(found.kind, 0);
}

// Of any lengths: whatever is found is whole, and what is found is an unbroken row up to the newest.
static void
random_records_are_whole_or_gone(void **state)
{
	struct hot *h = *state;
	static size_t lens[3001];
	unsigned int seed = 20261125;

	print_message("seed %u\n", seed);
	for (uint64_t i = 1; i <= 3000; i++) {
		bool was_gone = true;

		lens[i] = (size_t)rand_r(&seed) % (rand_r(&seed) % 50 == 0 ? RING : 700);
		put(h, i, lens[i]);
		for (uint64_t n = i > 300 ? i - 300 : 1; n <= i; n++) {
			bool there = is_there(h, n, lens[n]);

			assert_true(there || was_gone);
			was_gone = !there;
		}
		assert_false(was_gone);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(the_oldest_go_when_room_is_needed),
	    T(a_record_that_is_larger_than_the_ring_is_kept_alone),
	    T(a_lower_sequence_begins_anew),
	    T(a_damaged_record_is_known_as_one),
	    T(random_records_are_whole_or_gone),
	};

	return cmocka_run_group_tests_name("core/hot", tests, NULL, NULL);
}

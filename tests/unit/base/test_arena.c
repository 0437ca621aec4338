// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

#include "support/support.h"

static void
pieces_are_aligned_apart_and_keep_their_content(void **state)
{
	struct arena a;
	uint8_t *pieces[200];

	(void)state;
	arena_init(&a, 0);
	for (size_t i = 0; i < 200; i++) {
		pieces[i] = arena_alloc(&a, i);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % 8, 0);
		memset(pieces[i], (int)i, i);
	}
	for (size_t i = 0; i < 200; i++) {
		for (size_t j = 0; j < i; j++) {
			assert_int_equal(pieces[i][j], i);
		}
	}
	arena_fini(&a);
	arena_fini(&a);
}

static void
the_cap_is_reached_and_not_passed(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1024);
	assert_non_null(arena_alloc(&a, 1000));
	assert_false(a.at_max);
	assert_null(arena_alloc(&a, 32));
	assert_true(a.at_max);
	assert_non_null(arena_alloc(&a, 24));
	assert_null(arena_alloc(&a, 1));
	arena_reset(&a);
	assert_false(a.at_max);
	assert_null(arena_alloc(&a, 1025));
	assert_non_null(arena_alloc(&a, 1024));
	arena_fini(&a);
}

// Rounds of a loop, of which one needs more than the block has: what was there before the mark stays as it was, and memory
// does not grow with the rounds.
static void
what_was_taken_since_a_mark_serves_again(void **state)
{
	struct arena a;
	uint8_t *before;
	size_t used = 0;

	(void)state;
	arena_init(&a, 0);
	before = arena_alloc(&a, 100);
	memset(before, 7, 100);
	for (size_t round = 0; round < 1000; round++) {
		struct arena_mark mark = arena_mark(&a);

		for (size_t i = 0; i < 10; i++) {
			memset(arena_alloc(&a, round == 3 ? 5000 : 100), (int)i, 100);
		}
		arena_back(&a, mark);
		if (round == 10) {
			used = a.used;
		}
	}
	assert_int_equal(a.used, used);
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(before[i], 7);
	}
	arena_back(&a, arena_mark(&a));
	assert_non_null(arena_alloc(&a, 1));
	arena_fini(&a);
}

static void
a_length_near_the_end_of_the_numbers_is_refused(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 8));
	assert_null(arena_text(&a, view_of("x", SIZE_MAX)));
	assert_non_null(arena_alloc(&a, 8));
	arena_fini(&a);
}

static void
a_warm_arena_allocates_no_more(void **state)
{
	struct arena a;
	struct arena_block *block = NULL;

	(void)state;
	arena_init(&a, 0);
	for (int round = 0; round < 8; round++) {
		for (int i = 0; i < 100; i++) {
			assert_non_null(arena_alloc(&a, 500));
		}
		if (round > 2 && a.pos != NULL) { // pos is NULL under AddressSanitizer: a piece a block
			assert_ptr_equal(block, a.blocks);
		}
		block = a.blocks;
		arena_reset(&a);
	}
	arena_fini(&a);
}

static void
zeroed_memory_is_zeroed_also_after_a_reset(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	memset(arena_alloc(&a, 64), 0xff, 64);
	arena_reset(&a);
	uint8_t *p = arena_zalloc(&a, 64);

	for (size_t i = 0; i < 64; i++) {
		assert_int_equal(p[i], 0);
	}
	arena_fini(&a);
}

static void
texts_and_copies_belong_to_the_arena(void **state)
{
	struct arena a;
	char source[] = "abc";

	(void)state;
	arena_init(&a, 0);
	char *text = arena_text(&a, view_of(source, 2));
	struct view copy = arena_copy(&a, view_text(source));

	source[0] = 'x';
	assert_string_equal(text, "ab");
	assert_view_is("abc", copy);
	assert_string_equal(arena_text(&a, VIEW_EMPTY), "");
	assert_int_equal(arena_copy(&a, VIEW_EMPTY).len, 0);
	assert_string_equal(arena_printf(&a, "%s:%d", "linea", 7), "linea:7");
	arena_fini(&a);
}

static void
a_copy_without_memory_has_a_length_and_no_data(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 8);
	struct view copy = arena_copy(&a, view_text("123456789"));

	assert_null(copy.data);
	assert_int_equal(copy.len, 9);
	assert_null(arena_printf(&a, "%s", "123456789"));
	assert_null(arena_zalloc(&a, 9));
	arena_fini(&a);
}

static void
an_array_keeps_its_items_when_it_gets_more_room(void **state)
{
	struct arena a;
	uint32_t *items = NULL;
	size_t cap = 0;

	(void)state;
	arena_init(&a, 0);
	for (uint32_t i = 0; i < 9; i++) {
		uint32_t *before = items;

		items = arena_larger(&a, items, i, &cap, sizeof(*items));
		assert_non_null(items);
		assert_int_equal(items == before, i != 0 && i != 8);
		items[i] = i;
	}
	assert_int_equal(cap, 16);
	for (uint32_t i = 0; i < 9; i++) {
		assert_int_equal(items[i], i);
	}
	arena_fini(&a);
}

static void
an_array_without_memory_stays_as_it_is(void **state)
{
	struct arena a;
	char item = 'x';
	size_t cap = 1, none = 0;

	(void)state;
	arena_init(&a, 8);
	assert_null(arena_larger(&a, &item, 1, &cap, 9));
	assert_int_equal(cap, 1);
	assert_null(arena_larger(&a, NULL, 0, &none, SIZE_MAX / 4));
	assert_int_equal(none, 0);
	assert_ptr_equal(arena_larger(&a, &item, 0, &cap, 9), &item);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_are_aligned_apart_and_keep_their_content),
	    cmocka_unit_test(the_cap_is_reached_and_not_passed),
	    cmocka_unit_test(what_was_taken_since_a_mark_serves_again),
	    cmocka_unit_test(a_length_near_the_end_of_the_numbers_is_refused),
	    cmocka_unit_test(a_warm_arena_allocates_no_more),
	    cmocka_unit_test(zeroed_memory_is_zeroed_also_after_a_reset),
	    cmocka_unit_test(texts_and_copies_belong_to_the_arena),
	    cmocka_unit_test(an_array_keeps_its_items_when_it_gets_more_room),
	    cmocka_unit_test(an_array_without_memory_stays_as_it_is),
	    cmocka_unit_test(a_copy_without_memory_has_a_length_and_no_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

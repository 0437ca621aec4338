// SPDX-License-Identifier: Apache-2.0
// What a subscription is owed in one lane, apart from the engine.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/owed.h"
#include "support/support.h"

#define MODEL_MAX 4000

static int
set_up(void **state)
{
	*state = calloc(1, sizeof(struct owed_lane));
	return *state == NULL;
}

static int
tear_down(void **state)
{
	owed_fini(*state);
	free(*state);
	return 0;
}

static void
add(struct owed_lane *l, uint64_t number)
{
	assert_ok(owed_add(l, &(struct owed){.number = number, .recorded_ms = (int64_t)number}));
}

static void
end(struct owed_lane *l, uint64_t number)
{
	struct owed *o = owed_find(l, number);

	assert_non_null(o);
	assert_ok(owed_end(l, o));
}

// "1 3 5": what is owed, in order.
static const char *
listed(const struct owed_lane *l)
{
	static char text[256];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < l->count; i++) {
		const struct owed *o = &l->items[l->head + i];

		if (o->state != OWED_ENDED) {
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%llu", len > 0 ? " " : "",
			    (unsigned long long)o->number);
		}
	}
	return text;
}

static void
numbers_stand_in_order_whenever_they_come(void **state)
{
	struct owed_lane *l = *state;

	add(l, 5);
	add(l, 9);
	add(l, 7);
	add(l, 1);
	assert_string_equal(listed(l), "1 5 7 9");
	assert_null(owed_find(l, 6));
	assert_int_equal(owed_find(l, 7)->recorded_ms, 7);
}

static void
what_ended_is_not_found_and_not_first(void **state)
{
	struct owed_lane *l = *state;

	add(l, 1);
	add(l, 2);
	add(l, 3);
	end(l, 2);
	assert_null(owed_find(l, 2));
	assert_int_equal(owed_pending(l), 2);
	end(l, 1); // the one behind it has ended as well: both go
	assert_int_equal(l->count, 1);
	assert_int_equal(l->items[l->head].number, 3);
	end(l, 3);
	assert_int_equal(l->count, 0);
	assert_int_equal(owed_pending(l), 0);
}

// The oldest waits for days; what ends behind it is given back when it is half of all.
static void
an_old_one_keeps_no_memory_of_those_behind_it(void **state)
{
	struct owed_lane *l = *state;

	for (uint64_t i = 1; i <= 5000; i++) {
		add(l, i);
		if (i > 1) {
			end(l, i);
		}
	}
	assert_int_equal(owed_pending(l), 1);
	assert_true(l->count < 2100);
	assert_int_equal(l->items[l->head].number, 1);
}

static void
nothing_that_waits_stands_before_the_hint(void **state)
{
	struct owed_lane *l = *state;

	for (uint64_t i = 1; i <= 10; i++) {
		add(l, i);
		l->items[l->head + l->count - 1].state = OWED_IN_FLIGHT;
	}
	l->waiting_from = 10;
	owed_wait(l, owed_find(l, 7));
	assert_int_equal(l->waiting_from, 6);
	end(l, 1);
	assert_int_equal(l->items[l->head + l->waiting_from].number, 7); // the hint moved with what it points at
	add(l, 0);
	assert_int_equal(l->waiting_from, 0);
}

static void
a_checkpoint_is_told_of_each_chunk_that_changed_once(void **state)
{
	struct owed_lane *l = *state;
	uint64_t chunk = UINT64_C(1) << OWED_CHUNK_SHIFT;

	add(l, 1);
	add(l, 2);
	add(l, chunk);
	end(l, 1);
	assert_int_equal(l->dirty.count, 2);
	l->dirty.count = 0; // saved
	end(l, chunk);
	assert_int_equal(l->dirty.count, 1);
	assert_int_equal(l->dirty.items[0], 1);
}

// The same by the simplest means: an array of truths.
static void
random_ones_end_as_in_a_table_of_truths(void **state)
{
	struct owed_lane *l = *state;
	static bool owed[MODEL_MAX];
	unsigned int seed = 20261125;
	size_t pending = 0;

	memset(owed, 0, sizeof(owed));
	print_message("seed %u\n", seed);
	for (int i = 0; i < 30000; i++) {
		uint64_t number = (uint64_t)rand_r(&seed) % MODEL_MAX;

		if (!owed[number] && rand_r(&seed) % 3 == 0) {
			add(l, number);
			owed[number] = true;
			pending++;
		} else if (owed[number]) {
			end(l, number);
			owed[number] = false;
			pending--;
		} else {
			assert_null(owed_find(l, number));
		}
		assert_int_equal(owed_pending(l), pending);
	}
	for (uint64_t n = 0; n < MODEL_MAX; n++) {
		assert_int_equal(owed_find(l, n) != NULL, owed[n]);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(numbers_stand_in_order_whenever_they_come),
	    T(what_ended_is_not_found_and_not_first),
	    T(an_old_one_keeps_no_memory_of_those_behind_it),
	    T(nothing_that_waits_stands_before_the_hint),
	    T(a_checkpoint_is_told_of_each_chunk_that_changed_once),
	    T(random_ones_end_as_in_a_table_of_truths),
	};

	return cmocka_run_group_tests_name("core/owed", tests, NULL, NULL);
}

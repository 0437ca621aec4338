// SPDX-License-Identifier: Apache-2.0
// Dead letters by their numbers, and the list of them that an operator reads page by page.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/state.h"
#include "unit/core/child.h"

#define NUMBERS 300u

// ---- the table ---------------------------------------------------------------------------------------------------------

static void
bury(struct subscription_state *s, uint64_t number)
{
	assert_ok(subscription_bury(s, &(struct dead){.number = number, .case_hash = number * 3, .is_saved = true}));
}

static void
assert_same(const struct subscription_state *s, const bool is_dead[NUMBERS])
{
	size_t place = 0;

	for (uint64_t number = 0; number < NUMBERS; number++) {
		const struct dead *d = subscription_dead(s, number);

		assert_int_equal(d != NULL, is_dead[number]);
		assert_int_equal(subscription_dead_from(s, number), place);
		assert_true(d == NULL || (d == &s->dead[place] && d->case_hash == number * 3));
		place += d != NULL;
	}
	assert_int_equal(s->dead_count, place);
}

// They die and are released in any order.
static void
dead_letters_stand_by_number(void **state)
{
	struct subscription_state *s = calloc(1, sizeof(*s));
	bool is_dead[NUMBERS] = {false};
	uint32_t random = 1;

	(void)state;
	assert_non_null(s);
	assert_same(s, is_dead);
	for (int i = 0; i < 5000; i++) {
		uint64_t number;

		random = random * 1664525u + 1013904223u;
		number = (random >> 8) % NUMBERS;
		if (is_dead[number]) {
			assert_ok(subscription_unbury(s, subscription_dead(s, number)));
		} else {
			bury(s, number);
		}
		is_dead[number] = !is_dead[number];
		if (i % 50 == 0) {
			assert_same(s, is_dead);
		}
	}
	subscription_free(s);
}

// A night's worth of them, released from the first one on while new ones come.
static void
the_place_of_what_was_released_is_used_again(void **state)
{
	struct subscription_state *s = calloc(1, sizeof(*s));

	(void)state;
	assert_non_null(s);
	for (uint64_t number = 1; number <= 64; number++) {
		bury(s, number);
	}
	for (uint64_t number = 65; number <= 100000; number++) {
		assert_ok(subscription_unbury(s, &s->dead[0]));
		bury(s, number);
		assert_int_equal(s->dead[0].number, number - 63);
	}
	assert_true(s->dead_cap <= 256);
	subscription_free(s);
}

// ---- the list ----------------------------------------------------------------------------------------------------------

static void
kill_next(struct engine *e, const char *name)
{
	engine_forget_frames(e);
	say(e, name, name);
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), UNUSABLE);
	engine_settle(e, 3, "watch", "watch-alerts", engine_number(e, 3, 0), UNUSABLE);
	engine_sync(e);
}

// Rows of the reply; the last one's position.
static size_t
rows_of(const char *reply, unsigned long long *last)
{
	size_t count = 0;

	while ((reply = strstr(reply, "{\"position\":")) != NULL) {
		reply += strlen("{\"position\":");
		*last = strtoull(reply, NULL, 10);
		count++;
	}
	return count;
}

static const char *
page(struct engine *e, unsigned long long after, const char *limit)
{
	const char *from = arena_printf(&e->arena, "%llu", after);

	return engine_request(
	    e, CTL_MSG_LS, (const char *const[]){"state", "dead", "limit", limit, "after", from, NULL});
}

static void
pages_of_dead_letters_tell_each_of_them_once(void **state)
{
	struct engine *e = *state;
	static const char *const limits[] = {"1", "2", "3", "1000"};

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	engine_hello(e, 3, "watch", "w", "[{\"subscription\":\"watch-alerts\"}]");
	kill_next(e, "A");
	kill_next(e, "B");
	kill_next(e, "C");
	for (size_t i = 0; i < EN_COUNT_OF(limits); i++) {
		unsigned long long last = 0, before;
		size_t told = 0, count;

		do {
			before = last;
			count = rows_of(page(e, before, limits[i]), &last);
			assert_true(count == 0 || last > before);
			assert_true(count % 2 == 0); // of both subscriptions
			told += count;
		} while (count > 0);
		assert_int_equal(told, 6);
	}
	engine_assert_folds(e);
}

static void
a_page_of_one_subscription_has_its_dead_letters_only(void **state)
{
	struct engine *e = *state;
	unsigned long long last = 0;
	const char *reply;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	engine_hello(e, 3, "watch", "w", "[{\"subscription\":\"watch-alerts\"}]");
	kill_next(e, "A");
	kill_next(e, "B");
	reply = engine_request(
	    e, CTL_MSG_LS, (const char *const[]){"state", "dead", "subscription", "watch-alerts", "limit", "1", NULL});
	assert_int_equal(rows_of(reply, &last), 1);
	assert_null(strstr(reply, "child-alerts"));
	assert_int_equal(rows_of(page(e, 9223372036854775807ull, "10"), &last), 0); // behind every position
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dead_letters_stand_by_number),
	    cmocka_unit_test(the_place_of_what_was_released_is_used_again),
	    cmocka_unit_test_setup_teardown(
		pages_of_dead_letters_tell_each_of_them_once, engine_setup, engine_teardown),
	    cmocka_unit_test_setup_teardown(
		a_page_of_one_subscription_has_its_dead_letters_only, engine_setup, engine_teardown),
	};

	return cmocka_run_group_tests_name("core/dead", tests, NULL, NULL);
}

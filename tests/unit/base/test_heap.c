// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/heap.h"

#include "base/attr.h"
#include "support/support.h"

static void
timers_leave_in_the_order_of_their_time_and_equal_ones_in_the_order_they_came(void **state)
{
	struct heap h = {0};
	struct heap_node nodes[500] = {{0}};
	uint64_t seed = 12345, last = 0;
	uint64_t last_order = 0;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(nodes); i++) {
		seed = seed * 6364136223846793005U + 1442695040888963407U;
		assert_ok(heap_push(&h, &nodes[i], seed >> 60)); // 16 different times
	}
	for (size_t i = 0; i < EN_COUNT_OF(nodes); i++) {
		struct heap_node *peeked = heap_peek(&h);
		struct heap_node *n = heap_pop(&h);

		assert_ptr_equal(peeked, n);
		assert_int_equal(n->index, 0);
		assert_true(n->at_ms > last || (n->at_ms == last && (i == 0 || n->order > last_order)));
		last = n->at_ms;
		last_order = n->order;
	}
	assert_null(heap_pop(&h));
	assert_null(heap_peek(&h));
	heap_fini(&h);
}

static void
removing_from_the_middle_keeps_the_order_of_the_rest(void **state)
{
	struct heap_node nodes[64];

	(void)state;
	for (size_t removed = 0; removed < EN_COUNT_OF(nodes); removed++) {
		struct heap h = {0};
		uint64_t last = 0;
		size_t count = 0;

		memset(nodes, 0, sizeof(nodes));
		for (size_t i = 0; i < EN_COUNT_OF(nodes); i++) {
			assert_ok(heap_push(&h, &nodes[i], i * 37 % 64));
		}
		heap_remove(&h, &nodes[removed]);
		heap_remove(&h, &nodes[removed]);
		for (struct heap_node *n; (n = heap_pop(&h)) != NULL; count++) {
			assert_true(n != &nodes[removed] && n->at_ms >= last);
			last = n->at_ms;
		}
		assert_int_equal(count, EN_COUNT_OF(nodes) - 1);
		heap_fini(&h);
	}
}

static void
a_node_may_come_back_after_it_left(void **state)
{
	struct heap h = {0};
	struct heap_node n = {0};

	(void)state;
	assert_ok(heap_push(&h, &n, 5));
	assert_ptr_equal(heap_pop(&h), &n);
	assert_ok(heap_push(&h, &n, UINT64_MAX));
	assert_ptr_equal(heap_peek(&h), &n);
	heap_remove(&h, &n);
	heap_fini(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(timers_leave_in_the_order_of_their_time_and_equal_ones_in_the_order_they_came),
	    cmocka_unit_test(removing_from_the_middle_keeps_the_order_of_the_rest),
	    cmocka_unit_test(a_node_may_come_back_after_it_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

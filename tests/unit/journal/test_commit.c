// SPDX-License-Identifier: Apache-2.0
// When the journal commits, and what it says of it.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/journal/kit.h"

// Soon is never, as far as a test can wait.
static int
set_up_patient(void **state)
{
	return open_with(state, UINT32_MAX);
}

static void
what_waits_while_the_disk_is_busy_shares_one_commit(void **state)
{
	struct fixture *f = *state;
	char text[512];

	store_fault_hold(f->fault);
	assert_ok(submit_one(f, 1, "1", NULL));
	store_fault_await_held(f->fault);
	for (uint64_t i = 2; i <= 9; i++) {
		char number[2] = {(char)('0' + i), 0};

		assert_ok(submit_one(f, i, number, NULL));
	}
	store_fault_let_go(f->fault);
	await_durable(f, 9);
	assert_int_equal(store_fault_appends(f->fault), 2);
	assert_string_equal(read_numbers(f, text, 1, 100, 0xff, MIB(1)), "1 2 3 4 5 6 7 8 9 next 10");
}

// From rest: the committer takes what is worth a sync, and what waits behind it is sealed while the disk is busy. Once only,
// for behind a commit the sealer may have all of it ready.
static void
the_disk_does_not_wait_until_all_that_waits_is_sealed(void **state)
{
	struct fixture *f = *state;
	struct record records[LIMIT_COMMIT_RECORDS];
	uint64_t sequence = 0;

	for (size_t i = 0; i < 8; i++) {
		for (size_t k = 0; k < LIMIT_COMMIT_RECORDS; k++) {
			records[k] = (struct record){.sequence = ++sequence, .kind = 1, .body = view_text("x")};
		}
		assert_ok(journal_submit(f->journal, records, LIMIT_COMMIT_RECORDS, NULL, 0, SUBMIT_NOW));
	}
	await_durable(f, sequence);
	assert_true(store_fault_appends(f->fault) >= 2);
}

static void
nothing_is_told_before_the_commit_returns(void **state)
{
	struct fixture *f = *state;
	struct journal_event event;

	store_fault_hold(f->fault);
	assert_ok(submit_one(f, 1, "1", NULL));
	store_fault_await_held(f->fault);
	assert_err(EN_EAGAIN, journal_collect(f->journal, &event));
	store_fault_let_go(f->fault);
	await_durable(f, 1);
}

static enum en_err
submit_soon(struct fixture *f, uint64_t sequence)
{
	struct record record = {.sequence = sequence, .kind = 1, .body = view_text("x")};

	return journal_submit(f->journal, &record, 1, NULL, 0, SUBMIT_SOON);
}

// The committer finds it when it comes from the disk, wide awake, and goes to sleep over it: in so many rounds one that does not
// wait would have begun a commit of its own.
static void
what_may_wait_goes_with_the_next_that_may_not(void **state)
{
	struct fixture *f = *state;
	uint64_t sequence = 0;

	for (size_t round = 1; round <= 50; round++) {
		store_fault_hold(f->fault);
		assert_ok(submit_one(f, ++sequence, "1", NULL));
		store_fault_await_held(f->fault);
		assert_ok(submit_soon(f, sequence + 1));
		assert_ok(submit_soon(f, sequence + 2));
		store_fault_let_go(f->fault);
		await_durable(f, sequence);
		sequence += 3;
		assert_ok(submit_one(f, sequence, "4", NULL));
		await_durable(f, sequence);
		assert_int_equal(store_fault_appends(f->fault), 2 * round);
	}
}

static void
what_may_wait_fills_no_more_than_a_batch(void **state)
{
	struct fixture *f = *state;
	uint64_t sequence = 0;

	while (sequence < LIMIT_BATCH_EVENTS - 1) {
		assert_ok(submit_soon(f, ++sequence));
	}
	assert_int_equal(poll(&(struct pollfd){.fd = journal_fd(f->journal), .events = POLLIN}, 1, 0), 0);
	assert_ok(submit_soon(f, ++sequence));
	await_durable(f, sequence);
}

static void
what_may_wait_does_so_for_a_moment_only(void **state)
{
	struct fixture *f = *state;

	assert_ok(submit_soon(f, 1));
	await_durable(f, 1);
}

static void
a_failed_commit_is_told_and_nothing_is_written_after_it(void **state)
{
	struct fixture *f = *state;
	struct journal_event event;
	uint64_t last;

	write_numbers(f, 3);
	store_fault_fail(f->fault, 0, EN_EIO);
	store_fault_hold(f->fault);
	assert_ok(submit_one(f, 4, "4", NULL));
	store_fault_await_held(f->fault);
	assert_ok(submit_one(f, 5, "5", NULL));
	store_fault_let_go(f->fault);
	event = next_event(f);
	assert_int_equal(event.kind, JOURNAL_FAILED);
	assert_int_equal(event.err, EN_EIO);
	assert_err(EN_EIO, submit_one(f, 6, "6", NULL));
	journal_wait_room(f->journal, 20000);
	assert_int_equal(store_fault_appends(f->fault), 4);
	assert_ok(journal_store(f->journal)->ops->last_block(journal_store(f->journal), &last));
	assert_int_equal(last, 3);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define PATIENT(test) cmocka_unit_test_setup_teardown(test, set_up_patient, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(the_disk_does_not_wait_until_all_that_waits_is_sealed),
	    T(what_waits_while_the_disk_is_busy_shares_one_commit),
	    T(nothing_is_told_before_the_commit_returns),
	    PATIENT(what_may_wait_goes_with_the_next_that_may_not),
	    PATIENT(what_may_wait_fills_no_more_than_a_batch),
	    T(what_may_wait_does_so_for_a_moment_only),
	    T(a_failed_commit_is_told_and_nothing_is_written_after_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

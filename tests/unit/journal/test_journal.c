// SPDX-License-Identifier: Apache-2.0
// The journal's threads, queues and events, over a store with faults.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/journal/kit.h"

static void
what_is_told_durable_is_in_the_store(void **state)
{
	struct fixture *f = *state;
	struct store_row row = {.table = STORE_HELD, .key = view_text("k"), .value = view_text("v")};
	struct buf value = BUF_EMPTY;
	char text[512];

	assert_ok(submit_one(f, 1, "1", &row));
	await_durable(f, 1);
	assert_ok(journal_store(f->journal)->ops->get(journal_store(f->journal), STORE_HELD, view_text("k"), &value));
	assert_view_is("v", buf_view(&value));
	assert_string_equal(read_numbers(f, text, 1, 100, 0xff, MIB(1)), "1 next 2");
	buf_fini(&value);
}

static void
rows_alone_become_durable_too(void **state)
{
	struct fixture *f = *state;
	struct store_row row = {.table = STORE_HELD, .key = view_text("k"), .value = view_text("v")};
	struct journal_event event;

	write_numbers(f, 2);
	assert_ok(journal_submit(f->journal, NULL, 0, &row, 1, SUBMIT_NOW));
	event = next_event(f);
	assert_int_equal(event.kind, JOURNAL_DURABLE);
	assert_int_equal(event.sequence, 2);
}

static void
a_sequence_that_does_not_follow_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_err(EN_EINTERNAL, submit_one(f, 2, "2", NULL));
	assert_ok(submit_one(f, 1, "1", NULL));
	assert_err(EN_EINTERNAL, submit_one(f, 1, "1", NULL));
	assert_ok(submit_one(f, 2, "2", NULL));
	await_durable(f, 2);
}

static void
a_full_queue_leaves_the_records_with_the_engine(void **state)
{
	struct fixture *f = *state;
	uint64_t sequence = 1, queued = 0;

	store_fault_hold(f->fault);
	assert_ok(submit_one(f, sequence++, "x", NULL));
	store_fault_await_held(f->fault);
	// Twice a batch may wait; the one under way is not counted.
	for (; queued < 2 * LIMIT_BATCH_EVENTS; queued++) {
		assert_ok(submit_one(f, sequence++, "x", NULL));
	}
	assert_err(EN_EBUSY, submit_one(f, sequence, "x", NULL));
	journal_wait_room(f->journal, 1);
	assert_err(EN_EBUSY, submit_one(f, sequence, "x", NULL));
	store_fault_let_go(f->fault);
	journal_wait_room(f->journal, 20000);
	assert_ok(submit_one(f, sequence, "x", NULL));
	await_durable(f, sequence);
}

static void
many_bytes_fill_the_queue_as_many_records_do(void **state)
{
	struct fixture *f = *state;
	char *big = malloc(LIMIT_BATCH_BYTES);
	uint64_t sequence = 1;
	struct record record = {.lanes = 1, .body = view_of(big, LIMIT_BATCH_BYTES)};

	memset(big, 'b', LIMIT_BATCH_BYTES);
	store_fault_hold(f->fault);
	assert_ok(submit_one(f, sequence++, "x", NULL));
	store_fault_await_held(f->fault);
	for (int i = 0; i < 2; i++) {
		record.sequence = sequence++;
		assert_ok(journal_submit(f->journal, &record, 1, NULL, 0, SUBMIT_NOW));
	}
	assert_err(EN_EBUSY, submit_one(f, sequence, "x", NULL));
	store_fault_let_go(f->fault);
	await_durable(f, sequence - 1);
	// A batch is closed at its limit: each of the big ones had a commit of its own.
	assert_int_equal(store_fault_appends(f->fault), 3);
	free(big);
}

static void
a_read_takes_lanes_bounds_and_bytes_into_account(void **state)
{
	struct fixture *f = *state;
	char text[512];

	write_numbers(f, 9);
	assert_string_equal(read_numbers(f, text, 1, 100, 0xff, MIB(1)), "1 2 3 4 5 6 7 8 9 next 10");
	assert_string_equal(read_numbers(f, text, 4, 6, 0xff, MIB(1)), "4 5 6 next 7");
	assert_string_equal(read_numbers(f, text, 1, 100, 1, MIB(1)), "1 4 7 next 10");
	assert_string_equal(read_numbers(f, text, 2, 8, 1, MIB(1)), "4 7 next 9");
	assert_string_equal(read_numbers(f, text, 1, 100, 6, MIB(1)), "2 3 5 6 8 9 next 10");
	assert_string_equal(read_numbers(f, text, 2, 100, 0xff, 3), "2 3 4 next 5");
	assert_string_equal(read_numbers(f, text, 2, 100, 1, 1), "4 next 5");
	assert_string_equal(read_numbers(f, text, 10, 100, 0xff, MIB(1)), "next 10");
	assert_string_equal(read_numbers(f, text, 50, 100, 0xff, MIB(1)), "next 50");
	assert_string_equal(read_numbers(f, text, 3, 3, 1, MIB(1)), "next 4");
}

static void
one_record_is_given_however_few_bytes_are_asked_for(void **state)
{
	struct fixture *f = *state;
	char text[512];

	write_numbers(f, 3);
	assert_string_equal(read_numbers(f, text, 1, 100, 0xff, 0), "1 next 2");
}

static void
reads_are_bounded(void **state)
{
	struct fixture *f = *state;
	size_t asked = 0, answered = 0;

	write_numbers(f, 1);
	// However fast they are answered, none is lost and never more than the limit wait.
	for (uint64_t id = 0; id < 10 * LIMIT_JOURNAL_READS; id++) {
		asked += journal_read(f->journal, id, 1, 1, 0xff, 1) == EN_OK;
	}
	assert_true(asked >= LIMIT_JOURNAL_READS);
	while (answered < asked) {
		struct journal_event event = next_event(f);

		assert_int_equal(event.kind, JOURNAL_RECORDS);
		assert_int_equal(event.record_count, 1);
		answered++;
		journal_event_release(&event);
	}
}

static void
a_damaged_record_is_given_whatever_lanes_are_asked_for(void **state)
{
	struct fixture *f = *state;
	char text[512];

	write_numbers(f, 6);
	// The byte of lanes: 2 would become 1, and a reader of lane 2 would have passed over the record.
	store_fault_flip(f->fault, 2, 2, 3);
	assert_string_equal(read_numbers(f, text, 1, 100, 2, MIB(1)), "(2) 5 next 7");
	assert_string_equal(read_numbers(f, text, 1, 100, 4, MIB(1)), "(2) 3 6 next 7");
}

static void
a_lost_block_is_told_record_by_record(void **state)
{
	struct fixture *f = *state;
	char text[512];

	write_numbers(f, 5);
	store_fault_lose(f->fault, 3);
	assert_string_equal(read_numbers(f, text, 1, 100, 0xff, MIB(1)), "1 2 (3) 4 5 next 6");
	store_fault_lose(f->fault, 5);
	assert_string_equal(read_numbers(f, text, 2, 100, 0xff, MIB(1)), "2 3 4 (5) next 6");
	assert_string_equal(read_numbers(f, text, 2, 4, 0xff, MIB(1)), "2 3 4 next 5");
}

struct replayed {
	uint64_t count, damaged, stop_at;
};

static bool
count_record(void *context, const struct record *record)
{
	struct replayed *r = context;

	r->count++;
	r->damaged += record->is_damaged;
	return r->stop_at == 0 || record->sequence < r->stop_at;
}

// Deliveries and the scrub read the same records again and again.
static void
what_was_found_damaged_is_remembered_once_however_often_it_is_read(void **state)
{
	struct fixture *f = *state;
	struct replayed all = {0};
	struct damage d;
	char text[512];

	write_numbers(f, 9);
	store_fault_flip(f->fault, 2, 50, 1);
	store_fault_lose(f->fault, 5);
	journal_damage(f->journal, &d);
	assert_int_equal(d.records, 0);
	assert_string_equal(read_numbers(f, text, 3, 4, 0xff, MIB(1)), "3 4 next 5");
	journal_damage(f->journal, &d);
	assert_int_equal(d.records, 0); // nobody asked for them
	assert_string_equal(read_numbers(f, text, 4, 100, 0, MIB(1)), "(5) next 10");
	assert_string_equal(read_numbers(f, text, 4, 5, 0xff, MIB(1)), "4 (5) next 6");
	journal_damage(f->journal, &d);
	assert_int_equal(d.records, 1);
	assert_string_equal(read_numbers(f, text, 1, 100, 0, MIB(1)), "(2) (5) next 10");
	assert_ok(journal_replay(f->journal, 1, count_record, &all));
	assert_int_equal(all.damaged, 2);
	journal_damage(f->journal, &d);
	assert_int_equal(d.records, 2);
	assert_int_equal(d.count, 2);
	assert_int_equal(d.ranges[0].first, 2);
	assert_int_equal(d.ranges[1].last, 5);
	assert_false(d.is_more);
}

static void
a_block_under_a_wrong_key_is_read_all_the_same(void **state)
{
	struct fixture *f = *state;
	char text[512];

	write_numbers(f, 5);
	store_fault_rename(f->fault, 3, 3 + 256);
	assert_string_equal(read_numbers(f, text, 1, 100, 0xff, MIB(1)), "1 2 3 4 5 next 6");
}

static void
what_was_trimmed_is_not_missing(void **state)
{
	struct fixture *f = *state;
	char text[512];

	write_numbers(f, 6);
	assert_ok(journal_store(f->journal)->ops->trim(journal_store(f->journal), 4)); // nothing is being committed
	assert_ok(submit_one(f, 7, "7", NULL));
	await_durable(f, 7);
	assert_ok(submit_one(f, 8, "8", NULL));
	await_durable(f, 8);
	assert_string_equal(read_numbers(f, text, 1, 100, 0xff, MIB(1)), "4 5 6 7 8 next 9");
	assert_string_equal(read_numbers(f, text, 1, 2, 0xff, MIB(1)), "next 3");
}

static void
replaying_gives_every_record_once(void **state)
{
	struct fixture *f = *state;
	struct replayed all = {0}, some = {.stop_at = 6};

	write_numbers(f, 9);
	assert_ok(journal_replay(f->journal, 1, count_record, &all));
	assert_int_equal(all.count, 9);
	assert_int_equal(all.damaged, 0);
	assert_ok(journal_replay(f->journal, 4, count_record, &some));
	assert_int_equal(some.count, 3);
}

static void
the_head_follows_the_newest_durable_record(void **state)
{
	struct fixture *f = *state;
	uint8_t before[RECORD_HASH_BYTES], after[RECORD_HASH_BYTES], zero[RECORD_HASH_BYTES] = {0};

	journal_head(f->journal, before);
	assert_memory_equal(before, zero, sizeof(zero));
	write_numbers(f, 1);
	journal_head(f->journal, before);
	assert_ok(submit_one(f, 2, "2", NULL));
	await_durable(f, 2);
	journal_head(f->journal, after);
	assert_memory_not_equal(before, after, sizeof(zero));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_is_told_durable_is_in_the_store),
	    T(rows_alone_become_durable_too),
	    T(a_sequence_that_does_not_follow_is_refused),
	    T(a_full_queue_leaves_the_records_with_the_engine),
	    T(many_bytes_fill_the_queue_as_many_records_do),
	    T(a_read_takes_lanes_bounds_and_bytes_into_account),
	    T(one_record_is_given_however_few_bytes_are_asked_for),
	    T(reads_are_bounded),
	    T(a_damaged_record_is_given_whatever_lanes_are_asked_for),
	    T(a_lost_block_is_told_record_by_record),
	    T(what_was_found_damaged_is_remembered_once_however_often_it_is_read),
	    T(a_block_under_a_wrong_key_is_read_all_the_same),
	    T(what_was_trimmed_is_not_missing),
	    T(replaying_gives_every_record_once),
	    T(the_head_follows_the_newest_durable_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

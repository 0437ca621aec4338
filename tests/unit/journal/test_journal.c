// SPDX-License-Identifier: Apache-2.0
// The journal's threads, queues and events, over a store with faults.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "journal/journal.h"
#include "support/store_fault.h"
#include "support/support.h"

struct fixture {
	struct store_fault *fault;
	struct journal *journal;
	uint64_t last;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct journal_options options = {.key = "key", .verify_records = LIMIT_VERIFY_AT_START};
	uint64_t damaged;

	assert_ok(crypto_init());
	f->fault = store_fault_new(MIB(256));
	options.store = store_fault_store(f->fault);
	assert_ok(journal_open(&options, &f->journal, &f->last, &damaged));
	assert_int_equal(f->last, 0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_fault_let_go(f->fault);
	journal_close(&f->journal);
	free(f);
	return 0;
}

// Waits for it: the journal promises that its descriptor becomes readable.
static struct journal_event
next_event(struct fixture *f)
{
	struct journal_event event;
	struct pollfd readable = {.fd = journal_fd(f->journal), .events = POLLIN};

	while (journal_collect(f->journal, &event) == EN_EAGAIN) {
		assert_int_equal(poll(&readable, 1, 20000), 1);
	}
	return event;
}

static enum en_err
submit_one(struct fixture *f, uint64_t sequence, const char *text, const struct store_row *row)
{
	struct record record = {.sequence = sequence, .kind = 1, .lanes = 1, .body = view_text(text)};

	return journal_submit(f->journal, &record, 1, row, row == NULL ? 0 : 1);
}

static void
await_durable(struct fixture *f, uint64_t sequence)
{
	struct journal_event event;

	do {
		event = next_event(f);
		assert_int_equal(event.kind, JOURNAL_DURABLE);
	} while (event.sequence < sequence);
	assert_int_equal(event.sequence, sequence);
}

// Records 1..count, each with its number as its body, one submit each and one block each, in lanes 1, 2, 4, 1, ...
static void
write_numbers(struct fixture *f, uint64_t count)
{
	for (uint64_t i = 1; i <= count; i++) {
		char text[24];
		struct record record = {
		    .sequence = i, .lanes = (uint8_t)(1U << ((i - 1) % 3)), .body = view_text(text)};

		snprintf(text, sizeof(text), "%llu", (unsigned long long)i);
		record.body = view_text(text);
		assert_ok(journal_submit(f->journal, &record, 1, NULL, 0));
		await_durable(f, i);
	}
}

// "1 2 (3) 4 next 5": in brackets what is damaged.
static const char *
read_numbers(struct fixture *f, char text[512], uint64_t from, uint64_t until, uint8_t lanes, size_t max_bytes)
{
	struct journal_event event;
	size_t len = 0;

	assert_ok(journal_read(f->journal, 9, from, until, lanes, max_bytes));
	event = next_event(f);
	assert_int_equal(event.kind, JOURNAL_RECORDS);
	assert_int_equal(event.id, 9);
	for (size_t i = 0; i < event.record_count; i++) {
		const struct record *r = &event.records[i];
		char number[24];

		snprintf(number, sizeof(number), "%llu", (unsigned long long)r->sequence);
		if (!r->is_damaged) {
			assert_view_is(number, r->body);
		}
		len += (size_t)snprintf(text + len, 512 - len, r->is_damaged ? "(%s) " : "%s ", number);
	}
	snprintf(text + len, 512 - len, "next %llu", (unsigned long long)event.next);
	journal_event_release(&event);
	return text;
}

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
	assert_ok(journal_submit(f->journal, NULL, 0, &row, 1));
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
		assert_ok(journal_submit(f->journal, &record, 1, NULL, 0));
	}
	assert_err(EN_EBUSY, submit_one(f, sequence, "x", NULL));
	store_fault_let_go(f->fault);
	await_durable(f, sequence - 1);
	// A batch is closed at its limit: each of the big ones had a commit of its own.
	assert_int_equal(store_fault_appends(f->fault), 3);
	free(big);
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
	    T(what_waits_while_the_disk_is_busy_shares_one_commit),
	    T(nothing_is_told_before_the_commit_returns),
	    T(a_full_queue_leaves_the_records_with_the_engine),
	    T(many_bytes_fill_the_queue_as_many_records_do),
	    T(a_failed_commit_is_told_and_nothing_is_written_after_it),
	    T(a_read_takes_lanes_bounds_and_bytes_into_account),
	    T(one_record_is_given_however_few_bytes_are_asked_for),
	    T(reads_are_bounded),
	    T(a_damaged_record_is_given_whatever_lanes_are_asked_for),
	    T(a_lost_block_is_told_record_by_record),
	    T(a_block_under_a_wrong_key_is_read_all_the_same),
	    T(what_was_trimmed_is_not_missing),
	    T(replaying_gives_every_record_once),
	    T(the_head_follows_the_newest_durable_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

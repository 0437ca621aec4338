// SPDX-License-Identifier: Apache-2.0
// A journal over the store that can be held and made to fail. Include after cmocka.h.
#ifndef EN_TESTS_UNIT_JOURNAL_KIT_H
#define EN_TESTS_UNIT_JOURNAL_KIT_H

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

static inline int
open_with(void **state, uint32_t soon_ms)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct journal_options options = {.key = "key", .verify_records = LIMIT_VERIFY_AT_START, .soon_ms = soon_ms};
	uint64_t damaged;

	assert_ok(crypto_init());
	f->fault = store_fault_new(MIB(256));
	options.store = store_fault_store(f->fault);
	assert_ok(journal_open(&options, &f->journal, &f->last, &damaged));
	assert_int_equal(f->last, 0);
	*state = f;
	return 0;
}

static inline int
set_up(void **state)
{
	return open_with(state, 0);
}

static inline int
tear_down(void **state)
{
	struct fixture *f = *state;

	store_fault_let_go(f->fault);
	journal_close(&f->journal);
	free(f);
	return 0;
}

// Waits for it: the journal promises that its descriptor becomes readable.
static inline struct journal_event
next_event(struct fixture *f)
{
	struct journal_event event;
	struct pollfd readable = {.fd = journal_fd(f->journal), .events = POLLIN};

	while (journal_collect(f->journal, &event) == EN_EAGAIN) {
		assert_int_equal(poll(&readable, 1, 20000), 1);
	}
	return event;
}

static inline enum en_err
submit_one(struct fixture *f, uint64_t sequence, const char *text, const struct store_row *row)
{
	struct record record = {.sequence = sequence, .kind = 1, .lanes = 1, .body = view_text(text)};

	return journal_submit(f->journal, &record, 1, row, row == NULL ? 0 : 1, SUBMIT_NOW);
}

static inline void
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
static inline void
write_numbers(struct fixture *f, uint64_t count)
{
	for (uint64_t i = 1; i <= count; i++) {
		char text[24];
		struct record record = {
		    .sequence = i, .lanes = (uint8_t)(1U << ((i - 1) % 3)), .body = view_text(text)};

		snprintf(text, sizeof(text), "%llu", (unsigned long long)i);
		record.body = view_text(text);
		assert_ok(journal_submit(f->journal, &record, 1, NULL, 0, SUBMIT_NOW));
		await_durable(f, i);
	}
}

// "1 2 (3) 4 next 5": in brackets what is damaged.
static inline const char *
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

#endif

// SPDX-License-Identifier: Apache-2.0
// What the files of the journal share: the queues between the engine and the journal's threads.
#ifndef EN_JOURNAL_JOURNAL_INT_H
#define EN_JOURNAL_JOURNAL_INT_H

#include <pthread.h>

#include "journal/journal.h"

// What one journal_submit handed over: this head, the records, the rows, and all bytes that they borrow, in one piece
// of memory.
struct submission {
	struct submission *next;
	struct record *records;
	struct store_row *rows;
	size_t count, row_count, bytes;
	uint64_t due_ns;		// monotonic: when its commit begins at the latest; 0: now
};

// One transaction in the making. There are two: one is filled while the other is written.
struct batch {
	struct seal_writer seal;
	struct store_row *rows;
	size_t row_count, row_cap;
	struct submission *kept;	// what the rows borrow from
	uint64_t last;			// sequence of the newest record, also when this batch has none
	size_t submissions, records, bytes;
	uint64_t due_ns;		// the first of its submissions'; UINT64_MAX: it has none
	enum en_err err;
};

struct read_request {
	struct read_request *next;
	uint64_t id, from, until;
	uint8_t lanes;
	size_t max_bytes;
};

struct posted {
	struct posted *next;
	struct journal_event event;
};

struct journal {
	struct store *store;
	struct seal_keys keys;
	uint64_t soon_ns;
	uint64_t submitted;		// engine: the last sequence that was submitted
	struct batch batches[2];
	pthread_t sealer, committer, reader;
	int event_fd;

	pthread_mutex_t lock;		// of everything below
	pthread_cond_t work;		// for the committer
	pthread_cond_t while_committing;	// for the sealer
	pthread_cond_t asked;		// for the reader
	pthread_cond_t room;		// for the engine
	struct submission *submissions, **submit_tail;
	size_t queued_bytes, queued_records;	// submitted, and not yet being committed
	struct batch *open;		// being filled; its content belongs to the thread that set is_filling
	uint64_t durable;
	uint8_t head[RECORD_HASH_BYTES];	// of the newest durable record
	struct read_request *reads, **read_tail;
	size_t reads_waiting;
	struct posted *events, **event_tail;
	struct damage damage;		// found since the journal was opened
	bool is_filling, is_committing, is_stopping, has_failed, has_lost_event;
};

// Any thread.
void journal_post(struct journal *j, const struct journal_event *event);
// Nothing is written after this.
void journal_fail(struct journal *j, enum en_err err);

// With the lock, to a moment of the monotonic clock: 0, or ETIMEDOUT.
int journal_wait_until(pthread_cond_t *what, pthread_mutex_t *lock, uint64_t until_ns);

// ---- writer.c: the sealer and the committer; reader.c
void *journal_run_sealer(void *context);
void *journal_run_committer(void *context);
void *journal_run_reader(void *context);
void journal_batch_fini(struct batch *b);
void journal_result_free(void *owner);

// ---- walk.c: every record from a sequence on, damaged ones and missing ones included

struct walk {
	struct journal *journal;
	uint64_t next;		// the first sequence that was not given yet
	bool (*take)(void *context, const struct record *record);	// false: stop, and this record was not taken
	void *context;
	struct buf bodies;	// what record.body borrows from
	bool keeps_bodies;	// otherwise cleared for every record
	bool has_begun, has_head, is_stopped;
	uint64_t may_end;	// of the newest block met, when its index lies: its last record stood here at most
	uint64_t damaged;	// records, links of the chain, indexes
	uint64_t lacks_cipher;	// of the damaged ones: their header names a cipher that is not here
	uint8_t head[RECORD_HASH_BYTES];	// of the newest record, when has_head
	enum en_err err;
};
// To the end of the store, or until take stops it.
EN_MUST_CHECK enum en_err walk_run(struct walk *w);
// Gives every sequence up to that one as damaged.
void walk_fill(struct walk *w, uint64_t upto);
void walk_fini(struct walk *w);

// ---- damage.c
void damage_add(struct damage *d, uint64_t sequence);

#endif

// SPDX-License-Identifier: Apache-2.0
// What the files of the journal share: the queues between the engine, the journal thread and the reader thread.
#ifndef EN_JOURNAL_JOURNAL_INT_H
#define EN_JOURNAL_JOURNAL_INT_H

#include <pthread.h>

#include "journal/journal.h"

#define READS_MAX 64

struct submission {
	struct submission *next;
	struct record *records;
	struct store_row *rows;
	size_t count, row_count, bytes;
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
	uint8_t key[CRYPTO_KEY_BYTES];
	uint8_t head[RECORD_HASH_BYTES];	// journal thread, once it runs
	uint64_t last;				// journal thread
	pthread_t writer, reader;
	pthread_mutex_t lock;			// of everything below
	pthread_cond_t submitted, asked;
	struct submission *submissions, **submit_tail;
	size_t queued_bytes, queued_records;
	struct read_request *reads, **read_tail;
	size_t reads_waiting;
	struct posted *events, **event_tail;
	int event_fd;
	bool stop, lost_event;
};

// For the two threads.
void journal_post(struct journal *j, const struct journal_event *event);
// threads.c
EN_MUST_CHECK enum en_err journal_threads_start(struct journal *j);
void journal_threads_stop(struct journal *j);

#endif

// SPDX-License-Identifier: Apache-2.0
// The journal: what the daemon's engine thread talks to. Two threads of its own behind bounded queues: one commits, one reads.
//
//   engine --submit(records, rows)--> [queue] --> journal thread: seals records, packs them into one block, one transaction, one fsync
//   engine <--collect(durable up to sequence N)-- [eventfd]
//   engine --read(id, from, lanes)--> [queue] --> reader thread: opens, checks, copies out --> engine <--collect--
//
// Group commit without a timer: the thread takes everything that waits when it is free. The engine never waits for the disk.
// A failed commit: EN_EFULL is told to the engine (it says busy and submits again later is not possible: nothing is rolled back in memory, so
// space is reserved before admission and EN_EFULL here is a fault like EN_EIO); the daemon ends with 74 and the supervised restart reloads the state.
#ifndef EN_JOURNAL_JOURNAL_H
#define EN_JOURNAL_JOURNAL_H

#include "journal/record.h"
#include "journal/store.h"

struct journal;

struct journal_options {
	struct store *store;			// taken over by journal_open when it succeeds
	uint8_t key[CRYPTO_KEY_BYTES];		// of bodies in key slot 0
	size_t verify_records;			// newest records to verify at open; LIMIT_VERIFY_AT_START
};

// Verifies the newest records and the chain; *ret_last is the last sequence, 0 when empty. *ret_damaged counts quarantined records found.
EN_MUST_CHECK enum en_err journal_open(const struct journal_options *options, struct journal **ret, uint64_t *ret_last, uint64_t *ret_damaged);
// Finishes what was submitted, stops both threads, closes the store.
void journal_close(struct journal **jp);
// Readable when journal_collect has something.
int journal_fd(const struct journal *j);

// Hands a turn's records and rows over; everything is copied. Records must carry the sequences that follow the last ones. EN_EBUSY when too much is queued
// (LIMIT_BATCH_* twofold): the engine stops admitting until a collect. One submit is one atomic unit; several submits may share a transaction.
EN_MUST_CHECK enum en_err journal_submit(struct journal *j, const struct record *records, size_t count, const struct store_row *rows, size_t row_count);
// Asks for records from a sequence on whose lanes have a bit of lanes (0xff: all), up to max_bytes of bodies or until `until` (inclusive). Answers come in order of asking. EN_EBUSY when 64 wait.
EN_MUST_CHECK enum en_err journal_read(struct journal *j, uint64_t id, uint64_t from, uint64_t until, uint8_t lanes, size_t max_bytes);

enum journal_event_kind { JOURNAL_DURABLE, JOURNAL_RECORDS, JOURNAL_FAILED };
struct journal_event {
	enum journal_event_kind kind;
	uint64_t sequence;		// DURABLE: everything up to here is on disk
	uint64_t fsync_ns;		// DURABLE: how long the transaction took
	uint64_t id;			// RECORDS
	struct record *records;		// RECORDS: borrowed until journal_event_release
	size_t record_count;
	uint64_t next;			// RECORDS: where the next read goes on; everything before it was looked at
	enum en_err err;		// FAILED
	void *owner;
};
// The next event, EN_EAGAIN when there is none. Call journal_event_release after use.
EN_MUST_CHECK enum en_err journal_collect(struct journal *j, struct journal_event *ret);
void journal_event_release(struct journal_event *event);
// Synchronous, for start-up and tools: calls take for each record from a sequence on.
EN_MUST_CHECK enum en_err journal_replay(struct journal *j, uint64_t from, bool (*take)(void *context, const struct record *record), void *context);
struct store *journal_store(struct journal *j);	// for rows at start-up
EN_MUST_CHECK enum en_err journal_space(struct journal *j, struct store_space *ret);
// The hash of the newest record, 32 bytes.
void journal_head(const struct journal *j, uint8_t ret[RECORD_HASH_BYTES]);

#endif

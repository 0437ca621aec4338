// SPDX-License-Identifier: Apache-2.0
// The journal: what the daemon's engine thread talks to. Three threads of its own behind bounded queues: one commits,
// one seals meanwhile, one reads.
//
//   engine --submit(records, rows)--> [queue] --> committer: seals into one block, one transaction, one sync
//                                     [queue] --> sealer: fills the next block while the disk is busy with this one
//   engine <--collect(durable up to sequence N)-- [eventfd]
//   engine --read(id, from, lanes)--> [queue] --> reader: opens, checks, copies out
//   engine <--collect(records)------------------- [eventfd]
//
// Group commit without a timer: the committer takes the open block when it is free, however much is in it by then.
// The engine never waits for the disk. What may wait (SUBMIT_SOON: what became of deliveries, for which no publisher
// waits) begins no commit of its own for a moment: mostly it goes with the next event, which otherwise would find the
// disk busy with it. At 1,000 events a second that is half of the syncs.
//
// A failed commit, also EN_EFULL, is a fault: nothing is rolled back in memory, so room is looked for before
// admission (journal_space) and a commit that finds none ends the process with 74; the supervised restart reloads the
// state. After a failure nothing is written any more: submit says EN_EIO.
#ifndef EN_JOURNAL_JOURNAL_H
#define EN_JOURNAL_JOURNAL_H

#include "journal/record.h"
#include "journal/seal.h"
#include "journal/store.h"

struct journal;

struct journal_options {
	struct store *store;			// taken over by journal_open when it succeeds
	uint8_t key[CRYPTO_KEY_BYTES];		// of bodies in key slot 0
	enum seal_cipher cipher;		// of records to come; 0: the fastest that this processor has
	size_t verify_records;			// newest records to verify at open; LIMIT_VERIFY_AT_START
	uint32_t soon_ms;			// how long what may wait does; LIMIT_COMMIT_SOON_MS
};

// Verifies the newest records and the chain; *ret_last is the last sequence, 0 when empty. *ret_damaged counts
// quarantined records and other damage found: a chain that does not hold, an index that lies. EN_ECONFIG: the records
// are sealed by a cipher that this processor does not have.
EN_MUST_CHECK enum en_err journal_open(
    const struct journal_options *options, struct journal **ret, uint64_t *ret_last, uint64_t *ret_damaged);
// Finishes what was submitted, stops the threads, closes the store.
void journal_close(struct journal **jp);
// Readable when journal_collect has something.
int journal_fd(const struct journal *j);

// Hands a turn's records and rows over; everything is copied. Records carry the sequences that follow the last ones,
// otherwise EN_EINTERNAL. EN_EBUSY when too much is queued (LIMIT_BATCH_* twofold): the engine stops admitting until
// a commit. EN_EIO after a failure. One submit is one atomic unit; several submits may share a transaction.
enum submit_when { SUBMIT_NOW, SUBMIT_SOON };
EN_MUST_CHECK enum en_err journal_submit(struct journal *j, const struct record *records, size_t count,
    const struct store_row *rows, size_t row_count, enum submit_when when);
// After EN_EBUSY: waits until there is room, or a failure to be told, or the time is over.
void journal_wait_room(struct journal *j, uint32_t timeout_ms);
// Asks for records from a sequence on whose lanes have a bit of lanes (0xff: all), up to max_bytes of bodies or until
// `until` (inclusive). A damaged record is given whatever its lanes say. Answers come in order of asking. EN_EBUSY
// when LIMIT_JOURNAL_READS wait.
EN_MUST_CHECK enum en_err journal_read(
    struct journal *j, uint64_t id, uint64_t from, uint64_t until, uint8_t lanes, size_t max_bytes);

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
// Synchronous, for start-up and tools: calls take for each durable record from a sequence on. take returns false to
// stop.
EN_MUST_CHECK enum en_err journal_replay(
    struct journal *j, uint64_t from, bool (*take)(void *context, const struct record *record), void *context);
struct store *journal_store(struct journal *j);	// for rows at start-up
EN_MUST_CHECK enum en_err journal_space(struct journal *j, struct store_space *ret);
// The hash of the newest durable record, 32 bytes. Any thread.
void journal_head(struct journal *j, uint8_t ret[RECORD_HASH_BYTES]);
// What was found since it was opened, by whatever read it: the start, deliveries, the scrub. Any thread.
void journal_damage(struct journal *j, struct damage *ret);

#endif

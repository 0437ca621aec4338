// SPDX-License-Identifier: Apache-2.0
// The broker without its hands: sessions, admission, delivery, settlement, referral state. Sans I/O and deterministic: core_step(input, now) gives
// effects; no clock, random, file or socket in here. Even reading the journal is an effect whose records come back as an input, so that
// simulation, replay and explanations are one engine (design 2.6).
//
// State is a fold over the journal's records: fold_apply() is the only place that changes it, live and at start alike. Every LIMIT_CHECKPOINT_RECORDS records
// the core emits a checkpoint (rows, with the sequence they hold for) that shares a transaction with the records of that turn; at start the
// daemon loads the rows (core_load_row), then replays the tail (core_replay), then calls core_start. debug.digest is equal before and after.
//
// What leaves depends on what is durable: PUBLISHED, SETTLED, deliveries of new records and replies to changing requests are held back in here until
// INPUT_DURABLE reaches their sequence (design 2.1).
//
// One thread. Rules are borrowed by reference and replaced by INPUT_RULES.
#ifndef EN_CORE_CORE_H
#define EN_CORE_CORE_H

#include "base/clock.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "journal/record.h"
#include "journal/store.h"
#include "rules/rules.h"
#include "wire/frame.h"

struct core;

struct core_limits {	// 0 takes the default of base/limits.h
	size_t frame_bytes, event_bytes, hot_bytes;
	uint32_t publish_window, window_events, sessions, sessions_per_agency, parked, held, dedup_per_source, checkpoint_records;
	uint64_t window_bytes;
	uint32_t heartbeat_ms;
};

struct core_options {
	struct rules *rules;		// referenced
	uint8_t id_key[32];		// secret of keyed ids (id_from)
	uint8_t hash_key[16];		// of tables and dedup; must stay the same over restarts of one journal
	uint64_t epoch_seed;		// random per process start: session epochs are unique over restarts
	const char *version;
	struct core_limits limits;
};

// A key of the key table: subject n of net is keys[n].
struct core_key {
	const char *agency;		// name; borrowed until the next INPUT_KEYS
	int64_t valid_to_ms;		// wall; 0: for ever
	const char *public_key;		// 40 characters of Z85, borrowed likewise: finds a session's key again in the next table
};

// What is known of the journal's records: of those that were there at the start `verified` were read, and that was done at all_verified_ms.
struct core_journal {
	struct damage damage;
	uint64_t verified, at_start;
	int64_t all_verified_ms;		// wall; 0: under way
};

enum core_input_kind {
	INPUT_FRAME,		// from the agencies' endpoint
	INPUT_REQUEST,		// from the operators' endpoint or HTTP
	INPUT_TICK,		// at least every 100 ms, and when core_next_timer says so
	INPUT_DURABLE,		// the journal is durable up to sequence
	INPUT_RECORDS,		// answer to EFFECT_READ
	INPUT_RULES,		// a new rule set (referenced by the core)
	INPUT_KEYS,		// a new key table: sessions whose own key is gone are closed at once
	INPUT_SPACE,		// bytes that may still be admitted
	INPUT_JOURNAL,		// how its records are
	INPUT_UNREACHED,	// a send found the peer gone, or libzmq's queue for it full: what was in flight comes again
	INPUT_DRAIN,		// shut down: GOAWAY to everyone behind what was promised, no new sessions, nothing is admitted
};

struct core_input {
	enum core_input_kind kind;
	uint64_t peer;			// FRAME, UNREACHED
	uint32_t subject;		// FRAME: of the key
	struct view bytes;		// FRAME
	uint64_t request;		// REQUEST: a number that comes back in EFFECT_REPLY
	const struct ctl_request *ctl;	// REQUEST
	const struct rules_agency *operator_agency;	// REQUEST: NULL for the local console and HTTP, which the daemon restricts to reading
	uint64_t sequence;		// DURABLE
	uint64_t id, next;		// RECORDS
	const struct record *records;	// RECORDS
	size_t record_count;		// RECORDS
	struct rules *rules;		// RULES
	const struct core_key *keys;	// KEYS
	size_t key_count;
	uint64_t space_bytes;		// SPACE
	const struct core_journal *journal;	// JOURNAL: copied
};

enum core_effect_kind {
	EFFECT_SEND,		// a frame to a peer
	EFFECT_RECORD,		// to the journal, in order
	EFFECT_ROW,		// of a checkpoint; belongs to the same transaction as this turn's records
	EFFECT_READ,		// journal_read(id, from, until, lanes, max_bytes)
	EFFECT_REPLY,		// to a request
	EFFECT_FORGET,		// the peer's session ended: net_server_forget
	EFFECT_LOG,		// an audit or operational line
};

struct core_effect {
	enum core_effect_kind kind;
	uint64_t peer, request, id, from, until;
	uint8_t lanes;
	size_t max_bytes;
	struct view bytes;		// SEND, REPLY: in the effects' arena
	struct record record;		// RECORD: body in the arena
	bool may_wait;			// RECORD: no publisher waits for it (journal.h, SUBMIT_SOON)
	struct store_row row;		// ROW: in the arena
	enum log_level level;		// LOG
	const char *event;
	struct log_field *fields;	// LOG: in the arena
	size_t field_count;
};

// Filled by core_step, emptied by the caller with core_effects_clear. Effects are carried out in order.
struct core_effects {
	struct arena arena;
	struct core_effect *items;
	size_t count, cap;
};
void core_effects_init(struct core_effects *e);
void core_effects_fini(struct core_effects *e);
void core_effects_clear(struct core_effects *e);

EN_MUST_CHECK enum en_err core_new(const struct core_options *options, struct core **ret);
void core_free(struct core **cp);

// Start-up, in this order: rows of the last checkpoint, records after it, start. core_checkpoint_sequence says after which record to replay.
EN_MUST_CHECK enum en_err core_load_row(struct core *c, uint8_t table, struct view key, struct view value);
uint64_t core_checkpoint_sequence(const struct core *c);
EN_MUST_CHECK enum en_err core_replay(struct core *c, const struct record *record);
EN_MUST_CHECK enum en_err core_start(struct core *c, struct moment now);

// EN_OK, or EN_ENOMEM or EN_EINTERNAL: the daemon ends with 70 and the restart reloads the state; nothing is rolled back in memory.
EN_MUST_CHECK enum en_err core_step(struct core *c, const struct core_input *in, struct moment now, struct core_effects *effects);
// Monotonic time of the next timer, UINT64_MAX when there is none.
uint64_t core_next_timer(const struct core *c);
// Forces a checkpoint with the next step (clean shutdown).
void core_checkpoint_soon(struct core *c);
// 32 bytes over the whole folded state.
void core_digest(const struct core *c, uint8_t ret[32]);
// Appends the core's part of the Prometheus exposition.
void core_metrics(const struct core *c, struct moment now, struct buf *out);

#endif

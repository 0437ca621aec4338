// SPDX-License-Identifier: Apache-2.0
// The folded state: everything that survives a restart. fold.c is the only file that changes it; checkpoint.c turns it
// into rows and back. All keys are names or keyed hashes, so that a new rule set needs no migration.
//
// What is marked as not folded is a hint of the engine's: it may be lost, and the digest does not see it.
#ifndef EN_CORE_STATE_H
#define EN_CORE_STATE_H

#include "base/crypto.h"
#include "core/body.h"
#include "core/core.h"
#include "core/dedup.h"
#include "core/held.h"
#include "core/referral.h"

struct agency_counts {
	char name[65];
	uint64_t received, recorded, held, refused;
	uint64_t refused_by[REASON_COUNT];
	uint64_t last_position;
	int64_t last_recorded_ms;
	uint64_t duplicates, busy, bytes;	// not folded: these leave no record
};

struct parked {			// a retry that waits for its time
	uint64_t number;
	int64_t not_before_ms;	// wall
	uint64_t due_ms;	// not folded: the same moment by the monotonic clock; 0: parked before the start
	uint8_t lane;
};

struct dead {
	uint64_t number, case_hash;
	int64_t recorded_ms, since_ms;
	uint8_t reason, lane, type, attempt;
	bool is_saved;		// a checkpoint has its row
	char code[LIMIT_SETTLE_CODE_BYTES + 1];
};

// Cases that may not go on, in one lane: what is parked, or dead and holds its case, blocks what stands behind it.
struct block {
	uint64_t case_hash, number;	// the lowest number of that case; 0 is a free slot
};
struct blocks {
	struct block *slots;
	size_t cap;			// 0 or a power of two
	size_t count;
};

struct attachment;

struct subscription_state {
	char *name;
	uint64_t matched, ended[OUTCOME_COUNT];
	struct owed_lane lanes[LANE_COUNT];
	struct parked *parked;
	size_t parked_count, parked_cap;
	struct dead *dead;		// by number; the first of them, within dead_room
	size_t dead_count;
	struct dead *dead_room;
	size_t dead_cap;		// of dead_room
	struct numbers dead_gone;	// numbers whose rows have to go with the next checkpoint
	bool is_dirty;
	// not folded
	struct attachment *reader;	// who reads it now
	bool is_ready;			// something may be deliverable that was not before
	bool is_stopped;		// at the cap of retries: told once
	bool is_late, is_alone;		// alarms that were raised
	uint64_t alone_since_ms;	// monotonic: since when nobody reads it
	uint64_t sent;			// deliveries, repeats included
	struct blocks blocks[LANE_COUNT];
	bool blocks_stale;
};

struct client {
	uint64_t sequence;
	bool is_dirty;
};

struct reference {
	bool is_dirty;
	uint8_t key[16];
	char referral_id[];
};

struct consent {
	uint64_t case_hash;
	bool is_dirty;
	struct buf bytes;	// enlace.v1.Consent
};

// Values of a map that changed since the last checkpoint; each is marked, so that it stands here once.
struct changed {
	void **items;
	size_t count, cap;
};
EN_MUST_CHECK enum en_err changed_add(struct changed *c, bool *is_dirty, void *item);

struct state {
	uint64_t sequence;			// of the newest record folded
	struct strmap agencies;			// name -> struct agency_counts
	struct strmap clients;			// agency/client -> struct client
	struct strmap subscriptions;		// name -> struct subscription_state
	struct strmap dedups;			// source -> struct dedup
	struct strmap referrals;		// referral_id -> struct referral
	struct strmap references;		// hash(agency, reference) -> struct reference
	struct strmap consents;			// hash of the case -> struct consent
	struct held_table held;
	struct changed changed_referrals, changed_references, changed_consents;
	uint64_t illegal_moves;			// statuses that the state machine does not allow
	uint64_t referrals_in[REFERRAL_STATE_COUNT];	// how many are in each state; not saved: counted when loaded
	uint32_t dedup_limit;
	uint8_t hash_key[16];
};

void state_init(struct state *s, const uint8_t hash_key[16], uint32_t dedup_limit);
void state_fini(struct state *s);

// Find or add; NULL without memory.
struct agency_counts *state_agency(struct state *s, struct view name);
struct subscription_state *state_subscription(struct state *s, struct view name);
struct dedup *state_dedup(struct state *s, struct view source);
uint64_t state_client_sequence(const struct state *s, const char *agency, const char *client);
EN_MUST_CHECK enum en_err state_set_client(struct state *s, struct view agency, struct view client, uint64_t sequence);
struct referral *state_referral(const struct state *s, struct view referral_id);	// NULL
const char *state_referral_by(const struct state *s, struct view agency, struct view reference);	// NULL
void state_reference_key(const struct state *s, struct view agency, struct view reference, uint8_t ret[16]);
EN_MUST_CHECK enum en_err state_put_reference(struct state *s, const uint8_t key[16], struct view referral_id, bool is_dirty);
struct view state_consent(const struct state *s, uint64_t case_hash);	// empty
EN_MUST_CHECK enum en_err state_put_consent(struct state *s, uint64_t case_hash, struct view bytes, bool is_dirty);
uint64_t state_case_hash(const struct state *s, struct view agency, struct view partition_key);
void state_event_id(const struct state *s, struct view source, struct view id, uint8_t ret[16]);

// ---- subscription.c
size_t subscription_pending(const struct subscription_state *s);
int64_t subscription_oldest_ms(const struct subscription_state *s);	// 0: nothing is owed
struct parked *subscription_parked(const struct subscription_state *s, uint64_t number);	// NULL
EN_MUST_CHECK enum en_err subscription_park(struct subscription_state *s, const struct parked *p);
void subscription_unpark(struct subscription_state *s, uint64_t number);
// Dead letters stand by number. The place of the first one whose number is not below; dead_count when there is none.
size_t subscription_dead_from(const struct subscription_state *s, uint64_t number);
EN_MUST_CHECK enum en_err subscription_bury(struct subscription_state *s, const struct dead *d);
struct dead *subscription_dead(const struct subscription_state *s, uint64_t number);	// NULL
EN_MUST_CHECK enum en_err subscription_unbury(struct subscription_state *s, struct dead *d);
// Whether something of the same case and lane that did not end well stands before it. holds_case: dead letters count.
// EN_ENOMEM decides nothing.
EN_MUST_CHECK enum en_err subscription_blocks(struct subscription_state *s, bool holds_case, size_t lane, const struct owed *o, bool *ret_blocked);
void subscription_free(struct subscription_state *s);

// ---- fold.c: the only mutator. EN_ECORRUPT, EN_EVERSION for a body that cannot be read; EN_ENOMEM.
// At replay the body is decoded first; live, the engine hands in what it encoded: both give the same state.
EN_MUST_CHECK enum en_err fold_apply(struct state *s, const struct record *record, struct arena *scratch);
EN_MUST_CHECK enum en_err fold_input(struct state *s, const struct record *record, const struct body_input *in);
EN_MUST_CHECK enum en_err fold_refused(struct state *s, const struct record *record, const struct body_refused *in);
EN_MUST_CHECK enum en_err fold_outcomes(struct state *s, const struct record *record, const struct body_outcomes *in);

// ---- checkpoint.c
typedef enum en_err (*checkpoint_put)(void *context, const struct store_row *row);
EN_MUST_CHECK enum en_err checkpoint_save(struct state *s, checkpoint_put put, void *context);
EN_MUST_CHECK enum en_err checkpoint_load(struct state *s, uint8_t table, struct view key, struct view value);
void state_digest(const struct state *s, uint8_t ret[32]);

#endif

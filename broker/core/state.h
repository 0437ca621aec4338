// SPDX-License-Identifier: Apache-2.0
// The folded state: everything that survives a restart. fold.c is the only file that changes it; checkpoint.c turns it into rows and back. All keys are
// names or keyed hashes, so that a new rule set needs no migration.
#ifndef EN_CORE_STATE_H
#define EN_CORE_STATE_H

#include "base/crypto.h"
#include "base/strmap.h"
#include "core/body.h"
#include "core/core.h"
#include "core/dedup.h"

#define NUMBER_OUTPUTS 64	// a delivery's number is sequence * 64 + output

struct agency_counts {
	uint64_t received, recorded, held, refused, duplicates, busy, echoes;
	uint64_t refused_by[REASON_COUNT];
	uint64_t last_position;
	int64_t last_recorded_ms;
};

// One delivery that is owed. Kept in order of numbers; what is done goes from the front.
enum owed_state { OWED_WAITING, OWED_IN_FLIGHT, OWED_PARKED, OWED_DONE };
struct owed {
	uint64_t number, case_hash;
	int64_t recorded_ms;
	uint8_t state;		// IN_FLIGHT is not folded: to a checkpoint it is WAITING
	uint8_t attempt;	// attempts that ended without being taken, at most 255
};

struct owed_lane {
	struct owed *items;	// from head on
	size_t head, count, cap;
	size_t waiting_from;	// index from head before which nothing is WAITING: a hint, not folded
};

struct parked {			// a retry that waits for its time
	uint64_t number;
	int64_t not_before_ms;	// wall
	uint8_t lane;
};

struct dead {
	uint64_t number, case_hash;
	int64_t since_ms;
	uint8_t reason, lane, type;
	char code[65];
};

struct subscription_state {
	char *name;
	uint64_t matched, ended[OUTCOME_COUNT];
	struct owed_lane lanes[LANE_COUNT];
	struct parked *parked;
	size_t parked_count, parked_cap;
	struct dead *dead;
	size_t dead_count, dead_cap;
	// not folded: who reads it now
	struct session *session;
	uint32_t window_events, in_flight;
	uint64_t window_bytes, bytes_in_flight;
	uint64_t read_id;	// EFFECT_READ under way; 0: none
	bool is_dirty;
};

struct held {
	uint64_t sequence, case_hash;
	char *agency, *source, *id, *field, *place, *type;
	uint8_t event_id[16];
	uint8_t reason;
	int64_t since_ms;
};

struct referral {
	char agency[65], source_case[129], source_service[129];
	uint64_t sequence;
	uint32_t revision;
	uint8_t state;
	bool is_dirty;
};

struct state {
	uint64_t sequence;			// of the newest record folded
	struct strmap agencies;			// name -> struct agency_counts
	struct strmap clients;			// agency/client -> uint64_t: last client sequence
	struct strmap subscriptions;		// name -> struct subscription_state
	struct strmap dedups;			// source -> struct dedup
	struct strmap referrals;		// referral_id -> struct referral
	struct strmap references;		// 16 bytes of hash(agency, reference) -> char * referral_id
	struct strmap consents;			// 8 bytes of the case hash -> struct buf of enlace.v1.Consent bytes
	struct held *held;			// in order of sequences
	size_t held_count, held_cap;
	uint64_t illegal_moves;			// statuses that the state machine does not allow
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
struct held *state_held_at(const struct state *s, uint64_t sequence);	// NULL
struct held *state_held_by_id(const struct state *s, const uint8_t event_id[16]);	// NULL
bool state_case_is_held(const struct state *s, struct view agency, uint64_t case_hash);
struct referral *state_referral(const struct state *s, struct view referral_id);	// NULL
void state_reference_key(const struct state *s, struct view agency, struct view reference, uint8_t ret[16]);
const char *state_referral_by(const struct state *s, struct view agency, struct view reference);	// NULL
struct view state_consent(const struct state *s, uint64_t case_hash);	// empty
uint64_t state_case_hash(const struct state *s, struct view agency, struct view partition_key);
void state_event_id(const struct state *s, struct view source, struct view id, uint8_t ret[16]);

// ---- owed.c
EN_MUST_CHECK enum en_err owed_push(struct owed_lane *l, const struct owed *o);
struct owed *owed_find(struct owed_lane *l, uint64_t number);	// NULL
void owed_end(struct owed_lane *l, struct owed *o);		// done: goes from the front when it can
size_t owed_pending(const struct owed_lane *l);
size_t subscription_pending(const struct subscription_state *s);
int64_t subscription_oldest_ms(const struct subscription_state *s);	// 0: nothing is owed
struct parked *parked_find(struct subscription_state *s, uint64_t number);

// ---- fold.c: the only mutator. EN_ECORRUPT, EN_EVERSION for a body that cannot be read; EN_ENOMEM.
EN_MUST_CHECK enum en_err fold_apply(struct state *s, const struct record *record, struct arena *scratch);

// ---- checkpoint.c
typedef enum en_err (*checkpoint_put)(void *context, const struct store_row *row);
EN_MUST_CHECK enum en_err checkpoint_save(struct state *s, checkpoint_put put, void *context);
EN_MUST_CHECK enum en_err checkpoint_load(struct state *s, uint8_t table, struct view key, struct view value);
void state_digest(const struct state *s, uint8_t ret[32]);

#endif

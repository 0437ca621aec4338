// SPDX-License-Identifier: Apache-2.0
// What the broker knows of a referral: whose it is, to whom it went, and its state, by the state machine of domain.md
// 1.4. Numbers of states are those of enlace.v1.ReferralState.
#ifndef EN_CORE_REFERRAL_H
#define EN_CORE_REFERRAL_H

#include "base/bytes.h"

enum referral_state {
	REFERRAL_UNKNOWN, REFERRAL_SUBMITTED, REFERRAL_FAULT, REFERRAL_DELIVERED, REFERRAL_RECEIVED, REFERRAL_ACCEPTED,
	REFERRAL_DECLINED, REFERRAL_IN_SERVICE, REFERRAL_ON_HOLD, REFERRAL_COMPLETED, REFERRAL_FAILED,
	REFERRAL_CANCELLED, REFERRAL_REVOKED, REFERRAL_EXPIRED, REFERRAL_STATE_COUNT
};

// "SUBMITTED"; "UNKNOWN" for a number that is none.
const char *referral_state_name(uint8_t state);
// Receivers do skip RECEIVED, and answer before our own DELIVERED is known: both are allowed. EXPIRED is a flag that
// escalates; it ends nothing. FAULT ends a revision: the next one begins anew (fold.c).
bool referral_may_move(uint8_t from, uint8_t to);

struct agency_counts;

struct referral_party {
	const struct agency_counts *agency;
	uint64_t taken;				// sequence of the newest revision that it took; 0: none
};

struct referral {
	const struct agency_counts *from;	// who sent it
	struct referral_party *parties;		// to whom it was decided to go, at any revision
	char *source_case, *source_service;	// "" when absent
	uint64_t sequence;			// of its newest revision
	uint32_t revision;
	uint16_t party_count;
	uint8_t state;
	bool is_dirty;
	char id[];
};

// NULL without memory.
struct referral *referral_new(struct view id, const struct agency_counts *from, struct view source_case, struct view source_service);
void referral_free(struct referral **rp);
bool referral_has_party(const struct referral *r, const struct agency_counts *agency);	// the sender is one
// The party took the revision of that sequence. Nothing for whom is no party.
void referral_take(struct referral *r, const struct agency_counts *agency, uint64_t sequence);
bool referral_was_taken(const struct referral *r, const char *agency, uint64_t sequence);	// of that revision or a newer one
EN_MUST_CHECK enum en_err referral_add_party(struct referral *r, const struct agency_counts *agency);

#endif

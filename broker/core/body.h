// SPDX-License-Identifier: Apache-2.0
// What the bodies of records mean: the only page that knows their bytes. Version first, then fields in a fixed order
// through the bounded reader and writer of base/bytes.h; a body of an unknown version is refused at start, never
// guessed. What version 1 wrote is read: it did not say who was addressed, so the senders of what it recorded are told
// nothing at its end.
//
//   INPUT    an input with its outputs and decisions is one record; also a held one that was taken up again
//            (releases), or one that replaces a held one (supersedes), or a word of the broker's own (fault.c)
//   REFUSED  what one PUBLISH had refused: who, why and how many, and nothing of it
//   OUTCOME  what became of deliveries of one subscription
#ifndef EN_CORE_BODY_H
#define EN_CORE_BODY_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/reason.h"

#define BODY_VERSION 2

enum record_kind { RECORD_INPUT = 1, RECORD_REFUSED = 2, RECORD_OUTCOME = 3 };

// Source of every event that is delivered. As the agency of an input: the broker itself, which no agency can be called.
#define BROKER_SOURCE "urn:enlace:broker"

struct body_decision {
	struct view subscription, agency, route, agreement, purpose;
	int64_t acknowledge_by_ms, decide_by_ms;
	bool is_addressed;		// the event names this agency: its sender hears when it does not get it
};

struct body_missed {
	struct view agency, route;
	uint8_t reason;
};

struct body_output {
	struct view id;			// of the delivered event
	uint8_t type, lane;		// enum canonical, enum lane
	uint32_t revision;
	struct view reference;		// referral_id or alert identifier
	struct view source_case;	// of a referral: the sender's own case; of a consent: its bytes
	struct view source_service;	// of a referral: the sender's own word for the service
	uint8_t state;			// of a status: enlace.v1.ReferralState
	struct view mapping;
	struct view payload;		// canonical
	struct body_decision *decisions;
	struct body_missed *missed;
	uint16_t decision_count, missed_count;
};

struct body_input {
	struct view agency, client;
	uint64_t client_sequence, releases, supersedes;
	uint8_t form;			// of the payload received
	bool is_held;
	uint64_t content;		// hash of the content, for duplicates
	uint64_t case_hash;
	struct view source, id, type, partition_key;
	int64_t time_ms, expiry_ms;
	uint8_t reason;			// held: enum reason
	struct view field, place;	// held: field path; the mapping's file:line:col
	struct view payload;		// as received
	struct body_output *outputs;
	uint16_t output_count;
};

struct body_refusal {
	uint8_t reason;
	uint32_t count;
};

struct body_refused {
	struct view agency, client;
	uint64_t client_sequence;	// the last one
	uint8_t last_id[16];		// keyed hash of (source, id) of the last one
	struct body_refusal *items;
	uint16_t count;
};

enum outcome {
	OUTCOME_TAKEN = 1,
	OUTCOME_LATER,
	OUTCOME_DEAD,
	OUTCOME_WITHHELD,
	OUTCOME_EXPIRED,
	OUTCOME_DISCARDED,
	OUTCOME_AGAIN,			// an operator sends a dead letter on its way again
	OUTCOME_COUNT
};

struct body_outcome {
	uint64_t number;
	uint8_t lane, type, outcome, reason;
	uint32_t attempt;
	int64_t not_before_ms;		// later: wall
	struct view code;		// the recipient's word
	struct view recipient_reference, reference;
	bool is_addressed;		// as decided
};

struct body_outcomes {
	struct view subscription, agency;
	struct body_outcome *items;
	uint16_t count;
};

void body_put_input(struct buf *out, const struct body_input *in);
EN_MUST_CHECK enum en_err body_get_input(struct view body, struct arena *arena, struct body_input *ret);
void body_put_refused(struct buf *out, const struct body_refused *in);
EN_MUST_CHECK enum en_err body_get_refused(struct view body, struct arena *arena, struct body_refused *ret);
void body_put_outcomes(struct buf *out, const struct body_outcomes *in);
EN_MUST_CHECK enum en_err body_get_outcomes(struct view body, struct arena *arena, struct body_outcomes *ret);

#endif

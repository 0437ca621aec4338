// SPDX-License-Identifier: Apache-2.0
// What one subscription is owed in one lane, in order of numbers. Only what is still owed is kept: an entry that ended
// goes at once when it is the first, and otherwise when half of the entries have ended; so a delivery that waits for
// days holds back nothing behind it. A checkpoint writes chunks (of 4096 records each) and only those
// that changed, so that it costs the same however far a subscriber is behind.
#ifndef EN_CORE_OWED_H
#define EN_CORE_OWED_H

#include "base/bytes.h"

#define NUMBER_OUTPUTS 64	// a delivery's number is sequence * 64 + output
#define OWED_CHUNK_SHIFT 18	// numbers of 4096 records

// Numbers in order of arrival.
struct numbers {
	uint64_t *items;
	size_t count, cap;
};
EN_MUST_CHECK enum en_err numbers_push(struct numbers *n, uint64_t number);
EN_MUST_CHECK enum en_err numbers_add(struct numbers *n, uint64_t number);	// unless it is there
void numbers_fini(struct numbers *n);

// WAITING and IN_FLIGHT are told apart by the engine alone; PAUSED waits for its time. To the fold all three are owed.
enum owed_state { OWED_WAITING, OWED_IN_FLIGHT, OWED_PAUSED, OWED_ENDED };
struct owed {
	uint64_t number, case_hash;
	int64_t recorded_ms;
	uint8_t state;
	bool is_parked;		// folded: its last outcome was `later`
	uint8_t attempt;	// folded: attempts that were answered and not taken, at most 255
	uint8_t lost;		// not folded: attempts that nobody answered
};

struct owed_lane {
	struct owed *items;	// from head on
	size_t head, count, cap;
	size_t ended;		// entries among them that ended
	size_t waiting_from;	// before it, counted from head, nothing is WAITING: a hint
	struct numbers dirty;	// chunks that changed since the last checkpoint
};

void owed_fini(struct owed_lane *l);
// In its place: mostly the last.
EN_MUST_CHECK enum en_err owed_add(struct owed_lane *l, const struct owed *o);
struct owed *owed_find(const struct owed_lane *l, uint64_t number);	// NULL
// The fold changed it.
EN_MUST_CHECK enum en_err owed_touch(struct owed_lane *l, const struct owed *o);
// It is owed no more. Entries may move: every pointer to one is void.
EN_MUST_CHECK enum en_err owed_end(struct owed_lane *l, struct owed *o);
// Back to WAITING.
void owed_wait(struct owed_lane *l, struct owed *o);
// How many are owed, counted one by one.
size_t owed_pending(const struct owed_lane *l);

static inline uint64_t
owed_chunk(uint64_t number)
{
	return number >> OWED_CHUNK_SHIFT;
}

#endif

// SPDX-License-Identifier: Apache-2.0
// A subscription's retries and dead letters, and the cases that they block.
#include <stdlib.h>

#include "core/state.h"

void
subscription_free(struct subscription_state *s)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		owed_fini(&s->lanes[i]);
		free(s->blocks[i].slots);
	}
	free(s->parked);
	free(s->dead_room);
	numbers_fini(&s->dead_gone);
	free(s->name);
	free(s);
}

size_t
subscription_pending(const struct subscription_state *s)
{
	size_t pending = 0;

	for (size_t i = 0; i < LANE_COUNT; i++) {
		pending += owed_pending(&s->lanes[i]);
	}
	return pending;
}

// The first entry of a lane is never one that ended.
int64_t
subscription_oldest_ms(const struct subscription_state *s)
{
	int64_t oldest = 0;

	for (size_t i = 0; i < LANE_COUNT; i++) {
		if (s->lanes[i].count > 0) {
			int64_t at = s->lanes[i].items[s->lanes[i].head].recorded_ms;

			oldest = oldest == 0 || at < oldest ? at : oldest;
		}
	}
	return oldest;
}

// ---- retries -------------------------------------------------------------------------------------------------------

struct parked *
subscription_parked(const struct subscription_state *s, uint64_t number)
{
	for (size_t i = 0; i < s->parked_count; i++) {
		if (s->parked[i].number == number) {
			return &s->parked[i];
		}
	}
	return NULL;
}

enum en_err
subscription_park(struct subscription_state *s, const struct parked *p)
{
	if (s->parked_count == s->parked_cap) {
		size_t cap = s->parked_cap == 0 ? 16 : s->parked_cap * 2;
		struct parked *grown = realloc(s->parked, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		s->parked = grown;
		s->parked_cap = cap;
	}
	s->parked[s->parked_count++] = *p;
	s->blocks_stale = true;
	return EN_OK;
}

void
subscription_unpark(struct subscription_state *s, uint64_t number)
{
	struct parked *p = subscription_parked(s, number);

	if (p != NULL) {
		*p = s->parked[--s->parked_count];
		s->blocks_stale = true;
	}
}

// ---- dead letters --------------------------------------------------------------------------------------------------

static enum en_err
make_dead_room(struct subscription_state *s)
{
	size_t before = s->dead == NULL ? 0 : (size_t)(s->dead - s->dead_room);
	size_t cap = s->dead_cap == 0 ? 16 : s->dead_cap * 2;
	struct dead *grown;

	if (before + s->dead_count < s->dead_cap) {
		return EN_OK;
	}
	if (before > s->dead_cap / 2) {
		memmove(s->dead_room, s->dead, s->dead_count * sizeof(*s->dead));
		s->dead = s->dead_room;
		return EN_OK;
	}
	grown = realloc(s->dead_room, cap * sizeof(*grown));
	if (grown == NULL) {
		return EN_ENOMEM;
	}
	s->dead_room = grown;
	s->dead = grown + before;
	s->dead_cap = cap;
	return EN_OK;
}

size_t
subscription_dead_from(const struct subscription_state *s, uint64_t number)
{
	size_t low = 0, high = s->dead_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->dead[middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

enum en_err
subscription_bury(struct subscription_state *s, const struct dead *d)
{
	size_t place = subscription_dead_from(s, d->number);
	enum en_err err = make_dead_room(s);

	if (err != EN_OK) {
		return err;
	}
	memmove(&s->dead[place + 1], &s->dead[place], (s->dead_count - place) * sizeof(*s->dead));
	s->dead[place] = *d;
	s->dead_count++;
	s->blocks_stale = true;
	return EN_OK;
}

struct dead *
subscription_dead(const struct subscription_state *s, uint64_t number)
{
	size_t place = subscription_dead_from(s, number);

	return place < s->dead_count && s->dead[place].number == number ? &s->dead[place] : NULL;
}

// Many are released together, mostly from the first one on: the shorter side moves.
enum en_err
subscription_unbury(struct subscription_state *s, struct dead *d)
{
	enum en_err err = d->is_saved ? numbers_push(&s->dead_gone, d->number) : EN_OK;
	size_t place = (size_t)(d - s->dead);

	s->dead_count--;
	if (place < s->dead_count / 2) {
		memmove(s->dead + 1, s->dead, place * sizeof(*s->dead));
		s->dead++;
	} else {
		memmove(d, d + 1, (s->dead_count - place) * sizeof(*s->dead));
	}
	s->blocks_stale = true;
	return err;
}

// ---- blocked cases -------------------------------------------------------------------------------------------------

static struct block *
slot_of(const struct blocks *b, uint64_t case_hash)
{
	size_t i = (size_t)case_hash & (b->cap - 1);

	while (b->slots[i].number != 0 && b->slots[i].case_hash != case_hash) {
		i = (i + 1) & (b->cap - 1);
	}
	return &b->slots[i];
}

static void
block(struct blocks *b, uint64_t case_hash, uint64_t number)
{
	struct block *slot = slot_of(b, case_hash);

	if (slot->number == 0 || number < slot->number) {
		*slot = (struct block){.case_hash = case_hash, .number = number};
	}
	b->count++;
}

static enum en_err
make_blocks(struct subscription_state *s, size_t lane)
{
	struct blocks *b = &s->blocks[lane];
	size_t cap = 16;

	while (cap < 2 * (s->parked_count + s->dead_count + 1)) {
		cap *= 2;
	}
	if (b->cap < cap) {
		free(b->slots);
		b->slots = malloc(cap * sizeof(*b->slots));
		b->cap = b->slots == NULL ? 0 : cap;
	}
	if (b->slots == NULL) {
		return EN_ENOMEM;
	}
	memset(b->slots, 0, b->cap * sizeof(*b->slots));
	b->count = 0;
	return EN_OK;
}

// An alert that died holds nothing: its cancellation must come through. Dead letters of referrals hold their case.
static enum en_err
rebuild(struct subscription_state *s, bool holds_case)
{
	for (size_t lane = 0; lane < LANE_COUNT; lane++) {
		enum en_err err = make_blocks(s, lane);

		if (err != EN_OK) {
			return err;
		}
	}
	for (size_t i = 0; i < s->parked_count; i++) {
		const struct parked *p = &s->parked[i];
		const struct owed *o = p->lane < LANE_COUNT ? owed_find(&s->lanes[p->lane], p->number) : NULL;

		if (o != NULL) {
			block(&s->blocks[p->lane], o->case_hash, o->number);
		}
	}
	for (size_t i = 0; i < s->dead_count && holds_case; i++) {
		if (s->dead[i].lane == LANE_REFERRAL) {
			block(&s->blocks[LANE_REFERRAL], s->dead[i].case_hash, s->dead[i].number);
		}
	}
	s->blocks_stale = false;
	return EN_OK;
}

enum en_err
subscription_blocks(struct subscription_state *s, bool holds_case, size_t lane, const struct owed *o, bool *ret_blocked)
{
	const struct block *slot;

	*ret_blocked = false;
	if (s->parked_count + s->dead_count == 0) {
		return EN_OK;
	}
	if (s->blocks_stale) {
		enum en_err err = rebuild(s, holds_case);

		if (err != EN_OK) {
			return err;
		}
	}
	if (s->blocks[lane].count > 0) {
		slot = slot_of(&s->blocks[lane], o->case_hash);
		*ret_blocked = slot->number != 0 && slot->number < o->number;
	}
	return EN_OK;
}

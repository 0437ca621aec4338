// SPDX-License-Identifier: Apache-2.0
// What a subscription is owed, per lane, in order of numbers.
#include <stdlib.h>

#include "core/state.h"

enum en_err
owed_push(struct owed_lane *l, const struct owed *o)
{
	if (l->head > 0 && l->head + l->count == l->cap) {
		memmove(l->items, l->items + l->head, l->count * sizeof(*l->items));
		l->head = 0;
	}
	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 64 : l->cap * 2;
		struct owed *grown = realloc(l->items, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		l->items = grown;
		l->cap = cap;
	}
	l->items[l->head + l->count++] = *o;
	return EN_OK;
}

struct owed *
owed_find(struct owed_lane *l, uint64_t number)
{
	size_t low = 0, high = l->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->items[l->head + middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < l->count && l->items[l->head + low].number == number ? &l->items[l->head + low] : NULL;
}

void
owed_end(struct owed_lane *l, struct owed *o)
{
	o->state = OWED_DONE;
	while (l->count > 0 && l->items[l->head].state == OWED_DONE) {
		l->head++;
		l->count--;
		l->waiting_from -= l->waiting_from > 0;
	}
}

size_t
owed_pending(const struct owed_lane *l)
{
	size_t pending = 0;

	for (size_t i = 0; i < l->count; i++) {
		pending += l->items[l->head + i].state != OWED_DONE;
	}
	return pending;
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

struct parked *
parked_find(struct subscription_state *s, uint64_t number)
{
	for (size_t i = 0; i < s->parked_count; i++) {
		if (s->parked[i].number == number) {
			return &s->parked[i];
		}
	}
	return NULL;
}

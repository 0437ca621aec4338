// SPDX-License-Identifier: Apache-2.0
// The recipient's word: taken, later, unusable, extend. Only numbers in flight in this epoch count; the rest is stale and changes nothing. Retries wait for
// their time by the wall clock, so that they survive a restart.
#include <stdio.h>
#include <stdlib.h>

#include "core/engine.h"

enum en_err
settle_record(struct core *c, const struct body_outcome *outcomes, size_t count)
{
	if (count == 0) {
		return EN_OK;
	}
	buf_clear(&c->body);
	body_put_outcomes(&c->body, outcomes, count);
	return core_record(c, RECORD_OUTCOME, 0, NULL, NULL);
}

void
settle_unfly(struct core *c, struct attachment *a, size_t index, bool again)
{
	struct in_flight f = a->flying[index];

	(void)c;
	a->flying[index] = a->flying[--a->flying_count];
	a->state->in_flight--;
	a->state->bytes_in_flight -= f.bytes;
	for (size_t l = 0; l < LANE_COUNT && again; l++) {
		struct owed *o = owed_find(&a->state->lanes[l], f.number);

		if (o != NULL && o->state == OWED_IN_FLIGHT) {
			size_t at = (size_t)(o - (a->state->lanes[l].items + a->state->lanes[l].head));

			o->state = OWED_WAITING;
			a->state->lanes[l].waiting_from =
			    at < a->state->lanes[l].waiting_from ? at : a->state->lanes[l].waiting_from;
		}
	}
}

static struct owed *
owed_of(struct attachment *a, uint64_t number)
{
	for (size_t l = 0; l < LANE_COUNT; l++) {
		struct owed *o = owed_find(&a->state->lanes[l], number);

		if (o != NULL) {
			return o;
		}
	}
	return NULL;
}

// The wait before the next attempt: the recipient's own, or the subscription's list.
static int64_t
not_before(const struct core *c, const struct attachment *a, const struct owed *o, uint32_t after_ms)
{
	const struct rules_subscription *rules = a->rules;
	size_t step = o->attempt < rules->retry_count ? o->attempt : rules->retry_count - 1;
	uint64_t listed = rules->retry_count == 0 ? 5000 : rules->retry_after_ms[step];

	return c->now.wall_ms + (int64_t)(after_ms > listed ? after_ms : listed);
}

static void
decide_outcome(const struct core *c, const struct attachment *a, const struct owed *o, const Enlace__V1__Settlement *s,
    struct body_outcome *out)
{
	bool spent = a->rules->give_up_ms != 0 && c->now.wall_ms - o->recorded_ms > (int64_t)a->rules->give_up_ms;

	out->attempt = o->attempt + 1u;
	out->code = view_text(s->code);
	out->code.len = out->code.len < 64 ? out->code.len : 64;
	switch (s->outcome) {
	case ENLACE__V1__OUTCOME__TAKEN:
		out->outcome = OUTCOME_TAKEN;
		out->recipient_reference = view_text(s->recipient_reference);
		break;
	case ENLACE__V1__OUTCOME__LATER:
		out->outcome = spent || a->state->parked_count >= c->limits.parked ? OUTCOME_DEAD : OUTCOME_LATER;
		out->reason = out->outcome == OUTCOME_DEAD ? REASON_ATTEMPTS_SPENT : REASON_NONE;
		out->not_before_ms = not_before(c, a, o, s->after_ms);
		break;
	default:
		out->outcome = OUTCOME_DEAD;
		out->reason = REASON_UNUSABLE;
	}
}

struct settling {
	struct body_outcome *outcomes;
	Enlace__V1__SettledRange *ranges;
	size_t count, max;
	uint32_t stale;
};

// Of the same case, whatever flies behind one that was not taken comes again after it.
static void
ground_case(struct core *c, struct attachment *a, const struct owed *not_taken)
{
	for (size_t i = a->flying_count; i > 0; i--) {
		const struct owed *o = owed_of(a, a->flying[i - 1].number);

		if (o != NULL && o->case_hash == not_taken->case_hash && o->number > not_taken->number) {
			settle_unfly(c, a, i - 1, true);
		}
	}
}

static void
settle_one(struct core *c, struct attachment *a, size_t index, const Enlace__V1__Settlement *s, struct settling *out)
{
	struct in_flight f = a->flying[index];
	struct owed *o = owed_of(a, f.number);
	struct body_outcome *b = &out->outcomes[out->count];

	if (s->outcome == ENLACE__V1__OUTCOME__EXTEND) {
		a->flying[index].deadline_ms = c->now.monotonic_ms + s->after_ms;
		return;
	}
	if (o == NULL) {
		settle_unfly(c, a, index, false);
		out->stale++;
		return;
	}
	*b = (struct body_outcome){.subscription = view_text(a->state->name),
	    .agency = view_text(a->rules->agency->name),
	    .number = f.number,
	    .reference = arena_copy(&c->scratch, view_text(f.reference))};
	decide_outcome(c, a, o, s, b);
	enlace__v1__settled_range__init(&out->ranges[out->count]);
	out->ranges[out->count].first = out->ranges[out->count].last = f.number;
	out->count++;
	settle_unfly(c, a, index, false);
	if (b->outcome != OUTCOME_TAKEN) {
		ground_case(c, a, o);
	}
}

static int
by_number(const void *a, const void *b)
{
	const struct in_flight *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

// Lowest number first, so that what grounds a case is seen before what it grounds.
static void
settle_range(struct core *c, struct attachment *a, const Enlace__V1__Settlement *s, struct settling *out)
{
	uint64_t last = s->last == 0 ? s->first : s->last;
	bool any = false;

	qsort(a->flying, a->flying_count, sizeof(*a->flying), by_number);
	for (size_t i = 0; i < a->flying_count && out->count < out->max;) {
		uint64_t number = a->flying[i].number;

		if (number < s->first || number > last) {
			i++;
			continue;
		}
		any = true;
		settle_one(c, a, i, s, out);
		if (s->outcome == ENLACE__V1__OUTCOME__EXTEND) {
			i++;
			continue;
		}
		qsort(a->flying, a->flying_count, sizeof(*a->flying), by_number);
		i = 0;
	}
	out->stale += !any;
}

static enum en_err
answer_settled(struct core *c, struct session *s, const Enlace__V1__Settle *m, const struct settling *done)
{
	Enlace__V1__Settled out = ENLACE__V1__SETTLED__INIT;
	Enlace__V1__SettledRange **list = arena_alloc(&c->scratch, (done->count + 1) * sizeof(*list));

	if (list == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < done->count; i++) {
		list[i] = &done->ranges[i];
	}
	out.subscription = m->subscription;
	out.epoch = m->epoch;
	out.n_ranges = done->count;
	out.ranges = list;
	out.stale = done->stale;
	return core_send_after(c, c->state.sequence, s->peer, s->form, FRAME_SETTLED, &out.base, 0);
}

enum en_err
settle(struct core *c, struct session *s, const Enlace__V1__Settle *m)
{
	struct attachment *a = session_attachment(s, m->subscription);
	struct settling done = {.max = a == NULL ? 0 : a->flying_count};
	enum en_err err;

	if (a == NULL) {
		return core_error(
		    c, s->peer, s->form, REASON_UNKNOWN_SUBSCRIPTION, "subscription", false, FRAME_SETTLE);
	}
	if (m->n_settlements > LIMIT_SETTLES_PER_FRAME) {
		return core_error(c, s->peer, s->form, REASON_OVERSIZE, "settlements", false, FRAME_SETTLE);
	}
	done.outcomes = arena_alloc(&c->scratch, (done.max + 1) * sizeof(*done.outcomes));
	done.ranges = arena_alloc(&c->scratch, (done.max + 1) * sizeof(*done.ranges));
	if (done.outcomes == NULL || done.ranges == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < m->n_settlements; i++) {
		const Enlace__V1__Settlement *one = m->settlements[i];

		if (m->epoch != s->epoch || strlen(one->recipient_reference) > LIMIT_REFERENCE_BYTES ||
		    one->outcome == 0) {
			done.stale++;
			continue;
		}
		settle_range(c, a, one, &done);
	}
	err = settle_record(c, done.outcomes, done.count);
	return err == EN_OK ? answer_settled(c, s, m, &done) : err;
}

enum en_err
settle_credit(struct core *c, struct session *s, const Enlace__V1__Credit *m)
{
	struct attachment *a = session_attachment(s, m->subscription);

	if (a == NULL) {
		return core_error(
		    c, s->peer, s->form, REASON_UNKNOWN_SUBSCRIPTION, "subscription", false, FRAME_CREDIT);
	}
	if (m->window_events != 0) {
		a->state->window_events =
		    m->window_events < c->limits.window_events ? m->window_events : c->limits.window_events;
	}
	if (m->window_bytes != 0) {
		a->state->window_bytes =
		    m->window_bytes < c->limits.window_bytes ? m->window_bytes : c->limits.window_bytes;
	}
	return EN_OK;
}

// Retries whose time has come wait for credit again; extensions that ran out come again.
static void
wake(struct core *c, struct attachment *a)
{
	for (size_t i = 0; i < a->state->parked_count; i++) {
		struct parked *p = &a->state->parked[i];
		struct owed *o = p->not_before_ms <= c->now.wall_ms && p->lane < LANE_COUNT
		    ? owed_find(&a->state->lanes[p->lane], p->number)
		    : NULL;

		if (o != NULL && o->state == OWED_PARKED) {
			size_t at = (size_t)(o - (a->state->lanes[p->lane].items + a->state->lanes[p->lane].head));

			o->state = OWED_WAITING;
			a->state->lanes[p->lane].waiting_from =
			    at < a->state->lanes[p->lane].waiting_from ? at : a->state->lanes[p->lane].waiting_from;
		}
	}
	for (size_t i = a->flying_count; i > 0; i--) {
		if (a->flying[i - 1].deadline_ms <= c->now.monotonic_ms) {
			settle_unfly(c, a, i - 1, true);
		}
	}
}

enum en_err
settle_timers(struct core *c)
{
	for (struct session *s = c->sessions; s != NULL; s = s->next) {
		for (size_t i = 0; i < s->attachment_count; i++) {
			wake(c, &s->attachments[i]);
		}
	}
	return EN_OK;
}

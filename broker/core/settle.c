// SPDX-License-Identifier: Apache-2.0
// The recipient's word: taken, later, unusable, extend. Only numbers in flight in this epoch count; the rest is stale and
// changes nothing. Retries wait for their time by the monotonic clock; behind a restart by the wall clock, as recorded.
#include <stdlib.h>

#include "core/engine.h"

#define RETRY_MS 5000 // of a subscription that names no waits

// One SETTLE under way.
struct settling {
	struct core *c;
	struct attachment *a;
	struct body_outcome *outcomes;
	Enlace__V1__SettledRange *ranges;
	size_t outcome_count, range_count;
	size_t last_index; // of the newest range's last delivery in a->flying
	uint32_t stale;
};

// ---- what is in flight ---------------------------------------------------------------------------------------------

static struct owed *
owed_of(const struct attachment *a, const struct in_flight *f)
{
	return owed_find(&a->state->lanes[f->lane], f->number);
}

// Out of the table; comes_again: it is owed as before.
static void
land(struct attachment *a, struct in_flight *f, bool comes_again)
{
	struct owed *o = comes_again ? owed_of(a, f) : NULL;

	f->is_gone = true;
	f->is_void = comes_again;
	a->bytes_in_flight -= f->bytes;
	a->state->is_ready = true;
	if (o != NULL && o->state == OWED_IN_FLIGHT) {
		owed_wait(&a->state->lanes[f->lane], o);
	}
}

static void
sweep(struct attachment *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->flying_count; i++) {
		if (!a->flying[i].is_gone) {
			a->flying[i].is_told = false;
			a->flying[kept++] = a->flying[i];
		}
	}
	a->flying_count = kept;
}

// Nobody answered: the attempt counts.
static void
lose(struct attachment *a, struct in_flight *f)
{
	struct owed *o = owed_of(a, f);

	if (o != NULL && o->lost < UINT8_MAX) {
		o->lost++;
	}
	land(a, f, true);
}

void
settle_return_all(struct attachment *a)
{
	for (size_t i = 0; i < a->flying_count; i++) {
		lose(a, &a->flying[i]);
	}
	a->flying_count = 0;
}

// Of the same case, whatever flies behind one that was not taken comes again after it (ENL-037).
static void
ground_case(struct attachment *a, size_t index)
{
	const struct in_flight *first = &a->flying[index];

	for (size_t i = index + 1; i < a->flying_count; i++) {
		struct in_flight *f = &a->flying[i];

		if (!f->is_gone && f->lane == first->lane && f->case_hash == first->case_hash) {
			land(a, f, true);
		}
	}
}

// ---- one word ------------------------------------------------------------------------------------------------------

// The wait before the next attempt: the recipient's own, or the subscription's list.
static int64_t
not_before(const struct core *c, const struct attachment *a, const struct owed *o, uint32_t after_ms)
{
	const struct rules_subscription *rules = a->rules;
	size_t step = o->attempt < rules->retry_count ? o->attempt : rules->retry_count - 1;
	uint64_t listed = rules->retry_count == 0 ? RETRY_MS : rules->retry_after_ms[step];

	return c->now.wall_ms + (int64_t)(after_ms > listed ? after_ms : listed);
}

// A recipient's word stands in lists and logs: it is a word or it is not told.
static struct view
word_of(const char *code)
{
	size_t len = strspn(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return code[len] == '\0' && len <= LIMIT_SETTLE_CODE_BYTES ? view_of(code, len) : view_text("unreadable");
}

// Whoever sets the wall clock right does not make a retry wait for years.
static void
wait_monotonic(struct core *c, struct subscription_state *sub, const struct body_outcome *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct parked *p = items[i].outcome == OUTCOME_LATER ? subscription_parked(sub, items[i].number) : NULL;

		if (p != NULL) {
			p->due_ms = c->now.monotonic_ms + (uint64_t)(p->not_before_ms - c->now.wall_ms);
		}
	}
}

static void
decide_outcome(const struct core *c, const struct attachment *a, const struct owed *o, const Enlace__V1__Settlement *s,
    struct body_outcome *out)
{
	// Of one that waited while nobody was attached the time is over at once: it still gets every wait of the list.
	bool spent = a->rules->give_up_ms != 0 && o->attempt >= a->rules->retry_count &&
	    c->now.wall_ms - o->recorded_ms > (int64_t)a->rules->give_up_ms;

	out->attempt = (uint32_t)o->attempt + o->lost + 1u;
	out->code = word_of(s->code);
	switch (s->outcome) {
	case ENLACE__V1__OUTCOME__TAKEN:
		out->outcome = OUTCOME_TAKEN;
		out->recipient_reference = view_text(s->recipient_reference);
		break;
	case ENLACE__V1__OUTCOME__LATER:
		out->outcome = spent ? OUTCOME_DEAD : OUTCOME_LATER;
		out->reason = spent ? REASON_ATTEMPTS_SPENT : REASON_NONE;
		out->not_before_ms = spent ? 0 : not_before(c, a, o, s->after_ms);
		break;
	default:
		out->outcome = OUTCOME_DEAD;
		out->reason = REASON_UNUSABLE;
	}
}

static void
add_range(struct settling *t, size_t index)
{
	uint64_t number = t->a->flying[index].number;
	Enlace__V1__SettledRange *range;

	if (t->a->flying[index].is_told) {
		return;
	}
	t->a->flying[index].is_told = true;
	// What stands side by side in flight is one range.
	if (t->range_count > 0 && t->last_index + 1 == index) {
		t->ranges[t->range_count - 1].last = number;
	} else {
		range = &t->ranges[t->range_count++];
		enlace__v1__settled_range__init(range);
		range->first = range->last = number;
	}
	t->last_index = index;
}

static void
extend(struct settling *t, size_t index, uint32_t after_ms)
{
	struct in_flight *f = &t->a->flying[index];

	f->deadline_ms = after_ms == 0 ? UINT64_MAX : t->c->now.monotonic_ms + after_ms;
	t->a->extended_to_ms = f->deadline_ms < t->a->extended_to_ms ? f->deadline_ms : t->a->extended_to_ms;
	add_range(t, index);
}

static void
settle_one(struct settling *t, size_t index, const Enlace__V1__Settlement *s)
{
	struct attachment *a = t->a;
	struct in_flight *f = &a->flying[index];
	const struct owed *o = owed_of(a, f);
	struct body_outcome *out = &t->outcomes[t->outcome_count];

	if (o == NULL) {
		land(a, f, false);
		t->stale++;
		return;
	}
	*out = (struct body_outcome){.number = f->number,
	    .lane = f->lane,
	    .type = f->type,
	    .reference = view_text(f->referral == NULL ? NULL : f->referral->id),
	    .is_addressed = f->is_addressed};
	decide_outcome(t->c, a, o, s, out);
	t->outcome_count++;
	add_range(t, index);
	land(a, f, false);
	// As deliver.c will see it: a retry blocks its case, a dead letter does when the subscription says so.
	if (out->outcome == OUTCOME_LATER ||
	    (out->outcome == OUTCOME_DEAD && f->lane == LANE_REFERRAL && !a->rules->continues_after_dead_letter)) {
		ground_case(a, index);
	}
}

// ---- the frame -----------------------------------------------------------------------------------------------------

static bool
is_sound(const Enlace__V1__Settlement *s)
{
	bool is_range = s->last != 0 && s->last != s->first;

	return s->outcome >= ENLACE__V1__OUTCOME__TAKEN && s->outcome <= ENLACE__V1__OUTCOME__EXTEND &&
	    strlen(s->recipient_reference) <= LIMIT_REFERENCE_BYTES &&
	    (s->recipient_reference[0] == '\0' || (s->outcome == ENLACE__V1__OUTCOME__TAKEN && !is_range));
}

static size_t
first_from(const struct attachment *a, uint64_t number)
{
	size_t low = 0, high = a->flying_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (a->flying[middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

// The newest frame that the client has, as far as the ends of a range tell; 0: neither end is in flight.
static uint64_t
frames_seen(const struct attachment *a, uint64_t first, uint64_t last)
{
	uint64_t ends[] = {first, last}, seen = 0;

	for (size_t i = 0; i < EN_COUNT_OF(ends); i++) {
		size_t at = first_from(a, ends[i]);

		if (at < a->flying_count && a->flying[at].number == ends[i] && a->flying[at].frame >= seen) {
			seen = a->flying[at].frame + 1;
		}
	}
	return seen;
}

// Lowest number first, so that what grounds a case is seen before what it grounds. What was sent behind both ends of the
// range may be on its way still: a retry has a low number. It is not meant.
static void
settle_range(struct settling *t, const Enlace__V1__Settlement *s)
{
	uint64_t last = s->last == 0 ? s->first : s->last;
	uint64_t seen = frames_seen(t->a, s->first, last);
	size_t i = first_from(t->a, s->first);
	bool any = false;

	for (; i < t->a->flying_count && t->a->flying[i].number <= last; i++) {
		if (t->a->flying[i].frame >= seen) {
			continue;
		}
		any = true;
		if (t->a->flying[i].is_gone) {
			t->stale++; // void, or settled before in this very frame
		} else if (s->outcome == ENLACE__V1__OUTCOME__EXTEND) {
			extend(t, i, s->after_ms);
		} else {
			settle_one(t, i, s);
		}
	}
	t->stale += !any;
}

// In as many frames as the client's limit asks for; stale numbers are told with the first.
static enum en_err
answer_some(struct settling *t, const Enlace__V1__Settle *m, Enlace__V1__SettledRange **list, size_t count)
{
	Enlace__V1__Settled out = ENLACE__V1__SETTLED__INIT;
	enum en_err err;

	out.subscription = m->subscription;
	out.epoch = m->epoch;
	out.n_ranges = count;
	out.ranges = list;
	out.stale = t->stale;
	err = core_promise(t->c, t->a->session, FRAME_SETTLED, &out.base, 0, THEN_NOTHING);
	if (err != EN_ELIMIT || count <= 1) {
		t->stale = 0;
		return err;
	}
	err = answer_some(t, m, list, count / 2);
	return err == EN_OK ? answer_some(t, m, list + count / 2, count - count / 2) : err;
}

static enum en_err
answer(struct settling *t, const Enlace__V1__Settle *m)
{
	Enlace__V1__SettledRange **list = arena_alloc(&t->c->scratch, (t->range_count + 1) * sizeof(*list));

	if (list == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < t->range_count; i++) {
		list[i] = &t->ranges[i];
	}
	return answer_some(t, m, list, t->range_count);
}

enum en_err
settle(struct core *c, struct session *s, const Enlace__V1__Settle *m)
{
	struct settling t = {.c = c, .a = session_attachment(s, m->subscription)};
	size_t most = t.a == NULL ? 0 : t.a->flying_count + 1;
	enum en_err err;

	if (t.a == NULL) {
		return core_error(c, s->peer, s->form, REASON_UNKNOWN_SUBSCRIPTION, "subscription", FRAME_SETTLE);
	}
	if (m->n_settlements > LIMIT_SETTLES_PER_FRAME) {
		return core_error(c, s->peer, s->form, REASON_OVERSIZE, "settlements", FRAME_SETTLE);
	}
	t.outcomes = arena_alloc(&c->scratch, most * sizeof(*t.outcomes));
	t.ranges = arena_alloc(&c->scratch, most * sizeof(*t.ranges));
	if (t.outcomes == NULL || t.ranges == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < m->n_settlements; i++) {
		if (m->epoch != s->epoch || !is_sound(m->settlements[i])) {
			t.stale++;
		} else {
			settle_range(&t, m->settlements[i]);
		}
	}
	sweep(t.a);
	err = record_outcomes(c, t.a->rules, t.outcomes, t.outcome_count);
	wait_monotonic(c, t.a->state, t.outcomes, err == EN_OK ? t.outcome_count : 0);
	for (size_t i = 0; i < t.outcome_count && err == EN_OK; i++) {
		if (t.outcomes[i].recipient_reference.len > 0) {
			release_wanted(c, view_text(s->agency), t.outcomes[i].recipient_reference);
		}
	}
	return err == EN_OK ? answer(&t, m) : err;
}

enum en_err
settle_credit(struct core *c, struct session *s, const Enlace__V1__Credit *m)
{
	struct attachment *a = session_attachment(s, m->subscription);

	if (a == NULL) {
		return core_error(c, s->peer, s->form, REASON_UNKNOWN_SUBSCRIPTION, "subscription", FRAME_CREDIT);
	}
	if (m->window_events != 0) {
		a->window_events =
		    m->window_events < c->limits.window_events ? m->window_events : c->limits.window_events;
	}
	if (m->window_bytes != 0) {
		a->window_bytes = m->window_bytes < c->limits.window_bytes ? m->window_bytes : c->limits.window_bytes;
	}
	a->state->is_ready = true;
	return EN_OK;
}

// ---- time ----------------------------------------------------------------------------------------------------------

// Retries whose time has come wait for credit again.
static void
wake(struct core *c, struct attachment *a)
{
	for (size_t i = 0; i < a->state->parked_count; i++) {
		const struct parked *p = &a->state->parked[i];
		bool is_due = p->due_ms != 0 ? p->due_ms <= c->now.monotonic_ms : p->not_before_ms <= c->now.wall_ms;
		struct owed *o =
		    is_due && p->lane < LANE_COUNT ? owed_find(&a->state->lanes[p->lane], p->number) : NULL;

		if (o != NULL && o->state == OWED_PAUSED) {
			owed_wait(&a->state->lanes[p->lane], o);
			a->state->is_ready = true;
		}
	}
}

// Extensions that ran out: it comes again, and what flies behind it of its case.
static void
take_back(struct core *c, struct attachment *a)
{
	if (c->now.monotonic_ms < a->extended_to_ms) {
		return;
	}
	a->extended_to_ms = UINT64_MAX;
	for (size_t i = 0; i < a->flying_count; i++) {
		struct in_flight *f = &a->flying[i];

		if (!f->is_gone && f->deadline_ms <= c->now.monotonic_ms) {
			lose(a, f);
			ground_case(a, i);
		} else if (!f->is_gone && f->deadline_ms < a->extended_to_ms) {
			a->extended_to_ms = f->deadline_ms;
		}
	}
	sweep(a);
}

void
settle_timers(struct core *c)
{
	for (struct session *s = c->sessions; s != NULL; s = s->next) {
		for (size_t i = 0; i < s->attachment_count; i++) {
			wake(c, &s->attachments[i]);
			take_back(c, &s->attachments[i]);
		}
	}
}

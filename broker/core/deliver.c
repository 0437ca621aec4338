// SPDX-License-Identifier: Apache-2.0
// Deliveries: what a subscription is owed, in order, as far as its credit goes. Of one case nothing overtakes within a
// lane: what waits for a retry, or a dead letter that holds its case, blocks what follows. A subscription is looked at
// only when something changed for it.
#include <stdlib.h>

#include "core/engine.h"

#define BATCH_MAX 256
#define FRAME_SPARE 1024 // of a DELIVER beside its deliveries, at most

struct batch {
	Enlace__V1__Delivery deliveries[BATCH_MAX];
	Enlace__V1__Delivery *list[BATCH_MAX];
	size_t count, bytes;
	struct body_outcome outcomes[BATCH_MAX];
	size_t outcome_count;
};

// Why a lane stopped.
enum stop {
	STOP_END, // everything was looked at
	STOP_WAITS, // for credit, or for records that were asked for: they will say so
	STOP_STEP, // the next one is not durable, or senders are to hear of enough by now: look again
	STOP_CAP, // of retries and what they block
	STOP_FULL, // the batch: send it and go on
};

// A lane on its way through.
struct pass {
	size_t lane, skipped;
	bool only_retries; // at the cap
	uint64_t last_retry;
	enum stop stop;
};

enum en_err
deliver_init(struct core *c)
{
	c->batch = calloc(1, sizeof(*c->batch));
	return c->batch == NULL ? EN_ENOMEM : EN_OK;
}

void
deliver_fini(struct core *c)
{
	free(c->batch);
	c->batch = NULL;
}

// ---- records -------------------------------------------------------------------------------------------------------

static bool
find_record(const struct core *c, const struct attachment *a, uint64_t sequence, struct hot_record *ret)
{
	if (hot_find(&c->hot, sequence, ret) || hot_find(&a->cold, sequence, ret)) {
		return true;
	}
	// Asked for and not there: as good as damaged.
	*ret = (struct hot_record){.sequence = sequence};
	return a->missing == sequence;
}

static enum en_err
ask_for(struct core *c, struct attachment *a, uint64_t sequence)
{
	struct pending_read *read;
	enum en_err err;

	if (a->read_id != 0) {
		return EN_OK;
	}
	err = core_read(c, sequence, c->durable, LIMIT_READER_BYTES, &read);
	if (err == EN_OK) {
		read->subscription = a->state;
		a->read_id = read->id;
	}
	a->state->is_ready = err == EN_EBUSY; // every place taken: the next step
	return err == EN_EBUSY ? EN_OK : err;
}

// ---- one delivery --------------------------------------------------------------------------------------------------

static enum en_err
make_room(struct attachment *a)
{
	size_t cap = a->flying_cap == 0 ? 64 : a->flying_cap * 2;
	struct in_flight *grown;

	if (a->flying_count < a->flying_cap) {
		return EN_OK;
	}
	grown = realloc(a->flying, cap * sizeof(*grown));
	if (grown == NULL) {
		return EN_ENOMEM;
	}
	a->flying = grown;
	a->flying_cap = cap;
	return EN_OK;
}

// Kept by number; mostly it is the last.
static struct in_flight *
take_place(struct attachment *a, uint64_t number)
{
	size_t at = a->flying_count++;

	for (; at > 0 && a->flying[at - 1].number > number; at--) {
		a->flying[at] = a->flying[at - 1];
	}
	return &a->flying[at];
}

// That the delivery is about; NULL: none.
static const struct referral *
referral_of(const struct core *c, const struct body_output *o)
{
	bool is_none = o == NULL || (enum canonical)o->type == CANONICAL_ALERT || o->reference.len == 0;

	return is_none ? NULL : state_referral(&c->state, o->reference);
}

static enum en_err
fly(struct core *c, struct attachment *a, struct owed *o, size_t lane, const struct delivery_view *v, struct batch *b)
{
	Enlace__V1__Delivery *d = &b->deliveries[b->count];
	enum en_err err = make_room(a);

	if (err != EN_OK) {
		return err;
	}
	*take_place(a, o->number) = (struct in_flight){.number = o->number,
	    .case_hash = o->case_hash,
	    .deadline_ms = UINT64_MAX,
	    .frame = a->frames,
	    .referral = referral_of(c, v->output),
	    .bytes = (uint32_t)v->payload_bytes,
	    .lane = (uint8_t)lane,
	    .type = v->output->type,
	    .is_addressed = v->decision->is_addressed};
	o->state = OWED_IN_FLIGHT;
	a->bytes_in_flight += v->payload_bytes;
	a->state->sent++;
	enlace__v1__delivery__init(d);
	d->number = o->number;
	d->revision = v->output->revision;
	d->attempt = (uint32_t)o->attempt + o->lost + 1u;
	d->first_seen_ms = o->recorded_ms;
	d->event = v->event;
	b->list[b->count++] = d;
	b->bytes += v->frame_bytes;
	return EN_OK;
}

static enum en_err
send_batch(struct core *c, struct attachment *a, struct batch *b)
{
	Enlace__V1__Deliver message = ENLACE__V1__DELIVER__INIT;

	if (b->count == 0) {
		return EN_OK;
	}
	message.subscription = a->state->name;
	message.epoch = a->session->epoch;
	message.n_deliveries = b->count;
	message.deliveries = b->list;
	b->count = b->bytes = 0;
	a->frames++;
	return core_send(c, a->session->peer, a->session->form, FRAME_DELIVER, &message.base);
}

static enum en_err
record_ends(struct core *c, struct attachment *a, struct batch *b)
{
	size_t count = b->outcome_count;

	b->outcome_count = 0;
	return record_outcomes(c, a->rules, b->outcomes, count);
}

// An eighth of the credit is kept for alerts. One that alone is larger than the window goes when nothing else is in flight.
static bool
has_credit(const struct attachment *a, size_t lane, size_t bytes)
{
	uint32_t kept_events = lane == LANE_ALERT ? 0 : a->window_events / 8;
	uint64_t kept_bytes = lane == LANE_ALERT ? 0 : a->window_bytes / 8;

	return a->flying_count < a->window_events - kept_events &&
	    (a->flying_count == 0 || a->bytes_in_flight + bytes <= a->window_bytes - kept_bytes);
}

// One waiting delivery: into the batch, or to its end.
static enum en_err
deliver_one(struct core *c, struct attachment *a, struct pass *p, struct owed *o, const struct hot_record *record,
    struct batch *b)
{
	const struct referral *about;
	struct delivery_view v;
	enum en_err err = view_make(c, a, o, record, &v);

	if (err != EN_OK) {
		return err;
	}
	if (v.outcome == 0 && v.frame_bytes + FRAME_SPARE > a->session->frame_bytes) {
		v.outcome = OUTCOME_DEAD;
		v.reason = REASON_OVERSIZE;
	}
	if (v.outcome == 0 && !has_credit(a, p->lane, v.payload_bytes)) {
		p->stop = STOP_WAITS;
		return EN_OK;
	}
	if (v.outcome == 0) {
		if (b->bytes + v.frame_bytes + FRAME_SPARE > a->session->frame_bytes) {
			err = send_batch(c, a, b);
		}
		return err == EN_OK ? fly(c, a, o, p->lane, &v, b) : err;
	}
	about = referral_of(c, v.output);
	b->outcomes[b->outcome_count++] = (struct body_outcome){.number = o->number,
	    .lane = (uint8_t)p->lane,
	    .type = v.output == NULL ? 0 : v.output->type,
	    .outcome = (uint8_t)v.outcome,
	    .reason = (uint8_t)v.reason,
	    .attempt = o->attempt,
	    .reference = view_text(about == NULL ? NULL : about->id),
	    .is_addressed = v.decision != NULL && v.decision->is_addressed};
	o->state = OWED_IN_FLIGHT; // until the record says what became of it
	return EN_OK;
}

// ---- one lane ------------------------------------------------------------------------------------------------------

// At the cap of retries and of what they block nothing new goes out: the subscription stands still, and says so once.
static enum en_err
tell_stopped(struct core *c, struct attachment *a)
{
	if (a->state->is_stopped) {
		return EN_OK;
	}
	a->state->is_stopped = true;
	return CORE_LOG(c, LOG_ERROR, "alarm.subscription_stopped", LOG_TEXT("subscription", a->state->name),
	    LOG_NUM("retries", a->state->parked_count), LOG_NUM("dead_letters", a->state->dead_count),
	    LOG_TEXT("remedy", "mend the recipient's system, or decide its dead letters: enlace msg ls --state dead"));
}

// Retries go on at the cap; behind the last of them nothing is looked at.
static enum en_err
go_on_with_retries(struct core *c, struct attachment *a, struct pass *p)
{
	const struct subscription_state *sub = a->state;

	p->only_retries = true;
	for (size_t i = 0; i < sub->parked_count; i++) {
		if (sub->parked[i].lane == p->lane && sub->parked[i].number > p->last_retry) {
			p->last_retry = sub->parked[i].number;
		}
	}
	return tell_stopped(c, a);
}

// Whether this one may go now; false: the next one, unless p->stop says otherwise.
static enum en_err
may_go(struct core *c, struct attachment *a, struct pass *p, const struct owed *o, bool *ret)
{
	struct subscription_state *sub = a->state;
	bool blocked = false;
	enum en_err err;

	*ret = false;
	if (p->only_retries && !o->is_parked) {
		p->stop = o->number < p->last_retry ? STOP_END : STOP_CAP;
		return EN_OK;
	}
	err = subscription_blocks(sub, !a->rules->continues_after_dead_letter, p->lane, o, &blocked);
	if (err != EN_OK) {
		return err;
	}
	p->skipped += blocked;
	if ((!o->is_parked && sub->parked_count >= c->limits.parked) || p->skipped > c->limits.parked) {
		return go_on_with_retries(c, a, p);
	}
	*ret = !blocked;
	return EN_OK;
}

static enum en_err
deliver_next(struct core *c, struct attachment *a, struct pass *p, struct owed *o, struct batch *b)
{
	struct hot_record record;
	bool may = false;
	enum en_err err;

	if (o->number / NUMBER_OUTPUTS > c->durable || c->fault_count + b->outcome_count >= LIMIT_FAULTS_PER_STEP) {
		p->stop = STOP_STEP;
		return EN_OK;
	}
	if (!has_credit(a, p->lane, 0)) {
		p->stop = STOP_WAITS;
		return EN_OK;
	}
	err = may_go(c, a, p, o, &may);
	if (err != EN_OK || !may) {
		return err;
	}
	if (!find_record(c, a, o->number / NUMBER_OUTPUTS, &record)) {
		p->stop = STOP_WAITS;
		return ask_for(c, a, o->number / NUMBER_OUTPUTS);
	}
	err = deliver_one(c, a, p, o, &record, b);
	// A dead letter may hold the rest of its case: it is on record before anything behind it is looked at.
	if (b->count == BATCH_MAX || b->outcome_count == BATCH_MAX ||
	    (b->outcome_count > 0 && b->outcomes[b->outcome_count - 1].outcome == OUTCOME_DEAD)) {
		p->stop = STOP_FULL;
	}
	return err;
}

static enum en_err
deliver_lane(struct core *c, struct attachment *a, struct pass *p, struct batch *b)
{
	struct owed_lane *l = &a->state->lanes[p->lane];
	enum en_err err = EN_OK;

	for (size_t i = l->waiting_from; i < l->count && err == EN_OK && p->stop == STOP_END; i++) {
		struct owed *o = &l->items[l->head + i];

		if (o->state == OWED_WAITING) {
			err = deliver_next(c, a, p, o, b);
		}
		l->waiting_from += i == l->waiting_from && o->state != OWED_WAITING;
	}
	return err;
}

static enum en_err
deliver_attachment(struct core *c, struct attachment *a)
{
	struct batch *b = c->batch;
	bool all_ended = true;
	enum en_err err = EN_OK;

	a->state->is_ready = false;
	for (size_t lane = 0; lane < LANE_COUNT && err == EN_OK;) {
		struct pass p = {.lane = lane, .stop = STOP_END};

		err = deliver_lane(c, a, &p, b);
		a->state->is_ready = a->state->is_ready || p.stop == STOP_STEP;
		all_ended = all_ended && (p.stop == STOP_END || p.stop == STOP_FULL) && !p.only_retries;
		if (err == EN_OK && b->count == BATCH_MAX) {
			err = send_batch(c, a, b);
		}
		if (err == EN_OK && p.stop == STOP_FULL) {
			err = record_ends(c, a, b);
		}
		lane += p.stop != STOP_FULL;
	}
	a->state->is_stopped = a->state->is_stopped && !all_ended;
	if (err == EN_OK) {
		err = send_batch(c, a, b);
	}
	return err == EN_OK ? record_ends(c, a, b) : err;
}

enum en_err
deliver_all(struct core *c)
{
	for (struct session *s = c->sessions; s != NULL; s = s->next) {
		for (size_t i = 0; i < s->attachment_count && s->is_open && !s->is_leaving; i++) {
			enum en_err err = EN_OK;

			if (s->attachments[i].state->is_ready) {
				err = deliver_attachment(c, &s->attachments[i]);
			}
			if (err != EN_OK) {
				return err;
			}
		}
	}
	return EN_OK;
}

// SPDX-License-Identifier: Apache-2.0
// The fold: one record onto the state. Used live, when the record is made, and at start; nothing else changes the
// state, so both give the same.
#include <stdio.h>
#include <stdlib.h>

#include "core/state.h"
#include "rules/rules.h"

// ---- inputs --------------------------------------------------------------------------------------------------------

static enum en_err
owe(struct state *s, const struct record *record, const struct body_input *in, uint16_t index)
{
	const struct body_output *o = &in->outputs[index];
	struct owed owed = {.number = record->sequence * NUMBER_OUTPUTS + index,
	    .case_hash = in->case_hash,
	    .recorded_ms = record->wall_ms};
	enum en_err err = EN_OK;

	for (uint16_t i = 0; i < o->decision_count && err == EN_OK; i++) {
		struct subscription_state *sub = state_subscription(s, o->decisions[i].subscription);

		if (sub == NULL || o->lane >= LANE_COUNT) {
			return sub == NULL ? EN_ENOMEM : EN_ECORRUPT;
		}
		sub->matched++;
		sub->is_dirty = sub->is_ready = true;
		err = owed_add(&sub->lanes[o->lane], &owed);
	}
	return err;
}

static enum en_err
change_referral(struct state *s, struct referral *r, uint8_t to)
{
	s->referrals_in[r->state < REFERRAL_STATE_COUNT ? r->state : REFERRAL_UNKNOWN]--;
	r->state = to;
	s->referrals_in[to < REFERRAL_STATE_COUNT ? to : REFERRAL_UNKNOWN]++;
	return changed_add(&s->changed_referrals, &r->is_dirty, r);
}

static enum en_err
fold_referral(struct state *s, const struct record *record, const struct body_input *in, const struct body_output *o)
{
	struct referral *r = state_referral(s, o->reference);
	enum en_err err = EN_OK;

	if (r == NULL) {
		const struct agency_counts *from = state_agency(s, in->agency);

		r = from == NULL ? NULL : referral_new(o->reference, from, o->source_case, o->source_service);
		if (r == NULL || strmap_put(&s->referrals, o->reference, r, NULL) != EN_OK) {
			referral_free(&r);
			return EN_ENOMEM;
		}
		s->referrals_in[REFERRAL_SUBMITTED]++;
	} else if (r->state == REFERRAL_FAULT) {
		// The sender mended what was wrong: it is on its way again.
		err = change_referral(s, r, REFERRAL_SUBMITTED);
	}
	r->sequence = record->sequence;
	r->revision = o->revision;
	for (uint16_t i = 0; i < o->decision_count && err == EN_OK; i++) {
		const struct agency_counts *party = state_agency(s, o->decisions[i].agency);

		err = party == NULL ? EN_ENOMEM : referral_add_party(r, party);
	}
	return err == EN_OK ? changed_add(&s->changed_referrals, &r->is_dirty, r) : err;
}

// The broker's own fault tells of one recipient; it is the referral's state only when nobody else receives it.
static bool
is_partial_fault(const struct body_input *in, const struct body_output *status)
{
	bool others = false;

	for (uint16_t i = 0; i < in->output_count && status->state == REFERRAL_FAULT; i++) {
		const struct body_output *o = &in->outputs[i];

		others = others ||
		    ((enum canonical)o->type == CANONICAL_REFERRAL && o->decision_count > 0 &&
			view_equal(o->reference, status->reference));
	}
	return others;
}

static enum en_err
fold_status(struct state *s, const struct body_input *in, const struct body_output *o)
{
	struct referral *r = state_referral(s, o->reference);

	// The end that a fault at delivery tells of has moved the referral, if anything was to move.
	if (view_is(in->source, BROKER_SOURCE) || is_partial_fault(in, o)) {
		return EN_OK;
	}
	if (r == NULL || !referral_may_move(r->state, o->state)) {
		s->illegal_moves++;
		return EN_OK;
	}
	return change_referral(s, r, o->state);
}

static enum en_err
fold_output(struct state *s, const struct record *record, const struct body_input *in, uint16_t index)
{
	const struct body_output *o = &in->outputs[index];
	enum en_err err = EN_OK;

	switch ((enum canonical)o->type) {
	case CANONICAL_REFERRAL:
		err = fold_referral(s, record, in, o);
		break;
	case CANONICAL_STATUS:
		err = fold_status(s, in, o);
		break;
	case CANONICAL_CONSENT:
		err = state_put_consent(s, in->case_hash, o->source_case, true);
		break;
	default:
		break;
	}
	return err == EN_OK ? owe(s, record, in, index) : err;
}

// What an input inherits of the held one that it replaces or releases: its place in the case, and since when it is held.
struct held_before {
	uint64_t order;
	int64_t since_ms;
};

static enum en_err
hold(struct state *s, const struct record *record, const struct body_input *in, const struct held_before *before)
{
	struct held *h = held_new();
	enum en_err err = EN_ENOMEM;

	if (h == NULL) {
		return EN_ENOMEM;
	}
	h->sequence = record->sequence;
	h->order = before->order;
	h->case_hash = in->case_hash;
	h->case_key = held_case_key(in->source, in->case_hash);
	h->reason = in->reason;
	h->since_ms = before->since_ms;
	h->is_due = (enum reason)in->reason == REASON_REFERRAL_UNKNOWN; // at a start; live, the engine knows better
	memcpy(h->event_id, record->id, sizeof(h->event_id));
	h->agency = view_dup(in->agency);
	h->source = view_dup(in->source);
	h->id = view_dup(in->id);
	h->field = view_dup(in->field);
	h->place = view_dup(in->place);
	h->type = view_dup(in->type);
	if (h->agency != NULL && h->source != NULL && h->id != NULL && h->field != NULL && h->place != NULL &&
	    h->type != NULL) {
		err = held_add(&s->held, &h);
	}
	held_free(&h);
	return err;
}

// received = recorded + held + refused, whatever comes.
static enum en_err
count_input(struct state *s, struct agency_counts *a, const struct record *record, const struct body_input *in,
    struct held_before *ret_before)
{
	struct held *replaced = in->supersedes != 0 ? held_at(&s->held, in->supersedes) : NULL;
	struct held *released = in->releases != 0 ? held_at(&s->held, in->releases) : NULL;
	struct held *before = released != NULL ? released : replaced;
	enum en_err err = EN_OK;

	*ret_before = (struct held_before){.order = before != NULL ? before->order : record->sequence,
	    .since_ms = before == NULL || before == replaced ? record->wall_ms : before->since_ms};
	if (released == NULL) {
		a->received++;
	}
	if (before != NULL) {
		a->held--;
		err = held_remove(&s->held, before);
	}
	if (replaced != NULL && before == replaced) {
		a->refused++;
		a->refused_by[REASON_SUPERSEDED]++;
	}
	if (in->is_held) {
		a->held++;
	} else {
		a->recorded++;
		a->last_position = record->sequence;
		a->last_recorded_ms = record->wall_ms;
	}
	return err;
}

enum en_err
fold_input(struct state *s, const struct record *record, const struct body_input *in)
{
	struct dedup_entry entry = {.sequence = record->sequence, .content = in->content};
	struct agency_counts *a = state_agency(s, in->agency);
	struct dedup *d = state_dedup(s, in->source);
	struct held_before before;
	enum en_err err;

	if (a == NULL || d == NULL) {
		return EN_ENOMEM;
	}
	s->sequence = record->sequence;
	err = count_input(s, a, record, in, &before);
	memcpy(entry.id, record->id, sizeof(entry.id));
	if (err == EN_OK) {
		err = dedup_put(d, &entry);
	}
	if (err == EN_OK && in->is_held) {
		err = hold(s, record, in, &before);
	}
	for (uint16_t i = 0; i < in->output_count && err == EN_OK && !in->is_held; i++) {
		err = fold_output(s, record, in, i);
	}
	return err == EN_OK ? state_set_client(s, in->agency, in->client, in->client_sequence) : err;
}

enum en_err
fold_refused(struct state *s, const struct record *record, const struct body_refused *in)
{
	struct agency_counts *a = state_agency(s, in->agency);

	if (a == NULL) {
		return EN_ENOMEM;
	}
	s->sequence = record->sequence;
	for (uint16_t i = 0; i < in->count; i++) {
		uint8_t reason = in->items[i].reason;

		a->received += in->items[i].count;
		a->refused += in->items[i].count;
		a->refused_by[reason < REASON_COUNT ? reason : REASON_NONE] += in->items[i].count;
	}
	return state_set_client(s, in->agency, in->client, in->client_sequence);
}

// ---- outcomes ------------------------------------------------------------------------------------------------------

static enum en_err
fold_arrived(struct state *s, struct referral *r, struct view agency, uint64_t sequence)
{
	const struct agency_counts *party = state_agency(s, agency);

	if (party == NULL) {
		return EN_ENOMEM;
	}
	referral_take(r, party, sequence);
	return r->state == REFERRAL_SUBMITTED ? change_referral(s, r, REFERRAL_DELIVERED)
					      : changed_add(&s->changed_referrals, &r->is_dirty, r);
}

// The recipient's own number finds the referral from now on; and the referral arrived somewhere.
static enum en_err
fold_taken(struct state *s, struct view agency, const struct body_outcome *o)
{
	struct referral *r = o->reference.len == 0 ? NULL : state_referral(s, o->reference);
	uint8_t key[16];
	enum en_err err = EN_OK;

	if (r == NULL) {
		return EN_OK;
	}
	if ((enum canonical)o->type == CANONICAL_REFERRAL) {
		err = fold_arrived(s, r, agency, o->number / NUMBER_OUTPUTS);
	}
	if (err == EN_OK && o->recipient_reference.len > 0) {
		state_reference_key(s, agency, o->recipient_reference, key);
		err = state_put_reference(s, key, o->reference, true);
	}
	return err;
}

// Whether somebody is owed that output, or would be if an operator sent a dead letter on its way again.
static bool
is_owed_to_anybody(const struct state *s, uint8_t lane, uint64_t number)
{
	size_t at = 0;
	struct view name;
	void *value;

	while (strmap_next(&s->subscriptions, &at, &name, &value)) {
		const struct subscription_state *sub = value;

		if (owed_find(&sub->lanes[lane], number) != NULL || subscription_dead(sub, number) != NULL) {
			return true;
		}
	}
	return false;
}

// A referral that nobody took and that nobody is owed any more, in its newest revision, was not delivered.
static enum en_err
fold_lost(struct state *s, const struct body_outcome *o)
{
	struct referral *r = o->reference.len == 0 ? NULL : state_referral(s, o->reference);

	if ((enum canonical)o->type != CANONICAL_REFERRAL || r == NULL || r->state != REFERRAL_SUBMITTED ||
	    r->sequence != o->number / NUMBER_OUTPUTS || is_owed_to_anybody(s, o->lane, o->number)) {
		return EN_OK;
	}
	return change_referral(s, r, REFERRAL_FAULT);
}

static enum en_err
fold_later(struct subscription_state *sub, struct owed *owed, const struct body_outcome *o)
{
	struct parked p = {.number = o->number, .not_before_ms = o->not_before_ms, .lane = o->lane};
	enum en_err err = owed_touch(&sub->lanes[o->lane], owed);

	owed->state = OWED_PAUSED;
	owed->is_parked = true;
	owed->attempt = (uint8_t)(o->attempt > 255 ? 255 : o->attempt);
	owed->lost = 0;
	return err == EN_OK ? subscription_park(sub, &p) : err;
}

static enum en_err
fold_dead(struct subscription_state *sub, const struct owed *owed, const struct body_outcome *o, int64_t now_ms)
{
	struct dead d = {.number = o->number,
	    .case_hash = owed->case_hash,
	    .recorded_ms = owed->recorded_ms,
	    .since_ms = now_ms,
	    .reason = o->reason,
	    .lane = o->lane,
	    .type = o->type,
	    .attempt = (uint8_t)(o->attempt > 255 ? 255 : o->attempt)};

	snprintf(d.code, sizeof(d.code), "%.*s", (int)o->code.len, (const char *)o->code.data);
	return subscription_bury(sub, &d);
}

// From a dead letter back into its lane. Its first attempt stands for a new beginning: give_up counts from now.
static enum en_err
fold_again(struct subscription_state *sub, const struct body_outcome *o, int64_t now_ms)
{
	struct dead *d = subscription_dead(sub, o->number);
	struct owed owed = {.number = o->number, .recorded_ms = now_ms};

	if (d == NULL) {
		return EN_OK;
	}
	owed.case_hash = d->case_hash;
	owed.attempt = d->attempt;
	sub->ended[OUTCOME_DEAD]--;
	sub->is_dirty = sub->is_ready = true;
	if (subscription_unbury(sub, d) != EN_OK) {
		return EN_ENOMEM;
	}
	return owed_add(&sub->lanes[o->lane], &owed);
}

static enum en_err
fold_outcome(
    struct state *s, struct subscription_state *sub, struct view agency, const struct body_outcome *o, int64_t now_ms)
{
	struct owed *owed;
	enum en_err err = EN_OK;

	if (o->lane >= LANE_COUNT || o->outcome == 0 || o->outcome >= OUTCOME_COUNT) {
		return EN_ECORRUPT;
	}
	if (o->outcome == OUTCOME_AGAIN) {
		return fold_again(sub, o, now_ms);
	}
	owed = owed_find(&sub->lanes[o->lane], o->number);
	if (owed == NULL) {
		return EN_OK; // the engine records an end once; a second one changes nothing
	}
	sub->is_dirty = true;
	subscription_unpark(sub, o->number);
	if (o->outcome == OUTCOME_LATER) {
		return fold_later(sub, owed, o);
	}
	sub->ended[o->outcome]++;
	sub->is_ready = true; // what it blocked
	if (o->outcome == OUTCOME_DEAD) {
		err = fold_dead(sub, owed, o, now_ms);
	} else if (o->outcome == OUTCOME_TAKEN) {
		err = fold_taken(s, agency, o);
	}
	if (err == EN_OK) {
		err = owed_end(&sub->lanes[o->lane], owed);
	}
	return err == EN_OK && o->outcome != OUTCOME_TAKEN ? fold_lost(s, o) : err;
}

enum en_err
fold_outcomes(struct state *s, const struct record *record, const struct body_outcomes *in)
{
	struct subscription_state *sub = state_subscription(s, in->subscription);
	enum en_err err = sub == NULL ? EN_ENOMEM : EN_OK;

	s->sequence = record->sequence;
	for (uint16_t i = 0; i < in->count && err == EN_OK; i++) {
		err = fold_outcome(s, sub, in->agency, &in->items[i], record->wall_ms);
	}
	return err;
}

// ---- all -----------------------------------------------------------------------------------------------------------

enum en_err
fold_apply(struct state *s, const struct record *record, struct arena *scratch)
{
	struct body_input input;
	struct body_refused refused;
	struct body_outcomes outcomes;
	enum en_err err;

	if (record->is_damaged) {
		s->sequence = record->sequence;
		return EN_OK; // quarantined: counted by the journal, and nothing of it can be folded
	}
	switch ((enum record_kind)record->kind) {
	case RECORD_INPUT:
		err = body_get_input(record->body, scratch, &input);
		return err == EN_OK ? fold_input(s, record, &input) : err;
	case RECORD_REFUSED:
		err = body_get_refused(record->body, scratch, &refused);
		return err == EN_OK ? fold_refused(s, record, &refused) : err;
	case RECORD_OUTCOME:
		err = body_get_outcomes(record->body, scratch, &outcomes);
		return err == EN_OK ? fold_outcomes(s, record, &outcomes) : err;
	}
	return EN_EVERSION;
}

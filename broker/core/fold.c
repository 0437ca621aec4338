// SPDX-License-Identifier: Apache-2.0
// The fold: one record onto the state. Used live, when the record is made, and at start; nothing else changes the state, so both give the same.
#include <stdio.h>
#include <stdlib.h>

#include "core/fold.h"
#include "core/state.h"

static enum en_err
owe(struct state *s, const struct record *record, const struct body_input *in, const struct body_output *o,
    uint16_t index)
{
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
		sub->is_dirty = true;
		err = owed_push(&sub->lanes[o->lane], &owed);
	}
	return err;
}

static enum en_err
fold_referral(struct state *s, const struct record *record, const struct body_input *in, const struct body_output *o)
{
	struct referral *r = state_referral(s, o->reference);

	if (r == NULL) {
		r = calloc(1, sizeof(*r));
		if (r == NULL || strmap_put(&s->referrals, o->reference, r, NULL) != EN_OK) {
			free(r);
			return EN_ENOMEM;
		}
		r->state = REFERRAL_SUBMITTED;
		snprintf(r->agency, sizeof(r->agency), "%.*s", (int)in->agency.len, (const char *)in->agency.data);
		snprintf(r->source_case, sizeof(r->source_case), "%.*s", (int)o->source_case.len,
		    (const char *)o->source_case.data);
		snprintf(r->source_service, sizeof(r->source_service), "%.*s", (int)o->source_service.len,
		    (const char *)o->source_service.data);
	}
	r->sequence = record->sequence;
	r->revision = o->revision;
	r->is_dirty = true;
	return EN_OK;
}

static enum en_err
fold_consent(struct state *s, const struct body_output *o, uint64_t case_hash)
{
	struct view key = view_of(&case_hash, sizeof(case_hash));
	struct buf *consent = strmap_get(&s->consents, key);

	if (consent == NULL) {
		consent = calloc(1, sizeof(*consent));
		if (consent == NULL || strmap_put(&s->consents, key, consent, NULL) != EN_OK) {
			free(consent);
			return EN_ENOMEM;
		}
	}
	buf_clear(consent);
	buf_put_view(consent, o->source_case); // of a ConsentUpdate: the Consent's bytes
	return consent->err;
}

static enum en_err
fold_output(struct state *s, const struct record *record, const struct body_input *in, uint16_t index)
{
	const struct body_output *o = &in->outputs[index];
	struct referral *r;
	enum en_err err = EN_OK;

	switch ((enum canonical)o->type) {
	case CANONICAL_REFERRAL:
		err = fold_referral(s, record, in, o);
		break;
	case CANONICAL_STATUS:
		r = state_referral(s, o->reference);
		if (r != NULL && referral_may_move(r->state, o->state)) {
			r->state = o->state;
			r->is_dirty = true;
		} else {
			s->illegal_moves++;
		}
		break;
	case CANONICAL_CONSENT:
		err = fold_consent(s, o, in->case_hash);
		break;
	default:
		break;
	}
	return err == EN_OK ? owe(s, record, in, o, index) : err;
}

static void
held_remove(struct state *s, struct held *h)
{
	free(h->agency);
	free(h->source);
	free(h->id);
	free(h->field);
	free(h->place);
	free(h->type);
	memmove(h, h + 1, (size_t)(s->held + s->held_count - (h + 1)) * sizeof(*h));
	s->held_count--;
}

static enum en_err
held_add(struct state *s, const struct record *record, const struct body_input *in)
{
	struct held h = {.sequence = record->sequence,
	    .case_hash = in->case_hash,
	    .reason = in->reason,
	    .since_ms = record->wall_ms};

	if (s->held_count == s->held_cap) {
		size_t cap = s->held_cap == 0 ? 32 : s->held_cap * 2;
		struct held *grown = realloc(s->held, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		s->held = grown;
		s->held_cap = cap;
	}
	memcpy(h.event_id, record->id, sizeof(h.event_id));
	h.agency = view_dup(in->agency);
	h.source = view_dup(in->source);
	h.id = view_dup(in->id);
	h.field = view_dup(in->field);
	h.place = view_dup(in->place);
	h.type = view_dup(in->type);
	s->held[s->held_count++] = h;
	return h.agency == NULL || h.source == NULL || h.id == NULL || h.field == NULL || h.place == NULL ||
		h.type == NULL
	    ? EN_ENOMEM
	    : EN_OK;
}

// received = recorded + held + refused, whatever comes.
static void
count_input(struct state *s, struct agency_counts *a, const struct record *record, const struct body_input *in)
{
	struct held *replaced = in->supersedes != 0 ? state_held_at(s, in->supersedes) : NULL;
	struct held *released = in->releases != 0 ? state_held_at(s, in->releases) : NULL;

	if (released != NULL) {
		a->held--;
		held_remove(s, released);
	} else {
		a->received++;
	}
	if (replaced != NULL) {
		a->held--;
		a->refused++;
		a->refused_by[REASON_SUPERSEDED]++;
		held_remove(s, replaced);
	}
	if (in->is_held) {
		a->held++;
	} else {
		a->recorded++;
		a->last_position = record->sequence;
		a->last_recorded_ms = record->wall_ms;
	}
}

static enum en_err
fold_input(struct state *s, const struct record *record, struct arena *scratch)
{
	struct dedup_entry entry = {.sequence = record->sequence};
	struct agency_counts *a;
	struct body_input in;
	struct dedup *d;
	enum en_err err = body_get_input(record->body, scratch, &in);

	if (err != EN_OK) {
		return err;
	}
	a = state_agency(s, in.agency);
	d = state_dedup(s, in.source);
	if (a == NULL || d == NULL) {
		return EN_ENOMEM;
	}
	count_input(s, a, record, &in);
	memcpy(entry.id, record->id, sizeof(entry.id));
	entry.content = in.content;
	err = dedup_put(d, &entry);
	if (err == EN_OK && in.is_held) {
		err = held_add(s, record, &in);
	}
	for (uint16_t i = 0; i < in.output_count && err == EN_OK && !in.is_held; i++) {
		err = fold_output(s, record, &in, i);
	}
	return err == EN_OK ? state_set_client(s, in.agency, in.client, in.client_sequence) : err;
}

static enum en_err
fold_refused(struct state *s, const struct record *record)
{
	struct body_refused in;
	struct agency_counts *a;
	enum en_err err = body_get_refused(record->body, &in);

	if (err != EN_OK) {
		return err;
	}
	a = state_agency(s, in.agency);
	if (a == NULL) {
		return EN_ENOMEM;
	}
	a->received++;
	a->refused++;
	a->refused_by[in.reason < REASON_COUNT ? in.reason : REASON_NONE]++;
	return state_set_client(s, in.agency, in.client, in.client_sequence);
}

static void
unpark(struct subscription_state *sub, uint64_t number)
{
	struct parked *p = parked_find(sub, number);

	if (p != NULL) {
		*p = sub->parked[--sub->parked_count];
	}
}

static enum en_err
park(struct subscription_state *sub, const struct body_outcome *o, uint8_t lane)
{
	if (sub->parked_count == sub->parked_cap) {
		size_t cap = sub->parked_cap == 0 ? 16 : sub->parked_cap * 2;
		struct parked *grown = realloc(sub->parked, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		sub->parked = grown;
		sub->parked_cap = cap;
	}
	sub->parked[sub->parked_count++] =
	    (struct parked){.number = o->number, .not_before_ms = o->not_before_ms, .lane = lane};
	return EN_OK;
}

static enum en_err
bury(
    struct subscription_state *sub, const struct body_outcome *o, const struct owed *owed, uint8_t lane, int64_t now_ms)
{
	struct dead d = {
	    .number = o->number, .case_hash = owed->case_hash, .since_ms = now_ms, .reason = o->reason, .lane = lane};

	if (sub->dead_count == sub->dead_cap) {
		size_t cap = sub->dead_cap == 0 ? 16 : sub->dead_cap * 2;
		struct dead *grown = realloc(sub->dead, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		sub->dead = grown;
		sub->dead_cap = cap;
	}
	snprintf(d.code, sizeof(d.code), "%.*s", (int)o->code.len, (const char *)o->code.data);
	sub->dead[sub->dead_count++] = d;
	return EN_OK;
}

static enum en_err
remember_reference(struct state *s, const struct body_outcome *o)
{
	struct referral *r = state_referral(s, o->reference);
	uint8_t key[16];
	char *referral_id;
	void *old;

	if (r != NULL && r->state == REFERRAL_SUBMITTED) {
		r->state = REFERRAL_DELIVERED;
		r->is_dirty = true;
	}
	if (o->recipient_reference.len == 0 || o->reference.len == 0) {
		return EN_OK;
	}
	state_reference_key(s, o->agency, o->recipient_reference, key);
	referral_id = view_dup(o->reference);
	if (referral_id == NULL || strmap_put(&s->references, view_of(key, sizeof(key)), referral_id, &old) != EN_OK) {
		free(referral_id);
		return EN_ENOMEM;
	}
	free(old);
	return EN_OK;
}

static enum en_err
fold_outcome(struct state *s, const struct record *record, const struct body_outcome *o)
{
	struct subscription_state *sub = state_subscription(s, o->subscription);
	struct owed *owed = NULL;
	uint8_t lane = 0;
	enum en_err err = EN_OK;

	if (sub == NULL || o->outcome == 0 || o->outcome >= OUTCOME_COUNT) {
		return sub == NULL ? EN_ENOMEM : EN_ECORRUPT;
	}
	while (lane < LANE_COUNT && (owed = owed_find(&sub->lanes[lane], o->number)) == NULL) {
		lane++;
	}
	if (owed == NULL || owed->state == OWED_DONE) {
		return EN_OK; // the engine records an outcome once; a second one changes nothing
	}
	sub->is_dirty = true;
	unpark(sub, o->number);
	if (o->outcome == OUTCOME_LATER) {
		owed->state = OWED_PARKED;
		owed->attempt = (uint8_t)(o->attempt > 255 ? 255 : o->attempt);
		return park(sub, o, lane);
	}
	sub->ended[o->outcome]++;
	if (o->outcome == OUTCOME_DEAD) {
		err = bury(sub, o, owed, lane, record->wall_ms);
	} else if (o->outcome == OUTCOME_TAKEN) {
		err = remember_reference(s, o);
	}
	owed_end(&sub->lanes[lane], owed);
	return err;
}

enum en_err
fold_apply(struct state *s, const struct record *record, struct arena *scratch)
{
	struct body_outcome *outcomes;
	size_t count = 0;
	enum en_err err = EN_OK;

	s->sequence = record->sequence;
	if (record->is_damaged) {
		return EN_OK; // quarantined: counted by the journal, and nothing of it can be folded
	}
	switch ((enum record_kind)record->kind) {
	case RECORD_INPUT:
		return fold_input(s, record, scratch);
	case RECORD_REFUSED:
		return fold_refused(s, record);
	case RECORD_OUTCOME:
		err = body_get_outcomes(record->body, scratch, &outcomes, &count);
		for (size_t i = 0; i < count && err == EN_OK; i++) {
			err = fold_outcome(s, record, &outcomes[i]);
		}
		return err;
	}
	return EN_EVERSION;
}

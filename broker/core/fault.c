// SPDX-License-Identifier: Apache-2.0
// The broker's own word: FAULT, a status for the sender whose addressee gets nothing, with the reason's code (design 2.2). When that
// is known as the event comes, the fault is one more output of its record. When it turns out at delivery (withheld, expired,
// a dead letter), it is an input of the broker's own, on record in the same step as the end that it tells of: both are
// durable, or neither is and the delivery comes to its end again.
//
// Its id is made of what it is about, so that the same end is told once; a dead letter that an operator sends on its way
// again and that ends at a new attempt, or for another reason, comes to another end.
#include "core/engine.h"

// An end that a sender is to hear of.
struct fault_due {
	struct fault_due *next;
	const struct referral *referral;
	const struct rules_subscription *recipient;
	uint64_t number, case_hash;
	uint32_t attempt;
	enum reason reason;
};

// ---- the status ----------------------------------------------------------------------------------------------------

static void
put_text(struct buf *b, const struct schema_field *f, struct view value)
{
	if (f != NULL && value.len > 0) {
		buf_put_varint(b, (uint64_t)f->number << 3 | WIRE_LEN);
		buf_put_text(b, value);
	}
}

static void
put_number(struct buf *b, const struct schema_field *f, uint64_t value)
{
	if (f != NULL) {
		buf_put_varint(b, (uint64_t)f->number << 3 | WIRE_VARINT);
		buf_put_varint(b, value);
	}
}

static void
put_instant(struct buf *b, const struct core *c, int64_t wall_ms)
{
	struct buf inner = BUF_EMPTY;

	put_number(&inner, c->fields.instant_ms, (uint64_t)wall_ms);
	put_text(b, c->fields.status_at, buf_view(&inner));
	b->err = b->err == EN_OK ? inner.err : b->err;
	buf_fini(&inner);
}

// What one recipient of one referral does not get.
struct fault_facts {
	struct view referral_id, source_case, source_service;
	const char *sender, *recipient;
	enum reason reason;
};

static enum en_err
write_status(struct core *c, const struct fault_facts *facts, struct view *ret)
{
	struct buf b = BUF_EMPTY;

	put_text(&b, c->fields.status_referral, facts->referral_id);
	put_text(&b, c->fields.status_case, facts->source_case);
	put_text(&b, c->fields.status_service, facts->source_service);
	put_text(&b, c->fields.status_to, view_text(facts->sender));
	put_text(&b, c->fields.status_actor, view_text(facts->recipient));
	put_number(&b, c->fields.status_state, REFERRAL_FAULT);
	put_text(&b, c->fields.status_reason, view_text(reason_code(facts->reason)));
	put_instant(&b, c, c->now.wall_ms);
	return core_keep(c, &b, ret);
}

struct body_output
fault_about(struct view referral_id)
{
	return (struct body_output){.type = CANONICAL_STATUS,
	    .lane = LANE_REFERRAL,
	    .revision = 1,
	    .reference = referral_id,
	    .state = REFERRAL_FAULT,
	    .mapping = view_text(BROKER_MAPPING)};
}

// ---- as the event comes --------------------------------------------------------------------------------------------

enum en_err
fault_output(struct core *c, const struct rules_agency *agency, struct translation *t, const struct body_output *about,
    const struct missed *missed, struct body_output **ret)
{
	struct fault_facts facts = {.referral_id = about->reference,
	    .source_case = about->source_case,
	    .source_service = about->source_service,
	    .sender = agency->name,
	    .recipient = missed->agency->name,
	    .reason = missed->reason};
	struct body_input *in = &t->body;
	struct body_output *o;
	enum en_err err;

	if (in->output_count == LIMIT_OUTPUTS_PER_INPUT) {
		return translate_hold(c, t, REASON_TOO_MANY_OUTPUTS, "");
	}
	o = &in->outputs[in->output_count];
	*o = fault_about(about->reference);
	err = write_status(c, &facts, &o->payload);
	if (err == EN_OK) {
		err = output_id(c, t->event_id, BROKER_MAPPING, about->id, &o->id);
	}
	if (err == EN_OK) {
		in->output_count++;
		*ret = o;
	}
	return err;
}

// ---- at delivery ---------------------------------------------------------------------------------------------------

static bool
is_bad_end(uint8_t outcome)
{
	return outcome == OUTCOME_WITHHELD || outcome == OUTCOME_EXPIRED || outcome == OUTCOME_DEAD;
}

static const struct owed *
owed_by(const struct core *c, const struct rules_subscription *sub, uint8_t lane, uint64_t number)
{
	struct subscription_state *state = strmap_get(&c->state.subscriptions, view_text(sub->name));

	return state == NULL || lane >= LANE_COUNT ? NULL : owed_find(&state->lanes[lane], number);
}

// What the sender has replaced by a newer revision, and that is on its way, did not fail. A dead letter may hold the newer one, so
// it is told. (The newer one is known by its record: where several referrals stand in that, it may be another one's.)
static bool
owes_newer(
    const struct core *c, const struct rules_subscription *sub, const struct referral *r, const struct body_outcome *o)
{
	bool is_newer = r->sequence > o->number / NUMBER_OUTPUTS && o->outcome != OUTCOME_DEAD, owes = false;

	for (uint64_t i = 0; i < NUMBER_OUTPUTS && is_newer && !owes; i++) {
		owes = owed_by(c, sub, o->lane, r->sequence * NUMBER_OUTPUTS + i) != NULL;
	}
	return owes;
}

// An agency may have several subscriptions that take it. It gets nothing when the last of them ends, and none took it.
static bool
gets_it_otherwise(
    const struct core *c, const struct rules_subscription *sub, const struct referral *r, const struct body_outcome *o)
{
	bool does = referral_was_taken(r, sub->agency->name, o->number / NUMBER_OUTPUTS);

	for (uint32_t i = 0; i < rules_subscription_count(c->rules) && !does; i++) {
		const struct rules_subscription *other = rules_subscription_at(c->rules, i);

		does = other->agency == sub->agency &&
		    ((other != sub && owed_by(c, other, o->lane, o->number) != NULL) || owes_newer(c, other, r, o));
	}
	return does;
}

enum en_err
fault_remember(struct core *c, const struct rules_subscription *sub, const struct body_outcome *o)
{
	const struct referral *r;
	const struct owed *owed;
	struct fault_due *due;

	if (!is_bad_end(o->outcome) || (enum canonical)o->type != CANONICAL_REFERRAL || !o->is_addressed) {
		return EN_OK;
	}
	r = state_referral(&c->state, o->reference);
	owed = owed_by(c, sub, o->lane, o->number);
	if (r == NULL || owed == NULL || gets_it_otherwise(c, sub, r, o)) {
		return EN_OK;
	}
	due = arena_alloc(&c->scratch, sizeof(*due));
	if (due == NULL) {
		return EN_ENOMEM;
	}
	*due = (struct fault_due){.referral = r,
	    .recipient = sub,
	    .number = o->number,
	    .case_hash = owed->case_hash,
	    .attempt = o->attempt,
	    .reason = (enum reason)o->reason};
	*c->faults_tail = due;
	c->faults_tail = &due->next;
	c->fault_count++;
	return EN_OK;
}

static enum en_err
event_id(struct core *c, const struct fault_due *due, struct view *ret)
{
	struct buf about = BUF_EMPTY;
	enum en_err err;

	buf_put_u64(&about, due->number);
	buf_put_u64(&about, due->attempt);
	buf_put_u8(&about, (uint8_t)due->reason);
	buf_put_view(&about, view_text(due->recipient->name));
	err = about.err == EN_OK ? keyed_text(c, buf_view(&about), ret) : about.err;
	buf_fini(&about);
	return err;
}

static bool
was_told(const struct core *c, const uint8_t id[16])
{
	const struct dedup *d = strmap_get(&c->state.dedups, view_text(BROKER_SOURCE));

	return d != NULL && dedup_find(d, id) != NULL;
}

static enum en_err
tell(struct core *c, const struct fault_due *due)
{
	const struct referral *r = due->referral;
	struct fault_facts facts = {.referral_id = view_text(r->id),
	    .source_case = view_text(r->source_case),
	    .source_service = view_text(r->source_service),
	    .sender = r->from->name,
	    .recipient = due->recipient->agency->name,
	    .reason = due->reason};
	struct translation t = {.field = "", .place = ""};
	uint64_t sequence = 0;
	enum en_err err;

	t.body = (struct body_input){.agency = view_text(BROKER_SOURCE),
	    .form = FRAME_FORM_PROTOBUF,
	    .case_hash = due->case_hash,
	    .source = view_text(BROKER_SOURCE),
	    .type = view_text(rules_canonical_type(c->rules, CANONICAL_STATUS)->name),
	    .partition_key = facts.referral_id,
	    .time_ms = c->now.wall_ms};
	err = event_id(c, due, &t.body.id);
	if (err == EN_OK) {
		state_event_id(&c->state, t.body.source, t.body.id, t.event_id);
		if (was_told(c, t.event_id)) {
			return EN_OK;
		}
		err = write_status(c, &facts, &t.body.payload);
	}
	if (err == EN_OK) {
		err = translate_own(c, &t);
	}
	if (err == EN_OK) {
		err = record_translation(c, &t, &sequence);
	}
	return err == EN_OK ? record_tell_held(c, BROKER_SOURCE, &t, sequence) : err;
}

void
fault_forget(struct core *c)
{
	c->faults = NULL;
	c->faults_tail = &c->faults;
	c->fault_count = 0;
}

enum en_err
fault_tell_all(struct core *c)
{
	enum en_err err = EN_OK;

	for (const struct fault_due *due = c->faults; due != NULL && err == EN_OK; due = due->next) {
		err = tell(c, due);
	}
	fault_forget(c);
	return err;
}

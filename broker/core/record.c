// SPDX-License-Identifier: Apache-2.0
// Making a record: its body, its header, the fold, the effect. The state changes at once; whatever it allows waits for
// the disk (effects.c).
#include "core/engine.h"

#define HEADER_BYTES 512 // of space that a record takes beside its body, at most

// The record with c->body as its body.
static enum en_err
begin(struct core *c, enum record_kind kind, struct record *ret)
{
	*ret = (struct record){.sequence = c->state.sequence + 1,
	    .wall_ms = c->now.wall_ms,
	    .kind = (uint8_t)kind,
	    .body = buf_view(&c->body)};
	memcpy(ret->rules_digest, rules_digest(c->rules), sizeof(ret->rules_digest));
	memcpy(ret->schema_digest, schema_digest(rules_schema(c->rules)), sizeof(ret->schema_digest));
	return c->body.err;
}

static enum en_err
hand_out(struct core *c, const struct record *r)
{
	struct core_effect *e = core_effect_add(c->effects, EFFECT_RECORD);
	uint64_t taken = r->body.len + HEADER_BYTES;

	if (e == NULL) {
		return EN_ENOMEM;
	}
	e->record = *r;
	e->may_wait = (enum record_kind)r->kind == RECORD_OUTCOME;
	e->record.body = arena_copy(&c->effects->arena, r->body);
	c->space -= c->space < taken ? c->space : taken;
	return e->record.body.data == NULL ? EN_ENOMEM : EN_OK;
}

// Whether somebody is here whom it goes to. For those who are not it is read from the journal when they come: kept in
// memory it would only push out what others wait for.
static bool
is_awaited(struct core *c, const struct body_input *in)
{
	for (uint16_t i = 0; i < in->output_count && !in->is_held; i++) {
		for (uint16_t k = 0; k < in->outputs[i].decision_count; k++) {
			const struct subscription_state *sub =
			    state_subscription(&c->state, in->outputs[i].decisions[k].subscription);

			if (sub != NULL && sub->reader != NULL) {
				return true;
			}
		}
	}
	return false;
}

enum en_err
record_input(struct core *c, const struct body_input *in, const uint8_t event_id[16], uint64_t *ret_sequence)
{
	struct record r;
	enum en_err err;

	buf_clear(&c->body);
	body_put_input(&c->body, in);
	err = begin(c, RECORD_INPUT, &r);
	memcpy(r.id, event_id, sizeof(r.id));
	for (uint16_t i = 0; i < in->output_count && !in->is_held; i++) {
		r.lanes |= (uint8_t)(1u << in->outputs[i].lane);
	}
	if (err == EN_OK) {
		err = fold_input(&c->state, &r, in);
	}
	if (err == EN_OK && is_awaited(c, in)) {
		err = hot_put(&c->hot, &r);
	}
	if (ret_sequence != NULL) {
		*ret_sequence = r.sequence;
	}
	return err == EN_OK ? hand_out(c, &r) : err;
}

enum en_err
record_translation(struct core *c, struct translation *t, uint64_t *ret_sequence)
{
	enum en_err err;

	t->body.is_held = t->reason != REASON_NONE;
	t->body.reason = (uint8_t)t->reason;
	t->body.field = view_text(t->field);
	t->body.place = view_text(t->place);
	t->body.output_count = t->body.is_held ? 0 : t->body.output_count;
	err = record_input(c, &t->body, t->event_id, ret_sequence);
	if (err == EN_OK) {
		release_remember(c, *ret_sequence, t);
	}
	return err;
}

enum en_err
record_tell_held(struct core *c, const char *agency, const struct translation *t, uint64_t sequence)
{
	return t->reason == REASON_NONE
	    ? EN_OK
	    : CORE_LOG(c, LOG_WARN, "event.held", LOG_TEXT("agency", agency), LOG_NUM("position", sequence),
		  LOG_TEXT("code", reason_code(t->reason)), LOG_TEXT("field", t->field), LOG_TEXT("place", t->place));
}

enum en_err
record_refused(struct core *c, const struct body_refused *in)
{
	struct record r;
	enum en_err err;

	buf_clear(&c->body);
	body_put_refused(&c->body, in);
	err = begin(c, RECORD_REFUSED, &r);
	if (err == EN_OK) {
		err = fold_refused(&c->state, &r, in);
	}
	return err == EN_OK ? hand_out(c, &r) : err;
}

// Whoever was to know and will not is no matter of a counter alone.
static enum en_err
tell_ends(struct core *c, const struct rules_subscription *sub, const struct body_outcome *items, size_t count)
{
	enum en_err err = EN_OK;

	for (size_t i = 0; i < count && err == EN_OK; i++) {
		if (items[i].outcome == OUTCOME_WITHHELD || items[i].outcome == OUTCOME_EXPIRED) {
			err = CORE_LOG(c, LOG_WARN,
			    items[i].outcome == OUTCOME_WITHHELD ? "delivery.withheld" : "delivery.expired",
			    LOG_TEXT("subscription", sub->name), LOG_NUM("position", items[i].number / NUMBER_OUTPUTS),
			    LOG_TEXT("code", reason_code((enum reason)items[i].reason)));
		} else if (items[i].outcome == OUTCOME_DEAD) {
			err = CORE_LOG(c, LOG_WARN, "delivery.dead", LOG_TEXT("subscription", sub->name),
			    LOG_NUM("position", items[i].number / NUMBER_OUTPUTS), LOG_NUM("attempt", items[i].attempt),
			    LOG_TEXT("code", reason_code((enum reason)items[i].reason)),
			    LOG_BYTES("word", items[i].code));
		}
	}
	return err;
}

enum en_err
record_outcomes(struct core *c, const struct rules_subscription *sub, struct body_outcome *items, size_t count)
{
	struct body_outcomes body = {
	    .subscription = view_text(sub->name), .agency = view_text(sub->agency->name), .items = items};
	struct record r;
	enum en_err err = EN_OK;

	for (size_t done = 0; done < count && err == EN_OK; done += body.count) {
		body.items = items + done;
		body.count = (uint16_t)(count - done < UINT16_MAX ? count - done : UINT16_MAX);
		buf_clear(&c->body);
		body_put_outcomes(&c->body, &body);
		err = begin(c, RECORD_OUTCOME, &r);
		for (uint16_t i = 0; i < body.count && err == EN_OK; i++) {
			err = fault_remember(c, sub, &body.items[i]);
		}
		if (err == EN_OK) {
			err = fold_outcomes(&c->state, &r, &body);
		}
		if (err == EN_OK) {
			err = hand_out(c, &r);
		}
	}
	return err == EN_OK ? tell_ends(c, sub, items, count) : err;
}

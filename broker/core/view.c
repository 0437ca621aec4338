// SPDX-License-Identifier: Apache-2.0
// What one recipient gets of one output: the decision looked at again (it may only narrow), the view through the plan of
// (mapping, grants), the envelope. Made at delivery. What is decoded or translated once in a step is shared by everybody
// who gets the same.
#include "core/engine.h"
#include "schema/json.h"

#define ENVELOPE_BYTES 1024 // of a delivery beside its payload and its texts, at most, in both forms
#define ESCAPED 6 // bytes that one byte of text takes in JSON, at most

// ---- shared by a step ----------------------------------------------------------------------------------------------

static enum en_err
input_of(struct core *c, const struct hot_record *record, const struct body_input **ret)
{
	struct cached_input *place = &c->inputs[record->sequence % STEP_CACHE];
	struct body_input *in;
	enum en_err err;

	if (place->step == c->steps && place->sequence == record->sequence) {
		*ret = place->input;
		return EN_OK;
	}
	in = arena_alloc(&c->scratch, sizeof(*in));
	if (in == NULL) {
		return EN_ENOMEM;
	}
	err = body_get_input(record->body, &c->scratch, in);
	if (err == EN_OK) {
		*place = (struct cached_input){.step = c->steps, .sequence = record->sequence, .input = in};
		*ret = in;
	}
	return err;
}

static struct cached_view *
view_place(struct core *c, uint64_t number, const struct plan *plan)
{
	uint64_t mixed = number * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)(uintptr_t)plan >> 4;

	return &c->views[(mixed ^ mixed >> 32) % STEP_CACHE];
}

// ---- the payload ---------------------------------------------------------------------------------------------------

static enum en_err
end(struct delivery_view *v, enum outcome outcome, enum reason reason)
{
	v->outcome = outcome;
	v->reason = reason;
	return EN_OK;
}

static enum en_err
run_plan(struct core *c, const struct attachment *a, const struct owed *o, const struct plan *plan,
    const char *const *masked, struct delivery_view *v, struct view *ret)
{
	struct map_env env = {.recorded_wall_ms = o->recorded_ms,
	    .sender = v->sender,
	    .event_id = v->input->id,
	    .is_update = v->output->revision > 1,
	    .masked = masked};
	struct map_fault fault = {.reason = REASON_NONE};
	enum en_err err;

	memcpy(env.id_key, c->options.id_key, sizeof(env.id_key));
	err = plan_run(plan, &c->index, &env, &c->outbound, &fault);
	if (err == EN_EMAPPING) {
		(void)end(v, OUTCOME_DEAD, REASON_VIEW_FAILED);
		return CORE_LOG(c, LOG_ERROR, "delivery.view_failed", LOG_TEXT("subscription", a->state->name),
		    LOG_NUM("position", o->number / NUMBER_OUTPUTS), LOG_TEXT("code", reason_code(fault.reason)),
		    LOG_TEXT("mapping", fault.mapping), LOG_TEXT("target", fault.target));
	}
	if (err == EN_OK && c->outbound.output_count == 0) {
		return end(v, OUTCOME_WITHHELD, REASON_CONSENT); // what the person withheld is all there is
	}
	if (err == EN_OK) {
		*ret = c->outbound.outputs[0].payload;
	}
	return err;
}

// In the session's form, in the scratch arena.
static enum en_err
keep_payload(struct core *c, const struct attachment *a, uint64_t number, struct delivery_view *v, struct view *payload)
{
	static const struct json_options options = {.lenient = false};
	struct json_fault fault = {.path = ""};
	struct view made = *payload;
	enum en_err err = EN_OK;

	if (a->session->form == FRAME_FORM_JSON) {
		buf_clear(&c->payload);
		err = json_from_payload(a->rules->as, made, &options, &c->payload, &fault);
		made = buf_view(&c->payload);
	}
	if (err == EN_ENOMEM) {
		return err;
	}
	if (err != EN_OK) {
		(void)end(v, OUTCOME_DEAD, REASON_VIEW_FAILED);
		return CORE_LOG(c, LOG_ERROR, "delivery.view_failed", LOG_TEXT("subscription", a->state->name),
		    LOG_NUM("position", number / NUMBER_OUTPUTS), LOG_TEXT("field", fault.path));
	}
	*payload = arena_copy(&c->scratch, made);
	return payload->data == NULL && made.len > 0 ? EN_ENOMEM : EN_OK;
}

static enum en_err
payload_of(struct core *c, const struct attachment *a, const struct owed *o, const struct plan *plan,
    const char *const *masked, struct delivery_view *v, struct view *ret)
{
	struct cached_view *place = view_place(c, o->number, plan);
	uint8_t form = a->session->form;
	enum en_err err;

	if (masked == NULL && place->step == c->steps && place->number == o->number && place->plan == plan &&
	    place->form == form) {
		*ret = place->payload;
		return EN_OK;
	}
	err = run_plan(c, a, o, plan, masked, v, ret);
	if (err == EN_OK && v->outcome == 0) {
		err = keep_payload(c, a, o->number, v, ret);
	}
	if (err == EN_OK && v->outcome == 0 && masked == NULL) {
		*place = (struct cached_view){
		    .step = c->steps, .number = o->number, .plan = plan, .form = form, .payload = *ret};
	}
	return err;
}

// ---- the envelope --------------------------------------------------------------------------------------------------

// The case as this recipient sees it: the same for its events, another one for everybody else, and never the sender's
// own number, which would be a join key.
static enum en_err
case_of(struct core *c, const struct attachment *a, uint64_t case_hash, char **ret)
{
	struct view agency = view_text(a->rules->agency->name), text = VIEW_EMPTY;
	uint8_t bytes[8 + 64];
	size_t len = agency.len < 64 ? agency.len : 64;
	enum en_err err;

	memcpy(bytes, &case_hash, 8);
	memcpy(bytes + 8, agency.data, len);
	err = keyed_text(c, view_of(bytes, 8 + len), &text);
	*ret = err == EN_OK ? arena_text(&c->scratch, text) : NULL;
	return *ret == NULL ? EN_ENOMEM : EN_OK;
}

static enum en_err
add_extra(struct core *c, struct event_parts *parts, size_t *count, const char *name, struct view value)
{
	parts->extra[*count].name = name;
	parts->extra[*count].value = arena_text(&c->scratch, value);
	return parts->extra[(*count)++].value == NULL ? EN_ENOMEM : EN_OK;
}

static enum en_err
envelope(struct core *c, const struct attachment *a, const struct owed *o, struct view payload, struct delivery_view *v)
{
	const struct body_decision *d = v->decision;
	struct event_parts parts = {.id = arena_text(&c->scratch, v->output->id),
	    .source = BROKER_SOURCE,
	    .type = a->rules->as->name,
	    .time_ms = o->recorded_ms,
	    .expiry_ms = v->input->expiry_ms,
	    .payload = payload,
	    .payload_is_json = a->session->form == FRAME_FORM_JSON};
	int64_t deadline = d->acknowledge_by_ms != 0 ? d->acknowledge_by_ms : d->decide_by_ms;
	char *case_id = NULL, when[25];
	size_t extra = 0;
	enum en_err err = parts.id == NULL ? EN_ENOMEM : case_of(c, a, v->input->case_hash, &case_id);

	parts.partitionkey = case_id;
	if (err == EN_OK) {
		err = add_extra(c, &parts, &extra, "enlagreement", d->agreement);
	}
	if (err == EN_OK) {
		err = add_extra(c, &parts, &extra, "enlpurpose", d->purpose);
	}
	if (err == EN_OK && v->output->reference.len > 0) {
		err = add_extra(c, &parts, &extra, "correlationid", v->output->reference);
	}
	if (err == EN_OK && deadline != 0) {
		wall_format(deadline, when);
		err = add_extra(c, &parts, &extra, "enldeadline", view_text(when));
	}
	v->payload_bytes = payload.len;
	v->frame_bytes = payload.len + ENVELOPE_BYTES +
	    ESCAPED * (strlen(parts.type) + d->agreement.len + d->purpose.len + v->output->reference.len);
	return err == EN_OK ? event_build(&parts, &c->scratch, &v->event) : err;
}

// ---- the whole -----------------------------------------------------------------------------------------------------

static const struct body_decision *
decision_for(const struct body_output *out, const char *subscription)
{
	for (uint16_t i = 0; i < out->decision_count; i++) {
		if (view_is(out->decisions[i].subscription, subscription)) {
			return &out->decisions[i];
		}
	}
	return NULL;
}

// What the person wants is an end. What the operators' files say is mended there, perhaps tomorrow, when an agreement that
// lapsed at the turn of the year is renewed: until somebody decides, it is a dead letter, and not lost without a word.
static enum en_err
withhold(struct delivery_view *v, enum reason reason)
{
	return end(v, reason == REASON_CONSENT ? OUTCOME_WITHHELD : OUTCOME_DEAD, reason);
}

static enum en_err
narrow(struct core *c, const struct attachment *a, struct delivery_view *v, const struct plan **ret_plan,
    const char *const **ret_masked)
{
	const struct body_decision *d = v->decision;
	struct narrow_input n = {.subscription = a->rules,
	    .from = rules_agency_by_name(c->rules, v->sender),
	    .purpose = arena_text(&c->scratch, d->purpose),
	    .agreement = arena_text(&c->scratch, d->agreement),
	    .route = arena_text(&c->scratch, d->route),
	    .type = (enum canonical)v->output->type,
	    .canonical = &c->index,
	    .case_consent = state_consent(&c->state, v->input->case_hash),
	    .wall_ms = c->now.wall_ms};
	enum reason reason;

	if (n.purpose == NULL || n.agreement == NULL || n.route == NULL) {
		return EN_ENOMEM;
	}
	if (n.from == NULL) {
		return withhold(v, REASON_NO_AGREEMENT); // the sender is no agency of these rules any more
	}
	reason = rules_narrow(c->rules, &n, &c->scratch, ret_plan, ret_masked);
	if (reason == REASON_BUSY) {
		return EN_ENOMEM;
	}
	return reason == REASON_NONE ? EN_OK : withhold(v, reason);
}

// Whose event it is. The broker's own word is about a referral, and stands for the sender of that (rules.h, is_brokers).
static const char *
sender_of(struct core *c, const struct delivery_view *v)
{
	const struct referral *r =
	    view_is(v->input->agency, BROKER_SOURCE) ? state_referral(&c->state, v->output->reference) : NULL;

	return r != NULL ? r->from->name : arena_text(&c->scratch, v->input->agency);
}

static enum en_err
find(struct core *c, const struct attachment *a, const struct owed *o, const struct hot_record *record,
    struct delivery_view *v)
{
	uint64_t index = o->number % NUMBER_OUTPUTS;
	enum en_err err = record->kind == RECORD_INPUT ? input_of(c, record, &v->input) : EN_ECORRUPT;

	if (err == EN_OK && index < v->input->output_count) {
		v->output = &v->input->outputs[index];
		v->decision = decision_for(v->output, a->state->name);
	}
	if (err == EN_ENOMEM) {
		return err;
	}
	// The record is damaged, or does not say what the fold saw.
	if (v->decision == NULL) {
		return end(v, OUTCOME_DEAD, REASON_QUARANTINED);
	}
	v->sender = sender_of(c, v);
	return v->sender == NULL ? EN_ENOMEM : EN_OK;
}

enum en_err
view_make(struct core *c, const struct attachment *a, const struct owed *o, const struct hot_record *record,
    struct delivery_view *ret)
{
	const struct schema_type *type;
	const struct plan *plan = NULL;
	const char *const *masked = NULL;
	struct view payload = VIEW_EMPTY;
	enum en_err err;

	*ret = (struct delivery_view){.event = NULL};
	err = find(c, a, o, record, ret);
	if (err != EN_OK || ret->outcome != 0) {
		return err;
	}
	if (ret->input->expiry_ms != 0 && ret->input->expiry_ms <= c->now.wall_ms) {
		return end(ret, OUTCOME_EXPIRED, REASON_EXPIRED);
	}
	type = rules_canonical_type(c->rules, (enum canonical)ret->output->type);
	err = type == NULL ? EN_EFORMAT : index_build(&c->index, type, ret->output->payload, NULL);
	if (err == EN_ENOMEM) {
		return err;
	}
	if (err != EN_OK) {
		return end(ret, OUTCOME_DEAD, REASON_VIEW_FAILED);
	}
	err = narrow(c, a, ret, &plan, &masked);
	if (err == EN_OK && ret->outcome == 0) {
		err = payload_of(c, a, o, plan, masked, ret, &payload);
	}
	return err == EN_OK && ret->outcome == 0 ? envelope(c, a, o, payload, ret) : err;
}

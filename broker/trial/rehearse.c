// SPDX-License-Identifier: Apache-2.0
// The way of an event (design section 3) from admission to view, in one call.
#include "trial/rehearse.h"

#include <stdio.h>

#include "base/limits.h"

void
rehearsal_init(struct rehearsal *h)
{
	*h = (struct rehearsal){.reason = REASON_NONE};
	arena_init(&h->arena, 0);
	index_init(&h->input);
	index_init(&h->inner);
	map_run_init(&h->run);
	h->run.trace = true;
}

void
rehearsal_fini(struct rehearsal *h)
{
	map_run_fini(&h->run);
	index_fini(&h->inner);
	index_fini(&h->input);
	arena_fini(&h->arena);
}

static void
stop(struct rehearsal *h, enum reason reason, const char *field)
{
	h->reason = reason;
	snprintf(h->field, sizeof(h->field), "%s", field);
}

// ---- what a broker would know ----------------------------------------------------------------------------------------

static bool
referral_by(void *context, const char *sender, struct view reference, struct view *ret)
{
	const struct rehearsal_question *q = context;

	(void)sender; // the question is about one sender
	for (size_t i = 0; i < q->known_count; i++) {
		if (view_equal(view_text(q->known[i].reference), reference)) {
			*ret = view_text(q->known[i].referral_id);
			return true;
		}
	}
	return false;
}

static struct map_env
env_of(const struct rehearsal_question *q)
{
	return (struct map_env){.recorded_wall_ms = q->recorded_ms,
	    .sender = q->sender == NULL ? "" : q->sender->name,
	    .event_id = view_text("rehearsal"),
	    .referral_by = referral_by,
	    .context = (void *)(uintptr_t)q};
}

// A status about a referral that is not known keeps what it says itself.
static enum en_err
complete_status(struct rehearsal *h, const struct rehearsal_question *q, struct rehearsed_output *o)
{
	const struct schema_type *t = rules_canonical_type(q->rules, CANONICAL_STATUS);
	const struct schema_field *id = schema_field_by_name(t, view_text("referral_id"));
	const struct index_node *n = id == NULL ? NULL : index_last(&h->inner, 0, id);
	struct buf payload = BUF_EMPTY;

	for (size_t i = 0; n != NULL && i < q->known_count; i++) {
		const struct known_referral *k = &q->known[i];
		struct status_facts facts = {.source_case = view_text(k->source_case),
		    .source_service = view_text(k->source_service),
		    .to_agency = k->from,
		    .actor_agency = q->sender == NULL ? NULL : q->sender->name};

		if (!view_equal(view_text(k->referral_id), index_bytes(&h->inner, n))) {
			continue;
		}
		buf_put_view(&payload, o->payload);
		rules_complete_status(q->rules, &facts, &payload);
		o->payload = arena_copy(&h->arena, buf_view(&payload));
		break;
	}
	enum en_err err = payload.err != EN_OK || (payload.len > 0 && o->payload.data == NULL) ? EN_ENOMEM : EN_OK;

	if (err == EN_OK && payload.len > 0) {
		err = index_build(&h->inner, t, o->payload, NULL);
	}
	buf_fini(&payload);
	return err;
}

// ---- lineage -----------------------------------------------------------------------------------------------------------

// Of one output; the texts belong to the mapping.
static enum en_err
keep_lineage(struct rehearsal *h, size_t output, struct lineage *ret)
{
	ret->count = 0;
	ret->items = arena_alloc(&h->arena, (h->run.trace_count + 1) * sizeof(*ret->items));
	for (size_t i = 0; ret->items != NULL && i < h->run.trace_count; i++) {
		if (h->run.traces[i].output == output) {
			ret->items[ret->count++] = h->run.traces[i];
		}
	}
	return ret->items == NULL ? EN_ENOMEM : EN_OK;
}

// ---- recipients --------------------------------------------------------------------------------------------------------

static enum en_err
view_for(struct rehearsal *h, const struct rehearsal_question *q, const struct rehearsed_output *o,
    struct rehearsed_delivery *d)
{
	const struct narrow_input narrow = {.subscription = d->decided->subscription,
	    .from = q->sender,
	    .purpose = d->decided->purpose,
	    .agreement = d->decided->agreement,
	    .route = d->decided->route,
	    .type = o->type,
	    .canonical = &h->inner,
	    .case_consent = q->case_consent,
	    .wall_ms = q->recorded_ms};
	struct map_env env = env_of(q);
	enum en_err err;

	d->reason = rules_narrow(q->rules, &narrow, &h->arena, &d->plan, &d->masked);
	if (d->reason != REASON_NONE) {
		return d->reason == REASON_BUSY ? EN_ENOMEM : EN_OK;
	}
	err = withheld_fields(d->plan, d->masked, &h->arena, &d->withheld, &d->withheld_count);
	if (err != EN_OK) {
		return err;
	}
	env.masked = d->masked;
	err = plan_run(d->plan, &h->inner, &env, &h->run, &d->fault);
	if (err == EN_EMAPPING) {
		d->reason = REASON_VIEW_FAILED;
		return EN_OK;
	}
	if (err == EN_OK && h->run.output_count == 0) {
		d->reason = REASON_CONSENT; // what the person withheld is all there is
		return EN_OK;
	}
	if (err == EN_OK) {
		d->payload = arena_copy(&h->arena, h->run.outputs[0].payload);
		err = d->payload.data == NULL && d->payload.len > 0 ? EN_ENOMEM : keep_lineage(h, 0, &d->lineage);
	}
	return err;
}

static enum en_err
decide(struct rehearsal *h, const struct rehearsal_question *q, struct rehearsed_output *o)
{
	const struct decide_input in = {.from = q->sender,
	    .type = o->type,
	    .canonical = &h->inner,
	    .wall_ms = q->recorded_ms,
	    .case_consent = q->case_consent,
	    .notes = &o->notes};
	enum en_err err = rules_decide(q->rules, &in, &h->arena, &o->decision);

	if (err != EN_OK) {
		return err;
	}
	if (o->decision.fault != REASON_NONE) {
		stop(h, o->decision.fault, o->decision.fault_path);
		h->route = o->decision.fault_route;
		return EN_OK;
	}
	if (o->decision.recipient_count == 0 && o->decision.if_nobody == NOBODY_HOLD && o->type != CANONICAL_CONSENT) {
		stop(h, REASON_NO_RECIPIENT, "");
	}
	o->deliveries = arena_zalloc(&h->arena, (o->decision.recipient_count + 1) * sizeof(*o->deliveries));
	err = o->deliveries == NULL ? EN_ENOMEM : EN_OK;
	for (size_t i = 0; i < o->decision.recipient_count && err == EN_OK; i++) {
		o->deliveries[i].decided = &o->decision.recipients[i];
		err = view_for(h, q, o, &o->deliveries[i]);
	}
	return err;
}

static enum en_err
decide_all(struct rehearsal *h, const struct rehearsal_question *q)
{
	enum en_err err = EN_OK;

	for (size_t i = 0; i < h->output_count && err == EN_OK; i++) {
		struct rehearsed_output *o = &h->outputs[i];
		struct index_fault fault = {.path = ""};

		err = index_build(&h->inner, rules_canonical_type(q->rules, o->type), o->payload, &fault);
		if (err != EN_OK && err != EN_ENOMEM) {
			stop(h, REASON_SCHEMA_INVALID, fault.path);
			return EN_OK;
		}
		if (err == EN_OK && o->type == CANONICAL_STATUS) {
			err = complete_status(h, q, o);
		}
		if (err == EN_OK) {
			err = decide(h, q, o);
		}
	}
	return err;
}

// ---- outputs -------------------------------------------------------------------------------------------------------------

static enum en_err
run_one(struct rehearsal *h, const struct rehearsal_question *q, const struct plan *plan)
{
	const struct mapping *mapping = plan_mapping(plan);
	const struct map_env env = env_of(q);
	enum en_err err = plan_run(plan, &h->input, &env, &h->run, &h->fault);

	if (err == EN_EMAPPING) {
		stop(h, h->fault.reason, h->fault.source[0] != '\0' ? h->fault.source : h->fault.target);
		return EN_OK;
	}
	for (size_t i = 0; i < h->run.output_count && err == EN_OK; i++) {
		struct rehearsed_output *o = &h->outputs[h->output_count];

		if (h->output_count == LIMIT_OUTPUTS_PER_INPUT) {
			stop(h, REASON_TOO_MANY_OUTPUTS, "");
			return EN_OK;
		}
		o->type = rules_canonical_of(q->rules, mapping_to(mapping));
		o->mapping = mapping;
		o->payload = arena_copy(&h->arena, h->run.outputs[i].payload);
		err = o->payload.data == NULL && h->run.outputs[i].payload.len > 0 ? EN_ENOMEM
										   : keep_lineage(h, i, &o->lineage);
		h->output_count++;
	}
	return err;
}

// The input's index, or reason.
static enum en_err
begin(struct rehearsal *h, const struct rehearsal_question *q)
{
	struct index_fault fault = {.path = ""};
	enum en_err err;

	arena_reset(&h->arena);
	h->reason = REASON_NONE;
	h->fault = (struct map_fault){.reason = REASON_NONE};
	h->field[0] = '\0';
	h->route = NULL;
	h->output_count = 0;
	h->outputs = arena_zalloc(&h->arena, LIMIT_OUTPUTS_PER_INPUT * sizeof(*h->outputs));
	if (h->outputs == NULL) {
		return EN_ENOMEM;
	}
	err = index_build(&h->input, q->type, q->payload, &fault);
	if (err != EN_OK && err != EN_ENOMEM) {
		stop(h, REASON_SCHEMA_INVALID, fault.path);
		return EN_OK;
	}
	return err;
}

enum en_err
rehearse_plan(struct rehearsal *h, const struct rehearsal_question *q, const struct plan *plan)
{
	enum en_err err = begin(h, q);

	return err == EN_OK && h->reason == REASON_NONE ? run_one(h, q, plan) : err;
}

enum en_err
rehearse(struct rehearsal *h, const struct rehearsal_question *q)
{
	enum canonical type = rules_canonical_of(q->rules, q->type);
	const struct plan *const *plans;
	size_t count = 0;
	enum en_err err = begin(h, q);

	if (err != EN_OK || h->reason != REASON_NONE) {
		return err;
	}
	if (type != CANONICAL_COUNT) {
		h->outputs[h->output_count++] = (struct rehearsed_output){.type = type, .payload = q->payload};
	}
	plans = type != CANONICAL_COUNT ? NULL : rules_inbound(q->rules, q->type, &count);
	for (size_t i = 0; i < count && err == EN_OK && h->reason == REASON_NONE; i++) {
		err = run_one(h, q, plans[i]);
	}
	if (err == EN_OK && h->reason == REASON_NONE && h->output_count == 0) {
		stop(h, REASON_NO_MAPPING, "");
	}
	return err == EN_OK && h->reason == REASON_NONE ? decide_all(h, q) : err;
}

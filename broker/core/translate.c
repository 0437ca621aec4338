// SPDX-License-Identifier: Apache-2.0
// One input on its way in: validated by its schema, mapped to canonical events, all or none, decided.
#include "core/engine.h"

struct translator {
	struct core *c;
	const struct rules_agency *agency;
	struct translation *t;
	const struct body_output *indexed; // that c->inner is of: memory serves again, so an address tells nothing
	size_t output_bytes;
};

// What passes as it is: a canonical type that an agency publishes itself.
static const char identity[] = "identity";

enum en_err
translate_hold(struct core *c, struct translation *t, enum reason reason, const char *field)
{
	t->reason = reason;
	t->field = arena_text(&c->scratch, view_text(field));
	return t->field == NULL ? EN_ENOMEM : EN_OK;
}

static bool
referral_by(void *context, const char *sender, struct view reference, struct view *ret)
{
	struct translator *tr = context;
	const struct state *s = &tr->c->state;
	const char *id = state_referral_by(s, view_text(sender), reference);

	*ret = view_text(id);
	if (id == NULL) {
		tr->t->has_wanted = true;
		state_reference_key(s, view_text(sender), reference, tr->t->wanted);
	}
	return id != NULL;
}

// ---- deciding ------------------------------------------------------------------------------------------------------

static enum en_err
keep_decision(struct core *c, const struct decision *d, struct body_output *o)
{
	if (d->recipient_count + d->missed_count == 0) {
		return EN_OK;
	}
	o->decisions = arena_zalloc(&c->scratch, d->recipient_count * sizeof(*o->decisions) + 1);
	o->missed = arena_zalloc(&c->scratch, d->missed_count * sizeof(*o->missed) + 1);
	if (o->decisions == NULL || o->missed == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < d->recipient_count && i < UINT16_MAX; i++) {
		const struct decided *r = &d->recipients[i];

		o->decisions[o->decision_count++] =
		    (struct body_decision){.subscription = view_text(r->subscription->name),
			.agency = view_text(r->subscription->agency->name),
			.route = view_text(r->route),
			.agreement = view_text(r->agreement),
			.purpose = view_text(r->purpose),
			.acknowledge_by_ms = r->acknowledge_by_ms,
			.decide_by_ms = r->decide_by_ms,
			.is_addressed = r->addressed};
	}
	for (size_t i = 0; i < d->missed_count && i < UINT16_MAX; i++) {
		o->missed[o->missed_count++] = (struct body_missed){.agency = view_text(d->missed[i].agency->name),
		    .route = view_text(d->missed[i].route),
		    .reason = (uint8_t)d->missed[i].reason};
	}
	return EN_OK;
}

static enum en_err
nobody(struct translator *tr, const struct body_output *o, enum if_nobody what)
{
	struct core *c = tr->c;
	enum en_err err = EN_OK;

	if (what == NOBODY_FINE || (enum canonical)o->type == CANONICAL_CONSENT) {
		return EN_OK;
	}
	if (what == NOBODY_HOLD) {
		err = translate_hold(c, tr->t, REASON_NO_RECIPIENT, "");
	}
	return err != EN_OK
	    ? err
	    : CORE_LOG(c, LOG_ERROR, "alarm.no_recipient", LOG_TEXT("agency", tr->agency->name),
		  LOG_NUM("position", c->state.sequence + 1),
		  LOG_TEXT("remedy",
		      "check routes, agreements and subscriptions, then release: enlace msg ls --state held"));
}

// is_brokers: the broker's own word to the sender, which may go nowhere without anybody being told again.
static enum en_err
decide(struct translator *tr, struct body_output *o, bool is_brokers, struct decision *d)
{
	struct core *c = tr->c;
	const struct schema_type *type = rules_canonical_type(c->rules, (enum canonical)o->type);
	struct decide_input in = {.from = tr->agency,
	    .type = (enum canonical)o->type,
	    .canonical = &c->inner,
	    .wall_ms = c->now.wall_ms,
	    .case_consent = state_consent(&c->state, tr->t->body.case_hash),
	    .is_brokers = is_brokers,
	    .run = &c->inbound.cel};
	enum en_err err = EN_OK;

	*d = (struct decision){.recipient_count = 0};
	// An output that was just described is indexed still, unless that gave it another payload.
	if (tr->indexed != o || c->inner.payload.data != o->payload.data) {
		err = index_build(&c->inner, type, o->payload, NULL);
		tr->indexed = o;
	}
	if (err == EN_ENOMEM) {
		return err;
	}
	if (err != EN_OK) {
		return translate_hold(c, tr->t, REASON_SCHEMA_INVALID, "");
	}
	err = rules_decide(c->rules, &in, &c->scratch, d);
	if (err == EN_OK && d->fault != REASON_NONE) {
		return translate_hold(c, tr->t, d->fault, d->fault_path);
	}
	return err == EN_OK ? keep_decision(c, d, o) : err;
}

// For an addressed recipient who gets nothing: the sender hears why (design 2.2).
static enum en_err
add_fault(struct translator *tr, const struct body_output *about, const struct missed *missed)
{
	struct body_output *o = NULL;
	struct decision d;
	enum en_err err = fault_output(tr->c, tr->agency, tr->t, about, missed, &o);

	return err == EN_OK && tr->t->reason == REASON_NONE ? decide(tr, o, true, &d) : err;
}

static enum en_err
decide_output(struct translator *tr, struct body_output *o)
{
	struct decision d;
	enum en_err err = decide(tr, o, false, &d);

	if (err == EN_OK && tr->t->reason == REASON_NONE && d.recipient_count == 0) {
		err = nobody(tr, o, d.if_nobody);
	}
	for (size_t i = 0; i < d.missed_count && err == EN_OK && tr->t->reason == REASON_NONE; i++) {
		if (d.missed[i].addressed && (enum canonical)o->type == CANONICAL_REFERRAL) {
			err = add_fault(tr, o, &d.missed[i]);
		}
	}
	return err;
}

// ---- mapping -------------------------------------------------------------------------------------------------------

// payload stays where it is until the step is over.
static enum en_err
add_output(struct translator *tr, struct view payload, const char *mapping, struct view split_key, enum canonical type)
{
	struct core *c = tr->c;
	struct body_input *in = &tr->t->body;
	struct index_fault fault = {.path = ""};
	struct body_output *o;
	enum en_err err;

	tr->output_bytes += payload.len;
	if (in->output_count == LIMIT_OUTPUTS_PER_INPUT) {
		return translate_hold(c, tr->t, REASON_TOO_MANY_OUTPUTS, "");
	}
	if (tr->output_bytes > LIMIT_OUTPUT_FACTOR * c->limits.event_bytes) {
		return translate_hold(c, tr->t, REASON_OVERSIZE, "");
	}
	o = &in->outputs[in->output_count++];
	*o = (struct body_output){
	    .type = (uint8_t)type, .revision = 1, .mapping = view_text(mapping), .payload = payload};
	err = output_id(c, tr->t->event_id, mapping, split_key, &o->id);
	if (err == EN_OK) {
		err = index_build(&c->inner, rules_canonical_type(c->rules, type), o->payload, &fault);
		tr->indexed = o;
	}
	if (err == EN_ENOMEM) {
		return err;
	}
	if (err != EN_OK) {
		tr->t->refuse = mapping == identity;
		return translate_hold(c, tr->t, REASON_SCHEMA_INVALID, fault.path);
	}
	return output_describe(c, tr->agency, tr->t, o);
}

static enum en_err
hold_fault(struct core *c, struct translation *t, const struct map_fault *fault)
{
	t->place = arena_printf(&c->scratch, "%s:%u:%u", fault->where.file == NULL ? "" : fault->where.file,
	    fault->where.line, fault->where.column);
	return t->place == NULL
	    ? EN_ENOMEM
	    : translate_hold(c, t, fault->reason, fault->source[0] != '\0' ? fault->source : fault->target);
}

static enum en_err
map_one(struct translator *tr, const struct plan *plan)
{
	struct core *c = tr->c;
	struct map_env env = {.recorded_wall_ms = c->now.wall_ms,
	    .sender = tr->agency->name,
	    .event_id = tr->t->body.id,
	    .referral_by = referral_by,
	    .context = tr};
	struct map_fault fault = {.reason = REASON_NONE};
	const struct mapping *mapping = plan_mapping(plan);
	enum canonical type = rules_canonical_of(c->rules, mapping_to(mapping));
	enum en_err err;

	memcpy(env.id_key, c->options.id_key, sizeof(env.id_key));
	err = plan_run(plan, &c->index, &env, &c->inbound, &fault);
	if (err == EN_EMAPPING) {
		return hold_fault(c, tr->t, &fault);
	}
	for (size_t i = 0; i < c->inbound.output_count && err == EN_OK && tr->t->reason == REASON_NONE; i++) {
		const struct map_output *made = &c->inbound.outputs[i];
		struct view payload = arena_copy(&c->scratch, made->payload); // the next plan's run takes that memory

		err = payload.data == NULL && payload.len > 0
		    ? EN_ENOMEM
		    : add_output(tr, payload, mapping_name(mapping), made->split_key, type);
	}
	return err;
}

static enum en_err
map_all(struct translator *tr, const struct schema_type *type, struct view payload)
{
	struct core *c = tr->c;
	struct index_fault fault = {.path = ""};
	enum en_err err = index_build(&c->index, type, payload, &fault);
	const struct plan *const *plans;
	size_t count;

	if (err == EN_ENOMEM) {
		return err;
	}
	if (err != EN_OK) {
		tr->t->refuse = true;
		return translate_hold(c, tr->t, REASON_SCHEMA_INVALID, fault.path);
	}
	plans = rules_inbound(c->rules, type, &count);
	for (size_t i = 0; i < count && err == EN_OK && tr->t->reason == REASON_NONE; i++) {
		err = map_one(tr, plans[i]);
	}
	if (err == EN_OK && tr->t->reason == REASON_NONE && tr->t->body.output_count == 0) {
		return translate_hold(c, tr->t, REASON_NO_MAPPING, "");
	}
	return err;
}

enum en_err
translate(struct core *c, const struct rules_agency *agency, const struct schema_type *type, struct view payload,
    struct translation *t)
{
	struct translator tr = {.c = c, .agency = agency, .t = t};
	enum canonical canonical = rules_canonical_of(c->rules, type);
	enum en_err err;

	t->body.outputs = c->outputs; // each is set when it is added
	t->body.output_count = 0;
	if (canonical != CANONICAL_COUNT) {
		err = add_output(&tr, payload, identity, VIEW_EMPTY, canonical);
	} else {
		err = map_all(&tr, type, payload);
	}
	// Decided in the order of the outputs; faults stand behind them and are decided as they are made.
	for (uint16_t i = 0, count = t->body.output_count; i < count && err == EN_OK && t->reason == REASON_NONE; i++) {
		err = decide_output(&tr, &t->body.outputs[i]);
	}
	return err;
}

enum en_err
translate_own(struct core *c, struct translation *t)
{
	const struct referral *r = state_referral(&c->state, t->body.partition_key);
	struct translator tr = {
	    .c = c, .agency = r == NULL ? NULL : rules_agency_by_name(c->rules, r->from->name), .t = t};
	struct body_output *o = &c->outputs[0];
	struct decision d;
	enum en_err err;

	*o = fault_about(t->body.partition_key);
	o->payload = t->body.payload;
	t->body.outputs = c->outputs;
	t->body.output_count = 1;
	err = output_id(c, t->event_id, BROKER_MAPPING, VIEW_EMPTY, &o->id);
	// An agency that left the rules is told nothing any more.
	return err == EN_OK && tr.agency != NULL ? decide(&tr, o, true, &d) : err;
}

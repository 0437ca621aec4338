// SPDX-License-Identifier: Apache-2.0
// One input on its way in: validated by its schema, mapped to canonical events, all or none, decided; and what an addressed recipient's silence becomes: a
// FAULT status for the sender.
#include <stdio.h>

#include "core/engine.h"

struct translator {
	struct core *c;
	const struct rules_agency *agency;
	struct translation *t;
	char sender[65];
};

static bool
referral_by(void *context, const char *sender, struct view reference, struct view *ret)
{
	const char *id = state_referral_by(context, view_text(sender), reference);

	*ret = view_text(id);
	return id != NULL;
}

static enum en_err
hold(struct translation *t, enum reason reason, const char *field)
{
	t->reason = reason;
	snprintf(t->field, sizeof(t->field), "%s", field);
	return EN_OK;
}

static struct view
text_field(const struct index *ix, uint32_t message, const char *name)
{
	const struct schema_field *f = schema_field_by_name(ix->messages[message].type, view_text(name));
	const struct index_node *n = f == NULL || f->kind != KIND_STRING ? NULL : index_last(ix, message, f);

	return n == NULL ? VIEW_EMPTY : index_bytes(ix, n);
}

static uint64_t
number_field(const struct index *ix, uint32_t message, const char *name)
{
	const struct schema_field *f = schema_field_by_name(ix->messages[message].type, view_text(name));
	const struct index_node *n = f == NULL ? NULL : index_last(ix, message, f);

	return n == NULL ? 0 : n->bits;
}

static void
put_text_field(struct buf *b, const struct schema_type *type, const char *name, struct view value)
{
	const struct schema_field *f = schema_field_by_name(type, view_text(name));

	if (f != NULL && value.len > 0) {
		buf_put_varint(b, (uint64_t)f->number << 3 | WIRE_LEN);
		buf_put_text(b, value);
	}
}

static void
put_number_field(struct buf *b, const struct schema_type *type, const char *name, uint64_t value)
{
	const struct schema_field *f = schema_field_by_name(type, view_text(name));

	if (f != NULL) {
		buf_put_varint(b, (uint64_t)f->number << 3 | WIRE_VARINT);
		buf_put_varint(b, value);
	}
}

// What passes as it is: a canonical type that an agency publishes itself.
static const char identity[] = "identity";

static enum en_err
hex_id(struct core *c, const uint8_t digest[16], struct view *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *text = arena_alloc(&c->scratch, 32);

	if (text == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < 16; i++) {
		text[2 * i] = (uint8_t)digits[digest[i] >> 4];
		text[2 * i + 1] = (uint8_t)digits[digest[i] & 15];
	}
	*ret = view_of(text, 32);
	return EN_OK;
}

static enum en_err
keep(struct core *c, struct buf *b, struct view *ret)
{
	enum en_err err = b->err;

	if (err == EN_OK) {
		*ret = arena_copy(&c->scratch, buf_view(b));
		err = ret->data == NULL && ret->len > 0 ? EN_ENOMEM : EN_OK;
	}
	buf_fini(b);
	return err;
}

// The broker knows whose referral it is and in which state: fields behind the sender's own, where the last one counts.
static enum en_err
complete_status(struct translator *tr, struct body_output *o)
{
	struct core *c = tr->c;
	const struct schema_type *type = rules_canonical_type(c->rules, CANONICAL_STATUS);
	struct view id = text_field(&c->inner, 0, "referral_id");
	const struct referral *r = state_referral(&c->state, id);
	struct buf b = BUF_EMPTY;

	if (r == NULL) {
		return hold(tr->t, REASON_REFERRAL_UNKNOWN, "referral_id");
	}
	buf_put_view(&b, o->payload);
	put_text_field(&b, type, "source_case_id", view_text(r->source_case));
	put_text_field(&b, type, "source_service_id", view_text(r->source_service));
	put_text_field(&b, type, "to_agency", view_text(r->agency));
	put_text_field(&b, type, "actor_agency", view_text(tr->agency->name));
	put_number_field(&b, type, "previous_state", r->state);
	o->state = (uint8_t)number_field(&c->inner, 0, "state");
	o->reference = arena_copy(&c->scratch, id);
	return keep(c, &b, &o->payload);
}

static enum en_err
complete_consent(struct translator *tr, struct body_output *o)
{
	struct core *c = tr->c;
	const struct schema_field *f =
	    schema_field_by_name(rules_canonical_type(c->rules, CANONICAL_CONSENT), view_text("consent"));
	const struct index_node *n = f == NULL ? NULL : index_last(&c->inner, 0, f);
	struct view consent = n == NULL ? VIEW_EMPTY : index_bytes(&c->inner, n);
	struct view case_id = text_field(&c->inner, 0, "case_id");

	// It concerns the case that it names, whatever its own partition key says.
	if (case_id.len > 0) {
		tr->t->body.case_hash = state_case_hash(&c->state, view_text(tr->agency->name), case_id);
	}
	o->source_case = arena_copy(&c->scratch, consent);
	return EN_OK;
}

static enum en_err
describe(struct translator *tr, struct body_output *o)
{
	struct core *c = tr->c;
	const struct referral *r;

	switch ((enum canonical)o->type) {
	case CANONICAL_REFERRAL:
		o->reference = arena_copy(&c->scratch, text_field(&c->inner, 0, "referral_id"));
		o->source_case = arena_copy(&c->scratch, text_field(&c->inner, 0, "source_case_id"));
		o->source_service = arena_copy(&c->scratch, text_field(&c->inner, 0, "source_service_id"));
		r = state_referral(&c->state, o->reference);
		o->revision = r == NULL ? 1 : r->revision + 1;
		o->lane = LANE_REFERRAL;
		return o->reference.len == 0 ? hold(tr->t, REASON_REQUIRED_MISSING, "referral_id") : EN_OK;
	case CANONICAL_STATUS:
		o->lane = LANE_REFERRAL;
		return complete_status(tr, o);
	case CANONICAL_CONSENT:
		o->lane = LANE_REFERRAL;
		return complete_consent(tr, o);
	default:
		o->reference = arena_copy(&c->scratch, text_field(&c->inner, 0, "identifier"));
		o->lane = LANE_ALERT;
		return EN_OK;
	}
}

static enum en_err
keep_decision(struct core *c, const struct decision *d, struct body_output *o)
{
	o->decisions = arena_zalloc(&c->scratch, d->recipient_count * sizeof(*o->decisions) + 1);
	o->missed = arena_zalloc(&c->scratch, d->missed_count * sizeof(*o->missed) + 1);
	if (o->decisions == NULL || o->missed == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < d->recipient_count && i < UINT16_MAX; i++) {
		const struct decided *r = &d->recipients[i];

		o->decisions[o->decision_count++] =
		    (struct body_decision){.subscription = view_text(r->subscription->name),
			.route = view_text(r->route),
			.agreement = view_text(r->agreement),
			.purpose = view_text(r->purpose),
			.acknowledge_by_ms = r->acknowledge_by_ms,
			.decide_by_ms = r->decide_by_ms};
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

	if (what == NOBODY_FINE || (enum canonical)o->type == CANONICAL_CONSENT) {
		return EN_OK;
	}
	if (what == NOBODY_HOLD) {
		hold(tr->t, REASON_NO_RECIPIENT, "");
	}
	return CORE_LOG(c, LOG_ERROR, "alarm.no_recipient", LOG_TEXT("agency", tr->agency->name),
	    LOG_NUM("position", c->state.sequence + 1),
	    LOG_TEXT("remedy", "check routes, agreements and subscriptions, then release: enlace msg ls --state held"));
}

static enum en_err decide(struct translator *tr, struct body_output *o, bool faults);

// For an addressed recipient who gets nothing: the sender hears why (design 2.2).
static enum en_err
add_fault(struct translator *tr, const struct body_output *about, enum reason reason)
{
	struct core *c = tr->c;
	const struct schema_type *type = rules_canonical_type(c->rules, CANONICAL_STATUS);
	struct body_input *in = &tr->t->body;
	struct body_output *o;
	struct buf b = BUF_EMPTY;
	struct view parts[2] = {about->id, view_text("fault")};
	uint8_t digest[16];
	enum en_err err;

	if (in->output_count == LIMIT_OUTPUTS_PER_INPUT) {
		return EN_OK;
	}
	o = &in->outputs[in->output_count];
	*o = (struct body_output){.type = CANONICAL_STATUS,
	    .lane = LANE_REFERRAL,
	    .revision = 1,
	    .reference = about->reference,
	    .state = REFERRAL_FAULT,
	    .mapping = view_text("broker")};
	put_text_field(&b, type, "referral_id", about->reference);
	put_text_field(&b, type, "source_case_id", about->source_case);
	put_text_field(&b, type, "source_service_id", about->source_service);
	put_text_field(&b, type, "to_agency", view_text(tr->agency->name));
	put_number_field(&b, type, "state", REFERRAL_FAULT);
	put_text_field(&b, type, "reason_code", view_text(reason_code(reason)));
	err = keep(c, &b, &o->payload);
	crypto_hash_parts(digest, sizeof(digest), view_of(c->options.id_key, 32), parts, 2);
	if (err == EN_OK) {
		err = hex_id(c, digest, &o->id);
	}
	if (err != EN_OK) {
		return err;
	}
	in->output_count++;
	return decide(tr, o, false);
}

static enum en_err
decide(struct translator *tr, struct body_output *o, bool faults)
{
	struct core *c = tr->c;
	const struct schema_type *type = rules_canonical_type(c->rules, (enum canonical)o->type);
	struct decide_input in = {.from = tr->agency,
	    .type = (enum canonical)o->type,
	    .wall_ms = c->now.wall_ms,
	    .case_consent = state_consent(&c->state, tr->t->body.case_hash)};
	struct decision d = {.recipient_count = 0};
	enum en_err err = EN_OK;

	// An output that was just described is indexed still.
	if (c->inner.payload.data != o->payload.data || c->inner.messages[0].type != type) {
		err = index_build(&c->inner, type, o->payload, NULL);
	}
	if (err != EN_OK) {
		return err == EN_ENOMEM ? err : hold(tr->t, REASON_SCHEMA_INVALID, "");
	}
	in.canonical = &c->inner;
	err = rules_decide(c->rules, &in, &c->scratch, &d);
	if (err != EN_OK) {
		return err;
	}
	if (d.fault != REASON_NONE) {
		return hold(tr->t, d.fault, d.fault_path);
	}
	err = keep_decision(c, &d, o);
	if (err == EN_OK && d.recipient_count == 0 && faults) {
		err = nobody(tr, o, d.if_nobody);
	}
	for (size_t i = 0; i < d.missed_count && err == EN_OK && faults && tr->t->reason == REASON_NONE; i++) {
		if (d.missed[i].addressed && o->type == CANONICAL_REFERRAL) {
			err = add_fault(tr, o, d.missed[i].reason);
		}
	}
	return err;
}

static enum en_err
add_output(struct translator *tr, struct view payload, const char *mapping, struct view split_key, enum canonical type)
{
	struct core *c = tr->c;
	struct body_input *in = &tr->t->body;
	struct view parts[4] = {in->source, in->id, view_text(mapping), split_key};
	struct index_fault fault = {.path = ""};
	struct body_output *o;
	uint8_t digest[16];
	enum en_err err;

	if (in->output_count == LIMIT_OUTPUTS_PER_INPUT) {
		return hold(tr->t, REASON_TOO_MANY_OUTPUTS, "");
	}
	o = &in->outputs[in->output_count++];
	*o = (struct body_output){.type = (uint8_t)type,
	    .revision = 1,
	    .mapping = view_text(mapping),
	    .payload = arena_copy(&c->scratch, payload)};
	crypto_hash_parts(digest, sizeof(digest), view_of(c->options.id_key, 32), parts, 4);
	err = hex_id(c, digest, &o->id);
	if (err == EN_OK) {
		err = index_build(&c->inner, rules_canonical_type(c->rules, type), o->payload, &fault);
	}
	if (err != EN_OK) {
		tr->t->refuse = tr->t->refuse || (err != EN_ENOMEM && view_is(o->mapping, identity));
		return err == EN_ENOMEM ? err : hold(tr->t, REASON_SCHEMA_INVALID, fault.path);
	}
	return describe(tr, o);
}

static void
tell_fault(struct translation *t, const struct map_fault *fault)
{
	t->reason = fault->reason;
	snprintf(t->field, sizeof(t->field), "%s", fault->source[0] != '\0' ? fault->source : fault->target);
	snprintf(t->place, sizeof(t->place), "%s:%u:%u", fault->where.file == NULL ? "" : fault->where.file,
	    fault->where.line, fault->where.column);
}

static enum en_err
map_one(struct translator *tr, const struct plan *plan)
{
	struct core *c = tr->c;
	struct map_env env = {.recorded_wall_ms = c->now.wall_ms,
	    .sender = tr->sender,
	    .event_id = tr->t->body.id,
	    .referral_by = referral_by,
	    .context = &c->state};
	struct map_fault fault = {.reason = REASON_NONE};
	const struct mapping *mapping = plan_mapping(plan);
	enum en_err err;

	memcpy(env.id_key, c->options.id_key, sizeof(env.id_key));
	err = plan_run(plan, &c->index, &env, &c->inbound, &fault);
	if (err == EN_EMAPPING) {
		tell_fault(tr->t, &fault);
		return EN_OK;
	}
	for (size_t i = 0; i < c->inbound.output_count && err == EN_OK && tr->t->reason == REASON_NONE; i++) {
		err = add_output(tr, c->inbound.outputs[i].payload, mapping_name(mapping),
		    c->inbound.outputs[i].split_key, rules_canonical_of(c->rules, mapping_to(mapping)));
	}
	return err;
}

static enum en_err
map_all(struct translator *tr, const struct schema_type *type)
{
	size_t count;
	const struct plan *const *plans = rules_inbound(tr->c->rules, type, &count);
	enum en_err err = EN_OK;

	for (size_t i = 0; i < count && err == EN_OK && tr->t->reason == REASON_NONE; i++) {
		err = map_one(tr, plans[i]);
	}
	if (err == EN_OK && tr->t->reason == REASON_NONE && tr->t->body.output_count == 0) {
		return hold(tr->t, REASON_NO_MAPPING, "");
	}
	return err;
}

enum en_err
translate(struct core *c, const struct rules_agency *agency, const struct schema_type *type, struct view payload,
    struct translation *t)
{
	struct translator tr = {.c = c, .agency = agency, .t = t};
	struct index_fault fault = {.path = ""};
	enum canonical canonical = rules_canonical_of(c->rules, type);
	enum en_err err;

	snprintf(tr.sender, sizeof(tr.sender), "%s", agency->name);
	t->body.outputs = arena_alloc(
	    &c->scratch, (LIMIT_OUTPUTS_PER_INPUT + 1) * sizeof(*t->body.outputs)); // each is set when it is added
	if (t->body.outputs == NULL) {
		return EN_ENOMEM;
	}
	if (canonical != CANONICAL_COUNT) {
		err = add_output(&tr, payload, identity, VIEW_EMPTY, canonical);
	} else {
		err = index_build(&c->index, type, payload, &fault);
		t->refuse = err != EN_OK;
		if (err != EN_OK) {
			return err == EN_ENOMEM ? err : hold(t, REASON_SCHEMA_INVALID, fault.path);
		}
		err = map_all(&tr, type);
	}
	// Decided in the order of the outputs; faults that are added behind are decided as they are made.
	for (uint16_t i = 0, count = t->body.output_count; i < count && err == EN_OK && t->reason == REASON_NONE; i++) {
		err = decide(&tr, &t->body.outputs[i], true);
	}
	return err;
}

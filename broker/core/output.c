// SPDX-License-Identifier: Apache-2.0
// What the record says about a canonical output beside its payload: its id, what it is about, in which lane it goes, what the
// broker fills in because only it knows.
#include "core/engine.h"

static const struct schema_field *
field_of(const struct schema_type *t, const char *name)
{
	return t == NULL ? NULL : schema_field_by_name(t, view_text(name));
}

void
lookup_fields(struct core *c)
{
	const struct schema_type *referral = rules_canonical_type(c->rules, CANONICAL_REFERRAL);
	const struct schema_type *status = rules_canonical_type(c->rules, CANONICAL_STATUS);
	const struct schema_type *alert = rules_canonical_type(c->rules, CANONICAL_ALERT);
	const struct schema_type *consent = rules_canonical_type(c->rules, CANONICAL_CONSENT);

	c->fields = (struct canonical_lookup){.referral_id = field_of(referral, "referral_id"),
	    .source_case_id = field_of(referral, "source_case_id"),
	    .source_service_id = field_of(referral, "source_service_id"),
	    .status_referral = field_of(status, "referral_id"),
	    .status_case = field_of(status, "source_case_id"),
	    .status_service = field_of(status, "source_service_id"),
	    .status_to = field_of(status, "to_agency"),
	    .status_actor = field_of(status, "actor_agency"),
	    .status_state = field_of(status, "state"),
	    .status_reason = field_of(status, "reason_code"),
	    .status_at = field_of(status, "at"),
	    .alert_identifier = field_of(alert, "identifier"),
	    .consent_case = field_of(consent, "case_id"),
	    .consent_consent = field_of(consent, "consent")};
	if (c->fields.status_at != NULL) {
		c->fields.instant_ms = field_of(c->fields.status_at->message, "ms");
	}
	if (c->fields.consent_consent != NULL) {
		c->fields.consent_services = field_of(c->fields.consent_consent->message, "for_services");
	}
}

// ---- reading fields ------------------------------------------------------------------------------------------------

static struct view
bytes_at(const struct index *ix, const struct schema_field *f)
{
	const struct index_node *n = f == NULL ? NULL : index_last(ix, 0, f);

	return n == NULL ? VIEW_EMPTY : index_bytes(ix, n);
}

static uint64_t
number_at(const struct index *ix, const struct schema_field *f)
{
	const struct index_node *n = f == NULL ? NULL : index_last(ix, 0, f);

	return n == NULL ? 0 : n->bits;
}

enum en_err
core_keep(struct core *c, struct buf *b, struct view *ret)
{
	enum en_err err = b->err;

	if (err == EN_OK) {
		*ret = arena_copy(&c->scratch, buf_view(b));
		err = ret->data == NULL && ret->len > 0 ? EN_ENOMEM : EN_OK;
	}
	buf_fini(b);
	return err;
}

// ---- what an output is about ---------------------------------------------------------------------------------------

// Ids are keys of the state's tables and attributes of what is delivered.
static enum en_err
take_id(struct core *c, struct translation *t, const struct schema_field *f, struct view *ret)
{
	*ret = bytes_at(&c->inner, f);
	return ret->len <= LIMIT_ID_BYTES ? EN_OK : translate_hold(c, t, REASON_OVERSIZE, f->name);
}

static enum en_err
describe_referral(struct core *c, const struct rules_agency *agency, struct translation *t, struct body_output *o)
{
	const struct referral *r;
	enum en_err err = take_id(c, t, c->fields.referral_id, &o->reference);

	if (err == EN_OK) {
		err = take_id(c, t, c->fields.source_case_id, &o->source_case);
	}
	if (err == EN_OK) {
		err = take_id(c, t, c->fields.source_service_id, &o->source_service);
	}
	if (err != EN_OK || t->reason != REASON_NONE) {
		return err;
	}
	if (o->reference.len == 0) {
		return translate_hold(c, t, REASON_REQUIRED_MISSING, "referral_id");
	}
	r = state_referral(&c->state, o->reference);
	if (r != NULL && strcmp(r->from->name, agency->name) != 0) {
		t->refuse = true; // nobody revises the referral of another
		return translate_hold(c, t, REASON_NOT_PERMITTED, "referral_id");
	}
	o->revision = r == NULL ? 1 : r->revision + 1;
	o->lane = LANE_REFERRAL;
	return EN_OK;
}

// The broker knows whose referral it is and in which state: fields behind the sender's own, where the last one counts.
// To an agency that the referral never went to it is unknown.
static enum en_err
describe_status(struct core *c, const struct rules_agency *agency, struct translation *t, struct body_output *o)
{
	const struct agency_counts *sender = state_agency(&c->state, view_text(agency->name));
	struct view id = bytes_at(&c->inner, c->fields.status_referral);
	const struct referral *r = state_referral(&c->state, id);
	struct status_facts facts = {.actor_agency = agency->name};
	struct buf b = BUF_EMPTY;
	uint64_t state;

	if (sender == NULL) {
		return EN_ENOMEM;
	}
	if (r == NULL || !referral_has_party(r, sender)) {
		return translate_hold(c, t, REASON_REFERRAL_UNKNOWN, "referral_id");
	}
	o->lane = LANE_REFERRAL;
	state = number_at(&c->inner, c->fields.status_state);
	o->state = state < REFERRAL_STATE_COUNT ? (uint8_t)state : REFERRAL_UNKNOWN;
	o->reference = view_text(r->id);
	facts.source_case = view_text(r->source_case);
	facts.source_service = view_text(r->source_service);
	facts.to_agency = r->from->name;
	facts.previous_state = r->state;
	buf_put_view(&b, o->payload);
	rules_complete_status(c->rules, &facts, &b);
	return core_keep(c, &b, &o->payload);
}

// The consent as bytes of its own: a message may come in several pieces, which are one when it is read. Never empty, for an
// update that gives nothing takes back what the event said; no bytes would say that there was no update.
static enum en_err
take_consent(struct core *c, struct view *ret)
{
	const struct schema_field *f = c->fields.consent_consent, *services = c->fields.consent_services;
	const struct index_node *n = f == NULL ? NULL : index_last(&c->inner, 0, f);
	struct buf b = BUF_EMPTY;
	enum en_err err = n == NULL ? EN_OK : index_encode(&c->inner, n->message, &b);

	if (err != EN_OK) {
		buf_fini(&b);
		return err;
	}
	if (b.len == 0 && services != NULL) {
		buf_put_varint(&b, (uint64_t)services->number << 3 | WIRE_VARINT);
		buf_put_varint(&b, 0);
	}
	return core_keep(c, &b, ret);
}

static enum en_err
describe_consent(struct core *c, const struct rules_agency *agency, struct translation *t, struct body_output *o)
{
	struct view case_id = VIEW_EMPTY;
	enum en_err err = take_id(c, t, c->fields.consent_case, &case_id);

	// It concerns the case that it names, whatever its own partition key says.
	if (err == EN_OK && t->reason == REASON_NONE && case_id.len > 0) {
		t->body.case_hash = state_case_hash(&c->state, view_text(agency->name), case_id);
	}
	o->lane = LANE_REFERRAL;
	return err == EN_OK ? take_consent(c, &o->source_case) : err;
}

enum en_err
output_describe(struct core *c, const struct rules_agency *agency, struct translation *t, struct body_output *o)
{
	switch ((enum canonical)o->type) {
	case CANONICAL_REFERRAL:
		return describe_referral(c, agency, t, o);
	case CANONICAL_STATUS:
		return describe_status(c, agency, t, o);
	case CANONICAL_CONSENT:
		return describe_consent(c, agency, t, o);
	default:
		o->lane = LANE_ALERT;
		return take_id(c, t, c->fields.alert_identifier, &o->reference);
	}
}

// ---- ids -----------------------------------------------------------------------------------------------------------

enum en_err
keyed_text(struct core *c, struct view about, struct view *ret)
{
	uint8_t digest[16], *text = arena_alloc(&c->scratch, 2 * sizeof(digest));

	if (text == NULL) {
		return EN_ENOMEM;
	}
	crypto_short_hash(digest, c->output_key, about);
	hex_write(view_of(digest, sizeof(digest)), text);
	*ret = view_of(text, 2 * sizeof(digest));
	return EN_OK;
}

// Of (source, id) of the input, by its keyed hash; the mapping; and the item that one_event_per split off.
enum en_err
output_id(struct core *c, const uint8_t event_id[16], const char *mapping, struct view split_key, struct view *ret)
{
	struct view name = view_text(mapping);
	size_t len = 16 + name.len + 1 + split_key.len;
	uint8_t *bytes = arena_alloc(&c->scratch, len);

	if (bytes == NULL) {
		return EN_ENOMEM;
	}
	memcpy(bytes, event_id, 16);
	memcpy(bytes + 16, name.data, name.len);
	bytes[16 + name.len] = '/';
	if (split_key.len > 0) {
		memcpy(bytes + 16 + name.len + 1, split_key.data, split_key.len);
	}
	return keyed_text(c, view_of(bytes, len), ret);
}

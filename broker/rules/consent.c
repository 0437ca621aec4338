// SPDX-License-Identifier: Apache-2.0
// What the person agreed to (domain.md 1.5) and what follows from it (domain.md 1.9, R1 to R5 and R8). Missing is no. Facts are read once per event; each
// recipient is then a pure question.
//
//   R1  no legal basis, or one that the agreement does not name: no
//   R2  on the basis of consent a referral needs for_services and share_with_other_orgs, a transfer and an alert the latter
//   R4  recipients, where the person named any, must name the agency or its class: AUTHORITIES, UNHCR, else OTHER_ORGS
//   R5  from civil society nothing reaches an authority that is not named so, unless the law obliges
//   R8  what is withheld in words that no field answers to stops everything: a person must look
//
// A ConsentUpdate of the case replaces what the event says. Revoked means no, except where the law obliges or a life is at stake.
#include <strings.h>

#include "rules/rules_int.h"

// ---- fields, once per rule set -----------------------------------------------------------------------------------------------------------

static const struct schema_field *
need_field(struct loading *l, const struct schema_type *t, const char *name, enum schema_kind kind, bool repeated)
{
	const struct schema_field *f = t == NULL ? NULL : schema_field_by_name(t, view_text(name));

	if (t != NULL && (f == NULL || f->kind != kind || f->repeated != repeated)) {
		findings_add(l->findings, E0705, (struct where){.file = t->file == NULL ? t->name : t->file}, NULL,
		    "%s.%s", t->name, name);
		return NULL;
	}
	return f;
}

static const struct schema_type *
need_type(struct loading *l, const char *name)
{
	const struct schema_type *t = schema_type_by_name(l->rules->schema, name);

	if (t == NULL) {
		findings_add(l->findings, E0705, (struct where){.file = l->dir},
		    "the folder of descriptor sets must hold enlace.binpb, made by make schemas", "%s", name);
	}
	return t;
}

static int32_t
need_value(struct loading *l, const struct schema_field *f, const char *name)
{
	const struct schema_enum_value *v = f == NULL ? NULL : schema_enum_by_name(f->enumeration, view_text(name));

	if (f != NULL && v == NULL) {
		findings_add(l->findings, E0705, (struct where){.file = f->owner->file}, NULL, "%s.%s",
		    f->enumeration->name, name);
	}
	return v == NULL ? -1 : v->number;
}

static const struct schema_type *
message_of(const struct schema_field *f)
{
	return f == NULL ? NULL : f->message;
}

static void
load_messages(struct loading *l)
{
	struct canonical_fields *c = l->rules->canonical;

	c[CANONICAL_REFERRAL].type = need_type(l, "enlace.v1.Referral");
	c[CANONICAL_STATUS].type = need_type(l, "enlace.v1.ReferralStatus");
	c[CANONICAL_ALERT].type = need_type(l, "enlace.v1.Alert");
	c[CANONICAL_CONSENT].type = need_type(l, "enlace.v1.ConsentUpdate");

	struct canonical_fields *referral = &c[CANONICAL_REFERRAL], *alert = &c[CANONICAL_ALERT];

	referral->legal_basis = need_field(l, referral->type, "legal_basis", KIND_ENUM, false);
	referral->consent = need_field(l, referral->type, "consent", KIND_MESSAGE, false);
	referral->person = need_field(l, referral->type, "person", KIND_MESSAGE, false);
	referral->kind = need_field(l, referral->type, "kind", KIND_ENUM, false);
	referral->addressee[0] = need_field(l, referral->type, "to", KIND_MESSAGE, false);
	referral->addressee[1] = need_field(l, message_of(referral->addressee[0]), "agency", KIND_STRING, false);
	c[CANONICAL_STATUS].addressee[0] = need_field(l, c[CANONICAL_STATUS].type, "to_agency", KIND_STRING, false);
	alert->legal_basis = need_field(l, alert->type, "legal_basis", KIND_ENUM, false);
	alert->person = need_field(l, alert->type, "person", KIND_MESSAGE, false);
	c[CANONICAL_CONSENT].consent = need_field(l, c[CANONICAL_CONSENT].type, "consent", KIND_MESSAGE, false);
}

void
load_canonical(struct loading *l)
{
	struct consent_fields *c = &l->rules->consent;
	const struct canonical_fields *referral = &l->rules->canonical[CANONICAL_REFERRAL];

	load_messages(l);
	c->type = need_type(l, "enlace.v1.Consent");
	c->for_services = need_field(l, c->type, "for_services", KIND_ENUM, false);
	c->share = need_field(l, c->type, "share_with_other_orgs", KIND_ENUM, false);
	c->share_unhcr = need_field(l, c->type, "share_with_unhcr", KIND_ENUM, false);
	c->recipients = need_field(l, c->type, "recipients", KIND_STRING, true);
	c->withheld = need_field(l, c->type, "withheld", KIND_STRING, true);
	c->valid_to = need_field(l, c->type, "valid_to", KIND_MESSAGE, false);
	c->valid_to_ms = need_field(l, message_of(c->valid_to), "ms", KIND_INT64, false);
	c->revoked_at = need_field(l, c->type, "revoked_at", KIND_MESSAGE, false);
	c->yes = need_value(l, c->share, "YES");
	c->no = need_value(l, c->share, "NO");
	c->basis_consent = need_value(l, referral->legal_basis, "CONSENT");
	c->basis_vital = need_value(l, referral->legal_basis, "VITAL_INTEREST");
	c->basis_obligation = need_value(l, referral->legal_basis, "LEGAL_OBLIGATION");
	c->kind_transfer = need_value(l, referral->kind, "TRANSFER");
	c->kind_transfer_request = need_value(l, referral->kind, "TRANSFER_REQUEST");
}

// ---- facts of one event ----------------------------------------------------------------------------------------------------------------------

static int32_t
enum_at(const struct index *ix, uint32_t message, const struct schema_field *f)
{
	const struct index_node *n = index_last(ix, message, f);

	return n == NULL ? 0 : (int32_t)n->bits;
}

// Texts of a repeated field, in the arena together with a NUL after each.
static bool
texts_at(const struct index *ix, uint32_t message, const struct schema_field *f, struct arena *arena, struct view **ret,
    size_t *ret_count)
{
	size_t count = 0;

	for (const struct index_node *n = index_first(ix, message, f); n != NULL; n = index_next(ix, n)) {
		count++;
	}
	struct view *texts = arena_alloc(arena, (count + 1) * sizeof(*texts));

	count = 0;
	for (const struct index_node *n = index_first(ix, message, f); texts != NULL && n != NULL;
	     n = index_next(ix, n)) {
		char *text = arena_text(arena, index_bytes(ix, n));

		if (text == NULL) {
			return false;
		}
		texts[count++] = view_text(text);
	}
	*ret = texts;
	*ret_count = count;
	return texts != NULL;
}

// Whether the first part of a withheld path is a field of that message.
static bool
begins_in(const struct schema_type *t, struct view path)
{
	size_t len = 0;

	while (len < path.len && path.data[len] != '.' && path.data[len] != '/') {
		len++;
	}
	return schema_field_by_name(t, view_of(path.data, len)) != NULL;
}

static enum en_err
read_withheld(
    const struct rules *r, const struct index *ix, uint32_t message, struct arena *arena, struct consent_facts *facts)
{
	struct view *texts;
	size_t count, kept = 0;

	if (!texts_at(ix, message, r->consent.withheld, arena, &texts, &count)) {
		return EN_ENOMEM;
	}
	const char **masked = arena_alloc(arena, (count + 1) * sizeof(*masked));

	if (masked == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		bool is_known = false;

		for (size_t t = 0; t < CANONICAL_COUNT; t++) {
			is_known = is_known || begins_in(r->canonical[t].type, texts[i]);
		}
		facts->is_unclear = facts->is_unclear || !is_known;
		masked[kept++] = (const char *)texts[i].data;
	}
	masked[kept] = NULL;
	facts->masked = kept == 0 ? NULL : masked;
	return EN_OK;
}

static enum en_err
read_consent(const struct rules *r, const struct index *ix, uint32_t message, int64_t wall_ms, struct arena *arena,
    struct consent_facts *facts)
{
	const struct consent_fields *c = &r->consent;
	const struct index_node *valid_to = index_last(ix, message, c->valid_to);

	facts->has_consent = true;
	facts->for_services = enum_at(ix, message, c->for_services) == c->yes;
	facts->share = enum_at(ix, message, c->share) == c->yes;
	facts->refuses_unhcr = enum_at(ix, message, c->share_unhcr) == c->no;
	facts->is_revoked = index_last(ix, message, c->revoked_at) != NULL;
	if (valid_to != NULL) {
		const struct index_node *ms = index_last(ix, valid_to->message, c->valid_to_ms);

		facts->is_expired = wall_ms >= (ms == NULL ? 0 : (int64_t)ms->bits);
	}
	if (!texts_at(ix, message, c->recipients, arena, &facts->recipients, &facts->recipient_count)) {
		return EN_ENOMEM;
	}
	return read_withheld(r, ix, message, arena, facts);
}

static enum en_err
read_case_consent(
    const struct rules *r, struct view bytes, int64_t wall_ms, struct arena *arena, struct consent_facts *facts)
{
	struct index ix;
	enum en_err err;

	index_init(&ix);
	err = index_build(&ix, r->consent.type, bytes, NULL);
	if (err == EN_OK) {
		err = read_consent(r, &ix, 0, wall_ms, arena, facts);
	} else if (err != EN_ENOMEM) {
		facts->is_unclear = true; // it cannot be read, so it may say anything
		err = EN_OK;
	}
	index_fini(&ix);
	return err;
}

enum en_err
consent_read(const struct rules *r, enum canonical type, const struct index *ix, struct view case_consent,
    int64_t wall_ms, struct arena *arena, struct consent_facts *ret)
{
	const struct canonical_fields *c = &r->canonical[type];
	const struct index_node *own = c->consent == NULL ? NULL : index_last(ix, 0, c->consent);
	struct consent_facts facts = {.is_referral = type == CANONICAL_REFERRAL};
	enum en_err err = EN_OK;

	if (c->legal_basis != NULL) {
		facts.has_basis = true;
		facts.basis = enum_at(ix, 0, c->legal_basis);
		facts.needs_basis = facts.is_referral || facts.basis != 0 || index_last(ix, 0, c->person) != NULL;
	}
	if (c->kind != NULL) {
		int32_t kind = enum_at(ix, 0, c->kind);

		facts.is_transfer = kind == r->consent.kind_transfer || kind == r->consent.kind_transfer_request;
	}
	if (case_consent.len > 0) {
		err = read_case_consent(r, case_consent, wall_ms, arena, &facts);
	} else if (own != NULL) {
		err = read_consent(r, ix, own->message, wall_ms, arena, &facts);
	}
	if (err == EN_OK) {
		*ret = facts;
	}
	return err;
}

// ---- one recipient -----------------------------------------------------------------------------------------------------------------------------

static const char *
class_of(const struct rules_agency *a)
{
	return strcasecmp(a->name, "unhcr") == 0 ? "UNHCR" : a->kind == AGENCY_AUTHORITY ? "AUTHORITIES" : "OTHER_ORGS";
}

// By name or class; systems write both in the case they like.
static bool
names(const struct consent_facts *facts, const struct rules_agency *a)
{
	for (size_t i = 0; i < facts->recipient_count; i++) {
		const char *text = (const char *)facts->recipients[i].data;

		if (strcasecmp(text, a->name) == 0 || strcasecmp(text, class_of(a)) == 0) {
			return true;
		}
	}
	return false;
}

// What is missing in what the person agreed to; CONSENT_GIVEN: nothing.
static enum consent_term
missing_of(const struct consent_facts *facts, const struct rules_agency *to)
{
	if (!facts->has_consent) {
		return CONSENT_NONE;
	}
	if (!facts->share || facts->is_expired) {
		return facts->share ? CONSENT_EXPIRED : CONSENT_NOT_SHARED;
	}
	if (facts->is_referral && !facts->is_transfer && !facts->for_services) {
		return CONSENT_NOT_FOR_SERVICES;
	}
	if (facts->refuses_unhcr && strcmp(class_of(to), "UNHCR") == 0) {
		return CONSENT_REFUSES_UNHCR;
	}
	return facts->recipient_count == 0 || names(facts, to) ? CONSENT_GIVEN : CONSENT_NOT_NAMED;
}

enum reason
consent_allows(const struct rules *r, const struct consent_facts *facts, const struct rules_agency *from,
    const struct rules_agency *to, const struct agreement *agreement, enum consent_term *ret_term)
{
	bool is_obliged = facts->basis == r->consent.basis_obligation;

	// What has no legal basis of its own (a status, a withdrawal) follows a disclosure that had one.
	if (!facts->has_basis || !facts->needs_basis) {
		return REASON_NONE;
	}
	*ret_term = facts->is_unclear ? CONSENT_UNCLEAR : CONSENT_GIVEN;
	if (facts->is_unclear) {
		return REASON_CONSENT;
	}
	if (facts->basis <= 0 || facts->basis > 63 || (agreement->legal_bases >> facts->basis & 1U) == 0) {
		return REASON_LEGAL_BASIS;
	}
	if (facts->is_revoked && !is_obliged && facts->basis != r->consent.basis_vital) {
		*ret_term = CONSENT_REVOKED;
		return REASON_CONSENT;
	}
	*ret_term = facts->basis == r->consent.basis_consent ? missing_of(facts, to) : CONSENT_GIVEN;
	if (*ret_term != CONSENT_GIVEN) {
		return REASON_CONSENT;
	}
	if (from->kind == AGENCY_CIVIL_SOCIETY && to->kind == AGENCY_AUTHORITY && !is_obliged && !names(facts, to)) {
		*ret_term = CONSENT_AUTHORITY_NOT_NAMED;
		return REASON_CONSENT;
	}
	return REASON_NONE;
}

struct view
addressee_of(const struct rules *r, enum canonical type, const struct index *ix)
{
	const struct schema_field *const *way = r->canonical[type].addressee;
	const struct index_node *n = way[0] == NULL ? NULL : index_last(ix, 0, way[0]);

	if (n != NULL && way[1] != NULL) {
		n = index_last(ix, n->message, way[1]);
	}
	return n == NULL ? VIEW_EMPTY : index_bytes(ix, n);
}

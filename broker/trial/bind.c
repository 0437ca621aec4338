// SPDX-License-Identifier: Apache-2.0
// Names of a test file become what they name in the rules.
#include "trial/bind.h"

// The case's own, else the file's; a finding when neither says it and it is needed.
static const struct conf_text *
said(struct binding *b, const struct conf_case *c, const struct conf_text *own, const struct conf_text *file,
    const char *key)
{
	const struct conf_text *text = own->text != NULL ? own : file;

	if (text->text == NULL && key != NULL) {
		findings_add(b->findings, E1002, c->where, NULL, "%s: %s", c->name.text, key);
	}
	return text->text == NULL ? NULL : text;
}

void
bind_not_there(struct binding *b, const struct conf_text *name, const char *kind, const char *nearest)
{
	findings_add(b->findings, E1001, name->where, nearest, "%s %s", kind, name->text);
}

// The nearest of count names that come one by one.
static const char *
nearest_of(struct binding *b, const char *name, size_t count, const char *(*at)(const struct rules *r, size_t i))
{
	const char **names = arena_alloc(&b->t->scratch, (count + 1) * sizeof(*names));

	if (names == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		names[i] = at(b->rules, i);
	}
	return nearest_name(name, names, count);
}

static const char *
agency_at(const struct rules *r, size_t i)
{
	return rules_agency_at(r, (uint32_t)i)->name;
}

static const char *
subscription_at(const struct rules *r, size_t i)
{
	return rules_subscription_at(r, (uint32_t)i)->name;
}

static const char *
mapping_at(const struct rules *r, size_t i)
{
	return rules_conf(r)->mappings[i]->name.text;
}

static const char *
agreement_at(const struct rules *r, size_t i)
{
	return rules_conf(r)->agreements[i]->name.text;
}

const struct rules_agency *
bind_agency(struct binding *b, const struct conf_text *name)
{
	const struct rules_agency *agency = name == NULL ? NULL : rules_agency_by_name(b->rules, name->text);

	if (agency == NULL && name != NULL) {
		bind_not_there(b, name, "agency", nearest_of(b, name->text, rules_agency_count(b->rules), agency_at));
	}
	return agency;
}

static const struct schema_type *
find_type(struct binding *b, const struct conf_text *name)
{
	const struct schema *schema = rules_schema(b->rules);
	const struct schema_type *type = name == NULL ? NULL : schema_type_by_name(schema, name->text);

	if (type == NULL && name != NULL) {
		size_t count;
		const char *const *names = schema_type_names(schema, &count);

		bind_not_there(b, name, "message", nearest_name(name->text, names, count));
	}
	return type;
}

// ---- what is expected ------------------------------------------------------------------------------------------------------------

void
bind_check_path(struct binding *b, const struct schema_type *type, const struct conf_text *path)
{
	const char *nearest;

	if (type != NULL && field_path(type, path->text, &b->t->scratch, &nearest) == NULL) {
		findings_add(b->findings, E1004, path->where, nearest, "%s: %s", type->name, path->text);
	}
}

// A path of what comes out; where that is of several types, one of them must have it: `absent` of a misspelt path would always hold.
static void
check_out_path(struct binding *b, const struct bound_case *to, const struct conf_text *path)
{
	const char *nearest = NULL, *near;
	size_t count = 0;

	if (to->out != NULL || to->type == NULL) {
		bind_check_path(b, to->out, path);
		return;
	}
	const struct plan *const *plans = rules_inbound(b->rules, to->type, &count);

	for (size_t i = 0; i < count; i++) {
		if (field_path(mapping_to(plan_mapping(plans[i])), path->text, &b->t->scratch, &near) != NULL) {
			return;
		}
		nearest = near != NULL ? near : nearest;
	}
	if (count > 0) {
		findings_add(b->findings, E1004, path->where, nearest, "%s: %s", to->type->name, path->text);
	}
}

static void
check_reason(struct binding *b, const struct conf_text *code)
{
	const char *codes[REASON_COUNT];

	if (code->text == NULL || reason_from_code(code->text) != REASON_COUNT) {
		return;
	}
	for (size_t i = 0; i < REASON_COUNT; i++) {
		codes[i] = reason_code((enum reason)i);
	}
	findings_add(b->findings, E1006, code->where, nearest_name(code->text, codes, REASON_COUNT), "%s", code->text);
}

static void
check_expect(struct binding *b, const struct bound_case *to, const struct conf_expect *e)
{
	const struct conf_wants *pairs[] = {&e->contains, &e->equals, &e->withheld};

	for (size_t p = 0; p < EN_COUNT_OF(pairs); p++) {
		for (size_t i = 0; i < pairs[p]->count; i++) {
			check_out_path(b, to, &pairs[p]->items[i].key);
		}
	}
	for (size_t i = 0; i < e->absent.count; i++) {
		check_out_path(b, to, &e->absent.items[i]);
	}
	check_reason(b, &e->error);
	for (size_t i = 0; i < e->recipients.count; i++) {
		if (rules_subscription_by_name(b->rules, e->recipients.items[i].text) == NULL) {
			bind_not_there(b, &e->recipients.items[i], "subscription",
			    nearest_of(
				b, e->recipients.items[i].text, rules_subscription_count(b->rules), subscription_at));
		}
	}
	for (size_t i = 0; i < e->missed.count; i++) {
		(void)bind_agency(b, &e->missed.items[i].key);
		if (e->missed.items[i].values.count > 0) {
			check_reason(b, &e->missed.items[i].values.items[0]);
		}
	}
}

// ---- cases ---------------------------------------------------------------------------------------------------------------------------

const struct mapping *
bind_mapping_named(struct binding *b, const struct conf_text *name)
{
	const struct mapping *m = rules_mapping_by_name(b->rules, name->text);

	if (m == NULL) {
		bind_not_there(
		    b, name, "mapping", nearest_of(b, name->text, rules_conf(b->rules)->mapping_count, mapping_at));
	}
	return m;
}

static void
bind_mapping(struct binding *b, struct bound_case *to, const struct conf_text *name)
{
	const struct conf_text *agreement = &to->conf->agreement;
	struct grants grants = grants_all();

	to->mapping = bind_mapping_named(b, name);
	if (to->mapping == NULL) {
		return;
	}
	to->type = mapping_from(to->mapping);
	to->out = mapping_to(to->mapping);
	if (agreement->text != NULL && !rules_grants_of(b->rules, agreement->text, &grants)) {
		bind_not_there(b, agreement, "agreement",
		    nearest_of(b, agreement->text, rules_conf(b->rules)->agreement_count, agreement_at));
		return;
	}
	enum en_err err = plan_new(to->mapping, &grants, b->findings, &to->plan);

	b->t->err = err == EN_ENOMEM ? err : b->t->err;
}

// The one type that every mapping of the input makes; NULL when there are several.
static const struct schema_type *
canonical_out(struct binding *b, const struct schema_type *type)
{
	size_t count;
	const struct plan *const *plans = rules_inbound(b->rules, type, &count);
	const struct schema_type *out = count == 0 ? type : mapping_to(plan_mapping(plans[0]));

	for (size_t i = 1; i < count; i++) {
		out = mapping_to(plan_mapping(plans[i])) == out ? out : NULL;
	}
	return out;
}

static void
bind_whole_way(struct binding *b, struct bound_case *to)
{
	const struct conf_case *c = to->conf;

	to->type = find_type(b, said(b, c, &c->type, &b->file->type, "type, or mapping"));
	if (c->agreement.text != NULL) {
		findings_add(b->findings, E0115, c->agreement.where, "the whole way finds its own agreement",
		    "agreement without mapping");
	}
	if (c->recipient.text == NULL) {
		to->out = to->type == NULL ? NULL : canonical_out(b, to->type);
		return;
	}
	to->recipient = rules_subscription_by_name(b->rules, c->recipient.text);
	if (to->recipient == NULL) {
		bind_not_there(b, &c->recipient, "subscription",
		    nearest_of(b, c->recipient.text, rules_subscription_count(b->rules), subscription_at));
	} else {
		to->out = to->recipient->as;
	}
}

static void
check_each(struct binding *b, const struct bound_case *to)
{
	if (to->is_refused && to->each->values.count > 0) {
		check_reason(b, &to->each->values.items[0]);
	} else if (!to->is_refused) {
		check_out_path(b, to, &to->conf->each.gives);
	}
}

static void
bind_case(struct binding *b, const struct conf_case *c, const struct known_referral *known,
    const struct conf_want *each, bool is_refused)
{
	struct bound_case *to = &b->t->cases[b->t->count++];
	// A case that says a type or a recipient goes the whole way, whatever the file says.
	const struct conf_text *mapping = c->mapping.text != NULL ? &c->mapping
	    : c->type.text != NULL || c->recipient.text != NULL   ? NULL
								  : &b->file->mapping;
	const struct conf_text *clock = said(b, c, &c->clock, &b->file->clock, "clock, as 2026-11-23T15:45:00Z");

	*to = (struct bound_case){
	    .file = b->file, .conf = c, .known = known, .each = each, .is_refused = is_refused, .name = c->name.text};
	if (each != NULL) {
		to->name = arena_printf(&b->t->arena, "%s: %s", c->name.text, each->key.text);
		b->t->err = to->name == NULL ? EN_ENOMEM : b->t->err;
	}
	if (clock != NULL && wall_parse(clock->text, &to->clock_ms) != 0) {
		findings_add(b->findings, E0106, clock->where, "2026-11-23T15:45:00Z", "clock");
	}
	to->sender = bind_agency(b, said(b, c, &c->sender, &b->file->sender, "sender"));
	if (mapping != NULL && mapping->text != NULL) {
		bind_mapping(b, to, mapping);
	} else {
		bind_whole_way(b, to);
	}
	if (to->type != NULL) {
		bind_payload(b, to);
	}
	for (size_t i = 0; i < c->expect_count; i++) {
		check_expect(b, to, &c->expects[i]);
	}
	if (each != NULL) {
		check_each(b, to);
	}
}

// One case, or one for each value.
static void
bind_cases(struct binding *b, const struct conf_case *c, const struct known_referral *known)
{
	if (c->each.where.line == 0) {
		bind_case(b, c, known, NULL, false);
	}
	for (size_t i = 0; i < c->each.values.count && b->t->err == EN_OK; i++) {
		bind_case(b, c, known, &c->each.values.items[i], false);
	}
	for (size_t i = 0; i < c->each.refused.count && b->t->err == EN_OK; i++) {
		bind_case(b, c, known, &c->each.refused.items[i], true);
	}
}

static const struct known_referral *
bind_known(struct binding *b)
{
	const struct conf_tests *file = b->file;
	struct known_referral *known = arena_zalloc(&b->t->arena, (file->known_count + 1) * sizeof(*known));

	if (known == NULL) {
		b->t->err = EN_ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < file->known_count; i++) {
		const struct conf_known *k = &file->known[i];

		(void)bind_agency(b, &k->from);
		known[i] = (struct known_referral){.reference = k->reference.text,
		    .referral_id = k->referral_id.text,
		    .from = k->from.text,
		    .source_case = k->source_case.text,
		    .source_service = k->source_service.text};
	}
	return known;
}

void
trial_bind(struct trial *t, const struct conf_test_set *set, struct findings *findings)
{
	for (size_t f = 0; f < set->count && t->err == EN_OK; f++) {
		struct binding b = {.t = t, .rules = t->rules, .file = set->files[f], .findings = findings};
		const struct known_referral *known = bind_known(&b);

		for (size_t i = 0; i < b.file->case_count && t->err == EN_OK; i++) {
			bind_cases(&b, &b.file->cases[i], known);
		}
		for (size_t i = 0; i < b.file->matrix_count && t->err == EN_OK; i++) {
			bind_matrix(&b, &b.file->matrices[i]);
		}
		for (size_t i = 0; i < b.file->round_trip_count && t->err == EN_OK; i++) {
			bind_round_trip(&b, &b.file->round_trips[i]);
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
// From a folder to a rule set. Every step adds its findings and the next one goes on with what could be read, so that one run reports
// everything; only at the end it is decided whether there is a rule set at all.
#include <stdlib.h>

#include "base/crypto.h"
#include "rules/rules_int.h"

static const char *const canonical_names[CANONICAL_COUNT] = {
    [CANONICAL_REFERRAL] = "Referral",
    [CANONICAL_STATUS] = "ReferralStatus",
    [CANONICAL_ALERT] = "Alert",
    [CANONICAL_CONSENT] = "ConsentUpdate",
};

void *
load_array(struct loading *l, size_t count, size_t size)
{
	void *p = arena_zalloc(&l->rules->arena, (count == 0 ? 1 : count) * size);

	if (p == NULL) {
		l->err = EN_ENOMEM;
	}
	return p;
}

// ---- names --------------------------------------------------------------------------------------------------------------------------------

enum canonical
load_canonical_name(struct loading *l, const struct conf_text *name, enum finding_code code)
{
	for (size_t i = 0; i < CANONICAL_COUNT; i++) {
		if (strcmp(canonical_names[i], name->text) == 0) {
			return (enum canonical)i;
		}
	}
	findings_add(l->findings, code, name->where, nearest_name(name->text, canonical_names, CANONICAL_COUNT), "%s",
	    name->text);
	return CANONICAL_COUNT;
}

const struct agency *
load_agency_name(struct loading *l, const struct conf_text *name, enum finding_code code)
{
	const struct agency *a = agency_by_view(l->rules, view_text(name->text));
	const char **names;

	if (a != NULL) {
		return a;
	}
	names = load_array(l, l->rules->agency_count, sizeof(*names));
	for (size_t i = 0; names != NULL && i < l->rules->agency_count; i++) {
		names[i] = l->rules->agencies[i].pub.name;
	}
	findings_add(l->findings, code, name->where,
	    names == NULL ? NULL : nearest_name(name->text, names, l->rules->agency_count), "%s", name->text);
	return NULL;
}

enum label
load_label_name(struct loading *l, const struct conf_text *name, enum finding_code code)
{
	const char *names[LABEL_COUNT];
	enum label label = label_from_name(name->text);

	if (label != LABEL_COUNT && label != LABEL_UNSPECIFIED) {
		return label;
	}
	for (size_t i = 1; i < LABEL_COUNT; i++) {
		names[i - 1] = label_name((enum label)i);
	}
	findings_add(
	    l->findings, code, name->where, nearest_name(name->text, names, LABEL_COUNT - 1), "%s", name->text);
	return LABEL_COUNT;
}

struct condition *
load_condition(struct loading *l, const struct conf_condition *conf, enum canonical type)
{
	struct condition *condition = NULL;
	enum en_err err = condition_compile(conf, l->rules->canonical[type].type, l->findings, &condition);

	if (err != EN_OK && err != EN_ECONFIG) {
		l->err = err;
	}
	return condition;
}

// ---- the whole ----------------------------------------------------------------------------------------------------------------------------

// Schemas give the rules their meaning: the same files over other schemas are another rule set.
static void
make_digest(struct rules *r)
{
	const struct view parts[] = {view_of(r->conf->digest, 32), view_of(schema_digest(r->schema), 32)};

	crypto_hash_parts(r->digest, sizeof(r->digest), VIEW_EMPTY, parts, EN_COUNT_OF(parts));
}

static void
load_tables(struct loading *l)
{
	enum en_err err = code_tables_new(l->rules->conf, l->findings, &l->rules->tables);

	if (err != EN_OK && err != EN_ECONFIG) {
		l->err = err;
	}
}

static void
load_all(struct loading *l)
{
	static void (*const steps[])(struct loading *) = {load_agencies, load_tables, load_mappings, load_agreements,
	    load_subscriptions, load_routes, load_views, check_rules};
	size_t errors = l->findings->errors;

	load_canonical(l);
	if (l->findings->errors > errors) {
		return; // nothing can be said about messages that are not there
	}
	for (size_t i = 0; i < EN_COUNT_OF(steps) && l->err == EN_OK; i++) {
		steps[i](l);
	}
	make_digest(l->rules);
}

// What mappings mean hangs on schemas and tables alone: it is told also where another file cannot be read. What goes from file to file is not.
static void
find_more(struct loading *l)
{
	size_t errors = l->findings->errors;

	l->err = EN_OK;
	load_canonical(l);
	if (l->findings->errors == errors && !l->rules->conf->has_broken_tables) {
		load_tables(l);
		load_mappings(l);
	}
	l->err = l->err == EN_OK ? EN_ECONFIG : l->err;
}

enum en_err
rules_load(const char *dir, struct schema *schema, struct findings *findings, struct rules **ret)
{
	struct rules *r = calloc(1, sizeof(*r));
	struct loading l = {.rules = r, .findings = findings, .dir = dir};
	size_t errors = findings->errors;

	if (r == NULL) {
		return EN_ENOMEM;
	}
	atomic_init(&r->references, 1);
	arena_init(&r->arena, 0);
	strmap_init(&r->agency_names, 0);
	strmap_init(&r->subscription_names, 0);
	r->schema = schema_ref(schema);
	l.err = conf_set_load(dir, findings, &r->conf);
	if (l.err == EN_OK) {
		load_all(&l);
	} else if (l.err == EN_ECONFIG && r->conf != NULL) {
		find_more(&l);
	}
	if (l.err == EN_OK && findings->errors > errors) {
		l.err = EN_ECONFIG;
	}
	if (l.err != EN_OK) {
		rules_unref(&r);
		return l.err;
	}
	*ret = r;
	return EN_OK;
}

struct rules *
rules_ref(struct rules *r)
{
	atomic_fetch_add_explicit(&r->references, 1, memory_order_relaxed);
	return r;
}

void
rules_unref(struct rules **rp)
{
	struct rules *r = *rp;

	*rp = NULL;
	if (r == NULL || atomic_fetch_sub_explicit(&r->references, 1, memory_order_acq_rel) > 1) {
		return;
	}
	for (size_t i = 0; i < r->plan_count; i++) {
		plan_free(&r->plans[i].plan);
	}
	for (size_t i = 0; i < r->mapping_count; i++) {
		mapping_free(&r->mappings[i]);
	}
	for (size_t t = 0; t < CANONICAL_COUNT; t++) {
		for (size_t i = 0; i < r->route_count; i++) {
			condition_free(&r->routes[i].conditions[t]);
		}
		for (size_t i = 0; i < r->subscription_count; i++) {
			condition_free(&r->subscriptions[i].filters[t]);
		}
	}
	code_tables_free(&r->tables);
	strmap_fini(&r->agency_names);
	strmap_fini(&r->subscription_names);
	conf_set_free(&r->conf);
	schema_unref(&r->schema);
	arena_fini(&r->arena);
	free(r);
}

const uint8_t *
rules_digest(const struct rules *r)
{
	return r->digest;
}

const struct schema *
rules_schema(const struct rules *r)
{
	return r->schema;
}

const struct conf_set *
rules_conf(const struct rules *r)
{
	return r->conf;
}

const struct schema_type *
rules_canonical_type(const struct rules *r, enum canonical c)
{
	return c < CANONICAL_COUNT ? r->canonical[c].type : NULL;
}

enum canonical
rules_canonical_of(const struct rules *r, const struct schema_type *t)
{
	size_t c = 0;

	while (c < CANONICAL_COUNT && r->canonical[c].type != t) {
		c++;
	}
	return (enum canonical)c;
}

// SPDX-License-Identifier: Apache-2.0
// Plans: what an agency's event may become, and what a recipient sees of a canonical message through an agreement. A plan belongs to (mapping, grants)
// and is shared by everyone for whom these are equal.
//
// A subscription may take a canonical message as it is. Then there is no mapping file, but still a mapping: one that copies every field, so that grants
// cut it down like any other.
#include <stdlib.h>

#include "rules/rules_int.h"

// ---- mappings -------------------------------------------------------------------------------------------------------------------------------

static int
by_name(const void *left, const void *right)
{
	const struct conf_mapping *const *a = left, *const *b = right;

	return strcmp((*a)->name.text, (*b)->name.text);
}

static bool
is_canonical(const struct rules *r, const struct schema_type *t)
{
	return rules_canonical_of(r, t) != CANONICAL_COUNT;
}

// Room for every mapping file and every identity there can be.
static bool
make_room(struct loading *l)
{
	struct rules *r = l->rules;

	r->mapping_cap = r->conf->mapping_count + CANONICAL_COUNT;
	r->mappings = load_array(l, r->mapping_cap, sizeof(*r->mappings));
	r->inbound = load_array(l, r->conf->mapping_count, sizeof(*r->inbound));
	return r->mappings != NULL && r->inbound != NULL;
}

void
load_mappings(struct loading *l)
{
	struct rules *r = l->rules;
	struct conf_set *conf = r->conf;

	if (conf->mapping_count > 0) {
		qsort(conf->mappings, conf->mapping_count, sizeof(struct conf_mapping *), by_name);
	}
	if (!make_room(l) || r->tables == NULL) {
		return; // without tables every line that names one would be told again
	}
	for (size_t i = 0; i < conf->mapping_count && l->err == EN_OK; i++) {
		enum en_err err =
		    mapping_compile(conf->mappings[i], r->schema, r->tables, l->findings, &r->mappings[i]);

		r->mapping_count = i + 1;
		if (err != EN_OK && err != EN_ECONFIG) {
			l->err = err;
		}
	}
}

const struct mapping *
rules_mapping_by_name(const struct rules *r, const char *name)
{
	for (size_t i = 0; i < r->conf->mapping_count; i++) {
		if (r->mappings[i] != NULL && strcmp(mapping_name(r->mappings[i]), name) == 0) {
			return r->mappings[i];
		}
	}
	return NULL;
}

// ---- plans ----------------------------------------------------------------------------------------------------------------------------------

// NULL after findings, or without memory. What is refused is not kept: each agreement is told of it.
static const struct plan *
plan_for(struct loading *l, const struct mapping *m, const struct grants *grants)
{
	struct rules *r = l->rules;
	struct plan_entry *plans;
	struct plan *plan = NULL;

	for (size_t i = 0; i < r->plan_count; i++) {
		if (r->plans[i].mapping == m && memcmp(&r->plans[i].grants, grants, sizeof(*grants)) == 0) {
			return r->plans[i].plan;
		}
	}
	plans = arena_larger(&r->arena, r->plans, r->plan_count, &r->plan_cap, sizeof(*plans));
	if (plans == NULL) {
		l->err = EN_ENOMEM;
		return NULL;
	}
	r->plans = plans;
	enum en_err err = plan_new(m, grants, l->findings, &plan);

	if (err != EN_OK) {
		l->err = err == EN_ECONFIG ? l->err : err;
		return NULL;
	}
	r->plans[r->plan_count++] = (struct plan_entry){.mapping = m, .grants = *grants, .plan = plan};
	return plan;
}

// ---- inbound --------------------------------------------------------------------------------------------------------------------------------

static struct inbound *
inbound_of(struct loading *l, const struct schema_type *t)
{
	struct rules *r = l->rules;

	for (size_t i = 0; i < r->inbound_count; i++) {
		if (r->inbound[i].type == t) {
			return &r->inbound[i];
		}
	}
	struct inbound *in = &r->inbound[r->inbound_count];

	in->type = t;
	in->plans = load_array(l, r->conf->mapping_count, sizeof(*in->plans));
	if (in->plans == NULL) {
		return NULL;
	}
	r->inbound_count++;
	return in;
}

// An agency's own events are read whole: it knows what it sent.
static void
load_inbound(struct loading *l)
{
	struct rules *r = l->rules;
	const struct grants everything = grants_all();

	for (size_t i = 0; i < r->conf->mapping_count && l->err == EN_OK; i++) {
		const struct mapping *m = r->mappings[i];

		if (m == NULL || is_canonical(r, mapping_from(m)) || !is_canonical(r, mapping_to(m))) {
			continue;
		}
		struct inbound *in = inbound_of(l, mapping_from(m));
		const struct plan *plan = in == NULL ? NULL : plan_for(l, m, &everything);

		if (plan != NULL) {
			in->plans[in->count++] = plan;
		}
	}
}

const struct plan *const *
rules_inbound(const struct rules *r, const struct schema_type *t, size_t *ret_count)
{
	for (size_t i = 0; i < r->inbound_count; i++) {
		if (r->inbound[i].type == t) {
			*ret_count = r->inbound[i].count;
			return r->inbound[i].plans;
		}
	}
	*ret_count = 0;
	return NULL;
}

// ---- how a subscription sees a message ----------------------------------------------------------------------------------------------------------

// A mapping file that nobody wrote: every field to the field of the same name.
static struct conf_mapping *
identity_conf(struct loading *l, const struct schema_type *t, struct where where)
{
	struct conf_mapping *conf = load_array(l, 1, sizeof(*conf));
	struct conf_set_line *set = load_array(l, t->field_count, sizeof(*set));
	struct conf_value *values = load_array(l, t->field_count, sizeof(*values));

	if (conf == NULL || set == NULL || values == NULL) {
		return NULL;
	}
	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct conf_text name = {.text = t->fields[i].name, .where = where};

		values[i] = (struct conf_value){.kind = CONF_VALUE_COPY, .where = where, .from = name};
		set[i] = (struct conf_set_line){.target = name, .value = &values[i]};
	}
	*conf = (struct conf_mapping){
	    .name = {.text = arena_printf(&l->rules->arena, "%s as it is", t->name), .where = where},
	    .from = {.text = t->name, .where = where},
	    .to = {.text = t->name, .where = where},
	    .set = set,
	    .set_count = t->field_count,
	};
	if (conf->name.text == NULL) {
		l->err = EN_ENOMEM;
		return NULL;
	}
	return conf;
}

static const struct mapping *
identity_of(struct loading *l, const struct schema_type *t, struct where where)
{
	struct rules *r = l->rules;

	for (size_t i = r->conf->mapping_count; i < r->mapping_count; i++) {
		if (r->mappings[i] != NULL && mapping_from(r->mappings[i]) == t) {
			return r->mappings[i];
		}
	}
	const struct conf_mapping *conf = identity_conf(l, t, where);

	if (conf == NULL) {
		return NULL;
	}
	enum en_err err = mapping_compile(conf, r->schema, r->tables, l->findings, &r->mappings[r->mapping_count]);

	if (err != EN_OK) {
		l->err = err == EN_ECONFIG ? l->err : err;
		return NULL;
	}
	return r->mappings[r->mapping_count++];
}

// Whether a mapping file of these types is there that did not compile: then its own findings say enough.
static bool
is_broken(const struct rules *r, const struct schema_type *from, const struct schema_type *to)
{
	for (size_t i = 0; i < r->conf->mapping_count; i++) {
		const struct conf_mapping *conf = r->conf->mappings[i];

		if (r->mappings[i] == NULL && strcmp(conf->from.text, from->name) == 0 &&
		    strcmp(conf->to.text, to->name) == 0) {
			return true;
		}
	}
	return false;
}

static const struct mapping *
mapping_between(struct loading *l, const struct subscription *s, enum canonical type)
{
	struct rules *r = l->rules;
	const struct schema_type *from = r->canonical[type].type;
	const struct mapping *found = NULL;

	for (size_t i = 0; i < r->conf->mapping_count; i++) {
		const struct mapping *m = r->mappings[i];

		if (m == NULL || mapping_from(m) != from || mapping_to(m) != s->pub.as) {
			continue;
		}
		if (found != NULL) {
			findings_add(l->findings, E0606, s->pub.conf->as.where, NULL, "%s and %s", mapping_name(found),
			    mapping_name(m));
			return found;
		}
		found = m;
	}
	if (found == NULL && from == s->pub.as) {
		return identity_of(l, from, s->pub.conf->as.where);
	}
	if (found == NULL && !is_broken(r, from, s->pub.as)) {
		findings_add(l->findings, E0605, s->pub.conf->as.where, "write one under mappings/", "from %s to %s",
		    from->name, s->pub.as->name);
	}
	return found;
}

// Through one agreement. A message that cannot be seen through it, or whose filter it does not let us read, is not received under it.
static void
load_view(struct loading *l, struct subscription *s, const struct agreement *a)
{
	struct agreement_view *view = &s->views[s->view_count++];
	bool is_told = false;

	view->agreement = a;
	for (size_t t = 0; t < CANONICAL_COUNT && l->err == EN_OK; t++) {
		if (s->mappings[t] == NULL) {
			continue;
		}
		view->plans[t] = plan_for(l, s->mappings[t], &a->grants);
		if (view->plans[t] == NULL && l->err == EN_OK) {
			findings_add(l->findings, E0607, s->pub.conf->as.where,
			    "grant what the mapping needs, or need less in the mapping",
			    "%s through the agreement %s (%s:%u)", mapping_name(s->mappings[t]), a->name,
			    a->conf->name.where.file, a->conf->name.where.line);
		}
		if (s->filters[t] != NULL && !reading_is_granted(s->filters[t], &a->grants)) {
			view->plans[t] = NULL;
			if (!is_told) {
				findings_add(l->findings, E0608, s->pub.conf->when.where,
				    "grant the label there, or remove the field from `when`", "the agreement %s",
				    a->name);
			}
			is_told = true;
		}
	}
}

static void
load_views_of(struct loading *l, struct subscription *s)
{
	struct rules *r = l->rules;

	for (size_t t = 0; t < CANONICAL_COUNT && s->pub.as != NULL; t++) {
		if ((s->pub.receives >> t & 1U) != 0) {
			s->mappings[t] = mapping_between(l, s, (enum canonical)t);
		}
	}
	s->views = load_array(l, r->agreement_count, sizeof(*s->views));
	for (size_t i = 0; s->views != NULL && i < r->agreement_count && l->err == EN_OK; i++) {
		const struct agreement *a = &r->agreements[i];

		if (s->pub.agency->index != UINT32_MAX && agency_set_has(&a->to, s->pub.agency) &&
		    agreement_is_for(a, s->pub.purpose)) {
			load_view(l, s, a);
		}
	}
}

const struct agreement_view *
view_by_agreement(const struct subscription *s, const char *agreement)
{
	for (size_t i = 0; i < s->view_count; i++) {
		if (strcmp(s->views[i].agreement->name, agreement) == 0) {
			return &s->views[i];
		}
	}
	return NULL;
}

// ---- what is hidden -------------------------------------------------------------------------------------------------------------------------------

static bool
hides(const struct plan *p, const char *target)
{
	size_t count = 0;
	const struct plan_hidden *hidden = plan_hidden_fields(p, &count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(hidden[i].target, target) == 0) {
			return true;
		}
	}
	return false;
}

// Whether the mapping has a line for the field or for something above it.
static bool
fills(const struct conf_mapping *conf, const char *target)
{
	for (size_t i = 0; i < conf->set_count; i++) {
		size_t len = strlen(conf->set[i].target.text);

		if (strncmp(conf->set[i].target.text, target, len) == 0 &&
		    (target[len] == '\0' || target[len] == '.' || target[len] == '[')) {
			return true;
		}
	}
	return false;
}

static const struct conf_mapping *
conf_of(const struct rules *r, const struct mapping *m)
{
	for (size_t i = 0; i < r->conf->mapping_count; i++) {
		if (r->mappings[i] == m) {
			return r->conf->mappings[i];
		}
	}
	return NULL; // an identity: it fills everything
}

// Every view of the subscription hides it, or has nothing that would fill it.
static bool
is_always_hidden(const struct rules *r, const struct subscription *s, const char *target)
{
	for (size_t i = 0; i < s->view_count; i++) {
		for (size_t t = 0; t < CANONICAL_COUNT; t++) {
			const struct plan *p = s->views[i].plans[t];
			const struct conf_mapping *conf = p == NULL ? NULL : conf_of(r, s->mappings[t]);

			if (p != NULL && !hides(p, target) && (conf == NULL || fills(conf, target))) {
				return false;
			}
		}
	}
	return true;
}

static bool
has_text(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], text) == 0) {
			return true;
		}
	}
	return false;
}

// Candidates are what the views of the first agreement hide: what is always hidden is hidden there too.
static void
load_hidden(struct loading *l, struct subscription *s)
{
	size_t total = 0, count = 0;

	for (size_t t = 0; t < CANONICAL_COUNT && s->view_count > 0; t++) {
		if (s->views[0].plans[t] != NULL) {
			(void)plan_hidden_fields(s->views[0].plans[t], &count);
			total += count;
		}
	}
	const char **list = load_array(l, total, sizeof(*list));

	for (size_t t = 0; t < CANONICAL_COUNT && total > 0 && list != NULL; t++) {
		const struct plan *p = s->views[0].plans[t];
		const struct plan_hidden *hidden = p == NULL ? NULL : plan_hidden_fields(p, &count);

		for (size_t i = 0; hidden != NULL && i < count; i++) {
			if (is_always_hidden(l->rules, s, hidden[i].target) &&
			    !has_text(list, s->hidden_count, hidden[i].native)) {
				list[s->hidden_count++] = hidden[i].native;
			}
		}
	}
	s->hidden = list;
}

void
load_views(struct loading *l)
{
	if (l->rules->tables == NULL) {
		return;
	}
	load_inbound(l);
	for (size_t i = 0; i < l->rules->subscription_count && l->err == EN_OK; i++) {
		load_views_of(l, &l->rules->subscriptions[i]);
		load_hidden(l, &l->rules->subscriptions[i]);
	}
}

const char *const *
rules_hidden_fields(const struct rules *r, const struct rules_subscription *s, size_t *ret_count)
{
	const struct subscription *own = subscription_of(r, s);

	*ret_count = own == NULL ? 0 : own->hidden_count;
	return own == NULL ? NULL : own->hidden;
}

const struct plan_hidden *
rules_hidden_by(const struct rules *r, const struct rules_subscription *s, const char *agreement, enum canonical type,
    size_t *ret_count)
{
	const struct subscription *own = subscription_of(r, s);
	const struct agreement_view *view = own == NULL ? NULL : view_by_agreement(own, agreement);

	*ret_count = 0;
	if (view == NULL || type >= CANONICAL_COUNT || view->plans[type] == NULL) {
		return NULL;
	}
	return plan_hidden_fields(view->plans[type], ret_count);
}

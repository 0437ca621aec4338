// SPDX-License-Identifier: Apache-2.0
// Agencies: who is on the bus. A set of them is a bit each.
#include <stdlib.h>

#include "rules/rules_int.h"

static int
by_name(const void *left, const void *right)
{
	const struct conf_agency *const *a = left, *const *b = right;

	return strcmp((*a)->name.text, (*b)->name.text);
}

static enum agency_kind
kind_of(const struct conf_agency *conf)
{
	return strcmp(conf->kind.text, "authority") == 0 ? AGENCY_AUTHORITY
	    : strcmp(conf->kind.text, "un") == 0         ? AGENCY_UN
							 : AGENCY_CIVIL_SOCIETY;
}

// Without `sources` an agency has one, made of its name.
static void
load_sources(struct loading *l, struct agency *a)
{
	const struct conf_list *list = &a->pub.conf->sources;
	size_t count = list->count == 0 ? 1 : list->count;
	const char **sources = load_array(l, count, sizeof(*sources));

	if (sources == NULL) {
		return;
	}
	sources[0] = arena_printf(&l->rules->arena, "urn:enlace:%s", a->pub.name);
	for (size_t i = 0; i < list->count; i++) {
		sources[i] = list->items[i].text;
	}
	if (sources[0] == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	a->sources = sources;
	a->source_count = count;
}

static void
check_published(struct loading *l, const struct conf_agency *conf)
{
	for (size_t i = 0; i < conf->publishes.count; i++) {
		const struct conf_text *name = &conf->publishes.items[i];

		if (schema_type_by_name(l->rules->schema, name->text) == NULL) {
			size_t count = 0;
			const char *const *names = schema_type_names(l->rules->schema, &count);

			findings_add(
			    l->findings, E0707, name->where, nearest_name(name->text, names, count), "%s", name->text);
		}
	}
}

// A source belongs to one agency: otherwise one could speak as another.
static void
check_sources(struct loading *l, const struct agency *a)
{
	for (const struct agency *other = l->rules->agencies; other < a; other++) {
		for (size_t i = 0; i < a->source_count; i++) {
			for (size_t j = 0; j < other->source_count; j++) {
				const struct conf_list *list = &a->pub.conf->sources;

				if (strcmp(a->sources[i], other->sources[j]) != 0) {
					continue;
				}
				findings_add(l->findings, E0708,
				    i < list->count ? list->items[i].where : a->pub.conf->name.where, NULL,
				    "%s, also of %s", a->sources[i], other->pub.name);
			}
		}
	}
}

void
load_agencies(struct loading *l)
{
	struct rules *r = l->rules;
	struct conf_set *conf = r->conf;

	if (conf->agency_count == 0) {
		findings_add(l->findings, E0706, (struct where){.file = l->dir}, NULL, "agencies/ is empty");
		return;
	}
	qsort(conf->agencies, conf->agency_count, sizeof(struct conf_agency *), by_name);
	r->agencies = load_array(l, conf->agency_count, sizeof(*r->agencies));
	r->unknown_agency.pub = (struct rules_agency){.name = "", .kind = AGENCY_CIVIL_SOCIETY, .index = UINT32_MAX};
	for (size_t i = 0; i < conf->agency_count && l->err == EN_OK; i++) {
		struct agency *a = &r->agencies[i];

		a->pub = (struct rules_agency){
		    .name = conf->agencies[i]->name.text,
		    .kind = kind_of(conf->agencies[i]),
		    .index = (uint32_t)i,
		    .is_operator = conf->agencies[i]->operator,
		    .conf = conf->agencies[i],
		};
		load_sources(l, a);
		check_published(l, a->pub.conf);
		check_sources(l, a);
		if (a->pub.is_operator && a->pub.conf->operator_may.count == 0) {
			findings_add(l->findings, W0703, a->pub.conf->name.where, "operator_may: [status, msg.ls]",
			    "%s", a->pub.name);
		}
		if (l->err == EN_OK) {
			l->err = strmap_put(&r->agency_names, view_text(a->pub.name), a, NULL);
		}
		r->agency_count = i + 1;
	}
}

const struct agency *
agency_by_view(const struct rules *r, struct view name)
{
	return strmap_get(&r->agency_names, name);
}

const struct rules_agency *
rules_agency_by_name(const struct rules *r, const char *name)
{
	const struct agency *a = agency_by_view(r, view_text(name));

	return a == NULL ? NULL : &a->pub;
}

const struct rules_agency *
rules_agency_at(const struct rules *r, uint32_t index)
{
	return index < r->agency_count ? &r->agencies[index].pub : NULL;
}

uint32_t
rules_agency_count(const struct rules *r)
{
	return (uint32_t)r->agency_count;
}

// ---- sets ---------------------------------------------------------------------------------------------------------------------------------

bool
agency_set_make(struct loading *l, struct agency_set *set)
{
	set->any = false;
	set->words = load_array(l, (l->rules->agency_count + 63) / 64, sizeof(*set->words));
	return set->words != NULL;
}

void
agency_set_add(struct agency_set *set, const struct agency *a)
{
	set->words[a->pub.index / 64] |= UINT64_C(1) << a->pub.index % 64;
}

bool
agency_set_has(const struct agency_set *set, const struct rules_agency *a)
{
	return set->any || (set->words[a->index / 64] >> a->index % 64 & 1U) != 0;
}

bool
list_has(const struct conf_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->items[i].text, text) == 0) {
			return true;
		}
	}
	return false;
}

bool
agency_has_group(const struct agency *a, const char *group)
{
	return list_has(&a->pub.conf->groups, group);
}

// SPDX-License-Identifier: Apache-2.0
// Agreements: who may tell whom what, for what purpose, from the beginning of one day to the end of another, as days are counted where the
// agreement says. The days become two instants here, so that deciding needs no calendar.
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/zone.h"
#include "rules/rules_int.h"

static int
by_name(const void *left, const void *right)
{
	const struct conf_agreement *const *a = left, *const *b = right;

	return strcmp((*a)->name.text, (*b)->name.text);
}

static void
load_parties(struct loading *l, const struct conf_list *names, struct agency_set *set)
{
	if (!agency_set_make(l, set)) {
		return;
	}
	for (size_t i = 0; i < names->count; i++) {
		const struct agency *a = load_agency_name(l, &names->items[i], E0701);

		if (a != NULL) {
			agency_set_add(set, a);
		}
	}
}

static const struct schema_enum *
basis_enum(const struct rules *r)
{
	return r->canonical[CANONICAL_REFERRAL].legal_basis->enumeration;
}

static const char *
nearest_basis(struct loading *l, const char *text)
{
	const struct schema_enum *e = basis_enum(l->rules);
	const char **names = load_array(l, e->value_count, sizeof(*names));

	for (uint32_t i = 0; names != NULL && i < e->value_count; i++) {
		names[i] = e->values[i].name;
	}
	return names == NULL ? NULL : nearest_name(text, names, e->value_count);
}

// Number 0 is "not said", which is no basis.
static void
load_bases(struct loading *l, struct agreement *a)
{
	const struct conf_list *list = &a->conf->legal_bases;

	for (size_t i = 0; i < list->count; i++) {
		const struct schema_enum_value *v =
		    schema_enum_by_name(basis_enum(l->rules), view_text(list->items[i].text));

		if (v == NULL || v->number <= 0 || v->number > 63) {
			findings_add(l->findings, E0703, list->items[i].where, nearest_basis(l, list->items[i].text),
			    "%s", list->items[i].text);
		} else {
			a->legal_bases |= UINT64_C(1) << v->number;
		}
	}
}

static enum grant
grant_of(const char *level)
{
	return strcmp(level, "full") == 0 ? GRANT_FULL : strcmp(level, "coarse") == 0 ? GRANT_COARSE : GRANT_PSEUDONYM;
}

static void
load_grants(struct loading *l, struct agreement *a)
{
	a->grants = grants_none();
	for (size_t i = 0; i < a->conf->may_see_count; i++) {
		enum label label = load_label_name(l, &a->conf->may_see[i].label, E0702);

		// What the exchange itself needs is always granted; saying so changes nothing.
		if (label != LABEL_COUNT && label != LABEL_OPERATIONAL) {
			a->grants.level[label] = (uint8_t)grant_of(a->conf->may_see[i].level.text);
		}
	}
	// Referral states take no part in grants: who signs it must not believe that the recipient will see more some day.
	if (a->conf->after_accepted_count > 0) {
		findings_add(l->findings, E0710, a->conf->after_accepted[0].label.where, NULL, "%s", a->name);
	}
}

// yyyy-mm-dd, which conf/ has checked.
static int64_t
day_of(const char *text)
{
	int year = 1970, month = 1, day = 1;

	(void)sscanf(text, "%4d-%2d-%2d", &year, &month, &day); // conf/ knows that it fits
	return civil_to_days((struct civil_date){year, (uint8_t)month, (uint8_t)day});
}

static void
load_days(struct loading *l, struct agreement *a)
{
	const char *name = a->conf->zone.text == NULL ? "UTC" : a->conf->zone.text;
	int64_t first = day_of(a->conf->first_day.text), last = day_of(a->conf->last_day.text);
	struct zone *zone = NULL;
	enum en_err err = zone_load(ZONE_FOLDER, name, &zone);

	if (err == EN_ENOMEM) {
		l->err = err;
	} else if (err != EN_OK) {
		findings_add(l->findings, E0704, a->conf->zone.where,
		    "an IANA name, as America/Mexico_City; only UTC works without the package tzdata", "%s: %s", name,
		    en_err_code(err));
	} else {
		a->from_ms = zone_day_begins_ms(zone, first);
		a->until_ms = zone_day_begins_ms(zone, last + 1);
	}
	zone_free(&zone);
}

void
load_agreements(struct loading *l)
{
	struct conf_set *conf = l->rules->conf;

	if (conf->agreement_count > 0) {
		qsort(conf->agreements, conf->agreement_count, sizeof(struct conf_agreement *), by_name);
	}
	l->rules->agreements = load_array(l, conf->agreement_count, sizeof(*l->rules->agreements));
	for (size_t i = 0; i < conf->agreement_count && l->err == EN_OK; i++) {
		struct agreement *a = &l->rules->agreements[i];

		a->conf = conf->agreements[i];
		a->name = a->conf->name.text;
		load_parties(l, &a->conf->from, &a->from);
		load_parties(l, &a->conf->to, &a->to);
		load_bases(l, a);
		load_grants(l, a);
		load_days(l, a);
		l->rules->agreement_count = i + 1;
	}
}

bool
agreement_is_for(const struct agreement *a, const char *purpose)
{
	return list_has(&a->conf->purposes, purpose);
}

bool
agreement_is_valid(const struct agreement *a, int64_t wall_ms)
{
	return wall_ms >= a->from_ms && wall_ms < a->until_ms;
}

bool
rules_grants_of(const struct rules *r, const char *agreement, struct grants *ret)
{
	for (size_t i = 0; i < r->agreement_count; i++) {
		if (strcmp(r->agreements[i].name, agreement) == 0) {
			*ret = r->agreements[i].grants;
			return true;
		}
	}
	return false;
}

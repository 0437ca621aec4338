// SPDX-License-Identifier: Apache-2.0
// What can only be said about files together: a route whose recipient has no subscription or no agreement, a subscription that nobody sends anything, a type that is
// published and never translated. Each would be a silence in operation, so each is said here.
#include "conf/quantity.h"
#include "rules/rules_int.h"

// ---- routes -----------------------------------------------------------------------------------------------------------------------------------

// How far one recipient comes with one kind of message; the further the better.
enum reach { REACH_NOTHING, REACH_SUBSCRIPTION, REACH_AGREEMENT, REACH_READING };

static enum reach
reach_of(const struct route *route, enum canonical type, const struct agency *agency)
{
	enum reach furthest = REACH_NOTHING;

	for (size_t i = 0; i < agency->subscription_count; i++) {
		const struct subscription *s = agency->subscriptions[i];

		if ((s->pub.receives >> type & 1U) == 0 || strcmp(s->pub.purpose, route->purpose) != 0) {
			continue;
		}
		furthest = furthest < REACH_SUBSCRIPTION ? REACH_SUBSCRIPTION : furthest;
		for (size_t v = 0; v < s->view_count; v++) {
			bool is_granted = reading_is_granted(route->conditions[type], &s->views[v].agreement->grants);
			enum reach reach = is_granted ? REACH_READING : REACH_AGREEMENT;

			furthest = reach > furthest ? reach : furthest;
		}
	}
	return furthest;
}

static const char *
nearest_purpose(struct loading *l, const char *purpose)
{
	const struct rules *r = l->rules;
	const char **names = load_array(l, r->subscription_count, sizeof(*names));

	for (size_t i = 0; names != NULL && i < r->subscription_count; i++) {
		names[i] = r->subscriptions[i].pub.purpose;
	}
	const char *nearest = names == NULL ? NULL : nearest_name(purpose, names, r->subscription_count);

	return nearest == NULL || strcmp(nearest, purpose) == 0 ? NULL : nearest;
}

static void
tell_reach(struct loading *l, const struct route *route, const struct recipient *recipient, enum canonical type,
    enum reach reach)
{
	static const enum finding_code codes[] = {
	    [REACH_NOTHING] = E0506, [REACH_SUBSCRIPTION] = E0507, [REACH_AGREEMENT] = E0508};
	struct where where = recipient->agency != NULL ? recipient->conf->agency.where : recipient->conf->where;

	if (reach == REACH_READING) {
		return;
	}
	findings_add(l->findings, codes[reach], where,
	    reach == REACH_NOTHING ? nearest_purpose(l, route->purpose) : NULL, "%s, %s, purpose %s",
	    recipient->agency != NULL ? recipient->agency->pub.name : findings_say(l->findings, "the addressee"),
	    l->rules->canonical[type].type->name, route->purpose);
}

// Of an addressee nothing is known beforehand but that somebody must be able to be one.
static void
check_recipient(struct loading *l, const struct route *route, const struct recipient *recipient, enum canonical type)
{
	enum reach furthest = REACH_NOTHING;

	if (recipient->agency != NULL) {
		furthest = reach_of(route, type, recipient->agency);
	}
	for (size_t i = 0; recipient->agency == NULL && i < l->rules->agency_count; i++) {
		if (agency_set_has(&recipient->among, &l->rules->agencies[i].pub)) {
			enum reach reach = reach_of(route, type, &l->rules->agencies[i]);

			furthest = reach > furthest ? reach : furthest;
		}
	}
	tell_reach(l, route, recipient, type, furthest);
}

static void
check_routes(struct loading *l)
{
	for (size_t i = 0; i < l->rules->route_count; i++) {
		const struct route *route = &l->rules->routes[i];

		for (size_t t = 0; t < CANONICAL_COUNT; t++) {
			for (size_t j = 0; route->conditions[t] != NULL && j < route->recipient_count; j++) {
				check_recipient(l, route, &route->recipients[j], (enum canonical)t);
			}
		}
	}
}

// ---- subscriptions and agreements ---------------------------------------------------------------------------------------------------------

// FAULT is the broker's word about a referral, on behalf of whom it was sent by (rules.h, is_brokers). Statuses of others would come, and
// that one would not.
static void
check_own_word(struct loading *l, const struct subscription *s)
{
	bool hears = (s->pub.receives & (UINT32_C(1) << CANONICAL_STATUS)) == 0 || s->view_count == 0;

	for (size_t i = 0; i < s->view_count && !hears; i++) {
		hears = agency_set_has(&s->views[i].agreement->from, s->pub.agency);
	}
	if (!hears) {
		findings_add(
		    l->findings, W0605, s->pub.conf->name.where, NULL, "%s, purpose %s", s->pub.name, s->pub.purpose);
	}
}

static void
check_subscription(struct loading *l, const struct subscription *s)
{
	if (s->pub.agency->index == UINT32_MAX) {
		return; // its agency is unknown, which was told; everything else would be a consequence
	}
	for (size_t t = 0; t < CANONICAL_COUNT; t++) {
		bool is_sent = (s->pub.receives >> t & 1U) == 0;

		for (size_t i = 0; i < l->rules->route_count && !is_sent; i++) {
			is_sent = route_leads_to(&l->rules->routes[i], (enum canonical)t, s);
		}
		if (!is_sent) {
			findings_add(l->findings, W0601, s->pub.conf->name.where, NULL, "%s, %s, purpose %s",
			    s->pub.name, l->rules->canonical[t].type->name, s->pub.purpose);
		}
	}
	if (s->view_count == 0) {
		findings_add(
		    l->findings, W0602, s->pub.conf->name.where, NULL, "%s, purpose %s", s->pub.name, s->pub.purpose);
	}
	check_own_word(l, s);
	// A referral without a legal basis that the agreement names goes nowhere, and so would all of them.
	for (size_t i = 0; i < s->view_count; i++) {
		const struct agreement *a = s->views[i].agreement;
		bool needs_basis = (s->pub.receives & (UINT32_C(1) << CANONICAL_REFERRAL)) != 0;

		if (needs_basis && a->conf->legal_bases.count == 0) {
			findings_add(l->findings, E0709, a->conf->name.where, "legal_bases: [LEGAL_OBLIGATION]",
			    "%s, through which %s receives referrals", a->name, s->pub.name);
		}
	}
}

static void
check_agreement(struct loading *l, const struct agreement *a)
{
	for (size_t i = 0; i < l->rules->subscription_count; i++) {
		if (view_by_agreement(&l->rules->subscriptions[i], a->name) != NULL) {
			return;
		}
	}
	findings_add(l->findings, W0701, a->conf->name.where, NULL, "%s", a->name);
}

// ---- agencies and mappings --------------------------------------------------------------------------------------------------------------------

static void
check_published(struct loading *l, const struct agency *a)
{
	const struct rules *r = l->rules;

	for (size_t i = 0; i < a->pub.conf->publishes.count; i++) {
		const struct conf_text *name = &a->pub.conf->publishes.items[i];
		const struct schema_type *t = schema_type_by_name(r->schema, name->text);
		bool is_translated = t == NULL || rules_canonical_of(r, t) != CANONICAL_COUNT;

		// By the files, not by what compiled: a mapping with errors has told them.
		for (size_t m = 0; m < r->conf->mapping_count && !is_translated; m++) {
			is_translated = strcmp(r->conf->mappings[m]->from.text, name->text) == 0;
		}
		if (!is_translated) {
			findings_add(l->findings, W0702, name->where, NULL, "%s of %s", name->text, a->pub.name);
		}
	}
}

static bool
is_used(const struct rules *r, const struct mapping *m)
{
	for (size_t i = 0; i < r->subscription_count; i++) {
		for (size_t t = 0; t < CANONICAL_COUNT; t++) {
			if (r->subscriptions[i].mappings[t] == m) {
				return true;
			}
		}
	}
	if (rules_canonical_of(r, mapping_to(m)) == CANONICAL_COUNT) {
		return false;
	}
	for (size_t i = 0; i < r->agency_count; i++) {
		if (list_has(&r->agencies[i].pub.conf->publishes, mapping_from(m)->name)) {
			return true;
		}
	}
	return false;
}

static void
check_mappings(struct loading *l)
{
	const struct rules *r = l->rules;

	for (size_t i = 0; i < r->conf->mapping_count && i < r->mapping_count; i++) {
		if (r->mappings[i] != NULL && !is_used(r, r->mappings[i])) {
			findings_add(l->findings, W0303, r->conf->mappings[i]->name.where, NULL, "from %s to %s",
			    mapping_from(r->mappings[i])->name, mapping_to(r->mappings[i])->name);
		}
	}
}

void
check_rules(struct loading *l)
{
	if (l->rules->tables == NULL) {
		return; // without code tables there are no mappings, and so no views to speak of
	}
	check_routes(l);
	for (size_t i = 0; i < l->rules->subscription_count; i++) {
		check_subscription(l, &l->rules->subscriptions[i]);
	}
	for (size_t i = 0; i < l->rules->agreement_count; i++) {
		check_agreement(l, &l->rules->agreements[i]);
	}
	for (size_t i = 0; i < l->rules->agency_count; i++) {
		check_published(l, &l->rules->agencies[i]);
	}
	check_mappings(l);
}

// ---- days -----------------------------------------------------------------------------------------------------------------------------------

#define DAY_MS INT64_C(86400000)
#define SOON_MS (30 * DAY_MS) // time enough to sign the next one

// The agreement through which the subscription receives longest from now on; NULL when none is or will be valid.
static const struct agreement *
last_valid(const struct subscription *s, int64_t wall_ms)
{
	const struct agreement *last = NULL;

	for (size_t i = 0; i < s->view_count; i++) {
		const struct agreement *a = s->views[i].agreement;

		if (a->until_ms > wall_ms && (last == NULL || a->until_ms > last->until_ms)) {
			last = a;
		}
	}
	return last;
}

// Codes that a system uses from another day on, or used until one. Days of a table have no zone: they are those of UTC.
static void
check_table_days(const struct conf_table *t, int64_t wall_ms, struct findings *findings)
{
	int64_t today = wall_ms / DAY_MS, day;

	if (t->valid_from.text != NULL && quantity_day(t->valid_from.text, &day) && today < day) {
		findings_add(
		    findings, W0305, t->valid_from.where, NULL, "%s begins on %s", t->name.text, t->valid_from.text);
	}
	if (t->valid_to.text != NULL && quantity_day(t->valid_to.text, &day) && today > day) {
		findings_add(
		    findings, W0305, t->valid_to.where, NULL, "%s ended on %s", t->name.text, t->valid_to.text);
	}
}

void
rules_check_days(const struct rules *r, int64_t wall_ms, struct findings *findings)
{
	for (size_t i = 0; i < r->conf->table_count; i++) {
		check_table_days(r->conf->tables[i], wall_ms, findings);
	}
	for (size_t i = 0; i < r->subscription_count; i++) {
		const struct subscription *s = &r->subscriptions[i];
		const struct agreement *last = last_valid(s, wall_ms);

		if (s->view_count > 0 && last == NULL) {
			findings_add(findings, W0603, s->pub.conf->name.where, NULL, "%s", s->pub.name);
		} else if (last != NULL && last->until_ms - wall_ms < SOON_MS) {
			findings_add(
			    findings, W0604, last->conf->last_day.where, NULL, "%s, for %s", last->name, s->pub.name);
		}
	}
}

// SPDX-License-Identifier: Apache-2.0
// Routes: which events concern whom, for what purpose. A route gives no right to know anything; that is what agreements do.
#include <stdlib.h>

#include "rules/rules_int.h"

static int
by_name(const void *left, const void *right)
{
	const struct conf_route *const *a = left, *const *b = right;

	return strcmp((*a)->name.text, (*b)->name.text);
}

static void
load_types(struct loading *l, struct route *route)
{
	const struct conf_list *list = &route->conf->types;
	size_t told = l->findings->count;

	for (size_t i = 0; i < list->count && l->err == EN_OK; i++) {
		enum canonical type = load_canonical_name(l, &list->items[i], E0501);

		if (type == CANONICAL_COUNT) {
			continue;
		}
		if (route->conditions[type] != NULL) {
			findings_add(l->findings, E0510, list->items[i].where, NULL, "%s", list->items[i].text);
			continue;
		}
		route->conditions[type] = load_condition(l, &route->conf->when, type);
	}
	findings_merge(l->findings, told);
}

// What the conditions read must be what `reads` says, for the person who signs the agreement sees only that.
static void
check_reads(struct loading *l, const struct route *route)
{
	const struct conf_list *list = &route->conf->reads;
	struct where where = route->conf->when.where.line != 0 ? route->conf->when.where : route->conf->name.where;
	uint32_t declared = UINT32_C(1) << LABEL_OPERATIONAL, read = 0;
	bool is_compiled = false;

	for (size_t t = 0; t < CANONICAL_COUNT; t++) {
		read |= route->conditions[t] == NULL ? 0 : condition_labels(route->conditions[t]);
		is_compiled = is_compiled || route->conditions[t] != NULL;
	}
	for (size_t i = 0; i < list->count; i++) {
		enum label label = load_label_name(l, &list->items[i], E0504);

		if (label == LABEL_COUNT) {
			continue;
		}
		declared |= UINT32_C(1) << label;
		if (label != LABEL_OPERATIONAL && is_compiled && (read >> label & 1U) == 0) {
			findings_add(l->findings, W0501, list->items[i].where, NULL, "%s", list->items[i].text);
		}
	}
	for (size_t label = 0; label < LABEL_COUNT; label++) {
		if ((read >> label & 1U) != 0 && (declared >> label & 1U) == 0) {
			findings_add(l->findings, E0505, where, NULL, "%s",
			    label == LABEL_UNSPECIFIED ? findings_say(l->findings, "a field without a label")
						       : label_name((enum label)label));
		}
	}
}

static void
load_among(struct loading *l, struct recipient *recipient)
{
	const struct conf_list *groups = &recipient->conf->among;

	recipient->among.any = groups->count == 0;
	if (recipient->among.any || !agency_set_make(l, &recipient->among)) {
		return;
	}
	for (size_t i = 0; i < groups->count; i++) {
		bool is_known = false;

		for (size_t a = 0; a < l->rules->agency_count; a++) {
			if (agency_has_group(&l->rules->agencies[a], groups->items[i].text)) {
				agency_set_add(&recipient->among, &l->rules->agencies[a]);
				is_known = true;
			}
		}
		if (!is_known) {
			findings_add(l->findings, E0503, groups->items[i].where,
			    "write it in `groups` of an agency's file", "%s", groups->items[i].text);
		}
	}
}

// Kinds of messages that name no addressee cannot be sent to one.
static void
check_addressee(struct loading *l, const struct route *route, const struct recipient *recipient)
{
	for (size_t t = 0; t < CANONICAL_COUNT; t++) {
		if (route->conditions[t] != NULL && l->rules->canonical[t].addressee[0] == NULL) {
			findings_add(l->findings, E0509, recipient->conf->where, "{agency: NAME}", "%s",
			    l->rules->canonical[t].type->name);
		}
	}
}

static void
load_recipients(struct loading *l, struct route *route)
{
	const struct conf_route *conf = route->conf;

	route->recipients = load_array(l, conf->send_to_count, sizeof(*route->recipients));
	for (size_t i = 0; route->recipients != NULL && i < conf->send_to_count; i++) {
		struct recipient *recipient = &route->recipients[route->recipient_count];

		*recipient = (struct recipient){.conf = &conf->send_to[i]};
		if (conf->send_to[i].addressee) {
			load_among(l, recipient);
			check_addressee(l, route, recipient);
			route->recipient_count++;
			continue;
		}
		recipient->agency = load_agency_name(l, &conf->send_to[i].agency, E0502);
		for (size_t j = 0; recipient->agency != NULL && j < route->recipient_count; j++) {
			if (route->recipients[j].agency == recipient->agency) {
				findings_add(l->findings, E0510, conf->send_to[i].agency.where, NULL, "%s",
				    conf->send_to[i].agency.text);
			}
		}
		route->recipient_count += recipient->agency != NULL;
	}
}

void
load_routes(struct loading *l)
{
	struct rules *r = l->rules;
	struct conf_set *conf = r->conf;

	if (conf->route_count > 0) {
		qsort(conf->routes, conf->route_count, sizeof(struct conf_route *), by_name);
	}
	r->routes = load_array(l, conf->route_count, sizeof(*r->routes));
	for (size_t i = 0; i < conf->route_count && l->err == EN_OK; i++) {
		struct route *route = &r->routes[i];

		r->route_count = i + 1;
		*route = (struct route){.name = conf->routes[i]->name.text,
		    .purpose = conf->routes[i]->purpose.text,
		    .conf = conf->routes[i]};
		load_types(l, route);
		check_reads(l, route);
		load_recipients(l, route);
		for (size_t t = 0; t < route->conf->late_tell.count; t++) {
			(void)load_agency_name(l, &route->conf->late_tell.items[t], E0502); // the finding is all
		}
	}
}

bool
route_leads_to(const struct route *route, enum canonical type, const struct subscription *s)
{
	if (route->conditions[type] == NULL || strcmp(route->purpose, s->pub.purpose) != 0) {
		return false;
	}
	for (size_t i = 0; i < route->recipient_count; i++) {
		const struct recipient *recipient = &route->recipients[i];

		if (recipient->agency != NULL ? &recipient->agency->pub == s->pub.agency
					      : agency_set_has(&recipient->among, s->pub.agency)) {
			return true;
		}
	}
	return false;
}

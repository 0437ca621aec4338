// SPDX-License-Identifier: Apache-2.0
// Subscriptions: a durable reader of one agency for one purpose.
#include <stdlib.h>

#include "rules/rules_int.h"

static int
by_name(const void *left, const void *right)
{
	const struct conf_subscription *const *a = left, *const *b = right;

	return strcmp((*a)->name.text, (*b)->name.text);
}

static void
load_received(struct loading *l, struct subscription *s)
{
	const struct conf_list *list = &s->pub.conf->receives;
	const struct conf_condition *when = &s->pub.conf->when;
	size_t told = l->findings->count;

	for (size_t i = 0; i < list->count && l->err == EN_OK; i++) {
		enum canonical type = load_canonical_name(l, &list->items[i], E0603);

		if (type == CANONICAL_COUNT) {
			continue;
		}
		if ((s->pub.receives >> type & 1U) != 0) {
			findings_add(l->findings, E0609, list->items[i].where, NULL, "%s", list->items[i].text);
			continue;
		}
		s->pub.receives |= UINT32_C(1) << type;
		s->filters[type] = when->where.line == 0 ? NULL : load_condition(l, when, type);
	}
	findings_merge(l->findings, told);
}

static void
load_as(struct loading *l, struct subscription *s)
{
	const struct conf_text *as = &s->pub.conf->as;

	s->pub.as = schema_type_by_name(l->rules->schema, as->text);
	if (s->pub.as == NULL) {
		size_t count = 0;
		const char *const *names = schema_type_names(l->rules->schema, &count);

		findings_add(l->findings, E0604, as->where, nearest_name(as->text, names, count), "%s", as->text);
	}
}

// Retries that never end keep an event for ever and nobody is told.
static void
load_retry(struct loading *l, struct subscription *s)
{
	const struct conf_subscription *conf = s->pub.conf;
	uint64_t *after = load_array(l, conf->retry_after_count, sizeof(*after));

	if (conf->give_up.ms == 0 || conf->then.text == NULL || conf->retry_after_count == 0) {
		findings_add(l->findings, E0601, conf->name.where,
		    "retry: {after: [5 s, 5 min, 1 h], give_up: 3 days, then: dead_letter}", "%s", conf->name.text);
	}
	for (size_t i = 0; after != NULL && i < conf->retry_after_count; i++) {
		after[i] = conf->retry_after[i].ms;
	}
	s->pub.retry_after_ms = after;
	s->pub.retry_count = conf->retry_after_count;
	s->pub.give_up_ms = conf->give_up.ms;
}

static void
load_one(struct loading *l, struct subscription *s, const struct conf_subscription *conf, uint32_t index)
{
	const struct agency *a = load_agency_name(l, &conf->agency, E0602);

	s->pub = (struct rules_subscription){
	    .name = conf->name.text,
	    .index = index,
	    .agency = a == NULL ? &l->rules->unknown_agency.pub : &a->pub,
	    .purpose = conf->purpose.text,
	    .continues_after_dead_letter = strcmp(conf->on_dead_letter.text, "continue") == 0,
	    .oldest_waits_ms = conf->oldest_waits.ms,
	    .nobody_attached_ms = conf->nobody_attached.ms,
	    .conf = conf,
	};
	load_received(l, s);
	load_as(l, s);
	load_retry(l, s);
}

// Every agency's own, in order of name.
static void
hand_out(struct loading *l)
{
	struct rules *r = l->rules;

	for (size_t i = 0; i < r->subscription_count; i++) {
		struct agency *a = strmap_get(&r->agency_names, view_text(r->subscriptions[i].pub.agency->name));

		if (a == NULL) {
			continue;
		}
		if (a->subscriptions == NULL) {
			a->subscriptions = load_array(l, r->subscription_count, sizeof(struct subscription *));
		}
		if (a->subscriptions == NULL) {
			return;
		}
		a->subscriptions[a->subscription_count++] = &r->subscriptions[i];
	}
}

void
load_subscriptions(struct loading *l)
{
	struct rules *r = l->rules;
	struct conf_set *conf = r->conf;

	if (conf->subscription_count > 0) {
		qsort(conf->subscriptions, conf->subscription_count, sizeof(struct conf_subscription *), by_name);
	}
	r->subscriptions = load_array(l, conf->subscription_count, sizeof(*r->subscriptions));
	for (size_t i = 0; i < conf->subscription_count && l->err == EN_OK; i++) {
		r->subscription_count = i + 1;
		load_one(l, &r->subscriptions[i], conf->subscriptions[i], (uint32_t)i);
		if (l->err == EN_OK) {
			l->err = strmap_put(&r->subscription_names, view_text(r->subscriptions[i].pub.name),
			    &r->subscriptions[i], NULL);
		}
	}
	hand_out(l);
}

const struct rules_subscription *
rules_subscription_by_name(const struct rules *r, const char *name)
{
	const struct subscription *s = strmap_get(&r->subscription_names, view_text(name));

	return s == NULL ? NULL : &s->pub;
}

const struct rules_subscription *
rules_subscription_at(const struct rules *r, uint32_t index)
{
	return index < r->subscription_count ? &r->subscriptions[index].pub : NULL;
}

uint32_t
rules_subscription_count(const struct rules *r)
{
	return (uint32_t)r->subscription_count;
}

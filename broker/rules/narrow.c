// SPDX-License-Identifier: Apache-2.0
// A recorded decision, looked at again at delivery. It may only say less: nothing here finds another agreement than the one that was decided, even where a newer one
// would grant more. Widening is an explicit, audited resend.
#include <stdlib.h>

#include "rules/rules_int.h"

static int
by_name(const void *name, const void *route)
{
	return strcmp(name, ((const struct route *)route)->name);
}

// Whether the recipient may learn by receiving what the route reads. Of a route that is gone nothing is known: what it owed stays owed.
static bool
may_learn(const struct rules *r, const struct narrow_input *in, const struct agreement *a)
{
	const struct route *route = r->route_count == 0 || in->route == NULL
	    ? NULL
	    : bsearch(in->route, r->routes, r->route_count, sizeof(*r->routes), by_name);
	const struct condition *read = route == NULL ? NULL : route->conditions[in->type];

	return read == NULL || reading_is_granted(read, &a->grants);
}

static enum reason
ask(const struct rules *r, const struct narrow_input *in, const struct subscription *s,
    const struct agreement_view *view, const struct consent_facts *facts)
{
	const struct agreement *a = view == NULL ? NULL : view->agreement;

	if (strcmp(s->pub.purpose, in->purpose) != 0 || s->mappings[in->type] == NULL) {
		return REASON_NO_SUBSCRIPTION;
	}
	if (a == NULL || !agreement_is_for(a, in->purpose) || !agency_set_has(&a->from, in->from) ||
	    view->plans[in->type] == NULL || !may_learn(r, in, a)) {
		return REASON_NO_AGREEMENT;
	}
	if (!agreement_is_valid(a, in->wall_ms)) {
		return REASON_AGREEMENT_LAPSED;
	}
	enum consent_term term;

	return consent_allows(r, facts, in->from, s->pub.agency, a, &term);
}

enum reason
rules_narrow(const struct rules *r, const struct narrow_input *in, struct arena *arena, const struct plan **ret_plan,
    const char *const **ret_masked)
{
	const struct subscription *s = subscription_of(r, in->subscription);
	const struct agreement_view *view;
	struct consent_facts facts;
	enum reason reason;

	if (s == NULL || &s->pub != in->subscription || in->from->index >= r->agency_count ||
	    in->type >= CANONICAL_COUNT) {
		return REASON_NO_SUBSCRIPTION; // of another rule set
	}
	if (consent_read(r, in->type, in->canonical, in->case_consent, in->wall_ms, arena, &facts) != EN_OK) {
		return REASON_BUSY;
	}
	view = view_by_agreement(s, in->agreement);
	reason = ask(r, in, s, view, &facts);
	if (reason == REASON_NONE) {
		*ret_plan = view->plans[in->type];
		*ret_masked = facts.masked;
	}
	return reason;
}

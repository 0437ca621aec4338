// SPDX-License-Identifier: Apache-2.0
// Authorisation, whole: what is not said in agencies/ and subscriptions/ is not allowed. Every door of the broker asks here and nowhere else.
#include "rules/rules_int.h"

static bool
may_use_source(const struct agency *a, const char *source)
{
	for (size_t i = 0; i < a->source_count; i++) {
		if (strcmp(a->sources[i], source) == 0) {
			return true;
		}
	}
	return false;
}

static bool
may_publish(const struct agency *a, const char *type, const char *source)
{
	return source != NULL && list_has(&a->pub.conf->publishes, type) && may_use_source(a, source);
}

// Its own vocabulary: what it sends and what it receives.
static bool
may_read_schema(const struct agency *a, const char *type)
{
	if (list_has(&a->pub.conf->publishes, type)) {
		return true;
	}
	for (size_t i = 0; i < a->subscription_count; i++) {
		const struct schema_type *as = a->subscriptions[i]->pub.as;

		if (as != NULL && strcmp(as->name, type) == 0) {
			return true;
		}
	}
	return false;
}

static bool
is_permitted(const struct rules *r, const struct agency *a, enum verb verb, const char *what, const char *source)
{
	const struct rules_subscription *s;

	switch (verb) {
	case VERB_PUBLISH:
		return may_publish(a, what, source);
	case VERB_SOURCE:
		return may_use_source(a, what);
	case VERB_SUBSCRIBE:
		s = rules_subscription_by_name(r, what);
		return s != NULL && s->agency == &a->pub;
	case VERB_SCHEMA:
		return may_read_schema(a, what);
	case VERB_OPERATE:
		return a->pub.is_operator &&
		    (list_has(&a->pub.conf->operator_may, "*") || list_has(&a->pub.conf->operator_may, what));
	}
	return false;
}

enum en_err
rules_may(
    const struct rules *r, const struct rules_agency *agency, enum verb verb, const char *what, const char *source)
{
	// By name: the caller may hold an agency of the rule set before this one.
	const struct agency *a = agency == NULL ? NULL : agency_by_view(r, view_text(agency->name));

	return a != NULL && what != NULL && is_permitted(r, a, verb, what, source) ? EN_OK : EN_EDENIED;
}

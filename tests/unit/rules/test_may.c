// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/rules/bus.h"

// Everything that is allowed, and beside each what is nearly the same and is not.
static const struct {
	const char *agency;
	enum verb verb;
	const char *what, *source;
	enum en_err wanted;
} rows[] = {
    {"inm", VERB_PUBLISH, "enlace.v1.Referral", "urn:enlace:inm", EN_OK},
    {"inm", VERB_PUBLISH, "enlace.v1.Alert", "urn:enlace:inm", EN_OK},
    {"inm", VERB_PUBLISH, "enlace.v1.ReferralStatus", "urn:enlace:inm", EN_EDENIED},
    {"inm", VERB_PUBLISH, "enlace.v1.Referral", "urn:enlace:unicef", EN_EDENIED},
    {"inm", VERB_PUBLISH, "enlace.v1.Referral", "urn:enlace:inm:more", EN_EDENIED},
    {"inm", VERB_PUBLISH, "enlace.v1.Referral", "", EN_EDENIED},
    {"inm", VERB_PUBLISH, "enlace.v1.Referral", NULL, EN_EDENIED},
    {"inm", VERB_PUBLISH, NULL, "urn:enlace:inm", EN_EDENIED},
    {"inm", VERB_SOURCE, "urn:enlace:inm", NULL, EN_OK},
    {"inm", VERB_SOURCE, "urn:enlace:unicef", NULL, EN_EDENIED},
    {"inm", VERB_SOURCE, NULL, NULL, EN_EDENIED},
    {"albergue", VERB_PUBLISH, "enlace.v1.Referral", "urn:enlace:albergue:kobo", EN_OK},
    {"albergue", VERB_PUBLISH, "enlace.v1.Referral", "urn:enlace:albergue", EN_EDENIED},
    {"comar", VERB_PUBLISH, "enlace.v1.Referral", "urn:enlace:comar", EN_EDENIED},
    {"unicef", VERB_SUBSCRIBE, "unicef-cases", NULL, EN_OK},
    {"unicef", VERB_SUBSCRIBE, "comar-cases", NULL, EN_EDENIED},
    {"unicef", VERB_SUBSCRIBE, "unicef-case", NULL, EN_EDENIED},
    {"unicef", VERB_SUBSCRIBE, "", NULL, EN_EDENIED},
    {"ops", VERB_SUBSCRIBE, "unicef-cases", NULL, EN_EDENIED},
    {"unicef", VERB_SCHEMA, "enlace.v1.ReferralStatus", NULL, EN_OK},
    {"unicef", VERB_SCHEMA, "enlace.v1.Referral", NULL, EN_OK},
    {"unicef", VERB_SCHEMA, "enlace.v1.Alert", NULL, EN_EDENIED},
    {"casa", VERB_SCHEMA, "enlace.v1.Referral", NULL, EN_EDENIED},
    {"ops", VERB_OPERATE, "status", NULL, EN_OK},
    {"ops", VERB_OPERATE, "msg.ls", NULL, EN_OK},
    {"ops", VERB_OPERATE, "msg.release", NULL, EN_EDENIED},
    {"ops", VERB_OPERATE, "*", NULL, EN_EDENIED},
    {"unicef", VERB_OPERATE, "status", NULL, EN_EDENIED},
    {"unicef", (enum verb)99, "unicef-cases", NULL, EN_EDENIED},
};

static void
only_what_is_said_is_allowed(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		assert_err(rows[i].wanted,
		    rules_may(b->rules, bus_agency(b, rows[i].agency), rows[i].verb, rows[i].what, rows[i].source));
	}
}

static void
nobody_may_do_nothing(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	for (enum verb verb = VERB_PUBLISH; verb <= VERB_OPERATE; verb++) {
		assert_err(EN_EDENIED, rules_may(b->rules, NULL, verb, "unicef-cases", "urn:enlace:inm"));
	}
}

static void
a_star_allows_every_verb_of_operators_and_nothing_else(void **state)
{
	struct bus *b = *state;

	bus_write(b, "agencies/ops.yaml", "agency: ops\nkind: un\noperator: true\noperator_may: [\"*\"]\n");
	assert_ok(bus_load(b));

	assert_ok(rules_may(b->rules, bus_agency(b, "ops"), VERB_OPERATE, "msg.release", NULL));
	assert_err(EN_EDENIED, rules_may(b->rules, bus_agency(b, "ops"), VERB_SUBSCRIBE, "unicef-cases", NULL));
}

// A session keeps the agency that it began with; what it may do is asked of the rules of now.
static void
an_agency_of_an_older_rule_set_has_the_rights_of_the_new_one(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	struct rules *old = rules_ref(b->rules);
	const struct rules_agency *inm = bus_agency(b, "inm");

	bus_write(b, "agencies/inm.yaml", "agency: inm\nkind: authority\npublishes: [enlace.v1.Alert]\n");
	assert_ok(bus_load(b));

	assert_err(EN_EDENIED, rules_may(b->rules, inm, VERB_PUBLISH, "enlace.v1.Referral", "urn:enlace:inm"));
	assert_ok(rules_may(b->rules, inm, VERB_PUBLISH, "enlace.v1.Alert", "urn:enlace:inm"));
	assert_ok(rules_may(old, inm, VERB_PUBLISH, "enlace.v1.Referral", "urn:enlace:inm"));
	rules_unref(&old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(only_what_is_said_is_allowed),
	    BUS_TEST(nobody_may_do_nothing),
	    BUS_TEST(a_star_allows_every_verb_of_operators_and_nothing_else),
	    BUS_TEST(an_agency_of_an_older_rule_set_has_the_rights_of_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

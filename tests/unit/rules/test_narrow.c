// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/rules/bus.h"

#define EVENT "{\"referralId\":\"r\",\"person\":{\"isMinor\":true,\"ageYears\":13},\"legalBasis\":\"LEGAL_OBLIGATION\"}"
#define VALID "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n"

struct narrowed {
	enum reason reason;
	const struct plan *plan;
	const char *const *masked;
};

// The decision of the first test of decide, looked at again with the rules of now.
static struct narrowed
narrow_at(struct bus *b, const char *json, int64_t wall_ms)
{
	struct narrowed n = {.reason = REASON_COUNT};

	bus_event(b, CANONICAL_REFERRAL, json);
	const struct narrow_input in = {
	    .subscription = rules_subscription_by_name(b->rules, "unicef-cases"),
	    .from = bus_agency(b, "inm"),
	    .purpose = "protection",
	    .agreement = "protection",
	    .route = "children",
	    .type = CANONICAL_REFERRAL,
	    .canonical = &b->ix,
	    .case_consent = buf_view(&b->consent),
	    .wall_ms = wall_ms,
	};

	assert_non_null(in.subscription);
	n.reason = rules_narrow(b->rules, &in, &b->arena, &n.plan, &n.masked);
	return n;
}

static struct narrowed
narrow(struct bus *b)
{
	return narrow_at(b, EVENT, DAY("2026-11-23"));
}

static void
what_still_holds_goes_through_the_plan_of_its_agreement(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	struct narrowed n = narrow(b);

	assert_int_equal(n.reason, REASON_NONE);
	assert_string_equal(mapping_name(plan_mapping(n.plan)), "enlace.v1.Referral as it is");
	assert_null(n.masked);
}

// Each row is a file that says less than when the decision was made.
static void
each_thing_that_says_less_withholds(void **state)
{
	static const struct {
		const char *name, *text;
		enum reason wanted;
	} rows[] = {
	    {"agreements/protection.yaml",
		"agreement: another\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\nlegal_bases: LEGAL_OBLIGATION\n"
		"may_see: {demographic: full}\n" VALID,
		REASON_NO_AGREEMENT},
	    {"agreements/protection.yaml",
		"agreement: protection\nfrom: albergue\nto: [unicef, unhcr, comar]\npurposes: protection\n"
		"legal_bases: LEGAL_OBLIGATION\nmay_see: {demographic: full}\n" VALID,
		REASON_NO_AGREEMENT},
	    {"agreements/protection.yaml",
		"agreement: protection\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\nlegal_bases: CONSENT\n"
		"may_see: {demographic: full}\n" VALID,
		REASON_LEGAL_BASIS},
	    {"agreements/protection.yaml",
		"agreement: protection\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\n"
		"legal_bases: LEGAL_OBLIGATION\nmay_see: {demographic: full}\n"
		"valid: {first_day: 2026-01-01, last_day: 2026-11-22}\n",
		REASON_AGREEMENT_LAPSED},
	    {"agreements/protection.yaml",
		"agreement: protection\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\n"
		"legal_bases: LEGAL_OBLIGATION\nmay_see: {demographic: coarse}\n" VALID,
		REASON_NONE},
	};
	struct bus *b = *state;

	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		bus_write(b, rows[i].name, rows[i].text);
		assert_ok(bus_load(b));
		assert_int_equal(narrow(b).reason, rows[i].wanted);
	}
}

// Receiving tells that the route's condition held: the person is a child. The label of that is not granted any more.
static void
what_the_route_read_and_the_agreement_grants_no_more_is_withheld(void **state)
{
	static const char *const agreement =
	    "agreement: protection\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\n"
	    "legal_bases: LEGAL_OBLIGATION\nmay_see: {location: full}\n" VALID;
	struct bus *b = *state;

	bus_write(b, "agreements/protection.yaml", agreement);
	bus_write(b, "agreements/newer.yaml", // without it the route would lead nowhere
	    "agreement: newer\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\n"
	    "legal_bases: LEGAL_OBLIGATION\nmay_see: {demographic: full}\n" VALID);
	assert_ok(bus_load(b));
	assert_int_equal(narrow(b).reason, REASON_NO_AGREEMENT);
	bus_write(b, "routes/children.yaml", // another one of that name, which reads nothing
	    "route: children\ntypes: [Referral]\npurpose: protection\nreads: []\nsend_to:\n- {agency: unicef}\n");
	assert_ok(bus_load(b));
	assert_int_equal(narrow(b).reason, REASON_NONE);
}

// The same for every way in which an expression reads it.
static void
what_an_expression_of_the_route_read_is_withheld_alike(void **state)
{
	static const char *const conditions[] = {"has(person.is_minor) && person.is_minor",
	    "person.?age_years.orValue(0) > 3", "[person].exists(p, p.?age_years.orValue(0) > 3)",
	    "cel.bind(p, person, p.?is_minor.hasValue())", "{'a': person}['a'].?is_minor == optional.of(true)",
	    "has(person.is_minor) ? service >= 0 : false"};
	struct bus *b = *state;

	bus_write(b, "agreements/protection.yaml",
	    "agreement: protection\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\n"
	    "legal_bases: LEGAL_OBLIGATION\nmay_see: {location: full}\n" VALID);
	bus_write(b, "agreements/newer.yaml",
	    "agreement: newer\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\n"
	    "legal_bases: LEGAL_OBLIGATION\nmay_see: {demographic: full}\n" VALID);
	for (size_t i = 0; i < EN_COUNT_OF(conditions); i++) {
		bus_write(b, "routes/children.yaml",
		    arena_printf(&b->arena,
			"route: children\ntypes: [Referral]\nwhen: {cel: \"%s\"}\npurpose: protection\n"
			"reads: [demographic]\nsend_to:\n- {agency: unicef}\n",
			conditions[i]));
		assert_ok(bus_load(b));
		assert_int_equal(narrow(b).reason, REASON_NO_AGREEMENT);
	}
}

static void
an_agreement_ends_at_midnight_of_its_zone(void **state)
{
	struct bus *b = *state;

	bus_write(b, "agreements/protection.yaml",
	    "agreement: protection\nfrom: inm\nto: [unicef, unhcr, comar]\npurposes: protection\nlegal_bases: LEGAL_OBLIGATION\n"
	    "may_see: {demographic: full}\nvalid: {first_day: 2026-03-01, last_day: 2026-06-30, zone: America/Mexico_City}\n");
	assert_ok(bus_load(b));
	assert_int_equal(narrow_at(b, EVENT, day_ms("2026-03-01T05:59:59.999Z")).reason, REASON_AGREEMENT_LAPSED);
	assert_int_equal(narrow_at(b, EVENT, day_ms("2026-03-01T06:00:00.000Z")).reason, REASON_NONE);
	assert_int_equal(narrow_at(b, EVENT, day_ms("2026-07-01T05:59:59.999Z")).reason, REASON_NONE);
	assert_int_equal(narrow_at(b, EVENT, day_ms("2026-07-01T06:00:00.000Z")).reason, REASON_AGREEMENT_LAPSED);
}

// Widening is an explicit resend, so a newer agreement does not take over what an older one decided.
static void
another_agreement_does_not_take_over(void **state)
{
	struct bus *b = *state;

	bus_write(b, "agreements/next.yaml",
	    "agreement: a-next\nfrom: inm\nto: unicef\npurposes: protection\nlegal_bases: LEGAL_OBLIGATION\n"
	    "may_see: {demographic: full}\nvalid: {first_day: 2026-01-01, last_day: 2028-12-31}\n");
	assert_ok(bus_load(b));
	assert_int_equal(narrow_at(b, EVENT, DAY("2027-02-01")).reason, REASON_AGREEMENT_LAPSED);
}

static void
a_consent_that_was_withdrawn_stops_what_waits(void **state)
{
	struct bus *b = *state;
	static const char *const event = "{\"person\":{\"isMinor\":true},\"legalBasis\":\"CONSENT\","
					 "\"consent\":{\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\"}}";

	assert_ok(bus_load(b));
	assert_int_equal(narrow_at(b, event, DAY("2026-11-23")).reason, REASON_NONE);
	bus_case_consent(b, "{\"revokedAt\":{\"ms\":\"1\"}}");
	assert_int_equal(narrow_at(b, event, DAY("2026-11-23")).reason, REASON_CONSENT);
}

static void
what_the_person_withheld_becomes_masks(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	struct narrowed n = narrow_at(b,
	    "{\"person\":{},\"legalBasis\":\"LEGAL_OBLIGATION\",\"consent\":{\"withheld\":[\"person.contacts\",\"found_at_office\"]}}",
	    DAY("2026-11-23"));

	assert_int_equal(n.reason, REASON_NONE);
	assert_string_equal(n.masked[0], "person.contacts");
	assert_string_equal(n.masked[1], "found_at_office");
	assert_null(n.masked[2]);

	bus_case_consent(b, "{\"withheld\":[\"person.age_years\"]}");
	n = narrow(b);
	assert_int_equal(n.reason, REASON_NONE);
	assert_string_equal(n.masked[0], "person.age_years");
	assert_null(n.masked[1]);
}

static void
a_subscription_for_another_purpose_or_kind_receives_nothing(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	bus_event(b, CANONICAL_REFERRAL, EVENT);
	struct narrow_input in = {.subscription = rules_subscription_by_name(b->rules, "unicef-cases"),
	    .from = bus_agency(b, "inm"),
	    .purpose = "shelter",
	    .agreement = "protection",
	    .type = CANONICAL_REFERRAL,
	    .canonical = &b->ix,
	    .wall_ms = DAY("2026-11-23")};
	const struct plan *plan = NULL;
	const char *const *masked = NULL;

	assert_int_equal(rules_narrow(b->rules, &in, &b->arena, &plan, &masked), REASON_NO_SUBSCRIPTION);
	in.purpose = "protection";
	in.subscription = rules_subscription_by_name(b->rules, "unhcr-alerts");
	assert_int_equal(rules_narrow(b->rules, &in, &b->arena, &plan, &masked), REASON_NO_SUBSCRIPTION);
	assert_null(plan);
}

static void
a_subscription_of_another_rule_set_receives_nothing(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	struct rules *old = rules_ref(b->rules);
	const struct rules_subscription *s = rules_subscription_by_name(old, "unicef-cases");

	assert_ok(bus_load(b));
	bus_event(b, CANONICAL_REFERRAL, EVENT);
	const struct narrow_input in = {.subscription = s,
	    .from = bus_agency(b, "inm"),
	    .purpose = "protection",
	    .agreement = "protection",
	    .type = CANONICAL_REFERRAL,
	    .canonical = &b->ix,
	    .wall_ms = DAY("2026-11-23")};
	const struct plan *plan = NULL;
	const char *const *masked = NULL;

	assert_int_equal(rules_narrow(b->rules, &in, &b->arena, &plan, &masked), REASON_NO_SUBSCRIPTION);
	rules_unref(&old);
}

static void
without_memory_nothing_is_decided(void **state)
{
	struct bus *b = *state;
	struct arena small;

	assert_ok(bus_load(b));
	bus_event(b, CANONICAL_REFERRAL,
	    "{\"person\":{},\"legalBasis\":\"LEGAL_OBLIGATION\",\"consent\":{\"withheld\":[\"person.contacts\"]}}");
	const struct narrow_input in = {.subscription = rules_subscription_by_name(b->rules, "unicef-cases"),
	    .from = bus_agency(b, "inm"),
	    .purpose = "protection",
	    .agreement = "protection",
	    .type = CANONICAL_REFERRAL,
	    .canonical = &b->ix,
	    .wall_ms = DAY("2026-11-23")};
	const struct plan *plan = NULL;
	const char *const *masked = NULL;

	arena_init(&small, 1);
	assert_int_equal(rules_narrow(b->rules, &in, &small, &plan, &masked), REASON_BUSY);
	assert_null(plan);
	arena_fini(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(what_still_holds_goes_through_the_plan_of_its_agreement),
	    BUS_TEST(each_thing_that_says_less_withholds),
	    BUS_TEST(what_the_route_read_and_the_agreement_grants_no_more_is_withheld),
	    BUS_TEST(what_an_expression_of_the_route_read_is_withheld_alike),
	    BUS_TEST(an_agreement_ends_at_midnight_of_its_zone),
	    BUS_TEST(another_agreement_does_not_take_over),
	    BUS_TEST(a_consent_that_was_withdrawn_stops_what_waits),
	    BUS_TEST(what_the_person_withheld_becomes_masks),
	    BUS_TEST(a_subscription_for_another_purpose_or_kind_receives_nothing),
	    BUS_TEST(a_subscription_of_another_rule_set_receives_nothing),
	    BUS_TEST(without_memory_nothing_is_decided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

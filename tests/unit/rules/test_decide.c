// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/rules/bus.h"

#define MINOR "\"person\":{\"isMinor\":true}"
#define LAW "\"legalBasis\":\"LEGAL_OBLIGATION\""

static void
what_all_four_allow_is_sent(void **state)
{
	struct bus *b = *state;
	const struct decision *d;

	assert_ok(bus_load(b));
	d = bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW "}");

	assert_string_equal(bus_told(b), "unicef-cases by children through protection");
	assert_string_equal(d->recipients[0].purpose, "protection");
	assert_int_equal(d->recipients[0].acknowledge_by_ms, DAY("2026-11-23") + 15 * 60000);
	assert_int_equal(d->recipients[0].decide_by_ms, DAY("2026-11-23") + 4 * 3600000);
	assert_int_equal(d->if_nobody, NOBODY_HOLD);
}

// Each row takes away one thing of what the test above has; the reason says which.
static void
each_of_the_four_is_needed(void **state)
{
	static const struct {
		const char *from, *json, *day, *told;
	} rows[] = {
	    {"inm", "{\"person\":{\"isMinor\":false}," LAW "}", "2026-11-23T00:00:00Z", ""},
	    {"inm", "{" LAW "}", "2026-11-23T00:00:00Z", ""},
	    {"casa", "{" MINOR "," LAW "}", "2026-11-23T00:00:00Z", "; missed: unicef no_agreement by children"},
	    {"inm", "{" MINOR "," LAW "}", "2025-12-31T23:59:59Z", "; missed: unicef agreement_lapsed by children"},
	    {"inm", "{" MINOR "," LAW "}", "2027-01-01T00:00:00Z", "; missed: unicef agreement_lapsed by children"},
	    {"inm", "{" MINOR "}", "2026-11-23T00:00:00Z", "; missed: unicef legal_basis by children"},
	    {"inm", "{" MINOR ",\"legalBasis\":\"CONTRACT\"}", "2026-11-23T00:00:00Z",
		"; missed: unicef legal_basis by children"},
	    {"inm", "{" MINOR ",\"legalBasis\":\"CONSENT\"}", "2026-11-23T00:00:00Z",
		"; missed: unicef consent by children"},
	};
	struct bus *b = *state;

	assert_ok(bus_load(b));
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		(void)bus_decide_at(b, rows[i].from, CANONICAL_REFERRAL, rows[i].json, day_ms(rows[i].day));
		assert_string_equal(bus_told(b), rows[i].told);
		assert_int_equal(b->decision.if_nobody, NOBODY_HOLD);
	}
}

static void
an_addressee_without_a_subscription_is_told_so(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)bus_decide(
	    b, "inm", CANONICAL_REFERRAL, "{\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"casa\"}," LAW "}");

	assert_string_equal(bus_told(b), "; missed: casa (addressed) no_subscription by shelter");
}

static void
an_addressee_receives_what_is_addressed_to_it(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)bus_decide(
	    b, "inm", CANONICAL_REFERRAL, "{\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"albergue\"}," LAW "}");

	assert_string_equal(bus_told(b), "albergue-guests (addressed) by shelter through shelter");
	assert_int_equal(b->decision.recipients[0].decide_by_ms, 0);
}

static void
an_addressee_outside_the_group_is_missed_and_not_served(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)bus_decide(
	    b, "inm", CANONICAL_REFERRAL, "{\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"unicef\"}," LAW "}");
	assert_string_equal(bus_told(b), "; missed: unicef (addressed) no_recipient by -");

	(void)bus_decide(
	    b, "inm", CANONICAL_REFERRAL, "{\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"nobody\"}," LAW "}");
	assert_string_equal(bus_told(b), "; missed:  (addressed) no_recipient by -");
	assert_int_equal(b->decision.missed[0].agency->index, UINT32_MAX);
}

static void
an_agency_that_the_route_names_is_addressed_when_the_event_says_so(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW ",\"to\":{\"agency\":\"unicef\"}}");

	assert_string_equal(bus_told(b), "unicef-cases (addressed) by children through protection");
}

static void
a_status_goes_back_to_the_agency_it_is_for(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)bus_decide(
	    b, "unicef", CANONICAL_STATUS, "{\"referralId\":\"r\",\"state\":\"ACCEPTED\",\"toAgency\":\"inm\"}");
	assert_string_equal(bus_told(b), "inm-feedback (addressed) by feedback through feedback");

	(void)bus_decide(
	    b, "unicef", CANONICAL_STATUS, "{\"referralId\":\"r\",\"state\":\"ACCEPTED\",\"toAgency\":\"albergue\"}");
	assert_string_equal(bus_told(b), "; missed: albergue (addressed) no_subscription by feedback");
	assert_int_equal(b->decision.if_nobody, NOBODY_FINE);
}

static void
nobody_is_told_what_it_said_itself(void **state)
{
	struct bus *b = *state;

	bus_write(b, "agreements/protection.yaml",
	    "agreement: protection\nfrom: [inm, unicef]\nto: [unicef, unhcr, comar]\npurposes: [protection]\nlegal_bases: LEGAL_OBLIGATION\n"
	    "may_see: {demographic: full}\nvalid: {first_day: 2026-01-01, last_day: 2026-12-31}\n");
	assert_ok(bus_load(b));
	(void)bus_decide(b, "unicef", CANONICAL_REFERRAL, "{" MINOR "," LAW "}");

	assert_string_equal(bus_told(b), "");
}

static void
the_first_route_by_name_decides_for_a_subscription(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/also.yaml",
	    "route: also-children\ntypes: [Referral]\npurpose: protection\nsend_to: [{agency: unicef}]\n"
	    "if_nobody_receives: fine\n");
	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW "}");

	assert_string_equal(bus_told(b), "unicef-cases by also-children through protection");
	assert_int_equal(b->decision.recipients[0].acknowledge_by_ms, 0);
	assert_int_equal(b->decision.if_nobody, NOBODY_HOLD);
}

static void
the_first_agreement_that_holds_is_taken(void **state)
{
	struct bus *b = *state;

	bus_write(b, "agreements/a-old.yaml",
	    "agreement: a-old\nfrom: inm\nto: unicef\npurposes: protection\nlegal_bases: LEGAL_OBLIGATION\nmay_see: {demographic: full}\n"
	    "valid: {first_day: 2025-01-01, last_day: 2025-12-31}\n");
	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW "}");
	assert_string_equal(bus_told(b), "unicef-cases by children through protection");
	(void)bus_decide_at(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW "}", DAY("2025-06-01"));
	assert_string_equal(bus_told(b), "unicef-cases by children through a-old");
}

static void
an_agreement_that_does_not_grant_what_the_route_read_is_none(void **state)
{
	struct bus *b = *state;

	// Valid for longer, but it grants no demographic data: being told would tell that the person is a minor.
	bus_write(b, "agreements/narrow.yaml",
	    "agreement: narrow\nfrom: inm\nto: unicef\npurposes: protection\nlegal_bases: LEGAL_OBLIGATION\nmay_see: {identity: full}\n"
	    "valid: {first_day: 2026-01-01, last_day: 2030-12-31}\n");
	assert_ok(bus_load(b));
	(void)bus_decide_at(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW "}", DAY("2029-06-01"));

	assert_string_equal(bus_told(b), "; missed: unicef agreement_lapsed by children");
}

static void
a_coarse_grant_is_enough_where_the_route_reads_what_is_coarse(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/alone.yaml",
	    "route: alone\ntypes: [Referral]\nwhen: {person.accompaniment: UNACCOMPANIED}\npurpose: protection\nreads: [family]\n"
	    "send_to: [{agency: unicef}]\n");
	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{\"person\":{\"accompaniment\":\"UNACCOMPANIED\"}," LAW "}");

	assert_string_equal(bus_told(b), "unicef-cases by alone through protection");
}

static void
a_filter_of_a_subscription_keeps_out_what_it_says(void **state)
{
	struct bus *b = *state;

	bus_write(b, "subscriptions/unicef-cases.yaml",
	    "subscription: unicef-cases\nagency: unicef\npurpose: protection\nreceives: [Referral]\nwhen: {priority: EMERGENCY}\n"
	    "as: enlace.v1.Referral\n" RETRY);
	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW ",\"priority\":\"NORMAL\"}");
	assert_string_equal(bus_told(b), "; missed: unicef no_subscription by children");
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW ",\"priority\":\"EMERGENCY\"}");
	assert_string_equal(bus_told(b), "unicef-cases by children through protection");
}

// Only `false` is no match: a number that its enum does not know is not false.
static void
a_condition_that_cannot_be_decided_holds_the_event(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW ",\"service\":99}");
	assert_string_equal(bus_told(b), "; fault: condition_error asylum service");

	bus_write(b, "routes/asylum.yaml",
	    "route: asylum\ntypes: [Referral]\npurpose: protection\nsend_to: [{agency: comar}]\n");
	bus_write(b, "routes/shelter.yaml",
	    "route: shelter\ntypes: [Referral]\npurpose: shelter\nsend_to: [{addressee: true, among: [shelters]}]\n");
	bus_write(b, "subscriptions/comar-cases.yaml",
	    "subscription: comar-cases\nagency: comar\npurpose: protection\nreceives: [Referral]\nwhen: {service: ASYLUM_PROCEDURE}\n"
	    "as: enlace.v1.Referral\n" RETRY);
	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW ",\"service\":99}");
	assert_string_equal(bus_told(b), "; fault: condition_error asylum service");
	assert_int_equal(b->decision.recipient_count, 0);
}

static void
an_expression_decides_for_a_route_and_for_a_subscription(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/children.yaml",
	    "route: children\ntypes: [Referral]\nwhen: {cel: \"has(person.is_minor) && person.is_minor && now.getFullYear() > 2000\"}\n"
	    "purpose: protection\nreads: [demographic]\nsend_to:\n- {agency: unicef}\n");
	bus_write(b, "subscriptions/unicef-cases.yaml",
	    "subscription: unicef-cases\nagency: unicef\npurpose: protection\nreceives: [Referral]\n"
	    "when: {cel: \"priority in [Priority.EMERGENCY, Priority.URGENT] && event.sender == 'inm'\"}\nas: enlace.v1.Referral\n" RETRY);
	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW ",\"priority\":\"NORMAL\"}");
	assert_string_equal(bus_told(b), "; missed: unicef no_subscription by children");
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW ",\"priority\":\"URGENT\"}");
	assert_string_equal(bus_told(b), "unicef-cases by children through protection");
}

// When the event was recorded, and no clock.
static void
now_is_the_time_of_recording_in_a_route_and_in_a_subscription(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/children.yaml",
	    "route: children\ntypes: [Referral]\nwhen: {cel: \"now < timestamp('2026-07-01T00:00:00Z')\"}\n"
	    "purpose: protection\nreads: []\nsend_to:\n- {agency: unicef}\n");
	bus_write(b, "subscriptions/unicef-cases.yaml",
	    "subscription: unicef-cases\nagency: unicef\npurpose: protection\nreceives: [Referral]\n"
	    "when: {cel: \"event.time >= timestamp('2026-06-01T00:00:00Z')\"}\nas: enlace.v1.Referral\n" RETRY);
	assert_ok(bus_load(b));
	(void)bus_decide_at(b, "inm", CANONICAL_REFERRAL, "{" LAW "}", DAY("2026-05-31"));
	assert_string_equal(bus_told(b), "; missed: unicef no_subscription by children");
	(void)bus_decide_at(b, "inm", CANONICAL_REFERRAL, "{" LAW "}", DAY("2026-06-01"));
	assert_string_equal(bus_told(b), "unicef-cases by children through protection");
	(void)bus_decide_at(b, "inm", CANONICAL_REFERRAL, "{" LAW "}", DAY("2026-07-01"));
	assert_string_equal(bus_told(b), "");
}

static void
an_expression_without_an_answer_holds_the_event_too(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/children.yaml",
	    "route: children\ntypes: [Referral]\nwhen: {cel: \"10 / int(priority) > 3\"}\n"
	    "purpose: protection\nsend_to:\n- {agency: unicef}\n");
	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW "}");
	assert_string_equal(bus_told(b), "; fault: condition_error children priority");
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW ",\"priority\":99}");
	assert_string_equal(bus_told(b), "; fault: condition_error children priority");
}

static void
an_agency_that_one_route_missed_and_another_served_was_not_missed(void **state)
{
	struct bus *b = *state;

	bus_write(b, "agreements/shelter.yaml",
	    "agreement: shelter\nfrom: [inm]\nto: [unicef, albergue]\npurposes: [shelter]\nlegal_bases: LEGAL_OBLIGATION\n"
	    "may_see: {identity: full}\nvalid: {first_day: 2020-01-01, last_day: 2020-12-31}\n");
	bus_write(b, "subscriptions/unicef-shelter.yaml",
	    "subscription: unicef-shelter\nagency: unicef\npurpose: shelter\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY);
	bus_write(b, "routes/before.yaml",
	    "route: before\ntypes: [Referral]\npurpose: shelter\nsend_to: [{agency: unicef}]\n");
	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{" MINOR "," LAW "}");
	assert_string_equal(bus_told(b), "unicef-cases by children through protection");

	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{\"person\":{}," LAW "}");
	assert_string_equal(bus_told(b), "; missed: unicef agreement_lapsed by before");
}

// "fine" of one route does not make another one's silence fine.
static void
the_most_careful_route_says_what_happens_when_nobody_receives(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/alerts.yaml",
	    "route: alerts\ntypes: [Alert]\npurpose: protection\nsend_to: [{agency: unhcr}]\nif_nobody_receives: fine\n");
	assert_ok(bus_load(b));
	(void)bus_decide(b, "casa", CANONICAL_ALERT, "{\"identifier\":\"a\"}");
	assert_int_equal(b->decision.if_nobody, NOBODY_FINE);

	bus_write(b, "routes/all-alerts.yaml",
	    "route: all-alerts\ntypes: [Alert]\npurpose: protection\nsend_to: [{agency: unhcr}]\nif_nobody_receives: alarm\n");
	assert_ok(bus_load(b));
	(void)bus_decide(b, "casa", CANONICAL_ALERT, "{\"identifier\":\"a\"}");
	assert_string_equal(bus_told(b), "; missed: unhcr no_agreement by alerts");
	assert_int_equal(b->decision.if_nobody, NOBODY_ALARM);
}

static void
without_a_route_the_kind_of_message_says_what_happens(void **state)
{
	static const struct {
		enum canonical type;
		const char *json;
		enum if_nobody nobody;
	} rows[] = {
	    {CANONICAL_REFERRAL, "{}", NOBODY_HOLD},
	    {CANONICAL_CONSENT, "{\"caseId\":\"c\"}", NOBODY_FINE},
	};
	struct bus *b = *state;

	assert_ok(bus_load(b));
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		(void)bus_decide(b, "inm", rows[i].type, rows[i].json);
		assert_string_equal(bus_told(b), "");
		assert_int_equal(b->decision.if_nobody, rows[i].nobody);
	}
}

static void
a_decision_without_memory_is_none(void **state)
{
	struct bus *b = *state;
	struct arena small;

	assert_ok(bus_load(b));
	bus_event(b, CANONICAL_REFERRAL, "{" MINOR "," LAW "}");
	const struct decide_input in = {.from = bus_agency(b, "inm"),
	    .type = CANONICAL_REFERRAL,
	    .canonical = &b->ix,
	    .wall_ms = DAY("2026-11-23")};
	struct decision untouched = {.fault = REASON_BUSY};

	arena_init(&small, 1);
	assert_err(EN_ENOMEM, rules_decide(b->rules, &in, &small, &untouched));
	assert_int_equal(untouched.fault, REASON_BUSY);
	arena_fini(&small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(what_all_four_allow_is_sent),
	    BUS_TEST(each_of_the_four_is_needed),
	    BUS_TEST(an_addressee_without_a_subscription_is_told_so),
	    BUS_TEST(an_addressee_receives_what_is_addressed_to_it),
	    BUS_TEST(an_addressee_outside_the_group_is_missed_and_not_served),
	    BUS_TEST(an_agency_that_the_route_names_is_addressed_when_the_event_says_so),
	    BUS_TEST(a_status_goes_back_to_the_agency_it_is_for),
	    BUS_TEST(nobody_is_told_what_it_said_itself),
	    BUS_TEST(the_first_route_by_name_decides_for_a_subscription),
	    BUS_TEST(the_first_agreement_that_holds_is_taken),
	    BUS_TEST(an_agreement_that_does_not_grant_what_the_route_read_is_none),
	    BUS_TEST(a_coarse_grant_is_enough_where_the_route_reads_what_is_coarse),
	    BUS_TEST(a_filter_of_a_subscription_keeps_out_what_it_says),
	    BUS_TEST(a_condition_that_cannot_be_decided_holds_the_event),
	    BUS_TEST(an_expression_decides_for_a_route_and_for_a_subscription),
	    BUS_TEST(now_is_the_time_of_recording_in_a_route_and_in_a_subscription),
	    BUS_TEST(an_expression_without_an_answer_holds_the_event_too),
	    BUS_TEST(an_agency_that_one_route_missed_and_another_served_was_not_missed),
	    BUS_TEST(the_most_careful_route_says_what_happens_when_nobody_receives),
	    BUS_TEST(without_a_route_the_kind_of_message_says_what_happens),
	    BUS_TEST(a_decision_without_memory_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// The rules of domain.md 1.9 that speak of consent, each with what it allows and what it does not.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/rules/bus.h"

#define YES2 "\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"YES\""
#define UNICEF "unicef-cases by children through protection"
#define COMAR "comar-cases by asylum through protection"
#define UNHCR "unhcr-cases by asylum through protection"

// A referral of a minor, which goes to UNICEF.
static const char *
to_unicef(struct bus *b, const char *from, const char *basis, const char *consent)
{
	char json[1024];

	snprintf(json, sizeof(json), "{\"person\":{\"isMinor\":true},\"legalBasis\":\"%s\"%s%s%s}", basis,
	    consent == NULL ? "" : ",\"consent\":{", consent == NULL ? "" : consent, consent == NULL ? "" : "}");
	(void)bus_decide(b, from, CANONICAL_REFERRAL, json);
	return bus_told(b);
}

// One of asylum, which goes to COMAR, an authority, and to UNHCR.
static const char *
to_asylum(struct bus *b, const char *from, const char *basis, const char *consent)
{
	char json[1024];

	snprintf(json, sizeof(json),
	    "{\"service\":\"ASYLUM_PROCEDURE\",\"person\":{},\"legalBasis\":\"%s\",\"consent\":{%s}}", basis, consent);
	(void)bus_decide(b, from, CANONICAL_REFERRAL, json);
	return bus_told(b);
}

static void
on_the_basis_of_consent_missing_is_no(void **state)
{
	static const char *const refused[] = {NULL, "", "\"forServices\":\"YES\"", "\"shareWithOtherOrgs\":\"YES\"",
	    "\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"NO\"",
	    "\"forServices\":\"NO\",\"shareWithOtherOrgs\":\"YES\"",
	    "\"forServices\":\"YES\",\"shareWithOtherOrgs\":\"ANSWER3_UNSPECIFIED\"",
	    "\"forServices\":\"YES\",\"shareWithOtherOrgs\":7"};
	struct bus *b = *state;

	assert_ok(bus_load(b));
	for (size_t i = 0; i < EN_COUNT_OF(refused); i++) {
		assert_string_equal(to_unicef(b, "inm", "CONSENT", refused[i]), "; missed: unicef consent by children");
	}
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2), UNICEF);
}

static void
a_transfer_needs_the_consent_to_share_alone(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_REFERRAL,
	    "{\"kind\":\"TRANSFER\",\"person\":{\"isMinor\":true},\"legalBasis\":\"CONSENT\",\"consent\":{\"shareWithOtherOrgs\":\"YES\"}}");
	assert_string_equal(bus_told(b), UNICEF);
}

static void
another_basis_needs_no_consent(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_string_equal(to_unicef(b, "inm", "LEGAL_OBLIGATION", NULL), UNICEF);
	assert_string_equal(to_unicef(b, "inm", "VITAL_INTEREST", "\"shareWithOtherOrgs\":\"NO\""), UNICEF);
}

static void
recipients_are_named_by_name_or_class_in_any_case(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2 ",\"recipients\":[\"unicef\"]"), UNICEF);
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2 ",\"recipients\":[\"FAMILY\",\"UNICEF\"]"), UNICEF);
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2 ",\"recipients\":[\"OTHER_ORGS\"]"), UNICEF);
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2 ",\"recipients\":[\"AUTHORITIES\",\"UNHCR\"]"),
	    "; missed: unicef consent by children");
	assert_string_equal(
	    to_unicef(b, "inm", "CONSENT", YES2 ",\"recipients\":[\"uni\"]"), "; missed: unicef consent by children");
	assert_string_equal(to_asylum(b, "inm", "CONSENT", YES2 ",\"recipients\":[\"AUTHORITIES\"]"),
	    COMAR "; missed: unhcr consent by asylum");
	assert_string_equal(to_asylum(b, "inm", "CONSENT", YES2 ",\"recipients\":[\"UNHCR\"]"),
	    UNHCR "; missed: comar consent by asylum");
	assert_string_equal(to_asylum(b, "inm", "CONSENT", YES2 ",\"recipients\":[\"OTHER_ORGS\"]"),
	    "; missed: comar consent by asylum, unhcr consent by asylum");
}

static void
a_no_to_unhcr_is_heard(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_string_equal(to_asylum(b, "inm", "CONSENT", YES2 ",\"shareWithUnhcr\":\"NO\""),
	    COMAR "; missed: unhcr consent by asylum");
	assert_string_equal(to_asylum(b, "inm", "CONSENT", YES2), COMAR ", " UNHCR);
}

// R5: AUTHORITIES is a class of its own, and not to have been asked is no.
static void
from_civil_society_an_authority_must_be_named(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_string_equal(to_asylum(b, "albergue", "CONSENT", YES2), UNHCR "; missed: comar consent by asylum");
	assert_string_equal(to_asylum(b, "albergue", "VITAL_INTEREST", ""), UNHCR "; missed: comar consent by asylum");
	assert_string_equal(
	    to_asylum(b, "albergue", "CONSENT", YES2 ",\"recipients\":[\"comar\",\"UNHCR\"]"), COMAR ", " UNHCR);
	assert_string_equal(to_asylum(b, "albergue", "LEGAL_OBLIGATION", ""), COMAR ", " UNHCR);
	assert_string_equal(to_asylum(b, "inm", "VITAL_INTEREST", ""), COMAR ", " UNHCR);
}

static void
revoked_is_no_unless_the_law_obliges_or_a_life_is_at_stake(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2 ",\"revokedAt\":{\"ms\":\"5\"}"),
	    "; missed: unicef consent by children");
	assert_string_equal(
	    to_unicef(b, "inm", "CONSENT", YES2 ",\"revokedAt\":{}"), "; missed: unicef consent by children");
	assert_string_equal(
	    to_unicef(b, "inm", "PUBLIC_INTEREST", "\"revokedAt\":{}"), "; missed: unicef consent by children");
	assert_string_equal(to_unicef(b, "inm", "LEGAL_OBLIGATION", "\"revokedAt\":{}"), UNICEF);
	assert_string_equal(to_unicef(b, "inm", "VITAL_INTEREST", "\"revokedAt\":{}"), UNICEF);
}

static void
consent_ends_with_its_last_instant(void **state)
{
	struct bus *b = *state;
	char consent[128];

	assert_ok(bus_load(b));
	snprintf(consent, sizeof(consent), YES2 ",\"validTo\":{\"ms\":\"%lld\"}", (long long)DAY("2026-11-23") + 1);
	assert_string_equal(to_unicef(b, "inm", "CONSENT", consent), UNICEF);
	snprintf(consent, sizeof(consent), YES2 ",\"validTo\":{\"ms\":\"%lld\"}", (long long)DAY("2026-11-23"));
	assert_string_equal(to_unicef(b, "inm", "CONSENT", consent), "; missed: unicef consent by children");
	assert_string_equal(
	    to_unicef(b, "inm", "CONSENT", YES2 ",\"validTo\":{}"), "; missed: unicef consent by children");
	assert_string_equal(to_unicef(b, "inm", "LEGAL_OBLIGATION", consent), UNICEF);
}

static void
the_consent_of_the_case_replaces_that_of_the_event(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	bus_case_consent(b, "{\"revokedAt\":{\"ms\":\"5\"}," YES2 "}");
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2), "; missed: unicef consent by children");
	assert_string_equal(to_unicef(b, "inm", "LEGAL_OBLIGATION", YES2), UNICEF);
	bus_case_consent(b, "{" YES2 "}");
	assert_string_equal(to_unicef(b, "inm", "CONSENT", "\"revokedAt\":{}"), UNICEF);
	bus_case_consent(b, "{\"forServices\":\"YES\"}");
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2), "; missed: unicef consent by children");
}

static void
a_case_consent_that_cannot_be_read_is_no(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	buf_clear(&b->consent);
	buf_put(&b->consent, "\xff\xff", 2);
	assert_string_equal(to_unicef(b, "inm", "LEGAL_OBLIGATION", YES2), "; missed: unicef consent by children");
}

// R8: somebody must read it before anything leaves.
static void
what_is_withheld_in_free_words_stops_everything(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_string_equal(to_unicef(b, "inm", "LEGAL_OBLIGATION", "\"withheld\":[\"person.contacts\"]"), UNICEF);
	assert_string_equal(to_unicef(b, "inm", "LEGAL_OBLIGATION", "\"withheld\":[\"not the phone of my sister\"]"),
	    "; missed: unicef consent by children");
	assert_string_equal(to_unicef(b, "inm", "CONSENT", YES2 ",\"withheld\":[\"person.contacts\",\"\"]"),
	    "; missed: unicef consent by children");
}

static void
an_alert_about_nobody_needs_no_basis_and_one_about_somebody_does(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)bus_decide(b, "inm", CANONICAL_ALERT, "{\"identifier\":\"a\"}");
	assert_string_equal(bus_told(b), "unhcr-alerts by alerts through protection");
	(void)bus_decide(b, "inm", CANONICAL_ALERT, "{\"identifier\":\"a\",\"person\":{}}");
	assert_string_equal(bus_told(b), "; missed: unhcr legal_basis by alerts");
	(void)bus_decide(
	    b, "inm", CANONICAL_ALERT, "{\"identifier\":\"a\",\"person\":{},\"legalBasis\":\"PUBLIC_INTEREST\"}");
	assert_string_equal(bus_told(b), "unhcr-alerts by alerts through protection");
	(void)bus_decide(b, "inm", CANONICAL_ALERT, "{\"identifier\":\"a\",\"legalBasis\":\"CONTRACT\"}");
	assert_string_equal(bus_told(b), "; missed: unhcr legal_basis by alerts");
	(void)bus_decide(b, "inm", CANONICAL_ALERT, "{\"identifier\":\"a\",\"person\":{},\"legalBasis\":\"CONSENT\"}");
	assert_string_equal(bus_told(b), "; missed: unhcr consent by alerts");
	bus_case_consent(b, "{\"shareWithOtherOrgs\":\"YES\"}");
	(void)bus_decide(b, "inm", CANONICAL_ALERT, "{\"identifier\":\"a\",\"person\":{},\"legalBasis\":\"CONSENT\"}");
	assert_string_equal(bus_told(b), "unhcr-alerts by alerts through protection");
}

// A revocation must reach those who were told, so a status is not stopped by it.
static void
a_status_follows_a_disclosure_that_had_its_basis(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	bus_case_consent(b, "{\"revokedAt\":{},\"withheld\":[\"nothing to my uncle\"]}");
	(void)bus_decide(
	    b, "unicef", CANONICAL_STATUS, "{\"referralId\":\"r\",\"state\":\"REVOKED\",\"toAgency\":\"inm\"}");
	assert_string_equal(bus_told(b), "inm-feedback (addressed) by feedback through feedback");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(on_the_basis_of_consent_missing_is_no),
	    BUS_TEST(a_transfer_needs_the_consent_to_share_alone),
	    BUS_TEST(another_basis_needs_no_consent),
	    BUS_TEST(recipients_are_named_by_name_or_class_in_any_case),
	    BUS_TEST(a_no_to_unhcr_is_heard),
	    BUS_TEST(from_civil_society_an_authority_must_be_named),
	    BUS_TEST(revoked_is_no_unless_the_law_obliges_or_a_life_is_at_stake),
	    BUS_TEST(consent_ends_with_its_last_instant),
	    BUS_TEST(the_consent_of_the_case_replaces_that_of_the_event),
	    BUS_TEST(a_case_consent_that_cannot_be_read_is_no),
	    BUS_TEST(what_is_withheld_in_free_words_stops_everything),
	    BUS_TEST(an_alert_about_nobody_needs_no_basis_and_one_about_somebody_does),
	    BUS_TEST(a_status_follows_a_disclosure_that_had_its_basis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

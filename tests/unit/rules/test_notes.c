// SPDX-License-Identifier: Apache-2.0
// What a decision says of itself when somebody asks why.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/rules/bus.h"

#define LAW "\"legalBasis\":\"LEGAL_OBLIGATION\""

static const char *const kinds[] = {[NOTE_ROUTE_HOLDS] = "holds",
    [NOTE_ROUTE_FALSE] = "false",
    [NOTE_NOT_ADDRESSED] = "not_addressed",
    [NOTE_OWN_WORD] = "own",
    [NOTE_NO_SUBSCRIPTION] = "no_subscription",
    [NOTE_FILTER_FALSE] = "filter",
    [NOTE_NO_AGREEMENT] = "no_agreement",
    [NOTE_NOT_FROM] = "not_from",
    [NOTE_NOT_MADE] = "not_made",
    [NOTE_READS] = "reads",
    [NOTE_LAPSED] = "lapsed",
    [NOTE_LEGAL_BASIS] = "legal_basis",
    [NOTE_CONSENT] = "consent",
    [NOTE_RECEIVES] = "receives",
    [NOTE_RECEIVES_ALREADY] = "already"};

// The notes on one route: "kind agency agreement path:line consent; ...", in the arena.
static const char *
notes_on(struct bus *b, const char *route, const char *from, const char *json, const char *day)
{
	struct decide_notes notes = {.count = 0};
	struct buf text = BUF_EMPTY;
	const struct decide_input in = {.from = bus_agency(b, from),
	    .type = CANONICAL_REFERRAL,
	    .canonical = &b->ix,
	    .wall_ms = day_ms(day),
	    .notes = &notes};

	bus_event(b, CANONICAL_REFERRAL, json);
	assert_ok(rules_decide(b->rules, &in, &b->arena, &b->decision));
	for (size_t i = 0; i < notes.count; i++) {
		const struct decide_note *n = &notes.items[i];

		if (strcmp(n->route, route) != 0) {
			continue;
		}
		buf_printf(&text, "%s%s%s%s", text.len == 0 ? "" : "; ", kinds[n->kind], n->agency == NULL ? "" : " ",
		    n->agency == NULL ? "" : n->agency->name);
		buf_printf(&text, "%s%s", n->agreement == NULL ? "" : " ", n->agreement == NULL ? "" : n->agreement);
		if (n->path != NULL) {
			buf_printf(&text, " %s:%u", n->path, n->where.line);
		}
		if (n->consent != CONSENT_GIVEN) {
			buf_printf(&text, " %d", n->consent);
		}
	}
	const char *told = arena_text(&b->arena, buf_view(&text));

	buf_fini(&text);
	return told;
}

#define TODAY "2026-11-23T00:00:00Z"

static void
a_route_that_does_not_match_names_the_term(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_string_equal(notes_on(b, "children", "inm", "{" LAW "}", TODAY), "false person.is_minor:3");
	assert_string_equal(notes_on(b, "asylum", "inm", "{" LAW "}", TODAY), "false service:3");
}

static void
every_answer_on_the_way_is_noted(void **state)
{
	static const struct {
		const char *from, *json, *day, *told;
	} rows[] = {
	    {"inm", LAW, TODAY, "holds; receives unicef protection"},
	    {"casa", LAW, TODAY, "holds; not_from unicef protection"},
	    {"unicef", LAW, TODAY, "holds; own unicef"},
	    {"inm", LAW, "2027-01-01T00:00:00Z", "holds; lapsed unicef protection"},
	    {"inm", "\"legalBasis\":\"CONTRACT\"", TODAY, "holds; legal_basis unicef protection"},
	};
	struct bus *b = *state;
	char json[256];

	assert_ok(bus_load(b));
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		snprintf(json, sizeof(json), "{\"person\":{\"isMinor\":true},%s}", rows[i].json);
		assert_string_equal(notes_on(b, "children", rows[i].from, json, rows[i].day), rows[i].told);
	}
}

static void
a_filter_an_addressee_and_a_missing_subscription_say_so(void **state)
{
	struct bus *b = *state;

	bus_write(b, "subscriptions/unicef-cases.yaml",
	    "subscription: unicef-cases\nagency: unicef\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Referral\n"
	    "when: {priority: EMERGENCY}\n" RETRY);
	assert_ok(bus_load(b));
	assert_string_equal(notes_on(b, "children", "inm", "{\"person\":{\"isMinor\":true}," LAW "}", TODAY),
	    "holds; filter unicef priority:6");
	assert_string_equal(
	    notes_on(b, "shelter", "inm", "{\"service\":\"SAFE_SHELTER\"," LAW "}", TODAY), "holds; not_addressed");
	assert_string_equal(notes_on(b, "shelter", "inm",
				"{\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"unicef\"}," LAW "}", TODAY),
	    "holds; not_addressed unicef");
	assert_string_equal(
	    notes_on(b, "shelter", "inm", "{\"service\":\"SAFE_SHELTER\",\"to\":{\"agency\":\"casa\"}," LAW "}", TODAY),
	    "holds; no_subscription casa");
}

static void
a_consent_says_what_is_missing_in_it(void **state)
{
	static const struct {
		const char *consent;
		enum consent_term term;
	} rows[] = {
	    {"", CONSENT_NONE},
	    {",\"consent\":{\"forServices\":\"YES\"}", CONSENT_NOT_SHARED},
	    {",\"consent\":{\"shareWithOtherOrgs\":\"YES\"}", CONSENT_NOT_FOR_SERVICES},
	    {",\"consent\":{\"shareWithOtherOrgs\":\"YES\",\"validTo\":{\"ms\":\"1\"}}", CONSENT_EXPIRED},
	    {",\"consent\":{\"shareWithOtherOrgs\":\"YES\",\"forServices\":\"YES\",\"revokedAt\":{\"ms\":\"1\"}}",
		CONSENT_REVOKED},
	    {",\"consent\":{\"shareWithOtherOrgs\":\"YES\",\"forServices\":\"YES\",\"recipients\":[\"casa\"]}",
		CONSENT_NOT_NAMED},
	    {",\"consent\":{\"shareWithOtherOrgs\":\"YES\",\"forServices\":\"YES\",\"withheld\":[\"zodiac\"]}",
		CONSENT_UNCLEAR},
	};
	struct bus *b = *state;
	char json[512], told[128];

	assert_ok(bus_load(b));
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		snprintf(json, sizeof(json), "{\"person\":{\"isMinor\":true},\"legalBasis\":\"CONSENT\"%s}",
		    rows[i].consent);
		snprintf(told, sizeof(told), "holds; consent unicef protection %d", rows[i].term);
		assert_string_equal(notes_on(b, "children", "inm", json, TODAY), told);
	}
}

static void
a_civil_society_sender_needs_the_authority_named(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_string_equal(
	    notes_on(b, "asylum", "albergue",
		"{\"service\":\"ASYLUM_PROCEDURE\",\"legalBasis\":\"CONSENT\",\"consent\":{\"forServices\":"
		"\"YES\",\"shareWithOtherOrgs\":\"YES\",\"shareWithUnhcr\":\"NO\"}}",
		TODAY),
	    "holds; consent comar protection 9; consent unhcr protection 7");
}

static void
without_notes_the_decision_is_the_same(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	(void)notes_on(b, "children", "inm", "{\"person\":{\"isMinor\":true}," LAW "}", TODAY);
	const char *with = bus_told(b);

	(void)bus_decide(b, "inm", CANONICAL_REFERRAL, "{\"person\":{\"isMinor\":true}," LAW "}");
	assert_string_equal(bus_told(b), with);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(a_route_that_does_not_match_names_the_term),
	    BUS_TEST(every_answer_on_the_way_is_noted),
	    BUS_TEST(a_filter_an_addressee_and_a_missing_subscription_say_so),
	    BUS_TEST(a_consent_says_what_is_missing_in_it),
	    BUS_TEST(a_civil_society_sender_needs_the_authority_named),
	    BUS_TEST(without_notes_the_decision_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

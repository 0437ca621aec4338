// SPDX-License-Identifier: Apache-2.0
// What an agency can see of a message, by the rules alone.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "rules/sight.h"
#include "unit/rules/bus.h"

static const struct sight_field *
look_for(struct bus *b, const char *agency, const char *purpose, const char *from, const char *path)
{
	const struct sight_question q = {.agency = bus_agency(b, agency),
	    .purpose = purpose,
	    .from = from == NULL ? NULL : bus_agency(b, from),
	    .type = CANONICAL_REFERRAL};
	struct sight_field *fields;
	size_t count;

	assert_ok(rules_sight(b->rules, &q, &b->arena, &fields, &count));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].path, path) == 0) {
			return &fields[i];
		}
	}
	fail_msg("no field %s", path);
	return NULL;
}

#define sight_of(b, agency, path) look_for(b, agency, NULL, "inm", path)->sight

static void
an_agreement_lets_through_what_it_grants_as_finely_as_it_says(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_int_equal(sight_of(b, "unicef", "person.sex"), SIGHT_FULL);
	assert_int_equal(sight_of(b, "unicef", "person.birth_date.day"), SIGHT_FULL);
	assert_int_equal(sight_of(b, "unicef", "person.accompaniment"), SIGHT_COARSE);
	assert_int_equal(sight_of(b, "unicef", "person.given_names"), SIGHT_NEVER);
	assert_int_equal(sight_of(b, "unicef", "person.caregiver.name"), SIGHT_NEVER);
	assert_int_equal(sight_of(b, "unicef", "service"), SIGHT_FULL);
}

static void
it_says_which_agreement_and_line_show_a_field(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	const struct sight_field *f = look_for(b, "unicef", "protection", "inm", "person.sex");

	assert_string_equal(f->agreement, "protection");
	assert_non_null(strstr(f->agreement_where.file, "agreements/protection.yaml"));
	assert_int_equal(f->label, LABEL_DEMOGRAPHIC);
	assert_true(f->where.line > 0);
}

static void
another_purpose_or_sender_shows_nothing(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_int_equal(look_for(b, "unicef", "shelter", "inm", "person.sex")->sight, SIGHT_NEVER);
	assert_int_equal(look_for(b, "unicef", "protection", "casa", "person.sex")->sight, SIGHT_NEVER);
	assert_int_equal(look_for(b, "unicef", "protection", NULL, "person.sex")->sight, SIGHT_FULL);
	assert_int_equal(sight_of(b, "ops", "person.sex"), SIGHT_NEVER);
}

static void
without_a_route_nothing_is_seen(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/children.yaml",
	    "route: children\ntypes: [Referral]\npurpose: protection\nsend_to:\n- {agency: comar}\n");
	assert_ok(bus_load(b));
	assert_int_equal(sight_of(b, "unicef", "person.sex"), SIGHT_NEVER);
	assert_int_equal(sight_of(b, "comar", "person.sex"), SIGHT_FULL);
}

// A mapping of one line; everything else that the referral has is said to be unused, as the findings list it.
static void
write_small_mapping(struct bus *b, const char *line)
{
	struct buf text = BUF_EMPTY;

	buf_printf(&text,
	    "mapping: small\nfrom: enlace.v1.Referral\nto: enlace.v1.Alert\nset:\n  identifier: %s\n"
	    "  status: {is: ACTUAL}\n  message_type: {is: ALERT}\n  scope: {is: RESTRICTED}\n  sender: {sender: agency}\n  event_code: {is: UASC_FOUND}\n  urgency: {is: IMMEDIATE}\n",
	    line);
	bus_write(b, "mappings/small.yaml", buf_cstr(&text));
	assert_err(EN_ECONFIG, bus_load(b));
	buf_put_str(&text, "unused:\n");
	for (size_t i = 0; i < b->findings.count; i++) {
		if (b->findings.items[i].code == E0315) {
			buf_printf(&text, "  %s: \"no\"\n", b->findings.items[i].detail);
		}
	}
	bus_write(b, "mappings/small.yaml", buf_cstr(&text));
	buf_fini(&text);
}

static void
what_only_makes_an_id_is_a_pseudonym_and_a_route_discloses_its_condition(void **state)
{
	struct bus *b = *state;

	bus_write(b, "subscriptions/unicef-cases.yaml",
	    "subscription: unicef-cases\nagency: unicef\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Alert\n" RETRY);
	bus_write(b, "agreements/protection.yaml",
	    "agreement: protection\nfrom: [inm, albergue]\nto: [unicef, unhcr, comar]\npurposes: [protection]\n"
	    "legal_bases: [CONSENT, LEGAL_OBLIGATION]\nmay_see: {identity: pseudonym, demographic: full}\n"
	    "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n");
	write_small_mapping(b, "{id_from: [person.pseudonym]}");
	assert_ok(bus_load(b));
	assert_int_equal(sight_of(b, "unicef", "person.pseudonym"), SIGHT_PSEUDONYM);
	assert_int_equal(sight_of(b, "unicef", "person.is_minor"), SIGHT_FULL); // the route's condition
	assert_int_equal(sight_of(b, "unicef", "person.sex"), SIGHT_NEVER);
}

static void
what_a_step_coarsens_is_seen_coarsely_whatever_is_granted(void **state)
{
	struct bus *b = *state;

	bus_write(b, "subscriptions/unicef-cases.yaml",
	    "subscription: unicef-cases\nagency: unicef\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Alert\n" RETRY);
	write_small_mapping(b, "{from: person.age_years, coarsen: age_band, bands: [12, 18]}");
	expect_findings(b, EN_OK, "");
	assert_int_equal(sight_of(b, "unicef", "person.age_years"), SIGHT_COARSE);
	assert_int_equal(sight_of(b, "unicef", "person.sex"), SIGHT_NEVER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(an_agreement_lets_through_what_it_grants_as_finely_as_it_says),
	    BUS_TEST(it_says_which_agreement_and_line_show_a_field),
	    BUS_TEST(another_purpose_or_sender_shows_nothing),
	    BUS_TEST(without_a_route_nothing_is_seen),
	    BUS_TEST(what_a_step_coarsens_is_seen_coarsely_whatever_is_granted),
	    BUS_TEST(what_only_makes_an_id_is_a_pseudonym_and_a_route_discloses_its_condition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

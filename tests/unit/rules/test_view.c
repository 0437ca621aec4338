// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/rules/bus.h"

#define REST                                                                                                                              \
	"unused: {referral_id: x, source_case_id: x, to_agency: x, state: x, previous_state: x, at: x, actor_agency: x, reason_code: x, " \
	"recipient_reference: x, appointment_at: x, source_service_id: x}\n"

static const struct plan *
plan_through(struct bus *b, const char *subscription, enum canonical type)
{
	bus_event(b, type, "{\"person\":{},\"legalBasis\":\"LEGAL_OBLIGATION\"}");
	const struct narrow_input in = {.subscription = rules_subscription_by_name(b->rules, subscription),
	    .from = bus_agency(b, "inm"),
	    .purpose = "protection",
	    .agreement = "protection",
	    .type = type,
	    .canonical = &b->ix,
	    .wall_ms = DAY("2026-11-23")};
	const struct plan *plan = NULL;
	const char *const *masked = NULL;

	assert_int_equal(rules_narrow(b->rules, &in, &b->arena, &plan, &masked), REASON_NONE);
	return plan;
}

static void
equal_grants_share_one_plan(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_ptr_equal(
	    plan_through(b, "unicef-cases", CANONICAL_REFERRAL), plan_through(b, "comar-cases", CANONICAL_REFERRAL));
	assert_ptr_not_equal(
	    plan_through(b, "unicef-cases", CANONICAL_REFERRAL), plan_through(b, "unhcr-alerts", CANONICAL_ALERT));
}

// What the broker hands over as it is is cut down by grants all the same.
static void
a_canonical_message_is_copied_as_far_as_it_is_granted(void **state)
{
	static const char *const full =
	    "{\"referralId\":\"r\",\"kind\":\"NOTIFICATION\",\"legalBasis\":\"LEGAL_OBLIGATION\",\"to\":{\"agency\":\"unicef\"},"
	    "\"person\":{\"givenNames\":\"SECRET\",\"isMinor\":true,\"accompaniment\":\"UNACCOMPANIED\","
	    "\"caregiver\":{\"name\":\"SECRET\"},\"languages\":[\"es\",\"cab\"]},\"service\":\"CHILD_PROTECTION\","
	    "\"reasonText\":\"SECRET\",\"priority\":\"EMERGENCY\"}";
	static const char *const seen =
	    "{\"referralId\":\"r\",\"kind\":\"NOTIFICATION\",\"legalBasis\":\"LEGAL_OBLIGATION\",\"to\":{\"agency\":\"unicef\"},"
	    "\"person\":{\"isMinor\":true,\"languages\":[\"es\",\"cab\"],\"accompaniment\":\"UNACCOMPANIED\"},"
	    "\"service\":\"CHILD_PROTECTION\",\"priority\":\"EMERGENCY\"}";
	struct bus *b = *state;
	struct map_run run;
	struct map_fault fault;
	struct buf json = BUF_EMPTY;
	const struct json_options options = {.pretty = false};
	const struct map_env env = {.sender = "inm"};

	assert_ok(bus_load(b));
	const struct plan *plan = plan_through(b, "unicef-cases", CANONICAL_REFERRAL);

	bus_event(b, CANONICAL_REFERRAL, full);
	map_run_init(&run);
	assert_ok(plan_run(plan, &b->ix, &env, &run, &fault));
	assert_int_equal(run.output_count, 1);
	assert_ok(json_from_payload(
	    rules_canonical_type(b->rules, CANONICAL_REFERRAL), run.outputs[0].payload, &options, &json, NULL));
	assert_string_equal(buf_cstr(&json), seen);
	buf_fini(&json);
	map_run_fini(&run);
}

static bool
is_hidden(struct bus *b, const char *subscription, const char *field)
{
	size_t count = 0;
	const char *const *hidden =
	    rules_hidden_fields(b->rules, rules_subscription_by_name(b->rules, subscription), &count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(hidden[i], field) == 0) {
			return true;
		}
	}
	return false;
}

static void
a_field_is_hidden_when_every_agreement_hides_it(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_true(is_hidden(b, "unicef-cases", "person.givenNames"));
	assert_true(is_hidden(b, "unicef-cases", "reasonText"));
	assert_false(is_hidden(b, "unicef-cases", "person.isMinor"));

	bus_write(b, "agreements/names.yaml",
	    "agreement: names\nfrom: inm\nto: unicef\npurposes: protection\nlegal_bases: CONSENT\n"
	    "may_see: {identity: full}\nvalid: {first_day: 2026-01-01, last_day: 2026-12-31}\n");
	assert_ok(bus_load(b));
	assert_false(is_hidden(b, "unicef-cases", "person.givenNames"));
	assert_false(is_hidden(b, "unicef-cases", "person.isMinor"));
	assert_true(is_hidden(b, "unicef-cases", "reasonText"));
}

static void
one_agreement_tells_what_it_hides_and_by_which_label(void **state)
{
	struct bus *b = *state;
	size_t count = 0;

	assert_ok(bus_load(b));
	const struct rules_subscription *s = rules_subscription_by_name(b->rules, "unicef-cases");
	const struct plan_hidden *hidden = rules_hidden_by(b->rules, s, "protection", CANONICAL_REFERRAL, &count);
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		found += strcmp(hidden[i].native, "reasonText") == 0 && hidden[i].label == LABEL_NARRATIVE;
	}
	assert_int_equal(found, 1);
	assert_null(rules_hidden_by(b->rules, s, "shelter", CANONICAL_REFERRAL, &count));
	assert_int_equal(count, 0);
	assert_null(rules_hidden_by(b->rules, s, "protection", CANONICAL_ALERT, &count));
}

static void
inbound_plans_are_those_of_every_mapping_from_a_type_to_a_canonical_one(void **state)
{
	struct bus *b = *state;
	size_t count = 7;

	bus_write(b, "agencies/casa.yaml", "agency: casa\nkind: civil_society\npublishes: [enlace.v1.Contact]\n");
	bus_write(b, "mappings/1.yaml",
	    "mapping: b-second\nfrom: enlace.v1.Contact\nto: enlace.v1.ConsentUpdate\nset: {case_id: raw}\n"
	    "unused: {kind: x, e164: x, safe_to_call: x}\n");
	bus_write(b, "mappings/2.yaml",
	    "mapping: a-first\nfrom: enlace.v1.Contact\nto: enlace.v1.ConsentUpdate\nset: {case_id: e164}\n"
	    "unused: {kind: x, raw: x, safe_to_call: x}\n");
	assert_ok(bus_load(b));

	const struct plan *const *plans =
	    rules_inbound(b->rules, schema_type_by_name(b->schema, "enlace.v1.Contact"), &count);

	assert_int_equal(count, 2);
	assert_string_equal(mapping_name(plan_mapping(plans[0])), "a-first");
	assert_string_equal(mapping_name(plan_mapping(plans[1])), "b-second");
	(void)rules_inbound(b->rules, rules_canonical_type(b->rules, CANONICAL_REFERRAL), &count);
	assert_int_equal(count, 0);
}

static void
a_mapping_file_goes_before_the_copy(void **state)
{
	struct bus *b = *state;

	bus_write(b, "mappings/status.yaml",
	    "mapping: status-short\nfrom: enlace.v1.ReferralStatus\nto: enlace.v1.ReferralStatus\n"
	    "set: {referral_id: referral_id, state: state}\n"
	    "unused: {source_case_id: x, to_agency: x, previous_state: x, at: x, actor_agency: x, reason_code: x, reason_text: x, "
	    "recipient_reference: x, appointment_at: x, source_service_id: x}\n");
	assert_ok(bus_load(b));
	bus_event(b, CANONICAL_STATUS, "{\"referralId\":\"r\"}");
	const struct narrow_input in = {.subscription = rules_subscription_by_name(b->rules, "inm-feedback"),
	    .from = bus_agency(b, "unicef"),
	    .purpose = "feedback",
	    .agreement = "feedback",
	    .type = CANONICAL_STATUS,
	    .canonical = &b->ix,
	    .wall_ms = DAY("2026-11-23")};
	const struct plan *plan = NULL;
	const char *const *masked = NULL;

	assert_int_equal(rules_narrow(b->rules, &in, &b->arena, &plan, &masked), REASON_NONE);
	assert_string_equal(mapping_name(plan_mapping(plan)), "status-short");
}

static void
a_mapping_that_needs_what_is_withheld_is_told_with_its_agreement(void **state)
{
	struct bus *b = *state;

	bus_write(b, "mappings/leak.yaml",
	    "mapping: leak\nfrom: enlace.v1.ReferralStatus\nto: enlace.v1.ConsentUpdate\nset: {case_id: reason_text}\n" REST);
	bus_write(b, "subscriptions/inm-feedback.yaml",
	    "subscription: inm-feedback\nagency: inm\npurpose: feedback\nreceives: [ReferralStatus]\nas: enlace.v1.ConsentUpdate\n" RETRY);
	assert_err(EN_ECONFIG, bus_load(b));
	char *found = bus_findings(b);

	assert_non_null(strstr(found, "mappings/leak.yaml:4:7 E0401 case_id needs narrative | -\n"));
	assert_non_null(
	    strstr(found, "subscriptions/inm-feedback.yaml:5:5 E0607 leak through the agreement feedback ("));
	assert_non_null(
	    strstr(found, "agreements/feedback.yaml:1) | grant what the mapping needs, or need less in the mapping\n"));
	assert_int_equal(b->findings.errors, 2);
	free(found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(equal_grants_share_one_plan),
	    BUS_TEST(a_canonical_message_is_copied_as_far_as_it_is_granted),
	    BUS_TEST(a_field_is_hidden_when_every_agreement_hides_it),
	    BUS_TEST(one_agreement_tells_what_it_hides_and_by_which_label),
	    BUS_TEST(inbound_plans_are_those_of_every_mapping_from_a_type_to_a_canonical_one),
	    BUS_TEST(a_mapping_file_goes_before_the_copy),
	    BUS_TEST(a_mapping_that_needs_what_is_withheld_is_told_with_its_agreement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

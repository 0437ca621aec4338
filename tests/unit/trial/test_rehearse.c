// SPDX-License-Identifier: Apache-2.0
// A rehearsal says the same as the engine: outputs, decisions, views, and why not.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/trial/stage.h"

struct play {
	struct stage *s;
	struct rehearsal h;
};

static int
play_setup(void **state)
{
	struct play *p = calloc(1, sizeof(*p));
	void *stage;

	stage_setup(&stage);
	p->s = stage;
	rehearsal_init(&p->h);
	*state = p;
	return 0;
}

static int
play_teardown(void **state)
{
	struct play *p = *state;
	void *stage = p->s;

	rehearsal_fini(&p->h);
	stage_teardown(&stage);
	free(p);
	return 0;
}

static void
play(struct play *p, const char *type, const char *from, const char *json, const struct known_referral *known)
{
	struct bus *b = p->s->bus;
	const struct schema_type *t = schema_type_by_name(b->schema, type);
	const struct rehearsal_question q = {.rules = b->rules,
	    .type = t,
	    .sender = bus_agency(b, from),
	    .recorded_ms = DAY("2026-11-23"),
	    .case_consent = buf_view(&b->consent),
	    .known = known,
	    .known_count = known != NULL};

	bus_encode(t, json, &b->payload);
	struct rehearsal_question asked = q;

	asked.payload = buf_view(&b->payload);
	assert_ok(rehearse(&p->h, &asked));
}

#define CHILD                                                                                                          \
	"{\"referralId\":\"r\",\"legalBasis\":\"LEGAL_OBLIGATION\",\"service\":\"LEGAL\",\"priority\":\"NORMAL\",\"person\":{\"isMinor\":true,\"givenNames\":\"A\",\"sex\":\"FEMALE\"}}"

static void
a_delivery_has_its_view_lineage_and_what_is_withheld(void **state)
{
	struct play *p = *state;

	play(p, "enlace.v1.Referral", "inm", CHILD, NULL);
	assert_int_equal(p->h.reason, REASON_NONE);
	assert_int_equal(p->h.output_count, 1);
	const struct rehearsed_output *o = &p->h.outputs[0];
	const struct rehearsed_delivery *d = &o->deliveries[0];

	assert_null(o->mapping);
	assert_int_equal(o->decision.recipient_count, 1);
	assert_string_equal(d->decided->subscription->name, "unicef-cases");
	assert_int_equal(d->reason, REASON_NONE);
	assert_null(memmem(d->payload.data, d->payload.len, "A", 1)); // the name is not granted
	assert_true(d->withheld_count > 0 && d->lineage.count > 0);
	assert_true(o->notes.count > 0);
}

static void
what_nobody_receives_is_held_as_the_engine_holds_it(void **state)
{
	struct play *p = *state;

	play(p, "enlace.v1.Referral", "inm", "{\"referralId\":\"r\",\"legalBasis\":\"LEGAL_OBLIGATION\"}", NULL);
	assert_int_equal(p->h.reason, REASON_NO_RECIPIENT);
	play(p, "enlace.v1.ConsentUpdate", "inm", "{\"caseId\":\"c\"}", NULL);
	assert_int_equal(p->h.reason, REASON_NONE);
	play(p, "enlace.v1.Consent", "inm", "{}", NULL);
	assert_int_equal(p->h.reason, REASON_NO_MAPPING);
}

static void
what_the_person_withheld_is_masked_and_told(void **state)
{
	struct play *p = *state;

	bus_case_consent(p->s->bus, "{\"withheld\":[\"person.sex\"]}");
	play(p, "enlace.v1.Referral", "inm", CHILD, NULL);
	const struct rehearsed_delivery *d = &p->h.outputs[0].deliveries[0];
	const struct withheld_field *found = NULL;

	for (size_t i = 0; i < d->withheld_count; i++) {
		found = d->withheld[i].by_person != NULL ? &d->withheld[i] : found;
	}
	assert_non_null(found);
	assert_string_equal(found->target, "person.sex");
	assert_string_equal(found->by_person, "person.sex");
}

static void
a_known_referral_completes_its_status(void **state)
{
	const struct known_referral known = {
	    .referral_id = "r-1", .from = "inm", .source_case = "c-1", .source_service = "s"};
	struct play *p = *state;

	play(p, "enlace.v1.ReferralStatus", "unicef",
	    "{\"referralId\":\"r-1\",\"state\":\"ACCEPTED\",\"toAgency\":\"casa\"}", &known);
	assert_int_equal(p->h.reason, REASON_NONE);
	assert_int_equal(p->h.outputs[0].decision.recipient_count, 1);
	assert_string_equal(p->h.outputs[0].decision.recipients[0].subscription->name, "inm-feedback");
	play(p, "enlace.v1.ReferralStatus", "unicef",
	    "{\"referralId\":\"r-2\",\"state\":\"ACCEPTED\",\"toAgency\":\"albergue\"}", &known);
	assert_int_equal(p->h.outputs[0].decision.missed_count,
	    1); // it keeps what it says itself; albergue has no subscription for it
}

static void
a_mapping_alone_tells_its_fault(void **state)
{
	struct play *p = *state;
	struct bus *b = p->s->bus;
	const struct grants grants = grants_all();
	const struct mapping *m = rules_mapping_by_name(b->rules, "small");
	struct plan *plan = NULL;

	assert_ok(plan_new(m, &grants, &b->findings, &plan));
	bus_encode(mapping_from(m), "{\"sourceCaseId\":\"c\",\"state\":\"FAILED\"}", &b->payload);
	const struct rehearsal_question q = {.rules = b->rules,
	    .type = mapping_from(m),
	    .payload = buf_view(&b->payload),
	    .sender = bus_agency(b, "inm")};

	assert_ok(rehearse_plan(&p->h, &q, plan));
	assert_int_equal(p->h.reason, REASON_CHOOSE_NONE);
	assert_string_equal(p->h.field, "state");
	assert_int_equal(p->h.fault.where.line, 7);
	plan_free(&plan);
}

static void
bytes_that_are_no_payload_are_refused(void **state)
{
	struct play *p = *state;
	struct bus *b = p->s->bus;
	const struct rehearsal_question q = {.rules = b->rules,
	    .type = rules_canonical_type(b->rules, CANONICAL_REFERRAL),
	    .payload = view_of("\x0a\x05x", 3),
	    .sender = bus_agency(b, "inm")};

	assert_ok(rehearse(&p->h, &q));
	assert_int_equal(p->h.reason, REASON_SCHEMA_INVALID);
	assert_string_equal(p->h.field, "referral_id");
	assert_int_equal(p->h.output_count, 0);
}

int
main(void)
{
#define PLAY_TEST(name) cmocka_unit_test_setup_teardown(name, play_setup, play_teardown)
	const struct CMUnitTest tests[] = {
	    PLAY_TEST(a_delivery_has_its_view_lineage_and_what_is_withheld),
	    PLAY_TEST(what_nobody_receives_is_held_as_the_engine_holds_it),
	    PLAY_TEST(what_the_person_withheld_is_masked_and_told),
	    PLAY_TEST(a_known_referral_completes_its_status),
	    PLAY_TEST(a_mapping_alone_tells_its_fault),
	    PLAY_TEST(bytes_that_are_no_payload_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Held inputs on their way on (PROTOCOL.md 7): by an operator's word, or by themselves. Peer 1 is the clinic, 2 the child
// agency, whose own numbers speak of referrals.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/engine.h"

#define INTAKE "clinic.v1.Intake"
#define REPLY "clinic.v1.Reply"
#define CHILD_CASES "[{\"subscription\":\"child-cases\"}]"
#define CLINIC_STATUS "[{\"subscription\":\"clinic-status\"}]"
#define TAKEN_AS(reference) "\"outcome\":\"TAKEN\",\"recipientReference\":\"" reference "\""

static double
held(struct engine *e)
{
	return engine_metric(e, "enlace_held_events");
}

static const char *
release(struct engine *e, const char *name, const char *value)
{
	return engine_request(e, CTL_MSG_RELEASE, (const char *const[]){name, value, "reason", "mended", NULL});
}

// The clinic refers a child and hears of its status; the child agency has the referral and has not settled it.
static void
refer(struct engine *e)
{
	engine_hello(e, 1, "clinic", "c", CLINIC_STATUS);
	engine_hello(e, 2, "child", "r", CHILD_CASES);
	assert_string_equal(engine_say(e, 1, INTAKE, "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	assert_string_equal(engine_delivered(e, 2), "f1");
}

static void
assert_reply_held(struct engine *e, const char *record)
{
	assert_string_equal(engine_say(e, 2, REPLY, record, record,
				arena_printf(&e->arena, "{\"record\":\"%s\",\"answer\":\"yes\"}", record)),
	    "HELD referral_unknown record");
}

// ---- a status that was faster than the settlement ------------------------------------------------------------------

static void
a_status_that_comes_before_its_number_goes_through_by_itself(void **state)
{
	struct engine *e = *state;

	refer(e);
	assert_reply_held(e, "own-77");
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN_AS("own-77"));
	engine_sync(e);
	assert_true(held(e) == 0.0);
	assert_string_equal(engine_delivered(e, 1), "ACCEPTED");
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
another_number_lets_nothing_through(void **state)
{
	struct engine *e = *state;
	size_t reads;

	refer(e);
	assert_reply_held(e, "own-77");
	reads = e->reads;
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN_AS("own-78"));
	engine_sync(e);
	engine_tick(e, 1000);
	assert_true(held(e) == 1.0);
	assert_int_equal(e->reads, reads); // nothing is looked at in vain
	engine_assert_identities(e);
}

static void
a_status_that_waits_is_looked_at_again_after_a_start(void **state)
{
	struct engine *e = *state;
	uint64_t number;

	refer(e);
	assert_reply_held(e, "own-77");
	number = engine_number(e, 2, 0);
	e->limits.checkpoint_records = 1000;
	engine_settle(e, 2, "child", "child-cases", number, TAKEN_AS("own-77"));
	engine_crash(e); // settled, and not taken up yet
	engine_tick(e, 1000);
	engine_sync(e);
	assert_true(held(e) == 0.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

// ---- an operator's release -----------------------------------------------------------------------------------------

static void
what_is_held_for_another_reason_says_so(void **state)
{
	struct engine *e = *state;
	const char *list;

	engine_hello(e, 1, "clinic", "c", NULL);
	assert_string_equal(
	    engine_say(e, 1, INTAKE, "e1", "c1", engine_intake(e, "f1", "ODD")), "HELD table_miss wishes.code");
	engine_reload(e, "codes/wishes.csv", "from,to,label\nCHILD,CHILD_PROTECTION,child\nODD,SAFE_SHELTER,odd\n");
	engine_tick(e, 60000);
	assert_non_null(strstr(release(e, "code", "table_miss"), "\"released\":0,\"still_held\":1"));
	list = engine_request(e, CTL_MSG_LS, (const char *const[]){"state", "held", NULL});
	assert_null(strstr(list, "table_miss"));
	assert_non_null(strstr(list, "choose_none"));
	assert_non_null(strstr(list, "\"since_ms\":1795000000000")); // since the first time
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
what_is_held_for_the_same_reason_leaves_no_new_record(void **state)
{
	struct engine *e = *state;
	size_t records;

	engine_hello(e, 1, "clinic", "c", NULL);
	(void)engine_say(e, 1, INTAKE, "e1", "c1", engine_intake(e, "f1", "ODD"));
	records = e->record_count;
	assert_non_null(strstr(release(e, "code", "table_miss"), "\"released\":0,\"still_held\":1"));
	assert_int_equal(e->record_count, records);
}

static void
a_release_of_nothing_says_so(void **state)
{
	struct engine *e = *state;

	assert_non_null(strstr(release(e, "position", "77"), "not_found"));
	assert_non_null(strstr(release(e, "code", "table_miss"), "not_found"));
}

static void
a_state_that_is_none_lists_nothing(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	(void)engine_say(e, 1, INTAKE, "e1", "c1", engine_intake(e, "f1", "ODD"));
	assert_non_null(strstr(engine_request(e, CTL_MSG_LS, NULL), "table_miss"));
	assert_non_null(
	    strstr(engine_request(e, CTL_MSG_LS, (const char *const[]){"state", "heldd", NULL}), "\"code\":\"usage\""));
}

// ---- how many ------------------------------------------------------------------------------------------------------

// Restarted with room for so many held inputs.
static void
limit_held(struct engine *e, uint32_t limit)
{
	e->limits.held = limit;
	engine_restart(e);
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", NULL);
}

static void
one_agency_does_not_take_the_room_of_all(void **state)
{
	struct engine *e = *state;

	limit_held(e, 8);
	for (size_t i = 0; i < 2; i++) {
		char *name = arena_printf(&e->arena, "e%zu", i);

		assert_string_equal(
		    engine_say(e, 1, INTAKE, name, name, engine_intake(e, name, "ODD")), "HELD table_miss wishes.code");
	}
	assert_string_equal(engine_say(e, 1, INTAKE, "e9", "e9", engine_intake(e, "f9", "ODD")), "BUSY busy");
	assert_reply_held(e, "own-1"); // another agency is not kept out
	engine_assert_identities(e);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_status_that_comes_before_its_number_goes_through_by_itself),
	    T(another_number_lets_nothing_through),
	    T(a_status_that_waits_is_looked_at_again_after_a_start),
	    T(what_is_held_for_another_reason_says_so),
	    T(what_is_held_for_the_same_reason_leaves_no_new_record),
	    T(a_release_of_nothing_says_so),
	    T(a_state_that_is_none_lists_nothing),
	    T(one_agency_does_not_take_the_room_of_all),
	};

	return cmocka_run_group_tests_name("core/held", tests, NULL, NULL);
}

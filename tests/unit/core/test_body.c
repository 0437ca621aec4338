// SPDX-License-Identifier: Apache-2.0
// Journals of other versions: what version 1 wrote is read as it is, and what a newer one wrote is refused at start, also when a
// checkpoint stands for all of it.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/state.h"
#include "unit/core/child.h"

#define CHILD_CASES "[{\"subscription\":\"child-cases\"}]"

// A body of version 2 whose last decision or outcome ends `behind` bytes before the body does, as version 1 wrote it.
static void
make_version_1(struct record *r, size_t behind)
{
	uint8_t *bytes = (uint8_t *)(uintptr_t)r->body.data;
	size_t at = r->body.len - behind - 1;

	assert_int_equal(bytes[0], 2);
	bytes[0] = 1;
	memmove(bytes + at, bytes + at + 1, behind);
	r->body.len--;
}

static void
refer(struct engine *e, const char *id, const char *folio)
{
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", id, folio, engine_intake(e, folio, "CHILD")), "RECORDED");
}

static void
what_version_1_wrote_goes_on(void **state)
{
	for (int has_checkpoint = 0; has_checkpoint < 2; has_checkpoint++) {
		struct engine *e = *state;

		engine_hello(e, 1, "clinic", "c", NULL);
		engine_hello(e, 2, "child", "r", CHILD_CASES);
		refer(e, "e1", "f1");
		engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN);
		engine_sync(e);
		assert_int_equal(e->record_count, 2);
		make_version_1(&e->records[0], 2); // its count of who was missed
		make_version_1(&e->records[1], 0);
		if (has_checkpoint) {
			core_checkpoint_soon(e->core);
		}
		refer(e, "e2", "f2");
		make_version_1(&e->records[2], 2);
		engine_forget_frames(e);
		engine_restart(e);
		assert_true((e->checkpoint != 0) == (has_checkpoint != 0));
		engine_hello(e, 2, "child", "r", CHILD_CASES);
		assert_string_equal(engine_delivered(e, 2), "f2");
		engine_assert_identities(e);
		engine_assert_folds(e);
		assert_int_equal(engine_teardown(state), 0);
		assert_int_equal(engine_setup(state), 0);
	}
}

static void
what_no_version_wrote_is_refused(void **state)
{
	static const uint8_t versions[] = {0, 3};
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	refer(e, "e1", "f1");
	for (size_t i = 0; i < EN_COUNT_OF(versions); i++) {
		*(uint8_t *)(uintptr_t)e->records[0].body.data = versions[i];
		assert_err(EN_EVERSION, core_replay(e->core, &e->records[0]));
	}
	*(uint8_t *)(uintptr_t)e->records[0].body.data = 2;
}

static enum en_err
load_checkpoint(const uint8_t *bytes, size_t len)
{
	struct state s;
	enum en_err err;

	state_init(&s, (const uint8_t[16]){0}, 100);
	err = checkpoint_load(&s, STORE_CHECKPOINT, view_text("sequence"), view_of(bytes, len));
	state_fini(&s);
	return err;
}

// What it stands for is read when it is delivered: too late to refuse.
static void
a_checkpoint_of_a_newer_version_is_refused(void **state)
{
	static const uint8_t version_1[] = {7, 0}, version_2[] = {7, 0, 2}, version_3[] = {7, 0, 3};

	(void)state;
	assert_ok(load_checkpoint(version_1, sizeof(version_1)));
	assert_ok(load_checkpoint(version_2, sizeof(version_2)));
	assert_err(EN_EVERSION, load_checkpoint(version_3, sizeof(version_3)));
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_version_1_wrote_goes_on),
	    T(what_no_version_wrote_is_refused),
	    cmocka_unit_test(a_checkpoint_of_a_newer_version_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// A reader that is behind what the engine keeps in memory, fed from the journal. Peer 1 is the clinic, 2 the child agency.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "support/engine.h"

#define TAKEN "\"outcome\":\"TAKEN\""
#define LARGE 120000

static double
child(struct engine *e, const char *outcome)
{
	return engine_metric(e,
	    arena_printf(
		&e->arena, "enlace_delivery_events_total{subscription=\"child-alerts\",outcome=\"%s\"}", outcome));
}

static size_t
deliveries(const struct engine *e, uint64_t peer)
{
	size_t count = 0;

	for (size_t i = 0; i < e->frame_count; i++) {
		const struct engine_frame *f = &e->frames[i];

		count += f->peer == peer && f->frame.kind == FRAME_DELIVER ? f->frame.u.deliver->n_deliveries : 0;
	}
	return count;
}

// The clinic's alerts, each of its own case, with a text of that many bytes.
static void
say_many(struct engine *e, int count, size_t bytes)
{
	char *text = calloc(1, bytes + 1);

	memset(text, 'x', bytes);
	engine_hello(e, 1, "clinic", "c", NULL);
	for (int i = 0; i < count; i++) {
		const char *alert = engine_alert(e, arena_printf(&e->arena, "A%d", i));

		assert_string_equal(engine_say(e, 1, "enlace.v1.Alert", arena_printf(&e->arena, "A%d", i),
					arena_printf(&e->arena, "c%d", i),
					arena_printf(&e->arena, "%.*s,\"texts\":[{\"headline\":\"%s\"}]}",
					    (int)strlen(alert) - 1, alert, text)),
		    "RECORDED");
	}
	free(text);
}

// The child agency reads and settles until nothing more comes; how many came.
static size_t
read_all(struct engine *e, size_t most)
{
	size_t seen = 0;

	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\",\"windowEvents\":100}]");
	for (size_t i = 0; i < 2 * most && seen < most; i++) {
		size_t count = deliveries(e, 2);

		if (count > seen) {
			engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, seen),
			    arena_printf(&e->arena, "\"last\":\"%llu\"," TAKEN,
				(unsigned long long)engine_number(e, 2, count - 1)));
			seen = count;
		}
		engine_sync(e);
	}
	return seen;
}

static void
a_reader_far_behind_is_fed_from_the_journal(void **state)
{
	struct engine *e = *state;

	say_many(e, 300, 1);
	engine_restart(e); // nothing is in memory any more
	assert_int_equal(read_all(e, 300), 300);
	assert_true(child(e, "taken") == 300.0);
	assert_true(e->reads > 0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

// The last record of a read is handed out whole, beyond what was asked for: the first one must not have to make room for it.
static void
a_reader_far_behind_gets_every_large_event_too(void **state)
{
	struct engine *e = *state;

	say_many(e, 20, LARGE);
	engine_restart(e);
	assert_int_equal(read_all(e, 20), 20);
	assert_true(child(e, "dead") == 0.0);
	engine_assert_identities(e);
}

#define NAMES "A0 A1 A2 A3 A4 A5"

// One alert of the clinic, whose sequence is i + 1; what became of it is not on the disk yet.
static void
say_one(struct engine *e, int i)
{
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"%d\",\"event\":{\"specversion\":\"1.0\",\"id\":\"A%d\",\"source\":"
		"\"urn:enlace:clinic\",\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"data\":%s}}]}",
		i + 1, i, engine_alert(e, arena_printf(&e->arena, "A%d", i))));
}

static void
what_somebody_waits_for_is_read_by_nobody(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\"}]");
	say_many(e, 6, 1);
	assert_string_equal(engine_delivered(e, 2), NAMES);
	assert_int_equal(e->reads, 0);
}

// It would push out what others wait for.
static void
what_nobody_waits_for_is_read_when_somebody_comes(void **state)
{
	struct engine *e = *state;

	say_many(e, 6, 1);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\"}]");
	assert_string_equal(engine_delivered(e, 2), NAMES);
	assert_int_equal(e->reads, 1);
}

// Of what is under way some is in memory, some is not, and nothing of it is on the disk.
static void
who_comes_while_records_are_under_way_gets_each_once_and_in_order(void **state)
{
	struct engine *e = *state;

	for (int came = 0; came <= 6; came++) {
		engine_hello(e, 1, "clinic", "c", NULL);
		for (int i = 0; i < 6; i++) {
			if (i == came) {
				engine_send(e, 2, "child", FRAME_HELLO,
				    "{\"client\":\"r\",\"subscriptions\":[{\"subscription\":\"child-alerts\"}]}");
			}
			say_one(e, i);
		}
		if (came == 6) {
			engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\"}]");
		}
		engine_sync(e);
		assert_string_equal(engine_delivered(e, 2), NAMES);
		engine_assert_identities(e);
		assert_int_equal(engine_teardown(state), 0);
		assert_int_equal(engine_setup(state), 0);
		e = *state;
	}
}

// Alone it has in memory what came while it was there; beside another reader, all of it.
static void
who_comes_and_goes_gets_the_same_alone_and_beside_another_reader(void **state)
{
	struct engine *e = *state;

	for (int others = 0; others < 2; others++) {
		engine_hello(e, 3, "watch", "w", others == 0 ? NULL : "[{\"subscription\":\"watch-alerts\"}]");
		engine_hello(e, 1, "clinic", "c", NULL);
		for (int i = 0; i < 6; i++) {
			if (i % 2 == 0) {
				engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\"}]");
			} else {
				engine_send(e, 2, "child", FRAME_BYE, "{}");
			}
			say_one(e, i);
		}
		engine_sync(e);
		assert_string_equal(engine_delivered(e, 3), others == 0 ? "" : NAMES);
		engine_forget_frames(e);
		engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\"}]");
		assert_string_equal(engine_delivered(e, 2), "A0#3 A1#3 A2#2 A3#2 A4 A5");
		engine_assert_identities(e);
		assert_int_equal(engine_teardown(state), 0);
		assert_int_equal(engine_setup(state), 0);
		e = *state;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_reader_far_behind_is_fed_from_the_journal, engine_setup, engine_teardown),
	    cmocka_unit_test_setup_teardown(
		a_reader_far_behind_gets_every_large_event_too, engine_setup, engine_teardown),
	    cmocka_unit_test_setup_teardown(what_somebody_waits_for_is_read_by_nobody, engine_setup, engine_teardown),
	    cmocka_unit_test_setup_teardown(
		what_nobody_waits_for_is_read_when_somebody_comes, engine_setup, engine_teardown),
	    cmocka_unit_test_setup_teardown(
		who_comes_while_records_are_under_way_gets_each_once_and_in_order, engine_setup, engine_teardown),
	    cmocka_unit_test_setup_teardown(
		who_comes_and_goes_gets_the_same_alone_and_beside_another_reader, engine_setup, engine_teardown),
	};

	return cmocka_run_group_tests_name("core/behind", tests, NULL, NULL);
}

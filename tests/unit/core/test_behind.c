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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_reader_far_behind_is_fed_from_the_journal, engine_setup, engine_teardown),
	    cmocka_unit_test_setup_teardown(
		a_reader_far_behind_gets_every_large_event_too, engine_setup, engine_teardown),
	};

	return cmocka_run_group_tests_name("core/behind", tests, NULL, NULL);
}

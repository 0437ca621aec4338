// SPDX-License-Identifier: Apache-2.0
// What the broker says of itself and of the asking agency: WELCOME and STATUS, field by field (PROTOCOL.md 6 and 10).
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "unit/core/child.h"

static void
status_tells_what_waits_and_when_the_key_ends(void **state)
{
	struct engine *e = *state;
	const Enlace__V1__Status *s;
	size_t count = 0;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(engine_say(e, 1, "enlace.v1.Alert", "e1", "c1", engine_alert(e, "A")), "RECORDED");
	for (size_t i = 0; i < EN_COUNT_OF(e->keys) && e->keys[i].agency != NULL; i++) {
		e->keys[i].valid_to_ms = strcmp(e->keys[i].agency, "child") == 0 ? e->now.wall_ms + 1 : 0;
		count++;
	}
	engine_step(e, (struct core_input){.kind = INPUT_KEYS, .keys = e->keys, .key_count = count});
	engine_send(e, 2, "child", FRAME_STATUS, "{}");
	s = engine_newest(e, 2, FRAME_STATUS)->frame.u.status;
	assert_int_equal(s->key_expires_ms, e->now.wall_ms + 1);
	for (size_t i = 0; i < s->n_subscriptions; i++) {
		bool is_alerts = strcmp(s->subscriptions[i]->subscription, "child-alerts") == 0;

		assert_int_equal(s->subscriptions[i]->waiting, is_alerts);
		assert_int_equal(s->subscriptions[i]->oldest_ms, is_alerts ? e->now.wall_ms : 0);
		assert_int_equal(s->subscriptions[i]->attached, is_alerts);
	}
	engine_send(e, 1, "clinic", FRAME_STATUS, "{}");
	assert_int_equal(engine_newest(e, 1, FRAME_STATUS)->frame.u.status->last_recorded_position, 1);
}

static bool
is_listed(char *const *items, size_t count, const char *wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(items[i], wanted) == 0) {
			return true;
		}
	}
	return false;
}

static void
a_welcome_says_what_its_client_must_know(void **state)
{
	struct engine *e = *state;
	const Enlace__V1__Welcome *w;
	const Enlace__V1__Attached *a;
	struct buf digest = BUF_EMPTY;

	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\",\"windowEvents\":7}]");
	w = engine_newest(e, 2, FRAME_WELCOME)->frame.u.welcome;
	assert_string_equal(w->agency, "child");
	assert_int_equal(w->max_frame_bytes, LIMIT_FRAME_BYTES);
	assert_int_equal(w->max_event_bytes, LIMIT_EVENT_BYTES);
	assert_true(w->publish_window > 0 && w->heartbeat_ms > 0);
	assert_int_equal(w->broker_time_ms, e->now.wall_ms);
	hex_put(&digest, view_of(rules_digest(e->rules), 32));
	assert_true(strlen(w->rules_digest) >= 16);
	assert_int_equal(strncmp(buf_cstr(&digest), w->rules_digest, strlen(w->rules_digest)), 0);
	a = w->subscriptions[0];
	assert_string_equal(a->type, "enlace.v1.Referral");
	assert_int_equal(a->window_events, 7);
	assert_true(a->n_receives == 1 && is_listed(a->receives, 1, "Referral"));
	assert_true(is_listed(a->hidden_fields, a->n_hidden_fields, "person.givenNames")); // identity
	assert_false(is_listed(a->hidden_fields, a->n_hidden_fields, "person.sex")); // demographic, which is granted
	buf_fini(&digest);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_welcome_says_what_its_client_must_know),
	    T(status_tells_what_waits_and_when_the_key_ends),
	};

	return cmocka_run_group_tests_name("core/welcome", tests, NULL, NULL);
}

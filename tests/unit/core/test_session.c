// SPDX-License-Identifier: Apache-2.0
// Sessions (PROTOCOL.md 6, 11 and 12), played on the engine's stage. Peer 1 is the clinic, 2 the child agency.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "support/engine.h"

#define CHILD_ALERTS "[{\"subscription\":\"child-alerts\"}]"

static void
a_frame_without_a_session_gets_no_session(void **state)
{
	struct engine *e = *state;

	engine_send(e, 1, "clinic", FRAME_PUBLISH, "{}");
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->code, "no_session");
	assert_true(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->retry);
	assert_int_equal(e->record_count, 0);
}

static void
another_agencys_subscription_does_not_exist(void **state)
{
	struct engine *e = *state;
	char *other;

	engine_hello(e, 1, "clinic", "c", CHILD_ALERTS);
	assert_null(engine_newest(e, 1, FRAME_WELCOME));
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->code, "unknown_subscription");
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->field, "subscriptions[0].subscription");
	other = strdup(engine_newest(e, 1, FRAME_ERROR)->json);
	engine_hello(e, 1, "clinic", "c", "[{\"subscription\":\"none-at-all\"}]");
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->json, other); // the two cases look alike
	free(other);
}

static void
epochs_differ_over_restarts(void **state)
{
	struct engine *e = *state;
	uint64_t first, second, third;

	engine_hello(e, 1, "clinic", "c", NULL);
	first = engine_newest(e, 1, FRAME_WELCOME)->frame.u.welcome->epoch;
	engine_hello(e, 1, "clinic", "c", NULL);
	second = engine_newest(e, 1, FRAME_WELCOME)->frame.u.welcome->epoch;
	engine_restart(e);
	engine_hello(e, 1, "clinic", "c", NULL);
	third = engine_newest(e, 1, FRAME_WELCOME)->frame.u.welcome->epoch;
	assert_true(first != second && second != third && first != third);
}

static void
the_last_hello_of_a_name_wins(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 3, "clinic", "c", NULL);
	assert_string_equal(engine_newest(e, 1, FRAME_GOAWAY)->frame.u.goaway->code, "replaced");
	engine_send(e, 1, "clinic", FRAME_PUBLISH, "{}");
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->code, "no_session");
	assert_null(engine_newest(e, 3, FRAME_GOAWAY));
}

static void
the_last_reader_of_a_subscription_wins(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 2, "child", "one", CHILD_ALERTS);
	engine_hello(e, 3, "child", "two", CHILD_ALERTS);
	assert_string_equal(engine_newest(e, 2, FRAME_GOAWAY)->frame.u.goaway->code, "replaced");
	assert_non_null(engine_newest(e, 3, FRAME_WELCOME));
}

static void
three_takeovers_a_minute_raise_an_alarm(void **state)
{
	struct engine *e = *state;

	for (uint64_t peer = 1; peer <= 3; peer++) {
		engine_hello(e, peer, "clinic", "c", NULL);
		assert_false(engine_logged(e, "alarm.takeovers"));
	}
	engine_hello(e, 4, "clinic", "c", NULL);
	assert_true(engine_logged(e, "alarm.takeovers"));
}

static void
an_unknown_kind_is_answered_and_the_session_goes_on(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_send(e, 1, "clinic", (enum frame_kind)0x1f, "{}");
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->code, "unknown_kind");
	assert_string_equal(engine_say(e, 1, "enlace.v1.Alert", "e1", "case", engine_alert(e, "A-1")), "RECORDED");
}

static void
a_frame_of_the_other_form_has_no_effect(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_send_bytes(e, 1, "clinic", view_text("EN1\x0e"));
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->code, "wrong_form");
	assert_int_equal(engine_newest(e, 1, FRAME_ERROR)->frame.form, FRAME_FORM_JSON);
}

static void
status_tells_of_the_asking_agency_alone(void **state)
{
	struct engine *e = *state;
	const Enlace__V1__Status *s;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(engine_say(e, 1, "clinic.v1.Intake", "e1", "case", engine_intake(e, "f", "UNHEARD")),
	    "HELD table_miss wishes.code");
	engine_send(e, 2, "child", FRAME_STATUS, "{}");
	s = engine_newest(e, 2, FRAME_STATUS)->frame.u.status;
	assert_int_equal(s->n_held, 0);
	for (size_t i = 0; i < s->n_subscriptions; i++) {
		assert_non_null(strstr(s->subscriptions[i]->subscription, "child"));
	}
	engine_send(e, 1, "clinic", FRAME_STATUS, "{}");
	s = engine_newest(e, 1, FRAME_STATUS)->frame.u.status;
	assert_int_equal(s->n_held, 1);
	assert_string_equal(s->held[0]->code, "table_miss");
}

static void
a_foreign_schema_is_not_permitted(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_send(e, 1, "clinic", FRAME_SCHEMA, "{\"type\":\"clinic.v1.Intake\"}");
	assert_true(engine_newest(e, 1, FRAME_SCHEMA)->frame.u.schema->descriptor_set.len > 0);
	engine_send(e, 1, "clinic", FRAME_SCHEMA, "{\"type\":\"clinic.v1.Reply\"}");
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->code, "not_permitted");
}

static void
a_quiet_session_is_pinged(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_tick(e, DEFAULT_HEARTBEAT_MS / 2);
	assert_null(engine_newest(e, 1, FRAME_PING));
	engine_tick(e, DEFAULT_HEARTBEAT_MS);
	assert_non_null(engine_newest(e, 1, FRAME_PING));
}

static void
three_silent_heartbeats_end_a_session(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	for (int i = 0; i < LIMIT_SILENT_HEARTBEATS; i++) {
		assert_null(engine_newest(e, 1, FRAME_GOAWAY));
		engine_tick(e, DEFAULT_HEARTBEAT_MS);
	}
	engine_tick(e, 1000);
	assert_non_null(engine_newest(e, 1, FRAME_GOAWAY));
	assert_string_equal(engine_newest(e, 1, FRAME_GOAWAY)->frame.u.goaway->code, "silent");
}

static void
a_pong_keeps_a_session_alive(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	for (int i = 0; i < 3 * LIMIT_SILENT_HEARTBEATS; i++) {
		engine_tick(e, DEFAULT_HEARTBEAT_MS);
		engine_send(e, 1, "clinic", FRAME_PONG, engine_newest(e, 1, FRAME_PING)->json);
	}
	assert_null(engine_newest(e, 1, FRAME_GOAWAY));
}

static void
an_expired_key_ends_its_sessions_and_no_other(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", NULL);
	engine_expire_key(e, "clinic");
	engine_tick(e, 1000);
	assert_non_null(strstr(buf_cstr(&e->forgotten), " 1 "));
	assert_null(strstr(buf_cstr(&e->forgotten), " 2 "));
}

// Not only when the next tick looks (ENL-003).
static void
a_frame_after_the_end_of_its_key_has_no_effect(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_expire_key(e, "clinic");
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    "{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"x\",\"source\":\"urn:enlace:clinic\","
	    "\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"data\":{}}}]}");
	assert_string_equal(engine_newest(e, 1, FRAME_GOAWAY)->frame.u.goaway->code, "key_revoked");
	assert_int_equal(e->record_count, 0);
}

// An answer is far longer than its question: whoever asks without end is told to wait, and costs nobody memory.
static void
questions_are_answered_up_to_a_number_in_a_second(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	for (int i = 0; i < LIMIT_QUESTIONS_PER_SECOND; i++) {
		engine_send(
		    e, 1, "clinic", i % 2 == 0 ? FRAME_STATUS : FRAME_SCHEMA, "{\"type\":\"clinic.v1.Intake\"}");
	}
	engine_sync(e);
	assert_int_equal(
	    engine_count(e, 1, FRAME_STATUS) + engine_count(e, 1, FRAME_SCHEMA), LIMIT_QUESTIONS_PER_SECOND);
	engine_send(e, 1, "clinic", FRAME_STATUS, "{}");
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->code, "busy");
	assert_true(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->retry);
	engine_tick(e, 1000);
	engine_send(e, 1, "clinic", FRAME_STATUS, "{}");
	engine_sync(e);
	assert_int_equal(engine_count(e, 1, FRAME_STATUS), LIMIT_QUESTIONS_PER_SECOND / 2 + 1);
}

static void
a_hello_names_so_many_subscriptions_and_each_once(void **state)
{
	struct engine *e = *state;
	struct buf names = BUF_EMPTY;

	for (size_t count = LIMIT_SUBSCRIPTIONS_PER_HELLO; count <= LIMIT_SUBSCRIPTIONS_PER_HELLO + 1; count++) {
		buf_clear(&names);
		for (size_t i = 0; i < count; i++) {
			buf_printf(&names, "%s{\"subscription\":\"child-alerts\"}", i == 0 ? "[" : ",");
		}
		engine_send(e, 2, "child", FRAME_HELLO,
		    arena_printf(&e->arena, "{\"client\":\"r\",\"subscriptions\":%s]}", buf_cstr(&names)));
		assert_string_equal(engine_newest(e, 2, FRAME_ERROR)->frame.u.error->code,
		    count > LIMIT_SUBSCRIPTIONS_PER_HELLO ? "oversize" : "unknown_subscription");
		assert_string_equal(engine_newest(e, 2, FRAME_ERROR)->frame.u.error->field,
		    count > LIMIT_SUBSCRIPTIONS_PER_HELLO ? "subscriptions" : "subscriptions[1].subscription");
	}
	buf_fini(&names);
}

// Every row of the table in PROTOCOL.md 12 that a frame brings about. `goes_on`: whether the session does.
static void
every_error_has_its_code_and_says_whether_to_retry(void **state)
{
	static const struct {
		const char *frame, *code, *field;
		bool retry, goes_on;
	} rows[] = {
	    {"XYZ\x03{}", "bad_preamble", "", false, false},
	    {"EJ1\x1f{}", "unknown_kind", "", false, true},
	    {"EJ1\x03{", "malformed", "", false, false},
	    {"EJ1\x03{\"events\":7}", "malformed", "events", false, false},
	    {"EN1\x0e", "wrong_form", "", false, true},
	    {"EJ1\x06{\"subscription\":\"child-alerts\",\"settlements\":[{\"first\":\"1\"}]}", "unknown_subscription",
		"subscription", false, true},
	    {"EJ1\x08{\"subscription\":\"child-alerts\"}", "unknown_subscription", "subscription", false, true},
	    {"EJ1\x09{\"type\":\"clinic.v1.Reply\"}", "not_permitted", "type", false, true},
	    {"EJ1\x09{\"digest\":\"00\"}", "schema_unknown", "digest", false, true},
	};
	struct engine *e = *state;

	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		engine_hello(e, 1, "clinic", "c", NULL);
		engine_forget_frames(e);
		engine_send_bytes(e, 1, "clinic", view_text(rows[i].frame));
		engine_sync(e);
		assert_int_equal(engine_count(e, 1, FRAME_ERROR), 1);
		const Enlace__V1__Error *error = engine_newest(e, 1, FRAME_ERROR)->frame.u.error;

		assert_string_equal(error->code, rows[i].code);
		assert_string_equal(error->field, rows[i].field);
		assert_int_equal(error->retry, rows[i].retry);
		assert_int_equal(error->retry_after_ms > 0, rows[i].retry);
		assert_true(error->text[0] != '\0');
		engine_forget_frames(e);
		engine_send(e, 1, "clinic", FRAME_STATUS, "{}");
		engine_sync(e);
		assert_int_equal(engine_count(e, 1, FRAME_STATUS), rows[i].goes_on ? 1 : 0);
		if (!rows[i].goes_on) {
			error = engine_newest(e, 1, FRAME_ERROR)->frame.u.error;
			assert_string_equal(error->code, "no_session");
			assert_true(error->retry && error->retry_after_ms > 0);
		}
	}
}

// One event more than a frame may hold: none of them is taken, and the session goes on.
static void
too_many_events_in_one_frame_are_refused_together(void **state)
{
	struct engine *e = *state;
	struct buf json = BUF_EMPTY;

	engine_hello(e, 1, "clinic", "c", NULL);
	for (size_t count = LIMIT_EVENTS_PER_PUBLISH; count <= LIMIT_EVENTS_PER_PUBLISH + 1; count++) {
		buf_clear(&json);
		engine_forget_frames(e);
		for (size_t i = 0; i < count; i++) {
			buf_printf(
			    &json, "%s{\"sequence\":\"%zu\",\"event\":{}}", i == 0 ? "{\"events\":[" : ",", i + 1);
		}
		buf_put_str(&json, "]}");
		engine_send(e, 1, "clinic", FRAME_PUBLISH, buf_cstr(&json));
		engine_sync(e);
		assert_int_equal(engine_count(e, 1, FRAME_ERROR), count > LIMIT_EVENTS_PER_PUBLISH ? 1 : 0);
	}
	assert_string_equal(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->code, "oversize");
	assert_false(engine_newest(e, 1, FRAME_ERROR)->frame.u.error->retry);
	assert_null(engine_newest(e, 1, FRAME_PUBLISHED));
	buf_fini(&json);
}

// ---- no frame is larger than the client takes (ENL-009) --------------------------------------------------------------

#define SMALL 65536

static void
hello_small(struct engine *e)
{
	engine_send(e, 1, "clinic", FRAME_HELLO, "{\"client\":\"small\",\"maxFrameBytes\":65536}");
	engine_sync(e);
	assert_non_null(engine_newest(e, 1, FRAME_WELCOME));
	engine_forget_frames(e);
}

static void
assert_all_small(struct engine *e)
{
	for (size_t i = 0; i < e->frame_count; i++) {
		assert_true(strlen(e->frames[i].json) + FRAME_PREAMBLE_BYTES <= SMALL);
	}
}

static void
many_answers_come_in_frames_that_the_client_takes(void **state)
{
	struct engine *e = *state;
	struct buf json = BUF_EMPTY;
	uint64_t next = 1;

	hello_small(e);
	for (size_t i = 0; i < LIMIT_EVENTS_PER_PUBLISH; i++) {
		buf_printf(&json, "%s{\"sequence\":\"%zu\",\"event\":{}}", i == 0 ? "{\"events\":[" : ",", i + 1);
	}
	buf_put_str(&json, "]}");
	engine_send(e, 1, "clinic", FRAME_PUBLISH, buf_cstr(&json));
	engine_sync(e);
	assert_all_small(e);
	assert_true(engine_count(e, 1, FRAME_PUBLISHED) > 1);
	for (size_t i = 0; i < e->frame_count; i++) {
		const Enlace__V1__Published *p = e->frames[i].frame.u.published;

		for (size_t k = 0; k < p->n_answers; k++) {
			assert_int_equal(p->answers[k]->sequence, next++);
		}
	}
	assert_int_equal(next, LIMIT_EVENTS_PER_PUBLISH + 1);
	buf_fini(&json);
}

static void
a_status_that_is_too_long_tells_the_oldest(void **state)
{
	struct engine *e = *state;
	const Enlace__V1__Status *status;

	engine_hello(e, 1, "clinic", "c", NULL);
	for (size_t i = 0; i < 100; i++) {
		struct buf id = BUF_EMPTY;

		buf_printf(&id, "%03zu", i);
		while (id.len < 3 + 6 * (LIMIT_ID_BYTES - 3)) {
			buf_put_str(&id, "\\u0001"); // as many bytes in every frame of form J
		}
		(void)engine_say(e, 1, "clinic.v1.Intake", buf_cstr(&id), "c", engine_intake(e, "f", "ODD"));
		buf_fini(&id);
	}
	hello_small(e);
	engine_send(e, 1, "clinic", FRAME_STATUS, "{}");
	engine_sync(e);
	assert_all_small(e);
	status = engine_newest(e, 1, FRAME_STATUS)->frame.u.status;
	assert_int_equal(status->held_total, 100);
	assert_true(status->n_held > 0 && status->n_held < 100);
	assert_memory_equal(status->held[0]->id, "000", 3);
}

// ---- what the rules do not name any more -------------------------------------------------------------------------------

static void
a_subscription_that_was_removed_is_seen_while_it_is_owed_something(void **state)
{
	struct engine *e = *state;
	const char *list;

	engine_hello(e, 1, "clinic", "c", NULL);
	assert_string_equal(engine_say(e, 1, "enlace.v1.Alert", "e", "c", engine_alert(e, "A")), "RECORDED");
	assert_null(strstr(engine_request(e, CTL_SUB_LS, NULL), "\"removed\":true"));
	engine_reload(e, "subscriptions/watch-alerts.yaml",
	    "subscription: watch-other\nagency: watch\npurpose: protection\nreceives: [Alert]\nas: enlace.v1.Alert\n"
	    "retry: {after: [5 s], give_up: 1 h, then: dead_letter}\non_dead_letter: continue\n");
	list = engine_request(e, CTL_SUB_LS, NULL);
	list = strstr(list, "\"subscription\":\"watch-alerts\"");
	assert_non_null(list);
	assert_non_null(strstr(list, "\"removed\":true"));
	assert_non_null(strstr(list, "\"pending\":1"));
	engine_assert_identities(e);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_frame_without_a_session_gets_no_session),
	    T(another_agencys_subscription_does_not_exist),
	    T(epochs_differ_over_restarts),
	    T(the_last_hello_of_a_name_wins),
	    T(the_last_reader_of_a_subscription_wins),
	    T(three_takeovers_a_minute_raise_an_alarm),
	    T(an_unknown_kind_is_answered_and_the_session_goes_on),
	    T(a_frame_of_the_other_form_has_no_effect),
	    T(status_tells_of_the_asking_agency_alone),
	    T(a_foreign_schema_is_not_permitted),
	    T(every_error_has_its_code_and_says_whether_to_retry),
	    T(too_many_events_in_one_frame_are_refused_together),
	    T(a_quiet_session_is_pinged),
	    T(three_silent_heartbeats_end_a_session),
	    T(a_pong_keeps_a_session_alive),
	    T(an_expired_key_ends_its_sessions_and_no_other),
	    T(a_frame_after_the_end_of_its_key_has_no_effect),
	    T(questions_are_answered_up_to_a_number_in_a_second),
	    T(a_hello_names_so_many_subscriptions_and_each_once),
	    T(many_answers_come_in_frames_that_the_client_takes),
	    T(a_status_that_is_too_long_tells_the_oldest),
	    T(a_subscription_that_was_removed_is_seen_while_it_is_owed_something),
	};

	return cmocka_run_group_tests_name("core/session", tests, NULL, NULL);
}

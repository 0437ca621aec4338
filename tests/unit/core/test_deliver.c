// SPDX-License-Identifier: Apache-2.0
// Deliveries and their ends (PROTOCOL.md 9 and 10), played on the engine's stage. Peer 1 is the clinic, 2 the child
// agency, 3 the watch.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "support/engine.h"

#define CHILD_ALERTS "[{\"subscription\":\"child-alerts\"}]"
#define TAKEN "\"outcome\":\"TAKEN\""
#define LATER "\"outcome\":\"LATER\",\"code\":\"offline\""
#define UNUSABLE "\"outcome\":\"UNUSABLE\",\"code\":\"odd\""

static void
say(struct engine *e, const char *name, const char *case_id)
{
	assert_string_equal(
	    engine_say(e, 1, "enlace.v1.Alert", arena_printf(&e->arena, "id-%s", name), case_id, engine_alert(e, name)),
	    "RECORDED");
}

static double
child(struct engine *e, const char *outcome)
{
	return engine_metric(e,
	    arena_printf(
		&e->arena, "enlace_delivery_events_total{subscription=\"child-alerts\",outcome=\"%s\"}", outcome));
}

static void
pass_time(struct engine *e, uint64_t ms)
{
	for (uint64_t done = 0; done < ms; done += 1000) {
		engine_tick(e, 1000);
		engine_sync(e);
	}
}

// The same, with a reader that answers PING meanwhile.
static void
stay(struct engine *e, uint64_t ms)
{
	for (uint64_t done = 0; done < ms; done += 1000) {
		pass_time(e, 1000);
		engine_send(e, 2, "child", FRAME_PONG, "{}");
	}
}

static void
nothing_is_delivered_before_it_is_durable(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"urn:enlace:clinic\","
		"\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"data\":%s}}]}",
		engine_alert(e, "A")));
	assert_string_equal(engine_delivered(e, 2), "");
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A");
}

static void
every_subscription_gets_its_own(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_hello(e, 3, "watch", "w", "[{\"subscription\":\"watch-alerts\"}]"); // comes later, gets it all the same
	assert_string_equal(engine_delivered(e, 2), "A");
	assert_string_equal(engine_delivered(e, 3), "A");
	engine_assert_identities(e);
}

static void
no_more_is_in_flight_than_the_window(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\",\"windowEvents\":2}]");
	say(e, "A", "c1");
	say(e, "B", "c2");
	say(e, "C", "c3");
	assert_string_equal(engine_delivered(e, 2), "A B");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B C");
	say(e, "D", "c4");
	assert_string_equal(engine_delivered(e, 2), "A B C");
	engine_send(e, 2, "child", FRAME_CREDIT, "{\"subscription\":\"child-alerts\",\"windowEvents\":3}");
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B C D");
}

static void
no_more_bytes_are_in_flight_than_the_window(void **state)
{
	struct engine *e = *state;
	size_t payload;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\",\"windowBytes\":\"1\"}]");
	say(e, "A", "c1");
	say(e, "B", "c2");
	assert_string_equal(engine_delivered(e, 2), "A"); // larger than the window, and alone
	payload = strlen(engine_newest(e, 2, FRAME_DELIVER)->frame.u.deliver->deliveries[0]->event->text_data);
	engine_send(e, 2, "child", FRAME_CREDIT,
	    arena_printf(&e->arena, "{\"subscription\":\"child-alerts\",\"windowBytes\":\"%zu\"}", 3 * payload - 1));
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B");
	say(e, "C", "c3");
	assert_string_equal(engine_delivered(e, 2), "A B"); // a third one begins within the window and ends beyond it
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A B C");
}

// A retry has a low number, and may be on its way while the client settles its neighbours: it did not see it yet.
static void
a_range_takes_nothing_that_its_client_has_not_seen(void **state)
{
	struct engine *e = *state;
	uint64_t first, retried, last;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	say(e, "B", "c2");
	say(e, "C", "c3");
	first = engine_number(e, 2, 0), retried = engine_number(e, 2, 1), last = engine_number(e, 2, 2);
	engine_settle(e, 2, "child", "child-alerts", retried, LATER);
	pass_time(e, 6000);
	assert_string_equal(engine_delivered(e, 2), "A B C B#2");

	engine_settle(e, 2, "child", "child-alerts", first,
	    arena_printf(&e->arena, "\"last\":\"%llu\"," TAKEN, (unsigned long long)last));
	engine_sync(e);

	assert_true(child(e, "taken") == 2.0);
	engine_settle(e, 2, "child", "child-alerts", retried, TAKEN);
	engine_sync(e);
	assert_true(child(e, "taken") == 3.0);
}

static void
settled_waits_for_the_disk(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	assert_null(engine_newest(e, 2, FRAME_SETTLED));
	engine_sync(e);
	assert_int_equal(engine_newest(e, 2, FRAME_SETTLED)->frame.u.settled->n_ranges, 1);
	assert_true(child(e, "taken") == 1.0);
	engine_assert_folds(e);
}

static void
stale_numbers_change_nothing(void **state)
{
	struct engine *e = *state;
	uint64_t number;
	size_t records;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	number = engine_number(e, 2, 0);
	records = e->record_count;
	engine_settle(e, 2, "child", "child-alerts", number + 1, TAKEN); // never sent
	engine_sync(e);
	assert_int_equal(engine_newest(e, 2, FRAME_SETTLED)->frame.u.settled->stale, 1);
	engine_send(e, 2, "child", FRAME_SETTLE,
	    arena_printf(&e->arena,
		"{\"subscription\":\"child-alerts\",\"epoch\":\"1\",\"settlements\":[{\"first\":\"%llu\"," TAKEN "}]}",
		(unsigned long long)number)); // of another session
	engine_sync(e);
	assert_int_equal(engine_newest(e, 2, FRAME_SETTLED)->frame.u.settled->stale, 1);
	assert_int_equal(e->record_count, records);
	engine_settle(e, 2, "child", "child-alerts", number, TAKEN);
	engine_sync(e);
	engine_settle(e, 2, "child", "child-alerts", number, TAKEN); // twice
	engine_sync(e);
	assert_int_equal(engine_newest(e, 2, FRAME_SETTLED)->frame.u.settled->stale, 1);
	assert_true(child(e, "taken") == 1.0);
}

static void
a_case_keeps_its_order_while_one_comes_later(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "same");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_sync(e);
	say(e, "B", "same");
	say(e, "C", "other");
	assert_string_equal(engine_delivered(e, 2), "A C");
	engine_forget_frames(e);
	pass_time(e, 6000); // the first wait is 5 s
	assert_string_equal(engine_delivered(e, 2), "A#2");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	assert_string_equal(engine_delivered(e, 2), "A#2 B");
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
after_later_the_rest_of_the_case_comes_again(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	say(e, "A", "same");
	say(e, "B", "same");
	say(e, "C", "other");
	engine_hello(e, 2, "child", "r", CHILD_ALERTS); // all three in one batch
	assert_string_equal(engine_delivered(e, 2), "A B C");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 1), TAKEN); // behind A: void
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 2), TAKEN);
	engine_sync(e);
	assert_true(child(e, "taken") == 1.0);
	engine_forget_frames(e);
	pass_time(e, 6000);
	assert_non_null(strstr(engine_delivered(e, 2), "A#2"));
	engine_assert_identities(e);
}

// Of a referral: a dead letter of an alert keeps nobody waiting (design 6).
static void
an_unusable_referral_is_a_dead_letter_that_holds_its_case(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	(void)engine_say(e, 1, "clinic.v1.Intake", "e1", "same", engine_intake(e, "f1", "CHILD"));
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), UNUSABLE);
	engine_sync(e);
	(void)engine_say(e, 1, "clinic.v1.Intake", "e2", "same", engine_intake(e, "f2", "CHILD"));
	(void)engine_say(e, 1, "clinic.v1.Intake", "e3", "other", engine_intake(e, "f3", "CHILD"));
	assert_string_equal(engine_delivered(e, 2), "f1 f3");
	assert_true(engine_logged(e, "delivery.dead"));
	engine_restart(e);
	assert_true(
	    engine_metric(e, "enlace_delivery_events_total{subscription=\"child-cases\",outcome=\"dead\"}") == 1.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

// What a recipient says stands in lists and logs: a name in it would stand there too.
static void
a_code_that_is_no_word_is_not_told(void **state)
{
	static const struct {
		const char *code, *told;
	} rows[] = {
	    {"form.version_2-old", "\"form.version_2-old\""},
	    {"Ana Lopez", "\"unreadable\""},
	    {"A\u00f1a", "\"unreadable\""},
	    {"a\\nb", "\"unreadable\""},
	    {"0123456789012345678901234567890123456789012345678901234567890123", "0123\""},
	    {"01234567890123456789012345678901234567890123456789012345678901234", "\"unreadable\""},
	};
	struct engine *e = *state;

	assert_int_equal(strlen(rows[4].code), LIMIT_SETTLE_CODE_BYTES);
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		const char *position = arena_printf(&e->arena, "%zu", e->record_count + 1);

		engine_forget_frames(e);
		say(e, arena_printf(&e->arena, "A%zu", i), arena_printf(&e->arena, "c%zu", i));
		engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0),
		    arena_printf(&e->arena, "\"outcome\":\"UNUSABLE\",\"code\":\"%s\"", rows[i].code));
		engine_sync(e);
		const char *shown = engine_request(e, CTL_MSG_SHOW, (const char *const[]){"position", position, NULL});

		assert_non_null(strstr(shown, rows[i].told));
		assert_null(strstr(buf_cstr(&e->log), "Ana"));
		assert_null(strstr(shown, "Lopez"));
	}
	assert_true(child(e, "dead") == (double)EN_COUNT_OF(rows));
	engine_assert_folds(e);
}

static void
retries_end_in_a_dead_letter(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	for (int i = 0; i < 200 && child(e, "dead") == 0.0; i++) {
		if (engine_count(e, 2, FRAME_DELIVER) > 0) {
			engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
			engine_sync(e);
			engine_forget_frames(e);
		}
		pass_time(e, 60000);
		if (engine_newest(e, 2, FRAME_GOAWAY) != NULL || engine_newest(e, 2, FRAME_DELIVER) == NULL) {
			engine_hello(e, 2, "child", "r", CHILD_ALERTS); // it was silent meanwhile
		}
	}
	assert_true(child(e, "dead") == 1.0); // give_up: 1 h
	engine_assert_identities(e);
}

// Nobody was there for longer than give_up: that is no failed attempt.
// It was a day ahead, and somebody set it right.
static void
a_clock_that_is_set_back_delays_no_retry(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_sync(e);
	e->now.wall_ms -= INT64_C(24) * 3600000;
	stay(e, 4000);
	assert_string_equal(engine_delivered(e, 2), "A");
	stay(e, 2000);
	assert_string_equal(engine_delivered(e, 2), "A A#2");
}

static void
a_retry_keeps_its_time_over_a_restart(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 0), LATER);
	engine_sync(e);
	engine_restart(e);
	engine_forget_frames(e);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	stay(e, 4000);
	assert_string_equal(engine_delivered(e, 2), "");
	stay(e, 2000);
	assert_string_equal(engine_delivered(e, 2), "A#2");
}

static void
what_waited_for_its_reader_gets_every_retry_of_the_list(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	say(e, "A", "c1");
	e->now.wall_ms += INT64_C(2) * 3600000; // give_up: 1 h, after: 5 s, 1 min
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	for (int i = 0; i < 2; i++) {
		engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, (size_t)i), LATER);
		engine_sync(e);
		assert_true(child(e, "dead") == 0.0);
		stay(e, 61000);
	}
	engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, 2), LATER);
	engine_sync(e);
	assert_true(child(e, "dead") == 1.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
what_was_not_settled_comes_again_with_a_higher_attempt(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	say(e, "A", "c1");
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(engine_delivered(e, 2), "A A#2");
	engine_step(e, (struct core_input){.kind = INPUT_UNREACHED, .peer = 2});
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(engine_delivered(e, 2), "A A#2 A#3");
	assert_true(child(e, "taken") == 0.0);
	engine_assert_identities(e);
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

static void
a_reader_far_behind_is_fed_from_the_journal(void **state)
{
	struct engine *e = *state;
	size_t seen = 0;

	engine_hello(e, 1, "clinic", "c", NULL);
	for (int i = 0; i < 300; i++) {
		say(e, arena_printf(&e->arena, "A%d", i), arena_printf(&e->arena, "c%d", i));
	}
	engine_restart(e); // nothing is in memory any more
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-alerts\",\"windowEvents\":100}]");
	for (int i = 0; i < 600 && seen < 300; i++) {
		size_t count = deliveries(e, 2);

		if (count > seen) {
			engine_settle(e, 2, "child", "child-alerts", engine_number(e, 2, seen),
			    arena_printf(&e->arena, "\"last\":\"%llu\"," TAKEN,
				(unsigned long long)engine_number(e, 2, count - 1)));
			seen = count;
		}
		engine_sync(e);
	}
	assert_int_equal(seen, 300);
	assert_true(child(e, "taken") == 300.0);
	assert_true(e->reads > 0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
a_recipients_own_number_finds_the_referral(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", "[{\"subscription\":\"clinic-status\"}]");
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	assert_string_equal(engine_delivered(e, 2), "f1");
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN ",\"recipientReference\":\"own-77\"");
	engine_sync(e);
	engine_restart(e);
	engine_hello(e, 1, "clinic", "c", "[{\"subscription\":\"clinic-status\"}]");
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	engine_forget_frames(e);
	assert_string_equal(
	    engine_say(e, 2, "clinic.v1.Reply", "r1", "own-77", "{\"record\":\"own-77\",\"answer\":\"yes\"}"),
	    "RECORDED");
	assert_string_equal(engine_delivered(e, 1), "ACCEPTED");
	assert_true(engine_metric(e, "enlace_referrals{state=\"ACCEPTED\"}") == 1.0);
	engine_assert_identities(e);
	engine_assert_folds(e);
}

// 261 is no state, though its last eight bits are ACCEPTED.
static void
a_state_that_nobody_knows_moves_nothing(void **state)
{
	struct engine *e = *state;
	const char *id;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	id = strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "\"referralId\":\"");
	assert_non_null(id);
	(void)engine_say(e, 2, "enlace.v1.ReferralStatus", "s1", "c1",
	    arena_printf(&e->arena, "{\"referralId\":\"%.32s\",\"state\":261}", id + strlen("\"referralId\":\"")));
	assert_true(engine_metric(e, "enlace_referrals{state=\"ACCEPTED\"}") == 0.0);
	assert_true(engine_metric(e, "enlace_referrals{state=\"SUBMITTED\"}") == 1.0);
}

static void
a_later_revision_leaves_out_what_only_the_first_one_sets(void **state)
{
	struct engine *e = *state;

	engine_reload(e, "mappings/referral-to-reply.yaml",
	    "mapping: referral-to-reply\nfrom: enlace.v1.Referral\nto: clinic.v1.Reply\nowner: child\n"
	    "set:\n  record: source_case_id\n  answer: {is: first, only_on: create}\n"
	    "unused: {referral_id: n, referral_number: n, source_service_id: n, kind: n, legal_basis_instrument: n, legal_basis: n, from: n, "
	    "to: n, person: n, service: n, service_other_text: n, reason_text: n, priority: n, due_at: n, appointment_at: n, consent: n, "
	    "recorded_at: n, found_at_office: n}\n");
	engine_reload(e, "subscriptions/child-cases.yaml",
	    "subscription: child-cases\nagency: child\npurpose: protection\nreceives: [Referral]\nas: clinic.v1.Reply\n"
	    "retry: {after: [5 s], give_up: 1 h, then: dead_letter}\non_dead_letter: continue\n");
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e1", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	assert_non_null(strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "\"answer\":\"first\""));
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 0), TAKEN);
	engine_sync(e);
	engine_forget_frames(e);
	assert_string_equal(
	    engine_say(e, 1, "clinic.v1.Intake", "e2", "c1", engine_intake(e, "f1", "CHILD")), "RECORDED");
	assert_non_null(strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "\"record\":\"f1\""));
	assert_null(strstr(engine_newest(e, 2, FRAME_DELIVER)->json, "\"answer\""));
}

static void
an_expired_event_is_never_delivered(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_send(e, 1, "clinic", FRAME_PUBLISH,
	    arena_printf(&e->arena,
		"{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"urn:enlace:clinic\","
		"\"type\":\"enlace.v1.Alert\",\"partitionkey\":\"c\",\"expirytime\":\"2026-11-19T12:00:00Z\",\"data\":%s}}]}",
		engine_alert(e, "A")));
	engine_sync(e);
	assert_true(engine_metric(e, "enlace_subscription_pending_events{subscription=\"child-alerts\"}") +
		engine_metric(e, "enlace_ingest_events_total{agency=\"clinic\",outcome=\"refused\"}") ==
	    1.0);
	e->now.wall_ms += INT64_C(86400000) * 30;
	engine_tick(e, 1000);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(engine_delivered(e, 2), "");
	engine_assert_identities(e);
}

static void
ids_of_deliveries_are_plain(void **state)
{
	struct engine *e = *state;
	const char *id;

	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", CHILD_ALERTS);
	assert_string_equal(
	    engine_say(e, 1, "enlace.v1.Alert", "../../odd id", "c1", engine_alert(e, "A")), "RECORDED");
	id = engine_newest(e, 2, FRAME_DELIVER)->frame.u.deliver->deliveries[0]->event->id;
	assert_int_equal(strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."), strlen(id));
	assert_true(id[0] != '.' && strlen(id) >= 16);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(nothing_is_delivered_before_it_is_durable),
	    T(every_subscription_gets_its_own),
	    T(no_more_is_in_flight_than_the_window),
	    T(no_more_bytes_are_in_flight_than_the_window),
	    T(a_range_takes_nothing_that_its_client_has_not_seen),
	    T(settled_waits_for_the_disk),
	    T(stale_numbers_change_nothing),
	    T(a_case_keeps_its_order_while_one_comes_later),
	    T(after_later_the_rest_of_the_case_comes_again),
	    T(an_unusable_referral_is_a_dead_letter_that_holds_its_case),
	    T(a_code_that_is_no_word_is_not_told),
	    T(retries_end_in_a_dead_letter),
	    T(a_clock_that_is_set_back_delays_no_retry),
	    T(a_retry_keeps_its_time_over_a_restart),
	    T(what_waited_for_its_reader_gets_every_retry_of_the_list),
	    T(what_was_not_settled_comes_again_with_a_higher_attempt),
	    T(a_reader_far_behind_is_fed_from_the_journal),
	    T(a_recipients_own_number_finds_the_referral),
	    T(a_state_that_nobody_knows_moves_nothing),
	    T(a_later_revision_leaves_out_what_only_the_first_one_sets),
	    T(an_expired_event_is_never_delivered),
	    T(ids_of_deliveries_are_plain),
	};

	return cmocka_run_group_tests_name("core/deliver", tests, NULL, NULL);
}

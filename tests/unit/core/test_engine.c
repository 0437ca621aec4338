// SPDX-License-Identifier: Apache-2.0
// The engine played by frames, with a virtual clock and a journal that is a list: what leaves when, and whether the folded state is the same live, after a
// checkpoint and its tail, and after everything from the first record.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "core/core.h"
#include "support/support.h"

#define RECORDS_MAX 4096
#define ROWS_MAX 4096

struct kept_row {
	uint8_t table;
	struct buf key, value;
};

struct fixture {
	struct schema *schema;
	struct rules *rules;
	struct core *core;
	struct core_effects effects;
	struct moment now;
	struct record records[RECORDS_MAX];
	size_t record_count, durable;
	struct kept_row rows[ROWS_MAX];
	size_t row_count;
	uint64_t checkpoint; // sequence that the rows hold for
	struct arena arena; // bodies, frames received
	struct frame sent[4096];
	uint64_t sent_to[4096];
	size_t sent_count;
};

static const struct core_key keys[] = {{.agency = "bench-in"}, {.agency = "bench-out"}};

static struct core *
new_core(struct fixture *f)
{
	struct core_options options = {
	    .rules = f->rules, .version = "test", .epoch_seed = 77 << 20, .limits = {.checkpoint_records = 50}};
	struct core *core = NULL;

	memset(options.id_key, 1, sizeof(options.id_key));
	memset(options.hash_key, 2, sizeof(options.hash_key));
	assert_ok(core_new(&options, &core));
	return core;
}

static void
keep_row(struct fixture *f, const struct store_row *row)
{
	size_t i = 0;

	while (
	    i < f->row_count && (f->rows[i].table != row->table || !view_equal(buf_view(&f->rows[i].key), row->key))) {
		i++;
	}
	if (row->is_delete) {
		return;
	}
	assert_true(i < ROWS_MAX);
	if (i == f->row_count) {
		f->rows[f->row_count++] = (struct kept_row){.table = row->table};
		buf_put_view(&f->rows[i].key, row->key);
	}
	buf_clear(&f->rows[i].value);
	buf_put_view(&f->rows[i].value, row->value);
}

static void
carry_out(struct fixture *f)
{
	for (size_t i = 0; i < f->effects.count; i++) {
		const struct core_effect *e = &f->effects.items[i];

		if (e->kind == EFFECT_RECORD) {
			assert_true(f->record_count < RECORDS_MAX);
			f->records[f->record_count] = e->record;
			f->records[f->record_count].body = arena_copy(&f->arena, e->record.body);
			f->record_count++;
		} else if (e->kind == EFFECT_ROW) {
			keep_row(f, &e->row);
			f->checkpoint = f->record_count;
		} else if (e->kind == EFFECT_SEND) {
			enum reason reason;
			char field[128];

			assert_true(f->sent_count < EN_COUNT_OF(f->sent));
			assert_ok(frame_decode(
			    arena_copy(&f->arena, e->bytes), &f->arena, &f->sent[f->sent_count], &reason, field));
			f->sent_to[f->sent_count++] = e->peer;
		}
	}
	core_effects_clear(&f->effects);
}

static void
step(struct fixture *f, const struct core_input *in)
{
	assert_ok(core_step(f->core, in, f->now, &f->effects));
	carry_out(f);
}

static void
sync_all(struct fixture *f)
{
	struct core_input in = {.kind = INPUT_DURABLE, .sequence = f->record_count};

	f->durable = f->record_count;
	step(f, &in);
}

static void
send(struct fixture *f, uint64_t peer, enum frame_kind kind, const ProtobufCMessage *message)
{
	struct core_input in = {.kind = INPUT_FRAME, .peer = peer, .subject = peer == 2 ? 1 : 0};
	struct buf bytes = BUF_EMPTY;

	assert_ok(frame_encode(FRAME_FORM_PROTOBUF, kind, message, &bytes));
	in.bytes = buf_view(&bytes);
	step(f, &in);
	buf_fini(&bytes);
}

static void
hello(struct fixture *f, uint64_t peer, const char *client, bool attach)
{
	Enlace__V1__Hello message = ENLACE__V1__HELLO__INIT;
	Enlace__V1__Attach one = ENLACE__V1__ATTACH__INIT, *list = &one;

	message.client = (char *)(uintptr_t)client;
	one.subscription = (char *)(uintptr_t) "bench";
	message.n_subscriptions = attach;
	message.subscriptions = &list;
	send(f, peer, FRAME_HELLO, &message.base);
}

static void
publish(struct fixture *f, uint64_t sequence, const char *id, const char *case_id, const char *text)
{
	struct event_parts parts = {
	    .id = id, .source = "urn:enlace:bench-in", .type = "enlace.v1.Alert", .partitionkey = case_id};
	Enlace__V1__Publish message = ENLACE__V1__PUBLISH__INIT;
	Enlace__V1__Event event = ENLACE__V1__EVENT__INIT, *list = &event;
	struct buf payload = BUF_EMPTY;

	buf_put_u8(&payload, 1 << 3 | 2);
	buf_put_text(&payload, view_text(text));
	buf_put_str(&payload, "\x12\x01");
	buf_put_str(&payload, "x");
	buf_put(&payload, "\x20\x01\x28\x01\x30\x02\x48\x05\x88\x01\x03", 11);
	parts.payload = buf_view(&payload);
	assert_ok(event_build(&parts, &f->arena, &event.event));
	event.sequence = sequence;
	message.n_events = 1;
	message.events = &list;
	send(f, 1, FRAME_PUBLISH, &message.base);
	buf_fini(&payload);
}

static void
settle(struct fixture *f, uint64_t epoch, uint64_t number, Enlace__V1__Outcome outcome)
{
	Enlace__V1__Settlement one = ENLACE__V1__SETTLEMENT__INIT, *list = &one;
	Enlace__V1__Settle message = ENLACE__V1__SETTLE__INIT;

	one.first = number;
	one.outcome = outcome;
	one.code = (char *)(uintptr_t) "because";
	message.subscription = (char *)(uintptr_t) "bench";
	message.epoch = epoch;
	message.n_settlements = 1;
	message.settlements = &list;
	send(f, 2, FRAME_SETTLE, &message.base);
}

// The newest frame of a kind to a peer, NULL when there is none.
static const struct frame *
newest(const struct fixture *f, uint64_t peer, enum frame_kind kind)
{
	for (size_t i = f->sent_count; i > 0; i--) {
		if (f->sent_to[i - 1] == peer && f->sent[i - 1].kind == kind) {
			return &f->sent[i - 1];
		}
	}
	return NULL;
}

static void
start(struct fixture *f)
{
	struct core_input in = {.kind = INPUT_KEYS, .keys = keys, .key_count = 2};

	assert_ok(core_start(f->core, f->now));
	step(f, &in);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct findings findings;

	findings_init(&findings);
	f->now = (struct moment){.monotonic_ms = 1000, .wall_ms = INT64_C(1795000000000)};
	arena_init(&f->arena, 0);
	core_effects_init(&f->effects);
	if (schema_load_folder("build/schemas", &findings, &f->schema) != EN_OK ||
	    rules_load("tests/bench/config", f->schema, &findings, &f->rules) != EN_OK) {
		findings_print_text(&findings, stderr, false);
		return -1;
	}
	findings_fini(&findings);
	f->core = new_core(f);
	start(f);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	core_free(&f->core);
	core_effects_fini(&f->effects);
	for (size_t i = 0; i < f->row_count; i++) {
		buf_fini(&f->rows[i].key);
		buf_fini(&f->rows[i].value);
	}
	rules_unref(&f->rules);
	schema_unref(&f->schema);
	arena_fini(&f->arena);
	free(f);
	return 0;
}

static void
recorded_is_said_only_after_the_fsync(void **state)
{
	struct fixture *f = *state;

	hello(f, 1, "p", false);
	publish(f, 1, "e1", "c", "A");
	assert_int_equal(f->record_count, 1);
	assert_null(newest(f, 1, FRAME_PUBLISHED));
	sync_all(f);
	assert_non_null(newest(f, 1, FRAME_PUBLISHED));
	assert_int_equal(
	    newest(f, 1, FRAME_PUBLISHED)->u.published->answers[0]->verdict, ENLACE__V1__VERDICT__RECORDED);
}

static void
nothing_is_delivered_before_it_is_durable(void **state)
{
	struct fixture *f = *state;

	hello(f, 2, "s", true);
	hello(f, 1, "p", false);
	publish(f, 1, "e1", "c", "A");
	assert_null(newest(f, 2, FRAME_DELIVER));
	sync_all(f);
	assert_non_null(newest(f, 2, FRAME_DELIVER));
	assert_int_equal(newest(f, 2, FRAME_DELIVER)->u.deliver->deliveries[0]->attempt, 1);
}

static void
a_frame_without_a_session_hears_no_session(void **state)
{
	struct fixture *f = *state;

	publish(f, 1, "e1", "c", "A");
	assert_string_equal(newest(f, 1, FRAME_ERROR)->u.error->code, "no_session");
	assert_int_equal(f->record_count, 0);
}

static void
a_disk_without_room_says_busy_and_settling_goes_on(void **state)
{
	struct fixture *f = *state;
	struct core_input space = {.kind = INPUT_SPACE, .space_bytes = 1000};
	uint64_t number;

	hello(f, 2, "s", true);
	hello(f, 1, "p", false);
	publish(f, 1, "e1", "c", "A");
	sync_all(f);
	step(f, &space);
	publish(f, 2, "e2", "c", "A");
	sync_all(f);
	assert_string_equal(newest(f, 1, FRAME_PUBLISHED)->u.published->answers[0]->code, "disk_full");
	number = newest(f, 2, FRAME_DELIVER)->u.deliver->deliveries[0]->number;
	settle(f, newest(f, 2, FRAME_WELCOME)->u.welcome->epoch, number, ENLACE__V1__OUTCOME__TAKEN);
	sync_all(f);
	assert_int_equal(newest(f, 2, FRAME_SETTLED)->u.settled->n_ranges, 1);
	space.space_bytes = GIB(1);
	step(f, &space);
	publish(f, 2, "e2", "c", "A");
	sync_all(f);
	assert_int_equal(
	    newest(f, 1, FRAME_PUBLISHED)->u.published->answers[0]->verdict, ENLACE__V1__VERDICT__RECORDED);
}

static void
an_old_epoch_settles_nothing(void **state)
{
	struct fixture *f = *state;
	uint64_t number;

	hello(f, 2, "s", true);
	hello(f, 1, "p", false);
	publish(f, 1, "e1", "c", "A");
	sync_all(f);
	number = newest(f, 2, FRAME_DELIVER)->u.deliver->deliveries[0]->number;
	settle(f, newest(f, 2, FRAME_WELCOME)->u.welcome->epoch - 1, number, ENLACE__V1__OUTCOME__TAKEN);
	sync_all(f);
	assert_int_equal(newest(f, 2, FRAME_SETTLED)->u.settled->n_ranges, 0);
	assert_int_equal(newest(f, 2, FRAME_SETTLED)->u.settled->stale, 1);
	assert_int_equal(f->record_count, 1);
}

static void
a_silent_peer_is_pinged_and_then_gone(void **state)
{
	struct fixture *f = *state;
	struct core_input tick = {.kind = INPUT_TICK};

	hello(f, 1, "p", false);
	f->now.monotonic_ms += DEFAULT_HEARTBEAT_MS;
	step(f, &tick);
	assert_non_null(newest(f, 1, FRAME_PING));
	assert_null(newest(f, 1, FRAME_GOAWAY));
	f->now.monotonic_ms += (uint64_t)DEFAULT_HEARTBEAT_MS * LIMIT_SILENT_HEARTBEATS;
	step(f, &tick);
	assert_string_equal(newest(f, 1, FRAME_GOAWAY)->u.goaway->code, "silent");
}

// ---- the fold ------------------------------------------------------------------------------------------------------------------------

static void
digest_of(struct core *core, uint8_t ret[32])
{
	core_digest(core, ret);
}

static void
assert_folds_alike(struct fixture *f)
{
	struct core *zero = new_core(f), *tail = new_core(f);
	uint8_t live[32], other[32];

	digest_of(f->core, live);
	for (size_t i = 0; i < f->record_count; i++) {
		assert_ok(core_replay(zero, &f->records[i]));
	}
	digest_of(zero, other);
	assert_memory_equal(live, other, 32);
	for (size_t i = 0; i < f->row_count; i++) {
		assert_ok(
		    core_load_row(tail, f->rows[i].table, buf_view(&f->rows[i].key), buf_view(&f->rows[i].value)));
	}
	assert_int_equal(core_checkpoint_sequence(tail), f->checkpoint);
	for (size_t i = f->checkpoint; i < f->record_count; i++) {
		assert_ok(core_replay(tail, &f->records[i]));
	}
	digest_of(tail, other);
	assert_memory_equal(live, other, 32);
	core_free(&zero);
	core_free(&tail);
}

static void
random_step(struct fixture *f, unsigned int *seed, uint64_t *next)
{
	const struct frame *deliver = newest(f, 2, FRAME_DELIVER), *welcome = newest(f, 2, FRAME_WELCOME);
	static const Enlace__V1__Outcome outcomes[] = {ENLACE__V1__OUTCOME__TAKEN, ENLACE__V1__OUTCOME__TAKEN,
	    ENLACE__V1__OUTCOME__LATER, ENLACE__V1__OUTCOME__UNUSABLE};
	char id[32], case_id[32], text[32];

	switch (rand_r(seed) % 6) {
	case 0:
		if (deliver != NULL && welcome != NULL) {
			size_t which = (size_t)rand_r(seed) % deliver->u.deliver->n_deliveries;

			settle(f, welcome->u.welcome->epoch, deliver->u.deliver->deliveries[which]->number,
			    outcomes[rand_r(seed) % 4]);
		}
		break;
	case 1:
		hello(f, 2, "s", true);
		break;
	case 2:
		f->now.monotonic_ms += 700;
		f->now.wall_ms += 700;
		step(f, &(struct core_input){.kind = INPUT_TICK});
		hello(f, 1, "p", false);
		*next = newest(f, 1, FRAME_WELCOME)->u.welcome->last_sequence + 1;
		break;
	default:
		snprintf(id, sizeof(id), "e%d", rand_r(seed) % 400);
		snprintf(case_id, sizeof(case_id), "c%d", rand_r(seed) % 10);
		snprintf(text, sizeof(text), "A%d", rand_r(seed) % 3);
		publish(f, (*next)++, id, case_id, text);
	}
	if (rand_r(seed) % 3 == 0) {
		sync_all(f);
	}
	if (f->sent_count > 3000) {
		f->sent_count = 0;
		hello(f, 2, "s", true);
		hello(f, 1, "p", false);
		*next = newest(f, 1, FRAME_WELCOME)->u.welcome->last_sequence + 1;
	}
}

static void
the_state_is_the_same_live_from_a_checkpoint_and_from_zero(void **state)
{
	struct fixture *f = *state;
	unsigned int seed = 20261123;
	uint64_t next = 1;

	print_message("seed %u\n", seed);
	hello(f, 2, "s", true);
	hello(f, 1, "p", false);
	for (int i = 0; i < 1200; i++) {
		random_step(f, &seed, &next);
		if (i % 150 == 149) {
			sync_all(f);
			assert_folds_alike(f);
		}
	}
	assert_true(f->checkpoint > 0);
}

static void
a_body_cut_anywhere_is_refused_and_changes_no_other(void **state)
{
	struct fixture *f = *state;
	struct core *fresh;
	struct record cut;

	hello(f, 1, "p", false);
	publish(f, 1, "e1", "c", "A");
	cut = f->records[0];
	for (size_t len = 0; len < f->records[0].body.len; len++) {
		fresh = new_core(f);
		cut.body.len = len;
		assert_int_not_equal(core_replay(fresh, &cut), EN_OK);
		core_free(&fresh);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(recorded_is_said_only_after_the_fsync, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(nothing_is_delivered_before_it_is_durable, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_frame_without_a_session_hears_no_session, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_disk_without_room_says_busy_and_settling_goes_on, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_old_epoch_settles_nothing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_silent_peer_is_pinged_and_then_gone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		the_state_is_the_same_live_from_a_checkpoint_and_from_zero, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_body_cut_anywhere_is_refused_and_changes_no_other, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

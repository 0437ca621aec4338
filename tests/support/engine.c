// SPDX-License-Identifier: Apache-2.0
// The stage itself: rules in a folder, effects carried out, restarts, and the truths that hold at any moment.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "support/engine.h"
#include "support/engine_rules.h"

#define START_MS INT64_C(1795000000000) // in the valid days of the rules

// By place: the subject of a peer.
static const char *const agencies[] = {"clinic", "child", "watch", "shelter", "ops", "hostel"};

static void
load_rules(struct engine *e)
{
	struct findings findings;
	enum en_err err;

	findings_init(&findings);
	err = rules_load(e->folder, e->schema, &findings, &e->rules);
	if (err != EN_OK) {
		findings_print_text(&findings, stderr, false);
	}
	findings_fini(&findings);
	assert_ok(err);
}

static struct core *
new_core(struct engine *e)
{
	struct core_options options = {
	    .rules = e->rules, .version = "test", .epoch_seed = ++e->starts << 20, .limits = e->limits};
	struct core *core = NULL;

	memset(options.id_key, 1, sizeof(options.id_key));
	memset(options.hash_key, 2, sizeof(options.hash_key));
	assert_ok(core_new(&options, &core));
	return core;
}

static void
give_keys(struct engine *e, const char *expired)
{
	for (size_t i = 0; i < EN_COUNT_OF(agencies); i++) {
		e->keys[i] = (struct core_key){.agency = agencies[i],
		    .public_key = agencies[i],
		    .valid_to_ms = expired != NULL && strcmp(expired, agencies[i]) == 0 ? 1 : 0};
	}
	engine_step(e, (struct core_input){.kind = INPUT_KEYS, .keys = e->keys, .key_count = EN_COUNT_OF(agencies)});
}

void
engine_expire_key(struct engine *e, const char *agency)
{
	give_keys(e, agency);
}

int
engine_setup(void **state)
{
	struct engine *e = calloc(1, sizeof(*e));

	e->folder = engine_rules_folder();
	e->limits.checkpoint_records = 20;
	e->schema = engine_schema();
	load_rules(e);
	arena_init(&e->arena, 0);
	core_effects_init(&e->effects);
	e->now = (struct moment){.monotonic_ms = 1000, .wall_ms = START_MS};
	e->core = new_core(e);
	assert_ok(core_start(e->core, e->now));
	give_keys(e, NULL);
	engine_space(e, GIB(1));
	*state = e;
	return 0;
}

int
engine_teardown(void **state)
{
	struct engine *e = *state;

	core_free(&e->core);
	core_effects_fini(&e->effects);
	rules_unref(&e->rules);
	schema_unref(&e->schema);
	for (size_t i = 0; i < e->row_count; i++) {
		buf_fini(&e->rows[i].key);
		buf_fini(&e->rows[i].value);
	}
	free(e->rows);
	free(e->records);
	buf_fini(&e->log);
	buf_fini(&e->forgotten);
	buf_fini(&e->reply);
	buf_fini(&e->scratch);
	arena_fini(&e->arena);
	test_folder_remove(e->folder);
	free(e);
	return 0;
}

void
engine_reload(struct engine *e, const char *file, const char *text)
{
	struct rules *old = e->rules;

	free(test_write_text(e->folder, file, text));
	load_rules(e);
	engine_step(e, (struct core_input){.kind = INPUT_RULES, .rules = e->rules});
	rules_unref(&old);
}

// ---- effects -------------------------------------------------------------------------------------------------------

static void
keep_record(struct engine *e, const struct record *record)
{
	if (e->record_count == e->record_cap) {
		e->record_cap = e->record_cap == 0 ? 256 : e->record_cap * 2;
		e->records = realloc(e->records, e->record_cap * sizeof(*e->records));
		assert_non_null(e->records);
	}
	assert_int_equal(record->sequence, e->record_count + 1);
	e->records[e->record_count] = *record;
	e->records[e->record_count++].body = arena_copy(&e->arena, record->body);
}

static void
keep_row(struct engine *e, const struct store_row *row)
{
	size_t i = 0;

	while (
	    i < e->row_count && (e->rows[i].table != row->table || !view_equal(buf_view(&e->rows[i].key), row->key))) {
		i++;
	}
	if (i == e->row_count) {
		if (e->row_count == e->row_cap) {
			e->row_cap = e->row_cap == 0 ? 256 : e->row_cap * 2;
			e->rows = realloc(e->rows, e->row_cap * sizeof(*e->rows));
			assert_non_null(e->rows);
		}
		e->rows[e->row_count++] = (struct engine_row){.table = row->table};
		buf_put_view(&e->rows[i].key, row->key);
	}
	e->rows[i].is_deleted = row->is_delete;
	buf_clear(&e->rows[i].value);
	buf_put_view(&e->rows[i].value, row->value);
	e->checkpoint = e->record_count;
}

static void
keep_frame(struct engine *e, const struct core_effect *effect)
{
	struct engine_frame *f = &e->frames[e->frame_count];
	struct view bytes = arena_copy(&e->arena, effect->bytes);
	enum reason reason;
	char field[128];

	assert_true(e->frame_count < ENGINE_FRAMES);
	f->peer = effect->peer;
	assert_ok(frame_decode(bytes, &e->arena, &f->frame, &reason, field));
	f->json = arena_text(&e->arena, view_of(bytes.data + FRAME_PREAMBLE_BYTES, bytes.len - FRAME_PREAMBLE_BYTES));
	e->frame_count++;
}

// Asked for by the step; given back as an input of its own.
struct asked {
	uint64_t id, from, until;
	size_t max_bytes;
};

static void
answer_read(struct engine *e, const struct asked *a)
{
	uint64_t from = a->from < 1 ? 1 : a->from, until = from - 1; // both ends included
	size_t bytes = 0;

	// As the journal does: what was handed out may be more than was asked for by the last record of it.
	while (until < a->until && until < e->record_count && (bytes == 0 || bytes < a->max_bytes)) {
		bytes += e->records[until++].body.len;
	}
	e->reads++;
	engine_step(e,
	    (struct core_input){.kind = INPUT_RECORDS,
		.id = a->id,
		.next = until + 1,
		.records = from <= until ? &e->records[from - 1] : NULL,
		.record_count = from <= until ? until - from + 1 : 0});
}

void
engine_step(struct engine *e, struct core_input in)
{
	struct asked asked[64];
	size_t asked_count = 0;

	assert_ok(core_step(e->core, &in, e->now, &e->effects));
	for (size_t i = 0; i < e->effects.count; i++) {
		const struct core_effect *effect = &e->effects.items[i];

		switch (effect->kind) {
		case EFFECT_RECORD:
			keep_record(e, &effect->record);
			e->urgent += !effect->may_wait;
			break;
		case EFFECT_ROW:
			keep_row(e, &effect->row);
			break;
		case EFFECT_SEND:
			keep_frame(e, effect);
			break;
		case EFFECT_READ:
			assert_true(asked_count < EN_COUNT_OF(asked));
			asked[asked_count++] =
			    (struct asked){effect->id, effect->from, effect->until, effect->max_bytes};
			break;
		case EFFECT_REPLY:
			buf_clear(&e->reply);
			buf_put_view(&e->reply, effect->bytes);
			break;
		case EFFECT_FORGET:
			buf_printf(&e->forgotten, " %llu ", (unsigned long long)effect->peer);
			break;
		case EFFECT_LOG:
			buf_printf(&e->log, " %s ", effect->event);
			for (size_t f = 0; f < effect->field_count; f++) {
				if (effect->fields[f].kind == LOG_FIELD_TEXT) {
					buf_printf(&e->log, "%s=%s ", effect->fields[f].name, effect->fields[f].text);
				}
			}
			break;
		}
	}
	core_effects_clear(&e->effects);
	for (size_t i = 0; i < asked_count; i++) {
		answer_read(e, &asked[i]);
	}
}

void
engine_sync(struct engine *e)
{
	uint64_t before;

	do { // what becomes durable may let the engine record more
		before = e->record_count;
		engine_step(e, (struct core_input){.kind = INPUT_DURABLE, .sequence = before});
	} while (e->record_count > before);
}

void
engine_tick(struct engine *e, uint64_t ms)
{
	e->now.monotonic_ms += ms;
	e->now.wall_ms += (int64_t)ms;
	engine_step(e, (struct core_input){.kind = INPUT_TICK});
}

void
engine_space(struct engine *e, uint64_t bytes)
{
	engine_step(e, (struct core_input){.kind = INPUT_SPACE, .space_bytes = bytes});
}

// ---- restarts and folds --------------------------------------------------------------------------------------------

static struct core *
load(struct engine *e, bool from_checkpoint)
{
	struct core *core = new_core(e);
	uint64_t from = 0;

	for (size_t i = 0; i < e->row_count && from_checkpoint; i++) {
		if (!e->rows[i].is_deleted) {
			assert_ok(core_load_row(
			    core, e->rows[i].table, buf_view(&e->rows[i].key), buf_view(&e->rows[i].value)));
		}
	}
	from = from_checkpoint ? e->checkpoint : 0;
	if (from_checkpoint) {
		assert_int_equal(core_checkpoint_sequence(core), e->checkpoint);
	}
	for (size_t i = from; i < e->record_count; i++) {
		assert_ok(core_replay(core, &e->records[i]));
	}
	return core;
}

void
engine_restart(struct engine *e)
{
	engine_sync(e);
	engine_crash(e);
}

void
engine_crash(struct engine *e)
{
	core_free(&e->core);
	e->core = load(e, true);
	assert_ok(core_start(e->core, e->now));
	give_keys(e, NULL);
	engine_space(e, GIB(1));
	engine_sync(e);
}

void
engine_assert_folds(struct engine *e)
{
	struct core *tail = load(e, true), *zero = load(e, false);
	uint8_t live[32], other[32];

	core_digest(e->core, live);
	core_digest(tail, other);
	assert_memory_equal(live, other, sizeof(live));
	core_digest(zero, other);
	assert_memory_equal(live, other, sizeof(live));
	core_free(&tail);
	core_free(&zero);
}

double
engine_metric(struct engine *e, const char *sample)
{
	const char *at;
	char line[256];

	buf_clear(&e->scratch);
	buf_put_u8(&e->scratch, '\n');
	core_metrics(e->core, e->now, &e->scratch);
	snprintf(line, sizeof(line), "\n%s ", sample);
	at = strstr(buf_cstr(&e->scratch), line);
	return at == NULL ? 0.0 : strtod(at + strlen(line), NULL);
}

static double
labelled(struct engine *e, const char *name, const char *label, const char *value, const char *outcome)
{
	char sample[256];

	snprintf(sample, sizeof(sample), outcome == NULL ? "%s{%s=\"%s\"}" : "%s{%s=\"%s\",outcome=\"%s\"}", name,
	    label, value, outcome);
	return engine_metric(e, sample);
}

// The next value of that metric's label in what the metrics say; false: there is none behind *at.
static bool
next_named(const char **at, const char *metric, char name[96])
{
	size_t len;

	*at = strstr(*at, metric);
	if (*at == NULL) {
		return false;
	}
	*at += strlen(metric);
	len = strcspn(*at, "\"");
	assert_true(len > 0 && len < 96);
	memcpy(name, *at, len);
	name[len] = '\0';
	return true;
}

void
engine_assert_identities(struct engine *e)
{
	static const char *const words[] = {"recorded", "held", "refused"};
	static const char *const ends[] = {"taken", "dead", "discarded", "expired", "withheld", "erased"};
	const char *all, *at;
	char name[96];

	(void)engine_metric(e, "all of them");
	at = all = arena_text(&e->arena, buf_view(&e->scratch));
	while (next_named(&at, "\nenlace_ingest_received_total{agency=\"", name)) {
		double sum = 0;

		for (size_t i = 0; i < EN_COUNT_OF(words); i++) {
			sum += labelled(e, "enlace_ingest_events_total", "agency", name, words[i]);
		}
		assert_true(sum == labelled(e, "enlace_ingest_received_total", "agency", name, NULL));
	}
	at = all;
	while (next_named(&at, "\nenlace_subscription_matched_total{subscription=\"", name)) {
		double sum = labelled(e, "enlace_subscription_pending_events", "subscription", name, NULL);

		for (size_t i = 0; i < EN_COUNT_OF(ends); i++) {
			sum += labelled(e, "enlace_delivery_events_total", "subscription", name, ends[i]);
		}
		assert_true(sum == labelled(e, "enlace_subscription_matched_total", "subscription", name, NULL));
	}
}

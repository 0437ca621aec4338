// SPDX-License-Identifier: Apache-2.0
// A whole conversation with the engine, with the n-th request for memory failing: the engine says so, and nothing leaks. What it did by then is thrown away
// with it, as the daemon does.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "core/core.h"
#include "support/engine_rules.h"
#include "support/scarce.h"
#include "support/support.h"

#define NOW INT64_C(1795000000000)
#define EPOCH 17 // of the first session: the seed below, shifted

struct fixture {
	char *folder;
	struct schema *schema;
	struct rules *rules;
};

static int
set_up(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	struct findings findings;

	f->folder = engine_rules_folder();
	f->schema = engine_schema();
	findings_init(&findings);
	assert_ok(rules_load(f->folder, f->schema, &findings, &f->rules));
	findings_fini(&findings);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	rules_unref(&f->rules);
	schema_unref(&f->schema);
	test_folder_remove(f->folder);
	return 0;
}

// ---- the stage: what the daemon would do, without memory of its own ---------------------------------------------------

struct stage {
	struct core *core;
	struct core_effects effects;
	struct moment now;
	struct record records[32]; // sequence i + 1 at i
	uint8_t bytes[1 << 16];
	size_t used, count;
	uint64_t read; // asked for; 0: nothing
	size_t frames;
};

static struct stage stage;

static void
keep(struct stage *s)
{
	for (size_t i = 0; i < s->effects.count; i++) {
		const struct core_effect *e = &s->effects.items[i];

		s->frames += e->kind == EFFECT_SEND;
		s->read = e->kind == EFFECT_READ ? e->id : s->read;
		if (e->kind != EFFECT_RECORD) {
			continue;
		}
		assert_true(s->count < EN_COUNT_OF(s->records) && s->used + e->record.body.len <= sizeof(s->bytes));
		memcpy(s->bytes + s->used, e->record.body.data, e->record.body.len);
		s->records[s->count] = e->record;
		s->records[s->count++].body = view_of(s->bytes + s->used, e->record.body.len);
		s->used += e->record.body.len;
	}
}

static enum en_err
step(struct stage *s, const struct core_input *in)
{
	enum en_err err = core_step(s->core, in, s->now, &s->effects);

	if (err == EN_OK) {
		keep(s);
	}
	core_effects_clear(&s->effects);
	if (err == EN_OK && s->read != 0) {
		struct core_input records = {.kind = INPUT_RECORDS,
		    .id = s->read,
		    .next = s->count + 1,
		    .records = s->records,
		    .record_count = s->count};

		s->read = 0;
		return step(s, &records);
	}
	return err;
}

static enum en_err
sync(struct stage *s)
{
	return step(s, &(struct core_input){.kind = INPUT_DURABLE, .sequence = s->count});
}

static enum en_err
say(struct stage *s, uint64_t peer, uint32_t subject, const char *kind_and_json)
{
	static char frame[4096];
	int len = snprintf(frame, sizeof(frame), "EJ1%s", kind_and_json);
	enum en_err err = step(s,
	    &(struct core_input){
		.kind = INPUT_FRAME, .peer = peer, .subject = subject, .bytes = view_of(frame, (size_t)len)});

	return err == EN_OK ? sync(s) : err;
}

static enum en_err
ask(struct stage *s, enum ctl_verb verb, const struct ctl_arg *args)
{
	struct ctl_request request = {.verb = verb, .id = "r"};

	for (size_t i = 0; args != NULL && args[i].name != NULL; i++) {
		request.args[i] = args[i];
	}
	return step(s, &(struct core_input){.kind = INPUT_REQUEST, .request = 1, .ctl = &request});
}

#define EVENT(sequence, id, type, case_id, data)                                                                       \
	"\3{\"events\":[{\"sequence\":\"" sequence "\",\"event\":{\"specversion\":\"1.0\",\"id\":\"" id                \
	"\",\"source\":\"urn:enlace:"                                                                                  \
	"clinic\",\"type\":\"" type "\",\"partitionkey\":\"" case_id                                                   \
	"\",\"time\":\"2026-11-18T00:00:00Z\",\"data\":" data "}}]}"
#define INTAKE(folio, code) "{\"folio\":\"" folio "\",\"name\":\"Ana\",\"wishes\":[{\"code\":\"" code "\"}]}"

static enum en_err
converse(struct stage *s, struct rules *rules)
{
	static const struct core_key keys[] = {
	    {.agency = "clinic", .public_key = "a"}, {.agency = "child", .public_key = "b"}};
	static const struct ctl_arg show[] = {{.name = "position", .number = 1}, {.name = NULL}};
	static const struct ctl_arg release[] = {
	    {.name = "code", .text = "table_miss"}, {.name = "reason", .text = "x"}, {.name = NULL}};
	static const char *const words[] = {
	    "1\1{\"client\":\"r\",\"subscriptions\":[{\"subscription\":\"child-cases\"}]}",
	    "0\1{\"client\":\"c\",\"subscriptions\":[{\"subscription\":\"clinic-status\"}]}",
	    "0" EVENT("1", "e1", "clinic.v1.Intake", "c1", INTAKE("f1", "CHILD")),
	    "0" EVENT("2", "e2", "clinic.v1.Intake", "c2", INTAKE("f2", "ODD")),
	    "0" EVENT("3", "e3", "clinic.v1.Nothing", "c3", "{}"),
	    "0" EVENT("4", "e4", "clinic.v1.Intake", "c1", INTAKE("f1", "BED")),
	    "0" EVENT("5", "e5", "clinic.v1.Intake", "c5",
		"{\"folio\":\"f5\",\"wishes\":[{\"code\":\"BED\",\"whom\":\"child\"}]}"),
	    ("1\6{\"subscription\":\"child-cases\",\"epoch\":\"17\",\"settlements\":[{\"first\":\"64\",\"outcome\":\"TAKEN\","
	     "\"recipientReference\":\"own\"},{\"first\":\"256\",\"outcome\":\"LATER\"},"
	     "{\"first\":\"320\",\"outcome\":\"UNUSABLE\"}]}"),
	    "0\x0a{}",
	    "0\x09{\"type\":\"clinic.v1.Intake\"}",
	    "1\x0f{\"code\":\"x\"}",
	};
	enum en_err err = step(s, &(struct core_input){.kind = INPUT_KEYS, .keys = keys, .key_count = 2});

	for (size_t i = 0; i < EN_COUNT_OF(words) && err == EN_OK; i++) {
		err = say(s, words[i][0] == '0' ? 1 : 2, words[i][0] == '0' ? 0 : 1, words[i] + 1);
	}
	err = err == EN_OK ? ask(s, CTL_MSG_SHOW, show) : err;
	err = err == EN_OK ? ask(s, CTL_MSG_RELEASE, release) : err;
	err = err == EN_OK ? ask(s, CTL_STATUS, NULL) : err;
	err = err == EN_OK ? ask(s, CTL_METRICS, NULL) : err;
	err = err == EN_OK ? step(s, &(struct core_input){.kind = INPUT_RULES, .rules = rules}) : err;
	s->now.monotonic_ms += 6000;
	core_checkpoint_soon(s->core);
	err = err == EN_OK ? step(s, &(struct core_input){.kind = INPUT_TICK}) : err;
	return err == EN_OK ? step(s, &(struct core_input){.kind = INPUT_DRAIN}) : err;
}

static enum en_err
talk_once(void *context)
{
	struct fixture *f = context;
	struct core_options options = {.rules = f->rules, .version = "test", .epoch_seed = (uint64_t)EPOCH << 16};
	enum en_err err;

	stage.core = NULL;
	stage.used = stage.count = stage.frames = 0;
	stage.read = 0;
	stage.now = (struct moment){.monotonic_ms = 1000, .wall_ms = NOW};
	core_effects_init(&stage.effects);
	err = core_new(&options, &stage.core);
	if (err == EN_OK) {
		err = core_start(stage.core, stage.now);
	}
	if (err == EN_OK) {
		err = converse(&stage, f->rules);
	}
	core_free(&stage.core);
	core_effects_fini(&stage.effects);
	return err;
}

// The same records, folded at a start.
static enum en_err
replay_once(void *context)
{
	struct fixture *f = context;
	struct core_options options = {.rules = f->rules, .version = "test", .epoch_seed = 1};
	struct core *core = NULL;
	enum en_err err = core_new(&options, &core);

	for (size_t i = 0; i < stage.count && err == EN_OK; i++) {
		err = core_replay(core, &stage.records[i]);
	}
	core_free(&core);
	return err;
}

static void
a_conversation_fails_whole(void **state)
{
	assert_ok(talk_once(*state));
	assert_int_equal(stage.count, 7); // it is the conversation that was meant
	assert_true(stage.frames >= 12);
	scarce_sweep(talk_once, *state);
}

static void
a_start_fails_whole(void **state)
{
	assert_ok(talk_once(*state));
	scarce_sweep(replay_once, *state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_conversation_fails_whole),
	    cmocka_unit_test(a_start_fails_whole),
	};

	return cmocka_run_group_tests_name("core/memory", tests, set_up, tear_down);
}

// SPDX-License-Identifier: Apache-2.0
// The exposition, as Prometheus reads it (text format 0.0.4), and what no label may hold.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/engine.h"

#define NAME "abcdefghijklmnopqrstuvwxyz_"

// Something of everything: recorded, held, refused, taken, parked, dead.
static void
live(struct engine *e)
{
	engine_hello(e, 1, "clinic", "c", NULL);
	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	(void)engine_say(e, 1, "clinic.v1.Intake", "e-Ana", "c-Ana", engine_intake(e, "Ana", "CHILD"));
	(void)engine_say(e, 1, "clinic.v1.Intake", "e2", "c2", engine_intake(e, "f2", "ODD"));
	(void)engine_say(e, 1, "clinic.v1.Nothing", "e3", "c3", "{}");
	(void)engine_say(e, 1, "clinic.v1.Intake", "e4", "c4", engine_intake(e, "f4", "CHILD"));
	engine_settle(
	    e, 2, "child", "child-cases", engine_number(e, 2, 0), "\"outcome\":\"UNUSABLE\",\"code\":\"Ana\"");
	engine_settle(e, 2, "child", "child-cases", engine_number(e, 2, 1), "\"outcome\":\"TAKEN\"");
	engine_sync(e);
}

static char *
exposition(struct engine *e)
{
	struct buf out = BUF_EMPTY;
	char *text;

	core_metrics(e->core, e->now, &out);
	text = arena_text(&e->arena, buf_view(&out));
	buf_fini(&out);
	return text;
}

// A sample's labels, from behind the brace on; returns what follows the closing one.
static const char *
read_labels(const char *at)
{
	for (; *at != '}'; at += *at == ',') {
		size_t name = strspn(at, NAME);

		assert_true(name > 0 && strncmp(at + name, "=\"", 2) == 0);
		at += name + 2;
		at += strcspn(at, "\"\\\n"); // names of ours: nothing is escaped
		assert_true(*at == '"');
		at++;
	}
	return at + 1;
}

static void
every_line_is_of_its_family_and_every_family_stands_once(void **state)
{
	struct engine *e = *state;
	char *text, *line, *rest = NULL, family[128] = "";
	struct buf seen = BUF_EMPTY;
	size_t samples = 0;

	live(e);
	text = exposition(e);
	for (line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, "# HELP ", 7) == 0) {
			snprintf(family, sizeof(family), " %.*s ", (int)strcspn(line + 7, " "), line + 7);
			assert_null(strstr(buf_cstr(&seen), family));
			buf_put_str(&seen, family);
			assert_true(strlen(line) > 7 + strlen(family)); // it says something
			continue;
		}
		size_t name = strspn(line, NAME);
		const char *at = line + name;
		char *end;

		if (strncmp(line, "# TYPE ", 7) == 0) {
			assert_memory_equal(line + 7, family + 1, strlen(family) - 1);
			assert_true(strstr(line, " counter") != NULL || strstr(line, " gauge") != NULL);
			// A counter's name says so, and a gauge's does not.
			assert_int_equal(strstr(line, " counter") != NULL, strstr(family, "_total ") != NULL);
			continue;
		}
		assert_int_equal(name, strlen(family) - 2);
		assert_memory_equal(line, family + 1, name);
		at = *at == '{' ? read_labels(at + 1) : at;
		assert_true(*at == ' ');
		assert_true(strtod(at + 1, &end) >= 0.0);
		assert_true(*end == '\0');
		samples++;
	}
	assert_true(samples > 40);
	buf_fini(&seen);
}

// Neither a value, nor an id, nor a case, nor the recipient's word.
static void
no_label_says_what_a_record_or_a_peer_said(void **state)
{
	struct engine *e = *state;

	live(e);
	assert_null(strstr(exposition(e), "Ana"));
}

static void
what_is_kept_over_a_restart_is_told_the_same(void **state)
{
	static const char *const kept[] = {"enlace_ingest_received_total{agency=\"clinic\"}",
	    "enlace_ingest_refused_total{agency=\"clinic\",reason=\"not_permitted\"}",
	    "enlace_dlq_events{subscription=\"child-cases\",reason=\"rejected_by_recipient\"}", "enlace_held_events",
	    "enlace_referrals{state=\"DELIVERED\"}"};
	struct engine *e = *state;
	double before[EN_COUNT_OF(kept)];

	live(e);
	for (size_t i = 0; i < EN_COUNT_OF(kept); i++) {
		before[i] = engine_metric(e, kept[i]);
		assert_true(before[i] > 0.0);
	}
	engine_restart(e);
	for (size_t i = 0; i < EN_COUNT_OF(kept); i++) {
		assert_true(engine_metric(e, kept[i]) == before[i]);
	}
	engine_assert_identities(e);
}

#define T(f) cmocka_unit_test_setup_teardown(f, engine_setup, engine_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(every_line_is_of_its_family_and_every_family_stands_once),
	    T(no_label_says_what_a_record_or_a_peer_said),
	    T(what_is_kept_over_a_restart_is_told_the_same),
	};

	return cmocka_run_group_tests_name("core/metrics", tests, NULL, NULL);
}

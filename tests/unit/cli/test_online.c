// SPDX-License-Identifier: Apache-2.0
// The commands that talk to a broker: what they send, and what they make of the answer.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/broker.h"

// ---- operators -----------------------------------------------------------------------------------------------------------------------------

static void
a_verb_is_sent_with_its_arguments(void **state)
{
	struct broker *b = *state;

	b->reply = "{\"ok\":true,\"id\":\"1\",\"rows\":[]}";
	run_operator(b, "msg", "ls", "--state", "held", "--limit", "5");
	assert_ended(&b->p, 0);
	assert_string_equal(
	    buf_cstr(&b->seen), "{\"verb\":\"msg.ls\",\"id\":\"1\",\"args\":{\"state\":\"held\",\"limit\":\"5\"}}");
	run_operator(b, "msg", "release", "12", "--reason", "row added");
	assert_string_equal(buf_cstr(&b->seen),
	    "{\"verb\":\"msg.release\",\"id\":\"1\",\"args\":{\"reason\":\"row added\",\"position\":\"12\"}}");
	run_operator(b, "msg", "release", "--code", "table_miss", "--reason", "row added");
	assert_string_equal(buf_cstr(&b->seen),
	    "{\"verb\":\"msg.release\",\"id\":\"1\",\"args\":{\"code\":\"table_miss\",\"reason\":\"row added\"}}");
}

static void
rows_become_a_table_and_moments_ages(void **state)
{
	struct broker *b = *state;
	char reply[512];

	snprintf(reply, sizeof(reply),
	    "{\"ok\":true,\"id\":\"1\",\"digest\":\"ab\",\"rows\":[{\"name\":\"unicef-cases\",\"pending\":3,\"oldest_ms\":%lld,\"attached\":true},"
	    "{\"name\":\"x\",\"pending\":0,\"oldest_ms\":0,\"attached\":false},{\"name\":\"y\",\"pending\":1,\"oldest_ms\":300000,\"attached\":null}]}",
	    (long long)clock_now().wall_ms - INT64_C(3) * 3600000);
	b->reply = reply;
	run_operator(b, "sub", "ls");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out),
	    "digest             ab\n\nrows\nname          pending  oldest  attached\nunicef-cases  3        3 h     yes\n"
	    "x             0        -       no\ny             1        5 min   -\n");
}

static void
one_thing_is_told_line_by_line_with_the_clock(void **state)
{
	struct broker *b = *state;

	b->reply =
	    "{\"ok\":true,\"id\":\"1\",\"message\":{\"id\":\"e-1\",\"recorded_ms\":1795470305123,\"missed\":[\"unicef\",\"comar\"]}}";
	run_operator(b, "msg", "show", "7");
	assert_ended(&b->p, 0);
	assert_said(&b->p.out, "message\n  id                 e-1\n  recorded           2026-11-23 21:45:05 (");
	assert_said(&b->p.out, "  missed             unicef, comar\n");
}

static void
rows_within_a_row_come_below_under_its_name(void **state)
{
	struct broker *b = *state;

	b->reply =
	    "{\"ok\":true,\"id\":\"1\",\"outputs\":[{\"number\":\"65\",\"missed\":[],\"deliveries\":[{\"to\":\"unicef\",\"hidden\":[\"a\",\"b\"]}]},"
	    "{\"number\":\"66\",\"missed\":[],\"deliveries\":[]}]}";
	run_operator(b, "msg", "show", "7");
	assert_ended(&b->p, 0);
	assert_string_equal(
	    buf_cstr(&b->p.out), "\noutputs\nnumber\n65\n66\n\n65: deliveries\nto      hidden\nunicef  a, b\n");
}

static void
a_remedy_is_said_in_the_readers_language(void **state)
{
	struct broker *b = *state;

	b->reply =
	    "{\"ok\":true,\"id\":\"1\",\"journal\":{\"damaged\":4,\"positions\":[\"7\",\"12-14\"],\"remedy\":\"look at the disk, and restore "
	    "the journal from a copy in which these positions are whole\",\"all_verified_ms\":0}}";
	run_operator(b, "status");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out),
	    "journal\n  damaged            4\n  positions          7, 12-14\n  remedy             look at the disk, and restore the "
	    "journal from a copy in which these positions are whole\n  all_verified       -\n");
	b->language = "es_MX.UTF-8";
	run_operator(b, "status");
	assert_said(&b->p.out, "remedy             revise el disco y restaure el diario de una copia");
	run_operator(b, "status", "--format", "json");
	assert_string_equal(buf_cstr(&b->p.out), arena_printf(&b->arena, "%s\n", b->reply));
}

// Peers choose ids; a terminal must not obey them.
static void
control_characters_do_not_reach_the_terminal(void **state)
{
	struct broker *b = *state;

	b->reply =
	    "{\"ok\":true,\"id\":\"1\",\"note\":\"a\\u001b[2Jb\\u009bc\",\"rows\":[{\"id\":\"x\\u001b]0;t\\u0007y\",\"n\":1}]}";
	run_operator(b, "msg", "ls");
	assert_ended(&b->p, 0);
	assert_said(&b->p.out, "a?[2Jb??c");
	assert_said(&b->p.out, "x?]0;t?y");
	assert_not_said(&b->p.out, "\033");
}

static void
json_is_handed_on_as_it_came(void **state)
{
	struct broker *b = *state;

	b->reply = "{\"ok\":true,\"id\":\"1\",\"rows\":[]}";
	run_operator(b, "status", "--format", "json");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out), "{\"ok\":true,\"id\":\"1\",\"rows\":[]}\n");
}

static void
a_refusal_is_told_and_ends_with_its_code(void **state)
{
	struct broker *b = *state;

	b->reply = "{\"ok\":false,\"id\":\"1\",\"code\":\"not_permitted\",\"text\":\"ask somebody\"}";
	run_operator(b, "reload");
	assert_ended(&b->p, 77);
	assert_said(&b->p.err, "not_permitted: ask somebody");
	b->reply = "{\"ok\":false,\"id\":\"1\",\"code\":\"not_found\",\"text\":\"no such message\"}";
	run_operator(b, "msg", "show", "9");
	assert_ended(&b->p, 1);
	b->reply = "{\"ok\":fal";
	run_operator(b, "status");
	assert_ended(&b->p, 76);
}

// ---- agencies --------------------------------------------------------------------------------------------------------------------------------

static void
an_event_is_published_and_the_answer_told(void **state)
{
	struct broker *b = *state;
	Enlace__V1__Answer answer = ENLACE__V1__ANSWER__INIT;
	char *record = test_write_text(b->folder, "acta.json", "{\"FOLIO_ACTA\":\"F-1\"}");

	answer.sequence = 10;
	answer.verdict = ENLACE__V1__VERDICT__RECORDED;
	answer.position = 4;
	answer.outputs = 2;
	b->answer = &answer;
	run_agency(b, "publish", record, "--type", "inm.v1.Acta", "--source", "urn:enlace:inm", "--id", "a-1", "--case",
	    "C-1");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out), "recorded at 4, 2 outputs\n");
	assert_string_equal(buf_cstr(&b->seen),
	    "HELLO enlace-publish 0\nPONG\nPUBLISH 10 a-1 urn:enlace:inm inm.v1.Acta C-1 {\"FOLIO_ACTA\":\"F-1\"}\nBYE\n");

	answer.verdict = ENLACE__V1__VERDICT__HELD;
	answer.code = (char *)(uintptr_t) "table_miss";
	answer.field = (char *)(uintptr_t) "SEXO";
	run_agency(b, "publish", record, "--type", "inm.v1.Acta", "--source", "urn:enlace:inm", "--id", "a-1", "--case",
	    "C-1", "--supersedes", "--format", "json");
	assert_ended(&b->p, 1);
	assert_string_equal(buf_cstr(&b->p.out),
	    "{\"verdict\":\"held\",\"position\":4,\"outputs\":2,\"code\":\"table_miss\",\"field\":\"SEXO\"}\n");
	assert_said(&b->seen, "C-1 supersedes {");

	b->language = "es_MX.UTF-8";
	run_agency(b, "publish", record, "--type", "inm.v1.Acta", "--source", "urn:enlace:inm", "--id", "a-1", "--case",
	    "C-1");
	assert_string_equal(buf_cstr(&b->p.out), "held en 4, 2 salidas: table_miss en SEXO\n");
	b->language = NULL;

	answer.verdict = ENLACE__V1__VERDICT__BUSY;
	run_agency(b, "publish", record, "--type", "inm.v1.Acta", "--source", "urn:enlace:inm", "--id", "a-1", "--case",
	    "C-1");
	assert_ended(&b->p, 75);
	free(record);
}

static void
a_key_that_others_can_read_is_refused(void **state)
{
	struct broker *b = *state;

	assert_int_equal(chmod(b->secret_file, 0644), 0);
	run_operator(b, "status");
	assert_ended(&b->p, 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BROKER_TEST(a_verb_is_sent_with_its_arguments),
	    BROKER_TEST(rows_become_a_table_and_moments_ages),
	    BROKER_TEST(one_thing_is_told_line_by_line_with_the_clock),
	    BROKER_TEST(rows_within_a_row_come_below_under_its_name),
	    BROKER_TEST(a_remedy_is_said_in_the_readers_language),
	    BROKER_TEST(control_characters_do_not_reach_the_terminal),
	    BROKER_TEST(json_is_handed_on_as_it_came),
	    BROKER_TEST(a_refusal_is_told_and_ends_with_its_code),
	    BROKER_TEST(an_event_is_published_and_the_answer_told),
	    BROKER_TEST(a_key_that_others_can_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

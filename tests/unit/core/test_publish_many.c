// SPDX-License-Identifier: Apache-2.0
// One frame with events of every fate, each among others: what one leaves behind in memory that serves again is nobody else's. Peer 1 is
// the clinic, 2 the child agency.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/engine.h"

#define FATES 5
#define EVENTS 50

// Which one it is decides what becomes of it, and what it is about decides what is said of it.
static void
put_event(struct buf *b, int i)
{
	static const char *const rest[FATES] = {
	    "\"name\":\"Ana\",\"wishes\":[{\"code\":\"CHILD\"},{\"code\":\"CHILD\"}]",
	    "\"wishes\":[{\"code\":{}}]",
	    "\"name\":\"Ana\",\"wishes\":[{\"code\":\"ODD\"}]",
	    "\"name\":{}",
	    "\"name\":\"Ana\",\"wishes\":[{\"code\":\"CHILD\"},{\"code\":\"CHILD\"}]",
	};
	int about = i % FATES == FATES - 1 ? i - FATES + 1 : i; // the last of five is the first of them again

	buf_printf(b,
	    "%s{\"sequence\":\"%d\",\"event\":{\"specversion\":\"1.0\",\"id\":\"e%d\",\"source\":\"urn:enlace:clinic\","
	    "\"type\":\"clinic.v1.Intake\",\"partitionkey\":\"c%d\",\"data\":{\"folio\":\"f%d\",%s}}}",
	    i == 0 ? "" : ",", i + 1, about, about, about, rest[i % FATES]);
}

static void
publish_all(struct engine *e)
{
	struct buf json = BUF_EMPTY;

	buf_put_str(&json, "{\"events\":[");
	for (int i = 0; i < EVENTS; i++) {
		put_event(&json, i);
	}
	buf_put_str(&json, "]}");
	engine_send(e, 1, "clinic", FRAME_PUBLISH, buf_cstr(&json));
	buf_fini(&json);
	engine_sync(e);
}

static void
each_event_of_a_frame_gets_its_own_word(void **state)
{
	static const struct {
		Enlace__V1__Verdict verdict;
		const char *code, *field;
	} words[FATES] = {
	    {ENLACE__V1__VERDICT__RECORDED, "", ""},
	    {ENLACE__V1__VERDICT__REFUSED, "schema_invalid", "wishes.0.code"},
	    {ENLACE__V1__VERDICT__HELD, "table_miss", "wishes.code"},
	    {ENLACE__V1__VERDICT__REFUSED, "schema_invalid", "name"},
	    {ENLACE__V1__VERDICT__DUPLICATE, "", ""},
	};
	struct engine *e = *state;
	const struct engine_frame *f;

	engine_hello(e, 1, "clinic", "c", NULL);
	publish_all(e);
	f = engine_newest(e, 1, FRAME_PUBLISHED);
	assert_non_null(f);
	assert_int_equal(f->frame.u.published->n_answers, EVENTS);
	for (int i = 0; i < EVENTS; i++) {
		const Enlace__V1__Answer *a = f->frame.u.published->answers[i];

		assert_int_equal(a->sequence, i + 1);
		assert_int_equal(a->verdict, words[i % FATES].verdict);
		assert_string_equal(a->code, words[i % FATES].code);
		assert_string_equal(a->field, words[i % FATES].field);
	}
	engine_assert_identities(e);
	engine_assert_folds(e);
}

static void
each_event_of_a_frame_is_delivered_as_what_it_was(void **state)
{
	struct engine *e = *state;

	engine_hello(e, 2, "child", "r", "[{\"subscription\":\"child-cases\"}]");
	engine_hello(e, 1, "clinic", "c", NULL);
	publish_all(e);
	assert_string_equal(
	    engine_delivered(e, 2), "f0 f0 f5 f5 f10 f10 f15 f15 f20 f20 f25 f25 f30 f30 f35 f35 f40 f40 f45 f45");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_event_of_a_frame_gets_its_own_word, engine_setup, engine_teardown),
	    cmocka_unit_test_setup_teardown(
		each_event_of_a_frame_is_delivered_as_what_it_was, engine_setup, engine_teardown),
	};

	return cmocka_run_group_tests_name("core/publish_many", tests, NULL, NULL);
}

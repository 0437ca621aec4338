// SPDX-License-Identifier: Apache-2.0
// An item of which a recipient may know nothing is as if it were not in the list: it is not picked, not counted, and no event of its own.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

#define ALONE "{\"numero\": \"C\", \"hechos\": [{\"lugar\": \"A\"}]}"
// The others say only what happened, at some depth.
static const char *const with_others[] = {"{\"numero\": \"C\", \"hechos\": [{\"relato\": \"x\"}, {\"lugar\": \"A\"}]}",
    "{\"numero\": \"C\", \"hechos\": [{\"lugar\": \"A\"}, {\"relato\": \"x\"}]}",
    "{\"numero\": \"C\", \"hechos\": [{\"dentro\": {\"relato\": \"x\"}}, {\"lugar\": \"A\", \"relato\": \"x\"}, {\"dentro\": {}}, {}]}"};

static void
expediente_to_vista(struct probe *p, const char *head, const char *set)
{
	compile_ok(p, mapping_text(p, "probe.v1.Expediente", "probe.v1.Vista", head, set));
}

static void
only_what_shows_something_is_picked_or_counted(void **state)
{
	static const char *const picks[] = {"one", "first", "last"};
	struct probe *p = *state;

	for (size_t i = 0; i < EN_COUNT_OF(picks); i++) {
		expediente_to_vista(p, "",
		    arena_printf(&p->arena,
			"  numero: numero\n  nota: {from: h.lugar, item_of: hechos, called: h, only: %s}\n", picks[i]));
		plan_with(p, grants_of(LABEL_LOCATION, GRANT_FULL));
		assert_becomes(p, ALONE, "{\"numero\":\"C\",\"nota\":\"A\"}");
		for (size_t t = 0; t < EN_COUNT_OF(with_others); t++) {
			assert_becomes(p, with_others[t], "{\"numero\":\"C\",\"nota\":\"A\"}");
		}
	}
	// Who may know everything is told that there are several.
	expediente_to_vista(p, "", "  nota: {from: h.lugar, item_of: hechos, called: h}\n");
	plan_with(p, grants_all());
	assert_fault(p, with_others[0], REASON_AMBIGUOUS, "nota", "hechos");
}

static void
events_are_as_many_as_the_items_that_show_something(void **state)
{
	struct probe *p = *state;

	expediente_to_vista(p, "one_event_per: {item_of: hechos, called: h}\n", "  numero: numero\n  nota: h.lugar\n");
	plan_with(p, grants_of(LABEL_LOCATION, GRANT_FULL));
	assert_becomes(p, ALONE, "{\"numero\":\"C\",\"nota\":\"A\"}");
	for (size_t t = 0; t < EN_COUNT_OF(with_others); t++) {
		assert_becomes(p, with_others[t], "{\"numero\":\"C\",\"nota\":\"A\"}");
	}
	plan_with(p, grants_all());
	assert_ok(run_json(p, with_others[2]));
	assert_int_equal(p->run.output_count, 4);
}

static void
what_the_person_withheld_does_not_count_either(void **state)
{
	const char *relato[] = {"hechos.relato", "hechos.dentro", NULL},
		   *both[] = {"hechos.relato", "hechos.lugar", "hechos.dentro", NULL};
	struct probe *p = *state;

	expediente_to_vista(p, "one_event_per: {item_of: hechos, called: h}\n", "  numero: numero\n  nota: h.lugar\n");
	plan_with(p, grants_all());
	p->env.masked = relato;
	for (size_t t = 0; t < EN_COUNT_OF(with_others); t++) {
		assert_becomes(p, with_others[t], "{\"numero\":\"C\",\"nota\":\"A\"}");
	}
	// How many there are is all that would be left.
	p->env.masked = both;
	assert_ok(run_json(p, with_others[2]));
	assert_int_equal(p->run.output_count, 0);
	p->env.masked = relato + 1;
	expediente_to_vista(p, "", "  nota: {from: h.lugar, item_of: hechos, called: h, only: last}\n");
	plan_with(p, grants_all());
	assert_becomes(p, "{\"hechos\": [{\"lugar\": \"A\"}, {\"dentro\": {\"lugar\": \"B\"}}]}", "{\"nota\":\"A\"}");
}

// An expression sees the list as it is: who may not know of every item is not told by it which is the first, or how many there are.
static void
an_expression_over_items_needs_the_list(void **state)
{
	static const char *const texts[] = {"hechos[0].lugar", "hechos.map(h, h.lugar)[0]", "string(hechos.size())",
	    "hechos.exists(h, h.lugar == 'A') ? 'a' : 'b'", "(hechos + hechos)[0].lugar",
	    "hechos[?0].?lugar.orValue('')"};
	struct probe *p = *state;
	size_t count = 0;

	for (size_t i = 0; i < EN_COUNT_OF(texts); i++) {
		expediente_to_vista(p, "", arena_printf(&p->arena, "  nota: {cel: \"%s\"}\n", texts[i]));
		plan_with(p, grants_of(LABEL_LOCATION, GRANT_FULL));
		(void)plan_hidden_fields(p->plan, &count);
		assert_int_equal(count, 1);
		plan_with(p, grants_all());
		assert_ok(run_json(p, ALONE));
	}
}

// What one of two types that hold each other withholds, the other withholds too, whichever was looked at first.
static void
types_inside_each_other_withhold_alike(void **state)
{
	struct probe *p = *state;
	size_t count = 0;

	compile_ok(p,
	    mapping_text(p, "probe.v1.Plano", "probe.v1.PlanoVisto", "",
		"  ala: ala\n  nota: {from: b.ala.lugar, item_of: bordes, called: b, only: first}\n"));
	plan_with(p, grants_of(LABEL_LOCATION, GRANT_FULL));
	assert_becomes(p, "{\"ala\":{\"lugar\":\"A\",\"borde\":{\"ala\":{\"lugar\":\"B\",\"relato\":\"x\"}}}}",
	    "{\"ala\":{\"lugar\":\"A\",\"borde\":{\"ala\":{\"lugar\":\"B\"}}}}");
	// That there is something is all that would be told.
	assert_becomes(
	    p, "{\"ala\":{\"lugar\":\"A\",\"borde\":{\"ala\":{\"relato\":\"x\"}}}}", "{\"ala\":{\"lugar\":\"A\"}}");
	assert_becomes(
	    p, "{\"bordes\":[{\"ala\":{\"relato\":\"x\"}},{\"ala\":{\"lugar\":\"A\"}}]}", "{\"nota\":\"A\"}");
	// Nothing of a message is nothing however often it holds itself.
	plan_with(p, grants_none());
	(void)plan_hidden_fields(p->plan, &count);
	assert_int_equal(count, 2);
	plan_with(p, grants_all());
	(void)plan_hidden_fields(p->plan, &count);
	assert_int_equal(count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(only_what_shows_something_is_picked_or_counted),
	    probe_test(events_are_as_many_as_the_items_that_show_something),
	    probe_test(an_expression_over_items_needs_the_list),
	    probe_test(what_the_person_withheld_does_not_count_either),
	    probe_test(types_inside_each_other_withhold_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

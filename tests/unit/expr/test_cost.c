// SPDX-License-Identifier: Apache-2.0
// What a run may cost: whatever a program does, the budget pays for it, so that no expression and no payload hold a thread for longer than the budget lasts.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "expr/run_int.h"
#include "unit/expr/run.h"

#define LONG_BYTES ((size_t)256 * 1024)

// Runs the text, unchecked, with `other` bound; *ret_spent: of the budget.
static enum en_err
run_with(struct run_kit *k, const char *text, struct cel_value other, struct cel_value *ret, uint64_t *ret_spent)
{
	struct cel_program_options options = {.schema = k->schema};
	struct cel_value variables[2] = {cel_message(&k->ix, 0), other};
	struct cel_fault fault;
	struct cel_program *program = NULL;
	struct cel_ast *ast;
	struct arena arena;
	enum en_err err;

	arena_init(&arena, 0);
	assert_ok(cel_parse(&arena, view_text(text), &k->env.limits, &ast, &fault));
	assert_ok(cel_resolve(ast, &k->env));
	assert_ok(cel_program_build(ast, &options, &program, &fault));
	err = cel_run_program(k->run, program, variables, ret);
	*ret_spent = LIMIT_EXPR_RUN_COST - k->run->cost;
	cel_program_fini(program);
	arena_fini(&arena);
	return err;
}

static struct cel_value
long_text(struct run_kit *k, char c)
{
	uint8_t *data = arena_alloc(&k->arena, LONG_BYTES);

	assert_non_null(data);
	memset(data, c, LONG_BYTES);
	return cel_string(view_of(data, LONG_BYTES));
}

// A list of that many whole numbers.
static struct cel_value
long_list(struct run_kit *k, uint32_t count)
{
	struct cel_value list;

	assert_true(cel_list_new(&k->arena, count, &list));
	for (uint32_t i = 0; i < count; i++) {
		assert_true(cel_list_append(&k->arena, &list, cel_int(i)));
	}
	return list;
}

static void
a_long_text_costs_by_its_length(void **state)
{
	static const char *const texts[] = {"other == '' + other", "other < '' + other", "size(other)",
	    "other.contains('x')", "other.indexOf('x')", "other.lastIndexOf('x')", "other.charAt(3)",
	    "other.substring(1)", "other.trim()", "other.lowerAscii()", "other.reverse()", "other.replace('x', 'y')",
	    "other.split('x')", "[other, other].join()", "strings.quote(other)", "other + other",
	    "'%s'.format([other])", "'%x'.format([other])", "int(other)", "uint(other)", "duration(other)",
	    "bytes(other) + b'x'", "string(bytes(other))", "base64.encode(bytes(other))", "base64.decode(other + '!')",
	    "other.startsWith(other)", "other.endsWith(other)", "other.matches('x')", "{'a': 1}[?other]",
	    "other in {'a': 1}", "{other: 1}", "['a'].transformMapEntry(i, v, {other: v})", "Leaf{b: other}",
	    "Leaf{b: other, a: dyn('x')}"};
	struct cel_value zeros = long_text(*state, '0'), v;
	uint64_t spent;

	for (size_t i = 0; i < EN_COUNT_OF(texts); i++) {
		(void)!run_with(*state, texts[i], zeros, &v, &spent);
		if (spent < LONG_BYTES / 256) {
			fail_msg("%s takes %llu steps of a text of %zu bytes", texts[i], (unsigned long long)spent,
			    LONG_BYTES);
		}
	}
}

// A Whole of one field, whose content has one, whose content is a long text; 0: there is no field within.
static void
carry(struct run_kit *k, uint32_t field, uint32_t within, struct view text, struct buf *payload)
{
	struct buf content = BUF_EMPTY;

	if (within > 0) {
		buf_put_varint(&content, within << 3 | WIRE_LEN);
		buf_put_text(&content, text);
	}
	buf_clear(payload);
	buf_put_varint(payload, field << 3 | WIRE_LEN);
	buf_put_text(payload, within > 0 ? buf_view(&content) : text);
	assert_ok(index_build(&k->ix, schema_type_by_name(k->schema, "probe.v1.Whole"), buf_view(payload), NULL));
	buf_fini(&content);
}

// What is looked up or compared without being a text to the expression: a key of a map, the name of an Any's type, a field that nobody knows.
static void
what_a_message_carries_costs_by_its_length(void **state)
{
	static const struct {
		uint32_t field, within;
		const char *text;
		uint64_t times;
	} cases[] = {{25, 1, "data.counts", 1}, {25, 1, "data.counts == data.counts", 2}, {32, 1, "data.any", 1},
	    {1000, 0, "data == data", 1}};
	struct run_kit *k = *state;
	struct view text = cel_text(long_text(k, 'k'));
	struct buf payload = BUF_EMPTY;
	struct cel_value v;
	uint64_t spent;

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		carry(k, cases[i].field, cases[i].within, text, &payload);
		(void)!run_with(k, cases[i].text, cel_null(), &v, &spent);
		if (spent < cases[i].times * LONG_BYTES / 16) {
			fail_msg("%s takes %llu steps", cases[i].text, (unsigned long long)spent);
		}
	}
	buf_fini(&payload);
}

static void
a_turn_of_a_loop_costs_what_stands_in_it(void **state)
{
	struct cel_value list = long_list(*state, 1000), v;
	struct buf text = BUF_EMPTY;
	uint64_t small, large;

	assert_ok(run_with(*state, "other.all(i, i >= 0)", list, &v, &small));
	buf_put_str(&text, "other.all(i, i >= 0");
	for (int k = 0; k < 50; k++) {
		buf_put_str(&text, " && dyn(i) != -1");
	}
	buf_put_str(&text, ")");
	assert_ok(run_with(*state, buf_cstr(&text), list, &v, &large));
	assert_true(v.boolean);
	assert_true(large > 10 * small);
	buf_fini(&text);
}

// What was made is counted before it is there: the message would have four gigabytes.
static void
a_message_is_refused_while_it_grows(void **state)
{
	struct run_kit *k = *state;
	struct cel_value parts[2] = {long_text(k, 'x'), long_list(k, 16384)}, list, v;
	uint64_t spent;

	assert_true(cel_list_new(&k->arena, 2, &list));
	assert_true(cel_list_append(&k->arena, &list, parts[0]) && cel_list_append(&k->arena, &list, parts[1]));
	assert_err(EN_ELIMIT, run_with(k, "Whole{texts: other[1].map(i, other[0])}", list, &v, &spent));
	assert_true(k->run->scratch.cap < 4U * LIMIT_EXPR_RUN_BYTES);
	assert_err(EN_ELIMIT, run_with(k, "Whole{value: other[1].map(i, other[0])}", list, &v, &spent));
	assert_true(k->run->scratch.cap < 4U * LIMIT_EXPR_RUN_BYTES);
	assert_err(EN_ELIMIT, run_with(k, "'%s'.format([other[1].map(i, other[0])])", list, &v, &spent));
	assert_true(k->run->scratch.cap < 8U * LIMIT_EXPR_RUN_BYTES);
}

static void
a_run_has_steps_and_bytes_to_the_limit_and_no_more(void **state)
{
	struct cel_run *run = ((struct run_kit *)*state)->run;

	cel_run_reset(run);
	assert_true(run_charge(run, LIMIT_EXPR_RUN_COST));
	assert_int_equal(run->err, EN_OK);
	assert_false(run_charge(run, 1));
	assert_int_equal(run->err, EN_ELIMIT);
	cel_run_reset(run);
	assert_non_null(run_alloc(run, LIMIT_EXPR_RUN_BYTES));
	assert_int_equal(run->err, EN_OK);
	assert_null(run_alloc(run, 1));
	assert_int_equal(run->err, EN_ELIMIT);
	cel_run_reset(run);
	assert_null(run_alloc(run, LIMIT_EXPR_RUN_BYTES + 1));
	assert_int_equal(run->err, EN_ELIMIT);
}

// What is refused need not come when half of the memory is in use.
static void
what_does_not_fit_the_memory_is_over_the_limit(void **state)
{
	struct cel_value x = long_text(*state, 'x'), v;
	uint64_t spent;

	_Static_assert(6 * LONG_BYTES < LIMIT_EXPR_RUN_BYTES / 2 && 18 * LONG_BYTES > LIMIT_EXPR_RUN_BYTES, "");
	assert_err(EN_ELIMIT,
	    run_with(*state, "cel.bind(x, [other, other, other, other, other, other].join(), x + x)", x, &v, &spent));
}

// A search needs room for each step of its pattern; that of the one before is used again.
static void
searches_in_a_loop_share_their_room(void **state)
{
	struct cel_value list = long_list(*state, 2000), v;
	uint64_t spent;

	assert_ok(run_with(*state, "other.all(i, !'b'.matches('^a{1000}$'))", list, &v, &spent));
	assert_true(v.boolean);
	assert_ok(run_with(*state, "other.all(i, !'b'.matches('^a{10}' + '{2}$') || true)", list, &v, &spent));
	assert_ok(run_with(*state, "other.all(i, !'b'.matches('^a{20' + '}$'))", list, &v, &spent));
	assert_true(v.boolean);
	// A category is a large class, which takes its time each time that it is read.
	assert_err(EN_ELIMIT, run_with(*state, "other.all(i, !'1'.matches('^' + r'\\pL$'))", list, &v, &spent));
}

// Items whose message is not set all read the same empty one.
static void
what_is_not_set_is_made_once(void **state)
{
	struct cel_value list = long_list(*state, 5000), v;
	uint64_t spent;

	assert_ok(run_with(*state, "cel.bind(l, Leaf{a: 1}, other.all(i, dyn(l).leaf.a == 0))", list, &v, &spent));
	assert_true(v.boolean);
}

// A loop that asks for the same list of a message in every turn gets the one that was made in the first.
static void
a_list_of_a_message_is_made_once(void **state)
{
	struct cel_value list = long_list(*state, 1000), v;
	uint64_t spent;

	assert_ok(run_with(*state, "cel.bind(w, Whole{packed: other}, other.all(i, i in w.packed))", list, &v, &spent));
	assert_true(v.boolean);
	assert_ok(run_with(*state,
	    "cel.bind(w, Whole{packed: [1]}, w.packed + [2] == [1, 2] && w.packed + [3] == [1, 3] && w.packed == [1])",
	    list, &v, &spent));
	assert_true(v.boolean);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_long_text_costs_by_its_length, run_open, run_close),
	    cmocka_unit_test_setup_teardown(what_a_message_carries_costs_by_its_length, run_open, run_close),
	    cmocka_unit_test_setup_teardown(a_turn_of_a_loop_costs_what_stands_in_it, run_open, run_close),
	    cmocka_unit_test_setup_teardown(a_message_is_refused_while_it_grows, run_open, run_close),
	    cmocka_unit_test_setup_teardown(a_run_has_steps_and_bytes_to_the_limit_and_no_more, run_open, run_close),
	    cmocka_unit_test_setup_teardown(what_does_not_fit_the_memory_is_over_the_limit, run_open, run_close),
	    cmocka_unit_test_setup_teardown(searches_in_a_loop_share_their_room, run_open, run_close),
	    cmocka_unit_test_setup_teardown(what_is_not_set_is_made_once, run_open, run_close),
	    cmocka_unit_test_setup_teardown(a_list_of_a_message_is_made_once, run_open, run_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

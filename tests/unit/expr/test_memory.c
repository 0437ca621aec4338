// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at the first, second, ... request, until everything succeeds: each failure is told, nothing leaks, nothing is half done, and the run
// that failed serves the next program. The Makefile links tests of this name with malloc, calloc, realloc and free wrapped.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "expr/run_int.h"
#include "support/scarce.h"
#include "unit/expr/run.h"

// Something of everything: constants, a pattern, a zone, lists that grow, maps with a table, messages made, encoded and indexed, an Any opened.
static const char everything[] =
    "data.text.matches('^[A-Z](n|m){1,3}a$') && data.at.getHours('America/Mexico_City') == 17 && size([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(x, "
    "[x, x])) == 10 && [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].transformMap(i, v, string(v) + data.text)[9] == '9Ana' && Whole{any: Leaf{a: 3, list: "
    "[1, 2]}, value: {'k': [1, 'x']}, counts: {'c': 1}}.any.a == 3 && data.any.a == 4 && '%s %d'.format([data.struct, 5]).size() > 10 && "
    "'a,b'.split(',').join('-').replace('-', '+') == 'a+b' && 'x'.matches(string('^x|y$')) && optional.of(data.leaf).hasValue()";

// Messages that become JSON, maps written in order, what stands for nothing, names of a container, patterns and zones that are known only at run time.
static const char the_rest[] =
    "'%s'.format([{'b': 1, 'a': [2u, 3.5], 'c': data.struct}]).size() > 20 && Whole{value: data.leaf, struct: {'k': data.lasts, 'l': b'x'}}.value.b == 'x' && "
    "[1, 2][?5].or(optional.of(7)).optMap(v, v + 1).orValue(1 / 0) == 8 && data.leaves.exists(l, l.leaf.a == 0) && data.counts.all(k, v, v > 0 && k.size() == 3) && "
    "[3, 1, 2].map(x, x > 1, string(x)).join(',').lowerAscii().replace('', '-').reverse().charAt(2) != '' && cel.bind(s, 'x' + data.text, s.matches('x' + '[A-z]+$')) && "
    "math.greatest(data.i32, 2.5, 3u) == 13 && proto.hasExt(old.v1.Old{`old.v1.extra`: 'x'}, old.v1.extra) && timestamp('2024-02-29T12:00:00Z') - data.at > "
    "duration('1h30m') && base64.decode(base64.encode(data.raw)) == data.raw && strings.quote('a\\n') == '\"a\\\\n\"' && data.at.getHours('-06:00') == 17 && "
    "{'1': 1, '2': 2, '3': 3, '4': 4, '5': 5, '6': 6, '7': 7, '8': 8, '9': 9, '10': 10}.transformMapEntry(k, v, {string(v) + k: v}).size() == 10 && "
    "Whole{any: google.protobuf.Duration{seconds: 1}}.any == duration('1s') && google.protobuf.Value{string_value: 'x'} == 'x' && [data.leaf] == [data.leaf]";
static const char *text = everything;

// As far as the step goes with what memory it is given.
static enum en_err
compile_once(struct run_kit *k, struct arena *arena, struct cel_program **ret)
{
	const struct cel_program_options options = {.schema = k->schema};
	struct cel_fault fault = {.err = EN_OK};
	struct cel_ast *ast;
	enum en_err err = cel_parse(arena, view_text(text), &k->env.limits, &ast, &fault);

	err = err == EN_OK ? cel_resolve(ast, &k->env) : err;
	err = err == EN_OK ? cel_check(ast, &k->env, NULL, &fault) : err;
	return err == EN_OK ? cel_program_build(ast, &options, ret, &fault) : err;
}

static void
compiling_fails_whole(void **state)
{
	size_t failures = 0;

	for (int over = 0; over < 2; over++) {
		scarce_is_over = over == 1;
		failures = 0;
		do {
			struct cel_program *program = NULL;
			struct arena arena;
			long before = scarce_live;
			enum en_err err;

			arena_init(&arena, 0);
			scarce_has_failed = false;
			scarce_left = failures;
			err = compile_once(*state, &arena, &program);
			scarce_left = SIZE_MAX;
			if (scarce_is_over) {
				assert_int_equal(err == EN_OK, !scarce_has_failed);
			}
			assert_true(err == EN_OK || err == EN_ENOMEM);
			cel_program_fini(program);
			arena_fini(&arena);
			assert_int_equal(scarce_live, before);
			failures += scarce_has_failed;
		} while (scarce_has_failed);
		assert_true(failures > 3);
	}
}

// A run of its own each time: nothing is warm.
static enum en_err
run_once(const struct cel_program *program, const struct cel_value *variables, struct cel_run **ret_run,
    struct cel_value *ret)
{
	enum en_err err = cel_run_new(ret_run);

	return err == EN_OK ? cel_run_program(*ret_run, program, variables, ret) : err;
}

static void
running_fails_whole_and_the_run_goes_on(void **state)
{
	struct run_kit *k = *state;
	struct cel_value variables[2] = {cel_message(&k->ix, 0), cel_int(3)};
	struct cel_program *program = NULL;
	struct arena arena;

	arena_init(&arena, 0);
	assert_ok(compile_once(k, &arena, &program));
	for (int over = 0; over < 2; over++) {
		size_t failures = 0;

		scarce_is_over = over == 1;
		do {
			struct cel_run *run = NULL;
			struct cel_value v = cel_null();
			long before = scarce_live;
			enum en_err err;

			scarce_has_failed = false;
			scarce_left = failures;
			err = run_once(program, variables, &run, &v);
			scarce_left = SIZE_MAX;
			if (scarce_is_over) {
				assert_int_equal(err == EN_OK, !scarce_has_failed);
			}
			assert_true(err == EN_OK ? v.kind == CEL_BOOL && v.boolean : err == EN_ENOMEM);
			if (run != NULL) {
				assert_ok(cel_run_program(run, program, variables, &v));
				assert_true(v.kind == CEL_BOOL && v.boolean);
			}
			cel_run_free(&run);
			assert_int_equal(scarce_live, before);
			failures += scarce_has_failed;
		} while (scarce_has_failed);
		assert_true(failures > 5);
	}
	cel_program_fini(program);
	arena_fini(&arena);
}

static void
a_warm_run_asks_for_nothing(void **state)
{
	struct run_kit *k = *state;
	const struct cel_program_options options = {.schema = k->schema};
	struct cel_value v, variables[2] = {cel_message(&k->ix, 0), cel_int(3)};
	struct cel_fault fault;
	struct cel_program *program;
	struct cel_ast *ast;
	struct arena arena;

	arena_init(&arena, 0);
	assert_ok(cel_parse(&arena,
	    view_text(
		"data.text + 'x' == 'Anax' && data.leaves.exists(l, l.a == 2) && data.text.matches('n') && Leaf{a: 2}.a == data.any.a - 2"),
	    &k->env.limits, &ast, &fault));
	assert_ok(cel_resolve(ast, &k->env));
	assert_ok(cel_check(ast, &k->env, NULL, &fault));
	assert_ok(cel_program_build(ast, &options, &program, &fault));
	for (int round = 0; round < 3; round++) {
		assert_ok(cel_run_program(k->run, program, variables, &v));
	}
#if !defined(__SANITIZE_ADDRESS__) // there every piece of an arena is a block of its own
	scarce_left = 0;
#endif
	scarce_has_failed = false;
	for (int round = 0; round < 100; round++) {
		assert_ok(cel_run_program(k->run, program, variables, &v));
	}
	scarce_left = SIZE_MAX;
	assert_false(scarce_has_failed);
	assert_true(v.boolean);
	arena_fini(&arena);
}

// The same at every piece of an arena, wherever it ends: there a piece is refused that the system would have had memory for.
static void
an_arena_may_end_anywhere(void **state)
{
	struct run_kit *k = *state;
	struct cel_value v, variables[2] = {cel_message(&k->ix, 0), cel_int(3)};
	struct cel_program *program = NULL;
	struct arena arena;
	enum en_err err = EN_ENOMEM;

	for (size_t cap = 64; err == EN_ENOMEM; cap += 64) {
		arena_init(&arena, cap);
		err = compile_once(k, &arena, &program);
		if (err == EN_ENOMEM) {
			arena_fini(&arena);
		}
	}
	assert_ok(err);
	for (size_t cap = 64; cap == 64 || err != EN_OK; cap += 64) {
		struct cel_run *run = NULL;

		assert_ok(cel_run_new(&run));
		run->arena.max = cap;
		err = cel_run_program(run, program, variables, &v);
		assert_true(err == EN_OK || err == EN_ELIMIT);
		cel_run_free(&run);
	}
	assert_true(v.kind == CEL_BOOL);
	cel_program_fini(program);
	arena_fini(&arena);
}

static void
the_rest_fails_whole_too(void **state)
{
	text = the_rest;
	an_arena_may_end_anywhere(state);
	compiling_fails_whole(state);
	running_fails_whole_and_the_run_goes_on(state);
	text = everything;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compiling_fails_whole),
	    cmocka_unit_test(running_fails_whole_and_the_run_goes_on),
	    cmocka_unit_test(an_arena_may_end_anywhere),
	    cmocka_unit_test(the_rest_fails_whole_too),
	    cmocka_unit_test(a_warm_run_asks_for_nothing),
	};

	return cmocka_run_group_tests(tests, run_open, run_close);
}

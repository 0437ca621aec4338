// SPDX-License-Identifier: Apache-2.0
// One program, many threads.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "unit/expr/run.h"

struct shared {
	const struct cel_program *program;
	const struct cel_value *variables;
	uint32_t right; // answers
};

static void *
run_many(void *argument)
{
	struct shared *s = argument;
	struct cel_run *run = NULL;
	struct cel_value v;

	if (cel_run_new(&run) != EN_OK) {
		return NULL;
	}
	for (int i = 0; i < 500; i++) {
		s->right +=
		    cel_run_program(run, s->program, s->variables, &v) == EN_OK && v.kind == CEL_BOOL && v.boolean;
	}
	cel_run_free(&run);
	return NULL;
}

// What several threads run at once is read by all and written by none: SAN=thread looks on.
static void
a_program_is_shared_by_threads(void **state)
{
	struct run_kit *k = *state;
	const struct cel_program_options options = {.schema = k->schema};
	const struct cel_value variables[2] = {cel_message(&k->ix, 0), cel_int(3)};
	struct cel_program *program = NULL;
	struct cel_fault fault;
	struct cel_ast *ast;
	struct arena arena;
	struct shared shared[4];
	pthread_t threads[4];

	arena_init(&arena, 0);
	assert_ok(cel_parse(&arena,
	    view_text(
		"data.text.matches('^A(n|x)a$') && data.i32 in [7, 13] && ([1, 2] + [3]).map(i, i + data.i32)[2] == 16 && "
		"data.at.getHours('America/Mexico_City') == 17 && Leaf{a: 2, list: data.packed}.list == [1, 2, 3] && data.any.a == 4"),
	    &k->env.limits, &ast, &fault));
	assert_ok(cel_resolve(ast, &k->env));
	assert_ok(cel_check(ast, &k->env, NULL, &fault));
	assert_ok(cel_program_build(ast, &options, &program, &fault));
	for (int i = 0; i < 4; i++) {
		shared[i] = (struct shared){program, variables, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, run_many, &shared[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(shared[i].right, 500);
	}
	cel_program_fini(program);
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_program_is_shared_by_threads, run_open, run_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What a name means: in the container and outside of it, and under the variables of loops. Said with the tree checked and unchecked: both mean the same.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "expr/env.h"
#include "expr/program.h"
#include "expr/run.h"
#include "support/support.h"

#define VARIABLES_MAX 2

struct named {
	const char *name;
	int64_t value;
};

// The value of an int expression in the container, with those variables.
static int64_t
value_of(const char *text, const char *container, const struct named *named, bool check)
{
	struct cel_variable variables[VARIABLES_MAX];
	struct cel_value values[VARIABLES_MAX], v = cel_null();
	struct cel_env env = {
	    .container = container, .variables = variables, .context = CEL_NO_CONTEXT, .limits = CEL_LIMITS};
	const struct cel_program_options options = {.schema = NULL};
	struct cel_program *program = NULL;
	struct cel_fault fault;
	struct cel_run *run = NULL;
	struct cel_ast *ast;
	struct arena arena;

	arena_init(&arena, 0);
	for (; named[env.variable_count].name != NULL; env.variable_count++) {
		variables[env.variable_count] =
		    (struct cel_variable){named[env.variable_count].name, cel_type_of_kind(CEL_INT)};
		values[env.variable_count] = cel_int(named[env.variable_count].value);
	}
	assert_ok(cel_parse(&arena, view_text(text), &env.limits, &ast, &fault));
	assert_ok(cel_resolve(ast, &env));
	if (check) {
		assert_ok(cel_check(ast, &env, cel_type_of_kind(CEL_INT), &fault));
	}
	assert_ok(cel_program_build(ast, &options, &program, &fault));
	assert_ok(cel_run_new(&run));
	assert_ok(cel_run_program(run, program, values, &v));
	assert_int_equal(v.kind, CEL_INT);
	cel_run_free(&run);
	cel_program_fini(program);
	arena_fini(&arena);
	return v.integer;
}

#define assert_value(wanted, text, container, ...)                                                                     \
	do {                                                                                                           \
		const struct named named[VARIABLES_MAX + 1] = {__VA_ARGS__};                                           \
                                                                                                                       \
		assert_int_equal(value_of(text, container, named, true), wanted);                                      \
		assert_int_equal(value_of(text, container, named, false), wanted);                                     \
	} while (0)

static void
a_qualified_name_is_one_name(void **state)
{
	(void)state;
	assert_value(7, "x.y", "", {"x.y", 7});
	assert_value(7, "x.y + x.y - 7", "other", {"x.y", 7});
}

static void
the_container_is_looked_at_first(void **state)
{
	(void)state;
	assert_value(1, "y", "x", {"y", 2}, {"x.y", 1});
	assert_value(1, "y", "com.example", {"com.example.y", 1}, {"y", 2});
	assert_value(1, "y", "com.example", {"com.y", 1}, {"y", 2});
	assert_value(2, ".y", "com.example", {"com.example.y", 1}, {"y", 2});
}

static void
a_loop_hides_every_name_like_its_variable(void **state)
{
	(void)state;
	assert_value(5, "[5].map(y, y)[0]", "com.example", {"com.example.y", 42});
	assert_value(6, "[5].map(y, [6].map(y, y)[0])[0]", "com.example", {"com.example.y", 42}, {"y", 43});
	assert_value(3, "[{'z': 3}].map(y, y.z)[0]", "", {"y.z", 42});
	assert_value(3, "[{'z': 3}].map(y, y.z)[0]", "com.example", {"com.example.y.z", 42});
	assert_value(7, "cel.bind(y, 7, y)", "com.example", {"com.example.y", 42});
}

static void
a_leading_dot_looks_past_loops_and_containers(void **state)
{
	(void)state;
	assert_value(43, "[{'z': 3}].map(y, .y.z)[0]", "com.example", {"com.example.y.z", 42}, {"y.z", 43});
	assert_value(42, "[3].map(y, .y)[0]", "", {"y", 42});
}

static void
a_name_in_the_range_of_a_loop_is_not_its_variable(void **state)
{
	(void)state;
	assert_value(42, "[y].map(y, y)[0]", "", {"y", 42});
	assert_value(43, "cel.bind(y, y + 1, y)", "", {"y", 42});
}

// Every prefix of a chain may be a name; looking for them takes no room for each.
static void
a_long_chain_takes_little_room(void **state)
{
	struct cel_env env = {.container = "com.example", .context = CEL_NO_CONTEXT, .limits = CEL_LIMITS};
	struct buf text = BUF_EMPTY;
	struct cel_fault fault;
	struct cel_ast *ast;
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	buf_put_str(&text, "a");
	for (int i = 1; i < LIMIT_EXPR_DEPTH; i++) {
		buf_printf(&text, ".%0150d", i);
		text.data[text.len - 150] = 'b';
	}
	assert_ok(cel_parse(&arena, buf_view(&text), &env.limits, &ast, &fault));
	assert_ok(cel_resolve(ast, &env));
	assert_true(arena.used < (size_t)8 << 20);
	buf_fini(&text);
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_qualified_name_is_one_name),
	    cmocka_unit_test(the_container_is_looked_at_first),
	    cmocka_unit_test(a_loop_hides_every_name_like_its_variable),
	    cmocka_unit_test(a_leading_dot_looks_past_loops_and_containers),
	    cmocka_unit_test(a_long_chain_takes_little_room),
	    cmocka_unit_test(a_name_in_the_range_of_a_loop_is_not_its_variable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

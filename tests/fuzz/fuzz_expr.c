// SPDX-License-Identifier: Apache-2.0
// Any text as an expression over any payload: a line with the name of a type, the expression, a NUL, the payload of `data`. Checked besides memory: what
// is refused has a place in the text; an expression that the checker takes gives the same with its tree checked and unchecked, and again on a run that has
// run before; a condition gives a bool or an error.
// `make fuzz FUZZ=expr` runs it.
#include "expr/env.h"
#include "expr/program.h"
#include "expr/run.h"
#include "fuzz/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct attempt {
	struct arena arena;
	struct cel_program *program;
	const struct cel_type *type;
	enum en_err err;
};

static void
compile(struct attempt *a, struct view text, const struct cel_env *env, bool check)
{
	const struct cel_program_options options = {.schema = env->schema};
	struct cel_fault fault = {.err = EN_OK};
	struct cel_ast *ast = NULL;

	*a = (struct attempt){.err = EN_OK};
	arena_init(&a->arena, 0);
	a->err = cel_parse(&a->arena, text, &env->limits, &ast, &fault);
	a->err = a->err == EN_OK ? cel_resolve(ast, env) : a->err;
	a->err = a->err == EN_OK && check ? cel_check(ast, env, NULL, &fault) : a->err;
	a->err = a->err == EN_OK ? cel_program_build(ast, &options, &a->program, &fault) : a->err;
	if (a->err != EN_OK) {
		require(fault.text <= text.len);
	} else {
		a->type = ast->root->type;
	}
}

static void
release(struct attempt *a)
{
	cel_program_fini(a->program);
	arena_fini(&a->arena);
}

// Whether the two mean the same, as far as that can be said without a text: errors may be other ones.
static bool
same(struct cel_run *run, struct cel_value a, struct cel_value b)
{
	if (a.kind == CEL_DOUBLE && b.kind == CEL_DOUBLE) {
		return a.number == b.number || (a.number != a.number && b.number != b.number);
	}
	return a.kind != b.kind ? false
	    : a.kind == CEL_LIST || a.kind == CEL_MAP || a.kind == CEL_MESSAGE || a.kind == CEL_OPTIONAL ||
		a.kind == CEL_ERROR
	    ? a.n == b.n || a.kind == CEL_MESSAGE || a.kind == CEL_ERROR
	    : cel_equal(run, a, b);
}

static void
run_both(const struct attempt *checked, const struct attempt *plain, const struct index *ix)
{
	const struct cel_value variables[] = {cel_message(ix, 0)};
	struct cel_run *first = NULL, *second = NULL;
	struct cel_value a, b, again;
	enum en_err err;

	require(cel_run_new(&first) == EN_OK && cel_run_new(&second) == EN_OK);
	err = cel_run_program(first, checked->program, variables, &a);
	require(err == EN_OK || err == EN_ELIMIT);
	if (err == EN_OK && checked->type != NULL && checked->type->kind == CEL_BOOL) {
		require(a.kind == CEL_BOOL || a.kind == CEL_ERROR);
	}
	// The budget may end one way and not the other.
	if (cel_run_program(second, plain->program, variables, &b) == EN_OK && err == EN_OK) {
		require(same(first, a, b));
		require(cel_run_program(second, checked->program, variables, &again) == EN_OK);
		require(same(first, a, again));
	}
	cel_run_free(&first);
	cel_run_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest;
	const struct schema_type *type = fuzz_type(data, size, &rest);
	const uint8_t *nul = rest.len == 0 ? NULL : memchr(rest.data, '\0', rest.len);
	struct view text = nul == NULL ? rest : view_of(rest.data, (size_t)(nul - rest.data));
	struct view payload = nul == NULL ? VIEW_EMPTY : view_of(nul + 1, rest.len - text.len - 1);
	struct attempt checked, plain;
	struct arena arena;
	struct index ix;

	arena_init(&arena, 0);
	index_init(&ix);
	if (index_build(&ix, type, payload, NULL) != EN_OK) {
		require(index_build(&ix, type, VIEW_EMPTY, NULL) == EN_OK);
	}
	struct cel_variable variable = {"data", cel_type_of_message(&arena, type)};
	const struct cel_env env = {.schema = type->schema,
	    .container = "enlace.v1",
	    .variables = &variable,
	    .variable_count = 1,
	    .context = CEL_NO_CONTEXT,
	    .limits = CEL_LIMITS};

	compile(&checked, text, &env, true);
	compile(&plain, text, &env, false);
	if (checked.err == EN_OK) {
		require(plain.err == EN_OK);
		run_both(&checked, &plain, &ix);
	} else if (plain.err == EN_OK) {
		run_both(&plain, &plain, &ix);
	}
	release(&checked);
	release(&plain);
	index_fini(&ix);
	arena_fini(&arena);
	return 0;
}

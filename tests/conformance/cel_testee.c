// SPDX-License-Identifier: Apache-2.0
// What tests/conformance/cel.py talks to: reads tests of the public suite of CEL from standard input, each with its length in four bytes, the least
// one first, a byte of flags and a serialized cel.expr.conformance.test.SimpleTest; answers each with a line of four cells between tabs: the verdict
// (pass, fail, refused: by the parser or the checker), the tree as parsed, the tree with types as checked, and a word on it. The only argument is
// the descriptor set of everything that the tests speak of.
#include "cel_testee.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/expr_text.h"

#define MESSAGES_PER_TEST 64

struct answer {
	const char *verdict;
	struct buf tree, checked, word;
};

static void
say(struct answer *a, const char *verdict, const char *word, const char *detail)
{
	a->verdict = verdict;
	buf_clear(&a->word);
	buf_put_str(&a->word, word);
	if (detail != NULL) {
		buf_printf(&a->word, ": %s", detail);
	}
}

static void
put_value(struct buf *out, struct cel_value v)
{
	const char *kind = cel_type_name_of(v);

	switch (v.kind) {
	case CEL_BOOL:
		buf_put_str(out, v.boolean ? "true" : "false");
		break;
	case CEL_INT:
	case CEL_TIMESTAMP:
	case CEL_DURATION:
		buf_printf(out, "%s %lld", kind, (long long)v.integer);
		break;
	case CEL_UINT:
		buf_printf(out, "uint %llu", (unsigned long long)v.unsigned_integer);
		break;
	case CEL_DOUBLE:
		buf_printf(out, "double %.17g", v.number);
		break;
	case CEL_STRING:
	case CEL_TYPE:
		buf_printf(out, "%s '%.*s'", kind, (int)v.n, (const char *)v.bytes);
		break;
	case CEL_ERROR:
		buf_printf(out, "error %s at %llu", cel_error_code((enum cel_error)v.n),
		    (unsigned long long)v.unsigned_integer);
		break;
	default:
		buf_put_str(out, kind);
	}
}

static void
fail_values(struct answer *a, struct cel_value got, struct cel_value wanted)
{
	a->verdict = "fail";
	buf_clear(&a->word);
	put_value(&a->word, got);
	buf_put_str(&a->word, " instead of ");
	put_value(&a->word, wanted);
}

static bool
flag(const struct testee *t, const char *name)
{
	const struct index_node *n = testee_field(&t->test, 0, name);

	return n != NULL && n->bits != 0;
}

// Declared variables, and those that are bound without a declaration.
static void
collect_variables(struct testee *t, struct cel_variable *variables, struct cel_value *values, uint32_t *ret_count)
{
	uint32_t count = 0;

	for (const struct index_node *n = testee_field(&t->test, 0, "type_env"); n != NULL;
	     n = index_next(&t->test, n)) {
		const struct index_node *ident = testee_field(&t->test, n->message, "ident");

		if (ident != NULL) {
			const struct index_node *type = testee_field(&t->test, ident->message, "type");

			variables[count].name = arena_text(&t->arena, testee_text(&t->test, n->message, "name"));
			variables[count].type =
			    type == NULL ? cel_type_of_kind(CEL_DYN) : testee_type(t, type->message);
			values[count++] = cel_error(CEL_ERROR_NO_VARIABLE);
		}
	}
	for (const struct index_node *n = testee_field(&t->test, 0, "bindings"); n != NULL;
	     n = index_next(&t->test, n)) {
		struct view name = testee_text(&t->test, n->message, "key");
		const struct index_node *value = testee_field(&t->test, n->message, "value");
		uint32_t i = 0;

		while (i < count && !view_is(name, variables[i].name)) {
			i++;
		}
		if (i == count) {
			variables[count++] =
			    (struct cel_variable){arena_text(&t->arena, name), cel_type_of_kind(CEL_DYN)};
		}
		value = value == NULL ? NULL : testee_field(&t->test, value->message, "value");
		values[i] = value == NULL ? cel_error(CEL_ERROR_NO_VARIABLE) : testee_value(t, value->message);
	}
	*ret_count = count;
}

// Declared functions; returns how many.
static uint32_t
collect_functions(struct testee *t, struct cel_declaration *declarations, uint32_t most)
{
	uint32_t count = 0;

	for (const struct index_node *n = testee_field(&t->test, 0, "type_env"); n != NULL;
	     n = index_next(&t->test, n)) {
		const struct index_node *function = testee_field(&t->test, n->message, "function");
		const struct index_node *o =
		    function == NULL ? NULL : testee_field(&t->test, function->message, "overloads");

		for (; o != NULL && count < most; o = index_next(&t->test, o)) {
			declarations[count++] =
			    testee_declaration(t, testee_text(&t->test, n->message, "name"), o->message);
		}
	}
	return count;
}

static void
judge(struct testee *t, struct answer *a, struct cel_value got)
{
	const struct index_node *wanted = testee_field(&t->test, 0, "value"), *n;
	struct cel_value value = cel_bool(true);

	if (testee_field(&t->test, 0, "eval_error") != NULL || testee_field(&t->test, 0, "any_eval_errors") != NULL) {
		if (got.kind == CEL_ERROR) {
			say(a, "pass", "an error, as wanted", cel_error_code((enum cel_error)got.n));
		} else {
			fail_values(a, got, cel_error(CEL_ERROR_NO_VARIABLE));
		}
		return;
	}
	if ((n = testee_field(&t->test, 0, "typed_result")) != NULL) {
		wanted = testee_field(&t->test, n->message, "result");
		if (wanted == NULL) {
			say(a, "pass", "the type alone", NULL);
			return;
		}
	}
	if (wanted != NULL) {
		value = testee_value(t, wanted->message);
	}
	if (testee_same(t, got, value)) {
		say(a, "pass", "the value", NULL);
	} else {
		fail_values(a, got, value);
	}
}

static void
evaluate(struct testee *t, struct answer *a, const struct cel_ast *ast, const struct cel_env *env,
    const struct cel_value *values)
{
	struct cel_program_options options = {.schema = t->schema, .strong_enums = env->strong_enums};
	struct cel_program *program = NULL;
	struct cel_fault fault = {0};
	struct cel_value got;
	enum en_err err = cel_program_build(ast, &options, &program, &fault);

	if (err != EN_OK) {
		// A pattern that is none is an error at load where the suite waits for one at run time.
		bool wanted = testee_field(&t->test, 0, "eval_error") != NULL;

		say(a, wanted ? "pass" : "fail", "not compiled", fault.detail);
		return;
	}
	err = cel_run_program(t->run, program, values, &got);
	if (err == EN_OK) {
		judge(t, a, got);
	} else {
		say(a, "fail", "no answer", en_err_code(err));
	}
	cel_program_fini(program);
}

// Whether the type that the checker found is the one that the test says.
static bool
judge_type(struct testee *t, struct answer *a, const struct cel_ast *ast)
{
	const struct index_node *n = testee_field(&t->test, 0, "typed_result");
	const struct index_node *deduced = n == NULL ? NULL : testee_field(&t->test, n->message, "deduced_type");
	struct buf text = BUF_EMPTY;

	if (deduced == NULL || cel_type_equal(ast->root->type, testee_type(t, deduced->message))) {
		return true;
	}
	cel_type_print(&text, ast->root->type);
	buf_put_str(&text, " instead of ");
	cel_type_print(&text, testee_type(t, deduced->message));
	say(a, "fail", "the type", buf_cstr(&text));
	buf_fini(&text);
	return false;
}

static void
run_test(struct testee *t, uint8_t flags, struct answer *a)
{
	struct cel_variable *variables = arena_zalloc(&t->arena, 64 * sizeof(*variables));
	struct cel_value *values = arena_zalloc(&t->arena, 64 * sizeof(*values));
	struct cel_env env = {
	    .schema = t->schema, .variables = variables, .context = CEL_NO_CONTEXT, .limits = CEL_LIMITS};
	struct cel_declaration declarations[16];
	struct cel_fault fault = {0};
	struct cel_ast *ast;

	env.strong_enums = (flags & TEST_STRONG_ENUMS) != 0;
	env.limits.depth = (flags & TEST_SPECIFIED_DEPTH) != 0 ? 33 : env.limits.depth;
	env.container = arena_text(&t->arena, testee_text(&t->test, 0, "container"));
	if (cel_parse(&t->arena, testee_text(&t->test, 0, "expr"), &env.limits, &ast, &fault) != EN_OK) {
		say(a, "refused", "parser", fault.detail);
		return;
	}
	expr_text(&a->tree, ast->root, EXPR_TEXT_PLAIN);
	collect_variables(t, variables, values, &env.variable_count);
	env.declarations = declarations;
	env.declaration_count = collect_functions(t, declarations, EN_COUNT_OF(declarations));
	if (cel_resolve(ast, &env) != EN_OK) {
		say(a, "fail", "out of memory", NULL);
		return;
	}
	if (!flag(t, "disable_check")) {
		if (cel_check(ast, &env, NULL, &fault) != EN_OK) {
			say(a, "refused", "checker", fault.detail);
			return;
		}
		expr_text(&a->checked, ast->root, EXPR_TEXT_TYPES);
		if (!judge_type(t, a, ast)) {
			return;
		}
	}
	if ((flags & TEST_TREE_ONLY) != 0 || flag(t, "check_only")) {
		say(a, "pass", "not evaluated", NULL);
		return;
	}
	evaluate(t, a, ast, &env, values);
}

static bool
read_exactly(void *to, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(STDIN_FILENO, (uint8_t *)to + done, len - done);

		if (n <= 0) {
			return false;
		}
		done += (size_t)n;
	}
	return true;
}

static void
print_cell(const struct buf *cell, char end)
{
	for (size_t i = 0; i < cell->len; i++) {
		uint8_t c = cell->data[i];

		putchar(c == '\n' || c == '\t' || c == '\r' ? ' ' : c);
	}
	putchar(end);
}

static bool
next_test(struct testee *t, struct answer *a)
{
	uint8_t head[5], *body;
	size_t len;

	if (!read_exactly(head, sizeof(head))) {
		return false;
	}
	len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
	body = malloc(len + 1);
	if (body == NULL || !read_exactly(body, len)) {
		abort();
	}
	arena_reset(&t->arena);
	cel_run_reset(t->maker);
	t->message_count = 0;
	buf_clear(&a->tree);
	buf_clear(&a->checked);
	if (index_build(&t->test, t->test_type, view_of(body, len), NULL) == EN_OK) {
		run_test(t, head[4], a);
	} else {
		say(a, "fail", "the test cannot be read", NULL);
	}
	printf("%s\t", a->verdict);
	print_cell(&a->tree, '\t');
	print_cell(&a->checked, '\t');
	print_cell(&a->word, '\n');
	free(body);
	return true;
}

int
main(int argc, char **argv)
{
	struct testee t = {.message_cap = MESSAGES_PER_TEST};
	struct answer a = {0};
	struct schema *schema = NULL;
	struct findings findings;

	findings_init(&findings);
	if (argc != 2 || schema_load_file(argv[1], NULL, &findings, &schema) != EN_OK) {
		findings_print_text(&findings, stderr, false);
		return 1;
	}
	t.schema = schema;
	t.test_type = schema_type_by_name(schema, "cel.expr.conformance.test.SimpleTest");
	t.messages = calloc(t.message_cap, sizeof(*t.messages));
	if (t.messages == NULL || cel_run_new(&t.run) != EN_OK || cel_run_new(&t.maker) != EN_OK) {
		return 1;
	}
	arena_init(&t.arena, 0);
	index_init(&t.test);
	t.test.depth_max = LIMIT_CODEC_DEPTH;
	for (size_t i = 0; i < t.message_cap; i++) {
		index_init(&t.messages[i]);
	}
	while (next_test(&t, &a)) {
	}
	for (size_t i = 0; i < t.message_cap; i++) {
		index_fini(&t.messages[i]);
	}
	free(t.messages);
	index_fini(&t.test);
	arena_fini(&t.arena);
	cel_run_free(&t.run);
	cel_run_free(&t.maker);
	buf_fini(&a.tree);
	buf_fini(&a.checked);
	buf_fini(&a.word);
	schema_unref(&schema);
	findings_fini(&findings);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "expr/check_int.h"
#include "support/expr_text.h"
#include "support/support.h"

struct bench {
	struct arena arena;
	struct schema *schema;
	struct cel_variable variables[4];
	struct cel_env env;
	struct cel_ast *ast;
	struct buf text;
	struct cel_fault fault;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct buf set = BUF_EMPTY;
	struct findings findings;

	findings_init(&findings);
	arena_init(&b->arena, 0);
	assert_ok(schema_new(&b->schema));
	assert_ok(buf_read_file(&set, "build/schemas/test/expr.binpb", MIB(1)));
	assert_ok(schema_add(b->schema, buf_view(&set), "expr.binpb", &findings));
	assert_ok(schema_seal(b->schema, &findings));
	buf_fini(&set);
	findings_fini(&findings);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	arena_fini(&b->arena);
	schema_unref(&b->schema);
	buf_fini(&b->text);
	free(b);
	return 0;
}

// pair(A, B) -> pair(A, B), and A.keep(A) -> A: known to the checker alone.
static const struct cel_type first = {.kind = CEL_PARAM, .param = 0}, second = {.kind = CEL_PARAM, .param = 1};
static const struct cel_type pair = {.kind = CEL_ABSTRACT, .name = "pair", .params = {&first, &second}};
static const struct cel_type *const both[] = {&first, &second}, *const same[] = {&first, &first};
static const struct cel_declaration declarations[] = {
    {.name = "pair", .args = both, .arg_count = 2, .result = &pair},
    {.name = "keep", .is_member = true, .args = same, .arg_count = 2, .result = &first},
};

// data, whose fields are names of their own, and three more variables.
static enum en_err
check_as(void **state, const char *text, const struct cel_type *wanted)
{
	struct bench *b = *state;
	const struct schema_type *t = schema_type_by_name(b->schema, "check.v1.Case");
	enum en_err err;

	arena_reset(&b->arena);
	b->variables[0] = (struct cel_variable){"data", cel_type_of_message(&b->arena, t)};
	b->variables[1] = (struct cel_variable){"now", cel_type_of_kind(CEL_TIMESTAMP)};
	b->variables[2] = (struct cel_variable){"event.id", cel_type_of_kind(CEL_STRING)};
	b->variables[3] = (struct cel_variable){"check.v1.x", cel_type_of_kind(CEL_DYN)};
	b->env = (struct cel_env){.schema = b->schema,
	    .container = "check.v1",
	    .variables = b->variables,
	    .variable_count = 4,
	    .limits = CEL_LIMITS,
	    .declarations = declarations,
	    .declaration_count = EN_COUNT_OF(declarations)};
	err = cel_parse(&b->arena, view_text(text), &CEL_LIMITS, &b->ast, &b->fault);
	if (err == EN_OK) {
		err = cel_resolve(b->ast, &b->env);
	}
	return err == EN_OK ? cel_check(b->ast, &b->env, wanted, &b->fault) : err;
}

static const char *
type_of(void **state, const char *text)
{
	struct bench *b = *state;

	assert_ok(check_as(state, text, NULL));
	buf_clear(&b->text);
	cel_type_print(&b->text, b->ast->root->type);
	return buf_cstr(&b->text);
}

#define assert_type(wanted, text) assert_string_equal(wanted, type_of(state, text))
#define assert_refused(wanted_code, at_column, text)                                                                   \
	do {                                                                                                           \
		const struct cel_fault *fault_ = &((struct bench *)*state)->fault;                                     \
		assert_err(EN_EFORMAT, check_as(state, (text), NULL));                                                 \
		assert_string_equal(finding_code_text(wanted_code), finding_code_text(fault_->code));                  \
		assert_int_equal((at_column), fault_->column);                                                         \
	} while (0)

static void
a_field_has_the_type_of_its_schema(void **state)
{
	assert_type("string", "name");
	assert_type("int", "data.age");
	assert_type("uint", "number");
	assert_type("int", "sex");
	assert_type("list(check.v1.Case.Item)", "items");
	assert_type("map(string, int)", "counts");
	assert_type("google.protobuf.Timestamp", "seen");
	assert_type("wrapper(int)", "guess");
	assert_type("map(string, dyn)", "extra");
	assert_type("dyn", "any");
	assert_type("bool", "has(item.code)");
}

static void
a_name_means_a_variable_then_a_field_then_a_type(void **state)
{
	assert_type("google.protobuf.Timestamp", "now");
	assert_type("string", "event.id");
	assert_type("dyn", "x");
	assert_type("string", "type");
	assert_type("type(int)", "int");
	assert_type("int", "Sex.SEX_FEMALE");
	assert_type("int", "check.v1.Case.State.STATE_OPEN");
	assert_type("type(check.v1.Case.Item)", "Case.Item");
	assert_type("string", "words.map(name, name)[0]");
	assert_refused(E0903, 1, ".name");
	assert_refused(E0903, 5, "1 + nobody");
}

static void
the_nearest_name_is_told(void **state)
{
	struct bench *b = *state;

	assert_refused(E0903, 1, "nmae == 'x'");
	assert_string_equal("name", b->fault.hint);
	assert_refused(E0904, 5, "item.cod");
	assert_string_equal("code", b->fault.hint);
	assert_refused(E0903, 6, "name.startWith('x')");
	assert_string_equal("startsWith", b->fault.hint);
}

static void
operators_take_what_they_are_made_for(void **state)
{
	assert_type("bool", "age > 17 && name == 'x' || !minor");
	assert_type("google.protobuf.Duration", "now - seen");
	assert_type("google.protobuf.Timestamp", "seen + wait");
	assert_type("bool", "weight > 12");
	assert_type("bool", "name in words && 'a' in counts");
	assert_type("int", "guess + 1");
	assert_type("list(dyn)", "[1, 'a']");
	assert_type("list(wrapper(int))", "[1, guess]");
	assert_type("map(string, list(int))", "{'a': [], 'b': [1]}");
	assert_refused(E0905, 5, "age + 1.5");
	assert_refused(E0905, 6, "name == 1");
	assert_refused(E0905, 1, "!age");
	assert_refused(E0905, 4, "age.code");
	assert_refused(E0905, 2, "{[1]: 2}");
	assert_refused(E0905, 5, "age.all(x, true)");
}

static void
a_refusal_shows_the_sign_and_the_types(void **state)
{
	struct bench *b = *state;

	assert_refused(E0905, 5, "age + name");
	assert_string_equal("'+' does not take (int, string)", b->fault.detail);
	assert_refused(E0905, 6, "name.startsWith(1)");
	assert_string_equal("'startsWith' does not take string.(int)", b->fault.detail);
}

static void
loops_give_what_their_macro_says(void **state)
{
	assert_type("bool", "items.exists(i, i.code == 'x')");
	assert_type("list(int)", "items.map(i, i.count)");
	assert_type("list(check.v1.Case.Item)", "items.filter(i, i.count > 0)");
	assert_type("list(string)", "counts.map(k, k)");
	assert_type("map(string, int)", "counts.transformMap(k, v, v + 1)");
	assert_type("list(int)", "words.transformList(i, v, i)");
	assert_refused(E0904, 23, "items.exists(i, i == i.cod)");
}

static void
optional_values_carry_their_type(void **state)
{
	assert_type("optional_type(string)", "item.?code");
	assert_type("string", "item.?code.orValue('x')");
	assert_type("optional_type(int)", "optional.none().or(optional.of(1))");
	assert_type("optional_type(int)", "counts[?'a'].optMap(x, x + 1)");
	assert_type("list(string)", "[?item.?code, 'a']");
	assert_refused(E0905, 3, "[?1]");
}

static void
a_message_is_built_of_its_fields(void **state)
{
	assert_type("check.v1.Case.Item", "Case.Item{code: 'a', count: 1}");
	assert_type("check.v1.Case", "Case{guess: null, item: null, sex: Sex.SEX_FEMALE}");
	assert_type("wrapper(int)", "google.protobuf.Int64Value{value: 1}");
	assert_refused(E0904, 6, "Case{nmae: 'x'}");
	assert_refused(E0905, 11, "Case{age: 'x'}");
	assert_refused(E0905, 12, "Case{name: null}");
	assert_refused(E0903, 5, "Cas1{}");
}

static void
the_whole_must_give_what_is_wanted(void **state)
{
	assert_ok(check_as(state, "age > 1", cel_type_of_kind(CEL_BOOL)));
	assert_err(EN_EFORMAT, check_as(state, "age + 1", cel_type_of_kind(CEL_BOOL)));
	assert_int_equal(E0906, ((struct bench *)*state)->fault.code);
}

static void
loops_within_loops_are_counted_before_they_run(void **state)
{
	assert_ok(check_as(state, "words.all(a, words.all(b, words.exists(c, a == c)))", NULL));
	assert_err(
	    EN_ELIMIT, check_as(state, "words.all(a, words.all(b, words.all(c, words.exists(d, a == d))))", NULL));
	assert_int_equal(E0902, ((struct bench *)*state)->fault.code);
}

// Loops in loops, and as many constants in each of them as it takes: one of those inside counts 32 times as often as one outside.
static void
put_costly(struct buf *text, const uint64_t constants[static 4])
{
	static const char *const loops[] = {"", "words.all(a, ", "words.all(b, ", "words.all(c, "};

	buf_clear(text);
	for (int level = 0; level < 4; level++) {
		buf_printf(text, "%s[", loops[level]);
		for (uint64_t i = 0; i < constants[level]; i++) {
			buf_put_str(text, i == 0 ? "1" : ",1");
		}
		buf_put_str(text, level < 3 ? "] == [2] && " : "] == [2])))");
	}
}

static void
an_expression_may_take_steps_to_the_limit_and_no_more(void **state)
{
	struct bench *b = *state;
	uint64_t constants[4] = {0}, weight = UINT64_C(32) * 32 * 32;
	struct buf text = BUF_EMPTY;

	for (int level = 3; level >= 0; level--, weight /= 32) {
		put_costly(&text, constants);
		assert_ok(check_as(state, buf_cstr(&text), NULL));
		constants[level] = (LIMIT_EXPR_COST - cel_cost(b->ast->root)) / weight;
	}
	put_costly(&text, constants);
	assert_ok(check_as(state, buf_cstr(&text), NULL));
	assert_int_equal(cel_cost(b->ast->root), LIMIT_EXPR_COST);
	constants[0]++;
	put_costly(&text, constants);
	assert_err(EN_ELIMIT, check_as(state, buf_cstr(&text), NULL));
	assert_int_equal(E0902, b->fault.code);
	buf_fini(&text);
}

static void
declared_functions_have_the_types_that_they_say(void **state)
{
	assert_string_equal(type_of(state, "pair(1, 'a')"), "pair(int, string)");
	assert_string_equal(type_of(state, "[pair(1, 2u), pair(dyn(1), dyn(2u))][0]"), "pair(dyn, dyn)");
	assert_string_equal(type_of(state, "1.keep(2)"), "int");
	assert_err(EN_EFORMAT, check_as(state, "1.keep('a')", NULL));
	assert_err(EN_EFORMAT, check_as(state, "pair(1)", NULL));
	assert_err(EN_EFORMAT, check_as(state, "pair(1, 2) == pair(1, 'a')", NULL));
}

static void
types_cannot_double_at_every_level(void **state)
{
	struct buf text = BUF_EMPTY;
	int depth = 40;

	for (int i = 0; i < depth; i++) {
		buf_printf(&text, "cel.bind(v%d, %s, ", i, i == 0 ? "{}" : "[w, w]");
		if (i > 0) {
			text.len -= strlen("[w, w], ");
			buf_printf(&text, "[v%d, v%d], ", i - 1, i - 1);
		}
	}
	buf_printf(&text, "v%d", depth - 1);
	for (int i = 0; i < depth; i++) {
		buf_put_str(&text, ")");
	}
	assert_ok(check_as(state, buf_cstr(&text), NULL));
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_field_has_the_type_of_its_schema),
	    cmocka_unit_test(a_name_means_a_variable_then_a_field_then_a_type),
	    cmocka_unit_test(the_nearest_name_is_told),
	    cmocka_unit_test(operators_take_what_they_are_made_for),
	    cmocka_unit_test(a_refusal_shows_the_sign_and_the_types),
	    cmocka_unit_test(loops_give_what_their_macro_says),
	    cmocka_unit_test(optional_values_carry_their_type),
	    cmocka_unit_test(a_message_is_built_of_its_fields),
	    cmocka_unit_test(the_whole_must_give_what_is_wanted),
	    cmocka_unit_test(loops_within_loops_are_counted_before_they_run),
	    cmocka_unit_test(an_expression_may_take_steps_to_the_limit_and_no_more),
	    cmocka_unit_test(declared_functions_have_the_types_that_they_say),
	    cmocka_unit_test(types_cannot_double_at_every_level),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

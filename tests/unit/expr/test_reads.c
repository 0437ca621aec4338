// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "expr/function.h"
#include "expr/reads.h"
#include "support/support.h"

struct bench {
	struct arena arena;
	struct schema *schema;
	struct buf text;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct findings findings;

	findings_init(&findings);
	arena_init(&b->arena, 0);
	assert_ok(schema_load_file("build/schemas/test/expr.binpb", NULL, &findings, &b->schema));
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

// The ways that the expression reads, as "item.code items.code"; Behind it: ? for what is only asked for with has(), # only counted, * whole.
static const char *
reads_of(void **state, const char *text)
{
	struct bench *b = *state;
	struct cel_variable data = {.name = "data"};
	struct cel_env env = {.schema = b->schema,
	    .container = "check.v1",
	    .variables = &data,
	    .variable_count = 1,
	    .context = 0,
	    .limits = CEL_LIMITS};
	const struct cel_read *reads;
	struct cel_fault fault;
	struct cel_ast *ast;
	size_t count;

	arena_reset(&b->arena);
	data.type = cel_type_of_message(&b->arena, schema_type_by_name(b->schema, "check.v1.Case"));
	assert_ok(cel_parse(&b->arena, view_text(text), &CEL_LIMITS, &ast, &fault));
	assert_ok(cel_resolve(ast, &env));
	assert_ok(cel_check(ast, &env, NULL, &fault));
	assert_ok(cel_reads(ast, &env, &reads, &count));
	buf_clear(&b->text);
	for (size_t i = 0; i < count; i++) {
		buf_put_str(&b->text, i == 0 ? "" : " ");
		for (uint32_t j = 0; j < reads[i].count; j++) {
			buf_printf(&b->text, "%s%s", j == 0 ? "" : ".", reads[i].chain[j]->name);
		}
		buf_put_str(&b->text, reads[i].is_whole ? "*" : reads[i].is_used ? "" : reads[i].is_tested ? "?" : "#");
	}
	return buf_cstr(&b->text);
}

#define assert_reads(wanted, text) assert_string_equal(wanted, reads_of(state, text))

static void
a_field_that_is_selected_is_read_and_nothing_beside_it(void **state)
{
	assert_reads("name", "name");
	assert_reads("item.code", "data.item.code == 'x'");
	assert_reads("", "1 + 2");
	assert_reads("floor? age", "has(data.floor) || age > 1");
	assert_reads("floor", "has(data.floor) && floor > 1");
}

static void
a_loop_reads_how_many_there_are_and_what_it_selects(void **state)
{
	assert_reads("items# items.code", "items.exists(i, i.code == 'x')");
	assert_reads("items# items.count", "items.map(i, i).filter(j, true).map(k, k.count)");
	assert_reads("words", "words.all(w, w != '')");
	assert_reads("item.code", "[item].map(i, i.code)[0]");
}

static void
nothing_drops_out_of_a_choice_a_name_or_an_optional_value(void **state)
{
	assert_reads("minor items# items.code item.code", "(minor ? [item] : items).map(i, i.code)");
	assert_reads("item.code", "cel.bind(x, item, x.code)");
	assert_reads("item.count", "data.?item.?count.orValue(1)");
	assert_reads("items# age items.code", "items[age].code");
	assert_reads("name item.code", "{'a': item}[name].code");
}

static void
a_message_as_a_whole_is_all_of_its_fields(void **state)
{
	assert_reads("item.code* item.count*", "item == Case.Item{}");
	assert_reads("items.code* items.count*", "size(items) > 1");
	assert_reads("item.code* item.count*", "has(data.item)");
	assert_reads("seen?", "has(data.seen)");
	assert_reads("counts.key* counts.value*", "counts['a']");
	assert_reads("extra name", "extra[name] == 1");
	assert_reads("any", "any.x.y.z == 1");
}

static void
whether_there_is_a_message_is_read_where_it_decides(void **state)
{
	assert_reads("item.code* item.count*", "data.?item.hasValue()");
	assert_reads("items# item.code* item.count* items.code", "data.?item.orValue(items[0]).code == 'x' ? 1 : 2");
	assert_reads(
	    "items# items.code* items.count* item.code* item.count*", "data.?item.or(items[?0]).?code.orValue('')");
	assert_reads("item.code* item.count*", "data.?item.value().code");
	assert_reads("item.code* item.count*", "[?data.?item, Case.Item{}][0].code");
	assert_reads("item.code* item.count*", "data.?item.optMap(i, i.code).orValue('')");
	assert_reads("item.code* item.count*", "data.?item.optFlatMap(i, i.?code).orValue('')");
}

static void
nothing_drops_out_of_a_macro(void **state)
{
	static const char *const macros[] = {"[name].all(x, x == 'a')", "[name].exists(x, x == 'a')",
	    "[name].exists_one(x, x == 'a')", "[name].map(x, x)", "[name].map(x, x != '', 1)", "[1].map(x, name)",
	    "[1].map(x, name == '', x)", "[name].filter(x, true)", "[1].filter(x, name == 'a')",
	    "[1].all(x, name == 'a')", "{name: 1}.all(k, k == 'a')", "{'a': name}.exists(k, k == 'a')",
	    "[name].all(i, x, i == 0)", "[1].exists(i, x, name == 'a')", "[1].existsOne(i, x, name == 'a')",
	    "[name].transformList(i, x, i)", "[1].transformList(i, x, name)", "[1].transformList(i, x, name == '', i)",
	    "{name: 1}.transformMap(k, v, v)", "{'a': 1}.transformMap(k, v, name)",
	    "{'a': 1}.transformMap(k, v, name == '', v)", "{'a': 1}.transformMapEntry(k, v, {name: v})",
	    "cel.bind(x, name, x)", "cel.bind(x, 1, name)", "cel.bind(x, name, 1)", "has({name: 1}.a)",
	    "math.greatest(1, size(name), 2)", "math.least([size(name)])", "optional.of(name).optMap(x, 1)",
	    "optional.of(1).optMap(x, name)", "optional.of(1).optFlatMap(x, optional.of(name))", "Case{name: name}",
	    "Case{?name: optional.of(name)}", "{'a': name}", "{name: 'a'}", "{?'a': optional.of(name)}", "[name]",
	    "[?optional.of(name)]", "dyn(data).name", "dyn({'a': name}).a", "[data][0].name", "{'a': data}.a.name",
	    "{1: data}[1].name", "(minor ? data : data).name", "[[data]].map(l, l[0])[0].name",
	    "cel.bind(d, data, d.name)", "optional.of(data).?name"};

	for (size_t i = 0; i < EN_COUNT_OF(macros); i++) {
		if (strstr(reads_of(state, macros[i]), "name") == NULL) {
			fail_msg("%s does not read name", macros[i]);
		}
	}
}

// ---- every row of the table of functions ---------------------------------------------------------------------------

// An expression of the kind, made of the field `name` or of constants alone. *at is moved behind the kind.
static void
put_kind(struct buf *b, const char **at, bool of_name)
{
	static const struct {
		const char *kind, *of_name, *fixed;
	} kinds[] = {{"bool", "(name == 'x')", "true"}, {"int", "size(name)", "1"}, {"uint", "uint(size(name))", "1u"},
	    {"double", "double(size(name))", "1.0"}, {"string", "name", "'c'"}, {"bytes", "bytes(name)", "b'c'"},
	    {"timestamp", "timestamp(name)", "timestamp(0)"}, {"duration", "duration(name)", "duration('1s')"},
	    {"dyn", "dyn(name)", "dyn(1)"}, {"A", "name", "'c'"}, {"B", "size(name)", "1"},
	    {"map<A,B>", "{name: 1}", "{'c': 1}"}};

	for (size_t k = 0; k < EN_COUNT_OF(kinds); k++) {
		size_t len = strlen(kinds[k].kind);

		if (strncmp(*at, kinds[k].kind, len) == 0) {
			buf_put_str(b, of_name ? kinds[k].of_name : kinds[k].fixed);
			*at += len;
			return;
		}
	}
	bool is_list = strncmp(*at, "list<", 5) == 0;

	assert_true(is_list || strncmp(*at, "optional_type<", 14) == 0);
	*at += is_list ? 5 : 14;
	buf_put_str(b, is_list ? "[" : "optional.of(");
	put_kind(b, at, of_name);
	buf_put_str(b, is_list ? "]" : ")");
	(*at)++;
}

// A call of the row whose argument `which` reads the field; false when there is no such argument, or no way to write the call.
static bool
put_call(struct buf *b, const struct cel_function_row *row, int which)
{
	const char *at = row->signature, *name = row->name;
	char args[4][64];
	int count = 0;

	for (; *at != '-'; count++) {
		struct buf arg = BUF_EMPTY;

		at += *at == ',';
		put_kind(&arg, &at, count == which);
		(void)snprintf(args[count], sizeof(args[count]), "%s", buf_cstr(&arg));
		buf_fini(&arg);
	}
	if (which >= count || (strchr(name, '@') != NULL && strcmp(name, "@in") != 0 && name[0] != 'm')) {
		return false;
	}
	buf_clear(b);
	if (strcmp(name, "@in") == 0) {
		buf_printf(b, "%s in %s", args[0], args[1]);
	} else if (strchr(name, '_') != NULL) { // an operator: each _ is an argument
		for (int k = 0; *name != '\0'; name++) {
			buf_printf(b, *name == '_' ? "%s" : "%.1s", *name == '_' ? args[k++] : name);
		}
	} else {
		bool is_extreme = name[0] == 'm' && strchr(name, '@') != NULL;

		name = is_extreme ? (strcmp(name, "math.@max") == 0 ? "math.greatest" : "math.least") : name;
		buf_printf(b, "%s%s%s(", row->is_member ? args[0] : "", row->is_member ? "." : "", name);
		for (int k = row->is_member; k < count; k++) {
			buf_printf(b, "%s%s", k == row->is_member ? "" : ", ", args[k]);
		}
		buf_put_str(b, ")");
	}
	return true;
}

static void
every_argument_of_every_function_is_read(void **state)
{
	struct buf text = BUF_EMPTY;
	size_t calls = 0;

	for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
		for (int which = 0; put_call(&text, &cel_functions[i], which); which++, calls++) {
			if (strcmp(reads_of(state, buf_cstr(&text)), "name") != 0) {
				fail_msg("%s reads %s", buf_cstr(&text), reads_of(state, buf_cstr(&text)));
			}
		}
	}
	assert_true(calls > 300);
	buf_fini(&text);
}

static void
a_message_that_is_used_often_is_gone_through_once(void **state)
{
	struct bench *b = *state;
	struct buf text = BUF_EMPTY;

	buf_put_str(&text, "data == data");
	for (int i = 0; i < 1000; i++) {
		buf_put_str(&text, " || data == data");
	}
	arena_fini(&b->arena);
	(void)reads_of(state, buf_cstr(&text));
	assert_true(b->arena.used < MIB(3) / 2);
	buf_fini(&text);
}

// What a list of that many variables reads.
static enum en_err
read_many(struct bench *b, uint32_t variables, size_t *ret_count)
{
	struct cel_variable *all = arena_zalloc(&b->arena, variables * sizeof(*all));
	struct cel_env env = {.variables = all,
	    .variable_count = variables,
	    .container = "",
	    .context = CEL_NO_CONTEXT,
	    .limits = CEL_LIMITS};
	const struct cel_read *reads;
	struct cel_fault fault;
	struct cel_ast *ast;

	buf_clear(&b->text);
	for (uint32_t i = 0; i < variables; i++) {
		all[i].name = arena_printf(&b->arena, "v%u", i);
		all[i].type = cel_type_of_kind(CEL_INT);
		buf_printf(&b->text, "%sv%u", i == 0 ? "[" : ", ", i);
	}
	buf_put_str(&b->text, "]");
	assert_ok(cel_parse(&b->arena, buf_view(&b->text), &CEL_LIMITS, &ast, &fault));
	assert_ok(cel_resolve(ast, &env));
	assert_ok(cel_check(ast, &env, NULL, &fault));
	return cel_reads(ast, &env, &reads, ret_count);
}

static void
an_expression_reads_fields_to_the_limit_and_no_more(void **state)
{
	size_t count = 0;

	assert_ok(read_many(*state, LIMIT_EXPR_READS, &count));
	assert_int_equal(count, LIMIT_EXPR_READS);
	assert_err(EN_ELIMIT, read_many(*state, LIMIT_EXPR_READS + 1, &count));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_field_that_is_selected_is_read_and_nothing_beside_it),
	    cmocka_unit_test(a_loop_reads_how_many_there_are_and_what_it_selects),
	    cmocka_unit_test(nothing_drops_out_of_a_choice_a_name_or_an_optional_value),
	    cmocka_unit_test(a_message_as_a_whole_is_all_of_its_fields),
	    cmocka_unit_test(whether_there_is_a_message_is_read_where_it_decides),
	    cmocka_unit_test(nothing_drops_out_of_a_macro),
	    cmocka_unit_test(a_message_that_is_used_often_is_gone_through_once),
	    cmocka_unit_test(an_expression_reads_fields_to_the_limit_and_no_more),
	    cmocka_unit_test(every_argument_of_every_function_is_read),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

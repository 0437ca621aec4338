// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

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

// The ways that the expression reads, as "item.code items.code"; ? behind what is only asked for with has().
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
		buf_put_str(&b->text, reads[i].is_used ? "" : "?");
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
	assert_reads("items items.code", "items.exists(i, i.code == 'x')");
	assert_reads("items items.count", "items.map(i, i).filter(j, true).map(k, k.count)");
	assert_reads("words", "words.all(w, w != '')");
	assert_reads("item.code", "[item].map(i, i.code)[0]");
}

static void
nothing_drops_out_of_a_choice_a_name_or_an_optional_value(void **state)
{
	assert_reads("minor items items.code item.code", "(minor ? [item] : items).map(i, i.code)");
	assert_reads("item.code", "cel.bind(x, item, x.code)");
	assert_reads("item.count", "data.?item.?count.orValue(1)");
	assert_reads("items age items.code", "items[age].code");
	assert_reads("name item.code", "{'a': item}[name].code");
}

static void
a_message_as_a_whole_is_all_of_its_fields(void **state)
{
	assert_reads("item.code item.count", "item == Case.Item{}");
	assert_reads("items.code items.count", "size(items) > 1");
	assert_reads("item?", "has(data.item)");
	assert_reads("counts.key counts.value", "counts['a']");
	assert_reads("extra name", "extra[name] == 1");
	assert_reads("any", "any.x.y.z == 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_field_that_is_selected_is_read_and_nothing_beside_it),
	    cmocka_unit_test(a_loop_reads_how_many_there_are_and_what_it_selects),
	    cmocka_unit_test(nothing_drops_out_of_a_choice_a_name_or_an_optional_value),
	    cmocka_unit_test(a_message_as_a_whole_is_all_of_its_fields),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

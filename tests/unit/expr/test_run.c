// SPDX-License-Identifier: Apache-2.0
// What programs do with messages, with errors, in loops and at their limits.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/expr/run.h"

#define expect(text, wanted) run_expect(*state, text, wanted)

// ---- messages ---------------------------------------------------------------------------------------------------------------------

static void
every_kind_of_field_is_read(void **state)
{
	expect("[data.i32, data.i64, data.s32, data.sf32, data.color]", "[13, -7, -3, 0, 2]");
	expect("[data.u32, data.f32, data.u64]", "[5u, 0u, 0u]");
	expect("[data.db, data.fl]", "[0.5, 1.5]");
	expect("data.yes && data.text == 'Ana' && data.raw == b'\\xff\\x00'", "true");
	expect("data.leaf", "Leaf(08011201781a02010222080802120464656570)");
}

static void
what_is_not_set_has_its_default(void **state)
{
	expect("data.branch", "Leaf()");
	expect("data.leaf.leaf.leaf.leaf.b + data.leaf.leaf.b", "\"deep\"");
	expect("[data.sf64, data.maybe]", "[0, 0]");
	expect(
	    "[has(data.maybe), has(data.maybe_text), has(data.i32), has(data.sf64), has(data.leaf.leaf.leaf), has(data.word), has(data.number)]",
	    "[true, false, true, false, false, true, false]");
	expect(
	    "[has(data.texts), has(data.loose), has(data.counts), has(data.by_number)]", "[true, false, true, false]");
	expect("data.loose + data.packed", "[1, 2, 3]");
	expect("data.by_number", "{}");
	expect("data.boxed_text == null && data.value == null && !has(data.boxed_text)", "true");
	expect("dyn(data).nothing_of_the_kind", "!no_such_field");
	expect("has(dyn(data).nothing_of_the_kind)", "!no_such_field");
}

static void
well_known_messages_are_what_they_mean(void **state)
{
	expect("data.at", "@1234567890.500000000");
	expect("data.lasts", "90.250000000s");
	expect("data.struct", "{\"k\": [1.0, null, {\"z\": true}]}");
	expect("data.struct.k[2].z && data.boxed + 1 == 9", "true");
	expect("data.any.a + data.any.leaf.a", "4");
	expect("type(data.any)", "type:probe.v1.Leaf");
	expect("Whole{}.any", "null");
	expect("google.protobuf.Any{}", "!bad_any");
	expect("google.protobuf.Timestamp{seconds: 253402300800}", "!range");
	expect("google.protobuf.Int32Value{value: -3}", "-3");
}

static void
proto2_has_defaults_groups_and_extensions(void **state)
{
	expect("[old.v1.Old{}.five, old.v1.Old{}.least]", "[5, -9223372036854775808]");
	expect("old.v1.Old{}.word + string(old.v1.Old{}.half) + string(old.v1.Old{}.most)",
	    "\"none-0.518446744073709551615\"");
	expect("[old.v1.Old{}.state, old.v1.Old{}.shut]", "[1, 2]");
	expect("has(old.v1.Old{five: 5}.five) && !has(old.v1.Old{}.five)", "true");
	expect("old.v1.Old{foot: old.v1.Old.Foot{a: 3, list: [1]}}.foot.a", "3");
	expect("proto.getExt(old.v1.Old{`old.v1.extra`: 'x'}, old.v1.extra)", "\"x\"");
	expect("proto.hasExt(old.v1.Old{}, old.v1.Old.nested)", "false");
	expect("old.v1.Old{state: 9}.state", "1"); // a closed enum does not know it
}

static void
messages_are_made_as_they_are_read(void **state)
{
	expect("Leaf{a: -1, b: 'x', list: [1, 300], leaf: Leaf{a: 1}}",
	    "Leaf(08ffffffffffffffffff011201781a0301ac0222020801)");
	expect("Whole{counts: {'a': 1}, by_number: {3: Leaf{a: 2}}}.by_number[3].a", "2");
	expect("Whole{s32: -1, sf32: -1, f64: 7u, fl: 0.5, yes: true}",
	    "Whole(28014107000000000000004dffffffff5d0000003f6801)");
	expect("Whole{value: {'a': [1, 'x', null]}}.value", "{\"a\": [1.0, \"x\", null]}");
	expect("Whole{any: [1]}.any", "[1.0]");
	expect("Whole{boxed: null, at: null, leaf: null} == Whole{}", "true");
	expect("Whole{at: data.at, lasts: data.lasts}.at == data.at", "true");
	expect("Leaf{?a: optional.none(), ?b: optional.of('y')}", "Leaf(120179)");
	expect("dyn(Leaf{}) == dyn(Whole{})", "false");
	expect("Leaf{a: 1} == Leaf{a: 1, leaf: Leaf{}}", "false");
}

static void
what_does_not_fit_a_field_is_an_error(void **state)
{
	expect("Leaf{a: 2147483648}", "!range");
	expect("Whole{color: -2147483649}", "!range");
	expect("Whole{u32: 4294967296u}", "!range");
	expect("Leaf{a: dyn('x')}", "!bad_field_type");
	expect("Leaf{list: dyn(1)}", "!bad_field_type");
	expect("Leaf{leaf: dyn(Whole{})}", "!bad_field_type");
	expect("Whole{struct: dyn({1: 2})}", "!bad_key_type");
	expect("Whole{texts: dyn(null)}", "!bad_field_type");
	expect("Leaf{?a: dyn(1)}", "!no_such_overload");
}

// ---- errors -----------------------------------------------------------------------------------------------------------------------

static void
one_side_decides_whatever_the_other_is(void **state)
{
	expect("true || 1 / 0 > 0", "true");
	expect("1 / 0 > 0 || true", "true");
	expect("1 / 0 > 0 || false", "!divide_by_zero");
	expect("1 / 0 > 0 && false", "false");
	expect("false && 1 / 0 > 0", "false");
	expect("1 / 0 > 0 && 1 % 0 > 0", "!divide_by_zero");
	expect("data.text == 'Ana' && 1 / 0 > 0", "!divide_by_zero");
	expect("data.text == 'Eva' && 1 / 0 > 0", "false");
	expect("1 / 0 > 0 || data.text == 'Ana' || data.i32 > 100", "true");
	expect("1 / 0 > 0 && data.text == 'Ana' && data.i32 > 100", "false");
	expect("data.i32 > 100 || data.text == 'Eva' || 1 / 0 > 0 || data.yes", "true");
	expect("dyn(1) && true", "!no_such_overload");
	expect("true && dyn(1)", "!no_such_overload");
	expect("data.yes && dyn(1)", "!no_such_overload");
	expect("dyn(1) && false", "false");
	expect("!dyn(1)", "!no_such_overload");
}

static void
a_choice_looks_at_one_side_only(void **state)
{
	expect("true ? 1 : 1 / 0", "1");
	expect("false ? 1 / 0 : 2", "2");
	expect("1 / 0 > 0 ? 1 : 2", "!divide_by_zero");
	expect("dyn(1) ? 1 : 2", "!no_such_overload");
	expect("(data.yes ? data.text : 'x') + (data.i32 < 0 ? 'a' : 'b')", "\"Anab\"");
}

static void
an_error_inside_is_the_error_of_the_whole(void **state)
{
	expect("[1, 1 / 0]", "!divide_by_zero");
	expect("{'a': 1 / 0}", "!divide_by_zero");
	expect("size([1 / 0])", "!divide_by_zero");
	expect("[1][1 / 0]", "!divide_by_zero");
	expect("(1 / 0) in [1]", "!divide_by_zero");
	expect("type(1 / 0)", "!divide_by_zero");
	expect("{1: 2, 1u: 3}", "!repeated_key");
	expect("dyn({1.5: 2})", "!bad_key_type");
	expect("{'a': 1}.b", "!no_such_key");
	expect("[1][1]", "!index_out_of_range");
	expect("[1][-1]", "!index_out_of_range");
	expect("[1][dyn(0.5)]", "!bad_argument");
	expect("dyn(1).b", "!no_such_overload");
	expect("dyn(null) < 1", "!no_such_overload");
}

static void
an_error_knows_its_place(void **state)
{
	struct run_kit *k = *state;
	const struct cel_program_options options = {.schema = k->schema};
	struct cel_value v, variables[2] = {cel_message(&k->ix, 0), cel_int(3)};
	struct cel_program *program;
	struct cel_fault fault;
	struct cel_ast *ast;
	struct arena arena;

	arena_init(&arena, 0);
	assert_ok(
	    cel_parse(&arena, view_text("other > 2 && [1, 7 / (other - 3)] == []"), &k->env.limits, &ast, &fault));
	assert_ok(cel_resolve(ast, &k->env));
	assert_ok(cel_program_build(ast, &options, &program, &fault));
	assert_ok(cel_run_program(k->run, program, variables, &v));
	assert_int_equal(v.kind, CEL_ERROR);
	assert_int_equal(v.n, CEL_ERROR_DIVIDE_BY_ZERO);
	assert_int_equal(v.unsigned_integer, 19);
	arena_fini(&arena);
}

static void
a_message_of_another_type_is_no_answer(void **state)
{
	struct run_kit *k = *state;
	const struct cel_program_options options = {.schema = k->schema};
	const struct schema_type *leaf = schema_type_by_name(k->schema, "probe.v1.Leaf");
	struct cel_value v, variables[2] = {cel_null(), cel_int(3)};
	struct cel_program *program;
	struct cel_fault fault;
	struct cel_ast *ast;
	struct arena arena;
	struct index ix;

	index_init(&ix);
	assert_ok(index_build(&ix, leaf, VIEW_EMPTY, NULL));
	arena_init(&arena, 0);
	assert_ok(cel_parse(&arena, view_text("data.text == 'Ana' || true"), &k->env.limits, &ast, &fault));
	assert_ok(cel_resolve(ast, &k->env));
	assert_ok(cel_check(ast, &k->env, NULL, &fault));
	assert_ok(cel_program_build(ast, &options, &program, &fault));
	variables[0] = cel_message(&ix, 0);
	assert_ok(cel_run_program(k->run, program, variables, &v));
	assert_int_equal(v.kind, CEL_ERROR);
	variables[0] = cel_error(CEL_ERROR_NO_VARIABLE);
	assert_ok(cel_run_program(k->run, program, variables, &v));
	assert_int_equal(v.n, CEL_ERROR_NO_VARIABLE);
	arena_fini(&arena);
	index_fini(&ix);
}

// ---- comparing --------------------------------------------------------------------------------------------------------------------

static void
fields_are_compared_with_constants(void **state)
{
	expect("data.i32 == 13 && data.i32 != 14 && data.i32 < 14 && data.i32 <= 13 && data.i32 > -1 && data.i32 >= 13",
	    "true");
	expect("13 == data.i32 && 12 < data.i32 && 14 > data.i32 && !(13 < data.i32)", "true");
	expect("data.s32 == -3 && data.i64 < 0 && data.u32 > 4u && data.u32 != 18446744073709551615u", "true");
	expect("data.db < 0.6 && data.db != 0.0 && data.fl >= 1.5 && data.sf64 == 0", "true");
	expect(
	    "data.text in ['Eva', 'Ana'] && !(data.text in []) && data.raw != b'x' && data.i32 in [1, 13] && data.u32 in [5u]",
	    "true");
	expect("data.color == Color.GREEN && data.color in [Color.RED, Color.GREEN] && data.color != 1", "true");
	expect("data.yes == true && data.yes != false && data.leaf.leaf.b == 'deep' && data.leaf.leaf.leaf.b == ''",
	    "true");
	expect("dyn(data.i32) == 13.0 && data.i32 < 13.5 && data.db in [0.5]", "true");
	expect("Whole{db: double('NaN')}.db == 0.0 || Whole{db: double('NaN')}.db < 1.0", "false");
}

static void
nan_is_in_no_order(void **state)
{
	struct run_kit *k = *state;
	const struct schema_type *whole = schema_type_by_name(k->schema, "probe.v1.Whole");
	struct buf payload = BUF_EMPTY;

	kit_hex(&payload, "61 00 00 00 00 00 00 f8 7f");
	assert_ok(index_build(&k->ix, whole, buf_view(&payload), NULL));
	expect("data.db < 1.0 || data.db > 1.0 || data.db <= 1.0 || data.db >= 1.0 || data.db == 1.0", "false");
	expect("data.db != 1.0 && data.db != data.db", "true");
	assert_ok(index_build(&k->ix, whole, buf_view(&k->payload), NULL));
	buf_fini(&payload);
}

static void
values_are_equal_across_numeric_types(void **state)
{
	expect("dyn(1) == 1u && 1u == dyn(1.0) && dyn([1, 2u]) == [1.0, 2] && dyn({1: 2.0}) == {1u: 2}", "true");
	expect("dyn(1) == 'a' || dyn([]) == {} || dyn(null) == 0", "false");
	expect("dyn(-1) == 18446744073709551615u", "false");
	expect("-1 < dyn(18446744073709551615u) && dyn(0.5) < 1u && dyn(-0.5) < 0u", "true");
	expect("dyn(9223372036854775807) < 1e19 && dyn(-9223372036854775808) > -1e19", "true");
	expect("timestamp(1) < timestamp(2) && duration('1s') >= duration('1000ms') && b'a' < b'b' && false < true",
	    "true");
	expect("optional.of(dyn([1])) == optional.of(dyn([1u])) && type(1) == int && type(type(1)) == type", "true");
}

// ---- lists, maps, loops -----------------------------------------------------------------------------------------------------------

static void
a_list_is_not_changed_by_a_longer_one(void **state)
{
	expect("cel.bind(a, [1] + [2], [a + [3], a + [4], a])", "[[1, 2, 3], [1, 2, 4], [1, 2]]");
	expect("[1, 2, 3].map(x, x * 2).filter(x, x > 2)", "[4, 6]");
	expect("data.packed + data.packed == [1, 2, 3, 1, 2, 3] && data.packed == [1, 2, 3]", "true");
}

static void
keys_are_found_by_value(void **state)
{
	expect("{1: 'a', 2u: 'b'}[dyn(2)] + {1: 'a'}[dyn(1.0)]", "\"ba\"");
	expect("{true: 1}[dyn(1)]", "!no_such_key");
	expect("'two' in data.counts && data.counts['two'] == 2 && !('three' in data.counts)", "true");
	expect("[0,1,2,3,4,5,6,7,8,9,10,11].transformMap(i, v, v * v)[11]", "121");
	expect(
	    "cel.bind(m, [0,1,2,3,4,5,6,7,8,9,10,11].transformMap(i, v, v), m.all(k, m[k] == k) && !(12 in m) && !(-1 in m))",
	    "true");
	expect("dyn({'a': 1}) == {'a': 1u} && {'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true");
}

static void
of_equal_keys_on_the_wire_the_last_one_counts(void **state)
{
	struct run_kit *k = *state;
	struct buf payload = BUF_EMPTY;

	kit_hex(&payload, "ca 01 05 0a 01 61 10 01 ca 01 05 0a 01 61 10 02");
	assert_ok(index_build(&k->ix, schema_type_by_name(k->schema, "probe.v1.Whole"), buf_view(&payload), NULL));
	expect("data.counts", "{\"a\": 2}");
	assert_ok(index_build(&k->ix, schema_type_by_name(k->schema, "probe.v1.Whole"), buf_view(&k->payload), NULL));
	buf_fini(&payload);
}

// The list that a loop goes over is also what the next reading of the field finds.
static void
a_loop_over_codes_lets_no_unknown_one_through(void **state)
{
	struct run_kit *k = *state;
	const struct schema_type *whole = schema_type_by_name(k->schema, "probe.v1.Whole");
	struct buf payload = BUF_EMPTY;

	kit_hex(&payload, "c2 01 02 01 63"); // colors: RED, and one that is none
	assert_ok(index_build(&k->ix, whole, buf_view(&payload), NULL));
	k->known_codes = true;
	run_expect_one(k, "data.colors.exists(c, c == 1)", true, "true");
	expect("data.colors.all(c, c == 1)", "!unheard_of");
	expect("data.colors.exists(c, c == 1) && !(2 in data.colors)", "!unheard_of");
	expect("data.colors.exists(c, c == 1) && data.colors.size() == 2", "!unheard_of");
	expect("data.colors.exists(c, c == 1) && data.colors != [1, 2]", "!unheard_of");
	k->known_codes = false;
	expect("data.colors.exists(c, c == 1) && data.colors == [1, 99]", "true");
	assert_ok(index_build(&k->ix, whole, buf_view(&k->payload), NULL));
	buf_fini(&payload);
}

static void
loops_stop_when_the_answer_stands(void **state)
{
	expect("[1, 0, 2].exists(x, 4 / x == 4)", "true");
	expect("[0, 1].exists(x, 4 / x == 4)", "true");
	expect("[0, 2].exists(x, 4 / x == 4)", "!divide_by_zero");
	expect("[0, 2].all(x, 4 / x == 4)", "false");
	expect("[0, 1].all(x, 4 / x == 4)", "!divide_by_zero");
	expect("[1, 2, 3].exists_one(x, x > 2)", "true");
	expect("[0, 1].map(x, 1 / x)", "!divide_by_zero");
	expect("data.leaves.exists(l, l.a == 2) && data.counts.all(k, data.counts[k] > 0)", "true");
	expect("{'a': 1, 'b': 2}.map(k, k)", "[\"a\", \"b\"]");
	expect("dyn(5).all(x, true)", "!no_such_overload");
	expect("[[1, 2], [3]].all(l, l.exists(x, x % 2 == 1))", "true");
	expect("[3, 4].transformList(i, v, i * 10 + v)", "[3, 14]");
}

// ---- limits -----------------------------------------------------------------------------------------------------------------------

static void
the_budget_ends_loops_in_loops(void **state)
{
	struct run_kit *k = *state;
	const char *text =
	    "cel.bind(l, [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15], l.all(a, l.all(b, l.all(c, l.all(d, l.all(e, l.all(f, true)))))))";

	run_expect_one(k, text, false, "refused limit"); // 16^6 rounds
	run_expect_one(k, "[1, 2].all(a, [3, 4].all(b, a < b))", false, "true"); // and the run is as good as new
}

static void
the_memory_of_a_run_is_limited(void **state)
{
	struct buf text = BUF_EMPTY;

	for (char c = 'a'; c < 'w'; c++) { // 16 characters doubled 22 times
		buf_printf(&text, "cel.bind(%c, %s%c + %c, ", c, c == 'a' ? "'0123456789abcdef' + " : "",
		    c == 'a' ? 'z' : c - 1, c == 'a' ? 'z' : c - 1);
	}
	buf_put_str(&text, "size(v)");
	for (char c = 'a'; c < 'w'; c++) {
		buf_put_str(&text, ")");
	}
	struct buf whole = BUF_EMPTY;

	buf_printf(&whole, "cel.bind(z, 'x', %s)", buf_cstr(&text));
	run_expect_one(*state, buf_cstr(&whole), false, "refused limit");
	buf_fini(&text);
	buf_fini(&whole);
}

static void
the_messages_of_a_run_are_limited(void **state)
{
	struct buf text = BUF_EMPTY;

	_Static_assert(LIMIT_EXPR_RUN_MESSAGES == 32 * 32, "two loops of 32 make as many as are allowed");
	buf_put_str(&text, "cel.bind(l, [0");
	for (int i = 1; i < 32; i++) {
		buf_printf(&text, ", %d", i);
	}
	buf_put_str(&text, "], l.all(a, l.all(b, Leaf{a: b}.a == b))");
	size_t len = text.len;

	buf_put_str(&text, ")");
	run_expect_one(*state, buf_cstr(&text), false, "true");
	text.len = len;
	buf_put_str(&text, " && Leaf{a: 1}.a == 1)");
	run_expect_one(*state, buf_cstr(&text), false, "refused limit");
	buf_fini(&text);
}

static void
an_expression_as_deep_as_allowed_is_run(void **state)
{
	struct buf text = BUF_EMPTY;

	for (int i = 0; i < LIMIT_EXPR_DEPTH / 2; i++) {
		buf_put_str(&text, i % 2 == 0 ? "-(1 + " : "[2].map(x, ");
	}
	buf_put_str(&text, "1");
	struct buf closed = BUF_EMPTY;

	buf_put_view(&closed, buf_view(&text));
	for (int i = 0; i < LIMIT_EXPR_DEPTH / 2; i++) {
		buf_put_str(&closed, i % 2 == 0 ? "" : "[0]");
		buf_put_str(&closed, ")");
	}
	struct buf got = BUF_EMPTY;

	run_text_of(*state, buf_cstr(&closed), false, &got); // refused or an answer: never a crash
	assert_true(got.len > 0);
	buf_fini(&text);
	buf_fini(&closed);
	buf_fini(&got);
}

// An Any in an Any in an Any ...
static void
boxes_in_boxes_are_opened_to_a_limit(void **state)
{
	struct run_kit *k = *state;
	const struct schema_type *any = schema_type_by_name(k->schema, "google.protobuf.Any");
	struct buf payload = BUF_EMPTY;
	struct index ix;

	for (int depth = 0; depth < LIMIT_CODEC_DEPTH + 1; depth++) {
		struct buf outer = BUF_EMPTY;

		buf_put_u8(&outer, 0x0a);
		buf_put_text(&outer, view_text(depth == 0 ? "x/probe.v1.Leaf" : "x/google.protobuf.Any"));
		buf_put_u8(&outer, 0x12);
		buf_put_text(&outer, buf_view(&payload));
		buf_fini(&payload);
		payload = outer;
		assert_int_equal(payload.err, EN_OK);
		if (depth == LIMIT_CODEC_DEPTH - 1 || depth == LIMIT_CODEC_DEPTH) {
			index_init(&ix);
			assert_ok(index_build(&ix, any, buf_view(&payload), NULL));
			cel_run_reset(k->run);
			assert_int_equal(cel_value_of_message(k->run, &ix, 0).kind,
			    depth == LIMIT_CODEC_DEPTH - 1 ? CEL_MESSAGE : CEL_ERROR);
			index_fini(&ix);
		}
	}
	buf_fini(&payload);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_of_field_is_read),
	    cmocka_unit_test(what_is_not_set_has_its_default),
	    cmocka_unit_test(well_known_messages_are_what_they_mean),
	    cmocka_unit_test(proto2_has_defaults_groups_and_extensions),
	    cmocka_unit_test(messages_are_made_as_they_are_read),
	    cmocka_unit_test(what_does_not_fit_a_field_is_an_error),
	    cmocka_unit_test(one_side_decides_whatever_the_other_is),
	    cmocka_unit_test(a_choice_looks_at_one_side_only),
	    cmocka_unit_test(an_error_inside_is_the_error_of_the_whole),
	    cmocka_unit_test(an_error_knows_its_place),
	    cmocka_unit_test(a_message_of_another_type_is_no_answer),
	    cmocka_unit_test(fields_are_compared_with_constants),
	    cmocka_unit_test(nan_is_in_no_order),
	    cmocka_unit_test(values_are_equal_across_numeric_types),
	    cmocka_unit_test(a_list_is_not_changed_by_a_longer_one),
	    cmocka_unit_test(keys_are_found_by_value),
	    cmocka_unit_test(of_equal_keys_on_the_wire_the_last_one_counts),
	    cmocka_unit_test(a_loop_over_codes_lets_no_unknown_one_through),
	    cmocka_unit_test(loops_stop_when_the_answer_stands),
	    cmocka_unit_test(the_budget_ends_loops_in_loops),
	    cmocka_unit_test(the_memory_of_a_run_is_limited),
	    cmocka_unit_test(the_messages_of_a_run_are_limited),
	    cmocka_unit_test(an_expression_as_deep_as_allowed_is_run),
	    cmocka_unit_test(boxes_in_boxes_are_opened_to_a_limit),
	};

	return cmocka_run_group_tests(tests, run_open, run_close);
}

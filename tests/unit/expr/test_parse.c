// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "expr/parse.h"
#include "support/expr_text.h"
#include "support/support.h"

struct bench {
	struct arena arena;
	struct buf text;
	struct cel_fault fault;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	arena_init(&b->arena, 0);
	*state = b;
	return b == NULL;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	arena_fini(&b->arena);
	buf_fini(&b->text);
	free(b);
	return 0;
}

static enum en_err
parse(void **state, const char *text, struct cel_ast **ret)
{
	struct bench *b = *state;

	arena_reset(&b->arena);
	return cel_parse(&b->arena, view_text(text), &CEL_LIMITS, ret, &b->fault);
}

static const char *
tree(void **state, const char *text)
{
	struct bench *b = *state;
	struct cel_ast *ast;

	assert_ok(parse(state, text, &ast));
	buf_clear(&b->text);
	expr_text(&b->text, ast->root, EXPR_TEXT_PLAIN);
	return buf_cstr(&b->text);
}

#define assert_tree(wanted, text) assert_string_equal(wanted, tree(state, text))
// The text is refused at line and column.
#define assert_refused(refused_code, at_line, at_column, text)                                                         \
	do {                                                                                                           \
		struct cel_ast *refused_;                                                                              \
		const struct cel_fault *fault_ = &((struct bench *)*state)->fault;                                     \
		assert_int_not_equal(EN_OK, parse(state, (text), &refused_));                                          \
		assert_string_equal(finding_code_text(refused_code), finding_code_text(fault_->code));                 \
		assert_int_equal((at_line), fault_->line);                                                             \
		assert_int_equal((at_column), fault_->column);                                                         \
		assert_non_null(fault_->detail);                                                                       \
	} while (0)

static void
operators_bind_by_their_level_and_lean_to_the_left(void **state)
{
	assert_tree("_==_( _-_( _+_( 1, _*_( 2, 3 ) ), _/_( 1, 2 ) ), _%_( 6, 1 ) )", "1 + 2 * 3 - 1 / 2 == 6 % 1");
	assert_tree("_-_( _-_( a, b ), c )", "a - b - c");
	assert_tree("_||_( _&&_( a, !_( b ) ), c )", "a && !b || c");
	assert_tree("_?_:_( a, b, _?_:_( c, d, e ) )", "a ? b : c ? d : e");
	assert_tree("@in( a, [ 1, 2 ] )", "a in [1, 2,]");
}

static void
a_chain_of_terms_is_a_balanced_tree(void **state)
{
	assert_tree("_||_( _||_( _||_( a, b ), c ), _||_( _||_( d, e ), f ) )", "a || b || c || d || e || f");
	assert_tree("_&&_( _&&_( a, b ), _&&_( c, d ) )", "a && b && c && d");
}

static void
a_sign_before_a_number_belongs_to_it(void **state)
{
	assert_tree("_-_( 4, -4 )", "4--4");
	assert_tree("-_( -9223372036854775808 )", "-(-9223372036854775808)");
	assert_tree("19", "--19");
	assert_tree("-_( a )", "-a");
	assert_tree("-_( 1u )", "-1u");
	assert_tree("-0.5", "-.5e0");
	assert_tree("!_( -1 )", "!-1");
	assert_tree("!_( _<_( -1, 2 ) )", "!(-1 < 2)");
	assert_refused(E0901, 1, 3, "!-a");
}

static void
numbers_end_at_64_bits(void **state)
{
	assert_tree("9223372036854775807", "0x7fffffffffffffff");
	assert_tree("18446744073709551615u", "18446744073709551615u");
	assert_refused(E0901, 1, 1, "9223372036854775808");
	assert_refused(E0901, 1, 5, "1 + -9223372036854775809");
	assert_refused(E0901, 1, 1, "18446744073709551616u");
	assert_refused(E0901, 1, 1, "1.99e90000009");
}

static void
an_escape_is_a_character_in_text_and_a_byte_in_bytes(void **state)
{
	assert_tree("\"Ã¿\\n\\\"\"", "'\\303\\277\\n\\\"'");
	assert_tree("b\"\\xff\\x00\"", "b'\\xff\\000'");
	assert_tree("\"a\\\\n\"", "r'a\\n'");
	assert_tree("\"☺\\n' \"", "'''\\u263a\n' '''");
	assert_refused(E0901, 1, 1, "'\\>'");
	assert_refused(E0901, 1, 1, "'\\ud800'");
	assert_refused(E0901, 1, 1, "'\\U00110000'");
	assert_refused(E0901, 1, 1, "b'\\u0041'");
	assert_refused(E0901, 1, 1, "'a\n'");
	assert_refused(E0901, 1, 3, "  \"\"\"a\"\"");
}

static void
macros_become_loops_and_selections(void **state)
{
	assert_tree("a.b~test-only~", "has(a.b)");
	assert_tree(
	    "__comprehension__( // Variable v, // Target m, // Accumulator @result, // Init false, // LoopCondition "
	    "@not_strictly_false( !_( @result ) ), // LoopStep _||_( @result, f ), // Result @result)",
	    "m.exists(v, f)");
	assert_tree(
	    "__comprehension__( // Variable v, // Target m, // Accumulator @result, // Init [], // LoopCondition true, "
	    "// LoopStep _?_:_( p, _+_( @result, [ v ] ), @result ), // Result @result)",
	    "m.filter(v, p)");
	assert_tree(
	    "__comprehension__( // Variable #unused, // Target [], // Accumulator x, // Init 1, // LoopCondition false, "
	    "// LoopStep x, // Result _+_( x, x ))",
	    "cel.bind(x, 1, x + x)");
	assert_tree("math.@max( [ 1, 2, 3 ] )", "math.greatest(1, 2, 3)");
	assert_tree("msg.a.b.c", "proto.getExt(msg, a.b.c)");
	assert_refused(E0901, 1, 5, "has(m)");
	assert_refused(E0901, 1, 7, "1.all(2, 3)");
	assert_refused(E0901, 1, 7, "m.map(__result__, 1)");
}

static void
fields_may_be_optional_and_quoted(void **state)
{
	assert_tree("_&&_( a.?b, _[?_]( a, b ) )", "a.?b && a[?b]");
	assert_tree("[ ?a, b ]", "[?a, b]");
	assert_tree("M{ ?f:1, in:2 }", "M{?f: 1, `in`: 2}");
	assert_tree("a.b-c.d", "a.`b-c`.d");
	assert_tree("{ ?\"k\":v }", "{?'k': v}");
}

static void
what_is_wrong_is_told_with_its_place(void **state)
{
	assert_refused(E0901, 2, 5, "1 +\n  a b");
	assert_refused(E0901, 1, 4, "\"ñ\"$");
	assert_refused(E0901, 1, 1, "1 +\xff");
	assert_refused(E0901, 1, 1, "");
	assert_refused(E0901, 1, 1, "var");
	assert_refused(E0901, 1, 5, "f(1,)");
	assert_refused(E0901, 1, 15, "TestAllTypes(){}");
	assert_refused(E0901, 1, 15, "TestAllTypes{}()");
}

static void
a_message_of_the_parser_never_repeats_quoted_text(void **state)
{
	struct bench *b = *state;

	assert_refused(E0901, 1, 3, "a 'Maria'");
	assert_null(strstr(b->fault.detail, "Maria"));
}

static char *
repeated(const char *begin, const char *part, size_t count, const char *end)
{
	struct buf b = BUF_EMPTY;

	buf_put_str(&b, begin);
	for (size_t i = 0; i < count; i++) {
		buf_put_str(&b, part);
	}
	buf_put_str(&b, end);
	return (char *)(uintptr_t)buf_cstr(&b);
}

static void
check_limit(void **state, const char *begin, const char *part, size_t count, const char *end, bool fits)
{
	char *text = repeated(begin, part, count, end);
	struct cel_ast *ast;

	assert_err(fits ? EN_OK : EN_ELIMIT, parse(state, text, &ast));
	if (!fits) {
		assert_int_equal(E0902, ((struct bench *)*state)->fault.code);
	}
	free(text);
}

static void
an_expression_nests_to_the_limit_and_no_deeper(void **state)
{
	check_limit(state, "1", " + 1", LIMIT_EXPR_DEPTH - 1, "", true);
	check_limit(state, "1", " + 1", LIMIT_EXPR_DEPTH, "", false);
	check_limit(state, "a", ".b", LIMIT_EXPR_DEPTH - 1, "", true);
	check_limit(state, "a", ".b", LIMIT_EXPR_DEPTH, "", false);
	check_limit(state, "", "(", LIMIT_EXPR_DEPTH + 1, "1", false);
	check_limit(state, "", "[", LIMIT_EXPR_DEPTH + 1, "", false);
	check_limit(state, "", "a ? b : ", LIMIT_EXPR_DEPTH - 1, "c", true);
	check_limit(state, "", "a ? b : ", LIMIT_EXPR_DEPTH, "c", false);
	check_limit(state, "", "!", 4000, "a", true);
}

static void
an_expression_has_parts_and_bytes_to_the_limit_and_no_more(void **state)
{
	check_limit(state, "[", "1,", LIMIT_EXPR_NODES - 1, "]", true);
	check_limit(state, "[", "1,", LIMIT_EXPR_NODES, "]", false);
	check_limit(state, "1", " ", LIMIT_EXPR_BYTES - 1, "", true);
	check_limit(state, "1", " ", LIMIT_EXPR_BYTES, "", false);
}

// A text takes the room that it needs, not that of all that stands behind it.
static void
many_short_texts_take_little_room(void **state)
{
	struct bench *b = *state;
	struct cel_ast *ast;

	buf_clear(&b->text);
	buf_put_str(&b->text, "['a'");
	for (int i = 1; i < 4000; i++) {
		buf_put_str(&b->text, ",'a'");
	}
	buf_put_str(&b->text, "]");
	arena_fini(&b->arena);
	assert_ok(parse(state, buf_cstr(&b->text), &ast));
	assert_true(b->arena.used < (size_t)4 << 20);
}

static void
macros_cannot_multiply_past_the_limit(void **state)
{
	check_limit(state, "a", ".optMap(x, x)", 14, "", false); // each copies what it stands on
}

static void
every_lost_allocation_is_an_error(void **state)
{
	struct cel_ast *ast;
	struct cel_fault fault;
	enum en_err err = EN_ENOMEM;

	(void)state;
	for (size_t max = 1; err != EN_OK; max += 64) {
		struct arena small;

		arena_init(&small, max);
		err = cel_parse(
		    &small, view_text("[1, 2].map(x, {x: 'a' + b.c}).exists(y, has(y.z))"), &CEL_LIMITS, &ast, &fault);
		assert_true(err == EN_OK || err == EN_ENOMEM);
		arena_fini(&small);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(operators_bind_by_their_level_and_lean_to_the_left),
	    cmocka_unit_test(a_chain_of_terms_is_a_balanced_tree),
	    cmocka_unit_test(a_sign_before_a_number_belongs_to_it),
	    cmocka_unit_test(numbers_end_at_64_bits),
	    cmocka_unit_test(an_escape_is_a_character_in_text_and_a_byte_in_bytes),
	    cmocka_unit_test(macros_become_loops_and_selections),
	    cmocka_unit_test(fields_may_be_optional_and_quoted),
	    cmocka_unit_test(what_is_wrong_is_told_with_its_place),
	    cmocka_unit_test(a_message_of_the_parser_never_repeats_quoted_text),
	    cmocka_unit_test(an_expression_nests_to_the_limit_and_no_deeper),
	    cmocka_unit_test(an_expression_has_parts_and_bytes_to_the_limit_and_no_more),
	    cmocka_unit_test(many_short_texts_take_little_room),
	    cmocka_unit_test(macros_cannot_multiply_past_the_limit),
	    cmocka_unit_test(every_lost_allocation_is_an_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

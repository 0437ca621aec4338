// SPDX-License-Identifier: Apache-2.0
// Protobuf text format: what is read, what is refused and where, and what is written. `make conformance` runs Google's suite on it.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/text_format.h"
#include "unit/schema/kit.h"

static void
expect_read(void *state, const char *type, const char *text, const char *wanted_hex)
{
	struct json_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY;

	if (text_to_payload(kit_type(state, type), view_text(text), &out, &fault) != EN_OK) {
		fail_msg("%u:%u %s: %s", fault.line, fault.column, fault.path, fault.hint);
	}
	kit_expect_bytes(buf_view(&out), wanted_hex);
	buf_fini(&out);
}

static void
expect_refused(void *state, const char *type, const char *text, const char *wanted)
{
	struct json_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY, told = BUF_EMPTY;
	char place[JSON_PLACE_BYTES];

	assert_int_not_equal(text_to_payload(kit_type(state, type), view_text(text), &out, &fault), EN_OK);
	buf_printf(&told, "%u:%u %s: %s", fault.line, fault.column, json_fault_place(&fault, place), fault.hint);
	assert_string_equal(buf_cstr(&told), wanted);
	buf_fini(&told);
	buf_fini(&out);
}

static void
expect_written(void *state, const char *type, const char *hex, const char *wanted)
{
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;
	struct index ix;

	kit_hex(&in, hex);
	assert_ok(kit_index(&ix, kit_type(state, type), buf_view(&in), NULL));
	assert_ok(text_from_index(&ix, 0, true, &out));
	assert_string_equal(buf_cstr(&out), wanted);
	index_fini(&ix);
	buf_fini(&in);
	buf_fini(&out);
}

static void
every_kind_of_scalar_is_read(void **state)
{
	expect_read(*state, "probe.v1.Whole", "i32: -1 u32: 0x10 s32: -2 f32: 010 yes: true color: GREEN",
	    "08 ff ff ff ff ff ff ff ff ff 01 18 10 28 03 3d 08 00 00 00 68 01 80 01 02");
	expect_read(*state, "probe.v1.Whole", "fl: 1.5f db: -inf", "5d 00 00 c0 3f 61 00 00 00 00 00 00 f0 ff");
	expect_read(*state, "probe.v1.Whole", "text: \"a\" 'b\\n\\x41\\101\\u00f1' raw: '\\377'",
	    "72 07 61 62 0a 41 41 c3 b1 7a 01 ff");
}

static void
brackets_lists_separators_and_comments_are_read(void **state)
{
	expect_read(*state, "probe.v1.Whole",
	    "leaf { a: 1 } # one\nleaves: <a: 2>; leaves [{a: 3}, {}], packed: [1, 2] texts: []",
	    "8a 01 02 08 01 ba 01 02 08 02 ba 01 02 08 03 ba 01 00 a0 01 01 a0 01 02");
	expect_read(*state, "probe.v1.Whole", "counts { key: 'a' value: 1 } counts: [{key: 'b'}]",
	    "ca 01 05 0a 01 61 10 01 ca 01 03 0a 01 62");
	expect_read(*state, "probe.v1.Whole", "any { [type.example/probe.v1.Leaf] { a: 1 } }",
	    "82 02 20 0a 1a 74 79 70 65 2e 65 78 61 6d 70 6c 65 2f 70 72 6f 62 65 2e 76 31 2e 4c 65 61 66 12 02 08 01");
}

static void
zero_is_absent_where_nobody_could_tell(void **state)
{
	expect_read(*state, "probe.v1.Whole", "i32: 0 text: '' maybe: 0 maybe_text: '' number: 0",
	    "90 01 00 9a 01 00 e0 01 00");
}

static void
what_is_refused_has_a_place_and_a_hint(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
	    {"i32: 1\n i32: 2", "2:7 i32: it may stand once"},
	    {"number: 1 word: 'a'", "1:17 word: it may stand once"},
	    {"leaf { aa: 1 }", "1:8 leaf.aa: "},
	    {"leav { a: 1 }", "1:1 leav: leaf"},
	    {"i32 1", "1:5 i32: :"},
	    {"i32: 2147483648", "1:6 i32: a whole number within the range of the field"},
	    {"i32: -2147483649", "1:7 i32: a whole number within the range of the field"},
	    {"u32: -1", "1:7 u32: a whole number within the range of the field"},
	    {"yes: 2", "1:6 yes: true or false"},
	    {"color: BLUE", "1:8 color: one of the schema's words"},
	    {"text: a", "1:7 text: a text in quotes"},
	    {"text: 'a\n'", "1:7 text: a string ends on its line"},
	    {"text: 'a", "1:7 text: a string that never ends"},
	    {"text: '\\q'", "1:7 text: not an escape"},
	    {"text: '\\ud801\\udc37'", "1:7 text: not an escape"},
	    {"text: '\\377'", "1:13 text: UTF-8"},
	    {"leaf { a: 1 ", "1:13 leaf: }"},
	    {"packed: [1, 2", "1:14 packed: ]"},
	    {"5: 1", "1:1 : the name of a field"},
	    {"db: 0x1", "1:5 db: a number"},
	    {"i32: 1 ?", "1:8 : a character that stands for nothing here"},
	    {"any { [x/y.Z] {} }", "1:15 any: a type that is known"},
	};

	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		expect_refused(*state, "probe.v1.Whole", rows[i].text, rows[i].wanted);
	}
}

static void
deeper_than_the_codec_goes_is_refused(void **state)
{
	struct json_fault fault = {.err = EN_OK};
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;

	for (size_t depth = LIMIT_CODEC_DEPTH; depth <= LIMIT_CODEC_DEPTH + 1; depth++) {
		buf_clear(&text);
		for (size_t i = 1; i < depth; i++) {
			buf_put_str(&text, "leaf {");
		}
		for (size_t i = 1; i < depth; i++) {
			buf_put_str(&text, "}");
		}
		buf_clear(&out);
		enum en_err err = text_to_payload(kit_type(*state, "probe.v1.Leaf"), buf_view(&text), &out, &fault);

		assert_int_equal(err, depth == LIMIT_CODEC_DEPTH ? EN_OK : EN_ELIMIT);
	}
	buf_fini(&text);
	buf_fini(&out);
}

static void
fields_are_written_by_number_with_their_names(void **state)
{
	expect_written(*state, "probe.v1.Whole",
	    "72 04 61 0a c3 b1 08 ff ff ff ff ff ff ff ff ff 01 8a 01 02 08 01 7a 02 ff 22 ca 01 03 0a 01 62 a0 01 01 a0 01 02",
	    "i32: -1\ntext: \"a\\n\xc3\xb1\"\nraw: \"\\377\\\"\"\nleaf {\n  a: 1\n}\npacked: 1\npacked: 2\ncounts {\n  key: \"b\"\n"
	    "  value: 0\n}\n");
	expect_written(*state, "probe.v1.Whole", "61 00 00 00 00 00 00 f0 ff 5d 00 00 c0 7f 80 01 07",
	    "fl: nan\ndb: -inf\ncolor: 7\n");
}

static void
unknown_fields_are_written_by_number(void **state)
{
	expect_written(*state, "probe.v1.Leaf",
	    "a8 06 05 ad 06 01 00 00 00 a9 06 02 00 00 00 00 00 00 00 aa 06 02 08 01 aa 06 01 07 ab 06 08 01 ac 06",
	    "101: 5\n101: 0x00000001\n101: 0x0000000000000002\n101 {\n  1: 1\n}\n101: \"\\007\"\n101 {\n  1: 1\n}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_of_scalar_is_read),
	    cmocka_unit_test(brackets_lists_separators_and_comments_are_read),
	    cmocka_unit_test(zero_is_absent_where_nobody_could_tell),
	    cmocka_unit_test(what_is_refused_has_a_place_and_a_hint),
	    cmocka_unit_test(deeper_than_the_codec_goes_is_refused),
	    cmocka_unit_test(fields_are_written_by_number_with_their_names),
	    cmocka_unit_test(unknown_fields_are_written_by_number),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}

// SPDX-License-Identifier: Apache-2.0
// JSON -> payload: ProtoJSON by the letter, the documented leniency of records apart from it, and what is refused, with its place.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/schema/kit.h"

#define WHOLE kit_type(*state, "probe.v1.Whole")
#define LEAF kit_type(*state, "probe.v1.Leaf")
#define OLD kit_type(*state, "old.v1.Old")

// ---- ProtoJSON -------------------------------------------------------------------------------------------------------------------

static void
a_field_goes_by_its_json_name_or_its_own(void **state)
{
	kit_expect_payload(WHOLE, "{\"aLongerName\": 7}", false, "a0 06 07");
	kit_expect_payload(WHOLE, "{\"a_longer_name\": 7}", false, "a0 06 07");
	kit_expect_payload(WHOLE, "{\"Número de persona\": 5}", false, "80 7d 05");
	kit_expect_payload(WHOLE, "{\"named\": 5}", false, "80 7d 05");
	kit_expect_payload(WHOLE, "{\"N\\u00famero de persona\": 5}", false, "80 7d 05");
}

static void
each_kind_has_its_form(void **state)
{
	static const struct {
		const char *json, *hex;
	} cases[] = {
	    {"{\"i32\": -1}", "08 ff ff ff ff ff ff ff ff ff 01"},
	    {"{\"i32\": \"2147483647\"}", "08 ff ff ff ff 07"},
	    {"{\"i32\": 1e2}", "08 64"},
	    {"{\"i32\": 3.0}", "08 03"},
	    {"{\"i64\": \"-9223372036854775808\"}", "10 80 80 80 80 80 80 80 80 80 01"},
	    {"{\"i64\": 9223372036854775807}", "10 ff ff ff ff ff ff ff ff 7f"},
	    {"{\"u32\": 4294967295}", "18 ff ff ff ff 0f"},
	    {"{\"u64\": \"18446744073709551615\"}", "20 ff ff ff ff ff ff ff ff ff 01"},
	    {"{\"s32\": -2}", "28 03"},
	    {"{\"s64\": \"-2\"}", "30 03"},
	    {"{\"f32\": 1}", "3d 01 00 00 00"},
	    {"{\"f64\": \"1\"}", "41 01 00 00 00 00 00 00 00"},
	    {"{\"sf32\": -1}", "4d ff ff ff ff"},
	    {"{\"sf64\": -1}", "51 ff ff ff ff ff ff ff ff"},
	    {"{\"fl\": 1.5}", "5d 00 00 c0 3f"},
	    {"{\"fl\": \"-Infinity\"}", "5d 00 00 80 ff"},
	    {"{\"db\": -0.0}", "61 00 00 00 00 00 00 00 80"},
	    {"{\"db\": \"1.5\"}", "61 00 00 00 00 00 00 f8 3f"},
	    {"{\"yes\": true}", "68 01"},
	    {"{\"text\": \"a\\u00f1\\uD83D\\uDE01\\n\\/\"}", "72 09 61 c3 b1 f0 9f 98 81 0a 2f"},
	    {"{\"text\": \"\\u0000\"}", "72 01 00"},
	    {"{\"raw\": \"+/8=\"}", "7a 02 fb ff"},
	    {"{\"raw\": \"-_8\"}", "7a 02 fb ff"},
	    {"{\"color\": \"GREEN\"}", "80 01 02"},
	    {"{\"color\": 2}", "80 01 02"},
	    {"{\"color\": 77}", "80 01 4d"},
	    {"{\"leaf\": {\"a\": 1, \"leaf\": {}}}", "8a 01 04 08 01 22 00"},
	    {"{\"maybe\": 0}", "90 01 00"},
	    {"{\"packed\": [1, \"2\", 3]}", "a2 01 03 01 02 03"},
	    {"{\"packed\": []}", ""},
	    {"{\"loose\": [1, 2]}", "a8 01 01 a8 01 02"},
	    {"{\"texts\": [\"a\", \"\"]}", "b2 01 01 61 b2 01 00"},
	    {"{\"leaves\": [{}, {\"a\": 1}]}", "ba 01 00 ba 01 02 08 01"},
	    {"{\"counts\": {\"a\": 1}}", "ca 01 05 0a 01 61 10 01"},
	    {"{\"byNumber\": {\"-1\": {\"a\": 1}}}", "d2 01 0f 08 ff ff ff ff ff ff ff ff ff 01 12 02 08 01"},
	    {"{\"flags\": {\"true\": \"x\"}}", "da 01 05 08 01 12 01 78"},
	    {"{\"word\": \"\"}", "ea 01 00"},
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		kit_expect_payload(WHOLE, cases[i].json, false, cases[i].hex);
	}
}

static void
what_does_not_fit_the_kind_is_refused_with_its_path(void **state)
{
	static const struct {
		const char *json, *path;
	} cases[] = {
	    {"{\"i32\": 2147483648}", "i32"},
	    {"{\"i32\": -2147483649}", "i32"},
	    {"{\"i32\": 1.5}", "i32"},
	    {"{\"i32\": true}", "i32"},
	    {"{\"i32\": \"\"}", "i32"},
	    {"{\"i32\": \" 1\"}", "i32"},
	    {"{\"i32\": \"0x1\"}", "i32"},
	    {"{\"i32\": \"+1\"}", "i32"},
	    {"{\"i32\": {}}", "i32"},
	    {"{\"i64\": \"9223372036854775808\"}", "i64"},
	    {"{\"u32\": -1}", "u32"},
	    {"{\"u32\": 4294967296}", "u32"},
	    {"{\"u64\": \"18446744073709551616\"}", "u64"},
	    {"{\"fl\": 3.5e38}", "fl"},
	    {"{\"fl\": \"inf\"}", "fl"},
	    {"{\"db\": 1e309}", "db"},
	    {"{\"db\": \"nan\"}", "db"},
	    {"{\"yes\": \"true\"}", "yes"},
	    {"{\"yes\": 1}", "yes"},
	    {"{\"text\": 1}", "text"},
	    {"{\"raw\": \"a\"}", "raw"},
	    {"{\"raw\": \"****\"}", "raw"},
	    {"{\"color\": \"Green\"}", "color"},
	    {"{\"leaf\": []}", "leaf"},
	    {"{\"leaf\": {\"a\": \"x\"}}", "leaf.a"},
	    {"{\"packed\": 1}", "packed"},
	    {"{\"packed\": [1, null]}", "packed.1"},
	    {"{\"texts\": [\"a\", 1]}", "texts.1"},
	    {"{\"leaves\": [{}, {\"a\": {}}]}", "leaves.1.a"},
	    {"{\"counts\": {\"a\": null}}", "counts.0"},
	    {"{\"counts\": []}", "counts"},
	    {"{\"byNumber\": {\"x\": {}}}", "byNumber.0"},
	    {"{\"flags\": {\"1\": \"x\"}}", "flags.0"},
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		kit_expect_json_refused(WHOLE, cases[i].json, false, EN_EFORMAT, cases[i].path);
	}
}

static void
null_is_absent_except_where_it_is_a_value(void **state)
{
	kit_expect_payload(
	    WHOLE, "{\"i32\": null, \"leaf\": null, \"packed\": null, \"counts\": null, \"at\": null}", false, "");
	kit_expect_payload(WHOLE, "{\"value\": null}", false, "aa 02 02 08 00");
	kit_expect_payload(WHOLE, "{\"nothing\": null}", false, "f8 01 00");
	kit_expect_payload(WHOLE, "{\"number\": null, \"word\": \"a\"}", false, "ea 01 01 61");
	kit_expect_payload(WHOLE, "{\"many\": [null]}", false, "d2 02 02 08 00");
}

static void
a_field_may_stand_once_and_one_member_of_a_oneof(void **state)
{
	kit_expect_json_refused(WHOLE, "{\"i32\": 1, \"i32\": 1}", false, EN_EFORMAT, "i32");
	kit_expect_json_refused(
	    WHOLE, "{\"aLongerName\": 1, \"a_longer_name\": 1}", false, EN_EFORMAT, "a_longer_name");
	kit_expect_json_refused(WHOLE, "{\"number\": 1, \"word\": \"a\"}", false, EN_EFORMAT, "word");
	kit_expect_json_refused(WHOLE, "{\"number\": 1, \"nothing\": null}", false, EN_EFORMAT, "nothing");
}

static void
an_unknown_key_is_an_error_with_the_nearest_name_unless_it_may_be_passed_over(void **state)
{
	static const char json[] = "{\"leaf\": {\"lsit\": [1, {\"x\": \"]\"}], \"a\": 1}}";
	const struct json_options ignoring = {.ignore_unknown = true};
	struct json_options strict = {.lenient = true};
	struct json_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY, unknown = BUF_EMPTY;

	assert_err(EN_ENOTFOUND, json_to_payload(WHOLE, view_text(json), &strict, &out, NULL, &fault));
	char place[JSON_PLACE_BYTES];

	assert_string_equal(fault.path, "leaf");
	assert_string_equal(fault.key, "lsit");
	assert_string_equal(json_fault_place(&fault, place), "leaf.lsit");
	assert_string_equal(json_fault_field(&fault, place), "leaf.list?");
	assert_string_equal(fault.hint, "list");
	assert_int_equal(fault.line, 1);
	assert_int_equal(fault.column, 11);
	assert_ok(json_to_payload(WHOLE, view_text(json), &ignoring, &out, &unknown, &fault));
	assert_string_equal(buf_cstr(&unknown), "leaf.lsit\n");
	kit_expect_bytes(buf_view(&out), "8a 01 02 08 01");
	buf_fini(&out);
	buf_fini(&unknown);
}

static void
zero_without_presence_is_absent_but_in_a_record(void **state)
{
	static const char zeros[] =
	    "{\"i32\": 0, \"text\": \"\", \"raw\": \"\", \"yes\": false, \"db\": 0, \"color\": 0}";

	kit_expect_payload(WHOLE, zeros, false, "");
	kit_expect_payload(WHOLE, zeros, true, "08 00 72 00 7a 00 68 00 61 00 00 00 00 00 00 00 00 80 01 00");
	kit_expect_payload(WHOLE, "{\"maybe\": 0, \"db\": -0.0}", false, "90 01 00 61 00 00 00 00 00 00 00 80");
	kit_expect_payload(WHOLE, "{\"number\": 0, \"texts\": [\"\"]}", false, "e0 01 00 b2 01 00");
	// the bytes of an Any are compared as they are
	kit_expect_payload(WHOLE, "{\"any\": {\"@type\": \"a/probe.v1.Leaf\", \"a\": 0}}", false,
	    "82 02 11 0a 0f 61 2f 70 72 6f 62 65 2e 76 31 2e 4c 65 61 66");
}

static void
groups_and_extensions_have_names(void **state)
{
	kit_expect_payload(OLD, "{\"id\": 1, \"line\": [{\"text\": \"a\", \"inner\": {\"n\": 5}}]}", false,
	    "08 01 2b 32 01 61 3b 40 05 3c 2c");
	kit_expect_payload(OLD, "{\"[old.v1.extra]\": \"a\", \"[old.v1.Old.nested]\": 1, \"[old.v1.numbers]\": [1]}",
	    false, "a2 06 01 61 a8 06 01 b2 06 01 01");
	kit_expect_json_refused(OLD, "{\"extra\": \"a\"}", false, EN_ENOTFOUND, "");
}

// ---- the well-known types --------------------------------------------------------------------------------------------------------

static void
well_known_types_have_forms_of_their_own(void **state)
{
	static const struct {
		const char *json, *hex;
	} cases[] = {
	    {"{\"at\": \"1970-01-01T00:00:01.5Z\"}", "8a 02 08 08 01 10 80 ca b5 ee 01"},
	    {"{\"at\": \"1970-01-01T00:00:00Z\"}", "8a 02 00"},
	    {"{\"lasts\": \"-1.5s\"}", "92 02 16 08 ff ff ff ff ff ff ff ff ff 01 10 80 b6 ca 91 fe ff ff ff ff 01"},
	    {"{\"mask\": \"fooBar,baz.quxQuux\"}",
		"9a 02 17 0a 07 66 6f 6f 5f 62 61 72 0a 0c 62 61 7a 2e 71 75 78 5f 71 75 75 78"},
	    {"{\"mask\": \"\"}", "9a 02 00"},
	    {"{\"struct\": {\"a\": true}}", "a2 02 09 0a 07 0a 01 61 12 02 20 01"},
	    {"{\"value\": 1}", "aa 02 09 11 00 00 00 00 00 00 f0 3f"},
	    {"{\"value\": \"a\"}", "aa 02 03 1a 01 61"},
	    {"{\"value\": {}}", "aa 02 02 2a 00"},
	    {"{\"value\": []}", "aa 02 02 32 00"},
	    {"{\"list\": [false, null]}", "b2 02 08 0a 02 20 00 0a 02 08 00"},
	    {"{\"boxed\": \"0\"}", "ba 02 02 08 00"},
	    {"{\"boxedText\": \"a\"}", "c2 02 03 0a 01 61"},
	    {"{\"values\": {\"a\": null}}", "ca 02 07 0a 01 61 12 02 08 00"},
	    {"{\"any\": {}}", "82 02 00"},
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		kit_expect_payload(WHOLE, cases[i].json, false, cases[i].hex);
	}
}

static void
an_any_says_its_type_anywhere_in_the_object(void **state)
{
	// type_url: 15 bytes; value: 08 07
	static const char hex[] = "82 02 15 0a 0f 78 2f 70 72 6f 62 65 2e 76 31 2e 4c 65 61 66 12 02 08 07";

	kit_expect_payload(WHOLE, "{\"any\": {\"@type\": \"x/probe.v1.Leaf\", \"a\": 7}}", false, hex);
	kit_expect_payload(WHOLE, "{\"any\": {\"a\": 7, \"@type\": \"x/probe.v1.Leaf\"}}", false, hex);
}

static void
what_a_well_known_type_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *json, *path;
		enum en_err err;
	} cases[] = {
	    {"{\"at\": 1}", "at", EN_EFORMAT},
	    {"{\"at\": \"2023-02-29T00:00:00Z\"}", "at", EN_EFORMAT},
	    {"{\"at\": {\"seconds\": 1}}", "at", EN_EFORMAT},
	    {"{\"lasts\": \"1\"}", "lasts", EN_EFORMAT},
	    {"{\"mask\": \"foo_bar\"}", "mask", EN_EFORMAT},
	    {"{\"mask\": [\"foo\"]}", "mask", EN_EFORMAT},
	    {"{\"struct\": []}", "struct", EN_EFORMAT},
	    {"{\"list\": {}}", "list", EN_EFORMAT},
	    {"{\"value\": 1e309}", "value", EN_EFORMAT},
	    {"{\"boxed\": {\"value\": 1}}", "boxed", EN_EFORMAT},
	    {"{\"boxed\": \"x\"}", "boxed", EN_EFORMAT},
	    {"{\"any\": {\"a\": 1}}", "any", EN_EFORMAT},
	    {"{\"any\": []}", "any", EN_EFORMAT},
	    {"{\"any\": {\"@type\": \"probe.v1.Leaf\"}}", "any", EN_ENOTFOUND},
	    {"{\"any\": {\"@type\": \"x/probe.v1.Reef\"}}", "any", EN_ENOTFOUND},
	    {"{\"any\": {\"@type\": \"x/probe.v1.Leaf\", \"@type\": \"x/probe.v1.Leaf\"}}", "any", EN_EFORMAT},
	    {"{\"any\": {\"@type\": \"x/google.protobuf.Duration\"}}", "any", EN_EFORMAT},
	    {"{\"any\": {\"@type\": \"x/google.protobuf.Duration\", \"value\": 1}}", "any.value", EN_EFORMAT},
	    {"{\"any\": {\"@type\": \"x/google.protobuf.Duration\", \"value\": \"1s\", \"b\": 1}}", "any", EN_EFORMAT},
	    {"{\"any\": {\"@type\": \"x/probe.v1.Leaf\", \"c\": 1}}", "any", EN_ENOTFOUND},
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		kit_expect_json_refused(WHOLE, cases[i].json, false, cases[i].err, cases[i].path);
	}
}

static void
a_well_known_type_may_be_the_whole_text(void **state)
{
	kit_expect_payload(kit_type(*state, "google.protobuf.Duration"), "\"1s\"", false, "08 01");
	kit_expect_payload(kit_type(*state, "google.protobuf.Value"), "null", false, "08 00");
	kit_expect_json_refused(kit_type(*state, "google.protobuf.Duration"), "1", false, EN_EFORMAT, "");
}

// ---- leniency of records ---------------------------------------------------------------------------------------------------------

static void
a_record_may_say_scalars_as_its_system_writes_them(void **state)
{
	kit_expect_payload(WHOLE, "{\"text\": 5551234}", true, "72 07 35 35 35 31 32 33 34");
	kit_expect_payload(WHOLE, "{\"text\": 1.50}", true, "72 04 31 2e 35 30");
	kit_expect_payload(WHOLE, "{\"text\": true}", true, "72 04 74 72 75 65");
	kit_expect_payload(WHOLE, "{\"yes\": \"true\"}", true, "68 01");
	kit_expect_payload(WHOLE, "{\"i32\": \"\", \"leaf\": \"\", \"at\": \"\"}", true, "");
	kit_expect_payload(WHOLE, "{\"text\": \"\"}", true, "72 00");
	kit_expect_json_refused(WHOLE, "{\"i32\": \"\"}", false, EN_EFORMAT, "i32");
	kit_expect_json_refused(WHOLE, "{\"i32\": \"uno\"}", true, EN_EFORMAT, "i32");
}

// ---- the text itself -------------------------------------------------------------------------------------------------------------

static void
text_that_is_no_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *json;
		enum en_err err;
		uint32_t line, column;
	} cases[] = {
	    {"", EN_ETRUNCATED, 1, 1},
	    {"[]", EN_EFORMAT, 1, 1},
	    {"{", EN_ETRUNCATED, 1, 2},
	    {"{\"i32\": 1", EN_ETRUNCATED, 1, 10},
	    {"{\"i32\": 1,}", EN_EFORMAT, 1, 11},
	    {"{\"i32\" 1}", EN_EFORMAT, 1, 2},
	    {"{i32: 1}", EN_EFORMAT, 1, 2},
	    {"{\"i32\": 01}", EN_EFORMAT, 1, 9},
	    {"{\"i32\": 1.}", EN_EFORMAT, 1, 9},
	    {"{\"i32\": .5}", EN_EFORMAT, 1, 9},
	    {"{\"i32\": NaN}", EN_EFORMAT, 1, 9},
	    {"{\"i32\": nul}", EN_EFORMAT, 1, 9},
	    {"{\n  \"text\": \"a\tb\"}", EN_EFORMAT, 2, 11},
	    {"{\n\n\"text\": \"\\x\"}", EN_EFORMAT, 3, 9},
	    {"{\"text\": \"\\uD800\"}", EN_EFORMAT, 1, 10},
	    {"{\"text\": \"\\uDC00\\uD800\"}", EN_EFORMAT, 1, 10},
	    {"{\"text\": \"\xff\"}", EN_EUTF8, 1, 10},
	    {"{\"text\": \"a", EN_ETRUNCATED, 1, 10},
	    {"{} {}", EN_EFORMAT, 1, 4},
	    {"{\"packed\": [1 2]}", EN_EFORMAT, 1, 15},
	    {"{\"packed\": [1,]}", EN_EFORMAT, 1, 15},
	    {"{\"packed\": [1}", EN_EFORMAT, 1, 14},
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		const struct json_options options = {.lenient = false};
		struct json_fault fault = {.err = EN_OK};
		struct buf out = BUF_EMPTY;

		assert_err(
		    cases[i].err, json_to_payload(WHOLE, view_text(cases[i].json), &options, &out, NULL, &fault));
		assert_int_equal(fault.line, cases[i].line);
		assert_int_equal(fault.column, cases[i].column);
		buf_fini(&out);
	}
}

// Every level of JSON is one message here.
static void
put_leaves(struct buf *out, size_t depth)
{
	for (size_t i = 0; i < depth; i++) {
		buf_put_str(out, "{\"leaf\":");
	}
	buf_put_str(out, "{}");
	for (size_t i = 0; i < depth; i++) {
		buf_put_u8(out, '}');
	}
}

static void
text_may_be_nested_to_the_limit_and_not_one_deeper(void **state)
{
	const struct json_options options = {.lenient = false};
	struct json_fault fault = {.err = EN_OK};

	for (size_t past = 0; past <= 1; past++) {
		struct buf json = BUF_EMPTY, out = BUF_EMPTY, again = BUF_EMPTY;

		put_leaves(&json, LIMIT_CODEC_DEPTH - 1 + past); // and the outermost brace
		assert_err(past == 0 ? EN_OK : EN_ELIMIT,
		    json_to_payload(LEAF, buf_view(&json), &options, &out, NULL, &fault));
		if (past == 0) {
			assert_ok(json_from_payload(LEAF, buf_view(&out), &options, &again, &fault));
			assert_string_equal(buf_cstr(&again), buf_cstr(&json));
		}
		buf_fini(&json);
		buf_fini(&out);
		buf_fini(&again);
	}
}

static void
values_are_nested_as_deep_as_the_index_counts_and_not_deeper(void **state)
{
	const struct schema_type *t = kit_type(*state, "google.protobuf.Value");
	const struct json_options options = {.lenient = false};
	struct json_fault fault = {.err = EN_OK};

	// A list in a list is two messages more: the list and its value.
	for (size_t past = 0; past <= 1; past++) {
		struct buf json = BUF_EMPTY, out = BUF_EMPTY, again = BUF_EMPTY;
		size_t depth = LIMIT_CODEC_DEPTH / 2 + past;

		for (size_t i = 0; i < depth; i++) {
			buf_put_u8(&json, '[');
		}
		buf_put_u8(&json, '1');
		for (size_t i = 0; i < depth; i++) {
			buf_put_u8(&json, ']');
		}
		assert_err(
		    past == 0 ? EN_OK : EN_ELIMIT, json_to_payload(t, buf_view(&json), &options, &out, NULL, &fault));
		if (past == 0) {
			assert_ok(json_from_payload(t, buf_view(&out), &options, &again, &fault));
			assert_string_equal(buf_cstr(&again), buf_cstr(&json));
		}
		buf_fini(&json);
		buf_fini(&out);
		buf_fini(&again);
	}
}

// What a system wrote as a key may be a person's name. The path goes into answers and records; it has the schema's names and numbers, and no more.
static void
a_path_has_no_key_that_the_schema_does_not_know(void **state)
{
	static const char *const texts[] = {"{\"Ana Paz\": 1}", "{\"leaf\": {\"Ana Paz\": 1}}",
	    "{\"counts\": {\"a\": 1, \"Ana Paz\": \"x\"}}", "{\"byNumber\": {\"Ana Paz\": {}}}",
	    "{\"struct\": {\"Ana Paz\": 1e309}}", "{\"values\": {\"Ana Paz\": {\"Ana Paz\": [1e309]}}}",
	    "{\"any\": {\"@type\": \"x/google.protobuf.Duration\", \"value\": \"1s\", \"Ana Paz\": 1}}",
	    "{\"any\": {\"@type\": \"x/probe.v1.Leaf\", \"Ana Paz\": 1}}",
	    "{\"by_number\": {\"1\": {\"Ana Paz\": 1}}}"};

	for (size_t i = 0; i < 2 * EN_COUNT_OF(texts); i++) {
		const struct json_options options = {.lenient = i % 2 == 0};
		struct json_fault fault = {.err = EN_OK};
		char field[JSON_PLACE_BYTES];
		struct buf out = BUF_EMPTY;

		assert_int_not_equal(
		    EN_OK, json_to_payload(WHOLE, view_text(texts[i / 2]), &options, &out, NULL, &fault));
		assert_null(strstr(fault.path, "Ana"));
		assert_null(strstr(fault.hint, "Ana"));
		assert_null(strstr(json_fault_field(&fault, field), "Ana"));
		buf_fini(&out);
	}
}

static void
a_path_that_is_too_long_is_cut_between_characters(void **state)
{
	struct json_fault fault = {.err = EN_OK};
	const struct json_options options = {.lenient = false};
	struct buf json = BUF_EMPTY, out = BUF_EMPTY;

	for (size_t i = 0; i < LIMIT_CODEC_DEPTH - 1; i++) {
		buf_put_str(&json, "{\"ñandú\": ");
	}
	buf_put_str(&json, "{\"");
	for (size_t i = 0; i < 200; i++) {
		buf_put_str(&json, "ñ");
	}
	buf_put_str(&json, "\": 1");
	assert_err(EN_ENOTFOUND,
	    json_to_payload(kit_type(*state, "probe.v1.Nest"), buf_view(&json), &options, &out, NULL, &fault));
	assert_true(strlen(fault.path) < sizeof(fault.path) && strlen(fault.path) > sizeof(fault.path) - 4);
	assert_true(view_is_utf8(view_text(fault.path)));
	assert_int_equal(strlen(fault.key), sizeof(fault.key) - 2);
	assert_true(view_is_utf8(view_text(fault.key)));
	buf_fini(&json);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_field_goes_by_its_json_name_or_its_own),
	    cmocka_unit_test(each_kind_has_its_form),
	    cmocka_unit_test(what_does_not_fit_the_kind_is_refused_with_its_path),
	    cmocka_unit_test(null_is_absent_except_where_it_is_a_value),
	    cmocka_unit_test(a_field_may_stand_once_and_one_member_of_a_oneof),
	    cmocka_unit_test(an_unknown_key_is_an_error_with_the_nearest_name_unless_it_may_be_passed_over),
	    cmocka_unit_test(zero_without_presence_is_absent_but_in_a_record),
	    cmocka_unit_test(groups_and_extensions_have_names),
	    cmocka_unit_test(well_known_types_have_forms_of_their_own),
	    cmocka_unit_test(an_any_says_its_type_anywhere_in_the_object),
	    cmocka_unit_test(what_a_well_known_type_cannot_be_is_refused),
	    cmocka_unit_test(a_well_known_type_may_be_the_whole_text),
	    cmocka_unit_test(a_record_may_say_scalars_as_its_system_writes_them),
	    cmocka_unit_test(text_that_is_no_json_is_refused_with_its_place),
	    cmocka_unit_test(text_may_be_nested_to_the_limit_and_not_one_deeper),
	    cmocka_unit_test(values_are_nested_as_deep_as_the_index_counts_and_not_deeper),
	    cmocka_unit_test(a_path_has_no_key_that_the_schema_does_not_know),
	    cmocka_unit_test(a_path_that_is_too_long_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}

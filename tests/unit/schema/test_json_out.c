// SPDX-License-Identifier: Apache-2.0
// Payload -> JSON: each kind in its form, lists and maps, the well-known types, and what has no form.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/schema/kit.h"

#define WHOLE kit_type(*state, "probe.v1.Whole")
#define OLD kit_type(*state, "old.v1.Old")

static void
each_kind_has_its_form(void **state)
{
	static const struct {
		const char *hex, *json;
	} cases[] = {
	    {"", "{}"}, {"08 ff ff ff ff ff ff ff ff ff 01", "{\"i32\":-1}"},
	    {"10 ff ff ff ff ff ff ff ff 7f", "{\"i64\":\"9223372036854775807\"}"},
	    {"18 ff ff ff ff 0f", "{\"u32\":4294967295}"},
	    {"20 ff ff ff ff ff ff ff ff ff 01", "{\"u64\":\"18446744073709551615\"}"}, {"28 03", "{\"s32\":-2}"},
	    {"30 03", "{\"s64\":\"-2\"}"}, {"3d 01 00 00 00", "{\"f32\":1}"},
	    {"41 01 00 00 00 00 00 00 00", "{\"f64\":\"1\"}"}, {"4d ff ff ff ff", "{\"sf32\":-1}"},
	    {"51 ff ff ff ff ff ff ff ff", "{\"sf64\":\"-1\"}"}, {"5d cd cc cc 3d", "{\"fl\":0.1}"},
	    {"5d 00 00 80 7f", "{\"fl\":\"Infinity\"}"}, {"61 9a 99 99 99 99 99 b9 3f", "{\"db\":0.1}"},
	    {"61 00 00 00 00 00 00 f8 7f", "{\"db\":\"NaN\"}"},
	    {"61 00 00 00 00 00 00 f0 ff", "{\"db\":\"-Infinity\"}"},
	    {"61 ff ff ff ff ff ff ef 7f", "{\"db\":1.7976931348623157e+308}"}, {"68 01", "{\"yes\":true}"},
	    {"72 06 22 5c 0a c3 b1 7f", "{\"text\":\"\\\"\\\\\\nñ\x7f\"}"}, {"72 01 00", "{\"text\":\"\\u0000\"}"},
	    {"7a 02 fb ff", "{\"raw\":\"+/8=\"}"}, {"80 01 02", "{\"color\":\"GREEN\"}"},
	    {"80 01 4d", "{\"color\":77}"}, {"8a 01 04 08 01 22 00", "{\"leaf\":{\"a\":1,\"leaf\":{}}}"},
	    {"a2 01 02 01 02", "{\"packed\":[1,2]}"}, {"ba 01 00", "{\"leaves\":[{}]}"},
	    {"d2 01 0f 08 ff ff ff ff ff ff ff ff ff 01 12 02 08 01", "{\"byNumber\":{\"-1\":{\"a\":1}}}"},
	    {"da 01 03 12 01 78", "{\"flags\":{\"false\":\"x\"}}"},
	    {"a0 06 07 80 7d 05", "{\"aLongerName\":7,\"Número de persona\":5}"},
	    {"80 b5 18 05", "{}"}, // the unknown has no name
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		kit_expect_json(WHOLE, cases[i].hex, cases[i].json);
	}
}

static void
a_field_that_occurs_is_written_as_it_occurs(void **state)
{
	// A record says what its system said, an empty text too; the canonical form knows no such thing (index_encode).
	kit_expect_json(WHOLE, "72 00 08 00", "{\"i32\":0,\"text\":\"\"}");
}

static void
names_may_be_those_of_the_schema(void **state)
{
	const struct json_options options = {.use_proto_names = true, .pretty = true};
	struct json_fault fault;
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;

	kit_hex(&in, "a0 06 07 80 7d 05 8a 01 00 ca 01 03 0a 01 61 a2 01 02 01 02 b2 02 00");
	assert_ok(json_from_payload(WHOLE, buf_view(&in), &options, &out, &fault));
	assert_string_equal(buf_cstr(&out),
	    "{\n  \"leaf\": {},\n  \"packed\": [\n    1,\n    2\n  ],\n  \"counts\": {\n    \"a\": 0\n  },\n  \"list\": [],\n  "
	    "\"a_longer_name\": 7,\n  \"named\": 5\n}");
	buf_fini(&in);
	buf_fini(&out);
}

static void
groups_and_extensions_have_names(void **state)
{
	kit_expect_json(
	    OLD, "08 01 2b 32 01 61 3b 40 05 3c 2c", "{\"id\":1,\"line\":[{\"text\":\"a\",\"inner\":{\"n\":5}}]}");
	kit_expect_json(
	    OLD, "08 01 a2 06 01 61 a8 06 05", "{\"id\":1,\"[old.v1.extra]\":\"a\",\"[old.v1.Old.nested]\":5}");
}

static void
well_known_types_have_forms_of_their_own(void **state)
{
	static const struct {
		const char *hex, *json;
	} cases[] = {
	    {"8a 02 08 08 01 10 80 ca b5 ee 01", "{\"at\":\"1970-01-01T00:00:01.500Z\"}"},
	    {"8a 02 00", "{\"at\":\"1970-01-01T00:00:00Z\"}"},
	    {"92 02 16 08 ff ff ff ff ff ff ff ff ff 01 10 80 b6 ca 91 fe ff ff ff ff 01", "{\"lasts\":\"-1.500s\"}"},
	    {"9a 02 0e 0a 07 66 6f 6f 5f 62 61 72 0a 03 62 61 7a", "{\"mask\":\"fooBar,baz\"}"},
	    {"9a 02 00", "{\"mask\":\"\"}"},
	    {"a2 02 09 0a 07 0a 01 61 12 02 20 01", "{\"struct\":{\"a\":true}}"},
	    {"a2 02 00", "{\"struct\":{}}"},
	    {"aa 02 02 08 00", "{\"value\":null}"},
	    {"aa 02 09 11 00 00 00 00 00 00 f0 3f", "{\"value\":1}"},
	    {"aa 02 02 32 00", "{\"value\":[]}"},
	    {"b2 02 08 0a 02 20 00 0a 02 08 00", "{\"list\":[false,null]}"},
	    {"ba 02 00", "{\"boxed\":\"0\"}"},
	    {"c2 02 00", "{\"boxedText\":\"\"}"},
	    {"ca 02 07 0a 01 61 12 02 08 00", "{\"values\":{\"a\":null}}"},
	    {"da 02 03 0a 01 61", "{\"boxes\":{\"a\":\"\"}}"}, // an entry without a value
	    {"f8 01 00", "{\"nothing\":null}"},
	    {"f8 01 08", "{\"nothing\":null}"}, // it has one value, whatever its number
	    {"ca 02 07 0a 01 76 12 02 08 08", "{\"values\":{\"v\":null}}"},
	    {"82 02 00", "{\"any\":{}}"},
	    {"82 02 15 0a 0f 78 2f 70 72 6f 62 65 2e 76 31 2e 4c 65 61 66 12 02 08 07",
		"{\"any\":{\"@type\":\"x/probe.v1.Leaf\",\"a\":7}}"},
	    {"82 02 11 0a 0f 78 2f 70 72 6f 62 65 2e 76 31 2e 4c 65 61 66",
		"{\"any\":{\"@type\":\"x/probe.v1.Leaf\"}}"},
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		kit_expect_json(WHOLE, cases[i].hex, cases[i].json);
	}
}

static void
an_any_of_a_well_known_type_says_its_value(void **state)
{
	const struct json_options options = {.lenient = false};
	const char *const text = "{\"any\":{\"@type\":\"x/google.protobuf.Duration\",\"value\":\"1s\"}}";
	struct json_fault fault;
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;

	assert_ok(json_to_payload(WHOLE, view_text(text), &options, &in, NULL, &fault));
	assert_ok(json_from_payload(WHOLE, buf_view(&in), &options, &out, &fault));
	assert_string_equal(buf_cstr(&out), text);
	buf_fini(&in);
	buf_fini(&out);
}

static void
what_has_no_form_is_an_error(void **state)
{
	static const struct {
		const char *hex;
		enum en_err err;
	} cases[] = {
	    {"8a 02 06 10 80 94 eb dc 03", EN_EFORMAT}, // a timestamp with 10^9 nanoseconds
	    {"8a 02 07 08 80 d2 93 f8 af 5d", EN_EFORMAT}, // after the year 9999
	    {"92 02 0d 08 01 10 ff ff ff ff ff ff ff ff ff 01", EN_EFORMAT}, // of two signs
	    {"9a 02 08 0a 06 66 6f 6f 42 61 72", EN_EFORMAT}, // fooBar would come back as foo_bar
	    {"aa 02 00", EN_EFORMAT}, // a value that is none
	    {"aa 02 09 11 00 00 00 00 00 00 f8 7f", EN_EFORMAT}, // NaN
	    {"82 02 03 0a 01 78", EN_ENOTFOUND}, // an Any of no type
	    {"82 02 02 12 00", EN_OK}, {"82 02 03 12 01 00", EN_ENOTFOUND},
	    {"82 02 15 0a 0f 78 2f 70 72 6f 62 65 2e 76 31 2e 4c 65 61 66 12 02 08", EN_ETRUNCATED},
	    {"82 02 14 0a 0f 78 2f 70 72 6f 62 65 2e 76 31 2e 4c 65 61 66 12 01 08",
		EN_ETRUNCATED}, // its content is cut
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		const struct json_options options = {.lenient = false};
		struct json_fault fault = {.err = EN_OK};
		struct buf in = BUF_EMPTY, out = BUF_EMPTY;

		kit_hex(&in, cases[i].hex);
		assert_err(cases[i].err, json_from_payload(WHOLE, buf_view(&in), &options, &out, &fault));
		assert_int_equal(fault.err, cases[i].err);
		buf_fini(&in);
		buf_fini(&out);
	}
}

// An Any within an Any, each with the next one as its content.
static void
put_any(struct buf *out, size_t depth)
{
	struct buf inner = BUF_EMPTY;

	for (size_t i = 0; i < depth; i++) {
		struct buf outer = BUF_EMPTY;

		buf_put_u8(&outer, 0x0a);
		buf_put_text(&outer, view_text("x/google.protobuf.Any"));
		buf_put_u8(&outer, 0x12);
		buf_put_text(&outer, buf_view(&inner));
		buf_fini(&inner);
		inner = outer;
	}
	buf_put_view(out, buf_view(&inner));
	buf_fini(&inner);
}

static void
an_any_in_an_any_counts_as_depth(void **state)
{
	const struct schema_type *t = kit_type(*state, "google.protobuf.Any");
	const struct json_options options = {.lenient = false};

	for (size_t past = 0; past <= 1; past++) {
		struct json_fault fault = {.err = EN_OK};
		struct buf in = BUF_EMPTY, out = BUF_EMPTY;

		put_any(&in, LIMIT_CODEC_DEPTH + past);
		assert_err(past == 0 ? EN_OK : EN_ELIMIT, json_from_payload(t, buf_view(&in), &options, &out, &fault));
		buf_fini(&in);
		buf_fini(&out);
	}
}

// Of each key the last entry, at its place; and of as many as a payload may have, without looking at every pair of them.
static void
of_entries_with_one_key_the_last_is_written(void **state)
{
	enum { ENTRIES = LIMIT_PAYLOAD_FIELDS / 3 };
	const struct json_options options = {.lenient = false};
	struct buf payload = BUF_EMPTY, json = BUF_EMPTY;
	struct json_fault fault;
	size_t commas = 0;

	kit_expect_json(WHOLE, "ca 01 05 0a 01 61 10 01 ca 01 05 0a 01 62 10 02 ca 01 05 0a 01 61 10 03",
	    "{\"counts\":{\"b\":2,\"a\":3}}");
	kit_expect_json(WHOLE, "da 01 05 08 00 12 01 61 da 01 03 12 01 62 da 01 05 08 01 12 01 63",
	    "{\"flags\":{\"false\":\"b\",\"true\":\"c\"}}");
	for (uint32_t i = 0; i < ENTRIES; i++) {
		char key[8];

		(void)snprintf(key, sizeof(key), "%05u", (i * 7919) % (ENTRIES / 2));
		buf_put(&payload, "\xca\x01\x09\x0a\x05", 5);
		buf_put(&payload, key, 5);
		buf_put(&payload, "\x10\x01", 2);
	}
	assert_ok(json_from_payload(WHOLE, buf_view(&payload), &options, &json, &fault));
	for (size_t i = 0; i < json.len; i++) {
		commas += json.data[i] == ',';
	}
	assert_int_equal(commas + 1, ENTRIES / 2);
	buf_fini(&payload);
	buf_fini(&json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_has_its_form),
	    cmocka_unit_test(a_field_that_occurs_is_written_as_it_occurs),
	    cmocka_unit_test(names_may_be_those_of_the_schema),
	    cmocka_unit_test(groups_and_extensions_have_names),
	    cmocka_unit_test(well_known_types_have_forms_of_their_own),
	    cmocka_unit_test(an_any_of_a_well_known_type_says_its_value),
	    cmocka_unit_test(what_has_no_form_is_an_error),
	    cmocka_unit_test(an_any_in_an_any_counts_as_depth),
	    cmocka_unit_test(of_entries_with_one_key_the_last_is_written),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}

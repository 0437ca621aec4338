// SPDX-License-Identifier: Apache-2.0
// A list that a record keeps in one text: out as it came in. With the shelter's form, whose answers are separated by blanks.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/json.h"

#include "support/support.h"

static int
load(void **state)
{
	struct findings findings;
	struct schema *schema = NULL;

	findings_init(&findings);
	assert_int_equal(schema_load_folder("build/schemas", &findings, &schema), EN_OK);
	findings_fini(&findings);
	*state = schema;
	return 0;
}

static int
unload(void **state)
{
	struct schema *schema = *state;

	schema_unref(&schema);
	return 0;
}

static void
expect_json_of(struct schema *schema, const char *type, const char *in, const char *wanted)
{
	const struct schema_type *t = schema_type_by_name(schema, type);
	const struct json_options options = {.lenient = false};
	struct buf payload = BUF_EMPTY, out = BUF_EMPTY;
	struct json_fault fault;

	assert_non_null(t);
	assert_int_equal(json_to_payload(t, view_text(in), &options, &payload, NULL, &fault), EN_OK);
	assert_int_equal(json_from_payload(t, buf_view(&payload), &options, &out, &fault), EN_OK);
	assert_string_equal(buf_cstr(&out), wanted);
	buf_fini(&payload);
	buf_fini(&out);
}

static void
expect_json(struct schema *schema, const char *in, const char *wanted)
{
	expect_json_of(schema, "civil_society.v1.KoboReferral", in, wanted);
}

static void
a_list_in_one_text_stays_one_text(void **state)
{
	expect_json(*state, "{\"persona/nacionalidad\":\"hnd slv\"}", "{\"persona/nacionalidad\":\"hnd slv\"}");
	expect_json(*state, "{\"persona/nacionalidad\":[\"hnd\",\"slv\"]}", "{\"persona/nacionalidad\":\"hnd slv\"}");
	expect_json(*state, "{\"persona/nacionalidad\":\"hnd\"}", "{\"persona/nacionalidad\":\"hnd\"}");
}

static void
a_value_that_holds_the_separator_keeps_the_list_apart(void **state)
{
	expect_json(*state, "{\"persona/nacionalidad\":[\"el salvador\",\"hnd\"]}",
	    "{\"persona/nacionalidad\":[\"el salvador\",\"hnd\"]}");
	expect_json(*state, "{\"persona/nacionalidad\":[\"\",\"hnd\"]}", "{\"persona/nacionalidad\":[\"\",\"hnd\"]}");
}

static void
a_value_that_ends_like_the_separator_begins_keeps_the_list_apart(void **state)
{
	struct findings findings;
	struct schema *rows = NULL;

	(void)state;
	findings_init(&findings);
	assert_int_equal(schema_load_file("build/schemas/test/schema.binpb", NULL, &findings, &rows), EN_OK);
	expect_json_of(rows, "record.v1.Notes", "{\"notas\":[\"a\",\"b\"]}", "{\"notas\":\"a||b\"}");
	expect_json_of(rows, "record.v1.Notes", "{\"notas\":[\"a|\",\"b\"]}", "{\"notas\":[\"a|\",\"b\"]}");
	expect_json_of(
	    rows, "record.v1.Notes", "{\"notas\":[\"a\",\"|b\"]}", "{\"notas\":\"a|||b\"}"); // read from the left
	findings_fini(&findings);
	schema_unref(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_in_one_text_stays_one_text),
	    cmocka_unit_test(a_value_that_holds_the_separator_keeps_the_list_apart),
	    cmocka_unit_test(a_value_that_ends_like_the_separator_begins_keeps_the_list_apart),
	};

	return cmocka_run_group_tests(tests, load, unload);
}

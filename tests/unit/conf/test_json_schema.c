// SPDX-License-Identifier: Apache-2.0
// What a JSON Schema is made of. That whole files are let through or refused is shown by tests/e2e/test_config_schemas.py.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/json_schema.h"
#include "conf/kinds.h"
#include "support/support.h"

#include <stdlib.h>

static void
assert_has(struct buf *b, const char *part)
{
	if (strstr(buf_cstr(b), part) == NULL) {
		fail_msg("%s is not in: %s", part, buf_cstr(b));
	}
}

static const char *const words[] = {"one", "two", NULL};

struct probe {
	struct conf_text name, word;
	uint64_t number;
	struct conf_duration wait;
};

static const struct bind_field inner_fields[] = {
    {.key = "wait", .type = BIND_DURATION, BIND_AT(probe, wait), .help = "the full name"},
};
static const struct bind_object inner = {
    .name = "inner", .fields = inner_fields, .field_count = 1, .where_offset = BIND_NO_WHERE};
static const struct bind_object other_inner = {
    .name = "inner", .fields = inner_fields, .field_count = 1, .where_offset = BIND_NO_WHERE};
static const struct bind_field fields[] = {
    {.key = "name", .type = BIND_NAME, .is_required = true, BIND_AT(probe, name), .help = "\"quoted\""},
    {.key = "word", .type = BIND_WORD, BIND_AT(probe, word), .words = words, .text = "one", .help = "x"},
    {.key = "number", .type = BIND_NUMBER, .min = 1, .max = 9, BIND_AT(probe, number), .help = "x"},
    {.key = "in", .type = BIND_OBJECT, .object = &inner, .help = "x"},
    {.key = "also", .type = BIND_OBJECT, .object = &other_inner, .help = "x"},
};
static const struct bind_object outer = {
    .name = "outer", .fields = fields, .field_count = EN_COUNT_OF(fields), .where_offset = BIND_NO_WHERE};

static void
a_row_becomes_a_property_with_its_words_range_and_help(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	conf_json_schema(&outer, EN_LANG_EN, &b);
	assert_has(&b, "\"additionalProperties\":false");
	assert_has(&b, "\"required\":[\"name\"]");
	assert_has(&b, "\"name\":{\"description\":\"\\\"quoted\\\"\",\"allOf\":[{\"$ref\":\"#/$defs/name\"}]}");
	assert_has(&b, "\"word\":{\"description\":\"x\",\"default\":\"one\",\"allOf\":[{\"enum\":[\"one\",\"two\"]}]}");
	assert_has(&b, "\"minimum\":1,\"maximum\":9}");
	assert_has(&b, "|min|");
	buf_fini(&b);
}

static void
two_objects_of_one_name_are_two_definitions(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	conf_json_schema(&outer, EN_LANG_EN, &b);
	assert_has(&b, "\"in\":{\"description\":\"x\",\"allOf\":[{\"$ref\":\"#/$defs/inner\"}]}");
	assert_has(&b, "\"also\":{\"description\":\"x\",\"allOf\":[{\"$ref\":\"#/$defs/inner_2\"}]}");
	assert_has(&b, "\n\"inner_2\":{\"type\":\"object\"");
	buf_fini(&b);
}

static void
the_help_is_said_in_the_language_asked_for(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	conf_json_schema(&outer, EN_LANG_ES, &b);
	assert_has(&b, "\"el nombre completo\"");
	buf_fini(&b);
}

// A custom reader without a form would end the process of whoever asks for its schema.
static void
check_forms(const struct bind_object *object, const struct bind_object **seen, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		if (seen[i] == object) {
			return;
		}
	}
	seen[(*count)++] = object;
	for (size_t i = 0; i < object->field_count; i++) {
		const struct bind_field *f = &object->fields[i];

		if ((f->type == BIND_CUSTOM) != (f->form != BIND_FORM_NONE)) {
			fail_msg("%s.%s: a custom reader, and only one, says its form", object->name, f->key);
		}
		if (f->object != NULL) {
			check_forms(f->object, seen, count);
		}
	}
}

static void
every_custom_reader_says_what_stands_there(void **state)
{
	const struct bind_object *seen[128];
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < CONF_KIND_COUNT; i++) {
		check_forms(conf_kinds[i].object, seen, &count);
	}
	check_forms(&conf_daemon_object, seen, &count);
	check_forms(&conf_adapter_object, seen, &count);
	assert_true(count > CONF_KIND_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_becomes_a_property_with_its_words_range_and_help),
	    cmocka_unit_test(two_objects_of_one_name_are_two_definitions),
	    cmocka_unit_test(the_help_is_said_in_the_language_asked_for),
	    cmocka_unit_test(every_custom_reader_says_what_stands_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// A key stands once in an object, and one member of a oneof: of a form with hundreds of questions as of any other.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "unit/schema/kit.h"

#define FIELDS 600
#define ONEOF_OF_THE_LAST 90 // which the last two are members of

// wide.Form: the numbers f1, f2, ... f600.
static struct schema *
wide_schema(void)
{
	static Google__Protobuf__FieldDescriptorProto fields[FIELDS], *list[FIELDS];
	static char names[FIELDS][16];
	Google__Protobuf__DescriptorProto form = GOOGLE__PROTOBUF__DESCRIPTOR_PROTO__INIT, *forms[] = {&form};
	Google__Protobuf__FileDescriptorProto file = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_PROTO__INIT, *files[] = {&file};
	Google__Protobuf__FileDescriptorSet set = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_SET__INIT;
	struct buf bytes = BUF_EMPTY;
	struct findings findings;
	struct schema *schema;

	for (int i = 0; i < FIELDS; i++) {
		google__protobuf__field_descriptor_proto__init(&fields[i]);
		(void)snprintf(names[i], sizeof(names[i]), "f%d", i + 1);
		fields[i].name = names[i];
		fields[i].number = i + 1;
		fields[i].type = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_INT32;
		fields[i].label = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_OPTIONAL;
		fields[i].has_number = fields[i].has_type = fields[i].has_label = true;
		fields[i].has_oneof_index = i >= FIELDS - 2;
		fields[i].oneof_index = ONEOF_OF_THE_LAST;
		list[i] = &fields[i];
	}
	form.name = (char *)(uintptr_t) "Form";
	form.field = list;
	form.n_field = FIELDS;
	file.name = (char *)(uintptr_t) "wide.proto";
	file.package = (char *)(uintptr_t) "wide";
	file.message_type = forms;
	file.n_message_type = 1;
	set.file = files;
	set.n_file = 1;
	assert_true(buf_reserve(&bytes, google__protobuf__file_descriptor_set__get_packed_size(&set)));
	bytes.len = google__protobuf__file_descriptor_set__pack(&set, bytes.data);
	findings_init(&findings);
	assert_ok(schema_new(&schema));
	assert_ok(schema_add(schema, buf_view(&bytes), "wide.binpb", &findings));
	assert_ok(schema_seal(schema, &findings));
	findings_fini(&findings);
	buf_fini(&bytes);
	return schema;
}

static void
expect(const struct schema *schema, const char *json, const char *hint)
{
	const struct json_options options = {.lenient = false};
	struct json_fault fault = {.err = EN_OK};
	struct buf payload = BUF_EMPTY;
	enum en_err err = json_to_payload(
	    schema_type_by_name(schema, "wide.Form"), view_text(json), &options, &payload, NULL, &fault);

	assert_err(hint[0] == '\0' ? EN_OK : EN_EFORMAT, err);
	assert_string_equal(fault.hint, hint);
	buf_fini(&payload);
}

static void
keys_stand_once_however_many_there_are(void **state)
{
	struct schema *schema = wide_schema();

	(void)state;
	expect(schema, "{\"f1\": 1, \"f512\": 1, \"f513\": 1, \"f598\": 1, \"f600\": 1}", "");
	expect(schema, "{\"f1\": 1, \"f1\": 1}", "the key stands twice");
	expect(schema, "{\"f512\": 1, \"f512\": 1}", "the key stands twice");
	expect(schema, "{\"f513\": 1, \"f513\": 1}", "the key stands twice");
	expect(schema, "{\"f598\": 1, \"f1\": 1, \"f598\": 1}", "the key stands twice");
	expect(schema, "{\"f599\": 1, \"f600\": 1}", "only one of these keys can be there");
	schema_unref(&schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(keys_stand_once_however_many_there_are)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

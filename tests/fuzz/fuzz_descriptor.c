// SPDX-License-Identifier: Apache-2.0
// Any bytes as a FileDescriptorSet. Checked besides memory: a set is taken or has a finding; every type of one that was
// taken is found by its name, its fields by number and by name, and it can index an empty payload and say it in JSON, unless proto2 requires a field.
// `make fuzz FUZZ=descriptor` runs it.

#include "fuzz/require.h"
#include "schema/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_type(const struct schema *schema, const char *name)
{
	static const struct json_options options = {.lenient = true};
	const struct schema_type *type = schema_type_by_name(schema, name);
	struct buf json = BUF_EMPTY;
	struct json_fault fault;
	bool lacks = false; // an empty payload has nothing of what proto2 requires

	require(type != NULL);
	for (uint32_t i = 0; i < type->field_count; i++) {
		const struct schema_field *f = &type->fields[i];

		require(schema_field_by_number(type, f->number) == f);
		require(schema_field_by_name(type, view_text(f->name)) != NULL);
		require(!schema_is_message(f) || f->message != NULL);
		require(f->kind != KIND_ENUM || f->enumeration != NULL);
		lacks = lacks || f->proto2_required;
	}
	require((json_from_payload(type, VIEW_EMPTY, &options, &json, &fault) != EN_OK) == lacks);
	buf_fini(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct schema *schema = NULL;
	struct findings findings;
	const char *const *names;
	size_t count = 0;
	enum en_err err;

	findings_init(&findings);
	require(schema_new(&schema) == EN_OK);
	err = schema_add(schema, view_of(data, size), "fuzz.binpb", &findings);
	if (err == EN_OK) {
		err = schema_seal(schema, &findings);
	}
	require(err == EN_OK || findings.errors > 0);
	names = findings.errors == 0 ? schema_type_names(schema, &count) : NULL;
	for (size_t i = 0; i < count; i++) {
		check_type(schema, names[i]);
	}
	schema_unref(&schema);
	findings_fini(&findings);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Descriptor sets that protoc never writes. Each bad one is a good one with one thing changed, and the
// good one loads.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "unit/schema/kit.h"

#define TYPE(t) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_##t
#define LABEL(l) GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_##l

// A file with one message of two fields, an enum of one value, an entry of a map and an extension.
struct draft {
	Google__Protobuf__FileDescriptorSet set;
	Google__Protobuf__FileDescriptorProto file, *files[1];
	Google__Protobuf__DescriptorProto message, entry, *messages[2], *nested[2];
	Google__Protobuf__MessageOptions entry_options;
	Google__Protobuf__FieldDescriptorProto first, second, key, value, extension, *fields[3], *entry_fields[2],
	    *extensions[2];
	Google__Protobuf__EnumDescriptorProto enumeration, *enums[2];
	Google__Protobuf__EnumValueDescriptorProto zero, *values[1];
};

static void
set_field(Google__Protobuf__FieldDescriptorProto *f, const char *name, int number)
{
	google__protobuf__field_descriptor_proto__init(f);
	f->name = (char *)(uintptr_t)name;
	f->has_number = f->has_type = f->has_label = true;
	f->number = number;
	f->type = TYPE(INT32);
	f->label = LABEL(OPTIONAL);
}

static void
draft_entry(struct draft *d)
{
	google__protobuf__descriptor_proto__init(&d->entry);
	google__protobuf__message_options__init(&d->entry_options);
	d->entry_options.has_map_entry = d->entry_options.map_entry = true;
	d->entry.name = (char *)(uintptr_t) "Entry";
	d->entry.options = &d->entry_options;
	set_field(&d->key, "key", 1);
	set_field(&d->value, "value", 2);
	d->entry_fields[0] = &d->key;
	d->entry_fields[1] = &d->value;
	d->entry.field = d->entry_fields;
	d->entry.n_field = 2;
	d->nested[0] = &d->entry;
	d->message.nested_type = d->nested;
	d->message.n_nested_type = 1;
}

static void
draft_file(struct draft *d)
{
	google__protobuf__file_descriptor_set__init(&d->set);
	google__protobuf__file_descriptor_proto__init(&d->file);
	d->file.name = (char *)(uintptr_t) "p.proto";
	d->file.package = (char *)(uintptr_t) "p";
	d->messages[0] = &d->message;
	d->file.message_type = d->messages;
	d->file.n_message_type = 1;
	d->enums[0] = &d->enumeration;
	d->file.enum_type = d->enums;
	d->file.n_enum_type = 1;
	d->extensions[0] = &d->extension;
	d->file.extension = d->extensions;
	d->file.n_extension = 1;
	d->files[0] = &d->file;
	d->set.file = d->files;
	d->set.n_file = 1;
}

static void
draft_init(struct draft *d)
{
	memset(d, 0, sizeof(*d));
	google__protobuf__descriptor_proto__init(&d->message);
	google__protobuf__enum_descriptor_proto__init(&d->enumeration);
	google__protobuf__enum_value_descriptor_proto__init(&d->zero);
	set_field(&d->first, "first", 1);
	set_field(&d->second, "second", 536870911);
	set_field(&d->extension, "extra", 100);
	d->extension.extendee = (char *)(uintptr_t) ".p.M";
	d->first.type = TYPE(ENUM);
	d->first.type_name = (char *)(uintptr_t) ".p.E";
	d->fields[0] = &d->first;
	d->fields[1] = &d->second;
	d->message.name = (char *)(uintptr_t) "M";
	d->message.field = d->fields;
	d->message.n_field = 2;
	d->enumeration.name = (char *)(uintptr_t) "E";
	d->zero.name = (char *)(uintptr_t) "ZERO";
	d->zero.has_number = true;
	d->values[0] = &d->zero;
	d->enumeration.value = d->values;
	d->enumeration.n_value = 1;
	draft_entry(d);
	draft_file(d);
}

static struct buf
draft_pack(const struct draft *d)
{
	struct buf out = BUF_EMPTY;

	assert_true(buf_reserve(&out, google__protobuf__file_descriptor_set__get_packed_size(&d->set) + 1));
	out.len = google__protobuf__file_descriptor_set__pack(&d->set, out.data);
	return out;
}

// Loads the set; *ret_code is the code of the first finding, "" without one.
static enum en_err
load(struct view set, char ret_code[8])
{
	struct findings findings;
	struct schema *schema;
	enum en_err err;

	findings_init(&findings);
	assert_ok(schema_new(&schema));
	err = schema_add(schema, set, "p.binpb", &findings);
	if (err == EN_OK) {
		err = schema_seal(schema, &findings);
	}
	snprintf(ret_code, 8, "%s", findings.count == 0 ? "" : finding_code_text(findings.items[0].code));
	if (err == EN_OK && findings.errors > 0) {
		err = EN_ECONFIG; // as schema_load_folder has it: schema_add leaves it to the findings
	}
	assert_int_equal(err == EN_OK, findings.errors == 0); // a failure says why
	schema_unref(&schema);
	findings_fini(&findings);
	return err;
}

static void
expect_draft(const struct draft *d, const char *wanted_code)
{
	struct buf set = draft_pack(d);
	char code[8];
	enum en_err err = load(buf_view(&set), code);

	assert_string_equal(code, wanted_code);
	assert_err(wanted_code[0] == '\0' ? EN_OK : EN_ECONFIG, err);
	buf_fini(&set);
}

static void
json_names_are_made_when_the_set_has_none(void **state)
{
	struct draft d;
	struct findings findings;
	struct schema *schema;
	struct buf set;
	const struct schema_type *t;

	(void)state;
	draft_init(&d);
	d.first.name = (char *)(uintptr_t) "una_clave__larga_";
	d.second.json_name = (char *)(uintptr_t) "Otra clave";
	set = draft_pack(&d);
	findings_init(&findings);
	assert_ok(schema_new(&schema));
	assert_ok(schema_add(schema, buf_view(&set), "p.binpb", &findings));
	assert_ok(schema_seal(schema, &findings));
	t = kit_type(schema, "p.M");
	assert_string_equal(schema_field_by_number(t, 1)->json_name, "unaClaveLarga");
	assert_string_equal(schema_field_by_number(t, 536870911)->json_name, "Otra clave");
	assert_string_equal(schema_field_by_number(t, 100)->name, "[p.extra]");
	schema_unref(&schema);
	findings_fini(&findings);
	buf_fini(&set);
}

static void
the_good_set_loads(void **state)
{
	struct draft d;

	(void)state;
	draft_init(&d);
	expect_draft(&d, "");
}

#define SPOILED(code, change)                                                                                          \
	do {                                                                                                           \
		struct draft d;                                                                                        \
		draft_init(&d);                                                                                        \
		change;                                                                                                \
		expect_draft(&d, code);                                                                                \
	} while (0)

static void
a_field_has_a_name_a_number_and_a_type_of_protobuf(void **state)
{
	(void)state;
	SPOILED("E0202", d.first.name = (char *)(uintptr_t) "");
	SPOILED("E0202", d.first.name = (char *)(uintptr_t) "a.b");
	SPOILED("E0202", d.first.name = NULL);
	SPOILED("E0202", d.first.number = 0);
	SPOILED("E0202", d.first.number = -1);
	SPOILED("E0202", d.second.number = 536870912); // one past the largest, which the good set has
	SPOILED("E0202", d.second.type = 0);
	SPOILED("E0202", d.second.type = 19);
	SPOILED("E0202", d.second.has_type = false); // to be found by a name that it may have
	SPOILED("E0202", d.second.number = 1);
	SPOILED("E0202", (d.second.has_oneof_index = true, d.second.oneof_index = -1));
	SPOILED("E0202", (d.second.has_oneof_index = true, d.second.oneof_index = 1024));
	SPOILED("", (d.second.has_oneof_index = true, d.second.oneof_index = 1023));
}

static void
a_type_that_a_field_names_is_there(void **state)
{
	(void)state;
	SPOILED("E0204", d.first.type_name = (char *)(uintptr_t) ".p.Missing");
	SPOILED("E0204", d.first.type_name = NULL);
	SPOILED("E0204", d.first.type_name = (char *)(uintptr_t) ".p.M"); // a message where an enum should be
	SPOILED("E0204", d.first.type = TYPE(MESSAGE));
}

static void
enums_and_messages_have_names_and_values(void **state)
{
	(void)state;
	SPOILED("E0202", d.message.name = NULL);
	SPOILED("E0202", d.message.name = (char *)(uintptr_t) "M M");
	SPOILED("E0202", d.enumeration.name = NULL);
	SPOILED("E0202", d.enumeration.n_value = 0);
	SPOILED("E0202", d.zero.name = NULL);
	SPOILED("E0203", (d.messages[1] = &d.message, d.file.n_message_type = 2)); // the same one twice
	SPOILED("E0203", (d.enums[1] = &d.enumeration, d.file.n_enum_type = 2));
}

static void
an_entry_of_a_map_is_a_key_and_a_value(void **state)
{
	(void)state;
	SPOILED("E0202", d.entry.n_field = 1);
	SPOILED("E0202", d.value.number = 3);
	SPOILED("E0202", d.key.label = LABEL(REPEATED));
	SPOILED("E0202", d.value.label = LABEL(REPEATED));
	SPOILED("E0202", d.key.type = TYPE(DOUBLE));
	SPOILED("E0202", d.key.type = TYPE(BYTES));
	SPOILED("E0202", (d.key.type = TYPE(MESSAGE), d.key.type_name = (char *)(uintptr_t) ".p.M"));
	SPOILED("", d.key.type = TYPE(STRING));
}

// Taken for no label, one that a newer options.proto has would be covered by whatever stands above the field.
static void
a_label_that_is_not_known_is_refused(void **state)
{
	Google__Protobuf__FieldOptions options = GOOGLE__PROTOBUF__FIELD_OPTIONS__INIT;
	uint8_t number = LABEL_COUNT - 1;
	ProtobufCMessageUnknownField label = {
	    .tag = 52001, .wire_type = PROTOBUF_C_WIRE_TYPE_VARINT, .len = 1, .data = &number};

	(void)state;
	options.base.n_unknown_fields = 1;
	options.base.unknown_fields = &label;
	SPOILED("", d.first.options = &options);
	number = LABEL_COUNT;
	SPOILED("E0202", d.first.options = &options);
	number = 0;
	SPOILED("", d.first.options = &options);
}

// A text where a number belongs would be read as its length, and a number is no text at all.
static void
an_option_of_another_kind_is_refused(void **state)
{
	static const struct {
		uint32_t tag;
		bool is_text;
	} options_of_enlace[] = {{52001, false}, {52002, false}, {52003, false}, {52004, true}, {52005, true},
	    {52006, false}, {52007, false}, {52008, true}};
	Google__Protobuf__FieldOptions options = GOOGLE__PROTOBUF__FIELD_OPTIONS__INIT;
	uint8_t data[] = {1, 'a'};
	ProtobufCMessageUnknownField one = {.data = data};

	(void)state;
	options.base.n_unknown_fields = 1;
	options.base.unknown_fields = &one;
	for (size_t i = 0; i < EN_COUNT_OF(options_of_enlace); i++) {
		one.tag = options_of_enlace[i].tag;
		for (size_t is_text = 0; is_text <= 1; is_text++) {
			one.wire_type = is_text ? PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED : PROTOBUF_C_WIRE_TYPE_VARINT;
			one.len = is_text ? 2 : 1;
			SPOILED(
			    (bool)is_text == options_of_enlace[i].is_text ? "" : "E0202", d.first.options = &options);
		}
	}
	one.tag = 52009; // somebody else's
	SPOILED("", d.first.options = &options);
}

static void
what_protobuf_cannot_read_is_told_once(void **state)
{
	// A name, and a package that is a number.
	static const uint8_t set[] = {0x0a, 5, 0x0a, 1, 'p', 0x10, 1};
	struct findings findings;
	struct schema *schema;

	(void)state;
	findings_init(&findings);
	assert_ok(schema_new(&schema));
	assert_ok(schema_add(schema, view_of(set, sizeof(set)), "p.binpb", &findings));
	assert_err(EN_ECONFIG, schema_seal(schema, &findings));
	assert_int_equal(findings.count, 1);
	assert_string_equal(finding_code_text(findings.items[0].code), "E0202");
	schema_unref(&schema);
	findings_fini(&findings);
}

static void
an_extension_extends_something_at_a_free_number(void **state)
{
	(void)state;
	SPOILED("E0204", d.extension.extendee = (char *)(uintptr_t) ".p.Missing");
	SPOILED("E0204", d.extension.extendee = NULL);
	SPOILED("E0202", d.extension.number = 1);
	SPOILED("E0202", d.extension.name = NULL);
	SPOILED("E0202", (d.extensions[1] = &d.extension, d.file.n_extension = 2));
	// Options are no payload: agencies number theirs alike, and need not ship what they extend.
	SPOILED("",
	    (d.extension.extendee = (char *)(uintptr_t) ".google.protobuf.FieldOptions", d.extensions[1] = &d.extension,
		d.file.n_extension = 2));
}

static void
syntax_is_proto2_or_proto3(void **state)
{
	(void)state;
	SPOILED("", d.file.syntax = (char *)(uintptr_t) "proto2");
	SPOILED("", d.file.syntax = (char *)(uintptr_t) "proto3");
	SPOILED("E0202", d.file.syntax = (char *)(uintptr_t) "editions");
}

static void
a_well_known_type_has_the_fields_of_protobufs_own(void **state)
{
	(void)state;
	SPOILED("E0202",
	    (d.file.n_extension = 0, d.file.package = (char *)(uintptr_t) "google.protobuf",
		d.message.name = (char *)(uintptr_t) "Timestamp", d.first.type = TYPE(INT64)));
	SPOILED("",
	    (d.file.n_extension = 0, d.file.package = (char *)(uintptr_t) "google.protobuf",
		d.message.name = (char *)(uintptr_t) "Timestamp", d.first.type = TYPE(INT64), d.second.number = 2));
}

static void
messages_may_be_nested_to_the_limit_and_not_one_deeper(void **state)
{
	Google__Protobuf__DescriptorProto levels[LIMIT_DESCRIPTOR_NESTING + 1], *inner[LIMIT_DESCRIPTOR_NESTING + 1];

	(void)state;
	for (size_t past = 0; past <= 1; past++) {
		struct draft d;

		draft_init(&d);
		d.file.n_extension = 0;
		for (size_t i = 0; i < LIMIT_DESCRIPTOR_NESTING + past; i++) {
			google__protobuf__descriptor_proto__init(&levels[i]);
			levels[i].name = (char *)(uintptr_t) "N";
			inner[i] = &levels[i];
			if (i > 0) {
				levels[i - 1].nested_type = &inner[i];
				levels[i - 1].n_nested_type = 1;
			}
		}
		d.messages[0] = &levels[0];
		expect_draft(&d, past == 0 ? "" : "E0202");
	}
}

static void
a_file_that_comes_twice_is_one_when_it_is_the_same(void **state)
{
	struct draft d;
	struct findings findings;
	struct schema *schema;
	struct buf set, other;

	(void)state;
	draft_init(&d);
	set = draft_pack(&d);
	d.second.number = 7;
	other = draft_pack(&d);
	findings_init(&findings);
	assert_ok(schema_new(&schema));
	assert_ok(schema_add(schema, buf_view(&set), "a.binpb", &findings));
	assert_ok(schema_add(schema, buf_view(&set), "b.binpb", &findings));
	assert_int_equal(findings.errors, 0);
	assert_ok(schema_add(schema, buf_view(&other), "c.binpb", &findings));
	assert_int_equal(findings.errors, 1);
	assert_string_equal(finding_code_text(findings.items[0].code), "E0203");
	assert_string_equal(findings.items[0].where.file, "c.binpb");
	schema_unref(&schema);
	findings_fini(&findings);
	buf_fini(&set);
	buf_fini(&other);
}

static void
a_set_cut_or_changed_anywhere_never_does_harm(void **state)
{
	struct draft d;
	struct buf set;
	char code[8];
	size_t refused = 0;

	(void)state;
	draft_init(&d);
	set = draft_pack(&d);
	for (size_t len = 1; len < set.len; len++) {
		uint8_t *exact = malloc(len); // so that a sanitizer sees a read behind the end

		assert_non_null(exact);
		memcpy(exact, set.data, len);
		assert_err(EN_ECONFIG, load(view_of(exact, len), code)); // one file: a cut set is no set
		free(exact);
	}
	for (size_t at = 0; at < set.len; at++) {
		for (unsigned int bit = 0; bit < 8; bit++) {
			set.data[at] ^= (uint8_t)(1U << bit);
			refused += load(buf_view(&set), code) != EN_OK;
			set.data[at] ^= (uint8_t)(1U << bit);
		}
	}
	assert_true(refused > set.len); // of eight times as many
	buf_fini(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_names_are_made_when_the_set_has_none),
	    cmocka_unit_test(the_good_set_loads),
	    cmocka_unit_test(a_field_has_a_name_a_number_and_a_type_of_protobuf),
	    cmocka_unit_test(a_type_that_a_field_names_is_there),
	    cmocka_unit_test(enums_and_messages_have_names_and_values),
	    cmocka_unit_test(an_entry_of_a_map_is_a_key_and_a_value),
	    cmocka_unit_test(a_label_that_is_not_known_is_refused),
	    cmocka_unit_test(an_option_of_another_kind_is_refused),
	    cmocka_unit_test(what_protobuf_cannot_read_is_told_once),
	    cmocka_unit_test(an_extension_extends_something_at_a_free_number),
	    cmocka_unit_test(syntax_is_proto2_or_proto3),
	    cmocka_unit_test(a_well_known_type_has_the_fields_of_protobufs_own),
	    cmocka_unit_test(messages_may_be_nested_to_the_limit_and_not_one_deeper),
	    cmocka_unit_test(a_file_that_comes_twice_is_one_when_it_is_the_same),
	    cmocka_unit_test(a_set_cut_or_changed_anywhere_never_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

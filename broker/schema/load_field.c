// SPDX-License-Identifier: Apache-2.0
// One field of a message, with the options of enlace.v1 that a schema may carry: they are unknown to descriptor.proto, so protobuf-c keeps them as unknown
// fields.
#include <stdlib.h>

#include "schema/load.h"
#include "schema/scalar.h"

enum option {
	OPTION_LABEL = 52001,
	OPTION_COARSE,
	OPTION_REQUIRED,
	OPTION_LIST,
	OPTION_GROUPED_BY,
	OPTION_RAW_JSON,
	OPTION_XML_ATTRIBUTE,
	OPTION_VALUES
};

#define NUMBER_MAX 536870911 // 2^29 - 1: a tag holds no more
#define ONEOFS_MAX 1024

static void
refuse_option(struct load *l, const struct schema_field *f, const char *problem)
{
	findings_add(l->findings, E0202, (struct where){.file = l->file->name}, NULL, "%s.%s: %s", f->owner->name,
	    f->name, findings_say(l->findings, problem));
}

// A label that is not known here must not be taken for none: then the label above it would let the field through.
static void
take_label(struct load *l, struct schema_field *f, uint64_t number)
{
	if (number < LABEL_COUNT) {
		f->label = (enum label)number;
	} else {
		refuse_option(l, f, "a label that is not known here");
	}
}

static void
take_number(struct load *l, struct schema_field *f, uint32_t tag, uint64_t number)
{
	switch ((enum option)tag) {
	case OPTION_LABEL:
		take_label(l, f, number);
		break;
	case OPTION_COARSE:
		f->coarse = number != 0;
		break;
	case OPTION_REQUIRED:
		f->required = number != 0;
		break;
	case OPTION_RAW_JSON:
		f->raw_json = number != 0;
		break;
	case OPTION_XML_ATTRIBUTE:
		f->xml_attribute = number != 0;
		break;
	default:
		break;
	}
}

static void
take_text(struct load *l, struct schema_field *f, uint32_t tag, struct view v, const char **values)
{
	const char *text = arena_text(&l->schema->arena, v);

	if (text == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	switch ((enum option)tag) {
	case OPTION_LIST:
		f->list_separator = text;
		break;
	case OPTION_GROUPED_BY:
		f->rows_grouped_by = text;
		break;
	case OPTION_VALUES:
		values[f->value_count++] = text;
		break;
	default:
		break;
	}
}

// Our options arrive as fields unknown to descriptor.proto. data is the raw value: a varint, or a length and bytes.
static void
take_option(struct load *l, struct schema_field *f, const ProtobufCMessageUnknownField *option, const char **values)
{
	struct rd r = rd_init(view_of(option->data, option->len));
	bool is_text = option->tag == OPTION_LIST || option->tag == OPTION_GROUPED_BY || option->tag == OPTION_VALUES;

	if (option->tag < OPTION_LABEL || option->tag > OPTION_VALUES) {
		return;
	}
	if (option->wire_type != (is_text ? PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED : PROTOBUF_C_WIRE_TYPE_VARINT)) {
		refuse_option(l, f, "an option of another kind than enlace's");
	} else if (is_text) {
		take_text(l, f, option->tag, rd_text(&r), values);
	} else {
		take_number(l, f, option->tag, rd_varint(&r));
	}
}

static void
take_options(struct load *l, struct schema_field *f, const Google__Protobuf__FieldOptions *options)
{
	const char **values;

	if (options == NULL || options->base.n_unknown_fields == 0) {
		return;
	}
	values = arena_zalloc(&l->schema->arena, options->base.n_unknown_fields * sizeof(*values));
	if (values == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	for (unsigned int i = 0; i < options->base.n_unknown_fields; i++) {
		take_option(l, f, &options->base.unknown_fields[i], values);
	}
	f->values = f->value_count == 0 ? NULL : values;
}

static bool
is_digit(char c, int base)
{
	int digit = hex_value((uint8_t)c);

	return digit >= 0 && digit < base;
}

// One escape behind its backslash, as protoc writes bytes: a letter, three octal digits, or x and hexadecimal ones.
static char
take_escape(const char **text)
{
	static const char letters[] = "abfnrtv", meant[] = "\a\b\f\n\r\t\v";
	const char *at = **text == '\0' ? NULL : strchr(letters, **text);
	bool is_hex = **text == 'x' || **text == 'X';
	int base = is_hex ? 16 : 8, most = is_hex ? 2 : 3, value = 0;

	if (at != NULL) {
		++*text;
		return meant[at - letters];
	}
	if (!is_hex && !is_digit(**text, base)) {
		return **text == '\0' ? '\\' : *(*text)++; // a quote, a backslash
	}
	for (*text += is_hex; most > 0 && is_digit(**text, base); most--, ++*text) {
		value = value * base + hex_value((uint8_t) * *text);
	}
	return (char)value;
}

// Bytes stand in a descriptor as they would in C.
static void
take_bytes(struct load *l, struct schema_field *f, const char *text)
{
	char *bytes = arena_alloc(&l->schema->arena, strlen(text) + 1);
	size_t len = 0;

	if (bytes == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	while (*text != '\0') {
		char c = *text++;

		bytes[len++] = c == '\\' ? take_escape(&text) : c;
	}
	f->default_text = view_of(bytes, len);
}

static void
take_default(struct load *l, struct schema_field *f, const char *text)
{
	if (text == NULL) {
		return;
	}
	f->has_default = true;
	switch (f->kind) {
	case KIND_BYTES:
		take_bytes(l, f, text);
		break;
	case KIND_STRING:
		f->default_text = arena_copy(&l->schema->arena, view_text(text));
		l->err = f->default_text.data == NULL && text[0] != '\0' ? EN_ENOMEM : l->err;
		break;
	case KIND_BOOL:
		f->default_bits = strcmp(text, "true") == 0;
		break;
	case KIND_ENUM: {
		const struct schema_enum_value *value = schema_enum_by_name(f->enumeration, view_text(text));

		f->default_bits = value == NULL ? 0 : (uint64_t)(int64_t)value->number;
		break;
	}
	case KIND_DOUBLE:
		f->default_bits = scalar_float_bits(KIND_DOUBLE, strtod(text, NULL));
		break;
	case KIND_FLOAT:
		f->default_bits = scalar_float_bits(KIND_FLOAT, (double)strtof(text, NULL));
		break;
	case KIND_UINT32:
	case KIND_UINT64:
	case KIND_FIXED32:
	case KIND_FIXED64:
		f->default_bits = strtoull(text, NULL, 10);
		break;
	default:
		f->default_bits = (uint64_t)strtoll(text, NULL, 10);
	}
}

const char *
load_json_name(struct arena *arena, const Google__Protobuf__FieldDescriptorProto *in)
{
	char camel[256];
	size_t at = 0;
	bool upper = false;

	if (in->json_name != NULL && in->json_name[0] != '\0') {
		return arena_text(arena, view_text(in->json_name));
	}
	for (const char *p = in->name; *p != '\0' && at + 1 < sizeof(camel); p++) {
		if (*p == '_') {
			upper = true;
			continue;
		}
		camel[at++] = (char)(upper && *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
		upper = false;
	}
	return arena_text(arena, view_of(camel, at));
}

static void
resolve(struct load *l, struct schema_field *f, const char *type_name)
{
	struct view name = view_text(type_name == NULL ? "" : type_name + (type_name[0] == '.'));

	if (f->kind == KIND_MESSAGE || f->kind == KIND_GROUP) {
		f->message = strmap_get(&l->schema->types, name);
		f->is_map = f->repeated && f->message != NULL && f->message->is_map_entry;
	} else if (f->kind == KIND_ENUM) {
		f->enumeration = strmap_get(&l->schema->enums, name);
	} else {
		return;
	}
	if (f->message == NULL && f->enumeration == NULL) {
		load_finding(l, E0204, type_name == NULL ? f->name : type_name);
	}
}

// What protoc never writes, and what everything behind this page relies on. A descriptor may leave the type to be found by its name; a set that was
// compiled does not.
static bool
is_sound(const Google__Protobuf__FieldDescriptorProto *in)
{
	return load_is_name(in->name) && in->number >= 1 && in->number <= NUMBER_MAX && in->has_type &&
	    (int)in->type >= (int)KIND_DOUBLE && (int)in->type <= (int)KIND_SINT64 &&
	    (!in->has_oneof_index || (in->oneof_index >= 0 && in->oneof_index < ONEOFS_MAX));
}

// An extension goes by its full name in brackets, in JSON too.
static void
name_field(
    struct load *l, struct schema_field *f, const Google__Protobuf__FieldDescriptorProto *in, const char *extension)
{
	if (extension == NULL) {
		f->name = arena_text(&l->schema->arena, view_text(in->name));
		f->json_name = load_json_name(&l->schema->arena, in);
	} else {
		f->name = f->json_name = arena_printf(&l->schema->arena, "[%s]", extension);
	}
}

void
load_field(struct load *l, struct schema_type *t, struct schema_field *f,
    const Google__Protobuf__FieldDescriptorProto *in, const char *extension)
{
	bool scalar;

	if (!is_sound(in)) {
		load_finding(l, E0202, "a field without a name, number or type that protobuf allows");
		l->err = EN_ECONFIG;
		return;
	}
	*f = (struct schema_field){
	    .owner = t, .number = (uint32_t)in->number, .kind = (enum schema_kind)in->type, .oneof = -1};
	name_field(l, f, in, extension);
	f->repeated = in->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED;
	f->proto2_required = in->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED;
	if (f->name == NULL || f->json_name == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	resolve(l, f, in->type_name);
	scalar = f->kind != KIND_STRING && f->kind != KIND_BYTES && f->kind != KIND_MESSAGE && f->kind != KIND_GROUP;
	f->packed = f->repeated && scalar &&
	    (in->options != NULL && in->options->has_packed ? in->options->packed : l->is_proto3);
	if (in->has_oneof_index && !(in->has_proto3_optional && in->proto3_optional)) {
		f->oneof = in->oneof_index;
		t->oneof_count = (uint32_t)f->oneof + 1 > t->oneof_count ? (uint32_t)f->oneof + 1 : t->oneof_count;
	}
	f->has_presence =
	    !f->repeated && (!l->is_proto3 || in->has_oneof_index || f->message != NULL || extension != NULL);
	take_options(l, f, in->options);
	if (f->kind != KIND_ENUM || f->enumeration != NULL) {
		take_default(l, f, in->default_value);
	}
}

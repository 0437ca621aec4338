// SPDX-License-Identifier: Apache-2.0
// Two fields of one number.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/compat_int.h"
#include "schema/load.h"

// Numbers of FieldDescriptorProto: the parts that have places of their own.
enum { PART_NAME = 1, PART_TYPE = 5, PART_TYPE_NAME = 6, PART_DEFAULT = 7, PART_OPTIONS = 8, PART_JSON_NAME = 10 };

// ---- types -----------------------------------------------------------------------------------------------------------------------

// Kinds whose values have one form on the wire and one in JSON: signs apart. 0: no other one.
static int
group_of(int type)
{
	static const uint8_t groups[KIND_SINT64 + 1] = {[KIND_INT32] = 1,
	    [KIND_UINT32] = 1,
	    [KIND_INT64] = 2,
	    [KIND_UINT64] = 2,
	    [KIND_FIXED32] = 3,
	    [KIND_SFIXED32] = 3,
	    [KIND_FIXED64] = 4,
	    [KIND_SFIXED64] = 4};

	return groups[type];
}

static const char *
last_name(const char *full)
{
	const char *dot = strrchr(full, '.');

	return dot == NULL ? full : dot + 1;
}

// Another enum will do when it goes by the same name and knows every value of the old one.
static bool
are_equal_enums(const struct element *old, const struct element *new)
{
	if (old == NULL || new == NULL || strcmp(last_name(old->name), last_name(new->name)) != 0) {
		return false;
	}
	for (size_t i = 0; i < old->enumeration->n_value; i++) {
		const Google__Protobuf__EnumValueDescriptorProto *value = old->enumeration->value[i];

		if (!enum_has_value(new->enumeration, value->number, value->name)) {
			return false;
		}
	}
	return true;
}

static bool
are_equal_types(const struct compat *c, const field_descriptor *old, const field_descriptor *new)
{
	int was = (int)old->type, is = (int)new->type;

	if (was != is) {
		return group_of(was) != 0 && group_of(was) == group_of(is);
	}
	if (old->type_name == NULL || new->type_name == NULL || strcmp(old->type_name, new->type_name) == 0) {
		return true;
	}
	return was == (int)KIND_ENUM &&
	    are_equal_enums(side_type(&c->old.enums, old->type_name), side_type(&c->new.enums, new->type_name));
}

// "string", or the full name of a message or an enum.
static const char *
type_text(const field_descriptor *f, bool is_kind_enough)
{
	static const char *const names[] = {[KIND_DOUBLE] = "double",
	    [KIND_FLOAT] = "float",
	    [KIND_INT64] = "int64",
	    [KIND_UINT64] = "uint64",
	    [KIND_INT32] = "int32",
	    [KIND_FIXED64] = "fixed64",
	    [KIND_FIXED32] = "fixed32",
	    [KIND_BOOL] = "bool",
	    [KIND_STRING] = "string",
	    [KIND_GROUP] = "group",
	    [KIND_MESSAGE] = "message",
	    [KIND_BYTES] = "bytes",
	    [KIND_UINT32] = "uint32",
	    [KIND_ENUM] = "enum",
	    [KIND_SFIXED32] = "sfixed32",
	    [KIND_SFIXED64] = "sfixed64",
	    [KIND_SINT32] = "sint32",
	    [KIND_SINT64] = "sint64"};

	return is_kind_enough || f->type_name == NULL ? names[f->type] : f->type_name + (f->type_name[0] == '.');
}

static void
compare_types(struct compat *c, const struct element *old, const struct element *new, const char *scope)
{
	bool is_kind_enough = old->field->type != new->field->type;

	if (!are_equal_types(c, old->field, new->field)) {
		compat_add(c, COMPAT_FIELD_WIRE_JSON_COMPATIBLE_TYPE, new,
		    new->field->type_name == NULL ? PART_TYPE : PART_TYPE_NAME, scope, new->name,
		    "field %d was %s and is %s now", new->field->number, type_text(old->field, is_kind_enough),
		    type_text(new->field, is_kind_enough));
	}
}

// ---- cardinality -----------------------------------------------------------------------------------------------------------------

// Whether presence is seen does not matter to who reads and writes; how many values there may be does.
static const char *
cardinality_of(const struct side *s, const field_descriptor *f)
{
	if (side_is_map(s, f)) {
		return "a map";
	}
	return f->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED ? "repeated"
	    : f->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED  ? "required"
											   : "optional";
}

static void
compare_cardinality(struct compat *c, const struct element *old, const struct element *new, const char *scope)
{
	const char *was = cardinality_of(&c->old, old->field), *is = cardinality_of(&c->new, new->field);

	if (strcmp(was, is) != 0) {
		compat_add(c, COMPAT_FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY, new, 0, scope, new->name,
		    "field %d was %s and is %s now", new->field->number, was, is);
	}
}

// ---- defaults --------------------------------------------------------------------------------------------------------------------

// What an absent field is read as: a number (truth and enum values too) or a text. Nothing and zero are the same.
struct default_value {
	const char *text;
	bool is_text, is_float;
	double number;
	uint64_t bits; // of whole numbers
};

static int32_t
enum_default(const struct side *s, const field_descriptor *f)
{
	const struct element *e = side_type(&s->enums, f->type_name);

	for (size_t i = 0; e != NULL && f->default_value != NULL && i < e->enumeration->n_value; i++) {
		if (strcmp(e->enumeration->value[i]->name, f->default_value) == 0) {
			return e->enumeration->value[i]->number;
		}
	}
	return e == NULL ? 0 : e->enumeration->value[0]->number;
}

static struct default_value
default_of(const struct side *s, const field_descriptor *f)
{
	const char *text = f->default_value == NULL ? "" : f->default_value;
	struct default_value v = {.text = text};

	switch ((int)f->type) {
	case KIND_STRING:
	case KIND_BYTES:
		v.is_text = text[0] != '\0';
		break;
	case KIND_FLOAT:
	case KIND_DOUBLE:
		v.number = strtod(text, NULL);
		v.is_float = true;
		break;
	case KIND_BOOL:
		v.bits = strcmp(text, "true") == 0;
		break;
	case KIND_ENUM:
		v.bits = (uint64_t)enum_default(s, f);
		break;
	case KIND_UINT64:
	case KIND_FIXED64:
		v.bits = strtoull(text, NULL, 10);
		v.number = (double)v.bits;
		return v;
	default:
		v.bits = (uint64_t)strtoll(text, NULL, 10);
	}
	if (!v.is_float) {
		v.number = (double)(int64_t)v.bits;
	}
	return v;
}

static bool
are_equal_defaults(const struct default_value *a, const struct default_value *b)
{
	if (a->is_text || b->is_text) {
		return a->is_text && b->is_text && strcmp(a->text, b->text) == 0;
	}
	if (a->is_float || b->is_float) {
		return !(a->number < b->number || a->number > b->number) && isnan(a->number) == isnan(b->number);
	}
	return a->bits == b->bits && signbit(a->number) == signbit(b->number);
}

static bool
can_have_default(const field_descriptor *f)
{
	return f->label != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED &&
	    (int)f->type != (int)KIND_MESSAGE && (int)f->type != (int)KIND_GROUP;
}

static void
compare_defaults(struct compat *c, const struct element *old, const struct element *new, const char *scope)
{
	struct default_value was, is;

	if (!can_have_default(old->field) || !can_have_default(new->field)) {
		return;
	}
	was = default_of(&c->old, old->field);
	is = default_of(&c->new, new->field);
	if (!are_equal_defaults(&was, &is)) {
		compat_add(c, COMPAT_FIELD_SAME_DEFAULT, new, PART_DEFAULT, scope, new->name,
		    "without a value, field %d was read as \"%s\" and is read as \"%s\" now", new->field->number,
		    was.text, is.text);
	}
}

// ---- names, oneofs ---------------------------------------------------------------------------------------------------------------

static const char *
json_name_of(struct compat *c, const field_descriptor *f)
{
	const char *name = load_json_name(&c->report->arena, f);

	if (name == NULL) {
		c->err = EN_ENOMEM;
	}
	return name == NULL ? "" : name;
}

static void
compare_names(struct compat *c, const struct element *old, const struct element *new, const char *scope)
{
	if (strcmp(old->name, new->name) != 0) {
		compat_add(c, COMPAT_FIELD_SAME_NAME, new, PART_NAME, scope, new->name,
		    "field %d was \"%s\" and is \"%s\" now", new->field->number, old->name, new->name);
	}
	if (new->field->extendee == NULL) { // an extension goes by its full name in JSON too
		const char *was = json_name_of(c, old->field), *is = json_name_of(c, new->field);

		if (strcmp(was, is) != 0) {
			compat_add(c, COMPAT_FIELD_SAME_JSON_NAME, new, PART_JSON_NAME, scope, new->name,
			    "field %d was \"%s\" in JSON and is \"%s\" now", new->field->number, was, is);
		}
	}
}

// NULL: none. What stands for a proto3 optional is none.
static const char *
oneof_of(const struct element *e)
{
	const field_descriptor *f = e->field;

	return f->extendee == NULL && f->has_oneof_index && !f->proto3_optional &&
		(size_t)f->oneof_index < e->outer->message->n_oneof_decl
	    ? e->outer->message->oneof_decl[f->oneof_index]->name
	    : NULL;
}

static void
compare_oneofs(struct compat *c, const struct element *old, const struct element *new, const char *scope)
{
	const char *was = oneof_of(old), *is = oneof_of(new);

	if (was == NULL && is == NULL) {
		return;
	}
	if (was == NULL || is == NULL) {
		compat_add(c, COMPAT_FIELD_SAME_ONEOF, new, 0, scope, new->name,
		    was == NULL ? "field %d stands in oneof %s now" : "field %d stands in oneof %s no more",
		    new->field->number, was == NULL ? is : was);
	} else if (strcmp(was, is) != 0) {
		compat_add(c, COMPAT_FIELD_SAME_ONEOF, new, 0, scope, new->name,
		    "field %d stood in oneof %s and stands in %s now", new->field->number, was, is);
	}
}

// ---- labels ----------------------------------------------------------------------------------------------------------------------

// The field as it was loaded, which knows its label; NULL of an extension.
static const struct schema_field *
loaded(const struct schema *schema, const struct element *e, const char *scope)
{
	const struct schema_type *t = e->field->extendee == NULL ? schema_type_by_name(schema, scope) : NULL;

	return t == NULL ? NULL : schema_field_by_number(t, (uint32_t)e->field->number);
}

static void
compare_labels(struct compat *c, const struct element *old, const struct element *new, const char *scope)
{
	const struct schema_field *was = loaded(c->old.schema, old, scope), *is = loaded(c->new.schema, new, scope);
	int number = new->field->number;

	if (was == NULL || is == NULL) {
		return;
	}
	if (was->label != is->label && is->label == LABEL_UNSPECIFIED) {
		compat_add(c, COMPAT_FIELD_SAME_LABEL, new, PART_OPTIONS, scope, new->name,
		    "field %d has the label %s no more", number, label_name(was->label));
	} else if (was->label != is->label && was->label == LABEL_UNSPECIFIED) {
		compat_add(c, COMPAT_FIELD_SAME_LABEL, new, PART_OPTIONS, scope, new->name,
		    "field %d has the label %s now", number, label_name(is->label));
	} else if (was->label != is->label) {
		compat_add(c, COMPAT_FIELD_SAME_LABEL, new, PART_OPTIONS, scope, new->name,
		    "field %d had the label %s and has %s now", number, label_name(was->label), label_name(is->label));
	}
	if (was->coarse != is->coarse) {
		compat_add(c, COMPAT_FIELD_SAME_LABEL, new, PART_OPTIONS, scope, new->name,
		    is->coarse ? "field %d is seen by who is granted its label as coarse now"
			       : "field %d is hidden from who is granted its label as coarse now",
		    number);
	}
}

void
compat_field(struct compat *c, const struct element *old, const struct element *new, const char *scope)
{
	compare_names(c, old, new, scope);
	compare_types(c, old, new, scope);
	compare_cardinality(c, old, new, scope);
	compare_defaults(c, old, new, scope);
	compare_oneofs(c, old, new, scope);
	compare_labels(c, old, new, scope);
}

// SPDX-License-Identifier: Apache-2.0
#include "schema/well_known.h"

#define FIELDS_MAX 6

struct known_field {
	uint32_t number;
	enum schema_kind kind;
	bool repeated;
	const char *message;
};

struct known_type {
	const char *name;
	enum schema_well_known known;
	uint32_t field_count;
	struct known_field fields[FIELDS_MAX];
};

static const struct known_type known_types[] = {
    {"google.protobuf.Any", WELL_KNOWN_ANY, 2, {{1, KIND_STRING, false, NULL}, {2, KIND_BYTES, false, NULL}}},
    {"google.protobuf.Timestamp", WELL_KNOWN_TIMESTAMP, 2,
	{{1, KIND_INT64, false, NULL}, {2, KIND_INT32, false, NULL}}},
    {"google.protobuf.Duration", WELL_KNOWN_DURATION, 2, {{1, KIND_INT64, false, NULL}, {2, KIND_INT32, false, NULL}}},
    {"google.protobuf.FieldMask", WELL_KNOWN_FIELD_MASK, 1, {{1, KIND_STRING, true, NULL}}},
    {"google.protobuf.Struct", WELL_KNOWN_STRUCT, 1, {{1, KIND_MESSAGE, true, "google.protobuf.Struct.FieldsEntry"}}},
    {"google.protobuf.Struct.FieldsEntry", WELL_KNOWN_NONE, 2,
	{{1, KIND_STRING, false, NULL}, {2, KIND_MESSAGE, false, "google.protobuf.Value"}}},
    {"google.protobuf.ListValue", WELL_KNOWN_LIST_VALUE, 1, {{1, KIND_MESSAGE, true, "google.protobuf.Value"}}},
    {"google.protobuf.Value", WELL_KNOWN_VALUE, 6,
	{{1, KIND_ENUM, false, NULL}, {2, KIND_DOUBLE, false, NULL}, {3, KIND_STRING, false, NULL},
	    {4, KIND_BOOL, false, NULL}, {5, KIND_MESSAGE, false, "google.protobuf.Struct"},
	    {6, KIND_MESSAGE, false, "google.protobuf.ListValue"}}},
    {"google.protobuf.DoubleValue", WELL_KNOWN_WRAPPER, 1, {{1, KIND_DOUBLE, false, NULL}}},
    {"google.protobuf.FloatValue", WELL_KNOWN_WRAPPER, 1, {{1, KIND_FLOAT, false, NULL}}},
    {"google.protobuf.Int64Value", WELL_KNOWN_WRAPPER, 1, {{1, KIND_INT64, false, NULL}}},
    {"google.protobuf.UInt64Value", WELL_KNOWN_WRAPPER, 1, {{1, KIND_UINT64, false, NULL}}},
    {"google.protobuf.Int32Value", WELL_KNOWN_WRAPPER, 1, {{1, KIND_INT32, false, NULL}}},
    {"google.protobuf.UInt32Value", WELL_KNOWN_WRAPPER, 1, {{1, KIND_UINT32, false, NULL}}},
    {"google.protobuf.BoolValue", WELL_KNOWN_WRAPPER, 1, {{1, KIND_BOOL, false, NULL}}},
    {"google.protobuf.StringValue", WELL_KNOWN_WRAPPER, 1, {{1, KIND_STRING, false, NULL}}},
    {"google.protobuf.BytesValue", WELL_KNOWN_WRAPPER, 1, {{1, KIND_BYTES, false, NULL}}},
};

static bool
is_as_known(const struct schema_type *t, const struct known_type *known)
{
	if (t->field_count != known->field_count) {
		return false;
	}
	for (uint32_t i = 0; i < known->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		const struct known_field *wanted = &known->fields[i];

		if (f->number != wanted->number || f->kind != wanted->kind || f->repeated != wanted->repeated ||
		    (wanted->message != NULL &&
			(f->message == NULL || strcmp(f->message->name, wanted->message) != 0))) {
			return false;
		}
	}
	return true;
}

enum schema_well_known
well_known_of(const struct schema_type *t, bool *ret_is_sound)
{
	*ret_is_sound = true;
	for (size_t i = 0; i < EN_COUNT_OF(known_types); i++) {
		if (strcmp(t->name, known_types[i].name) == 0) {
			*ret_is_sound = is_as_known(t, &known_types[i]);
			return known_types[i].known;
		}
	}
	return WELL_KNOWN_NONE;
}

const struct schema_type *
well_known_any_type(const struct schema *schema, struct view url)
{
	const uint8_t *slash = url.len == 0 ? NULL : memrchr(url.data, '/', url.len);

	if (slash == NULL || slash == url.data) {
		return NULL;
	}
	return schema_type_by_view(schema, view_of(slash + 1, (size_t)(url.data + url.len - slash - 1)));
}

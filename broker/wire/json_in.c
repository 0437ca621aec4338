// SPDX-License-Identifier: Apache-2.0
// ProtoJSON -> a control message in the arena, by walking the descriptors that protobuf-c generated: original and lowerCamelCase names, 64-bit
// numbers as text or number, enums by name or number, null as absent, unknown members ignored. A CloudEvent is read in the CloudEvents JSON format; its
// `data` may be any JSON value, which is kept as it was written for the codec that knows the payload's type (json_cut.c). What is wrong with one attribute
// is left for admission to tell, so that one event's envelope is not the frame's.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/limits.h"
#include "wire/frame_int.h"

#define WHOLE_MAX 9007199254740992.0 // 2^53

struct in {
	struct arena *arena;
	struct wire_path *path;
	struct json_cuts cuts;
};

static enum en_err take_message(
    struct in *in, const json_t *json, const ProtobufCMessageDescriptor *type, ProtobufCMessage **ret);

static enum en_err
take_text(struct in *in, const json_t *json, char **ret)
{
	size_t len = json_string_length(json);
	const char *text = json_string_value(json);

	if (text == NULL || memchr(text, '\0', len) != NULL) {
		return EN_EFORMAT;
	}
	*ret = arena_text(in->arena, view_of(text, len));
	return *ret == NULL ? EN_ENOMEM : EN_OK;
}

// A number, also as 8.0 or 8e0 (ProtoJSON): whole, and small enough that a double holds it exactly.
static bool
whole_number(const json_t *json, int64_t *ret)
{
	double real = json_real_value(json);

	if (json_is_integer(json)) {
		*ret = json_integer_value(json);
		return true;
	}
	if (!json_is_real(json) || !(real >= -WHOLE_MAX && real <= WHOLE_MAX)) {
		return false;
	}
	*ret = (int64_t)real;
	return (double)*ret == real;
}

static bool
take_signed(const json_t *json, int64_t least, int64_t most, int64_t *ret)
{
	const char *text = json_string_value(json);
	char *end;

	if (whole_number(json, ret)) {
		return *ret >= least && *ret <= most;
	}
	if (text == NULL || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) {
		return false;
	}
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && *ret >= least && *ret <= most;
}

static bool
take_unsigned(const json_t *json, uint64_t *ret)
{
	const char *text = json_string_value(json);
	int64_t number;
	char *end;

	if (whole_number(json, &number)) {
		*ret = (uint64_t)number;
		return number >= 0;
	}
	if (text == NULL || text[0] < '0' || text[0] > '9') {
		return false;
	}
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0';
}

static bool
take_enum(const json_t *json, const ProtobufCEnumDescriptor *type, int *ret)
{
	const ProtobufCEnumValue *value;
	int64_t number;

	if (json_is_string(json)) {
		value = protobuf_c_enum_descriptor_get_value_by_name(type, json_string_value(json));
		*ret = value == NULL ? 0 : value->value;
		return value != NULL;
	}
	if (!take_signed(json, INT32_MIN, INT32_MAX, &number)) {
		return false;
	}
	*ret = (int)number;
	return true;
}

static enum en_err
take_bytes(struct in *in, const json_t *json, ProtobufCBinaryData *ret)
{
	struct view text = view_of(json_string_value(json), json_string_length(json)), copy;
	struct buf bytes = BUF_EMPTY;
	enum en_err err = text.data != NULL && base64_decode(text, &bytes) ? bytes.err : EN_EFORMAT;

	if (err == EN_OK) {
		copy = arena_copy(in->arena, buf_view(&bytes));
		*ret = (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)copy.data, .len = copy.len};
		err = copy.data == NULL && bytes.len > 0 ? EN_ENOMEM : EN_OK;
	}
	buf_fini(&bytes);
	return err;
}

static enum en_err
take_number(const json_t *json, const ProtobufCFieldDescriptor *field, void *p)
{
	int64_t number = 0;
	uint64_t big = 0;
	bool ok = false;

	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
		ok = take_signed(json, INT32_MIN, INT32_MAX, &number);
		*(int32_t *)p = (int32_t)number;
		break;
	case PROTOBUF_C_TYPE_UINT32:
		ok = take_unsigned(json, &big) && big <= UINT32_MAX;
		*(uint32_t *)p = (uint32_t)big;
		break;
	case PROTOBUF_C_TYPE_INT64:
		ok = take_signed(json, INT64_MIN, INT64_MAX, (int64_t *)p);
		break;
	case PROTOBUF_C_TYPE_UINT64:
		ok = take_unsigned(json, (uint64_t *)p);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		ok = json_is_boolean(json);
		*(protobuf_c_boolean *)p = json_is_true(json);
		break;
	case PROTOBUF_C_TYPE_ENUM:
		ok = take_enum(json, field->descriptor, (int *)p);
		break;
	default:
		break;
	}
	return ok ? EN_OK : EN_EFORMAT;
}

static enum en_err
take_value(struct in *in, const json_t *json, const ProtobufCFieldDescriptor *field, void *p)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return take_text(in, json, (char **)p);
	case PROTOBUF_C_TYPE_BYTES:
		return take_bytes(in, json, p);
	case PROTOBUF_C_TYPE_MESSAGE:
		return take_message(in, json, field->descriptor, (ProtobufCMessage **)p);
	default:
		return take_number(json, field, p);
	}
}

static enum en_err
take_list(struct in *in, const json_t *json, const ProtobufCFieldDescriptor *field, uint8_t *base)
{
	size_t count = json_array_size(json), size = wire_value_size(field);
	uint8_t *items;

	if (!json_is_array(json)) {
		return EN_EFORMAT;
	}
	items = arena_zalloc(in->arena, count * size + 1);
	if (items == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		char number[24];
		size_t before;
		enum en_err err;

		snprintf(number, sizeof(number), "[%zu]", i);
		before = wire_path_push(in->path, number);
		err = take_value(in, json_array_get(json, i), field, items + i * size);
		if (err != EN_OK) {
			return err;
		}
		wire_path_back(in->path, before);
	}
	memcpy(base + field->offset, &items, sizeof(items));
	memcpy(base + field->quantifier_offset, &count, sizeof(count));
	return EN_OK;
}

// By its original name, or by the lowerCamelCase of it.
static const json_t *
member_of(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);
	char camel[WIRE_NAME_BYTES];

	if (value != NULL) {
		return value;
	}
	wire_camel_name(name, camel);
	return json_object_get(json, camel);
}

typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue attribute_value;
typedef Io__Cloudevents__V1__CloudEvent__AttributesEntry attribute_entry;

static enum en_err
take_time(struct in *in, const char *text, attribute_value *value)
{
	int64_t wall_ms;

	if (wall_parse(text, &wall_ms) != 0) {
		value->attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING;
		value->ce_string = arena_text(in->arena, view_text(text));
		return value->ce_string == NULL ? EN_ENOMEM : EN_OK;
	}
	value->attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP;
	value->ce_timestamp = wire_timestamp(in->arena, wall_ms);
	return value->ce_timestamp == NULL ? EN_ENOMEM : EN_OK;
}

static enum en_err
take_attribute(struct in *in, const char *name, const json_t *json, attribute_value *value)
{
	int64_t number;

	if (json_is_string(json) && (strcmp(name, "time") == 0 || strcmp(name, "expirytime") == 0)) {
		return take_time(in, json_string_value(json), value);
	}
	if (json_is_string(json)) {
		value->attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING;
		return take_text(in, json, &value->ce_string);
	}
	if (json_is_boolean(json)) {
		value->attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_BOOLEAN;
		value->ce_boolean = json_is_true(json);
		return EN_OK;
	}
	if (json_is_number(json) && take_signed(json, INT32_MIN, INT32_MAX, &number)) {
		value->attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_INTEGER;
		value->ce_integer = (int32_t)number;
		return EN_OK;
	}
	return EN_OK; // without a value: no attribute of CloudEvents
}

static enum en_err
add_attribute(struct in *in, Io__Cloudevents__V1__CloudEvent *event, const char *name, const json_t *json)
{
	attribute_entry *entry;
	attribute_value *value;

	if (event->n_attributes == LIMIT_ATTRIBUTES + 1) {
		return EN_OK; // one too many says all
	}
	entry = arena_alloc(in->arena, sizeof(*entry));
	value = arena_alloc(in->arena, sizeof(*value));
	if (entry == NULL || value == NULL) {
		return EN_ENOMEM;
	}
	io__cloudevents__v1__cloud_event__attributes_entry__init(entry);
	io__cloudevents__v1__cloud_event__cloud_event_attribute_value__init(value);
	entry->key = arena_text(in->arena, view_text(name));
	entry->value = value;
	event->attributes[event->n_attributes++] = entry;
	return entry->key == NULL ? EN_ENOMEM : take_attribute(in, name, json, value);
}

static enum en_err
take_data(struct in *in, Io__Cloudevents__V1__CloudEvent *event, const json_t *json)
{
	json_int_t cut = json_is_integer(json) ? json_integer_value(json) : -1;

	if (cut < 0 || (size_t)cut >= in->cuts.count) {
		return EN_EFORMAT;
	}
	if (event->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA) {
		return EN_OK; // both: the one that admission refuses
	}
	event->data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA;
	event->text_data = arena_text(in->arena, in->cuts.items[cut]);
	return event->text_data == NULL ? EN_ENOMEM : EN_OK;
}

static enum en_err
take_event_member(struct in *in, Io__Cloudevents__V1__CloudEvent *event, const char *name, const json_t *json)
{
	if (json_is_null(json)) {
		return EN_OK;
	}
	if (strcmp(name, "id") == 0) {
		return take_text(in, json, &event->id);
	}
	if (strcmp(name, "source") == 0) {
		return take_text(in, json, &event->source);
	}
	if (strcmp(name, "specversion") == 0) {
		return take_text(in, json, &event->spec_version);
	}
	if (strcmp(name, "type") == 0) {
		return take_text(in, json, &event->type);
	}
	if (strcmp(name, "data") == 0) {
		return take_data(in, event, json);
	}
	if (strcmp(name, "data_base64") == 0) {
		event->data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA;
		return take_bytes(in, json, &event->binary_data);
	}
	return add_attribute(in, event, name, json);
}

static enum en_err
take_event(struct in *in, const json_t *json, ProtobufCMessage **ret)
{
	Io__Cloudevents__V1__CloudEvent *event = arena_alloc(in->arena, sizeof(*event));
	const char *name;
	json_t *value;

	if (event == NULL) {
		return EN_ENOMEM;
	}
	io__cloudevents__v1__cloud_event__init(event);
	event->attributes = arena_alloc(in->arena, (LIMIT_ATTRIBUTES + 1) * sizeof(*event->attributes));
	if (event->attributes == NULL) {
		return EN_ENOMEM;
	}
	json_object_foreach((json_t *)(uintptr_t)json, name, value)
	{
		size_t before = wire_path_push(in->path, name);
		enum en_err err = take_event_member(in, event, name, value);

		if (err != EN_OK) {
			return err;
		}
		wire_path_back(in->path, before);
	}
	*ret = &event->base;
	return EN_OK;
}

static enum en_err
take_message(struct in *in, const json_t *json, const ProtobufCMessageDescriptor *type, ProtobufCMessage **ret)
{
	ProtobufCMessage *message;

	if (!json_is_object(json)) {
		return EN_EFORMAT;
	}
	if (type == &io__cloudevents__v1__cloud_event__descriptor) {
		return take_event(in, json, ret);
	}
	message = arena_alloc(in->arena, type->sizeof_message);
	if (message == NULL) {
		return EN_ENOMEM;
	}
	protobuf_c_message_init(type, message);
	for (unsigned int i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		const json_t *value = member_of(json, field->name);
		size_t before;
		enum en_err err;

		if (value == NULL || json_is_null(value)) {
			continue;
		}
		before = wire_path_push(in->path, field->name);
		err = field->label == PROTOBUF_C_LABEL_REPEATED
		    ? take_list(in, value, field, (uint8_t *)message)
		    : take_value(in, value, field, (uint8_t *)message + field->offset);
		if (err != EN_OK) {
			return err;
		}
		wire_path_back(in->path, before);
	}
	*ret = message;
	return EN_OK;
}

enum en_err
wire_from_json(const ProtobufCMessageDescriptor *type, struct view text, struct arena *arena, ProtobufCMessage **ret,
    struct wire_path *path)
{
	struct in in = {.arena = arena, .path = path};
	struct view rest = VIEW_EMPTY;
	enum en_err err = json_cut(text, arena, &rest, &in.cuts);
	json_error_t error = {.text = ""};
	json_t *root;

	if (err != EN_OK) {
		return err;
	}
	root = rest.len == 0 ? json_object()
			     : json_loadb((const char *)rest.data, rest.len, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		return error.text[0] == '\0' ? EN_ENOMEM : EN_EFORMAT; // jansson has words for everything else
	}
	err = take_message(&in, root, type, ret);
	json_decref(root);
	return err;
}

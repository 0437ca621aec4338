// SPDX-License-Identifier: Apache-2.0
// A control message as ProtoJSON: members at their default are left out, names in lowerCamelCase, 64-bit numbers as text, enums by name, bytes in base64.
// A CloudEvent is written in the CloudEvents JSON format, with the payload's own JSON text as `data`.
#include <inttypes.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "wire/frame_int.h"

static enum en_err put_message(struct buf *out, const ProtobufCMessage *message);

static void
put_text(struct buf *out, const char *text)
{
	buf_put_u8(out, '"');
	json_escape(out, view_text(text));
	buf_put_u8(out, '"');
}

void
wire_camel_name(const char *name, char dst[static WIRE_NAME_BYTES])
{
	size_t at = 0;
	bool upper = false;

	for (; *name != '\0' && at + 1 < WIRE_NAME_BYTES; name++) {
		if (*name == '_') {
			upper = true;
			continue;
		}
		dst[at++] = (char)(upper && *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name);
		upper = false;
	}
	dst[at] = '\0';
}

// A name that needs no escapes, and what stands between it and what came before.
static void
put_key(struct buf *out, const char *name, bool *first)
{
	buf_printf(out, "%s\"%s\":", *first ? "" : ",", name);
	*first = false;
}

static void
put_name(struct buf *out, const char *name, bool *first)
{
	char camel[WIRE_NAME_BYTES];

	wire_camel_name(name, camel);
	put_key(out, camel, first);
}

static void
put_base64(struct buf *out, const uint8_t *data, size_t len)
{
	buf_put_u8(out, '"');
	base64_encode(view_of(data, len), out);
	buf_put_u8(out, '"');
}

static void
put_enum(struct buf *out, const ProtobufCEnumDescriptor *type, int number)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);

	if (value == NULL) {
		buf_printf(out, "%d", number);
	} else {
		put_text(out, value->name);
	}
}

// The value at p. Our messages have no floating-point and no fixed-width fields.
static enum en_err
put_value(struct buf *out, const ProtobufCFieldDescriptor *field, const void *p)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
		buf_printf(out, "%" PRId32, *(const int32_t *)p);
		return EN_OK;
	case PROTOBUF_C_TYPE_UINT32:
		buf_printf(out, "%" PRIu32, *(const uint32_t *)p);
		return EN_OK;
	case PROTOBUF_C_TYPE_INT64:
		buf_printf(out, "\"%" PRId64 "\"", *(const int64_t *)p);
		return EN_OK;
	case PROTOBUF_C_TYPE_UINT64:
		buf_printf(out, "\"%" PRIu64 "\"", *(const uint64_t *)p);
		return EN_OK;
	case PROTOBUF_C_TYPE_BOOL:
		buf_put_str(out, *(const protobuf_c_boolean *)p ? "true" : "false");
		return EN_OK;
	case PROTOBUF_C_TYPE_ENUM:
		put_enum(out, field->descriptor, *(const int *)p);
		return EN_OK;
	case PROTOBUF_C_TYPE_STRING:
		put_text(out, *(char *const *)p);
		return EN_OK;
	case PROTOBUF_C_TYPE_BYTES:
		put_base64(out, ((const ProtobufCBinaryData *)p)->data, ((const ProtobufCBinaryData *)p)->len);
		return EN_OK;
	case PROTOBUF_C_TYPE_MESSAGE:
		return put_message(out, *(ProtobufCMessage *const *)p);
	default:
		return EN_EINTERNAL;
	}
}

static enum en_err
put_field(struct buf *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, bool *first)
{
	const uint8_t *base = (const uint8_t *)message, *p = base + field->offset;
	enum en_err err = EN_OK;

	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		if (wire_is_default(field, p)) {
			return EN_OK;
		}
		put_name(out, field->name, first);
		return put_value(out, field, p);
	}
	size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
	const uint8_t *items = *(const uint8_t *const *)(const void *)p;

	if (count == 0) {
		return EN_OK;
	}
	put_name(out, field->name, first);
	for (size_t i = 0; i < count && err == EN_OK; i++) {
		buf_put_u8(out, i == 0 ? '[' : ',');
		err = put_value(out, field, items + i * wire_value_size(field));
	}
	buf_put_u8(out, ']');
	return err;
}

static void
put_attribute(struct buf *out, const Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue *value)
{
	char time[25];
	int64_t wall_ms;

	switch (value->attr_case) {
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_BOOLEAN:
		buf_put_str(out, value->ce_boolean ? "true" : "false");
		break;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_INTEGER:
		buf_printf(out, "%" PRId32, value->ce_integer);
		break;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_BYTES:
		put_base64(out, value->ce_bytes.data, value->ce_bytes.len);
		break;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP:
		if (wire_timestamp_wall(value->ce_timestamp, &wall_ms)) {
			wall_format(wall_ms, time);
			put_text(out, time);
		} else {
			buf_put_str(out, "null"); // a moment that nobody can write is none
		}
		break;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING:
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI:
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_URI_REF:
		put_text(out, value->ce_string); // the three share their place in the union
		break;
	default:
		buf_put_str(out, "null");
	}
}

static void
put_member(struct buf *out, const char *name, const char *text, bool *first)
{
	if (text != NULL && text[0] != '\0') {
		put_key(out, name, first);
		put_text(out, text);
	}
}

static void
put_event(struct buf *out, const Io__Cloudevents__V1__CloudEvent *event)
{
	bool first = true;

	buf_put_u8(out, '{');
	put_member(out, "specversion", event->spec_version, &first);
	put_member(out, "id", event->id, &first);
	put_member(out, "source", event->source, &first);
	put_member(out, "type", event->type, &first);
	for (size_t i = 0; i < event->n_attributes; i++) {
		// One without a value is none; JSON has no word for it.
		if (event->attributes[i]->key != NULL && event->attributes[i]->value != NULL &&
		    event->attributes[i]->value->attr_case !=
			IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR__NOT_SET) {
			buf_put_str(out, first ? "\"" : ",\"");
			first = false;
			json_escape(out, view_text(event->attributes[i]->key));
			buf_put_str(out, "\":");
			put_attribute(out, event->attributes[i]->value);
		}
	}
	if (event->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA) {
		put_key(out, "data", &first);
		buf_put_str(out, event->text_data);
	} else if (event->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA) {
		put_key(out, "data_base64", &first);
		put_base64(out, event->binary_data.data, event->binary_data.len);
	}
	buf_put_u8(out, '}');
}

static enum en_err
put_message(struct buf *out, const ProtobufCMessage *message)
{
	bool first = true;
	enum en_err err = EN_OK;

	if (message->descriptor == &io__cloudevents__v1__cloud_event__descriptor) {
		put_event(out, (const Io__Cloudevents__V1__CloudEvent *)message);
		return EN_OK;
	}
	buf_put_u8(out, '{');
	for (unsigned int i = 0; i < message->descriptor->n_fields && err == EN_OK; i++) {
		err = put_field(out, message, &message->descriptor->fields[i], &first);
	}
	buf_put_u8(out, '}');
	return err;
}

enum en_err
wire_to_json(const ProtobufCMessage *message, struct buf *out)
{
	enum en_err err = put_message(out, message);

	return err == EN_OK ? out->err : err;
}

// SPDX-License-Identifier: Apache-2.0
// A control message -> form N in one walk over the descriptors that protobuf-c generated, byte for byte what its own encoder writes. That one walks
// every message twice to know lengths before it writes; here a length is written when it is known: one byte is left for it, and what is longer than
// 127 bytes is moved up. An answer to each event that is published comes this way.
#include "wire/frame_int.h"

#define WIRE_VARINT 0
#define WIRE_LENGTH 2

static enum en_err put_message(struct buf *out, const ProtobufCMessage *message);

static void
put_tag(struct buf *out, const ProtobufCFieldDescriptor *field, uint32_t wire_type)
{
	buf_put_varint(out, (uint64_t)field->id << 3 | wire_type);
}

// One byte for the length of what comes; returns where what comes begins.
static size_t
begin_length(struct buf *out)
{
	buf_put_u8(out, 0);
	return out->len;
}

static void
end_length(struct buf *out, size_t begin)
{
	size_t len = out->len - begin, more = 0;

	if (out->err != EN_OK) {
		return;
	}
	for (size_t left = len; left >= 0x80; left >>= 7) {
		more++;
	}
	if (more > 0) {
		if (!buf_reserve(out, more)) {
			return;
		}
		memmove(out->data + begin + more, out->data + begin, len);
		out->len += more;
	}
	for (size_t i = 0, left = len; i <= more; i++, left >>= 7) {
		out->data[begin - 1 + i] = (uint8_t)(i < more ? left | 0x80 : left);
	}
}

static uint64_t
number_at(const ProtobufCFieldDescriptor *field, const void *p)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_ENUM:
		return (uint64_t)(int64_t) * (const int32_t *)p; // ten bytes when it is negative
	case PROTOBUF_C_TYPE_UINT32:
		return *(const uint32_t *)p;
	case PROTOBUF_C_TYPE_BOOL:
		return *(const protobuf_c_boolean *)p != 0;
	default:
		return *(const uint64_t *)p;
	}
}

// The value at p with its tag. Our messages have no floating-point and no fixed-width fields.
static enum en_err
put_value(struct buf *out, const ProtobufCFieldDescriptor *field, const void *p)
{
	const ProtobufCBinaryData *bytes = p;
	enum en_err err;
	size_t begin;

	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_ENUM:
		put_tag(out, field, WIRE_VARINT);
		buf_put_varint(out, number_at(field, p));
		return EN_OK;
	case PROTOBUF_C_TYPE_STRING:
		put_tag(out, field, WIRE_LENGTH);
		buf_put_text(out, view_text(*(char *const *)p));
		return EN_OK;
	case PROTOBUF_C_TYPE_BYTES:
		put_tag(out, field, WIRE_LENGTH);
		buf_put_text(out, view_of(bytes->data, bytes->len));
		return EN_OK;
	case PROTOBUF_C_TYPE_MESSAGE:
		put_tag(out, field, WIRE_LENGTH);
		begin = begin_length(out);
		err = put_message(out, *(ProtobufCMessage *const *)p);
		end_length(out, begin);
		return err;
	default:
		return EN_EINTERNAL;
	}
}

static enum en_err
put_list(struct buf *out, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	const uint8_t *base = (const uint8_t *)message;
	size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset), size = wire_value_size(field);
	const uint8_t *items = *(const uint8_t *const *)(const void *)(base + field->offset);
	enum en_err err = EN_OK;

	if ((field->flags & PROTOBUF_C_FIELD_FLAG_PACKED) == 0) {
		for (size_t i = 0; i < count && err == EN_OK; i++) {
			err = put_value(out, field, items + i * size);
		}
		return err;
	}
	if (count > 0) {
		put_tag(out, field, WIRE_LENGTH);
		size_t begin = begin_length(out);

		for (size_t i = 0; i < count; i++) {
			buf_put_varint(out, number_at(field, items + i * size));
		}
		end_length(out, begin);
	}
	return EN_OK;
}

static bool
is_there(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const void *p)
{
	const uint8_t *base = (const uint8_t *)message;

	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) {
		return !wire_is_default(field, p);
	}
	return *(const uint32_t *)(const void *)(base + field->quantifier_offset) == field->id &&
	    (field->type != PROTOBUF_C_TYPE_MESSAGE || !wire_is_default(field, p));
}

static enum en_err
put_message(struct buf *out, const ProtobufCMessage *message)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;
	enum en_err err = EN_OK;

	for (unsigned int i = 0; i < type->n_fields && err == EN_OK; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		const void *p = (const uint8_t *)message + field->offset;

		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			err = put_list(out, message, field);
		} else if (is_there(message, field, p)) {
			err = put_value(out, field, p);
		}
	}
	return err;
}

enum en_err
wire_encode(const ProtobufCMessage *message, struct buf *out)
{
	enum en_err err = put_message(out, message);

	return err == EN_OK ? out->err : err;
}

// SPDX-License-Identifier: Apache-2.0
// What the files of wire/ share. Not for other folders.
#ifndef EN_WIRE_FRAME_INT_H
#define EN_WIRE_FRAME_INT_H

#include "wire/frame.h"

// Field path of what is wrong, as "events[3].event.id"; at most 127 characters.
struct wire_path {
	char text[128];
	size_t len;
};

// path.c: appends a step, "name" or "[3]"; returns the length before it, for wire_path_back.
size_t wire_path_push(struct wire_path *p, const char *name);
void wire_path_back(struct wire_path *p, size_t len);
// The same, before what is there.
void wire_path_put_in_front(struct wire_path *p, const char *name);

// decode.c: form N -> a message of the type in the arena; its bytes borrow from body, which is not NULL. EN_ELIMIT past LIMIT_FRAME_FIELDS, or when it
// would take far more memory than it has bytes; EN_EUTF8, EN_EFORMAT; EN_ENOMEM. On failure path names the field.
EN_MUST_CHECK enum en_err wire_decode(const ProtobufCMessageDescriptor *type, struct view body, struct arena *arena,
    ProtobufCMessage **ret, struct wire_path *path);

// json_cut.c: the text with every record (`data` of an event) replaced by its number in ret->items, which are the records as they were written.
// EN_EFORMAT when a value does not end or the rest nests too deep; EN_ELIMIT past LIMIT_FRAME_FIELDS in the rest; EN_EUTF8.
struct json_cuts {
	struct view *items;
	size_t count, cap;
};
EN_MUST_CHECK enum en_err json_cut(struct view text, struct arena *arena, struct view *ret_text, struct json_cuts *ret);

// event.c: CloudEvents' moments and ours. wire_timestamp_wall is false of a moment that is none of the years 1 to 9999, as the message's own rules say;
// wire_timestamp is NULL without memory.
bool wire_timestamp_wall(const Google__Protobuf__Timestamp *timestamp, int64_t *ret_wall_ms);
Google__Protobuf__Timestamp *wire_timestamp(struct arena *arena, int64_t wall_ms);

// encode.c: appends the message in form N. EN_EINTERNAL: it has a field of a kind that none of our messages has.
EN_MUST_CHECK enum en_err wire_encode(const ProtobufCMessage *message, struct buf *out);

// json_out.c: what all that walk a message know of a field. dst: "windowEvents" of "window_events", cut to what fits.
#define WIRE_NAME_BYTES 64
void wire_camel_name(const char *name, char dst[static WIRE_NAME_BYTES]);

// Of one value in a message of protobuf-c.
static inline size_t
wire_value_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return sizeof(uint64_t);
	default:
		return sizeof(uint32_t);
	}
}

// Whether the value at p is what is not written: 0, nothing, no message.
static inline bool
wire_is_default(const ProtobufCFieldDescriptor *field, const void *p)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return *(char *const *)p == NULL || **(char *const *)p == '\0';
	case PROTOBUF_C_TYPE_BYTES:
		return ((const ProtobufCBinaryData *)p)->len == 0;
	case PROTOBUF_C_TYPE_MESSAGE:
		return *(ProtobufCMessage *const *)p == NULL;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		return *(const uint64_t *)p == 0;
	default:
		return *(const uint32_t *)p == 0; // protobuf_c_boolean and enums are ints
	}
}

// json_in.c: JSON text -> a message of the type in the arena. json_out.c: the other way.
EN_MUST_CHECK enum en_err wire_from_json(const ProtobufCMessageDescriptor *type, struct view text, struct arena *arena,
    ProtobufCMessage **ret, struct wire_path *path);
EN_MUST_CHECK enum en_err wire_to_json(const ProtobufCMessage *message, struct buf *out);

#endif

// SPDX-License-Identifier: Apache-2.0
// Any bytes as an ENLACE/1 frame. Checked besides memory: what is refused has a reason; what is taken and written again
// in its form is taken again and written the same. In form N protobuf-c is the oracle: it takes what is taken, for the same message. It reads outside
// of its own tables to merge a message that comes in several pieces, so it gets their bytes joined, which is what protobuf says that they mean.
// `make fuzz FUZZ=frame` runs it.
#include <string.h>

#include "fuzz/require.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
encode(const struct frame *f, struct buf *out)
{
	if (f->kind >= FRAME_REQUEST) {
		require(frame_encode_text((enum frame_kind)f->kind, f->body, out) == EN_OK);
	} else {
		require(frame_encode(f->form, (enum frame_kind)f->kind, f->u.any, out) == EN_OK);
	}
}

#define FIELDS_MAX 32 // of one of our messages

static const ProtobufCFieldDescriptor *
next_field(struct rd *r, const ProtobufCMessageDescriptor *type, struct view *ret_whole, struct view *ret_content)
{
	const uint8_t *start = r->pos;
	uint64_t tag = rd_varint(r);

	rd_skip(r, tag & 7, ret_content);
	require(r->err == EN_OK);
	*ret_whole = view_of(start, (size_t)(r->pos - start));
	return protobuf_c_message_descriptor_get_field(type, (unsigned int)(tag >> 3));
}

static bool
is_other_of_oneof(const ProtobufCFieldDescriptor *a, const ProtobufCFieldDescriptor *b)
{
	return (a->flags & b->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && a != b &&
	    a->quantifier_offset == b->quantifier_offset;
}

static void join(const ProtobufCMessageDescriptor *type, struct view bytes, bool with_unknown, struct buf *out);

// The message of this field that begins with content, with all that comes to it in rest.
static void
join_field(const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field, struct view content,
    struct rd rest, bool with_unknown, struct buf *out)
{
	struct buf pieces = BUF_EMPTY, joined = BUF_EMPTY;

	buf_put_view(&pieces, content);
	while (field->label != PROTOBUF_C_LABEL_REPEATED && rd_left(&rest) > 0) {
		struct view whole;
		const ProtobufCFieldDescriptor *next = next_field(&rest, type, &whole, &content);

		if (next == field) {
			buf_put_view(&pieces, content);
		} else if (next != NULL && is_other_of_oneof(field, next)) {
			break;
		}
	}
	join(field->descriptor, buf_view(&pieces), with_unknown, &joined);
	buf_put_varint(out, (uint64_t)field->id << 3 | 2);
	buf_put_text(out, buf_view(&joined));
	buf_fini(&pieces);
	buf_fini(&joined);
}

static void
join(const ProtobufCMessageDescriptor *type, struct view bytes, bool with_unknown, struct buf *out)
{
	bool is_joined[FIELDS_MAX] = {false};
	struct rd r = rd_init(bytes);

	require(type->n_fields <= FIELDS_MAX);
	while (rd_left(&r) > 0) {
		struct view whole, content;
		const ProtobufCFieldDescriptor *field = next_field(&r, type, &whole, &content);

		for (unsigned int i = 0; field != NULL && i < type->n_fields; i++) {
			is_joined[i] = is_joined[i] && !is_other_of_oneof(field, &type->fields[i]);
		}
		if (field == NULL ? with_unknown : field->type != PROTOBUF_C_TYPE_MESSAGE) {
			buf_put_view(out, whole);
		} else if (field != NULL && !is_joined[field - type->fields]) {
			is_joined[field - type->fields] = field->label != PROTOBUF_C_LABEL_REPEATED;
			join_field(type, field, content, r, with_unknown, out);
		}
	}
}

static void
put_packed(const ProtobufCMessage *message, struct buf *out)
{
	require(buf_reserve(out, protobuf_c_message_get_packed_size(message) + 1));
	out->len += protobuf_c_message_pack(message, out->data);
}

static ProtobufCMessage *
oracle(const ProtobufCMessageDescriptor *type, struct view body, bool with_unknown)
{
	struct buf bytes = BUF_EMPTY;
	ProtobufCMessage *message;

	join(type, body, with_unknown, &bytes);
	message = protobuf_c_message_unpack(type, NULL, bytes.len, bytes.len == 0 ? (const uint8_t *)"" : bytes.data);
	require(message != NULL);
	buf_fini(&bytes);
	return message;
}

// Of a frame, without its preamble.
static struct view
rest_of(const struct buf *frame)
{
	return view_of(frame->data + FRAME_PREAMBLE_BYTES, frame->len - FRAME_PREAMBLE_BYTES);
}

// What it does not know protobuf-c would keep and write again.
static void
check_against_protobuf_c(const struct frame *frame)
{
	const ProtobufCMessageDescriptor *type = frame->u.any->descriptor;
	ProtobufCMessage *known = oracle(type, frame->body, false);
	struct buf ours = BUF_EMPTY, theirs = BUF_EMPTY, written = BUF_EMPTY;

	put_packed(frame->u.any, &ours);
	put_packed(known, &theirs);
	require(view_equal(buf_view(&ours), buf_view(&theirs)));
	encode(frame, &written);
	require(view_equal(rest_of(&written), buf_view(&ours)));
	protobuf_c_message_free_unpacked(known, NULL);
	protobuf_c_message_free_unpacked(oracle(type, frame->body, true), NULL);
	buf_fini(&ours);
	buf_fini(&theirs);
	buf_fini(&written);
}

static void
check_taken(const struct frame *frame, struct arena *arena)
{
	struct buf first = BUF_EMPTY, second = BUF_EMPTY;
	char field[128] = "";
	struct frame again;
	enum reason reason;

	require(frame_kind_name(frame->kind) != NULL);
	encode(frame, &first);
	require(frame_decode(buf_view(&first), arena, &again, &reason, field) == EN_OK);
	require(again.kind == frame->kind && (again.form == frame->form || frame->kind >= FRAME_REQUEST));
	encode(&again, &second);
	require(view_equal(buf_view(&first), buf_view(&second)));
	buf_fini(&first);
	buf_fini(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char field[128] = "";
	struct arena arena;
	struct frame frame;
	enum reason reason = REASON_NONE;
	enum en_err err;

	arena_init(&arena, 0);
	err = frame_decode(view_of(data, size), &arena, &frame, &reason, field);
	if (err == EN_OK && frame.form == FRAME_FORM_PROTOBUF && frame.kind < FRAME_REQUEST) {
		check_against_protobuf_c(&frame);
	}
	if (err == EN_OK) {
		check_taken(&frame, &arena);
	} else {
		require(err == EN_EPROTOCOL && reason != REASON_NONE);
		require(strnlen(field, sizeof(field)) < sizeof(field) && view_is_utf8(view_text(field)));
	}
	arena_fini(&arena);
	return 0;
}

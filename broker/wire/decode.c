// SPDX-License-Identifier: Apache-2.0
// Form N -> a control message in the arena, in one walk over the descriptors that protobuf-c generated. Its own decoder walks the bytes twice, keeps what
// it does not know, and takes what this protocol does not allow: text that is no UTF-8 or has a NUL, any number of fields. What it refuses is refused
// here too, but for a message that comes in several pieces: that is decoded into one struct, which is how protobuf merges them.
//
// Texts are copied, for their NUL; bytes borrow from the frame, for they are most of it. Memory has a budget, since a frame of empty sub-messages costs
// many times its size. Recursion follows the descriptors of our own messages, which are not recursive, so it is bounded by them and not by the peer.
#include "base/limits.h"
#include "wire/frame_int.h"

#define FIELD_NUMBER_MAX 536870911 // 2^29 - 1
#define SHORT_VARINT_BYTES 5 // of a tag or a length, as protobuf-c has it
#define LIST_FIRST 4 // items that a list has room for at first

// Wire types of protobuf.
enum { WIRE_VARINT = 0, WIRE_EIGHT_BYTES = 1, WIRE_LENGTH = 2, WIRE_FOUR_BYTES = 5 };

struct decoder {
	struct arena *arena;
	size_t memory; // bytes that may still be taken from it
	size_t fields; // that may still come
	enum en_err err; // why the newest piece of memory was not given
	struct wire_path *path;
};

static enum en_err take_message(struct decoder *d, ProtobufCMessage *message, struct view bytes);

static inline void *
take_memory(struct decoder *d, size_t size)
{
	void *piece = size > d->memory ? NULL : arena_alloc(d->arena, size);

	if (EN_UNLIKELY(piece == NULL)) {
		d->err = size > d->memory ? EN_ELIMIT : EN_ENOMEM;
		return NULL;
	}
	d->memory -= size;
	return piece;
}

// A varint and where the next byte is: NULL when it is malformed or does not end. Returned in registers, as is all that the walk needs for a field.
struct varint {
	uint64_t number;
	const uint8_t *next;
};

static EN_NOINLINE struct varint
read_long_varint(const uint8_t *p, const uint8_t *end, size_t bytes_max)
{
	size_t left = (size_t)(end - p);
	struct rd r = rd_init(view_of(p, left < bytes_max ? left : bytes_max));
	uint64_t number = rd_varint(&r);

	return (struct varint){number, r.err == EN_OK ? r.pos : NULL};
}

// It may be longer than it needs to be, but not longer than bytes_max.
static inline struct varint
read_varint(const uint8_t *p, const uint8_t *end, size_t bytes_max)
{
	if (EN_LIKELY(p != end && p[0] < 0x80)) {
		return (struct varint){p[0], p + 1};
	}
	if (EN_LIKELY(end - p >= 2 && p[1] < 0x80)) {
		return (struct varint){(p[0] & 0x7fU) | (uint64_t)p[1] << 7, p + 2};
	}
	return read_long_varint(p, end, bytes_max);
}

// A value as it lies in the frame: what a field makes of it is the field's.
struct piece {
	uint32_t wire_type;
	uint64_t number; // of a varint
	struct view bytes; // without the length before them
};

// The value of this wire type at p. Returns where the next byte is, NULL when it is malformed or does not end. Groups are not part of our messages.
static inline const uint8_t *
read_piece(const uint8_t *p, const uint8_t *end, uint32_t wire_type, struct piece *ret)
{
	struct varint v = {.number = 0, .next = p};
	uint64_t len;

	switch (wire_type) {
	case WIRE_LENGTH:
		v = read_varint(p, end, SHORT_VARINT_BYTES);
		len = v.number;
		break;
	case WIRE_VARINT:
		v = read_varint(p, end, VARINT_BYTES);
		*ret = (struct piece){WIRE_VARINT, v.number, VIEW_EMPTY};
		return v.next;
	case WIRE_EIGHT_BYTES:
		len = 8;
		break;
	case WIRE_FOUR_BYTES:
		len = 4;
		break;
	default:
		return NULL;
	}
	if (EN_UNLIKELY(v.next == NULL || len > (uint64_t)(end - v.next))) {
		return NULL;
	}
	*ret = (struct piece){wire_type, 0, view_of(v.next, (size_t)len)};
	return v.next + len;
}

// Copies and tells whether there is neither a NUL nor anything but ASCII, in one go: a byte minus one, or the byte itself, has the highest bit set if
// it is one of those. In a whole word the lowest such byte is found for certain; what it borrows from those above it does not matter then.
static inline bool
copy_plain(char *dst, const uint8_t *src, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highest = UINT64_C(0x8080808080808080);
	uint64_t seen = 0, word;

	if (len < sizeof(word)) {
		for (size_t i = 0; i < len; i++) {
			dst[i] = (char)src[i];
			seen |= src[i] | (src[i] - UINT64_C(1));
		}
		return (seen & 0x80) == 0;
	}
	for (size_t i = 0; i < len - sizeof(word); i += sizeof(word)) {
		memcpy(&word, src + i, sizeof(word));
		memcpy(dst + i, &word, sizeof(word));
		seen |= word | (word - ones);
	}
	memcpy(&word, src + len - sizeof(word), sizeof(word));
	memcpy(dst + len - sizeof(word), &word, sizeof(word));
	return ((seen | word | (word - ones)) & highest) == 0;
}

// Without the budget: it is never more than a few times its bytes in the frame.
static enum en_err
take_text(struct decoder *d, struct view content, char **ret)
{
	static const char nothing[1]; // not protobuf-c's own, which says that a oneof's text was never chosen
	char *text;

	if (content.len == 0) {
		*ret = (char *)(uintptr_t)nothing;
		return EN_OK;
	}
	text = arena_alloc(d->arena, content.len + 1);
	if (text == NULL) {
		return EN_ENOMEM;
	}
	if (!copy_plain(text, content.data, content.len) &&
	    (memchr(content.data, '\0', content.len) != NULL || !view_is_utf8(content))) {
		return EN_EUTF8;
	}
	text[content.len] = '\0';
	*ret = text;
	return EN_OK;
}

// Another piece of the message that is there already, or a new one.
static enum en_err
take_inner(struct decoder *d, const ProtobufCMessageDescriptor *type, struct view content, ProtobufCMessage **inner)
{
	if (*inner == NULL) {
		*inner = take_memory(d, type->sizeof_message);
		if (*inner == NULL) {
			return d->err;
		}
		type->message_init(*inner);
	}
	return take_message(d, *inner, content);
}

// Our messages have no floating-point and no fixed-width fields. Bits that a number has no room for are dropped, as everywhere in protobuf.
static inline enum en_err
take_number(const ProtobufCFieldDescriptor *field, const struct piece *piece, void *p)
{
	bool is_varint = piece->wire_type == WIRE_VARINT;

	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_ENUM:
		*(uint32_t *)p = (uint32_t)piece->number;
		return is_varint ? EN_OK : EN_EFORMAT;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_UINT64:
		*(uint64_t *)p = piece->number;
		return is_varint ? EN_OK : EN_EFORMAT;
	case PROTOBUF_C_TYPE_BOOL:
		*(protobuf_c_boolean *)p = piece->number != 0;
		return is_varint ? EN_OK : EN_EFORMAT;
	default:
		return EN_EFORMAT;
	}
}

static inline enum en_err
take_value(struct decoder *d, const ProtobufCFieldDescriptor *field, const struct piece *piece, void *p)
{
	bool has_length = piece->wire_type == WIRE_LENGTH;

	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		return has_length ? take_text(d, piece->bytes, p) : EN_EFORMAT;
	case PROTOBUF_C_TYPE_BYTES:
		*(ProtobufCBinaryData *)p = (ProtobufCBinaryData){
		    .data = piece->bytes.len == 0 ? NULL : (uint8_t *)(uintptr_t)piece->bytes.data,
		    .len = piece->bytes.len};
		return has_length ? EN_OK : EN_EFORMAT;
	case PROTOBUF_C_TYPE_MESSAGE:
		return has_length ? take_inner(d, field->descriptor, piece->bytes, p) : EN_EFORMAT;
	default:
		return take_number(field, piece, p);
	}
}

static const ProtobufCFieldDescriptor *
field_of(const ProtobufCMessageDescriptor *type, uint32_t number)
{
	// Descriptors are in the order of the numbers, which in our messages are dense from 1.
	if (EN_LIKELY(number <= type->n_fields && type->fields[number - 1].id == number)) {
		return &type->fields[number - 1];
	}
	return protobuf_c_message_descriptor_get_field(type, number);
}

// Which one of a oneof it is from now on; what another one left in the same place is gone.
static void
choose(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	uint8_t *base = (uint8_t *)message;
	uint32_t *chosen = (uint32_t *)(void *)(base + field->quantifier_offset);

	if (*chosen != 0 && *chosen != field->id) {
		memset(base + field->offset, 0, wire_value_size(field_of(message->descriptor, *chosen)));
	}
	*chosen = field->id;
}

// The place behind the last item, which is one from now on; NULL with the error set. A struct of protobuf-c knows how many items it has and not how many
// it has room for: that is the next power of two.
static void *
place_of_item(struct decoder *d, uint8_t *base, const ProtobufCFieldDescriptor *field)
{
	size_t *count = (size_t *)(void *)(base + field->quantifier_offset), size;
	uint8_t **items = (uint8_t **)(void *)(base + field->offset), *larger;
	void *place;

	size = field->type == PROTOBUF_C_TYPE_MESSAGE ? sizeof(void *) : wire_value_size(field);
	if (*count % LIST_FIRST == 0 && (*count & (*count - 1)) == 0) {
		larger = take_memory(d, (*count == 0 ? LIST_FIRST : 2 * *count) * size);
		if (larger == NULL) {
			return NULL;
		}
		if (*count > 0) {
			memcpy(larger, *items, *count * size);
		}
		*items = larger;
	}
	place = *items + (*count)++ * size;
	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		*(ProtobufCMessage **)place = NULL;
	}
	return place;
}

static inline void *
place_of(struct decoder *d, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
	uint8_t *base = (uint8_t *)message;

	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		return place_of_item(d, base, field);
	}
	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
		choose(message, field);
	}
	return base + field->offset;
}

// Items that are numbers may come each by itself, or packed into one value, or in both ways.
static bool
is_packed(const ProtobufCFieldDescriptor *field, const struct piece *piece)
{
	return field->label == PROTOBUF_C_LABEL_REPEATED && piece->wire_type == WIRE_LENGTH &&
	    field->type != PROTOBUF_C_TYPE_MESSAGE && field->type != PROTOBUF_C_TYPE_STRING &&
	    field->type != PROTOBUF_C_TYPE_BYTES;
}

static enum en_err
take_packed(struct decoder *d, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, struct view numbers)
{
	const uint8_t *p = numbers.data, *end = p + numbers.len;
	enum en_err err = EN_OK;

	while (p != end && err == EN_OK) {
		struct varint v = read_varint(p, end, VARINT_BYTES);
		struct piece number = {WIRE_VARINT, v.number, VIEW_EMPTY};
		void *place = v.next == NULL ? NULL : place_of_item(d, (uint8_t *)message, field);

		err = v.next == NULL ? EN_EFORMAT : place == NULL ? d->err : take_number(field, &number, place);
		p = v.next;
	}
	return err;
}

static inline enum en_err
take_field(
    struct decoder *d, ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const struct piece *piece)
{
	void *place;

	if (EN_UNLIKELY(is_packed(field, piece))) {
		return take_packed(d, message, field, piece->bytes);
	}
	place = place_of(d, message, field);
	return place == NULL ? d->err : take_value(d, field, piece, place);
}

static enum en_err
take_message(struct decoder *d, ProtobufCMessage *message, struct view bytes)
{
	const ProtobufCMessageDescriptor *type = message->descriptor;
	const uint8_t *p = bytes.data, *end = p + bytes.len;

	while (p != end) {
		struct varint tag = read_varint(p, end, SHORT_VARINT_BYTES);
		const ProtobufCFieldDescriptor *field;
		struct piece piece;
		enum en_err err = EN_EFORMAT;

		if (EN_UNLIKELY(tag.next == NULL || (tag.number >> 3) - 1 >= FIELD_NUMBER_MAX)) {
			return EN_EFORMAT;
		}
		if (EN_UNLIKELY(d->fields-- == 0)) {
			return EN_ELIMIT;
		}
		field = field_of(type, (uint32_t)(tag.number >> 3));
		p = read_piece(tag.next, end, tag.number & 7, &piece);
		if (EN_LIKELY(p != NULL)) {
			err = field == NULL ? EN_OK : take_field(d, message, field, &piece);
		}
		// What is wrong is first told by the innermost field: each message puts its own in front of that.
		if (EN_UNLIKELY(err != EN_OK)) {
			wire_path_put_in_front(d->path, field == NULL ? "?" : field->name);
			return err;
		}
	}
	return EN_OK;
}

enum en_err
wire_decode(const ProtobufCMessageDescriptor *type, struct view body, struct arena *arena, ProtobufCMessage **ret,
    struct wire_path *path)
{
	struct decoder d = {
	    .arena = arena, .memory = KIB(64) + 48 * body.len, .fields = LIMIT_FRAME_FIELDS, .path = path};
	ProtobufCMessage *message = NULL;
	enum en_err err = take_inner(&d, type, body, &message);

	if (err == EN_OK) {
		*ret = message;
	}
	return err;
}

// SPDX-License-Identifier: Apache-2.0
// The pass before protobuf-c: it accepts invalid UTF-8, ends strings at a NUL and allocates for every empty sub-message, so all of this is looked at
// first. Recursion follows the descriptors of our own messages, which are not recursive, so it is bounded by them and not by the peer.
#include <stdio.h>

#include "base/limits.h"
#include "wire/frame_int.h"

size_t
wire_path_push(struct wire_path *p, const char *name)
{
	size_t before = p->len;
	int n = snprintf(
	    p->text + p->len, sizeof(p->text) - p->len, "%s%s", p->len == 0 || name[0] == '[' ? "" : ".", name);

	p->len += n < 0 ? 0 : (size_t)n;
	if (p->len >= sizeof(p->text)) {
		p->len = sizeof(p->text) - 1;
	}
	// Cut within a character, it would be no text that a frame can carry.
	while (p->len > before && !view_is_utf8(view_of(p->text, p->len))) {
		p->text[--p->len] = '\0';
	}
	return before;
}

void
wire_path_back(struct wire_path *p, size_t len)
{
	p->len = len;
	p->text[len] = '\0';
}

struct scan {
	struct wire_path *path;
	size_t fields;
};

static enum en_err scan_message(struct scan *s, const ProtobufCMessageDescriptor *type, struct view bytes);

static enum en_err
scan_content(struct scan *s, const ProtobufCFieldDescriptor *field, struct view content)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_STRING:
		if (!view_is_utf8(content) || (content.len > 0 && memchr(content.data, '\0', content.len) != NULL)) {
			return EN_EUTF8;
		}
		return EN_OK;
	case PROTOBUF_C_TYPE_MESSAGE:
		return scan_message(s, field->descriptor, content);
	default:
		return EN_OK; // bytes, or packed numbers: protobuf-c checks their form
	}
}

static enum en_err
scan_field(struct scan *s, const ProtobufCFieldDescriptor *field, struct rd *r, uint64_t tag)
{
	struct view content = VIEW_EMPTY;

	rd_skip(r, tag & 7, &content); // groups are not part of our messages
	return r->err == EN_OK && field != NULL && (tag & 7) == 2 ? scan_content(s, field, content) : r->err;
}

// What is wrong is first told by the innermost field: each message puts its own in front of that.
static void
put_in_front(struct wire_path *path, const char *name)
{
	struct wire_path inner = *path;

	wire_path_back(path, 0);
	(void)wire_path_push(path, name);
	if (inner.len > 0) {
		(void)wire_path_push(path, inner.text);
	}
}

static enum en_err
scan_message(struct scan *s, const ProtobufCMessageDescriptor *type, struct view bytes)
{
	struct rd r = rd_init(bytes);

	while (rd_left(&r) > 0) {
		uint64_t tag = rd_varint(&r);
		const ProtobufCFieldDescriptor *field;
		enum en_err err;

		if (r.err != EN_OK || tag >> 3 == 0 || tag >> 3 > 536870911) {
			return r.err != EN_OK ? r.err : EN_EFORMAT;
		}
		if (++s->fields > LIMIT_FRAME_FIELDS) {
			return EN_ELIMIT;
		}
		field = protobuf_c_message_descriptor_get_field(type, (unsigned int)(tag >> 3));
		err = scan_field(s, field, &r, tag);
		if (err != EN_OK) {
			put_in_front(s->path, field == NULL ? "?" : field->name);
			return err;
		}
	}
	return EN_OK;
}

enum en_err
wire_scan(const ProtobufCMessageDescriptor *type, struct view bytes, struct wire_path *path)
{
	struct scan s = {.path = path};

	return scan_message(&s, type, bytes);
}

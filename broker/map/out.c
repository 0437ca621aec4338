// SPDX-License-Identifier: Apache-2.0
#include "map/out.h"

#define OUT_FIRST_BYTES 256U

bool
out_grow(struct out *o, size_t need)
{
	size_t used = out_len(o), cap = (size_t)(o->end - o->start);
	size_t more = 2 * (cap > need ? cap : need) + OUT_FIRST_BYTES;

	uint8_t *bytes = o->failed ? NULL : arena_alloc(o->arena, more);

	if (bytes == NULL) {
		o->failed = true;
		return false;
	}
	if (used > 0) {
		memcpy(bytes + more - used, o->pos, used);
	}
	o->start = bytes;
	o->end = bytes + more;
	o->pos = o->end - used;
	return true;
}

void
out_bytes(struct out *o, struct view v)
{
	if (v.len > 0 && out_room(o, v.len)) {
		o->pos -= v.len;
		memcpy(o->pos, v.data, v.len);
	}
}

void
out_long_varint(struct out *o, uint64_t v)
{
	size_t len = 1;

	for (uint64_t rest = v >> 7; rest != 0; rest >>= 7) {
		len++;
	}
	if (!out_room(o, len)) {
		return;
	}
	o->pos -= len;
	for (size_t i = 0; i + 1 < len; i++, v >>= 7) {
		o->pos[i] = (uint8_t)(v | 0x80);
	}
	o->pos[len - 1] = (uint8_t)v;
}

void
out_fixed(struct out *o, uint64_t v, size_t bytes)
{
	if (!out_room(o, bytes)) {
		return;
	}
	o->pos -= bytes;
	for (size_t i = 0; i < bytes; i++, v >>= 8) {
		o->pos[i] = (uint8_t)v;
	}
}

void
out_message(struct out *o, const struct schema_field *f, size_t len)
{
	if (f->kind == KIND_GROUP) {
		out_tag(o, f->number, WIRE_SGROUP);
		return;
	}
	out_varint(o, out_len(o) - len);
	out_tag(o, f->number, WIRE_LEN);
}

void
out_scalar(struct out *o, enum schema_kind kind, uint64_t bits)
{
	switch (schema_wire_type(kind)) {
	case WIRE_I64:
		out_fixed(o, bits, 8);
		break;
	case WIRE_I32:
		out_fixed(o, bits, 4);
		break;
	default:
		out_varint(o, bits);
		break;
	}
}

// SPDX-License-Identifier: Apache-2.0
// The canonical re-encoding of an indexed message. Sizes first, then bytes, field by field: nothing is built in between.
#include "schema/index.h"

static size_t
varint_size(uint64_t v)
{
	size_t n = 1;

	while (v >= 0x80) {
		v >>= 7;
		n++;
	}
	return n;
}

static size_t message_size(const struct index *ix, uint32_t message);
static void put_message(const struct index *ix, uint32_t message, struct buf *out);

static size_t
scalar_size(enum wire_type wire, uint64_t bits)
{
	return wire == WIRE_VARINT ? varint_size(bits) : wire == WIRE_I64 ? 8 : 4;
}

static size_t
tag_size(uint32_t number)
{
	return varint_size((uint64_t)number << 3);
}

static size_t
packed_size(const struct index *ix, const struct schema_field *f, const struct index_node *n)
{
	size_t size = 0;

	for (; n != NULL; n = index_next(ix, n)) {
		size += scalar_size(schema_wire_type(f->kind), n->bits);
	}
	return size;
}

// Of one occurrence, its tag included.
static size_t
node_size(const struct index *ix, const struct schema_field *f, const struct index_node *n)
{
	if (schema_is_message(f)) {
		size_t inner = message_size(ix, n->message);

		return f->kind == KIND_GROUP ? 2 * tag_size(f->number) + inner
					     : tag_size(f->number) + varint_size(inner) + inner;
	}
	enum wire_type wire = schema_wire_type(f->kind);

	return tag_size(f->number) +
	    (wire == WIRE_LEN ? varint_size(n->length) + n->length : scalar_size(wire, n->bits));
}

static size_t
unknown_size(const struct index_node *n)
{
	size_t tag = varint_size(n->tag);
	enum wire_type wire = (enum wire_type)(n->tag & 7);

	return wire == WIRE_LEN   ? tag + varint_size(n->length) + n->length
	    : wire == WIRE_SGROUP ? tag + n->length
				  : tag + scalar_size(wire, n->bits);
}

// Where the field's values begin: all of a repeated one, the last of a singular one. A field without presence that holds its default is
// the same as an absent one, and is written as that.
static const struct index_node *
first_value(const struct index *ix, uint32_t message, const struct schema_field *f)
{
	const struct index_node *n;

	if (f->repeated) {
		return index_first(ix, message, f);
	}
	n = index_last(ix, message, f);
	return n == NULL || f->has_presence || f->owner->is_map_entry || !index_is_zero(f, n) ? n : NULL;
}

static size_t
message_size(const struct index *ix, uint32_t message)
{
	const struct index_message *m = &ix->messages[message];
	size_t size = 0;

	for (uint32_t i = 0; i < m->type->field_count; i++) {
		const struct schema_field *f = &m->type->fields[i];
		const struct index_node *n = first_value(ix, message, f);

		if (n != NULL && f->packed) {
			size_t inner = packed_size(ix, f, n);

			size += tag_size(f->number) + varint_size(inner) + inner;
			continue;
		}
		for (; n != NULL; n = f->repeated ? index_next(ix, n) : NULL) {
			size += node_size(ix, f, n);
		}
	}
	for (uint32_t u = m->unknown; u != INDEX_NONE; u = ix->elements[u].next) {
		size += unknown_size(&ix->elements[u]);
	}
	return size;
}

static void
put_fixed(struct buf *out, uint64_t bits, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++) {
		buf_put_u8(out, (uint8_t)(bits >> (8 * i)));
	}
}

static void
put_scalar(struct buf *out, enum wire_type wire, uint64_t bits)
{
	if (wire == WIRE_VARINT) {
		buf_put_varint(out, bits);
	} else {
		put_fixed(out, bits, wire == WIRE_I64 ? 8 : 4);
	}
}

static void
put_node(const struct index *ix, const struct schema_field *f, const struct index_node *n, struct buf *out)
{
	enum wire_type wire = schema_wire_type(f->kind);

	buf_put_varint(out, (uint64_t)f->number << 3 | (uint64_t)wire);
	if (f->kind == KIND_GROUP) {
		put_message(ix, n->message, out);
		buf_put_varint(out, (uint64_t)f->number << 3 | WIRE_EGROUP);
	} else if (f->kind == KIND_MESSAGE) {
		buf_put_varint(out, message_size(ix, n->message));
		put_message(ix, n->message, out);
	} else if (wire == WIRE_LEN) {
		buf_put_text(out, index_bytes(ix, n));
	} else {
		put_scalar(out, wire, n->bits);
	}
}

static void
put_unknown(const struct index *ix, const struct index_node *n, struct buf *out)
{
	enum wire_type wire = (enum wire_type)(n->tag & 7);

	buf_put_varint(out, n->tag);
	if (wire == WIRE_LEN) {
		buf_put_text(out, index_bytes(ix, n));
	} else if (wire == WIRE_SGROUP) {
		buf_put_view(out, index_bytes(ix, n)); // its end tag is part of it
	} else {
		put_scalar(out, wire, n->bits);
	}
}

static void
put_message(const struct index *ix, uint32_t message, struct buf *out)
{
	const struct index_message *m = &ix->messages[message];

	for (uint32_t i = 0; i < m->type->field_count; i++) {
		const struct schema_field *f = &m->type->fields[i];
		const struct index_node *n = first_value(ix, message, f);

		if (n != NULL && f->packed) {
			buf_put_varint(out, (uint64_t)f->number << 3 | WIRE_LEN);
			buf_put_varint(out, packed_size(ix, f, n));
			for (; n != NULL; n = index_next(ix, n)) {
				put_scalar(out, schema_wire_type(f->kind), n->bits);
			}
			continue;
		}
		for (; n != NULL; n = f->repeated ? index_next(ix, n) : NULL) {
			put_node(ix, f, n, out);
		}
	}
	for (uint32_t u = m->unknown; u != INDEX_NONE; u = ix->elements[u].next) {
		put_unknown(ix, &ix->elements[u], out);
	}
}

enum en_err
index_encode(const struct index *ix, uint32_t message, struct buf *out)
{
	put_message(ix, message, out);
	return out->err;
}

// SPDX-License-Identifier: Apache-2.0
// One field of a payload, whatever it is and whatever is wrong with it: members of oneofs, closed enums, maps, groups, packed fields, fields that
// nobody knows, numbers and lengths of any size. Every reader takes the place where it begins and returns the one behind what it read, or NULL after
// fail().
#include "schema/index_read.h"

// ---- the smallest parts -------------------------------------------------------------------------------------------

static const uint8_t *
read_varint(struct pass *p, const uint8_t *pos, const uint8_t *end, uint64_t *ret)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 70; shift += 7) {
		if (pos == end) {
			return fail(p, pos, EN_ETRUNCATED);
		}
		value |= (uint64_t)(*pos & 0x7f) << shift;
		if (*pos++ < 0x80) {
			*ret = value;
			return pos;
		}
	}
	return fail(p, pos, EN_EFORMAT);
}

// Behind a length that fits into what is left.
static const uint8_t *
read_length(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t *ret)
{
	uint64_t length;

	pos = read_varint(p, pos, end, &length);
	if (pos == NULL || length > (uint64_t)(end - pos)) {
		return pos == NULL ? NULL : fail(p, pos, EN_ETRUNCATED);
	}
	*ret = (uint32_t)length;
	return pos;
}

static const uint8_t *
read_scalar(struct pass *p, const uint8_t *pos, const uint8_t *end, enum wire_type wire, uint64_t *ret)
{
	unsigned int bytes = wire == WIRE_I64 ? 8 : 4;

	if (wire == WIRE_VARINT) {
		return read_varint(p, pos, end, ret);
	}
	if ((size_t)(end - pos) < bytes) {
		return fail(p, pos, EN_ETRUNCATED);
	}
	*ret = bytes == 8 ? fixed64_bits(pos) : fixed32_bits(pos);
	return pos + bytes;
}

#define TAG_BYTES_MAX 5 // of 32 bits; a varint may be longer

// A tag that may stand in a payload; its number is not 0.
static const uint8_t *
read_tag(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t *ret)
{
	const uint8_t *at = pos;
	uint64_t tag;

	pos = read_varint(p, pos, end, &tag);
	if (pos == NULL || tag < 8 || tag > UINT32_MAX || pos - at > TAG_BYTES_MAX) {
		return pos == NULL ? NULL : fail(p, pos, EN_EFORMAT);
	}
	*ret = (uint32_t)tag;
	return pos;
}

// ---- where values go ----------------------------------------------------------------------------------------------
// The occurrence at `at` counts from here on.

static bool
count_one(struct pass *p, const uint8_t *at)
{
	if (p->left == 0) {
		return fail(p, at, EN_ELIMIT) != NULL;
	}
	p->left--;
	p->bound = p->bound - p->start >= 2 ? p->bound - 2 : p->start; // an element of a packed field may have one byte
	return true;
}

static bool
is_room(struct pass *p, const uint8_t *at)
{
	return p->ix->element_count < p->ix->element_cap || index_more_elements(p, at);
}

static struct index_node *
cell_of(const struct pass *p, uint32_t message, const struct schema_field *f)
{
	return index_row(p->ix, message) + f->slot;
}

static void
clear_other_members(struct pass *p, uint32_t message, const struct schema_field *f)
{
	const struct schema_type *t = f->owner;

	for (uint32_t i = 0; i < t->field_count; i++) {
		if (t->fields[i].oneof == f->oneof && i != f->slot) {
			cell_of(p, message, &t->fields[i])->stamp = 0;
		}
	}
}

// Where the field's next value goes; NULL after fail().
static struct index_node *
append(struct pass *p, uint32_t message, const struct schema_field *f, const uint8_t *at)
{
	struct index_node *cell = cell_of(p, message, f);

	if (!count_one(p, at)) {
		return NULL;
	}
	if (f->oneof >= 0) {
		clear_other_members(p, message, f);
	}
	if (f->repeated) {
		return is_room(p, at) ? append_element(p, cell) : NULL;
	}
	cell->link = p->link;
	return cell;
}

static struct index_node *
append_unknown(struct pass *p, uint32_t message, uint32_t tag, const uint8_t *at)
{
	struct index *ix = p->ix;
	struct index_message *m = &ix->messages[message];

	if (!count_one(p, at) || !is_room(p, at)) {
		return NULL;
	}
	uint32_t number = ix->element_count++;

	ix->elements[number] = (struct index_node){.next = INDEX_NONE, .tag = tag};
	if (m->unknown == INDEX_NONE) {
		m->unknown = number;
	} else {
		ix->elements[m->unknown_last].next = number;
	}
	m->unknown_last = number;
	return &ix->elements[number];
}

// ---- fields that nobody knows -------------------------------------------------------------------------------------

static const uint8_t *skip_group(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t number);

// One value that is not understood, behind its tag. node gets its place or its bits; nothing else of it.
static const uint8_t *
skip_value(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t tag, struct index_node *node)
{
	const uint8_t *at = pos;
	uint32_t length;

	switch (tag & 7) {
	case WIRE_VARINT:
	case WIRE_I64:
	case WIRE_I32:
		return read_scalar(p, pos, end, (enum wire_type)(tag & 7), &node->bits);
	case WIRE_LEN:
		at = read_length(p, pos, end, &length);
		if (at != NULL) {
			set_place(p, node, at, length);
			at += length;
		}
		return at;
	case WIRE_SGROUP:
		pos = skip_group(p, pos, end, tag >> 3);
		if (pos != NULL) {
			set_place(p, node, at, (uint32_t)(pos - at)); // its end tag included
		}
		return pos;
	default:
		return fail(p, pos, EN_EFORMAT);
	}
}

// A group that nobody knows, to behind its end tag.
static const uint8_t *
skip_group(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t number)
{
	struct index_node ignored;
	uint32_t tag;

	if (p->level == p->deepest) {
		return fail(p, pos, EN_ELIMIT);
	}
	(++p->level)->field = NULL;
	while (pos != NULL && (pos = read_tag(p, pos, end, &tag)) != NULL) {
		if ((tag & 7) == WIRE_EGROUP) {
			p->level--;
			return tag >> 3 == number ? pos : fail(p, pos, EN_EFORMAT);
		}
		pos = skip_value(p, pos, end, tag, &ignored);
	}
	return NULL;
}

static const uint8_t *
take_unknown(struct pass *p, uint32_t message, uint32_t tag, const uint8_t *pos, const uint8_t *end)
{
	struct index_node value = {.bits = 0}, *node;

	pos = skip_value(p, pos, end, tag, &value);
	node = pos == NULL ? NULL : append_unknown(p, message, tag, pos);
	if (node == NULL) {
		return NULL;
	}
	node->bits = value.bits;
	return pos;
}

// ---- fields of the type -------------------------------------------------------------------------------------------

// The value of a proto2 map may be a number that its enum does not know: then the whole entry is unknown.
static bool
is_unknown_entry(const struct index *ix, const struct schema_field *f, uint32_t entry)
{
	const struct schema_field *value = f->is_map ? &f->message->fields[1] : NULL;

	if (value == NULL || value->kind != KIND_ENUM || !value->enumeration->closed ||
	    index_last(ix, entry, value) != NULL) {
		return false;
	}
	for (uint32_t u = ix->messages[entry].unknown; u != INDEX_NONE; u = ix->elements[u].next) {
		if (ix->elements[u].tag == (value->number << 3 | WIRE_VARINT)) {
			return true;
		}
	}
	return false;
}

// A sub-message, by length or as a group. A singular one that came before is merged into: both fill one row.
static const uint8_t *
take_message(struct pass *p, uint32_t message, const struct schema_field *f, const uint8_t *pos, const uint8_t *end)
{
	bool is_group = f->kind == KIND_GROUP;
	const struct index_node *before = cell_of(p, message, f);
	struct index_node *node;
	uint32_t length = 0, inner;

	if (p->level == p->deepest) {
		return fail(p, pos, EN_ELIMIT);
	}
	if (!is_group && (pos = read_length(p, pos, end, &length)) == NULL) {
		return NULL;
	}
	if (!f->repeated && before->stamp == p->ix->stamp) {
		inner = before->message;
	} else if (!index_new_message(p, f->message, pos, &inner)) {
		return NULL;
	}
	(++p->level)->field = NULL;
	const uint8_t *after =
	    index_take_message(p, inner, pos, is_group ? end : pos + length, is_group ? f->number : 0);

	if (after == NULL) {
		return NULL;
	}
	p->level--;
	if (is_unknown_entry(p->ix, f, inner)) {
		node = append_unknown(p, message, f->number << 3 | WIRE_LEN, pos);
		if (node != NULL) {
			set_place(p, node, pos, length);
		}
	} else {
		node = append(p, message, f, pos);
		if (node != NULL) {
			node->message = inner;
		}
	}
	return node == NULL ? NULL : after;
}

static const uint8_t *
take_scalar(struct pass *p, uint32_t message, const struct schema_field *f, enum wire_type wire, const uint8_t *pos,
    const uint8_t *end)
{
	struct index_node *node;
	const uint8_t *at = pos;
	uint64_t bits;

	pos = read_scalar(p, pos, end, wire, &bits);
	if (pos == NULL) {
		return NULL;
	}
	if (f->kind == KIND_ENUM && f->enumeration->closed &&
	    schema_enum_by_number(f->enumeration, (int32_t)bits) == NULL) {
		node = append_unknown(p, message, f->number << 3 | (uint32_t)wire, at); // as it came
	} else {
		node = append(p, message, f, at);
		bits = wire == WIRE_VARINT ? trim_varint(f->kind, bits) : bits;
	}
	if (node == NULL) {
		return NULL;
	}
	node->bits = bits;
	return pos;
}

static const uint8_t *
take_packed(struct pass *p, uint32_t message, const struct schema_field *f, enum wire_type wire, const uint8_t *pos,
    const uint8_t *end)
{
	uint32_t length;

	pos = read_length(p, pos, end, &length);
	for (const uint8_t *last = pos == NULL ? NULL : pos + length; pos != NULL && pos < last;) {
		pos = take_scalar(p, message, f, wire, pos, last);
	}
	return pos;
}

static const uint8_t *
take_bytes(struct pass *p, uint32_t message, const struct schema_field *f, const uint8_t *pos, const uint8_t *end)
{
	struct index_node *node;
	uint32_t length;

	pos = read_length(p, pos, end, &length);
	if (pos == NULL) {
		return NULL;
	}
	if (f->kind == KIND_STRING && !utf8_check(pos, length, p->start)) {
		return fail(p, pos, EN_EUTF8);
	}
	node = append(p, message, f, pos);
	if (node == NULL) {
		return NULL;
	}
	set_place(p, node, pos, length);
	return pos + length;
}

static const uint8_t *
take_known(struct pass *p, uint32_t message, const struct schema_field *f, uint32_t tag, const uint8_t *pos,
    const uint8_t *end)
{
	enum wire_type wanted = schema_wire_type(f->kind);

	if ((tag & 7) != (uint32_t)wanted) {
		// Packed where the schema says unpacked or the other way round; or another wire type than the schema's,
		// which is kept and not understood.
		return (tag & 7) == WIRE_LEN && f->repeated && wanted != WIRE_SGROUP
		    ? take_packed(p, message, f, wanted, pos, end)
		    : take_unknown(p, message, tag, pos, end);
	}
	if (schema_is_message(f)) {
		return take_message(p, message, f, pos, end);
	}
	return wanted == WIRE_LEN ? take_bytes(p, message, f, pos, end) : take_scalar(p, message, f, wanted, pos, end);
}

const uint8_t *
index_take_field(struct pass *p, const uint8_t *pos, uint32_t group, bool *ret_ended)
{
	struct level *level = p->level;
	const struct schema_field *f;
	uint32_t tag;

	level->field = NULL;
	pos = read_tag(p, pos, level->end, &tag);
	if (pos == NULL) {
		return NULL;
	}
	if ((tag & 7) == WIRE_EGROUP) {
		*ret_ended = group != 0 && tag >> 3 == group;
		return *ret_ended ? pos : fail(p, pos, EN_EFORMAT);
	}
	f = schema_field_by_number(level->type, tag >> 3);
	level->field = f;
	return f == NULL ? take_unknown(p, level->message, tag, pos, level->end)
			 : take_known(p, level->message, f, tag, pos, level->end);
}

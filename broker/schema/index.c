// SPDX-License-Identifier: Apache-2.0
#include "schema/index.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

// One pass. The stack of fields names the place of a fault; it is as deep as the codec may go.
struct pass {
	struct index *ix;
	const uint8_t *start, *pos, *end;
	uint32_t depth;
	const struct schema_field *stack[LIMIT_CODEC_DEPTH + 1];
};

void
index_init(struct index *ix)
{
	*ix = (struct index){.node_max = LIMIT_PAYLOAD_FIELDS, .depth_max = LIMIT_PAYLOAD_DEPTH};
}

void
index_fini(struct index *ix)
{
	free(ix->nodes);
	free(ix->messages);
	free(ix->heads);
	index_init(ix);
}

static bool
grow(void **array, uint32_t *cap, size_t need, size_t size)
{
	size_t wanted = *cap == 0 ? 64 : (size_t)*cap * 2;
	void *grown;

	wanted = wanted < need ? need : wanted;
	grown = wanted > UINT32_MAX - 1 ? NULL : realloc(*array, wanted * size);
	if (grown == NULL) {
		return false;
	}
	*array = grown;
	*cap = (uint32_t)wanted;
	return true;
}

// A message table with empty chains. INDEX_NONE without memory.
static uint32_t
new_message(struct index *ix, const struct schema_type *t)
{
	if (ix->message_count == ix->message_cap &&
	    !grow((void **)&ix->messages, &ix->message_cap, 0, sizeof(*ix->messages))) {
		return INDEX_NONE;
	}
	if ((ix->heads == NULL || ix->head_cap - ix->head_count < t->field_count) &&
	    !grow((void **)&ix->heads, &ix->head_cap, (size_t)ix->head_count + t->field_count, sizeof(*ix->heads))) {
		return INDEX_NONE;
	}
	ix->messages[ix->message_count] = (struct index_message){
	    .type = t, .chains = ix->head_count, .unknown = INDEX_NONE, .unknown_last = INDEX_NONE};
	memset(ix->heads + ix->head_count, 0xff, t->field_count * sizeof(*ix->heads)); // INDEX_NONE
	ix->head_count += t->field_count;
	return ix->message_count++;
}

static enum en_err
new_node(struct index *ix, const struct index_node *node, uint32_t *ret)
{
	if (ix->node_count == ix->node_max) {
		return EN_ELIMIT;
	}
	if (ix->node_count == ix->node_cap && !grow((void **)&ix->nodes, &ix->node_cap, 0, sizeof(*ix->nodes))) {
		return EN_ENOMEM;
	}
	ix->nodes[ix->node_count] = *node;
	*ret = ix->node_count++;
	return EN_OK;
}

static void
clear_other_members(struct index *ix, uint32_t message, const struct schema_field *f)
{
	const struct schema_type *t = f->owner;

	for (uint32_t i = 0; i < t->field_count; i++) {
		if (t->fields[i].oneof == f->oneof && i != f->slot) {
			ix->heads[ix->messages[message].chains + i] = (struct index_chain){INDEX_NONE, INDEX_NONE};
		}
	}
}

static enum en_err
append(struct index *ix, uint32_t message, const struct schema_field *f, const struct index_node *node)
{
	struct index_chain *chain;
	uint32_t number;
	enum en_err err = new_node(ix, node, &number);

	if (err != EN_OK) {
		return err;
	}
	if (f->oneof >= 0) {
		clear_other_members(ix, message, f);
	}
	chain = &ix->heads[ix->messages[message].chains + f->slot];
	if (chain->last == INDEX_NONE) {
		chain->first = number;
	} else {
		ix->nodes[chain->last].next = number;
	}
	chain->last = number;
	return EN_OK;
}

static enum en_err
append_unknown(struct index *ix, uint32_t message, const struct index_node *node)
{
	struct index_message *m;
	uint32_t number;
	enum en_err err = new_node(ix, node, &number);

	if (err != EN_OK) {
		return err;
	}
	m = &ix->messages[message];
	if (m->unknown_last == INDEX_NONE) {
		m->unknown = number;
	} else {
		ix->nodes[m->unknown_last].next = number;
	}
	m->unknown_last = number;
	return EN_OK;
}

static inline enum en_err
take_varint(struct pass *p, uint64_t *ret)
{
	uint64_t value = 0;

	if (EN_LIKELY(p->pos < p->end && *p->pos < 0x80)) {
		*ret = *p->pos++;
		return EN_OK;
	}
	for (unsigned int shift = 0; shift < 70; shift += 7) {
		if (p->pos == p->end) {
			return EN_ETRUNCATED;
		}
		value |= shift < 64 ? (uint64_t)(*p->pos & 0x7f) << shift : 0;
		if (*p->pos++ < 0x80) {
			*ret = value;
			return EN_OK;
		}
	}
	return EN_EFORMAT;
}

static enum en_err
take_fixed(struct pass *p, unsigned int bytes, uint64_t *ret)
{
	if ((size_t)(p->end - p->pos) < bytes) {
		return EN_ETRUNCATED;
	}
	*ret = 0;
	for (unsigned int i = 0; i < bytes; i++) {
		*ret |= (uint64_t)p->pos[i] << (8 * i);
	}
	p->pos += bytes;
	return EN_OK;
}

static enum en_err
take_length(struct pass *p, uint32_t *ret)
{
	uint64_t length;
	enum en_err err = take_varint(p, &length);

	if (err == EN_OK && length > (uint64_t)(p->end - p->pos)) {
		err = EN_ETRUNCATED;
	}
	*ret = err == EN_OK ? (uint32_t)length : 0;
	return err;
}

static enum en_err parse(struct pass *p, uint32_t message, const struct schema_type *t, uint32_t group);

// Skips a group that nobody knows, to behind its end tag.
static enum en_err
skip_group(struct pass *p, uint32_t number)
{
	enum en_err err;
	uint64_t tag, bits;
	uint32_t length;

	if (++p->depth > p->ix->depth_max) {
		return EN_ELIMIT;
	}
	p->stack[p->depth] = NULL; // without a name
	for (;;) {
		err = take_varint(p, &tag);
		if (err != EN_OK || tag >> 3 == 0 || tag > UINT32_MAX) {
			return err == EN_OK ? EN_EFORMAT : err;
		}
		switch (tag & 7) {
		case WIRE_VARINT:
			err = take_varint(p, &bits);
			break;
		case WIRE_I64:
			err = take_fixed(p, 8, &bits);
			break;
		case WIRE_I32:
			err = take_fixed(p, 4, &bits);
			break;
		case WIRE_LEN:
			err = take_length(p, &length);
			p->pos += length;
			break;
		case WIRE_SGROUP:
			err = skip_group(p, (uint32_t)(tag >> 3));
			break;
		case WIRE_EGROUP:
			p->depth--;
			return tag >> 3 == number ? EN_OK : EN_EFORMAT;
		default:
			err = EN_EFORMAT;
		}
		if (err != EN_OK) {
			return err;
		}
	}
}

static enum en_err
take_unknown(struct pass *p, uint32_t message, uint32_t number, uint32_t wire)
{
	struct index_node node = {.next = INDEX_NONE, .message = INDEX_NONE, .number = number, .wire = (uint8_t)wire};
	enum en_err err;

	node.offset = (uint32_t)(p->pos - p->start);
	switch (wire) {
	case WIRE_VARINT:
		err = take_varint(p, &node.bits);
		break;
	case WIRE_I64:
		err = take_fixed(p, 8, &node.bits);
		break;
	case WIRE_I32:
		err = take_fixed(p, 4, &node.bits);
		break;
	case WIRE_LEN:
		err = take_length(p, &node.length);
		node.offset = (uint32_t)(p->pos - p->start);
		p->pos += node.length;
		break;
	case WIRE_SGROUP:
		err = skip_group(p, number);
		node.length = (uint32_t)(p->pos - p->start) - node.offset; // its end tag included
		break;
	default:
		err = EN_EFORMAT;
	}
	return err == EN_OK ? append_unknown(p->ix, message, &node) : err;
}

// The value of a proto2 map may be a number that its enum does not know: then the whole entry is unknown.
static bool
is_unknown_entry(const struct index *ix, const struct schema_field *f, uint32_t entry)
{
	const struct schema_field *value = f->is_map ? &f->message->fields[1] : NULL;

	if (value == NULL || value->kind != KIND_ENUM || !value->enumeration->closed ||
	    index_last(ix, entry, value) != NULL) {
		return false;
	}
	for (uint32_t u = ix->messages[entry].unknown; u != INDEX_NONE; u = ix->nodes[u].next) {
		if (ix->nodes[u].number == value->number && ix->nodes[u].wire == WIRE_VARINT) {
			return true;
		}
	}
	return false;
}

// A sub-message, by length or as a group. A singular one that came before is merged into: both share one table.
static enum en_err
take_message(struct pass *p, uint32_t message, const struct schema_field *f, uint32_t wire)
{
	struct index_node node = {.next = INDEX_NONE, .number = f->number, .wire = (uint8_t)wire};
	const struct index_node *before = f->repeated ? NULL : index_last(p->ix, message, f);
	const uint8_t *outer = p->end;
	enum en_err err = EN_OK;

	if (p->depth == p->ix->depth_max) {
		return EN_ELIMIT;
	}
	if (wire == WIRE_LEN) {
		err = take_length(p, &node.length);
		if (err != EN_OK) {
			return err;
		}
	}
	node.offset = (uint32_t)(p->pos - p->start);
	node.message = before != NULL ? before->message : new_message(p->ix, f->message);
	if (node.message == INDEX_NONE) {
		return EN_ENOMEM;
	}
	p->depth++;
	p->stack[p->depth] = NULL;
	if (wire == WIRE_LEN) {
		p->end = p->pos + node.length;
		err = parse(p, node.message, f->message, 0);
		p->end = outer;
	} else {
		err = parse(p, node.message, f->message, f->number);
		node.length = (uint32_t)(p->pos - p->start) - node.offset;
	}
	if (err != EN_OK) {
		return err;
	}
	p->depth--;
	return is_unknown_entry(p->ix, f, node.message) ? append_unknown(p->ix, message, &node)
							: append(p->ix, message, f, &node);
}

static enum en_err
append_scalar(struct pass *p, uint32_t message, const struct schema_field *f, struct index_node *node)
{
	if (f->kind == KIND_ENUM && f->enumeration->closed &&
	    schema_enum_by_number(f->enumeration, (int32_t)node->bits) == NULL) {
		node->number = f->number;
		return append_unknown(p->ix, message, node);
	}
	return append(p->ix, message, f, node);
}

// A varint may be longer than its kind: what is above the kind's bits does not count.
static uint64_t
trim_varint(enum schema_kind kind, uint64_t bits)
{
	switch (kind) {
	case KIND_BOOL:
		return bits != 0;
	case KIND_INT32:
	case KIND_ENUM:
		return (uint64_t)(int64_t)(int32_t)bits;
	case KIND_UINT32:
	case KIND_SINT32:
		return (uint32_t)bits;
	default:
		return bits;
	}
}

static enum en_err
take_scalar(struct pass *p, uint32_t message, const struct schema_field *f, enum wire_type wire)
{
	struct index_node node = {.next = INDEX_NONE, .message = INDEX_NONE, .wire = (uint8_t)wire};
	enum en_err err;

	node.offset = (uint32_t)(p->pos - p->start);
	err = wire == WIRE_VARINT ? take_varint(p, &node.bits) : take_fixed(p, wire == WIRE_I64 ? 8 : 4, &node.bits);
	if (wire == WIRE_VARINT) {
		node.bits = trim_varint(f->kind, node.bits);
	}
	return err == EN_OK ? append_scalar(p, message, f, &node) : err;
}

static enum en_err
take_packed(struct pass *p, uint32_t message, const struct schema_field *f, enum wire_type wire)
{
	const uint8_t *outer = p->end;
	uint32_t length;
	enum en_err err = take_length(p, &length);

	if (err != EN_OK) {
		return err;
	}
	p->end = p->pos + length;
	while (err == EN_OK && p->pos < p->end) {
		err = take_scalar(p, message, f, wire);
	}
	p->end = outer;
	return err;
}

static enum en_err
take_bytes(struct pass *p, uint32_t message, const struct schema_field *f)
{
	struct index_node node = {.next = INDEX_NONE, .message = INDEX_NONE, .wire = WIRE_LEN};
	enum en_err err = take_length(p, &node.length);

	if (err != EN_OK) {
		return err;
	}
	node.offset = (uint32_t)(p->pos - p->start);
	if (f->kind == KIND_STRING && !view_is_utf8(view_of(p->pos, node.length))) {
		return EN_EUTF8;
	}
	p->pos += node.length;
	return append(p->ix, message, f, &node);
}

static enum en_err
take_field(struct pass *p, uint32_t message, const struct schema_field *f, uint32_t wire)
{
	enum wire_type wanted = schema_wire_type(f->kind);

	if (schema_is_message(f) && wire == (uint32_t)wanted) {
		return take_message(p, message, f, wire);
	}
	if (wire == (uint32_t)wanted) {
		return wanted == WIRE_LEN ? take_bytes(p, message, f) : take_scalar(p, message, f, wanted);
	}
	if (wire == WIRE_LEN && f->repeated && wanted != WIRE_SGROUP) {
		return take_packed(p, message, f, wanted);
	}
	return take_unknown(p, message, f->number, wire); // another wire type than the schema's: kept, not understood
}

// Fields up to the end, or to the end tag of the group.
static enum en_err
parse(struct pass *p, uint32_t message, const struct schema_type *t, uint32_t group)
{
	while (p->pos < p->end) {
		const struct schema_field *f;
		uint64_t tag;
		enum en_err err = take_varint(p, &tag);

		if (err != EN_OK || tag >> 3 == 0 || tag > UINT32_MAX) {
			return err == EN_OK ? EN_EFORMAT : err;
		}
		if ((tag & 7) == WIRE_EGROUP) {
			return group != 0 && tag >> 3 == group ? EN_OK : EN_EFORMAT;
		}
		f = schema_field_by_number(t, (uint32_t)(tag >> 3));
		p->stack[p->depth] = f;
		err = f != NULL ? take_field(p, message, f, (uint32_t)(tag & 7))
				: take_unknown(p, message, (uint32_t)(tag >> 3), (uint32_t)(tag & 7));
		if (err != EN_OK) {
			return err;
		}
	}
	return group == 0 ? EN_OK : EN_ETRUNCATED;
}

static void
tell(const struct pass *p, enum en_err err, struct index_fault *fault)
{
	size_t at = 0;

	fault->err = err;
	fault->offset = (uint32_t)(p->pos - p->start);
	fault->path[0] = '\0';
	for (uint32_t i = 0;
	     i <= p->depth && i <= LIMIT_CODEC_DEPTH && p->stack[i] != NULL && at < sizeof(fault->path) - 1; i++) {
		at += (size_t)snprintf(
		    fault->path + at, sizeof(fault->path) - at, "%s%s", i == 0 ? "" : ".", p->stack[i]->name);
	}
}

enum en_err
index_build(struct index *ix, const struct schema_type *t, struct view payload, struct index_fault *reterr_fault)
{
	struct pass p = {.ix = ix,
	    .start = payload.data,
	    .pos = payload.data,
	    .end = payload.data == NULL ? NULL : payload.data + payload.len};
	enum en_err err = EN_OK;

	ix->payload = payload;
	ix->node_count = ix->message_count = ix->head_count = 0;
	ix->depth_max = ix->depth_max < LIMIT_CODEC_DEPTH ? ix->depth_max : LIMIT_CODEC_DEPTH;
	if (payload.len > UINT32_MAX / 2) {
		err = EN_ELIMIT;
	} else if (new_message(ix, t) == INDEX_NONE) {
		err = EN_ENOMEM;
	} else if (payload.len > 0) {
		err = parse(&p, 0, t, 0);
	}
	if (err != EN_OK && reterr_fault != NULL) {
		tell(&p, err, reterr_fault);
	}
	return err;
}

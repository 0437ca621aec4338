// SPDX-License-Identifier: Apache-2.0
// The pass is the hottest loop of the broker. The place in the payload is handed from function to function and comes back moved on, or NULL when
// something is wrong; so it stays in a register, and what went wrong is told once, on the way out.
#include "schema/index.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/index_read.h"

// A message table: its number, and where its chains begin. (The arrays move when they grow.)
struct table {
	uint32_t message, chains;
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

// An empty table at the end.
static bool
new_message(struct pass *p, const struct schema_type *t, struct table *ret)
{
	struct index *ix = p->ix;

	if (ix->message_count == ix->message_cap &&
	    !grow((void **)&ix->messages, &ix->message_cap, 0, sizeof(*ix->messages))) {
		return false;
	}
	if ((ix->heads == NULL || ix->head_cap - ix->head_count < t->field_count) &&
	    !grow((void **)&ix->heads, &ix->head_cap, (size_t)ix->head_count + t->field_count, sizeof(*ix->heads))) {
		return false;
	}
	*ret = (struct table){.message = ix->message_count++, .chains = ix->head_count};
	ix->messages[ret->message] =
	    (struct index_message){.type = t, .chains = ret->chains, .unknown = INDEX_NONE, .unknown_last = INDEX_NONE};
	memset(ix->heads + ix->head_count, 0xff, t->field_count * sizeof(*ix->heads)); // INDEX_NONE
	ix->head_count += t->field_count;
	return true;
}

static void
set_node_room(struct pass *p)
{
	p->node_room = p->ix->node_cap < p->ix->node_max ? p->ix->node_cap : p->ix->node_max;
}

static bool
more_nodes(struct pass *p, const uint8_t *at)
{
	struct index *ix = p->ix;

	if (ix->node_count >= ix->node_max) {
		(void)fail(p, at, EN_ELIMIT);
		return false;
	}
	if (!grow((void **)&ix->nodes, &ix->node_cap, 0, sizeof(*ix->nodes))) {
		(void)fail(p, at, EN_ENOMEM);
		return false;
	}
	set_node_room(p);
	return true;
}

// A node that is in no chain yet; NULL when the fault is told.
static inline struct index_node *
new_node(struct pass *p, const uint8_t *at, uint32_t wire)
{
	struct index *ix = p->ix;

	if (EN_UNLIKELY(ix->node_count >= p->node_room) && !more_nodes(p, at)) {
		return NULL;
	}
	struct index_node *node = &ix->nodes[ix->node_count++];

	*node = (struct index_node){
	    .offset = (uint32_t)(at - p->start), .next = INDEX_NONE, .message = INDEX_NONE, .wire = (uint8_t)wire};
	return node;
}

static void
clear_other_members(struct index *ix, struct table table, const struct schema_field *f)
{
	const struct schema_type *t = f->owner;

	for (uint32_t i = 0; i < t->field_count; i++) {
		if (t->fields[i].oneof == f->oneof && i != f->slot) {
			ix->heads[table.chains + i] = (struct index_chain){INDEX_NONE, INDEX_NONE};
		}
	}
}

// A node at the end of the field's chain.
static inline struct index_node *
append(struct pass *p, struct table table, const struct schema_field *f, const uint8_t *at, uint32_t wire)
{
	struct index_node *node = new_node(p, at, wire);

	if (EN_UNLIKELY(node == NULL)) {
		return NULL;
	}
	struct index *ix = p->ix;
	uint32_t number = ix->node_count - 1;
	struct index_chain *chain = &ix->heads[table.chains + f->slot];

	if (EN_UNLIKELY(f->oneof >= 0)) {
		clear_other_members(ix, table, f);
	}
	if (chain->last == INDEX_NONE) {
		chain->first = number;
	} else {
		ix->nodes[chain->last].next = number;
	}
	chain->last = number;
	return node;
}

static struct index_node *
append_unknown(struct pass *p, struct table table, uint32_t number, const uint8_t *at, uint32_t wire)
{
	struct index_node *node = new_node(p, at, wire);

	if (node == NULL) {
		return NULL;
	}
	struct index_message *m = &p->ix->messages[table.message];
	uint32_t last = p->ix->node_count - 1;

	node->number = number;
	if (m->unknown_last == INDEX_NONE) {
		m->unknown = last;
	} else {
		p->ix->nodes[m->unknown_last].next = last;
	}
	m->unknown_last = last;
	return node;
}

// ---- fields -------------------------------------------------------------------------------------------------------

static const uint8_t *skip_group(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t number);

// One value that is not understood, behind its tag. node gets its place, and its bits or length; nothing else of it.
static const uint8_t *
skip_value(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t tag, struct index_node *node)
{
	const uint8_t *at = pos;

	*node = (struct index_node){.bits = 0};
	switch (tag & 7) {
	case WIRE_VARINT:
	case WIRE_I64:
	case WIRE_I32:
		pos = read_scalar(p, pos, end, (enum wire_type)(tag & 7), &node->bits);
		break;
	case WIRE_LEN:
		at = read_length(p, pos, end, &node->length);
		pos = at == NULL ? NULL : at + node->length;
		break;
	case WIRE_SGROUP:
		pos = skip_group(p, pos, end, tag >> 3);
		node->length = pos == NULL ? 0 : (uint32_t)(pos - at); // its end tag included
		break;
	default:
		return fail(p, pos, EN_EFORMAT);
	}
	node->offset = pos == NULL ? 0 : (uint32_t)(at - p->start);
	return pos;
}

// A group that nobody knows, to behind its end tag.
static const uint8_t *
skip_group(struct pass *p, const uint8_t *pos, const uint8_t *end, uint32_t number)
{
	struct index_node ignored;
	uint32_t tag;

	if (p->depth == p->ix->depth_max) {
		return fail(p, pos, EN_ELIMIT);
	}
	p->stack[++p->depth] = NULL;
	while (pos != NULL && (pos = read_tag(p, pos, end, &tag)) != NULL) {
		if ((tag & 7) == WIRE_EGROUP) {
			p->depth--;
			return tag >> 3 == number ? pos : fail(p, pos, EN_EFORMAT);
		}
		pos = skip_value(p, pos, end, tag, &ignored);
	}
	return NULL;
}

static const uint8_t *
take_unknown(struct pass *p, struct table table, uint32_t tag, const uint8_t *pos, const uint8_t *end)
{
	struct index_node value, *node;

	pos = skip_value(p, pos, end, tag, &value);
	node = pos == NULL ? NULL : append_unknown(p, table, tag >> 3, p->start + value.offset, tag & 7);
	if (node == NULL) {
		return NULL;
	}
	node->bits = value.bits;
	node->length = value.length;
	return pos;
}

static const uint8_t *parse(struct pass *p, struct table table, const struct schema_type *t, const uint8_t *pos,
    const uint8_t *end, uint32_t group);

// The value of a proto2 map may be a number that its enum does not know: then the whole entry is unknown.
static bool
is_unknown_entry(const struct index *ix, const struct schema_field *f, struct table entry)
{
	const struct schema_field *value = f->is_map ? &f->message->fields[1] : NULL;

	if (value == NULL || value->kind != KIND_ENUM || !value->enumeration->closed ||
	    ix->heads[entry.chains + value->slot].last != INDEX_NONE) {
		return false;
	}
	for (uint32_t u = ix->messages[entry.message].unknown; u != INDEX_NONE; u = ix->nodes[u].next) {
		if (ix->nodes[u].number == value->number && ix->nodes[u].wire == WIRE_VARINT) {
			return true;
		}
	}
	return false;
}

// A sub-message, by length or as a group. A singular one that came before is merged into: both share one table.
static const uint8_t *
take_message(struct pass *p, struct table table, const struct schema_field *f, const uint8_t *pos, const uint8_t *end)
{
	bool is_group = f->kind == KIND_GROUP;
	const struct index_chain *chain = &p->ix->heads[table.chains + f->slot];
	struct index_node *node;
	struct table inner;
	uint32_t length = 0;

	if (p->depth == p->ix->depth_max) {
		return fail(p, pos, EN_ELIMIT);
	}
	if (!is_group && (pos = read_length(p, pos, end, &length)) == NULL) {
		return NULL;
	}
	if (!f->repeated && chain->last != INDEX_NONE) {
		inner.message = p->ix->nodes[chain->last].message;
		inner.chains = p->ix->messages[inner.message].chains;
	} else if (!new_message(p, f->message, &inner)) {
		return fail(p, pos, EN_ENOMEM);
	}
	p->stack[++p->depth] = NULL;
	const uint8_t *after =
	    parse(p, inner, f->message, pos, is_group ? end : pos + length, is_group ? f->number : 0);

	if (after == NULL) {
		return NULL;
	}
	p->depth--;
	node = EN_UNLIKELY(is_unknown_entry(p->ix, f, inner))
	    ? append_unknown(p, table, f->number, pos, WIRE_LEN)
	    : append(p, table, f, pos, is_group ? WIRE_SGROUP : WIRE_LEN);
	if (node == NULL) {
		return NULL;
	}
	node->message = inner.message;
	node->length = (uint32_t)(after - pos);
	return after;
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

static inline const uint8_t *
take_scalar(struct pass *p, struct table table, const struct schema_field *f, enum wire_type wire, const uint8_t *pos,
    const uint8_t *end)
{
	struct index_node *node;
	const uint8_t *at = pos;
	uint64_t bits;

	pos = read_scalar(p, pos, end, wire, &bits);
	if (pos == NULL) {
		return NULL;
	}
	if (wire == WIRE_VARINT && (bits > INT32_MAX || f->kind == KIND_BOOL)) {
		bits = trim_varint(f->kind, bits);
	}
	node = EN_UNLIKELY(f->kind == KIND_ENUM && f->enumeration->closed &&
		   schema_enum_by_number(f->enumeration, (int32_t)bits) == NULL)
	    ? append_unknown(p, table, f->number, at, wire)
	    : append(p, table, f, at, wire);
	if (node == NULL) {
		return NULL;
	}
	node->bits = bits;
	return pos;
}

static const uint8_t *
take_packed(struct pass *p, struct table table, const struct schema_field *f, enum wire_type wire, const uint8_t *pos,
    const uint8_t *end)
{
	uint32_t length;

	pos = read_length(p, pos, end, &length);
	for (const uint8_t *last = pos == NULL ? NULL : pos + length; pos != NULL && pos < last;) {
		pos = take_scalar(p, table, f, wire, pos, last);
	}
	return pos;
}

static inline const uint8_t *
take_bytes(struct pass *p, struct table table, const struct schema_field *f, const uint8_t *pos, const uint8_t *end)
{
	struct index_node *node;
	uint32_t length;

	pos = read_length(p, pos, end, &length);
	if (EN_UNLIKELY(pos == NULL)) {
		return NULL;
	}
	if (f->kind == KIND_STRING && EN_UNLIKELY(!utf8_check(pos, length))) {
		return fail(p, pos, EN_EUTF8);
	}
	node = append(p, table, f, pos, WIRE_LEN);
	if (EN_UNLIKELY(node == NULL)) {
		return NULL;
	}
	node->length = length;
	return pos + length;
}

static inline const uint8_t *
take_field(struct pass *p, struct table table, const struct schema_field *f, uint32_t tag, const uint8_t *pos,
    const uint8_t *end)
{
	enum wire_type wanted = schema_wire_type(f->kind);

	if (EN_UNLIKELY((tag & 7) != (uint32_t)wanted)) {
		// Packed where the schema says unpacked or the other way round; or another wire type than the schema's,
		// which is kept and not understood.
		return (tag & 7) == WIRE_LEN && f->repeated && wanted != WIRE_SGROUP
		    ? take_packed(p, table, f, wanted, pos, end)
		    : take_unknown(p, table, tag, pos, end);
	}
	if (schema_is_message(f)) {
		return take_message(p, table, f, pos, end);
	}
	return wanted == WIRE_LEN ? take_bytes(p, table, f, pos, end) : take_scalar(p, table, f, wanted, pos, end);
}

// Fields up to the end, or to the end tag of the group.
static const uint8_t *
parse(struct pass *p, struct table table, const struct schema_type *t, const uint8_t *pos, const uint8_t *end,
    uint32_t group)
{
	while (pos < end) {
		const struct schema_field *f;
		uint32_t tag;

		pos = read_tag(p, pos, end, &tag);
		if (EN_UNLIKELY(pos == NULL || (tag & 7) == WIRE_EGROUP)) {
			p->stack[p->depth] = NULL; // no field is at fault
			return pos == NULL ? NULL : group != 0 && tag >> 3 == group ? pos : fail(p, pos, EN_EFORMAT);
		}
		f = schema_field_by_number(t, tag >> 3);
		p->stack[p->depth] = f;
		pos = EN_LIKELY(f != NULL) ? take_field(p, table, f, tag, pos, end)
					   : take_unknown(p, table, tag, pos, end);
		if (EN_UNLIKELY(pos == NULL)) {
			return NULL;
		}
	}
	if (group != 0) {
		p->stack[p->depth] = NULL;
		return fail(p, pos, EN_ETRUNCATED);
	}
	return pos;
}

static void
tell(const struct pass *p, struct index_fault *fault)
{
	size_t at = 0;

	fault->err = p->err;
	fault->offset = (uint32_t)(p->fault - p->start);
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
	static const uint8_t nothing[1];
	struct pass p;
	struct table root;

	// The stack is not cleared: it is read as far as it was written.
	p.ix = ix;
	p.depth = 0;
	p.err = EN_OK;
	p.start = payload.len == 0 ? nothing : payload.data;
	p.fault = p.start;
	p.stack[0] = NULL;
	ix->payload = payload;
	ix->node_count = ix->message_count = ix->head_count = 0;
	ix->depth_max = ix->depth_max < LIMIT_CODEC_DEPTH ? ix->depth_max : LIMIT_CODEC_DEPTH;
	set_node_room(&p);
	if (payload.len > UINT32_MAX / 2) {
		p.err = EN_ELIMIT;
	} else if (!new_message(&p, t, &root)) {
		p.err = EN_ENOMEM;
	} else {
		(void)parse(&p, root, t, p.start, p.start + payload.len, 0);
	}
	if (p.err != EN_OK && reterr_fault != NULL) {
		tell(&p, reterr_fault);
	}
	return p.err;
}

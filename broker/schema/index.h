// SPDX-License-Identifier: Apache-2.0
// The wire index: one pass over a payload that validates it and remembers where everything is. No message object is built.
//
// A message becomes a table of chains, one per field: the occurrences of that field in wire order, as nodes in the index's own
// arrays, capped by limits. Packed fields are unrolled into one node per element. Several occurrences of a singular message
// field are merged, as protobuf asks: they share one message table. Fields unknown to the type are kept in a chain of their own.
// A singular scalar's value is that of its last occurrence; a oneof's member is present only when it came last of its oneof.
//
// Checked: tags, wire types, lengths, depth (groups included), count of nodes, UTF-8 of KIND_STRING. What a check refuses is named
// with the path of the field, never with its value.
//
// The index borrows the payload and is reused from event to event without calling malloc once it is warm. One thread.
#ifndef EN_SCHEMA_INDEX_H
#define EN_SCHEMA_INDEX_H

#include "schema/schema.h"

#define INDEX_NONE UINT32_MAX

// One occurrence of a field. bits holds varints as decoded (before zigzag), fixed values as their bits; for WIRE_LEN and groups
// offset and length say where the content stands in the payload.
struct index_node {
	uint64_t bits;
	uint32_t offset, length;
	uint32_t next;		// node, or INDEX_NONE
	uint32_t message;	// of message fields: the message table of this occurrence; INDEX_NONE otherwise
	uint32_t number;	// of unknown fields
	uint8_t wire;		// enum wire_type
};

struct index_message {
	const struct schema_type *type;
	uint32_t chains;	// where this message's chains begin in index->heads (type->field_count of them)
	uint32_t unknown;	// first node of the unknown fields, or INDEX_NONE
	uint32_t unknown_last;
};

struct index_chain {
	uint32_t first, last;	// INDEX_NONE when the field does not occur
};

struct index {
	struct view payload;
	struct index_node *nodes;
	struct index_message *messages;
	struct index_chain *heads;
	uint32_t node_count, node_cap, message_count, message_cap, head_count, head_cap;
	uint32_t node_max, depth_max;	// LIMIT_PAYLOAD_FIELDS and LIMIT_PAYLOAD_DEPTH unless changed after index_init
};

// Why a payload was refused. path: dotted names of the schema, at most 255 characters, "" for the message itself.
struct index_fault {
	enum en_err err;	// EN_ETRUNCATED, EN_EFORMAT, EN_EUTF8, EN_ELIMIT, EN_ENOMEM
	uint32_t offset;
	char path[256];
};

void index_init(struct index *ix);
void index_fini(struct index *ix);
// Message 0 is the root. ret_fault is filled on failure only; may be NULL. The previous content is gone either way.
EN_MUST_CHECK enum en_err index_build(struct index *ix, const struct schema_type *t, struct view payload, struct index_fault *reterr_fault);

static inline const struct index_chain *
index_chain_of(const struct index *ix, uint32_t message, const struct schema_field *f)
{
	return &ix->heads[ix->messages[message].chains + f->slot];
}
// The last occurrence, which is the value of a singular field; NULL when the field does not occur.
static inline const struct index_node *
index_last(const struct index *ix, uint32_t message, const struct schema_field *f)
{
	uint32_t n = index_chain_of(ix, message, f)->last;

	return n == INDEX_NONE ? NULL : &ix->nodes[n];
}
static inline const struct index_node *
index_first(const struct index *ix, uint32_t message, const struct schema_field *f)
{
	uint32_t n = index_chain_of(ix, message, f)->first;

	return n == INDEX_NONE ? NULL : &ix->nodes[n];
}
static inline const struct index_node *
index_next(const struct index *ix, const struct index_node *n)
{
	return n->next == INDEX_NONE ? NULL : &ix->nodes[n->next];
}
// Whether a scalar, text or bytes holds the default of a field without presence: zero, or nothing.
static inline bool
index_is_zero(const struct index_node *n)
{
	return n->wire == WIRE_LEN ? n->length == 0 : n->bits == 0;
}
// The content of a WIRE_LEN node, borrowed from the payload.
static inline struct view
index_bytes(const struct index *ix, const struct index_node *n)
{
	return (struct view){ix->payload.data + n->offset, n->length};
}

// Values by kind, from a node's bits.
static inline int64_t
index_zigzag(uint64_t bits)
{
	return (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
}

// Appends the canonical re-encoding (known fields by number, merged, last one wins; then unknown fields in order) to out.
EN_MUST_CHECK enum en_err index_encode(const struct index *ix, uint32_t message, struct buf *out);

#endif

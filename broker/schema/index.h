// SPDX-License-Identifier: Apache-2.0
// The wire index: one pass over a payload that validates it and remembers where everything is. No message object is built.
//
// A message becomes a row of cells, one per field of its type. The cell of a singular field is its last occurrence, which is its value; the cell
// of a repeated field says where its first and its last element are, which hang together in wire order. Packed fields are unrolled into one
// element each. Several occurrences of a singular message field are merged, as protobuf asks: they fill one row. A oneof's member is present only
// when it came last of its oneof. Fields unknown to the type are kept in a chain of their own.
//
// Rows are never cleared: a cell counts when it carries the stamp of this build, and what an earlier payload left behind carries an earlier one.
//
// Checked: tags, wire types, lengths, depth (groups included), count of occurrences and of cells, UTF-8 of KIND_STRING, and that what proto2 requires is
// there (unless is_partial). What a check refuses is named with the path of the field, never with its value.
//
// The index borrows the payload and is reused from event to event without calling malloc once it is warm. One thread.
#ifndef EN_SCHEMA_INDEX_H
#define EN_SCHEMA_INDEX_H

#include "schema/schema.h"

#define INDEX_NONE UINT32_MAX

// One value. bits: a varint as decoded, or the bits of a fixed value; for texts, bytes and unknown groups offset and length say where
// the content stands in the payload; for messages which row is theirs.
struct index_node {
	union {
		uint64_t bits;
		struct {
			uint32_t offset, length;
		};
		struct {
			uint32_t first, last;	// cells of repeated fields: elements
		};
		uint32_t message;
	};
	union {
		struct {
			uint32_t next;	// element, or INDEX_NONE; cells: INDEX_NONE
			union {
				uint32_t stamp;		// cells
				uint32_t previous;	// elements: element, or INDEX_NONE
				uint32_t tag;		// unknown fields
			};
		};
		uint64_t link;
	};
};

struct index_message {
	const struct schema_type *type;
	uint32_t cells;		// where this message's row begins in index->cells (type->field_count of them)
	uint32_t unknown;	// element that is the first of the unknown fields, or INDEX_NONE
	uint32_t unknown_last;
};

struct index {
	struct view payload;
	struct index_node *cells, *elements;	// elements of repeated fields, and unknown fields
	struct index_message *messages;
	uint32_t cell_count, cell_cap, element_count, element_cap, message_count, message_cap;
	uint32_t stamp;			// of this build; 0 is nobody's
	uint32_t node_count;		// occurrences of fields in the payload
	uint32_t node_max, depth_max;	// LIMIT_PAYLOAD_FIELDS and LIMIT_PAYLOAD_DEPTH unless changed after index_init
	bool is_partial;		// what is required may be missing; false unless changed after index_init
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

// The cells of a message, by slot. They count when they carry the index's stamp.
static inline struct index_node *
index_row(const struct index *ix, uint32_t message)
{
	return &ix->cells[ix->messages[message].cells];
}
// The last occurrence, which is the value of a singular field; NULL when the field does not occur.
static inline const struct index_node *
index_last(const struct index *ix, uint32_t message, const struct schema_field *f)
{
	const struct index_node *cell = index_row(ix, message) + f->slot;

	return cell->stamp != ix->stamp ? NULL : f->repeated ? &ix->elements[cell->last] : cell;
}
// The first element of a repeated field, the value of a singular one.
static inline const struct index_node *
index_first(const struct index *ix, uint32_t message, const struct schema_field *f)
{
	const struct index_node *cell = index_row(ix, message) + f->slot;

	return cell->stamp != ix->stamp ? NULL : f->repeated ? &ix->elements[cell->first] : cell;
}
static inline const struct index_node *
index_next(const struct index *ix, const struct index_node *n)
{
	return n->next == INDEX_NONE ? NULL : &ix->elements[n->next];
}
// Backwards through a repeated field, from index_last.
static inline const struct index_node *
index_previous(const struct index *ix, const struct index_node *n)
{
	return n->previous == INDEX_NONE ? NULL : &ix->elements[n->previous];
}
// Whether a scalar, text or bytes holds the default of a field without presence: zero, or nothing.
static inline bool
index_is_zero(const struct schema_field *f, const struct index_node *n)
{
	return schema_wire_type(f->kind) == WIRE_LEN ? n->length == 0 : n->bits == 0;
}
// The content of a text, of bytes or of an unknown field with a length, borrowed from the payload.
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

// SPDX-License-Identifier: Apache-2.0
// Message types, loaded at run time from FileDescriptorSets made by protoc: a new agency needs no compiler and no restart.
// A struct schema is a closed set of types that refer to each other by pointer; immutable once sealed, reference-counted by
// its owner, readable from any thread. The structs are visible because the payload path reads them field by field; nobody but
// this folder writes them.
//
//   schema.h      types (this page), loading (load.c), digest
//   index.h       one pass over payload bytes: validation, and chains of occurrences per (message, field); the canonical encoding
//   json.h        ProtoJSON or a native record in JSON <-> payload bytes
//   record.h      the record codec: rows of named text cells (CSV) <-> payload bytes, for adapters
//   compat.h      compatibility of two versions
//
// Types follow the protobuf rules: proto2 and proto3 with optional, maps, oneofs, groups, packed and unpacked.
#ifndef EN_SCHEMA_SCHEMA_H
#define EN_SCHEMA_SCHEMA_H

#include "base/arena.h"
#include "base/finding.h"
#include "base/strmap.h"

// In the numbering of FieldDescriptorProto.Type, so that a descriptor's number is the kind.
enum schema_kind {
	KIND_DOUBLE = 1, KIND_FLOAT, KIND_INT64, KIND_UINT64, KIND_INT32, KIND_FIXED64, KIND_FIXED32, KIND_BOOL, KIND_STRING,
	KIND_GROUP, KIND_MESSAGE, KIND_BYTES, KIND_UINT32, KIND_ENUM, KIND_SFIXED32, KIND_SFIXED64, KIND_SINT32, KIND_SINT64
};

enum wire_type { WIRE_VARINT, WIRE_I64, WIRE_LEN, WIRE_SGROUP, WIRE_EGROUP, WIRE_I32 };

// The classes of enlace.v1.Label (options.proto), by number.
enum label {
	LABEL_UNSPECIFIED, LABEL_OPERATIONAL, LABEL_IDENTITY, LABEL_DEMOGRAPHIC, LABEL_CONTACT, LABEL_LOCATION, LABEL_FAMILY,
	LABEL_HEALTH, LABEL_GBV, LABEL_TRAFFICKING, LABEL_ASYLUM, LABEL_MIGRATION, LABEL_JUSTICE, LABEL_EMPLOYMENT, LABEL_IMAGE,
	LABEL_INDICATOR, LABEL_NARRATIVE, LABEL_SHELTER_ADDRESS, LABEL_COUNT
};
// "identity", "shelter_address": as agreements write them. Never NULL.
const char *label_name(enum label label);
// LABEL_COUNT when it is no label.
enum label label_from_name(const char *name);

// What ProtoJSON writes in a form of its own (well_known.h).
enum schema_well_known {
	WELL_KNOWN_NONE, WELL_KNOWN_ANY, WELL_KNOWN_TIMESTAMP, WELL_KNOWN_DURATION, WELL_KNOWN_FIELD_MASK, WELL_KNOWN_STRUCT,
	WELL_KNOWN_LIST_VALUE, WELL_KNOWN_VALUE, WELL_KNOWN_WRAPPER
};

struct schema_enum_value {
	const char *name;
	int32_t number;
};

struct schema_enum {
	const char *name;			// full, without a leading dot
	const struct schema_enum_value *values;	// in file order: the first one of a number is its name
	uint32_t value_count;
	bool closed;				// proto2: an unknown number is an unknown field
	bool is_null;				// google.protobuf.NullValue: null in JSON
};

struct schema_field {
	const char *name;		// as in the .proto; an extension of the type is a field of it named "[package.extension]"
	const char *json_name;		// the native column or key; lowerCamelCase unless the schema says otherwise
	const struct schema_type *owner;
	const struct schema_type *message;	// of KIND_MESSAGE and KIND_GROUP
	const struct schema_enum *enumeration;	// of KIND_ENUM
	uint32_t number;
	uint32_t slot;			// index in owner->fields
	enum schema_kind kind;
	bool repeated, packed, is_map, has_presence, proto2_required;
	int32_t oneof;			// index among the owner's real oneofs, -1 for none (a proto3 optional is none)
	// options of enlace (options.proto); label is the field's own, see label_of_path in map/
	enum label label;
	bool coarse, required, raw_json, xml_attribute;
	const char *list_separator;	// NULL when the record has no list in one cell
	const char *rows_grouped_by;	// NULL
	const char *const *values;	// the closed list; NULL when open
	uint32_t value_count;
	// proto2 default, as the 64 bits of its value, or text, or bytes; has_default false otherwise
	bool has_default;
	uint64_t default_bits;
	struct view default_text;
	uint32_t line;			// in the .proto, 0 when the set has no source info
};

// How an occurrence of a field is read (index.c): what most payloads are made of at once, everything else slowly.
enum schema_take {
	TAKE_SLOWLY, TAKE_TEXT, TAKE_BYTES, TAKE_VARINT, TAKE_BOOL, TAKE_I64, TAKE_I32, TAKE_TEXTS,
	TAKE_MESSAGE, TAKE_MESSAGES	// from here on there are fields inside
};

// What the payload path has to know of a field before it looks at it more closely.
struct schema_entry {
	uint32_t tag;			// that the field's occurrences begin with; 0: no field of this number
	uint16_t slot;
	uint8_t take;			// enum schema_take
	uint8_t kind;			// enum schema_kind
};
#define SCHEMA_ENTRIES_MIN 16U		// whatever number a tag of one byte has, there is an entry

struct schema_type {
	const char *name;		// full: "inm.v1.Acta"
	const struct schema_field *fields;	// by number, ascending
	uint32_t field_count;
	uint32_t oneof_count;
	bool is_map_entry, proto3;
	bool may_lack;			// it, or a message that it can hold, has fields that are required (proto2)
	enum schema_well_known well_known;
	const char *file;
	// By number, for numbers below entry_count, which is at least SCHEMA_ENTRIES_MIN; past that by binary search (schema_field_by_number)
	const struct schema_entry *entries;
	uint32_t entry_count;
	struct strmap by_name;		// name and json_name -> field
	const struct schema *schema;
};

struct schema;

// An empty set. EN_ENOMEM.
EN_MUST_CHECK enum en_err schema_new(struct schema **ret);
struct schema *schema_ref(struct schema *s);	// thread-safe count
void schema_unref(struct schema **sp);
// Adds every type of a FileDescriptorSet; a file of the same name that is there already is passed over when its bytes are equal and a
// finding (E02xx) when not. Depth is checked before protobuf-c sees the bytes. path: for findings.
EN_MUST_CHECK enum en_err schema_add(struct schema *s, struct view descriptor_set, const char *path, struct findings *findings);
// Resolves names; missing imports are findings. No schema_add after it.
EN_MUST_CHECK enum en_err schema_seal(struct schema *s, struct findings *findings);
// All *.binpb of a folder, sealed. On failure the findings say why.
EN_MUST_CHECK enum en_err schema_load_folder(const char *folder, struct findings *findings, struct schema **ret);
// One *.binpb, sealed; with the sets of a folder when over is not NULL, whose files of the same names it stands for.
EN_MUST_CHECK enum en_err schema_load_file(const char *path, const char *over, struct findings *findings, struct schema **ret);
// The sets as they were added, numbered from 0: where they came from, and their digest (32 bytes of BLAKE2b).
size_t schema_set_count(const struct schema *s);
const char *schema_set_path(const struct schema *s, size_t set);
const uint8_t *schema_set_digest(const struct schema *s, size_t set);
struct view schema_set_bytes(const struct schema *s, size_t set);	// borrowed
// The first set that brought the type's file, and the file's package.
size_t schema_set_of(const struct schema_type *t);
const char *schema_package_of(const struct schema_type *t);
// NULL when there is no such message. name without a leading dot.
const struct schema_type *schema_type_by_name(const struct schema *s, const char *name);
const struct schema_type *schema_type_by_view(const struct schema *s, struct view name);
// NULL when there is no such enum. Full name.
const struct schema_enum *schema_enum_by_full_name(const struct schema *s, struct view name);
// For nearest names: all full names, count of them.
const char *const *schema_type_names(const struct schema *s, size_t *ret_count);
// 32 bytes, over the descriptor sets as loaded: goes into every record's header.
const uint8_t *schema_digest(const struct schema *s);
// The serialized descriptor set (borrowed) that defines the type, for SCHEMA; empty view when unknown. *ret_digest: 32 bytes of BLAKE2b.
struct view schema_descriptor_set(const struct schema *s, const struct schema_type *t, uint8_t ret_digest[32]);

// By number; NULL for a number that the type does not know.
static inline const struct schema_field *
schema_field_by_number(const struct schema_type *t, uint32_t number)
{
	if (EN_LIKELY(number < t->entry_count)) {
		return t->entries[number].tag == 0 ? NULL : &t->fields[t->entries[number].slot];
	}
	extern const struct schema_field *schema_field_by_number_slow(const struct schema_type *type, uint32_t wanted);
	return schema_field_by_number_slow(t, number);
}
// By name or json_name, NULL when there is none.
const struct schema_field *schema_field_by_name(const struct schema_type *t, struct view name);
// The first value of that number or NULL; by name, NULL when there is none.
const struct schema_enum_value *schema_enum_by_number(const struct schema_enum *e, int32_t number);
const struct schema_enum_value *schema_enum_by_name(const struct schema_enum *e, struct view name);

// The wire type of an unpacked value of the kind.
static inline enum wire_type
schema_wire_type(enum schema_kind kind)
{
	static const uint8_t wires[] = {
	    [KIND_DOUBLE] = WIRE_I64, [KIND_FLOAT] = WIRE_I32, [KIND_INT64] = WIRE_VARINT, [KIND_UINT64] = WIRE_VARINT, [KIND_INT32] = WIRE_VARINT,
	    [KIND_FIXED64] = WIRE_I64, [KIND_FIXED32] = WIRE_I32, [KIND_BOOL] = WIRE_VARINT, [KIND_STRING] = WIRE_LEN, [KIND_GROUP] = WIRE_SGROUP,
	    [KIND_MESSAGE] = WIRE_LEN, [KIND_BYTES] = WIRE_LEN, [KIND_UINT32] = WIRE_VARINT, [KIND_ENUM] = WIRE_VARINT,
	    [KIND_SFIXED32] = WIRE_I32, [KIND_SFIXED64] = WIRE_I64, [KIND_SINT32] = WIRE_VARINT, [KIND_SINT64] = WIRE_VARINT};

	return (enum wire_type)wires[kind];
}
static inline bool
schema_is_message(const struct schema_field *f)
{
	return f->kind == KIND_MESSAGE || f->kind == KIND_GROUP;
}

#endif

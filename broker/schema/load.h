// SPDX-License-Identifier: Apache-2.0
// What load.c (files, messages, sealing) and load_field.c (one field with its options) share.
#ifndef EN_SCHEMA_LOAD_H
#define EN_SCHEMA_LOAD_H

#include "google/protobuf/descriptor.pb-c.h"
#include "schema/schema_int.h"

struct load {
	struct schema *schema;
	struct findings *findings;
	const struct schema_file *file;
	bool is_proto3;		// of the file
	enum en_err err;
};

bool load_is_name(const char *name);	// an identifier; NULL is none
void load_finding(struct load *l, enum finding_code code, const char *detail);
// The json_name, or what protoc makes of the name; NULL without memory.
const char *load_json_name(struct arena *arena, const Google__Protobuf__FieldDescriptorProto *in);
// Fills f from its descriptor; types must all be registered. extension: the full name of an extension, NULL for a field of the message
// itself. l->err is set without memory, and with a finding when protobuf allows no such field.
void load_field(struct load *l, struct schema_type *t, struct schema_field *f, const Google__Protobuf__FieldDescriptorProto *in,
    const char *extension);

// Extensions (load_extension.c): they become fields of the type that they extend. First all are counted, in field_count of the types,
// so that there is room for them; then, behind the fields of the types' own, they are filled in.
void load_count_extensions(struct load *l, const Google__Protobuf__FileDescriptorProto *file);
void load_extensions(struct load *l, const Google__Protobuf__FileDescriptorProto *file);

// How the type's fields are found, by number and by name (load_find.c). They are in the order of their numbers. l->err is set without memory.
void load_find(struct load *l, struct schema_type *t, struct schema_field *fields);

#endif

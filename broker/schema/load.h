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
	enum en_err err;
};

bool load_is_name(const char *name);	// an identifier; NULL is none
void load_finding(struct load *l, enum finding_code code, const char *detail);
// Fills f from its descriptor; types must all be registered. l->err is set without memory, and with a finding when
// protobuf allows no such field.
void load_field(struct load *l, struct schema_type *t, struct schema_field *f, const Google__Protobuf__FieldDescriptorProto *in);

#endif

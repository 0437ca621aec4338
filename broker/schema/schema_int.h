// SPDX-License-Identifier: Apache-2.0
// What the files of schema/ share. Not for other folders.
#ifndef EN_SCHEMA_SCHEMA_INT_H
#define EN_SCHEMA_SCHEMA_INT_H

#include <stdatomic.h>

#include "schema/schema.h"

// One FileDescriptorProto, kept as the bytes that came.
struct schema_file {
	const char *name, *package;	// package: "" until the file is registered
	struct view bytes;
	size_t set;	// index of the set that brought it
};

struct schema_set {
	const char *path;	// as schema_add was told
	struct view bytes;
	uint8_t digest[32];
};

struct schema {
	atomic_uint_fast32_t refs;
	struct arena arena;
	struct schema_file *files;
	size_t file_count, file_cap;
	struct schema_set *sets;
	size_t set_count, set_cap;
	struct strmap types, enums;	// full name -> struct schema_type, struct schema_enum
	struct strmap file_of_type;	// type name -> struct schema_file
	const char **names;
	size_t name_count;
	uint8_t digest[32];
	bool is_sealed;
	bool first_wins;	// of two files of one name: schema_load_file_over
};

#endif

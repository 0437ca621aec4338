// SPDX-License-Identifier: Apache-2.0
// What the files of the comparison share: each version as elements found by name (compat_side.c), and one function per kind of pair.
// The descriptors are compared, not the types made of them: reserved numbers, names of oneofs, services and places in the text are theirs alone.
#ifndef EN_SCHEMA_COMPAT_INT_H
#define EN_SCHEMA_COMPAT_INT_H

#include "google/protobuf/descriptor.pb-c.h"
#include "schema/compat.h"
#include "schema/schema_int.h"

typedef Google__Protobuf__FileDescriptorProto file_descriptor;
typedef Google__Protobuf__DescriptorProto message_descriptor;
typedef Google__Protobuf__FieldDescriptorProto field_descriptor;
typedef Google__Protobuf__EnumDescriptorProto enum_descriptor;
typedef Google__Protobuf__ServiceDescriptorProto service_descriptor;

// Something that a .proto declares. Its place in the text is found by the steps to it: outer's, then (tag, index), in descriptor.proto's numbers.
struct element {
	const struct element *outer;	// NULL: it stands in the file itself
	const struct element *next;	// of the same kind, in the order of the files
	const file_descriptor *file;
	const char *name;		// full
	int32_t tag, index;		// tag 0: the file itself
	union {
		const message_descriptor *message;
		const field_descriptor *field;
		const enum_descriptor *enumeration;
		const service_descriptor *service;
	};
};

struct element_list {
	struct strmap by_name;	// of extensions: "extendee number"
	const struct element *first;
	struct element *last;
};

struct side {
	struct arena *arena;
	const struct schema *schema;
	file_descriptor **files;	// schema->file_count of them
	struct element_list messages, enums, services, extensions;
	enum en_err err;
};

enum en_err side_init(struct side *s, const struct schema *schema, struct arena *arena);
void side_fini(struct side *s);
const struct element *side_find(const struct element_list *list, const char *name);
// The type that a field names: ".p.M" -> the element, NULL when it is none of that list.
const struct element *side_type(const struct element_list *list, const char *type_name);
// The one of that type and number.
const struct element *side_extension(const struct side *s, const field_descriptor *f);
bool side_is_map(const struct side *s, const field_descriptor *f);

struct compat {
	struct side old, new;
	struct compat_report *report;
	enum en_err err;
};

// at: the element of the new version whose place is told; option: the number of the part of it that is meant (0: all of it). Without a place of
// its own a part is told at the whole.
void compat_add(struct compat *c, enum compat_rule rule, const struct element *at, int32_t option, const char *scope, const char *member,
    const char *fmt, ...) EN_PRINTF(7, 8);

// scope: the message; f: fields or extensions of one number.
void compat_field(struct compat *c, const struct element *old, const struct element *new, const char *scope);
void compat_enum(struct compat *c, const struct element *old, const struct element *new);
// Of that number and that name; a number may have several.
bool enum_has_value(const enum_descriptor *e, int32_t number, const char *name);
void compat_service(struct compat *c, const struct element *old, const struct element *new);

// Numbers and names that are not to be used again. ends are included.
struct number_range {
	int32_t first, last;
};
struct reserved {
	struct number_range *ranges;
	size_t range_count;
	char *const *names;
	size_t name_count;
};
// Room for the ranges, which the caller fills in; false without memory (c->err).
bool reserved_init(struct compat *c, struct reserved *r, size_t range_count, char *const *names, size_t name_count);
bool reserves_number(const struct reserved *r, int32_t number);
bool reserves_name(const struct reserved *r, const char *name);
// at: the message or enum of the new version.
void compat_reserved(
    struct compat *c, enum compat_rule rule, const struct reserved *old, const struct reserved *new, const struct element *at);

#endif

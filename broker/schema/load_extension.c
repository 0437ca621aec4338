// SPDX-License-Identifier: Apache-2.0
// Extensions of proto2. A set of schemas is closed when it is sealed, so an extension can be what it looks like on the wire: one more field of
// the type that it extends. Options are no payload: extensions of google.protobuf are passed over, and may use a number twice.
#include "schema/load.h"

typedef void take_extension(
    struct load *l, struct schema_type *t, const char *scope, const Google__Protobuf__FieldDescriptorProto *extension);

static void
each(struct load *l, const char *scope, Google__Protobuf__FieldDescriptorProto *const *extensions, size_t count,
    take_extension *take)
{
	for (size_t i = 0; i < count && l->err == EN_OK; i++) {
		const char *name = extensions[i]->extendee == NULL ? "" : extensions[i]->extendee;
		struct schema_type *t;

		name += name[0] == '.';
		if (strncmp(name, "google.protobuf.", 16) == 0) {
			continue;
		}
		t = strmap_get(&l->schema->types, view_text(name));
		if (t == NULL) {
			load_finding(l, E0204, name);
			l->err = EN_ECONFIG;
			return;
		}
		take(l, t, scope, extensions[i]);
	}
}

static void
each_of_message(struct load *l, const char *scope, const Google__Protobuf__DescriptorProto *m, take_extension *take)
{
	const char *name = arena_printf(&l->schema->arena, "%s%s%s", scope, scope[0] == '\0' ? "" : ".", m->name);

	if (name == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	each(l, name, m->extension, m->n_extension, take);
	for (size_t i = 0; i < m->n_nested_type; i++) {
		each_of_message(l, name, m->nested_type[i], take);
	}
}

static void
each_of_file(struct load *l, const Google__Protobuf__FileDescriptorProto *file, take_extension *take)
{
	const char *package = file->package == NULL ? "" : file->package;

	each(l, package, file->extension, file->n_extension, take);
	for (size_t i = 0; i < file->n_message_type; i++) {
		each_of_message(l, package, file->message_type[i], take);
	}
}

static void
count_one(
    struct load *l, struct schema_type *t, const char *scope, const Google__Protobuf__FieldDescriptorProto *extension)
{
	(void)l;
	(void)scope;
	(void)extension;
	t->field_count++;
}

static void
fill_one(
    struct load *l, struct schema_type *t, const char *scope, const Google__Protobuf__FieldDescriptorProto *extension)
{
	const char *name = extension->name == NULL ? "" : extension->name;

	name = scope[0] == '\0' ? name : arena_printf(&l->schema->arena, "%s.%s", scope, name);
	if (name == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	load_field(l, t, (struct schema_field *)(uintptr_t)&t->fields[t->field_count++], extension, name);
}

void
load_count_extensions(struct load *l, const Google__Protobuf__FileDescriptorProto *file)
{
	each_of_file(l, file, count_one);
}

void
load_extensions(struct load *l, const Google__Protobuf__FileDescriptorProto *file)
{
	each_of_file(l, file, fill_one);
}

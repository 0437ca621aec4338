// SPDX-License-Identifier: Apache-2.0
// One version of a schema, as elements found by name.
#include "schema/compat_int.h"

#include <stdio.h>
#include <string.h>

#include "schema/load.h"

// Numbers of descriptor.proto.
enum {
	FILE_MESSAGE = 4,
	FILE_ENUM = 5,
	FILE_SERVICE = 6,
	FILE_EXTENSION = 7,
	MESSAGE_FIELD = 2,
	MESSAGE_NESTED = 3,
	MESSAGE_ENUM = 4,
	MESSAGE_EXTENSION = 6
};

#define KEY_OF_EXTENSION "%s %d" // extendee, number

static const char *
join(struct side *s, const char *scope, const char *name)
{
	const char *text = arena_printf(s->arena, "%s%s%s", scope, scope[0] == '\0' ? "" : ".", name);

	if (text == NULL) {
		s->err = EN_ENOMEM;
	}
	return text;
}

// key: how it is found. The element that the list holds under it, to be given its descriptor; NULL without memory.
static struct element *
add(struct side *s, struct element_list *list, const char *key, struct element element)
{
	struct element *e = key == NULL || element.name == NULL ? NULL : arena_alloc(s->arena, sizeof(*e));

	if (e == NULL || strmap_put(&list->by_name, view_text(key), e, NULL) != EN_OK) {
		s->err = EN_ENOMEM;
		return NULL;
	}
	*e = element;
	if (list->last == NULL) {
		list->first = e;
	} else {
		list->last->next = e;
	}
	list->last = e;
	return e;
}

static void
add_enums(struct side *s, const struct element *outer, const file_descriptor *file, const char *scope,
    enum_descriptor *const *enums, size_t count)
{
	for (size_t i = 0; i < count && s->err == EN_OK; i++) {
		const char *name = join(s, scope, enums[i]->name);

		add(s, &s->enums, name,
		    (struct element){.outer = outer,
			.file = file,
			.name = name,
			.tag = outer == NULL ? FILE_ENUM : MESSAGE_ENUM,
			.index = (int32_t)i,
			.enumeration = enums[i]});
	}
}

// Extensions of options are passed over when a schema is loaded, so nothing was said about them yet.
static bool
is_comparable(const field_descriptor *f)
{
	return load_is_name(f->name) && f->extendee != NULL && (int)f->type >= (int)KIND_DOUBLE &&
	    (int)f->type <= (int)KIND_SINT64;
}

static void
add_extensions(struct side *s, const struct element *outer, const file_descriptor *file, const char *scope,
    field_descriptor *const *extensions, size_t count)
{
	for (size_t i = 0; i < count && s->err == EN_OK; i++) {
		if (!is_comparable(extensions[i])) {
			continue;
		}
		const char *key =
		    arena_printf(s->arena, KEY_OF_EXTENSION, extensions[i]->extendee, extensions[i]->number);

		add(s, &s->extensions, key,
		    (struct element){.outer = outer,
			.file = file,
			.name = join(s, scope, extensions[i]->name),
			.tag = outer == NULL ? FILE_EXTENSION : MESSAGE_EXTENSION,
			.index = (int32_t)i,
			.field = extensions[i]});
	}
}

// The text knows no entry of a map: it stands where the map's field does.
static void
place_map_entry(struct element *e)
{
	const message_descriptor *outer = e->outer == NULL ? NULL : e->outer->message;

	for (size_t i = 0; outer != NULL && i < outer->n_field; i++) {
		const char *type = outer->field[i]->type_name;

		if (type != NULL && strcmp(type + (type[0] == '.'), e->name) == 0) {
			e->tag = MESSAGE_FIELD;
			e->index = (int32_t)i;
		}
	}
}

static void
add_messages(struct side *s, const struct element *outer, const file_descriptor *file, const char *scope,
    message_descriptor *const *messages, size_t count)
{
	for (size_t i = 0; i < count && s->err == EN_OK; i++) {
		const message_descriptor *m = messages[i];
		const char *name = join(s, scope, m->name);
		struct element *e = add(s, &s->messages, name,
		    (struct element){.outer = outer,
			.file = file,
			.name = name,
			.tag = outer == NULL ? FILE_MESSAGE : MESSAGE_NESTED,
			.index = (int32_t)i,
			.message = m});

		if (e == NULL) {
			return;
		}
		if (m->options != NULL && m->options->map_entry) {
			place_map_entry(e);
		}
		add_messages(s, e, file, name, m->nested_type, m->n_nested_type);
		add_enums(s, e, file, name, m->enum_type, m->n_enum_type);
		add_extensions(s, e, file, name, m->extension, m->n_extension);
	}
}

static void
add_file(struct side *s, const file_descriptor *file)
{
	const char *package = file->package == NULL ? "" : file->package;

	add_messages(s, NULL, file, package, file->message_type, file->n_message_type);
	add_enums(s, NULL, file, package, file->enum_type, file->n_enum_type);
	add_extensions(s, NULL, file, package, file->extension, file->n_extension);
	for (size_t i = 0; i < file->n_service && s->err == EN_OK; i++) {
		if (!load_is_name(file->service[i]->name)) {
			continue;
		}
		const char *name = join(s, package, file->service[i]->name);

		add(s, &s->services, name,
		    (struct element){.file = file,
			.name = name,
			.tag = FILE_SERVICE,
			.index = (int32_t)i,
			.service = file->service[i]});
	}
}

enum en_err
side_init(struct side *s, const struct schema *schema, struct arena *arena)
{
	*s = (struct side){.arena = arena, .schema = schema};
	s->files = arena_zalloc(arena, (schema->file_count + 1) * sizeof(*s->files));
	if (s->files == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < schema->file_count && s->err == EN_OK; i++) {
		const struct schema_file *file = &schema->files[i];

		s->files[i] = google__protobuf__file_descriptor_proto__unpack(NULL, file->bytes.len, file->bytes.data);
		if (s->files[i] == NULL) {
			return EN_ENOMEM; // the bytes were read before, when the schema was sealed
		}
		add_file(s, s->files[i]);
	}
	return s->err;
}

void
side_fini(struct side *s)
{
	for (size_t i = 0; s->files != NULL && i < s->schema->file_count; i++) {
		if (s->files[i] != NULL) {
			google__protobuf__file_descriptor_proto__free_unpacked(s->files[i], NULL);
		}
	}
	strmap_fini(&s->messages.by_name);
	strmap_fini(&s->enums.by_name);
	strmap_fini(&s->services.by_name);
	strmap_fini(&s->extensions.by_name);
}

const struct element *
side_find(const struct element_list *list, const char *name)
{
	return strmap_get(&list->by_name, view_text(name));
}

const struct element *
side_type(const struct element_list *list, const char *type_name)
{
	return type_name == NULL ? NULL : side_find(list, type_name + (type_name[0] == '.'));
}

const struct element *
side_extension(const struct side *s, const field_descriptor *f)
{
	char key[1024];

	// A longer name is none that a .proto would hold; two of them are then not compared.
	return (size_t)snprintf(key, sizeof(key), KEY_OF_EXTENSION, f->extendee, f->number) < sizeof(key)
	    ? side_find(&s->extensions, key)
	    : NULL;
}

bool
side_is_map(const struct side *s, const field_descriptor *f)
{
	const struct element *type = f->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED
	    ? side_type(&s->messages, f->type_name)
	    : NULL;

	return type != NULL && type->message->options != NULL && type->message->options->map_entry;
}

// SPDX-License-Identifier: Apache-2.0
#include "schema/schema.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "schema/schema_int.h"

static const char *const label_names[LABEL_COUNT] = {"unspecified", "operational", "identity", "demographic", "contact",
    "location", "family", "health", "gbv", "trafficking", "asylum", "migration", "justice", "employment", "image",
    "indicator", "narrative", "shelter_address"};

const char *
label_name(enum label label)
{
	return (unsigned int)label < LABEL_COUNT ? label_names[label] : label_names[LABEL_UNSPECIFIED];
}

enum label
label_from_name(const char *name)
{
	int label = LABEL_OPERATIONAL; // nobody grants what has no label

	while (label < LABEL_COUNT && strcmp(label_names[label], name) != 0) {
		label++;
	}
	return (enum label)label;
}

enum en_err
schema_new(struct schema **ret)
{
	struct schema *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		return EN_ENOMEM;
	}
	atomic_init(&s->refs, 1);
	arena_init(&s->arena, 0);
	*ret = s;
	return EN_OK;
}

struct schema *
schema_ref(struct schema *s)
{
	atomic_fetch_add(&s->refs, 1);
	return s;
}

void
schema_unref(struct schema **sp)
{
	struct schema *s = *sp;
	size_t at = 0;
	struct view key;
	void *type;

	*sp = NULL;
	if (s == NULL || atomic_fetch_sub(&s->refs, 1) > 1) {
		return;
	}
	while (strmap_next(&s->types, &at, &key, &type)) {
		strmap_fini(&((struct schema_type *)type)->by_name);
	}
	strmap_fini(&s->types);
	strmap_fini(&s->enums);
	strmap_fini(&s->file_of_type);
	free(s->files);
	free(s->sets);
	arena_fini(&s->arena);
	free(s);
}

static int
is_set(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 6 && strcmp(entry->d_name + len - 6, ".binpb") == 0;
}

static enum en_err
add_file(struct schema *s, const char *path, struct findings *findings)
{
	struct buf bytes = BUF_EMPTY;
	enum en_err err = buf_read_file(&bytes, path, LIMIT_DESCRIPTOR_SET_BYTES);

	if (err == EN_OK) {
		err = schema_add(s, buf_view(&bytes), path, findings);
	} else {
		findings_add(
		    findings, E0201, (struct where){.file = path}, NULL, "%s", en_err_text(err, findings->lang));
	}
	buf_fini(&bytes);
	return err == EN_ENOMEM ? err : EN_OK; // all files are looked at; the findings decide
}

static enum en_err
add_folder(struct schema *s, const char *folder, struct findings *findings)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_set, alphasort);
	enum en_err err = count < 0 ? EN_ECONFIG : EN_OK;

	if (count <= 0) {
		findings_add(findings, E0201, (struct where){.file = folder}, NULL,
		    "the folder has no descriptor sets (*.binpb)");
	}
	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(&findings->arena, "%s/%s", folder, entries[i]->d_name);

		if (err == EN_OK) {
			err = path == NULL ? EN_ENOMEM : add_file(s, path, findings);
		}
		free(entries[i]);
	}
	free(entries);
	return err;
}

static enum en_err
finish(struct schema **sp, enum en_err err, size_t errors, struct findings *findings, struct schema **ret)
{
	if (err == EN_OK) {
		err = schema_seal(*sp, findings);
	}
	if (err == EN_OK && findings->errors > errors) {
		err = EN_ECONFIG;
	}
	if (err != EN_OK) {
		schema_unref(sp);
		return err;
	}
	*ret = *sp;
	return EN_OK;
}

enum en_err
schema_load_folder(const char *folder, struct findings *findings, struct schema **ret)
{
	struct schema *s = NULL;
	size_t errors = findings->errors;
	const char *kept = arena_text(&findings->arena, view_text(folder));
	enum en_err err = kept == NULL ? EN_ENOMEM : schema_new(&s);

	if (err == EN_OK) {
		err = add_folder(s, kept, findings);
	}
	return finish(&s, err, errors, findings, ret);
}

enum en_err
schema_load_file(const char *path, const char *over, struct findings *findings, struct schema **ret)
{
	struct schema *s = NULL;
	size_t errors = findings->errors;
	const char *kept = arena_text(&findings->arena, view_text(path));
	enum en_err err = kept == NULL ? EN_ENOMEM : schema_new(&s);

	if (err == EN_OK) {
		err = add_file(s, kept, findings);
	}
	if (err == EN_OK && over != NULL) {
		s->first_wins = true;
		err = add_folder(s, over, findings);
	}
	return finish(&s, err, errors, findings, ret);
}

size_t
schema_set_count(const struct schema *s)
{
	return s->set_count;
}

const char *
schema_set_path(const struct schema *s, size_t set)
{
	return s->sets[set].path;
}

const uint8_t *
schema_set_digest(const struct schema *s, size_t set)
{
	return s->sets[set].digest;
}

struct view
schema_set_bytes(const struct schema *s, size_t set)
{
	return s->sets[set].bytes;
}

size_t
schema_set_of(const struct schema_type *t)
{
	const struct schema_file *file = strmap_get(&t->schema->file_of_type, view_text(t->name));

	return file->set;
}

const char *
schema_package_of(const struct schema_type *t)
{
	const struct schema_file *file = strmap_get(&t->schema->file_of_type, view_text(t->name));

	return file->package;
}

const struct schema_enum *
schema_enum_by_full_name(const struct schema *s, struct view name)
{
	return strmap_get(&s->enums, name);
}

const struct schema_type *
schema_type_by_view(const struct schema *s, struct view name)
{
	return strmap_get(&s->types, name);
}

const struct schema_type *
schema_type_by_name(const struct schema *s, const char *name)
{
	return schema_type_by_view(s, view_text(name));
}

const char *const *
schema_type_names(const struct schema *s, size_t *ret_count)
{
	*ret_count = s->name_count;
	return s->names;
}

const uint8_t *
schema_digest(const struct schema *s)
{
	return s->digest;
}

struct view
schema_descriptor_set(const struct schema *s, const struct schema_type *t, uint8_t ret_digest[32])
{
	const struct schema_file *file = strmap_get(&s->file_of_type, view_text(t->name));

	if (file == NULL) {
		return VIEW_EMPTY;
	}
	memcpy(ret_digest, s->sets[file->set].digest, 32);
	return s->sets[file->set].bytes;
}

const struct schema_field *schema_field_by_number_slow(const struct schema_type *t, uint32_t number);

const struct schema_field *
schema_field_by_number_slow(const struct schema_type *t, uint32_t number)
{
	size_t low = 0, high = t->field_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->fields[middle].number < number) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < t->field_count && t->fields[low].number == number ? &t->fields[low] : NULL;
}

const struct schema_field *
schema_field_by_name(const struct schema_type *t, struct view name)
{
	return strmap_get(&t->by_name, name);
}

const struct schema_enum_value *
schema_enum_by_number(const struct schema_enum *e, int32_t number)
{
	for (uint32_t i = 0; i < e->value_count; i++) {
		if (e->values[i].number == number) {
			return &e->values[i];
		}
	}
	return NULL;
}

const struct schema_enum_value *
schema_enum_by_name(const struct schema_enum *e, struct view name)
{
	for (uint32_t i = 0; i < e->value_count; i++) {
		if (view_is(name, e->values[i].name)) {
			return &e->values[i];
		}
	}
	return NULL;
}

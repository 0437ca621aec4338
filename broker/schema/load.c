// SPDX-License-Identifier: Apache-2.0
// FileDescriptorSets -> types. protobuf-c reads descriptor.proto's own messages, whose only recursion is a message nested in a message: that depth is
// checked on the bytes first.
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "schema/load.h"
#include "schema/well_known.h"

void
load_finding(struct load *l, enum finding_code code, const char *detail)
{
	findings_add(l->findings, code, (struct where){.file = l->file == NULL ? "" : l->file->name}, NULL, "%s",
	    findings_say(l->findings, detail));
}

bool
load_is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	return name != NULL && name[0] != '\0' && name[strspn(name, letters)] == '\0';
}

// ---- adding ----------------------------------------------------------------------------------------------------------------------

// The content of the next field that has a length and that number; others are passed over. False at the end or when malformed.
static bool
next_field(struct rd *r, uint32_t number, struct view *ret)
{
	while (r->err == EN_OK && rd_left(r) > 0) {
		uint64_t tag = rd_varint(r);

		rd_skip(r, tag & 7, ret);
		if (r->err == EN_OK && tag == ((uint64_t)number << 3 | WIRE_LEN)) {
			return true;
		}
	}
	return false;
}

// message_type of a file is field 4, nested_type of a message is field 3.
static bool
is_shallow(struct view message, uint32_t number, unsigned int depth)
{
	struct rd r = rd_init(message);
	struct view inner;

	while (next_field(&r, number, &inner)) {
		if (depth == LIMIT_DESCRIPTOR_NESTING || !is_shallow(inner, 3, depth + 1)) {
			return false;
		}
	}
	return r.err == EN_OK;
}

static enum en_err
keep_file(struct schema *s, struct view bytes, const char *path, struct findings *findings)
{
	struct rd r = rd_init(bytes);
	struct view name = VIEW_EMPTY;
	const char *text;

	if (!next_field(&r, 1, &name) || !is_shallow(bytes, 4, 0)) {
		findings_add(findings, E0202, (struct where){.file = path}, NULL,
		    "a file in it is malformed or nested too deeply");
		return EN_OK;
	}
	for (size_t i = 0; i < s->file_count; i++) {
		if (view_is(name, s->files[i].name)) {
			if (!s->first_wins && !view_equal(bytes, s->files[i].bytes)) {
				findings_add(
				    findings, E0203, (struct where){.file = path}, NULL, "%s", s->files[i].name);
			}
			return EN_OK;
		}
	}
	if (s->file_count == s->file_cap) {
		size_t cap = s->file_cap == 0 ? 32 : s->file_cap * 2;
		struct schema_file *grown = realloc(s->files, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		s->files = grown;
		s->file_cap = cap;
	}
	text = arena_text(&s->arena, name);
	if (text == NULL) {
		return EN_ENOMEM;
	}
	s->files[s->file_count++] =
	    (struct schema_file){.name = text, .package = "", .bytes = bytes, .set = s->set_count - 1};
	return EN_OK;
}

enum en_err
schema_add(struct schema *s, struct view descriptor_set, const char *path, struct findings *findings)
{
	struct schema_set *grown = realloc(s->sets, (s->set_count + 1) * sizeof(*grown));
	struct view copy, file;
	const char *name;
	struct rd r;

	assert(!s->is_sealed);
	if (grown == NULL) {
		return EN_ENOMEM;
	}
	s->sets = grown;
	copy = arena_copy(&s->arena, descriptor_set);
	name = arena_text(&s->arena, view_text(path));
	if (name == NULL || (copy.data == NULL && copy.len > 0)) {
		return EN_ENOMEM;
	}
	r = rd_init(copy);
	s->sets[s->set_count] = (struct schema_set){.path = name, .bytes = copy};
	crypto_hash(s->sets[s->set_count].digest, 32, VIEW_EMPTY, copy);
	s->set_count++;
	while (next_field(&r, 1, &file)) {
		enum en_err err = keep_file(s, file, path, findings);

		if (err != EN_OK) {
			return err;
		}
	}
	if (r.err != EN_OK) {
		findings_add(findings, E0202, (struct where){.file = path}, NULL, "it is no FileDescriptorSet");
	}
	return EN_OK;
}

// ---- types -----------------------------------------------------------------------------------------------------------------------

static const char *
full_name(struct load *l, const char *scope, const char *name)
{
	return scope[0] == '\0' ? arena_text(&l->schema->arena, view_text(name))
				: arena_printf(&l->schema->arena, "%s.%s", scope, name);
}

static void
add_enum(struct load *l, const char *scope, const Google__Protobuf__EnumDescriptorProto *e, bool proto3)
{
	struct schema_enum *out = arena_zalloc(&l->schema->arena, sizeof(*out));
	struct schema_enum_value *values = arena_zalloc(&l->schema->arena, e->n_value * sizeof(*values) + 1);

	if (!load_is_name(e->name) || e->n_value == 0) {
		load_finding(l, E0202, "an enum without a name or without values");
		l->err = EN_ECONFIG;
		return;
	}
	if (out == NULL || values == NULL || (out->name = full_name(l, scope, e->name)) == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	for (size_t i = 0; i < e->n_value; i++) {
		if (!load_is_name(e->value[i]->name)) {
			load_finding(l, E0202, "a value of an enum without a name");
			l->err = EN_ECONFIG;
			return;
		}
		values[i].name = arena_text(&l->schema->arena, view_text(e->value[i]->name));
		values[i].number = e->value[i]->number;
		l->err = values[i].name == NULL ? EN_ENOMEM : l->err;
	}
	out->values = values;
	out->value_count = (uint32_t)e->n_value;
	out->closed = !proto3;
	out->is_null = strcmp(out->name, "google.protobuf.NullValue") == 0;
	if (strmap_get(&l->schema->enums, view_text(out->name)) != NULL) {
		load_finding(l, E0203, out->name);
		return;
	}
	if (strmap_put(&l->schema->enums, view_text(out->name), out, NULL) != EN_OK) {
		l->err = EN_ENOMEM;
	}
}

static void
add_message(struct load *l, const char *scope, const Google__Protobuf__DescriptorProto *m, bool proto3)
{
	struct schema_type *t = arena_zalloc(&l->schema->arena, sizeof(*t));

	if (!load_is_name(m->name)) {
		load_finding(l, E0202, "a message without a name");
		l->err = EN_ECONFIG;
		return;
	}
	if (t == NULL || (t->name = full_name(l, scope, m->name)) == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	t->proto3 = proto3;
	t->file = l->file->name;
	t->schema = l->schema;
	t->is_map_entry = m->options != NULL && m->options->has_map_entry && m->options->map_entry;
	for (size_t i = 0; i < m->n_enum_type; i++) {
		add_enum(l, t->name, m->enum_type[i], proto3);
	}
	for (size_t i = 0; i < m->n_nested_type; i++) {
		add_message(l, t->name, m->nested_type[i], proto3);
	}
	if (strmap_get(&l->schema->types, view_text(t->name)) != NULL) {
		load_finding(l, E0203, t->name);
		return;
	}
	if (strmap_put(&l->schema->types, view_text(t->name), t, NULL) != EN_OK ||
	    strmap_put(&l->schema->file_of_type, view_text(t->name), (void *)(uintptr_t)l->file, NULL) != EN_OK) {
		l->err = EN_ENOMEM;
	}
}

// ---- messages ------------------------------------------------------------------------------------------------------------------

static int
by_number(const void *a, const void *b)
{
	const struct schema_field *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static bool
is_key(const struct schema_field *f)
{
	return !f->repeated && !schema_is_message(f) && f->kind != KIND_BYTES && f->kind != KIND_DOUBLE &&
	    f->kind != KIND_FLOAT && f->kind != KIND_ENUM;
}

// Numbers stand once; an entry of a map is a key and a value. fields are in order.
static bool
is_whole(const struct schema_type *t, const struct schema_field *fields, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (fields[i].number == fields[i - 1].number) {
			return false;
		}
	}
	return !t->is_map_entry ||
	    (count == 2 && fields[0].number == 1 && fields[1].number == 2 && is_key(&fields[0]) && !fields[1].repeated);
}

// The fields of its own; behind them there is room for the extensions, whose count stands in field_count until now.
static void
fill_message(struct load *l, const char *scope, const Google__Protobuf__DescriptorProto *m)
{
	const char *name = full_name(l, scope, m->name);
	struct schema_type *t = name == NULL ? NULL : strmap_get(&l->schema->types, view_text(name));
	struct schema_field *fields;

	if (t == NULL || t->fields != NULL) {
		l->err = name == NULL ? EN_ENOMEM : l->err;
		return;
	}
	if (m->n_field + t->field_count > UINT16_MAX - 1) {
		load_finding(l, E0202, "a message with more fields than it can have");
		l->err = EN_ECONFIG;
		return;
	}
	for (size_t i = 0; i < m->n_nested_type; i++) {
		fill_message(l, name, m->nested_type[i]);
	}
	fields = arena_zalloc(&l->schema->arena, (m->n_field + t->field_count) * sizeof(*fields) + 1);
	if (fields == NULL) {
		l->err = EN_ENOMEM;
		return;
	}
	for (size_t i = 0; i < m->n_field; i++) {
		load_field(l, t, &fields[i], m->field[i], NULL);
	}
	t->fields = fields;
	t->field_count = (uint32_t)m->n_field;
}

// When all fields are there: in the order of their numbers, and found by number and name.
static void
finish_type(struct load *l, struct schema_type *t)
{
	struct schema_field *fields = (struct schema_field *)(uintptr_t)t->fields;
	bool is_sound;

	l->file = strmap_get(&l->schema->file_of_type, view_text(t->name));
	if (t->field_count > 0) {
		qsort(fields, t->field_count, sizeof(*fields), by_number);
	}
	t->well_known = well_known_of(t, &is_sound);
	if (!is_sound || !is_whole(t, fields, t->field_count)) {
		load_finding(l, E0202, t->name);
		l->err = EN_ECONFIG;
		return;
	}
	load_find(l, t, fields);
}

static bool
has_what_may_lack(const struct schema_type *t)
{
	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];

		if (f->proto2_required || (f->message != NULL && f->message->may_lack)) {
			return true;
		}
	}
	return false;
}

// What a message may lack, those that hold it may lack; types may hold each other in circles.
static void
spread_may_lack(struct load *l)
{
	bool changed = true;
	struct view key;
	void *type;

	while (changed) {
		size_t at = 0;

		changed = false;
		while (strmap_next(&l->schema->types, &at, &key, &type)) {
			struct schema_type *t = type;

			if (!t->may_lack && has_what_may_lack(t)) {
				t->may_lack = changed = true;
			}
		}
	}
}

static void
finish_types(struct load *l)
{
	size_t at = 0;
	struct view key;
	void *type;

	while (l->err == EN_OK && strmap_next(&l->schema->types, &at, &key, &type)) {
		finish_type(l, type);
	}
	if (l->err == EN_OK) {
		spread_may_lack(l);
	}
}

// ---- sealing ---------------------------------------------------------------------------------------------------------------------

// Editions say it otherwise, field by field; who writes schemas for us writes one of these two.
static bool
is_known_syntax(const Google__Protobuf__FileDescriptorProto *file)
{
	return file->syntax == NULL || file->syntax[0] == '\0' || strcmp(file->syntax, "proto2") == 0 ||
	    strcmp(file->syntax, "proto3") == 0;
}

static bool
is_proto3(const Google__Protobuf__FileDescriptorProto *file)
{
	return file->syntax != NULL && strcmp(file->syntax, "proto3") == 0;
}

static void
each_file(struct load *l, void (*take)(struct load *l, const Google__Protobuf__FileDescriptorProto *file))
{
	for (size_t i = 0; i < l->schema->file_count && l->err == EN_OK; i++) {
		Google__Protobuf__FileDescriptorProto *file;

		l->file = &l->schema->files[i];
		file = google__protobuf__file_descriptor_proto__unpack(NULL, l->file->bytes.len, l->file->bytes.data);
		if (file == NULL) {
			load_finding(l, E0202, "protobuf cannot read it");
			// What one pass counts the next one fills: none of them goes without a file.
			l->err = EN_ECONFIG;
			return;
		}
		l->is_proto3 = is_proto3(file);
		take(l, file);
		google__protobuf__file_descriptor_proto__free_unpacked(file, NULL);
	}
}

static void
register_file(struct load *l, const Google__Protobuf__FileDescriptorProto *file)
{
	const char *package = file->package == NULL ? "" : file->package;

	struct schema_file *kept = (struct schema_file *)(uintptr_t)l->file;

	kept->package = arena_text(&l->schema->arena, view_text(package));
	if (kept->package == NULL) {
		kept->package = "";
		l->err = EN_ENOMEM;
		return;
	}
	if (!is_known_syntax(file)) {
		load_finding(l, E0202, "its syntax is neither proto2 nor proto3");
		l->err = EN_ECONFIG;
		return;
	}
	for (size_t i = 0; i < file->n_enum_type; i++) {
		add_enum(l, package, file->enum_type[i], l->is_proto3);
	}
	for (size_t i = 0; i < file->n_message_type; i++) {
		add_message(l, package, file->message_type[i], l->is_proto3);
	}
}

static void
fill_file(struct load *l, const Google__Protobuf__FileDescriptorProto *file)
{
	for (size_t i = 0; i < file->n_message_type; i++) {
		fill_message(l, file->package == NULL ? "" : file->package, file->message_type[i]);
	}
}

static int
by_file_name(const void *a, const void *b)
{
	return strcmp(((const struct schema_file *)a)->name, ((const struct schema_file *)b)->name);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum en_err
finish(struct schema *s)
{
	struct view *parts = arena_alloc(&s->arena, (s->file_count + 1) * sizeof(*parts)), key;
	size_t at = 0;
	void *type;

	s->names = arena_alloc(&s->arena, (s->types.count + 1) * sizeof(*s->names));
	if (parts == NULL || s->names == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < s->file_count; i++) {
		parts[i] = s->files[i].bytes;
	}
	crypto_hash_parts(s->digest, sizeof(s->digest), VIEW_EMPTY, parts, s->file_count);
	while (strmap_next(&s->types, &at, &key, &type)) {
		s->names[s->name_count++] = ((const struct schema_type *)type)->name;
	}
	qsort(s->names, s->name_count, sizeof(*s->names), by_text);
	s->is_sealed = true;
	return EN_OK;
}

enum en_err
schema_seal(struct schema *s, struct findings *findings)
{
	struct load l = {.schema = s, .findings = findings};
	size_t errors = findings->errors;

	if (s->file_count > 0) {
		qsort(s->files, s->file_count, sizeof(*s->files), by_file_name);
	}
	each_file(&l, register_file);
	each_file(&l, load_count_extensions);
	each_file(&l, fill_file);
	each_file(&l, load_extensions);
	finish_types(&l);
	if (l.err == EN_OK) {
		l.err = finish(s);
	}
	return l.err == EN_OK && findings->errors > errors ? EN_ECONFIG : l.err;
}

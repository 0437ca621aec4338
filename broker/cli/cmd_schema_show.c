// SPDX-License-Identifier: Apache-2.0
// `enlace schema ls` and `enlace schema show TYPE`: what there is, for who writes mappings and agreements.
#include "cli/cmd_schema.h"

#include <stdlib.h>
#include <string.h>

#include "cli/json_out.h"

// ---- ls --------------------------------------------------------------------------------------------------------------------------

struct package {
	const char *name;
	size_t set, messages;
};

static int
by_set_and_name(const void *a, const void *b)
{
	const struct package *x = a, *y = b;

	return x->set != y->set ? (x->set > y->set) - (x->set < y->set) : strcmp(x->name, y->name);
}

// The packages that each set brought, with how many messages each has; entries of maps are none. *ret: in the arena.
static size_t
count_packages(struct cmd_call *call, const struct schema *s, struct package **ret)
{
	size_t names, count = 0;
	const char *const *name = schema_type_names(s, &names);
	struct package *packages = arena_zalloc(&call->arena, (names + 1) * sizeof(*packages));

	for (size_t i = 0; packages != NULL && i < names; i++) {
		const struct schema_type *t = schema_type_by_name(s, name[i]);
		const char *package = schema_package_of(t);
		size_t set = schema_set_of(t), at = 0;

		while (at < count && (packages[at].set != set || strcmp(packages[at].name, package) != 0)) {
			at++;
		}
		if (at == count) {
			packages[count++] = (struct package){.name = package, .set = set};
		}
		packages[at].messages += !t->is_map_entry;
	}
	if (count > 0) {
		qsort(packages, count, sizeof(*packages), by_set_and_name);
	}
	*ret = packages;
	return count;
}

static const char *
digest_text(struct cmd_call *call, const uint8_t digest[32])
{
	struct buf hex = BUF_EMPTY;

	hex_put(&hex, view_of(digest, 32));
	const char *text = arena_text(&call->arena, buf_view(&hex));

	buf_fini(&hex);
	return text == NULL ? "" : text;
}

static int
ls_text(struct cmd_call *call, const struct schema *s, const struct package *packages, size_t count)
{
	struct table t;

	table_init(&t, &call->arena, 4);
	table_cell(&t, cmd_say(call, "SET", "DESCRIPTOR"));
	table_cell(&t, cmd_say(call, "DIGEST", "HUELLA"));
	table_cell(&t, cmd_say(call, "PACKAGE", "PAQUETE"));
	table_cell(&t, cmd_say(call, "MESSAGES", "MENSAJES"));
	for (size_t i = 0; i < count; i++) {
		bool is_first = i == 0 || packages[i - 1].set != packages[i].set;
		char digest[17], messages[24];

		snprintf(digest, sizeof(digest), "%.16s", digest_text(call, schema_set_digest(s, packages[i].set)));
		snprintf(messages, sizeof(messages), "%zu", packages[i].messages);
		table_cell(&t, is_first ? schema_set_path(s, packages[i].set) : "");
		table_cell(&t, is_first ? digest : "");
		table_cell(&t, packages[i].name);
		table_cell(&t, messages);
	}
	table_print(&t, stdout);
	return 0;
}

// {"digest", "sets":[{"path","digest","packages":[{"name","messages"}]}]}: the keys are an interface.
static int
ls_json(struct cmd_call *call, const struct schema *s, const struct package *packages, size_t count)
{
	json_t *sets = json_array();

	for (size_t set = 0; set < schema_set_count(s); set++) {
		json_t *list = json_array();

		for (size_t i = 0; i < count; i++) {
			if (packages[i].set == set) {
				json_array_append_new(list,
				    json_pack("{s:s, s:I}", "name", packages[i].name, "messages",
					(json_int_t)packages[i].messages));
			}
		}
		json_t *one = json_object();

		json_put_text(one, "path", schema_set_path(s, set));
		json_put_text(one, "digest", digest_text(call, schema_set_digest(s, set)));
		json_object_set_new(one, "packages", list);
		json_array_append_new(sets, one);
	}
	return json_tell(call, json_pack("{s:s, s:o}", "digest", digest_text(call, schema_digest(s)), "sets", sets), 0);
}

int
schema_ls(struct cmd_call *call)
{
	struct schema *s = NULL;
	struct package *packages = NULL;
	enum en_err err = schema_of_settings(call, &s);

	if (err != EN_OK) {
		return en_err_exit_code(err);
	}
	size_t count = count_packages(call, s, &packages);

	int code = call->json ? ls_json(call, s, packages, count) : ls_text(call, s, packages, count);

	schema_unref(&s);
	return code;
}

// ---- show ------------------------------------------------------------------------------------------------------------------------

static const char *
kind_text(const struct schema_field *f)
{
	static const char *const names[] = {[KIND_DOUBLE] = "double",
	    [KIND_FLOAT] = "float",
	    [KIND_INT64] = "int64",
	    [KIND_UINT64] = "uint64",
	    [KIND_INT32] = "int32",
	    [KIND_FIXED64] = "fixed64",
	    [KIND_FIXED32] = "fixed32",
	    [KIND_BOOL] = "bool",
	    [KIND_STRING] = "string",
	    [KIND_BYTES] = "bytes",
	    [KIND_UINT32] = "uint32",
	    [KIND_SFIXED32] = "sfixed32",
	    [KIND_SFIXED64] = "sfixed64",
	    [KIND_SINT32] = "sint32",
	    [KIND_SINT64] = "sint64"};

	return f->message != NULL ? f->message->name : f->enumeration != NULL ? f->enumeration->name : names[f->kind];
}

// As a .proto writes it: "repeated string", "map<string, int32>".
static const char *
type_text(struct cmd_call *call, const struct schema_field *f)
{
	const char *text = f->is_map ? arena_printf(&call->arena, "map<%s, %s>", kind_text(&f->message->fields[0]),
					   kind_text(&f->message->fields[1]))
				     : arena_printf(&call->arena, "%s%s", f->repeated ? "repeated " : "", kind_text(f));

	return text == NULL ? "" : text;
}

static uint32_t
value_count(const struct schema_field *f)
{
	return f->enumeration != NULL ? f->enumeration->value_count : f->value_count;
}

static const char *
value_at(const struct schema_field *f, uint32_t i)
{
	return f->enumeration != NULL ? f->enumeration->values[i].name : f->values[i];
}

// What else a record's reader and writer must know of the field.
static const char *
notes_text(struct cmd_call *call, const struct schema_field *f)
{
	struct buf b = BUF_EMPTY;

	if (f->required || f->proto2_required) {
		buf_printf(&b, "%s; ", cmd_say(call, "required", "obligatorio"));
	}
	if (f->coarse) {
		buf_printf(&b, "%s; ", cmd_say(call, "coarse", "aproximado"));
	}
	if (f->list_separator != NULL) {
		buf_printf(
		    &b, "%s \"%s\"; ", cmd_say(call, "list separated by", "lista separada por"), f->list_separator);
	}
	if (f->rows_grouped_by != NULL) {
		buf_printf(&b, "%s %s; ", cmd_say(call, "rows grouped by", "filas agrupadas por"), f->rows_grouped_by);
	}
	if (f->raw_json) {
		buf_printf(&b, "%s; ", cmd_say(call, "JSON as text", "JSON como texto"));
	}
	if (f->xml_attribute) {
		buf_printf(&b, "%s; ", cmd_say(call, "XML attribute", "atributo de XML"));
	}
	for (uint32_t i = 0; i < value_count(f); i++) {
		buf_printf(&b, "%s%s", i == 0 ? "" : " | ", value_at(f, i));
	}
	while (value_count(f) == 0 && b.len > 0 && (b.data[b.len - 1] == ' ' || b.data[b.len - 1] == ';')) {
		b.len--;
	}
	const char *text = b.err == EN_OK ? arena_text(&call->arena, buf_view(&b)) : NULL;

	buf_fini(&b);
	return text == NULL ? "" : text;
}

static int
show_text(struct cmd_call *call, const struct schema_type *t)
{
	struct table table;

	printf("%s (%s)\n\n", t->name, t->file);
	table_init(&table, &call->arena, 6);
	table_cell(&table, "");
	table_cell(&table, cmd_say(call, "NAME", "NOMBRE"));
	table_cell(&table, cmd_say(call, "NATIVE", "NATIVO"));
	table_cell(&table, cmd_say(call, "TYPE", "TIPO"));
	table_cell(&table, cmd_say(call, "LABEL", "ETIQUETA"));
	table_cell(&table, cmd_say(call, "NOTES, VALUES", "NOTAS, VALORES"));
	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		char number[16];

		snprintf(number, sizeof(number), "%u", f->number);
		table_cell(&table, number);
		table_cell(&table, f->name);
		table_cell(&table, f->json_name);
		table_cell(&table, type_text(call, f));
		table_cell(&table, f->label == LABEL_UNSPECIFIED ? "" : label_name(f->label));
		table_cell(&table, notes_text(call, f));
	}
	table_print(&table, stdout);
	return 0;
}

static json_t *
field_json(struct cmd_call *call, const struct schema_field *f)
{
	json_t *values = value_count(f) == 0 ? json_null() : json_array();

	for (uint32_t i = 0; i < value_count(f); i++) {
		json_array_append_new(values, json_string(value_at(f, i)));
	}
	return json_pack("{s:I, s:s, s:s, s:s, s:s?, s:b, s:b, s:o, s:s?, s:s?, s:b, s:b}", "number",
	    (json_int_t)f->number, "name", f->name, "native", f->json_name, "type", type_text(call, f), "label",
	    f->label == LABEL_UNSPECIFIED ? NULL : label_name(f->label), "required", f->required || f->proto2_required,
	    "coarse", f->coarse, "values", values, "list_separator", f->list_separator, "rows_grouped_by",
	    f->rows_grouped_by, "raw_json", f->raw_json, "xml_attribute", f->xml_attribute);
}

// {"type","package","file","fields":[...]}: the keys are an interface.
static int
show_json(struct cmd_call *call, const struct schema_type *t)
{
	json_t *fields = json_array();

	for (uint32_t i = 0; i < t->field_count; i++) {
		json_array_append_new(fields, field_json(call, &t->fields[i]));
	}
	json_t *all = json_pack("{s:s, s:s, s:s, s:o}", "type", t->name, "package", schema_package_of(t), "file",
	    t->file, "fields", fields);

	return json_tell(call, all, 0);
}

static int
no_such_type(const struct cmd_call *call, const struct schema *s, const char *name)
{
	size_t count;
	const char *const *names = schema_type_names(s, &count);

	return cmd_no_such(call, cmd_say(call, "no message", "no existe el mensaje"), name, names, count);
}

int
schema_show(struct cmd_call *call, const char *name)
{
	struct schema *s = NULL;
	enum en_err err = schema_of_settings(call, &s);
	const struct schema_type *t;
	int code;

	if (err != EN_OK) {
		return en_err_exit_code(err);
	}
	t = schema_type_by_name(s, name);
	code = t == NULL ? no_such_type(call, s, name) : call->json ? show_json(call, t) : show_text(call, t);
	schema_unref(&s);
	return code;
}

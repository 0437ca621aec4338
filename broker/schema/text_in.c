// SPDX-License-Identifier: Apache-2.0
// Text -> payload. One pass; a message's content is written behind its tag, and its length put between when it is known.
#include "schema/text_format.h"

#include <stdio.h>

#include "base/limits.h"
#include "schema/json_in.h"
#include "schema/scalar.h"
#include "schema/text_read.h"

struct text_in {
	struct text_read read;
	struct buf *out;
	struct json_fault *fault;
	struct arena arena;
	struct buf string; // adjacent ones together
	char path[256];
	size_t path_len;
	unsigned int depth;
};

static enum en_err put_message(struct text_in *in, const struct schema_type *t, char closer);

static enum en_err
fail(struct text_in *in, enum en_err err, const char *hint)
{
	if (in->fault->err == EN_OK) {
		in->fault->err = in->read.err != EN_OK ? in->read.err : err;
		in->fault->line = in->read.token_line;
		in->fault->column = in->read.token_column;
		memcpy(in->fault->path, in->path, sizeof(in->fault->path));
		snprintf(in->fault->hint, sizeof(in->fault->hint), "%s",
		    in->read.problem != NULL ? in->read.problem
			: hint == NULL       ? ""
					     : hint);
	}
	return in->fault->err;
}

// Appends to the path what fits; returns what pop wants.
static size_t
push(struct text_in *in, const char *name)
{
	size_t before = in->path_len;
	int len = snprintf(in->path + before, sizeof(in->path) - before, "%s%s", before == 0 ? "" : ".", name);

	in->path_len = len < 0 || before + (size_t)len >= sizeof(in->path) ? before : before + (size_t)len;
	in->path[in->path_len] = '\0';
	return before;
}

static void
pop(struct text_in *in, size_t before)
{
	in->path_len = before;
	in->path[before] = '\0';
}

// ---- scalars ------------------------------------------------------------------------------------------------------------

static enum en_err
put_string(struct text_in *in, const struct schema_field *f)
{
	if (in->read.token != TEXT_STRING) {
		return fail(in, EN_EFORMAT, "a text in quotes");
	}
	buf_clear(&in->string);
	while (in->read.token == TEXT_STRING) {
		buf_put_view(&in->string, in->read.text);
		(void)text_read_next(&in->read);
	}
	if (in->string.err != EN_OK) {
		return fail(in, in->string.err, NULL);
	}
	if (f->kind == KIND_STRING && !view_is_utf8(buf_view(&in->string))) {
		return fail(in, EN_EUTF8, "UTF-8");
	}
	if (f->has_presence || f->repeated || in->string.len > 0) {
		scalar_put(f, 0, buf_view(&in->string), true, in->out);
	}
	return EN_OK;
}

static enum en_err
put_scalar(struct text_in *in, const struct schema_field *f)
{
	uint64_t bits = 0;
	bool negative;

	if (f->kind == KIND_STRING || f->kind == KIND_BYTES) {
		return put_string(in, f);
	}
	negative = text_read_take(&in->read, '-');
	if (!text_scalar(&in->read, f, negative, &bits)) {
		return fail(in, EN_EFORMAT, json_in_expected(f));
	}
	(void)text_read_next(&in->read);
	if (f->has_presence || f->repeated || bits != 0) {
		scalar_put(f, bits, VIEW_EMPTY, true, in->out);
	}
	return EN_OK;
}

// ---- messages -------------------------------------------------------------------------------------------------------------

static enum en_err
put_tag(struct text_in *in, const struct schema_field *f, enum wire_type wire)
{
	buf_put_varint(in->out, (uint64_t)f->number << 3 | (uint64_t)wire);
	return in->out->err;
}

// The content in brackets, of a field or of what an Any holds.
static enum en_err
put_brackets(struct text_in *in, const struct schema_type *t)
{
	char closer = text_read_is(&in->read, '{') ? '}' : '>';
	enum en_err err;

	if (!text_read_take(&in->read, '{') && !text_read_take(&in->read, '<')) {
		return fail(in, EN_EFORMAT, "{");
	}
	if (in->depth == LIMIT_CODEC_DEPTH) {
		return fail(in, EN_ELIMIT, "less deep");
	}
	in->depth++;
	err = put_message(in, t, closer);
	in->depth--;
	return err;
}

static enum en_err
put_value(struct text_in *in, const struct schema_field *f)
{
	size_t start;
	enum en_err err;

	if (!schema_is_message(f)) {
		return put_scalar(in, f);
	}
	err = put_tag(in, f, schema_wire_type(f->kind));
	start = in->out->len;
	if (err == EN_OK) {
		err = put_brackets(in, f->message);
	}
	if (err == EN_OK && f->kind == KIND_GROUP) {
		err = put_tag(in, f, WIRE_EGROUP);
	} else if (err == EN_OK) {
		json_in_close_gap(in->out, start);
	}
	return err;
}

static enum en_err
put_list(struct text_in *in, const struct schema_field *f)
{
	enum en_err err = EN_OK;

	if (text_read_take(&in->read, ']')) {
		return EN_OK;
	}
	do {
		err = put_value(in, f);
	} while (err == EN_OK && text_read_take(&in->read, ','));
	if (err == EN_OK && !text_read_take(&in->read, ']')) {
		err = fail(in, EN_EFORMAT, "]");
	}
	return err;
}

// Which singular fields and oneofs of the message stand already.
struct seen {
	bool *fields, *oneofs;
};

static enum en_err
put_field(struct text_in *in, const struct schema_field *f, struct seen *seen)
{
	bool has_colon = text_read_take(&in->read, ':');

	if (!f->repeated) {
		bool *oneof = f->oneof < 0 ? NULL : &seen->oneofs[f->oneof];

		if (seen->fields[f->slot] || (oneof != NULL && *oneof)) {
			return fail(in, EN_EFORMAT, "it may stand once");
		}
		seen->fields[f->slot] = true;
		if (oneof != NULL) {
			*oneof = true;
		}
	}
	if (!has_colon && !schema_is_message(f)) {
		return fail(in, EN_EFORMAT, ":");
	}
	if (f->repeated && text_read_take(&in->read, '[')) {
		return put_list(in, f);
	}
	return put_value(in, f);
}

// ---- names ------------------------------------------------------------------------------------------------------------------

// A group is written by the name of its type.
static const struct schema_field *
group_by_type(const struct schema_type *t, struct view name)
{
	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		const char *dot = f->kind == KIND_GROUP ? strrchr(f->message->name, '.') : NULL;

		if (f->kind == KIND_GROUP && view_is(name, dot == NULL ? f->message->name : dot + 1)) {
			return f;
		}
	}
	return NULL;
}

// What stands in brackets, "[" passed: an extension, or the address of what an Any holds. In the arena; NULL after a fault.
static const char *
bracketed_name(struct text_in *in)
{
	struct buf name = BUF_EMPTY;
	const char *kept = NULL;

	while (in->read.token == TEXT_NAME || in->read.token == TEXT_NUMBER || text_read_is(&in->read, '.') ||
	    text_read_is(&in->read, '/') || text_read_is(&in->read, '-')) {
		buf_put_view(&name, in->read.text);
		(void)text_read_next(&in->read);
	}
	if (name.len > 0 && name.len <= LIMIT_ID_BYTES * 2 && text_read_take(&in->read, ']')) {
		kept = arena_text(&in->arena, buf_view(&name));
	}
	buf_fini(&name);
	if (kept == NULL) {
		(void)fail(in, EN_EFORMAT, "]");
	}
	return kept;
}

static enum en_err
put_any(struct text_in *in, const struct schema_type *any, const char *address)
{
	const struct schema_field *url = schema_field_by_number(any, 1), *value = schema_field_by_number(any, 2);
	const struct schema_type *t = schema_type_by_name(any->schema, strrchr(address, '/') + 1);
	size_t start;
	enum en_err err;

	if (t == NULL || url == NULL || value == NULL) {
		return fail(in, EN_EFORMAT, "a type that is known");
	}
	(void)text_read_take(&in->read, ':');
	scalar_put(url, 0, view_text(address), true, in->out);
	err = put_tag(in, value, WIRE_LEN);
	start = in->out->len;
	if (err == EN_OK) {
		err = put_brackets(in, t);
	}
	if (err == EN_OK) {
		json_in_close_gap(in->out, start);
	}
	return err;
}

static enum en_err
unknown_name(struct text_in *in, const struct schema_type *t, struct view name)
{
	const char **names = arena_alloc(&in->arena, (t->field_count + 1) * sizeof(*names)),
		   *text = arena_text(&in->arena, name);

	for (uint32_t i = 0; names != NULL && i < t->field_count; i++) {
		names[i] = t->fields[i].name;
	}
	if (text == NULL || names == NULL) {
		return fail(in, EN_ENOMEM, NULL);
	}
	if (in->fault->err == EN_OK) {
		(void)snprintf(in->fault->key, sizeof(in->fault->key), "%s", text);
	}
	return fail(in, EN_EFORMAT, nearest_name(text, names, t->field_count));
}

static enum en_err
put_named(struct text_in *in, const struct schema_type *t, struct seen *seen)
{
	const struct schema_field *f = NULL;
	struct view name = in->read.text;
	size_t before;
	enum en_err err;

	if (text_read_take(&in->read, '[')) {
		const char *text = bracketed_name(in), *extension;

		if (text == NULL) {
			return in->fault->err;
		}
		if (strchr(text, '/') != NULL && t->well_known == WELL_KNOWN_ANY) {
			return put_any(in, t, text);
		}
		extension = arena_printf(&in->arena, "[%s]", text);
		name = view_text(extension);
		f = extension == NULL ? NULL : schema_field_by_name(t, name);
	} else if (in->read.token == TEXT_NAME) {
		f = schema_field_by_name(t, name);
		f = f == NULL || f->kind == KIND_GROUP || !view_is(name, f->name) ? NULL : f;
		f = f == NULL ? group_by_type(t, name) : f;
		if (f != NULL) {
			(void)text_read_next(&in->read);
		}
	} else {
		return fail(in, EN_EFORMAT, "the name of a field");
	}
	if (f == NULL) {
		return unknown_name(in, t, name);
	}
	before = push(in, f->name);
	err = put_field(in, f, seen);
	if (err == EN_OK) {
		pop(in, before);
	}
	return err;
}

// Up to the closer, which is taken; '\0': up to the end of the text.
static enum en_err
put_message(struct text_in *in, const struct schema_type *t, char closer)
{
	struct seen seen = {.fields = arena_zalloc(&in->arena, t->field_count + 1),
	    .oneofs = arena_zalloc(&in->arena, t->oneof_count + 1)};
	enum en_err err = seen.fields == NULL || seen.oneofs == NULL ? fail(in, EN_ENOMEM, NULL) : EN_OK;

	while (err == EN_OK && !(closer != '\0' && text_read_take(&in->read, closer))) {
		if (in->read.token == TEXT_END) {
			return closer == '\0' ? EN_OK : fail(in, EN_ETRUNCATED, "}");
		}
		err = put_named(in, t, &seen);
		if (err == EN_OK && !text_read_take(&in->read, ',')) {
			(void)text_read_take(&in->read, ';');
		}
	}
	return err;
}

enum en_err
text_to_payload(const struct schema_type *t, struct view text, struct buf *out, struct json_fault *reterr_fault)
{
	struct text_in in = {.out = out, .fault = reterr_fault, .depth = 1};
	enum en_err err;

	*reterr_fault = (struct json_fault){.err = EN_OK};
	arena_init(&in.arena, 0);
	text_read_init(&in.read, text);
	err = put_message(&in, t, '\0');
	if (err == EN_OK && out->err != EN_OK) {
		err = fail(&in, out->err, NULL);
	}
	text_read_fini(&in.read);
	buf_fini(&in.string);
	arena_fini(&in.arena);
	return err;
}

// SPDX-License-Identifier: Apache-2.0
// Payload -> JSON text with the native keys. Fields without presence are written when they occur on the wire.
#include <math.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/log.h"
#include "schema/json_out.h"
#include "schema/scalar.h"

static void
new_line(struct writer *w)
{
	if (w->options->pretty) {
		buf_put_u8(w->out, '\n');
		for (unsigned int i = 0; i < w->depth; i++) {
			buf_put_str(w->out, "  ");
		}
	}
}

void
json_out_open(struct writer *w)
{
	buf_put_u8(w->out, '{');
	w->depth++;
}

// Before every member of an object and every item of a list.
static void
next(struct writer *w, bool *first)
{
	buf_put_str(w->out, *first ? "" : ",");
	*first = false;
	new_line(w);
}

static void
put_colon(struct writer *w)
{
	buf_put_str(w->out, w->options->pretty ? ": " : ":");
}

void
json_out_key(struct writer *w, bool *first, struct view key)
{
	next(w, first);
	json_out_string(w, key);
	put_colon(w);
}

void
json_out_close(struct writer *w, bool is_empty)
{
	w->depth--;
	if (!is_empty) {
		new_line(w);
	}
	buf_put_u8(w->out, '}');
}

void
json_out_string(struct writer *w, struct view v)
{
	buf_put_u8(w->out, '"');
	json_escape(w->out, v);
	buf_put_u8(w->out, '"');
}

// Whether the text of a scalar stands in quotes: 64-bit numbers, enum names, and what JSON has no number for.
static bool
is_quoted(const struct schema_field *f, uint64_t bits)
{
	switch (f->kind) {
	case KIND_INT64:
	case KIND_UINT64:
	case KIND_SINT64:
	case KIND_FIXED64:
	case KIND_SFIXED64:
		return true;
	case KIND_ENUM:
		return schema_enum_by_number(f->enumeration, (int32_t)bits) != NULL;
	case KIND_DOUBLE:
	case KIND_FLOAT:
		return !isfinite(scalar_float(f->kind, bits));
	default:
		return false;
	}
}

static void
put_scalar(struct writer *w, const struct schema_field *f, uint64_t bits)
{
	const char *quote = is_quoted(f, bits) ? "\"" : "";

	if (f->kind == KIND_ENUM && f->enumeration->is_null) { // it has no other value, whatever its number
		buf_put_str(w->out, "null");
		return;
	}
	buf_put_str(w->out, quote);
	scalar_to_text(f, bits, w->out);
	buf_put_str(w->out, quote);
}

void
json_out_value(struct writer *w, const struct schema_field *f, const struct index_node *n)
{
	if (schema_is_message(f)) {
		json_out_message(w, n->message);
	} else if (f->kind == KIND_STRING) {
		json_out_string(w, index_bytes(w->ix, n));
	} else if (f->kind == KIND_BYTES) {
		buf_put_u8(w->out, '"');
		base64_encode(index_bytes(w->ix, n), w->out);
		buf_put_u8(w->out, '"');
	} else {
		put_scalar(w, f, n->bits);
	}
}

void
json_out_list(struct writer *w, const struct schema_field *f, const struct index_node *n)
{
	bool first = true;

	buf_put_u8(w->out, '[');
	w->depth++;
	for (; n != NULL; n = index_next(w->ix, n)) {
		next(w, &first);
		json_out_value(w, f, n);
	}
	w->depth--;
	if (!first) {
		new_line(w);
	}
	buf_put_u8(w->out, ']');
}

// A list that the record keeps in one text goes out as it comes in; unless one of its values could not be told from two.
static bool
is_one_text(const struct writer *w, const struct schema_field *f, const struct index_node *n)
{
	if (f->list_separator == NULL || f->list_separator[0] == '\0' || f->kind != KIND_STRING) {
		return false;
	}
	for (; n != NULL; n = index_next(w->ix, n)) {
		if (!scalar_may_be_listed(index_bytes(w->ix, n), f->list_separator, n->next == INDEX_NONE)) {
			return false;
		}
	}
	return true;
}

static void
put_one_text(struct writer *w, const struct schema_field *f, const struct index_node *n)
{
	struct buf text = BUF_EMPTY;

	for (bool first = true; n != NULL; n = index_next(w->ix, n), first = false) {
		buf_put_str(&text, first ? "" : f->list_separator);
		buf_put_view(&text, index_bytes(w->ix, n));
	}
	json_out_string(w, buf_view(&text));
	w->out->err = text.err != EN_OK ? text.err : w->out->err;
	buf_fini(&text);
}

void
json_out_fields(struct writer *w, uint32_t message, bool *first)
{
	const struct schema_type *t = w->ix->messages[message].type;

	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		const struct index_node *n =
		    f->repeated ? index_first(w->ix, message, f) : index_last(w->ix, message, f);

		if (n == NULL) {
			continue;
		}
		json_out_key(w, first, view_text(w->options->use_proto_names ? f->name : f->json_name));
		if (f->is_map) {
			json_out_map(w, f, n);
		} else if (f->repeated && is_one_text(w, f, n)) {
			put_one_text(w, f, n);
		} else if (f->repeated) {
			json_out_list(w, f, n);
		} else {
			json_out_value(w, f, n);
		}
	}
}

void
json_out_message(struct writer *w, uint32_t message)
{
	bool first = true;

	w->messages++;
	if (w->ix->messages[message].type->well_known != WELL_KNOWN_NONE) {
		json_out_known(w, message);
	} else {
		json_out_open(w);
		json_out_fields(w, message, &first);
		json_out_close(w, first);
	}
	w->messages--;
}

enum en_err
json_from_index(const struct index *ix, uint32_t message, const struct json_options *options, struct buf *out)
{
	struct writer w = {.ix = ix, .options = options, .out = out};

	json_out_message(&w, message);
	return w.err != EN_OK ? w.err : out->err;
}

enum en_err
json_from_payload(const struct schema_type *t, struct view payload, const struct json_options *options, struct buf *out,
    struct json_fault *reterr_fault)
{
	struct index_fault fault = {.err = EN_OK};
	struct index ix;
	enum en_err err;

	index_init(&ix);
	ix.depth_max = LIMIT_CODEC_DEPTH; // what json_to_payload takes
	err = index_build(&ix, t, payload, &fault);
	if (err == EN_OK) {
		err = json_from_index(&ix, 0, options, out);
	}
	if (err != EN_OK && reterr_fault != NULL) {
		*reterr_fault = (struct json_fault){.err = err};
		memcpy(reterr_fault->path, fault.path, sizeof(reterr_fault->path));
	}
	index_fini(&ix);
	return err;
}

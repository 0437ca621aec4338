// SPDX-License-Identifier: Apache-2.0
// Payload -> text.
#include <math.h>

#include "schema/scalar.h"
#include "schema/text_format.h"

struct text_out {
	const struct index *ix;
	struct buf *out;
	unsigned int depth;
	bool with_unknown;
};

#define GUESS_DEPTH 10 // how deep bytes that nobody knows are taken for messages

static void put_message(struct text_out *w, uint32_t message);

static void
indent(struct text_out *w)
{
	for (unsigned int i = 0; i < w->depth; i++) {
		buf_put_str(w->out, "  ");
	}
}

// The text of a group is called as its type.
static const char *
name_of(const struct schema_field *f)
{
	const char *dot = f->kind == KIND_GROUP ? strrchr(f->message->name, '.') : NULL;

	return f->kind != KIND_GROUP ? f->name : dot == NULL ? f->message->name : dot + 1;
}

static void
put_text(struct text_out *w, struct view v, bool is_text)
{
	static const char letters[] = "\n\r\t\"\\", names[] = "nrt\"\\";

	buf_put_u8(w->out, '"');
	for (size_t i = 0; i < v.len; i++) {
		uint8_t c = v.data[i];
		const char *letter = c == '\0' ? NULL : memchr(letters, c, sizeof(letters) - 1);

		if (letter != NULL) {
			buf_put_u8(w->out, '\\');
			buf_put_u8(w->out, (uint8_t)names[letter - letters]);
		} else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !is_text)) {
			buf_printf(w->out, "\\%03o", c);
		} else {
			buf_put_u8(w->out, c);
		}
	}
	buf_put_u8(w->out, '"');
}

// JSON writes what is no number as NaN, Infinity and -Infinity.
static void
put_decimal(struct text_out *w, const struct schema_field *f, uint64_t bits)
{
	double number = scalar_float(f->kind, bits);

	if (isnan(number)) {
		buf_put_str(w->out, "nan");
	} else if (isinf(number)) {
		buf_put_str(w->out, number < 0 ? "-inf" : "inf");
	} else {
		scalar_to_text(f, bits, w->out);
	}
}

static void
put_value(struct text_out *w, const struct schema_field *f, const struct index_node *n)
{
	indent(w);
	buf_put_str(w->out, name_of(f));
	if (schema_is_message(f)) {
		buf_put_str(w->out, " {\n");
		w->depth++;
		put_message(w, n->message);
		w->depth--;
		indent(w);
		buf_put_str(w->out, "}\n");
		return;
	}
	buf_put_str(w->out, ": ");
	if (f->kind == KIND_STRING || f->kind == KIND_BYTES) {
		put_text(w, index_bytes(w->ix, n), f->kind == KIND_STRING);
	} else if (f->kind == KIND_DOUBLE || f->kind == KIND_FLOAT) {
		put_decimal(w, f, n->bits);
	} else {
		scalar_to_text(f, n->bits, w->out);
	}
	buf_put_u8(w->out, '\n');
}

// ---- fields that nobody knows ---------------------------------------------------------------------------------------------

static void put_unknown_content(struct text_out *w, struct rd *r, uint64_t closer);

// Passes over the fields up to the end, or the end of the group. False when they are none.
static bool
are_fields(struct rd *r, uint64_t closer, unsigned int depth)
{
	struct view content;

	while (rd_left(r) > 0 && r->err == EN_OK) {
		uint64_t tag = rd_varint(r);

		if (tag == closer && closer != 0) {
			return true;
		}
		if (tag >> 3 == 0 || tag > UINT32_MAX) {
			return false;
		}
		if ((tag & 7) != WIRE_SGROUP) {
			rd_skip(r, tag & 7, &content);
		} else if (depth == 0 || !are_fields(r, tag + 1, depth - 1)) {
			return false;
		}
	}
	return r->err == EN_OK && closer == 0;
}

static void
put_unknown_message(struct text_out *w, uint64_t number, struct rd *r, uint64_t closer)
{
	buf_printf(w->out, "%llu {\n", (unsigned long long)number);
	w->depth++;
	put_unknown_content(w, r, closer);
	w->depth--;
	indent(w);
	buf_put_str(w->out, "}\n");
}

// A group ends with its closer.
static void
put_unknown_group(struct text_out *w, uint64_t number, struct rd *r)
{
	put_unknown_message(w, number, r, number << 3 | WIRE_EGROUP);
}

static void
put_unknown_bytes(struct text_out *w, uint64_t number, struct view v, unsigned int depth)
{
	struct rd look = rd_init(v), r = rd_init(v);

	if (v.len == 0 || depth == 0 || !are_fields(&look, 0, depth)) {
		buf_printf(w->out, "%llu: ", (unsigned long long)number);
		put_text(w, v, false);
		buf_put_u8(w->out, '\n');
		return;
	}
	put_unknown_message(w, number, &r, 0);
}

static uint64_t
little_endian(struct view v)
{
	uint64_t value = 0;

	for (size_t i = v.len; i > 0; i--) {
		value = value << 8 | v.data[i - 1];
	}
	return value;
}

// Fields that are known to be fields. Messages within messages are guessed less deep the deeper they are.
static void
put_unknown_content(struct text_out *w, struct rd *r, uint64_t closer)
{
	while (rd_left(r) > 0 && r->err == EN_OK) {
		uint64_t tag = rd_varint(r), number = tag >> 3;

		if (tag == closer && closer != 0) {
			return;
		}
		indent(w);
		switch ((enum wire_type)(tag & 7)) {
		case WIRE_VARINT:
			buf_printf(
			    w->out, "%llu: %llu\n", (unsigned long long)number, (unsigned long long)rd_varint(r));
			break;
		case WIRE_I64:
			buf_printf(w->out, "%llu: 0x%016llx\n", (unsigned long long)number,
			    (unsigned long long)little_endian(rd_view(r, 8)));
			break;
		case WIRE_I32:
			buf_printf(w->out, "%llu: 0x%08llx\n", (unsigned long long)number,
			    (unsigned long long)little_endian(rd_view(r, 4)));
			break;
		case WIRE_LEN:
			put_unknown_bytes(w, number, rd_text(r), w->depth < GUESS_DEPTH ? GUESS_DEPTH - w->depth : 0);
			break;
		default:
			put_unknown_group(w, number, r);
			break;
		}
	}
}

static void
put_unknown(struct text_out *w, uint32_t message)
{
	uint32_t at = w->with_unknown ? w->ix->messages[message].unknown : INDEX_NONE;

	while (at != INDEX_NONE) {
		const struct index_node *n = &w->ix->elements[at];
		enum wire_type wire = (enum wire_type)(n->tag & 7);

		if (wire == WIRE_LEN || wire == WIRE_SGROUP) {
			struct rd r = rd_init(index_bytes(w->ix, n));

			indent(w);
			if (wire == WIRE_LEN) {
				put_unknown_bytes(w, n->tag >> 3, index_bytes(w->ix, n), GUESS_DEPTH);
			} else {
				put_unknown_group(w, n->tag >> 3, &r);
			}
		} else {
			indent(w);
			buf_printf(w->out, "%u: ", n->tag >> 3);
			if (wire == WIRE_VARINT) {
				buf_printf(w->out, "%llu\n", (unsigned long long)n->bits);
			} else {
				buf_printf(
				    w->out, "0x%0*llx\n", wire == WIRE_I64 ? 16 : 8, (unsigned long long)n->bits);
			}
		}
		at = n->next;
	}
}

// ---- messages ---------------------------------------------------------------------------------------------------------------

// A field without presence that holds its default is the same as an absent one.
static bool
is_there(const struct schema_field *f, const struct index_node *n)
{
	return n != NULL && (f->repeated || f->has_presence || schema_is_message(f) || !index_is_zero(f, n));
}

// Of an entry of a map both fields are written, there or not.
static void
put_default(struct text_out *w, const struct schema_field *f)
{
	indent(w);
	if (f->kind == KIND_STRING || f->kind == KIND_BYTES) {
		buf_printf(w->out, "%s: \"\"\n", f->name); // there is no payload to point into
		return;
	}
	if (!schema_is_message(f)) {
		buf_printf(w->out, "%s: ", f->name);
		if (f->kind == KIND_DOUBLE || f->kind == KIND_FLOAT) {
			put_decimal(w, f, 0);
		} else {
			scalar_to_text(f, 0, w->out);
		}
		buf_put_u8(w->out, '\n');
		return;
	}
	buf_printf(w->out, "%s {\n", name_of(f));
	indent(w);
	buf_put_str(w->out, "}\n");
}

static void
put_message(struct text_out *w, uint32_t message)
{
	const struct schema_type *t = w->ix->messages[message].type;

	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		const struct index_node *n =
		    f->repeated ? index_first(w->ix, message, f) : index_last(w->ix, message, f);

		if (t->is_map_entry && !is_there(f, n)) {
			put_default(w, f);
			continue;
		}
		for (; is_there(f, n); n = f->repeated ? index_next(w->ix, n) : NULL) {
			put_value(w, f, n);
		}
	}
	put_unknown(w, message);
}

enum en_err
text_from_index(const struct index *ix, uint32_t message, bool with_unknown, struct buf *out)
{
	struct text_out w = {.ix = ix, .out = out, .with_unknown = with_unknown};

	put_message(&w, message);
	return out->err;
}

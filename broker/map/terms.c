// SPDX-License-Identifier: Apache-2.0
// Each kind of test as an operator of the language.
#include "map/terms.h"

#include <inttypes.h>
#include <stdio.h>

#include "map/number.h"

#define ITEM "x" // of a repeated field

const char *
term_variable(struct arena *a, uint32_t frame)
{
	return arena_printf(a, "_%" PRIu32, frame);
}

// The field itself. Names in back quotes may be words of the language.
static void
print_field(struct buf *b, const struct path *p)
{
	buf_printf(b, "_%" PRIu32, p->frame);
	for (uint32_t i = 0; i < p->step_count; i++) {
		buf_printf(b, ".`%s`", p->steps[i]->name);
	}
}

static void
print_text(struct buf *b, struct view text)
{
	buf_put_str(b, "\"");
	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.data[i];

		if (byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\') {
			buf_printf(b, "\\x%02x", byte);
		} else {
			buf_put_u8(b, byte);
		}
	}
	buf_put_str(b, "\"");
}

static bool
is_unsigned(enum schema_kind kind)
{
	return kind == KIND_UINT32 || kind == KIND_UINT64 || kind == KIND_FIXED32 || kind == KIND_FIXED64;
}

static void
print_number(struct buf *b, enum schema_kind kind, uint64_t number)
{
	if (kind == KIND_BOOL) {
		buf_put_str(b, number != 0 ? "true" : "false");
	} else if (is_unsigned(kind)) {
		buf_printf(b, "%" PRIu64 "u", number);
	} else {
		buf_printf(b, "%" PRId64, (int64_t)number);
	}
}

// in [the term's values]
static void
print_in(struct buf *b, const struct term *t, bool with_zero)
{
	const char *comma = "";

	buf_put_str(b, " in [");
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->texts == NULL && t->numbers[i] == 0 && !with_zero) {
			continue;
		}
		buf_put_str(b, comma);
		comma = ", ";
		if (t->texts != NULL) {
			print_text(b, t->texts[i]);
		} else {
			print_number(b, t->path->leaf->kind, t->numbers[i]);
		}
	}
	buf_put_str(b, "]");
}

static void
print_exists(struct buf *b, const struct path *p)
{
	print_field(b, p);
	buf_put_str(b, ".exists(" ITEM ", " ITEM);
}

// One of the values.
static void
print_is_listed(struct buf *b, const struct term *t)
{
	const struct schema_field *f = t->path->leaf;
	bool is_item = t->path->step_count == 0;

	if (path_is_repeated(t->path)) {
		print_exists(b, t->path);
		print_in(b, t, true);
		buf_put_str(b, ")");
		return;
	}
	if (f->has_presence && !is_item) {
		buf_put_str(b, "has(");
		print_field(b, t->path);
		buf_put_str(b, ") && ");
	}
	print_field(b, t->path);
	print_in(b, t, f->has_presence || is_item);
}

// There, and not empty.
static void
print_is_there(struct buf *b, const struct term *t)
{
	const struct schema_field *f = t->path->leaf;
	bool is_text = f->kind == KIND_STRING;

	if (t->path->step_count == 0 && !is_text) {
		buf_put_str(b, "true"); // an item is there, whatever it says
		return;
	}
	if (t->path->step_count == 0) {
		print_field(b, t->path);
		buf_put_str(b, " != \"\"");
		return;
	}
	if (path_is_repeated(t->path) && is_text) {
		print_exists(b, t->path);
		buf_put_str(b, " != \"\")");
		return;
	}
	buf_put_str(b, "has(");
	print_field(b, t->path);
	buf_put_str(b, ")");
	if (is_text && f->has_presence) {
		buf_put_str(b, " && ");
		print_field(b, t->path);
		buf_put_str(b, " != \"\"");
	}
}

void
term_print(struct buf *b, const struct term *t)
{
	switch (t->test) {
	case CONF_ANY_OF:
		print_is_listed(b, t);
		break;
	case CONF_NONE_OF:
		buf_put_str(b, "!(");
		print_is_listed(b, t);
		buf_put_str(b, ") && ");
		print_is_there(b, t);
		break;
	case CONF_PRESENT:
		print_is_there(b, t);
		break;
	case CONF_NOT_PRESENT:
		buf_put_str(b, "!(");
		print_is_there(b, t);
		buf_put_str(b, ")");
		break;
	}
}

void
terms_print(struct buf *b, const struct term *terms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_put_str(b, i == 0 ? "(" : " && (");
		term_print(b, &terms[i]);
		buf_put_str(b, ")");
	}
}

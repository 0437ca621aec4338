// SPDX-License-Identifier: Apache-2.0
// Flat records. A cell may carry several values (list_separator); sub-messages are reached by the path of their json_names.
#include "schema/record.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/finding.h"
#include "schema/scalar.h"

#define SEEN_MAX 512 // columns of a type that are watched for twins

static void
tell(struct record_fault *fault, enum en_err err, struct view column, const char *hint)
{
	if (fault == NULL) {
		return;
	}
	fault->err = err;
	snprintf(fault->column, sizeof(fault->column), "%.*s", (int)column.len, (const char *)column.data);
	snprintf(fault->hint, sizeof(fault->hint), "%s", hint == NULL ? "" : hint);
}

static enum en_err
put_cell(const struct schema_field *f, struct view value, struct buf *out, struct buf *scratch)
{
	uint64_t bits = 0;

	if (f->kind == KIND_STRING) {
		scalar_put(f, 0, value, true, out);
	} else if (f->kind == KIND_BYTES) {
		buf_clear(scratch);
		if (!base64_decode(value, scratch)) {
			return EN_EFORMAT;
		}
		scalar_put(f, 0, buf_view(scratch), true, out);
		return scratch->err;
	} else if (schema_is_message(f) || !scalar_from_text(f, value, &bits)) {
		return EN_EFORMAT;
	} else {
		scalar_put(f, bits, VIEW_EMPTY, true, out);
	}
	return EN_OK;
}

static enum en_err
put_cells(const struct schema_field *f, struct view value, struct buf *out, struct buf *scratch)
{
	size_t step = f->list_separator == NULL ? 0 : strlen(f->list_separator);
	enum en_err err = EN_OK;

	if (!f->repeated || step == 0) {
		return put_cell(f, value, out, scratch);
	}
	while (err == EN_OK && value.len > 0) {
		const uint8_t *hit = memmem(value.data, value.len, f->list_separator, step);
		size_t len = hit == NULL ? value.len : (size_t)(hit - value.data);

		if (len > 0) {
			err = put_cell(f, view_of(value.data, len), out, scratch);
		}
		value = hit == NULL ? VIEW_EMPTY : view_of(hit + step, value.len - len - step);
	}
	return err;
}

static const char *
nearest_column(const struct schema_type *t, struct view name)
{
	const char *names[512];
	char text[128];
	size_t count = 0;

	for (uint32_t i = 0; i < t->field_count && count < EN_COUNT_OF(names); i++) {
		names[count++] = t->fields[i].json_name;
	}
	snprintf(text, sizeof(text), "%.*s", (int)name.len, (const char *)name.data);
	return nearest_name(text, names, count);
}

// False when the column was there before.
static bool
see(uint64_t seen[static SEEN_MAX / 64], const struct schema_field *f)
{
	uint64_t bit = UINT64_C(1) << (f->slot % 64);
	bool is_new = f->slot >= SEEN_MAX || (seen[f->slot / 64] & bit) == 0;

	if (f->slot < SEEN_MAX) {
		seen[f->slot / 64] |= bit;
	}
	return is_new;
}

enum en_err
record_to_payload(const struct schema_type *t, const struct record_cell *cells, size_t count, bool ignore_unknown,
    struct buf *out, struct record_fault *reterr_fault)
{
	struct buf scratch = BUF_EMPTY;
	uint64_t seen[SEEN_MAX / 64] = {0};
	size_t before = out->len;
	enum en_err err = EN_OK;

	for (size_t i = 0; i < count && err == EN_OK; i++) {
		const struct schema_field *f = schema_field_by_name(t, cells[i].name);

		if (f == NULL) {
			if (!ignore_unknown) {
				err = EN_ENOTFOUND;
				tell(reterr_fault, err, cells[i].name, nearest_column(t, cells[i].name));
			}
			continue;
		}
		if (!see(seen, f)) {
			err = EN_EFORMAT;
			tell(reterr_fault, err, cells[i].name, "the column stands twice");
			continue;
		}
		if (cells[i].value.len == 0) {
			continue;
		}
		if (!view_is_utf8(cells[i].value)) {
			err = EN_EUTF8;
		} else {
			err = put_cells(f, cells[i].value, out, &scratch);
		}
		if (err != EN_OK) {
			tell(reterr_fault, err, cells[i].name,
			    f->kind == KIND_ENUM ? "one of the schema's words" : "the form of the column's kind");
		}
	}
	err = err == EN_OK ? out->err : err;
	if (err != EN_OK) {
		out->len = before;
	}
	buf_fini(&scratch);
	return err;
}

static bool
is_column(const struct schema_field *f)
{
	return !schema_is_message(f) && (!f->repeated || f->list_separator != NULL);
}

static void
put_value_text(const struct index *ix, const struct schema_field *f, const struct index_node *n, struct buf *out)
{
	if (f->kind == KIND_STRING) {
		buf_put_view(out, index_bytes(ix, n));
	} else if (f->kind == KIND_BYTES) {
		base64_encode(index_bytes(ix, n), out);
	} else {
		scalar_to_text(f, n->bits, out);
	}
}

// EN_EFORMAT when a list has a value that its cell could not tell from two: nobody is to read what was not said.
static enum en_err
cell_text(const struct index *ix, const struct schema_field *f, struct buf *text)
{
	const struct index_node *n = f->repeated ? index_first(ix, 0, f) : index_last(ix, 0, f);

	buf_clear(text);
	while (n != NULL) {
		const struct index_node *after = f->repeated ? index_next(ix, n) : NULL;
		size_t start = text->len;

		put_value_text(ix, f, n, text);
		if (f->repeated && text->err == EN_OK && text->len > start && f->list_separator[0] != '\0' &&
		    !scalar_may_be_listed(
			view_of(text->data + start, text->len - start), f->list_separator, after == NULL)) {
			return EN_EFORMAT;
		}
		buf_put_str(text, after == NULL ? "" : f->list_separator);
		n = after;
	}
	return text->err;
}

enum en_err
record_from_payload(const struct schema_type *t, struct view payload, struct arena *arena,
    struct record_cell **ret_cells, size_t *ret_count, struct record_fault *reterr_fault)
{
	struct record_cell *cells = arena_alloc(arena, (t->field_count + 1) * sizeof(*cells));
	struct buf text = BUF_EMPTY;
	struct index_fault fault = {.err = EN_OK};
	struct index ix;
	size_t count = 0;
	enum en_err err;

	index_init(&ix);
	err = cells == NULL ? EN_ENOMEM : index_build(&ix, t, payload, &fault);
	if (err != EN_OK) {
		tell(reterr_fault, err, view_text(fault.path), NULL);
		goto out;
	}
	for (uint32_t i = 0; i < t->field_count && err == EN_OK; i++) {
		if (!is_column(&t->fields[i])) {
			continue;
		}
		err = cell_text(&ix, &t->fields[i], &text);
		if (err != EN_OK) {
			tell(reterr_fault, err, view_text(t->fields[i].json_name),
			    "no value with the list's separator in it");
			break;
		}
		cells[count].name = view_text(t->fields[i].json_name);
		cells[count].value = arena_copy(arena, buf_view(&text));
		err = text.len > 0 && cells[count].value.data == NULL ? EN_ENOMEM : EN_OK;
		count++;
	}
	if (err == EN_OK) {
		*ret_cells = cells;
		*ret_count = count;
	}
out:
	buf_fini(&text);
	index_fini(&ix);
	return err;
}

enum en_err
record_columns(const struct schema_type *t, struct arena *arena, struct view **ret_names, size_t *ret_count)
{
	struct view *names = arena_alloc(arena, (t->field_count + 1) * sizeof(*names));
	size_t count = 0;

	if (names == NULL) {
		return EN_ENOMEM;
	}
	for (uint32_t i = 0; i < t->field_count; i++) {
		if (is_column(&t->fields[i])) {
			names[count++] = view_text(t->fields[i].json_name);
		}
	}
	*ret_names = names;
	*ret_count = count;
	return EN_OK;
}

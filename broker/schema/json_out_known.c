// SPDX-License-Identifier: Apache-2.0
// The well-known types in ProtoJSON. What they cannot say in that form (a moment out of range, an Any of a type that nobody knows) is an error: a
// reader would understand something else, or nothing.
#include <math.h>

#include "base/limits.h"
#include "schema/json_out.h"
#include "schema/scalar.h"
#include "schema/well_known.h"

// The value of their field of that number, the last one; NULL when it does not occur.
static const struct index_node *
last(const struct writer *w, uint32_t message, uint32_t number)
{
	return index_last(w->ix, message, &w->ix->messages[message].type->fields[number - 1]);
}

static uint64_t
bits(const struct writer *w, uint32_t message, uint32_t number)
{
	const struct index_node *n = last(w, message, number);

	return n == NULL ? 0 : n->bits;
}

static struct view
content(const struct writer *w, uint32_t message, uint32_t number)
{
	const struct index_node *n = last(w, message, number);

	return n == NULL ? VIEW_EMPTY : index_bytes(w->ix, n);
}

static void
fail(struct writer *w, enum en_err err)
{
	w->err = w->err == EN_OK ? err : w->err;
}

static void
put_time(struct writer *w, uint32_t message, bool (*to_text)(int64_t, int32_t, struct buf *))
{
	buf_put_u8(w->out, '"');
	if (!to_text((int64_t)bits(w, message, 1), (int32_t)bits(w, message, 2), w->out)) {
		fail(w, EN_EFORMAT);
	}
	buf_put_u8(w->out, '"');
}

static void
put_mask(struct writer *w, uint32_t message)
{
	const struct schema_field *paths = &w->ix->messages[message].type->fields[0];
	struct buf text = BUF_EMPTY;

	for (const struct index_node *n = index_first(w->ix, message, paths); n != NULL; n = index_next(w->ix, n)) {
		buf_put_str(&text, text.len == 0 ? "" : ",");
		if (!mask_path_to_text(index_bytes(w->ix, n), &text)) {
			fail(w, EN_EFORMAT);
		}
	}
	json_out_string(w, buf_view(&text));
	if (text.err != EN_OK) {
		fail(w, text.err);
	}
	buf_fini(&text);
}

// One member of the oneof is there, and a number is one that JSON has.
static void
put_any_value(struct writer *w, uint32_t message)
{
	const struct schema_type *t = w->ix->messages[message].type;

	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct index_node *n = index_last(w->ix, message, &t->fields[i]);

		if (n == NULL) {
			continue;
		}
		if (t->fields[i].kind == KIND_DOUBLE && !isfinite(scalar_float(KIND_DOUBLE, n->bits))) {
			fail(w, EN_EFORMAT);
		}
		json_out_value(w, &t->fields[i], n);
		return;
	}
	fail(w, EN_EFORMAT);
}

// The content of an Any, indexed on its own: {"@type", its fields} or {"@type", "value"}.
static void
put_content(struct writer *w, struct view url, const struct index *inner)
{
	struct writer inside = *w;
	bool first = true;

	inside.ix = inner;
	inside.messages++; // an Any may be all that an Any has
	json_out_open(&inside);
	json_out_key(&inside, &first, view_text("@type"));
	json_out_string(&inside, url);
	if (inner->messages[0].type->well_known == WELL_KNOWN_NONE) {
		json_out_fields(&inside, 0, &first);
	} else {
		json_out_key(&inside, &first, view_text("value"));
		json_out_known(&inside, 0);
	}
	json_out_close(&inside, false);
	fail(w, inside.err);
}

static void
put_any(struct writer *w, uint32_t message)
{
	struct view url = content(w, message, 1), bytes = content(w, message, 2);
	const struct schema_type *type = well_known_any_type(w->ix->messages[message].type->schema, url);
	struct index inner;
	enum en_err err;

	if (url.len == 0 && bytes.len == 0) {
		buf_put_str(w->out, "{}");
		return;
	}
	if (type == NULL) {
		fail(w, EN_ENOTFOUND);
		return;
	}
	if (w->messages > LIMIT_CODEC_DEPTH) {
		fail(w, EN_ELIMIT);
		return;
	}
	index_init(&inner);
	inner.depth_max = LIMIT_CODEC_DEPTH + 1 - w->messages;
	err = index_build(&inner, type, bytes, NULL);
	if (err == EN_OK) {
		put_content(w, url, &inner);
	}
	fail(w, err);
	index_fini(&inner);
}

void
json_out_default(struct writer *w, const struct schema_field *f)
{
	static const struct index_node zero = {.next = INDEX_NONE};
	struct index empty;

	if (f->kind == KIND_STRING || f->kind == KIND_BYTES) {
		json_out_string(w, VIEW_EMPTY);
		return;
	}
	if (!schema_is_message(f)) {
		json_out_value(w, f, &zero);
		return;
	}
	index_init(&empty);
	empty.is_partial = true; // nobody wrote it
	fail(w, index_build(&empty, f->message, VIEW_EMPTY, NULL));
	if (empty.message_count > 0) {
		struct writer inside = *w;

		inside.ix = &empty;
		json_out_message(&inside, 0);
		fail(w, inside.err);
	}
	index_fini(&empty);
}

void
json_out_known(struct writer *w, uint32_t message)
{
	const struct schema_type *t = w->ix->messages[message].type;
	const struct schema_field *f = &t->fields[0];
	const struct index_node *n = index_last(w->ix, message, f);

	switch (t->well_known) {
	case WELL_KNOWN_ANY:
		put_any(w, message);
		break;
	case WELL_KNOWN_TIMESTAMP:
		put_time(w, message, timestamp_to_text);
		break;
	case WELL_KNOWN_DURATION:
		put_time(w, message, duration_to_text);
		break;
	case WELL_KNOWN_FIELD_MASK:
		put_mask(w, message);
		break;
	case WELL_KNOWN_STRUCT:
		json_out_map(w, f, index_first(w->ix, message, f));
		break;
	case WELL_KNOWN_LIST_VALUE:
		json_out_list(w, f, index_first(w->ix, message, f));
		break;
	case WELL_KNOWN_VALUE:
		put_any_value(w, message);
		break;
	case WELL_KNOWN_WRAPPER:
		if (n == NULL) {
			json_out_default(w, f);
		} else {
			json_out_value(w, f, n);
		}
		break;
	case WELL_KNOWN_NONE:
		fail(w, EN_EINTERNAL);
	}
}

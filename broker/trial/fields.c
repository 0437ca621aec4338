// SPDX-License-Identifier: Apache-2.0
// From a payload to paths and texts, and what it means that two paths are the same.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "schema/scalar.h"
#include "trial/record.h"

// ---- listing ------------------------------------------------------------------------------------------------------------

struct listing {
	const struct index *ix;
	struct arena *arena;
	struct field_texts *out;
};

static struct field_text *
add(struct listing *l, const char *path, const char *native, size_t count)
{
	struct field_texts *out = l->out;
	struct field_text *items = arena_larger(l->arena, out->items, out->count, &out->cap, sizeof(*items));
	const char **values = arena_zalloc(l->arena, (count + 1) * sizeof(*values));

	if (items == NULL || values == NULL || path == NULL || native == NULL) {
		out->err = EN_ENOMEM;
		return NULL;
	}
	out->items = items;
	out->items[out->count] = (struct field_text){.path = path, .native = native, .values = values};
	return &out->items[out->count++];
}

static const char *
value_text(struct listing *l, const struct schema_field *f, const struct index_node *n)
{
	struct buf text = BUF_EMPTY;

	if (f->kind == KIND_STRING) {
		return arena_text(l->arena, index_bytes(l->ix, n));
	}
	if (f->kind == KIND_BYTES) {
		base64_encode(index_bytes(l->ix, n), &text);
	} else {
		scalar_to_text(f, n->bits, &text);
	}
	const char *kept = text.err == EN_OK ? arena_text(l->arena, buf_view(&text)) : NULL;

	buf_fini(&text);
	return kept;
}

static void
list_scalars(struct listing *l, uint32_t message, const struct schema_field *f, const char *path, const char *native)
{
	const struct index_node *first = f->repeated ? index_first(l->ix, message, f) : index_last(l->ix, message, f);
	size_t count = 0;

	for (const struct index_node *n = first; n != NULL; n = index_next(l->ix, n)) {
		count++;
	}
	struct field_text *field = add(l, path, native, count);

	for (const struct index_node *n = first; n != NULL && field != NULL; n = index_next(l->ix, n)) {
		const char *text = value_text(l, f, n);

		if (text == NULL) {
			l->out->err = EN_ENOMEM;
			return;
		}
		field->values[field->count++] = text;
		if (!f->repeated) {
			return;
		}
	}
}

static void
list_message(struct listing *l, uint32_t message, const char *path, const char *native)
{
	const struct schema_type *t = l->ix->messages[message].type;
	const char *dot = path[0] == '\0' ? "" : ".";

	for (uint32_t i = 0; i < t->field_count && l->out->err == EN_OK; i++) {
		const struct schema_field *f = &t->fields[i];
		const struct index_node *n = index_first(l->ix, message, f);
		size_t item = 0;

		if (n == NULL) {
			continue;
		}
		if (!schema_is_message(f)) {
			list_scalars(l, message, f, arena_printf(l->arena, "%s%s%s", path, dot, f->name),
			    arena_printf(l->arena, "%s%s%s", native, dot, f->json_name));
			continue;
		}
		// All occurrences of a singular message share one table.
		for (; n != NULL && (item == 0 || f->repeated); n = index_next(l->ix, n)) {
			char number[24] = "";

			item++;
			if (f->repeated) {
				snprintf(number, sizeof(number), "[%zu]", item);
			}
			const char *below = arena_printf(l->arena, "%s%s%s%s", path, dot, f->name, number),
				   *native_below =
				       arena_printf(l->arena, "%s%s%s%s", native, dot, f->json_name, number);

			if (below == NULL || native_below == NULL) {
				l->out->err = EN_ENOMEM;
				return;
			}
			list_message(l, n->message, below, native_below);
		}
	}
}

void
field_texts_of(const struct index *ix, struct arena *arena, struct field_texts *ret)
{
	struct listing l = {.ix = ix, .arena = arena, .out = ret};

	*ret = (struct field_texts){.err = EN_OK};
	list_message(&l, 0, "", "");
}

// ---- paths ----------------------------------------------------------------------------------------------------------------

// The field whose name or native name begins the text and ends at a dot, a bracket or the end; the longest one, for native names may hold dots.
static const struct schema_field *
first_field(const struct schema_type *t, const char *text, size_t *ret_len)
{
	for (size_t len = strlen(text); len > 0; len--) {
		const struct schema_field *f = text[len] == '\0' || text[len] == '.' || text[len] == '['
		    ? schema_field_by_name(t, view_of(text, len))
		    : NULL;

		if (f != NULL) {
			*ret_len = len;
			return f;
		}
	}
	return NULL;
}

static const char *
nearest_in(const struct schema_type *t, const char *text, struct arena *arena)
{
	const char **names = arena_alloc(arena, (2 * t->field_count + 1) * sizeof(*names)),
		   *name = arena_text(arena, view_of(text, strcspn(text, ".[")));

	if (names == NULL || name == NULL) {
		return NULL;
	}
	for (uint32_t i = 0; i < t->field_count; i++) {
		names[2 * i] = t->fields[i].name;
		names[2 * i + 1] = t->fields[i].json_name;
	}
	return nearest_name(name, names, 2 * (size_t)t->field_count);
}

const char *
field_path(const struct schema_type *t, const char *text, struct arena *arena, const char **ret_nearest)
{
	struct buf path = BUF_EMPTY;
	const char *found = NULL;

	*ret_nearest = NULL;
	while (t != NULL) {
		size_t len = 0, number = 0;
		const struct schema_field *f = first_field(t, text, &len);

		if (f == NULL) {
			*ret_nearest = nearest_in(t, text, arena);
			break;
		}
		text += len;
		if (text[0] == '[') {
			number = strspn(text + 1, "0123456789") + 2;
			if (!f->repeated || number == 2 || text[number - 1] != ']') {
				break;
			}
		}
		buf_printf(&path, "%s%s%.*s", path.len == 0 ? "" : ".", f->name, (int)number, text);
		text += number;
		if (text[0] == '\0') {
			found = path.err == EN_OK ? arena_text(arena, buf_view(&path)) : NULL;
			break;
		}
		if (text[0] != '.') {
			break;
		}
		text++;
		t = f->message;
	}
	buf_fini(&path);
	return found;
}

// How much of path is `above`; NULL when it is not below it.
static const char *
pass(const char *path, const char *above)
{
	while (above[0] != '\0') {
		if (path[0] == '[' && above[0] != '[') {
			path += strcspn(path, "]") + 1;
		} else if (above[0] == '[' && path[0] != '[') {
			above += strcspn(above, "]") + 1;
		} else if (path[0] == above[0]) {
			path++;
			above++;
		} else {
			return NULL;
		}
	}
	return path;
}

bool
path_is_below(const char *path, const char *above)
{
	const char *rest = pass(path, above);

	return rest != NULL && (rest[0] == '\0' || rest[0] == '.' || rest[0] == '[');
}

bool
path_is_same(const char *left, const char *right)
{
	const char *rest = pass(left, right);

	return rest != NULL && (rest[0] == '\0' || (rest[0] == '[' && strchr(rest, ']') == rest + strlen(rest) - 1));
}

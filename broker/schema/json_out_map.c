// SPDX-License-Identifier: Apache-2.0
// Maps as JSON objects. Of entries with one key the last counts, and which those are is found by sorting, not by looking at every pair.
#include <stdlib.h>

#include "schema/json_out.h"
#include "schema/scalar.h"

struct entry {
	const struct index_node *node;
	struct view text; // the key: of texts
	uint64_t bits; // and of others
	size_t place;
};

static int
by_key(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = a->bits != b->bits ? (a->bits < b->bits ? -1 : 1) : view_compare(a->text, b->text);

	return order != 0 ? order : a->place < b->place ? -1 : 1;
}

static int
by_place(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	return a->place < b->place ? -1 : 1;
}

static struct entry
entry_of(const struct index *ix, const struct index_node *n, const struct schema_field *key, size_t place)
{
	const struct index_node *k = index_last(ix, n->message, key);
	struct entry e = {.node = n, .text = VIEW_EMPTY, .place = place};

	if (k != NULL && key->kind == KIND_STRING) {
		e.text = index_bytes(ix, k);
	} else if (k != NULL) {
		e.bits = k->bits;
	}
	return e;
}

// The entries that count, in the order of the payload; NULL without memory. The caller frees them.
static struct entry *
entries_of(const struct index *ix, const struct index_node *first, const struct schema_field *key, size_t *ret_count)
{
	size_t count = 0, kept = 0;

	for (const struct index_node *n = first; n != NULL; n = index_next(ix, n)) {
		count++;
	}
	struct entry *entries = malloc((count + 1) * sizeof(*entries));

	if (entries == NULL) {
		return NULL;
	}
	for (const struct index_node *n = first; n != NULL; n = index_next(ix, n)) {
		entries[kept] = entry_of(ix, n, key, kept);
		kept++;
	}
	qsort(entries, count, sizeof(*entries), by_key);
	kept = 0;
	for (size_t i = 0; i < count; i++) {
		bool is_replaced = i + 1 < count && entries[i].bits == entries[i + 1].bits &&
		    view_equal(entries[i].text, entries[i + 1].text);

		if (!is_replaced) {
			entries[kept++] = entries[i];
		}
	}
	qsort(entries, kept, sizeof(*entries), by_place);
	*ret_count = kept;
	return entries;
}

void
json_out_map(struct writer *w, const struct schema_field *f, const struct index_node *n)
{
	const struct schema_field *key = schema_field_by_number(f->message, 1),
				  *value = schema_field_by_number(f->message, 2);
	size_t count = 0;
	struct entry *entries = entries_of(w->ix, n, key, &count);
	bool first = true;

	if (entries == NULL) {
		w->err = w->err == EN_OK ? EN_ENOMEM : w->err;
		return;
	}
	json_out_open(w);
	for (size_t i = 0; i < count; i++) {
		const struct index_node *v = index_last(w->ix, entries[i].node->message, value);
		struct buf text = BUF_EMPTY;

		if (key->kind != KIND_STRING) {
			scalar_to_text(key, entries[i].bits, &text);
		}
		json_out_key(w, &first, key->kind == KIND_STRING ? entries[i].text : buf_view(&text));
		w->out->err = text.err != EN_OK ? text.err : w->out->err;
		buf_fini(&text);
		if (v == NULL) {
			json_out_default(w, value);
		} else {
			json_out_value(w, value, v);
		}
	}
	json_out_close(w, first);
	free(entries);
}

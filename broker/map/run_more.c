// SPDX-License-Identifier: Apache-2.0
// What comes behind a conversion: prefix and suffix, the order of a list, whether a line had to say something.
#include <stdlib.h>

#include "map/run_int.h"

bool
helper_text(struct runner *r, const struct value *v, struct view *ret)
{
	struct item item;

	*ret = VIEW_EMPTY;
	if (!value_item(r, v, &item)) {
		return false;
	}
	*ret = item.kind == ITEM_TEXT ? item.text : VIEW_EMPTY;
	return true;
}

bool
after_item(struct runner *r, const struct value *v, struct item *item)
{
	enum reason reason = REASON_NONE;

	if (v->more == NULL || v->more->after.count == 0 || item->kind != ITEM_TEXT || item->text.len == 0 ||
	    item->value != v) {
		return true; // also a value of if_unknown, which is what it says
	}
	return edit_text(r, v, v->more->after, &item->text, &reason);
}

bool
add_item(struct runner *r, struct items *list, const struct item *item)
{
	if (item->kind == ITEM_ABSENT) {
		return true;
	}
	if (list->count == list->cap) {
		size_t cap = list->cap == 0 ? 8 : 2 * list->cap;
		struct item *items = arena_alloc(r->arena, cap * sizeof(*items));

		if (items == NULL) {
			return run_out_of_memory(r);
		}
		if (list->count > 0) {
			memcpy(items, list->items, list->count * sizeof(*items));
		}
		list->items = items;
		list->cap = cap;
	}
	list->items[list->count++] = *item;
	return true;
}

// ---- lists --------------------------------------------------------------------------------------------------------

static bool
same_item(const struct item *a, const struct item *b)
{
	return a->kind == b->kind &&
	    (a->kind == ITEM_TEXT ? view_equal(a->text, b->text) : a->kind == ITEM_BITS && a->bits == b->bits);
}

static int
by_value(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->kind == ITEM_TEXT && b->kind == ITEM_TEXT) {
		return view_compare(a->text, b->text);
	}
	return ((int64_t)a->bits > (int64_t)b->bits) - ((int64_t)a->bits < (int64_t)b->bits);
}

// The first of equal items stays. Lists are short: LIMIT_PAYLOAD_FIELDS bounds them.
static void
dedupe(struct items *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		size_t j = 0;

		while (j < count && !same_item(&list->items[i], &list->items[j])) {
			j++;
		}
		if (j == count) {
			list->items[count++] = list->items[i];
		}
	}
	list->count = count;
}

static void
reverse(struct items *list)
{
	for (size_t i = 0, j = list->count; i + 1 < j; i++, j--) {
		struct item item = list->items[i];

		list->items[i] = list->items[j - 1];
		list->items[j - 1] = item;
	}
}

bool
order_items(struct runner *r, const struct value *v, struct items *list)
{
	uint32_t steps = v->more == NULL ? 0 : v->more->list;

	(void)r;
	if ((steps & LIST_SORT) != 0 && list->count > 1) {
		qsort(list->items, list->count, sizeof(*list->items), by_value);
	}
	if ((steps & LIST_DEDUPE) != 0) {
		dedupe(list);
	}
	if ((steps & LIST_REVERSE) != 0) {
		reverse(list);
	}
	return true;
}

// ---- what must be there -------------------------------------------------------------------------------------------

bool
must_be_there(struct runner *r, const struct value *v, bool *ret)
{
	const struct more *more = v->more;

	*ret = more != NULL && more->required;
	if (more == NULL || more->required_if == NULL) {
		return true;
	}
	switch (condition_decide(more->required_if, r->ix, r->frames, &r->ask)) {
	case CONDITION_TRUE:
		*ret = true;
		break;
	case CONDITION_FALSE:
		break;
	case CONDITION_ERROR:
		return run_fault(r, REASON_CONDITION_ERROR, v);
	}
	return true;
}

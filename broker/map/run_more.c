// SPDX-License-Identifier: Apache-2.0
// What comes behind a conversion: prefix and suffix, the order of a list, whether a line had to say something.
#include <stdlib.h>

#include "map/number.h"
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
	return edit_text(r, v->more->after, &item->text, &reason);
}

bool
add_item(struct runner *r, struct items *list, const struct item *item)
{
	if (item->kind == ITEM_ABSENT) {
		return true;
	}
	struct item *items = arena_larger(r->arena, list->items, list->count, &list->cap, sizeof(*items));

	if (items == NULL) {
		return run_out_of_memory(r);
	}
	list->items = items;
	list->items[list->count++] = *item;
	return true;
}

// ---- lists --------------------------------------------------------------------------------------------------------

// An item at its place: a text can be as long a list as an event is long, so nothing here looks at every pair.
struct placed {
	struct item item;
	size_t place;
	bool is_again; // equal to one before it
};

static bool
has_value(const struct item *item)
{
	return item->kind == ITEM_TEXT || item->kind == ITEM_BITS;
}

static int
compare_items(const struct item *a, const struct item *b)
{
	if (a->kind != b->kind) {
		return a->kind < b->kind ? -1 : 1;
	}
	return a->kind == ITEM_TEXT ? view_compare(a->text, b->text)
	    : a->kind == ITEM_BITS  ? number_compare(a->value->target->kind, a->bits, b->bits)
				    : 0;
}

// Equal ones stay as they came.
static int
by_value(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;
	int order = compare_items(&a->item, &b->item);

	return order != 0 ? order : a->place < b->place ? -1 : 1;
}

static int
by_place(const void *left, const void *right)
{
	const struct placed *a = left, *b = right;

	return a->place < b->place ? -1 : 1;
}

// In the order of their values, or as they came; of equal ones, when asked for, only the first.
static bool
order_by_value(struct runner *r, struct items *list, bool sort, bool dedupe)
{
	struct placed *placed = arena_alloc(r->arena, list->count * sizeof(*placed));
	size_t count = 0;

	if (placed == NULL) {
		return run_out_of_memory(r);
	}
	for (size_t i = 0; i < list->count; i++) {
		placed[i] = (struct placed){.item = list->items[i], .place = i};
	}
	qsort(placed, list->count, sizeof(*placed), by_value);
	for (size_t i = 1; i < list->count && dedupe; i++) {
		placed[i].is_again =
		    has_value(&placed[i].item) && compare_items(&placed[i - 1].item, &placed[i].item) == 0;
	}
	if (!sort) {
		qsort(placed, list->count, sizeof(*placed), by_place);
	}
	for (size_t i = 0; i < list->count; i++) {
		if (!placed[i].is_again) {
			list->items[count++] = placed[i].item;
		}
	}
	list->count = count;
	return true;
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

	if ((steps & (LIST_SORT | LIST_DEDUPE)) != 0 && list->count > 1 &&
	    !order_by_value(r, list, (steps & LIST_SORT) != 0, (steps & LIST_DEDUPE) != 0)) {
		return false;
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

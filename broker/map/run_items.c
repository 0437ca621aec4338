// SPDX-License-Identifier: Apache-2.0
// The items of a repeated field that a selection keeps, in its order, and the groups that they form.
#include <stdlib.h>

#include "map/run_int.h"

struct candidate {
	const struct index_node *node;
	struct view sort, group;
	size_t place; // as they came, which decides between equals
	size_t of; // of the group's first item
};

// ---- keeping ------------------------------------------------------------------------------------------------------

static void
set_frame(struct runner *r, uint32_t frame, const struct picked *p)
{
	r->frames[frame] = (struct frame){
	    .message = p->item->message, .item = p->item, .group = p->group, .group_count = p->group_count};
}

static bool
all_nodes(struct runner *r, const struct path *items, const struct index_node *const **ret, size_t *ret_count)
{
	const struct index_node **nodes;

	if (items->is_group) {
		*ret = r->frames[items->frame].group;
		*ret_count = r->frames[items->frame].group_count;
		return true;
	}
	if (!chain_nodes(r, path_first(items, r->ix, r->frames), &nodes, ret_count)) {
		return false;
	}
	*ret = nodes;
	return true;
}

// Whether the item at hand counts, and by what it is ordered and grouped.
static bool
look_at(struct runner *r, const struct selection *s, struct candidate *c, bool *ret_keep)
{
	const struct picked item = {.item = c->node};

	set_frame(r, s->frame, &item);
	*ret_keep = true;
	if (s->where != NULL) {
		enum condition_result result = condition_decide(s->where, r->ix, r->frames, &r->ask);

		if (result == CONDITION_ERROR) {
			return run_fault_at(r, REASON_CONDITION_ERROR, s->place, s->items->native);
		}
		*ret_keep = result == CONDITION_TRUE;
	}
	if (*ret_keep && s->sort_by != NULL && !helper_text(r, s->sort_by, &c->sort)) {
		return false;
	}
	return !*ret_keep || s->group_by == NULL || helper_text(r, s->group_by, &c->group);
}

// ---- order --------------------------------------------------------------------------------------------------------

static bool
is_number(struct view text)
{
	size_t i = text.len > 1 && text.data[0] == '-' ? 1 : 0;

	for (; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9') {
			return false;
		}
	}
	return text.len > 0;
}

// The digits of a whole number without its sign and the zeros in front; *ret_minus is false for zero.
static struct view
digits_of(struct view v, bool *ret_minus)
{
	*ret_minus = v.data[0] == '-';
	v = view_of(v.data + *ret_minus, v.len - *ret_minus);
	while (v.len > 0 && v.data[0] == '0') {
		v = view_of(v.data + 1, v.len - 1);
	}
	*ret_minus = *ret_minus && v.len > 0;
	return v;
}

static int
compare_numbers(struct view a, struct view b)
{
	bool a_minus, b_minus;

	a = digits_of(a, &a_minus);
	b = digits_of(b, &b_minus);
	if (a_minus != b_minus) {
		return a_minus ? -1 : 1;
	}
	int order = a.len != b.len ? (a.len < b.len ? -1 : 1) : view_compare(a, b);

	return a_minus ? -order : order;
}

// What says nothing comes first, so that the last is one that says something; then whole numbers in their order, and then texts.
static int
by_sort(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int a_class = a->sort.len == 0 ? 0 : is_number(a->sort) ? 1 : 2;
	int b_class = b->sort.len == 0 ? 0 : is_number(b->sort) ? 1 : 2;
	int order = a_class != b_class ? a_class - b_class
	    : a_class == 1             ? compare_numbers(a->sort, b->sort)
				       : view_compare(a->sort, b->sort);

	return order != 0 ? order : a->place < b->place ? -1 : 1;
}

static int
by_group(const void *left, const void *right)
{
	const struct candidate *a = *(const struct candidate *const *)left,
			       *b = *(const struct candidate *const *)right;
	int order = view_compare(a->group, b->group);

	return order != 0 ? order : a < b ? -1 : 1;
}

static int
by_first(const void *left, const void *right)
{
	const struct candidate *a = *(const struct candidate *const *)left,
			       *b = *(const struct candidate *const *)right;

	return a->of != b->of ? (a->of < b->of ? -1 : 1) : a < b ? -1 : 1;
}

// ---- groups -------------------------------------------------------------------------------------------------------

// Items of one group come together, groups in the order of their first items. An item without a value for the group is
// one by itself.
static bool
make_groups(struct runner *r, struct candidate *items, size_t count, struct picked *picked, size_t *ret_count)
{
	struct candidate **order = arena_alloc(r->arena, (count + 1) * sizeof(*order));
	const struct index_node **nodes = arena_alloc(r->arena, (count + 1) * sizeof(*nodes));
	size_t groups = 0;

	if (order == NULL || nodes == NULL) {
		return run_out_of_memory(r);
	}
	for (size_t i = 0; i < count; i++) {
		order[i] = &items[i];
	}
	qsort(order, count, sizeof(*order), by_group);
	for (size_t i = 0; i < count; i++) {
		bool same = i > 0 && order[i]->group.len > 0 && view_equal(order[i]->group, order[i - 1]->group);

		order[i]->of = same ? order[i - 1]->of : (size_t)(order[i] - items);
	}
	qsort(order, count, sizeof(*order), by_first);
	for (size_t i = 0; i < count; i++) {
		nodes[i] = order[i]->node;
		if (i == 0 || order[i]->of != order[i - 1]->of) {
			picked[groups++] = (struct picked){.item = nodes[i], .group = &nodes[i]};
		}
		picked[groups - 1].group_count++;
	}
	*ret_count = groups;
	return true;
}

bool
select_items(
    struct runner *r, const struct path *items, const struct selection *s, struct picked **ret, size_t *ret_count)
{
	const struct shape *shape = shape_of_items(r, items);
	const struct index_node *const *nodes;
	size_t all = 0, count = 0;

	if (!all_nodes(r, items, &nodes, &all)) {
		return false;
	}
	struct candidate *kept = arena_alloc(r->arena, (all + 1) * sizeof(*kept));
	struct picked *picked = arena_alloc(r->arena, (all + 1) * sizeof(*picked));

	if (kept == NULL || picked == NULL) {
		return run_out_of_memory(r);
	}
	for (size_t i = 0; i < all; i++) {
		bool keep = item_shows(r, items, shape, nodes[i]);

		kept[count] = (struct candidate){.node = nodes[i], .place = i};
		if (keep && s != NULL && !look_at(r, s, &kept[count], &keep)) {
			return false;
		}
		count += keep;
	}
	if (s != NULL && s->sort_by != NULL && count > 1) {
		qsort(kept, count, sizeof(*kept), by_sort);
	}
	*ret = picked;
	if (s != NULL && s->group_by != NULL && count > 0) {
		return make_groups(r, kept, count, picked, ret_count);
	}
	for (size_t i = 0; i < count; i++) {
		picked[i] = (struct picked){.item = kept[i].node};
	}
	*ret_count = count;
	return true;
}

bool
enter_item(struct runner *r, const struct value *v, bool *ret_there)
{
	const struct selection *s = v->more->item;
	struct picked *picked;
	size_t count;

	if (!select_items(r, s->items, s, &picked, &count)) {
		return false;
	}
	*ret_there = count > 0;
	if (count > 1 && s->pick == PICK_ONE) {
		return run_fault_at(r, REASON_AMBIGUOUS, s->place, s->items->native);
	}
	if (count > 0) {
		set_frame(r, s->frame, &picked[s->pick == PICK_LAST ? count - 1 : 0]);
	}
	return true;
}

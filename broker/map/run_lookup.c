// SPDX-License-Identifier: Apache-2.0
// A row of a wide table by several columns at once, and the row above it.
#include "map/run_int.h"

static const char *
cell(const struct lookup *l, uint32_t row, uint32_t column)
{
	return l->table->conf->rows[row].cells[column];
}

static int
compare_text(const char *have, struct view want)
{
	return view_compare(view_text(have), want);
}

static int
compare_row(const struct lookup *l, uint32_t row, const struct view *keys)
{
	for (uint32_t i = 0; i < l->count; i++) {
		int order = compare_text(cell(l, row, l->columns[i]), keys[i]);

		if (order != 0) {
			return order;
		}
	}
	return 0;
}

// The rows that have the keys: a range of l->rows.
static void
find_rows(const struct lookup *l, const struct view *keys, size_t *ret_first, size_t *ret_count)
{
	size_t low = 0, high = l->table->conf->row_count, count = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_row(l, l->rows[middle], keys) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	while (low + count < l->table->conf->row_count && compare_row(l, l->rows[low + count], keys) == 0) {
		count++;
	}
	*ret_first = low;
	*ret_count = count;
}

static bool
row_by_code(const struct lookup *l, struct view code, uint32_t *ret)
{
	size_t low = 0, high = l->table->conf->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_text(cell(l, l->by_code[middle], l->code), code) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == l->table->conf->row_count) {
		return false;
	}
	*ret = l->by_code[low];
	return compare_text(cell(l, *ret, l->code), code) == 0;
}

// Up to the wanted level; false when there is none above, or the rows go in circles.
static bool
climb(const struct lookup *l, uint32_t *row)
{
	for (unsigned i = 0; i < LIMIT_TABLE_LEVELS; i++) {
		if (view_is(l->ancestor, cell(l, *row, l->level))) {
			return true;
		}
		struct view parent = view_text(cell(l, *row, l->parent));

		if (parent.len == 0 || !row_by_code(l, parent, row)) {
			return false;
		}
	}
	return false;
}

// Whether all rows found say the same; then it does not matter that there are several.
static bool
agree(const struct lookup *l, size_t first, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (strcmp(cell(l, l->rows[first], l->take), cell(l, l->rows[first + i], l->take)) != 0) {
			return false;
		}
	}
	return true;
}

bool
lookup_item(struct runner *r, const struct value *v, struct item *ret)
{
	const struct lookup *l = v->more->lookup;
	struct view *keys = arena_alloc(r->arena, l->count * sizeof(*keys));
	size_t first, count;

	if (keys == NULL) {
		return run_out_of_memory(r);
	}
	for (uint32_t i = 0; i < l->count; i++) {
		if (!helper_text(r, l->values[i], &keys[i])) {
			return false;
		}
		if (keys[i].len == 0) {
			return true; // nothing to look up
		}
	}
	find_rows(l, keys, &first, &count);
	uint32_t row = count == 0 ? 0 : l->rows[first];

	if (count == 0 || (l->ancestor.len > 0 && !climb(l, &row))) {
		return step_unknown(r, v, REASON_TABLE_MISS, keys[0], ret);
	}
	if (count > 1 && !l->first && (l->ancestor.len > 0 || !agree(l, first, count))) {
		return step_unknown(r, v, REASON_AMBIGUOUS, keys[0], ret);
	}
	bool good = step_text(r, v, view_text(cell(l, row, l->take)), ret) && after_item(r, v, ret);

	if (ret->value == v) { // and not what stands for a value that cannot be read
		ret->row = &l->table->conf->rows[row];
	}
	return good;
}

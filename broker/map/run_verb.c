// SPDX-License-Identifier: Apache-2.0
// Verbs that read several fields. Parts that are absent or empty, or one of empty_if, do not count.
#include "map/number.h"
#include "map/run_int.h"
#include "map/text.h"

// A text that grows in the arena.
struct joined {
	uint8_t *data;
	size_t len, cap;
};

static bool
join_part(struct runner *r, const struct value *v, struct joined *j, struct view text)
{
	struct view with = j->len == 0 ? VIEW_EMPTY : v->with;
	size_t need = j->len + with.len + text.len;

	if (need > j->cap) {
		size_t cap = 2 * need + 64;
		uint8_t *data = arena_alloc(r->arena, cap);

		if (data == NULL) {
			return run_out_of_memory(r);
		}
		if (j->len > 0) {
			memcpy(data, j->data, j->len);
		}
		j->data = data;
		j->cap = cap;
	}
	if (with.len > 0) {
		memcpy(j->data + j->len, with.data, with.len);
	}
	memcpy(j->data + j->len + with.len, text.data, text.len);
	j->len = need;
	return true;
}

// The texts of all parts, each as an item; blanks at their ends go first where trim is asked for.
static bool
part_texts(struct runner *r, const struct value *v, struct items *list)
{
	for (uint32_t i = 0; i < v->part_count; i++) {
		const struct path *p = v->parts[i];

		for (const struct index_node *n = path_first(p, r->ix, r->frames); n != NULL;
		     n = path_next(p, r->ix, n)) {
			struct item item;

			item_clear(&item, v);
			if (!node_text(r, p->leaf, n, &item.text)) {
				return false;
			}
			if (text_is_in(item.text, v->empty_if)) {
				continue;
			}
			item.text = (v->clean & CLEAN_TRIM) != 0 ? text_trim(item.text) : item.text;
			item.kind = item.text.len > 0 ? ITEM_TEXT : ITEM_ABSENT;
			if (!add_item(r, list, &item)) {
				return false;
			}
		}
	}
	return true;
}

static bool
contains(struct view text, struct view what)
{
	return what.len > 0 && text.len >= what.len && memmem(text.data, text.len, what.data, what.len) != NULL;
}

bool
join_item(struct runner *r, const struct value *v, struct item *ret)
{
	struct joined joined = {.data = NULL};
	struct items list = {.items = NULL};
	bool reversible = v->more != NULL && v->more->reversible;

	if (!part_texts(r, v, &list) || !order_items(r, v, &list)) {
		return false;
	}
	for (size_t i = 0; i < list.count; i++) {
		if (reversible && contains(list.items[i].text, v->with)) {
			return step_unknown(r, v, REASON_AMBIGUOUS, VIEW_EMPTY, ret);
		}
		if (!join_part(r, v, &joined, list.items[i].text)) {
			return false;
		}
	}
	// Where a part is missing nobody can tell which one it was.
	if (reversible && list.count > 0 && list.count < v->part_count) {
		return step_unknown(r, v, REASON_AMBIGUOUS, VIEW_EMPTY, ret);
	}
	return step_text(r, v, view_of(joined.data, joined.len), ret) && after_item(r, v, ret);
}

// The text of one part; empty when it says nothing.
static bool
part_text(struct runner *r, const struct value *v, uint32_t i, struct view *ret)
{
	const struct index_node *n = path_node(v->parts[i], r->ix, r->frames);

	*ret = VIEW_EMPTY;
	if (n == NULL) {
		return true;
	}
	if (!node_text(r, v->parts[i]->leaf, n, ret)) {
		return false;
	}
	*ret = text_is_in(*ret, v->empty_if) ? VIEW_EMPTY : *ret;
	return true;
}

bool
first_item(struct runner *r, const struct value *v, struct item *ret)
{
	struct view text = VIEW_EMPTY;

	for (uint32_t i = 0; i < v->part_count && text.len == 0; i++) {
		if (!part_text(r, v, i, &text)) {
			return false;
		}
		text = text_trim(text).len == 0 ? VIEW_EMPTY : text;
	}
	return step_text(r, v, text, ret) && after_item(r, v, ret);
}

bool
fill_item(struct runner *r, const struct value *v, struct item *ret)
{
	const struct pattern *p = v->more->fill;
	struct view parts[PATTERN_PARTS], again[PATTERN_PARTS];
	size_t len = p->literals[p->count].len, put = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		if (!part_text(r, v, i, &parts[i])) {
			return false;
		}
		parts[i] = (v->clean & CLEAN_TRIM) != 0 ? text_trim(parts[i]) : parts[i];
		if (parts[i].len == 0) {
			return true;
		}
		len += p->literals[i].len + parts[i].len;
	}
	uint8_t *room = arena_alloc(r->arena, len);

	if (room == NULL) {
		return run_out_of_memory(r);
	}
	for (uint32_t i = 0; i <= p->count; i++) {
		memcpy(room + put, p->literals[i].data, p->literals[i].len);
		put += p->literals[i].len;
		if (i < p->count) {
			memcpy(room + put, parts[i].data, parts[i].len);
			put += parts[i].len;
		}
	}
	if (v->more->reversible && !pattern_split(p, view_of(room, len), again)) {
		return step_unknown(r, v, REASON_AMBIGUOUS, VIEW_EMPTY, ret);
	}
	return step_text(r, v, view_of(room, len), ret) && after_item(r, v, ret);
}

// ---- lists --------------------------------------------------------------------------------------------------------

bool
list_items(struct runner *r, const struct value *v, struct items *list)
{
	for (uint32_t i = 0; i < v->part_count; i++) {
		const struct path *p = v->parts[i];

		for (const struct index_node *n = path_first(p, r->ix, r->frames); n != NULL;
		     n = path_next(p, r->ix, n)) {
			struct item item;
			struct view text;

			item_clear(&item, v);
			if (!node_text(r, p->leaf, n, &text) || !step_text(r, v, text, &item) ||
			    !after_item(r, v, &item) || !add_item(r, list, &item)) {
				return false;
			}
		}
	}
	return true;
}

bool
flag_items(struct runner *r, const struct value *v, struct items *list)
{
	for (uint32_t i = 0; i < v->part_count; i++) {
		struct item item;
		struct view text;

		item_clear(&item, v);
		if (!part_text(r, v, i, &text)) {
			return false;
		}
		if (text.len == 0 || text_is_in(text, v->false_if)) {
			continue;
		}
		if (!text_is_in(text, v->true_if)) {
			if (!step_unknown(r, v, REASON_NOT_BOOLEAN, text, &item) || !add_item(r, list, &item)) {
				return false;
			}
			continue;
		}
		item.kind = v->target->kind == KIND_STRING ? ITEM_TEXT : ITEM_BITS;
		item.text = v->more->codes[i];
		item.bits = v->more->code_bits[i];
		if (!add_item(r, list, &item)) {
			return false;
		}
	}
	return true;
}

// The next text of a list in one cell.
static bool
next_text(struct view *rest, struct view by, struct view *ret)
{
	const uint8_t *at = rest->len == 0 ? NULL : memmem(rest->data, rest->len, by.data, by.len);
	size_t len = at == NULL ? rest->len : (size_t)(at - rest->data);

	*ret = view_of(rest->data, len);
	*rest = at == NULL ? VIEW_EMPTY : view_of(at + by.len, rest->len - len - by.len);
	return len > 0 || at != NULL;
}

// Marks whether the text, or one of its pieces, is the member; *some when any says something.
static bool
text_has_member(struct runner *r, const struct value *v, struct view text, bool *found, bool *some)
{
	struct view rest = text, piece;

	while (v->separator.len > 0 ? next_text(&rest, v->separator, &piece) : rest.len > 0) {
		piece = v->separator.len > 0 ? piece : rest;
		rest = v->separator.len > 0 ? rest : VIEW_EMPTY;
		if (text_is_in(piece, v->empty_if)) {
			continue;
		}
		if (v->clean != 0 && piece.len > 0) {
			uint8_t *room = arena_alloc(r->arena, piece.len);

			if (room == NULL) {
				return run_out_of_memory(r);
			}
			piece = text_clean(piece, v->clean, room);
		}
		*some = *some || piece.len > 0;
		*found = *found || view_equal(piece, v->more->member);
	}
	return true;
}

bool
member_item(struct runner *r, const struct value *v, struct item *ret)
{
	const struct path *p = v->path;
	bool found = false, some = false;

	for (const struct index_node *n = path_first(p, r->ix, r->frames); n != NULL; n = path_next(p, r->ix, n)) {
		if (p->leaf->kind == KIND_ENUM) {
			some = true;
			found = found ||
			    number_decode(p->leaf->kind, n->bits) == number_decode(p->leaf->kind, v->more->member_bits);
		} else if (!text_has_member(r, v, index_bytes(r->ix, n), &found, &some)) {
			return false;
		}
	}
	ret->kind = some ? ITEM_BITS : ITEM_ABSENT;
	ret->bits = found;
	return true;
}

// SPDX-License-Identifier: Apache-2.0
// The verbs.
#include "map/run_int.h"

#include "base/crypto.h"
#include "map/text.h"

static bool
copy_item(struct runner *r, const struct value *v, struct item *ret)
{
	const struct index_node *n = path_node(v->path, r->ix, r->frames);

	return n == NULL || step_node(r, v, v->path->leaf, n, ret);
}

// The id is keyed with the rule set's secret over (vocabulary, sender, parts): equal in every mapping into one
// vocabulary, of no use to anybody
// who does not have the key. A part that is missing leaves no id, since every record without it would get the same one.
#define ID_BYTES 16
#define ID_FIXED_PARTS 2

static bool
id_item(struct runner *r, const struct value *v, struct item *ret)
{
	struct view *parts = arena_alloc(r->arena, (v->part_count + ID_FIXED_PARTS) * sizeof(*parts));
	uint8_t id[ID_BYTES];
	char *text = arena_alloc(r->arena, 2 * ID_BYTES);

	if (parts == NULL || text == NULL) {
		return run_out_of_memory(r);
	}
	parts[0] = r->plan->mapping->id_domain;
	parts[1] = view_text(r->env->sender);
	for (uint32_t i = 0; i < v->part_count; i++) {
		const struct index_node *n = path_node(v->parts[i], r->ix, r->frames);

		if (n == NULL) {
			return true;
		}
		if (!node_text(r, v->parts[i]->leaf, n, &parts[ID_FIXED_PARTS + i])) {
			return false;
		}
		if (parts[ID_FIXED_PARTS + i].len == 0) {
			return true;
		}
	}
	crypto_hash_parts(
	    id, sizeof(id), view_of(r->env->id_key, sizeof(r->env->id_key)), parts, v->part_count + ID_FIXED_PARTS);
	for (size_t i = 0; i < sizeof(id); i++) {
		text[2 * i] = "0123456789abcdef"[id[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
	}
	ret->kind = ITEM_TEXT;
	ret->text = view_of(text, 2 * ID_BYTES);
	return true;
}

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

// Parts that are absent, empty or one of empty_if are left out; blanks at their ends go first where trim is asked for.
static bool
join_item(struct runner *r, const struct value *v, struct item *ret)
{
	struct joined joined = {.data = NULL};

	for (uint32_t i = 0; i < v->part_count; i++) {
		const struct path *p = v->parts[i];

		for (const struct index_node *n = path_first(p, r->ix, r->frames); n != NULL;
		     n = path_next(p, r->ix, n)) {
			struct view text = VIEW_EMPTY;

			if (!node_text(r, p->leaf, n, &text)) {
				return false;
			}
			if (text_is_in(text, v->empty_if)) {
				continue;
			}
			text = (v->clean & CLEAN_TRIM) != 0 ? text_trim(text) : text;
			if (text.len > 0 && !join_part(r, v, &joined, text)) {
				return false;
			}
		}
	}
	return step_text(r, v, view_of(joined.data, joined.len), ret);
}

static bool
referral_item(struct runner *r, const struct value *v, struct item *ret)
{
	const struct index_node *n = path_node(v->path, r->ix, r->frames);
	struct view reference, id = VIEW_EMPTY;

	if (n == NULL) {
		return true;
	}
	if (!node_text(r, v->path->leaf, n, &reference)) {
		return false;
	}
	if (reference.len == 0) {
		return true;
	}
	if (r->env->referral_by == NULL || !r->env->referral_by(r->env->context, r->env->sender, reference, &id)) {
		return run_fault(r, REASON_REFERRAL_UNKNOWN, v);
	}
	ret->kind = ITEM_TEXT;
	ret->text = arena_copy(r->arena, id);
	return id.len == 0 || ret->text.data != NULL || run_out_of_memory(r);
}

static bool
now_item(struct runner *r, const struct value *v, struct item *ret)
{
	char text[25];

	if (v->target->kind != KIND_STRING) {
		ret->kind = ITEM_INSTANT;
		ret->bits = (uint64_t)r->env->recorded_wall_ms;
		return true;
	}
	wall_format(r->env->recorded_wall_ms, text);
	ret->kind = ITEM_TEXT;
	ret->text = arena_copy(r->arena, view_text(text));
	return ret->text.data != NULL || run_out_of_memory(r);
}

// The value of the first arm that matches; *ret NULL: absent. What no arm was made for, and what no enum knows,
// matches none.
static bool
choose_arm(struct runner *r, const struct value *v, const struct value **ret)
{
	for (uint32_t i = 0; i < v->arm_count; i++) {
		if (condition_decide(v->arms[i].when, r->ix, r->frames) == CONDITION_TRUE) {
			*ret = v->arms[i].value;
			return true;
		}
	}
	*ret = v->otherwise;
	return v->otherwise != NULL || v->otherwise_absent || run_fault(r, REASON_CHOOSE_NONE, v);
}

bool
value_item(struct runner *r, const struct value *v, struct item *ret)
{
	const struct value *chosen;
	bool good = true;

	item_clear(ret, v);
	switch (v->kind) {
	case CONF_VALUE_COPY:
		good = copy_item(r, v, ret);
		break;
	case CONF_VALUE_IS:
		ret->kind = v->target->kind == KIND_STRING ? ITEM_TEXT : ITEM_BITS;
		ret->text = v->text;
		ret->bits = v->bits;
		break;
	case CONF_VALUE_ID_FROM:
		good = id_item(r, v, ret);
		break;
	case CONF_VALUE_JOIN:
		good = join_item(r, v, ret);
		break;
	case CONF_VALUE_CHOOSE:
		return choose_arm(r, v, &chosen) && (chosen == NULL || value_item(r, chosen, ret));
	case CONF_VALUE_REFERRAL_BY:
		good = referral_item(r, v, ret);
		break;
	case CONF_VALUE_NOW:
		good = now_item(r, v, ret);
		break;
	case CONF_VALUE_SENDER:
		ret->kind = ITEM_TEXT;
		ret->text = view_text(r->env->sender);
		break;
	case CONF_VALUE_EACH:
		break; // an operation of its own
	}
	bool is_empty = ret->kind == ITEM_ABSENT || (ret->kind == ITEM_TEXT && ret->text.len == 0);

	return good && (!is_empty || v->if_empty == NULL || value_item(r, v->if_empty, ret));
}

// ---- repeated targets ---------------------------------------------------------------------------------------------

static bool
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

// A list in one cell: every piece goes through the steps by itself.
static bool
split_items(struct runner *r, const struct value *v, const struct index_node *n, struct items *list)
{
	struct view text = index_bytes(r->ix, n);
	bool more = true;

	while (more) {
		const uint8_t *at =
		    text.len == 0 ? NULL : memmem(text.data, text.len, v->separator.data, v->separator.len);
		size_t len = at == NULL ? text.len : (size_t)(at - text.data);
		struct item item;

		item_clear(&item, v);
		if (!step_text(r, v, view_of(text.data, len), &item) || !add_item(r, list, &item)) {
			return false;
		}
		more = at != NULL;
		text = more ? view_of(at + v->separator.len, text.len - len - v->separator.len) : VIEW_EMPTY;
	}
	return true;
}

static bool
copy_items(struct runner *r, const struct value *v, struct items *list)
{
	const struct path *p = v->path;

	for (const struct index_node *n = path_first(p, r->ix, r->frames); n != NULL; n = path_next(p, r->ix, n)) {
		struct item item;

		item_clear(&item, v);
		if (v->separator.len > 0) {
			if (!split_items(r, v, n, list)) {
				return false;
			}
		} else if (!step_node(r, v, p->leaf, n, &item) || !add_item(r, list, &item)) {
			return false;
		}
	}
	return list->count > 0 || v->if_empty == NULL || value_items(r, v->if_empty, list);
}

bool
value_items(struct runner *r, const struct value *v, struct items *list)
{
	const struct value *chosen;
	struct item item;

	if (v->kind == CONF_VALUE_COPY) {
		return copy_items(r, v, list);
	}
	if (v->kind == CONF_VALUE_CHOOSE) {
		return choose_arm(r, v, &chosen) && (chosen == NULL || value_items(r, chosen, list));
	}
	return value_item(r, v, &item) && add_item(r, list, &item);
}

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

// The id is keyed with the rule set's secret over (vocabulary, sender, parts): equal in every mapping into one vocabulary, of no use to anybody who
// does not have the key. A part that is missing leaves no id, since every record without it would get the same one.
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

// The value of the first arm that matches; *ret NULL: absent. What no arm was made for, and what no enum knows, matches none.
static bool
choose_arm(struct runner *r, const struct value *v, const struct value **ret)
{
	for (uint32_t i = 0; i < v->arm_count; i++) {
		const struct condition *when = v->arms[i].when;
		bool unheard_of;
		enum condition_result result = condition_answer(when, r->ix, r->frames, &r->ask, &unheard_of);

		if (result == CONDITION_TRUE) {
			*ret = v->arms[i].value;
			return true;
		}
		// What else has no answer decides nothing.
		if (result == CONDITION_ERROR && !unheard_of) {
			return run_fault(r, REASON_CONDITION_ERROR, v);
		}
	}
	*ret = v->otherwise;
	return v->otherwise != NULL || v->otherwise_absent || run_fault(r, REASON_CHOOSE_NONE, v);
}

bool
value_item(struct runner *r, const struct value *v, struct item *ret)
{
	const struct value *chosen;
	bool good = true, there = true;

	item_clear(ret, v);
	if (v->more != NULL && v->more->item != NULL && !enter_item(r, v, &there)) {
		return false;
	}
	switch (there ? v->kind : CONF_VALUE_EACH) {
	case CONF_VALUE_COPY:
		good = v->convert == CONVERT_MEMBER ? member_item(r, v, ret) : copy_item(r, v, ret);
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
		good = choose_arm(r, v, &chosen) && (chosen == NULL || value_item(r, chosen, ret));
		break;
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
	case CONF_VALUE_FIRST_OF:
		good = first_item(r, v, ret);
		break;
	case CONF_VALUE_FILL:
		good = fill_item(r, v, ret);
		break;
	case CONF_VALUE_LOOKUP:
		good = lookup_item(r, v, ret);
		break;
	case CONF_VALUE_CEL:
		good = cel_item(r, v, ret);
		break;
	case CONF_VALUE_EACH: // an operation of its own
	case CONF_VALUE_LIST_OF: // only for repeated targets
	case CONF_VALUE_FLAGS:
		break;
	}
	bool is_empty = ret->kind == ITEM_ABSENT || (ret->kind == ITEM_TEXT && ret->text.len == 0);

	return good && (!is_empty || v->if_empty == NULL || value_item(r, v->if_empty, ret));
}

// ---- repeated targets ---------------------------------------------------------------------------------------------

static bool
add_piece(struct runner *r, const struct value *v, struct view text, struct items *list)
{
	struct item item;

	item_clear(&item, v);
	return step_text(r, v, text, &item) && after_item(r, v, &item) && add_item(r, list, &item);
}

// A list in one cell: every piece goes through the steps by itself.
static bool
split_items(struct runner *r, const struct value *v, struct view text, struct items *list)
{
	bool more = true;

	while (more) {
		const uint8_t *at =
		    text.len == 0 ? NULL : memmem(text.data, text.len, v->separator.data, v->separator.len);
		size_t len = at == NULL ? text.len : (size_t)(at - text.data);

		if (!add_piece(r, v, view_of(text.data, len), list)) {
			return false;
		}
		more = at != NULL;
		text = more ? view_of(at + v->separator.len, text.len - len - v->separator.len) : VIEW_EMPTY;
	}
	return true;
}

// The texts that stand at a path inside JSON text, each through the steps that come after it.
static bool
json_items(struct runner *r, const struct value *v, struct view text, struct items *list)
{
	struct view *texts = NULL;
	struct item item;
	size_t count = 0;
	bool good = true;

	if (text.len == 0 || text_is_in(text, v->empty_if)) {
		return true;
	}
	if (!json_texts(r, v, text, &texts, &count, &good)) {
		return false;
	}
	item_clear(&item, v);
	if (!good) {
		return step_unknown(r, v, REASON_TEXT_FORM, text, &item) && add_item(r, list, &item);
	}
	for (size_t i = 0; i < count; i++) {
		item_clear(&item, v);
		if (!step_piece(r, v, texts[i], &item) || !after_item(r, v, &item) || !add_item(r, list, &item)) {
			return false;
		}
	}
	return true;
}

static bool
copy_items(struct runner *r, const struct value *v, struct items *list)
{
	const struct path *p = v->path;
	bool is_json = v->more != NULL && v->more->json.data != NULL;

	for (const struct index_node *n = path_first(p, r->ix, r->frames); n != NULL; n = path_next(p, r->ix, n)) {
		struct item item;
		bool good;

		item_clear(&item, v);
		if (v->separator.len > 0) {
			good = split_items(r, v, index_bytes(r->ix, n), list);
		} else if (is_json) {
			good = json_items(r, v, index_bytes(r->ix, n), list);
		} else {
			good = step_node(r, v, p->leaf, n, &item) && add_item(r, list, &item);
		}
		if (!good) {
			return false;
		}
	}
	return true;
}

static bool
all_items(struct runner *r, const struct value *v, struct items *list)
{
	const struct value *chosen;
	struct item item;
	bool there = true;

	if (v->more != NULL && v->more->item != NULL && (!enter_item(r, v, &there) || !there)) {
		return !there;
	}
	switch (v->kind) {
	case CONF_VALUE_COPY:
		return copy_items(r, v, list);
	case CONF_VALUE_LIST_OF:
		return list_items(r, v, list);
	case CONF_VALUE_FLAGS:
		return flag_items(r, v, list);
	case CONF_VALUE_CEL:
		return cel_items(r, v, list);
	case CONF_VALUE_CHOOSE:
		return choose_arm(r, v, &chosen) && (chosen == NULL || value_items(r, chosen, list));
	default:
		return value_item(r, v, &item) && add_item(r, list, &item);
	}
}

bool
value_items(struct runner *r, const struct value *v, struct items *list)
{
	size_t before = list->count;

	if (!all_items(r, v, list) || !order_items(r, v, list)) {
		return false;
	}
	return list->count > before || v->if_empty == NULL || value_items(r, v->if_empty, list);
}

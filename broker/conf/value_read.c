// SPDX-License-Identifier: Apache-2.0
// Forms of a value that no row of a table can say: arms of a choice, pairs, values inside values.
#include "conf/value.h"

void
value_read_arms(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_value *value = &((struct value_draft *)dst)->value;

	if (node->kind != YAML_LIST || node->count == 0) {
		bind_wrong_form(b, node, "a list of arms: - {when: {field: VALUE}, is: VALUE}");
		return;
	}
	value->arms = bind_array(b, node->count, sizeof(*value->arms));
	for (const struct yaml_node *item = node->first; item != NULL && value->arms != NULL; item = item->next) {
		if (item->kind != YAML_MAP) {
			bind_wrong_form(b, item, "{when: {field: VALUE}, is: VALUE}");
			continue;
		}
		struct value_draft *draft = bind_array(b, 1, sizeof(*draft));

		if (draft != NULL) {
			bind_object(b, item, &conf_arm_object, draft);
			value->arms[value->arm_count++] = (struct conf_choose_arm){.where = draft->value.where,
			    .when = draft->when,
			    .value = &draft->value,
			    .because = draft->because};
		}
	}
}

const char *const value_otherwise_words[] = {"hold", "absent", NULL};
const char *const value_unknown_words[] = {
    [CONF_UNKNOWN_HOLD] = "hold", [CONF_UNKNOWN_ABSENT] = "absent", [CONF_UNKNOWN_KEEP] = "keep", NULL};

// A word that is none of them is most likely a value that was meant, and was written without `is`.
static bool
check_word_or_value(struct binder *b, const struct yaml_node *node, const char *const *words)
{
	size_t count = 0;

	for (; words[count] != NULL; count++) {
		if (strcmp(words[count], node->text) == 0) {
			return true;
		}
	}
	const char *hint = nearest_name(node->text, words, count);
	struct buf all = BUF_EMPTY, value = BUF_EMPTY;

	bind_put_words(&all, words);
	buf_printf(&value, "{is: %s}", node->text);
	findings_add(b->findings, E0106, node->where, hint != NULL ? hint : buf_cstr(&value),
	    "%s is one of: %s, or {is: VALUE}", node->key, buf_cstr(&all));
	buf_fini(&all);
	buf_fini(&value);
	return false;
}

void
value_read_otherwise(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_value *value = &((struct value_draft *)dst)->value;

	value->otherwise_where = bind_where(b, node->where);
	if (node->kind == YAML_MAP) {
		value->otherwise = conf_value_read(b, node);
	} else if (node->kind != YAML_SCALAR || yaml_is_nothing(node)) {
		bind_wrong_form(b, node, "hold, absent, or {is: VALUE}");
	} else if (check_word_or_value(b, node, value_otherwise_words)) {
		value->otherwise_hold = strcmp(node->text, "hold") == 0;
		value->otherwise_absent = !value->otherwise_hold;
	}
}

void
value_read_unknown(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_value *value = &((struct value_draft *)dst)->value;

	value->if_unknown_where = bind_where(b, node->where);
	if (node->kind == YAML_MAP) {
		value->if_unknown = CONF_UNKNOWN_VALUE;
		value->unknown_value = conf_value_read(b, node);
	} else if (node->kind != YAML_SCALAR || yaml_is_nothing(node)) {
		bind_wrong_form(b, node, "hold, absent, keep, or {is: VALUE}");
	} else if (check_word_or_value(b, node, value_unknown_words)) {
		for (unsigned i = 0; value_unknown_words[i] != NULL; i++) {
			value->if_unknown =
			    strcmp(value_unknown_words[i], node->text) == 0 ? (enum conf_unknown)i : value->if_unknown;
		}
	}
}

void
value_read_inner(struct binder *b, const struct yaml_node *node, void *dst)
{
	const struct conf_value **value = dst;

	*value = conf_value_read(b, node);
}

void
value_read_set(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_value *value = &((struct value_draft *)dst)->value;

	conf_lines_read(b, node, &value->set, &value->set_count);
}

// {name: value}; read makes the value of one entry.
static void
read_pairs(struct binder *b, const struct yaml_node *node, struct conf_value *value, const char *help,
    const struct conf_value *(*read)(struct binder *, const struct yaml_node *))
{
	if (node->kind != YAML_MAP || node->count == 0) {
		bind_wrong_form(b, node, help);
		return;
	}
	value->pairs = bind_array(b, node->count, sizeof(*value->pairs));
	for (const struct yaml_node *item = node->first; item != NULL && value->pairs != NULL; item = item->next) {
		const struct conf_value *one = read(b, item);

		if (one != NULL) {
			value->pairs[value->pair_count++] =
			    (struct conf_named_value){.name = bind_key(b, item), .value = one};
		}
	}
}

static const struct conf_value *
read_code(struct binder *b, const struct yaml_node *node)
{
	struct conf_text code = bind_text(b, node, "the code that this field stands for");
	struct conf_value *value = code.text == NULL ? NULL : bind_array(b, 1, sizeof(*value));

	if (value != NULL) {
		*value = (struct conf_value){.kind = CONF_VALUE_IS, .where = code.where, .literal = code};
	}
	return value;
}

void
value_read_flags(struct binder *b, const struct yaml_node *node, void *dst)
{
	read_pairs(b, node, &((struct value_draft *)dst)->value, "{source_field: CODE, other_field: CODE}", read_code);
}

void
value_read_match(struct binder *b, const struct yaml_node *node, void *dst)
{
	read_pairs(b, node, &((struct value_draft *)dst)->value, "{column: source_field}", conf_value_read);
}

void
value_read_aliases(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_value *value = &((struct value_draft *)dst)->value;

	if (node->kind != YAML_MAP || node->count == 0) {
		bind_wrong_form(b, node, "{VALUE: [SPELLING, SPELLING]}");
		return;
	}
	value->aliases = bind_array(b, node->count, sizeof(*value->aliases));
	for (const struct yaml_node *item = node->first; item != NULL && value->aliases != NULL; item = item->next) {
		value->aliases[value->alias_count++] = (struct conf_alias){
		    .value = bind_key(b, item), .spellings = bind_list(b, item, "spellings of this value")};
	}
}

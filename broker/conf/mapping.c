// SPDX-License-Identifier: Apache-2.0
// Mappings. A value is one verb (copy, is, id_from, ...) with the steps that go with it; which goes with which is a
// table.
//
// A bare word is always a source field and a literal is always behind `is`, so there is nothing to guess here.
// Whether a path or a table exists is not known in this layer.
#include "conf/conf.h"

#include "conf/kinds.h"

// What is bound from one map: a value, and where it is an arm of a choice also its condition and reason.
struct value_draft {
	struct conf_value value;
	struct conf_condition when;
	struct conf_text because;
};

static const struct conf_value *read_value(struct binder *b, const struct yaml_node *node);
static void read_arms(struct binder *b, const struct yaml_node *node, void *dst);
static void read_otherwise(struct binder *b, const struct yaml_node *node, void *dst);
static void read_if_empty(struct binder *b, const struct yaml_node *node, void *dst);
static void read_inner_set(struct binder *b, const struct yaml_node *node, void *dst);
static void check_value(struct binder *b, const struct yaml_node *map, void *dst);

static const char *const clean_words[] = {
    "trim", "upper", "lower", "name_case", "collapse_spaces", "digits_only", "strip_accents", NULL};
static const char *const now_words[] = {"recorded", NULL};
static const char *const sender_words[] = {"agency", NULL};

#define VALUE(member) BIND_AT(value_draft, value.member)

static const struct bind_object value_object, arm_object;

#define ARM_ONLY 2 // the first rows are for arms alone

// clang-format off
static const struct bind_field value_fields[] = {
	{.key = "when", .type = BIND_CUSTOM, .is_required = true, BIND_AT(value_draft, when), .read = bind_condition,
	    .help = "the condition of this arm: {field: VALUE}; all must hold, a list means any of"},
	{.key = "because", .type = BIND_TEXT, BIND_AT(value_draft, because),
	    .help = "the rule or article that this arm follows, in quotes"},
	{.key = "from", .type = BIND_TEXT, VALUE(from), .help = "the source field to take the value from"},
	{.key = "is", .type = BIND_ANY_TEXT, VALUE(literal), .help = "the value itself, as a word or in quotes"},
	{.key = "id_from", .type = BIND_LIST, VALUE(paths),
	    .help = "source fields of which a keyed id is made, not reversible"},
	{.key = "join", .type = BIND_LIST, VALUE(paths),
	    .help = "source fields to put together; empty ones are left out"},
	{.key = "with", .type = BIND_ANY_TEXT, VALUE(with),
	    .help = "what stands between joined parts; one blank when absent"},
	{.key = "choose", .type = BIND_CUSTOM, .object = &arm_object, .read = read_arms,
	    .help = "a list of arms {when: {...}, is: VALUE}; the first that matches decides"},
	{.key = "otherwise", .type = BIND_CUSTOM, .object = &value_object, .read = read_otherwise,
	    .help = "when no arm matches: hold, absent, or a value such as {is: VALUE}"},
	{.key = "each", .type = BIND_TEXT, VALUE(from),
	    .help = "the repeated source field of which every item is translated"},
	{.key = "called", .type = BIND_NAME, VALUE(called),
	    .help = "the name of the item at hand, for the paths inside set"},
	{.key = "set", .type = BIND_CUSTOM, .object = &value_object, .read = read_inner_set,
	    .help = "target field: value, for every item"},
	{.key = "referral_by", .type = BIND_TEXT, VALUE(from),
	    .help = "the source field with the sender's own number of the referral"},
	{.key = "now", .type = BIND_WORD, VALUE(literal), .words = now_words,
	    .help = "recorded: when the broker wrote the event down"},
	{.key = "sender", .type = BIND_WORD, VALUE(literal), .words = sender_words,
	    .help = "agency: who sent the event"},
	{.key = "empty_if", .type = BIND_LIST, VALUE(empty_if),
	    .help = "texts that mean nothing was said, as [\"SIN DATO\"]"},
	{.key = "clean", .type = BIND_WORDS, VALUE(clean), .words = clean_words,
	    .help = "in this order: trim, upper, lower, name_case, collapse_spaces, digits_only, strip_accents"},
	{.key = "table", .type = BIND_NAME, VALUE(table), .help = "the code table (codes/) that translates it"},
	{.key = "date", .type = BIND_TEXT, VALUE(date),
	    .help = "how the date is written: dd/mm/aaaa, aaaa-mm-dd HH:mi, ..."},
	{.key = "dates", .type = BIND_LIST, VALUE(dates),
	    .help = "several ways in which the date may be written, tried in order"},
	{.key = "true_if", .type = BIND_LIST, VALUE(true_if), .help = "texts that mean yes"},
	{.key = "false_if", .type = BIND_LIST, VALUE(false_if), .help = "texts that mean no"},
	{.key = "if_empty", .type = BIND_CUSTOM, VALUE(if_empty), .object = &value_object, .read = read_if_empty,
	    .help = "what to set when nothing came, as {is: VALUE}; without it the field stays absent"},
};
// clang-format on

static const struct bind_object value_object = {
    .name = "value",
    .fields = value_fields + ARM_ONLY,
    .field_count = EN_COUNT_OF(value_fields) - ARM_ONLY,
    .size = sizeof(struct value_draft),
    .where_offset = offsetof(struct value_draft, value.where),
    .check = check_value,
};
static const struct bind_object arm_object = {
    .name = "arm",
    .fields = value_fields,
    .field_count = EN_COUNT_OF(value_fields),
    .size = sizeof(struct value_draft),
    .where_offset = offsetof(struct value_draft, value.where),
    .check = check_value,
};

#define BIT(kind) (1U << (kind))

static const struct {
	const char *key;
	enum conf_value_kind kind;
} verbs[] = {
    {"from", CONF_VALUE_COPY},
    {"is", CONF_VALUE_IS},
    {"id_from", CONF_VALUE_ID_FROM},
    {"join", CONF_VALUE_JOIN},
    {"choose", CONF_VALUE_CHOOSE},
    {"each", CONF_VALUE_EACH},
    {"referral_by", CONF_VALUE_REFERRAL_BY},
    {"now", CONF_VALUE_NOW},
    {"sender", CONF_VALUE_SENDER},
};

// Which verbs a step goes with, and which of the three conversions it is: a value is converted once.
static const struct {
	const char *key;
	unsigned verbs;
	enum { NO_CONVERSION, BY_TABLE, BY_DATE, BY_TRUTH } conversion;
} steps[] = {
    {"with", BIT(CONF_VALUE_JOIN), NO_CONVERSION},
    {"otherwise", BIT(CONF_VALUE_CHOOSE), NO_CONVERSION},
    {"called", BIT(CONF_VALUE_EACH), NO_CONVERSION},
    {"set", BIT(CONF_VALUE_EACH), NO_CONVERSION},
    {"empty_if", BIT(CONF_VALUE_COPY) | BIT(CONF_VALUE_JOIN), NO_CONVERSION},
    {"clean", BIT(CONF_VALUE_COPY) | BIT(CONF_VALUE_JOIN), NO_CONVERSION},
    {"table", BIT(CONF_VALUE_COPY) | BIT(CONF_VALUE_JOIN), BY_TABLE},
    {"date", BIT(CONF_VALUE_COPY) | BIT(CONF_VALUE_JOIN), BY_DATE},
    {"dates", BIT(CONF_VALUE_COPY) | BIT(CONF_VALUE_JOIN), BY_DATE},
    {"true_if", BIT(CONF_VALUE_COPY), BY_TRUTH},
    {"false_if", BIT(CONF_VALUE_COPY), BY_TRUTH},
    {"if_empty", BIT(CONF_VALUE_COPY) | BIT(CONF_VALUE_JOIN) | BIT(CONF_VALUE_REFERRAL_BY), NO_CONVERSION},
};

static void
not_together(struct binder *b, const struct yaml_node *node, const char *other)
{
	findings_add(b->findings, E0115, node->key_where, NULL, "%s and %s", other, node->key);
}

// Whether every key is one of a value's. If not, the verb that seems to be missing is most likely the key that was
// misspelt.
static bool
all_known(const struct yaml_node *map)
{
	for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
		size_t i = 0;

		while (i < EN_COUNT_OF(value_fields) && strcmp(value_fields[i].key, node->key) != 0) {
			i++;
		}
		if (i == EN_COUNT_OF(value_fields)) {
			return false;
		}
	}
	return true;
}

// The one verb of the map; NULL when there is none or more than one, which is told.
static const struct yaml_node *
find_verb(struct binder *b, const struct yaml_node *map, enum conf_value_kind *ret_kind)
{
	const struct yaml_node *found = NULL;

	for (size_t i = 0; i < EN_COUNT_OF(verbs); i++) {
		const struct yaml_node *node = yaml_get(map, verbs[i].key);

		if (node == NULL) {
			continue;
		}
		if (found != NULL) {
			not_together(b, node, found->key);
			return NULL;
		}
		found = node;
		*ret_kind = verbs[i].kind;
	}
	if (found == NULL && all_known(map)) {
		findings_add(b->findings, E0105, map->where,
		    "one of: from, is, id_from, join, choose, each, referral_by, now, sender",
		    "where the value comes from");
	}
	return found;
}

static void
check_steps(struct binder *b, const struct yaml_node *map, const struct yaml_node *verb, enum conf_value_kind kind)
{
	const char *converted_by = NULL;
	int conversion = NO_CONVERSION;

	for (size_t i = 0; i < EN_COUNT_OF(steps); i++) {
		const struct yaml_node *node = yaml_get(map, steps[i].key);

		if (node == NULL) {
			continue;
		}
		if ((steps[i].verbs & BIT(kind)) == 0) {
			not_together(b, node, verb->key);
		} else if (steps[i].conversion != NO_CONVERSION) {
			if (conversion != NO_CONVERSION && conversion != (int)steps[i].conversion) {
				not_together(b, node, converted_by);
			}
			conversion = (int)steps[i].conversion;
			converted_by = node->key;
		}
	}
	if (yaml_get(map, "date") != NULL && yaml_get(map, "dates") != NULL) {
		not_together(b, yaml_get(map, "dates"), "date");
	}
}

static void
check_each(struct binder *b, const struct yaml_node *map)
{
	static const char *const needed[] = {"called", "set"};

	for (size_t i = 0; i < EN_COUNT_OF(needed); i++) {
		if (yaml_get(map, needed[i]) == NULL) {
			findings_add(
			    b->findings, E0105, map->where, "{each: items, called: item, set: {...}}", "%s", needed[i]);
		}
	}
}

static void
check_value(struct binder *b, const struct yaml_node *map, void *dst)
{
	struct value_draft *draft = dst;
	const struct yaml_node *verb = find_verb(b, map, &draft->value.kind);

	if (verb == NULL) {
		return;
	}
	check_steps(b, map, verb, draft->value.kind);
	if (draft->value.kind == CONF_VALUE_EACH) {
		check_each(b, map);
	}
	if (draft->value.kind == CONF_VALUE_JOIN && draft->value.with.text == NULL) {
		draft->value.with.text = " ";
	}
}

static struct value_draft *
read_draft(struct binder *b, const struct yaml_node *node, const struct bind_object *object)
{
	struct value_draft *draft = bind_array(b, 1, sizeof(*draft));

	if (draft != NULL) {
		bind_object(b, node, object, draft);
	}
	return draft;
}

// NULL when it could not be read, which a finding or b->err tells.
static const struct conf_value *
read_value(struct binder *b, const struct yaml_node *node)
{
	static const char help[] = "a source field, or {is: VALUE}, {from: field, table: NAME}, ...";

	if (node->kind == YAML_MAP && node->count > 0) {
		struct value_draft *draft = read_draft(b, node, &value_object);

		return draft == NULL ? NULL : &draft->value;
	}
	struct conf_text path = bind_text(b, node, help);

	if (path.text == NULL) {
		return NULL;
	}
	struct conf_value *value = bind_array(b, 1, sizeof(*value));

	if (value != NULL) {
		value->kind = CONF_VALUE_COPY;
		value->where = path.where;
		value->from = path;
	}
	return value;
}

// The readers below get the start of the draft as dst: they fill more than one member of it.
static void
read_arms(struct binder *b, const struct yaml_node *node, void *dst)
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
		struct value_draft *draft = read_draft(b, item, &arm_object);

		if (draft != NULL) {
			value->arms[value->arm_count++] = (struct conf_choose_arm){.where = draft->value.where,
			    .when = draft->when,
			    .value = &draft->value,
			    .because = draft->because};
		}
	}
}

static void
read_otherwise(struct binder *b, const struct yaml_node *node, void *dst)
{
	static const char *const words[] = {"hold", "absent", NULL};
	struct conf_value *value = &((struct value_draft *)dst)->value;

	value->otherwise_where = bind_where(b, node->where);
	if (node->kind == YAML_MAP) {
		value->otherwise = read_value(b, node);
	} else if (node->kind != YAML_SCALAR || yaml_is_nothing(node)) {
		bind_wrong_form(b, node, "hold, absent, or {is: VALUE}");
	} else if (bind_check_word(b, node, words)) {
		value->otherwise_hold = strcmp(node->text, "hold") == 0;
		value->otherwise_absent = !value->otherwise_hold;
	}
}

static void
read_if_empty(struct binder *b, const struct yaml_node *node, void *dst)
{
	const struct conf_value **value = dst;

	*value = read_value(b, node);
}

static void
read_lines(struct binder *b, const struct yaml_node *node, struct conf_set_line **ret, size_t *ret_count)
{
	if (node->kind != YAML_MAP || node->count == 0) {
		bind_wrong_form(b, node, "{target.field: source_field, other: {is: VALUE}}");
		return;
	}
	*ret = bind_array(b, node->count, sizeof(**ret));
	for (const struct yaml_node *line = node->first; line != NULL && *ret != NULL; line = line->next) {
		const struct conf_value *value = read_value(b, line);

		if (value != NULL) {
			(*ret)[(*ret_count)++] = (struct conf_set_line){.target = bind_key(b, line), .value = value};
		}
	}
}

static void
read_inner_set(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_value *value = &((struct value_draft *)dst)->value;

	read_lines(b, node, &value->set, &value->set_count);
}

static void
read_set(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_mapping *mapping = dst;

	read_lines(b, node, &mapping->set, &mapping->set_count);
}

// Every unused field has its reason: it is the reason that a data officer reads.
static void
read_unused(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_mapping *mapping = dst;

	if (node->kind != YAML_MAP) {
		bind_wrong_form(b, node, "{source_field: \"why it is not used\"}");
		return;
	}
	mapping->unused = bind_array(b, node->count, sizeof(*mapping->unused));
	for (const struct yaml_node *line = node->first; line != NULL && mapping->unused != NULL; line = line->next) {
		struct conf_text reason = bind_text(b, line, "why it is not used, in quotes");
		struct conf_value *value = reason.text == NULL ? NULL : bind_array(b, 1, sizeof(*value));

		if (value != NULL) {
			*value = (struct conf_value){.kind = CONF_VALUE_IS, .where = reason.where, .literal = reason};
			mapping->unused[mapping->unused_count++] =
			    (struct conf_set_line){.target = bind_key(b, line), .value = value};
		}
	}
}

// clang-format off
static const struct bind_field split_fields[] = {
	{.key = "item_of", .type = BIND_TEXT, .is_required = true, BIND_AT(conf_mapping, one_event_per),
	    .help = "the repeated source field: one event for each of its items"},
	{.key = "called", .type = BIND_NAME, .is_required = true, BIND_AT(conf_mapping, one_event_called),
	    .help = "the name of the item at hand, for the paths in set"},
};
static const struct bind_object split_object = {
	.name = "one_event_per", .fields = split_fields, .field_count = EN_COUNT_OF(split_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field fields[] = {
	{.key = "mapping", .type = BIND_NAME, .is_required = true, BIND_AT(conf_mapping, name),
	    .help = "the name of this mapping"},
	{.key = "from", .type = BIND_NAME, .is_required = true, BIND_AT(conf_mapping, from),
	    .help = "the source message type, as inm.v1.Acta"},
	{.key = "to", .type = BIND_NAME, .is_required = true, BIND_AT(conf_mapping, to),
	    .help = "the target message type, as enlace.v1.Referral"},
	{.key = "owner", .type = BIND_TEXT, BIND_AT(conf_mapping, owner),
	    .help = "who answers for it: an agency and its department"},
	{.key = "when", .type = BIND_CUSTOM, BIND_AT(conf_mapping, when), .read = bind_condition,
	    .help = "which inputs it takes: {field: VALUE}; without it all of its type"},
	{.key = "one_event_per", .type = BIND_OBJECT, .object = &split_object,
	    .help = "{item_of: field, called: name}: one event for each item of a repeated field"},
	{.key = "set", .type = BIND_CUSTOM, .is_required = true, .object = &value_object, .read = read_set,
	    .help = "target field: value, one in a line"},
	{.key = "unused", .type = BIND_CUSTOM, .read = read_unused, .help = "source field: \"why it is not used\""},
};
// clang-format on

const struct bind_object conf_mapping_object = {
    .name = "mapping",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct conf_mapping),
    .where_offset = BIND_NO_WHERE,
};

enum en_err
conf_mapping_parse(
    struct view text, const char *path, struct arena *arena, struct findings *findings, struct conf_mapping **ret)
{
	void *mapping = NULL;
	enum en_err err = conf_kind_parse(CONF_MAPPING, text, path, arena, findings, &mapping);

	if (err == EN_OK) {
		*ret = mapping;
	}
	return err;
}

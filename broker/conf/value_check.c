// SPDX-License-Identifier: Apache-2.0
// What goes together in one value: one verb, only its steps, one conversion.
#include "conf/value.h"

#define BIT(kind) (1U << (kind))

// In the order in which they are told.
const char *const value_verbs[] = {
    [CONF_VALUE_COPY] = "from",
    [CONF_VALUE_IS] = "is",
    [CONF_VALUE_ID_FROM] = "id_from",
    [CONF_VALUE_FIRST_OF] = "first_of",
    [CONF_VALUE_JOIN] = "join",
    [CONF_VALUE_FILL] = "fill",
    [CONF_VALUE_LIST_OF] = "list_of",
    [CONF_VALUE_FLAGS] = "flags",
    [CONF_VALUE_LOOKUP] = "lookup",
    [CONF_VALUE_CHOOSE] = "choose",
    [CONF_VALUE_EACH] = "each",
    [CONF_VALUE_REFERRAL_BY] = "referral_by",
    [CONF_VALUE_NOW] = "now",
    [CONF_VALUE_SENDER] = "sender",
    [CONF_VALUE_CEL] = "cel",
    NULL,
};

// One text each; one text or a list of them; an item of a repeated message may stand behind them.
#define ONE                                                                                                            \
	(BIT(CONF_VALUE_COPY) | BIT(CONF_VALUE_JOIN) | BIT(CONF_VALUE_FIRST_OF) | BIT(CONF_VALUE_FILL) |               \
	    BIT(CONF_VALUE_LOOKUP))
#define ANY (ONE | BIT(CONF_VALUE_LIST_OF))
#define OF_ITEM (ONE | BIT(CONF_VALUE_ID_FROM) | BIT(CONF_VALUE_CHOOSE))
#define LINE (~0U)

enum conversion { NO_CONVERSION, BY_TABLE, BY_DATE, BY_TRUTH, BY_MEMBER, BY_AGE, BY_NUMBER, BY_PHONE, BY_GEO };

// Which verbs a step goes with, which of the conversions it is (a value is converted once), and what it needs beside it.
static const struct {
	const char *key;
	unsigned verbs;
	enum conversion conversion;
	const char *needs;
} steps[] = {
    {"with", BIT(CONF_VALUE_JOIN), NO_CONVERSION, NULL},
    {"reversible", BIT(CONF_VALUE_JOIN) | BIT(CONF_VALUE_FILL), NO_CONVERSION, NULL},
    {"match", BIT(CONF_VALUE_LOOKUP), NO_CONVERSION, NULL},
    {"take", BIT(CONF_VALUE_LOOKUP), NO_CONVERSION, NULL},
    {"ancestor", BIT(CONF_VALUE_LOOKUP), NO_CONVERSION, NULL},
    {"expect", BIT(CONF_VALUE_LOOKUP), NO_CONVERSION, NULL},
    {"otherwise", BIT(CONF_VALUE_CHOOSE), NO_CONVERSION, NULL},
    {"set", BIT(CONF_VALUE_EACH), NO_CONVERSION, NULL},
    {"group_by", BIT(CONF_VALUE_EACH), NO_CONVERSION, NULL},
    {"all_called", BIT(CONF_VALUE_EACH), NO_CONVERSION, NULL},
    {"item_of", OF_ITEM, NO_CONVERSION, "called"},
    {"called", OF_ITEM | BIT(CONF_VALUE_EACH), NO_CONVERSION, "item_of"},
    {"where", OF_ITEM | BIT(CONF_VALUE_EACH), NO_CONVERSION, "item_of"},
    {"sort_by", OF_ITEM | BIT(CONF_VALUE_EACH), NO_CONVERSION, "item_of"},
    {"only", OF_ITEM, NO_CONVERSION, "item_of"},
    {"empty_if", ANY | BIT(CONF_VALUE_FLAGS), NO_CONVERSION, NULL},
    {"split", BIT(CONF_VALUE_COPY), NO_CONVERSION, NULL},
    {"json", ONE, NO_CONVERSION, NULL},
    {"clean", ANY, NO_CONVERSION, NULL},
    {"aliases", ANY, NO_CONVERSION, NULL},
    {"strip_prefix", ANY, NO_CONVERSION, NULL},
    {"strip_suffix", ANY, NO_CONVERSION, NULL},
    {"pattern", ANY, NO_CONVERSION, "part"},
    {"part", ANY, NO_CONVERSION, "pattern"},
    {"extract", ANY, NO_CONVERSION, NULL},
    {"first_characters", ANY, NO_CONVERSION, NULL},
    {"last_characters", ANY, NO_CONVERSION, NULL},
    {"pad_left", ANY, NO_CONVERSION, NULL},
    {"matches", ANY, NO_CONVERSION, NULL},
    {"name_part", ONE, NO_CONVERSION, "name_order"},
    {"name_order", ONE, NO_CONVERSION, "name_part"},
    {"table", ANY, BY_TABLE, NULL},
    {"direction", ANY, NO_CONVERSION, "table"},
    {"date", ANY, BY_DATE, NULL},
    {"dates", ANY, BY_DATE, NULL},
    {"years_from", ANY, NO_CONVERSION, NULL},
    {"age_at", ONE, NO_CONVERSION, NULL},
    {"born_at", ONE, BY_AGE, NULL},
    {"true_if", ONE | BIT(CONF_VALUE_FLAGS), BY_TRUTH, NULL},
    {"false_if", ONE | BIT(CONF_VALUE_FLAGS), BY_TRUTH, NULL},
    {"contains", BIT(CONF_VALUE_COPY), BY_MEMBER, NULL},
    {"number", ANY, BY_NUMBER, NULL},
    {"times", ANY, NO_CONVERSION, "number"},
    {"decimals", ANY, NO_CONVERSION, "number"},
    {"phone", ANY, BY_PHONE, NULL},
    {"country", ANY, NO_CONVERSION, "phone"},
    {"geo", ONE, BY_GEO, "geo_as"},
    {"geo_as", ONE, NO_CONVERSION, "geo"},
    {"between", ANY, NO_CONVERSION, NULL},
    {"coarsen", ONE, NO_CONVERSION, NULL},
    {"bands", ONE, NO_CONVERSION, "coarsen"},
    {"more_than", ANY, NO_CONVERSION, NULL},
    {"prefix", ANY, NO_CONVERSION, NULL},
    {"suffix", ANY, NO_CONVERSION, NULL},
    {"list", BIT(CONF_VALUE_COPY) | BIT(CONF_VALUE_LIST_OF) | BIT(CONF_VALUE_FLAGS) | BIT(CONF_VALUE_JOIN),
	NO_CONVERSION, NULL},
    {"if_unknown", ANY | BIT(CONF_VALUE_FLAGS), NO_CONVERSION, NULL},
    {"if_empty", OF_ITEM | ANY | BIT(CONF_VALUE_CEL) | BIT(CONF_VALUE_FLAGS) | BIT(CONF_VALUE_REFERRAL_BY),
	NO_CONVERSION, NULL},
    {"required", LINE, NO_CONVERSION, NULL},
    {"required_if", LINE, NO_CONVERSION, NULL},
    {"only_on", LINE, NO_CONVERSION, NULL},
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
		if (!conf_value_has_key(node->key)) {
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

	for (size_t i = 0; value_verbs[i] != NULL; i++) {
		const struct yaml_node *node = yaml_get(map, value_verbs[i]);

		if (node == NULL) {
			continue;
		}
		if (found != NULL) {
			not_together(b, node, found->key);
			return NULL;
		}
		found = node;
		*ret_kind = (enum conf_value_kind)i;
	}
	if (found == NULL && all_known(map)) {
		struct buf names = BUF_EMPTY, hint = BUF_EMPTY;

		bind_put_words(&names, value_verbs);
		buf_printf(&hint, findings_say(b->findings, "one of: %s"), buf_cstr(&names));
		findings_add(b->findings, E0105, map->where, buf_cstr(&hint), "where the value comes from");
		buf_fini(&hint);
		buf_fini(&names);
	}
	return found;
}

static void
missing(struct binder *b, const struct yaml_node *map, const char *help, const char *key)
{
	findings_add(b->findings, E0105, map->where, help, "%s", key);
}

static void
check_steps(struct binder *b, const struct yaml_node *map, const struct yaml_node *verb, enum conf_value_kind kind)
{
	const char *converted_by = NULL;
	enum conversion conversion = NO_CONVERSION;

	for (size_t i = 0; i < EN_COUNT_OF(steps); i++) {
		const struct yaml_node *node = yaml_get(map, steps[i].key);

		if (node == NULL) {
			continue;
		}
		if ((steps[i].verbs & BIT(kind)) == 0) {
			not_together(b, node, verb->key);
			continue;
		}
		// An `each` has items of its own.
		if (steps[i].needs != NULL && kind != CONF_VALUE_EACH && yaml_get(map, steps[i].needs) == NULL) {
			missing(b, map, NULL, steps[i].needs);
		}
		if (steps[i].conversion != NO_CONVERSION) {
			if (conversion != NO_CONVERSION && conversion != steps[i].conversion) {
				not_together(b, node, converted_by);
			}
			conversion = steps[i].conversion;
			converted_by = node->key;
		}
	}
	if (yaml_get(map, "date") != NULL && yaml_get(map, "dates") != NULL) {
		not_together(b, yaml_get(map, "dates"), "date");
	}
	if (yaml_get(map, "years_from") != NULL && yaml_get(map, "date") == NULL && yaml_get(map, "dates") == NULL) {
		missing(b, map, "date: dd/mm/aa", "date");
	}
}

static void
check_needed(struct binder *b, const struct yaml_node *map, const char *const *keys, const char *help)
{
	for (size_t i = 0; keys[i] != NULL; i++) {
		if (yaml_get(map, keys[i]) == NULL) {
			missing(b, map, help, keys[i]);
		}
	}
}

void
value_check(struct binder *b, const struct yaml_node *map, void *dst)
{
	static const char *const of_each[] = {"called", "set", NULL}, *const of_lookup[] = {"match", "take", NULL},
				 *const of_flags[] = {"true_if", NULL};
	struct value_draft *draft = dst;
	const struct yaml_node *verb = find_verb(b, map, &draft->value.kind);

	if (verb == NULL) {
		return;
	}
	check_steps(b, map, verb, draft->value.kind);
	if (draft->value.kind == CONF_VALUE_EACH) {
		check_needed(b, map, of_each, "{each: items, called: item, set: {...}}");
		if (draft->value.all_called.text != NULL && draft->value.group_by == NULL) {
			missing(b, map, NULL, "group_by");
		}
	} else if (draft->value.kind == CONF_VALUE_LOOKUP) {
		check_needed(b, map, of_lookup, "{lookup: TABLE, match: {column: field}, take: column}");
	} else if (draft->value.kind == CONF_VALUE_FLAGS) {
		check_needed(b, map, of_flags, "{flags: {field: CODE}, true_if: [S], false_if: [N]}");
	}
	if (draft->value.kind == CONF_VALUE_JOIN && draft->value.with.text == NULL) {
		draft->value.with.text = " ";
	}
}

// SPDX-License-Identifier: Apache-2.0
// The keys of a line, one row each, in the order in which they take effect. A bare word is always a source field and a
// literal is always behind `is`; what a step compares with or writes (empty_if, prefix, ...) is text as it stands.
// Whether a path or a table exists is not known in this layer.
#include "conf/value.h"

#include "base/limits.h"

static const char *const clean_words[] = {"strip_html", "unescape", "trim", "upper", "lower", "name_case",
    "collapse_spaces", "digits_only", "strip_accents", "compose", "strip_zeros", NULL};
static const char *const now_words[] = {"recorded", NULL};
static const char *const sender_words[] = {"agency", NULL};
static const char *const expect_words[] = {"one", "first", NULL};
static const char *const pick_words[] = {"one", "first", "last", NULL};
static const char *const name_words[] = {"given_names", "surname_1", "surname_2", "surnames", NULL};
static const char *const order_words[] = {"given_first", "surnames_first", "surnames_comma", "last_word", NULL};
static const char *const direction_words[] = {"forward", "backward", NULL};
static const char *const geo_words[] = {"wkt", "kobo", "cap", NULL};
static const char *const geo_as_words[] = {"latitude", "longitude", "wkt", "kobo", "cap", NULL};
static const char *const coarsen_words[] = {"year", "age_band", "adm1", NULL};
static const char *const only_on_words[] = {"create", "update", NULL};
static const char *const list_words[] = {"sort", "dedupe", "reverse", NULL};

#define VALUE(member) BIND_AT(value_draft, value.member)

#define ARM_ONLY 2 // the first rows are for arms alone

// clang-format off
static const struct bind_field above_fields[] = {
	{.key = "number", .type = BIND_TEXT, .is_required = true, VALUE(above), .help = "the largest number that stays a number"},
	{.key = "is", .type = BIND_TEXT, .is_required = true, VALUE(above_is), .help = "what stands for every larger one"},
};
static const struct bind_object above_object = {
	.name = "more_than", .fields = above_fields, .field_count = EN_COUNT_OF(above_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field value_fields[] = {
	{.key = "when", .type = BIND_CUSTOM, .is_required = true, BIND_AT(value_draft, when), .read = bind_condition, .form = BIND_FORM_CONDITION,
	    .help = "the condition of this arm: {field: VALUE}; all must hold, a list means any of"},
	{.key = "because", .type = BIND_TEXT, BIND_AT(value_draft, because),
	    .help = "the rule or article that this arm follows, in quotes"},
	// verbs: where the value comes from
	{.key = "from", .type = BIND_TEXT, VALUE(from), .help = "the source field to take the value from"},
	{.key = "is", .type = BIND_ANY_TEXT, VALUE(literal), .help = "the value itself, as a word or in quotes"},
	{.key = "id_from", .type = BIND_LIST, VALUE(paths),
	    .help = "source fields of which a keyed id is made, not reversible"},
	{.key = "first_of", .type = BIND_LIST, VALUE(paths),
	    .help = "source fields of which the first that is there and not empty counts"},
	{.key = "join", .type = BIND_LIST, VALUE(paths),
	    .help = "source fields to put together; empty ones are left out"},
	{.key = "with", .type = BIND_ANY_TEXT, VALUE(with),
	    .help = "what stands between joined parts; one blank when absent"},
	{.key = "fill", .type = BIND_TEXT, VALUE(literal),
	    .help = "a text with source fields in braces, as \"{local} ({latin})\"; absent when one of them is"},
	{.key = "reversible", .type = BIND_BOOL, VALUE(reversible),
	    .help = "true: hold what could not be taken apart again, as a part that contains what stands between parts"},
	{.key = "list_of", .type = BIND_LIST, VALUE(paths),
	    .help = "source fields that become the items of a list; empty ones are left out"},
	{.key = "flags", .type = BIND_CUSTOM, .read = value_read_flags, .form = BIND_FORM_TEXTS,
	    .help = "{source_field: CODE}: the codes of the fields that say yes, by true_if and false_if"},
	{.key = "lookup", .type = BIND_NAME, VALUE(lookup), .help = "the wide table (codes/) to look a row up in"},
	{.key = "match", .type = BIND_CUSTOM, .object = &conf_value_object, .read = value_read_match, .form = BIND_FORM_LINES,
	    .help = "{column: source_field}: all must be equal in the row that is looked up"},
	{.key = "take", .type = BIND_TEXT, VALUE(take), .help = "the column of the row found"},
	{.key = "ancestor", .type = BIND_TEXT, VALUE(ancestor),
	    .help = "the level to climb to from the row found, in a table with parent_column and level_column"},
	{.key = "expect", .type = BIND_WORD, VALUE(expect), .words = expect_words,
	    .help = "one (several rows that say different things hold the event) or first"},
	{.key = "choose", .type = BIND_CUSTOM, .object = &conf_arm_object, .read = value_read_arms, .form = BIND_FORM_MAPS,
	    .help = "a list of arms {when: {...}, is: VALUE}; the first that matches decides"},
	{.key = "otherwise", .type = BIND_CUSTOM, .object = &conf_value_object, .read = value_read_otherwise, .form = BIND_FORM_VALUE, .words = value_otherwise_words,
	    .help = "when no arm matches: hold, absent, or a value such as {is: VALUE}"},
	{.key = "each", .type = BIND_TEXT, VALUE(from),
	    .help = "the repeated source field of which every item is translated"},
	{.key = "set", .type = BIND_CUSTOM, .object = &conf_value_object, .read = value_read_set, .form = BIND_FORM_LINES,
	    .help = "target field: value, for every item"},
	{.key = "referral_by", .type = BIND_TEXT, VALUE(from),
	    .help = "the source field with the sender's own number of the referral"},
	{.key = "cel", .type = BIND_TEXT, VALUE(literal), .help = "an expression in quotes, in CEL"},
	{.key = "now", .type = BIND_WORD, VALUE(literal), .words = now_words,
	    .help = "recorded: when the broker wrote the event down"},
	{.key = "sender", .type = BIND_WORD, VALUE(literal), .words = sender_words,
	    .help = "agency: who sent the event"},
	// which item, and in which order
	{.key = "item_of", .type = BIND_TEXT, VALUE(item_of),
	    .help = "the repeated source field of which one item is meant"},
	{.key = "called", .type = BIND_NAME, VALUE(called),
	    .help = "the name of the item at hand, for the paths of this value or of its set"},
	{.key = "where", .type = BIND_CUSTOM, VALUE(keep_if), .read = bind_condition, .form = BIND_FORM_CONDITION,
	    .help = "which items count: {item.field: VALUE}"},
	{.key = "sort_by", .type = BIND_CUSTOM, .object = &conf_value_object, VALUE(sort_by), .read = value_read_inner, .form = BIND_FORM_VALUE,
	    .help = "a field of the item by which they are put in order, ascending"},
	{.key = "only", .type = BIND_WORD, VALUE(pick), .words = pick_words,
	    .help = "one (several hold the event), first or last"},
	{.key = "group_by", .type = BIND_CUSTOM, .object = &conf_value_object, VALUE(group_by), .read = value_read_inner, .form = BIND_FORM_VALUE,
	    .help = "a field of the item: one target item for each of its values"},
	{.key = "all_called", .type = BIND_NAME, VALUE(all_called),
	    .help = "a name for all items of the group, for an each inside"},
	// steps
	{.key = "empty_if", .type = BIND_LIST, VALUE(empty_if),
	    .help = "texts that mean nothing was said, as [\"SIN DATO\"]"},
	{.key = "split", .type = BIND_TEXT, VALUE(split), .help = "what stands between the items of a list in one text"},
	{.key = "json", .type = BIND_TEXT, VALUE(json),
	    .help = "the text is JSON: what to take of it, as [1].reason, or [*].code for all"},
	{.key = "clean", .type = BIND_WORDS, VALUE(clean), .words = clean_words,
	    .help = "in this order: strip_html, unescape, compose, trim, collapse_spaces, strip_accents, digits_only, case, strip_zeros"},
	{.key = "aliases", .type = BIND_CUSTOM, .read = value_read_aliases, .form = BIND_FORM_LISTS,
	    .help = "{Accepted: [Accetped, acepted]}: other spellings of a value"},
	{.key = "strip_prefix", .type = BIND_LIST, VALUE(strip_prefix), .help = "beginnings to cut off; the first that is there"},
	{.key = "strip_suffix", .type = BIND_LIST, VALUE(strip_suffix), .help = "endings to cut off; the first that is there"},
	{.key = "pattern", .type = BIND_TEXT, VALUE(pattern),
	    .help = "how the text is put together, as \"{case}#{service}\""},
	{.key = "part", .type = BIND_TEXT, VALUE(part), .help = "which part of the pattern counts"},
	{.key = "extract", .type = BIND_TEXT, VALUE(extract),
	    .help = "a regular expression in quotes for the one piece of the text that counts: \"[0-9]{3}-[0-9]{6}\""},
	{.key = "first_characters", .type = BIND_NUMBER, VALUE(first_characters), .min = 1, .max = LIMIT_PAD,
	    .help = "how many characters of the beginning stay"},
	{.key = "last_characters", .type = BIND_NUMBER, VALUE(last_characters), .min = 1, .max = LIMIT_PAD,
	    .help = "how many characters of the end stay"},
	{.key = "pad_left", .type = BIND_NUMBER, VALUE(pad_left), .min = 1, .max = LIMIT_PAD,
	    .help = "zeros in front, until there are so many characters"},
	{.key = "matches", .type = BIND_TEXT, VALUE(matches),
	    .help = "a regular expression in quotes that the whole text must follow: \"[0-9]{2}\""},
	{.key = "name_part", .type = BIND_WORD, VALUE(name_part), .words = name_words,
	    .help = "which part of a whole name: given_names, surname_1, surname_2 or surnames"},
	{.key = "name_order", .type = BIND_WORD, VALUE(name_order), .words = order_words,
	    .help = "given_first, surnames_first, surnames_comma (LOPEZ PAZ, ANA) or last_word (Ann Mary Smith)"},
	// conversions, of which a value has one
	{.key = "table", .type = BIND_NAME, VALUE(table), .help = "the code table (codes/) that translates it"},
	{.key = "direction", .type = BIND_WORD, VALUE(direction), .words = direction_words,
	    .help = "of a table that goes both ways: forward or backward; what fits when absent"},
	{.key = "date", .type = BIND_TEXT, VALUE(date),
	    .help = "how the date is written: dd/mm/aaaa, aaaa-mm-dd HH:mi, ..."},
	{.key = "dates", .type = BIND_LIST, VALUE(dates),
	    .help = "several ways in which the date may be written, tried in order"},
	{.key = "years_from", .type = BIND_TEXT, VALUE(years_from),
	    .help = "the first of the hundred years that two digits (aa) mean, as 1930"},
	{.key = "age_at", .type = BIND_CUSTOM, .object = &conf_value_object, VALUE(age_at), .read = value_read_inner, .form = BIND_FORM_VALUE,
	    .help = "from a date of birth the whole years at this day: a date, or {now: recorded}"},
	{.key = "born_at", .type = BIND_CUSTOM, .object = &conf_value_object, VALUE(born_at), .read = value_read_inner, .form = BIND_FORM_VALUE,
	    .help = "from an age the year of birth, the age being that of this day: a date, or {now: recorded}"},
	{.key = "true_if", .type = BIND_LIST, VALUE(true_if), .help = "texts that mean yes"},
	{.key = "false_if", .type = BIND_LIST, VALUE(false_if), .help = "texts that mean no"},
	{.key = "contains", .type = BIND_TEXT, VALUE(contains),
	    .help = "true when this value is in the list, false when the list has others"},
	{.key = "number", .type = BIND_TEXT, VALUE(number),
	    .help = "how numbers are written, by an example: \"1.234,5\" or \"1,234.5\" or \"1234,5\""},
	{.key = "times", .type = BIND_CUSTOM, .object = &conf_value_object, VALUE(times), .read = value_read_inner, .form = BIND_FORM_VALUE,
	    .help = "a factor: {is: 0.4536}, or of a unit by a table: {from: unit, table: kilograms}"},
	{.key = "decimals", .type = BIND_TEXT, VALUE(decimals), .help = "digits behind the decimal point, rounded"},
	{.key = "phone", .type = BIND_NAME, VALUE(phone),
	    .help = "the table of countries and how they write their numbers; what comes out is +code and digits"},
	{.key = "country", .type = BIND_CUSTOM, .object = &conf_value_object, VALUE(country), .read = value_read_inner, .form = BIND_FORM_VALUE,
	    .help = "the country of a number that does not say it: {is: MEX}, or a source field"},
	{.key = "geo", .type = BIND_WORD, VALUE(geo), .words = geo_words,
	    .help = "how coordinates are written: wkt (longitude first), kobo or cap (latitude first)"},
	{.key = "geo_as", .type = BIND_WORD, VALUE(geo_as), .words = geo_as_words,
	    .help = "what is wanted of them: latitude, longitude, or another way to write them"},
	// what may come out
	{.key = "between", .type = BIND_LIST, VALUE(between),
	    .help = "the least and the largest number or day that is believed; the word recorded is the day of recording"},
	{.key = "coarsen", .type = BIND_WORD, VALUE(coarsen), .words = coarsen_words,
	    .help = "less than was said: year of a date, age_band, or adm1 of a municipality's code"},
	{.key = "bands", .type = BIND_LIST, VALUE(bands), .help = "where age bands begin, as [12, 18, 26, 41, 61]"},
	{.key = "more_than", .type = BIND_OBJECT, .object = &above_object,
	    .help = "{number: 3, is: \"more than 3\"}: words for every larger number"},
	{.key = "prefix", .type = BIND_ANY_TEXT, VALUE(prefix), .help = "what is written in front of it"},
	{.key = "suffix", .type = BIND_ANY_TEXT, VALUE(suffix), .help = "what is written behind it"},
	{.key = "list", .type = BIND_WORDS, VALUE(list), .words = list_words,
	    .help = "what is done to the whole list: sort, dedupe, reverse, in this order"},
	{.key = "if_unknown", .type = BIND_CUSTOM, .object = &conf_value_object, .read = value_read_unknown, .form = BIND_FORM_VALUE, .words = value_unknown_words,
	    .help = "when the steps cannot read it: hold (the default), absent, keep (as it came), or {is: VALUE}"},
	{.key = "if_empty", .type = BIND_CUSTOM, VALUE(if_empty), .object = &conf_value_object, .read = value_read_inner, .form = BIND_FORM_VALUE,
	    .help = "what to set when nothing came, as {is: VALUE}; without it the field stays absent"},
	{.key = "required", .type = BIND_BOOL, VALUE(required), .help = "true: the event is held when nothing comes out"},
	{.key = "required_if", .type = BIND_CUSTOM, VALUE(required_if), .read = bind_condition, .form = BIND_FORM_CONDITION,
	    .help = "a condition {field: VALUE} under which it is required"},
	{.key = "only_on", .type = BIND_WORD, VALUE(only_on), .words = only_on_words,
	    .help = "create: not in a later revision of what was sent before; update: only there"},
};
// clang-format on

const struct bind_object conf_value_object = {
    .name = "value",
    .fields = value_fields + ARM_ONLY,
    .field_count = EN_COUNT_OF(value_fields) - ARM_ONLY,
    .size = sizeof(struct value_draft),
    .where_offset = offsetof(struct value_draft, value.where),
    .one_of = value_verbs,
    .check = value_check,
};
const struct bind_object conf_arm_object = {
    .name = "arm",
    .fields = value_fields,
    .field_count = EN_COUNT_OF(value_fields),
    .size = sizeof(struct value_draft),
    .where_offset = offsetof(struct value_draft, value.where),
    .one_of = value_verbs,
    .check = value_check,
};

bool
conf_value_has_key(const char *key)
{
	for (size_t i = 0; i < EN_COUNT_OF(value_fields); i++) {
		if (strcmp(value_fields[i].key, key) == 0) {
			return true;
		}
	}
	return false;
}

const struct conf_value *
conf_value_read(struct binder *b, const struct yaml_node *node)
{
	static const char help[] = "a source field, or {is: VALUE}, {from: field, table: NAME}, ...";

	if (node->kind == YAML_MAP && node->count > 0) {
		struct value_draft *draft = bind_array(b, 1, sizeof(*draft));

		if (draft != NULL) {
			bind_object(b, node, &conf_value_object, draft);
		}
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

void
conf_lines_read(struct binder *b, const struct yaml_node *node, struct conf_set_line **ret, size_t *ret_count)
{
	if (node->kind != YAML_MAP || node->count == 0) {
		bind_wrong_form(b, node, "{target.field: source_field, other: {is: VALUE}}");
		return;
	}
	*ret = bind_array(b, node->count, sizeof(**ret));
	for (const struct yaml_node *line = node->first; line != NULL && *ret != NULL; line = line->next) {
		const struct conf_value *value = conf_value_read(b, line);

		if (value != NULL) {
			(*ret)[(*ret_count)++] = (struct conf_set_line){.target = bind_key(b, line), .value = value};
		}
	}
}

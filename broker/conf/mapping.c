// SPDX-License-Identifier: Apache-2.0
// Mapping files: what is said once for the whole. The lines of `set` are read by value.c.
#include "conf/conf.h"

#include "conf/kinds.h"
#include "conf/value.h"

static void
read_set(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_mapping *mapping = dst;

	conf_lines_read(b, node, &mapping->set, &mapping->set_count);
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
	{.key = "where", .type = BIND_CUSTOM, BIND_AT(conf_mapping, one_event_where), .read = bind_condition, .form = BIND_FORM_CONDITION,
	    .help = "which items make an event: {item.field: VALUE}; all of them when absent"},
	{.key = "key", .type = BIND_CUSTOM, .object = &conf_value_object, BIND_AT(conf_mapping, one_event_key),
	    .read = value_read_inner, .form = BIND_FORM_VALUE,
	    .help = "the item's own number, by which its event is known again; its position when absent"},
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
	{.key = "when", .type = BIND_CUSTOM, BIND_AT(conf_mapping, when), .read = bind_condition, .form = BIND_FORM_CONDITION,
	    .help = "which inputs it takes: {field: VALUE}; without it all of its type"},
	{.key = "one_event_per", .type = BIND_OBJECT, .object = &split_object,
	    .help = "{item_of: field, called: name}: one event for each item of a repeated field"},
	{.key = "set", .type = BIND_CUSTOM, .is_required = true, .object = &conf_value_object, .read = read_set, .form = BIND_FORM_LINES,
	    .help = "target field: value, one in a line"},
	{.key = "unused", .type = BIND_CUSTOM, .read = read_unused, .form = BIND_FORM_TEXTS, .may_be_empty = true, .help = "source field: \"why it is not used\""},
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

// SPDX-License-Identifier: Apache-2.0
// Agencies. What is not said here is not allowed: without `publishes` an agency may send nothing.
#include "conf/conf.h"

#include "conf/kinds.h"

static void
check_agency(struct binder *b, const struct yaml_node *map, void *dst)
{
	const struct conf_agency *agency = dst;
	const struct yaml_node *may = yaml_get(map, "operator_may");

	if (may != NULL && !agency->operator) {
		findings_add(b->findings, E0115, may->key_where, "operator: true", "operator_may without operator");
	}
}

// clang-format off
static const char *const kind_words[] = {"authority", "un", "civil_society", NULL};

static const struct bind_field fields[] = {
	{.key = "agency", .type = BIND_NAME, .is_required = true, BIND_AT(conf_agency, name),
	    .help = "the short name used everywhere, as inm"},
	{.key = "title", .type = BIND_TEXT, BIND_AT(conf_agency, title), .help = "the full name"},
	{.key = "kind", .type = BIND_WORD, .is_required = true, BIND_AT(conf_agency, kind), .words = kind_words,
	    .help = "authority, un or civil_society"},
	{.key = "groups", .type = BIND_LIST, .may_be_empty = true,
	    BIND_AT(conf_agency, groups),
	    .help = "groups that routes name, as [shelters]"},
	{.key = "publishes", .type = BIND_LIST, .may_be_empty = true,
	    BIND_AT(conf_agency, publishes),
	    .help = "message types that it may send, as [inm.v1.Acta]"},
	{.key = "sources", .type = BIND_LIST, BIND_AT(conf_agency, sources),
	    .help = "event sources that it may use; urn:enlace:NAME alone when absent"},
	{.key = "contact", .type = BIND_TEXT, BIND_AT(conf_agency, contact),
	    .help = "an office to call, never a person's private number"},
	{.key = "operator", .type = BIND_BOOL, BIND_AT(conf_agency, operator),
	    .help = "true: its keys may use the operators' endpoint"},
	{.key = "operator_may", .type = BIND_LIST, BIND_AT(conf_agency, operator_may),
	    .help = "which operators' verbs; \"*\" for all"},
};
// clang-format on

const struct bind_object conf_agency_object = {
    .name = "agency",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct conf_agency),
    .where_offset = BIND_NO_WHERE,
    .check = check_agency,
};

// SPDX-License-Identifier: Apache-2.0
// Agreements: who may tell whom which labels of data and how finely, for what purpose, until when.
#include "conf/conf.h"

#include "conf/kinds.h"

static const char *const level_words[] = {"full", "coarse", "pseudonym", NULL};

static void
read_grants(struct binder *b, const struct yaml_node *node, struct conf_grant **ret, size_t *ret_count)
{
	static const char help[] = "{label: full, other: coarse}";

	if (node->kind != YAML_MAP || node->count == 0) {
		bind_wrong_form(b, node, help);
		return;
	}
	*ret = bind_array(b, node->count, sizeof(**ret));
	for (const struct yaml_node *line = node->first; line != NULL && *ret != NULL; line = line->next) {
		if (line->kind != YAML_SCALAR || yaml_is_nothing(line)) {
			bind_wrong_form(b, line, "full, coarse or pseudonym");
		} else if (bind_check_word(b, line, level_words)) {
			(*ret)[(*ret_count)++] = (struct conf_grant){
			    .label = bind_key(b, line),
			    .level = {.text = bind_copy(b, line->text), .where = bind_where(b, line->where)},
			};
		}
	}
}

static void
read_may_see(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_agreement *agreement = dst;

	read_grants(b, node, &agreement->may_see, &agreement->may_see_count);
}

static void
read_after_accepted(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_agreement *agreement = dst;

	read_grants(b, node, &agreement->after_accepted, &agreement->after_accepted_count);
}

static void
check_valid(struct binder *b, const struct yaml_node *map, void *dst)
{
	const struct conf_agreement *agreement = dst;

	(void)map;
	bind_check_days(b, &agreement->first_day, &agreement->last_day);
}

// clang-format off
static const struct bind_field valid_fields[] = {
	{.key = "first_day", .type = BIND_DAY, .is_required = true, BIND_AT(conf_agreement, first_day),
	    .help = "the first day on which it holds, as 2026-01-01"},
	{.key = "last_day", .type = BIND_DAY, .is_required = true, BIND_AT(conf_agreement, last_day),
	    .help = "the last day on which it holds, as 2026-12-31"},
	{.key = "zone", .type = BIND_NAME, BIND_AT(conf_agreement, zone),
	    .help = "where these days are counted, as America/Mexico_City; UTC when absent"},
};
static const struct bind_object valid_object = {
	.name = "valid", .fields = valid_fields, .field_count = EN_COUNT_OF(valid_fields),
	.where_offset = BIND_NO_WHERE, .check = check_valid,
};

static const struct bind_field fields[] = {
	{.key = "agreement", .type = BIND_NAME, .is_required = true, BIND_AT(conf_agreement, name),
	    .help = "the name of this agreement"},
	{.key = "from", .type = BIND_LIST, .is_required = true, BIND_AT(conf_agreement, from),
	    .help = "agencies that may tell"},
	{.key = "to", .type = BIND_LIST, .is_required = true, BIND_AT(conf_agreement, to),
	    .help = "agencies that may be told"},
	{.key = "purposes", .type = BIND_LIST, .is_required = true, BIND_AT(conf_agreement, purposes),
	    .help = "what for, as [child_protection]"},
	{.key = "legal_bases", .type = BIND_LIST, BIND_AT(conf_agreement, legal_bases),
	    .help = "legal bases of the event under which it holds, as [CONSENT, LEGAL_OBLIGATION]"},
	{.key = "may_see", .type = BIND_CUSTOM, .is_required = true, .read = read_may_see, .form = BIND_FORM_TEXTS, .words = level_words,
	    .help = "label: full, coarse or pseudonym; a label that is not named is never seen"},
	{.key = "after_accepted", .type = BIND_CUSTOM, .read = read_after_accepted, .form = BIND_FORM_TEXTS, .words = level_words,
	    .help = "not granted yet, and refused: what would be seen in addition once the recipient has accepted the referral"},
	{.key = "valid", .type = BIND_OBJECT, .is_required = true, .object = &valid_object,
	    .help = "{first_day: 2026-01-01, last_day: 2026-12-31, zone: America/Mexico_City}"},
	{.key = "keep", .type = BIND_TEXT, BIND_AT(conf_agreement, keep),
	    .help = "how long the recipient may keep it, as 180 days after close"},
};
// clang-format on

const struct bind_object conf_agreement_object = {
    .name = "agreement",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct conf_agreement),
    .where_offset = BIND_NO_WHERE,
};

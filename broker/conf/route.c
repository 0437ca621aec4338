// SPDX-License-Identifier: Apache-2.0
// Routes: for which events, for what purpose, to whom, answered by when.
#include "conf/conf.h"

#include "conf/kinds.h"

static void
check_recipient(struct binder *b, const struct yaml_node *map, void *dst)
{
	const struct conf_recipient *recipient = dst;
	const struct yaml_node *agency = yaml_get(map, "agency"), *addressee = yaml_get(map, "addressee"),
			       *among = yaml_get(map, "among");

	if (agency != NULL && addressee != NULL) {
		findings_add(b->findings, E0115, addressee->key_where, NULL, "agency and addressee");
	}
	if (agency == NULL && !recipient->addressee) {
		findings_add(b->findings, E0105, map->where, "{agency: NAME} or {addressee: true}", "agency");
	}
	if (among != NULL && addressee == NULL) {
		findings_add(
		    b->findings, E0115, among->key_where, "among narrows {addressee: true}", "agency and among");
	}
}

// clang-format off
static const char *const nobody_words[] = {"hold", "alarm", "fine", NULL};

static const struct bind_field answer_fields[] = {
	{.key = "acknowledge", .type = BIND_DURATION, .min = 1000, BIND_AT(conf_recipient, acknowledge),
	    .help = "how long until it says that it has read it, as 15 min"},
	{.key = "decide", .type = BIND_DURATION, .min = 1000, BIND_AT(conf_recipient, decide),
	    .help = "how long until it accepts or declines, as 4 h"},
};
static const struct bind_object answer_object = {
	.name = "answer_within", .fields = answer_fields, .field_count = EN_COUNT_OF(answer_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field recipient_fields[] = {
	{.key = "agency", .type = BIND_NAME, BIND_AT(conf_recipient, agency), .help = "the agency that receives it"},
	{.key = "addressee", .type = BIND_BOOL, BIND_AT(conf_recipient, addressee),
	    .help = "true: whom the event itself is addressed to"},
	{.key = "among", .type = BIND_LIST, BIND_AT(conf_recipient, among),
	    .help = "groups of agencies that the addressee must belong to"},
	{.key = "answer_within", .type = BIND_OBJECT, .object = &answer_object,
	    .help = "{acknowledge: 15 min, decide: 4 h}"},
};
static const struct bind_object recipient_object = {
	.name = "recipient", .fields = recipient_fields, .field_count = EN_COUNT_OF(recipient_fields),
	.size = sizeof(struct conf_recipient), .where_offset = offsetof(struct conf_recipient, where),
	.check = check_recipient,
};

static const struct bind_field late_fields[] = {
	{.key = "tell", .type = BIND_LIST, .is_required = true, BIND_AT(conf_route, late_tell),
	    .help = "agencies that are told when an answer is late"},
	{.key = "again_every", .type = BIND_DURATION, .min = 60000, BIND_AT(conf_route, late_every),
	    .help = "how often they are told again, as 30 min"},
};
static const struct bind_object late_object = {
	.name = "if_late", .fields = late_fields, .field_count = EN_COUNT_OF(late_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field fields[] = {
	{.key = "route", .type = BIND_NAME, .is_required = true, BIND_AT(conf_route, name),
	    .help = "the name of this route"},
	{.key = "types", .type = BIND_LIST, .is_required = true, BIND_AT(conf_route, types),
	    .help = "which messages: Referral, ReferralStatus, Alert, ConsentUpdate"},
	{.key = "when", .type = BIND_CUSTOM, BIND_AT(conf_route, when), .read = bind_condition, .form = BIND_FORM_CONDITION,
	    .help = "for which of them: {field: VALUE}; all must hold, a list means any of"},
	{.key = "purpose", .type = BIND_NAME, .is_required = true, BIND_AT(conf_route, purpose),
	    .help = "what they are told for, as child_protection"},
	{.key = "reads", .type = BIND_LIST, .may_be_empty = true,
	    BIND_AT(conf_route, reads),
	    .help = "labels of the data that `when` reads, as [family, demographic]"},
	{.key = "send_to", .type = BIND_OBJECTS, .is_required = true, BIND_AT(conf_route, send_to),
	    BIND_COUNT_AT(conf_route, send_to_count),
	    .object = &recipient_object, .help = "a list: - {agency: NAME, answer_within: {...}}"},
	{.key = "if_late", .type = BIND_OBJECT, .object = &late_object,
	    .help = "{tell: [agencies], again_every: 30 min}"},
	{.key = "if_nobody_receives", .type = BIND_WORD, BIND_AT(conf_route, if_nobody_receives), .words = nobody_words,
	    .help = "hold the event, raise an alarm, or fine"},
};
// clang-format on

const struct bind_object conf_route_object = {
    .name = "route",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct conf_route),
    .where_offset = BIND_NO_WHERE,
};

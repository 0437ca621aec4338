// SPDX-License-Identifier: Apache-2.0
// Subscriptions: a durable reader of one agency for one purpose.
#include "conf/conf.h"

#include "conf/kinds.h"

// clang-format off
static const char *const start_words[] = {"now", NULL};
static const char *const then_words[] = {"dead_letter", NULL};
static const char *const dead_letter_words[] = {"hold_case", "continue", NULL};

static const struct bind_field retry_fields[] = {
	{.key = "after", .type = BIND_DURATIONS, .is_required = true, .min = 100,
	    BIND_AT(conf_subscription, retry_after),
	    BIND_COUNT_AT(conf_subscription, retry_after_count),
	    .help = "pauses between attempts, as [5 s, 30 s, 5 min, 1 h]; the last one repeats"},
	{.key = "give_up", .type = BIND_DURATION, .is_required = true, .min = 1000, BIND_AT(conf_subscription, give_up),
	    .help = "how long attempts go on, as 3 days"},
	{.key = "then", .type = BIND_WORD, .is_required = true, BIND_AT(conf_subscription, then), .words = then_words,
	    .help = "dead_letter: it is kept with its reason until an operator decides"},
};
static const struct bind_object retry_object = {
	.name = "retry", .fields = retry_fields, .field_count = EN_COUNT_OF(retry_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field alarm_fields[] = {
	{.key = "oldest_waits", .type = BIND_DURATION, .min = 1000, BIND_AT(conf_subscription, oldest_waits),
	    .help = "an event has waited this long, as 15 min"},
	{.key = "nobody_attached", .type = BIND_DURATION, .min = 1000, BIND_AT(conf_subscription, nobody_attached),
	    .help = "no adapter has been connected for this long, as 10 min"},
};
static const struct bind_object alarm_object = {
	.name = "alarm_if", .fields = alarm_fields, .field_count = EN_COUNT_OF(alarm_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field fields[] = {
	{.key = "subscription", .type = BIND_NAME, .is_required = true, BIND_AT(conf_subscription, name),
	    .help = "the name of this subscription"},
	{.key = "agency", .type = BIND_NAME, .is_required = true, BIND_AT(conf_subscription, agency),
	    .help = "whose it is"},
	{.key = "purpose", .type = BIND_NAME, .is_required = true, BIND_AT(conf_subscription, purpose),
	    .help = "what it receives events for"},
	{.key = "receives", .type = BIND_LIST, .is_required = true, BIND_AT(conf_subscription, receives),
	    .help = "which messages: [Referral, ReferralStatus, Alert]"},
	{.key = "as", .type = BIND_NAME, .is_required = true, BIND_AT(conf_subscription, as),
	    .help = "the agency's message type, as unicef.v1.Case"},
	{.key = "when", .type = BIND_CUSTOM, BIND_AT(conf_subscription, when), .read = bind_condition, .form = BIND_FORM_CONDITION,
	    .help = "a filter: {field: VALUE}"},
	{.key = "start", .type = BIND_WORD, BIND_AT(conf_subscription, start), .words = start_words, .text = "now",
	    .help = "now: from its creation on"},
	{.key = "retry", .type = BIND_OBJECT, .object = &retry_object,
	    .help = "{after: [5 s, 5 min], give_up: 3 days, then: dead_letter}"},
	{.key = "on_dead_letter", .type = BIND_WORD,
	    BIND_AT(conf_subscription, on_dead_letter), .words = dead_letter_words, .text = "hold_case",
	    .help = "hold_case: later events of the case wait; continue: they go on"},
	{.key = "alarm_if", .type = BIND_OBJECT, .object = &alarm_object,
	    .help = "{oldest_waits: 15 min, nobody_attached: 10 min}"},
};
// clang-format on

const struct bind_object conf_subscription_object = {
    .name = "subscription",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct conf_subscription),
    .where_offset = BIND_NO_WHERE,
};

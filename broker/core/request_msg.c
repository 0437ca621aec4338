// SPDX-License-Identifier: Apache-2.0
// msg.show: one message, by its record in the journal. Ids, codes and field paths; never a value.
#include <inttypes.h>
#include <stdio.h>

#include "core/engine.h"
#include "core/request_json.h"

enum en_err
request_error(struct core *c, uint64_t request, const char *id, const char *code, const char *text)
{
	struct buf b = BUF_EMPTY;
	enum en_err err;

	ctl_reply_error(&b, id, code, text);
	err = core_reply(c, request, buf_view(&b));
	buf_fini(&b);
	return err;
}

static const char *
state_of(const struct core *c, struct view subscription, uint64_t number)
{
	const struct subscription_state *s = strmap_get(&c->state.subscriptions, subscription);

	for (size_t l = 0; s != NULL && l < LANE_COUNT; l++) {
		const struct owed *o = owed_find(&s->lanes[l], number);

		if (o != NULL) {
			return o->state == OWED_IN_FLIGHT ? "in flight" : o->is_parked ? "parked" : "waiting";
		}
	}
	return s != NULL && subscription_dead(s, number) != NULL ? "dead" : "ended";
}

// Why a dead letter is one: our code, and the recipient's own word.
static void
put_dead(struct core *c, struct buf *b, struct view subscription, uint64_t number)
{
	const struct subscription_state *s = strmap_get(&c->state.subscriptions, subscription);
	const struct dead *d = s == NULL ? NULL : subscription_dead(s, number);

	if (d != NULL) {
		json_text(b, "code", view_text(reason_code((enum reason)d->reason)));
		json_text(b, "word", view_text(d->code));
	}
}

static void
put_hidden(struct core *c, struct buf *b, const struct body_decision *d, enum canonical type)
{
	const char *name = arena_text(&c->scratch, d->subscription), *agreement = arena_text(&c->scratch, d->agreement);
	const struct plan_hidden *hidden;
	size_t count = 0;

	if (name == NULL || agreement == NULL) {
		b->err = EN_ENOMEM; // an empty list would say that nothing was withheld
		return;
	}
	const struct rules_subscription *sub = rules_subscription_by_name(c->rules, name);

	buf_put_str(b, ",\"hidden\":[");
	hidden = sub == NULL ? NULL : rules_hidden_by(c->rules, sub, agreement, type, &count);
	for (size_t i = 0; i < count; i++) {
		buf_put_str(b, i == 0 ? "\"" : ",\"");
		json_escape(b, view_text(hidden[i].native != NULL ? hidden[i].native : hidden[i].target));
		buf_printf(b, " (%s)\"", label_name(hidden[i].label));
	}
	buf_put_u8(b, ']');
}

static void
put_output(struct core *c, struct buf *b, const struct body_output *o, uint64_t number, bool first)
{
	static const char *const types[CANONICAL_COUNT] = {"Referral", "ReferralStatus", "Alert", "ConsentUpdate"};

	buf_printf(b, "%s{\"number\":\"%" PRIu64 "\"", first ? "" : ",", number);
	json_text(b, "type", view_text(o->type < CANONICAL_COUNT ? types[o->type] : "?"));
	json_text(b, "mapping", o->mapping);
	json_text(b, "reference", o->reference);
	json_number(b, "revision", o->revision);
	buf_put_str(b, ",\"deliveries\":[");
	for (uint16_t i = 0; i < o->decision_count; i++) {
		const struct body_decision *d = &o->decisions[i];

		buf_put_str(b, i == 0 ? "{\"n\":" : ",{\"n\":");
		buf_printf(b, "%u", i);
		json_text(b, "subscription", d->subscription);
		json_text(b, "agency", d->agency);
		json_text(b, "route", d->route);
		json_text(b, "agreement", d->agreement);
		json_text(b, "purpose", d->purpose);
		json_text(b, "state", view_text(state_of(c, d->subscription, number)));
		put_dead(c, b, d->subscription, number);
		put_hidden(c, b, d, (enum canonical)o->type);
		buf_put_u8(b, '}');
	}
	buf_put_str(b, "],\"missed\":[");
	for (uint16_t i = 0; i < o->missed_count; i++) {
		buf_put_str(b, i == 0 ? "{\"n\":" : ",{\"n\":");
		buf_printf(b, "%u", i);
		json_text(b, "agency", o->missed[i].agency);
		json_text(b, "route", o->missed[i].route);
		json_text(b, "reason", view_text(reason_code((enum reason)o->missed[i].reason)));
		buf_put_u8(b, '}');
	}
	buf_put_str(b, "]}");
}

static enum en_err
show(struct core *c, const struct pending_read *read, const struct record *record)
{
	struct body_input in;
	struct buf b = BUF_EMPTY;
	enum en_err err;

	if (record->is_damaged || record->kind != RECORD_INPUT ||
	    body_get_input(record->body, &c->scratch, &in) != EN_OK) {
		return request_error(c, read->request, read->reply_id, record->is_damaged ? "quarantined" : "not_found",
		    record->is_damaged ? "the stored record is damaged" : "there is no message at this position");
	}
	ctl_reply_begin(&b, read->reply_id);
	json_number(&b, "position", (int64_t)record->sequence);
	json_text(&b, "state",
	    view_text(held_at(&c->state.held, record->sequence) != NULL ? "held"
		    : in.is_held                                        ? "released or superseded"
									: "recorded"));
	json_text(&b, "agency", in.agency);
	json_text(&b, "type", in.type);
	json_text(&b, "source", in.source);
	json_text(&b, "event", in.id);
	json_number(&b, "recorded_ms", record->wall_ms);
	if (in.is_held) {
		json_text(&b, "code", view_text(reason_code((enum reason)in.reason)));
		json_text(&b, "field", in.field);
		json_text(&b, "place", in.place);
	}
	buf_put_str(&b, ",\"outputs\":[");
	for (uint16_t i = 0; i < in.output_count; i++) {
		put_output(c, &b, &in.outputs[i], record->sequence * NUMBER_OUTPUTS + i, i == 0);
	}
	buf_put_str(&b, "]}");
	err = b.err != EN_OK ? b.err : core_reply(c, read->request, buf_view(&b));
	buf_fini(&b);
	return err;
}

enum en_err
request_shown(struct core *c, const struct pending_read *read, const struct record *records, size_t count)
{
	if (count == 0 || records[0].sequence != read->position) {
		return request_error(
		    c, read->request, read->reply_id, "not_found", "there is no message at this position");
	}
	return show(c, read, &records[0]);
}

enum en_err
request_show(struct core *c, const struct core_input *in)
{
	const struct ctl_arg *position = ctl_arg(in->ctl, "position");
	uint64_t at = position == NULL || position->number < 0 ? 0 : (uint64_t)position->number;
	struct pending_read *read;
	enum en_err err;

	if (at == 0 || at > c->durable) {
		return request_error(c, in->request, in->ctl->id, "not_found", "there is no message at this position");
	}
	err = core_read(c, at, at, LIMIT_READER_BYTES, &read);
	if (err == EN_EBUSY) {
		return request_error(c, in->request, in->ctl->id, "busy", "too many requests are under way");
	}
	if (err == EN_OK) {
		read->request = in->request;
		read->verb = CTL_MSG_SHOW;
		read->position = at;
		snprintf(read->reply_id, sizeof(read->reply_id), "%s", in->ctl->id);
	}
	return err;
}

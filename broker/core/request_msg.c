// SPDX-License-Identifier: Apache-2.0
// msg.show and msg.release: both need the record, from memory or from the journal.
#include <inttypes.h>
#include <stdio.h>

#include "core/engine.h"
#include "core/request.h"
#include "schema/json.h"

static enum en_err
reply_error(struct core *c, uint64_t request, const char *id, const char *code, const char *text)
{
	struct buf b = BUF_EMPTY;
	enum en_err err;

	ctl_reply_error(&b, id, code, text);
	err = core_reply(c, request, buf_view(&b));
	buf_fini(&b);
	return err;
}

// ---- show ----------------------------------------------------------------------------------------------------------------------------

static const char *
state_of(struct core *c, struct view subscription, uint64_t number)
{
	static const char *const words[] = {"waiting", "in flight", "parked", "ended"};
	struct subscription_state *s = state_subscription(&c->state, subscription);

	for (size_t l = 0; s != NULL && l < LANE_COUNT; l++) {
		const struct owed *o = owed_find(&s->lanes[l], number);

		if (o != NULL) {
			return words[o->state];
		}
	}
	for (size_t i = 0; s != NULL && i < s->dead_count; i++) {
		if (s->dead[i].number == number) {
			return "dead";
		}
	}
	return "ended";
}

static void
put_hidden(struct core *c, struct buf *b, const struct body_decision *d, enum canonical type)
{
	const struct rules_subscription *sub =
	    rules_subscription_by_name(c->rules, arena_text(&c->scratch, d->subscription));
	const struct plan_hidden *hidden;
	size_t count = 0;

	buf_put_str(b, ",\"hidden\":[");
	hidden =
	    sub == NULL ? NULL : rules_hidden_by(c->rules, sub, arena_text(&c->scratch, d->agreement), type, &count);
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
		json_text(b, "route", d->route);
		json_text(b, "agreement", d->agreement);
		json_text(b, "purpose", d->purpose);
		json_text(b, "state", view_text(state_of(c, d->subscription, number)));
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
		return reply_error(c, read->request, read->reply_id, record->is_damaged ? "quarantined" : "not_found",
		    record->is_damaged ? "the stored record is damaged" : "there is no message at this position");
	}
	ctl_reply_begin(&b, read->reply_id);
	json_number(&b, "position", (int64_t)record->sequence);
	json_text(&b, "state",
	    view_text(state_held_at(&c->state, record->sequence) != NULL ? "held"
		    : in.is_held                                         ? "released or superseded"
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

// ---- release -------------------------------------------------------------------------------------------------------------------------

// Translates one held input again under the rules of now. *ret_released: it is recorded now; otherwise it stays, and reason says why.
static enum en_err
release_one(struct core *c, const struct record *record, bool *ret_released, enum reason *ret_reason)
{
	struct json_options options = {.lenient = true};
	struct translation t = {.reason = REASON_NONE};
	const struct schema_type *type;
	const struct rules_agency *agency;
	struct json_fault fault;
	struct view payload;
	uint8_t lanes = 0, event_id[16];
	enum en_err err;

	*ret_released = false;
	*ret_reason = REASON_QUARANTINED;
	if (record->is_damaged || body_get_input(record->body, &c->scratch, &t.body) != EN_OK) {
		return EN_OK;
	}
	type = schema_type_by_view(rules_schema(c->rules), t.body.type);
	agency = rules_agency_by_name(c->rules, arena_text(&c->scratch, t.body.agency));
	*ret_reason = type == NULL ? REASON_SCHEMA_UNKNOWN : REASON_NOT_PERMITTED;
	if (type == NULL || agency == NULL) {
		return EN_OK;
	}
	t.body.releases = record->sequence;
	t.body.supersedes = 0;
	t.body.client = VIEW_EMPTY;
	t.body.output_count = 0;
	payload = t.body.payload;
	if (t.body.form == FRAME_FORM_JSON) {
		buf_clear(&c->payload);
		if (json_to_payload(type, t.body.payload, &options, &c->payload, NULL, &fault) != EN_OK) {
			*ret_reason = REASON_SCHEMA_INVALID;
			return EN_OK;
		}
		payload = arena_copy(&c->scratch, buf_view(&c->payload));
	}
	err = translate(c, agency, type, payload, &t);
	*ret_reason = t.reason;
	if (err != EN_OK || t.reason != REASON_NONE) {
		return err;
	}
	t.body.is_held = false;
	t.body.reason = REASON_NONE;
	t.body.field = t.body.place = VIEW_EMPTY;
	for (uint16_t i = 0; i < t.body.output_count; i++) {
		lanes |= (uint8_t)(1u << t.body.outputs[i].lane);
	}
	memcpy(event_id, record->id, sizeof(event_id));
	state_event_id(&c->state, t.body.source, t.body.id, event_id);
	buf_clear(&c->body);
	body_put_input(&c->body, &t.body);
	*ret_released = true;
	return core_record(c, RECORD_INPUT, lanes, event_id, NULL);
}

static bool
is_wanted(const struct held *h, const struct pending_read *read, const char *code)
{
	return read->sequence != 0 ? h->sequence == read->sequence
				   : strcmp(code, reason_code((enum reason)h->reason)) == 0;
}

// Those that were asked for, then what was held only because an earlier one of its case was: in order of arrival.
static enum en_err
release(struct core *c, const struct pending_read *read, const struct record *records, size_t count)
{
	const char *code = read->sequence != 0 ? "" : read->reason;
	size_t released = 0, still = 0;
	struct buf b = BUF_EMPTY;
	enum en_err err = EN_OK;

	for (size_t i = 0; i < count && err == EN_OK; i++) {
		const struct held *h = state_held_at(&c->state, records[i].sequence);
		bool follows = h != NULL && h->reason == REASON_CASE_HELD, done = false;
		enum reason reason = REASON_NONE;

		if (h == NULL || (!is_wanted(h, read, code) && !follows)) {
			continue;
		}
		for (size_t e = 0; e < c->state.held_count && follows; e++) {
			// Still behind an earlier one of its case: it waits on.
			follows =
			    !(c->state.held[e].sequence < h->sequence && c->state.held[e].case_hash == h->case_hash);
			if (!follows) {
				reason = REASON_CASE_HELD;
			}
		}
		if (reason == REASON_NONE) {
			err = release_one(c, &records[i], &done, &reason);
		}
		released += done;
		still += !done;
	}
	if (err != EN_OK) {
		return err;
	}
	ctl_reply_begin(&b, read->reply_id);
	json_number(&b, "released", (int64_t)released);
	json_number(&b, "still_held", (int64_t)still);
	buf_put_u8(&b, '}');
	err = core_reply_after(c, c->state.sequence, read->request, buf_view(&b));
	buf_fini(&b);
	return err;
}

// ---- both ----------------------------------------------------------------------------------------------------------------------------

enum en_err
request_records(struct core *c, struct pending_read *read, const struct record *records, size_t count)
{
	if (read->verb == CTL_MSG_RELEASE) {
		return release(c, read, records, count);
	}
	if (count == 0 || records[0].sequence != read->sequence) {
		return reply_error(
		    c, read->request, read->reply_id, "not_found", "there is no message at this position");
	}
	return show(c, read, &records[0]);
}

static void
range_of_held(const struct core *c, uint64_t position, const char *code, uint64_t *from, uint64_t *until)
{
	for (size_t i = 0; i < c->state.held_count; i++) {
		const struct held *h = &c->state.held[i];

		if (position != 0 ? h->sequence == position : strcmp(code, reason_code((enum reason)h->reason)) == 0) {
			*from = *from == 0 ? h->sequence : *from;
			*until = h->sequence;
		}
	}
	// What followed of the same cases stands behind.
	if (*from != 0 && c->state.held_count > 0) {
		*until = c->state.held[c->state.held_count - 1].sequence;
	}
}

enum en_err
request_msg(struct core *c, const struct core_input *in)
{
	const struct ctl_arg *position = ctl_arg(in->ctl, "position"), *code = ctl_arg(in->ctl, "code"),
			     *why = ctl_arg(in->ctl, "reason");
	uint64_t from = position == NULL || position->number < 0 ? 0 : (uint64_t)position->number, until = from;
	struct pending_read *read;
	enum en_err err;

	if (in->ctl->verb == CTL_MSG_RELEASE) {
		uint64_t wanted = from;

		from = until = 0;
		range_of_held(c, wanted, code == NULL ? "" : code->text, &from, &until);
		err = CORE_LOG(c, LOG_INFO, "audit.release",
		    LOG_TEXT("agency", in->operator_agency == NULL ? "" : in->operator_agency->name),
		    LOG_NUM("position", wanted), LOG_TEXT("code", code == NULL ? "" : code->text),
		    LOG_TEXT("reason", why == NULL ? "" : why->text));
		if (err != EN_OK) {
			return err;
		}
	}
	if (from == 0 || from > c->durable) {
		return reply_error(
		    c, in->request, in->ctl->id, "not_found", "no held message fits; see: enlace msg ls --state held");
	}
	err = core_read(c, from, until, &read);
	if (err == EN_EBUSY) {
		return reply_error(c, in->request, in->ctl->id, "busy", "too many requests are under way");
	}
	if (err == EN_OK) {
		read->request = in->request;
		read->verb = in->ctl->verb;
		read->sequence = position == NULL ? 0 : (uint64_t)position->number;
		snprintf(read->reply_id, sizeof(read->reply_id), "%s", in->ctl->id);
		snprintf(read->reason, sizeof(read->reason), "%s", code == NULL ? "" : code->text);
	}
	return err;
}

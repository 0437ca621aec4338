// SPDX-License-Identifier: Apache-2.0
// What stood still goes on: held inputs are translated again under the rules of now, dead letters go back into their
// lanes. An operator asks (msg.release), or the broker does by itself: for inputs that were held only because an earlier
// one of their case was (ENL-025), and for statuses by a recipient's own number that came before the number was settled.
//
// A held input's payload is in the journal: it is read, a chunk at a time, and looked at in the order of its case.
#include <stdio.h>

#include "core/engine.h"
#include "schema/json.h"

// ---- one held input ------------------------------------------------------------------------------------------------

// The broker's own word was held by an error in a route: it is decided anew, and nobody's rights are asked.
static bool
is_own(const struct translation *t)
{
	return view_is(t->body.agency, BROKER_SOURCE);
}

// The input as it was received, ready to be translated anew.
static enum reason
prepare(struct core *c, const struct record *record, struct translation *t, const struct rules_agency **ret_agency,
    const struct schema_type **ret_type, struct view *ret_payload)
{
	static const struct json_options options = {.lenient = true};
	const char *agency, *type, *source;
	struct json_fault fault;

	if (record->is_damaged || record->kind != RECORD_INPUT ||
	    body_get_input(record->body, &c->scratch, &t->body) != EN_OK) {
		return REASON_QUARANTINED;
	}
	memcpy(t->event_id, record->id, sizeof(t->event_id));
	t->body.releases = record->sequence;
	t->body.supersedes = 0;
	t->body.client = VIEW_EMPTY;
	t->body.output_count = 0;
	t->field = t->place = "";
	if (is_own(t)) {
		return REASON_NONE;
	}
	agency = arena_text(&c->scratch, t->body.agency);
	type = arena_text(&c->scratch, t->body.type);
	source = arena_text(&c->scratch, t->body.source);
	if (agency == NULL || type == NULL || source == NULL) {
		return REASON_BUSY;
	}
	*ret_agency = rules_agency_by_name(c->rules, agency);
	*ret_type = schema_type_by_name(rules_schema(c->rules), type);
	if (*ret_agency == NULL || rules_may(c->rules, *ret_agency, VERB_PUBLISH, type, source) != EN_OK) {
		return REASON_NOT_PERMITTED;
	}
	if (*ret_type == NULL) {
		return REASON_SCHEMA_UNKNOWN;
	}
	*ret_payload = t->body.payload;
	if (t->body.form == FRAME_FORM_JSON && t->body.payload.len > 0) {
		buf_clear(&c->payload);
		if (json_to_payload(*ret_type, t->body.payload, &options, &c->payload, NULL, &fault) != EN_OK) {
			return REASON_SCHEMA_INVALID;
		}
		*ret_payload = buf_view(&c->payload);
	}
	return REASON_NONE;
}

// An operator who mended one thing has to see the next one, not the one that is mended.
static bool
says_another_thing(const struct held *h, const struct translation *t)
{
	return t->reason != (enum reason)h->reason || strcmp(t->field, h->field) != 0 ||
	    strcmp(t->place, h->place) != 0;
}

// *ret_released: it is recorded now. Otherwise it stays, for the reason that holds it now.
static enum en_err
take_up(struct core *c, struct held *h, const struct record *record, bool *ret_released)
{
	struct translation t = {.field = "", .place = ""};
	const struct rules_agency *agency = NULL;
	const struct schema_type *type = NULL;
	struct view payload = VIEW_EMPTY;
	uint64_t sequence;
	enum en_err err = EN_OK;

	*ret_released = false;
	h->is_due = false;
	t.reason = prepare(c, record, &t, &agency, &type, &payload);
	if (t.reason == REASON_BUSY) {
		return EN_ENOMEM;
	}
	if (t.reason == REASON_QUARANTINED) {
		h->is_stuck = true;
		return EN_OK;
	}
	if (t.reason == REASON_NONE) {
		err = is_own(&t) ? translate_own(c, &t) : translate(c, agency, type, payload, &t);
	}
	if (err != EN_OK) {
		return err;
	}
	*ret_released = t.reason == REASON_NONE;
	return *ret_released || says_another_thing(h, &t) ? record_translation(c, &t, &sequence) : EN_OK;
}

// What was held because an earlier one of its case was, or for want of a number that is known now.
static bool
goes_by_itself(const struct held *h)
{
	return !h->is_stuck && ((enum reason)h->reason == REASON_CASE_HELD || h->is_due);
}

// ---- a chunk of records --------------------------------------------------------------------------------------------

static bool
is_asked_for(const struct held *h, const struct pending_read *read)
{
	if (read->position != 0) {
		return h->sequence == read->position;
	}
	return read->code[0] != '\0' && strcmp(read->code, reason_code((enum reason)h->reason)) == 0;
}

static enum en_err
finish(struct core *c, const struct pending_read *read)
{
	struct buf b = BUF_EMPTY;
	enum en_err err;

	if (read->request == 0) {
		return EN_OK;
	}
	ctl_reply_begin(&b, read->reply_id);
	buf_printf(&b, ",\"released\":%zu,\"still_held\":%zu}", read->released, read->still);
	err = b.err != EN_OK ? b.err : core_reply_durable(c, read->request, buf_view(&b));
	buf_fini(&b);
	return err;
}

static enum en_err
go_on(struct core *c, const struct pending_read *read, uint64_t next)
{
	struct pending_read *more;
	enum en_err err = core_read(c, next, read->until, LIMIT_READER_BYTES, &more);

	if (err == EN_OK) {
		uint64_t id = more->id;

		*more = *read;
		more->id = id;
		more->from = next;
	}
	return err == EN_EBUSY ? finish(c, read) : err; // what is left is there still
}

// What was asked for, and what was held only because an earlier one of its case was: each when it is the first of its
// case that is held.
enum en_err
release_records(struct core *c, struct pending_read *read, const struct record *records, size_t count, uint64_t next)
{
	enum en_err err = EN_OK;

	for (size_t i = 0; i < count && err == EN_OK; i++) {
		struct held *h = held_at(&c->state.held, records[i].sequence);
		bool follows = h != NULL && goes_by_itself(h), done = false;

		if (h == NULL || (!follows && !is_asked_for(h, read))) {
			continue;
		}
		if (held_first_of_case(&c->state.held, h->case_key) == h) {
			err = take_up(c, h, &records[i], &done);
		}
		read->released += done;
		read->still += !done;
	}
	c->is_taking_up = c->is_taking_up || read->released > 0;
	if (err != EN_OK) {
		return err;
	}
	return next > read->from && next <= read->until ? go_on(c, read, next) : finish(c, read);
}

// ---- by itself -----------------------------------------------------------------------------------------------------

static bool
is_under_way(const struct core *c)
{
	for (size_t i = 0; i < LIMIT_CORE_READS; i++) {
		if (c->reads[i].id != 0 && c->reads[i].subscription == NULL && c->reads[i].verb == CTL_MSG_RELEASE) {
			return true;
		}
	}
	return false;
}

void
release_remember(struct core *c, uint64_t sequence, const struct translation *t)
{
	struct held *h = t->reason == REASON_REFERRAL_UNKNOWN ? held_at(&c->state.held, sequence) : NULL;

	if (h != NULL) {
		h->is_due = false; // it was looked for just now
		h->has_wanted = t->has_wanted;
		memcpy(h->wanted, t->wanted, sizeof(h->wanted));
	}
}

void
release_wanted(struct core *c, struct view agency, struct view reference)
{
	uint8_t key[16];

	if (c->state.held.count == 0) {
		return;
	}
	state_reference_key(&c->state, agency, reference, key);
	for (size_t i = 0; i < c->state.held.count; i++) {
		struct held *h = c->state.held.items[i];

		if (h->has_wanted && memcmp(h->wanted, key, sizeof(key)) == 0) {
			h->is_due = c->is_taking_up = true;
		}
	}
}

enum en_err
release_followers(struct core *c)
{
	const struct held_table *t = &c->state.held;
	uint64_t from = 0, until = 0;
	struct pending_read *read;
	bool any = false;
	enum en_err err;

	if (is_under_way(c)) {
		return EN_OK;
	}
	for (size_t i = 0; i < t->count; i++) {
		const struct held *h = t->items[i];

		if (goes_by_itself(h) && held_first_of_case(t, h->case_key) == h) {
			any = true;
			from = from == 0 && h->sequence <= c->durable ? h->sequence : from;
		}
		until = h->sequence <= c->durable ? h->sequence : until;
	}
	c->is_taking_up = any;
	if (from == 0) {
		return EN_OK; // nothing to do, or not durable yet
	}
	err = core_read(c, from, until, LIMIT_READER_BYTES, &read);
	if (err == EN_OK) {
		read->verb = CTL_MSG_RELEASE;
	}
	return err == EN_EBUSY ? EN_OK : err;
}

// ---- dead letters --------------------------------------------------------------------------------------------------

static bool
is_dead_asked_for(const struct dead *d, uint64_t position, const char *code)
{
	return position != 0 ? d->number / NUMBER_OUTPUTS == position
			     : strcmp(code, reason_code((enum reason)d->reason)) == 0;
}

static enum en_err
send_again(struct core *c, const struct rules_subscription *rules, uint64_t position, const char *code, size_t *count)
{
	struct subscription_state *sub = state_subscription(&c->state, view_text(rules->name));
	struct body_outcome *items;
	size_t found = 0;

	if (sub == NULL) {
		return EN_ENOMEM;
	}
	items = arena_alloc(&c->scratch, (sub->dead_count + 1) * sizeof(*items));
	for (size_t i = 0; i < sub->dead_count && items != NULL; i++) {
		const struct dead *d = &sub->dead[i];

		if (is_dead_asked_for(d, position, code)) {
			items[found++] = (struct body_outcome){.number = d->number,
			    .lane = d->lane,
			    .type = d->type,
			    .outcome = OUTCOME_AGAIN,
			    .reason = REASON_OPERATOR};
		}
	}
	*count += found;
	return items == NULL ? EN_ENOMEM : record_outcomes(c, rules, items, found);
}

static enum en_err
release_dead(struct core *c, uint64_t position, const char *code, size_t *ret_count)
{
	enum en_err err = EN_OK;

	for (uint32_t i = 0; i < rules_subscription_count(c->rules) && err == EN_OK; i++) {
		err = send_again(c, rules_subscription_at(c->rules, i), position, code, ret_count);
	}
	return err;
}

// ---- the request ---------------------------------------------------------------------------------------------------

// From the first one asked for to the last one held: what followed of the same cases stands behind.
static void
range_of(const struct core *c, struct pending_read *read)
{
	const struct held_table *t = &c->state.held;

	for (size_t i = 0; i < t->count; i++) {
		if (is_asked_for(t->items[i], read) && t->items[i]->sequence <= c->durable) {
			read->from = read->from == 0 ? t->items[i]->sequence : read->from;
		}
		read->until = t->items[i]->sequence <= c->durable ? t->items[i]->sequence : read->until;
	}
}

static enum en_err
read_held(struct core *c, const struct pending_read *wanted)
{
	struct pending_read *read;
	enum en_err err = core_read(c, wanted->from, wanted->until, LIMIT_READER_BYTES, &read);

	if (err == EN_EBUSY) {
		return request_error(c, wanted->request, wanted->reply_id, "busy", "too many requests are under way");
	}
	if (err == EN_OK) {
		uint64_t id = read->id;

		*read = *wanted;
		read->id = id;
	}
	return err;
}

enum en_err
release_request(struct core *c, const struct core_input *in)
{
	const struct ctl_arg *position = ctl_arg(in->ctl, "position"), *code = ctl_arg(in->ctl, "code"),
			     *why = ctl_arg(in->ctl, "reason");
	struct pending_read wanted = {.request = in->request,
	    .verb = CTL_MSG_RELEASE,
	    .position = position == NULL || position->number < 0 ? 0 : (uint64_t)position->number};
	enum en_err err;

	snprintf(wanted.reply_id, sizeof(wanted.reply_id), "%s", in->ctl->id);
	snprintf(wanted.code, sizeof(wanted.code), "%s", code == NULL ? "" : code->text);
	err = CORE_LOG(c, LOG_INFO, "audit.release",
	    LOG_TEXT("agency", in->operator_agency == NULL ? "" : in->operator_agency->name),
	    LOG_NUM("position", wanted.position), LOG_TEXT("code", wanted.code),
	    LOG_TEXT("reason", why == NULL ? "" : why->text));
	if (err == EN_OK) {
		err = release_dead(c, wanted.position, wanted.code, &wanted.released);
	}
	if (err != EN_OK) {
		return err;
	}
	range_of(c, &wanted);
	if (wanted.from != 0) {
		return read_held(c, &wanted);
	}
	return wanted.released > 0 ? finish(c, &wanted)
				   : request_error(c, in->request, in->ctl->id, "not_found",
					 "no held message or dead letter fits; see: enlace msg ls --state held");
}

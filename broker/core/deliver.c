// SPDX-License-Identifier: Apache-2.0
// Deliveries: what a subscription is owed, in order, as far as its credit goes. The decision is looked at again (it may only narrow), the view is made now, and
// what cannot go ends with its reason. Of one case nothing overtakes: what waits for a retry, or a dead letter that holds its case, blocks what follows.
#include <stdio.h>
#include <stdlib.h>

#include "core/engine.h"
#include "schema/json.h"

#define BATCH_MAX 256
#define SKIP_MAX 4096 // owed deliveries that are looked past for blocked cases

struct batch {
	Enlace__V1__Deliver message;
	Enlace__V1__Delivery deliveries[BATCH_MAX];
	Enlace__V1__Delivery *list[BATCH_MAX];
	size_t count, bytes;
	struct body_outcome outcomes[BATCH_MAX];
	size_t outcome_count;
};

static bool
is_blocked(const struct subscription_state *sub, const struct attachment *a, const struct owed_lane *lane,
    const struct owed *o)
{
	for (size_t i = 0; i < sub->parked_count; i++) {
		const struct owed *p = owed_find((struct owed_lane *)(uintptr_t)lane, sub->parked[i].number);

		if (p != NULL && p->case_hash == o->case_hash && p->number < o->number) {
			return true;
		}
	}
	for (size_t i = 0; i < sub->dead_count && !a->rules->continues_after_dead_letter; i++) {
		if (sub->dead[i].case_hash == o->case_hash && sub->dead[i].number < o->number) {
			return true;
		}
	}
	return false;
}

static const struct hot_record *
find_record(const struct core *c, uint64_t sequence)
{
	const struct hot_record *r = hot_find(&c->hot, sequence);

	return r != NULL ? r : hot_find(&c->cold, sequence);
}

static enum en_err
ask_for(struct core *c, struct subscription_state *sub, uint64_t sequence)
{
	struct pending_read *read;
	enum en_err err;

	if (sub->read_id != 0) {
		return EN_OK;
	}
	err = core_read(c, sequence, c->durable, &read);
	if (err == EN_OK) {
		read->subscription = sub;
		sub->read_id = read->id;
	}
	return err == EN_EBUSY ? EN_OK : err;
}

static void
end_with(struct batch *b, struct attachment *a, const struct owed *o, enum outcome outcome, enum reason reason)
{
	b->outcomes[b->outcome_count++] = (struct body_outcome){.subscription = view_text(a->state->name),
	    .agency = view_text(a->rules->agency->name),
	    .number = o->number,
	    .outcome = (uint8_t)outcome,
	    .reason = (uint8_t)reason,
	    .attempt = o->attempt};
}

static const struct body_decision *
decision_for(const struct body_output *out, const char *subscription)
{
	for (uint16_t i = 0; i < out->decision_count; i++) {
		if (view_is(out->decisions[i].subscription, subscription)) {
			return &out->decisions[i];
		}
	}
	return NULL;
}

static const char *
text_of(struct core *c, struct view v)
{
	return arena_text(&c->scratch, v);
}

// The envelope of what the recipient gets.
static enum en_err
envelope(struct core *c, struct session *s, const struct attachment *a, const struct body_input *in,
    const struct body_output *out, const struct body_decision *d, struct view payload,
    Io__Cloudevents__V1__CloudEvent **ret)
{
	struct event_parts parts = {.id = text_of(c, out->id),
	    .source = "urn:enlace:broker",
	    .type = a->rules->as->name,
	    .partitionkey = text_of(c, in->partition_key),
	    .time_ms = in->time_ms,
	    .expiry_ms = in->expiry_ms,
	    .payload = payload,
	    .payload_is_json = s->form == FRAME_FORM_JSON};
	char *deadline = arena_alloc(&c->scratch, 25);
	size_t extra = 0;

	if (parts.id == NULL || parts.partitionkey == NULL || deadline == NULL) {
		return EN_ENOMEM;
	}
	parts.extra[extra].name = "enlagreement";
	parts.extra[extra++].value = text_of(c, d->agreement);
	parts.extra[extra].name = "enlpurpose";
	parts.extra[extra++].value = text_of(c, d->purpose);
	if (out->reference.len > 0) {
		parts.extra[extra].name = "correlationid";
		parts.extra[extra++].value = text_of(c, out->reference);
	}
	if (d->decide_by_ms != 0 || d->acknowledge_by_ms != 0) {
		wall_format(d->acknowledge_by_ms != 0 ? d->acknowledge_by_ms : d->decide_by_ms, deadline);
		parts.extra[extra].name = "enldeadline";
		parts.extra[extra++].value = deadline;
	}
	return event_build(&parts, &c->scratch, ret);
}

static enum en_err
payload_for(struct core *c, const struct session *s, const struct attachment *a, struct view *payload)
{
	static const struct json_options options = {.lenient = false};
	struct json_fault fault;
	enum en_err err;

	if (s->form == FRAME_FORM_PROTOBUF) {
		*payload = arena_copy(&c->scratch, *payload);
		return payload->data == NULL && payload->len > 0 ? EN_ENOMEM : EN_OK;
	}
	buf_clear(&c->payload);
	err = json_from_payload(a->rules->as, *payload, &options, &c->payload, &fault);
	*payload = arena_copy(&c->scratch, buf_view(&c->payload));
	return err == EN_OK && payload->data == NULL ? EN_ENOMEM : err;
}

static enum en_err
fly(struct core *c, struct session *s, struct attachment *a, struct owed *o, const struct hot_record *record,
    const struct body_output *out, Io__Cloudevents__V1__CloudEvent *event, size_t bytes, struct batch *b)
{
	struct in_flight *f = &a->flying[a->flying_count++];
	Enlace__V1__Delivery *d = &b->deliveries[b->count];

	*f = (struct in_flight){.number = o->number, .bytes = bytes, .deadline_ms = UINT64_MAX};
	snprintf(
	    f->reference, sizeof(f->reference), "%.*s", (int)out->reference.len, (const char *)out->reference.data);
	o->state = OWED_IN_FLIGHT;
	a->state->in_flight++;
	a->state->bytes_in_flight += bytes;
	enlace__v1__delivery__init(d);
	d->number = o->number;
	d->revision = out->revision;
	d->attempt = o->attempt + 1u;
	d->first_seen_ms = record->wall_ms;
	d->event = event;
	b->list[b->count++] = d;
	b->bytes += bytes;
	c->deliveries_sent++;
	(void)s;
	return EN_OK;
}

// What may go of one delivery: its view into *ret_payload, or the outcome that ends it.
static enum en_err
view_of_delivery(struct core *c, struct attachment *a, struct owed *o, const struct body_input *in,
    const struct body_output *out, const struct body_decision *d, struct batch *b, struct view *ret_payload)
{
	const struct rules_agency *from = rules_agency_by_name(c->rules, text_of(c, in->agency));
	const char *const *masked = NULL;
	const struct plan *plan = NULL;
	struct map_fault fault = {.reason = REASON_NONE};
	struct map_env env = {.recorded_wall_ms = c->now.wall_ms, .sender = text_of(c, in->agency), .event_id = in->id};
	struct narrow_input n = {.subscription = a->rules,
	    .from = from,
	    .purpose = text_of(c, d->purpose),
	    .agreement = text_of(c, d->agreement),
	    .type = (enum canonical)out->type,
	    .canonical = &c->index,
	    .case_consent = state_consent(&c->state, in->case_hash),
	    .wall_ms = c->now.wall_ms};
	enum reason reason;
	enum en_err err;

	ret_payload->data = NULL;
	if (in->expiry_ms != 0 && in->expiry_ms <= c->now.wall_ms) {
		end_with(b, a, o, OUTCOME_EXPIRED, REASON_EXPIRED);
		return EN_OK;
	}
	err = index_build(&c->index, rules_canonical_type(c->rules, (enum canonical)out->type), out->payload, NULL);
	if (err != EN_OK || from == NULL) {
		end_with(b, a, o, from == NULL ? OUTCOME_WITHHELD : OUTCOME_DEAD,
		    from == NULL ? REASON_NO_AGREEMENT : REASON_VIEW_FAILED);
		return err == EN_ENOMEM ? err : EN_OK;
	}
	reason = rules_narrow(c->rules, &n, &c->scratch, &plan, &masked);
	if (reason == REASON_BUSY) {
		return EN_ENOMEM;
	}
	if (reason != REASON_NONE) {
		end_with(b, a, o, OUTCOME_WITHHELD, reason);
		return EN_OK;
	}
	memcpy(env.id_key, c->options.id_key, sizeof(env.id_key));
	env.masked = masked;
	err = plan_run(plan, &c->index, &env, &c->outbound, &fault);
	if (err == EN_EMAPPING) {
		end_with(b, a, o, OUTCOME_DEAD, REASON_VIEW_FAILED);
		return CORE_LOG(c, LOG_ERROR, "delivery.view_failed", LOG_TEXT("subscription", a->state->name),
		    LOG_NUM("number", o->number), LOG_TEXT("code", reason_code(fault.reason)),
		    LOG_TEXT("mapping", fault.mapping), LOG_TEXT("target", fault.target));
	}
	if (err != EN_OK) {
		return err;
	}
	if (c->outbound.output_count == 0) {
		end_with(b, a, o, OUTCOME_WITHHELD, REASON_CONSENT); // what the person withheld is all there is
		return EN_OK;
	}
	*ret_payload = c->outbound.outputs[0].payload;
	ret_payload->data = ret_payload->data == NULL ? (const uint8_t *)"" : ret_payload->data;
	return EN_OK;
}

static enum en_err
deliver_one(struct core *c, struct session *s, struct attachment *a, struct owed *o, const struct hot_record *record,
    struct batch *b)
{
	uint16_t index = (uint16_t)(o->number % NUMBER_OUTPUTS);
	const struct body_decision *d = NULL;
	Io__Cloudevents__V1__CloudEvent *event;
	struct body_input in;
	struct view payload;
	enum en_err err = record->kind == RECORD_INPUT
	    ? body_get_input(view_of(record->body, record->len), &c->scratch, &in)
	    : EN_ECORRUPT;

	if (err == EN_OK && index < in.output_count) {
		d = decision_for(&in.outputs[index], a->state->name);
	}
	if (d == NULL) {
		end_with(b, a, o, OUTCOME_DEAD,
		    REASON_QUARANTINED); // the record is damaged, or does not say what the fold saw
		return err == EN_ENOMEM ? err : EN_OK;
	}
	err = view_of_delivery(c, a, o, &in, &in.outputs[index], d, b, &payload);
	if (err != EN_OK || payload.data == NULL) {
		return err;
	}
	err = payload_for(c, s, a, &payload);
	if (err == EN_OK) {
		err = envelope(c, s, a, &in, &in.outputs[index], d, payload, &event);
	}
	return err == EN_OK ? fly(c, s, a, o, record, &in.outputs[index], event, payload.len + 512, b) : err;
}

// An eighth of the credit is kept for alerts.
static bool
has_credit(const struct subscription_state *sub, size_t lane)
{
	uint32_t events = lane == LANE_ALERT || sub->window_events < 8 ? sub->window_events
								       : sub->window_events - sub->window_events / 8;
	uint64_t bytes = lane == LANE_ALERT ? sub->window_bytes : sub->window_bytes - sub->window_bytes / 8;

	return sub->in_flight < events && (sub->in_flight == 0 || sub->bytes_in_flight < bytes);
}

static enum en_err
deliver_lane(struct core *c, struct session *s, struct attachment *a, size_t lane, struct batch *b)
{
	struct subscription_state *sub = a->state;
	struct owed_lane *l = &sub->lanes[lane];
	size_t skipped = 0;

	for (size_t i = l->waiting_from; i < l->count && skipped < SKIP_MAX; i++) {
		struct owed *o = &l->items[l->head + i];
		const struct hot_record *record;
		enum en_err err;

		if (o->state != OWED_WAITING) {
			l->waiting_from += i == l->waiting_from;
			continue;
		}
		if (o->number / NUMBER_OUTPUTS > c->durable || !has_credit(sub, lane) || b->count == BATCH_MAX ||
		    b->outcome_count == BATCH_MAX || b->bytes > s->frame_bytes / 2) {
			break;
		}
		if (is_blocked(sub, a, l, o)) {
			skipped++;
			continue;
		}
		record = find_record(c, o->number / NUMBER_OUTPUTS);
		if (record == NULL) {
			return ask_for(c, sub, o->number / NUMBER_OUTPUTS);
		}
		err = deliver_one(c, s, a, o, record, b);
		if (err != EN_OK) {
			return err;
		}
	}
	return EN_OK;
}

static enum en_err
send_batch(struct core *c, struct session *s, const struct attachment *a, struct batch *b)
{
	enum en_err err;

	if (b->count == 0) {
		return EN_OK;
	}
	enlace__v1__deliver__init(&b->message);
	b->message.subscription = a->state->name;
	b->message.epoch = s->epoch;
	b->message.n_deliveries = b->count;
	b->message.deliveries = b->list;
	err = core_send(c, s->peer, s->form, FRAME_DELIVER, &b->message.base);
	// A batch that came out larger than a frame goes one by one; one that is larger alone cannot go at all.
	for (size_t i = 0; err == EN_ELIMIT && i < b->count; i++) {
		b->message.n_deliveries = 1;
		b->message.deliveries = &b->list[i];
		err = core_send(c, s->peer, s->form, FRAME_DELIVER, &b->message.base);
		err = err == EN_ELIMIT && i + 1 < b->count ? EN_ELIMIT : err;
	}
	return err;
}

static enum en_err
deliver_attachment(struct core *c, struct session *s, struct attachment *a)
{
	struct batch *b = arena_alloc(&c->scratch, sizeof(*b));
	enum en_err err = EN_OK;

	if (b == NULL) {
		return EN_ENOMEM;
	}
	b->count = b->bytes = b->outcome_count = 0;
	for (size_t lane = 0; lane < LANE_COUNT && err == EN_OK; lane++) {
		err = deliver_lane(c, s, a, lane, b);
	}
	if (err == EN_OK) {
		err = send_batch(c, s, a, b);
	}
	return err == EN_OK ? settle_record(c, b->outcomes, b->outcome_count) : err;
}

enum en_err
deliver_all(struct core *c)
{
	for (struct session *s = c->sessions; s != NULL; s = s->next) {
		for (size_t i = 0; i < s->attachment_count; i++) {
			enum en_err err = deliver_attachment(c, s, &s->attachments[i]);

			if (err != EN_OK) {
				return err;
			}
		}
	}
	return EN_OK;
}

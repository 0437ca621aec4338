// SPDX-License-Identifier: Apache-2.0
#include "core/body.h"

// Behind every decision and outcome since version 2.
static bool
get_addressed(struct rd *r, uint8_t version)
{
	return version >= 2 && rd_u8(r) != 0;
}

static bool
is_known(uint8_t version)
{
	return version >= 1 && version <= BODY_VERSION;
}

// A canonical event that passed as it is is not written twice.
static void
put_output(struct buf *b, const struct body_output *o, struct view received)
{
	bool is_same = o->payload.len > 0 && o->payload.len == received.len &&
	    (o->payload.data == received.data || view_equal(o->payload, received));

	buf_put_text(b, o->id);
	buf_put_u8(b, o->type);
	buf_put_u8(b, o->lane);
	buf_put_varint(b, o->revision);
	buf_put_text(b, o->reference);
	buf_put_text(b, o->source_case);
	buf_put_text(b, o->source_service);
	buf_put_u8(b, o->state);
	buf_put_text(b, o->mapping);
	buf_put_u8(b, is_same);
	buf_put_text(b, is_same ? VIEW_EMPTY : o->payload);
	buf_put_u16(b, o->decision_count);
	for (uint16_t i = 0; i < o->decision_count; i++) {
		const struct body_decision *d = &o->decisions[i];

		buf_put_text(b, d->subscription);
		buf_put_text(b, d->agency);
		buf_put_text(b, d->route);
		buf_put_text(b, d->agreement);
		buf_put_text(b, d->purpose);
		buf_put_varint(b, (uint64_t)d->acknowledge_by_ms);
		buf_put_varint(b, (uint64_t)d->decide_by_ms);
		buf_put_u8(b, d->is_addressed);
	}
	buf_put_u16(b, o->missed_count);
	for (uint16_t i = 0; i < o->missed_count; i++) {
		buf_put_text(b, o->missed[i].agency);
		buf_put_text(b, o->missed[i].route);
		buf_put_u8(b, o->missed[i].reason);
	}
}

void
body_put_input(struct buf *b, const struct body_input *in)
{
	buf_put_u8(b, BODY_VERSION);
	buf_put_text(b, in->agency);
	buf_put_text(b, in->client);
	buf_put_varint(b, in->client_sequence);
	buf_put_varint(b, in->releases);
	buf_put_varint(b, in->supersedes);
	buf_put_u8(b, in->form);
	buf_put_u8(b, in->is_held);
	buf_put_u64(b, in->content);
	buf_put_u64(b, in->case_hash);
	buf_put_text(b, in->source);
	buf_put_text(b, in->id);
	buf_put_text(b, in->type);
	buf_put_text(b, in->partition_key);
	buf_put_varint(b, (uint64_t)in->time_ms);
	buf_put_varint(b, (uint64_t)in->expiry_ms);
	buf_put_u8(b, in->reason);
	buf_put_text(b, in->field);
	buf_put_text(b, in->place);
	buf_put_text(b, in->payload);
	buf_put_u16(b, in->output_count);
	for (uint16_t i = 0; i < in->output_count; i++) {
		put_output(b, &in->outputs[i], in->payload);
	}
}

// An array of count items that each take at least one byte: a count that the body cannot hold is a lie.
static void *
items(struct rd *r, struct arena *arena, size_t count, size_t size)
{
	void *p;

	if (r->err == EN_OK && count > rd_left(r)) {
		r->err = EN_ECORRUPT;
	}
	if (r->err != EN_OK) {
		return NULL;
	}
	p = arena_zalloc(arena, count * size + 1);
	if (p == NULL) {
		r->err = EN_ENOMEM;
	}
	return p;
}

static void
get_output(struct rd *r, struct arena *arena, uint8_t version, struct body_output *o, struct view received)
{
	bool is_same;

	o->id = rd_text(r);
	o->type = rd_u8(r);
	o->lane = rd_u8(r);
	o->revision = (uint32_t)rd_varint(r);
	o->reference = rd_text(r);
	o->source_case = rd_text(r);
	o->source_service = rd_text(r);
	o->state = rd_u8(r);
	o->mapping = rd_text(r);
	is_same = rd_u8(r) != 0;
	o->payload = rd_text(r);
	o->payload = is_same ? received : o->payload;
	o->decision_count = rd_u16(r);
	o->decisions = items(r, arena, o->decision_count, sizeof(*o->decisions));
	for (uint16_t i = 0; i < o->decision_count && r->err == EN_OK; i++) {
		struct body_decision *d = &o->decisions[i];

		d->subscription = rd_text(r);
		d->agency = rd_text(r);
		d->route = rd_text(r);
		d->agreement = rd_text(r);
		d->purpose = rd_text(r);
		d->acknowledge_by_ms = (int64_t)rd_varint(r);
		d->decide_by_ms = (int64_t)rd_varint(r);
		d->is_addressed = get_addressed(r, version);
	}
	o->missed_count = rd_u16(r);
	o->missed = items(r, arena, o->missed_count, sizeof(*o->missed));
	for (uint16_t i = 0; i < o->missed_count && r->err == EN_OK; i++) {
		o->missed[i].agency = rd_text(r);
		o->missed[i].route = rd_text(r);
		o->missed[i].reason = rd_u8(r);
	}
}

enum en_err
body_get_input(struct view body, struct arena *arena, struct body_input *ret)
{
	struct rd r = rd_init(body);
	struct body_input in = {.client_sequence = 0};
	uint8_t version = rd_u8(&r);

	if (!is_known(version)) {
		return EN_EVERSION;
	}
	in.agency = rd_text(&r);
	in.client = rd_text(&r);
	in.client_sequence = rd_varint(&r);
	in.releases = rd_varint(&r);
	in.supersedes = rd_varint(&r);
	in.form = rd_u8(&r);
	in.is_held = rd_u8(&r) != 0;
	in.content = rd_u64(&r);
	in.case_hash = rd_u64(&r);
	in.source = rd_text(&r);
	in.id = rd_text(&r);
	in.type = rd_text(&r);
	in.partition_key = rd_text(&r);
	in.time_ms = (int64_t)rd_varint(&r);
	in.expiry_ms = (int64_t)rd_varint(&r);
	in.reason = rd_u8(&r);
	in.field = rd_text(&r);
	in.place = rd_text(&r);
	in.payload = rd_text(&r);
	in.output_count = rd_u16(&r);
	if (in.output_count > LIMIT_OUTPUTS_PER_INPUT) {
		return EN_ECORRUPT;
	}
	in.outputs = items(&r, arena, in.output_count, sizeof(*in.outputs));
	for (uint16_t i = 0; i < in.output_count && r.err == EN_OK; i++) {
		get_output(&r, arena, version, &in.outputs[i], in.payload);
	}
	if (rd_end(&r) != EN_OK) {
		return rd_end(&r);
	}
	*ret = in;
	return EN_OK;
}

void
body_put_refused(struct buf *b, const struct body_refused *in)
{
	buf_put_u8(b, BODY_VERSION);
	buf_put_text(b, in->agency);
	buf_put_text(b, in->client);
	buf_put_varint(b, in->client_sequence);
	buf_put(b, in->last_id, sizeof(in->last_id));
	buf_put_u16(b, in->count);
	for (uint16_t i = 0; i < in->count; i++) {
		buf_put_u8(b, in->items[i].reason);
		buf_put_varint(b, in->items[i].count);
	}
}

enum en_err
body_get_refused(struct view body, struct arena *arena, struct body_refused *ret)
{
	struct rd r = rd_init(body);
	struct body_refused in = {.count = 0};

	if (!is_known(rd_u8(&r))) {
		return EN_EVERSION;
	}
	in.agency = rd_text(&r);
	in.client = rd_text(&r);
	in.client_sequence = rd_varint(&r);
	rd_copy(&r, in.last_id, sizeof(in.last_id));
	in.count = rd_u16(&r);
	in.items = items(&r, arena, in.count, sizeof(*in.items));
	for (uint16_t i = 0; i < in.count && r.err == EN_OK; i++) {
		in.items[i].reason = rd_u8(&r);
		in.items[i].count = (uint32_t)rd_varint(&r);
	}
	if (rd_end(&r) != EN_OK) {
		return rd_end(&r);
	}
	*ret = in;
	return EN_OK;
}

void
body_put_outcomes(struct buf *b, const struct body_outcomes *in)
{
	buf_put_u8(b, BODY_VERSION);
	buf_put_text(b, in->subscription);
	buf_put_text(b, in->agency);
	buf_put_u16(b, in->count);
	for (uint16_t i = 0; i < in->count; i++) {
		const struct body_outcome *o = &in->items[i];

		buf_put_u64(b, o->number);
		buf_put_u8(b, o->lane);
		buf_put_u8(b, o->type);
		buf_put_u8(b, o->outcome);
		buf_put_u8(b, o->reason);
		buf_put_varint(b, o->attempt);
		buf_put_varint(b, (uint64_t)o->not_before_ms);
		buf_put_text(b, o->code);
		buf_put_text(b, o->recipient_reference);
		buf_put_text(b, o->reference);
		buf_put_u8(b, o->is_addressed);
	}
}

enum en_err
body_get_outcomes(struct view body, struct arena *arena, struct body_outcomes *ret)
{
	struct rd r = rd_init(body);
	struct body_outcomes in = {.count = 0};
	uint8_t version = rd_u8(&r);

	if (!is_known(version)) {
		return EN_EVERSION;
	}
	in.subscription = rd_text(&r);
	in.agency = rd_text(&r);
	in.count = rd_u16(&r);
	in.items = items(&r, arena, in.count, sizeof(*in.items));
	for (uint16_t i = 0; i < in.count && r.err == EN_OK; i++) {
		struct body_outcome *o = &in.items[i];

		o->number = rd_u64(&r);
		o->lane = rd_u8(&r);
		o->type = rd_u8(&r);
		o->outcome = rd_u8(&r);
		o->reason = rd_u8(&r);
		o->attempt = (uint32_t)rd_varint(&r);
		o->not_before_ms = (int64_t)rd_varint(&r);
		o->code = rd_text(&r);
		o->recipient_reference = rd_text(&r);
		o->reference = rd_text(&r);
		o->is_addressed = get_addressed(&r, version);
	}
	if (rd_end(&r) != EN_OK) {
		return rd_end(&r);
	}
	*ret = in;
	return EN_OK;
}

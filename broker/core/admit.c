// SPDX-License-Identifier: Apache-2.0
// PUBLISH: each event gets one word, in order, after the fsync of its record. After the first busy everything is busy until that sequence comes again, so
// that the order stands.
#include <stdio.h>

#include "core/engine.h"
#include "schema/json.h"

struct answer {
	Enlace__V1__Answer pb;
	char field[256];
};

static enum en_err
word(struct answer *a, Enlace__V1__Verdict verdict, enum reason reason, const char *field)
{
	a->pb.verdict = verdict;
	a->pb.code = (char *)(uintptr_t)(reason == REASON_NONE ? "" : reason_code(reason));
	a->pb.text = (char *)(uintptr_t)(reason == REASON_NONE ? "" : reason_text(reason, EN_LANG_EN));
	snprintf(a->field, sizeof(a->field), "%s", field);
	a->pb.field = a->field;
	return EN_OK;
}

static enum en_err
refuse(struct core *c, struct session *s, uint64_t sequence, struct answer *a, enum reason reason, const char *field)
{
	struct body_refused body = {.agency = view_text(s->agency),
	    .client = view_text(s->client),
	    .client_sequence = sequence,
	    .reason = (uint8_t)reason};

	buf_clear(&c->body);
	body_put_refused(&c->body, &body);
	(void)word(a, ENLACE__V1__VERDICT__REFUSED, reason, field);
	return core_record(c, RECORD_REFUSED, 0, NULL, NULL);
}

static enum reason
check_attributes(struct core *c, const Io__Cloudevents__V1__CloudEvent *e, const char **field, int64_t *expiry)
{
	const char *partition_key = event_attribute(e, "partitionkey");
	const struct {
		const char *name, *value;
	} wanted[] = {{"id", e->id}, {"source", e->source}, {"type", e->type}, {"partitionkey", partition_key}};

	for (size_t i = 0; i < EN_COUNT_OF(wanted); i++) {
		*field = wanted[i].name;
		if (wanted[i].value == NULL || wanted[i].value[0] == '\0' || strlen(wanted[i].value) > LIMIT_ID_BYTES) {
			return REASON_ENVELOPE_INVALID;
		}
	}
	*field = "specversion";
	if (strcmp(e->spec_version, "1.0") != 0) {
		return REASON_ENVELOPE_INVALID;
	}
	*field = "attributes";
	if (e->n_attributes > LIMIT_ATTRIBUTES) {
		return REASON_ENVELOPE_INVALID;
	}
	*field = "expirytime";
	if (event_attribute_time(e, "expirytime", expiry) && *expiry <= c->now.wall_ms) {
		return REASON_EXPIRED;
	}
	*field = "";
	return REASON_NONE;
}

// The payload as protobuf; in form J from the record with its native names.
static enum reason
take_payload(struct core *c, const struct session *s, const Io__Cloudevents__V1__CloudEvent *e,
    const struct schema_type *type, struct view *ret_raw, struct view *ret_payload, char field[256])
{
	struct json_options options = {.lenient = true};
	struct json_fault fault = {.path = ""};

	if (s->form == FRAME_FORM_PROTOBUF || e->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA) {
		if (e->data_case != IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA) {
			return REASON_ENVELOPE_INVALID;
		}
		*ret_raw = *ret_payload = view_of(e->binary_data.data, e->binary_data.len);
		return ret_raw->len > c->limits.event_bytes ? REASON_OVERSIZE : REASON_NONE;
	}
	if (e->data_case != IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA) {
		return REASON_ENVELOPE_INVALID;
	}
	*ret_raw = view_text(e->text_data);
	if (ret_raw->len > c->limits.event_bytes) {
		return REASON_OVERSIZE;
	}
	buf_clear(&c->payload);
	if (json_to_payload(type, *ret_raw, &options, &c->payload, NULL, &fault) != EN_OK) {
		snprintf(field, 256, "%s", fault.path);
		return REASON_SCHEMA_INVALID;
	}
	*ret_payload = buf_view(&c->payload);
	return REASON_NONE;
}

static enum en_err
record_input(struct core *c, struct session *s, struct translation *t, const uint8_t event_id[16], struct answer *a)
{
	uint64_t sequence;
	uint8_t lanes = 0;
	enum en_err err;

	t->body.is_held = t->reason != REASON_NONE;
	t->body.reason = (uint8_t)t->reason;
	t->body.field = view_text(t->field);
	t->body.place = view_text(t->place);
	t->body.output_count = t->body.is_held ? 0 : t->body.output_count;
	for (uint16_t i = 0; i < t->body.output_count; i++) {
		lanes |= (uint8_t)(1u << t->body.outputs[i].lane);
	}
	buf_clear(&c->body);
	body_put_input(&c->body, &t->body);
	err = core_record(c, RECORD_INPUT, lanes, event_id, &sequence);
	if (err != EN_OK) {
		return err;
	}
	(void)word(a, t->body.is_held ? ENLACE__V1__VERDICT__HELD : ENLACE__V1__VERDICT__RECORDED, t->reason, t->field);
	a->pb.position = sequence;
	a->pb.outputs = t->body.output_count;
	if (!t->body.is_held) {
		return EN_OK;
	}
	return CORE_LOG(c, LOG_WARN, "event.held", LOG_TEXT("agency", s->agency), LOG_NUM("position", sequence),
	    LOG_TEXT("code", reason_code(t->reason)), LOG_TEXT("field", t->field), LOG_TEXT("place", t->place));
}

// Known already? *ret_done: the answer is written.
static enum en_err
check_known(struct core *c, struct session *s, const Enlace__V1__Event *event, struct translation *t,
    const uint8_t event_id[16], struct answer *a, bool *ret_done)
{
	struct dedup *d = strmap_get(&c->state.dedups, t->body.source);
	const struct dedup_entry *known = d == NULL ? NULL : dedup_find(d, event_id);
	const struct held *held = state_held_by_id(&c->state, event_id);
	struct agency_counts *counts = state_agency(&c->state, view_text(s->agency));

	*ret_done = known != NULL;
	if (known == NULL || counts == NULL) {
		return counts == NULL ? EN_ENOMEM : EN_OK;
	}
	if (known->content == t->body.content) {
		counts->duplicates++;
		a->pb.position = known->sequence;
		(void)word(a, ENLACE__V1__VERDICT__DUPLICATE, REASON_NONE, "");
		return EN_OK;
	}
	if (held != NULL && event->supersedes && strcmp(held->agency, s->agency) == 0) {
		t->body.supersedes = held->sequence;
		*ret_done = false;
		return EN_OK;
	}
	return refuse(c, s, event->sequence, a, REASON_DUPLICATE_CONFLICT, "id");
}

static uint64_t
content_of(const struct core *c, const Io__Cloudevents__V1__CloudEvent *e, struct view raw)
{
	uint8_t digest[16];
	uint64_t content, kind = hash_bytes(0, view_text(e->type));

	crypto_short_hash(digest, c->options.hash_key, raw);
	memcpy(&content, digest, sizeof(content));
	return content ^ kind;
}

static enum en_err
admit_known_type(struct core *c, struct session *s, const struct rules_agency *agency, const Enlace__V1__Event *event,
    const struct schema_type *type, struct translation *t, struct answer *a)
{
	const Io__Cloudevents__V1__CloudEvent *e = event->event;
	struct view payload;
	uint8_t event_id[16];
	bool done = false;
	enum reason reason = take_payload(c, s, e, type, &t->body.payload, &payload, t->field);
	enum en_err err;

	if (reason != REASON_NONE) {
		char field[256];

		snprintf(field, sizeof(field), "%s", t->field);
		return refuse(c, s, event->sequence, a, reason, field);
	}
	t->body.content = content_of(c, e, t->body.payload);
	state_event_id(&c->state, t->body.source, t->body.id, event_id);
	err = check_known(c, s, event, t, event_id, a, &done);
	if (err != EN_OK || done) {
		return err;
	}
	if (t->body.supersedes == 0 && state_case_is_held(&c->state, t->body.agency, t->body.case_hash)) {
		t->reason = REASON_CASE_HELD;
	} else {
		err = translate(c, agency, type, payload, t);
	}
	if (err != EN_OK) {
		return err;
	}
	if (t->reason != REASON_NONE && t->refuse) {
		return refuse(c, s, event->sequence, a, t->reason, t->field);
	}
	if (t->reason != REASON_NONE && c->state.held_count >= c->limits.held) {
		return word(a, ENLACE__V1__VERDICT__BUSY, REASON_BUSY, "");
	}
	return record_input(c, s, t, event_id, a);
}

static enum en_err
admit_one(struct core *c, struct session *s, const Enlace__V1__Event *event, struct answer *a)
{
	const struct rules_agency *agency = rules_agency_by_name(c->rules, s->agency);
	const Io__Cloudevents__V1__CloudEvent *e = event->event;
	struct translation t = {.reason = REASON_NONE};
	const struct schema_type *type;
	const char *field = "event";
	int64_t time = 0, expiry = 0;
	enum reason reason = e == NULL ? REASON_ENVELOPE_INVALID : check_attributes(c, e, &field, &expiry);

	if (reason != REASON_NONE || agency == NULL) {
		return refuse(c, s, event->sequence, a, agency == NULL ? REASON_NOT_PERMITTED : reason, field);
	}
	if (strcmp(e->source, "urn:enlace:broker") == 0) {
		return refuse(c, s, event->sequence, a, REASON_ECHO, "source");
	}
	if (rules_may(c->rules, agency, VERB_PUBLISH, e->type, e->source) != EN_OK) {
		return refuse(c, s, event->sequence, a, REASON_NOT_PERMITTED, "type");
	}
	type = schema_type_by_name(rules_schema(c->rules), e->type);
	if (type == NULL) {
		return refuse(c, s, event->sequence, a, REASON_SCHEMA_UNKNOWN, "type");
	}
	(void)event_attribute_time(e, "time", &time);
	t.body = (struct body_input){.agency = view_text(s->agency),
	    .client = view_text(s->client),
	    .client_sequence = event->sequence,
	    .form = s->form,
	    .source = view_text(e->source),
	    .id = view_text(e->id),
	    .type = view_text(e->type),
	    .partition_key = view_text(event_attribute(e, "partitionkey")),
	    .time_ms = time,
	    .expiry_ms = expiry};
	t.body.case_hash = state_case_hash(&c->state, t.body.agency, t.body.partition_key);
	return admit_known_type(c, s, agency, event, type, &t, a);
}

// Whether the broker takes it up at all just now.
static enum reason
too_much(const struct core *c, const struct session *s, const Enlace__V1__Event *event)
{
	if (event->sequence > s->next_sequence || (s->is_busy && event->sequence != s->next_sequence)) {
		return REASON_BUSY;
	}
	if (s->unanswered >= c->limits.publish_window) {
		return REASON_BUSY;
	}
	// An input may grow: its outputs stand beside it.
	if (c->space < 4 * c->limits.event_bytes) {
		return REASON_DISK_FULL;
	}
	return REASON_NONE;
}

static enum en_err
admit_event(struct core *c, struct session *s, const Enlace__V1__Event *event, struct answer *a)
{
	enum reason busy = too_much(c, s, event);
	struct agency_counts *counts;
	enum en_err err = EN_OK;

	enlace__v1__answer__init(&a->pb);
	a->pb.sequence = event->sequence;
	if (busy == REASON_NONE && event->sequence != s->next_sequence) {
		return word(a, ENLACE__V1__VERDICT__REFUSED, REASON_MALFORMED,
		    "sequence"); // not counted as an input: the client lost count
	}
	if (busy == REASON_NONE) {
		err = admit_one(c, s, event, a);
		busy = a->pb.verdict == ENLACE__V1__VERDICT__BUSY ? REASON_BUSY : REASON_NONE;
	} else {
		(void)word(a, ENLACE__V1__VERDICT__BUSY, busy, "");
	}
	if (busy == REASON_NONE) {
		s->is_busy = false;
		s->next_sequence++;
		s->unanswered++;
		return err;
	}
	counts = state_agency(&c->state, view_text(s->agency));
	if (counts != NULL) {
		counts->busy++;
	}
	s->is_busy = true;
	a->pb.retry_after_ms = busy == REASON_DISK_FULL ? 5000 : 200;
	return err;
}

enum en_err
admit_publish(struct core *c, struct session *s, const Enlace__V1__Publish *publish)
{
	size_t count = publish->n_events;
	struct answer *answers;
	Enlace__V1__Answer **list;
	Enlace__V1__Published out = ENLACE__V1__PUBLISHED__INIT;
	uint32_t before = s->unanswered;
	enum en_err err = EN_OK;

	if (count == 0 || count > LIMIT_EVENTS_PER_PUBLISH) {
		return count == 0 ? EN_OK
				  : core_error(c, s->peer, s->form, REASON_OVERSIZE, "events", false, FRAME_PUBLISH);
	}
	answers = arena_alloc(&c->scratch, count * sizeof(*answers));
	list = arena_alloc(&c->scratch, count * sizeof(*list));
	if (answers == NULL || list == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < count && err == EN_OK; i++) {
		err = admit_event(c, s, publish->events[i], &answers[i]);
		list[i] = &answers[i].pb;
	}
	if (err != EN_OK) {
		return err;
	}
	out.n_answers = count;
	out.answers = list;
	return core_send_after(
	    c, c->state.sequence, s->peer, s->form, FRAME_PUBLISHED, &out.base, s->unanswered - before);
}

// SPDX-License-Identifier: Apache-2.0
// PUBLISH: each event gets one word, in order, after the fsync of its record. After the first busy everything is busy
// until that sequence comes again, so that the order stands. What is refused leaves one record for the whole frame, and
// a duplicate none: what changes nothing is not written.
#include <stdlib.h>

#include "core/engine.h"
#include "schema/json.h"

#define EVENT_ID_BYTES 16 // state_event_id

// One PUBLISH under way.
struct publishing {
	struct core *c;
	struct session *s;
	const struct rules_agency *agency;
	struct agency_counts *counts;
	uint32_t refused[REASON_COUNT];
	uint32_t refused_count;
	uint64_t refused_last; // client sequence
	uint8_t refused_id[16];
	const char *refused_field;
	// What the event before was found to be: events of one frame are mostly of one type and source.
	const char *type_name, *source;
	const struct schema_type *type;
	enum reason verdict;
};

// One event of it.
struct admission {
	const Enlace__V1__Event *event;
	const uint8_t *event_id;
	Enlace__V1__Answer *answer;
	const struct schema_type *type;
	struct view payload; // protobuf
	bool is_old; // its sequence was answered before: nothing may change
	struct translation t;
};

// ---- words ---------------------------------------------------------------------------------------------------------

static void
word(Enlace__V1__Answer *a, Enlace__V1__Verdict verdict, enum reason reason, const char *field)
{
	a->verdict = verdict;
	a->code = (char *)(uintptr_t)(reason == REASON_NONE ? "" : reason_code(reason));
	a->text = (char *)(uintptr_t)(reason == REASON_NONE ? "" : reason_text(reason, EN_LANG_EN));
	a->field = (char *)(uintptr_t)(field == NULL ? "" : field);
}

static enum en_err
refuse(struct publishing *p, struct admission *a, enum reason reason, const char *field)
{
	word(a->answer, ENLACE__V1__VERDICT__REFUSED, reason, field);
	if (!a->is_old) {
		p->refused[reason]++;
		p->refused_count++;
		p->refused_last = a->event->sequence;
		p->refused_field = field;
		memcpy(p->refused_id, a->t.event_id, sizeof(p->refused_id));
	}
	return EN_OK;
}

// ---- checks --------------------------------------------------------------------------------------------------------

// May the agency send this type from this source, and is the type known?
static enum reason
check_type(struct publishing *p, const Io__Cloudevents__V1__CloudEvent *e)
{
	if (p->type_name != NULL && strcmp(p->type_name, e->type) == 0 && strcmp(p->source, e->source) == 0) {
		return p->verdict;
	}
	p->type_name = e->type;
	p->source = e->source;
	p->type = NULL;
	if (strcmp(e->source, BROKER_SOURCE) == 0) {
		p->verdict = REASON_ECHO;
	} else if (p->agency == NULL || rules_may(p->c->rules, p->agency, VERB_PUBLISH, e->type, e->source) != EN_OK) {
		p->verdict = REASON_NOT_PERMITTED;
	} else {
		p->type = schema_type_by_name(rules_schema(p->c->rules), e->type);
		p->verdict = p->type == NULL ? REASON_SCHEMA_UNKNOWN : REASON_NONE;
	}
	return p->verdict;
}

static bool
is_about_source(const struct publishing *p, const Io__Cloudevents__V1__CloudEvent *e, enum reason reason)
{
	return reason == REASON_ECHO ||
	    (reason == REASON_NOT_PERMITTED &&
		rules_may(p->c->rules, p->agency, VERB_SOURCE, e->source, NULL) != EN_OK);
}

// The payload as it came, and as protobuf: in form J the record with its native names becomes one. An event without data
// is an event with an empty payload.
static enum reason
take_payload(struct publishing *p, struct admission *a, const char **ret_field)
{
	static const struct json_options options = {.lenient = true};
	const Io__Cloudevents__V1__CloudEvent *e = a->event->event;
	bool is_json = p->s->form == FRAME_FORM_JSON;
	struct core *c = p->c;
	struct json_fault fault = {.path = ""};
	struct view raw = VIEW_EMPTY;
	enum en_err err;

	*ret_field = "data";
	switch (e->data_case) {
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA__NOT_SET:
		break;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA:
		if (is_json) {
			return REASON_ENVELOPE_INVALID;
		}
		raw = view_of(e->binary_data.data, e->binary_data.len);
		break;
	case IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA:
		if (!is_json) {
			return REASON_ENVELOPE_INVALID;
		}
		raw = view_text(e->text_data);
		break;
	default:
		return REASON_ENVELOPE_INVALID;
	}
	*ret_field = "";
	a->t.body.payload = a->payload = raw;
	if (raw.len > c->limits.event_bytes) {
		return REASON_OVERSIZE;
	}
	if (!is_json || raw.len == 0) {
		return REASON_NONE;
	}
	buf_clear(&c->payload);
	err = json_to_payload(a->type, raw, &options, &c->payload, NULL, &fault);
	if (err != EN_OK) {
		char field[JSON_PLACE_BYTES];

		*ret_field = arena_text(&c->scratch, view_text(json_fault_field(&fault, field)));
		return err == EN_ENOMEM || *ret_field == NULL ? REASON_BUSY : REASON_SCHEMA_INVALID;
	}
	a->payload = buf_view(&c->payload);
	return a->payload.len > c->limits.event_bytes ? REASON_OVERSIZE : REASON_NONE;
}

// Same type, case and payload are the same content; in form J the payload is what the record becomes (PROTOCOL.md 7).
static uint64_t
content_of(const struct core *c, const struct admission *a)
{
	uint64_t content = hash_keyed(c->options.hash_key, a->payload);

	return hash_bytes(hash_bytes(content, a->t.body.type), a->t.body.partition_key);
}

// Known already? *ret_done: the answer is written.
static enum en_err
check_known(struct publishing *p, struct admission *a, bool *ret_done)
{
	struct core *c = p->c;
	struct dedup *d = strmap_get_again(&c->state.dedups, a->t.body.source);
	const struct dedup_entry *known = d == NULL ? NULL : dedup_find(d, a->t.event_id);
	const struct held *held = known == NULL ? NULL : held_by_id(&c->state.held, a->t.event_id);

	*ret_done = known != NULL || a->is_old;
	if (known == NULL) {
		return a->is_old ? refuse(p, a, REASON_MALFORMED, "sequence") : EN_OK; // the client lost count
	}
	if (known->content == a->t.body.content) {
		word(a->answer, ENLACE__V1__VERDICT__DUPLICATE, REASON_NONE, "");
		a->answer->position = known->sequence;
		p->counts->duplicates++;
		return EN_OK;
	}
	if (held != NULL && a->event->supersedes && strcmp(held->agency, p->s->agency) == 0 && !a->is_old) {
		a->t.body.supersedes = held->sequence;
		*ret_done = false;
		return EN_OK;
	}
	return refuse(p, a, REASON_DUPLICATE_CONFLICT, "id");
}

// Whether an earlier input of the case is held. One that supersedes a held one waits for those before that one only.
static bool
is_case_held(const struct core *c, const struct body_input *in)
{
	const struct held *first = c->state.held.count == 0
	    ? NULL
	    : held_first_of_case(&c->state.held, held_case_key(in->source, in->case_hash));

	return first != NULL && first->sequence != in->supersedes;
}

// ---- one event -----------------------------------------------------------------------------------------------------

static enum en_err
record(struct publishing *p, struct admission *a)
{
	struct translation *t = &a->t;
	struct core *c = p->c;
	uint64_t sequence = 0;
	enum en_err err;

	err = record_translation(c, t, &sequence);
	if (err != EN_OK) {
		return err;
	}
	word(a->answer, t->body.is_held ? ENLACE__V1__VERDICT__HELD : ENLACE__V1__VERDICT__RECORDED, t->reason,
	    t->field);
	a->answer->position = sequence;
	a->answer->outputs = t->body.output_count;
	p->counts->bytes += t->body.payload.len;
	c->is_taking_up = c->is_taking_up || t->body.supersedes != 0;
	return record_tell_held(c, p->s->agency, t, sequence);
}

// No agency takes the room of all: one whose events are all held is busy alone.
static bool
may_hold(const struct publishing *p)
{
	uint32_t all = p->c->limits.held, share = all / LIMIT_HELD_SHARE;

	return p->c->state.held.count < all && p->counts->held < (share == 0 ? 1 : share);
}

static enum en_err
admit_payload(struct publishing *p, struct admission *a)
{
	struct core *c = p->c;
	const char *field = "";
	enum reason reason = take_payload(p, a, &field);
	bool done = false;
	enum en_err err;

	if (reason == REASON_BUSY) {
		return EN_ENOMEM;
	}
	if (reason != REASON_NONE) {
		return refuse(p, a, reason, field);
	}
	a->t.body.content = content_of(c, a);
	err = check_known(p, a, &done);
	if (err != EN_OK || done) {
		return err;
	}
	if (is_case_held(c, &a->t.body)) {
		a->t.reason = REASON_CASE_HELD;
	} else {
		err = translate(c, p->agency, a->type, a->payload, &a->t);
	}
	if (err != EN_OK) {
		return err;
	}
	if (a->t.reason != REASON_NONE && a->t.refuse) {
		return refuse(p, a, a->t.reason, a->t.field);
	}
	if (a->t.reason != REASON_NONE && !may_hold(p)) {
		word(a->answer, ENLACE__V1__VERDICT__BUSY, REASON_BUSY, "");
		return EN_OK;
	}
	return record(p, a);
}

static enum en_err
admit_one(struct publishing *p, struct admission *a)
{
	const Io__Cloudevents__V1__CloudEvent *e = a->event->event;
	struct core *c = p->c;
	struct envelope envelope;
	const char *field = "event";
	enum reason reason =
	    e == NULL ? REASON_ENVELOPE_INVALID : check_envelope(e, p->s->form, c->now.wall_ms, &envelope, &field);

	if (reason != REASON_NONE) {
		return refuse(p, a, reason, field);
	}
	memcpy(a->t.event_id, a->event_id, sizeof(a->t.event_id));
	reason = check_type(p, e);
	if (reason != REASON_NONE) {
		return refuse(p, a, reason, is_about_source(p, e, reason) ? "source" : "type");
	}
	a->type = p->type;
	a->t.field = a->t.place = "";
	a->t.body = (struct body_input){.agency = view_text(p->s->agency),
	    .client = view_text(p->s->client),
	    .client_sequence = a->event->sequence,
	    .form = p->s->form,
	    .source = view_text(e->source),
	    .id = view_text(e->id),
	    .type = view_text(e->type),
	    .partition_key = view_text(envelope.partition_key),
	    .time_ms = envelope.time_ms,
	    .expiry_ms = envelope.expiry_ms};
	a->t.body.case_hash = state_case_hash(&c->state, a->t.body.agency, a->t.body.partition_key);
	return admit_payload(p, a);
}

// Whether the broker takes it up at all just now. What follows a busy one is ahead of what is expected, and so busy too.
static enum reason
too_much(const struct core *c, const struct session *s, uint64_t sequence)
{
	if (s->is_leaving) {
		return REASON_DRAINING;
	}
	if (sequence > s->next_sequence || s->unanswered >= c->limits.publish_window) {
		return REASON_BUSY;
	}
	if (core_is_full(c)) {
		return REASON_DISK_FULL;
	}
	return REASON_NONE;
}

static enum en_err
admit_event(struct publishing *p, const Enlace__V1__Event *event, const uint8_t event_id[EVENT_ID_BYTES],
    Enlace__V1__Answer *answer)
{
	struct admission a = {.event = event, .event_id = event_id, .answer = answer};
	struct arena_mark mark = arena_mark(&p->c->scratch);
	struct session *s = p->s;
	enum reason busy = REASON_NONE;
	enum en_err err = EN_OK;

	enlace__v1__answer__init(answer);
	answer->sequence = event->sequence;
	a.is_old = event->sequence < s->next_sequence;
	if (a.is_old) {
		return admit_one(p, &a); // ENL-020: answered again, and it moves nothing
	}
	busy = too_much(p->c, s, event->sequence);
	if (busy == REASON_NONE) {
		err = admit_one(p, &a);
		busy = answer->verdict == ENLACE__V1__VERDICT__BUSY ? REASON_BUSY : REASON_NONE;
	} else {
		word(answer, ENLACE__V1__VERDICT__BUSY, busy, "");
	}
	if (answer->verdict == ENLACE__V1__VERDICT__RECORDED) {
		arena_back(&p->c->scratch, mark); // the record was handed out, and the answer has no words of its own
	}
	if (busy == REASON_NONE) {
		s->next_sequence++;
		s->unanswered++;
		return err;
	}
	p->counts->busy++;
	answer->retry_after_ms = busy == REASON_DISK_FULL ? 5000 : 200;
	return err;
}

// ---- the frame -----------------------------------------------------------------------------------------------------

static enum en_err
record_refusals(struct publishing *p)
{
	struct body_refusal items[REASON_COUNT];
	struct body_refused body = {.agency = view_text(p->s->agency),
	    .client = view_text(p->s->client),
	    .client_sequence = p->refused_last,
	    .items = items};
	uint8_t most = 0;
	enum en_err err;

	if (p->refused_count == 0) {
		return EN_OK;
	}
	for (uint8_t i = 0; i < REASON_COUNT; i++) {
		if (p->refused[i] > 0) {
			items[body.count++] = (struct body_refusal){.reason = i, .count = p->refused[i]};
			most = p->refused[i] > p->refused[most] ? i : most;
		}
	}
	memcpy(body.last_id, p->refused_id, sizeof(body.last_id));
	err = record_refused(p->c, &body);
	return err != EN_OK
	    ? err
	    : CORE_LOG(p->c, LOG_WARN, "events.refused", LOG_TEXT("agency", p->s->agency),
		  LOG_TEXT("client", p->s->client), LOG_NUM("count", p->refused_count),
		  LOG_TEXT("code", reason_code((enum reason)most)), LOG_TEXT("field", p->refused_field));
}

// In as many frames as the client's limit asks for. answers: how many of the window they give back, with the last frame.
static enum en_err
answer_all(struct core *c, const struct session *s, Enlace__V1__Answer **list, size_t count, uint32_t answers)
{
	Enlace__V1__Published out = ENLACE__V1__PUBLISHED__INIT;
	enum en_err err;

	out.n_answers = count;
	out.answers = list;
	err = core_promise(c, s, FRAME_PUBLISHED, &out.base, answers, THEN_NOTHING);
	if (err != EN_ELIMIT || count == 1) {
		return err;
	}
	err = answer_all(c, s, list, count / 2, 0);
	return err == EN_OK ? answer_all(c, s, list + count / 2, count - count / 2, answers) : err;
}

// The keyed ids of all events, before the first is looked up: the parts of the table where they would be come near
// meanwhile, and the table is larger than any cache. NULL without memory.
static uint8_t *
expect_all(struct core *c, const Enlace__V1__Publish *publish)
{
	uint8_t *ids = arena_zalloc(&c->scratch, publish->n_events * EVENT_ID_BYTES);

	for (size_t i = 0; i < publish->n_events && ids != NULL; i++) {
		const Io__Cloudevents__V1__CloudEvent *e = publish->events[i]->event;
		const struct dedup *d = e == NULL ? NULL : strmap_get_again(&c->state.dedups, view_text(e->source));

		if (e != NULL) {
			state_event_id(&c->state, view_text(e->source), view_text(e->id), ids + i * EVENT_ID_BYTES);
		}
		if (d != NULL) {
			dedup_expect(d, ids + i * EVENT_ID_BYTES);
		}
	}
	return ids;
}

enum en_err
admit_publish(struct core *c, struct session *s, const Enlace__V1__Publish *publish)
{
	size_t count = publish->n_events;
	struct publishing p = {.c = c, .s = s};
	Enlace__V1__Answer *answers, **list;
	const uint8_t *ids;
	uint32_t before = s->unanswered;
	enum en_err err = EN_OK;

	if (count == 0) {
		return EN_OK;
	}
	if (count > LIMIT_EVENTS_PER_PUBLISH) {
		return core_error(c, s->peer, s->form, REASON_OVERSIZE, "events", FRAME_PUBLISH);
	}
	p.agency = rules_agency_by_name(c->rules, s->agency);
	p.counts = state_agency(&c->state, view_text(s->agency));
	answers = arena_alloc(&c->scratch, count * sizeof(*answers));
	list = arena_alloc(&c->scratch, count * sizeof(*list));
	ids = expect_all(c, publish);
	if (answers == NULL || list == NULL || ids == NULL || p.counts == NULL) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; i < count && err == EN_OK; i++) {
		list[i] = &answers[i];
		err = admit_event(&p, publish->events[i], ids + i * EVENT_ID_BYTES, &answers[i]);
	}
	if (err == EN_OK) {
		err = record_refusals(&p);
	}
	return err == EN_OK ? answer_all(c, s, list, count, s->unanswered - before) : err;
}

// SPDX-License-Identifier: Apache-2.0
// Peers of the stage: they speak the JSON form, as the smallest client does, and what they hear is kept.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/engine.h"

static uint32_t
subject_of(const char *agency)
{
	static const char *const agencies[] = {"clinic", "child", "watch", "shelter", "ops", "hostel"};

	for (uint32_t i = 0; i < EN_COUNT_OF(agencies); i++) {
		if (strcmp(agencies[i], agency) == 0) {
			return i;
		}
	}
	fail_msg("no agency %s", agency);
	return 0;
}

void
engine_send_bytes(struct engine *e, uint64_t peer, const char *agency, struct view bytes)
{
	engine_step(
	    e, (struct core_input){.kind = INPUT_FRAME, .peer = peer, .subject = subject_of(agency), .bytes = bytes});
}

void
engine_send(struct engine *e, uint64_t peer, const char *agency, enum frame_kind kind, const char *json)
{
	struct buf bytes = BUF_EMPTY;

	buf_put(&bytes, (uint8_t[]){'E', 'J', '1', (uint8_t)kind}, 4);
	buf_put_str(&bytes, json);
	engine_send_bytes(e, peer, agency, buf_view(&bytes));
	buf_fini(&bytes);
}

void
engine_send_native(
    struct engine *e, uint64_t peer, const char *agency, enum frame_kind kind, const ProtobufCMessage *message)
{
	struct buf bytes = BUF_EMPTY;

	assert_ok(frame_encode(FRAME_FORM_PROTOBUF, kind, message, &bytes));
	engine_send_bytes(e, peer, agency, buf_view(&bytes));
	buf_fini(&bytes);
}

void
engine_hello(struct engine *e, uint64_t peer, const char *agency, const char *client, const char *subscriptions)
{
	char json[512];

	assert_true(peer < ENGINE_PEERS);
	snprintf(json, sizeof(json), "{\"client\":\"%s\",\"subscriptions\":%s}", client,
	    subscriptions == NULL ? "[]" : subscriptions);
	engine_send(e, peer, agency, FRAME_HELLO, json);
	engine_sync(e);
	if (engine_newest(e, peer, FRAME_WELCOME) != NULL) {
		e->next_sequence[peer] = engine_newest(e, peer, FRAME_WELCOME)->frame.u.welcome->last_sequence + 1;
	}
}

static const char *
word(struct engine *e, const Enlace__V1__Answer *a)
{
	const char *name =
	    protobuf_c_enum_descriptor_get_value(&enlace__v1__verdict__descriptor, (int)a->verdict)->name;

	return arena_printf(&e->arena, "%s%s%s%s%s", name, a->code[0] == '\0' ? "" : " ", a->code,
	    a->field[0] == '\0' ? "" : " ", a->field);
}

const char *
engine_say(struct engine *e, uint64_t peer, const char *type, const char *id, const char *case_id, const char *json)
{
	const char *text = arena_printf(&e->arena,
	    "{\"events\":[{\"sequence\":\"%llu\",\"event\":{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":"
	    "\"urn:enlace:%s\",\"type\":\"%s\",\"partitionkey\":\"%s\",\"data\":%s}}]}",
	    (unsigned long long)e->next_sequence[peer], id, peer == 1 ? "clinic" : "child", type, case_id, json);
	size_t before = engine_count(e, peer, FRAME_PUBLISHED);
	const struct engine_frame *f;

	engine_send(e, peer, peer == 1 ? "clinic" : "child", FRAME_PUBLISH, text);
	engine_sync(e);
	f = engine_newest(e, peer, FRAME_PUBLISHED);
	if (f == NULL || engine_count(e, peer, FRAME_PUBLISHED) == before) {
		return "no answer";
	}
	e->next_sequence[peer] += f->frame.u.published->answers[0]->verdict != ENLACE__V1__VERDICT__BUSY;
	return word(e, f->frame.u.published->answers[0]);
}

const char *
engine_intake(struct engine *e, const char *folio, const char *wish)
{
	return arena_printf(
	    &e->arena, "{\"folio\":\"%s\",\"name\":\"Ana\",\"wishes\":[{\"code\":\"%s\"}]}", folio, wish);
}

const char *
engine_alert(struct engine *e, const char *name)
{
	return arena_printf(&e->arena,
	    "{\"identifier\":\"%s\",\"sender\":\"clinic\",\"status\":1,\"messageType\":1,\"scope\":2,\"eventCode\":5,"
	    "\"legalBasis\":3,\"restriction\":\"x\"}",
	    name);
}

void
engine_settle(
    struct engine *e, uint64_t peer, const char *agency, const char *subscription, uint64_t number, const char *rest)
{
	const struct engine_frame *welcome = NULL;

	for (size_t i = 0; i < e->frame_count; i++) {
		if (e->frames[i].peer == peer && e->frames[i].frame.kind == FRAME_DELIVER) {
			welcome = &e->frames[i];
		}
	}
	assert_non_null(welcome);
	engine_send(e, peer, agency, FRAME_SETTLE,
	    arena_printf(&e->arena,
		"{\"subscription\":\"%s\",\"epoch\":\"%llu\",\"settlements\":[{\"first\":\"%llu\",%s}]}", subscription,
		(unsigned long long)welcome->frame.u.deliver->epoch, (unsigned long long)number, rest));
}

const struct engine_frame *
engine_newest(const struct engine *e, uint64_t peer, enum frame_kind kind)
{
	for (size_t i = e->frame_count; i > 0; i--) {
		if (e->frames[i - 1].peer == peer && e->frames[i - 1].frame.kind == kind) {
			return &e->frames[i - 1];
		}
	}
	return NULL;
}

size_t
engine_count(const struct engine *e, uint64_t peer, enum frame_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < e->frame_count; i++) {
		count += e->frames[i].peer == peer && e->frames[i].frame.kind == kind;
	}
	return count;
}

void
engine_forget_frames(struct engine *e)
{
	e->frame_count = 0;
}

static const Enlace__V1__Delivery *
delivery(const struct engine *e, uint64_t peer, size_t index)
{
	for (size_t i = 0; i < e->frame_count; i++) {
		const struct engine_frame *f = &e->frames[i];

		if (f->peer != peer || f->frame.kind != FRAME_DELIVER) {
			continue;
		}
		if (index < f->frame.u.deliver->n_deliveries) {
			return f->frame.u.deliver->deliveries[index];
		}
		index -= f->frame.u.deliver->n_deliveries;
	}
	return NULL;
}

// The identifier of an alert, the case of its sender, as it stands in the record.
static void
put_name(struct buf *out, const char *json)
{
	static const char *const keys[] = {"\"identifier\":\"", "\"state\":\"", "\"sourceCaseId\":\"", "\"record\":\""};

	for (size_t i = 0; i < EN_COUNT_OF(keys); i++) {
		const char *at = json == NULL ? NULL : strstr(json, keys[i]);

		if (at != NULL) {
			at += strlen(keys[i]);
			buf_put(out, at, strcspn(at, "\""));
			return;
		}
	}
	buf_put_str(out, "?");
}

const char *
engine_delivered(struct engine *e, uint64_t peer)
{
	const Enlace__V1__Delivery *d;

	buf_clear(&e->scratch);
	for (size_t i = 0; (d = delivery(e, peer, i)) != NULL; i++) {
		buf_put_str(&e->scratch, i > 0 ? " " : "");
		put_name(&e->scratch, d->event->text_data);
		if (d->attempt > 1) {
			buf_printf(&e->scratch, "#%u", d->attempt);
		}
	}
	return buf_cstr(&e->scratch);
}

uint64_t
engine_number(const struct engine *e, uint64_t peer, size_t index)
{
	const Enlace__V1__Delivery *d = delivery(e, peer, index);

	assert_non_null(d);
	return d->number;
}

bool
engine_logged(struct engine *e, const char *event)
{
	char text[128];

	snprintf(text, sizeof(text), " %s ", event);
	return strstr(buf_cstr(&e->log), text) != NULL;
}

const char *
engine_request(struct engine *e, enum ctl_verb verb, const char *const *args)
{
	struct buf json = BUF_EMPTY;
	struct ctl_request request;
	struct arena arena;
	char text[200];

	arena_init(&arena, 0);
	assert_ok(ctl_request_build(verb, "r", args, &json));
	if (ctl_request_parse(buf_view(&json), &arena, &request, text) != EN_OK) {
		fail_msg("%s: %s", buf_cstr(&json), text);
	}
	buf_clear(&e->reply);
	engine_step(e,
	    (struct core_input){.kind = INPUT_REQUEST,
		.request = 1,
		.ctl = &request,
		.operator_agency = rules_agency_by_name(e->rules, "ops")});
	engine_sync(e);
	buf_fini(&json);
	arena_fini(&arena);
	return buf_cstr(&e->reply);
}

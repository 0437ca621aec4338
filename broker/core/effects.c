// SPDX-License-Identifier: Apache-2.0
// What a step wants done. Frames and replies that promise something wait here until their record is durable: nothing
// else in the core may send one early. They wait in one line, so that what a peer hears is in the order in which it was
// said.
#include <stdlib.h>

#include "core/engine.h"

void
core_effects_init(struct core_effects *e)
{
	*e = (struct core_effects){.count = 0};
	arena_init(&e->arena, 0);
}

void
core_effects_fini(struct core_effects *e)
{
	arena_fini(&e->arena);
	free(e->items);
	*e = (struct core_effects){.count = 0};
}

void
core_effects_clear(struct core_effects *e)
{
	arena_reset(&e->arena);
	e->count = 0;
}

struct core_effect *
core_effect_add(struct core_effects *e, enum core_effect_kind kind)
{
	if (e->count == e->cap) {
		size_t cap = e->cap == 0 ? 64 : e->cap * 2;
		struct core_effect *grown = realloc(e->items, cap * sizeof(*grown));

		if (grown == NULL) {
			return NULL;
		}
		e->items = grown;
		e->cap = cap;
	}
	e->items[e->count] = (struct core_effect){.kind = kind};
	return &e->items[e->count++];
}

static enum en_err
add_bytes(struct core *c, enum core_effect_kind kind, uint64_t peer, uint64_t request, struct view bytes)
{
	struct core_effect *e = core_effect_add(c->effects, kind);

	if (e == NULL) {
		return EN_ENOMEM;
	}
	e->peer = peer;
	e->request = request;
	e->bytes = arena_copy(&c->effects->arena, bytes);
	return e->bytes.data == NULL && bytes.len > 0 ? EN_ENOMEM : EN_OK;
}

enum en_err
core_send(struct core *c, uint64_t peer, uint8_t form, enum frame_kind kind, const ProtobufCMessage *message)
{
	enum en_err err;

	buf_clear(&c->frame);
	err = frame_encode(form, kind, message, &c->frame);
	return err == EN_OK ? add_bytes(c, EFFECT_SEND, peer, 0, buf_view(&c->frame)) : err;
}

static enum en_err
wait_in_line(struct core *c, const struct waiting *model, struct view bytes)
{
	struct waiting *w = malloc(sizeof(*w) + bytes.len);

	if (w == NULL) {
		return EN_ENOMEM;
	}
	*w = *model;
	w->sequence = c->state.sequence;
	w->len = bytes.len;
	memcpy(w->bytes, bytes.data, bytes.len);
	*c->waiting_tail = w;
	c->waiting_tail = &w->next;
	return EN_OK;
}

enum en_err
core_promise(struct core *c, const struct session *s, enum frame_kind kind, const ProtobufCMessage *message,
    uint32_t answers, enum then then)
{
	struct waiting model = {.peer = s->peer, .epoch = s->epoch, .answers = answers, .then = (uint8_t)then};
	enum en_err err;

	buf_clear(&c->frame);
	err = frame_encode(s->form, kind, message, &c->frame);
	if (err == EN_OK && c->frame.len > s->frame_bytes) {
		err = EN_ELIMIT;
	}
	return err == EN_OK ? wait_in_line(c, &model, buf_view(&c->frame)) : err;
}

enum en_err
core_reply(struct core *c, uint64_t request, struct view json)
{
	return add_bytes(c, EFFECT_REPLY, 0, request, json);
}

enum en_err
core_reply_durable(struct core *c, uint64_t request, struct view json)
{
	return wait_in_line(c, &(struct waiting){.request = request}, json);
}

static enum en_err
let_go(struct core *c, const struct waiting *w)
{
	struct session *s = w->request != 0 ? NULL : session_of(c, w->peer);
	struct view bytes = view_of(w->bytes, w->len);
	enum en_err err;

	if (w->request != 0) {
		return add_bytes(c, EFFECT_REPLY, 0, w->request, bytes);
	}
	if (s == NULL || s->epoch != w->epoch) {
		return EN_OK; // it left; what it was told it asks again
	}
	s->unanswered -= s->unanswered < w->answers ? s->unanswered : w->answers;
	err = add_bytes(c, EFFECT_SEND, w->peer, 0, bytes);
	if (w->then == THEN_OPEN) {
		s->is_open = true;
	} else if (w->then == THEN_END && err == EN_OK) {
		session_end(c, s);
		err = core_forget(c, w->peer);
	}
	return err;
}

enum en_err
core_flush_waiting(struct core *c)
{
	while (c->waiting != NULL && c->waiting->sequence <= c->durable) {
		struct waiting *w = c->waiting;
		enum en_err err = let_go(c, w);

		c->waiting = w->next;
		if (c->waiting == NULL) {
			c->waiting_tail = &c->waiting;
		}
		free(w);
		if (err != EN_OK) {
			return err;
		}
	}
	return EN_OK;
}

enum en_err
core_forget(struct core *c, uint64_t peer)
{
	struct core_effect *e = core_effect_add(c->effects, EFFECT_FORGET);

	if (e == NULL) {
		return EN_ENOMEM;
	}
	e->peer = peer;
	return EN_OK;
}

enum en_err
core_log(struct core *c, enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	struct core_effect *e = core_effect_add(c->effects, EFFECT_LOG);
	struct view copy = arena_copy(&c->effects->arena, view_of(fields, count * sizeof(*fields)));

	if (e == NULL || (copy.data == NULL && count > 0)) {
		return EN_ENOMEM;
	}
	e->level = level;
	e->event = event;
	e->fields = (struct log_field *)(uintptr_t)copy.data;
	e->field_count = count;
	for (size_t i = 0; i < e->field_count; i++) {
		if (e->fields[i].kind == LOG_FIELD_TEXT && e->fields[i].text != NULL) {
			e->fields[i].text = arena_text(&c->effects->arena, view_text(e->fields[i].text));
		} else if (e->fields[i].kind == LOG_FIELD_BYTES) {
			e->fields[i].bytes = arena_copy(&c->effects->arena, e->fields[i].bytes);
		}
	}
	return EN_OK;
}

static bool
may_succeed_later(enum reason reason)
{
	return reason == REASON_NO_SESSION || reason == REASON_BUSY || reason == REASON_DRAINING;
}

enum en_err
core_error(struct core *c, uint64_t peer, uint8_t form, enum reason reason, const char *field, uint8_t about)
{
	Enlace__V1__Error error = ENLACE__V1__ERROR__INIT;
	enum en_err err;

	error.code = (char *)(uintptr_t)reason_code(reason);
	error.text = (char *)(uintptr_t)reason_text(reason, EN_LANG_EN);
	error.field = (char *)(uintptr_t)field;
	error.retry = may_succeed_later(reason);
	error.retry_after_ms = error.retry ? 1000 : 0;
	error.about_kind = about;
	err = core_send(
	    c, peer, form == FRAME_FORM_JSON ? FRAME_FORM_JSON : FRAME_FORM_PROTOBUF, FRAME_ERROR, &error.base);
	return err == EN_OK && session_of(c, peer) == NULL ? core_forget(c, peer) : err;
}

enum en_err
core_read(struct core *c, uint64_t from, uint64_t until, size_t max_bytes, struct pending_read **ret)
{
	struct core_effect *e;

	for (size_t i = 0; i < LIMIT_CORE_READS; i++) {
		if (c->reads[i].id != 0) {
			continue;
		}
		e = core_effect_add(c->effects, EFFECT_READ);
		if (e == NULL) {
			return EN_ENOMEM;
		}
		c->reads[i] = (struct pending_read){.id = c->next_read++, .from = from, .until = until};
		e->id = c->reads[i].id;
		e->from = from;
		e->until = until;
		e->lanes = 0xff;
		e->max_bytes = max_bytes;
		*ret = &c->reads[i];
		return EN_OK;
	}
	return EN_EBUSY;
}

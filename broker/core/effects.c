// SPDX-License-Identifier: Apache-2.0
// What a step wants done. Frames and replies that promise something wait here until their record is durable: nothing else in the core may send one early.
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

static struct core_effect *
add(struct core *c, enum core_effect_kind kind)
{
	struct core_effects *e = c->effects;

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
	struct core_effect *e = add(c, kind);

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
wait_for(struct core *c, uint64_t sequence, uint64_t peer, uint64_t request, struct view bytes, uint32_t answers)
{
	struct waiting *w = malloc(sizeof(*w) + bytes.len);

	if (w == NULL) {
		return EN_ENOMEM;
	}
	*w = (struct waiting){
	    .sequence = sequence, .peer = peer, .request = request, .answers = answers, .len = bytes.len};
	memcpy(w->bytes, bytes.data, bytes.len);
	*c->waiting_tail = w;
	c->waiting_tail = &w->next;
	return EN_OK;
}

enum en_err
core_send_after(struct core *c, uint64_t sequence, uint64_t peer, uint8_t form, enum frame_kind kind,
    const ProtobufCMessage *message, uint32_t answers)
{
	enum en_err err;

	buf_clear(&c->frame);
	err = frame_encode(form, kind, message, &c->frame);
	return err == EN_OK ? wait_for(c, sequence, peer, 0, buf_view(&c->frame), answers) : err;
}

enum en_err
core_reply(struct core *c, uint64_t request, struct view json)
{
	return add_bytes(c, EFFECT_REPLY, 0, request, json);
}

enum en_err
core_reply_after(struct core *c, uint64_t sequence, uint64_t request, struct view json)
{
	return wait_for(c, sequence, 0, request, json, 0);
}

// In the order in which they were promised.
enum en_err
core_flush_waiting(struct core *c)
{
	while (c->waiting != NULL && c->waiting->sequence <= c->durable) {
		struct waiting *w = c->waiting;
		struct session *s = w->peer == 0 ? NULL : session_of(c, w->peer);
		enum en_err err = EN_OK;

		if (w->peer == 0) {
			err = add_bytes(c, EFFECT_REPLY, 0, w->request, view_of(w->bytes, w->len));
		} else if (s != NULL) {
			s->unanswered -= s->unanswered < w->answers ? s->unanswered : w->answers;
			err = add_bytes(c, EFFECT_SEND, w->peer, 0, view_of(w->bytes, w->len));
		}
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
	struct core_effect *e = add(c, EFFECT_FORGET);

	if (e == NULL) {
		return EN_ENOMEM;
	}
	e->peer = peer;
	return EN_OK;
}

enum en_err
core_log(struct core *c, enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	struct core_effect *e = add(c, EFFECT_LOG);

	if (e == NULL) {
		return EN_ENOMEM;
	}
	e->level = level;
	e->event = event;
	e->field_count = count < EN_COUNT_OF(e->fields) ? count : EN_COUNT_OF(e->fields);
	memcpy(e->fields, fields, e->field_count * sizeof(*fields));
	for (size_t i = 0; i < e->field_count; i++) {
		if (e->fields[i].kind == LOG_FIELD_TEXT && e->fields[i].text != NULL) {
			e->fields[i].text = arena_text(&c->effects->arena, view_text(e->fields[i].text));
		}
	}
	return EN_OK;
}

enum en_err
core_error(
    struct core *c, uint64_t peer, uint8_t form, enum reason reason, const char *field, bool retry, uint8_t about)
{
	Enlace__V1__Error error = ENLACE__V1__ERROR__INIT;

	error.code = (char *)(uintptr_t)reason_code(reason);
	error.text = (char *)(uintptr_t)reason_text(reason, EN_LANG_EN);
	error.field = (char *)(uintptr_t)field;
	error.retry = retry;
	error.retry_after_ms = retry ? 1000 : 0;
	error.about_kind = about;
	return core_send(
	    c, peer, form == FRAME_FORM_JSON ? FRAME_FORM_JSON : FRAME_FORM_PROTOBUF, FRAME_ERROR, &error.base);
}

enum en_err
core_record(struct core *c, enum record_kind kind, uint8_t lanes, const uint8_t id[16], uint64_t *ret_sequence)
{
	struct record r = {
	    .sequence = c->state.sequence + 1, .wall_ms = c->now.wall_ms, .kind = (uint8_t)kind, .lanes = lanes};
	struct core_effect *e;
	enum en_err err;

	if (c->body.err != EN_OK) {
		return c->body.err;
	}
	if (id != NULL) {
		memcpy(r.id, id, sizeof(r.id));
	}
	memcpy(r.rules_digest, rules_digest(c->rules), sizeof(r.rules_digest));
	memcpy(r.schema_digest, schema_digest(rules_schema(c->rules)), sizeof(r.schema_digest));
	r.body = buf_view(&c->body);
	arena_reset(&c->fold_arena);
	err = fold_apply(&c->state, &r, &c->fold_arena);
	if (err == EN_OK && kind == RECORD_INPUT) {
		err = hot_put(&c->hot, &r);
	}
	if (err != EN_OK) {
		return err;
	}
	e = add(c, EFFECT_RECORD);
	if (e == NULL) {
		return EN_ENOMEM;
	}
	e->record = r;
	e->record.body = arena_copy(&c->effects->arena, r.body);
	c->space -= c->space < r.body.len + 512 ? c->space : r.body.len + 512;
	if (ret_sequence != NULL) {
		*ret_sequence = r.sequence;
	}
	return e->record.body.data == NULL && r.body.len > 0 ? EN_ENOMEM : EN_OK;
}

enum en_err
core_read(struct core *c, uint64_t from, uint64_t until, struct pending_read **ret)
{
	struct core_effect *e;

	for (size_t i = 0; i < READS_MAX; i++) {
		if (c->reads[i].is_used) {
			continue;
		}
		e = add(c, EFFECT_READ);
		if (e == NULL) {
			return EN_ENOMEM;
		}
		c->reads[i] = (struct pending_read){.is_used = true, .id = c->next_read++};
		e->id = c->reads[i].id;
		e->from = from;
		e->until = until;
		e->lanes = 0xff;
		e->max_bytes = MIB(1);
		*ret = &c->reads[i];
		return EN_OK;
	}
	return EN_EBUSY;
}

// SPDX-License-Identifier: Apache-2.0
// A session's PUBLISH and the answers to it: from the spool within the publish window, in order.
#include "base/limits.h"
#include "sdk/session_int.h"

#define BATCH_EVENTS 256
#define BATCH_BYTES KIB(512)
#define ENVELOPE_BYTES KIB(1) // of an event beside its payload, at most

// ---- answers -------------------------------------------------------------------------------------------------------

// Busy: this one and everything after it was not looked at. Send again from here, with the same sequences, after a pause.
static void
rewind_to(struct session *s, uint64_t sequence, uint32_t retry_after_ms, struct moment now)
{
	s->next_number = s->sent[s->sent_head];
	s->next_sequence = sequence;
	s->sent_count = 0;
	s->sent_first_sequence = sequence;
	s->pause_until_ms = now.monotonic_ms + (retry_after_ms < 50 ? 50 : retry_after_ms);
}

static bool
on_answer(struct session *s, const Enlace__V1__Answer *a, struct moment now)
{
	if (s->sent_count == 0 || a->sequence < s->sent_first_sequence) {
		return true; // of those that a busy answer rewound
	}
	if (a->sequence != s->sent_first_sequence) {
		// Answers come in order of sequence; a late busy answer to what was rewound says nothing new.
		return a->verdict == ENLACE__V1__VERDICT__BUSY;
	}
	if (a->verdict == ENLACE__V1__VERDICT__BUSY) {
		rewind_to(s, a->sequence, a->retry_after_ms, now);
		return true;
	}
	if (s->options.owner.answered != NULL) {
		s->options.owner.answered(s->options.owner.context, s->sent[s->sent_head], a);
	}
	spool_done(s->options.spool, s->sent[s->sent_head]);
	s->sent_head = (s->sent_head + 1) % LIMIT_PUBLISH_WINDOW_EVENTS;
	s->sent_count--;
	s->sent_first_sequence++;
	return true;
}

const char *
session_on_published(struct session *s, const Enlace__V1__Published *p, struct moment now)
{
	for (size_t i = 0; i < p->n_answers; i++) {
		// After a busy answer the rest of the frame is busy too.
		uint64_t paused = s->pause_until_ms;

		if (!on_answer(s, p->answers[i], now)) {
			return "protocol";
		}
		if (s->pause_until_ms != paused) {
			break;
		}
	}
	return NULL;
}

// ---- events --------------------------------------------------------------------------------------------------------

// One event of a batch, copied into the arena: the spool's views live until its next call.
static enum en_err
batch_add(struct session *s, const struct spool_entry *e, Enlace__V1__Event **ret)
{
	struct event_parts parts = {.id = arena_text(&s->arena, e->id),
	    .source = arena_text(&s->arena, e->source),
	    .type = arena_text(&s->arena, e->type),
	    .partitionkey = arena_text(&s->arena, e->case_id),
	    .time_ms = e->time_ms,
	    .payload = arena_copy(&s->arena, e->payload)};
	Enlace__V1__Event *event = arena_alloc(&s->arena, sizeof(*event));
	enum en_err err;

	if (event == NULL || parts.id == NULL || parts.source == NULL || parts.type == NULL ||
	    parts.partitionkey == NULL || (parts.payload.data == NULL && parts.payload.len > 0)) {
		return EN_ENOMEM;
	}
	enlace__v1__event__init(event);
	err = event_build(&parts, &s->arena, &event->event);
	if (err == EN_OK) {
		*ret = event;
	}
	return err;
}

static size_t
room_in_window(const struct session *s)
{
	return s->window > s->sent_count ? s->window - s->sent_count : 0;
}

// The broker's limits may be lower than those that it was spooled under. No frame can carry it: libzmq would cut the connection, also of the next session, and
// everything behind it would wait for ever.
static void
refuse_oversize(struct session *s, uint64_t number)
{
	Enlace__V1__Answer answer = ENLACE__V1__ANSWER__INIT;

	answer.verdict = ENLACE__V1__VERDICT__REFUSED;
	answer.code = (char *)(uintptr_t)reason_code(REASON_OVERSIZE);
	answer.text = (char *)(uintptr_t)reason_text(REASON_OVERSIZE, EN_LANG_EN);
	if (s->options.owner.answered != NULL) {
		s->options.owner.answered(s->options.owner.context, number, &answer);
	}
	spool_done(s->options.spool, number);
}

// Sends one PUBLISH: as much as half a frame holds, or one event that is larger. *ret_more: there may be more to send now.
static enum en_err
publish_batch(struct session *s, struct moment now, bool *ret_more)
{
	Enlace__V1__Event *events[BATCH_EVENTS];
	uint64_t numbers[BATCH_EVENTS];
	Enlace__V1__Publish publish = ENLACE__V1__PUBLISH__INIT;
	size_t room = room_in_window(s), count = 0, bytes = 0;
	size_t limit = s->frame_bytes / 2 < BATCH_BYTES ? s->frame_bytes / 2 : BATCH_BYTES;
	enum en_err err = EN_OK;

	*ret_more = false;
	arena_reset(&s->arena);
	while (count < room && count < BATCH_EVENTS && bytes < limit) {
		struct spool_entry e;

		err = spool_read(s->options.spool, s->next_number, &e);
		if (err != EN_OK) {
			break;
		}
		if (e.payload.len + ENVELOPE_BYTES > s->frame_bytes) {
			refuse_oversize(s, e.number);
			continue;
		}
		if (count > 0 && bytes + e.payload.len + ENVELOPE_BYTES > limit) {
			bytes = limit; // the next frame's
			break;
		}
		numbers[count] = e.number;
		s->next_number = e.number + 1;
		bytes += e.payload.len + ENVELOPE_BYTES;
		err = batch_add(s, &e, &events[count]);
		if (err != EN_OK) {
			return err;
		}
		events[count]->sequence = s->next_sequence + count;
		count++;
	}
	if (err != EN_OK && err != EN_ENOTFOUND) {
		return err;
	}
	if (count == 0) {
		return EN_OK;
	}
	publish.n_events = count;
	publish.events = events;
	err = session_send(s, FRAME_PUBLISH, &publish.base);
	if (err != EN_OK) {
		session_over(s, "unreachable", 0, now);
		return EN_OK;
	}
	for (size_t i = 0; i < count; i++) {
		s->sent[(s->sent_head + s->sent_count++) % LIMIT_PUBLISH_WINDOW_EVENTS] = numbers[i];
	}
	s->next_sequence += count;
	*ret_more = count == BATCH_EVENTS || bytes >= limit;
	return EN_OK;
}

enum en_err
session_publish(struct session *s, struct moment now)
{
	bool more = s->options.spool != NULL;

	while (more && s->state == SESSION_UP && now.monotonic_ms >= s->pause_until_ms) {
		enum en_err err = publish_batch(s, now, &more);

		if (err != EN_OK) {
			return err;
		}
	}
	return EN_OK;
}

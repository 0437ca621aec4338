// SPDX-License-Identifier: Apache-2.0
// Carries out what the core decided in one turn: first the hand-over to the journal, as one unit, then everything else in order. What depends on
// durability is held back by the core itself, so nothing here waits for the disk, except when the journal's queue is full: then the engine stops
// admitting until the disk has caught up.
#include "daemon/daemon.h"

#define SUBMIT_WAIT_MS 1000

static enum en_err
submit(struct daemon *d, const struct record *records, size_t count, const struct store_row *rows, size_t row_count,
    enum submit_when when)
{
	enum en_err err = journal_submit(d->journal, records, count, rows, row_count, when);

	while (err == EN_EBUSY) {
		// Room comes when the next commit begins. Events stay collectable, and are collected by the next turn.
		journal_wait_room(d->journal, SUBMIT_WAIT_MS);
		err = journal_submit(d->journal, records, count, rows, row_count, when);
	}
	if (err == EN_OK && count > 0) {
		d->last_sequence = records[count - 1].sequence;
	}
	return err;
}

static enum en_err
hand_over_from(struct daemon *d, size_t first)
{
	size_t record_count = 0, row_count = 0;
	enum submit_when when = SUBMIT_SOON;
	struct record *records;
	struct store_row *rows;

	for (size_t i = first; i < d->effects.count; i++) {
		record_count += d->effects.items[i].kind == EFFECT_RECORD;
		row_count += d->effects.items[i].kind == EFFECT_ROW;
	}
	if (record_count + row_count == 0) {
		return EN_OK;
	}
	records = arena_alloc(&d->effects.arena, (record_count + 1) * sizeof(*records));
	rows = arena_alloc(&d->effects.arena, (row_count + 1) * sizeof(*rows));
	if (records == NULL || rows == NULL) {
		return EN_ENOMEM;
	}
	record_count = row_count = 0;
	for (size_t i = first; i < d->effects.count; i++) {
		if (d->effects.items[i].kind == EFFECT_RECORD) {
			records[record_count++] = d->effects.items[i].record;
			when = d->effects.items[i].may_wait ? when : SUBMIT_NOW;
		} else if (d->effects.items[i].kind == EFFECT_ROW) {
			rows[row_count++] = d->effects.items[i].row;
		}
	}
	return submit(d, records, record_count, rows, row_count, when);
}

// A send that cannot be handed to libzmq ends the session: the peer says HELLO again and everything unsettled comes again. So nothing is queued
// twice, and a peer that does not read costs its own session only.
static enum en_err
send_frame(struct daemon *d, const struct core_effect *e, struct moment now)
{
	enum en_err err = net_server_send(d->net, e->peer, e->bytes);
	struct core_input in = {.kind = INPUT_UNREACHED, .peer = e->peer};

	if (err == EN_OK) {
		return EN_OK;
	}
	log_event(LOG_WARN, "session.unreached", LOG_TEXT("code", en_err_code(err)), LOG_NUM("peer", e->peer));
	err = daemon_step(d, &in, now);
	net_server_forget(d->net, e->peer);
	return err;
}

// To the journal, before anything else is carried out.
static bool
is_handed_over(const struct core_effect *e)
{
	return e->kind == EFFECT_RECORD || e->kind == EFFECT_ROW;
}

static enum en_err
apply_one(struct daemon *d, const struct core_effect *e, struct moment now)
{
	switch (e->kind) {
	case EFFECT_SEND:
		return send_frame(d, e, now);
	case EFFECT_READ:
		return journal_read(d->journal, e->id, e->from, e->until, e->lanes, e->max_bytes);
	case EFFECT_REPLY:
		requests_reply(d, e->request, e->bytes);
		return EN_OK;
	case EFFECT_FORGET:
		net_server_forget(d->net, e->peer);
		return EN_OK;
	case EFFECT_LOG:
		log_write(e->level, e->event, e->fields, e->field_count);
		return EN_OK;
	case EFFECT_RECORD:
	case EFFECT_ROW:
		break;
	}
	return EN_OK;
}

enum en_err
effects_apply(struct daemon *d, struct moment now)
{
	enum en_err err;

	// Carrying an effect out may make the core say more (a peer that is gone). Such late records are handed over in a second round.
	for (size_t done = 0; done < d->effects.count;) {
		size_t until = d->effects.count;

		err = hand_over_from(d, done);
		for (size_t i = done; i < until && err == EN_OK; i++) {
			if (!is_handed_over(&d->effects.items[i])) {
				struct core_effect e = d->effects.items[i]; // a copy: the array may move

				err = apply_one(d, &e, now);
			}
		}
		if (err != EN_OK) {
			return err;
		}
		done = until;
	}
	core_effects_clear(&d->effects);
	return EN_OK;
}

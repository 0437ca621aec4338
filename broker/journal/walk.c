// SPDX-License-Identifier: Apache-2.0
// Walks the journal. Nothing is passed over in silence: what cannot be read is given as damaged under its own
// sequence, also when a whole block is gone. Only what lies before the first block was trimmed and is not missing.
#include <string.h>

#include "base/limits.h"
#include "journal/journal_int.h"

static void
remember_damage(struct journal *j, uint64_t sequence)
{
	pthread_mutex_lock(&j->lock);
	damage_add(&j->damage, sequence);
	pthread_mutex_unlock(&j->lock);
}

// What was not taken is not remembered either: behind what was asked for it may be one that was never written.
static void
give(struct walk *w, const struct record *record)
{
	if (w->take != NULL && !w->take(w->context, record)) {
		w->is_stopped = true;
		return;
	}
	if (record->is_damaged) {
		remember_damage(w->journal, record->sequence);
	}
	w->next = record->sequence + 1;
}

void
walk_fill(struct walk *w, uint64_t upto)
{
	if (upto >= w->next && upto - w->next >= LIMIT_JOURNAL_GAP) {
		w->err = EN_ECORRUPT;
		return;
	}
	while (w->next <= upto && !w->is_stopped) {
		w->damaged++;
		w->has_head = false;
		give(w, &(struct record){.sequence = w->next, .is_damaged = true});
	}
}

// A record that does not continue the chain was put there by somebody else, or something between was taken away.
static void
check_chain(struct walk *w, const struct seal_reader *reader, const struct record *record)
{
	if (record->is_damaged) {
		w->lacks_cipher += reader->lacks_cipher;
		w->damaged++;
		w->has_head = false;
		return;
	}
	if (w->has_head && memcmp(w->head, reader->previous, sizeof(w->head)) != 0) {
		w->damaged++;
	}
	memcpy(w->head, reader->hash, sizeof(w->head));
	w->has_head = true;
}

static enum en_err
walk_records(struct walk *w, struct seal_reader *reader)
{
	struct record record;
	enum en_err err = EN_OK;

	seal_skip(reader, w->next);
	while (!w->is_stopped && w->err == EN_OK) {
		if (!w->keeps_bodies) {
			buf_clear(&w->bodies);
		}
		err = seal_next(reader, &w->bodies, &record);
		if (err != EN_OK) {
			break;
		}
		check_chain(w, reader, &record);
		give(w, &record);
	}
	return err == EN_ENOTFOUND ? EN_OK : err;
}

static bool
walk_block(void *context, uint64_t key, struct view block)
{
	struct walk *w = context;
	struct seal_reader reader;

	w->err = seal_open(&reader, &w->journal->keys, block, key, w->has_begun ? w->next : 0);
	if (w->err != EN_OK) {
		return false;
	}
	w->may_end = reader.is_index_damaged ? reader.last : 0; // of any but the newest the next one says where it ends
	if (reader.is_index_damaged && reader.sequence + reader.count > w->next) {
		w->damaged++;
	}
	if (!w->has_begun && reader.sequence > w->next) {
		w->next = reader.sequence; // trimmed
	} else if (w->has_begun && reader.sequence > w->next) {
		walk_fill(w, reader.sequence - 1);
	}
	w->has_begun = true;
	if (reader.count == 0 && reader.sequence >= w->next) {
		walk_fill(w, reader.sequence); // a block has one record at least
	}
	if (!w->is_stopped && w->err == EN_OK) {
		w->err = walk_records(w, &reader);
	}
	seal_close(&reader);
	return !w->is_stopped && w->err == EN_OK;
}

enum en_err
walk_run(struct walk *w)
{
	struct store *store = w->journal->store;
	uint64_t before;
	enum en_err err;

	do {
		before = w->next;
		err = store->ops->read(store, w->next, MIB(16), walk_block, w);
	} while (err == EN_OK && w->err == EN_OK && w->next > before && !w->is_stopped);
	if (err == EN_OK && w->err == EN_OK && !w->is_stopped) {
		walk_fill(w, w->may_end);
	}
	return err != EN_OK ? err : w->err;
}

void
walk_fini(struct walk *w)
{
	buf_fini(&w->bodies);
}

// SPDX-License-Identifier: Apache-2.0
// The journal thread commits whatever waits when it is free: group commit without a timer. The reader thread opens, checks and copies out.
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/journal_int.h"
#include "journal/seal.h"

struct writer {
	struct journal *j;
	struct record *records;
	struct store_row *rows;
	size_t record_cap, row_cap;
	struct buf block;
};

static bool
gather(struct writer *w, struct submission *list, struct store_batch *batch, size_t *ret_records)
{
	size_t records = 0, rows = 0;

	for (struct submission *s = list; s != NULL; s = s->next) {
		records += s->count;
		rows += s->row_count;
	}
	if (records > w->record_cap) {
		struct record *grown = realloc(w->records, records * sizeof(*grown));

		if (grown == NULL) {
			return false;
		}
		w->records = grown;
		w->record_cap = records;
	}
	if (rows > w->row_cap) {
		struct store_row *grown = realloc(w->rows, rows * sizeof(*grown));

		if (grown == NULL) {
			return false;
		}
		w->rows = grown;
		w->row_cap = rows;
	}
	*ret_records = 0;
	for (struct submission *s = list; s != NULL; s = s->next) {
		memcpy(w->records + *ret_records, s->records, s->count * sizeof(*s->records));
		*ret_records += s->count;
		memcpy(w->rows + batch->row_count, s->rows, s->row_count * sizeof(*s->rows));
		batch->row_count += s->row_count;
	}
	batch->rows = w->rows;
	return true;
}

static enum en_err
commit(struct writer *w, struct submission *list)
{
	struct store_batch batch = {.first_sequence = 0};
	uint8_t head[RECORD_HASH_BYTES];
	size_t records;
	enum en_err err;

	if (!gather(w, list, &batch, &records)) {
		return EN_ENOMEM;
	}
	memcpy(head, w->j->head, sizeof(head));
	if (records > 0) {
		if (w->records[0].sequence != w->j->last + 1) {
			return EN_EINTERNAL;
		}
		buf_clear(&w->block);
		seal_block(&w->block, w->records, records, w->j->key, head);
		if (w->block.err != EN_OK) {
			return w->block.err;
		}
		batch.first_sequence = w->records[0].sequence;
		batch.block = buf_view(&w->block);
	}
	err = w->j->store->ops->append(w->j->store, &batch);
	if (err == EN_OK && records > 0) {
		memcpy(w->j->head, head, sizeof(head));
		w->j->last = w->records[records - 1].sequence;
	}
	return err;
}

static void
free_list(struct submission *list)
{
	while (list != NULL) {
		struct submission *next = list->next;

		free(list);
		list = next;
	}
}

static void *
run_writer(void *context)
{
	struct journal *j = context;
	struct writer w = {.j = j, .block = BUF_EMPTY};
	bool failed = false;

	for (;;) {
		struct submission *list;
		uint64_t start;
		enum en_err err;

		pthread_mutex_lock(&j->lock);
		while (j->submissions == NULL && !j->stop) {
			pthread_cond_wait(&j->submitted, &j->lock);
		}
		list = j->submissions;
		j->submissions = NULL;
		j->submit_tail = &j->submissions;
		j->queued_bytes = j->queued_records = 0;
		pthread_mutex_unlock(&j->lock);
		if (list == NULL) {
			break;
		}
		start = clock_monotonic_ns();
		err = failed ? EN_EIO : commit(&w, list);
		free_list(list);
		if (err != EN_OK) {
			// A failed sync is never repeated: the process ends and reloads what is really there (security R5).
			failed = true;
			journal_post(j, &(struct journal_event){.kind = JOURNAL_FAILED, .err = err});
			continue;
		}
		journal_post(j,
		    &(struct journal_event){
			.kind = JOURNAL_DURABLE, .sequence = j->last, .fsync_ns = clock_monotonic_ns() - start});
	}
	free(w.records);
	free(w.rows);
	buf_fini(&w.block);
	return NULL;
}

// ---- reading -----------------------------------------------------------------------------------------------------------------------

// What a read answers with, in one piece that the event owns: the records, then their bodies.
struct result {
	const struct read_request *request;
	struct journal *j;
	struct record *records;
	size_t count, cap;
	struct buf bodies;
	uint64_t next;
	bool is_full, failed;
};

static void
add(struct result *r, const struct record *record)
{
	if (r->count == r->cap) {
		size_t cap = r->cap == 0 ? 64 : r->cap * 2;
		struct record *grown = realloc(r->records, cap * sizeof(*grown));

		if (grown == NULL) {
			r->failed = true;
			return;
		}
		r->records = grown;
		r->cap = cap;
	}
	r->records[r->count] = *record;
	r->records[r->count].body.data =
	    (const uint8_t *)(uintptr_t)r->bodies.len; // an offset until all bodies are there
	buf_put_view(&r->bodies, record->body);
	r->failed = r->failed || r->bodies.err != EN_OK;
	r->count++;
}

static bool
read_block(void *context, uint64_t first, struct view block)
{
	struct result *r = context;
	struct seal_reader reader;
	struct record record;
	enum en_err err = seal_open_block(&reader, block, first, r->j->key);

	while (err == EN_OK && !r->is_full && !r->failed) {
		struct rd before = reader.rd;
		uint32_t left = reader.left;

		err = seal_next(&reader, false, &record);
		if (err != EN_OK || record.sequence < r->request->from) {
			continue;
		}
		if (record.sequence > r->request->until ||
		    (r->bodies.len > 0 && r->bodies.len >= r->request->max_bytes)) {
			r->is_full = true;
			break;
		}
		if (record.is_damaged || (record.lanes & r->request->lanes) != 0 || r->request->lanes == 0xff) {
			reader.rd = before;
			reader.left = left;
			reader.sequence = record.sequence;
			err = seal_next(&reader, true, &record);
			add(r, &record);
		}
		r->next = record.sequence + 1;
	}
	seal_close(&reader);
	return !r->is_full && !r->failed;
}

static void
answer(struct journal *j, const struct read_request *request)
{
	struct result r = {.request = request, .j = j, .bodies = BUF_EMPTY, .next = request->from};
	struct journal_event event = {.kind = JOURNAL_RECORDS, .id = request->id};
	enum en_err err = j->store->ops->read(j->store, request->from, MIB(4), read_block, &r);
	struct record *all = err == EN_OK && !r.failed ? malloc(r.count * sizeof(*all) + r.bodies.len + 1) : NULL;

	if (all == NULL) {
		event = (struct journal_event){.kind = JOURNAL_FAILED, .err = err != EN_OK ? err : EN_ENOMEM};
	} else {
		uint8_t *bodies = (uint8_t *)(all + r.count);

		if (r.bodies.len > 0) {
			memcpy(bodies, r.bodies.data, r.bodies.len);
		}
		for (size_t i = 0; i < r.count; i++) {
			all[i] = r.records[i];
			all[i].body.data = bodies + (uintptr_t)r.records[i].body.data;
		}
		event.records = all;
		event.record_count = r.count;
		event.next = r.next;
		event.owner = all;
	}
	free(r.records);
	buf_fini(&r.bodies);
	journal_post(j, &event);
}

static void *
run_reader(void *context)
{
	struct journal *j = context;

	for (;;) {
		struct read_request *request;

		pthread_mutex_lock(&j->lock);
		while (j->reads == NULL && !j->stop) {
			pthread_cond_wait(&j->asked, &j->lock);
		}
		request = j->stop ? NULL : j->reads;
		if (request != NULL) {
			j->reads = request->next;
			if (j->reads == NULL) {
				j->read_tail = &j->reads;
			}
			j->reads_waiting--;
		}
		pthread_mutex_unlock(&j->lock);
		if (request == NULL) {
			return NULL;
		}
		answer(j, request);
		free(request);
	}
}

enum en_err
journal_threads_start(struct journal *j)
{
	if (pthread_create(&j->writer, NULL, run_writer, j) != 0) {
		return EN_EINTERNAL;
	}
	if (pthread_create(&j->reader, NULL, run_reader, j) != 0) {
		pthread_mutex_lock(&j->lock);
		j->stop = true;
		pthread_cond_signal(&j->submitted);
		pthread_mutex_unlock(&j->lock);
		pthread_join(j->writer, NULL);
		return EN_EINTERNAL;
	}
	return EN_OK;
}

// The writer finishes what was submitted; the reader leaves what nobody waits for any more.
void
journal_threads_stop(struct journal *j)
{
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_signal(&j->submitted);
	pthread_cond_signal(&j->asked);
	pthread_mutex_unlock(&j->lock);
	pthread_join(j->writer, NULL);
	pthread_join(j->reader, NULL);
	while (j->reads != NULL) {
		struct read_request *next = j->reads->next;

		free(j->reads);
		j->reads = next;
	}
}

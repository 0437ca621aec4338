// SPDX-License-Identifier: Apache-2.0
// The reader thread: answers one read after the other, each with records and bodies copied out of the store in a
// short transaction.
#include <stdlib.h>

#include "base/limits.h"
#include "journal/journal_int.h"

// What a RECORDS event owns.
struct result {
	const struct read_request *request;
	struct walk walk; // its bodies are those of the records, one behind the other
	struct record *records;
	size_t count, cap;
	enum en_err err;
};

void
journal_result_free(void *owner)
{
	struct result *r = owner;

	if (r != NULL) {
		walk_fini(&r->walk);
		free(r->records);
		free(r);
	}
}

static bool
is_wanted(const struct read_request *request, const struct record *record)
{
	return record->is_damaged || request->lanes == 0xff || (record->lanes & request->lanes) != 0;
}

static bool
take(void *context, const struct record *record)
{
	struct result *r = context;
	size_t before = r->walk.bodies.len - record->body.len; // of bodies that were taken already

	if (record->sequence > r->request->until || r->count == LIMIT_READ_RECORDS ||
	    (before > 0 && before >= r->request->max_bytes)) {
		r->walk.bodies.len = before;
		return false;
	}
	if (!is_wanted(r->request, record)) {
		r->walk.bodies.len = before;
		return true;
	}
	if (r->count == r->cap) {
		size_t cap = r->cap == 0 ? 64 : r->cap * 2;
		struct record *grown = realloc(r->records, cap * sizeof(*grown));

		if (grown == NULL) {
			r->err = EN_ENOMEM;
			return false;
		}
		r->records = grown;
		r->cap = cap;
	}
	r->records[r->count++] = *record;
	return true;
}

static enum en_err
collect(struct journal *j, struct result *r)
{
	const struct read_request *request = r->request;
	uint64_t durable;
	size_t at = 0;
	enum en_err err;

	pthread_mutex_lock(&j->lock);
	durable = j->durable;
	pthread_mutex_unlock(&j->lock);
	err = walk_run(&r->walk);
	// What is durable and was not met, at the end of the newest block, cannot be read.
	if (err == EN_OK && r->err == EN_OK && !r->walk.is_stopped) {
		walk_fill(&r->walk, request->until < durable ? request->until : durable);
		err = r->walk.err;
	}
	for (size_t i = 0; i < r->count; i++) {
		r->records[i].body.data = r->walk.bodies.data == NULL ? NULL : r->walk.bodies.data + at;
		at += r->records[i].body.len;
	}
	return err != EN_OK ? err : r->err;
}

static void
answer(struct journal *j, const struct read_request *request)
{
	struct result *r = calloc(1, sizeof(*r));
	struct journal_event event = {.kind = JOURNAL_RECORDS, .id = request->id};
	enum en_err err = EN_ENOMEM;

	if (r != NULL) {
		r->request = request;
		r->walk = (struct walk){.journal = j,
		    .next = request->from,
		    .take = take,
		    .context = r,
		    .bodies = BUF_EMPTY,
		    .keeps_bodies = true};
		err = collect(j, r);
	}
	if (err != EN_OK) {
		journal_result_free(r);
		journal_post(j, &(struct journal_event){.kind = JOURNAL_FAILED, .err = err});
		return;
	}
	r->request = NULL;
	event.records = r->records;
	event.record_count = r->count;
	event.next = r->walk.next;
	if (event.next > request->until && request->until >= request->from) {
		event.next = request->until + 1; // trimmed up to beyond it
	}
	event.owner = r;
	journal_post(j, &event);
}

void *
journal_run_reader(void *context)
{
	struct journal *j = context;

	for (;;) {
		struct read_request *request;

		pthread_mutex_lock(&j->lock);
		while (j->reads == NULL && !j->is_stopping) {
			pthread_cond_wait(&j->asked, &j->lock);
		}
		request = j->is_stopping ? NULL : j->reads;
		if (request != NULL) {
			j->reads = request->next;
			if (j->reads == NULL) {
				j->read_tail = &j->reads;
			}
		}
		pthread_mutex_unlock(&j->lock);
		if (request == NULL) {
			return NULL;
		}
		answer(j, request);
		free(request);
		pthread_mutex_lock(&j->lock);
		j->reads_waiting--;
		pthread_mutex_unlock(&j->lock);
	}
}

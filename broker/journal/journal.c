// SPDX-License-Identifier: Apache-2.0
#include "journal/journal.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/limits.h"
#include "journal/journal_int.h"
#include "journal/seal.h"

// Everything of a submit in one piece of memory, so that crossing to the other thread is one pointer.
static struct submission *
copy_submission(const struct record *records, size_t count, const struct store_row *rows, size_t row_count)
{
	size_t bytes = 0;
	struct submission *s;
	uint8_t *at;

	for (size_t i = 0; i < count; i++) {
		bytes += records[i].body.len;
	}
	for (size_t i = 0; i < row_count; i++) {
		bytes += rows[i].key.len + rows[i].value.len;
	}
	s = malloc(sizeof(*s) + count * sizeof(*records) + row_count * sizeof(*rows) + bytes);
	if (s == NULL) {
		return NULL;
	}
	*s = (struct submission){
	    .records = (struct record *)(s + 1), .count = count, .row_count = row_count, .bytes = bytes};
	s->rows = (struct store_row *)(s->records + count);
	at = (uint8_t *)(s->rows + row_count);
	for (size_t i = 0; i < count; i++) {
		s->records[i] = records[i];
		s->records[i].body.data = at;
		memcpy(
		    at, records[i].body.data == NULL ? (const uint8_t *)"" : records[i].body.data, records[i].body.len);
		at += records[i].body.len;
	}
	for (size_t i = 0; i < row_count; i++) {
		s->rows[i] = rows[i];
		s->rows[i].key.data = at;
		memcpy(at, rows[i].key.data, rows[i].key.len);
		at += rows[i].key.len;
		s->rows[i].value.data = at;
		if (rows[i].value.len > 0) {
			memcpy(at, rows[i].value.data, rows[i].value.len);
		}
		at += rows[i].value.len;
	}
	return s;
}

enum en_err
journal_submit(
    struct journal *j, const struct record *records, size_t count, const struct store_row *rows, size_t row_count)
{
	struct submission *s;
	enum en_err err = EN_OK;

	pthread_mutex_lock(&j->lock);
	if (j->queued_bytes > 0 &&
	    (j->queued_bytes > 2 * LIMIT_BATCH_BYTES || j->queued_records > 2 * LIMIT_BATCH_EVENTS)) {
		err = EN_EBUSY;
	}
	pthread_mutex_unlock(&j->lock);
	if (err != EN_OK) {
		return err;
	}
	s = copy_submission(records, count, rows, row_count);
	if (s == NULL) {
		return EN_ENOMEM;
	}
	pthread_mutex_lock(&j->lock);
	*j->submit_tail = s;
	j->submit_tail = &s->next;
	j->queued_bytes += s->bytes;
	j->queued_records += s->count;
	pthread_cond_signal(&j->submitted);
	pthread_mutex_unlock(&j->lock);
	return EN_OK;
}

enum en_err
journal_read(struct journal *j, uint64_t id, uint64_t from, uint64_t until, uint8_t lanes, size_t max_bytes)
{
	struct read_request *r = malloc(sizeof(*r));
	enum en_err err = EN_OK;

	if (r == NULL) {
		return EN_ENOMEM;
	}
	*r = (struct read_request){.id = id, .from = from, .until = until, .lanes = lanes, .max_bytes = max_bytes};
	pthread_mutex_lock(&j->lock);
	if (j->reads_waiting == READS_MAX) {
		err = EN_EBUSY;
	} else {
		*j->read_tail = r;
		j->read_tail = &r->next;
		j->reads_waiting++;
		pthread_cond_signal(&j->asked);
	}
	pthread_mutex_unlock(&j->lock);
	if (err != EN_OK) {
		free(r);
	}
	return err;
}

void
journal_post(struct journal *j, const struct journal_event *event)
{
	struct posted *p = malloc(sizeof(*p));
	uint64_t one = 1;

	pthread_mutex_lock(&j->lock);
	if (p == NULL) {
		j->lost_event = true; // told as a failure by the next collect
	} else {
		p->event = *event;
		p->next = NULL;
		*j->event_tail = p;
		j->event_tail = &p->next;
	}
	pthread_mutex_unlock(&j->lock);
	(void)!write(j->event_fd, &one, sizeof(one));
}

enum en_err
journal_collect(struct journal *j, struct journal_event *ret)
{
	struct posted *p;
	uint64_t drained;
	bool lost;

	pthread_mutex_lock(&j->lock);
	p = j->events;
	lost = j->lost_event;
	if (p != NULL) {
		j->events = p->next;
		if (j->events == NULL) {
			j->event_tail = &j->events;
		}
	} else {
		(void)!read(j->event_fd, &drained, sizeof(drained));
	}
	pthread_mutex_unlock(&j->lock);
	if (lost) {
		*ret = (struct journal_event){.kind = JOURNAL_FAILED, .err = EN_ENOMEM};
		free(p);
		return EN_OK;
	}
	if (p == NULL) {
		return EN_EAGAIN;
	}
	*ret = p->event;
	free(p);
	return EN_OK;
}

void
journal_event_release(struct journal_event *event)
{
	free(event->owner);
	event->owner = NULL;
}

int
journal_fd(const struct journal *j)
{
	return j->event_fd;
}

struct store *
journal_store(struct journal *j)
{
	return j->store;
}

enum en_err
journal_space(struct journal *j, struct store_space *ret)
{
	return j->store->ops->space(j->store, ret);
}

void
journal_head(const struct journal *j, uint8_t ret[RECORD_HASH_BYTES])
{
	memcpy(ret, j->head, RECORD_HASH_BYTES);
}

// ---- synchronous walk ------------------------------------------------------------------------------------------------------------

struct walk {
	struct journal *j;
	uint64_t from, next;
	bool (*take)(void *context, const struct record *record);
	void *context;
	uint64_t damaged, seen;
	uint8_t head[RECORD_HASH_BYTES];
	bool has_head, stopped;
	enum en_err err;
};

static void
walk_record(struct walk *w, struct seal_reader *reader, const struct record *record)
{
	w->seen++;
	// A record that does not continue the chain was put there by somebody else.
	if (record->is_damaged || (w->has_head && memcmp(w->head, reader->previous, sizeof(w->head)) != 0)) {
		w->damaged++;
		w->has_head = false;
	} else {
		memcpy(w->head, reader->hash, sizeof(w->head));
		w->has_head = true;
	}
	if (w->take != NULL && record->sequence >= w->from && !w->take(w->context, record)) {
		w->stopped = true;
	}
}

static bool
walk_block(void *context, uint64_t first, struct view block)
{
	struct walk *w = context;
	struct seal_reader reader;
	struct record record;
	enum en_err err;

	if (w->seen > 0 && first < w->next) {
		return true; // a read begins with the block that its position lies in: seen by the one before
	}
	err = seal_open_block(&reader, block, first, w->j->key);
	while (err == EN_OK && !w->stopped) {
		err = seal_next(&reader, true, &record);
		if (err == EN_OK) {
			walk_record(w, &reader, &record);
		}
	}
	if (err == EN_ECORRUPT) {
		w->damaged++;
		w->has_head = false;
	}
	w->next = reader.sequence > w->next ? reader.sequence : w->next;
	seal_close(&reader);
	return !w->stopped;
}

enum en_err
journal_replay(
    struct journal *j, uint64_t from, bool (*take)(void *context, const struct record *record), void *context)
{
	struct walk w = {.j = j, .from = from, .next = from, .take = take, .context = context};
	uint64_t before;
	enum en_err err;

	do {
		before = w.next;
		err = j->store->ops->read(j->store, w.next, MIB(16), walk_block, &w);
	} while (err == EN_OK && w.next > before && !w.stopped);
	return err;
}

static enum en_err
verify(struct journal *j, size_t newest, uint64_t *ret_last, uint64_t *ret_damaged)
{
	struct walk w = {.j = j};
	uint64_t last_block, before;
	enum en_err err = j->store->ops->last_block(j->store, &last_block);

	if (err != EN_OK || last_block == 0) {
		*ret_last = 0;
		*ret_damaged = 0;
		return err;
	}
	w.next = last_block > newest ? last_block - newest : 1;
	do {
		before = w.next;
		err = j->store->ops->read(j->store, w.next, MIB(16), walk_block, &w);
	} while (err == EN_OK && w.next > before);
	*ret_last = w.next - 1;
	*ret_damaged = w.damaged;
	if (w.has_head) {
		memcpy(j->head, w.head, sizeof(j->head));
	}
	return err;
}

// ---- life ------------------------------------------------------------------------------------------------------------------------

static void
destroy(struct journal *j)
{
	if (j->event_fd >= 0) {
		close(j->event_fd);
	}
	pthread_cond_destroy(&j->submitted);
	pthread_cond_destroy(&j->asked);
	pthread_mutex_destroy(&j->lock);
	crypto_wipe(j->key, sizeof(j->key));
	free(j);
}

enum en_err
journal_open(const struct journal_options *options, struct journal **ret, uint64_t *ret_last, uint64_t *ret_damaged)
{
	struct journal *j = calloc(1, sizeof(*j));
	enum en_err err;

	if (j == NULL) {
		return EN_ENOMEM;
	}
	j->store = options->store;
	memcpy(j->key, options->key, sizeof(j->key));
	j->submit_tail = &j->submissions;
	j->read_tail = &j->reads;
	j->event_tail = &j->events;
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->submitted, NULL);
	pthread_cond_init(&j->asked, NULL);
	j->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	err = j->event_fd < 0 ? EN_EIO : verify(j, options->verify_records, ret_last, ret_damaged);
	if (err == EN_OK) {
		j->last = *ret_last;
		err = journal_threads_start(j);
	}
	if (err != EN_OK) {
		destroy(j);
		return err;
	}
	*ret = j;
	return EN_OK;
}

void
journal_close(struct journal **jp)
{
	struct journal *j = *jp;
	struct journal_event event;

	*jp = NULL;
	if (j == NULL) {
		return;
	}
	journal_threads_stop(j);
	while (j->events != NULL && journal_collect(j, &event) == EN_OK) {
		journal_event_release(&event);
	}
	j->store->ops->close(j->store);
	destroy(j);
}

// SPDX-License-Identifier: Apache-2.0
// The engine's side of the journal: queues, events, opening and closing.
#include "journal/journal.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/journal_int.h"

static uint8_t *
copy_view(uint8_t *at, struct view *view)
{
	if (view->len > 0) {
		memcpy(at, view->data, view->len);
	}
	view->data = at;
	return at + view->len;
}

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
		at = copy_view(at, &s->records[i].body);
	}
	for (size_t i = 0; i < row_count; i++) {
		s->rows[i] = rows[i];
		at = copy_view(at, &s->rows[i].key);
		at = copy_view(at, &s->rows[i].value);
	}
	return s;
}

int
journal_wait_until(pthread_cond_t *what, pthread_mutex_t *lock, uint64_t until_ns)
{
	struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000), .tv_nsec = (long)(until_ns % 1000000000)};

	return pthread_cond_timedwait(what, lock, &until);
}

// ---- writing -------------------------------------------------------------------------------------------------------

// With the lock.
static bool
has_room(const struct journal *j)
{
	return j->queued_bytes < 2 * LIMIT_BATCH_BYTES && j->queued_records < 2 * LIMIT_BATCH_EVENTS;
}

enum en_err
journal_submit(struct journal *j, const struct record *records, size_t count, const struct store_row *rows,
    size_t row_count, enum submit_when when)
{
	struct submission *s;
	enum en_err err = EN_OK;

	for (size_t i = 0; i < count; i++) {
		if (records[i].sequence != j->submitted + 1 + i) {
			return EN_EINTERNAL;
		}
	}
	pthread_mutex_lock(&j->lock);
	if (j->has_failed) {
		err = EN_EIO;
	} else if (!has_room(j)) {
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
	s->due_ns = when == SUBMIT_NOW ? 0 : clock_monotonic_ns() + j->soon_ns;
	j->submitted += count;
	pthread_mutex_lock(&j->lock);
	*j->submit_tail = s;
	j->submit_tail = &s->next;
	j->queued_bytes += s->bytes;
	j->queued_records += s->count;
	pthread_cond_signal(j->is_committing ? &j->while_committing : &j->work);
	pthread_mutex_unlock(&j->lock);
	return EN_OK;
}

void
journal_wait_room(struct journal *j, uint32_t timeout_ms)
{
	uint64_t until = clock_monotonic_ns() + (uint64_t)timeout_ms * 1000000;
	int rc = 0;

	pthread_mutex_lock(&j->lock);
	while (!has_room(j) && !j->has_failed && rc == 0) {
		rc = journal_wait_until(&j->room, &j->lock, until);
	}
	pthread_mutex_unlock(&j->lock);
}

// ---- reading -------------------------------------------------------------------------------------------------------

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
	if (j->reads_waiting == LIMIT_JOURNAL_READS) {
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

// ---- events --------------------------------------------------------------------------------------------------------

void
journal_post(struct journal *j, const struct journal_event *event)
{
	struct posted *p = malloc(sizeof(*p));
	uint64_t one = 1;

	pthread_mutex_lock(&j->lock);
	if (p == NULL) {
		j->has_lost_event = true; // told as a failure by the next collect
	} else {
		*p = (struct posted){.event = *event};
		*j->event_tail = p;
		j->event_tail = &p->next;
	}
	pthread_mutex_unlock(&j->lock);
	if (p == NULL) {
		journal_result_free(event->owner);
	}
	(void)!write(j->event_fd, &one, sizeof(one)); // fails only when it is readable already
}

void
journal_fail(struct journal *j, enum en_err err)
{
	pthread_mutex_lock(&j->lock);
	j->has_failed = true;
	pthread_cond_signal(&j->room);
	pthread_mutex_unlock(&j->lock);
	journal_post(j, &(struct journal_event){.kind = JOURNAL_FAILED, .err = err});
}

enum en_err
journal_collect(struct journal *j, struct journal_event *ret)
{
	struct posted *p;
	uint64_t drained;
	bool has_lost;

	pthread_mutex_lock(&j->lock);
	p = j->events;
	has_lost = j->has_lost_event;
	if (p == NULL) {
		(void)!read(j->event_fd, &drained, sizeof(drained)); // nothing to drain is fine
	} else if (!has_lost) {
		j->events = p->next;
		if (j->events == NULL) {
			j->event_tail = &j->events;
		}
	}
	pthread_mutex_unlock(&j->lock);
	if (has_lost) {
		*ret = (struct journal_event){.kind = JOURNAL_FAILED, .err = EN_ENOMEM};
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
	journal_result_free(event->owner);
	*event = (struct journal_event){.kind = event->kind};
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
journal_head(struct journal *j, uint8_t ret[RECORD_HASH_BYTES])
{
	pthread_mutex_lock(&j->lock);
	memcpy(ret, j->head, RECORD_HASH_BYTES);
	pthread_mutex_unlock(&j->lock);
}

void
journal_damage(struct journal *j, struct damage *ret)
{
	pthread_mutex_lock(&j->lock);
	*ret = j->damage;
	pthread_mutex_unlock(&j->lock);
}

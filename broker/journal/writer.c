// SPDX-License-Identifier: Apache-2.0
// The committer and the sealer. The committer takes what waits, as much as is worth a sync, seals it into a batch, and
// writes that. While it is busy with the disk the sealer fills the other batch with what waits and what is submitted
// meanwhile; the committer then finds it ready, and all of it shares one fsync. So encryption costs no time of the
// disk, nobody has to be woken between two commits, and a lone submission crosses one thread only.
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "journal/journal_int.h"

// ---- batches -------------------------------------------------------------------------------------------------------

static void
free_submissions(struct submission *list)
{
	while (list != NULL) {
		struct submission *next = list->next;

		free(list);
		list = next;
	}
}

void
journal_batch_fini(struct batch *b)
{
	free_submissions(b->kept);
	seal_fini(&b->seal);
	free(b->rows);
	*b = (struct batch){0};
}

static void
batch_begin(struct batch *b, const uint8_t head[RECORD_HASH_BYTES])
{
	free_submissions(b->kept);
	b->kept = NULL;
	b->row_count = b->submissions = b->records = b->bytes = 0;
	b->due_ns = UINT64_MAX;
	b->err = EN_OK;
	seal_begin(&b->seal, head);
}

static void
add_rows(struct batch *b, const struct submission *s)
{
	if (b->row_count + s->row_count > b->row_cap) {
		size_t cap = 2 * (b->row_count + s->row_count);
		struct store_row *grown = realloc(b->rows, cap * sizeof(*grown));

		if (grown == NULL) {
			b->err = EN_ENOMEM;
			return;
		}
		b->rows = grown;
		b->row_cap = cap;
	}
	memcpy(b->rows + b->row_count, s->rows, s->row_count * sizeof(*s->rows));
	b->row_count += s->row_count;
}

// Takes the submission over.
static void
batch_add(struct batch *b, struct submission *s)
{
	for (size_t i = 0; i < s->count; i++) {
		seal_put(&b->seal, &s->records[i]);
	}
	b->due_ns = s->due_ns < b->due_ns ? s->due_ns : b->due_ns;
	b->submissions++;
	b->records += s->count;
	b->bytes += s->bytes;
	if (s->count > 0) {
		b->last = s->records[s->count - 1].sequence;
	}
	if (s->row_count == 0) {
		free(s);
		return;
	}
	add_rows(b, s);
	s->next = b->kept;
	b->kept = s;
}

// ---- filling -------------------------------------------------------------------------------------------------------

static bool
may_grow(const struct batch *b)
{
	return b->records < LIMIT_BATCH_EVENTS && b->bytes < LIMIT_BATCH_BYTES;
}

static bool
has_work(const struct journal *j)
{
	return !j->is_filling && j->submissions != NULL && may_grow(j->open);
}

// Then the committer itself puts no more into it: it goes to the disk, and the sealer has the rest ready when that is done.
// Otherwise the disk would stand still while everything that waits is encrypted.
static bool
is_worth_a_sync(const struct batch *b)
{
	return b->due_ns == 0 && b->records >= LIMIT_COMMIT_RECORDS;
}

// With the lock, which is given back while records are sealed. One thread at a time; the sealer stops when the
// committer wants the batch.
static void
fill(struct journal *j, bool is_sealer)
{
	j->is_filling = true;
	while (
	    j->submissions != NULL && may_grow(j->open) && (is_sealer ? j->is_committing : !is_worth_a_sync(j->open))) {
		struct submission *s = j->submissions;

		j->submissions = s->next;
		if (j->submissions == NULL) {
			j->submit_tail = &j->submissions;
		}
		pthread_mutex_unlock(&j->lock);
		batch_add(j->open, s);
		pthread_mutex_lock(&j->lock);
	}
	j->is_filling = false;
}

void *
journal_run_sealer(void *context)
{
	struct journal *j = context;

	pthread_mutex_lock(&j->lock);
	while (!j->is_stopping) {
		if (!j->is_committing || !has_work(j)) {
			pthread_cond_wait(&j->while_committing, &j->lock);
			continue;
		}
		fill(j, true);
		if (!j->is_committing) {
			pthread_cond_signal(&j->work); // it waits for this batch
		}
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

// ---- the committer -------------------------------------------------------------------------------------------------

static enum en_err
commit(struct journal *j, struct batch *b)
{
	struct store_batch batch = {.rows = b->rows, .row_count = b->row_count};
	enum en_err err = b->err;

	if (err == EN_OK && b->records > 0) {
		batch.first_sequence = b->seal.first;
		err = seal_end(&b->seal, &batch.block);
	}
	return err == EN_OK ? j->store->ops->append(j->store, &batch) : err;
}

static void
commit_and_tell(struct journal *j, struct batch *b)
{
	uint64_t start = clock_monotonic_ns();
	enum en_err err = commit(j, b);

	if (err != EN_OK) {
		journal_fail(j, err);
		return;
	}
	pthread_mutex_lock(&j->lock);
	j->durable = b->last;
	memcpy(j->head, b->seal.head, sizeof(j->head));
	pthread_mutex_unlock(&j->lock);
	journal_post(j,
	    &(struct journal_event){
		.kind = JOURNAL_DURABLE, .sequence = b->last, .fsync_ns = clock_monotonic_ns() - start});
}

// With the lock: takes the open batch, and leaves the other one open in its place.
static struct batch *
take_batch(struct journal *j)
{
	struct batch *full = j->open, *empty = full == &j->batches[0] ? &j->batches[1] : &j->batches[0];

	empty->last = full->last;
	batch_begin(empty, full->seal.head);
	j->open = empty;
	j->queued_bytes -= full->bytes;
	j->queued_records -= full->records;
	pthread_cond_signal(&j->room);
	return full;
}

// With the lock, which is given back meanwhile.
static void
commit_open_batch(struct journal *j)
{
	struct batch *b = take_batch(j);
	bool has_failed = j->has_failed;

	j->is_committing = true;
	if (j->submissions != NULL) {
		pthread_cond_signal(&j->while_committing);
	}
	pthread_mutex_unlock(&j->lock);
	if (!has_failed) {
		commit_and_tell(j, b);
	}
	pthread_mutex_lock(&j->lock);
	j->is_committing = false;
}

// With the lock, when nobody fills it: whether the open batch waits no longer.
static bool
is_due(const struct journal *j)
{
	const struct batch *b = j->open;

	return b->submissions > 0 &&
	    (b->due_ns == 0 || j->is_stopping || !may_grow(b) || b->due_ns <= clock_monotonic_ns());
}

void *
journal_run_committer(void *context)
{
	struct journal *j = context;

	pthread_mutex_lock(&j->lock);
	for (;;) {
		if (has_work(j) && !is_worth_a_sync(j->open)) {
			fill(j, false);
		}
		if (j->is_filling) {
			pthread_cond_wait(&j->work, &j->lock);
		} else if (is_due(j)) {
			commit_open_batch(j);
		} else if (j->open->submissions > 0) {
			(void)journal_wait_until(&j->work, &j->lock, j->open->due_ns);
		} else if (j->is_stopping && j->submissions == NULL) {
			break;
		} else {
			pthread_cond_wait(&j->work, &j->lock);
		}
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

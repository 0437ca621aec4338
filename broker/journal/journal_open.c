// SPDX-License-Identifier: Apache-2.0
// Opening, verifying and closing the journal, and the walk of a start.
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "journal/journal_int.h"

enum en_err
journal_replay(
    struct journal *j, uint64_t from, bool (*take)(void *context, const struct record *record), void *context)
{
	struct walk w = {.journal = j, .next = from, .take = take, .context = context};
	enum en_err err = walk_run(&w);

	walk_fini(&w);
	return err;
}

static enum en_err
verify(struct journal *j, size_t newest, uint64_t *ret_last, uint64_t *ret_damaged)
{
	struct walk w = {.journal = j};
	uint64_t last_block;
	enum en_err err = j->store->ops->last_block(j->store, &last_block);

	if (err != EN_OK || last_block == 0) {
		*ret_last = *ret_damaged = 0;
		return err;
	}
	w.next = last_block > newest ? last_block - newest : 1;
	err = walk_run(&w);
	// One may be a flipped bit. More: the journal came from a machine with another processor.
	if (err == EN_OK && w.lacks_cipher > 1) {
		err = EN_ECONFIG;
	}
	*ret_last = w.next - 1;
	*ret_damaged = w.damaged;
	// Behind a damaged record the chain begins anew; the damage stays visible for ever.
	if (w.has_head) {
		memcpy(j->head, w.head, sizeof(j->head));
	}
	walk_fini(&w);
	return err;
}

static void
destroy(struct journal *j)
{
	if (j->event_fd >= 0) {
		close(j->event_fd);
	}
	for (size_t i = 0; i < EN_COUNT_OF(j->batches); i++) {
		journal_batch_fini(&j->batches[i]);
	}
	pthread_cond_destroy(&j->work);
	pthread_cond_destroy(&j->while_committing);
	pthread_cond_destroy(&j->asked);
	pthread_cond_destroy(&j->room);
	pthread_mutex_destroy(&j->lock);
	seal_keys_wipe(&j->keys);
	free(j);
}

static void
init(struct journal *j)
{
	pthread_condattr_t monotonic;

	j->submit_tail = &j->submissions;
	j->read_tail = &j->reads;
	j->event_tail = &j->events;
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->while_committing, NULL);
	pthread_cond_init(&j->asked, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&j->work, &monotonic);
	pthread_cond_init(&j->room, &monotonic);
	pthread_condattr_destroy(&monotonic);
	j->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

// Where the last process stopped.
static void
init_batches(struct journal *j, uint64_t last)
{
	uint32_t run;

	crypto_random(&run, sizeof(run));
	for (size_t i = 0; i < EN_COUNT_OF(j->batches); i++) {
		j->batches[i].seal.keys = &j->keys;
		j->batches[i].seal.run = run;
		j->batches[i].last = last;
		j->batches[i].due_ns = UINT64_MAX;
		seal_begin(&j->batches[i].seal, j->head);
	}
	j->open = &j->batches[0];
	j->submitted = j->durable = last;
}

static void
stop_threads(struct journal *j, size_t started)
{
	const pthread_t threads[] = {j->sealer, j->committer, j->reader};

	pthread_mutex_lock(&j->lock);
	j->is_stopping = true;
	pthread_cond_signal(&j->work);
	pthread_cond_signal(&j->while_committing);
	pthread_cond_signal(&j->asked);
	pthread_mutex_unlock(&j->lock);
	for (size_t i = 0; i < started; i++) {
		pthread_join(threads[i], NULL);
	}
}

static enum en_err
start_threads(struct journal *j)
{
	if (pthread_create(&j->sealer, NULL, journal_run_sealer, j) != 0) {
		return EN_EINTERNAL;
	}
	if (pthread_create(&j->committer, NULL, journal_run_committer, j) != 0) {
		stop_threads(j, 1);
		return EN_EINTERNAL;
	}
	if (pthread_create(&j->reader, NULL, journal_run_reader, j) != 0) {
		stop_threads(j, 2);
		return EN_EINTERNAL;
	}
	return EN_OK;
}

enum en_err
journal_open(const struct journal_options *options, struct journal **ret, uint64_t *ret_last, uint64_t *ret_damaged)
{
	struct journal *j = calloc(1, sizeof(*j));
	uint64_t last = 0, damaged = 0;
	enum en_err err;

	if (j == NULL) {
		return EN_ENOMEM;
	}
	init(j);
	j->store = options->store;
	j->soon_ns = UINT64_C(1000000) * (options->soon_ms != 0 ? options->soon_ms : LIMIT_COMMIT_SOON_MS);
	err = j->event_fd < 0 ? EN_EIO : seal_keys_init(&j->keys, options->key, options->cipher);
	if (err == EN_OK) {
		err = verify(j, options->verify_records, &last, &damaged);
	}
	if (err == EN_OK) {
		init_batches(j, last);
		err = start_threads(j);
	}
	if (err != EN_OK) {
		destroy(j);
		return err;
	}
	*ret = j;
	*ret_last = last;
	*ret_damaged = damaged;
	return EN_OK;
}

// The sealer and the committer finish what was submitted; the reader leaves what nobody waits for any more.
void
journal_close(struct journal **jp)
{
	struct journal *j = *jp;

	*jp = NULL;
	if (j == NULL) {
		return;
	}
	stop_threads(j, 3);
	while (j->reads != NULL) {
		struct read_request *next = j->reads->next;

		free(j->reads);
		j->reads = next;
	}
	while (j->events != NULL) {
		struct posted *next = j->events->next;

		journal_event_release(&j->events->event);
		free(j->events);
		j->events = next;
	}
	j->store->ops->close(j->store);
	destroy(j);
}

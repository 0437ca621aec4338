// SPDX-License-Identifier: Apache-2.0
// The journal alone: records of 512 bytes, a batch in one hand-over, from journal_submit until DURABLE is told,
// against the same bytes in the same batches in a bare LMDB environment. At most one batch waits while one is on its
// way to the disk, so that both commit batches of the same size.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "bench/bare_lmdb.h"
#include "bench/bench.h"
#include "journal/journal.h"

#define EVENTS 65536
#define PAYLOAD 512
#define BATCHES_UNDER_WAY 2

static struct journal *
open_journal(const char *folder)
{
	struct store_lmdb_options store = {
	    .folder = folder, .quota_bytes = GIB(4), .reserve_bytes = LIMIT_JOURNAL_RESERVE_BYTES};
	struct journal_options options = {.verify_records = LIMIT_VERIFY_AT_START};
	struct journal *j = NULL;
	uint64_t last, damaged;
	char what[256] = "";

	crypto_random(options.key, sizeof(options.key));
	if (store_lmdb_open(&store, &options.store, what) != EN_OK ||
	    journal_open(&options, &j, &last, &damaged) != EN_OK) {
		bench_fail("journal", what);
	}
	return j;
}

// Everything that is durable is told before this returns; waits for one telling at least.
static uint64_t
await_durable(struct journal *j)
{
	struct pollfd readable = {.fd = journal_fd(j), .events = POLLIN};
	struct journal_event event;
	uint64_t durable = 0;

	(void)poll(&readable, 1, 10000);
	while (journal_collect(j, &event) == EN_OK) {
		if (event.kind != JOURNAL_DURABLE) {
			bench_fail("journal", en_err_code(event.err));
		}
		durable = event.sequence;
		journal_event_release(&event);
	}
	if (durable == 0) {
		bench_fail("journal", "nothing became durable");
	}
	return durable;
}

static double
journal_run(struct journal *j, size_t batch, uint64_t *sequence)
{
	struct record *records = calloc(batch, sizeof(*records));
	uint8_t body[PAYLOAD];
	uint64_t end = *sequence + EVENTS, durable = *sequence, start = clock_monotonic_ns();

	memset(body, 'x', sizeof(body));
	while (durable < end) {
		while (*sequence < end && *sequence - durable < BATCHES_UNDER_WAY * batch) {
			for (size_t i = 0; i < batch; i++) {
				records[i] = (struct record){
				    .sequence = ++*sequence, .lanes = 1, .body = view_of(body, sizeof(body))};
			}
			if (journal_submit(j, records, batch, NULL, 0, SUBMIT_NOW) != EN_OK) {
				bench_fail("journal", "submit");
			}
		}
		durable = await_durable(j);
	}
	free(records);
	return EVENTS / ((double)(clock_monotonic_ns() - start) / 1e9);
}

static void
row(struct journal *j, struct bare_lmdb *bare, const char *name, size_t batch, uint64_t *sequence)
{
	double enlace[BENCH_RUNS], reference[BENCH_RUNS];

	for (size_t i = 0; i < BENCH_RUNS; i++) {
		enlace[i] = journal_run(j, batch, sequence);
		reference[i] = bare_lmdb_append_rate(bare, EVENTS, batch, PAYLOAD);
	}
	bench_row(&(struct bench_row){.name = name,
	    .unit = "events/s",
	    .enlace = bench_median(enlace, BENCH_RUNS),
	    .reference = bench_median(reference, BENCH_RUNS),
	    .goal = 0.8,
	    .goal_text = ">= 0.8"});
}

void
bench_append(void)
{
	char folder[] = "build/bench/append.XXXXXX", journal[64], command[128];
	uint64_t sequence = 0;
	struct bare_lmdb *bare;
	struct journal *j;

	if (mkdtemp(folder) == NULL) {
		bench_fail("mkdtemp", folder);
	}
	snprintf(journal, sizeof(journal), "%s/journal", folder);
	j = open_journal(journal);
	bare = bare_lmdb_open(folder);
	row(j, bare, "journal append, 512 B, 16 a batch", 16, &sequence);
	row(j, bare, "journal append, 512 B, 256 a batch", 256, &sequence);
	row(j, bare, "journal append, 512 B, 1024 a batch", 1024, &sequence);
	journal_close(&j);
	bare_lmdb_close(bare);
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	if (system(command) != 0) {
		bench_fail("cannot remove", folder);
	}
}

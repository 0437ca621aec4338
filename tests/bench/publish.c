// SPDX-License-Identifier: Apache-2.0
// Durable publish of 512-byte events in batches, stored untranslated (the subscriber is not attached), CURVE on: events answered `recorded` per second.
// Reference: the same count and size of values appended to a bare LMDB environment in the same batches, default sync, in the same run.
// The frames are built before the clock starts: the publisher's own work is not the broker's.
#include <stdlib.h>

#include "bench/bare_lmdb.h"
#include "bench/bench.h"

#define EVENTS 131072
#define BATCH 256
#define PAYLOAD 512
#define WINDOW (15 * BATCH)

static double
publish_run(struct bench_client *c, uint64_t run)
{
	struct buf *frames = calloc(EVENTS / BATCH, sizeof(*frames));
	size_t sent = 0, answered = 0;
	uint64_t start;
	double seconds;

	for (size_t i = 0; i < EVENTS / BATCH; i++) {
		bench_publish_frame(c, BATCH, PAYLOAD, run, &frames[i]);
	}
	start = clock_monotonic_ns();
	while (answered < EVENTS) {
		struct frame frame;

		while (sent < EVENTS && sent - answered + BATCH <= WINDOW) {
			if (net_client_send(c->net, buf_view(&frames[sent / BATCH])) != EN_OK) {
				break;
			}
			sent += BATCH;
		}
		if (!bench_receive(c, 10000, &frame) || frame.kind != FRAME_PUBLISHED) {
			bench_fail("publish", "no answer");
		}
		for (size_t i = 0; i < frame.u.published->n_answers; i++) {
			if (frame.u.published->answers[i]->verdict != ENLACE__V1__VERDICT__RECORDED) {
				bench_fail("publish", frame.u.published->answers[i]->code);
			}
		}
		answered += frame.u.published->n_answers;
	}
	seconds = (double)(clock_monotonic_ns() - start) / 1e9;
	for (size_t i = 0; i < EVENTS / BATCH; i++) {
		buf_fini(&frames[i]);
	}
	free(frames);
	return EVENTS / seconds;
}

void
bench_publish(void)
{
	struct bench_broker broker;
	struct bare_lmdb *bare;
	struct bench_client client;
	double enlace[BENCH_RUNS], reference[BENCH_RUNS];

	bench_broker_start(&broker);
	bare = bare_lmdb_open(broker.folder);
	bench_client_open(&client, &broker, &broker.publisher, "bench", NULL);
	for (size_t i = 0; i < BENCH_RUNS; i++) {
		enlace[i] = publish_run(&client, i);
		reference[i] = bare_lmdb_append_rate(bare, EVENTS, BATCH, PAYLOAD);
	}
	bench_client_close(&client);
	bare_lmdb_close(bare);
	bench_broker_stop(&broker);
	bench_row(&(struct bench_row){.name = "durable publish, 512 B, batches",
	    .unit = "events/s",
	    .enlace = bench_median(enlace, BENCH_RUNS),
	    .reference = bench_median(reference, BENCH_RUNS),
	    .goal = 0.5,
	    .goal_text = ">= 0.5"});
}

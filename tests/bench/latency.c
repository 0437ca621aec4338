// SPDX-License-Identifier: Apache-2.0
// From publish to delivery at 1,000 events a second, one event a frame, CURVE on, every delivery settled: p50 and p99 in microseconds.
// Reference, in the same run: one LMDB commit of the same bytes plus two hops over a loopback TCP connection, p50 and p99 of their sum.
#include <stdlib.h>

#include "bench/bare_lmdb.h"
#include "bench/bench.h"

#define EVENTS 5000
#define INTERVAL_NS 1000000
#define PAYLOAD 512

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
settle(struct bench_client *c, uint64_t first, uint64_t last)
{
	Enlace__V1__Settlement one = ENLACE__V1__SETTLEMENT__INIT, *list = &one;
	Enlace__V1__Settle settle = ENLACE__V1__SETTLE__INIT;

	one.first = first;
	one.last = last;
	one.outcome = ENLACE__V1__OUTCOME__TAKEN;
	settle.subscription = (char *)(uintptr_t) "bench";
	settle.epoch = c->epoch;
	settle.n_settlements = 1;
	settle.settlements = &list;
	bench_send(c, FRAME_SETTLE, &settle.base);
}

// Takes whatever has come; counts deliveries in order, since the lane keeps it.
static size_t
drain(struct bench_client *c, uint32_t timeout_ms, const uint64_t *published_ns, double *micros, size_t seen)
{
	struct frame frame;

	while (bench_receive(c, timeout_ms, &frame)) {
		if (frame.kind == FRAME_DELIVER) {
			uint64_t now = clock_monotonic_ns();
			size_t count = frame.u.deliver->n_deliveries;

			for (size_t i = 0; i < count; i++, seen++) {
				micros[seen] = (double)(now - published_ns[seen]) / 1e3;
			}
			settle(
			    c, frame.u.deliver->deliveries[0]->number, frame.u.deliver->deliveries[count - 1]->number);
		}
		timeout_ms = 0;
	}
	return seen;
}

static void
run(struct bench_client *publisher, struct bench_client *subscriber, double *micros)
{
	uint64_t *published_ns = calloc(EVENTS, sizeof(*published_ns)), start = clock_monotonic_ns();
	struct buf frame = BUF_EMPTY;
	struct frame answer;
	size_t seen = 0;

	for (size_t i = 0; i < EVENTS; i++) {
		uint64_t due = start + i * INTERVAL_NS, now;

		bench_publish_frame(publisher, 1, PAYLOAD, 99, &frame);
		while ((now = clock_monotonic_ns()) < due) {
			seen = drain(subscriber, due - now > 1000000 ? 1 : 0, published_ns, micros, seen);
		}
		published_ns[i] = clock_monotonic_ns();
		if (net_client_send(publisher->net, buf_view(&frame)) != EN_OK) {
			bench_fail("latency", "send");
		}
		while (bench_receive(publisher, 0, &answer)) {
		}
		seen = drain(subscriber, 0, published_ns, micros, seen);
	}
	for (int idle = 0; seen < EVENTS && idle < 50; idle++) {
		seen = drain(subscriber, 100, published_ns, micros, seen);
	}
	if (seen < EVENTS) {
		bench_fail("latency", "deliveries are missing");
	}
	buf_fini(&frame);
	free(published_ns);
}

void
bench_latency(void)
{
	struct bench_broker broker;
	struct bench_client publisher, subscriber;
	double *micros = calloc(EVENTS, sizeof(*micros)), p50, p99, floor50, floor99;

	bench_broker_start(&broker);
	bench_client_open(&subscriber, &broker, &broker.subscriber, "bench-out", "bench");
	bench_client_open(&publisher, &broker, &broker.publisher, "bench", NULL);
	run(&publisher, &subscriber, micros);
	qsort(micros, EVENTS, sizeof(*micros), by_value);
	p50 = micros[EVENTS / 2];
	p99 = micros[EVENTS * 99 / 100];
	bare_lmdb_latency_floor(broker.folder, EVENTS, PAYLOAD, &floor50, &floor99);
	bench_client_close(&publisher);
	bench_client_close(&subscriber);
	bench_broker_stop(&broker);
	bench_row(&(struct bench_row){.name = "publish to delivery, 1,000/s, p50",
	    .unit = "us",
	    .enlace = p50,
	    .reference = floor50,
	    .goal = 2,
	    .smaller_is_better = true,
	    .goal_text = "<= 2"});
	bench_row(&(struct bench_row){.name = "publish to delivery, 1,000/s, p99",
	    .unit = "us",
	    .enlace = p99,
	    .reference = floor99,
	    .goal = 2,
	    .smaller_is_better = true,
	    .goal_text = "<= 2"});
	free(micros);
}

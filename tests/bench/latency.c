// SPDX-License-Identifier: Apache-2.0
// From publish to delivery at 1,000 events a second, one event a frame, CURVE on, every delivery settled: p50 and p99 in microseconds.
// Reference, in the same run: the same events at the same pace, each one LMDB commit of its bytes plus two hops over a loopback TCP connection.
#include <pthread.h>
#include <stdlib.h>

#include "bench/bare_lmdb.h"
#include "bench/bench.h"

#define EVENTS 2000
#define INTERVAL_NS 1000000
#define PAYLOAD 512

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

// What both threads see: an event's time is written before it is sent, and read after it has come.
struct course {
	struct bench_client *publisher, *subscriber;
	uint64_t published_ns[EVENTS];
	double micros[EVENTS];
};

static void *
subscribe(void *context)
{
	struct course *c = context;
	struct frame frame;

	// The lane keeps the order: the n-th delivery is the n-th event.
	for (size_t seen = 0; seen < EVENTS;) {
		uint64_t now;

		if (!bench_receive(c->subscriber, 10000, &frame)) {
			bench_fail("latency", "deliveries are missing");
		}
		now = clock_monotonic_ns();
		if (frame.kind == FRAME_DELIVER) {
			const Enlace__V1__Deliver *d = frame.u.deliver;

			for (size_t i = 0; i < d->n_deliveries; i++, seen++) {
				c->micros[seen] = (double)(now - c->published_ns[seen]) / 1e3;
			}
			settle(c->subscriber, d->deliveries[0]->number, d->deliveries[d->n_deliveries - 1]->number);
		}
	}
	return NULL;
}

// Both sleep while there is nothing to do, as real clients do: on two cores a client that spins takes one of the broker's.
static void
run(struct course *c, uint64_t number)
{
	uint64_t start = clock_monotonic_ns();
	struct buf frame = BUF_EMPTY;
	struct frame answer;
	pthread_t thread;

	if (pthread_create(&thread, NULL, subscribe, c) != 0) {
		bench_fail("latency", "no thread");
	}
	for (size_t i = 0; i < EVENTS; i++) {
		bench_publish_frame(c->publisher, 1, PAYLOAD, number, &frame);
		bench_sleep_until(start + i * INTERVAL_NS);
		c->published_ns[i] = clock_monotonic_ns();
		if (net_client_send(c->publisher->net, buf_view(&frame)) != EN_OK) {
			bench_fail("latency", "send");
		}
		while (bench_receive(c->publisher, 0, &answer)) {
		}
	}
	pthread_join(thread, NULL);
	buf_fini(&frame);
}

static void
row(const char *name, double *enlace, double *floor)
{
	bench_row(&(struct bench_row){.name = name,
	    .unit = "us",
	    .enlace = bench_median(enlace, BENCH_RUNS),
	    .reference = bench_median(floor, BENCH_RUNS),
	    .goal = 2,
	    .smaller_is_better = true,
	    .goal_text = "<= 2"});
}

void
bench_latency(void)
{
	struct bench_broker broker;
	struct bare_lmdb *bare;
	struct bench_client publisher, subscriber;
	struct course *course = calloc(1, sizeof(*course));
	double p50[BENCH_RUNS], p99[BENCH_RUNS], floor50[BENCH_RUNS], floor99[BENCH_RUNS];

	bench_broker_start(&broker);
	bare = bare_lmdb_open(broker.folder);
	course->publisher = &publisher;
	course->subscriber = &subscriber;
	// By turns, so that what else the machine does meets both. Sessions last one turn: on a slow disk the floor takes longer than a session may be silent.
	for (size_t i = 0; i < BENCH_RUNS; i++) {
		bench_client_open(&subscriber, &broker, &broker.subscriber, "bench-out", "bench");
		bench_client_open(&publisher, &broker, &broker.publisher, "bench", NULL);
		run(course, i);
		bench_client_close(&publisher);
		bench_client_close(&subscriber);
		bench_sort(course->micros, EVENTS);
		p50[i] = course->micros[EVENTS / 2];
		p99[i] = course->micros[EVENTS * 99 / 100];
		bare_lmdb_latency_floor(bare, EVENTS, PAYLOAD, INTERVAL_NS, &floor50[i], &floor99[i]);
	}
	bare_lmdb_close(bare);
	bench_broker_stop(&broker);
	row("publish to delivery, 1,000/s, p50", p50, floor50);
	row("publish to delivery, 1,000/s, p99", p99, floor99);
	free(course);
}

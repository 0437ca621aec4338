// SPDX-License-Identifier: Apache-2.0
// What the benches share: rows, a real broker in a process of its own, a client. Every row compares enlace with a reference that does the same work on
// the same bytes in the same run; figures are medians. `make bench` prints one line a case and writes the same to build/bench/*.json.
#ifndef EN_TESTS_BENCH_H
#define EN_TESTS_BENCH_H

#include <sys/types.h>

#include "net/cert.h"
#include "net/net.h"
#include "wire/frame.h"

#define BENCH_RUNS 5

struct bench_row {
	const char *name, *unit;
	double enlace, reference;
	double goal;		// of the ratio; 0: none, the row is there for comparison
	bool smaller_is_better;	// the ratio is enlace / reference either way
	const char *goal_text;
};

// Prints the row and appends it to the group's JSON.
void bench_row(const struct bench_row *row);
// A row of what is the better the smaller it is: times, instructions.
void bench_row_of_cost(const char *name, const char *unit, double enlace, double reference, double goal, const char *goal_text);
void bench_open(const char *group);
void bench_close(void);
double bench_median(double *values, size_t count);
void bench_sort(double *values, size_t count);	// rising
void bench_sleep_until(uint64_t monotonic_ns);
void bench_fail(const char *what, const char *detail) __attribute__((noreturn));

// Instructions of one round of `count` in the function, as callgrind counts them in this program started with the option and the name.
double bench_instructions(const char *option, const char *name, const char *function, size_t count);

struct bench_broker {
	char folder[256];
	pid_t pid;
	char endpoint[128];
	struct cert broker, publisher, subscriber;
};
void bench_broker_start(struct bench_broker *b);
void bench_broker_stop(struct bench_broker *b);

struct bench_client {
	struct net_client *net;
	struct arena arena;
	struct buf out;
	uint64_t epoch, sequence;
};
void bench_client_open(struct bench_client *c, const struct bench_broker *b, const struct cert *key, const char *name, const char *subscription);
void bench_client_close(struct bench_client *c);
void bench_send(struct bench_client *c, enum frame_kind kind, const ProtobufCMessage *message);
// The next frame other than PING, which is answered here. False when none came in time.
bool bench_receive(struct bench_client *c, uint32_t timeout_ms, struct frame *ret);
// A PUBLISH of count events of an Alert of payload_len bytes, in the buffer given. Sequences go on from c->sequence.
void bench_publish_frame(struct bench_client *c, size_t count, size_t payload_len, uint64_t run, struct buf *out);

// ---- groups
void bench_translate(void);
// One way of translating by itself, for callgrind. Returns the exit code.
int bench_translate_one(const char *name);
void bench_load(void);
// Expressions; one of them by its name, for callgrind.
void bench_expr(void);
int bench_expr_one(const char *name);
void bench_append(void);
void bench_publish(void);
void bench_latency(void);

#endif

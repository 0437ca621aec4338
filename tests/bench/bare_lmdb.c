// SPDX-License-Identifier: Apache-2.0
#include "bench/bare_lmdb.h"

#include <arpa/inet.h>
#include <lmdb.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "bench/bench.h"

#define FLOOR_BATCH 64 // events in one commit of the floor, at most

struct bare_lmdb {
	MDB_env *env;
	MDB_dbi dbi;
	char folder[512];
	uint64_t next;
};

static void
must(int code, const char *what)
{
	if (code != 0) {
		bench_fail(what, mdb_strerror(code));
	}
}

struct bare_lmdb *
bare_lmdb_open(const char *folder)
{
	struct bare_lmdb *b = calloc(1, sizeof(*b));
	MDB_txn *txn;

	b->next = 1;
	snprintf(b->folder, sizeof(b->folder), "%s/bare.XXXXXX", folder);
	if (mkdtemp(b->folder) == NULL) {
		bench_fail("mkdtemp", b->folder);
	}
	must(mdb_env_create(&b->env), "lmdb");
	must(mdb_env_set_mapsize(b->env, GIB(4)), "lmdb");
	must(mdb_env_open(b->env, b->folder, MDB_NOTLS, 0600), "lmdb");
	must(mdb_txn_begin(b->env, NULL, 0, &txn), "lmdb");
	must(mdb_dbi_open(txn, NULL, 0, &b->dbi), "lmdb");
	must(mdb_txn_commit(txn), "lmdb");
	return b;
}

void
bare_lmdb_close(struct bare_lmdb *b)
{
	char command[600];

	mdb_env_close(b->env);
	snprintf(command, sizeof(command), "rm -rf '%s'", b->folder);
	if (system(command) != 0) {
		fprintf(stderr, "bench: %s stays\n", b->folder);
	}
	free(b);
}

static void
bare_commit(struct bare_lmdb *b, void *data, size_t len)
{
	uint8_t bytes[8];
	MDB_val key = {.mv_size = sizeof(bytes), .mv_data = bytes}, value = {.mv_size = len, .mv_data = data};
	MDB_txn *txn;

	for (int i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)(b->next >> (56 - 8 * i));
	}
	b->next++;
	must(mdb_txn_begin(b->env, NULL, 0, &txn), "lmdb");
	must(mdb_put(txn, b->dbi, &key, &value, MDB_APPEND), "lmdb");
	must(mdb_txn_commit(txn), "lmdb");
}

double
bare_lmdb_append_rate(struct bare_lmdb *b, size_t events, size_t batch, size_t payload)
{
	uint8_t *block = malloc(batch * payload), *source = malloc(batch * payload);
	uint64_t start;
	double seconds;

	memset(source, 'x', batch * payload);
	start = clock_monotonic_ns();
	for (size_t done = 0; done < events; done += batch) {
		memcpy(block, source, batch * payload);
		bare_commit(b, block, batch * payload);
	}
	seconds = (double)(clock_monotonic_ns() - start) / 1e9;
	free(block);
	free(source);
	return (double)events / seconds;
}

// ---- latency -------------------------------------------------------------------------------------------------------------------------

static void *
echo(void *context)
{
	int fd = *(int *)context;
	uint8_t bytes[2048];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		if (write(fd, bytes, (size_t)n) != n) {
			break;
		}
	}
	return NULL;
}

static void
loopback_pair(int fds[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server, (struct sockaddr *)&address, len) != 0 || listen(server, 1) != 0 ||
	    getsockname(server, (struct sockaddr *)&address, &len) != 0 ||
	    connect(fds[0], (struct sockaddr *)&address, len) != 0 || (fds[1] = accept(server, NULL, NULL)) < 0) {
		bench_fail("loopback", "no connection");
	}
	setsockopt(fds[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fds[1], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	close(server);
}

// There and back.
static void
two_hops(int fd, uint8_t *bytes, size_t payload)
{
	if (write(fd, bytes, payload) != (ssize_t)payload) {
		bench_fail("loopback", "write");
	}
	for (size_t got = 0; got < payload;) {
		ssize_t n = read(fd, bytes, payload);

		if (n <= 0) {
			bench_fail("loopback", "read");
		}
		got += (size_t)n;
	}
}

// An open loop, as the row beside it: events come when they are due, also while the disk stands still, and what came meanwhile shares the next commit.
// A loop that waited with the disk would see one slow event where a thousand a second see twenty.
static void
course(struct bare_lmdb *b, int fd, size_t events, size_t payload, uint64_t interval_ns, double *micros)
{
	uint8_t *bytes = calloc(FLOOR_BATCH, payload);
	uint64_t start = clock_monotonic_ns();

	for (size_t i = 0; i < events;) {
		uint64_t now = clock_monotonic_ns(), first = start + i * interval_ns;
		size_t count = 1;

		if (now < first) {
			bench_sleep_until(first);
			now = first = clock_monotonic_ns(); // waking up is the sender's
		}
		while (i + count < events && count < FLOOR_BATCH && start + (i + count) * interval_ns <= now) {
			count++;
		}
		two_hops(fd, bytes, payload);
		bare_commit(b, bytes, count * payload);
		now = clock_monotonic_ns();
		for (size_t k = 0; k < count; k++, i++) {
			micros[i] = (double)(now - (k == 0 ? first : start + i * interval_ns)) / 1e3;
		}
	}
	free(bytes);
}

void
bare_lmdb_latency_floor(
    struct bare_lmdb *b, size_t events, size_t payload, uint64_t interval_ns, double *ret_p50, double *ret_p99)
{
	double *micros = calloc(events, sizeof(*micros));
	pthread_t thread;
	int fds[2];

	loopback_pair(fds);
	pthread_create(&thread, NULL, echo, &fds[1]);
	course(b, fds[0], events, payload, interval_ns, micros);
	shutdown(fds[0], SHUT_RDWR);
	pthread_join(thread, NULL);
	close(fds[0]);
	close(fds[1]);
	bench_sort(micros, events);
	*ret_p50 = micros[events / 2];
	*ret_p99 = micros[events * 99 / 100];
	free(micros);
}

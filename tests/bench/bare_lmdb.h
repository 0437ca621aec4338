// SPDX-License-Identifier: Apache-2.0
// The references of the durable rows: what the same bytes cost with nothing around them. LMDB in its default mode, in a folder beside the broker's journal.
#ifndef EN_TESTS_BARE_LMDB_H
#define EN_TESTS_BARE_LMDB_H

#include <stddef.h>
#include <stdint.h>

struct bare_lmdb;

// One environment for all runs of a case, as the broker keeps its journal: a fresh file for each run costs other things.
struct bare_lmdb *bare_lmdb_open(const char *folder);
void bare_lmdb_close(struct bare_lmdb *b); // removes its folder
// Events a second: events values of payload bytes, batch of them packed into one value and one synced transaction (the packing that is fastest for LMDB).
double bare_lmdb_append_rate(struct bare_lmdb *b, size_t events, size_t batch, size_t payload);
// Microseconds, p50 and p99, of events that come one an interval: one commit plus two hops over loopback TCP (there and back), and the wait for the commit
// before it where that is not over.
void bare_lmdb_latency_floor(
    struct bare_lmdb *b, size_t events, size_t payload, uint64_t interval_ns, double *ret_p50, double *ret_p99);

#endif

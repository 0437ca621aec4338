// SPDX-License-Identifier: Apache-2.0
// The daemon's own part of the Prometheus exposition; names after landscape 7.5. The core writes what concerns events.
#include "daemon/daemon.h"

#include <inttypes.h>

static void
one(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %" PRIu64 "\n", name, help, name, type, name, value);
}

static void
fsync_histogram(const struct daemon *d, struct buf *out)
{
	static const char name[] = "enlace_journal_fsync_duration_seconds";
	uint64_t sum = 0;
	double edge = 0.0005;

	buf_printf(
	    out, "# HELP %s How long a transaction took, its fsync included.\n# TYPE %s histogram\n", name, name);
	for (size_t i = 0; i + 1 < EN_COUNT_OF(d->commit_buckets); i++, edge *= 2) {
		sum += d->commit_buckets[i];
		buf_printf(out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, edge, sum);
	}
	buf_printf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", name, d->commits,
	    name, (double)d->commit_ns / 1e9, name, d->commits);
}

void
daemon_metrics(const struct daemon *d, struct buf *out)
{
	struct net_counters net = net_server_counters(d->net);
	struct buf digest = BUF_EMPTY;
	struct store_space space;
	struct damage damage;

	fsync_histogram(d, out);
	journal_damage(d->journal, &damage);
	one(out, "enlace_journal_damaged_records_total", "counter",
	    "Damaged records found since the start, each once; enlace status says which.", damage.records);
	one(out, "enlace_journal_last_sequence", "gauge", "The newest durable record.", d->durable_sequence);
	if (journal_space(d->journal, &space) == EN_OK) {
		one(out, "enlace_journal_size_bytes", "gauge", "Bytes of live data in the journal.", space.used_bytes);
		one(out, "enlace_journal_quota_bytes", "gauge", "Where publishers begin to hear busy.",
		    space.quota_bytes);
		one(out, "enlace_journal_free_bytes", "gauge", "Bytes that may still be admitted.", space.free_bytes);
	}
	one(out, "enlace_handshakes_refused_total", "counter", "Connections with an unknown key.", net.zap_refused);
	one(out, "enlace_handshakes_put_off_total", "counter", "Connections put off for want of descriptors.",
	    net.zap_full);
	one(out, "enlace_handshakes_accepted_total", "counter", "Connections with a known key.", net.zap_accepted);
	one(out, "enlace_net_peers", "gauge", "Connections that have a session, or wait for an answer.", net.peers);
	one(out, "enlace_frames_dropped_total", "counter",
	    "Frames without an identity, with a chosen routing id or with a key that is gone.",
	    net.without_user_id + net.chosen_routing_id + net.unknown_key);
	buf_printf(out,
	    "# HELP enlace_config_reloads_total Reloads of rules and keys.\n# TYPE enlace_config_reloads_total counter\n"
	    "enlace_config_reloads_total{outcome=\"ok\"} %" PRIu64
	    "\nenlace_config_reloads_total{outcome=\"refused\"} %" PRIu64 "\n",
	    d->reloads_ok, d->reloads_failed);
	hex_put(&digest, view_of(rules_digest(d->rules), 32));
	buf_printf(out,
	    "# HELP enlace_config_info The rule set in force.\n# TYPE enlace_config_info gauge\n"
	    "enlace_config_info{digest=\"%s\",version=\"%s\"} 1\n",
	    buf_cstr(&digest), ENLACE_VERSION);
	buf_fini(&digest);
}

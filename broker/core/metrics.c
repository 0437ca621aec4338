// SPDX-License-Identifier: Apache-2.0
// The core's part of the Prometheus exposition: names after landscape 7.5, labels bounded by the configuration. What is owed is counted by itself, never by
// subtraction, so that the identities of the design (2.2) can be checked.
#include <inttypes.h>

#include "core/engine.h"

static const char *const outcome_names[OUTCOME_COUNT] = {
    NULL, "taken", NULL, "dead", "withheld", "expired", "discarded"};

static void
head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
agency_lines(const struct core *c, struct buf *out)
{
	size_t at = 0;
	struct view name;
	void *value;

	head(out, "enlace_ingest_received_total", "counter", "Inputs that were recorded, held or refused.");
	while (strmap_next(&c->state.agencies, &at, &name, &value)) {
		buf_printf(out, "enlace_ingest_received_total{agency=\"%.*s\"} %" PRIu64 "\n", (int)name.len,
		    (const char *)name.data, ((const struct agency_counts *)value)->received);
	}
	head(out, "enlace_ingest_events_total", "counter",
	    "The broker's word on inputs. A held input that is released moves to recorded.");
	for (at = 0; strmap_next(&c->state.agencies, &at, &name, &value);) {
		const struct agency_counts *a = value;
		const struct {
			const char *outcome;
			uint64_t count;
		} words[] = {{"recorded", a->recorded}, {"held", a->held}, {"refused", a->refused},
		    {"duplicate", a->duplicates}, {"busy", a->busy}};

		for (size_t i = 0; i < EN_COUNT_OF(words); i++) {
			buf_printf(out, "enlace_ingest_events_total{agency=\"%.*s\",outcome=\"%s\"} %" PRIu64 "\n",
			    (int)name.len, (const char *)name.data, words[i].outcome, words[i].count);
		}
	}
}

static void
refusal_lines(const struct core *c, struct buf *out)
{
	size_t at = 0;
	struct view name;
	void *value;

	head(out, "enlace_ingest_refused_total", "counter", "Refused inputs by reason.");
	while (strmap_next(&c->state.agencies, &at, &name, &value)) {
		const struct agency_counts *a = value;

		for (size_t i = 0; i < REASON_COUNT; i++) {
			if (a->refused_by[i] > 0) {
				buf_printf(out,
				    "enlace_ingest_refused_total{agency=\"%.*s\",reason=\"%s\"} %" PRIu64 "\n",
				    (int)name.len, (const char *)name.data, reason_code((enum reason)i),
				    a->refused_by[i]);
			}
		}
	}
}

static void
subscription_lines(const struct core *c, struct moment now, struct buf *out)
{
	size_t at = 0;
	struct view name;
	void *value;

	head(out, "enlace_subscription_matched_total", "counter", "Deliveries that were decided for the subscription.");
	while (strmap_next(&c->state.subscriptions, &at, &name, &value)) {
		buf_printf(out, "enlace_subscription_matched_total{subscription=\"%.*s\"} %" PRIu64 "\n", (int)name.len,
		    (const char *)name.data, ((const struct subscription_state *)value)->matched);
	}
	head(out, "enlace_delivery_events_total", "counter", "Deliveries that ended, by how.");
	for (at = 0; strmap_next(&c->state.subscriptions, &at, &name, &value);) {
		for (size_t i = 0; i < OUTCOME_COUNT; i++) {
			if (outcome_names[i] != NULL) {
				buf_printf(out,
				    "enlace_delivery_events_total{subscription=\"%.*s\",outcome=\"%s\"} %" PRIu64 "\n",
				    (int)name.len, (const char *)name.data, outcome_names[i],
				    ((const struct subscription_state *)value)->ended[i]);
			}
		}
	}
	head(out, "enlace_subscription_pending_events", "gauge",
	    "Deliveries that are owed: waiting, in flight, or parked for a retry.");
	for (at = 0; strmap_next(&c->state.subscriptions, &at, &name, &value);) {
		buf_printf(out, "enlace_subscription_pending_events{subscription=\"%.*s\"} %zu\n", (int)name.len,
		    (const char *)name.data, subscription_pending(value));
	}
	head(out, "enlace_subscription_oldest_age_seconds", "gauge", "Age of the oldest delivery that is owed.");
	for (at = 0; strmap_next(&c->state.subscriptions, &at, &name, &value);) {
		int64_t oldest = subscription_oldest_ms(value);

		buf_printf(out, "enlace_subscription_oldest_age_seconds{subscription=\"%.*s\"} %.3f\n", (int)name.len,
		    (const char *)name.data, oldest == 0 ? 0.0 : (double)(now.wall_ms - oldest) / 1000.0);
	}
	head(out, "enlace_subscription_inflight_events", "gauge", "Deliveries sent and not settled.");
	for (at = 0; strmap_next(&c->state.subscriptions, &at, &name, &value);) {
		const struct subscription_state *sub = value;

		buf_printf(out, "enlace_subscription_inflight_events{subscription=\"%.*s\"} %u\n", (int)name.len,
		    (const char *)name.data, sub->session == NULL ? 0 : sub->in_flight);
	}
}

static void
single(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	head(out, name, type, help);
	buf_printf(out, "%s %" PRIu64 "\n", name, value);
}

void
core_metrics(const struct core *c, struct moment now, struct buf *out)
{
	size_t at = 0, dead = 0;
	struct view name;
	void *value;

	agency_lines(c, out);
	refusal_lines(c, out);
	subscription_lines(c, now, out);
	while (strmap_next(&c->state.subscriptions, &at, &name, &value)) {
		dead += ((const struct subscription_state *)value)->dead_count;
	}
	single(out, "enlace_sessions", "gauge", "Open sessions.", c->session_count);
	single(out, "enlace_held_events", "gauge", "Inputs that are held.", c->state.held_count);
	single(out, "enlace_dead_letters", "gauge", "Deliveries that cannot go on by themselves.", dead);
	single(out, "enlace_referrals", "gauge", "Referrals that are known.", c->state.referrals.count);
	single(out, "enlace_illegal_moves_total", "counter", "Statuses that the state machine does not allow.",
	    c->state.illegal_moves);
	single(
	    out, "enlace_deliveries_sent_total", "counter", "Deliveries sent, repeats included.", c->deliveries_sent);
}

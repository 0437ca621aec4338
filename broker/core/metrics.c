// SPDX-License-Identifier: Apache-2.0
// The core's part of the Prometheus exposition: names after landscape 7.5, labels bounded by the configuration. What is
// owed is counted by itself, never by subtraction, so that the identities of the design (2.2) can be checked:
//
//   enlace_ingest_received_total{agency} = enlace_ingest_events_total{agency}, outcomes recorded + held + refused
//   enlace_subscription_matched_total{subscription} = enlace_delivery_events_total{subscription}, every outcome,
//                                                     + enlace_subscription_pending_events{subscription}
//
// Duplicates and busy answers stand apart: they leave no record, and begin at 0 with every start.
#include <inttypes.h>

#include "core/engine.h"

static const char *const outcome_names[] = {"taken", "dead", "withheld", "expired", "discarded", "erased"};
static const enum outcome outcomes[] = {
    OUTCOME_TAKEN, OUTCOME_DEAD, OUTCOME_WITHHELD, OUTCOME_EXPIRED, OUTCOME_DISCARDED, OUTCOME_COUNT};

static void
head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

// A family of one number for each agency.
static void
agency_family(const struct core *c, struct buf *out, const char *name, const char *type, const char *help,
    uint64_t (*number)(const struct agency_counts *a))
{
	size_t at = 0;
	struct view agency;
	void *value;

	head(out, name, type, help);
	while (strmap_next(&c->state.agencies, &at, &agency, &value)) {
		buf_printf(out, "%s{agency=\"%.*s\"} %" PRIu64 "\n", name, (int)agency.len, (const char *)agency.data,
		    number(value));
	}
}

static uint64_t
received(const struct agency_counts *a)
{
	return a->received;
}

static uint64_t
duplicates(const struct agency_counts *a)
{
	return a->duplicates;
}

static uint64_t
busy(const struct agency_counts *a)
{
	return a->busy;
}

static uint64_t
bytes(const struct agency_counts *a)
{
	return a->bytes;
}

static void
agency_lines(const struct core *c, struct buf *out)
{
	size_t at = 0;
	struct view name;
	void *value;

	agency_family(
	    c, out, "enlace_ingest_received_total", "counter", "Inputs that were recorded, held or refused.", received);
	head(out, "enlace_ingest_events_total", "counter",
	    "The broker's word on inputs. A held input that is released moves to recorded.");
	while (strmap_next(&c->state.agencies, &at, &name, &value)) {
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
	agency_family(c, out, "enlace_ingest_duplicates_total", "counter",
	    "Inputs that were known already, since the start.", duplicates);
	agency_family(
	    c, out, "enlace_publish_busy_total", "counter", "Events that were not looked at, since the start.", busy);
	agency_family(c, out, "enlace_ingest_bytes_total", "counter",
	    "Payload bytes that were recorded or held, since the start.", bytes);
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

// A family of one number for each subscription.
static void
subscription_family(const struct core *c, int64_t wall_ms, struct buf *out, const char *name, const char *type,
    const char *help, double (*number)(const struct subscription_state *s, int64_t wall_ms))
{
	size_t at = 0;
	struct view subscription;
	void *value;

	head(out, name, type, help);
	while (strmap_next(&c->state.subscriptions, &at, &subscription, &value)) {
		buf_printf(out, "%s{subscription=\"%.*s\"} %.15g\n", name, (int)subscription.len,
		    (const char *)subscription.data, number(value, wall_ms));
	}
}

static double
matched(const struct subscription_state *s, int64_t wall_ms)
{
	(void)wall_ms;
	return (double)s->matched;
}

static double
pending(const struct subscription_state *s, int64_t wall_ms)
{
	(void)wall_ms;
	return (double)subscription_pending(s);
}

static double
oldest_age(const struct subscription_state *s, int64_t wall_ms)
{
	int64_t oldest = subscription_oldest_ms(s);

	return oldest == 0 || oldest > wall_ms ? 0.0 : (double)(wall_ms - oldest) / 1000.0;
}

static double
in_flight(const struct subscription_state *s, int64_t wall_ms)
{
	(void)wall_ms;
	return s->reader == NULL ? 0.0 : (double)s->reader->flying_count;
}

static double
credit(const struct subscription_state *s, int64_t wall_ms)
{
	(void)wall_ms;
	return s->reader == NULL || s->reader->flying_count >= s->reader->window_events
	    ? 0.0
	    : (double)(s->reader->window_events - s->reader->flying_count);
}

static double
attempts(const struct subscription_state *s, int64_t wall_ms)
{
	(void)wall_ms;
	return (double)s->sent;
}

static double
retries(const struct subscription_state *s, int64_t wall_ms)
{
	(void)wall_ms;
	return (double)s->parked_count;
}

static void
ended_lines(const struct core *c, struct buf *out)
{
	size_t at = 0;
	struct view name;
	void *value;

	head(out, "enlace_delivery_events_total", "counter", "Deliveries that ended, by how.");
	while (strmap_next(&c->state.subscriptions, &at, &name, &value)) {
		const struct subscription_state *s = value;

		for (size_t i = 0; i < EN_COUNT_OF(outcomes); i++) {
			buf_printf(out,
			    "enlace_delivery_events_total{subscription=\"%.*s\",outcome=\"%s\"} %" PRIu64 "\n",
			    (int)name.len, (const char *)name.data, outcome_names[i],
			    outcomes[i] == OUTCOME_COUNT ? 0 : s->ended[outcomes[i]]); // nothing erases yet
		}
	}
}

static void
dead_lines(const struct core *c, struct buf *out)
{
	size_t at = 0;
	struct view name;
	void *value;

	head(out, "enlace_dlq_events", "gauge", "Dead letters by reason.");
	while (strmap_next(&c->state.subscriptions, &at, &name, &value)) {
		const struct subscription_state *s = value;
		size_t by[REASON_COUNT] = {0};

		for (size_t i = 0; i < s->dead_count; i++) {
			by[s->dead[i].reason < REASON_COUNT ? s->dead[i].reason : REASON_NONE]++;
		}
		for (size_t i = 0; i < REASON_COUNT; i++) {
			if (by[i] > 0) {
				buf_printf(out, "enlace_dlq_events{subscription=\"%.*s\",reason=\"%s\"} %zu\n",
				    (int)name.len, (const char *)name.data, reason_code((enum reason)i), by[i]);
			}
		}
	}
}

static void
subscription_lines(const struct core *c, int64_t wall_ms, struct buf *out)
{
	subscription_family(c, wall_ms, out, "enlace_subscription_matched_total", "counter",
	    "Deliveries that were decided for the subscription.", matched);
	ended_lines(c, out);
	subscription_family(c, wall_ms, out, "enlace_subscription_pending_events", "gauge",
	    "Deliveries that are owed: waiting, in flight, or waiting for a retry.", pending);
	subscription_family(c, wall_ms, out, "enlace_subscription_oldest_age_seconds", "gauge",
	    "Age of the oldest delivery that is owed.", oldest_age);
	subscription_family(c, wall_ms, out, "enlace_subscription_inflight_events", "gauge",
	    "Deliveries sent and not settled.", in_flight);
	subscription_family(
	    c, wall_ms, out, "enlace_subscription_retry_events", "gauge", "Deliveries that wait for a retry.", retries);
	subscription_family(
	    c, wall_ms, out, "enlace_credit_events", "gauge", "Deliveries that the reader would take now.", credit);
	subscription_family(c, wall_ms, out, "enlace_delivery_attempts_total", "counter",
	    "Deliveries sent, repeats included, since the start.", attempts);
	dead_lines(c, out);
}

static void
referral_lines(const struct core *c, struct buf *out)
{
	head(out, "enlace_referrals", "gauge", "Referrals that are known, by state.");
	for (uint8_t i = REFERRAL_SUBMITTED; i < REFERRAL_STATE_COUNT; i++) {
		buf_printf(out, "enlace_referrals{state=\"%s\"} %" PRIu64 "\n", referral_state_name(i),
		    c->state.referrals_in[i]);
	}
}

static void
session_lines(const struct core *c, struct buf *out)
{
	head(out, "enlace_session_up", "gauge", "Open sessions of an agency.");
	for (uint32_t i = 0; i < rules_agency_count(c->rules); i++) {
		const char *name = rules_agency_at(c->rules, i)->name;
		size_t up = 0;

		for (const struct session *s = c->sessions; s != NULL; s = s->next) {
			up += strcmp(s->agency, name) == 0;
		}
		buf_printf(out, "enlace_session_up{agency=\"%s\"} %zu\n", name, up);
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
	uint64_t sent = 0;
	struct view name;
	void *value;

	agency_lines(c, out);
	refusal_lines(c, out);
	subscription_lines(c, now.wall_ms, out);
	referral_lines(c, out);
	session_lines(c, out);
	while (strmap_next(&c->state.subscriptions, &at, &name, &value)) {
		dead += ((const struct subscription_state *)value)->dead_count;
		sent += ((const struct subscription_state *)value)->sent;
	}
	single(out, "enlace_sessions", "gauge", "Open sessions.", c->session_count);
	single(out, "enlace_held_events", "gauge", "Inputs that are held.", c->state.held.count);
	single(out, "enlace_dead_letters", "gauge", "Deliveries that cannot go on by themselves.", dead);
	single(out, "enlace_illegal_moves_total", "counter", "Statuses that the state machine does not allow.",
	    c->state.illegal_moves);
	single(out, "enlace_deliveries_sent_total", "counter", "Deliveries sent, repeats included, since the start.",
	    sent);
}

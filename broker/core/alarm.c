// SPDX-License-Identifier: Apache-2.0
// Alarms: of a subscription (alarm_if), that something waits too long and that nobody reads; of the broker, that there is
// no room to take anything up, and that records of the journal are damaged. Told when they begin and when they are over, once
// each; damage is not over before a start finds a whole journal, and is told again when more of it is found.
#include "core/engine.h"

#define LOOK_EVERY_MS 1000

static enum en_err
tell_late(struct core *c, const struct rules_subscription *rules, struct subscription_state *s, int64_t oldest_ms)
{
	bool is_late = oldest_ms != 0 && rules->oldest_waits_ms != 0 &&
	    c->now.wall_ms - oldest_ms > (int64_t)rules->oldest_waits_ms;

	if (is_late == s->is_late) {
		return EN_OK;
	}
	s->is_late = is_late;
	return is_late ? CORE_LOG(c, LOG_ERROR, "alarm.oldest_waits", LOG_TEXT("subscription", rules->name),
			     LOG_TEXT("agency", rules->agency->name), LOG_NUM("since_ms", oldest_ms),
			     LOG_NUM("waiting", subscription_pending(s)),
			     LOG_TEXT("remedy", "call the agency: its adapter is away, or its system refuses"))
		       : CORE_LOG(c, LOG_INFO, "alarm.oldest_waits.over", LOG_TEXT("subscription", rules->name));
}

static enum en_err
tell_alone(struct core *c, const struct rules_subscription *rules, struct subscription_state *s)
{
	bool is_alone = s->reader == NULL && rules->nobody_attached_ms != 0 &&
	    c->now.monotonic_ms - s->alone_since_ms > rules->nobody_attached_ms;

	if (is_alone == s->is_alone) {
		return EN_OK;
	}
	s->is_alone = is_alone;
	return is_alone
	    ? CORE_LOG(c, LOG_ERROR, "alarm.nobody_attached", LOG_TEXT("subscription", rules->name),
		  LOG_TEXT("agency", rules->agency->name), LOG_NUM("waiting", subscription_pending(s)),
		  LOG_TEXT("remedy", "call the agency: its adapter does not run, or cannot reach the broker"))
	    : CORE_LOG(c, LOG_INFO, "alarm.nobody_attached.over", LOG_TEXT("subscription", rules->name));
}

static enum en_err
tell_full(struct core *c)
{
	bool is_full = core_is_full(c);

	if (is_full == c->is_alarmed_full) {
		return EN_OK;
	}
	c->is_alarmed_full = is_full;
	return is_full ? CORE_LOG(c, LOG_ERROR, "alarm.disk_full", LOG_NUM("free_bytes", (int64_t)c->space),
			     LOG_TEXT("remedy",
				 "publishers hear busy, deliveries go on: give the journal's disk room, or raise "
				 "`limits: journal_quota`"))
		       : CORE_LOG(c, LOG_INFO, "alarm.disk_full.over", LOG_NUM("free_bytes", (int64_t)c->space));
}

static enum en_err
tell_damaged(struct core *c)
{
	const struct damage *d = &c->journal.damage;

	if (d->records <= c->alarmed_damage) {
		return EN_OK;
	}
	c->alarmed_damage = d->records;
	return CORE_LOG(c, LOG_ERROR, "alarm.journal_damaged", LOG_NUM("records", d->records),
	    LOG_NUM("first", d->ranges[0].first), LOG_NUM("last", d->ranges[d->count - 1].last),
	    LOG_TEXT("remedy",
		"look at the disk; enlace status says which positions: restore the journal from a copy in which they are "
		"whole"));
}

enum en_err
alarm_tick(struct core *c)
{
	enum en_err err;

	if (c->now.monotonic_ms < c->alarms_at_ms) {
		return EN_OK;
	}
	c->alarms_at_ms = c->now.monotonic_ms + LOOK_EVERY_MS;
	err = tell_full(c);
	if (err == EN_OK) {
		err = tell_damaged(c);
	}
	for (uint32_t i = 0; i < rules_subscription_count(c->rules) && err == EN_OK; i++) {
		const struct rules_subscription *rules = rules_subscription_at(c->rules, i);
		struct subscription_state *s = state_subscription(&c->state, view_text(rules->name));

		if (s == NULL) {
			return EN_ENOMEM;
		}
		if (s->alone_since_ms == 0) {
			s->alone_since_ms = c->now.monotonic_ms; // since the start
		}
		err = tell_late(c, rules, s, subscription_oldest_ms(s));
		if (err == EN_OK) {
			err = tell_alone(c, rules, s);
		}
	}
	return err;
}

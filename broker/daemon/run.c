// SPDX-License-Identifier: Apache-2.0
// The broker's turn, the only place where I/O, time and disk meet (design section 4):
//
//   collect a bounded batch of frames, finished commits, records read, requests -> core_step for each -> one hand-over to the journal ->
//   what finished commits allow is sent
#include "daemon/daemon.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/limits.h"

#define TICK_MS 100
#define SPACE_EVERY_MS 500
#define EVENTS_PER_TURN 64

enum en_err
daemon_step(struct daemon *d, const struct core_input *in, struct moment now)
{
	return core_step(d->core, in, now, &d->effects);
}

// Agencies first: an operator's reload replaces the table of keys that the subjects of these frames point into.
static enum en_err
step_frames(struct daemon *d, const struct net_frame *frames, size_t count, struct moment now)
{
	enum en_err err = EN_OK;

	for (size_t i = 0; i < count && err == EN_OK; i++) {
		struct core_input in = {.kind = INPUT_FRAME,
		    .peer = frames[i].peer,
		    .subject = frames[i].subject,
		    .bytes = frames[i].bytes};

		if (frames[i].endpoint == NET_AGENCIES) {
			err = daemon_step(d, &in, now);
		}
	}
	for (size_t i = 0; i < count && err == EN_OK; i++) {
		if (frames[i].endpoint == NET_OPERATORS) {
			err = requests_frame(d, &frames[i], now);
		}
	}
	return err;
}

static void
count_commit(struct daemon *d, uint64_t ns)
{
	size_t bucket = 0;

	// 0.5 ms, 1 ms, 2 ms, ... see metrics.c
	for (uint64_t edge = 500000; bucket + 1 < EN_COUNT_OF(d->commit_buckets) && ns > edge; edge *= 2) {
		bucket++;
	}
	d->commit_buckets[bucket]++;
	d->commits++;
	d->commit_ns += ns;
}

static enum en_err
step_journal_event(struct daemon *d, struct journal_event *event, struct moment now)
{
	struct core_input in = {.kind = INPUT_TICK};

	switch (event->kind) {
	case JOURNAL_DURABLE:
		count_commit(d, event->fsync_ns);
		d->durable_sequence = event->sequence;
		in = (struct core_input){.kind = INPUT_DURABLE, .sequence = event->sequence};
		break;
	case JOURNAL_RECORDS:
		if (event->id == SCRUB_READ) {
			scrub_take(d, event, now);
			return EN_OK;
		}
		in = (struct core_input){.kind = INPUT_RECORDS,
		    .id = event->id,
		    .next = event->next,
		    .records = event->records,
		    .record_count = event->record_count};
		break;
	case JOURNAL_FAILED:
		log_event(LOG_ERROR, "journal.failed", LOG_TEXT("code", en_err_code(event->err)),
		    LOG_TEXT("remedy", "look at the disk; a restart reloads everything that was acknowledged"));
		return EN_EIO;
	}
	return daemon_step(d, &in, now);
}

static enum en_err
step_journal(struct daemon *d, struct moment now)
{
	struct journal_event event;
	enum en_err err = EN_OK;

	for (int i = 0; i < EVENTS_PER_TURN && err == EN_OK; i++) {
		if (journal_collect(d->journal, &event) != EN_OK) {
			break;
		}
		err = step_journal_event(d, &event, now);
		journal_event_release(&event);
	}
	return err;
}

static enum en_err
begin_drain(struct daemon *d, struct moment now)
{
	struct core_input in = {.kind = INPUT_DRAIN};

	log_event(LOG_INFO, "drain", LOG_NUM("last", d->last_sequence));
	d->is_draining = true;
	d->drain_deadline_ms = now.monotonic_ms + LIMIT_DRAIN_MS;
	core_checkpoint_soon(d->core);
	return daemon_step(d, &in, now);
}

static enum en_err
step_signals(struct daemon *d, struct moment now)
{
	struct signalfd_siginfo info;
	enum en_err err = EN_OK;

	while (err == EN_OK && read(d->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			err = daemon_reload(d, NULL, NULL, now);
		} else if (d->is_draining) {
			d->drain_deadline_ms = now.monotonic_ms; // the second one: at once
		} else {
			err = begin_drain(d, now);
		}
	}
	return err;
}

// How much room the journal has, and how its records are.
static enum en_err
tell_journal(struct daemon *d, struct moment now)
{
	struct core_input space = {.kind = INPUT_SPACE};
	struct store_space s;
	enum en_err err = EN_OK;

	if (d->last_space_ms != 0 && now.monotonic_ms - d->last_space_ms < SPACE_EVERY_MS) {
		return EN_OK;
	}
	d->last_space_ms = now.monotonic_ms;
	if (journal_space(d->journal, &s) == EN_OK) {
		space.space_bytes = s.free_bytes;
		err = daemon_step(d, &space, now);
	}
	return err == EN_OK ? scrub_tell(d, now) : err;
}

static enum en_err
step_time(struct daemon *d, struct moment now)
{
	struct core_input tick = {.kind = INPUT_TICK};
	enum en_err err = tell_journal(d, now);

	if (err == EN_OK) {
		err = scrub_tick(d, now);
	}
	return err == EN_OK ? daemon_step(d, &tick, now) : err;
}

static void
tell_refusals(struct daemon *d)
{
	struct net_refusal r;

	while (net_server_next_refusal(d->net, &r)) {
		if (r.why == NET_REFUSED_FULL) {
			log_event(LOG_ERROR, "alarm.descriptors", LOG_TEXT("address", r.address),
			    LOG_TEXT("remedy",
				"new sessions of agencies wait: raise the limit of open files (LimitNOFILE=, "
				"ulimit -n), or find the agency that opens too many"));
			continue;
		}
		log_event(LOG_WARN, "audit.key_refused", LOG_TEXT("address", r.address),
		    LOG_TEXT("fingerprint", r.fingerprint),
		    LOG_TEXT("remedy", "unknown key: enlace agency add, or somebody knocks"));
	}
}

static uint32_t
wait_ms(const struct daemon *d, struct moment now)
{
	uint64_t timer = core_next_timer(d->core);

	if (timer <= now.monotonic_ms) {
		return 0;
	}
	return timer - now.monotonic_ms < TICK_MS ? (uint32_t)(timer - now.monotonic_ms) : TICK_MS;
}

static enum en_err
turn(struct daemon *d)
{
	struct net_frame frames[DAEMON_FRAMES_PER_TURN];
	size_t count = 0;
	uint32_t ready = 0;
	struct moment now;
	enum en_err err;

	err = net_server_wait(d->net, wait_ms(d, clock_now()), frames, DAEMON_FRAMES_PER_TURN, &count, &ready);
	now = clock_now();
	if (err == EN_OK) {
		err = step_frames(d, frames, count, now);
	}
	if (err == EN_OK) {
		err = step_journal(d, now);
	}
	if (err == EN_OK) {
		err = requests_http(d, now);
	}
	if (err == EN_OK) {
		err = step_signals(d, now);
	}
	if (err == EN_OK) {
		err = step_time(d, now);
	}
	if (err == EN_OK) {
		err = effects_apply(d, now);
	}
	requests_forget(d);
	tell_refusals(d);
	return err;
}

enum en_err
daemon_run(struct daemon *d)
{
	struct core_input keys = {.kind = INPUT_KEYS, .keys = d->keys.core, .key_count = d->keys.count};
	enum en_err err = daemon_step(d, &keys, clock_now());

	if (err == EN_OK) {
		err = tell_journal(d, clock_now()); // before anybody asks
	}
	while (err == EN_OK) {
		err = turn(d);
		if (d->is_draining && err == EN_OK &&
		    (d->durable_sequence >= d->last_sequence || clock_now().monotonic_ms >= d->drain_deadline_ms)) {
			log_event(LOG_INFO, "stopped", LOG_NUM("last", d->durable_sequence));
			return EN_OK;
		}
	}
	log_event(
	    LOG_ERROR, "stopped.fault", LOG_TEXT("code", en_err_code(err)), LOG_NUM("durable", d->durable_sequence));
	return err == EN_ENOMEM ? EN_EINTERNAL : err;
}

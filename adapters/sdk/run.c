// SPDX-License-Identifier: Apache-2.0
// The adapter's loop: the session's turn, then every connector that is due, then one wait for whatever comes first. Rows of the spool and the ledgers
// are synced once a turn.
#include "sdk/adapter_int.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/limits.h"

#define WAIT_MAX_MS 1000
#define QUIET_MS 300 // --once: nothing moved for so long
#define STOP_FULL_MS 10000 // when_full: stop, and the broker took nothing for so long

// The spool first: a row of the ledger says that its event is safe. A ledger without room is no loss, but what goes on being sent and is not in it would
// be sent again after a restart: nothing new is taken on until it is written. A disk that failed once is not asked again: it forgets what it could not
// write, and the next sync says that all is well. The adapter ends, and a restart reads what is there.
enum en_err
adapter_flush(struct adapter *a)
{
	enum en_err err;

	if (!a->is_dirty || a->has_failed) {
		return a->has_failed ? EN_EIO : EN_OK;
	}
	err = spool_sync(a->spool);
	if (err == EN_OK) {
		err = ledger_sync(a->sent);
	}
	a->is_dirty = err != EN_OK;
	a->waits_for_room = err == EN_EFULL;
	a->has_failed = err != EN_OK && err != EN_EFULL;
	return err;
}

static void
on_welcomed(void *context, const Enlace__V1__Welcome *welcome)
{
	struct adapter *a = context;

	log_event(LOG_INFO, "session.up", LOG_TEXT("agency", welcome->agency), LOG_NUM("epoch", welcome->epoch),
	    LOG_TEXT("rules", welcome->rules_digest), LOG_NUM("spooled", spool_count(a->spool)),
	    LOG_NUM("skew_ms", session_clock_skew_ms(a->session)));
	for (size_t i = 0; i < welcome->n_subscriptions; i++) {
		const Enlace__V1__Attached *attached = welcome->subscriptions[i];

		for (size_t p = 0; p < a->port_count; p++) {
			struct enlace_port *port = &a->ports[p];

			if (port->is_publish || strcmp(port->conf->subscription.text, attached->subscription) != 0) {
				continue;
			}
			if (port_set_type(port, attached->type) != EN_OK) {
				log_event(LOG_ERROR, "session.type_unknown",
				    LOG_TEXT("subscription", attached->subscription), LOG_TEXT("type", attached->type),
				    LOG_TEXT("remedy", "update the descriptor set under `schema:`"));
			}
		}
	}
}

static void
on_ended(void *context, const char *code, uint64_t again_in_ms)
{
	struct adapter *a = context;

	deliver_forget_waiting(a);
	log_event(LOG_WARN, "session.over", LOG_TEXT("code", code), LOG_NUM("again_in_ms", again_in_ms),
	    LOG_NUM("spooled", spool_count(a->spool)));
}

static uint64_t
turn_connectors(struct adapter *a, struct moment now)
{
	uint64_t wake = now.monotonic_ms + WAIT_MAX_MS;

	for (size_t i = 0; i < a->port_count; i++) {
		struct enlace_port *port = &a->ports[i];

		if (port->connector->turn == NULL) {
			continue;
		}
		if (port->is_ready || now.monotonic_ms >= port->due_ms) {
			uint64_t before = port->submitted;

			port->is_ready = false;
			port->due_ms = now.monotonic_ms + port->connector->turn(port->state);
			if (port->submitted != before) {
				a->quiet_since_ms = now.monotonic_ms;
			}
		}
		wake = port->due_ms < wake ? port->due_ms : wake;
	}
	return wake;
}

// "Nothing came" is the commonest real outage: a system whose export stopped while every process runs.
static void
watch_silence(struct adapter *a, struct moment now)
{
	uint64_t limit = a->conf->nothing_came.ms;
	bool is_late = limit != 0 && a->conf->publish_count > 0 && now.wall_ms - a->last_came_ms > (int64_t)limit;

	if (is_late != a->is_alarmed) {
		a->is_alarmed = is_late;
		log_event(is_late ? LOG_ERROR : LOG_INFO, is_late ? "alarm.nothing_came" : "alarm.cleared",
		    LOG_NUM("since_ms", a->last_came_ms), LOG_TEXT("remedy", "look at the system's export"));
	}
}

static bool
is_idle(const struct adapter *a, struct moment now)
{
	for (size_t i = 0; i < a->port_count; i++) {
		if (a->ports[i].is_under_way) {
			return false;
		}
	}
	return session_state(a->session) == SESSION_UP && spool_count(a->spool) == 0 && a->pending_count == 0 &&
	    now.monotonic_ms - a->quiet_since_ms >= QUIET_MS;
}

// With `when_full: stop` a full spool ends the process, so that its supervisor sees it; but not while the broker takes what is in it, or one that
// was started again would end before it ever sent anything.
static bool
must_stop(struct adapter *a, struct moment now)
{
	if (!a->is_full || !a->conf->spool_full_stops || spool_count(a->spool) < a->spooled_before) {
		a->stuck_since_ms = now.monotonic_ms;
	}
	a->spooled_before = spool_count(a->spool);
	return now.monotonic_ms - a->stuck_since_ms >= STOP_FULL_MS;
}

static void
wait_for(struct adapter *a, int signals, uint64_t wake_ms, struct moment now)
{
	struct pollfd fds[ADAPTER_PORTS_MAX + 2];
	struct enlace_port *ports[ADAPTER_PORTS_MAX + 2] = {NULL};
	nfds_t count = 0;

	fds[count++] = (struct pollfd){.fd = signals, .events = POLLIN};
	if (session_fd(a->session) >= 0) {
		fds[count++] = (struct pollfd){.fd = session_fd(a->session), .events = POLLIN};
	}
	for (size_t i = 0; i < a->port_count; i++) {
		if (a->ports[i].watch_fd >= 0) {
			ports[count] = &a->ports[i];
			fds[count++] = (struct pollfd){.fd = a->ports[i].watch_fd, .events = POLLIN};
		}
	}
	if (poll(fds, count, wake_ms <= now.monotonic_ms ? 0 : (int)(wake_ms - now.monotonic_ms)) <= 0) {
		return;
	}
	for (nfds_t i = 0; i < count; i++) {
		if (ports[i] != NULL && fds[i].revents != 0) {
			ports[i]->is_ready = true;
		}
	}
}

static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
		return -1;
	}
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static enum en_err
turn(struct adapter *a, int signals, bool *ret_stop)
{
	struct signalfd_siginfo info;
	struct moment now = clock_now();
	uint64_t session_wake, wake;
	enum en_err err;

	wake = turn_connectors(a, now);
	err = adapter_flush(a);
	if (err == EN_OK || err == EN_EFULL) {
		err = session_turn(a->session, now, &session_wake);
		deliver_waiting(a);
	}
	if (err != EN_OK) {
		log_event(LOG_ERROR, "adapter.fault", LOG_TEXT("code", en_err_code(err)),
		    LOG_TEXT("remedy", "look at the spool folder's disk"));
		return err;
	}
	if (must_stop(a, now)) {
		return EN_EFULL;
	}
	watch_silence(a, now);
	wait_for(a, signals, session_wake < wake ? session_wake : wake, now);
	*ret_stop = read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info);
	return EN_OK;
}

enum en_err
adapter_run(struct adapter *a, bool once)
{
	struct session_owner owner = {.context = a,
	    .answered = on_answered,
	    .delivered = on_delivered,
	    .welcomed = on_welcomed,
	    .ended = on_ended};
	bool stop = false;
	int signals = open_signals();
	enum en_err err;

	if (signals < 0) {
		return EN_EINTERNAL;
	}
	a->last_came_ms = clock_now().wall_ms;
	a->quiet_since_ms = a->stuck_since_ms = clock_now().monotonic_ms;
	err = adapter_open_session(a, &owner);
	if (err == EN_OK) {
		log_event(LOG_INFO, "adapter.started", LOG_TEXT("adapter", a->conf->name.text),
		    LOG_TEXT("agency", a->conf->agency.text), LOG_NUM("ports", a->port_count),
		    LOG_NUM("spooled", spool_count(a->spool)));
	}
	while (err == EN_OK && !stop) {
		err = turn(a, signals, &stop);
		if (once && err == EN_OK && is_idle(a, clock_now())) {
			break;
		}
	}
	log_event(LOG_INFO, "adapter.stopped", LOG_TEXT("adapter", a->conf->name.text),
	    LOG_NUM("spooled", spool_count(a->spool)));
	close(signals);
	return err;
}

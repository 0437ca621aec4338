// SPDX-License-Identifier: Apache-2.0
// The client's side of ENLACE/1 (schemas/PROTOCOL.md): one session at a time over one socket. Its one rule: whatever is odd, close the socket, wait, say
// HELLO on a new one, with no routing id of its own.
//
//   WAITING --(backoff over)--> GREETING --WELCOME--> UP --(odd, silent, GOAWAY)--> WAITING
//
// While up it publishes from the spool within the publish window, in order; an answer ends an entry, a busy answer rewinds to it. Deliveries are handed to
// the owner, who settles them by (subscription, epoch, number); what is not settled when a session ends comes again by itself.
//
// One thread; session_turn never blocks.
#ifndef ENLACE_SDK_SESSION_H
#define ENLACE_SDK_SESSION_H

#include "base/clock.h"
#include "net/net.h"
#include "sdk/spool.h"
#include "wire/frame.h"

enum session_state { SESSION_WAITING, SESSION_GREETING, SESSION_UP };

struct session_attach {
	const char *subscription;
	uint32_t window_events;	// 0: the broker's default
};

struct session_owner {
	void *context;
	// An entry ended: recorded, duplicate, held or refused. The entry is still readable in the spool during the call.
	void (*answered)(void *context, uint64_t spool_number, const Enlace__V1__Answer *answer);
	void (*delivered)(void *context, const char *subscription, uint64_t epoch, const Enlace__V1__Delivery *delivery);
	void (*welcomed)(void *context, const Enlace__V1__Welcome *welcome);
	void (*told_status)(void *context, const Enlace__V1__Status *status);	// after session_ask_status
	// The session is over; code says why ("silent", "replaced", ...).
	void (*ended)(void *context, const char *code, uint64_t again_in_ms);
};

struct session_options {
	struct net_client_options net;
	const char *client;		// name; borrowed
	const char *software;
	const struct session_attach *attach;	// borrowed
	size_t attach_count;
	struct spool *spool;		// NULL: publishes nothing
	struct session_owner owner;
};

struct session;

EN_MUST_CHECK enum en_err session_new(const struct session_options *options, struct session **ret);
// Says BYE when up, and lets what was sent leave.
void session_free(struct session **sp);
// Receives, publishes, keeps time. *ret_wake_ms: monotonic time of the next turn at the latest. EN_ENOMEM, EN_EIO of the spool.
EN_MUST_CHECK enum en_err session_turn(struct session *s, struct moment now, uint64_t *ret_wake_ms);
// To poll for reading; changes with every new socket, -1 while there is none.
int session_fd(const struct session *s);
enum session_state session_state(const struct session *s);
// The broker's clock minus ours at the last WELCOME or PING, in milliseconds.
int64_t session_clock_skew_ms(const struct session *s);
// Sends SETTLE. EN_EUNREACHED when the session of that epoch is over: the delivery comes again.
EN_MUST_CHECK enum en_err session_settle(struct session *s, const char *subscription, uint64_t epoch, const Enlace__V1__Settlement *settlement);
// Asks what the broker knows of this agency. EN_EUNREACHED while there is no session.
EN_MUST_CHECK enum en_err session_ask_status(struct session *s);

#endif

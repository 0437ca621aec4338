// SPDX-License-Identifier: Apache-2.0
// The only folder that includes zmq and czmq. Two faces:
//
//   struct net_server   the broker's side: a ROUTER for agencies and one for operators, CURVE, our ZAP handler, one turn at a time
//   struct net_client   a client's side: a DEALER with CURVE, used by the SDK and the command line; whatever is odd, it is closed
//                       and a new socket says HELLO again (PROTOCOL.md)
//   cert.h              key files (czmq's zcert format, Z85), their rights and their metadata
//
// What libzmq gets wrong and what we do about it (security.md 2.2), each held by a test in tests/unit/net:
//   - a CURVE server without a running ZAP handler lets any key in: our handler (a zactor thread with the keys in memory) answers a
//     self-test before any bind, and ZMQ_ZAP_ENFORCE_DOMAIN (option 93) is set, which Debian's header hides
//   - User-Id is read from the last frame of every message, and every message again; one without it is dropped and counted
//   - a routing id is never identity or address: peers are known by a number of ours that maps to (routing id, key); an id that does not
//     begin with a zero byte (chosen by the peer) is ignored; an id whose key changed is a new peer
//   - srand() is seeded from getrandom() before the first socket, and after czmq's own initialisation
//   - a successful send is not a delivery; sends never block; EAGAIN and EHOSTUNREACH are results
//   - linger, signal handlers, message size, high-water marks, handshake interval, heartbeats are set by hand
//   - descriptors: with 80 % of the limit in use, agencies' handshakes are put off; operators still get in
//
// One thread owns a net_server or a net_client; the ZAP thread has a copy of the key table that is replaced whole.
#ifndef EN_NET_NET_H
#define EN_NET_NET_H

#include "base/bytes.h"
#include "base/clock.h"

// What CURVE adds to a frame on the wire: "MESSAGE" with its length, a nonce, a MAC, flags. ZMQ_MAXMSGSIZE counts it.
#define NET_CURVE_BYTES 33

struct net_server;

// Who may connect: 40 characters of Z85 and who that is. subject is what a message is attributed to: the index into the caller's table
// of keys (a small number), never a name from the peer.
struct net_key {
	char public_key[41];
	uint32_t subject;
};

struct net_server_options {
	const char *agencies_endpoint;	// tcp://127.0.0.1:* for a free port
	const char *operators_endpoint;	// ipc://...; NULL: none
	const char *public_key, *secret_key;	// Z85, of the broker
	size_t frame_bytes;		// ZMQ_MAXMSGSIZE
	uint32_t heartbeat_ms;		// ZMTP heartbeat
};

enum net_endpoint { NET_AGENCIES, NET_OPERATORS };

// A frame that came in. bytes are borrowed until the next net_server_wait.
struct net_frame {
	enum net_endpoint endpoint;
	uint64_t peer;		// our number of (routing id, key); never reused in one process
	uint32_t subject;	// of the key, in the table that held when it came
	struct view bytes;
};

// Once per process, before anything else of this folder and in the main thread: crypto, czmq without signal handlers, srand, descriptor limit.
EN_MUST_CHECK enum en_err net_init(void);
void net_fini(void);	// closes the context with a deadline

// Starts the ZAP handler, tests it, binds. EN_EBUSY when an endpoint is in use; EN_EDENIED, EN_EUSAGE (malformed endpoint or key), EN_EINTERNAL
// when the ZAP self-test fails. reterr_what (128 bytes) names the endpoint or the check.
EN_MUST_CHECK enum en_err net_server_open(const struct net_server_options *options, const struct net_key *keys, size_t count,
    struct net_server **ret, char reterr_what[128]);
void net_server_close(struct net_server **sp);
// The real endpoint after a bind to port 0. Borrowed.
const char *net_server_endpoint(const struct net_server *s, enum net_endpoint endpoint);
// Replaces the key table, at once for handshakes and for every later message.
EN_MUST_CHECK enum en_err net_server_set_keys(struct net_server *s, const struct net_key *keys, size_t count);
// Watches a descriptor (an eventfd of the journal, the signals) along with the sockets; at most 8.
EN_MUST_CHECK enum en_err net_server_watch(struct net_server *s, int fd);
// Waits up to timeout_ms for a frame or a watched descriptor. Then up to max frames at once, and no more
// once they have LIMIT_TURN_BYTES together. ready is a bit per watched descriptor, in
// order of net_server_watch. Frames that break a rule above are dropped here and counted.
EN_MUST_CHECK enum en_err net_server_wait(struct net_server *s, uint32_t timeout_ms, struct net_frame *frames, size_t max, size_t *ret_count, uint32_t *ret_ready);
// EN_OK: handed to libzmq. EN_EBUSY: its queue is full, try later. EN_EUNREACHED: the peer is gone.
EN_MUST_CHECK enum en_err net_server_send(struct net_server *s, uint64_t peer, struct view bytes);
// The subject of the peer's key in the table of now. False when the peer or its key is gone.
bool net_server_subject(const struct net_server *s, uint64_t peer, uint32_t *ret);
// Forgets a peer's number; later frames from it get a new one.
void net_server_forget(struct net_server *s, uint64_t peer);
// Counters for metrics: handshakes refused by ZAP for the key, put off for want of descriptors, messages dropped for lack of User-Id, for a chosen routing id.
// peers: how many have a number now.
struct net_counters { uint64_t zap_refused, zap_full, zap_accepted, without_user_id, chosen_routing_id, unknown_key, peers; };
struct net_counters net_server_counters(const struct net_server *s);
// A refused handshake, for the audit line. FULL: no descriptors for it; told once, until there are some again. The peer tries again by itself.
enum net_refusal_why { NET_REFUSED_KEY, NET_REFUSED_FULL };
struct net_refusal {
	enum net_refusal_why why;
	char address[64], fingerprint[9];	// of the key: 8 hex characters of a hash
};
bool net_server_next_refusal(struct net_server *s, struct net_refusal *ret);	// false when none is left

// ---- client -----------------------------------------------------------------------------------------------------------------------
struct net_client;
struct net_client_options {
	const char *endpoint;
	const char *server_key;			// Z85
	const char *public_key, *secret_key;	// Z85
	size_t frame_bytes;
};
// A fresh socket. Connecting is asynchronous: silence is the only sign of a refused key.
EN_MUST_CHECK enum en_err net_client_open(const struct net_client_options *options, struct net_client **ret);
void net_client_close(struct net_client **cp);	// linger 0 unless net_client_flush was called
void net_client_flush(struct net_client *c, uint32_t linger_ms);	// what was sent may still leave after close
EN_MUST_CHECK enum en_err net_client_send(struct net_client *c, struct view bytes);	// EN_EBUSY when full
// EN_EAGAIN when nothing came in time. *ret is borrowed until the next call.
EN_MUST_CHECK enum en_err net_client_receive(struct net_client *c, uint32_t timeout_ms, struct view *ret);
// A descriptor that is readable when something may have come (edge-triggered, as libzmq's ZMQ_FD), for foreign loops.
int net_client_fd(struct net_client *c);

#endif

// SPDX-License-Identifier: Apache-2.0
#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

#include "base/limits.h"
#include "net/net.h"
#include "net/peers.h"
#include "net/zap.h"

#define ENDPOINTS 2
#define WATCH_MAX 8
#define FRAMES_MAX 256
#define ENFORCE_DOMAIN 93 // ZMQ_ZAP_ENFORCE_DOMAIN: works in Debian's build, hidden by its header
#define HIGH_WATER 2000

struct net_server {
	void *sockets[ENDPOINTS];
	char endpoints[ENDPOINTS][256];
	struct zap *zap;
	struct peers peers;
	struct strmap keys; // Z85 -> struct key_entry
	struct key_entry *entries;
	int watched[WATCH_MAX];
	size_t watch_count;
	zmq_msg_t held[FRAMES_MAX]; // what the frames handed out borrow from
	size_t held_count;
	struct net_counters counters;
};

struct key_entry {
	uint32_t subject;
};

static bool
set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

static bool
set_options(void *socket, const struct net_server_options *o, const char *domain)
{
	int64_t frame_bytes = (int64_t)(o->frame_bytes + NET_CURVE_BYTES);

	return set_int(socket, ZMQ_LINGER, 0) && set_int(socket, ZMQ_ROUTER_MANDATORY, 1) &&
	    set_int(socket, ZMQ_SNDHWM, HIGH_WATER) && set_int(socket, ZMQ_RCVHWM, HIGH_WATER) &&
	    set_int(socket, ZMQ_BACKLOG, 1024) && set_int(socket, ZMQ_HANDSHAKE_IVL, LIMIT_HANDSHAKE_MS) &&
	    set_int(socket, ZMQ_HEARTBEAT_IVL, (int)o->heartbeat_ms) &&
	    set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, (int)(o->heartbeat_ms * LIMIT_SILENT_HEARTBEATS)) &&
	    set_int(socket, ZMQ_TCP_KEEPALIVE, 1) &&
	    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_bytes, sizeof(frame_bytes)) == 0 &&
	    set_int(socket, ZMQ_CURVE_SERVER, 1) &&
	    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, o->secret_key, strlen(o->secret_key) + 1) == 0 &&
	    zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain, strlen(domain)) == 0 && set_int(socket, ENFORCE_DOMAIN, 1);
}

static enum en_err
bind_one(struct net_server *s, enum net_endpoint which, const struct net_server_options *o, const char *endpoint,
    char reterr_what[128])
{
	static const char *const domains[ENDPOINTS] = {"agencies", "operators"};
	size_t len = sizeof(s->endpoints[which]);

	snprintf(reterr_what, 128, "%s", endpoint);
	s->sockets[which] = zmq_socket(zsys_init(), ZMQ_ROUTER);
	if (s->sockets[which] == NULL) {
		return EN_ENOMEM;
	}
	// Only where it is asked for: an IPv4 address would be told back in its IPv6 form.
	if (!set_options(s->sockets[which], o, domains[which]) ||
	    (strchr(endpoint, '[') != NULL && !set_int(s->sockets[which], ZMQ_IPV6, 1))) {
		return EN_EUSAGE; // the key is malformed: every other value is ours
	}
	if (zmq_bind(s->sockets[which], endpoint) != 0) {
		return errno == EADDRINUSE                      ? EN_EBUSY
		    : errno == EACCES || errno == EADDRNOTAVAIL ? EN_EDENIED
								: EN_EUSAGE;
	}
	return zmq_getsockopt(s->sockets[which], ZMQ_LAST_ENDPOINT, s->endpoints[which], &len) == 0 ? EN_OK
												    : EN_EINTERNAL;
}

static enum en_err
take_keys(struct net_server *s, const struct net_key *keys, size_t count)
{
	struct strmap table = {.count = 0};
	struct key_entry *entries = calloc(count + 1, sizeof(*entries));

	if (entries == NULL) {
		return EN_ENOMEM;
	}
	strmap_init(&table, (uint64_t)(uintptr_t)entries);
	for (size_t i = 0; i < count; i++) {
		entries[i].subject = keys[i].subject;
		if (strmap_put(&table, view_text(keys[i].public_key), &entries[i], NULL) != EN_OK) {
			strmap_fini(&table);
			free(entries);
			return EN_ENOMEM;
		}
	}
	strmap_fini(&s->keys);
	free(s->entries);
	s->keys = table;
	s->entries = entries;
	return EN_OK;
}

enum en_err
net_server_open(const struct net_server_options *options, const struct net_key *keys, size_t count,
    struct net_server **ret, char reterr_what[128])
{
	struct net_server *s = calloc(1, sizeof(*s));
	enum en_err err;

	if (s == NULL) {
		return EN_ENOMEM;
	}
	peers_init(&s->peers);
	snprintf(reterr_what, 128, "the ZAP handler's self-test");
	err = take_keys(s, keys, count);
	if (err == EN_OK) {
		err = zap_open(keys, count, &s->zap); // it answers before anything is bound
	}
	if (err == EN_OK) {
		err = bind_one(s, NET_AGENCIES, options, options->agencies_endpoint, reterr_what);
	}
	if (err == EN_OK && options->operators_endpoint != NULL) {
		err = bind_one(s, NET_OPERATORS, options, options->operators_endpoint, reterr_what);
	}
	if (err != EN_OK) {
		net_server_close(&s);
		return err;
	}
	*ret = s;
	return EN_OK;
}

static void
release_held(struct net_server *s)
{
	for (size_t i = 0; i < s->held_count; i++) {
		zmq_msg_close(&s->held[i]);
	}
	s->held_count = 0;
}

void
net_server_close(struct net_server **sp)
{
	struct net_server *s = *sp;

	*sp = NULL;
	if (s == NULL) {
		return;
	}
	release_held(s);
	for (size_t i = 0; i < ENDPOINTS; i++) {
		if (s->sockets[i] != NULL) {
			// What was said last (GOAWAY, the last PUBLISHED) may still leave.
			(void)set_int(s->sockets[i], ZMQ_LINGER, 500);
			zmq_close(s->sockets[i]);
		}
	}
	zap_close(&s->zap);
	peers_fini(&s->peers);
	strmap_fini(&s->keys);
	free(s->entries);
	free(s);
}

const char *
net_server_endpoint(const struct net_server *s, enum net_endpoint endpoint)
{
	return s->endpoints[endpoint];
}

enum en_err
net_server_set_keys(struct net_server *s, const struct net_key *keys, size_t count)
{
	enum en_err err = zap_set_keys(s->zap, keys, count);

	return err == EN_OK ? take_keys(s, keys, count) : err;
}

enum en_err
net_server_watch(struct net_server *s, int fd)
{
	if (s->watch_count == WATCH_MAX) {
		return EN_ELIMIT;
	}
	s->watched[s->watch_count++] = fd;
	return EN_OK;
}

// One message: a routing id and one frame. False when there is none now. *ret_ok: whether it may be handed out.
static bool
receive(struct net_server *s, enum net_endpoint endpoint, struct net_frame *ret, bool *ret_ok)
{
	uint8_t routing_id[PEER_ROUTING_ID_BYTES];
	zmq_msg_t id, body, rest;
	const struct key_entry *key = NULL;
	const struct peer *peer = NULL;
	const char *user;
	bool chosen, extra = false;

	*ret_ok = false;
	zmq_msg_init(&id);
	if (zmq_msg_recv(&id, s->sockets[endpoint], ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&id);
		return false;
	}
	// Ids that libzmq makes begin with a zero byte; a peer cannot choose such a one.
	chosen = zmq_msg_size(&id) != PEER_ROUTING_ID_BYTES || *(const uint8_t *)zmq_msg_data(&id) != 0;
	if (!chosen) {
		memcpy(routing_id, zmq_msg_data(&id), sizeof(routing_id));
	}
	zmq_msg_init(&body);
	if (!zmq_msg_more(&id) || zmq_msg_recv(&body, s->sockets[endpoint], ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&id);
		zmq_msg_close(&body);
		return true;
	}
	zmq_msg_close(&id);
	for (int more = zmq_msg_more(&body); more;) {
		extra = true;
		zmq_msg_init(&rest);
		more = zmq_msg_recv(&rest, s->sockets[endpoint], ZMQ_DONTWAIT) >= 0 && zmq_msg_more(&rest);
		zmq_msg_close(&rest);
	}
	user = zmq_msg_gets(&body, "User-Id"); // of the last frame: libzmq 4.3.4 loses it on the first one
	if (user == NULL) {
		s->counters.without_user_id++;
	} else if (chosen || extra) {
		s->counters.chosen_routing_id++;
	} else if ((key = strmap_get(&s->keys, view_text(user))) == NULL) {
		s->counters.unknown_key++;
	} else {
		peer = peers_of(&s->peers, endpoint, routing_id, user);
	}
	if (peer == NULL) {
		zmq_msg_close(&body);
		return true;
	}
	zmq_msg_init(&s->held[s->held_count]);
	zmq_msg_move(&s->held[s->held_count], &body);
	zmq_msg_close(&body);
	*ret = (struct net_frame){.endpoint = endpoint,
	    .peer = peer->number,
	    .subject = key->subject,
	    .bytes = view_of(zmq_msg_data(&s->held[s->held_count]), zmq_msg_size(&s->held[s->held_count]))};
	s->held_count++;
	*ret_ok = true;
	return true;
}

// Takes turns between the endpoints, so that a flood of agencies does not shut operators out. Bounded in bytes, so that
// the disk gets work while more is read; and in messages looked at, so that a flood of dropped ones ends the turn too.
static size_t
receive_all(struct net_server *s, struct net_frame *frames, size_t max)
{
	size_t count = 0, looked = 0, bytes = 0;
	bool any = true;

	max = max < FRAMES_MAX ? max : FRAMES_MAX;
	while (any && looked < max && bytes < LIMIT_TURN_BYTES) {
		any = false;
		for (size_t e = 0; e < ENDPOINTS && count < max; e++) {
			bool ok;

			if (s->sockets[e] != NULL && receive(s, (enum net_endpoint)e, &frames[count], &ok)) {
				any = true;
				looked++;
				bytes += ok ? frames[count].bytes.len : 0;
				count += ok;
			}
		}
	}
	return count;
}

enum en_err
net_server_wait(struct net_server *s, uint32_t timeout_ms, struct net_frame *frames, size_t max, size_t *ret_count,
    uint32_t *ret_ready)
{
	zmq_pollitem_t items[ENDPOINTS + WATCH_MAX] = {{.socket = NULL}};
	int count = 0, sockets;

	release_held(s);
	for (size_t e = 0; e < ENDPOINTS; e++) {
		if (s->sockets[e] != NULL) {
			items[count++] = (zmq_pollitem_t){.socket = s->sockets[e], .events = ZMQ_POLLIN};
		}
	}
	sockets = count;
	for (size_t w = 0; w < s->watch_count; w++) {
		items[count++] = (zmq_pollitem_t){.fd = s->watched[w], .events = ZMQ_POLLIN};
	}
	*ret_count = 0;
	*ret_ready = 0;
	if (zmq_poll(items, count, (long)timeout_ms) < 0) {
		return errno == EINTR ? EN_OK : EN_EINTERNAL;
	}
	for (int i = sockets; i < count; i++) {
		*ret_ready |= (items[i].revents & ZMQ_POLLIN) ? 1u << (i - sockets) : 0;
	}
	*ret_count = receive_all(s, frames, max);
	return EN_OK;
}

enum en_err
net_server_send(struct net_server *s, uint64_t number, struct view bytes)
{
	const struct peer *peer = peers_get(&s->peers, number);
	void *socket;

	if (peer == NULL || strmap_get(&s->keys, view_text(peer->key)) == NULL) {
		return EN_EUNREACHED;
	}
	socket = s->sockets[peer->endpoint];
	if (zmq_send(socket, peer->routing_id, sizeof(peer->routing_id), ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
		return errno == EAGAIN ? EN_EBUSY : EN_EUNREACHED;
	}
	return zmq_send(socket, bytes.data, bytes.len, ZMQ_DONTWAIT) >= 0 ? EN_OK : EN_EUNREACHED;
}

bool
net_server_subject(const struct net_server *s, uint64_t number, uint32_t *ret)
{
	const struct peer *peer = peers_get(&s->peers, number);
	const struct key_entry *key = peer == NULL ? NULL : strmap_get(&s->keys, view_text(peer->key));

	if (key != NULL) {
		*ret = key->subject;
	}
	return key != NULL;
}

void
net_server_forget(struct net_server *s, uint64_t peer)
{
	peers_forget(&s->peers, peer);
}

struct net_counters
net_server_counters(const struct net_server *s)
{
	struct net_counters c = s->counters;

	c.peers = s->peers.by_number.count;
	c.zap_refused = zap_refused(s->zap);
	c.zap_full = zap_full(s->zap);
	c.zap_accepted = zap_accepted(s->zap);
	return c;
}

bool
net_server_next_refusal(struct net_server *s, struct net_refusal *ret)
{
	return zap_next_refusal(s->zap, ret);
}

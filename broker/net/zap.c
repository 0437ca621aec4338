// SPDX-License-Identifier: Apache-2.0
#include "net/zap.h"

#include <czmq.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include "base/crypto.h"
#include "base/limits.h"
#include "base/strmap.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_FRAMES 8
#define REFUSALS_MAX 64

struct zap {
	zactor_t *actor;
	struct strmap *keys; // of the actor
	atomic_uint_fast64_t refused, full, accepted;
	bool is_full; // of the actor: told already
	pthread_mutex_t lock; // of the refusals
	struct net_refusal refusals[REFUSALS_MAX];
	size_t refusal_first, refusal_count;
};

struct request {
	struct view frames[ZAP_FRAMES];
	uint8_t bytes[ZAP_FRAMES][256];
	size_t count;
	bool is_malformed;
};

static void
table_free(struct strmap **tp)
{
	if (*tp != NULL) {
		strmap_fini(*tp);
		free(*tp);
		*tp = NULL;
	}
}

static struct strmap *
table_new(const struct net_key *keys, size_t count)
{
	struct strmap *table = calloc(1, sizeof(*table));
	uint64_t seed;

	if (table == NULL) {
		return NULL;
	}
	crypto_random(&seed, sizeof(seed));
	strmap_init(table, seed);
	for (size_t i = 0; i < count; i++) {
		if (strmap_put(table, view_text(keys[i].public_key), table, NULL) != EN_OK) {
			table_free(&table);
			return NULL;
		}
	}
	return table;
}

static void
receive(void *socket, struct request *r)
{
	int more = 1;

	*r = (struct request){.count = 0};
	while (more) {
		zmq_msg_t part;

		zmq_msg_init(&part);
		if (zmq_msg_recv(&part, socket, 0) < 0) {
			r->is_malformed = true;
			zmq_msg_close(&part);
			return;
		}
		more = zmq_msg_more(&part);
		if (r->count == ZAP_FRAMES || zmq_msg_size(&part) > sizeof(r->bytes[0])) {
			r->is_malformed = true;
		} else {
			memcpy(r->bytes[r->count], zmq_msg_data(&part), zmq_msg_size(&part));
			r->frames[r->count] = view_of(r->bytes[r->count], zmq_msg_size(&part));
			r->count++;
		}
		zmq_msg_close(&part);
	}
}

static void
remember_refusal(struct zap *z, const struct request *r, enum net_refusal_why why)
{
	struct net_refusal refusal = {.why = why};
	uint8_t digest[16];

	if (r->count > 3) {
		snprintf(refusal.address, sizeof(refusal.address), "%.*s", (int)r->frames[3].len,
		    (const char *)r->frames[3].data);
	}
	crypto_hash(digest, sizeof(digest), VIEW_EMPTY, r->count > 6 ? r->frames[6] : VIEW_EMPTY);
	snprintf(refusal.fingerprint, sizeof(refusal.fingerprint), "%02x%02x%02x%02x", digest[0], digest[1], digest[2],
	    digest[3]);
	pthread_mutex_lock(&z->lock);
	if (z->refusal_count < REFUSALS_MAX) { // a flood costs a counter, not memory
		z->refusals[(z->refusal_first + z->refusal_count++) % REFUSALS_MAX] = refusal;
	}
	pthread_mutex_unlock(&z->lock);
}

// version, request id, domain, address, identity, mechanism, the 32 bytes of the key
static bool
is_allowed(const struct zap *z, const struct request *r, char key[41])
{
	if (r->is_malformed || r->count != 7 || !view_is(r->frames[0], "1.0") || !view_is(r->frames[5], "CURVE") ||
	    r->frames[6].len != 32 || (!view_is(r->frames[2], "agencies") && !view_is(r->frames[2], "operators"))) {
		return false;
	}
	return zmq_z85_encode(key, r->frames[6].data, 32) != NULL && strmap_get(z->keys, view_text(key)) != NULL;
}

// The lowest descriptor that is free says how many are in use, at least.
static bool
is_full(void)
{
	struct rlimit limit;
	int lowest = eventfd(0, EFD_CLOEXEC);

	if (lowest < 0) {
		return true;
	}
	close(lowest);
	return getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    (rlim_t)lowest >= limit.rlim_cur / 100 * LIMIT_DESCRIPTORS_PERCENT;
}

// The status of RFC 27 for the handshake: 300 is for now, and the peer comes again; 400 is for good.
static const char *
judge(struct zap *z, const struct request *r, char key[41])
{
	bool full = is_full(), was_full = z->is_full;

	z->is_full = full;
	if (!is_allowed(z, r, key)) {
		atomic_fetch_add(&z->refused, 1);
		remember_refusal(z, r, NET_REFUSED_KEY);
		return "400";
	}
	if (full && view_is(r->frames[2], "agencies")) {
		atomic_fetch_add(&z->full, 1);
		if (!was_full) {
			remember_refusal(z, r, NET_REFUSED_FULL);
		}
		return "300";
	}
	atomic_fetch_add(&z->accepted, 1);
	return "200";
}

static void
answer(struct zap *z, void *socket)
{
	struct request r;
	char key[41] = "";
	const char *status;
	bool ok;

	receive(socket, &r);
	status = judge(z, &r, key);
	ok = strcmp(status, "200") == 0;
	(void)zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
	(void)zmq_send(
	    socket, r.count > 1 ? r.frames[1].data : (const void *)"", r.count > 1 ? r.frames[1].len : 0, ZMQ_SNDMORE);
	(void)zmq_send(socket, status, 3, ZMQ_SNDMORE);
	(void)zmq_send(socket, ok ? "OK" : "refused", ok ? 2 : 7, ZMQ_SNDMORE);
	(void)zmq_send(socket, key, ok ? 40 : 0, ZMQ_SNDMORE);
	(void)zmq_send(socket, "", 0, 0);
}

// Commands from the owner: a pointer to a new table, or $TERM. Returns false at the end.
static bool
command(struct zap *z, zsock_t *pipe)
{
	zframe_t *frame = zframe_recv(pipe);
	bool go_on = true;

	if (frame == NULL || zframe_streq(frame, "$TERM")) {
		go_on = false;
	} else if (zframe_size(frame) == sizeof(struct strmap *)) {
		table_free(&z->keys);
		memcpy(&z->keys, zframe_data(frame), sizeof(z->keys));
		zsock_signal(pipe, 0);
	}
	zframe_destroy(&frame);
	return go_on;
}

static void
run(zsock_t *pipe, void *context)
{
	struct zap *z = context;
	zsock_t *socket = zsock_new(ZMQ_REP);
	bool bound = socket != NULL && zsock_bind(socket, ZAP_ENDPOINT) >= 0;
	zmq_pollitem_t items[2] = {{.socket = zsock_resolve(pipe), .events = ZMQ_POLLIN}, {.events = ZMQ_POLLIN}};

	items[1].socket = bound ? zsock_resolve(socket) : NULL;
	zsock_signal(pipe, bound ? 0 : 1);
	while (bound) {
		if (zmq_poll(items, 2, -1) < 0) {
			if (errno == EINTR) {
				continue; // without this handler nobody would get in any more
			}
			break;
		}
		if ((items[0].revents & ZMQ_POLLIN) && !command(z, pipe)) {
			break;
		}
		if (items[1].revents & ZMQ_POLLIN) {
			answer(z, items[1].socket);
		}
	}
	// Closing alone would give the name back later, in a thread of libzmq's: who opens a server again meanwhile, in this
	// process, would find it taken.
	if (bound) {
		(void)zsock_unbind(socket, ZAP_ENDPOINT);
	}
	zsock_destroy(&socket);
}

// A request such as libzmq sends, about a key of 32 zero bytes.
static bool
refuses_a_stranger(void)
{
	static const uint8_t nobody[32];
	void *socket = zmq_socket(zsys_init(), ZMQ_REQ);
	char status[4] = "";
	int timeout = 2000, zero = 0, part = 0;

	if (socket == NULL) {
		return false;
	}
	zmq_setsockopt(socket, ZMQ_RCVTIMEO, &timeout, sizeof(timeout));
	zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof(zero));
	if (zmq_connect(socket, ZAP_ENDPOINT) == 0) {
		zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
		zmq_send(socket, "self-test", 9, ZMQ_SNDMORE);
		zmq_send(socket, "agencies", 8, ZMQ_SNDMORE);
		zmq_send(socket, "self-test", 9, ZMQ_SNDMORE);
		zmq_send(socket, "", 0, ZMQ_SNDMORE);
		zmq_send(socket, "CURVE", 5, ZMQ_SNDMORE);
		zmq_send(socket, nobody, sizeof(nobody), 0);
		for (int more = 1; more && part < ZAP_FRAMES; part++) {
			char text[64];
			size_t size = sizeof(more);
			int n = zmq_recv(socket, text, sizeof(text), 0);

			if (n < 0) {
				break;
			}
			if (part == 2 && n == 3) {
				memcpy(status, text, 3);
			}
			zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
		}
	}
	zmq_close(socket);
	return strcmp(status, "400") == 0;
}

enum en_err
zap_open(const struct net_key *keys, size_t count, struct zap **ret)
{
	struct zap *z = calloc(1, sizeof(*z));
	struct net_refusal refusal;
	enum en_err err = EN_EINTERNAL;

	if (z == NULL) {
		return EN_ENOMEM;
	}
	pthread_mutex_init(&z->lock, NULL);
	z->keys = table_new(keys, count);
	if (z->keys == NULL) {
		err = EN_ENOMEM;
		goto out;
	}
	z->actor = zactor_new(run, z);
	if (z->actor == NULL || !refuses_a_stranger()) {
		goto out;
	}
	while (zap_next_refusal(z, &refusal)) {
		// the self-test's own
	}
	atomic_store(&z->refused, 0);
	*ret = z;
	z = NULL;
	err = EN_OK;
out:
	zap_close(&z);
	return err;
}

void
zap_close(struct zap **zp)
{
	struct zap *z = *zp;

	*zp = NULL;
	if (z == NULL) {
		return;
	}
	zactor_destroy(&z->actor);
	table_free(&z->keys);
	pthread_mutex_destroy(&z->lock);
	free(z);
}

enum en_err
zap_set_keys(struct zap *z, const struct net_key *keys, size_t count)
{
	struct strmap *table = table_new(keys, count);
	zframe_t *frame;

	if (table == NULL) {
		return EN_ENOMEM;
	}
	frame = zframe_new(&table, sizeof(table));
	if (frame == NULL || zframe_send(&frame, z->actor, 0) != 0) {
		zframe_destroy(&frame);
		table_free(&table);
		return EN_EINTERNAL;
	}
	return zsock_wait(z->actor) == 0 ? EN_OK : EN_EINTERNAL; // the new table holds from here on
}

uint64_t
zap_refused(const struct zap *z)
{
	return atomic_load(&z->refused);
}

uint64_t
zap_full(const struct zap *z)
{
	return atomic_load(&z->full);
}

uint64_t
zap_accepted(const struct zap *z)
{
	return atomic_load(&z->accepted);
}

bool
zap_next_refusal(struct zap *z, struct net_refusal *ret)
{
	bool found;

	pthread_mutex_lock(&z->lock);
	found = z->refusal_count > 0;
	if (found) {
		*ret = z->refusals[z->refusal_first];
		z->refusal_first = (z->refusal_first + 1) % REFUSALS_MAX;
		z->refusal_count--;
	}
	pthread_mutex_unlock(&z->lock);
	return found;
}

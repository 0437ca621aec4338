// SPDX-License-Identifier: Apache-2.0
#include <czmq.h>
#include <errno.h>
#include <stdlib.h>
#include <zmq.h>

#include "base/limits.h"
#include "net/net.h"

struct net_client {
	void *socket;
	zmq_msg_t received;
	bool has_received;
};

static bool
set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

enum en_err
net_client_open(const struct net_client_options *o, struct net_client **ret)
{
	struct net_client *c = calloc(1, sizeof(*c));
	int64_t frame_bytes = (int64_t)(o->frame_bytes + NET_CURVE_BYTES);
	enum en_err err = EN_EUSAGE;

	if (c == NULL) {
		return EN_ENOMEM;
	}
	c->socket = zmq_socket(zsys_init(), ZMQ_DEALER);
	if (c->socket == NULL) {
		free(c);
		return EN_ENOMEM;
	}
	if (set_int(c->socket, ZMQ_LINGER, 0) && set_int(c->socket, ZMQ_SNDHWM, 1000) &&
	    set_int(c->socket, ZMQ_RCVHWM, 1000) && set_int(c->socket, ZMQ_IPV6, 1) &&
	    set_int(c->socket, ZMQ_TCP_KEEPALIVE, 1) && set_int(c->socket, ZMQ_HANDSHAKE_IVL, LIMIT_HANDSHAKE_MS) &&
	    set_int(c->socket, ZMQ_RECONNECT_IVL, LIMIT_RECONNECT_FIRST_MS) &&
	    set_int(c->socket, ZMQ_RECONNECT_IVL_MAX, LIMIT_RECONNECT_LAST_MS) &&
	    zmq_setsockopt(c->socket, ZMQ_MAXMSGSIZE, &frame_bytes, sizeof(frame_bytes)) == 0 &&
	    zmq_setsockopt(c->socket, ZMQ_CURVE_SERVERKEY, o->server_key, 41) == 0 &&
	    zmq_setsockopt(c->socket, ZMQ_CURVE_PUBLICKEY, o->public_key, 41) == 0 &&
	    zmq_setsockopt(c->socket, ZMQ_CURVE_SECRETKEY, o->secret_key, 41) == 0 &&
	    zmq_connect(c->socket, o->endpoint) == 0) {
		err = EN_OK;
	}
	if (err != EN_OK) {
		net_client_close(&c);
		return err;
	}
	*ret = c;
	return EN_OK;
}

static void
release(struct net_client *c)
{
	if (c->has_received) {
		zmq_msg_close(&c->received);
		c->has_received = false;
	}
}

void
net_client_close(struct net_client **cp)
{
	struct net_client *c = *cp;

	*cp = NULL;
	if (c == NULL) {
		return;
	}
	release(c);
	zmq_close(c->socket);
	free(c);
}

void
net_client_flush(struct net_client *c, uint32_t linger_ms)
{
	(void)set_int(c->socket, ZMQ_LINGER, (int)linger_ms);
}

enum en_err
net_client_send(struct net_client *c, struct view bytes)
{
	if (zmq_send(c->socket, bytes.data, bytes.len, ZMQ_DONTWAIT) >= 0) {
		return EN_OK;
	}
	return errno == EAGAIN ? EN_EBUSY : EN_EUNREACHED;
}

enum en_err
net_client_receive(struct net_client *c, uint32_t timeout_ms, struct view *ret)
{
	zmq_pollitem_t item = {.socket = c->socket, .events = ZMQ_POLLIN};
	zmq_msg_t rest;
	int more;

	release(c);
	zmq_msg_init(&c->received);
	if (zmq_msg_recv(&c->received, c->socket, ZMQ_DONTWAIT) < 0) {
		if (timeout_ms == 0 || zmq_poll(&item, 1, (long)timeout_ms) <= 0 ||
		    zmq_msg_recv(&c->received, c->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&c->received);
			return EN_EAGAIN;
		}
	}
	c->has_received = true;
	// One frame is a message; whatever follows is not of this protocol.
	for (more = zmq_msg_more(&c->received); more;) {
		zmq_msg_init(&rest);
		more = zmq_msg_recv(&rest, c->socket, 0) >= 0 && zmq_msg_more(&rest);
		zmq_msg_close(&rest);
	}
	*ret = view_of(zmq_msg_data(&c->received), zmq_msg_size(&c->received));
	return EN_OK;
}

int
net_client_fd(struct net_client *c)
{
	int fd = -1;
	size_t len = sizeof(fd);

	return zmq_getsockopt(c->socket, ZMQ_FD, &fd, &len) == 0 ? fd : -1;
}

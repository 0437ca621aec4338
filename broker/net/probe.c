// SPDX-License-Identifier: Apache-2.0
#include "net/probe.h"

#include <zmq.h>

// Debian's libzmq sends these events; its header may hide the names.
#define EVENT_CONNECTED 0x0001
#define EVENT_CLOSED 0x0080
#define EVENT_DISCONNECTED 0x0200
#define EVENT_FAILED_NO_DETAIL 0x0800
#define EVENT_SUCCEEDED 0x1000
#define EVENT_FAILED_PROTOCOL 0x2000
#define EVENT_FAILED_AUTH 0x4000

static const char monitor_address[] = "inproc://enlace.probe";

// The next event's number, 0 when none came in time.
static uint16_t
next_event(void *monitor, int timeout_ms)
{
	zmq_pollitem_t item = {.socket = monitor, .events = ZMQ_POLLIN};
	uint8_t head[6];
	char address[256];
	uint16_t event;

	if (zmq_poll(&item, 1, timeout_ms) <= 0 || zmq_recv(monitor, head, sizeof(head), 0) != (int)sizeof(head)) {
		return 0;
	}
	(void)zmq_recv(monitor, address, sizeof(address), 0);
	memcpy(&event, head, sizeof(event)); // in the machine's own order
	return event;
}

static enum net_probe_result
watch(void *monitor, uint32_t timeout_ms)
{
	uint64_t deadline = clock_now().monotonic_ms + timeout_ms, now;
	enum net_probe_result result = NET_PROBE_UNREACHED;

	while ((now = clock_now().monotonic_ms) < deadline) {
		switch (next_event(monitor, (int)(deadline - now))) {
		case EVENT_CONNECTED:
			result = NET_PROBE_SILENT;
			break;
		case EVENT_SUCCEEDED:
			return NET_PROBE_WELCOME_POSSIBLE;
		case EVENT_FAILED_AUTH:
			return NET_PROBE_KEY_REFUSED;
		case EVENT_FAILED_PROTOCOL:
		case EVENT_FAILED_NO_DETAIL:
			return NET_PROBE_WRONG_SERVER;
		case EVENT_DISCONNECTED:
			return NET_PROBE_WRONG_SERVER;
		case EVENT_CLOSED:
			return result == NET_PROBE_SILENT ? NET_PROBE_WRONG_SERVER : NET_PROBE_UNREACHED;
		default:
			break;
		}
	}
	return result;
}

static bool
set_keys(void *socket, const struct net_client_options *options)
{
	int zero = 0;

	return zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof(zero)) == 0 &&
	    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, options->server_key, 41) == 0 &&
	    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, options->public_key, 41) == 0 &&
	    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, options->secret_key, 41) == 0;
}

enum en_err
net_probe(const struct net_client_options *options, uint32_t timeout_ms, enum net_probe_result *ret)
{
	void *context = zmq_ctx_new();
	void *socket = context == NULL ? NULL : zmq_socket(context, ZMQ_DEALER);
	void *monitor = socket == NULL ? NULL : zmq_socket(context, ZMQ_PAIR);
	int zero = 0;
	enum en_err err = EN_ENOMEM;

	if (monitor == NULL) {
		goto out;
	}
	(void)zmq_setsockopt(monitor, ZMQ_LINGER, &zero, sizeof(zero));
	err = EN_EUSAGE;
	if (!set_keys(socket, options) || zmq_socket_monitor(socket, monitor_address, ZMQ_EVENT_ALL) != 0 ||
	    zmq_connect(monitor, monitor_address) != 0 || zmq_connect(socket, options->endpoint) != 0) {
		goto out;
	}
	*ret = watch(monitor, timeout_ms);
	err = EN_OK;
out:
	if (socket != NULL) {
		(void)zmq_socket_monitor(socket, NULL, 0);
		zmq_close(socket);
	}
	if (monitor != NULL) {
		zmq_close(monitor);
	}
	if (context != NULL) {
		zmq_ctx_term(context);
	}
	return err;
}

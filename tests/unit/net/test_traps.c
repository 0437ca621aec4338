// SPDX-License-Identifier: Apache-2.0
// What is said to libzmq, and when (net.h): its calls go through the functions here on their way. Where it can be shown, the
// trap itself is shown beside it, open.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "base/limits.h"
#include "net/cert.h"
#include "net/net.h"
#include "support/support.h"

#define ENFORCE_DOMAIN 93
#define OPTIONS_MAX 128
#define TURNS 250

// ---- between net/ and libzmq -----------------------------------------------------------------------------------------

struct said {
	void *socket;
	int option, value;
	bool is_bound; // when it was said
};

static struct said said[OPTIONS_MAX];
static void *bound[8];
static size_t said_count, bound_count, asked_with_more, asked;

int
zmq_setsockopt(void *socket, int option, const void *value, size_t len)
{
	static int (*real)(void *, int, const void *, size_t);
	struct said s = {.socket = socket, .option = option};

	*(void **)&real = dlsym(RTLD_NEXT, "zmq_setsockopt");
	memcpy(&s.value, value, len < sizeof(s.value) ? len : sizeof(s.value));
	for (size_t i = 0; i < bound_count; i++) {
		s.is_bound = s.is_bound || bound[i] == socket;
	}
	if (said_count < OPTIONS_MAX) {
		said[said_count++] = s;
	}
	return real(socket, option, value, len);
}

int
zmq_bind(void *socket, const char *endpoint)
{
	static int (*real)(void *, const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "zmq_bind");
	if (strncmp(endpoint, "inproc:", 7) != 0 && bound_count < EN_COUNT_OF(bound)) {
		bound[bound_count++] = socket;
	}
	return real(socket, endpoint);
}

const char *
zmq_msg_gets(const zmq_msg_t *message, const char *property)
{
	static const char *(*real)(const zmq_msg_t *, const char *);

	*(void **)&real = dlsym(RTLD_NEXT, "zmq_msg_gets");
	asked++;
	asked_with_more += zmq_msg_more(message) != 0;
	return real(message, property);
}

// The value that an option was given before the socket was bound; -1 when it was not.
static int
before_bind(void *socket, int option)
{
	for (size_t i = said_count; i > 0; i--) {
		if (said[i - 1].socket == socket && said[i - 1].option == option && !said[i - 1].is_bound) {
			return said[i - 1].value;
		}
	}
	return -1;
}

// ---- a broker and its peers --------------------------------------------------------------------------------------------

struct fixture {
	char *folder;
	struct cert broker, member, other;
	struct net_key keys[2];
	struct net_server *server;
	void *context;
	struct net_frame frame;
};

static struct fixture fixture;

static int
set_up(void **state)
{
	struct fixture *f = &fixture;
	struct net_server_options options = {
	    .agencies_endpoint = "tcp://127.0.0.1:*", .frame_bytes = 4096, .heartbeat_ms = 1000};
	char what[128], operators[256];

	*f = (struct fixture){.context = zmq_ctx_new(), .folder = test_folder()};
	said_count = bound_count = asked = asked_with_more = 0;
	assert_ok(cert_generate(&f->broker));
	assert_ok(cert_generate(&f->member));
	assert_ok(cert_generate(&f->other));
	memcpy(f->keys[0].public_key, f->member.public_key, 41);
	memcpy(f->keys[1].public_key, f->other.public_key, 41);
	f->keys[1].subject = 1;
	snprintf(operators, sizeof(operators), "ipc://%s/operators", f->folder);
	options.operators_endpoint = operators;
	options.public_key = f->broker.public_key;
	options.secret_key = f->broker.secret_key;
	assert_ok(net_server_open(&options, f->keys, 2, &f->server, what));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	net_server_close(&f->server);
	zmq_ctx_term(f->context);
	test_folder_remove(f->folder);
	return 0;
}

static void *
dealer(struct fixture *f, const struct cert *own, const char *routing_id, const char *endpoint)
{
	void *socket = zmq_socket(f->context, ZMQ_DEALER);
	int zero = 0, timeout = 2000;

	zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof(zero));
	zmq_setsockopt(socket, ZMQ_RCVTIMEO, &timeout, sizeof(timeout));
	zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, f->broker.public_key, 41);
	zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, own->public_key, 41);
	zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own->secret_key, 41);
	if (routing_id != NULL) {
		assert_int_equal(zmq_setsockopt(socket, ZMQ_ROUTING_ID, routing_id, strlen(routing_id)), 0);
	}
	assert_int_equal(zmq_connect(socket, endpoint), 0);
	return socket;
}

static bool
hear(struct fixture *f, int turns)
{
	size_t count = 0;
	uint32_t ready;

	for (int i = 0; i < turns && count == 0; i++) {
		assert_ok(net_server_wait(f->server, 20, &f->frame, 1, &count, &ready));
	}
	return count == 1;
}

// ---- before anything is bound --------------------------------------------------------------------------------------------

static void
every_router_is_shut_before_it_is_bound(void **state)
{
	static const struct {
		int option, value;
	} rows[] = {
	    {ENFORCE_DOMAIN, 1},
	    {ZMQ_CURVE_SERVER, 1},
	    {ZMQ_ROUTER_MANDATORY, 1},
	    {ZMQ_LINGER, 0},
	    {ZMQ_MAXMSGSIZE, 4096 + NET_CURVE_BYTES},
	    {ZMQ_HANDSHAKE_IVL, LIMIT_HANDSHAKE_MS},
	    {ZMQ_HEARTBEAT_IVL, 1000},
	    {ZMQ_TCP_KEEPALIVE, 1},
	};

	(void)state;
	assert_int_equal(bound_count, 2); // agencies and operators
	for (size_t b = 0; b < bound_count; b++) {
		for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
			assert_int_equal(before_bind(bound[b], rows[i].option), rows[i].value);
		}
		assert_int_not_equal(before_bind(bound[b], ZMQ_ZAP_DOMAIN), -1);
		assert_true(before_bind(bound[b], ZMQ_SNDHWM) > 0); // 0 would be no limit
		assert_true(before_bind(bound[b], ZMQ_RCVHWM) > 0);
	}
}

// In a context of its own, where nobody answers ZAP. Whether a frame of that key is let in.
static bool
is_let_in_without_a_handler(struct fixture *f, int enforce)
{
	void *context = zmq_ctx_new(), *router = zmq_socket(context, ZMQ_ROUTER), *peer;
	int one = 1, zero = 0;
	char endpoint[128];
	size_t len = sizeof(endpoint);
	zmq_pollitem_t item = {.socket = router, .events = ZMQ_POLLIN};
	bool came;

	zmq_setsockopt(router, ZMQ_LINGER, &zero, sizeof(zero));
	zmq_setsockopt(router, ZMQ_CURVE_SERVER, &one, sizeof(one));
	zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, f->broker.secret_key, 41);
	zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, "agencies", 8);
	assert_int_equal(zmq_setsockopt(router, ENFORCE_DOMAIN, &enforce, sizeof(enforce)), 0);
	assert_int_equal(zmq_bind(router, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &len), 0);
	peer = dealer(f, &f->member, NULL, endpoint);
	assert_true(zmq_send(peer, "x", 1, 0) == 1);
	came = zmq_poll(&item, 1, enforce ? 500 : 5000) == 1;
	zmq_close(peer);
	zmq_close(router);
	zmq_ctx_term(context);
	return came;
}

static void
a_domain_that_is_enforced_lets_nobody_in_without_a_handler(void **state)
{
	struct fixture *f = *state;

	assert_true(is_let_in_without_a_handler(f, 0)); // the trap: a domain alone is no lock
	assert_false(is_let_in_without_a_handler(f, 1));
}

// ---- who it is ---------------------------------------------------------------------------------------------------------

static void
the_user_id_is_read_from_the_last_frame_alone(void **state)
{
	struct fixture *f = *state;
	void *peer = dealer(f, &f->member, NULL, net_server_endpoint(f->server, NET_AGENCIES));

	for (int i = 0; i < 3; i++) {
		assert_int_equal(zmq_send(peer, "hello", 5, 0), 5);
		assert_true(hear(f, TURNS));
		assert_int_equal(f->frame.subject, 0);
	}
	assert_int_equal(asked, 3);
	assert_int_equal(asked_with_more, 0);
	assert_int_equal(net_server_counters(f->server).without_user_id, 0);
	zmq_close(peer);
}

static void
two_keys_with_one_routing_id_hear_nothing_of_each_other(void **state)
{
	struct fixture *f = *state;
	const char *endpoint = net_server_endpoint(f->server, NET_AGENCIES);
	void *twins[] = {dealer(f, &f->member, "twin", endpoint), dealer(f, &f->other, "twin", endpoint)};
	void *honest = dealer(f, &f->other, NULL, endpoint);
	zmq_pollitem_t items[] = {
	    {.socket = twins[0], .events = ZMQ_POLLIN}, {.socket = twins[1], .events = ZMQ_POLLIN}};
	char text[16];

	assert_int_equal(zmq_send(twins[0], "a", 1, 0), 1);
	assert_int_equal(zmq_send(twins[1], "b", 1, 0), 1);
	assert_int_equal(zmq_send(honest, "c", 1, 0), 1);
	assert_true(hear(f, TURNS));
	assert_view_is("c", f->frame.bytes);
	assert_int_equal(f->frame.subject, 1);
	assert_ok(net_server_send(f->server, f->frame.peer, view_text("for c")));
	assert_int_equal(zmq_recv(honest, text, sizeof(text), 0), 5);
	assert_false(hear(f, 10));
	assert_true(net_server_counters(f->server).chosen_routing_id >= 1);
	assert_int_equal(zmq_poll(items, 2, 0), 0);
	zmq_close(twins[0]);
	zmq_close(twins[1]);
	zmq_close(honest);
}

// ---- the last word -------------------------------------------------------------------------------------------------------

static void
what_was_said_last_leaves_after_the_end(void **state)
{
	struct fixture *f = *state;
	void *peer = dealer(f, &f->member, NULL, net_server_endpoint(f->server, NET_AGENCIES));
	char text[16];

	assert_int_equal(zmq_send(peer, "hello", 5, 0), 5);
	assert_true(hear(f, TURNS));
	assert_ok(net_server_send(f->server, f->frame.peer, view_text("goodbye")));
	net_server_close(&f->server);
	assert_int_equal(zmq_recv(peer, text, sizeof(text), 0), 7);
	zmq_close(peer);
}

static void
a_client_waits_for_nothing_at_its_end_unless_it_says_so(void **state)
{
	struct fixture *f = *state;
	struct net_client_options options = {.endpoint = net_server_endpoint(f->server, NET_AGENCIES),
	    .server_key = f->broker.public_key,
	    .public_key = f->member.public_key,
	    .secret_key = f->member.secret_key,
	    .frame_bytes = 4096};
	struct net_client *client = NULL;
	int linger = -1;

	said_count = 0;
	assert_ok(net_client_open(&options, &client));
	linger = before_bind(said[0].socket, ZMQ_LINGER);
	assert_int_equal(linger, 0);
	net_client_flush(client, 700);
	linger = before_bind(said[0].socket, ZMQ_LINGER);
	assert_int_equal(linger, 700);
	net_client_close(&client);
}

// ---- routing ids that nobody can guess ------------------------------------------------------------------------------------

// libzmq makes them from rand(). What a process that starts now would draw first.
static int
first_of_a_start(void)
{
	int pipes[2], drawn = 0;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		drawn = net_init() == EN_OK ? rand() : -1;
		_exit(write(pipes[1], &drawn, sizeof(drawn)) == sizeof(drawn) ? 0 : 1);
	}
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &drawn, sizeof(drawn)), sizeof(drawn));
	close(pipes[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(drawn >= 0);
	return drawn;
}

static void
no_two_starts_draw_the_same(void **state)
{
	int drawn[4];

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(drawn); i++) { // within one second, which is czmq's own seed
		drawn[i] = first_of_a_start();
		for (size_t k = 0; k < i; k++) {
			assert_int_not_equal(drawn[i], drawn[k]);
		}
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest starts[] = {cmocka_unit_test(no_two_starts_draw_the_same)};
	const struct CMUnitTest tests[] = {
	    T(every_router_is_shut_before_it_is_bound),
	    T(a_domain_that_is_enforced_lets_nobody_in_without_a_handler),
	    T(the_user_id_is_read_from_the_last_frame_alone),
	    T(two_keys_with_one_routing_id_hear_nothing_of_each_other),
	    T(what_was_said_last_leaves_after_the_end),
	    T(a_client_waits_for_nothing_at_its_end_unless_it_says_so),
	};
	int failed = cmocka_run_group_tests_name("net/starts", starts, NULL, NULL); // before this process has threads

	assert_ok(net_init());
	failed += cmocka_run_group_tests_name("net/traps", tests, NULL, NULL);
	net_fini();
	return failed;
}

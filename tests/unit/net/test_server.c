// SPDX-License-Identifier: Apache-2.0
// The broker's sockets against raw libzmq peers: each test holds one trap of libzmq shut (net.h).
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zmq.h>

#include "base/limits.h"
#include "net/cert.h"
#include "net/net.h"
#include "support/support.h"

#define FRAME_BYTES 4096
#define TURN_MS 20
#define TURNS 250 // at most five seconds for what must come

struct fixture {
	struct cert broker, member, stranger;
	struct net_key key;
	struct net_server *server;
	struct net_frame frame;
	void *context, *client, *other;
	struct rlimit descriptors; // before the test
	int taken[300];
	size_t taken_count;
};

static struct fixture fixture;

static int
set_up(void **state)
{
	struct fixture *f = &fixture;
	struct net_server_options options = {
	    .agencies_endpoint = "tcp://127.0.0.1:*", .frame_bytes = FRAME_BYTES, .heartbeat_ms = 1000};
	char what[128];

	*f = (struct fixture){.context = zmq_ctx_new()};
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &f->descriptors), 0);
	assert_ok(cert_generate(&f->broker));
	assert_ok(cert_generate(&f->member));
	assert_ok(cert_generate(&f->stranger));
	f->key.subject = 7;
	memcpy(f->key.public_key, f->member.public_key, sizeof(f->key.public_key));
	options.public_key = f->broker.public_key;
	options.secret_key = f->broker.secret_key;
	assert_ok(
	    net_server_open(&options, &f->key, 1, &f->server, what)); // the next one at once: the ZAP name is free
	*state = f;
	return 0;
}

static void
give_descriptors_back(struct fixture *f)
{
	while (f->taken_count > 0) {
		close(f->taken[--f->taken_count]);
	}
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	give_descriptors_back(f);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &f->descriptors), 0);
	if (f->client != NULL) {
		zmq_close(f->client);
	}
	if (f->other != NULL) {
		zmq_close(f->other);
	}
	zmq_ctx_term(f->context);
	net_server_close(&f->server);
	return 0;
}

// A DEALER that is not connected yet; with a key when there is one.
static void *
dealer(struct fixture *f, const struct cert *own, const struct cert *pinned)
{
	void *socket = zmq_socket(f->context, ZMQ_DEALER);
	int zero = 0;

	assert_int_equal(zmq_setsockopt(socket, ZMQ_LINGER, &zero, sizeof(zero)), 0);
	if (own != NULL) {
		assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, pinned->public_key, 41), 0);
		assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, own->public_key, 41), 0);
		assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, own->secret_key, 41), 0);
	}
	return socket;
}

static void
say(struct fixture *f, void *socket, const char *text)
{
	assert_int_equal(zmq_connect(socket, net_server_endpoint(f->server, NET_AGENCIES)), 0);
	assert_true(zmq_send(socket, text, strlen(text), 0) >= 0);
}

// Waits for one frame of the peers; false when none came in that many turns.
static bool
hear(struct fixture *f, int turns)
{
	size_t count = 0;
	uint32_t ready;

	for (int i = 0; i < turns && count == 0; i++) {
		assert_ok(net_server_wait(f->server, TURN_MS, &f->frame, 1, &count, &ready));
	}
	return count == 1;
}

// A member that says the last word is heard: whatever was sent before it on other sockets had its time.
static void
assert_only_a_member_is_heard(struct fixture *f)
{
	f->other = dealer(f, &f->member, &f->broker);
	say(f, f->other, "member");
	assert_true(hear(f, TURNS));
	assert_view_is("member", f->frame.bytes);
	assert_false(hear(f, 10));
}

static void
an_enrolled_key_is_heard_as_its_subject(void **state)
{
	struct fixture *f = *state;

	f->client = dealer(f, &f->member, &f->broker);
	say(f, f->client, "hello");

	assert_true(hear(f, TURNS));
	assert_view_is("hello", f->frame.bytes);
	assert_int_equal(f->frame.subject, 7);
}

static void
a_client_without_curve_gets_nothing(void **state)
{
	struct fixture *f = *state;

	f->client = dealer(f, NULL, NULL);
	say(f, f->client, "null");
	assert_only_a_member_is_heard(f);
}

static void
a_client_with_a_password_gets_nothing(void **state)
{
	struct fixture *f = *state;

	f->client = dealer(f, NULL, NULL);
	assert_int_equal(zmq_setsockopt(f->client, ZMQ_PLAIN_USERNAME, "member", 6), 0);
	assert_int_equal(zmq_setsockopt(f->client, ZMQ_PLAIN_PASSWORD, "secret", 6), 0);
	say(f, f->client, "plain");
	assert_only_a_member_is_heard(f);
}

static void
a_client_that_pins_another_key_gets_nothing(void **state)
{
	struct fixture *f = *state;

	f->client = dealer(f, &f->member, &f->stranger);
	say(f, f->client, "wrong pin");
	assert_only_a_member_is_heard(f);
}

static void
an_unknown_key_is_refused_and_told(void **state)
{
	struct fixture *f = *state;
	struct net_refusal refusal = {.why = NET_REFUSED_FULL};
	bool told = false;

	f->client = dealer(f, &f->stranger, &f->broker);
	say(f, f->client, "stranger");
	for (int i = 0; i < TURNS && !told; i++) {
		assert_false(hear(f, 1));
		told = net_server_next_refusal(f->server, &refusal);
	}
	assert_true(told);
	assert_int_equal(refusal.why, NET_REFUSED_KEY);
	assert_string_equal(refusal.address, "127.0.0.1");
	assert_int_equal(strlen(refusal.fingerprint), 8);
	assert_int_equal(net_server_counters(f->server).zap_accepted, 0);
}

static void
a_chosen_routing_id_is_discarded_and_counted(void **state)
{
	struct fixture *f = *state;

	f->client = dealer(f, &f->member, &f->broker);
	assert_int_equal(zmq_setsockopt(f->client, ZMQ_ROUTING_ID, "mine!", 5), 0);
	say(f, f->client, "chosen");
	for (int i = 0; i < TURNS && net_server_counters(f->server).chosen_routing_id == 0; i++) {
		assert_false(hear(f, 1));
	}
	assert_int_equal(net_server_counters(f->server).chosen_routing_id, 1);
}

static void
a_revoked_key_is_cut_off_while_connected(void **state)
{
	struct fixture *f = *state;

	f->client = dealer(f, &f->member, &f->broker);
	say(f, f->client, "before");
	assert_true(hear(f, TURNS));
	assert_ok(net_server_set_keys(f->server, NULL, 0));

	assert_err(EN_EUNREACHED, net_server_send(f->server, f->frame.peer, view_text("secret")));
	assert_true(zmq_send(f->client, "after", 5, 0) >= 0);
	for (int i = 0; i < TURNS && net_server_counters(f->server).unknown_key == 0; i++) {
		assert_false(hear(f, 1));
	}
	assert_int_equal(net_server_counters(f->server).unknown_key, 1);
}

static void
the_subject_of_a_peer_is_that_of_its_key_now(void **state)
{
	struct fixture *f = *state;
	struct net_key key = {.subject = 8};
	uint32_t subject = 0;

	memcpy(key.public_key, f->member.public_key, sizeof(key.public_key));
	f->client = dealer(f, &f->member, &f->broker);
	say(f, f->client, "before");
	assert_true(hear(f, TURNS));
	assert_ok(net_server_set_keys(f->server, &key, 1));
	assert_true(net_server_subject(f->server, f->frame.peer, &subject));
	assert_int_equal(subject, 8);
	assert_int_not_equal(f->frame.subject, 8);
	assert_false(net_server_subject(f->server, f->frame.peer + 1, &subject));
	assert_ok(net_server_set_keys(f->server, NULL, 0));
	assert_false(net_server_subject(f->server, f->frame.peer, &subject));
}

static void
a_message_of_several_parts_is_discarded(void **state)
{
	struct fixture *f = *state;

	f->client = dealer(f, &f->member, &f->broker);
	assert_int_equal(zmq_connect(f->client, net_server_endpoint(f->server, NET_AGENCIES)), 0);
	assert_true(zmq_send(f->client, "one", 3, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(f->client, "two", 3, 0) >= 0);
	assert_true(zmq_send(f->client, "whole", 5, 0) >= 0);

	assert_true(hear(f, TURNS));
	assert_view_is("whole", f->frame.bytes);
}

static void
a_send_to_a_peer_that_is_gone_is_unreached(void **state)
{
	struct fixture *f = *state;
	enum en_err err = EN_OK;

	f->client = dealer(f, &f->member, &f->broker);
	say(f, f->client, "hello");
	assert_true(hear(f, TURNS));
	uint64_t peer = f->frame.peer;
	zmq_close(f->client);
	f->client = dealer(f, NULL, NULL);

	for (int i = 0; i < TURNS && err == EN_OK; i++) {
		err = net_server_send(f->server, peer, view_text("anyone?"));
		assert_false(hear(f, 1));
	}
	assert_err(EN_EUNREACHED, err);
}

static void
a_port_in_use_is_told_as_busy(void **state)
{
	struct fixture *f = *state;
	struct net_server_options options = {.public_key = f->broker.public_key,
	    .secret_key = f->broker.secret_key,
	    .frame_bytes = FRAME_BYTES,
	    .heartbeat_ms = 1000};
	struct net_server *second = NULL;
	char what[128];

	void *holder = zmq_socket(f->context, ZMQ_ROUTER);
	char endpoint[256];
	size_t len = sizeof(endpoint);

	assert_int_equal(zmq_bind(holder, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(holder, ZMQ_LAST_ENDPOINT, endpoint, &len), 0);
	options.agencies_endpoint = endpoint;

	assert_err(EN_EBUSY, net_server_open(&options, &f->key, 1, &second, what));
	assert_null(second);
	assert_string_equal(what, endpoint);
	zmq_close(holder);
}

static void
a_frame_at_the_limit_is_heard_and_a_larger_one_is_cut(void **state)
{
	static const uint8_t zeros[FRAME_BYTES + 1];
	struct fixture *f = *state;

	f->client = dealer(f, &f->member, &f->broker);
	assert_int_equal(zmq_connect(f->client, net_server_endpoint(f->server, NET_AGENCIES)), 0);
	assert_true(zmq_send(f->client, zeros, FRAME_BYTES, 0) >= 0);
	assert_true(hear(f, TURNS));
	assert_int_equal(f->frame.bytes.len, FRAME_BYTES);

	assert_true(zmq_send(f->client, zeros, sizeof(zeros), 0) >= 0);
	assert_only_a_member_is_heard(f);
}

static void
a_peer_that_does_not_read_makes_the_sender_busy(void **state)
{
	static const uint8_t zeros[FRAME_BYTES];
	struct fixture *f = *state;
	enum en_err err = EN_OK;

	f->client = dealer(f, &f->member, &f->broker);
	say(f, f->client, "hello");
	assert_true(hear(f, TURNS));

	for (int i = 0; i < 100000 && err == EN_OK; i++) {
		err = net_server_send(f->server, f->frame.peer, view_of(zeros, sizeof(zeros)));
	}
	assert_err(EN_EBUSY, err);
}

#define FEW 300 // descriptors

// Takes every descriptor below a number. True when there was one.
static bool
take_descriptors(struct fixture *f, int below)
{
	bool any = false;
	int fd;

	while (f->taken_count < FEW && (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0) {
		if (fd >= below) {
			close(fd);
			break;
		}
		f->taken[f->taken_count++] = fd;
		any = true;
	}
	return any;
}

static void
with_few_descriptors_agencies_wait_and_come_in_by_themselves(void **state)
{
	struct fixture *f = *state;
	struct rlimit few = {.rlim_cur = FEW, .rlim_max = f->descriptors.rlim_max};
	struct net_refusal refusal;

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	f->client = dealer(f, &f->member, &f->broker);
	// libzmq gives those of the test before back in a thread of its own: full is when no more come for a while.
	for (int quiet = 0; quiet < 10; quiet++) {
		quiet = take_descriptors(f, FEW * LIMIT_DESCRIPTORS_PERCENT / 100) ? 0 : quiet;
		assert_false(hear(f, 1));
	}
	say(f, f->client, "now");
	for (int i = 0; i < TURNS && net_server_counters(f->server).zap_full < 2; i++) {
		assert_false(hear(f, 1));
	}
	assert_true(net_server_counters(f->server).zap_full >= 2); // it tried again
	assert_true(net_server_next_refusal(f->server, &refusal));
	assert_int_equal(refusal.why, NET_REFUSED_FULL);
	assert_false(net_server_next_refusal(f->server, &refusal)); // told once
	give_descriptors_back(f);
	assert_true(hear(f, TURNS));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(an_enrolled_key_is_heard_as_its_subject),
	    T(a_client_without_curve_gets_nothing),
	    T(a_client_with_a_password_gets_nothing),
	    T(a_client_that_pins_another_key_gets_nothing),
	    T(an_unknown_key_is_refused_and_told),
	    T(with_few_descriptors_agencies_wait_and_come_in_by_themselves),
	    T(a_chosen_routing_id_is_discarded_and_counted),
	    T(a_revoked_key_is_cut_off_while_connected),
	    T(the_subject_of_a_peer_is_that_of_its_key_now),
	    T(a_message_of_several_parts_is_discarded),
	    T(a_send_to_a_peer_that_is_gone_is_unreached),
	    T(a_frame_at_the_limit_is_heard_and_a_larger_one_is_cut),
	    T(a_peer_that_does_not_read_makes_the_sender_busy),
	    T(a_port_in_use_is_told_as_busy),
	};
	int failed;

	assert_ok(net_init());
	failed = cmocka_run_group_tests_name("net/server", tests, NULL, NULL);
	net_fini();
	return failed;
}

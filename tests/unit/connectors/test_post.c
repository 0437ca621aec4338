// SPDX-License-Identifier: Apache-2.0
// Deliveries by POST: the library with a real session to a broker that the test plays, and a real service on this machine.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "unit/sdk/adapter.h"
#include "unit/sdk/broker.h"

#define TEXT(text) ((char *)(uintptr_t)(text))
#define AT_ONCE 16u // of transfers

extern const struct enlace_connector http_connector;

struct service {
	struct MHD_Daemon *server;
	_Atomic unsigned int most; // connections at once
	_Atomic unsigned int odd; // requests with a header that nobody meant
};

struct fixture {
	struct broker broker;
	struct service service;
	char *folder, url[64], error[256];
	struct conf_option option;
	struct conf_port conf;
	struct adapter adapter;
	struct enlace_port *port;
};

static struct fixture fixture;

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *data, size_t *data_len, void **state)
{
	struct service *s = cls;
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->server, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)url;
	(void)method;
	(void)version;
	(void)data;
	if (info != NULL && info->num_connections > s->most) {
		s->most = info->num_connections;
	}
	s->odd += MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Odd") != NULL;
	if (*state == NULL || *data_len > 0) {
		*state = s;
		*data_len = 0;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(2, (void *)(uintptr_t) "{}", MHD_RESPMEM_PERSISTENT);
	result = MHD_queue_response(connection, MHD_HTTP_CREATED, response);
	MHD_destroy_response(response);
	return result;
}

static void
serve(struct fixture *f)
{
	f->service.server = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, &f->service, MHD_OPTION_END);
	assert_non_null(f->service.server);
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%u/",
	    MHD_get_daemon_info(f->service.server, MHD_DAEMON_INFO_BIND_PORT)->port);
}

static int
set_up(void **state)
{
	struct fixture *f = &fixture;
	struct adapter *a = &f->adapter;
	struct session_options options = {
	    .client = "c", .software = "t", .owner = {.context = a, .delivered = on_delivered}};
	char *taken;

	*f = (struct fixture){.folder = test_folder()};
	taken = test_path(f->folder, "taken.ledger");
	broker_open(&f->broker);
	serve(f);
	adapter_of_notes(a);
	f->option = (struct conf_option){.name.text = "post_to", .value.text = f->url};
	f->conf = (struct conf_port){.subscription.text = "notes", .options = &f->option, .option_count = 1};
	f->port = &a->ports[a->port_count++];
	*f->port = (struct enlace_port){.adapter = a, .conf = &f->conf, .connector = &http_connector, .watch_fd = -1};
	f->port->state = http_connector.open(f->port, false, f->error);
	assert_non_null(f->port->state);
	assert_ok(ledger_open(taken, f->broker.now.wall_ms, UINT64_C(86400000), &a->taken));
	free(taken);
	options.net = broker_address(&f->broker);
	assert_ok(session_new(&options, &f->broker.session));
	a->session = f->broker.session;
	broker_welcome(&f->broker, 7);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	f->broker.session = NULL; // the adapter's
	adapter_close(&f->adapter);
	MHD_stop_daemon(f->service.server);
	broker_close(&f->broker);
	test_folder_remove(f->folder);
	return 0;
}

// A whole window in one DELIVER, each of a case of its own.
static void
deliver_window(struct fixture *f)
{
	static Enlace__V1__Delivery deliveries[DEFAULT_WINDOW_EVENTS], *list[DEFAULT_WINDOW_EVENTS];
	Enlace__V1__Deliver message = ENLACE__V1__DELIVER__INIT;

	for (size_t i = 0; i < DEFAULT_WINDOW_EVENTS; i++) {
		const char *id = arena_printf(&f->broker.arena, "e-%zu", i);
		struct event_parts parts = {.id = id,
		    .source = "urn:enlace:broker",
		    .type = "note.v1.Note",
		    .partitionkey = id,
		    .payload = view_text("\x0a\x02hi")};

		enlace__v1__delivery__init(&deliveries[i]);
		deliveries[i].number = i + 1;
		deliveries[i].attempt = deliveries[i].revision = 1;
		assert_ok(event_build(&parts, &f->broker.arena, &deliveries[i].event));
		list[i] = &deliveries[i];
	}
	message.subscription = TEXT("notes");
	message.epoch = 7;
	message.n_deliveries = DEFAULT_WINDOW_EVENTS;
	message.deliveries = list;
	broker_say(&f->broker, FRAME_DELIVER, &message.base);
}

// Of a window's deliveries some wait until the service is done with others. None is put off: a wait of the broker's list
// would follow, longer with every time.
static void
what_the_service_has_no_hand_for_waits_and_is_not_put_off(void **state)
{
	struct fixture *f = *state;
	size_t settled = 0;

	deliver_window(f);
	for (int i = 0; i < BROKER_TURNS && settled < DEFAULT_WINDOW_EVENTS; i++) {
		const struct frame *heard = broker_hear_for(&f->broker, 1);

		(void)http_connector.turn(f->port->state);
		if (heard != NULL) {
			assert_int_equal(heard->u.settle->settlements[0]->outcome, ENLACE__V1__OUTCOME__TAKEN);
			settled++;
		}
	}
	assert_int_equal(settled, DEFAULT_WINDOW_EVENTS);
	assert_in_range(f->service.most, 1, AT_ONCE);
}

static void
an_id_ends_no_header(void **state)
{
	struct fixture *f = *state;
	struct event_parts parts = {
	    .id = "e-1\r\nX-Odd: yes", .source = "urn:enlace:broker", .type = "note.v1.Note", .partitionkey = "c"};
	Enlace__V1__Delivery delivery;

	enlace__v1__delivery__init(&delivery);
	parts.payload = view_text("\x0a\x02hi");
	assert_ok(event_build(&parts, &f->broker.arena, &delivery.event));
	on_delivered(&f->adapter, "notes", 7, &delivery);
	for (int i = 0; i < BROKER_TURNS && f->adapter.pending_count > 0; i++) {
		(void)http_connector.turn(f->port->state);
		(void)broker_hear_for(&f->broker, 1);
	}
	assert_int_equal(f->adapter.pending_count, 0);
	assert_int_equal(f->service.odd, 0);
}

// The port closes with deliveries under way and others behind them; the sanitizers look.
static void
what_waits_goes_with_its_port(void **state)
{
	struct fixture *f = *state;

	deliver_window(f);
	for (int i = 0; i < BROKER_TURNS && f->adapter.pending_count < DEFAULT_WINDOW_EVENTS; i++) {
		assert_null(broker_hear_for(&f->broker, 1));
	}
	assert_int_equal(f->adapter.pending_count, DEFAULT_WINDOW_EVENTS);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_the_service_has_no_hand_for_waits_and_is_not_put_off),
	    T(an_id_ends_no_header),
	    T(what_waits_goes_with_its_port),
	};

	return cmocka_run_group_tests_name("connectors/post", tests, NULL, NULL);
}

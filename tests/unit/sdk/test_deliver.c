// SPDX-License-Identifier: Apache-2.0
// Deliveries on their way through an adapter (PROTOCOL.md 9): a real session to a broker that the test plays, and a
// connector that the test plays as well.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "unit/sdk/adapter.h"
#include "unit/sdk/broker.h"

#define TEXT(text) ((char *)(uintptr_t)(text))

struct fixture {
	struct broker broker;
	char *folder;
	struct conf_port conf;
	struct adapter adapter;
	struct enlace_port *port;
	// What the connector has.
	uint64_t tokens[16];
	char given[256]; // ids, in order
	char json[64]; // of the newest
	size_t count;
};

static struct fixture fixture;

static void
take(void *state, const struct enlace_delivery *d)
{
	struct fixture *f = state;

	f->tokens[f->count++] = d->token;
	snprintf(f->given + strlen(f->given), sizeof(f->given) - strlen(f->given), "%s%s",
	    f->given[0] == '\0' ? "" : " ", d->id);
	snprintf(f->json, sizeof(f->json), "%s %.*s", d->type, (int)d->json.len, d->json.data);
}

static const struct enlace_connector connector = {.abi = ENLACE_ADAPTER_ABI, .name = "test", .deliver = take};

static void
forget_waiting(void *context, const char *code, uint64_t again_in_ms)
{
	(void)code;
	(void)again_in_ms;
	deliver_forget_waiting(context);
}

static void
open_state(struct fixture *f)
{
	char *taken = test_path(f->folder, "taken.ledger");

	assert_ok(ledger_open(taken, f->broker.now.wall_ms, UINT64_C(86400000), &f->adapter.taken));
	free(taken);
}

static int
set_up(void **state)
{
	struct fixture *f = &fixture;
	struct adapter *a = &f->adapter;
	struct session_options options = {.client = "c",
	    .software = "t",
	    .owner = {.context = a, .delivered = on_delivered, .ended = forget_waiting}};

	*f = (struct fixture){.count = 0};
	f->folder = test_folder();
	broker_open(&f->broker);
	adapter_of_notes(a);
	f->conf.subscription.text = "notes";
	f->port = &a->ports[a->port_count++];
	*f->port =
	    (struct enlace_port){.adapter = a, .conf = &f->conf, .connector = &connector, .state = f, .watch_fd = -1};
	assert_ok(port_set_type(f->port, "note.v1.Note"));
	open_state(f);
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
	f->adapter.port_count = 0; // its connector is the test's
	adapter_close(&f->adapter);
	broker_close(&f->broker);
	test_folder_remove(f->folder);
	return 0;
}

// A DELIVER of one event of that type, id and case.
static void
deliver_type(struct fixture *f, uint64_t epoch, uint64_t number, const char *id, const char *case_id, const char *type)
{
	Enlace__V1__Deliver message = ENLACE__V1__DELIVER__INIT;
	Enlace__V1__Delivery one = ENLACE__V1__DELIVERY__INIT, *list = &one;
	struct event_parts parts = {.id = id,
	    .source = "urn:enlace:broker",
	    .type = type,
	    .partitionkey = case_id,
	    .payload = view_text("\x0a\x02hi")};

	one.number = number;
	one.attempt = one.revision = 1;
	assert_ok(event_build(&parts, &f->broker.arena, &one.event));
	message.subscription = TEXT("notes");
	message.epoch = epoch;
	message.n_deliveries = 1;
	message.deliveries = &list;
	broker_say(&f->broker, FRAME_DELIVER, &message.base);
}

static void
deliver(struct fixture *f, uint64_t epoch, uint64_t number, const char *id, const char *case_id)
{
	deliver_type(f, epoch, number, id, case_id, "note.v1.Note");
}

// The adapter's turns, until the connector was given so many.
static void
wait_given(struct fixture *f, size_t count)
{
	for (int i = 0; i < BROKER_TURNS && f->count < count; i++) {
		assert_null(broker_hear_for(&f->broker, 1));
	}
	assert_int_equal(f->count, count);
}

// The next SETTLE as "8 TAKEN ref" or "9 LATER code".
static const char *
settled(struct fixture *f)
{
	const Enlace__V1__Settle *m = broker_hear(&f->broker, FRAME_SETTLE)->u.settle;
	const Enlace__V1__Settlement *s = m->settlements[0];
	const char *word = s->outcome == ENLACE__V1__OUTCOME__TAKEN ? "TAKEN"
	    : s->outcome == ENLACE__V1__OUTCOME__LATER              ? "LATER"
								    : "UNUSABLE";

	assert_int_equal(m->n_settlements, 1);
	return arena_printf(&f->broker.arena, "%llu %s%s%s%s", (unsigned long long)s->first, word,
	    s->recipient_reference[0] != '\0' || s->code[0] != '\0' ? " " : "", s->recipient_reference, s->code);
}

// ---- safe before it is said, and known when it comes again -----------------------------------------------------------

static void
nothing_is_taken_before_the_connector_says_that_it_is_safe(void **state)
{
	struct fixture *f = *state;

	deliver(f, 7, 1, "A", "c1");
	wait_given(f, 1);
	assert_null(broker_hear_for(&f->broker, 5)); // its system has not answered
	assert_int_equal(ledger_count(f->adapter.taken), 0);
	enlace_settle(f->port, f->tokens[0], ENLACE_TAKEN, "own-1", NULL, 0);
	assert_int_equal(ledger_count(f->adapter.taken), 1);
	assert_string_equal(settled(f), "1 TAKEN own-1");
}

static void
what_was_taken_before_is_taken_again_without_the_system(void **state)
{
	struct fixture *f = *state;

	deliver(f, 7, 1, "A", "c1");
	wait_given(f, 1);
	enlace_settle(f->port, f->tokens[0], ENLACE_TAKEN, "own-1", NULL, 0);
	(void)settled(f);
	ledger_close(&f->adapter.taken); // another process
	open_state(f);
	deliver(f, 7, 2, "A", "c1");
	assert_string_equal(settled(f), "2 TAKEN own-1");
	assert_string_equal(f->given, "A");
}

// The session broke while the system was at it: one POST, and its answer settles the newest attempt.
static void
what_the_connector_is_at_is_not_given_to_it_twice(void **state)
{
	struct fixture *f = *state;

	deliver(f, 7, 1, "A", "c1");
	wait_given(f, 1);
	broker_goaway(&f->broker, 0);
	f->broker.now.monotonic_ms += 60000;
	broker_welcome(&f->broker, 8);
	deliver(f, 8, 5, "A", "c1");
	assert_null(broker_hear_for(&f->broker, 10));
	enlace_settle(f->port, f->tokens[0], ENLACE_TAKEN, "own-1", NULL, 0);
	assert_string_equal(settled(f), "5 TAKEN own-1");
	assert_string_equal(f->given, "A");
}

// ---- order per case ----------------------------------------------------------------------------------------------------

static void
of_a_case_the_connector_has_one_at_a_time(void **state)
{
	struct fixture *f = *state;

	deliver(f, 7, 1, "A", "c1");
	deliver(f, 7, 2, "B", "c1");
	deliver(f, 7, 3, "C", "c2");
	wait_given(f, 2);
	assert_string_equal(f->given, "A C");
	enlace_settle(f->port, f->tokens[0], ENLACE_TAKEN, NULL, NULL, 0);
	deliver_waiting(&f->adapter);
	assert_string_equal(f->given, "A C B");
	assert_string_equal(settled(f), "1 TAKEN");
}

static void
a_case_stops_at_the_first_one_that_is_not_taken(void **state)
{
	struct fixture *f = *state;

	deliver(f, 7, 1, "A", "c1");
	deliver(f, 7, 2, "B", "c1");
	wait_given(f, 1);
	assert_null(broker_hear_for(&f->broker, 10));
	enlace_settle(f->port, f->tokens[0], ENLACE_LATER, NULL, "offline", 0);
	deliver_waiting(&f->adapter);
	assert_string_equal(settled(f), "1 LATER offline");
	assert_string_equal(settled(f), "2 LATER case_stopped");
	assert_string_equal(f->given, "A");
	assert_int_equal(f->adapter.pending_count, 0);
}

static void
what_waits_is_forgotten_with_its_session(void **state)
{
	struct fixture *f = *state;

	deliver(f, 7, 1, "A", "c1");
	deliver(f, 7, 2, "B", "c1");
	wait_given(f, 1);
	assert_null(broker_hear_for(&f->broker, 10));
	broker_goaway(&f->broker, 0);
	assert_int_equal(f->adapter.pending_count, 1);
	enlace_settle(f->port, f->tokens[0], ENLACE_TAKEN, NULL, NULL, 0);
	deliver_waiting(&f->adapter);
	assert_string_equal(f->given, "A"); // B comes again
}

// ---- every event by its own type -----------------------------------------------------------------------------------------

// The operators changed `as` of the subscription and loaded the rules: sessions do not notice.
static void
an_event_of_another_type_is_not_read_as_one_of_the_old(void **state)
{
	struct fixture *f = *state;

	deliver(f, 7, 1, "A", "c1");
	wait_given(f, 1);
	assert_string_equal(f->json, "note.v1.Note {\n  \"text\": \"hi\"\n}");
	deliver_type(f, 7, 2, "B", "c2", "note.v1.Row");
	wait_given(f, 2);
	assert_string_equal(f->json, "note.v1.Row {\n  \"folio\": \"hi\"\n}");
	assert_string_equal(enlace_port_columns(f->port)[0], "folio");
}

static void
an_event_of_a_type_that_the_schema_does_not_know_is_unusable(void **state)
{
	struct fixture *f = *state;

	deliver_type(f, 7, 1, "A", "c1", "note.v2.Note");
	assert_string_equal(settled(f), "1 UNUSABLE schema_mismatch");
	deliver(f, 7, 2, "B", "c2");
	wait_given(f, 1);
	assert_string_equal(f->given, "B");
}

// ---- words that no frame can carry -------------------------------------------------------------------------------------

static void
a_reference_that_no_frame_carries_is_left_out(void **state)
{
	struct fixture *f = *state;
	char longest[130];

	memset(longest, 'x', sizeof(longest));
	longest[129] = '\0';
	deliver(f, 7, 1, "A", "c1");
	deliver(f, 7, 2, "B", "c2");
	deliver(f, 7, 3, "C", "c3");
	wait_given(f, 3);
	enlace_settle(f->port, f->tokens[0], ENLACE_TAKEN, longest, NULL, 0);
	assert_string_equal(settled(f), "1 TAKEN");
	enlace_settle(f->port, f->tokens[1], ENLACE_TAKEN, "\xc3", NULL, 0);
	assert_string_equal(settled(f), "2 TAKEN");
	longest[128] = '\0';
	enlace_settle(f->port, f->tokens[2], ENLACE_TAKEN, longest, NULL, 0);
	assert_non_null(strstr(settled(f), longest));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(nothing_is_taken_before_the_connector_says_that_it_is_safe),
	    T(what_was_taken_before_is_taken_again_without_the_system),
	    T(what_the_connector_is_at_is_not_given_to_it_twice),
	    T(of_a_case_the_connector_has_one_at_a_time),
	    T(a_case_stops_at_the_first_one_that_is_not_taken),
	    T(what_waits_is_forgotten_with_its_session),
	    T(an_event_of_another_type_is_not_read_as_one_of_the_old),
	    T(an_event_of_a_type_that_the_schema_does_not_know_is_unusable),
	    T(a_reference_that_no_frame_carries_is_left_out),
	};

	return cmocka_run_group_tests_name("sdk/deliver", tests, NULL, NULL);
}

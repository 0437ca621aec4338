// SPDX-License-Identifier: Apache-2.0
// `enlace sub tail`: what it reads, and what it settles.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/broker.h"

static void
a_subscription_is_read_one_line_a_delivery(void **state)
{
	static const char *const records[] = {"{\"age\":13}", "{\"age\":14}", "{\"age\":15}", NULL};
	struct broker *b = *state;

	b->records = records;
	run_agency(b, "sub", "tail", "unicef-cases", "--limit", "2");
	assert_ended(&b->p, 0);
	assert_string_equal(buf_cstr(&b->p.out),
	    "{\"number\":\"41\",\"revision\":1,\"attempt\":1,\"replay\":false,\"id\":\"e\",\"type\":\"unicef.v1.Case\",\"data\":{\"age\":13}}\n"
	    "{\"number\":\"42\",\"revision\":1,\"attempt\":1,\"replay\":false,\"id\":\"e\",\"type\":\"unicef.v1.Case\",\"data\":{\"age\":14}}\n");
	assert_int_equal(b->settled_count, 0); // reading is not taking
}

static void
only_when_asked_is_what_was_printed_settled(void **state)
{
	static const char *const records[] = {"{\"age\":13}", "{\"age\":14}", NULL};
	struct broker *b = *state;

	b->records = records;
	run_agency(b, "sub", "tail", "unicef-cases", "--settle", "--wait", "200");
	assert_ended(&b->p, 0);
	assert_int_equal(b->settled_count, 2);
	assert_int_equal(b->settled[0], 41);
	assert_int_equal(b->settled[1], 42);
	run_agency(b, "sub", "tail", "unicef-cases", "--limit", "two");
	assert_ended(&b->p, 2);
}

// What nobody has read must come again.
static void
what_could_not_be_printed_is_not_settled(void **state)
{
	static const char *const records[] = {"{\"age\":13}", "{\"age\":14}", NULL};
	struct broker *b = *state;

	b->records = records;
	run_against_to(b, "/dev/full",
	    (const char *const[]){"sub", "tail", "unicef-cases", "--settle", "--wait", "200", "--broker",
		net_server_endpoint(b->server, NET_AGENCIES), "--server-key", b->broker_file, "--key", b->secret_file,
		NULL});
	assert_ended(&b->p, 74);
	assert_int_equal(b->settled_count, 0);
}

static void
an_error_of_the_broker_ends_the_session(void **state)
{
	struct broker *b = *state;

	b->refusal = "draining";
	run_agency(b, "sub", "tail", "unicef-cases");
	assert_ended(&b->p, 76);
	assert_said(&b->p.err, "draining");
}

// A refused key is silence: that is all that CURVE says.
static void
a_key_that_is_not_enrolled_hears_nothing(void **state)
{
	struct broker *b = *state;

	run_against(b,
	    (const char *const[]){"sub", "tail", "unicef-cases", "--broker",
		net_server_endpoint(b->server, NET_AGENCIES), "--server-key", b->broker_file, "--key", b->stranger_file,
		NULL});
	assert_ended(&b->p, 69);
	assert_string_equal(buf_cstr(&b->seen), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BROKER_TEST(a_subscription_is_read_one_line_a_delivery),
	    BROKER_TEST(only_when_asked_is_what_was_printed_settled),
	    BROKER_TEST(what_could_not_be_printed_is_not_settled),
	    BROKER_TEST(an_error_of_the_broker_ends_the_session),
	    BROKER_TEST(a_key_that_is_not_enrolled_hears_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

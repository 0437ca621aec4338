// SPDX-License-Identifier: Apache-2.0
// Frames as hostile or careless peers send them: what is refused is told apart (PROTOCOL.md 4), and nothing of it counts.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "unit/wire/kit.h"

static enum en_err
decode(struct fixture *f, const void *bytes, size_t len)
{
	enum en_err err;
	uint8_t *exact = malloc(len + 1); // of its own, so that a sanitizer sees one byte too many

	memcpy(exact, bytes, len);
	f->reason = REASON_NONE;
	f->field[0] = '\0';
	err = frame_decode(arena_copy(&f->arena, view_of(exact, len)), &f->arena, &f->frame, &f->reason, f->field);
	free(exact);
	return err;
}

#define DECODE(f, literal) decode((f), (literal), sizeof(literal) - 1)

static void
assert_refused(struct fixture *f, const void *bytes, size_t len, enum reason reason)
{
	assert_err(EN_EPROTOCOL, decode(f, bytes, len));
	assert_int_equal(f->reason, reason);
}

#define REFUSED(f, literal, reason) assert_refused((f), (literal), sizeof(literal) - 1, (reason))

static void
put_preamble(struct fixture *f, uint8_t form, uint8_t kind)
{
	buf_clear(&f->bytes);
	buf_put(&f->bytes, (uint8_t[]){'E', form, '1', kind}, 4);
}

static void
a_bad_preamble_is_told_from_an_unknown_kind(void **state)
{
	struct fixture *f = *state;

	REFUSED(f, "", REASON_PREAMBLE);
	REFUSED(f, "EN1", REASON_PREAMBLE);
	REFUSED(f, "XN1\x0c", REASON_PREAMBLE);
	REFUSED(f, "EX1\x0c", REASON_PREAMBLE);
	REFUSED(f, "EN2\x0c", REASON_PREAMBLE);
	REFUSED(f, "EN1\x10", REASON_UNKNOWN_KIND);
	REFUSED(f, "EJ1\xff{}", REASON_UNKNOWN_KIND);
	REFUSED(f, "EN1\x00", REASON_UNKNOWN_KIND);
}

static void
every_kind_is_taken_with_an_empty_body(void **state)
{
	struct fixture *f = *state;

	for (uint8_t kind = FRAME_HELLO; kind <= FRAME_ERROR; kind++) {
		put_preamble(f, 'N', kind);
		assert_ok(decode(f, f->bytes.data, f->bytes.len));
		assert_int_equal(f->frame.kind, kind);
		put_preamble(f, 'J', kind);
		assert_ok(decode(f, f->bytes.data, f->bytes.len));
	}
}

// HELLO with every kind of field that a frame has: texts, numbers, lists of messages.
static void
put_hello(struct fixture *f)
{
	Enlace__V1__Hello hello = ENLACE__V1__HELLO__INIT;
	Enlace__V1__Attach one = ENLACE__V1__ATTACH__INIT, two = one, *list[] = {&one, &two};
	char *features[] = {(char *)(uintptr_t) "later"};

	one.subscription = (char *)(uintptr_t) "first";
	one.window_bytes = UINT64_C(1) << 40;
	two.subscription = (char *)(uintptr_t) "second";
	two.window_events = 64;
	hello.client = (char *)(uintptr_t) "reader";
	hello.subscriptions = list;
	hello.n_subscriptions = 2;
	hello.features = features;
	hello.n_features = 1;
	buf_clear(&f->bytes);
	assert_ok(frame_encode('N', FRAME_HELLO, &hello.base, &f->bytes));
}

static void
a_frame_cut_anywhere_is_malformed_or_whole(void **state)
{
	struct fixture *f = *state;
	size_t malformed = 0;

	put_hello(f);
	for (size_t len = 0; len < f->bytes.len; len++) {
		enum en_err err = decode(f, f->bytes.data, len);

		if (err == EN_OK) { // cut between two fields
			assert_non_null(f->frame.u.hello);
			assert_true(f->frame.u.hello->n_subscriptions <= 2);
		} else {
			assert_int_equal(err, EN_EPROTOCOL);
			assert_int_equal(f->reason, len < 4 ? REASON_PREAMBLE : REASON_MALFORMED);
			malformed++;
		}
	}
	assert_true(malformed > f->bytes.len / 2);
	assert_ok(decode(f, f->bytes.data, f->bytes.len));
	assert_string_equal(f->frame.u.hello->subscriptions[1]->subscription, "second");
}

static void
unknown_fields_are_ignored_in_both_forms(void **state)
{
	struct fixture *f = *state;

	// Field 1000 as a varint, as bytes and in eight bytes, then field 1: client.
	assert_ok(DECODE(f,
	    "EN1\x01\xc0\x3e\x07\xc2\x3e\x02\xff\x00\xc1\x3e"
	    "12345678\x0a\x01r"));
	assert_string_equal(f->frame.u.hello->client, "r");
	assert_ok(DECODE(f, "EJ1\x01{\"later\":{\"a\":[1,{\"b\":null}]},\"client\":\"r\",\"more\":1e9}"));
	assert_string_equal(f->frame.u.hello->client, "r");
}

static void
what_is_no_text_names_its_field(void **state)
{
	struct fixture *f = *state;

	REFUSED(f, "EN1\x01\x0a\x02\xc3\x28", REASON_MALFORMED);
	assert_string_equal(f->field, "client");
	REFUSED(f, "EN1\x01\x0a\x03r\x00t", REASON_MALFORMED); // protobuf-c would cut it
	assert_string_equal(f->field, "client");
	REFUSED(f, "EN1\x01\x12\x03\x0a\x01\xff", REASON_MALFORMED);
	assert_non_null(strstr(f->field, "subscription"));
}

static void
a_wrong_wire_type_or_tag_is_malformed(void **state)
{
	struct fixture *f = *state;

	REFUSED(f, "EN1\x01\x08\x01", REASON_MALFORMED); // client as a varint
	REFUSED(f, "EN1\x01\x00\x01", REASON_MALFORMED); // field 0
	REFUSED(f, "EN1\x01\x0f", REASON_MALFORMED); // wire type 7
	REFUSED(f, "EN1\x01\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", REASON_MALFORMED); // a length of 2^63
	REFUSED(f, "EN1\x0c\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", REASON_MALFORMED); // eleven bytes
	REFUSED(f, "EN1\x01\xc4\x3e", REASON_MALFORMED); // the end of a group that never began
	REFUSED(f, "EN1\x01\xc3\x3e", REASON_MALFORMED); // a group that never ends
}

static void
groups_are_malformed_however_deep(void **state)
{
	static const size_t depths[] = {1, 16, 100000};
	struct fixture *f = *state;

	for (size_t d = 0; d < EN_COUNT_OF(depths); d++) {
		put_preamble(f, 'N', FRAME_BYE);
		for (size_t i = 0; i < depths[d]; i++) {
			buf_put(&f->bytes, "\xc3\x3e", 2);
		}
		for (size_t i = 0; i < depths[d]; i++) {
			buf_put(&f->bytes, "\xc4\x3e", 2);
		}
		assert_refused(f, f->bytes.data, f->bytes.len, REASON_MALFORMED);
	}
}

static void
a_frame_has_as_many_fields_as_it_may_and_no_more(void **state)
{
	struct fixture *f = *state;

	put_preamble(f, 'N', FRAME_BYE);
	for (size_t i = 0; i < LIMIT_FRAME_FIELDS; i++) {
		buf_put(&f->bytes, "\x78\x00", 2); // of a number that BYE does not know
	}
	assert_ok(decode(f, f->bytes.data, f->bytes.len));
	buf_put(&f->bytes, "\x78\x00", 2);
	assert_refused(f, f->bytes.data, f->bytes.len, REASON_OVERSIZE);
}

// An empty message costs many times its two bytes.
static void
messages_of_nothing_have_an_end(void **state)
{
	static const size_t counts[] = {LIMIT_SUBSCRIPTIONS_PER_HELLO, LIMIT_FRAME_FIELDS};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(counts); i++) {
		put_preamble(f, 'N', FRAME_WELCOME);
		for (size_t s = 0; s < counts[i]; s++) {
			buf_put(&f->bytes, "\x4a\x00", 2);
		}
		if (i == 0) {
			assert_ok(decode(f, f->bytes.data, f->bytes.len));
			assert_int_equal(f->frame.u.welcome->n_subscriptions, counts[i]);
		} else {
			assert_refused(f, f->bytes.data, f->bytes.len, REASON_OVERSIZE);
		}
	}
}

static void
a_frame_is_as_long_as_it_may_be_and_no_longer(void **state)
{
	struct fixture *f = *state;

	for (size_t past = 0; past <= 1; past++) {
		put_preamble(f, 'J', FRAME_BYE);
		buf_put_str(&f->bytes, "{");
		while (f->bytes.len < LIMIT_FRAME_BYTES + past - 1) {
			buf_put_u8(&f->bytes, ' ');
		}
		buf_put_str(&f->bytes, "}");
		if (past == 0) {
			assert_ok(decode(f, f->bytes.data, f->bytes.len));
		} else {
			assert_refused(f, f->bytes.data, f->bytes.len, REASON_OVERSIZE);
		}
	}
}

static void
operators_kinds_carry_their_text_as_it_is(void **state)
{
	struct fixture *f = *state;

	buf_clear(&f->bytes);
	assert_ok(frame_encode_text(FRAME_REQUEST, view_text("{\"verb\":\"status\"}"), &f->bytes));
	assert_ok(decode(f, f->bytes.data, f->bytes.len));
	assert_int_equal(f->frame.kind, FRAME_REQUEST);
	assert_view_is("{\"verb\":\"status\"}", f->frame.body);
}

static void
an_event_is_built_and_read_with_its_attributes(void **state)
{
	struct fixture *f = *state;
	struct event_parts parts = {.id = "e-1",
	    .source = "urn:x",
	    .type = "a.v1.B",
	    .partitionkey = "case",
	    .time_ms = INT64_C(1795000000123),
	    .payload = view_text("\x0a\x01x"),
	    .extra = {{"traceparent", "00-1"}}};
	Io__Cloudevents__V1__CloudEvent *event = NULL;
	int64_t wall = 0;

	assert_ok(event_build(&parts, &f->arena, &event));
	assert_string_equal(event_attribute(event, "partitionkey"), "case");
	assert_string_equal(event_attribute(event, "traceparent"), "00-1");
	assert_null(event_attribute(event, "subject"));
	assert_true(event_attribute_time(event, "time", &wall));
	assert_int_equal(wall, INT64_C(1795000000123));
	assert_false(event_attribute_time(event, "expirytime", &wall));
}

static void
an_event_has_all_the_attributes_that_it_is_built_of(void **state)
{
	struct fixture *f = *state;
	struct event_parts parts = {.id = "e",
	    .source = "urn:x",
	    .type = "t",
	    .partitionkey = "c",
	    .subject = "s",
	    .time_ms = 1,
	    .expiry_ms = -1};
	Io__Cloudevents__V1__CloudEvent *event = NULL;
	int64_t wall = 0;

	for (size_t i = 0; i < EN_COUNT_OF(parts.extra); i++) {
		parts.extra[i].name = arena_printf(&f->arena, "x%zu", i);
		parts.extra[i].value = "v";
	}
	assert_ok(event_build(&parts, &f->arena, &event));
	assert_int_equal(event->n_attributes, 5 + EN_COUNT_OF(parts.extra));
	assert_string_equal(event_attribute(event, "x7"), "v");
	assert_true(event_attribute_time(event, "expirytime", &wall));
	assert_int_equal(wall, -1);
}

// A peer's own, as it came.
static void
a_moment_outside_the_years_that_can_be_written_is_none(void **state)
{
	static const struct {
		int64_t seconds;
		const char *json;
	} moments[] = {{INT64_C(253402300799), "\"9999-12-31T23:59:59.000Z\""}, {INT64_C(253402300800), "null"},
	    {INT64_C(-62135596800), "\"0001-01-01T00:00:00.000Z\""}, {INT64_C(-62135596801), "null"},
	    {INT64_MAX, "null"}, {INT64_MIN, "null"}};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(moments); i++) {
		struct event_parts parts = {.id = "e", .source = "urn:x", .type = "t", .time_ms = 1000};
		Enlace__V1__Delivery delivery = ENLACE__V1__DELIVERY__INIT, *list[] = {&delivery};
		Enlace__V1__Deliver deliver = ENLACE__V1__DELIVER__INIT;
		int64_t wall;

		assert_ok(event_build(&parts, &f->arena, &delivery.event));
		deliver.deliveries = list;
		deliver.n_deliveries = 1;
		for (size_t a = 0; a < delivery.event->n_attributes; a++) {
			if (strcmp(delivery.event->attributes[a]->key, "time") == 0) {
				delivery.event->attributes[a]->value->ce_timestamp->seconds = moments[i].seconds;
			}
		}
		delivery.event->data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA__NOT_SET;
		buf_clear(&f->bytes);
		assert_ok(frame_encode('J', FRAME_DELIVER, &deliver.base, &f->bytes));
		assert_non_null(strstr(buf_cstr(&f->bytes), arena_printf(&f->arena, "\"time\":%s", moments[i].json)));
		assert_int_equal(
		    event_attribute_time(delivery.event, "time", &wall), strcmp(moments[i].json, "null") != 0);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_bad_preamble_is_told_from_an_unknown_kind),
	    T(every_kind_is_taken_with_an_empty_body),
	    T(a_frame_cut_anywhere_is_malformed_or_whole),
	    T(unknown_fields_are_ignored_in_both_forms),
	    T(what_is_no_text_names_its_field),
	    T(a_wrong_wire_type_or_tag_is_malformed),
	    T(groups_are_malformed_however_deep),
	    T(a_frame_has_as_many_fields_as_it_may_and_no_more),
	    T(messages_of_nothing_have_an_end),
	    T(a_frame_is_as_long_as_it_may_be_and_no_longer),
	    T(operators_kinds_carry_their_text_as_it_is),
	    T(an_event_is_built_and_read_with_its_attributes),
	    T(an_event_has_all_the_attributes_that_it_is_built_of),
	    T(a_moment_outside_the_years_that_can_be_written_is_none),
	};

	return cmocka_run_group_tests_name("wire/frame", tests, NULL, NULL);
}

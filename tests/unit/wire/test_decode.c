// SPDX-License-Identifier: Apache-2.0
// What form N means, byte by byte: the rules of protobuf for what comes twice, in pieces, packed, unknown or of another wire type.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "unit/wire/kit.h"
#include "wire/frame_int.h"

static enum en_err
decode(struct fixture *f, enum frame_kind kind, struct view body)
{
	struct buf bytes = BUF_EMPTY;
	struct view kept;

	buf_put(&bytes, (uint8_t[]){'E', 'N', '1', (uint8_t)kind}, 4);
	buf_put_view(&bytes, body);
	kept = arena_copy(&f->arena, buf_view(&bytes));
	buf_fini(&bytes);
	f->reason = REASON_NONE;
	return frame_decode(kept, &f->arena, &f->frame, &f->reason, f->field);
}

#define BODY(literal) view_of((literal), sizeof(literal) - 1)
#define DECODE(f, kind, literal) decode((f), (kind), BODY(literal))

static void
assert_malformed(struct fixture *f, enum frame_kind kind, struct view body, const char *field)
{
	assert_err(EN_EPROTOCOL, decode(f, kind, body));
	assert_int_equal(f->reason, REASON_MALFORMED);
	assert_string_equal(f->field, field);
}

#define MALFORMED(f, kind, literal, field) assert_malformed((f), (kind), BODY(literal), (field))

// A PUBLISH of one event: pieces of CloudEvent, each of them less than 100 bytes.
static const Io__Cloudevents__V1__CloudEvent *
event_of(struct fixture *f, const struct view *pieces, size_t count)
{
	struct buf event = BUF_EMPTY, body = BUF_EMPTY;

	for (size_t i = 0; i < count; i++) {
		buf_put_u8(&event, 2 << 3 | 2);
		buf_put_text(&event, pieces[i]);
	}
	buf_put_u8(&body, 1 << 3 | 2);
	buf_put_text(&body, buf_view(&event));
	assert_ok(decode(f, FRAME_PUBLISH, buf_view(&body)));
	buf_fini(&event);
	buf_fini(&body);
	assert_int_equal(f->frame.u.publish->n_events, 1);
	return f->frame.u.publish->events[0]->event;
}

static void
what_is_absent_is_what_protobuf_c_says(void **state)
{
	struct fixture *f = *state;
	const Io__Cloudevents__V1__CloudEvent *event = event_of(f, &VIEW_EMPTY, 1);

	assert_string_equal(event->id, "");
	assert_string_equal(event->type, "");
	assert_int_equal(event->data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA__NOT_SET);
	assert_int_equal(event->n_attributes, 0);
	assert_null(event->attributes);
	assert_int_equal(f->frame.u.publish->events[0]->sequence, 0);
	assert_ok(DECODE(f, FRAME_PUBLISH, "\x0a\x00"));
	assert_null(f->frame.u.publish->events[0]->event);
	assert_ok(DECODE(f, FRAME_SCHEMA, "\x0a\x00\x1a\x00")); // there, and empty
	assert_string_equal(f->frame.u.schema->type, "");
	assert_null(f->frame.u.schema->descriptor_set.data);
	assert_int_equal(f->frame.u.schema->descriptor_set.len, 0);
}

static void
the_last_one_of_a_singular_field_wins(void **state)
{
	struct fixture *f = *state;

	assert_ok(DECODE(f, FRAME_CREDIT, "\x0a\x03one\x10\x05\x0a\x03two\x10\x06"));
	assert_string_equal(f->frame.u.credit->subscription, "two");
	assert_int_equal(f->frame.u.credit->window_events, 6);
	assert_ok(DECODE(f, FRAME_CREDIT, "\x0a\x03one\x10\x05\x0a\x00\x10\x00")); // also when it says nothing
	assert_string_equal(f->frame.u.credit->subscription, "");
	assert_int_equal(f->frame.u.credit->window_events, 0);
}

static void
a_message_in_pieces_is_merged(void **state)
{
	// id, an attribute "a" = true, binary_data; then source, another id and an attribute "b".
	const struct view pieces[] = {BODY("\x0a\x01i\x2a\x07\x0a\x01"
					   "a\x12\x02\x08\x01\x32\x01p"),
	    VIEW_EMPTY,
	    BODY("\x12\x01s\x0a\x01j\x2a\x03\x0a\x01"
		 "b")};
	struct fixture *f = *state;
	const Io__Cloudevents__V1__CloudEvent *event = event_of(f, pieces, EN_COUNT_OF(pieces));

	assert_string_equal(event->id, "j");
	assert_string_equal(event->source, "s");
	assert_int_equal(event->n_attributes, 2);
	assert_string_equal(event->attributes[0]->key, "a");
	assert_true(event->attributes[0]->value->ce_boolean);
	assert_string_equal(event->attributes[1]->key, "b");
	assert_null(event->attributes[1]->value);
	assert_int_equal(event->data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA);
	assert_view_is("p", view_of(event->binary_data.data, event->binary_data.len));
	assert_string_equal(
	    event_of(f, &pieces[1], 2)->id, "j"); // which protobuf-c does not manage, for want of data in both
}

static void
a_oneof_is_what_came_last(void **state)
{
	const struct view twice[] = {BODY("\x32\x03pay\x3a\x04text"), BODY("\x3a\x04text\x32\x00")};
	struct fixture *f = *state;
	const Io__Cloudevents__V1__CloudEvent *event = event_of(f, &twice[0], 1);

	assert_int_equal(event->data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA);
	assert_string_equal(event->text_data, "text");
	event = event_of(f, &twice[1], 1);
	assert_int_equal(event->data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA);
	assert_null(event->binary_data.data);
	assert_int_equal(event->binary_data.len, 0);
}

static void
an_empty_text_of_a_oneof_is_one_also_when_it_is_sent_on(void **state)
{
	const struct view sent = BODY("EN1\x03\x0a\x04\x12\x02\x3a\x00");
	struct fixture *f = *state;
	struct buf again = BUF_EMPTY;

	assert_ok(frame_decode(sent, &f->arena, &f->frame, &f->reason, f->field));
	assert_string_equal(f->frame.u.publish->events[0]->event->text_data, "");
	assert_ok(frame_encode(FRAME_FORM_PROTOBUF, FRAME_PUBLISH, f->frame.u.any, &again));
	assert_true(view_equal(sent, buf_view(&again)));
	buf_fini(&again);
}

// seconds 5 and nanos 7, then seconds 6: one moment in two pieces, unless something else was said in between.
static void
a_message_of_a_oneof_is_merged_until_another_is_chosen(void **state)
{
	const struct view one = BODY("\x2a\x0c\x12\x0a\x3a\x04\x08\x05\x10\x07\x3a\x02\x08\x06"),
			  other = BODY("\x2a\x0f\x12\x0d\x3a\x04\x08\x05\x10\x07\x1a\x01s\x3a\x02\x08\x06");
	struct fixture *f = *state;
	const Google__Protobuf__Timestamp *moment;

	moment = event_of(f, &one, 1)->attributes[0]->value->ce_timestamp;
	assert_int_equal(moment->seconds, 6);
	assert_int_equal(moment->nanos, 7);
	moment = event_of(f, &other, 1)->attributes[0]->value->ce_timestamp;
	assert_int_equal(moment->seconds, 6);
	assert_int_equal(moment->nanos, 0);
}

static void
lists_are_as_long_as_they_come(void **state)
{
	struct fixture *f = *state;
	struct buf body = BUF_EMPTY;

	for (size_t count = 0; count <= 70; count++) {
		assert_ok(decode(f, FRAME_HELLO, buf_view(&body)));
		assert_int_equal(f->frame.u.hello->n_features, count);
		for (size_t i = 0; i < count; i++) {
			assert_string_equal(f->frame.u.hello->features[i], i % 2 == 0 ? "" : "odd");
			assert_string_equal(f->frame.u.hello->subscriptions[i]->subscription, "s");
		}
		buf_put_str(&body, "\x12\x03\x0a\x01s\x22"); // both lists grow in turns
		buf_put_text(&body, view_text(count % 2 == 0 ? "" : "odd"));
	}
	buf_fini(&body);
}

// None of our messages has a list of numbers yet, so one of protobuf's own is taken.
static void
numbers_come_packed_or_one_by_one(void **state)
{
	const struct {
		struct view body;
		size_t count;
	} bodies[] = {{BODY("\x0a\x04\x01\x02\xac\x02"), 3}, {BODY("\x08\x01\x08\x02\x08\xac\x02"), 3},
	    {BODY("\x08\x01\x0a\x03\x02\xac\x02"), 3}, {BODY("\x0a\x01\x01\x0a\x00\x08\x02\x0a\x02\xac\x02"), 3},
	    {BODY("\x0a\x00"), 0}, {BODY("\x0a\x0a\x01\x02\xac\x02\x00\x00\x00\x00\x00\x00"), 9}};
	const struct view malformed[] = {
	    BODY("\x0a\x01\x80"), BODY("\x0a\x02\x01\xac"), BODY("\x0a\x02\x01"), BODY("\x0d\x01\x02\x03\x04")};
	static const int32_t numbers[9] = {1, 2, 300};
	struct fixture *f = *state;
	struct wire_path path = {.len = 0};
	ProtobufCMessage *message;

	for (size_t i = 0; i < EN_COUNT_OF(bodies); i++) {
		Google__Protobuf__SourceCodeInfo__Location *location;

		assert_ok(wire_decode(&google__protobuf__source_code_info__location__descriptor, bodies[i].body,
		    &f->arena, &message, &path));
		location = (Google__Protobuf__SourceCodeInfo__Location *)message;
		assert_int_equal(location->n_path, bodies[i].count);
		if (location->n_path > 0) {
			assert_memory_equal(location->path, numbers, location->n_path * sizeof(numbers[0]));
		}
	}
	for (size_t i = 0; i < EN_COUNT_OF(malformed); i++) {
		assert_int_not_equal(wire_decode(&google__protobuf__source_code_info__location__descriptor,
					 malformed[i], &f->arena, &message, &path),
		    EN_OK);
	}
}

static void
numbers_are_cut_to_what_their_field_holds(void **state)
{
	const struct view whole[] = {BODY("\x2a\x0f\x12\x0d\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\x00"),
	    BODY("\x2a\x0d\x12\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
	    BODY("\x2a\x09\x12\x07\x10\x85\x80\x80\x80\x90\x01")};
	const int32_t integers[] = {0, -1, 5};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(whole); i++) {
		assert_int_equal(event_of(f, &whole[i], 1)->attributes[0]->value->ce_integer, integers[i]);
	}
	assert_ok(
	    DECODE(f, FRAME_PONG, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f")); // bits past the 64th are dropped
	assert_true(f->frame.u.pong->token == UINT64_MAX);
	assert_ok(DECODE(f, FRAME_PONG, "\x08\x85\x80\x80\x00"));
	assert_int_equal(f->frame.u.pong->token, 5);
	assert_ok(DECODE(f, FRAME_SETTLE, "\x1a\x02\x18\x4d")); // of a later version
	assert_int_equal(f->frame.u.settle->settlements[0]->outcome, 77);
	MALFORMED(f, FRAME_PONG, "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "token");
}

static void
a_bool_is_true_of_any_number_and_nothing_else(void **state)
{
	const struct {
		struct view body;
		bool is;
	} bodies[] = {{BODY("\x18\x01"), true}, {BODY("\x18\x02"), true}, {BODY("\x18\x80\x80\x01"), true},
	    {BODY("\x18\x80\x00"), false}, {BODY("\x18\x01\x18\x00"), false}};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(bodies); i++) {
		assert_ok(decode(f, FRAME_ERROR, bodies[i].body));
		assert_int_equal(f->frame.u.error->retry, bodies[i].is);
	}
	// protobuf-c takes them.
	MALFORMED(f, FRAME_ERROR, "\x1d\x00\x00\x01\x00", "retry");
	MALFORMED(f, FRAME_ERROR, "\x1a\x01\x01", "retry");
	MALFORMED(f, FRAME_ERROR, "\x19\x80\x80\x80\x80\x80\x80\x80\x80", "retry");
}

static void
unknown_fields_of_every_wire_type_are_dropped(void **state)
{
	const struct view unknown[] = {BODY("\x78\x80\x01"),
	    BODY("\x79"
		 "12345678"),
	    BODY("\x7a\x03\x08\x00\xff"),
	    BODY("\x7d"
		 "1234"),
	    BODY("\xf8\xff\xff\xff\x0f\x07"),
	    BODY("\xf8\x80\x80\x80\x00\x01")}; // the largest number, and one that is longer than it needs to be
	const struct view refused[] = {BODY("\x78\x80"),
	    BODY("\x79"
		 "1234567"),
	    BODY("\x7a\x03\x08\x00"),
	    BODY("\x7d"
		 "123"),
	    BODY("\x7b"), BODY("\x7c"), BODY("\x7e"), BODY("\x7f"), BODY("\x7a\x80\x80\x80\x80\x80\x00")};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(unknown); i++) {
		assert_ok(decode(f, FRAME_PONG, unknown[i]));
		assert_int_equal(f->frame.u.pong->base.n_unknown_fields, 0);
		assert_null(f->frame.u.pong->base.unknown_fields);
	}
	for (size_t i = 0; i < EN_COUNT_OF(refused); i++) {
		assert_malformed(f, FRAME_PONG, refused[i], "?");
	}
}

static void
a_tag_is_a_number_from_1_to_2_to_the_29(void **state)
{
	const struct view tags[] = {BODY("\x00\x00"), BODY("\x07\x00"), BODY("\x80\x00\x00"),
	    BODY("\x80\x80\x80\x80\x10\x00"), BODY("\xf8\xff\xff\xff\x1f\x00"), BODY("\xf8\x80\x80\x80\x80\x00\x01"),
	    BODY("\x88"), BODY("\x88\x80")};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(tags); i++) {
		assert_malformed(f, FRAME_PONG, tags[i], "");
	}
}

static void
a_wrong_wire_type_names_its_field(void **state)
{
	struct fixture *f = *state;

	MALFORMED(f, FRAME_HELLO, "\x08\x01", "client");
	MALFORMED(f, FRAME_HELLO, "\x10\x01", "subscriptions");
	MALFORMED(f, FRAME_HELLO, "\x20\x01", "features");
	MALFORMED(f, FRAME_HELLO, "\x2a\x01\x01", "max_frame_bytes");
	MALFORMED(f, FRAME_PONG,
	    "\x09"
	    "12345678",
	    "token");
	MALFORMED(f, FRAME_SCHEMA,
	    "\x1d"
	    "1234",
	    "descriptor_set");
	MALFORMED(f, FRAME_SETTLE,
	    "\x1a\x05\x1d"
	    "1234",
	    "settlements.outcome");
	MALFORMED(f, FRAME_PUBLISH, "\x0a\x02\x10\x01", "events.event");
}

static void
what_is_wrong_far_inside_is_named_from_the_outside(void **state)
{
	struct fixture *f = *state;

	MALFORMED(f, FRAME_PUBLISH, "\x0a\x05\x12\x03\x0a\x01\xff", "events.event.id");
	MALFORMED(f, FRAME_PUBLISH, "\x0a\x09\x12\x07\x2a\x05\x12\x03\x1a\x01", "events");
	MALFORMED(f, FRAME_PUBLISH, "\x0a\x09\x12\x07\x2a\x05\x12\x03\x1a\x01\x00",
	    "events.event.attributes.value.ce_string");
	MALFORMED(f, FRAME_PUBLISH, "\x0a\x05\x12\x03\x7b\x01\xff", "events.event.?");
	MALFORMED(f, FRAME_PUBLISH, "\x0a\x05\x12\x03\x0a\x02x", "events.event.id");
}

// Of every length: what is looked at eight bytes at a time, and what is left of it.
static void
text_is_utf8_without_a_nul_wherever_it_is(void **state)
{
	const struct {
		const char *text;
		bool is_text;
	} parts[] = {{"\xc3\xb1", true}, {"\xf0\x9f\x8c\xbd", true}, {"\x7f\x01", true}, {"\xc3", false},
	    {"\xed\xa0\x80", false}, {"\x80", false}};
	struct fixture *f = *state;
	struct buf body = BUF_EMPTY;
	char text[64];

	for (size_t len = 0; len < 40; len++) {
		for (size_t at = 0; at <= len; at++) {
			for (size_t i = 0; i < EN_COUNT_OF(parts); i++) {
				memset(text, 'x', sizeof(text));
				memcpy(text + at, parts[i].text, strlen(parts[i].text));
				text[len + strlen(parts[i].text)] = '\0';
				buf_clear(&body);
				buf_put_u8(&body, 1 << 3 | 2);
				buf_put_text(&body, view_text(text));
				assert_int_equal(
				    decode(f, FRAME_HELLO, buf_view(&body)), parts[i].is_text ? EN_OK : EN_EPROTOCOL);
				if (parts[i].is_text) {
					assert_string_equal(f->frame.u.hello->client, text);
				}
				body.data[2 + at] = '\0';
				assert_malformed(f, FRAME_HELLO, buf_view(&body), "client");
			}
		}
	}
	buf_fini(&body);
}

static void
bytes_borrow_from_the_frame(void **state)
{
	static const char frame[] = "EN1\x09\x1a\x03\x00\xff\x01";
	struct fixture *f = *state;

	assert_ok(frame_decode(view_of(frame, sizeof(frame) - 1), &f->arena, &f->frame, &f->reason, f->field));
	assert_ptr_equal(f->frame.u.schema->descriptor_set.data, frame + 6);
	assert_int_equal(f->frame.u.schema->descriptor_set.len, 3);
}

// Two bytes become a struct and a place in a list: more than a frame's bytes may cost, which is told before it is taken.
static void
empty_messages_do_not_cost_what_they_like(void **state)
{
	struct fixture *f = *state;
	struct buf body = BUF_EMPTY;

	for (size_t i = 0; i < LIMIT_FRAME_FIELDS; i++) {
		buf_put(&body, "\x4a\x00", 2);
	}
	assert_err(EN_EPROTOCOL, decode(f, FRAME_WELCOME, buf_view(&body)));
	assert_int_equal(f->reason, REASON_OVERSIZE);
	assert_string_equal(f->field, "subscriptions");
	assert_true(f->arena.used < 2 * (KIB(64) + 48 * body.len));
	buf_put(&body, "\x0a\x00", 2);
	assert_err(EN_EPROTOCOL,
	    decode(f, FRAME_SETTLE, buf_view(&body))); // one field too many, of those that are not known too
	assert_int_equal(f->reason, REASON_OVERSIZE);
	assert_string_equal(f->field, "");
	buf_fini(&body);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_is_absent_is_what_protobuf_c_says),
	    T(the_last_one_of_a_singular_field_wins),
	    T(a_message_in_pieces_is_merged),
	    T(a_oneof_is_what_came_last),
	    T(an_empty_text_of_a_oneof_is_one_also_when_it_is_sent_on),
	    T(a_message_of_a_oneof_is_merged_until_another_is_chosen),
	    T(lists_are_as_long_as_they_come),
	    T(numbers_come_packed_or_one_by_one),
	    T(numbers_are_cut_to_what_their_field_holds),
	    T(a_bool_is_true_of_any_number_and_nothing_else),
	    T(unknown_fields_of_every_wire_type_are_dropped),
	    T(a_tag_is_a_number_from_1_to_2_to_the_29),
	    T(a_wrong_wire_type_names_its_field),
	    T(what_is_wrong_far_inside_is_named_from_the_outside),
	    T(text_is_utf8_without_a_nul_wherever_it_is),
	    T(bytes_borrow_from_the_frame),
	    T(empty_messages_do_not_cost_what_they_like),
	};

	return cmocka_run_group_tests_name("wire/decode", tests, NULL, NULL);
}

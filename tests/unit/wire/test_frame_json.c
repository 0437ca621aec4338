// SPDX-License-Identifier: Apache-2.0
// The JSON form (PROTOCOL.md 13): generous with how a value is written, strict with what is no JSON object of the kind.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "unit/wire/kit.h"

static enum en_err
decode_view(struct fixture *f, enum frame_kind kind, struct view text)
{
	buf_clear(&f->bytes);
	buf_put(&f->bytes, (uint8_t[]){'E', 'J', '1', (uint8_t)kind}, 4);
	buf_put_view(&f->bytes, text);
	f->reason = REASON_NONE;
	f->field[0] = '\0';
	return frame_decode(arena_copy(&f->arena, buf_view(&f->bytes)), &f->arena, &f->frame, &f->reason, f->field);
}

static void
assert_malformed(struct fixture *f, enum frame_kind kind, const char *text, const char *field)
{
	assert_err(EN_EPROTOCOL, decode_view(f, kind, view_text(text)));
	assert_int_equal(f->reason, REASON_MALFORMED);
	if (field != NULL) {
		assert_string_equal(f->field, field);
	}
}

static void
both_names_and_all_number_forms_are_read(void **state)
{
	static const char *const texts[] = {
	    "{\"subscription\":\"s\",\"windowEvents\":8,\"windowBytes\":\"65536\"}",
	    "{\"subscription\":\"s\",\"window_events\":\"8\",\"window_bytes\":65536}",
	    " {\"windowEvents\":8.0,\"windowBytes\":6.5536e4,\"subscription\":\"\\u0073\"} ",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(texts); i++) {
		assert_ok(decode_view(f, FRAME_CREDIT, view_text(texts[i])));
		assert_string_equal(f->frame.u.credit->subscription, "s");
		assert_int_equal(f->frame.u.credit->window_events, 8);
		assert_int_equal(f->frame.u.credit->window_bytes, 65536);
	}
}

static void
enumerations_are_read_by_name_and_number(void **state)
{
	struct fixture *f = *state;

	assert_ok(
	    decode_view(f, FRAME_SETTLE, view_text("{\"settlements\":[{\"outcome\":\"LATER\"},{\"outcome\":2}]}")));
	assert_int_equal(f->frame.u.settle->settlements[0]->outcome, ENLACE__V1__OUTCOME__LATER);
	assert_int_equal(f->frame.u.settle->settlements[1]->outcome, ENLACE__V1__OUTCOME__LATER);
	assert_malformed(f, FRAME_SETTLE, "{\"settlements\":[{\"outcome\":\"PERHAPS\"}]}", "settlements[0].outcome");
}

static void
null_is_absent_and_64_bits_are_kept(void **state)
{
	struct fixture *f = *state;

	assert_ok(decode_view(f, FRAME_PONG, view_text("{\"token\":\"18446744073709551615\"}")));
	assert_true(f->frame.u.pong->token == UINT64_MAX);
	assert_ok(decode_view(f, FRAME_PONG, view_text("{\"token\":null}")));
	assert_int_equal(f->frame.u.pong->token, 0);
	assert_malformed(f, FRAME_PONG, "{\"token\":\"18446744073709551616\"}", "token");
	assert_malformed(f, FRAME_PONG, "{\"token\":-1}", "token");
	assert_malformed(f, FRAME_PONG, "{\"token\":1.5}", "token");
}

static void
a_value_of_another_kind_names_its_field(void **state)
{
	struct fixture *f = *state;

	assert_malformed(f, FRAME_HELLO, "{\"client\":{}}", "client");
	assert_malformed(f, FRAME_HELLO, "{\"subscriptions\":{}}", "subscriptions");
	assert_malformed(
	    f, FRAME_HELLO, "{\"subscriptions\":[{},{\"windowEvents\":\"x\"}]}", "subscriptions[1].window_events");
	assert_malformed(f, FRAME_PUBLISH, "{\"events\":[{\"supersedes\":\"yes\"}]}", "events[0].supersedes");
}

static void
twin_names_trailing_bytes_and_bombs_are_malformed(void **state)
{
	struct fixture *f = *state;
	struct buf bomb = BUF_EMPTY;

	assert_malformed(f, FRAME_PONG, "{\"token\":1,\"token\":2}", NULL);
	assert_malformed(f, FRAME_PONG, "{\"token\":1}{}", NULL);
	assert_malformed(f, FRAME_PONG, "{\"token\":1} x", NULL);
	assert_malformed(f, FRAME_PONG, "[]", NULL);
	assert_malformed(f, FRAME_PONG, "null", NULL);
	assert_malformed(f, FRAME_PONG, "{\"token\":", NULL);
	assert_malformed(f, FRAME_HELLO, "{\"client\":\"a\\u0000b\"}", NULL);
	assert_malformed(f, FRAME_HELLO, "{\"client\":\"\xc3\x28\"}", NULL);
	assert_malformed(f, FRAME_HELLO, "{\"client\":\"\\ud800\"}", NULL);
	buf_put_str(&bomb, "{\"x\":");
	for (int i = 0; i < 100000; i++) {
		buf_put_u8(&bomb, '[');
	}
	assert_err(EN_EPROTOCOL, decode_view(f, FRAME_PONG, buf_view(&bomb)));
	buf_fini(&bomb);
}

static void
a_frame_nests_as_deep_as_it_may_and_no_deeper(void **state)
{
	struct fixture *f = *state;

	for (int depth = LIMIT_CONTROL_DEPTH; depth <= LIMIT_CONTROL_DEPTH + 1; depth++) {
		struct buf text = BUF_EMPTY;

		buf_put_str(&text, "{\"x\":"); // one level, whose other levels nobody knows
		for (int i = 1; i < depth; i++) {
			buf_put_u8(&text, '[');
		}
		for (int i = 1; i < depth; i++) {
			buf_put_u8(&text, ']');
		}
		buf_put_u8(&text, '}');
		if (depth == LIMIT_CONTROL_DEPTH) {
			assert_ok(decode_view(f, FRAME_PONG, buf_view(&text)));
		} else {
			assert_malformed(f, FRAME_PONG, buf_cstr(&text), NULL);
		}
		buf_fini(&text);
	}
}

// The record of the index-th event of a PUBLISH.
static const char *
record(struct fixture *f, const char *text, size_t index)
{
	assert_ok(decode_view(f, FRAME_PUBLISH, view_text(text)));
	assert_true(index < f->frame.u.publish->n_events);
	return f->frame.u.publish->events[index]->event->text_data;
}

static void
a_record_stands_in_data_as_it_was_written(void **state)
{
	static const char *const values[] = {"{\"FOLIO_ACTA\":\"0012\",\"EDAD\":13.50}",
	    "{ \"a\" : [ 1.10 , \"}]\\\"\" ] }", "12345678901234567890123", "\"text\"", "null", "[]",
	    "{\"event\":{\"data\":1}}"};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(values); i++) {
		assert_string_equal(
		    record(f,
			arena_printf(&f->arena, "{\"events\":[{\"event\":{\"id\":\"e\",\"data\":%s}}]}", values[i]), 0),
		    values[i]);
		assert_string_equal(f->frame.u.publish->events[0]->event->id, "e");
	}
}

static void
each_event_has_its_own_record(void **state)
{
	struct fixture *f = *state;
	const char *text =
	    "{\"x\":{\"event\":{\"data\":\"stranger\"}},\"events\":[{\"event\":{\"d\\u0061ta\" : 1 , \"id\":\"a\"}},"
	    "{\"event\":{\"id\":\"b\"}},{\"\\u0065vent\": {\"data\":2}}]}";

	assert_string_equal(record(f, text, 0), "1");
	assert_null(record(f, text, 1));
	assert_string_equal(record(f, text, 2), "2");
	assert_malformed(f, FRAME_PUBLISH, "{\"events\":[{\"event\":{\"data\":1,\"d\\u0061ta\":2}}]}", NULL);
}

static void
a_record_that_does_not_end_is_malformed(void **state)
{
	static const char *const values[] = {"", "{", "[1", "\"x", "\"x\\\"", "{\"a\":\"}", "1"};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(values); i++) {
		assert_malformed(
		    f, FRAME_PUBLISH, arena_printf(&f->arena, "{\"events\":[{\"event\":{\"data\":%s", values[i]), NULL);
	}
	assert_malformed(f, FRAME_PUBLISH, "{\"events\":[{\"event\":{\"data\":}}]}", NULL);
	assert_malformed(f, FRAME_PUBLISH, "{\"events\":[{\"event\":{\"data\":\"\xc3\x28\"}}]}", NULL);
}

// Digits behind a record are not those of its number among the records.
static void
nothing_stands_between_a_record_and_what_comes_next(void **state)
{
	static const char *const behind[] = {"5", ".5", "e1", "{}", "\"x\""};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(behind); i++) {
		struct buf text = BUF_EMPTY;

		buf_printf(&text, "{\"events\":[{\"event\":{\"data\":0}},{\"event\":{\"data\":{}%s}}", behind[i]);
		for (int more = 0; more < 16; more++) {
			buf_put_str(&text, ",{\"event\":{\"data\":\"another's\"}}");
		}
		buf_put_str(&text, "]}");
		assert_malformed(f, FRAME_PUBLISH, buf_cstr(&text), NULL);
		buf_fini(&text);
	}
}

// What an event lacks is for admission to tell, event by event.
static void
attributes_of_an_event_may_be_null(void **state)
{
	struct fixture *f = *state;

	assert_ok(decode_view(f, FRAME_PUBLISH,
	    view_text("{\"events\":[{\"event\":{\"id\":null,\"source\":null,\"type\":null,\"specversion\":null,"
		      "\"subject\":null,\"data_base64\":null}}]}")));
	const Io__Cloudevents__V1__CloudEvent *event = f->frame.u.publish->events[0]->event;

	assert_string_equal(event->id, "");
	assert_string_equal(event->source, "");
	assert_string_equal(event->type, "");
	assert_string_equal(event->spec_version, "");
	assert_int_equal(event->n_attributes, 0);
	assert_int_equal(event->data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA__NOT_SET);
}

// ENL-029: whichever comes first, so that none of two records is dropped without a word.
static void
bytes_beside_a_record_are_what_admission_sees(void **state)
{
	static const char *const members[] = {
	    "\"data\":{},\"data_base64\":\"AA==\"", "\"data_base64\":\"AA==\",\"data\":{}"};
	struct fixture *f = *state;

	for (size_t i = 0; i < EN_COUNT_OF(members); i++) {
		assert_ok(decode_view(f, FRAME_PUBLISH,
		    view_text(arena_printf(&f->arena, "{\"events\":[{\"event\":{%s}}]}", members[i]))));
		assert_int_equal(f->frame.u.publish->events[0]->event->data_case,
		    IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA);
	}
}

// A field costs a parser of JSON many times its two bytes.
static void
a_frame_has_as_many_fields_as_it_may_and_no_more(void **state)
{
	struct fixture *f = *state;

	for (size_t past = 0; past <= 1; past++) {
		struct buf text = BUF_EMPTY;

		buf_put_str(&text, "{\"features\":[0"); // a brace, a colon and a bracket
		for (size_t i = 3; i < LIMIT_FRAME_FIELDS + past; i++) {
			buf_put_str(&text, ",0");
		}
		buf_put_str(&text, "]}");
		assert_err(EN_EPROTOCOL, decode_view(f, FRAME_HELLO, buf_view(&text)));
		assert_int_equal(f->reason, past == 0 ? REASON_MALFORMED : REASON_OVERSIZE); // 0 is no text
		buf_fini(&text);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(both_names_and_all_number_forms_are_read),
	    T(enumerations_are_read_by_name_and_number),
	    T(null_is_absent_and_64_bits_are_kept),
	    T(a_value_of_another_kind_names_its_field),
	    T(twin_names_trailing_bytes_and_bombs_are_malformed),
	    T(a_frame_nests_as_deep_as_it_may_and_no_deeper),
	    T(a_record_stands_in_data_as_it_was_written),
	    T(each_event_has_its_own_record),
	    T(a_record_that_does_not_end_is_malformed),
	    T(nothing_stands_between_a_record_and_what_comes_next),
	    T(attributes_of_an_event_may_be_null),
	    T(bytes_beside_a_record_are_what_admission_sees),
	    T(a_frame_has_as_many_fields_as_it_may_and_no_more),
	};

	return cmocka_run_group_tests_name("wire/frame_json", tests, NULL, NULL);
}

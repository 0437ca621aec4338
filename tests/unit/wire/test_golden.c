// SPDX-License-Identifier: Apache-2.0
// The golden frames of schemas/golden/ (PROTOCOL.md 16), which another implementation of protobuf made: each is decoded in
// both forms, both say the same, and what we encode of it is decoded to the same again.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema/json.h"
#include "support/support.h"
#include "wire/frame.h"

struct fixture {
	struct arena arena;
	struct schema *schema;
	struct buf bytes, other;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct findings findings;

	findings_init(&findings);
	assert_ok(schema_load_folder("build/schemas", &findings, &f->schema));
	findings_fini(&findings);
	arena_init(&f->arena, 0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_fini(&f->arena);
	schema_unref(&f->schema);
	buf_fini(&f->bytes);
	buf_fini(&f->other);
	free(f);
	return 0;
}

static char *
golden(uint8_t kind, const char *ending)
{
	char path[64], lower[16] = "";
	const char *name = frame_kind_name(kind);

	for (size_t i = 0; name[i] != '\0'; i++) {
		lower[i] = (char)tolower((unsigned char)name[i]);
	}
	snprintf(path, sizeof(path), "schemas/golden/%02u-%s.%s", kind, lower, ending);
	return test_read(path, NULL);
}

// Lines of hexadecimal digits; one that begins with '#' is a comment.
static void
put_hex(struct buf *out, const char *text)
{
	unsigned int byte;

	while (*text != '\0') {
		if (*text == '#') {
			text += strcspn(text, "\n");
		} else if (isspace((unsigned char)*text)) {
			text++;
		} else {
			assert_int_equal(sscanf(text, "%2x", &byte), 1);
			buf_put_u8(out, (uint8_t)byte);
			text += 2;
		}
	}
}

static void
decode(struct fixture *f, struct view bytes, struct frame *ret)
{
	char field[128] = "";
	enum reason reason = REASON_NONE;

	assert_ok(frame_decode(arena_copy(&f->arena, bytes), &f->arena, ret, &reason, field));
}

static void
decode_golden(struct fixture *f, uint8_t kind, uint8_t form, struct frame *ret)
{
	char *text = golden(kind, form == FRAME_FORM_JSON ? "json" : "hex");

	buf_clear(&f->bytes);
	if (form == FRAME_FORM_JSON) {
		buf_put(&f->bytes, (uint8_t[]){'E', 'J', '1', kind}, 4);
		buf_put_str(&f->bytes, text);
	} else {
		put_hex(&f->bytes, text);
	}
	decode(f, buf_view(&f->bytes), ret);
	assert_int_equal(ret->kind, kind);
	assert_int_equal(ret->form, form);
	free(text);
}

// A record in JSON becomes the payload that it stands for, so that both forms can be compared.
static void
take_record(struct fixture *f, Io__Cloudevents__V1__CloudEvent *e)
{
	static const struct json_options options = {.lenient = true};
	const struct schema_type *type = schema_type_by_name(f->schema, e->type);
	struct buf payload = BUF_EMPTY;
	struct json_fault fault;
	struct view kept;

	assert_non_null(type);
	if (e->data_case == IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA) {
		return;
	}
	assert_int_equal(e->data_case, IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_TEXT_DATA);
	assert_ok(json_to_payload(type, view_text(e->text_data), &options, &payload, NULL, &fault));
	kept = arena_copy(&f->arena, buf_view(&payload));
	e->data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA;
	e->binary_data.data = (uint8_t *)(uintptr_t)kept.data;
	e->binary_data.len = kept.len;
	buf_fini(&payload);
}

static void
take_records(struct fixture *f, const struct frame *frame)
{
	for (size_t i = 0; frame->kind == FRAME_PUBLISH && i < frame->u.publish->n_events; i++) {
		take_record(f, frame->u.publish->events[i]->event);
	}
	for (size_t i = 0; frame->kind == FRAME_DELIVER && i < frame->u.deliver->n_deliveries; i++) {
		take_record(f, frame->u.deliver->deliveries[i]->event);
	}
}

static void
encode(const struct frame *frame, uint8_t form, struct buf *out)
{
	buf_clear(out);
	assert_ok(frame_encode(form, (enum frame_kind)frame->kind, frame->u.any, out));
}

static void
both_forms_of_every_kind_say_the_same(void **state)
{
	struct fixture *f = *state;

	for (uint8_t kind = FRAME_HELLO; kind <= FRAME_ERROR; kind++) {
		struct frame protobuf, json;

		decode_golden(f, kind, FRAME_FORM_PROTOBUF, &protobuf);
		decode_golden(f, kind, FRAME_FORM_JSON, &json);
		take_records(f, &json);
		encode(&protobuf, FRAME_FORM_PROTOBUF, &f->bytes);
		encode(&json, FRAME_FORM_PROTOBUF, &f->other);
		if (!view_equal(buf_view(&f->bytes), buf_view(&f->other))) {
			fail_msg("the two forms of %s differ", frame_kind_name(kind));
		}
	}
}

static void
what_we_encode_of_form_n_is_what_google_encodes(void **state)
{
	struct fixture *f = *state;

	for (uint8_t kind = FRAME_HELLO; kind <= FRAME_ERROR; kind++) {
		char *text = golden(kind, "hex");
		struct frame frame;

		decode_golden(f, kind, FRAME_FORM_PROTOBUF, &frame);
		buf_clear(&f->other);
		put_hex(&f->other, text);
		encode(&frame, FRAME_FORM_PROTOBUF, &f->bytes);
		if (!view_equal(buf_view(&f->bytes), buf_view(&f->other))) {
			fail_msg("%s is encoded otherwise", frame_kind_name(kind));
		}
		free(text);
	}
}

static void
what_we_encode_of_form_j_is_read_as_the_same(void **state)
{
	struct fixture *f = *state;

	for (uint8_t kind = FRAME_HELLO; kind <= FRAME_ERROR; kind++) {
		struct frame first, again;

		decode_golden(f, kind, FRAME_FORM_JSON, &first);
		encode(&first, FRAME_FORM_JSON, &f->bytes);
		decode(f, buf_view(&f->bytes), &again);
		encode(&again, FRAME_FORM_JSON, &f->other);
		if (!view_equal(buf_view(&f->bytes), buf_view(&f->other))) {
			fail_msg("%s in JSON is not stable", frame_kind_name(kind));
		}
	}
}

// Of every beginning of every golden frame, in memory of its own so that a sanitizer sees one byte too many: what protobuf-c refuses is refused, and what
// it takes is taken for the same.
static void
a_frame_cut_anywhere_is_what_protobuf_c_says(void **state)
{
	struct fixture *f = *state;
	char field[128] = "";
	enum reason reason;

	for (uint8_t kind = FRAME_HELLO; kind <= FRAME_ERROR; kind++) {
		char *text = golden(kind, "hex");
		struct frame whole, cut;

		buf_clear(&f->bytes);
		put_hex(&f->bytes, text);
		decode(f, buf_view(&f->bytes), &whole);
		for (size_t len = FRAME_PREAMBLE_BYTES; len <= f->bytes.len; len++) {
			uint8_t *exact = malloc(len), *packed;
			ProtobufCMessage *oracle = protobuf_c_message_unpack(whole.u.any->descriptor, NULL,
			    len - FRAME_PREAMBLE_BYTES, f->bytes.data + FRAME_PREAMBLE_BYTES);

			memcpy(exact, f->bytes.data, len);
			assert_err(oracle == NULL ? EN_EPROTOCOL : EN_OK,
			    frame_decode(view_of(exact, len), &f->arena, &cut, &reason, field));
			if (oracle == NULL) {
				assert_int_equal(reason, REASON_MALFORMED);
			} else {
				encode(&cut, FRAME_FORM_PROTOBUF, &f->other);
				packed = malloc(protobuf_c_message_get_packed_size(oracle) + 1);
				assert_true(view_equal(view_of(packed, protobuf_c_message_pack(oracle, packed)),
				    view_of(
					f->other.data + FRAME_PREAMBLE_BYTES, f->other.len - FRAME_PREAMBLE_BYTES)));
				free(packed);
				protobuf_c_message_free_unpacked(oracle, NULL);
			}
			free(exact);
		}
		free(text);
	}
}

// Spot checks against PROTOCOL.md, so that all agreeing on nothing is no pass.
static void
the_values_are_those_of_the_text(void **state)
{
	struct fixture *f = *state;
	struct frame frame;

	decode_golden(f, FRAME_PONG, FRAME_FORM_PROTOBUF, &frame);
	assert_int_equal(frame.u.pong->token, 7);
	decode_golden(f, FRAME_SETTLE, FRAME_FORM_JSON, &frame);
	assert_int_equal(frame.u.settle->settlements[1]->outcome, ENLACE__V1__OUTCOME__LATER);
	assert_int_equal(frame.u.settle->settlements[0]->last, 64640);
	decode_golden(f, FRAME_PUBLISH, FRAME_FORM_JSON, &frame);
	assert_true(frame.u.publish->events[1]->supersedes);
	assert_string_equal(event_attribute(frame.u.publish->events[0]->event, "partitionkey"), "case-7");
	decode_golden(f, FRAME_SCHEMA, FRAME_FORM_JSON, &frame);
	assert_memory_equal(frame.u.schema->descriptor_set.data, "\x0a\x00\xff", 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(both_forms_of_every_kind_say_the_same, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_we_encode_of_form_n_is_what_google_encodes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_we_encode_of_form_j_is_read_as_the_same, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_frame_cut_anywhere_is_what_protobuf_c_says, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_values_are_those_of_the_text, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("wire/golden", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Form N as it is written, beside protobuf-c's own encoder.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "support/support.h"
#include "wire/frame.h"

static void
assert_as_protobuf_c(enum frame_kind kind, const ProtobufCMessage *message)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *expected = malloc(size + 1);
	struct buf out = BUF_EMPTY;

	assert_int_equal(protobuf_c_message_pack(message, expected), size);
	assert_ok(frame_encode(FRAME_FORM_PROTOBUF, kind, message, &out));
	assert_int_equal(out.len, FRAME_PREAMBLE_BYTES + size);
	assert_memory_equal(out.data + FRAME_PREAMBLE_BYTES, expected, size);
	buf_fini(&out);
	free(expected);
}

// Lengths of one, two and three bytes, in messages that lie in each other: each moves up what is longer than its place.
static void
lengths_around_their_steps_are_written_as_they_should_be(void **state)
{
	static const size_t around[] = {0, 128, 16384};
	uint8_t *payload = calloc(1, 17000);

	(void)state;
	for (size_t step = 0; step < EN_COUNT_OF(around); step++) {
		for (size_t i = 0; i < 120; i++) {
			Io__Cloudevents__V1__CloudEvent event;
			Enlace__V1__Event one = ENLACE__V1__EVENT__INIT, *list[] = {&one, &one};
			Enlace__V1__Publish publish = ENLACE__V1__PUBLISH__INIT;

			io__cloudevents__v1__cloud_event__init(&event);
			event.id = (char *)(uintptr_t) "e";
			event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_BINARY_DATA;
			event.binary_data.data = payload;
			event.binary_data.len = around[step] + i < 60 ? i : around[step] + i - 60;
			one.sequence = UINT64_MAX - i;
			one.event = &event;
			publish.n_events = 2;
			publish.events = list;
			assert_as_protobuf_c(FRAME_PUBLISH, &publish.base);
		}
	}
	free(payload);
}

static void
numbers_of_every_kind_are_written_as_they_should_be(void **state)
{
	Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue value;
	Io__Cloudevents__V1__CloudEvent__AttributesEntry entry =
	    IO__CLOUDEVENTS__V1__CLOUD_EVENT__ATTRIBUTES_ENTRY__INIT;
	Io__Cloudevents__V1__CloudEvent__AttributesEntry *entries[] = {&entry};
	Io__Cloudevents__V1__CloudEvent event;
	Google__Protobuf__Timestamp moment = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
	Enlace__V1__Delivery one = ENLACE__V1__DELIVERY__INIT, *list[] = {&one};
	Enlace__V1__Deliver deliver = ENLACE__V1__DELIVER__INIT;
	Enlace__V1__Answer answer = ENLACE__V1__ANSWER__INIT, *answers[] = {&answer};
	Enlace__V1__Published published = ENLACE__V1__PUBLISHED__INIT;

	(void)state;
	io__cloudevents__v1__cloud_event__init(&event);
	io__cloudevents__v1__cloud_event__cloud_event_attribute_value__init(&value);
	event.n_attributes = 1;
	event.attributes = entries;
	entry.key = (char *)(uintptr_t) "k";
	entry.value = &value;
	one.event = &event;
	one.replay = true;
	one.first_seen_ms = INT64_MIN;
	one.attempt = UINT32_MAX;
	deliver.n_deliveries = 1;
	deliver.deliveries = list;
	assert_as_protobuf_c(FRAME_DELIVER, &deliver.base); // no member of the value is chosen
	value.attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_INTEGER;
	value.ce_integer = -1;
	assert_as_protobuf_c(FRAME_DELIVER, &deliver.base);
	value.ce_integer = 0; // chosen, and so written though it is 0
	assert_as_protobuf_c(FRAME_DELIVER, &deliver.base);
	value.attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_BOOLEAN;
	value.ce_boolean = 7;
	assert_as_protobuf_c(FRAME_DELIVER, &deliver.base);
	value.attr_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP;
	value.ce_timestamp = &moment;
	moment.seconds = -62135596800;
	moment.nanos = 999999999;
	assert_as_protobuf_c(FRAME_DELIVER, &deliver.base);
	answer.verdict = (Enlace__V1__Verdict)-3; // a number that nobody knows
	published.n_answers = 1;
	published.answers = answers;
	assert_as_protobuf_c(FRAME_PUBLISHED, &published.base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lengths_around_their_steps_are_written_as_they_should_be),
	    cmocka_unit_test(numbers_of_every_kind_are_written_as_they_should_be),
	};

	return cmocka_run_group_tests_name("wire/encode", tests, NULL, NULL);
}

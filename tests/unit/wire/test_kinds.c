// SPDX-License-Identifier: Apache-2.0
// What decode.c and encode.c take for granted of our messages: a field of another kind would be read as nothing, or not be written.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/support.h"
#include "wire/frame.h"

#define DEPTH_MAX 16

static void
assert_known(const ProtobufCMessageDescriptor *type, size_t depth)
{
	static const bool is_known[] = {
	    [PROTOBUF_C_TYPE_INT32] = true,
	    [PROTOBUF_C_TYPE_INT64] = true,
	    [PROTOBUF_C_TYPE_UINT32] = true,
	    [PROTOBUF_C_TYPE_UINT64] = true,
	    [PROTOBUF_C_TYPE_BOOL] = true,
	    [PROTOBUF_C_TYPE_ENUM] = true,
	    [PROTOBUF_C_TYPE_STRING] = true,
	    [PROTOBUF_C_TYPE_BYTES] = true,
	    [PROTOBUF_C_TYPE_MESSAGE] = true,
	};

	assert_true(depth < DEPTH_MAX); // no message stands in itself
	for (unsigned int i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];

		// Not optional: that would be another place which says whether it is there.
		assert_true(field->label == PROTOBUF_C_LABEL_NONE || field->label == PROTOBUF_C_LABEL_REPEATED);
		assert_true(field->type < EN_COUNT_OF(is_known) && is_known[field->type]);
		if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
			assert_known(field->descriptor, depth + 1);
		}
	}
}

static void
every_field_of_every_kind_is_one_that_both_walks_know(void **state)
{
	enum reason reason = REASON_NONE;
	struct arena arena;
	char field[128];

	(void)state;
	arena_init(&arena, 0);
	for (uint8_t kind = FRAME_HELLO; kind <= FRAME_ERROR; kind++) {
		const uint8_t empty[] = {'E', 'N', '1', kind};
		struct frame frame;

		assert_ok(frame_decode(view_of(empty, sizeof(empty)), &arena, &frame, &reason, field));
		assert_known(frame.u.any->descriptor, 0);
	}
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_field_of_every_kind_is_one_that_both_walks_know),
	};

	return cmocka_run_group_tests_name("wire/kinds", tests, NULL, NULL);
}

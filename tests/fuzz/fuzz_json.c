// SPDX-License-Identifier: Apache-2.0
// Any text as the JSON of a record. Checked besides memory: what is refused has a place in the text; what is taken is a
// payload that the index takes too, and writing and reading it once more changes nothing.
// `make fuzz FUZZ=json` runs it.
#include "fuzz/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_taken(const struct schema_type *type, struct view payload)
{
	static const struct json_options options = {.lenient = true};
	struct buf json = BUF_EMPTY, again = BUF_EMPTY, twice = BUF_EMPTY;
	struct json_fault fault;

	require(json_from_payload(type, payload, &options, &json, &fault) == EN_OK);
	require(view_is_utf8(buf_view(&json)));
	require(json_to_payload(type, buf_view(&json), &options, &again, NULL, &fault) == EN_OK);
	require(json_from_payload(type, buf_view(&again), &options, &twice, &fault) == EN_OK);
	require(view_equal(buf_view(&json), buf_view(&twice)));
	buf_fini(&json);
	buf_fini(&again);
	buf_fini(&twice);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_options options = {.lenient = size % 2 == 0, .ignore_unknown = size % 3 == 0};
	struct buf payload = BUF_EMPTY, unknown = BUF_EMPTY;
	struct json_fault fault = {.err = EN_OK};
	const struct schema_type *type;
	struct view text;
	enum en_err err;

	type = fuzz_type(data, size, &text);
	err = json_to_payload(type, text, &options, &payload, &unknown, &fault);
	if (err == EN_OK) {
		check_taken(type, buf_view(&payload));
	} else {
		require(err != EN_ENOMEM && strnlen(fault.path, sizeof(fault.path)) < sizeof(fault.path));
		require(view_is_utf8(view_text(fault.path)));
	}
	buf_fini(&payload);
	buf_fini(&unknown);
	return 0;
}

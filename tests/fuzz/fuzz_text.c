// SPDX-License-Identifier: Apache-2.0
// Any text as protobuf text format. Checked besides memory: what is refused has a place in the text; what is taken is a payload that the index takes too,
// and writing and reading it once more changes nothing.
// `make fuzz FUZZ=text` runs it.
#include "fuzz/payload.h"

#include "base/limits.h"
#include "schema/text_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_taken(const struct schema_type *type, struct view payload)
{
	struct buf text = BUF_EMPTY, again = BUF_EMPTY, twice = BUF_EMPTY;
	struct json_fault fault;
	struct index ix;

	index_init(&ix);
	ix.depth_max = LIMIT_CODEC_DEPTH;
	if (index_build(&ix, type, payload, NULL) != EN_OK) {
		require(payload.len > LIMIT_PAYLOAD_FIELDS); // more fields than one payload may have
		index_fini(&ix);
		return;
	}
	require(text_from_index(&ix, 0, false, &text) == EN_OK && view_is_utf8(buf_view(&text)));
	require(text_to_payload(type, buf_view(&text), &again, &fault) == EN_OK);
	require(index_build(&ix, type, buf_view(&again), NULL) == EN_OK);
	require(text_from_index(&ix, 0, false, &twice) == EN_OK && view_equal(buf_view(&text), buf_view(&twice)));
	buf_fini(&text);
	buf_fini(&again);
	buf_fini(&twice);
	index_fini(&ix);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_fault fault = {.err = EN_OK};
	struct buf payload = BUF_EMPTY;
	struct view text;
	const struct schema_type *type = fuzz_type(data, size, &text);
	enum en_err err = text_to_payload(type, text, &payload, &fault);

	if (err == EN_OK) {
		check_taken(type, buf_view(&payload));
	} else {
		require(err != EN_ENOMEM && fault.line > 0 && fault.column > 0);
		require(strnlen(fault.path, sizeof(fault.path)) < sizeof(fault.path));
	}
	buf_fini(&payload);
	return 0;
}

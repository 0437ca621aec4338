// SPDX-License-Identifier: Apache-2.0
// Any bytes as a payload. Checked besides memory: what is refused has a reason and a place; what is taken is encoded in
// one canonical way, which is taken again and encoded the same; and it can be written as JSON that is read again.
// `make fuzz FUZZ=index` runs it.
#include "fuzz/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
build_and_encode(struct index *ix, const struct schema_type *type, struct view payload, struct buf *out)
{
	struct index_fault fault = {.err = EN_OK};

	require(index_build(ix, type, payload, &fault) == EN_OK);
	require(index_encode(ix, 0, out) == EN_OK);
}

static void
check_json(const struct index *ix, const struct schema_type *type)
{
	static const struct json_options options = {.lenient = true};
	struct buf json = BUF_EMPTY, bytes = BUF_EMPTY;
	struct json_fault fault;
	enum en_err err = json_from_index(ix, 0, &options, &json);

	// Times past what JSON can say are refused; what is said is JSON that the same schema reads.
	if (err == EN_OK) {
		require(view_is_utf8(buf_view(&json)));
		require(json_to_payload(type, buf_view(&json), &options, &bytes, NULL, &fault) == EN_OK);
	}
	buf_fini(&json);
	buf_fini(&bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf first = BUF_EMPTY, second = BUF_EMPTY;
	struct index_fault fault = {.err = EN_OK};
	const struct schema_type *type;
	struct view payload;
	struct index ix;
	enum en_err err;

	type = fuzz_type(data, size, &payload);
	index_init(&ix);
	err = index_build(&ix, type, payload, &fault);
	if (err != EN_OK) {
		require(err == fault.err && err != EN_ENOMEM && fault.offset <= payload.len);
		require(strnlen(fault.path, sizeof(fault.path)) < sizeof(fault.path));
	} else {
		check_json(&ix, type);
		require(index_encode(&ix, 0, &first) == EN_OK);
		build_and_encode(&ix, type, buf_view(&first), &second);
		require(view_equal(buf_view(&first), buf_view(&second)));
	}
	index_fini(&ix);
	buf_fini(&first);
	buf_fini(&second);
	return 0;
}

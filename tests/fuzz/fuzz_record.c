// SPDX-License-Identifier: Apache-2.0
// Any cells as a flat record: a line with the name of a type, then a line for each cell, its name and its value with a tab between.
// Checked besides memory: what is taken is a payload that the index takes too, and its cells give the same payload again.
// `make fuzz FUZZ=record` runs it.
#include "fuzz/payload.h"
#include "schema/record.h"

enum { CELLS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
cells_of(struct view text, struct record_cell cells[static CELLS])
{
	size_t count = 0;

	while (text.len > 0 && count < CELLS) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		struct view line = view_of(text.data, end == NULL ? text.len : (size_t)(end - text.data));
		const uint8_t *tab = line.len == 0 ? NULL : memchr(line.data, '\t', line.len);
		size_t name = tab == NULL ? line.len : (size_t)(tab - line.data);

		cells[count++] = (struct record_cell){.name = view_of(line.data, name),
		    .value = tab == NULL ? VIEW_EMPTY : view_of(tab + 1, line.len - name - 1)};
		text = end == NULL ? VIEW_EMPTY : view_of(end + 1, text.len - line.len - 1);
	}
	return count;
}

static void
check_taken(const struct schema_type *type, struct view payload)
{
	struct buf again = BUF_EMPTY, other = BUF_EMPTY;
	struct record_fault fault;
	struct index_fault index_fault;
	struct record_cell *cells, *once_more;
	struct index ix;
	struct arena arena;
	size_t count, count_more;

	arena_init(&arena, 0);
	index_init(&ix);
	require(index_build(&ix, type, payload, &index_fault) == EN_OK);
	require(record_from_payload(type, payload, &arena, &cells, &count, &fault) == EN_OK);
	require(record_to_payload(type, cells, count, false, &again, &fault) == EN_OK);
	require(record_from_payload(type, buf_view(&again), &arena, &once_more, &count_more, &fault) == EN_OK);
	require(count == count_more);
	for (size_t i = 0; i < count; i++) {
		require(view_equal(cells[i].value, once_more[i].value));
	}
	index_fini(&ix);
	arena_fini(&arena);
	buf_fini(&again);
	buf_fini(&other);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_cell cells[CELLS];
	struct record_fault fault = {.err = EN_OK};
	struct buf payload = BUF_EMPTY;
	struct view text;
	const struct schema_type *type = fuzz_type(data, size, &text);
	size_t count = cells_of(text, cells);
	enum en_err err = record_to_payload(type, cells, count, size % 2 == 0, &payload, &fault);

	if (err == EN_OK) {
		check_taken(type, buf_view(&payload));
	} else {
		require(err != EN_ENOMEM && strnlen(fault.column, sizeof(fault.column)) < sizeof(fault.column));
		require(strnlen(fault.hint, sizeof(fault.hint)) < sizeof(fault.hint));
	}
	buf_fini(&payload);
	return 0;
}

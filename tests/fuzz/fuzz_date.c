// SPDX-License-Identifier: Apache-2.0
// Any bytes as a date format and a text: the first line is the format, the rest the text. Checked besides memory: a format is either read or
// says what is wrong with it, and a date that was read is written back to the very text that it was read from.
// `make fuzz FUZZ=date` runs it.

#include "fuzz/require.h"
#include "map/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Whether one date has several texts.
static bool
has_ways(const struct date_format *f)
{
	uint32_t i = 0;

	while (i < f->piece_count && f->pieces[i].form < DATE_LOOSE) {
		i++;
	}
	return i < f->piece_count;
}

static void
check_text(const struct date_format *f, struct view text)
{
	struct date_value v;
	char again[DATE_TEXT_BYTES];

	if (!date_read(f, text, &v)) {
		return;
	}
	size_t len = date_write(f, &v, again);
	struct date_value once_more;

	require(len > 0 && len < sizeof(again) && date_formats_overlap(f, f));
	require(date_read(f, view_of(again, len), &once_more) && memcmp(&once_more, &v, sizeof(v)) == 0);
	// +00:00 says the same as Z, which is what is written; so do 05 and 5, MAY and mayo.
	if ((v.parts[DATE_ZONE] != 0 || (f->has & DATE_HAS(DATE_ZONE)) == 0) && !has_ways(f)) {
		require(view_equal(view_of(again, len), text));
	}
	if (v.parts[DATE_DAY] > 0) {
		int64_t wall = date_to_wall(&v);
		struct date_value back = date_from_wall(wall, v.parts[DATE_ZONE]);

		require(memcmp(back.parts, v.parts, sizeof(v.parts)) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size == 0 ? NULL : memchr(data, '\n', size);
	const char *problem = NULL, *hint = NULL;
	struct date_format format;
	struct arena arena;

	if (newline == NULL || memchr(data, '\0', (size_t)(newline - data)) != NULL) {
		return 0;
	}
	arena_init(&arena, 0);
	const char *text = arena_text(&arena, view_of(data, (size_t)(newline - data)));
	enum en_err err = text == NULL ? EN_ENOMEM : date_format_parse(text, &arena, &format, &problem, &hint);

	require(err == EN_OK || (err == EN_EFORMAT && problem != NULL && hint != NULL) || err == EN_ENOMEM);
	if (err == EN_OK) {
		check_text(&format, view_of(newline + 1, size - (size_t)(newline - data) - 1));
	}
	arena_fini(&arena);
	return 0;
}

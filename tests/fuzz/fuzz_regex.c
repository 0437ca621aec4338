// SPDX-License-Identifier: Apache-2.0
// Any bytes as a pattern and a text: the first line is the pattern, the rest the text. Checked besides memory: a pattern is either taken or says where it is
// wrong; a search ends within its budget; the pattern in a group, beside nothing, and behind what matches everything finds the same.
// `make fuzz FUZZ=regex` runs it.

#include "expr/regex.h"
#include "fuzz/require.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A piece lies in the text, from one character to another, and is there only where the pattern is found.
static void
find_piece(struct arena *a, const struct regex *re, struct view text, bool found)
{
	uint64_t cost = 1000000;
	struct view piece;
	enum en_err err = regex_find(re, text, 0, a, &cost, &piece);

	require(err == EN_OK || err == EN_ELIMIT);
	if (err != EN_OK || piece.len == 0) {
		return;
	}
	require(
	    found && piece.data >= text.data && piece.data + piece.len <= text.data + text.len && view_is_utf8(piece));
}

// 1 found, 0 not, -1 refused or over budget.
static int
find(struct arena *a, struct view pattern, struct view text, bool must_compile)
{
	const struct regex *re = NULL;
	const char *problem = NULL;
	uint64_t cost = 1000000;
	bool found = false;
	size_t at = 0;
	enum en_err err = regex_compile(pattern, a, &re, &at, &problem);

	if (err != EN_OK) {
		require(problem != NULL && at <= pattern.len && (!must_compile || err == EN_ELIMIT));
		return -1;
	}
	err = regex_match(re, text, a, &cost, &found);
	require(err == EN_OK || err == EN_ELIMIT);
	if (err == EN_OK) {
		find_piece(a, re, text, found);
	}
	return err == EN_OK ? found : -1;
}

static int
find_around(struct arena *a, const char *before, struct view pattern, const char *after, struct view text)
{
	struct buf b = BUF_EMPTY;
	int result;

	buf_put_str(&b, before);
	buf_put_view(&b, pattern);
	buf_put_str(&b, after);
	result = find(a, buf_view(&b), text, false);
	buf_fini(&b);
	return result;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size == 0 ? NULL : memchr(data, '\n', size);
	struct view pattern = view_of(data, newline == NULL ? size : (size_t)(newline - data));
	struct view text = newline == NULL ? VIEW_EMPTY : view_of(newline + 1, size - pattern.len - 1);
	struct arena arena;

	if (!view_is_utf8(text)) {
		return 0; // a string is UTF-8
	}
	arena_init(&arena, 0);
	int found = find(&arena, pattern, text, false);

	// A quote that is still open at the end swallows what stands behind it.
	if (found >= 0 && memmem(pattern.data, pattern.len, "\\Q", 2) == NULL) {
		int grouped = find_around(&arena, "(?:", pattern, ")", text);
		int twice = find_around(&arena, "(?:", pattern, "|[^\\x00-\\x{10FFFF}])", text);

		require(grouped < 0 || grouped == found);
		require(twice < 0 || twice == found);
	}
	arena_fini(&arena);
	return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/place.h"

// The place of the first ! of the text, of which there is one in the source too.
#define assert_place(line_, column_, source_, text_)                                                                   \
	do {                                                                                                           \
		struct where found_ = place_within(view_text(source_), (struct where){.line = 5, .column = 10},        \
		    view_text(text_), strcspn(text_, "!"));                                                            \
		assert_int_equal(found_.line, line_);                                                                  \
		assert_int_equal(found_.column, column_);                                                              \
	} while (0)

static void
a_plain_value_stands_where_it_stands(void **state)
{
	(void)state;
	assert_place(5, 10, "!ab\n", "!ab");
	assert_place(5, 13, "ab !c", "ab !c");
	assert_place(6, 3, "ab\n  !c", "ab !c");
	assert_place(5, 12, "\xc3\xb1\xc3\xa1!", "\xc3\xb1\xc3\xa1!");
}

static void
quotes_and_what_is_escaped_in_them_count(void **state)
{
	(void)state;
	assert_place(5, 13, "'ab!'", "ab!");
	assert_place(5, 15, "'a''b!'", "a'b!");
	assert_place(5, 17, "\"a\\\"\\\\b!\"", "a\"\\b!");
	assert_place(5, 15, "\"\\x41!\"", "A!");
	assert_place(5, 17, "\"\\u00f1!\"", "\xc3\xb1!");
	assert_place(5, 21, "\"\\U0001F600!\"", "\xf0\x9f\x98\x80!");
}

static void
folded_lines_are_found_again(void **state)
{
	(void)state;
	assert_place(7, 5, "\"ab\n    cd\n    !\"", "ab cd !");
	assert_place(6, 4, "\"ab\\\n   !\"", "ab!");
	assert_place(7, 5, ">\n    a &&\n    !b\n", "a && !b\n");
	assert_place(7, 7, ">-\n    a &&\n      !b", "a &&\n  !b");
	assert_place(8, 5, "|  # why\n    a\n\n    !b\n", "a\n\n!b\n");
}

static void
what_does_not_go_together_is_told_at_its_beginning(void **state)
{
	(void)state;
	assert_place(5, 10, "other", "ab!");
	assert_place(5, 10, "", "ab!");
	assert_place(5, 10, "|", "ab!");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plain_value_stands_where_it_stands),
	    cmocka_unit_test(quotes_and_what_is_escaped_in_them_count),
	    cmocka_unit_test(folded_lines_are_found_again),
	    cmocka_unit_test(what_does_not_go_together_is_told_at_its_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Patterns: what goes in comes out again, and what would come out in two ways does not.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/pattern.h"
#include "support/support.h"

static bool
cut(const char *pattern, const char *text, struct view ret[static PATTERN_PARTS])
{
	struct pattern p;

	assert_null(pattern_parse(view_text(pattern), &p));
	return pattern_split(&p, view_text(text), ret);
}

static void
parts_are_what_stands_between_the_literals(void **state)
{
	struct view parts[PATTERN_PARTS];

	(void)state;
	assert_true(cut("{a}#{b}", "case#service", parts));
	assert_view_is("case", parts[0]);
	assert_view_is("service", parts[1]);
	assert_true(cut("REF-{area}-{n}", "REF-IOP-12", parts));
	assert_view_is("IOP", parts[0]);
	assert_view_is("12", parts[1]);
	assert_true(cut("{a} ({b})", "a (b)", parts));
	assert_true(cut("{a}", "x", parts));
	assert_view_is("x", parts[0]);
}

static void
a_text_that_fits_in_two_ways_or_none_is_refused(void **state)
{
	struct view parts[PATTERN_PARTS];
	static const char *const wrong[] = {"", "#", "a#", "#b", "ab", "a#b#c"};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		assert_false(cut("{a}#{b}", wrong[i], parts));
	}
	assert_false(cut("{a}aa{b}", "xaaay", parts));
	assert_false(cut("{a} ({b})", "a (b", parts));
	assert_false(cut("({a})", "()", parts));
	assert_false(cut("{a}", "", parts));
}

static void
a_pattern_that_means_nothing_is_refused(void **state)
{
	static const char *const wrong[] = {"", "text", "{a", "a}", "{}", "{a}{b}", "{a{b}}"};
	struct pattern p;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		assert_non_null(pattern_parse(view_text(wrong[i]), &p));
	}
}

static void
as_many_parts_as_the_limit_and_not_one_more(void **state)
{
	struct view parts[PATTERN_PARTS];
	struct pattern p;

	(void)state;
	assert_true(cut("{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h}", "1-2-3-4-5-6-7-8", parts));
	assert_view_is("8", parts[7]);
	assert_non_null(pattern_parse(view_text("{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h}-{i}"), &p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts_are_what_stands_between_the_literals),
	    cmocka_unit_test(a_text_that_fits_in_two_ways_or_none_is_refused),
	    cmocka_unit_test(a_pattern_that_means_nothing_is_refused),
	    cmocka_unit_test(as_many_parts_as_the_limit_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

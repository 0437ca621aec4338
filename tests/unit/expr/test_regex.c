// SPDX-License-Identifier: Apache-2.0
// Regular expressions: what RE2's syntax says is found, what it refuses is refused with its place, and no pattern takes more than linear time.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "expr/regex_int.h"
#include "support/support.h"

static enum en_err
find(const char *pattern, struct view text, uint64_t cost, bool *ret)
{
	struct arena arena;
	const struct regex *re;
	const char *problem;
	size_t at;
	enum en_err err;

	arena_init(&arena, 0);
	err = regex_compile(view_text(pattern), &arena, &re, &at, &problem);
	if (err == EN_OK) {
		err = regex_match(re, text, &arena, &cost, ret);
	}
	arena_fini(&arena);
	return err;
}

static bool
found(const char *pattern, const char *text)
{
	bool is_found = false;

	assert_ok(find(pattern, view_text(text), 1000000, &is_found));
	return is_found;
}

#define assert_found(pattern, text) assert_true(found(pattern, text))
#define assert_not_found(pattern, text) assert_false(found(pattern, text))

static void
assert_refused(const char *pattern, enum en_err wanted, size_t wanted_at)
{
	struct arena arena;
	const struct regex *re;
	const char *problem = NULL;
	size_t at = 0;

	arena_init(&arena, 0);
	assert_err(wanted, regex_compile(view_text(pattern), &arena, &re, &at, &problem));
	assert_non_null(problem);
	assert_int_equal(at, wanted_at);
	arena_fini(&arena);
}

static void
a_pattern_is_found_anywhere(void **state)
{
	(void)state;
	assert_found("ubb", "hubba");
	assert_found("", "cows");
	assert_found("", "");
	assert_not_found("foo|bar", "");
	assert_found("gr(a|e)y", "a grey cow");
	assert_found("ba(na)*$", "banana");
	assert_not_found("^ana", "banana");
	assert_found("^ba|xx", "banana");
	assert_found("xx|^ba", "banana");
}

static void
repetitions_count(void **state)
{
	(void)state;
	assert_found("^a{2}$", "aa");
	assert_not_found("^a{2}$", "aaa");
	assert_found("^a{2,}$", "aaaaa");
	assert_not_found("^a{2,}$", "a");
	assert_found("^a{0,2}$", "");
	assert_found("^a{1,2}?$", "aa");
	assert_not_found("^a{1,2}$", "aaa");
	assert_found("^(ab?)+c*?$", "aababcc");
	assert_found("^a{,2}$", "a{,2}"); // no repetition, and so characters
	assert_found("^(a*)*$", "aaaa");
	assert_found("^(|a)+$", "aaa");
	assert_found("^(){3}$", "");
}

static void
characters_are_code_points(void **state)
{
	(void)state;
	assert_found("^.$", "\xf0\x9f\x98\x80");
	assert_found("a+\xc3\xb1+a+",
	    "ma\xc3\xb1"
	    "ana");
	assert_found("(a|\xf0\x9f\x98\x80){2}", "\xf0\x9f\x90\xb1\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
	assert_found("^[\xc3\xa0-\xc3\xbf]+$", "\xc3\xa9\xc3\xb1");
	assert_found("^\\ \\_\\\x7f\\\n$", " _\x7f\n"); // behind a backslash any sign means itself
	assert_found("^\\x{1F600}\\x41$",
	    "\xf0\x9f\x98\x80"
	    "A");
	assert_not_found("^[^\xc3\xa9]$", "\xc3\xa9");
}

static void
classes_are_those_of_re2(void **state)
{
	(void)state;
	assert_found("^\\d\\w\\s\\D\\W\\S$", "1_ x-x");
	assert_found("^[\\d.-]+$", "-1.5");
	assert_found("^[]a]+$", "]a");
	assert_found("^[^]a]$", "b");
	assert_found("^[[:alpha:][:^space:]]+$", "a1");
	assert_not_found("^[[:upper:]]$", "a");
	assert_found("^[[:punct:]]+$", "!#~");
	assert_found("^[\\]\\x41-C]+$", "]ABC");
	assert_found("^[[:cntrl:]]+$", "\x01\x1f\x7f");
	assert_not_found("[[:cntrl:]]", "a ~\xc2\x80");
	assert_found("^[[:^cntrl:]]+$", " ~\xc2\x80");
	assert_found("^[[:ascii:]][[:^ascii:]]$", "\x7f\xc2\x80");
	assert_not_found("\\S", " \t\n");
	assert_not_found("[^\\x00-\\x{10FFFF}]", "anything");
}

static void
categories_are_those_of_unicode(void **state)
{
	(void)state;
	assert_found("^\\p{Lu}\\p{Ll}+ \\pL+$", "Ñandú Łódź");
	assert_found("^[\\pL' -]+$", "María d'Ávila-Núñez");
	assert_found("^\\pL+$", "ΆλφαЖук漢字ª");
	assert_not_found("\\pL", "12 _-.،€\xcc\x81");
	assert_found("^\\p{L}\\p{Mn}$", "e\xcc\x81");
	assert_found("^\\pN+$", "19٣Ⅷ½");
	assert_not_found("\\p{Nd}", "Ⅷ½");
	assert_found("^\\p{Sc}\\p{Pd}\\p{Zs}\\p{Po}$", "€–\xc2\xa0¿");
	assert_found("^\\PL\\P{Lu}\\p{^L}\\P{^Lu}[^\\pL][\\PL]$", "1a1A11");
	assert_not_found("^\\P{L}$", "ñ");
	assert_found("^\\P{C}$", "\xf4\x8f\xbf\xbf"); // U+10FFFF is no character
	assert_found("^[^\\p{L}\\p{N}]$", "\xf3\xb0\x80\x80");
	assert_found("(?i)^\\p{Lu}+$", "ñandÚ");
	assert_found("^\\p{Co}$", "\xf4\x8f\xbf\xbd"); // the last one of the table but two
}

// A range from ASCII to two bytes begins and ends with bytes between which those lie that go on a character: a search must not stop inside of one.
static void
a_search_passes_over_whole_characters(void **state)
{
	(void)state;
	assert_not_found("[ -\\x{ff}]", "\xf0\x9f\x83\xa1");
	assert_not_found("[ -\\x{ff}]\\x{e9}", "\xf0\x9f\x98\x80\xf0\x9f\x83\xa9");
	assert_found("[ -\\x{ff}]", "\xf0\x9f\x98\x80\xc3\xa9");
	assert_found("[^\\x{1f600}-\\x{10ffff}]", "\xf0\x9f\x98\x80z");
	assert_not_found("[^\\x{1f600}-\\x{10ffff}]", "\xf0\x9f\x98\x80");
}

static void
places_are_asserted(void **state)
{
	(void)state;
	assert_found("\\bcow\\b", "a cow, here");
	assert_not_found("\\bcow\\b", "cows");
	assert_found("\\Bow", "cow");
	assert_not_found("^b", "a\nb");
	assert_found("(?m)^b$", "a\nb\nc");
	assert_not_found("a$", "a\n");
	assert_found("\\Aa\\z", "a");
	assert_not_found("a.b", "a\nb");
	assert_found("(?s)a.b", "a\nb");
}

static void
flags_hold_to_the_end_of_their_group(void **state)
{
	(void)state;
	assert_found("(?i)STRASSE", "strasse");
	assert_found("(?i)^\xc3\x91"
		     "ANDU$",
	    "\xc3\xb1"
	    "andu");
	assert_found("(?i)^[a-c]+$", "aBC");
	assert_found("(?i)^[\xc4\x81-\xc4\x84]+$", "\xc4\x80\xc4\x81\xc4\x82\xc4\x85"); // each with the one beside it
	assert_not_found("(?i)[\xc4\x81-\xc4\x84]", "\xc4\x86");
	assert_found("^a(?i:b)c$", "aBc");
	assert_not_found("^a(?i:b)c$", "aBC");
	assert_not_found("^(a(?i)b)c$", "aBC");
	assert_found("(?i)^a(?-i)b$", "Ab");
	assert_not_found("(?i)^a(?-i)b$", "AB");
	assert_found("^(?P<year>\\d{4})-(?<month>\\d\\d)$", "2026-11");
	assert_found("^\\Qa.b*\\E+$", "a.b**");
	assert_found("(?iU)^A*?$", "aa");
}

static void
what_is_no_pattern_is_refused_with_its_place(void **state)
{
	(void)state;
	assert_refused("a(b", EN_EFORMAT, 3);
	assert_refused("a)b", EN_EFORMAT, 1);
	assert_refused("*a", EN_EFORMAT, 0);
	assert_refused("a**", EN_EFORMAT, 3);
	assert_refused("[a", EN_EFORMAT, 2);
	assert_refused("[b-a]", EN_EFORMAT, 4);
	assert_refused("a{3,2}", EN_EFORMAT, 6);
	assert_refused("a{1001}", EN_EFORMAT, 7);
	assert_refused("(?=a)", EN_EFORMAT, 2);
	assert_refused("(a)\\1", EN_EFORMAT, 4);
	assert_refused("a\\p", EN_EFORMAT, 2);
	assert_refused("\\pX", EN_EFORMAT, 1);
	assert_refused("\\p{Greek}", EN_EFORMAT, 1);
	assert_refused("\\p{L", EN_EFORMAT, 1);
	assert_refused("\\p{}", EN_EFORMAT, 1);
	assert_refused("\\p{^", EN_EFORMAT, 1);
	assert_refused("[\\p{Cn}]", EN_EFORMAT, 2); // what is no character has no class
	assert_refused("a\\", EN_EFORMAT, 2);
	assert_refused("[[:nothing:]]", EN_EFORMAT, 1);
	assert_refused("\xff", EN_EFORMAT, 0);
}

// A pattern of groups in groups.
static char *
nested(size_t depth)
{
	char *pattern = calloc(1, 2 * depth + 2);

	memset(pattern, '(', depth);
	pattern[depth] = 'a';
	memset(pattern + depth + 1, ')', depth);
	return pattern;
}

static void
limits_hold_on_the_last_allowed_value(void **state)
{
	char *deep = nested(LIMIT_REGEX_DEPTH), *deeper = nested(LIMIT_REGEX_DEPTH + 1), longest[LIMIT_REGEX_BYTES + 2];

	(void)state;
	assert_found(deep, "a");
	assert_refused(deeper, EN_ELIMIT, LIMIT_REGEX_DEPTH + 1);
	memset(longest, 'a', sizeof(longest));
	longest[LIMIT_REGEX_BYTES] = '\0';
	assert_not_found(longest, "a");
	longest[LIMIT_REGEX_BYTES] = 'a';
	longest[LIMIT_REGEX_BYTES + 1] = '\0';
	assert_refused(longest, EN_ELIMIT, 0);
	_Static_assert(LIMIT_REGEX_NODES == 2000, "what the next two patterns have");
	assert_found("^a{1000}b{996}|c", "c"); // with a beginning, a choice and a match
	assert_refused("^a{1000}b{997}|c", EN_ELIMIT, 0);
	free(deep);
	free(deeper);
}

static void
classes_have_ranges_to_the_limit_and_no_more(void **state)
{
	struct range_set letters = {.count = 0};
	struct buf pattern = BUF_EMPTY;
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	assert_true(range_add_category(&arena, &letters, view_text("L"), false));
	range_close(&arena, &letters, false, false);
	for (uint32_t i = 0; i < LIMIT_REGEX_RANGES / letters.count; i++) {
		buf_put_str(&pattern, "\\pL");
	}
	for (uint32_t i = 0; i < LIMIT_REGEX_RANGES % letters.count; i++) {
		buf_put_str(&pattern, "a");
	}
	assert_not_found(buf_cstr(&pattern), "a");
	buf_put_str(&pattern, "a");
	assert_refused(buf_cstr(&pattern), EN_ELIMIT, pattern.len);
	buf_fini(&pattern);
	arena_fini(&arena);
}

static void
repetitions_of_repetitions_are_refused_before_they_cost(void **state)
{
	(void)state;
	assert_refused("((a{1000}){1000}){1000}", EN_ELIMIT, 0);
	assert_refused("((((){1000}){1000}){1000}){1000}", EN_ELIMIT, 0);
	assert_refused("(((a?){100}){100}){100}", EN_ELIMIT, 0);
	assert_found("^(a{40}){40}$|b", "b");
}

static void
no_pattern_goes_back(void **state)
{
	char text[10001];
	bool is_found = true;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_ok(find("^(a|aa|a?)+b$", view_of(text, sizeof(text)), 100000, &is_found));
	assert_false(is_found);
	assert_ok(find("(a*)*(a*)*(a*)*c", view_of(text, sizeof(text)), 100000, &is_found));
	assert_false(is_found);
}

static void
the_budget_ends_a_search(void **state)
{
	char text[10001];
	bool is_found = false;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_err(EN_ELIMIT, find("(a|b|aa)*c", view_of(text, sizeof(text)), 10000, &is_found));
}

static void
assert_piece(const char *pattern, const char *text, size_t from, const char *wanted)
{
	struct arena arena;
	const struct regex *re;
	const char *problem;
	uint64_t cost = 1000;
	struct view piece;
	size_t at;

	arena_init(&arena, 0);
	assert_ok(regex_compile(view_text(pattern), &arena, &re, &at, &problem));
	assert_ok(regex_find(re, view_text(text), from, &arena, &cost, &piece));
	assert_view_is(wanted, piece);
	arena_fini(&arena);
}

// The first place where it is found, and there the longest piece, whatever order the pattern has its ways in.
static void
the_piece_that_follows_a_pattern_is_found(void **state)
{
	(void)state;
	assert_piece("[0-9]+", "ab 123 c 4567", 0, "123");
	assert_piece("[0-9]+", "ab 123 c 4567", 6, "4567");
	assert_piece("[0-9]+", "ab 123 c 4567", 4, "23");
	assert_piece("[0-9]+", "abc", 0, "");
	assert_piece("a|ab|abc", "xabcd", 0, "abc");
	assert_piece("abcx|bc|c", "abc", 0, "bc"); // what begins earlier comes to nothing
	assert_piece("abcd|b", "abcd", 0, "abcd"); // and here it does not
	assert_piece("x*", "aaxxa", 0, "xx"); // never a piece without a character
	assert_piece("x*", "aaa", 0, "");
	assert_piece("\\bno\\b", "nono no", 0, "no");
	assert_piece("^b", "ab", 1, ""); // the offset is no beginning of the text
	assert_piece("\\Aab", "abab", 0, "ab");
	assert_piece("\\Aab", "abab", 2, "");
	assert_piece("b$", "ab", 0, "b");
	assert_piece("[^ ]+", "Niña ñandú", 0, "Niña");
	assert_piece("ñ.+?", "Niña", 0, "ña"); // nothing is lazy: the longest
	assert_piece("", "abc", 0, "");
}

static void
looking_for_a_piece_costs_what_it_may(void **state)
{
	struct arena arena;
	const struct regex *re;
	const char *problem;
	struct view piece;
	size_t at;

	(void)state;
	arena_init(&arena, 0);
	assert_ok(regex_compile(view_text("b"), &arena, &re, &at, &problem));
	for (uint64_t budget = 0; budget <= 4; budget++) {
		uint64_t cost = budget;

		assert_err(budget < 4 ? EN_ELIMIT : EN_OK, regex_find(re, view_text("aaa"), 0, &arena, &cost, &piece));
	}
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pattern_is_found_anywhere),
	    cmocka_unit_test(repetitions_count),
	    cmocka_unit_test(characters_are_code_points),
	    cmocka_unit_test(classes_are_those_of_re2),
	    cmocka_unit_test(categories_are_those_of_unicode),
	    cmocka_unit_test(a_search_passes_over_whole_characters),
	    cmocka_unit_test(places_are_asserted),
	    cmocka_unit_test(flags_hold_to_the_end_of_their_group),
	    cmocka_unit_test(what_is_no_pattern_is_refused_with_its_place),
	    cmocka_unit_test(limits_hold_on_the_last_allowed_value),
	    cmocka_unit_test(classes_have_ranges_to_the_limit_and_no_more),
	    cmocka_unit_test(repetitions_of_repetitions_are_refused_before_they_cost),
	    cmocka_unit_test(no_pattern_goes_back),
	    cmocka_unit_test(the_budget_ends_a_search),
	    cmocka_unit_test(the_piece_that_follows_a_pattern_is_found),
	    cmocka_unit_test(looking_for_a_piece_costs_what_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Text that was written for a machine.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "map/markup.h"
#include "support/support.h"

static void
expect(size_t (*change)(struct view, uint8_t *), const char *text, const char *wanted)
{
	uint8_t room[256];

	assert_true(strlen(text) < sizeof(room));
	assert_view_is(wanted, view_of(room, change(view_text(text), room)));
	// In place, which is how the steps follow each other.
	memcpy(room, text, strlen(text) + 1);
	assert_view_is(wanted, view_of(room, change(view_of(room, strlen(text)), room)));
}

static void
tags_go_and_blocks_leave_a_blank(void **state)
{
	(void)state;
	expect(markup_strip, "<p>uno</p><p>dos</p>", "uno dos ");
	expect(markup_strip, "a<br/>b <b class=\"x\">c</b>", "a b c");
	expect(markup_strip, "a<!-- > x -->b", "ab");
	expect(markup_strip, "<style>p {}</style>x<SCRIPT>if (a<b) {}</SCRIPT>y", "xy");
	expect(markup_strip, "<script>x", "");
	expect(markup_strip, "3 < 4 and a <b", "3 < 4 and a <b");
	expect(markup_strip, "&lt;p&gt;", "&lt;p&gt;");
}

// A text as long as an event, of openings without an end: looked for from each of them on, it would take minutes.
static void
what_never_ends_is_looked_for_once(void **state)
{
	static const char *const openings[] = {"<a", "<!--", "<!-- >", "<script></a", "</p", "<script>x</script"};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(openings); i++) {
		size_t step = strlen(openings[i]), len = LIMIT_EVENT_BYTES / step * step;
		uint8_t *text = malloc(len);

		for (size_t at = 0; at < len; at += step) {
			memcpy(text + at, openings[i], step);
		}
		assert_true(markup_strip(view_of(text, len), text) <= len);
		free(text);
	}
}

static void
escapes_become_what_they_stand_for(void **state)
{
	(void)state;
	expect(markup_unescape, "Ni&ntilde;a &amp; ni\\u00f1o &#241;&#xF1;", "Niña & niño ññ");
	expect(markup_unescape, "a\\nb\\\"c\\/", "a\nb\"c/");
	expect(markup_unescape, "\\ud83d\\ude00", "\xf0\x9f\x98\x80");
	expect(markup_unescape, "&amp;lt;", "&lt;");
}

static void
what_is_no_escape_stays(void **state)
{
	static const char *const same[] = {"&", "&;", "&foo;", "&#0;", "&#xd800;", "&#1114112;", "&#x;", "\\", "\\x",
	    "\\u12", "\\ud83d", "\\udc00", "\\u0000"};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(same); i++) {
		expect(markup_unescape, same[i], same[i]);
	}
}

static void
letters_in_two_pieces_become_one(void **state)
{
	(void)state;
	expect(markup_compose, "Mun\xcc\x83oz", "Muñoz");
	expect(markup_compose,
	    "e\xcc\x81"
	    "E\xcc\x80"
	    "u\xcc\x88",
	    "éÈü");
	expect(markup_compose, "x\xcc\x81", "x\xcc\x81");
	expect(markup_compose, "\xcc\x81", "\xcc\x81");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tags_go_and_blocks_leave_a_blank),
	    cmocka_unit_test(what_never_ends_is_looked_for_once),
	    cmocka_unit_test(escapes_become_what_they_stand_for),
	    cmocka_unit_test(what_is_no_escape_stays),
	    cmocka_unit_test(letters_in_two_pieces_become_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

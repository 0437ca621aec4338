// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"
#include "support/support.h"

static void
base64_is_written_padded_and_read_in_both_alphabets(void **state)
{
	static const struct {
		struct view bytes;
		const char *text;
	} cases[] = {{{(const uint8_t *)"", 0}, ""}, {{(const uint8_t *)"f", 1}, "Zg=="},
	    {{(const uint8_t *)"fo", 2}, "Zm8="}, {{(const uint8_t *)"foo", 3}, "Zm9v"},
	    {{(const uint8_t *)"\xfb\xff\xbf", 3}, "+/+/"}, {{(const uint8_t *)"\0\0\0\0", 4}, "AAAAAA=="}};
	struct buf text = BUF_EMPTY, again = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		buf_clear(&text);
		buf_clear(&again);
		base64_encode(cases[i].bytes, &text);
		assert_string_equal(buf_cstr(&text), cases[i].text);
		assert_true(base64_decode(buf_view(&text), &again));
		assert_true(view_equal(buf_view(&again), cases[i].bytes));
	}
	buf_clear(&again);
	assert_true(base64_decode(view_text("-_-_"), &again));
	assert_view_is("\xfb\xff\xbf", buf_view(&again));
	assert_true(base64_decode(view_text("Zg"), &again)); // unpadded
	assert_false(base64_decode(view_text("Z"), &again));
	assert_false(base64_decode(view_text("Zm9v*"), &again));
	assert_false(base64_decode(view_text("Zm=v"), &again));
	assert_false(base64_decode(view_text("Zm9v===="), &again));
	buf_fini(&text);
	buf_fini(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64_is_written_padded_and_read_in_both_alphabets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

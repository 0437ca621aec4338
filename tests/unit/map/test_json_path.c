// SPDX-License-Identifier: Apache-2.0
// What stands at a path inside JSON text.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/json_path.h"
#include "support/support.h"

// The texts found, with "|" behind each; NULL when the text is refused.
static void
expect(const char *path, const char *text, const char *wanted)
{
	struct arena a;
	struct view *found = NULL;
	size_t count = 0;
	struct buf b = BUF_EMPTY;
	bool all;

	arena_init(&a, 0);
	assert_null(json_path_check(view_text(path), &all));
	enum en_err err = json_path_take(view_text(text), view_text(path), &a, &found, &count);

	assert_int_equal(wanted == NULL, err == EN_EFORMAT);
	for (size_t i = 0; wanted != NULL && i < count; i++) {
		buf_put_view(&b, found[i]);
		buf_put_str(&b, "|");
	}
	assert_string_equal(buf_cstr(&b), wanted == NULL ? "" : wanted);
	buf_fini(&b);
	arena_fini(&a);
}

static void
a_path_goes_through_objects_and_lists(void **state)
{
	(void)state;
	expect("a.b", "{\"x\": 1, \"a\": {\"b\": \"v\"}}", "v|");
	expect("[2]", "[1, \"dos\", true]", "dos|");
	expect("[*].c", "[{\"c\": \"A\"}, {}, {\"c\": null}, {\"c\": 1.50}]", "A|1.50|");
	expect("a[*]", "{\"a\": [true, false]}", "true|false|");
	expect("[1][2]", "[[1, 2], 3]", "2|");
	expect("a.b", "{\"a\": null}", "");
	expect("a", "{}", "");
	expect("[3]", "[1]", "");
	expect("a", "{\"a\": \"\\u00f1\\n\"}", "ñ\n|");
}

static void
what_has_another_form_is_refused(void **state)
{
	(void)state;
	expect("a", "not json", NULL);
	expect("a", "{\"a\": 1} x", NULL);
	expect("a", "{\"a\": {}}", NULL);
	expect("a", "[1]", NULL);
	expect("[1]", "{\"a\": 1}", NULL);
	expect("a.b", "{\"a\": 1}", NULL);
	expect("a", "{\"a\": 1", NULL);
	expect("a", "", NULL);
}

static void
a_path_that_means_nothing_is_refused(void **state)
{
	static const char *const wrong[] = {"[", "[]", "[0]", "[x]", "[1", "a..b", "a.", ".a", "[1234567]"};
	bool all;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(wrong); i++) {
		assert_non_null(json_path_check(view_text(wrong[i]), &all));
	}
	assert_null(json_path_check(view_text("a[*].b"), &all));
	assert_true(all);
}

static void
as_deep_as_the_limit_and_not_deeper(void **state)
{
	struct buf path = BUF_EMPTY, text = BUF_EMPTY;
	bool all;

	(void)state;
	for (int depth = JSON_PATH_DEPTH; depth <= JSON_PATH_DEPTH + 1; depth++) {
		buf_clear(&path);
		buf_clear(&text);
		for (int i = 0; i < depth; i++) {
			buf_put_str(&path, "[1]");
			buf_put_str(&text, "[");
		}
		buf_put_str(&text, "7");
		for (int i = 0; i < depth; i++) {
			buf_put_str(&text, "]");
		}
		if (depth == JSON_PATH_DEPTH) {
			expect(buf_cstr(&path), buf_cstr(&text), "7|");
		} else {
			assert_non_null(json_path_check(buf_view(&path), &all));
			expect("[1]", buf_cstr(&text), NULL);
		}
	}
	buf_fini(&path);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_goes_through_objects_and_lists),
	    cmocka_unit_test(what_has_another_form_is_refused),
	    cmocka_unit_test(a_path_that_means_nothing_is_refused),
	    cmocka_unit_test(as_deep_as_the_limit_and_not_deeper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "support/support.h"

// Lines are written to a file without a name and read back from its start.
struct sink {
	FILE *file;
	char text[65536];
};

static int
setup(void **state)
{
	struct sink *sink = calloc(1, sizeof(*sink));

	sink->file = tmpfile();
	log_set_fd(fileno(sink->file));
	log_set_level(LOG_INFO);
	*state = sink;
	return 0;
}

static int
teardown(void **state)
{
	struct sink *sink = *state;

	log_set_fd(STDERR_FILENO);
	fclose(sink->file);
	free(sink);
	return 0;
}

static const char *
written(struct sink *sink)
{
	ssize_t len = pread(fileno(sink->file), sink->text, sizeof(sink->text) - 1, 0);

	sink->text[len < 0 ? 0 : len] = '\0';
	return sink->text;
}

static size_t
lines(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++) {
		count++;
	}
	return count;
}

static void
a_line_is_one_json_object_with_its_fields_in_order(void **state)
{
	log_event(LOG_WARN, "test.one", LOG_TEXT("agency", "inm"), LOG_NUM("count", -3), LOG_TEXT("none", NULL),
	    LOG_BYTES("id", view_text("a\"b")));
	const char *text = written(*state);

	assert_memory_equal(text, "{\"time\":\"", 9);
	assert_string_equal(strchr(text, 'Z') + 1,
	    "\",\"level\":\"warn\",\"event\":\"test.one\",\"agency\":\"inm\",\"count\":-3,\"none\":null,\"id\":\"a\\\"b\"}\n");
}

static void
lines_below_the_level_are_not_written(void **state)
{
	log_write(LOG_DEBUG, "test.debug", NULL, 0);
	assert_string_equal(written(*state), "");
	log_set_level(LOG_ERROR);
	log_write(LOG_WARN, "test.warn", NULL, 0);
	assert_string_equal(written(*state), "");
	log_write(LOG_ERROR, "test.error", NULL, 0);
	assert_int_equal(lines(written(*state)), 1);
}

static void
a_silenced_log_writes_nothing(void **state)
{
	log_set_fd(-1);
	log_write(LOG_ERROR, "test.silent", NULL, 0);
	assert_string_equal(written(*state), "");
}

static void
levels_are_known_by_their_words(void **state)
{
	enum log_level level = LOG_WARN;

	(void)state;
	assert_true(log_level_from_text("debug", &level));
	assert_int_equal(level, LOG_DEBUG);
	assert_true(log_level_from_text("error", &level));
	assert_int_equal(level, LOG_ERROR);
	assert_false(log_level_from_text("loud", &level));
	assert_int_equal(level, LOG_ERROR);
}

static void
a_flood_of_one_event_is_held_at_its_limit_and_does_not_hide_another(void **state)
{
	for (unsigned i = 0; i < 3 * LIMIT_LOG_REPEATS; i++) {
		log_write(LOG_INFO, "test.flood", NULL, 0);
	}
	size_t count = lines(written(*state));

	// All of this takes microseconds; should the machine stall for a second in the middle, a second window begins.
	assert_in_range(count, LIMIT_LOG_REPEATS, 2 * LIMIT_LOG_REPEATS);
	log_write(LOG_INFO, "test.other", NULL, 0);
	assert_non_null(strstr(written(*state), "test.other"));
}

static void
a_long_text_is_cut(void **state)
{
	char *text = calloc(1, LIMIT_LOG_FIELD_BYTES + 2);

	memset(text, 'a', LIMIT_LOG_FIELD_BYTES);
	log_event(LOG_INFO, "test.whole", LOG_TEXT("text", text));
	assert_null(strstr(written(*state), "...\""));
	text[LIMIT_LOG_FIELD_BYTES] = 'a';
	log_event(LOG_INFO, "test.cut", LOG_TEXT("text", text));
	assert_non_null(strstr(written(*state), "...\""));
	free(text);
}

static void
json_text_is_escaped_and_bad_utf8_is_replaced(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"", ""},
	    {"abc", "abc"},
	    {"\"\\/", "\\\"\\\\/"},
	    {"\b\t\n\f\r\x01\x1f", "\\b\\t\\n\\f\\r\\u0001\\u001f"},
	    {"ni\xc3\xb1"
	     "a \xf0\x9f\x98\x80",
		"ni\xc3\xb1"
		"a \xf0\x9f\x98\x80"},
	    {"\xff", "\\ufffd"},
	    {"a\xc3", "a\\ufffd"},
	    {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
	    {"\xc3"
	     "a",
		"\\ufffda"},
	};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		struct buf b = BUF_EMPTY;

		json_escape(&b, view_text(cases[i].in));
		assert_string_equal(buf_cstr(&b), cases[i].out);
		buf_fini(&b);
	}
	struct buf b = BUF_EMPTY;

	json_escape(&b, view_of("a\0b", 3));
	assert_string_equal(buf_cstr(&b), "a\\u0000b");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_line_is_one_json_object_with_its_fields_in_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(lines_below_the_level_are_not_written, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_silenced_log_writes_nothing, setup, teardown),
	    cmocka_unit_test(levels_are_known_by_their_words),
	    cmocka_unit_test_setup_teardown(
		a_flood_of_one_event_is_held_at_its_limit_and_does_not_hide_another, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_text_is_cut, setup, teardown),
	    cmocka_unit_test(json_text_is_escaped_and_bad_utf8_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

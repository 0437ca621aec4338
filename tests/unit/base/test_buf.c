// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

static void
a_buffer_grows_and_keeps_what_was_put(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		buf_put_str(&b, "0123456789");
	}
	assert_int_equal(b.err, EN_OK);
	assert_int_equal(b.len, 10000);
	assert_memory_equal(b.data + 9990, "0123456789", 10);
	buf_fini(&b);
	assert_null(b.data);
	buf_fini(&b);
}

static void
after_a_failure_every_put_does_nothing_until_the_buffer_is_cleared(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	buf_put_str(&b, "abc");
	assert_false(buf_reserve(&b, SIZE_MAX - 1));
	assert_int_equal(b.err, EN_ENOMEM);
	buf_put_str(&b, "def");
	buf_put_u64(&b, 1);
	buf_put_varint(&b, 1);
	buf_printf(&b, "%d", 1);
	hex_put(&b, view_text("a"));
	assert_int_equal(b.len, 3);
	assert_string_equal(buf_cstr(&b), "");
	buf_clear(&b);
	buf_put_str(&b, "ok");
	assert_string_equal(buf_cstr(&b), "ok");
	buf_fini(&b);
}

static void
a_length_near_the_end_of_the_numbers_is_refused(void **state)
{
	volatile size_t none_has = SIZE_MAX; // the compiler would see it
	struct buf b = BUF_EMPTY;

	(void)state;
	for (size_t less = 0; less < 32; less++) {
		buf_clear(&b);
		buf_put_text(&b, view_of("x", none_has - less));
		assert_int_equal(b.err, EN_ENOMEM);
		assert_int_equal(b.len, 0);
	}
	buf_fini(&b);
}

static void
printing_works_at_every_distance_from_the_end_of_the_memory(void **state)
{
	(void)state;
	for (size_t before = 0; before < 140; before++) {
		struct buf b = BUF_EMPTY;

		for (size_t i = 0; i < before; i++) {
			buf_put_u8(&b, 'x');
		}
		buf_printf(&b, "%s-%d", "texto", 42);
		assert_int_equal(b.len, before + 8);
		assert_memory_equal(b.data + before, "texto-42", 8);
		buf_fini(&b);
	}
}

static void
a_terminated_buffer_does_not_count_its_nul(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	assert_string_equal(buf_cstr(&b), "");
	buf_put_str(&b, "abc");
	assert_string_equal(buf_cstr(&b), "abc");
	assert_int_equal(b.len, 3);
	buf_put_str(&b, "d");
	assert_string_equal(buf_cstr(&b), "abcd");
	buf_fini(&b);
}

static void
a_file_is_appended_whole_at_its_limit_and_not_at_all_one_past_it(void **state)
{
	char *folder = test_folder();
	char *path = test_write_text(folder, "a", "0123456789");
	struct buf b = BUF_EMPTY;

	(void)state;
	buf_put_str(&b, "> ");
	assert_err(EN_ELIMIT, buf_read_file(&b, path, 9));
	assert_int_equal(b.len, 2);
	assert_ok(buf_read_file(&b, path, 10));
	assert_string_equal(buf_cstr(&b), "> 0123456789");
	buf_fini(&b);
	free(path);
	test_folder_remove(folder);
}

static void
a_pipe_is_held_to_the_limit_too(void **state)
{
	int ends[2];
	char path[64];
	struct buf b = BUF_EMPTY;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "0123456789", 10), 10);
	close(ends[1]);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	assert_err(EN_ELIMIT, buf_read_file(&b, path, 9));
	assert_int_equal(b.len, 0);
	close(ends[0]);
	buf_fini(&b);
}

static void
a_file_that_cannot_be_read_says_why(void **state)
{
	char *folder = test_folder();
	char *path = test_path(folder, "nothing");
	struct buf b = BUF_EMPTY;

	(void)state;
	assert_err(EN_ENOTFOUND, buf_read_file(&b, path, 10));
	assert_err(EN_EIO, buf_read_file(&b, folder, 1 << 20));
	free(path);
	if (geteuid() != 0) {
		path = test_write_text(folder, "closed", "x");
		assert_int_equal(chmod(path, 0), 0);
		assert_err(EN_EDENIED, buf_read_file(&b, path, 10));
		free(path);
	}
	buf_fini(&b);
	test_folder_remove(folder);
}

static void
an_empty_file_is_no_error(void **state)
{
	char *folder = test_folder();
	char *path = test_write_text(folder, "empty", "");
	struct buf b = BUF_EMPTY;

	(void)state;
	assert_ok(buf_read_file(&b, path, 0));
	assert_int_equal(b.len, 0);
	buf_fini(&b);
	free(path);
	test_folder_remove(folder);
}

static void
hexadecimal_goes_round(void **state)
{
	struct buf b = BUF_EMPTY;
	uint8_t all[256], back[256];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		all[i] = (uint8_t)i;
	}
	hex_put(&b, view_of(all, 256));
	assert_int_equal(b.len, 512);
	assert_memory_equal(b.data, "000102", 6);
	assert_memory_equal(b.data + 508, "feff", 4);
	assert_true(hex_get(buf_view(&b), back, 256));
	assert_memory_equal(all, back, 256);
	buf_fini(&b);
}

static void
hexadecimal_of_another_length_or_with_other_letters_is_refused_and_writes_nothing(void **state)
{
	uint8_t dst[2] = {7, 7};

	(void)state;
	assert_false(hex_get(view_text("abc"), dst, 2));
	assert_false(hex_get(view_text("abcde"), dst, 2));
	assert_false(hex_get(view_text("abcdef"), dst, 2));
	assert_false(hex_get(view_text("abcg"), dst, 2));
	assert_false(hex_get(view_text("ab d"), dst, 2));
	assert_int_equal(dst[0], 7);
	assert_true(hex_get(view_text("ABcd"), dst, 2));
	assert_int_equal(dst[0], 0xab);
	assert_true(hex_get(VIEW_EMPTY, dst, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_buffer_grows_and_keeps_what_was_put),
	    cmocka_unit_test(after_a_failure_every_put_does_nothing_until_the_buffer_is_cleared),
	    cmocka_unit_test(a_length_near_the_end_of_the_numbers_is_refused),
	    cmocka_unit_test(printing_works_at_every_distance_from_the_end_of_the_memory),
	    cmocka_unit_test(a_terminated_buffer_does_not_count_its_nul),
	    cmocka_unit_test(a_file_is_appended_whole_at_its_limit_and_not_at_all_one_past_it),
	    cmocka_unit_test(a_pipe_is_held_to_the_limit_too),
	    cmocka_unit_test(a_file_that_cannot_be_read_says_why),
	    cmocka_unit_test(an_empty_file_is_no_error),
	    cmocka_unit_test(hexadecimal_goes_round),
	    cmocka_unit_test(hexadecimal_of_another_length_or_with_other_letters_is_refused_and_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/tar.h"
#include "support/support.h"

#define BLOCK 512

static unsigned
sum_of(const uint8_t *header)
{
	unsigned sum = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		sum += i >= 148 && i < 156 ? ' ' : header[i]; // the place of the sum itself counts as blanks
	}
	return sum;
}

// Places and forms as POSIX has them; tests/e2e/test_kept_rules.py reads one with Python's tarfile.
static void
an_entry_is_laid_out_as_written_down(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	tar_put(&b, "config/a.yaml", view_text("hello"));
	tar_end(&b);
	assert_ok(b.err);
	assert_int_equal(b.len, 4 * BLOCK);
	const char *h = (const char *)b.data;

	assert_string_equal(h, "config/a.yaml");
	assert_string_equal(h + 100, "0000644");
	assert_string_equal(h + 124, "00000000005");
	assert_string_equal(h + 136, "00000000000");
	assert_int_equal(strtoul(h + 148, NULL, 8), sum_of(b.data));
	assert_int_equal(h[156], '0');
	assert_memory_equal(h + 257,
	    "ustar\0"
	    "00",
	    8);
	assert_memory_equal(h + BLOCK, "hello\0", 6);
	for (size_t i = 2 * BLOCK; i < b.len; i++) {
		assert_int_equal(b.data[i], 0);
	}
	buf_fini(&b);
}

static void
a_name_at_the_limit_stands_in_its_header_and_a_longer_one_before_it(void **state)
{
	struct buf b = BUF_EMPTY;
	char name[101];

	(void)state;
	memset(name, 'n', sizeof(name));
	name[99] = '\0';
	tar_put(&b, name, VIEW_EMPTY);
	assert_int_equal(b.len, BLOCK);
	assert_string_equal((const char *)b.data, name);
	buf_clear(&b);
	name[99] = 'n';
	name[100] = '\0';
	tar_put(&b, name, VIEW_EMPTY);
	assert_int_equal(b.len, 3 * BLOCK);
	assert_int_equal(b.data[156], 'L');
	assert_string_equal((const char *)b.data + BLOCK, name);
	buf_fini(&b);
}

static void
bytes_that_fill_their_blocks_have_nothing_behind_them(void **state)
{
	struct buf b = BUF_EMPTY;
	uint8_t bytes[BLOCK + 1] = {1};

	(void)state;
	tar_put(&b, "a", view_of(bytes, BLOCK));
	assert_int_equal(b.len, 2 * BLOCK);
	tar_put(&b, "b", view_of(bytes, BLOCK + 1));
	assert_int_equal(b.len, 5 * BLOCK);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_entry_is_laid_out_as_written_down),
	    cmocka_unit_test(a_name_at_the_limit_stands_in_its_header_and_a_longer_one_before_it),
	    cmocka_unit_test(bytes_that_fill_their_blocks_have_nothing_behind_them),
	};

	return cmocka_run_group_tests_name("base/tar", tests, NULL, NULL);
}

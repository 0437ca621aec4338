// SPDX-License-Identifier: Apache-2.0
// Blocks of sixteen bytes: with and without SSE2 the same, and exact about which bytes count.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/block.h"

static void
every_byte_has_its_bit_on_every_machine(void **state)
{
	uint8_t p[BLOCK_BYTES];
	uint32_t random = 1;

	(void)state;
	for (size_t round = 0; round < 10000; round++) {
		uint32_t wanted = 0;

		for (size_t i = 0; i < BLOCK_BYTES; i++) {
			random = random * 1664525 + 1013904223;
			p[i] = (uint8_t)(random >> 24);
			wanted |= (uint32_t)(p[i] >= 0x80) << i;
		}
		assert_int_equal(block_high_bits(p), wanted);
		assert_int_equal(block_high_bits_portable(p), wanted);
		assert_int_equal(block_letters(p).first, block_letters_portable(p).first);
		assert_int_equal(block_letters(p).next, block_letters_portable(p).next);
		assert_int_equal(block_letters(p).first & ~wanted, 0);
	}
}

static void
what_lies_before_the_bytes_does_not_count(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 50; len++) {
		uint8_t p[BLOCK_BYTES + 50];

		memset(p, 0xff, sizeof(p));
		memset(p + BLOCK_BYTES, 'a', len);
		assert_int_equal(block_high_bits_before(p + BLOCK_BYTES + len, len), 0);
		assert_true(block_is_ascii_before(p + BLOCK_BYTES + len, len));
		for (size_t at = 0; at < len; at++) {
			p[BLOCK_BYTES + at] = 0x80;
			assert_int_not_equal(block_high_bits_before(p + BLOCK_BYTES + len, len), 0);
			assert_false(block_is_ascii_before(p + BLOCK_BYTES + len, len));
			p[BLOCK_BYTES + at] = 'a';
		}
	}
}

static void
a_copy_ends_where_it_should_and_leaves_what_is_behind(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 50; len++) {
		uint8_t from[BLOCK_BYTES + 50], to[BLOCK_BYTES + 60];

		for (size_t i = 0; i < sizeof(from); i++) {
			from[i] = (uint8_t)(i + 1);
		}
		memset(to, 0, sizeof(to));
		block_copy_before(to + BLOCK_BYTES + 50, from + BLOCK_BYTES + len, len);
		assert_memory_equal(to + BLOCK_BYTES + 50 - len, from + BLOCK_BYTES, len);
		for (size_t i = BLOCK_BYTES + 50; i < sizeof(to); i++) {
			assert_int_equal(to[i], 0);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_byte_has_its_bit_on_every_machine),
	    cmocka_unit_test(what_lies_before_the_bytes_does_not_count),
	    cmocka_unit_test(a_copy_ends_where_it_should_and_leaves_what_is_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

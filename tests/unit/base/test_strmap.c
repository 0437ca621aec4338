// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/strmap.h"

#include <stdio.h>

#include "base/attr.h"
#include "support/support.h"

static int things[5000];

static struct view
key_of(int i, char dst[static 16])
{
	return view_of(dst, (size_t)snprintf(dst, 16, "k%d", i));
}

static void
what_was_put_is_found_and_what_was_not_is_null(void **state)
{
	struct strmap m = {0};
	char text[16];

	(void)state;
	assert_null(strmap_get(&m, view_text("k0")));
	assert_null(strmap_remove(&m, view_text("k0")));
	for (int i = 0; i < 5000; i++) {
		assert_ok(strmap_put(&m, key_of(i, text), &things[i], NULL));
	}
	assert_int_equal(m.count, 5000);
	for (int i = 0; i < 5000; i++) {
		assert_ptr_equal(strmap_get(&m, key_of(i, text)), &things[i]);
	}
	assert_null(strmap_get(&m, view_text("k5000")));
	strmap_fini(&m);
	strmap_fini(&m);
}

// Keys come in runs, as sources of events do; meanwhile keys come and go and the table grows.
static void
asking_again_answers_as_asking_does(void **state)
{
	struct strmap m = {0};
	char text[16];
	unsigned dice = 1;

	(void)state;
	assert_null(strmap_get_again(&m, view_text("k0")));
	for (int round = 0; round < 20000; round++) {
		struct view key = key_of((int)((dice = dice * 1103515245 + 12345) >> 16) % 50, text);

		switch (dice >> 8 & 7) {
		case 0:
			assert_ok(strmap_put(&m, key, &things[round % 5000], NULL));
			break;
		case 1:
			(void)strmap_remove(&m, key);
			break;
		default:
			break;
		}
		for (int again = 0; again < 3; again++) {
			assert_ptr_equal(strmap_get_again(&m, key), strmap_get(&m, key));
		}
	}
	strmap_fini(&m);
	assert_null(strmap_get_again(&m, view_text("k0")));
}

static void
keys_are_bytes_and_the_empty_one_is_a_key(void **state)
{
	struct strmap m;

	(void)state;
	strmap_init(&m, 7);
	assert_ok(strmap_put(&m, VIEW_EMPTY, &things[0], NULL));
	assert_ok(strmap_put(&m, view_of("a\0b", 3), &things[1], NULL));
	assert_ok(strmap_put(&m, view_of("a\0c", 3), &things[2], NULL));
	assert_ptr_equal(strmap_get(&m, view_text("")), &things[0]);
	assert_ptr_equal(strmap_get(&m, view_of("a\0b", 3)), &things[1]);
	assert_ptr_equal(strmap_get(&m, view_of("a\0c", 3)), &things[2]);
	assert_null(strmap_get(&m, view_text("a")));
	strmap_fini(&m);
}

static void
putting_again_replaces_and_gives_the_old_value(void **state)
{
	struct strmap m = {0};
	void *old = &m;

	(void)state;
	assert_ok(strmap_put(&m, view_text("a"), &things[0], &old));
	assert_null(old);
	assert_ok(strmap_put(&m, view_text("a"), &things[1], &old));
	assert_ptr_equal(old, &things[0]);
	assert_int_equal(m.count, 1);
	strmap_fini(&m);
}

static void
the_map_owns_its_keys(void **state)
{
	struct strmap m = {0};
	char key[] = "abc";

	(void)state;
	assert_ok(strmap_put(&m, view_text(key), &things[0], NULL));
	key[0] = 'x';
	assert_ptr_equal(strmap_get(&m, view_text("abc")), &things[0]);
	strmap_fini(&m);
}

static void
a_walk_may_remove_the_key_it_stands_on_and_meets_every_key_once(void **state)
{
	struct strmap m = {0};
	char text[16];
	int met[1000] = {0};
	struct view key;
	void *value;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_ok(strmap_put(&m, key_of(i, text), &things[i], NULL));
	}
	for (size_t at = 0; strmap_next(&m, &at, &key, &value);) {
		long i = (int *)value - things;

		met[i]++;
		if (i % 2 == 0) {
			assert_ptr_equal(strmap_remove(&m, key), value);
		}
	}
	assert_int_equal(m.count, 500);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(met[i], 1);
		assert_ptr_equal(strmap_get(&m, key_of(i, text)), i % 2 == 0 ? NULL : &things[i]);
	}
	strmap_fini(&m);
}

static void
graves_do_not_fill_the_table(void **state)
{
	struct strmap m = {0};
	char text[16];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		assert_ok(strmap_put(&m, key_of(i, text), &things[0], NULL));
		if (i >= 8) {
			assert_non_null(strmap_remove(&m, key_of(i - 8, text)));
		}
	}
	assert_int_equal(m.count, 8);
	assert_true(m.cap <= 64);
	strmap_fini(&m);
}

static void
hashes_depend_on_the_seed_the_length_and_every_byte(void **state)
{
	(void)state;
	assert_true(hash_bytes(1, view_text("abc")) == hash_bytes(1, view_text("abc")));
	assert_true(hash_bytes(1, view_text("abc")) != hash_bytes(2, view_text("abc")));
	for (size_t len = 0; len < 32; len++) {
		uint8_t zeroes[33] = {0};

		assert_true(hash_bytes(0, view_of(zeroes, len)) != hash_bytes(0, view_of(zeroes, len + 1)));
		for (size_t at = 0; at < len; at++) {
			uint8_t other[33] = {0};

			other[at] = 1;
			assert_true(hash_bytes(0, view_of(zeroes, len)) != hash_bytes(0, view_of(other, len)));
		}
	}
}

// Key 00 01 .. 0f, input 00 01 .. n - 1: SipHash-1-3 as CPython and Rust have it.
static void
the_keyed_hash_is_siphash_1_3(void **state)
{
	static const uint64_t expected[] = {UINT64_C(0xabac0158050fc4dc), UINT64_C(0xc9f49bf37d57ca93),
	    UINT64_C(0x82cb9b024dc7d44d), UINT64_C(0x8bf80ab8e7ddf7fb), UINT64_C(0xcf75576088d38328),
	    UINT64_C(0xdef9d52f49533b67), UINT64_C(0xc50d2b50c59f22a7), UINT64_C(0xd3927d989bb11140),
	    UINT64_C(0x369095118d299a8e), UINT64_C(0x25a48eb36c063de4), UINT64_C(0x79de85ee92ff097f),
	    UINT64_C(0x70c118c1f94dc352), UINT64_C(0x78a384b157b4d9a2), UINT64_C(0x306f760c1229ffa7),
	    UINT64_C(0x605aa111c0f95d34), UINT64_C(0xd320d86d2a519956)};
	uint8_t key[16], input[16];

	(void)state;
	for (uint8_t i = 0; i < 16; i++) {
		key[i] = input[i] = i;
	}
	for (size_t len = 0; len < EN_COUNT_OF(expected); len++) {
		assert_int_equal(hash_keyed(key, view_of(input, len)), expected[len]);
	}
}

static void
the_low_bits_of_hashes_of_similar_keys_are_spread_evenly(void **state)
{
	unsigned buckets[256] = {0};
	char text[16];

	(void)state;
	for (int i = 0; i < 256 * 100; i++) {
		buckets[hash_bytes(0, key_of(i, text)) % 256]++;
	}
	for (size_t i = 0; i < EN_COUNT_OF(buckets); i++) {
		assert_in_range(buckets[i], 50, 150); // five standard deviations each way
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_put_is_found_and_what_was_not_is_null),
	    cmocka_unit_test(asking_again_answers_as_asking_does),
	    cmocka_unit_test(keys_are_bytes_and_the_empty_one_is_a_key),
	    cmocka_unit_test(putting_again_replaces_and_gives_the_old_value),
	    cmocka_unit_test(the_map_owns_its_keys),
	    cmocka_unit_test(a_walk_may_remove_the_key_it_stands_on_and_meets_every_key_once),
	    cmocka_unit_test(graves_do_not_fill_the_table),
	    cmocka_unit_test(hashes_depend_on_the_seed_the_length_and_every_byte),
	    cmocka_unit_test(the_keyed_hash_is_siphash_1_3),
	    cmocka_unit_test(the_low_bits_of_hashes_of_similar_keys_are_spread_evenly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

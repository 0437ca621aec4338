// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/crypto.h"

#include "support/support.h"

static int
setup(void **state)
{
	(void)state;
	return crypto_init() == EN_OK ? 0 : -1;
}

static void
starting_twice_is_fine(void **state)
{
	(void)state;
	assert_ok(crypto_init());
}

static void
the_hash_is_blake2b(void **state)
{
	// RFC 7693, appendix A: BLAKE2b-512 of "abc".
	static const char wanted[] = "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
				     "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923";
	uint8_t digest[64];
	struct buf hex = BUF_EMPTY;

	(void)state;
	crypto_hash(digest, 64, VIEW_EMPTY, view_text("abc"));
	hex_put(&hex, view_of(digest, 64));
	assert_string_equal(buf_cstr(&hex), wanted);
	buf_fini(&hex);
}

static void
another_key_is_another_hash(void **state)
{
	uint8_t a[32], b[32], c[32];

	(void)state;
	crypto_hash(a, 32, VIEW_EMPTY, view_text("folio"));
	crypto_hash(b, 32, view_text("0123456789abcdef"), view_text("folio"));
	crypto_hash(c, 32, view_text("0123456789abcdeg"), view_text("folio"));
	assert_memory_not_equal(a, b, 32);
	assert_memory_not_equal(b, c, 32);
}

static void
parts_do_not_run_into_each_other(void **state)
{
	const struct view ab_c[] = {view_text("ab"), view_text("c")};
	const struct view a_bc[] = {view_text("a"), view_text("bc")};
	const struct view abc_empty[] = {view_text("abc"), VIEW_EMPTY};
	const struct view abc[] = {view_text("abc")};
	uint8_t digests[4][32];

	(void)state;
	crypto_hash_parts(digests[0], 32, VIEW_EMPTY, ab_c, 2);
	crypto_hash_parts(digests[1], 32, VIEW_EMPTY, a_bc, 2);
	crypto_hash_parts(digests[2], 32, VIEW_EMPTY, abc_empty, 2);
	crypto_hash_parts(digests[3], 32, VIEW_EMPTY, abc, 1);
	for (int i = 0; i < 4; i++) {
		for (int j = 0; j < i; j++) {
			assert_memory_not_equal(digests[i], digests[j], 32);
		}
	}
}

static void
parts_are_hashed_each_behind_its_length(void **state)
{
	const struct view parts[] = {view_text("ab"), view_text("c")};
	uint8_t by_parts[32], whole[32];

	(void)state;
	crypto_hash_parts(by_parts, 32, VIEW_EMPTY, parts, 2);
	crypto_hash(whole, 32, VIEW_EMPTY, view_of("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c", 19));
	assert_memory_equal(by_parts, whole, 32);
}

static void
the_short_hash_depends_on_its_key(void **state)
{
	uint8_t a[16], b[16];

	(void)state;
	crypto_short_hash(a, (const uint8_t *)"0123456789abcdef", view_text("id"));
	crypto_short_hash(b, (const uint8_t *)"0123456789abcdeg", view_text("id"));
	assert_memory_not_equal(a, b, 16);
}

static void
what_was_sealed_opens_and_any_flipped_bit_is_found(void **state)
{
	uint8_t key[CRYPTO_KEY_BYTES] = {1}, nonce[CRYPTO_NONCE_BYTES] = {2};
	uint8_t sealed[5 + CRYPTO_TAG_BYTES], opened[5];
	struct view head = view_text("clear header");

	(void)state;
	crypto_seal(sealed, key, nonce, head, view_text("datos"));
	assert_memory_not_equal(sealed, "datos", 5);
	assert_ok(crypto_open(opened, key, nonce, head, view_of(sealed, sizeof(sealed))));
	assert_memory_equal(opened, "datos", 5);
	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_err(EN_ECORRUPT, crypto_open(opened, key, nonce, head, view_of(sealed, sizeof(sealed))));
		sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_err(
	    EN_ECORRUPT, crypto_open(opened, key, nonce, view_text("Clear header"), view_of(sealed, sizeof(sealed))));
	nonce[0]++;
	assert_err(EN_ECORRUPT, crypto_open(opened, key, nonce, head, view_of(sealed, sizeof(sealed))));
}

static void
every_cut_of_a_sealed_text_is_corrupt(void **state)
{
	uint8_t key[CRYPTO_KEY_BYTES] = {1}, nonce[CRYPTO_NONCE_BYTES] = {2};
	uint8_t sealed[CRYPTO_TAG_BYTES + 3], opened[3];

	(void)state;
	crypto_seal(sealed, key, nonce, VIEW_EMPTY, view_text("abc"));
	for (size_t len = 0; len < sizeof(sealed); len++) {
		assert_err(EN_ECORRUPT, crypto_open(opened, key, nonce, VIEW_EMPTY, view_of(sealed, len)));
	}
	crypto_seal(sealed, key, nonce, VIEW_EMPTY, VIEW_EMPTY);
	assert_ok(crypto_open(opened, key, nonce, VIEW_EMPTY, view_of(sealed, CRYPTO_TAG_BYTES)));
}

static void
aes_agrees_with_its_published_vector_and_finds_any_flipped_bit(void **state)
{
	// McGrew and Viega, The Galois/Counter Mode of Operation, test case 14.
	static const uint8_t wanted[] = {0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba,
	    0xf3, 0x9d, 0x18, 0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9,
	    0x19};
	static const uint8_t key[CRYPTO_KEY_BYTES], nonce[CRYPTO_NONCE_BYTES], zeros[16];
	uint8_t sealed[sizeof(wanted)], opened[sizeof(zeros)];
	struct crypto_aes aes;

	(void)state;
	if (!crypto_has_aes()) {
		skip();
	}
	crypto_aes_init(&aes, key);
	crypto_aes_seal(sealed, &aes, nonce, VIEW_EMPTY, view_of(zeros, sizeof(zeros)));
	assert_memory_equal(sealed, wanted, sizeof(wanted));
	assert_ok(crypto_aes_open(opened, &aes, nonce, VIEW_EMPTY, view_of(sealed, sizeof(sealed))));
	assert_memory_equal(opened, zeros, sizeof(zeros));
	assert_err(EN_ECORRUPT, crypto_aes_open(opened, &aes, nonce, view_text("x"), view_of(sealed, sizeof(sealed))));
	for (size_t bit = 0; bit < sizeof(sealed) * 8; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		assert_err(
		    EN_ECORRUPT, crypto_aes_open(opened, &aes, nonce, VIEW_EMPTY, view_of(sealed, sizeof(sealed))));
		sealed[bit / 8] ^= (uint8_t)(1U << (bit % 8));
	}
	for (size_t len = 0; len < sizeof(sealed); len++) {
		assert_err(EN_ECORRUPT, crypto_aes_open(opened, &aes, nonce, VIEW_EMPTY, view_of(sealed, len)));
	}
}

static void
random_bytes_differ_and_wiped_ones_are_zero(void **state)
{
	uint8_t a[32], b[32];

	(void)state;
	crypto_random(a, sizeof(a));
	crypto_random(b, sizeof(b));
	assert_false(crypto_equal(a, b, sizeof(a)));
	crypto_wipe(a, sizeof(a));
	crypto_wipe(b, sizeof(b));
	assert_true(crypto_equal(a, b, sizeof(a)));
	assert_int_equal(a[0] | a[31], 0);
	assert_true(crypto_equal(NULL, NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(starting_twice_is_fine),
	    cmocka_unit_test(the_hash_is_blake2b),
	    cmocka_unit_test(another_key_is_another_hash),
	    cmocka_unit_test(parts_do_not_run_into_each_other),
	    cmocka_unit_test(parts_are_hashed_each_behind_its_length),
	    cmocka_unit_test(the_short_hash_depends_on_its_key),
	    cmocka_unit_test(what_was_sealed_opens_and_any_flipped_bit_is_found),
	    cmocka_unit_test(every_cut_of_a_sealed_text_is_corrupt),
	    cmocka_unit_test(aes_agrees_with_its_published_vector_and_finds_any_flipped_bit),
	    cmocka_unit_test(random_bytes_differ_and_wiped_ones_are_zero),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// A thin face of libsodium. Lengths are our own code's, so they are asserted; a wrong tag is foreign and is an error.
#include "base/crypto.h"

#undef crypto_hash // from here on the word is libsodium's

#include <assert.h>
#include <sodium.h>

_Static_assert(CRYPTO_KEY_BYTES == crypto_aead_chacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(CRYPTO_NONCE_BYTES == crypto_aead_chacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(CRYPTO_TAG_BYTES == crypto_aead_chacha20poly1305_ietf_ABYTES, "tag");
_Static_assert(CRYPTO_KEY_BYTES == crypto_aead_aes256gcm_KEYBYTES, "key");
_Static_assert(CRYPTO_NONCE_BYTES == crypto_aead_aes256gcm_NPUBBYTES, "nonce");
_Static_assert(CRYPTO_TAG_BYTES == crypto_aead_aes256gcm_ABYTES, "tag");
_Static_assert(sizeof(struct crypto_aes) == sizeof(crypto_aead_aes256gcm_state), "state");
_Static_assert(CRYPTO_DIGEST_BYTES == crypto_generichash_BYTES, "digest");

enum en_err
crypto_init(void)
{
	return sodium_init() < 0 ? EN_EINTERNAL : EN_OK; // 1 says that it was done before
}

void
crypto_random(void *dst, size_t len)
{
	randombytes_buf(dst, len);
}

static void
check_hash_lengths(size_t len, struct view key)
{
	assert(len >= crypto_generichash_BYTES_MIN && len <= crypto_generichash_BYTES_MAX);
	assert(
	    key.len == 0 || (key.len >= crypto_generichash_KEYBYTES_MIN && key.len <= crypto_generichash_KEYBYTES_MAX));
}

void
en_crypto_hash(void *dst, size_t len, struct view key, struct view in)
{
	check_hash_lengths(len, key);
	int rc = crypto_generichash(dst, len, in.data, in.len, key.len == 0 ? NULL : key.data, key.len);

	assert(rc == 0);
	(void)rc;
}

void
crypto_hash_parts(void *dst, size_t len, struct view key, const struct view *parts, size_t count)
{
	crypto_generichash_state state;

	check_hash_lengths(len, key);
	(void)crypto_generichash_init(&state, key.len == 0 ? NULL : key.data, key.len, len); // lengths are checked
	for (size_t i = 0; i < count; i++) {
		uint8_t prefix[8];

		for (size_t j = 0; j < sizeof(prefix); j++) {
			prefix[j] = (uint8_t)((uint64_t)parts[i].len >> (56 - 8 * j));
		}
		(void)crypto_generichash_update(&state, prefix, sizeof(prefix));
		if (parts[i].len > 0) {
			(void)crypto_generichash_update(&state, parts[i].data, parts[i].len);
		}
	}
	(void)crypto_generichash_final(&state, dst, len);
	sodium_memzero(&state, sizeof(state));
}

void
crypto_short_hash(uint8_t dst[16], const uint8_t key[16], struct view in)
{
	_Static_assert(crypto_shorthash_siphashx24_BYTES == 16, "128 bits");
	_Static_assert(crypto_shorthash_siphashx24_KEYBYTES == 16, "128 bits");
	(void)crypto_shorthash_siphashx24(dst, in.data, in.len, key); // always 0
}

void
crypto_seal(uint8_t *dst, const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
    struct view associated, struct view in)
{
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(
	    dst, NULL, in.data, in.len, associated.data, associated.len, NULL, nonce, key); // always 0
}

enum en_err
crypto_open(uint8_t *dst, const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
    struct view associated, struct view in)
{
	if (in.len < CRYPTO_TAG_BYTES) {
		return EN_ECORRUPT;
	}
	int rc = crypto_aead_chacha20poly1305_ietf_decrypt(
	    dst, NULL, NULL, in.data, in.len, associated.data, associated.len, nonce, key);

	return rc == 0 ? EN_OK : EN_ECORRUPT;
}

bool
crypto_has_aes(void)
{
	return crypto_aead_aes256gcm_is_available() == 1;
}

void
crypto_aes_init(struct crypto_aes *aes, const uint8_t key[CRYPTO_KEY_BYTES])
{
	(void)crypto_aead_aes256gcm_beforenm((crypto_aead_aes256gcm_state *)aes, key); // always 0
}

void
crypto_aes_seal(uint8_t *dst, const struct crypto_aes *aes, const uint8_t nonce[CRYPTO_NONCE_BYTES],
    struct view associated, struct view in)
{
	(void)crypto_aead_aes256gcm_encrypt_afternm(dst, NULL, in.data, in.len, associated.data, associated.len, NULL,
	    nonce, (const crypto_aead_aes256gcm_state *)aes); // always 0
}

enum en_err
crypto_aes_open(uint8_t *dst, const struct crypto_aes *aes, const uint8_t nonce[CRYPTO_NONCE_BYTES],
    struct view associated, struct view in)
{
	if (in.len < CRYPTO_TAG_BYTES) {
		return EN_ECORRUPT;
	}
	int rc = crypto_aead_aes256gcm_decrypt_afternm(dst, NULL, NULL, in.data, in.len, associated.data,
	    associated.len, nonce, (const crypto_aead_aes256gcm_state *)aes);

	return rc == 0 ? EN_OK : EN_ECORRUPT;
}

bool
crypto_equal(const void *a, const void *b, size_t len)
{
	return len == 0 || sodium_memcmp(a, b, len) == 0;
}

void
crypto_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}

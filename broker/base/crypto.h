// SPDX-License-Identifier: Apache-2.0
// The few primitives of libsodium that enlace uses, in one place: the only file that includes sodium.h. Everything
// here is a pure function but crypto_random and crypto_init. Never a bare hash of an identifier: ids are keyed
// (standards 2).
#ifndef EN_BASE_CRYPTO_H
#define EN_BASE_CRYPTO_H

#include "base/bytes.h"

#define CRYPTO_KEY_BYTES 32
#define CRYPTO_DIGEST_BYTES 32
#define CRYPTO_NONCE_BYTES 12
#define CRYPTO_TAG_BYTES 16

// libsodium exports a function called crypto_hash, with other arguments; ours gets a symbol of its own, so that
// neither is taken for the other when programs are linked.
#define crypto_hash en_crypto_hash

// Once per process, before anything else here; any thread. EN_EINTERNAL when the library refuses.
EN_MUST_CHECK enum en_err crypto_init(void);
// From the kernel. Only daemon, cli, sdk and tests call it: the core is deterministic.
void crypto_random(void *dst, size_t len);
// BLAKE2b with len (16..64) bytes out; key may be empty or 16..64 bytes.
void crypto_hash(void *dst, size_t len, struct view key, struct view in);
// The same over parts, each preceded by its length, so that ("ab","c") and ("a","bc") differ.
void crypto_hash_parts(void *dst, size_t len, struct view key, const struct view *parts, size_t count);
// SipHash-2-4 with 128 bits out, for tables of ids that peers choose. key: 16 bytes.
void crypto_short_hash(uint8_t dst[16], const uint8_t key[16], struct view in);
// AEAD: ChaCha20-Poly1305 IETF, which every processor can.
// dst has room for in.len + CRYPTO_TAG_BYTES. The nonce must never repeat under one key.
void crypto_seal(uint8_t *dst, const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
    struct view associated, struct view in);
// dst has room for in.len - CRYPTO_TAG_BYTES. EN_ECORRUPT when a bit is wrong.
EN_MUST_CHECK enum en_err crypto_open(uint8_t *dst, const uint8_t key[CRYPTO_KEY_BYTES],
    const uint8_t nonce[CRYPTO_NONCE_BYTES], struct view associated, struct view in);
// AEAD: AES-256-GCM, twice as fast where the processor has it (crypto_has_aes); never call the others where it has not.
// The key is expanded once. Lengths, nonce and errors as above.
struct crypto_aes {
	_Alignas(16) uint8_t state[512];
};
bool crypto_has_aes(void);
void crypto_aes_init(struct crypto_aes *aes, const uint8_t key[CRYPTO_KEY_BYTES]);
void crypto_aes_seal(uint8_t *dst, const struct crypto_aes *aes, const uint8_t nonce[CRYPTO_NONCE_BYTES],
    struct view associated, struct view in);
EN_MUST_CHECK enum en_err crypto_aes_open(uint8_t *dst, const struct crypto_aes *aes,
    const uint8_t nonce[CRYPTO_NONCE_BYTES], struct view associated, struct view in);
// Constant time.
bool crypto_equal(const void *a, const void *b, size_t len);
void crypto_wipe(void *p, size_t len);

#endif

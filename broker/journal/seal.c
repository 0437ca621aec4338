// SPDX-License-Identifier: Apache-2.0
// Writing: keys, the header, the body under it, the chain.
#include "journal/seal.h"

#include <assert.h>

#include "journal/seal_int.h"

_Static_assert(SEAL_OVERHEAD_BYTES == 128, "header and tag fill one block of the hash");

const char seal_magic[5] = "ENB1";

// ---- keys ----------------------------------------------------------------------------------------------------------

enum en_err
seal_keys_init(struct seal_keys *keys, const uint8_t key[CRYPTO_KEY_BYTES], enum seal_cipher cipher)
{
	uint8_t aes_key[CRYPTO_KEY_BYTES];
	bool has_aes = crypto_has_aes();

	if (cipher == SEAL_AES256_GCM && !has_aes) {
		return EN_ECONFIG;
	}
	// A key serves one cipher.
	memset(keys, 0, sizeof(*keys));
	crypto_hash(keys->chacha, sizeof(keys->chacha), view_of(key, CRYPTO_KEY_BYTES), view_text("chacha20-poly1305"));
	keys->has_aes = has_aes;
	if (has_aes) {
		crypto_hash(aes_key, sizeof(aes_key), view_of(key, CRYPTO_KEY_BYTES), view_text("aes256-gcm"));
		crypto_aes_init(&keys->aes, aes_key);
		crypto_wipe(aes_key, sizeof(aes_key));
	}
	keys->cipher = cipher != SEAL_FASTEST ? cipher : has_aes ? SEAL_AES256_GCM : SEAL_CHACHA20_POLY1305;
	return EN_OK;
}

void
seal_keys_wipe(struct seal_keys *keys)
{
	crypto_wipe(keys, sizeof(*keys));
}

// ---- records -------------------------------------------------------------------------------------------------------

static uint8_t *
put_big_endian(uint8_t *at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++) {
		at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
	}
	return at + bytes;
}

static uint8_t *
put_bytes(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

void
seal_nonce(uint32_t run, uint64_t sequence, uint8_t ret[CRYPTO_NONCE_BYTES])
{
	_Static_assert(CRYPTO_NONCE_BYTES == 4 + 8, "nonce");
	put_big_endian(put_big_endian(ret, run, 4), sequence, 8);
}

void
seal_hash(struct view record, uint8_t ret[RECORD_HASH_BYTES])
{
	uint8_t both[SEAL_OVERHEAD_BYTES];

	memcpy(both, record.data, SEAL_HEADER_BYTES);
	memcpy(both + SEAL_HEADER_BYTES, record.data + record.len - CRYPTO_TAG_BYTES, CRYPTO_TAG_BYTES);
	crypto_hash(ret, RECORD_HASH_BYTES, VIEW_EMPTY, view_of(both, sizeof(both)));
}

static void
put_header(const struct seal_writer *w, uint8_t *at, const struct record *r)
{
	uint8_t *start = at;

	*at++ = SEAL_FORMAT;
	*at++ = r->kind;
	*at++ = r->lanes;
	*at++ = (uint8_t)w->keys->cipher;
	at = put_big_endian(at, r->body.len, 4);
	at = put_big_endian(at, r->sequence, 8);
	at = put_big_endian(at, (uint64_t)r->wall_ms, 8);
	at = put_big_endian(at, r->key_slot, 4);
	at = put_big_endian(at, w->run, 4);
	at = put_bytes(at, r->id, sizeof(r->id));
	at = put_bytes(at, r->rules_digest, sizeof(r->rules_digest));
	at = put_bytes(at, r->schema_digest, sizeof(r->schema_digest));
	at = put_bytes(at, w->head, sizeof(w->head));
	assert(at == start + SEAL_HEADER_BYTES);
}

void
seal_begin(struct seal_writer *w, const uint8_t head[RECORD_HASH_BYTES])
{
	memcpy(w->head, head, sizeof(w->head));
	buf_clear(&w->block);
	buf_clear(&w->lengths);
	w->first = 0;
	w->count = 0;
}

void
seal_put(struct seal_writer *w, const struct record *r)
{
	size_t len = SEAL_OVERHEAD_BYTES + r->body.len;
	uint8_t nonce[CRYPTO_NONCE_BYTES], *at;

	if (w->block.err != EN_OK || w->lengths.err != EN_OK) {
		return;
	}
	assert(r->body.len < UINT32_MAX - SEAL_OVERHEAD_BYTES);
	assert(w->count == 0 || r->sequence == w->first + w->count);
	if (!buf_reserve(&w->block, len)) {
		return;
	}
	at = w->block.data + w->block.len;
	put_header(w, at, r);
	seal_nonce(w->run, r->sequence, nonce);
	if (w->keys->cipher == SEAL_AES256_GCM) {
		crypto_aes_seal(at + SEAL_HEADER_BYTES, &w->keys->aes, nonce, view_of(at, SEAL_HEADER_BYTES), r->body);
	} else {
		crypto_seal(at + SEAL_HEADER_BYTES, w->keys->chacha, nonce, view_of(at, SEAL_HEADER_BYTES), r->body);
	}
	seal_hash(view_of(at, len), w->head);
	w->block.len += len;
	buf_put_u32(&w->lengths, (uint32_t)len);
	if (w->count++ == 0) {
		w->first = r->sequence;
	}
}

enum en_err
seal_end(struct seal_writer *w, struct view *ret)
{
	buf_put_view(&w->block, buf_view(&w->lengths));
	buf_put_u64(&w->block, w->first);
	buf_put_u32(&w->block, w->count);
	buf_put(&w->block, seal_magic, 4);
	if (w->block.err != EN_OK || w->lengths.err != EN_OK) {
		return EN_ENOMEM;
	}
	*ret = buf_view(&w->block);
	return EN_OK;
}

void
seal_fini(struct seal_writer *w)
{
	buf_fini(&w->block);
	buf_fini(&w->lengths);
}

// SPDX-License-Identifier: Apache-2.0
#include "journal/seal.h"

#include <assert.h>

#include "base/limits.h"

#define FORMAT 1
#define CIPHER_CHACHA20_POLY1305 1

static const char magic[] = "ENB1";

static void
nonce_of(uint64_t sequence, uint8_t nonce[CRYPTO_NONCE_BYTES])
{
	memset(nonce, 0, CRYPTO_NONCE_BYTES);
	for (int i = 0; i < 8; i++) {
		nonce[4 + i] = (uint8_t)(sequence >> (56 - 8 * i));
	}
}

static void
put_header(struct buf *out, const struct record *r, const uint8_t head[RECORD_HASH_BYTES])
{
	buf_put_u8(out, FORMAT);
	buf_put_u8(out, r->kind);
	buf_put_u8(out, r->lanes);
	buf_put_u8(out, CIPHER_CHACHA20_POLY1305);
	buf_put_u32(out, (uint32_t)r->body.len);
	buf_put_u64(out, r->sequence);
	buf_put_u64(out, (uint64_t)r->wall_ms);
	buf_put_u32(out, r->key_slot);
	buf_put(out, r->id, sizeof(r->id));
	buf_put(out, r->rules_digest, sizeof(r->rules_digest));
	buf_put(out, r->schema_digest, sizeof(r->schema_digest));
	buf_put(out, head, RECORD_HASH_BYTES);
}

// The hash covers the header, which names the record before, and the tag, which stands for the body.
static void
hash_of(struct view header, struct view tag, uint8_t ret[RECORD_HASH_BYTES])
{
	uint8_t both[SEAL_OVERHEAD_BYTES];

	memcpy(both, header.data, SEAL_HEADER_BYTES);
	memcpy(both + SEAL_HEADER_BYTES, tag.data, CRYPTO_TAG_BYTES);
	crypto_hash(ret, RECORD_HASH_BYTES, VIEW_EMPTY, view_of(both, sizeof(both)));
}

static void
seal_one(struct buf *out, const struct record *r, const uint8_t key[CRYPTO_KEY_BYTES], uint8_t head[RECORD_HASH_BYTES])
{
	size_t start = out->len + 4;
	uint8_t nonce[CRYPTO_NONCE_BYTES];

	buf_put_u32(out, (uint32_t)(SEAL_OVERHEAD_BYTES + r->body.len));
	put_header(out, r, head);
	if (!buf_reserve(out, r->body.len + CRYPTO_TAG_BYTES)) {
		return;
	}
	nonce_of(r->sequence, nonce);
	crypto_seal(out->data + out->len, key, nonce, view_of(out->data + start, SEAL_HEADER_BYTES), r->body);
	out->len += r->body.len + CRYPTO_TAG_BYTES;
	hash_of(view_of(out->data + start, SEAL_HEADER_BYTES),
	    view_of(out->data + out->len - CRYPTO_TAG_BYTES, CRYPTO_TAG_BYTES), head);
}

void
seal_block(struct buf *out, const struct record *records, size_t count, const uint8_t key[CRYPTO_KEY_BYTES],
    uint8_t head[RECORD_HASH_BYTES])
{
	buf_put(out, magic, 4);
	buf_put_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count && out->err == EN_OK; i++) {
		assert(i == 0 || records[i].sequence == records[i - 1].sequence + 1);
		seal_one(out, &records[i], key, head);
	}
}

enum en_err
seal_open_block(struct seal_reader *r, struct view block, uint64_t first_sequence, const uint8_t key[CRYPTO_KEY_BYTES])
{
	struct view head;

	*r = (struct seal_reader){.rd = rd_init(block), .sequence = first_sequence, .key = key, .body = BUF_EMPTY};
	head = rd_view(&r->rd, 4);
	r->left = rd_u32(&r->rd);
	if (r->rd.err != EN_OK || !view_is(head, magic)) {
		r->left = 0;
		return EN_ECORRUPT;
	}
	return EN_OK;
}

static bool
read_header(struct view bytes, struct record *ret, uint32_t *ret_len, uint8_t previous[RECORD_HASH_BYTES])
{
	struct rd r = rd_init(view_of(bytes.data, SEAL_HEADER_BYTES));
	uint8_t format = rd_u8(&r), cipher;

	ret->kind = rd_u8(&r);
	ret->lanes = rd_u8(&r);
	cipher = rd_u8(&r);
	*ret_len = rd_u32(&r);
	ret->sequence = rd_u64(&r);
	ret->wall_ms = (int64_t)rd_u64(&r);
	ret->key_slot = rd_u32(&r);
	rd_copy(&r, ret->id, sizeof(ret->id));
	rd_copy(&r, ret->rules_digest, sizeof(ret->rules_digest));
	rd_copy(&r, ret->schema_digest, sizeof(ret->schema_digest));
	rd_copy(&r, previous, RECORD_HASH_BYTES);
	return rd_end(&r) == EN_OK && format == FORMAT && cipher == CIPHER_CHACHA20_POLY1305;
}

static bool
open_body(struct seal_reader *r, struct view bytes, struct record *ret)
{
	struct view cipher = view_of(bytes.data + SEAL_HEADER_BYTES, bytes.len - SEAL_HEADER_BYTES);
	uint8_t nonce[CRYPTO_NONCE_BYTES];

	nonce_of(ret->sequence, nonce);
	buf_clear(&r->body);
	if (!buf_reserve(&r->body, cipher.len) ||
	    crypto_open(r->body.data, r->key, nonce, view_of(bytes.data, SEAL_HEADER_BYTES), cipher) != EN_OK) {
		return false;
	}
	r->body.len = cipher.len - CRYPTO_TAG_BYTES;
	ret->body = buf_view(&r->body);
	hash_of(bytes, view_of(bytes.data + bytes.len - CRYPTO_TAG_BYTES, CRYPTO_TAG_BYTES), r->hash);
	return true;
}

enum en_err
seal_next(struct seal_reader *r, bool with_body, struct record *ret)
{
	struct view bytes;
	uint32_t len, body_len = 0;
	bool ok;

	if (r->left == 0) {
		return EN_ENOTFOUND;
	}
	len = rd_u32(&r->rd);
	bytes = rd_view(&r->rd, len);
	if (r->rd.err != EN_OK || len < SEAL_OVERHEAD_BYTES) {
		r->left = 0;
		return EN_ECORRUPT;
	}
	r->left--;
	memset(ret, 0, sizeof(*ret));
	ok = read_header(bytes, ret, &body_len, r->previous) && ret->sequence == r->sequence &&
	    body_len == len - SEAL_OVERHEAD_BYTES;
	if (ok && with_body) {
		ok = open_body(r, bytes, ret);
	}
	if (!ok) {
		*ret = (struct record){.sequence = r->sequence, .is_damaged = true};
	}
	r->sequence++;
	return EN_OK;
}

void
seal_close(struct seal_reader *r)
{
	buf_fini(&r->body);
}

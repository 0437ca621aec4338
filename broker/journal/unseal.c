// SPDX-License-Identifier: Apache-2.0
// Reading: a block's index, or what stands in for it when it is damaged; the header, the body under it, the hash.
#include "journal/seal.h"

#include <stdlib.h>

#include "base/limits.h"
#include "journal/seal_int.h"

#define WORK_MAX                                                                                                       \
	64 // times the size of the block that a search may decrypt in vain: what looks like a record and is none

struct header {
	struct record record;
	uint8_t format, cipher;
	uint32_t body_len, run;
	uint8_t previous[RECORD_HASH_BYTES];
};

// bytes has SEAL_HEADER_BYTES at least.
static void
read_header(struct view bytes, struct header *ret)
{
	struct rd r = rd_init(view_of(bytes.data, SEAL_HEADER_BYTES));

	memset(ret, 0, sizeof(*ret));
	ret->format = rd_u8(&r);
	ret->record.kind = rd_u8(&r);
	ret->record.lanes = rd_u8(&r);
	ret->cipher = rd_u8(&r);
	ret->body_len = rd_u32(&r);
	ret->record.sequence = rd_u64(&r);
	ret->record.wall_ms = (int64_t)rd_u64(&r);
	ret->record.key_slot = rd_u32(&r);
	ret->run = rd_u32(&r);
	rd_copy(&r, ret->record.id, sizeof(ret->record.id));
	rd_copy(&r, ret->record.rules_digest, sizeof(ret->record.rules_digest));
	rd_copy(&r, ret->record.schema_digest, sizeof(ret->record.schema_digest));
	rd_copy(&r, ret->previous, sizeof(ret->previous));
}

// Appends the plain body to out. EN_ECORRUPT leaves out as it was.
static enum en_err
open_record(const struct seal_keys *keys, struct view bytes, const struct header *h, struct buf *out)
{
	struct view associated = view_of(bytes.data, SEAL_HEADER_BYTES);
	struct view sealed = view_of(bytes.data + SEAL_HEADER_BYTES, bytes.len - SEAL_HEADER_BYTES);
	uint8_t nonce[CRYPTO_NONCE_BYTES];
	enum en_err err = EN_ECORRUPT;

	if (!buf_reserve(out, sealed.len)) {
		return out->err;
	}
	seal_nonce(h->run, h->record.sequence, nonce);
	if (h->cipher == SEAL_CHACHA20_POLY1305) {
		err = crypto_open(out->data + out->len, keys->chacha, nonce, associated, sealed);
	} else if (h->cipher == SEAL_AES256_GCM && keys->has_aes) {
		err = crypto_aes_open(out->data + out->len, &keys->aes, nonce, associated, sealed);
	}
	if (err == EN_OK) {
		out->len += h->body_len;
	}
	return err;
}

// ---- a damaged index -----------------------------------------------------------------------------------------------

struct search {
	struct seal_reader *reader;
	struct buf scratch;
	size_t cap, in_vain;
	uint64_t expected; // 0: any
};

static bool
could_be(const struct search *s, const struct header *h, size_t left)
{
	uint64_t sequence = h->record.sequence;

	return h->format == SEAL_FORMAT && (h->cipher == SEAL_CHACHA20_POLY1305 || h->cipher == SEAL_AES256_GCM) &&
	    sequence > 0 && h->body_len <= left - SEAL_OVERHEAD_BYTES &&
	    (s->expected == 0 || (sequence >= s->expected && sequence - s->expected < LIMIT_JOURNAL_GAP));
}

static enum en_err
add_place(struct search *s, struct seal_place place)
{
	struct seal_reader *r = s->reader;

	if (r->count == s->cap) {
		size_t cap = s->cap == 0 ? 64 : s->cap * 2;
		struct seal_place *grown = realloc(r->places, cap * sizeof(*grown));

		if (grown == NULL) {
			return EN_ENOMEM;
		}
		r->places = grown;
		s->cap = cap;
	}
	r->places[r->count++] = place;
	return EN_OK;
}

// What is missing between two records that were found was in this block as well.
static enum en_err
add_found(struct search *s, uint64_t sequence, size_t offset, size_t len)
{
	enum en_err err = EN_OK;

	for (uint64_t missing = s->expected; s->expected != 0 && missing < sequence && err == EN_OK; missing++) {
		err = add_place(s, (struct seal_place){.sequence = missing});
	}
	s->expected = sequence + 1;
	return err == EN_OK ? add_place(s, (struct seal_place){.sequence = sequence, .offset = offset, .len = len})
			    : err;
}

// Every byte could be the first of a record; one that authenticates is one.
static enum en_err
search_records(struct seal_reader *r, uint64_t expected)
{
	struct search s = {.reader = r, .scratch = BUF_EMPTY, .expected = expected};
	struct header h;
	size_t at = 0;
	enum en_err err = EN_OK;

	while (r->block.len - at >= SEAL_OVERHEAD_BYTES && s.in_vain < WORK_MAX * r->block.len && err == EN_OK) {
		size_t left = r->block.len - at, len;

		if (r->block.data[at] != SEAL_FORMAT) {
			at++;
			continue;
		}
		read_header(view_of(r->block.data + at, left), &h);
		if (!could_be(&s, &h, left)) {
			at++;
			continue;
		}
		len = SEAL_OVERHEAD_BYTES + (size_t)h.body_len;
		buf_clear(&s.scratch);
		err = open_record(r->keys, view_of(r->block.data + at, len), &h, &s.scratch);
		if (err == EN_OK) {
			err = add_found(&s, h.record.sequence, at, len);
			at += len;
		} else if (err == EN_ECORRUPT) {
			err = EN_OK;
			s.in_vain += len;
			at++;
		}
	}
	crypto_wipe(s.scratch.data, s.scratch.len);
	buf_fini(&s.scratch);
	return err;
}

// ---- blocks --------------------------------------------------------------------------------------------------------

// Whether the index agrees with the block's size and with the store's key.
static bool
read_index(struct seal_reader *r, uint64_t key)
{
	struct rd tail, lengths;
	size_t sum = 0;
	uint64_t first;

	if (r->block.len < SEAL_TRAILER_BYTES) {
		return false;
	}
	tail = rd_init(view_of(r->block.data + r->block.len - SEAL_TRAILER_BYTES, SEAL_TRAILER_BYTES));
	first = rd_u64(&tail);
	r->count = rd_u32(&tail);
	if (!view_is(rd_view(&tail, 4), seal_magic) || first != key || r->count == 0 ||
	    r->count > (r->block.len - SEAL_TRAILER_BYTES) / (SEAL_OVERHEAD_BYTES + 4)) {
		return false;
	}
	r->lengths = r->block.data + r->block.len - SEAL_TRAILER_BYTES - (size_t)r->count * 4;
	lengths = rd_init(view_of(r->lengths, (size_t)r->count * 4));
	for (uint32_t i = 0; i < r->count; i++) {
		uint32_t len = rd_u32(&lengths);

		if (len < SEAL_OVERHEAD_BYTES) {
			return false;
		}
		sum += len;
	}
	return sum == (size_t)(r->lengths - r->block.data);
}

// Behind what was found there may have been more. The index is asked first; where it cannot be right, as many as there is
// room for, so that no sequence is taken for a new one that was used.
static uint64_t
last_at_most(const struct seal_reader *r)
{
	const struct seal_place *newest = r->count > 0 ? &r->places[r->count - 1] : NULL;
	uint64_t first = r->count > 0 ? r->places[0].sequence : r->sequence,
		 found = newest == NULL ? 0 : newest->sequence - first + 1;
	size_t left = r->block.len - (newest == NULL ? 0 : newest->offset + newest->len), taken, room, said = 0;

	taken = SEAL_TRAILER_BYTES + (size_t)found * 4;
	room = left > taken ? (left - taken) / (SEAL_OVERHEAD_BYTES + 4) : 0;
	if (r->block.len >= SEAL_TRAILER_BYTES) {
		struct rd tail =
		    rd_init(view_of(r->block.data + r->block.len - SEAL_TRAILER_BYTES, SEAL_TRAILER_BYTES));

		(void)rd_u64(&tail);
		said = rd_u32(&tail);
	}
	if (said > found ? said - found <= room : said == found && left == taken) {
		room = said - found;
	}
	return first + found + room - 1;
}

enum en_err
seal_open(struct seal_reader *r, const struct seal_keys *keys, struct view block, uint64_t key, uint64_t expected)
{
	enum en_err err;

	*r = (struct seal_reader){.keys = keys, .block = block, .sequence = key};
	if (read_index(r, key)) {
		return EN_OK;
	}
	*r = (struct seal_reader){.keys = keys, .block = block, .sequence = key, .is_index_damaged = true};
	err = search_records(r, expected != 0 ? expected : key);
	if (err == EN_OK && r->count == 0) {
		err = search_records(r, 0); // the key may be what is damaged
	}
	if (err != EN_OK) {
		seal_close(r);
		return err;
	}
	r->last = last_at_most(r);
	if (r->count > 0) {
		r->sequence = r->places[0].sequence;
	}
	return EN_OK;
}

// Where the next record is; steps past it.
static struct seal_place
step(struct seal_reader *r)
{
	struct seal_place place = {.sequence = r->sequence, .offset = r->offset};

	if (r->places != NULL) {
		place = r->places[r->at];
	} else {
		struct rd lengths = rd_init(view_of(r->lengths + (size_t)r->at * 4, 4));

		place.len = rd_u32(&lengths);
	}
	r->at++;
	r->offset += place.len;
	r->sequence = place.sequence + 1;
	return place;
}

void
seal_skip(struct seal_reader *r, uint64_t sequence)
{
	while (r->at < r->count && r->sequence < sequence) {
		(void)step(r);
	}
}

enum en_err
seal_next(struct seal_reader *r, struct buf *out, struct record *ret)
{
	struct seal_place place;
	struct header h;
	struct view bytes;
	enum en_err err = EN_ECORRUPT;

	r->lacks_cipher = false;
	if (r->at == r->count) {
		return EN_ENOTFOUND;
	}
	place = step(r);
	bytes = view_of(r->block.data + place.offset, place.len);
	if (place.len >= SEAL_OVERHEAD_BYTES) {
		read_header(bytes, &h);
		if (h.format == SEAL_FORMAT && h.record.sequence == place.sequence &&
		    h.body_len == place.len - SEAL_OVERHEAD_BYTES) {
			err = open_record(r->keys, bytes, &h, out);
			r->lacks_cipher = h.cipher == SEAL_AES256_GCM && !r->keys->has_aes;
		}
	}
	if (err == EN_ENOMEM) {
		return err;
	}
	if (err != EN_OK) {
		*ret = (struct record){.sequence = place.sequence, .is_damaged = true};
		return EN_OK;
	}
	*ret = h.record;
	ret->body = view_of(out->data + out->len - h.body_len, h.body_len);
	memcpy(r->previous, h.previous, sizeof(r->previous));
	seal_hash(bytes, r->hash);
	return EN_OK;
}

void
seal_close(struct seal_reader *r)
{
	free(r->places);
	r->places = NULL;
}

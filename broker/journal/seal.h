// SPDX-License-Identifier: Apache-2.0
// Records as bytes: sealed one by one, packed into a block.
//
//   block: "ENB1", u32 count, then count times u32 length and the record (record.h)
#ifndef EN_JOURNAL_SEAL_H
#define EN_JOURNAL_SEAL_H

#include "journal/record.h"

#define SEAL_HEADER_BYTES (4 + 4 + 8 + 8 + 4 + RECORD_ID_BYTES + 2 * RECORD_DIGEST_BYTES + RECORD_HASH_BYTES)
#define SEAL_OVERHEAD_BYTES (SEAL_HEADER_BYTES + CRYPTO_TAG_BYTES)

// Appends a block of the records. head is the hash of the record before the first one, and becomes that of the last one.
void seal_block(struct buf *out, const struct record *records, size_t count, const uint8_t key[CRYPTO_KEY_BYTES], uint8_t head[RECORD_HASH_BYTES]);

// Walks a block. A record that cannot be checked is given with is_damaged; lengths that lie end the block with EN_ECORRUPT.
struct seal_reader {
	struct rd rd;
	uint64_t sequence;	// of the next record
	uint32_t left;
	const uint8_t *key;
	struct buf body;	// plain, of the newest record
	uint8_t hash[RECORD_HASH_BYTES], previous[RECORD_HASH_BYTES];	// of the newest record: its own, and the one that it names
};
EN_MUST_CHECK enum en_err seal_open_block(struct seal_reader *r, struct view block, uint64_t first_sequence, const uint8_t key[CRYPTO_KEY_BYTES]);
// EN_ENOTFOUND at the end. with_body: decrypt; otherwise the header alone is read and not trusted. The body is borrowed until the next call.
EN_MUST_CHECK enum en_err seal_next(struct seal_reader *r, bool with_body, struct record *ret);
void seal_close(struct seal_reader *r);

#endif

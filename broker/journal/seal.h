// SPDX-License-Identifier: Apache-2.0
// Records as bytes: sealed one by one (record.h), packed into blocks of any number of them.
//
//   block:  the records, one behind the other
//           then u32 length of each, u64 sequence of the first, u32 count, "ENB1"
//
// The index stands at the end, so that a block grows while the disk is busy with the one before. It only says where
// records are: each record proves itself. Damage inside a record is that record's alone. When the index itself lies,
// the records are searched for by their headers.
#ifndef EN_JOURNAL_SEAL_H
#define EN_JOURNAL_SEAL_H

#include "journal/record.h"

#define SEAL_HEADER_BYTES (4 + 4 + 8 + 8 + 4 + 4 + RECORD_ID_BYTES + 2 * RECORD_DIGEST_BYTES + RECORD_HASH_BYTES)
#define SEAL_OVERHEAD_BYTES (SEAL_HEADER_BYTES + CRYPTO_TAG_BYTES)
#define SEAL_FORMAT 1

enum seal_cipher { SEAL_FASTEST, SEAL_CHACHA20_POLY1305, SEAL_AES256_GCM };

// Made once for a journal, then only read: any thread.
struct seal_keys {
	uint8_t chacha[CRYPTO_KEY_BYTES];
	struct crypto_aes aes;
	bool has_aes;
	enum seal_cipher cipher;	// of records to come
};
// SEAL_FASTEST is AES where the processor has it. EN_ECONFIG when it has not and AES is asked for.
EN_MUST_CHECK enum en_err seal_keys_init(
    struct seal_keys *keys, const uint8_t key[CRYPTO_KEY_BYTES], enum seal_cipher cipher);
void seal_keys_wipe(struct seal_keys *keys);

// ---- writing

struct seal_writer {
	const struct seal_keys *keys;
	uint32_t run;
	uint8_t head[RECORD_HASH_BYTES];	// hash of the newest record, which the next one names
	struct buf block, lengths;
	uint64_t first;
	uint32_t count;
};
// A new block behind the record with that hash. The memory of the block before is used again.
void seal_begin(struct seal_writer *w, const uint8_t head[RECORD_HASH_BYTES]);
// Sequences follow each other. Without memory the error waits for seal_end.
void seal_put(struct seal_writer *w, const struct record *record);
// The whole block, borrowed until the next seal_begin.
EN_MUST_CHECK enum en_err seal_end(struct seal_writer *w, struct view *ret);
void seal_fini(struct seal_writer *w);

// ---- reading

struct seal_place {
	uint64_t sequence;
	size_t offset, len;	// len 0: not found
};
struct seal_reader {
	const struct seal_keys *keys;
	struct view block;
	const uint8_t *lengths;		// the index; unused after a search
	struct seal_place *places;	// after a search: what was found, in order
	size_t offset;
	uint32_t at, count;
	uint64_t sequence;		// of the next record
	bool is_index_damaged;
	uint64_t last;			// then: the sequence of its last record, or one above it
	bool lacks_cipher;		// the newest record is damaged, or its header names a cipher that is not here
	// Of the newest record: its own, and the one that it names.
	uint8_t hash[RECORD_HASH_BYTES], previous[RECORD_HASH_BYTES];
};
// key: the sequence that the store has the block under. expected: the sequence of its first record as far as the
// caller knows, or 0; used when the index is damaged. EN_ENOMEM; damage is no error.
EN_MUST_CHECK enum en_err seal_open(struct seal_reader *r, const struct seal_keys *keys, struct view block,
    uint64_t key, uint64_t expected);
// Passes over records before that sequence.
void seal_skip(struct seal_reader *r, uint64_t sequence);
// The body is appended to out and borrowed from there: it moves when out grows. A record that fails its check is
// given with is_damaged. EN_ENOTFOUND at the end, EN_ENOMEM.
EN_MUST_CHECK enum en_err seal_next(struct seal_reader *r, struct buf *out, struct record *ret);
void seal_close(struct seal_reader *r);

#endif

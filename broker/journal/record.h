// SPDX-License-Identifier: Apache-2.0
// A record of the journal: a chained clear header and an authenticated, encrypted body (design section 6). Both are
// checked on every read: neither LMDB nor the disk notices a flipped bit.
//
//   header, clear, 112 bytes, big-endian:
//     u8 format (1)  u8 kind  u8 lanes  u8 cipher  u32 body length  u64 sequence  u64 wall ms
//     u32 key slot (0: the journal's own key)  u32 run  16 opaque id (keyed hash of what the record is about)
//     16 rule set digest  16 schema digest  32 hash of the previous record
//   body: ciphertext + 16 bytes of tag; the header is the associated data; the nonce is run and sequence
//   hash of a record = BLAKE2b-256(header, tag): together 128 bytes, one block of that hash
//
// cipher: 1 ChaCha20-Poly1305, 2 AES-256-GCM, each with a key of its own. run: a random number of the opening of the
// journal that wrote the record. A sequence whose commit failed is given again after the restart, and the page with
// the first attempt may still lie on the disk: the run keeps the nonce from repeating.
//
// Sequences begin at 1 and have no gaps. The kinds and what their bodies mean belong to core/; the journal carries
// them. A record that fails its check is quarantined: reported with its sequence, never fatal, never renumbers
// others.
#ifndef EN_JOURNAL_RECORD_H
#define EN_JOURNAL_RECORD_H

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/limits.h"

#define RECORD_ID_BYTES 16
#define RECORD_DIGEST_BYTES 16
#define RECORD_HASH_BYTES 32

enum lane { LANE_ALERT, LANE_REFERRAL, LANE_BULK, LANE_COUNT };

// As the core writes it and reads it back. body is borrowed.
struct record {
	uint64_t sequence;
	int64_t wall_ms;
	uint8_t kind;
	uint8_t lanes;		// a bit per enum lane that it has deliveries in, so that readers can pass over others
	uint32_t key_slot;
	uint8_t id[RECORD_ID_BYTES];
	uint8_t rules_digest[RECORD_DIGEST_BYTES], schema_digest[RECORD_DIGEST_BYTES];
	struct view body;	// plain
	bool is_damaged;	// reading: the check failed; all but the sequence is empty
};

// Which records were found damaged, lowest first, each once however often it is read.
struct damage {
	struct damage_range {
		uint64_t first, last;
	} ranges[LIMIT_DAMAGE_RANGES];
	size_t count;		// of ranges
	uint64_t records;	// within them
	bool is_more;		// others were found, and there was no room for them
};

#endif

// SPDX-License-Identifier: Apache-2.0
// What writing and reading of records share.
#ifndef EN_JOURNAL_SEAL_INT_H
#define EN_JOURNAL_SEAL_INT_H

#include "journal/seal.h"

#define SEAL_TRAILER_BYTES (8 + 4 + 4) // behind the lengths

extern const char seal_magic[5];
void seal_nonce(uint32_t run, uint64_t sequence, uint8_t ret[CRYPTO_NONCE_BYTES]);
// Of a whole record: the header names the one before, the tag stands for the body.
void seal_hash(struct view record, uint8_t ret[RECORD_HASH_BYTES]);

#endif

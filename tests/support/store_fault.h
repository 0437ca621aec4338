// SPDX-License-Identifier: Apache-2.0
// A store in memory with faults: appends that wait or fail, blocks that are read other than they were written.
#ifndef EN_TESTS_STORE_FAULT_H
#define EN_TESTS_STORE_FAULT_H

#include "journal/store.h"

struct store_fault;

// The store of it is closed like any other, which frees the whole.
struct store_fault *store_fault_new(uint64_t quota_bytes);
struct store *store_fault_store(struct store_fault *f);

// From now on appends wait, before they do anything, until they are let go again. Any thread.
void store_fault_hold(struct store_fault *f);
void store_fault_let_go(struct store_fault *f);
// Returns when an append waits.
void store_fault_await_held(struct store_fault *f);
// The append after the next `good` ones fails, and every later one.
void store_fault_fail(struct store_fault *f, size_t good, enum en_err err);
size_t store_fault_appends(struct store_fault *f);

// Reading, the block of that sequence has this byte changed by xor; 0 changes nothing.
void store_fault_flip(struct store_fault *f, uint64_t first_sequence, size_t offset, uint8_t bits);
// Reading, the block of that sequence is not there; or stands under another sequence. 0: none.
void store_fault_lose(struct store_fault *f, uint64_t first_sequence);
void store_fault_rename(struct store_fault *f, uint64_t first_sequence, uint64_t as);
// The stored bytes of a block; the caller finishes the buffer.
void store_fault_block(struct store_fault *f, uint64_t first_sequence, struct buf *ret);

#endif

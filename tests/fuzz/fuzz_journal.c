// SPDX-License-Identifier: Apache-2.0
// Any bytes as a block of the journal. The first byte chooses what the reader is told of its place, the rest is the
// block. The seeds are blocks sealed under the key below, so that damage of every kind is a few bytes away. Checked
// besides memory: sequences rise, a record that is given as whole is one that was sealed, and skipping gives the same
// records as reading. `make fuzz FUZZ=journal` runs it.

#include "fuzz/require.h"
#include "journal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FIRST 41

// What the seeds hold: the body of record n is n times the letter of n.
static void
check_whole(const struct record *r)
{
	require(r->sequence >= FIRST && r->sequence < FIRST + 26 && r->body.len == r->sequence - FIRST);
	for (size_t i = 0; i < r->body.len; i++) {
		require(r->body.data[i] == (uint8_t)('a' + r->sequence - FIRST));
	}
}

static uint64_t
read_from(const struct seal_keys *keys, struct view block, uint64_t key, uint64_t expected, uint64_t from)
{
	struct seal_reader reader;
	struct buf body = BUF_EMPTY;
	struct record r;
	uint64_t before = 0, sum = 0;

	if (seal_open(&reader, keys, block, key, expected) != EN_OK) {
		return 0; // no memory
	}
	seal_skip(&reader, from);
	while (seal_next(&reader, &body, &r) == EN_OK) {
		require(before == 0 || r.sequence == before + 1);
		before = r.sequence;
		if (!r.is_damaged) {
			check_whole(&r);
		}
		if (r.sequence >= FIRST + 3) {
			sum = sum * 31 + r.sequence * 2 + r.is_damaged;
		}
		buf_clear(&body);
	}
	seal_close(&reader);
	buf_fini(&body);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[CRYPTO_KEY_BYTES] = "the key of the seeds of fuzzing.";
	struct seal_keys keys;
	uint64_t block_key, expected;

	if (size == 0 || crypto_init() != EN_OK || seal_keys_init(&keys, key, SEAL_CHACHA20_POLY1305) != EN_OK) {
		return 0;
	}
	block_key = data[0] % 3 == 0 ? FIRST : data[0] % 3 == 1 ? data[0] : UINT64_MAX;
	expected = data[0] < 128 ? FIRST : 0;
	require(read_from(&keys, view_of(data + 1, size - 1), block_key, expected, 0) ==
	    read_from(&keys, view_of(data + 1, size - 1), block_key, expected, FIRST + 3));
	return 0;
}

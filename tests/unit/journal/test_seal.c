// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "journal/seal.h"
#include "support/support.h"

#define RECORDS 5
#define FIRST 41

static const uint8_t key[CRYPTO_KEY_BYTES] = "a key of the tests, thirty-two b";
static const uint8_t zero_head[RECORD_HASH_BYTES];
static const char *const bodies[RECORDS] = {
    "the first", "", "a third one that is somewhat longer", "4", "and the last"};

struct fixture {
	struct seal_keys keys;
	struct seal_writer writer;
	struct view block;
};

static struct record
record_at(size_t i)
{
	struct record r = {.sequence = FIRST + i,
	    .wall_ms = 1795468805123 + (int64_t)i,
	    .kind = (uint8_t)(1 + i),
	    .lanes = (uint8_t)(1U << (i % 3)),
	    .key_slot = (uint32_t)i,
	    .body = view_text(bodies[i])};

	memset(r.id, 0x10 + (int)i, sizeof(r.id));
	memset(r.rules_digest, 0x20 + (int)i, sizeof(r.rules_digest));
	memset(r.schema_digest, 0x30 + (int)i, sizeof(r.schema_digest));
	return r;
}

static void
seal_all(struct fixture *f, enum seal_cipher cipher, uint32_t run)
{
	assert_ok(seal_keys_init(&f->keys, key, cipher));
	f->writer.keys = &f->keys;
	f->writer.run = run;
	seal_begin(&f->writer, zero_head);
	for (size_t i = 0; i < RECORDS; i++) {
		struct record r = record_at(i);

		seal_put(&f->writer, &r);
	}
	assert_ok(seal_end(&f->writer, &f->block));
}

static int
set_up(void **state)
{
	struct fixture *f = aligned_alloc(16, (sizeof(*f) + 15) / 16 * 16);

	memset(f, 0, sizeof(*f));
	assert_ok(crypto_init());
	seal_all(f, SEAL_FASTEST, 7);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	seal_fini(&f->writer);
	free(f);
	return 0;
}

static void
check_equal(const struct record *wanted, const struct record *got)
{
	assert_false(got->is_damaged);
	assert_int_equal(wanted->sequence, got->sequence);
	assert_int_equal(wanted->wall_ms, got->wall_ms);
	assert_int_equal(wanted->kind, got->kind);
	assert_int_equal(wanted->lanes, got->lanes);
	assert_int_equal(wanted->key_slot, got->key_slot);
	assert_memory_equal(wanted->id, got->id, sizeof(wanted->id));
	assert_memory_equal(wanted->rules_digest, got->rules_digest, sizeof(wanted->rules_digest));
	assert_memory_equal(wanted->schema_digest, got->schema_digest, sizeof(wanted->schema_digest));
	assert_true(view_equal(wanted->body, got->body));
}

// What a reader makes of these bytes. Whatever is not damaged must be as it was written.
struct found {
	size_t intact, damaged;
	bool is_index_damaged;
	bool is_intact[RECORDS];
};

static struct found
read_all(const struct fixture *f, struct view block, uint64_t block_key, uint64_t expected)
{
	struct found found = {0};
	struct seal_reader reader;
	struct buf body = BUF_EMPTY;
	struct record got;
	uint64_t before = 0;
	enum en_err err;

	assert_ok(seal_open(&reader, &f->keys, block, block_key, expected));
	found.is_index_damaged = reader.is_index_damaged;
	while ((err = seal_next(&reader, &body, &got)) == EN_OK) {
		assert_true(got.sequence > before);
		before = got.sequence;
		if (got.is_damaged) {
			found.damaged++;
			assert_int_equal(got.body.len, 0);
		} else {
			struct record wanted;

			assert_in_range(got.sequence, FIRST, FIRST + RECORDS - 1);
			wanted = record_at(got.sequence - FIRST);
			check_equal(&wanted, &got);
			found.is_intact[got.sequence - FIRST] = true;
			found.intact++;
		}
	}
	assert_err(EN_ENOTFOUND, err);
	seal_close(&reader);
	buf_fini(&body);
	return found;
}

static void
what_was_sealed_is_read_with_every_cipher(void **state)
{
	struct fixture *f = *state;

	for (enum seal_cipher cipher = SEAL_FASTEST; cipher <= SEAL_AES256_GCM; cipher++) {
		struct found found;

		if (cipher == SEAL_AES256_GCM && !crypto_has_aes()) {
			continue;
		}
		seal_all(f, cipher, 1);
		found = read_all(f, f->block, FIRST, 0);
		assert_int_equal(found.intact, RECORDS);
		assert_int_equal(found.damaged, 0);
		assert_false(found.is_index_damaged);
	}
}

static void
the_header_is_laid_out_as_written_down(void **state)
{
	struct fixture *f = *state;
	static const uint8_t wanted[] = {1, 1, 1, SEAL_CHACHA20_POLY1305, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, FIRST};
	const uint8_t *header;

	seal_all(f, SEAL_CHACHA20_POLY1305, 0x01020304);
	header = f->block.data;
	assert_memory_equal(header, wanted, sizeof(wanted));
	assert_memory_equal(header + 24, "\0\0\0\0\1\2\3\4", 8); // key slot, run
	assert_int_equal(header[32], 0x10);
	assert_int_equal(header[48], 0x20);
	assert_int_equal(header[64], 0x30);
	assert_memory_equal(header + 80, zero_head, sizeof(zero_head));
	assert_int_equal(SEAL_HEADER_BYTES, 112);
	assert_memory_equal(f->block.data + f->block.len - 4, "ENB1", 4);
	// A third party opens it with nothing but the page that describes it.
	uint8_t chacha[CRYPTO_KEY_BYTES], plain[64],
	    nonce[CRYPTO_NONCE_BYTES] = {1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, FIRST};

	crypto_hash(chacha, sizeof(chacha), view_of(key, sizeof(key)), view_text("chacha20-poly1305"));
	assert_ok(crypto_open(
	    plain, chacha, nonce, view_of(header, SEAL_HEADER_BYTES), view_of(header + SEAL_HEADER_BYTES, 9 + 16)));
	assert_memory_equal(plain, "the first", 9);
}

static void
each_record_names_the_one_before(void **state)
{
	struct fixture *f = *state;
	struct seal_reader reader;
	struct buf body = BUF_EMPTY;
	struct record record;
	uint8_t head[RECORD_HASH_BYTES] = {0};

	assert_ok(seal_open(&reader, &f->keys, f->block, FIRST, 0));
	while (seal_next(&reader, &body, &record) == EN_OK) {
		assert_memory_equal(reader.previous, head, sizeof(head));
		memcpy(head, reader.hash, sizeof(head));
	}
	assert_memory_equal(f->writer.head, head, sizeof(head));
	seal_close(&reader);
	buf_fini(&body);
}

static void
skipping_gives_the_rest(void **state)
{
	struct fixture *f = *state;

	for (uint64_t from = 0; from < FIRST + RECORDS + 2; from++) {
		struct seal_reader reader;
		struct buf body = BUF_EMPTY;
		struct record record;

		assert_ok(seal_open(&reader, &f->keys, f->block, FIRST, 0));
		seal_skip(&reader, from);
		if (from >= FIRST + RECORDS) {
			assert_err(EN_ENOTFOUND, seal_next(&reader, &body, &record));
		} else {
			assert_ok(seal_next(&reader, &body, &record));
			assert_int_equal(record.sequence, from < FIRST ? FIRST : from);
			assert_true(view_equal(record.body, view_text(bodies[record.sequence - FIRST])));
		}
		seal_close(&reader);
		buf_fini(&body);
	}
}

// Which record a byte of the block belongs to; RECORDS: to the index.
static size_t
owner_of(size_t offset)
{
	size_t end = 0;

	for (size_t i = 0; i < RECORDS; i++) {
		end += SEAL_OVERHEAD_BYTES + strlen(bodies[i]);
		if (offset < end) {
			return i;
		}
	}
	return RECORDS;
}

static void
a_flipped_bit_anywhere_is_noticed_and_hurts_its_own_record_only(void **state)
{
	struct fixture *f = *state;
	uint8_t *copy = malloc(f->block.len);

	for (size_t bit = 0; bit < f->block.len * 8; bit++) {
		size_t owner = owner_of(bit / 8);
		struct found found;

		memcpy(copy, f->block.data, f->block.len);
		copy[bit / 8] ^= (uint8_t)(1U << (bit % 8));
		found = read_all(f, view_of(copy, f->block.len), FIRST, FIRST);
		if (owner == RECORDS) {
			assert_true(found.is_index_damaged);
			assert_int_equal(found.intact, RECORDS);
		} else {
			assert_false(found.is_index_damaged);
			assert_int_equal(found.intact, RECORDS - 1);
			assert_int_equal(found.damaged, 1);
			assert_false(found.is_intact[owner]);
		}
	}
	free(copy);
}

static void
a_record_and_the_index_damaged_leave_the_others(void **state)
{
	struct fixture *f = *state;
	uint8_t *copy = malloc(f->block.len);

	for (size_t i = 0; i < RECORDS; i++) {
		struct found found;
		size_t offset = 20;

		for (size_t before = 0; before < i; before++) {
			offset += SEAL_OVERHEAD_BYTES + strlen(bodies[before]);
		}
		memcpy(copy, f->block.data, f->block.len);
		copy[offset] ^= 1;
		copy[f->block.len - 1] ^= 1;
		found = read_all(f, view_of(copy, f->block.len), FIRST, FIRST);
		assert_true(found.is_index_damaged);
		assert_int_equal(found.intact, RECORDS - 1);
		assert_false(found.is_intact[i]);
		// The last one leaves no trace here: the next block tells that it is missing.
		assert_int_equal(found.damaged, i == RECORDS - 1 ? 0 : 1);
	}
	free(copy);
}

static void
a_block_cut_at_any_byte_gives_what_is_whole(void **state)
{
	struct fixture *f = *state;

	for (size_t len = 0; len < f->block.len; len++) {
		uint8_t *exact = malloc(len + 1);
		struct found found;
		size_t whole = owner_of(len);

		memcpy(exact, f->block.data, len);
		found = read_all(f, view_of(exact, len), FIRST, FIRST);
		assert_true(found.is_index_damaged);
		assert_int_equal(found.intact, whole);
		free(exact);
	}
}

static void
a_block_under_the_wrong_key_is_searched(void **state)
{
	struct fixture *f = *state;
	const uint64_t keys[] = {FIRST - 1, FIRST + 1, FIRST + 1000, 1, UINT64_MAX};

	for (size_t i = 0; i < EN_COUNT_OF(keys); i++) {
		struct found found = read_all(f, f->block, keys[i], FIRST);

		assert_true(found.is_index_damaged);
		assert_int_equal(found.intact, RECORDS);
	}
	assert_int_equal(read_all(f, f->block, UINT64_MAX, 0).intact, RECORDS);
}

static void
another_key_opens_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t other[CRYPTO_KEY_BYTES] = {1};
	struct found found;

	assert_ok(seal_keys_init(&f->keys, other, SEAL_FASTEST));
	found = read_all(f, f->block, FIRST, 0);
	assert_int_equal(found.intact, 0);
	assert_int_equal(found.damaged, RECORDS);
}

static void
a_cipher_that_the_processor_lacks_is_told_from_damage(void **state)
{
	struct fixture *f = *state;
	struct seal_reader reader;
	struct buf body = BUF_EMPTY;
	struct record record;

	if (!crypto_has_aes()) {
		assert_err(EN_ECONFIG, seal_keys_init(&f->keys, key, SEAL_AES256_GCM));
		return;
	}
	seal_all(f, SEAL_AES256_GCM, 1);
	f->keys.has_aes = false;
	assert_ok(seal_open(&reader, &f->keys, f->block, FIRST, 0));
	assert_ok(seal_next(&reader, &body, &record));
	assert_true(record.is_damaged);
	assert_true(reader.lacks_cipher);
	seal_close(&reader);
	buf_fini(&body);
}

static void
the_same_sequence_in_another_run_is_sealed_differently(void **state)
{
	struct fixture *f = *state;
	uint8_t first[SEAL_OVERHEAD_BYTES + 9];

	memcpy(first, f->block.data, sizeof(first));
	seal_all(f, SEAL_FASTEST, 8);
	assert_memory_not_equal(first + SEAL_HEADER_BYTES, f->block.data + SEAL_HEADER_BYTES, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_was_sealed_is_read_with_every_cipher, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_header_is_laid_out_as_written_down, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(each_record_names_the_one_before, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(skipping_gives_the_rest, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(
		a_flipped_bit_anywhere_is_noticed_and_hurts_its_own_record_only, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_record_and_the_index_damaged_leave_the_others, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_block_cut_at_any_byte_gives_what_is_whole, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_block_under_the_wrong_key_is_searched, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(another_key_opens_nothing, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_cipher_that_the_processor_lacks_is_told_from_damage, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_same_sequence_in_another_run_is_sealed_differently, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

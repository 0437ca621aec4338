// SPDX-License-Identifier: Apache-2.0
// What a journal on the disk looks like to the process that comes after: closed, killed, damaged, from elsewhere.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "journal/journal.h"
#include "journal/seal.h"
#include "support/support.h"

#define MARK "a body that is found in no other place of the file"

struct fixture {
	char *folder, *journal_folder, *data;
	struct journal *journal;
	uint64_t last, damaged;
};

static enum en_err
try_open(struct fixture *f, const char *key, size_t verify)
{
	struct store_lmdb_options store = {
	    .folder = f->journal_folder, .quota_bytes = MIB(64), .reserve_bytes = MIB(1)};
	struct journal_options options = {.verify_records = verify, .soon_ms = UINT32_MAX};
	char what[256];
	enum en_err err;

	memcpy(options.key, key, strlen(key));
	assert_ok(store_lmdb_open(&store, &options.store, what));
	err = journal_open(&options, &f->journal, &f->last, &f->damaged);
	if (err != EN_OK) {
		options.store->ops->close(options.store);
	}
	return err;
}

static void
open_again(struct fixture *f)
{
	journal_close(&f->journal);
	assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_ok(crypto_init());
	f->folder = test_folder();
	f->journal_folder = test_path(f->folder, "journal");
	f->data = test_path(f->journal_folder, "data.mdb");
	assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	journal_close(&f->journal);
	free(f->data);
	free(f->journal_folder);
	test_folder_remove(f->folder);
	free(f);
	return 0;
}

// The body says which record it is, so that a reader can tell.
static struct record
record_of(uint64_t sequence, char text[96])
{
	struct record r = {.sequence = sequence, .kind = 1, .lanes = 1};

	snprintf(text, 96, MARK " %llu", (unsigned long long)sequence);
	r.body = view_text(text);
	memset(r.id, (int)(0xa0 + sequence % 16), sizeof(r.id));
	return r;
}

static void
submit(struct journal *j, uint64_t from, uint64_t upto)
{
	for (uint64_t i = from; i <= upto; i++) {
		char text[96], number[24];
		struct record record = record_of(i, text);
		struct store_row row = {.table = STORE_COUNTER, .key = view_text("newest"), .value = view_text(number)};

		snprintf(number, sizeof(number), "%llu", (unsigned long long)i);
		row.value = view_text(number);
		while (journal_submit(j, &record, 1, &row, 1, SUBMIT_NOW) == EN_EBUSY) {
			journal_wait_room(j, 1000);
		}
	}
}

struct tally {
	uint64_t intact, damaged, first_damaged, next;
};

static bool
tally_record(void *context, const struct record *record)
{
	struct tally *t = context;
	char text[96];

	assert_int_equal(record->sequence, t->next);
	t->next++;
	if (record->is_damaged) {
		t->first_damaged = t->damaged++ == 0 ? record->sequence : t->first_damaged;
	} else {
		struct record wanted = record_of(record->sequence, text);

		assert_true(view_equal(wanted.body, record->body));
		t->intact++;
	}
	return true;
}

static struct tally
replay(struct fixture *f)
{
	struct tally t = {.next = 1};

	assert_ok(journal_replay(f->journal, 1, tally_record, &t));
	return t;
}

static uint64_t
newest_row(struct fixture *f)
{
	struct buf value = BUF_EMPTY;
	struct store *s = journal_store(f->journal);
	uint64_t newest = 0;

	if (s->ops->get(s, STORE_COUNTER, view_text("newest"), &value) == EN_OK) {
		newest = strtoull(buf_cstr(&value), NULL, 10);
	}
	buf_fini(&value);
	return newest;
}

static void
closing_finishes_what_was_submitted(void **state)
{
	struct fixture *f = *state;

	submit(f->journal, 1, 500);
	assert_ok(journal_read(f->journal, 1, 1, 500, 0xff, MIB(1))); // nobody collects it
	open_again(f);
	assert_int_equal(f->last, 500);
	assert_int_equal(f->damaged, 0);
	assert_int_equal(replay(f).intact, 500);
	assert_int_equal(newest_row(f), 500);
}

static void
the_chain_goes_on_over_restarts(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 5; i++) {
		submit(f->journal, 1 + 10 * i, 10 + 10 * i);
		open_again(f);
		assert_int_equal(f->last, 10 + 10 * i);
		assert_int_equal(f->damaged, 0);
	}
}

static void
another_key_finds_every_record_damaged(void **state)
{
	struct fixture *f = *state;

	submit(f->journal, 1, 10);
	journal_close(&f->journal);
	assert_ok(try_open(f, "another", LIMIT_VERIFY_AT_START));
	assert_int_equal(f->damaged, 10);
}

// Where the bytes of a record's sealed form begin in the file: its id stands in clear.
static off_t
find_record(const struct fixture *f, uint64_t sequence)
{
	size_t len;
	char *file = test_read(f->data, &len), text[96];
	struct record wanted = record_of(sequence, text);
	const char *at = NULL;

	for (const char *from = file; (from = memmem(from, len - (size_t)(from - file), wanted.id, 16)) != NULL;
	     from++) {
		uint8_t big_endian[8] = {0, 0, 0, 0, 0, 0, 0, (uint8_t)sequence};

		if (memcmp(from - 24, big_endian, 8) == 0) {
			at = from - 32;
		}
	}
	assert_non_null(at);
	off_t offset = at - file;
	free(file);
	return offset;
}

static void
flip(const struct fixture *f, off_t at)
{
	int fd = open(f->data, O_RDWR);
	uint8_t byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void
a_flipped_bit_in_the_file_is_found_at_the_start_and_quarantined(void **state)
{
	struct fixture *f = *state;
	off_t at;

	submit(f->journal, 1, 30);
	open_again(f);
	assert_int_equal(f->damaged, 0);
	at = find_record(f, 17);
	// Format, kind, lanes, cipher, length, sequence, times, slot, run, id, digests, previous hash, body, tag.
	for (size_t region = 0; region < 128 + sizeof(MARK); region += 3) {
		struct damage d;
		struct tally t;

		journal_close(&f->journal);
		flip(f, at + (off_t)region);
		assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
		assert_int_equal(f->last, 30);
		assert_int_equal(f->damaged, 1);
		t = replay(f);
		assert_int_equal(t.intact, 29);
		assert_int_equal(t.first_damaged, 17);
		journal_damage(f->journal, &d);
		assert_int_equal(d.records, 1); // at the start and by replaying
		assert_int_equal(d.ranges[0].first, 17);
		journal_close(&f->journal);
		flip(f, at + (off_t)region);
		assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
		assert_int_equal(f->damaged, 0);
	}
}

static void
appending_goes_on_behind_a_damaged_last_record(void **state)
{
	struct fixture *f = *state;

	submit(f->journal, 1, 30);
	open_again(f);
	journal_close(&f->journal);
	flip(f, find_record(f, 30) + 120);
	assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
	assert_int_equal(f->last, 30);
	submit(f->journal, 31, 40);
	open_again(f);
	assert_int_equal(f->last, 40);
	assert_int_equal(f->damaged, 1);
}

// Where the newest block's index ends: its first sequence, its count, its magic.
static off_t
find_trailer(const struct fixture *f, off_t behind)
{
	size_t len;
	char *file = test_read(f->data, &len), *at = memmem(file + behind, len - (size_t)behind, "ENB1", 4);
	off_t offset = at - file + 4;

	assert_non_null(at);
	free(file);
	return offset;
}

// A sequence that was used is never used again: the index lies, so it is not asked how many records there were, and the
// last of them cannot be found.
static void
a_damaged_index_and_a_damaged_last_record_take_no_sequence_back(void **state)
{
	struct fixture *f = *state;
	struct record records[30];
	char texts[30][96];
	off_t record, trailer;

	for (uint64_t i = 0; i < 30; i++) {
		records[i] = record_of(i + 1, texts[i]);
	}
	assert_ok(journal_submit(f->journal, records, 30, NULL, 0, SUBMIT_NOW));
	journal_close(&f->journal);
	record = find_record(f, 30);
	trailer = find_trailer(f, record);
	flip(f, record + 120);
	for (off_t lie = trailer - 16; lie < trailer; lie++) { // each byte of it
		flip(f, lie);
		assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
		assert_int_equal(f->last, 30);
		assert_true(f->damaged >= 1);
		assert_int_equal(replay(f).intact, 29);
		journal_close(&f->journal);
		flip(f, lie);
	}
	flip(f, trailer - 1);
	assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
	submit(f->journal, 31, 40);
	open_again(f);
	assert_int_equal(f->last, 40);
	assert_int_equal(replay(f).intact, 39);
}

static void
closing_commits_what_may_wait(void **state)
{
	struct fixture *f = *state;
	char text[96];
	struct record record = record_of(1, text);

	assert_ok(journal_submit(f->journal, &record, 1, NULL, 0, SUBMIT_SOON));
	open_again(f);
	assert_int_equal(f->last, 1);
}

static void
only_the_newest_records_are_verified_at_the_start(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 1; i <= 30; i++) {
		submit(f->journal, i, i);
		open_again(f); // a block each
	}
	journal_close(&f->journal);
	flip(f, find_record(f, 2) + 120);
	assert_ok(try_open(f, "key", 10));
	assert_int_equal(f->damaged, 0);
	assert_int_equal(f->last, 30);
	open_again(f);
	assert_int_equal(f->damaged, 1);
}

static void
append_sealed(
    struct store *store, const struct journal_options *options, uint64_t sequence, uint8_t head[RECORD_HASH_BYTES])
{
	struct seal_keys *keys = aligned_alloc(16, (sizeof(*keys) + 15) / 16 * 16);
	struct seal_writer writer = {.keys = keys, .run = 5};
	struct store_batch batch = {.first_sequence = sequence};
	struct record record = {.sequence = sequence, .body = view_text("x")};

	assert_ok(seal_keys_init(keys, options->key, SEAL_FASTEST));
	seal_begin(&writer, head);
	seal_put(&writer, &record);
	assert_ok(seal_end(&writer, &batch.block));
	assert_ok(store->ops->append(store, &batch));
	memcpy(head, writer.head, RECORD_HASH_BYTES);
	seal_fini(&writer);
	free(keys);
}

// The same key, the same sequences: every record proves itself, only the chain tells that one is of another history.
static void
a_block_of_another_history_is_noticed(void **state)
{
	struct journal_options options = {.key = "key", .verify_records = LIMIT_VERIFY_AT_START};

	(void)state;
	for (uint64_t odd = 0; odd <= 3; odd++) {
		uint8_t head[RECORD_HASH_BYTES] = {0};
		struct journal *j = NULL;
		uint64_t last, damaged;

		assert_ok(store_mem_open(MIB(1), &options.store));
		for (uint64_t sequence = 1; sequence <= 4; sequence++) {
			uint8_t another[RECORD_HASH_BYTES] = {9};

			append_sealed(options.store, &options, sequence, sequence == odd ? another : head);
		}
		assert_ok(journal_open(&options, &j, &last, &damaged));
		assert_int_equal(last, 4);
		// The first record has nobody before it; the odd one's successor does not continue it either.
		assert_int_equal(damaged, odd == 0 ? 0 : odd == 1 ? 1 : 2);
		journal_close(&j);
	}
}

// ---- kill -9 -------------------------------------------------------------------------------------------------------

static void
append_for_ever(struct fixture *f, int out)
{
	uint64_t next;
	struct pollfd readable;

	assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
	next = f->last + 1;
	readable = (struct pollfd){.fd = journal_fd(f->journal), .events = POLLIN};
	for (;;) {
		struct journal_event event;

		submit(f->journal, next, next + 6);
		next += 7;
		(void)poll(&readable, 1, 1000);
		while (journal_collect(f->journal, &event) == EN_OK) {
			if (event.kind != JOURNAL_DURABLE ||
			    write(out, &event.sequence, sizeof(event.sequence)) != sizeof(event.sequence)) {
				_exit(1);
			}
		}
	}
}

static void
killed_at_any_moment_nothing_durable_is_lost(void **state)
{
	struct fixture *f = *state;
	unsigned int seed = (unsigned int)getpid();

	print_message("seed %u\n", seed);
	journal_close(&f->journal);
	for (int cycle = 0; cycle < 12; cycle++) {
		int pipes[2], told = rand_r(&seed) % 60;
		uint64_t durable = 0, got;
		pid_t child;
		struct tally t;

		assert_int_equal(pipe(pipes), 0);
		child = fork();
		if (child == 0) {
			close(pipes[0]);
			append_for_ever(f, pipes[1]);
		}
		close(pipes[1]);
		for (int i = 0; i <= told && read(pipes[0], &got, sizeof(got)) == sizeof(got); i++) {
			durable = got;
		}
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(pipes[0], &got, sizeof(got)) == sizeof(got)) {
			durable = got;
		}
		close(pipes[0]);
		assert_ok(try_open(f, "key", LIMIT_VERIFY_AT_START));
		assert_true(durable > 0);
		assert_true(f->last >= durable);
		assert_int_equal(f->damaged, 0);
		t = replay(f);
		assert_int_equal(t.intact, f->last);
		assert_int_equal(newest_row(f), f->last); // the row went with its record
		journal_close(&f->journal);
	}
	assert_ok(try_open(f, "key", 1));
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(closing_finishes_what_was_submitted),
	    T(the_chain_goes_on_over_restarts),
	    T(another_key_finds_every_record_damaged),
	    T(a_flipped_bit_in_the_file_is_found_at_the_start_and_quarantined),
	    T(appending_goes_on_behind_a_damaged_last_record),
	    T(a_damaged_index_and_a_damaged_last_record_take_no_sequence_back),
	    T(closing_commits_what_may_wait),
	    T(only_the_newest_records_are_verified_at_the_start),
	    T(a_block_of_another_history_is_noticed),
	    T(killed_at_any_moment_nothing_durable_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

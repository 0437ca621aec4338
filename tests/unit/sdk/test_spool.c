// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "sdk/spool.h"
#include "support/support.h"

struct fixture {
	char *folder;
	char path[512];
	struct spool *spool;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = test_folder();
	snprintf(f->path, sizeof(f->path), "%s/spool", f->folder);
	if (spool_open(f->path, MIB(16), &f->spool) != EN_OK) {
		return -1;
	}
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	spool_close(&f->spool);
	test_folder_remove(f->folder);
	free(f);
	return 0;
}

static uint64_t
append(struct spool *s, const char *id, size_t payload_len)
{
	uint8_t *payload = calloc(1, payload_len + 1);
	struct spool_entry e = {.id = view_text(id),
	    .source = view_text("urn:enlace:test"),
	    .type = view_text("test.v1.Thing"),
	    .case_id = view_text("case-1"),
	    .origin = view_text("file.csv"),
	    .line = 7,
	    .time_ms = 1000,
	    .payload = view_of(payload, payload_len)};
	enum en_err err = spool_append(s, &e);

	free(payload);
	assert_ok(err);
	return e.number;
}

static void
reopen(struct fixture *f)
{
	spool_close(&f->spool);
	assert_ok(spool_open(f->path, MIB(16), &f->spool));
}

static void
an_entry_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct spool_entry e;
	uint64_t number = append(f->spool, "a", 100);

	assert_ok(spool_sync(f->spool));
	reopen(f);

	assert_ok(spool_read(f->spool, 0, &e));
	assert_int_equal(e.number, number);
	assert_true(view_is(e.id, "a"));
	assert_true(view_is(e.origin, "file.csv"));
	assert_int_equal(e.line, 7);
	assert_int_equal(e.payload.len, 100);
}

static void
answered_entries_are_passed_over(void **state)
{
	struct fixture *f = *state;
	struct spool_entry e;
	uint64_t first = append(f->spool, "a", 10), second = append(f->spool, "b", 10),
		 third = append(f->spool, "c", 10);

	spool_done(f->spool, second);
	spool_done(f->spool, first);

	assert_ok(spool_read(f->spool, 0, &e));
	assert_int_equal(e.number, third);
	assert_int_equal(spool_count(f->spool), 1);
}

static void
an_empty_spool_gives_its_disk_back(void **state)
{
	struct fixture *f = *state;
	struct spool_entry e;

	for (int i = 0; i < 100; i++) {
		spool_done(f->spool, append(f->spool, "a", 100000));
	}

	assert_int_equal(spool_bytes(f->spool), 0);
	assert_err(EN_ENOTFOUND, spool_read(f->spool, 0, &e));
}

static void
numbers_never_come_twice_over_a_restart(void **state)
{
	struct fixture *f = *state;
	uint64_t before = append(f->spool, "a", 10);

	spool_done(f->spool, before);
	reopen(f);

	assert_true(append(f->spool, "b", 10) > before);
}

static void
the_limit_refuses_and_keeps_what_is_there(void **state)
{
	struct fixture *f = *state;
	uint8_t payload[1000] = {0};
	struct spool_entry e = {.id = view_text("x"), .payload = view_of(payload, sizeof(payload))};
	enum en_err err = EN_OK;
	uint64_t kept = 0;

	spool_close(&f->spool);
	assert_ok(spool_open(f->path, 5000, &f->spool));
	while (err == EN_OK) {
		err = spool_append(f->spool, &e);
		kept += err == EN_OK;
	}

	assert_int_equal(err, EN_EFULL);
	assert_int_equal(kept, 4);
	assert_int_equal(spool_count(f->spool), kept);
	spool_done(f->spool, 1);
}

// ---- damage

#define FIRST_SEGMENT "spool-0000000000000001"

static void
flip(struct fixture *f, size_t offset, uint8_t bits)
{
	char *path = test_path(f->path, FIRST_SEGMENT);
	int fd = open(path, O_RDWR);
	uint8_t byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
	byte ^= bits;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
	close(fd);
	free(path);
}

// Five entries of one size, the spool closed. Returns the size of one.
static size_t
five_entries(struct fixture *f)
{
	static const char *const ids[] = {"a", "b", "c", "d", "e"};
	size_t size;

	for (size_t i = 0; i < EN_COUNT_OF(ids); i++) {
		append(f->spool, ids[i], 50);
	}
	assert_ok(spool_sync(f->spool));
	size = spool_bytes(f->spool) / EN_COUNT_OF(ids);
	spool_close(&f->spool);
	return size;
}

// Opens it, and says which entries are there. Log lines go to a file of the folder.
static void
open_and_list(struct fixture *f, char ids[8])
{
	struct spool_entry e;
	size_t count = 0;
	char *path = test_path(f->folder, "log");
	FILE *log = fopen(path, "we");

	assert_non_null(log);
	log_set_fd(fileno(log));
	assert_ok(spool_open(f->path, MIB(16), &f->spool));
	log_set_fd(STDERR_FILENO);
	fclose(log);
	free(path);
	for (uint64_t from = 0; spool_read(f->spool, from, &e) == EN_OK; from = e.number + 1) {
		ids[count++] = (char)e.id.data[0];
	}
	ids[count] = '\0';
}

// Ended at any byte by a crash, or by a power cut that left room without anything in it: nobody was told that it is safe.
static void
a_torn_end_is_cut_off_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	size_t size = five_entries(f);
	char *path = test_path(f->path, FIRST_SEGMENT), ids[8];

	for (size_t end = 5 * size - 1; end > 4 * size; end--) {
		assert_int_equal(truncate(path, (off_t)end), 0);
		open_and_list(f, ids);
		assert_string_equal(ids, "abcd");
		assert_int_equal(spool_torn_bytes(f->spool), end - 4 * size);
		append(f->spool, "e", 50);
		spool_close(&f->spool);
	}
	assert_int_equal(truncate(path, (off_t)(4 * size)), 0);
	assert_int_equal(truncate(path, (off_t)(5 * size)), 0);
	open_and_list(f, ids);
	assert_string_equal(ids, "abcd");
	assert_int_equal(spool_look(f->path).damaged, 0);
	free(path);
}

// It repeats itself: after this one, the log tells less for a second.
static void
a_bit_flipped_anywhere_costs_at_most_its_entry(void **state)
{
	struct fixture *f = *state;
	size_t size = five_entries(f), lost = 0;
	char ids[8];

	for (size_t at = 2 * size; at < 3 * size; at++) {
		uint8_t bit = (uint8_t)(1U << at % 8);

		flip(f, at, bit);
		open_and_list(f, ids);
		assert_int_equal(spool_torn_bytes(f->spool), 0);
		spool_close(&f->spool);
		flip(f, at, bit);
		lost += strcmp(ids, "abde") == 0;
		if (at < 2 * size + 4) { // in the length, without which the rest still checks
			assert_string_equal(ids, "abcde");
		} else {
			assert_string_equal(ids, "abde");
		}
	}
	assert_int_equal(spool_look(f->path).damaged, lost);
	open_and_list(f, ids);
	assert_string_equal(ids, "abcde");
}

static void
what_is_damaged_is_kept_beside_and_told_with_its_place(void **state)
{
	struct fixture *f = *state;
	size_t size = five_entries(f);
	char ids[8], wanted[128], *path = test_path(f->folder, "log"), *log;

	flip(f, 3 * size - 1, 1);
	open_and_list(f, ids);
	spool_close(&f->spool);
	open_and_list(f, ids); // it is still there at the next start, and not kept twice
	log = test_read(path, NULL);

	assert_string_equal(ids, "abde");
	snprintf(wanted, sizeof(wanted),
	    "\"code\":\"corrupt\",\"file\":\"" FIRST_SEGMENT "\",\"offset\":%zu,\"bytes\":%zu", 2 * size, size);
	assert_non_null(strstr(log, "spool.damaged"));
	assert_non_null(strstr(log, wanted));
	assert_int_equal(spool_look(f->path).damaged, 1);
	free(log);
	free(path);
}

static void
damage_over_several_entries_costs_those(void **state)
{
	struct fixture *f = *state;
	size_t size = five_entries(f);
	char ids[8];

	for (size_t at = size - 3; at < 3 * size + 3; at++) {
		flip(f, at, 0xff);
	}
	open_and_list(f, ids);

	assert_string_equal(ids, "e");
	append(f->spool, "f", 50);
	spool_close(&f->spool);
	open_and_list(f, ids);
	assert_string_equal(ids, "ef");
}

static void
a_damaged_last_entry_is_kept_beside_too(void **state)
{
	struct fixture *f = *state;
	size_t size = five_entries(f);
	char ids[8];

	flip(f, 5 * size - 1, 1);
	open_and_list(f, ids);
	assert_string_equal(ids, "abcd");
	assert_int_equal(spool_look(f->path).damaged, 1);
	append(f->spool, "f", 50);
	spool_close(&f->spool);
	open_and_list(f, ids);
	assert_string_equal(ids, "abcdf");
}

// It was synced before the next one was begun: what is missing there is damage, and no crash.
static void
an_end_that_is_missing_before_another_segment_is_damage(void **state)
{
	struct fixture *f = *state;
	char *path = test_path(f->path, FIRST_SEGMENT);
	uint64_t number = 0;
	struct spool_entry e = {.number = 0};

	while (spool_bytes(f->spool) < MIB(5)) {
		number = append(f->spool, "a", 1000000);
	}
	spool_close(&f->spool);
	assert_int_equal(truncate(path, 3500000), 0);
	log_set_fd(-1);
	assert_ok(spool_open(f->path, MIB(16), &f->spool));
	log_set_fd(STDERR_FILENO);

	assert_int_equal(spool_torn_bytes(f->spool), 0);
	assert_int_equal(spool_look(f->path).damaged, 1);
	assert_int_equal(spool_count(f->spool), number - 1);
	assert_ok(spool_read(f->spool, 4, &e));
	assert_int_equal(e.number, 5);
	free(path);
}

// A record may hold anything, also what looks like an entry.
static void
an_entry_within_a_damaged_one_is_not_taken_for_one(void **state)
{
	struct fixture *f = *state;
	struct spool_entry inner = {.id = view_text("z")}, outer = {.id = view_text("y")};
	char *folder = test_path(f->folder, "other"), *path = test_path(folder, FIRST_SEGMENT), *bytes, ids[8];
	struct spool *other;
	size_t len, size;

	assert_ok(spool_open(folder, MIB(16), &other));
	for (int i = 0; i < 2; i++) {
		assert_ok(spool_append(other, &inner));
	}
	spool_close(&other);
	bytes = test_read(path, &len);
	append(f->spool, "a", 50);
	size = spool_bytes(f->spool);
	outer.payload = view_of(bytes, len);
	assert_ok(spool_append(f->spool, &outer));
	append(f->spool, "b", 50);
	spool_close(&f->spool);
	flip(f, size + 13, 1); // of its number

	open_and_list(f, ids);

	assert_string_equal(ids, "ab");
	free(bytes);
	free(path);
	free(folder);
}

static void
an_entry_that_was_damaged_since_open_is_never_sent(void **state)
{
	struct fixture *f = *state;
	struct spool_entry e;

	append(f->spool, "a", 50);
	flip(f, 40, 1);

	assert_err(EN_ECORRUPT, spool_read(f->spool, 0, &e));
}

static void
a_second_process_is_told_that_the_folder_is_taken(void **state)
{
	struct fixture *f = *state;
	struct spool *second = NULL;

	assert_err(EN_EBUSY, spool_open(f->path, MIB(16), &second));
	assert_null(second);
}

static void
segments_go_when_all_of_their_entries_are_answered(void **state)
{
	struct fixture *f = *state;
	uint64_t numbers[12];

	for (size_t i = 0; i < EN_COUNT_OF(numbers); i++) {
		numbers[i] = append(f->spool, "a", 1000000);
	}
	assert_true(spool_bytes(f->spool) > MIB(11));
	for (size_t i = 0; i + 1 < EN_COUNT_OF(numbers); i++) {
		spool_done(f->spool, numbers[i]);
	}

	assert_true(spool_bytes(f->spool) <= MIB(4));
	assert_int_equal(spool_count(f->spool), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(an_entry_comes_back_as_it_was, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(answered_entries_are_passed_over, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_empty_spool_gives_its_disk_back, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(numbers_never_come_twice_over_a_restart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_limit_refuses_and_keeps_what_is_there, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_torn_end_is_cut_off_and_nothing_else, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_damaged_is_kept_beside_and_told_with_its_place, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_bit_flipped_anywhere_costs_at_most_its_entry, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(damage_over_several_entries_costs_those, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_damaged_last_entry_is_kept_beside_too, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_end_that_is_missing_before_another_segment_is_damage, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_entry_within_a_damaged_one_is_not_taken_for_one, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(an_entry_that_was_damaged_since_open_is_never_sent, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_second_process_is_told_that_the_folder_is_taken, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(segments_go_when_all_of_their_entries_are_answered, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

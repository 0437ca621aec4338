// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
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

static void
a_torn_write_is_cut_off_and_the_rest_stays(void **state)
{
	struct fixture *f = *state;
	char path[1024];
	struct spool_entry e;
	struct stat info;

	append(f->spool, "whole", 50);
	append(f->spool, "torn", 50);
	spool_close(&f->spool);
	snprintf(path, sizeof(path), "%s/spool-0000000000000001", f->path);
	assert_int_equal(stat(path, &info), 0);
	for (off_t cut = 1; cut < info.st_size / 2 - 1; cut++) {
		assert_int_equal(truncate(path, info.st_size - 1), 0);
		info.st_size--;
		assert_ok(spool_open(f->path, MIB(16), &f->spool));
		assert_int_equal(spool_count(f->spool), 1);
		assert_ok(spool_read(f->spool, 0, &e));
		assert_true(view_is(e.id, "whole"));
		if (cut == 1) {
			assert_true(spool_torn_bytes(f->spool) > 0);
			break; // the torn part is gone now
		}
		spool_close(&f->spool);
	}
}

static void
a_flipped_bit_is_never_sent(void **state)
{
	struct fixture *f = *state;
	char path[1024];
	struct spool_entry e;
	int fd;

	append(f->spool, "a", 50);
	spool_close(&f->spool);
	snprintf(path, sizeof(path), "%s/spool-0000000000000001", f->path);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "X", 1, 40), 1);
	close(fd);

	assert_ok(spool_open(f->path, MIB(16), &f->spool));
	assert_err(EN_ENOTFOUND, spool_read(f->spool, 0, &e));
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
	    cmocka_unit_test_setup_teardown(a_torn_write_is_cut_off_and_the_rest_stays, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_flipped_bit_is_never_sent, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_second_process_is_told_that_the_folder_is_taken, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(segments_go_when_all_of_their_entries_are_answered, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

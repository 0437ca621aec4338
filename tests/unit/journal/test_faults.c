// SPDX-License-Identifier: Apache-2.0
// Every write and every sync of the embedded store fails once, each in its turn. The calls below stand in the
// program, so the linker gives them to LMDB in place of libc's.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/limits.h"
#include "journal/store_lmdb_int.h"
#include "support/support.h"

// ---- the calls -----------------------------------------------------------------------------------------------------

enum fault { FAULT_NONE, FAULT_ERROR, FAULT_SHORT };
enum call { CALL_WRITE = 1, CALL_SYNC = 2 };

static struct {
	unsigned int calls; // which of them are counted
	size_t count, at; // the one that fails, from 1
	enum fault fault;
	int error;
	off_t disk_bytes; // what may be allocated of a file; 0: as much as there is
} plan;

static bool
is_due(enum call call)
{
	return (plan.calls & call) != 0 && ++plan.count == plan.at;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at);
ssize_t writev(int fd, const struct iovec *parts, int count);
int fdatasync(int fd);
int fallocate(int fd, int mode, off_t at, off_t len);
int fstatvfs(int fd, struct statvfs *ret);

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	if (is_due(CALL_WRITE)) {
		if (plan.fault == FAULT_SHORT && len > 1) {
			return syscall(SYS_pwrite64, fd, data, len / 2, at);
		}
		errno = plan.error;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, data, len, at);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	if (is_due(CALL_WRITE)) {
		if (plan.fault == FAULT_SHORT) {
			return syscall(SYS_write, fd, parts[0].iov_base, parts[0].iov_len / 2);
		}
		errno = plan.error;
		return -1;
	}
	return syscall(SYS_writev, fd, parts, count);
}

int
fdatasync(int fd)
{
	if (is_due(CALL_SYNC)) {
		errno = plan.error;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}

// A disk that is as large as the plan says and holds nothing but the journal's file.
int
fallocate(int fd, int mode, off_t at, off_t len)
{
	if (plan.disk_bytes != 0 && at + len > plan.disk_bytes) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_fallocate, fd, mode, at, len);
}

int
fstatvfs(int fd, struct statvfs *ret)
{
	(void)fd;
	*ret = (struct statvfs){.f_frsize = 4096, .f_bavail = plan.disk_bytes == 0 ? 1 << 20 : 0};
	return 0;
}

// ---- the run -------------------------------------------------------------------------------------------------------

#define BATCHES 12

struct fixture {
	char *folder;
	struct store *store;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = test_folder();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	test_folder_remove(f->folder);
	free(f);
	return 0;
}

static void
open_store(struct fixture *f, const char *name)
{
	char *path = test_path(f->folder, name), what[256];
	struct store_lmdb_options options = {.folder = path, .quota_bytes = MIB(64), .reserve_bytes = MIB(1)};

	assert_ok(store_lmdb_open(&options, &f->store, what));
	free(path);
}

// Batch i: a block of i pages or so, and a row that says i. Now and then a trim.
static enum en_err
append(struct store *s, uint64_t i)
{
	static uint8_t block[64 * 1024];
	char number[24];
	struct store_row row = {.table = STORE_COUNTER, .key = view_text("newest")};
	struct store_batch batch = {
	    .first_sequence = i, .block = view_of(block, 300 + (i % 5) * 9000), .rows = &row, .row_count = 1};

	memset(block, (int)i, sizeof(block));
	snprintf(number, sizeof(number), "%llu", (unsigned long long)i);
	row.value = view_text(number);
	if (i % 5 == 0) {
		enum en_err err = s->ops->trim(s, i - 3);

		if (err != EN_OK) {
			return err;
		}
	}
	return s->ops->append(s, &batch);
}

static bool
check_block(void *context, uint64_t first, struct view block)
{
	uint64_t *newest = context;

	assert_int_equal(block.len, 300 + (first % 5) * 9000);
	for (size_t i = 0; i < block.len; i++) {
		assert_int_equal(block.data[i], (uint8_t)first);
	}
	*newest = first;
	return true;
}

// What is there must be whole, at least what was acknowledged and at most one more.
static void
check_store(struct fixture *f, uint64_t acknowledged)
{
	struct buf value = BUF_EMPTY;
	uint64_t newest = 0, row = 0;

	assert_ok(f->store->ops->read(f->store, 1, SIZE_MAX, check_block, &newest));
	if (f->store->ops->get(f->store, STORE_COUNTER, view_text("newest"), &value) == EN_OK) {
		row = strtoull(buf_cstr(&value), NULL, 10);
	}
	buf_fini(&value);
	assert_int_equal(newest, row);
	assert_in_range(newest, acknowledged, acknowledged + 1);
}

static void
fail_each(struct fixture *f, unsigned int calls, enum fault fault, int error)
{
	bool was_due = true;
	size_t at;

	for (at = 1; was_due; at++) {
		uint64_t acknowledged = 0, i = 1;
		enum en_err err = EN_OK;
		char name[32];

		snprintf(name, sizeof(name), "run%zu", at);
		open_store(f, name);
		plan.calls = calls;
		plan.count = 0;
		plan.at = at;
		plan.fault = fault;
		plan.error = error;
		for (; i <= BATCHES && err == EN_OK; i++) {
			err = append(f->store, i);
			acknowledged = err == EN_OK ? i : acknowledged;
		}
		was_due = plan.count >= at;
		if (was_due) {
			assert_int_not_equal(err, EN_OK); // a fault is never swallowed
			if (err == EN_EIO) {
				// Suspect: the sync is never tried again, nothing is written any more.
				size_t before = plan.count;

				assert_err(EN_EIO, append(f->store, acknowledged + 1));
				assert_int_equal(plan.count, before);
			} else {
				assert_int_equal(err, EN_EFULL);
			}
		} else {
			assert_int_equal(err, EN_OK);
		}
		plan.calls = 0;
		f->store->ops->close(f->store);
		open_store(f, name);
		check_store(f, acknowledged);
		assert_ok(append(f->store, 1000));
		f->store->ops->close(f->store);
		assert_true(at < 1000);
	}
	assert_true(at > BATCHES); // every batch had one such call at least
}

static void
a_write_that_fails_is_told_and_nothing_acknowledged_is_lost(void **state)
{
	fail_each(*state, CALL_WRITE, FAULT_ERROR, EIO);
}

static void
a_short_write_is_told_and_nothing_acknowledged_is_lost(void **state)
{
	fail_each(*state, CALL_WRITE, FAULT_SHORT, EIO);
}

static void
a_write_without_room_is_told_and_nothing_acknowledged_is_lost(void **state)
{
	fail_each(*state, CALL_WRITE, FAULT_ERROR, ENOSPC);
}

static void
a_sync_that_fails_makes_the_store_suspect(void **state)
{
	fail_each(*state, CALL_SYNC, FAULT_ERROR, EIO);
}

static void
after_a_full_disk_the_store_goes_on(void **state)
{
	struct fixture *f = *state;

	open_store(f, "run");
	assert_ok(append(f->store, 1));
	plan.calls = CALL_WRITE;
	plan.count = 0;
	plan.at = 1;
	plan.fault = FAULT_ERROR;
	plan.error = ENOSPC;
	assert_err(EN_EFULL, append(f->store, 2));
	plan.calls = 0;
	assert_ok(append(f->store, 2));
	check_store(f, 2);
	f->store->ops->close(f->store);
}

static uint64_t
free_bytes(const struct fixture *f)
{
	struct store_space space;

	assert_ok(f->store->ops->space(f->store, &space));
	return space.free_bytes;
}

static enum en_err
append_big(struct fixture *f, uint64_t sequence)
{
	static uint8_t block[KIB(256)];
	struct store_batch batch = {.first_sequence = sequence, .block = view_of(block, sizeof(block))};

	return f->store->ops->append(f->store, &batch);
}

static void
a_full_disk_is_met_between_commits_and_the_reserve_goes_on(void **state)
{
	struct fixture *f = *state;
	uint64_t sequence = 1;
	enum en_err err = EN_OK;

	plan.disk_bytes = MIB(64);
	open_store(f, "run");
	while (free_bytes(f) > KIB(512)) {
		assert_ok(append_big(f, sequence++));
	}
	assert_true(sequence > 200);
	// Whoever asked is told that there is no room; what settles still gets in, until the reserve is used up as
	// well.
	for (size_t i = 0; i < 2; i++) {
		assert_ok(append_big(f, sequence++));
	}
	plan.calls = CALL_WRITE | CALL_SYNC;
	plan.at = 0;
	while (err == EN_OK && sequence < 1000) {
		plan.count = 0;
		err = append_big(f, sequence++);
	}
	assert_int_equal(err, EN_EFULL);
	assert_int_equal(plan.count, 0); // it did not even begin
	plan.calls = 0;
	assert_int_equal(free_bytes(f), 0);
	// A trim needs no room that is not there, and what it gives back is used again without any from the disk.
	assert_ok(f->store->ops->trim(f->store, sequence - 20));
	assert_true(free_bytes(f) > MIB(16));
	for (size_t i = 0; i < 60; i++) {
		assert_ok(append_big(f, sequence++));
	}
	plan.disk_bytes = 0;
	f->store->ops->close(f->store);
}

static void
every_commit_is_synced(void **state)
{
	struct fixture *f = *state;
	unsigned int flags;

	open_store(f, "run");
	plan.calls = CALL_SYNC;
	plan.at = 0;
	plan.count = 0;
	for (uint64_t i = 1; i <= 4; i++) {
		assert_ok(append(f->store, i));
		assert_in_range(plan.count, i, 2 * i);
	}
	plan.calls = 0;
	assert_int_equal(mdb_env_get_flags(((struct store_lmdb *)f->store)->env, &flags), 0);
	assert_int_equal(flags & (MDB_NOSYNC | MDB_NOMETASYNC | MDB_MAPASYNC | MDB_WRITEMAP | MDB_NOTLS), MDB_NOTLS);
	f->store->ops->close(f->store);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_write_that_fails_is_told_and_nothing_acknowledged_is_lost),
	    T(a_short_write_is_told_and_nothing_acknowledged_is_lost),
	    T(a_write_without_room_is_told_and_nothing_acknowledged_is_lost),
	    T(a_sync_that_fails_makes_the_store_suspect),
	    T(after_a_full_disk_the_store_goes_on),
	    T(a_full_disk_is_met_between_commits_and_the_reserve_goes_on),
	    T(every_commit_is_synced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// The spool over a power cut: of what was written since the last sync the disk has any sectors, in any order, and not the others. What spool_sync promised
// is there, and nothing that is there is other than it was handed in. The calls below stand in the program, so the linker gives them to the spool in place
// of libc's.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "sdk/spool.h"
#include "support/support.h"

#define SECTOR 512
#define FILE_BYTES ((size_t)256 << 10)
#define ENTRY_BYTES_MAX 3000
#define ENTRIES_MAX 64
#define CUTS 400

// ---- the disk: one file, as it was at the last sync, and as it is

static struct {
	uint8_t durable[FILE_BYTES], now[FILE_BYTES];
	size_t durable_len, now_len;
} disk;

ssize_t pwrite(int fd, const void *data, size_t len, off_t at);
int ftruncate(int fd, off_t len);
int fdatasync(int fd);

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	size_t end = (size_t)at + len;

	assert_true(end <= FILE_BYTES);
	memcpy(disk.now + at, data, len);
	disk.now_len = end > disk.now_len ? end : disk.now_len;
	return syscall(SYS_pwrite64, fd, data, len, at);
}

int
ftruncate(int fd, off_t len)
{
	assert_true((size_t)len <= disk.now_len);
	memset(disk.now + len, 0, disk.now_len - (size_t)len);
	disk.now_len = (size_t)len;
	return (int)syscall(SYS_ftruncate, fd, len);
}

int
fdatasync(int fd)
{
	memcpy(disk.durable, disk.now, sizeof(disk.durable));
	disk.durable_len = disk.now_len;
	return (int)syscall(SYS_fdatasync, fd);
}

// ---- a run up to the cut

struct run {
	uint64_t seed, random;
	char *folder;
	size_t appended, synced; // entries
};

static uint64_t
next(struct run *r)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return r->random;
}

static uint8_t
byte_of(uint64_t number)
{
	return (uint8_t)(number * 37 + 1);
}

static void
append_some(struct run *r, struct spool *s)
{
	uint8_t payload[ENTRY_BYTES_MAX];
	size_t count = next(r) % ENTRIES_MAX;

	for (size_t i = 0; i < count; i++) {
		struct spool_entry e = {.id = view_text("id"), .payload = view_of(payload, next(r) % ENTRY_BYTES_MAX)};

		memset(payload, byte_of(++r->appended), sizeof(payload));
		assert_ok(spool_append(s, &e));
		assert_int_equal(e.number, r->appended);
		if (next(r) % 8 == 0) {
			assert_ok(spool_sync(s));
			r->synced = r->appended;
		}
	}
}

// Of each sector either what was durable or what was written since.
static void
cut(struct run *r)
{
	uint8_t *image = calloc(1, FILE_BYTES);
	size_t len = disk.durable_len;

	assert_non_null(image);
	memcpy(image, disk.durable, FILE_BYTES);
	for (size_t at = 0; at < disk.now_len; at += SECTOR) {
		size_t end = at + SECTOR < disk.now_len ? at + SECTOR : disk.now_len;

		if (end > disk.durable_len && next(r) % 2 == 0) {
			memcpy(image + at, disk.now + at, end - at);
			len = end > len ? end : len;
		}
	}
	free(test_write(r->folder, "image/spool-0000000000000001", view_of(image, len)));
	free(image);
}

// ---- what is there behind it

static void
check(struct run *r)
{
	char *folder = test_path(r->folder, "image");
	struct spool *s = NULL;
	struct spool_entry e = {.number = 0};
	uint64_t last = 0, there = 0;

	assert_ok(spool_open(folder, MIB(16), &s));
	while (spool_read(s, e.number + 1, &e) == EN_OK) {
		for (size_t i = 0; i < e.payload.len; i++) {
			if (e.payload.data[i] != byte_of(e.number)) {
				fail_msg("seed %llu: entry %llu is not as it was", (unsigned long long)r->seed,
				    (unsigned long long)e.number);
			}
		}
		last = e.number;
		there += e.number <= r->synced;
	}
	if (there != r->synced || last > r->appended) {
		fail_msg("seed %llu: %llu of %zu entries that were promised", (unsigned long long)r->seed,
		    (unsigned long long)there, r->synced);
	}
	spool_close(&s);
	free(folder);
}

static void
what_was_promised_is_there_after_a_power_cut(void **state)
{
	size_t beyond = 0;

	(void)state;
	log_set_fd(-1);
	for (uint64_t seed = 1; seed <= CUTS; seed++) {
		struct run r = {.seed = seed, .random = seed * UINT64_C(0x9e3779b97f4a7c15), .folder = test_folder()};
		char *folder = test_path(r.folder, "spool");
		struct spool *s = NULL;

		memset(&disk, 0, sizeof(disk));
		assert_ok(spool_open(folder, MIB(16), &s));
		append_some(&r, s);
		spool_close(&s);
		cut(&r);
		check(&r);
		beyond += r.appended > r.synced;
		test_folder_remove(r.folder);
		free(folder);
	}
	log_set_fd(STDERR_FILENO);
	assert_true(beyond > CUTS / 2); // cuts that had something to lose
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_promised_is_there_after_a_power_cut),
	};

	return cmocka_run_group_tests_name("sdk/power_cut", tests, NULL, NULL);
}

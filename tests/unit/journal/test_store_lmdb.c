// SPDX-License-Identifier: Apache-2.0
// What only the embedded store can do, and must not: files, owners, formats, a real disk.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "journal/store.h"
#include "support/support.h"

struct fixture {
	char *folder;
	char path[512];
	struct store *store;
};

static struct store *
open_lmdb(const struct fixture *f, uint64_t quota)
{
	struct store_lmdb_options options = {.folder = f->path, .quota_bytes = quota, .reserve_bytes = MIB(1)};
	struct store *store = NULL;
	char what[256] = "";

	assert_ok(store_lmdb_open(&options, &store, what));
	return store;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = test_folder();
	snprintf(f->path, sizeof(f->path), "%s/journal", f->folder);
	f->store = open_lmdb(f, MIB(64));
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->store != NULL) {
		f->store->ops->close(f->store);
	}
	test_folder_remove(f->folder);
	free(f);
	return 0;
}

static enum en_err
append_block(struct store *s, uint64_t first, const char *text)
{
	struct store_batch batch = {.first_sequence = first, .block = view_text(text)};

	return s->ops->append(s, &batch);
}

struct seen {
	char text[4096];
	size_t stop_after;
};

static bool
see_block(void *context, uint64_t first, struct view block)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);

	snprintf(seen->text + len, sizeof(seen->text) - len, "%llu:%.*s ", (unsigned long long)first, (int)block.len,
	    (const char *)block.data);
	return seen->stop_after == 0 || --seen->stop_after > 0;
}

static void
everything_is_there_after_a_reopen(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {.text = ""};

	assert_ok(append_block(f->store, 1, "kept"));
	f->store->ops->close(f->store);
	f->store = open_lmdb(f, MIB(64));
	assert_ok(f->store->ops->read(f->store, 1, MIB(1), see_block, &seen));
	assert_string_equal(seen.text, "1:kept ");
}

static void
a_second_process_is_told_busy(void **state)
{
	struct fixture *f = *state;
	struct store_lmdb_options options = {.folder = f->path, .quota_bytes = MIB(64)};
	struct store *second = NULL;
	char what[256];

	assert_err(EN_EBUSY, store_lmdb_open(&options, &second, what));
}

// Behind the last page that LMDB's newer meta page names, the first of which stands at 136 of each.
static off_t
end_of_pages(const char *path)
{
	size_t len;
	char *bytes = test_read(path, &len);
	uint64_t last[2];

	memcpy(&last[0], bytes + 136, 8);
	memcpy(&last[1], bytes + 4096 + 136, 8);
	free(bytes);
	return (off_t)((last[0] > last[1] ? last[0] : last[1]) + 1) * 4096;
}

static void
a_truncated_file_is_refused_before_it_is_mapped(void **state)
{
	struct fixture *f = *state;
	struct store_lmdb_options options = {.folder = f->path, .quota_bytes = MIB(64)};
	char path[600], what[256] = "", *block = calloc(1, MIB(1));
	struct store_batch batch = {.first_sequence = 1, .block = view_of(block, MIB(1))};

	assert_ok(f->store->ops->append(f->store, &batch));
	f->store->ops->close(f->store);
	f->store = NULL;
	snprintf(path, sizeof(path), "%s/data.mdb", f->path);
	for (off_t size = end_of_pages(path) - 4096; size > 8192; size -= 4096 * 29) {
		assert_int_equal(truncate(path, size), 0);
		assert_err(EN_ECORRUPT, store_lmdb_open(&options, &f->store, what));
	}
	free(block);
}

static void
a_folder_that_cannot_be_written_is_named(void **state)
{
	struct fixture *f = *state;
	char *file = test_write_text(f->folder, "file", "not a folder"), what[256] = "";
	struct store_lmdb_options options = {.folder = file, .quota_bytes = MIB(64)};
	struct store *store = NULL;

	assert_int_not_equal(store_lmdb_open(&options, &store, what), EN_OK);
	assert_non_null(strstr(what, file));
	free(file);
}

static void
a_disk_without_room_is_told_before_the_commit_and_nothing_is_lost(void **state)
{
	struct fixture *f = *state;
	struct rlimit limit, before;
	struct seen seen = {.text = ""};
	char *block = calloc(1, MIB(2));
	struct store_batch batch = {.block = view_of(block, MIB(2))};
	enum en_err err = EN_OK;
	uint64_t sequence = 2;

	signal(SIGXFSZ, SIG_IGN);
	assert_ok(append_block(f->store, 1, "first"));
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = MIB(8);
	setrlimit(RLIMIT_FSIZE, &limit);
	while (err == EN_OK && sequence < 50) {
		batch.first_sequence = sequence++;
		err = f->store->ops->append(f->store, &batch);
	}
	setrlimit(RLIMIT_FSIZE, &before);
	assert_true(err == EN_EFULL || err == EN_EIO);
	f->store->ops->close(f->store);
	f->store = open_lmdb(f, MIB(64));
	seen.stop_after = 1;
	assert_ok(f->store->ops->read(f->store, 1, MIB(1), see_block, &seen));
	assert_string_equal(seen.text, "1:first ");
	free(block);
}

static void
killed_in_the_middle_nothing_acknowledged_is_lost(void **state)
{
	struct fixture *f = *state;

	f->store->ops->close(f->store);
	f->store = NULL;
	for (int cycle = 0; cycle < 5; cycle++) {
		int pipes[2];
		uint64_t acknowledged = 0, last = 0, got;
		pid_t child;

		assert_int_equal(pipe(pipes), 0);
		child = fork();
		if (child == 0) {
			struct store *s = open_lmdb(f, MIB(64));
			uint64_t next = 0;

			(void)s->ops->last_block(s, &next);
			for (;;) {
				if (append_block(s, ++next, "a block") != EN_OK ||
				    write(pipes[1], &next, sizeof(next)) != sizeof(next)) {
					_exit(1);
				}
			}
		}
		close(pipes[1]);
		for (int i = 0; i < 20 + 7 * cycle && read(pipes[0], &got, sizeof(got)) == sizeof(got); i++) {
			acknowledged = got;
		}
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		while (read(pipes[0], &got, sizeof(got)) == sizeof(got)) {
			acknowledged = got;
		}
		close(pipes[0]);
		f->store = open_lmdb(f, MIB(64));
		assert_ok(f->store->ops->last_block(f->store, &last));
		assert_true(last >= acknowledged);
		assert_true(acknowledged > 0);
		f->store->ops->close(f->store);
		f->store = NULL;
	}
}

static void
a_journal_of_a_newer_enlace_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_row row = {.table = STORE_META, .key = view_text("format"), .value = view_text("\2")};
	struct store_batch batch = {.rows = &row, .row_count = 1};
	struct store_lmdb_options options = {.folder = f->path, .quota_bytes = MIB(64)};
	char what[256] = "";

	assert_ok(f->store->ops->append(f->store, &batch));
	f->store->ops->close(f->store);
	f->store = NULL;
	assert_err(EN_EVERSION, store_lmdb_open(&options, &f->store, what));
	assert_non_null(strstr(what, "newer"));
}

static void
a_file_that_is_not_lmdbs_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_lmdb_options options = {.folder = f->path, .quota_bytes = MIB(64)};
	char what[256] = "", *path = test_path(f->path, "data.mdb"), *bytes;
	size_t len;

	f->store->ops->close(f->store);
	f->store = NULL;
	bytes = test_read(path, &len);
	assert_true(len >= 8192);
	// Magic, page size, last page: each of them, in each of the two meta pages.
	for (size_t meta = 0; meta < 2; meta++) {
		const size_t fields[] = {16, 42, 138};

		for (size_t i = 0; i < EN_COUNT_OF(fields); i++) {
			size_t at = meta * 4096 + fields[i];

			bytes[at] ^= 0x55;
			free(test_write(f->path, "data.mdb", view_of(bytes, len)));
			assert_err(EN_ECORRUPT, store_lmdb_open(&options, &f->store, what));
			assert_true(what[0] != '\0');
			bytes[at] ^= 0x55;
		}
	}
	free(bytes);
	free(path);
}

// A mode that syncs less loses what was acknowledged (security R3). The flags of the running store are looked at in
// test_faults.c.
static void
no_lax_mode_is_named_in_the_sources(void **state)
{
	static const char *const lax[] = {"NOSYNC", "NOMETASYNC", "MAPASYNC", "WRITEMAP", "DUPSORT", "NOLOCK"};
	glob_t files;

	(void)state;
	assert_int_equal(glob("broker/*/*.c", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char *text = test_read(files.gl_pathv[i], NULL);

		for (size_t l = 0; l < EN_COUNT_OF(lax); l++) {
			char name[32];

			snprintf(name, sizeof(name), "MDB_%s", lax[l]);
			assert_null(strstr(text, name));
		}
		free(text);
	}
	assert_true(files.gl_pathc > 20);
	globfree(&files);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(everything_is_there_after_a_reopen),
	    T(a_second_process_is_told_busy),
	    T(a_truncated_file_is_refused_before_it_is_mapped),
	    T(a_folder_that_cannot_be_written_is_named),
	    T(a_disk_without_room_is_told_before_the_commit_and_nothing_is_lost),
	    T(killed_in_the_middle_nothing_acknowledged_is_lost),
	    T(a_journal_of_a_newer_enlace_is_refused),
	    T(a_file_that_is_not_lmdbs_is_refused),
	    T(no_lax_mode_is_named_in_the_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// One suite over every implementation of the store seam.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
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
	bool is_lmdb;
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
set_up(void **state, bool is_lmdb)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->is_lmdb = is_lmdb;
	f->folder = test_folder();
	snprintf(f->path, sizeof(f->path), "%s/journal", f->folder);
	if (is_lmdb) {
		f->store = open_lmdb(f, MIB(64));
	} else {
		assert_ok(store_mem_open(MIB(64), &f->store));
	}
	*state = f;
	return 0;
}

static int
set_up_mem(void **state)
{
	return set_up(state, false);
}

static int
set_up_lmdb(void **state)
{
	return set_up(state, true);
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

static bool
see_row(void *context, struct view key, struct view value)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);

	snprintf(seen->text + len, sizeof(seen->text) - len, "%.*s=%.*s ", (int)key.len, (const char *)key.data,
	    (int)value.len, (const char *)value.data);
	return true;
}

static void
blocks_are_read_in_order_from_the_one_that_holds_the_position(void **state)
{
	struct fixture *f = *state;
	struct seen all = {.text = ""}, middle = {.text = ""}, past = {.text = ""}, one = {.stop_after = 1};

	assert_ok(append_block(f->store, 1, "a"));
	assert_ok(append_block(f->store, 4, "b"));
	assert_ok(append_block(f->store, 9, "c"));

	assert_ok(f->store->ops->read(f->store, 1, MIB(1), see_block, &all));
	assert_string_equal(all.text, "1:a 4:b 9:c ");
	assert_ok(f->store->ops->read(f->store, 6, MIB(1), see_block, &middle));
	assert_string_equal(middle.text, "4:b 9:c ");
	assert_ok(f->store->ops->read(f->store, 100, MIB(1), see_block, &past));
	assert_string_equal(past.text, "9:c ");
	assert_ok(f->store->ops->read(f->store, 4, MIB(1), see_block, &one));
	assert_string_equal(one.text, "4:b ");
}

static void
an_empty_store_has_nothing(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {.text = ""};
	struct buf value = BUF_EMPTY;
	uint64_t last = 77;

	assert_ok(f->store->ops->read(f->store, 1, MIB(1), see_block, &seen));
	assert_string_equal(seen.text, "");
	assert_ok(f->store->ops->last_block(f->store, &last));
	assert_int_equal(last, 0);
	assert_err(EN_ENOTFOUND, f->store->ops->get(f->store, STORE_HELD, view_text("x"), &value));
}

static void
rows_are_set_replaced_deleted_and_scanned_by_table(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {.text = ""}, other = {.text = ""};
	struct store_row first[] = {{.table = STORE_HELD, .key = view_text("b"), .value = view_text("1")},
	    {.table = STORE_HELD, .key = view_text("a"), .value = view_text("2")},
	    {.table = STORE_DEAD, .key = view_text("a"), .value = view_text("3")}};
	struct store_row second[] = {{.table = STORE_HELD, .key = view_text("b"), .value = view_text("")},
	    {.table = STORE_HELD, .key = view_text("a"), .is_delete = true},
	    {.table = STORE_HELD, .key = view_text("never"), .is_delete = true}};
	struct store_batch batch = {.rows = first, .row_count = 3};
	struct buf value = BUF_EMPTY;

	assert_ok(f->store->ops->append(f->store, &batch));
	assert_ok(f->store->ops->scan(f->store, STORE_HELD, see_row, &seen));
	assert_string_equal(seen.text, "a=2 b=1 ");
	batch.rows = second;
	assert_ok(f->store->ops->append(f->store, &batch));
	assert_ok(f->store->ops->scan(f->store, STORE_HELD, see_row, &other));
	assert_string_equal(other.text, "b= ");
	assert_ok(f->store->ops->get(f->store, STORE_DEAD, view_text("a"), &value));
	assert_view_is("3", buf_view(&value));
	buf_fini(&value);
}

static void
trimming_removes_whole_blocks_and_never_the_last(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {.text = ""}, last = {.text = ""};

	for (uint64_t i = 0; i < 5; i++) {
		assert_ok(append_block(f->store, 1 + 10 * i, "x"));
	}
	assert_ok(f->store->ops->trim(f->store, 25));
	assert_ok(f->store->ops->read(f->store, 1, MIB(1), see_block, &seen));
	assert_string_equal(seen.text, "21:x 31:x 41:x ");
	assert_ok(f->store->ops->trim(f->store, 1000));
	assert_ok(f->store->ops->read(f->store, 1, MIB(1), see_block, &last));
	assert_string_equal(last.text, "41:x ");
}

static void
a_full_store_refuses_and_goes_on_after_a_trim(void **state)
{
	struct fixture *f = *state;
	char *block = calloc(1, MIB(4));
	struct store_batch batch = {.block = view_of(block, MIB(4))};
	struct store_space space;
	uint64_t sequence = 1;
	enum en_err err = EN_OK;

	while (err == EN_OK && sequence < 100) {
		batch.first_sequence = sequence++;
		err = f->store->ops->append(f->store, &batch);
	}
	assert_int_equal(err, EN_EFULL);
	assert_ok(f->store->ops->space(f->store, &space));
	assert_true(space.free_bytes < MIB(8));
	assert_ok(f->store->ops->trim(f->store, sequence - 3));
	assert_ok(f->store->ops->append(f->store, &batch));
	assert_ok(f->store->ops->space(f->store, &space));
	assert_true(space.free_bytes > MIB(16));
	free(block);
}

// ---- what only LMDB can do -----------------------------------------------------------------------------------------------------------

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

static void
a_truncated_file_is_refused_before_it_is_mapped(void **state)
{
	struct fixture *f = *state;
	struct store_lmdb_options options = {.folder = f->path, .quota_bytes = MIB(64)};
	char path[600], what[256] = "", *block = calloc(1, MIB(1));
	struct store_batch batch = {.first_sequence = 1, .block = view_of(block, MIB(1))};
	struct stat info;

	assert_ok(f->store->ops->append(f->store, &batch));
	f->store->ops->close(f->store);
	f->store = NULL;
	snprintf(path, sizeof(path), "%s/data.mdb", f->path);
	assert_int_equal(stat(path, &info), 0);
	for (off_t size = info.st_size - 4096; size > 8192; size -= 4096 * 29) {
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

static bool
keep_rows(void *context, struct view key, struct view value)
{
	struct buf *all = context;

	buf_put_text(all, key);
	buf_put_text(all, value);
	return true;
}

static void
both_stores_answer_the_same_to_random_operations(void **state)
{
	struct fixture *f = *state;
	struct store *stores[2] = {f->store, NULL};
	unsigned int seed = 20261123;
	uint64_t sequence = 1;

	assert_ok(store_mem_open(MIB(64), &stores[1]));
	for (int i = 0; i < 300; i++) {
		char text[64], key[16];
		struct store_row row = {.table = (uint8_t)(STORE_META + 1 + rand_r(&seed) % 3),
		    .key = view_text(key),
		    .value = view_text(text)};
		struct store_batch batch = {.rows = &row, .row_count = 1};
		uint64_t trim = (unsigned int)rand_r(&seed) % (sequence + 1);
		bool trims = rand_r(&seed) % 20 == 0;

		snprintf(key, sizeof(key), "k%d", rand_r(&seed) % 30);
		snprintf(text, sizeof(text), "v%d", rand_r(&seed));
		row.is_delete = rand_r(&seed) % 4 == 0;
		if (rand_r(&seed) % 2 == 0) {
			batch.first_sequence = sequence;
			batch.block = view_text(text);
			sequence += 1 + (unsigned int)rand_r(&seed) % 5;
		}
		for (int s = 0; s < 2; s++) {
			assert_ok(stores[s]->ops->append(stores[s], &batch));
			if (trims) {
				assert_ok(stores[s]->ops->trim(stores[s], trim));
			}
		}
	}
	for (int table = STORE_META + 1; table < STORE_META + 4; table++) {
		struct buf all[2] = {BUF_EMPTY, BUF_EMPTY};

		for (int s = 0; s < 2; s++) {
			assert_ok(stores[s]->ops->scan(stores[s], (enum store_table)table, keep_rows, &all[s]));
		}
		assert_true(view_equal(buf_view(&all[0]), buf_view(&all[1])));
		buf_fini(&all[0]);
		buf_fini(&all[1]);
	}
	for (uint64_t from = 1; from < sequence; from += 17) {
		struct seen seen[2] = {{.stop_after = 8}, {.stop_after = 8}};

		for (int s = 0; s < 2; s++) {
			assert_ok(stores[s]->ops->read(stores[s], from, MIB(1), see_block, &seen[s]));
		}
		assert_string_equal(seen[0].text, seen[1].text);
	}
	stores[1]->ops->close(stores[1]);
}

#define BOTH(test)                                                                                                     \
	cmocka_unit_test_setup_teardown(test, set_up_mem, tear_down),                                                  \
	    cmocka_unit_test_setup_teardown(test, set_up_lmdb, tear_down)
#define LMDB(test) cmocka_unit_test_setup_teardown(test, set_up_lmdb, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BOTH(blocks_are_read_in_order_from_the_one_that_holds_the_position),
	    BOTH(an_empty_store_has_nothing),
	    BOTH(rows_are_set_replaced_deleted_and_scanned_by_table),
	    BOTH(trimming_removes_whole_blocks_and_never_the_last),
	    BOTH(a_full_store_refuses_and_goes_on_after_a_trim),
	    LMDB(everything_is_there_after_a_reopen),
	    LMDB(a_second_process_is_told_busy),
	    LMDB(a_truncated_file_is_refused_before_it_is_mapped),
	    LMDB(a_folder_that_cannot_be_written_is_named),
	    LMDB(a_disk_without_room_is_told_before_the_commit_and_nothing_is_lost),
	    LMDB(killed_in_the_middle_nothing_acknowledged_is_lost),
	    LMDB(both_stores_answer_the_same_to_random_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sdk/ledger.h"
#include "support/support.h"

#define DAY_MS UINT64_C(86400000)
#define NOW INT64_C(1795000000000)

struct fixture {
	char *folder;
	char path[512];
	struct ledger *ledger;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = test_folder();
	snprintf(f->path, sizeof(f->path), "%s/x.ledger", f->folder);
	*state = f;
	return ledger_open(f->path, NOW, 10 * DAY_MS, &f->ledger) == EN_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	ledger_close(&f->ledger);
	test_folder_remove(f->folder);
	free(f);
	return 0;
}

static struct ledger_row
row(uint8_t key, uint32_t revision, const char *text)
{
	struct ledger_row r = {.revision = revision, .time_ms = NOW};

	r.key[0] = key;
	r.content[0] = (uint8_t)revision;
	snprintf(r.text, sizeof(r.text), "%s", text);
	return r;
}

static void
reopen(struct fixture *f, int64_t now)
{
	ledger_close(&f->ledger);
	assert_ok(ledger_open(f->path, now, 10 * DAY_MS, &f->ledger));
}

static void
keep(struct fixture *f, const struct ledger_row *r)
{
	assert_ok(ledger_put(f->ledger, r));
	assert_ok(ledger_sync(f->ledger));
}

static void
a_row_is_found_by_its_key_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct ledger_row r = row(1, 3, "CASE-77"), other = row(2, 1, "");

	keep(f, &r);
	reopen(f, NOW);

	assert_non_null(ledger_get(f->ledger, r.key));
	assert_int_equal(ledger_get(f->ledger, r.key)->revision, 3);
	assert_string_equal(ledger_get(f->ledger, r.key)->text, "CASE-77");
	assert_null(ledger_get(f->ledger, other.key));
}

static void
the_newest_row_of_a_key_counts(void **state)
{
	struct fixture *f = *state;
	struct ledger_row old = row(1, 1, "a"), new = row(1, 2, "b");

	keep(f, &old);
	keep(f, &new);
	reopen(f, NOW);

	assert_int_equal(ledger_get(f->ledger, old.key)->revision, 2);
	assert_int_equal(ledger_count(f->ledger), 1);
}

static void
what_is_older_than_it_is_kept_is_forgotten_at_open(void **state)
{
	struct fixture *f = *state;
	struct ledger_row r = row(1, 1, "");

	keep(f, &r);
	reopen(f, NOW + (int64_t)(10 * DAY_MS));
	assert_non_null(ledger_get(f->ledger, r.key));
	reopen(f, NOW + (int64_t)(10 * DAY_MS) + 1);
	assert_null(ledger_get(f->ledger, r.key));
}

static void
a_row_cut_anywhere_costs_itself_only(void **state)
{
	struct fixture *f = *state;
	struct ledger_row a = row(1, 1, "first"), b = row(2, 1, "second");
	struct stat one, two;

	keep(f, &a);
	stat(f->path, &one);
	keep(f, &b);
	stat(f->path, &two);
	for (off_t size = two.st_size - 1; size >= one.st_size; size--) {
		ledger_close(&f->ledger);
		assert_int_equal(truncate(f->path, size), 0);
		assert_ok(ledger_open(f->path, NOW, 10 * DAY_MS, &f->ledger));
		assert_non_null(ledger_get(f->ledger, a.key));
		assert_null(ledger_get(f->ledger, b.key));
	}
	keep(f, &b);
	reopen(f, NOW);
	assert_non_null(ledger_get(f->ledger, b.key));
}

static void
a_bit_flipped_anywhere_costs_its_row_only(void **state)
{
	struct fixture *f = *state;
	struct ledger_row a = row(1, 1, "first"), b = row(2, 1, "second"), c = row(3, 1, "third");
	struct stat one, two;
	size_t len;
	char *bytes;

	keep(f, &a);
	assert_int_equal(stat(f->path, &one), 0);
	keep(f, &b);
	assert_int_equal(stat(f->path, &two), 0);
	keep(f, &c);
	bytes = test_read(f->path, &len);
	for (size_t at = (size_t)one.st_size; at < (size_t)two.st_size; at++) {
		ledger_close(&f->ledger);
		bytes[at] ^= 1;
		free(test_write(f->folder, "x.ledger", view_of(bytes, len)));
		bytes[at] ^= 1;
		reopen(f, NOW);
		reopen(f, NOW); // it is whole again
		assert_non_null(ledger_get(f->ledger, a.key));
		assert_null(ledger_get(f->ledger, b.key));
		assert_non_null(ledger_get(f->ledger, c.key));
	}
	free(bytes);
}

static void
a_file_of_superseded_rows_is_rewritten(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;

	for (uint32_t i = 0; i < 3000; i++) {
		struct ledger_row r = row((uint8_t)(i % 10), i, "text");

		memset(r.content, 0, sizeof(r.content));
		assert_ok(ledger_put(f->ledger, &r));
	}
	assert_ok(ledger_sync(f->ledger));
	stat(f->path, &before);
	reopen(f, NOW);
	stat(f->path, &after);

	assert_true(after.st_size * 100 < before.st_size);
	assert_int_equal(ledger_count(f->ledger), 10);
	assert_int_equal(ledger_get(f->ledger, (uint8_t[16]){9})->revision, 2999);
}

// The spool is synced first: a row on the disk without its event would be a record that is never sent.
static void
nothing_is_written_before_it_is_asked_for(void **state)
{
	struct fixture *f = *state;
	struct ledger_row r = row(1, 1, "");
	struct stat info;

	assert_ok(ledger_put(f->ledger, &r));
	assert_non_null(ledger_get(f->ledger, r.key));
	assert_int_equal(stat(f->path, &info), 0);
	assert_int_equal(info.st_size, 0);
	reopen(f, NOW);
	assert_null(ledger_get(f->ledger, r.key));
}

static void
every_content_of_a_key_is_known_and_the_newest_counts(void **state)
{
	struct fixture *f = *state;
	struct ledger_row first = row(1, 1, ""), second = row(1, 2, ""), never = row(1, 9, ""), back = first;

	keep(f, &first);
	keep(f, &second);
	back.revision = 3; // the content of the first one again
	keep(f, &back);
	reopen(f, NOW);

	assert_true(ledger_has(f->ledger, &first) && ledger_has(f->ledger, &second));
	assert_false(ledger_has(f->ledger, &never));
	assert_int_equal(ledger_get(f->ledger, first.key)->revision, 3);
	assert_memory_equal(ledger_get(f->ledger, first.key)->content, first.content, LEDGER_KEY_BYTES);
}

static void
rows_wait_for_room_on_a_full_disk_and_are_written_whole(void **state)
{
	struct fixture *f = *state;
	struct ledger_row a = row(1, 1, "first"), b = row(2, 1, "second");
	struct stat one, after;

	keep(f, &a);
	assert_int_equal(stat(f->path, &one), 0);
	assert_ok(ledger_put(f->ledger, &b));
	test_file_limit((size_t)one.st_size + 20); // room for a part of it
	assert_err(EN_EFULL, ledger_sync(f->ledger));
	test_file_limit(SIZE_MAX);
	assert_int_equal(stat(f->path, &after), 0);
	assert_int_equal(after.st_size, one.st_size);
	assert_ok(ledger_sync(f->ledger));
	reopen(f, NOW);

	assert_string_equal(ledger_get(f->ledger, a.key)->text, "first");
	assert_string_equal(ledger_get(f->ledger, b.key)->text, "second");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_row_is_found_by_its_key_after_a_restart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_newest_row_of_a_key_counts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_older_than_it_is_kept_is_forgotten_at_open, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_row_cut_anywhere_costs_itself_only, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(nothing_is_written_before_it_is_asked_for, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(every_content_of_a_key_is_known_and_the_newest_counts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(rows_wait_for_room_on_a_full_disk_and_are_written_whole, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_bit_flipped_anywhere_costs_its_row_only, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_file_of_superseded_rows_is_rewritten, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

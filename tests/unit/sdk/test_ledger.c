// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
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
a_row_is_found_by_its_key_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct ledger_row r = row(1, 3, "CASE-77"), other = row(2, 1, "");

	assert_ok(ledger_put(f->ledger, &r));
	assert_ok(ledger_sync(f->ledger));
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

	assert_ok(ledger_put(f->ledger, &old));
	assert_ok(ledger_put(f->ledger, &new));
	reopen(f, NOW);

	assert_int_equal(ledger_get(f->ledger, old.key)->revision, 2);
	assert_int_equal(ledger_count(f->ledger), 1);
}

static void
what_is_older_than_it_is_kept_is_forgotten_at_open(void **state)
{
	struct fixture *f = *state;
	struct ledger_row r = row(1, 1, "");

	assert_ok(ledger_put(f->ledger, &r));
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

	assert_ok(ledger_put(f->ledger, &a));
	stat(f->path, &one);
	assert_ok(ledger_put(f->ledger, &b));
	stat(f->path, &two);
	for (off_t size = two.st_size - 1; size >= one.st_size; size--) {
		ledger_close(&f->ledger);
		assert_int_equal(truncate(f->path, size), 0);
		assert_ok(ledger_open(f->path, NOW, 10 * DAY_MS, &f->ledger));
		assert_non_null(ledger_get(f->ledger, a.key));
		assert_null(ledger_get(f->ledger, b.key));
	}
	assert_ok(ledger_put(f->ledger, &b));
	reopen(f, NOW);
	assert_non_null(ledger_get(f->ledger, b.key));
}

static void
a_file_of_superseded_rows_is_rewritten(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;

	for (uint32_t i = 0; i < 3000; i++) {
		struct ledger_row r = row((uint8_t)(i % 10), i, "text");

		assert_ok(ledger_put(f->ledger, &r));
	}
	stat(f->path, &before);
	reopen(f, NOW);
	stat(f->path, &after);

	assert_true(after.st_size * 100 < before.st_size);
	assert_int_equal(ledger_count(f->ledger), 10);
	assert_int_equal(ledger_get(f->ledger, (uint8_t[16]){9})->revision, 2999);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_row_is_found_by_its_key_after_a_restart, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_newest_row_of_a_key_counts, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_older_than_it_is_kept_is_forgotten_at_open, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_row_cut_anywhere_costs_itself_only, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_file_of_superseded_rows_is_rewritten, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

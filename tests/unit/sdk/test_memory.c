// SPDX-License-Identifier: Apache-2.0
// The files of an adapter, opened, written and read with the n-th request for memory failing: what was told as written is there afterwards.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "sdk/ledger.h"
#include "sdk/spool.h"
#include "support/scarce.h"
#include "support/support.h"

#define NOW INT64_C(1795000000000)
#define DAY_MS UINT64_C(86400000)
#define ENTRIES 70 // more than the first room of a table

// In each step the folder is made while there is plenty: it is the test's.
static enum en_err
spool_once(void *context)
{
	size_t left = scarce_left;
	char *folder = (scarce_left = SIZE_MAX, test_folder()), *path = test_path(folder, "spool");
	struct spool *spool = NULL;
	struct spool_entry entry = {
	    .id = view_text("id"), .source = view_text("s"), .type = view_text("t"), .case_id = view_text("c")};
	uint64_t written = 0;
	enum en_err err = (scarce_left = left, spool_open(path, MIB(1), &spool));

	(void)context;
	for (size_t i = 0; i < ENTRIES && err == EN_OK; i++) {
		err = spool_append(spool, &entry);
		written += err == EN_OK;
	}
	if (err == EN_OK) {
		err = spool_read(spool, ENTRIES, &entry);
	}
	spool_close(&spool);
	scarce_left = SIZE_MAX; // and now there is enough
	assert_ok(spool_open(path, MIB(1), &spool));
	assert_true(spool_count(spool) >= written);
	spool_close(&spool);
	free(path);
	test_folder_remove(folder);
	return err;
}

static enum en_err
ledger_once(void *context)
{
	size_t left = scarce_left;
	char *folder = (scarce_left = SIZE_MAX, test_folder()), *path = test_path(folder, "ledger");
	struct ledger *ledger = NULL;
	size_t written = 0;
	enum en_err err = (scarce_left = left, ledger_open(path, NOW, DAY_MS, &ledger));

	(void)context;
	for (uint8_t i = 0; i < ENTRIES && err == EN_OK; i++) {
		struct ledger_row row = {.key = {i}, .revision = 1, .time_ms = NOW, .text = "own"};

		err = ledger_put(ledger, &row);
		written += err == EN_OK;
	}
	if (err != EN_OK || (err = ledger_sync(ledger)) != EN_OK) {
		written = 0; // what was not synced was not promised
	}
	ledger_close(&ledger);
	scarce_left = SIZE_MAX;
	assert_ok(ledger_open(path, NOW, DAY_MS, &ledger));
	assert_true(ledger_count(ledger) >= written);
	ledger_close(&ledger);
	free(path);
	test_folder_remove(folder);
	return err;
}

static void
a_spool_loses_nothing_that_it_took(void **state)
{
	(void)state;
	scarce_sweep(spool_once, NULL);
}

static void
a_ledger_loses_nothing_that_it_took(void **state)
{
	(void)state;
	scarce_sweep(ledger_once, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_spool_loses_nothing_that_it_took),
	    cmocka_unit_test(a_ledger_loses_nothing_that_it_took),
	};

	return cmocka_run_group_tests_name("sdk/memory", tests, NULL, NULL);
}

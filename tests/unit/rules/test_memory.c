// SPDX-License-Identifier: Apache-2.0
// A whole rule set read, checked and compiled, with the n-th request for memory failing: conf, map and rules together. A set that is not whole is no set.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "rules/rules.h"
#include "support/engine_rules.h"
#include "support/scarce.h"
#include "support/support.h"

struct fixture {
	char *folder;
	struct schema *schema;
};

static int
set_up(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;

	f->folder = engine_rules_folder();
	f->schema = engine_schema();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	schema_unref(&f->schema);
	test_folder_remove(f->folder);
	return 0;
}

static enum en_err
load_once(void *context)
{
	struct fixture *f = context;
	struct rules *rules = NULL;
	struct findings findings;
	enum en_err err;

	findings_init(&findings);
	err = rules_load(f->folder, f->schema, &findings, &rules);
	assert_true((err == EN_OK) == (rules != NULL));
	rules_unref(&rules);
	findings_fini(&findings);
	return err;
}

static void
a_rule_set_is_whole_or_it_is_none(void **state)
{
	assert_ok(load_once(*state));
	scarce_sweep(load_once, *state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_rule_set_is_whole_or_it_is_none)};

	return cmocka_run_group_tests_name("rules/memory", tests, set_up, tear_down);
}

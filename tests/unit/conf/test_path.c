// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/path.h"

#include "support/support.h"

static void
relative_paths_start_from_the_folder_of_the_file(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_string_equal(conf_folder_of(&a, "etc/enlace.yaml"), "etc");
	assert_string_equal(conf_folder_of(&a, "enlace.yaml"), ".");
	assert_string_equal(conf_folder_of(&a, "/enlace.yaml"), "/");
	assert_string_equal(conf_resolve(&a, "etc", "keys/a"), "etc/keys/a");
	assert_string_equal(conf_resolve(&a, "etc", "./keys"), "etc/keys");
	assert_string_equal(conf_resolve(&a, "etc", "../var"), "etc/../var");
	assert_string_equal(conf_resolve(&a, "etc", "."), "etc");
	assert_string_equal(conf_resolve(&a, "etc", "/keys"), "/keys");
	assert_string_equal(conf_resolve(&a, "/", "keys"), "/keys");
	arena_fini(&a);
}

static void
an_ending_has_something_before_it(void **state)
{
	(void)state;
	assert_true(conf_ends_with("a.yaml", ".yaml"));
	assert_true(conf_ends_with("a/b.yaml.yaml", ".yaml"));
	assert_false(conf_ends_with(".yaml", ".yaml"));
	assert_false(conf_ends_with("a.yaml~", ".yaml"));
	assert_false(conf_ends_with("yaml", ".yaml"));
	assert_false(conf_ends_with(NULL, ".yaml"));
}

static void
without_memory_there_is_no_path(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 8);
	assert_null(conf_folder_of(&a, "a-folder/file"));
	assert_null(conf_resolve(&a, "a-folder", "file"));
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(relative_paths_start_from_the_folder_of_the_file),
	    cmocka_unit_test(an_ending_has_something_before_it),
	    cmocka_unit_test(without_memory_there_is_no_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

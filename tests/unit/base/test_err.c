// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/reason.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "support/support.h"

static void
every_error_has_a_code_and_words_in_both_languages(void **state)
{
	(void)state;
	for (int i = 0; i < EN_ERR_COUNT; i++) {
		assert_true(strlen(en_err_code((enum en_err)i)) > 0);
		assert_true(strlen(en_err_text((enum en_err)i, EN_LANG_EN)) > 0);
		assert_true(strlen(en_err_text((enum en_err)i, EN_LANG_ES)) > 0);
		for (int j = 0; j < i; j++) {
			assert_string_not_equal(en_err_code((enum en_err)i), en_err_code((enum en_err)j));
		}
	}
}

static void
success_ends_a_program_with_0_and_every_error_with_something_else(void **state)
{
	(void)state;
	assert_int_equal(en_err_exit_code(EN_OK), 0);
	assert_int_equal(en_err_exit_code(EN_ECONFIG), 78);
	assert_int_equal(en_err_exit_code(EN_EDENIED), 77);
	for (int i = 1; i < EN_ERR_COUNT; i++) {
		assert_true(en_err_exit_code((enum en_err)i) > 0);
	}
}

static void
only_passing_troubles_are_worth_a_retry(void **state)
{
	(void)state;
	assert_true(en_err_may_retry(EN_EBUSY));
	assert_true(en_err_may_retry(EN_EUNREACHED));
	assert_false(en_err_may_retry(EN_ECONFIG));
	assert_false(en_err_may_retry(EN_EUTF8));
}

static void
a_number_that_is_no_error_is_told_as_an_internal_one(void **state)
{
	(void)state;
	assert_string_equal(en_err_code((enum en_err)EN_ERR_COUNT), "internal");
	assert_string_equal(en_err_code((enum en_err) - 1), "internal");
}

static void
the_first_variable_that_is_set_chooses_the_language(void **state)
{
	static const struct {
		const char *all, *messages, *lang;
		enum en_lang wanted;
	} cases[] = {
	    {"", "", "es_MX.UTF-8", EN_LANG_ES},
	    {"", "", "es", EN_LANG_ES},
	    {"", "", "es@euro", EN_LANG_ES},
	    {"", "", "est_EE", EN_LANG_EN},
	    {"", "es_MX", "en_US", EN_LANG_ES},
	    {"C", "es_MX", "es_MX", EN_LANG_EN},
	    {"", "", "", EN_LANG_EN},
	};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		setenv("LC_ALL", cases[i].all, 1);
		setenv("LC_MESSAGES", cases[i].messages, 1);
		setenv("LANG", cases[i].lang, 1);
		assert_int_equal(en_lang_from_environment(), cases[i].wanted);
	}
	unsetenv("LC_ALL");
	unsetenv("LC_MESSAGES");
	unsetenv("LANG");
	assert_int_equal(en_lang_from_environment(), EN_LANG_EN);
}

static void
every_reason_is_found_again_by_its_code(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		assert_int_equal(reason_from_code(reason_code((enum reason)i)), i);
		if (i > 0) {
			assert_true(strlen(reason_text((enum reason)i, EN_LANG_EN)) > 0);
			assert_true(strlen(reason_text((enum reason)i, EN_LANG_ES)) > 0);
		}
	}
	assert_int_equal(reason_from_code("no such reason"), REASON_COUNT);
	assert_int_equal(reason_from_code(NULL), REASON_COUNT);
	assert_string_equal(reason_code(REASON_COUNT), "unknown");
	assert_string_equal(reason_text(REASON_COUNT, EN_LANG_EN), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_error_has_a_code_and_words_in_both_languages),
	    cmocka_unit_test(success_ends_a_program_with_0_and_every_error_with_something_else),
	    cmocka_unit_test(only_passing_troubles_are_worth_a_retry),
	    cmocka_unit_test(a_number_that_is_no_error_is_told_as_an_internal_one),
	    cmocka_unit_test(the_first_variable_that_is_set_chooses_the_language),
	    cmocka_unit_test(every_reason_is_found_again_by_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

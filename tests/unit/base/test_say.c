// SPDX-License-Identifier: Apache-2.0
// That every sentence has its Spanish, and the same conversions, is held by tests/lint; here is what the look-up does.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/say.h"

static void
a_sentence_is_said_in_the_language_asked_for(void **state)
{
	(void)state;
	assert_string_equal(en_say(EN_LANG_EN, "the file is empty"), "the file is empty");
	assert_string_equal(en_say(EN_LANG_ES, "the file is empty"), "el archivo está vacío");
}

static void
what_is_no_sentence_stays_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(en_say(EN_LANG_ES, "fecha_nacimiento"), "fecha_nacimiento");
	assert_string_equal(en_say(EN_LANG_ES, ""), "");
	assert_null(en_say(EN_LANG_ES, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sentence_is_said_in_the_language_asked_for),
	    cmocka_unit_test(what_is_no_sentence_stays_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

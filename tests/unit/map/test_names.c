// SPDX-License-Identifier: Apache-2.0
// Names in one box.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/names.h"
#include "support/support.h"

static void
expect(const char *text, enum name_order order, const char *given, const char *one, const char *two)
{
	const char *const wanted[] = {given, one, two};
	struct view part;

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(given != NULL, name_take(view_text(text), order, (enum name_part)i, &part));
		if (given != NULL) {
			assert_view_is(wanted[i], part);
		}
	}
}

static void
given_names_come_first_and_the_last_two_are_surnames(void **state)
{
	(void)state;
	expect("ANA LOPEZ PAZ", NAME_GIVEN_FIRST, "ANA", "LOPEZ", "PAZ");
	expect("Ana Maria Lopez Paz", NAME_GIVEN_FIRST, "Ana Maria", "Lopez", "Paz");
	expect("Ana Lopez", NAME_GIVEN_FIRST, "Ana", "Lopez", "");
	expect("Juan  de la Cruz", NAME_GIVEN_FIRST, "Juan", "de la Cruz", "");
	expect("Ana", NAME_GIVEN_FIRST, NULL, NULL, NULL);
	expect("Ana Lopez de", NAME_GIVEN_FIRST, NULL, NULL, NULL);
	expect("Lopez, Ana Paz", NAME_GIVEN_FIRST, NULL, NULL, NULL);
	expect("", NAME_GIVEN_FIRST, NULL, NULL, NULL);
}

static void
surnames_first_needs_three_names_or_a_comma(void **state)
{
	(void)state;
	expect("LOPEZ PAZ ANA MARIA", NAME_SURNAMES_FIRST, "ANA MARIA", "LOPEZ", "PAZ");
	expect("LOPEZ ANA", NAME_SURNAMES_FIRST, NULL, NULL, NULL);
	expect("DE LA O PAZ, ANA MARIA", NAME_SURNAMES_COMMA, "ANA MARIA", "DE LA O", "PAZ");
	expect("LOPEZ, ANA", NAME_SURNAMES_COMMA, "ANA", "LOPEZ", "");
	expect("LOPEZ ANA", NAME_SURNAMES_COMMA, NULL, NULL, NULL);
	expect("LOPEZ, ANA, MARIA", NAME_SURNAMES_COMMA, NULL, NULL, NULL);
	expect("A B C, ANA", NAME_SURNAMES_COMMA, NULL, NULL, NULL);
	expect(", ANA", NAME_SURNAMES_COMMA, NULL, NULL, NULL);
}

static void
the_last_word_is_the_surname_where_somebody_says_so(void **state)
{
	(void)state;
	expect("Ann Mary Smith", NAME_LAST_WORD, "Ann Mary", "Smith", "");
	expect("Ludwig van Beethoven", NAME_LAST_WORD, "Ludwig", "van Beethoven", "");
}

static void
as_many_names_as_the_limit_and_not_one_more(void **state)
{
	struct buf b = BUF_EMPTY;
	struct view part;

	(void)state;
	for (int i = 0; i < NAME_WORDS; i++) {
		buf_put_str(&b, "Ana ");
	}
	assert_true(name_take(buf_view(&b), NAME_GIVEN_FIRST, NAME_SURNAME_2, &part));
	assert_view_is("Ana", part);
	buf_put_str(&b, "Ana");
	assert_false(name_take(buf_view(&b), NAME_GIVEN_FIRST, NAME_SURNAME_2, &part));
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(given_names_come_first_and_the_last_two_are_surnames),
	    cmocka_unit_test(surnames_first_needs_three_names_or_a_comma),
	    cmocka_unit_test(the_last_word_is_the_surname_where_somebody_says_so),
	    cmocka_unit_test(as_many_names_as_the_limit_and_not_one_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "map/text.h"

#include <stdlib.h>

#include "support/support.h"

static void
check(const char *in, uint32_t steps, const char *wanted)
{
	size_t len = strlen(in);
	uint8_t *exact = malloc(len == 0 ? 1 : len), *room = malloc(len == 0 ? 1 : len);

	// Buffers of the exact size: a sanitizer sees one byte too many on either side.
	memcpy(exact, in, len);
	struct view out = text_clean(view_of(exact, len), steps, room);

	assert_view_is(wanted, out);
	assert_true(view_is_utf8(out));
	free(exact);
	free(room);
}

static void
every_step_has_its_name_and_no_other_word_is_one(void **state)
{
	(void)state;
	assert_int_equal(clean_from_name("trim"), CLEAN_TRIM);
	assert_int_equal(clean_from_name("collapse_spaces"), CLEAN_COLLAPSE_SPACES);
	assert_int_equal(clean_from_name("strip_accents"), CLEAN_STRIP_ACCENTS);
	assert_int_equal(clean_from_name("digits_only"), CLEAN_DIGITS_ONLY);
	assert_int_equal(clean_from_name("upper"), CLEAN_UPPER);
	assert_int_equal(clean_from_name("lower"), CLEAN_LOWER);
	assert_int_equal(clean_from_name("name_case"), CLEAN_NAME_CASE);
	assert_int_equal(clean_from_name("Trim"), 0);
}

static void
trim_takes_blanks_of_every_kind_from_both_ends_and_none_from_the_middle(void **state)
{
	(void)state;
	check(" \t\r\n\xc2\xa0 a  b \xc2\xa0\n", CLEAN_TRIM, "a  b");
	check("   ", CLEAN_TRIM, "");
	check("\xc2\xa0", CLEAN_TRIM, "");
	check("", CLEAN_TRIM, "");
	check("\xc3\xa0", CLEAN_TRIM, "\xc3\xa0"); // its last byte is that of a no-break space
}

static void
runs_of_blanks_become_one(void **state)
{
	(void)state;
	check("a \t\xc2\xa0 b  c", CLEAN_COLLAPSE_SPACES, "a b c");
	check("  a  ", CLEAN_COLLAPSE_SPACES, " a ");
	check("  a  ", CLEAN_COLLAPSE_SPACES | CLEAN_TRIM, "a");
}

static void
case_changes_the_letters_of_spanish_and_leaves_the_signs_between_them(void **state)
{
	(void)state;
	check("Ñandú Ü é × ÷ ß ÿ", CLEAN_UPPER, "ÑANDÚ Ü É × ÷ ß ÿ");
	check("ÑANDÚ Ü É × ÷ Þ", CLEAN_LOWER, "ñandú ü é × ÷ þ");
	check("Łódź 漢字 😀", CLEAN_UPPER, "ŁÓDź 漢字 😀"); // beyond Latin-1: as they are
}

static void
accents_go_and_the_letters_stay(void **state)
{
	(void)state;
	check("ÁÉÍÓÚÜÑ áéíóúüñ çÇ", CLEAN_STRIP_ACCENTS, "AEIOUUN aeiouun cC");
	check("Jose\xcc\x81 Nun\xcc\x83o", CLEAN_STRIP_ACCENTS, "Jose Nuno");
	check("Æ Ð × 漢", CLEAN_STRIP_ACCENTS, "Æ Ð × 漢");
}

static void
digits_only_keeps_digits(void **state)
{
	(void)state;
	check("+52 (962) 123-4567 ext. é5", CLEAN_DIGITS_ONLY, "5296212345675");
	check("ninguno", CLEAN_DIGITS_ONLY, "");
}

static void
names_get_large_letters_and_their_particles_small_ones(void **state)
{
	(void)state;
	check("MARIA DE LOS ANGELES", CLEAN_NAME_CASE, "Maria de los Angeles");
	check("DE LA CRUZ Y DEL RIO", CLEAN_NAME_CASE, "De la Cruz y del Rio");
	check("PÉREZ-ÁVILA D'ANGELO", CLEAN_NAME_CASE, "Pérez-Ávila D'Angelo");
	check("  JOSE   LAS  ", CLEAN_NAME_CASE | CLEAN_TRIM | CLEAN_COLLAPSE_SPACES, "Jose las");
	check("ÑUÑEZ", CLEAN_NAME_CASE | CLEAN_STRIP_ACCENTS, "Nunez");
}

// Whatever the bytes are: nothing outside the buffers, and never longer. (Sources are checked for UTF-8 before; this
// must hold all the same.)
static void
no_bytes_at_all_make_it_read_or_write_outside(void **state)
{
	(void)state;
	uint32_t seed = 1;

	for (int round = 0; round < 20000; round++) {
		size_t len = (size_t)round % 9;
		uint8_t *in = malloc(len + 1), *room = malloc(len == 0 ? 1 : len);

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525U + 1013904223U;
			in[i] = (uint8_t) "\xc3\xa0\xc2 aZ\xf0\xe2\xcc\xff'-\x80"[(seed >> 16) % 14];
		}
		struct view out = text_clean(view_of(in, len), (seed >> 8) & 0x7f, room);

		assert_true(out.len <= len);
		free(in);
		free(room);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_step_has_its_name_and_no_other_word_is_one),
	    cmocka_unit_test(trim_takes_blanks_of_every_kind_from_both_ends_and_none_from_the_middle),
	    cmocka_unit_test(runs_of_blanks_become_one),
	    cmocka_unit_test(case_changes_the_letters_of_spanish_and_leaves_the_signs_between_them),
	    cmocka_unit_test(accents_go_and_the_letters_stay),
	    cmocka_unit_test(digits_only_keeps_digits),
	    cmocka_unit_test(names_get_large_letters_and_their_particles_small_ones),
	    cmocka_unit_test(no_bytes_at_all_make_it_read_or_write_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

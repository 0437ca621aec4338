// SPDX-License-Identifier: Apache-2.0
// What a reader without UTF-8, or without colours, is shown.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/terminal.h"
#include "support/support.h"

static const char *
folded(const char *text, size_t len)
{
	static struct buf b;

	buf_clear(&b);
	ascii_fold(view_of(text, len), &b);
	return buf_cstr(&b);
}

#define assert_folded(text, wanted) assert_string_equal(folded(text, sizeof(text) - 1), wanted)

static void
every_letter_becomes_one_that_looks_like_it(void **state)
{
	(void)state;
	assert_folded("¿Cómo está el niño? ¡ÑANDÚ! pingüino", "?Como esta el nino? !NANDU! pinguino");
	assert_folded("«a» “b” ‘c’ – — … → ←", "\"a\" \"b\" 'c' - - . > <");
	assert_folded("plain\t~\n", "plain\t~\n");
	assert_folded("ÀÿßÆ½×÷", "AysA?x/");
}

static void
marks_over_letters_go_and_what_is_far_is_asked(void **state)
{
	(void)state;
	assert_folded("n\xcc\x83 日 \xf0\x9f\x98\x80", "n ? ?");
	assert_folded("a\xff"
		      "b\xc3",
	    "a?b?");
	assert_folded("\xc3(\xe2\x82", "?(??");
}

static void
a_stream_puts_letters_together_that_come_in_pieces(void **state)
{
	char text[64] = "";
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	FILE *to = fdopen(ends[1], "w"), *words = terminal_ascii(to);

	assert_non_null(words);
	setvbuf(words, NULL, _IONBF, 0);
	for (const char *at = "niño →"; *at != '\0'; at++) {
		fputc(*at, words);
	}
	assert_int_equal(fflush(words), 0);
	assert_int_equal(read(ends[0], text, sizeof(text) - 1), 6);
	assert_string_equal(text, "nino >");
	fputc(0xc3, words);
	assert_int_equal(fclose(words), 0); // a letter that never ends is told as one
	assert_int_equal(read(ends[0], text, sizeof(text) - 1), 1);
	assert_int_equal(text[0], '?');
	fclose(to);
	close(ends[0]);
}

static void
a_stream_that_cannot_write_has_an_error(void **state)
{
	FILE *full = fopen("/dev/full", "we"), *words = terminal_ascii(full);

	(void)state;
	fputs("words\n", words);
	assert_true(fflush(words) != 0 || ferror(words) != 0);
	fclose(words);
	fclose(full);
}

static void
the_first_variable_that_is_set_says_what_can_be_shown(void **state)
{
	(void)state;
	setenv("LC_ALL", "", 1);
	unsetenv("LC_CTYPE");
	setenv("LANG", "es_MX.UTF-8", 1);
	assert_true(terminal_is_utf8());
	setenv("LC_CTYPE", "es_MX.ISO-8859-1", 1);
	assert_false(terminal_is_utf8());
	setenv("LC_ALL", "C.utf8", 1);
	assert_true(terminal_is_utf8());
	setenv("LC_ALL", "C", 1);
	assert_false(terminal_is_utf8());
}

static void
colours_are_for_terminals_that_want_them(void **state)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	FILE *file = fopen("/dev/null", "we");

	(void)state;
	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	FILE *terminal = fopen(ptsname(master), "we");

	assert_non_null(terminal);
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	assert_false(terminal_has_colours(file));
	assert_true(terminal_has_colours(terminal));
	setenv("NO_COLOR", "", 1);
	assert_true(terminal_has_colours(terminal));
	setenv("NO_COLOR", "1", 1);
	assert_false(terminal_has_colours(terminal));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	assert_false(terminal_has_colours(terminal));
	fclose(terminal);
	fclose(file);
	close(master);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_letter_becomes_one_that_looks_like_it),
	    cmocka_unit_test(marks_over_letters_go_and_what_is_far_is_asked),
	    cmocka_unit_test(a_stream_puts_letters_together_that_come_in_pieces),
	    cmocka_unit_test(a_stream_that_cannot_write_has_an_error),
	    cmocka_unit_test(the_first_variable_that_is_set_says_what_can_be_shown),
	    cmocka_unit_test(colours_are_for_terminals_that_want_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What `enlace` says to a reader without UTF-8, and to one who wants no colours.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/place.h"

#define run_enlace_in(p, language, ...)                                                                                \
	program_run_in(p, language, VIEW_EMPTY, (const char *const[]){__VA_ARGS__, NULL})

static const char route[] = "route: r\ntypes: [Alert]\npurpose: p\nsend_to: [{agency: inm, niño: si}]\n";

static void
an_excerpt_is_folded_letter_by_letter_so_that_the_caret_stays(void **state)
{
	struct place *at = *state;

	put(at, "routes/r.yaml", route);
	run_enlace_in(&at->p, "C", "lint", "-c", at->settings);
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "    4 | send_to: [{agency: inm, nino: si}]\n      |                         ^\n");
	run_enlace_in(&at->p, "C.UTF-8", "lint", "-c", at->settings);
	assert_said(&at->p.out, "    4 | send_to: [{agency: inm, niño: si}]\n      |                         ^\n");
}

static void
words_are_folded_and_data_never(void **state)
{
	struct place *at = *state;

	put(at, "routes/r.yaml", route);
	run_enlace_in(&at->p, "es_MX", "--help");
	assert_said(&at->p.out, "configuracion invalida");
	run_enlace_in(&at->p, "es_MX", "lin");
	assert_said(&at->p.err, "no existe el comando");
	run_enlace_in(&at->p, "es_MX.ISO-8859-1", "lint", "-c", at->settings, "--format", "json");
	assert_said(&at->p.out, "niño");
	put(at, "record.json", "{\"referralId\":\"niño\",\"state\":\"ACCEPTED\"}");
	char *record = path(at, "record.json");

	run_enlace_in(
	    &at->p, "C", "convert", "-c", at->settings, "--type", "enlace.v1.ReferralStatus", "--to", "json", record);
	assert_ended(&at->p, 0);
	assert_said(&at->p.out, "niño");
	free(record);
}

// What stands behind the name of an option, or behind an example.
static const char *
help_of(const char *line)
{
	const char *gap = strstr(line + strspn(line, " "), "  "), *value = strstr(line, " VAL");

	return gap != NULL ? gap + strspn(gap, " ") : value != NULL ? value + strlen(" VALUE") : line;
}

// The lines of the text that tell an option or an example.
static size_t
options_in(char *text, char **lines, size_t max)
{
	size_t count = 0;
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		bool is_example = strncmp(line, "  ", 2) == 0 && strncmp(line, "  -", 3) != 0 &&
		    strstr(line + strspn(line, " "), "  ") != NULL;

		if ((strncmp(line, "  -", 3) == 0 || is_example) && count < max) {
			lines[count++] = line;
		}
	}
	return count;
}

static void
the_help_of_every_option_is_in_the_readers_language(void **state)
{
	static const char *const commands[] = {"lint", "explain-code", "test", "map", "explain", "keys", "agency",
	    "publish", "sub", "msg", "status", "reload", "convert", "schema", "config-schema", "version"};
	struct place *at = *state;

	for (size_t i = 0; i < EN_COUNT_OF(commands); i++) {
		char *english[32], *spanish[32];

		run_enlace_in(&at->p, "C.UTF-8", commands[i], "--help");
		assert_ended(&at->p, 0);
		char *first = strdup(buf_cstr(&at->p.out));

		run_enlace_es(&at->p, commands[i], "--help");
		char *second = strdup(buf_cstr(&at->p.out));
		size_t count = options_in(first, english, EN_COUNT_OF(english));

		assert_true(count >= 6);
		assert_int_equal(options_in(second, spanish, EN_COUNT_OF(spanish)), count);
		for (size_t k = 0; k < count; k++) {
			if (strcmp(help_of(english[k]), help_of(spanish[k])) == 0) {
				fail_msg("%s: no Spanish: %s", commands[i], english[k]);
			}
		}
		free(first);
		free(second);
	}
}

// What goes to a file while the words' other stream is a terminal; from malloc.
static char *
told_beside_a_terminal(struct place *at, const char *environment)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char *program = program_path(), *out = path(at, "out.txt"), *text = NULL;
	struct buf command = BUF_EMPTY, file = BUF_EMPTY;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	buf_printf(&command, "TERM=xterm LC_ALL=C %s %s lint -c %s >%s 2>%s", environment, program, at->settings, out,
	    ptsname(master));
	assert_int_equal(system(buf_cstr(&command)), 1 << 8);
	assert_ok(buf_read_file(&file, out, 1 << 20));
	text = strdup(buf_cstr(&file));
	buf_fini(&file);
	buf_fini(&command);
	free(out);
	free(program);
	close(master);
	return text;
}

static void
a_file_gets_no_colours_because_the_other_stream_is_a_terminal(void **state)
{
	struct place *at = *state;

	put(at, "routes/r.yaml", route);
	char *text = told_beside_a_terminal(at, "");

	assert_non_null(strstr(text, "error[E0103]"));
	assert_null(strchr(text, '\033'));
	free(text);
}

// What a terminal is shown, from malloc.
static char *
told_on_a_terminal(struct place *at, const char *environment)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char *program = program_path(), text[8192] = "";
	struct buf command = BUF_EMPTY;
	size_t len = 0;

	assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	// The terminal is held open by this process, so that what was written is still there to be read.
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);

	buf_printf(&command, "%s LC_ALL=C %s lint -q -c %s >%s", environment, program, at->settings, ptsname(master));
	assert_int_equal(system(buf_cstr(&command)), 1 << 8);
	close(slave);
	for (ssize_t n; len < sizeof(text) - 1 && (n = read(master, text + len, sizeof(text) - 1 - len)) > 0;) {
		len += (size_t)n;
	}
	buf_fini(&command);
	free(program);
	close(master);
	return strdup(text);
}

static void
a_terminal_gets_colours_unless_it_wants_none(void **state)
{
	struct place *at = *state;

	put(at, "routes/r.yaml", route);
	char *text = told_on_a_terminal(at, "TERM=xterm");

	assert_non_null(strstr(text, "\033[1;31merror[E0103]"));
	free(text);
	text = told_on_a_terminal(at, "TERM=xterm NO_COLOR=1");
	assert_non_null(strstr(text, "error[E0103]"));
	assert_null(strchr(text, '\033'));
	free(text);
	text = told_on_a_terminal(at, "TERM=dumb");
	assert_null(strchr(text, '\033'));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLACE_TEST(an_excerpt_is_folded_letter_by_letter_so_that_the_caret_stays),
	    PLACE_TEST(words_are_folded_and_data_never),
	    PLACE_TEST(the_help_of_every_option_is_in_the_readers_language),
	    PLACE_TEST(a_file_gets_no_colours_because_the_other_stream_is_a_terminal),
	    PLACE_TEST(a_terminal_gets_colours_unless_it_wants_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

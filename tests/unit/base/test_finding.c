// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/finding.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/limits.h"
#include "support/support.h"

static int
setup(void **state)
{
	struct findings *f = calloc(1, sizeof(*f));

	findings_init(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct findings *f = *state;

	findings_fini(f);
	findings_fini(f);
	free(f);
	return 0;
}

static struct where
at(const char *file, uint32_t line, uint32_t column)
{
	return (struct where){.file = file, .line = line, .column = column};
}

static char *
printed_text(const struct findings *f, bool colour)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	findings_print_text(f, out, colour);
	fclose(out);
	return text;
}

static char *
printed_json(const struct findings *f)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	findings_print_json(f, out);
	fclose(out);
	return text;
}

static void
every_code_is_its_name_and_has_words_in_both_languages(void **state)
{
	static const struct {
		const char *name, *code, *en, *es, *help_en, *help_es;
		int is_error;
	} rows[] = {
#define EN_FINDING(name, code, is_error, en, es, help_en, help_es) {#name, code, en, es, help_en, help_es, is_error},
#include "base/finding.tbl.h"
#undef EN_FINDING
	};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		assert_string_equal(rows[i].name, rows[i].code);
		assert_string_equal(finding_code_text((enum finding_code)i), rows[i].code);
		assert_int_equal(rows[i].code[0], rows[i].is_error ? 'E' : 'W');
		assert_int_equal(finding_is_error((enum finding_code)i), rows[i].is_error);
		assert_true(rows[i].en[0] != '\0' && rows[i].es[0] != '\0');
		assert_true(rows[i].help_en[0] != '\0' && rows[i].help_es[0] != '\0');
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(rows[i].code, rows[j].code);
		}
	}
}

static void
a_finding_is_printed_with_its_place_its_line_and_what_to_do(void **state)
{
	struct findings *f = *state;
	char *folder = test_folder();
	char *path = test_write_text(folder, "a.yaml", "first: 1\r\nowner: a\r\nownr: b\r\n");

	findings_add(f, E0103, at(path, 3, 1), "owner", "%s", "ownr");
	char *text = printed_text(f, false);
	char *place = strstr(text, "a.yaml");

	assert_string_equal(place,
	    "a.yaml:3:1: error[E0103] unknown key: ownr\n    3 | ownr: b\n      | ^\nhelp: remove it or correct its spelling: owner\n\n");
	free(text);
	text = printed_text(f, true);
	assert_non_null(strstr(text, "\033["));
	free(text);
	free(path);
	test_folder_remove(folder);
}

static void
in_spanish_the_text_the_detail_and_a_hint_that_is_a_sentence_are_spanish(void **state)
{
	struct findings *f = *state;

	f->lang = EN_LANG_ES;
	findings_add(f, E0106, at("a.yaml", 3, 1), "a word and a colon", "%s is one of: %s", findings_say(f, "an item"),
	    "text, bytes");
	findings_add(f, E0103, at("a.yaml", 4, 1), "text", "%s", "an item");
	char *text = printed_text(f, false);

	assert_string_equal(text,
	    "a.yaml:3:1: error[E0106] el valor tiene una forma incorrecta: un elemento es uno de: text, bytes\n"
	    "ayuda: una palabra y dos puntos\n\n"
	    "a.yaml:4:1: error[E0103] clave desconocida: an item\n"
	    "ayuda: bórrela o corrija su ortografía: text\n\n");
	free(text);
}

static void
findings_that_are_emptied_keep_their_language(void **state)
{
	struct findings *f = *state;

	f->lang = EN_LANG_ES;
	findings_fini(f);
	assert_int_equal(f->lang, EN_LANG_ES);
}

static void
without_a_hint_the_help_of_its_code_is_printed(void **state)
{
	struct findings *f = *state;

	findings_add(f, E0101, at("no-such-file.yaml", 0, 0), NULL, NULL);
	char *text = printed_text(f, false);

	assert_string_equal(text,
	    "no-such-file.yaml: error[E0101] the file cannot be read\n"
	    "help: check that it exists and that this user may read it\n\n");
	free(text);
}

static void
the_json_form_says_the_same(void **state)
{
	struct findings *f = *state;

	findings_add(f, E0104, at("a \"b\".yaml", 4, 2), NULL, "clave %d", 7);
	char *text = printed_json(f);

	assert_string_equal(text,
	    "{\"findings\":[{\"code\":\"E0104\",\"severity\":\"error\",\"file\":\"a \\\"b\\\".yaml\",\"line\":4,\"column\":2,"
	    "\"text\":\"the key stands twice\",\"detail\":\"clave 7\",\"hint\":null,\"help\":\"keep one of them\"}],"
	    "\"errors\":1,\"warnings\":0}\n");
	free(text);
}

static void
findings_outlive_the_texts_they_were_made_from(void **state)
{
	struct findings *f = *state;
	char file[] = "a.yaml", hint[] = "hint", detail[] = "detail";

	findings_add(f, E0102, at(file, 1, 1), hint, "%s", detail);
	file[0] = hint[0] = detail[0] = 'X';
	assert_string_equal(f->items[0].where.file, "a.yaml");
	assert_string_equal(f->items[0].hint, "hint");
	assert_string_equal(f->items[0].detail, "detail");
}

static void
findings_are_kept_to_the_limit_and_counted_past_it(void **state)
{
	struct findings *f = *state;

	for (size_t i = 0; i < LIMIT_FINDINGS + 1; i++) {
		findings_add(f, E0102, at("a", (uint32_t)i + 1, 1), NULL, NULL);
		assert_int_equal(f->count, i < LIMIT_FINDINGS ? i + 1 : LIMIT_FINDINGS);
	}
	assert_int_equal(f->errors, LIMIT_FINDINGS + 1);
}

static void
findings_of_one_code_and_place_become_one(void **state)
{
	struct findings *f = *state;

	findings_add(f, E0302, at("a", 1, 1), NULL, "before");
	findings_add(f, E0302, at("a", 1, 1), NULL, "one two");
	findings_add(f, E0302, at("a", 1, 1), NULL, "one");
	findings_add(f, E0302, at("a", 1, 1), NULL, "one");
	findings_add(f, W0901, at("a", 1, 1), NULL, "one");
	findings_add(f, W0901, at("a", 1, 1), NULL, NULL);
	findings_add(f, E0302, at("a", 1, 2), NULL, "one");
	findings_add(f, E0302, at("a", 1, 1), NULL, "missing");
	findings_missing(f, "a.A", view_text("x"));
	findings_merge(f, 1);
	assert_int_equal(f->count, 5);
	assert_int_equal(f->errors, 4);
	assert_int_equal(f->warnings, 1);
	assert_string_equal(f->items[0].detail, "before");
	assert_string_equal(f->items[1].detail, "one two; one");
	assert_string_equal(f->items[2].detail, "one");
	assert_int_equal(f->items[3].where.column, 2);
	assert_string_equal(f->items[4].detail, "missing");
	findings_merge(f, 9); // past the last
	assert_int_equal(f->count, 5);
}

static void
findings_are_sorted_by_file_line_column_and_code(void **state)
{
	struct findings *f = *state;
	static const char *const wanted[] = {"a11", "a12", "a12 later code", "a21", "b11"};

	findings_add(f, E0102, at("b", 1, 1), NULL, "b11");
	findings_add(f, E0102, at("a", 2, 1), NULL, "a21");
	findings_add(f, E0103, at("a", 1, 2), NULL, "a12 later code");
	findings_add(f, E0102, at("a", 1, 2), NULL, "a12");
	findings_add(f, E0102, at("a", 1, 1), NULL, "a11");
	findings_sort(f);
	for (size_t i = 0; i < EN_COUNT_OF(wanted); i++) {
		assert_string_equal(f->items[i].detail, wanted[i]);
	}
}

static void
what_could_steer_a_terminal_is_shown_without_its_control_characters(void **state)
{
	struct findings *f = *state;
	char *folder = test_folder();
	char *path = test_write_text(folder, "a", "a: \033[2Jx\ty \xc2\x9b\x31\n\xff\n");

	findings_add(f, E0102, at(path, 1, 1), "a\033[2Jb", "'%s'", "\r\xc2\x9b");
	findings_add(f, E0102, at(path, 2, 1), NULL, NULL);
	findings_add(f, E0102, at(path, 99, 1), NULL, NULL);
	assert_string_equal(f->items[0].excerpt, "a:  [2Jx y \xc2\xa0\x31");
	assert_string_equal(f->items[0].detail, "' \xc2\xa0'");
	assert_string_equal(f->items[0].hint, "a [2Jb");
	assert_null(f->items[1].excerpt);
	assert_null(f->items[2].excerpt);
	free(path);
	test_folder_remove(folder);
}

static void
a_long_line_is_cut_between_characters(void **state)
{
	struct findings *f = *state;
	char *folder = test_folder();
	char line[LIMIT_EXCERPT_BYTES + 8];

	memset(line, 'a', sizeof(line));
	memcpy(line + LIMIT_EXCERPT_BYTES - 1, "\xc3\xb1", 2);
	char *path = test_write(folder, "a", view_of(line, sizeof(line)));

	findings_add(f, E0102, at(path, 1, 1), NULL, NULL);
	assert_int_equal(strlen(f->items[0].excerpt), LIMIT_EXCERPT_BYTES - 1);
	free(path);
	test_folder_remove(folder);
}

static void
a_folder_in_the_place_of_a_file_gives_no_excerpt(void **state)
{
	struct findings *f = *state;

	findings_add(f, E0102, at("/", 1, 1), NULL, NULL);
	findings_add(f, E0102, at(NULL, 1, 1), NULL, NULL);
	assert_null(f->items[0].excerpt);
	assert_null(f->items[1].where.file);
}

static void
the_nearest_name_forgives_slips_case_and_accents_and_nothing_more(void **state)
{
	static const char *const names[] = {"owner", "purpose", "send_to", "if_nobody_receives", "a\xc3\xb1o", "to"};
	static const struct {
		const char *name, *nearest;
	} cases[] = {
	    {"ownr", "owner"},
	    {"onwer", "owner"},
	    {"OWNER", "owner"},
	    {"send-to", "send_to"},
	    {"if_nobody_recieves", "if_nobody_receives"},
	    {"ano", "a\xc3\xb1o"},
	    {"A\xc3\x91O", "a\xc3\xb1o"},
	    {"purp", NULL},
	    {"xyzzy", NULL},
	    {"ot", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		const char *nearest = nearest_name(cases[i].name, names, EN_COUNT_OF(names));

		if (cases[i].nearest == NULL) {
			assert_null(nearest);
		} else {
			assert_non_null(nearest);
			assert_string_equal(nearest, cases[i].nearest);
		}
	}
}

static void
names_are_compared_to_their_limit_and_not_past_it(void **state)
{
	char name[LIMIT_NAME_CHARS + 2] = {0};
	const char *const names[] = {name};

	(void)state;
	memset(name, 'a', LIMIT_NAME_CHARS);
	assert_ptr_equal(nearest_name(name, names, 1), name);
	name[LIMIT_NAME_CHARS] = 'a';
	assert_null(nearest_name(name, names, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_code_is_its_name_and_has_words_in_both_languages),
	    cmocka_unit_test_setup_teardown(
		a_finding_is_printed_with_its_place_its_line_and_what_to_do, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		in_spanish_the_text_the_detail_and_a_hint_that_is_a_sentence_are_spanish, setup, teardown),
	    cmocka_unit_test_setup_teardown(findings_that_are_emptied_keep_their_language, setup, teardown),
	    cmocka_unit_test_setup_teardown(without_a_hint_the_help_of_its_code_is_printed, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_json_form_says_the_same, setup, teardown),
	    cmocka_unit_test_setup_teardown(findings_outlive_the_texts_they_were_made_from, setup, teardown),
	    cmocka_unit_test_setup_teardown(findings_are_kept_to_the_limit_and_counted_past_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(findings_of_one_code_and_place_become_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(findings_are_sorted_by_file_line_column_and_code, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		what_could_steer_a_terminal_is_shown_without_its_control_characters, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_line_is_cut_between_characters, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_folder_in_the_place_of_a_file_gives_no_excerpt, setup, teardown),
	    cmocka_unit_test(the_nearest_name_forgives_slips_case_and_accents_and_nothing_more),
	    cmocka_unit_test(names_are_compared_to_their_limit_and_not_past_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

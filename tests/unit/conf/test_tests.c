// SPDX-License-Identifier: Apache-2.0
// How a file of tests is written, and what is found in one that is not.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "conf/tests.h"
#include "unit/conf/golden.h"

#define HEAD "tests: t\nmapping: m\nsender: inm\nclock: \"2026-11-23T15:45:00Z\"\n"
#define CASES HEAD "cases:\n"

static void
a_case_is_bound_with_its_places(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_TESTS,
	    HEAD "records:\n  girl: {SEXO: MUJER, persona: {edad: \"13\"}}\n"
		 "known: [{reference: x, referral_id: r-1, from: inm, source_case: \"\"}]\n"
		 "cases:\n- name: a girl\n  record: girl\n  changed: {SEXO: HOMBRE}\n  without: [NNA]\n"
		 "  expect: {contains: {person.sex: MALE, person.nationalities: [HND, GTM]}, absent: person.name,"
		 " withheld: {age: demographic}}\n"));
	const struct conf_tests *t = p->thing;
	const struct conf_case *c = &t->cases[0];

	assert_int_equal(t->case_count, 1);
	assert_string_equal(c->changed->first->text, "HOMBRE");
	assert_int_equal(c->changed->first->where.line, 11);
	assert_string_equal(t->records->first->key, "girl");
	assert_string_equal(t->records->first->first->next->first->text, "13");
	assert_string_equal(t->known[0].referral_id.text, "r-1");
	assert_int_equal(c->expect_count, 1);
	assert_string_equal(c->expects[0].contains.items[1].values.items[1].text, "GTM");
	assert_int_equal(c->expects[0].contains.items[0].key.where.line, 13);
	assert_string_equal(c->expects[0].absent.items[0].text, "person.name");
	assert_string_equal(c->expects[0].withheld.items[0].values.items[0].text, "demographic");
}

static void
a_round_trip_names_two_mappings_and_what_they_lose(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_TESTS,
	    "tests: t\nround_trips:\n- name: a form\n  there: out\n  back: in\n  loses: {SEXO: [code, not_read], edad: keyed}\n"
	    "- {name: whole, there: a, back: b}\n"));
	const struct conf_tests *t = p->thing;

	assert_int_equal(t->round_trip_count, 2);
	assert_string_equal(t->round_trips[0].back.text, "in");
	assert_string_equal(t->round_trips[0].loses.items[0].values.items[1].text, "not_read");
	assert_int_equal(t->round_trips[1].loses.count, 0);
}

static void
a_list_expects_one_output_each_and_nothing_expects_none(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_TESTS,
	    CASES "- {name: two, file: a.json, expect: [{contains: {a: b}}, {withheld: [c]}]}\n"
		  "- {name: none, input: {A: b}, expect: nothing}\n"
		  "- {name: nobody, input: {A: b}, expect: {recipients: []}}\n"));
	const struct conf_tests *t = p->thing;

	assert_int_equal(t->cases[0].expect_count, 2);
	assert_int_equal(t->cases[0].expects[1].withheld.items[0].values.count, 0);
	assert_true(t->cases[1].expects_nothing);
	assert_true(t->cases[2].expects[0].says_recipients);
	assert_string_equal(t->cases[0].file.text, "set/a.json");
}

static void
each_says_what_becomes_of_every_value(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_TESTS,
	    CASES
	    "- name: every sex\n  input: {A: b}\n"
	    "  each: {field: SEXO, gives: person.sex, values: {MUJER: FEMALE, \"\": \"\"}, refused: {X: table_miss}}\n"));
	const struct conf_each *each = &((const struct conf_tests *)p->thing)->cases[0].each;

	assert_int_equal(each->values.count, 2);
	assert_string_equal(each->values.items[1].values.items[0].text, "");
	assert_string_equal(each->refused.items[0].values.items[0].text, "table_miss");
}

static void
what_is_wrong_is_found_all_at_once(void **state)
{
	(void)state;
	expect_findings(CONF_TESTS,
	    CASES "- {name: a, expect: {contains: {a: b}}}\n"
		  "- {name: b, record: r, file: f, expect: nothng}\n"
		  "- {name: c, input: {A: b}}\n"
		  "- {name: d, input: [a], recipient: s, mapping: m, expect: {contians: {a: b}}}\n",
	    "E0105 6:3 record, input or file | record: NAME, input: {FIELD: value} or file: PATH\n"
	    "E0115 7:24 record and file | -\n"
	    "E0106 7:41 expect is one of: nothing | nothing\n"
	    "E0105 8:3 expect, or each | expect: {contains: {path: value}}\n"
	    "E0106 9:20 input | {FIELD: value, OTHER: value}\n"
	    "E0115 9:25 mapping and recipient | a mapping alone has no recipient; name an agreement\n"
	    "E0103 9:60 contians | contains\n");
	expect_findings(CONF_TESTS,
	    CASES "- {name: a, input: {A: b}, expect: {error: x, contains: {a: b}, equals: {a: b}}}\n"
		  "- {name: b, input: {A: b}, expect: {at: x}}\n"
		  "- {name: c, input: {A: b}, expect: {contains: {a: }}}\n"
		  "- {name: d, input: {A: b}, each: {field: A}, expect: nothing}\n"
		  "- {name: e, input: {A: b}, each: {field: A, values: {x: y}}}\n",
	    "E0115 6:37 error, and fields of an output | -\n"
	    "E0115 6:47 equals and contains | -\n"
	    "E0115 7:37 at without error | {error: table_miss, at: SEXO}\n"
	    "E0106 8:51 a has no value | a value, or a list of values\n"
	    "E0115 9:28 expect and each | each says what is expected\n"
	    "E0105 9:34 values or refused | values: {MUJER: FEMALE}\n"
	    "E0105 10:34 gives | gives: person.sex\n");
	expect_findings(CONF_TESTS,
	    CASES "- {name: a, input: {A: b}, expect: [{contains: {a: b}}, {error: x}]}\n"
		  "- {name: b, input: {A: b}, expect: {error: x, absent: [y]}}\n"
		  "- {name: c, file: f, changed: {A: b}, without: [C], each: {field: A, refused: {x: [y, z]}}}\n"
		  "- {name: d, input: {A: b}, expect: {missed: {unicef: [consent, no_agreement]}}}\n",
	    "E0115 6:58 error, and other outputs | -\n"
	    "E0115 7:37 error, and fields of an output | -\n"
	    "E0115 8:22 file and changed | write the record here\n"
	    "E0115 8:39 file and without | write the record here\n"
	    "E0115 8:53 file and each | write the record here\n"
	    "E0106 8:87 x has one value here | -\n"
	    "E0106 9:64 unicef has one value here | -\n");
	expect_findings(
	    CONF_TESTS, HEAD "records: {girl: MUJER}\n", "E0106 5:17 girl | name: {FIELD: value, OTHER: value}\n");
}

// ---- folders --------------------------------------------------------------------------------------------------------------

struct folder {
	char *path;
	struct findings findings;
	struct conf_test_set *set;
};

static int
folder_set_up(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	f->path = test_folder();
	findings_init(&f->findings);
	*state = f;
	return 0;
}

static int
folder_tear_down(void **state)
{
	struct folder *f = *state;

	conf_test_set_free(&f->set);
	findings_fini(&f->findings);
	test_folder_remove(f->path);
	free(f);
	return 0;
}

static void
put(struct folder *f, const char *name, const char *text)
{
	free(test_write_text(f->path, name, text));
}

static void
a_folder_is_read_in_order_with_its_matrices(void **state)
{
	struct folder *f = *state;

	put(f, "b.yaml", "tests: b\nmatrices: [{name: m, file: m.csv, message: Referral, from: inm}]\n");
	put(f, "a.yaml", "tests: a\n");
	put(f, "m.csv", "# for the officer\nfield,unicef,\"comar/asylum\"\nperson.sex,F,-\n");
	put(f, ".hidden.yaml", "nothing at all");
	assert_ok(conf_test_set_load(f->path, &f->findings, &f->set));
	assert_int_equal(f->set->count, 2);
	assert_string_equal(f->set->files[0]->name.text, "a");
	const struct conf_matrix *m = &f->set->files[1]->matrices[0];

	assert_int_equal(m->column_count, 2);
	assert_string_equal(m->columns[1].text, "comar/asylum");
	assert_string_equal(m->rows[0].cells[1].text, "-");
	assert_int_equal(m->rows[0].field.where.line, 3);
}

static void
one_file_can_be_named_and_no_folder_is_no_tests(void **state)
{
	struct folder *f = *state;
	char *path = test_path(f->path, "a.yaml"), *missing = test_path(f->path, "none");

	put(f, "a.yaml", "tests: a\n");
	assert_ok(conf_test_set_load(path, &f->findings, &f->set));
	assert_int_equal(f->set->count, 1);
	conf_test_set_free(&f->set);
	assert_ok(conf_test_set_load(missing, &f->findings, &f->set));
	assert_int_equal(f->set->count, 0);
	free(path);
	free(missing);
}

// A test that is passed over in silence passes; one that is a pipe would be waited for.
static void
what_would_be_passed_over_is_found_and_folders_within_are_read(void **state)
{
	struct folder *f = *state;
	char *pipe = test_path(f->path, "pipe.yaml"), *link = test_path(f->path, "link.yaml"),
	     *within = test_path(f->path, "inm");

	assert_int_equal(mkdir(within, 0700), 0);
	put(f, "inm/a.yaml", "tests: a\n");
	put(f, "inm/record.json", "{}");
	put(f, "README.md", "what these are");
	assert_ok(conf_test_set_load(f->path, &f->findings, &f->set));
	assert_int_equal(f->set->count, 1);
	conf_test_set_free(&f->set);

	put(f, "b.yml", "tests: b\n");
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_err(EN_ECONFIG, conf_test_set_load(f->path, &f->findings, &f->set));
	char *found = golden_text(&f->findings);

	assert_string_equal(found,
	    "E0113 0:0 neither .yaml nor a table's .csv | rename it to .yaml\nE0113 0:0 a symbolic link | put the file itself here\n"
	    "E0113 0:0 not a plain file | put the file itself here\n");
	free(found);
	assert_err(EN_ECONFIG, conf_test_set_load(pipe, &f->findings, &f->set));
	free(pipe);
	free(link);
	free(within);
}

static void
more_files_than_the_first_room_holds_are_all_there(void **state)
{
	struct folder *f = *state;
	char name[32], text[32];

	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "t%03d.yaml", i);
		snprintf(text, sizeof(text), "tests: t%03d\n", i);
		put(f, name, text);
	}
	assert_ok(conf_test_set_load(f->path, &f->findings, &f->set));
	assert_int_equal(f->set->count, 70);
	assert_string_equal(f->set->files[0]->name.text, "t000");
	assert_string_equal(f->set->files[69]->name.text, "t069");
}

static void
a_matrix_that_is_no_table_is_found(void **state)
{
	struct folder *f = *state;

	put(f, "a.yaml",
	    "tests: a\nmatrices: [{name: m, file: m.csv, message: Referral}, {name: n, file: n.csv, message: Referral}]\n");
	put(f, "m.csv", "field,unicef\nperson.sex,F,F\nperson.name\n\"open,F\n");
	assert_err(EN_ECONFIG, conf_test_set_load(f->path, &f->findings, &f->set));
	assert_null(f->set);
	findings_sort(&f->findings);
	assert_int_equal(f->findings.count, 4);
	assert_string_equal(f->findings.items[0].detail, "3 cells, not 2");
	assert_int_equal(f->findings.items[0].where.line, 2);
	assert_string_equal(f->findings.items[1].detail, "1 cells, not 2");
	assert_int_equal(f->findings.items[3].code, E0101);
	// F, and then something that nobody sees.
	char *matrix = test_path(f->path, "m.csv");
	FILE *file = fopen(matrix, "we");

	assert_int_equal(fwrite("field,unicef\nperson.sex,F\0X\n", 1, 28, file), 28);
	assert_int_equal(fclose(file), 0);
	free(matrix);
	findings_fini(&f->findings);
	assert_err(EN_ECONFIG, conf_test_set_load(f->path, &f->findings, &f->set));
	findings_sort(&f->findings);
	assert_int_equal(f->findings.items[0].code, E0116);
	assert_string_equal(f->findings.items[0].detail, "a NUL character");
	findings_fini(&f->findings);
	findings_init_in(&f->findings, EN_LANG_ES);
	assert_err(EN_ECONFIG, conf_test_set_load(f->path, &f->findings, &f->set));
	findings_sort(&f->findings);
	assert_string_equal(f->findings.items[0].detail, "un carácter NUL");
}

static void
a_matrix_without_rows_is_found_beside_another_mistake(void **state)
{
	struct folder *f = *state;

	put(f, "a.yaml",
	    "tests: a\nmatrices: [{name: m, file: m.csv, message: Referral}, {name: n, file: n.csv, message: Referral}]\n");
	put(f, "m.csv", "field,unicef\nperson.sex,F,F\n");
	put(f, "n.csv", "# nothing yet\nfield,unicef\n");
	assert_err(EN_ECONFIG, conf_test_set_load(f->path, &f->findings, &f->set));
	findings_sort(&f->findings);
	assert_int_equal(f->findings.count, 2);
	assert_string_equal(f->findings.items[1].detail, "no rows");
}

int
main(void)
{
#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(a_case_is_bound_with_its_places),
	    PARSED_TEST(a_round_trip_names_two_mappings_and_what_they_lose),
	    PARSED_TEST(a_list_expects_one_output_each_and_nothing_expects_none),
	    PARSED_TEST(each_says_what_becomes_of_every_value),
	    cmocka_unit_test(what_is_wrong_is_found_all_at_once),
	    FOLDER_TEST(a_folder_is_read_in_order_with_its_matrices),
	    FOLDER_TEST(one_file_can_be_named_and_no_folder_is_no_tests),
	    FOLDER_TEST(what_would_be_passed_over_is_found_and_folders_within_are_read),
	    FOLDER_TEST(more_files_than_the_first_room_holds_are_all_there),
	    FOLDER_TEST(a_matrix_that_is_no_table_is_found),
	    FOLDER_TEST(a_matrix_without_rows_is_found_beside_another_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

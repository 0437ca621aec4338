// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/conf.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/conf/golden.h"

#include "base/crypto.h"
#include "base/limits.h"

struct fixture {
	char *folder;
	struct findings findings;
	struct conf_set *set;
};

static const struct {
	const char *name, *text;
} files[] = {
    {"agencies/inm.yaml", "agency: inm\nkind: authority\n"},
    {"agencies/unicef.yaml", "agency: unicef\nkind: un\n"},
    {"agreements/a.yaml",
	"agreement: a\nfrom: inm\nto: unicef\npurposes: p\nmay_see: {family: full}\nvalid: {first_day: 2026-01-01, last_day: "
	"2026-12-31}\n"},
    {"routes/r.yaml", "route: r\ntypes: Referral\npurpose: p\nsend_to: [{agency: unicef}]\n"},
    {"subscriptions/s.yaml", "subscription: s\nagency: unicef\npurpose: p\nreceives: Referral\nas: unicef.v1.Case\n"},
    {"mappings/inm/m.yaml", "mapping: m\nfrom: inm.v1.Acta\nto: enlace.v1.Referral\nset: {a: b}\n"},
    {"codes/sexo.yaml", "table: sexo\n"},
    {"codes/sexo.csv", "from,to\nH,MALE\n"},
};

static void
write_file(struct fixture *f, const char *name, const char *text)
{
	free(test_write_text(f->folder, name, text));
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = test_folder();
	findings_init(&f->findings);
	for (size_t i = 0; i < EN_COUNT_OF(files); i++) {
		write_file(f, files[i].name, files[i].text);
	}
	*state = f;
	return crypto_init() == EN_OK ? 0 : -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	conf_set_free(&f->set);
	findings_fini(&f->findings);
	test_folder_remove(f->folder);
	free(f);
	return 0;
}

static enum en_err
load(struct fixture *f)
{
	conf_set_free(&f->set);
	return conf_set_load(f->folder, &f->findings, &f->set);
}

// Loads, wants EN_ECONFIG, and compares "FILE CODE detail" of every finding; FILE without the set's folder.
static void
expect(struct fixture *f, const char *wanted)
{
	struct buf text = BUF_EMPTY;
	size_t skip = strlen(f->folder) + 1;

	assert_err(EN_ECONFIG, load(f));
	findings_sort(&f->findings);
	for (size_t i = 0; i < f->findings.count; i++) {
		const struct finding *item = &f->findings.items[i];

		buf_printf(&text, "%s:%u %s %s\n", item->where.file + skip, item->where.line,
		    finding_code_text(item->code), item->detail == NULL ? "-" : item->detail);
	}
	assert_string_equal(buf_cstr(&text), wanted);
	buf_fini(&text);
}

static void
a_whole_set_is_loaded_with_folders_within_folders(void **state)
{
	struct fixture *f = *state;

	assert_ok(load(f));
	assert_int_equal(f->findings.count, 0);
	assert_int_equal(f->set->agency_count, 2);
	assert_string_equal(f->set->agencies[0]->name.text, "inm");
	assert_string_equal(f->set->agencies[1]->name.text, "unicef");
	assert_int_equal(f->set->agreement_count, 1);
	assert_int_equal(f->set->route_count, 1);
	assert_int_equal(f->set->subscription_count, 1);
	assert_int_equal(f->set->mapping_count, 1);
	assert_int_equal(f->set->table_count, 1);
	assert_int_equal(f->set->tables[0]->row_count, 1);
	assert_string_equal(f->set->tables[0]->rows[0].to, "MALE");
}

static void
the_digest_knows_every_name_and_byte_and_not_the_folder(void **state)
{
	struct fixture *f = *state;
	uint8_t before[32], renamed[32];
	char *moved = test_folder();
	char *from = test_path(f->folder, "routes/r.yaml"), *to = test_path(f->folder, "routes/r2.yaml");

	assert_ok(load(f));
	memcpy(before, f->set->digest, sizeof(before));
	assert_ok(load(f));
	assert_memory_equal(before, f->set->digest, sizeof(before));
	for (size_t i = 0; i < EN_COUNT_OF(files); i++) {
		free(test_write_text(moved, files[i].name, files[i].text));
	}
	conf_set_free(&f->set);
	assert_ok(conf_set_load(moved, &f->findings, &f->set));
	assert_memory_equal(before, f->set->digest, sizeof(before));
	assert_int_equal(rename(from, to), 0);
	assert_ok(load(f));
	assert_memory_not_equal(before, f->set->digest, sizeof(before));
	memcpy(renamed, f->set->digest, sizeof(renamed));
	write_file(f, "codes/sexo.csv", "from,to\nH,MALE\n\n");
	assert_ok(load(f));
	assert_memory_not_equal(renamed, f->set->digest, sizeof(renamed));
	free(from);
	free(to);
	test_folder_remove(moved);
}

static void
an_empty_folder_is_an_empty_set_and_a_missing_one_is_told(void **state)
{
	struct fixture *f = *state;
	char *empty = test_folder();

	assert_ok(conf_set_load(empty, &f->findings, &f->set));
	assert_int_equal(f->set->mapping_count, 0);
	conf_set_free(&f->set);
	test_folder_remove(empty);
	assert_err(EN_ECONFIG, conf_set_load("/nonexistent", &f->findings, &f->set));
	assert_findings(&f->findings, "E0101 0:0 - | -\n");
}

static void
findings_of_all_files_come_in_one_run(void **state)
{
	struct fixture *f = *state;

	write_file(f, "agencies/inm.yaml", "agency: inm\nkind: authority\nx: y\n");
	write_file(f, "routes/r.yaml", "route: [\n");
	write_file(f, "codes/sexo.csv", "from,to\nH,MALE\nH,MALE\n");
	expect(f,
	    "agencies/inm.yaml:3 E0103 x\n"
	    "codes/sexo.csv:3 E0104 H, first in line 2\n"
	    "routes/r.yaml:2 E0102 did not find expected node content while parsing a flow node\n");
	assert_non_null(f->set); // what could be read, for more to be found in it
	assert_int_equal(f->set->mapping_count, 1);
	assert_int_equal(f->set->route_count, 0);
	assert_true(f->set->has_broken_tables);
}

static void
what_could_be_read_knows_whether_its_tables_are_whole(void **state)
{
	struct fixture *f = *state;

	write_file(f, "routes/r.yaml", "route: [\n");
	assert_err(EN_ECONFIG, load(f));
	assert_false(f->set->has_broken_tables);
	write_file(f, "codes/otra.yml", "table: otra\n");
	assert_err(EN_ECONFIG, load(f));
	assert_true(f->set->has_broken_tables);
}

static void
two_things_of_one_kind_and_name_are_told_and_of_two_kinds_are_fine(void **state)
{
	struct fixture *f = *state;
	char wanted[512];

	write_file(f, "agencies/z.yaml", "agency: r\nkind: un\n");
	assert_ok(load(f));
	write_file(f, "agencies/z.yaml", "agency: inm\nkind: un\n");
	(void)snprintf(
	    wanted, sizeof(wanted), "agencies/z.yaml:1 E0109 agency/inm, also in %s/agencies/inm.yaml:1\n", f->folder);
	expect(f, wanted);
}

static void
what_does_not_belong_is_told(void **state)
{
	struct fixture *f = *state;
	char *target = test_path(f->folder, "routes/r.yaml"), *link = test_path(f->folder, "routes/link.yaml");
	char *fifo = test_path(f->folder, "routes/fifo.yaml");

	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	write_file(f, "agencies/notes.txt", "x");
	write_file(f, "agencies/a.yml", "agency: a\nkind: un\n");
	write_file(f, "mappings/t.csv", "from,to\n");
	write_file(f, "mapping/m.yaml", "mapping: n\n");
	write_file(f, "agencies/route.yaml", "route: r\n");
	expect(f,
	    "agencies/a.yml:0 E0113 neither .yaml nor a table's .csv\n"
	    "agencies/notes.txt:0 E0113 neither .yaml nor a table's .csv\n"
	    "agencies/route.yaml:1 E0113 a file that begins with route\n"
	    "mapping:0 E0113 a name like one of the rule set's folders\n"
	    "mappings/t.csv:0 E0113 neither .yaml nor a table's .csv\n"
	    "routes/fifo.yaml:0 E0113 not a plain file\n"
	    "routes/link.yaml:0 E0113 a symbolic link\n");
	free(target);
	free(link);
	free(fifo);
}

static void
backups_of_editors_and_other_folders_are_passed_over(void **state)
{
	struct fixture *f = *state;

	write_file(f, "routes/r.yaml~", "x");
	write_file(f, "routes/.r.yaml.swp", "x");
	write_file(f, "routes/#r.yaml#", "x");
	write_file(f, "tests/t.yaml", "x");
	write_file(f, "enlace.yaml", "x");
	assert_ok(load(f));
	assert_int_equal(f->set->route_count, 1);
}

static void
a_table_and_its_csv_need_each_other(void **state)
{
	struct fixture *f = *state;
	char wanted[512];

	write_file(f, "codes/orphan.csv", "from,to\n");
	expect(f, "codes/orphan.csv:0 E0113 no table's header names this CSV\n");
	findings_fini(&f->findings);
	write_file(f, "codes/orphan.yaml", "table: orphan\n");
	assert_ok(load(f));
	write_file(f, "codes/other.yaml", "table: other\n");
	(void)snprintf(wanted, sizeof(wanted),
	    "codes/other.yaml:1 E0101 the table's CSV %s/codes/other.csv is not in codes/\n", f->folder);
	expect(f, wanted);
	findings_fini(&f->findings);
	write_file(f, "codes/other.yaml", "table: other\nfile: sexo.csv\n");
	assert_ok(load(f));
	assert_int_equal(f->set->tables[1]->row_count, 1);
}

static void
a_csv_of_two_tables_is_kept_once(void **state)
{
	struct fixture *f = *state;
	size_t before;

	assert_ok(load(f));
	before = f->set->file_count;
	write_file(f, "codes/other.yaml", "table: other\nfile: sexo.csv\n");
	assert_ok(load(f));
	assert_int_equal(f->set->file_count, before + 1);
}

static void
folders_within_folders_have_a_limit(void **state)
{
	struct fixture *f = *state;
	char name[128] = "routes";

	for (int i = 0; i < LIMIT_CONFIG_FOLDERS; i++) {
		strcat(name, "/d");
	}
	strcat(name, "/x.yaml");
	write_file(f, name, "route: x\ntypes: Alert\npurpose: p\nsend_to: [{agency: inm}]\n");
	assert_ok(load(f));
	assert_int_equal(f->set->route_count, 2);
	name[strlen(name) - strlen("x.yaml")] = '\0';
	strcat(name, "d/y.yaml");
	write_file(f, name, "route: y\ntypes: Alert\npurpose: p\nsend_to: [{agency: inm}]\n");
	assert_err(EN_ECONFIG, load(f));
	assert_findings(&f->findings, "E0108 0:0 more than 8 folders within folders | -\n");
}

static void
files_have_a_limit(void **state)
{
	struct fixture *f = *state;
	char name[64], text[64];

	// The fixture's own files count too.
	for (size_t i = EN_COUNT_OF(files); i < LIMIT_CONFIG_FILES; i++) {
		(void)snprintf(name, sizeof(name), "agencies/a%zu.yaml", i);
		(void)snprintf(text, sizeof(text), "agency: a%zu\nkind: un\n", i);
		write_file(f, name, text);
	}
	assert_ok(load(f));
	write_file(f, "agencies/more.yaml", "agency: more\nkind: un\n");
	assert_err(EN_ECONFIG, load(f));
	assert_findings(&f->findings, "E0108 0:0 more than 10000 files | -\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_whole_set_is_loaded_with_folders_within_folders),
	    TEST(the_digest_knows_every_name_and_byte_and_not_the_folder),
	    TEST(an_empty_folder_is_an_empty_set_and_a_missing_one_is_told),
	    TEST(findings_of_all_files_come_in_one_run),
	    TEST(what_could_be_read_knows_whether_its_tables_are_whole),
	    TEST(two_things_of_one_kind_and_name_are_told_and_of_two_kinds_are_fine),
	    TEST(what_does_not_belong_is_told),
	    TEST(backups_of_editors_and_other_folders_are_passed_over),
	    TEST(a_table_and_its_csv_need_each_other),
	    TEST(a_csv_of_two_tables_is_kept_once),
	    TEST(folders_within_folders_have_a_limit),
	    TEST(files_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

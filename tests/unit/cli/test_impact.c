// SPDX-License-Identifier: Apache-2.0
// `enlace schema impact`: what a new version of a schema breaks in a small rule set. The new versions are the shipped sets with some bytes changed, as many
// as there were.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "unit/cli/program.h"

#define INM "build/schemas/inm.binpb"
#define ENLACE "build/schemas/enlace.binpb"

static const char mapping[] = "mapping: acta\n"
			      "from: inm.v1.Acta\n"
			      "to: enlace.v1.Referral\n"
			      "when: {nna: S}\n"
			      "set:\n"
			      "  kind: {is: NOTIFICATION}\n"
			      "  person.given_names: {from: nombres, clean: [trim]}\n"
			      "  person.surname_1: APELLIDO_PATERNO\n"
			      "  person.sex: {from: sexo, table: sexo}\n";

struct place {
	char *folder;
	struct program p;
};

static int
set_up(void **state)
{
	struct place *at = calloc(1, sizeof(*at));

	at->folder = test_folder();
	at->p.in_fd = -1;
	free(test_write_text(at->folder, "mappings/acta.yaml", mapping));
	free(test_write_text(at->folder, "codes/sexo.csv", "from,to,label\nMUJER,FEMALE,Mujer\n"));
	free(test_write_text(at->folder, "codes/sexo.yaml",
	    "table: sexo\nsystem_from: inm\nsystem_to: enlace\nversion: \"1\"\nowner: tests\nprovenance: made up\n"));
	*state = at;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *at = *state;

	program_fini(&at->p);
	test_folder_remove(at->folder);
	free(at);
	return 0;
}

// The set with every occurrence of some bytes changed; runs impact between the two, in JSON.
static void
run_change(struct place *at, const char *set, struct view was, struct view is)
{
	size_t len, found = 0;
	char *bytes = test_read(set, &len), *path;

	assert_int_equal(was.len, is.len);
	for (size_t i = 0; i + was.len <= len; i++) {
		if (memcmp(bytes + i, was.data, was.len) == 0) {
			memcpy(bytes + i, is.data, is.len);
			found++;
		}
	}
	assert_true(found > 0);
	path = test_write(at->folder, "new.binpb", view_of(bytes, len));
	free(bytes);
	run_enlace(&at->p, "schema", "impact", set, path, "--rules", at->folder, "--schemas", "build/schemas",
	    "--format", "json");
	free(path);
}

static void
run_rename(struct place *at, const char *set, const char *was, const char *is)
{
	run_change(at, set, view_text(was), view_text(is));
}

// A place in a file of the rule set, and what became of what stands there.
static void
expect(
    struct place *at, const char *code, const char *file, unsigned int line, unsigned int column, const char *because)
{
	struct buf wanted = BUF_EMPTY;

	assert_ended(&at->p, 1);
	buf_printf(&wanted, "{\"code\":\"%s\",\"severity\":\"error\",\"file\":\"%s/%s\",\"line\":%u,\"column\":%u,",
	    code, at->folder, file, line, column);
	assert_said(&at->p.out, buf_cstr(&wanted));
	buf_fini(&wanted);
	buf_printf(&wanted, "\"because\":\"%s\"}", because);
	assert_said(&at->p.out, buf_cstr(&wanted));
	buf_fini(&wanted);
}

static void
a_renamed_field_is_known_by_its_number(void **state)
{
	struct place *at = *state;

	run_rename(at, INM, "nombres", "nombrez");
	expect(at, "E0302", "mappings/acta.yaml", 7, 30, "field 5 `nombres` is now `nombrez`");
}

static void
a_renamed_native_name_is_known_by_its_number(void **state)
{
	struct place *at = *state;

	run_rename(at, INM, "APELLIDO_PATERNO", "APELLIDO_PRIMERO");
	expect(at, "E0302", "mappings/acta.yaml", 8, 21, "field 6 `APELLIDO_PATERNO` is now `APELLIDO_PRIMERO`");
}

static void
a_field_whose_number_is_gone_is_gone(void **state)
{
	struct place *at = *state;

	// name "nombres", number 5: name "nombrez", number 121
	run_change(at, INM, view_text("\n\7nombres\x18\x05"), view_text("\n\7nombrez\x18\x79"));
	expect(at, "E0302", "mappings/acta.yaml", 7, 30, "field 5 `nombres` is gone");
}

static void
another_type_breaks_what_is_done_with_the_field(void **state)
{
	struct place *at = *state;

	// name "nombres", number 5, optional, string: of type bytes
	run_change(at, INM, view_text("\n\7nombres\x18\x05 \x01(\x09"), view_text("\n\7nombres\x18\x05 \x01(\x0c"));
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "acta.yaml\",\"line\":7,");
	assert_said(&at->p.out, "\"because\":\"inm.v1.Acta.nombres: field 5 was string and is bytes now\"}");
}

static void
another_number_of_values_breaks_what_is_done_with_the_field(void **state)
{
	struct place *at = *state;

	// optional: repeated
	run_change(at, INM, view_text("\n\7nombres\x18\x05 \x01"), view_text("\n\7nombres\x18\x05 \x03"));
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "acta.yaml\",\"line\":7,");
	assert_said(&at->p.out, "\"because\":\"inm.v1.Acta.nombres: field 5 was optional and is repeated now\"}");
}

static void
a_value_that_is_set_is_known_by_its_number(void **state)
{
	struct place *at = *state;

	run_rename(at, ENLACE, "NOTIFICATION", "NOTIFICATIVE");
	expect(at, "E0306", "mappings/acta.yaml", 6, 14, "value 4 `NOTIFICATION` is now `NOTIFICATIVE`");
}

static void
a_value_in_a_row_of_a_table_is_known_by_its_number(void **state)
{
	struct place *at = *state;

	run_rename(at, ENLACE, "FEMALE", "FEMINE");
	expect(at, "E0309", "codes/sexo.csv", 2, 1, "value 1 `FEMALE` is now `FEMINE`");
}

static void
a_value_that_is_compared_has_left_the_closed_list(void **state)
{
	struct place *at = *state;

	// name "nna", number 14, optional, string, options of ten bytes: 52008 "S", 52008 "N"
	run_change(at, INM, view_text("nna\x18\x0e \x01(\tB\n\xc2\xb2\x19\x01S"),
	    view_text("nna\x18\x0e \x01(\tB\n\xc2\xb2\x19\x01T"));
	expect(at, "E0306", "mappings/acta.yaml", 4, 13, "`S` is no value of field 14 `nna` any more");
}

static void
what_an_expression_names_is_known_by_its_number(void **state)
{
	struct place *at = *state;

	free(test_write_text(at->folder, "mappings/acta.yaml",
	    "mapping: acta\nfrom: inm.v1.Acta\nto: enlace.v1.Referral\nset:\n"
	    "  person.given_names: {cel: \"nombres.trim()\"}\n  person.surname_1: {cel: \"data.nombres + 'x'\"}\n"));
	free(test_write_text(at->folder, "routes/r.yaml",
	    "route: r\ntypes: [Referral]\nwhen: {cel: \"priority == Priority.EMERGENCY\"}\npurpose: p\nsend_to: [{addressee: true}]\n"));
	free(test_write_text(at->folder, "subscriptions/s.yaml",
	    "subscription: s\nagency: inm\npurpose: p\nreceives: [Referral]\nwhen: {cel: \"has(person.is_minor)\"}\nas: enlace.v1.Referral\n"
	    "retry: {after: [1 s], give_up: 1 h, then: dead_letter}\n"));
	run_rename(at, INM, "nombres", "apodado");
	expect(at, "E0903", "mappings/acta.yaml", 5, 30, "field 5 `nombres` is now `apodado`");
	expect(at, "E0904", "mappings/acta.yaml", 6, 32, "field 5 `nombres` is now `apodado`");
	run_rename(at, ENLACE, "EMERGENCY", "PRESSINGS");
	expect(at, "E0903", "routes/r.yaml", 3, 34, "value 1 `EMERGENCY` is now `PRESSINGS`");
	run_rename(at, ENLACE, "is_minor", "ischildx");
	expect(at, "E0904", "subscriptions/s.yaml", 5, 24, "field 14 `is_minor` is now `ischildx`");
}

static void
what_was_wrong_before_is_not_the_changes_doing(void **state)
{
	struct place *at = *state;

	// the rule set lacks almost everything, and does so under both
	run_enlace(&at->p, "schema", "impact", INM, INM, "--rules", at->folder, "--schemas", "build/schemas");
	assert_ended(&at->p, 0);
	assert_int_equal(at->p.out.len, 0);
	assert_said(&at->p.err, "errors without the change");
	assert_said(&at->p.err, "0 lines break");
}

static void
what_may_be_hidden_behind_too_many_findings_is_told(void **state)
{
	struct place *at = *state;
	struct buf text = BUF_EMPTY;

	buf_put_str(&text, mapping);
	for (int i = 0; i <= LIMIT_FINDINGS; i++) {
		buf_printf(&text, "  person.x%d: nombres\n", i);
	}
	free(test_write_text(at->folder, "mappings/acta.yaml", buf_cstr(&text)));
	buf_fini(&text);
	run_enlace(&at->p, "schema", "impact", INM, INM, "--rules", at->folder, "--schemas", "build/schemas", "-q");
	assert_ended(&at->p, 1);
	assert_said(&at->p.err, "more is wrong than can be told at once");
}

static void
another_label_breaks_what_reads_the_field(void **state)
{
	struct place *at = *state;

	free(test_write_text(at->folder, "routes/r.yaml",
	    "route: r\ntypes: [Referral]\nwhen: {person.given_names: ANA}\npurpose: p\nreads: [identity]\nsend_to: [{addressee: true}]\n"));
	// options of four bytes: 52001 IDENTITY
	run_change(at, ENLACE, view_text("given_names\x18\x03 \x01(\tB\x04\x88\xb2\x19\x02"),
	    view_text("given_names\x18\x03 \x01(\tB\x04\x88\xb2\x19\x04"));
	expect(at, "E0505", "routes/r.yaml", 3, 7,
	    "enlace.v1.Person.given_names: field 3 had the label identity and has contact now");
}

static void
impact_says_line_excerpt_and_what_became_of_it(void **state)
{
	struct place *at = *state;

	run_rename(at, INM, "nombres", "nombrez");
	char *path = test_path(at->folder, "new.binpb");

	run_enlace(&at->p, "schema", "impact", INM, path, "--rules", at->folder, "--schemas", "build/schemas");
	assert_ended(&at->p, 1);
	assert_said(&at->p.out, "mappings/acta.yaml:7:30: error[E0302]");
	assert_said(&at->p.out, "    7 |   person.given_names: {from: nombres, clean: [trim]}");
	assert_said(&at->p.out, "help: field 5 `nombres` is now `nombrez`");
	run_enlace_es(&at->p, "schema", "impact", INM, path, "--rules", at->folder, "--schemas", "build/schemas");
	assert_said(&at->p.out, "ayuda: el campo 5 `nombres` ahora es `nombrez`");
	free(path);
}

static void
a_set_that_is_none_is_bad_data(void **state)
{
	struct place *at = *state;

	run_enlace(&at->p, "schema", "impact", INM, "README.md", "--rules", at->folder, "--schemas", "build/schemas");
	assert_ended(&at->p, 65);
	run_enlace(&at->p, "schema", "impact", INM);
	assert_ended(&at->p, 2);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_renamed_field_is_known_by_its_number),
	    TEST(a_renamed_native_name_is_known_by_its_number),
	    TEST(a_field_whose_number_is_gone_is_gone),
	    TEST(another_type_breaks_what_is_done_with_the_field),
	    TEST(another_number_of_values_breaks_what_is_done_with_the_field),
	    TEST(a_value_that_is_set_is_known_by_its_number),
	    TEST(a_value_in_a_row_of_a_table_is_known_by_its_number),
	    TEST(a_value_that_is_compared_has_left_the_closed_list),
	    TEST(what_an_expression_names_is_known_by_its_number),
	    TEST(what_was_wrong_before_is_not_the_changes_doing),
	    TEST(what_may_be_hidden_behind_too_many_findings_is_told),
	    TEST(another_label_breaks_what_reads_the_field),
	    TEST(impact_says_line_excerpt_and_what_became_of_it),
	    TEST(a_set_that_is_none_is_bad_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

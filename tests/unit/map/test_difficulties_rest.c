// SPDX-License-Identifier: Apache-2.0
// Difficulties 33 to 36 and 38 to 42: names that are wrong for good, versions, statuses, loops, and what people are told.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

static void
misspelt_names_are_written_as_they_are_and_never_guessed(void **state)
{
	// 33: maritial_status, Accetped: matched exactly; other spellings of a value are listed.
	struct probe *p = *state;

	table(p, "table: e\n", "from,to\nAccepted,ACCEPTED\n");
	registro(p,
	    "  texto: maritial_status\n  otro: {from: estado, aliases: {Accepted: [Accetped, acepted]}, table: e}\n");
	assert_becomes(p, "{\"maritial_status\": \"soltera\", \"estado\": \"Accetped\"}",
	    "{\"texto\":\"soltera\",\"otro\":\"ACCEPTED\"}");
	assert_fault(p, "{\"estado\": \"Acceptted\"}", REASON_TABLE_MISS, "otro", "estado");
	expect_refused(
	    p, "  texto: marital_status\n", "E0302 5:10 marital_status is not a field of difficulty.v1.Registro\n");
	expect_refused(p, "  texto: {from: estado, aliases: {A: [x], B: [x]}}\n", "E0310 5:47 x\n");
}

static void
two_spellings_of_one_standard_are_one_field(void **state)
{
	// 34: prs_FirstName in the standard, prs_First_Name in its form: the first that says something counts.
	struct probe *p = *state;

	registro(p, "  texto: {first_of: [prs_FirstName, prs_First_Name], clean: [trim]}\n");
	assert_becomes(p, "{\"prs_First_Name\": \"Ana\"}", "{\"texto\":\"Ana\"}");
	assert_becomes(p, "{\"prs_FirstName\": \" \", \"prs_First_Name\": \"Ana\"}", "{\"texto\":\"Ana\"}");
	assert_becomes(p, "{\"prs_FirstName\": \"Eva\", \"prs_First_Name\": \"Ana\"}", "{\"texto\":\"Eva\"}");
}

static void
one_path_means_what_its_version_says(void **state)
{
	// 35: a field held a code in 2021 and a label in 2022: the record's version chooses the arm, and an unknown one holds.
	struct probe *p = *state;

	table(p, "table: c\n", "from,to\nLP-DT,DETAINED\n");
	table(p, "table: l\n", "from,to\nDetained elsewhere,DETAINED\n");
	registro(p,
	    "  texto:\n    choose:\n      - {when: {version: \"2021\"}, from: codigo, table: c}\n"
	    "      - {when: {version: [\"2022\", \"2023\"]}, from: codigo, table: l}\n    otherwise: hold\n");
	assert_becomes(p, "{\"version\": \"2021\", \"codigo\": \"LP-DT\"}", "{\"texto\":\"DETAINED\"}");
	assert_becomes(p, "{\"version\": \"2022\", \"codigo\": \"Detained elsewhere\"}", "{\"texto\":\"DETAINED\"}");
	assert_fault(p, "{\"version\": \"2024\", \"codigo\": \"LP-DT\"}", REASON_CHOOSE_NONE, "texto", "version");
}

static void
questions_of_two_groups_stay_two_questions(void **state)
{
	// 36: persona/nombre, contacto/nombre and persona/Nombre: the whole key counts, and large letters too.
	struct probe *p = *state;

	between(p, "Formulario", "Ficha", "",
	    "  texto: persona/nombre\n  otro: contacto/nombre\n  codigo: persona/Nombre\n");
	assert_becomes(p, "{\"persona/nombre\": \"a\", \"contacto/nombre\": \"b\", \"persona/Nombre\": \"c\"}",
	    "{\"texto\":\"a\",\"otro\":\"b\",\"codigo\":\"c\"}");
	assert_err(EN_ECONFIG,
	    compile(p, mapping_text(p, "difficulty.v1.Formulario", "difficulty.v1.Ficha", "", "  texto: nombre\n")));
	assert_non_null(strstr(found(p), "E0302 5:10 nombre is not a field of difficulty.v1.Formulario"));
}

static void
one_status_drives_two_targets_and_a_false_friend_has_a_row(void **state)
{
	// 38: in_progress means not yet answered; one status sets the state of the service and of the referral.
	struct probe *p = *state;

	table(p, "table: derivacion\n", "from,to\nin_progress,DELIVERED\naccepted,ACCEPTED\ndone,COMPLETED\n");
	table(p, "table: servicio\n",
	    "from,to\nin_progress,not_implemented\naccepted,not_implemented\ndone,implemented\n");
	registro(p, "  texto: {from: estado, table: derivacion}\n  otro: {from: estado, table: servicio}\n");
	assert_becomes(p, "{\"estado\": \"in_progress\"}", "{\"texto\":\"DELIVERED\",\"otro\":\"not_implemented\"}");
	assert_becomes(p, "{\"estado\": \"done\"}", "{\"texto\":\"COMPLETED\",\"otro\":\"implemented\"}");
}

static void
what_is_not_in_the_record_is_given_to_the_mapping(void **state)
{
	// 39: a constant, the time of recording, the sender; agency- put in front and taken away.
	struct probe *p = *state;

	registro(p,
	    "  id: {is: intake}\n  momento: {now: recorded}\n  texto: {from: agencia, prefix: agency-}\n  otro: {from: usuario, strip_prefix: [agency-]}\n"
	    "  codigo: {sender: agency}\n");
	assert_becomes(p, "{\"agencia\": \"unicef\", \"usuario\": \"agency-acnur\"}",
	    "{\"id\":\"intake\",\"texto\":\"agency-unicef\",\"otro\":\"acnur\",\"codigo\":\"inm\",\"momento\":{\"ms\":\"1795000000000\"}}");
	assert_becomes(p, "{}", "{\"id\":\"intake\",\"codigo\":\"inm\",\"momento\":{\"ms\":\"1795000000000\"}}");
}

static void
answers_in_several_languages_are_one_answer(void **state)
{
	// 40: a questionnaire that keeps the label of the answer in the language of the interview: every label is a row of one file.
	struct probe *p = *state;
	struct buf csv = BUF_EMPTY;

	buf_put_str(&csv, "from,to\nYes,si\nOui,si\nWi,si\nSí,si\nNo,no\nNon,no\n");
	for (int i = 0; i < 500; i++) {
		buf_printf(&csv, "\"Answer, %d\",a%d\n", i, i);
	}
	table(p, "table: respuestas\n", buf_cstr(&csv));
	registro(p, "  texto: {from: clase, table: respuestas}\n");
	assert_becomes(p, "{\"clase\": \"Wi\"}", "{\"texto\":\"si\"}");
	assert_becomes(p, "{\"clase\": \"Answer, 499\"}", "{\"texto\":\"a499\"}");
	buf_fini(&csv);
}

static void
what_the_bus_wrote_is_not_sent_into_it_again(void **state)
{
	// 41: a record that enlace created comes back as a change: the mapping does not take it. (Byte for byte the broker knows its
	// own deliveries: REASON_ECHO.)
	struct probe *p = *state;

	between(p, "Registro", "Ficha", "when: {origen: {not: [enlace, primero]}}\n", "  id: folio\n");
	assert_becomes(p, "{\"folio\": \"1\", \"origen\": \"captura\"}", "{\"id\":\"1\"}");
	assert_ok(run_json(p, "{\"folio\": \"1\", \"origen\": \"enlace\"}"));
	assert_int_equal(p->run.output_count, 0);
	assert_ok(run_json(p, "{\"folio\": \"1\"}"));
	assert_int_equal(p->run.output_count, 0);
}

static void
a_fault_says_column_line_and_remedy_and_no_value(void **state)
{
	// 42: the sender's users read it: their own column's name, a sentence in their language, and nothing of the person.
	struct probe *p = *state;

	registro(p, "  texto: {from: maritial_status, empty_if: [x], date: dd/mm/aaaa}\n");
	assert_fault(p, "{\"maritial_status\": \"Dariela Nohemi\"}", REASON_DATE_INVALID, "texto", "maritial_status");
	assert_int_equal(p->fault.where.line, 5);
	assert_string_equal(reason_code(p->fault.reason), "date_invalid");
	assert_true(strlen(reason_text(p->fault.reason, EN_LANG_ES)) > 10);
	assert_string_not_equal(reason_text(p->fault.reason, EN_LANG_ES), reason_text(p->fault.reason, EN_LANG_EN));
	const uint8_t *bytes = (const uint8_t *)&p->fault;

	assert_null(memmem(bytes, sizeof(p->fault), "Dariela", 7));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(misspelt_names_are_written_as_they_are_and_never_guessed),
	    probe_test(two_spellings_of_one_standard_are_one_field),
	    probe_test(one_path_means_what_its_version_says),
	    probe_test(questions_of_two_groups_stay_two_questions),
	    probe_test(one_status_drives_two_targets_and_a_false_friend_has_a_row),
	    probe_test(what_is_not_in_the_record_is_given_to_the_mapping),
	    probe_test(answers_in_several_languages_are_one_answer),
	    probe_test(what_the_bus_wrote_is_not_sent_into_it_again),
	    probe_test(a_fault_says_column_line_and_remedy_and_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

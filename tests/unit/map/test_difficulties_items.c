// SPDX-License-Identifier: Apache-2.0
// Difficulties 20 to 22, 29 and 30: lists in every shape, the item that is meant, and what stands in another record.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

static void
a_list_is_a_text_a_column_each_or_a_box_each(void **state)
{
	// 20: blank-separated, comma-separated, indexed columns, a column of S and N per option; there and back.
	struct probe *p = *state;

	table(p, "table: lengua\n", "from,to\nes,spa\nfr,fra\n");
	registro(p, "  lista: {from: idiomas, split: \" \", table: lengua, list: [dedupe]}\n");
	assert_becomes(p, "{\"idiomas\": \"fr es fr\"}", "{\"lista\":[\"fra\",\"spa\"]}");
	registro(p, "  lista: {list_of: [idioma_1, idioma_2], clean: [trim, lower], list: [sort]}\n");
	assert_becomes(p, "{\"idioma_1\": \"FR \", \"idioma_2\": \"ES\"}", "{\"lista\":[\"es\",\"fr\"]}");
	registro(p,
	    "  lista: {flags: {ind_01: ABUSE, ind_02: DECEPTION, ind_03: ISOLATION}, true_if: [S], false_if: [N]}\n");
	assert_becomes(
	    p, "{\"ind_01\": \"S\", \"ind_02\": \"N\", \"ind_03\": \"S\"}", "{\"lista\":[\"ABUSE\",\"ISOLATION\"]}");
	assert_fault(p, "{\"ind_02\": \"X\"}", REASON_NOT_BOOLEAN, "lista", "ind01, ind02, ind03");
	between(p, "Caso", "Ficha", "",
	    "  ind_01: {from: languages, contains: ABUSE}\n  ind_02: {from: languages, contains: DECEPTION}\n  texto: {join: [languages], with: \",\"}\n");
	assert_becomes(p, "{\"languages\": [\"ABUSE\", \"ISOLATION\"]}",
	    "{\"texto\":\"ABUSE,ISOLATION\",\"ind_01\":true,\"ind_02\":false}");
	assert_becomes(p, "{}", "{}");
	registro(p, "  si: {from: idiomas, split: \" \", contains: es}\n");
	assert_becomes(p, "{\"idiomas\": \"fr es\"}", "{\"si\":true}");
	assert_becomes(p, "{\"idiomas\": \"fr esp\"}", "{\"si\":false}");
}

static void
one_case_becomes_an_event_for_each_service_and_back(void **state)
{
	// 21: n services are n referrals, known by the service's own id; n interventions of one case fold into one.
	struct probe *p = *state;

	between(p, "Caso", "Ficha",
	    "one_event_per: {item_of: services_section, called: s, where: {s.status: [pending]}, key: s.unique_id}\n",
	    "  id: {join: [case_id, s.unique_id], with: \"#\", reversible: true}\n");
	assert_ok(run_json(p,
	    "{\"case_id\": \"c\", \"services_section\": [{\"unique_id\": \"u1\", \"status\": \"pending\"}, {\"unique_id\": \"u2\", \"status\": \"done\"}, "
	    "{\"unique_id\": \"u3\", \"status\": \"pending\"}]}"));
	assert_int_equal(p->run.output_count, 2);
	assert_view_is("u1", p->run.outputs[0].split_key);
	assert_view_is("u3", p->run.outputs[1].split_key);
	assert_string_equal(output_json(p, 1), "{\"id\":\"c#u3\"}");
	assert_fault(p,
	    "{\"case_id\": \"c\", \"services_section\": [{\"unique_id\": \"u\", \"status\": \"pending\"}, {\"unique_id\": \"u\", \"status\": \"pending\"}]}",
	    REASON_AMBIGUOUS, "one_event_per.key", "servicesSection.uniqueId");
	assert_fault(p, "{\"services_section\": [{\"status\": \"pending\"}]}", REASON_REQUIRED_MISSING,
	    "one_event_per.key", "servicesSection.uniqueId");
	between(p, "Caso", "Ficha", "",
	    "  renglones:\n    each: interventions\n    called: i\n    sort_by: i.number\n    group_by: i.case_id\n    all_called: them\n    set:\n"
	    "      clave: i.case_id\n      nota: i.note\n      dentro:\n        each: them\n        called: t\n        set: {clave: t.service_type}\n");
	assert_becomes(p,
	    "{\"interventions\": [{\"case_id\": \"B\", \"number\": 10, \"service_type\": \"x\"}, {\"case_id\": \"A\", \"number\": 9, \"service_type\": \"y\", \"note\": \"n\"}, "
	    "{\"case_id\": \"B\", \"number\": 11, \"service_type\": \"z\"}]}",
	    "{\"renglones\":[{\"clave\":\"A\",\"nota\":\"n\",\"dentro\":[{\"clave\":\"y\"}]},{\"clave\":\"B\",\"dentro\":[{\"clave\":\"x\"},{\"clave\":\"z\"}]}]}");
}

static void
only_the_item_that_is_meant_counts(void **state)
{
	// 22: the note of the last transition that was done; the one primary service, and two of them hold the event.
	struct probe *p = *state;

	between(p, "Caso", "Ficha", "",
	    "  texto: {from: t.note, item_of: transitions, called: t, where: {t.status: done}, sort_by: t.created_at, only: last}\n"
	    "  otro: {from: s.service_type, item_of: services_section, called: s, where: {s.status: primary}, if_empty: {is: ninguno}}\n");
	assert_becomes(p,
	    "{\"transitions\": [{\"status\": \"done\", \"created_at\": \"2026-03-01\", \"note\": \"b\"}, {\"status\": \"open\", \"created_at\": \"2026-04-01\", \"note\": \"c\"}, "
	    "{\"status\": \"done\", \"created_at\": \"2026-02-01\", \"note\": \"a\"}], \"services_section\": [{\"status\": \"primary\", \"service_type\": \"x\"}, {\"status\": \"other\"}]}",
	    "{\"texto\":\"b\",\"otro\":\"x\"}");
	assert_becomes(p, "{\"transitions\": [{\"status\": \"open\"}]}", "{\"otro\":\"ninguno\"}");
	assert_fault(p, "{\"services_section\": [{\"status\": \"primary\"}, {\"status\": \"primary\"}]}",
	    REASON_AMBIGUOUS, "otro", "servicesSection");
}

static void
what_stands_in_another_record_is_looked_up_by_its_key(void **state)
{
	// 29: a worker's contact by user name with somebody who always answers; the state of a municipality.
	struct probe *p = *state;

	table(p, "table: usuarios\ncolumns: [user, agency, email]\n",
	    "user,agency,email\nmaria,unicef,maria@example.org\nmaria,acnur,m@example.net\n");
	table(p,
	    "table: lugares\ncolumns: [code, parent, level, name]\ncode_column: code\nparent_column: parent\nlevel_column: level\n",
	    "code,parent,level,name\nMX,,adm0,Mexico\n07,MX,adm1,Chiapas\n07089,07,adm2,Tapachula\n0708901,07089,adm3,Centro\n99,98,adm2,Sin estado\n");
	registro(p,
	    "  texto: {lookup: usuarios, match: {user: usuario, agency: agencia}, take: email, if_unknown: {is: guardia@example.org}}\n"
	    "  otro: {lookup: lugares, match: {code: municipio}, ancestor: adm1, take: name}\n");
	assert_becomes(p, "{\"usuario\": \"maria\", \"agencia\": \"acnur\", \"municipio\": \"0708901\"}",
	    "{\"texto\":\"m@example.net\",\"otro\":\"Chiapas\"}");
	assert_becomes(p, "{\"usuario\": \"jose\", \"agencia\": \"acnur\", \"municipio\": \"07\"}",
	    "{\"texto\":\"guardia@example.org\",\"otro\":\"Chiapas\"}");
	assert_fault(p, "{\"municipio\": \"99\"}", REASON_TABLE_MISS, "otro", "municipio");
	assert_fault(p, "{\"municipio\": \"MX\"}", REASON_TABLE_MISS, "otro", "municipio");
	expect_refused(p, "  otro: {lookup: lugares, match: {code: municipio}, ancestor: adm9, take: name}\n",
	    "E0327 5:63 no row of lugares has the level adm9\n");
}

static void
a_lookup_with_two_answers_is_no_answer(void **state)
{
	// 30: two jobs took the first of several matches: here that must be said, and otherwise the event is held.
	struct probe *p = *state;

	table(p, "table: u\ncolumns: [user, email]\n", "user,email\nana,a@example.org\nana,b@example.org\n");
	registro(p, "  texto: {lookup: u, match: {user: usuario}, take: email}\n");
	assert_fault(p, "{\"usuario\": \"ana\"}", REASON_AMBIGUOUS, "texto", "usuario");
	assert_fault(p, "{\"usuario\": \"eva\"}", REASON_TABLE_MISS, "texto", "usuario");
	assert_string_equal(p->fault.table, "u");
	registro(p, "  texto: {lookup: u, match: {user: usuario}, take: email, expect: first}\n");
	assert_becomes(p, "{\"usuario\": \"ana\"}", "{\"texto\":\"a@example.org\"}");
}

static void
units_are_told_by_a_table_and_decimals_by_their_place(void **state)
{
	// 9 and 27 have numbers too: "1.234,5" libras are 559,96 kilograms, whatever the locale of the broker.
	struct probe *p = *state;

	table(p, "table: kilos\n", "from,to\nkg,1\nlb,0.45359237\n");
	registro(p,
	    "  texto: {from: peso, number: \"1.234,5\", times: {from: unidad, table: kilos}, decimals: 2}\n"
	    "  decimal: {from: peso, number: \"1.234,5\", between: [0, 5000]}\n");
	assert_becomes(p, "{\"peso\": \"1.234,5\", \"unidad\": \"lb\"}", "{\"texto\":\"559.96\",\"decimal\":1234.5}");
	assert_fault(p, "{\"peso\": \"1,234.5\", \"unidad\": \"lb\"}", REASON_NOT_NUMBER, "decimal", "peso");
	assert_fault(p, "{\"peso\": \"5.001\", \"unidad\": \"kg\"}", REASON_OUT_OF_RANGE, "decimal", "peso");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_list_is_a_text_a_column_each_or_a_box_each),
	    probe_test(one_case_becomes_an_event_for_each_service_and_back),
	    probe_test(only_the_item_that_is_meant_counts),
	    probe_test(what_stands_in_another_record_is_looked_up_by_its_key),
	    probe_test(a_lookup_with_two_answers_is_no_answer),
	    probe_test(units_are_told_by_a_table_and_decimals_by_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Difficulties 1 to 8 and 19: codes, and the tables that translate them.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

static void
sex_codes_belong_to_the_system_that_writes_them(void **state)
{
	// 1: option-set numbers, words, M for male, M for mujer: no code means anything outside its system.
	struct probe *p = *state;

	table(p, "table: curp-sexo\nsystem_from: RENAPO\n", "from,to\nH,MALE\nM,FEMALE\n");
	table(p, "table: gbvims-sexo\nsystem_from: GBVIMS\n", "from,to\nF,FEMALE\nM,MALE\n");
	table(p, "table: progres-sexo\nsystem_from: proGres\n", "from,to\n125080000,FEMALE\n125080001,MALE\n");
	registro(p, "  sexo: {from: sexo, table: curp-sexo}\n");
	assert_becomes(p, "{\"sexo\": \"M\"}", "{\"sexo\":\"FEMALE\"}");
	registro(p, "  sexo: {from: sexo, table: gbvims-sexo}\n");
	assert_becomes(p, "{\"sexo\": \"M\"}", "{\"sexo\":\"MALE\"}");
	registro(p, "  sexo: {from: opcion, table: progres-sexo}\n");
	assert_becomes(p, "{\"opcion\": 125080000}", "{\"sexo\":\"FEMALE\"}");
	expect_refused(p, "  sexo: sexo\n", "E0323 5:9 sexo to sexo\n");
}

static void
a_code_that_no_row_has_never_becomes_something_silently(void **state)
{
	// 2: held unless the line says what else, and never a default where somebody must have decided.
	struct probe *p = *state;

	table(p, "table: s\n", "from,to\nM,FEMALE\n");
	table(p, "table: t\n", "from,to\nES,spa\n");
	registro(p, "  sexo: {from: sexo, table: s}\n");
	assert_fault(p, "{\"sexo\": \"X\"}", REASON_TABLE_MISS, "sexo", "sexo");
	assert_string_equal(p->fault.table, "s");
	registro(p,
	    "  sexo: {from: sexo, table: s, if_unknown: absent}\n  codigo: {from: codigo, table: t, if_unknown: keep}\n");
	assert_becomes(p, "{\"sexo\": \"X\", \"codigo\": \"KEK\"}", "{\"codigo\":\"KEK\"}");
	registro(p, "  sexo: {from: sexo, table: s, if_unknown: {is: NOT_STATED}}\n");
	assert_becomes(p, "{\"sexo\": \"X\"}", "{\"sexo\":\"NOT_STATED\"}");
	expect_refused(p, "  sexo: {from: sexo, table: s, if_unknown: keep}\n",
	    "E0305 5:44 keep leaves any text, and sexo is one of a list of values\n");
	assert_err(EN_ECONFIG,
	    compile(p,
		mapping_text(p, "difficulty.v1.Registro", "enlace.v1.Referral", "",
		    "  legal_basis: {from: codigo, table: t, if_unknown: {is: CONSENT}}\n")));
	assert_non_null(strstr(found(p), "E0317 5:53 legal_basis: no source field decides it"));
}

static void
many_codes_that_become_one_are_no_way_back(void **state)
{
	// 3: two source codes for one service: the way back is a table of its own, and turning this one round is refused.
	struct probe *p = *state;

	table(p, "table: ida\n", "from,to\nBID,best_interests\nBIA,best_interests\n");
	table(p, "table: vuelta\n", "from,to\nbest_interests,BIA\n");
	registro(p, "  codigo: {from: codigo, table: ida}\n  otro: {from: servicio, table: vuelta}\n");
	assert_becomes(p, "{\"codigo\": \"BID\", \"servicio\": \"best_interests\"}",
	    "{\"otro\":\"BIA\",\"codigo\":\"best_interests\"}");
	expect_refused(
	    p, "  codigo: {from: codigo, table: ida, direction: backward}\n", "E0308 5:49 ida goes one way\n");
	assert_err(EN_ECONFIG,
	    load_table(p, "table: doble\ndirection: both_ways\n", "from,to\nBID,best_interests\nBIA,best_interests\n"));
	assert_non_null(strstr(found(p), "E0310 3:1 best_interests"));
	table(p, "table: par\ndirection: both_ways\n", "from,to\nBID,uno\nBIA,dos\n");
	registro(p, "  codigo: {from: codigo, table: par, direction: backward}\n");
	assert_becomes(p, "{\"codigo\": \"dos\"}", "{\"codigo\":\"BIA\"}");
}

static void
a_code_means_what_its_row_says_and_not_what_it_looks_like(void **state)
{
	// 4: `food` carries family reunification: the row with its label says so, and no name is ever compared. Two tables of
	// one system that label one code differently are told.
	struct probe *p = *state;

	table(p, "table: s\nsystem_from: Primero\n",
	    "from,to,label\nfood,FAMILY_TRACING,Family reunification\nmedical,REGISTRATION_DOC,Registration\n");
	registro(p, "  texto: {from: servicio, table: s}\n");
	assert_becomes(p, "{\"servicio\": \"food\"}", "{\"texto\":\"FAMILY_TRACING\"}");
	table(p, "table: otra\nsystem_from: Primero\n", "from,to,label\nfood,FOOD,Food assistance\n");
	assert_non_null(
	    strstr(found(p), "W0304 2:1 food is \"Food assistance\" here and \"Family reunification\" in s"));
}

static void
a_table_that_slipped_by_a_row_is_found_by_its_examples(void **state)
{
	// 5: severe labour paired with "difficulty seeing": whoever approved the table wrote down what must hold.
	struct probe *p = *state;
	static const char header[] =
	    "table: p\nprovenance: \"UNHCR guidance 2017\"\napproved_by: \"ACNUR, 2026-01-15\"\nexamples: {LP-DT: DETAINED, DS-SD: SEEING}\n";

	table(p, header, "from,to\nLP-DT,DETAINED\nDS-SD,SEEING\n");
	assert_err(EN_ECONFIG, load_table(p, header, "from,to\nLP-DT,SEEING\nDS-SD,DETAINED\n"));
	assert_string_equal(
	    found(p), "E0117 2:1 LP-DT does not become DETAINED\nE0117 3:1 DS-SD does not become SEEING\n");
}

static void
a_key_that_stands_twice_is_refused_and_two_columns_make_one_key(void **state)
{
	// 6: province 22 twice; "Therapeutic interventions" under two types: the later row never wins silently.
	struct probe *p = *state;

	assert_err(EN_ECONFIG, load_table(p, "table: t\n", "from,to\n22,A\n23,B\n22,C\n"));
	assert_string_equal(found(p), "E0104 4:1 22, first in line 2\n");
	table(p, "table: w\ncolumns: [type, label, code]\n",
	    "type,label,code\nA,Therapeutic interventions,PSYCHOSOCIAL\nB,Therapeutic interventions,HEALTH_CARE\n");
	registro(p, "  texto: {lookup: w, match: {type: clase, label: etiqueta}, take: code}\n");
	assert_becomes(
	    p, "{\"clase\": \"B\", \"etiqueta\": \"Therapeutic interventions\"}", "{\"texto\":\"HEALTH_CARE\"}");
	assert_fault(p, "{\"clase\": \"C\", \"etiqueta\": \"Therapeutic interventions\"}", REASON_TABLE_MISS, "texto",
	    "clase, etiqueta");
	assert_becomes(p, "{\"clase\": \"B\"}", "{}");
}

static void
leading_zeros_are_part_of_a_code(void **state)
{
	// 7: 024 is Malta and 24 another group; 7 is no state of INEGI's until somebody says that it lost a zero.
	struct probe *p = *state;

	table(p, "table: t\n", "from,to\n024,MLT\n24,grupo\n");
	registro(p,
	    "  texto: {from: codigo, table: t}\n  otro: {from: entidad, pad_left: 2}\n  codigo: {from: municipio, clean: [strip_zeros]}\n");
	assert_becomes(p, "{\"codigo\": \"024\", \"entidad\": \"7\", \"municipio\": \"0090\"}",
	    "{\"texto\":\"MLT\",\"otro\":\"07\",\"codigo\":\"90\"}");
	assert_becomes(p, "{\"codigo\": \"24\", \"entidad\": \"07\", \"municipio\": \"000\"}",
	    "{\"texto\":\"grupo\",\"otro\":\"07\",\"codigo\":\"0\"}");
	assert_becomes(p, "{\"entidad\": \"123\"}", "{\"otro\":\"123\"}");
	registro(p, "  texto: {from: entidad, pad_left: 2, matches: \"0[1-9]|[12][0-9]|3[0-2]\"}\n");
	assert_becomes(p, "{\"entidad\": \"7\"}", "{\"texto\":\"07\"}");
	assert_fault(p, "{\"entidad\": \"107\"}", REASON_TEXT_FORM, "texto", "entidad");
}

static void
one_state_has_a_code_in_every_gazetteer(void **state)
{
	// 8: 05 is Chiapas in GeoNames and Coahuila in INEGI: a code is looked up in the column of its own system.
	struct probe *p = *state;

	table(p, "table: estados\ncolumns: [inegi, curp, iso, geonames, name]\n",
	    "inegi,curp,iso,geonames,name\n07,CS,MX-CHP,05,Chiapas\n05,CL,MX-COA,07,Coahuila\n");
	registro(p,
	    "  texto: {lookup: estados, match: {geonames: entidad}, take: inegi}\n"
	    "  otro: {lookup: estados, match: {inegi: entidad}, take: curp}\n");
	assert_becomes(p, "{\"entidad\": \"05\"}", "{\"texto\":\"07\",\"otro\":\"CL\"}");
	expect_refused(p, "  texto: {lookup: estados, match: {geoname: entidad}, take: inegi}\n",
	    "E0327 5:36 geoname is not a column of estados\n");
}

static void
a_demonym_becomes_a_country_and_an_ambiguous_one_holds(void **state)
{
	// 19: demonyms, with and without accents; CONGOLESA names two states, and nobody may choose for the person.
	struct probe *p = *state;

	table(p, "table: gentilicios\ncolumns: [demonym, iso3]\n",
	    "demonym,iso3\nHONDURENA,HND\nCONGOLESA,COD\nCONGOLESA,COG\nBRASILENA,BRA\nBRASILENA,BRA\n");
	registro(p,
	    "  texto: {lookup: gentilicios, match: {demonym: {from: nacionalidad, clean: [trim, upper, strip_accents]}}, take: iso3}\n");
	assert_becomes(p, "{\"nacionalidad\": \" Hondureña \"}", "{\"texto\":\"HND\"}");
	assert_becomes(p, "{\"nacionalidad\": \"BRASILENA\"}", "{\"texto\":\"BRA\"}");
	assert_fault(p, "{\"nacionalidad\": \"CONGOLESA\"}", REASON_AMBIGUOUS, "texto", "nacionalidad");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(sex_codes_belong_to_the_system_that_writes_them),
	    probe_test(a_code_that_no_row_has_never_becomes_something_silently),
	    probe_test(many_codes_that_become_one_are_no_way_back),
	    probe_test(a_code_means_what_its_row_says_and_not_what_it_looks_like),
	    probe_test(a_table_that_slipped_by_a_row_is_found_by_its_examples),
	    probe_test(a_key_that_stands_twice_is_refused_and_two_columns_make_one_key),
	    probe_test(leading_zeros_are_part_of_a_code),
	    probe_test(one_state_has_a_code_in_every_gazetteer),
	    probe_test(a_demonym_becomes_a_country_and_an_ambiguous_one_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

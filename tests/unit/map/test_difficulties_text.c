// SPDX-License-Identifier: Apache-2.0
// Difficulties 16 to 18, 23 to 28, 31 and 37: names, packed keys, free text, telephones and places.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

static void
two_surnames_are_two_and_particles_belong_to_them(void **state)
{
	// 16: the last word is not "the surname": LOPEZ DE LA CRUZ are two, and one box is taken apart only where that is certain.
	struct probe *p = *state;

	between(p, "Registro", "enlace.v1.Person", "",
	    "  name_full_raw: nombre_completo\n"
	    "  given_names: {from: nombre_completo, name_part: given_names, name_order: given_first, if_unknown: absent}\n"
	    "  surname_1: {from: nombre_completo, name_part: surname_1, name_order: given_first, if_unknown: absent}\n"
	    "  surname_2: {from: nombre_completo, name_part: surname_2, name_order: given_first, if_unknown: absent}\n");
	assert_becomes(p, "{\"nombre_completo\": \"MARIA DE LOS ANGELES LOPEZ DE LA CRUZ\"}",
	    "{\"given_names\":\"MARIA DE LOS ANGELES\",\"surname_1\":\"LOPEZ\",\"surname_2\":\"DE LA CRUZ\","
	    "\"name_full_raw\":\"MARIA DE LOS ANGELES LOPEZ DE LA CRUZ\"}");
	assert_becomes(p, "{\"nombre_completo\": \"Ana del Rio\"}",
	    "{\"given_names\":\"Ana\",\"surname_1\":\"del Rio\",\"name_full_raw\":\"Ana del Rio\"}");
	assert_becomes(p, "{\"nombre_completo\": \"Dariela\"}", "{\"name_full_raw\":\"Dariela\"}");
	registro(p,
	    "  texto: {from: nombre_completo, name_part: surnames, name_order: surnames_comma}\n"
	    "  otro: {join: [familia, nota], clean: [trim, name_case]}\n");
	assert_becomes(p,
	    "{\"nombre_completo\": \"LOPEZ DE LA CRUZ, ANA\", \"familia\": \"DE LA O\", \"nota\": \"PAZ \"}",
	    "{\"texto\":\"LOPEZ DE LA CRUZ\",\"otro\":\"De la O Paz\"}");
}

static void
a_name_in_two_scripts_is_packed_and_unpacked_by_one_pattern(void **state)
{
	// 17: "local (latin)": what goes in can be taken out again, and what could not is not packed.
	struct probe *p = *state;

	registro(p,
	    "  texto: {from: nombre_completo, pattern: \"{local} ({latin})\", part: local}\n"
	    "  otro: {from: nombre_completo, pattern: \"{local} ({latin})\", part: latin}\n"
	    "  codigo: {fill: \"{familia} ({nota})\", reversible: true, if_unknown: absent, if_empty: {from: familia}}\n");
	assert_becomes(p, "{\"nombre_completo\": \"សុខ (Sok)\", \"familia\": \"សុខ\", \"nota\": \"Sok\"}",
	    "{\"texto\":\"សុខ\",\"otro\":\"Sok\",\"codigo\":\"សុខ (Sok)\"}");
	assert_becomes(p, "{\"familia\": \"សុខ\"}", "{\"codigo\":\"សុខ\"}");
	assert_becomes(p, "{\"familia\": \"a (b\", \"nota\": \"c\"}", "{\"codigo\":\"a (b\"}");
	assert_fault(p, "{\"nombre_completo\": \"Sok\"}", REASON_TEXT_FORM, "otro", "nombreCompleto");
}

static void
a_name_keeps_its_letters_and_is_only_folded_to_compare(void **state)
{
	// 18: trailing blanks, decomposed letters, HONDURENA without its tilde: the value stays, the comparison is forgiving.
	struct probe *p = *state;

	table(p, "table: e\n", "from,to\nMICHOACAN,16\n");
	registro(p,
	    "  texto: {from: nota, clean: [trim, compose]}\n  otro: {from: entidad, clean: [trim, upper, strip_accents], table: e}\n");
	assert_becomes(p, "{\"nota\": \"  Mun\\u0303oz \", \"entidad\": \"Michoac\\u00e1n \"}",
	    "{\"texto\":\"Muñoz\",\"otro\":\"16\"}");
	assert_becomes(p, "{\"entidad\": \"MICHOACA\\u0301N\"}", "{\"otro\":\"16\"}");
}

static void
a_key_of_two_parts_can_be_taken_apart_again(void **state)
{
	// 23: "case#last12": built with a check that no part contains what stands between them, and read with the same.
	struct probe *p = *state;

	registro(p,
	    "  id: {join: [caso, folio], with: \"#\", reversible: true}\n  codigo: {from: codigo, last_characters: 12}\n"
	    "  texto: {from: clase, pattern: \"{case}#{service}\", part: service, if_unknown: absent}\n  otro: {from: clase, first_characters: 3}\n");
	assert_becomes(p,
	    "{\"caso\": \"c-1\", \"folio\": \"s-9\", \"codigo\": \"583069e4-d4ac-4ab6-9c11-2b63c2b0e1aa\", \"clase\": \"c-1#s-9\"}",
	    "{\"id\":\"c-1#s-9\",\"texto\":\"s-9\",\"otro\":\"c-1\",\"codigo\":\"2b63c2b0e1aa\"}");
	assert_fault(p, "{\"caso\": \"c#1\", \"folio\": \"s-9\"}", REASON_AMBIGUOUS, "id", "caso, folio");
	assert_fault(p, "{\"caso\": \"c-1\"}", REASON_AMBIGUOUS, "id", "caso, folio");
	assert_becomes(p, "{\"clase\": \"a#b#c\"}", "{\"otro\":\"a#b\"}");
	assert_becomes(p, "{\"clase\": \"ñandú\"}", "{\"otro\":\"ñan\"}");
	assert_becomes(p, "{\"clase\": \"cañada\"}", "{\"otro\":\"cañ\"}");
}

static void
what_is_joined_has_no_gaps_and_no_repetitions(void **state)
{
	// 24: "level1 level2  " and "Chiapas, Chiapas": missing parts leave nothing, equal ones stand once, from the small to the large.
	struct probe *p = *state;

	registro(
	    p, "  texto: {join: [nivel1, nivel2, nivel3], with: \", \", clean: [trim], list: [dedupe, reverse]}\n");
	assert_becomes(p, "{\"nivel1\": \"Mexico\", \"nivel2\": \"Chiapas\", \"nivel3\": \"Tapachula \"}",
	    "{\"texto\":\"Tapachula, Chiapas, Mexico\"}");
	assert_becomes(p, "{\"nivel1\": \"Mexico\", \"nivel2\": \"  \", \"nivel3\": \"Chiapas\"}",
	    "{\"texto\":\"Chiapas, Mexico\"}");
	assert_becomes(
	    p, "{\"nivel1\": \"Chiapas\", \"nivel2\": \"  \", \"nivel3\": \"Chiapas\"}", "{\"texto\":\"Chiapas\"}");
}

static void
text_inside_text_is_read_as_what_it_is(void **state)
{
	// 25: HTML in a description; a JSON list inside a string, with escapes.
	struct probe *p = *state;

	registro(p,
	    "  texto: {from: nota, clean: [strip_html, unescape, trim, collapse_spaces]}\n"
	    "  otro: {from: clase, json: \"[1].reason\"}\n  lista: {from: clase, json: \"[*].code\"}\n");
	assert_becomes(p,
	    "{\"nota\": \"<div>Ni&ntilde;a <b>sola</b><br>en la terminal</div>\", "
	    "\"clase\": \"[{\\\"reason\\\": \\\"Protecci\\\\u00f3n\\\", \\\"code\\\": \\\"A\\\"}, {\\\"code\\\": 7, \\\"reason\\\": \\\"otra\\\"}]\"}",
	    "{\"texto\":\"Niña sola en la terminal\",\"otro\":\"Protección\",\"lista\":[\"A\",\"7\"]}");
	assert_becomes(p, "{\"clase\": \"[]\"}", "{}");
	assert_fault(p, "{\"clase\": \"not json\"}", REASON_TEXT_FORM, "lista", "clase");
	registro(p, "  texto: {from: clase, json: \"[2].code\"}\n");
	assert_becomes(p, "{\"clase\": \"[{\\\"code\\\": \\\"A\\\"}, {\\\"code\\\": 7}, {\\\"code\\\": 8}]\"}",
	    "{\"texto\":\"7\"}");
}

static void
ordered_questions_decide_and_other_keeps_its_text(void **state)
{
	// 26: the GBV type is the first question answered yes; a service nobody listed is OTHER with what was written.
	struct probe *p = *state;

	table(p, "table: s\n", "from,to\nalbergue,SAFE_SHELTER\n");
	registro(p,
	    "  codigo:\n    choose:\n      - {when: {violacion: si}, is: RAPE}\n      - {when: {agresion: si}, is: PHYSICAL_ASSAULT}\n"
	    "      - {when: {negacion: si}, is: DENIAL_OF_RESOURCES}\n    otherwise: {is: NON_GBV}\n"
	    "  texto: {from: servicio, table: s, if_unknown: {is: SERVICE_OTHER}}\n"
	    "  otro:\n    choose:\n      - {when: {servicio: [albergue]}, is: \"\"}\n      - {when: {servicio: {present: true}}, from: servicio}\n    otherwise: absent\n");
	assert_becomes(p,
	    "{\"violacion\": \"no\", \"agresion\": \"si\", \"negacion\": \"si\", \"servicio\": \"traslado\"}",
	    "{\"texto\":\"SERVICE_OTHER\",\"otro\":\"traslado\",\"codigo\":\"PHYSICAL_ASSAULT\"}");
	assert_becomes(p, "{\"servicio\": \"albergue\"}", "{\"texto\":\"SAFE_SHELTER\",\"codigo\":\"NON_GBV\"}");
}

static void
labels_lose_their_suffix_and_numbers_become_words(void **state)
{
	// 27: "Night (18-06)" is Night; three is 3 and four is "more than 3".
	struct probe *p = *state;

	registro(p,
	    "  texto: {from: clase, pattern: \"{period} ({hours})\", part: period}\n"
	    "  otro: {from: victimas, more_than: {number: 3, is: more than 3}}\n  codigo: {from: etiqueta, strip_suffix: [\" (anon)\", \" (n)\"]}\n");
	assert_becomes(p, "{\"clase\": \"Night (18-06)\", \"victimas\": \"3\", \"etiqueta\": \"M-1 (n)\"}",
	    "{\"texto\":\"Night\",\"otro\":\"3\",\"codigo\":\"M-1\"}");
	assert_becomes(p, "{\"victimas\": \"4\"}", "{\"otro\":\"more than 3\"}");
	registro(p,
	    "  texto: {from: clase, extract: \"[A-Z][a-z]+\"}\n  otro: {from: nota, extract: \"[0-9]{3}-[0-9]{9}\", if_unknown: absent}\n");
	assert_becomes(p, "{\"clase\": \"Night (18-06)\"}", "{\"texto\":\"Night\"}");
	assert_becomes(p, "{\"nota\": \"ver exp. 803-100000519, o 803-100000519\"}", "{\"otro\":\"803-100000519\"}");
	assert_becomes(p, "{\"nota\": \"803-100000519 y 803-100000520\"}", "{}");
	assert_fault(p, "{\"clase\": \"Night or Day\"}", REASON_AMBIGUOUS, "texto", "clase");
	assert_fault(p, "{\"clase\": \"18-06\"}", REASON_TEXT_FORM, "texto", "clase");
}

static void
what_depends_on_an_answer_is_required_with_that_answer(void **state)
{
	// 28: "other, specify": the text is required where the service is OTHER, and nowhere else.
	struct probe *p = *state;

	registro(p, "  texto: {from: servicio_otro, required_if: {servicio: OTRO}}\n");
	assert_becomes(p, "{\"servicio\": \"OTRO\", \"servicio_otro\": \"traslado\"}", "{\"texto\":\"traslado\"}");
	assert_becomes(p, "{\"servicio\": \"SALUD\"}", "{}");
	assert_fault(p, "{\"servicio\": \"OTRO\"}", REASON_REQUIRED_MISSING, "texto", "servicioOtro");
}

static void
telephones_are_numbers_of_a_country_or_stay_as_they_were_said(void **state)
{
	// 31: 044, 01, +52 1, eight digits of Honduras, words in the box, a zero that a number type lost: nothing is guessed.
	struct probe *p = *state;

	table(p, "table: lada\ncolumns: [country, code, trunk, lengths, infix]\n",
	    "country,code,trunk,lengths,infix\nMEX,52,044|045|01,10,1\nHND,504,,8,\nGTM,502,,8,\n");
	registro(p,
	    "  texto: {from: telefono, phone: lada, country: {from: pais, if_empty: {is: MEX}}, if_unknown: absent}\n"
	    "  raw: telefono\n  si: {from: telefono, phone: lada, country: {from: pais, if_empty: {is: MEX}}}\n"
	    "  otro: {from: telefono_numero, phone: lada, country: {is: MEX}, if_unknown: keep}\n");
	assert_becomes(p, "{\"telefono\": \"044 962 123-4567\", \"telefono_numero\": 9621234567}",
	    "{\"texto\":\"+529621234567\",\"otro\":\"+529621234567\",\"si\":true,\"raw\":\"044 962 123-4567\"}");
	assert_becomes(p, "{\"telefono\": \"+52 1 962 123 4567\"}",
	    "{\"texto\":\"+529621234567\",\"si\":true,\"raw\":\"+52 1 962 123 4567\"}");
	assert_becomes(p, "{\"telefono\": \"9988-7766\", \"pais\": \"HND\"}",
	    "{\"texto\":\"+50499887766\",\"si\":true,\"raw\":\"9988-7766\"}");
	assert_becomes(p, "{\"telefono\": \"Child /Caretaker Telephone1\"}",
	    "{\"si\":false,\"raw\":\"Child /Caretaker Telephone1\"}");
	assert_becomes(p, "{\"telefono\": \"0000000000\", \"telefono_numero\": 12345}",
	    "{\"otro\":\"12345\",\"si\":false,\"raw\":\"0000000000\"}");
}

static void
coordinates_say_which_number_comes_first(void **state)
{
	// 37: longitude first in WKT, latitude first at Kobo and in CAP: the form is named, and a swapped pair is refused where it can be.
	struct probe *p = *state;

	registro(p,
	    "  decimal: {from: coordenadas, geo: wkt, geo_as: latitude}\n  texto: {from: coordenadas, geo: wkt, geo_as: longitude}\n"
	    "  otro: {from: coordenadas, geo: wkt, geo_as: cap}\n  codigo: {from: nota, empty_if: [\"null null\"], geo: kobo, geo_as: wkt, if_unknown: absent}\n");
	assert_becomes(p, "{\"coordenadas\": \"POINT (-92.26 14.9)\", \"nota\": \"14.90 -92.26 180.0 5\"}",
	    "{\"texto\":\"-92.26\",\"otro\":\"14.9,-92.26\",\"decimal\":14.9,\"codigo\":\"POINT (-92.26 14.90)\"}");
	assert_fault(p, "{\"coordenadas\": \"POINT (14.9 -92.26)\"}", REASON_TEXT_FORM, "decimal", "coordenadas");
	assert_becomes(p, "{\"nota\": \"null null\"}", "{}");
	assert_becomes(p, "{\"nota\": \"14.90\"}", "{}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(two_surnames_are_two_and_particles_belong_to_them),
	    probe_test(a_name_in_two_scripts_is_packed_and_unpacked_by_one_pattern),
	    probe_test(a_name_keeps_its_letters_and_is_only_folded_to_compare),
	    probe_test(a_key_of_two_parts_can_be_taken_apart_again),
	    probe_test(what_is_joined_has_no_gaps_and_no_repetitions),
	    probe_test(text_inside_text_is_read_as_what_it_is),
	    probe_test(ordered_questions_decide_and_other_keeps_its_text),
	    probe_test(labels_lose_their_suffix_and_numbers_become_words),
	    probe_test(what_depends_on_an_answer_is_required_with_that_answer),
	    probe_test(telephones_are_numbers_of_a_country_or_stay_as_they_were_said),
	    probe_test(coordinates_say_which_number_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

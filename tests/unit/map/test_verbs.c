// SPDX-License-Identifier: Apache-2.0
// Every verb and every conversion: what comes out, and what is refused.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

// ---- copy ---------------------------------------------------------------------------------------------------------

static void
a_bare_word_copies_a_field_by_either_of_its_names(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  id: folio\n  texto: Folio del acta\n  lugar.entidad: lugar.lugar/entidad.clave\n");
	assert_becomes(p, "{\"Folio del acta\": \"A-1\", \"lugar\": {\"lugar/entidad.clave\": \"07\"}}",
	    "{\"id\":\"A-1\",\"texto\":\"A-1\",\"lugar\":{\"entidad\":\"07\"}}");
}

static void
an_absent_field_stays_absent_and_an_empty_one_empty(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  id: folio\n  texto_opcional: nota\n");
	assert_becomes(p, "{\"folio\": \"A-1\"}", "{\"id\":\"A-1\"}");
	assert_becomes(p, "{\"folio\": \"A-1\", \"nota\": \"\"}", "{\"id\":\"A-1\",\"texto_opcional\":\"\"}");
	assert_becomes(p, "{}", "{}");
}

static void
whole_numbers_become_wider_ones_and_text_and_text_becomes_numbers(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  largo: cuenta\n  texto: grande\n  entero: edad\n  decimal: nombres\n");
	assert_becomes(p,
	    "{\"cuenta\": -5, \"grande\": \"-9223372036854775808\", \"edad\": \"013\", \"nombres\": \"1.5\"}",
	    "{\"texto\":\"-9223372036854775808\",\"entero\":13,\"largo\":\"-5\",\"decimal\":1.5}");
	assert_fault(p, "{\"edad\": \"trece\"}", REASON_NOT_NUMBER, "entero", "edad");
	assert_fault(p, "{\"edad\": \"2147483648\"}", REASON_NOT_NUMBER, "entero", "edad");
}

static void
a_list_is_copied_in_its_order_and_translated_item_by_item(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  lista: {from: idiomas, clean: [trim, lower], empty_if: [NINGUNO]}\n  numeros: montos\n  niveles: niveles\n");
	assert_becomes(p,
	    "{\"idiomas\": [\" ES \", \"NINGUNO\", \"\", \"CAB\"], \"montos\": [3, -1, 0], \"niveles\": [\"BAJO\", \"ALTO\"]}",
	    "{\"lista\":[\"es\",\"cab\"],\"numeros\":[3,-1,0],\"niveles\":[\"BAJO\",\"ALTO\"]}");
}

static void
one_text_becomes_a_list_of_one_and_a_list_in_a_cell_is_split(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  lista: {from: telefonos, clean: [digits_only]}\n  numeros: edad\n");
	assert_becomes(p, "{\"telefonos\": \"962-1|tel 55|\", \"edad\": \"13\"}",
	    "{\"lista\":[\"9621\",\"55\"],\"numeros\":[13]}");
	assert_becomes(p, "{}", "{}");
}

static void
a_message_of_the_same_type_is_copied_without_what_its_schema_does_not_know(void **state)
{
	struct probe *p = *state;
	struct index_fault fault;

	acta_to_ficha(p, "  lugar: lugar\n  acta: anterior\n  extras: extras\n");
	assert_becomes(p,
	    "{\"lugar\": {\"calle\": \"5 de mayo\"}, \"anterior\": {\"idiomas\": [\"es\"], \"montos\": [1, 2], \"activo\": false, \"anterior\": {}}, "
	    "\"extras\": {\"k\": \"v\"}}",
	    "{\"lugar\":{\"calle\":\"5 de mayo\"},\"extras\":{\"k\":\"v\"},\"acta\":{\"idiomas\":[\"es\"],\"activo\":false,\"montos\":[1,2],"
	    "\"anterior\":{}}}");

	// Lugar {calle: "x", unknown 99: "y"}, said in two pieces that are one message.
	static const uint8_t wire[] = "\x8a\x01\x03\x0a\x01x\x8a\x01\x04\x9a\x06\x01y";

	assert_ok(index_build(&p->index, mapping_from(p->mapping), view_of(wire, sizeof(wire) - 1), &fault));
	assert_ok(plan_run(p->plan, &p->index, &p->env, &p->run, &p->fault));
	assert_int_equal(p->run.outputs[0].payload.len, 5);
	assert_memory_equal(p->run.outputs[0].payload.data, "\x72\x03\x0a\x01x", 5);
}

static void
an_equal_enum_is_copied_by_itself(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  nivel: nivel\n");
	assert_becomes(p, "{\"nivel\": \"MEDIO\"}", "{\"nivel\":\"MEDIO\"}");
}

// ---- is, sender, now ----------------------------------------------------------------------------------------------

static void
a_literal_stands_behind_is(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  id: {is: folio}\n  grado: {is: MENOR}\n  verdad: {is: false}\n  entero: {is: -3}\n  decimal: {is: 2.5}\n  lista: {is: uno}\n"
	    "  cerrado: {is: X}\n  texto: {sender: agency}\n  texto_opcional: {now: recorded}\n  momento: {now: recorded}\n");
	assert_becomes(p, "{}",
	    "{\"id\":\"folio\",\"texto\":\"inm\",\"texto_opcional\":\"2026-11-18T11:06:40.000Z\",\"grado\":\"MENOR\",\"verdad\":false,\"entero\":-3,"
	    "\"decimal\":2.5,\"lista\":[\"uno\"],\"momento\":{\"ms\":\"1795000000000\"},\"cerrado\":\"X\"}");
}

// ---- id_from ------------------------------------------------------------------------------------------------------

static void
copy_id(struct probe *p, const char *json, char dst[64])
{
	assert_ok(run_json(p, json));
	(void)snprintf(dst, 64, "%s", output_json(p, 0));
}

static void
an_id_is_keyed_and_the_same_for_the_same_parts(void **state)
{
	struct probe *p = *state;
	char one[64], again[64], other[64], moved[64], elsewhere[64], rekeyed[64];

	acta_to_ficha(p, "  id: {id_from: [folio, cuenta]}\n");
	copy_id(p, "{\"folio\": \"A\", \"cuenta\": 12}", one);
	copy_id(p, "{\"folio\": \"A\", \"cuenta\": 12, \"sexo\": \"M\"}", again);
	copy_id(p, "{\"folio\": \"A\", \"cuenta\": 13}", other);
	copy_id(p, "{\"folio\": \"A1\", \"cuenta\": 2}", moved);
	p->env.sender = "comar";
	copy_id(p, "{\"folio\": \"A\", \"cuenta\": 12}", elsewhere);
	p->env.sender = "inm";
	p->env.id_key[0] ^= 1;
	copy_id(p, "{\"folio\": \"A\", \"cuenta\": 12}", rekeyed);
	assert_int_equal(strlen(one), strlen("{\"id\":\"\"}") + 32);
	assert_string_equal(one, again);
	assert_string_not_equal(one, other);
	assert_string_not_equal(one, moved);
	assert_string_not_equal(one, elsewhere);
	assert_string_not_equal(one, rekeyed);
}

static void
two_mappings_into_one_vocabulary_make_the_same_id(void **state)
{
	struct probe *p = *state;
	char ficha[64], exigente[64];

	acta_to_ficha(p, "  id: {id_from: [folio]}\n");
	copy_id(p, "{\"folio\": \"A\"}", ficha);
	compile_ok(p, mapping_text(p, "probe.v1.Acta", "probe.v1.Renglon", "", "  codigo: {id_from: [folio]}\n"));
	plan_with(p, grants_all());
	copy_id(p, "{\"folio\": \"A\"}", exigente);
	assert_string_equal(strchr(ficha, ':'), strchr(exigente, ':'));
}

static void
an_id_of_a_missing_part_is_none(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  id: {id_from: [folio, nota]}\n");
	assert_becomes(p, "{\"folio\": \"A\"}", "{}");
	assert_becomes(p, "{\"folio\": \"A\", \"nota\": \"\"}", "{}");
}

// ---- join ---------------------------------------------------------------------------------------------------------

static void
joined_parts_leave_no_gap_where_one_is_missing(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto: {join: [nombres, primer_apellido, segundo_apellido], clean: [trim, name_case], empty_if: [SIN DATO]}\n"
	    "  lista: {join: [idiomas, cuenta], with: \"; \"}\n");
	assert_becomes(p,
	    "{\"nombres\": \" MARIA  \", \"primer_apellido\": \"DE LA CRUZ\", \"segundo_apellido\": \"SIN DATO\", \"idiomas\": [\"es\", \"\", \"en\"], \"cuenta\": 4}",
	    "{\"texto\":\"Maria de la Cruz\",\"lista\":[\"es; en; 4\"]}");
	assert_becomes(p, "{\"segundo_apellido\": \"PAZ\"}", "{\"texto\":\"Paz\"}");
	assert_becomes(p, "{}", "{}");
}

// ---- choose -------------------------------------------------------------------------------------------------------

static void
the_first_arm_that_matches_decides(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  grado:\n    choose:\n      - {when: {nna: S, sexo: [M, H]}, is: MAYOR}\n      - {when: {nna: [S, N]}, is: MENOR}\n    otherwise: hold\n");
	assert_becomes(p, "{\"nna\": \"S\", \"sexo\": \"H\"}", "{\"grado\":\"MAYOR\"}");
	assert_becomes(p, "{\"nna\": \"S\", \"sexo\": \"X\"}", "{\"grado\":\"MENOR\"}");
	assert_fault(p, "{\"nna\": \"\"}", REASON_CHOOSE_NONE, "grado", "nna, sexo");
	assert_fault(p, "{\"nna\": \"s\"}", REASON_CHOOSE_NONE, "grado", "nna, sexo");
	assert_int_equal(p->fault.where.line, 6);
}

static void
otherwise_may_be_absent_or_a_value_and_arms_may_copy(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto:\n    choose:\n      - {when: {activo: true}, from: nombres, clean: [lower]}\n    otherwise: absent\n"
	    "  lista:\n    choose:\n      - {when: {nivel: ALTO}, from: idiomas}\n    otherwise: {is: ninguno}\n");
	assert_becomes(p, "{\"activo\": true, \"nombres\": \"ANA\", \"nivel\": \"ALTO\", \"idiomas\": [\"a\", \"b\"]}",
	    "{\"texto\":\"ana\",\"lista\":[\"a\",\"b\"]}");
	assert_becomes(p, "{\"activo\": false, \"nombres\": \"ANA\"}", "{\"lista\":[\"ninguno\"]}");
}

// ---- each, one_event_per, elements --------------------------------------------------------------------------------

static void
each_translates_every_item_and_may_look_outside(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  renglones:\n    each: servicios\n    called: s\n    set:\n      codigo: s.clave\n      caso: folio\n      nota: {from: s.nota, if_empty: {is: sin nota}}\n");
	assert_becomes(p,
	    "{\"folio\": \"A\", \"servicios\": [{\"clave\": \"X\"}, {\"clave\": \"Y\", \"nota\": \"n\"}]}",
	    "{\"renglones\":[{\"codigo\":\"X\",\"nota\":\"sin nota\",\"caso\":\"A\"},{\"codigo\":\"Y\",\"nota\":\"n\",\"caso\":\"A\"}]}");
	assert_becomes(p, "{\"folio\": \"A\"}", "{}");
}

static void
each_inside_each_follows_its_own_item(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  renglones:\n    each: servicios\n    called: s\n    set:\n      codigo: s.clave\n      dentro:\n        each: s.pasos\n        called: paso\n"
	    "        set: {codigo: paso.que, caso: s.clave}\n");
	assert_becomes(p,
	    "{\"servicios\": [{\"clave\": \"X\", \"pasos\": [{\"que\": \"1\"}, {\"que\": \"2\"}]}, {\"clave\": \"Y\"}]}",
	    "{\"renglones\":[{\"codigo\":\"X\",\"dentro\":[{\"codigo\":\"1\",\"caso\":\"X\"},{\"codigo\":\"2\",\"caso\":\"X\"}]},{\"codigo\":\"Y\"}]}");
}

static void
each_over_plain_values_names_the_value(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  renglones:\n    each: idiomas\n    called: idioma\n    set: {codigo: {from: idioma, clean: [upper]}, nota: {is: fija}}\n");
	assert_becomes(p, "{\"idiomas\": [\"es\", \"\", \"cab\"]}",
	    "{\"renglones\":[{\"codigo\":\"ES\",\"nota\":\"fija\"},{\"codigo\":\"CAB\",\"nota\":\"fija\"}]}");
}

static void
one_event_per_item_each_with_its_position(void **state)
{
	struct probe *p = *state;

	compile_ok(p,
	    mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha",
		"one_event_per: {item_of: servicios, called: servicio}\n",
		"  id: {id_from: [folio, servicio.clave]}\n  texto: servicio.clave\n  numeros: servicio.dias\n"));
	plan_with(p, grants_all());
	assert_ok(run_json(p,
	    "{\"folio\": \"A\", \"servicios\": [{\"clave\": \"X\", \"dias\": 2}, {\"clave\": \"Y\"}, {\"clave\": \"X\"}]}"));
	assert_int_equal(p->run.output_count, 3);
	assert_view_is("0", p->run.outputs[0].split_key);
	assert_view_is("2", p->run.outputs[2].split_key);
	assert_non_null(strstr(output_json(p, 0), "\"texto\":\"X\",\"numeros\":[2]"));
	assert_non_null(strstr(output_json(p, 1), "\"texto\":\"Y\"}"));
	assert_ok(run_json(p, "{\"folio\": \"A\"}"));
	assert_int_equal(p->run.output_count, 0);
}

static void
as_many_outputs_as_the_limit_and_not_one_more(void **state)
{
	struct probe *p = *state;
	struct buf b = BUF_EMPTY;

	compile_ok(p,
	    mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "one_event_per: {item_of: idiomas, called: idioma}\n",
		"  id: idioma\n"));
	plan_with(p, grants_all());
	for (unsigned count = LIMIT_OUTPUTS_PER_INPUT; count <= LIMIT_OUTPUTS_PER_INPUT + 1; count++) {
		buf_clear(&b);
		buf_put_str(&b, "{\"idiomas\": [");
		for (unsigned i = 0; i < count; i++) {
			buf_printf(&b, "%s\"i%u\"", i == 0 ? "" : ",", i);
		}
		buf_put_str(&b, "]}");
		if (count == LIMIT_OUTPUTS_PER_INPUT) {
			assert_ok(run_json(p, buf_cstr(&b)));
			assert_int_equal(p->run.output_count, LIMIT_OUTPUTS_PER_INPUT);
			assert_string_equal(output_json(p, 63), "{\"id\":\"i63\"}");
			assert_string_equal(output_json(p, 0), "{\"id\":\"i0\"}");
		} else {
			assert_fault(p, buf_cstr(&b), REASON_TOO_MANY_OUTPUTS, "", "idiomas");
		}
	}
	buf_fini(&b);
}

static void
single_items_of_a_repeated_message_are_named_by_their_number(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  renglones[2].codigo: {is: CURP}\n  renglones[2].nota: sexo\n  renglones[1].codigo: {is: FOLIO}\n  renglones[1].nota: folio\n");
	assert_becomes(p, "{\"folio\": \"A\", \"sexo\": \"M\"}",
	    "{\"renglones\":[{\"codigo\":\"FOLIO\",\"nota\":\"A\"},{\"codigo\":\"CURP\",\"nota\":\"M\"}]}");
	assert_becomes(p, "{\"sexo\": \"M\"}", "{\"renglones\":[{\"codigo\":\"CURP\",\"nota\":\"M\"}]}");
	assert_becomes(p, "{}", "{}");
}

// ---- referral_by --------------------------------------------------------------------------------------------------

static bool
know_one(void *context, const char *sender, struct view reference, struct view *ret)
{
	assert_ptr_equal(context, know_one);
	assert_string_equal(sender, "inm");
	*ret = view_text("0123abcd");
	return view_is(reference, "EXP-7");
}

static void
a_referral_is_found_by_the_number_that_its_sender_knows(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  id: {referral_by: folio}\n");
	assert_fault(p, "{\"folio\": \"EXP-7\"}", REASON_REFERRAL_UNKNOWN, "id", "Folio del acta");
	p->env.referral_by = know_one;
	p->env.context = (void *)know_one;
	assert_becomes(p, "{\"folio\": \"EXP-7\"}", "{\"id\":\"0123abcd\"}");
	assert_becomes(p, "{}", "{}");
	assert_fault(p, "{\"folio\": \"EXP-8\"}", REASON_REFERRAL_UNKNOWN, "id", "Folio del acta");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_bare_word_copies_a_field_by_either_of_its_names),
	    probe_test(an_absent_field_stays_absent_and_an_empty_one_empty),
	    probe_test(whole_numbers_become_wider_ones_and_text_and_text_becomes_numbers),
	    probe_test(a_list_is_copied_in_its_order_and_translated_item_by_item),
	    probe_test(one_text_becomes_a_list_of_one_and_a_list_in_a_cell_is_split),
	    probe_test(a_message_of_the_same_type_is_copied_without_what_its_schema_does_not_know),
	    probe_test(an_equal_enum_is_copied_by_itself),
	    probe_test(a_literal_stands_behind_is),
	    probe_test(an_id_is_keyed_and_the_same_for_the_same_parts),
	    probe_test(two_mappings_into_one_vocabulary_make_the_same_id),
	    probe_test(an_id_of_a_missing_part_is_none),
	    probe_test(joined_parts_leave_no_gap_where_one_is_missing),
	    probe_test(the_first_arm_that_matches_decides),
	    probe_test(otherwise_may_be_absent_or_a_value_and_arms_may_copy),
	    probe_test(each_translates_every_item_and_may_look_outside),
	    probe_test(each_inside_each_follows_its_own_item),
	    probe_test(each_over_plain_values_names_the_value),
	    probe_test(one_event_per_item_each_with_its_position),
	    probe_test(as_many_outputs_as_the_limit_and_not_one_more),
	    probe_test(single_items_of_a_repeated_message_are_named_by_their_number),
	    probe_test(a_referral_is_found_by_the_number_that_its_sender_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What holds for a run as a whole: required fields, guards, lineage, memory.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

static void
a_required_field_that_comes_out_empty_stops_the_event(void **state)
{
	struct probe *p = *state;
	static const char *const sexes[] = {"M", "MAYOR", "X", "GRADO_SIN", NULL};

	add_table(p, "sexo", "one_way", sexes);
	compile_ok(p,
	    mapping_text(p, "probe.v1.Acta", "probe.v1.Exigente", "",
		"  id: {from: nota, clean: [trim]}\n  grado: {from: sexo, table: sexo}\n"));
	plan_with(p, grants_all());
	assert_becomes(p, "{\"nota\": \"A\", \"sexo\": \"M\"}", "{\"id\":\"A\",\"grado\":\"MAYOR\"}");
	assert_fault(p, "{\"nota\": \" \", \"sexo\": \"M\"}", REASON_REQUIRED_MISSING, "id", "nota");
	assert_fault(p, "{\"sexo\": \"M\"}", REASON_REQUIRED_MISSING, "id", "nota");
	assert_fault(p, "{\"nota\": \"A\", \"sexo\": \"\"}", REASON_REQUIRED_MISSING, "grado", "sexo");
	assert_fault(p, "{\"nota\": \"A\", \"sexo\": \"X\"}", REASON_REQUIRED_MISSING, "grado", "sexo");
}

// Lineage makes a run go another way through the plain copies: the bytes are the same, whatever is empty, zero or absent.
static void
plain_copies_are_the_same_with_lineage_and_without(void **state)
{
	struct probe *p = *state;
	static const char *const actas[] = {
	    "{}",
	    "{\"folio\": \"A\", \"nota\": \"\", \"cuenta\": 0, \"grande\": \"0\", \"latitud\": 0, \"activo\": false, \"lugar\": {}}",
	    ("{\"folio\": \"\\u00d1\", \"nota\": \"n\", \"cuenta\": -1, \"grande\": \"-9223372036854775808\", \"latitud\": -14.5, "
	     "\"activo\": true, \"firma\": \"AP8=\", \"nivel\": \"BAJO\", \"lugar\": {\"calle\": \"c\", \"entidad\": \"07\"}}"),
	    "{\"nivel\": 77, \"cuenta\": 128, \"grande\": \"300\", \"lugar\": {\"entidad\": \"\"}}",
	};

	acta_to_ficha(p,
	    "  id: folio\n  texto_opcional: nota\n  entero: cuenta\n  largo: grande\n  decimal: latitud\n  verdad: activo\n"
	    "  octetos: firma\n  nivel: nivel\n  lugar.calle: lugar.calle\n  lugar.entidad: lugar.entidad\n");
	for (size_t i = 0; i < EN_COUNT_OF(actas); i++) {
		p->run.trace = false;
		assert_ok(run_json(p, actas[i]));
		struct view plain = arena_copy(&p->arena, p->run.outputs[0].payload);

		p->run.trace = true;
		assert_ok(run_json(p, actas[i]));
		assert_true(view_equal(plain, p->run.outputs[0].payload));
		assert_int_equal(p->run.trace_count > 0, i > 0);
	}
	assert_becomes(p, actas[2],
	    "{\"id\":\"\u00d1\",\"texto_opcional\":\"n\",\"verdad\":true,\"entero\":-1,\"largo\":\"-9223372036854775808\","
	    "\"decimal\":-14.5,\"lugar\":{\"calle\":\"c\",\"entidad\":\"07\"},\"octetos\":\"AP8=\",\"nivel\":\"BAJO\"}");
}

static void
a_required_field_of_a_sub_message_is_asked_for_only_when_that_is_there(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  id: folio\n  hoja.necesario: nota\n  hoja.otro: sexo\n");
	assert_becomes(p, "{\"folio\": \"A\"}", "{\"id\":\"A\"}");
	assert_becomes(p, "{\"nota\": \"n\"}", "{\"hoja\":{\"necesario\":\"n\"}}");
	assert_fault(p, "{\"sexo\": \"M\"}", REASON_REQUIRED_MISSING, "hoja.necesario", "nota");
}

static void
a_mapping_takes_only_what_its_condition_lets_in(void **state)
{
	struct probe *p = *state;

	compile_ok(
	    p, mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "when: {nna: S, nivel: ALTO}\n", "  id: folio\n"));
	plan_with(p, grants_all());
	assert_becomes(p, "{\"folio\": \"A\", \"nna\": \"S\", \"nivel\": \"ALTO\"}", "{\"id\":\"A\"}");
	assert_ok(run_json(p, "{\"folio\": \"A\", \"nna\": \"N\", \"nivel\": 77}"));
	assert_int_equal(p->run.output_count, 0);
	assert_fault(p, "{\"folio\": \"A\", \"nna\": \"S\", \"nivel\": 77}", REASON_CONDITION_ERROR, "when", "");
	assert_int_equal(p->fault.where.line, 4);
}

static void
a_fault_in_one_item_stops_all_of_them(void **state)
{
	struct probe *p = *state;

	compile_ok(p,
	    mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "one_event_per: {item_of: servicios, called: s}\n",
		"  entero: s.clave\n"));
	plan_with(p, grants_all());
	assert_ok(run_json(p, "{\"servicios\": [{\"clave\": \"1\"}, {\"clave\": \"2\"}]}"));
	assert_int_equal(p->run.output_count, 2);
	assert_fault(p, "{\"servicios\": [{\"clave\": \"1\"}, {\"clave\": \"dos\"}]}", REASON_NOT_NUMBER, "entero",
	    "servicios.clave");
}

static void
a_fault_never_repeats_the_value(void **state)
{
	struct probe *p = *state;
	static const char *const sexes[] = {"M", "MAYOR", NULL};

	add_table(p, "sexo", "one_way", sexes);
	acta_to_ficha(p,
	    "  grado: {from: sexo, table: sexo}\n  entero: edad\n  fecha: {from: nacimiento, date: dd/mm/aaaa}\n  verdad: {from: nombres, true_if: [S], false_if: [N]}\n");
	static const char *const inputs[] = {"{\"sexo\": \"SECRETO\"}", "{\"edad\": \"SECRETO\"}",
	    "{\"nacimiento\": \"SECRETO\"}", "{\"nombres\": \"SECRETO\"}"};

	for (size_t i = 0; i < EN_COUNT_OF(inputs); i++) {
		assert_err(EN_EMAPPING, run_json(p, inputs[i]));
		assert_null(strstr(p->fault.target, "SECRETO"));
		assert_null(strstr(p->fault.source, "SECRETO"));
		assert_null(strstr(p->fault.table, "SECRETO"));
	}
}

static void
lineage_says_for_each_field_where_it_came_from(void **state)
{
	struct probe *p = *state;
	static const char *const sexes[] = {"M", "MAYOR", NULL};

	add_table(p, "sexo", "one_way", sexes);
	acta_to_ficha(p,
	    "  id: folio\n  grado: {from: sexo, table: sexo}\n  texto: {is: fijo}\n  lugar.calle: nota\n"
	    "  cerrado:\n    choose:\n      - {when: {nna: S}, is: X, because: \"art. 112\"}\n    otherwise: absent\n  lista: {join: [nombres, primer_apellido]}\n"
	    "  renglones: {each: servicios, called: s, set: {codigo: s.clave, nota: s.nota}}\n");
	p->run.trace = true;
	assert_ok(run_json(p,
	    "{\"folio\": \"A\", \"sexo\": \"M\", \"nna\": \"S\", \"nombres\": \"Ana\", \"servicios\": [{\"clave\": \"1\"}, {\"clave\": \"2\", \"nota\": \"n\"}]}"));
	static const struct {
		const char *target, *source, *table, *decided_by, *because;
		uint32_t line;
	} wanted[] = {
	    {"id", "Folio del acta", NULL, NULL, NULL, 5},
	    {"texto", NULL, NULL, NULL, NULL, 7},
	    {"grado", "sexo", "sexo", NULL, NULL, 6},
	    {"lista", "nombres, primerApellido", NULL, NULL, NULL, 13},
	    {"renglones.codigo", "servicios.clave", NULL, NULL, NULL, 14},
	    {"renglones.codigo", "servicios.clave", NULL, NULL, NULL, 14},
	    {"renglones.nota", "servicios.nota", NULL, NULL, NULL, 14},
	    {"cerrado", NULL, NULL, "nna", "art. 112", 11},
	};

	assert_int_equal(p->run.trace_count, EN_COUNT_OF(wanted));
	for (size_t i = 0; i < EN_COUNT_OF(wanted); i++) {
		const struct map_trace *t = &p->run.traces[i];

		assert_string_equal(t->target, wanted[i].target);
		assert_int_equal(t->where.line, wanted[i].line);
		assert_string_equal(
		    t->source == NULL ? "" : t->source, wanted[i].source == NULL ? "" : wanted[i].source);
		assert_string_equal(t->table == NULL ? "" : t->table, wanted[i].table == NULL ? "" : wanted[i].table);
		assert_string_equal(t->decided_by == NULL ? "" : t->decided_by,
		    wanted[i].decided_by == NULL ? "" : wanted[i].decided_by);
		assert_string_equal(
		    t->because == NULL ? "" : t->because, wanted[i].because == NULL ? "" : wanted[i].because);
	}
	assert_int_equal(p->run.traces[2].table_row.line, 2);
	// What stands there because something was empty or unknown was decided by that.
	acta_to_ficha(p, "  texto: {from: nota, if_empty: {is: x}}\n  entero: {from: folio, if_unknown: {is: 1}}\n");
	assert_ok(run_json(p, "{\"folio\": \"no\"}"));
	assert_int_equal(p->run.trace_count, 2);
	assert_string_equal(p->run.traces[0].decided_by, "nota");
	assert_string_equal(p->run.traces[1].decided_by, "Folio del acta");
	// What was left out leaves no line behind, and without trace nothing is told.
	acta_to_ficha(p, "  renglones[1].codigo: {is: CURP}\n  renglones[1].nota: folio\n");
	assert_ok(run_json(p, "{}"));
	assert_int_equal(p->run.trace_count, 0);
	p->run.trace = false;
	assert_ok(run_json(p, "{\"folio\": \"A\"}"));
	assert_int_equal(p->run.trace_count, 0);
}

static const char all_verbs[] =
    "  id: {id_from: [folio, cuenta]}\n  texto: {join: [nombres, primer_apellido, segundo_apellido], clean: [trim, name_case]}\n  lista: {from: idiomas, clean: [upper]}\n"
    "  numeros: montos\n  fecha: {from: nacimiento, date: dd/mm/aaaa}\n  texto_opcional: {from: fecha, date: aaaa-mm-dd}\n  largo: cuenta\n  lugar: lugar\n"
    "  renglones: {each: servicios, called: s, set: {codigo: {from: s.clave, clean: [lower]}, nota: s.nota, dentro: {each: s.pasos, called: t, set: {codigo: t.que}}}}\n"
    "  hoja.necesario: folio\n  acta: anterior\n  izquierda: {from: grande}\n";
static const char all_input[] =
    "{\"folio\": \"A\", \"cuenta\": 7, \"nombres\": \" MARIA \", \"primerApellido\": \"PAZ\", \"idiomas\": [\"es\", \"en\"], \"montos\": [1, 300, -1], "
    "\"nacimiento\": \"05/03/2011\", \"fecha\": {\"year\": 2011, \"month\": 3, \"day\": 5}, \"lugar\": {\"calle\": \"5 de mayo\"}, \"grande\": \"12\", "
    "\"servicios\": [{\"clave\": \"X\", \"nota\": \"\", \"pasos\": [{\"que\": \"1\"}, {\"que\": \"2\"}]}, {\"clave\": \"Y\"}], \"anterior\": {\"folio\": \"B\", \"montos\": [5]}}";

static void
running_out_of_memory_anywhere_is_an_error_and_changes_nothing(void **state)
{
	struct probe *p = *state;
	char *wanted;
	size_t max = 0;
	enum en_err err;

	acta_to_ficha(p, all_verbs);
	assert_ok(run_json(p, all_input));
	wanted = strdup(output_json(p, 0));
	p->run.trace = true;
	do {
		map_run_fini(&p->run);
		p->run.trace = true;
		max += 8;
		arena_init(&p->run.arena, max);
		err = plan_run(p->plan, &p->index, &p->env, &p->run, &p->fault);
		assert_true(err == EN_OK || err == EN_ENOMEM);
		assert_true(err == EN_OK || p->run.output_count == 0);
	} while (err != EN_OK);
	assert_true(max > 1024);
	assert_string_equal(output_json(p, 0), wanted);
	free(wanted);
}

static void
a_run_can_be_used_again_and_gives_the_same_bytes(void **state)
{
	struct probe *p = *state;
	struct buf first = BUF_EMPTY;

	acta_to_ficha(p, all_verbs);
	assert_ok(run_json(p, all_input));
	buf_put_view(&first, p->run.outputs[0].payload);
	for (int i = 0; i < 3; i++) {
		assert_ok(plan_run(p->plan, &p->index, &p->env, &p->run, &p->fault));
		assert_int_equal(p->run.outputs[0].payload.len, first.len);
		assert_memory_equal(p->run.outputs[0].payload.data, first.data, first.len);
	}
	buf_fini(&first);
}

// What comes out is well-formed, whatever goes in: every cut of a payload that the index still takes.
static void
every_output_is_a_payload_of_its_type(void **state)
{
	struct probe *p = *state;
	struct index out;
	struct buf whole = BUF_EMPTY;
	size_t run = 0;

	acta_to_ficha(p, all_verbs);
	index_json(p, all_input);
	buf_put_view(&whole, buf_view(&p->payload));
	index_init(&out);
	for (size_t len = 0; len <= whole.len; len++) {
		struct index_fault fault;

		if (index_build(&p->index, mapping_from(p->mapping), view_of(whole.data, len), &fault) != EN_OK ||
		    plan_run(p->plan, &p->index, &p->env, &p->run, &p->fault) != EN_OK) {
			continue;
		}
		assert_ok(index_build(&out, mapping_to(p->mapping), p->run.outputs[0].payload, &fault));
		run++;
	}
	assert_true(run > 5);
	index_fini(&out);
	buf_fini(&whole);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(plain_copies_are_the_same_with_lineage_and_without),
	    probe_test(a_required_field_that_comes_out_empty_stops_the_event),
	    probe_test(a_required_field_of_a_sub_message_is_asked_for_only_when_that_is_there),
	    probe_test(a_mapping_takes_only_what_its_condition_lets_in),
	    probe_test(a_fault_in_one_item_stops_all_of_them),
	    probe_test(a_fault_never_repeats_the_value),
	    probe_test(lineage_says_for_each_field_where_it_came_from),
	    probe_test(running_out_of_memory_anywhere_is_an_error_and_changes_nothing),
	    probe_test(a_run_can_be_used_again_and_gives_the_same_bytes),
	    probe_test(every_output_is_a_payload_of_its_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

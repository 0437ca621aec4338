// SPDX-License-Identifier: Apache-2.0
// What the person withheld is not read at delivery.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

static void
what_the_person_withheld_is_as_if_absent(void **state)
{
	struct probe *p = *state;
	const char *masked[] = {"persona.contactos", "nota", "persona.domicilio.line", NULL};

	caso_to_vista(p,
	    "  numero: numero\n  nombre: persona.nombre\n  nota: {from: nota, if_empty: {is: nada}}\n  domicilio: persona.domicilio\n  persona: persona\n"
	    "  contactos: {each: persona.contactos, called: c, set: {codigo: c.clase}}\n");
	plan_with(p, grants_all());
	p->env.masked = masked;
	assert_becomes(p, CASO,
	    "{\"numero\":\"C-1\",\"nombre\":\"Ana\",\"persona\":{\"nombre\":\"Ana\",\"nacimiento\":{\"year\":2011,\"month\":3,\"day\":5},\"sexo\":\"ALTO\","
	    "\"domicilio\":{\"adm1\":\"07\",\"country\":\"MEX\"},\"sin_etiqueta\":\"x\",\"necesidades\":[\"SC-UC\"]},"
	    "\"domicilio\":{\"adm1\":\"07\",\"country\":\"MEX\"}}");
}

static void
a_choice_does_not_tell_what_a_masked_field_says(void **state)
{
	struct probe *p = *state;
	const char *masked[] = {"persona.sexo", NULL};

	caso_to_vista(p,
	    "  numero: numero\n  nota:\n    choose:\n      - {when: {numero: C-2}, is: dos}\n      - {when: {persona.sexo: ALTO}, is: alto}\n    otherwise: {is: otro}\n");
	plan_with(p, grants_all());
	p->env.masked = masked;
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
	p->env.masked = NULL;
	assert_becomes(p, CASO, "{\"numero\":\"C-1\",\"nota\":\"alto\"}");
}

static void
a_masked_field_that_is_required_stops_the_view(void **state)
{
	struct probe *p = *state;
	const char *masked[] = {"persona", NULL};

	compile_ok(p,
	    mapping_text(
		p, "probe.v1.Caso", "probe.v1.VistaExigente", "", "  numero: numero\n  nombre: persona.nombre\n"));
	plan_with(p, grants_all());
	p->env.masked = masked;
	assert_fault(p, CASO, REASON_REQUIRED_MISSING, "nombre", "persona.nombre");
}

static void
a_masked_guard_gives_no_output(void **state)
{
	struct probe *p = *state;
	const char *masked[] = {"persona.nombre", NULL};

	compile_ok(p,
	    mapping_text(p, "probe.v1.Caso", "probe.v1.Vista", "when: {persona.nombre: Ana}\n", "  numero: numero\n"));
	plan_with(p, grants_all());
	p->env.masked = masked;
	assert_ok(run_json(p, CASO));
	assert_int_equal(p->run.output_count, 0);
}

static void
a_path_known_in_part_masks_that_part_and_an_unknown_one_nothing(void **state)
{
	struct probe *p = *state;
	const char *half[] = {"persona.telefono", NULL}, *none[] = {"found_at_office", "", NULL};

	caso_to_vista(p, "  numero: numero\n  nombre: persona.nombre\n");
	plan_with(p, grants_all());
	p->env.masked = half;
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
	p->env.masked = none;
	assert_becomes(p, CASO, "{\"numero\":\"C-1\",\"nombre\":\"Ana\"}");
}

static void
items_of_which_everything_is_masked_are_not_counted(void **state)
{
	struct probe *p = *state;
	const char *masked[] = {"persona.contactos.numero", NULL};

	caso_to_vista(p,
	    "  numero: numero\n  contactos:\n    each: persona.contactos\n    called: c\n    set: {codigo: {is: x}, caso: c.numero, nota: numero}\n");
	plan_with(p, grants_all());
	p->env.masked = masked;
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(what_the_person_withheld_is_as_if_absent),
	    probe_test(a_choice_does_not_tell_what_a_masked_field_says),
	    probe_test(a_masked_field_that_is_required_stops_the_view),
	    probe_test(a_masked_guard_gives_no_output),
	    probe_test(a_path_known_in_part_masks_that_part_and_an_unknown_one_nothing),
	    probe_test(items_of_which_everything_is_masked_are_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

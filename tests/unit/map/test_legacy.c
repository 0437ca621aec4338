// SPDX-License-Identifier: Apache-2.0
// proto2: groups as sources and targets, required fields, closed enums, lists packed and not.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

#define REGISTRO                                                                                                                                    \
	"{\"clave\": \"K\", \"linea\": [{\"texto\": \"a\", \"n\": [1, 2]}, {}, {\"texto\": \"b\"}], \"estado\": \"CERRADO\", \"sueltos\": [7, 8], " \
	"\"juntos\": [300, 1], \"pie\": {\"nota\": \"p\"}}"

static void
groups_are_copied_and_filled_like_messages(void **state)
{
	struct probe *p = *state;

	compile_ok(p,
	    mapping_text(p, "legado.v1.Registro", "legado.v1.Registro", "",
		"  clave: clave\n  linea: linea\n  pie: pie\n  sueltos: juntos\n  juntos: sueltos\n  estado: estado\n"));
	plan_with(p, grants_all());
	assert_becomes(p, REGISTRO,
	    "{\"clave\":\"K\",\"linea\":[{\"texto\":\"a\",\"n\":[1,2]},{},{\"texto\":\"b\"}],\"estado\":\"CERRADO\",\"sueltos\":[300,1],\"juntos\":[7,8],\"pie\":{\"nota\":\"p\"}}");
	compile_ok(p,
	    mapping_text(p, "legado.v1.Registro", "legado.v1.Registro", "",
		"  clave: pie.nota\n  linea: {each: linea, called: l, set: {texto: l.texto}}\n  pie.nota: clave\n"));
	plan_with(p, grants_all());
	assert_becomes(
	    p, REGISTRO, "{\"clave\":\"p\",\"linea\":[{\"texto\":\"a\"},{\"texto\":\"b\"}],\"pie\":{\"nota\":\"K\"}}");
	compile_ok(p,
	    mapping_text(p, "legado.v1.Registro", "legado.v1.Registro", "",
		"  clave: clave\n  linea[1].texto: pie.nota\n  linea[2].texto: {is: fija}\n"));
	plan_with(p, grants_all());
	assert_becomes(p, REGISTRO, "{\"clave\":\"K\",\"linea\":[{\"texto\":\"p\"}]}");
}

static void
a_field_that_proto2_requires_is_required(void **state)
{
	struct probe *p = *state;

	assert_err(
	    EN_ECONFIG, compile(p, "mapping: m\nfrom: probe.v1.Paso\nto: legado.v1.Registro\nset:\n  pie.nota: que\n"));
	assert_string_equal(found(p), "E0314 3:5 clave\n");
	compile_ok(p, mapping_text(p, "probe.v1.Paso", "legado.v1.Registro", "", "  clave: que\n"));
	plan_with(p, grants_all());
	assert_fault(p, "{}", REASON_REQUIRED_MISSING, "clave", "que");
}

// A default is what a reader makes of an absent field; nobody said it.
static void
a_default_is_not_taken_for_something_said(void **state)
{
	struct probe *p = *state;

	compile_ok(p,
	    mapping_text(
		p, "legado.v1.Registro", "probe.v1.Ficha", "", "  id: clave\n  entero_opcional: con_defecto\n"));
	plan_with(p, grants_all());
	assert_becomes(p, "{\"clave\": \"K\"}", "{\"id\":\"K\"}");
	assert_becomes(p, "{\"clave\": \"K\", \"conDefecto\": 0}", "{\"id\":\"K\",\"entero_opcional\":0}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(groups_are_copied_and_filled_like_messages),
	    probe_test(a_field_that_proto2_requires_is_required),
	    probe_test(a_default_is_not_taken_for_something_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

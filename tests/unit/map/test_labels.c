// SPDX-License-Identifier: Apache-2.0
// On the way into the shared vocabulary no datum loses its label, whatever step it takes: agreements are written in labels.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

// Whether the line, which fills a field of another label from demographic data, is told.
static bool
is_told(struct probe *p, const char *line)
{
	findings_fini(&p->findings);
	findings_init(&p->findings);
	(void)compile(
	    p, mapping_text(p, "probe.v1.Credencial", "probe.v1.Caso", "", arena_printf(&p->arena, "  %s\n", line)));
	const char *text = found(p);

	for (size_t i = 0; i < p->findings.count; i++) {
		enum finding_code code = p->findings.items[i].code;

		if (code != E0315 && code != E0403) {
			fail_msg("%s: %s", line, text);
		}
	}
	return strstr(text, "E0403") != NULL;
}

static void
what_carries_a_datum_carries_its_label(void **state)
{
	static const char *const lines[] = {"numero: edad", "numero: {from: edad, clean: [trim]}",
	    "numero: {join: [clave, edad]}", "numero: {first_of: [clave, edad]}", "numero: {fill: \"{clave}-{edad}\"}",
	    "numero: {from: edad, if_empty: {from: clave}}", "numero: {from: edad, extract: \"[0-9]+\"}",
	    "numero: {from: edad, json: a}", "numero: {from: nacimiento, date: dd/mm/aaaa}",
	    "numero: {from: nacimiento, date: dd/mm/aaaa, age_at: {now: recorded}}",
	    "numero: {from: edad, coarsen: age_band, bands: [12]}", "nota: edad", "numero: {cel: edad}",
	    "numero: {cel: \"'x' + clave + edad\"}", "numero: {cel: \"edad != '' ? edad : clave\"}",
	    "persona.necesidades: {list_of: [clave, edad]}", "persona.necesidades: {from: edad, split: \"|\"}",
	    "numero:\n    choose:\n      - {when: {clave: a}, from: edad}\n    otherwise: absent",
	    "persona.nombre: {from: edad, if_unknown: {from: clave}}",
	    // What no row has stays as it came.
	    "numero: {from: clave, table: t, if_unknown: keep}",
	    "persona.necesidades: {flags: {edad: A}, true_if: [S], false_if: [N], if_unknown: keep}",
	    "numero: {lookup: w, match: {a: edad}, take: b, if_unknown: keep}"};
	struct probe *p = *state;

	table(p, "table: t\n", "from,to\na,b\n");
	table(p, "table: w\ncolumns: [a, b]\n", "a,b\n1,2\n");
	for (size_t i = 0; i < EN_COUNT_OF(lines); i++) {
		if (!is_told(p, lines[i])) {
			fail_msg("%s", lines[i]);
		}
	}
}

static void
what_names_anew_or_only_looks_does_not(void **state)
{
	static const char *const lines[] = {"numero: {id_from: [clave, edad]}", "numero: {from: clave, table: t}",
	    "numero:\n    choose:\n      - {when: {edad: \"17\"}, is: menor}\n    otherwise: {is: otro}",
	    "numero: {lookup: w, match: {a: edad}, take: b}", "persona.sexo: {from: clave, table: t2}",
	    "persona.sin_etiqueta: edad", "persona.nacimiento: {from: nacimiento, date: dd/mm/aaaa}",
	    "numero: {is: \"1\"}", "numero: {cel: \"event.sender\"}"};
	struct probe *p = *state;

	table(p, "table: t\n", "from,to\na,b\n");
	table(p, "table: t2\n", "from,to\na,ALTO\n");
	table(p, "table: w\ncolumns: [a, b]\n", "a,b\n1,2\n");
	for (size_t i = 0; i < EN_COUNT_OF(lines); i++) {
		if (is_told(p, lines[i])) {
			fail_msg("%s", lines[i]);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(what_carries_a_datum_carries_its_label),
	    probe_test(what_names_anew_or_only_looks_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

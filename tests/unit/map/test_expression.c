// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

static const char *
findings_of(struct probe *p, const char *set)
{
	findings_fini(&p->findings);
	findings_init(&p->findings);
	assert_err(EN_ECONFIG, compile(p, mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "", set)));

	const char *all = found(p);
	struct buf b = BUF_EMPTY;

	for (const char *line = all; *line != '\0'; line += strcspn(line, "\n") + 1) {
		if (strncmp(line, "E0315", 5) != 0) { // fields that are not read are not the matter here
			buf_put(&b, line, strcspn(line, "\n") + 1);
		}
	}
	const char *text = arena_text(&p->arena, buf_view(&b));

	buf_fini(&b);
	return text;
}

static void
a_value_is_what_its_expression_gives(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto: {cel: \"nombres.upperAscii() + ' ' + primer_apellido\"}\n"
	    "  entero: {cel: \"cuenta * 2\"}\n  decimal: {cel: \"latitud / 2.0\"}\n  verdad: {cel: \"cuenta > 1\"}\n"
	    "  lista: {cel: \"idiomas.filter(i, i != 'es')\"}\n  numeros: {cel: \"servicios.map(s, s.dias)\"}\n");
	assert_becomes(p,
	    "{\"nombres\": \"Ana\", \"primer_apellido\": \"Paz\", \"cuenta\": 2, \"latitud\": 3, \"idiomas\": [\"es\", \"mam\"], "
	    "\"servicios\": [{\"dias\": 3}, {\"dias\": 5}]}",
	    "{\"texto\":\"ANA Paz\",\"verdad\":true,\"entero\":4,\"decimal\":1.5,\"lista\":[\"mam\"],\"numeros\":[3,5]}");
}

static void
a_code_is_given_by_its_name_or_its_number(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  nivel: {cel: \"nombres\"}\n  grado: {cel: \"cuenta\"}\n");
	assert_becomes(p, "{\"nombres\": \"MEDIO\", \"cuenta\": 2}", "{\"grado\":\"MENOR\",\"nivel\":\"MEDIO\"}");
	assert_fault(p, "{\"nombres\": \"OTRO\"}", REASON_MAPPING_TYPE, "nivel", "nombres");
	assert_fault(p, "{\"nombres\": \"ALTO\", \"cuenta\": 9}", REASON_MAPPING_TYPE, "grado", "cuenta");
}

static void
nothing_comes_of_an_optional_value_without_one(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto: {cel: \"folio == '' ? optional.none() : optional.of(folio)\", if_empty: {is: sin}}\n"
	    "  texto_opcional: {cel: \"data.?nota\"}\n");
	assert_becomes(p, "{}", "{\"texto\":\"sin\"}");
	assert_becomes(
	    p, "{\"Folio del acta\": \"A1\", \"nota\": \"n\"}", "{\"texto\":\"A1\",\"texto_opcional\":\"n\"}");
}

static void
now_is_the_time_of_recording_and_the_sender_is_known(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  momento: {cel: \"now\"}\n  entero: {cel: \"event.time.getFullYear()\"}\n  texto: {cel: \"event.sender\"}\n");
	assert_becomes(p, "{}", "{\"texto\":\"inm\",\"entero\":2026,\"momento\":{\"ms\":\"1795000000000\"}}");
}

static void
an_expression_without_an_answer_holds_the_event(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  entero: {cel: \"10 / cuenta\"}\n");
	assert_fault(p, "{}", REASON_EXPRESSION, "entero", "cuenta");
	acta_to_ficha(p, "  natural: {cel: \"cuenta\"}\n");
	assert_fault(p, "{\"cuenta\": -1}", REASON_MAPPING_TYPE, "natural", "cuenta");
	acta_to_ficha(p, "  entero: {cel: \"grande\"}\n");
	assert_becomes(p, "{\"grande\": \"2147483647\"}", "{\"entero\":2147483647}");
	assert_fault(p, "{\"grande\": \"2147483648\"}", REASON_MAPPING_TYPE, "entero", "grande");
	acta_to_ficha(p, "  corto: {cel: \"latitud\"}\n");
	assert_becomes(p, "{\"latitud\": 1.5}", "{\"corto\":1.5}");
	assert_becomes(p, "{\"latitud\": \"-Infinity\"}", "{\"corto\":\"-Infinity\"}");
	assert_fault(p, "{\"latitud\": 1e300}", REASON_MAPPING_TYPE, "corto", "latitud");
}

static void
an_expression_in_a_condition_decides_like_any_other(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto:\n    choose:\n      - {when: {cel: \"servicios.exists(s, s.dias > 3) && nna == 'S'\"}, is: a}\n"
	    "      - {when: {sexo: H}, is: b}\n      - {when: {cel: \"10 / cuenta == 5\"}, is: c}\n    otherwise: {is: d}\n");
	assert_becomes(p, "{\"nna\": \"S\", \"servicios\": [{\"dias\": 4}], \"cuenta\": 1}", "{\"texto\":\"a\"}");
	assert_becomes(p, "{\"nna\": \"S\", \"sexo\": \"H\"}", "{\"texto\":\"b\"}");
	assert_becomes(p, "{\"cuenta\": 2}", "{\"texto\":\"c\"}");
	assert_becomes(p, "{\"cuenta\": 1}", "{\"texto\":\"d\"}");
	assert_fault(p, "{}", REASON_CONDITION_ERROR, "texto", "servicios, servicios.dias, nna, sexo, cuenta");
}

static void
a_code_that_nobody_defined_matches_no_arm_and_decides_nothing_else(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto:\n    choose:\n      - {when: {cel: \"nivel != Nivel.ALTO\"}, is: a}\n      - {when: {cel: \"nivel == Nivel.ALTO || nna == 'S'\"}, is: b}\n"
	    "      - {when: {cel: \"niveles.exists(n, n == Nivel.ALTO)\"}, is: c}\n      - {when: {cel: \"Nivel.BAJO in niveles\"}, is: d}\n    otherwise: {is: e}\n");
	assert_becomes(p, "{\"nivel\": \"BAJO\"}", "{\"texto\":\"a\"}");
	assert_becomes(p, "{\"nivel\": 77, \"nna\": \"S\"}", "{\"texto\":\"b\"}");
	assert_becomes(p, "{\"nivel\": 77, \"niveles\": [78, \"ALTO\"]}", "{\"texto\":\"c\"}");
	assert_becomes(p, "{\"nivel\": 77, \"niveles\": [\"BAJO\"]}", "{\"texto\":\"d\"}");
	assert_becomes(p, "{\"nivel\": 77, \"niveles\": [78, \"BAJO\"]}", "{\"texto\":\"e\"}");
	acta_to_ficha(p, "  texto: {cel: \"nivel == Nivel.ALTO ? 'a' : 'b'\"}\n  entero: {cel: \"size(niveles)\"}\n");
	assert_becomes(p, "{\"nivel\": \"BAJO\"}", "{\"texto\":\"b\"}");
	assert_fault(p, "{\"nivel\": 77}", REASON_EXPRESSION, "texto", "nivel");
	assert_fault(p, "{\"niveles\": [77]}", REASON_EXPRESSION, "entero", "niveles");
}

// What `enlace explain` and the coverage of `enlace test` are made of.
static void
lineage_knows_the_arm_that_an_expression_chose_and_what_a_value_was_made_of(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p,
	    "  texto:\n    choose:\n      - {when: {cel: \"nna == 'S'\"}, is: a, because: uno}\n"
	    "      - {when: {cel: \"nna == 'N' && cuenta > 1\"}, is: b, because: dos}\n    otherwise: {is: c}\n"
	    "  id: {cel: \"folio + lugar.calle\"}\n");
	p->run.trace = true;
	assert_ok(run_json(p, "{\"nna\": \"N\", \"cuenta\": 2, \"folio\": \"A\"}"));
	assert_int_equal(p->run.trace_count, 2);
	assert_string_equal(p->run.traces[0].target, "id");
	assert_string_equal(p->run.traces[0].source, "Folio del acta, lugar.calle");
	assert_string_equal(p->run.traces[1].because, "dos");
	assert_int_equal(p->run.traces[1].where.line, 8);
	p->run.trace = false;
}

static void
only_false_is_no_match_in_the_condition_of_a_mapping(void **state)
{
	struct probe *p = *state;

	compile_ok(p,
	    mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha",
		"when: {cel: \"nivel == Nivel.ALTO || 10 / cuenta > 3\"}\n", "  texto: folio\n"));
	plan_with(p, grants_all());
	assert_ok(run_json(p, "{\"nivel\": \"MEDIO\", \"cuenta\": 5}"));
	assert_int_equal(p->run.output_count, 0);
	assert_becomes(p, "{\"nivel\": \"ALTO\", \"Folio del acta\": \"A1\"}", "{\"texto\":\"A1\"}");
	assert_fault(p, "{\"nivel\": \"MEDIO\"}", REASON_CONDITION_ERROR, "when", "");
	assert_fault(p, "{\"nivel\": 77, \"cuenta\": 5}", REASON_CONDITION_ERROR, "when", "");
}

static void
the_item_at_hand_has_the_name_that_called_gave_it(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(
	    p, "  renglones: {each: servicios, called: servicio, set: {codigo: {cel: \"servicio.clave + folio\"}}}\n");
	assert_becomes(p, "{\"Folio del acta\": \"1\", \"servicios\": [{\"clave\": \"A\"}, {\"clave\": \"B\"}]}",
	    "{\"renglones\":[{\"codigo\":\"A1\"},{\"codigo\":\"B1\"}]}");
}

static void
what_is_wrong_is_told_at_its_place_with_the_nearest_name(void **state)
{
	struct probe *p = *state;

	assert_string_equal(findings_of(p, "  texto: {cel: \"nombre + 'x'\"}\n"),
	    "E0903 5:17 nothing is called 'nombre' here | nombres\n");
	assert_string_equal(
	    findings_of(p, "  texto: {cel: \"lugar.cale\"}\n"), "E0904 5:22 probe.v1.Lugar has no 'cale' | calle\n");
	assert_string_equal(
	    findings_of(p, "  texto: {cel: \"folio + 1\"}\n"), "E0905 5:23 '+' does not take (string, int)\n");
	assert_string_equal(findings_of(p, "  texto: {cel: \"data.foliu\"}\n"),
	    "E0904 5:21 probe.v1.Acta has no 'foliu' | folio (native name \"Folio del acta\")\n");
	assert_string_equal(findings_of(p, "  texto: {cel: \"data.`Folio del atca`\"}\n"),
	    "E0904 5:21 probe.v1.Acta has no 'Folio del atca' | folio (native name \"Folio del acta\")\n");
	assert_string_equal(findings_of(p, "  verdad: {cel: \"nivel == Nivel.ALTOS\"}\n"),
	    "E0903 5:32 probe.v1.Nivel has no 'ALTOS' | ALTO\n");
	assert_string_equal(findings_of(p, "  texto: {cel: \"folio.uperAscii()\"}\n"),
	    "E0903 5:23 no function 'uperAscii' that is called on a value | upperAscii\n");
	assert_string_equal(
	    findings_of(p, "  texto: {cel: \"folio +\"}\n"), "E0901 5:24 it ends where a value is expected\n");
	assert_string_equal(findings_of(p, "  verdad: {cel: \"folio = 'S'\"}\n"),
	    "E0901 5:24 a character that means nothing here | == asks whether two values are equal\n");
	assert_string_equal(findings_of(p, "  verdad: {cel: \"folio == 'S' AND nna == 'S'\"}\n"),
	    "E0901 5:31 'AND' where the end is expected | and is &&, or is ||, not is !\n");
	assert_string_equal(findings_of(p, "  verdad: {cel: \"folio == 'S' android\"}\n"),
	    "E0901 5:31 'android' where the end is expected\n");
	assert_string_equal(
	    findings_of(p, "  entero: {cel: \"folio\"}\n"), "E0906 5:17 entero is a whole number, not string\n");
}

// More than a run may take is no answer: of a value, of a condition, of a choice.
static void
an_expression_that_takes_too_long_holds_the_event(void **state)
{
	struct probe *p = *state;
	struct buf json = BUF_EMPTY;

	buf_put_str(&json, "{\"montos\": [0");
	for (int i = 1; i < 1200; i++) {
		buf_printf(&json, ", %d", i);
	}
	buf_put_str(&json, "]}");
	acta_to_ficha(p, "  entero: {cel: \"size(montos.filter(a, montos.exists(b, b == a + 5000)))\"}\n");
	assert_becomes(p, "{\"montos\": [1, 5001]}", "{\"entero\":1}");
	assert_fault(p, buf_cstr(&json), REASON_EXPRESSION, "entero", "montos");
	acta_to_ficha(p,
	    "  texto:\n    choose: [{when: {cel: \"montos.exists(a, montos.exists(b, b == a + 5000))\"}, is: a}]\n    otherwise: {is: b}\n");
	assert_becomes(p, "{\"montos\": [1, 2]}", "{\"texto\":\"b\"}");
	assert_fault(p, buf_cstr(&json), REASON_CONDITION_ERROR, "texto", "montos");
	buf_fini(&json);
}

// The limits of a text: at each of them it is good, one past it is a finding.
static void
an_expression_has_limits_when_it_is_loaded(void **state)
{
	struct probe *p = *state;
	struct buf set = BUF_EMPTY;

	for (int over = 0; over < 2; over++) {
		buf_clear(&set);
		buf_put_str(&set, "  texto: folio\n  entero: {cel: \"");
		for (int i = 0; i < LIMIT_EXPR_DEPTH - 1 + over; i++) {
			buf_put_str(&set, "-(");
		}
		buf_put_str(&set, "cuenta");
		for (int i = 0; i < LIMIT_EXPR_DEPTH - 1 + over; i++) {
			buf_put_str(&set, ")");
		}
		buf_put_str(&set, "\"}\n");
		if (over == 0) {
			acta_to_ficha(p, buf_cstr(&set));
		} else {
			assert_non_null(strstr(findings_of(p, buf_cstr(&set)), "nested deeper than 100\n"));
		}
	}
	buf_clear(&set);
	buf_put_str(&set, "  entero: {cel: \"cuenta");
	for (int i = 0; i < LIMIT_EXPR_NODES; i++) {
		buf_put_str(&set, "+1");
	}
	buf_put_str(&set, "\"}\n");
	assert_non_null(strstr(findings_of(p, buf_cstr(&set)), "E0902"));
	assert_non_null(strstr(
	    findings_of(p,
		"  entero: {cel: \"size(montos.map(a, montos.map(b, montos.map(c, montos.map(d, a + b + c + d)))))\"}\n"),
	    "it may take more than 1000000 steps\n"));
	buf_fini(&set);
}

static void
what_is_wrong_with_an_expression_is_told_in_spanish_too(void **state)
{
	struct probe *p = *state;

	findings_fini(&p->findings);
	findings_init_in(&p->findings, EN_LANG_ES);
	assert_err(EN_ECONFIG,
	    compile(p,
		mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "",
		    "  texto: {cel: \"folio +\"}\n  id: {cel: \"lugar.cale\"}\n  lista: {cel: \"foliu\"}\n")));
	const char *all = found(p);

	assert_non_null(strstr(all, "E0901 5:24 termina donde se espera un valor\n"));
	assert_non_null(strstr(all, "E0904 6:19 probe.v1.Lugar no tiene 'cale' | calle\n"));
	assert_non_null(
	    strstr(all, "E0903 7:17 aqu\xc3\xad nada se llama 'foliu' | folio (nombre nativo \"Folio del acta\")\n"));
}

static void
a_pattern_or_a_zone_that_is_none_is_told_at_its_place(void **state)
{
	struct probe *p = *state;

	assert_string_equal(
	    findings_of(p, "  verdad: {cel: \"folio.matches('a)')\"}\n"), "E0901 5:32 a parenthesis closes nothing\n");
	assert_string_equal(findings_of(p, "  entero: {cel: \"now.getHours('Mars/Olympus')\"}\n"),
	    "E0901 5:31 there is no such time zone\n");
}

static void
a_condition_asks_whether_an_optional_field_is_there(void **state)
{
	struct probe *p = *state;

	assert_string_equal(
	    findings_of(p, "  texto:\n    choose: [{when: {cel: \"!activo\"}, is: a}]\n    otherwise: absent\n"),
	    "E0907 6:29 activo | has(activo) && ...\n");
	acta_to_ficha(p,
	    "  texto:\n    choose: [{when: {cel: \"has(data.activo) && !activo\"}, is: a}]\n    otherwise: {is: b}\n");
	assert_becomes(p, "{\"activo\": false}", "{\"texto\":\"a\"}");
	assert_becomes(p, "{}", "{\"texto\":\"b\"}");
}

static void
a_condition_that_always_says_the_same_is_told(void **state)
{
	static const struct {
		const char *text;
		bool told;
	} rows[] = {{"true", true}, {"1 < 2", true}, {"nna == 'S' || true", true}, {"!(nna == 'S' && false)", true},
	    {"nna == 'S' && true", false}, {"false || nna == 'S'", false}, {"now.getFullYear() > 2026", false},
	    {"event.sender == 'inm'", false}};
	struct probe *p = *state;

	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) { // fields that are not read are not the matter here
		findings_fini(&p->findings);
		findings_init(&p->findings);
		assert_err(EN_ECONFIG,
		    compile(p,
			mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha",
			    arena_printf(&p->arena, "when: {cel: \"%s\"}\n", rows[i].text), "  texto: folio\n")));
		if ((strstr(found(p), "W0901") != NULL) != rows[i].told) {
			fail_msg("%s: %s", rows[i].text, found(p));
		}
	}
}

static const char *
canonical_findings(struct probe *p, const char *set)
{
	findings_fini(&p->findings);
	findings_init(&p->findings);
	assert_err(EN_ECONFIG, compile(p, mapping_text(p, "probe.v1.Acta", "enlace.v1.Referral", "", set)));
	return found(p);
}

static void
consent_legal_basis_and_emergency_are_never_literals_of_an_expression(void **state)
{
	struct probe *p = *state;

	assert_non_null(strstr(canonical_findings(p, "  legal_basis: {cel: \"enlace.v1.LegalBasis.VITAL_INTEREST\"}\n"),
	    "E0317 5:16 legal_basis"));
	assert_non_null(strstr(canonical_findings(p, "  priority: {cel: \"nna == 'S' ? 'EMERGENCY' : 'NORMAL'\"}\n"),
	    "E0317 5:13 priority"));
	assert_non_null(
	    strstr(canonical_findings(p, "  priority: {cel: \"'EMER' + 'GENCY'\"}\n"), "E0317 5:13 priority"));
	assert_non_null(strstr(canonical_findings(p, "  consent.captured_by: {cel: \"'x'\"}\n"), "E0317"));
	assert_null(
	    strstr(canonical_findings(p, "  priority: {cel: \"nna == 'S' ? 'URGENT' : 'NORMAL'\"}\n"), "E0317"));
	assert_null(strstr(canonical_findings(p, "  priority: {cel: \"folio\"}\n"), "E0317"));
}

static void
a_line_that_reads_what_is_not_granted_is_not_in_the_plan(void **state)
{
	struct probe *p = *state;
	size_t count;

	caso_to_vista(p, "  numero: numero\n  nombre: {cel: \"persona.contactos.map(c, c.nota).join() + numero\"}\n");
	plan_with(p, grants_of(LABEL_CONTACT, GRANT_FULL));
	assert_becomes(p, CASO, "{\"numero\":\"C-1\"}");
	assert_int_equal(LABEL_NARRATIVE, plan_hidden_fields(p->plan, &count)[0].label);
	struct grants both = grants_of(LABEL_CONTACT, GRANT_FULL);

	both.level[LABEL_NARRATIVE] = GRANT_FULL;
	plan_with(p, both);
	assert_becomes(p, CASO, "{\"numero\":\"C-1\",\"nombre\":\"tiaC-1\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(a_value_is_what_its_expression_gives),
	    probe_test(a_code_is_given_by_its_name_or_its_number),
	    probe_test(nothing_comes_of_an_optional_value_without_one),
	    probe_test(now_is_the_time_of_recording_and_the_sender_is_known),
	    probe_test(an_expression_without_an_answer_holds_the_event),
	    probe_test(an_expression_in_a_condition_decides_like_any_other),
	    probe_test(a_code_that_nobody_defined_matches_no_arm_and_decides_nothing_else),
	    probe_test(lineage_knows_the_arm_that_an_expression_chose_and_what_a_value_was_made_of),
	    probe_test(only_false_is_no_match_in_the_condition_of_a_mapping),
	    probe_test(the_item_at_hand_has_the_name_that_called_gave_it),
	    probe_test(what_is_wrong_is_told_at_its_place_with_the_nearest_name),
	    probe_test(an_expression_that_takes_too_long_holds_the_event),
	    probe_test(an_expression_has_limits_when_it_is_loaded),
	    probe_test(what_is_wrong_with_an_expression_is_told_in_spanish_too),
	    probe_test(a_pattern_or_a_zone_that_is_none_is_told_at_its_place),
	    probe_test(a_condition_asks_whether_an_optional_field_is_there),
	    probe_test(a_condition_that_always_says_the_same_is_told),
	    probe_test(consent_legal_basis_and_emergency_are_never_literals_of_an_expression),
	    probe_test(a_line_that_reads_what_is_not_granted_is_not_in_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

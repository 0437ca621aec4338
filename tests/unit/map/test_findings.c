// SPDX-License-Identifier: Apache-2.0
// Every finding of the compiler, with its place and its hint, as a person will read it. The lines of `set` begin at
// line 5.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"

// The findings but those about unread fields, which most of these tests would only repeat.
static const char *
told(struct probe *p)
{
	struct buf b = BUF_EMPTY;
	const char *text = found(p);

	while (*text != '\0') {
		const char *end = strchr(text, '\n') + 1;

		if (strncmp(text, "E0315", 5) != 0) {
			buf_put(&b, text, (size_t)(end - text));
		}
		text = end;
	}
	text = arena_text(&p->arena, buf_view(&b));
	buf_fini(&b);
	return text;
}

static void
check(struct probe *p, const char *text, const char *wanted)
{
	findings_fini(&p->findings);
	findings_init(&p->findings);
	assert_err(EN_ECONFIG, compile(p, text));
	assert_string_equal(told(p), wanted);
	assert_null(p->mapping);
}

static void
check_set(struct probe *p, const char *set, const char *wanted)
{
	check(p, mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "", set), wanted);
}

static void
an_unknown_type_is_told_with_the_nearest_one(void **state)
{
	struct probe *p = *state;

	check(p, "mapping: m\nfrom: probe.v1.Acto\nto: enlace.v1.Persona\nset: {a: b}\n",
	    "E0301 2:7 probe.v1.Acto | probe.v1.Acta\nE0301 3:5 enlace.v1.Persona | enlace.v1.Person\n");
}

static void
an_unknown_source_field_is_told_with_both_names_of_the_nearest(void **state)
{
	struct probe *p = *state;

	check_set(p, "  id: folios\n",
	    "E0302 5:7 folios is not a field of probe.v1.Acta | folio (native name \"Folio del acta\")\n");
	check_set(p, "  grado: MAYOR\n", "E0302 5:10 MAYOR is not a field of probe.v1.Acta | {is: MAYOR}\n");
	check_set(p, "  renglones:\n    each: idiomas\n    called: i\n    set: {codigo: i, grado: MAYOR}\n",
	    "E0302 8:29 MAYOR is not a field of probe.v1.Acta | {is: MAYOR}\n");
	check_set(p, "  id: calle\n", "E0302 5:7 calle is not a field of probe.v1.Acta | lugar.calle\n");
	check_set(p, "  id: lugar.cale\n", "E0302 5:7 cale is not a field of probe.v1.Lugar | calle\n");
	check_set(p, "  id: folio.x\n", "E0302 5:7 folio.x: folio has no fields below it\n");
	check_set(p, "  id: {from: folio, if_empty: {from: zzzzzz}}\n",
	    "E0302 5:38 zzzzzz is not a field of probe.v1.Acta\n");
	check_set(p, "  id: {id_from: [folio, servicio.clave]}\n",
	    "E0302 5:25 servicio is not a field of probe.v1.Acta | servicios\n");
	check_set(p, "  renglones:\n    each: idiomas\n    called: i\n    set: {codigo: i.x}\n",
	    "E0302 8:19 i is a value without fields | i\n");
}

static void
a_path_as_long_as_the_limit_is_followed_and_a_longer_one_is_not(void **state)
{
	struct probe *p = *state;
	struct buf b = BUF_EMPTY;

	for (int i = 0; i < LIMIT_PAYLOAD_DEPTH - 1; i++) {
		buf_put_str(&b, "anterior.");
	}
	const char *longest = arena_printf(&p->arena, "  id: %sfolio\n", buf_cstr(&b));
	const char *longer = arena_printf(&p->arena, "  id: anterior.%sfolio\n", buf_cstr(&b));

	check_set(p, longest, "");
	check_set(p, longer,
	    arena_printf(
		&p->arena, "E0302 5:7 anterior.%sfolio is longer than %d fields\n", buf_cstr(&b), LIMIT_PAYLOAD_DEPTH));
	buf_fini(&b);
}

static void
repeated_fields_need_their_items_named(void **state)
{
	struct probe *p = *state;

	check_set(p, "  id: servicios.clave\n",
	    "E0303 5:7 servicios is repeated: clave stands in each of its items | each, or one_event_per\n");
	check_set(p, "  renglones.codigo: folio\n",
	    "E0303 5:3 renglones is repeated | name[1].field for one item, or each\n");
	check_set(p, "  renglones[1]: folio\n", "E0303 5:3 renglones[1] names an item, not a field of one\n");
	check_set(p, "  renglones[0].codigo: folio\n",
	    "E0304 5:3 renglones[0] is not a field of probe.v1.Ficha | renglones\n");
	check_set(p, "  renglones[65].codigo: folio\n",
	    "E0304 5:3 renglones[65] is not a field of probe.v1.Ficha | renglones\n");
	check_set(p, "  lugar[1].calle: folio\n", "E0304 5:3 lugar[1] is not a field of probe.v1.Ficha\n");
	compile_ok(p, mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "", "  renglones[64].codigo: folio\n"));
}

static void
an_unknown_target_field_is_told(void **state)
{
	check_set(*state,
	    "  ids: folio\n  lugar.cale: folio\n  hoja: {each: servicios, called: s, set: {a: s.clave}}\n",
	    "E0304 5:3 ids is not a field of probe.v1.Ficha | id\nE0304 6:3 cale is not a field of probe.v1.Lugar | calle\n"
	    "E0305 7:9 each fills a repeated message and hoja is none\n");
}

static void
kinds_that_do_not_fit_are_told(void **state)
{
	struct probe *p = *state;

	check_set(p, "  entero: grande\n", "E0329 5:11 grande is int64 and entero is int32\n");
	check_set(p, "  natural: cuenta\n", "E0329 5:12 cuenta is int32 and natural is uint32\n");
	check_set(p, "  texto: latitud\n", "E0305 5:10 latitud is a number with decimals and texto is text\n");
	check_set(p, "  verdad: nna\n",
	    "E0305 5:11 nna is text and verdad is true or false | {from: field, true_if: [..], false_if: [..]}\n");
	check_set(p, "  lugar: fecha\n",
	    "E0305 5:10 fecha is a message and lugar is a message | set its fields one by one\n");
	check_set(p, "  fecha: nacimiento\n",
	    "E0305 5:10 nacimiento is text and fecha is a message | {from: field, date: dd/mm/aaaa}\n");
	check_set(p, "  octetos: folio\n", "E0305 5:12 folio is text and octetos is bytes\n");
	check_set(p, "  texto: {from: cuenta, clean: [trim]}\n",
	    "E0305 5:33 clean does not go with cuenta, which is a whole number\n");
	check_set(p, "  entero: {sender: agency}\n", "E0305 5:11 the sender is text and entero is a whole number\n");
	check_set(p, "  entero: {id_from: [folio]}\n", "E0305 5:11 an id is text and entero is a whole number\n");
	check_set(p, "  texto: {join: [nombres, lugar]}\n", "E0305 5:27 lugar is a message\n");
	check_set(p, "  entero: {from: nna, true_if: [S], false_if: [N]}\n",
	    "E0305 5:11 true_if does not go with entero, which is a whole number\n");
	check_set(p, "  entero: {from: nacimiento, date: dd/mm/aaaa}\n",
	    "E0305 5:11 nacimiento is text and entero is a whole number | a date is text, or a message of year, month and day, or of ms\n");
	check_set(p,
	    "  renglones:\n    choose:\n      - {when: {nna: S}, each: servicios, called: s, set: {codigo: s.clave}}\n    otherwise: absent\n",
	    "E0305 7:9 each cannot stand inside another value | a line of its own\n");
}

static void
steps_that_contradict_each_other_are_told(void **state)
{
	check_set(
	    *state, "  texto: {from: folio, clean: [upper, trim, lower]}\n", "E0115 5:45 upper, lower and name_case\n");
}

static void
values_outside_an_enum_or_a_closed_list_are_told(void **state)
{
	struct probe *p = *state;

	check_set(p, "  grado: {is: MAYO}\n", "E0306 5:15 MAYO is not a value of grado | MAYOR\n");
	check_set(p, "  cerrado: {is: Z}\n", "E0306 5:17 Z is not a value of cerrado\n");
	check_set(p, "  verdad: {from: nna, true_if: [Si], false_if: [N]}\n", "E0306 5:33 Si is not a value of nna\n");
	check_set(p,
	    "  grado:\n    choose:\n      - {when: {nna: X, nivel: [ALTO, ALTOO]}, is: MAYOR}\n    otherwise: hold\n",
	    "E0306 7:22 X is not a value of nna\nE0306 7:39 ALTOO is not a value of nivel | ALTO\n");
	check_set(p,
	    "  grado:\n    choose:\n      - {when: {nivel: NIVEL_SIN, nombres: \"\"}, is: MAYOR}\n    otherwise: hold\n",
	    "E0306 7:24 \"NIVEL_SIN\" means absent, which matches nothing\nE0306 7:44 \"\" means absent, which matches nothing\n");
}

static void
literals_that_do_not_fit_are_told(void **state)
{
	struct probe *p = *state;

	check_set(p, "  verdad: {is: S}\n", "E0307 5:16 verdad is true or false and cannot be S | true or false\n");
	check_set(p, "  entero: {is: 2147483648}\n", "E0307 5:16 entero is a whole number and cannot be 2147483648\n");
	check_set(p, "  lugar: {is: X}\n", "E0307 5:15 lugar is a message and cannot be X\n");
}

static void
code_tables_must_be_there_and_fit_both_sides(void **state)
{
	struct probe *p = *state;
	static const char *const sexes[] = {"M", "MAYOR", "H", "MENR", "S", "MENOR", NULL};

	add_table(p, "inm-sexo", "one_way", sexes);
	check_set(p, "  grado: {from: sexo, table: inm-sex}\n", "E0308 5:30 inm-sex | inm-sexo\n");
	check_set(p, "  grado: {from: sexo, table: inm-sexo}\n",
	    "E0309 3:1 MENR is not a value of grado (table inm-sexo, used at m.yaml:5) | MENOR\n");
	check_set(p, "  texto: {from: nna, table: inm-sexo}\n",
	    "E0309 2:1 M is not a value of nna (table inm-sexo, used at m.yaml:5)\nE0309 3:1 H is not a value of nna (table inm-sexo, used at m.yaml:5)\n"
	    "W0302 5:29 N of nna is not in table inm-sexo\n");
	check_set(p, "  texto: {from: lugar, table: inm-sexo}\n",
	    "E0305 5:31 a table cannot translate from it: lugar is a message\n");
	check_set(p, "  octetos: {from: sexo, table: inm-sexo}\n",
	    "E0305 5:32 a table cannot translate into it: octetos is bytes\n");
}

static void
a_gap_between_an_enum_and_its_table_is_a_warning(void **state)
{
	struct probe *p = *state;
	static const char *const levels[] = {"ALTO", "MAYOR", "BAJO", "MENOR", NULL};

	add_table(p, "nivel", "one_way", levels);
	compile_ok(p, mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha", "", "  grado: {from: nivel, table: nivel}\n"));
	assert_string_equal(found(p), "W0302 5:31 MEDIO of nivel is not in table nivel\n");
}

static void
a_code_that_stands_twice_is_told_when_tables_are_read(void **state)
{
	struct probe *p = *state;
	struct conf_table_row rows[] = {{.from = "A", .to = "X", .where = {.line = 2, .column = 1}},
	    {.from = "A", .to = "Y", .where = {.line = 3, .column = 1}},
	    {.from = "B", .to = "X", .where = {.line = 4, .column = 1}}};
	struct conf_table table = {.name.text = "t", .direction.text = "both_ways", .rows = rows, .row_count = 3};
	struct conf_table *list[] = {&table};
	struct conf_set set = {.tables = list, .table_count = 1};
	struct code_tables *tables = NULL;

	assert_err(EN_ECONFIG, code_tables_new(&set, &p->findings, &tables));
	assert_null(tables);
	assert_string_equal(found(p), "E0310 3:1 A\nE0310 4:1 X\n");
}

static void
a_target_is_set_once(void **state)
{
	struct probe *p = *state;

	check_set(p, "  lugar: lugar\n  lugar.calle: folio\n", "E0312 6:3 lugar is set at line 5\n");
	check_set(p, "  lugar.calle: folio\n  lugar: lugar\n", "E0312 6:3 lugar is set at line 5\n");
	check_set(p, "  lugar.entidad: folio\n  lugar.lugar/entidad.clave: nombres\n",
	    "E0312 6:3 lugar.entidad is set at line 5\n");
	check_set(p,
	    "  renglones[1].codigo: folio\n  renglones: {each: servicios, called: s, set: {codigo: s.clave}}\n",
	    "E0312 6:3 renglones is set at line 5\n");
}

static void
of_a_oneof_one_member_is_set(void **state)
{
	check_set(*state, "  izquierda: folio\n  derecha: nombres\n", "E0313 6:3 izquierda and derecha\n");
}

static void
required_targets_are_set(void **state)
{
	struct probe *p = *state;

	check(p, mapping_text(p, "probe.v1.Acta", "probe.v1.Exigente", "", "  libre: folio\n"),
	    "E0314 3:5 grado\nE0314 3:5 id\n");
	check_set(p, "  hoja.otro: folio\n", "E0314 5:3 hoja.necesario\n");
}

static void
every_source_field_is_read_or_said_to_be_unused(void **state)
{
	struct probe *p = *state;

	assert_err(EN_ECONFIG,
	    compile(p,
		"mapping: m\nfrom: probe.v1.Servicio\nto: probe.v1.Ficha\nset:\n  id: clave\nunused: {nota: \"narrative\", dia: \"x\"}\n"));
	assert_string_equal(
	    found(p), "E0315 2:7 dias\nE0315 2:7 pasos\nE0302 6:29 dia is not a field of probe.v1.Servicio | dias\n");
	findings_fini(&p->findings);
	findings_init(&p->findings);
	assert_err(EN_ECONFIG, compile(p, "mapping: m\nfrom: probe.v1.Lugar\nto: probe.v1.Ficha\nset:\n  id: calle\n"));
	assert_string_equal(found(p), "E0315 2:7 entidad | entidad (native name \"lugar/entidad.clave\")\n");
}

static void
a_message_that_is_read_in_part_is_told_in_part(void **state)
{
	struct probe *p = *state;

	assert_err(EN_ECONFIG,
	    compile(p,
		"mapping: m\nfrom: probe.v1.Caso\nto: probe.v1.Vista\nset:\n  contactos: {each: persona.contactos, called: c, set: {codigo: c.clase}}\n"
		"  domicilio: persona.domicilio\n  nivel: {is: x}\n  fecha: persona.nacimiento\nunused: {persona.madre: x, servicios: y, persona.sexo: z}\n"));
	assert_string_equal(found(p),
	    "E0315 2:7 nota\nE0315 2:7 numero\nE0315 2:7 persona.contactos.nota\nE0315 2:7 persona.contactos.numero\nE0315 2:7 persona.necesidades\n"
	    "E0315 2:7 persona.nombre\nE0315 2:7 persona.sin_etiqueta\n");
}

static void
what_is_unused_and_read_all_the_same_is_a_warning(void **state)
{
	struct probe *p = *state;

	assert_ok(compile(p,
	    "mapping: m\nfrom: probe.v1.Lugar\nto: probe.v1.Ficha\nset:\n  id: calle\nunused: {calle: x, entidad: y}\n"));
	assert_string_equal(found(p), "W0301 6:10 calle\n");
}

static void
a_choice_says_what_happens_otherwise(void **state)
{
	check_set(*state, "  grado:\n    choose:\n      - {when: {nna: S}, is: MAYOR}\n",
	    "E0316 6:5 grado | otherwise: hold\n");
}

static void
date_formats_are_checked(void **state)
{
	struct probe *p = *state;

	check_set(p, "  texto: {from: nacimiento, date: dd/mm/aa}\n",
	    "E0318 5:35 dd/mm/aa: two digits do not say which hundred years | years_from: 1930\n");
	check_set(p, "  texto: {from: nacimiento, date: \"dd/mm/aaaa HH:mm\"}\n",
	    "E0318 5:35 dd/mm/aaaa HH:mm: mm stands twice | mm is the month; minutes are mi\n");
	check_set(p, "  texto: {from: nacimiento, dates: [dd/mm/aaaa, mm/dd/aaaa]}\n",
	    "E0319 5:49 dd/mm/aaaa and mm/dd/aaaa\n");
	check_set(p, "  texto: {from: fecha, date: \"dd/mm/aaaa HH:mi\"}\n",
	    "E0318 5:30 dd/mm/aaaa HH:mi: the source has no time of day\n");
	check_set(p, "  momento: {from: nacimiento, date: dd/mm/aaaa}\n",
	    "E0318 5:37 dd/mm/aaaa: a moment needs day, hour and minute | dd/mm/aaaa HH:mi [-06:00]\n");
	check_set(p, "  momento: {from: nacimiento, date: \"dd/mm/aaaa HH:mi\"}\n",
	    "E0325 5:37 dd/mm/aaaa HH:mi | end it with Z, zzz, or the zone in brackets: [-06:00]\n");
	check_set(p, "  texto: {from: momento, date: \"dd/mm/aaaa\"}\n",
	    "E0325 5:32 dd/mm/aaaa | end it with Z, zzz, or the zone in brackets: [-06:00]\n");
}

static void
a_text_cannot_mean_true_and_false(void **state)
{
	check_set(*state, "  verdad: {from: nombres, true_if: [S, X], false_if: [N, X]}\n", "E0320 5:58 X\n");
}

static void
the_name_of_an_item_is_its_own(void **state)
{
	struct probe *p = *state;

	check_set(p, "  renglones: {each: servicios, called: folio, set: {codigo: folio}}\n", "E0321 5:40 folio\n");
	check_set(p,
	    "  renglones:\n    each: servicios\n    called: s\n    set:\n      dentro: {each: s.pasos, called: s, set: {codigo: s.que}}\n",
	    "E0321 9:39 s\n");
}

static void
many_values_do_not_become_one(void **state)
{
	struct probe *p = *state;

	check_set(p, "  texto: idiomas\n",
	    "E0322 5:10 idiomas is repeated and texto is not | join: [...] for texts, or each\n");
	check_set(p, "  id: {id_from: [idiomas]}\n", "E0322 5:18 idiomas is repeated\n");
	check_set(p, "  id: {referral_by: idiomas}\n", "E0322 5:21 idiomas is repeated\n");
}

static void
codes_need_a_table_even_where_the_words_are_equal(void **state)
{
	struct probe *p = *state;

	check_set(p, "  grado: nivel\n", "E0323 5:10 nivel to grado | {from: field, table: NAME}\n");
	check_set(p, "  grado: sexo\n", "E0323 5:10 sexo to grado | {from: field, table: NAME}\n");
	check_set(p, "  texto: nivel\n", "E0323 5:10 nivel to texto | {from: field, table: NAME}\n");
	check_set(p, "  texto: activo\n", "E0323 5:10 activo to texto | {from: field, table: NAME}\n");
	check_set(p, "  cerrado: folio\n", "E0323 5:12 folio to cerrado | {from: field, table: NAME}\n");
}

static void
only_repeated_fields_have_items(void **state)
{
	struct probe *p = *state;

	check_set(p, "  renglones: {each: lugar, called: l, set: {codigo: l.calle}}\n", "E0324 5:21 lugar\n");
	check(p,
	    mapping_text(
		p, "probe.v1.Acta", "probe.v1.Ficha", "one_event_per: {item_of: folio, called: f}\n", "  id: f\n"),
	    "E0324 4:26 folio\n");
}

static void
items_of_items_go_as_deep_as_the_limit(void **state)
{
	struct probe *p = *state;

	for (int depth = LIMIT_MAP_FRAMES; depth <= LIMIT_MAP_FRAMES + 1; depth++) {
		struct buf b = BUF_EMPTY;

		buf_put_str(&b,
		    "mapping: probe\nfrom: probe.v1.Ficha\nto: probe.v1.Ficha\nset:\n  renglones: {each: renglones, called: r1, set: {codigo: r1.codigo");
		for (int i = 2; i <= depth; i++) {
			buf_printf(
			    &b, ", dentro: {each: r%d.dentro, called: r%d, set: {codigo: r%d.codigo", i - 1, i, i);
		}
		for (int i = 2; i <= depth; i++) {
			buf_put_str(&b, "}}");
		}
		buf_put_str(&b, "}}\n");
		if (depth == LIMIT_MAP_FRAMES) {
			compile_ok(p, buf_cstr(&b));
		} else {
			assert_err(EN_ECONFIG, compile(p, buf_cstr(&b)));
			assert_non_null(strstr(found(p), "items of items go 8 deep at most"));
		}
		buf_fini(&b);
	}
}

#define REFERRAL                                                                                                       \
	"mapping: probe\nfrom: probe.v1.Acta\nto: enlace.v1.Referral\nset:\n  referral_id: folio\n  service: {is: LEGAL}\n"

static void
consent_legal_basis_and_emergency_are_never_constant(void **state)
{
	struct probe *p = *state;

	check(p, REFERRAL "  priority: {is: EMERGENCY}\n",
	    "E0317 7:13 priority: no source field decides it | choose: [{when: {field: VALUE}, is: VALUE, because: \"...\"}]\n");
	check(p, REFERRAL "  priority: {is: NORMAL}\n  consent.for_services: {is: YES}\n  legal_basis: {is: CONSENT}\n",
	    "E0317 8:25 consent.for_services: no source field decides it | choose: [{when: {field: VALUE}, is: VALUE, because: \"...\"}]\n"
	    "E0317 9:16 legal_basis: no source field decides it | choose: [{when: {field: VALUE}, is: VALUE, because: \"...\"}]\n");
	check(p,
	    REFERRAL
	    "  priority:\n    choose:\n      - {when: {nna: S}, is: EMERGENCY}\n    otherwise: {is: EMERGENCY}\n",
	    "E0317 9:9 priority: the arm does not say because | choose: [{when: {field: VALUE}, is: VALUE, because: \"...\"}]\n"
	    "E0317 10:16 priority: no source field decides it | choose: [{when: {field: VALUE}, is: VALUE, because: \"...\"}]\n");
	compile_ok(p,
	    REFERRAL
	    "  priority:\n    choose:\n      - {when: {nna: S}, is: EMERGENCY, because: \"art. 112\"}\n      - {when: {nna: N}, is: NORMAL}\n    otherwise: hold\n");
}

static void
a_default_of_consent_is_a_constant_too(void **state)
{
	struct probe *p = *state;
	static const char *const answers[] = {"S", "YES", "N", "NO", NULL};

	add_table(p, "respuesta", "one_way", answers);
	check(p,
	    REFERRAL
	    "  priority: {is: NORMAL}\n  consent.for_services: {from: nna, table: respuesta, if_empty: {is: YES}}\n",
	    "E0317 8:65 consent.for_services: no source field decides it | choose: [{when: {field: VALUE}, is: VALUE, because: \"...\"}]\n");
	compile_ok(p, REFERRAL "  priority: {is: NORMAL}\n  consent.for_services: {from: nna, table: respuesta}\n");
}

static void
all_findings_of_a_file_come_at_once(void **state)
{
	check_set(*state, "  id: folios\n  grado: {is: MAYO}\n  texto: idiomas\n  nada: sexo\n",
	    "E0302 5:7 folios is not a field of probe.v1.Acta | folio (native name \"Folio del acta\")\nE0306 6:15 MAYO is not a value of grado | MAYOR\n"
	    "E0322 7:10 idiomas is repeated and texto is not | join: [...] for texts, or each\nE0304 8:3 nada is not a field of probe.v1.Ficha\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(an_unknown_type_is_told_with_the_nearest_one),
	    probe_test(an_unknown_source_field_is_told_with_both_names_of_the_nearest),
	    probe_test(a_path_as_long_as_the_limit_is_followed_and_a_longer_one_is_not),
	    probe_test(repeated_fields_need_their_items_named),
	    probe_test(an_unknown_target_field_is_told),
	    probe_test(kinds_that_do_not_fit_are_told),
	    probe_test(steps_that_contradict_each_other_are_told),
	    probe_test(values_outside_an_enum_or_a_closed_list_are_told),
	    probe_test(literals_that_do_not_fit_are_told),
	    probe_test(code_tables_must_be_there_and_fit_both_sides),
	    probe_test(a_gap_between_an_enum_and_its_table_is_a_warning),
	    probe_test(a_code_that_stands_twice_is_told_when_tables_are_read),
	    probe_test(a_target_is_set_once),
	    probe_test(of_a_oneof_one_member_is_set),
	    probe_test(required_targets_are_set),
	    probe_test(every_source_field_is_read_or_said_to_be_unused),
	    probe_test(a_message_that_is_read_in_part_is_told_in_part),
	    probe_test(what_is_unused_and_read_all_the_same_is_a_warning),
	    probe_test(a_choice_says_what_happens_otherwise),
	    probe_test(date_formats_are_checked),
	    probe_test(a_text_cannot_mean_true_and_false),
	    probe_test(the_name_of_an_item_is_its_own),
	    probe_test(many_values_do_not_become_one),
	    probe_test(codes_need_a_table_even_where_the_words_are_equal),
	    probe_test(only_repeated_fields_have_items),
	    probe_test(items_of_items_go_as_deep_as_the_limit),
	    probe_test(consent_legal_basis_and_emergency_are_never_constant),
	    probe_test(a_default_of_consent_is_a_constant_too),
	    probe_test(all_findings_of_a_file_come_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

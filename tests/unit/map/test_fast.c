// SPDX-License-Identifier: Apache-2.0
// A lowered plan makes the same bytes and the same faults as the plan that it was made from, whatever the payload says. Lineage makes a run go the
// general way, so each payload goes through both.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "fixture.h"
#include "map/plan.h"

#define PAYLOADS 4000

// ---- payloads by chance -------------------------------------------------------------------------------------------

static uint32_t
chance(uint64_t *seed, uint32_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33) % below;
}

// What the mappings here look for, what is nearly that, and texts of every length about the blocks that are copied at once.
static void
put_text(struct buf *b, uint64_t *seed)
{
	static const char *const words[] = {"", "S", "N", "SI", "NO", "M", "H", "X", "GT", "Guatemala", "Guatemala ",
	    "MEX", "1", "0", "07", "7", "05/03/2011", "29/02/2023", "29/02/2024", "31/04/2024", "00/01/2024",
	    "01/13/2024", "01/01/0000", "1/1/2024", "01-01-2024", "2024-12-31", "2024-02", "2024-00", "9999-12-31",
	    "aa/bb/cccc", "05/03/201\xc2\xb2", "Mar\xc3\xad\x61 Jos\xc3\xa9", "SIN DATO", " S", "uno|dos", "12/2024",
	    "2024"};
	uint8_t text[80];
	uint32_t len;

	if (chance(seed, 4) > 0) {
		buf_put_text(b, view_text(words[chance(seed, EN_COUNT_OF(words))]));
		return;
	}
	len = chance(seed, sizeof(text));
	for (uint32_t i = 0; i < len; i++) {
		text[i] = (uint8_t)('a' + chance(seed, 26));
	}
	buf_put_text(b, view_of(text, len));
}

static uint64_t
number(uint64_t *seed)
{
	static const uint64_t numbers[] = {
	    0, 0, 1, 1, 2, 3, 4, 77, 127, 128, 300, 16384, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX};

	return numbers[chance(seed, EN_COUNT_OF(numbers))];
}

static void put_message(struct buf *b, const struct schema_type *t, uint64_t *seed, uint32_t depth);

static void
put_value(struct buf *b, const struct schema_field *f, uint64_t *seed, uint32_t depth)
{
	enum wire_type wire = schema_wire_type(f->kind);
	struct buf inner = BUF_EMPTY;

	buf_put_varint(b, f->number << 3 | (uint32_t)wire);
	if (schema_is_message(f)) {
		put_message(&inner, f->message, seed, depth);
		buf_put_text(b, buf_view(&inner));
	} else if (wire == WIRE_LEN) {
		put_text(b, seed);
	} else if (wire == WIRE_VARINT) {
		buf_put_varint(b, number(seed));
	} else {
		uint64_t bits = number(seed);

		buf_put(b, &bits, wire == WIRE_I64 ? 8 : 4);
	}
	buf_fini(&inner);
}

// Fields in any order, absent, once, or often; now and then one that nobody knows.
static void
put_message(struct buf *b, const struct schema_type *t, uint64_t *seed, uint32_t depth)
{
	for (uint32_t rounds = 1 + chance(seed, 2); rounds > 0; rounds--) {
		for (uint32_t i = 0; i < t->field_count; i++) {
			const struct schema_field *f = &t->fields[i];
			uint32_t times = chance(seed, f->repeated ? 4 : 3);

			for (; times > 0 && (depth > 0 || !schema_is_message(f)); times -= f->repeated ? 1 : times) {
				put_value(b, f, seed, depth - 1);
			}
		}
	}
	if (chance(seed, 8) == 0) {
		buf_put(b, "\xc2\x3e\x01\x61", 4); // field 1000
	}
}

// ---- both ways ----------------------------------------------------------------------------------------------------

static enum en_err
run_way(struct probe *p, bool trace, struct map_fault *fault, struct buf *all)
{
	p->run.trace = trace;
	enum en_err err = plan_run(p->plan, &p->index, &p->env, &p->run, fault);

	for (size_t i = 0; i < p->run.output_count; i++) {
		buf_put_text(all, p->run.outputs[i].split_key);
		buf_put_text(all, p->run.outputs[i].payload);
	}
	return err;
}

static void
assert_same_both_ways(struct probe *p)
{
	struct map_fault general = {.reason = REASON_NONE}, fast = {.reason = REASON_NONE};
	struct buf wanted = BUF_EMPTY, got = BUF_EMPTY;
	enum en_err err = run_way(p, true, &general, &wanted);

	assert_int_equal(run_way(p, false, &fast, &got), err);
	assert_true(view_equal(buf_view(&got), buf_view(&wanted)));
	assert_string_equal(reason_code(fast.reason), reason_code(general.reason));
	assert_string_equal(fast.target, general.target);
	assert_string_equal(fast.source, general.source);
	assert_string_equal(fast.table, general.table);
	assert_int_equal(fast.where.line, general.where.line);
	assert_int_equal(fast.where.column, general.where.column);
	buf_fini(&wanted);
	buf_fini(&got);
}

// Payloads by chance through the plan, both ways; some must come through and some must not when the mapping can fail.
static void
compare_ways(struct probe *p, bool can_fail)
{
	uint64_t seed = 7;
	size_t good = 0;

	for (size_t i = 0; i < PAYLOADS; i++) {
		buf_clear(&p->payload);
		put_message(&p->payload, mapping_from(p->mapping), &seed, 3);
		if (index_build(&p->index, mapping_from(p->mapping), buf_view(&p->payload), NULL) == EN_OK) {
			assert_same_both_ways(p);
			good += p->run.output_count > 0;
		}
	}
	assert_true(good > PAYLOADS / 100);
	assert_true(!can_fail || good < PAYLOADS);
}

// How many of the operations are the line as a whole.
static size_t
whole_lines(const struct fast_op *op)
{
	size_t count = 0;

	for (; op->code != FAST_END && op->code != FAST_NEXT; op++) {
		count += op->code == FAST_WHOLE;
		count += op->code == FAST_EACH ? whole_lines(op->each->body) : 0;
	}
	return count;
}

// The lines of `set` from Acta to Ficha, of which so many are not lowered.
static void
expect_same(struct probe *p, const char *set, size_t whole, bool can_fail)
{
	static const char *const sexes[] = {"M", "MAYOR", "H", "MENOR", "X", "GRADO_SIN", "N", "", NULL};
	static const char *const countries[] = {
	    "GT", "Guatemala", "Guatemala", "una republica de Centroamerica", "X", "", "MEX", "MX", NULL};

	if (p->codes.table_count == 0) {
		add_table(p, "sexo", "one_way", sexes);
		add_table(p, "pais", "one_way", countries);
	}
	acta_to_ficha(p, set);
	assert_non_null(p->plan->fast.body);
	assert_int_equal(whole_lines(p->plan->fast.body), whole);
	compare_ways(p, can_fail);
}

// ---- what is lowered ----------------------------------------------------------------------------------------------

static void
fields_that_go_through_as_they_are(void **state)
{
	expect_same(*state,
	    "  id: folio\n  texto_opcional: nota\n  entero: cuenta\n  largo: grande\n  decimal: latitud\n  verdad: activo\n  octetos: firma\n  nivel: nivel\n"
	    "  lugar.calle: lugar.calle\n  lugar.entidad: lugar.entidad\n  lista: idiomas\n  entero_opcional: cuenta\n  izquierda: sexo\n",
	    0, false);
}

static void
constants_and_what_is_put_in_place_of_the_absent(void **state)
{
	expect_same(*state,
	    "  id: {from: folio, if_empty: {is: nada}}\n  texto: {is: \"un texto que es mas largo que un bloque\"}\n  grado: {is: MAYOR}\n  entero: {is: \"300\"}\n"
	    "  decimal: {is: \"1.5\"}\n  verdad: {is: \"false\"}\n  lugar.calle: {is: siempre}\n  hoja.necesario: sexo\n  hoja.otro: {is: x}\n",
	    1, true); // false says nothing that would be worth a way of its own
}

static void
codes_by_a_table(void **state)
{
	expect_same(*state, "  grado: {from: sexo, table: sexo}\n  texto: {from: nombres, table: pais}\n  id: folio\n",
	    0, true);
	expect_same(*state,
	    "  grado: {from: sexo, table: sexo, if_empty: {is: MENOR}}\n  texto_opcional: {from: nota, table: pais}\n",
	    0, true);
}

static void
truths(void **state)
{
	expect_same(*state, "  verdad: {from: nna, true_if: [S], false_if: [N]}\n  id: folio\n", 0, true);
	expect_same(*state,
	    "  verdad: {from: nota, true_if: [S, SI], false_if: [N, \"NO\", X], if_empty: {is: \"true\"}}\n", 0, true);
}

static void
days_of_every_length(void **state)
{
	static const char *const formats[] = {"dd/mm/aaaa", "aaaa-mm-dd", "dd-mm-aaaa", "ddmmaaaa", "aaaa-mm",
	    "mm/aaaa", "aaaa", "(dd/mm/aaaa)", "-- dd -- mm -- aaaa"};

	for (size_t i = 0; i < EN_COUNT_OF(formats); i++) {
		struct probe *p = *state;

		// A text shorter than a word or longer than two is read as it always was.
		size_t len = strlen(formats[i]);

		expect_same(p,
		    arena_printf(&p->arena, "  texto: {from: nacimiento, date: \"%s\"}\n  id: folio\n", formats[i]),
		    len < 8 || len > 16, true);
	}
	expect_same(*state, "  texto: {from: nacimiento, date: dd/mm/aaaa, empty_if: [SIN DATO]}\n", 1, true);
}

static void
joined_texts(void **state)
{
	expect_same(*state,
	    "  texto: {join: [nombres, primer_apellido, segundo_apellido], with: \" \"}\n  id: {join: [folio, nota], with: \"\"}\n"
	    "  lugar.calle: {join: [lugar.calle, sexo], with: \", no muy lejos de \", if_empty: {is: nada}}\n",
	    0, false);
}

static void
choices(void **state)
{
	expect_same(*state,
	    "  texto:\n    choose:\n      - {when: {nna: S, nivel: [ALTO, MEDIO]}, is: primero}\n      - {when: {activo: false}, from: nombres}\n"
	    "      - {when: {lugar.calle: [GT, Guatemala, \"una calle que no es un codigo\"]}, from: nacimiento, date: dd/mm/aaaa}\n    otherwise: {from: folio}\n"
	    "  grado:\n    choose:\n      - {when: {sexo: M}, is: MAYOR}\n      - {when: {nivel_opcional: NIVEL_SIN}, is: MENOR}\n    otherwise: absent\n",
	    0, true);
	expect_same(*state,
	    "  id: folio\n  texto:\n    choose:\n      - {when: {nna: [S, N]}, from: sexo}\n      - {when: {cuenta: [\"0\", \"1\", \"-1\"]}, from: folio}\n    otherwise: hold\n",
	    0, true);
}

#define ARMS(first, second)                                                                                            \
	"  texto:\n    choose:\n      - {when: {cel: \"" first "\"}, is: primero}\n      - {when: {cel: \"" second     \
	"\"}, from: nombres}\n    otherwise: {from: folio}\n"

static void
choices_by_expressions(void **state)
{
	expect_same(*state, ARMS("nna == 'S' && nivel in [Nivel.ALTO, Nivel.MEDIO]", "'M' == sexo"), 0, false);
	expect_same(
	    *state, ARMS("has(data.activo) && activo == false", "lugar.calle in ['GT', 'Guatemala']"), 0, false);
	expect_same(
	    *state, ARMS("cuenta == 77 && data.grande == 300", "has(data.nota) && nota in ['', 'X']"), 0, false);
}

static void
choices_by_expressions_that_hold_for_what_is_absent_are_made_the_general_way(void **state)
{
	expect_same(*state, ARMS("cuenta == 0", "sexo == 'M'"), 1, false);
	expect_same(*state, ARMS("has(data.cuenta) && cuenta in [0, 1]", "sexo == ''"), 1, false);
	expect_same(*state, ARMS("nivel == Nivel.NIVEL_SIN", "cuenta < 5"), 1, false);
	expect_same(*state, ARMS("nna == 'S' || sexo == 'M'", "nna != 'N'"), 1, false);
	expect_same(*state, ARMS("has(data.nota)", "servicios.exists(s, s.clave == 'GT')"), 1, false);
}

static void
items_and_items_of_items(void **state)
{
	expect_same(*state,
	    "  renglones:\n    each: servicios\n    called: s\n    set:\n      codigo: s.clave\n      nota: {from: s.nota, table: pais}\n      caso: folio\n"
	    "      dentro: {each: s.pasos, called: q, set: {codigo: q.que, nota: s.nota, caso: lugar.calle}}\n",
	    0, true);
	expect_same(
	    *state, "  renglones: {each: servicios, called: s, set: {caso: folio, nota: {is: constante}}}\n", 0, false);
	expect_same(*state,
	    "  renglones: {each: anterior.servicios, called: s, set: {codigo: s.clave, nota: {from: s.dias}}}\n", 1,
	    false);
}

static void
items_that_are_named(void **state)
{
	expect_same(*state,
	    "  renglones[1].codigo: {is: uno}\n  renglones[1].nota: nota\n  renglones[2].codigo: sexo\n  renglones[3].codigo: {is: tres}\n",
	    0, false);
}

static void
fields_that_must_be_there(void **state)
{
	struct probe *p = *state;
	static const char *const sexes[] = {"M", "MAYOR", "H", "MENOR", "X", "GRADO_SIN", NULL};

	add_table(p, "sexo", "one_way", sexes);
	compile_ok(p,
	    mapping_text(p, "probe.v1.Acta", "probe.v1.Exigente", "",
		"  id: nota\n  grado: {from: sexo, table: sexo}\n  libre: folio\n"));
	plan_with(p, grants_all());
	compare_ways(p, true);
}

static void
one_event_per_item(void **state)
{
	struct probe *p = *state;

	compile_ok(p,
	    mapping_text(p, "probe.v1.Acta", "probe.v1.Ficha",
		"one_event_per: {item_of: servicios, called: s}\nwhen: {nna: [S, N]}\n",
		"  id: folio\n  texto: s.clave\n  texto_opcional: s.nota\n  entero: s.dias\n  renglones: {each: s.pasos, called: q, set: {codigo: q.que, nota: s.clave}}\n"));
	plan_with(p, grants_all());
	assert_int_equal(whole_lines(p->plan->fast.body), 0);
	compare_ways(p, false);
}

// What is not granted is not in the lowered plan either.
static void
what_is_withheld_stays_withheld(void **state)
{
	struct probe *p = *state;

	caso_to_vista(p,
	    "  numero: numero\n  nombre: persona.nombre\n  nota: {join: [nota, persona.nombre, numero]}\n  necesidades: persona.necesidades\n"
	    "  contactos: {each: persona.contactos, called: c, set: {codigo: c.clase, nota: c.nota, caso: numero}}\n  domicilio: persona.domicilio\n");
	for (int label = LABEL_OPERATIONAL; label < LABEL_COUNT; label++) {
		plan_with(p, grants_of((enum label)label, GRANT_FULL));
		compare_ways(p, false);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(fields_that_go_through_as_they_are),
	    probe_test(constants_and_what_is_put_in_place_of_the_absent),
	    probe_test(codes_by_a_table),
	    probe_test(truths),
	    probe_test(days_of_every_length),
	    probe_test(joined_texts),
	    probe_test(choices),
	    probe_test(choices_by_expressions),
	    probe_test(choices_by_expressions_that_hold_for_what_is_absent_are_made_the_general_way),
	    probe_test(items_and_items_of_items),
	    probe_test(items_that_are_named),
	    probe_test(fields_that_must_be_there),
	    probe_test(one_event_per_item),
	    probe_test(what_is_withheld_stays_withheld),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What two mappings lose between them, told before any record is lost.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"

#include "map/roundtrip.h"

// Registro to Ficha and back, each by its lines; the report as "code field through detail\n" for what is not simply unsent.
static const char *
report(struct probe *p, const char *there, const char *back)
{
	struct mapping *first;
	struct roundtrip r;
	struct buf b = BUF_EMPTY;

	compile_ok(p, mapping_text(p, "difficulty.v1.Registro", "difficulty.v1.Ficha", "", there));
	first = p->mapping;
	p->mapping = NULL;
	compile_ok(p, mapping_text(p, "difficulty.v1.Ficha", "difficulty.v1.Registro", "", back));
	assert_ok(roundtrip_report(first, p->mapping, &r));
	for (size_t i = 0; i < r.loss_count; i++) {
		const struct roundtrip_loss *l = &r.losses[i];

		if (l->kind != LOSS_NOT_SENT) {
			buf_printf(&b, "%s %s %s %s\n", loss_code(l->kind), l->field,
			    l->through == NULL ? "-" : l->through, l->detail == NULL ? "-" : l->detail);
		}
	}
	buf_printf(&b, "kept %zu", r.kept);
	const char *text = arena_text(&p->arena, buf_view(&b));

	buf_fini(&b);
	roundtrip_fini(&r);
	mapping_free(&first);
	return text;
}

static void
what_comes_back_as_it_was_is_kept(void **state)
{
	struct probe *p = *state;

	assert_string_equal(
	    report(p,
		"  id: folio\n  texto: {from: nota, clean: [trim]}\n  fecha: {from: nacimiento, date: dd/mm/aaaa}\n",
		"  folio: id\n  nota: texto\n  nacimiento: {from: fecha, date: dd/mm/aaaa}\n"),
	    "kept 3");
}

static void
what_is_not_read_or_lands_elsewhere_is_told(void **state)
{
	struct probe *p = *state;

	assert_string_equal(report(p, "  id: folio\n  texto: nota\n  otro: clase\n",
				"  caso: id\n  etiqueta: {choose: [{when: {otro: x}, is: y}], otherwise: absent}\n"),
	    "elsewhere folio id caso\nnot_read nota texto -\ndecides clase otro etiqueta\nkept 0");
}

static void
keyed_ids_and_joined_names_do_not_come_back(void **state)
{
	struct probe *p = *state;

	assert_string_equal(
	    report(p,
		"  id: {id_from: [folio]}\n  texto: {join: [nivel1, nivel2]}\n  otro: {fill: \"{nivel3}#{caso}\", reversible: true}\n",
		"  nivel1: texto\n  nivel2: texto\n  nivel3: {from: otro, pattern: \"{a}#{b}\", part: a}\n  codigo: id\n"),
	    "keyed folio id -\njoined nivel1 texto nivel1, nivel2\njoined nivel2 texto nivel1, nivel2\nchanged nivel3 otro pattern\n"
	    "elsewhere caso otro nivel3\nkept 0");
}

static void
every_code_that_comes_back_as_another_is_told(void **state)
{
	struct probe *p = *state;

	table(p, "table: ida\n", "from,to\nBID,interes\nBIA,interes\nLEGAL,legal\nNADA,\n");
	table(p, "table: vuelta\n", "from,to\ninteres,BIA\n");
	assert_string_equal(
	    report(p, "  codigo: {from: codigo, table: ida}\n", "  codigo: {from: codigo, table: vuelta}\n"),
	    "code codigo codigo BID > interes > BIA\ncode codigo codigo LEGAL > legal > -\nkept 0");
	table(p, "table: justa\n", "from,to\ninteres,BIA\nlegal,LEGAL\n");
	table(p, "table: sola\n", "from,to\nBIA,interes\nLEGAL,legal\n");
	assert_string_equal(
	    report(p, "  codigo: {from: codigo, table: sola}\n", "  codigo: {from: codigo, table: justa}\n"), "kept 1");
}

static void
what_is_made_coarse_changed_or_assumed_is_told(void **state)
{
	struct probe *p = *state;

	table(p, "table: t\n", "from,to\nA,a\n");
	assert_string_equal(
	    report(p,
		"  fecha: {from: nacimiento, date: dd/mm/aaaa, coarsen: year}\n  texto: {from: nota, clean: [upper]}\n  otro: {from: clase, table: t, if_unknown: {is: x}}\n",
		"  nacimiento: {from: fecha, date: aaaa}\n  nota: texto\n  clase: {from: otro, table: t}\n"),
	    "coarse nacimiento fecha -\nchanged nota texto clean\ndefault clase otro -\ncode clase otro A > a > -\nkept 0");
}

static void
a_field_that_is_not_sent_has_the_reason_that_the_mapping_gives(void **state)
{
	struct probe *p = *state;
	struct mapping *first;
	struct roundtrip r;

	compile_ok(p, mapping_text(p, "difficulty.v1.Registro", "difficulty.v1.Ficha", "", "  id: folio\n"));
	first = p->mapping;
	p->mapping = NULL;
	compile_ok(p, mapping_text(p, "difficulty.v1.Ficha", "difficulty.v1.Registro", "", "  folio: id\n"));
	assert_ok(roundtrip_report(first, p->mapping, &r));
	assert_int_equal(r.kept, 1);
	assert_int_equal(r.fields, r.loss_count + r.kept);
	assert_int_equal(r.losses[0].kind, LOSS_NOT_SENT);
	assert_string_equal(r.losses[0].field, "sexo");
	assert_string_equal(r.losses[0].detail, "not here");
	assert_string_equal(r.keeps[0].field, "folio");
	assert_string_equal(r.keeps[0].through, "id");
	assert_true(r.keeps[0].there.line > 0 && r.keeps[0].back.line > 0);
	assert_true(strlen(loss_text(LOSS_NOT_SENT, EN_LANG_ES)) > 0);
	roundtrip_fini(&r);
	assert_err(EN_EUSAGE, roundtrip_report(first, first, &r));
	mapping_free(&first);
}

static void
every_loss_is_known_by_its_code(void **state)
{
	(void)state;
	for (int i = 0; i < LOSS_COUNT; i++) {
		assert_int_equal(loss_from_code(loss_code((enum loss)i)), i);
	}
	assert_int_equal(loss_from_code("kept"), LOSS_COUNT);
	assert_true(loss_is_whole(LOSS_NOT_READ));
	assert_false(loss_is_whole(LOSS_COARSE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(what_comes_back_as_it_was_is_kept),
	    probe_test(what_is_not_read_or_lands_elsewhere_is_told),
	    probe_test(keyed_ids_and_joined_names_do_not_come_back),
	    probe_test(every_code_that_comes_back_as_another_is_told),
	    probe_test(what_is_made_coarse_changed_or_assumed_is_told),
	    probe_test(a_field_that_is_not_sent_has_the_reason_that_the_mapping_gives),
	    cmocka_unit_test(every_loss_is_known_by_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

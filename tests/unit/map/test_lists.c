// SPDX-License-Identifier: Apache-2.0
// Lists in their order, and items in theirs: numbers as numbers, texts as texts, equal ones once.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "difficulty.h"
#include "map/number.h"

static void
texts_and_numbers_are_sorted_by_what_they_say(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(p, "  lista: {from: idiomas, list: [sort, dedupe]}\n  numeros: {from: montos, list: [sort]}\n");
	assert_becomes(p, "{\"idiomas\": [\"mam\", \"es\", \"mam\", \"en\"], \"montos\": [10, -9, 0, 2]}",
	    "{\"lista\":[\"en\",\"es\",\"mam\"],\"numeros\":[-9,0,2,10]}");
}

static void
of_equal_ones_the_first_stays_where_it_was(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(
	    p, "  lista: {from: idiomas, list: [dedupe]}\n  numeros: {from: montos, list: [dedupe, reverse]}\n");
	assert_becomes(p, "{\"idiomas\": [\"b\", \"a\", \"b\", \"c\", \"a\"], \"montos\": [3, 1, 3, 2]}",
	    "{\"lista\":[\"b\",\"a\",\"c\"],\"numeros\":[2,1,3]}");
}

// As many as a text can hold: every pair of them would be looked at for minutes.
static void
a_list_as_long_as_a_text_is_no_burden(void **state)
{
	enum { PIECES = LIMIT_EVENT_BYTES / 8 };
	struct probe *p = *state;
	struct buf json = BUF_EMPTY;
	struct index_fault fault;

	acta_to_ficha(p, "  lista: {from: nota, split: \"|\", list: [sort, dedupe]}\n");
	buf_put_str(&json, "{\"nota\": \"");
	for (uint32_t i = 0; i < PIECES; i++) {
		buf_printf(&json, "%s%06u", i == 0 ? "" : "|", (i * 7919) % (PIECES / 2));
	}
	buf_put_str(&json, "\"}");
	assert_ok(run_json(p, buf_cstr(&json)));
	struct index out;

	index_init(&out);
	out.node_max = PIECES;
	assert_ok(index_build(&out, mapping_to(p->mapping), p->run.outputs[0].payload, &fault));
	assert_int_equal(out.node_count, PIECES / 2);
	index_fini(&out);
	buf_fini(&json);
}

static void
numbers_of_every_kind_are_compared_by_their_value(void **state)
{
	const double doubles[] = {-2.5, -1, 0, 1e300};
	uint64_t bits[4];

	(void)state;
	memcpy(bits, doubles, sizeof(bits));
	for (size_t i = 1; i < EN_COUNT_OF(bits); i++) {
		assert_int_equal(number_compare(KIND_DOUBLE, bits[i - 1], bits[i]), -1);
		assert_int_equal(number_compare(KIND_DOUBLE, bits[i], bits[i - 1]), 1);
	}
	assert_int_equal(number_compare(KIND_SINT32, 1, 2), -1); // -1 and 1, as the wire has them
	assert_int_equal(number_compare(KIND_SINT64, 4, 3), 1); // 2 and -2
	assert_int_equal(number_compare(KIND_UINT64, UINT64_MAX, 1), 1);
	assert_int_equal(number_compare(KIND_INT32, UINT64_MAX, 1), -1);
	assert_int_equal(number_compare(KIND_SFIXED32, UINT32_MAX, 0), -1);
	assert_int_equal(number_compare(KIND_ENUM, (uint64_t)INT64_C(-1), 0), -1);
	assert_int_equal(number_compare(KIND_BOOL, 0, 1), -1);
	const double odd = __builtin_nan("");

	memcpy(bits, &odd, sizeof(odd));
	assert_int_equal(number_compare(KIND_DOUBLE, bits[0], bits[1]), 1);
}

// What says nothing comes first, then whole numbers whatever zeros they have, then texts: one order, whoever is compared with whom.
static void
items_have_one_order(void **state)
{
	struct probe *p = *state;

	acta_to_ficha(
	    p, "  renglones: {each: servicios, called: s, sort_by: s.clave, set: {codigo: s.clave, nota: s.nota}}\n");
	assert_becomes(p,
	    "{\"servicios\": [{\"clave\": \"1a\"}, {\"clave\": \"10\"}, {\"clave\": \"009\"}, {\"clave\": \"-0\"}, {\"clave\": \"-12\"}, "
	    "{\"nota\": \"n\"}, {\"clave\": \"9\"}, {\"clave\": \"000\"}, {\"clave\": \"A\"}, {\"clave\": \"-3\"}]}",
	    "{\"renglones\":[{\"nota\":\"n\"},{\"codigo\":\"-12\"},{\"codigo\":\"-3\"},{\"codigo\":\"-0\"},{\"codigo\":\"000\"},"
	    "{\"codigo\":\"009\"},{\"codigo\":\"9\"},{\"codigo\":\"10\"},{\"codigo\":\"1a\"},{\"codigo\":\"A\"}]}");
}

// Of a row that was found and whose cell cannot be read, the lineage names the line and not the row.
static void
what_stands_for_a_cell_that_cannot_be_read_is_told_as_it_is(void **state)
{
	struct probe *p = *state;

	table(p, "table: edades\ncolumns: [usuario, edad]\n", "usuario,edad\nana,doce\nbea,13\n");
	registro(p, "  entero: {lookup: edades, match: {usuario: usuario}, take: edad, if_unknown: {is: 0}}\n");
	p->run.trace = true;
	assert_becomes(p, "{\"usuario\": \"ana\"}", "{\"entero\":0}");
	assert_int_equal(p->run.trace_count, 1);
	assert_null(p->run.traces[0].table);
	assert_becomes(p, "{\"usuario\": \"bea\"}", "{\"entero\":13}");
	assert_string_equal(p->run.traces[0].table, "edades");
	p->run.trace = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    probe_test(texts_and_numbers_are_sorted_by_what_they_say),
	    probe_test(of_equal_ones_the_first_stays_where_it_was),
	    probe_test(a_list_as_long_as_a_text_is_no_burden),
	    cmocka_unit_test(numbers_of_every_kind_are_compared_by_their_value),
	    probe_test(items_have_one_order),
	    probe_test(what_stands_for_a_cell_that_cannot_be_read_is_told_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

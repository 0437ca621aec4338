// SPDX-License-Identifier: Apache-2.0
// Flat records: cells in, payload out, and back. Values stay as the system wrote them.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/record.h"
#include "unit/schema/kit.h"

#define ROW kit_type(*state, "record.v1.Row")
#define CELL(name, value)                                                                                              \
	{                                                                                                              \
		view_text(name), view_text(value)                                                                      \
	}

static void
expect_payload(const struct schema_type *t, struct record_cell cell, const char *wanted_hex)
{
	struct record_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY;

	assert_ok(record_to_payload(t, &cell, 1, false, &out, &fault));
	kit_expect_bytes(buf_view(&out), wanted_hex);
	buf_fini(&out);
}

static void
expect_refused(const struct schema_type *t, struct record_cell cell, enum en_err wanted, const char *wanted_hint)
{
	struct record_fault fault = {.err = EN_OK};
	struct buf out = BUF_EMPTY;

	buf_put_str(&out, "kept");
	assert_err(wanted, record_to_payload(t, &cell, 1, false, &out, &fault));
	assert_int_equal(fault.err, wanted);
	assert_view_is(fault.column, cell.name);
	assert_string_equal(fault.hint, wanted_hint);
	assert_view_is("kept", buf_view(&out));
	buf_fini(&out);
}

static void
a_cell_is_its_field(void **state)
{
	expect_payload(
	    ROW, (struct record_cell)CELL("Nombre completo", " Ana  "), "0a 06 20 41 6e 61 20 20"); // blanks too
	expect_payload(ROW, (struct record_cell)CELL("edad", "7"), "10 07");
	expect_payload(ROW, (struct record_cell)CELL("estado", "ABIERTO"), "28 01");
	expect_payload(ROW, (struct record_cell)CELL("huella", "+/8="), "32 02 fb ff");
	expect_payload(ROW, (struct record_cell)CELL("menor", "true"), "38 01");
	expect_payload(ROW, (struct record_cell)CELL("peso", ".5"), "41 00 00 00 00 00 00 e0 3f");
	expect_payload(ROW, (struct record_cell)CELL("edad", ""), ""); // absent
}

static void
a_list_is_split_by_its_separator(void **state)
{
	expect_payload(ROW, (struct record_cell)CELL("idiomas", "es|en"), "1a 02 65 73 1a 02 65 6e");
	expect_payload(
	    ROW, (struct record_cell)CELL("idiomas", "|es||"), "1a 02 65 73"); // nothing between two is nothing
	expect_payload(ROW, (struct record_cell)CELL("idiomas", "|"), "");
	expect_payload(ROW, (struct record_cell)CELL("numeros", "1, 2"), "20 01 20 02");
	expect_refused(ROW, (struct record_cell)CELL("numeros", "1,2"), EN_EFORMAT, "the form of the column's kind");
}

static void
what_is_no_value_of_the_column_is_refused_by_its_name(void **state)
{
	expect_refused(ROW, (struct record_cell)CELL("edad", "siete"), EN_EFORMAT, "the form of the column's kind");
	expect_refused(ROW, (struct record_cell)CELL("estado", "abierto"), EN_EFORMAT, "one of the schema's words");
	expect_refused(ROW, (struct record_cell)CELL("huella", "*"), EN_EFORMAT, "the form of the column's kind");
	expect_refused(ROW, (struct record_cell)CELL("otra", "x"), EN_EFORMAT, "the form of the column's kind");
	expect_refused(
	    ROW, (struct record_cell)CELL("Nombre completo", "\xff"), EN_EUTF8, "the form of the column's kind");
}

static void
a_column_that_stands_twice_is_refused_even_when_one_is_empty(void **state)
{
	struct record_cell cells[] = {CELL("edad", "7"), CELL("edad", "")};
	struct record_fault fault;
	struct buf out = BUF_EMPTY;

	assert_err(EN_EFORMAT, record_to_payload(ROW, cells, 2, true, &out, &fault));
	assert_string_equal(fault.column, "edad");
	assert_string_equal(fault.hint, "the column stands twice");
	assert_int_equal(out.len, 0);
	buf_fini(&out);
}

static void
an_unknown_column_is_refused_with_the_nearest_unless_it_may_be_ignored(void **state)
{
	struct record_cell cells[] = {CELL("Nombre completa", "Ana"), CELL("edad", "7")};
	struct record_fault fault;
	struct buf out = BUF_EMPTY;

	expect_refused(ROW, cells[0], EN_ENOTFOUND, "Nombre completo");
	assert_ok(record_to_payload(ROW, cells, 2, true, &out, &fault));
	kit_expect_bytes(buf_view(&out), "10 07");
	buf_fini(&out);
}

static void
a_record_comes_back_as_it_was(void **state)
{
	struct record_cell cells[] = {CELL("Nombre completo", "Ana"), CELL("edad", "7"), CELL("idiomas", "es|en"),
	    CELL("numeros", "1, 2"), CELL("estado", "ABIERTO"), CELL("huella", "+/8="), CELL("menor", "true"),
	    CELL("peso", "0.5")};
	struct record_cell *again;
	struct record_fault fault;
	struct buf out = BUF_EMPTY;
	struct arena arena;
	struct view *names;
	size_t count, columns;

	arena_init(&arena, 0);
	assert_ok(record_to_payload(ROW, cells, EN_COUNT_OF(cells), false, &out, &fault));
	assert_ok(record_from_payload(ROW, buf_view(&out), &arena, &again, &count, &fault));
	assert_ok(record_columns(ROW, &arena, &names, &columns));
	assert_int_equal(count, EN_COUNT_OF(cells)); // neither the list without a separator nor the message is a column
	assert_int_equal(columns, count);
	for (size_t i = 0; i < count; i++) {
		assert_true(view_equal(again[i].name, cells[i].name));
		assert_true(view_equal(again[i].value, cells[i].value));
		assert_true(view_equal(names[i], cells[i].name));
	}
	arena_fini(&arena);
	buf_fini(&out);
}

static void
a_payload_that_the_index_refuses_is_refused_with_its_field(void **state)
{
	struct record_cell *cells;
	struct record_fault fault;
	struct buf in = BUF_EMPTY;
	struct arena arena;
	size_t count;

	arena_init(&arena, 0);
	kit_hex(&in, "10 07 0a 01 ff");
	assert_err(EN_EUTF8, record_from_payload(ROW, buf_view(&in), &arena, &cells, &count, &fault));
	assert_string_equal(fault.column, "nombre");
	arena_fini(&arena);
	buf_fini(&in);
}

// Who reads "el salvador hnd" as three countries was told what nobody said.
static void
a_value_that_holds_the_separator_of_its_list_makes_no_cell(void **state)
{
	static const char *const payloads[] = {
	    "1a 03 65 7c 73 1a 02 65 6e", "1a 02 65 6e 1a 01 7c"}; // "e|s", "en"; "en", "|"
	struct record_cell *cells;
	struct record_fault fault;
	struct arena arena;
	size_t count;

	arena_init(&arena, 0);
	for (size_t i = 0; i < EN_COUNT_OF(payloads); i++) {
		struct buf in = BUF_EMPTY;

		kit_hex(&in, payloads[i]);
		assert_err(EN_EFORMAT, record_from_payload(ROW, buf_view(&in), &arena, &cells, &count, &fault));
		assert_string_equal(fault.column, "idiomas");
		buf_fini(&in);
	}
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_cell_is_its_field),
	    cmocka_unit_test(a_list_is_split_by_its_separator),
	    cmocka_unit_test(what_is_no_value_of_the_column_is_refused_by_its_name),
	    cmocka_unit_test(a_column_that_stands_twice_is_refused_even_when_one_is_empty),
	    cmocka_unit_test(an_unknown_column_is_refused_with_the_nearest_unless_it_may_be_ignored),
	    cmocka_unit_test(a_record_comes_back_as_it_was),
	    cmocka_unit_test(a_payload_that_the_index_refuses_is_refused_with_its_field),
	    cmocka_unit_test(a_value_that_holds_the_separator_of_its_list_makes_no_cell),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}

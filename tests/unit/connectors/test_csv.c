// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "connectors/file/csv.h"
#include "connectors/file/file.h"

struct fixture {
	struct csv csv;
	struct csv_row row;
};

static void
open_text(struct fixture *f, const char *text)
{
	assert_true(csv_open(&f->csv, text, strlen(text), ','));
}

static void
assert_cell(const struct fixture *f, size_t at, const char *text)
{
	assert_true(at < f->row.count);
	assert_int_equal(f->row.cells[at].len, strlen(text));
	assert_memory_equal(f->row.cells[at].data, text, strlen(text));
}

static int
set_up(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	csv_close(&((struct fixture *)*state)->csv);
	free(*state);
	return 0;
}

static void
cells_are_split_and_lines_counted(void **state)
{
	struct fixture *f = *state;

	open_text(f, "a,b,c\r\n1,,3\n\nx");
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_int_equal(f->row.count, 3);
	assert_cell(f, 2, "c");
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_cell(f, 1, "");
	assert_int_equal(f->row.line, 2);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_int_equal(f->row.line, 4);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_END);
}

static void
quotes_hold_separators_quotes_and_line_ends(void **state)
{
	struct fixture *f = *state;

	open_text(f, "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\nnext\n");
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_cell(f, 0, "a,b");
	assert_cell(f, 1, "say \"hi\"");
	assert_cell(f, 2, "two\nlines");
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_int_equal(f->row.line, 3);
}

static void
a_broken_row_costs_itself_only(void **state)
{
	struct fixture *f = *state;

	open_text(f, "good,1\n\"never closed,2\ngood,3\n\"x\"y,4\ngood,5\n");
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_BROKEN);
	assert_int_equal(f->row.line, 2);
	assert_non_null(f->row.problem);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_cell(f, 1, "3");
	assert_int_equal(f->row.line, 3);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_BROKEN);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_cell(f, 1, "5");
}

// The results of a table's rows behind its header, as letters: R a row, B a broken one.
static const char *
letters(struct fixture *f, const char *text, char ret[32])
{
	size_t at = 0;
	enum csv_result result;

	open_text(f, text);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	f->csv.columns = f->row.count;
	while ((result = csv_read(&f->csv, &f->row)) != CSV_END) {
		ret[at++] = result == CSV_ROW ? 'R' : 'B';
		assert_true(at < 31);
	}
	ret[at] = '\0';
	csv_close(&f->csv);
	return ret;
}

// Lone quotes in one column: the rows between them are persons, not a text.
static void
rows_between_two_lone_quotes_are_rows(void **state)
{
	static const char *const tables[][2] = {
	    {"a,b,c\nA,\"x,1\nB,y\",2\nC,z,3\n", "BRR"},
	    {"a,b,c\nA,\"x,1\nB,y,2\nC,z\",3\n", "BRR"},
	    {"a,b,c\r\nA,\"x,1\r\n\r\nB,y,2\r\nC,z\",3\r\n", "BRR"}, // nothing on an empty line
	    {"a,b,c\n\"A\",x,\"1\nB,y,2\nC,z,3\"\nD,w,4\n", "BRRR"},
	    {"a,b,c\n\"A,x,1\nB\",y,2\n", "BR"},
	    {"a,b,c\nA,\"x,1\nB,y,2\nC,z,3\"\n", "BRR"}, // in different columns
	    {"a,b,c\n\"Ana, A\",\"x,1\nB,\"\",2\nC,z\",3\n", "BRR"},
	};
	char ret[32];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		assert_string_equal(letters(*state, tables[i][0], ret), tables[i][1]);
	}
}

static void
a_text_of_several_lines_is_a_text(void **state)
{
	static const char *const tables[] = {
	    "a,b,c\nA,\"two\nlines\",3\n",
	    "a,b,c\nA,\"she came alone,\nwith nothing, at night\n\nand asks for a bed\",3\n",
	    "a,b,c\nA,\"cold, hungry, alone\nno mother, no father, no house\",3\n", // as many cells, but the row's own come on top
	    "a,b,c\nA,2,\"first,\nsecond\"\n",
	    "a,b,c\nA,\"\n\",3\n",
	    "a,b,c\n\"two\nlines\",\"and\r\ntwo\",3\n",
	    "a\n\"one column\nof two lines\"\n",
	};
	char ret[32];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		assert_string_equal(letters(*state, tables[i], ret), "R");
	}
}

// It starts with the line of the first quote, and says so.
static void
a_row_that_would_swallow_others_is_told_by_its_own_line(void **state)
{
	struct fixture *f = *state;

	open_text(f, "a,b\nA,\"x\nB,y\"\n");
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	f->csv.columns = 2;
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_BROKEN);
	assert_int_equal(f->row.line, 2);
	assert_int_equal(f->row.raw.len, strlen("A,\"x"));
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_int_equal(f->row.line, 3);
	assert_cell(f, 0, "B");
}

// The character behind it would be gone.
static void
a_carriage_return_alone_behind_a_quote_is_no_line_end(void **state)
{
	char ret[32];

	assert_string_equal(letters(*state, "a,b\nA,\"x\"\rB,y\nC,\"z\"\r\nD,\"w\"\r", ret), "BRR");
}

static void
a_byte_order_mark_is_not_part_of_the_first_header(void **state)
{
	struct fixture *f = *state;

	open_text(f,
	    "\xef\xbb\xbf"
	    "FUB,Nombre\n");
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_cell(f, 0, "FUB");
}

static void
columns_at_the_limit_pass_and_one_more_does_not(void **state)
{
	struct fixture *f = *state;
	char text[CSV_COLUMNS_MAX + 8];

	memset(text, ',', sizeof(text));
	text[CSV_COLUMNS_MAX - 1] = '\n';
	text[CSV_COLUMNS_MAX] = '\0';
	open_text(f, text);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_ROW);
	assert_int_equal(f->row.count, CSV_COLUMNS_MAX);
	csv_close(&f->csv);

	text[CSV_COLUMNS_MAX - 1] = ',';
	text[CSV_COLUMNS_MAX] = '\n';
	text[CSV_COLUMNS_MAX + 1] = '\0';
	open_text(f, text);
	assert_int_equal(csv_read(&f->csv, &f->row), CSV_BROKEN);
}

static void
every_truncation_ends(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "a,\"b\"\"c\",d\r\n\"x\ny\",,\"\"\n1,2,3";

	for (size_t len = 0; len < sizeof(text); len++) {
		int rows = 0;

		assert_true(csv_open(&f->csv, text, len, ','));
		while (csv_read(&f->csv, &f->row) != CSV_END) {
			assert_true(++rows < 10);
		}
		csv_close(&f->csv);
	}
}

static void
latin_1_becomes_utf_8_and_comes_back(void **state)
{
	static const char latin[] = "HONDURE\xd1"
				    "A \xe1\xff";
	size_t utf8_len, back_len;
	bool lossy;
	char *utf8 = file_to_utf8(latin, sizeof(latin) - 1, FILE_LATIN1, &utf8_len);
	char *back = file_from_utf8(utf8, utf8_len, FILE_LATIN1, &back_len, &lossy);

	(void)state;
	assert_string_equal(utf8,
	    "HONDURE\xc3\x91"
	    "A \xc3\xa1\xc3\xbf");
	assert_string_equal(back, latin);
	assert_false(lossy);
	free(utf8);
	free(back);
	back = file_from_utf8("\xe2\x82\xac", 3, FILE_LATIN1, &back_len, &lossy);
	assert_string_equal(back, "?");
	assert_true(lossy);
	free(back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(cells_are_split_and_lines_counted, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(quotes_hold_separators_quotes_and_line_ends, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_broken_row_costs_itself_only, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(rows_between_two_lone_quotes_are_rows, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_text_of_several_lines_is_a_text, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_row_that_would_swallow_others_is_told_by_its_own_line, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_carriage_return_alone_behind_a_quote_is_no_line_end, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_byte_order_mark_is_not_part_of_the_first_header, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(columns_at_the_limit_pass_and_one_more_does_not, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(every_truncation_ends, set_up, tear_down),
	    cmocka_unit_test(latin_1_becomes_utf_8_and_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

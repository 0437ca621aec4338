// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/csv.h"

#include <stdlib.h>

#include "support/support.h"

// Every cell as "[text]" and every row's end as "/"; what is broken as "!LINE:COLUMN".
static char *
rows_of(struct view text, char separator)
{
	struct arena arena;
	struct buf out = BUF_EMPTY;
	struct csv csv;
	struct csv_cell cells[4], wrong;
	const char *what;
	size_t count;
	enum csv_result result;

	arena_init(&arena, 0);
	csv_init(&csv, text, separator);
	while ((result = csv_next(&csv, cells, 4, &count, &wrong, &what)) == CSV_ROW) {
		for (size_t i = 0; i < count; i++) {
			buf_printf(&out, "[%s]", csv_text(&arena, &cells[i]));
		}
		buf_put_str(&out, "/");
	}
	if (result == CSV_BROKEN) {
		assert_true(strlen(what) > 0);
		buf_printf(&out, "!%u:%u", wrong.line, wrong.column);
	}
	arena_fini(&arena);
	(void)buf_cstr(&out);
	return (char *)out.data;
}

static void
check(const char *text, char separator, const char *wanted)
{
	char *rows = rows_of(view_text(text), separator);

	assert_string_equal(rows, wanted);
	free(rows);
}

static void
cells_rows_and_line_ends_are_told_apart(void **state)
{
	(void)state;
	check("a,b\nc,d\n", ',', "[a][b]/[c][d]/");
	check("a,b\r\nc,d", ',', "[a][b]/[c][d]/");
	check("a;b,c\n", ';', "[a][b,c]/");
	check(",\n", ',', "[][]/");
	check("a\rb\n", ',', "[a\rb]/");
	check("a\r", ',', "[a]/");
	check("", ',', "");
}

static void
empty_lines_are_passed_over_and_an_empty_quoted_cell_is_a_row(void **state)
{
	(void)state;
	check("\n\na\n\r\n\nb\n\n", ',', "[a]/[b]/");
	check("\"\"\n", ',', "[]/");
}

static void
quotes_hold_separators_line_ends_and_quotes(void **state)
{
	(void)state;
	check("\"a,b\",\"c\nd\",\"e\"\"f\"\ng", ',', "[a,b][c\nd][e\"f]/[g]/");
	check("\"\"\"\",\"\"\"\"\"\"\n", ',', "[\"][\"\"]/");
	check("a\"b,c\"\"d\n", ',', "[a\"b][c\"\"d]/");
}

static void
broken_quotes_and_too_many_columns_are_told_at_their_cell(void **state)
{
	(void)state;
	check("a\nb,\"c\nd\n", ',', "[a]/!2:3");
	check("\xc3\xb1,\"c\"d\n", ',', "!1:3");
	check("\"", ',', "!1:1");
	check("\"\"\"", ',', "!1:1");
	check("1,2,3,4\n1,2,3,4,5\n", ',', "[1][2][3][4]/!2:9");
}

static void
the_mark_of_windows_editors_is_passed_over(void **state)
{
	(void)state;
	check("\xef\xbb\xbf"
	      "a,\"b\" x\n",
	    ',', "!1:3");
}

static void
every_cut_is_read_within_its_bytes(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "a,\"b\"\"\r\n\",c\r\n\"\",\"x\n";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		char *copy = malloc(len + 1);

		memcpy(copy + 1, text, len);
		free(rows_of(view_of(copy + 1, len), ','));
		free(copy);
	}
	free(rows_of(VIEW_EMPTY, ','));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cells_rows_and_line_ends_are_told_apart),
	    cmocka_unit_test(empty_lines_are_passed_over_and_an_empty_quoted_cell_is_a_row),
	    cmocka_unit_test(quotes_hold_separators_line_ends_and_quotes),
	    cmocka_unit_test(broken_quotes_and_too_many_columns_are_told_at_their_cell),
	    cmocka_unit_test(the_mark_of_windows_editors_is_passed_over),
	    cmocka_unit_test(every_cut_is_read_within_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

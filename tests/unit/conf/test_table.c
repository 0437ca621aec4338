// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/table.h"

#include "unit/conf/golden.h"

#include "base/limits.h"

static enum en_err
read_rows(struct parsed *p, const char *header, struct view csv)
{
	assert_ok(parse_kind(p, CONF_TABLE, header));
	return conf_table_read(p->thing, csv, &p->arena, &p->findings);
}

#define expect_rows(header, csv, wanted)                                                                               \
	do {                                                                                                           \
		void *state_;                                                                                          \
		parsed_setup(&state_);                                                                                 \
		assert_err((wanted)[0] == '\0' ? EN_OK : EN_ECONFIG, read_rows(state_, (header), view_text(csv)));     \
		assert_findings(&((struct parsed *)state_)->findings, (wanted));                                       \
		parsed_teardown(&state_);                                                                              \
	} while (0)

static void
a_header_is_read_and_names_its_csv(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_TABLE,
	    "table: inm-sexo\nsystem_from: INM SETRAM\nsystem_to: enlace.v1.Sex\nversion: \"2026-01\"\nowner: INM\n"
	    "direction: both_ways\nvalid: {first_day: 2026-01-01, last_day: 2026-12-31}\nprovenance: oficio 12\n"));
	const struct conf_table *t = p->thing;

	assert_string_equal(t->name.text, "inm-sexo");
	assert_string_equal(t->system_from.text, "INM SETRAM");
	assert_string_equal(t->system_to.text, "enlace.v1.Sex");
	assert_string_equal(t->version.text, "2026-01");
	assert_string_equal(t->direction.text, "both_ways");
	assert_string_equal(t->valid_from.text, "2026-01-01");
	assert_string_equal(t->valid_to.text, "2026-12-31");
	assert_string_equal(t->provenance.text, "oficio 12");
	assert_string_equal(t->csv_path, "set/t.csv");
	assert_ok(parse_kind(p, CONF_TABLE, "table: t\nfile: other.csv\n"));
	assert_string_equal(((struct conf_table *)p->thing)->csv_path, "set/other.csv");
	assert_string_equal(((struct conf_table *)p->thing)->direction.text, "one_way");
}

static void
codes_are_text_with_their_place(void **state)
{
	struct parsed *p = *state;

	assert_ok(read_rows(p, "table: t\n", view_text("label,from,to\nuno,01,A\n\"dos, \"\"2\"\"\",NO,B\n,1e3,\n")));
	const struct conf_table *t = p->thing;

	assert_int_equal(t->row_count, 3);
	assert_string_equal(t->rows[0].from, "01");
	assert_string_equal(t->rows[0].to, "A");
	assert_string_equal(t->rows[0].label, "uno");
	assert_string_equal(t->rows[1].label, "dos, \"2\"");
	assert_int_equal(t->rows[1].where.line, 3);
	assert_int_equal(t->rows[1].where.column, 14);
	assert_string_equal(t->rows[1].where.file, "set/t.csv");
	assert_string_equal(t->rows[2].from, "1e3");
	assert_string_equal(t->rows[2].to, "");
	assert_null(t->rows[2].label);
}

static void
columns_are_known_by_their_headings_and_the_separator_is_chosen(void **state)
{
	struct parsed *p = *state;

	assert_ok(
	    read_rows(p, "table: t\nseparator: \";\"\nfrom_column: CLAVE\nto_column: servicio\nlabel_column: texto\n",
		view_text("texto;servicio;otra;CLAVE\r\na,b;X;;9\r\n")));
	const struct conf_table *t = p->thing;

	assert_string_equal(t->rows[0].from, "9");
	assert_string_equal(t->rows[0].to, "X");
	assert_string_equal(t->rows[0].label, "a,b");
	expect_findings(CONF_TABLE, "table: t\nseparator: tab\n", "E0106 2:12 separator is one of: ,, ; | ,, ;\n");
}

static void
a_missing_column_is_told_with_the_nearest_heading(void **state)
{
	(void)state;
	expect_rows("table: t\n", "form,to\n1,2\n", "E0105 1:1 a column from (from_column of the header) | form\n");
	expect_rows("table: t\n", "x,y\n1,2\n",
	    "E0105 1:1 a column from (from_column of the header) | -\n"
	    "E0105 1:1 a column to (to_column of the header) | -\n");
	expect_rows("table: t\n", "from;to\n1;2\n", // as spreadsheets write it where a comma begins the decimals
	    "E0105 1:1 a column from (from_column of the header) | ; stands between the cells: write separator: \";\" in the header\n"
	    "E0105 1:1 a column to (to_column of the header) | ; stands between the cells: write separator: \";\" in the header\n");
	expect_rows("table: t\nlabel_column: texto\n", "from,to\n1,2\n",
	    "E0105 1:1 a column texto (label_column of the header) | -\n");
	expect_rows("table: t\n", "", "E0116 0:0 no rows | a first line with the columns' names\n");
}

static void
a_hierarchy_has_its_three_columns(void **state)
{
	(void)state;
	expect_findings(CONF_TABLE, "table: t\nlevel_column: level\n",
	    "E0105 1:1 code_column | -\n"
	    "E0105 1:1 columns | columns: [code, parent, level, name]\n"
	    "E0105 1:1 parent_column | -\n");
	expect_findings(CONF_TABLE, "table: t\ncolumns: [a, b]\ncode_column: a\nparent_column: b\n",
	    "E0105 1:1 level_column | -\n");
}

static void
the_last_day_of_a_table_is_not_before_its_first(void **state)
{
	(void)state;
	expect_findings(CONF_TABLE, "table: t\nvalid: {first_day: 2026-01-02, last_day: 2026-01-01}\n",
	    "E0112 2:42 last_day is before first_day | a day after first_day\n");
	expect_findings(CONF_TABLE, "table: t\nvalid: {last_day: 2026-01-01}\n", "");
	expect_findings(CONF_TABLE, "table: t\nvalid: {first_day: 2026-01-01, last_day: 2026-01-01}\n", "");
}

static void
a_code_that_stands_twice_is_told_with_both_lines(void **state)
{
	(void)state;
	expect_rows("table: t\n", "from,to\nA,1\nB,2\nA,1\nA,3\n",
	    "E0104 4:1 A, first in line 2 | -\n"
	    "E0104 5:1 A, first in line 2 | -\n");
}

static void
rows_of_another_length_and_empty_codes_are_told_and_the_rest_is_read(void **state)
{
	(void)state;
	expect_rows("table: t\n", "from,to\nA\nB,1,2\n,3\nC,4\nC,5\n",
	    "E0116 2:1 1 columns instead of 2 | -\n"
	    "E0116 3:1 3 columns instead of 2 | -\n"
	    "E0116 4:1 no code in column from | -\n"
	    "E0104 6:1 C, first in line 5 | -\n");
	expect_rows("table: t\n", "from,to\nA,\"1\nB,2\n", "E0116 2:3 a quote that never ends | -\n");
}

static void
a_table_that_is_not_utf8_or_has_a_nul_is_told(void **state)
{
	struct parsed *p = *state;

	expect_rows("table: t\n", "from,to\nA,\xf1\n", "E0111 2:3 byte 11 | -\n");
	assert_err(EN_ECONFIG, read_rows(p, "table: t\n", view_of("from,to\nA,\0\n", 12)));
	assert_findings(&p->findings, "E0116 2:3 a NUL character | -\n");
}

static void
columns_are_read_to_their_limit_and_not_past_it(void **state)
{
	struct parsed *p = *state;
	struct buf text = BUF_EMPTY;

	buf_put_str(&text, "from,to");
	for (size_t i = 2; i < LIMIT_TABLE_COLUMNS; i++) {
		buf_printf(&text, ",c%zu", i);
	}
	assert_ok(read_rows(p, "table: t\n", buf_view(&text)));
	buf_put_str(&text, ",more");
	assert_err(EN_ECONFIG, read_rows(p, "table: t\n", buf_view(&text)));
	assert_int_equal(p->findings.items[0].code, E0116);
	buf_fini(&text);
}

static void
rows_are_read_to_their_limit_and_not_past_it(void **state)
{
	struct parsed *p = *state;
	struct buf text = BUF_EMPTY;

	buf_put_str(&text, "from,to\n");
	for (size_t i = 0; i < LIMIT_TABLE_ROWS; i++) {
		buf_printf(&text, "%zx,\n", i);
	}
	assert_ok(read_rows(p, "table: t\n", buf_view(&text)));
	assert_int_equal(((struct conf_table *)p->thing)->row_count, LIMIT_TABLE_ROWS);
	buf_put_str(&text, "x,\n");
	assert_err(EN_ECONFIG, read_rows(p, "table: t\n", buf_view(&text)));
	assert_findings(&p->findings, "E0108 1000002:1 more than 1000000 rows | -\n");
	buf_fini(&text);
}

static void
a_table_is_read_at_the_limit_of_its_size_and_refused_one_past_it(void **state)
{
	struct parsed *p = *state;
	char *text = malloc(LIMIT_TABLE_BYTES + 1);

	memset(text, 'x', LIMIT_TABLE_BYTES + 1);
	memcpy(text, "from,to\n,", 8);
	text[LIMIT_TABLE_BYTES - 1] = ',';
	assert_ok(read_rows(p, "table: t\n", view_of(text, LIMIT_TABLE_BYTES)));
	assert_err(EN_ECONFIG, read_rows(p, "table: t\n", view_of(text, LIMIT_TABLE_BYTES + 1)));
	assert_findings(&p->findings, "E0108 0:0 more than 67108864 bytes | -\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(a_header_is_read_and_names_its_csv),
	    PARSED_TEST(codes_are_text_with_their_place),
	    PARSED_TEST(columns_are_known_by_their_headings_and_the_separator_is_chosen),
	    PARSED_TEST(a_missing_column_is_told_with_the_nearest_heading),
	    PARSED_TEST(a_hierarchy_has_its_three_columns),
	    PARSED_TEST(the_last_day_of_a_table_is_not_before_its_first),
	    PARSED_TEST(a_code_that_stands_twice_is_told_with_both_lines),
	    PARSED_TEST(rows_of_another_length_and_empty_codes_are_told_and_the_rest_is_read),
	    PARSED_TEST(a_table_that_is_not_utf8_or_has_a_nul_is_told),
	    PARSED_TEST(columns_are_read_to_their_limit_and_not_past_it),
	    PARSED_TEST(rows_are_read_to_their_limit_and_not_past_it),
	    PARSED_TEST(a_table_is_read_at_the_limit_of_its_size_and_refused_one_past_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Any bytes as the CSV of a code table. The first byte chooses the header: plain, both ways, with ";", wide, a hierarchy. Checked
// besides memory: a table is read or has a finding within its lines, and no code of what was read stands twice.
// `make fuzz FUZZ=table` runs it.

#include "conf/kinds.h"
#include "conf/table.h"
#include "fuzz/require.h"
#include "map/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const headers[] = {
    "table: t\n",
    "table: t\ndirection: both_ways\nsystem_from: a\n",
    "table: t\nseparator: \";\"\nfrom_column: desde\nto_column: a\nlabel_column: nombre\n",
    "table: t\ncolumns: [from, to]\n",
    "table: t\ncolumns: [code, parent, level]\ncode_column: code\nparent_column: parent\nlevel_column: level\n",
    "table: t\nexamples: {a: b}\n",
};

static void
check_rows(const struct conf_table *table, struct findings *findings)
{
	struct conf_table *tables[] = {(struct conf_table *)(uintptr_t)table};
	struct conf_set set = {.tables = tables, .table_count = 1};
	struct code_tables *codes = NULL;

	if (code_tables_new(&set, findings, &codes) != EN_OK) {
		require(findings->errors > 0);
		return;
	}
	struct strmap seen;

	strmap_init(&seen, 0);
	require(code_table_by_name(codes, "t") != NULL);
	for (size_t i = 0; i < table->row_count; i++) {
		struct conf_table_row *row = &table->rows[i];
		void *other = NULL;

		require(row->where.line > 1);
		for (size_t c = 0; c < table->columns.count; c++) {
			require(row->cells[c] != NULL);
		}
		if (table->columns.count == 0) {
			require(strmap_put(&seen, view_text(row->from), row, &other) == EN_OK && other == NULL);
		}
	}
	strmap_fini(&seen);
	code_tables_free(&codes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct findings findings;
	void *table = NULL;

	if (size == 0) {
		return 0;
	}
	arena_init(&arena, 0);
	findings_init(&findings);
	require(conf_kind_parse(CONF_TABLE, view_text(headers[data[0] % EN_COUNT_OF(headers)]), "t.yaml", &arena,
		    &findings, &table) == EN_OK);
	enum en_err err = conf_table_read(table, view_of(data + 1, size - 1), &arena, &findings);

	require((err == EN_OK) == (findings.errors == 0));
	for (size_t i = 0; i < findings.count; i++) {
		require(findings.items[i].where.line <= size + 1);
		require(findings.items[i].detail == NULL || view_is_utf8(view_text(findings.items[i].detail)));
	}
	if (err == EN_OK) {
		check_rows(table, &findings);
	}
	findings_fini(&findings);
	arena_fini(&arena);
	return 0;
}

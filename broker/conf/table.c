// SPDX-License-Identifier: Apache-2.0
// Code tables. The header says which columns of the CSV are meant and who answers for them; the rows are plain text,
// so that 01 stays 01.
//
// A code that stands twice is an error even when both rows agree: the next editor would correct one of them.
#include "conf/table.h"

#include <stdlib.h>

#include "base/limits.h"
#include "conf/csv.h"
#include "conf/kinds.h"

struct table_draft {
	struct conf_table table; // first: a conf_table made by conf_kind_parse is one of these
	struct conf_text file, separator, from_column, to_column, label_column;
};

static void
check_table(struct binder *b, const struct yaml_node *map, void *dst)
{
	struct table_draft *draft = dst;
	size_t len = strlen(b->file);
	size_t stem = len > 5 && strcmp(b->file + len - 5, ".yaml") == 0 ? len - 5 : len;

	(void)map;
	draft->table.csv_path =
	    draft->file.text != NULL ? draft->file.text : arena_printf(b->arena, "%.*s.csv", (int)stem, b->file);
	if (draft->table.csv_path == NULL) {
		b->err = EN_ENOMEM;
	}
}

// clang-format off
static const char *const separator_words[] = {",", ";", NULL};
static const char *const direction_words[] = {"one_way", "both_ways", NULL};

static const struct bind_field valid_fields[] = {
	{.key = "first_day", .type = BIND_DAY, BIND_AT(table_draft, table.valid_from),
	    .help = "the first day on which these codes are used, as 2026-01-01"},
	{.key = "last_day", .type = BIND_DAY, BIND_AT(table_draft, table.valid_to),
	    .help = "the last day, as 2026-12-31"},
};
static const struct bind_object valid_object = {
	.name = "valid", .fields = valid_fields, .field_count = EN_COUNT_OF(valid_fields),
	.where_offset = BIND_NO_WHERE,
};

static const struct bind_field fields[] = {
	{.key = "table", .type = BIND_NAME, .is_required = true, BIND_AT(table_draft, table.name),
	    .help = "the name that mappings use"},
	{.key = "system_from", .type = BIND_TEXT, BIND_AT(table_draft, table.system_from),
	    .help = "whose codes are in the column `from`"},
	{.key = "system_to", .type = BIND_TEXT, BIND_AT(table_draft, table.system_to),
	    .help = "whose codes are in the column `to`"},
	{.key = "version", .type = BIND_TEXT, BIND_AT(table_draft, table.version),
	    .help = "which edition of the codes"},
	{.key = "owner", .type = BIND_TEXT, BIND_AT(table_draft, table.owner), .help = "who answers for it"},
	{.key = "direction", .type = BIND_WORD,
	    BIND_AT(table_draft, table.direction), .words = direction_words, .text = "one_way",
	    .help = "one_way, or both_ways: then no `to` may stand twice"},
	{.key = "valid", .type = BIND_OBJECT, .object = &valid_object,
	    .help = "{first_day: 2026-01-01, last_day: 2026-12-31}"},
	{.key = "provenance", .type = BIND_TEXT, BIND_AT(table_draft, table.provenance),
	    .help = "where the codes were taken from, and who approved them"},
	{.key = "file", .type = BIND_PATH, BIND_AT(table_draft, file),
	    .help = "the CSV; the file of the same name beside this one when absent"},
	{.key = "separator", .type = BIND_WORD, BIND_AT(table_draft, separator), .words = separator_words, .text = ",",
	    .help = "\",\" or \";\""},
	{.key = "from_column", .type = BIND_TEXT, BIND_AT(table_draft, from_column), .text = "from",
	    .help = "the heading of the column with the codes to translate"},
	{.key = "to_column", .type = BIND_TEXT, BIND_AT(table_draft, to_column), .text = "to",
	    .help = "the heading of the column with what they become"},
	{.key = "label_column", .type = BIND_TEXT, BIND_AT(table_draft, label_column), .text = "label",
	    .help = "the heading of the column with words for people"},
};
// clang-format on

const struct bind_object conf_table_object = {
    .name = "table",
    .fields = fields,
    .field_count = EN_COUNT_OF(fields),
    .size = sizeof(struct table_draft),
    .where_offset = BIND_NO_WHERE,
    .check = check_table,
};

// What is known while one CSV is read.
struct reading {
	struct table_draft *draft;
	struct csv csv;
	struct arena *arena;
	struct findings *findings;
	struct csv_cell cells[LIMIT_TABLE_COLUMNS];
	size_t count; // cells of the row at hand
	size_t columns; // of the header row
	size_t from, to, label; // which columns; label: SIZE_MAX when there is none
};

static struct where
place(const struct reading *r, const struct csv_cell *cell)
{
	return (struct where){.file = r->draft->table.csv_path, .line = cell->line, .column = cell->column};
}

static enum csv_result
next_row(struct reading *r)
{
	struct csv_cell cell;
	const char *wrong;
	enum csv_result result = csv_next(&r->csv, r->cells, EN_COUNT_OF(r->cells), &r->count, &cell, &wrong);

	if (result == CSV_BROKEN) {
		findings_add(r->findings, E0116, place(r, &cell), NULL, "%s", findings_say(r->findings, wrong));
	}
	return result;
}

static size_t
find_column(const struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++) {
		if (view_is(r->cells[i].raw, name)) {
			return i;
		}
	}
	return SIZE_MAX;
}

// A heading that must be there: the finding offers the nearest one.
static enum en_err
require_column(struct reading *r, const char *name, const char *key, size_t *ret)
{
	const char *headings[LIMIT_TABLE_COLUMNS];

	*ret = find_column(r, name);
	if (*ret != SIZE_MAX) {
		return EN_OK;
	}
	for (size_t i = 0; i < r->count; i++) {
		headings[i] = csv_text(r->arena, &r->cells[i]);
		if (headings[i] == NULL) {
			return EN_ENOMEM;
		}
	}
	findings_add(r->findings, E0105, place(r, &r->cells[0]), nearest_name(name, headings, r->count),
	    "a column %s (%s of the header)", name, key);
	return EN_ECONFIG;
}

static enum en_err
read_headings(struct reading *r)
{
	struct where whole_file = {.file = r->draft->table.csv_path};
	enum csv_result result = next_row(r);

	if (result != CSV_ROW) {
		if (result == CSV_END) {
			findings_add(r->findings, E0116, whole_file, "a first line with the columns' names", "no rows");
		}
		return EN_ECONFIG;
	}
	r->columns = r->count;
	r->label = find_column(r, r->draft->label_column.text);
	enum en_err from = require_column(r, r->draft->from_column.text, "from_column", &r->from);
	enum en_err to = require_column(r, r->draft->to_column.text, "to_column", &r->to);
	enum en_err label = EN_OK;

	// A label is only missed when the header asked for it by name.
	if (r->label == SIZE_MAX && r->draft->label_column.where.line > 0) {
		label = require_column(r, r->draft->label_column.text, "label_column", &r->label);
	}
	return from != EN_OK ? from : to != EN_OK ? to : label;
}

static enum en_err
add_row(struct reading *r)
{
	struct conf_table *table = &r->draft->table;

	if (r->count != r->columns) {
		findings_add(r->findings, E0116, place(r, &r->cells[0]), NULL, "%zu columns instead of %zu", r->count,
		    r->columns);
		return EN_OK;
	}
	if (r->cells[r->from].raw.len == 0) {
		findings_add(r->findings, E0116, place(r, &r->cells[r->from]), NULL, "no code in column %s",
		    r->draft->from_column.text);
		return EN_OK;
	}
	if (table->row_count == LIMIT_TABLE_ROWS) {
		findings_add(r->findings, E0108, place(r, &r->cells[0]), NULL, "more than %d rows", LIMIT_TABLE_ROWS);
		return EN_ECONFIG;
	}
	struct conf_table_row *row = &table->rows[table->row_count];

	*row = (struct conf_table_row){
	    .from = csv_text(r->arena, &r->cells[r->from]),
	    .to = csv_text(r->arena, &r->cells[r->to]),
	    .where = place(r, &r->cells[r->from]),
	};
	if (r->label != SIZE_MAX && r->cells[r->label].raw.len > 0) {
		row->label = csv_text(r->arena, &r->cells[r->label]);
	}
	if (row->from == NULL || row->to == NULL) {
		return EN_ENOMEM;
	}
	table->row_count++;
	return EN_OK;
}

static int
by_code_then_place(const void *left, const void *right)
{
	const struct conf_table_row *a = *(const struct conf_table_row *const *)left;
	const struct conf_table_row *b = *(const struct conf_table_row *const *)right;
	int order = strcmp(a->from, b->from);

	// Both rows are of one array, so their addresses order them as the file does.
	return order != 0 ? order : a < b ? -1 : a > b;
}

static enum en_err
find_duplicates(const struct conf_table *table, struct findings *findings)
{
	size_t count = table->row_count;
	const struct conf_table_row **sorted = count == 0 ? NULL : malloc(count * sizeof(*sorted));

	if (sorted == NULL) {
		return count == 0 ? EN_OK : EN_ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		sorted[i] = &table->rows[i];
	}
	qsort(sorted, count, sizeof(*sorted), by_code_then_place);
	for (size_t i = 1, first = 0; i < count; i++) {
		if (strcmp(sorted[i]->from, sorted[first]->from) != 0) {
			first = i;
		} else {
			findings_add(findings, E0104, sorted[i]->where, NULL, "%s, first in line %u", sorted[i]->from,
			    sorted[first]->where.line);
		}
	}
	free(sorted);
	return EN_OK;
}

// No row is shorter than a line, so there are at most as many rows as lines.
static enum en_err
make_room(struct reading *r, struct view csv)
{
	size_t lines = 1;

	for (size_t i = 0; i < csv.len; i++) {
		lines += csv.data[i] == '\n';
	}
	if (lines > LIMIT_TABLE_ROWS) {
		lines = LIMIT_TABLE_ROWS;
	}
	r->draft->table.rows = arena_alloc(r->arena, lines * sizeof(*r->draft->table.rows));
	return r->draft->table.rows == NULL ? EN_ENOMEM : EN_OK;
}

enum en_err
conf_table_read(struct conf_table *table, struct view csv, struct arena *arena, struct findings *findings)
{
	// Safe by what the header asks for: the draft begins with its table.
	struct reading r = {.draft = (struct table_draft *)(void *)table, .arena = arena, .findings = findings};
	struct where whole_file = {.file = table->csv_path};
	size_t errors_before = findings->errors;

	table->row_count = 0;
	if (csv.len > LIMIT_TABLE_BYTES) {
		findings_add(findings, E0108, whole_file, NULL, "more than %zu bytes", LIMIT_TABLE_BYTES);
		return EN_ECONFIG;
	}
	if (!yaml_check_utf8(csv, table->csv_path, findings)) {
		return EN_ECONFIG;
	}
	if (csv.len > 0 && memchr(csv.data, '\0', csv.len) != NULL) {
		findings_add(findings, E0116, whole_file, NULL, "a NUL character");
		return EN_ECONFIG;
	}
	csv_init(&r.csv, csv, r.draft->separator.text[0]);
	enum en_err err = make_room(&r, csv);

	if (err == EN_OK) {
		err = read_headings(&r);
	}
	while (err == EN_OK && next_row(&r) == CSV_ROW) {
		err = add_row(&r);
	}
	if (err == EN_OK) {
		err = find_duplicates(table, findings);
	}
	return err == EN_OK && findings->errors > errors_before ? EN_ECONFIG : err;
}

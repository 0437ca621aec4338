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
#include "conf/path.h"

struct table_draft {
	struct conf_table table; // first: a conf_table made by conf_kind_parse is one of these
	struct conf_text file, separator, from_column, to_column, label_column;
};

// One of them without the others, or without the columns that they name, would say nothing.
static void
check_hierarchy(struct binder *b, const struct yaml_node *map)
{
	static const char *const keys[] = {"code_column", "parent_column", "level_column"};
	size_t there = 0;

	for (size_t i = 0; i < EN_COUNT_OF(keys); i++) {
		there += yaml_get(map, keys[i]) != NULL;
	}
	for (size_t i = 0; there > 0 && i < EN_COUNT_OF(keys); i++) {
		if (yaml_get(map, keys[i]) == NULL) {
			findings_add(b->findings, E0105, map->where, NULL, "%s", keys[i]);
		}
	}
	if (there > 0 && yaml_get(map, "columns") == NULL) {
		findings_add(b->findings, E0105, map->where, "columns: [code, parent, level, name]", "columns");
	}
}

static void
check_table(struct binder *b, const struct yaml_node *map, void *dst)
{
	struct table_draft *draft = dst;
	size_t stem = strlen(b->file) - (conf_ends_with(b->file, ".yaml") ? strlen(".yaml") : 0);

	draft->table.csv_path =
	    draft->file.text != NULL ? draft->file.text : arena_printf(b->arena, "%.*s.csv", (int)stem, b->file);
	if (draft->table.csv_path == NULL) {
		b->err = EN_ENOMEM;
	}
	bind_check_days(b, &draft->table.valid_from, &draft->table.valid_to);
	check_hierarchy(b, map);
}

static void
read_examples(struct binder *b, const struct yaml_node *node, void *dst)
{
	static const char help[] = "{CODE: \"what it becomes\"}";
	struct table_draft *draft = dst;

	if (node->kind != YAML_MAP || node->count == 0) {
		bind_wrong_form(b, node, help);
		return;
	}
	draft->table.examples = bind_array(b, node->count, sizeof(*draft->table.examples));
	for (const struct yaml_node *one = node->first; one != NULL && draft->table.examples != NULL; one = one->next) {
		struct conf_text to = bind_text(b, one, help);

		if (to.text != NULL) {
			draft->table.examples[draft->table.example_count++] =
			    (struct conf_pair){.from = bind_key(b, one), .to = to};
		}
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
	{.key = "approved_by", .type = BIND_TEXT, BIND_AT(table_draft, table.approved_by),
	    .help = "who compared it with its source, and when"},
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
	{.key = "columns", .type = BIND_LIST, BIND_AT(table_draft, table.columns),
	    .help = "the headings of a wide table, of which lookup uses any: [inegi, curp, name]"},
	{.key = "code_column", .type = BIND_TEXT, BIND_AT(table_draft, table.code_column),
	    .help = "of a hierarchy: the heading of the column with the code of the row itself"},
	{.key = "parent_column", .type = BIND_TEXT, BIND_AT(table_draft, table.parent_column),
	    .help = "of a hierarchy: the heading of the column with the code of the row above"},
	{.key = "level_column", .type = BIND_TEXT, BIND_AT(table_draft, table.level_column),
	    .help = "of a hierarchy: the heading of the column with the level, as adm1"},
	{.key = "examples", .type = BIND_CUSTOM, .read = read_examples, .form = BIND_FORM_TEXTS,
	    .help = "{CODE: RESULT}: rows that must be so; a table shifted by a row is found by them"},
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
	size_t wide[LIMIT_TABLE_COLUMNS]; // which columns, of a wide table
};

static bool
is_wide(const struct conf_table *table)
{
	return table->columns.count > 0;
}

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

// Where a comma begins the decimals, spreadsheets write ; between the cells.
static bool
is_separated_otherwise(const struct reading *r)
{
	struct view line = r->cells[0].raw;

	return r->count == 1 && line.len > 0 && memchr(line.data, ';', line.len) != NULL;
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
	findings_add(r->findings, E0105, place(r, &r->cells[0]),
	    is_separated_otherwise(r) ? "; stands between the cells: write separator: \";\" in the header"
				      : nearest_name(name, headings, r->count),
	    "a column %s (%s of the header)", name, key);
	return EN_ECONFIG;
}

static enum en_err
read_wide_headings(struct reading *r)
{
	const struct conf_table *table = &r->draft->table;
	const struct conf_text *named[] = {&table->code_column, &table->parent_column, &table->level_column};
	enum en_err err = EN_OK;
	size_t at;

	if (table->columns.count > LIMIT_TABLE_COLUMNS) {
		findings_add(r->findings, E0108, table->columns.items[0].where, NULL, "more than %d columns",
		    LIMIT_TABLE_COLUMNS);
		return EN_ECONFIG;
	}
	for (size_t i = 0; i < table->columns.count; i++) {
		enum en_err one = require_column(r, table->columns.items[i].text, "columns", &r->wide[i]);

		err = err == EN_OK ? one : err;
	}
	for (size_t i = 0; i < EN_COUNT_OF(named); i++) {
		if (named[i]->text != NULL && !conf_table_column(table, named[i]->text, &at)) {
			findings_add(r->findings, E0105, named[i]->where, NULL, "%s in columns", named[i]->text);
			err = EN_ECONFIG;
		}
	}
	return err;
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
	if (is_wide(&r->draft->table)) {
		return read_wide_headings(r);
	}
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

// The cells of a wide table's row, in the order in which the header names the columns.
static enum en_err
fill_wide(struct reading *r, struct conf_table_row *row)
{
	size_t count = r->draft->table.columns.count;
	const char **cells = arena_alloc(r->arena, count * sizeof(*cells));

	*row = (struct conf_table_row){.from = "", .to = "", .cells = cells, .where = place(r, &r->cells[r->wide[0]])};
	for (size_t i = 0; cells != NULL && i < count; i++) {
		cells[i] = csv_text(r->arena, &r->cells[r->wide[i]]);
		if (cells[i] == NULL) {
			return EN_ENOMEM;
		}
	}
	return cells == NULL ? EN_ENOMEM : EN_OK;
}

static enum en_err
fill_row(struct reading *r, struct conf_table_row *row)
{
	*row = (struct conf_table_row){
	    .from = csv_text(r->arena, &r->cells[r->from]),
	    .to = csv_text(r->arena, &r->cells[r->to]),
	    .where = place(r, &r->cells[r->from]),
	};
	if (r->label != SIZE_MAX && r->cells[r->label].raw.len > 0) {
		row->label = csv_text(r->arena, &r->cells[r->label]);
	}
	return row->from == NULL || row->to == NULL ? EN_ENOMEM : EN_OK;
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
	if (!is_wide(table) && r->cells[r->from].raw.len == 0) {
		findings_add(r->findings, E0116, place(r, &r->cells[r->from]), NULL, "no code in column %s",
		    r->draft->from_column.text);
		return EN_OK;
	}
	if (table->row_count == LIMIT_TABLE_ROWS) {
		findings_add(r->findings, E0108, place(r, &r->cells[0]), NULL, "more than %d rows", LIMIT_TABLE_ROWS);
		return EN_ECONFIG;
	}
	struct conf_table_row *row = &table->rows[table->row_count];
	enum en_err err = is_wide(table) ? fill_wide(r, row) : fill_row(r, row);

	table->row_count += err == EN_OK;
	return err;
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
	size_t count = is_wide(table) ? 0 : table->row_count;
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

// What was true when somebody approved the table must still be: a column that slipped by a row shows here.
static void
check_examples(const struct conf_table *table, struct findings *findings)
{
	for (size_t i = 0; i < table->example_count; i++) {
		const struct conf_pair *e = &table->examples[i];
		const struct conf_table_row *row = NULL;

		for (size_t j = 0; j < table->row_count && row == NULL; j++) {
			row = strcmp(table->rows[j].from, e->from.text) == 0 ? &table->rows[j] : NULL;
		}
		if (row == NULL || strcmp(row->to, e->to.text) != 0) {
			findings_add(findings, E0117, row == NULL ? e->from.where : row->where, NULL,
			    row == NULL ? "%s: no such row" : "%s does not become %s", e->from.text, e->to.text);
		}
	}
}

bool
conf_table_column(const struct conf_table *table, const char *name, size_t *ret)
{
	for (size_t i = 0; i < table->columns.count; i++) {
		if (strcmp(table->columns.items[i].text, name) == 0) {
			*ret = i;
			return true;
		}
	}
	return false;
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
		check_examples(table, findings);
	}
	return err == EN_OK && findings->errors > errors_before ? EN_ECONFIG : err;
}

// SPDX-License-Identifier: Apache-2.0
// The files of a folder of tests and of those within it, in order of name, and the CSVs of their matrices.
#include "conf/tests.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "conf/csv.h"
#include "conf/kinds.h"
#include "conf/path.h"

// ---- matrices --------------------------------------------------------------------------------------------------------------

struct cells {
	struct csv_cell items[LIMIT_TABLE_COLUMNS];
	size_t count;
};

static struct conf_text
cell_text(struct arena *arena, const struct conf_matrix *m, const struct csv_cell *cell)
{
	return (struct conf_text){
	    .text = csv_text(arena, cell), .where = {.file = m->file.text, .line = cell->line, .column = cell->column}};
}

static enum en_err
take_texts(struct arena *arena, const struct conf_matrix *m, const struct cells *row, struct conf_text **ret)
{
	struct conf_text *texts = arena_zalloc(arena, (row->count + 1) * sizeof(*texts));

	for (size_t i = 1; texts != NULL && i < row->count; i++) {
		texts[i - 1] = cell_text(arena, m, &row->items[i]);
		if (texts[i - 1].text == NULL) {
			return EN_ENOMEM;
		}
	}
	*ret = texts;
	return texts == NULL ? EN_ENOMEM : EN_OK;
}

static enum en_err
take_row(struct arena *arena, struct conf_matrix *m, const struct cells *row, struct findings *findings)
{
	struct conf_matrix_row *to = &m->rows[m->row_count];

	if (row->count != m->column_count + 1) {
		struct conf_text field = cell_text(arena, m, &row->items[0]);

		findings_add(findings, E0116, field.where, NULL, "%zu cells, not %zu", row->count, m->column_count + 1);
		return field.text == NULL ? EN_ENOMEM : EN_OK;
	}
	to->field = cell_text(arena, m, &row->items[0]);
	m->row_count++;
	return to->field.text == NULL ? EN_ENOMEM : take_texts(arena, m, row, &to->cells);
}

static size_t
count_lines(struct view text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.len; i++) {
		lines += text.data[i] == '\n';
	}
	return lines;
}

// Lines that begin with # are remarks for whoever signs.
static enum en_err
read_rows(struct arena *arena, struct conf_matrix *m, struct view text, struct findings *findings)
{
	struct cells row;
	struct csv_cell bad;
	const char *problem;
	enum csv_result result;
	struct csv csv;
	enum en_err err = EN_OK;
	size_t errors_before = findings->errors;
	bool has_head = false;

	m->rows = arena_zalloc(arena, count_lines(text) * sizeof(*m->rows));
	if (m->rows == NULL) {
		return EN_ENOMEM;
	}
	csv_init(&csv, text, ',');
	while (err == EN_OK &&
	    (result = csv_next(&csv, row.items, EN_COUNT_OF(row.items), &row.count, &bad, &problem)) != CSV_END) {
		if (result == CSV_BROKEN) {
			findings_add(findings, E0116,
			    (struct where){.file = m->file.text, .line = bad.line, .column = bad.column}, NULL, "%s",
			    findings_say(findings, problem));
			break;
		}
		if (!row.items[0].is_quoted && row.items[0].raw.len > 0 && row.items[0].raw.data[0] == '#') {
			continue;
		}
		if (!has_head) {
			m->column_count = row.count - 1;
			err = take_texts(arena, m, &row, &m->columns);
			has_head = true;
		} else {
			err = take_row(arena, m, &row, findings);
		}
	}
	if (err == EN_OK && m->row_count == 0 && findings->errors == errors_before) {
		findings_add(findings, E0116, (struct where){.file = m->file.text}, "field,agency,...", "no rows");
	}
	return err;
}

static enum en_err
read_matrix(struct arena *arena, struct conf_matrix *m, struct findings *findings)
{
	struct buf text = BUF_EMPTY;
	enum en_err err = conf_read_file(&text, m->file.text, LIMIT_YAML_BYTES, findings);

	if (err == EN_OK && yaml_check_utf8(buf_view(&text), m->file.text, findings)) {
		err = read_rows(arena, m, buf_view(&text), findings);
	}
	buf_fini(&text);
	return err == EN_ECONFIG ? EN_OK : err;
}

// ---- files --------------------------------------------------------------------------------------------------------------------

static enum en_err
load_file(struct conf_test_set *set, const char *path, struct findings *findings)
{
	struct buf text = BUF_EMPTY;
	void *thing = NULL;
	enum en_err err = conf_read_file(&text, path, LIMIT_YAML_BYTES, findings);

	if (err == EN_OK) {
		err = conf_kind_parse(CONF_TESTS, buf_view(&text), path, &set->arena, findings, &thing);
	}
	buf_fini(&text);
	if (err == EN_OK) {
		struct conf_tests *tests = thing;

		set->files[set->count++] = tests;
		for (size_t i = 0; i < tests->matrix_count && err == EN_OK; i++) {
			err = read_matrix(&set->arena, &tests->matrices[i], findings);
		}
	}
	return err == EN_ECONFIG ? EN_OK : err;
}

static int
is_seen(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_name[0] != '#';
}

static void
does_not_belong(const char *path, const char *what, const char *hint, struct findings *findings)
{
	findings_add(findings, E0113, (struct where){.file = path}, hint, "%s", findings_say(findings, what));
}

// Room for one more file.
static enum en_err
grow(struct conf_test_set *set, size_t *cap)
{
	struct conf_tests **files = arena_larger(&set->arena, set->files, set->count, cap, sizeof(*files));

	if (files == NULL) {
		return EN_ENOMEM;
	}
	set->files = files;
	return EN_OK;
}

static enum en_err load_folder(
    struct conf_test_set *set, const char *folder, unsigned depth, size_t *cap, struct findings *findings);

// As strict as with rules: a test that is passed over in silence passes. Records and matrices may stand beside them.
static enum en_err
load_entry(struct conf_test_set *set, const char *path, unsigned depth, size_t *cap, struct findings *findings)
{
	struct stat info;
	enum en_err err;

	if (lstat(path, &info) != 0) {
		findings_add(findings, E0101, (struct where){.file = path}, NULL, NULL);
		return EN_OK;
	}
	if (S_ISDIR(info.st_mode)) {
		return load_folder(set, path, depth + 1, cap, findings);
	}
	if (conf_ends_with(path, ".yml")) {
		does_not_belong(path, "neither .yaml nor a table's .csv", "rename it to .yaml", findings);
		return EN_OK;
	}
	if (!conf_ends_with(path, ".yaml")) {
		return EN_OK;
	}
	if (!S_ISREG(info.st_mode)) {
		does_not_belong(path, S_ISLNK(info.st_mode) ? "a symbolic link" : "not a plain file",
		    "put the file itself here", findings);
		return EN_OK;
	}
	err = grow(set, cap);
	return err == EN_OK ? load_file(set, path, findings) : err;
}

static enum en_err
load_folder(struct conf_test_set *set, const char *folder, unsigned depth, size_t *cap, struct findings *findings)
{
	struct dirent **entries = NULL;
	int count;
	enum en_err err = EN_OK;

	if (depth > LIMIT_CONFIG_FOLDERS) {
		findings_add(findings, E0108, (struct where){.file = folder}, NULL,
		    "more than %d folders within folders", LIMIT_CONFIG_FOLDERS);
		return EN_OK;
	}
	count = scandir(folder, &entries, is_seen, alphasort);
	if (count < 0) {
		if (errno != ENOENT || depth > 0) {
			findings_add(findings, E0101, (struct where){.file = folder}, NULL, NULL);
		}
		return EN_OK;
	}
	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(&set->arena, "%s/%s", folder, entries[i]->d_name);

		if (err == EN_OK) {
			err = path == NULL ? EN_ENOMEM : load_entry(set, path, depth, cap, findings);
		}
		free(entries[i]);
	}
	free(entries);
	return err;
}

enum en_err
conf_test_set_load(const char *path, struct findings *findings, struct conf_test_set **ret)
{
	struct conf_test_set *set = calloc(1, sizeof(*set));
	size_t errors_before = findings->errors, cap = 0;
	struct stat info;
	enum en_err err = set == NULL ? EN_ENOMEM : EN_OK;

	*ret = NULL;
	if (err == EN_OK) {
		arena_init(&set->arena, 0);
		if (stat(path, &info) != 0 || S_ISDIR(info.st_mode)) {
			err = load_folder(set, path, 0, &cap, findings);
		} else if (!S_ISREG(info.st_mode)) {
			does_not_belong(path, "not a plain file", NULL, findings);
		} else {
			err = grow(set, &cap);
			err = err == EN_OK ? load_file(set, path, findings) : err;
		}
	}
	if (err == EN_OK && findings->errors > errors_before) {
		err = EN_ECONFIG;
	}
	if (err == EN_OK) {
		*ret = set;
		set = NULL;
	}
	conf_test_set_free(&set);
	return err;
}

void
conf_test_set_free(struct conf_test_set **setp)
{
	if (*setp != NULL) {
		arena_fini(&(*setp)->arena);
		free(*setp);
		*setp = NULL;
	}
}

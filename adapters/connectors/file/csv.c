// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/csv.h"

#include <stdlib.h>
#include <string.h>

bool
csv_open(struct csv *c, const char *text, size_t len, char separator)
{
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	*c = (struct csv){.pos = text, .end = text + len, .separator = separator, .line = 1};
	c->scratch = malloc(len + 1);
	return c->scratch != NULL;
}

void
csv_close(struct csv *c)
{
	free(c->scratch);
	c->scratch = NULL;
}

// A quoted cell, from behind its opening quote. Returns false when the text ends before the closing one.
static bool
quoted(struct csv *c, const char **at, struct csv_text *ret)
{
	char *start = c->scratch + c->scratch_used;
	const char *p = *at;

	while (p < c->end) {
		if (*p == '"') {
			if (p + 1 == c->end || p[1] != '"') {
				*ret = (struct csv_text){start, (size_t)(c->scratch + c->scratch_used - start)};
				*at = p + 1;
				return true;
			}
			p++;
		}
		c->line += *p == '\n';
		c->scratch[c->scratch_used++] = *p++;
	}
	*at = p;
	return false;
}

static const char *
line_end(const struct csv *c, const char *p)
{
	const char *end = memchr(p, '\n', (size_t)(c->end - p));

	return end == NULL ? c->end : end;
}

// A broken row costs itself only: reading goes on behind the end of its first line.
static enum csv_result
broken(struct csv *c, struct csv_row *row, const char *start, const char *problem)
{
	const char *end = line_end(c, start);

	c->line = row->line + 1;
	c->pos = end < c->end ? end + 1 : c->end;
	row->problem = problem;
	row->raw = (struct csv_text){start, (size_t)(end - start)};
	return CSV_BROKEN;
}

// A carriage return alone ends no line.
static bool
is_line_end(const struct csv *c, const char *p)
{
	return *p == '\n' || (*p == '\r' && (p + 1 == c->end || p[1] == '\n'));
}

// Cells up to the end of the row. NULL, or what is wrong.
static const char *
cells(struct csv *c, struct csv_row *row, const char **at)
{
	const char *p = *at;

	for (;;) {
		if (row->count == CSV_COLUMNS_MAX) {
			return "more columns than any record has";
		}
		if (p < c->end && *p == '"') {
			p++;
			if (!quoted(c, &p, &row->cells[row->count++])) {
				return "a quote is not closed";
			}
			if (p < c->end && *p != c->separator && !is_line_end(c, p)) {
				return "text behind a closing quote";
			}
		} else {
			const char *start = p;

			while (p < c->end && *p != c->separator && !is_line_end(c, p)) {
				p++;
			}
			row->cells[row->count++] = (struct csv_text){start, (size_t)(p - start)};
		}
		if (p == c->end || *p != c->separator) {
			break;
		}
		p++;
	}
	*at = p;
	return NULL;
}

static size_t
count_cells(const char *text, size_t len, char separator)
{
	size_t cells = 1;

	for (size_t i = 0; i < len; i++) {
		cells += text[i] == separator;
	}
	return cells;
}

static bool
is_empty_line(const char *text, size_t len)
{
	return len == 0 || (len == 1 && text[0] == '\r');
}

// Whether each line that the cell lies on is a whole row by itself (csv.h). What stands before the cell belongs to its first line, what stands behind it
// to its last one.
static bool
is_of_rows(const struct csv *c, const struct csv_row *row, size_t at)
{
	const char *p = row->cells[at].data, *end = p + row->cells[at].len, *stop;
	size_t count = at;

	while ((stop = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		size_t len = (size_t)(stop - p);
		bool is_first = p == row->cells[at].data;

		count += count_cells(p, len, c->separator);
		if (count != c->columns && (is_first || !is_empty_line(p, len))) {
			return false;
		}
		count = 0;
		p = stop + 1;
	}
	return count_cells(p, (size_t)(end - p), c->separator) + row->count - at - 1 == c->columns;
}

// In a table of one column, every text of several lines would be rows.
static bool
joins_rows(const struct csv *c, const struct csv_row *row)
{
	for (size_t i = 0; i < row->count && c->columns > 1; i++) {
		if (memchr(row->cells[i].data, '\n', row->cells[i].len) != NULL && is_of_rows(c, row, i)) {
			return true;
		}
	}
	return false;
}

enum csv_result
csv_read(struct csv *c, struct csv_row *ret)
{
	const char *start, *p, *problem;

	while (c->pos < c->end && (*c->pos == '\n' || *c->pos == '\r')) {
		c->line += *c->pos == '\n';
		c->pos++;
	}
	if (c->pos == c->end) {
		return CSV_END;
	}
	start = p = c->pos;
	c->scratch_used = 0;
	ret->count = 0;
	ret->line = c->line;
	ret->problem = NULL;
	problem = cells(c, ret, &p);
	if (problem == NULL && joins_rows(c, ret)) {
		problem = "the quotes hold lines that are rows by themselves";
	}
	if (problem != NULL) {
		return broken(c, ret, start, problem);
	}
	ret->raw = (struct csv_text){start, (size_t)(p - start)};
	if (p < c->end && *p == '\r') {
		p++;
	}
	if (p < c->end) {
		p++; // the line end
		c->line++;
	}
	c->pos = p;
	return CSV_ROW;
}

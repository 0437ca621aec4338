// SPDX-License-Identifier: Apache-2.0
// One pass, one cell at a time.
#include "conf/csv.h"

void
csv_init(struct csv *csv, struct view text, char separator)
{
	static const uint8_t nothing[1];
	const uint8_t *data = text.data == NULL ? nothing : text.data;

	*csv = (struct csv){.pos = data, .end = data + text.len, .line_start = data, .line = 1, .separator = separator};
	if (text.len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		csv->pos += 3;
		csv->line_start = csv->pos;
	}
}

static bool
at_line_end(const struct csv *csv)
{
	return csv->pos == csv->end || csv->pos[0] == '\n' ||
	    (csv->pos[0] == '\r' && (csv->pos + 1 == csv->end || csv->pos[1] == '\n'));
}

static void
pass_line_end(struct csv *csv)
{
	if (csv->pos < csv->end && csv->pos[0] == '\r') {
		csv->pos++;
	}
	if (csv->pos < csv->end && csv->pos[0] == '\n') {
		csv->pos++;
		csv->line++;
	}
	csv->line_start = csv->pos;
}

// Columns are counted in characters: bytes that continue one do not count.
static uint32_t
column_of(const struct csv *csv)
{
	uint32_t column = 1;

	for (const uint8_t *p = csv->line_start; p < csv->pos; p++) {
		column += (p[0] & 0xc0) != 0x80;
	}
	return column;
}

// The inside of a quoted cell, whose opening quote is passed already. False when it never ends.
static bool
read_quoted(struct csv *csv, struct csv_cell *cell)
{
	const uint8_t *start = csv->pos;

	for (; csv->pos < csv->end; csv->pos++) {
		if (csv->pos[0] == '\n') {
			csv->line++;
			csv->line_start = csv->pos + 1;
		}
		if (csv->pos[0] != '"') {
			continue;
		}
		if (csv->pos + 1 < csv->end && csv->pos[1] == '"') {
			csv->pos++;
			continue;
		}
		cell->raw = view_of(start, (size_t)(csv->pos - start));
		csv->pos++;
		return true;
	}
	return false;
}

// NULL, or what is wrong.
static const char *
read_cell(struct csv *csv, struct csv_cell *cell)
{
	*cell = (struct csv_cell){.line = csv->line, .column = column_of(csv)};
	if (csv->pos < csv->end && csv->pos[0] == '"') {
		csv->pos++;
		cell->is_quoted = true;
		if (!read_quoted(csv, cell)) {
			return "a quote that never ends";
		}
		if (!at_line_end(csv) && csv->pos[0] != (uint8_t)csv->separator) {
			return "text after the closing quote; a quote inside a cell is written twice";
		}
		return NULL;
	}
	const uint8_t *start = csv->pos;

	while (!at_line_end(csv) && csv->pos[0] != (uint8_t)csv->separator) {
		csv->pos++;
	}
	cell->raw = view_of(start, (size_t)(csv->pos - start));
	return NULL;
}

enum csv_result
csv_next(struct csv *csv, struct csv_cell *cells, size_t max, size_t *ret_count, struct csv_cell *reterr_cell,
    const char **reterr_text)
{
	size_t count = 0;

	while (csv->pos < csv->end && at_line_end(csv)) {
		pass_line_end(csv);
	}
	if (csv->pos == csv->end) {
		return CSV_END;
	}
	for (;;) {
		struct csv_cell cell;
		const char *wrong = read_cell(csv, &cell);

		// Behind a NUL there would be something that nobody reads and somebody might mean.
		if (wrong == NULL && cell.raw.len > 0 && memchr(cell.raw.data, '\0', cell.raw.len) != NULL) {
			wrong = "a NUL character";
		}
		if (wrong == NULL && count == max) {
			wrong = "too many columns";
		}
		if (wrong != NULL) {
			*reterr_cell = cell;
			*reterr_text = wrong;
			return CSV_BROKEN;
		}
		cells[count++] = cell;
		if (at_line_end(csv)) {
			break;
		}
		csv->pos++; // the separator
	}
	pass_line_end(csv);
	*ret_count = count;
	return CSV_ROW;
}

const char *
csv_text(struct arena *arena, const struct csv_cell *cell)
{
	char *text = arena_text(arena, cell->raw);
	char *to = text;

	if (text == NULL || !cell->is_quoted) {
		return text;
	}
	for (const char *from = text; *from != '\0'; from++) {
		*to++ = *from;
		from += from[0] == '"' && from[1] == '"';
	}
	*to = '\0';
	return text;
}

// SPDX-License-Identifier: Apache-2.0
// CSV as agencies write it (RFC 4180 with any one-character separator), read row by row with the line of each, and broken rows told apart from good ones.
// A byte order mark before the first header is passed over. Cells may be quoted, with doubled quotes inside and line ends inside quotes.
//
// Two lone quotes can make one row out of several: what stands between them looks like a cell of several lines. The rule: when every line of such a cell,
// read without the quotes, is a row of as many cells as the header, they are rows, and the one with the first quote is broken. A text of several lines
// passes, unless each of its lines happens to fill up the row exactly.
//
// The reader borrows the text and keeps its own scratch for unquoted cells. One thread.
#ifndef ENLACE_FILE_CSV_H
#define ENLACE_FILE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_COLUMNS_MAX 512

struct csv_text {
	const char *data;
	size_t len;
};

struct csv {
	const char *pos, *end;
	char separator;
	size_t columns;		// of the header, set by whoever read it; 0: not known, and the rule of lone quotes does not hold
	uint32_t line;		// of the next row, from 1
	char *scratch;		// unquoted cells of the row; as large as the text
	size_t scratch_used;
};

enum csv_result { CSV_ROW, CSV_BROKEN, CSV_END };

struct csv_row {
	struct csv_text cells[CSV_COLUMNS_MAX];
	size_t count;
	uint32_t line;
	struct csv_text raw;	// the row as it came, without its line end
	const char *problem;	// CSV_BROKEN: what is wrong, for a person
};

// False without memory.
bool csv_open(struct csv *c, const char *text, size_t len, char separator);
void csv_close(struct csv *c);
// Rows that hold nothing at all are passed over. Cells are borrowed until the next call.
enum csv_result csv_read(struct csv *c, struct csv_row *ret);

#endif

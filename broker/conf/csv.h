// SPDX-License-Identifier: Apache-2.0
// A table of text cells, row by row (RFC 4180, with a separator of one's own): cells in double quotes may hold the
// separator, line ends and doubled quotes. Lines end with LF or CRLF; empty lines are passed over. Nothing is copied
// until csv_text.
#ifndef EN_CONF_CSV_H
#define EN_CONF_CSV_H

#include "base/arena.h"

struct csv {
	const uint8_t *pos, *end, *line_start;
	uint32_t line;		// of pos
	char separator;
};

struct csv_cell {
	struct view raw;		// between the quotes, borrowed
	bool is_quoted;
	uint32_t line, column;		// of its first character
};

enum csv_result { CSV_ROW, CSV_END, CSV_BROKEN };

void csv_init(struct csv *csv, struct view text, char separator);

// One row of 1..max cells. CSV_BROKEN: *reterr_cell is where, and *reterr_text a constant that says what; the rest of
// the text cannot be trusted, so do not go on.
enum csv_result csv_next(struct csv *csv, struct csv_cell *cells, size_t max, size_t *ret_count,
    struct csv_cell *reterr_cell, const char **reterr_text);

// The cell's text with doubled quotes made single; NULL without memory.
const char *csv_text(struct arena *arena, const struct csv_cell *cell);

#endif

// SPDX-License-Identifier: Apache-2.0
// The record codec for flat records: named text cells (a CSV row, a form) <-> payload bytes, by schema (design section 7). A cell's name is
// the field's json_name; sub-messages are not cells. Values stay as the system wrote them: string fields take the cell byte for byte; other kinds are parsed strictly.
// A list in one cell is split and joined by list_separator; a value that holds it makes no cell (EN_EFORMAT). An empty cell is an absent field.
#ifndef EN_SCHEMA_RECORD_H
#define EN_SCHEMA_RECORD_H

#include "schema/index.h"

struct record_cell {
	struct view name, value;	// UTF-8
};

struct record_fault {
	enum en_err err;
	char column[128];	// its name, never its value
	char hint[128];
};

// Appends payload bytes. A cell whose name the type does not know is EN_ENOTFOUND with the nearest name, unless ignore_unknown; a second cell of one column is
// EN_EFORMAT, for nobody knows which of the two is meant.
EN_MUST_CHECK enum en_err record_to_payload(const struct schema_type *t, const struct record_cell *cells, size_t count, bool ignore_unknown,
    struct buf *out, struct record_fault *reterr_fault);
// Fills cells (in the order of field numbers, absent fields as empty cells) with text in the arena. *ret_cells, *ret_count.
EN_MUST_CHECK enum en_err record_from_payload(const struct schema_type *t, struct view payload, struct arena *arena,
    struct record_cell **ret_cells, size_t *ret_count, struct record_fault *reterr_fault);
// The columns of a type, in field order, in the arena.
EN_MUST_CHECK enum en_err record_columns(const struct schema_type *t, struct arena *arena, struct view **ret_names, size_t *ret_count);

#endif

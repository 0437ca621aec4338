// SPDX-License-Identifier: Apache-2.0
// The list form of a condition, written as an expression: `{nna: [S, N], nivel: {not: ALTO}}` is what a person could have written as
//
//   _0.nna in ["S", "N"] && (!(_0.nivel in [1]) && has(_0.nivel))
//
// with _0 for the message, _1, _2, ... for the items at hand. Absent and empty match nothing: of a field without presence 0 is not looked for, of one
// with presence has() is asked first.
#ifndef EN_MAP_TERMS_H
#define EN_MAP_TERMS_H

#include "map/program.h"

// A term after it was checked.
struct term {
	const struct path *path;
	enum conf_test test;
	const struct view *texts;	// of KIND_STRING; else
	const uint64_t *numbers;	// decoded
	uint32_t count;
};

void term_print(struct buf *b, const struct term *t);
void terms_print(struct buf *b, const struct term *terms, size_t count);
// The name of a frame's item in such a text, in the arena; NULL without memory.
const char *term_variable(struct arena *a, uint32_t frame);

#endif

// SPDX-License-Identifier: Apache-2.0
// A text with named parts in braces, "{case}#{service}", filled or taken apart. What is taken apart must fit in exactly
// one way: each part has at least one character, and no other cut of the same text would do. Pure.
#ifndef EN_MAP_PATTERN_H
#define EN_MAP_PATTERN_H

#include "base/arena.h"

#define PATTERN_PARTS 8

// literal 0, part 0, literal 1, part 1, ... literal n: count parts, and one literal more, of which any may be empty at
// the ends but none between two parts.
struct pattern {
	struct view literals[PATTERN_PARTS + 1];
	struct view parts[PATTERN_PARTS];	// names
	uint32_t count;
};

// NULL, or what is wrong with the text (static). Borrows from it.
const char *pattern_parse(struct view text, struct pattern *ret);
// False when the text does not fit, or fits in more than one way. ret gets count views of the text.
bool pattern_split(const struct pattern *p, struct view text, struct view ret[static PATTERN_PARTS]);

#endif

// SPDX-License-Identifier: Apache-2.0
// Which source field a mapping carries into which target field, and by what value: one carrier for each pair. For reports on
// mappings; a run needs none of this.
#ifndef EN_MAP_CARRIER_H
#define EN_MAP_CARRIER_H

#include "map/program.h"

struct carrier {
	const struct line *line;
	const struct value *value;	// of the line, or one inside it
	const struct path *path;	// what it takes; everything below it where that is a message
	bool is_test;			// a condition: the field decides and is not carried
	const char *target;		// of the line, by names, without the numbers of items
	const char *source;		// of the path, by names
};
struct carriers {
	const struct carrier *items;
	size_t count;
};

// EN_ENOMEM. All in the arena.
EN_MUST_CHECK enum en_err carriers_of(const struct mapping *m, struct arena *arena, struct carriers *ret);

#endif

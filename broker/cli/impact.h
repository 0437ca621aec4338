// SPDX-License-Identifier: Apache-2.0
// What a change of schemas does to a rule set: the findings that it has under the new schemas and had not under the old ones, each with what became of
// the name that is missing. Names change and numbers stay, so the number says which field or value it was.
#ifndef EN_CLI_IMPACT_H
#define EN_CLI_IMPACT_H

#include "base/finding.h"
#include "schema/compat.h"

struct impact {
	const struct schema *old, *new;
	const struct findings *before, *after;	// of one rule set under each
	const struct compat_report *report;	// of both schemas
	struct arena *arena;
	enum en_lang lang;
};

// Whether the finding, of `after`, is new.
bool impact_is_new(const struct impact *i, const struct finding *finding);
// "field 3 `nombre` is now `nombres`"; NULL when the schemas do not say. In the arena.
const char *impact_because(const struct impact *i, const struct finding *finding);

#endif

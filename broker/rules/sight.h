// SPDX-License-Identifier: Apache-2.0
// Who can see what: for every field of a canonical message, how much of it an agency is told, derived from the compiled rules alone: from the plans of
// its subscriptions through each agreement, and from the routes, whose conditions a recipient learns by receiving. No event is needed; what a person
// withholds comes off at delivery.
#ifndef EN_RULES_SIGHT_H
#define EN_RULES_SIGHT_H

#include "rules/rules.h"

enum sight {
	SIGHT_NEVER,
	SIGHT_PSEUDONYM, // as a part of a keyed id
	SIGHT_COARSE, // the field is one of those that a coarse grant lets through, or a step makes it as coarse
	SIGHT_FULL,
};

struct sight_question {
	const struct rules_agency *agency;
	const char *purpose; // NULL: for any
	const struct rules_agency *from; // who sent the event; NULL: anybody
	enum canonical type;
};

struct sight_field {
	const char *path; // names, dots; items of lists without a number
	enum label label;
	enum sight sight;
	// Of what makes it seen, the most: NULL and line 0 when it never is.
	const char *agreement;
	struct where agreement_where;
	struct where where; // the mapping's line, or the term of a route
};

// Every field that is no message, in the order of the schema, in the arena. A message within itself is followed once. EN_ENOMEM.
EN_MUST_CHECK enum en_err rules_sight(const struct rules *r, const struct sight_question *q, struct arena *arena,
    struct sight_field **ret, size_t *ret_count);

#endif

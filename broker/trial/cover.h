// SPDX-License-Identifier: Apache-2.0
// What the tests of a rule set have reached: lines of mappings, arms of choices, rows of the tables that mappings use, values of enums and closed lists
// that mappings read, routes, agreements and subscriptions. A line is reached when it made a field; a row, when a code was translated by it.
#ifndef EN_TRIAL_COVER_H
#define EN_TRIAL_COVER_H

#include "trial/rehearse.h"

enum cover_kind {
	COVER_LINE, COVER_ARM, COVER_ROW, COVER_VALUE, COVER_ROUTE, COVER_AGREEMENT, COVER_SUBSCRIPTION, COVER_KIND_COUNT
};
// "line", "arm", ...: for reports.
const char *cover_kind_name(enum cover_kind kind);

struct cover_item {
	enum cover_kind kind;
	struct where where;
	const char *what;	// the target, the row's code, "field = VALUE", the name
	bool is_reached;
};

struct coverage;
EN_MUST_CHECK enum en_err coverage_new(const struct rules *rules, struct coverage **ret);
void coverage_free(struct coverage **cp);
// Takes note of one rehearsal, of this input.
EN_MUST_CHECK enum en_err coverage_add(
    struct coverage *c, const struct rehearsal *h, const struct rehearsal_question *q, const struct mapping *alone);
// Everything there is to reach, by file and line. Borrowed.
const struct cover_item *coverage_items(struct coverage *c, size_t *ret_count);

#endif

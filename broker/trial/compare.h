// SPDX-License-Identifier: Apache-2.0
// What the two halves of a comparison share: fields (compare.c) and everything around them (run_case.c).
#ifndef EN_TRIAL_COMPARE_H
#define EN_TRIAL_COMPARE_H

#include "trial/trial_int.h"

// What the expectations of a case speak of, one by one: an output of a mapping, a canonical event, or a delivery.
struct looked_at {
	const struct schema_type *type;
	const struct mapping *mapping;	// that made it; NULL: nothing did
	struct view payload;
	const struct lineage *lineage;
	const struct withheld_field *withheld;
	size_t withheld_count;
};

struct comparing {
	struct trial *t;
	const struct bound_case *c;
	struct looked_at *items;
	size_t count;
	enum reason reason;	// why nothing came of it
	const struct conf_expect *expect;
	const struct looked_at *item;
	size_t output;
	struct field_texts fields;
};

// The item at hand against the expectation at hand.
void compare_item(struct comparing *k);

#endif

// SPDX-License-Identifier: Apache-2.0
// The edits of one value while they are put together, in their fixed order.
#ifndef EN_MAP_EDIT_DRAFT_H
#define EN_MAP_EDIT_DRAFT_H

#include "map/compiler.h"

#define MOST_EDITS (EDIT_SUFFIX + 1) // a value can have each of them once

struct draft {
	struct compiler *c;
	const struct value_context *x;
	const struct conf_value *conf;
	struct edit items[MOST_EDITS];
	uint32_t count;
	bool good;
};

struct edit *draft_add(struct draft *d, enum edit_kind kind);
// E0326: problem is a static sentence.
void draft_refuse(struct draft *d, struct where where, const char *problem, const char *text);
const struct value *draft_helper(struct draft *d, const struct conf_value *conf);
// The place of a word among words that stand in the order of an enum.
uint32_t draft_word(const char *word, const char *const *words);
bool draft_makes_year(const struct conf_value *conf);

// compile_convert.c: f is the source, NULL for text.
void draft_add_conversions(struct draft *d, const struct schema_field *f);
// is_date: `between` is about days, which draft_day_limits compiles.
void draft_add_limits(struct draft *d, const struct schema_field *f, bool is_date);
bool draft_day_limits(struct compiler *c, const struct conf_value *conf, struct value *v);

#endif

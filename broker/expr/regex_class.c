// SPDX-License-Identifier: Apache-2.0
// Sets of characters as sorted ranges.
#include "expr/regex_int.h"

#include <stdlib.h>

void
range_add(struct arena *a, struct range_set *set, uint32_t first, uint32_t last)
{
	if (set->count > 0 && set->items[set->count - 1].last + 1 == first) { // what stands side by side is one
		set->items[set->count - 1].last = last;
		return;
	}
	struct range *items = arena_larger(a, set->items, set->count, &set->cap, sizeof(*items));

	if (items == NULL) {
		set->failed = true;
		return;
	}
	set->items = items;
	set->items[set->count++] = (struct range){first, last};
}

// ---- named classes --------------------------------------------------------------------------------------------------

// Ranges as pairs of ASCII characters, in their order.
struct named {
	const char *name;
	const char *pairs;
	size_t len;
};
#define PAIRS(text) (text), sizeof(text) - 1

static void
add_pairs(struct arena *a, struct range_set *set, const struct named *class, bool negated)
{
	uint32_t next = 0;

	for (size_t i = 0; i < class->len; i += 2) {
		uint32_t first = (uint8_t) class->pairs[i], last = (uint8_t) class->pairs[i + 1];

		if (!negated) {
			range_add(a, set, first, last);
		} else if (first > next) {
			range_add(a, set, next, first - 1);
		}
		next = last + 1;
	}
	if (negated) {
		range_add(a, set, next, REGEX_LAST_CHAR);
	}
}

bool
range_add_perl(struct arena *a, struct range_set *set, char letter)
{
	static const struct named classes[] = {
	    {"d", PAIRS("09")}, {"w", PAIRS("09AZ__az")}, {"s", PAIRS("\t\n\f\r  ")}};

	for (size_t i = 0; i < EN_COUNT_OF(classes); i++) {
		if ((letter | 0x20) == classes[i].name[0]) {
			add_pairs(a, set, &classes[i], (letter & 0x20) == 0);
			return true;
		}
	}
	return false;
}

bool
range_add_posix(struct arena *a, struct range_set *set, struct view name, bool negated)
{
	static const struct named classes[] = {{"alnum", PAIRS("09AZaz")}, {"alpha", PAIRS("AZaz")},
	    {"ascii", PAIRS("\0\x7f")}, {"blank", PAIRS("\t\t  ")}, {"cntrl", PAIRS("\0\x1f\x7f\x7f")},
	    {"digit", PAIRS("09")}, {"graph", PAIRS("!~")}, {"lower", PAIRS("az")}, {"print", PAIRS(" ~")},
	    {"punct", PAIRS("!/:@[`{~")}, {"space", PAIRS("\t\r  ")}, {"upper", PAIRS("AZ")},
	    {"word", PAIRS("09AZ__az")}, {"xdigit", PAIRS("09AFaf")}};

	for (size_t i = 0; i < EN_COUNT_OF(classes); i++) {
		if (view_is(name, classes[i].name)) {
			add_pairs(a, set, &classes[i], negated);
			return true;
		}
	}
	return false;
}

// ---- upper and lower case -------------------------------------------------------------------------------------------

// Upper-case letters whose lower-case ones lie `shift` behind them, or, where shift is 1, beside them in pairs.
struct letters {
	uint32_t first, last;
	uint32_t shift;
};

static const struct letters cases[] = {{'A', 'Z', 32}, {0xc0, 0xd6, 32}, {0xd8, 0xde, 32}, {0x100, 0x12e, 1},
    {0x132, 0x136, 1}, {0x139, 0x147, 1}, {0x14a, 0x176, 1}, {0x179, 0x17d, 1}, {0x391, 0x3a1, 32}, {0x3a3, 0x3ab, 32},
    {0x400, 0x40f, 80}, {0x410, 0x42f, 32}, {0x460, 0x480, 1}, {0x48a, 0x4be, 1}, {0x4d0, 0x52e, 1},
    {0x1e00, 0x1e94, 1}, {0x1ea0, 0x1efe, 1}};

static void
add_shifted(struct arena *a, struct range_set *set, struct range r, uint32_t first, uint32_t last, int64_t shift)
{
	uint32_t from = r.first > first ? r.first : first, to = r.last < last ? r.last : last;

	if (from <= to) {
		range_add(a, set, (uint32_t)(from + shift), (uint32_t)(to + shift));
	}
}

// What of the range lies in the pairs from first to last, each pair as a whole.
static void
add_whole_pairs(struct arena *a, struct range_set *set, struct range r, uint32_t first, uint32_t last)
{
	uint32_t from = r.first > first ? r.first : first, to = r.last < last ? r.last : last;

	if (from <= to) {
		range_add(a, set, from - (from - first) % 2, to + (last - to) % 2);
	}
}

static void
add_other_case(struct arena *a, struct range_set *set, struct range r)
{
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		const struct letters *l = &cases[i];

		if (l->shift > 1) {
			add_shifted(a, set, r, l->first, l->last, l->shift);
			add_shifted(a, set, r, l->first + l->shift, l->last + l->shift, -(int64_t)l->shift);
		} else {
			add_whole_pairs(a, set, r, l->first, l->last + 1);
		}
	}
}

// ---- closing --------------------------------------------------------------------------------------------------------

static int
by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void
negate(struct arena *a, struct range_set *set)
{
	struct range_set other = {.count = 0};
	uint32_t next = 0;

	for (uint32_t i = 0; i < set->count; i++) {
		if (set->items[i].first > next) {
			range_add(a, &other, next, set->items[i].first - 1);
		}
		next = set->items[i].last + 1;
	}
	if (next <= REGEX_LAST_CHAR) {
		range_add(a, &other, next, REGEX_LAST_CHAR);
	}
	*set = other;
}

void
range_close(struct arena *a, struct range_set *set, bool any_case, bool negated)
{
	uint32_t count = any_case ? set->count : 0, kept = 0;

	for (uint32_t i = 0; i < count && !set->failed; i++) {
		add_other_case(a, set, set->items[i]);
	}
	if (set->failed) {
		return;
	}
	if (set->count > 1) {
		qsort(set->items, set->count, sizeof(*set->items), by_first);
	}
	for (uint32_t i = 0; i < set->count; i++) {
		if (kept > 0 && set->items[i].first <= set->items[kept - 1].last + 1) {
			if (set->items[i].last > set->items[kept - 1].last) {
				set->items[kept - 1].last = set->items[i].last;
			}
		} else {
			set->items[kept++] = set->items[i];
		}
	}
	set->count = kept;
	if (negated) {
		negate(a, set);
	}
}

bool
range_has(const struct range *items, uint32_t count, uint32_t c)
{
	while (count > 0) {
		uint32_t middle = count / 2;

		if (c < items[middle].first) {
			count = middle;
		} else if (c <= items[middle].last) {
			return true;
		} else {
			items += middle + 1;
			count -= middle + 1;
		}
	}
	return false;
}

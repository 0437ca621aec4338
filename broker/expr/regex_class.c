// SPDX-License-Identifier: Apache-2.0
// Sets of characters as sorted ranges.
#include "expr/regex_int.h"

#include <stdlib.h>

void
range_add(struct arena *a, struct range_set *set, uint32_t first, uint32_t last)
{
	if (set->count == set->cap) {
		uint32_t cap = set->cap == 0 ? 8 : set->cap * 2;
		struct range *grown = arena_alloc(a, cap * sizeof(*grown));

		if (grown == NULL) {
			set->failed = true;
			return;
		}
		if (set->count > 0) {
			memcpy(grown, set->items, set->count * sizeof(*grown));
		}
		set->items = grown;
		set->cap = cap;
	}
	set->items[set->count++] = (struct range){first, last};
}

// ---- named classes --------------------------------------------------------------------------------------------------

struct named {
	const char *name;
	const char *ranges; // pairs of ASCII characters
};

static void
add_pairs(struct arena *a, struct range_set *set, const char *pairs, bool negated)
{
	uint32_t next = 0;

	for (const uint8_t *p = (const uint8_t *)pairs; *p != '\0'; p += 2) {
		if (!negated) {
			range_add(a, set, p[0], p[1]);
		} else if (p[0] > next) {
			range_add(a, set, next, p[0] - 1U);
		}
		next = p[1] + 1U;
	}
	if (negated) {
		range_add(a, set, next, REGEX_LAST_CHAR);
	}
}

bool
range_add_perl(struct arena *a, struct range_set *set, char letter)
{
	const char *pairs = (letter | 0x20) == 'd' ? "09"
	    : (letter | 0x20) == 'w'               ? "09AZ__az"
	    : (letter | 0x20) == 's'               ? "\t\n\f\r  "
						   : NULL;

	if (pairs == NULL) {
		return false;
	}
	add_pairs(a, set, pairs, (letter & 0x20) == 0);
	return true;
}

bool
range_add_posix(struct arena *a, struct range_set *set, struct view name, bool negated)
{
	static const struct named classes[] = {{"alnum", "09AZaz"}, {"alpha", "AZaz"}, {"blank", "\t\t  "},
	    {"digit", "09"}, {"graph", "!~"}, {"lower", "az"}, {"print", " ~"}, {"punct", "!/:@[`{~"},
	    {"space", "\t\r  "}, {"upper", "AZ"}, {"word", "09AZ__az"}, {"xdigit", "09AFaf"}};

	if (view_is(name, "ascii") || view_is(name, "cntrl")) { // they begin with NUL
		bool ascii = view_is(name, "ascii");

		if (negated) {
			range_add(a, set, ascii ? 0x80 : 0x20, ascii ? REGEX_LAST_CHAR : 0x7e);
		} else {
			range_add(a, set, 0, ascii ? 0x7f : 0x1f);
		}
		if (!ascii) {
			range_add(a, set, negated ? 0x80 : 0x7f, negated ? REGEX_LAST_CHAR : 0x7f);
		}
		return true;
	}
	for (size_t i = 0; i < EN_COUNT_OF(classes); i++) {
		if (view_is(name, classes[i].name)) {
			add_pairs(a, set, classes[i].ranges, negated);
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

static void
add_other_case(struct arena *a, struct range_set *set, struct range r)
{
	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		const struct letters *l = &cases[i];

		if (l->shift > 1) {
			add_shifted(a, set, r, l->first, l->last, l->shift);
			add_shifted(a, set, r, l->first + l->shift, l->last + l->shift, -(int64_t)l->shift);
			continue;
		}
		for (uint32_t upper = l->first; upper <= l->last; upper += 2) {
			if (r.first <= upper + 1 && r.last >= upper) {
				range_add(a, set, upper, upper + 1);
			}
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

// SPDX-License-Identifier: Apache-2.0
// Sets of characters by their general category. The table is read from its beginning for each class: it has some 7 KiB.
#include "expr/regex_category.tbl.h"
#include "expr/regex_int.h"

static const struct {
	char letter;
	char name[3];
} categories[] = {REGEX_CATEGORIES};
static const char runs[] = REGEX_CATEGORY_RUNS;

// "Lu", or "L" for all that begin with it: in ret by their letters. False when there is no such category.
static bool
find_letters(struct view name, bool ret[static 128])
{
	bool found = false;

	for (size_t i = 0; i < EN_COUNT_OF(categories); i++) {
		if (name.len > 0 && name.len < 3 && memcmp(categories[i].name, name.data, name.len) == 0) {
			ret[(uint8_t)categories[i].letter] = true;
			found = true;
		}
	}
	return found;
}

bool
range_add_category(struct arena *a, struct range_set *set, struct view name, bool negated)
{
	bool wanted[128] = {false};
	uint32_t first = 0;

	if (!find_letters(name, wanted)) {
		return false;
	}
	for (const char *at = runs; *at != '\0';) {
		uint8_t letter = (uint8_t)*at++;
		uint32_t count = 0;

		for (; *at >= '0' && *at <= '9'; at++) {
			count = count * 10 + (uint32_t)(*at - '0');
		}
		count += count == 0;
		if (wanted[letter] != negated) {
			range_add(a, set, first, first + count - 1);
		}
		first += count;
	}
	return true;
}

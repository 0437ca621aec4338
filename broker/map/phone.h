// SPDX-License-Identifier: Apache-2.0
// Telephone numbers in the form of E.164, by what a table says of each country. A number that does not fit is none:
// nothing is guessed, no digit is added. Pure.
#ifndef EN_MAP_PHONE_H
#define EN_MAP_PHONE_H

#include "base/arena.h"

#define PHONE_TEXT_BYTES 17	// "+", fifteen digits, NUL

// One country. trunk and lengths are lists with "|" between them, as the table has them.
struct phone_country {
	struct view name;	// as `country` says it: MEX
	struct view code;	// 52
	struct view trunk;	// "044|045|01": dialled in front inside the country
	struct view lengths;	// "10": digits of a number without its code
	struct view infix;	// "1": once written behind the code, and no longer
};
struct phone_plan {
	const struct phone_country *items;
	uint32_t count;
};

// country is empty when nobody says it: then the number itself must. Returns the length of +code and digits, 0 when the
// text is no number of the plan.
size_t phone_e164(const struct phone_plan *plan, struct view text, struct view country, char dst[static PHONE_TEXT_BYTES]);

#endif

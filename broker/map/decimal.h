// SPDX-License-Identifier: Apache-2.0
// Decimal numbers as people write them, exact: no binary fraction is in between. Pure.
#ifndef EN_MAP_DECIMAL_H
#define EN_MAP_DECIMAL_H

#include "base/bytes.h"

#define DECIMAL_DIGITS 18	// of a number, before and behind the point together
#define DECIMAL_TEXT_BYTES 24

// units / 10^scale.
struct decimal {
	int64_t units;
	uint32_t scale;
};

// How numbers are written, from an example: "1.234,5" says that a comma begins the decimals and points stand between
// thousands. An example has a decimal part or thousands or both. NULL, or what is wrong with it (static).
const char *decimal_example(struct view example, struct view *ret_decimal, struct view *ret_thousands);
// Strict: an optional minus, digits, thousands (where they stand) in threes, at most DECIMAL_DIGITS digits. point and
// thousands have one character or, if there is none, none.
bool decimal_read(struct view text, struct view point, struct view thousands, struct decimal *ret);
// As 1234.5; trailing zeros behind the point stay. Returns the length.
size_t decimal_write(struct decimal d, char dst[static DECIMAL_TEXT_BYTES]);
// False when the product has too many digits before the point. Digits behind it are rounded away where there is no room.
bool decimal_times(struct decimal a, struct decimal b, struct decimal *ret);
// Half away from zero; exactly so many decimals. False when there is no room for them.
bool decimal_round(struct decimal d, uint32_t scale, struct decimal *ret);
int decimal_compare(struct decimal a, struct decimal b);

#endif

// SPDX-License-Identifier: Apache-2.0
// Ages and days of birth. A day is text, yyyy-mm-dd or as much of it as is known. Pure.
#ifndef EN_MAP_YEARS_H
#define EN_MAP_YEARS_H

#include "map/date.h"

#define YEARS_MOST 130	// an older person is a mistake

// yyyy, yyyy-mm or yyyy-mm-dd at the start of a text that may go on with T and a time. False when it is none.
bool day_read(struct view text, struct date_value *ret);
// Whole years from one day to another; false when they are not certain (a birthday may or may not have been), negative
// or more than YEARS_MOST.
bool years_between(const struct date_value *from, const struct date_value *to, int32_t *ret);
// "0-11", "12-17", ..., "61+": bands holds where each band but the first begins. Returns the length.
#define BAND_TEXT_BYTES 24
size_t band_write(const uint32_t *bands, uint32_t count, uint32_t age, char dst[static BAND_TEXT_BYTES]);

#endif

// SPDX-License-Identifier: Apache-2.0
// Amounts as people write them: "30 s", "3 dias", "512 MiB", "1,000" is not one. Pure functions, whole numbers only;
// false when the text is no such amount or does not fit.
#ifndef EN_CONF_QUANTITY_H
#define EN_CONF_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Decimal digits and nothing else.
bool quantity_number(const char *text, uint64_t *ret);
// Number and unit, with or without a blank: ms; s, seg; min; h, hora(s), hour(s); d, dia(s), día(s), day(s). To a
// hundred years.
bool quantity_duration(const char *text, uint64_t *ret_ms);
// Number and unit: B, KiB, MiB, GiB, TiB; a bare number is bytes. MB and its like are refused: people mean different
// things by them.
bool quantity_size(const char *text, uint64_t *ret_bytes);
// The names of the units, one by one, for those who describe them; NULL past the last.
const char *quantity_time_unit(size_t i);
const char *quantity_size_unit(size_t i);
// yyyy-mm-dd, a day of the calendar.
bool quantity_day(const char *text, int64_t *ret_days_since_1970);

#endif

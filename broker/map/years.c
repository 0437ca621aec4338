// SPDX-License-Identifier: Apache-2.0
// What is not known of a day could be the first or the last of it: where both give one age, it is certain.
#include "map/years.h"

#include <stdio.h>

static bool
number_at(struct view text, size_t at, size_t digits, int32_t *ret)
{
	*ret = 0;
	for (size_t i = at; i < at + digits; i++) {
		if (i >= text.len || text.data[i] < '0' || text.data[i] > '9') {
			return false;
		}
		*ret = 10 * *ret + text.data[i] - '0';
	}
	return true;
}

bool
day_read(struct view text, struct date_value *ret)
{
	struct date_value d = {.parts = {0}};

	if (text.len > DATE_DAY_BYTES && text.data[DATE_DAY_BYTES] == 'T') {
		text.len = DATE_DAY_BYTES;
	}
	if (!number_at(text, 0, 4, &d.parts[DATE_YEAR]) || d.parts[DATE_YEAR] == 0) {
		return false;
	}
	if (text.len > 4) {
		if (text.data[4] != '-' || !number_at(text, 5, 2, &d.parts[DATE_MONTH]) || d.parts[DATE_MONTH] < 1 ||
		    d.parts[DATE_MONTH] > 12) {
			return false;
		}
	}
	if (text.len > 7) {
		if (text.data[7] != '-' || !number_at(text, 8, 2, &d.parts[DATE_DAY]) || d.parts[DATE_DAY] < 1 ||
		    d.parts[DATE_DAY] > civil_days_in_month(d.parts[DATE_YEAR], d.parts[DATE_MONTH])) {
			return false;
		}
	}
	*ret = d;
	return text.len == 4 || text.len == 7 || text.len == DATE_DAY_BYTES;
}

// Day of an imaginary year in which each month has 31 days: enough to tell which comes first.
static int32_t
place_in_year(const struct date_value *d, bool latest)
{
	int32_t month = d->parts[DATE_MONTH], day = d->parts[DATE_DAY];

	month = month > 0 ? month : latest ? 12 : 1;
	day = day > 0 ? day : latest ? 31 : 1;
	return 31 * month + day;
}

bool
years_between(const struct date_value *from, const struct date_value *to, int32_t *ret)
{
	int32_t years = to->parts[DATE_YEAR] - from->parts[DATE_YEAR];
	int32_t most = years - (place_in_year(from, false) > place_in_year(to, true));
	int32_t least = years - (place_in_year(from, true) > place_in_year(to, false));

	*ret = most;
	return most == least && most >= 0 && most <= YEARS_MOST;
}

size_t
band_write(const uint32_t *bands, uint32_t count, uint32_t age, char dst[static BAND_TEXT_BYTES])
{
	uint32_t i = 0;

	while (i < count && age >= bands[i]) {
		i++;
	}
	uint32_t first = i == 0 ? 0 : bands[i - 1];
	int len = i == count ? snprintf(dst, BAND_TEXT_BYTES, "%u+", first)
			     : snprintf(dst, BAND_TEXT_BYTES, "%u-%u", first, bands[i] - 1);

	return len < 0 ? 0 : (size_t)len;
}

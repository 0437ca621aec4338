// SPDX-License-Identifier: Apache-2.0
// A number, then a unit out of a table.
#include "conf/quantity.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "base/clock.h"

struct unit {
	const char *name;
	uint64_t factor;
};

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define HUNDRED_YEARS (36525 * DAY)

static const struct unit time_units[] = {
    {"ms", 1},
    {"s", SECOND},
    {"seg", SECOND},
    {"min", MINUTE},
    {"h", HOUR},
    {"hour", HOUR},
    {"hours", HOUR},
    {"hora", HOUR},
    {"horas", HOUR},
    {"d", DAY},
    {"day", DAY},
    {"days", DAY},
    {"dia", DAY},
    {"dias", DAY},
    {"d\xc3\xad"
     "a",
	DAY},
    {"d\xc3\xad"
     "as",
	DAY},
};

static const struct unit size_units[] = {
    {"", 1},
    {"B", 1},
    {"KiB", UINT64_C(1) << 10},
    {"MiB", UINT64_C(1) << 20},
    {"GiB", UINT64_C(1) << 30},
    {"TiB", UINT64_C(1) << 40},
};

const char *
quantity_time_unit(size_t i)
{
	return i < EN_COUNT_OF(time_units) ? time_units[i].name : NULL;
}

const char *
quantity_size_unit(size_t i)
{
	return i < EN_COUNT_OF(size_units) ? size_units[i].name : NULL;
}

// Reads the digits at *text and moves it past them.
static bool
read_digits(const char **text, uint64_t *ret)
{
	const char *p = *text;
	uint64_t value = 0;

	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (value > (UINT64_MAX - digit) / 10) {
			return false;
		}
		value = value * 10 + digit;
	}
	if (p == *text) {
		return false;
	}
	*text = p;
	*ret = value;
	return true;
}

static bool
read_amount(const char *text, const struct unit *units, size_t count, uint64_t *ret)
{
	uint64_t value;

	if (!read_digits(&text, &value)) {
		return false;
	}
	while (*text == ' ') {
		text++;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(text, units[i].name) == 0) {
			if (value > UINT64_MAX / units[i].factor) {
				return false;
			}
			*ret = value * units[i].factor;
			return true;
		}
	}
	return false;
}

bool
quantity_number(const char *text, uint64_t *ret)
{
	uint64_t value;

	if (!read_digits(&text, &value) || *text != '\0') {
		return false;
	}
	*ret = value;
	return true;
}

bool
quantity_duration(const char *text, uint64_t *ret_ms)
{
	uint64_t ms;

	if (!read_amount(text, time_units, EN_COUNT_OF(time_units), &ms) || ms > HUNDRED_YEARS) {
		return false;
	}
	*ret_ms = ms;
	return true;
}

bool
quantity_size(const char *text, uint64_t *ret_bytes)
{
	return read_amount(text, size_units, EN_COUNT_OF(size_units), ret_bytes);
}

bool
quantity_day(const char *text, int64_t *ret_days_since_1970)
{
	uint64_t parts[3];

	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') {
		return false;
	}
	for (size_t i = 0; i < 3; i++) {
		const char *start = text;

		if (!read_digits(&text, &parts[i]) || (size_t)(text - start) != (i == 0 ? 4 : 2)) {
			return false;
		}
		text += i < 2;
	}
	if (parts[0] < 1 || parts[1] < 1 || parts[1] > 12 || parts[2] < 1 ||
	    (int)parts[2] > civil_days_in_month((int32_t)parts[0], (int)parts[1])) {
		return false;
	}
	*ret_days_since_1970 = civil_to_days(
	    (struct civil_date){.year = (int32_t)parts[0], .month = (uint8_t)parts[1], .day = (uint8_t)parts[2]});
	return true;
}

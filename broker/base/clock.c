// SPDX-License-Identifier: Apache-2.0
// The two clocks, the civil calendar, and RFC 3339. The calendar counts years from March, so that the leap day is the
// last day of a year and a month's first day is a linear function of its number.
#include "base/clock.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)
#define DAYS_PER_ERA 146097 // 400 years
#define DAYS_TO_1970 719468 // from 0000-03-01 to 1970-01-01
#define DAY_S 86400

struct moment
clock_now(void)
{
	struct timespec monotonic, wall;

	// Neither clock can fail with a valid id and address.
	(void)clock_gettime(CLOCK_MONOTONIC, &monotonic);
	(void)clock_gettime(CLOCK_REALTIME, &wall);
	return (struct moment){
	    .monotonic_ms = (uint64_t)monotonic.tv_sec * 1000 + (uint64_t)monotonic.tv_nsec / 1000000,
	    .wall_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000,
	};
}

uint64_t
clock_monotonic_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

int64_t
civil_to_days(struct civil_date d)
{
	assert(d.month >= 1 && d.month <= 12 && d.day >= 1 && d.day <= 31);
	int64_t year = (int64_t)d.year - (d.month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t month_from_march = (d.month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + d.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

struct civil_date
civil_from_days(int64_t days)
{
	int64_t from_march = days + DAYS_TO_1970;
	int64_t era = (from_march >= 0 ? from_march : from_march - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int64_t day_of_era = from_march - era * DAYS_PER_ERA;
	// What leap days there were before this day of the era is taken out, then a year is 365 days.
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;
	int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

	return (struct civil_date){
	    .year = (int32_t)(era * 400 + year_of_era + (month <= 2)),
	    .month = (uint8_t)month,
	    .day = (uint8_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
	};
}

int
civil_days_in_month(int32_t year, int month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (month < 1 || month > 12) {
		return 0;
	}
	return month == 2 && is_leap ? 29 : days[month - 1];
}

int64_t
civil_day_of(int64_t second, int32_t *ret_in_day)
{
	int64_t day = second / DAY_S - (second % DAY_S < 0);

	*ret_in_day = (int32_t)(second - day * DAY_S);
	return day;
}

int
civil_weekday(int64_t days)
{
	return (int)((days % 7 + 11) % 7); // 1970-01-01 was a Thursday
}

void
wall_format(int64_t wall_ms, char dst[static 25])
{
	// Outside the years 1 to 9999 RFC 3339 has no words: the nearest time that it has is told.
	const int64_t first = CIVIL_FIRST_SECOND * 1000, last = CIVIL_LAST_SECOND * 1000 + 999;
	int64_t t = wall_ms < first ? first : wall_ms > last ? last : wall_ms;
	int64_t days = (t >= 0 ? t : t - (DAY_MS - 1)) / DAY_MS;
	unsigned in_day = (unsigned)(t - days * DAY_MS);
	struct civil_date d = civil_from_days(days);

	(void)snprintf(dst, 25, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned)d.year % 10000U, d.month % 100U,
	    d.day % 100U, in_day / 3600000 % 100, in_day / 60000 % 60, in_day / 1000 % 60, in_day % 1000);
}

// Exactly count digits at *p, which moves past them; false when there are fewer.
static bool
digits(const char **p, int count, int *ret)
{
	int value = 0;

	for (int i = 0; i < count; i++, (*p)++) {
		if (**p < '0' || **p > '9') {
			return false;
		}
		value = value * 10 + (**p - '0');
	}
	*ret = value;
	return true;
}

static bool
letter(const char **p, char upper)
{
	if (**p != upper && **p != (upper | 0x20)) {
		return false;
	}
	(*p)++;
	return true;
}

static bool
mark(const char **p, char c)
{
	if (**p != c) {
		return false;
	}
	(*p)++;
	return true;
}

// The fraction of a second in milliseconds, cut, not rounded: a rounded one could name the next day.
static bool
fraction(const char **p, int *ret_ms)
{
	int ms = 0, scale = 100;

	if (!mark(p, '.')) {
		*ret_ms = 0;
		return true;
	}
	if (**p < '0' || **p > '9') {
		return false;
	}
	for (; **p >= '0' && **p <= '9'; (*p)++, scale /= 10) {
		ms += (**p - '0') * scale;
	}
	*ret_ms = ms;
	return true;
}

static bool
offset(const char **p, int64_t *ret_ms)
{
	int hours, minutes, sign = 1;

	if (letter(p, 'Z')) {
		*ret_ms = 0;
		return true;
	}
	if (mark(p, '-')) {
		sign = -1;
	} else if (!mark(p, '+')) {
		return false;
	}
	if (!digits(p, 2, &hours) || !mark(p, ':') || !digits(p, 2, &minutes) || hours > 23 || minutes > 59) {
		return false;
	}
	*ret_ms = (int64_t)sign * (hours * 60 + minutes) * 60000;
	return true;
}

int
wall_parse(const char *text, int64_t *ret_wall_ms)
{
	const char *p = text;
	int year, month, day, hour, minute, second, ms;
	int64_t offset_ms;

	if (!digits(&p, 4, &year) || !mark(&p, '-') || !digits(&p, 2, &month) || !mark(&p, '-') ||
	    !digits(&p, 2, &day) || !letter(&p, 'T') || !digits(&p, 2, &hour) || !mark(&p, ':') ||
	    !digits(&p, 2, &minute) || !mark(&p, ':') || !digits(&p, 2, &second) || !fraction(&p, &ms) ||
	    !offset(&p, &offset_ms) || *p != '\0') {
		return -1;
	}
	// A leap second (60) is read as the first instant of the next minute: this clock has no other place for it.
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > civil_days_in_month(year, month) || hour > 23 ||
	    minute > 59 || second > 60) {
		return -1;
	}
	struct civil_date date = {.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
	int64_t in_day = ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + ms;

	*ret_wall_ms = civil_to_days(date) * DAY_MS + in_day - offset_ms;
	return 0;
}

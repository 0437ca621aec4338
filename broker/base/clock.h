// SPDX-License-Identifier: Apache-2.0
// A moment, as the core is told it. Only daemon, adapters and net's loop read clocks (base/clock.c); everyone else
// gets this struct.
#ifndef EN_BASE_CLOCK_H
#define EN_BASE_CLOCK_H

#include <stdint.h>

struct moment {
	uint64_t monotonic_ms;	// timers only
	int64_t wall_ms;	// UTC since 1970: what people are told, deadlines on the wire, validity of agreements
};

// Reads both clocks.
struct moment clock_now(void);
// Nanoseconds of the monotonic clock, for latency metrics and benches.
uint64_t clock_monotonic_ns(void);

// A civil date in the proleptic Gregorian calendar.
struct civil_date {
	int32_t year;		// 1..9999
	uint8_t month, day;	// 1..12, 1..31; 0: unknown
};

// The first and the last second of those years, since 1970 in UTC.
#define CIVIL_FIRST_SECOND INT64_C(-62135596800)
#define CIVIL_LAST_SECOND INT64_C(253402300799)

// Days since 1970-01-01 of a complete date, and back. Pure.
int64_t civil_to_days(struct civil_date d);
struct civil_date civil_from_days(int64_t days);
int civil_days_in_month(int32_t year, int month);
// The day that a second since 1970 lies in, and how many seconds of that day are over; before 1970 too.
int64_t civil_day_of(int64_t second, int32_t *ret_in_day);
// 0 is Sunday.
int civil_weekday(int64_t days);

// "2026-11-23T21:20:05.123Z" for a wall time; dst has room for 25 bytes.
void wall_format(int64_t wall_ms, char dst[static 25]);
// RFC 3339 with any offset and fraction; returns 0 and sets *ret_wall_ms, or -1.
int wall_parse(const char *text, int64_t *ret_wall_ms);

#endif

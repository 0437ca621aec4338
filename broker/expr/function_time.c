// SPDX-License-Identifier: Apache-2.0
// Timestamps and durations. A timestamp lies in the years 1 to 9999; what arithmetic makes of durations fits 64 bits of nanoseconds (some 292 years),
// as the language's suite asks. Parts of a timestamp are those of UTC or of the zone that is named.
#include "expr/function_int.h"

#include <stdio.h>

#include "base/clock.h"
#include "expr/program_int.h"
#include "schema/well_known.h"

#define UNUSED (void)run
#define SECOND_NS 1000000000

__extension__ typedef __int128 wide;

// ---- arithmetic -----------------------------------------------------------------------------------------------------

static wide
nanoseconds(struct cel_value v)
{
	return (wide)v.integer * SECOND_NS + cel_nanos(v);
}

static struct cel_value
duration_of(wide ns)
{
	if (ns < INT64_MIN || ns > INT64_MAX) {
		return cel_error(CEL_ERROR_RANGE);
	}
	return cel_duration((int64_t)ns / SECOND_NS, (int32_t)((int64_t)ns % SECOND_NS));
}

static struct cel_value
timestamp_of(wide ns)
{
	if (ns < (wide)CIVIL_FIRST_SECOND * SECOND_NS || ns >= (wide)(CIVIL_LAST_SECOND + 1) * SECOND_NS) {
		return cel_error(CEL_ERROR_RANGE);
	}
	int64_t nanos = (int64_t)(ns % SECOND_NS), seconds = (int64_t)(ns / SECOND_NS);

	return nanos < 0 ? cel_timestamp(seconds - 1, (int32_t)(nanos + SECOND_NS))
			 : cel_timestamp(seconds, (int32_t)nanos);
}

void
cel_add_time(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	wide sum = nanoseconds(args[0]) + nanoseconds(args[1]);

	UNUSED;
	*ret = args[0].kind == CEL_DURATION && args[1].kind == CEL_DURATION ? duration_of(sum) : timestamp_of(sum);
}

void
cel_subtract_time(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	wide difference = nanoseconds(args[0]) - nanoseconds(args[1]);

	UNUSED;
	*ret = args[0].kind == CEL_TIMESTAMP && args[1].kind == CEL_DURATION ? timestamp_of(difference)
									     : duration_of(difference);
}

// ---- texts ----------------------------------------------------------------------------------------------------------

void
cel_int_from_timestamp(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_int(args[0].integer);
}

void
cel_timestamp_from_int(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = timestamp_is_valid(args[0].integer, 0) ? cel_timestamp(args[0].integer, 0) : cel_error(CEL_ERROR_RANGE);
}

void
cel_timestamp_from_string(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	int64_t seconds;
	int32_t nanos;

	UNUSED;
	*ret = timestamp_from_text(cel_text(args[0]), &seconds, &nanos) ? cel_timestamp(seconds, nanos)
									: cel_error(CEL_ERROR_CONVERSION);
}

struct unit {
	const char *name;
	int64_t ns;
};

// The unit that the text begins with; its length is taken off the text.
static int64_t
take_unit(struct view *text)
{
	static const struct unit units[] = {{"ns", 1}, {"us", 1000}, {"\xc2\xb5s", 1000}, {"\xce\xbcs", 1000},
	    {"ms", 1000000}, {"s", SECOND_NS}, {"m", 60LL * SECOND_NS}, {"h", 3600LL * SECOND_NS}};

	for (size_t i = 0; i < EN_COUNT_OF(units); i++) {
		size_t len = strlen(units[i].name);

		if (text->len >= len && memcmp(text->data, units[i].name, len) == 0) {
			*text = (struct view){text->data + len, text->len - len};
			return units[i].ns;
		}
	}
	return 0;
}

// "1.5h": digits with a point among them, then a unit. The fraction counts to the nanosecond.
static bool
take_part(struct view *text, wide *ret_ns)
{
	wide whole = 0, fraction = 0, scale = 1;
	bool has_digits = false, has_point = false;

	for (; text->len > 0; text->data++, text->len--) {
		uint8_t c = text->data[0];

		if (c == '.' && !has_point) {
			has_point = true;
		} else if (c < '0' || c > '9') {
			break;
		} else if (!has_point) {
			whole = whole * 10 + (c - '0');
			has_digits = true;
		} else {
			has_digits = true;
			if (scale < (wide)SECOND_NS * 1000000) {
				fraction = fraction * 10 + (c - '0');
				scale *= 10;
			}
		}
		if (whole > INT64_MAX) {
			return false;
		}
	}
	int64_t unit = has_digits ? take_unit(text) : 0;

	*ret_ns = whole * unit + fraction * unit / scale;
	return unit != 0;
}

// "-1h30m", "1.5s", "250ms", "0": what Go reads as a duration.
static bool
read_duration(struct view text, wide *ret_ns)
{
	bool minus = text.len > 0 && text.data[0] == '-', sign = minus || (text.len > 0 && text.data[0] == '+');
	wide ns = 0, part;

	text = (struct view){text.data + sign, text.len - sign};
	if (view_is(text, "0")) {
		*ret_ns = 0;
		return true;
	}
	if (text.len == 0) {
		return false;
	}
	while (text.len > 0) {
		if (!take_part(&text, &part) || (ns += part) > INT64_MAX) {
			return false;
		}
	}
	*ret_ns = minus ? -ns : ns;
	return true;
}

void
cel_duration_from_string(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	wide ns;

	(void)run_charge_text(run, args[0]);
	*ret = read_duration(cel_text(args[0]), &ns) ? duration_of(ns) : cel_error(CEL_ERROR_CONVERSION);
}

// The fraction of a second, as short as it is; nothing for none.
static void
put_fraction(struct buf *out, int32_t nanos)
{
	char digits[16];
	int len = snprintf(digits, sizeof(digits), ".%09d", nanos);

	while (len > 0 && (digits[len - 1] == '0' || digits[len - 1] == '.')) {
		len--;
	}
	buf_put(out, digits, (size_t)len);
}

bool
time_to_text(struct cel_value timestamp, struct buf *out)
{
	int32_t rest;

	if (!timestamp_is_valid(timestamp.integer, cel_nanos(timestamp))) {
		return false;
	}
	struct civil_date d = civil_from_days(civil_day_of(timestamp.integer, &rest));

	buf_printf(
	    out, "%04d-%02d-%02dT%02d:%02d:%02d", d.year, d.month, d.day, rest / 3600, rest / 60 % 60, rest % 60);
	put_fraction(out, cel_nanos(timestamp));
	buf_put_str(out, "Z");
	return true;
}

void
duration_to_short_text(struct cel_value duration, struct buf *out)
{
	bool minus = duration.integer < 0 || cel_nanos(duration) < 0;
	uint64_t seconds = duration.integer < 0 ? 0 - (uint64_t)duration.integer : (uint64_t)duration.integer;
	int64_t nanos = cel_nanos(duration);

	buf_printf(out, "%s%llu", minus ? "-" : "", (unsigned long long)seconds);
	put_fraction(out, (int32_t)(nanos < 0 ? -nanos : nanos));
	buf_put_str(out, "s");
}

void
cel_string_from_timestamp(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	buf_clear(&run->scratch);
	*ret = time_to_text(args[0], &run->scratch) ? run_scratch(run, CEL_STRING) : cel_error(CEL_ERROR_RANGE);
}

void
cel_string_from_duration(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	buf_clear(&run->scratch);
	duration_to_short_text(args[0], &run->scratch);
	*ret = run_scratch(run, CEL_STRING);
}

// ---- parts of a timestamp -------------------------------------------------------------------------------------------

bool
offset_from_text(struct view text, int32_t *ret_s)
{
	bool sign = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+');
	const uint8_t *at = text.data + sign;

	if (view_is(text, "UTC") || text.len == 0) {
		*ret_s = 0;
		return true;
	}
	if (text.len - sign != 5 || at[2] != ':') {
		return false;
	}
	for (int i = 0; i < 5; i++) {
		if (i != 2 && (at[i] < '0' || at[i] > '9')) {
			return false;
		}
	}
	int32_t hours = (at[0] - '0') * 10 + at[1] - '0', minutes = (at[3] - '0') * 10 + at[4] - '0';

	*ret_s = (text.data[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return hours < 24 && minutes < 60;
}

// Seconds east of UTC at the instant; false when the zone is not known.
static bool
offset_at(const struct cel_run *run, struct view zone, int64_t utc_s, int32_t *ret_s)
{
	if (offset_from_text(zone, ret_s)) {
		return true;
	}
	for (uint32_t i = 0; run->program != NULL && i < run->program->zone_count; i++) {
		if (view_is(zone, run->program->zones[i].name)) {
			*ret_s = zone_offset(run->program->zones[i].zone, utc_s);
			return true;
		}
	}
	return false;
}

enum part { FULL_YEAR, MONTH, DATE, DAY_OF_MONTH, DAY_OF_WEEK, DAY_OF_YEAR, HOURS, MINUTES, SECONDS };

static int64_t
part_of(enum part part, int64_t local_s)
{
	int32_t rest;
	int64_t days = civil_day_of(local_s, &rest);
	struct civil_date d = civil_from_days(days);

	switch (part) {
	case FULL_YEAR:
		return d.year;
	case MONTH:
		return d.month - 1;
	case DATE:
		return d.day;
	case DAY_OF_MONTH:
		return d.day - 1;
	case DAY_OF_WEEK:
		return civil_weekday(days);
	case DAY_OF_YEAR:
		return days - civil_to_days((struct civil_date){d.year, 1, 1});
	case HOURS:
		return rest / 3600;
	case MINUTES:
		return rest / 60 % 60;
	default:
		return rest % 60;
	}
}

// The second argument is a zone, or the one behind the last: which is not looked at then.
static struct cel_value
part_in_zone(const struct cel_run *run, const struct cel_value *args, bool has_zone, enum part part)
{
	int32_t offset = 0;

	if (!timestamp_is_valid(args[0].integer, 0)) {
		return cel_error(CEL_ERROR_RANGE);
	}
	if (has_zone && !offset_at(run, cel_text(args[1]), args[0].integer, &offset)) {
		return cel_error(CEL_ERROR_ZONE);
	}
	return cel_int(part_of(part, args[0].integer + offset));
}

#define PART(name, part)                                                                                               \
	void name(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)                            \
	{                                                                                                              \
		*ret = part_in_zone(run, args, false, part);                                                           \
	}                                                                                                              \
	void name##_zone(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)                     \
	{                                                                                                              \
		*ret = part_in_zone(run, args, true, part);                                                            \
	}
PART(cel_full_year, FULL_YEAR)
PART(cel_month, MONTH)
PART(cel_date, DATE)
PART(cel_day_of_month, DAY_OF_MONTH)
PART(cel_day_of_week, DAY_OF_WEEK)
PART(cel_day_of_year, DAY_OF_YEAR)
PART(cel_hours, HOURS)
PART(cel_minutes, MINUTES)
PART(cel_seconds, SECONDS)

void
cel_milliseconds(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_int(cel_nanos(args[0]) / 1000000);
}

void
cel_milliseconds_zone(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	int32_t offset;

	*ret = offset_at(run, cel_text(args[1]), args[0].integer, &offset) ? cel_int(cel_nanos(args[0]) / 1000000)
									   : cel_error(CEL_ERROR_ZONE);
}

// ---- parts of a duration: whole hours, minutes or seconds of all of it; milliseconds of its last second -----------------

void
cel_duration_hours(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_int(args[0].integer / 3600);
}

void
cel_duration_minutes(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_int(args[0].integer / 60);
}

void
cel_duration_seconds(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_int(args[0].integer);
}

void
cel_duration_milliseconds(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_int(cel_nanos(args[0]) / 1000000);
}

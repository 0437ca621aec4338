// SPDX-License-Identifier: Apache-2.0
// The texts of timestamps, durations and field masks. Written out by hand: the C library's depend on locale, zone and width.
#include <inttypes.h>

#include "base/clock.h"
#include "schema/well_known.h"

#define NANOS_PER_SECOND 1000000000
#define DURATION_MAX INT64_C(315576000000) // 10,000 years of 365.25 days

bool
timestamp_is_valid(int64_t seconds, int64_t nanos)
{
	return seconds >= CIVIL_FIRST_SECOND && seconds <= CIVIL_LAST_SECOND && nanos >= 0 && nanos < NANOS_PER_SECOND;
}

bool
duration_is_valid(int64_t seconds, int64_t nanos)
{
	return seconds >= -DURATION_MAX && seconds <= DURATION_MAX && nanos > -NANOS_PER_SECOND &&
	    nanos < NANOS_PER_SECOND && (seconds >= 0 || nanos <= 0) && (seconds <= 0 || nanos >= 0);
}

// ---- reading ---------------------------------------------------------------------------------------------------------------------

// Exactly `count` digits; the text moves behind them.
static bool
take_digits(struct view *text, size_t count, int32_t *ret)
{
	*ret = 0;
	if (text->len < count) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t c = text->data[i];

		if (c < '0' || c > '9') {
			return false;
		}
		*ret = *ret * 10 + (c - '0');
	}
	*text = view_of(text->data + count, text->len - count);
	return true;
}

static bool
take_char(struct view *text, char wanted)
{
	if (text->len == 0 || text->data[0] != (uint8_t)wanted) {
		return false;
	}
	*text = view_of(text->data + 1, text->len - 1);
	return true;
}

// ".5" -> 500000000: at most nine digits, at least one behind the point.
static bool
take_fraction(struct view *text, int32_t *ret_nanos)
{
	int32_t digit, unit = NANOS_PER_SECOND / 10;

	*ret_nanos = 0;
	if (!take_char(text, '.')) {
		return true;
	}
	if (!take_digits(text, 1, &digit)) {
		return false;
	}
	do {
		if (unit == 0) {
			return false;
		}
		*ret_nanos += digit * unit;
		unit /= 10;
	} while (take_digits(text, 1, &digit));
	return true;
}

static bool
take_offset(struct view *text, int32_t *ret_seconds)
{
	int32_t sign, hours, minutes;

	*ret_seconds = 0;
	if (take_char(text, 'Z')) {
		return true;
	}
	sign = take_char(text, '+') ? 1 : take_char(text, '-') ? -1 : 0;
	if (sign == 0 || !take_digits(text, 2, &hours) || !take_char(text, ':') || !take_digits(text, 2, &minutes) ||
	    hours > 23 || minutes > 59) {
		return false;
	}
	*ret_seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
timestamp_from_text(struct view text, int64_t *ret_seconds, int32_t *ret_nanos)
{
	int32_t year, month, day, hour, minute, second, offset;

	if (!take_digits(&text, 4, &year) || !take_char(&text, '-') || !take_digits(&text, 2, &month) ||
	    !take_char(&text, '-') || !take_digits(&text, 2, &day) || !take_char(&text, 'T') ||
	    !take_digits(&text, 2, &hour) || !take_char(&text, ':') || !take_digits(&text, 2, &minute) ||
	    !take_char(&text, ':') || !take_digits(&text, 2, &second) || !take_fraction(&text, ret_nanos) ||
	    !take_offset(&text, &offset) || text.len != 0) {
		return false;
	}
	if (year < 1 || day < 1 || day > civil_days_in_month(year, month) || hour > 23 || minute > 59 || second > 59) {
		return false;
	}
	struct civil_date date = {.year = year, .month = (uint8_t)month, .day = (uint8_t)day};

	*ret_seconds = civil_to_days(date) * 86400 + hour * 3600 + minute * 60 + second - offset;
	return timestamp_is_valid(*ret_seconds, 0);
}

bool
duration_from_text(struct view text, int64_t *ret_seconds, int32_t *ret_nanos)
{
	bool negative = take_char(&text, '-');
	int32_t digit;
	int64_t seconds = 0;

	if (!take_digits(&text, 1, &digit)) {
		return false;
	}
	do {
		seconds = seconds * 10 + digit;
		if (seconds > DURATION_MAX) {
			return false;
		}
	} while (take_digits(&text, 1, &digit));
	if (!take_fraction(&text, ret_nanos) || !take_char(&text, 's') || text.len != 0) {
		return false;
	}
	*ret_seconds = negative ? -seconds : seconds;
	*ret_nanos = negative ? -*ret_nanos : *ret_nanos;
	return true;
}

// ---- writing ---------------------------------------------------------------------------------------------------------------------

static void
put_fraction(int32_t nanos, struct buf *out)
{
	if (nanos == 0) {
		return;
	}
	if (nanos % 1000000 == 0) {
		buf_printf(out, ".%03" PRId32, nanos / 1000000);
	} else if (nanos % 1000 == 0) {
		buf_printf(out, ".%06" PRId32, nanos / 1000);
	} else {
		buf_printf(out, ".%09" PRId32, nanos);
	}
}

bool
timestamp_to_text(int64_t seconds, int32_t nanos, struct buf *out)
{
	int32_t rest;

	if (!timestamp_is_valid(seconds, nanos)) {
		return false;
	}
	struct civil_date date = civil_from_days(civil_day_of(seconds, &rest));

	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d", date.year, date.month, date.day, (int)(rest / 3600),
	    (int)(rest / 60 % 60), (int)(rest % 60));
	put_fraction(nanos, out);
	buf_put_u8(out, 'Z');
	return true;
}

bool
duration_to_text(int64_t seconds, int32_t nanos, struct buf *out)
{
	if (!duration_is_valid(seconds, nanos)) {
		return false;
	}
	buf_put_str(out, seconds < 0 || nanos < 0 ? "-" : "");
	buf_printf(out, "%" PRId64, seconds < 0 ? -seconds : seconds);
	put_fraction(nanos < 0 ? -nanos : nanos, out);
	buf_put_u8(out, 's');
	return true;
}

// ---- masks -----------------------------------------------------------------------------------------------------------------------

bool
mask_path_from_text(struct view camel, struct buf *out)
{
	for (size_t i = 0; i < camel.len; i++) {
		uint8_t c = camel.data[i];

		if (c == '_') {
			return false;
		}
		if (c >= 'A' && c <= 'Z') {
			buf_put_u8(out, '_');
			c = (uint8_t)(c - 'A' + 'a');
		}
		buf_put_u8(out, c);
	}
	return true;
}

bool
mask_path_to_text(struct view snake, struct buf *out)
{
	for (size_t i = 0; i < snake.len; i++) {
		uint8_t c = snake.data[i];

		if (c >= 'A' && c <= 'Z') {
			return false;
		}
		if (c == '_') {
			c = ++i < snake.len ? snake.data[i] : 0;
			if (c < 'a' || c > 'z') {
				return false;
			}
			c = (uint8_t)(c - 'a' + 'A');
		}
		buf_put_u8(out, c);
	}
	return true;
}

// SPDX-License-Identifier: Apache-2.0
// Texts are read and written piece by piece, as their format has them.
#include <stdio.h>
#include <strings.h>

#include "map/date_int.h"

// Digits, and the largest value, by part.
static const struct {
	uint8_t digits;
	int32_t min, max;
} parts[DATE_PART_COUNT] = {
    [DATE_YEAR] = {4, 1, 9999},
    [DATE_MONTH] = {2, 1, 12},
    [DATE_DAY] = {2, 1, 31},
    [DATE_HOUR] = {2, 0, 23},
    [DATE_MINUTE] = {2, 0, 59},
    [DATE_SECOND] = {2, 0, 59},
    [DATE_MILLI] = {3, 0, 999},
};

static const char *const names[2][12] = {
    {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
	"diciembre"},
    {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
	"December"},
};
#define SHORT_NAME 3U // letters

size_t
date_digits(const struct date_piece *piece)
{
	return piece->form == DATE_DIGITS ? parts[piece->part].digits : 2;
}

// Two digits, a colon, two digits.
static bool
read_hours(const uint8_t *p, int32_t *ret_minutes)
{
	for (size_t i = 0; i < 5; i++) {
		if (i == 2 ? p[i] != ':' : p[i] < '0' || p[i] > '9') {
			return false;
		}
	}
	int32_t hours = (p[0] - '0') * 10 + p[1] - '0', minutes = (p[3] - '0') * 10 + p[4] - '0';

	if (hours > 14 || minutes > 59) {
		return false;
	}
	*ret_minutes = hours * 60 + minutes;
	return true;
}

size_t
date_read_zone(const uint8_t *p, size_t left, int32_t *ret_minutes)
{
	int32_t minutes;

	if (left >= 1 && p[0] == 'Z') {
		*ret_minutes = 0;
		return 1;
	}
	if (left < 6 || (p[0] != '+' && p[0] != '-') || !read_hours(p + 1, &minutes)) {
		return 0;
	}
	*ret_minutes = p[0] == '-' ? -minutes : minutes;
	return 6;
}

// The month whose name stands at p, in either language and in letters of any size; of two that fit, the longer one. Returns its length.
static size_t
read_name(const struct date_piece *piece, const uint8_t *p, size_t left, int32_t *ret_month)
{
	size_t best = 0;

	for (size_t i = 0; i < 2 * EN_COUNT_OF(names[0]); i++) {
		const char *name = names[i / 12][i % 12];
		size_t len = piece->form == DATE_SHORT_NAME ? SHORT_NAME : strlen(name);

		if (len <= left && len > best && strncasecmp((const char *)p, name, len) == 0) {
			best = len;
			*ret_month = (int32_t)(i % 12) + 1;
		}
	}
	return best;
}

// The number that stands at p, of as many digits as the piece has, or of one where it may have fewer. Returns its length.
static size_t
read_number(const struct date_piece *piece, const uint8_t *p, size_t left, int32_t *ret_value)
{
	size_t most = date_digits(piece), len = 0;

	*ret_value = 0;
	while (len < most && len < left && p[len] >= '0' && p[len] <= '9') {
		*ret_value = *ret_value * 10 + (p[len++] - '0');
	}
	return len == most || piece->form == DATE_LOOSE ? len : 0;
}

// One piece of the text; returns how many bytes it took, 0 when the text does not follow.
static size_t
read_piece(
    const struct date_format *f, const struct date_piece *piece, const uint8_t *p, size_t left, struct date_value *v)
{
	if (piece->part == DATE_LITERAL) {
		size_t len = piece->literal.len;

		return left >= len && memcmp(p, piece->literal.data, len) == 0 ? len : 0;
	}
	if (piece->part == DATE_ZONE) {
		return date_read_zone(p, left, &v->parts[DATE_ZONE]);
	}
	int32_t value = 0;
	size_t len =
	    piece->form >= DATE_SHORT_NAME ? read_name(piece, p, left, &value) : read_number(piece, p, left, &value);

	if (piece->form == DATE_SHORT_YEAR) {
		value += f->first_year - f->first_year % 100;
		value += value < f->first_year ? 100 : 0;
	}
	if (len == 0 || value < parts[piece->part].min || value > parts[piece->part].max) {
		return 0;
	}
	v->parts[piece->part] = value;
	return len;
}

// The zone of a place, by its clocks.
static bool
take_offset(const struct date_format *f, struct date_value *v)
{
	int32_t seconds;

	v->parts[DATE_ZONE] = 0;
	if (!zone_offset_by_clock(f->zone, date_to_wall(v) / 1000, &seconds)) {
		return false;
	}
	v->parts[DATE_ZONE] = seconds / 60;
	return seconds % 60 == 0; // mean solar time, of a hundred years ago
}

bool
date_read(const struct date_format *f, struct view text, struct date_value *ret)
{
	struct date_value v = {.parts[DATE_ZONE] = f->fixed_offset_minutes};
	size_t at = 0;

	for (uint32_t i = 0; i < f->piece_count; i++) {
		size_t len = at <= text.len ? read_piece(f, &f->pieces[i], text.data + at, text.len - at, &v) : 0;

		if (len == 0) {
			return false;
		}
		at += len;
	}
	if (at != text.len) {
		return false;
	}
	if (v.parts[DATE_DAY] > 0 && v.parts[DATE_DAY] > civil_days_in_month(v.parts[DATE_YEAR], v.parts[DATE_MONTH])) {
		return false;
	}
	if (f->zone != NULL && !take_offset(f, &v)) {
		return false;
	}
	*ret = v;
	return true;
}

// value is not negative; what does not fit is cut at the front.
static size_t
put_digits(char *dst, size_t digits, int32_t value)
{
	for (size_t i = digits; i > 0; i--, value /= 10) {
		dst[i - 1] = (char)('0' + value % 10);
	}
	return digits;
}

size_t
date_write_day(const struct date_value *v, char dst[static DATE_DAY_BYTES])
{
	size_t len = put_digits(dst, 4, v->parts[DATE_YEAR]);

	for (enum date_part part = DATE_MONTH; part <= DATE_DAY && v->parts[part] > 0; part++) {
		dst[len++] = '-';
		len += put_digits(dst + len, 2, v->parts[part]);
	}
	return len;
}

// In the language of the format's letters: aaaa is a Spanish year, yyyy an English one.
static size_t
put_value(const struct date_format *f, const struct date_piece *piece, int32_t value, char *dst)
{
	if (piece->form >= DATE_SHORT_NAME) {
		const char *name = names[f->is_english][value - 1];
		size_t len = piece->form == DATE_SHORT_NAME ? SHORT_NAME : strlen(name);

		memcpy(dst, name, len);
		return len;
	}
	return put_digits(dst, piece->form == DATE_LOOSE && value < 10 ? 1 : date_digits(piece), value);
}

size_t
date_write(const struct date_format *f, const struct date_value *v, char dst[static DATE_TEXT_BYTES])
{
	size_t len = 0;

	for (uint32_t i = 0; i < f->piece_count; i++) {
		const struct date_piece *piece = &f->pieces[i];
		int32_t value = v->parts[piece->part];

		if (piece->part == DATE_LITERAL) {
			memcpy(dst + len, piece->literal.data, piece->literal.len);
			len += piece->literal.len;
			continue;
		}
		if (piece->part == DATE_ZONE) {
			int32_t minutes = value < 0 ? -value : value;

			len += (size_t)(value == 0 ? snprintf(dst + len, DATE_TEXT_BYTES - len, "Z")
						   : snprintf(dst + len, DATE_TEXT_BYTES - len, "%c%02d:%02d",
							 value < 0 ? '-' : '+', minutes / 60, minutes % 60));
			continue;
		}
		if (value < parts[piece->part].min || value > parts[piece->part].max) {
			return 0;
		}
		if (piece->form == DATE_SHORT_YEAR && (value < f->first_year || value - f->first_year > 99)) {
			return 0; // it would be read as another year
		}
		len += put_value(f, piece, value, dst + len);
	}
	return len;
}

int64_t
date_to_wall(const struct date_value *v)
{
	struct civil_date day = {
	    .year = v->parts[DATE_YEAR], .month = (uint8_t)v->parts[DATE_MONTH], .day = (uint8_t)v->parts[DATE_DAY]};
	int64_t minutes = (int64_t)v->parts[DATE_HOUR] * 60 + v->parts[DATE_MINUTE] - v->parts[DATE_ZONE];

	return ((civil_to_days(day) * 1440 + minutes) * 60 + v->parts[DATE_SECOND]) * 1000 + v->parts[DATE_MILLI];
}

struct date_value
date_from_wall(int64_t wall_ms, int32_t offset_minutes)
{
	int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0 ? 1 : 0) + (int64_t)offset_minutes * 60;
	int64_t days = seconds / 86400 - (seconds % 86400 < 0 ? 1 : 0);
	int32_t second = (int32_t)(seconds - days * 86400);
	struct civil_date day = civil_from_days(days);

	return (struct date_value){.parts = {
				       [DATE_YEAR] = day.year,
				       [DATE_MONTH] = day.month,
				       [DATE_DAY] = day.day,
				       [DATE_HOUR] = second / 3600,
				       [DATE_MINUTE] = second / 60 % 60,
				       [DATE_SECOND] = second % 60,
				       [DATE_MILLI] = (int32_t)(wall_ms % 1000 + (wall_ms % 1000 < 0 ? 1000 : 0)),
				       [DATE_ZONE] = offset_minutes,
				   }};
}

int32_t
date_offset_at(const struct date_format *f, int64_t wall_ms)
{
	return f->zone == NULL ? f->fixed_offset_minutes : zone_offset(f->zone, wall_ms / 1000) / 60;
}

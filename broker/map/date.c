// SPDX-License-Identifier: Apache-2.0
// A format becomes pieces once; texts are then read and written piece by piece.
#include "map/date.h"

#include <stdio.h>

static const struct token {
	const char *text;
	enum date_part part;
	bool is_short;
} tokens[] = {
    {"aaaa", DATE_YEAR, false},
    {"yyyy", DATE_YEAR, false},
    {"mm", DATE_MONTH, false},
    {"mi", DATE_MINUTE, false},
    {"dd", DATE_DAY, false},
    {"HH", DATE_HOUR, false},
    {"ss", DATE_SECOND, false},
    {"fff", DATE_MILLI, false},
    {"zzz", DATE_ZONE, false},
    {"aa", DATE_YEAR, true},
    {"yy", DATE_YEAR, true},
};

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

static size_t
digits_of(const struct date_piece *piece)
{
	return piece->is_short ? 2 : parts[piece->part].digits;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const struct token *
token_at(const char *p)
{
	for (size_t i = 0; i < EN_COUNT_OF(tokens); i++) {
		size_t len = strlen(tokens[i].text);

		// A longer run of one letter is no token: "yyyyy", "ddd".
		if (strncmp(p, tokens[i].text, len) == 0 && p[len] != p[len - 1]) {
			return &tokens[i];
		}
	}
	return NULL;
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

// Z or +hh:mm or -hh:mm; returns how many characters, 0 when it is no zone.
static size_t
read_zone(const uint8_t *p, size_t left, int32_t *ret_minutes)
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

// " [-06:00]" or "[UTC]" at the end: takes it off *len.
static bool
take_brackets(const char *text, size_t *len, struct date_format *f)
{
	const char *open = strrchr(text, '[');

	if (open == NULL || *len == 0 || text[*len - 1] != ']') {
		return open == NULL;
	}
	struct view zone = view_of(open + 1, *len - 2 - (size_t)(open - text));

	if (view_is(zone, "UTC")) {
		f->fixed_offset_minutes = 0;
	} else if (zone.len == 0 || read_zone(zone.data, zone.len, &f->fixed_offset_minutes) != zone.len) {
		return false;
	}
	f->has_fixed_zone = true;
	*len = (size_t)(open - text);
	while (*len > 0 && text[*len - 1] == ' ') {
		--*len;
	}
	return true;
}

#define ALLOWED "parts are dd, mm, aaaa (or yyyy, or aa), HH, mi, ss, fff, zzz"

// Adds the piece at text[at]; returns how many characters it took, 0 when the format is wrong.
static size_t
add_piece(struct date_format *f, struct date_piece *pieces, const char *text, size_t at, const char **problem,
    const char **hint)
{
	const struct token *token = token_at(text + at);
	struct date_piece *last = f->piece_count == 0 ? NULL : &pieces[f->piece_count - 1];

	if (token != NULL) {
		if ((f->has & DATE_HAS(token->part)) != 0) {
			*problem = token->part == DATE_MONTH ? "mm stands twice" : "a part stands twice";
			*hint = token->part == DATE_MONTH ? "mm is the month; minutes are mi" : ALLOWED;
			return 0;
		}
		pieces[f->piece_count++] = (struct date_piece){.part = token->part, .is_short = token->is_short};
		f->has_short_year = f->has_short_year || token->is_short;
		f->has |= DATE_HAS(token->part);
		return strlen(token->text);
	}
	if (is_letter(text[at]) && text[at] != 'T' && text[at] != 'Z') {
		*problem = "unknown letters";
		*hint = ALLOWED;
		return 0;
	}
	if (text[at] == 'Z') {
		f->has_fixed_zone = true;
		f->fixed_offset_minutes = 0;
	}
	if (last != NULL && last->part == DATE_LITERAL) {
		last->literal.len++;
	} else {
		pieces[f->piece_count++] = (struct date_piece){.literal = view_of(text + at, 1)};
	}
	return 1;
}

enum en_err
date_format_parse(const char *text, struct arena *arena, struct date_format *ret, const char **reterr_problem,
    const char **reterr_hint)
{
	struct date_format f = {.text = text};
	size_t len = strlen(text);
	struct date_piece *pieces;

	*reterr_hint = ALLOWED;
	if (len == 0 || len >= DATE_TEXT_BYTES / 2) {
		*reterr_problem = len == 0 ? "empty" : "too long";
		return EN_EFORMAT;
	}
	if (!take_brackets(text, &len, &f)) {
		*reterr_problem = "no such zone";
		*reterr_hint = "[UTC] or an offset such as [-06:00]";
		return EN_EFORMAT;
	}
	pieces = arena_alloc(arena, len * sizeof(*pieces));
	if (pieces == NULL) {
		return EN_ENOMEM;
	}
	for (size_t at = 0, n; at < len; at += n) {
		n = add_piece(&f, pieces, text, at, reterr_problem, reterr_hint);
		if (n == 0) {
			return EN_EFORMAT;
		}
	}
	const uint32_t hours_minutes = DATE_HAS(DATE_HOUR) | DATE_HAS(DATE_MINUTE);
	bool has_time = (f.has & (hours_minutes | DATE_HAS(DATE_SECOND) | DATE_HAS(DATE_MILLI))) != 0;

	if ((f.has & DATE_HAS(DATE_YEAR)) == 0 ||
	    ((f.has & DATE_HAS(DATE_DAY)) != 0 && (f.has & DATE_HAS(DATE_MONTH)) == 0)) {
		*reterr_problem = "a date needs at least a year, and a day its month";
		return EN_EFORMAT;
	}
	if (has_time && (f.has & hours_minutes) != hours_minutes) {
		*reterr_problem = "a time needs hours and minutes";
		*reterr_hint = "HH:mi; mm is the month";
		return EN_EFORMAT;
	}
	if ((f.has & DATE_HAS(DATE_ZONE)) != 0 && f.has_fixed_zone) {
		*reterr_problem = "two zones";
		return EN_EFORMAT;
	}
	f.pieces = pieces;
	*ret = f;
	return EN_OK;
}

// The places of digits and literals: '9' for a digit, 'z' for a zone, which only meets another zone.
static size_t
outline(const struct date_format *f, char dst[static DATE_TEXT_BYTES])
{
	size_t len = 0;

	for (uint32_t i = 0; i < f->piece_count; i++) {
		const struct date_piece *piece = &f->pieces[i];

		if (piece->part == DATE_LITERAL) {
			memcpy(dst + len, piece->literal.data, piece->literal.len);
			len += piece->literal.len;
		} else if (piece->part == DATE_ZONE) {
			dst[len++] = 'z';
		} else {
			memset(dst + len, '9', digits_of(piece));
			len += digits_of(piece);
		}
	}
	return len;
}

bool
date_formats_overlap(const struct date_format *a, const struct date_format *b)
{
	char left[DATE_TEXT_BYTES], right[DATE_TEXT_BYTES];

	return view_equal(view_of(left, outline(a, left)), view_of(right, outline(b, right)));
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
		return read_zone(p, left, &v->parts[DATE_ZONE]);
	}
	size_t digits = digits_of(piece);
	int32_t value = 0;

	if (left < digits) {
		return 0;
	}
	for (size_t i = 0; i < digits; i++) {
		if (p[i] < '0' || p[i] > '9') {
			return 0;
		}
		value = value * 10 + (p[i] - '0');
	}
	if (piece->is_short) {
		value += f->first_year - f->first_year % 100;
		value += value < f->first_year ? 100 : 0;
	}
	if (value < parts[piece->part].min || value > parts[piece->part].max) {
		return 0;
	}
	v->parts[piece->part] = value;
	return digits;
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
		if (piece->is_short && (value < f->first_year || value - f->first_year > 99)) {
			return 0; // it would be read as another year
		}
		len += put_digits(dst + len, digits_of(piece), value);
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

// SPDX-License-Identifier: Apache-2.0
// A format becomes pieces once; whether two formats could read one text is told from their pieces.
#include "map/date_int.h"

static const struct token {
	const char *text;
	enum date_part part;
	enum date_form form;
} tokens[] = {
    {"aaaa", DATE_YEAR, DATE_DIGITS},
    {"yyyy", DATE_YEAR, DATE_DIGITS},
    {"mmmm", DATE_MONTH, DATE_NAME},
    {"mmm", DATE_MONTH, DATE_SHORT_NAME},
    {"mm", DATE_MONTH, DATE_DIGITS},
    {"mi", DATE_MINUTE, DATE_DIGITS},
    {"m", DATE_MONTH, DATE_LOOSE},
    {"dd", DATE_DAY, DATE_DIGITS},
    {"d", DATE_DAY, DATE_LOOSE},
    {"HH", DATE_HOUR, DATE_DIGITS},
    {"ss", DATE_SECOND, DATE_DIGITS},
    {"fff", DATE_MILLI, DATE_DIGITS},
    {"zzz", DATE_ZONE, DATE_DIGITS},
    {"aa", DATE_YEAR, DATE_SHORT_YEAR},
    {"yy", DATE_YEAR, DATE_SHORT_YEAR},
};

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

// " [-06:00]", "[UTC]" or "[America/Tijuana]" at the end: takes it off *len.
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
	} else if (memchr(zone.data, '/', zone.len) != NULL) {
		f->zone_name = zone;
	} else if (zone.len == 0 || date_read_zone(zone.data, zone.len, &f->fixed_offset_minutes) != zone.len) {
		return false;
	}
	f->has_fixed_zone = true;
	*len = (size_t)(open - text);
	while (*len > 0 && text[*len - 1] == ' ') {
		--*len;
	}
	return true;
}

#define ALLOWED                                                                                                        \
	"parts are d or dd, m, mm, mmm or mmmm, aaaa (or yyyy, or aa), HH, mi, ss, fff, zzz; words stand in quotes"

static void
add_literal(struct date_format *f, struct date_piece *pieces, const char *text, size_t len)
{
	struct date_piece *last = f->piece_count == 0 ? NULL : &pieces[f->piece_count - 1];

	if (last != NULL && last->part == DATE_LITERAL &&
	    last->literal.data + last->literal.len == (const uint8_t *)text) {
		last->literal.len += len;
	} else if (len > 0) {
		pieces[f->piece_count++] = (struct date_piece){.literal = view_of(text, len)};
	}
}

// Adds the piece at text[at]; returns how many characters it took, 0 when the format is wrong.
static size_t
add_piece(struct date_format *f, struct date_piece *pieces, const char *text, size_t at, const char **problem,
    const char **hint)
{
	const struct token *token = token_at(text + at);

	if (token != NULL) {
		if ((f->has & DATE_HAS(token->part)) != 0) {
			*problem = token->part == DATE_MONTH ? "mm stands twice" : "a part stands twice";
			*hint = token->part == DATE_MONTH ? "mm is the month; minutes are mi" : ALLOWED;
			return 0;
		}
		pieces[f->piece_count++] = (struct date_piece){.part = token->part, .form = token->form};
		f->has_short_year = f->has_short_year || token->form == DATE_SHORT_YEAR;
		f->is_english = f->is_english || token->text[0] == 'y';
		f->has |= DATE_HAS(token->part);
		return strlen(token->text);
	}
	if (text[at] == '\'') {
		const char *close = strchr(text + at + 1, '\'');

		if (close == NULL) {
			*problem = "a quote is not closed";
			return 0;
		}
		add_literal(f, pieces, text + at + 1, (size_t)(close - text) - at - 1);
		return (size_t)(close - text) - at + 1;
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
	add_literal(f, pieces, text + at, 1);
	return 1;
}

static bool
begins_with_digit(const struct date_piece *piece)
{
	return piece->part == DATE_LITERAL ? piece->literal.data[0] >= '0' && piece->literal.data[0] <= '9'
					   : piece->part != DATE_ZONE && piece->form < DATE_SHORT_NAME;
}

// Whether all that there must be is there, and each part ends where one can see it.
static bool
is_whole(const struct date_format *f, const struct date_piece *pieces, const char **problem, const char **hint)
{
	const uint32_t hours_minutes = DATE_HAS(DATE_HOUR) | DATE_HAS(DATE_MINUTE);
	bool has_time = (f->has & (hours_minutes | DATE_HAS(DATE_SECOND) | DATE_HAS(DATE_MILLI))) != 0;

	if ((f->has & DATE_HAS(DATE_YEAR)) == 0 ||
	    ((f->has & DATE_HAS(DATE_DAY)) != 0 && (f->has & DATE_HAS(DATE_MONTH)) == 0)) {
		*problem = "a date needs at least a year, and a day its month";
		return false;
	}
	if (has_time && (f->has & hours_minutes) != hours_minutes) {
		*problem = "a time needs hours and minutes";
		*hint = "HH:mi; mm is the month";
		return false;
	}
	if ((f->has & DATE_HAS(DATE_ZONE)) != 0 && f->has_fixed_zone) {
		*problem = "two zones";
		return false;
	}
	for (uint32_t i = 0; i + 1 < f->piece_count; i++) {
		if (pieces[i].form == DATE_LOOSE && begins_with_digit(&pieces[i + 1])) {
			*problem = "behind one or two digits there must be something else";
			return false;
		}
	}
	return true;
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
		*reterr_problem = DATE_ZONE_PROBLEM;
		*reterr_hint = DATE_ZONE_HINT;
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
	if (!is_whole(&f, pieces, reterr_problem, reterr_hint)) {
		return EN_EFORMAT;
	}
	f.pieces = pieces;
	*ret = f;
	return EN_OK;
}

// ---- two formats --------------------------------------------------------------------------------------------------

// What a format looks like: literals as they stand, and signs that no literal is.
enum outline { OUT_DIGIT = 1, OUT_MAY_BE_DIGIT, OUT_ZONE, OUT_NAME };

static size_t
outline(const struct date_format *f, char dst[static DATE_TEXT_BYTES])
{
	size_t len = 0;

	for (uint32_t i = 0; i < f->piece_count; i++) {
		const struct date_piece *piece = &f->pieces[i];

		if (piece->part == DATE_LITERAL) {
			memcpy(dst + len, piece->literal.data, piece->literal.len);
			len += piece->literal.len;
		} else if (piece->part == DATE_ZONE || piece->form >= DATE_SHORT_NAME) {
			dst[len++] = piece->part == DATE_ZONE ? OUT_ZONE : OUT_NAME;
		} else {
			memset(dst + len, OUT_DIGIT, date_digits(piece));
			len += date_digits(piece);
			if (piece->form == DATE_LOOSE) {
				dst[len - 1] = OUT_MAY_BE_DIGIT;
			}
		}
	}
	dst[len] = '\0';
	return len;
}

static bool
is_digit(char c)
{
	return c == OUT_DIGIT || (c >= '0' && c <= '9');
}

// A zone only meets another zone, and the name of a month another name; a digit any digit, also one that always stands there.
static bool
fits(char a, char b)
{
	return a == b || (is_digit(a) && is_digit(b) && (a == OUT_DIGIT || b == OUT_DIGIT));
}

// Each of them has two parts at most that may be shorter, so there are few ways.
static bool
meet(const char *a, const char *b)
{
	if (*a == OUT_MAY_BE_DIGIT || *b == OUT_MAY_BE_DIGIT) {
		const char *loose = *a == OUT_MAY_BE_DIGIT ? a : b, *other = loose == a ? b : a;
		bool is_taken = is_digit(*other) || *other == OUT_MAY_BE_DIGIT;

		return meet(loose + 1, other) || (is_taken && meet(loose + 1, other + 1));
	}
	return *a == '\0' || *b == '\0' ? *a == *b : fits(*a, *b) && meet(a + 1, b + 1);
}

bool
date_formats_overlap(const struct date_format *a, const struct date_format *b)
{
	char left[DATE_TEXT_BYTES], right[DATE_TEXT_BYTES];

	(void)outline(a, left);
	(void)outline(b, right);
	return meet(left, right);
}

// SPDX-License-Identifier: Apache-2.0
#include "schema/text_read.h"

#include <ctype.h>

static enum text_token
fail(struct text_read *r, const char *problem)
{
	if (r->err == EN_OK) {
		r->err = EN_EFORMAT;
		r->problem = problem;
	}
	r->token = TEXT_ERROR;
	return TEXT_ERROR;
}

static void
pass_blanks(struct text_read *r)
{
	while (r->pos < r->end) {
		if (*r->pos == '#') {
			while (r->pos < r->end && *r->pos != '\n') {
				r->pos++;
			}
		} else if (*r->pos == '\n') {
			r->pos++;
			r->line++;
			r->line_start = r->pos;
		} else if (*r->pos == ' ' || (*r->pos >= '\t' && *r->pos <= '\r')) {
			r->pos++;
		} else {
			return;
		}
	}
}

// ---- strings ----------------------------------------------------------------------------------------------------------

static int
digit_of(uint8_t c, int base)
{
	int digit = hex_value(c);

	return digit < base ? digit : -1;
}

// At least min and at most max digits of the base; -1 when there are fewer.
static int64_t
read_digits(struct text_read *r, int base, size_t min, size_t max)
{
	int64_t value = 0;
	size_t count = 0;

	while (count < max && r->pos < r->end && digit_of(*r->pos, base) >= 0) {
		value = value * base + digit_of(*r->pos++, base);
		count++;
	}
	return count < min ? -1 : value;
}

// \u or \U, whose letter was read. Half a surrogate pair is no character, and two of them are none either.
static bool
read_character(struct text_read *r, size_t digits)
{
	int64_t c = read_digits(r, 16, digits, digits);

	if (c < 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
		return false;
	}
	buf_put_utf8(&r->scratch, (uint32_t)c);
	return true;
}

static bool
read_escape(struct text_read *r)
{
	static const char letters[] = "abfnrtv\\'\"?", values[] = "\a\b\f\n\r\t\v\\'\"?";
	uint8_t c = *r->pos;
	const char *letter = c == '\0' ? NULL : memchr(letters, c, sizeof(letters) - 1);

	if (letter != NULL) {
		r->pos++;
		buf_put_u8(&r->scratch, (uint8_t)values[letter - letters]);
		return true;
	}
	if (c == 'u' || c == 'U') {
		r->pos++;
		return read_character(r, c == 'u' ? 4 : 8);
	}
	if (c == 'x' || c == 'X') {
		r->pos++;
	}
	int64_t byte = read_digits(r, c == 'x' || c == 'X' ? 16 : 8, 1, c == 'x' || c == 'X' ? 2 : 3);

	buf_put_u8(&r->scratch, (uint8_t)byte);
	return byte >= 0 && byte <= 0xff;
}

static enum text_token
read_string(struct text_read *r)
{
	uint8_t quote = *r->pos++;

	buf_clear(&r->scratch);
	while (r->pos < r->end && *r->pos != quote) {
		if (*r->pos == '\n') {
			return fail(r, "a string ends on its line");
		}
		if (*r->pos != '\\') {
			buf_put_u8(&r->scratch, *r->pos++);
			continue;
		}
		r->pos++;
		if (r->pos == r->end || !read_escape(r)) {
			return fail(r, "not an escape");
		}
	}
	if (r->pos == r->end) {
		return fail(r, "a string that never ends");
	}
	r->pos++;
	if (r->scratch.err != EN_OK) {
		r->err = r->scratch.err;
		return fail(r, "memory");
	}
	r->text = buf_view(&r->scratch);
	return TEXT_STRING;
}

// ---- the rest -----------------------------------------------------------------------------------------------------------

// Digits, letters, points and the sign of an exponent: whether it is a number of the field's kind is for others to say.
static enum text_token
read_number(struct text_read *r)
{
	const uint8_t *start = r->pos;
	bool is_hex = r->end - r->pos > 1 && r->pos[0] == '0' && (r->pos[1] == 'x' || r->pos[1] == 'X');

	while (r->pos < r->end &&
	    (isalnum(*r->pos) || *r->pos == '.' || *r->pos == '_' ||
		((*r->pos == '-' || *r->pos == '+') && !is_hex && (r->pos[-1] == 'e' || r->pos[-1] == 'E')))) {
		r->pos++;
	}
	r->text = view_of(start, (size_t)(r->pos - start));
	return TEXT_NUMBER;
}

enum text_token
text_read_next(struct text_read *r)
{
	if (r->token == TEXT_ERROR) {
		return TEXT_ERROR;
	}
	pass_blanks(r);
	r->token_line = r->line;
	r->token_column = (uint32_t)(r->pos - r->line_start) + 1;
	if (r->pos == r->end) {
		r->text = VIEW_EMPTY;
		return r->token = TEXT_END;
	}
	uint8_t c = *r->pos;

	if (isalpha(c) || c == '_') {
		const uint8_t *start = r->pos;

		while (r->pos < r->end && (isalnum(*r->pos) || *r->pos == '_')) {
			r->pos++;
		}
		r->text = view_of(start, (size_t)(r->pos - start));
		return r->token = TEXT_NAME;
	}
	if (isdigit(c) || (c == '.' && r->end - r->pos > 1 && isdigit(r->pos[1]))) {
		return r->token = read_number(r);
	}
	if (c == '"' || c == '\'') {
		return r->token = read_string(r);
	}
	if (c != '\0' && strchr("{}<>[]:,;-./", c) != NULL) {
		r->text = view_of(r->pos++, 1);
		return r->token = TEXT_SIGN;
	}
	return fail(r, "a character that stands for nothing here");
}

bool
text_read_is(const struct text_read *r, char sign)
{
	return r->token == TEXT_SIGN && r->text.data[0] == (uint8_t)sign;
}

bool
text_read_take(struct text_read *r, char sign)
{
	bool is = text_read_is(r, sign);

	if (is) {
		(void)text_read_next(r);
	}
	return is;
}

void
text_read_init(struct text_read *r, struct view text)
{
	static const uint8_t nothing[1];
	const uint8_t *data = text.data == NULL ? nothing : text.data;

	*r = (struct text_read){.pos = data, .end = data + text.len, .line_start = data, .line = 1};
	(void)text_read_next(r);
}

void
text_read_fini(struct text_read *r)
{
	buf_fini(&r->scratch);
}

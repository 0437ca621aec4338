// SPDX-License-Identifier: Apache-2.0
#include "schema/json_read.h"

void
json_read_init(struct json_read *r, struct view text, unsigned int depth_max)
{
	*r = (struct json_read){.start = text.data,
	    .pos = text.data,
	    .end = text.data == NULL ? NULL : text.data + text.len,
	    .line_start = text.data,
	    .token = text.data,
	    .line = 1,
	    .depth_max = depth_max < 127 ? depth_max : 127,
	    .wants_value = true,
	    .scratch = BUF_EMPTY};
}

void
json_read_fini(struct json_read *r)
{
	buf_fini(&r->scratch);
}

uint32_t
json_read_column(const struct json_read *r)
{
	return (uint32_t)(r->token - r->line_start) + 1;
}

static enum json_token
fail(struct json_read *r, enum en_err err, const char *problem)
{
	if (r->err == EN_OK) {
		r->err = err;
		r->problem = problem;
	}
	return JSON_ERROR;
}

static void
skip_blanks(struct json_read *r)
{
	while (r->pos < r->end && (*r->pos == ' ' || *r->pos == '\t' || *r->pos == '\n' || *r->pos == '\r')) {
		if (*r->pos++ == '\n') {
			r->line++;
			r->line_start = r->pos;
		}
	}
}

static int
hex4(struct json_read *r)
{
	int value = 0;

	if (r->end - r->pos < 4) {
		return -1;
	}
	for (int i = 0; i < 4; i++) {
		int digit = hex_value(*r->pos++);

		if (digit < 0) {
			return -1;
		}
		value = value << 4 | digit;
	}
	return value;
}

static bool
escape(struct json_read *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	uint8_t c;
	int unit, low;

	if (r->pos == r->end) {
		return false;
	}
	c = *r->pos++;
	if (c != 'u') {
		at = c == '\0' ? NULL : strchr(from, c);
		if (at != NULL) {
			buf_put_u8(&r->scratch, (uint8_t)to[at - from]);
		}
		return at != NULL;
	}
	unit = hex4(r);
	if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff)) {
		return false;
	}
	if (unit >= 0xd800 && unit <= 0xdbff) {
		if (r->end - r->pos < 6 || r->pos[0] != '\\' || r->pos[1] != 'u') {
			return false;
		}
		r->pos += 2;
		low = hex4(r);
		if (low < 0xdc00 || low > 0xdfff) {
			return false;
		}
		buf_put_utf8(&r->scratch, 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
		return true;
	}
	buf_put_utf8(&r->scratch, (uint32_t)unit);
	return true;
}

// From behind the opening quote. A string without escapes is borrowed from the text.
static bool
string(struct json_read *r)
{
	const uint8_t *start = r->pos;
	bool escaped = false;

	buf_clear(&r->scratch);
	while (r->pos < r->end && *r->pos != '"') {
		uint8_t c = *r->pos++;

		if (c < 0x20) {
			(void)fail(r, EN_EFORMAT, "a control character in a string");
			return false;
		}
		if (c == '\\') {
			if (!escaped) {
				buf_put(&r->scratch, start, (size_t)(r->pos - 1 - start));
				escaped = true;
			}
			if (!escape(r)) {
				(void)fail(r, EN_EFORMAT, "an unknown escape in a string");
				return false;
			}
		} else if (escaped) {
			buf_put_u8(&r->scratch, c);
		}
	}
	if (r->pos == r->end) {
		(void)fail(r, EN_ETRUNCATED, "a string is not closed");
		return false;
	}
	r->text = escaped ? buf_view(&r->scratch) : view_of(start, (size_t)(r->pos - start));
	r->pos++;
	if (r->scratch.err != EN_OK || !view_is_utf8(r->text)) {
		(void)fail(r, r->scratch.err != EN_OK ? r->scratch.err : EN_EUTF8, "a string is not UTF-8");
		return false;
	}
	return true;
}

static size_t
digits(struct json_read *r)
{
	const uint8_t *start = r->pos;

	while (r->pos < r->end && *r->pos >= '0' && *r->pos <= '9') {
		r->pos++;
	}
	return (size_t)(r->pos - start);
}

static enum json_token
number(struct json_read *r)
{
	const uint8_t *start = r->pos;
	bool zero;

	r->pos += r->pos < r->end && *r->pos == '-';
	zero = r->pos < r->end && *r->pos == '0';
	if (zero) {
		r->pos++;
	} else if (digits(r) == 0) {
		return fail(r, EN_EFORMAT, "not a JSON value");
	}
	if (r->pos < r->end && *r->pos == '.') {
		r->pos++;
		if (digits(r) == 0) {
			return fail(r, EN_EFORMAT, "a number ends in a point");
		}
	}
	if (r->pos < r->end && (*r->pos == 'e' || *r->pos == 'E')) {
		r->pos++;
		r->pos += r->pos < r->end && (*r->pos == '+' || *r->pos == '-');
		if (digits(r) == 0) {
			return fail(r, EN_EFORMAT, "a number has no exponent");
		}
	}
	if (zero && r->pos < r->end && *r->pos >= '0' && *r->pos <= '9') {
		return fail(r, EN_EFORMAT, "a number begins with a zero; write codes as text");
	}
	r->text = view_of(start, (size_t)(r->pos - start));
	return JSON_NUMBER;
}

static enum json_token
word(struct json_read *r, const char *text, enum json_token token)
{
	size_t len = strlen(text);

	if ((size_t)(r->end - r->pos) < len || memcmp(r->pos, text, len) != 0) {
		return fail(r, EN_EFORMAT, "not a JSON value");
	}
	r->pos += len;
	return token;
}

static enum json_token
open_level(struct json_read *r, uint8_t closer, enum json_token token)
{
	if (r->depth == r->depth_max) {
		return fail(r, EN_ELIMIT, "nested too deeply");
	}
	r->pos++;
	r->closers[r->depth++] = closer;
	r->after_value = false;
	r->wants_key = closer == '}';
	r->wants_value = closer == ']';
	return token;
}

static enum json_token
close_level(struct json_read *r)
{
	uint8_t closer = r->closers[--r->depth];

	r->pos++;
	r->after_value = true;
	r->wants_key = r->wants_value = false;
	return closer == '}' ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static enum json_token
value(struct json_read *r)
{
	enum json_token token;

	switch (*r->pos) {
	case '{':
		return open_level(r, '}', JSON_OBJECT);
	case '[':
		return open_level(r, ']', JSON_ARRAY);
	case '"':
		r->pos++;
		token = string(r) ? JSON_STRING : JSON_ERROR;
		break;
	case 't':
		token = word(r, "true", JSON_TRUE);
		break;
	case 'f':
		token = word(r, "false", JSON_FALSE);
		break;
	case 'n':
		token = word(r, "null", JSON_NULL);
		break;
	default:
		token = number(r);
	}
	r->wants_value = false;
	r->after_value = true;
	return token;
}

static enum json_token
key(struct json_read *r)
{
	if (*r->pos != '"') {
		return fail(r, EN_EFORMAT, "a key in quotes is missing");
	}
	r->pos++;
	if (!string(r)) {
		return JSON_ERROR;
	}
	skip_blanks(r);
	if (r->pos == r->end || *r->pos != ':') {
		return fail(r, EN_EFORMAT, "a colon is missing");
	}
	r->pos++;
	r->wants_key = false;
	r->wants_value = true;
	return JSON_KEY;
}

enum json_token
json_read_next(struct json_read *r)
{
	bool after_comma = false;

	if (r->err != EN_OK) {
		return JSON_ERROR;
	}
	skip_blanks(r);
	if (r->after_value && r->depth > 0 && r->pos < r->end && *r->pos == ',') {
		r->pos++;
		r->after_value = false;
		after_comma = true;
		r->wants_key = r->closers[r->depth - 1] == '}';
		r->wants_value = !r->wants_key;
		skip_blanks(r);
	}
	r->token = r->pos;
	if (r->pos == r->end) {
		return r->depth == 0 && r->after_value
		    ? JSON_END
		    : fail(r, EN_ETRUNCATED, "a value or a closing bracket is missing");
	}
	if (r->depth > 0 && *r->pos == r->closers[r->depth - 1] && !after_comma &&
	    (r->after_value || r->wants_key || *r->pos == ']')) {
		return close_level(r);
	}
	if (r->wants_key) {
		return key(r);
	}
	return r->wants_value ? value(r)
			      : fail(r, EN_EFORMAT, r->depth == 0 ? "text behind the end" : "a comma is missing");
}

void
json_read_skip(struct json_read *r, enum json_token first)
{
	unsigned int inside = r->depth;

	if (first != JSON_OBJECT && first != JSON_ARRAY) {
		return;
	}
	while (r->depth >= inside && json_read_next(r) != JSON_ERROR) {
	}
}

struct json_read
json_read_mark(const struct json_read *r)
{
	struct json_read mark = *r;

	mark.scratch = BUF_EMPTY; // it has one owner
	return mark;
}

void
json_read_back(struct json_read *r, const struct json_read *mark)
{
	struct buf scratch = r->scratch;

	*r = *mark;
	r->scratch = scratch;
}

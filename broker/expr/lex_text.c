// SPDX-License-Identifier: Apache-2.0
// Quoted text: "..." '...' """...""" '''...''', raw behind r, bytes behind b. An escape names a character in strings and, for \x and octal
// ones, a byte in bytes. Surrogates are characters of neither.
#include "expr/parse_int.h"

struct text_reader {
	struct cel_parser *p;
	struct cel_token *token;
	struct view in;
	size_t at;
	bool bytes;
	uint8_t *out;
	size_t len;
};

// The number of exactly count digits; -1 when there are fewer.
static int64_t
read_code(struct text_reader *r, int count, int base)
{
	int64_t code = 0;

	for (int i = 0; i < count; i++) {
		int v = r->at < r->in.len ? hex_value(r->in.data[r->at]) : -1;

		if (v < 0 || v >= base) {
			return -1;
		}
		code = code * base + v;
		r->at++;
	}
	return code;
}

static bool
bad_escape(const struct text_reader *r)
{
	return cel_fail(
	    r->p, E0901, r->token->text, "an escape that is none: write a backslash twice, or r before the quotes");
}

// Behind the backslash. An escape is never shorter than what it stands for, so out has room.
static bool
read_escape(struct text_reader *r)
{
	static const char names[] = "abfnrtv\\?\"'`";
	static const char values[] = "\a\b\f\n\r\t\v\\?\"'`";
	uint8_t c = r->at < r->in.len ? r->in.data[r->at++] : 0;
	const char *name = c == 0 ? NULL : strchr(names, c);
	int64_t code;
	bool octet = false;

	if (name != NULL) {
		r->out[r->len++] = (uint8_t)values[name - names];
		return true;
	}
	if (c == 'x' || c == 'X') {
		code = read_code(r, 2, 16);
		octet = true;
	} else if (c >= '0' && c <= '3') {
		r->at--;
		code = read_code(r, 3, 8);
		octet = true;
	} else if ((c == 'u' || c == 'U') && !r->bytes) {
		code = read_code(r, c == 'u' ? 4 : 8, 16);
	} else {
		return bad_escape(r);
	}
	if (code < 0) {
		return bad_escape(r);
	}
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
		return cel_fail(r->p, E0901, r->token->text, "an escape that names no character");
	}
	if (octet && r->bytes) {
		r->out[r->len++] = (uint8_t)code;
	} else {
		r->len += utf8_write((uint32_t)code, r->out + r->len);
	}
	return true;
}

// Where the text ends that begins at a place: at the same quotes. SIZE_MAX when they do not come, or, where they stand alone, not on the same line.
static size_t
closing_quotes(struct view quoted, size_t at, struct view quotes, bool raw)
{
	for (; at + quotes.len <= quoted.len; at++) {
		uint8_t c = quoted.data[at];

		if (quotes.len == 1 && (c == '\n' || c == '\r')) {
			return SIZE_MAX;
		}
		if (memcmp(quoted.data + at, quotes.data, quotes.len) == 0) {
			return at;
		}
		at += c == '\\' && !raw;
	}
	return SIZE_MAX;
}

bool
cel_lex_text(struct cel_parser *p, struct cel_token *token, struct view quoted)
{
	struct text_reader r = {.p = p, .token = token, .in = quoted};
	bool raw = false;

	for (; (quoted.data[r.at] | 0x20) == 'r' || (quoted.data[r.at] | 0x20) == 'b'; r.at++) {
		raw = raw || (quoted.data[r.at] | 0x20) == 'r';
		r.bytes = r.bytes || (quoted.data[r.at] | 0x20) == 'b';
	}
	uint8_t quote = quoted.data[r.at];
	const uint8_t three[3] = {quote, quote, quote};
	size_t marks = quoted.len - r.at >= 3 && memcmp(quoted.data + r.at, three, 3) == 0 ? 3 : 1;

	r.at += marks;
	r.in.len = closing_quotes(quoted, r.at, view_of(three, marks), raw);
	if (r.in.len == SIZE_MAX) {
		return cel_fail(p, E0901, token->text, "the quotes are not closed");
	}
	r.out = arena_alloc(p->arena, r.in.len - r.at);
	if (r.out == NULL) {
		return cel_fail_memory(p);
	}
	while (r.at < r.in.len) {
		uint8_t c = quoted.data[r.at++];

		if (c == '\\' && !raw) {
			if (!read_escape(&r)) {
				return false;
			}
		} else if (c == '\r' && marks == 3) {
			// A line ends with one character, whichever way the file was saved.
			r.at += r.at < r.in.len && quoted.data[r.at] == '\n';
			r.out[r.len++] = '\n';
		} else {
			r.out[r.len++] = c;
		}
	}
	token->kind = TOKEN_CONSTANT;
	token->len = (uint32_t)(r.at + marks);
	token->constant =
	    (struct cel_constant){.kind = r.bytes ? CEL_BYTES : CEL_STRING, .text = view_of(r.out, r.len)};
	return true;
}

// SPDX-License-Identifier: Apache-2.0
// Tokens. Blanks and comments separate them and mean nothing else. Numbers become constants here; so do true, false and null.
#include "expr/parse_int.h"

#include <math.h>
#include <stdlib.h>

static bool
is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

// The byte at an offset, 0 past the end; a NUL in the text itself is no token either.
static uint8_t
at(const struct cel_parser *p, size_t offset)
{
	return offset < p->text.len ? p->text.data[offset] : 0;
}

static size_t
skip_blanks(const struct cel_parser *p, size_t offset)
{
	for (;;) {
		uint8_t c = at(p, offset);

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
			offset++;
		} else if (c == '/' && at(p, offset + 1) == '/') {
			while (offset < p->text.len && at(p, offset) != '\n') {
				offset++;
			}
		} else {
			return offset;
		}
	}
}

static bool
lex_word(struct cel_parser *p, struct cel_token *t)
{
	static const char *const reserved[] = {"as", "break", "const", "continue", "else", "for", "function", "if",
	    "import", "let", "loop", "package", "namespace", "return", "var", "void", "while"};
	size_t end = t->text;

	while (is_letter(at(p, end)) || is_digit(at(p, end))) {
		end++;
	}
	struct view word = view_of(p->text.data + t->text, end - t->text);

	t->len = (uint32_t)word.len;
	t->kind = TOKEN_IDENT;
	if (view_is(word, "true") || view_is(word, "false")) {
		t->kind = TOKEN_CONSTANT;
		t->constant = (struct cel_constant){.kind = CEL_BOOL, .boolean = word.data[0] == 't'};
	} else if (view_is(word, "null")) {
		t->kind = TOKEN_CONSTANT;
		t->constant = (struct cel_constant){.kind = CEL_NULL};
	} else if (view_is(word, "in")) {
		t->kind = TOKEN_IN;
	}
	for (size_t i = 0; i < EN_COUNT_OF(reserved); i++) {
		if (view_is(word, reserved[i])) {
			t->kind = TOKEN_RESERVED;
		}
	}
	return true;
}

// `name`: a field whose name is not an identifier.
static bool
lex_quoted_word(struct cel_parser *p, struct cel_token *t)
{
	size_t end = (size_t)t->text + 1;

	for (uint8_t c = at(p, end); is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '/' || c == ' ';
	     c = at(p, end)) {
		end++;
	}
	if (at(p, end) != '`' || end == (size_t)t->text + 1) {
		return cel_fail(p, E0901, t->text, "a quoted name has letters, digits, blanks and . - / _ alone");
	}
	t->kind = TOKEN_QUOTED_IDENT;
	t->len = (uint32_t)(end + 1 - t->text);
	return true;
}

// The digits from begin to end as a number; false past 64 bits.
static bool
read_digits(const struct cel_parser *p, size_t begin, size_t end, uint64_t base, uint64_t *ret)
{
	uint64_t n = 0;

	for (size_t i = begin; i < end; i++) {
		uint64_t digit = (uint64_t)hex_value(p->text.data[i]);

		if (n > (UINT64_MAX - digit) / base) {
			return false;
		}
		n = n * base + digit;
	}
	*ret = n;
	return true;
}

static bool
lex_double(struct cel_parser *p, struct cel_token *t, size_t end)
{
	struct view digits = view_of(p->text.data + t->text, end - t->text);
	char *copy = arena_text(p->arena, digits);

	if (copy == NULL) {
		return cel_fail_memory(p);
	}
	t->len = (uint32_t)digits.len;
	t->kind = TOKEN_CONSTANT;
	t->constant = (struct cel_constant){.kind = CEL_DOUBLE, .number = strtod(copy, NULL)};
	return isinf(t->constant.number) ? cel_fail(p, E0901, t->text, "the number is too large") : true;
}

// 12 0x1f 12u 1.5 .5 1e3. Of an int this is the magnitude: a sign may stand before it, and the
// parser says what is too large.
static bool
lex_number(struct cel_parser *p, struct cel_token *t)
{
	bool hex = at(p, t->text) == '0' && (at(p, (size_t)t->text + 1) | 0x20) == 'x' &&
	    hex_value(at(p, (size_t)t->text + 2)) >= 0;
	size_t begin = hex ? (size_t)t->text + 2 : t->text, end = begin;
	bool is_double = false;
	uint64_t value;

	while (hex ? hex_value(at(p, end)) >= 0 : is_digit(at(p, end))) {
		end++;
	}
	if (!hex && at(p, end) == '.' && is_digit(at(p, end + 1))) {
		is_double = true;
		for (end++; is_digit(at(p, end)); end++) {
		}
	}
	if (!hex && (at(p, end) | 0x20) == 'e') {
		size_t exponent = end + 1;

		exponent += at(p, exponent) == '+' || at(p, exponent) == '-';
		if (is_digit(at(p, exponent))) {
			is_double = true;
			for (end = exponent; is_digit(at(p, end)); end++) {
			}
		}
	}
	if (is_double) {
		return lex_double(p, t, end);
	}
	if (!read_digits(p, begin, end, hex ? 16 : 10, &value)) {
		return cel_fail(p, E0901, t->text, "the number does not fit into 64 bits");
	}
	t->kind = TOKEN_CONSTANT;
	if ((at(p, end) | 0x20) == 'u') {
		t->len = (uint32_t)(end + 1 - t->text);
		t->constant = (struct cel_constant){.kind = CEL_UINT, .unsigned_integer = value};
		return true;
	}
	t->len = (uint32_t)(end - t->text);
	t->constant = (struct cel_constant){.kind = CEL_INT, .unsigned_integer = value};
	return true;
}

// Longer ones first where one begins with another.
static bool
lex_sign(struct cel_parser *p, struct cel_token *t)
{
	static const struct {
		const char *text;
		enum cel_token_kind kind;
	} signs[] = {{"||", TOKEN_OR}, {"&&", TOKEN_AND}, {"==", TOKEN_EQUAL}, {"!=", TOKEN_NOT_EQUAL},
	    {"<=", TOKEN_LESS_EQUAL}, {">=", TOKEN_GREATER_EQUAL}, {"<", TOKEN_LESS}, {">", TOKEN_GREATER},
	    {"+", TOKEN_PLUS}, {"-", TOKEN_MINUS}, {"*", TOKEN_TIMES}, {"/", TOKEN_DIVIDE}, {"%", TOKEN_MODULO},
	    {"!", TOKEN_NOT}, {"?", TOKEN_QUESTION}, {":", TOKEN_COLON}, {",", TOKEN_COMMA}, {".", TOKEN_DOT},
	    {"(", TOKEN_OPEN}, {")", TOKEN_CLOSE}, {"[", TOKEN_OPEN_BRACKET}, {"]", TOKEN_CLOSE_BRACKET},
	    {"{", TOKEN_OPEN_BRACE}, {"}", TOKEN_CLOSE_BRACE}};

	for (size_t i = 0; i < EN_COUNT_OF(signs); i++) {
		size_t len = strlen(signs[i].text);

		if (p->text.len - t->text >= len && memcmp(p->text.data + t->text, signs[i].text, len) == 0) {
			t->kind = signs[i].kind;
			t->len = (uint32_t)len;
			return true;
		}
	}
	return cel_fail(p, E0901, t->text, "a character that means nothing here");
}

// Whether quoted text begins here: quotes behind at most one b and then at most one r, of either case.
static bool
begins_text(const struct cel_parser *p, size_t offset)
{
	for (bool raw = false, bytes = false;; offset++) {
		uint8_t c = at(p, offset);

		if (c == '"' || c == '\'') {
			return true;
		}
		if ((c | 0x20) == 'r' && !raw) {
			raw = true;
		} else if ((c | 0x20) == 'b' && !bytes && !raw) {
			bytes = true;
		} else {
			return false;
		}
	}
}

bool
cel_lex(struct cel_parser *p)
{
	struct cel_token t = {.text = (uint32_t)skip_blanks(p, (size_t)p->token.text + p->token.len)};
	uint8_t c = at(p, t.text);
	bool ok = true;

	if (p->failed) {
		return false;
	}
	if (t.text == p->text.len) {
		t.kind = TOKEN_END;
	} else if (begins_text(p, t.text)) {
		ok = cel_lex_text(p, &t, view_of(p->text.data + t.text, p->text.len - t.text));
	} else if (is_letter(c)) {
		ok = lex_word(p, &t);
	} else if (is_digit(c) || (c == '.' && is_digit(at(p, (size_t)t.text + 1)))) {
		ok = lex_number(p, &t);
	} else if (c == '`') {
		ok = lex_quoted_word(p, &t);
	} else {
		ok = lex_sign(p, &t);
	}
	p->token = t;
	return ok;
}

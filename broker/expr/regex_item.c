// SPDX-License-Identifier: Apache-2.0
// The small pieces of a pattern's text: characters, escapes, classes.
#include "expr/regex_int.h"

void *
regex_fail(struct regex_parser *p, enum en_err err, const char *problem)
{
	if (p->err == EN_OK) {
		p->err = err;
		p->at = (size_t)(p->pos - p->start);
		p->problem = problem;
	}
	return NULL;
}

bool
regex_take(struct regex_parser *p, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(p->end - p->pos) < len || memcmp(p->pos, text, len) != 0) {
		return false;
	}
	p->pos += len;
	return true;
}

// The next character; the pattern is UTF-8.
uint32_t
regex_take_char(struct regex_parser *p)
{
	uint32_t len, c = regex_decode(p->pos, &len);

	p->pos += len;
	return c;
}

// ---- escapes --------------------------------------------------------------------------------------------------------

// Behind \x: two digits, or some in braces.
static bool
take_hex(struct regex_parser *p, uint32_t *ret)
{
	bool braces = regex_take(p, "{");
	int digits = 0;

	for (*ret = 0; !regex_at_end(p) && hex_value(*p->pos) >= 0 && digits < (braces ? 6 : 2); digits++) {
		*ret = *ret << 4 | (uint32_t)hex_value(*p->pos++);
	}
	return (braces ? digits > 0 && regex_take(p, "}") : digits == 2) && *ret <= REGEX_LAST_CHAR;
}

bool
regex_take_escape(struct regex_parser *p, uint32_t *ret)
{
	static const char letters[] = "aftnrv", meant[] = "\a\f\t\n\r\v";
	uint8_t c = regex_at_end(p) ? 0 : *p->pos;
	const char *letter = c == 0 ? NULL : strchr(letters, c);

	if (letter != NULL) {
		p->pos++;
		*ret = (uint8_t)meant[letter - letters];
		return true;
	}
	if (c == 'x') {
		p->pos++;
		if (take_hex(p, ret)) {
			return true;
		}
	} else if (c == '0') { // octal, to three digits
		*ret = 0;
		for (int i = 0; i < 3 && !regex_at_end(p) && *p->pos >= '0' && *p->pos <= '7'; i++) {
			*ret = *ret << 3 | (uint32_t)(*p->pos++ - '0');
		}
		return true;
	} else if (!regex_at_end(p) && c < 0x80 && (c < '0' || c > '9') && ((c | 0x20) < 'a' || (c | 0x20) > 'z')) {
		p->pos++;
		*ret = c;
		return true;
	}
	(void)regex_fail(p, EN_EFORMAT, "this escape is not known");
	return false;
}

// p or P, then L or {Lu} or {^Lu}.
static void
take_category(struct regex_parser *p, struct range_set *set)
{
	bool negated = *p->pos == 'P', braces = p->end - p->pos > 1 && p->pos[1] == '{';
	const uint8_t *name = p->pos + 1 + braces, *end;

	end = braces ? memchr(name, '}', (size_t)(p->end - name)) : name == p->end ? NULL : name + 1;
	if (braces && name < p->end && *name == '^') {
		negated = !negated;
		name++;
	}
	if (end == NULL || !range_add_category(p->arena, set, view_of(name, (size_t)(end - name)), negated)) {
		(void)regex_fail(p, EN_EFORMAT, "there is no such class");
		return;
	}
	p->pos = end + braces;
}

bool
regex_take_set(struct regex_parser *p, struct range_set *set)
{
	if (regex_at_end(p)) {
		return false;
	}
	if (range_add_perl(p->arena, set, (char)*p->pos)) {
		p->pos++;
		return true;
	}
	if (*p->pos != 'p' && *p->pos != 'P') {
		return false;
	}
	take_category(p, set);
	return true;
}

// ---- classes --------------------------------------------------------------------------------------------------------

// [:alpha:] or [:^alpha:] inside of a class. False when nothing of the kind stands there.
static bool
take_posix(struct regex_parser *p, struct range_set *set)
{
	const uint8_t *close;
	struct view name;
	bool negated;

	if (p->end - p->pos < 4 || p->pos[0] != '[' || p->pos[1] != ':') {
		return false;
	}
	close = memmem(p->pos + 2, (size_t)(p->end - p->pos) - 2, ":]", 2);
	if (close == NULL) {
		return false;
	}
	negated = p->pos[2] == '^';
	name = view_of(p->pos + 2 + negated, (size_t)(close - p->pos) - 2 - negated);
	if (!range_add_posix(p->arena, set, name, negated)) {
		(void)regex_fail(p, EN_EFORMAT, "there is no such class");
	}
	p->pos = close + 2;
	return true;
}

// One character of a class, written out or escaped.
static bool
take_member(struct regex_parser *p, uint32_t *ret)
{
	if (regex_at_end(p)) {
		return regex_fail(p, EN_EFORMAT, "a class has no end") != NULL;
	}
	if (regex_take(p, "\\")) {
		return regex_take_escape(p, ret);
	}
	*ret = regex_take_char(p);
	return true;
}

static void
take_range(struct regex_parser *p, struct range_set *set)
{
	uint32_t first, last;

	if (!take_member(p, &first)) {
		return;
	}
	last = first;
	if (p->end - p->pos >= 2 && p->pos[0] == '-' && p->pos[1] != ']') {
		p->pos++;
		if (!take_member(p, &last)) {
			return;
		}
	}
	if (last < first) {
		(void)regex_fail(p, EN_EFORMAT, "a range ends before it begins");
		return;
	}
	range_add(p->arena, set, first, last);
}

bool
regex_take_class(struct regex_parser *p, struct range_set *ret, bool *ret_negated)
{
	bool first = true;

	*ret = (struct range_set){.count = 0};
	*ret_negated = regex_take(p, "^");
	while (p->err == EN_OK && (first || regex_at_end(p) || *p->pos != ']')) {
		const uint8_t *start = p->pos;

		first = false;
		if (regex_take(p, "\\") && regex_take_set(p, ret)) {
			continue;
		}
		p->pos = start;
		if (!take_posix(p, ret)) {
			take_range(p, ret);
		}
	}
	p->pos += p->err == EN_OK;
	return p->err == EN_OK;
}

// SPDX-License-Identifier: Apache-2.0
// A pattern's text as a tree. Depth and length are limited, so the recursion is too.
#include "expr/regex_int.h"

static const struct regex_node *parse_choice(struct regex_parser *p);

static struct regex_node *
new_node(struct regex_parser *p, enum regex_kind kind)
{
	struct regex_node *n = p->err == EN_OK ? arena_zalloc(p->arena, sizeof(*n)) : NULL;

	if (n == NULL) {
		return regex_fail(p, EN_ENOMEM, "out of memory");
	}
	n->kind = kind;
	return n;
}

static const struct regex_node *
class_node(struct regex_parser *p, struct range_set *set, bool negated)
{
	struct regex_node *n = new_node(p, REGEX_CLASS);

	range_close(p->arena, set, p->any_case, negated);
	if (set->failed) {
		return regex_fail(p, EN_ENOMEM, "out of memory");
	}
	p->ranges += set->count;
	if (p->ranges > LIMIT_REGEX_RANGES) {
		return regex_fail(p, EN_ELIMIT, "the pattern has too many large classes");
	}
	if (n != NULL) {
		n->set = *set;
	}
	return n;
}

static const struct regex_node *
char_node(struct regex_parser *p, uint32_t c)
{
	struct range_set set = {.count = 0};

	range_add(p->arena, &set, c, c);
	return class_node(p, &set, false);
}

static const struct regex_node *
assert_node(struct regex_parser *p, enum regex_assert assertion)
{
	struct regex_node *n = new_node(p, REGEX_ASSERT);

	if (n != NULL) {
		n->assertion = assertion;
	}
	return n;
}

// ---- groups ---------------------------------------------------------------------------------------------------------

// Flags behind "(?", to ')' or ':'. Returns whether a group follows.
static bool
take_flags(struct regex_parser *p)
{
	bool on = true;

	for (; !regex_at_end(p); p->pos++) {
		switch (*p->pos) {
		case 'i':
			p->any_case = on;
			break;
		case 'm':
			p->multi_line = on;
			break;
		case 's':
			p->dot_all = on;
			break;
		case 'U':
			break;
		case '-':
			on = false;
			break;
		case ':':
		case ')':
			return *p->pos++ == ':';
		default:
			(void)regex_fail(p, EN_EFORMAT, "this kind of group is not known");
			return false;
		}
	}
	(void)regex_fail(p, EN_EFORMAT, "a group has no end");
	return false;
}

// Behind "(?P<" or "(?<".
static void
skip_name(struct regex_parser *p)
{
	const uint8_t *start = p->pos;

	while (!regex_at_end(p) &&
	    (*p->pos == '_' || (*p->pos >= '0' && *p->pos <= '9') ||
		((*p->pos | 0x20) >= 'a' && (*p->pos | 0x20) <= 'z'))) {
		p->pos++;
	}
	if (p->pos == start || !regex_take(p, ">")) {
		(void)regex_fail(p, EN_EFORMAT, "the name of a group is not valid");
	}
}

static const struct regex_node *
parse_group(struct regex_parser *p)
{
	struct regex_parser before = *p;
	const struct regex_node *n;

	if (regex_take(p, "?P<") || regex_take(p, "?<")) {
		skip_name(p);
	} else if (regex_take(p, "?") && !take_flags(p)) {
		return new_node(p, REGEX_EMPTY); // the flags hold to the end of the group around them
	}
	n = parse_choice(p);
	if (n != NULL && !regex_take(p, ")")) {
		return regex_fail(p, EN_EFORMAT, "a group has no end");
	}
	p->any_case = before.any_case;
	p->multi_line = before.multi_line;
	p->dot_all = before.dot_all;
	return n;
}

// ---- the rest -------------------------------------------------------------------------------------------------------

// A character between \Q and \E; what closes it is passed over with the last one.
static const struct regex_node *
parse_quoted(struct regex_parser *p)
{
	const struct regex_node *n = char_node(p, regex_take_char(p));

	p->is_quoted = !regex_at_end(p) && !regex_take(p, "\\E");
	return n;
}

// Behind \Q.
static const struct regex_node *
open_quote(struct regex_parser *p)
{
	p->is_quoted = !regex_at_end(p) && !regex_take(p, "\\E");
	return p->is_quoted ? parse_quoted(p) : new_node(p, REGEX_EMPTY);
}

static const struct regex_node *
parse_backslash(struct regex_parser *p)
{
	struct range_set set = {.count = 0};
	uint32_t c;

	if (regex_take_set(p, &set)) {
		return class_node(p, &set, false);
	}
	if (regex_take(p, "Q")) {
		return open_quote(p);
	}
	if (regex_take(p, "A")) {
		return assert_node(p, ASSERT_TEXT_START);
	}
	if (regex_take(p, "z")) {
		return assert_node(p, ASSERT_TEXT_END);
	}
	if (regex_take(p, "b")) {
		return assert_node(p, ASSERT_WORD);
	}
	if (regex_take(p, "B")) {
		return assert_node(p, ASSERT_NOT_WORD);
	}
	return regex_take_escape(p, &c) ? char_node(p, c) : NULL;
}

static const struct regex_node *
parse_dot(struct regex_parser *p)
{
	struct range_set set = {.count = 0};

	range_add(p->arena, &set, 0, p->dot_all ? REGEX_LAST_CHAR : '\n' - 1);
	if (!p->dot_all) {
		range_add(p->arena, &set, '\n' + 1, REGEX_LAST_CHAR);
	}
	return class_node(p, &set, false);
}

static const struct regex_node *
parse_atom(struct regex_parser *p)
{
	struct range_set set;
	bool negated;

	if (p->is_quoted) {
		return parse_quoted(p);
	}
	if (regex_take(p, "(")) {
		if (++p->depth > LIMIT_REGEX_DEPTH) {
			return regex_fail(p, EN_ELIMIT, "groups stand too deep in groups");
		}
		const struct regex_node *n = parse_group(p);

		p->depth--;
		return n;
	}
	if (regex_take(p, "[")) {
		return regex_take_class(p, &set, &negated) ? class_node(p, &set, negated) : NULL;
	}
	if (regex_take(p, ".")) {
		return parse_dot(p);
	}
	if (regex_take(p, "^")) {
		return assert_node(p, p->multi_line ? ASSERT_LINE_START : ASSERT_TEXT_START);
	}
	if (regex_take(p, "$")) {
		return assert_node(p, p->multi_line ? ASSERT_LINE_END : ASSERT_TEXT_END);
	}
	if (regex_take(p, "\\")) {
		return parse_backslash(p);
	}
	if (*p->pos == '*' || *p->pos == '+' || *p->pos == '?') {
		return regex_fail(p, EN_EFORMAT, "nothing stands before a repetition");
	}
	return char_node(p, regex_take_char(p));
}

static bool
take_count(struct regex_parser *p, uint32_t *ret)
{
	const uint8_t *start = p->pos;

	for (*ret = 0; !regex_at_end(p) && *p->pos >= '0' && *p->pos <= '9'; p->pos++) {
		*ret = *ret < 100000 ? *ret * 10 + (uint32_t)(*p->pos - '0') : *ret;
	}
	return p->pos > start;
}

// {n} {n,} {n,m}. Anything else is not touched: a brace is then a character.
static bool
take_braces(struct regex_parser *p, uint32_t *ret_min, uint32_t *ret_max)
{
	const uint8_t *start = p->pos;

	if (regex_take(p, "{") && take_count(p, ret_min)) {
		*ret_max = *ret_min;
		if (regex_take(p, ",") && !take_count(p, ret_max)) {
			*ret_max = REGEX_NO_LIMIT;
		}
		if (regex_take(p, "}")) {
			return true;
		}
	}
	p->pos = start;
	return false;
}

static bool
take_repeat(struct regex_parser *p, uint32_t *ret_min, uint32_t *ret_max)
{
	*ret_min = 0;
	*ret_max = REGEX_NO_LIMIT;
	if (regex_take(p, "*")) {
		return true;
	}
	if (regex_take(p, "+")) {
		*ret_min = 1;
		return true;
	}
	if (regex_take(p, "?")) {
		*ret_max = 1;
		return true;
	}
	return take_braces(p, ret_min, ret_max);
}

static const struct regex_node *
parse_repeated(struct regex_parser *p)
{
	const struct regex_node *atom = parse_atom(p);
	uint32_t min, max;
	struct regex_node *n;

	if (atom == NULL || p->is_quoted || !take_repeat(p, &min, &max)) {
		return atom;
	}
	(void)regex_take(p, "?"); // lazy: finds the same texts
	if (max < min || min > 1000 || (max > 1000 && max != REGEX_NO_LIMIT)) {
		return regex_fail(p, EN_EFORMAT, "a repetition's numbers are not valid");
	}
	n = new_node(p, REGEX_REPEAT);
	if (n == NULL) {
		return NULL;
	}
	n->left = atom;
	n->min = min;
	n->max = max;
	if (take_repeat(p, &min, &max)) {
		return regex_fail(p, EN_EFORMAT, "a repetition is repeated");
	}
	return n;
}

// What stood so far, and one piece more; NULL when either is.
static const struct regex_node *
joined(struct regex_parser *p, enum regex_kind kind, const struct regex_node *left, const struct regex_node *right)
{
	struct regex_node *n = left == NULL || right == NULL ? NULL : new_node(p, kind);

	if (n != NULL) {
		n->left = left;
		n->right = right;
	}
	return n;
}

static const struct regex_node *
parse_sequence(struct regex_parser *p)
{
	const struct regex_node *n = NULL;

	while (p->err == EN_OK && !regex_at_end(p) && (p->is_quoted || (*p->pos != '|' && *p->pos != ')'))) {
		const struct regex_node *item = parse_repeated(p);

		n = n == NULL ? item : joined(p, REGEX_SEQUENCE, n, item);
	}
	return n == NULL ? new_node(p, REGEX_EMPTY) : n;
}

static const struct regex_node *
parse_choice(struct regex_parser *p)
{
	const struct regex_node *n = parse_sequence(p);

	while (n != NULL && regex_take(p, "|")) {
		n = joined(p, REGEX_CHOICE, n, parse_sequence(p));
	}
	return n;
}

enum en_err
regex_parse(
    struct view pattern, struct arena *a, const struct regex_node **ret, size_t *reterr_at, const char **reterr_problem)
{
	static const uint8_t nothing[1];
	const uint8_t *start = pattern.len == 0 ? nothing : pattern.data;
	struct regex_parser p = {.arena = a, .start = start, .pos = start, .end = start + pattern.len};

	if (pattern.len > LIMIT_REGEX_BYTES) {
		(void)regex_fail(&p, EN_ELIMIT, "the pattern is too long");
	} else if (!view_is_utf8(pattern)) {
		(void)regex_fail(&p, EN_EFORMAT, "the pattern is not UTF-8");
	} else {
		*ret = parse_choice(&p);
		if (p.err == EN_OK && !regex_at_end(&p)) {
			(void)regex_fail(&p, EN_EFORMAT, "a parenthesis closes nothing");
		}
	}
	*reterr_at = p.at;
	*reterr_problem = p.problem;
	return p.err;
}

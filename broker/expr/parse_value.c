// SPDX-License-Identifier: Apache-2.0
// Values and what follows them: constants, names, calls, lists, maps, messages, selections and indexes.
#include "expr/parse_int.h"

// The text of the token, without quotes.
static const char *
token_name(struct cel_parser *p)
{
	bool quoted = p->token.kind == TOKEN_QUOTED_IDENT;
	char *name = arena_text(p->arena, view_of(p->text.data + p->token.text + quoted, p->token.len - 2U * quoted));

	if (name == NULL) {
		(void)cel_fail_memory(p);
	}
	return name;
}

// The name of a field behind a dot, or in a message: reserved words are none, quoted ones are.
static const char *
parse_field_name(struct cel_parser *p)
{
	const char *name;

	if (p->token.kind != TOKEN_IDENT && p->token.kind != TOKEN_QUOTED_IDENT && p->token.kind != TOKEN_RESERVED) {
		(void)cel_unexpected(p, "a field");
		return NULL;
	}
	name = token_name(p);
	return name != NULL && cel_lex(p) ? name : NULL;
}

// Arguments up to the closing token, which is taken too.
static bool
parse_arguments(struct cel_parser *p, struct cel_nodes *ret)
{
	while (p->token.kind != TOKEN_CLOSE) {
		if (!cel_nodes_add(p, ret, cel_parse_expression(p))) {
			return false;
		}
		if (!cel_accept(p, TOKEN_COMMA)) {
			break;
		}
		if (p->token.kind == TOKEN_CLOSE) {
			return cel_unexpected(p, "an argument");
		}
	}
	return cel_expect(p, TOKEN_CLOSE, "')'");
}

static struct cel_node *
parse_call(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *target)
{
	struct cel_nodes args = {0};
	struct cel_node *call;

	if (name == NULL || !cel_lex(p) || !parse_arguments(p, &args)) {
		return NULL;
	}
	call = cel_make_call(p, text, name, target, args.items, args.count);
	return call == NULL ? NULL : cel_expand(p, call);
}

// One entry of a list, a map or a message, added to the doubling array.
static struct cel_entry *
entry_add(struct cel_parser *p, struct cel_literal *literal, size_t *cap)
{
	struct cel_entry *e = arena_larger(p->arena, literal->entries, literal->count, cap, sizeof(*e));

	if (e == NULL) {
		(void)cel_fail_memory(p);
		return NULL;
	}
	literal->entries = e;
	e += literal->count++;

	*e = (struct cel_entry){.text = p->token.text};
	return e;
}

static bool
parse_entry(struct cel_parser *p, enum cel_kind kind, struct cel_entry *e)
{
	e->optional = cel_accept(p, TOKEN_QUESTION);
	e->text = p->token.text;
	if (kind == CEL_MESSAGE_OF) {
		e->field = parse_field_name(p);
	} else if (kind == CEL_MAP_OF) {
		e->key = cel_parse_expression(p);
	}
	if (p->failed || (kind != CEL_LIST_OF && !cel_expect(p, TOKEN_COLON, "':'"))) {
		return false;
	}
	e->value = cel_parse_expression(p);
	return e->value != NULL;
}

// Behind the opening bracket, up to and with the closing one. A comma may stand before it.
static struct cel_node *
parse_literal(struct cel_parser *p, enum cel_kind kind, uint32_t text)
{
	enum cel_token_kind close = kind == CEL_LIST_OF ? TOKEN_CLOSE_BRACKET : TOKEN_CLOSE_BRACE;
	struct cel_node *n = cel_make(p, kind, text);
	size_t cap = 0;

	if (n == NULL || !cel_lex(p)) {
		return NULL;
	}
	while (p->token.kind != close) {
		struct cel_entry *e = entry_add(p, &n->literal, &cap);

		if (e == NULL || !parse_entry(p, kind, e)) {
			return NULL;
		}
		if (!cel_accept(p, TOKEN_COMMA)) {
			break;
		}
	}
	return cel_expect(p, close, kind == CEL_LIST_OF ? "']'" : "'}'") ? cel_made(p, n) : NULL;
}

struct cel_node *
cel_parse_constant(struct cel_parser *p, uint32_t text, bool negative)
{
	struct cel_constant c = p->token.constant;
	struct cel_node *n;

	if (c.kind == CEL_INT && c.unsigned_integer > (uint64_t)INT64_MAX + negative) {
		(void)cel_fail(p, E0901, text, "the number does not fit into 64 bits");
		return NULL;
	}
	if (negative && c.kind == CEL_INT) {
		c.unsigned_integer = 0 - c.unsigned_integer;
	} else if (negative) {
		c.number = -c.number;
	}
	n = cel_make(p, CEL_LITERAL, text);
	if (n == NULL) {
		return NULL;
	}
	n->constant = c;
	return cel_lex(p) ? n : NULL;
}

// A name: of a variable, or of a function when it is called.
static struct cel_node *
parse_name(struct cel_parser *p)
{
	uint32_t text = p->token.text;
	bool absolute = cel_accept(p, TOKEN_DOT);
	const char *name;
	struct cel_node *n;

	if (p->failed || p->token.kind != TOKEN_IDENT) {
		(void)cel_unexpected(p, "a name");
		return NULL;
	}
	name = token_name(p);
	if (name == NULL || !cel_lex(p)) {
		return NULL;
	}
	if (p->token.kind == TOKEN_OPEN) {
		// An absolute name of a function is the same function: there are no others in any container.
		return parse_call(p, text, name, NULL);
	}
	n = cel_make_ident(p, text, name);
	if (n != NULL) {
		n->ident.absolute = absolute;
	}
	return n;
}

struct cel_node *
cel_parse_primary(struct cel_parser *p)
{
	uint32_t text = p->token.text;
	struct cel_node *n;

	switch (p->token.kind) {
	case TOKEN_CONSTANT:
		return cel_parse_constant(p, text, false);
	case TOKEN_IDENT:
	case TOKEN_DOT:
		return parse_name(p);
	case TOKEN_OPEN:
		n = cel_lex(p) ? cel_parse_expression(p) : NULL;
		return n != NULL && cel_expect(p, TOKEN_CLOSE, "')'") ? n : NULL;
	case TOKEN_OPEN_BRACKET:
		return parse_literal(p, CEL_LIST_OF, text);
	case TOKEN_OPEN_BRACE:
		return parse_literal(p, CEL_MAP_OF, text);
	default:
		(void)cel_unexpected(p, "a value");
		return NULL;
	}
}

static struct cel_node *
parse_select(struct cel_parser *p, struct cel_node *operand)
{
	uint32_t dot = p->token.text;
	bool optional = cel_lex(p) && cel_accept(p, TOKEN_QUESTION);
	bool plain = p->token.kind == TOKEN_IDENT || p->token.kind == TOKEN_RESERVED;
	uint32_t text = p->token.text;
	const char *field = p->failed ? NULL : parse_field_name(p);
	struct cel_node *n;

	if (field == NULL) {
		return NULL;
	}
	if (p->token.kind == TOKEN_OPEN && plain && !optional) {
		return parse_call(p, text, field, operand);
	}
	n = cel_make(p, CEL_SELECT, dot);
	if (n == NULL) {
		return NULL;
	}
	n->select.operand = operand;
	n->select.field = field;
	n->select.optional = optional;
	return cel_made(p, n);
}

static struct cel_node *
parse_index(struct cel_parser *p, struct cel_node *operand)
{
	uint32_t text = p->token.text;
	bool optional = cel_lex(p) && cel_accept(p, TOKEN_QUESTION);
	struct cel_node *index = p->failed ? NULL : cel_parse_expression(p);

	if (index == NULL || !cel_expect(p, TOKEN_CLOSE_BRACKET, "']'")) {
		return NULL;
	}
	return cel_make_call2(p, text, optional ? "_[?_]" : "_[_]", operand, index);
}

// a.b.c as one name, when the node is nothing but names and dots; NULL otherwise, and when memory ran out (the parse has failed then).
const char *
cel_dotted_name(struct cel_parser *p, const struct cel_node *n, bool *ret_absolute)
{
	const char *operand, *name;

	if (n->kind == CEL_IDENT) {
		*ret_absolute = n->ident.absolute;
		return n->ident.name;
	}
	if (n->kind != CEL_SELECT || n->select.test_only || n->select.optional) {
		return NULL;
	}
	operand = cel_dotted_name(p, n->select.operand, ret_absolute);
	name = operand == NULL ? NULL : arena_printf(p->arena, "%s.%s", operand, n->select.field);
	if (operand != NULL && name == NULL) {
		(void)cel_fail_memory(p);
	}
	return name;
}

static struct cel_node *
parse_message(struct cel_parser *p, struct cel_node *named)
{
	bool absolute = false;
	const char *name = cel_dotted_name(p, named, &absolute);
	struct cel_node *n;

	if (name == NULL) {
		(void)cel_unexpected(p, "an operator");
		return NULL;
	}
	n = parse_literal(p, CEL_MESSAGE_OF, p->token.text);
	if (n != NULL) {
		n->literal.name = name;
		n->literal.absolute = absolute;
	}
	return n;
}

struct cel_node *
cel_parse_tail(struct cel_parser *p, struct cel_node *n)
{
	while (n != NULL && !p->failed) {
		if (p->token.kind == TOKEN_DOT) {
			n = parse_select(p, n);
		} else if (p->token.kind == TOKEN_OPEN_BRACKET) {
			n = parse_index(p, n);
		} else if (p->token.kind == TOKEN_OPEN_BRACE && (n->kind == CEL_IDENT || n->kind == CEL_SELECT)) {
			n = parse_message(p, n);
		} else {
			return n;
		}
	}
	return NULL;
}

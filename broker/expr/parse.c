// SPDX-License-Identifier: Apache-2.0
// The grammar, by precedence: each level takes what binds tighter. Recursion is counted; chains are loops.
#include "base/say.h"
#include "expr/parse_int.h"

#include <assert.h>

bool
cel_nodes_add(struct cel_parser *p, struct cel_nodes *list, struct cel_node *n)
{
	if (n == NULL) {
		return false;
	}
	struct cel_node **items =
	    arena_larger(p->arena, list->items, list->count, &list->cap, sizeof(struct cel_node *));

	if (items == NULL) {
		return cel_fail_memory(p);
	}
	list->items = items;
	list->items[list->count++] = n;
	return true;
}

bool
cel_accept(struct cel_parser *p, enum cel_token_kind kind)
{
	return !p->failed && p->token.kind == kind && cel_lex(p);
}

bool
cel_unexpected(struct cel_parser *p, const char *wanted)
{
	wanted = en_say(p->limits->lang, wanted);
	if (p->failed) {
		return false;
	}
	if (p->token.kind == TOKEN_END) {
		return cel_fail(p, E0901, p->token.text, "it ends where %s is expected", wanted);
	}
	if (p->token.kind == TOKEN_RESERVED) {
		return cel_fail(p, E0901, p->token.text, "'%.*s' is a reserved word", (int)p->token.len,
		    (const char *)p->text.data + p->token.text);
	}
	// Texts between quotes may hold anything, also what nobody else should see; a sign or a name may be shown.
	bool shown = p->token.kind != TOKEN_CONSTANT && p->token.len <= 40;

	return shown ? cel_fail(p, E0901, p->token.text, "'%.*s' where %s is expected", (int)p->token.len,
			   (const char *)p->text.data + p->token.text, wanted)
		     : cel_fail(p, E0901, p->token.text, "a value where %s is expected", wanted);
}

bool
cel_expect(struct cel_parser *p, enum cel_token_kind kind, const char *wanted)
{
	return p->token.kind == kind ? cel_lex(p) : cel_unexpected(p, wanted);
}

static bool
is_number(const struct cel_token *t)
{
	return t->kind == TOKEN_CONSTANT && (t->constant.kind == CEL_INT || t->constant.kind == CEL_DOUBLE);
}

// What stands behind signs: !-1 has a number there, whose minus sign is part of it.
static struct cel_node *
parse_signed(struct cel_parser *p)
{
	uint32_t text = p->token.text;

	if (p->token.kind != TOKEN_MINUS) {
		return cel_parse_tail(p, cel_parse_primary(p));
	}
	if (cel_lex(p) && is_number(&p->token)) {
		return cel_parse_tail(p, cel_parse_constant(p, text, true));
	}
	(void)cel_unexpected(p, "a number");
	return NULL;
}

// A minus sign before a number belongs to it; an even number of signs is none.
static struct cel_node *
parse_unary(struct cel_parser *p)
{
	enum cel_token_kind sign = p->token.kind;
	uint32_t text = p->token.text, count = 0;
	struct cel_node *n;

	if (sign != TOKEN_NOT && sign != TOKEN_MINUS) {
		return cel_parse_tail(p, cel_parse_primary(p));
	}
	while (p->token.kind == sign) {
		count++;
		if (!cel_lex(p)) {
			return NULL;
		}
	}
	if (sign == TOKEN_MINUS && count == 1 && is_number(&p->token)) {
		return cel_parse_tail(p, cel_parse_constant(p, text, true));
	}
	n = parse_signed(p);
	if (n == NULL || count % 2 == 0) {
		return n;
	}
	return cel_make_call1(p, text, sign == TOKEN_NOT ? "!_" : "-_", n);
}

// The operators whose chains lean to the left, by level: relations, sums, products.
enum { LEVEL_RELATION, LEVEL_SUM, LEVEL_PRODUCT, LEVEL_UNARY };

static const char *
operator_of(enum cel_token_kind kind, int level)
{
	static const struct {
		enum cel_token_kind kind;
		int level;
		const char *name;
	} operators[] = {{TOKEN_EQUAL, LEVEL_RELATION, "_==_"}, {TOKEN_NOT_EQUAL, LEVEL_RELATION, "_!=_"},
	    {TOKEN_LESS, LEVEL_RELATION, "_<_"}, {TOKEN_LESS_EQUAL, LEVEL_RELATION, "_<=_"},
	    {TOKEN_GREATER, LEVEL_RELATION, "_>_"}, {TOKEN_GREATER_EQUAL, LEVEL_RELATION, "_>=_"},
	    {TOKEN_IN, LEVEL_RELATION, "@in"}, {TOKEN_PLUS, LEVEL_SUM, "_+_"}, {TOKEN_MINUS, LEVEL_SUM, "_-_"},
	    {TOKEN_TIMES, LEVEL_PRODUCT, "_*_"}, {TOKEN_DIVIDE, LEVEL_PRODUCT, "_/_"},
	    {TOKEN_MODULO, LEVEL_PRODUCT, "_%_"}};

	for (size_t i = 0; i < EN_COUNT_OF(operators); i++) {
		if (operators[i].kind == kind && operators[i].level == level) {
			return operators[i].name;
		}
	}
	return NULL;
}

static struct cel_node *
parse_level(struct cel_parser *p, int level)
{
	struct cel_node *n = level == LEVEL_UNARY ? parse_unary(p) : parse_level(p, level + 1);
	const char *name;

	while (n != NULL && level < LEVEL_UNARY && (name = operator_of(p->token.kind, level)) != NULL) {
		uint32_t text = p->token.text;
		struct cel_node *right = cel_lex(p) ? parse_level(p, level + 1) : NULL;

		n = right == NULL ? NULL : cel_make_call2(p, text, name, n, right);
	}
	return n;
}

// The terms from first to last and the operators between them as a tree of least height.
static struct cel_node *
balance(struct cel_parser *p, const char *name, const struct cel_nodes *terms, const uint32_t *texts, uint32_t first,
    uint32_t last)
{
	uint32_t middle =
	    (first + last + 1) / 2; // the operator at the root: operator i stands between terms i and i + 1
	struct cel_node *left, *right;

	left = middle == first ? terms->items[first] : balance(p, name, terms, texts, first, middle - 1);
	right = middle == last ? terms->items[last + 1] : balance(p, name, terms, texts, middle + 1, last);
	return left == NULL || right == NULL ? NULL : cel_make_call2(p, texts[middle], name, left, right);
}

// A chain of one of && and ||.
static struct cel_node *
parse_chain(struct cel_parser *p, enum cel_token_kind kind)
{
	struct cel_nodes terms = {0};
	uint32_t *texts = NULL;
	size_t cap = 0;
	struct cel_node *n = kind == TOKEN_OR ? parse_chain(p, TOKEN_AND) : parse_level(p, LEVEL_RELATION);

	while (n != NULL && p->token.kind == kind) {
		texts = arena_larger(p->arena, texts, terms.count, &cap, sizeof(*texts));
		if (texts == NULL) {
			(void)cel_fail_memory(p);
			return NULL;
		}
		texts[terms.count] = p->token.text;
		if (!cel_nodes_add(p, &terms, n) || !cel_lex(p)) {
			return NULL;
		}
		n = kind == TOKEN_OR ? parse_chain(p, TOKEN_AND) : parse_level(p, LEVEL_RELATION);
	}
	if (n == NULL || terms.count == 0) {
		return n;
	}
	uint32_t last = terms.count - 1;

	return cel_nodes_add(p, &terms, n) ? balance(p, kind == TOKEN_OR ? "_||_" : "_&&_", &terms, texts, 0, last)
					   : NULL;
}

struct cel_node *
cel_parse_expression(struct cel_parser *p)
{
	struct cel_node *args[3];
	uint32_t text;

	if (p->depth >= p->limits->depth) {
		(void)cel_fail(p, E0902, p->token.text, "nested deeper than %u", p->limits->depth);
		return NULL;
	}
	p->depth++;
	args[0] = parse_chain(p, TOKEN_OR);
	text = p->token.text;
	if (args[0] != NULL && cel_accept(p, TOKEN_QUESTION)) {
		args[1] = parse_chain(p, TOKEN_OR);
		args[2] = args[1] != NULL && cel_expect(p, TOKEN_COLON, "':'") ? cel_parse_expression(p) : NULL;
		args[0] = args[2] == NULL ? NULL : cel_make_call3(p, text, "_?_:_", args);
	}
	p->depth--;
	return p->failed ? NULL : args[0];
}

void
cel_position(struct view text, uint32_t offset, uint32_t *ret_line, uint32_t *ret_column)
{
	*ret_line = 1;
	*ret_column = 1;
	for (size_t i = 0; i < offset && i < text.len; i++) {
		if (text.data[i] == '\n') {
			++*ret_line;
			*ret_column = 1;
		} else if ((text.data[i] & 0xc0) != 0x80) {
			++*ret_column;
		}
	}
}

static bool
check_text(struct cel_parser *p)
{
	if (p->text.len > p->limits->bytes) {
		return cel_fail(p, E0902, 0, "longer than %zu bytes", p->limits->bytes);
	}
	if (!view_is_utf8(p->text)) {
		return cel_fail(p, E0901, 0, "the text is not UTF-8");
	}
	p->ast->text = arena_copy(p->arena, p->text);
	if (p->ast->text.data == NULL && p->text.len > 0) {
		return cel_fail_memory(p);
	}
	p->text = p->ast->text;
	return true;
}

enum en_err
cel_parse(struct arena *a, struct view text, const struct cel_limits *limits, struct cel_ast **ret,
    struct cel_fault *reterr_fault)
{
	struct cel_ast *ast = arena_zalloc(a, sizeof(*ast));
	struct cel_parser p = {.arena = a, .ast = ast, .limits = limits, .fault = reterr_fault, .text = text};

	*reterr_fault = (struct cel_fault){.err = EN_ENOMEM, .code = E0902};
	if (ast == NULL) {
		return EN_ENOMEM;
	}
	ast->arena = a;
	if (check_text(&p) && cel_lex(&p)) {
		ast->root = cel_parse_expression(&p);
		if (ast->root != NULL && p.token.kind != TOKEN_END) {
			(void)cel_unexpected(&p, "the end");
		}
	}
	assert(p.failed || ast->root != NULL); // whoever gives up says why
	if (p.failed) {
		cel_position(p.text, reterr_fault->text, &reterr_fault->line, &reterr_fault->column);
		return reterr_fault->err;
	}
	*ret = ast;
	return EN_OK;
}

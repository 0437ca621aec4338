// SPDX-License-Identifier: Apache-2.0
// Between the files of the parser: tokens, the state of one parse, and how nodes are made. Nobody else includes it.
//
// Failure is sticky: the first one is written down in `fault`, every function then returns NULL or false, and callers only pass it on.
// Numbers of nodes and heights of trees are counted where nodes are made, so no path through the grammar can go around the limits.
#ifndef EN_EXPR_PARSE_INT_H
#define EN_EXPR_PARSE_INT_H

#include "expr/parse.h"

enum cel_token_kind {
	TOKEN_END, TOKEN_IDENT, TOKEN_QUOTED_IDENT, TOKEN_CONSTANT, TOKEN_IN, TOKEN_RESERVED,
	TOKEN_OR, TOKEN_AND, TOKEN_EQUAL, TOKEN_NOT_EQUAL, TOKEN_LESS, TOKEN_LESS_EQUAL, TOKEN_GREATER, TOKEN_GREATER_EQUAL,
	TOKEN_PLUS, TOKEN_MINUS, TOKEN_TIMES, TOKEN_DIVIDE, TOKEN_MODULO, TOKEN_NOT, TOKEN_QUESTION, TOKEN_COLON, TOKEN_COMMA, TOKEN_DOT,
	TOKEN_OPEN, TOKEN_CLOSE, TOKEN_OPEN_BRACKET, TOKEN_CLOSE_BRACKET, TOKEN_OPEN_BRACE, TOKEN_CLOSE_BRACE
};

struct cel_token {
	enum cel_token_kind kind;
	uint32_t text, len;		// where it stands
	struct cel_constant constant;	// of TOKEN_CONSTANT
};

struct cel_parser {
	struct arena *arena;
	struct cel_ast *ast;
	const struct cel_limits *limits;
	struct cel_fault *fault;
	struct view text;
	struct cel_token token;		// the next one, not yet taken
	uint32_t depth;			// of the grammar's recursion
	bool failed;
};

// lex.c: takes p->token and reads the one behind it.
bool cel_lex(struct cel_parser *p);
// lex_text.c: the value of a quoted token, prefixes included.
bool cel_lex_text(struct cel_parser *p, struct cel_token *token, struct view quoted);

// parse.c: parts of which there may be any number, doubled in the arena.
struct cel_nodes {
	struct cel_node **items;
	uint32_t count;
	size_t cap;
};
bool cel_nodes_add(struct cel_parser *p, struct cel_nodes *list, struct cel_node *n);	// false when n is NULL
bool cel_accept(struct cel_parser *p, enum cel_token_kind kind);	// takes the token when it is of the kind
bool cel_expect(struct cel_parser *p, enum cel_token_kind kind, const char *wanted);
bool cel_unexpected(struct cel_parser *p, const char *wanted);	// false, and says what is wrong with the token
struct cel_node *cel_parse_expression(struct cel_parser *p);
// parse_value.c
struct cel_node *cel_parse_primary(struct cel_parser *p);
struct cel_node *cel_parse_tail(struct cel_parser *p, struct cel_node *n);	// what follows a value
const char *cel_dotted_name(struct cel_parser *p, const struct cel_node *n, bool *ret_absolute);
// negative: a minus sign stood right before the number, at text.
struct cel_node *cel_parse_constant(struct cel_parser *p, uint32_t text, bool negative);

// build.c. text: where in the expression.
bool cel_fail(struct cel_parser *p, enum finding_code code, uint32_t text, const char *detail_fmt, ...) EN_PRINTF(4, 5);
bool cel_fail_memory(struct cel_parser *p);
struct cel_node *cel_make(struct cel_parser *p, enum cel_kind kind, uint32_t text);
struct cel_node *cel_make_bool(struct cel_parser *p, uint32_t text, bool value);
struct cel_node *cel_make_int(struct cel_parser *p, uint32_t text, int64_t value);
struct cel_node *cel_make_ident(struct cel_parser *p, uint32_t text, const char *name);
// args are copied. target NULL for a global function.
struct cel_node *cel_make_call(
    struct cel_parser *p, uint32_t text, const char *name, struct cel_node *target, struct cel_node *const *args, uint32_t count);
struct cel_node *cel_make_call1(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *arg);
struct cel_node *cel_make_call2(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *first, struct cel_node *second);
struct cel_node *cel_make_call3(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *const args[static 3]);
struct cel_node *cel_make_list(struct cel_parser *p, uint32_t text, struct cel_node *const *items, uint32_t count);
// A copy of an operand that a macro uses twice; counted like any other nodes.
struct cel_node *cel_make_copy(struct cel_parser *p, const struct cel_node *n);
// Counts the node as finished: its height from its parts, within the limit. Every node passes here once.
struct cel_node *cel_made(struct cel_parser *p, struct cel_node *n);

// macro.c: the expansion of a call when it is one of a macro, or the call itself. NULL on failure.
struct cel_node *cel_expand(struct cel_parser *p, struct cel_node *call);

// macro_ext.c and macro_loop.c: one macro each. call is as parsed; its target and arguments are already expanded.
typedef struct cel_node *cel_macro(struct cel_parser *p, struct cel_node *call);
cel_macro cel_macro_has, cel_macro_all, cel_macro_exists, cel_macro_exists_one, cel_macro_map, cel_macro_filter;
cel_macro cel_macro_transform_list, cel_macro_transform_map, cel_macro_transform_map_entry;
cel_macro cel_macro_bind, cel_macro_block, cel_macro_index, cel_macro_iter_var, cel_macro_accu_var;
cel_macro cel_macro_opt_map, cel_macro_opt_flat_map, cel_macro_has_ext, cel_macro_get_ext, cel_macro_greatest, cel_macro_least;

#endif

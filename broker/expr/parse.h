// SPDX-License-Identifier: Apache-2.0
// From text to tree: lexer, grammar and macros of the expression language, with the syntax of optional values and of quoted field names.
//
// The grammar is that of the language definition. A chain of && or || becomes a balanced tree, so that thirty terms in a row are five
// levels deep. Limits hold before memory is spent: on the bytes of the text, on nodes (those that macros make included) and on height.
#ifndef EN_EXPR_PARSE_H
#define EN_EXPR_PARSE_H

#include "base/err.h"
#include "base/limits.h"
#include "expr/ast.h"

struct cel_limits {
	size_t bytes;		// of the text
	uint32_t nodes, depth;	// of the tree
	uint64_t cost;		// of a run, as estimated at load
	enum en_lang lang;	// in which faults are told
};

#define CEL_LIMITS ((struct cel_limits){LIMIT_EXPR_BYTES, LIMIT_EXPR_NODES, LIMIT_EXPR_DEPTH, LIMIT_EXPR_COST, EN_LANG_EN})

// *ret lives in the arena. On failure *reterr_fault says where and why (EN_EFORMAT, EN_EUTF8, EN_ELIMIT, EN_ENOMEM).
EN_MUST_CHECK enum en_err cel_parse(
    struct arena *a, struct view text, const struct cel_limits *limits, struct cel_ast **ret, struct cel_fault *reterr_fault);
// Line and column of a byte offset, both from 1, columns in characters.
void cel_position(struct view text, uint32_t offset, uint32_t *ret_line, uint32_t *ret_column);

#endif

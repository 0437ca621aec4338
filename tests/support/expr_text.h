// SPDX-License-Identifier: Apache-2.0
// A tree of an expression as text, in the notation of the public conformance suite: _+_( a, 1 ). Blanks are single ones, no line breaks.
#ifndef EN_TESTS_EXPR_TEXT_H
#define EN_TESTS_EXPR_TEXT_H

#include "expr/ast.h"

enum expr_text_form {
	EXPR_TEXT_PLAIN,
	EXPR_TEXT_TYPES		// each node with its type behind ~
};

// Appends.
void expr_text(struct buf *out, const struct cel_node *n, enum expr_text_form form);

#endif

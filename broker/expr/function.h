// SPDX-License-Identifier: Apache-2.0
// The functions of function.tbl.h as the evaluator calls them, and as the checker numbers them: a row's number is its place in the table.
//
// A C function gets arguments of exactly the kinds that its row names, and leaves a value or an error. What it makes lives in the run's arena. When
// memory or the cost budget runs out it calls run_fail, and what it leaves does not matter.
#ifndef EN_EXPR_FUNCTION_H
#define EN_EXPR_FUNCTION_H

#include "expr/value.h"

enum cel_overload {
#define CEL_FUNCTION(id, name, style, signature, function, cost) CEL_OVERLOAD_##id,
#include "expr/function.tbl.h"
#undef CEL_FUNCTION
	CEL_OVERLOAD_COUNT
};

struct cel_run;
typedef void cel_function(struct cel_run *run, const struct cel_value *args, struct cel_value *ret);

struct cel_function_row {
	const char *name, *signature;
	cel_function *call;	// NULL: an operator that is no call
	bool is_member;
	uint16_t cost;
};

// The kind that a word of a signature stands for: CEL_PARAM for A to Z, CEL_ABSTRACT for one that is none of the language's. signature.c
enum cel_type_kind cel_kind_of_word(struct view word);

// All rows, in the order of the table.
extern const struct cel_function_row cel_functions[CEL_OVERLOAD_COUNT];

#endif

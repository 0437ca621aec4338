// SPDX-License-Identifier: Apache-2.0
// What an expression may speak of: types of a schema set, variables, and the scope in which names are looked up.
#ifndef EN_EXPR_ENV_H
#define EN_EXPR_ENV_H

#include "expr/ast.h"
#include "expr/parse.h"

struct cel_variable {
	const char *name;		// may be qualified: "event.id"
	const struct cel_type *type;	// without CEL_PARAM
};

// A function besides those of function.tbl.h, known to the checker alone: a program that calls it answers no_such_overload. A CEL_PARAM stands for any
// type, the same one wherever its number is the same.
struct cel_declaration {
	const char *name;
	bool is_member;	// called on its first argument
	const struct cel_type *const *args;
	uint32_t arg_count;
	const struct cel_type *result;
};

#define CEL_NO_CONTEXT UINT32_MAX

// Immutable while expressions are compiled against it; what it points to outlives them.
struct cel_env {
	const struct schema *schema;	// NULL: no message types
	const char *container;		// "a.b": names are looked up as a.b.name, a.name, name; "" for none
	const struct cel_variable *variables;
	uint32_t variable_count;
	uint32_t context;		// the variable whose fields are names of their own, behind variables and before types; CEL_NO_CONTEXT
	bool strong_enums;		// enums are types of their own, not int
	struct cel_limits limits;
	bool plain_messages;		// a selection on a well-known type means its field: timestamp.seconds, wrapper.value
	const struct cel_declaration *declarations;
	uint32_t declaration_count;
};

// Resolves every name of the tree, in place. Needs no types; what it does not find stays CEL_REF_NONE. EN_OK, EN_ENOMEM.
EN_MUST_CHECK enum en_err cel_resolve(struct cel_ast *ast, const struct cel_env *env);

// Gives every node of a resolved tree its type, its field or its overloads, and estimates the cost. wanted: what the whole has to give, NULL for
// anything. On failure *reterr_fault says where and why (EN_EFORMAT, EN_ELIMIT, EN_ENOMEM).
EN_MUST_CHECK enum en_err cel_check(
    struct cel_ast *ast, const struct cel_env *env, const struct cel_type *wanted, struct cel_fault *reterr_fault);

// A field by its name in the .proto, by its native name, or an extension by its full name. NULL when there is none.
const struct schema_field *cel_field(const struct schema_type *t, const char *name);

#endif

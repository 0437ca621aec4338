// SPDX-License-Identifier: Apache-2.0
// Between the files of the checker: type parameters and what they are bound to, and signatures. Nobody else includes it.
#ifndef EN_EXPR_CHECK_INT_H
#define EN_EXPR_CHECK_INT_H

#include "expr/env.h"
#include "expr/function.h"

struct cel_checker {
	struct cel_ast *ast;
	const struct cel_env *env;
	struct arena *arena;
	struct cel_fault *fault;
	bool failed;
	// What each type parameter is bound to, NULL while it may be anything. Those bound since a trial began can be let go again.
	const struct cel_type **bound;
	uint32_t param_count;
	size_t param_cap;
	struct trail {
		uint32_t param;
		const struct cel_type *was;
	} *trail;
	uint32_t trail_len;
	size_t trail_cap;
	const struct cel_type **locals;		// of comprehensions, by their numbers
};

// unify.c. A parameter of its own, not bound. NULL when memory ran out (c->failed).
const struct cel_type *cel_fresh(struct cel_checker *c);
// The type behind bound parameters, at the top only.
const struct cel_type *cel_resolved(const struct cel_checker *c, const struct cel_type *t);
// The type with every parameter replaced: bound ones by what they are, others by dyn when final.
const struct cel_type *cel_substitute(struct cel_checker *c, const struct cel_type *t, bool final);
// The type with a fresh parameter for each of its own: params has one for each number, NULL until it is met.
const struct cel_type *cel_instantiate(struct cel_checker *c, const struct cel_type *t, const struct cel_type **params);
// Whether a value of the one type may stand where the other is wanted; binds parameters. What a failed trial bound is let go.
bool cel_assignable(struct cel_checker *c, const struct cel_type *from, const struct cel_type *to);
bool cel_assignable_all(struct cel_checker *c, const struct cel_type *const *from, const struct cel_type *const *to, uint32_t count);
// The type of a list whose items are of both: the wider one, or dyn.
const struct cel_type *cel_wider(struct cel_checker *c, const struct cel_type *a, const struct cel_type *b);

// signature.c. The argument types of a row with fresh parameters; false when there are not exactly count, or memory ran out.
bool cel_signature(struct cel_checker *c, const char *signature, uint32_t count, const struct cel_type **ret_args, const struct cel_type **ret_result);

// check_call.c
bool cel_check_call(struct cel_checker *c, struct cel_node *n);
// check.c
bool cel_check_node(struct cel_checker *c, struct cel_node *n);
bool cel_check_fail(struct cel_checker *c, enum finding_code code, uint32_t text, const char *hint, const char *detail_fmt, ...) EN_PRINTF(5, 6);
bool cel_check_memory(struct cel_checker *c);
// A type for a message; in the arena. Never NULL.
const char *cel_type_text(struct cel_checker *c, const struct cel_type *t);
// A compile-time estimate of the steps that a run takes (check_end.c).
uint64_t cel_cost(const struct cel_node *n);

#endif

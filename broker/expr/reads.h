// SPDX-License-Identifier: Apache-2.0
// What an expression reads, for need-to-know: every field that can have a say in its value, by the way from a variable to it. Whatever an
// operator, a loop or a function does in between, nothing that was read drops out of this list.
//
// A message that is used as a whole (compared, put into a list, handed to a function) counts as all the fields below it. So does asking whether it is
// there, which may be all that one of them says. How many items a repeated field has is told by walking over it and by taking one of them.
#ifndef EN_EXPR_READS_H
#define EN_EXPR_READS_H

#include "expr/env.h"

struct cel_read {
	uint32_t variable;	// of the environment
	const struct schema_field *const *chain;	// count 0: the variable itself, which is no message
	uint32_t count;
	uint32_t text;		// where it stands first
	bool is_tested, is_used, is_counted, is_whole;	// by has(); as a value; for how many there are; as a part of a message, or as one
};

// Each way once. The tree must be checked. In the tree's arena. EN_OK, EN_ENOMEM, EN_ELIMIT past LIMIT_EXPR_READS.
EN_MUST_CHECK enum en_err cel_reads(const struct cel_ast *ast, const struct cel_env *env, const struct cel_read **ret, size_t *ret_count);

#endif

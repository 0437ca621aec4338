// SPDX-License-Identifier: Apache-2.0
// A compiled expression: instructions over registers, constants, and what was prepared for them (regular expressions, time zones). Made from a tree by
// cel_program_build, immutable, shared by all threads; the memory is the tree's arena.
//
// A tree need not have been checked: types that the checker proved choose faster instructions, and every one of those looks at the kinds that it
// finds before it relies on them.
#ifndef EN_EXPR_PROGRAM_H
#define EN_EXPR_PROGRAM_H

#include "base/zone.h"
#include "expr/ast.h"
#include "expr/value.h"

struct cel_program;

struct cel_program_options {
	const struct schema *schema;
	const char *zones;	// folder of TZif files; NULL: ZONE_FOLDER
	bool strong_enums;	// values of enums are of types of their own
	bool plain_messages;	// as the environment says
	bool known_codes;	// reading a number that its enum does not know is an error: what it means was never said
};

// EN_OK, or what reterr_fault says: EN_EFORMAT for a constant pattern or zone that is none, EN_ELIMIT for an expression that needs too many
// registers, EN_ENOMEM. The zones of constants are read here; a zone that is only named while the program runs must be one of them, UTC or an offset.
EN_MUST_CHECK enum en_err cel_program_build(const struct cel_ast *ast, const struct cel_program_options *options, struct cel_program **ret,
    struct cel_fault *reterr_fault);
// Frees what is not the arena's. NULL is fine.
void cel_program_fini(struct cel_program *program);

#endif

// SPDX-License-Identifier: Apache-2.0
// Between the files of the testee for the public suite of CEL: messages of the suite become types and values of ours.
#ifndef EN_TESTS_CEL_TESTEE_H
#define EN_TESTS_CEL_TESTEE_H

#include "expr/env.h"
#include "expr/message.h"
#include "expr/program.h"

// How a test is run besides what it says itself.
enum { TEST_STRONG_ENUMS = 1, TEST_SPECIFIED_DEPTH = 2, TEST_TREE_ONLY = 4 };

struct testee {
	const struct schema *schema;
	const struct schema_type *test_type;
	struct index test;	// the SimpleTest at hand
	struct arena arena;	// of the test at hand
	struct cel_run *run, *maker;	// the maker's values are the test's bindings and its expectation
	bool in_signature;	// a type parameter is one; anywhere else it is dyn
	struct index *messages;	// of object values; those of a test before are used again
	size_t message_count, message_cap;
};

// A field by its name in the message's type; NULL when it does not occur, or is no field.
const struct index_node *testee_field(const struct index *ix, uint32_t message, const char *name);
const struct schema_field *testee_field_of(const struct index *ix, uint32_t message, const char *name);
struct view testee_text(const struct index *ix, uint32_t message, const char *name);

// cel.expr.Decl.FunctionDecl.Overload, a function of that name, in the arena.
struct cel_declaration testee_declaration(struct testee *t, struct view name, uint32_t overload);
// cel.expr.Type -> our type, in the arena.
const struct cel_type *testee_type(struct testee *t, uint32_t message);
// cel.expr.Value -> our value, in the arena.
struct cel_value testee_value(struct testee *t, uint32_t message);
// Whether the two are the same: of one kind, NaN like NaN, maps in any order.
bool testee_same(struct testee *t, struct cel_value a, struct cel_value b);

#endif

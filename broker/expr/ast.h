// SPDX-License-Identifier: Apache-2.0
// An expression as a tree. Everything of one expression (nodes, names, constants, types) lives in the arena that cel_parse was given;
// strings are views or NUL-terminated names there. Macros are expanded by the parser: a comprehension is all that is left of them.
//
// Three steps fill it, each in place:
//   parse    kinds, names as written, constants; `text` offsets for line:col
//   resolve  identifiers: variables, locals of comprehensions, enum values, types, qualified functions (with the container's rules).
//            A chain a.b.c that names one thing becomes a single IDENT; math.greatest(x) becomes a call without target. Needs no types.
//   check    types of all nodes, fields of selections, which overloads of a call remain possible. Optional: without it type is NULL
//            everywhere and an evaluator decides at run time.
#ifndef EN_EXPR_AST_H
#define EN_EXPR_AST_H

#include "expr/type.h"

enum cel_kind { CEL_LITERAL, CEL_IDENT, CEL_SELECT, CEL_CALL, CEL_LIST_OF, CEL_MAP_OF, CEL_MESSAGE_OF, CEL_COMPREHENSION };

// CEL_NULL BOOL INT UINT DOUBLE STRING BYTES.
struct cel_constant {
	enum cel_type_kind kind;
	union {
		bool boolean;
		int64_t integer;
		uint64_t unsigned_integer;
		double number;
		struct view text;	// of STRING and BYTES
	};
};

// What an identifier turned out to be.
enum cel_ref {
	CEL_REF_NONE,		// nothing of that name: an error of the check, or at run time where there was none
	CEL_REF_VARIABLE,	// index: in the environment's variables
	CEL_REF_LOCAL,		// index: of a comprehension's variable, unique in the expression (below ast->local_count)
	CEL_REF_ENUM,		// number: an enum's value
	CEL_REF_TYPE		// named: the type
};

struct cel_ident {
	const char *name;	// as written, without a leading dot; after resolve the full name of a variable, enum value or type
	bool absolute;		// written with a leading dot
	enum cel_ref ref;
	uint32_t index;
	int64_t number;
	const struct schema_enum *enumeration;	// of CEL_REF_ENUM
	const struct cel_type *named;
};

struct cel_select {
	struct cel_node *operand;
	const char *field;
	bool test_only;				// has(operand.field)
	bool optional;				// operand.?field
	const struct schema_field *resolved;	// after check, when operand's type is a message
};

// Names are those of the specification: _&&_ _||_ !_ _?_:_ _==_ _!=_ _<_ _<=_ _>_ _>=_ @in _+_ _-_ _*_ _/_ _%_ -_ _[_] _[?_]
// @not_strictly_false, and functions by their full name ("size", "math.greatest").
struct cel_call {
	const char *name;
	struct cel_node *target;	// NULL: a global function
	struct cel_node **args;
	uint32_t arg_count;
	uint32_t overload_count;	// after check: rows of function.tbl.h that may apply; 0 for those without a row
	const uint16_t *overloads;
	const struct schema_enum *enumeration;	// where enums are types: the conversion to this one, of one int or string; name is the enum's
};

struct cel_entry {
	struct cel_node *key;			// of CEL_MAP_OF; NULL otherwise
	const char *field;			// of CEL_MESSAGE_OF; NULL otherwise
	const struct schema_field *resolved;	// of CEL_MESSAGE_OF, after resolve
	struct cel_node *value;
	bool optional;				// [?value], {?key: value}, M{?field: value}
	uint32_t text;
};

// CEL_LIST_OF, CEL_MAP_OF, CEL_MESSAGE_OF.
struct cel_literal {
	const char *name;			// of CEL_MESSAGE_OF: as written; after resolve the full name
	bool absolute;
	const struct schema_type *message;	// of CEL_MESSAGE_OF, after resolve; NULL when there is none
	struct cel_entry *entries;
	uint32_t count;
};

// for (iter_var[, iter_var2] in range) { if (!condition) break; accu = step; } result. With one variable it is an item of the list or a key of
// the map; with two they are index and item, or key and value. Locals are numbers below ast->local_count, given by resolve.
struct cel_comprehension {
	struct cel_node *range;
	const char *iter_var, *iter_var2;	// iter_var2 NULL: one variable
	const char *accu_var;			// "@result", or the name that cel.bind gives
	struct cel_node *accu_init, *condition, *step, *result;
	uint32_t iter_local, iter_local2, accu_local;
};

struct cel_node {
	enum cel_kind kind;
	uint32_t text;			// byte offset into the expression's text: of a name, of an operator, of an opening bracket
	uint32_t height;		// of the tree below and this node: 1 for one without parts
	const struct cel_type *type;	// after check
	union {
		struct cel_constant constant;
		struct cel_ident ident;
		struct cel_select select;
		struct cel_call call;
		struct cel_literal literal;
		struct cel_comprehension comprehension;
	};
};

struct cel_ast {
	struct view text;		// a copy in the arena
	struct cel_node *root;
	struct arena *arena;
	uint32_t node_count, local_count;
	bool checked;
};

// Where the parser, the resolver or the checker found something wrong: the expression's own line and column, both from 1, columns in
// characters. detail and hint are texts in the arena.
struct cel_fault {
	enum en_err err;		// EN_EFORMAT, EN_ELIMIT, EN_ENOMEM
	enum finding_code code;		// E09.. of expressions
	uint32_t text, line, column;
	const char *detail, *hint;	// NULL
	const char *scope, *name;	// a name that is no field of the message or value of the enum; scope NULL: that nothing here has. NULL
};

#endif

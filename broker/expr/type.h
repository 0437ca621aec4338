// SPDX-License-Identifier: Apache-2.0
// Types of the expression language: what the checker knows of a value before it exists, and what type() answers at run time.
//
// A type is immutable. Simple ones are constants of this program (cel_type_of_kind), so that they are compared by pointer as
// cheaply as by kind; those with parameters live in the arena of their expression. Message types point into the schema set, which
// outlives every expression compiled against it. Enums are int (the language's appendix 1), google.protobuf.Timestamp and Duration
// are types of their own, wrappers are their type or null, Any is dyn, and Struct, Value and ListValue are a map, dyn and a list.
#ifndef EN_EXPR_TYPE_H
#define EN_EXPR_TYPE_H

#include "schema/schema.h"

#define CEL_PARAMS_MAX 26	// A to Z

enum cel_type_kind {
	CEL_DYN, CEL_NULL, CEL_BOOL, CEL_INT, CEL_UINT, CEL_DOUBLE, CEL_STRING, CEL_BYTES, CEL_TIMESTAMP, CEL_DURATION,
	CEL_LIST,	// params[0]: the items
	CEL_MAP,	// params[0]: the keys, params[1]: the values
	CEL_MESSAGE,	// message
	CEL_TYPE,	// a type as a value; params[0]: which one, when it is known, or NULL
	CEL_OPTIONAL,	// params[0]
	CEL_WRAPPER,	// params[0]: bool int uint double string bytes; null is one of its values. Never of a value at run time
	CEL_PARAM,	// A, B, ... of a function's signature; param
	CEL_ABSTRACT,	// a type of an extension, known by its name ("net.IP"); params: as many as it has, or NULL
	CEL_TYPE_KINDS
};

struct cel_type {
	enum cel_type_kind kind;
	uint32_t param;				// of CEL_PARAM: which one
	const char *name;			// of CEL_ABSTRACT
	const struct schema_type *message;	// of CEL_MESSAGE
	const struct cel_type *params[2];
};

// The constant of a kind that needs nothing more; of LIST, MAP, OPTIONAL and TYPE the one with dyn (TYPE: unknown) inside.
const struct cel_type *cel_type_of_kind(enum cel_type_kind kind);
// Of a field that is no message.
enum cel_type_kind cel_kind_of_scalar(enum schema_kind kind);
// NULL when memory ran out.
const struct cel_type *cel_type_new(struct arena *a, enum cel_type_kind kind, const struct cel_type *first, const struct cel_type *second);
// What a message of the type is to an expression: a message, or what the language makes of a well-known one. NULL without memory.
const struct cel_type *cel_type_of_message(struct arena *a, const struct schema_type *t);
// The same without what the language makes of it.
const struct cel_type *cel_type_of_plain_message(struct arena *a, const struct schema_type *t);
// What selecting the field gives: list and map for repeated ones, int for enums, a wrapper for fields of wrapper types.
const struct cel_type *cel_type_of_field(struct arena *a, const struct schema_field *f);
// The name that the type has as an identifier: "int", "google.protobuf.Timestamp", "list", "null_type", a message's full name. Never NULL.
const char *cel_type_name(const struct cel_type *t);
bool cel_type_equal(const struct cel_type *a, const struct cel_type *b);
// "list(int)", "map(string, inm.v1.Acta)", "wrapper(int)": for messages to a person. Appends.
void cel_type_print(struct buf *out, const struct cel_type *t);

#endif

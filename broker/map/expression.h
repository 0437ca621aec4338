// SPDX-License-Identifier: Apache-2.0
// `{cel: "..."}`: an expression (expr/) where a mapping, a route or a subscription asks something. It sees
//
//   a bare name       a field of the message; also data.name
//   NAME              the item that `called` gave the name to
//   now, event.time   when the broker recorded the event; a field called now hides the first
//   event.sender      the agency that sent it
//   Enum.VALUE        of the message's own package, or by its full name
//
// What it reads is known when it is compiled (expr/reads.h), and stands beside what the other forms read: labels, masks and need-to-know hold alike.
#ifndef EN_MAP_EXPRESSION_H
#define EN_MAP_EXPRESSION_H

#include "expr/program.h"
#include "expr/run.h"
#include "map/program.h"

struct compiler;
struct scope;
struct cel_ast;

struct expression_variable {
	enum { EXPRESSION_DATA, EXPRESSION_NOW, EXPRESSION_SENDER, EXPRESSION_ITEM } kind;
	uint32_t frame;			// of ITEM
	const struct schema_field *leaf;	// of ITEM: the repeated field
	bool is_plain;			// a message as it is, also one of a well-known type
	bool is_read;
};

struct expression {
	struct cel_program *program;
	const struct cel_ast *ast;
	const struct expression_variable *variables;
	uint32_t variable_count;
	const struct path *const *paths;	// what it reads
	uint32_t path_count;
	const char *source;			// the same by native names, for faults and traces
	struct where where;
	struct expression *next;		// of the same owner, who frees the programs
};

// E09xx. wanted: NULL for anything. is_condition: an optional field must be asked for with has(). NULL after a finding or without memory.
const struct expression *expression_compile(
    struct compiler *c, const struct scope *scope, const struct conf_text *text, const struct cel_type *wanted, bool is_condition);
// The list form of a condition, written out (terms.h). It asks what it asks of fields as they are, says nothing of what it reads, and cannot fail but
// for want of memory.
const struct expression *expression_of_terms(struct compiler *c, const struct scope *scope, struct view text, struct where where);
// A program may hold what is no arena's.
void expressions_free(struct expression *list);

// EN_OK: a value, or a CEL_ERROR. Anything else is a lack of memory or of budget. *ret lives until the next use of *ask->run.
EN_MUST_CHECK enum en_err expression_run(
    const struct expression *e, const struct index *ix, const struct frame *frames, const struct condition_ask *ask, struct cel_value *ret);
// As a condition. *ret_unheard_of: it is CONDITION_ERROR only because of a code that its enum does not know.
enum condition_result expression_holds(const struct expression *e, const struct index *ix, const struct frame *frames,
    const struct condition_ask *ask, bool *ret_unheard_of);

#endif

// SPDX-License-Identifier: Apache-2.0
// What compile.c, compile_call.c and compile_test.c share. Not for other folders.
#ifndef EN_EXPR_COMPILE_INT_H
#define EN_EXPR_COMPILE_INT_H

#include "expr/function_int.h"
#include "expr/program_int.h"

#define REGISTERS_MAX 16384
#define CONSTANTS_MAX 16384

struct compiler {
	const struct cel_ast *ast;
	const struct cel_program_options *options;
	struct arena *arena;
	struct cel_program *program;
	struct instruction *code;
	uint32_t count;
	uint32_t last_target;	// the latest instruction that some jump goes to: what stands before it cannot be joined with what follows
	struct cel_value *constants;
	uint32_t constant_count;
	size_t cap, constant_cap, needed_cap, zone_cap;	// of the code and the constants, and of the program's own arrays
	int32_t *locals;	// register of each local of the tree
	uint32_t next, used;	// registers in use now, and at most
	struct cel_fault *fault;
	enum en_err err;
};

// Tells the first failure. detail lives as long as the arena.
void compile_fail(struct compiler *c, enum en_err err, const struct cel_node *n, const char *detail);
void *compile_alloc(struct compiler *c, size_t len);
void *compile_larger(struct compiler *c, void *items, uint32_t count, size_t *cap, size_t size);	// arena_larger

// Appends; returns its number.
uint32_t compile_emit(struct compiler *c, struct instruction i);
// The jump of the instruction at `from` goes to what is emitted next.
void compile_land(struct compiler *c, uint32_t from);
struct cel_value compile_literal_value(const struct cel_constant *k);
int16_t compile_constant(struct compiler *c, struct cel_value v);	// as an operand
// count registers in a row; compile_release gives back what was taken since `next` was that.
int16_t compile_take(struct compiler *c, uint32_t count);
static inline void
compile_release(struct compiler *c, uint32_t next)
{
	c->next = next;
}

// The value of the node into the register.
void compile_into(struct compiler *c, const struct cel_node *n, int16_t to);
// The value of the node as an operand: a constant, a local, or a register that is taken.
int16_t compile_operand(struct compiler *c, const struct cel_node *n);

// Of a global function, which operators are too.
static inline bool
compile_is_call(const struct cel_node *n, const char *name, uint32_t args)
{
	return n->kind == CEL_CALL && n->call.target == NULL && n->call.arg_count == args && strcmp(n->call.name, name) == 0;
}

// compile_call.c: anything that is a call.
void compile_call(struct compiler *c, const struct cel_node *n, int16_t to);
// compile_test.c: false when the node is no chain of proven fields, or no test of one with constants. What it emits leaves a bool or value, never an error.
bool compile_path(struct compiler *c, const struct cel_node *n, int16_t to);
bool compile_test(struct compiler *c, const struct cel_node *n, int16_t to);
// Whether the node gives a bool and nothing else.
bool compile_is_sure_bool(const struct compiler *c, const struct cel_node *n);

#endif

// SPDX-License-Identifier: Apache-2.0
// A program from the inside, for compile*.c, which write it, and ops*.c, which run it. Not for other folders.
//
// An instruction carries the function that runs it, which returns the instruction to go on with, or NULL at the end. Its operands are registers of the
// run, or constants of the program where the number is negative. A register holds any value, errors among them: every instruction decides for itself
// what an error does.
#ifndef EN_EXPR_PROGRAM_INT_H
#define EN_EXPR_PROGRAM_INT_H

#include "expr/function.h"
#include "expr/program.h"
#include "expr/regex.h"
#include "expr/run_int.h"

#define CEL_ARGS_MAX 4	// of a function of the table

struct instruction;
typedef const struct instruction *cel_op(struct cel_run *run, const struct instruction *i);

// A field of a field ... of a variable, every step of which the checker proved: messages, then a scalar.
struct field_path {
	uint32_t variable;
	uint32_t step_count;
	const struct schema_field *const *steps;	// all but the last
	const struct schema_field *leaf;
};

// What a fused test compares a field with.
struct field_test {
	struct field_path path;
	bool negated;
	uint32_t count;
	const struct view *texts;	// count of them, when the field is text or bytes
	const int64_t *integers;	// count of them, when it is a whole number or a bool
	double number;			// the bound of a double
	int64_t integer;		// of a whole number
	uint64_t unsigned_integer;
	bool less, equal, more, unordered;	// what the test says when the field is less than the bound, equal, more, NaN
};

// Rows of the table that a call may come to, the likeliest first.
struct candidate {
	cel_function *call;
	uint16_t cost;
	uint8_t kinds[CEL_ARGS_MAX];
};
struct call {
	uint32_t arg_count, count;
	const struct candidate *candidates;
};

struct message_plan {
	const struct schema_type *type;
	const struct schema_field *const *fields;	// one for each entry; NULL: the type has no such field
	const bool *optional;				// of each entry; NULL when none is
};

struct instruction {
	cel_op *run;
	uint16_t to;		// register of the result
	int16_t a, b;		// operands
	uint16_t count;		// of a list, a map or a message: entries in registers from a on. Of a loop's next: instructions of a turn, which it pays for
	uint32_t text;		// offset into the expression, for errors
	int32_t jump;		// to the instruction that many further on
	union {
		const char *name;
		const struct schema_field *field;
		const struct call *call;
		const struct field_test *test;
		const struct field_path *path;
		const struct regex *regex;
		const struct message_plan *plan;
		const struct schema_enum *enumeration;
		const bool *optional;	// of each entry; NULL when none is
		uint32_t number;	// of a variable; a second jump; whether what is inside is wanted
	};
};

struct named_zone {
	const char *name;
	struct zone *zone;
};

// A variable that fused instructions read without looking again.
struct needed_message {
	uint32_t variable;
	const struct schema_type *type;
};

struct cel_program {
	const struct instruction *code;
	const struct cel_value *constants;
	uint32_t register_count;
	struct named_zone *zones;
	uint32_t zone_count;
	struct needed_message *needed;
	uint32_t needed_count;
	bool strong_enums, known_codes;
};

static inline const struct cel_value *
operand(const struct cel_run *run, int16_t at)
{
	return at >= 0 ? &run->registers[at] : &run->program->constants[~at];
}

// ops.c: moving, jumping, logic, comparing
cel_op op_return, op_move, op_variable, op_jump, op_jump_false, op_jump_true, op_choose, op_and, op_or, op_not, op_need_bool, op_not_strictly_false,
    op_equal, op_not_equal, op_less, op_less_equal, op_greater, op_greater_equal, op_type, op_iterate, op_next, op_next_pair, op_match;
// ops_call.c
cel_op op_call;
// ops_select.c
cel_op op_select, op_field, op_has, op_has_field, op_optional_select, op_index, op_optional_index, op_in, op_unless_none, op_need_optional,
    op_codes;
// ops_make.c
cel_op op_list, op_map, op_message, op_enum;
// ops_test.c: a field compared with constants; then the jump, when the instruction has one, to be taken when the answer is `a`
cel_op op_path, op_test_has, op_test_texts, op_test_integers, op_test_integer, op_test_unsigned, op_test_double, op_test_bool, op_test_codes;

// Leaves an error with its place, and goes on.
static inline const struct instruction *
op_fail(struct cel_run *run, const struct instruction *i, enum cel_error error)
{
	run->registers[i->to] = (struct cel_value){.kind = CEL_ERROR, .n = error, .unsigned_integer = i->text};
	return i + 1;
}
// Leaves a value; one that is an error without a place gets the instruction's.
static inline const struct instruction *
op_done(struct cel_run *run, const struct instruction *i, struct cel_value v)
{
	if (EN_UNLIKELY(v.kind == CEL_ERROR && v.unsigned_integer == 0)) {
		v.unsigned_integer = i->text;
	}
	run->registers[i->to] = v;
	return EN_LIKELY(run->err == EN_OK) ? i + 1 : NULL;
}

// Leaves the error that the operand is, or that nothing takes a value of its kind.
static inline const struct instruction *
op_refuse(struct cel_run *run, const struct instruction *i, struct cel_value v)
{
	return v.kind == CEL_ERROR ? op_done(run, i, v) : op_fail(run, i, CEL_ERROR_NO_OVERLOAD);
}

// message_make.c: a message of the plan's type from its entries' values, encoded and indexed; or an error.
struct cel_value message_make(struct cel_run *run, const struct message_plan *plan, const struct cel_value *values, const bool *left_out, uint32_t count);

#endif

// SPDX-License-Identifier: Apache-2.0
// Running a program, and the instructions that move, jump, decide and compare.
#include <stdlib.h>

#include "expr/function_int.h"
#include "expr/program_int.h"

// ---- the machine ----------------------------------------------------------------------------------------------------

static bool
room_for(struct cel_run *run, uint32_t registers)
{
	struct cel_value *grown;

	if (registers <= run->register_cap) {
		return true;
	}
	grown = realloc(run->registers, registers * sizeof(*grown));
	if (grown == NULL) {
		return false;
	}
	run->registers = grown;
	run->register_cap = registers;
	return true;
}

enum en_err
cel_run_program(
    struct cel_run *run, const struct cel_program *program, const struct cel_value *variables, struct cel_value *ret)
{
	cel_run_reset(run);
	run->program = program;
	run->variables = variables;
	run->strong_enums = program->strong_enums;
	run->known_codes = program->known_codes;
	if (EN_UNLIKELY(!room_for(run, program->register_count))) {
		return EN_ENOMEM;
	}
	for (uint32_t n = 0; n < program->needed_count; n++) {
		struct cel_value v = variables[program->needed[n].variable];

		if (EN_UNLIKELY(v.kind != CEL_MESSAGE || cel_message_type(v) != program->needed[n].type)) {
			*ret = v.kind == CEL_ERROR ? v : cel_error(CEL_ERROR_NO_OVERLOAD);
			return EN_OK;
		}
	}
	for (const struct instruction *i = program->code; i != NULL;) {
		i = i->run(run, i);
	}
	run->program = NULL;
	if (run->err == EN_OK) {
		*ret = run->registers[0];
	}
	return run->err;
}

const struct instruction *
op_return(struct cel_run *run, const struct instruction *i)
{
	run->registers[0] = *operand(run, i->a);
	return NULL;
}

const struct instruction *
op_move(struct cel_run *run, const struct instruction *i)
{
	run->registers[i->to] = *operand(run, i->a);
	return i + 1;
}

const struct instruction *
op_variable(struct cel_run *run, const struct instruction *i)
{
	return op_done(run, i, run->variables[i->number]);
}

// ---- jumps and logic ------------------------------------------------------------------------------------------------

static bool
is_bool(const struct cel_value *v, bool wanted)
{
	return v->kind == CEL_BOOL && v->boolean == wanted;
}

const struct instruction *
op_jump(struct cel_run *run, const struct instruction *i)
{
	(void)run;
	return i + i->jump;
}

const struct instruction *
op_jump_false(struct cel_run *run, const struct instruction *i)
{
	return is_bool(operand(run, i->a), false) ? i + i->jump : i + 1;
}

const struct instruction *
op_jump_true(struct cel_run *run, const struct instruction *i)
{
	return is_bool(operand(run, i->a), true) ? i + i->jump : i + 1;
}

// condition ? goes on : jump; anything but a bool is an error, and leaves by the second jump.
const struct instruction *
op_choose(struct cel_run *run, const struct instruction *i)
{
	const struct cel_value *v = operand(run, i->a);

	if (v->kind == CEL_BOOL) {
		return v->boolean ? i + 1 : i + i->jump;
	}
	(void)op_refuse(run, i, *v);
	return i + i->number;
}

// Whichever side decides, decides; then the first error counts.
static const struct instruction *
combine(struct cel_run *run, const struct instruction *i, bool decisive)
{
	const struct cel_value *a = operand(run, i->a), *b = operand(run, i->b);

	if (is_bool(a, decisive) || is_bool(b, decisive)) {
		return op_done(run, i, cel_bool(decisive));
	}
	if (a->kind == CEL_ERROR || b->kind == CEL_ERROR) {
		return op_done(run, i, a->kind == CEL_ERROR ? *a : *b);
	}
	return a->kind == CEL_BOOL && b->kind == CEL_BOOL ? op_done(run, i, cel_bool(!decisive))
							  : op_fail(run, i, CEL_ERROR_NO_OVERLOAD);
}

const struct instruction *
op_and(struct cel_run *run, const struct instruction *i)
{
	return combine(run, i, false);
}

const struct instruction *
op_or(struct cel_run *run, const struct instruction *i)
{
	return combine(run, i, true);
}

const struct instruction *
op_not(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a);

	return v.kind == CEL_BOOL ? op_done(run, i, cel_bool(!v.boolean)) : op_refuse(run, i, v);
}

const struct instruction *
op_need_bool(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a);

	return v.kind == CEL_BOOL ? op_done(run, i, v) : op_refuse(run, i, v);
}

const struct instruction *
op_not_strictly_false(struct cel_run *run, const struct instruction *i)
{
	return op_done(run, i, cel_bool(!is_bool(operand(run, i->a), false)));
}

// ---- comparing ------------------------------------------------------------------------------------------------------

// Whether an operand is an error, which then is the result.
static bool
takes_error(struct cel_run *run, const struct instruction *i, const struct cel_value *a, const struct cel_value *b)
{
	if (EN_LIKELY(a->kind != CEL_ERROR && b->kind != CEL_ERROR)) {
		return false;
	}
	run->registers[i->to] = a->kind == CEL_ERROR ? *a : *b;
	return true;
}

const struct instruction *
op_equal(struct cel_run *run, const struct instruction *i)
{
	const struct cel_value *a = operand(run, i->a), *b = operand(run, i->b);

	return takes_error(run, i, a, b) ? i + 1 : op_done(run, i, cel_bool(cel_equal(run, *a, *b)));
}

const struct instruction *
op_not_equal(struct cel_run *run, const struct instruction *i)
{
	const struct cel_value *a = operand(run, i->a), *b = operand(run, i->b);

	return takes_error(run, i, a, b) ? i + 1 : op_done(run, i, cel_bool(!cel_equal(run, *a, *b)));
}

// order: what cel_compare must say, as bits 1 << (c + 1). NaN is in no order.
static const struct instruction *
ordered(struct cel_run *run, const struct instruction *i, unsigned int order)
{
	const struct cel_value *a = operand(run, i->a), *b = operand(run, i->b);

	if (takes_error(run, i, a, b)) {
		return i + 1;
	}
	(void)(a->n < b->n ? run_charge_text(run, *a) : run_charge_text(run, *b));
	int c = cel_compare(*a, *b);

	return c == CEL_INCOMPARABLE ? op_fail(run, i, CEL_ERROR_NO_OVERLOAD)
				     : op_done(run, i, cel_bool((order >> (c + 1) & 1) != 0));
}

const struct instruction *
op_less(struct cel_run *run, const struct instruction *i)
{
	return ordered(run, i, 1);
}

const struct instruction *
op_less_equal(struct cel_run *run, const struct instruction *i)
{
	return ordered(run, i, 3);
}

const struct instruction *
op_greater(struct cel_run *run, const struct instruction *i)
{
	return ordered(run, i, 4);
}

const struct instruction *
op_greater_equal(struct cel_run *run, const struct instruction *i)
{
	return ordered(run, i, 6);
}

const struct instruction *
op_type(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a);

	return op_done(run, i, v.kind == CEL_ERROR ? v : cel_type_value(cel_type_name_of(v)));
}

// ---- comprehensions: a list or map in register a, the place in it in the next one --------------------------------------

const struct instruction *
op_iterate(struct cel_run *run, const struct instruction *i)
{
	struct cel_value range = run->registers[i->a];

	if (range.kind != CEL_LIST && range.kind != CEL_MAP) {
		(void)op_refuse(run, i, range);
		return i + i->jump;
	}
	run->registers[i->a + 1] = cel_int(0);
	return i + 1;
}

// The next item of a list or key of a map into `to`; jumps when there is none.
const struct instruction *
op_next(struct cel_run *run, const struct instruction *i)
{
	struct cel_value range = run->registers[i->a];
	int64_t at = run->registers[i->a + 1].integer++;

	if (at >= range.n) {
		return i + i->jump;
	}
	run->registers[i->to] = range.kind == CEL_LIST ? cel_list_items(range)[at] : cel_map_entries(range)[at].key;
	return run_charge(run, i->count) ? i + 1 : NULL;
}

// Index and item, or key and value, into `to` and b.
const struct instruction *
op_next_pair(struct cel_run *run, const struct instruction *i)
{
	struct cel_value range = run->registers[i->a];
	int64_t at = run->registers[i->a + 1].integer++;

	if (at >= range.n) {
		return i + i->jump;
	}
	run->registers[i->to] = range.kind == CEL_LIST ? cel_int(at) : cel_map_entries(range)[at].key;
	run->registers[i->b] = range.kind == CEL_LIST ? cel_list_items(range)[at] : cel_map_entries(range)[at].value;
	return run_charge(run, i->count) ? i + 1 : NULL;
}

// ---- regular expressions --------------------------------------------------------------------------------------------

static struct cel_value
is_found(struct cel_run *run, const struct regex *re, struct cel_value text)
{
	bool found = false;
	enum en_err err = regex_match(re, cel_text(text), &run->matching, &run->cost, &found);

	if (err != EN_OK) {
		run_fail(run, err);
	}
	return cel_bool(found);
}

const struct instruction *
op_match(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a);

	if (v.kind != CEL_STRING) {
		return op_refuse(run, i, v);
	}
	arena_reset(&run->matching);
	return op_done(run, i, is_found(run, i->regex, v));
}

// What it costs to read a pattern: a category is a large class.
static uint64_t
pattern_cost(struct view pattern)
{
	uint64_t cost = 64 + 16 * (uint64_t)pattern.len;

	for (size_t i = 0; i + 1 < pattern.len; i++) {
		cost += pattern.data[i] == '\\' && (pattern.data[i + 1] | 0x20) == 'p' ? 1000 : 0;
	}
	return cost;
}

// The same for a pattern that is known only now.
void
cel_matches(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	const struct regex *re = NULL;
	const char *problem;
	size_t at;
	enum en_err err;

	*ret = cel_error(CEL_ERROR_PATTERN);
	if (!run_charge(run, pattern_cost(cel_text(args[1])))) {
		return;
	}
	arena_reset(&run->matching);
	err = regex_compile(cel_text(args[1]), &run->matching, &re, &at, &problem);
	if (err == EN_OK) {
		*ret = is_found(run, re, args[0]);
	} else if (err == EN_ENOMEM) {
		run_fail(run, err);
	}
}

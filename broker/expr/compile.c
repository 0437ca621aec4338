// SPDX-License-Identifier: Apache-2.0
// From a tree to instructions. Registers are taken like a stack: what a node needs while it is computed lies above what its parents need. The depth of
// the recursion is that of the tree, which the parser limits.
#include "expr/compile_int.h"

#include "expr/env.h"

// ---- tools ----------------------------------------------------------------------------------------------------------

void
compile_fail(struct compiler *c, enum en_err err, const struct cel_node *n, const char *detail)
{
	if (c->err != EN_OK) {
		return;
	}
	c->err = err;
	c->fault->err = err;
	c->fault->text = n == NULL ? 0 : n->text;
	c->fault->detail = detail;
}

void *
compile_alloc(struct compiler *c, size_t len)
{
	void *p = c->err == EN_OK ? arena_zalloc(c->arena, len) : NULL;

	if (p == NULL) {
		compile_fail(c, EN_ENOMEM, NULL, "out of memory");
	}
	return p;
}

void *
compile_larger(struct compiler *c, void *items, uint32_t count, size_t *cap, size_t size)
{
	void *p = c->err == EN_OK ? arena_larger(c->arena, items, count, cap, size) : NULL;

	if (p == NULL) {
		compile_fail(c, EN_ENOMEM, NULL, "out of memory");
	}
	return p;
}

uint32_t
compile_emit(struct compiler *c, struct instruction i)
{
	struct instruction *code = compile_larger(c, c->code, c->count, &c->cap, sizeof(*code));

	if (code == NULL) {
		return 0;
	}
	c->code = code;
	c->code[c->count] = i;
	return c->count++;
}

void
compile_land(struct compiler *c, uint32_t from)
{
	if (c->err == EN_OK) {
		c->code[from].jump = (int32_t)(c->count - from);
	}
	c->last_target = c->count;
}

int16_t
compile_constant(struct compiler *c, struct cel_value v)
{
	if (c->constant_count == CONSTANTS_MAX) {
		compile_fail(c, EN_ELIMIT, NULL, "the expression has too many constants");
		return 0;
	}
	struct cel_value *constants =
	    compile_larger(c, c->constants, c->constant_count, &c->constant_cap, sizeof(*constants));

	if (constants == NULL) {
		return 0;
	}
	c->constants = constants;
	c->constants[c->constant_count] = v;
	return (int16_t) ~(int32_t)c->constant_count++;
}

int16_t
compile_take(struct compiler *c, uint32_t count)
{
	uint32_t first = c->next;

	if (count > REGISTERS_MAX - first) {
		compile_fail(c, EN_ELIMIT, NULL, "the expression is too large");
		return 0;
	}
	c->next += count;
	c->used = c->next > c->used ? c->next : c->used;
	return (int16_t)first;
}

// ---- leaves ---------------------------------------------------------------------------------------------------------

struct cel_value
compile_literal_value(const struct cel_constant *k)
{
	switch (k->kind) {
	case CEL_BOOL:
		return cel_bool(k->boolean);
	case CEL_INT:
		return cel_int(k->integer);
	case CEL_UINT:
		return cel_uint(k->unsigned_integer);
	case CEL_DOUBLE:
		return cel_double(k->number);
	case CEL_STRING:
		return cel_string(k->text);
	case CEL_BYTES:
		return cel_bytes(k->text);
	default:
		return cel_null();
	}
}

// What an identifier is that is neither a variable nor a local.
static struct cel_value
fixed_ident(const struct compiler *c, const struct cel_node *n)
{
	struct cel_value v = cel_error(CEL_ERROR_NO_VARIABLE);

	switch (n->ident.ref) {
	case CEL_REF_ENUM:
		return c->options->strong_enums && n->ident.enumeration != NULL
		    ? cel_enum(n->ident.enumeration, (int32_t)n->ident.number)
		    : cel_int(n->ident.number);
	case CEL_REF_TYPE:
		return cel_type_value(n->ident.named == NULL ? n->ident.name : cel_type_name(n->ident.named));
	default:
		v.unsigned_integer = n->text;
		return v;
	}
}

static bool
is_fixed(const struct cel_node *n)
{
	return n->kind == CEL_LITERAL ||
	    (n->kind == CEL_IDENT && n->ident.ref != CEL_REF_VARIABLE && n->ident.ref != CEL_REF_LOCAL);
}

int16_t
compile_operand(struct compiler *c, const struct cel_node *n)
{
	int16_t to;

	if (is_fixed(n)) {
		return compile_constant(
		    c, n->kind == CEL_LITERAL ? compile_literal_value(&n->constant) : fixed_ident(c, n));
	}
	if (n->kind == CEL_IDENT && n->ident.ref == CEL_REF_LOCAL) {
		return (int16_t)c->locals[n->ident.index];
	}
	to = compile_take(c, 1);
	compile_into(c, n, to);
	return to;
}

static void
compile_ident(struct compiler *c, const struct cel_node *n, int16_t to)
{
	if (n->ident.ref == CEL_REF_VARIABLE) {
		compile_emit(c,
		    (struct instruction){
			.run = op_variable, .to = (uint16_t)to, .text = n->text, .number = n->ident.index});
		return;
	}
	int16_t at = compile_operand(c, n);

	if (at != to) {
		compile_emit(c, (struct instruction){.run = op_move, .to = (uint16_t)to, .a = at});
	}
}

// ---- selections and literals ----------------------------------------------------------------------------------------

static void
compile_select(struct compiler *c, const struct cel_node *n, int16_t to)
{
	uint32_t mark = c->next;
	struct instruction i = {.to = (uint16_t)to, .text = n->text};
	bool resolved = n->select.resolved != NULL && !n->select.optional;

	i.a = compile_operand(c, n->select.operand);
	if (resolved) {
		i.run = n->select.test_only ? op_has_field : op_field;
		i.field = n->select.resolved;
	} else {
		i.run = n->select.test_only ? op_has : n->select.optional ? op_optional_select : op_select;
		i.name = n->select.field;
	}
	compile_emit(c, i);
	compile_release(c, mark);
}

static const bool *
optional_entries(struct compiler *c, const struct cel_literal *l)
{
	bool *optional = NULL;

	for (uint32_t k = 0; k < l->count; k++) {
		if (l->entries[k].optional) {
			optional = optional == NULL ? compile_alloc(c, l->count) : optional;
			if (optional == NULL) {
				return NULL;
			}
			optional[k] = true;
		}
	}
	return optional;
}

static const struct message_plan *
message_plan(struct compiler *c, const struct cel_node *n)
{
	struct message_plan *plan = compile_alloc(c, sizeof(*plan));
	const struct schema_field **fields = compile_alloc(c, n->literal.count * sizeof(struct schema_field *));

	if (plan == NULL || fields == NULL) {
		return NULL;
	}
	for (uint32_t k = 0; k < n->literal.count; k++) {
		const struct cel_entry *e = &n->literal.entries[k];

		fields[k] = e->resolved != NULL ? e->resolved : cel_field(n->literal.message, e->field);
	}
	*plan = (struct message_plan){
	    .type = n->literal.message, .fields = fields, .optional = optional_entries(c, &n->literal)};
	return plan;
}

static void
compile_literal(struct compiler *c, const struct cel_node *n, int16_t to)
{
	const struct cel_literal *l = &n->literal;
	uint32_t mark = c->next, width = n->kind == CEL_MAP_OF ? 2 : 1;
	struct instruction i = {.to = (uint16_t)to, .text = n->text, .count = (uint16_t)l->count};

	if (l->count > UINT16_MAX / 2) {
		compile_fail(c, EN_ELIMIT, n, "the list, map or message has too many entries");
		return;
	}
	if (n->kind == CEL_MESSAGE_OF && l->message == NULL) {
		struct cel_value v = cel_error(CEL_ERROR_NO_VARIABLE);

		v.unsigned_integer = n->text;
		compile_emit(c, (struct instruction){.run = op_move, .to = i.to, .a = compile_constant(c, v)});
		return;
	}
	i.a = compile_take(c, l->count * width);
	for (uint32_t k = 0; k < l->count; k++) {
		int16_t at = (int16_t)(i.a + (int16_t)(k * width));

		if (n->kind == CEL_MAP_OF) {
			compile_into(c, l->entries[k].key, at++);
		}
		compile_into(c, l->entries[k].value, at);
	}
	i.run = n->kind == CEL_LIST_OF ? op_list : n->kind == CEL_MAP_OF ? op_map : op_message;
	if (n->kind == CEL_MESSAGE_OF) {
		i.plan = message_plan(c, n);
	} else {
		i.optional = optional_entries(c, l);
	}
	compile_emit(c, i);
	compile_release(c, mark);
}

// ---- comprehensions -------------------------------------------------------------------------------------------------

static bool
is_true(const struct cel_node *n)
{
	return n->kind == CEL_LITERAL && n->constant.kind == CEL_BOOL && n->constant.boolean;
}

// One round: the condition, which ends the loop when it is false; the step; back. Returns the jump out of it.
static uint32_t
compile_round(struct compiler *c, const struct cel_comprehension *loop, int16_t accu)
{
	uint32_t mark = c->next, out = 0;
	bool checks = !is_true(loop->condition);

	if (checks) {
		int16_t condition = compile_operand(c, loop->condition);

		out = compile_emit(c, (struct instruction){.run = op_jump_false, .a = condition});
		compile_release(c, mark);
	}
	int16_t step = compile_operand(c, loop->step);

	if (step != accu) {
		compile_emit(c, (struct instruction){.run = op_move, .to = (uint16_t)accu, .a = step});
	}
	compile_release(c, mark);
	return out;
}

// Where only known codes count, those of a repeated field are looked at one by one: one that is not known says nothing about the others.
static void
compile_range(struct compiler *c, const struct cel_node *n, int16_t to)
{
	const struct schema_field *f = n->kind == CEL_SELECT ? n->select.resolved : NULL;

	compile_into(c, n, to);
	if (c->err == EN_OK && c->options->known_codes && f != NULL && f->repeated && f->kind == KIND_ENUM &&
	    c->code[c->count - 1].run == op_field) {
		c->code[c->count - 1].run = op_codes;
	}
}

static void
compile_comprehension(struct compiler *c, const struct cel_node *n, int16_t to)
{
	const struct cel_comprehension *loop = &n->comprehension;
	uint32_t mark = c->next, start, begin, next, out;
	int16_t range = compile_take(c, 2), accu = compile_take(c, 1), first = compile_take(c, 2);

	compile_range(c, loop->range, range);
	c->locals[loop->iter_local] = first;
	c->locals[loop->accu_local] = accu;
	if (loop->iter_var2 != NULL) {
		c->locals[loop->iter_local2] = first + 1;
	}
	start =
	    compile_emit(c, (struct instruction){.run = op_iterate, .to = (uint16_t)to, .a = range, .text = n->text});
	compile_into(c, loop->accu_init, accu);
	begin = c->count;
	c->last_target = begin;
	next = compile_emit(c,
	    (struct instruction){.run = loop->iter_var2 == NULL ? op_next : op_next_pair,
		.to = (uint16_t)first,
		.a = range,
		.b = (int16_t)(first + 1)});
	out = compile_round(c, loop, accu);
	compile_emit(c, (struct instruction){.run = op_jump, .jump = (int32_t)begin - (int32_t)c->count});
	if (c->err == EN_OK) {
		c->code[next].count = c->count - begin < UINT16_MAX ? (uint16_t)(c->count - begin) : UINT16_MAX;
	}
	compile_land(c, next);
	if (out != 0) {
		compile_land(c, out);
	}
	compile_into(c, loop->result, to);
	compile_land(c, start);
	compile_release(c, mark);
}

void
compile_into(struct compiler *c, const struct cel_node *n, int16_t to)
{
	if (c->err != EN_OK) {
		return;
	}
	switch (n->kind) {
	case CEL_LITERAL:
		compile_emit(c, (struct instruction){.run = op_move, .to = (uint16_t)to, .a = compile_operand(c, n)});
		break;
	case CEL_IDENT:
		compile_ident(c, n, to);
		break;
	case CEL_SELECT:
		if (!compile_path(c, n, to)) {
			compile_select(c, n, to);
		}
		break;
	case CEL_CALL:
		if (!compile_test(c, n, to)) {
			compile_call(c, n, to);
		}
		break;
	case CEL_LIST_OF:
	case CEL_MAP_OF:
	case CEL_MESSAGE_OF:
		compile_literal(c, n, to);
		break;
	case CEL_COMPREHENSION:
		compile_comprehension(c, n, to);
		break;
	}
}

// ---- the whole ------------------------------------------------------------------------------------------------------

void
cel_program_fini(struct cel_program *program)
{
	if (program == NULL) {
		return;
	}
	for (uint32_t k = 0; k < program->zone_count; k++) {
		zone_free(&program->zones[k].zone);
	}
	program->zone_count = 0;
}

enum en_err
cel_program_build(const struct cel_ast *ast, const struct cel_program_options *options, struct cel_program **ret,
    struct cel_fault *reterr_fault)
{
	struct compiler c = {.ast = ast, .options = options, .arena = ast->arena, .fault = reterr_fault};

	c.program = compile_alloc(&c, sizeof(*c.program));
	c.locals = compile_alloc(&c, (ast->local_count + 1) * sizeof(*c.locals));
	if (c.err == EN_OK) {
		int16_t result = compile_take(&c, 1);

		compile_into(&c, ast->root, result);
		compile_emit(&c, (struct instruction){.run = op_return, .a = result});
	}
	if (c.err != EN_OK) {
		cel_program_fini(c.program);
		return c.err;
	}
	c.program->code = c.code;
	c.program->constants = c.constants;
	c.program->register_count = c.used;
	c.program->strong_enums = options->strong_enums;
	c.program->known_codes = options->known_codes;
	*ret = c.program;
	return EN_OK;
}

// SPDX-License-Identifier: Apache-2.0
// What most conditions consist of: a field compared with constants. Where the checker proved that a chain of selections goes from a variable through
// messages to a scalar, and the constants are of its type, one instruction does all of it.
#include "expr/compile_int.h"

#define STEPS_MAX 32

// ---- recognising ----------------------------------------------------------------------------------------------------

static bool
is_step(const struct cel_node *n)
{
	return n->kind == CEL_SELECT && n->select.resolved != NULL && !n->select.optional &&
	    !n->select.resolved->repeated;
}

// Whether a chain of messages leads from a variable to the field that n selects. *ret_steps: how many stand before it.
static bool
is_chain(const struct compiler *c, const struct cel_node *n, uint32_t *ret_steps)
{
	*ret_steps = 0;
	if (n->kind != CEL_SELECT || n->select.resolved == NULL || n->select.optional) {
		return false;
	}
	for (n = n->select.operand; is_step(n) && !n->select.test_only; n = n->select.operand) {
		if (!schema_is_message(n->select.resolved) ||
		    (n->select.resolved->message->well_known != WELL_KNOWN_NONE && !c->options->plain_messages) ||
		    ++*ret_steps > STEPS_MAX) {
			return false;
		}
	}
	return n->kind == CEL_IDENT && n->ident.ref == CEL_REF_VARIABLE && n->type != NULL &&
	    n->type->kind == CEL_MESSAGE;
}

static bool
is_path(const struct compiler *c, const struct cel_node *n)
{
	uint32_t steps;

	return is_step(n) && !n->select.test_only && !schema_is_message(n->select.resolved) && is_chain(c, n, &steps) &&
	    (n->select.resolved->kind != KIND_ENUM ||
		(!n->select.resolved->enumeration->is_null && !c->options->strong_enums));
}

static bool
is_has(const struct compiler *c, const struct cel_node *n)
{
	uint32_t steps;

	return n->kind == CEL_SELECT && n->select.test_only && is_chain(c, n, &steps);
}

static bool
is_constant(const struct cel_node *n, enum cel_type_kind kind)
{
	return (n->kind == CEL_LITERAL && n->constant.kind == kind) ||
	    (kind == CEL_INT && n->kind == CEL_IDENT && n->ident.ref == CEL_REF_ENUM);
}

static const char *const comparisons[] = {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"};
enum { EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, COMPARISONS };

static int
comparison_of(const struct cel_node *n)
{
	for (int k = 0; k < COMPARISONS; k++) {
		if (strcmp(n->call.name, comparisons[k]) == 0) {
			return k;
		}
	}
	return COMPARISONS;
}

// field in [constants]
static bool
is_in(const struct compiler *c, const struct cel_node *n)
{
	const struct cel_node *field = n->call.args[0], *list = n->call.args[1];

	if (strcmp(n->call.name, "@in") != 0 || list->kind != CEL_LIST_OF || !is_path(c, field) ||
	    cel_kind_of_scalar(field->select.resolved->kind) == CEL_DOUBLE) {
		return false;
	}
	for (uint32_t k = 0; k < list->literal.count; k++) {
		if (list->literal.entries[k].optional ||
		    !is_constant(list->literal.entries[k].value, cel_kind_of_scalar(field->select.resolved->kind))) {
			return false;
		}
	}
	return true;
}

// Which of the two sides is the field, when the other is a constant of its type: 0 or 1; 2 for neither.
static uint32_t
field_side(const struct compiler *c, const struct cel_node *n)
{
	int comparison = comparison_of(n);

	for (uint32_t side = 0; side < 2 && comparison != COMPARISONS; side++) {
		const struct cel_node *field = n->call.args[side];

		if (is_path(c, field)) {
			enum cel_type_kind kind = cel_kind_of_scalar(field->select.resolved->kind);
			bool is_text = kind == CEL_STRING || kind == CEL_BYTES || kind == CEL_BOOL;

			bool is_code = c->options->known_codes && field->select.resolved->kind == KIND_ENUM;
			bool is_one = comparison <= NOT_EQUAL || !(is_text || is_code);

			return is_constant(n->call.args[1 - side], kind) && is_one ? side : 2;
		}
	}
	return 2;
}

static bool
is_test(const struct compiler *c, const struct cel_node *n)
{
	return n->kind == CEL_CALL && n->call.target == NULL && n->call.arg_count == 2 &&
	    (is_in(c, n) || field_side(c, n) < 2);
}

// Of a test: whether its field is a code.
static bool
tests_code(const struct compiler *c, const struct cel_node *n)
{
	uint32_t side = field_side(c, n);

	return n->call.args[side < 2 ? side : 0]->select.resolved->kind == KIND_ENUM;
}

bool
compile_is_sure_bool(const struct compiler *c, const struct cel_node *n)
{
	if (n->kind == CEL_LITERAL) {
		return n->constant.kind == CEL_BOOL;
	}
	if (n->kind == CEL_SELECT) {
		return is_has(c, n) || (is_path(c, n) && n->select.resolved->kind == KIND_BOOL);
	}
	if (compile_is_call(n, "_&&_", 2) || compile_is_call(n, "_||_", 2)) {
		return compile_is_sure_bool(c, n->call.args[0]) && compile_is_sure_bool(c, n->call.args[1]);
	}
	if (compile_is_call(n, "!_", 1)) {
		return compile_is_sure_bool(c, n->call.args[0]);
	}
	return is_test(c, n) && !(c->options->known_codes && tests_code(c, n));
}

// ---- emitting -------------------------------------------------------------------------------------------------------

// The run looks at the variable once, before the first instruction.
static void
need_message(struct compiler *c, uint32_t variable, const struct schema_type *type)
{
	struct cel_program *p = c->program;
	struct needed_message *needed;

	for (uint32_t k = 0; k < p->needed_count; k++) {
		if (p->needed[k].variable == variable && p->needed[k].type == type) {
			return;
		}
	}
	needed = compile_larger(c, p->needed, p->needed_count, &c->needed_cap, sizeof(*needed));
	if (needed != NULL) {
		p->needed = needed;
		p->needed[p->needed_count++] = (struct needed_message){variable, type};
	}
}

static struct field_path
path_of(struct compiler *c, const struct cel_node *n)
{
	const struct schema_field **steps;
	const struct schema_field *first = n->select.resolved;
	struct field_path path = {.leaf = n->select.resolved};

	(void)is_chain(c, n, &path.step_count);
	steps = compile_alloc(c, path.step_count * sizeof(struct schema_field *));
	n = n->select.operand;
	for (uint32_t k = path.step_count; steps != NULL && k > 0; k--) {
		steps[k - 1] = first = n->select.resolved;
		n = n->select.operand;
	}
	path.steps = steps;
	if (c->err == EN_OK) {
		path.variable = n->ident.index;
		need_message(c, path.variable, first->owner);
	}
	return path;
}

bool
compile_path(struct compiler *c, const struct cel_node *n, int16_t to)
{
	struct instruction i = {.to = (uint16_t)to, .text = n->text};
	struct field_path *path;

	if (is_has(c, n)) {
		i.run = op_test_has;
	} else if (is_path(c, n)) {
		i.run = n->select.resolved->kind == KIND_BOOL ? op_test_bool : op_path;
	} else {
		return false;
	}
	path = compile_alloc(c, sizeof(*path));
	if (path != NULL) {
		*path = path_of(c, n);
		i.path = path;
		compile_emit(c, i);
	}
	return true;
}

static int64_t
integer_of(const struct cel_node *n)
{
	return n->kind == CEL_IDENT        ? n->ident.number
	    : n->constant.kind == CEL_BOOL ? n->constant.boolean
					   : n->constant.integer;
}

static bool
is_code(const struct compiler *c, const struct field_test *t)
{
	return c->options->known_codes && t->path.leaf->kind == KIND_ENUM;
}

static cel_op *
compile_set(struct compiler *c, struct field_test *t, const struct cel_node *const *values)
{
	enum cel_type_kind kind = cel_kind_of_scalar(t->path.leaf->kind);
	bool is_text = kind == CEL_STRING || kind == CEL_BYTES;
	struct view *texts = is_text ? compile_alloc(c, t->count * sizeof(*texts)) : NULL;
	int64_t *integers = is_text ? NULL : compile_alloc(c, t->count * sizeof(*integers));

	for (uint32_t k = 0; c->err == EN_OK && k < t->count; k++) {
		if (is_text) {
			texts[k] = values[k]->constant.text;
		} else {
			integers[k] = integer_of(values[k]);
		}
	}
	t->texts = texts;
	t->integers = integers;
	return is_text ? op_test_texts : is_code(c, t) ? op_test_codes : op_test_integers;
}

static cel_op *
compile_bound(struct field_test *t, int comparison, const struct cel_node *bound)
{
	t->less = comparison == LESS || comparison == LESS_EQUAL || comparison == NOT_EQUAL;
	t->equal = comparison == EQUAL || comparison == LESS_EQUAL || comparison == GREATER_EQUAL;
	t->more = comparison == GREATER || comparison == GREATER_EQUAL || comparison == NOT_EQUAL;
	t->unordered = comparison == NOT_EQUAL;
	switch (cel_kind_of_scalar(t->path.leaf->kind)) {
	case CEL_DOUBLE:
		t->number = bound->constant.number;
		return op_test_double;
	case CEL_UINT:
		t->unsigned_integer = bound->constant.unsigned_integer;
		return op_test_unsigned;
	default:
		t->integer = integer_of(bound);
		return op_test_integer;
	}
}

// 3 < field is field > 3.
static int
turned(int comparison)
{
	static const int other[COMPARISONS] = {EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL};

	return other[comparison];
}

static cel_op *
compile_comparison(struct compiler *c, struct field_test *t, const struct cel_node *n, uint32_t side)
{
	enum cel_type_kind kind = cel_kind_of_scalar(t->path.leaf->kind);
	int comparison = side == 0 ? comparison_of(n) : turned(comparison_of(n));
	const struct cel_node *value = n->call.args[1 - side];

	if (kind == CEL_STRING || kind == CEL_BYTES || kind == CEL_BOOL || is_code(c, t)) {
		t->count = 1;
		t->negated = comparison == NOT_EQUAL;
		return compile_set(c, t, &value);
	}
	return compile_bound(t, comparison, value);
}

static cel_op *
compile_in(struct compiler *c, struct field_test *t, const struct cel_literal *list)
{
	const struct cel_node **values = compile_alloc(c, list->count * sizeof(struct cel_node *));

	t->count = list->count;
	for (uint32_t k = 0; values != NULL && k < list->count; k++) {
		values[k] = list->entries[k].value;
	}
	return compile_set(c, t, values);
}

bool
compile_test(struct compiler *c, const struct cel_node *n, int16_t to)
{
	struct instruction i = {.to = (uint16_t)to, .text = n->text};
	struct field_test *t;

	if (!is_test(c, n)) {
		return false;
	}
	t = compile_alloc(c, sizeof(*t));
	if (t == NULL) {
		return true;
	}
	uint32_t side = field_side(c, n);

	t->path = path_of(c, n->call.args[side < 2 ? side : 0]);
	i.run = side < 2 ? compile_comparison(c, t, n, side) : compile_in(c, t, &n->call.args[1]->literal);
	i.test = t;
	compile_emit(c, i);
	return true;
}

// SPDX-License-Identifier: Apache-2.0
// Calls: logic and operators that are instructions of their own, and functions with the overloads that they may come to.
#include "expr/compile_int.h"

#include <string.h>

// ---- logic ----------------------------------------------------------------------------------------------------------

// A jump that is taken when the register holds that bool: on the back of the test just emitted, when it is one and nothing else comes in behind it.
static uint32_t
jump_on(struct compiler *c, bool wanted, int16_t at)
{
	struct instruction *last = c->count > 0 ? &c->code[c->count - 1] : NULL;

	if (last != NULL && c->last_target != c->count && last->to == (uint16_t)at && last->jump == 0 &&
	    (last->run == op_test_has || last->run == op_test_bool || last->run == op_test_texts ||
		last->run == op_test_integers || last->run == op_test_integer || last->run == op_test_unsigned ||
		last->run == op_test_double || last->run == op_test_codes)) {
		last->a = wanted;
		return c->count - 1;
	}
	return compile_emit(c, (struct instruction){.run = wanted ? op_jump_true : op_jump_false, .a = at});
}

struct chain {
	const char *name; // of the operator
	bool is_and;
	int16_t to;
	uint32_t *jumps; // each term's but the last
	uint32_t count;
	bool is_sure; // whether all terms so far can only be bools
};

static void
compile_term(struct compiler *c, struct chain *chain, const struct cel_node *n)
{
	uint32_t mark = c->next;
	bool sure = compile_is_sure_bool(c, n);

	if (chain->is_sure) { // the first one is among them
		compile_into(c, n, chain->to);
	} else {
		int16_t other = compile_operand(c, n);

		compile_emit(c,
		    (struct instruction){.run = chain->is_and ? op_and : op_or,
			.to = (uint16_t)chain->to,
			.a = chain->to,
			.b = other,
			.text = n->text});
		compile_release(c, mark);
	}
	if (chain->count > 0 && chain->is_sure && !sure) {
		compile_emit(c,
		    (struct instruction){
			.run = op_need_bool, .to = (uint16_t)chain->to, .a = chain->to, .text = n->text});
	}
	chain->is_sure = chain->is_sure && sure;
}

// The terms of a chain of one operator, whatever tree they stand in, in their order.
static void
compile_terms(struct compiler *c, struct chain *chain, const struct cel_node *n)
{
	if (compile_is_call(n, chain->name, 2)) {
		compile_terms(c, chain, n->call.args[0]);
		compile_terms(c, chain, n->call.args[1]);
		return;
	}
	if (chain->count > 0) {
		chain->jumps[chain->count - 1] = jump_on(c, !chain->is_and, chain->to);
	}
	compile_term(c, chain, n);
	chain->count++;
}

static uint32_t
count_terms(const struct cel_node *n, const char *name)
{
	return compile_is_call(n, name, 2) ? count_terms(n->call.args[0], name) + count_terms(n->call.args[1], name)
					   : 1;
}

static void
compile_logic(struct compiler *c, const struct cel_node *n, int16_t to)
{
	struct chain chain = {.name = n->call.name, .is_and = n->call.name[1] == '&', .to = to, .is_sure = true};

	chain.jumps = compile_alloc(c, count_terms(n, n->call.name) * sizeof(*chain.jumps));
	if (chain.jumps == NULL) {
		return;
	}
	compile_terms(c, &chain, n);
	for (uint32_t k = 0; k + 1 < chain.count; k++) {
		compile_land(c, chain.jumps[k]);
	}
}

static void
compile_conditional(struct compiler *c, const struct cel_node *n, int16_t to)
{
	uint32_t mark = c->next, choose, out;
	int16_t condition = compile_operand(c, n->call.args[0]);

	compile_release(c, mark);
	choose = compile_emit(c,
	    (struct instruction){.run = op_choose, .to = (uint16_t)to, .a = condition, .text = n->call.args[0]->text});
	compile_into(c, n->call.args[1], to);
	out = compile_emit(c, (struct instruction){.run = op_jump});
	compile_land(c, choose);
	compile_into(c, n->call.args[2], to);
	compile_land(c, out);
	if (c->err == EN_OK) {
		c->code[choose].number = c->count - choose;
	}
}

// ---- operators ------------------------------------------------------------------------------------------------------

struct operator
{
	const char *name;
	uint32_t args;
	cel_op *run;
};

static const struct operator operators[] = {{"!_", 1, op_not}, {"@not_strictly_false", 1, op_not_strictly_false},
    {"_==_", 2, op_equal}, {"_!=_", 2, op_not_equal}, {"_<_", 2, op_less}, {"_<=_", 2, op_less_equal},
    {"_>_", 2, op_greater}, {"_>=_", 2, op_greater_equal}, {"@in", 2, op_in}, {"_[_]", 2, op_index},
    {"_[?_]", 2, op_optional_index}, {"type", 1, op_type}};

// in [constants]: nothing but the comparison looks at the list, so it may be one that is shared.
static bool
is_constant_list(const struct cel_node *n)
{
	bool good = n->kind == CEL_LIST_OF;

	for (uint32_t k = 0; good && k < n->literal.count; k++) {
		good = n->literal.entries[k].value->kind == CEL_LITERAL && !n->literal.entries[k].optional;
	}
	return good;
}

static int16_t
compile_constant_list(struct compiler *c, const struct cel_literal *l)
{
	struct cel_value list = cel_null();
	bool good = cel_list_new(c->arena, l->count, &list);

	for (uint32_t k = 0; good && k < l->count; k++) {
		good = cel_list_append(c->arena, &list, compile_literal_value(&l->entries[k].value->constant));
	}
	if (!good) {
		compile_fail(c, EN_ENOMEM, NULL, "out of memory");
	}
	return compile_constant(c, list);
}

static bool
compile_operator(struct compiler *c, const struct cel_node *n, int16_t to)
{
	uint32_t mark = c->next;

	for (size_t k = 0; k < EN_COUNT_OF(operators); k++) {
		if (compile_is_call(n, operators[k].name, operators[k].args)) {
			struct instruction i = {.run = operators[k].run, .to = (uint16_t)to, .text = n->text};

			i.a = compile_operand(c, n->call.args[0]);
			i.b = operators[k].args < 2 ? 0
			    : i.run == op_in && is_constant_list(n->call.args[1])
			    ? compile_constant_list(c, &n->call.args[1]->literal)
			    : compile_operand(c, n->call.args[1]);
			compile_emit(c, i);
			compile_release(c, mark);
			return true;
		}
	}
	return false;
}

// target.or(other), target.orValue(other): the other one is looked at only when the target is none.
static bool
compile_alternative(struct compiler *c, const struct cel_node *n, int16_t to)
{
	bool unwraps = strcmp(n->call.name, "orValue") == 0;
	uint32_t skip;

	if (n->call.target == NULL || n->call.arg_count != 1 || (!unwraps && strcmp(n->call.name, "or") != 0)) {
		return false;
	}
	compile_into(c, n->call.target, to);
	skip = compile_emit(c,
	    (struct instruction){
		.run = op_unless_none, .to = (uint16_t)to, .a = to, .number = unwraps, .text = n->text});
	compile_into(c, n->call.args[0], to);
	if (!unwraps) {
		compile_emit(
		    c, (struct instruction){.run = op_need_optional, .to = (uint16_t)to, .a = to, .text = n->text});
	}
	compile_land(c, skip);
	return true;
}

// ---- what constants allow to prepare --------------------------------------------------------------------------------

static const struct cel_node *
constant_text(const struct cel_node *n)
{
	return n->kind == CEL_LITERAL && n->constant.kind == CEL_STRING ? n : NULL;
}

// text.matches("pattern") or matches(text, "pattern")
static bool
compile_match(struct compiler *c, const struct cel_node *n, int16_t to)
{
	bool is_member = n->call.target != NULL;
	const struct cel_node *pattern;
	struct instruction i = {.run = op_match, .to = (uint16_t)to, .text = n->text};
	uint32_t mark = c->next;
	const char *problem = NULL;
	size_t at;

	if (strcmp(n->call.name, "matches") != 0 || n->call.arg_count != (is_member ? 1U : 2U)) {
		return false;
	}
	pattern = constant_text(n->call.args[is_member ? 0 : 1]);
	if (pattern == NULL) {
		return false;
	}
	enum en_err err = regex_compile(pattern->constant.text, c->arena, &i.regex, &at, &problem);

	if (err != EN_OK) {
		compile_fail(c, err, pattern, problem);
		return true;
	}
	i.a = compile_operand(c, is_member ? n->call.target : n->call.args[0]);
	compile_emit(c, i);
	compile_release(c, mark);
	return true;
}

static bool
has_zone(const struct cel_program *p, const char *name)
{
	for (uint32_t k = 0; k < p->zone_count; k++) {
		if (strcmp(p->zones[k].name, name) == 0) {
			return true;
		}
	}
	return false;
}

// The zone that a getter of timestamps names, read now.
static void
prepare_zone(struct compiler *c, const struct cel_node *n)
{
	const struct cel_node *text =
	    n->call.target != NULL && n->call.arg_count == 1 ? constant_text(n->call.args[0]) : NULL;
	struct cel_program *p = c->program;
	const char *folder = c->options->zones != NULL ? c->options->zones : ZONE_FOLDER;
	struct named_zone *zones;
	char *name;
	int32_t offset;
	enum en_err err;

	if (text == NULL || strncmp(n->call.name, "get", 3) != 0 || offset_from_text(text->constant.text, &offset)) {
		return;
	}
	name = arena_text(c->arena, text->constant.text);
	if (name == NULL) {
		compile_fail(c, EN_ENOMEM, NULL, "out of memory");
		return;
	}
	if (has_zone(p, name)) {
		return;
	}
	zones = compile_larger(c, p->zones, p->zone_count, &c->zone_cap, sizeof(*zones));
	if (zones == NULL) {
		return;
	}
	p->zones = zones;
	zones[p->zone_count].name = name;
	err = zone_load(folder, name, &zones[p->zone_count].zone);
	if (err != EN_OK) {
		compile_fail(c, err == EN_ENOMEM ? err : EN_EFORMAT, text, "there is no such time zone");
		return;
	}
	p->zone_count++;
}

// ---- functions ------------------------------------------------------------------------------------------------------

// The kind that the words of a signature stand for, up to its comma or arrow; *at is moved behind it.
static enum cel_type_kind
take_kind(const char **at)
{
	enum cel_type_kind kind = cel_kind_of_word(view_of(*at, strcspn(*at, "<,-")));
	int depth = 0;

	for (; **at != '\0' && (depth > 0 || (**at != ',' && **at != '-')); (*at)++) {
		depth += (**at == '<') - (**at == '>');
	}
	*at += **at == ',';
	return kind == CEL_PARAM || kind == CEL_ABSTRACT ? CEL_DYN : kind;
}

// False when the row takes another count of arguments.
static bool
read_candidate(const struct cel_function_row *row, uint32_t args, struct candidate *ret)
{
	const char *at = row->signature;
	uint32_t count = 0;

	*ret = (struct candidate){.call = row->call, .cost = row->cost};
	while (*at != '-' && count < CEL_ARGS_MAX) {
		ret->kinds[count++] = (uint8_t)take_kind(&at);
	}
	return count == args && row->call != NULL;
}

static bool
is_possible(const struct cel_node *n, uint32_t row)
{
	for (uint32_t k = 0; k < n->call.overload_count; k++) {
		if (n->call.overloads[k] == row) {
			return true;
		}
	}
	return false;
}

// All rows of the name; those that the checker left over first.
static const struct call *
prepare_call(struct compiler *c, const struct cel_node *n, uint32_t args)
{
	struct call *call = compile_alloc(c, sizeof(*call));
	struct candidate all[CEL_OVERLOAD_COUNT], *kept;
	uint32_t count = 0;

	for (int likely = 1; likely >= 0; likely--) {
		for (uint32_t row = 0; row < CEL_OVERLOAD_COUNT; row++) {
			const struct cel_function_row *r = &cel_functions[row];

			if (strcmp(r->name, n->call.name) == 0 && r->is_member == (n->call.target != NULL) &&
			    is_possible(n, row) == (likely == 1) && read_candidate(r, args, &all[count])) {
				count++;
			}
		}
	}
	kept = compile_alloc(c, count * sizeof(*kept));
	if (call == NULL || kept == NULL) {
		return NULL;
	}
	memcpy(kept, all, count * sizeof(*kept));
	*call = (struct call){.arg_count = args, .count = count, .candidates = kept};
	return call;
}

static void
compile_function(struct compiler *c, const struct cel_node *n, int16_t to)
{
	uint32_t mark = c->next, has_target = n->call.target != NULL, args = n->call.arg_count + has_target;
	struct instruction i = {.run = op_call, .to = (uint16_t)to, .text = n->text};

	prepare_zone(c, n);
	i.call = prepare_call(c, n, args);
	i.a = compile_take(c, args);
	if (c->err != EN_OK) {
		return;
	}
	for (uint32_t k = 0; k < args; k++) {
		const struct cel_node *arg = k == 0 && has_target ? n->call.target : n->call.args[k - has_target];

		compile_into(c, arg, (int16_t)(i.a + (int16_t)k));
	}
	compile_emit(c, i);
	compile_release(c, mark);
}

// Where enums are types of their own: Enum(1), Enum('NAME').
static bool
compile_enum(struct compiler *c, const struct cel_node *n, int16_t to)
{
	uint32_t mark = c->next;

	if (n->call.enumeration == NULL || n->call.arg_count != 1) {
		return false;
	}
	int16_t arg = compile_operand(c, n->call.args[0]);

	compile_emit(c,
	    (struct instruction){
		.run = op_enum, .to = (uint16_t)to, .a = arg, .text = n->text, .enumeration = n->call.enumeration});
	compile_release(c, mark);
	return true;
}

void
compile_call(struct compiler *c, const struct cel_node *n, int16_t to)
{
	if (compile_is_call(n, "_&&_", 2) || compile_is_call(n, "_||_", 2)) {
		compile_logic(c, n, to);
	} else if (compile_is_call(n, "_?_:_", 3)) {
		compile_conditional(c, n, to);
	} else if (compile_is_call(n, "dyn", 1)) {
		compile_into(c, n->call.args[0], to);
	} else if (!compile_operator(c, n, to) && !compile_match(c, n, to) && !compile_alternative(c, n, to) &&
	    !compile_enum(c, n, to)) {
		compile_function(c, n, to);
	}
}

// SPDX-License-Identifier: Apache-2.0
// Calls: which rows of the table fit the types of the arguments, and what they give. Where an argument's type is open, several may; the result is
// then what they agree on, or dyn.
#include "expr/check_int.h"

// "(int, string)" or "string.(int)".
static const char *
describe_arguments(struct cel_checker *c, const struct cel_node *n)
{
	const struct cel_call *call = &n->call;
	const char *text =
	    call->target == NULL ? "(" : arena_printf(c->arena, "%s.(", cel_type_text(c, call->target->type));

	for (uint32_t i = 0; i < call->arg_count && text != NULL; i++) {
		text =
		    arena_printf(c->arena, "%s%s%s", text, i == 0 ? "" : ", ", cel_type_text(c, call->args[i]->type));
	}
	text = text == NULL ? NULL : arena_printf(c->arena, "%s)", text);
	return text == NULL ? "" : text;
}

// The nearest function's name, among those of the same style.
static const char *
nearest_function(const struct cel_call *call)
{
	const char *names[CEL_OVERLOAD_COUNT];
	size_t count = 0;

	for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
		const struct cel_function_row *row = &cel_functions[i];
		char first = row->name[0];

		if (row->is_member == (call->target != NULL) && first != '_' && first != '@' && first != '!' &&
		    first != '-') {
			names[count++] = row->name;
		}
	}
	return nearest_name(call->name, names, count);
}

// What is said of an operator by the sign that stands in the text, of a function by its name.
static const char *
shown_name(struct cel_checker *c, const char *name)
{
	char sign[8];
	size_t len = 0;

	if (strcmp(name, "@in") == 0) {
		return "in";
	}
	if (strchr("_!-", name[0]) == NULL) {
		return name;
	}
	for (const char *p = name; *p != '\0' && len + 1 < sizeof(sign); p++) {
		if (*p != '_') {
			sign[len++] = *p;
		}
	}
	sign[len] = '\0';
	const char *text = arena_text(c->arena, view_text(sign));

	return text == NULL ? name : text;
}

static bool
no_overload(struct cel_checker *c, const struct cel_node *n, bool known)
{
	const struct cel_call *call = &n->call;

	if (!known) {
		const char *nearest = nearest_function(call);

		return call->target == NULL ? cel_check_fail(c, E0903, n->text, nearest, "no function '%s'", call->name)
					    : cel_check_fail(c, E0903, n->text, nearest,
						  "no function '%s' that is called on a value", call->name);
	}
	return cel_check_fail(
	    c, E0905, n->text, NULL, "'%s' does not take %s", shown_name(c, call->name), describe_arguments(c, n));
}

// The type of a call that more than one row may answer.
static const struct cel_type *
agreed(struct cel_checker *c, const struct cel_type *before, const struct cel_type *result)
{
	result = cel_substitute(c, result, false);
	if (before == NULL || cel_type_equal(before, result)) {
		return result;
	}
	return cel_type_of_kind(CEL_DYN);
}

// Functions that the environment declares. False when memory ran out.
static bool
try_declarations(struct cel_checker *c, const struct cel_node *n, const struct cel_type *const *args, uint32_t count,
    const struct cel_type **type, bool *known)
{
	const struct cel_type **wanted = arena_alloc(c->arena, (count + 1) * sizeof(*wanted));

	if (wanted == NULL) {
		return cel_check_memory(c);
	}
	for (uint32_t i = 0; i < c->env->declaration_count; i++) {
		const struct cel_declaration *d = &c->env->declarations[i];
		const struct cel_type *params[CEL_PARAMS_MAX] = {NULL};

		if (d->is_member != (n->call.target != NULL) || strcmp(d->name, n->call.name) != 0) {
			continue;
		}
		*known = true;
		for (uint32_t k = 0; k < count && d->arg_count == count; k++) {
			wanted[k] = cel_instantiate(c, d->args[k], params);
		}
		if (d->arg_count == count && cel_assignable_all(c, args, wanted, count)) {
			*type = agreed(c, *type, cel_instantiate(c, d->result, params));
		}
	}
	return !c->failed;
}

static bool
try_rows(struct cel_checker *c, struct cel_node *n, const struct cel_type *const *args, uint32_t count)
{
	struct cel_call *call = &n->call;
	uint16_t fitting[CEL_OVERLOAD_COUNT];
	const struct cel_type **wanted = arena_alloc(c->arena, (count + 1) * sizeof(*wanted));
	const struct cel_type *type = NULL, *result;
	bool known = false;

	if (wanted == NULL) {
		return cel_check_memory(c);
	}
	for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
		const struct cel_function_row *row = &cel_functions[i];

		if (row->is_member != (call->target != NULL) || strcmp(row->name, call->name) != 0) {
			continue;
		}
		known = true;
		if (cel_signature(c, row->signature, count, wanted, &result) &&
		    cel_assignable_all(c, args, wanted, count)) {
			fitting[call->overload_count++] = (uint16_t)i;
			type = agreed(c, type, result);
		}
	}
	if (!try_declarations(c, n, args, count, &type, &known)) {
		return false;
	}
	if (type == NULL) {
		return c->failed ? false : no_overload(c, n, known);
	}
	struct view kept = arena_copy(c->arena, view_of(fitting, call->overload_count * sizeof(fitting[0])));

	if (kept.data == NULL && call->overload_count > 0) {
		return cel_check_memory(c);
	}
	call->overloads = (const uint16_t *)(const void *)kept.data;
	n->type = type;
	return true;
}

// Where enums are types of their own: Enum(1), Enum('NAME').
static bool
check_conversion(struct cel_checker *c, struct cel_node *n)
{
	const struct cel_type *t = n->call.arg_count == 1 ? cel_resolved(c, n->call.args[0]->type) : NULL;

	if (t == NULL || (t->kind != CEL_INT && t->kind != CEL_STRING && t->kind != CEL_DYN)) {
		return cel_check_fail(c, E0905, n->text, NULL, "'%s' is made of one int or string", n->call.name);
	}
	n->type = cel_type_of_kind(CEL_DYN);
	return true;
}

bool
cel_check_call(struct cel_checker *c, struct cel_node *n)
{
	struct cel_call *call = &n->call;
	const struct cel_type **args = arena_alloc(c->arena, (call->arg_count + 1) * sizeof(*args));
	uint32_t count = 0;

	if (args == NULL) {
		return cel_check_memory(c);
	}
	if (call->target != NULL) {
		if (!cel_check_node(c, call->target)) {
			return false;
		}
		args[count++] = call->target->type;
	}
	for (uint32_t i = 0; i < call->arg_count; i++) {
		if (!cel_check_node(c, call->args[i])) {
			return false;
		}
		args[count++] = call->args[i]->type;
	}
	return call->enumeration != NULL ? check_conversion(c, n) : try_rows(c, n, args, count);
}

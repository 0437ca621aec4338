// SPDX-License-Identifier: Apache-2.0
// The macros that are no loops: presence, names for values, optional values, extensions of protobuf, greatest and least.
#include "expr/parse_int.h"

struct cel_node *
cel_macro_has(struct cel_parser *p, struct cel_node *call)
{
	struct cel_node *arg = call->call.args[0];

	if (arg->kind != CEL_SELECT || arg->select.optional || arg->select.test_only) {
		(void)cel_fail(p, E0901, arg->text, "has() asks for a field: has(a.b)");
		return NULL;
	}
	arg->select.test_only = true;
	return arg;
}

// A loop that never turns: its accumulator is a name for value in result.
static struct cel_node *
make_bind(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *value, struct cel_node *result)
{
	struct cel_node *n = cel_make(p, CEL_COMPREHENSION, text);

	if (n == NULL || name == NULL || value == NULL || result == NULL) {
		return NULL;
	}
	struct cel_comprehension *c = &n->comprehension;

	c->iter_var = "#unused";
	c->accu_var = name;
	c->range = cel_make_list(p, text, NULL, 0);
	c->accu_init = value;
	c->condition = cel_make_bool(p, text, false);
	c->step = cel_make_ident(p, text, name);
	c->result = result;
	return cel_made(p, n);
}

static const char *
plain_name(struct cel_parser *p, const struct cel_node *n)
{
	if (n->kind == CEL_IDENT && !n->ident.absolute) {
		return n->ident.name;
	}
	(void)cel_fail(p, E0901, n->text, "a plain name is expected here");
	return NULL;
}

struct cel_node *
cel_macro_bind(struct cel_parser *p, struct cel_node *call)
{
	struct cel_node **args = call->call.args;

	return make_bind(p, call->text, plain_name(p, args[0]), args[1], args[2]);
}

static const char *
numbered_name(struct cel_parser *p, const char *prefix, struct cel_node *const *numbers, uint32_t count)
{
	const char *name = prefix;

	for (uint32_t i = 0; i < count; i++) {
		const struct cel_node *n = numbers[i];

		if (n->kind != CEL_LITERAL || n->constant.kind != CEL_INT || n->constant.integer < 0) {
			(void)cel_fail(p, E0901, n->text, "a number is expected here");
			return NULL;
		}
		name = arena_printf(p->arena, "%s%s%lld", name, i == 0 ? "" : ":", (long long)n->constant.integer);
		if (name == NULL) {
			(void)cel_fail_memory(p);
			return NULL;
		}
	}
	return name;
}

// cel.block([a, b], r): a is @index0 in b and r, b is @index1 in r.
struct cel_node *
cel_macro_block(struct cel_parser *p, struct cel_node *call)
{
	const struct cel_node *list = call->call.args[0];
	struct cel_node *n = call->call.args[1];

	if (list->kind != CEL_LIST_OF) {
		(void)cel_fail(p, E0901, list->text, "cel.block() begins with a list");
		return NULL;
	}
	for (uint32_t i = list->literal.count; i-- > 0 && n != NULL;) {
		const char *name = arena_printf(p->arena, "@index%u", i);

		if (name == NULL) {
			(void)cel_fail_memory(p);
			return NULL;
		}
		n = make_bind(p, list->literal.entries[i].text, name, list->literal.entries[i].value, n);
	}
	return n;
}

static struct cel_node *
make_numbered(struct cel_parser *p, struct cel_node *call, const char *prefix)
{
	const char *name = numbered_name(p, prefix, call->call.args, call->call.arg_count);

	return name == NULL ? NULL : cel_make_ident(p, call->text, name);
}

struct cel_node *
cel_macro_index(struct cel_parser *p, struct cel_node *call)
{
	return make_numbered(p, call, "@index");
}

struct cel_node *
cel_macro_iter_var(struct cel_parser *p, struct cel_node *call)
{
	return make_numbered(p, call, "@it:");
}

struct cel_node *
cel_macro_accu_var(struct cel_parser *p, struct cel_node *call)
{
	return make_numbered(p, call, "@ac:");
}

// target.hasValue() ? then : optional.none(), where name stands for target.value() in then.
static struct cel_node *
make_optional_map(struct cel_parser *p, struct cel_node *call, bool wrap)
{
	struct cel_node *target = call->call.target;
	struct cel_node *value = cel_make_call(p, call->text, "value", cel_make_copy(p, target), NULL, 0);
	struct cel_node *then = make_bind(p, call->text, plain_name(p, call->call.args[0]), value, call->call.args[1]);

	if (then != NULL && wrap) {
		then = cel_make_call1(p, call->text, "optional.of", then);
	}
	struct cel_node *const args[] = {cel_make_call(p, call->text, "hasValue", target, NULL, 0), then,
	    cel_make_call(p, call->text, "optional.none", NULL, NULL, 0)};

	return cel_make_call3(p, call->text, "_?_:_", args);
}

struct cel_node *
cel_macro_opt_map(struct cel_parser *p, struct cel_node *call)
{
	return make_optional_map(p, call, true);
}

struct cel_node *
cel_macro_opt_flat_map(struct cel_parser *p, struct cel_node *call)
{
	return make_optional_map(p, call, false);
}

static struct cel_node *
make_extension(struct cel_parser *p, struct cel_node *call, bool test_only)
{
	bool absolute = false;
	const char *field = cel_dotted_name(p, call->call.args[1], &absolute);
	struct cel_node *n;

	if (field == NULL) {
		(void)cel_fail(p, E0901, call->call.args[1]->text, "the full name of an extension is expected here");
		return NULL;
	}
	n = cel_make(p, CEL_SELECT, call->text);
	if (n == NULL) {
		return NULL;
	}
	n->select.operand = call->call.args[0];
	n->select.field = field;
	n->select.test_only = test_only;
	return cel_made(p, n);
}

struct cel_node *
cel_macro_has_ext(struct cel_parser *p, struct cel_node *call)
{
	return make_extension(p, call, true);
}

struct cel_node *
cel_macro_get_ext(struct cel_parser *p, struct cel_node *call)
{
	return make_extension(p, call, false);
}

// Of one or two numbers directly, of more as a list.
static struct cel_node *
make_extreme(struct cel_parser *p, struct cel_node *call, const char *name)
{
	struct cel_node **args = call->call.args;
	uint32_t count = call->call.arg_count;

	if (count > 2) {
		return cel_make_call1(p, call->text, name, cel_make_list(p, call->text, args, count));
	}
	return cel_make_call(p, call->text, name, NULL, args, count);
}

struct cel_node *
cel_macro_greatest(struct cel_parser *p, struct cel_node *call)
{
	return make_extreme(p, call, "math.@max");
}

struct cel_node *
cel_macro_least(struct cel_parser *p, struct cel_node *call)
{
	return make_extreme(p, call, "math.@min");
}

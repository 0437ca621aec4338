// SPDX-License-Identifier: Apache-2.0
// The macros that are loops: over the items of a list or the keys of a map with one variable, over index and item or key and value with two.
// What they become is the specification's, so that trees can be compared with those of other implementations.
#include "expr/parse_int.h"

static const char ACCU[] = "@result";

// The parts of a loop while they are put together. variables: 1 or 2, the first arguments of the call.
struct loop {
	struct cel_node *call;
	uint32_t variables;
	struct cel_node *init, *condition, *step, *result;
};

static bool
check_variable(struct cel_parser *p, const struct cel_node *n, const char **ret)
{
	if (n->kind != CEL_IDENT || n->ident.absolute) {
		return cel_fail(p, E0901, n->text, "a loop needs a plain name for its variable");
	}
	*ret = n->ident.name;
	if (strcmp(*ret, ACCU) == 0 || strcmp(*ret, "__result__") == 0) {
		return cel_fail(p, E0901, n->text, "this name is the loop's own: call the variable otherwise");
	}
	return true;
}

// NULL parts mean that making them failed before.
static struct cel_node *
make_loop(struct cel_parser *p, const struct loop *l)
{
	const struct cel_call *call = &l->call->call;
	struct cel_node *n;
	struct cel_comprehension *c;

	if (l->init == NULL || l->condition == NULL || l->step == NULL || l->result == NULL) {
		return NULL;
	}
	n = cel_make(p, CEL_COMPREHENSION, l->call->text);
	if (n == NULL) {
		return NULL;
	}
	c = &n->comprehension;
	c->range = call->target;
	c->accu_var = ACCU;
	c->accu_init = l->init;
	c->condition = l->condition;
	c->step = l->step;
	c->result = l->result;
	if (!check_variable(p, call->args[0], &c->iter_var) ||
	    (l->variables == 2 && !check_variable(p, call->args[1], &c->iter_var2))) {
		return NULL;
	}
	if (l->variables == 2 && strcmp(c->iter_var, c->iter_var2) == 0) {
		(void)cel_fail(p, E0901, call->args[1]->text, "the two variables need two names");
		return NULL;
	}
	return cel_made(p, n);
}

static struct cel_node *
accu(struct cel_parser *p, const struct cel_node *call)
{
	return cel_make_ident(p, call->text, ACCU);
}

// predicate ? step : @result, or the step alone without a predicate.
static struct cel_node *
guarded(struct cel_parser *p, const struct cel_node *call, struct cel_node *predicate, struct cel_node *step)
{
	struct cel_node *const args[] = {predicate, step, accu(p, call)};

	return predicate == NULL ? step : cel_make_call3(p, call->text, "_?_:_", args);
}

struct cel_node *
cel_macro_all(struct cel_parser *p, struct cel_node *call)
{
	struct loop l = {.call = call, .variables = call->call.arg_count - 1};

	l.init = cel_make_bool(p, call->text, true);
	l.condition = cel_make_call1(p, call->text, "@not_strictly_false", accu(p, call));
	l.step = cel_make_call2(p, call->text, "_&&_", accu(p, call), call->call.args[l.variables]);
	l.result = accu(p, call);
	return make_loop(p, &l);
}

struct cel_node *
cel_macro_exists(struct cel_parser *p, struct cel_node *call)
{
	struct loop l = {.call = call, .variables = call->call.arg_count - 1};

	l.init = cel_make_bool(p, call->text, false);
	l.condition =
	    cel_make_call1(p, call->text, "@not_strictly_false", cel_make_call1(p, call->text, "!_", accu(p, call)));
	l.step = cel_make_call2(p, call->text, "_||_", accu(p, call), call->call.args[l.variables]);
	l.result = accu(p, call);
	return make_loop(p, &l);
}

struct cel_node *
cel_macro_exists_one(struct cel_parser *p, struct cel_node *call)
{
	struct loop l = {.call = call, .variables = call->call.arg_count - 1};
	struct cel_node *one_more = cel_make_call2(p, call->text, "_+_", accu(p, call), cel_make_int(p, call->text, 1));

	l.init = cel_make_int(p, call->text, 0);
	l.condition = cel_make_bool(p, call->text, true);
	l.step = guarded(p, call, call->call.args[l.variables], one_more);
	l.result = cel_make_call2(p, call->text, "_==_", accu(p, call), cel_make_int(p, call->text, 1));
	return make_loop(p, &l);
}

// A list that grows by item wherever predicate holds; predicate may be NULL.
static struct cel_node *
make_list_loop(
    struct cel_parser *p, struct cel_node *call, uint32_t variables, struct cel_node *predicate, struct cel_node *item)
{
	struct loop l = {.call = call, .variables = variables};
	struct cel_node *more = cel_make_list(p, call->text, &item, 1);

	l.init = cel_make_list(p, call->text, NULL, 0);
	l.condition = cel_make_bool(p, call->text, true);
	l.step = guarded(p, call, predicate, cel_make_call2(p, call->text, "_+_", accu(p, call), more));
	l.result = accu(p, call);
	return make_loop(p, &l);
}

struct cel_node *
cel_macro_map(struct cel_parser *p, struct cel_node *call)
{
	struct cel_node **args = call->call.args;

	return call->call.arg_count == 3 ? make_list_loop(p, call, 1, args[1], args[2])
					 : make_list_loop(p, call, 1, NULL, args[1]);
}

struct cel_node *
cel_macro_filter(struct cel_parser *p, struct cel_node *call)
{
	struct cel_node **args = call->call.args;

	return make_list_loop(p, call, 1, args[1], cel_make_copy(p, args[0]));
}

struct cel_node *
cel_macro_transform_list(struct cel_parser *p, struct cel_node *call)
{
	struct cel_node **args = call->call.args;

	return call->call.arg_count == 4 ? make_list_loop(p, call, 2, args[2], args[3])
					 : make_list_loop(p, call, 2, NULL, args[2]);
}

static struct cel_node *
make_map_loop(struct cel_parser *p, struct cel_node *call, struct cel_node *step)
{
	struct loop l = {.call = call, .variables = 2};

	l.init = cel_make(p, CEL_MAP_OF, call->text);
	l.condition = cel_make_bool(p, call->text, true);
	l.step = guarded(p, call, call->call.arg_count == 4 ? call->call.args[2] : NULL, step);
	l.result = accu(p, call);
	return step == NULL ? NULL : make_loop(p, &l);
}

struct cel_node *
cel_macro_transform_map(struct cel_parser *p, struct cel_node *call)
{
	struct cel_node **args = call->call.args;
	struct cel_node *const insert[] = {accu(p, call), cel_make_copy(p, args[0]), args[call->call.arg_count - 1]};

	return make_map_loop(p, call, cel_make_call3(p, call->text, "cel.@mapInsert", insert));
}

struct cel_node *
cel_macro_transform_map_entry(struct cel_parser *p, struct cel_node *call)
{
	struct cel_node *entry = call->call.args[call->call.arg_count - 1];

	return make_map_loop(p, call, cel_make_call2(p, call->text, "cel.@mapInsert", accu(p, call), entry));
}

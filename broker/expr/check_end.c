// SPDX-License-Identifier: Apache-2.0
// The end of a check: parameters are replaced by what they turned out to be, the whole must give what is wanted, and the cost is estimated.
#include "expr/check_int.h"

// Items that a loop is taken to turn over where the expression does not show their number.
#define ASSUMED_ITEMS 32

static uint64_t
plus(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t
times(uint64_t a, uint64_t b)
{
	return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

uint64_t
cel_cost(const struct cel_node *n)
{
	uint64_t cost = 1;

	switch (n->kind) {
	case CEL_SELECT:
		return plus(cost, cel_cost(n->select.operand));
	case CEL_CALL:
		cost = n->call.target == NULL ? cost : plus(cost, cel_cost(n->call.target));
		cost = n->call.overload_count == 0 ? cost : plus(cost, cel_functions[n->call.overloads[0]].cost);
		for (uint32_t i = 0; i < n->call.arg_count; i++) {
			cost = plus(cost, cel_cost(n->call.args[i]));
		}
		return cost;
	case CEL_LIST_OF:
	case CEL_MAP_OF:
	case CEL_MESSAGE_OF:
		for (uint32_t i = 0; i < n->literal.count; i++) {
			const struct cel_entry *e = &n->literal.entries[i];

			cost = plus(cost, plus(cel_cost(e->value), e->key == NULL ? 0 : cel_cost(e->key)));
		}
		return cost;
	case CEL_COMPREHENSION: {
		const struct cel_comprehension *l = &n->comprehension;
		bool shown = l->range->kind == CEL_LIST_OF || l->range->kind == CEL_MAP_OF;
		uint64_t turns = shown ? l->range->literal.count : ASSUMED_ITEMS;

		cost = plus(cel_cost(l->range), plus(cel_cost(l->accu_init), cel_cost(l->result)));
		return plus(cost, times(turns, plus(cel_cost(l->condition), cel_cost(l->step))));
	}
	default:
		return cost;
	}
}

static void
finish(struct cel_checker *c, struct cel_node *n)
{
	n->type = cel_substitute(c, n->type, true);
	switch (n->kind) {
	case CEL_SELECT:
		finish(c, n->select.operand);
		break;
	case CEL_CALL:
		if (n->call.target != NULL) {
			finish(c, n->call.target);
		}
		for (uint32_t i = 0; i < n->call.arg_count; i++) {
			finish(c, n->call.args[i]);
		}
		break;
	case CEL_LIST_OF:
	case CEL_MAP_OF:
	case CEL_MESSAGE_OF:
		for (uint32_t i = 0; i < n->literal.count; i++) {
			if (n->literal.entries[i].key != NULL) {
				finish(c, n->literal.entries[i].key);
			}
			finish(c, n->literal.entries[i].value);
		}
		break;
	case CEL_COMPREHENSION:
		finish(c, n->comprehension.range);
		finish(c, n->comprehension.accu_init);
		finish(c, n->comprehension.condition);
		finish(c, n->comprehension.step);
		finish(c, n->comprehension.result);
		break;
	default:
		break;
	}
}

static bool
check_whole(struct cel_checker *c, const struct cel_type *wanted)
{
	struct cel_node *root = c->ast->root;

	if (!cel_check_node(c, root)) {
		return false;
	}
	if (wanted != NULL && !cel_assignable(c, root->type, wanted)) {
		return cel_check_fail(c, E0906, root->text, NULL, "it gives %s, not %s", cel_type_text(c, root->type),
		    cel_type_text(c, wanted));
	}
	if (cel_cost(root) > c->env->limits.cost) {
		return cel_check_fail(c, E0902, root->text, NULL, "it may take more than %llu steps",
		    (unsigned long long)c->env->limits.cost);
	}
	finish(c, root);
	return !c->failed;
}

enum en_err
cel_check(struct cel_ast *ast, const struct cel_env *env, const struct cel_type *wanted, struct cel_fault *reterr_fault)
{
	struct cel_checker c = {.ast = ast, .env = env, .arena = ast->arena, .fault = reterr_fault};

	c.locals = arena_zalloc(c.arena, (ast->local_count + 1U) * sizeof(const struct cel_type *));
	if (c.locals == NULL) {
		*reterr_fault = (struct cel_fault){.err = EN_ENOMEM, .code = E0902};
		return EN_ENOMEM;
	}
	if (!check_whole(&c, wanted)) {
		return reterr_fault->err;
	}
	ast->checked = true;
	return EN_OK;
}

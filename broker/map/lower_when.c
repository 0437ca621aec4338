// SPDX-License-Identifier: Apache-2.0
// Conditions that have a fast form: the tree of the program, when it is nothing but fields compared with constants, all of which must be equal to one
// of theirs. It does not matter who wrote it, a person or terms.c.
#include "expr/ast.h"
#include "expr/message.h"
#include "map/expression.h"
#include "map/lower.h"
#include "map/number.h"
#include "schema/scalar.h"

#define TESTS_MAX 16

struct tests {
	struct lowering *l;
	const struct expression *e;
	const struct cel_node *all[TESTS_MAX]; // what stands between the &&
	uint32_t count;
};

static bool
is_call(const struct cel_node *n, const char *name)
{
	return n->kind == CEL_CALL && n->call.target == NULL && n->call.arg_count == 2 &&
	    strcmp(n->call.name, name) == 0;
}

static bool
gather(struct tests *t, const struct cel_node *n)
{
	if (is_call(n, "_&&_")) {
		return gather(t, n->call.args[0]) && gather(t, n->call.args[1]);
	}
	if (t->count == TESTS_MAX) {
		return false;
	}
	t->all[t->count++] = n;
	return true;
}

// ---- fields -------------------------------------------------------------------------------------------------------

// The way to a singular field of the message or of an item; false when n is something else. steps has room for LIMIT_EXPR_DEPTH.
static bool
field_of(const struct tests *t, const struct cel_node *n, const struct schema_field **steps, struct path *ret)
{
	const struct cel_node *at = n;
	uint32_t count = 0;

	for (; at->kind == CEL_SELECT && !at->select.optional && (at == n || !at->select.test_only);
	     at = at->select.operand) {
		const struct schema_field *f = at->select.resolved;

		if (f == NULL || f->repeated || (at != n && !schema_is_message(f))) {
			return false;
		}
		count++;
	}
	if (count == 0 || at->kind != CEL_IDENT || at->ident.ref != CEL_REF_VARIABLE) {
		return false;
	}
	const struct expression_variable *v = &t->e->variables[at->ident.index];

	*ret = (struct path){.steps = steps, .step_count = count, .frame = v->frame, .leaf = n->select.resolved};
	for (at = n; count > 0; at = at->select.operand) {
		steps[--count] = at->select.resolved;
	}
	return v->kind == EXPRESSION_DATA || v->kind == EXPRESSION_ITEM;
}

static bool
is_same_field(const struct cel_node *a, const struct cel_node *b)
{
	while (a->kind == CEL_SELECT && b->kind == CEL_SELECT) {
		if (a->select.resolved != b->select.resolved) {
			return false;
		}
		a = a->select.operand;
		b = b->select.operand;
	}
	return a->kind == CEL_IDENT && b->kind == CEL_IDENT && a->ident.ref == b->ident.ref &&
	    a->ident.index == b->ident.index;
}

static bool
is_has(const struct cel_node *n)
{
	return n->kind == CEL_SELECT && n->select.test_only;
}

// ---- constants ----------------------------------------------------------------------------------------------------

// The number of a constant; false for what is none.
static bool
number_of(const struct cel_node *n, uint64_t *ret)
{
	if (n->kind == CEL_IDENT && n->ident.ref == CEL_REF_ENUM) {
		*ret = (uint64_t)n->ident.number;
		return true;
	}
	if (n->kind != CEL_LITERAL) {
		return false;
	}
	switch (n->constant.kind) {
	case CEL_BOOL:
		*ret = n->constant.boolean;
		return true;
	case CEL_INT:
	case CEL_UINT:
		*ret = n->constant.unsigned_integer;
		return true;
	default:
		return false;
	}
}

// One more value that the term looks for. *ret_default: it is what the field reads as when it is absent.
static bool
add_value(struct fast_term *term, const struct schema_field *f, const struct cel_node *n, struct word_text *words,
    uint64_t *bits, bool *ret_default)
{
	uint64_t number;

	if (f->kind == KIND_STRING) {
		if (n->kind != CEL_LITERAL || n->constant.kind != CEL_STRING) {
			return false;
		}
		*ret_default = *ret_default || view_equal(n->constant.text, f->default_text);
		lower_word(words, &term->count, n->constant.text);
		return true;
	}
	if (!number_of(n, &number)) {
		return false;
	}
	*ret_default = *ret_default || number == message_default_scalar(f).unsigned_integer;
	bits[term->count++] = scalar_whole_bits(f->kind, number);
	return true;
}

// ---- tests --------------------------------------------------------------------------------------------------------

// Which side of the test is the field; *ret_values: what it is compared with, the items of a list or the other side.
static const struct cel_node *
sides_of(const struct cel_node *n, const struct cel_node **ret_list, const struct cel_node **ret_value)
{
	*ret_list = *ret_value = NULL;
	if (is_call(n, "@in") && n->call.args[1]->kind == CEL_LIST_OF) {
		*ret_list = n->call.args[1];
		return n->call.args[0];
	}
	if (is_call(n, "_==_")) {
		bool first = n->call.args[0]->kind == CEL_SELECT;

		*ret_value = n->call.args[first];
		return n->call.args[!first];
	}
	return NULL;
}

static bool
is_asked_for(const struct tests *t, const struct cel_node *field)
{
	for (uint32_t i = 0; i < t->count; i++) {
		if (is_has(t->all[i]) && is_same_field(t->all[i], field)) {
			return true;
		}
	}
	return false;
}

static bool
lower_test(const struct tests *t, const struct cel_node *n, struct fast_term *ret)
{
	const struct schema_field *steps[LIMIT_EXPR_DEPTH];
	const struct cel_node *list, *value, *field = sides_of(n, &list, &value);
	uint32_t count = list == NULL ? 1 : list->literal.count;
	struct path path;
	bool absent_too = false;

	if (field == NULL || is_has(field) || !field_of(t, field, steps, &path) ||
	    (path.leaf->kind != KIND_STRING && path.leaf->kind != KIND_BOOL && path.leaf->kind != KIND_ENUM &&
		!kind_is_integer(path.leaf->kind))) {
		return false;
	}
	struct word_text *words = lower_alloc(t->l, count, sizeof(*words));
	uint64_t *bits = lower_alloc(t->l, count, sizeof(*bits));

	if (words == NULL || bits == NULL || !lower_field(t->l, &path, &ret->field)) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		if ((list != NULL && list->literal.entries[i].optional) ||
		    !add_value(ret, path.leaf, list == NULL ? value : list->literal.entries[i].value, words, bits,
			&absent_too)) {
			return false;
		}
	}
	ret->words = path.leaf->kind == KIND_STRING ? words : NULL;
	ret->bits = bits;
	// A term is about a field that is there; without presence that cannot be told from 0.
	return !absent_too || (path.leaf->has_presence && is_asked_for(t, field));
}

// has() says nothing that a test of the same field does not say already.
static bool
is_told_by_another(const struct tests *t, const struct cel_node *has)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct cel_node *list, *value, *field = sides_of(t->all[i], &list, &value);

		if (field != NULL && is_same_field(field, has)) {
			return true;
		}
	}
	return false;
}

// In a choice an arm that cannot be decided for a code that is unheard of is passed over like one that does not match; these tests have no other error.
bool
lower_condition(struct lowering *l, const struct condition *c, struct fast_arm *arm)
{
	struct tests t = {.l = l, .e = c->expression};
	struct fast_term *terms = lower_alloc(l, TESTS_MAX, sizeof(*terms));

	if (terms == NULL || t.e == NULL || !gather(&t, t.e->ast->root)) {
		return false;
	}
	for (uint32_t i = 0; i < t.count; i++) {
		if (is_has(t.all[i]) ? !is_told_by_another(&t, t.all[i])
				     : !lower_test(&t, t.all[i], &terms[arm->term_count++])) {
			return false;
		}
	}
	arm->terms = terms;
	return true;
}

// SPDX-License-Identifier: Apache-2.0
// What fits where. Types are compared part by part; a type parameter takes the first type that it meets and then accepts what fits with that,
// growing to the wider of the two. dyn fits everywhere. null fits wherever a value may be missing: messages, moments, spans, wrappers,
// optional values.
#include "expr/check_int.h"

const struct cel_type *
cel_fresh(struct cel_checker *c)
{
	struct cel_type *t = arena_zalloc(c->arena, sizeof(*t));
	const struct cel_type **bound =
	    arena_larger(c->arena, c->bound, c->param_count, &c->param_cap, sizeof(const struct cel_type *));

	if (bound != NULL) {
		c->bound = bound; // with the room that it has now, whatever became of t
	}
	if (t == NULL || bound == NULL) {
		(void)cel_check_memory(c);
		return cel_type_of_kind(CEL_DYN);
	}
	c->bound[c->param_count] = NULL;
	t->kind = CEL_PARAM;
	t->param = c->param_count++;
	return t;
}

const struct cel_type *
cel_resolved(const struct cel_checker *c, const struct cel_type *t)
{
	while (t->kind == CEL_PARAM && c->bound[t->param] != NULL) {
		t = c->bound[t->param];
	}
	return t;
}

// The type with other parts.
static const struct cel_type *
with_parts(struct cel_checker *c, const struct cel_type *t, const struct cel_type *first, const struct cel_type *second)
{
	struct cel_type *made = arena_alloc(c->arena, sizeof(*made));

	if (made == NULL) {
		(void)cel_check_memory(c);
		return cel_type_of_kind(CEL_DYN);
	}
	*made = *t;
	made->params[0] = first;
	made->params[1] = second;
	return made;
}

const struct cel_type *
cel_instantiate(struct cel_checker *c, const struct cel_type *t, const struct cel_type **params)
{
	if (t->kind == CEL_PARAM) {
		const struct cel_type **param = &params[t->param % CEL_PARAMS_MAX];

		*param = *param == NULL ? cel_fresh(c) : *param;
		return *param;
	}
	return t->params[0] == NULL ? t
				    : with_parts(c, t, cel_instantiate(c, t->params[0], params),
					  t->params[1] == NULL ? NULL : cel_instantiate(c, t->params[1], params));
}

const struct cel_type *
cel_substitute(struct cel_checker *c, const struct cel_type *t, bool final)
{
	const struct cel_type *first, *second;

	t = cel_resolved(c, t);
	if (t->kind == CEL_PARAM) {
		return final ? cel_type_of_kind(CEL_DYN) : t;
	}
	if (t->params[0] == NULL) {
		return t;
	}
	first = cel_substitute(c, t->params[0], final);
	second = t->params[1] == NULL ? NULL : cel_substitute(c, t->params[1], final);
	if (first == t->params[0] && second == t->params[1]) {
		return t;
	}
	return with_parts(c, t, first, second);
}

static void
bind(struct cel_checker *c, uint32_t param, const struct cel_type *t)
{
	struct trail *trail = arena_larger(c->arena, c->trail, c->trail_len, &c->trail_cap, sizeof(*trail));

	if (trail == NULL) {
		(void)cel_check_memory(c);
		return;
	}
	c->trail = trail;
	c->trail[c->trail_len++] = (struct trail){param, c->bound[param]};
	c->bound[param] = t;
}

static void
let_go(struct cel_checker *c, uint32_t mark)
{
	while (c->trail_len > mark) {
		c->trail_len--;
		c->bound[c->trail[c->trail_len].param] = c->trail[c->trail_len].was;
	}
}

// Whether the parameter stands somewhere in the type: binding it would make a type that contains itself.
static bool
occurs(const struct cel_checker *c, uint32_t param, const struct cel_type *t)
{
	t = cel_resolved(c, t);
	if (t->kind == CEL_PARAM) {
		return t->param == param;
	}
	return (t->params[0] != NULL && occurs(c, param, t->params[0])) ||
	    (t->params[1] != NULL && occurs(c, param, t->params[1]));
}

static bool
may_be_null(const struct cel_type *t)
{
	switch (t->kind) {
	case CEL_NULL:
	case CEL_WRAPPER:
	case CEL_MESSAGE:
	case CEL_TIMESTAMP:
	case CEL_DURATION:
	case CEL_ABSTRACT:
	case CEL_OPTIONAL:
		return true;
	default:
		return false;
	}
}

// Whether a is the same as b, or wider: dyn, or a wrapper of it, in any part.
static bool
is_wider(const struct cel_checker *c, const struct cel_type *a, const struct cel_type *b)
{
	a = cel_resolved(c, a);
	b = cel_resolved(c, b);
	if (a == b || a->kind == CEL_DYN) {
		return true;
	}
	if (a->kind == CEL_PARAM || b->kind == CEL_PARAM) {
		return false;
	}
	if (b->kind == CEL_NULL) {
		return may_be_null(a);
	}
	if (a->kind == CEL_WRAPPER && b->kind != CEL_WRAPPER) {
		return a->params[0]->kind == b->kind;
	}
	if (a->kind != b->kind || a->kind == CEL_TYPE) {
		return a->kind == b->kind;
	}
	return (a->params[0] == NULL || is_wider(c, a->params[0], b->params[0])) &&
	    (a->params[1] == NULL || is_wider(c, a->params[1], b->params[1]));
}

static bool fits(struct cel_checker *c, const struct cel_type *from, const struct cel_type *to);

// A parameter and a type: bound when it is free; else what it is bound to must fit, and becomes the wider of both.
static bool
fits_param(struct cel_checker *c, const struct cel_type *param, const struct cel_type *t, bool param_is_to)
{
	const struct cel_type *now = c->bound[param->param];

	if (now == NULL) {
		t = cel_resolved(c, t);
		if (t->kind == CEL_PARAM && t->param == param->param) {
			return true;
		}
		if (occurs(c, param->param, t)) {
			return false;
		}
		bind(c, param->param, t);
		return true;
	}
	if (!(param_is_to ? fits(c, t, now) : fits(c, now, t))) {
		return false;
	}
	if (cel_resolved(c, now)->kind != CEL_PARAM && is_wider(c, t, now) && !is_wider(c, now, t) &&
	    !occurs(c, param->param, t)) {
		bind(c, param->param, t);
	}
	return true;
}

static bool
fits(struct cel_checker *c, const struct cel_type *from, const struct cel_type *to)
{
	if (from == to) {
		return true;
	}
	if (to->kind == CEL_PARAM) {
		return fits_param(c, to, from, true);
	}
	if (from->kind == CEL_PARAM) {
		return fits_param(c, from, to, false);
	}
	if (from->kind == CEL_DYN || to->kind == CEL_DYN) {
		return true;
	}
	if (from->kind == CEL_NULL || to->kind == CEL_NULL) {
		return may_be_null(from->kind == CEL_NULL ? to : from);
	}
	if (from->kind == CEL_WRAPPER || to->kind == CEL_WRAPPER) {
		return (from->kind == CEL_WRAPPER ? from->params[0]->kind : from->kind) ==
		    (to->kind == CEL_WRAPPER ? to->params[0]->kind : to->kind);
	}
	if (from->kind != to->kind || (from->kind == CEL_ABSTRACT && strcmp(from->name, to->name) != 0)) {
		return false;
	}
	switch (from->kind) {
	case CEL_MESSAGE:
		return from->message == to->message;
	case CEL_TYPE:
		return to->params[0] == NULL || from->params[0] == NULL || to->params[0]->kind != CEL_PARAM ||
		    fits(c, from->params[0], to->params[0]);
	default:
		return (to->params[0] == NULL || fits(c, from->params[0], to->params[0])) &&
		    (to->params[1] == NULL || fits(c, from->params[1], to->params[1]));
	}
}

bool
cel_assignable_all(
    struct cel_checker *c, const struct cel_type *const *from, const struct cel_type *const *to, uint32_t count)
{
	uint32_t mark = c->trail_len;

	for (uint32_t i = 0; i < count; i++) {
		if (!fits(c, from[i], to[i])) {
			let_go(c, mark);
			return false;
		}
	}
	return true;
}

bool
cel_assignable(struct cel_checker *c, const struct cel_type *from, const struct cel_type *to)
{
	return cel_assignable_all(c, &from, &to, 1);
}

const struct cel_type *
cel_wider(struct cel_checker *c, const struct cel_type *a, const struct cel_type *b)
{
	if (a == NULL) {
		return b;
	}
	if (!cel_assignable(c, a, b)) {
		return cel_type_of_kind(CEL_DYN);
	}
	return is_wider(c, a, b) ? a : b;
}

// SPDX-License-Identifier: Apache-2.0
// Names: what each identifier, each chain a.b.c, each message and each qualified function means. The longest prefix of a chain that names
// something wins; within it, the innermost scope. A local of a loop hides everything of its name.
#include "expr/env.h"

#include "expr/function.h"

struct scope {
	const char *name;
	uint32_t index;
	const struct scope *outer;
};

struct resolver {
	struct cel_ast *ast;
	const struct cel_env *env;
	bool out_of_memory;
};

static void resolve(struct resolver *r, struct cel_node *n, const struct scope *scope);

const struct schema_field *
cel_field(const struct schema_type *t, const char *name)
{
	const struct schema_field *f = schema_field_by_name(t, view_text(name));
	char extension[256];

	if (f == NULL && strchr(name, '.') != NULL && strlen(name) < sizeof(extension) - 2) {
		extension[0] = '[';
		memcpy(extension + 1, name, strlen(name));
		memcpy(extension + 1 + strlen(name), "]", 2);
		f = schema_field_by_name(t, view_text(extension));
	}
	return f;
}

static const struct scope *
local_of(const struct scope *scope, const char *name)
{
	while (scope != NULL && strcmp(scope->name, name) != 0) {
		scope = scope->outer;
	}
	return scope;
}

// container.name for ever shorter containers, then name itself: *at is what is left of the container, SIZE_MAX at the end.
static const char *
next_candidate(struct resolver *r, const char *name, bool absolute, size_t *at)
{
	const char *container = r->env->container;
	size_t len = *at;
	const char *candidate;

	if (absolute || len == 0) {
		*at = SIZE_MAX;
		return name;
	}
	candidate = arena_printf(r->ast->arena, "%.*s.%s", (int)len, container, name);
	if (candidate == NULL) {
		r->out_of_memory = true;
		*at = SIZE_MAX;
		return name;
	}
	while (len > 0 && container[len - 1] != '.') {
		len--;
	}
	*at = len == 0 ? 0 : len - 1;
	return candidate;
}

static size_t
first_candidate(const struct resolver *r)
{
	return strlen(r->env->container);
}

static const struct cel_type *
builtin_type(const char *name)
{
	static const enum cel_type_kind kinds[] = {CEL_NULL, CEL_BOOL, CEL_INT, CEL_UINT, CEL_DOUBLE, CEL_STRING,
	    CEL_BYTES, CEL_TIMESTAMP, CEL_DURATION, CEL_LIST, CEL_MAP, CEL_TYPE, CEL_OPTIONAL};

	for (size_t i = 0; i < EN_COUNT_OF(kinds); i++) {
		if (strcmp(name, cel_type_name(cel_type_of_kind(kinds[i]))) == 0) {
			return cel_type_of_kind(kinds[i]);
		}
	}
	return NULL;
}

// pkg.Enum.VALUE: into the identifier; false when it is none.
static bool
find_enum_value(const struct resolver *r, const char *name, struct cel_ident *ret)
{
	const char *dot = strrchr(name, '.');
	const struct schema_enum *e;
	const struct schema_enum_value *v;

	if (dot == NULL || r->env->schema == NULL) {
		return false;
	}
	e = schema_enum_by_full_name(r->env->schema, view_of(name, (size_t)(dot - name)));
	v = e == NULL ? NULL : schema_enum_by_name(e, view_text(dot + 1));
	if (v == NULL) {
		return false;
	}
	ret->ref = CEL_REF_ENUM;
	ret->enumeration = e;
	ret->number = v->number;
	return true;
}

static bool
find_variable(const struct resolver *r, const char *name, struct cel_ident *ret)
{
	for (uint32_t i = 0; i < r->env->variable_count; i++) {
		if (strcmp(name, r->env->variables[i].name) == 0) {
			ret->ref = CEL_REF_VARIABLE;
			ret->index = i;
			return true;
		}
	}
	return false;
}

static bool
find_type(struct resolver *r, const char *name, struct cel_ident *ret)
{
	const struct schema_type *message = r->env->schema == NULL ? NULL : schema_type_by_name(r->env->schema, name);

	ret->named = builtin_type(name);
	if (ret->named == NULL && message != NULL && !message->is_map_entry) {
		ret->named = cel_type_of_message(r->ast->arena, message);
		r->out_of_memory = r->out_of_memory || ret->named == NULL;
	}
	ret->ref = ret->named == NULL ? CEL_REF_NONE : CEL_REF_TYPE;
	return ret->named != NULL;
}

static const struct schema_field *
context_field(const struct resolver *r, const char *name)
{
	const struct cel_type *t;

	if (r->env->context == CEL_NO_CONTEXT) {
		return NULL;
	}
	t = r->env->variables[r->env->context].type;
	return t->kind == CEL_MESSAGE ? cel_field(t->message, name) : NULL;
}

// Turns the node into the identifier that the name means. The field of a context is left to resolve_name: it hides types.
static bool
resolve_qualified(struct resolver *r, struct cel_node *n, const char *name, bool absolute)
{
	bool is_field = !absolute && n->kind == CEL_IDENT && context_field(r, name) != NULL;

	for (size_t at = first_candidate(r); at != SIZE_MAX;) {
		const char *candidate = next_candidate(r, name, absolute, &at);
		struct cel_ident found = {.name = candidate};

		if (find_variable(r, candidate, &found) ||
		    (!is_field && (find_enum_value(r, candidate, &found) || find_type(r, candidate, &found)))) {
			n->kind = CEL_IDENT;
			n->ident = found;
			return true;
		}
	}
	return false;
}

// A field of the context as a selection on its variable.
static void
select_from_context(struct resolver *r, struct cel_node *n)
{
	struct cel_node *operand = arena_zalloc(r->ast->arena, sizeof(*operand));
	const char *field = n->ident.name;

	if (operand == NULL) {
		r->out_of_memory = true;
		return;
	}
	operand->kind = CEL_IDENT;
	operand->text = n->text;
	operand->height = 1;
	operand->ident = (struct cel_ident){
	    .name = r->env->variables[r->env->context].name, .ref = CEL_REF_VARIABLE, .index = r->env->context};
	n->kind = CEL_SELECT;
	n->height = 2;
	n->select = (struct cel_select){.operand = operand, .field = field};
}

static void
resolve_ident(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
	const struct scope *local = n->ident.absolute ? NULL : local_of(scope, n->ident.name);

	if (local != NULL) {
		n->ident.ref = CEL_REF_LOCAL;
		n->ident.index = local->index;
	} else if (!resolve_qualified(r, n, n->ident.name, n->ident.absolute) && !n->ident.absolute &&
	    context_field(r, n->ident.name) != NULL) {
		select_from_context(r, n);
	}
}

// a.b.c when the node is names and dots alone and a is no local; NULL otherwise.
static const char *
chain_name(struct resolver *r, const struct cel_node *n, const struct scope *scope, bool *ret_absolute)
{
	if (n->kind == CEL_IDENT) {
		*ret_absolute = n->ident.absolute;
		return n->ident.absolute || local_of(scope, n->ident.name) == NULL ? n->ident.name : NULL;
	}
	if (n->kind != CEL_SELECT || n->select.test_only || n->select.optional) {
		return NULL;
	}
	const char *operand = chain_name(r, n->select.operand, scope, ret_absolute);
	const char *name = operand == NULL ? NULL : arena_printf(r->ast->arena, "%s.%s", operand, n->select.field);

	r->out_of_memory = r->out_of_memory || (operand != NULL && name == NULL);
	return name;
}

static void
resolve_select(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
	bool absolute = false;
	char *name = (char *)(uintptr_t)chain_name(r, n, scope, &absolute); // made for this chain: n is no identifier
	const struct cel_node *first = n;

	while (first->kind == CEL_SELECT) {
		first = first->select.operand;
	}
	uint32_t text = first->text;

	if (name == NULL) {
		resolve(r, n->select.operand, scope);
		return;
	}
	// The whole name, then ever shorter ones, in the same place: a name for each prefix would take room by the square of the chain.
	for (; n->kind == CEL_SELECT; n = n->select.operand) {
		if (resolve_qualified(r, n, name, absolute)) {
			n->text = text;
			return;
		}
		name[strlen(name) - strlen(n->select.field) - 1] = '\0';
	}
	resolve_ident(r, n, scope);
}

static bool
function_exists(const char *name, bool is_member)
{
	for (size_t i = 0; i < CEL_OVERLOAD_COUNT; i++) {
		if (cel_functions[i].is_member == is_member && strcmp(cel_functions[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

// space.f(x) as the global function of that name, when there is one.
static void
resolve_function(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
	bool absolute = false;
	struct cel_call *call = &n->call;
	const char *space = call->target == NULL ? NULL : chain_name(r, call->target, scope, &absolute);
	const char *name = space == NULL ? call->name : arena_printf(r->ast->arena, "%s.%s", space, call->name);

	if (name == NULL) {
		r->out_of_memory = true;
		return;
	}
	if (call->target != NULL && space == NULL) {
		return;
	}
	for (size_t at = first_candidate(r); at != SIZE_MAX;) {
		const char *candidate = next_candidate(r, name, absolute, &at);
		const struct schema_enum *e = r->env->strong_enums && r->env->schema != NULL
		    ? schema_enum_by_full_name(r->env->schema, view_text(candidate))
		    : NULL;

		if (e != NULL || function_exists(candidate, false)) {
			call->name = candidate;
			call->target = NULL;
			call->enumeration = e;
			return;
		}
	}
}

static void
resolve_message(struct resolver *r, struct cel_literal *l)
{
	for (size_t at = first_candidate(r); at != SIZE_MAX && r->env->schema != NULL;) {
		const char *candidate = next_candidate(r, l->name, l->absolute, &at);
		const struct schema_type *t = schema_type_by_name(r->env->schema, candidate);

		if (t != NULL && !t->is_map_entry) {
			l->name = candidate;
			l->absolute = false;
			l->message = t;
			break;
		}
	}
	for (uint32_t i = 0; i < l->count && l->message != NULL; i++) {
		l->entries[i].resolved = cel_field(l->message, l->entries[i].field);
	}
}

static void
resolve_loop(struct resolver *r, struct cel_comprehension *c, const struct scope *scope)
{
	c->accu_local = r->ast->local_count++;
	c->iter_local = r->ast->local_count++;
	c->iter_local2 = c->iter_var2 == NULL ? c->iter_local : r->ast->local_count++;
	const struct scope accu = {c->accu_var, c->accu_local, scope};
	const struct scope iter = {c->iter_var, c->iter_local, &accu};
	const struct scope iter2 = {c->iter_var2 == NULL ? c->iter_var : c->iter_var2, c->iter_local2, &iter};

	resolve(r, c->range, scope);
	resolve(r, c->accu_init, scope);
	resolve(r, c->condition, &iter2);
	resolve(r, c->step, &iter2);
	resolve(r, c->result, &accu);
}

static void
resolve(struct resolver *r, struct cel_node *n, const struct scope *scope)
{
	switch (n->kind) {
	case CEL_LITERAL:
		break;
	case CEL_IDENT:
		resolve_ident(r, n, scope);
		break;
	case CEL_SELECT:
		resolve_select(r, n, scope);
		break;
	case CEL_CALL:
		resolve_function(r, n, scope);
		if (n->call.target != NULL) {
			resolve(r, n->call.target, scope);
		}
		for (uint32_t i = 0; i < n->call.arg_count; i++) {
			resolve(r, n->call.args[i], scope);
		}
		break;
	case CEL_COMPREHENSION:
		resolve_loop(r, &n->comprehension, scope);
		break;
	default:
		if (n->kind == CEL_MESSAGE_OF) {
			resolve_message(r, &n->literal);
		}
		for (uint32_t i = 0; i < n->literal.count; i++) {
			if (n->literal.entries[i].key != NULL) {
				resolve(r, n->literal.entries[i].key, scope);
			}
			resolve(r, n->literal.entries[i].value, scope);
		}
	}
}

enum en_err
cel_resolve(struct cel_ast *ast, const struct cel_env *env)
{
	struct resolver r = {.ast = ast, .env = env};

	resolve(&r, ast->root, NULL);
	return r.out_of_memory ? EN_ENOMEM : EN_OK;
}

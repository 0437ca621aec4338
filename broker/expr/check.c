// SPDX-License-Identifier: Apache-2.0
// The checker: one walk from the leaves to the root gives every node a type that may still hold parameters; a second one replaces them. The first
// thing that does not fit ends it.
#include "base/say.h"
#include "expr/check_int.h"

#include <stdarg.h>
#include <stdio.h>

bool
cel_check_memory(struct cel_checker *c)
{
	if (!c->failed) {
		c->failed = true;
		*c->fault = (struct cel_fault){.err = EN_ENOMEM, .code = E0902};
	}
	return false;
}

bool
cel_check_fail(
    struct cel_checker *c, enum finding_code code, uint32_t text, const char *hint, const char *detail_fmt, ...)
{
	char detail[256];
	va_list args;

	if (c->failed) {
		return false;
	}
	va_start(args, detail_fmt);
	(void)vsnprintf(detail, sizeof(detail), en_say(c->env->limits.lang, detail_fmt), args); // cut when longer
	va_end(args);
	c->failed = true;
	*c->fault = (struct cel_fault){.err = code == E0902 ? EN_ELIMIT : EN_EFORMAT,
	    .code = code,
	    .text = text,
	    .hint = hint,
	    .detail = arena_text(c->arena, view_text(detail))};
	cel_position(c->ast->text, text, &c->fault->line, &c->fault->column);
	return false;
}

static bool
no_such(
    struct cel_checker *c, enum finding_code code, uint32_t text, const char *hint, const char *scope, const char *name)
{
	bool is_first = !c->failed;

	if (scope == NULL) {
		(void)cel_check_fail(c, code, text, hint, "nothing is called '%s' here", name);
	} else {
		(void)cel_check_fail(c, code, text, hint, "%s has no '%s'", scope, name);
	}
	if (is_first) {
		c->fault->scope = scope;
		c->fault->name = name;
	}
	return false;
}

const char *
cel_type_text(struct cel_checker *c, const struct cel_type *t)
{
	struct buf out = BUF_EMPTY;
	const char *text;

	cel_type_print(&out, cel_substitute(c, t, true));
	text = arena_text(c->arena, buf_view(&out));
	buf_fini(&out);
	return text == NULL ? "" : text;
}

// The nearest name to an identifier, among variables and fields of the context.
static const char *
nearest_variable(struct cel_checker *c, const char *name)
{
	const struct cel_env *env = c->env;
	const struct schema_type *t =
	    env->context == CEL_NO_CONTEXT ? NULL : env->variables[env->context].type->message;
	size_t count = 0, max = env->variable_count + (t == NULL ? 0 : 2 * (size_t)t->field_count);
	const char **names = arena_alloc(c->arena, (max + 1) * sizeof(*names));

	if (names == NULL) {
		return NULL;
	}
	for (uint32_t i = 0; i < env->variable_count; i++) {
		names[count++] = env->variables[i].name;
	}
	for (uint32_t i = 0; t != NULL && i < t->field_count; i++) {
		names[count++] = t->fields[i].name;
		names[count++] = t->fields[i].json_name;
	}
	return nearest_name(name, names, count);
}

static bool
check_ident(struct cel_checker *c, struct cel_node *n)
{
	switch (n->ident.ref) {
	case CEL_REF_VARIABLE:
		n->type = c->env->variables[n->ident.index].type;
		return true;
	case CEL_REF_LOCAL:
		n->type = c->locals[n->ident.index];
		return true;
	case CEL_REF_ENUM:
		n->type = cel_type_of_kind(c->env->strong_enums ? CEL_DYN : CEL_INT);
		return true;
	case CEL_REF_TYPE:
		n->type = cel_type_new(c->arena, CEL_TYPE, n->ident.named, NULL);
		return n->type != NULL || cel_check_memory(c);
	default:
		return no_such(c, E0903, n->text, nearest_variable(c, n->ident.name), NULL, n->ident.name);
	}
}

static bool
check_literal(struct cel_node *n)
{
	n->type = cel_type_of_kind(n->constant.kind);
	return true;
}

static const struct cel_type *
field_type(struct cel_checker *c, const struct schema_field *f)
{
	const struct cel_type *t;

	if (c->env->strong_enums && f->kind == KIND_ENUM && !f->repeated) {
		return cel_type_of_kind(CEL_DYN);
	}
	t = cel_type_of_field(c->arena, f);
	if (t == NULL) {
		(void)cel_check_memory(c);
	}
	return t;
}

static bool
no_field(struct cel_checker *c, uint32_t text, const struct schema_type *t, const char *name)
{
	const char **names = arena_alloc(c->arena, (2 * (size_t)t->field_count + 1) * sizeof(*names));

	for (uint32_t i = 0; names != NULL && i < t->field_count; i++) {
		names[2 * (size_t)i] = t->fields[i].name;
		names[2 * (size_t)i + 1] = t->fields[i].json_name;
	}
	return no_such(c, E0904, text, names == NULL ? NULL : nearest_name(name, names, 2 * (size_t)t->field_count),
	    t->name, name);
}

// What selecting the field from a value of the type gives; NULL when it cannot be.
static const struct cel_type *
selected(struct cel_checker *c, struct cel_node *n, const struct cel_type *operand)
{
	switch (operand->kind) {
	case CEL_MAP:
		if (cel_resolved(c, operand->params[0])->kind != CEL_PARAM &&
		    !cel_assignable(c, cel_type_of_kind(CEL_STRING), operand->params[0])) {
			break;
		}
		return operand->params[1];
	case CEL_MESSAGE:
		n->select.resolved = cel_field(operand->message, n->select.field);
		if (n->select.resolved == NULL) {
			(void)no_field(c, n->text, operand->message, n->select.field);
			return NULL;
		}
		return field_type(c, n->select.resolved);
	case CEL_PARAM:
		(void)cel_assignable(c, operand, cel_type_of_kind(CEL_DYN));
		return cel_type_of_kind(CEL_DYN);
	case CEL_DYN:
		return cel_type_of_kind(CEL_DYN);
	default:
		break;
	}
	(void)cel_check_fail(
	    c, E0905, n->text, NULL, "%s has no fields, so no '%s'", cel_type_text(c, operand), n->select.field);
	return NULL;
}

// What the operand is made of, where messages are plain; NULL otherwise.
static const struct cel_type *
plain_type(struct cel_checker *c, const struct cel_node *operand)
{
	const struct schema_field *f = operand->kind == CEL_SELECT ? operand->select.resolved : NULL;

	if (!c->env->plain_messages || f == NULL || !schema_is_message(f) || f->repeated) {
		return NULL;
	}
	return cel_type_of_plain_message(c->arena, f->message);
}

// The operand as a dotted name, "Case.State"; false when it is something else.
static bool
dotted_name(const struct cel_node *n, char *dst, size_t room)
{
	size_t len = 0;

	if (n->kind == CEL_IDENT) {
		return n->ident.ref != CEL_REF_VARIABLE && n->ident.ref != CEL_REF_LOCAL &&
		    (size_t)snprintf(dst, room, "%s", n->ident.name) < room;
	}
	if (n->kind != CEL_SELECT || n->select.optional || n->select.test_only ||
	    !dotted_name(n->select.operand, dst, room)) {
		return false;
	}
	len = strlen(dst);
	return (size_t)snprintf(dst + len, room - len, ".%s", n->select.field) < room - len;
}

// The enum of that name, looked for as names are: in the container, and outwards.
static const struct schema_enum *
enum_called(const struct cel_env *env, const char *name)
{
	char full[320];
	size_t outer = strlen(env->container);

	for (;;) {
		int len = outer == 0 ? snprintf(full, sizeof(full), "%s", name)
				     : snprintf(full, sizeof(full), "%.*s.%s", (int)outer, env->container, name);
		const struct schema_enum *e =
		    (size_t)len < sizeof(full) ? schema_enum_by_full_name(env->schema, view_text(full)) : NULL;

		if (e != NULL || outer == 0) {
			return e;
		}
		while (outer > 0 && env->container[outer - 1] != '.') {
			outer--;
		}
		outer -= outer > 0;
	}
}

// Tells of a value that an enum does not have; false when the operand is no enum.
static bool
tell_no_value(struct cel_checker *c, const struct cel_node *n)
{
	char name[160];
	const struct schema_enum *e = c->env->schema != NULL && dotted_name(n->select.operand, name, sizeof(name))
	    ? enum_called(c->env, name)
	    : NULL;
	const char **names = e == NULL ? NULL : arena_alloc(c->arena, (e->value_count + 1U) * sizeof(*names));

	for (uint32_t i = 0; names != NULL && i < e->value_count; i++) {
		names[i] = e->values[i].name;
	}
	if (names != NULL) {
		(void)no_such(
		    c, E0903, n->text, nearest_name(n->select.field, names, e->value_count), e->name, n->select.field);
	}
	return names != NULL;
}

static bool
check_select(struct cel_checker *c, struct cel_node *n)
{
	const struct cel_type *operand, *t;
	bool optional = n->select.optional;

	if (tell_no_value(c, n)) {
		return false;
	}
	if (!cel_check_node(c, n->select.operand)) {
		return false;
	}
	operand = cel_resolved(c, n->select.operand->type);
	if (operand->kind == CEL_OPTIONAL) {
		optional = true;
		operand = cel_resolved(c, operand->params[0]);
	}
	t = plain_type(c, n->select.operand);
	t = selected(c, n, t == NULL ? operand : t);
	if (t == NULL) {
		return false;
	}
	if (n->select.test_only) {
		t = cel_type_of_kind(CEL_BOOL);
	} else if (optional && t->kind != CEL_OPTIONAL) {
		t = cel_type_new(c->arena, CEL_OPTIONAL, t, NULL);
	}
	n->type = t;
	return t != NULL || cel_check_memory(c);
}

// The type that an entry gives: of an optional one, what is inside. NULL on failure.
static const struct cel_type *
entry_type(struct cel_checker *c, const struct cel_entry *e)
{
	const struct cel_type *t, *inside;

	if (!cel_check_node(c, e->value)) {
		return NULL;
	}
	t = cel_resolved(c, e->value->type);
	if (!e->optional || t->kind == CEL_DYN) {
		return t;
	}
	inside = cel_fresh(c);
	t = cel_type_new(c->arena, CEL_OPTIONAL, inside, NULL);
	if (t == NULL) {
		(void)cel_check_memory(c);
		return NULL;
	}
	if (!cel_assignable(c, e->value->type, t)) {
		(void)cel_check_fail(c, E0905, e->value->text, NULL, "behind '?' stands an optional value, not %s",
		    cel_type_text(c, e->value->type));
		return NULL;
	}
	return cel_resolved(c, inside);
}

// What may be a key. Where the type is open it becomes dyn: a key that holds other types could double them at every level.
static bool
check_key(struct cel_checker *c, struct cel_node *key)
{
	const struct cel_type *t;

	if (!cel_check_node(c, key)) {
		return false;
	}
	t = cel_resolved(c, key->type);
	switch (t->kind) {
	case CEL_BOOL:
	case CEL_INT:
	case CEL_UINT:
	case CEL_DOUBLE:
	case CEL_STRING:
	case CEL_DYN:
	case CEL_WRAPPER:
		return true;
	case CEL_PARAM:
		return cel_assignable(c, t, cel_type_of_kind(CEL_DYN));
	default:
		return cel_check_fail(
		    c, E0905, key->text, NULL, "a key is bool, int, uint or string, not %s", cel_type_text(c, t));
	}
}

static bool
check_collection(struct cel_checker *c, struct cel_node *n)
{
	const struct cel_literal *l = &n->literal;
	const struct cel_type *keys = NULL, *values = NULL;

	for (uint32_t i = 0; i < l->count; i++) {
		if (n->kind == CEL_MAP_OF) {
			if (!check_key(c, l->entries[i].key)) {
				return false;
			}
			keys = cel_wider(c, keys, l->entries[i].key->type);
		}
		const struct cel_type *t = entry_type(c, &l->entries[i]);

		if (t == NULL) {
			return false;
		}
		values = cel_wider(c, values, t);
	}
	keys = keys == NULL && n->kind == CEL_MAP_OF ? cel_fresh(c) : keys;
	values = values == NULL ? cel_fresh(c) : values;
	n->type = n->kind == CEL_MAP_OF ? cel_type_new(c->arena, CEL_MAP, keys, values)
					: cel_type_new(c->arena, CEL_LIST, values, NULL);
	return n->type != NULL || cel_check_memory(c);
}

static bool
check_message(struct cel_checker *c, struct cel_node *n)
{
	const struct cel_literal *l = &n->literal;

	if (l->message == NULL) {
		return cel_check_fail(c, E0903, n->text, NULL, "no message type is called '%s'", l->name);
	}
	for (uint32_t i = 0; i < l->count; i++) {
		const struct cel_entry *e = &l->entries[i];
		const struct cel_type *wanted, *given;

		if (e->resolved == NULL) {
			return no_field(c, e->text, l->message, e->field);
		}
		wanted = field_type(c, e->resolved);
		given = wanted == NULL ? NULL : entry_type(c, e);
		if (given == NULL) {
			return false;
		}
		if (!cel_assignable(c, given, wanted)) {
			return cel_check_fail(c, E0905, e->value->text, NULL, "'%s' wants %s, not %s", e->field,
			    cel_type_text(c, wanted), cel_type_text(c, given));
		}
	}
	n->type = cel_type_of_message(c->arena, l->message);
	return n->type != NULL || cel_check_memory(c);
}

// Types of what a loop's variables hold. False when the range cannot be walked.
static bool
enter_loop(struct cel_checker *c, const struct cel_node *n)
{
	const struct cel_comprehension *l = &n->comprehension;
	const struct cel_type *range = cel_resolved(c, l->range->type), *dyn = cel_type_of_kind(CEL_DYN);
	const struct cel_type *first = dyn, *second = dyn;

	switch (range->kind) {
	case CEL_LIST:
		first = l->iter_var2 == NULL ? range->params[0] : cel_type_of_kind(CEL_INT);
		second = range->params[0];
		break;
	case CEL_MAP:
		first = range->params[0];
		second = range->params[1];
		break;
	case CEL_PARAM:
		(void)cel_assignable(c, range, dyn);
		break;
	case CEL_DYN:
		break;
	default:
		return cel_check_fail(
		    c, E0905, n->text, NULL, "a loop needs a list or a map, not %s", cel_type_text(c, range));
	}
	c->locals[l->iter_local2] = second;
	c->locals[l->iter_local] = first; // the same local when there is one variable
	return true;
}

static bool
check_loop(struct cel_checker *c, struct cel_node *n)
{
	const struct cel_comprehension *l = &n->comprehension;

	if (!cel_check_node(c, l->range) || !cel_check_node(c, l->accu_init) || !enter_loop(c, n)) {
		return false;
	}
	c->locals[l->accu_local] = l->accu_init->type;
	if (!cel_check_node(c, l->condition) || !cel_check_node(c, l->step)) {
		return false;
	}
	if (!cel_assignable(c, l->step->type, l->accu_init->type)) {
		return cel_check_fail(c, E0905, l->step->text, NULL, "a loop that gathers %s cannot take %s",
		    cel_type_text(c, l->accu_init->type), cel_type_text(c, l->step->type));
	}
	if (!cel_check_node(c, l->result)) {
		return false;
	}
	n->type = l->result->type;
	return true;
}

bool
cel_check_node(struct cel_checker *c, struct cel_node *n)
{
	switch (n->kind) {
	case CEL_LITERAL:
		return check_literal(n);
	case CEL_IDENT:
		return check_ident(c, n);
	case CEL_SELECT:
		return check_select(c, n);
	case CEL_CALL:
		return cel_check_call(c, n);
	case CEL_MESSAGE_OF:
		return check_message(c, n);
	case CEL_COMPREHENSION:
		return check_loop(c, n);
	default:
		return check_collection(c, n);
	}
}

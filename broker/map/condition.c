// SPDX-License-Identifier: Apache-2.0
// Conditions: all terms must hold, a list means any of. A field that is absent or empty matches nothing. A number that its enum does not know is
// neither yes nor no: what it means was never said, so the condition as a whole is an error unless another term says no. Whichever form it has, it
// becomes one program of the expression language.
#include <stdlib.h>

#include "expr/ast.h"
#include "map/compiler.h"
#include "map/expression.h"
#include "map/number.h"
#include "map/terms.h"

// ---- compile ------------------------------------------------------------------------------------------------------

bool
value_is_listed(const struct schema_field *f, const char *text)
{
	if (f->kind == KIND_ENUM) {
		return schema_enum_by_name(f->enumeration, view_text(text)) != NULL;
	}
	for (uint32_t i = 0; i < f->value_count; i++) {
		if (strcmp(f->values[i], text) == 0) {
			return true;
		}
	}
	return false;
}

const char *
nearest_value(struct compiler *c, const struct schema_field *f, const char *text)
{
	if (f->kind != KIND_ENUM) {
		return nearest_name(text, f->values, f->value_count);
	}
	const char **names = compiler_array(c, f->enumeration->value_count, sizeof(*names));

	for (uint32_t i = 0; names != NULL && i < f->enumeration->value_count; i++) {
		names[i] = f->enumeration->values[i].name;
	}
	return names == NULL ? NULL : nearest_name(text, names, f->enumeration->value_count);
}

void
tell_value_missing(struct compiler *c, const struct schema_field *f, const char *text)
{
	const char *scope =
	    f->enumeration != NULL ? f->enumeration->name : arena_printf(c->arena, "%s.%s", f->owner->name, f->name);

	if (scope != NULL) {
		findings_missing(c->findings, scope, view_text(text));
	}
}

bool
check_listed(struct compiler *c, const struct schema_field *f, const struct conf_text *text, enum finding_code code)
{
	bool is_open = f->kind != KIND_ENUM && f->value_count == 0;

	if (is_open || value_is_listed(f, text->text)) {
		return true;
	}
	findings_add(c->findings, code, text->where, nearest_value(c, f, text->text), "%s is not a value of %s",
	    text->text, f->name);
	tell_value_missing(c, f, text->text);
	return false;
}

static bool
term_values(struct compiler *c, const struct schema_field *f, const struct conf_list *list, struct term *term)
{
	struct view *texts = f->kind == KIND_STRING ? compiler_array(c, list->count, sizeof(*texts)) : NULL;
	uint64_t *bits = f->kind == KIND_STRING ? NULL : compiler_array(c, list->count, sizeof(*bits));
	bool good = true;

	if (texts == NULL && bits == NULL) {
		return false;
	}
	for (size_t i = 0; i < list->count; i++) {
		struct view text = VIEW_EMPTY;
		uint64_t one = 0;

		if (!literal_compile(c, f, &list->items[i], &one, &text)) {
			good = false;
		} else if (texts != NULL ? text.len == 0 : f->kind == KIND_ENUM && one == 0 && !f->has_presence) {
			findings_add(c->findings, E0306, list->items[i].where, NULL,
			    "\"%s\" means absent, which matches nothing", list->items[i].text);
			good = false;
		}
		if (texts != NULL) {
			texts[i] = text;
		} else {
			bits[i] = number_decode(f->kind, one);
		}
	}
	term->texts = texts;
	term->numbers = bits;
	term->count = (uint32_t)list->count;
	return good;
}

static bool
compile_term(struct compiler *c, const struct scope *scope, const struct conf_condition_term *conf, struct term *term)
{
	const struct path *p = path_resolve(c, scope, &conf->path, false);

	if (p == NULL) {
		return false;
	}
	read_add(c, p, READ_VALUE);
	const struct schema_field *f = p->leaf;

	// Also for `present`: that a message is there may be all that one hidden field inside it says.
	if (schema_is_message(f) || f->kind == KIND_BYTES || kind_is_float(f->kind)) {
		findings_add(c->findings, E0305, conf->path.where, NULL, "%s is %s and cannot be compared with a value",
		    conf->path.text, kind_word(c, f));
		return false;
	}
	term->path = p;
	term->test = conf->test;
	return term_values(c, f, &conf->any_of, term);
}

// One program for all terms; and one for each, to tell which of them said no, where somebody may ask that: of routes and subscriptions.
static bool
program_terms(
    struct compiler *c, const struct scope *scope, const struct term *terms, size_t count, struct condition *condition)
{
	struct condition_part *parts = c->mapping != NULL ? NULL : compiler_array(c, count, sizeof(*parts));
	struct buf text = BUF_EMPTY;

	terms_print(&text, terms, count);
	condition->expression =
	    text.err != EN_OK ? NULL : expression_of_terms(c, scope, buf_view(&text), condition->where);
	for (size_t i = 0; parts != NULL && i < count && c->err == EN_OK; i++) {
		buf_clear(&text);
		term_print(&text, &terms[i]);
		parts[i].path = terms[i].path;
		parts[i].expression =
		    text.err != EN_OK ? NULL : expression_of_terms(c, scope, buf_view(&text), terms[i].path->where);
	}
	c->err = text.err != EN_OK ? text.err : c->err;
	buf_fini(&text);
	condition->parts = parts;
	condition->part_count = parts == NULL ? 0 : (uint32_t)count;
	return c->err == EN_OK && condition->expression != NULL;
}

// What the condition reads, whichever its form, and the labels of that.
static bool
note_paths(struct compiler *c, const struct term *terms, size_t count, struct condition *condition)
{
	const struct path **paths = compiler_array(c, count, sizeof(*paths));

	if (paths == NULL) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		paths[i] = terms[i].path;
	}
	condition->paths = paths;
	condition->path_count = (uint32_t)count;
	condition->tests_source = count > 0;
	return true;
}

static bool
compile_terms(
    struct compiler *c, const struct scope *scope, const struct conf_condition *conf, struct condition *condition)
{
	struct term *terms = compiler_array(c, conf->count, sizeof(*terms));
	bool good = terms != NULL;

	for (size_t i = 0; terms != NULL && i < conf->count; i++) {
		good = compile_term(c, scope, &conf->terms[i], &terms[i]) && good;
	}
	return good && note_paths(c, terms, conf->count, condition) &&
	    (conf->count == 0 || program_terms(c, scope, terms, conf->count, condition));
}

enum constancy { VARIES, ALWAYS_TRUE, ALWAYS_FALSE };

// What the node says whatever the event says, as far as literals and logic show it.
static enum constancy
constancy_of(const struct cel_node *n)
{
	if (n->kind == CEL_LITERAL && n->constant.kind == CEL_BOOL) {
		return n->constant.boolean ? ALWAYS_TRUE : ALWAYS_FALSE;
	}
	if (n->kind != CEL_CALL || n->call.target != NULL) {
		return VARIES;
	}
	if (strcmp(n->call.name, "!_") == 0) {
		enum constancy inner = constancy_of(n->call.args[0]);

		return inner == VARIES ? VARIES : inner == ALWAYS_TRUE ? ALWAYS_FALSE : ALWAYS_TRUE;
	}
	bool is_and = strcmp(n->call.name, "_&&_") == 0;

	if (!is_and && strcmp(n->call.name, "_||_") != 0) {
		return VARIES;
	}
	enum constancy a = constancy_of(n->call.args[0]), b = constancy_of(n->call.args[1]);
	enum constancy decisive = is_and ? ALWAYS_FALSE : ALWAYS_TRUE;

	return a == decisive || b == decisive ? decisive : a == b ? a : VARIES;
}

// Whether it says the same of every event.
static bool
is_constant(const struct expression *e)
{
	bool reads = false;

	for (uint32_t i = 0; i < e->variable_count; i++) {
		reads = reads || e->variables[i].is_read;
	}
	return !reads || constancy_of(e->ast->root) != VARIES;
}

static void
warn_constant(struct compiler *c, const struct scope *scope, const struct expression *e)
{
	while (scope->name != NULL) {
		scope = scope->outer;
	}
	findings_add(c->findings, W0901, e->where, NULL, "%s", scope->type->name);
}

static bool
compile_cel_text(
    struct compiler *c, const struct scope *scope, const struct conf_text *text, struct condition *condition)
{
	condition->expression = expression_compile(c, scope, text, cel_type_of_kind(CEL_BOOL), true);
	if (condition->expression == NULL) {
		return false;
	}
	condition->paths = condition->expression->paths;
	condition->path_count = condition->expression->path_count;
	condition->tests_source = condition->path_count > 0;
	if (is_constant(condition->expression)) {
		warn_constant(c, scope, condition->expression);
		condition->tests_source = false;
	}
	return true;
}

const struct condition *
condition_compile_in(struct compiler *c, const struct scope *scope, const struct conf_condition *conf)
{
	struct condition *condition = compiler_alloc(c, sizeof(*condition));

	if (condition == NULL) {
		return NULL;
	}
	condition->where = conf->where;
	if (conf->cel.text != NULL ? !compile_cel_text(c, scope, &conf->cel, condition)
				   : !compile_terms(c, scope, conf, condition)) {
		return NULL;
	}
	for (uint32_t i = 0; i < condition->path_count; i++) {
		const struct path *p = condition->paths[i];

		condition->labels |= UINT32_C(1) << label_of_chain(p->chain, p->chain_count);
	}
	return condition;
}

enum en_err
condition_compile(const struct conf_condition *conf, const struct schema_type *type, struct findings *findings,
    struct condition **ret)
{
	struct condition *owner = calloc(1, sizeof(*owner));
	size_t errors = findings->errors;

	if (owner == NULL) {
		return EN_ENOMEM;
	}
	arena_init(&owner->arena, 0);
	struct compiler c = {.arena = &owner->arena, .findings = findings};
	struct scope root = {.type = type};
	const struct condition *compiled = condition_compile_in(&c, &root, conf);
	enum en_err err = c.err != EN_OK ? c.err : compiled == NULL || findings->errors > errors ? EN_ECONFIG : EN_OK;
	struct arena arena = owner->arena;

	if (err == EN_OK) {
		*owner = *compiled;
		owner->arena = arena;
	}
	owner->expressions = c.expressions;
	if (err != EN_OK) {
		condition_free(&owner);
		return err;
	}
	*ret = owner;
	return EN_OK;
}

void
condition_free(struct condition **cp)
{
	if (*cp != NULL) {
		expressions_free((*cp)->expressions);
		arena_fini(&(*cp)->arena);
		free(*cp);
		*cp = NULL;
	}
}

uint32_t
condition_labels(const struct condition *c)
{
	return c->labels;
}

// ---- run ----------------------------------------------------------------------------------------------------------

enum condition_result
condition_answer(const struct condition *c, const struct index *ix, const struct frame *frames,
    const struct condition_ask *ask, bool *ret_unheard_of)
{
	*ret_unheard_of = false;
	return c->expression == NULL ? CONDITION_TRUE
				     : expression_holds(c->expression, ix, frames, ask, ret_unheard_of);
}

enum condition_result
condition_decide(
    const struct condition *c, const struct index *ix, const struct frame *frames, const struct condition_ask *ask)
{
	bool unheard_of;

	return condition_answer(c, ix, frames, ask, &unheard_of);
}

enum condition_result
condition_holds(const struct condition *c, const struct index *ix, const struct condition_ask *ask)
{
	const struct frame root = {.message = 0};

	return condition_decide(c, ix, &root, ask);
}

const struct path *
condition_path(
    const struct condition *c, const struct index *ix, const struct condition_ask *ask, enum condition_result wanted)
{
	const struct frame root = {.message = 0};
	bool unheard_of;

	for (uint32_t i = 0; i < c->part_count; i++) {
		if (expression_holds(c->parts[i].expression, ix, &root, ask, &unheard_of) == wanted) {
			return c->parts[i].path;
		}
	}
	return c->part_count > 0 || c->path_count == 0 ? NULL : c->paths[0];
}

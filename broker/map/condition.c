// SPDX-License-Identifier: Apache-2.0
// Conditions: all terms must hold, a list means any of. A field that is absent or empty matches nothing. A number that
// its enum does
// not know is neither yes nor no: what it means was never said, so the condition as a whole is an error unless another
// term says no.
#include <stdlib.h>

#include "map/access.h"
#include "map/compiler.h"
#include "map/expression.h"
#include "map/number.h"

// ---- compile ------------------------------------------------------------------------------------------------------

static const char *
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
	if (f->kind == KIND_ENUM) {
		if (schema_enum_by_name(f->enumeration, view_text(text->text)) != NULL) {
			return true;
		}
	} else {
		for (uint32_t i = 0; i < f->value_count; i++) {
			if (strcmp(f->values[i], text->text) == 0) {
				return true;
			}
		}
		if (f->values == NULL || f->value_count == 0) {
			return true;
		}
	}
	findings_add(c->findings, code, text->where, nearest_value(c, f, text->text), "%s is not a value of %s",
	    text->text, f->name);
	tell_value_missing(c, f, text->text);
	return false;
}

static bool
term_values(struct compiler *c, const struct schema_field *f, const struct conf_list *list, struct condition_term *term)
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
	term->bits = bits;
	term->count = (uint32_t)list->count;
	return good;
}

static bool
compile_term(
    struct compiler *c, const struct scope *scope, const struct conf_condition_term *conf, struct condition_term *term)
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

// What the condition reads, whichever its form, and the labels of that.
static bool
note_paths(struct compiler *c, struct condition *condition)
{
	const struct path **paths = NULL;

	if (condition->expression != NULL) {
		condition->paths = condition->expression->paths;
		condition->path_count = condition->expression->path_count;
	} else {
		paths = compiler_array(c, condition->count, sizeof(*paths));
		for (uint32_t i = 0; paths != NULL && i < condition->count; i++) {
			paths[i] = condition->terms[i].path;
		}
		condition->paths = paths;
		condition->path_count = condition->count;
	}
	for (uint32_t i = 0; condition->paths != NULL && i < condition->path_count; i++) {
		const struct path *p = condition->paths[i];

		condition->labels |= UINT32_C(1) << label_of_chain(p->chain, p->chain_count);
	}
	return condition->paths != NULL;
}

const struct condition *
condition_compile_in(struct compiler *c, const struct scope *scope, const struct conf_condition *conf)
{
	struct condition *condition = compiler_alloc(c, sizeof(*condition));
	struct condition_term *terms = compiler_array(c, conf->count, sizeof(*terms));
	bool good = condition != NULL && terms != NULL;

	for (size_t i = 0; terms != NULL && i < conf->count; i++) {
		good = compile_term(c, scope, &conf->terms[i], &terms[i]) && good;
	}
	if (good && conf->cel.text != NULL) {
		condition->expression = expression_compile(c, scope, &conf->cel, cel_type_of_kind(CEL_BOOL), true);
		good = condition->expression != NULL;
	}
	if (!good) {
		return NULL;
	}
	condition->terms = terms;
	condition->count = (uint32_t)conf->count;
	return note_paths(c, condition) ? condition : NULL;
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

// Whether the value is one of the term's.
static enum condition_result
node_is_listed(const struct condition_term *t, const struct index *ix, const struct index_node *n)
{
	const struct schema_field *f = t->path->leaf;

	if (t->texts != NULL) {
		struct view text = index_bytes(ix, n);

		for (uint32_t i = 0; i < t->count; i++) {
			if (view_equal(text, t->texts[i])) {
				return CONDITION_TRUE;
			}
		}
		return CONDITION_FALSE;
	}
	uint64_t value = number_decode(f->kind, n->bits);

	for (uint32_t i = 0; i < t->count; i++) {
		if (t->bits[i] == value) {
			return CONDITION_TRUE;
		}
	}
	if (f->kind == KIND_ENUM && schema_enum_by_number(f->enumeration, (int32_t)value) == NULL) {
		return CONDITION_ERROR;
	}
	return CONDITION_FALSE;
}

static bool
node_is_empty(const struct condition_term *t, const struct index_node *n)
{
	return t->path->leaf->kind == KIND_STRING && index_is_zero(t->path->leaf, n);
}

// Any element of a repeated field may match; with `not`, none may, and one must be there.
static enum condition_result
term_holds(const struct condition_term *t, const struct index *ix, const struct frame *frames)
{
	enum condition_result result = CONDITION_FALSE;
	bool present = false;

	for (const struct index_node *n = path_first(t->path, ix, frames); n != NULL; n = path_next(t->path, ix, n)) {
		present = present || !node_is_empty(t, n);
		if (t->test == CONF_PRESENT || t->test == CONF_NOT_PRESENT) {
			continue;
		}
		enum condition_result one = node_is_listed(t, ix, n);

		if (one == CONDITION_TRUE) {
			return t->test == CONF_ANY_OF ? CONDITION_TRUE : CONDITION_FALSE;
		}
		result = one == CONDITION_ERROR ? CONDITION_ERROR : result;
	}
	switch (t->test) {
	case CONF_ANY_OF:
		return result;
	case CONF_NONE_OF:
		return result == CONDITION_ERROR ? CONDITION_ERROR : present ? CONDITION_TRUE : CONDITION_FALSE;
	case CONF_PRESENT:
		return present ? CONDITION_TRUE : CONDITION_FALSE;
	case CONF_NOT_PRESENT:
		break;
	}
	return present ? CONDITION_FALSE : CONDITION_TRUE;
}

enum condition_result
condition_decide(
    const struct condition *c, const struct index *ix, const struct frame *frames, const struct condition_ask *ask)
{
	enum condition_result result = CONDITION_TRUE;

	if (c->expression != NULL) {
		return expression_holds(c->expression, ix, frames, ask);
	}

	for (uint32_t i = 0; i < c->count; i++) {
		enum condition_result one = term_holds(&c->terms[i], ix, frames);

		if (one == CONDITION_FALSE) {
			return CONDITION_FALSE;
		}
		result = one == CONDITION_ERROR ? CONDITION_ERROR : result;
	}
	return result;
}

enum condition_result
condition_holds(const struct condition *c, const struct index *ix, const struct condition_ask *ask)
{
	const struct frame root = {.message = 0};

	return condition_decide(c, ix, &root, ask);
}

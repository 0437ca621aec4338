// SPDX-License-Identifier: Apache-2.0
// Expressions in mappings and conditions: their variables, what they read, and their place in the file.
#include "map/expression.h"

#include <strings.h>

#include "base/place.h"
#include "expr/message.h"
#include "expr/reads.h"
#include "map/access.h"
#include "map/compiler.h"
#include "map/terms.h"

#define FIXED_VARIABLES 5
#define VARIABLE_MAX (FIXED_VARIABLES + LIMIT_MAP_FRAMES)

// What an expression is compiled with.
struct draft {
	struct compiler *c;
	const struct scope *scope, *root;
	const struct conf_text *text;
	struct cel_variable variables[VARIABLE_MAX];
	struct expression_variable *meanings;
	struct cel_env env;
	struct cel_ast *ast;
	struct expression *made;
};

// ---- compile ------------------------------------------------------------------------------------------------------

static struct where
place_in(const struct draft *d, uint32_t offset)
{
	return place_of(d->text->where, view_text(d->text->text), offset);
}

// What other languages write, and people who come from them.
static const char *
usual_slip(const char *at)
{
	static const char *const words[] = {"and", "or", "not", "y", "o"};
	size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

	for (size_t i = 0; i < EN_COUNT_OF(words); i++) {
		if (strlen(words[i]) == len && strncasecmp(at, words[i], len) == 0) {
			return "and is &&, or is ||, not is !";
		}
	}
	return at[0] == '=' ? "== asks whether two values are equal" : NULL;
}

// A field is told with its native name, as everywhere.
static const char *
hint_of(const struct draft *d, const struct cel_fault *fault)
{
	const struct schema_type *t = d->root->type;

	if (fault->hint == NULL && fault->code == E0901) {
		return usual_slip(d->text->text + fault->text);
	}
	if (fault->hint == NULL || fault->name == NULL) {
		return fault->hint;
	}
	if (fault->scope != NULL) {
		t = schema_type_by_name(t->schema, fault->scope);
	}
	const struct schema_field *f = t == NULL ? NULL : schema_field_by_name(t, view_text(fault->hint));

	return f == NULL ? fault->hint : field_hint(d->c, f);
}

static void
tell(struct draft *d, const struct cel_fault *fault)
{
	const char *detail = fault->detail == NULL ? d->text->text : fault->detail;

	if (fault->err == EN_ENOMEM) {
		d->c->err = EN_ENOMEM;
		return;
	}
	findings_add(d->c->findings, fault->code, place_in(d, fault->text), hint_of(d, fault), "%s", detail);
	if (fault->name != NULL) {
		findings_missing(
		    d->c->findings, fault->scope == NULL ? d->root->type->name : fault->scope, view_text(fault->name));
	}
}

// What the program needs and cannot have: a pattern or a zone that is none, or more room than there is.
static void
tell_program(struct draft *d, struct cel_fault *fault)
{
	fault->code = fault->err == EN_ELIMIT ? E0902 : E0901;
	fault->hint = NULL;
	fault->detail = fault->detail == NULL ? NULL : findings_say(d->c->findings, fault->detail);
	tell(d, fault);
}

static void
add_variable(struct draft *d, const char *name, const struct cel_type *type, struct expression_variable meaning)
{
	uint32_t at = d->env.variable_count++;

	d->variables[at] = (struct cel_variable){name, type};
	d->meanings[at] = meaning;
	if (type == NULL || name == NULL) {
		d->c->err = EN_ENOMEM;
	}
}

// What one item of the repeated field is.
static const struct cel_type *
item_type(struct compiler *c, const struct schema_field *f)
{
	const struct cel_type *t = cel_type_of_field(c->arena, f);

	return t == NULL || f->is_map ? t : t->params[0];
}

static bool
begin(struct draft *d)
{
	d->meanings = compiler_array(d->c, VARIABLE_MAX, sizeof(*d->meanings));
	if (d->made == NULL || d->meanings == NULL) {
		return false;
	}
	for (d->root = d->scope; d->root->name != NULL; d->root = d->root->outer) {
	}
	d->env = (struct cel_env){.schema = d->root->type->schema, .variables = d->variables, .limits = CEL_LIMITS};
	d->env.limits.lang = d->c->findings->lang;
	return true;
}

static bool
declare(struct draft *d)
{
	const struct cel_type *moment = cel_type_of_kind(CEL_TIMESTAMP), *text = cel_type_of_kind(CEL_STRING);

	d->env.container = schema_package_of(d->root->type);
	add_variable(d, "data", cel_type_of_message(d->c->arena, d->root->type),
	    (struct expression_variable){.kind = EXPRESSION_DATA});
	add_variable(d, "event.time", moment, (struct expression_variable){.kind = EXPRESSION_NOW});
	add_variable(d, "event.sender", text, (struct expression_variable){.kind = EXPRESSION_SENDER});
	if (schema_field_by_name(d->root->type, view_text("now")) == NULL) {
		add_variable(d, "now", moment, (struct expression_variable){.kind = EXPRESSION_NOW});
	}
	for (const struct scope *s = d->scope; s->name != NULL; s = s->outer) {
		const struct schema_field *leaf = s->items->leaf;

		add_variable(d, s->name, item_type(d->c, leaf),
		    (struct expression_variable){.kind = EXPRESSION_ITEM, .frame = s->frame, .leaf = leaf});
	}
	return d->c->err == EN_OK;
}

// The frames alone, by names that nobody writes.
static bool
declare_frames(struct draft *d)
{
	struct arena *a = d->c->arena;

	d->env.container = "";
	d->env.context = CEL_NO_CONTEXT;
	d->env.plain_messages = true;
	d->env.limits = (struct cel_limits){
	    SIZE_MAX, UINT32_MAX, LIMIT_EXPR_DEPTH, UINT64_MAX, d->env.limits.lang}; // those of the file hold
	for (const struct scope *s = d->scope;; s = s->outer) {
		const struct schema_field *leaf = s->name == NULL ? NULL : s->items->leaf;
		const struct cel_type *type = leaf == NULL || schema_is_message(leaf)
		    ? cel_type_of_plain_message(a, leaf == NULL ? d->root->type : leaf->message)
		    : item_type(d->c, leaf);

		add_variable(d, term_variable(a, s->frame), type,
		    (struct expression_variable){.kind = leaf == NULL ? EXPRESSION_DATA : EXPRESSION_ITEM,
			.frame = s->frame,
			.leaf = leaf,
			.is_plain = true});
		if (leaf == NULL) {
			return d->c->err == EN_OK;
		}
	}
}

static const struct scope *
scope_of(const struct draft *d, const struct expression_variable *v)
{
	const struct scope *s = d->scope;

	while (s->name != NULL && (v->kind != EXPRESSION_ITEM || s->frame != v->frame)) {
		s = s->outer;
	}
	return s;
}

// An optional field that is not there reads as its default, which is a fact about nobody: a condition asks first.
static void
check_guard(struct draft *d, const struct cel_read *read, const struct path *p)
{
	const struct schema_field *f = p->leaf;

	if (!read->is_used || read->is_tested || !f->has_presence || f->repeated || schema_is_message(f)) {
		return;
	}
	findings_add(d->c->findings, E0907, place_in(d, read->text),
	    arena_printf(d->c->arena, "has(%s) && ...", p->text), "%s", p->text);
}

// Everything that the expression reads, as paths of the place where it stands.
static bool
collect_reads(struct draft *d, bool is_condition)
{
	struct expression *e = d->made;
	const struct cel_read *reads;
	const struct path **paths;
	size_t count;
	enum en_err err = cel_reads(d->ast, &d->env, &reads, &count);

	if (err != EN_OK) {
		tell(d, &(struct cel_fault){.err = err, .code = E0902});
		return false;
	}
	paths = compiler_array(d->c, count, sizeof(*paths));
	e->source = "";
	for (size_t i = 0; paths != NULL && i < count; i++) {
		const struct expression_variable *v = &e->variables[reads[i].variable];
		struct path *p;

		d->meanings[reads[i].variable].is_read = true;
		if (v->kind == EXPRESSION_NOW || v->kind == EXPRESSION_SENDER ||
		    (v->kind == EXPRESSION_DATA && reads[i].count == 0)) {
			continue;
		}
		p = path_of_chain(d->c, scope_of(d, v), d->text->where, reads[i].chain, reads[i].count);
		if (p == NULL) {
			return false;
		}
		p->is_counted = !reads[i].is_used && !reads[i].is_whole && !reads[i].is_tested;
		read_add(d->c, p, reads[i].is_whole && schema_is_message(p->leaf) ? READ_WHOLE : READ_VALUE);
		if (is_condition) {
			check_guard(d, &reads[i], p);
		}
		e->source = arena_printf(d->c->arena, "%s%s%s", e->source, e->path_count == 0 ? "" : ", ", p->native);
		if (e->source == NULL) {
			d->c->err = EN_ENOMEM;
			return false;
		}
		paths[e->path_count++] = p;
	}
	e->paths = paths;
	return paths != NULL;
}

static bool
compile_text(struct draft *d, struct view text, const struct cel_type *wanted)
{
	struct cel_program_options options = {
	    .schema = d->env.schema, .plain_messages = d->env.plain_messages, .known_codes = true};
	struct cel_fault fault = {.err = EN_ENOMEM};

	if (cel_parse(d->c->arena, text, &d->env.limits, &d->ast, &fault) != EN_OK) {
		tell(d, &fault);
		return false;
	}
	if (cel_resolve(d->ast, &d->env) != EN_OK) {
		d->c->err = EN_ENOMEM;
		return false;
	}
	if (cel_check(d->ast, &d->env, wanted, &fault) != EN_OK) {
		tell(d, &fault);
		return false;
	}
	if (cel_program_build(d->ast, &options, &d->made->program, &fault) != EN_OK) {
		tell_program(d, &fault);
		return false;
	}
	return true;
}

static void
end(struct draft *d)
{
	d->made->ast = d->ast;
	d->made->where = d->text->where;
	d->made->variables = d->meanings;
	d->made->variable_count = d->env.variable_count;
	d->made->next = d->c->expressions;
	d->c->expressions = d->made;
}

const struct expression *
expression_compile(struct compiler *c, const struct scope *scope, const struct conf_text *text,
    const struct cel_type *wanted, bool is_condition)
{
	struct draft d = {.c = c, .scope = scope, .text = text, .made = compiler_alloc(c, sizeof(*d.made))};

	// Names of the environment stay behind for the programs, which know variables by number alone.
	if (!begin(&d) || !declare(&d) || !compile_text(&d, view_text(text->text), wanted)) {
		return NULL;
	}
	end(&d);
	return collect_reads(&d, is_condition) ? d.made : NULL;
}

const struct expression *
expression_of_terms(struct compiler *c, const struct scope *scope, struct view text, struct where where)
{
	const struct conf_text place = {.text = "", .where = where};
	struct draft d = {.c = c, .scope = scope, .text = &place, .made = compiler_alloc(c, sizeof(*d.made))};

	if (!begin(&d) || !declare_frames(&d) || !compile_text(&d, text, cel_type_of_kind(CEL_BOOL))) {
		return NULL;
	}
	for (uint32_t i = 0; i < d.env.variable_count; i++) {
		d.meanings[i].is_read = true;
	}
	end(&d);
	return d.made;
}

void
expressions_free(struct expression *list)
{
	for (; list != NULL; list = list->next) {
		cel_program_fini(list->program);
	}
}

// ---- run ----------------------------------------------------------------------------------------------------------

static struct cel_value
item_value(struct cel_run *run, const struct expression_variable *v, const struct index *ix, const struct frame *frame)
{
	const struct schema_field *f = v->leaf;

	if (schema_is_message(f)) {
		return v->is_plain ? cel_message(ix, frame->message) : cel_value_of_message(run, ix, frame->message);
	}
	if (f->kind == KIND_STRING) {
		return cel_string(index_bytes(ix, frame->item));
	}
	if (f->kind == KIND_ENUM && schema_enum_by_number(f->enumeration, (int32_t)frame->item->bits) == NULL) {
		return cel_error(CEL_ERROR_UNHEARD_OF);
	}
	return f->kind == KIND_BYTES ? cel_bytes(index_bytes(ix, frame->item)) : message_scalar(f, frame->item->bits);
}

static struct cel_value
moment_of(int64_t wall_ms)
{
	int64_t seconds = wall_ms / 1000, rest = wall_ms % 1000;

	if (rest < 0) {
		seconds--;
		rest += 1000;
	}
	return cel_timestamp(seconds, (int32_t)rest * 1000000);
}

enum en_err
expression_run(const struct expression *e, const struct index *ix, const struct frame *frames,
    const struct condition_ask *ask, struct cel_value *ret)
{
	struct cel_value values[VARIABLE_MAX];

	if (*ask->run == NULL) {
		enum en_err err = cel_run_new(ask->run);

		if (err != EN_OK) {
			return err;
		}
	}
	for (uint32_t i = 0; i < e->variable_count; i++) {
		const struct expression_variable *v = &e->variables[i];

		values[i] = cel_error(CEL_ERROR_NO_VARIABLE);
		if (!v->is_read) {
			continue;
		}
		switch (v->kind) {
		case EXPRESSION_DATA:
			values[i] = cel_message(ix, 0);
			break;
		case EXPRESSION_NOW:
			values[i] = moment_of(ask->wall_ms);
			break;
		case EXPRESSION_SENDER:
			values[i] = cel_string(view_text(ask->sender));
			break;
		case EXPRESSION_ITEM:
			values[i] = item_value(*ask->run, v, ix, &frames[v->frame]);
			break;
		}
	}
	return cel_run_program(*ask->run, e->program, values, ret);
}

enum condition_result
expression_holds(const struct expression *e, const struct index *ix, const struct frame *frames,
    const struct condition_ask *ask, bool *ret_unheard_of)
{
	struct cel_value v;

	*ret_unheard_of = false;
	if (expression_run(e, ix, frames, ask, &v) != EN_OK) {
		return CONDITION_ERROR;
	}
	if (v.kind != CEL_BOOL) {
		*ret_unheard_of = v.kind == CEL_ERROR && v.n == CEL_ERROR_UNHEARD_OF;
		return CONDITION_ERROR;
	}
	return v.boolean ? CONDITION_TRUE : CONDITION_FALSE;
}

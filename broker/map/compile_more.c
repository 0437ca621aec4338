// SPDX-License-Identifier: Apache-2.0
// Which item a value is about, what becomes of what cannot be read, and when it must be there.
#include "map/compiler.h"

struct more *
more_of(struct compiler *c, struct value *v)
{
	if (v->more == NULL) {
		v->more = compiler_alloc(c, sizeof(*v->more));
	}
	return (struct more *)(uintptr_t)v->more; // ours until the value is told to anybody
}

// ---- helpers ------------------------------------------------------------------------------------------------------

// What helpers are made into: text, whatever their line fills.
static const struct schema_field text_field = {.name = "text", .json_name = "text", .kind = KIND_STRING, .oneof = -1};

const struct value *
helper_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf)
{
	struct value_context inner = *x;

	inner.target = &text_field;
	inner.is_line = false;
	inner.is_helper = true;
	return value_compile(c, &inner, conf);
}

// ---- items --------------------------------------------------------------------------------------------------------

// `only: first` or last; otherwise there must be one.
static enum pick
pick_of(const struct conf_text *only)
{
	return only->text == NULL              ? PICK_ONE
	    : strcmp(only->text, "first") == 0 ? PICK_FIRST
	    : strcmp(only->text, "last") == 0  ? PICK_LAST
					       : PICK_ONE;
}

bool
selection_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct scope *scope, const struct selection **ret)
{
	struct value_context inner = *x;
	struct selection *s;
	bool good = true;

	*ret = NULL;
	if (conf->item_of.text == NULL && conf->keep_if.where.line == 0 && conf->sort_by == NULL &&
	    conf->group_by == NULL) {
		return true;
	}
	s = compiler_alloc(c, sizeof(*s));
	if (s == NULL) {
		return false;
	}
	inner.scope = scope;
	*s = (struct selection){.items = scope->items, .frame = scope->frame, .place = conf->where};
	s->pick = conf->item_of.text == NULL ? PICK_ALL : pick_of(&conf->pick);
	if (conf->keep_if.where.line != 0) {
		s->where = condition_compile_in(c, scope, &conf->keep_if);
		good = s->where != NULL;
	}
	if (conf->sort_by != NULL) {
		s->sort_by = helper_compile(c, &inner, conf->sort_by);
		good = good && s->sort_by != NULL;
	}
	if (conf->group_by != NULL) {
		s->group_by = helper_compile(c, &inner, conf->group_by);
		good = good && s->group_by != NULL;
	}
	*ret = s;
	return good;
}

bool
item_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v,
    struct scope *ret)
{
	const struct path *items = path_resolve_items(c, x->scope, &conf->item_of);
	struct more *more = items == NULL || conf->called.text == NULL ? NULL : more_of(c, v);

	if (more == NULL || !scope_open(c, x->scope, items, &conf->called, ret)) {
		return false;
	}
	// What is read of the item says something about what holds the list, and nothing of an `each` around it.
	c->tells_of[ret->frame] = c->tells_of[items->frame];
	return selection_compile(c, x, conf, ret, &more->item);
}

bool
item_check(struct compiler *c, const struct conf_value *conf, const struct value *v, const struct read *before)
{
	for (const struct read *r = c->reads; r != before; r = r->next) {
		if (r->mode != READ_ITEMS && r->path->frame == v->more->item->frame) {
			return true;
		}
	}
	// Otherwise that the item is there would be all that the value tells, and no label would stand for it.
	findings_add(c->findings, E0328, conf->item_of.where, NULL, "nothing of %s is read", conf->called.text);
	return false;
}

// ---- what cannot be read, what must be there ----------------------------------------------------------------------

static bool
compile_unknown(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct value_context inner = *x;
	struct more *more = conf->if_unknown_where.line == 0 ? NULL : more_of(c, v);

	if (more == NULL) {
		return conf->if_unknown_where.line == 0;
	}
	more->if_unknown = conf->if_unknown;
	if (conf->if_unknown == CONF_UNKNOWN_KEEP && (x->target->kind != KIND_STRING || x->target->value_count > 0)) {
		findings_add(c->findings, E0305, conf->if_unknown_where, "hold, absent, or {is: VALUE}",
		    "keep leaves any text, and %s is %s", x->target->name, kind_word(c, x->target));
		return false;
	}
	if (conf->if_unknown == CONF_UNKNOWN_VALUE) {
		// A default, wherever the value stands: nobody decided it.
		inner.is_line = false;
		inner.in_arm = false;
		inner.because = NULL;
		inner.outer = v;
		more->unknown_value =
		    conf->unknown_value == NULL ? NULL : value_compile(c, &inner, conf->unknown_value);
		return more->unknown_value != NULL;
	}
	return true;
}

static bool
compile_list(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	static const char *const words[] = {"sort", "dedupe", "reverse"};
	struct more *more = conf->list.count == 0 ? NULL : more_of(c, v);

	for (size_t i = 0; more != NULL && i < conf->list.count; i++) {
		for (size_t w = 0; w < EN_COUNT_OF(words); w++) {
			more->list |= strcmp(conf->list.items[i].text, words[w]) == 0 ? 1U << w : 0;
		}
	}
	if (more == NULL || conf->kind == CONF_VALUE_JOIN || x->target->repeated) {
		return more != NULL || conf->list.count == 0;
	}
	findings_add(c->findings, E0324, conf->list.items[0].where, NULL, "%s", x->target->name);
	return false;
}

static bool
compile_required(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	bool asked = conf->required || conf->required_if.where.line != 0 || conf->only_on.text != NULL;
	struct more *more = !asked ? NULL : more_of(c, v);

	if (more == NULL) {
		return !asked;
	}
	if (!x->is_line) {
		findings_add(c->findings, E0305, conf->where, "a line of its own",
		    "required and only_on are said of a whole line");
		return false;
	}
	more->required = conf->required;
	more->only_on = conf->only_on.text == NULL ? ON_BOTH : conf->only_on.text[0] == 'c' ? ON_CREATE : ON_UPDATE;
	if (conf->required_if.where.line != 0) {
		more->required_if = condition_compile_in(c, x->scope, &conf->required_if);
		return more->required_if != NULL;
	}
	return true;
}

bool
more_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	bool good = compile_unknown(c, x, conf, v);

	good = compile_list(c, x, conf, v) && good;
	return compile_required(c, x, conf, v) && good;
}

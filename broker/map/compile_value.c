// SPDX-License-Identifier: Apache-2.0
// One value of a mapping: the verb, the source fields that it reads, and whether what comes out fits the target.
#include "base/limits.h"
#include "map/compiler.h"
#include "map/number.h"

static bool
check_cardinality(
    struct compiler *c, const struct value_context *x, const struct conf_value *conf, const struct path *p)
{
	struct where where = conf->from.where;

	if (!path_is_repeated(p) || x->target->repeated || conf->contains.text != NULL) {
		return true;
	}
	findings_add(c->findings, E0322, where, "join: [...] for texts, or each", "%s is repeated and %s is not",
	    p->leaf->name, x->target->name);
	return false;
}

// A date in a message is read part by part, and only the parts that the formats show.
static void
read_date(struct compiler *c, const struct path *p, const struct value *v)
{
	const struct schema_field *fields[] = {v->date.year, v->date.month, v->date.day};
	const uint32_t bits[] = {DATE_HAS(DATE_YEAR), DATE_HAS(DATE_MONTH), DATE_HAS(DATE_DAY)};
	uint32_t has = 0;

	for (uint32_t i = 0; i < v->format_count; i++) {
		has |= v->formats[i].has;
	}
	for (size_t i = 0; i < EN_COUNT_OF(fields); i++) {
		const struct path *part = (has & bits[i]) != 0 ? path_below(c, p, fields[i]) : NULL;

		if (part != NULL) {
			read_add(c, part, READ_VALUE);
		}
	}
	cover_read(c, p->chain, p->chain_count, true);
}

// A date in a message on its way to an age needs all of it, to a year only that.
static void
read_day(struct compiler *c, const struct path *p, const struct conf_value *conf, const struct value *v)
{
	bool year_only = conf->age_at == NULL;
	enum read_mode mode = coarse_mode(c, conf, p, v);
	const struct schema_field *fields[] = {v->date.year, v->date.month, v->date.day};

	for (size_t i = 0; i < (year_only ? 1 : EN_COUNT_OF(fields)); i++) {
		const struct path *part = path_below(c, p, fields[i]);

		if (part != NULL) {
			read_add(c, part, mode);
		}
	}
	cover_read(c, p->chain, p->chain_count, true);
}

static void
read_source(struct compiler *c, const struct path *p, const struct conf_value *conf, const struct value *v)
{
	if (v->convert == CONVERT_DATE_TO_TEXT) {
		read_date(c, p, v);
	} else if (schema_is_message(p->leaf) && v->more != NULL && v->more->before.count > 0 && v->date.year != NULL) {
		read_day(c, p, conf, v);
	} else if (v->convert == CONVERT_INSTANT_TO_TEXT) {
		const struct path *ms = path_below(c, p, v->instant.ms);

		if (ms != NULL) {
			read_add(c, ms, READ_VALUE);
		}
		cover_read(c, p->chain, p->chain_count, true);
	} else {
		read_add(c, p, v->is_message_copy ? READ_MESSAGE : coarse_mode(c, conf, p, v));
	}
}

bool
compile_if_empty(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct value_context inner = *x;

	if (conf->if_empty == NULL) {
		return true;
	}
	inner.is_line = false;
	inner.outer = v;
	v->if_empty = value_compile(c, &inner, conf->if_empty);
	return v->if_empty != NULL;
}

static void
note_copy(struct mapping *m, struct value *v)
{
	v->copy_index = m->copy_count++;
	v->next_copy = m->copies;
	m->copies = v;
}

// A bare word that only the target knows is most likely a value that was meant, and was written without `is`.
static const struct path *
copied_path(struct compiler *c, const struct value_context *x, const struct conf_text *from)
{
	if (!value_is_listed(x->target, from->text) || path_is_known(x->scope, from)) {
		return path_resolve(c, x->scope, from, false);
	}
	const struct scope *message = x->scope;
	const char *hint = arena_printf(c->arena, "{is: %s}", from->text);

	while (message->name != NULL) {
		message = message->outer; // what is no field of an item is looked for in the message
	}
	findings_add(c->findings, E0302, from->where, hint, "%s is not a field of %s", from->text, message->type->name);
	return NULL;
}

static bool
compile_copy(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	const struct path *p = copied_path(c, x, &conf->from);

	if (p == NULL) {
		return false;
	}
	v->path = p;
	v->source = p->native;
	const char *separator = conf->split.text != NULL ? conf->split.text : p->leaf->list_separator;

	if (separator != NULL && !path_is_repeated(p) && (x->target->repeated || conf->contains.text != NULL)) {
		v->separator = view_text(separator);
	} else if (conf->split.text != NULL) {
		findings_add(c->findings, E0322, conf->split.where, NULL, "%s is not one text, or %s is not a list",
		    p->leaf->name, x->target->name);
		return false;
	}
	bool good = steps_compile(c, x, conf, p->leaf, v);

	good = check_cardinality(c, x, conf, p) && good;
	if (v->table == NULL || conf->if_unknown == CONF_UNKNOWN_KEEP) {
		check_label(c, x, p);
	}
	// Also when it does not fit: one finding about a field is enough, that it is read was said.
	read_source(c, p, conf, v);
	good = compile_if_empty(c, x, conf, v) && good;
	if (good && v->is_message_copy) {
		note_copy(c->mapping, v);
	}
	return good;
}

static bool
compile_is(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	check_constant(c, x, conf->where, conf->literal.text);
	return literal_compile(c, x->target, &conf->literal, &v->bits, &v->text);
}

static bool
wants_text_target(struct compiler *c, const struct value_context *x, const struct conf_value *conf, const char *what)
{
	if (x->target->kind == KIND_STRING) {
		return true;
	}
	findings_add(c->findings, E0305, conf->where, NULL, "%s is text and %s is %s", findings_say(c->findings, what),
	    x->target->name, kind_word(c, x->target));
	return false;
}

static bool
compile_join(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	bool good = compile_parts(c, x, &conf->paths, v, PART_TEXTS);

	if (conf->reversible) {
		struct more *more = more_of(c, v);

		good = good && more != NULL;
		if (more != NULL) {
			more->reversible = true;
		}
	}
	v->with = conf->with.text == NULL ? view_text(" ") : view_text(conf->with.text);
	good = steps_compile(c, x, conf, NULL, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}

static bool
compile_id(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	bool fits = wants_text_target(c, x, conf, "an id");

	return compile_parts(c, x, &conf->paths, v, PART_ID) && fits;
}

static bool
compile_arm(
    struct compiler *c, const struct value_context *x, const struct conf_choose_arm *conf, struct choose_arm *arm)
{
	struct value_context inner = *x;

	inner.is_line = false;
	arm->when = condition_compile_in(c, x->scope, &conf->when);
	inner.in_arm = arm->when == NULL || arm->when->tests_source;
	inner.because = conf->because.text;
	arm->value = value_compile(c, &inner, conf->value);
	return arm->when != NULL && arm->value != NULL;
}

// "nna, acompanamiento": what the arms test, each once.
static const char *
tested_names(struct compiler *c, const struct value *v)
{
	const char *text = "";

	for (uint32_t i = 0; i < v->arm_count; i++) {
		for (uint32_t t = 0; t < v->arms[i].when->path_count; t++) {
			const char *name = v->arms[i].when->paths[t]->native;
			bool is_there = false;

			for (uint32_t j = 0; j <= i && !is_there; j++) {
				for (uint32_t u = 0; u < (j < i ? v->arms[j].when->path_count : t) && !is_there; u++) {
					is_there = strcmp(v->arms[j].when->paths[u]->native, name) == 0;
				}
			}
			text =
			    is_there ? text : arena_printf(c->arena, "%s%s%s", text, text[0] == '\0' ? "" : ", ", name);
			if (text == NULL) {
				c->err = EN_ENOMEM;
				return NULL;
			}
		}
	}
	return text;
}

static bool
compile_choose(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct choose_arm *arms = compiler_array(c, conf->arm_count, sizeof(*arms));
	struct value_context inner = *x;
	bool good = arms != NULL;

	inner.outer = v;
	for (size_t i = 0; arms != NULL && i < conf->arm_count; i++) {
		good = compile_arm(c, &inner, &conf->arms[i], &arms[i]) && good;
	}
	v->arms = arms;
	v->arm_count = (uint32_t)conf->arm_count;
	v->source = good ? tested_names(c, v) : NULL;
	v->otherwise_absent = conf->otherwise_absent;
	if (conf->otherwise_where.line == 0 && conf->otherwise == NULL && !conf->otherwise_hold &&
	    !conf->otherwise_absent) {
		findings_add(c->findings, E0316, conf->where, "otherwise: hold", "%s", x->path->text);
		return false;
	}
	if (conf->otherwise != NULL) {
		// What no arm decided is a default, wherever the choice stands.
		inner.is_line = false;
		inner.in_arm = false;
		inner.because = NULL;
		v->otherwise = value_compile(c, &inner, conf->otherwise);
		good = good && v->otherwise != NULL;
	}
	return good;
}

static bool
check_name(struct compiler *c, const struct scope *scope, const struct conf_text *name)
{
	const struct scope *s = scope;

	while (s->name != NULL && strcmp(s->name, name->text) != 0) {
		s = s->outer;
	}
	if (s->name == NULL && schema_field_by_name(s->type, view_text(name->text)) == NULL) {
		return true;
	}
	findings_add(c->findings, E0321, name->where, NULL, "%s", name->text);
	return false;
}

bool
scope_open(struct compiler *c, const struct scope *outer, const struct path *items, const struct conf_text *name,
    struct scope *ret)
{
	if (!path_is_repeated(items)) {
		findings_add(c->findings, E0324, items->where, NULL, "%s", items->text);
		return false;
	}
	if (outer->frame + 1 > LIMIT_MAP_FRAMES) {
		findings_add(
		    c->findings, E0303, items->where, NULL, "items of items go %d deep at most", LIMIT_MAP_FRAMES);
		return false;
	}
	*ret = (struct scope){
	    .outer = outer,
	    .name = name->text,
	    .type = items->leaf->message,
	    .items = items,
	    .frame = outer->frame + 1,
	};
	c->tells_of[ret->frame] = ret->frame;
	read_add(c, items, READ_ITEMS);
	return check_name(c, outer, name);
}

static bool
compile_each(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	if (!x->is_line) {
		findings_add(
		    c->findings, E0305, conf->where, "a line of its own", "each cannot stand inside another value");
		return false;
	}
	const struct path *p = path_resolve_items(c, x->scope, &conf->from);
	struct scope inner;

	if (p == NULL || !scope_open(c, x->scope, p, &conf->called, &inner)) {
		return false;
	}
	if (!schema_is_message(x->target) || !x->target->repeated) {
		findings_add(c->findings, E0305, conf->where, NULL, "each fills a repeated message and %s is none",
		    x->target->name);
		return false;
	}
	bool good = selection_compile(c, x, conf, &inner, &v->selection);
	struct read *outer_reads = c->reads;

	inner.all_name = conf->all_called.text;
	if (inner.all_name != NULL && (v->selection == NULL || !check_name(c, &inner, &conf->all_called))) {
		return false;
	}
	v->items = p;
	v->frame = inner.frame;
	v->body =
	    body_compile(c, &inner, x->target->message, conf->set, conf->set_count, x->path->text, x->path->native);
	c->reads = outer_reads;
	if (v->body == NULL) {
		return false;
	}
	check_body(c, v->body, conf->where);
	return good;
}

static bool
compile_referral_by(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	const struct path *p = path_resolve(c, x->scope, &conf->from, false);
	bool good = wants_text_target(c, x, conf, "a referral's id");

	if (p == NULL) {
		return false;
	}
	read_add(c, p, READ_VALUE);
	v->path = p;
	v->source = p->native;
	if (path_is_repeated(p)) {
		findings_add(c->findings, E0322, p->where, NULL, "%s is repeated", p->leaf->name);
		good = false;
	} else if (p->leaf->kind != KIND_STRING && !kind_is_integer(p->leaf->kind)) {
		findings_add(c->findings, E0305, p->where, NULL, "%s is %s", p->leaf->name, kind_word(c, p->leaf));
		good = false;
	}
	return compile_if_empty(c, x, conf, v) && good;
}

static bool
compile_now(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	if (schema_is_message(x->target) && instant_fields_of(x->target->message, &v->instant)) {
		return true;
	}
	return wants_text_target(c, x, conf, "a moment is a message of ms, or");
}

static bool
compile_verb(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	switch (conf->kind) {
	case CONF_VALUE_COPY:
		return compile_copy(c, x, conf, v);
	case CONF_VALUE_IS:
		return compile_is(c, x, conf, v);
	case CONF_VALUE_ID_FROM:
		return compile_id(c, x, conf, v);
	case CONF_VALUE_JOIN:
		return compile_join(c, x, conf, v);
	case CONF_VALUE_CHOOSE:
		return compile_choose(c, x, conf, v);
	case CONF_VALUE_EACH:
		return compile_each(c, x, conf, v);
	case CONF_VALUE_REFERRAL_BY:
		return compile_referral_by(c, x, conf, v);
	case CONF_VALUE_NOW:
		return compile_now(c, x, conf, v);
	case CONF_VALUE_SENDER:
		return wants_text_target(c, x, conf, "the sender");
	case CONF_VALUE_FIRST_OF:
		return compile_first_of(c, x, conf, v);
	case CONF_VALUE_FILL:
		return compile_fill(c, x, conf, v);
	case CONF_VALUE_LIST_OF:
		return compile_list_of(c, x, conf, v);
	case CONF_VALUE_FLAGS:
		return compile_flags(c, x, conf, v);
	case CONF_VALUE_LOOKUP:
		return compile_lookup(c, x, conf, v);
	case CONF_VALUE_CEL:
		return compile_cel(c, x, conf, v);
	}
	return false;
}

const struct value *
value_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf)
{
	struct value *v = compiler_alloc(c, sizeof(*v));
	struct value_context inner = *x;
	const struct read *before = c->reads;
	struct scope item;
	bool good = v != NULL;

	if (v == NULL) {
		return NULL;
	}
	v->kind = conf->kind;
	v->where = conf->where;
	v->target = x->target;
	v->because = x->because;
	v->outer = x->outer;
	if (conf->item_of.text != NULL) {
		if (!item_compile(c, x, conf, v, &item)) {
			return NULL;
		}
		inner.scope = &item;
	}
	good = compile_verb(c, &inner, conf, v);
	good = more_compile(c, &inner, conf, v) && good;
	if (good && conf->item_of.text != NULL) {
		good = item_check(c, conf, v, before);
	}
	return good && c->err == EN_OK ? v : NULL;
}

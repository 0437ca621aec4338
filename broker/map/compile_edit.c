// SPDX-License-Identifier: Apache-2.0
// The text steps of a value, in their fixed order, as a list of edits.
#include "expr/regex.h"
#include "map/edit_draft.h"
#include "map/json_path.h"
#include "map/number.h"

struct edit *
draft_add(struct draft *d, enum edit_kind kind)
{
	struct edit *e = &d->items[d->count++];

	*e = (struct edit){.kind = kind, .where = d->conf->where};
	return e;
}

void
draft_refuse(struct draft *d, struct where where, const char *problem, const char *text)
{
	findings_add(d->c->findings, E0326, where, NULL, "%s: %s", text, findings_say(d->c->findings, problem));
	d->good = false;
}

static struct edits
finish(struct draft *d)
{
	struct edit *items = compiler_array(d->c, d->count, sizeof(*items));

	if (items == NULL) {
		return (struct edits){.count = 0};
	}
	memcpy(items, d->items, d->count * sizeof(*items));
	return (struct edits){.items = items, .count = d->count};
}

static struct texts
texts_of(struct draft *d, const struct conf_list *list)
{
	struct view *items = compiler_array(d->c, list->count, sizeof(*items));

	for (size_t i = 0; items != NULL && i < list->count; i++) {
		items[i] = view_text(list->items[i].text);
	}
	return (struct texts){.items = items, .count = items == NULL ? 0 : (uint32_t)list->count};
}

const struct value *
draft_helper(struct draft *d, const struct conf_value *conf)
{
	const struct value *v = helper_compile(d->c, d->x, conf);

	d->good = d->good && v != NULL;
	return v;
}

uint32_t
draft_word(const char *word, const char *const *words)
{
	uint32_t i = 0;

	while (words[i] != NULL && strcmp(words[i], word) != 0) {
		i++;
	}
	return i;
}

// ---- spelling -----------------------------------------------------------------------------------------------------

static void
add_aliases(struct draft *d)
{
	const struct conf_value *conf = d->conf;
	size_t count = 0;

	for (size_t i = 0; i < conf->alias_count; i++) {
		count += conf->aliases[i].spellings.count;
	}
	struct view *items = count == 0 ? NULL : compiler_array(d->c, 2 * count, sizeof(*items));
	uint32_t at = 0;

	if (items == NULL) {
		return;
	}
	for (size_t i = 0; i < conf->alias_count; i++) {
		for (size_t s = 0; s < conf->aliases[i].spellings.count; s++) {
			const struct conf_text *spelling = &conf->aliases[i].spellings.items[s];

			for (uint32_t j = 0; j < at; j += 2) {
				if (view_is(items[j], spelling->text)) {
					findings_add(
					    d->c->findings, E0310, spelling->where, NULL, "%s", spelling->text);
					d->good = false;
				}
			}
			items[at++] = view_text(spelling->text);
			items[at++] = view_text(conf->aliases[i].value.text);
		}
	}
	draft_add(d, EDIT_ALIAS)->list = (struct texts){.items = items, .count = at};
}

static void
add_pattern(struct draft *d)
{
	const struct conf_text *text = &d->conf->pattern, *part = &d->conf->part;
	struct pattern *p = compiler_alloc(d->c, sizeof(*p));

	if (p == NULL || part->text == NULL) {
		return;
	}
	const char *problem = pattern_parse(view_text(text->text), p);

	if (problem != NULL) {
		draft_refuse(d, text->where, problem, text->text);
		return;
	}
	struct edit *e = draft_add(d, EDIT_PATTERN);

	e->pattern = p;
	while (e->number < p->count && !view_is(p->parts[e->number], part->text)) {
		e->number++;
	}
	if (e->number == p->count) {
		draft_refuse(d, part->where, "not a part of the pattern", part->text);
	}
}

static void
add_regex(struct draft *d, enum edit_kind kind, const struct conf_text *text, const char *before, const char *behind)
{
	const char *whole = arena_printf(d->c->arena, "%s%s%s", before, text->text, behind), *problem = NULL;
	struct edit *e = draft_add(d, kind);
	size_t at = 0;
	enum en_err err =
	    whole == NULL ? EN_ENOMEM : regex_compile(view_text(whole), d->c->arena, &e->regex, &at, &problem);

	if (err == EN_ENOMEM) {
		d->c->err = err;
	} else if (err != EN_OK) {
		draft_refuse(d, text->where, problem == NULL ? "" : problem, text->text);
	}
}

static void
add_spelling(struct draft *d)
{
	static const char *const parts[] = {"given_names", "surname_1", "surname_2", "surnames", NULL};
	static const char *const orders[] = {"given_first", "surnames_first", "surnames_comma", "last_word", NULL};
	const struct conf_value *conf = d->conf;
	const struct {
		enum edit_kind kind;
		uint64_t number;
	} counts[] = {
	    {EDIT_FIRST, conf->first_characters}, {EDIT_LAST, conf->last_characters}, {EDIT_PAD, conf->pad_left}};

	add_aliases(d);
	if (conf->strip_prefix.count > 0) {
		draft_add(d, EDIT_STRIP_PREFIX)->list = texts_of(d, &conf->strip_prefix);
	}
	if (conf->strip_suffix.count > 0) {
		draft_add(d, EDIT_STRIP_SUFFIX)->list = texts_of(d, &conf->strip_suffix);
	}
	if (conf->pattern.text != NULL) {
		add_pattern(d);
	}
	if (conf->extract.text != NULL) {
		add_regex(d, EDIT_EXTRACT, &conf->extract, "", "");
	}
	for (size_t i = 0; i < EN_COUNT_OF(counts); i++) {
		if (counts[i].number > 0) {
			draft_add(d, counts[i].kind)->number = (uint32_t)counts[i].number;
		}
	}
	if (conf->matches.text != NULL) {
		// The whole text, where the language of expressions would be content with a part of it.
		add_regex(d, EDIT_MATCHES, &conf->matches, "\\A(?:", ")\\z");
	}
	if (conf->name_part.text != NULL && conf->name_order.text != NULL) {
		struct edit *e = draft_add(d, EDIT_NAME);

		e->number = draft_word(conf->name_part.text, parts);
		e->order = draft_word(conf->name_order.text, orders);
	}
}

// ---- the whole ----------------------------------------------------------------------------------------------------

static bool
compile_after(struct draft *d, struct value *v)
{
	const struct conf_value *conf = d->conf;

	d->count = 0;
	if (conf->prefix.text != NULL) {
		draft_add(d, EDIT_PREFIX)->text = view_text(conf->prefix.text);
	}
	if (conf->suffix.text != NULL) {
		draft_add(d, EDIT_SUFFIX)->text = view_text(conf->suffix.text);
	}
	if (d->count == 0) {
		return true;
	}
	struct more *more = more_of(d->c, v);

	if (more == NULL) {
		return false;
	}
	if (d->x->target->kind != KIND_STRING || d->x->target->value_count > 0) {
		findings_add(d->c->findings, E0305, conf->where, NULL, "prefix and suffix make text, and %s is %s",
		    d->x->target->name, kind_word(d->c, d->x->target));
		return false;
	}
	more->after = finish(d);
	return true;
}

static bool
compile_json(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct more *more = more_of(c, v);
	bool all = false;

	if (more == NULL) {
		return false;
	}
	more->json = view_text(conf->json.text);
	const char *problem = json_path_check(more->json, &all);

	if (problem != NULL) {
		findings_add(c->findings, E0326, conf->json.where, NULL, "%s: %s", conf->json.text,
		    findings_say(c->findings, problem));
		return false;
	}
	if (all && (!x->target->repeated || conf->kind != CONF_VALUE_COPY)) {
		findings_add(c->findings, E0322, conf->json.where, NULL, "%s names several, and %s is not repeated",
		    conf->json.text, x->target->name);
		return false;
	}
	return true;
}

// Whether the source can be taken as text; a date message can on its way to an age or a year.
static bool
check_source(struct draft *d, const struct schema_field *f)
{
	struct date_fields date;

	if (f == NULL || f->kind == KIND_STRING || kind_is_integer(f->kind)) {
		return true;
	}
	if (schema_is_message(f) && date_fields_of(f->message, &date) &&
	    (d->conf->age_at != NULL || draft_makes_year(d->conf))) {
		return true;
	}
	findings_add(d->c->findings, E0305, d->conf->where, NULL, "text steps do not go with %s, which is %s", f->name,
	    kind_word(d->c, f));
	return false;
}

bool
edits_compile(struct compiler *c, const struct value_context *x, const struct conf_value *conf,
    const struct schema_field *f, struct value *v, const struct schema_field **ret_f)
{
	struct draft d = {.c = c, .x = x, .conf = conf, .good = true};
	bool has_date = conf->date.text != NULL || conf->dates.count > 0;
	bool is_date = has_date && conf->age_at == NULL && !draft_makes_year(conf);

	*ret_f = f;
	if (conf->json.text != NULL) {
		d.good = compile_json(c, x, conf, v);
		*ret_f = NULL;
	}
	add_spelling(&d);
	draft_add_conversions(&d, f);
	draft_add_limits(&d, f, is_date);
	if (is_date && conf->between.count == 2) {
		d.good = draft_day_limits(c, conf, v) && d.good;
	}
	if (d.count > 0) {
		struct more *more = more_of(c, v);

		d.good = check_source(&d, f) && d.good;
		if (more == NULL) {
			return false;
		}
		more->before = finish(&d);
		*ret_f = NULL;
	}
	return compile_after(&d, v) && d.good;
}

// SPDX-License-Identifier: Apache-2.0
#include "map/carrier.h"

#include "map/expression.h"

struct collecting {
	struct arena *arena;
	struct buf found; // of struct carrier
	const struct line *line;
	const char *target;
	enum en_err err;
};

static void collect_value(struct collecting *x, const struct value *v);

// "person.identifiers[1].value" without its number.
static const char *
without_numbers(struct collecting *x, const char *text)
{
	char *copy = arena_text(x->arena, view_text(text));
	size_t put = 0;

	for (size_t at = 0; copy != NULL && copy[at] != '\0';) {
		if (copy[at] == '[') {
			at += strcspn(copy + at, "]");
			at += copy[at] == ']';
		} else {
			copy[put++] = copy[at++];
		}
	}
	if (copy == NULL) {
		x->err = EN_ENOMEM;
		return "";
	}
	copy[put] = '\0';
	return copy;
}

static const char *
path_name(struct collecting *x, const struct path *p)
{
	const char *text = "";

	for (uint32_t i = 0; i < p->chain_count && text != NULL; i++) {
		text = arena_printf(x->arena, "%s%s%s", text, i == 0 ? "" : ".", p->chain[i]->name);
	}
	if (text == NULL) {
		x->err = EN_ENOMEM;
		return "";
	}
	return text;
}

static void
add(struct collecting *x, const struct value *v, const struct path *p, bool is_test)
{
	struct carrier c = {.line = x->line, .value = v, .path = p, .is_test = is_test, .target = x->target};

	c.source = path_name(x, p);
	buf_put(&x->found, &c, sizeof(c));
}

static void
collect_condition(struct collecting *x, const struct value *v, const struct condition *c)
{
	for (uint32_t i = 0; c != NULL && i < c->path_count; i++) {
		add(x, v, c->paths[i], true);
	}
}

// What a value takes along, and what it looks at to decide.
static void
collect_value(struct collecting *x, const struct value *v)
{
	if (v == NULL) {
		return;
	}
	if (v->path != NULL) {
		add(x, v, v->path, false);
	}
	for (uint32_t i = 0; i < v->part_count; i++) {
		add(x, v, v->parts[i], false);
	}
	// What an expression makes of a field cannot be taken back: it only decides.
	for (uint32_t i = 0; v->expression != NULL && i < v->expression->path_count; i++) {
		add(x, v, v->expression->paths[i], true);
	}
	for (uint32_t i = 0; i < v->arm_count; i++) {
		collect_condition(x, v, v->arms[i].when);
		collect_value(x, v->arms[i].value);
	}
	collect_value(x, v->otherwise);
	collect_value(x, v->if_empty);
	if (v->more == NULL) {
		return;
	}
	collect_value(x, v->more->unknown_value);
	for (uint32_t i = 0; v->more->lookup != NULL && i < v->more->lookup->count; i++) {
		collect_value(x, v->more->lookup->values[i]);
	}
	if (v->more->item != NULL) {
		collect_condition(x, v, v->more->item->where);
	}
}

static void
collect_body(struct collecting *x, const struct body *b)
{
	for (uint32_t i = 0; i < b->line_count; i++) {
		x->line = &b->lines[i];
		if (x->line->value == NULL) {
			continue;
		}
		if (x->line->value->kind == CONF_VALUE_EACH) {
			collect_body(x, x->line->value->body);
			continue;
		}
		x->target = without_numbers(x, x->line->target);
		collect_value(x, x->line->value);
	}
}

enum en_err
carriers_of(const struct mapping *m, struct arena *arena, struct carriers *ret)
{
	struct collecting x = {.arena = arena, .found = BUF_EMPTY};

	collect_body(&x, m->body);
	struct view copy = arena_copy(arena, buf_view(&x.found));
	bool failed = x.found.err != EN_OK || x.err != EN_OK || (x.found.len > 0 && copy.data == NULL);

	*ret = (struct carriers){
	    .items = (const struct carrier *)(const void *)copy.data, .count = x.found.len / sizeof(struct carrier)};
	buf_fini(&x.found);
	return failed ? EN_ENOMEM : EN_OK;
}

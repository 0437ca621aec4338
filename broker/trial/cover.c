// SPDX-License-Identifier: Apache-2.0
// Everything that can be reached is listed once, from the files; each thing has a key, and what a rehearsal tells is looked up by it.
#include "trial/cover.h"

#include <stdio.h>
#include <stdlib.h>

#include "map/program.h"
#include "schema/scalar.h"

struct coverage {
	const struct rules *rules;
	struct arena arena;
	struct strmap keys; // -> number of the item + 1
	struct cover_item *items;
	size_t count, cap;
	struct index index;
	struct buf key;
	enum en_err err;
};

const char *
cover_kind_name(enum cover_kind kind)
{
	static const char *const names[COVER_KIND_COUNT] = {[COVER_LINE] = "line",
	    [COVER_ARM] = "arm",
	    [COVER_ROW] = "row",
	    [COVER_VALUE] = "value",
	    [COVER_ROUTE] = "route",
	    [COVER_AGREEMENT] = "agreement",
	    [COVER_SUBSCRIPTION] = "subscription"};

	return names[kind];
}

// ---- keys -----------------------------------------------------------------------------------------------------------------

static struct view
place_key(struct coverage *c, enum cover_kind kind, struct where where)
{
	buf_clear(&c->key);
	buf_printf(&c->key, "%d %s:%u:%u", kind, where.file == NULL ? "" : where.file, where.line, where.column);
	return buf_view(&c->key);
}

static struct view
name_key(struct coverage *c, enum cover_kind kind, const char *name)
{
	buf_clear(&c->key);
	buf_printf(&c->key, "%d %s", kind, name);
	return buf_view(&c->key);
}

static struct view
value_key(struct coverage *c, const struct mapping *m, const struct schema_field *f, struct view value)
{
	buf_clear(&c->key);
	buf_printf(&c->key, "%d %s %s %s ", COVER_VALUE, mapping_name(m), f->owner->name, f->name);
	buf_put_view(&c->key, value);
	return buf_view(&c->key);
}

static void
add(struct coverage *c, struct view key, enum cover_kind kind, struct where where, const char *what)
{
	if (c->err != EN_OK || strmap_get(&c->keys, key) != NULL) {
		return;
	}
	struct cover_item *items = arena_larger(&c->arena, c->items, c->count, &c->cap, sizeof(*items));

	if (items == NULL) {
		c->err = EN_ENOMEM;
		return;
	}
	c->items = items;
	c->items[c->count] = (struct cover_item){.kind = kind, .where = where, .what = what};
	c->err = strmap_put(&c->keys, key, (void *)(uintptr_t)++c->count, NULL);
}

static void
reach(struct coverage *c, struct view key)
{
	uintptr_t number = (uintptr_t)strmap_get(&c->keys, key);

	if (c->key.err != EN_OK) {
		c->err = c->key.err;
	} else if (number > 0) {
		c->items[number - 1].is_reached = true;
	}
}

// ---- what there is ------------------------------------------------------------------------------------------------------------

static void
list_table(struct coverage *c, const char *name)
{
	const struct conf_set *conf = rules_conf(c->rules);

	for (size_t i = 0; i < conf->table_count; i++) {
		const struct conf_table *table = conf->tables[i];

		for (size_t r = 0; r < table->row_count && strcmp(table->name.text, name) == 0; r++) {
			const struct conf_table_row *row = &table->rows[r];

			// A row that says "nothing" makes no field, so nothing tells that it was used.
			if (row->from[0] != '\0' && row->to[0] != '\0') {
				add(c, place_key(c, COVER_ROW, row->where), COVER_ROW, row->where,
				    arena_printf(&c->arena, "%s %s", name, row->from));
			}
		}
	}
}

static void list_lines(struct coverage *c, const struct conf_set_line *lines, size_t count);

// What may stand in a value: arms, what follows otherwise, what an empty source becomes, tables, lines of items.
static void
list_value(struct coverage *c, const struct conf_value *v, const char *target, bool is_arm)
{
	if (v == NULL) {
		return;
	}
	if (is_arm && v->kind != CONF_VALUE_CHOOSE) {
		add(c, place_key(c, COVER_ARM, v->where), COVER_ARM, v->where, target);
	}
	if (v->table.text != NULL) {
		list_table(c, v->table.text);
	}
	for (size_t i = 0; i < v->arm_count; i++) {
		list_value(c, v->arms[i].value, target, true);
	}
	if (v->otherwise_hold) {
		add(c, place_key(c, COVER_ARM, v->where), COVER_ARM, v->otherwise_where,
		    arena_printf(&c->arena, "%s otherwise hold", target));
	}
	list_value(c, v->otherwise, target, true);
	list_value(c, v->unknown_value, target, true);
	list_value(c, v->if_empty, target, true);
	list_lines(c, v->set, v->set_count);
}

static void
list_lines(struct coverage *c, const struct conf_set_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct conf_set_line *line = &lines[i];

		if (line->value->kind != CONF_VALUE_EACH) {
			add(c, place_key(c, COVER_LINE, line->target.where), COVER_LINE, line->target.where,
			    line->target.text);
		}
		list_value(c, line->value, line->target.text, false);
	}
}

static void
list_values_of(struct coverage *c, const struct mapping *m, const struct schema_field *f, struct where where)
{
	for (uint32_t i = 0; i < f->value_count; i++) {
		add(c, value_key(c, m, f, view_text(f->values[i])), COVER_VALUE, where,
		    arena_printf(&c->arena, "%s = %s", f->json_name, f->values[i]));
	}
	for (uint32_t i = 0; f->enumeration != NULL && i < f->enumeration->value_count; i++) {
		const struct schema_enum_value *v = &f->enumeration->values[i];

		if (v->number != 0 || f->has_presence) {
			add(c, value_key(c, m, f, view_text(v->name)), COVER_VALUE, where,
			    arena_printf(&c->arena, "%s = %s", f->name, v->name));
		}
	}
}

static void
list_reads(struct coverage *c, const struct mapping *m, const struct body *body)
{
	for (uint32_t i = 0; i < body->line_count; i++) {
		const struct line *line = &body->lines[i];

		for (const struct read *r = line->reads; r != NULL; r = r->next) {
			list_values_of(c, m, r->path->leaf, line->where);
		}
		if (line->value->kind == CONF_VALUE_EACH) {
			list_reads(c, m, line->value->body);
		}
	}
}

static void
list_all(struct coverage *c)
{
	const struct conf_set *conf = rules_conf(c->rules);

	for (size_t i = 0; i < conf->mapping_count; i++) {
		const struct mapping *m = rules_mapping_by_name(c->rules, conf->mappings[i]->name.text);

		list_lines(c, conf->mappings[i]->set, conf->mappings[i]->set_count);
		list_reads(c, m, m->body);
	}
	for (size_t i = 0; i < conf->route_count; i++) {
		const struct conf_text *name = &conf->routes[i]->name;

		add(c, name_key(c, COVER_ROUTE, name->text), COVER_ROUTE, name->where, name->text);
	}
	for (size_t i = 0; i < conf->agreement_count; i++) {
		const struct conf_text *name = &conf->agreements[i]->name;

		add(c, name_key(c, COVER_AGREEMENT, name->text), COVER_AGREEMENT, name->where, name->text);
	}
	for (size_t i = 0; i < conf->subscription_count; i++) {
		const struct conf_text *name = &conf->subscriptions[i]->name;

		add(c, name_key(c, COVER_SUBSCRIPTION, name->text), COVER_SUBSCRIPTION, name->where, name->text);
	}
}

// ---- what was reached -----------------------------------------------------------------------------------------------------------

static void
reach_lineage(struct coverage *c, const struct lineage *lineage)
{
	for (size_t i = 0; i < lineage->count; i++) {
		const struct map_trace *t = &lineage->items[i];

		reach(c, place_key(c, COVER_LINE, t->line));
		reach(c, place_key(c, COVER_ARM, t->where));
		reach(c, place_key(c, COVER_ROW, t->table_row));
	}
}

static void
reach_node(struct coverage *c, const struct mapping *m, const struct schema_field *f, const struct index *ix,
    const struct index_node *n)
{
	struct buf text = BUF_EMPTY;

	if (f->kind == KIND_ENUM) {
		scalar_to_text(f, n->bits, &text);
		reach(c, value_key(c, m, f, buf_view(&text)));
		buf_fini(&text);
	} else if (f->value_count > 0 && f->kind == KIND_STRING) {
		reach(c, value_key(c, m, f, index_bytes(ix, n)));
	}
}

// Every value in a message that the mapping was given.
static void
reach_values(struct coverage *c, const struct mapping *m, const struct index *ix)
{
	for (uint32_t message = 0; message < ix->message_count; message++) {
		const struct schema_type *t = ix->messages[message].type;

		for (uint32_t i = 0; i < t->field_count; i++) {
			const struct schema_field *f = &t->fields[i];

			if (f->kind != KIND_ENUM && f->value_count == 0) {
				continue;
			}
			for (const struct index_node *n = index_first(ix, message, f); n != NULL;
			     n = index_next(ix, n)) {
				reach_node(c, m, f, ix, n);
			}
		}
	}
}

static void
reach_delivery(struct coverage *c, const struct rehearsed_delivery *d)
{
	if (d->plan != NULL) {
		reach_values(c, plan_mapping(d->plan), &c->index);
	}
	if (d->reason != REASON_NONE) {
		return;
	}
	reach(c, name_key(c, COVER_AGREEMENT, d->decided->agreement));
	reach(c, name_key(c, COVER_SUBSCRIPTION, d->decided->subscription->name));
	reach_lineage(c, &d->lineage);
}

static void
reach_output(struct coverage *c, const struct rehearsed_output *o)
{
	const struct schema_type *type = rules_canonical_type(c->rules, o->type);

	reach_lineage(c, &o->lineage);
	for (size_t i = 0; i < o->notes.count; i++) {
		if (o->notes.items[i].kind == NOTE_ROUTE_HOLDS) {
			reach(c, name_key(c, COVER_ROUTE, o->notes.items[i].route));
		}
	}
	if (o->decision.recipient_count == 0 || o->deliveries == NULL) {
		return;
	}
	if (index_build(&c->index, type, o->payload, NULL) == EN_OK) {
		for (size_t i = 0; i < o->decision.recipient_count; i++) {
			reach_delivery(c, &o->deliveries[i]);
		}
	}
}

enum en_err
coverage_add(
    struct coverage *c, const struct rehearsal *h, const struct rehearsal_question *q, const struct mapping *alone)
{
	size_t count = 0;
	const struct plan *const *plans = alone != NULL ? NULL : rules_inbound(q->rules, q->type, &count);

	if (h->reason != REASON_SCHEMA_INVALID && alone != NULL) {
		reach_values(c, alone, &h->input);
	}
	for (size_t i = 0; i < count && h->reason != REASON_SCHEMA_INVALID; i++) {
		reach_values(c, plan_mapping(plans[i]), &h->input);
	}
	if (h->reason == REASON_CHOOSE_NONE) {
		reach(c, place_key(c, COVER_ARM, h->fault.where));
	}
	for (size_t i = 0; i < h->output_count; i++) {
		reach_output(c, &h->outputs[i]);
	}
	return c->err;
}

// ---- the whole ------------------------------------------------------------------------------------------------------------------

enum en_err
coverage_new(const struct rules *rules, struct coverage **ret)
{
	struct coverage *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		return EN_ENOMEM;
	}
	c->rules = rules;
	arena_init(&c->arena, 0);
	strmap_init(&c->keys, 0);
	index_init(&c->index);
	list_all(c);
	if (c->err != EN_OK || c->key.err != EN_OK) {
		coverage_free(&c);
		return EN_ENOMEM;
	}
	*ret = c;
	return EN_OK;
}

void
coverage_free(struct coverage **cp)
{
	struct coverage *c = *cp;

	if (c != NULL) {
		buf_fini(&c->key);
		index_fini(&c->index);
		strmap_fini(&c->keys);
		arena_fini(&c->arena);
		free(c);
		*cp = NULL;
	}
}

static int
by_place(const void *left, const void *right)
{
	const struct cover_item *a = left, *b = right;
	int order = strcmp(a->where.file == NULL ? "" : a->where.file, b->where.file == NULL ? "" : b->where.file);

	if (order != 0) {
		return order;
	}
	return a->where.line != b->where.line    ? (a->where.line < b->where.line ? -1 : 1)
	    : a->where.column != b->where.column ? (a->where.column < b->where.column ? -1 : 1)
						 : (int)a->kind - (int)b->kind;
}

const struct cover_item *
coverage_items(struct coverage *c, size_t *ret_count)
{
	struct cover_item *sorted = arena_alloc(&c->arena, (c->count + 1) * sizeof(*sorted));

	*ret_count = sorted == NULL ? 0 : c->count;
	if (sorted != NULL && c->count > 0) {
		memcpy(sorted, c->items, c->count * sizeof(*sorted));
		qsort(sorted, c->count, sizeof(*sorted), by_place);
	}
	return sorted;
}

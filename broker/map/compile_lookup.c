// SPDX-License-Identifier: Apache-2.0
// Wide tables: rows found by several columns at once, rows above a row, and the countries of telephone numbers.
#include <stdlib.h>

#include "map/compiler.h"
#include "map/phone.h"

static const struct code_table *
wide_table(struct compiler *c, const struct conf_text *name)
{
	const struct code_table *t = code_table_by_name(c->tables, name->text);

	if (t == NULL) {
		findings_add(
		    c->findings, E0308, name->where, code_table_nearest(c->tables, name->text), "%s", name->text);
	} else if (t->conf->columns.count == 0) {
		findings_add(c->findings, E0308, name->where, "columns: [...] in its header",
		    "%s has no columns of its own", name->text);
		t = NULL;
	}
	return t;
}

static bool
column_of(struct compiler *c, const struct code_table *t, const struct conf_text *name, uint32_t *ret)
{
	size_t at = 0;

	if (conf_table_column(t->conf, name->text, &at)) {
		*ret = (uint32_t)at;
		return true;
	}
	const char **names = compiler_array(c, t->conf->columns.count, sizeof(*names));

	for (size_t i = 0; names != NULL && i < t->conf->columns.count; i++) {
		names[i] = t->conf->columns.items[i].text;
	}
	findings_add(c->findings, E0327, name->where,
	    names == NULL ? NULL : nearest_name(name->text, names, t->conf->columns.count), "%s is not a column of %s",
	    name->text, t->name);
	return false;
}

// ---- order of rows ------------------------------------------------------------------------------------------------

struct order {
	const struct conf_table_row *rows;
	const uint32_t *columns;
	uint32_t count;
};

static int
by_columns(const void *left, const void *right, void *context)
{
	const struct order *o = context;
	const struct conf_table_row *a = &o->rows[*(const uint32_t *)left], *b = &o->rows[*(const uint32_t *)right];

	for (uint32_t i = 0; i < o->count; i++) {
		int order = strcmp(a->cells[o->columns[i]], b->cells[o->columns[i]]);

		if (order != 0) {
			return order;
		}
	}
	return (*(const uint32_t *)left > *(const uint32_t *)right) -
	    (*(const uint32_t *)left < *(const uint32_t *)right);
}

static const uint32_t *
sorted_rows(struct compiler *c, const struct code_table *t, const uint32_t *columns, uint32_t count)
{
	struct order o = {.rows = t->conf->rows, .columns = columns, .count = count};
	uint32_t *rows = compiler_array(c, t->conf->row_count, sizeof(*rows));

	if (rows == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < t->conf->row_count; i++) {
		rows[i] = (uint32_t)i;
	}
	if (t->conf->row_count > 0) {
		qsort_r(rows, t->conf->row_count, sizeof(*rows), by_columns, &o);
	}
	return rows;
}

// ---- lookup -------------------------------------------------------------------------------------------------------

static bool
compile_match(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct lookup *l)
{
	uint32_t *columns = compiler_array(c, conf->pair_count, sizeof(*columns));
	const struct value **values = compiler_array(c, conf->pair_count, sizeof(*values));
	bool good = columns != NULL && values != NULL;

	for (size_t i = 0; columns != NULL && values != NULL && i < conf->pair_count; i++) {
		good = column_of(c, l->table, &conf->pairs[i].name, &columns[i]) && good;
		values[i] = helper_compile(c, x, conf->pairs[i].value);
		good = good && values[i] != NULL;
	}
	// What no row has stays as the first of them said it.
	if (good && conf->if_unknown == CONF_UNKNOWN_KEEP && conf->pair_count > 0 && values[0]->path != NULL) {
		check_label(c, x, values[0]->path);
	}
	l->columns = columns;
	l->values = values;
	l->count = (uint32_t)conf->pair_count;
	return good;
}

static bool
compile_ancestor(struct compiler *c, const struct conf_value *conf, struct lookup *l)
{
	const struct conf_table *t = l->table->conf;

	if (conf->ancestor.text == NULL) {
		return true;
	}
	if (t->parent_column.text == NULL || t->code_column.text == NULL || t->level_column.text == NULL) {
		findings_add(c->findings, E0327, conf->ancestor.where, "code_column, parent_column, level_column",
		    "%s is no hierarchy", l->table->name);
		return false;
	}
	bool good = column_of(c, l->table, &t->code_column, &l->code) &&
	    column_of(c, l->table, &t->parent_column, &l->parent) &&
	    column_of(c, l->table, &t->level_column, &l->level);
	bool found = false;

	for (size_t i = 0; good && i < t->row_count && !found; i++) {
		found = strcmp(t->rows[i].cells[l->level], conf->ancestor.text) == 0;
	}
	if (good && !found) {
		findings_add(c->findings, E0327, conf->ancestor.where, NULL, "no row of %s has the level %s",
		    l->table->name, conf->ancestor.text);
	}
	l->ancestor = view_text(conf->ancestor.text);
	l->by_code = good ? sorted_rows(c, l->table, &l->code, 1) : NULL;
	return found && l->by_code != NULL;
}

// "usuario, agencia": what is compared.
static const char *
match_names(struct compiler *c, const struct lookup *l)
{
	const char *text = "";

	for (uint32_t i = 0; i < l->count && text != NULL; i++) {
		const char *name = l->values[i]->source;

		text = name == NULL ? text : arena_printf(c->arena, "%s%s%s", text, text[0] == '\0' ? "" : ", ", name);
	}
	if (text == NULL) {
		c->err = EN_ENOMEM;
	}
	return text;
}

bool
compile_lookup(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	struct lookup *l = compiler_alloc(c, sizeof(*l));
	struct more *more = more_of(c, v);

	if (l == NULL || more == NULL || conf->take.text == NULL) {
		return false;
	}
	l->table = wide_table(c, &conf->lookup);
	if (l->table == NULL) {
		return false;
	}
	const struct read *before = c->reads;
	bool good = compile_match(c, x, conf, l);

	if (c->reads == before) {
		check_constant(c, x, conf->where, NULL);
	}
	good = column_of(c, l->table, &conf->take, &l->take) && good;
	l->first = conf->expect.text != NULL && strcmp(conf->expect.text, "first") == 0;
	l->rows = good ? sorted_rows(c, l->table, l->columns, l->count) : NULL;
	good = compile_ancestor(c, conf, l) && good && l->rows != NULL;
	v->source = good ? match_names(c, l) : NULL;
	more->lookup = l;
	good = steps_compile(c, x, conf, NULL, v) && good;
	return compile_if_empty(c, x, conf, v) && good;
}

// ---- telephone numbers --------------------------------------------------------------------------------------------

const struct phone_plan *
phones_compile(struct compiler *c, const struct conf_text *name)
{
	static const char *const headings[] = {"country", "code", "trunk", "lengths", "infix"};
	const struct code_table *t = wide_table(c, name);
	struct phone_plan *plan = t == NULL ? NULL : compiler_alloc(c, sizeof(*plan));
	struct phone_country *items = t == NULL ? NULL : compiler_array(c, t->conf->row_count, sizeof(*items));
	uint32_t at[EN_COUNT_OF(headings)];

	if (plan == NULL || items == NULL) {
		return NULL;
	}
	for (size_t i = 0; i < EN_COUNT_OF(headings); i++) {
		const struct conf_text heading = {.text = headings[i], .where = name->where};

		if (!column_of(c, t, &heading, &at[i])) {
			return NULL;
		}
	}
	for (size_t i = 0; i < t->conf->row_count; i++) {
		const char *const *cells = t->conf->rows[i].cells;

		items[i] = (struct phone_country){view_text(cells[at[0]]), view_text(cells[at[1]]),
		    view_text(cells[at[2]]), view_text(cells[at[3]]), view_text(cells[at[4]])};
	}
	*plan = (struct phone_plan){.items = items, .count = (uint32_t)t->conf->row_count};
	return plan;
}

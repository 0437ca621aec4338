// SPDX-License-Identifier: Apache-2.0
// Code tables by name, each with its codes looked up both ways where it goes both ways.
#include <stdlib.h>

#include "map/program.h"

struct code_tables {
	struct strmap by_name; // -> struct code_table
	struct code_table *items;
	const char **names;
	size_t count;
};

void
code_tables_free(struct code_tables **tp)
{
	struct code_tables *t = *tp;

	if (t == NULL) {
		return;
	}
	for (size_t i = 0; t->items != NULL && i < t->count; i++) {
		codes_fini(&t->items[i].forward);
		codes_fini(&t->items[i].backward);
	}
	strmap_fini(&t->by_name);
	free(t->items);
	free(t->names);
	free(t);
	*tp = NULL;
}

static bool
add_code(struct codes *codes, const char *code, const struct conf_table_row *row, struct findings *findings)
{
	if (codes_put(codes, view_text(code), row) != NULL) {
		findings_add(findings, E0310, row->where, NULL, "%s", code);
		return false;
	}
	return true;
}

// Both directions of one table. A duplicate is a finding and the other rows are still looked at.
static enum en_err
index_rows(struct code_table *t, struct findings *findings)
{
	bool good = true;

	if (codes_init(&t->forward, t->conf->row_count) != EN_OK ||
	    (t->both_ways && codes_init(&t->backward, t->conf->row_count) != EN_OK)) {
		return EN_ENOMEM;
	}
	for (size_t i = 0; t->conf->columns.count == 0 && i < t->conf->row_count; i++) {
		const struct conf_table_row *row = &t->conf->rows[i];

		good = add_code(&t->forward, row->from, row, findings) && good;
		if (t->both_ways && row->to[0] != '\0') {
			good = add_code(&t->backward, row->to, row, findings) && good;
		}
	}
	return good ? EN_OK : EN_ECONFIG;
}

// What a code is called, by all tables of its system and of one owner: others have words of their own for it.
struct labelled {
	const struct conf_table_row *row;
	const struct conf_table *table;
};

// A code whose label differs from that in another table has drifted: one of the two means something else by it.
static enum en_err
compare_labels(const struct conf_table *t, struct strmap *labels, struct arena *arena, struct findings *findings)
{
	enum en_err err = EN_OK;

	for (size_t i = 0; t->system_from.text != NULL && i < t->row_count && err == EN_OK; i++) {
		const struct conf_table_row *row = &t->rows[i];
		const char *owner = t->owner.text == NULL ? "" : t->owner.text;
		const char *key = row->label == NULL
		    ? NULL
		    : arena_printf(arena, "%s\n%s\n%s", t->system_from.text, owner, row->from);
		struct labelled *one = key == NULL ? NULL : arena_alloc(arena, sizeof(*one));

		if (row->label == NULL) {
			continue;
		}
		if (one == NULL) {
			return EN_ENOMEM;
		}
		const struct labelled *other = strmap_get(labels, view_text(key));

		*one = (struct labelled){.row = row, .table = t};
		if (other == NULL) {
			err = strmap_put(labels, view_text(key), one, NULL);
		} else if (strcmp(other->row->label, row->label) != 0) {
			findings_add(findings, W0304, row->where, NULL, "%s is \"%s\" here and \"%s\" in %s", row->from,
			    row->label, other->row->label, other->table->name.text);
		}
	}
	return err;
}

static enum en_err
compare_all_labels(const struct conf_set *set, struct findings *findings)
{
	struct strmap labels;
	struct arena arena;
	enum en_err err = EN_OK;

	strmap_init(&labels, 0);
	arena_init(&arena, 0);
	for (size_t i = 0; i < set->table_count && err == EN_OK; i++) {
		err = compare_labels(set->tables[i], &labels, &arena, findings);
	}
	strmap_fini(&labels);
	arena_fini(&arena);
	return err;
}

enum en_err
code_tables_new(const struct conf_set *set, struct findings *findings, struct code_tables **ret)
{
	size_t room = set->table_count == 0 ? 1 : set->table_count;
	struct code_tables *t = calloc(1, sizeof(*t));
	enum en_err err = EN_ENOMEM;

	if (t == NULL) {
		return EN_ENOMEM;
	}
	t->items = calloc(room, sizeof(*t->items));
	t->names = calloc(room, sizeof(*t->names));
	if (t->items == NULL || t->names == NULL) {
		goto out;
	}
	err = EN_OK;
	for (size_t i = 0; i < set->table_count; i++) {
		struct code_table *item = &t->items[t->count];

		*item = (struct code_table){.name = set->tables[i]->name.text, .conf = set->tables[i]};
		item->both_ways =
		    item->conf->direction.text != NULL && strcmp(item->conf->direction.text, "both_ways") == 0;
		t->names[t->count++] = item->name;
		enum en_err one = index_rows(item, findings);

		if (one == EN_ENOMEM || strmap_put(&t->by_name, view_text(item->name), item, NULL) != EN_OK) {
			err = EN_ENOMEM;
			goto out;
		}
		err = one != EN_OK ? one : err;
	}
	if (err == EN_OK) {
		err = compare_all_labels(set, findings);
	}
	if (err == EN_OK) {
		*ret = t;
		t = NULL;
	}
out:
	code_tables_free(&t);
	return err;
}

const struct code_table *
code_table_by_name(const struct code_tables *tables, const char *name)
{
	return tables == NULL ? NULL : strmap_get(&tables->by_name, view_text(name));
}

const char *
code_table_nearest(const struct code_tables *tables, const char *name)
{
	return tables == NULL ? NULL : nearest_name(name, tables->names, tables->count);
}

// SPDX-License-Identifier: Apache-2.0
// A mapping file becomes a program. Everything is looked at in one run, so that all findings come at once; only then is it decided whether there is a
// program at all.
#include <stdlib.h>

#include "map/compiler.h"
#include "map/expression.h"

void *
compiler_alloc(struct compiler *c, size_t len)
{
	void *p = arena_zalloc(c->arena, len);

	if (p == NULL) {
		c->err = EN_ENOMEM;
	}
	return p;
}

void *
compiler_array(struct compiler *c, size_t count, size_t size)
{
	return compiler_alloc(c, count == 0 ? size : count * size);
}

void
read_add(struct compiler *c, const struct path *p, enum read_mode mode)
{
	struct read *r = compiler_alloc(c, sizeof(*r));

	if (r == NULL) {
		return;
	}
	*r = (struct read){.next = c->reads, .path = p, .mode = mode, .tells_of = c->tells_of[p->frame]};
	c->reads = r;
	cover_read(c, p->chain, p->chain_count, !schema_is_message(p->leaf) || (mode != READ_ITEMS && !p->is_counted));
}

// ---- bodies -------------------------------------------------------------------------------------------------------

static struct group_entry *
find_entry(struct group *g, const struct schema_field *f, uint32_t element)
{
	for (uint32_t i = 0; i < g->entry_count; i++) {
		// Items named one by one and a value for the whole field exclude each other.
		if (g->entries[i].field == f &&
		    (g->entries[i].element == element || g->entries[i].element == 0 || element == 0)) {
			return &g->entries[i];
		}
	}
	return NULL;
}

static struct group_entry *
add_entry(struct compiler *c, struct group *g)
{
	struct group_entry *entries =
	    arena_larger(c->arena, g->entries, g->entry_count, &g->entry_cap, sizeof(*entries));

	if (entries == NULL) {
		c->err = EN_ENOMEM;
		return NULL;
	}
	g->entries = entries;
	return &g->entries[g->entry_count++];
}

static const char *
below(struct compiler *c, const char *prefix, const char *name, uint32_t element)
{
	const char *dot = prefix[0] == '\0' ? "" : ".";
	const char *text = element > 0 ? arena_printf(c->arena, "%s%s%s[%u]", prefix, dot, name, element)
				       : arena_printf(c->arena, "%s%s%s", prefix, dot, name);

	if (text == NULL) {
		c->err = EN_ENOMEM;
	}
	return text;
}

// The group that the next field of a target path leads into; NULL after a finding.
static struct group *
enter_group(
    struct compiler *c, struct group *g, const struct schema_field *f, uint32_t element, const struct line *line)
{
	struct group_entry *e = find_entry(g, f, element);

	if (e != NULL) {
		if (e->group == NULL) {
			findings_add(c->findings, E0312, line->where, NULL, "%s is set at line %u", e->line->target,
			    e->line->where.line);
		}
		return e->group;
	}
	struct group *new = compiler_alloc(c, sizeof(*new));

	e = new == NULL ? NULL : add_entry(c, g);
	if (e == NULL) {
		return NULL;
	}
	new->type = f->message;
	new->where = line->where;
	new->target = below(c, g->target, f->name, element);
	new->native = below(c, g->native, f->json_name, element);
	*e = (struct group_entry){.field = f, .element = element, .group = new};
	return new;
}

static void
place_line(struct compiler *c, struct group *g, const struct target *t, const struct line *line)
{
	for (uint32_t i = 0; g != NULL && i + 1 < t->count; i++) {
		g = enter_group(c, g, t->chain[i], t->elements[i], line);
	}
	if (g == NULL) {
		return;
	}
	const struct group_entry *taken = find_entry(g, line->field, 0);

	if (taken != NULL) {
		findings_add(c->findings, E0312, line->where, NULL, "%s is set at line %u", line->target,
		    taken->line != NULL ? taken->line->where.line : taken->group->where.line);
		return;
	}
	struct group_entry *e = add_entry(c, g);

	if (e != NULL) {
		*e = (struct group_entry){.field = line->field, .line = line};
	}
}

static void
compile_line(struct compiler *c, const struct scope *scope, struct body *b, const struct conf_set_line *conf,
    const char *prefix, const char *native_prefix)
{
	struct line *line = &b->lines[b->line_count];
	struct target t;

	if (!target_resolve(c, b->type, &conf->target, prefix, native_prefix, &t)) {
		// The source is resolved all the same where that needs no target, so that its fields count as read.
		if (conf->value->kind == CONF_VALUE_COPY && conf->value->from.text != NULL) {
			const struct path *p = path_resolve(c, scope, &conf->value->from, false);

			if (p != NULL) {
				cover_read(c, p->chain, p->chain_count, true);
			}
		}
		return;
	}
	b->line_count++;
	*line = (struct line){
	    .index = c->mapping->line_count++,
	    .where = conf->target.where,
	    .target = t.text,
	    .native = t.native,
	    .field = t.chain[t.count - 1],
	};
	struct value_context x = {.scope = scope, .target = line->field, .path = &t, .is_line = true};

	c->reads = NULL;
	line->value = value_compile(c, &x, conf->value);
	line->reads = c->reads;
	for (const struct read *r = line->reads; r != NULL; r = r->next) {
		line->tells = line->tells > r->tells_of ? line->tells : r->tells_of + 1;
	}
	place_line(c, b->root, &t, line);
}

static int
by_number_descending(const void *left, const void *right)
{
	const struct group_entry *a = left, *b = right;

	if (a->field->number != b->field->number) {
		return a->field->number < b->field->number ? 1 : -1;
	}
	return (a->element < b->element) - (a->element > b->element);
}

static void
sort_group(struct group *g)
{
	if (g->entry_count > 0) {
		qsort(g->entries, g->entry_count, sizeof(*g->entries), by_number_descending);
	}
	for (uint32_t i = 0; i < g->entry_count; i++) {
		if (g->entries[i].group != NULL) {
			sort_group(g->entries[i].group);
		}
	}
}

struct body *
body_compile(struct compiler *c, const struct scope *scope, const struct schema_type *type,
    const struct conf_set_line *set, size_t count, const char *prefix, const char *native_prefix)
{
	struct body *b = compiler_alloc(c, sizeof(*b));
	struct group *root = compiler_alloc(c, sizeof(*root));
	struct line *lines = compiler_array(c, count, sizeof(*lines));

	if (b == NULL || root == NULL || lines == NULL) {
		return NULL;
	}
	*root = (struct group){.type = type, .target = prefix, .native = native_prefix};
	*b = (struct body){.type = type, .lines = lines, .root = root};
	for (size_t i = 0; i < count && c->err == EN_OK; i++) {
		compile_line(c, scope, b, &set[i], prefix, native_prefix);
	}
	sort_group(root);
	return c->err == EN_OK ? b : NULL;
}

// ---- mappings -----------------------------------------------------------------------------------------------------

static const struct schema_type *
find_type(struct compiler *c, const struct schema *schema, const struct conf_text *name)
{
	const struct schema_type *t = schema_type_by_name(schema, name->text);

	if (t == NULL) {
		size_t count = 0;
		const char *const *names = schema_type_names(schema, &count);

		findings_add(c->findings, E0301, name->where, nearest_name(name->text, names, count), "%s", name->text);
	}
	return t;
}

// What stands before the last dot of a full name.
static struct view
package_of(const struct schema_type *t)
{
	const char *dot = strrchr(t->name, '.');

	return view_of(t->name, dot == NULL ? 0 : (size_t)(dot - t->name));
}

static void
compile_when(struct compiler *c, const struct scope *root)
{
	struct mapping *m = c->mapping;

	if (m->conf->when.where.line == 0 && m->conf->when.count == 0) {
		return;
	}
	c->reads = NULL;
	m->when = condition_compile_in(c, root, &m->conf->when);
	m->when_reads = c->reads;
}

// Which items become events, and what each is known by.
static void
compile_split(struct compiler *c, const struct scope *item)
{
	struct mapping *m = c->mapping;
	const struct conf_value conf = {.where = m->conf->one_event_where.where, .keep_if = m->conf->one_event_where};
	const struct value_context x = {.scope = item};

	c->reads = NULL;
	(void)selection_compile(c, &x, &conf, item, &m->split_items);
	m->split_key = m->conf->one_event_key == NULL ? NULL : helper_compile(c, &x, m->conf->one_event_key);
	m->split_reads = c->reads;
}

static void
compile_all(struct compiler *c)
{
	struct mapping *m = c->mapping;
	const struct scope root = {.type = m->from};
	const struct scope *scope = &root;
	struct scope item;

	compile_when(c, &root);
	if (m->conf->one_event_per.text != NULL) {
		const struct path *p = path_resolve(c, &root, &m->conf->one_event_per, false);

		if (p == NULL || !scope_open(c, &root, p, &m->conf->one_event_called, &item)) {
			return; // everything else would be a consequence
		}
		m->split = p;
		scope = &item;
		compile_split(c, scope);
	}
	m->body = body_compile(c, scope, m->to, m->conf->set, m->conf->set_count, "", "");
	if (m->body != NULL) {
		check_body(c, m->body, m->conf->to.where);
		cover_check(c, scope);
	}
}

enum en_err
mapping_compile(const struct conf_mapping *conf, const struct schema *schema, const struct code_tables *tables,
    struct findings *findings, struct mapping **ret)
{
	struct mapping *m = calloc(1, sizeof(*m));
	size_t errors = findings->errors;

	if (m == NULL) {
		return EN_ENOMEM;
	}
	arena_init(&m->arena, 0);
	m->conf = conf;
	struct compiler c = {.arena = &m->arena, .findings = findings, .tables = tables, .mapping = m};

	c.cover = cover_new(&c);
	m->from = find_type(&c, schema, &conf->from);
	m->to = find_type(&c, schema, &conf->to);
	if (m->from != NULL && m->to != NULL && c.err == EN_OK) {
		m->id_domain = package_of(m->to);
		compile_all(&c);
	}
	enum en_err err = c.err != EN_OK ? c.err : findings->errors > errors ? EN_ECONFIG : EN_OK;

	m->expressions = c.expressions;
	if (err != EN_OK) {
		mapping_free(&m);
		return err;
	}
	*ret = m;
	return EN_OK;
}

void
mapping_free(struct mapping **mp)
{
	if (*mp != NULL) {
		expressions_free((*mp)->expressions);
		places_free((*mp)->places);
		arena_fini(&(*mp)->arena);
		free(*mp);
		*mp = NULL;
	}
}

const char *
mapping_name(const struct mapping *m)
{
	return m->conf->name.text;
}

const struct schema_type *
mapping_from(const struct mapping *m)
{
	return m->from;
}

const struct schema_type *
mapping_to(const struct mapping *m)
{
	return m->to;
}

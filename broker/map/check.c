// SPDX-License-Identifier: Apache-2.0
// What can only be said about lines together: required targets, oneofs; and about a constant: whether it may stand
// where it stands.
#include "map/compiler.h"

#define CANONICAL_PACKAGE "enlace.v1."

static const struct group_entry *
entry_of(const struct group *g, const struct schema_field *f)
{
	for (uint32_t i = 0; i < g->entry_count; i++) {
		if (g->entries[i].field == f) {
			return &g->entries[i];
		}
	}
	return NULL;
}

static struct where
place_of(const struct group_entry *e)
{
	return e->line != NULL ? e->line->where : e->group->where;
}

// Entries descend by number, so the later number of two members is met first; it is told at the place that stands later in the file.
static void
check_oneofs(struct compiler *c, const struct group *g)
{
	for (uint32_t i = 0; i < g->entry_count; i++) {
		for (uint32_t j = 0; j < i; j++) {
			const struct group_entry *a = &g->entries[i], *b = &g->entries[j];

			if (a->field->oneof < 0 || a->field->oneof != b->field->oneof || a->field == b->field) {
				continue;
			}
			struct where one = place_of(a), other = place_of(b);

			findings_add(c->findings, E0313, one.line > other.line ? one : other, NULL, "%s and %s",
			    a->field->name, b->field->name);
		}
	}
}

static void
check_group(struct compiler *c, const struct group *g, struct where where)
{
	for (uint32_t i = 0; i < g->type->field_count; i++) {
		const struct schema_field *f = &g->type->fields[i];

		if ((f->required || f->proto2_required) && entry_of(g, f) == NULL) {
			const char *hint = field_hint(c, f);

			findings_add(c->findings, E0314, where, hint == f->name ? NULL : hint, "%s%s%s", g->target,
			    g->target[0] == '\0' ? "" : ".", f->name);
		}
	}
	check_oneofs(c, g);
	for (uint32_t i = 0; i < g->entry_count; i++) {
		if (g->entries[i].group != NULL) {
			check_group(c, g->entries[i].group, g->entries[i].group->where);
		}
	}
}

void
check_body(struct compiler *c, const struct body *b, struct where where)
{
	check_group(c, b->root, where);
}

// What an agency's own schema labels may only go on under that label: agreements are written in labels, and would let it
// through under another one. Where the target has none, nobody sees it, and what comes out of an id, a table or a choice is
// named by the line itself. On the way out of the shared vocabulary the plan has judged already, and nobody will again. A
// helper does not go on at all: it sorts, looks up, or counts from.
void
check_label(struct compiler *c, const struct value_context *x, const struct path *p)
{
	if (x->is_helper || strncmp(c->mapping->from->name, CANONICAL_PACKAGE, strlen(CANONICAL_PACKAGE)) == 0) {
		return;
	}
	enum label from = label_of_chain(p->chain, p->chain_count);
	enum label to = label_of_chain(x->path->chain, x->path->count);

	if (from != to && from != LABEL_UNSPECIFIED && from != LABEL_OPERATIONAL && to != LABEL_UNSPECIFIED) {
		findings_add(c->findings, E0403, p->where, NULL, "%s is %s and %s is %s", p->text, label_name(from),
		    x->path->text, label_name(to));
	}
}

// The names of the canonical vocabulary for which R7 was written (domain 1.9).
bool
is_guarded(const struct value_context *x, const char *literal)
{
	const struct schema_enum *e = x->target->enumeration;

	for (uint32_t i = 0; i < x->path->count; i++) {
		const struct schema_type *t = x->path->chain[i]->message;

		if (t != NULL && strcmp(t->name, "enlace.v1.Consent") == 0) {
			return true;
		}
	}
	if (e == NULL) {
		return false;
	}
	return strcmp(e->name, "enlace.v1.LegalBasis") == 0 ||
	    (strcmp(e->name, "enlace.v1.Priority") == 0 && (literal == NULL || strcmp(literal, "EMERGENCY") == 0));
}

void
check_constant(struct compiler *c, const struct value_context *x, struct where where, const char *literal)
{
	if (x->is_helper || !is_guarded(x, literal) || (x->in_arm && x->because != NULL)) {
		return;
	}
	findings_add(c->findings, E0317, where, "choose: [{when: {field: VALUE}, is: VALUE, because: \"...\"}]",
	    x->in_arm ? "%s: the arm does not say because" : "%s: no source field decides it", x->path->text);
}

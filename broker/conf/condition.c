// SPDX-License-Identifier: Apache-2.0
// `when: {nna: S, acompanamiento: [SOLO, SEPARADO]}`: one term per key, all must hold, a list means any of.
#include "conf/bind.h"

#define HELP "{field: VALUE, other: [ONE, TWO]}"

static void
read_cel(struct binder *b, const struct yaml_node *node, const struct yaml_node *cel, struct conf_condition *c)
{
	if (node->count > 1) {
		bind_wrong_form(b, cel, "cel stands alone: {cel: \"...\"}");
		return;
	}
	c->cel = bind_text(b, cel, "an expression in quotes");
	if (c->cel.text != NULL) {
		findings_add(b->findings, E0114, cel->key_where, HELP, "cel");
	}
}

void
bind_condition(struct binder *b, const struct yaml_node *node, void *dst)
{
	struct conf_condition *c = dst;
	const struct yaml_node *cel = yaml_get(node, "cel");

	// An empty map would always hold, which is said by leaving the condition out.
	if (node->kind != YAML_MAP || node->count == 0) {
		bind_wrong_form(b, node, HELP);
		return;
	}
	c->where = bind_where(b, node->where);
	if (cel != NULL) {
		read_cel(b, node, cel, c);
		return;
	}
	c->terms = bind_array(b, node->count, sizeof(*c->terms));
	for (const struct yaml_node *term = node->first; term != NULL && c->terms != NULL; term = term->next) {
		struct conf_condition_term *t = &c->terms[c->count++];

		t->path = bind_key(b, term);
		t->any_of = bind_list(b, term, "a value, or a list of values of which one must be there");
	}
}

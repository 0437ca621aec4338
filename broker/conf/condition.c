// SPDX-License-Identifier: Apache-2.0
// `when: {nna: S, acompanamiento: [SOLO, SEPARADO]}`: one term per key, all must hold, a list means any of. A field
// can also be asked for by {present: true} and {not: [...]}.
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
}

// A term's test: a value, a list of values, {not: [...]} or {present: true}.
static void
read_term(struct binder *b, const struct yaml_node *node, struct conf_condition_term *t)
{
	static const char *const words[] = {"true", "false", NULL};
	static const char help[] = "a value, a list of values, {not: [...]}, or {present: true}";
	const struct yaml_node *not = yaml_get(node, "not"), *present = yaml_get(node, "present");

	t->path = bind_key(b, node);
	if (node->kind != YAML_MAP) {
		t->any_of = bind_list(b, node, help);
	} else if (node->count != 1 || (not == NULL && present == NULL)) {
		bind_wrong_form(b, node, help);
	} else if (not != NULL) {
		t->test = CONF_NONE_OF;
		t->any_of = bind_list(b, not, help);
	} else if (present->kind != YAML_SCALAR) {
		bind_wrong_form(b, present, "true or false");
	} else if (bind_check_word(b, present, words)) {
		t->test = strcmp(present->text, "true") == 0 ? CONF_PRESENT : CONF_NOT_PRESENT;
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
		read_term(b, term, &c->terms[c->count++]);
	}
}

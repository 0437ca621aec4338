// SPDX-License-Identifier: Apache-2.0
// `{cel: "..."}` as a value: what it gives must fit the target, and what nobody may write as a constant (domain R7) may not come out of it as one.
#include "expr/ast.h"
#include "map/compiler.h"
#include "map/expression.h"
#include "map/number.h"

// Whether a value of the type may fill the field (one item of it, when it is repeated). dyn is looked at when it runs.
static bool
fits_field(const struct schema_field *f, const struct instant_fields *instant, const struct cel_type *t)
{
	if (t->kind == CEL_OPTIONAL || t->kind == CEL_WRAPPER) {
		t = t->params[0];
	}
	switch (t->kind) {
	case CEL_DYN:
	case CEL_NULL:
		return true;
	case CEL_STRING:
		return f->kind == KIND_STRING || f->kind == KIND_ENUM;
	case CEL_BOOL:
		return f->kind == KIND_BOOL;
	case CEL_INT:
		return f->kind == KIND_ENUM || kind_is_integer(f->kind) || kind_is_float(f->kind);
	case CEL_UINT:
		return kind_is_integer(f->kind);
	case CEL_DOUBLE:
		return kind_is_float(f->kind);
	case CEL_TIMESTAMP:
		return instant->ms != NULL;
	default:
		return false;
	}
}

// Whether the node may give what was written rather than read: a constant, or anything that a function makes.
static bool
gives_constant(const struct cel_node *n, const struct schema_field *target)
{
	const struct schema_enum_value *emergency =
	    target->kind == KIND_ENUM ? schema_enum_by_name(target->enumeration, view_text("EMERGENCY")) : NULL;

	switch (n->kind) {
	case CEL_SELECT:
		return n->select.optional || gives_constant(n->select.operand, target);
	case CEL_IDENT:
		return n->ident.ref == CEL_REF_ENUM && (emergency == NULL || n->ident.number == emergency->number);
	case CEL_LITERAL:
		if (n->constant.kind == CEL_NULL || (emergency != NULL && n->constant.kind == CEL_INT)) {
			return n->constant.kind != CEL_NULL && n->constant.integer == emergency->number;
		}
		return emergency == NULL || n->constant.kind != CEL_STRING || view_is(n->constant.text, "EMERGENCY");
	case CEL_CALL:
		if (strcmp(n->call.name, "_?_:_") == 0) {
			return gives_constant(n->call.args[1], target) || gives_constant(n->call.args[2], target);
		}
		return true;
	default:
		return true;
	}
}

// Texts that go into a text may stand in it, whatever the expression does with them: what only decides belongs into a choice.
static void
check_texts(struct compiler *c, const struct value_context *x, const struct expression *e)
{
	for (uint32_t i = 0; x->target->kind == KIND_STRING && i < e->path_count; i++) {
		if (e->paths[i]->leaf->kind == KIND_STRING) {
			check_label(c, x, e->paths[i]);
		}
	}
}

bool
compile_cel(struct compiler *c, const struct value_context *x, const struct conf_value *conf, struct value *v)
{
	const struct expression *e = expression_compile(c, x->scope, &conf->literal, NULL, false);
	const struct cel_type *t;
	struct buf given = BUF_EMPTY;
	bool good;

	if (e == NULL) {
		return false;
	}
	if (schema_is_message(x->target)) {
		(void)instant_fields_of(x->target->message, &v->instant);
	}
	v->expression = e;
	v->source = e->source;
	check_texts(c, x, e);
	t = e->ast->root->type;
	good = fits_field(x->target, &v->instant, x->target->repeated && t->kind == CEL_LIST ? t->params[0] : t);
	if (!good) {
		cel_type_print(&given, t);
		findings_add(c->findings, E0906, conf->literal.where, NULL, "%s is %s, not %s", x->target->name,
		    kind_word(c, x->target), buf_cstr(&given));
		buf_fini(&given);
	}
	if (is_guarded(x, NULL) && gives_constant(e->ast->root, x->target) && !(x->in_arm && x->because != NULL)) {
		findings_add(c->findings, E0317, conf->where,
		    "choose: [{when: {field: VALUE}, is: VALUE, because: \"...\"}]",
		    "%s: the expression may give a value that no source field says", x->path->text);
		good = false;
	}
	return compile_if_empty(c, x, conf, v) && good;
}

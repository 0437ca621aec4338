// SPDX-License-Identifier: Apache-2.0
// Printing trees for tests. Characters past ASCII stand as they are in strings and as \x escapes in bytes.
#include "support/expr_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void
put_quoted(struct buf *out, struct view text, bool bytes)
{
	static const char names[] = "\a\b\t\n\v\f\r\"\\";
	static const char letters[] = "abtnvfr\"\\";

	buf_put_str(out, bytes ? "b\"" : "\"");
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		const char *name = c == 0 ? NULL : strchr(names, c);

		if (name != NULL) {
			buf_printf(out, "\\%c", letters[name - names]);
		} else if (c < 0x20 || c == 0x7f || (bytes && c >= 0x80)) {
			buf_printf(out, "\\x%02x", c);
		} else {
			buf_put_u8(out, c);
		}
	}
	buf_put_str(out, "\"");
}

// The shortest digits that mean the same number; with an exponent from a million on.
static void
put_double(struct buf *out, double d)
{
	char text[40];

	for (int digits = 0; digits <= 17; digits++) {
		bool large = fabs(d) >= 1e6;

		(void)snprintf(text, sizeof(text), large ? "%.*e" : "%.*g",
		    large            ? digits
			: digits < 6 ? 6
				     : digits,
		    d);
		if (strtod(text, NULL) == d) {
			break;
		}
	}
	buf_put_str(out, text);
}

static void
put_constant(struct buf *out, const struct cel_constant *c)
{
	switch (c->kind) {
	case CEL_BOOL:
		buf_put_str(out, c->boolean ? "true" : "false");
		break;
	case CEL_INT:
		buf_printf(out, "%lld", (long long)c->integer);
		break;
	case CEL_UINT:
		buf_printf(out, "%lluu", (unsigned long long)c->unsigned_integer);
		break;
	case CEL_DOUBLE:
		put_double(out, c->number);
		break;
	case CEL_STRING:
	case CEL_BYTES:
		put_quoted(out, c->text, c->kind == CEL_BYTES);
		break;
	default:
		buf_put_str(out, "null");
	}
}

static void
put_call(struct buf *out, const struct cel_call *call, enum expr_text_form form)
{
	if (call->target != NULL) {
		expr_text(out, call->target, form);
		buf_put_str(out, ".");
	}
	buf_printf(out, "%s(", call->name);
	for (uint32_t i = 0; i < call->arg_count; i++) {
		buf_put_str(out, i == 0 ? " " : ", ");
		expr_text(out, call->args[i], form);
	}
	buf_put_str(out, call->arg_count > 0 ? " )" : ")");
}

static void
put_literal(struct buf *out, const struct cel_node *n, enum expr_text_form form)
{
	const struct cel_literal *l = &n->literal;

	if (n->kind == CEL_MESSAGE_OF) {
		buf_printf(out, "%s%s", l->absolute ? "." : "", l->name);
	}
	buf_put_str(out, n->kind == CEL_LIST_OF ? "[" : "{");
	for (uint32_t i = 0; i < l->count; i++) {
		buf_put_str(out, i == 0 ? " " : ", ");
		buf_put_str(out, l->entries[i].optional ? "?" : "");
		if (l->entries[i].field != NULL) {
			buf_put_str(out, l->entries[i].field);
		} else if (l->entries[i].key != NULL) {
			expr_text(out, l->entries[i].key, form);
		}
		buf_put_str(out, n->kind == CEL_LIST_OF ? "" : ":");
		expr_text(out, l->entries[i].value, form);
	}
	buf_put_str(out, l->count > 0 ? " " : "");
	buf_put_str(out, n->kind == CEL_LIST_OF ? "]" : "}");
}

static void
put_comprehension(struct buf *out, const struct cel_comprehension *c, enum expr_text_form form)
{
	const struct {
		const char *title;
		const struct cel_node *part;
	} parts[] = {
	    {"Init", c->accu_init}, {"LoopCondition", c->condition}, {"LoopStep", c->step}, {"Result", c->result}};

	buf_printf(out, "__comprehension__( // Variable %s, // Target ", c->iter_var);
	expr_text(out, c->range, form);
	buf_printf(out, ", // Accumulator %s", c->accu_var);
	for (size_t i = 0; i < EN_COUNT_OF(parts); i++) {
		buf_printf(out, ", // %s ", parts[i].title);
		expr_text(out, parts[i].part, form);
	}
	buf_put_str(out, ")");
}

// The suite has shorter names for three of them.
static void
put_type(struct buf *out, const struct cel_type *t)
{
	if (t->kind == CEL_NULL || t->kind == CEL_TIMESTAMP || t->kind == CEL_DURATION) {
		buf_put_str(out, t->kind == CEL_NULL ? "null" : t->kind == CEL_TIMESTAMP ? "timestamp" : "duration");
		return;
	}
	if (t->params[0] == NULL) {
		cel_type_print(out, t);
		return;
	}
	buf_printf(out, "%s(", cel_type_name(t));
	put_type(out, t->params[0]);
	if (t->params[1] != NULL) {
		buf_put_str(out, ", ");
		put_type(out, t->params[1]);
	}
	buf_put_str(out, ")");
}

void
expr_text(struct buf *out, const struct cel_node *n, enum expr_text_form form)
{
	switch (n->kind) {
	case CEL_LITERAL:
		put_constant(out, &n->constant);
		break;
	case CEL_IDENT:
		buf_put_str(out, n->ident.absolute ? "." : "");
		buf_put_str(out, n->ident.name);
		break;
	case CEL_SELECT:
		expr_text(out, n->select.operand, form);
		buf_printf(out, n->select.optional ? ".?%s" : ".%s", n->select.field);
		buf_put_str(out, n->select.test_only ? "~test-only~" : "");
		break;
	case CEL_CALL:
		put_call(out, &n->call, form);
		break;
	case CEL_COMPREHENSION:
		put_comprehension(out, &n->comprehension, form);
		break;
	default:
		put_literal(out, n, form);
	}
	if (form == EXPR_TEXT_TYPES && n->type != NULL) {
		buf_put_str(out, "~");
		put_type(out, n->type);
	}
}

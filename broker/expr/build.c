// SPDX-License-Identifier: Apache-2.0
// How the parser and its macros make nodes: in the arena, counted, with the height of the tree within its limit.
#include "expr/parse_int.h"

#include "base/say.h"

#include <stdarg.h>
#include <stdio.h>

bool
cel_fail(struct cel_parser *p, enum finding_code code, uint32_t text, const char *detail_fmt, ...)
{
	char detail[160];
	va_list args;

	if (p->failed) {
		return false;
	}
	va_start(args, detail_fmt);
	(void)vsnprintf(detail, sizeof(detail), en_say(p->limits->lang, detail_fmt),
	    args); // cut when longer: a detail is a short sentence
	va_end(args);
	p->failed = true;
	*p->fault = (struct cel_fault){.err = code == E0902 ? EN_ELIMIT : EN_EFORMAT, .code = code, .text = text};
	p->fault->detail = arena_text(p->arena, view_text(detail));
	return false;
}

bool
cel_fail_memory(struct cel_parser *p)
{
	if (!p->failed) {
		p->failed = true;
		*p->fault = (struct cel_fault){.err = EN_ENOMEM, .code = E0902};
	}
	return false;
}

struct cel_node *
cel_make(struct cel_parser *p, enum cel_kind kind, uint32_t text)
{
	struct cel_node *n;

	if (p->failed) {
		return NULL;
	}
	if (p->ast->node_count >= p->limits->nodes) {
		(void)cel_fail(p, E0902, text, "more than %u parts", p->limits->nodes);
		return NULL;
	}
	n = arena_zalloc(p->arena, sizeof(*n));
	if (n == NULL) {
		(void)cel_fail_memory(p);
		return NULL;
	}
	p->ast->node_count++;
	n->kind = kind;
	n->text = text;
	n->height = 1;
	return n;
}

static void
grow(struct cel_node *n, const struct cel_node *part)
{
	if (part != NULL && part->height >= n->height) {
		n->height = part->height + 1;
	}
}

struct cel_node *
cel_made(struct cel_parser *p, struct cel_node *n)
{
	if (p->failed) {
		return NULL;
	}
	switch (n->kind) {
	case CEL_SELECT:
		grow(n, n->select.operand);
		break;
	case CEL_CALL:
		grow(n, n->call.target);
		for (uint32_t i = 0; i < n->call.arg_count; i++) {
			grow(n, n->call.args[i]);
		}
		break;
	case CEL_LIST_OF:
	case CEL_MAP_OF:
	case CEL_MESSAGE_OF:
		for (uint32_t i = 0; i < n->literal.count; i++) {
			grow(n, n->literal.entries[i].key);
			grow(n, n->literal.entries[i].value);
		}
		break;
	case CEL_COMPREHENSION:
		grow(n, n->comprehension.range);
		grow(n, n->comprehension.accu_init);
		grow(n, n->comprehension.condition);
		grow(n, n->comprehension.step);
		grow(n, n->comprehension.result);
		break;
	default:
		break;
	}
	if (n->height > p->limits->depth) {
		(void)cel_fail(p, E0902, n->text, "nested deeper than %u", p->limits->depth);
		return NULL;
	}
	return n;
}

struct cel_node *
cel_make_bool(struct cel_parser *p, uint32_t text, bool value)
{
	struct cel_node *n = cel_make(p, CEL_LITERAL, text);

	if (n != NULL) {
		n->constant = (struct cel_constant){.kind = CEL_BOOL, .boolean = value};
	}
	return n;
}

struct cel_node *
cel_make_int(struct cel_parser *p, uint32_t text, int64_t value)
{
	struct cel_node *n = cel_make(p, CEL_LITERAL, text);

	if (n != NULL) {
		n->constant = (struct cel_constant){.kind = CEL_INT, .integer = value};
	}
	return n;
}

struct cel_node *
cel_make_ident(struct cel_parser *p, uint32_t text, const char *name)
{
	struct cel_node *n = cel_make(p, CEL_IDENT, text);

	if (n != NULL) {
		n->ident.name = name;
	}
	return n;
}

struct cel_node *
cel_make_call(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *target,
    struct cel_node *const *args, uint32_t count)
{
	struct cel_node *n = cel_make(p, CEL_CALL, text);

	if (n == NULL) {
		return NULL;
	}
	n->call.name = name;
	n->call.target = target;
	n->call.arg_count = count;
	n->call.args = arena_zalloc(p->arena, count * sizeof(struct cel_node *));
	if (n->call.args == NULL) {
		(void)cel_fail_memory(p);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (args[i] == NULL) {
			return NULL; // it failed before
		}
		n->call.args[i] = args[i];
	}
	return cel_made(p, n);
}

struct cel_node *
cel_make_call1(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *arg)
{
	return cel_make_call(p, text, name, NULL, &arg, 1);
}

struct cel_node *
cel_make_call2(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *first, struct cel_node *second)
{
	struct cel_node *const args[] = {first, second};

	return cel_make_call(p, text, name, NULL, args, 2);
}

struct cel_node *
cel_make_call3(struct cel_parser *p, uint32_t text, const char *name, struct cel_node *const args[static 3])
{
	return cel_make_call(p, text, name, NULL, args, 3);
}

struct cel_node *
cel_make_list(struct cel_parser *p, uint32_t text, struct cel_node *const *items, uint32_t count)
{
	struct cel_node *n = cel_make(p, CEL_LIST_OF, text);

	if (n == NULL) {
		return NULL;
	}
	n->literal.count = count;
	n->literal.entries = arena_zalloc(p->arena, count * sizeof(struct cel_entry));
	if (n->literal.entries == NULL) {
		(void)cel_fail_memory(p);
		return NULL;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (items[i] == NULL) {
			return NULL;
		}
		n->literal.entries[i] = (struct cel_entry){.value = items[i], .text = items[i]->text};
	}
	return cel_made(p, n);
}

static bool copy_parts(struct cel_parser *p, struct cel_node *n);

static bool
copy_into(struct cel_parser *p, struct cel_node **part)
{
	if (*part != NULL) {
		*part = cel_make_copy(p, *part);
	}
	return !p->failed;
}

struct cel_node *
cel_make_copy(struct cel_parser *p, const struct cel_node *n)
{
	struct cel_node *copy = cel_make(p, n->kind, n->text);

	if (copy == NULL) {
		return NULL;
	}
	*copy = *n;
	return copy_parts(p, copy) ? copy : NULL;
}

static bool
copy_parts(struct cel_parser *p, struct cel_node *n)
{
	switch (n->kind) {
	case CEL_SELECT:
		return copy_into(p, &n->select.operand);
	case CEL_CALL: {
		struct cel_node *const *args = n->call.args;

		n->call.args = arena_alloc(p->arena, n->call.arg_count * sizeof(struct cel_node *));
		if (n->call.args == NULL) {
			return cel_fail_memory(p);
		}
		for (uint32_t i = 0; i < n->call.arg_count; i++) {
			n->call.args[i] = args[i];
			if (!copy_into(p, &n->call.args[i])) {
				return false;
			}
		}
		return copy_into(p, &n->call.target);
	}
	case CEL_LIST_OF:
	case CEL_MAP_OF:
	case CEL_MESSAGE_OF: {
		const struct cel_entry *entries = n->literal.entries;

		n->literal.entries = arena_alloc(p->arena, n->literal.count * sizeof(struct cel_entry));
		if (n->literal.entries == NULL) {
			return cel_fail_memory(p);
		}
		for (uint32_t i = 0; i < n->literal.count; i++) {
			n->literal.entries[i] = entries[i];
			if (!copy_into(p, &n->literal.entries[i].key) || !copy_into(p, &n->literal.entries[i].value)) {
				return false;
			}
		}
		return true;
	}
	case CEL_COMPREHENSION:
		return copy_into(p, &n->comprehension.range) && copy_into(p, &n->comprehension.accu_init) &&
		    copy_into(p, &n->comprehension.condition) && copy_into(p, &n->comprehension.step) &&
		    copy_into(p, &n->comprehension.result);
	default:
		return true;
	}
}

// SPDX-License-Identifier: Apache-2.0
// The pairs of two versions, and where in the text of the new one a breach stands.
#include "schema/compat.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/say.h"
#include "schema/compat_int.h"

static const struct {
	const char *name;
	enum finding_code code;
} rules[] = {
#define COMPAT_RULE(name, code) {#name, code},
#include "schema/compat.tbl.h"
#undef COMPAT_RULE
};

const char *
compat_rule_name(enum compat_rule rule)
{
	return rules[rule].name;
}

enum finding_code
compat_rule_code(enum compat_rule rule)
{
	return rules[rule].code;
}

void
compat_report_init(struct compat_report *r, enum en_lang lang)
{
	*r = (struct compat_report){.lang = lang};
	arena_init(&r->arena, 0);
}

void
compat_report_fini(struct compat_report *r)
{
	free(r->items);
	arena_fini(&r->arena);
}

// ---- places ----------------------------------------------------------------------------------------------------------------------

#define STEPS_MAX (2 * (LIMIT_DESCRIPTOR_NESTING + 3))
#define FIELD_PACKAGE 2

struct steps {
	int32_t numbers[STEPS_MAX];
	size_t count;
};

static void
put_steps(struct steps *s, const struct element *e)
{
	if (e == NULL) {
		return;
	}
	put_steps(s, e->outer);
	if (e->tag != 0 && s->count + 2 < STEPS_MAX) { // one stays for the part
		s->numbers[s->count++] = e->tag;
		s->numbers[s->count++] = e->index;
	}
}

static const Google__Protobuf__SourceCodeInfo__Location *
location_of(const file_descriptor *file, const struct steps *s)
{
	const Google__Protobuf__SourceCodeInfo *info = file->source_code_info;

	for (size_t i = 0; info != NULL && i < info->n_location; i++) {
		const Google__Protobuf__SourceCodeInfo__Location *l = info->location[i];

		if (l->n_path == s->count && l->n_span >= 3 &&
		    memcmp(l->path, s->numbers, s->count * sizeof(*s->numbers)) == 0) {
			return l;
		}
	}
	return NULL;
}

// The part, or the nearest whole that has a place.
static struct where
place(const struct element *e, int32_t option)
{
	const Google__Protobuf__SourceCodeInfo__Location *l = NULL;
	struct steps s = {.count = 0};

	put_steps(&s, e);
	if (option != 0) {
		s.numbers[s.count++] = option;
	}
	while ((l = location_of(e->file, &s)) == NULL && s.count > 0) {
		s.count--;
	}
	return l == NULL || s.count == 0
	    ? (struct where){.file = e->file->name}
	    : (struct where){
		  .file = e->file->name, .line = (uint32_t)l->span[0] + 1, .column = (uint32_t)l->span[1] + 1};
}

static struct compat_breach *
new_breach(struct compat_report *r)
{
	if (r->count == r->cap) {
		size_t cap = r->cap == 0 ? 16 : 2 * r->cap;
		struct compat_breach *grown = realloc(r->items, cap * sizeof(*grown));

		if (grown == NULL) {
			return NULL;
		}
		r->items = grown;
		r->cap = cap;
	}
	return &r->items[r->count];
}

static EN_PRINTF(2, 0) const char *format(struct arena *arena, const char *fmt, va_list args)
{
	va_list again;
	int len;
	char *text;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
	if (text != NULL) {
		vsnprintf(text, (size_t)len + 1, fmt, args);
	}
	return text;
}

void
compat_add(struct compat *c, enum compat_rule rule, const struct element *at, int32_t option, const char *scope,
    const char *member, const char *fmt, ...)
{
	struct arena *arena = &c->report->arena;
	struct compat_breach *b = new_breach(c->report);
	va_list args;

	if (b == NULL) {
		c->err = EN_ENOMEM;
		return;
	}
	va_start(args, fmt);
	*b = (struct compat_breach){.rule = rule,
	    .where = place(at, option),
	    .scope = arena_text(arena, view_text(scope)),
	    .member = member == NULL ? NULL : arena_text(arena, view_text(member)),
	    .detail = format(arena, en_say(c->report->lang, fmt), args)};
	va_end(args);
	b->where.file = arena_text(arena, view_text(b->where.file));
	if (b->where.file == NULL || b->scope == NULL || b->detail == NULL || (member != NULL && b->member == NULL)) {
		c->err = EN_ENOMEM;
		return;
	}
	c->report->count++;
}

// ---- reserved --------------------------------------------------------------------------------------------------------------------

bool
reserved_init(struct compat *c, struct reserved *r, size_t range_count, char *const *names, size_t name_count)
{
	*r = (struct reserved){.ranges = arena_alloc(&c->report->arena, (range_count + 1) * sizeof(*r->ranges)),
	    .range_count = range_count,
	    .names = names,
	    .name_count = name_count};
	c->err = r->ranges == NULL ? EN_ENOMEM : c->err;
	return r->ranges != NULL;
}

bool
reserves_name(const struct reserved *r, const char *name)
{
	size_t i = 0;

	while (i < r->name_count && strcmp(r->names[i], name) != 0) {
		i++;
	}
	return i < r->name_count;
}

// The first number of a range that none of r's holds; false when they hold all.
static bool
first_missing(struct number_range wanted, const struct reserved *r, int32_t *ret)
{
	int64_t next = wanted.first; // that no range holds yet

	for (size_t i = 0; i < r->range_count && next <= wanted.last; i++) {
		if (r->ranges[i].first <= next && next <= r->ranges[i].last) {
			next = (int64_t)r->ranges[i].last + 1;
			i = SIZE_MAX; // a range that was passed over may hold the next one
		}
	}
	*ret = (int32_t)next;
	return next <= wanted.last;
}

bool
reserves_number(const struct reserved *r, int32_t number)
{
	int32_t missing;

	return !first_missing((struct number_range){number, number}, r, &missing);
}

void
compat_reserved(struct compat *c, enum compat_rule rule, const struct reserved *old, const struct reserved *new,
    const struct element *at)
{
	int32_t missing;

	for (size_t i = 0; i < old->range_count; i++) {
		if (first_missing(old->ranges[i], new, &missing)) {
			compat_add(c, rule, at, 0, at->name, NULL, "%d of %d to %d is not reserved any more", missing,
			    old->ranges[i].first, old->ranges[i].last);
		}
	}
	for (size_t i = 0; i < old->name_count; i++) {
		if (!reserves_name(new, old->names[i])) {
			compat_add(c, rule, at, 0, at->name, NULL, "\"%s\" is not reserved any more", old->names[i]);
		}
	}
}

// ---- messages --------------------------------------------------------------------------------------------------------------------

#define MESSAGE_FIELD 2

static const field_descriptor *
field_numbered(const message_descriptor *m, int32_t number, int32_t *ret_index)
{
	for (size_t i = 0; i < m->n_field; i++) {
		if (m->field[i]->number == number) {
			*ret_index = (int32_t)i;
			return m->field[i];
		}
	}
	return NULL;
}

// In descriptors of messages the end of a range is not part of it.
static bool
reserved_of(struct compat *c, const message_descriptor *m, struct reserved *ret)
{
	if (!reserved_init(c, ret, m->n_reserved_range, m->reserved_name, m->n_reserved_name)) {
		return false;
	}
	for (size_t i = 0; i < m->n_reserved_range; i++) {
		int32_t end = m->reserved_range[i]->end;

		ret->ranges[i] = (struct number_range){m->reserved_range[i]->start, end == INT32_MIN ? end : end - 1};
	}
	return true;
}

static void
tell_deleted(struct compat *c, const struct element *new, const field_descriptor *f, const struct reserved *reserved)
{
	if (!reserves_number(reserved, f->number)) {
		compat_add(c, COMPAT_FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED, new, 0, new->name, f->name,
		    "field %d is gone, and its number may be used again", f->number);
	}
	if (!reserves_name(reserved, f->name)) {
		compat_add(c, COMPAT_FIELD_NO_DELETE_UNLESS_NAME_RESERVED, new, 0, new->name, f->name,
		    "field %d is gone, and its name may be used again", f->number);
	}
}

static bool
is_required(const field_descriptor *f)
{
	return f != NULL && f->label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED;
}

static void
compare_required(struct compat *c, const struct element *old, const struct element *new)
{
	const message_descriptor *o = old->message, *n = new->message;
	int32_t index = 0;

	for (size_t i = 0; i < o->n_field; i++) {
		if (is_required(o->field[i]) && !is_required(field_numbered(n, o->field[i]->number, &index))) {
			compat_add(c, COMPAT_MESSAGE_SAME_REQUIRED_FIELDS, new, 0, new->name, o->field[i]->name,
			    "field %d was required: who has the old version refuses a message without it",
			    o->field[i]->number);
		}
	}
	for (size_t i = 0; i < n->n_field; i++) {
		if (is_required(n->field[i]) && !is_required(field_numbered(o, n->field[i]->number, &index))) {
			const struct element at = {
			    .outer = new, .file = new->file, .tag = MESSAGE_FIELD, .index = (int32_t)i};

			compat_add(c, COMPAT_MESSAGE_SAME_REQUIRED_FIELDS, &at, 0, new->name, n->field[i]->name,
			    "field %d is required now: who has the new version refuses a message without it",
			    n->field[i]->number);
		}
	}
}

// proto3 promises that every value has a form in JSON; proto2 leaves it to the best effort of each library.
static bool
is_json_promised(const struct element *e)
{
	return e->file->syntax != NULL && strcmp(e->file->syntax, "proto3") == 0;
}

static void
compare_json_format(struct compat *c, enum compat_rule rule, const struct element *old, const struct element *new)
{
	if (is_json_promised(old) && !is_json_promised(new)) {
		compat_add(c, rule, new, 0, new->name, NULL, "its file was proto3 and is proto2 now");
	}
}

static void
compare_message(struct compat *c, const struct element *old, const struct element *new)
{
	const message_descriptor *o = old->message, *n = new->message;
	struct reserved was, is;

	if (!reserved_of(c, o, &was) || !reserved_of(c, n, &is)) {
		return;
	}
	compare_json_format(c, COMPAT_MESSAGE_SAME_JSON_FORMAT, old, new);
	compat_reserved(c, COMPAT_RESERVED_MESSAGE_NO_DELETE, &was, &is, new);
	compare_required(c, old, new);
	for (size_t i = 0; i < o->n_field; i++) {
		struct element old_field = {
		    .outer = old, .file = old->file, .name = o->field[i]->name, .field = o->field[i]};
		struct element new_field = {.outer = new, .file = new->file, .tag = MESSAGE_FIELD};

		new_field.field = field_numbered(n, o->field[i]->number, &new_field.index);
		if (new_field.field == NULL) {
			tell_deleted(c, new, o->field[i], &is);
			continue;
		}
		new_field.name = new_field.field->name;
		compat_field(c, &old_field, &new_field, new->name);
	}
}

// ---- the whole -------------------------------------------------------------------------------------------------------------------

static void
compare_files(struct compat *c)
{
	for (size_t i = 0; i < c->old.schema->file_count; i++) {
		const file_descriptor *old = c->old.files[i];

		for (size_t j = 0; j < c->new.schema->file_count; j++) {
			const file_descriptor *new = c->new.files[j];
			const char *was = old->package == NULL ? "" : old->package;
			const char *is = new->package == NULL ? "" : new->package;

			if (strcmp(old->name, new->name) == 0 && strcmp(was, is) != 0) {
				compat_add(c, COMPAT_FILE_SAME_PACKAGE, &(struct element){.file = new}, FIELD_PACKAGE,
				    is, NULL, "the package was \"%s\" and is \"%s\" now", was, is);
			}
		}
	}
}

static void
compare_all(struct compat *c)
{
	const struct element *new;

	compare_files(c);
	for (const struct element *old = c->old.messages.first; old != NULL; old = old->next) {
		if ((new = side_find(&c->new.messages, old->name)) != NULL) {
			compare_message(c, old, new);
		}
	}
	for (const struct element *old = c->old.extensions.first; old != NULL; old = old->next) {
		const char *extendee = old->field->extendee;

		new = side_extension(&c->new, old->field);
		if (new != NULL) {
			compat_field(c, old, new, extendee + (extendee[0] == '.'));
		}
	}
	for (const struct element *old = c->old.enums.first; old != NULL; old = old->next) {
		if ((new = side_find(&c->new.enums, old->name)) != NULL) {
			compare_json_format(c, COMPAT_ENUM_SAME_JSON_FORMAT, old, new);
			compat_enum(c, old, new);
		}
	}
	for (const struct element *old = c->old.services.first; old != NULL; old = old->next) {
		if ((new = side_find(&c->new.services, old->name)) != NULL) {
			compat_service(c, old, new);
		}
	}
}

static int
by_place(const void *a, const void *b)
{
	const struct compat_breach *x = a, *y = b;
	int order = strcmp(x->where.file, y->where.file);

	if (order == 0) {
		order = (x->where.line > y->where.line) - (x->where.line < y->where.line);
	}
	if (order == 0) {
		order = (x->where.column > y->where.column) - (x->where.column < y->where.column);
	}
	if (order == 0) {
		order = (x->rule > y->rule) - (x->rule < y->rule);
	}
	return order != 0 ? order : strcmp(x->detail, y->detail);
}

enum en_err
compat_check(const struct schema *old, const struct schema *new, struct compat_report *r)
{
	struct compat c = {.report = r};

	c.err = side_init(&c.old, old, &r->arena);
	if (c.err == EN_OK) {
		c.err = side_init(&c.new, new, &r->arena);
	}
	if (c.err == EN_OK) {
		compare_all(&c);
	}
	if (c.err == EN_OK && r->count > 0) {
		qsort(r->items, r->count, sizeof(*r->items), by_place);
	}
	if (c.new.schema != NULL) {
		side_fini(&c.new);
	}
	side_fini(&c.old);
	return c.err;
}

// SPDX-License-Identifier: Apache-2.0
// Shapes of copied messages. The label of a field is its own or the nearest one above, so a shape belongs to a type and the label that is above it; each
// such pair is made once per plan.
#include "map/plan.h"

const struct shape *
shape_find(const struct plan *p, const struct schema_type *t, enum label inherited)
{
	const struct shape *s = p->shapes;

	while (s != NULL && (s->type != t || s->inherited != inherited)) {
		s = s->next;
	}
	return s;
}

// ---- made, each of them and those below it ------------------------------------------------------------------------

static const struct shape *find_or_make(
    struct plan *p, const struct grants *grants, const struct schema_type *t, enum label inherited);

// False without memory.
static bool
make_field(struct plan *p, const struct grants *grants, const struct shape *s, const struct schema_field *f,
    struct shape_field *ret)
{
	enum label label = f->label != LABEL_UNSPECIFIED ? f->label : s->inherited;

	// An empty message type says something by being there: its own label decides.
	if (!schema_is_message(f) || f->message->field_count == 0) {
		ret->is_allowed = label_readable(grants, label, f, READ_VALUE);
	}
	if (schema_is_message(f)) {
		ret->inner = find_or_make(p, grants, f->message, label);
	}
	return ret->inner != NULL || !schema_is_message(f);
}

// Of a type that contains itself it is the one that is being made, so that shapes have no end and yet are few.
static const struct shape *
find_or_make(struct plan *p, const struct grants *grants, const struct schema_type *t, enum label inherited)
{
	const struct shape *there = shape_find(p, t, inherited);
	size_t count = t->field_count;

	if (there != NULL) {
		return there;
	}
	struct shape *s = arena_zalloc(&p->arena, sizeof(*s));
	struct shape_field *fields = arena_zalloc(&p->arena, (count == 0 ? 1 : count) * sizeof(*fields));

	if (s == NULL || fields == NULL) {
		return NULL;
	}
	*s = (struct shape){.type = t,
	    .inherited = inherited,
	    .next = p->shapes,
	    .fields = fields,
	    .is_whole = true,
	    .is_empty = count > 0};
	p->shapes = s;
	for (size_t i = 0; i < count; i++) {
		if (!make_field(p, grants, s, &t->fields[i], &fields[i])) {
			return NULL;
		}
	}
	return s;
}

// ---- settled, all together ----------------------------------------------------------------------------------------
// A shape is empty, and whole, until something says that it is not; where types contain each other that may be said of one by way of all the others.

static bool
find_allowed(struct shape *s)
{
	bool was_empty = s->is_empty;

	for (uint32_t i = 0; i < s->type->field_count; i++) {
		struct shape_field *field = &s->fields[i];

		field->is_allowed = field->is_allowed ||
		    (field->inner != NULL && field->inner->type->field_count > 0 && !field->inner->is_empty);
		s->is_empty = s->is_empty && !field->is_allowed;
	}
	return s->is_empty != was_empty;
}

static bool
find_withheld(struct shape *s)
{
	bool was_whole = s->is_whole;

	for (uint32_t i = 0; i < s->type->field_count; i++) {
		const struct shape_field *field = &s->fields[i];

		s->is_whole = s->is_whole && field->is_allowed && (field->inner == NULL || field->inner->is_whole);
	}
	return s->is_whole != was_whole;
}

static void
settle(const struct plan *p, bool (*find_more)(struct shape *s))
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (struct shape *s = p->shapes; s != NULL; s = s->next) {
			changed = find_more(s) || changed;
		}
	}
}

const struct shape *
shape_of_path(struct plan *p, const struct grants *grants, const struct path *path)
{
	const struct schema_type *t = path->leaf->message;
	enum label label = label_of_chain(path->chain, path->chain_count);
	const struct shape *s = shape_find(p, t, label);

	if (s == NULL) {
		s = find_or_make(p, grants, t, label);
		settle(p, find_allowed);
		settle(p, find_withheld);
	}
	return s;
}

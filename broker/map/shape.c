// SPDX-License-Identifier: Apache-2.0
// Shapes of copied messages. The label of a field is its own or the nearest one above, so a shape belongs to a type
// and the label that
// is above it; each such pair is made once per plan.
#include "map/plan.h"

static struct shape *
find(const struct plan *p, const struct schema_type *t, enum label inherited)
{
	struct shape *s = p->shapes;

	while (s != NULL && (s->type != t || s->inherited != inherited)) {
		s = s->next;
	}
	return s;
}

const struct shape *
shape_find(const struct plan *p, const struct schema_type *t, enum label inherited)
{
	return find(p, t, inherited);
}

const struct shape *
shape_of(struct plan *p, const struct grants *grants, const struct schema_type *t, enum label inherited)
{
	struct shape *s = find(p, t, inherited);

	if (s != NULL) {
		return s; // perhaps one that is being made, of a type that contains itself: it counts as not empty
	}
	size_t count = t->field_count;
	bool is_empty = count > 0;
	struct shape_field *fields = arena_zalloc(&p->arena, (count == 0 ? 1 : count) * sizeof(*fields));

	s = arena_zalloc(&p->arena, sizeof(*s));
	if (s == NULL || fields == NULL) {
		return NULL;
	}
	*s = (struct shape){.type = t, .inherited = inherited, .next = p->shapes, .fields = fields, .is_whole = true};
	p->shapes = s;
	for (size_t i = 0; i < count; i++) {
		const struct schema_field *f = &t->fields[i];
		enum label label = f->label != LABEL_UNSPECIFIED ? f->label : inherited;

		if (!schema_is_message(f)) {
			fields[i].is_allowed = label_readable(grants, label, f, READ_VALUE);
		} else {
			fields[i].inner = shape_of(p, grants, f->message, label);
			if (fields[i].inner == NULL) {
				return NULL;
			}
			// An empty message type says something by being there: its own label decides.
			fields[i].is_allowed = f->message->field_count == 0
			    ? label_readable(grants, label, f, READ_VALUE)
			    : !fields[i].inner->is_empty;
			s->is_whole = s->is_whole && fields[i].inner->is_whole;
		}
		s->is_whole = s->is_whole && fields[i].is_allowed;
		is_empty = is_empty && !fields[i].is_allowed;
	}
	s->is_empty = is_empty;
	return s;
}

const struct shape *
shape_of_path(struct plan *p, const struct grants *grants, const struct path *path)
{
	return shape_of(p, grants, path->leaf->message, label_of_chain(path->chain, path->chain_count));
}

// SPDX-License-Identifier: Apache-2.0
// Required fields of proto2. Protobuf's own parsers refuse a message that lacks one, anywhere in it, and so does this: whoever wrote the schema relies on
// it. Only what counts is looked at, not a member of a oneof that another one replaced. Types without such fields never come here.
#include <stdio.h>

#include "schema/index_read.h"

struct looking {
	const struct index *ix;
	char *path;
	size_t len, room;
};

static bool is_whole(struct looking *l, uint32_t message);

// Appends a name and returns how long the path was before.
static size_t
push(struct looking *l, const struct schema_field *f)
{
	size_t before = l->len;
	int len = snprintf(l->path + before, l->room - before, "%s%s", before == 0 ? "" : ".", f->name);

	l->len = len < 0 || before + (size_t)len >= l->room ? l->room - 1 : before + (size_t)len;
	return before;
}

static void
pop(struct looking *l, size_t before)
{
	l->len = before;
	l->path[before] = '\0';
}

// An entry of a map without a value has an empty one.
static bool
lacks_by_absence(const struct schema_field *f)
{
	if (f->proto2_required || !f->owner->is_map_entry || !schema_is_message(f)) {
		return f->proto2_required;
	}
	for (uint32_t i = 0; i < f->message->field_count; i++) {
		if (f->message->fields[i].proto2_required) {
			return true;
		}
	}
	return false;
}

// On failure the path stays at the field that is missing.
static bool
has_whole_field(struct looking *l, uint32_t message, const struct schema_field *f)
{
	const struct index_node *n = index_first(l->ix, message, f);
	size_t before = push(l, f);

	if (n == NULL ? lacks_by_absence(f) : false) {
		return false;
	}
	for (; n != NULL && schema_is_message(f); n = f->repeated ? index_next(l->ix, n) : NULL) {
		if (!is_whole(l, n->message)) {
			return false;
		}
	}
	pop(l, before);
	return true;
}

// As deep as the payload, which the pass has limited.
static bool
is_whole(struct looking *l, uint32_t message)
{
	const struct schema_type *t = l->ix->messages[message].type;

	for (uint32_t i = 0; t->may_lack && i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];

		if ((f->proto2_required || (schema_is_message(f) && f->message->may_lack)) &&
		    !has_whole_field(l, message, f)) {
			return false;
		}
	}
	return true;
}

bool
index_is_whole(const struct index *ix, char *path, size_t room)
{
	struct looking l = {.ix = ix, .path = path, .room = room};

	path[0] = '\0';
	return is_whole(&l, 0);
}

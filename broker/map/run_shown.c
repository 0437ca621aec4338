// SPDX-License-Identifier: Apache-2.0
// Whether an item shows anything to the recipient. One of which everything is withheld is not there: neither that it was picked, nor that it was one of
// two, nor that it became an event of its own may tell of it.
#include "map/run_int.h"

struct showing {
	struct runner *r;
	const struct schema_field
	    *trail[LIMIT_CODEC_DEPTH + LIMIT_PAYLOAD_DEPTH]; // from the root to the field at hand, for masks
	size_t count;
};

static bool shows_something(struct showing *s, uint32_t message, const struct shape *shape);

static bool
field_shows(struct showing *s, uint32_t message, const struct schema_field *f, const struct shape *inner)
{
	const struct index *ix = s->r->ix;
	const struct index_node *n = index_first(ix, message, f);

	if (n == NULL || node_is_absent(f, n) || masks_cover(s->r, s->trail, s->count)) {
		return false;
	}
	// A message without fields says something by being there.
	while (n != NULL && inner != NULL && inner->type->field_count > 0 && !shows_something(s, n->message, inner)) {
		n = f->repeated ? index_next(ix, n) : NULL;
	}
	return n != NULL;
}

static bool
shows_something(struct showing *s, uint32_t message, const struct shape *shape)
{
	bool shows = false;

	for (uint32_t i = 0; i < shape->type->field_count && !shows; i++) {
		if (!shape->fields[i].is_allowed || s->count == EN_COUNT_OF(s->trail)) {
			continue;
		}
		s->trail[s->count++] = &shape->type->fields[i];
		shows = field_shows(s, message, &shape->type->fields[i], shape->fields[i].inner);
		s->count--;
	}
	return shows;
}

static bool
is_masked_within(const struct runner *r, const struct path *items)
{
	for (size_t i = 0; i < r->mask_count; i++) {
		const struct mask *m = &r->masks[i];

		if (m->count > items->chain_count &&
		    memcmp(m->fields, items->chain, items->chain_count * sizeof(items->chain[0])) == 0) {
			return true;
		}
	}
	return false;
}

const struct shape *
shape_of_items(const struct runner *r, const struct path *items)
{
	const struct shape *shape = !schema_is_message(items->leaf)
	    ? NULL
	    : shape_find(r->plan, items->leaf->message, label_of_chain(items->chain, items->chain_count));

	return shape == NULL || (shape->is_whole && !is_masked_within(r, items)) ? NULL : shape;
}

bool
item_shows(struct runner *r, const struct path *items, const struct shape *shape, const struct index_node *item)
{
	struct showing s;

	if (shape == NULL) {
		return true;
	}
	s.r = r;
	s.count = items->chain_count;
	memcpy(s.trail, items->chain, items->chain_count * sizeof(items->chain[0]));
	return shows_something(&s, item->message, shape);
}

// SPDX-License-Identifier: Apache-2.0
// From values to bytes, backwards. A copied message is written field by field through its shape: what the shape does not allow, what is masked and
// what the schema does not know stays behind.
#include "map/number.h"
#include "map/run_int.h"

bool
chain_nodes(struct runner *r, const struct index_node *first, const struct index_node ***ret, size_t *ret_count)
{
	const struct index_node **nodes;
	size_t count = 0;

	for (const struct index_node *n = first; n != NULL; n = index_next(r->ix, n)) {
		count++;
	}
	nodes = arena_alloc(r->arena, (count + 1) * sizeof(*nodes));
	if (nodes == NULL) {
		return run_out_of_memory(r);
	}
	count = 0;
	for (const struct index_node *n = first; n != NULL; n = index_next(r->ix, n)) {
		nodes[count++] = n;
	}
	*ret = nodes;
	*ret_count = count;
	return true;
}

// ---- copied messages ----------------------------------------------------------------------------------------------

// The way from the root to the field at hand, for masks.
struct trail {
	const struct schema_field *fields[LIMIT_CODEC_DEPTH + LIMIT_PAYLOAD_DEPTH];
	size_t count;
};

static bool write_content(struct runner *r, uint32_t message, const struct shape *s, struct trail *trail);

void
write_node(struct runner *r, const struct schema_field *f, const struct index_node *n)
{
	if (f->kind == KIND_STRING || f->kind == KIND_BYTES) {
		out_bytes(&r->out, index_bytes(r->ix, n));
		out_varint(&r->out, n->length);
	} else {
		out_scalar(&r->out, f->kind, n->bits);
	}
}

static bool
write_copied_message(
    struct runner *r, const struct schema_field *f, uint32_t message, const struct shape *s, struct trail *trail)
{
	size_t before = out_len(&r->out);

	if (f->kind == KIND_GROUP) {
		out_tag(&r->out, f->number, WIRE_EGROUP);
	}
	size_t inside = out_len(&r->out);

	if (!write_content(r, message, s, trail)) {
		return false;
	}
	// A message of which nothing may be shown does not show that it is there.
	if (out_len(&r->out) == inside && (!s->is_whole || r->mask_count > 0)) {
		out_rewind(&r->out, before);
		return true;
	}
	out_message(&r->out, f, inside);
	return true;
}

static bool
write_field(
    struct runner *r, uint32_t message, const struct schema_field *f, const struct shape *inner, struct trail *trail)
{
	const struct index_node *last = index_last(r->ix, message, f);
	const struct index_node **nodes = &last;
	size_t count = last == NULL ? 0 : 1, before = out_len(&r->out);

	if (last == NULL || node_is_absent(f, last)) {
		return true;
	}
	if (f->repeated && !chain_nodes(r, index_first(r->ix, message, f), &nodes, &count)) {
		return false;
	}
	for (size_t i = count; i > 0; i--) {
		if (inner != NULL) {
			if (!write_copied_message(r, f, nodes[i - 1]->message, inner, trail)) {
				return false;
			}
			continue;
		}
		write_node(r, f, nodes[i - 1]);
		if (!f->packed) {
			out_tag(&r->out, f->number, schema_wire_type(f->kind));
		}
	}
	if (f->packed) {
		out_message(&r->out, f, before);
	}
	return true;
}

static bool
write_content(struct runner *r, uint32_t message, const struct shape *s, struct trail *trail)
{
	if (trail->count == EN_COUNT_OF(trail->fields)) {
		return run_fault(r, REASON_SCHEMA_INVALID, NULL); // deeper than any index goes
	}
	for (uint32_t i = s->type->field_count; i > 0; i--) {
		const struct schema_field *f = &s->type->fields[i - 1];

		if (!s->fields[i - 1].is_allowed) {
			continue;
		}
		trail->fields[trail->count++] = f;
		bool good = masks_cover(r, trail->fields, trail->count) ||
		    write_field(r, message, f, s->fields[i - 1].inner, trail);

		trail->count--;
		if (!good) {
			return false;
		}
	}
	return true;
}

static bool
write_copy(struct runner *r, const struct schema_field *f, const struct item *item)
{
	const struct path *p = item->value->path;
	struct trail trail = {.count = 0};

	if (r->mask_count > 0) {
		memcpy(trail.fields, p->chain, p->chain_count * sizeof(p->chain[0]));
		trail.count = p->chain_count;
	}
	return write_copied_message(r, f, item->message, r->plan->copies[item->value->copy_index], &trail);
}

// ---- values -------------------------------------------------------------------------------------------------------

static void
write_int32(struct runner *r, const struct schema_field *f, int32_t value)
{
	out_scalar(&r->out, f->kind, (uint64_t)(int64_t)value);
	out_tag(&r->out, f->number, schema_wire_type(f->kind));
}

static void
write_date(struct runner *r, const struct schema_field *f, const struct item *item)
{
	const struct value *v = item->value;
	const struct date_fields *d = v->target_date.year != NULL ? &v->target_date : &v->date;
	const struct schema_field *fields[] = {d->year, d->month, d->day};
	const int32_t values[] = {
	    item->date.parts[DATE_YEAR], item->date.parts[DATE_MONTH], item->date.parts[DATE_DAY]};
	size_t before = out_len(&r->out);

	for (size_t i = EN_COUNT_OF(fields); i > 0; i--) {
		if (values[i - 1] > 0) {
			write_int32(r, fields[i - 1], values[i - 1]);
		}
	}
	out_message(&r->out, f, before);
}

static void
write_instant(struct runner *r, const struct schema_field *f, const struct item *item)
{
	const struct instant_fields *t = &item->value->instant;
	size_t before = out_len(&r->out);

	if (item->has_zone && t->offset_minutes != NULL) {
		write_int32(r, t->offset_minutes, item->date.parts[DATE_ZONE]);
	}
	if (item->bits != 0 || t->ms->has_presence) {
		out_scalar(&r->out, t->ms->kind, item->bits);
		out_tag(&r->out, t->ms->number, schema_wire_type(t->ms->kind));
	}
	out_message(&r->out, f, before);
}

// Without its tag when it is packed.
static bool
write_value(struct runner *r, const struct schema_field *f, const struct item *item)
{
	switch (item->kind) {
	case ITEM_BITS:
		out_scalar(&r->out, f->kind, item->bits);
		if (!(f->repeated && f->packed)) {
			out_tag(&r->out, f->number, schema_wire_type(f->kind));
		}
		return true;
	case ITEM_TEXT:
		out_bytes(&r->out, item->text);
		out_varint(&r->out, item->text.len);
		out_tag(&r->out, f->number, WIRE_LEN);
		return true;
	case ITEM_DATE:
		write_date(r, f, item);
		return true;
	case ITEM_INSTANT:
		write_instant(r, f, item);
		return true;
	case ITEM_MESSAGE:
		return write_copy(r, f, item);
	case ITEM_ABSENT:
		break;
	}
	return true;
}

bool
write_item(struct runner *r, const struct schema_field *f, const struct item *item, bool *ret_wrote)
{
	size_t before = out_len(&r->out);
	bool is_default = !f->has_presence && !f->repeated &&
	    ((item->kind == ITEM_BITS && item->bits == 0) || (item->kind == ITEM_TEXT && item->text.len == 0));

	if (!is_default && !write_value(r, f, item)) {
		return false;
	}
	*ret_wrote = out_len(&r->out) > before;
	return true;
}

bool
write_items(struct runner *r, const struct schema_field *f, const struct items *list, bool *ret_wrote)
{
	size_t before = out_len(&r->out);
	bool is_packed = f->packed && list->count > 0 && list->items[0].kind == ITEM_BITS;

	for (size_t i = list->count; i > 0; i--) {
		if (!write_value(r, f, &list->items[i - 1])) {
			return false;
		}
	}
	if (is_packed) {
		out_message(&r->out, f, before);
	}
	*ret_wrote = out_len(&r->out) > before;
	return true;
}

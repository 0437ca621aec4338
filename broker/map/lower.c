// SPDX-License-Identifier: Apache-2.0
// From a plan to its lowered form: one operation for each of the plan's, and the sources that they read from.
#include "map/lower.h"

void *
lower_alloc(struct lowering *l, size_t count, size_t size)
{
	void *p = arena_zalloc(&l->plan->arena, (count + 1) * size);

	l->no_memory = l->no_memory || p == NULL;
	return p;
}

struct value
lower_rest(const struct value *v)
{
	struct value rest;

	memcpy(&rest, v, sizeof(rest));
	LOWER_TAKE(&rest, kind);
	LOWER_TAKE(&rest, where);
	LOWER_TAKE(&rest, source);
	LOWER_TAKE(&rest, because);
	LOWER_TAKE(&rest, outer);
	LOWER_TAKE(&rest, target);
	if (rest.empty_if.count == 0) {
		LOWER_TAKE(&rest, empty_if);
	}
	return rest;
}

// ---- sources ------------------------------------------------------------------------------------------------------

static bool
new_source(struct lowering *l, uint8_t *ret)
{
	if (l->source_count == FAST_SOURCES_MAX) {
		return false;
	}
	*ret = l->source_count++;
	return true;
}

// The message of a field of a source.
static bool
find_source(struct lowering *l, struct fast_frame *frame, struct fast_field field, uint8_t *ret)
{
	for (const struct fast_source *s = frame->first; s != NULL; s = s->next) {
		if (s->field.source == field.source && s->field.at == field.at) {
			*ret = s->self;
			return true;
		}
	}
	struct fast_source *s = lower_alloc(l, 1, sizeof(*s));

	if (s == NULL || !new_source(l, &s->self)) {
		return false;
	}
	s->field = field;
	if (frame->last == NULL) {
		frame->first = s;
	} else {
		frame->last->next = s;
	}
	frame->last = s;
	*ret = s->self;
	return true;
}

static uint32_t
place_of(const struct schema_field *f)
{
	return f->slot * (uint32_t)sizeof(struct index_node);
}

bool
lower_field(struct lowering *l, const struct path *p, struct fast_field *ret)
{
	struct fast_frame *frame = p->frame <= LIMIT_MAP_FRAMES ? l->frames[p->frame] : NULL;

	if (frame == NULL || p->step_count == 0) {
		return false;
	}
	struct fast_field field = {.source = frame->item, .at = place_of(p->steps[0])};

	for (uint32_t i = 1; i < p->step_count; i++) {
		uint8_t source;

		if (p->steps[i - 1]->repeated || p->steps[i]->slot >= FAST_NOTHING_CELLS ||
		    !find_source(l, frame, field, &source)) {
			return false;
		}
		field = (struct fast_field){.source = source, .at = place_of(p->steps[i])};
	}
	*ret = field;
	return true;
}

// ---- operations ---------------------------------------------------------------------------------------------------

bool
lower_tag(struct fast_op *f, const struct schema_field *field, enum wire_type wire)
{
	uint32_t rest = field->number << 3 | (uint32_t)wire;
	uint8_t bytes[FAST_TAG_BYTES];
	uint8_t count = 0;

	while (count < FAST_TAG_BYTES && rest > 0) {
		bytes[count++] = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
		rest >>= 7;
	}
	f->head = 0;
	for (uint32_t i = 0; i < count; i++) {
		f->head |= (uint32_t)bytes[i] << (8 * (3 - count + i));
	}
	f->tag_bytes = count;
	return rest == 0;
}

static const struct fast_op *lower_ops(
    struct lowering *l, struct ops ops, enum fast_code last, const struct fast_op **ret_last);

static void
enter_levels(struct lowering *l, uint32_t count)
{
	l->level += count;
	l->deepest = l->level > l->deepest ? l->level : l->deepest;
}

// Items of an `each` that are messages, as they come.
static bool
lower_each(struct lowering *l, const struct op *op, struct fast_op *f)
{
	const struct value *v = op->line->value;
	struct value rest = lower_rest(v);
	struct fast_each *each = lower_alloc(l, 1, sizeof(*each));

	LOWER_TAKE(&rest, items);
	LOWER_TAKE(&rest, body);
	LOWER_TAKE(&rest, frame);
	if (each == NULL || !LOWER_IS_NOTHING(&rest) || v->items->leaf->kind != KIND_MESSAGE ||
	    !lower_field(l, v->items, &f->field) || !new_source(l, &each->items.item)) {
		return false;
	}
	struct fast_frame *before = l->frames[v->frame];

	l->frames[v->frame] = &each->items;
	each->frame = v->frame;
	enter_levels(l, 2); // of all items together, and of one
	each->body = lower_ops(l, op->body, FAST_NEXT, &each->next);
	l->level -= 2;
	l->frames[v->frame] = before;
	f->code = FAST_EACH;
	f->each = each;
	f->told = UINT32_C(1) << (v->frame + 1); // what an item must tell to be written
	return lower_tag(f, op->field, WIRE_LEN);
}

static void
lower_op(struct lowering *l, const struct op *op, struct fast_op *f)
{
	*f = (struct fast_op){.code = FAST_WHOLE, .op = op};
	if (op->field->kind == KIND_GROUP) {
		l->refused = true;
	}
	switch (op->code) {
	case OP_OPEN:
		f->code = FAST_OPEN;
		enter_levels(l, 1);
		break;
	case OP_CLOSE:
		f->code = FAST_CLOSE;
		l->level--;
		f->told = UINT32_C(1) << (op->is_element ? 1 : 0);
		l->refused = !lower_tag(f, op->field, WIRE_LEN) || l->refused;
		break;
	case OP_VALUE:
	case OP_COPY:
		f->told = UINT32_C(1) << op->line->tells;
		lower_value(l, op, op->line->value, f + 1, f);
		break;
	case OP_EACH:
		if (!lower_each(l, op, f)) {
			f->code = FAST_WHOLE;
		}
		break;
	}
}

// *ret_last is the operation behind them.
static const struct fast_op *
lower_ops(struct lowering *l, struct ops ops, enum fast_code last, const struct fast_op **ret_last)
{
	struct fast_op *body = lower_alloc(l, ops.count, sizeof(*body));

	for (uint32_t i = 0; body != NULL && i < ops.count; i++) {
		lower_op(l, &ops.items[i], &body[i]);
	}
	if (body != NULL) {
		body[ops.count].code = (uint8_t)last;
		*ret_last = &body[ops.count];
	}
	return body;
}

bool
plan_lower(struct plan *p)
{
	struct lowering l = {.plan = p};
	struct fast *fast = &p->fast;
	const struct path *split = p->mapping->split;
	const struct fast_op *last;

	(void)new_source(&l, &fast->root.item);
	l.frames[0] = &fast->root;
	fast->has_split = split != NULL && split->leaf->kind == KIND_MESSAGE;
	if (fast->has_split) {
		(void)new_source(&l, &fast->split.item);
		l.frames[1] = &fast->split;
	}
	fast->body = lower_ops(&l, p->ops, FAST_END, &last);
	if (l.refused || l.deepest >= FAST_LEVELS_MAX) {
		fast->body = NULL;
	}
	return !l.no_memory;
}

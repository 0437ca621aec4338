// SPDX-License-Identifier: Apache-2.0
// From a mapping and grants to a plan. A line survives only if everything that it reads is granted, the conditions of its choices included; what does
// not survive is listed with the label that hides it.
#include "map/plan.h"

#include <stdlib.h>

struct planner {
	struct plan *plan;
	const struct grants *grants;
	struct findings *findings; // NULL: only the verdict
	struct buf hidden; // of struct plan_hidden
	uint32_t frames_read; // a bit per frame that a surviving line reads from
	bool refused;
	enum en_err err;
};

static void refuse(struct planner *p, enum finding_code code, struct where where, const char *what, enum label label);
static void plan_group(struct planner *p, const struct group *g, bool is_root, struct buf *ops, bool *ret_any);

// ---- what may be read ---------------------------------------------------------------------------------------------

static bool
is_readable(struct planner *p, const struct read *r, enum label *ret_label)
{
	enum label label = label_of_chain(r->path->chain, r->path->chain_count);

	*ret_label = label;
	if (r->mode == READ_MESSAGE || (r->mode == READ_ITEMS && schema_is_message(r->path->leaf))) {
		const struct shape *s = shape_of_path(p->plan, p->grants, r->path); // of items: for the run

		if (s == NULL) {
			p->err = EN_ENOMEM;
			return false;
		}
		if (r->mode == READ_MESSAGE) {
			return !s->is_empty;
		}
	}
	// An expression may look at a message as one thing: all of it must be granted, whatever its own label says.
	if (r->mode == READ_VALUE && schema_is_message(r->path->leaf) && !r->path->leaf->repeated) {
		const struct shape *s = shape_of_path(p->plan, p->grants, r->path);

		if (s == NULL || !s->is_whole) {
			p->err = s == NULL ? EN_ENOMEM : p->err;
			return false;
		}
	}
	// How many items there are is no more than what a visible field inside them tells: see plan_each.
	if (r->mode == READ_ITEMS && schema_is_message(r->path->leaf) && label == LABEL_UNSPECIFIED) {
		return true;
	}
	return label_readable(p->grants, label, r->path->leaf, r->mode);
}

// The label of the first thing that may not be read; LABEL_COUNT when everything may.
static enum label
hiding_label(struct planner *p, const struct read *reads)
{
	enum label label;

	for (const struct read *r = reads; r != NULL; r = r->next) {
		if (!is_readable(p, r, &label)) {
			return label;
		}
	}
	return LABEL_COUNT;
}

static void
add_hidden(struct planner *p, const char *target, const char *native, enum label label, struct where where)
{
	struct plan_hidden h = {.target = target, .native = native, .label = label, .where = where};

	if (target == NULL || native == NULL) {
		p->err = EN_ENOMEM;
		return;
	}
	buf_put(&p->hidden, &h, sizeof(h));
}

static bool
is_required(const struct schema_field *f)
{
	return f->required || f->proto2_required;
}

#define SHAPE_LIST_DEPTH 8 // deeper levels of a copied message are told with the level above them

static void
hide_in_shape(struct planner *p, const struct line *line, const struct shape *s, const char *target, const char *native,
    unsigned depth)
{
	struct arena *arena = &p->plan->arena;

	for (uint32_t i = 0; i < s->type->field_count && p->err == EN_OK; i++) {
		const struct schema_field *f = &s->type->fields[i];
		const struct shape_field *sf = &s->fields[i];
		bool go_in = sf->is_allowed && sf->inner != NULL && !sf->inner->is_whole && depth > 0;

		if (sf->is_allowed && !go_in) {
			continue;
		}
		const char *t = arena_printf(arena, "%s.%s", target, f->name),
			   *n = arena_printf(arena, "%s.%s", native, f->json_name);

		if (go_in && t != NULL && n != NULL) {
			hide_in_shape(p, line, sf->inner, t, n, depth - 1);
		} else {
			enum label label = f->label != LABEL_UNSPECIFIED ? f->label : s->inherited;

			add_hidden(p, t, n, label, line->where);
			if (is_required(f) && t != NULL) {
				refuse(p, E0401, line->where, t, label);
			}
		}
	}
}

// A copy that goes through in part: the rest is listed too.
static void
hide_parts(struct planner *p, const struct line *line)
{
	for (const struct read *r = line->reads; r != NULL && p->err == EN_OK; r = r->next) {
		const struct shape *s = r->mode == READ_MESSAGE ? shape_of_path(p->plan, p->grants, r->path) : NULL;

		if (s != NULL && !s->is_whole) {
			hide_in_shape(p, line, s, line->target, line->native, SHAPE_LIST_DEPTH);
		}
	}
}

// ---- operations ---------------------------------------------------------------------------------------------------

static struct ops
finish_ops(struct planner *p, struct buf *b)
{
	struct view copy = arena_copy(&p->plan->arena, buf_view(b));
	struct ops ops = {
	    .items = (const struct op *)(const void *)copy.data, .count = (uint32_t)(b->len / sizeof(struct op))};

	if (b->err != EN_OK || (b->len > 0 && copy.data == NULL)) {
		p->err = EN_ENOMEM;
		ops.count = 0;
	}
	return ops;
}

// To read an inner item is to know that the outer one is there.
static void
note_frames(struct planner *p, const struct line *line)
{
	if (line->value->kind == CONF_VALUE_EACH) {
		p->frames_read |= UINT32_C(1) << line->value->items->frame;
	}
	for (const struct read *r = line->reads; r != NULL; r = r->next) {
		if (r->mode != READ_ITEMS) {
			p->frames_read |= UINT32_C(1) << r->tells_of;
		}
	}
}

// An `each` goes through when some line inside may read its items: otherwise the count of its items would be all that
// it tells.
static bool
plan_each(struct planner *p, const struct line *line, struct op *op)
{
	struct buf ops = BUF_EMPTY;
	uint32_t bit = UINT32_C(1) << line->value->frame;
	uint32_t before = p->frames_read;
	bool any = false;

	p->frames_read &= ~bit;
	plan_group(p, line->value->body->root, false, &ops, &any);
	bool reads_items = (p->frames_read & bit) != 0;

	p->frames_read = reads_items ? p->frames_read : before;
	p->frames_read &= ~bit;
	op->code = OP_EACH;
	op->body = finish_ops(p, &ops);
	buf_fini(&ops);
	return reads_items && any;
}

// Whether the value leaves as the bytes that it came in: no step, one kind, no list, no choice.
static bool
is_plain(const struct line *line)
{
	const struct value *v = line->value;

	return v->kind == CONF_VALUE_COPY && v->more == NULL && v->convert == CONVERT_NONE && !v->is_message_copy &&
	    v->clean == 0 && v->empty_if.count == 0 && v->separator.len == 0 && !line->field->repeated &&
	    !path_is_repeated(v->path) && v->path->step_count > 0 && v->path->leaf->kind == line->field->kind;
}

// Appends the line's operation; false when it is hidden.
static bool
plan_line(struct planner *p, const struct line *line, struct buf *ops, enum label *ret_label)
{
	struct op op = {.code = is_plain(line) ? OP_COPY : OP_VALUE,
	    .field = line->field,
	    .line = line,
	    .is_required = is_required(line->field)};

	*ret_label = hiding_label(p, line->reads);
	if (*ret_label != LABEL_COUNT) {
		add_hidden(p, line->target, line->native, *ret_label, line->where);
		return false;
	}
	if (line->value->kind == CONF_VALUE_EACH && !plan_each(p, line, &op)) {
		const struct path *items = line->value->items;

		*ret_label = label_of_chain(items->chain, items->chain_count);
		add_hidden(p, line->target, line->native, *ret_label, line->where);
		return false;
	}
	note_frames(p, line);
	hide_parts(p, line);
	buf_put(ops, &op, sizeof(op));
	return true;
}

// A field of a group that could not be planned although the target requires it.
struct lack {
	const char *target;
	struct where where;
	enum label label;
};

// *ret_lack gets the required entry that is hidden; false when the entry adds nothing.
static bool
plan_entry(struct planner *p, const struct group_entry *e, struct buf *ops, struct lack *ret_lack)
{
	enum label label = LABEL_UNSPECIFIED;
	bool any = false;

	if (e->line != NULL) {
		any = plan_line(p, e->line, ops, &label);
	} else {
		struct op op = {.code = OP_OPEN,
		    .field = e->field,
		    .group = e->group,
		    .is_element = e->element > 0,
		    .is_required = is_required(e->field)};
		size_t before = ops->len;

		buf_put(ops, &op, sizeof(op));
		plan_group(p, e->group, false, ops, &any);
		if (any) {
			op.code = OP_CLOSE;
			buf_put(ops, &op, sizeof(op));
		} else {
			ops->len = before;
		}
	}
	if (!any && is_required(e->field)) {
		*ret_lack = (struct lack){
		    .target = e->line != NULL ? e->line->target : e->group->target,
		    .where = e->line != NULL ? e->line->where : e->group->where,
		    .label = label,
		};
	}
	return any;
}

static void
plan_group(struct planner *p, const struct group *g, bool is_root, struct buf *ops, bool *ret_any)
{
	struct lack lack = {.target = NULL};
	bool any = false;

	for (uint32_t i = 0; i < g->entry_count && p->err == EN_OK; i++) {
		any = plan_entry(p, &g->entries[i], ops, &lack) || any;
	}
	// A sub-message of which nothing is left is not written, and then lacks nothing.
	if (lack.target != NULL && (any || is_root)) {
		refuse(p, E0401, lack.where, lack.target, lack.label);
	}
	*ret_any = any;
}

// ---- the whole ----------------------------------------------------------------------------------------------------

static void
refuse(struct planner *p, enum finding_code code, struct where where, const char *what, enum label label)
{
	p->refused = true;
	if (p->findings != NULL) {
		findings_add(p->findings, code, where, NULL, "%s needs %s", what,
		    label == LABEL_UNSPECIFIED || label >= LABEL_COUNT
			? findings_say(p->findings, "a field without a label")
			: label_name(label));
	}
}

// What decides whether anything is sent at all must be granted like everything that is sent.
static void
check_guards(struct planner *p)
{
	const struct mapping *m = p->plan->mapping;
	enum label label = hiding_label(p, m->when_reads);

	if (label != LABEL_COUNT) {
		refuse(p, E0402, m->conf->when.where, "when", label);
	}
	if (m->split == NULL) {
		return;
	}
	struct read items = {.path = m->split, .mode = READ_ITEMS};

	label = hiding_label(p, m->split_reads);
	label = label == LABEL_COUNT ? hiding_label(p, &items) : label;
	if (label == LABEL_COUNT && (p->frames_read & 2U) == 0) {
		label = label_of_chain(m->split->chain, m->split->chain_count);
		// Nothing of the items is read by anybody, or what is read is hidden: only in the second case they are secret.
		label = label_readable(p->grants, label, m->split->leaf, READ_ITEMS) ? LABEL_COUNT : label;
	}
	if (label != LABEL_COUNT) {
		refuse(p, E0402, m->conf->one_event_per.where, m->split->text, label);
	}
}

static void
make_copies(struct planner *p)
{
	const struct mapping *m = p->plan->mapping;

	p->plan->copies = arena_zalloc(&p->plan->arena, (m->copy_count + 1) * sizeof(*p->plan->copies));
	if (p->plan->copies == NULL) {
		p->err = EN_ENOMEM;
		return;
	}
	for (const struct value *v = m->copies; v != NULL; v = v->next_copy) {
		p->plan->copies[v->copy_index] = shape_of_path(p->plan, p->grants, v->path);
		if (p->plan->copies[v->copy_index] == NULL) {
			p->err = EN_ENOMEM;
		}
	}
}

static void
make_plan(struct planner *p)
{
	struct buf ops = BUF_EMPTY;
	bool any = false;

	make_copies(p);
	plan_group(p, p->plan->mapping->body->root, true, &ops, &any);
	check_guards(p);
	p->plan->frames_read = p->frames_read;
	p->plan->ops = finish_ops(p, &ops);
	buf_fini(&ops);
	struct view hidden = arena_copy(&p->plan->arena, buf_view(&p->hidden));

	if (p->hidden.err != EN_OK || (p->hidden.len > 0 && hidden.data == NULL)) {
		p->err = EN_ENOMEM;
		return;
	}
	p->plan->hidden = (struct plan_hidden *)(void *)(uintptr_t)hidden.data;
	p->plan->hidden_count = p->hidden.len / sizeof(struct plan_hidden);
}

enum en_err
plan_new(const struct mapping *m, const struct grants *grants, struct findings *findings, struct plan **ret)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	struct planner p = {.plan = plan, .grants = grants, .findings = findings, .hidden = BUF_EMPTY};

	if (plan == NULL) {
		return EN_ENOMEM;
	}
	arena_init(&plan->arena, 0);
	plan->mapping = m;
	make_plan(&p);
	if (p.err == EN_OK && !p.refused && !plan_lower(plan)) {
		p.err = EN_ENOMEM;
	}
	buf_fini(&p.hidden);
	enum en_err err = p.err != EN_OK ? p.err : p.refused ? EN_ECONFIG : EN_OK;

	if (err != EN_OK) {
		plan_free(&plan);
		return err;
	}
	*ret = plan;
	return EN_OK;
}

void
plan_free(struct plan **pp)
{
	if (*pp != NULL) {
		arena_fini(&(*pp)->arena);
		free(*pp);
		*pp = NULL;
	}
}

const struct mapping *
plan_mapping(const struct plan *p)
{
	return p->mapping;
}

const struct plan_hidden *
plan_hidden_fields(const struct plan *p, size_t *ret_count)
{
	*ret_count = p->hidden_count;
	return p->hidden;
}

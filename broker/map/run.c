// SPDX-License-Identifier: Apache-2.0
// A plan over one indexed payload. Operations come in the order of writing backwards: a sub-message is opened before the fields inside it are
// written, and gets its header when it is closed. All or nothing: the outputs are only told when the last of them is complete.
#include "map/run_int.h"

#include "expr/run.h"

void
map_run_init(struct map_run *run)
{
	*run = (struct map_run){.trace = false};
	arena_init(&run->arena, 0);
}

void
map_run_fini(struct map_run *run)
{
	arena_fini(&run->arena);
	cel_run_free(&run->cel);
	*run = (struct map_run){.trace = false};
}

// ---- lineage ------------------------------------------------------------------------------------------------------

static bool
add_trace(struct runner *r, const struct line *line, const struct item *item)
{
	struct map_run *run = r->run;
	struct map_trace *traces =
	    arena_larger(r->arena, run->traces, run->trace_count, &r->trace_cap, sizeof(*traces));

	if (traces == NULL) {
		return run_out_of_memory(r);
	}
	run->traces = traces;
	run->traces[run->trace_count++] = (struct map_trace){
	    .target = line->target,
	    .native = line->native,
	    .source = item->value->source,
	    .output = r->output,
	    .line = line->where,
	    .where = item->value->where,
	    .table = item->row == NULL ? NULL : table_of(item->value)->name,
	    .table_row = item->row == NULL ? (struct where){.file = NULL} : item->row->where,
	    .because = item->value->because,
	    .decided_by = item->value->outer == NULL ? NULL : item->value->outer->source,
	};
	return true;
}

// Written backwards, told forwards.
static void
reverse_traces(struct map_run *run, size_t first)
{
	for (size_t i = first, j = run->trace_count; i + 1 < j; i++, j--) {
		struct map_trace t = run->traces[i];

		run->traces[i] = run->traces[j - 1];
		run->traces[j - 1] = t;
	}
}

// ---- operations ---------------------------------------------------------------------------------------------------

static bool run_ops(struct runner *r, struct ops ops, struct open *root);

// A whole number is a value also when it is 0; text and codes say nothing when they are empty or 0.
static bool
is_value(const struct schema_field *f, const struct item *item, bool wrote)
{
	return wrote || (item->kind == ITEM_BITS && f->kind != KIND_ENUM);
}

// Whether the line is for this kind of delivery.
static bool
is_wanted(const struct runner *r, const struct value *v)
{
	return v->more == NULL || v->more->only_on == ON_BOTH || (v->more->only_on == ON_UPDATE) == r->env->is_update;
}

static bool
run_value(struct runner *r, const struct op *op, struct open *open)
{
	const struct line *line = op->line;
	bool wrote = false, present = false;

	if (!is_wanted(r, line->value)) {
		open->missing = op->is_required ? op : open->missing;
		return true;
	}

	if (op->field->repeated) {
		struct items list = {.items = NULL};

		if (!value_items(r, line->value, &list) || !write_items(r, op->field, &list, &wrote)) {
			return false;
		}
		present = wrote;
		for (size_t i = list.count; wrote && r->run->trace && i > 0; i--) {
			if (!add_trace(r, line, &list.items[i - 1])) {
				return false;
			}
		}
	} else {
		struct item item;

		if (!value_item(r, line->value, &item) || !write_item(r, op->field, &item, &wrote)) {
			return false;
		}
		present = is_value(op->field, &item, wrote);
		if (present && op->is_required && item.kind == ITEM_TEXT && item.text.len == 0) {
			present = false;
		}
		if (present && r->run->trace && !add_trace(r, line, &item)) {
			return false;
		}
	}
	if (!present && line->value->more != NULL) {
		bool must = false;

		if (!must_be_there(r, line->value, &must) || must) {
			return must && run_fault_missing(r, op);
		}
	}
	if (!present && op->is_required) {
		open->missing = op;
	}
	open->told |= present ? UINT32_C(1) << line->tells : 0;
	return true;
}

// What is absent, or is there and says something, is done at once; everything else, and whoever wants to know the
// lineage, goes the way of all values.
static bool
run_copy(struct runner *r, const struct op *op, struct open *open)
{
	const struct value *v = op->line->value;
	const struct index_node *n = path_node(v->path, r->ix, r->frames);

	if (n == NULL && v->if_empty == NULL) {
		open->missing = op->is_required ? op : open->missing;
		return true;
	}
	if (n == NULL || r->run->trace || index_is_zero(v->path->leaf, n)) {
		return run_value(r, op, open);
	}
	write_node(r, op->field, n);
	out_tag(&r->out, op->field->number, schema_wire_type(op->field->kind));
	open->told |= UINT32_C(1) << op->line->tells;
	return true;
}

// Closes a message: its header, or nothing at all when nothing is in it that tells as much as it must (0: a constant
// will do).
static bool
close_message(struct runner *r, const struct op *op, const struct open *inner, uint32_t must_tell, struct open *outer)
{
	bool keep = inner->told >= UINT32_C(1) << must_tell;

	if (keep && inner->missing != NULL) {
		return run_fault_missing(r, inner->missing);
	}
	if (keep) {
		out_message(&r->out, op->field, inner->len);
	} else {
		out_rewind(&r->out, inner->before);
		r->run->trace_count = inner->trace_count;
		if (op->is_required && op->code == OP_CLOSE) {
			outer->missing = op;
		}
	}
	outer->told |= keep ? inner->told : 0;
	return true;
}

static struct open
open_message(struct runner *r, const struct op *op)
{
	size_t before = out_len(&r->out);

	if (op->field->kind == KIND_GROUP) {
		out_tag(&r->out, op->field->number, WIRE_EGROUP);
	}
	return (struct open){.before = before, .len = out_len(&r->out), .trace_count = r->run->trace_count};
}

// An item that would say nothing of itself is left out: that it is there may be all that is secret about it.
static bool
run_each(struct runner *r, const struct op *op, struct open *outer)
{
	const struct value *v = op->line->value;
	struct picked *items;
	struct open all = {.told = 0};
	size_t count;
	bool must = false;

	if (!is_wanted(r, v)) {
		outer->missing = op->is_required ? op : outer->missing;
		return true;
	}
	if (!select_items(r, v->items, v->selection, &items, &count)) {
		return false;
	}
	for (size_t i = count; i > 0; i--) {
		const struct picked *p = &items[i - 1];
		struct open item = open_message(r, op);

		r->frames[v->frame] = (struct frame){
		    .message = p->item->message, .item = p->item, .group = p->group, .group_count = p->group_count};
		if (!run_ops(r, op->body, &item) || !close_message(r, op, &item, v->frame + 1, &all)) {
			return false;
		}
	}
	if (all.told == 0 && (!must_be_there(r, v, &must) || must)) {
		return must && run_fault_missing(r, op);
	}
	if (all.told == 0 && op->is_required) {
		outer->missing = op;
	}
	outer->told |= all.told;
	return true;
}

bool
run_line(struct runner *r, const struct op *op, struct open *at)
{
	r->line = op->line;
	return op->code == OP_COPY ? run_copy(r, op, at)
	    : op->code == OP_EACH  ? run_each(r, op, at)
				   : run_value(r, op, at);
}

// root is the message that these operations fill; sub-messages are kept on a stack beside it.
static bool
run_ops(struct runner *r, struct ops ops, struct open *root)
{
	struct open stack[LIMIT_PAYLOAD_DEPTH], *at = root, *inner;
	size_t depth = 0;

	for (uint32_t i = 0; i < ops.count; i++) {
		const struct op *op = &ops.items[i];
		bool good = true;

		r->line = op->line;
		if (op->line != NULL && r->skip != NULL && r->skip[op->line->index]) {
			at->missing = op->is_required ? op : at->missing;
			continue;
		}
		switch (op->code) {
		case OP_OPEN:
			at = &stack[depth++];
			*at = open_message(r, op);
			break;
		case OP_CLOSE:
			inner = at;
			at = --depth == 0 ? root : &stack[depth - 1];
			good = close_message(r, op, inner, op->is_element ? 1 : 0, at);
			break;
		default:
			good = run_line(r, op, at);
			break;
		}
		if (!good) {
			return false;
		}
	}
	return true;
}

// ---- outputs ------------------------------------------------------------------------------------------------------

static bool
run_output(struct runner *r, struct map_output *output)
{
	struct open root = {.missing = NULL};

	root.trace_count = r->run->trace_count;
	// What is left in front of the output before is room for this one.
	r->out.end = r->out.pos;
	bool is_fast = r->plan->fast.body != NULL && !r->run->trace && r->skip == NULL;

	if (!(is_fast ? run_fast(r, &root.missing) : run_ops(r, r->plan->ops, &root))) {
		return false;
	}
	if (root.missing != NULL) {
		return run_fault_missing(r, root.missing);
	}
	if (r->out.failed) {
		return run_out_of_memory(r);
	}
	output->payload = view_of(r->out.pos, out_len(&r->out));
	if (r->run->trace) {
		reverse_traces(r->run, root.trace_count);
	}
	return true;
}

// What the item at hand is known by: its own number where the mapping says so, its position otherwise. Two items of one
// number would become one event, and one of them would be lost.
static bool
split_key(struct runner *r, size_t position, const struct map_output *outputs, size_t count, struct view *ret)
{
	const struct mapping *m = r->plan->mapping;

	if (m->split_key == NULL) {
		char *key = arena_printf(r->arena, "%zu", position);

		*ret = view_text(key);
		return key != NULL || run_out_of_memory(r);
	}
	r->line = NULL;
	if (!helper_text(r, m->split_key, ret)) {
		return false;
	}
	if (ret->len == 0) {
		return fault_at(
		    r, REASON_REQUIRED_MISSING, m->split_key->where, "one_event_per.key", m->split_key->source, NULL);
	}
	for (size_t i = 0; i < count; i++) {
		if (view_equal(outputs[i].split_key, *ret)) {
			return fault_at(
			    r, REASON_AMBIGUOUS, m->split_key->where, "one_event_per.key", m->split_key->source, NULL);
		}
	}
	return true;
}

// The position that an item has among all, whichever of them become events.
static size_t
position_of(const struct runner *r, const struct path *items, const struct index_node *item)
{
	size_t at = 0;

	for (const struct index_node *n = path_first(items, r->ix, r->frames); n != NULL && n != item;
	     n = path_next(items, r->ix, n)) {
		at++;
	}
	return at;
}

static bool
run_split(struct runner *r)
{
	const struct path *items = r->plan->mapping->split;
	struct map_output *outputs = arena_zalloc(r->arena, LIMIT_OUTPUTS_PER_INPUT * sizeof(*outputs));
	struct picked *picked;
	size_t count = 0;

	if (outputs == NULL) {
		return run_out_of_memory(r);
	}
	if (!select_items(r, items, r->plan->mapping->split_items, &picked, &count)) {
		return false;
	}
	if (count > LIMIT_OUTPUTS_PER_INPUT) {
		return fault_at(r, REASON_TOO_MANY_OUTPUTS, items->where, NULL, items->native, NULL);
	}
	for (size_t i = 0; i < count; i++) {
		r->frames[1] = (struct frame){.message = picked[i].item->message, .item = picked[i].item};
		if (!split_key(r, position_of(r, items, picked[i].item), outputs, i, &outputs[i].split_key)) {
			return false;
		}
		r->output = (uint32_t)i;
		if (!run_output(r, &outputs[i])) {
			return false;
		}
	}
	r->run->outputs = outputs;
	r->run->output_count = count;
	return true;
}

static bool
run_once(struct runner *r)
{
	struct map_output *output = arena_alloc(r->arena, sizeof(*output));

	if (output == NULL) {
		return run_out_of_memory(r);
	}
	*output = (struct map_output){.split_key = VIEW_EMPTY};
	if (!run_output(r, output)) {
		return false;
	}
	r->run->outputs = output;
	r->run->output_count = 1;
	return true;
}

static bool
run_mapping(struct runner *r)
{
	const struct mapping *m = r->plan->mapping;
	enum condition_result result = CONDITION_TRUE;
	bool masked = false;

	if (r->env->masked != NULL && !masks_prepare(r, &masked)) {
		return false;
	}
	if (m->when != NULL && !masked) {
		result = condition_decide(m->when, r->ix, r->frames, &r->ask);
	}
	if (result == CONDITION_ERROR) {
		return fault_at(r, REASON_CONDITION_ERROR, m->conf->when.where, "when", NULL, NULL);
	}
	if (result == CONDITION_FALSE || masked) {
		return true;
	}
	return m->split == NULL ? run_once(r) : run_split(r);
}

enum en_err
plan_run(const struct plan *p, const struct index *input, const struct map_env *env, struct map_run *run,
    struct map_fault *reterr_fault)
{
	struct runner r;

	// Frames are not cleared: each but the first is set before it is read.
	r.plan = p;
	r.ix = input;
	r.env = env;
	r.ask = (struct condition_ask){env->recorded_wall_ms, env->sender, &run->cel};
	r.run = run;
	r.arena = &run->arena;
	r.fault = reterr_fault;
	r.line = NULL;
	r.out = (struct out){.arena = &run->arena};
	r.frames[0] = (struct frame){.message = 0};
	r.masks = NULL;
	r.mask_count = 0;
	r.skip = NULL;
	r.trace_cap = 0;
	r.output = 0;
	r.err = EN_OK;
	arena_reset(&run->arena);
	run->outputs = NULL;
	run->output_count = 0;
	run->traces = NULL;
	run->trace_count = 0;
	if (run_mapping(&r)) {
		return EN_OK;
	}
	run->traces = NULL;
	run->trace_count = 0;
	return r.err;
}

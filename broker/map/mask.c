// SPDX-License-Identifier: Apache-2.0
// What the person withheld (Consent.withheld). A masked path is a missing grant that is known only when the event is at hand: a line that reads
// something at or below it is skipped whole, conditions included, so that no choice tells what a masked field says.
//
// A path that this vocabulary knows only in part masks the part that it knows: rather too much than too little.
#include "map/compiler.h"
#include "map/run_int.h"

static bool
is_prefix(const struct mask *m, const struct schema_field *const *fields, size_t count)
{
	return m->count <= count && memcmp(m->fields, fields, m->count * sizeof(m->fields[0])) == 0;
}

bool
masks_cover(const struct runner *r, const struct schema_field *const *fields, size_t count)
{
	for (size_t i = 0; i < r->mask_count; i++) {
		if (is_prefix(&r->masks[i], fields, count)) {
			return true;
		}
	}
	return false;
}

// Whether some mask is of a part of the message at the end of the chain.
static bool
masks_part(const struct runner *r, const struct schema_field *const *fields, size_t count)
{
	for (size_t i = 0; i < r->mask_count; i++) {
		if (count <= r->masks[i].count && memcmp(r->masks[i].fields, fields, count * sizeof(fields[0])) == 0) {
			return true;
		}
	}
	return false;
}

static bool
reads_masked(const struct runner *r, const struct read *reads)
{
	for (const struct read *read = reads; read != NULL; read = read->next) {
		const struct path *p = read->path;

		if (masks_cover(r, p->chain, p->chain_count) ||
		    (read->mode == READ_WHOLE && masks_part(r, p->chain, p->chain_count))) {
			return true;
		}
	}
	return false;
}

static uint32_t
frames_of(const struct line *line)
{
	uint32_t bits = 0;

	for (const struct read *read = line->reads; read != NULL; read = read->next) {
		bits |= read->mode == READ_ITEMS ? 0 : UINT32_C(1) << read->tells_of;
	}
	return bits;
}

// Marks the lines to skip; returns the frames that the others read from.
static uint32_t
mark_lines(struct runner *r, struct ops ops)
{
	uint32_t frames = 0;

	for (uint32_t i = 0; i < ops.count; i++) {
		const struct op *op = &ops.items[i];
		uint32_t inner = 0;

		if (op->line == NULL) {
			continue;
		}
		bool skip = reads_masked(r, op->line->reads);

		if (op->code == OP_EACH) {
			uint32_t bit = UINT32_C(1) << op->line->value->frame;

			inner = mark_lines(r, op->body);
			skip = skip || (inner & bit) == 0;
			inner = (inner & ~bit) | UINT32_C(1) << op->line->value->items->frame;
		}
		r->skip[op->line->index] = skip;
		frames |= skip ? 0 : frames_of(op->line) | inner;
	}
	return frames;
}

bool
masks_prepare(struct runner *r, bool *ret_all)
{
	const struct mapping *m = r->plan->mapping;
	size_t count = 0;

	while (r->env->masked != NULL && r->env->masked[count] != NULL) {
		count++;
	}
	*ret_all = false;
	if (count == 0) {
		return true;
	}
	struct mask *masks = arena_alloc(r->arena, count * sizeof(*masks));

	r->skip = arena_zalloc(r->arena, (m->line_count + 1) * sizeof(*r->skip));
	if (masks == NULL || r->skip == NULL) {
		return run_out_of_memory(r);
	}
	for (size_t i = 0; i < count; i++) {
		struct mask *mask = &masks[r->mask_count];

		mask->count =
		    path_chain(m->from, view_text(r->env->masked[i]), mask->fields, EN_COUNT_OF(mask->fields));
		r->mask_count += mask->count > 0; // none of its fields is in this message: nothing to mask
	}
	r->masks = masks;
	uint32_t frames = mark_lines(r, r->plan->ops);

	*ret_all = reads_masked(r, m->when_reads) || reads_masked(r, m->split_reads) ||
	    (m->split != NULL && masks_cover(r, m->split->chain, m->split->chain_count)) ||
	    (frames & 2U) < (r->plan->frames_read & 2U); // all that the events would tell of their items is masked
	return true;
}

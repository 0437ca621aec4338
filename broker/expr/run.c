// SPDX-License-Identifier: Apache-2.0
// A run's memory. Indexes stay between runs with the room that they have grown to.
#include "expr/run_int.h"

#include <stdlib.h>

enum en_err
cel_run_new(struct cel_run **ret)
{
	struct cel_run *run = calloc(1, sizeof(*run));

	if (run == NULL) {
		return EN_ENOMEM;
	}
	arena_init(&run->arena, LIMIT_EXPR_RUN_BYTES);
	arena_init(&run->matching, 0);
	cel_run_reset(run);
	*ret = run;
	return EN_OK;
}

void
cel_run_free(struct cel_run **rp)
{
	struct cel_run *run = *rp;

	if (run == NULL) {
		return;
	}
	for (uint32_t i = 0; i < run->index_cap && run->indexes[i] != NULL; i++) {
		index_fini(run->indexes[i]);
		free(run->indexes[i]);
	}
	free(run->indexes);
	free(run->registers);
	buf_fini(&run->scratch);
	arena_fini(&run->matching);
	arena_fini(&run->arena);
	free(run);
	*rp = NULL;
}

void
cel_run_reset(struct cel_run *run)
{
	arena_reset(&run->arena);
	run->index_count = 0;
	run->unset_count = 0;
	run->gathered_count = 0;
	run->any_depth = 0;
	run->program = NULL;
	run->strong_enums = false;
	run->known_codes = false;
	run->cost = LIMIT_EXPR_RUN_COST;
	run->err = EN_OK;
}

void
run_exhausted(struct cel_run *run)
{
	run_fail(run, run->arena.at_max ? EN_ELIMIT : EN_ENOMEM);
}

void *
run_alloc(struct cel_run *run, size_t len)
{
	void *p;

	if (len > LIMIT_EXPR_RUN_BYTES) {
		run_fail(run, EN_ELIMIT);
		return NULL;
	}
	p = run_charge(run, len / 16) ? arena_alloc(&run->arena, len) : NULL;
	if (p == NULL) {
		run_exhausted(run);
	}
	return p;
}

struct cel_value
run_text(struct cel_run *run, enum cel_type_kind kind, struct view text)
{
	uint8_t *copy = run_alloc(run, text.len);

	if (copy == NULL) {
		return cel_null();
	}
	if (text.len > 0) {
		memcpy(copy, text.data, text.len);
	}
	return (struct cel_value){.kind = kind, .n = (uint32_t)text.len, .bytes = copy};
}

struct cel_value
run_scratch(struct cel_run *run, enum cel_type_kind kind)
{
	if (run->scratch.err != EN_OK) {
		run_fail(run, run->scratch.err);
		return cel_null();
	}
	return run_text(run, kind, buf_view(&run->scratch));
}

struct cel_value
run_optional(struct cel_run *run, struct cel_value v)
{
	struct cel_value *inner = run_alloc(run, sizeof(*inner));

	if (inner != NULL) {
		*inner = v;
	}
	return (struct cel_value){.kind = CEL_OPTIONAL, .inner = inner};
}

// One that is not in use, the next in the row.
static struct index *
take_index(struct cel_run *run)
{
	if (run->index_count == run->index_cap) {
		uint32_t cap = run->index_cap == 0 ? 8 : run->index_cap * 2;
		struct index **grown = realloc(run->indexes, cap * sizeof(*grown));

		if (grown == NULL) {
			return NULL;
		}
		memset(grown + run->index_cap, 0, (cap - run->index_cap) * sizeof(*grown));
		run->indexes = grown;
		run->index_cap = cap;
	}
	struct index *ix = run->indexes[run->index_count];

	if (ix == NULL) {
		ix = malloc(sizeof(*ix));
		if (ix == NULL) {
			return NULL;
		}
		index_init(ix);
		ix->depth_max = LIMIT_CODEC_DEPTH;
		ix->is_partial = true; // an expression may build a message piece by piece
		run->indexes[run->index_count] = ix;
	}
	run->index_count++;
	return ix;
}

const struct index *
run_index(struct cel_run *run, const struct schema_type *t, struct view payload)
{
	struct index *ix;
	enum en_err err;

	if (run->index_count == LIMIT_EXPR_RUN_MESSAGES) {
		run_fail(run, EN_ELIMIT);
		return NULL;
	}
	if (!run_charge(run, 64 + payload.len / 16)) {
		return NULL;
	}
	ix = take_index(run);
	err = ix == NULL ? EN_ENOMEM : index_build(ix, t, payload, NULL);
	if (err == EN_ENOMEM) {
		run_fail(run, err);
	}
	return err == EN_OK ? ix : NULL;
}

// SPDX-License-Identifier: Apache-2.0
#include "trial/trial.h"

#include <stdlib.h>

#include "trial/trial_int.h"

static size_t
count_of(const struct conf_test_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct conf_tests *file = set->files[i];

		for (size_t c = 0; c < file->case_count; c++) {
			const struct conf_each *each = &file->cases[c].each;

			count += each->where.line == 0 ? 1 : each->values.count + each->refused.count;
		}
		count += file->matrix_count + file->round_trip_count;
	}
	return count;
}

enum en_err
trial_new(const struct rules *rules, const struct conf_test_set *set, struct coverage *coverage,
    struct findings *findings, struct trial **ret)
{
	struct trial *t = calloc(1, sizeof(*t));
	size_t errors_before = findings->errors;
	enum en_err err;

	if (t == NULL) {
		return EN_ENOMEM;
	}
	t->rules = rules;
	t->coverage = coverage;
	arena_init(&t->arena, 0);
	arena_init(&t->scratch, 0);
	rehearsal_init(&t->rehearsal);
	index_init(&t->index);
	t->cases = arena_zalloc(&t->arena, (count_of(set) + 1) * sizeof(*t->cases));
	if (t->cases == NULL) {
		t->err = EN_ENOMEM;
	} else {
		trial_bind(t, set, findings);
	}
	err = t->err == EN_OK && findings->errors > errors_before ? EN_ECONFIG : t->err;
	if (err != EN_OK) {
		trial_free(&t);
		return err;
	}
	*ret = t;
	return EN_OK;
}

void
trial_free(struct trial **tp)
{
	struct trial *t = *tp;

	if (t == NULL) {
		return;
	}
	for (size_t i = 0; i < t->count; i++) {
		plan_free(&t->cases[i].plan);
	}
	index_fini(&t->index);
	rehearsal_fini(&t->rehearsal);
	arena_fini(&t->scratch);
	arena_fini(&t->arena);
	free(t);
	*tp = NULL;
}

size_t
trial_count(const struct trial *t)
{
	return t->count;
}

const char *
trial_name(const struct trial *t, size_t i)
{
	return t->cases[i].name;
}

const struct conf_tests *
trial_file(const struct trial *t, size_t i)
{
	return t->cases[i].file;
}

struct trial_difference *
trial_differs(struct trial *t, enum trial_difference_kind kind, struct where where, size_t output)
{
	struct trial_difference *items =
	    arena_larger(&t->scratch, t->differences, t->difference_count, &t->difference_cap, sizeof(*items));

	if (items == NULL) {
		t->err = EN_ENOMEM;
		return &t->lost;
	}
	t->differences = items;
	struct trial_difference *d = &t->differences[t->difference_count++];

	*d = (struct trial_difference){.kind = kind, .expected_at = where, .output = output};
	return d;
}

static struct where
where_of(const struct bound_case *c)
{
	return c->each != NULL        ? c->each->key.where
	    : c->kind == TRIAL_CASE   ? c->conf->where
	    : c->kind == TRIAL_MATRIX ? c->matrix->where
				      : c->round_trip->where;
}

enum en_err
trial_run(struct trial *t, size_t i, struct trial_result *ret)
{
	const struct bound_case *c = &t->cases[i];

	arena_reset(&t->scratch);
	t->differences = NULL;
	t->difference_count = 0;
	t->difference_cap = 0;
	switch (c->kind) {
	case TRIAL_CASE:
		trial_run_case(t, c);
		break;
	case TRIAL_MATRIX:
		trial_run_matrix(t, c);
		break;
	case TRIAL_ROUND_TRIP:
		trial_run_round_trip(t, c);
		break;
	}
	*ret = (struct trial_result){.file = c->file,
	    .name = trial_name(t, i),
	    .where = where_of(c),
	    .kind = c->kind,
	    .differences = t->differences,
	    .count = t->difference_count};
	return t->err;
}

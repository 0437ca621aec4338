// SPDX-License-Identifier: Apache-2.0
// A run from the inside, for the functions of the language and the evaluator. Not for other folders.
#ifndef EN_EXPR_RUN_INT_H
#define EN_EXPR_RUN_INT_H

#include "base/limits.h"
#include "expr/run.h"

#define UNSET_MAX 8
#define GATHERED_MAX 8

struct cel_run {
	struct arena arena;
	struct arena matching;	// of one search for a regular expression at a time
	enum en_err err;	// sticky: the run is over, and what it answers does not matter
	uint64_t cost;		// left of the budget
	uint32_t any_depth;	// of messages being unpacked
	struct cel_value *registers;	// from malloc
	uint32_t register_cap;
	struct index **indexes;	// from malloc; the first index_count are in use
	uint32_t index_count, index_cap;
	struct {	// empty messages that fields which are not set were read as: the next one of the type is the same
		const struct schema_type *type;
		const struct index *index;
	} unset[UNSET_MAX];
	uint32_t unset_count;
	struct {	// the latest lists and maps that were gathered from repeated fields: the next reading of the field is the same one
		const struct index *index;
		const struct schema_field *field;
		uint32_t message;
		struct cel_value value;
	} gathered[GATHERED_MAX];
	uint32_t gathered_count;	// also past GATHERED_MAX: the oldest gives way
	struct buf scratch;	// for one function at a time
	const struct cel_program *program;	// NULL between runs
	const struct cel_value *variables;
	bool known_codes;		// of the program that runs
	bool strong_enums;		// of the last program: what is read of its messages afterwards is read the same way
};

static inline void
run_fail(struct cel_run *run, enum en_err err)
{
	run->err = run->err == EN_OK ? err : run->err;
}

// Takes from the budget; false when it is spent.
static inline bool
run_charge(struct cel_run *run, uint64_t cost)
{
	if (EN_UNLIKELY(run->cost < cost)) {
		run->cost = 0;
		run_fail(run, EN_ELIMIT);
		return false;
	}
	run->cost -= cost;
	return true;
}

// What looks at every byte of a text pays for them.
static inline bool
run_charge_text(struct cel_run *run, struct cel_value v)
{
	return run_charge(run, v.kind == CEL_STRING || v.kind == CEL_BYTES ? v.n / 16 : 0);
}

// Whether what stands in run->scratch may still become a value; the run has failed when not. For those who write much into it.
static inline bool
run_scratch_fits(struct cel_run *run)
{
	if (EN_LIKELY(run->scratch.len <= LIMIT_EXPR_RUN_BYTES)) {
		return true;
	}
	run_fail(run, EN_ELIMIT);
	return false;
}

// Memory for a value was refused: by the system, or by the run's own limit.
void run_exhausted(struct cel_run *run);
// NULL when the run has failed by it. Charges for the bytes.
void *run_alloc(struct cel_run *run, size_t len);
// A copy in the arena, as a string or bytes; an error value's place is taken by null when memory ran out, and the run has failed.
struct cel_value run_text(struct cel_run *run, enum cel_type_kind kind, struct view text);
// The same of what a function wrote to run->scratch.
struct cel_value run_scratch(struct cel_run *run, enum cel_type_kind kind);
// An optional value with v inside.
struct cel_value run_optional(struct cel_run *run, struct cel_value v);
// The payload, which must live as long as the run's values, indexed. NULL: not of the type (the run goes on), or the run has failed.
const struct index *run_index(struct cel_run *run, const struct schema_type *t, struct view payload);

#endif

// SPDX-License-Identifier: Apache-2.0
// What the files of a trial share.
#ifndef EN_TRIAL_TRIAL_INT_H
#define EN_TRIAL_TRIAL_INT_H

#include "trial/cover.h"
#include "trial/record.h"
#include "trial/trial.h"

// A case with its names looked up.
struct bound_case {
	const struct conf_tests *file;
	enum trial_kind kind;
	const struct conf_case *conf;		// one of these three, as kind says
	const struct conf_matrix *matrix;
	const struct conf_round_trip *round_trip;
	const struct mapping *mapping;		// NULL: the whole way. Of a round trip: the way there
	const struct mapping *back;		// of a round trip
	struct plan *plan;			// of mapping; owned
	const struct schema_type *type, *out;	// out: what expectations speak of; NULL: several types
	const struct rules_agency *sender;
	const struct rules_subscription *recipient;
	const struct known_referral *known;
	const struct conf_want *each;		// the value at hand of conf->each; NULL: no such case
	bool is_refused;			// of each: it stands in `refused`
	const char *name;
	int64_t clock_ms;
	struct view payload, case_consent;	// in the trial's arena
	// of a matrix
	const struct rules_agency **columns;
	const char **purposes;			// NULL: any
	const struct rules_agency *from;
	enum canonical message;
};

struct trial {
	const struct rules *rules;
	struct coverage *coverage;		// NULL
	struct arena arena, scratch;		// scratch: of one run
	struct bound_case *cases;
	size_t count;
	struct rehearsal rehearsal;
	struct index index;
	struct trial_difference *differences;	// in scratch
	size_t difference_count, difference_cap;
	struct trial_difference lost;		// one that memory had no room for
	enum en_err err;			// EN_ENOMEM, sticky
};

// bind.c: looks everything up; findings tell what is not there.
void trial_bind(struct trial *t, const struct conf_test_set *set, struct findings *findings);
// Adds one; expected_at, kind and the rest are the caller's to fill. Never NULL.
struct trial_difference *trial_differs(
    struct trial *t, enum trial_difference_kind kind, struct where where, size_t output);
void trial_run_case(struct trial *t, const struct bound_case *c);	// run_case.c
void trial_run_matrix(struct trial *t, const struct bound_case *c);	// matrix.c
void trial_run_round_trip(struct trial *t, const struct bound_case *c);	// round_trip.c
// NULL when the cell is none.
const char *sight_letter(enum sight sight);

#endif

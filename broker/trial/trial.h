// SPDX-License-Identifier: Apache-2.0
// The rule set's own tests against the rule set: cases, visibility matrices and round trips, one after the other, each with what differs. Everything that a file names
// is looked up before anything runs, so that one call tells all that is misspelt.
//
// Nothing here prints. A struct trial is one thread's; results are borrowed until the next trial_run.
#ifndef EN_TRIAL_TRIAL_H
#define EN_TRIAL_TRIAL_H

#include "conf/tests.h"
#include "rules/sight.h"
#include "trial/rehearse.h"

struct coverage;

enum trial_difference_kind {
	DIFFERS_VALUE,		// of a field: expected and actual, either may be NULL: nothing there
	DIFFERS_EXTRA,		// a field that `equals` does not have
	DIFFERS_COUNT,		// of outputs or deliveries
	DIFFERS_WITHHELD,	// path is not withheld, or under another label (expected, actual)
	DIFFERS_ERROR,		// reason codes; NULL: none
	DIFFERS_AT,		// the field that the error names
	DIFFERS_RECIPIENT,	// path: a subscription; expected or actual is "receives"
	DIFFERS_MISSED,		// path: an agency; reason codes
	DIFFERS_SIGHT,		// path: field; agency in column; F C P -
	DIFFERS_UNSIGNED,	// a personal field that some agency sees and no row of the matrix has
	DIFFERS_NO_COLUMN,	// an agency (path), or one for a purpose (AGENCY/PURPOSE), that sees something and has no column
	DIFFERS_LOSS,		// of a field of the source between two mappings: the code of a loss; made_by goes there, read_by back
};

enum trial_kind { TRIAL_CASE, TRIAL_MATRIX, TRIAL_ROUND_TRIP };

struct trial_difference {
	enum trial_difference_kind kind;
	struct where expected_at;	// the line of the test
	size_t output;			// from 0; SIZE_MAX when it is about the whole
	const char *path, *column, *expected, *actual;
	struct where made_by;		// the line of the mapping; line 0: nothing made it
	struct where read_by;		// of a loss: the line of the way back; line 0: there is none
	const char *table;		// NULL
	struct where table_row;
	const char *agreement;		// of a matrix; NULL
	struct where agreement_at;
};

struct trial_result {
	const struct conf_tests *file;
	const char *name;
	struct where where;
	enum trial_kind kind;
	const struct trial_difference *differences;
	size_t count;			// 0: it passed
};

struct trial;
// rules and set must outlive it. EN_ECONFIG after findings E10xx. coverage may be NULL.
EN_MUST_CHECK enum en_err trial_new(const struct rules *rules, const struct conf_test_set *set, struct coverage *coverage,
    struct findings *findings, struct trial **ret);
void trial_free(struct trial **tp);
size_t trial_count(const struct trial *t);	// of cases, matrices and round trips, in the order of files
const char *trial_name(const struct trial *t, size_t i);
const struct conf_tests *trial_file(const struct trial *t, size_t i);
EN_MUST_CHECK enum en_err trial_run(struct trial *t, size_t i, struct trial_result *ret);

#endif

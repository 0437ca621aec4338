// SPDX-License-Identifier: Apache-2.0
// What the files of binding share: names of a test file become what they name in the rules.
#ifndef EN_TRIAL_BIND_H
#define EN_TRIAL_BIND_H

#include "trial/trial_int.h"

struct binding {
	struct trial *t;
	const struct rules *rules;
	const struct conf_tests *file;
	struct findings *findings;
};

// E1001 at the name.
void bind_not_there(struct binding *b, const struct conf_text *name, const char *kind, const char *nearest);
// NULL for NULL; NULL after a finding.
const struct rules_agency *bind_agency(struct binding *b, const struct conf_text *name);
// E1004 unless the type has such a field. type may be NULL: then it is not known.
void bind_check_path(struct binding *b, const struct schema_type *type, const struct conf_text *path);
void bind_payload(struct binding *b, struct bound_case *to);			// bind_record.c
void bind_matrix(struct binding *b, const struct conf_matrix *m);		// bind_matrix.c
void bind_round_trip(struct binding *b, const struct conf_round_trip *trip);	// round_trip.c
// NULL after a finding.
const struct mapping *bind_mapping_named(struct binding *b, const struct conf_text *name);

#endif

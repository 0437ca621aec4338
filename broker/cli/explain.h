// SPDX-License-Identifier: Apache-2.0
// What a rehearsal says, told: for every field of every event the line, the table row and the column of the record behind it; for every agency what it
// receives, what is withheld from it and why, or why it receives nothing. The engine has answered all of it (notes, lineage, withheld); here it is only
// put into order. Values of the record are printed when the operator asks for them, and never otherwise.
#ifndef EN_CLI_EXPLAIN_H
#define EN_CLI_EXPLAIN_H

#include "cli/rehearsing.h"
#include "trial/record.h"

struct explanation {
	const struct rehearsing *r;
	const struct rules_agency *only;	// NULL: all
	bool why_not, values;
	struct index index;			// of what is at hand, for values
	enum en_err err;
};

// One field and where it came from.
struct explained_field {
	const struct map_trace *trace;
	const char *columns;	// of the record, through the canonical event; NULL: constants, or it is an event's own field
	const char *value;	// NULL: not asked for
};

// Fields of one output or delivery, in the arena of the call. canonical: the lineage of the event that a delivery is made of; NULL for the event itself.
struct explained_field *explain_fields(struct explanation *e, const struct lineage *lineage, const struct lineage *canonical,
    const struct schema_type *type, struct view payload, size_t *ret_count);

// Why an agency receives nothing, or something: one reason a line. note may be NULL: then no route sends this message to it.
struct explained_reason {
	const struct decide_note *note;
	bool is_route_false;	// a route that could lead to it does not match
};
struct explained_reason *explain_reasons(struct explanation *e, const struct rehearsed_output *o, const struct rules_agency *agency, size_t *ret_count);
// A sentence for the reason, in the language of the call.
const char *explain_sentence(const struct explanation *e, const struct explained_reason *reason);
// The delivery to a subscription of that agency after number from (SIZE_MAX: the first); SIZE_MAX when there is no more.
size_t explain_delivery(const struct rehearsed_output *o, const struct rules_agency *agency, size_t from);
// Whether the agency receives something of the output.
bool explain_receives(const struct rehearsed_output *o, const struct rules_agency *agency);
// Whether this explanation speaks of the agency.
bool explain_includes(const struct explanation *e, const struct rehearsed_output *o, const struct rules_agency *agency);
const char *explain_withheld(const struct explanation *e, const struct withheld_field *w);

void explain_text(struct explanation *e);
EN_MUST_CHECK enum en_err explain_json(struct explanation *e);

#endif

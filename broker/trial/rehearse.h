// SPDX-License-Identifier: Apache-2.0
// One input through the whole rule set without a broker: what it becomes, who would get what and why, where every field came from, and what is
// withheld. The pieces are those of the engine (inbound plans, decide, narrow, views); here they only run one after the other with their traces on.
//
// What only a running broker knows is told or left out: referrals that it remembers (known), the newest consent of the case, and the secret of ids.
// Ids come out under a key of zeros: the same in every rehearsal, and never those of a broker.
//
// Nothing here reads a clock or a file. A struct rehearsal is one thread's and is used again and again; what it holds is valid until the next call.
#ifndef EN_TRIAL_REHEARSE_H
#define EN_TRIAL_REHEARSE_H

#include "rules/rules.h"

// A referral that the broker would remember: under which number the sender of a status knows it, and whose it is.
struct known_referral {
	const char *reference, *referral_id, *from, *source_case, *source_service;	// "" or NULL: not said
};

struct rehearsal_question {
	const struct rules *rules;
	const struct schema_type *type;		// of the payload: an agency's own, or a canonical one, which passes as it is
	struct view payload;
	const struct rules_agency *sender;
	int64_t recorded_ms;
	struct view case_consent;		// enlace.v1.Consent; empty: none
	const struct known_referral *known;
	size_t known_count;
};

struct lineage {
	struct map_trace *items;
	size_t count;
};

// A field of the target that stays empty because somebody may not know it.
struct withheld_field {
	const char *target, *native;
	enum label label;	// of what is hidden; LABEL_UNSPECIFIED when the person withheld it
	const char *by_person;	// the path that the person withheld; NULL: the agreement does not grant the label
	struct where where;	// the mapping's line
};

struct rehearsed_delivery {
	const struct decided *decided;
	enum reason reason;			// REASON_NONE: it goes; otherwise why not after all
	struct map_fault fault;			// of REASON_VIEW_FAILED
	struct view payload;
	struct lineage lineage;
	const struct plan *plan;		// NULL when there is none
	const char *const *masked;		// what the person withheld; NULL: nothing
	struct withheld_field *withheld;
	size_t withheld_count;
};

struct rehearsed_output {
	enum canonical type;
	const struct mapping *mapping;		// NULL: it came as it is
	struct view payload;
	struct lineage lineage;
	struct decision decision;
	struct decide_notes notes;
	struct rehearsed_delivery *deliveries;	// one for each of decision.recipients
};

struct rehearsal {
	struct arena arena;
	struct rehearsed_output *outputs;
	size_t output_count;
	// REASON_NONE: recorded. Otherwise the input would be held or refused as a whole, and outputs are what had been made by then.
	enum reason reason;
	struct map_fault fault;			// where a mapping said so
	char field[256];			// of the input or of an output, where the schema or a route's condition said so
	const char *route;			// REASON_CONDITION_ERROR of a route; NULL
	struct index input, inner;
	struct map_run run;
};

void rehearsal_init(struct rehearsal *h);
void rehearsal_fini(struct rehearsal *h);
// EN_OK also when the input would be held. EN_ENOMEM.
EN_MUST_CHECK enum en_err rehearse(struct rehearsal *h, const struct rehearsal_question *q);
// What stays empty through that plan and those masked paths (NULL: none), in the arena. EN_ENOMEM.
EN_MUST_CHECK enum en_err withheld_fields(const struct plan *plan, const char *const *masked, struct arena *arena,
    struct withheld_field **ret, size_t *ret_count);
// One mapping alone, through a plan: outputs without decisions. The type must be the mapping's.
EN_MUST_CHECK enum en_err rehearse_plan(struct rehearsal *h, const struct rehearsal_question *q, const struct plan *plan);

#endif

// SPDX-License-Identifier: Apache-2.0
// What is known of a status beside what its sender said.
#include "rules/rules_int.h"
#include "schema/scalar.h"

static void
put(const struct schema_type *t, const char *name, uint64_t number, struct view text, struct buf *payload)
{
	const struct schema_field *f = t == NULL ? NULL : schema_field_by_name(t, view_text(name));

	if (f != NULL && (number != 0 || text.len > 0)) {
		scalar_put(f, number, text, true, payload);
	}
}

void
rules_complete_status(const struct rules *r, const struct status_facts *facts, struct buf *payload)
{
	const struct schema_type *t = rules_canonical_type(r, CANONICAL_STATUS);

	put(t, "source_case_id", 0, facts->source_case, payload);
	put(t, "source_service_id", 0, facts->source_service, payload);
	put(t, "to_agency", 0, view_text(facts->to_agency), payload);
	put(t, "actor_agency", 0, view_text(facts->actor_agency), payload);
	put(t, "previous_state", facts->previous_state, VIEW_EMPTY, payload);
}

// SPDX-License-Identifier: Apache-2.0
// What `map` and `explain` share: one input from a file, who sends it and when, and what only a running broker would know.
#ifndef EN_CLI_REHEARSING_H
#define EN_CLI_REHEARSING_H

#include "cli/payload.h"
#include "cli/ruleset.h"
#include "trial/rehearse.h"

#define REHEARSING_OPTIONS \
	{"in", true, "the record: a file, or - for standard input (default)"}, \
	    {"from", true, "json, text or binary (default: by the file's ending, else json)"}, \
	    {"sender", true, "the agency that sends it (default: the one that publishes this type)"}, \
	    {"recorded", true, "when the broker records it, as 2026-11-23T15:45:00Z (default: now)"}, \
	    {"consent", true, "a file with the newest enlace.v1.Consent of the person's case"}, \
	    {"known", true, "REFERENCE=REFERRAL_ID: a number under which the sender knows a referral"}, RULESET_OPTION

struct rehearsing {
	struct cmd_call *call;
	struct ruleset set;
	struct buf payload, consent;
	struct known_referral known;
	struct rehearsal_question question;
	struct rehearsal rehearsal;
};

// Reads the options into r->question; type and sender may be NULL: then they are found out. 0, or the exit code having said why. The rule set is open.
int rehearsing_ask(struct rehearsing *r, const struct schema_type *type);
void rehearsing_close(struct rehearsing *r);
// "table_miss: SEXO config/mappings/x.yaml:31:27: the code is not ..." on stderr, without a value; returns 65.
int rehearsing_fault(const struct cmd_call *call, const struct rehearsal *h);
// Of that name, with the nearest one told on stderr; NULL when there is none.
const struct rules_agency *rehearsing_agency(const struct rehearsing *r, const char *name);
const struct schema_type *rehearsing_type(const struct rehearsing *r, const char *name);

#endif

// SPDX-License-Identifier: Apache-2.0
// Files of the rule set: name below its folder, and content.
#include "support/engine_rules.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "support/support.h"

#define RETRY "retry: {after: [5 s, 1 min], give_up: 1 h, then: dead_letter}\n"
#define VALID "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n"

static const char *const engine_rules[][2] = {
    {"agencies/clinic.yaml",
	"agency: clinic\nkind: authority\npublishes: [clinic.v1.Intake, enlace.v1.Referral, enlace.v1.Alert, "
	"enlace.v1.ConsentUpdate, enlace.v1.ReferralStatus]\n"
	"sources: [\"urn:enlace:clinic\", \"urn:enlace:clinic:two\"]\n"},
    {"agencies/child.yaml",
	"agency: child\nkind: un\npublishes: [clinic.v1.Reply, enlace.v1.ReferralStatus, enlace.v1.Referral]\n"},
    {"agencies/watch.yaml", "agency: watch\nkind: un\npublishes: [enlace.v1.ReferralStatus]\n"},
    {"agencies/shelter.yaml", "agency: shelter\nkind: civil_society\ngroups: [shelters]\n"},
    {"agencies/hostel.yaml", "agency: hostel\nkind: civil_society\ngroups: [shelters]\n"},
    {"agencies/ops.yaml", "agency: ops\nkind: un\noperator: true\noperator_may: [\"*\"]\n"},
    {"agreements/protection.yaml",
	"agreement: protection\nfrom: [clinic, child]\nto: [child, watch, hostel]\npurposes: [protection]\n"
	"legal_bases: [CONSENT, LEGAL_OBLIGATION, PUBLIC_INTEREST]\n"
	"may_see: {demographic: full, location: full}\n" VALID},
    {"agreements/feedback.yaml",
	"agreement: feedback\nfrom: [clinic, child, watch]\nto: [clinic]\npurposes: [feedback]\n"
	"may_see: {operational: full}\n" VALID},
    {"routes/children.yaml",
	"route: children\ntypes: [Referral]\nwhen: {service: CHILD_PROTECTION}\npurpose: protection\nreads: []\n"
	"send_to:\n- {agency: child, answer_within: {acknowledge: 15 min, decide: 4 h}}\n"},
    {"routes/shelter.yaml",
	"route: shelter\ntypes: [Referral]\nwhen: {service: SAFE_SHELTER}\npurpose: protection\nreads: []\n"
	"send_to:\n- {addressee: true, among: [shelters]}\n- {agency: child}\n"},
    {"routes/alerts.yaml",
	"route: alerts\ntypes: [Alert]\npurpose: protection\nreads: []\n"
	"send_to:\n- {agency: child}\n- {agency: watch}\nif_nobody_receives: fine\n"},
    {"routes/feedback.yaml",
	"route: feedback\ntypes: [ReferralStatus]\npurpose: feedback\nreads: []\nsend_to:\n- {addressee: true}\n"
	"if_nobody_receives: fine\n"},
    {"subscriptions/child-cases.yaml",
	"subscription: child-cases\nagency: child\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY
	"on_dead_letter: hold_case\nalarm_if: {oldest_waits: 15 min, nobody_attached: 10 min}\n"},
    {"subscriptions/child-alerts.yaml",
	"subscription: child-alerts\nagency: child\npurpose: protection\nreceives: [Alert]\nas: enlace.v1.Alert\n" RETRY
	"on_dead_letter: hold_case\n"},
    {"subscriptions/hostel-cases.yaml",
	"subscription: hostel-cases\nagency: hostel\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY
	"on_dead_letter: hold_case\n"},
    {"subscriptions/watch-alerts.yaml",
	"subscription: watch-alerts\nagency: watch\npurpose: protection\nreceives: [Alert]\nas: enlace.v1.Alert\n" RETRY
	"on_dead_letter: continue\n"},
    {"subscriptions/clinic-status.yaml",
	"subscription: clinic-status\nagency: clinic\npurpose: feedback\nreceives: [ReferralStatus]\nas: enlace.v1.ReferralStatus\n" RETRY
	"on_dead_letter: continue\n"},
    {"codes/wishes.yaml",
	"table: wishes\nsystem_from: clinic\nsystem_to: enlace.v1.Service\nversion: \"1\"\nowner: clinic\n"
	"provenance: made up\n"},
    {"codes/wishes.csv", "from,to,label\nCHILD,CHILD_PROTECTION,child\nBED,SAFE_SHELTER,bed\n"},
    {"codes/answers.yaml",
	"table: answers\nsystem_from: clinic\nsystem_to: enlace.v1.ReferralState\nversion: \"1\"\nowner: clinic\n"
	"provenance: made up\n"},
    {"codes/answers.csv", "from,to,label\nyes,ACCEPTED,yes\nno,DECLINED,no\n"},
    {"mappings/intake-to-referral.yaml",
	"mapping: intake-to-referral\nfrom: clinic.v1.Intake\nto: enlace.v1.Referral\nowner: clinic\n"
	"one_event_per: {item_of: wishes, called: wish}\n"
	"set:\n  referral_id: {id_from: [folio, wish.code]}\n  source_case_id: folio\n  service: {from: wish.code, table: wishes}\n"
	"  to.agency: wish.whom\n  person.given_names: name\n"
	"  legal_basis:\n    choose:\n      - {when: {folio: NOBODY}, is: CONSENT, because: \"never\"}\n"
	"      - {when: {wish.code: [CHILD, BED, NEW]}, is: LEGAL_OBLIGATION, because: \"art. 112\"}\n    otherwise: hold\n"
	"  priority:\n    choose:\n      - {when: {wish.code: CHILD}, is: URGENT, because: \"art. 112\"}\n    otherwise: {is: NORMAL}\n"},
    {"mappings/reply-to-status.yaml",
	"mapping: reply-to-status\nfrom: clinic.v1.Reply\nto: enlace.v1.ReferralStatus\nowner: clinic\n"
	"set:\n  referral_id: {referral_by: record}\n  state: {from: answer, table: answers}\n"},
};

char *
engine_rules_folder(void)
{
	char *folder = test_folder();

	for (size_t i = 0; i < EN_COUNT_OF(engine_rules); i++) {
		free(test_write_text(folder, engine_rules[i][0], engine_rules[i][1]));
	}
	return folder;
}

struct schema *
engine_schema(void)
{
	static const char *const sets[] = {"build/schemas/test/core.binpb", "build/schemas/enlace.binpb"};
	struct schema *schema = NULL;
	struct findings findings;

	findings_init(&findings);
	assert_ok(schema_new(&schema));
	for (size_t i = 0; i < EN_COUNT_OF(sets); i++) {
		size_t len;
		char *bytes = test_read(sets[i], &len);

		assert_ok(schema_add(schema, view_of(bytes, len), sets[i], &findings));
		free(bytes);
	}
	assert_ok(schema_seal(schema, &findings));
	findings_fini(&findings);
	return schema;
}

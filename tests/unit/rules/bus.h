// SPDX-License-Identifier: Apache-2.0
// A small bus for the tests of rules: agencies, an agreement, routes and subscriptions in a folder of their own, over the canonical schema alone, so that no agency's
// schema has to stand still for them. A test changes one file and says what follows.
// Include after cmocka.h.
#ifndef EN_TESTS_UNIT_RULES_BUS_H
#define EN_TESTS_UNIT_RULES_BUS_H

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "rules/rules.h"
#include "schema/json.h"
#include "support/support.h"

#define DAY(text) day_ms(text "T00:00:00Z")

struct bus {
	char *folder;
	struct findings findings;
	struct schema *schema;
	struct rules *rules;
	struct arena arena;
	struct index ix;
	struct buf payload, consent;
	struct decision decision;
};

static const char *const bus_files[][2] = {
    {"agencies/inm.yaml", "agency: inm\nkind: authority\npublishes: [enlace.v1.Referral, enlace.v1.Alert]\n"},
    {"agencies/comar.yaml", "agency: comar\nkind: authority\n"},
    {"agencies/unicef.yaml", "agency: unicef\nkind: un\npublishes: [enlace.v1.ReferralStatus]\n"},
    {"agencies/unhcr.yaml", "agency: unhcr\nkind: un\n"},
    {"agencies/albergue.yaml", "agency: albergue\nkind: civil_society\ngroups: [shelters]\npublishes: [enlace.v1.Referral]\n"
			       "sources: [\"urn:enlace:albergue:kobo\"]\n"},
    {"agencies/casa.yaml", "agency: casa\nkind: civil_society\ngroups: [shelters]\n"},
    {"agencies/ops.yaml", "agency: ops\nkind: un\noperator: true\noperator_may: [status, msg.ls]\n"},
    {"agreements/protection.yaml", "agreement: protection\nfrom: [inm, albergue]\nto: [unicef, unhcr, comar]\npurposes: [protection]\n"
				   "legal_bases: [CONSENT, LEGAL_OBLIGATION, VITAL_INTEREST, PUBLIC_INTEREST]\n"
				   "may_see: {demographic: full, family: coarse}\n"
				   "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n"},
    {"agreements/shelter.yaml", "agreement: shelter\nfrom: [inm]\nto: [albergue, casa]\npurposes: [shelter]\nlegal_bases: LEGAL_OBLIGATION\n"
				"may_see: {identity: full}\nvalid: {first_day: 2026-01-01, last_day: 2026-12-31}\n"},
    {"agreements/feedback.yaml", "agreement: feedback\nfrom: [unicef, inm]\nto: [inm, albergue]\npurposes: [feedback]\n"
				 "may_see: {operational: full}\nvalid: {first_day: 2026-01-01, last_day: 2026-12-31}\n"},
    {"routes/children.yaml", "route: children\ntypes: [Referral]\nwhen: {person.is_minor: true}\npurpose: protection\nreads: [demographic]\n"
			     "send_to:\n- {agency: unicef, answer_within: {acknowledge: 15 min, decide: 4 h}}\n"},
    {"routes/asylum.yaml", "route: asylum\ntypes: [Referral]\nwhen: {service: ASYLUM_PROCEDURE}\npurpose: protection\n"
			   "send_to:\n- {agency: comar}\n- {agency: unhcr}\n"},
    {"routes/shelter.yaml", "route: shelter\ntypes: [Referral]\nwhen: {service: SAFE_SHELTER}\npurpose: shelter\n"
			    "send_to:\n- {addressee: true, among: [shelters], answer_within: {acknowledge: 1 h}}\n"},
    {"routes/alerts.yaml", "route: alerts\ntypes: [Alert]\npurpose: protection\nsend_to:\n- {agency: unhcr}\nif_nobody_receives: alarm\n"},
    {"routes/feedback.yaml", "route: feedback\ntypes: [ReferralStatus]\npurpose: feedback\nsend_to:\n- {addressee: true}\n"
			     "if_nobody_receives: fine\n"},
#define RETRY "retry: {after: [1 s, 1 min], give_up: 1 h, then: dead_letter}\n"
    {"subscriptions/unicef-cases.yaml",
	"subscription: unicef-cases\nagency: unicef\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY
	"on_dead_letter: continue\nalarm_if: {oldest_waits: 15 min}\n"},
    {"subscriptions/comar-cases.yaml",
	"subscription: comar-cases\nagency: comar\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY},
    {"subscriptions/unhcr-cases.yaml",
	"subscription: unhcr-cases\nagency: unhcr\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY},
    {"subscriptions/unhcr-alerts.yaml",
	"subscription: unhcr-alerts\nagency: unhcr\npurpose: protection\nreceives: [Alert]\nas: enlace.v1.Alert\n" RETRY},
    {"subscriptions/albergue-guests.yaml",
	"subscription: albergue-guests\nagency: albergue\npurpose: shelter\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY},
    {"subscriptions/inm-feedback.yaml", "subscription: inm-feedback\nagency: inm\npurpose: feedback\nreceives: [ReferralStatus]\n"
					"as: enlace.v1.ReferralStatus\nstart: now\n" RETRY},
};

static inline int64_t
day_ms(const char *text)
{
	int64_t ms = 0;

	assert_int_equal(wall_parse(text, &ms), 0);
	return ms;
}

static inline void
bus_write(struct bus *b, const char *name, const char *text)
{
	free(test_write_text(b->folder, name, text));
}

static inline int
bus_setup(void **state)
{
	struct bus *b = calloc(1, sizeof(*b));
	struct buf set = BUF_EMPTY;

	findings_init(&b->findings);
	arena_init(&b->arena, 0);
	index_init(&b->ix);
	b->folder = test_folder();
	assert_ok(crypto_init());
	assert_ok(schema_new(&b->schema));
	assert_ok(buf_read_file(&set, "build/schemas/enlace.binpb", LIMIT_DESCRIPTOR_SET_BYTES));
	assert_ok(schema_add(b->schema, buf_view(&set), "enlace.binpb", &b->findings));
	assert_ok(schema_seal(b->schema, &b->findings));
	buf_fini(&set);
	for (size_t i = 0; i < EN_COUNT_OF(bus_files); i++) {
		bus_write(b, bus_files[i][0], bus_files[i][1]);
	}
	*state = b;
	return 0;
}

static inline int
bus_teardown(void **state)
{
	struct bus *b = *state;

	rules_unref(&b->rules);
	schema_unref(&b->schema);
	index_fini(&b->ix);
	arena_fini(&b->arena);
	findings_fini(&b->findings);
	buf_fini(&b->payload);
	buf_fini(&b->consent);
	test_folder_remove(b->folder);
	free(b);
	return 0;
}

static inline enum en_err
bus_load(struct bus *b)
{
	rules_unref(&b->rules);
	findings_fini(&b->findings);
	findings_init(&b->findings);
	return rules_load(b->folder, b->schema, &b->findings, &b->rules);
}

static inline const struct rules_agency *
bus_agency(const struct bus *b, const char *name)
{
	const struct rules_agency *a = rules_agency_by_name(b->rules, name);

	assert_non_null(a);
	return a;
}

// What was found, as "FILE:LINE:COLUMN CODE detail | hint\n" each, FILE below the set's folder. From malloc.
static inline char *
bus_findings(struct bus *b)
{
	struct buf text = BUF_EMPTY;
	size_t skip = strlen(b->folder);

	findings_sort(&b->findings);
	for (size_t i = 0; i < b->findings.count; i++) {
		const struct finding *f = &b->findings.items[i];
		const char *file = f->where.file == NULL ? "-" : f->where.file;

		if (strncmp(file, b->folder, skip) == 0) {
			file += skip + (file[skip] == '/');
		}
		buf_printf(&text, "%s:%u:%u %s %s | %s\n", file, f->where.line, f->where.column, finding_code_text(f->code),
		    f->detail == NULL ? "-" : f->detail, f->hint == NULL ? "-" : f->hint);
	}
	(void)buf_cstr(&text);
	return (char *)text.data;
}

#define expect_findings(b, wanted_err, wanted) \
	do { \
		assert_err(wanted_err, bus_load(b)); \
		char *found_ = bus_findings(b); \
		assert_string_equal(found_, (wanted)); \
		free(found_); \
	} while (0)

static inline void
bus_encode(const struct schema_type *t, const char *json, struct buf *out)
{
	const struct json_options options = {.lenient = false};
	struct json_fault fault = {.err = EN_OK};

	buf_clear(out);
	if (json_to_payload(t, view_text(json), &options, out, NULL, &fault) != EN_OK) {
		fail_msg("the test's own JSON: %s %s", fault.path, fault.hint);
	}
}

// The event at hand, as JSON of the canonical message.
static inline void
bus_event(struct bus *b, enum canonical type, const char *json)
{
	const struct schema_type *t = rules_canonical_type(b->rules, type);

	bus_encode(t, json, &b->payload);
	assert_ok(index_build(&b->ix, t, buf_view(&b->payload), NULL));
}

static inline void
bus_case_consent(struct bus *b, const char *json)
{
	bus_encode(schema_type_by_name(b->schema, "enlace.v1.Consent"), json, &b->consent);
}

static inline const struct decision *
bus_decide_at(struct bus *b, const char *from, enum canonical type, const char *json, int64_t wall_ms)
{
	bus_event(b, type, json);
	const struct decide_input in = {.from = bus_agency(b, from), .type = type, .canonical = &b->ix, .wall_ms = wall_ms,
	    .case_consent = buf_view(&b->consent)};

	assert_ok(rules_decide(b->rules, &in, &b->arena, &b->decision));
	return &b->decision;
}

static inline const struct decision *
bus_decide(struct bus *b, const char *from, enum canonical type, const char *json)
{
	return bus_decide_at(b, from, type, json, DAY("2026-11-23"));
}

// "unicef-cases by children through protection; missed: comar no_agreement", in the arena.
static inline const char *
bus_told(struct bus *b)
{
	struct buf text = BUF_EMPTY;
	const struct decision *d = &b->decision;

	for (size_t i = 0; i < d->recipient_count; i++) {
		const struct decided *r = &d->recipients[i];

		buf_printf(&text, "%s%s%s by %s through %s", i == 0 ? "" : ", ", r->subscription->name, r->addressed ? " (addressed)" : "",
		    r->route, r->agreement);
	}
	for (size_t i = 0; i < d->missed_count; i++) {
		const struct missed *m = &d->missed[i];

		buf_printf(&text, "%s%s%s %s by %s", i == 0 ? "; missed: " : ", ", m->agency->name, m->addressed ? " (addressed)" : "",
		    reason_code(m->reason), m->route == NULL ? "-" : m->route);
	}
	if (d->fault != REASON_NONE) {
		buf_printf(&text, "; fault: %s %s %s", reason_code(d->fault), d->fault_route, d->fault_path);
	}
	const char *told = arena_text(&b->arena, buf_view(&text));

	buf_fini(&text);
	return told;
}

#define BUS_TEST(name) cmocka_unit_test_setup_teardown(name, bus_setup, bus_teardown)

#endif

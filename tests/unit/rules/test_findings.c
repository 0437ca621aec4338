// SPDX-License-Identifier: Apache-2.0
// Every finding of rules: one file changed, and what is told about it, with place and hint. Anything else that is told fails the test.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/rules/bus.h"

struct change {
	const char *name, *text; // the file that is written
	const char *wanted; // everything that is found
};

// Every change starts from the bus as it is.
static void
expect_changes(struct bus *b, const struct change *rows, size_t count, enum en_err err)
{
	for (size_t i = 0; i < count; i++) {
		const char *before = NULL;

		for (size_t f = 0; f < EN_COUNT_OF(bus_files); f++) {
			before = strcmp(bus_files[f][0], rows[i].name) == 0 ? bus_files[f][1] : before;
		}
		bus_write(b, rows[i].name, rows[i].text);
		expect_findings(b, err, rows[i].wanted);
		if (before != NULL) {
			bus_write(b, rows[i].name, before);
		} else {
			char *path = test_path(b->folder, rows[i].name);

			assert_int_equal(remove(path), 0);
			free(path);
		}
	}
}

#define ROUTE_X "route: x\ntypes: [Referral]\npurpose: protection\nsend_to:\n"
#define SUBSCRIPTION_X "subscription: x\nagency: unicef\npurpose: protection\n"
#define AGREEMENT_X "agreement: x\nfrom: inm\nto: unicef\npurposes: protection\nlegal_bases: LEGAL_OBLIGATION\n"
#define MAY_SEE "may_see: {demographic: full}\n"
#define VALID "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n"

static void
routes(void **state)
{
	static const struct change rows[] = {
	    {"routes/x.yaml", "route: x\ntypes: [Referal]\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:2:9 E0501 Referal | Referral\n"},
	    {"routes/x.yaml", ROUTE_X "- {agency: unicf}\n", "routes/x.yaml:5:12 E0502 unicf | unicef\n"},
	    {"routes/x.yaml", ROUTE_X "- {agency: unicef}\nif_late: {tell: [unicef, opps]}\n",
		"routes/x.yaml:6:26 E0502 opps | ops\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\npurpose: shelter\nsend_to:\n- {addressee: true, among: [shelters, hostels]}\n",
		"routes/x.yaml:5:39 E0503 hostels | write it in `groups` of an agency's file\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\npurpose: protection\nreads: [demografic]\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:4:9 E0504 demografic | demographic\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\nwhen: {person.is_minor: true}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:7 E0505 demographic | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\nwhen: {cel: \"has(person.is_minor)\"}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:7 E0505 demographic | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\nwhen: {cel: \"[person].exists(p, p.given_names == 'ANA')\"}\npurpose: protection\nreads: [identity]\n"
		"send_to:\n- {agency: unicef}\n",
		"routes/x.yaml:7:12 E0508 unicef, enlace.v1.Referral, purpose protection | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\nwhen: {cel: \"person.contacts.exists(c, c.kind == 'x')\"}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:7 E0505 contact | -\nroutes/x.yaml:5:20 E0508 unicef, enlace.v1.Referral, purpose protection | -\n"},
	    {"routes/x.yaml", // a message as a whole is all that is in it, and nobody is granted all of a person
		"route: x\ntypes: [Referral]\nwhen: {cel: \"has(data.person)\"}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:7 E0505 asylum | -\n"
		"routes/x.yaml:3:7 E0505 contact | -\n"
		"routes/x.yaml:3:7 E0505 demographic | -\n"
		"routes/x.yaml:3:7 E0505 family | -\n"
		"routes/x.yaml:3:7 E0505 health | -\n"
		"routes/x.yaml:3:7 E0505 identity | -\n"
		"routes/x.yaml:3:7 E0505 indicator | -\n"
		"routes/x.yaml:3:7 E0505 location | -\n"
		"routes/x.yaml:3:7 E0505 migration | -\n"
		"routes/x.yaml:3:7 E0505 shelter_address | -\n"
		"routes/x.yaml:5:20 E0508 unicef, enlace.v1.Referral, purpose protection | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\nwhen: {cel: \"servise == 1\"}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:14 E0903 nothing is called 'servise' here | service\n"},
	    {"routes/x.yaml", "route: x\ntypes: [Referral]\npurpose: proteccion\nsend_to:\n- {agency: unicef}\n",
		"routes/x.yaml:5:12 E0506 unicef, enlace.v1.Referral, purpose proteccion | protection\n"},
	    {"routes/x.yaml", "route: x\ntypes: [Alert]\npurpose: protection\nsend_to:\n- {agency: unicef}\n",
		"routes/x.yaml:5:12 E0506 unicef, enlace.v1.Alert, purpose protection | -\n"},
	    {"routes/x.yaml", "route: x\ntypes: [ReferralStatus]\npurpose: shelter\nsend_to:\n- {addressee: true}\n",
		"routes/x.yaml:5:3 E0506 the addressee, enlace.v1.ReferralStatus, purpose shelter | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\nwhen: {person.given_names: ANA}\npurpose: protection\nreads: [identity]\nsend_to:\n- {agency: unicef}\n",
		"routes/x.yaml:7:12 E0508 unicef, enlace.v1.Referral, purpose protection | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Alert]\npurpose: protection\nsend_to:\n- {agency: unhcr}\n- {addressee: true}\n",
		"routes/x.yaml:6:3 E0509 enlace.v1.Alert | {agency: NAME}\n"},
	    {"routes/x.yaml", ROUTE_X "- {agency: unicef}\n- {agency: unicef}\n",
		"routes/x.yaml:6:12 E0510 unicef | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral, Referral]\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:2:19 E0510 Referral | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\nwhen: {servise: LEGAL}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:8 E0302 servise is not a field of enlace.v1.Referral | service\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\nwhen: {service: LEGALL}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:17 E0306 LEGALL is not a value of service | LEGAL\n"},
	};

	expect_changes(*state, rows, EN_COUNT_OF(rows), EN_ECONFIG);
}

// What is wrong for several types is told once for a place; names of another type, each with its type.
static void
routes_of_two_types(void **state)
{
	static const struct change rows[] = {
	    {"routes/x.yaml",
		"route: x\ntypes: [ReferralStatus, Referral]\nwhen: {cel: \"true || referral_id == 'x'\"}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:13 W0901 enlace.v1.ReferralStatus; enlace.v1.Referral | -\n"
		"routes/x.yaml:5:20 E0506 unicef, enlace.v1.ReferralStatus, purpose protection | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral, ReferralStatus]\nwhen: {cel: \"referral_id\"}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:14 E0906 it gives string, not bool | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral, ReferralStatus]\nwhen: {refferal_id: A}\npurpose: protection\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:3:8 E0302 refferal_id is not a field of enlace.v1.Referral | referral_id\n"
		"routes/x.yaml:3:8 E0302 refferal_id is not a field of enlace.v1.ReferralStatus | referral_id\n"},
	};

	expect_changes(*state, rows, EN_COUNT_OF(rows), EN_ECONFIG);
}

static void
an_agreement_is_needed_for_each_recipient(void **state)
{
	struct bus *b = *state;

	bus_write(b, "agreements/protection.yaml",
	    "agreement: protection\nfrom: [inm]\nto: [unhcr, comar]\npurposes: [protection]\nlegal_bases: LEGAL_OBLIGATION\n" MAY_SEE
		VALID);
	expect_findings(b, EN_ECONFIG,
	    "routes/children.yaml:7:12 E0507 unicef, enlace.v1.Referral, purpose protection | -\n"
	    "subscriptions/unicef-cases.yaml:1:15 W0602 unicef-cases, purpose protection | -\n");
}

static void
subscriptions(void **state)
{
	static const struct change rows[] = {
	    {"subscriptions/x.yaml", SUBSCRIPTION_X "receives: [Referral]\nas: enlace.v1.Referral\n",
		"subscriptions/x.yaml:1:15 E0601 x | retry: {after: [5 s, 5 min, 1 h], give_up: 3 days, then: dead_letter}\n"},
	    {"subscriptions/x.yaml", SUBSCRIPTION_X "receives: [Referral, Alerts]\nas: enlace.v1.Referral\n" RETRY,
		"subscriptions/x.yaml:4:22 E0603 Alerts | Alert\n"},
	    {"subscriptions/x.yaml", SUBSCRIPTION_X "receives: [Referral]\nas: enlace.v1.Referal\n" RETRY,
		"subscriptions/x.yaml:5:5 E0604 enlace.v1.Referal | enlace.v1.Referral\n"},
	    {"subscriptions/x.yaml", SUBSCRIPTION_X "receives: [Referral]\nas: enlace.v1.Alert\n" RETRY,
		"subscriptions/x.yaml:5:5 E0605 from enlace.v1.Referral to enlace.v1.Alert | write one under mappings/\n"},
	    {"subscriptions/x.yaml",
		SUBSCRIPTION_X "receives: [Referral]\nwhen: {person.given_names: ANA}\nas: enlace.v1.Referral\n" RETRY,
		"subscriptions/x.yaml:5:7 E0608 the agreement protection | grant the label there, or remove the field from `when`\n"},
	    {"subscriptions/x.yaml", SUBSCRIPTION_X "receives: [Referral, Referral]\nas: enlace.v1.Referral\n" RETRY,
		"subscriptions/x.yaml:4:22 E0609 Referral | -\n"},
	    {"subscriptions/x.yaml",
		SUBSCRIPTION_X "receives: [Referral]\nwhen: {servise: LEGAL}\nas: enlace.v1.Referral\n" RETRY,
		"subscriptions/x.yaml:5:8 E0302 servise is not a field of enlace.v1.Referral | service\n"},
	    {"subscriptions/x.yaml",
		"subscription: x\nagency: unicf\npurpose: protection\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY,
		"subscriptions/x.yaml:2:9 E0602 unicf | unicef\n"},
	};

	expect_changes(*state, rows, EN_COUNT_OF(rows), EN_ECONFIG);
}

// A mapping to enlace.v1.Contact of one field, all others unused.
static void
write_mapping(struct bus *b, const char *type, const char *field)
{
	const struct schema_type *t = schema_type_by_name(b->schema, type);
	struct buf text = BUF_EMPTY, path = BUF_EMPTY;

	buf_printf(
	    &text, "mapping: of-%s\nfrom: %s\nto: enlace.v1.Contact\nset: {raw: %s}\nunused:\n", field, type, field);
	for (uint32_t i = 0; i < t->field_count; i++) {
		if (strcmp(t->fields[i].name, field) != 0) {
			buf_printf(&text, "  %s: not needed\n", t->fields[i].name);
		}
	}
	buf_printf(&path, "mappings/%s.yaml", field);
	bus_write(b, buf_cstr(&path), buf_cstr(&text));
	buf_fini(&path);
	buf_fini(&text);
}

static void
a_filter_of_two_types_that_an_agreement_does_not_grant_is_told_once(void **state)
{
	struct bus *b = *state;

	write_mapping(b, "enlace.v1.Referral", "referral_id");
	write_mapping(b, "enlace.v1.Alert", "identifier");
	bus_write(b, "subscriptions/x.yaml",
	    "subscription: x\nagency: unhcr\npurpose: protection\nreceives: [Referral, Alert]\n"
	    "when: {person.given_names: ANA}\nas: enlace.v1.Contact\n" RETRY);
	assert_err(EN_ECONFIG, bus_load(b));
	char *told = bus_findings(b), *first = strstr(told, "E0608 the agreement protection");

	assert_non_null(first);
	assert_null(strstr(first + 1, "E0608"));
	free(told);
}

static void
a_broken_code_table_is_told_alone(void **state)
{
	struct bus *b = *state;

	bus_write(b, "codes/sex.yaml", "table: sex\ndirection: both_ways\n");
	bus_write(b, "codes/sex.csv", "from,to\nH,MALE\nM,MALE\n");
	expect_findings(b, EN_ECONFIG, "codes/sex.csv:3:1 E0310 MALE | -\n");
}

static void
a_file_that_cannot_be_read_does_not_hide_what_mappings_mean(void **state)
{
	struct bus *b = *state;

	bus_write(b, "mappings/1.yaml",
	    "mapping: one\nfrom: enlace.v1.ConsentUpdate\nto: enlace.v1.Contact\nset: {raw: case_idd}\n"
	    "unused: {case_id: x, referral_id: x, consent: x}\n");
	bus_write(b, "mappings/2.yaml",
	    "mapping: two\nform: enlace.v1.ConsentUpdate\nto: enlace.v1.Contact\nset: {raw: x}\n");
	expect_findings(b, EN_ECONFIG,
	    "mappings/1.yaml:4:12 E0302 case_idd is not a field of enlace.v1.ConsentUpdate | case_id\n"
	    "mappings/2.yaml:1:1 E0105 from | the source message type, as inm.v1.Acta\n"
	    "mappings/2.yaml:2:1 E0103 form | from\n");
	bus_write(b, "codes/sex.yaml", "tabel: sex\n"); // what names the table is not told besides
	expect_findings(b, EN_ECONFIG,
	    "codes/sex.yaml:1:1 E0110 tabel | table\n"
	    "mappings/2.yaml:1:1 E0105 from | the source message type, as inm.v1.Acta\n"
	    "mappings/2.yaml:2:1 E0103 form | from\n");
}

static void
two_mappings_to_one_type_leave_open_which_is_meant(void **state)
{
	struct bus *b = *state;

	bus_write(b, "mappings/1.yaml",
	    "mapping: one\nfrom: enlace.v1.ConsentUpdate\nto: enlace.v1.Contact\nset: {raw: case_id}\n"
	    "unused: {referral_id: x, consent: x}\n");
	bus_write(b, "mappings/2.yaml",
	    "mapping: two\nfrom: enlace.v1.ConsentUpdate\nto: enlace.v1.Contact\nset: {raw: referral_id}\n"
	    "unused: {case_id: x, consent: x}\n");
	bus_write(
	    b, "routes/x.yaml", "route: x\ntypes: [ConsentUpdate]\npurpose: protection\nsend_to: [{agency: unicef}]\n");
	bus_write(b, "subscriptions/x.yaml", SUBSCRIPTION_X "receives: [ConsentUpdate]\nas: enlace.v1.Contact\n" RETRY);
	expect_findings(b, EN_ECONFIG,
	    "mappings/2.yaml:1:10 W0303 from enlace.v1.ConsentUpdate to enlace.v1.Contact | -\n"
	    "subscriptions/x.yaml:5:5 E0606 one and two | -\n");
}

static void
agreements_and_agencies(void **state)
{
	static const struct change rows[] = {
	    {"agreements/x.yaml",
		"agreement: x\nfrom: inn\nto: [unicef, unhrc]\npurposes: protection\nlegal_bases: LEGAL_OBLIGATION\n" MAY_SEE
		    VALID,
		"agreements/x.yaml:2:7 E0701 inn | inm\nagreements/x.yaml:3:14 E0701 unhrc | unhcr\n"},
	    {"agreements/x.yaml", AGREEMENT_X "may_see: {demographic: full, famly: full}\n" VALID,
		"agreements/x.yaml:6:30 E0702 famly | family\n"},
	    {"agreements/x.yaml", AGREEMENT_X MAY_SEE "after_accepted: {contact: full}\n" VALID,
		"agreements/x.yaml:7:18 E0710 x | -\n"},
	    {"agreements/x.yaml",
		"agreement: x\nfrom: inm\nto: unicef\npurposes: protection\nlegal_bases: [CONSENT, LEGAL_OBLIGATON, LEGAL_BASIS_UNSPECIFIED]\n" MAY_SEE
		    VALID,
		"agreements/x.yaml:5:24 E0703 LEGAL_OBLIGATON | LEGAL_OBLIGATION\n"
		"agreements/x.yaml:5:41 E0703 LEGAL_BASIS_UNSPECIFIED | LEGAL_BASIS_UNSPECIFIED\n"},
	    {"agreements/x.yaml",
		AGREEMENT_X MAY_SEE "valid: {first_day: 2026-01-01, last_day: 2026-12-31, zone: America/Nowhere}\n",
		"agreements/x.yaml:7:60 E0704 America/Nowhere: not_found | an IANA name, as America/Mexico_City; only UTC works without the package "
		"tzdata\n"},
	    {"agreements/x.yaml", "agreement: x\nfrom: inm\nto: unicef\npurposes: protection\n" MAY_SEE VALID,
		"agreements/x.yaml:1:12 E0709 x, through which unicef-cases receives referrals | legal_bases: [LEGAL_OBLIGATION]\n"},
	    {"agreements/x.yaml", AGREEMENT_X MAY_SEE "valid: {first_day: 2026-12-31, last_day: 2026-01-01}\n",
		"agreements/x.yaml:7:42 E0112 last_day is before first_day | a day after first_day\n"},
	    {"agencies/x.yaml", "agency: x\nkind: un\npublishes: [enlace.v1.Refferal]\n",
		"agencies/x.yaml:3:13 E0707 enlace.v1.Refferal | enlace.v1.Referral\n"},
	    {"agencies/x.yaml", "agency: x\nkind: un\nsources: [\"urn:enlace:x\", \"urn:enlace:inm\"]\n",
		"agencies/x.yaml:3:27 E0708 urn:enlace:inm, also of inm | -\n"},
	};

	expect_changes(*state, rows, EN_COUNT_OF(rows), EN_ECONFIG);
}

static void
warnings(void **state)
{
	static const struct change rows[] = {
	    {"mappings/x.yaml",
		"mapping: x\nfrom: enlace.v1.ConsentUpdate\nto: enlace.v1.Contact\nset: {raw: case_id}\nunused: {referral_id: y, consent: y}\n",
		"mappings/x.yaml:1:10 W0303 from enlace.v1.ConsentUpdate to enlace.v1.Contact | -\n"},
	    {"routes/x.yaml",
		"route: x\ntypes: [Referral]\npurpose: protection\nreads: [family, operational]\nsend_to: [{agency: unicef}]\n",
		"routes/x.yaml:4:9 W0501 family | -\n"},
	    {"agreements/x.yaml",
		"agreement: x\nfrom: inm\nto: unicef\npurposes: shelter\nlegal_bases: CONSENT\n" MAY_SEE VALID,
		"agreements/x.yaml:1:12 W0701 x | -\n"},
	    {"agencies/x.yaml", "agency: x\nkind: un\npublishes: [enlace.v1.Contact, enlace.v1.Alert]\n",
		"agencies/x.yaml:3:13 W0702 enlace.v1.Contact of x | -\n"},
	    {"agencies/x.yaml", "agency: x\nkind: un\noperator: true\n",
		"agencies/x.yaml:1:9 W0703 x | operator_may: [status, msg.ls]\n"},
	};

	expect_changes(*state, rows, EN_COUNT_OF(rows), EN_OK);
}

static void
what_no_route_sends_is_told(void **state)
{
	struct bus *b = *state;

	bus_write(b, "subscriptions/x.yaml",
	    "subscription: x\nagency: unhcr\npurpose: protection\nreceives: [ConsentUpdate]\nas: enlace.v1.ConsentUpdate\n" RETRY);
	expect_findings(
	    b, EN_OK, "subscriptions/x.yaml:1:15 W0601 x, enlace.v1.ConsentUpdate, purpose protection | -\n");
}

static void
a_subscription_without_an_agreement_is_told(void **state)
{
	struct bus *b = *state;

	bus_write(b, "subscriptions/x.yaml",
	    "subscription: x\nagency: inm\npurpose: shelter\nreceives: [Referral]\nas: enlace.v1.Referral\n" RETRY);
	expect_findings(b, EN_OK,
	    "subscriptions/x.yaml:1:15 W0601 x, enlace.v1.Referral, purpose shelter | -\n"
	    "subscriptions/x.yaml:1:15 W0602 x, purpose shelter | -\n");
}

// FAULT stands for the sender: an agreement that is only from the others keeps it from it.
static void
a_sender_that_would_not_hear_of_its_own_is_told(void **state)
{
	struct bus *b = *state;

	bus_write(b, "agreements/feedback.yaml",
	    "agreement: feedback\nfrom: [unicef]\nto: [inm, albergue]\npurposes: [feedback]\n"
	    "may_see: {operational: full}\n" VALID);
	expect_findings(b, EN_OK, "subscriptions/inm-feedback.yaml:1:15 W0605 inm-feedback, purpose feedback | -\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(routes),
	    BUS_TEST(routes_of_two_types),
	    BUS_TEST(an_agreement_is_needed_for_each_recipient),
	    BUS_TEST(subscriptions),
	    BUS_TEST(a_filter_of_two_types_that_an_agreement_does_not_grant_is_told_once),
	    BUS_TEST(a_broken_code_table_is_told_alone),
	    BUS_TEST(a_file_that_cannot_be_read_does_not_hide_what_mappings_mean),
	    BUS_TEST(two_mappings_to_one_type_leave_open_which_is_meant),
	    BUS_TEST(agreements_and_agencies),
	    BUS_TEST(warnings),
	    BUS_TEST(what_no_route_sends_is_told),
	    BUS_TEST(a_subscription_without_an_agreement_is_told),
	    BUS_TEST(a_sender_that_would_not_hear_of_its_own_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/conf.h"

#include "unit/conf/golden.h"

static const char whole[] = "route: unaccompanied-child\n"
			    "types: [Referral]\n"
			    "when: {person.is_minor: true, person.accompaniment: [UNACCOMPANIED, SEPARATED]}\n"
			    "purpose: child_protection\n"
			    "reads: [family, demographic]\n"
			    "send_to:\n"
			    "  - {agency: unicef, answer_within: {acknowledge: 15 min, decide: 4 h}}\n"
			    "  - {addressee: true, among: [shelters], answer_within: {acknowledge: 1 h, decide: 4 h}}\n"
			    "if_late: {tell: [unicef, coordination-cell], again_every: 30 min}\n"
			    "if_nobody_receives: hold\n";

#define ROUTE "route: r\ntypes: [Referral]\npurpose: p\n" // send_to is line 4

static void
the_route_of_the_design_is_read(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_ROUTE, whole));
	const struct conf_route *r = p->thing;

	assert_string_equal(r->name.text, "unaccompanied-child");
	assert_string_equal(r->types.items[0].text, "Referral");
	assert_int_equal(r->when.count, 2);
	assert_string_equal(r->when.terms[0].path.text, "person.is_minor");
	assert_string_equal(r->when.terms[0].any_of.items[0].text, "true");
	assert_string_equal(r->when.terms[1].any_of.items[1].text, "SEPARATED");
	assert_string_equal(r->purpose.text, "child_protection");
	assert_int_equal(r->reads.count, 2);
	assert_int_equal(r->send_to_count, 2);
	assert_string_equal(r->send_to[0].agency.text, "unicef");
	assert_false(r->send_to[0].addressee);
	assert_int_equal(r->send_to[0].acknowledge.ms, 15 * 60000);
	assert_int_equal(r->send_to[0].decide.ms, 4 * 3600000);
	assert_null(r->send_to[1].agency.text);
	assert_true(r->send_to[1].addressee);
	assert_string_equal(r->send_to[1].among.items[0].text, "shelters");
	assert_int_equal(r->send_to[1].where.line, 8);
	assert_int_equal(r->late_tell.count, 2);
	assert_int_equal(r->late_every.ms, 30 * 60000);
	assert_string_equal(r->if_nobody_receives.text, "hold");
}

static void
what_a_route_does_not_say_stays_unsaid(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_ROUTE, ROUTE "send_to: [{agency: a}]\n"));
	const struct conf_route *r = p->thing;

	assert_int_equal(r->when.where.line, 0);
	assert_int_equal(r->send_to[0].decide.where.line, 0);
	assert_null(r->if_nobody_receives.text);
	assert_int_equal(r->late_tell.count, 0);
}

static void
a_recipient_is_an_agency_or_the_addressee(void **state)
{
	(void)state;
	expect_findings(CONF_ROUTE,
	    ROUTE
	    "send_to:\n- {agency: a, addressee: true}\n- {among: [b]}\n- {addressee: false}\n- {agency: a, among: b}\n",
	    "E0115 5:15 agency and addressee | -\n"
	    "E0105 6:3 agency | {agency: NAME} or {addressee: true}\n"
	    "E0115 6:4 agency and among | among narrows {addressee: true}\n"
	    "E0105 7:3 agency | {agency: NAME} or {addressee: true}\n"
	    "E0115 8:15 agency and among | among narrows {addressee: true}\n");
}

static void
a_route_without_recipients_is_told(void **state)
{
	(void)state;
	expect_findings(CONF_ROUTE, "route: r\n",
	    "E0105 1:1 purpose | what they are told for, as child_protection\n"
	    "E0105 1:1 send_to | a list: - {agency: NAME, answer_within: {...}}\n"
	    "E0105 1:1 types | which messages: Referral, ReferralStatus, Alert, ConsentUpdate\n");
	expect_findings(
	    CONF_ROUTE, ROUTE "send_to: []\n", "E0106 4:10 send_to | a list: - {agency: NAME, answer_within: {...}}\n");
	expect_findings(CONF_ROUTE, ROUTE "send_to: [unicef]\n",
	    "E0106 4:11 an item | a list: - {agency: NAME, answer_within: {...}}\n");
}

static void
deadlines_and_words_are_checked(void **state)
{
	(void)state;
	expect_findings(CONF_ROUTE,
	    ROUTE
	    "send_to: [{agency: a, answer_within: {decide: 500 ms, acknowlege: 1 h}}]\nif_late: {again_every: 1 h}\nif_nobody_receives: ignore\n",
	    "E0112 4:47 decide: at least 1000 ms | how long until it accepts or declines, as 4 h\n"
	    "E0103 4:55 acknowlege | acknowledge\n"
	    "E0105 5:10 tell | agencies that are told when an answer is late\n"
	    "E0106 6:21 if_nobody_receives is one of: hold, alarm, fine | hold, alarm, fine\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(the_route_of_the_design_is_read),
	    PARSED_TEST(what_a_route_does_not_say_stays_unsaid),
	    PARSED_TEST(a_recipient_is_an_agency_or_the_addressee),
	    PARSED_TEST(a_route_without_recipients_is_told),
	    PARSED_TEST(deadlines_and_words_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

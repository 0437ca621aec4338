// SPDX-License-Identifier: Apache-2.0
// Cases: what passes, what differs and where it is told.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/trial/stage.h"

#define SMALL                                                                                                          \
	HEAD "mapping: small\nrecords:\n  s: {sourceCaseId: \" c-1 \", referral_id: r-1, state: ACCEPTED}\ncases:\n"
#define WHOLE HEAD "type: enlace.v1.Referral\nrecords:\n  r: " MINOR "\ncases:\n"

static void
a_case_passes_when_everything_is_as_it_says(void **state)
{
	expect_run(*state,
	    SMALL
	    "- {name: a, record: s, expect: {contains: {case_id: c-1}, absent: [consent]}}\n"
	    "- {name: b, record: s, expect: {equals: {caseId: c-1, referralId: r-1}}}\n"
	    "- {name: c, record: s, changed: {state: FAILED}, expect: {error: choose_none, at: state}}\n"
	    "- {name: d, record: s, without: [source_case_id], expect: {error: required_missing}}\n"
	    "- {name: e, input: {referral_id: r-2, state: DECLINED, source_case_id: c}, expect: {contains: {referral_id: r-2}}}\n",
	    "");
}

static void
a_difference_has_the_line_of_the_test_and_of_the_mapping(void **state)
{
	expect_run(*state,
	    SMALL
	    "- name: a\n  record: s\n  expect:\n    contains: {case_id: c-2,\n               consent.version: 3}\n"
	    "    absent: [referral_id]\n",
	    "11 case_id: c-2, c-1 by 5\n"
	    "12 consent.version: 3, - by 0\n"
	    "13 referral_id: -, r-1 by 8\n");
	expect_run(
	    *state, SMALL "- {name: a, record: s, expect: {equals: {case_id: c-1}}}\n", "8 referral_id: -, r-1 by 8\n");
}

static void
an_error_is_compared_by_code_and_place(void **state)
{
	expect_run(*state,
	    SMALL "- {name: a, record: s, expect: {error: table_miss}}\n"
		  "- {name: b, record: s, changed: {state: FAILED}, expect: {contains: {case_id: c}}}\n"
		  "- {name: c, record: s, changed: {state: FAILED}, expect: {error: choose_none, at: kind}}\n"
		  "- {name: d, record: s, expect: nothing}\n",
	    "8 -: table_miss, - by 0\n"
	    "9 state: -, choose_none by 7\n"
	    "10 -: kind, state by 7\n"
	    "11 -: 0, 1 by 0\n");
}

static void
each_is_a_case_for_every_value(void **state)
{
	struct stage *s = *state;

	expect_run(s,
	    SMALL
	    "- name: e\n  record: s\n  each:\n    field: referralId\n    gives: referral_id\n"
	    "    values: {r-1: r-1,\n             r-2: r-3}\n"
	    "- name: f\n  record: s\n  each: {field: state, refused: {FAILED: choose_none, ACCEPTED: choose_none}}\n",
	    "14 referral_id: r-3, r-2 by 8\n"
	    "17 -: choose_none, - by 0\n");
	assert_int_equal(trial_count(s->trial), 4);
	assert_string_equal(trial_name(s->trial, 1), "e: r-2");
}

static void
the_whole_way_is_looked_at_from_any_side(void **state)
{
	expect_run(*state,
	    WHOLE
	    "- {name: a, record: r, expect: {recipients: [unicef-cases], contains: {person.sex: FEMALE}}}\n"
	    "- {name: b, record: r, recipient: unicef-cases, expect: {contains: {person.is_minor: true}}}\n"
	    "- {name: c, record: r, changed: {person: {is_minor: false}}, expect: {error: no_recipient, recipients: []}}\n"
	    "- {name: d, record: r, clock: \"2027-01-01T00:00:00Z\", recipient: unicef-cases, expect: {error: no_recipient}}\n"
	    "- {name: e, record: r, clock: \"2027-01-01T00:00:00Z\", expect: {error: no_recipient, missed: {unicef: agreement_lapsed}}}\n"
	    "- {name: f, record: r, recipient: comar-cases, expect: nothing}\n",
	    "");
}

static void
a_path_without_a_number_speaks_of_all_items(void **state)
{
	expect_run(*state,
	    HEAD
	    "type: enlace.v1.Referral\nrecords:\n  r: {legal_basis: LEGAL_OBLIGATION, referral_id: r-1, service: SAFE_SHELTER, priority: NORMAL,\n"
	    "    person: {is_minor: true, contacts: [{raw: \"1\"}, {raw: \"2\"}]}}\ncases:\n"
	    "- {name: a, record: r, expect: {contains: {person.contacts.raw: [\"1\", \"2\"], \"person.contacts[2].raw\": \"2\"}}}\n"
	    "- {name: b, record: r, expect: {contains: {person.contacts.raw: \"1\"}}}\n"
	    "- name: c\n  record: r\n  expect: {equals: {legal_basis: LEGAL_OBLIGATION, referral_id: r-1, service: SAFE_SHELTER, priority: NORMAL,\n"
	    "    person.is_minor: true, person.contacts.raw: \"1\"}}\n",
	    "10 person.contacts.raw: 1, [1, 2] by 0\n14 person.contacts.raw: 1, [1, 2] by 0\n");
}

static void
what_is_withheld_says_by_which_label_or_by_the_person(void **state)
{
	expect_run(*state,
	    WHOLE
	    "- name: a\n  record: r\n  recipient: unicef-cases\n  expect: {withheld: {person.given_names: identity}}\n"
	    "- name: b\n  record: r\n  changed: {consent: {withheld: [person.sex]}}\n  recipient: unicef-cases\n"
	    "  expect: {absent: [person.sex], withheld: {person.sex: person}}\n"
	    "- name: c\n  record: r\n  recipient: unicef-cases\n"
	    "  expect: {withheld: {person.sex: demographic, person.surname_1: family}}\n",
	    "20 person.sex: demographic, - by 5\n"
	    "20 person.surname_1: family, identity by 5\n");
}

static void
recipients_and_missed_are_told_one_by_one(void **state)
{
	expect_run(*state,
	    WHOLE "- {name: a, record: r, expect: {recipients: [comar-cases], missed: {comar: consent}}}\n",
	    "8 comar-cases: receives, - by 0\n"
	    "8 unicef-cases: -, receives by 0\n"
	    "8 comar: consent, - by 0\n");
}

static void
the_consent_of_the_case_counts(void **state)
{
	expect_run(*state,
	    WHOLE
	    "- name: a\n  record: r\n  changed: {legal_basis: CONSENT}\n"
	    "  case_consent: {for_services: YES, share_with_other_orgs: YES}\n  expect: {recipients: [unicef-cases]}\n"
	    "- {name: b, record: r, changed: {legal_basis: CONSENT}, expect: {error: no_recipient, missed: {unicef: consent}}}\n",
	    "");
}

static void
a_record_may_stand_in_a_file_of_any_form(void **state)
{
	struct stage *s = *state;

	bus_write(s->bus, "tests/r.json", "{\"sourceCaseId\":\"c\",\"referralId\":\"r\",\"state\":\"ACCEPTED\"}");
	bus_write(s->bus, "tests/r.txtpb", "source_case_id: 'c' referral_id: 'r' state: ACCEPTED");
	bus_write(s->bus, "tests/r.binpb",
	    "\x0a\x01r\x12\x01"
	    "c\x20\x05");
	expect_run(s,
	    HEAD "mapping: small\ncases:\n"
		 "- {name: a, file: r.json, expect: {contains: {case_id: c, referral_id: r}}}\n"
		 "- {name: b, file: r.txtpb, expect: {contains: {case_id: c, referral_id: r}}}\n"
		 "- {name: c, file: r.binpb, expect: {contains: {case_id: c, referral_id: r}}}\n",
	    "");
	bus_write(s->bus, "tests/r.json", "{\"state\":7.5}");
	bus_write(s->bus, "tests/r.txtpb", "state: \"seven");
	char *found = stage_bind(s,
	    HEAD
	    "mapping: small\ncases:\n- {name: a, file: r.json, expect: nothing}\n- {name: b, file: r.txtpb, expect: nothing}\n");

	assert_non_null(strstr(found, "tests/t.yaml:6:19 E1003"));
	assert_non_null(strstr(found, "r.json:1:10: state | one of the schema's words\n"));
	assert_non_null(strstr(found, "r.txtpb:1:"));
	free(found);
}

static void
everything_that_is_misspelt_is_found_at_once(void **state)
{
	expect_bound(*state,
	    HEAD
	    "mapping: smal\nrecords: {s: {state: ACCEPTED}}\ncases:\n"
	    "- {name: a, record: s, expect: {contains: {case_id: c}}}\n"
	    "- {name: b, mapping: small, record: x, expect: {error: table_mis}}\n"
	    "- {name: c, mapping: small, record: s, agreement: protectio, expect: {contains: {case_ids: c}}}\n"
	    "- {name: d, mapping: small, input: {stat: ACCEPTED}, sender: imn, expect: nothing}\n"
	    "- {name: e, type: enlace.v1.Referal, record: s, clock: noon, expect: {recipients: [unicef-case]}}\n"
	    "- {name: f, type: enlace.v1.Referral, recipient: unicef-cases, file: /nonexistent.json, expect: {missed: {unicf: consent}}}\n",
	    "tests/t.yaml:4:10 E1001 mapping smal | small\n"
	    "tests/t.yaml:8:37 E1001 record x | -\n"
	    "tests/t.yaml:8:56 E1006 table_mis | table_miss\n"
	    "tests/t.yaml:9:51 E1001 agreement protectio | protection\n"
	    "tests/t.yaml:9:82 E1004 enlace.v1.ConsentUpdate: case_ids | case_id\n"
	    "tests/t.yaml:10:43 E1003 enlace.v1.ReferralStatus: stat | state\n"
	    "tests/t.yaml:10:62 E1001 agency imn | inm\n"
	    "tests/t.yaml:11:19 E1001 message enlace.v1.Referal | enlace.v1.Referral\n"
	    "tests/t.yaml:11:56 E0106 clock | 2026-11-23T15:45:00Z\n"
	    "tests/t.yaml:11:84 E1001 subscription unicef-case | unicef-cases\n"
	    "tests/t.yaml:12:70 E0101 /nonexistent.json | -\n"
	    "tests/t.yaml:12:107 E1001 agency unicf | unicef\n");
	expect_bound(*state, "tests: t\ncases: [{name: a, input: {state: X}, expect: nothing}]\n",
	    "tests/t.yaml:2:9 E1002 a: clock, as 2026-11-23T15:45:00Z | -\n"
	    "tests/t.yaml:2:9 E1002 a: sender | -\n"
	    "tests/t.yaml:2:9 E1002 a: type, or mapping | -\n");
}

static void
what_is_left_out_must_be_there(void **state)
{
	expect_bound(*state,
	    HEAD
	    "type: enlace.v1.Referral\nrecords:\n  r: {referralId: r-1, service: LEGAL, person: {sex: FEMALE}}\ncases:\n"
	    "- {name: a, record: r, without: [person.sex, referral_id], expect: {error: no_recipient}}\n"
	    "- {name: b, record: r, without: [person.sexo], expect: {error: no_recipient}}\n"
	    "- {name: c, record: r, without: [sex, priority, person.given_names], expect: {error: no_recipient}}\n"
	    "- {name: d, record: r, changed: {priority: NORMAL}, without: [priority], expect: {error: no_recipient}}\n"
	    "- {name: e, record: r, each: {field: servise, refused: {LEGAL: no_recipient}}}\n",
	    "tests/t.yaml:9:34 E0302 enlace.v1.Referral: person.sexo | sex\n"
	    "tests/t.yaml:10:34 E0302 enlace.v1.Referral: sex | -\n"
	    "tests/t.yaml:10:39 E1008 priority | -\n"
	    "tests/t.yaml:10:49 E1008 person.given_names | -\n"
	    "tests/t.yaml:12:38 E0302 enlace.v1.Referral: servise | service\n");
}

static void
nothing_for_a_recipient_is_not_what_a_broken_input_gives(void **state)
{
	struct stage *s = *state;

	bus_write(s->bus, "tests/bad.binpb", "\x0a\x7f");
	expect_run(s,
	    HEAD "type: enlace.v1.Referral\ncases:\n"
		 "- {name: a, file: bad.binpb, recipient: unicef-cases, expect: nothing}\n"
		 "- {name: b, input: {referral_id: r}, recipient: unicef-cases, expect: nothing}\n",
	    "6 referral_id: -, schema_invalid by 0\n");
}

static void
coverage_lists_what_is_reached_and_what_is_not(void **state)
{
	struct stage *s = *state;
	struct buf text = BUF_EMPTY;
	size_t count;

	expect_run(s, SMALL "- {name: a, record: s, expect: {contains: {case_id: c-1}}}\n", "");
	const struct cover_item *items = coverage_items(s->coverage, &count);

	for (size_t i = 0; i < count; i++) {
		if (items[i].where.file != NULL && strstr(items[i].where.file, "small.yaml") != NULL) {
			buf_printf(&text, "%u %s %s%s\n", items[i].where.line, cover_kind_name(items[i].kind),
			    items[i].what, items[i].is_reached ? "" : " no");
		}
	}
	assert_non_null(strstr(buf_cstr(&text), "5 line case_id\n"));
	assert_non_null(strstr(buf_cstr(&text), "8 arm referral_id\n"));
	assert_non_null(strstr(buf_cstr(&text), "9 arm referral_id otherwise hold no\n"));
	assert_non_null(strstr(buf_cstr(&text), "value state = ACCEPTED\n"));
	assert_non_null(strstr(buf_cstr(&text), "value state = FAILED no\n"));
	buf_fini(&text);
}

static bool
covers(const struct stage *s, uint32_t line, bool is_reached)
{
	size_t count;
	const struct cover_item *items = coverage_items(s->coverage, &count);

	for (size_t i = 0; i < count; i++) {
		if (items[i].kind == COVER_ARM && items[i].where.line == line && items[i].where.file != NULL &&
		    strstr(items[i].where.file, "small.yaml") != NULL) {
			return items[i].is_reached == is_reached;
		}
	}
	return false;
}

static void
arms_that_expressions_choose_are_covered_like_any_others(void **state)
{
	struct stage *s = *state;

	bus_write(s->bus, "mappings/small.yaml",
	    "mapping: small\nfrom: enlace.v1.ReferralStatus\nto: enlace.v1.ConsentUpdate\nset:\n"
	    "  case_id: {from: source_case_id, clean: [trim]}\n"
	    "  referral_id:\n    choose:\n    - {when: {cel: \"state == ReferralState.DECLINED\"}, is: declined}\n"
	    "    - {when: {cel: \"state in [ReferralState.ACCEPTED]\"}, from: referral_id}\n    otherwise: hold\n"
	    "unused: {to_agency: a, previous_state: a, at: a, actor_agency: a, reason_code: a, reason_text: a, recipient_reference: a,"
	    " appointment_at: a, source_service_id: a}\n");
	expect_findings(s->bus, EN_OK, "");
	expect_run(s, SMALL "- {name: a, record: s, expect: {contains: {case_id: c-1, referral_id: r-1}}}\n", "");
	assert_true(covers(s, 8, false));
	assert_true(covers(s, 9, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STAGE_TEST(a_case_passes_when_everything_is_as_it_says),
	    STAGE_TEST(a_difference_has_the_line_of_the_test_and_of_the_mapping),
	    STAGE_TEST(an_error_is_compared_by_code_and_place),
	    STAGE_TEST(each_is_a_case_for_every_value),
	    STAGE_TEST(the_whole_way_is_looked_at_from_any_side),
	    STAGE_TEST(a_path_without_a_number_speaks_of_all_items),
	    STAGE_TEST(what_is_withheld_says_by_which_label_or_by_the_person),
	    STAGE_TEST(recipients_and_missed_are_told_one_by_one),
	    STAGE_TEST(the_consent_of_the_case_counts),
	    STAGE_TEST(a_record_may_stand_in_a_file_of_any_form),
	    STAGE_TEST(everything_that_is_misspelt_is_found_at_once),
	    STAGE_TEST(what_is_left_out_must_be_there),
	    STAGE_TEST(nothing_for_a_recipient_is_not_what_a_broken_input_gives),
	    STAGE_TEST(coverage_lists_what_is_reached_and_what_is_not),
	    STAGE_TEST(arms_that_expressions_choose_are_covered_like_any_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

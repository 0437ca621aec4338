// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/conf.h"

#include "unit/conf/golden.h"

#define START "agreement: a\nfrom: [inm]\nto: [unicef]\npurposes: [p]\n" // the next line is 5
#define VALID "valid: {first_day: 2026-01-01, last_day: 2026-12-31}\n"

static void
the_agreement_of_the_design_is_read(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_AGREEMENT,
	    "agreement: inm-unicef-child-protection\n"
	    "from: [inm]\n"
	    "to: [unicef]\n"
	    "purposes: [child_protection]\n"
	    "legal_bases: [LEGAL_OBLIGATION, VITAL_INTEREST]\n"
	    "may_see: {identity: full, demographic: full, family: full, location: coarse}\n"
	    "after_accepted: {contact: full}\n"
	    "valid: {first_day: 2026-01-01, last_day: 2026-12-31, zone: America/Mexico_City}\n"
	    "keep: 180 days after close\n"));
	const struct conf_agreement *a = p->thing;

	assert_string_equal(a->name.text, "inm-unicef-child-protection");
	assert_string_equal(a->from.items[0].text, "inm");
	assert_string_equal(a->to.items[0].text, "unicef");
	assert_int_equal(a->purposes.count, 1);
	assert_int_equal(a->legal_bases.count, 2);
	assert_int_equal(a->may_see_count, 4);
	assert_string_equal(a->may_see[3].label.text, "location");
	assert_string_equal(a->may_see[3].level.text, "coarse");
	assert_int_equal(a->may_see[3].label.where.column, 60);
	assert_int_equal(a->after_accepted_count, 1);
	assert_string_equal(a->after_accepted[0].label.text, "contact");
	assert_string_equal(a->first_day.text, "2026-01-01");
	assert_string_equal(a->last_day.text, "2026-12-31");
	assert_string_equal(a->zone.text, "America/Mexico_City");
	assert_string_equal(a->keep.text, "180 days after close");
}

static void
an_agreement_without_an_end_is_none(void **state)
{
	(void)state;
	expect_findings(CONF_AGREEMENT, START "may_see: {identity: full}\n",
	    "E0105 1:1 valid | {first_day: 2026-01-01, last_day: 2026-12-31, zone: America/Mexico_City}\n");
	expect_findings(CONF_AGREEMENT, START "may_see: {identity: full}\nvalid: {first_day: 2026-01-01}\n",
	    "E0105 6:8 last_day | the last day on which it holds, as 2026-12-31\n");
}

static void
an_agreement_may_end_on_its_first_day_and_not_before(void **state)
{
	(void)state;
	expect_findings(CONF_AGREEMENT,
	    START "may_see: {identity: full}\nvalid: {first_day: 2026-01-02, last_day: 2026-01-02}\n", "");
	expect_findings(CONF_AGREEMENT,
	    START "may_see: {identity: full}\nvalid: {first_day: 2026-01-02, last_day: 2026-01-01}\n",
	    "E0112 6:42 last_day is before first_day | a day after first_day\n");
	expect_findings(CONF_AGREEMENT,
	    START "may_see: {identity: full}\nvalid: {first_day: 2026-02-30, last_day: 31/12/2026}\n",
	    "E0106 6:20 first_day | the first day on which it holds, as 2026-01-01\n"
	    "E0106 6:42 last_day | the last day on which it holds, as 2026-12-31\n");
}

static void
levels_are_full_coarse_or_pseudonym(void **state)
{
	(void)state;
	expect_findings(CONF_AGREEMENT, START VALID "may_see: {identity: fully, family: yes, health: , gbv: [full]}\n",
	    "E0106 6:21 identity is one of: full, coarse, pseudonym | full\n"
	    "E0106 6:36 family is one of: full, coarse, pseudonym | full, coarse, pseudonym\n"
	    "E0106 6:49 health has no value | full, coarse or pseudonym\n"
	    "E0106 6:56 gbv | full, coarse or pseudonym\n");
	expect_findings(
	    CONF_AGREEMENT, START VALID "may_see: {}\n", "E0106 6:10 may_see | {label: full, other: coarse}\n");
	expect_findings(CONF_AGREEMENT, START VALID "may_see: [identity]\nafter_accepted: full\n",
	    "E0106 6:10 may_see | {label: full, other: coarse}\n"
	    "E0106 7:17 after_accepted | {label: full, other: coarse}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(the_agreement_of_the_design_is_read),
	    PARSED_TEST(an_agreement_without_an_end_is_none),
	    PARSED_TEST(an_agreement_may_end_on_its_first_day_and_not_before),
	    PARSED_TEST(levels_are_full_coarse_or_pseudonym),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/conf.h"

#include "unit/conf/golden.h"

#define START "subscription: s\nagency: a\npurpose: p\nreceives: [Alert]\nas: a.v1.Case\n" // the next line is 6

static void
the_subscription_of_the_design_is_read(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_SUBSCRIPTION,
	    "subscription: unicef-referrals\n"
	    "agency: unicef\n"
	    "purpose: child_protection\n"
	    "receives: [Referral, ReferralStatus]\n"
	    "as: unicef.v1.Case\n"
	    "when: {kind: NOTIFICATION}\n"
	    "start: now\n"
	    "retry: {after: [5 s, 30 s, 5 min, 1 h], give_up: 3 days, then: dead_letter}\n"
	    "on_dead_letter: continue\n"
	    "alarm_if: {oldest_waits: 15 min, nobody_attached: 10 min}\n"));
	const struct conf_subscription *s = p->thing;

	assert_string_equal(s->name.text, "unicef-referrals");
	assert_string_equal(s->agency.text, "unicef");
	assert_string_equal(s->purpose.text, "child_protection");
	assert_int_equal(s->receives.count, 2);
	assert_string_equal(s->as.text, "unicef.v1.Case");
	assert_int_equal(s->when.count, 1);
	assert_string_equal(s->start.text, "now");
	assert_int_equal(s->retry_after_count, 4);
	assert_int_equal(s->retry_after[0].ms, 5000);
	assert_int_equal(s->retry_after[3].ms, 3600000);
	assert_int_equal(s->give_up.ms, 3 * 86400000);
	assert_string_equal(s->then.text, "dead_letter");
	assert_string_equal(s->on_dead_letter.text, "continue");
	assert_int_equal(s->oldest_waits.ms, 900000);
	assert_int_equal(s->nobody_attached.ms, 600000);
}

static void
a_subscription_starts_now_and_holds_its_case_unless_it_says_otherwise(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_SUBSCRIPTION, START));
	const struct conf_subscription *s = p->thing;

	assert_string_equal(s->start.text, "now");
	assert_int_equal(s->start.where.line, 0);
	assert_string_equal(s->on_dead_letter.text, "hold_case");
	assert_int_equal(s->retry_after_count, 0);
}

static void
retries_have_pauses_an_end_and_a_place_to_go(void **state)
{
	(void)state;
	expect_findings(CONF_SUBSCRIPTION, START "retry: {after: 5 s}\n",
	    "E0105 6:8 give_up | how long attempts go on, as 3 days\n"
	    "E0105 6:8 then | dead_letter: it is kept with its reason until an operator decides\n");
	expect_findings(CONF_SUBSCRIPTION, START "retry: {after: [5 s, 10 ms, x], give_up: 1 h, then: discard}\n",
	    "E0112 6:22 an item: at least 100 ms | pauses between attempts, as [5 s, 30 s, 5 min, 1 h]; the last one repeats\n"
	    "E0106 6:29 an item is a length of time, as 30 s | pauses between attempts, as [5 s, 30 s, 5 min, 1 h]; the last one repeats\n"
	    "E0106 6:53 then is one of: dead_letter | dead_letter\n");
}

static void
unknown_words_are_told(void **state)
{
	(void)state;
	expect_findings(CONF_SUBSCRIPTION, START "start: begin\non_dead_letter: hold\n",
	    "E0106 6:8 start is one of: now | now\n"
	    "E0106 7:17 on_dead_letter is one of: hold_case, continue | hold_case, continue\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(the_subscription_of_the_design_is_read),
	    PARSED_TEST(a_subscription_starts_now_and_holds_its_case_unless_it_says_otherwise),
	    PARSED_TEST(retries_have_pauses_an_end_and_a_place_to_go),
	    PARSED_TEST(unknown_words_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

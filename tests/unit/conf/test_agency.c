// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/conf.h"

#include "unit/conf/golden.h"

static void
an_agency_is_read(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_AGENCY,
	    "agency: inm\ntitle: Instituto Nacional de Migracion\nkind: authority\ngroups: [migration, federal]\n"
	    "publishes: [inm.v1.Acta]\nsources: [\"urn:enlace:inm\", \"urn:enlace:inm:actas\"]\ncontact: mesa de ayuda\n"
	    "operator: true\noperator_may: \"*\"\n"));
	const struct conf_agency *a = p->thing;

	assert_string_equal(a->name.text, "inm");
	assert_string_equal(a->title.text, "Instituto Nacional de Migracion");
	assert_string_equal(a->kind.text, "authority");
	assert_int_equal(a->groups.count, 2);
	assert_string_equal(a->publishes.items[0].text, "inm.v1.Acta");
	assert_string_equal(a->sources.items[1].text, "urn:enlace:inm:actas");
	assert_string_equal(a->contact.text, "mesa de ayuda");
	assert_true(a->operator);
	assert_string_equal(a->operator_may.items[0].text, "*");
}

static void
what_is_not_said_is_not_allowed(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_AGENCY, "agency: a\nkind: un\n"));
	const struct conf_agency *a = p->thing;

	assert_int_equal(a->publishes.count, 0);
	assert_int_equal(a->sources.count, 0);
	assert_false(a->operator);
}

static void
an_empty_list_says_none_where_that_is_clear(void **state)
{
	struct parsed *p = *state;

	assert_ok(parse_kind(p, CONF_AGENCY, "agency: a\nkind: un\ngroups: []\npublishes: []\n"));
	const struct conf_agency *a = p->thing;

	assert_int_equal(a->groups.count, 0);
	assert_int_equal(a->publishes.count, 0);
	expect_findings(CONF_AGENCY, "agency: a\nkind: un\nsources: []\n",
	    "E0106 3:10 sources | event sources that it may use; urn:enlace:NAME alone when absent\n");
}

static void
verbs_without_the_right_to_operate_are_told(void **state)
{
	(void)state;
	expect_findings(CONF_AGENCY, "agency: a\nkind: un\noperator_may: [status]\n",
	    "E0115 3:1 operator_may without operator | operator: true\n");
	expect_findings(CONF_AGENCY, "agency: a\nkind: ngo\noperator: si\n",
	    "E0106 2:7 kind is one of: authority, un, civil_society | authority, un, civil_society\n"
	    "E0106 3:11 operator is one of: true, false | true, false\n");
}

static void
the_first_key_says_the_kind(void **state)
{
	(void)state;
	expect_findings(CONF_AGENCY, "kind: un\nagency: a\n", "E0110 1:1 kind | agency\n");
	expect_findings(CONF_AGENCY, "agensy: a\n", "E0110 1:1 agensy | agency\n");
	expect_findings(CONF_AGENCY, "mappng: a\n", "E0110 1:1 mappng | mapping\n");
	expect_findings(
	    CONF_AGENCY, "route: r\n", "E0113 1:1 a file that begins with route | move the file to routes/\n");
	expect_findings(CONF_AGENCY, "- agency\n", "E0110 1:1 - | agency\n");
	expect_findings(CONF_AGENCY, "{}\n", "E0110 1:1 - | agency\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PARSED_TEST(an_agency_is_read),
	    PARSED_TEST(what_is_not_said_is_not_allowed),
	    PARSED_TEST(an_empty_list_says_none_where_that_is_clear),
	    PARSED_TEST(verbs_without_the_right_to_operate_are_told),
	    PARSED_TEST(the_first_key_says_the_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

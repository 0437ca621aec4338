// SPDX-License-Identifier: Apache-2.0
// `enlace schema`, as a person runs it.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/cli/program.h"

#define OLD "build/schemas/compat/FIELD_SAME_NAME/old.binpb"
#define BREAKING "build/schemas/compat/FIELD_SAME_NAME/breaking.binpb"
#define FINE "build/schemas/compat/FIELD_SAME_NAME/fine.binpb"

// ---- ls, show -----------------------------------------------------------------------------------------------------------------------

static void
ls_tells_sets_packages_and_messages(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "ls", "--schemas", "build/schemas");
	assert_ended(p, 0);
	assert_said(&p->out, "build/schemas/inm.binpb");
	assert_said(&p->out, "inm.v1 ");
	assert_said(&p->out, "MESSAGES");

	run_enlace(p, "schema", "ls", "--schemas", "build/schemas", "--format", "json");
	assert_ended(p, 0);
	assert_said(&p->out, "{\"digest\":\"");
	assert_said(&p->out, "{\"name\":\"unhcr.v1\",\"messages\":1}");
}

static void
show_tells_each_field_as_people_and_records_know_it(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "show", "inm.v1.Acta", "--schemas", "build/schemas");
	assert_ended(p, 0);
	assert_said(&p->out, "inm.v1.Acta (inm/v1/acta.proto)");
	assert_said(&p->out, "\n11  nacionalidad                   NACIONALIDAD ");
	assert_said(&p->out, "repeated string");
	assert_said(&p->out, "list separated by \"|\"\n");
	assert_said(&p->out, "S | N\n");

	run_enlace(p, "schema", "show", "enlace.v1.Referral", "--schemas", "build/schemas");
	assert_said(&p->out, "enlace.v1.Priority ");
	assert_said(&p->out, "operational");
}

static void
show_is_stable_for_programs(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "show", "inm.v1.Acta", "--schemas", "build/schemas", "--format", "json");
	assert_ended(p, 0);
	assert_said(&p->out,
	    "{\"number\":14,\"name\":\"nna\",\"native\":\"NNA\",\"type\":\"string\",\"label\":null,\"required\":false,\"coarse\":false,"
	    "\"values\":[\"S\",\"N\"],\"list_separator\":null,\"rows_grouped_by\":null,\"raw_json\":false,\"xml_attribute\":false}");
}

static void
an_unknown_message_names_the_nearest(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "show", "inm.v1.Acto", "--schemas", "build/schemas");
	assert_ended(p, 1);
	assert_said(&p->err, "enlace: no message inm.v1.Acto; did you mean inm.v1.Acta\n");
}

// ---- check --------------------------------------------------------------------------------------------------------------------------

static void
check_is_silent_and_zero_when_both_understand_each_other(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "check", OLD, FINE, "-q");
	assert_ended(p, 0);
	assert_int_equal(p->out.len, 0);
	assert_int_equal(p->err.len, 0);
}

static void
check_tells_each_breach_with_its_rule_and_place(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "check", OLD, BREAKING);
	assert_ended(p, 1);
	assert_said(&p->out, "schema.proto:7:10: error[E0217] ");
	assert_said(
	    &p->out, "shelter.v1.Guest.full_name: field 1 was \"name\" and is \"full_name\" now [FIELD_SAME_NAME]");
	assert_said(&p->out, "help: ");
	assert_said(&p->err, "1 breach");
}

static void
check_is_stable_for_programs(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "check", OLD, BREAKING, "--format", "json");
	assert_ended(p, 1);
	assert_string_equal(buf_cstr(&p->out),
	    "{\"breaches\":[{\"rule\":\"FIELD_SAME_NAME\",\"code\":\"E0217\",\"file\":\"schema.proto\",\"line\":7,\"column\":10,"
	    "\"scope\":\"shelter.v1.Guest\",\"member\":\"full_name\",\"detail\":\"field 1 was \\\"name\\\" and is \\\"full_name\\\" now\"}]}\n");
}

static void
check_takes_folders_of_sets(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "check", "build/schemas", "build/schemas");
	assert_ended(p, 0);
}

static void
check_of_what_is_no_set_is_bad_data(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema", "check", OLD, "README.md");
	assert_ended(p, 65);
	assert_said(&p->err, "error[E0202]");
	run_enlace(p, "schema", "check", "nowhere.binpb", FINE);
	assert_ended(p, 65);
	assert_said(&p->err, "nowhere.binpb: error[E0201]");
}

static void
a_verb_that_is_none_is_a_usage_error(void **state)
{
	struct program *p = *state;

	run_enlace(p, "schema");
	assert_ended(p, 2);
	run_enlace(p, "schema", "check", OLD);
	assert_ended(p, 2);
	assert_said(&p->err, "enlace schema check");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, program_set_up, program_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(ls_tells_sets_packages_and_messages),
	    TEST(show_tells_each_field_as_people_and_records_know_it),
	    TEST(show_is_stable_for_programs),
	    TEST(an_unknown_message_names_the_nearest),
	    TEST(check_is_silent_and_zero_when_both_understand_each_other),
	    TEST(check_tells_each_breach_with_its_rule_and_place),
	    TEST(check_is_stable_for_programs),
	    TEST(check_takes_folders_of_sets),
	    TEST(check_of_what_is_no_set_is_bad_data),
	    TEST(a_verb_that_is_none_is_a_usage_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

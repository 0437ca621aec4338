// SPDX-License-Identifier: Apache-2.0
// The rules of compatibility: for each a pair of versions that breaks it and nothing else, and a pair that changes as much as the rule allows.
// The pairs stand in tests/conformance/buf/RULE, and `make conformance-buf` says that buf judges them the same way; those of rules that buf has not
// in tests/unit/schema/compat/RULE.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/schema/kit.h"

#include "schema/compat.h"

// build/schemas/compat/RULE/VERSION.binpb, where make puts them.
static struct schema *
version_of(const char *rule, const char *version)
{
	struct findings findings;
	struct schema *schema = NULL;
	char path[256];

	snprintf(path, sizeof(path), "build/schemas/compat/%s/%s.binpb", rule, version);
	findings_init(&findings);
	assert_ok(schema_load_file(path, NULL, &findings, &schema));
	findings_fini(&findings);
	return schema;
}

static void
compare(const char *rule, const char *version, struct compat_report *report)
{
	struct schema *old = version_of(rule, "old"), *new = version_of(rule, version);

	compat_report_init(report, EN_LANG_EN);
	assert_ok(compat_check(old, new, report));
	schema_unref(&old);
	schema_unref(&new);
}

static void
expect_only(enum compat_rule rule)
{
	struct compat_report report;

	compare(compat_rule_name(rule), "breaking", &report);
	assert_true(report.count > 0);
	for (size_t i = 0; i < report.count; i++) {
		assert_string_equal(compat_rule_name(report.items[i].rule), compat_rule_name(rule));
	}
	compat_report_fini(&report);
}

static void
expect_none(enum compat_rule rule)
{
	struct compat_report report;

	compare(compat_rule_name(rule), "fine", &report);
	if (report.count > 0) {
		fail_msg("%s: %s", compat_rule_name(report.items[0].rule), report.items[0].detail);
	}
	compat_report_fini(&report);
}

// A rule without its pair does not compile into a test that passes: its files are not there.
#define COMPAT_RULE(name, code)                                                                                        \
	static void name##_is_found(void **state)                                                                      \
	{                                                                                                              \
		(void)state;                                                                                           \
		expect_only(COMPAT_##name);                                                                            \
	}                                                                                                              \
	static void name##_allows_the_rest(void **state)                                                               \
	{                                                                                                              \
		(void)state;                                                                                           \
		expect_none(COMPAT_##name);                                                                            \
	}
#include "schema/compat.tbl.h"
#undef COMPAT_RULE

// ---- what a breach says ---------------------------------------------------------------------------------------------------------

static void
a_breach_says_where_what_and_between_which(void **state)
{
	struct compat_report report;

	(void)state;
	compare("FIELD_SAME_NAME", "breaking", &report);
	assert_int_equal(report.count, 1);
	assert_string_equal(report.items[0].where.file, "schema.proto");
	assert_int_equal(report.items[0].where.line, 7);
	assert_int_equal(report.items[0].where.column, 10);
	assert_string_equal(report.items[0].scope, "shelter.v1.Guest");
	assert_string_equal(report.items[0].member, "full_name");
	assert_string_equal(report.items[0].detail, "field 1 was \"name\" and is \"full_name\" now");
	assert_string_equal(finding_code_text(compat_rule_code(report.items[0].rule)), "E0217");
	compat_report_fini(&report);
}

static void
breaches_come_in_the_order_of_the_text(void **state)
{
	struct compat_report report;

	(void)state;
	compare("FIELD_SAME_ONEOF", "breaking", &report);
	assert_int_equal(report.count, 2);
	assert_string_equal(report.items[0].member, "name");
	assert_string_equal(report.items[1].member, "hall");
	assert_true(report.items[0].where.line < report.items[1].where.line);
	compat_report_fini(&report);
}

static void
a_label_is_told_with_what_it_was(void **state)
{
	static const char *const wanted[] = {"field 1 is seen by who is granted its label as coarse now",
	    "field 2 is hidden from who is granted its label as coarse now", "field 1 has the label identity no more",
	    "field 2 had the label narrative and has operational now", "field 3 has the label shelter_address now",
	    "field 4 had the label location and has contact now", "field 5 has the label operational no more"};
	struct compat_report report;

	(void)state;
	compare("FIELD_SAME_LABEL", "breaking", &report);
	assert_int_equal(report.count, EN_COUNT_OF(wanted));
	for (size_t i = 0; i < report.count; i++) {
		assert_string_equal(report.items[i].detail, wanted[i]);
	}
	assert_int_equal(report.items[4].where.line, 16);
	assert_int_equal(report.items[4].where.column, 19);
	compat_report_fini(&report);
}

// The text of a .proto knows no entry of a map.
static void
the_value_of_a_map_is_told_at_the_maps_field(void **state)
{
	struct compat_report report;

	(void)state;
	compare("FIELD_WIRE_JSON_COMPATIBLE_TYPE", "breaking", &report);
	assert_int_equal(report.count, 4);
	assert_string_equal(report.items[3].scope, "shelter.v1.Guest.KeysEntry");
	assert_string_equal(report.items[3].member, "value");
	assert_int_equal(report.items[3].where.line, 10);
	assert_int_equal(report.items[3].where.column, 3);
	compat_report_fini(&report);
}

static void
a_version_fits_itself(void **state)
{
	struct schema *schema = *state;
	struct compat_report report;

	compat_report_init(&report, EN_LANG_EN);
	assert_ok(compat_check(schema, schema, &report));
	assert_int_equal(report.count, 0);
	compat_report_fini(&report);
}

#define COMPAT_RULE(name, code) cmocka_unit_test(name##_is_found), cmocka_unit_test(name##_allows_the_rest),

int
main(void)
{
	const struct CMUnitTest tests[] = {
#include "schema/compat.tbl.h"
	    cmocka_unit_test(a_breach_says_where_what_and_between_which),
	    cmocka_unit_test(breaches_come_in_the_order_of_the_text),
	    cmocka_unit_test(a_label_is_told_with_what_it_was),
	    cmocka_unit_test(the_value_of_a_map_is_told_at_the_maps_field),
	    cmocka_unit_test(a_version_fits_itself),
	};

	return cmocka_run_group_tests_name("schema/compat", tests, kit_load, kit_unload);
}

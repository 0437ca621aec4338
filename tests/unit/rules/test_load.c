// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/rules/bus.h"

static void
a_rule_set_without_findings_is_loaded(void **state)
{
	expect_findings(*state, EN_OK, "");
}

static void
everything_is_found_by_name_and_by_number(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	assert_int_equal(rules_agency_count(b->rules), 7);
	assert_int_equal(rules_subscription_count(b->rules), 6);
	for (uint32_t i = 0; i < rules_agency_count(b->rules); i++) {
		const struct rules_agency *a = rules_agency_at(b->rules, i);

		assert_int_equal(a->index, i);
		assert_ptr_equal(rules_agency_by_name(b->rules, a->name), a);
	}
	for (uint32_t i = 0; i < rules_subscription_count(b->rules); i++) {
		const struct rules_subscription *s = rules_subscription_at(b->rules, i);

		assert_int_equal(s->index, i);
		assert_ptr_equal(rules_subscription_by_name(b->rules, s->name), s);
	}
	assert_null(rules_agency_at(b->rules, 7));
	assert_null(rules_subscription_at(b->rules, 6));
	assert_null(rules_agency_by_name(b->rules, "INM"));
	assert_null(rules_subscription_by_name(b->rules, ""));
}

static void
a_subscription_says_what_its_file_says(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	const struct rules_subscription *s = rules_subscription_by_name(b->rules, "unicef-cases");

	assert_ptr_equal(s->agency, bus_agency(b, "unicef"));
	assert_string_equal(s->purpose, "protection");
	assert_string_equal(s->as->name, "enlace.v1.Referral");
	assert_int_equal(s->receives, 1U << CANONICAL_REFERRAL);
	assert_true(s->continues_after_dead_letter);
	assert_int_equal(s->retry_count, 2);
	assert_int_equal(s->retry_after_ms[1], 60000);
	assert_int_equal(s->give_up_ms, 3600000);
	assert_int_equal(s->oldest_waits_ms, 15 * 60000);
	assert_int_equal(s->nobody_attached_ms, 0);
	s = rules_subscription_by_name(b->rules, "inm-feedback");
	assert_false(s->continues_after_dead_letter);
}

static void
canonical_messages_are_known_by_their_type(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	for (enum canonical c = 0; c < CANONICAL_COUNT; c++) {
		assert_int_equal(rules_canonical_of(b->rules, rules_canonical_type(b->rules, c)), c);
	}
	assert_string_equal(rules_canonical_type(b->rules, CANONICAL_ALERT)->name, "enlace.v1.Alert");
	assert_int_equal(
	    rules_canonical_of(b->rules, schema_type_by_name(b->schema, "enlace.v1.Person")), CANONICAL_COUNT);
	assert_null(rules_canonical_type(b->rules, CANONICAL_COUNT));
}

static void
the_digest_changes_with_any_file_and_with_the_schemas(void **state)
{
	struct bus *b = *state;
	uint8_t first[32];

	assert_ok(bus_load(b));
	memcpy(first, rules_digest(b->rules), sizeof(first));
	assert_ok(bus_load(b));
	assert_memory_equal(rules_digest(b->rules), first, sizeof(first));

	bus_write(b, "agencies/casa.yaml", "agency: casa\nkind: civil_society\ngroups: [shelters]\n# a remark\n");
	assert_ok(bus_load(b));
	assert_memory_not_equal(rules_digest(b->rules), first, sizeof(first));
	memcpy(first, rules_digest(b->rules), sizeof(first));

	struct buf set = BUF_EMPTY;
	struct schema *other = NULL;
	struct rules *rules = NULL;

	assert_ok(buf_read_file(&set, "build/schemas/enlace.binpb", LIMIT_DESCRIPTOR_SET_BYTES));
	// One more file, empty but for its name: field 1 of FileDescriptorSet with field 1 of FileDescriptorProto.
	buf_put(&set, "\x0a\x09\x0a\x07x.proto", 11);
	assert_ok(schema_new(&other));
	assert_ok(schema_add(other, buf_view(&set), "enlace.binpb", &b->findings));
	assert_ok(schema_seal(other, &b->findings));
	assert_ok(rules_load(b->folder, other, &b->findings, &rules));
	assert_memory_not_equal(rules_digest(rules), first, sizeof(first));
	assert_ptr_equal(rules_schema(rules), other);
	rules_unref(&rules);
	schema_unref(&other);
	buf_fini(&set);
}

static void
a_reference_keeps_a_rule_set_alive(void **state)
{
	struct bus *b = *state;

	assert_ok(bus_load(b));
	struct rules *second = rules_ref(b->rules);

	rules_unref(&b->rules);
	assert_null(b->rules);
	assert_non_null(rules_agency_by_name(second, "inm"));
	rules_unref(&second);
	rules_unref(&second); // nothing is nothing
}

// Security R68: what denies nobody by accident must not be taken for a policy.
static void
an_empty_rule_set_is_none(void **state)
{
	struct bus *b = *state;
	char *empty = test_folder();
	struct rules *rules = NULL;

	assert_err(EN_ECONFIG, rules_load(empty, b->schema, &b->findings, &rules));
	assert_null(rules);
	assert_int_equal(b->findings.count, 1);
	assert_int_equal(b->findings.items[0].code, E0706);
	test_folder_remove(empty);
}

static void
a_rule_set_with_one_bad_file_is_none(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/z.yaml", "route: z\n");
	assert_err(EN_ECONFIG, bus_load(b));
	assert_null(b->rules);
}

static void
schemas_without_the_canonical_messages_are_told(void **state)
{
	struct bus *b = *state;
	struct schema *none = NULL;
	struct rules *rules = NULL;

	assert_ok(schema_new(&none));
	assert_ok(schema_seal(none, &b->findings));
	assert_err(EN_ECONFIG, rules_load(b->folder, none, &b->findings, &rules));
	assert_null(rules);
	assert_true(b->findings.count >= 5); // four messages and Consent
	for (size_t i = 0; i < b->findings.count; i++) {
		assert_int_equal(b->findings.items[i].code, E0705);
	}
	schema_unref(&none);
}

static void
warnings_alone_do_not_fail(void **state)
{
	struct bus *b = *state;

	bus_write(b, "routes/children.yaml",
	    "route: children\ntypes: [Referral]\nwhen: {person.is_minor: true}\npurpose: protection\nreads: [demographic, family]\n"
	    "send_to:\n- {agency: unicef}\n");
	assert_ok(bus_load(b));
	assert_int_equal(b->findings.warnings, 1);
}

static void
days_are_looked_at_apart(void **state)
{
	static const struct {
		const char *day;
		size_t lapsed, soon;
	} rows[] = {
	    {"2026-11-01T00:00:00Z", 0, 0},
	    {"2026-12-02T00:00:00Z", 0, 0},
	    {"2026-12-02T00:00:01Z", 0, 6},
	    {"2026-12-31T23:59:59Z", 0, 6},
	    {"2027-01-01T00:00:00Z", 6, 0},
	};
	struct bus *b = *state;

	assert_ok(bus_load(b));
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		size_t lapsed = 0, soon = 0;

		findings_fini(&b->findings);
		findings_init(&b->findings);
		rules_check_days(b->rules, day_ms(rows[i].day), &b->findings);
		for (size_t j = 0; j < b->findings.count; j++) {
			lapsed += b->findings.items[j].code == W0603;
			soon += b->findings.items[j].code == W0604;
		}
		assert_int_equal(lapsed, rows[i].lapsed);
		assert_int_equal(soon, rows[i].soon);
	}
}

static void
a_table_is_told_outside_of_its_days(void **state)
{
	static const struct {
		const char *day, *told;
	} rows[] = {
	    {"2025-12-31T23:59:59Z", "codes/sex.yaml:2:20 W0305 sex begins on 2026-01-01 | -\n"},
	    {"2026-01-01T00:00:00Z", ""},
	    {"2026-06-30T23:59:59Z", ""},
	    {"2026-07-01T00:00:00Z", "codes/sex.yaml:2:42 W0305 sex ended on 2026-06-30 | -\n"},
	};
	struct bus *b = *state;

	bus_write(b, "codes/sex.yaml", "table: sex\nvalid: {first_day: 2026-01-01, last_day: 2026-06-30}\n");
	bus_write(b, "codes/sex.csv", "from,to\nH,MALE\n");
	bus_write(b, "codes/other.yaml", "table: other\n");
	bus_write(b, "codes/other.csv", "from,to\nH,MALE\n");
	assert_ok(bus_load(b));
	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		findings_fini(&b->findings);
		findings_init(&b->findings);
		rules_check_days(b->rules, day_ms(rows[i].day), &b->findings);
		char *told = bus_findings(b), *first = strstr(told, "codes/");

		assert_string_equal(first == NULL ? "" : first, rows[i].told);
		free(told);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    BUS_TEST(a_rule_set_without_findings_is_loaded),
	    BUS_TEST(everything_is_found_by_name_and_by_number),
	    BUS_TEST(a_subscription_says_what_its_file_says),
	    BUS_TEST(canonical_messages_are_known_by_their_type),
	    BUS_TEST(the_digest_changes_with_any_file_and_with_the_schemas),
	    BUS_TEST(a_reference_keeps_a_rule_set_alive),
	    BUS_TEST(an_empty_rule_set_is_none),
	    BUS_TEST(a_rule_set_with_one_bad_file_is_none),
	    BUS_TEST(schemas_without_the_canonical_messages_are_told),
	    BUS_TEST(warnings_alone_do_not_fail),
	    BUS_TEST(days_are_looked_at_apart),
	    BUS_TEST(a_table_is_told_outside_of_its_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

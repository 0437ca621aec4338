// SPDX-License-Identifier: Apache-2.0
// Records of test files as payloads, payloads as paths and texts, and paths that mean the same.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trial/record.h"
#include "unit/trial/stage.h"

static const struct yaml_node *
tree(struct stage *s, const char *text)
{
	struct yaml_node *root;

	assert_ok(yaml_read(view_text(text), "t.yaml", &s->bus->arena, &s->bus->findings, &root));
	return root;
}

static const struct schema_type *
referral(struct stage *s)
{
	return rules_canonical_type(s->bus->rules, CANONICAL_REFERRAL);
}

// "path=value|value ..." of the merged record.
static const char *
made(struct stage *s, const struct yaml_node *record)
{
	struct buf payload = BUF_EMPTY, text = BUF_EMPTY;
	struct field_texts fields;

	if (record_payload(referral(s), record, &s->bus->findings, &payload) != EN_OK) {
		buf_fini(&payload);
		return s->bus->findings.items[0].detail;
	}
	assert_ok(index_build(&s->bus->ix, referral(s), buf_view(&payload), NULL));
	field_texts_of(&s->bus->ix, &s->bus->arena, &fields);
	for (size_t i = 0; i < fields.count; i++) {
		buf_printf(&text, "%s%s=", i == 0 ? "" : " ", fields.items[i].path);
		for (size_t v = 0; v < fields.items[i].count; v++) {
			buf_printf(&text, "%s%s", v == 0 ? "" : "|", fields.items[i].values[v]);
		}
	}
	const char *kept = arena_text(&s->bus->arena, buf_view(&text));

	buf_fini(&text);
	buf_fini(&payload);
	return kept;
}

static void
changes_go_into_maps_and_keys_are_fields(void **state)
{
	struct stage *s = *state;
	const struct yaml_node *record = tree(s,
	    "{referralId: r, person: {given_names: A, sex: FEMALE, nationalities: [HND, GTM], identifiers: [{type: X}, {value: Y}]}}");
	struct conf_text out[] = {{.text = "person.givenNames"}, {.text = "person.given_names"}};
	const struct conf_list without = {.items = out, .count = 2};

	assert_string_equal(made(s, record),
	    "referral_id=r person.identifiers[1].type=X person.identifiers[2].value=Y person.given_names=A person.sex=FEMALE "
	    "person.nationalities=HND|GTM");
	assert_string_equal(
	    made(s,
		record_merge(referral(s), record,
		    tree(s, "{referral_id: q, person: {sex: MALE, nationalities: [SLV]}, service: LEGAL}"), &without,
		    &s->bus->arena)),
	    "referral_id=q person.identifiers[1].type=X person.identifiers[2].value=Y person.sex=MALE person.nationalities=SLV "
	    "service=LEGAL");
}

static void
one_field_is_a_record_of_its_own(void **state)
{
	static const char *const rows[][2] = {
	    {"service", "service=LEGAL"},
	    {"person.nationalities", "person.nationalities=LEGAL"},
	    {"person.identifiers[1].type", "person.identifiers[1].type=LEGAL"},
	    {"person.caregiver.contact.raw", "person.caregiver.contact.raw=LEGAL"},
	};
	struct stage *s = *state;
	const struct conf_text value = {.text = "LEGAL"};

	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		assert_string_equal(made(s, record_of(referral(s), rows[i][0], &value, &s->bus->arena)), rows[i][1]);
	}
}

static void
what_does_not_fit_has_the_place_of_the_record(void **state)
{
	struct stage *s = *state;

	assert_string_equal(
	    made(s, tree(s, "referralId: r\nperson:\n  sex: BLUE\n")), "enlace.v1.Referral: person.sex");
	assert_int_equal(s->bus->findings.items[0].where.line, 3);
	assert_int_equal(s->bus->findings.items[0].code, E1003);
}

static void
paths_are_found_by_either_name(void **state)
{
	static const char *const rows[][2] = {
	    {"person.given_names", "person.given_names"},
	    {"person.givenNames", "person.given_names"},
	    {"person.identifiers[2].value", "person.identifiers[2].value"},
	    {"person", "person"},
	    {"person.", NULL},
	    {"person..sex", NULL},
	    {"person.sex.x", NULL},
	    {"person.sex[1]", NULL},
	    {"person.identifiers[]", NULL},
	    {"person.identifiers[1", NULL},
	    {"", NULL},
	};
	struct stage *s = *state;
	const char *nearest;

	for (size_t i = 0; i < EN_COUNT_OF(rows); i++) {
		const char *path = field_path(referral(s), rows[i][0], &s->bus->arena, &nearest);

		assert_true((path == NULL) == (rows[i][1] == NULL));
		assert_true(path == NULL || strcmp(path, rows[i][1]) == 0);
	}
	assert_null(field_path(referral(s), "persn.sex", &s->bus->arena, &nearest));
	assert_string_equal(nearest, "person");
}

static void
numbers_in_brackets_count_where_both_have_them(void **state)
{
	(void)state;
	assert_true(path_is_same("a[1].b", "a.b"));
	assert_true(path_is_same("a.b", "a[3].b"));
	assert_false(path_is_same("a[1].b", "a[2].b"));
	assert_false(path_is_same("a.b", "a.bc"));
	assert_false(path_is_same("a.b.c", "a.b"));
	assert_true(path_is_same("a[1]", "a"));
	assert_true(path_is_below("a.b.c", "a.b"));
	assert_true(path_is_below("a[2].b", "a"));
	assert_false(path_is_below("ab", "a"));
	assert_false(path_is_below("a", "a.b"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STAGE_TEST(changes_go_into_maps_and_keys_are_fields),
	    STAGE_TEST(one_field_is_a_record_of_its_own),
	    STAGE_TEST(what_does_not_fit_has_the_place_of_the_record),
	    STAGE_TEST(paths_are_found_by_either_name),
	    cmocka_unit_test(numbers_in_brackets_count_where_both_have_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

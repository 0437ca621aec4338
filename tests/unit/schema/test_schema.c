// SPDX-License-Identifier: Apache-2.0
// What a schema says of its types once it is sealed.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/schema/kit.h"

static void
presence_follows_the_syntax_and_the_shape(void **state)
{
	static const struct {
		const char *type, *field;
		bool has_presence, packed;
	} cases[] = {
	    {"probe.v1.Whole", "i32", false, false},
	    {"probe.v1.Whole", "text", false, false},
	    {"probe.v1.Whole", "maybe", true, false},
	    {"probe.v1.Whole", "leaf", true, false},
	    {"probe.v1.Whole", "number", true, false},
	    {"probe.v1.Whole", "packed", false, true},
	    {"probe.v1.Whole", "loose", false, false},
	    {"probe.v1.Whole", "texts", false, false},
	    {"probe.v1.Whole", "colors", false, true},
	    {"old.v1.Old", "id", true, false},
	    {"old.v1.Old", "states", false, true},
	    {"old.v1.Old", "loose", false, false},
	    {"old.v1.Old", "[old.v1.extra]", true, false},
	    {"old.v1.Old", "[old.v1.numbers]", false, true},
	};

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		const struct schema_field *f = kit_field(kit_type(*state, cases[i].type), cases[i].field);

		assert_int_equal(f->has_presence, cases[i].has_presence);
		assert_int_equal(f->packed, cases[i].packed);
	}
}

static void
a_proto3_optional_is_of_no_oneof(void **state)
{
	const struct schema_type *t = kit_type(*state, "probe.v1.Whole");

	assert_int_equal(kit_field(t, "maybe")->oneof, -1);
	assert_int_equal(kit_field(t, "number")->oneof, kit_field(t, "word")->oneof);
	assert_true(kit_field(t, "number")->oneof >= 0);
	assert_int_equal(t->oneof_count, 1);
}

static void
shapes_are_told_apart(void **state)
{
	const struct schema_type *t = kit_type(*state, "probe.v1.Whole"), *old = kit_type(*state, "old.v1.Old");

	assert_true(kit_field(t, "counts")->is_map);
	assert_true(kit_field(t, "counts")->message->is_map_entry);
	assert_false(kit_field(t, "leaves")->is_map);
	assert_true(t->proto3);
	assert_false(old->proto3);
	assert_true(kit_field(old, "id")->proto2_required);
	assert_int_equal(kit_field(old, "line")->kind, KIND_GROUP);
	assert_true(kit_field(old, "state")->enumeration->closed);
	assert_false(kit_field(t, "color")->enumeration->closed);
	assert_int_equal(kit_field(t, "at")->message->well_known, WELL_KNOWN_TIMESTAMP);
	assert_int_equal(kit_field(t, "boxed")->message->well_known, WELL_KNOWN_WRAPPER);
	assert_int_equal(kit_field(t, "leaf")->message->well_known, WELL_KNOWN_NONE);
	assert_true(kit_field(t, "nothing")->enumeration->is_null);
}

static void
fields_are_found_by_number_whether_dense_or_far(void **state)
{
	const struct schema_type *t = kit_type(*state, "probe.v1.Whole");

	for (uint32_t i = 0; i < t->field_count; i++) {
		assert_ptr_equal(schema_field_by_number(t, t->fields[i].number), &t->fields[i]);
		assert_int_equal(t->fields[i].slot, i);
	}
	assert_null(schema_field_by_number(t, 0));
	assert_null(schema_field_by_number(t, 99));
	assert_null(schema_field_by_number(t, 1999));
	assert_null(schema_field_by_number(t, 2001));
	assert_null(schema_field_by_number(t, UINT32_MAX));
}

static void
defaults_of_proto2_are_kept(void **state)
{
	const struct schema_type *t = kit_type(*state, "old.v1.Old");
	double half;
	float inf;
	uint32_t inf_bits = (uint32_t)kit_field(t, "inf")->default_bits;

	memcpy(&half, &kit_field(t, "half")->default_bits, sizeof(half));
	memcpy(&inf, &inf_bits, sizeof(inf));
	assert_true(half == -0.5);
	assert_true(inf > 3e38F);
	assert_int_equal(kit_field(t, "five")->default_bits, 5);
	assert_view_is("none", kit_field(t, "word")->default_text);
	assert_int_equal(kit_field(t, "shut")->default_bits, 2);
	assert_int_equal(kit_field(t, "sure")->default_bits, 1);
	assert_true(kit_field(t, "most")->default_bits == UINT64_MAX);
	assert_true((int64_t)kit_field(t, "least")->default_bits == INT64_MIN);
	struct view raw = kit_field(t, "raw")->default_text;

	assert_true(view_equal(raw, view_of("\0\xff\n\\\"Az", 7))); // bytes, where the descriptor has escapes
	assert_false(kit_field(t, "id")->has_default);
}

static void
the_set_of_a_type_is_what_was_added(void **state)
{
	size_t len;
	char *set = test_read("build/schemas/test/schema.binpb", &len);
	uint8_t digest[32];
	struct view got = schema_descriptor_set(*state, kit_type(*state, "probe.v1.Leaf"), digest);

	assert_int_equal(got.len, len);
	assert_memory_equal(got.data, set, len);
	free(set);
}

static void
types_go_by_their_full_names(void **state)
{
	size_t count;
	const char *const *names = schema_type_names(*state, &count);

	assert_true(count > 20);
	for (size_t i = 1; i < count; i++) {
		assert_true(strcmp(names[i - 1], names[i]) < 0);
	}
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(kit_type(*state, names[i])->name, names[i]);
	}
	assert_null(schema_type_by_name(*state, ".probe.v1.Leaf"));
	assert_null(schema_type_by_name(*state, ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(presence_follows_the_syntax_and_the_shape),
	    cmocka_unit_test(a_proto3_optional_is_of_no_oneof),
	    cmocka_unit_test(shapes_are_told_apart),
	    cmocka_unit_test(fields_are_found_by_number_whether_dense_or_far),
	    cmocka_unit_test(defaults_of_proto2_are_kept),
	    cmocka_unit_test(the_set_of_a_type_is_what_was_added),
	    cmocka_unit_test(types_go_by_their_full_names),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}

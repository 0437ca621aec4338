// SPDX-License-Identifier: Apache-2.0
// A payload that lacks what its proto2 schema requires is refused, as protobuf's own parsers do, with the path of what is missing.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/text_format.h"
#include "unit/schema/kit.h"

// "" when the payload of the text is whole; otherwise the path that the fault names.
static const char *
missing(void *state, const char *type, const char *text, struct index_fault *fault)
{
	const struct schema_type *t = kit_type(state, type);
	struct json_fault text_fault;
	struct buf payload = BUF_EMPTY;
	struct index ix;

	*fault = (struct index_fault){.err = EN_OK};
	index_init(&ix);
	assert_ok(text_to_payload(t, view_text(text), &payload, &text_fault));
	enum en_err err = index_build(&ix, t, buf_view(&payload), fault);

	assert_int_equal(err, fault->err);
	assert_true(err == EN_OK || err == EN_EFORMAT);
	ix.is_partial = true;
	assert_ok(index_build(&ix, t, buf_view(&payload), NULL));
	index_fini(&ix);
	buf_fini(&payload);
	return fault->path;
}

static void
what_is_required_must_be_there_at_every_depth(void **state)
{
	static const struct {
		const char *type, *text, *path;
	} cases[] = {
	    {"old.v1.Needy", "name: \"\"", ""},
	    {"old.v1.Needy", "", "name"},
	    {"old.v1.Old", "word: \"a\"", "id"},
	    {"old.v1.Holder", "", ""},
	    {"old.v1.Holder", "one {}", "one.name"},
	    {"old.v1.Holder", "many {name: \"a\"} many {}", "many.name"},
	    {"old.v1.Holder", "by_name {key: \"a\" value {}}", "by_name.value.name"},
	    {"old.v1.Holder", "by_name {key: \"a\"}", "by_name.value"},
	    {"old.v1.Holder", "left {}", "left.name"},
	    {"old.v1.Holder", "right: \"a\"", ""},
	    {"old.v1.Holder", "Box {}", "Box.n"},
	    {"old.v1.Holder", "again {again {many {}}}", "again.again.many.name"},
	    {"old.v1.Holder", "again {again {many {name: \"a\"}}}", ""},
	};
	struct index_fault fault;

	for (size_t i = 0; i < EN_COUNT_OF(cases); i++) {
		const char *path = missing(*state, cases[i].type, cases[i].text, &fault);

		if (strcasecmp(path, cases[i].path) != 0) {
			fail_msg("%s: %s", cases[i].text, path);
		}
	}
}

// Merged and replaced occurrences count as protobuf counts them.
static void
what_was_replaced_need_not_be_whole(void **state)
{
	const struct schema_type *t = kit_type(*state, "old.v1.Holder");
	struct index ix;

	index_init(&ix);
	// left {} and then right: the last member of a oneof is the one that is there.
	assert_ok(index_build(&ix, t,
	    view_of("\x22\x00\x2a\x01"
		    "a",
		5),
	    NULL));
	assert_err(EN_EFORMAT,
	    index_build(&ix, t,
		view_of("\x2a\x01"
			"a"
			"\x22\x00",
		    5),
		NULL));
	// one {} and then one {name}: both are one.
	assert_ok(index_build(&ix, t,
	    view_of("\x0a\x00\x0a\x03\x0a\x01"
		    "a",
		7),
	    NULL));
	index_fini(&ix);
}

static void
a_type_that_can_hold_what_is_required_knows_it(void **state)
{
	assert_true(kit_type(*state, "old.v1.Needy")->may_lack);
	assert_true(kit_type(*state, "old.v1.Holder")->may_lack);
	assert_false(kit_type(*state, "probe.v1.Whole")->may_lack);
	assert_false(kit_type(*state, "old.v1.Set")->may_lack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_required_must_be_there_at_every_depth),
	    cmocka_unit_test(what_was_replaced_need_not_be_whole),
	    cmocka_unit_test(a_type_that_can_hold_what_is_required_knows_it),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}

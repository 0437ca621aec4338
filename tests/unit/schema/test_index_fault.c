// SPDX-License-Identifier: Apache-2.0
// The wire index: the place that a fault names, and what lies across the words and levels in which it is looked for.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/schema/kit.h"

struct stage {
	struct schema *schema;
	const struct schema_type *acta;
	struct index ix;
	struct index_fault fault;
	struct buf payload;
};

static int
set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	index_init(&s->ix);
	s->schema = kit_schema("build/schemas/test/map.binpb");
	s->acta = kit_type(s->schema, "probe.v1.Acta");
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct stage *s = *state;

	index_fini(&s->ix);
	schema_unref(&s->schema);
	buf_fini(&s->payload);
	free(s);
	return 0;
}

static enum en_err
build(struct stage *s, const struct schema_type *t, const char *bytes, size_t len)
{
	s->fault = (struct index_fault){.err = EN_OK};
	buf_clear(&s->payload);
	buf_put(&s->payload, bytes, len);
	return index_build(&s->ix, t, buf_view(&s->payload), &s->fault);
}
#define BUILD(s, t, bytes) build(s, t, bytes, sizeof(bytes) - 1)

static void
assert_fault_at(struct stage *s, enum en_err got, enum en_err wanted, const char *path, uint32_t offset)
{
	assert_err(wanted, got);
	assert_err(wanted, s->fault.err);
	assert_string_equal(s->fault.path, path);
	assert_int_equal(s->fault.offset, offset);
}

static void
utf8_is_read_in_whole_however_it_lies(void **state)
{
	struct stage *s = *state;
	char bytes[2 + 40] = {0x0a, 0};

	// Two bytes of one letter, at every place of texts of every length about the words that are looked at together.
	for (size_t len = 2; len <= 40; len++) {
		for (size_t at = 0; at + 2 <= len; at++) {
			memset(bytes + 2, 'a', len);
			bytes[1] = (char)len;
			memcpy(bytes + 2 + at, "\xc3\xb1", 2);
			assert_ok(build(s, s->acta, bytes, len + 2));
			bytes[2 + at] = 'a'; // the rest of a letter without its beginning
			assert_err(EN_EUTF8, build(s, s->acta, bytes, len + 2));
			memcpy(bytes + 2 + at, "\xc0\x80", 2); // NUL, longer than it may be
			assert_err(EN_EUTF8, build(s, s->acta, bytes, len + 2));
		}
	}
}

// ---- the place of a fault -----------------------------------------------------------------------------------------

static void
a_fault_names_the_field_that_has_it(void **state)
{
	struct stage *s = *state;

	assert_fault_at(s,
	    BUILD(s, s->acta,
		"\x4a\x05\x0a\x01"
		"a"
		"\x12\x01"),
	    EN_ETRUNCATED, "servicios.nota", 7);
	assert_fault_at(s,
	    BUILD(s, s->acta,
		"\x4a\x05\x0a\x03"
		"a"
		"\xff\xfe"),
	    EN_EUTF8, "servicios.clave", 4);
	assert_fault_at(s, BUILD(s, s->acta, "\x70\xff"), EN_ETRUNCATED, "cuenta", 2);
	assert_fault_at(
	    s, BUILD(s, s->acta, "\x70\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), EN_EFORMAT, "cuenta", 11);
	assert_fault_at(s, BUILD(s, s->acta, "\x81\x01\x00\x00"), EN_ETRUNCATED, "latitud", 2);
}

// A field before the fault is not the one that has it.
static void
a_bad_tag_is_the_fault_of_its_message(void **state)
{
	struct stage *s = *state;

	assert_fault_at(s,
	    BUILD(s, s->acta,
		"\x0a\x01"
		"A"
		"\x02"),
	    EN_EFORMAT, "", 4);
	assert_fault_at(s,
	    BUILD(s, s->acta,
		"\x4a\x04\x0a\x01"
		"a"
		"\x0c"),
	    EN_EFORMAT, "servicios", 6);
	assert_fault_at(s,
	    BUILD(s, s->acta,
		"\x0a\x01"
		"A"
		"\xff\xff\xff\xff\x7f"),
	    EN_EFORMAT, "", 8);
	assert_fault_at(s,
	    BUILD(s, s->acta,
		"\x0a\x01"
		"A"
		"\x9b\x06"),
	    EN_ETRUNCATED, "", 5);
}

// ---- limits -------------------------------------------------------------------------------------------------------

static void
groups_that_nobody_knows_count_as_depth(void **state)
{
	struct stage *s = *state;

	for (unsigned int levels = LIMIT_PAYLOAD_DEPTH; levels <= LIMIT_PAYLOAD_DEPTH + 1; levels++) {
		char bytes[4 * (LIMIT_PAYLOAD_DEPTH + 1)];

		for (unsigned int i = 0; i < levels; i++) {
			memcpy(bytes + (size_t)2 * i, "\x9b\x06", 2);
			memcpy(bytes + (size_t)4 * levels - 2 - (size_t)2 * i, "\x9c\x06", 2);
		}
		assert_err(
		    levels <= LIMIT_PAYLOAD_DEPTH ? EN_OK : EN_ELIMIT, build(s, s->acta, bytes, (size_t)4 * levels));
	}
	assert_string_equal(s->fault.path, "");
}

static void
the_count_of_values_is_limited(void **state)
{
	struct stage *s = *state;

	s->ix.node_max = 3;
	assert_ok(BUILD(s, s->acta, "\xb2\x01\x03\x01\x02\x03"));
	assert_fault_at(s, BUILD(s, s->acta, "\xb2\x01\x04\x01\x02\x03\x04"), EN_ELIMIT, "montos", 6);
	s->ix.node_max = 4;
	assert_ok(BUILD(s, s->acta, "\xb2\x01\x04\x01\x02\x03\x04"));
}

#define index_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    index_test(utf8_is_read_in_whole_however_it_lies),
	    index_test(a_fault_names_the_field_that_has_it),
	    index_test(a_bad_tag_is_the_fault_of_its_message),
	    index_test(groups_that_nobody_knows_count_as_depth),
	    index_test(the_count_of_values_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// The wire index: what protobuf says of the order, merging and packing of fields, and the place that a fault names.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/limits.h"
#include "schema/index.h"
#include "support/support.h"

#define SET "build/schemas/test/map.binpb"

struct stage {
	struct findings findings;
	struct schema *schema;
	const struct schema_type *acta, *ficha;
	struct index ix;
	struct index_fault fault;
	struct buf payload;
};

static int
set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct buf set = BUF_EMPTY;

	findings_init(&s->findings);
	index_init(&s->ix);
	assert_ok(buf_read_file(&set, SET, LIMIT_DESCRIPTOR_SET_BYTES));
	assert_ok(schema_new(&s->schema));
	assert_ok(schema_add(s->schema, buf_view(&set), SET, &s->findings));
	assert_ok(schema_seal(s->schema, &s->findings));
	buf_fini(&set);
	s->acta = schema_type_by_name(s->schema, "probe.v1.Acta");
	s->ficha = schema_type_by_name(s->schema, "probe.v1.Ficha");
	*state = s;
	return 0;
}

static int
tear_down(void **state)
{
	struct stage *s = *state;

	index_fini(&s->ix);
	schema_unref(&s->schema);
	findings_fini(&s->findings);
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

static const struct schema_field *
field(const struct schema_type *t, const char *name)
{
	const struct schema_field *f = schema_field_by_name(t, view_text(name));

	assert_non_null(f);
	return f;
}

static void
assert_text(struct stage *s, uint32_t message, const struct schema_field *f, const char *wanted)
{
	const struct index_node *n = index_last(&s->ix, message, f);

	assert_non_null(n);
	assert_true(view_equal(index_bytes(&s->ix, n), view_text(wanted)));
}

static void
assert_fault_at(struct stage *s, enum en_err got, enum en_err wanted, const char *path, uint32_t offset)
{
	assert_err(wanted, got);
	assert_err(wanted, s->fault.err);
	assert_string_equal(s->fault.path, path);
	assert_int_equal(s->fault.offset, offset);
}

// ---- what is read -------------------------------------------------------------------------------------------------

static void
nothing_is_a_message_without_fields(void **state)
{
	struct stage *s = *state;

	assert_ok(index_build(&s->ix, s->acta, VIEW_EMPTY, &s->fault));
	assert_null(index_last(&s->ix, 0, field(s->acta, "folio")));
	assert_int_equal(s->ix.message_count, 1);
}

static void
the_last_of_a_scalar_wins(void **state)
{
	struct stage *s = *state;

	assert_ok(BUILD(s, s->acta,
	    "\x0a\x01"
	    "A"
	    "\x12\x01"
	    "M"
	    "\x0a\x02"
	    "BC"));
	assert_text(s, 0, field(s->acta, "folio"), "BC");
	assert_text(s, 0, field(s->acta, "sexo"), "M");
}

// Lugar twice: the street of the first, the code of the second.
static void
singular_messages_are_merged(void **state)
{
	struct stage *s = *state;
	const struct schema_field *lugar = field(s->acta, "lugar");

	assert_ok(BUILD(s, s->acta,
	    "\x8a\x01\x03\x0a\x01"
	    "a"
	    "\x8a\x01\x04\x12\x02"
	    "07"));
	const struct index_node *n = index_last(&s->ix, 0, lugar);

	assert_int_equal(s->ix.message_count, 2);
	assert_text(s, n->message, field(lugar->message, "calle"), "a");
	assert_text(s, n->message, field(lugar->message, "entidad"), "07");
}

static void
repeated_messages_are_not_merged(void **state)
{
	struct stage *s = *state;
	const struct schema_field *servicios = field(s->acta, "servicios");

	assert_ok(BUILD(s, s->acta,
	    "\x4a\x03\x0a\x01"
	    "a"
	    "\x4a\x03\x0a\x01"
	    "b"));
	const struct index_node *first = index_first(&s->ix, 0, servicios), *second = index_next(&s->ix, first);

	assert_text(s, first->message, field(servicios->message, "clave"), "a");
	assert_text(s, second->message, field(servicios->message, "clave"), "b");
	assert_null(index_next(&s->ix, second));
}

// montos: packed by the schema; three packed, one not.
static void
packed_and_unpacked_are_one_list(void **state)
{
	struct stage *s = *state;
	static const uint64_t wanted[] = {1, 300, 3, 4};
	const struct index_node *n;
	size_t i = 0;

	assert_ok(BUILD(s, s->acta,
	    "\xb2\x01\x04\x01\xac\x02\x03"
	    "\xb0\x01\x04"));
	for (n = index_first(&s->ix, 0, field(s->acta, "montos")); n != NULL; n = index_next(&s->ix, n)) {
		assert_true(i < EN_COUNT_OF(wanted));
		assert_int_equal(n->bits, wanted[i++]);
	}
	assert_int_equal(i, EN_COUNT_OF(wanted));
}

static void
the_last_member_of_a_oneof_is_the_only_one(void **state)
{
	struct stage *s = *state;

	assert_ok(BUILD(s, s->ficha,
	    "\x82\x01\x01"
	    "i"
	    "\x8a\x01\x01"
	    "d"));
	assert_null(index_last(&s->ix, 0, field(s->ficha, "izquierda")));
	assert_text(s, 0, field(s->ficha, "derecha"), "d");
}

// Field 99 of three wire types and a group, and `folio` as a varint, which it is not: all come out as they went in.
static void
what_is_not_understood_is_kept(void **state)
{
	struct stage *s = *state;
	static const char bytes[] = "\x0a\x01"
				    "A"
				    "\x98\x06\x07"
				    "\x9a\x06\x01"
				    "x"
				    "\x9b\x06\x08\x01\x9c\x06"
				    "\x08\x05";
	struct buf out = BUF_EMPTY;

	assert_ok(BUILD(s, s->acta, bytes));
	assert_text(s, 0, field(s->acta, "folio"), "A");
	assert_ok(index_encode(&s->ix, 0, &out));
	assert_true(view_equal(buf_view(&out), view_of(bytes, sizeof(bytes) - 1)));
	buf_fini(&out);
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

// `anterior` within itself: LIMIT_PAYLOAD_DEPTH deep, and one more.
static void
depth_is_limited(void **state)
{
	struct stage *s = *state;

	for (unsigned int levels = LIMIT_PAYLOAD_DEPTH; levels <= LIMIT_PAYLOAD_DEPTH + 1; levels++) {
		char bytes[3 * (LIMIT_PAYLOAD_DEPTH + 1)];
		size_t at = sizeof(bytes);

		for (unsigned int i = 0; i < levels; i++) {
			bytes[--at] = (char)(3 * i);
			bytes[--at] = '\x01';
			bytes[--at] = '\xd2';
		}
		enum en_err err = build(s, s->acta, bytes + at, sizeof(bytes) - at);

		assert_err(levels <= LIMIT_PAYLOAD_DEPTH ? EN_OK : EN_ELIMIT, err);
	}
	assert_int_equal(s->fault.offset, 3 * LIMIT_PAYLOAD_DEPTH + 2);
}

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
	    index_test(nothing_is_a_message_without_fields),
	    index_test(the_last_of_a_scalar_wins),
	    index_test(singular_messages_are_merged),
	    index_test(repeated_messages_are_not_merged),
	    index_test(packed_and_unpacked_are_one_list),
	    index_test(the_last_member_of_a_oneof_is_the_only_one),
	    index_test(what_is_not_understood_is_kept),
	    index_test(utf8_is_read_in_whole_however_it_lies),
	    index_test(a_fault_names_the_field_that_has_it),
	    index_test(a_bad_tag_is_the_fault_of_its_message),
	    index_test(depth_is_limited),
	    index_test(groups_that_nobody_knows_count_as_depth),
	    index_test(the_count_of_values_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

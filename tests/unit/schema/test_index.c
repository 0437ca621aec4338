// SPDX-License-Identifier: Apache-2.0
// The wire index against the rules of protobuf: what counts, what is merged, what is kept, what is refused. Every payload here is written by
// hand, so that the tests do not lean on the code that they test.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/schema/kit.h"

#define WHOLE kit_type(*state, "probe.v1.Whole")
#define LEAF kit_type(*state, "probe.v1.Leaf")
#define OLD kit_type(*state, "old.v1.Old")

// ---- what counts -----------------------------------------------------------------------------------------------------------------

static void
of_a_singular_scalar_the_last_one_counts(void **state)
{
	kit_expect_canonical(WHOLE, "08 01 08 02 08 03", "08 03");
	kit_expect_canonical(WHOLE, "72 01 61 08 01 72 01 62", "08 01 72 01 62");
}

static void
fields_are_written_in_the_order_of_their_numbers(void **state)
{
	kit_expect_canonical(WHOLE, "a0 06 07 08 01 80 7d 05", "08 01 a0 06 07 80 7d 05");
}

static void
a_default_without_presence_is_absent_and_with_presence_it_stays(void **state)
{
	kit_expect_canonical(WHOLE, "08 00 72 00 5d 00 00 00 00 61 00 00 00 00 00 00 00 00 68 00", "");
	kit_expect_canonical(WHOLE, "90 01 00 9a 01 00", "90 01 00 9a 01 00"); // optional
	kit_expect_canonical(WHOLE, "e0 01 00", "e0 01 00"); // of a oneof
	kit_expect_canonical(WHOLE, "8a 01 00", "8a 01 00"); // an empty message is there
	kit_expect_canonical(WHOLE, "5d 00 00 00 80", "5d 00 00 00 80"); // minus zero is not zero
	kit_expect_canonical(OLD, "08 00 10 01", "08 00 10 01"); // proto2 has presence everywhere
	kit_expect_canonical(WHOLE, "a2 01 02 00 01 aa 01 00 b2 01 00", "a2 01 02 00 01 b2 01 00"); // elements stay
}

static void
a_varint_longer_than_its_kind_is_trimmed(void **state)
{
	kit_expect_canonical(WHOLE, "08 81 80 80 80 10", "08 01"); // int32: 2^32 + 1
	kit_expect_canonical(WHOLE, "08 ff ff ff ff 0f", "08 ff ff ff ff ff ff ff ff ff 01"); // and its sign
	kit_expect_canonical(WHOLE, "18 ff ff ff ff ff ff ff ff ff 01", "18 ff ff ff ff 0f"); // uint32
	kit_expect_canonical(WHOLE, "28 83 80 80 80 10", "28 03"); // sint32
	kit_expect_canonical(WHOLE, "68 80 80 80 80 10", "68 01"); // bool
	kit_expect_canonical(WHOLE, "80 01 82 80 80 80 10", "80 01 02"); // enum
	kit_expect_canonical(
	    WHOLE, "10 ff ff ff ff ff ff ff ff ff 01", "10 ff ff ff ff ff ff ff ff ff 01"); // int64: all of it
	kit_expect_canonical(WHOLE, "10 81 00", "10 01"); // too many bytes, one value
}

static void
of_a_oneof_the_last_member_counts(void **state)
{
	const struct schema_type *t = WHOLE;
	struct buf in = BUF_EMPTY;
	struct index ix;

	kit_expect_canonical(t, "e0 01 05 ea 01 01 61", "ea 01 01 61");
	kit_expect_canonical(t, "ea 01 01 61 e0 01 05", "e0 01 05");
	kit_hex(&in, "e0 01 05 ea 01 01 61");
	assert_ok(kit_index(&ix, t, buf_view(&in), NULL));
	assert_null(index_last(&ix, 0, kit_field(t, "number")));
	assert_non_null(index_last(&ix, 0, kit_field(t, "word")));
	index_fini(&ix);
	buf_fini(&in);
}

static void
a_member_of_a_oneof_is_merged_with_itself_and_begins_anew_after_another(void **state)
{
	kit_expect_canonical(WHOLE, "f2 01 02 08 01 f2 01 03 12 01 61", "f2 01 05 08 01 12 01 61");
	kit_expect_canonical(WHOLE, "f2 01 02 08 01 e0 01 05 f2 01 03 12 01 61", "f2 01 03 12 01 61");
}

// ---- what is merged --------------------------------------------------------------------------------------------------------------

static void
occurrences_of_a_singular_message_are_merged_at_every_depth(void **state)
{
	// a: last; b: the one that is there; list: both; leaf: merged again
	kit_expect_canonical(WHOLE, "8a 01 09 08 01 1a 01 07 22 02 08 05 8a 01 0b 08 02 12 01 62 18 08 22 02 12 00",
	    "8a 01 0d 08 02 12 01 62 1a 02 07 08 22 02 08 05");
}

static void
elements_of_a_repeated_message_stay_apart(void **state)
{
	kit_expect_canonical(WHOLE, "ba 01 02 08 01 ba 01 00 ba 01 02 08 02", "ba 01 02 08 01 ba 01 00 ba 01 02 08 02");
}

static void
packed_and_unpacked_are_one_list(void **state)
{
	kit_expect_canonical(WHOLE, "a0 01 01 a2 01 02 02 03 a0 01 04", "a2 01 04 01 02 03 04");
	kit_expect_canonical(WHOLE, "aa 01 02 01 02 a8 01 03", "a8 01 01 a8 01 02 a8 01 03"); // [packed = false]
	kit_expect_canonical(OLD, "08 01 a2 01 02 01 02", "08 01 a0 01 01 a0 01 02"); // proto2
	kit_expect_canonical(WHOLE, "a2 01 00", "");
}

static void
an_entry_of_a_map_may_lack_its_key_or_value_and_say_them_twice(void **state)
{
	kit_expect_json(WHOLE, "ca 01 02 10 07", "{\"counts\":{\"\":7}}");
	kit_expect_json(WHOLE, "ca 01 03 0a 01 61", "{\"counts\":{\"a\":0}}");
	kit_expect_json(WHOLE, "ca 01 0a 0a 01 61 10 01 0a 01 62 10 02", "{\"counts\":{\"b\":2}}");
	kit_expect_json(WHOLE, "ca 01 05 0a 01 61 10 01 ca 01 05 0a 01 61 10 02", "{\"counts\":{\"a\":2}}");
}

// ---- groups ----------------------------------------------------------------------------------------------------------------------

static void
groups_are_messages_between_two_tags(void **state)
{
	kit_expect_canonical(OLD, "08 01 2b 32 01 61 3b 40 05 3c 2c 2b 2c", "08 01 2b 32 01 61 3b 40 05 3c 2c 2b 2c");
	kit_expect_canonical(
	    OLD, "08 01 4b 50 01 58 07 4c 4b 50 02 58 08 4c", "08 01 4b 50 02 58 07 58 08 4c"); // merged
}

static void
a_group_that_does_not_end_or_ends_another_is_refused(void **state)
{
	kit_expect_refused(OLD, "2b 32 01 61", EN_ETRUNCATED, "line");
	kit_expect_refused(OLD, "2b 3b 2c 3c", EN_EFORMAT, "line.inner");
	kit_expect_refused(OLD, "2c", EN_EFORMAT, "");
	kit_expect_refused(WHOLE, "8a 01 01 8c", EN_ETRUNCATED, "leaf");
	kit_expect_refused(WHOLE, "8a 01 02 8c 01", EN_EFORMAT, "leaf"); // a group's end in a message that is none
}

// ---- what is kept ----------------------------------------------------------------------------------------------------------------

static void
unknown_fields_of_every_wire_type_are_kept_in_their_order(void **state)
{
	// 50000: varint; 50001: fixed64; 50002: bytes; 50003: a group with a group; 50005: fixed32
	kit_expect_canonical(LEAF,
	    "80 b5 18 05 89 b5 18 01 02 03 04 05 06 07 08 08 01 92 b5 18 02 ff fe 9b b5 18 08 07 13 14 9c b5 18 ad b5 18 01 02 03 04",
	    "08 01 80 b5 18 05 89 b5 18 01 02 03 04 05 06 07 08 92 b5 18 02 ff fe 9b b5 18 08 07 13 14 9c b5 18 ad b5 18 01 02 03 04");
	kit_expect_canonical(WHOLE, "8a 01 04 80 b5 18 05", "8a 01 04 80 b5 18 05"); // within a message
}

static void
another_wire_type_than_the_schemas_is_unknown(void **state)
{
	kit_expect_canonical(LEAF, "0d 01 00 00 00 08 05", "08 05 0d 01 00 00 00");
	kit_expect_canonical(LEAF, "10 05", "10 05"); // a number where a text should be
	kit_expect_canonical(LEAF, "13 14", "13 14");
	kit_expect_canonical(OLD, "08 01 2a 00", "08 01 2a 00"); // a length where a group should be
}

static void
a_number_that_a_closed_enum_does_not_know_is_unknown(void **state)
{
	kit_expect_canonical(OLD, "08 01 10 02 10 09", "08 01 10 02 10 09"); // the known one still counts
	kit_expect_canonical(OLD, "08 01 1a 03 01 09 02", "08 01 1a 02 01 02 18 09"); // of a packed list
	kit_expect_canonical(OLD, "08 01 22 04 08 07 10 09", "08 01 22 04 08 07 10 09"); // of a map: the entry
	kit_expect_json(
	    OLD, "08 01 22 04 08 07 10 09 22 04 08 08 10 01", "{\"id\":1,\"byNumber\":{\"8\":\"STARRED\"}}");
	kit_expect_json(OLD, "08 01 22 06 08 07 10 09 10 01", "{\"id\":1,\"byNumber\":{\"7\":\"STARRED\"}}");
	kit_expect_canonical(OLD, "08 01 10 88 80 80 80 10", "08 01 10 88 80 80 80 10"); // as it came, past 32 bits
	kit_expect_canonical(WHOLE, "80 01 09", "80 01 09"); // an open one takes it
	kit_expect_json(WHOLE, "80 01 09", "{\"color\":9}");
}

static void
extensions_are_fields(void **state)
{
	kit_expect_canonical(
	    OLD, "b0 06 01 b0 06 02 a2 06 01 61 08 01 a8 06 05", "08 01 a2 06 01 61 a8 06 05 b2 06 02 01 02");
	assert_null(schema_field_by_number(OLD, 104));
	assert_string_equal(schema_field_by_number(OLD, 100)->name, "[old.v1.extra]");
	assert_string_equal(schema_field_by_number(OLD, 101)->json_name, "[old.v1.Old.nested]");
	assert_true(schema_field_by_number(OLD, 100)->has_presence);
}

// A group, or an extension, that occurs twice is one message, as any other that is not repeated; a list of an extension goes on in either form.
static void
groups_and_extensions_are_merged_too(void **state)
{
	// Foot {list: 1} Foot {a: 2 list: 3}
	kit_expect_canonical(OLD, "08 01 4b 58 01 4c 4b 50 02 58 03 4c", "08 01 4b 50 02 58 01 58 03 4c");
	// [Part] {n: 1}, a group, twice: the last n counts
	kit_expect_canonical(OLD, "08 01 bb 06 08 01 bc 06 bb 06 08 02 bc 06", "08 01 bb 06 08 02 bc 06");
	// [extra] twice; [numbers] packed, single, packed
	kit_expect_canonical(OLD, "08 01 a2 06 01 61 a2 06 01 62", "08 01 a2 06 01 62");
	kit_expect_canonical(OLD, "08 01 b2 06 02 01 02 b0 06 03 b2 06 01 04", "08 01 b2 06 04 01 02 03 04");
}

static void
the_items_of_a_message_set_are_kept(void **state)
{
	kit_expect_canonical(
	    kit_type(*state, "old.v1.Set"), "0b 10 e8 07 1a 02 08 01 0c", "0b 10 e8 07 1a 02 08 01 0c");
}

// ---- what is refused -------------------------------------------------------------------------------------------------------------

static void
tags_that_protobuf_does_not_have_are_refused(void **state)
{
	static const char *const tags[] = {"00 00", "01", "02 00", "07", "0e 00", "0f 00", "80 80 80 80 10 00",
	    "88 80 80 80 80 80 80 80 80 80 01 00", "0b 06 0c", "88 80 80 80 80 00 01"};

	for (size_t i = 0; i < EN_COUNT_OF(tags); i++) {
		struct buf in = BUF_EMPTY;
		struct index ix;

		kit_hex(&in, tags[i]);
		assert_err(EN_EFORMAT, kit_index(&ix, WHOLE, buf_view(&in), NULL));
		index_fini(&ix);
		buf_fini(&in);
	}
	kit_expect_canonical(WHOLE, "f8 ff ff ff 0f 01", "f8 ff ff ff 0f 01"); // the largest number, 2^29 - 1
	kit_expect_canonical(WHOLE, "88 80 80 80 00 01", "08 01"); // five bytes are a tag, six above are none
}

static void
a_varint_of_ten_bytes_is_one_and_of_eleven_is_none(void **state)
{
	kit_expect_canonical(WHOLE, "20 ff ff ff ff ff ff ff ff ff 01", "20 ff ff ff ff ff ff ff ff ff 01");
	kit_expect_refused(WHOLE, "20 ff ff ff ff ff ff ff ff ff ff 01", EN_EFORMAT, "u64");
}

static void
a_payload_cut_at_any_byte_is_whole_or_refused(void **state)
{
	static const char hex[] =
	    "08 96 01 3d 01 02 03 04 41 01 02 03 04 05 06 07 08 72 03 61 62 63 8a 01 05 08 01 12 01 62 a2 01 03 96 "
	    "01 02 ca 01 05 0a 01 61 10 01 9b b5 18 08 07 9c b5 18";
	static const size_t whole[] = {0, 3, 8, 17, 22, 30, 36, 44, 52};
	struct buf in = BUF_EMPTY;
	size_t next = 0;

	kit_hex(&in, hex);
	assert_int_equal(in.len, whole[EN_COUNT_OF(whole) - 1]);
	for (size_t len = 0; len <= in.len; len++) {
		uint8_t *exact = malloc(len + 1); // so that a sanitizer sees a read behind the end
		struct index ix;
		bool is_whole = len == whole[next];

		assert_non_null(exact);
		memcpy(exact, in.data, len);
		next += is_whole;
		assert_err(is_whole ? EN_OK : EN_ETRUNCATED, kit_index(&ix, WHOLE, view_of(exact, len), NULL));
		index_fini(&ix);
		free(exact);
	}
	buf_fini(&in);
}

static void
texts_are_utf8_and_bytes_are_anything(void **state)
{
	static const char *const bad[] = {
	    "80", "c3", "c0 af", "e0 80 af", "ed a0 80", "f4 90 80 80", "f8 88 80 80 80", "61 ff"};

	for (size_t i = 0; i < EN_COUNT_OF(bad); i++) {
		struct buf content = BUF_EMPTY, in = BUF_EMPTY;
		struct index_fault fault;
		struct index ix;

		kit_hex(&content, bad[i]);
		kit_hex(&in, "72");
		buf_put_text(&in, buf_view(&content));
		assert_err(EN_EUTF8, kit_index(&ix, WHOLE, buf_view(&in), &fault));
		assert_string_equal(fault.path, "text");
		in.data[0] = 0x7a; // raw
		assert_ok(index_build(&ix, WHOLE, buf_view(&in), NULL));
		index_fini(&ix);
		buf_fini(&content);
		buf_fini(&in);
	}
	kit_expect_canonical(WHOLE, "72 0a 00 c3 b1 e2 82 ac f0 9f 98 81", "72 0a 00 c3 b1 e2 82 ac f0 9f 98 81");
	kit_expect_refused(WHOLE, "ca 01 03 0a 01 ff", EN_EUTF8, "counts.key");
	kit_expect_refused(WHOLE, "ba 01 02 08 01 ba 01 03 12 01 80", EN_EUTF8, "leaves.b");
}

// ---- limits ----------------------------------------------------------------------------------------------------------------------

// Leaf within Leaf, by length; or groups that nobody knows.
static void
put_nested(struct buf *out, size_t depth, bool groups)
{
	struct buf inner = BUF_EMPTY;

	for (size_t i = 0; i < depth && !groups; i++) {
		struct buf outer = BUF_EMPTY;

		buf_put_u8(&outer, 0x22);
		buf_put_text(&outer, buf_view(&inner));
		buf_fini(&inner);
		inner = outer;
	}
	for (size_t i = 0; i < 2 * depth && groups; i++) {
		buf_put_u8(&inner, i < depth ? 0x2b : 0x2c);
	}
	buf_put_view(out, buf_view(&inner));
	buf_fini(&inner);
}

static void
messages_may_be_nested_to_the_limit_and_not_one_deeper(void **state)
{
	for (int groups = 0; groups <= 1; groups++) {
		for (uint32_t limit = LIMIT_PAYLOAD_DEPTH; limit <= LIMIT_CODEC_DEPTH;
		     limit += LIMIT_CODEC_DEPTH - LIMIT_PAYLOAD_DEPTH) {
			struct buf at = BUF_EMPTY, past = BUF_EMPTY;
			struct index ix;

			put_nested(&at, limit, groups);
			put_nested(&past, limit + 1, groups);
			index_init(&ix);
			assert_int_equal(ix.depth_max, LIMIT_PAYLOAD_DEPTH);
			ix.depth_max = limit;
			assert_ok(index_build(&ix, LEAF, buf_view(&at), NULL));
			assert_err(EN_ELIMIT, index_build(&ix, LEAF, buf_view(&past), NULL));
			index_fini(&ix);
			buf_fini(&at);
			buf_fini(&past);
		}
	}
}

static void
the_codecs_own_depth_cannot_be_raised(void **state)
{
	struct buf past = BUF_EMPTY;
	struct index ix;

	put_nested(&past, LIMIT_CODEC_DEPTH + 1, false);
	index_init(&ix);
	ix.depth_max = UINT32_MAX;
	assert_err(EN_ELIMIT, index_build(&ix, LEAF, buf_view(&past), NULL));
	index_fini(&ix);
	buf_fini(&past);
}

static void
fields_may_occur_to_the_limit_and_not_once_more(void **state)
{
	struct buf in = BUF_EMPTY;
	struct index_fault fault;
	struct index ix;

	kit_hex(&in, "a2 01 80 80 01"); // packed, 16,384 elements of a byte
	assert_int_equal(LIMIT_PAYLOAD_FIELDS, 16384);
	for (size_t i = 0; i < LIMIT_PAYLOAD_FIELDS; i++) {
		buf_put_u8(&in, 1);
	}
	assert_ok(kit_index(&ix, WHOLE, buf_view(&in), NULL));
	assert_int_equal(ix.node_count, LIMIT_PAYLOAD_FIELDS);
	kit_hex(&in, "08 01");
	assert_err(EN_ELIMIT, index_build(&ix, WHOLE, buf_view(&in), &fault));
	assert_string_equal(fault.path, "i32");
	index_fini(&ix);
	buf_fini(&in);
}

static void
an_index_is_used_again(void **state)
{
	struct buf first = BUF_EMPTY, second = BUF_EMPTY, out = BUF_EMPTY;
	const struct index_node *nodes;
	struct index ix;

	kit_hex(&first, "08 01 8a 01 02 08 01 80 b5 18 05");
	kit_hex(&second, "12 01 61");
	assert_ok(kit_index(&ix, WHOLE, buf_view(&first), NULL));
	nodes = ix.cells;
	assert_ok(index_build(&ix, LEAF, buf_view(&second), NULL));
	assert_ptr_equal(ix.cells, nodes); // and asks for no memory
	assert_ok(index_encode(&ix, 0, &out));
	kit_expect_bytes(buf_view(&out), "12 01 61");
	index_fini(&ix);
	buf_fini(&first);
	buf_fini(&second);
	buf_fini(&out);
}

// A message of two bytes takes a cell for each field of its type, present or not.
static void
what_the_messages_of_a_payload_take_is_limited(void **state)
{
	size_t leaves = (LIMIT_PAYLOAD_CELLS - WHOLE->field_count) / LEAF->field_count;
	struct buf in = BUF_EMPTY;
	struct index_fault fault;
	struct index ix;

	index_init(&ix);
	ix.node_max = UINT32_MAX;
	for (size_t i = 0; i < leaves; i++) {
		buf_put(&in, "\xba\x01\x00", 3); // an empty one, in a list
	}
	assert_ok(index_build(&ix, WHOLE, buf_view(&in), &fault));
	kit_hex(&in, "ba 01 00");
	assert_err(EN_ELIMIT, index_build(&ix, WHOLE, buf_view(&in), &fault));
	assert_string_equal(fault.path, "leaves");
	index_fini(&ix);
	buf_fini(&in);
}

// What an earlier payload left in a cell is not taken for a value of this one, also when the stamps begin anew.
static void
a_cell_counts_only_in_the_build_that_filled_it(void **state)
{
	struct buf first = BUF_EMPTY;
	struct index ix;

	kit_hex(&first, "08 01");
	assert_ok(kit_index(&ix, WHOLE, buf_view(&first), NULL));
	ix.stamp = UINT32_MAX - 1;
	assert_ok(index_build(&ix, WHOLE, buf_view(&first), NULL));
	for (size_t i = 0; i < 4; i++) {
		assert_ok(index_build(&ix, WHOLE, VIEW_EMPTY, NULL));
		assert_int_not_equal(ix.stamp, 0);
		assert_null(index_last(&ix, 0, kit_field(WHOLE, "i32")));
		assert_ok(index_build(&ix, WHOLE, buf_view(&first), NULL));
		assert_non_null(index_last(&ix, 0, kit_field(WHOLE, "i32")));
	}
	index_fini(&ix);
	buf_fini(&first);
}

static void
a_list_is_walked_both_ways(void **state)
{
	const struct schema_field *f = kit_field(WHOLE, "packed");
	const struct index_node *n;
	struct buf in = BUF_EMPTY;
	struct index ix;
	uint64_t wanted = 1;

	kit_hex(&in, "a2 01 03 01 02 03 a0 01 04");
	assert_ok(kit_index(&ix, WHOLE, buf_view(&in), NULL));
	for (n = index_first(&ix, 0, f); n != NULL; n = index_next(&ix, n)) {
		assert_int_equal(n->bits, wanted++);
	}
	for (n = index_last(&ix, 0, f); n != NULL; n = index_previous(&ix, n)) {
		assert_int_equal(n->bits, --wanted);
	}
	assert_int_equal(wanted, 1);
	index_fini(&ix);
	buf_fini(&in);
}

static void
nothing_is_an_empty_message(void **state)
{
	struct index ix;

	kit_expect_canonical(WHOLE, "", "");
	assert_ok(kit_index(&ix, WHOLE, VIEW_EMPTY, NULL));
	assert_null(index_first(&ix, 0, kit_field(WHOLE, "i32")));
	index_fini(&ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_a_singular_scalar_the_last_one_counts),
	    cmocka_unit_test(fields_are_written_in_the_order_of_their_numbers),
	    cmocka_unit_test(a_default_without_presence_is_absent_and_with_presence_it_stays),
	    cmocka_unit_test(a_varint_longer_than_its_kind_is_trimmed),
	    cmocka_unit_test(of_a_oneof_the_last_member_counts),
	    cmocka_unit_test(a_member_of_a_oneof_is_merged_with_itself_and_begins_anew_after_another),
	    cmocka_unit_test(occurrences_of_a_singular_message_are_merged_at_every_depth),
	    cmocka_unit_test(elements_of_a_repeated_message_stay_apart),
	    cmocka_unit_test(packed_and_unpacked_are_one_list),
	    cmocka_unit_test(an_entry_of_a_map_may_lack_its_key_or_value_and_say_them_twice),
	    cmocka_unit_test(groups_are_messages_between_two_tags),
	    cmocka_unit_test(a_group_that_does_not_end_or_ends_another_is_refused),
	    cmocka_unit_test(unknown_fields_of_every_wire_type_are_kept_in_their_order),
	    cmocka_unit_test(another_wire_type_than_the_schemas_is_unknown),
	    cmocka_unit_test(a_number_that_a_closed_enum_does_not_know_is_unknown),
	    cmocka_unit_test(extensions_are_fields),
	    cmocka_unit_test(groups_and_extensions_are_merged_too),
	    cmocka_unit_test(the_items_of_a_message_set_are_kept),
	    cmocka_unit_test(tags_that_protobuf_does_not_have_are_refused),
	    cmocka_unit_test(a_varint_of_ten_bytes_is_one_and_of_eleven_is_none),
	    cmocka_unit_test(a_payload_cut_at_any_byte_is_whole_or_refused),
	    cmocka_unit_test(texts_are_utf8_and_bytes_are_anything),
	    cmocka_unit_test(messages_may_be_nested_to_the_limit_and_not_one_deeper),
	    cmocka_unit_test(the_codecs_own_depth_cannot_be_raised),
	    cmocka_unit_test(fields_may_occur_to_the_limit_and_not_once_more),
	    cmocka_unit_test(an_index_is_used_again),
	    cmocka_unit_test(nothing_is_an_empty_message),
	    cmocka_unit_test(what_the_messages_of_a_payload_take_is_limited),
	    cmocka_unit_test(a_cell_counts_only_in_the_build_that_filled_it),
	    cmocka_unit_test(a_list_is_walked_both_ways),
	};

	return cmocka_run_group_tests(tests, kit_load, kit_unload);
}

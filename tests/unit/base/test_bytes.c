// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "support/support.h"

static void
views_order_like_memcmp_and_the_shorter_first(void **state)
{
	(void)state;
	assert_int_equal(view_compare(view_text("a"), view_text("b")), -1);
	assert_int_equal(view_compare(view_text("b"), view_text("a")), 1);
	assert_int_equal(view_compare(view_text("a"), view_text("ab")), -1);
	assert_int_equal(view_compare(view_text("ab"), view_text("a")), 1);
	assert_int_equal(view_compare(view_text("ab"), view_text("ab")), 0);
	assert_int_equal(view_compare(VIEW_EMPTY, view_text("")), 0);
	assert_int_equal(view_compare(view_text("\xff"), view_text("a")), 1);
}

static void
empty_views_are_equal_whatever_they_point_at(void **state)
{
	(void)state;
	assert_true(view_equal(VIEW_EMPTY, view_of("x", 0)));
	assert_true(view_is(view_of("abc", 2), "ab"));
	assert_false(view_is(view_of("abc", 3), "ab"));
	assert_int_equal(view_text(NULL).len, 0);
}

static void
a_duplicate_is_terminated_and_keeps_what_follows_a_nul(void **state)
{
	char *copy = view_dup(view_of("a\0b", 3));

	(void)state;
	assert_memory_equal(copy, "a\0b\0", 4);
	free(copy);
	copy = view_dup(VIEW_EMPTY);
	assert_string_equal(copy, "");
	free(copy);
}

// The definition, bit by bit and slowly: decodes one character and checks it against the ranges of Unicode.
static bool
is_utf8_by_definition(const uint8_t *p, size_t len)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

	for (size_t i = 0; i < len;) {
		size_t need = p[i] < 0x80 ? 1 : p[i] >> 5 == 6 ? 2 : p[i] >> 4 == 14 ? 3 : p[i] >> 3 == 30 ? 4 : 0;
		uint32_t value = need == 1 ? p[i] : p[i] & (0xffU >> (need + 1));

		if (need == 0 || i + need > len) {
			return false;
		}
		for (size_t j = 1; j < need; j++) {
			if (p[i + j] >> 6 != 2) {
				return false;
			}
			value = value << 6 | (p[i + j] & 0x3f);
		}
		if (value < smallest[need] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
			return false;
		}
		i += need;
	}
	return true;
}

static void
utf8_is_judged_as_its_definition_says(void **state)
{
	static const uint8_t edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
	    0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
	const size_t n = sizeof(edges);

	(void)state;
	for (size_t i = 0; i < n * n * n * n; i++) {
		uint8_t p[4] = {edges[i % n], edges[i / n % n], edges[i / n / n % n], edges[i / n / n / n]};

		for (size_t len = 1; len <= 4; len++) {
			if (view_is_utf8(view_of(p, len)) != is_utf8_by_definition(p, len)) {
				fail_msg("%02x %02x %02x %02x, %zu of them", p[0], p[1], p[2], p[3], len);
			}
		}
	}
}

static void
one_bad_byte_is_found_wherever_it_stands_between_whole_words(void **state)
{
	(void)state;
	for (size_t len = 1; len <= 40; len++) {
		for (size_t at = 0; at < len; at++) {
			uint8_t text[40];

			memset(text, 'a', len);
			assert_true(view_is_utf8(view_of(text, len)));
			text[at] = 0xff;
			assert_false(view_is_utf8(view_of(text, len)));
			text[at] = 0xc3;
			if (at + 1 < len) {
				text[at + 1] = 0xb1;
				assert_true(view_is_utf8(view_of(text, len)));
			} else {
				assert_false(view_is_utf8(view_of(text, len)));
			}
		}
	}
}

static void
a_character_is_written_as_it_is_read(void **state)
{
	static const uint32_t edges[] = {
	    0, 'a', 0x7f, 0x80, 0xf1, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
	static const size_t sizes[] = {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4};
	struct buf b = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(edges); i++) {
		size_t before = b.len;

		buf_put_utf8(&b, edges[i]);
		assert_int_equal(b.len - before, sizes[i]);
		assert_true(is_utf8_by_definition(b.data + before, sizes[i]));
	}
	assert_memory_equal(b.data + 5, "\xc3\xb1", 2);
	buf_fini(&b);
}

static void
a_value_of_protobuf_is_passed_over_by_its_wire_type(void **state)
{
	static const struct {
		uint32_t wire_type;
		const char *bytes;
		size_t len, content;
		enum en_err err;
	} values[] = {{0, "\x96\x01", 2, 0, EN_OK}, {0, "\x96", 1, 0, EN_ETRUNCATED}, {1, "12345678", 8, 0, EN_OK},
	    {1, "1234567", 7, 0, EN_ETRUNCATED},
	    {2,
		"\x03"
		"abc",
		4, 3, EN_OK},
	    {2, "\x00", 1, 0, EN_OK},
	    {2,
		"\x04"
		"abc",
		4, 0, EN_ETRUNCATED},
	    {5, "1234", 4, 0, EN_OK}, {5, "123", 3, 0, EN_ETRUNCATED}, {3, "\x04", 1, 0, EN_EFORMAT},
	    {4, "", 0, 0, EN_EFORMAT}, {6, "1234", 4, 0, EN_EFORMAT}, {7, "", 0, 0, EN_EFORMAT}};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(values); i++) {
		struct rd r = rd_init(view_of(values[i].bytes, values[i].len));
		struct view content = VIEW_EMPTY;

		rd_skip(&r, values[i].wire_type, &content);
		assert_int_equal(r.err, values[i].err);
		assert_int_equal(content.len, values[i].content);
		assert_true(values[i].err != EN_OK || rd_left(&r) == 0);
	}
}

static void
utf8_is_judged_alike_whatever_lies_in_front_of_it(void **state)
{
	static const char *const texts[] = {"", "a", "\xc3\xb1",
	    ("ma\xc3\xb1"
	     "ana"),
	    "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xb1", "\xc3", "a\xe2\x82", "Nadie sabe que s\xc3\xad",
	    "Nadie sabe que s\xc3"};

	(void)state;
	for (size_t i = 0; i < EN_COUNT_OF(texts); i++) {
		for (size_t before = 0; before < 40; before++) {
			uint8_t room[80];
			size_t len = strlen(texts[i]);

			memset(room, before % 2 == 0 ? 0xff : 0xc3, before);
			memcpy(room + before, texts[i], len);
			assert_int_equal(utf8_check(room + before, len, room),
			    is_utf8_by_definition((const uint8_t *)texts[i], len));
		}
	}
}

static void
integers_are_read_as_they_were_put(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	buf_put_u8(&b, 0x01);
	buf_put_u16(&b, 0x0203);
	buf_put_u32(&b, 0x04050607);
	buf_put_u64(&b, UINT64_C(0x08090a0b0c0d0e0f));
	buf_put_text(&b, view_text("hola"));
	for (uint8_t i = 0; i < 15; i++) {
		assert_int_equal(b.data[i], i + 1); // big-endian
	}
	struct rd r = rd_init(buf_view(&b));

	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_u16(&r), 0x0203);
	assert_int_equal(rd_u32(&r), 0x04050607);
	assert_true(rd_u64(&r) == UINT64_C(0x08090a0b0c0d0e0f));
	assert_view_is("hola", rd_text(&r));
	assert_ok(rd_end(&r));
	buf_fini(&b);
}

static void
every_cut_of_a_record_is_an_error_and_reads_nothing_after_it(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	buf_put_u32(&b, 7);
	buf_put_text(&b, view_text("nombre"));
	buf_put_u64(&b, 9);
	for (size_t len = 0; len < b.len; len++) {
		// A copy of exactly that length, so that a sanitizer sees a read past its end.
		uint8_t *copy = malloc(len + 1);

		memcpy(copy + 1, b.data, len);
		struct rd r = rd_init(view_of(copy + 1, len));

		(void)rd_u32(&r);
		(void)rd_text(&r);
		assert_int_equal(rd_u64(&r), 0);
		assert_err(EN_ETRUNCATED, rd_end(&r));
		size_t left = rd_left(&r);

		assert_int_equal(rd_u8(&r), 0);
		assert_int_equal(rd_view(&r, 0).len, 0);
		assert_int_equal(rd_left(&r), left);
		free(copy);
	}
	buf_fini(&b);
}

static void
bytes_left_over_are_told(void **state)
{
	struct rd r = rd_init(view_text("ab"));

	(void)state;
	(void)rd_u8(&r);
	assert_err(EN_ETRAILING, rd_end(&r));
}

static void
an_empty_input_without_an_address_is_fine(void **state)
{
	struct rd r = rd_init(VIEW_EMPTY);

	(void)state;
	assert_ok(rd_end(&r));
	assert_int_equal(rd_view(&r, 0).len, 0);
	assert_ok(rd_end(&r));
	assert_int_equal(rd_varint(&r), 0);
	assert_err(EN_ETRUNCATED, rd_end(&r));
}

static void
varints_go_round_at_every_bit(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		for (uint64_t less = 0; less < 2; less++) {
			uint64_t value = (UINT64_C(1) << bit) - less;
			struct buf b = BUF_EMPTY;

			buf_put_varint(&b, value);
			struct rd r = rd_init(buf_view(&b));

			assert_true(rd_varint(&r) == value);
			assert_ok(rd_end(&r));
			buf_fini(&b);
		}
	}
}

static void
a_varint_has_ten_bytes_at_most(void **state)
{
	struct rd ten = rd_init(view_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10));
	struct rd eleven = rd_init(view_of("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 11));

	(void)state;
	assert_true(rd_varint(&ten) == UINT64_MAX);
	assert_ok(rd_end(&ten));
	assert_int_equal(rd_varint(&eleven), 0);
	assert_err(EN_EFORMAT, rd_end(&eleven));
	assert_int_equal(rd_left(&eleven), 11);
}

static void
a_text_longer_than_what_is_left_is_truncated_however_long_it_claims_to_be(void **state)
{
	struct rd r = rd_init(view_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
				      "abc",
	    13));

	(void)state;
	assert_int_equal(rd_text(&r).len, 0);
	assert_err(EN_ETRUNCATED, rd_end(&r));
}

static void
a_copy_that_fails_leaves_zeroes(void **state)
{
	struct rd r = rd_init(view_text("ab"));
	uint8_t dst[4] = {1, 2, 3, 4};

	(void)state;
	rd_copy(&r, dst, 4);
	assert_memory_equal(dst, "\0\0\0\0", 4);
	assert_err(EN_ETRUNCATED, rd_end(&r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(views_order_like_memcmp_and_the_shorter_first),
	    cmocka_unit_test(empty_views_are_equal_whatever_they_point_at),
	    cmocka_unit_test(a_duplicate_is_terminated_and_keeps_what_follows_a_nul),
	    cmocka_unit_test(utf8_is_judged_as_its_definition_says),
	    cmocka_unit_test(one_bad_byte_is_found_wherever_it_stands_between_whole_words),
	    cmocka_unit_test(a_character_is_written_as_it_is_read),
	    cmocka_unit_test(a_value_of_protobuf_is_passed_over_by_its_wire_type),
	    cmocka_unit_test(utf8_is_judged_alike_whatever_lies_in_front_of_it),
	    cmocka_unit_test(integers_are_read_as_they_were_put),
	    cmocka_unit_test(every_cut_of_a_record_is_an_error_and_reads_nothing_after_it),
	    cmocka_unit_test(bytes_left_over_are_told),
	    cmocka_unit_test(an_empty_input_without_an_address_is_fine),
	    cmocka_unit_test(varints_go_round_at_every_bit),
	    cmocka_unit_test(a_varint_has_ten_bytes_at_most),
	    cmocka_unit_test(a_text_longer_than_what_is_left_is_truncated_however_long_it_claims_to_be),
	    cmocka_unit_test(a_copy_that_fails_leaves_zeroes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

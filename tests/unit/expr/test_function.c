// SPDX-License-Identifier: Apache-2.0
// Every function of the language: what it gives, and where it gives an error.
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "unit/expr/run.h"

#define expect(text, wanted) run_expect(*state, text, wanted)

static void
whole_numbers_do_not_wrap(void **state)
{
	expect("9223372036854775807 + 1", "!overflow");
	expect("-9223372036854775808 - 1", "!overflow");
	expect("5000000000 * 5000000000", "!overflow");
	expect("(-9223372036854775808) / -1", "!overflow");
	expect("(-9223372036854775808) % -1", "!overflow");
	expect("-(-9223372036854775808)", "!overflow");
	expect("0u - 1u", "!overflow");
	expect("18446744073709551615u + 1u", "!overflow");
	expect("7 / 0", "!divide_by_zero");
	expect("7u % 0u", "!modulus_by_zero");
	expect("-7 / 2", "-3");
	expect("-7 % 2", "-1");
	expect("7.0 / 0.0 > 1e300", "true");
}

static void
texts_lists_and_times_are_added(void **state)
{
	expect("'a' + 'b' + ''", "\"ab\"");
	expect("b'a' + b'\\xff'", "b\"61ff\"");
	expect("[1] + [2, 3] + []", "[1, 2, 3]");
	expect("timestamp('2009-02-13T23:00:00Z') + duration('240s')", "@1234566240.000000000");
	expect("duration('1h') - duration('90m')", "-1800.000000000s");
	expect("timestamp('0001-01-01T00:00:01.000000001Z') + duration('-999999999ns')", "@-62135596800.000000002");
	expect("timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns')", "!range");
	expect("duration('2000000h') + duration('2000000h')", "!range");
}

static void
numbers_are_converted_when_they_fit(void **state)
{
	expect("int(3.99) + int(-3.99)", "0");
	expect("int(9223372036854775807.0)", "!range");
	expect("int(18446744073709551615u)", "!range");
	expect("uint(-1)", "!range");
	expect("uint(3.5)", "3u");
	expect("uint(18446744073709551616.0)", "!range");
	expect("double(7) + double(7u)", "14.0");
	expect("int('-9223372036854775808')", "-9223372036854775808");
	expect("int('9223372036854775808')", "!conversion");
	expect("int('1 ')", "!conversion");
	expect("int('')", "!conversion");
	expect("uint('300')", "300u");
	expect("uint('-1')", "!conversion");
	expect("double('-5.43e-21') < 0.0", "true");
	expect("double('.5') + double('1.')", "1.5");
	expect("double('0x10')", "!conversion");
	expect("double('NaN') == double('NaN')", "false");
	expect("bool('True') && !bool('f')", "true");
	expect("bool('TrUe')", "!conversion");
}

static void
texts_are_as_short_as_they_come_back_the_same(void **state)
{
	expect("string(123.456)", "\"123.456\"");
	expect("string(-4.5e-3)", "\"-0.0045\"");
	expect("string(1e21) + ' ' + string(1e20)", "\"1e+21 100000000000000000000\"");
	expect("string(1.5e-7) + ' ' + string(0.000001)", "\"1.5e-7 0.000001\"");
	expect("string(5e-324)", "\"5e-324\"");
	expect("string(-0.0)", "\"0\"");
	expect("string(1.0/0.0)", "\"Infinity\"");
	expect("string(true) + string(-5) + string(5u)", "\"true-55\"");
	expect("string(b'\\303\\277')", "\"\xc3\xbf\"");
	expect("string(b'\\xff')", "!utf8");
	expect("bytes('\\377')", "b\"c3bf\"");
	expect("string(timestamp('2009-02-13T23:31:30.120Z'))", "\"2009-02-13T23:31:30.12Z\"");
	expect("string(duration('-1h0.5s'))", "\"-3600.5s\"");
	expect("string(duration('0'))", "\"0s\"");
}

static void
durations_are_read_as_go_writes_them(void **state)
{
	expect("duration('1h45m47s')", "6347.000000000s");
	expect("duration('-1.5ms')", "0.-01500000s");
	expect("duration('1.s.5us')", "1.000000500s");
	expect("duration('1')", "!conversion");
	expect("duration('')", "!conversion");
	expect("duration('1x')", "!conversion");
	expect("duration('320000000000s')", "!conversion");
	expect("duration('99999999999999999999s')", "!conversion");
}

static void
positions_count_characters(void **state)
{
	expect("'ta\xc2\xa9o\xc2\xa9\xce\xb1T'.indexOf('\xc2\xa9', 3)", "4");
	expect("'ta\xc2\xa9o\xc2\xa9\xce\xb1T'.lastIndexOf('\xc2\xa9', 3)", "2");
	expect("'tacocat'.indexOf('none')", "-1");
	expect("'tacocat'.indexOf('', 7)", "7");
	expect("'tacocat'.indexOf('a', 8)", "!index_out_of_range");
	expect("'tacocat'.lastIndexOf('')", "7");
	expect("'tacocat'.lastIndexOf('a', -1)", "!index_out_of_range");
	expect("''.lastIndexOf('@@')", "-1");
	expect("'\xc2\xa9\xce\xb1T'.charAt(1) + 'abc'.charAt(3)", "\"\xce\xb1\"");
	expect("'abc'.charAt(4)", "!index_out_of_range");
	expect("'ta\xc2\xa9o'.substring(2, 4)", "\"\xc2\xa9o\"");
	expect("'abc'.substring(2, 1)", "!bad_argument");
	expect("size('\xc3\xbf') + '\xc3\xbf'.size() + size(b'ab')", "4");
}

static void
a_text_that_is_not_set_is_an_empty_one(void **state)
{
	expect(
	    "[data.maybe_text.substring(0, 0), data.maybe_text.trim(), data.maybe_text.charAt(0), data.maybe_text.lowerAscii()]",
	    "[\"\", \"\", \"\", \"\"]");
	expect("data.maybe_text.split(',').join('-') + data.maybe_text.replace('', 'x') + data.maybe_text.reverse()",
	    "\"x\"");
	expect("[data.maybe_text.indexOf(''), data.maybe_text.lastIndexOf('a'), size(data.maybe_text)]", "[0, -1, 0]");
	expect(
	    "data.maybe_text.matches('^$') && data.maybe_text + data.maybe_text == '' && bytes(data.maybe_text) == b''",
	    "true");
	expect(
	    "strings.quote(data.maybe_text) + '%s'.format([data.maybe_text]) + base64.encode(data.boxed_text == null ? b'' : b'x')",
	    "\"\"\"\"");
}

static void
texts_are_searched_split_and_joined(void **state)
{
	expect("'foobar'.contains('oba') && 'foobar'.startsWith('') && !'foobar'.endsWith('foobarx')", "true");
	expect("'a,b,,c'.split(',')", "[\"a\", \"b\", \"\", \"c\"]");
	expect("'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]");
	expect("'a,b'.split(',', 0)", "[]");
	expect("'a\xc3\xbf"
	       "b'.split('')",
	    "[\"a\", \"\xc3\xbf\", \"b\"]");
	expect("''.split(',')", "[\"\"]");
	expect("['x', 'y'].join('-') + [].join()", "\"x-y\"");
	expect("dyn(['x', 1]).join()", "!no_such_overload");
	expect("'{0} days {0} hours'.replace('{0}', '2', 1)", "\"2 days {0} hours\"");
	expect("'ab'.replace('', '-')", "\"-a-b-\"");
	expect("'aaa'.replace('aa', 'b')", "\"ba\"");
	expect("' \\u2003a b\\u00a0\\n'.trim()", "\"a b\"");
	expect("' \\t'.trim()", "\"\"");
	expect("'TacoC\xc3\x86t'.lowerAscii() + '\xce\xb1x'.upperAscii()", "\"tacoc\xc3\x86t\xce\xb1X\"");
	expect("'a\xc3\xbf"
	       "b'.reverse()",
	    "\"b\xc3\xbf"
	    "a\"");
	expect("strings.quote('a\"b\\n\\\\')", "\"\"a\\\"b\\n\\\\\"\"");
	expect("'hubba'.matches('^h(u|x)b+a$') && matches('x', 'X|x')", "true");
	expect("'a'.matches('(')", "refused format");
	expect("'a'.matches(string('('))", "!bad_pattern");
}

static void
format_writes_values(void **state)
{
	expect("'%s %s %s'.format([1, 'a', b'b'])", "\"1 a b\"");
	expect("'%s'.format([{'b': [1.5, null], 'a': duration('2h'), true: timestamp(0)}])",
	    "\"{a: 7200s, b: [1.5, null], true: 1970-01-01T00:00:00Z}\"");
	expect("'%d %d%%'.format([5, 7u])", "\"5 7%\"");
	expect("'%.3f|%f|%.0f|%e'.format([1.2345, 2, 2.5, 1052.03])", "\"1.234|2.000000|2|1.052030e+03\"");
	expect("'%b %o %x %X %X'.format([5, 11, -30, 'hi', true ? b'\\xab' : b''])", "\"101 13 -1e 6869 AB\"");
	expect("'%d'.format([double('NaN')])", "\"NaN\"");
	expect("'%a'.format([1])", "!bad_format");
	expect("'%d %d'.format([1])", "!bad_format");
	expect("'%'.format([1])", "!bad_format");
	expect("'%d'.format(['x'])", "!bad_format");
	expect("'%s'.format([data])", "!bad_format");
	expect("'%.101f'.format([1.0])", "!bad_format");
}

static void
parts_of_times_are_those_of_the_zone(void **state)
{
	expect(
	    "[data.at.getFullYear(), data.at.getMonth(), data.at.getDate(), data.at.getDayOfMonth(), data.at.getDayOfWeek(), "
	    "data.at.getDayOfYear(), data.at.getHours(), data.at.getMinutes(), data.at.getSeconds(), data.at.getMilliseconds()]",
	    "[2009, 1, 13, 12, 5, 43, 23, 31, 30, 500]");
	expect(
	    "[data.at.getDate('+11:00'), data.at.getHours('-02:30'), data.at.getHours('02:00'), data.at.getMinutes('UTC')]",
	    "[14, 21, 1, 31]");
	expect(
	    "[data.lasts.getHours(), data.lasts.getMinutes(), data.lasts.getSeconds(), data.lasts.getMilliseconds()]",
	    "[0, 1, 90, 250]");
	expect("data.at.getHours('Nowhere/Land')", "refused format");
	expect("data.at.getHours('America/Mexico_City') + data.at.getMinutes('Asia/Kathmandu')", "33");
	expect("data.at.getHours('+1:00' + '')", "!no_such_zone");
	expect("data.at.getHours('+25:00')", "refused format");
	expect("timestamp('1969-12-31T23:59:59Z').getDayOfWeek()", "3");
}

static void
numbers_have_their_extension(void **state)
{
	expect("math.greatest(1, 2.5, 2u)", "2.5");
	expect("math.least([3, 1, 2])", "1");
	expect("math.least(1, 1.0)", "1");
	expect("math.greatest(dyn('a'), 1)", "!no_such_overload");
	expect("[math.ceil(-1.2), math.floor(-1.2), math.round(-1.5), math.trunc(-1.9)]", "[-1.0, -2.0, -2.0, -1.0]");
	expect("[math.greatest(0.0 / 0.0, 1.0) > 0.0]", "!unordered");
	expect("math.least([1, dyn(0.0 / 0.0), 2u])", "!unordered");
	expect("math.isNaN(math.least([0.0 / 0.0]))", "true");
	expect("math.least([])", "!bad_argument");
	expect("math.abs(-9223372036854775808)", "!overflow");
	expect("[math.abs(-5), math.sign(-3), math.sign(0)]", "[5, -1, 0]");
	expect("math.isNaN(0.0 / 0.0) && math.isInf(1.0 / 0.0) && math.isFinite(1.0)", "true");
	expect("[math.bitAnd(6, 3), math.bitOr(4, -2), math.bitXor(1, 3), math.bitNot(0)]", "[2, -2, 2, -1]");
	expect("[math.bitShiftLeft(1, 2), math.bitShiftLeft(1, 64), math.bitShiftRight(-1024, 3)]",
	    "[4, 0, 2305843009213693824]");
	expect("math.bitShiftLeft(1u, -1)", "!bad_argument");
	expect("math.sqrt(16) + math.sqrt(9.0)", "7.0");
}

// As the reference implementations have it: the other side is not looked at when there is a value.
static void
a_number_has_digits_to_the_limit_and_no_more(void **state)
{
	struct buf text = BUF_EMPTY;

	for (size_t len = LIMIT_NUMBER_BYTES; len <= LIMIT_NUMBER_BYTES + 1; len++) {
		buf_clear(&text);
		buf_printf(&text, "double('%0*d') == 7.0", (int)len, 7);
		expect(buf_cstr(&text), len == LIMIT_NUMBER_BYTES ? "true" : "!conversion");
	}
	buf_fini(&text);
}

// A NUL is a character like any other.
static void
texts_do_not_end_at_a_nul(void **state)
{
	expect("['a\\x00b'.size(), 'a\\x00b'.indexOf('b'), 'a\\x00b'.lastIndexOf('\\x00')]", "[3, 2, 1]");
	expect("'a\\x00b' == 'a' || 'a\\x00b' < 'a' || 'a'.contains('a\\x00')", "false");
	expect("'a\\x00b'.matches('^a.b$') && 'a\\x00b'.matches('\\x00') && !'a\\x00b'.matches('a$')", "true");
	expect("{'a\\x00': 1, 'a': 2}['a']", "2");
	expect("'a\\x00b\\x00c'.split('\\x00')", "[\"a\", \"b\", \"c\"]");
	expect("'a\\x00b'.replace('\\x00', '-') + '\\x00x'.reverse().charAt(0)", "\"a-bx\"");
	expect("double('1\\x00')", "!conversion");
	expect("int('1\\x00')", "!conversion");
	expect("timestamp('2024-01-01T00:00:00Z\\x00')", "!conversion");
	expect("duration('1s\\x00')", "!conversion");
	expect("data.at.getHours(string('UTC\\x00'))", "!no_such_zone");
}

static void
the_alternative_to_a_value_is_not_looked_at(void **state)
{
	expect("optional.of(1).orValue(1 / 0)", "1");
	expect("optional.of(1).or(optional.of(1 / 0))", "some(1)");
	expect("optional.none().orValue(1 / 0)", "!divide_by_zero");
	expect("optional.none().or(optional.of(1 / 0))", "!divide_by_zero");
	expect("optional.of(1 / 0).orValue(2)", "!divide_by_zero");
	expect("optional.none().or(optional.none()).or(optional.of(3)).orValue(4)", "3");
	expect("dyn(1).orValue(2)", "!no_such_overload");
	expect("optional.none().or(dyn(2))", "!no_such_overload");
	expect("[1][?3].orValue(7) + {'a': 1}[?'a'].orValue(1 / 0)", "8");
}

static void
optional_values_carry_what_may_be_missing(void **state)
{
	expect("optional.of(1)", "some(1)");
	expect("optional.none().or(optional.of(2)).orValue(3)", "2");
	expect("optional.ofNonZeroValue('').hasValue()", "false");
	expect("optional.ofNonZeroValue(Leaf{}).hasValue()", "false");
	expect("optional.none().value()", "!no_value");
	expect("[?{}.?c, ?optional.of(42), ?optional.none()]", "[42]");
	expect("{?'a': optional.none(), 'b': 1}", "{\"b\": 1}");
	expect("{'c': {'d': 1}}.?c.d", "some(1)");
	expect("{'c': {}}.?c.d.orValue(5)", "5");
	expect("[7][?0].orValue(0) + [7][?1].orValue(1)", "8");
	expect("data.?leaf.b.orValue('') + data.?word.orValue('')", "\"xw\"");
	expect("data.?branch", "none");
	expect("optional.of(1) == optional.of(1) && optional.none() != optional.of(1)", "true");
	expect("optional.of(2).optMap(y, y + 1).value()", "3");
}

static void
base64_is_there_and_back(void **state)
{
	expect("base64.encode(b'hello')", "\"aGVsbG8=\"");
	expect("base64.decode('aGVsbG8') == base64.decode('aGVsbG8=')", "true");
	expect("base64.decode('a*')", "!conversion");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_numbers_do_not_wrap),
	    cmocka_unit_test(texts_lists_and_times_are_added),
	    cmocka_unit_test(numbers_are_converted_when_they_fit),
	    cmocka_unit_test(texts_are_as_short_as_they_come_back_the_same),
	    cmocka_unit_test(durations_are_read_as_go_writes_them),
	    cmocka_unit_test(positions_count_characters),
	    cmocka_unit_test(a_text_that_is_not_set_is_an_empty_one),
	    cmocka_unit_test(texts_are_searched_split_and_joined),
	    cmocka_unit_test(format_writes_values),
	    cmocka_unit_test(parts_of_times_are_those_of_the_zone),
	    cmocka_unit_test(numbers_have_their_extension),
	    cmocka_unit_test(a_number_has_digits_to_the_limit_and_no_more),
	    cmocka_unit_test(texts_do_not_end_at_a_nul),
	    cmocka_unit_test(the_alternative_to_a_value_is_not_looked_at),
	    cmocka_unit_test(optional_values_carry_what_may_be_missing),
	    cmocka_unit_test(base64_is_there_and_back),
	};

	return cmocka_run_group_tests(tests, run_open, run_close);
}

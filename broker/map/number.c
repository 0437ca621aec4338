// SPDX-License-Identifier: Apache-2.0
// The kinds' widths and signs are a table; everything else follows from it.
#include "map/number.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "schema/scalar.h"

static const struct kind_row {
	const char *name; // in a .proto
	uint8_t width; // of integers, in bits; 0: no integer
	bool is_signed, is_zigzag, is_float;
} kinds[] = {
    [KIND_DOUBLE] = {.name = "double", .is_float = true},
    [KIND_FLOAT] = {.name = "float", .is_float = true},
    [KIND_INT64] = {.name = "int64", .width = 64, .is_signed = true},
    [KIND_UINT64] = {.name = "uint64", .width = 64},
    [KIND_INT32] = {.name = "int32", .width = 32, .is_signed = true},
    [KIND_FIXED64] = {.name = "fixed64", .width = 64},
    [KIND_FIXED32] = {.name = "fixed32", .width = 32},
    [KIND_UINT32] = {.name = "uint32", .width = 32},
    [KIND_SFIXED32] = {.name = "sfixed32", .width = 32, .is_signed = true},
    [KIND_SFIXED64] = {.name = "sfixed64", .width = 64, .is_signed = true},
    [KIND_SINT32] = {.name = "sint32", .width = 32, .is_signed = true, .is_zigzag = true},
    [KIND_SINT64] = {.name = "sint64", .width = 64, .is_signed = true, .is_zigzag = true},
};

const char *
kind_name(enum schema_kind kind)
{
	return kinds[kind].name;
}

bool
kind_is_integer(enum schema_kind kind)
{
	return kinds[kind].width > 0;
}

bool
kind_is_float(enum schema_kind kind)
{
	return kinds[kind].is_float;
}

bool
kind_widens(enum schema_kind from, enum schema_kind to)
{
	const struct kind_row *a = &kinds[from], *b = &kinds[to];

	if (b->is_float) {
		// A double holds every 32-bit integer and every float; a float holds only floats.
		return to == KIND_DOUBLE ? a->is_float || a->width == 32 : from == KIND_FLOAT;
	}
	if (a->width == 0 || b->width == 0) {
		return false;
	}
	return a->is_signed == b->is_signed ? a->width <= b->width : !a->is_signed && a->width < b->width;
}

uint64_t
number_decode(enum schema_kind kind, uint64_t bits)
{
	const struct kind_row *k = &kinds[kind];

	if (kind == KIND_BOOL) {
		return bits != 0;
	}
	if (kind == KIND_ENUM) {
		return (uint64_t)(int64_t)(int32_t)(uint32_t)bits;
	}
	if (k->is_zigzag) {
		bits = bits >> 1 ^ (0 - (bits & 1));
	}
	if (k->width == 32) {
		return k->is_signed ? (uint64_t)(int64_t)(int32_t)(uint32_t)bits : (uint32_t)bits;
	}
	return bits;
}

static double
as_double(enum schema_kind kind, uint64_t bits)
{
	if (kinds[kind].is_float) {
		return scalar_float(kind, bits);
	}
	return kinds[kind].is_signed ? (double)(int64_t)number_decode(kind, bits) : (double)number_decode(kind, bits);
}

int
number_compare(enum schema_kind kind, uint64_t a, uint64_t b)
{
	if (kinds[kind].is_float) {
		double x = as_double(kind, a), y = as_double(kind, b);

		return isnan(x) || isnan(y) ? (isnan(x) != 0) - (isnan(y) != 0) : (x > y) - (x < y);
	}
	uint64_t x = number_decode(kind, a), y = number_decode(kind, b);

	return kinds[kind].is_signed || kind == KIND_ENUM ? ((int64_t)x > (int64_t)y) - ((int64_t)x < (int64_t)y)
							  : (x > y) - (x < y);
}

uint64_t
number_convert(enum schema_kind from, enum schema_kind to, uint64_t bits)
{
	if (from == to) {
		return bits;
	}
	if (kinds[to].is_float) {
		return scalar_float_bits(to, as_double(from, bits));
	}
	return scalar_whole_bits(to, number_decode(from, bits));
}

size_t
number_format(enum schema_kind kind, uint64_t bits, char dst[static NUMBER_TEXT_BYTES])
{
	uint64_t value = number_decode(kind, bits);

	if (kind == KIND_BOOL) {
		return (size_t)snprintf(dst, NUMBER_TEXT_BYTES, "%s", value != 0 ? "true" : "false");
	}
	if (kind == KIND_ENUM || kinds[kind].is_signed) {
		return (size_t)snprintf(dst, NUMBER_TEXT_BYTES, "%" PRId64, (int64_t)value);
	}
	return (size_t)snprintf(dst, NUMBER_TEXT_BYTES, "%" PRIu64, value);
}

static bool
parse_integer(const struct kind_row *k, enum schema_kind kind, struct view text, uint64_t *ret_bits)
{
	bool minus = text.len > 0 && text.data[0] == '-';
	uint64_t max = k->width == 32 ? (k->is_signed ? INT32_MAX : UINT32_MAX) : k->is_signed ? INT64_MAX : UINT64_MAX;
	uint64_t value = 0;

	if (minus && !k->is_signed) {
		return false;
	}
	max += minus ? 1 : 0;
	if (text.len == (minus ? 1U : 0U)) {
		return false;
	}
	for (size_t i = minus ? 1 : 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)text.data[i] - '0';

		if (digit > 9 || value > (max - digit) / 10) {
			return false;
		}
		value = value * 10 + digit;
	}
	*ret_bits = scalar_whole_bits(kind, minus ? 0 - value : value);
	return true;
}

static size_t
skip_digits(struct view text, size_t at)
{
	while (at < text.len && text.data[at] >= '0' && text.data[at] <= '9') {
		at++;
	}
	return at;
}

// -?digits(.digits)?([eE][+-]?digits)?
static bool
is_decimal(struct view text)
{
	size_t at = text.len > 0 && text.data[0] == '-' ? 1 : 0, end = skip_digits(text, at);

	if (end == at) {
		return false;
	}
	at = end;
	if (at < text.len && text.data[at] == '.') {
		end = skip_digits(text, at + 1);
		if (end == at + 1) {
			return false;
		}
		at = end;
	}
	if (at < text.len && (text.data[at] | 0x20) == 'e') {
		at++;
		at += at < text.len && (text.data[at] == '+' || text.data[at] == '-') ? 1 : 0;
		end = skip_digits(text, at);
		if (end == at) {
			return false;
		}
		at = end;
	}
	return at == text.len;
}

static bool
parse_float(enum schema_kind kind, struct view text, uint64_t *ret_bits)
{
	char copy[64], *end;

	if (text.len >= sizeof(copy) || !is_decimal(text)) {
		return false;
	}
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	double d = strtod(copy, &end);

	if (*end != '\0' || !isfinite(d) || (kind == KIND_FLOAT && fabs(d) > (double)FLT_MAX)) {
		return false;
	}
	*ret_bits = scalar_float_bits(kind, d);
	return true;
}

bool
number_parse(enum schema_kind kind, struct view text, uint64_t *ret_bits)
{
	if (kind == KIND_BOOL) {
		bool yes = view_is(text, "true");

		if (yes || view_is(text, "false")) {
			*ret_bits = yes;
			return true;
		}
		return false;
	}
	if (kinds[kind].is_float) {
		return parse_float(kind, text, ret_bits);
	}
	return kinds[kind].width > 0 && parse_integer(&kinds[kind], kind, text, ret_bits);
}

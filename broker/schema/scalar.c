// SPDX-License-Identifier: Apache-2.0
#include "schema/scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

bool
scalar_is_signed(enum schema_kind kind)
{
	return kind == KIND_INT32 || kind == KIND_INT64 || kind == KIND_SINT32 || kind == KIND_SINT64 ||
	    kind == KIND_SFIXED32 || kind == KIND_SFIXED64 || kind == KIND_ENUM;
}

bool
scalar_is_narrow(enum schema_kind kind)
{
	return kind == KIND_INT32 || kind == KIND_UINT32 || kind == KIND_SINT32 || kind == KIND_FIXED32 ||
	    kind == KIND_SFIXED32 || kind == KIND_ENUM;
}

uint64_t
scalar_whole_bits(enum schema_kind kind, uint64_t number)
{
	if (kind == KIND_SINT32 || kind == KIND_SINT64) {
		return number << 1 ^ (0 - (number >> 63));
	}
	return kind == KIND_SFIXED32 ? (uint32_t)number : number;
}

uint64_t
scalar_float_bits(enum schema_kind kind, double number)
{
	uint64_t bits;

	if (kind == KIND_FLOAT) {
		float narrow = (float)number;
		uint32_t half;

		memcpy(&half, &narrow, sizeof(half));
		return half;
	}
	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

double
scalar_float(enum schema_kind kind, uint64_t bits)
{
	double number;

	if (kind == KIND_FLOAT) {
		uint32_t half = (uint32_t)bits;
		float narrow;

		memcpy(&narrow, &half, sizeof(narrow));
		return (double)narrow;
	}
	memcpy(&number, &bits, sizeof(number));
	return number;
}

static size_t
count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

// -12.5e+3: strtod and strtoll take more than that (blanks before, hexadecimal, words).
static bool
is_number_text(const char *text)
{
	size_t before, behind = 0;

	text += *text == '-';
	before = count_digits(text);
	text += before;
	if (*text == '.') {
		behind = count_digits(++text);
		text += behind;
	}
	if (before + behind > 0 && (*text == 'e' || *text == 'E')) {
		text++;
		text += *text == '-' || *text == '+';
		behind = count_digits(text);
		text += behind;
		return behind > 0 && *text == '\0';
	}
	return before + behind > 0 && *text == '\0';
}

// "1.0", "1e2": a whole number in the clothes of another. Exact up to 2^53.
static bool
whole_from_float(const char *text, int64_t *ret)
{
	char *end;
	double number = strtod(text, &end);

	if (*end != '\0' || !isfinite(number) || number != floor(number) || fabs(number) > 9007199254740992.0) {
		return false;
	}
	*ret = (int64_t)number;
	return true;
}

static bool
signed_from_text(enum schema_kind kind, const char *text, uint64_t *ret)
{
	char *end;
	int64_t number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0 || (*end != '\0' && !whole_from_float(text, &number)) ||
	    (scalar_is_narrow(kind) && (number < INT32_MIN || number > INT32_MAX))) {
		return false;
	}
	*ret = scalar_whole_bits(kind, (uint64_t)number);
	return true;
}

static bool
unsigned_from_text(enum schema_kind kind, const char *text, uint64_t *ret)
{
	char *end;
	int64_t whole;

	errno = 0;
	*ret = strtoull(text, &end, 10);
	if (text[0] == '-' || errno != 0) {
		return false;
	}
	if (*end != '\0') {
		if (!whole_from_float(text, &whole) || whole < 0) {
			return false;
		}
		*ret = (uint64_t)whole;
	}
	return !scalar_is_narrow(kind) || *ret <= UINT32_MAX;
}

static bool
float_from_text(enum schema_kind kind, const char *text, uint64_t *ret)
{
	bool special = strcmp(text, "NaN") == 0 || strcmp(text, "Infinity") == 0 || strcmp(text, "-Infinity") == 0;
	char *end;
	double number = strtod(text, &end);

	if (*end != '\0' || (!special && (!isfinite(number) || !is_number_text(text)))) {
		return false;
	}
	*ret = scalar_float_bits(kind, number);
	return special || isfinite(scalar_float(kind, *ret));
}

bool
scalar_from_text(const struct schema_field *f, struct view v, uint64_t *ret)
{
	const struct schema_enum_value *value;
	char text[LIMIT_NUMBER_BYTES + 1];

	if (f->kind == KIND_ENUM) {
		value = schema_enum_by_name(f->enumeration, v);
		if (value != NULL) {
			*ret = (uint64_t)(int64_t)value->number;
			return true;
		}
	}
	if (v.len == 0 || v.len >= sizeof(text) || memchr(v.data, '\0', v.len) != NULL) {
		return false;
	}
	memcpy(text, v.data, v.len);
	text[v.len] = '\0';
	if (f->kind == KIND_BOOL) {
		*ret = strcmp(text, "true") == 0;
		return *ret || strcmp(text, "false") == 0;
	}
	if (f->kind == KIND_DOUBLE || f->kind == KIND_FLOAT) {
		return float_from_text(f->kind, text, ret);
	}
	if (!is_number_text(text)) {
		return false;
	}
	return scalar_is_signed(f->kind) ? signed_from_text(f->kind, text, ret)
					 : unsigned_from_text(f->kind, text, ret);
}

// As few digits as read back as the same number; never fewer than its kind can hold.
static void
put_float(enum schema_kind kind, uint64_t bits, struct buf *out)
{
	char text[40];
	double number = scalar_float(kind, bits);

	if (isnan(number) || isinf(number)) {
		buf_put_str(out, isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
		return;
	}
	for (int precision = kind == KIND_FLOAT ? 6 : 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, number);
		if (kind == KIND_FLOAT ? (double)strtof(text, NULL) == number : strtod(text, NULL) == number) {
			break;
		}
	}
	buf_put_str(out, text);
}

void
scalar_to_text(const struct schema_field *f, uint64_t bits, struct buf *out)
{
	const struct schema_enum_value *value;

	switch (f->kind) {
	case KIND_DOUBLE:
	case KIND_FLOAT:
		put_float(f->kind, bits, out);
		break;
	case KIND_BOOL:
		buf_put_str(out, bits != 0 ? "true" : "false");
		break;
	case KIND_ENUM:
		value = schema_enum_by_number(f->enumeration, (int32_t)bits);
		if (value != NULL) {
			buf_put_str(out, value->name);
		} else {
			buf_printf(out, "%" PRId32, (int32_t)bits);
		}
		break;
	case KIND_SINT32:
	case KIND_SINT64:
		buf_printf(out, "%" PRId64, index_zigzag(bits));
		break;
	case KIND_INT32:
	case KIND_SFIXED32:
		buf_printf(out, "%" PRId32, (int32_t)bits);
		break;
	case KIND_INT64:
	case KIND_SFIXED64:
		buf_printf(out, "%" PRId64, (int64_t)bits);
		break;
	case KIND_UINT32:
	case KIND_FIXED32:
		buf_printf(out, "%" PRIu32, (uint32_t)bits);
		break;
	default:
		buf_printf(out, "%" PRIu64, bits);
	}
}

void
scalar_put(const struct schema_field *f, uint64_t bits, struct view content, bool with_tag, struct buf *out)
{
	enum wire_type wire = schema_wire_type(f->kind);

	if (with_tag) {
		buf_put_varint(out, (uint64_t)f->number << 3 | (uint64_t)wire);
	}
	switch (wire) {
	case WIRE_LEN:
		buf_put_text(out, content);
		break;
	case WIRE_VARINT:
		buf_put_varint(out, bits);
		break;
	default:
		for (unsigned int i = 0; i < (wire == WIRE_I64 ? 8u : 4u); i++) {
			buf_put_u8(out, (uint8_t)(bits >> (8 * i)));
		}
	}
}

bool
scalar_may_be_listed(struct view value, const char *separator, bool is_last)
{
	size_t step = strlen(separator);

	if (value.len == 0 || memmem(value.data, value.len, separator, step) != NULL) {
		return false;
	}
	// "a|" in front of "||": the separator is found one character early.
	for (size_t tail = 1; !is_last && tail < step && tail <= value.len; tail++) {
		if (memcmp(value.data + value.len - tail, separator, tail) == 0 &&
		    memcmp(separator + tail, separator, step - tail) == 0) {
			return false;
		}
	}
	return true;
}

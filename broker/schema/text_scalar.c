// SPDX-License-Identifier: Apache-2.0
// Numbers, truths and words of enums, as text format writes them.
#include "base/limits.h"
#include "schema/scalar.h"
#include "schema/text_read.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

// A whole number in base 10, 16 (0x) or 8 (0).
static bool
magnitude_of(struct view text, uint64_t *ret)
{
	uint64_t base = 10, value = 0;
	size_t i = 0;

	if (text.len > 1 && text.data[0] == '0') {
		base = text.data[1] == 'x' || text.data[1] == 'X' ? 16 : 8;
		i = base == 16 ? 2 : 1;
	}
	if (i == text.len) {
		return false;
	}
	for (; i < text.len; i++) {
		uint64_t digit = (uint64_t)hex_value(text.data[i]); // of what is none it is larger than any

		if (digit >= base || value > (UINT64_MAX - digit) / base) {
			return false;
		}
		value = value * base + digit;
	}
	*ret = value;
	return true;
}

static bool
whole_number(const struct schema_field *f, struct view text, bool negative, uint64_t *ret_bits)
{
	uint64_t most = scalar_is_narrow(f->kind) ? UINT32_MAX : UINT64_MAX, value;

	if (!magnitude_of(text, &value) || (negative && !scalar_is_signed(f->kind) && value != 0)) {
		return false;
	}
	most = scalar_is_signed(f->kind) ? most / 2 + negative : most;
	if (value > most) {
		return false;
	}
	*ret_bits = scalar_whole_bits(f->kind, negative ? 0 - value : value);
	return true;
}

static bool
decimal_number(const struct schema_field *f, struct view text, bool negative, uint64_t *ret_bits)
{
	char copy[LIMIT_NUMBER_BYTES + 1], *end;
	double value;

	if (text.len == 0 || text.len > LIMIT_NUMBER_BYTES) {
		return false;
	}
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	if (strcasecmp(copy, "inf") == 0 || strcasecmp(copy, "infinity") == 0) {
		value = HUGE_VAL;
	} else if (strcasecmp(copy, "nan") == 0) {
		value = (double)NAN;
	} else if (!isdigit((unsigned char)copy[0]) && copy[0] != '.') {
		return false;
	} else if (copy[0] == '0' && text.len > 1 && (isdigit((unsigned char)copy[1]) || tolower(copy[1]) == 'x')) {
		return false; // neither octal nor hexadecimal is a decimal number
	} else {
		value = strtod(copy, &end);
		end += *end == 'f' || *end == 'F';
		if (*end != '\0') {
			return false;
		}
	}
	*ret_bits = scalar_float_bits(f->kind, negative ? -value : value);
	return true;
}

static bool
truth(struct view text, uint64_t *ret_bits)
{
	static const char *const words[] = {"false", "true", "False", "True", "f", "t"};

	for (size_t i = 0; i < EN_COUNT_OF(words); i++) {
		if (view_is(text, words[i])) {
			*ret_bits = i & 1;
			return true;
		}
	}
	return magnitude_of(text, ret_bits) && *ret_bits <= 1;
}

static bool
enum_bits(const struct text_read *r, const struct schema_field *f, bool negative, uint64_t *ret_bits)
{
	const struct schema_enum_value *v;

	if (r->token == TEXT_NAME) {
		v = negative ? NULL : schema_enum_by_name(f->enumeration, r->text);
		*ret_bits = v == NULL ? 0 : (uint64_t)(int64_t)v->number;
		return v != NULL;
	}
	return whole_number(f, r->text, negative, ret_bits) &&
	    (!f->enumeration->closed || schema_enum_by_number(f->enumeration, (int32_t)*ret_bits) != NULL);
}

bool
text_scalar(const struct text_read *r, const struct schema_field *f, bool negative, uint64_t *ret_bits)
{
	if (r->token != TEXT_NAME && r->token != TEXT_NUMBER) {
		return false;
	}
	switch (f->kind) {
	case KIND_BOOL:
		return !negative && truth(r->text, ret_bits);
	case KIND_ENUM:
		return enum_bits(r, f, negative, ret_bits);
	case KIND_DOUBLE:
	case KIND_FLOAT:
		return decimal_number(f, r->text, negative, ret_bits);
	default:
		return r->token == TEXT_NUMBER && whole_number(f, r->text, negative, ret_bits);
	}
}

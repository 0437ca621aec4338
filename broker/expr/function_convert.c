// SPDX-License-Identifier: Apache-2.0
// Conversions between types. What does not fit is an error; texts are read strictly and written as short as they come back the same.
#include "expr/function_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define UNUSED (void)run

void
cel_identity(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = args[0];
}

// ---- numbers --------------------------------------------------------------------------------------------------------

void
cel_int_from_uint(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = args[0].unsigned_integer > INT64_MAX ? cel_error(CEL_ERROR_RANGE) : cel_int(args[0].integer);
}

void
cel_int_from_double(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	double d = args[0].number;

	UNUSED;
	*ret = d > -0x1p63 && d < 0x1p63 ? cel_int((int64_t)d) : cel_error(CEL_ERROR_RANGE);
}

void
cel_uint_from_int(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = args[0].integer < 0 ? cel_error(CEL_ERROR_RANGE) : cel_uint(args[0].unsigned_integer);
}

void
cel_uint_from_double(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	double d = args[0].number;

	UNUSED;
	*ret = d >= 0 && d < 0x1p64 ? cel_uint((uint64_t)d) : cel_error(CEL_ERROR_RANGE);
}

void
cel_double_from_int(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_double((double)args[0].integer);
}

void
cel_double_from_uint(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_double((double)args[0].unsigned_integer);
}

// Digits alone; false when there are none, other characters, or too many for the type.
static bool
read_digits(struct view text, uint64_t *ret)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(text.data[i] - '0'), &n)) {
			return false;
		}
	}
	*ret = n;
	return text.len > 0;
}

void
cel_int_from_string(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]);
	bool minus = text.len > 0 && text.data[0] == '-', sign = minus || (text.len > 0 && text.data[0] == '+');
	uint64_t n;

	(void)run_charge_text(run, args[0]);
	if (!read_digits((struct view){text.data + sign, text.len - sign}, &n) || n > (uint64_t)INT64_MAX + minus) {
		*ret = cel_error(CEL_ERROR_CONVERSION);
		return;
	}
	*ret = cel_int((int64_t)(minus ? 0 - n : n));
}

void
cel_uint_from_string(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	uint64_t n;

	(void)run_charge_text(run, args[0]);
	*ret = read_digits(cel_text(args[0]), &n) ? cel_uint(n) : cel_error(CEL_ERROR_CONVERSION);
}

static size_t
skip_digits(struct view text, size_t at)
{
	while (at < text.len && text.data[at] >= '0' && text.data[at] <= '9') {
		at++;
	}
	return at;
}

// [+-] digits [. digits] [e [+-] digits], with digits on one side of the point at least.
static bool
is_decimal(struct view text)
{
	size_t at = text.len > 0 && (text.data[0] == '-' || text.data[0] == '+'), start = at, digits;

	at = skip_digits(text, at);
	digits = at - start;
	if (at < text.len && text.data[at] == '.') {
		start = at + 1;
		at = skip_digits(text, start);
		digits += at - start;
	}
	if (digits > 0 && at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
		at++;
		at += at < text.len && (text.data[at] == '-' || text.data[at] == '+');
		start = at;
		at = skip_digits(text, at);
		digits = at - start;
	}
	return digits > 0 && at == text.len;
}

static bool
read_double(struct view text, double *ret)
{
	char copy[LIMIT_NUMBER_BYTES + 1];

	if (view_is(text, "NaN")) {
		*ret = (double)NAN;
	} else if (view_is(text, "Infinity") || view_is(text, "+Infinity")) {
		*ret = (double)INFINITY;
	} else if (view_is(text, "-Infinity")) {
		*ret = (double)-INFINITY;
	} else if (text.len < sizeof(copy) && is_decimal(text)) {
		memcpy(copy, text.data, text.len);
		copy[text.len] = '\0';
		*ret = strtod(copy, NULL);
	} else {
		return false;
	}
	return true;
}

void
cel_double_from_string(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	double d;

	UNUSED;
	*ret = read_double(cel_text(args[0]), &d) ? cel_double(d) : cel_error(CEL_ERROR_CONVERSION);
}

// ---- bool and bytes -------------------------------------------------------------------------------------------------

void
cel_bool_from_string(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	static const char *const words[][2] = {
	    {"1", "0"}, {"t", "f"}, {"true", "false"}, {"TRUE", "FALSE"}, {"True", "False"}};

	UNUSED;
	*ret = cel_error(CEL_ERROR_CONVERSION);
	for (size_t i = 0; i < EN_COUNT_OF(words); i++) {
		if (view_is(cel_text(args[0]), words[i][0]) || view_is(cel_text(args[0]), words[i][1])) {
			*ret = cel_bool(view_is(cel_text(args[0]), words[i][0]));
		}
	}
}

void
cel_bytes_from_string(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_bytes(cel_text(args[0]));
}

void
cel_string_from_bytes(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	(void)run_charge(run, args[0].n / 16);
	*ret = view_is_utf8(cel_text(args[0])) ? cel_string(cel_text(args[0])) : cel_error(CEL_ERROR_UTF8);
}

// ---- texts of numbers -----------------------------------------------------------------------------------------------

void
cel_string_from_bool(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_string(view_text(args[0].boolean ? "true" : "false"));
}

void
cel_string_from_int(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%lld", (long long)args[0].integer);

	*ret = run_text(run, CEL_STRING, view_of(text, (size_t)len));
}

void
cel_string_from_uint(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)args[0].unsigned_integer);

	*ret = run_text(run, CEL_STRING, view_of(text, (size_t)len));
}

// The fewest digits that come back as the same number, and the exponent of the first of them. Returns how many.
static int
shortest_digits(double d, char digits[static 18], int *ret_exponent)
{
	char text[32];
	int count = 0;

	for (int precision = 0; precision < 17; precision++) {
		snprintf(text, sizeof(text), "%.*e", precision, d);
		if (strtod(text, NULL) == d) {
			break;
		}
	}
	for (const char *p = text; *p != 'e'; p++) {
		if (*p != '.') {
			digits[count++] = *p;
		}
	}
	while (count > 1 && digits[count - 1] == '0') {
		count--;
	}
	*ret_exponent = atoi(strchr(text, 'e') + 1);
	return count;
}

// As ECMAScript writes numbers: plain from 1e-6 to below 1e21, with an exponent elsewhere.
size_t
double_to_text(double d, char dst[static 32])
{
	char digits[18], *at = dst;
	int exponent, count;

	if (!isfinite(d)) {
		return (size_t)snprintf(dst, 32, "%s", isnan(d) ? "NaN" : d > 0 ? "Infinity" : "-Infinity");
	}
	if (signbit(d) && d != 0) {
		*at++ = '-';
	}
	count = shortest_digits(fabs(d), digits, &exponent);
	if (exponent < -6 || exponent > 20) {
		*at++ = digits[0];
		at += count > 1 ? snprintf(at, 20, ".%.*s", count - 1, digits + 1) : 0;
		at += snprintf(at, 8, "e%c%d", exponent < 0 ? '-' : '+', abs(exponent));
		return (size_t)(at - dst);
	}
	if (exponent < 0) {
		at += snprintf(at, 28, "0.%.*s%.*s", -exponent - 1, "000000", count, digits);
		return (size_t)(at - dst);
	}
	for (int i = 0; i < count || i <= exponent; i++) {
		if (i == exponent + 1) {
			*at++ = '.';
		}
		*at++ = i < count ? digits[i] : '0';
	}
	*at = '\0';
	return (size_t)(at - dst);
}

void
cel_string_from_double(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	char text[32];

	*ret = run_text(run, CEL_STRING, view_of(text, double_to_text(args[0].number, text)));
}

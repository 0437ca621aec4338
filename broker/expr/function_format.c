// SPDX-License-Identifier: Apache-2.0
// string.format: %s %d %f %e %b %o %x %X and %%, with a precision for %f and %e. %s writes lists and maps too, the latter ordered by their keys' texts.
#include "expr/function_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PRECISION_MAX 100
#define DEPTH_MAX 32

static const char LOWER[] = "0123456789abcdef", UPPER[] = "0123456789ABCDEF";

static bool put_any(struct cel_run *run, struct cel_value v, int depth, struct buf *out);

static void
put_double(double d, struct buf *out)
{
	char text[32];
	size_t len = double_to_text(d, text);

	buf_put(out, text, len);
}

static bool
put_list(struct cel_run *run, struct cel_value v, int depth, struct buf *out)
{
	buf_put_u8(out, '[');
	for (uint32_t i = 0; i < v.n; i++) {
		buf_put_str(out, i > 0 ? ", " : "");
		if (!put_any(run, cel_list_items(v)[i], depth + 1, out)) {
			return false;
		}
	}
	buf_put_u8(out, ']');
	return true;
}

static int
by_text(const void *a, const void *b)
{
	return view_compare(*(const struct view *)a, *(const struct view *)b);
}

// Entries as "key: value", sorted by the bytes of that. They are written as they come, then copied and written again in their order.
static bool
put_map(struct cel_run *run, struct cel_value v, int depth, struct buf *out)
{
	struct view *entries = run_alloc(run, v.n * sizeof(*entries));
	size_t start = out->len;

	for (uint32_t i = 0; entries != NULL && i < v.n; i++) {
		size_t before = out->len;

		if (!put_any(run, cel_map_entries(v)[i].key, depth + 1, out)) {
			return false;
		}
		buf_put_str(out, ": ");
		if (!put_any(run, cel_map_entries(v)[i].value, depth + 1, out)) {
			return false;
		}
		entries[i].len = out->len - before;
	}
	uint8_t *copy = out->err == EN_OK ? run_alloc(run, out->len - start) : NULL;

	if (entries == NULL || copy == NULL) {
		return false;
	}
	for (uint32_t i = 0, at = 0; i < v.n; at += (uint32_t)entries[i].len, i++) {
		memcpy(copy + at, out->data + start + at, entries[i].len);
		entries[i].data = copy + at;
	}
	if (v.n > 0) {
		qsort(entries, v.n, sizeof(*entries), by_text);
	}
	out->len = start;
	buf_put_u8(out, '{');
	for (uint32_t i = 0; i < v.n; i++) {
		buf_put_str(out, i > 0 ? ", " : "");
		buf_put_view(out, entries[i]);
	}
	buf_put_u8(out, '}');
	return true;
}

// What %s writes. False for what has no text.
static bool
put_any(struct cel_run *run, struct cel_value v, int depth, struct buf *out)
{
	if (depth > DEPTH_MAX || !run_charge(run, 1) || !run_charge_text(run, v) || !run_scratch_fits(run)) {
		return false;
	}
	switch (v.kind) {
	case CEL_NULL:
		buf_put_str(out, "null");
		return true;
	case CEL_BOOL:
		buf_put_str(out, v.boolean ? "true" : "false");
		return true;
	case CEL_INT:
		buf_printf(out, "%lld", (long long)v.integer);
		return true;
	case CEL_UINT:
		buf_printf(out, "%llu", (unsigned long long)v.unsigned_integer);
		return true;
	case CEL_DOUBLE:
		put_double(v.number, out);
		return true;
	case CEL_BYTES:
		if (!view_is_utf8(cel_text(v))) {
			return false;
		}
		buf_put_view(out, cel_text(v));
		return true;
	case CEL_STRING:
	case CEL_TYPE:
		buf_put_view(out, cel_text(v));
		return true;
	case CEL_TIMESTAMP:
		return time_to_text(v, out);
	case CEL_DURATION:
		duration_to_short_text(v, out);
		return true;
	case CEL_LIST:
		return put_list(run, v, depth, out);
	case CEL_MAP:
		return put_map(run, v, depth, out);
	default:
		return false;
	}
}

// ---- clauses --------------------------------------------------------------------------------------------------------

static bool
put_digits(uint64_t n, unsigned int base, bool upper, struct buf *out)
{
	char digits[64];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (upper ? UPPER : LOWER)[n % base];
		n /= base;
	} while (n > 0);
	buf_put(out, digits + at, sizeof(digits) - at);
	return true;
}

static bool
put_whole(struct cel_value v, unsigned int base, bool upper, struct buf *out)
{
	if (v.kind == CEL_INT && v.integer < 0) {
		buf_put_u8(out, '-');
		return put_digits(0 - v.unsigned_integer, base, upper, out);
	}
	return (v.kind == CEL_INT || v.kind == CEL_UINT) && put_digits(v.unsigned_integer, base, upper, out);
}

static bool
put_hex(struct cel_value v, bool upper, struct buf *out)
{
	if (v.kind != CEL_STRING && v.kind != CEL_BYTES) {
		return put_whole(v, 16, upper, out);
	}
	for (uint32_t i = 0; i < v.n; i++) {
		buf_put_u8(out, (uint8_t)(upper ? UPPER : LOWER)[v.bytes[i] >> 4]);
		buf_put_u8(out, (uint8_t)(upper ? UPPER : LOWER)[v.bytes[i] & 0xf]);
	}
	return true;
}

static bool
put_decimal(struct cel_value v, struct buf *out)
{
	if (v.kind == CEL_DOUBLE && !isfinite(v.number)) {
		put_double(v.number, out);
		return true;
	}
	return put_whole(v, 10, false, out);
}

static bool
put_floating(struct cel_value v, char clause, int precision, struct buf *out)
{
	double d = cel_as_double(v);

	if (!cel_is_number(v)) {
		return false;
	}
	if (!isfinite(d)) {
		put_double(d, out);
	} else if (clause == 'f') {
		buf_printf(out, "%.*f", precision, d);
	} else {
		buf_printf(out, "%.*e", precision, d);
	}
	return true;
}

static bool
put_clause(struct cel_run *run, struct cel_value v, char clause, int precision, struct buf *out)
{
	switch (clause) {
	case 's':
		return put_any(run, v, 0, out);
	case 'd':
		return put_decimal(v, out);
	case 'f':
	case 'e':
		return put_floating(v, clause, precision < 0 ? 6 : precision, out);
	case 'b':
		return v.kind == CEL_BOOL ? put_digits(v.boolean, 2, false, out) : put_whole(v, 2, false, out);
	case 'o':
		return put_whole(v, 8, false, out);
	case 'x':
	case 'X':
		return put_hex(v, clause == 'X', out);
	default:
		return false;
	}
}

// ".3" before a clause; -1 for none, -2 for one that is wrong.
static int
take_precision(struct view text, size_t *at)
{
	int precision = 0;
	size_t start = *at + 1;

	if (*at >= text.len || text.data[*at] != '.') {
		return -1;
	}
	for (*at = start; *at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9'; (*at)++) {
		precision = precision * 10 + (text.data[*at] - '0');
		if (precision > PRECISION_MAX) {
			return -2;
		}
	}
	return *at > start ? precision : -2;
}

static bool
format(struct cel_run *run, struct view text, struct cel_value list, struct buf *out)
{
	uint32_t next = 0;

	for (size_t at = 0; at < text.len; at++) {
		if (text.data[at] != '%') {
			buf_put_u8(out, text.data[at]);
			continue;
		}
		at++;
		if (at < text.len && text.data[at] == '%') {
			buf_put_u8(out, '%');
			continue;
		}
		int precision = take_precision(text, &at);

		if (precision == -2 || at >= text.len || next == list.n || !run_scratch_fits(run) ||
		    !run_charge(run, 1) ||
		    !put_clause(run, cel_list_items(list)[next++], (char)text.data[at], precision, out)) {
			return false;
		}
	}
	return true;
}

void
cel_format(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	bool good;

	(void)run_charge_text(run, args[0]);
	buf_clear(&run->scratch);
	good = format(run, cel_text(args[0]), args[1], &run->scratch);
	*ret = good || run->scratch.err != EN_OK ? run_scratch(run, CEL_STRING) : cel_error(CEL_ERROR_FORMAT);
}

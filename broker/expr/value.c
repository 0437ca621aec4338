// SPDX-License-Identifier: Apache-2.0
// Equality, order and names of values.
#include "expr/value.h"

#include <math.h>

#include "expr/message.h"
#include "expr/run_int.h"

const char *
cel_error_code(enum cel_error error)
{
	static const char *const codes[CEL_ERROR_COUNT] = {
#define CEL_ERROR_ROW(id, code, text) [CEL_ERROR_##id] = code,
#include "expr/error.tbl.h"
#undef CEL_ERROR_ROW
	};

	return codes[error];
}

const char *
cel_error_text(enum cel_error error)
{
	static const char *const texts[CEL_ERROR_COUNT] = {
#define CEL_ERROR_ROW(id, code, text) [CEL_ERROR_##id] = text,
#include "expr/error.tbl.h"
#undef CEL_ERROR_ROW
	};

	return texts[error];
}

const char *
cel_type_name_of(struct cel_value v)
{
	switch (v.kind) {
	case CEL_MESSAGE:
		return cel_message_type(v)->name;
	case CEL_ENUM:
		return v.enumeration->name;
	case CEL_ERROR:
		return "error";
	default:
		return cel_type_name(cel_type_of_kind((enum cel_type_kind)v.kind));
	}
}

// ---- order ----------------------------------------------------------------------------------------------------------

static int
order(bool less, bool more)
{
	return less ? -1 : more;
}

static int
compare_int_uint(int64_t a, uint64_t b)
{
	return a < 0 ? -1 : order((uint64_t)a<b, (uint64_t)a> b);
}

static int
compare_doubles(double a, double b)
{
	return isnan(a) || isnan(b) ? CEL_UNORDERED : order(a<b, a> b);
}

// As doubles, which is what the language's suite asks for: beyond 2^53 neighbours are equal.
static int
compare_int_double(int64_t a, double b)
{
	return b < -0x1p63 ? 1 : b > 0x1p63 ? -1 : compare_doubles((double)a, b);
}

static int
compare_uint_double(uint64_t a, double b)
{
	return b < 0 ? 1 : b > 0x1p64 ? -1 : compare_doubles((double)a, b);
}

static int
reversed(int c)
{
	return c == CEL_UNORDERED ? c : -c;
}

static int
compare_numbers(struct cel_value a, struct cel_value b)
{
	switch (a.kind) {
	case CEL_INT:
		return b.kind == CEL_INT ? order(a.integer<b.integer, a.integer> b.integer)
		    : b.kind == CEL_UINT ? compare_int_uint(a.integer, b.unsigned_integer)
					 : compare_int_double(a.integer, b.number);
	case CEL_UINT:
		return b.kind == CEL_UINT
		    ? order(a.unsigned_integer<b.unsigned_integer, a.unsigned_integer> b.unsigned_integer)
		    : b.kind == CEL_INT ? reversed(compare_int_uint(b.integer, a.unsigned_integer))
					: compare_uint_double(a.unsigned_integer, b.number);
	default:
		return b.kind == CEL_DOUBLE ? compare_doubles(a.number, b.number)
		    : b.kind == CEL_INT     ? reversed(compare_int_double(b.integer, a.number))
					    : reversed(compare_uint_double(b.unsigned_integer, a.number));
	}
}

static int
compare_times(struct cel_value a, struct cel_value b)
{
	return a.integer != b.integer ? order(a.integer < b.integer, true)
				      : order(cel_nanos(a) < cel_nanos(b), cel_nanos(a) > cel_nanos(b));
}

int
cel_compare(struct cel_value a, struct cel_value b)
{
	if (cel_is_number(a) && cel_is_number(b)) {
		return compare_numbers(a, b);
	}
	if (a.kind != b.kind) {
		return CEL_INCOMPARABLE;
	}
	switch (a.kind) {
	case CEL_BOOL:
		return (int)a.boolean - (int)b.boolean;
	case CEL_STRING: // bytes of UTF-8 sort like its code points
	case CEL_BYTES: {
		int c = view_compare(cel_text(a), cel_text(b));

		return order(c<0, c> 0);
	}
	case CEL_TIMESTAMP:
	case CEL_DURATION:
		return compare_times(a, b);
	default:
		return CEL_INCOMPARABLE;
	}
}

// ---- equality -------------------------------------------------------------------------------------------------------

static bool
lists_equal(struct cel_run *run, struct cel_value a, struct cel_value b)
{
	if (a.n != b.n || !run_charge(run, a.n)) {
		return false;
	}
	for (uint32_t i = 0; i < a.n; i++) {
		if (!cel_equal(run, a.list->items[i], b.list->items[i])) {
			return false;
		}
	}
	return true;
}

static bool
maps_equal(struct cel_run *run, struct cel_value a, struct cel_value b)
{
	if (a.n != b.n || !run_charge(run, a.n)) {
		return false;
	}
	for (uint32_t i = 0; i < a.n; i++) {
		struct cel_value key = a.map->entries[i].key;
		const struct cel_value *other = run_charge_text(run, key) ? cel_map_get(b, key) : NULL;

		if (other == NULL || !cel_equal(run, a.map->entries[i].value, *other)) {
			return false;
		}
	}
	return true;
}

static bool
optionals_equal(struct cel_run *run, struct cel_value a, struct cel_value b)
{
	return a.inner == NULL || b.inner == NULL ? a.inner == b.inner : cel_equal(run, *a.inner, *b.inner);
}

bool
cel_equal(struct cel_run *run, struct cel_value a, struct cel_value b)
{
	if (a.kind != b.kind) {
		return cel_is_number(a) && cel_is_number(b) && compare_numbers(a, b) == 0;
	}
	switch (a.kind) {
	case CEL_NULL:
		return true;
	case CEL_BOOL:
		return a.boolean == b.boolean;
	case CEL_INT:
	case CEL_UINT:
		return a.integer == b.integer;
	case CEL_DOUBLE:
		return a.number == b.number;
	case CEL_STRING:
	case CEL_BYTES:
	case CEL_TYPE:
		return a.n == b.n && run_charge_text(run, a) && view_equal(cel_text(a), cel_text(b));
	case CEL_TIMESTAMP:
	case CEL_DURATION:
		return a.integer == b.integer && a.n == b.n;
	case CEL_LIST:
		return lists_equal(run, a, b);
	case CEL_MAP:
		return maps_equal(run, a, b);
	case CEL_MESSAGE:
		return message_equal(run, a, b);
	case CEL_OPTIONAL:
		return optionals_equal(run, a, b);
	case CEL_ENUM:
		return a.enumeration == b.enumeration && a.n == b.n;
	default:
		return false;
	}
}

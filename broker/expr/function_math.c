// SPDX-License-Identifier: Apache-2.0
// The extension for numbers. Its functions are one for all numeric types where the rule is one.
#include "expr/function_int.h"

#include <math.h>

#define UNUSED (void)run

// ---- least and greatest: the first of equal ones; NaN is in no order, so there is neither with it ----------------------

static struct cel_value
extreme(struct cel_value a, struct cel_value b, int wanted)
{
	int c = cel_compare(b, a);

	if (c == CEL_UNORDERED) {
		return cel_error(CEL_ERROR_UNORDERED);
	}
	return c == wanted ? b : a;
}

static struct cel_value
extreme_of_list(struct cel_value list, int wanted)
{
	struct cel_value best = cel_error(CEL_ERROR_ARGUMENT);

	for (uint32_t i = 0; i < list.n && (i == 0 || best.kind != CEL_ERROR); i++) {
		struct cel_value item = cel_list_items(list)[i];

		if (!cel_is_number(item)) {
			return cel_error(CEL_ERROR_NO_OVERLOAD);
		}
		best = i == 0 ? item : extreme(best, item, wanted);
	}
	return best;
}

void
cel_greater(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = extreme(args[0], args[1], 1);
}

void
cel_lesser(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = extreme(args[0], args[1], -1);
}

void
cel_greatest(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	(void)run_charge(run, args[0].n);
	*ret = extreme_of_list(args[0], 1);
}

void
cel_least(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	(void)run_charge(run, args[0].n);
	*ret = extreme_of_list(args[0], -1);
}

// ---- doubles --------------------------------------------------------------------------------------------------------

#define OF_DOUBLE(name, make, expression)                                                                              \
	void name(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)                            \
	{                                                                                                              \
		double d = args[0].number;                                                                             \
                                                                                                                       \
		UNUSED;                                                                                                \
		*ret = make(expression);                                                                               \
	}
OF_DOUBLE(cel_ceil, cel_double, ceil(d))
OF_DOUBLE(cel_floor, cel_double, floor(d))
OF_DOUBLE(cel_round, cel_double, round(d)) // halves away from zero
OF_DOUBLE(cel_trunc, cel_double, trunc(d))
OF_DOUBLE(cel_is_nan, cel_bool, isnan(d))
OF_DOUBLE(cel_is_inf, cel_bool, isinf(d) != 0)
OF_DOUBLE(cel_is_finite, cel_bool, isfinite(d))

void
cel_sqrt(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_double(sqrt(cel_as_double(args[0])));
}

void
cel_abs(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct cel_value v = args[0];

	UNUSED;
	if (v.kind == CEL_DOUBLE) {
		v.number = fabs(v.number);
	} else if (v.kind == CEL_INT && v.integer < 0) {
		v = v.integer == INT64_MIN ? cel_error(CEL_ERROR_OVERFLOW) : cel_int(-v.integer);
	}
	*ret = v;
}

void
cel_sign(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct cel_value v = args[0];

	UNUSED;
	if (v.kind == CEL_INT) {
		v.integer = (v.integer > 0) - (v.integer < 0);
	} else if (v.kind == CEL_UINT) {
		v.unsigned_integer = v.unsigned_integer > 0;
	} else if (!isnan(v.number)) {
		v.number = (double)((v.number > 0) - (v.number < 0));
	}
	*ret = v;
}

// ---- bits: of int and uint alike ------------------------------------------------------------------------------------

#define OF_BITS(name, expression)                                                                                      \
	void name(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)                            \
	{                                                                                                              \
		UNUSED;                                                                                                \
		*ret = args[0];                                                                                        \
		ret->unsigned_integer = (expression);                                                                  \
	}
OF_BITS(cel_bit_and, args[0].unsigned_integer &args[1].unsigned_integer)
OF_BITS(cel_bit_or, args[0].unsigned_integer | args[1].unsigned_integer)
OF_BITS(cel_bit_xor, args[0].unsigned_integer ^ args[1].unsigned_integer)
OF_BITS(cel_bit_not, ~args[0].unsigned_integer)

// Zeros come in on both sides, also for a negative int.
static struct cel_value
shifted(const struct cel_value *args, bool left)
{
	struct cel_value v = args[0];
	int64_t by = args[1].integer;

	if (by < 0) {
		return cel_error(CEL_ERROR_ARGUMENT);
	}
	v.unsigned_integer = by > 63 ? 0 : left ? v.unsigned_integer << by : v.unsigned_integer >> by;
	return v;
}

void
cel_shift_left(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = shifted(args, true);
}

void
cel_shift_right(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = shifted(args, false);
}

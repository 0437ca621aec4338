// SPDX-License-Identifier: Apache-2.0
// Arithmetic. Whole numbers never wrap: what does not fit is an error. Doubles follow IEEE 754.
#include "expr/function_int.h"

#define UNUSED (void)run

static struct cel_value
fits(bool overflows, struct cel_value v)
{
	return overflows ? cel_error(CEL_ERROR_OVERFLOW) : v;
}

void
cel_negate_int(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = fits(args[0].integer == INT64_MIN, cel_int((int64_t)(0 - (uint64_t)args[0].integer)));
}

void
cel_negate_double(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	UNUSED;
	*ret = cel_double(-args[0].number);
}

#define WHOLE(name, member, type, make, builtin)                                                                       \
	void name(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)                            \
	{                                                                                                              \
		type result;                                                                                           \
		bool overflows = builtin(args[0].member, args[1].member, &result);                                     \
                                                                                                                       \
		UNUSED;                                                                                                \
		*ret = fits(overflows, make(result));                                                                  \
	}
WHOLE(cel_add_int, integer, int64_t, cel_int, __builtin_add_overflow)
WHOLE(cel_subtract_int, integer, int64_t, cel_int, __builtin_sub_overflow)
WHOLE(cel_multiply_int, integer, int64_t, cel_int, __builtin_mul_overflow)
WHOLE(cel_add_uint, unsigned_integer, uint64_t, cel_uint, __builtin_add_overflow)
WHOLE(cel_subtract_uint, unsigned_integer, uint64_t, cel_uint, __builtin_sub_overflow)
WHOLE(cel_multiply_uint, unsigned_integer, uint64_t, cel_uint, __builtin_mul_overflow)

#define FLOATING(name, operator)                                                                                       \
	void name(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)                            \
	{                                                                                                              \
		UNUSED;                                                                                                \
		*ret = cel_double(args[0].number operator args[1].number);                                             \
	}
FLOATING(cel_add_double, +)
FLOATING(cel_subtract_double, -)
FLOATING(cel_multiply_double, *)
FLOATING(cel_divide_double, /)

void
cel_divide_int(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	int64_t a = args[0].integer, b = args[1].integer;

	UNUSED;
	*ret = b == 0                   ? cel_error(CEL_ERROR_DIVIDE_BY_ZERO)
	    : a == INT64_MIN && b == -1 ? cel_error(CEL_ERROR_OVERFLOW)
					: cel_int(a / b);
}

void
cel_divide_uint(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	uint64_t b = args[1].unsigned_integer;

	UNUSED;
	*ret = b == 0 ? cel_error(CEL_ERROR_DIVIDE_BY_ZERO) : cel_uint(args[0].unsigned_integer / b);
}

void
cel_modulo_int(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	int64_t a = args[0].integer, b = args[1].integer;

	UNUSED;
	*ret = b == 0                   ? cel_error(CEL_ERROR_MODULUS_BY_ZERO)
	    : a == INT64_MIN && b == -1 ? cel_error(CEL_ERROR_OVERFLOW)
					: cel_int(a % b);
}

void
cel_modulo_uint(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	uint64_t b = args[1].unsigned_integer;

	UNUSED;
	*ret = b == 0 ? cel_error(CEL_ERROR_MODULUS_BY_ZERO) : cel_uint(args[0].unsigned_integer % b);
}

// SPDX-License-Identifier: Apache-2.0
// Lists, maps and messages from the registers that hold their entries. An entry that is optional is left out when its value is none.
#include "expr/program_int.h"

// The value of an entry; *ret_left_out when there is none. An error value when it is one, or no optional value where one is asked for.
static struct cel_value
entry_value(struct cel_value v, bool optional, bool *ret_left_out)
{
	*ret_left_out = false;
	if (!optional || v.kind == CEL_ERROR) {
		return v;
	}
	if (v.kind != CEL_OPTIONAL) {
		return cel_error(CEL_ERROR_NO_OVERLOAD);
	}
	*ret_left_out = v.inner == NULL;
	return v.inner == NULL ? cel_null() : *v.inner;
}

const struct instruction *
op_list(struct cel_run *run, const struct instruction *i)
{
	struct cel_value list = cel_null();
	bool good = run_charge(run, i->count) && cel_list_new(&run->arena, i->count, &list);

	for (uint16_t k = 0; good && k < i->count; k++) {
		bool left_out;
		struct cel_value v =
		    entry_value(run->registers[i->a + k], i->optional != NULL && i->optional[k], &left_out);

		if (v.kind == CEL_ERROR) {
			return op_done(run, i, v);
		}
		good = left_out || cel_list_append(&run->arena, &list, v);
	}
	if (!good) {
		run_exhausted(run);
	}
	return op_done(run, i, list);
}

// Entries are pairs of registers.
const struct instruction *
op_map(struct cel_run *run, const struct instruction *i)
{
	struct cel_value map = cel_null();
	bool good = run_charge(run, i->count) && cel_map_new(&run->arena, i->count, &map);

	for (uint16_t k = 0; good && k < i->count; k++) {
		bool left_out;
		struct cel_value key = run->registers[i->a + 2 * k];
		struct cel_value v =
		    entry_value(run->registers[i->a + 2 * k + 1], i->optional != NULL && i->optional[k], &left_out);

		if (key.kind == CEL_ERROR || v.kind == CEL_ERROR) {
			return op_done(run, i, key.kind == CEL_ERROR ? key : v);
		}
		if (!cel_is_key(key)) {
			return op_fail(run, i, CEL_ERROR_KEY_TYPE);
		}
		(void)run_charge_text(run, key);
		if (cel_map_get(map, key) != NULL) {
			return op_fail(run, i, CEL_ERROR_REPEATED_KEY);
		}
		good = left_out || cel_map_append(&run->arena, &map, key, v);
	}
	if (!good) {
		run_exhausted(run);
	}
	return op_done(run, i, map);
}

const struct instruction *
op_message(struct cel_run *run, const struct instruction *i)
{
	struct cel_value *values = &run->registers[i->a];
	bool left_out[UINT8_MAX + 1] = {false}, *out = left_out;

	if (i->count > UINT8_MAX && (out = run_alloc(run, i->count)) == NULL) {
		return NULL;
	}
	for (uint16_t k = 0; k < i->count; k++) {
		values[k] = entry_value(values[k], i->plan->optional != NULL && i->plan->optional[k], &out[k]);
		if (values[k].kind == CEL_ERROR) {
			return op_done(run, i, values[k]);
		}
	}
	return op_done(run, i, message_make(run, i->plan, values, out, i->count));
}

// A value of an enum from its number or its name.
const struct instruction *
op_enum(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a);
	const struct schema_enum_value *named;

	switch (v.kind) {
	case CEL_INT:
		return v.integer < INT32_MIN || v.integer > INT32_MAX
		    ? op_fail(run, i, CEL_ERROR_RANGE)
		    : op_done(run, i, cel_enum(i->enumeration, (int32_t)v.integer));
	case CEL_STRING:
		named = schema_enum_by_name(i->enumeration, cel_text(v));
		return named == NULL ? op_fail(run, i, CEL_ERROR_CONVERSION)
				     : op_done(run, i, cel_enum(i->enumeration, named->number));
	case CEL_ENUM:
		return v.enumeration == i->enumeration ? op_done(run, i, v) : op_fail(run, i, CEL_ERROR_NO_OVERLOAD);
	default:
		return op_refuse(run, i, v);
	}
}

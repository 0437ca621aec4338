// SPDX-License-Identifier: Apache-2.0
// What an expression gives, as items of the target's kind. null and an optional value without one are absent; what does not fit holds the event.
#include <math.h>

#include "map/expression.h"
#include "map/number.h"
#include "map/run_int.h"
#include "schema/scalar.h"

static bool
from_integer(const struct schema_field *f, struct cel_value got, struct item *ret)
{
	bool is_signed =
	    f->kind != KIND_UINT64 && f->kind != KIND_UINT32 && f->kind != KIND_FIXED64 && f->kind != KIND_FIXED32;
	bool past_half = got.unsigned_integer > INT64_MAX;

	if (f->kind == KIND_ENUM) {
		if (got.integer < INT32_MIN || got.integer > INT32_MAX ||
		    schema_enum_by_number(f->enumeration, (int32_t)got.integer) == NULL) {
			return false;
		}
	} else if (past_half && is_signed != (got.kind == CEL_INT)) {
		return false; // below zero where nothing is, or above what a signed number holds
	}
	ret->bits = scalar_whole_bits(f->kind, got.unsigned_integer);
	return number_decode(f->kind, ret->bits) == got.unsigned_integer;
}

static bool
from_double(const struct schema_field *f, double d, struct item *ret)
{
	ret->bits = scalar_float_bits(f->kind, d);
	return kind_is_float(f->kind) && !isfinite(d) == !isfinite(scalar_float(f->kind, ret->bits));
}

static bool
from_text(struct runner *r, const struct schema_field *f, struct view text, struct item *ret)
{
	if (f->kind == KIND_ENUM) {
		const struct schema_enum_value *value = schema_enum_by_name(f->enumeration, text);

		ret->bits = value == NULL ? 0 : scalar_whole_bits(KIND_ENUM, (uint64_t)(int64_t)value->number);
		return value != NULL;
	}
	ret->kind = ITEM_TEXT;
	ret->text = arena_copy(r->arena, text); // the expression's own memory is used again
	if (ret->text.data == NULL && text.len > 0) {
		(void)run_out_of_memory(r);
	}
	return f->kind == KIND_STRING;
}

// False when the value does not fit, or memory ran out (r->err).
static bool
convert(struct runner *r, const struct value *v, struct cel_value got, struct item *ret)
{
	const struct schema_field *f = v->target;

	item_clear(ret, v);
	if (got.kind == CEL_OPTIONAL && got.inner != NULL) {
		got = *got.inner;
	}
	if (got.kind == CEL_NULL || got.kind == CEL_OPTIONAL) {
		return true;
	}
	ret->kind = ITEM_BITS;
	switch (got.kind) {
	case CEL_STRING:
		return from_text(r, f, cel_text(got), ret);
	case CEL_BOOL:
		ret->bits = got.boolean;
		return f->kind == KIND_BOOL;
	case CEL_INT:
	case CEL_UINT:
		if (kind_is_float(f->kind)) {
			return from_double(f, cel_as_double(got), ret);
		}
		return (f->kind == KIND_ENUM || kind_is_integer(f->kind)) && from_integer(f, got, ret);
	case CEL_DOUBLE:
		return from_double(f, got.number, ret);
	case CEL_TIMESTAMP:
		ret->kind = ITEM_INSTANT;
		ret->bits = (uint64_t)(got.integer * 1000 + cel_nanos(got) / 1000000);
		return v->instant.ms != NULL;
	default:
		return false;
	}
}

static bool
does_not_fit(struct runner *r, const struct value *v)
{
	return r->err == EN_ENOMEM ? false : run_fault(r, REASON_MAPPING_TYPE, v);
}

static bool
evaluate(struct runner *r, const struct value *v, struct cel_value *ret)
{
	switch (expression_run(v->expression, r->ix, r->frames, &r->ask, ret)) {
	case EN_OK:
		return ret->kind != CEL_ERROR || run_fault(r, REASON_EXPRESSION, v);
	case EN_ENOMEM:
		return run_out_of_memory(r);
	default:
		return run_fault(r, REASON_EXPRESSION, v);
	}
}

bool
cel_item(struct runner *r, const struct value *v, struct item *ret)
{
	struct cel_value got;

	return evaluate(r, v, &got) && (convert(r, v, got, ret) || does_not_fit(r, v));
}

bool
cel_items(struct runner *r, const struct value *v, struct items *list)
{
	struct cel_value got;
	struct item item;

	if (!evaluate(r, v, &got)) {
		return false;
	}
	if (got.kind != CEL_LIST) {
		return (convert(r, v, got, &item) || does_not_fit(r, v)) && add_item(r, list, &item);
	}
	for (uint32_t i = 0; i < got.n; i++) {
		if (!convert(r, v, cel_list_items(got)[i], &item)) {
			return does_not_fit(r, v);
		}
		if (!add_item(r, list, &item)) {
			return false;
		}
	}
	return true;
}

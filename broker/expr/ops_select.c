// SPDX-License-Identifier: Apache-2.0
// Fields, keys and items, and whether they are there. What is asked of an optional value is asked of what is inside, and the answer is optional again.
#include <math.h>

#include "expr/env.h"
#include "expr/message.h"
#include "expr/program_int.h"

// Something may be there, not be there, or the question makes no sense.
enum found { FOUND, MISSING, SENSELESS };

static bool
is_known(const struct schema_field *f, struct cel_value v)
{
	return v.kind != CEL_INT || schema_enum_by_number(f->enumeration, (int32_t)v.integer) != NULL;
}

// Codes of a field, none of which may be unheard of.
static struct cel_value
known_codes(const struct schema_field *f, struct cel_value v)
{
	for (uint32_t k = 0; v.kind == CEL_LIST && k < v.n; k++) {
		if (!is_known(f, cel_list_items(v)[k])) {
			return cel_error(CEL_ERROR_UNHEARD_OF);
		}
	}
	return is_known(f, v) ? v : cel_error(CEL_ERROR_UNHEARD_OF);
}

static struct cel_value
read_field(struct cel_run *run, struct cel_value m, const struct schema_field *f)
{
	struct cel_value v = message_field(run, m.index, m.n, f);

	if (EN_LIKELY(!run->known_codes)) {
		return v;
	}
	if (f->is_map && f->message->fields[1].kind == KIND_ENUM && v.kind == CEL_MAP) {
		for (uint32_t k = 0; k < v.n; k++) {
			if (!is_known(&f->message->fields[1], cel_map_entries(v)[k].value)) {
				return cel_error(CEL_ERROR_UNHEARD_OF);
			}
		}
	}
	return f->kind == KIND_ENUM && !f->enumeration->is_null ? known_codes(f, v) : v;
}

static enum found
field_of_message(
    struct cel_run *run, struct cel_value m, const struct schema_field *f, bool only_present, struct cel_value *ret)
{
	if (f == NULL) {
		*ret = cel_error(CEL_ERROR_NO_FIELD);
		return SENSELESS;
	}
	if (only_present && !message_has(m.index, m.n, f)) {
		return MISSING;
	}
	*ret = read_field(run, m, f);
	return FOUND;
}

// The field or key of that name. Of a message a field that is not set is found with its default, unless only_present.
static enum found
select_named(struct cel_run *run, struct cel_value v, const char *name, bool only_present, struct cel_value *ret)
{
	const struct cel_value *at;

	switch (v.kind) {
	case CEL_MESSAGE:
		return field_of_message(run, v, cel_field(cel_message_type(v), name), only_present, ret);
	case CEL_MAP:
		at = cel_map_get(v, cel_string(view_text(name)));
		if (at != NULL) {
			*ret = *at;
		}
		return at != NULL ? FOUND : MISSING;
	case CEL_ERROR:
		*ret = v;
		return SENSELESS;
	default:
		*ret = cel_error(CEL_ERROR_NO_OVERLOAD);
		return SENSELESS;
	}
}

static struct cel_value
none(void)
{
	return (struct cel_value){.kind = CEL_OPTIONAL};
}

// v is what was found, optional when asked.
static const struct instruction *
answer(struct cel_run *run, const struct instruction *i, enum found found, struct cel_value v, bool optional,
    enum cel_error missing)
{
	if (found == SENSELESS || v.kind == CEL_ERROR) {
		return op_done(run, i, v);
	}
	if (found == MISSING) {
		return optional ? op_done(run, i, none()) : op_fail(run, i, missing);
	}
	return op_done(run, i, optional ? run_optional(run, v) : v);
}

static const struct instruction *
do_select(struct cel_run *run, const struct instruction *i, bool optional)
{
	struct cel_value v = *operand(run, i->a), result = cel_null();

	if (v.kind == CEL_OPTIONAL) {
		if (v.inner == NULL) {
			return op_done(run, i, v);
		}
		v = *v.inner;
		optional = true;
	}
	enum found found = select_named(run, v, i->name, optional, &result);

	return answer(run, i, found, result, optional, CEL_ERROR_NO_KEY);
}

const struct instruction *
op_select(struct cel_run *run, const struct instruction *i)
{
	return do_select(run, i, false);
}

const struct instruction *
op_optional_select(struct cel_run *run, const struct instruction *i)
{
	return do_select(run, i, true);
}

// The checker named the field; a value of another type than it thought is asked by name.
const struct instruction *
op_field(struct cel_run *run, const struct instruction *i)
{
	const struct cel_value *v = operand(run, i->a);

	if (EN_LIKELY(v->kind == CEL_MESSAGE && cel_message_type(*v) == i->field->owner)) {
		return op_done(run, i, read_field(run, *v, i->field));
	}
	struct instruction by_name = *i;

	by_name.name = i->field->name;
	return op_select(run, &by_name) == NULL ? NULL : i + 1;
}

// A copy of a list of codes, with an error where one is unheard of: the list itself is what the next reading of the field finds.
static struct cel_value
codes_one_by_one(struct cel_run *run, const struct schema_field *f, struct cel_value codes, uint32_t text)
{
	const struct cel_value unheard_of = {.kind = CEL_ERROR, .n = CEL_ERROR_UNHEARD_OF, .unsigned_integer = text};
	struct cel_value copy = cel_null();
	bool good = run_charge(run, codes.n) && cel_list_new(&run->arena, codes.n, &copy);

	for (uint32_t k = 0; good && k < codes.n; k++) {
		struct cel_value code = cel_list_items(codes)[k];

		good = cel_list_append(&run->arena, &copy, is_known(f, code) ? code : unheard_of);
	}
	if (!good) {
		run_exhausted(run);
	}
	return copy;
}

// The field of codes that a loop goes over, where only known ones count.
const struct instruction *
op_codes(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a);

	if (EN_UNLIKELY(v.kind != CEL_MESSAGE || cel_message_type(v) != i->field->owner)) {
		return op_field(run, i);
	}
	v = message_field(run, v.index, v.n, i->field);
	return op_done(run, i, v.kind == CEL_LIST ? codes_one_by_one(run, i->field, v, i->text) : v);
}

static const struct instruction *
do_has(struct cel_run *run, const struct instruction *i, const char *name)
{
	struct cel_value v = *operand(run, i->a), result = cel_null();
	enum found found;

	if (v.kind == CEL_OPTIONAL) {
		if (v.inner == NULL) {
			return op_done(run, i, cel_bool(false));
		}
		v = *v.inner;
	}
	if (v.kind == CEL_MESSAGE) {
		const struct schema_field *f = cel_field(cel_message_type(v), name);

		return f == NULL ? op_fail(run, i, CEL_ERROR_NO_FIELD)
				 : op_done(run, i, cel_bool(message_has(v.index, v.n, f)));
	}
	found = select_named(run, v, name, true, &result);
	return op_done(run, i, found == SENSELESS ? result : cel_bool(found == FOUND));
}

const struct instruction *
op_has(struct cel_run *run, const struct instruction *i)
{
	return do_has(run, i, i->name);
}

const struct instruction *
op_has_field(struct cel_run *run, const struct instruction *i)
{
	const struct cel_value *v = operand(run, i->a);

	if (EN_LIKELY(v->kind == CEL_MESSAGE && cel_message_type(*v) == i->field->owner)) {
		return op_done(run, i, cel_bool(message_has(v->index, v->n, i->field)));
	}
	return do_has(run, i, i->field->name);
}

// ---- indexing -------------------------------------------------------------------------------------------------------

// A whole number of any type as a place in a list; false for anything else.
static bool
place(struct cel_value v, int64_t *ret)
{
	if (v.kind == CEL_DOUBLE) {
		*ret = v.number >= -0x1p62 && v.number <= 0x1p62 ? (int64_t)v.number : -1;
		return v.number == trunc(v.number);
	}
	*ret = v.kind == CEL_UINT && v.unsigned_integer > INT64_MAX ? -1 : v.integer;
	return v.kind == CEL_INT || v.kind == CEL_UINT;
}

static enum found
item_at(struct cel_run *run, struct cel_value v, struct cel_value key, struct cel_value *ret)
{
	const struct cel_value *at;
	int64_t number;

	switch (v.kind) {
	case CEL_LIST:
		if (!place(key, &number)) {
			*ret = cel_error(CEL_ERROR_ARGUMENT);
			return SENSELESS;
		}
		if (number < 0 || number >= v.n) {
			return MISSING;
		}
		*ret = cel_list_items(v)[number];
		return FOUND;
	case CEL_MAP:
		(void)run_charge_text(run, key);
		at = cel_map_get(v, key);
		if (at != NULL) {
			*ret = *at;
		}
		return at != NULL ? FOUND : MISSING;
	default:
		*ret = cel_error(CEL_ERROR_NO_OVERLOAD);
		return SENSELESS;
	}
}

static const struct instruction *
do_index(struct cel_run *run, const struct instruction *i, bool optional)
{
	struct cel_value v = *operand(run, i->a), key = *operand(run, i->b), result = cel_null();

	if (v.kind == CEL_ERROR || key.kind == CEL_ERROR) {
		return op_done(run, i, v.kind == CEL_ERROR ? v : key);
	}
	if (v.kind == CEL_OPTIONAL) {
		if (v.inner == NULL) {
			return op_done(run, i, v);
		}
		v = *v.inner;
		optional = true;
	}
	if (key.kind == CEL_ENUM) {
		key = cel_int((int32_t)key.n);
	}
	enum found found = item_at(run, v, key, &result);

	return answer(run, i, found, result, optional, v.kind == CEL_LIST ? CEL_ERROR_INDEX : CEL_ERROR_NO_KEY);
}

const struct instruction *
op_index(struct cel_run *run, const struct instruction *i)
{
	return do_index(run, i, false);
}

const struct instruction *
op_optional_index(struct cel_run *run, const struct instruction *i)
{
	return do_index(run, i, true);
}

// ---- in -------------------------------------------------------------------------------------------------------------

static bool
list_has(struct cel_run *run, struct cel_value list, struct cel_value v)
{
	(void)run_charge(run, list.n / 4);
	for (uint32_t k = 0; k < list.n && run->err == EN_OK; k++) {
		if (cel_equal(run, cel_list_items(list)[k], v)) {
			return true;
		}
	}
	return false;
}

const struct instruction *
op_in(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a), in = *operand(run, i->b);

	if (v.kind == CEL_ERROR || in.kind == CEL_ERROR) {
		return op_done(run, i, v.kind == CEL_ERROR ? v : in);
	}
	(void)run_charge_text(run, v);
	return in.kind == CEL_LIST ? op_done(run, i, cel_bool(list_has(run, in, v)))
	    : in.kind == CEL_MAP   ? op_done(run, i, cel_bool(cel_map_get(in, v) != NULL))
				   : op_fail(run, i, CEL_ERROR_NO_OVERLOAD);
}

// ---- alternatives to what may be missing ----------------------------------------------------------------------------

// Goes on when there is no value; with one, or an error, jumps over what would stand for it.
const struct instruction *
op_unless_none(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a);

	if (v.kind != CEL_OPTIONAL) {
		(void)op_refuse(run, i, v);
		return i + i->jump;
	}
	if (v.inner == NULL) {
		return i + 1;
	}
	run->registers[i->to] = i->number != 0 ? *v.inner : v;
	return i + i->jump;
}

const struct instruction *
op_need_optional(struct cel_run *run, const struct instruction *i)
{
	struct cel_value v = *operand(run, i->a);

	return v.kind == CEL_OPTIONAL ? op_done(run, i, v) : op_refuse(run, i, v);
}

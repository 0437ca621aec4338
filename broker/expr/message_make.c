// SPDX-License-Identifier: Apache-2.0
// Making messages: the entries' values are written as protobuf bytes, in the order in which they stand, and indexed like any payload. A value must be
// of the type that the field reads as; numbers must fit. null leaves a message field unset.
#include "expr/message_int.h"

#include "expr/message.h"
#include "schema/scalar.h"

static enum cel_error put_field(struct maker *m, const struct schema_field *f, struct cel_value v);

void
put_tag(struct maker *m, uint32_t number, enum wire_type wire)
{
	buf_put_varint(m->out, (uint64_t)number << 3 | wire);
}

void
close_gap(struct buf *out, size_t start)
{
	uint8_t length[10];
	size_t count = 0, content = out->len - start;

	for (size_t rest = content;; rest >>= 7) {
		length[count++] = (uint8_t)(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
		if (rest < 0x80) {
			break;
		}
	}
	if (!buf_reserve(out, count)) {
		return;
	}
	memmove(out->data + start + count, out->data + start, content);
	memcpy(out->data + start, length, count);
	out->len += count;
}

// ---- scalars --------------------------------------------------------------------------------------------------------

static enum cel_error
whole_bits(const struct schema_field *f, struct cel_value v, uint64_t *ret)
{
	int64_t i = v.kind == CEL_ENUM ? (int32_t)v.n : v.integer;

	if (v.kind != CEL_INT && (f->kind != KIND_ENUM || v.kind != CEL_ENUM)) {
		return CEL_ERROR_FIELD_TYPE;
	}
	*ret = scalar_whole_bits(f->kind, (uint64_t)i);
	return scalar_is_narrow(f->kind) && (i < INT32_MIN || i > INT32_MAX) ? CEL_ERROR_RANGE : MADE;
}

// The bits of a number as its node would hold them.
static enum cel_error
number_bits(const struct schema_field *f, struct cel_value v, uint64_t *ret)
{
	switch (f->kind) {
	case KIND_DOUBLE:
	case KIND_FLOAT:
		*ret = scalar_float_bits(f->kind, v.number);
		return v.kind == CEL_DOUBLE ? MADE : CEL_ERROR_FIELD_TYPE;
	case KIND_BOOL:
		*ret = v.kind == CEL_BOOL && v.boolean;
		return v.kind == CEL_BOOL ? MADE : CEL_ERROR_FIELD_TYPE;
	case KIND_UINT32:
	case KIND_UINT64:
	case KIND_FIXED32:
	case KIND_FIXED64:
		*ret = v.unsigned_integer;
		return v.kind != CEL_UINT                                          ? CEL_ERROR_FIELD_TYPE
		    : scalar_is_narrow(f->kind) && v.unsigned_integer > UINT32_MAX ? CEL_ERROR_RANGE
										   : MADE;
	default:
		return whole_bits(f, v, ret);
	}
}

static enum cel_error
put_scalar(struct maker *m, const struct schema_field *f, struct cel_value v)
{
	uint64_t bits = 0;
	enum cel_error error = MADE;

	if (f->kind == KIND_STRING || f->kind == KIND_BYTES) {
		error = v.kind == (f->kind == KIND_STRING ? CEL_STRING : CEL_BYTES) ? MADE : CEL_ERROR_FIELD_TYPE;
	} else if (f->kind == KIND_ENUM && f->enumeration->is_null && v.kind == CEL_NULL) {
		bits = 0;
	} else {
		error = number_bits(f, v, &bits);
	}
	if (error == MADE) {
		scalar_put(f, bits, cel_text(v), true, m->out);
	}
	return error;
}

// ---- well-known types -----------------------------------------------------------------------------------------------

static void
put_time(struct maker *m, struct cel_value v)
{
	put_tag(m, 1, WIRE_VARINT);
	buf_put_varint(m->out, v.unsigned_integer);
	put_tag(m, 2, WIRE_VARINT);
	buf_put_varint(m->out, (uint64_t)(int64_t)cel_nanos(v));
}

void
put_double(struct maker *m, uint32_t number, double d)
{
	uint64_t bits = scalar_float_bits(KIND_DOUBLE, d);

	put_tag(m, number, WIRE_I64);
	for (unsigned int k = 0; k < 8; k++) {
		buf_put_u8(m->out, (uint8_t)(bits >> (8 * k)));
	}
}

void
put_text(struct maker *m, uint32_t number, struct view text)
{
	put_tag(m, number, WIRE_LEN);
	buf_put_text(m->out, text);
}

// The content of the message that stands for a value inside of an Any.
static enum cel_error
put_boxed(struct maker *m, struct cel_value v, const char **ret_type)
{
	switch (v.kind) {
	case CEL_MESSAGE:
		*ret_type = cel_message_type(v)->name;
		return index_encode(v.index, v.n, m->out) == EN_OK ? MADE : CEL_ERROR_FIELD_TYPE;
	case CEL_LIST:
		*ret_type = "google.protobuf.ListValue";
		return put_json_list(m, v);
	case CEL_MAP:
		*ret_type = "google.protobuf.Struct";
		return put_json_object(m, v);
	case CEL_TIMESTAMP:
	case CEL_DURATION:
		*ret_type = cel_type_name_of(v);
		put_time(m, v);
		return MADE;
	case CEL_STRING:
	case CEL_BYTES:
		*ret_type = v.kind == CEL_STRING ? "google.protobuf.StringValue" : "google.protobuf.BytesValue";
		put_text(m, 1, cel_text(v));
		return MADE;
	case CEL_DOUBLE:
		*ret_type = "google.protobuf.DoubleValue";
		put_double(m, 1, v.number);
		return MADE;
	case CEL_BOOL:
	case CEL_INT:
	case CEL_UINT:
		*ret_type = v.kind == CEL_BOOL ? "google.protobuf.BoolValue"
		    : v.kind == CEL_INT        ? "google.protobuf.Int64Value"
					       : "google.protobuf.UInt64Value";
		put_tag(m, 1, WIRE_VARINT);
		buf_put_varint(m->out, v.kind == CEL_BOOL ? v.boolean : v.unsigned_integer);
		return MADE;
	default:
		return CEL_ERROR_FIELD_TYPE;
	}
}

static enum cel_error
put_any(struct maker *m, struct cel_value v)
{
	const char *type = "";
	enum cel_error error;

	put_tag(m, 2, WIRE_LEN);
	size_t start = m->out->len;

	error = put_boxed(m, v, &type);
	close_gap(m->out, start);
	put_tag(m, 1, WIRE_LEN);
	start = m->out->len;
	buf_printf(m->out, "type.googleapis.com/%s", type);
	close_gap(m->out, start);
	return error;
}

// ---- fields ---------------------------------------------------------------------------------------------------------

// The content of a message field.
static enum cel_error
put_message(struct maker *m, const struct schema_type *t, struct cel_value v)
{
	switch (t->well_known) {
	case WELL_KNOWN_WRAPPER:
		return put_scalar(m, &t->fields[0], v);
	case WELL_KNOWN_TIMESTAMP:
	case WELL_KNOWN_DURATION:
		if (v.kind != (t->well_known == WELL_KNOWN_TIMESTAMP ? CEL_TIMESTAMP : CEL_DURATION)) {
			return CEL_ERROR_FIELD_TYPE;
		}
		put_time(m, v);
		return MADE;
	case WELL_KNOWN_STRUCT:
		return put_json_object(m, v);
	case WELL_KNOWN_LIST_VALUE:
		return put_json_list(m, v);
	case WELL_KNOWN_VALUE:
		return put_json(m, v);
	case WELL_KNOWN_ANY:
		return put_any(m, v);
	default:
		if (v.kind != CEL_MESSAGE || cel_message_type(v) != t) {
			return CEL_ERROR_FIELD_TYPE;
		}
		return index_encode(v.index, v.n, m->out) == EN_OK ? MADE : CEL_ERROR_FIELD_TYPE;
	}
}

// One value, with its tag.
static enum cel_error
put_one(struct maker *m, const struct schema_field *f, struct cel_value v)
{
	enum cel_error error;

	if (!run_scratch_fits(m->run)) {
		return CEL_ERROR_FIELD_TYPE;
	}
	if (!schema_is_message(f)) {
		return put_scalar(m, f, v);
	}
	put_tag(m, f->number, schema_wire_type(f->kind));
	size_t start = m->out->len;

	error = put_message(m, f->message, v);
	if (f->kind == KIND_GROUP) {
		put_tag(m, f->number, WIRE_EGROUP);
	} else {
		close_gap(m->out, start);
	}
	return error;
}

static enum cel_error
put_map(struct maker *m, const struct schema_field *f, struct cel_value v)
{
	enum cel_error error = v.kind == CEL_MAP ? MADE : CEL_ERROR_FIELD_TYPE;

	for (uint32_t k = 0; error == MADE && k < v.n && run_charge(m->run, 1); k++) {
		put_tag(m, f->number, WIRE_LEN);
		size_t start = m->out->len;

		error = put_scalar(m, &f->message->fields[0], cel_map_entries(v)[k].key);
		error = error == MADE ? put_field(m, &f->message->fields[1], cel_map_entries(v)[k].value) : error;
		close_gap(m->out, start);
	}
	return error;
}

static enum cel_error
put_field(struct maker *m, const struct schema_field *f, struct cel_value v)
{
	enum cel_error error = MADE;

	if (f->is_map) {
		return put_map(m, f, v);
	}
	if (f->repeated) {
		error = v.kind == CEL_LIST ? MADE : CEL_ERROR_FIELD_TYPE;
		for (uint32_t k = 0; error == MADE && k < v.n && run_charge(m->run, 1); k++) {
			error = put_one(m, f, cel_list_items(v)[k]);
		}
		return error;
	}
	if (v.kind == CEL_NULL && schema_is_message(f) && f->message->well_known != WELL_KNOWN_VALUE) {
		return f->message->well_known == WELL_KNOWN_STRUCT || f->message->well_known == WELL_KNOWN_LIST_VALUE
		    ? CEL_ERROR_FIELD_TYPE
		    : MADE;
	}
	return put_one(m, f, v);
}

struct cel_value
message_make(struct cel_run *run, const struct message_plan *plan, const struct cel_value *values, const bool *left_out,
    uint32_t count)
{
	struct maker m = {.run = run, .out = &run->scratch};
	struct cel_value payload;
	const struct index *ix;

	buf_clear(m.out);
	for (uint32_t k = 0; k < count; k++) {
		enum cel_error error = plan->fields[k] == NULL ? CEL_ERROR_NO_FIELD
		    : left_out[k]                              ? MADE
							       : put_field(&m, plan->fields[k], values[k]);

		if (m.out->err != EN_OK) {
			run_fail(run, m.out->err);
		}
		if (error != MADE) {
			(void)run_charge(
			    run, m.out->len / 16); // what was written is paid for, also when it comes to nothing
			return cel_error(error);
		}
	}
	payload = run_scratch(run, CEL_BYTES);
	ix = run->err == EN_OK ? run_index(run, plan->type, cel_text(payload)) : NULL;
	return ix == NULL ? cel_error(CEL_ERROR_FIELD_TYPE) : cel_value_of_message(run, ix, 0);
}

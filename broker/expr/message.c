// SPDX-License-Identifier: Apache-2.0
// Reading messages from the wire index. Nothing here trusts a payload: the index has checked its form, and what a well-known type holds is checked
// against its descriptor when the schemas are loaded.
#include "expr/message.h"

#include "expr/run_int.h"
#include "schema/scalar.h"
#include "schema/well_known.h"

static struct cel_value
zigzag(enum schema_kind kind, uint64_t bits)
{
	int64_t i = index_zigzag(bits);

	return cel_int(kind == KIND_SINT32 ? (int32_t)i : i);
}

struct cel_value
message_scalar(const struct schema_field *f, uint64_t bits)
{
	uint32_t half = (uint32_t)bits;

	switch (f->kind) {
	case KIND_DOUBLE:
	case KIND_FLOAT:
		return cel_double(scalar_float(f->kind, bits));
	case KIND_BOOL:
		return cel_bool(bits != 0);
	case KIND_UINT64:
	case KIND_UINT32:
	case KIND_FIXED64:
	case KIND_FIXED32:
		return cel_uint(bits);
	case KIND_SFIXED32:
		return cel_int((int32_t)half);
	case KIND_SINT32:
	case KIND_SINT64:
		return zigzag(f->kind, bits);
	case KIND_ENUM:
		return f->enumeration->is_null ? cel_null() : cel_int((int32_t)half);
	default:
		return cel_int((int64_t)bits);
	}
}

// ---- defaults -------------------------------------------------------------------------------------------------------

struct cel_value
message_empty(struct cel_run *run, const struct schema_type *t)
{
	const struct index *ix = NULL;

	for (uint32_t k = 0; k < run->unset_count && ix == NULL; k++) {
		ix = run->unset[k].type == t ? run->unset[k].index : NULL;
	}
	if (ix == NULL) {
		ix = run_index(run, t, VIEW_EMPTY);
		if (ix == NULL) {
			return cel_null();
		}
		if (run->unset_count < UNSET_MAX) {
			run->unset[run->unset_count].type = t;
			run->unset[run->unset_count++].index = ix;
		}
	}
	return cel_value_of_message(run, ix, 0);
}

static struct cel_value
empty_list(struct cel_run *run)
{
	struct cel_value list = cel_null();

	if (!cel_list_new(&run->arena, 0, &list)) {
		run_exhausted(run);
	}
	return list;
}

static struct cel_value
empty_map(struct cel_run *run)
{
	struct cel_value map = cel_null();

	if (!cel_map_new(&run->arena, 0, &map)) {
		run_exhausted(run);
	}
	return map;
}

// The defaults of proto2 stand as values, not as bits of the wire.
struct cel_value
message_default_scalar(const struct schema_field *f)
{
	switch (f->kind) {
	case KIND_STRING:
		return cel_string(f->default_text);
	case KIND_BYTES:
		return cel_bytes(f->default_text);
	case KIND_SINT32:
	case KIND_SINT64:
		return cel_int((int64_t)f->default_bits);
	case KIND_ENUM: // a closed one begins with its first value, whatever its number
		return f->enumeration->closed && !f->has_default && f->enumeration->value_count > 0
		    ? message_scalar(f, (uint64_t)(int64_t)f->enumeration->values[0].number)
		    : message_scalar(f, f->default_bits);
	default:
		return message_scalar(f, f->default_bits);
	}
}

// Whether the program that runs has enums as types of their own.
static bool
is_strong_enum(const struct cel_run *run, const struct schema_field *f)
{
	return f->kind == KIND_ENUM && run->strong_enums && !f->enumeration->is_null;
}

static struct cel_value
default_value(struct cel_run *run, const struct schema_field *f)
{
	if (f->is_map) {
		return empty_map(run);
	}
	if (f->repeated) {
		return empty_list(run);
	}
	if (!schema_is_message(f)) {
		struct cel_value v = message_default_scalar(f);

		return is_strong_enum(run, f) ? cel_enum(f->enumeration, (int32_t)v.integer) : v;
	}
	switch (f->message->well_known) {
	case WELL_KNOWN_WRAPPER:
	case WELL_KNOWN_ANY:
	case WELL_KNOWN_VALUE:
		return cel_null();
	default:
		return message_empty(run, f->message);
	}
}

// ---- fields ---------------------------------------------------------------------------------------------------------

static struct cel_value
node_value(struct cel_run *run, const struct index *ix, const struct schema_field *f, const struct index_node *n)
{
	if (schema_is_message(f)) {
		return cel_value_of_message(run, ix, n->message);
	}
	if (f->kind == KIND_STRING || f->kind == KIND_BYTES) {
		return f->kind == KIND_STRING ? cel_string(index_bytes(ix, n)) : cel_bytes(index_bytes(ix, n));
	}
	return is_strong_enum(run, f) ? cel_enum(f->enumeration, (int32_t)n->bits) : message_scalar(f, n->bits);
}

static struct cel_value
list_value(struct cel_run *run, const struct index *ix, const struct schema_field *f, const struct index_node *n)
{
	struct cel_value list = empty_list(run);

	for (; n != NULL && run->err == EN_OK; n = index_next(ix, n)) {
		struct cel_value item = node_value(run, ix, f, n);

		if (item.kind == CEL_ERROR) {
			return item;
		}
		if (!run_charge(run, 1) || !cel_list_append(&run->arena, &list, item)) {
			run_exhausted(run);
		}
	}
	return list;
}

// Of entries with the same key the last one counts.
static struct cel_value
map_value(struct cel_run *run, const struct index *ix, const struct schema_field *f, const struct index_node *n)
{
	struct cel_value map = empty_map(run);

	for (; n != NULL && run->err == EN_OK; n = index_next(ix, n)) {
		struct cel_value key = message_field(run, ix, n->message, &f->message->fields[0]);
		struct cel_value value = message_field(run, ix, n->message, &f->message->fields[1]);

		if (value.kind == CEL_ERROR) {
			return value;
		}
		if (run->err != EN_OK || !run_charge(run, 1) || !run_charge_text(run, key)) {
			break;
		}
		struct cel_value *old = (struct cel_value *)cel_map_get(map, key);

		if (old != NULL) {
			*old = value;
		} else if (!cel_map_append(&run->arena, &map, key, value)) {
			run_exhausted(run);
		}
	}
	return map;
}

static struct cel_value
repeated_value(struct cel_run *run, const struct index *ix, uint32_t number, const struct schema_field *f)
{
	const struct index_node *n = index_first(ix, number, f);
	struct cel_value v;

	if (n == NULL) {
		return default_value(run, f);
	}
	for (uint32_t k = 0; k < run->gathered_count && k < GATHERED_MAX; k++) {
		if (run->gathered[k].field == f && run->gathered[k].index == ix && run->gathered[k].message == number) {
			return run->gathered[k].value;
		}
	}
	v = f->is_map ? map_value(run, ix, f, n) : list_value(run, ix, f, n);
	if (v.kind != CEL_ERROR && run->err == EN_OK) {
		uint32_t k = run->gathered_count++ % GATHERED_MAX;

		run->gathered[k].index = ix;
		run->gathered[k].field = f;
		run->gathered[k].message = number;
		run->gathered[k].value = v;
	}
	return v;
}

struct cel_value
message_field(struct cel_run *run, const struct index *ix, uint32_t number, const struct schema_field *f)
{
	const struct index_node *n;

	if (f->repeated) {
		return repeated_value(run, ix, number, f);
	}
	n = index_last(ix, number, f);
	return n == NULL ? default_value(run, f) : node_value(run, ix, f, n);
}

bool
message_has(const struct index *ix, uint32_t number, const struct schema_field *f)
{
	const struct index_node *n = index_last(ix, number, f);

	return n != NULL && (f->repeated || f->has_presence || !index_is_zero(f, n));
}

// ---- well-known types -----------------------------------------------------------------------------------------------

static struct cel_value
any_value(struct cel_run *run, const struct index *ix, uint32_t number, const struct schema_type *t)
{
	const struct index_node *url = index_last(ix, number, &t->fields[0]),
				*bytes = index_last(ix, number, &t->fields[1]);
	struct view name = url == NULL ? VIEW_EMPTY : index_bytes(ix, url);
	const struct schema_type *inner = run_charge(run, name.len / 16) ? well_known_any_type(t->schema, name) : NULL;
	const struct index *unpacked;
	struct cel_value v;

	if (inner == NULL || run->any_depth == LIMIT_CODEC_DEPTH) {
		return cel_error(CEL_ERROR_ANY);
	}
	unpacked = run_index(run, inner, bytes == NULL ? VIEW_EMPTY : index_bytes(ix, bytes));
	if (unpacked == NULL) {
		return cel_error(CEL_ERROR_ANY);
	}
	run->any_depth++;
	v = cel_value_of_message(run, unpacked, 0);
	run->any_depth--;
	return v;
}

// The member of the oneof that is there.
static struct cel_value
json_value(struct cel_run *run, const struct index *ix, uint32_t number, const struct schema_type *t)
{
	for (uint32_t i = 0; i < t->field_count; i++) {
		if (index_last(ix, number, &t->fields[i]) != NULL) {
			return message_field(run, ix, number, &t->fields[i]);
		}
	}
	return cel_null();
}

// Timestamp and Duration; an error when the message is outside of what its type allows.
static struct cel_value
time_value(struct cel_run *run, const struct index *ix, uint32_t number, const struct schema_type *t)
{
	int64_t seconds = message_field(run, ix, number, &t->fields[0]).integer;
	int64_t nanos = message_field(run, ix, number, &t->fields[1]).integer;

	if (t->well_known == WELL_KNOWN_TIMESTAMP) {
		return timestamp_is_valid(seconds, nanos) ? cel_timestamp(seconds, (int32_t)nanos)
							  : cel_error(CEL_ERROR_RANGE);
	}
	return duration_is_valid(seconds, nanos) ? cel_duration(seconds, (int32_t)nanos) : cel_error(CEL_ERROR_RANGE);
}

struct cel_value
cel_value_of_message(struct cel_run *run, const struct index *ix, uint32_t number)
{
	const struct schema_type *t = ix->messages[number].type;

	switch (t->well_known) {
	case WELL_KNOWN_ANY:
		return any_value(run, ix, number, t);
	case WELL_KNOWN_VALUE:
		return json_value(run, ix, number, t);
	case WELL_KNOWN_STRUCT:
	case WELL_KNOWN_LIST_VALUE:
	case WELL_KNOWN_WRAPPER:
		return message_field(run, ix, number, &t->fields[0]);
	case WELL_KNOWN_TIMESTAMP:
	case WELL_KNOWN_DURATION:
		return time_value(run, ix, number, t);
	default:
		return cel_message(ix, number);
	}
}

// ---- equality -------------------------------------------------------------------------------------------------------

static bool
unknown_equal(struct cel_run *run, const struct index *a, uint32_t at_a, const struct index *b, uint32_t at_b)
{
	while (at_a != INDEX_NONE && at_b != INDEX_NONE) {
		const struct index_node *x = &a->elements[at_a], *y = &b->elements[at_b];
		uint32_t wire = x->tag & 7;
		bool is_text = wire == WIRE_LEN || wire == WIRE_SGROUP;

		if (x->tag != y->tag || !run_charge(run, 1 + (is_text ? x->length / 16 : 0)) ||
		    (is_text ? !view_equal(index_bytes(a, x), index_bytes(b, y)) : x->bits != y->bits)) {
			return false;
		}
		at_a = x->next;
		at_b = y->next;
	}
	return at_a == at_b;
}

// Two Any are equal when what is inside is; when nobody knows what that is, they are compared as they are.
static bool
fields_equal(struct cel_run *run, struct cel_value a, struct cel_value b, const struct schema_field *f)
{
	struct cel_value x = message_field(run, a.index, a.n, f), y = message_field(run, b.index, b.n, f);

	if (x.kind == CEL_ERROR && y.kind == CEL_ERROR && !f->repeated && schema_is_message(f)) {
		const struct schema_type *t = f->message;
		uint32_t in_a = index_last(a.index, a.n, f)->message, in_b = index_last(b.index, b.n, f)->message;

		return t->well_known == WELL_KNOWN_ANY &&
		    fields_equal(run, cel_message(a.index, in_a), cel_message(b.index, in_b), &t->fields[0]) &&
		    fields_equal(run, cel_message(a.index, in_a), cel_message(b.index, in_b), &t->fields[1]);
	}
	return cel_equal(run, x, y);
}

bool
message_equal(struct cel_run *run, struct cel_value a, struct cel_value b)
{
	const struct schema_type *t = cel_message_type(a);

	if (t != cel_message_type(b) || !run_charge(run, t->field_count)) {
		return false;
	}
	for (uint32_t i = 0; i < t->field_count; i++) {
		const struct schema_field *f = &t->fields[i];
		bool has = message_has(a.index, a.n, f);

		if (has != message_has(b.index, b.n, f)) {
			return false;
		}
		if (has && !fields_equal(run, a, b, f)) {
			return false;
		}
	}
	return unknown_equal(run, a.index, a.index->messages[a.n].unknown, b.index, b.index->messages[b.n].unknown);
}

// SPDX-License-Identifier: Apache-2.0
// Values as google.protobuf.Value: what the language says JSON makes of them.
#include "expr/message_int.h"

#include "base/base64.h"
#include "expr/function_int.h"
#include "schema/json.h"

enum cel_error
put_json_list(struct maker *m, struct cel_value v)
{
	enum cel_error error = v.kind == CEL_LIST ? MADE : CEL_ERROR_FIELD_TYPE;

	for (uint32_t k = 0; error == MADE && k < v.n; k++) {
		put_tag(m, 1, WIRE_LEN);
		size_t start = m->out->len;

		error = put_json(m, cel_list_items(v)[k]);
		close_gap(m->out, start);
	}
	return error;
}

enum cel_error
put_json_object(struct maker *m, struct cel_value v)
{
	enum cel_error error = v.kind == CEL_MAP ? MADE : CEL_ERROR_FIELD_TYPE;

	for (uint32_t k = 0; error == MADE && k < v.n; k++) {
		const struct cel_entry_value *e = &cel_map_entries(v)[k];

		if (e->key.kind != CEL_STRING) {
			return CEL_ERROR_KEY_TYPE;
		}
		put_tag(m, 1, WIRE_LEN);
		size_t start = m->out->len;

		put_text(m, 1, cel_text(e->key));
		put_tag(m, 2, WIRE_LEN);
		size_t inner = m->out->len;

		error = put_json(m, e->value);
		close_gap(m->out, inner);
		close_gap(m->out, start);
	}
	return error;
}

static enum cel_error
put_json_nested(struct maker *m, struct cel_value v)
{
	enum cel_error error;

	put_tag(m, v.kind == CEL_MAP ? 5 : 6, WIRE_LEN);
	size_t start = m->out->len;

	error = v.kind == CEL_MAP ? put_json_object(m, v) : put_json_list(m, v);
	close_gap(m->out, start);
	return error;
}

// A whole number is a JSON number as far as a double is exact, and text beyond.
static void
put_json_whole(struct maker *m, struct cel_value v)
{
	const int64_t exact = (INT64_C(1) << 53) - 1;

	if (v.kind == CEL_INT ? v.integer >= -exact && v.integer <= exact : v.unsigned_integer <= (uint64_t)exact) {
		put_double(m, 2, (double)v.integer);
		return;
	}
	put_tag(m, 3, WIRE_LEN);
	size_t start = m->out->len;

	if (v.kind == CEL_INT) {
		buf_printf(m->out, "%lld", (long long)v.integer);
	} else {
		buf_printf(m->out, "%llu", (unsigned long long)v.unsigned_integer);
	}
	close_gap(m->out, start);
}

static enum cel_error
put_json_text(struct maker *m, struct cel_value v)
{
	put_tag(m, 3, WIRE_LEN);
	size_t start = m->out->len;
	bool good = true;

	if (v.kind == CEL_BYTES) {
		base64_encode(cel_text(v), m->out);
	} else if (v.kind == CEL_TIMESTAMP) {
		good = time_to_text(v, m->out);
	} else {
		duration_to_short_text(v, m->out);
	}
	close_gap(m->out, start);
	return good ? MADE : CEL_ERROR_RANGE;
}

// A message as its ProtoJSON is a Value.
static enum cel_error
put_json_message(struct maker *m, struct cel_value v)
{
	const struct json_options options = {.lenient = false};
	const struct schema_type *value = schema_type_by_name(cel_message_type(v)->schema, "google.protobuf.Value");
	struct buf text = BUF_EMPTY;
	struct json_fault fault;
	enum en_err err;

	(void)run_charge(m->run, v.index->payload.len / 16);
	err = value == NULL ? EN_ENOTFOUND : json_from_index(v.index, v.n, &options, &text);
	err = err == EN_OK ? json_to_payload(value, buf_view(&text), &options, m->out, NULL, &fault) : err;
	buf_fini(&text);
	if (err == EN_ENOMEM) {
		run_fail(m->run, err);
	}
	return err == EN_OK ? MADE : CEL_ERROR_FIELD_TYPE;
}

enum cel_error
put_json(struct maker *m, struct cel_value v)
{
	enum cel_error error = MADE;

	if (++m->depth > LIMIT_CODEC_DEPTH || !run_charge(m->run, 1) || !run_scratch_fits(m->run)) {
		return CEL_ERROR_FIELD_TYPE;
	}
	switch (v.kind) {
	case CEL_NULL:
	case CEL_BOOL:
		put_tag(m, v.kind == CEL_NULL ? 1 : 4, WIRE_VARINT);
		buf_put_varint(m->out, v.kind == CEL_BOOL && v.boolean);
		break;
	case CEL_INT:
	case CEL_UINT:
		put_json_whole(m, v);
		break;
	case CEL_DOUBLE:
		put_double(m, 2, v.number);
		break;
	case CEL_STRING:
		put_text(m, 3, cel_text(v));
		break;
	case CEL_LIST:
	case CEL_MAP:
		error = put_json_nested(m, v);
		break;
	case CEL_BYTES:
	case CEL_TIMESTAMP:
	case CEL_DURATION:
		error = put_json_text(m, v);
		break;
	case CEL_MESSAGE:
		error = put_json_message(m, v);
		break;
	default:
		error = CEL_ERROR_FIELD_TYPE;
	}
	m->depth--;
	return error;
}

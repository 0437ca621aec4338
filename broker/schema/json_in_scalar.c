// SPDX-License-Identifier: Apache-2.0
// JSON values that are no messages: strictly by ProtoJSON, and with options->lenient as real systems write them.
#include "schema/json_in.h"
#include "base/base64.h"
#include "schema/scalar.h"

const char *
json_in_expected(const struct schema_field *f)
{
	switch (f->kind) {
	case KIND_STRING:
		return "a text";
	case KIND_BYTES:
		return "base64 in a text";
	case KIND_BOOL:
		return "true or false";
	case KIND_ENUM:
		return "one of the schema's words";
	case KIND_MESSAGE:
	case KIND_GROUP:
		return "an object";
	case KIND_DOUBLE:
	case KIND_FLOAT:
		return "a number";
	default:
		return "a whole number within the range of the field";
	}
}

static enum en_err
take_text(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag)
{
	static const char *const words[] = {"true", "false"};
	struct view text = r->json.text;

	if (token == JSON_TRUE || token == JSON_FALSE) {
		text = view_text(words[token == JSON_FALSE]);
	}
	// A record keeps values as its system wrote them: a telephone as a number is still a telephone.
	if (token != JSON_STRING && !(r->options->lenient && f->kind == KIND_STRING)) {
		return json_in_fail(r, EN_EFORMAT, json_in_expected(f));
	}
	if (f->kind == KIND_STRING) {
		scalar_put(f, 0, text, with_tag, r->out);
		return EN_OK;
	}
	buf_clear(&r->scratch);
	if (!base64_decode(text, &r->scratch)) {
		return json_in_fail(r, EN_EFORMAT, json_in_expected(f));
	}
	scalar_put(f, 0, buf_view(&r->scratch), with_tag, r->out);
	return r->scratch.err;
}

static bool
is_number_kind(enum schema_kind kind)
{
	return kind != KIND_BOOL && kind != KIND_STRING && kind != KIND_BYTES && kind != KIND_MESSAGE &&
	    kind != KIND_GROUP;
}

static enum en_err
take_number(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag)
{
	uint64_t bits = token == JSON_TRUE;
	bool ok;

	if (token == JSON_TRUE || token == JSON_FALSE) {
		ok = f->kind == KIND_BOOL;
	} else if (token == JSON_STRING) {
		ok = (is_number_kind(f->kind) || r->options->lenient) && scalar_from_text(f, r->json.text, &bits);
	} else {
		ok = token == JSON_NUMBER && is_number_kind(f->kind) && scalar_from_text(f, r->json.text, &bits);
	}
	if (!ok) {
		return json_in_fail(r, EN_EFORMAT, json_in_expected(f));
	}
	scalar_put(f, bits, VIEW_EMPTY, with_tag, r->out);
	return EN_OK;
}

enum en_err
json_in_scalar(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag)
{
	if (token == JSON_NULL && f->kind == KIND_ENUM && f->enumeration->is_null) {
		scalar_put(f, 0, VIEW_EMPTY, with_tag, r->out);
		return EN_OK;
	}
	if (token == JSON_OBJECT || token == JSON_ARRAY || token == JSON_NULL) {
		return json_in_fail(r, EN_EFORMAT, json_in_expected(f));
	}
	return f->kind == KIND_STRING || f->kind == KIND_BYTES ? take_text(r, f, token, with_tag)
							       : take_number(r, f, token, with_tag);
}

// SPDX-License-Identifier: Apache-2.0
// The well-known types in ProtoJSON: a text, a bare value or any JSON in place of an object.
#include "base/limits.h"
#include "schema/json_in.h"
#include "schema/scalar.h"
#include "schema/well_known.h"

enum value_field { VALUE_NULL = 1, VALUE_NUMBER, VALUE_STRING, VALUE_BOOL, VALUE_STRUCT, VALUE_LIST };

static const struct schema_field *
field(const struct schema_type *t, uint32_t number)
{
	return &t->fields[number - 1]; // their fields are numbered from 1 without a gap, see well_known_of
}

// A Timestamp or a Duration: seconds and nanos, under the same numbers in both. Zero is absent.
static enum en_err
take_time(struct reader *r, const struct schema_type *t, enum json_token token,
    bool (*from_text)(struct view, int64_t *, int32_t *), const char *hint)
{
	int64_t seconds;
	int32_t nanos;

	if (token != JSON_STRING || !from_text(r->json.text, &seconds, &nanos)) {
		return json_in_fail(r, EN_EFORMAT, hint);
	}
	if (seconds != 0) {
		scalar_put(field(t, 1), (uint64_t)seconds, VIEW_EMPTY, true, r->out);
	}
	if (nanos != 0) {
		scalar_put(field(t, 2), (uint64_t)(int64_t)nanos, VIEW_EMPTY, true, r->out);
	}
	return EN_OK;
}

static enum en_err
take_mask(struct reader *r, const struct schema_type *t, enum json_token token)
{
	struct view rest = r->json.text;

	if (token != JSON_STRING) {
		return json_in_fail(r, EN_EFORMAT, "paths in one text");
	}
	while (rest.len > 0) {
		const uint8_t *comma = memchr(rest.data, ',', rest.len);
		size_t len = comma == NULL ? rest.len : (size_t)(comma - rest.data);

		buf_clear(&r->scratch);
		if (!mask_path_from_text(view_of(rest.data, len), &r->scratch)) {
			return json_in_fail(r, EN_EFORMAT, "paths in lowerCamelCase");
		}
		scalar_put(field(t, 1), 0, buf_view(&r->scratch), true, r->out);
		rest = comma == NULL ? VIEW_EMPTY : view_of(comma + 1, rest.len - len - 1);
	}
	return r->scratch.err;
}

// Any JSON: which member of the oneof it is, its first token says.
static enum en_err
take_any_value(struct reader *r, const struct schema_type *t, enum json_token token)
{
	switch (token) {
	case JSON_NULL:
		return json_in_value(r, field(t, VALUE_NULL), token, true);
	case JSON_NUMBER:
		return json_in_value(r, field(t, VALUE_NUMBER), token, true);
	case JSON_STRING:
		return json_in_value(r, field(t, VALUE_STRING), token, true);
	case JSON_TRUE:
	case JSON_FALSE:
		return json_in_value(r, field(t, VALUE_BOOL), token, true);
	case JSON_OBJECT:
		return json_in_value(r, field(t, VALUE_STRUCT), token, true);
	case JSON_ARRAY:
		return json_in_value(r, field(t, VALUE_LIST), token, true);
	default:
		return json_in_fail_json(r);
	}
}

// Looks through the object for its "@type", writes that, and goes back to where it began. *ret stays NULL in an object without keys.
static enum en_err
find_type(struct reader *r, const struct schema_type *t, const struct schema_type **ret)
{
	struct json_read begin = json_read_mark(&r->json);
	enum json_token token;
	bool is_empty = true;

	while ((token = json_read_next(&r->json)) == JSON_KEY) {
		bool is_type = view_is(r->json.text, "@type");

		is_empty = false;
		token = json_read_next(&r->json);
		if (!is_type) {
			json_read_skip(&r->json, token);
			continue;
		}
		if (*ret != NULL) {
			return json_in_fail(r, EN_EFORMAT, "the key stands twice");
		}
		*ret = token == JSON_STRING ? well_known_any_type(t->schema, r->json.text) : NULL;
		if (*ret == NULL) {
			return json_in_fail(r, EN_ENOTFOUND, "\"@type\" with a type of the schemas behind a slash");
		}
		scalar_put(field(t, 1), 0, r->json.text, true, r->out);
	}
	if (token != JSON_OBJECT_END) {
		return json_in_fail_json(r);
	}
	if (*ret == NULL && !is_empty) {
		return json_in_fail(r, EN_EFORMAT, "\"@type\" is missing");
	}
	json_read_back(&r->json, &begin);
	return EN_OK;
}

// {"@type": ..., "value": ...}: how a well-known type stands in an Any.
static enum en_err
take_boxed(struct reader *r, const struct schema_type *content)
{
	enum json_token token;
	enum en_err err = EN_OK;
	bool seen = false;

	while (err == EN_OK && (token = json_read_next(&r->json)) == JSON_KEY) {
		bool is_value = view_is(r->json.text, "value"), is_type = view_is(r->json.text, "@type");

		if (!is_type && !is_value && !r->options->ignore_unknown) {
			return json_in_fail_key(r, EN_EFORMAT, r->json.text, "\"@type\" and one \"value\" only");
		}
		size_t before = json_in_push(r, is_value ? r->json.text : VIEW_EMPTY);

		token = json_read_next(&r->json);
		if (token == JSON_ERROR) {
			err = json_in_fail_json(r);
		} else if (is_value && !seen) {
			err = json_in_known(r, content, token);
			seen = true;
		} else if (is_value) {
			err = json_in_fail(r, EN_EFORMAT, "\"@type\" and one \"value\" only");
		} else {
			json_read_skip(&r->json, token);
		}
		json_in_pop(r, before);
	}
	if (err == EN_OK && token != JSON_OBJECT_END) {
		err = json_in_fail_json(r);
	}
	return err == EN_OK && !seen ? json_in_fail(r, EN_EFORMAT, "\"value\" is missing") : err;
}

static enum en_err
take_any(struct reader *r, const struct schema_type *t, enum json_token token)
{
	const struct schema_type *content = NULL;
	size_t tag_at, start;
	enum en_err err;

	if (token != JSON_OBJECT) {
		return json_in_fail(r, EN_EFORMAT, "an object with \"@type\"");
	}
	if (r->depth == LIMIT_CODEC_DEPTH) {
		return json_in_fail(r, EN_ELIMIT, "nested too deeply");
	}
	err = find_type(r, t, &content);
	if (err != EN_OK) {
		return err;
	}
	if (content == NULL) {
		return json_read_next(&r->json) == JSON_OBJECT_END ? EN_OK : json_in_fail_json(r);
	}
	tag_at = r->out->len;
	buf_put_varint(r->out, (uint64_t)field(t, 2)->number << 3 | WIRE_LEN);
	start = r->out->len;
	r->depth++;
	err = content->well_known != WELL_KNOWN_NONE ? take_boxed(r, content) : json_in_object(r, content, true);
	r->depth--;
	if (r->out->len == start) {
		r->out->len = tag_at; // an empty message is absent bytes
	} else {
		json_in_close_gap(r->out, start);
	}
	return err;
}

enum en_err
json_in_known(struct reader *r, const struct schema_type *t, enum json_token token)
{
	switch (t->well_known) {
	case WELL_KNOWN_ANY:
		return take_any(r, t, token);
	case WELL_KNOWN_TIMESTAMP:
		return take_time(r, t, token, timestamp_from_text, "a moment, such as \"2026-01-31T23:59:59Z\"");
	case WELL_KNOWN_DURATION:
		return take_time(r, t, token, duration_from_text, "seconds, such as \"1.5s\"");
	case WELL_KNOWN_FIELD_MASK:
		return take_mask(r, t, token);
	case WELL_KNOWN_STRUCT:
		return json_in_map(r, field(t, 1), token);
	case WELL_KNOWN_LIST_VALUE:
		return json_in_list(r, field(t, 1), token);
	case WELL_KNOWN_VALUE:
		return take_any_value(r, t, token);
	case WELL_KNOWN_WRAPPER:
		return json_in_value(r, field(t, 1), token, true);
	case WELL_KNOWN_NONE:
		break;
	}
	return json_in_fail(r, EN_EINTERNAL, NULL);
}

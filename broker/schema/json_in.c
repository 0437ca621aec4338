// SPDX-License-Identifier: Apache-2.0
// JSON text -> payload bytes in one pass. A sub-message is written behind a gap that its length fills afterwards.
#include <stdio.h>
#include <stdlib.h>

#include "base/finding.h"
#include "base/limits.h"
#include "schema/json.h"
#include "schema/json_read.h"
#include "schema/scalar.h"

struct reader {
	struct json_read json;
	const struct json_options *options;
	struct buf *out, *unknown;
	struct json_fault *fault;
	char path[256];
	size_t path_len;
	struct buf scratch;
};

static enum en_err take_object(struct reader *r, const struct schema_type *t);
static enum en_err take_value(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag);

static size_t
push(struct reader *r, struct view name)
{
	size_t before = r->path_len;
	int n = snprintf(r->path + before, sizeof(r->path) - before, "%s%.*s", before == 0 ? "" : ".", (int)name.len,
	    (const char *)name.data);

	r->path_len = n < 0 || before + (size_t)n >= sizeof(r->path) ? sizeof(r->path) - 1 : before + (size_t)n;
	// Cut within a character, it would be no text that a frame can carry.
	while (r->path_len > 0 && !view_is_utf8(view_of(r->path, r->path_len))) {
		r->path[--r->path_len] = '\0';
	}
	return before;
}

static void
pop(struct reader *r, size_t before)
{
	r->path_len = before;
	r->path[before] = '\0';
}

static enum en_err
fail(struct reader *r, enum en_err err, const char *hint)
{
	if (r->fault->err == EN_OK) {
		r->fault->err = err;
		r->fault->line = r->json.line;
		r->fault->column = json_read_column(&r->json);
		snprintf(r->fault->path, sizeof(r->fault->path), "%s", r->path);
		snprintf(r->fault->hint, sizeof(r->fault->hint), "%s", hint == NULL ? "" : hint);
	}
	return err;
}

static enum en_err
fail_json(struct reader *r)
{
	return fail(r, r->json.err == EN_OK ? EN_EFORMAT : r->json.err, r->json.problem);
}

// What was expected, in words.
static const char *
expected(const struct schema_field *f)
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

// Puts the length of what was written since start before it.
static void
close_gap(struct buf *out, size_t start)
{
	size_t len = out->len - start;
	struct buf head = BUF_EMPTY;

	buf_put_varint(&head, len);
	if (head.err == EN_OK && buf_reserve(out, head.len)) {
		memmove(out->data + start + head.len, out->data + start, len);
		memcpy(out->data + start, head.data, head.len);
		out->len += head.len;
	}
	buf_fini(&head);
}

static enum en_err
take_message(struct reader *r, const struct schema_field *f, enum json_token token)
{
	size_t start;
	enum en_err err;

	if (token != JSON_OBJECT) {
		return fail(r, EN_EFORMAT, expected(f));
	}
	buf_put_varint(r->out, (uint64_t)f->number << 3 | (f->kind == KIND_GROUP ? WIRE_SGROUP : WIRE_LEN));
	start = r->out->len;
	err = take_object(r, f->message);
	if (f->kind == KIND_GROUP) {
		buf_put_varint(r->out, (uint64_t)f->number << 3 | WIRE_EGROUP);
	} else {
		close_gap(r->out, start);
	}
	return err;
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
		return fail(r, EN_EFORMAT, expected(f));
	}
	if (f->kind == KIND_STRING) {
		scalar_put(f, 0, text, with_tag, r->out);
		return EN_OK;
	}
	buf_clear(&r->scratch);
	if (!base64_decode(text, &r->scratch)) {
		return fail(r, EN_EFORMAT, expected(f));
	}
	scalar_put(f, 0, buf_view(&r->scratch), with_tag, r->out);
	return EN_OK;
}

static bool
is_number_kind(enum schema_kind kind)
{
	return kind != KIND_BOOL && kind != KIND_STRING && kind != KIND_BYTES && kind != KIND_MESSAGE &&
	    kind != KIND_GROUP;
}

static enum en_err
take_scalar(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag)
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
		return fail(r, token == JSON_ERROR ? r->json.err : EN_EFORMAT, expected(f));
	}
	scalar_put(f, bits, VIEW_EMPTY, with_tag, r->out);
	return EN_OK;
}

static enum en_err
take_value(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag)
{
	if (token == JSON_ERROR) {
		return fail_json(r);
	}
	if (schema_is_message(f)) {
		return take_message(r, f, token);
	}
	if (token == JSON_OBJECT || token == JSON_ARRAY || token == JSON_NULL) {
		return fail(r, EN_EFORMAT, expected(f));
	}
	return f->kind == KIND_STRING || f->kind == KIND_BYTES ? take_text(r, f, token, with_tag)
							       : take_scalar(r, f, token, with_tag);
}

// "a|b" of one cell or text, for a field whose schema says so.
static enum en_err
take_split(struct reader *r, const struct schema_field *f)
{
	struct buf copy = BUF_EMPTY;
	size_t step = strlen(f->list_separator), at = 0;
	enum en_err err = EN_OK;

	buf_put_view(&copy, r->json.text);
	while (at <= copy.len && copy.len > 0 && err == EN_OK) {
		const uint8_t *hit = step == 0 ? NULL : memmem(copy.data + at, copy.len - at, f->list_separator, step);
		size_t end = hit == NULL ? copy.len : (size_t)(hit - copy.data);

		if (end > at) {
			r->json.text = view_of(copy.data + at, end - at);
			err = take_value(r, f, JSON_STRING, true);
		}
		at = end + (hit == NULL ? 1 : step);
		if (hit == NULL) {
			break;
		}
	}
	buf_fini(&copy);
	return err;
}

static enum en_err
take_list(struct reader *r, const struct schema_field *f, enum json_token token)
{
	size_t start, tag_at = r->out->len, count = 0;
	enum en_err err = EN_OK;

	if (token == JSON_STRING && f->list_separator != NULL) {
		return take_split(r, f);
	}
	if (token != JSON_ARRAY) {
		return fail(r, EN_EFORMAT, "a list");
	}
	if (f->packed) {
		buf_put_varint(r->out, (uint64_t)f->number << 3 | WIRE_LEN);
	}
	start = r->out->len;
	while (err == EN_OK) {
		char number[24];
		size_t before;

		token = json_read_next(&r->json);
		if (token == JSON_ARRAY_END) {
			break;
		}
		snprintf(number, sizeof(number), "%zu", count++);
		before = push(r, view_text(number));
		err = take_value(r, f, token, !f->packed);
		pop(r, before);
	}
	if (f->packed && count == 0) {
		r->out->len = tag_at; // an empty list is absent
	} else if (f->packed) {
		close_gap(r->out, start);
	}
	return err;
}

static enum en_err
take_map(struct reader *r, const struct schema_field *f, enum json_token token)
{
	const struct schema_field *key = schema_field_by_number(f->message, 1),
				  *value = schema_field_by_number(f->message, 2);
	enum en_err err = EN_OK;

	if (token != JSON_OBJECT) {
		return fail(r, EN_EFORMAT, "an object");
	}
	while (err == EN_OK && (token = json_read_next(&r->json)) == JSON_KEY) {
		size_t start, before = push(r, r->json.text);
		uint64_t bits = 0;

		buf_put_varint(r->out, (uint64_t)f->number << 3 | WIRE_LEN);
		start = r->out->len;
		if (key->kind != KIND_STRING && !scalar_from_text(key, r->json.text, &bits)) {
			return fail(r, EN_EFORMAT, expected(key));
		}
		scalar_put(key, bits, r->json.text, true, r->out);
		err = take_value(r, value, json_read_next(&r->json), true);
		close_gap(r->out, start);
		pop(r, before);
	}
	return err == EN_OK && token == JSON_ERROR ? fail_json(r) : err;
}

static enum en_err
take_field(struct reader *r, const struct schema_field *f)
{
	enum json_token token = json_read_next(&r->json);

	if (token == JSON_NULL) {
		return EN_OK; // absent
	}
	if (token == JSON_STRING && r->json.text.len == 0 && r->options->lenient && f->kind != KIND_STRING &&
	    f->kind != KIND_BYTES) {
		return EN_OK; // how many systems write "nothing"
	}
	if (f->is_map) {
		return take_map(r, f, token);
	}
	return f->repeated ? take_list(r, f, token) : take_value(r, f, token, true);
}

static enum en_err
unknown_key(struct reader *r, const struct schema_type *t)
{
	enum json_token token;

	if (!r->options->ignore_unknown) {
		const char *names[512], *near;
		char name[128];
		size_t count = 0;

		for (uint32_t i = 0; i < t->field_count && count < EN_COUNT_OF(names); i++) {
			names[count++] = t->fields[i].json_name;
		}
		snprintf(name, sizeof(name), "%.*s", (int)r->json.text.len, (const char *)r->json.text.data);
		near = nearest_name(name, names, count);
		return fail(r, EN_ENOTFOUND, near == NULL ? "the schema has no such key" : near);
	}
	if (r->unknown != NULL) {
		buf_put_str(r->unknown, r->path);
		buf_put_u8(r->unknown, '\n');
	}
	token = json_read_next(&r->json);
	json_read_skip(&r->json, token);
	return r->json.err == EN_OK ? EN_OK : fail_json(r);
}

// A singular field may stand once, and one member of a oneof.
static enum en_err
check_once(struct reader *r, const struct schema_field *f, uint64_t seen[8], uint64_t *oneofs)
{
	uint64_t bit = UINT64_C(1) << (f->slot % 64),
		 member = f->oneof >= 0 && f->oneof < 64 ? UINT64_C(1) << f->oneof : 0;

	if (f->slot < 512 && (seen[f->slot / 64] & bit) != 0) {
		return fail(r, EN_EFORMAT, "the key stands twice");
	}
	if ((*oneofs & member) != 0) {
		return fail(r, EN_EFORMAT, "only one of these keys can be there");
	}
	if (f->slot < 512) {
		seen[f->slot / 64] |= bit;
	}
	*oneofs |= member;
	return EN_OK;
}

static enum en_err
take_object(struct reader *r, const struct schema_type *t)
{
	uint64_t seen[8] = {0}, oneofs = 0;
	enum json_token token;
	enum en_err err = EN_OK;

	while (err == EN_OK && (token = json_read_next(&r->json)) == JSON_KEY) {
		const struct schema_field *f = schema_field_by_name(t, r->json.text);
		size_t before = push(r, r->json.text);

		if (f == NULL) {
			err = unknown_key(r, t);
		} else {
			err = check_once(r, f, seen, &oneofs);
			err = err == EN_OK ? take_field(r, f) : err;
		}
		pop(r, before);
	}
	return err == EN_OK && token != JSON_OBJECT_END ? fail_json(r) : err;
}

enum en_err
json_to_payload(const struct schema_type *t, struct view text, const struct json_options *options, struct buf *out,
    struct buf *unknown, struct json_fault *reterr_fault)
{
	struct json_fault fault = {.err = EN_OK};
	struct reader r = {.options = options, .out = out, .unknown = unknown, .fault = &fault, .scratch = BUF_EMPTY};
	size_t before = out->len;
	enum en_err err;

	json_read_init(&r.json, text, LIMIT_CODEC_DEPTH);
	err = json_read_next(&r.json) == JSON_OBJECT
	    ? take_object(&r, t)
	    : fail(&r, r.json.err != EN_OK ? r.json.err : EN_EFORMAT, "an object");
	if (err == EN_OK && json_read_next(&r.json) != JSON_END) {
		err = fail_json(&r);
	}
	if (err == EN_OK) {
		err = out->err;
	}
	if (err != EN_OK) {
		out->len = before;
		if (reterr_fault != NULL) {
			*reterr_fault = fault;
		}
	}
	buf_fini(&r.scratch);
	json_read_fini(&r.json);
	return err;
}

// SPDX-License-Identifier: Apache-2.0
// JSON text -> payload bytes in one pass. A sub-message is written behind a gap that its length fills afterwards.
#include <stdio.h>

#include "base/finding.h"
#include "base/limits.h"
#include "schema/json_in.h"
#include "schema/scalar.h"

size_t
json_in_push(struct reader *r, struct view name)
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

static size_t
push_number(struct reader *r, size_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", number);
	return json_in_push(r, view_text(text));
}

void
json_in_pop(struct reader *r, size_t before)
{
	r->path_len = before;
	r->path[before] = '\0';
}

enum en_err
json_in_fail(struct reader *r, enum en_err err, const char *hint)
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

// What fits of the text, and no half of a character.
static void
copy_text(char *dst, size_t room, struct view text)
{
	size_t len = text.len < room ? text.len : room - 1;

	while (len > 0 && !view_is_utf8(view_of(text.data, len))) {
		len--;
	}
	memcpy(dst, text.data, len);
	dst[len] = '\0';
}

enum en_err
json_in_fail_key(struct reader *r, enum en_err err, struct view key, const char *hint)
{
	if (r->fault->err == EN_OK) {
		copy_text(r->fault->key, sizeof(r->fault->key), key);
	}
	return json_in_fail(r, err, hint);
}

const char *
json_fault_place(const struct json_fault *f, char dst[static JSON_PLACE_BYTES])
{
	(void)snprintf(
	    dst, JSON_PLACE_BYTES, "%s%s%s", f->path, f->path[0] == '\0' || f->key[0] == '\0' ? "" : ".", f->key);
	return dst;
}

const char *
json_fault_field(const struct json_fault *f, char dst[static JSON_PLACE_BYTES])
{
	bool has_key = f->key[0] != '\0';

	(void)snprintf(dst, JSON_PLACE_BYTES, "%s%s%s%s", f->path, f->path[0] == '\0' || !has_key ? "" : ".",
	    !has_key || !f->is_near ? "" : f->hint,
	    !has_key         ? ""
		: f->is_near ? "?"
			     : "*");
	return dst;
}

enum en_err
json_in_fail_json(struct reader *r)
{
	return json_in_fail(r, r->json.err == EN_OK ? EN_EFORMAT : r->json.err, r->json.problem);
}

void
json_in_close_gap(struct buf *out, size_t start)
{
	size_t len = out->len - start, size = 0;
	uint8_t head[10];

	if (out->err != EN_OK) {
		return;
	}
	for (size_t rest = len; size == 0 || rest > 0; rest >>= 7) {
		head[size++] = (uint8_t)(rest >= 0x80 ? rest | 0x80 : rest);
	}
	if (buf_reserve(out, size)) {
		memmove(out->data + start + size, out->data + start, len);
		memcpy(out->data + start, head, size);
		out->len += size;
	}
}

static enum en_err
take_message(struct reader *r, const struct schema_field *f, enum json_token token)
{
	bool is_known = f->message->well_known != WELL_KNOWN_NONE;
	size_t start;
	enum en_err err;

	if (!is_known && token != JSON_OBJECT) {
		return json_in_fail(r, EN_EFORMAT, json_in_expected(f));
	}
	if (r->depth == LIMIT_CODEC_DEPTH) {
		return json_in_fail(r, EN_ELIMIT, "nested too deeply");
	}
	r->depth++;
	buf_put_varint(r->out, (uint64_t)f->number << 3 | (f->kind == KIND_GROUP ? WIRE_SGROUP : WIRE_LEN));
	start = r->out->len;
	err = is_known ? json_in_known(r, f->message, token) : json_in_object(r, f->message, false);
	if (f->kind == KIND_GROUP) {
		buf_put_varint(r->out, (uint64_t)f->number << 3 | WIRE_EGROUP);
	} else {
		json_in_close_gap(r->out, start);
	}
	r->depth--;
	return err;
}

enum en_err
json_in_value(struct reader *r, const struct schema_field *f, enum json_token token, bool with_tag)
{
	if (token == JSON_ERROR) {
		return json_in_fail_json(r);
	}
	return schema_is_message(f) ? take_message(r, f, token) : json_in_scalar(r, f, token, with_tag);
}

// "a|b" of one cell or text, for a field whose schema says so.
static enum en_err
take_split(struct reader *r, const struct schema_field *f)
{
	struct buf copy = BUF_EMPTY;
	size_t step = strlen(f->list_separator), at = 0;
	enum en_err err = EN_OK;

	buf_put_view(&copy, r->json.text);
	while (at < copy.len && err == EN_OK) {
		const uint8_t *hit = step == 0 ? NULL : memmem(copy.data + at, copy.len - at, f->list_separator, step);
		size_t end = hit == NULL ? copy.len : (size_t)(hit - copy.data);

		if (end > at) {
			r->json.text = view_of(copy.data + at, end - at);
			err = json_in_value(r, f, JSON_STRING, true);
		}
		at = end + (hit == NULL ? 0 : step);
	}
	err = err == EN_OK ? copy.err : err;
	buf_fini(&copy);
	return err;
}

enum en_err
json_in_list(struct reader *r, const struct schema_field *f, enum json_token token)
{
	size_t start, tag_at = r->out->len, count = 0;
	enum en_err err = EN_OK;

	if (token == JSON_STRING && f->list_separator != NULL) {
		return take_split(r, f);
	}
	if (token != JSON_ARRAY) {
		return json_in_fail(r, EN_EFORMAT, "a list");
	}
	if (f->packed) {
		buf_put_varint(r->out, (uint64_t)f->number << 3 | WIRE_LEN);
	}
	start = r->out->len;
	while (err == EN_OK) {
		token = json_read_next(&r->json);
		if (token == JSON_ARRAY_END) {
			break;
		}
		size_t before = push_number(r, count++);

		err = json_in_value(r, f, token, !f->packed);
		json_in_pop(r, before);
	}
	if (f->packed && count == 0) {
		r->out->len = tag_at; // an empty list is absent
	} else if (f->packed) {
		json_in_close_gap(r->out, start);
	}
	return err;
}

enum en_err
json_in_map(struct reader *r, const struct schema_field *f, enum json_token token)
{
	const struct schema_field *key = schema_field_by_number(f->message, 1),
				  *value = schema_field_by_number(f->message, 2);
	enum en_err err = EN_OK;
	size_t count = 0;

	if (token != JSON_OBJECT) {
		return json_in_fail(r, EN_EFORMAT, "an object");
	}
	if (r->depth == LIMIT_CODEC_DEPTH) {
		return json_in_fail(r, EN_ELIMIT, "nested too deeply");
	}
	r->depth++; // an entry is a message
	while (err == EN_OK && (token = json_read_next(&r->json)) == JSON_KEY) {
		size_t start, before = push_number(r, count++); // the key is data
		uint64_t bits = 0;

		buf_put_varint(r->out, (uint64_t)f->number << 3 | WIRE_LEN);
		start = r->out->len;
		if (key->kind != KIND_STRING && !scalar_from_text(key, r->json.text, &bits)) {
			return json_in_fail(r, EN_EFORMAT, json_in_expected(key));
		}
		scalar_put(key, bits, r->json.text, true, r->out);
		err = json_in_value(r, value, json_read_next(&r->json), true);
		json_in_close_gap(r->out, start);
		json_in_pop(r, before);
	}
	r->depth--;
	return err == EN_OK && token == JSON_ERROR ? json_in_fail_json(r) : err;
}

// null says absent, except where it is a value.
static bool
is_null_value(const struct schema_field *f)
{
	return !f->repeated &&
	    ((f->message != NULL && f->message->well_known == WELL_KNOWN_VALUE) ||
		(f->enumeration != NULL && f->enumeration->is_null));
}

// A tag, and behind it the zero of a number, or the length of no text.
static bool
is_zero(struct view field)
{
	struct rd r = rd_init(field);
	uint8_t bits = 0;

	(void)rd_varint(&r);
	while (rd_left(&r) > 0) {
		bits |= rd_u8(&r);
	}
	return bits == 0;
}

// Zero without presence is the same as absent, and is written as that, since the bytes of an Any are compared as they are. A record keeps what its
// system wrote.
static enum en_err
take_singular(struct reader *r, const struct schema_field *f, enum json_token token)
{
	size_t start = r->out->len;
	enum en_err err = json_in_value(r, f, token, true);

	if (err == EN_OK && r->out->err == EN_OK && !f->has_presence && !r->options->lenient &&
	    is_zero(view_of(r->out->data + start, r->out->len - start))) {
		r->out->len = start;
	}
	return err;
}

static enum en_err
take_field(struct reader *r, const struct schema_field *f, enum json_token token)
{
	if (token == JSON_STRING && r->json.text.len == 0 && r->options->lenient && f->kind != KIND_STRING &&
	    f->kind != KIND_BYTES) {
		return EN_OK; // how many systems write "nothing"
	}
	if (f->is_map) {
		return json_in_map(r, f, token);
	}
	return f->repeated ? json_in_list(r, f, token) : take_singular(r, f, token);
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
		r->fault->is_near = r->fault->err == EN_OK ? near != NULL : r->fault->is_near;
		return json_in_fail_key(
		    r, EN_ENOTFOUND, r->json.text, near == NULL ? "the schema has no such key" : near);
	}
	if (r->unknown != NULL) {
		size_t before = json_in_push(r, r->json.text);

		buf_put_str(r->unknown, r->path);
		buf_put_u8(r->unknown, '\n');
		json_in_pop(r, before);
	}
	token = json_read_next(&r->json);
	json_read_skip(&r->json, token);
	return r->json.err == EN_OK ? EN_OK : json_in_fail_json(r);
}

// ---- objects ------------------------------------------------------------------------------------------------------

// Sets a bit of the object whose bits begin there; whether it was set already.
static bool
is_again(struct reader *r, size_t bits_at, uint32_t number)
{
	uint8_t *byte = &r->seen.data[bits_at + number / 8], bit = (uint8_t)(1U << number % 8);
	bool was_set = (*byte & bit) != 0;

	*byte |= bit;
	return was_set;
}

// A key may stand once, and one member of a oneof.
static enum en_err
check_once(struct reader *r, const struct schema_field *f, size_t bits_at)
{
	if (is_again(r, bits_at, f->slot)) {
		return json_in_fail(r, EN_EFORMAT, "the key stands twice");
	}
	if (f->oneof >= 0 && is_again(r, bits_at, f->owner->field_count + (uint32_t)f->oneof)) {
		return json_in_fail(r, EN_EFORMAT, "only one of these keys can be there");
	}
	return EN_OK;
}

static enum en_err
take_member(struct reader *r, const struct schema_type *t, size_t bits_at, bool is_any)
{
	const struct schema_field *f = schema_field_by_name(t, r->json.text);
	enum en_err err = EN_OK;

	if (f == NULL && !(is_any && view_is(r->json.text, "@type"))) {
		return unknown_key(r, t);
	}
	size_t before = json_in_push(r, r->json.text);
	enum json_token token = json_read_next(&r->json);

	// What is null is not there: of a oneof, another member may be.
	if (f != NULL && (token != JSON_NULL || is_null_value(f))) {
		err = check_once(r, f, bits_at);
		err = err == EN_OK ? take_field(r, f, token) : err;
	}
	json_in_pop(r, before);
	return err;
}

enum en_err
json_in_object(struct reader *r, const struct schema_type *t, bool is_any)
{
	size_t bits_at = r->seen.len, bytes = (t->field_count + t->oneof_count) / 8 + 1;
	enum json_token token = JSON_ERROR;
	enum en_err err = EN_OK;

	if (!buf_reserve(&r->seen, bytes)) {
		return json_in_fail(r, EN_ENOMEM, NULL);
	}
	memset(r->seen.data + bits_at, 0, bytes);
	r->seen.len += bytes;
	while (err == EN_OK && (token = json_read_next(&r->json)) == JSON_KEY) {
		err = take_member(r, t, bits_at, is_any);
	}
	r->seen.len = bits_at;
	return err == EN_OK && token != JSON_OBJECT_END ? json_in_fail_json(r) : err;
}

// A message of its own: the whole text.
static enum en_err
take_root(struct reader *r, const struct schema_type *t)
{
	enum json_token token = json_read_next(&r->json);
	enum en_err err;

	if (t->well_known != WELL_KNOWN_NONE) {
		err = token == JSON_ERROR ? json_in_fail_json(r) : json_in_known(r, t, token);
	} else if (token != JSON_OBJECT) {
		err = json_in_fail(r, r->json.err != EN_OK ? r->json.err : EN_EFORMAT, "an object");
	} else {
		err = json_in_object(r, t, false);
	}
	if (err == EN_OK && json_read_next(&r->json) != JSON_END) {
		err = json_in_fail_json(r);
	}
	return err == EN_OK ? r->out->err : err;
}

enum en_err
json_to_payload(const struct schema_type *t, struct view text, const struct json_options *options, struct buf *out,
    struct buf *unknown, struct json_fault *reterr_fault)
{
	struct json_fault fault = {.err = EN_OK};
	struct reader r = {.options = options, .out = out, .unknown = unknown, .fault = &fault};
	size_t before = out->len;
	enum en_err err;

	json_read_init(&r.json, text, LIMIT_CODEC_DEPTH);
	err = take_root(&r, t);
	if (err != EN_OK) {
		out->len = before;
		if (reterr_fault != NULL) {
			*reterr_fault = fault;
		}
	}
	buf_fini(&r.scratch);
	buf_fini(&r.seen);
	json_read_fini(&r.json);
	return err;
}

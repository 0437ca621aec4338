// SPDX-License-Identifier: Apache-2.0
// The records of a frame, cut out of its JSON before that is read: what stands in `data` of an event belongs to the codec
// that knows its type, as it was written. (A general parser makes 1.1000000000000001 of 1.10, and no number at all of one
// with thirty digits.) Nothing is judged here but where a value ends.
#include "base/limits.h"
#include "wire/frame_int.h"

struct cutter {
	struct view text;
	size_t at;
	bool is_event[LIMIT_CONTROL_DEPTH +
	    1]; // of each open object or list, records apart: whether it is the value of "event"
	size_t depth;
	size_t fields;
	struct view key; // the newest string, with its escapes
	struct buf out;
	struct json_cuts *cuts;
	struct arena *arena;
};

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static uint8_t
byte_at(const struct cutter *c, size_t at)
{
	return at < c->text.len ? c->text.data[at] : 0;
}

static void
skip_space(struct cutter *c)
{
	while (is_space(byte_at(c, c->at))) {
		c->at++;
	}
}

// From an opening quote to behind the closing one; false when there is none.
static bool
pass_string(const struct cutter *c, size_t *at)
{
	for (size_t i = *at + 1; i < c->text.len; i++) {
		if (c->text.data[i] == '\\') {
			i++;
		} else if (c->text.data[i] == '"') {
			*at = i + 1;
			return true;
		}
	}
	return false;
}

// From the first byte of a value to behind its last; false when the text ends before.
static bool
pass_value(const struct cutter *c, size_t *at)
{
	size_t depth = 0, start = *at;

	while (*at < c->text.len) {
		uint8_t byte = c->text.data[*at];

		if (byte == '"') {
			if (!pass_string(c, at)) {
				return false;
			}
		} else if (depth == 0 && (byte == ',' || byte == '}' || byte == ']' || is_space(byte))) {
			return *at > start;
		} else {
			depth += byte == '{' || byte == '[';
			depth -= byte == '}' || byte == ']';
			++*at;
		}
		if (depth == 0 && (byte == '"' || byte == '}' || byte == ']')) {
			return true;
		}
	}
	return false;
}

// The next character of a key, which has none that JSON escapes by a letter; no character when it is not in order.
static uint32_t
next_character(struct view key, size_t *at)
{
	uint32_t code = 0;

	if (key.len - *at < 6 || key.data[*at] != '\\' || key.data[*at + 1] != 'u') {
		return key.data[(*at)++];
	}
	for (size_t i = 2; i < 6; i++) {
		int digit = hex_value(key.data[*at + i]);

		if (digit < 0) {
			return UINT32_MAX;
		}
		code = code << 4 | (uint32_t)digit;
	}
	*at += 6;
	return code;
}

// Whether a key, escapes and all, is that plain word.
static bool
key_is(struct view key, const char *word)
{
	size_t at = 0;

	while (*word != '\0' && at < key.len && next_character(key, &at) == (uint8_t)*word) {
		word++;
	}
	return *word == '\0' && at == key.len;
}

static enum en_err
add_cut(struct cutter *c, struct view value)
{
	struct json_cuts *cuts = c->cuts;

	struct view *items = arena_larger(c->arena, cuts->items, cuts->count, &cuts->cap, sizeof(*items));

	if (items == NULL) {
		return EN_ENOMEM;
	}
	cuts->items = items;
	buf_printf(
	    &c->out, "%zu ", cuts->count); // a digit that stands behind the record does not become one of its number
	cuts->items[cuts->count++] = value;
	return c->out.err;
}

// Behind a key's colon.
static enum en_err
take_member(struct cutter *c)
{
	bool is_data = c->is_event[c->depth] && key_is(c->key, "data");
	bool is_event = key_is(c->key, "event");
	size_t start;

	skip_space(c);
	start = c->at;
	if (is_data) {
		return pass_value(c, &c->at) ? add_cut(c, view_of(c->text.data + start, c->at - start)) : EN_EFORMAT;
	}
	if (byte_at(c, c->at) == '{' && is_event && c->depth < LIMIT_CONTROL_DEPTH) {
		buf_put_u8(&c->out, '{');
		c->at++;
		c->is_event[++c->depth] = true;
	}
	return EN_OK;
}

// Each stands before one value at most, so there are as many values or fewer.
static bool
leads_to_value(uint8_t byte)
{
	return byte == ',' || byte == ':' || byte == '{' || byte == '[';
}

static enum en_err
step(struct cutter *c)
{
	uint8_t byte = c->text.data[c->at];
	size_t start = c->at;

	if (leads_to_value(byte) && ++c->fields > LIMIT_FRAME_FIELDS) {
		return EN_ELIMIT;
	}
	if (byte == '"') {
		if (!pass_string(c, &c->at)) {
			return EN_EFORMAT;
		}
		c->key = view_of(c->text.data + start + 1, c->at - start - 2);
		buf_put_view(&c->out, view_of(c->text.data + start, c->at - start));
		return c->out.err;
	}
	c->at++;
	buf_put_u8(&c->out, byte);
	if (byte == ':') {
		return take_member(c);
	}
	if (byte == '{' || byte == '[') {
		if (c->depth == LIMIT_CONTROL_DEPTH) {
			return EN_EFORMAT;
		}
		c->is_event[++c->depth] = false;
	} else if (byte == '}' || byte == ']') {
		c->depth -= c->depth > 0;
	}
	return c->out.err;
}

enum en_err
json_cut(struct view text, struct arena *arena, struct view *ret_text, struct json_cuts *ret)
{
	struct cutter c = {.text = text, .cuts = ret, .arena = arena, .out = BUF_EMPTY};
	enum en_err err =
	    view_is_utf8(text) && (text.len == 0 || memchr(text.data, '\0', text.len) == NULL) ? EN_OK : EN_EUTF8;

	*ret = (struct json_cuts){.count = 0};
	while (c.at < text.len && err == EN_OK) {
		err = step(&c);
	}
	if (err == EN_OK) {
		*ret_text = arena_copy(arena, buf_view(&c.out));
		err = ret_text->data == NULL && c.out.len > 0 ? EN_ENOMEM : c.out.err;
	}
	buf_fini(&c.out);
	return err;
}

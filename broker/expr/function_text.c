// SPDX-License-Identifier: Apache-2.0
// Functions of strings. Positions count characters (code points); the bytes are valid UTF-8, which is what makes a string.
#include "expr/function_int.h"

#define NOWHERE SIZE_MAX

// ---- characters -----------------------------------------------------------------------------------------------------

size_t
text_char_bytes(uint8_t first)
{
	return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// The byte at which the character of that number begins; the end of the text for its count; NOWHERE for any other.
static size_t
byte_of(struct view text, int64_t position)
{
	size_t at = 0;

	if (position < 0) {
		return NOWHERE;
	}
	for (; position > 0 && at < text.len; position--) {
		at += text_char_bytes(text.data[at]);
	}
	return position == 0 ? at : NOWHERE;
}

// How many characters there are before the byte: what begins none is not counted.
static int64_t
position_of(struct view text, size_t byte)
{
	int64_t count = 0;

	for (size_t i = 0; i < byte; i++) {
		count += (text.data[i] & 0xc0) != 0x80;
	}
	return count;
}

void
cel_size_string(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	(void)run_charge_text(run, args[0]);
	*ret = cel_int(position_of(cel_text(args[0]), args[0].n));
}

// Where sub begins at or behind `from`.
size_t
text_find(struct view text, struct view sub, size_t from)
{
	const uint8_t *at;

	if (sub.len == 0) {
		return from;
	}
	at = from >= text.len ? NULL : memmem(text.data + from, text.len - from, sub.data, sub.len);
	return at == NULL ? NOWHERE : (size_t)(at - text.data);
}

// ---- tests ----------------------------------------------------------------------------------------------------------

void
cel_contains(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	(void)run_charge(run, args[0].n / 16);
	*ret = cel_bool(text_find(cel_text(args[0]), cel_text(args[1]), 0) != NOWHERE);
}

void
cel_starts_with(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]), start = cel_text(args[1]);

	(void)run_charge_text(run, args[1]);
	*ret = cel_bool(start.len == 0 || (text.len >= start.len && memcmp(text.data, start.data, start.len) == 0));
}

void
cel_ends_with(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]), end = cel_text(args[1]);

	(void)run_charge_text(run, args[1]);
	*ret = cel_bool(
	    end.len == 0 || (text.len >= end.len && memcmp(text.data + text.len - end.len, end.data, end.len) == 0));
}

// ---- positions ------------------------------------------------------------------------------------------------------

static struct cel_value
first_position(struct cel_run *run, struct view text, struct view sub, size_t from)
{
	size_t at;

	if (from == NOWHERE) {
		return cel_error(CEL_ERROR_INDEX);
	}
	(void)run_charge(run, text.len / 16);
	at = text_find(text, sub, from);
	return cel_int(at == NOWHERE ? -1 : position_of(text, at));
}

void
cel_index_of(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = first_position(run, cel_text(args[0]), cel_text(args[1]), 0);
}

void
cel_index_of_from(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]);

	*ret = first_position(run, text, cel_text(args[1]), byte_of(text, args[2].integer));
}

// The last place at or before `from`.
static struct cel_value
last_position(struct cel_run *run, struct view text, struct view sub, size_t from)
{
	if (from == NOWHERE) {
		return cel_error(CEL_ERROR_INDEX);
	}
	if (sub.len > text.len || !run_charge(run, text.len * (sub.len + 16) / 256)) {
		return cel_int(-1);
	}
	for (size_t at = from < text.len - sub.len ? from : text.len - sub.len;; at--) {
		if (sub.len == 0 || memcmp(text.data + at, sub.data, sub.len) == 0) {
			return cel_int(position_of(text, at));
		}
		if (at == 0) {
			return cel_int(-1);
		}
	}
}

void
cel_last_index_of(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = last_position(run, cel_text(args[0]), cel_text(args[1]), args[0].n);
}

void
cel_last_index_of_from(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]);

	*ret = last_position(run, text, cel_text(args[1]), byte_of(text, args[2].integer));
}

// ---- parts ----------------------------------------------------------------------------------------------------------

void
cel_char_at(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]);
	size_t at = byte_of(text, args[1].integer);

	(void)run_charge(run, text.len / 16);
	*ret = at == NOWHERE ? cel_error(CEL_ERROR_INDEX)
	    : at == text.len ? cel_string(VIEW_EMPTY)
			     : cel_string((struct view){text.data + at, text_char_bytes(text.data[at])});
}

static struct cel_value
part(struct cel_run *run, struct view text, size_t from, size_t to)
{
	(void)run_charge(run, text.len / 16);
	if (from == NOWHERE || to == NOWHERE) {
		return cel_error(CEL_ERROR_INDEX);
	}
	return from > to ? cel_error(CEL_ERROR_ARGUMENT) : cel_string((struct view){text.data + from, to - from});
}

void
cel_substring(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]);

	*ret = part(run, text, byte_of(text, args[1].integer), text.len);
}

void
cel_substring_to(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]);

	*ret = part(run, text, byte_of(text, args[1].integer), byte_of(text, args[2].integer));
}

// The length of the white space character at the place, as Unicode's property White_Space has it; 0 for any other.
static size_t
space_at(struct view text, size_t at)
{
	const uint8_t *p = text.data + at;
	size_t left = text.len - at;

	if (*p == ' ' || (*p >= '\t' && *p <= '\r')) {
		return 1;
	}
	if (left >= 2 && *p == 0xc2 && (p[1] == 0x85 || p[1] == 0xa0)) {
		return 2;
	}
	if (left < 3) {
		return 0;
	}
	if (*p == 0xe1 && p[1] == 0x9a && p[2] == 0x80) {
		return 3; // 1680
	}
	if (*p == 0xe2 && p[1] == 0x80 && (p[2] <= 0x8a || p[2] == 0xa8 || p[2] == 0xa9 || p[2] == 0xaf)) {
		return 3; // 2000 to 200a, 2028, 2029, 202f
	}
	if ((*p == 0xe2 && p[1] == 0x81 && p[2] == 0x9f) || (*p == 0xe3 && p[1] == 0x80 && p[2] == 0x80)) {
		return 3; // 205f, 3000
	}
	return 0;
}

void
cel_trim(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]);
	size_t start = 0, end = 0;

	(void)run_charge(run, text.len / 16);
	while (start < text.len && space_at(text, start) > 0) {
		start += space_at(text, start);
	}
	for (size_t at = start; at < text.len; at += text_char_bytes(text.data[at])) {
		end = space_at(text, at) > 0 ? end : at + text_char_bytes(text.data[at]);
	}
	*ret = cel_string((struct view){text.data + start, end > start ? end - start : 0});
}

// ---- other letters --------------------------------------------------------------------------------------------------

static struct cel_value
mapped_ascii(struct cel_run *run, struct view text, uint8_t first, uint8_t last)
{
	uint8_t *copy = run_alloc(run, text.len);

	for (size_t i = 0; copy != NULL && i < text.len; i++) {
		bool other = text.data[i] >= first && text.data[i] <= last;

		copy[i] = other ? text.data[i] ^ 0x20 : text.data[i];
	}
	return cel_string((struct view){copy, copy == NULL ? 0 : text.len});
}

void
cel_lower_ascii(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = mapped_ascii(run, cel_text(args[0]), 'A', 'Z');
}

void
cel_upper_ascii(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	*ret = mapped_ascii(run, cel_text(args[0]), 'a', 'z');
}

void
cel_reverse(struct cel_run *run, const struct cel_value *args, struct cel_value *ret)
{
	struct view text = cel_text(args[0]);
	uint8_t *copy = run_alloc(run, text.len);
	size_t len;

	for (size_t at = 0; copy != NULL && at < text.len; at += len) {
		len = text_char_bytes(text.data[at]);
		memcpy(copy + text.len - at - len, text.data + at, len);
	}
	*ret = cel_string((struct view){copy, copy == NULL ? 0 : text.len});
}

// SPDX-License-Identifier: Apache-2.0
// The text and the file are gone through side by side. Line breaks, with the blanks about them, are one thing in both: folding makes of them what it
// likes, and nobody looks for a fault in there.
#include "base/place.h"

#include "base/limits.h"

struct pair {
	struct view source, text;
	size_t at, done; // in the source; in the text
	uint8_t quote; // ' or " or 0
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
end_of_blanks(struct view v, size_t at, bool *ret_breaks)
{
	*ret_breaks = false;
	for (; at < v.len && is_blank(v.data[at]); at++) {
		*ret_breaks = *ret_breaks || v.data[at] == '\n';
	}
	return at;
}

static size_t
utf8_bytes(uint32_t c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

// A backslash in double quotes: how much of both it is.
static void
skip_escape(struct pair *p)
{
	uint8_t kind = p->at + 1 < p->source.len ? p->source.data[p->at + 1] : 0;
	size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
	uint32_t c = kind == 'N' || kind == '_' ? 0x85 : kind == 'L' || kind == 'P' ? 0x2028 : 0;
	bool breaks;

	if (kind == '\n' || kind == '\r') { // it hides the break and the blanks behind it
		p->at = end_of_blanks(p->source, p->at + 1, &breaks);
		return;
	}
	p->at += 2;
	for (; digits > 0 && p->at < p->source.len && hex_value(p->source.data[p->at]) >= 0; digits--, p->at++) {
		c = c * 16 + (uint32_t)hex_value(p->source.data[p->at]);
	}
	p->done += utf8_bytes(c);
}

static bool
is_hidden_break(const struct pair *p)
{
	return p->quote == '"' && p->at + 1 < p->source.len && p->source.data[p->at] == '\\' &&
	    (p->source.data[p->at + 1] == '\n' || p->source.data[p->at + 1] == '\r');
}

// One step of both. False when they do not go together.
static bool
step(struct pair *p)
{
	bool breaks, ignored;
	size_t end = end_of_blanks(p->source, p->at, &breaks);

	if (p->at >= p->source.len) {
		return false;
	}
	if (breaks) {
		p->at = end;
		p->done = end_of_blanks(p->text, p->done, &ignored);
		return true;
	}
	if (p->quote == '"' && p->source.data[p->at] == '\\') {
		skip_escape(p);
		return true;
	}
	if (p->source.data[p->at] != p->text.data[p->done]) {
		return false;
	}
	p->at += p->quote == '\'' && p->source.data[p->at] == '\'' ? 2 : 1;
	p->done++;
	return true;
}

// Behind the quote, or at the first line of a block.
static bool
begin(struct pair *p)
{
	uint8_t first = p->source.len > 0 ? p->source.data[0] : 0;
	const uint8_t *newline = p->source.len > 0 ? memchr(p->source.data, '\n', p->source.len) : NULL;
	bool ignored;

	if (first == '"' || first == '\'') {
		p->quote = first;
		p->at = 1;
	} else if (first == '|' || first == '>') {
		if (newline == NULL) {
			return false;
		}
		p->at = end_of_blanks(p->source, (size_t)(newline - p->source.data), &ignored);
		p->done = end_of_blanks(p->text, 0, &ignored);
	}
	return true;
}

struct where
place_within(struct view source, struct where start, struct view text, size_t offset)
{
	struct pair p = {.source = source, .text = text};
	struct where found = start;

	offset = offset > text.len ? text.len : offset;
	for (bool good = begin(&p); p.done < offset; good = step(&p)) {
		if (!good) {
			return start;
		}
	}
	while (is_hidden_break(&p)) {
		skip_escape(&p);
	}
	for (size_t i = 0; i < p.at && i < source.len; i++) {
		if (source.data[i] == '\n') {
			found.line++;
			found.column = 1;
		} else {
			found.column += (source.data[i] & 0xc0) != 0x80;
		}
	}
	return found;
}

// From the place on; empty when the file has none such.
static struct view
from_place(struct view file, struct where w)
{
	size_t at = 0;

	for (uint32_t line = 1; line < w.line; line++) {
		const uint8_t *newline = at < file.len ? memchr(file.data + at, '\n', file.len - at) : NULL;

		if (newline == NULL) {
			return VIEW_EMPTY;
		}
		at = (size_t)(newline - file.data) + 1;
	}
	for (uint32_t column = 1; at < file.len; at++) {
		bool begins = (file.data[at] & 0xc0) != 0x80;

		if (begins && column++ == w.column) {
			break;
		}
	}
	return view_of(file.data + at, file.len - at);
}

struct where
place_of(struct where start, struct view text, size_t offset)
{
	struct buf file = BUF_EMPTY;
	struct view source = VIEW_EMPTY;
	struct where found = start;

	if (start.file != NULL && start.line > 0 && finding_reads(start.file) &&
	    buf_read_file(&file, start.file, LIMIT_EXCERPT_FILE_BYTES) == EN_OK && file.len > 0) {
		source = from_place(buf_view(&file), start);
	}
	if (source.len > 0) {
		found = place_within(source, start, text, offset);
	} else if (text.len == 0 || memchr(text.data, '\n', text.len) == NULL) {
		found.column++;
		for (size_t i = 0; i < offset && i < text.len; i++) {
			found.column += (text.data[i] & 0xc0) != 0x80;
		}
	}
	buf_fini(&file);
	return found;
}

// SPDX-License-Identifier: Apache-2.0
// No form of a character here is longer than the escape that stood for it, so the writer never overtakes the reader.
#include "map/markup.h"

#include <strings.h>

// ---- HTML ---------------------------------------------------------------------------------------------------------

static bool
is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A text with tags, and from where on it has no more ends of tags or comments: they are looked for once, not from each "<" on.
struct marked {
	struct view text;
	size_t no_tag_end, no_comment_end;
};

// Behind the next `end` from a place on; 0 when there is none.
static size_t
find_end(struct view v, size_t at, const char *end, size_t *no_end)
{
	const uint8_t *found = at >= *no_end ? NULL : memmem(v.data + at, v.len - at, end, strlen(end));

	if (found == NULL) {
		*no_end = at < *no_end ? at : *no_end;
		return 0;
	}
	return (size_t)(found - v.data) + strlen(end);
}

// The length of the tag or comment that begins at `at`, 0 when it is none.
static size_t
tag_len(struct marked *m, size_t at)
{
	struct view v = m->text;

	if (v.len - at < 3 || v.data[at] != '<') {
		return 0;
	}
	bool is_comment = v.len - at >= 7 && memcmp(v.data + at, "<!--", 4) == 0;

	if (!is_letter(v.data[at + 1]) && v.data[at + 1] != '/' && v.data[at + 1] != '!') {
		return 0;
	}
	size_t end = is_comment ? find_end(v, at, "-->", &m->no_comment_end) : find_end(v, at, ">", &m->no_tag_end);

	return end == 0 ? 0 : end - at;
}

static bool
is_named(struct view tag, const char *const *names)
{
	size_t start = tag.data[1] == '/' ? 2 : 1, end = start;

	while (end < tag.len && (is_letter(tag.data[end]) || (tag.data[end] >= '0' && tag.data[end] <= '9'))) {
		end++;
	}
	for (; *names != NULL; names++) {
		if (strlen(*names) == end - start &&
		    strncasecmp((const char *)tag.data + start, *names, end - start) == 0) {
			return true;
		}
	}
	return false;
}

// Behind the end tag of a script or style that was just opened; where there is none, nothing is left.
static size_t
skip_unseen(struct marked *m, size_t at)
{
	static const char *const unseen[] = {"script", "style", NULL};
	struct view v = m->text;

	for (size_t len; at < v.len; at++) {
		struct view rest = view_of(v.data + at, v.len - at);
		bool is_end = rest.len > 2 && rest.data[0] == '<' && rest.data[1] == '/' && is_named(rest, unseen);

		if (is_end && (len = tag_len(m, at)) > 0) {
			return at + len;
		}
	}
	return at;
}

size_t
markup_strip(struct view text, uint8_t *dst)
{
	static const char *const blocks[] = {
	    "br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "h1", "h2", "h3", "h4", "hr", NULL};
	static const char *const unseen[] = {"script", "style", NULL};
	struct marked m = {.text = text, .no_tag_end = text.len, .no_comment_end = text.len};
	size_t put = 0;

	for (size_t at = 0, len; at < text.len; at += len) {
		len = tag_len(&m, at);
		if (len == 0) {
			dst[put++] = text.data[at];
			len = 1;
			continue;
		}
		struct view tag = view_of(text.data + at, len);
		bool is_block = is_named(tag, blocks), is_unseen = tag.data[1] != '/' && is_named(tag, unseen);

		if (is_unseen) {
			len = skip_unseen(&m, at + len) - at;
		} else if (is_block && put > 0 && dst[put - 1] != ' ') {
			dst[put++] = ' ';
		}
	}
	return put;
}

// ---- escapes ------------------------------------------------------------------------------------------------------

static const struct {
	const char *name;
	uint16_t code;
} entities[] = {
    {"amp", '&'},
    {"lt", '<'},
    {"gt", '>'},
    {"quot", '"'},
    {"apos", '\''},
    {"nbsp", 0xa0},
    {"iexcl", 0xa1},
    {"iquest", 0xbf},
    {"deg", 0xb0},
    {"ordf", 0xaa},
    {"ordm", 0xba},
    {"Aacute", 0xc1},
    {"Eacute", 0xc9},
    {"Iacute", 0xcd},
    {"Oacute", 0xd3},
    {"Uacute", 0xda},
    {"Ntilde", 0xd1},
    {"Uuml", 0xdc},
    {"aacute", 0xe1},
    {"eacute", 0xe9},
    {"iacute", 0xed},
    {"oacute", 0xf3},
    {"uacute", 0xfa},
    {"ntilde", 0xf1},
    {"uuml", 0xfc},
    {"agrave", 0xe0},
    {"egrave", 0xe8},
    {"ecirc", 0xea},
    {"ccedil", 0xe7},
    {"ndash", 0x2013},
    {"mdash", 0x2014},
    {"lsquo", 0x2018},
    {"rsquo", 0x2019},
    {"ldquo", 0x201c},
    {"rdquo", 0x201d},
    {"hellip", 0x2026},
};

static bool
number_of(struct view v, uint32_t base, uint32_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < v.len; i++) {
		uint32_t digit = (uint32_t)hex_value(v.data[i]); // of what is none it is larger than any

		if (v.len > 7 || digit >= base) {
			return false;
		}
		*ret = *ret * base + digit;
	}
	return v.len > 0 && *ret > 0 && *ret < 0x110000 && (*ret < 0xd800 || *ret > 0xdfff);
}

// &name; or &#n; at the start of v. Returns the length of the escape, 0 when it is none.
static size_t
read_entity(struct view v, uint32_t *ret)
{
	const uint8_t *end = memchr(v.data, ';', v.len < 12 ? v.len : 12);
	size_t len = end == NULL ? 0 : (size_t)(end - v.data) + 1;
	struct view name = len < 3 ? VIEW_EMPTY : view_of(v.data + 1, len - 2);

	if (name.len > 1 && name.data[0] == '#') {
		bool hex = name.data[1] == 'x' || name.data[1] == 'X';

		return number_of(view_of(name.data + (hex ? 2 : 1), name.len - (hex ? 2 : 1)), hex ? 16 : 10, ret) ? len
														   : 0;
	}
	for (size_t i = 0; name.len > 0 && i < EN_COUNT_OF(entities); i++) {
		if (view_is(name, entities[i].name)) {
			*ret = entities[i].code;
			return len;
		}
	}
	return 0;
}

static bool
hex4(struct view v, size_t at, uint32_t *ret)
{
	*ret = 0;
	for (size_t i = at; i < at + 4; i++) {
		int digit = i < v.len ? hex_value(v.data[i]) : -1;

		if (digit < 0) {
			return false;
		}
		*ret = *ret << 4 | (uint32_t)digit;
	}
	return true;
}

// \uXXXX, also in two halves, or \ and one character.
static size_t
read_backslash(struct view v, uint32_t *ret)
{
	static const char letters[] = "nrt\"\\/", meant[] = "\n\r\t\"\\/";
	uint32_t low;

	if (v.len < 2) {
		return 0;
	}
	if (v.data[1] != 'u') {
		const char *at = memchr(letters, v.data[1], sizeof(letters) - 1);

		*ret = at == NULL ? 0 : (uint32_t)meant[at - letters];
		return at == NULL ? 0 : 2;
	}
	if (!hex4(v, 2, ret) || *ret == 0 || (*ret >= 0xdc00 && *ret <= 0xdfff)) {
		return 0;
	}
	if (*ret < 0xd800 || *ret > 0xdbff) {
		return 6;
	}
	if (v.len < 12 || v.data[6] != '\\' || v.data[7] != 'u' || !hex4(v, 8, &low) || low < 0xdc00 || low > 0xdfff) {
		return 0;
	}
	*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

size_t
markup_unescape(struct view text, uint8_t *dst)
{
	size_t put = 0;

	for (size_t at = 0, len; at < text.len; at += len) {
		struct view rest = view_of(text.data + at, text.len - at);
		uint32_t code = 0;

		len = rest.data[0] == '&'  ? read_entity(rest, &code)
		    : rest.data[0] == '\\' ? read_backslash(rest, &code)
					   : 0;
		if (len == 0) {
			dst[put++] = rest.data[0];
			len = 1;
		} else {
			put += utf8_write(code, dst + put);
		}
	}
	return put;
}

// ---- letters in two pieces ----------------------------------------------------------------------------------------

static const struct {
	uint8_t mark; // second byte of U+0300..
	const char *letters;
	const char *composed; // second bytes of U+00C0..
} marks[] = {
    {0x80, "AEIOUaeiou", "\x80\x88\x8c\x92\x99\xa0\xa8\xac\xb2\xb9"},
    {0x81, "AEIOUYaeiouy", "\x81\x89\x8d\x93\x9a\x9d\xa1\xa9\xad\xb3\xba\xbd"},
    {0x82, "AEIOUaeiou", "\x82\x8a\x8e\x94\x9b\xa2\xaa\xae\xb4\xbb"},
    {0x83, "ANOano", "\x83\x91\x95\xa3\xb1\xb5"},
    {0x88, "AEIOUaeiouy", "\x84\x8b\x8f\x96\x9c\xa4\xab\xaf\xb6\xbc\xbf"},
    {0xa7, "Cc", "\x87\xa7"},
};

size_t
markup_compose(struct view text, uint8_t *dst)
{
	size_t put = 0;

	for (size_t at = 0; at < text.len; at++) {
		uint8_t letter = text.data[at];
		const char *found = NULL;
		size_t i = 0;

		for (; at + 2 < text.len && text.data[at + 1] == 0xcc && found == NULL && i < EN_COUNT_OF(marks); i++) {
			found = text.data[at + 2] == marks[i].mark && is_letter(letter)
			    ? strchr(marks[i].letters, letter)
			    : NULL;
		}
		if (found == NULL) {
			dst[put++] = letter;
			continue;
		}
		dst[put++] = 0xc3;
		dst[put++] = (uint8_t)marks[i - 1].composed[found - marks[i - 1].letters];
		at += 2;
	}
	return put;
}

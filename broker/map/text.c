// SPDX-License-Identifier: Apache-2.0
// One pass over the characters for all steps but name_case, which looks at whole words and comes last. The letters that change are those of Latin-1,
// two bytes each as ASCII's are one, so a change of case never moves what follows.
#include "map/text.h"

#include "map/markup.h"

static const struct {
	const char *name;
	enum clean step;
} names[] = {
    {"trim", CLEAN_TRIM},
    {"collapse_spaces", CLEAN_COLLAPSE_SPACES},
    {"strip_accents", CLEAN_STRIP_ACCENTS},
    {"digits_only", CLEAN_DIGITS_ONLY},
    {"upper", CLEAN_UPPER},
    {"lower", CLEAN_LOWER},
    {"name_case", CLEAN_NAME_CASE},
    {"strip_html", CLEAN_STRIP_HTML},
    {"unescape", CLEAN_UNESCAPE},
    {"compose", CLEAN_COMPOSE},
    {"strip_zeros", CLEAN_STRIP_ZEROS},
};

uint32_t
clean_from_name(const char *name)
{
	for (size_t i = 0; i < EN_COUNT_OF(names); i++) {
		if (strcmp(names[i].name, name) == 0) {
			return names[i].step;
		}
	}
	return 0;
}

// Bytes of the character at p, which is well-formed; never past the end all the same.
static size_t
char_len(const uint8_t *p, size_t left)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	return len < left ? len : left;
}

// Bytes of the blank at p, 0 when it is none.
static size_t
blank_len(const uint8_t *p, size_t left)
{
	if (p[0] == ' ' || (p[0] >= '\t' && p[0] <= '\r')) {
		return 1;
	}
	return left >= 2 && p[0] == 0xc2 && p[1] == 0xa0 ? 2 : 0;
}

struct view
text_trim(struct view v)
{
	size_t len;

	while (v.len > 0 && (len = blank_len(v.data, v.len)) > 0) {
		v = view_of(v.data + len, v.len - len);
	}
	while (v.len > 0) {
		if (blank_len(v.data + v.len - 1, 1) == 1) {
			v.len--;
		} else if (v.len >= 2 && blank_len(v.data + v.len - 2, 2) == 2) {
			v.len -= 2;
		} else {
			break;
		}
	}
	return v;
}

// The plain letter behind U+00C0 to U+00FF, 0 where there is none (or it would be two letters).
static uint8_t
plain_letter(uint8_t second)
{
	static const char plain[64] = {'A', 'A', 'A', 'A', 'A', 'A', 0, 'C', 'E', 'E', 'E', 'E', 'I', 'I', 'I', 'I', 0,
	    'N', 'O', 'O', 'O', 'O', 'O', 0, 'O', 'U', 'U', 'U', 'U', 'Y', 0, 0, 'a', 'a', 'a', 'a', 'a', 'a', 0, 'c',
	    'e', 'e', 'e', 'e', 'i', 'i', 'i', 'i', 0, 'n', 'o', 'o', 'o', 'o', 'o', 0, 'o', 'u', 'u', 'u', 'u', 'y', 0,
	    'y'};

	return (uint8_t)plain[second & 0x3f];
}

static bool
is_combining_mark(const uint8_t *p, size_t len)
{
	return len == 2 && (p[0] == 0xcc || (p[0] == 0xcd && p[1] < 0xb0));
}

// Changes the character in place; its length stays.
static void
to_upper(uint8_t *p, size_t len)
{
	if (len == 1 && p[0] >= 'a' && p[0] <= 'z') {
		p[0] = (uint8_t)(p[0] - 0x20);
	} else if (len == 2 && p[0] == 0xc3 && p[1] >= 0xa0 && p[1] <= 0xbe && p[1] != 0xb7) {
		p[1] = (uint8_t)(p[1] - 0x20);
	}
}

static void
to_lower(uint8_t *p, size_t len)
{
	if (len == 1 && p[0] >= 'A' && p[0] <= 'Z') {
		p[0] = (uint8_t)(p[0] + 0x20);
	} else if (len == 2 && p[0] == 0xc3 && p[1] >= 0x80 && p[1] <= 0x9e && p[1] != 0x97) {
		p[1] = (uint8_t)(p[1] + 0x20);
	}
}

static bool
is_particle(struct view word)
{
	static const char *const particles[] = {"de", "del", "la", "las", "los", "y"};

	for (size_t i = 0; i < EN_COUNT_OF(particles); i++) {
		if (view_is(word, particles[i])) {
			return true;
		}
	}
	return false;
}

// One word, in place: lower-case, then its first letter and those after a hyphen or an apostrophe large.
static void
case_word(uint8_t *p, size_t len, bool first)
{
	bool large = true;

	for (size_t at = 0, n; at < len; at += n) {
		n = char_len(p + at, len - at);
		to_lower(p + at, n);
	}
	if (!first && is_particle(view_of(p, len))) {
		return;
	}
	for (size_t at = 0, n; at < len; at += n) {
		n = char_len(p + at, len - at);
		if (large) {
			to_upper(p + at, n);
		}
		large = p[at] == '-' || p[at] == '\'';
	}
}

static void
case_names(uint8_t *p, size_t len)
{
	size_t at = 0, blank;
	bool first = true;

	while (at < len) {
		if ((blank = blank_len(p + at, len - at)) > 0) {
			at += blank;
			continue;
		}
		size_t start = at;

		while (at < len && blank_len(p + at, len - at) == 0) {
			at += char_len(p + at, len - at);
		}
		case_word(p + start, at - start, first);
		first = false;
	}
}

// Appends one character as the steps want it; returns how many bytes were written.
static size_t
put_char(uint8_t *dst, const uint8_t *p, size_t len, uint32_t steps)
{
	if ((steps & CLEAN_DIGITS_ONLY) != 0 && (p[0] < '0' || p[0] > '9')) {
		return 0;
	}
	if ((steps & CLEAN_STRIP_ACCENTS) != 0) {
		if (is_combining_mark(p, len)) {
			return 0;
		}
		if (len == 2 && p[0] == 0xc3 && plain_letter(p[1]) != 0) {
			dst[0] = plain_letter(p[1]);
			len = 1;
			p = dst;
		}
	}
	memmove(dst, p, len);
	if ((steps & CLEAN_UPPER) != 0) {
		to_upper(dst, len);
	} else if ((steps & CLEAN_LOWER) != 0) {
		to_lower(dst, len);
	}
	return len;
}

// What was written for a machine, before the characters are looked at one by one.
static struct view
clean_markup(struct view in, uint32_t steps, uint8_t *dst)
{
	if ((steps & CLEAN_STRIP_HTML) != 0) {
		in = view_of(dst, markup_strip(in, dst));
	}
	if ((steps & CLEAN_UNESCAPE) != 0) {
		in = view_of(dst, markup_unescape(in, dst));
	}
	if ((steps & CLEAN_COMPOSE) != 0) {
		in = view_of(dst, markup_compose(in, dst));
	}
	return in;
}

static struct view
clean_characters(struct view in, uint32_t steps, uint8_t *dst)
{
	size_t put = 0;
	bool after_blank = false;

	for (size_t at = 0, len; at < in.len; at += len) {
		size_t blank = blank_len(in.data + at, in.len - at);

		len = blank > 0 ? blank : char_len(in.data + at, in.len - at);
		if (blank > 0 && (steps & CLEAN_COLLAPSE_SPACES) != 0) {
			if (!after_blank) {
				put += put_char(dst + put, (const uint8_t *)" ", 1, steps);
			}
		} else {
			put += put_char(dst + put, in.data + at, len, steps);
		}
		after_blank = blank > 0;
	}
	if ((steps & CLEAN_NAME_CASE) != 0) {
		case_names(dst, put);
	}
	return view_of(dst, put);
}

struct view
text_clean(struct view in, uint32_t steps, uint8_t *dst)
{
	const uint32_t markup = CLEAN_STRIP_HTML | CLEAN_UNESCAPE | CLEAN_COMPOSE;

	if ((steps & markup) != 0) {
		in = clean_markup(in, steps, dst);
	}
	if ((steps & CLEAN_TRIM) != 0) {
		in = text_trim(in);
	}
	if ((steps & ~(markup | CLEAN_TRIM | CLEAN_STRIP_ZEROS)) != 0) {
		in = clean_characters(in, steps, dst);
	}
	while ((steps & CLEAN_STRIP_ZEROS) != 0 && in.len > 1 && in.data[0] == '0') {
		in = view_of(in.data + 1, in.len - 1);
	}
	return in;
}

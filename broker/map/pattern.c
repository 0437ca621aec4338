// SPDX-License-Identifier: Apache-2.0
// Two cuts decide it: every separator as far left as it can stand, and as far right. Where both agree there is no third.
#include "map/pattern.h"

static size_t
find(struct view text, size_t from, const char *c)
{
	const uint8_t *at = from >= text.len ? NULL : memchr(text.data + from, *c, text.len - from);

	return at == NULL ? text.len : (size_t)(at - text.data);
}

const char *
pattern_parse(struct view text, struct pattern *ret)
{
	size_t at = 0;

	*ret = (struct pattern){.count = 0};
	for (;;) {
		size_t open = find(text, at, "{"), stray = find(text, at, "}");

		if (stray < open) {
			return "a closing brace without an opening one";
		}
		ret->literals[ret->count] = view_of(text.data + at, open - at);
		if (open == text.len) {
			return ret->count == 0 ? "no part in braces" : NULL;
		}
		size_t close = find(text, open, "}");

		if (close == text.len || find(text, open + 1, "{") < close) {
			return "a brace is not closed";
		}
		if (close == open + 1) {
			return "a part without a name";
		}
		if (ret->count > 0 && ret->literals[ret->count].len == 0) {
			return "nothing stands between two parts";
		}
		if (ret->count == PATTERN_PARTS) {
			return "too many parts";
		}
		ret->parts[ret->count++] = view_of(text.data + open + 1, close - open - 1);
		at = close + 1;
	}
}

static bool
starts_with(struct view text, size_t at, struct view what)
{
	return what.len <= text.len - at && (what.len == 0 || memcmp(text.data + at, what.data, what.len) == 0);
}

// The separators between the parts as far left as they can stand: starts[i] is where literal i begins.
static bool
cut_left(const struct pattern *p, struct view text, size_t *starts)
{
	size_t at = p->literals[0].len;

	for (uint32_t i = 1; i < p->count; i++) {
		at++; // the part before has a character
		while (at <= text.len && !starts_with(text, at, p->literals[i])) {
			at++;
		}
		if (at > text.len) {
			return false;
		}
		starts[i] = at;
		at += p->literals[i].len;
	}
	return true;
}

static bool
cut_right(const struct pattern *p, struct view text, size_t *starts)
{
	size_t end = text.len - p->literals[p->count].len;

	for (uint32_t i = p->count - 1; i > 0; i--) {
		size_t len = p->literals[i].len;

		if (end < len + 1) {
			return false;
		}
		size_t at = end - len - 1; // the part behind has a character

		while (!starts_with(text, at, p->literals[i])) {
			if (at == 0) {
				return false;
			}
			at--;
		}
		starts[i] = at;
		end = at;
	}
	return true;
}

bool
pattern_split(const struct pattern *p, struct view text, struct view ret[static PATTERN_PARTS])
{
	struct view head = p->literals[0], tail = p->literals[p->count];
	size_t left[PATTERN_PARTS + 1] = {0}, right[PATTERN_PARTS + 1] = {0};

	if (text.len <= head.len + tail.len || !starts_with(text, 0, head) ||
	    !starts_with(text, text.len - tail.len, tail) || !cut_left(p, text, left) || !cut_right(p, text, right)) {
		return false;
	}
	size_t start = head.len;

	for (uint32_t i = 0; i < p->count; i++) {
		bool last = i + 1 == p->count;
		size_t end = last ? text.len - tail.len : left[i + 1];

		if ((!last && left[i + 1] != right[i + 1]) || end <= start) {
			return false;
		}
		ret[i] = view_of(text.data + start, end - start);
		start = last ? end : end + p->literals[i + 1].len;
	}
	return true;
}

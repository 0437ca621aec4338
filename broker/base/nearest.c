// SPDX-License-Identifier: Apache-2.0
// The nearest name: edit distance with insertions, deletions, replacements and swaps of neighbours (the commonest
// slip of all), over letters without case and accent. Names of more than LIMIT_NAME_CHARS are nobody's slip and are
// passed over.
#include "base/finding.h"

#include "base/limits.h"

// One letter of the name, folded, and how many bytes it took. Only what Spanish, English and French names need is
// folded.
static uint32_t
fold(const uint8_t *p, size_t left, size_t *ret_len)
{
	// Latin-1 letters from U+00C0 on; 0 where there is no plain letter behind the accent.
	static const char plain[] = "aaaaaa\0ceeeeiiii\0nooooo\0ouuuuy\0\0";

	*ret_len = 1;
	if (p[0] >= 'A' && p[0] <= 'Z') {
		return (uint32_t)(p[0] | 0x20);
	}
	if (p[0] < 0x80) {
		return p[0] == '-' ? '_' : p[0];
	}
	if (p[0] == 0xc3 && left > 1 && (p[1] & 0xc0) == 0x80) {
		uint8_t index = p[1] & 0x1f;

		*ret_len = 2;
		return plain[index] != 0 ? (uint32_t)plain[index] : 0x100U + index;
	}
	return 0x200U + p[0]; // any other byte counts as a letter of its own
}

// The folded letters; 0 when there are too many.
static size_t
fold_all(const char *name, uint32_t dst[static LIMIT_NAME_CHARS])
{
	struct view v = view_text(name);
	size_t count = 0;

	for (size_t at = 0, len; at < v.len; at += len) {
		if (count == LIMIT_NAME_CHARS) {
			return 0;
		}
		dst[count++] = fold(v.data + at, v.len - at, &len);
	}
	return count;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
distance(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	size_t rows[3][LIMIT_NAME_CHARS + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b_len; j++) {
		last[j] = j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t cost = a[i - 1] != b[j - 1];

			now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
				now[j] = least(now[j], before[j - 2] + 1);
			}
		}
		size_t *oldest = before;

		before = last;
		last = now;
		now = oldest;
	}
	return last[b_len];
}

const char *
nearest_name(const char *name, const char *const *candidates, size_t count)
{
	uint32_t wanted[LIMIT_NAME_CHARS], other[LIMIT_NAME_CHARS];
	size_t wanted_len = fold_all(name, wanted);
	size_t best = wanted_len / 3 + 1; // one past the largest distance that is near enough
	const char *nearest = NULL;

	for (size_t i = 0; wanted_len > 0 && i < count; i++) {
		size_t other_len = fold_all(candidates[i], other);

		if (other_len == 0) {
			continue;
		}
		size_t d = distance(wanted, wanted_len, other, other_len);

		if (d < best) {
			best = d;
			nearest = candidates[i];
		}
	}
	return nearest;
}

// SPDX-License-Identifier: Apache-2.0
// What following all ways through a program needs, whether it asks if there is a match (regex_match.c) or where (regex_find.c).
#ifndef EN_EXPR_REGEX_WAYS_H
#define EN_EXPR_REGEX_WAYS_H

#include "expr/regex_int.h"

// The steps that wait for a character, each once.
struct ways {
	uint32_t *dense, *sparse;
	uint32_t count;
};

// Room for both, and *ret_stack for what follow() has yet to enter; false without memory.
static inline bool
ways_init(struct ways *now, struct ways *next, uint32_t **ret_stack, const struct regex *re, struct arena *scratch)
{
	size_t count = re->count;
	uint32_t *room = arena_alloc(scratch, (5 * count + 2) * sizeof(*room)); // a step is entered once, and leads to two at most

	if (room == NULL) {
		return false;
	}
	memset(room, 0, 2 * count * sizeof(*room)); // a place that was never set must not be read: it need not be right
	*now = (struct ways){.sparse = room, .dense = room + 2 * count};
	*next = (struct ways){.sparse = room + count, .dense = room + 3 * count};
	*ret_stack = room + 4 * count;
	return true;
}

// Enters a step; false when it is there already.
static inline bool
ways_enter(struct ways *w, uint32_t step)
{
	uint32_t at = w->sparse[step];

	if (at < w->count && w->dense[at] == step) {
		return false;
	}
	w->sparse[step] = w->count;
	w->dense[w->count++] = step;
	return true;
}

static inline bool
regex_is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

static inline bool
regex_holds(enum regex_assert assertion, const uint8_t *start, const uint8_t *pos, const uint8_t *end)
{
	bool at_start = pos == start, at_end = pos == end;
	bool before = !at_start && regex_is_word(pos[-1]), after = !at_end && regex_is_word(*pos);

	switch (assertion) {
	case ASSERT_TEXT_START:
		return at_start;
	case ASSERT_TEXT_END:
		return at_end;
	case ASSERT_LINE_START:
		return at_start || pos[-1] == '\n';
	case ASSERT_LINE_END:
		return at_end || *pos == '\n';
	case ASSERT_WORD:
		return before != after;
	default:
		return before == after;
	}
}

static inline bool
regex_takes(const struct regex_step *s, uint32_t c)
{
	return s->op == OP_RANGE ? c >= s->range.first && c <= s->range.last
				 : s->op == OP_SET && range_has(s->set.items, s->set.count, c);
}

#endif

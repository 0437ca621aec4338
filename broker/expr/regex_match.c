// SPDX-License-Identifier: Apache-2.0
// All ways through the program are followed side by side, one character at a time (Thompson). A step is entered at most once for each character, so
// the time is at most the length of the text times that of the program, and the budget pays for every way that is open.
#include "expr/regex_int.h"

// The steps that wait for a character, each once.
struct ways {
	uint32_t *dense, *sparse;
	uint32_t count;
};

struct matcher {
	const struct regex *re;
	const uint8_t *start, *pos, *end;
	struct ways now, next;
	uint32_t *stack;
	bool matched;
};

static bool
is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

static bool
holds(const struct matcher *m, enum regex_assert assertion)
{
	bool at_start = m->pos == m->start, at_end = m->pos == m->end;
	bool before = !at_start && is_word(m->pos[-1]), after = !at_end && is_word(*m->pos);

	switch (assertion) {
	case ASSERT_TEXT_START:
		return at_start;
	case ASSERT_TEXT_END:
		return at_end;
	case ASSERT_LINE_START:
		return at_start || m->pos[-1] == '\n';
	case ASSERT_LINE_END:
		return at_end || *m->pos == '\n';
	case ASSERT_WORD:
		return before != after;
	default:
		return before == after;
	}
}

static bool
enter(struct ways *w, uint32_t step)
{
	uint32_t at = w->sparse[step];

	if (at < w->count && w->dense[at] == step) {
		return false;
	}
	w->sparse[step] = w->count;
	w->dense[w->count++] = step;
	return true;
}

// Enters a step and all that it leads to without a character.
static void
follow(struct matcher *m, uint32_t step)
{
	uint32_t depth = 0;

	m->stack[depth++] = step;
	while (depth > 0) {
		uint32_t at = m->stack[--depth];
		const struct regex_step *s = &m->re->steps[at];

		if (!enter(&m->now, at)) {
			continue;
		}
		switch (s->op) {
		case OP_MATCH:
			m->matched = true;
			return;
		case OP_SPLIT:
			m->stack[depth++] = s->other;
			m->stack[depth++] = s->next;
			break;
		case OP_ASSERT:
			if (holds(m, s->assertion)) {
				m->stack[depth++] = s->next;
			}
			break;
		default:
			break;
		}
	}
}

static uint32_t
decode(const uint8_t *p, uint32_t *ret_len)
{
	if (*p < 0x80) {
		*ret_len = 1;
		return *p;
	}
	if (*p < 0xe0) {
		*ret_len = 2;
		return (*p & 0x1fU) << 6 | (p[1] & 0x3fU);
	}
	if (*p < 0xf0) {
		*ret_len = 3;
		return (*p & 0xfU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
	}
	*ret_len = 4;
	return (*p & 7U) << 18 | (p[1] & 0x3fU) << 12 | (p[2] & 0x3fU) << 6 | (p[3] & 0x3fU);
}

// Takes the character at the place on every way; next gets the steps behind those that it fits.
static void
advance(struct matcher *m)
{
	uint32_t len, c = decode(m->pos, &len);

	m->next.count = 0;
	for (uint32_t i = 0; i < m->now.count; i++) {
		const struct regex_step *s = &m->re->steps[m->now.dense[i]];

		if (s->op == OP_RANGE ? c >= s->range.first && c <= s->range.last
				      : s->op == OP_SET && range_has(s->set.items, s->set.count, c)) {
			(void)enter(&m->next, s->next);
		}
	}
	m->pos += len;
}

// Where no way is open, what cannot begin a match is passed over.
static void
skip(struct matcher *m)
{
	if (m->next.count == 0 && m->re->has_first) {
		while (m->pos < m->end && !m->re->first[*m->pos]) {
			m->pos++;
		}
	}
}

static bool
matcher_init(struct matcher *m, const struct regex *re, struct view text, struct arena *scratch)
{
	static const uint8_t nothing[1];
	uint32_t *room = arena_alloc(scratch, re->count * 5 * sizeof(*room) + 2 * sizeof(*room));

	if (room == NULL) {
		return false;
	}
	memset(room, 0,
	    2 * re->count * sizeof(*room)); // a place that was never set must not be read: it need not be right
	*m = (struct matcher){.re = re, .start = text.len == 0 ? nothing : text.data};
	m->pos = m->start;
	m->end = m->start + text.len;
	m->now = (struct ways){.sparse = room, .dense = room + 2 * (size_t)re->count};
	m->next = (struct ways){.sparse = room + re->count, .dense = room + 3 * (size_t)re->count};
	m->stack = room + 4 * (size_t)re->count;
	return true;
}

enum en_err
regex_match(const struct regex *re, struct view text, struct arena *scratch, uint64_t *cost, bool *ret)
{
	struct matcher m;

	if (!matcher_init(&m, re, text, scratch)) {
		return EN_ENOMEM;
	}
	for (;;) {
		bool begins = !re->is_anchored || m.pos == m.start;
		const uint8_t *before = m.pos;

		if (begins && !re->is_anchored) {
			skip(&m);
		}
		m.now.count = 0;
		for (uint32_t i = 0; i < m.next.count && !m.matched; i++) {
			follow(&m, m.next.dense[i]);
		}
		if (begins && !m.matched) {
			follow(&m, re->start);
		}
		uint64_t spent = (m.now.count + 3) / 4 + (uint64_t)(m.pos - before) / 16;

		if (*cost < spent) {
			*cost = 0;
			return EN_ELIMIT;
		}
		*cost -= spent;
		if (m.matched || m.pos == m.end || m.now.count == 0) {
			*ret = m.matched;
			return EN_OK;
		}
		advance(&m);
	}
}

// SPDX-License-Identifier: Apache-2.0
// What the files regex_*.c share. Not for other folders.
#ifndef EN_EXPR_REGEX_INT_H
#define EN_EXPR_REGEX_INT_H

#include "base/limits.h"
#include "expr/regex.h"

#define REGEX_NO_LIMIT UINT32_MAX
#define REGEX_LAST_CHAR 0x10ffffU

// ---- a pattern as a tree -------------------------------------------------------------------------------------------
struct range {
	uint32_t first, last;	// characters, both included
};

// Sorted, disjoint ranges once range_close is through; until then as they came.
struct range_set {
	struct range *items;
	uint32_t count;
	size_t cap;
	bool failed;	// memory ran out
};

enum regex_kind { REGEX_EMPTY, REGEX_CLASS, REGEX_SEQUENCE, REGEX_CHOICE, REGEX_REPEAT, REGEX_ASSERT };
enum regex_assert { ASSERT_TEXT_START, ASSERT_TEXT_END, ASSERT_LINE_START, ASSERT_LINE_END, ASSERT_WORD, ASSERT_NOT_WORD };

struct regex_node {
	enum regex_kind kind;
	enum regex_assert assertion;
	struct range_set set;			// of REGEX_CLASS
	const struct regex_node *left, *right;	// of SEQUENCE and CHOICE, which lean to the left; of REPEAT the left one
	uint32_t min, max;			// of REPEAT; REGEX_NO_LIMIT
};

// The tree of a pattern.
enum en_err regex_parse(struct view pattern, struct arena *a, const struct regex_node **ret, size_t *reterr_at, const char **reterr_problem);

// ---- sets of characters ----------------------------------------------------------------------------------------------
void range_add(struct arena *a, struct range_set *set, uint32_t first, uint32_t last);
// d w s, or the upper-case letter for the opposite. False when the letter is none of them.
bool range_add_perl(struct arena *a, struct range_set *set, char letter);
// "alpha" of [[:alpha:]]. False when there is no such class.
bool range_add_posix(struct arena *a, struct range_set *set, struct view name, bool negated);
// "Lu" or "L", as Unicode's general categories are called. False when there is no such category. regex_category.c
bool range_add_category(struct arena *a, struct range_set *set, struct view name, bool negated);
// Sorts and joins; adds the other case of every letter first when asked, and turns the set round in the end when asked.
void range_close(struct arena *a, struct range_set *set, bool any_case, bool negated);
bool range_has(const struct range *items, uint32_t count, uint32_t c);

// ---- parsing -----------------------------------------------------------------------------------------------------------
struct regex_parser {
	struct arena *arena;
	const uint8_t *start, *pos, *end;
	unsigned int depth;
	uint32_t ranges;			// of all classes so far
	bool any_case, multi_line, dot_all;	// flags i, m, s; U and laziness do not change what is found
	bool is_quoted;				// between \Q and \E
	enum en_err err;			// the first failure, with its place
	size_t at;
	const char *problem;
};

void *regex_fail(struct regex_parser *p, enum en_err err, const char *problem);	// NULL
// Passes over the text when it stands next.
bool regex_take(struct regex_parser *p, const char *text);
uint32_t regex_take_char(struct regex_parser *p);	// not at the end
// Behind a backslash, what stands for one character. False, with the fault told, for anything else.
bool regex_take_escape(struct regex_parser *p, uint32_t *ret);
// Behind a backslash, what stands for a set: d w s D W S, or p and P with a category. False, with nothing taken, for anything else; true also when the
// fault is told.
bool regex_take_set(struct regex_parser *p, struct range_set *set);
// A class, behind its opening bracket: what it holds, and whether it is turned round. False when the fault is told.
bool regex_take_class(struct regex_parser *p, struct range_set *ret, bool *ret_negated);
static inline bool
regex_at_end(const struct regex_parser *p)
{
	return p->pos == p->end;
}

// The character at p, which is well-formed, and its length.
static inline uint32_t
regex_decode(const uint8_t *p, uint32_t *ret_len)
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

// ---- a program --------------------------------------------------------------------------------------------------------
enum regex_op { OP_RANGE, OP_SET, OP_SPLIT, OP_ASSERT, OP_MATCH };

struct regex_step {
	enum regex_op op;
	uint32_t next;			// of all but MATCH
	union {
		uint32_t other;		// of SPLIT
		struct range range;	// of RANGE
		enum regex_assert assertion;
		struct {
			const struct range *items;
			uint32_t count;
		} set;
	};
};

struct regex {
	const struct regex_step *steps;
	uint32_t count, start;
	bool is_anchored;	// only at the start of the text
	bool has_first;		// a match begins with one of these bytes
	uint8_t first[256];
};

#endif

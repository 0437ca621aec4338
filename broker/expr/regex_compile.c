// SPDX-License-Identifier: Apache-2.0
// From the tree of a pattern to steps. Written from the end to the beginning: what comes behind a piece is there before it. Repetitions are written
// out, so the program's limit bounds them, and a count of what was looked at bounds those of nothing.
#include "expr/regex_int.h"

#include <stdlib.h>

struct compiler {
	struct arena *arena;
	struct regex_step *steps;
	uint32_t count, work;
	size_t cap;
	enum en_err err;
};

static uint32_t
new_step(struct compiler *c, struct regex_step step)
{
	if (c->err == EN_OK && c->count == LIMIT_REGEX_NODES) {
		c->err = EN_ELIMIT;
	}
	if (c->err == EN_OK) {
		c->steps = arena_larger(c->arena, c->steps, c->count, &c->cap, sizeof(*c->steps));
		c->err = c->steps == NULL ? EN_ENOMEM : EN_OK;
	}
	if (c->err != EN_OK) {
		return 0;
	}
	c->steps[c->count] = step;
	return c->count++;
}

static uint32_t emit(struct compiler *c, const struct regex_node *n, uint32_t next);

static uint32_t
emit_class(struct compiler *c, const struct range_set *set, uint32_t next)
{
	if (set->count == 1) {
		return new_step(c, (struct regex_step){.op = OP_RANGE, .next = next, .range = set->items[0]});
	}
	return new_step(c, (struct regex_step){.op = OP_SET, .next = next, .set = {set->items, set->count}});
}

static uint32_t
emit_repeat(struct compiler *c, const struct regex_node *n, uint32_t next)
{
	uint32_t at = next, min = n->min;

	if (n->max == REGEX_NO_LIMIT) {
		uint32_t split = new_step(c, (struct regex_step){.op = OP_SPLIT, .other = next});
		uint32_t body = emit(c, n->left, split);

		if (c->err != EN_OK) {
			return 0;
		}
		c->steps[split].next = body;
		at = min == 0 ? split : body;
		min -= min > 0;
	}
	for (uint32_t i = n->max == REGEX_NO_LIMIT ? n->max : n->min; i < n->max && c->err == EN_OK; i++) {
		uint32_t body = emit(c, n->left, at);

		at = new_step(c, (struct regex_step){.op = OP_SPLIT, .next = body, .other = next});
	}
	for (uint32_t i = 0; i < min && c->err == EN_OK; i++) {
		at = emit(c, n->left, at);
	}
	return at;
}

// The number of the piece's first step; what follows it is at next.
static uint32_t
emit(struct compiler *c, const struct regex_node *n, uint32_t next)
{
	if (c->err != EN_OK || ++c->work > 8 * LIMIT_REGEX_NODES) {
		c->err = c->err == EN_OK ? EN_ELIMIT : c->err;
		return 0;
	}
	switch (n->kind) {
	case REGEX_CLASS:
		return emit_class(c, &n->set, next);
	case REGEX_SEQUENCE:
		for (; n->kind == REGEX_SEQUENCE; n = n->left) {
			next = emit(c, n->right, next);
		}
		return emit(c, n, next);
	case REGEX_CHOICE: {
		uint32_t left = emit(c, n->left, next), right = emit(c, n->right, next);

		return new_step(c, (struct regex_step){.op = OP_SPLIT, .next = left, .other = right});
	}
	case REGEX_REPEAT:
		return emit_repeat(c, n, next);
	case REGEX_ASSERT:
		return new_step(c, (struct regex_step){.op = OP_ASSERT, .next = next, .assertion = n->assertion});
	default:
		return next;
	}
}

// ---- what a match begins with ---------------------------------------------------------------------------------------

static uint8_t
lead_byte(uint32_t c)
{
	uint8_t bytes[UTF8_BYTES];

	(void)utf8_write(c, bytes);
	return bytes[0];
}

// Never a byte that goes on a character: a search that stopped at one would read the rest of the text from the middle of a character.
static void
add_lead_bytes(struct regex *re, struct range r)
{
	for (unsigned int b = lead_byte(r.first); b <= lead_byte(r.last); b++) {
		re->first[b] = b < 0x80 || b >= 0xc0;
	}
}

// Follows what takes no character from the step on. False when a match may be empty.
static bool
find_first(struct regex *re, uint32_t at, uint8_t *seen)
{
	const struct regex_step *s = &re->steps[at];

	if (seen[at]) {
		return true;
	}
	seen[at] = 1;
	switch (s->op) {
	case OP_RANGE:
		add_lead_bytes(re, s->range);
		return true;
	case OP_SET:
		for (uint32_t i = 0; i < s->set.count; i++) {
			add_lead_bytes(re, s->set.items[i]);
		}
		return true;
	case OP_SPLIT:
		return find_first(re, s->next, seen) && find_first(re, s->other, seen);
	case OP_ASSERT:
		return find_first(re, s->next, seen);
	default:
		return false;
	}
}

enum en_err
regex_compile(
    struct view pattern, struct arena *a, const struct regex **ret, size_t *reterr_at, const char **reterr_problem)
{
	struct compiler c = {.arena = a};
	const struct regex_node *tree = NULL;
	struct regex *re = arena_zalloc(a, sizeof(*re));
	uint8_t *seen;
	enum en_err err = regex_parse(pattern, a, &tree, reterr_at, reterr_problem);

	if (err != EN_OK || re == NULL) {
		return err != EN_OK ? err : EN_ENOMEM;
	}
	re->start = emit(&c, tree, new_step(&c, (struct regex_step){.op = OP_MATCH}));
	seen = c.err == EN_OK ? arena_zalloc(a, c.count) : NULL;
	if (seen == NULL) {
		*reterr_at = 0;
		*reterr_problem =
		    c.err == EN_ELIMIT ? "the pattern is too large with its repetitions written out" : "out of memory";
		return c.err == EN_OK ? EN_ENOMEM : c.err;
	}
	re->steps = c.steps;
	re->count = c.count;
	re->has_first = find_first(re, re->start, seen);
	re->is_anchored = re->steps[re->start].op == OP_ASSERT && re->steps[re->start].assertion == ASSERT_TEXT_START;
	*ret = re;
	return EN_OK;
}

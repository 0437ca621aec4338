// SPDX-License-Identifier: Apache-2.0
// Blocks that double in size, newest first. arena_reset keeps the largest, which after one or two rounds holds a whole
// round: from then on nothing is allocated.
//
// Under AddressSanitizer every piece is a block of its own and a reset frees them all, arena_back those behind its mark: the
// sanitizer then knows each piece's bounds and reports a touch after that, neither of which it could see inside one large
// block.
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BLOCK 4096U

#if defined(__SANITIZE_ADDRESS__)
#define PIECE_PER_BLOCK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIECE_PER_BLOCK 1
#endif
#endif
#ifndef PIECE_PER_BLOCK
#define PIECE_PER_BLOCK 0
#endif

struct arena_block {
	struct arena_block *older;
	size_t size; // of bytes
	alignas(16) uint8_t bytes[];
};

void
arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){.max = max};
}

static void
free_blocks(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *older = block->older;

		free(block);
		block = older;
	}
}

void
arena_fini(struct arena *a)
{
	free_blocks(a->blocks);
	arena_init(a, a->max);
}

void
arena_reset(struct arena *a)
{
	struct arena_block *largest = PIECE_PER_BLOCK ? NULL : a->blocks;

	a->at_max = false;
	// Once it is warm there is one block.
	if (EN_LIKELY(largest != NULL && largest->older == NULL)) {
		a->pos = largest->bytes;
		a->end = largest->bytes + largest->size;
		return;
	}
	for (struct arena_block *b = largest; b != NULL; b = b->older) {
		if (b->size > largest->size) {
			largest = b;
		}
	}
	for (struct arena_block *b = a->blocks, *older; b != NULL; b = older) {
		older = b->older;
		if (b != largest) {
			free(b);
		}
	}
	arena_init(a, a->max);
	if (largest != NULL) {
		largest->older = NULL;
		a->blocks = largest;
		a->used = largest->size;
		a->pos = largest->bytes;
		a->end = largest->bytes + largest->size;
	}
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){.block = a->blocks, .pos = a->pos};
}

void
arena_back(struct arena *a, struct arena_mark mark)
{
	while (PIECE_PER_BLOCK && a->blocks != mark.block) {
		struct arena_block *newest = a->blocks;

		a->blocks = newest->older;
		a->used -= newest->size;
		free(newest);
	}
	if (a->blocks == mark.block) {
		a->pos = mark.pos;
	}
}

// How large a block for a piece of need bytes may be, with what is there already; 0 when the cap does not allow the
// piece.
static size_t
block_size(const struct arena *a, size_t need)
{
	size_t newest = a->blocks == NULL ? 0 : a->blocks->size;
	size_t size = newest == 0 ? FIRST_BLOCK : newest > SIZE_MAX / 4 ? newest : newest * 2;
	size_t left = a->max == 0 ? SIZE_MAX / 2 : a->max - a->used;

	if (need > left) {
		return 0;
	}
	if (PIECE_PER_BLOCK || size < need) {
		size = need;
	}
	return size < left ? size : left;
}

void *
arena_grow(struct arena *a, size_t len)
{
	size_t need = (len + 7U) & ~(size_t)7U;

	if (need < len) {
		return NULL;
	}
	size_t size = block_size(a, need);

	if (size < need) {
		a->at_max = true;
		return NULL;
	}
	struct arena_block *block = malloc(sizeof(*block) + size);

	if (block == NULL && size > need) {
		size = need; // perhaps there is memory for this piece alone
		block = malloc(sizeof(*block) + size);
	}
	if (block == NULL) {
		return NULL;
	}
	block->size = size;
	block->older = a->blocks;
	a->blocks = block;
	a->used += size;
	if (PIECE_PER_BLOCK) {
		return block->bytes; // pos stays NULL, so that the next piece comes here too
	}
	a->pos = block->bytes + need;
	a->end = block->bytes + size;
	return block->bytes;
}

void *
arena_zalloc(struct arena *a, size_t len)
{
	void *p = arena_alloc(a, len);

	if (p != NULL) {
		memset(p, 0, len);
	}
	return p;
}

void *
arena_larger(struct arena *a, void *items, size_t count, size_t *cap, size_t size)
{
	size_t larger = *cap == 0 ? 8 : 2 * *cap;
	void *copy;

	if (count < *cap) {
		return items;
	}
	copy = larger > SIZE_MAX / size ? NULL : arena_alloc(a, larger * size);
	if (copy == NULL) {
		return NULL;
	}
	if (count > 0) {
		memcpy(copy, items, count * size);
	}
	*cap = larger;
	return copy;
}

char *
arena_text(struct arena *a, struct view v)
{
	char *text = v.len == SIZE_MAX ? NULL : arena_alloc(a, v.len + 1);

	if (text != NULL) {
		if (v.len > 0) {
			memcpy(text, v.data, v.len);
		}
		text[v.len] = '\0';
	}
	return text;
}

struct view
arena_copy(struct arena *a, struct view v)
{
	if (v.len == 0) {
		return VIEW_EMPTY;
	}
	void *data = arena_alloc(a, v.len);

	if (data != NULL) {
		memcpy(data, v.data, v.len);
	}
	return view_of(data, v.len);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *text = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);

	if (text != NULL) {
		va_start(args, fmt);
		(void)vsnprintf(text, (size_t)len + 1, fmt, args); // measured just now
		va_end(args);
	}
	return text;
}

// SPDX-License-Identifier: Apache-2.0
// The classic array heap. Every node knows its own position, so removing one from the middle costs no search.
#include "base/heap.h"

#include <assert.h>
#include <stdlib.h>

void
heap_fini(struct heap *h)
{
	free(h->nodes);
	*h = (struct heap){0};
}

static bool
is_before(const struct heap_node *a, const struct heap_node *b)
{
	return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void
place(struct heap *h, size_t i, struct heap_node *n)
{
	h->nodes[i] = n;
	n->index = i + 1;
}

// Moves n, which is to stand at i, towards the root as far as it must.
static void
rise(struct heap *h, size_t i, struct heap_node *n)
{
	while (i > 0 && is_before(n, h->nodes[(i - 1) / 2])) {
		place(h, i, h->nodes[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(h, i, n);
}

static void
sink(struct heap *h, size_t i, struct heap_node *n)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->count) {
			break;
		}
		if (child + 1 < h->count && is_before(h->nodes[child + 1], h->nodes[child])) {
			child++;
		}
		if (!is_before(h->nodes[child], n)) {
			break;
		}
		place(h, i, h->nodes[child]);
		i = child;
	}
	place(h, i, n);
}

enum en_err
heap_push(struct heap *h, struct heap_node *n, uint64_t at_ms)
{
	assert(n->index == 0);
	if (h->count == h->cap) {
		size_t cap = h->cap == 0 ? 16 : h->cap * 2;
		struct heap_node **nodes =
		    cap > SIZE_MAX / sizeof(*nodes) ? NULL : realloc(h->nodes, cap * sizeof(*nodes));

		if (nodes == NULL) {
			return EN_ENOMEM;
		}
		h->nodes = nodes;
		h->cap = cap;
	}
	n->at_ms = at_ms;
	n->order = h->pushed++;
	rise(h, h->count++, n);
	return EN_OK;
}

void
heap_remove(struct heap *h, struct heap_node *n)
{
	if (n->index == 0) {
		return;
	}
	size_t i = n->index - 1;

	assert(i < h->count && h->nodes[i] == n);
	struct heap_node *last = h->nodes[--h->count];

	n->index = 0;
	if (last == n) {
		return;
	}
	// The last node takes the hole. It comes from another branch, so it may have to move either way.
	if (i > 0 && is_before(last, h->nodes[(i - 1) / 2])) {
		rise(h, i, last);
	} else {
		sink(h, i, last);
	}
}

struct heap_node *
heap_peek(const struct heap *h)
{
	return h->count == 0 ? NULL : h->nodes[0];
}

struct heap_node *
heap_pop(struct heap *h)
{
	struct heap_node *n = heap_peek(h);

	if (n != NULL) {
		heap_remove(h, n);
	}
	return n;
}

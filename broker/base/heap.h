// SPDX-License-Identifier: Apache-2.0
// A binary heap of timers, earliest first; equal deadlines keep the order of insertion (a counter breaks ties).
// Intrusive: the caller embeds struct heap_node and owns it. One thread.
#ifndef EN_BASE_HEAP_H
#define EN_BASE_HEAP_H

#include "base/bytes.h"

struct heap_node {
	uint64_t at_ms;		// when, on whichever clock the owner uses
	uint64_t order;		// set by heap_push
	size_t index;		// position + 1; 0 when not in a heap
};

struct heap {
	struct heap_node **nodes;
	size_t count, cap;
	uint64_t pushed;
};

void heap_fini(struct heap *h);	// frees the array, not the nodes
// n must not be in a heap
EN_MUST_CHECK enum en_err heap_push(struct heap *h, struct heap_node *n, uint64_t at_ms);
void heap_remove(struct heap *h, struct heap_node *n);	// a no-op when it is in none
struct heap_node *heap_peek(const struct heap *h);	// NULL when empty
struct heap_node *heap_pop(struct heap *h);		// NULL when empty

#endif

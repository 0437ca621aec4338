// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at the first, second, ... request, until everything succeeds: each failure is told, nothing leaks, nothing is half done.
// For tests named test_memory.c, which the Makefile links with malloc, calloc, realloc, strdup and free wrapped. Include once, after cmocka.h.
#ifndef EN_TESTS_SCARCE_H
#define EN_TESTS_SCARCE_H

#include <string.h>

#include "base/err.h"

static size_t scarce_left = SIZE_MAX; // requests until one fails
static long scarce_live; // given and not freed
static void *scarce_given[1 << 18]; // which: what libc gave by itself (scandir, asprintf) is freed here as well, and is not counted
static bool scarce_is_over; // whether all later requests fail too
static bool scarce_has_failed;

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *p, size_t len);
void __real_free(void *p);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *p, size_t len);
char *__wrap_strdup(const char *text);
void __wrap_free(void *p);

static bool
scarce_is_refused(void)
{
	if (scarce_left > 0) {
		scarce_left -= scarce_left != SIZE_MAX;
		return false;
	}
	scarce_left = scarce_is_over ? 0 : SIZE_MAX;
	scarce_has_failed = true;
	return true;
}

#define SCARCE_SLOTS (sizeof(scarce_given) / sizeof(scarce_given[0]))

static size_t
scarce_slot(const void *p)
{
	size_t i = (size_t)((uintptr_t)p >> 4) * 0x9e3779b1u % SCARCE_SLOTS;

	while (scarce_given[i] != NULL && scarce_given[i] != p) {
		i = (i + 1) % SCARCE_SLOTS;
	}
	return i;
}

static void *
scarce_add(void *p)
{
	if (p != NULL) {
		scarce_live++;
		scarce_given[scarce_slot(p)] = p;
	}
	return p;
}

static void
scarce_remove(const void *p)
{
	size_t i = scarce_slot(p);

	if (p == NULL || scarce_given[i] == NULL) {
		return;
	}
	scarce_live--;
	scarce_given[i] = NULL;
	// What stands behind it in a row finds its place anew.
	for (i = (i + 1) % SCARCE_SLOTS; scarce_given[i] != NULL; i = (i + 1) % SCARCE_SLOTS) {
		void *moved = scarce_given[i];

		scarce_given[i] = NULL;
		scarce_given[scarce_slot(moved)] = moved;
	}
}

void *
__wrap_malloc(size_t len)
{
	return scarce_add(scarce_is_refused() ? NULL : __real_malloc(len));
}

void *
__wrap_calloc(size_t count, size_t len)
{
	return scarce_add(scarce_is_refused() ? NULL : __real_calloc(count, len));
}

void *
__wrap_realloc(void *p, size_t len)
{
	void *grown;

	if (scarce_is_refused()) {
		return NULL;
	}
	scarce_remove(p);
	grown = __real_realloc(p, len);
	return scarce_add(grown);
}

char *
__wrap_strdup(const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = __wrap_malloc(len);

	return copy == NULL ? NULL : memcpy(copy, text, len);
}

void
__wrap_free(void *p)
{
	scarce_remove(p);
	__real_free(p);
}

// Runs the step with the n-th request failing, for every n that it makes. The step returns what the code under test said: a failure that stays must be
// told; one that passes may be got over (an arena asks again for less).
static void
scarce_sweep_one(enum en_err (*step)(void *context), void *context, bool over)
{
	size_t failures = 0;

	scarce_is_over = over;
	do {
		long before = scarce_live;
		enum en_err err;

		scarce_has_failed = false;
		scarce_left = failures;
		err = step(context);
		scarce_left = SIZE_MAX;
		assert_int_equal(scarce_live, before);
		if (over || !scarce_has_failed) {
			assert_int_equal(err == EN_OK, !scarce_has_failed);
		}
		failures += scarce_has_failed;
	} while (scarce_has_failed);
	assert_true(failures > 0);
}

static inline void
scarce_sweep(enum en_err (*step)(void *context), void *context)
{
	scarce_sweep_one(step, context, true);
	scarce_sweep_one(step, context, false);
}

#endif

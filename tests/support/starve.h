// SPDX-License-Identifier: Apache-2.0
// Memory that runs out at the first, second, ... request. The Makefile links tests called test_memory with malloc, calloc, realloc and free
// wrapped; this is what stands in between. Include after cmocka.h, in one file of a program.
#ifndef EN_TESTS_SUPPORT_STARVE_H
#define EN_TESTS_SUPPORT_STARVE_H

#include "support/support.h"

static size_t left = SIZE_MAX; // requests until one fails
static long live; // given and not freed
static bool is_over; // whether all later requests fail too
static bool has_failed;

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *p, size_t len);
void __real_free(void *p);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *p, size_t len);
void __wrap_free(void *p);

static bool
is_refused(void)
{
	if (left > 0) {
		left -= left != SIZE_MAX;
		return false;
	}
	left = is_over ? 0 : SIZE_MAX;
	has_failed = true;
	return true;
}

void *
__wrap_malloc(size_t len)
{
	void *p = is_refused() ? NULL : __real_malloc(len);

	live += p != NULL;
	return p;
}

void *
__wrap_calloc(size_t count, size_t len)
{
	void *p = is_refused() ? NULL : __real_calloc(count, len);

	live += p != NULL;
	return p;
}

void *
__wrap_realloc(void *p, size_t len)
{
	void *grown = is_refused() ? NULL : __real_realloc(p, len);

	live += grown != NULL && p == NULL;
	return grown;
}

void
__wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

// Runs the step with the n-th request failing, for every n that it makes. The step returns what the code under test said: a failure that stays must be
// told; one that passes may be got over (an arena asks again for less).
static void
sweep_memory(enum en_err (*step)(void *context), void *context, bool over)
{
	size_t failures = 0;

	is_over = over;
	do {
		long before = live;
		enum en_err err;

		has_failed = false;
		left = failures;
		err = step(context);
		left = SIZE_MAX;
		assert_int_equal(live, before);
		if (over || !has_failed) {
			assert_int_equal(err == EN_OK, !has_failed);
		}
		failures += has_failed;
	} while (has_failed);
	assert_true(failures > 0);
}

#endif

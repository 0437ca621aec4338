// SPDX-License-Identifier: Apache-2.0
// What the tests of frames share: a frame that was decoded, and what was said of it. Include after cmocka.h.
#ifndef EN_TESTS_WIRE_KIT_H
#define EN_TESTS_WIRE_KIT_H

#include <stdlib.h>

#include "support/support.h"
#include "wire/frame.h"

struct fixture {
	struct arena arena;
	struct buf bytes;
	struct frame frame;
	enum reason reason;
	char field[128];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	arena_init(&f->arena, 0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_fini(&f->arena);
	buf_fini(&f->bytes);
	free(f);
	return 0;
}

#endif

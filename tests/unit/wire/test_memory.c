// SPDX-License-Identifier: Apache-2.0
// A frame that cannot be read for want of memory is told as that, and never as a peer's fault: that would end its session.
// (Within jansson's own memory nothing fails here: of a string it says "invalid token" then.)
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/scarce.h"
#include "support/support.h"
#include "wire/frame.h"

static const char publish[] =
    "EJ1\3{\"events\":[{\"sequence\":\"1\",\"event\":{\"specversion\":\"1.0\",\"id\":\"e\",\"source\":\"urn:x\",\"type\":\"t\","
    "\"partitionkey\":\"c\",\"time\":\"2026-11-18T00:00:00Z\",\"data\":{\"a\":1}}},{\"sequence\":\"2\"}]}";

static enum en_err
only_memory(enum en_err err)
{
	assert_true(err == EN_OK || err == EN_ENOMEM);
	return err;
}

// From the JSON form into the other one, and back.
static enum en_err
read_once(void *unused)
{
	struct frame f, again;
	enum reason reason;
	char field[128];
	struct arena arena;
	struct buf out = BUF_EMPTY, json = BUF_EMPTY;
	enum en_err err;

	(void)unused;
	arena_init(&arena, 0);
	err = only_memory(frame_decode(view_of(publish, sizeof(publish) - 1), &arena, &f, &reason, field));
	err = err == EN_OK ? only_memory(frame_encode(FRAME_FORM_PROTOBUF, FRAME_PUBLISH, f.u.any, &out)) : err;
	err = err == EN_OK ? only_memory(frame_decode(buf_view(&out), &arena, &again, &reason, field)) : err;
	err = err == EN_OK ? only_memory(frame_encode(FRAME_FORM_JSON, FRAME_PUBLISH, f.u.any, &json)) : err;
	buf_fini(&out);
	buf_fini(&json);
	arena_fini(&arena);
	return err;
}

static void
a_frame_without_memory_is_nobodys_fault(void **state)
{
	(void)state;
	assert_ok(read_once(NULL));
	scarce_sweep(read_once, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_frame_without_memory_is_nobodys_fault)};

	return cmocka_run_group_tests_name("wire/memory", tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// An adapter of the tests: it knows the notes of note.proto; its ports, files and session are the test's to add, and
// adapter_close takes them down. Include after cmocka.h.
#ifndef EN_TESTS_SDK_ADAPTER_H
#define EN_TESTS_SDK_ADAPTER_H

#include <stdlib.h>

#include "sdk/adapter_int.h"
#include "support/support.h"

static inline void
adapter_of_notes(struct adapter *a)
{
	struct findings findings;
	size_t len;
	char *set = test_read("build/schemas/test/sdk.binpb", &len);

	arena_init(&a->arena, 0);
	arena_init(&a->scratch, 0);
	index_init(&a->index);
	findings_init(&findings);
	assert_ok(schema_new(&a->schema));
	assert_ok(schema_add(a->schema, view_of(set, len), "sdk", &findings));
	assert_ok(schema_seal(a->schema, &findings));
	findings_fini(&findings);
	free(set);
	a->next_token = 1;
}

#endif

// SPDX-License-Identifier: Apache-2.0
// What a fuzz target checks besides memory: a fact that does not hold ends the run as a crash does, so that the fuzzer keeps the input.
#ifndef EN_TESTS_FUZZ_REQUIRE_H
#define EN_TESTS_FUZZ_REQUIRE_H

#include <stdbool.h>
#include <stdlib.h>

static inline void
require(bool fact)
{
	if (!fact) {
		abort();
	}
}

#endif

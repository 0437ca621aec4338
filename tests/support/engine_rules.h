// SPDX-License-Identifier: Apache-2.0
// The rule set of the engine's stage and the schemas that it is about. Failures fail the test.
#ifndef EN_TESTS_ENGINE_RULES_H
#define EN_TESTS_ENGINE_RULES_H

#include "schema/schema.h"

// A folder of its own with the rule set in it, for test_folder_remove.
char *engine_rules_folder(void);
// Sealed; for schema_unref.
struct schema *engine_schema(void);

#endif

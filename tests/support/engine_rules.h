// SPDX-License-Identifier: Apache-2.0
// Files of the engine's stage: name below the rule set's folder, and content.
#ifndef EN_TESTS_ENGINE_RULES_H
#define EN_TESTS_ENGINE_RULES_H

#include <stddef.h>

extern const char *const engine_rules[][2];
extern const size_t engine_rule_count;

#endif

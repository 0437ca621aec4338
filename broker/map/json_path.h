// SPDX-License-Identifier: Apache-2.0
// What stands at a path inside JSON text: keys with dots between them, [n] for the n-th item (from 1), [*] for all.
// Texts, numbers, true and false count; null is nothing; an object or a list at the end of the path is a mistake.
#ifndef EN_MAP_JSON_PATH_H
#define EN_MAP_JSON_PATH_H

#include "base/arena.h"

#define JSON_PATH_DEPTH 16	// of the JSON text

// NULL, or what is wrong with the path (static). *ret_all: whether it can name several.
const char *json_path_check(struct view path, bool *ret_all);
// EN_OK with the texts in the arena, EN_EFORMAT when the text is not JSON or not of that form, EN_ENOMEM. Where nothing
// stands at the path there are none.
EN_MUST_CHECK enum en_err json_path_take(
    struct view text, struct view path, struct arena *arena, struct view **ret, size_t *ret_count);

#endif
